"""What is the Group's own reaches those it is for, and nobody else: subscribers, their people, and whoever asks for the matters."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel import Actor, Refusal, utc
from services.notifications import rules
from services.notifications.rules import matters
from services.notifications.rules.matters import OF_THE_GROUP, PUBLIC
from services.notifications.rules.subscribers import ROLES, Subscription

AT = utc(2014, 10, 3)
SECRETARIAT = Actor("amina", None, frozenset({"secretariat"}))
NOBODY = Actor("anonymous")
BRAZIL = Actor("joana", "BRAZIL", frozenset({"mission"}))


def focal_point(entity: str) -> Actor:
    return Actor(f"of {entity}", entity, frozenset({"focal_point"}))


def admitted(code: str, kind: str) -> rules.Subscriber:
    return rules.Subscriber.admit(code, code.title(), kind, "fr", by=SECRETARIAT, at=AT)


def asking(code: str, kind: str, by: Actor) -> rules.Subscriber:
    """A subscriber that asked for reminders by mail, and confirmed."""
    subscriber = admitted(code, kind)
    subscriber.subscribe("sub-1", "mail", "desk@entity.example", ["reminders"], [], by=by, at=AT)
    subscriber.confirm("sub-1", at=AT)
    return subscriber


def told(audience: list[str] | None) -> dict[str, Any]:
    return {"title": {"en": "A title", "fr": "Un titre"}, "pillars": []} | ({} if audience is None else {"audience": audience})


MEMBERS = ("ILO", "IOM", "UNHCR", "UNODC")


def reached(subscriber: rules.Subscriber, topic: str, audience: list[str] | None, members=MEMBERS) -> list[str]:
    return [delivery.id for delivery in rules.fan_out(subscriber, topic, 7, told(audience), AT, AT, members=members)]


# Who may ask, and who is reached --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["mission", "reader"])
def test_who_is_outside_the_group_may_not_ask_for_reminders(kind):
    subscriber = admitted("UNHCR", kind)
    with pytest.raises(Refusal) as refused:
        subscriber.subscribe("sub-1", "mail", "desk@entity.example", ["reminders"], [], by=SECRETARIAT, at=AT)
    assert (refused.value.field, refused.value.rule, refused.value.accepted) == ("topics", "topic-of-the-group", list(PUBLIC))
    assert subscriber.subscriptions == []


def test_an_entity_that_left_the_group_is_reached_by_nothing_more_of_its_own():
    ilo, desk = asking("ILO", "focal_point", focal_point("ILO")), asking("DESK", "secretariat", SECRETARIAT)
    assert reached(ilo, "reminders", ["ILO", "IOM"], members=["IOM"]) == []
    assert reached(ilo, "reminders", ["ILO", "IOM"], members=[]) == []
    assert reached(desk, "reminders", ["secretariat"], members=[]) == ["reminders_7_DESK_sub-1"]


def test_a_reminder_reaches_the_entities_it_is_for_and_no_other():
    unhcr = asking("UNHCR", "focal_point", focal_point("UNHCR"))
    assert reached(unhcr, "reminders", ["IOM", "UNHCR"]) == ["reminders_7_UNHCR_sub-1"]
    assert reached(unhcr, "reminders", ["IOM"]) == []
    assert reached(unhcr, "reminders", ["secretariat"]) == []


def test_what_is_for_nobody_or_lost_its_audience_reaches_nobody():
    unhcr = asking("UNHCR", "focal_point", focal_point("UNHCR"))
    assert reached(unhcr, "reminders", []) == reached(unhcr, "reminders", None) == []


def test_the_secretariat_is_a_subscriber_of_its_own_beside_the_entity_it_belongs_to():
    """Its people are known by their role, whichever entity they act for; the entity's focal points are strangers to it."""
    desk = asking("UNODC-DESK", "secretariat", SECRETARIAT)
    unodc = asking("UNODC", "focal_point", focal_point("UNODC"))
    assert desk.is_own(SECRETARIAT)
    assert desk.is_own(Actor("amina", "UNODC", frozenset({"secretariat"})))
    for stranger in (focal_point("UNODC"), focal_point("UNODC-DESK"), BRAZIL, NOBODY):
        with pytest.raises(Refusal) as refused:
            desk.view(stranger, AT)
        assert refused.value.kind == "not_found"
    escalated = ["secretariat"]
    assert (len(reached(desk, "reminders", escalated)), len(reached(unodc, "reminders", escalated))) == (1, 0)
    assert (len(reached(desk, "reminders", ["UNODC"])), len(reached(unodc, "reminders", ["UNODC"]))) == (0, 1)


codes = st.sampled_from(["IOM", "UNHCR", "UNODC", "BRAZIL"])
topics = st.sampled_from([*PUBLIC, *sorted(OF_THE_GROUP)])
audiences = st.none() | st.lists(codes | st.just("secretariat"), max_size=4)


@given(
    codes,
    st.sampled_from(sorted(ROLES)),
    st.lists(st.tuples(st.sets(topics, min_size=1), st.sampled_from("pce")), max_size=5),
    topics,
    audiences,
)
def test_no_matter_ever_reaches_a_subscription_outside_its_audience(code, kind, subscriptions, topic, audience):
    """Even where a subscription is on record that the rules would have refused, and in whatever topic the matter is."""
    subscriber, states = admitted(code, kind), {"p": "pending", "c": "confirmed", "e": "ended"}
    for n, (asked, state) in enumerate(subscriptions):
        subscriber.subscriptions.append(
            Subscription(
                id=f"sub-{n}",
                channel="mail",
                target=f"desk{n}@x.example",
                topics=sorted(asked),
                requested_at=AT,
                requested_by="amina",
                state=states[state],
                confirmed_at=AT,
            )
        )
    wanting = {f"{topic}_7_{code}_sub-{n}" for n, (asked, state) in enumerate(subscriptions) if state == "c" and topic in asked}
    own = {"focal_point": code if code in MEMBERS else None, "secretariat": "secretariat"}
    addressed = audience is not None and own.get(kind) in audience
    public = audience is None and topic in PUBLIC
    assert set(reached(subscriber, topic, audience)) == (wanting if addressed or public else set())


# Who may see --------------------------------------------------------------------------------------------------------------------------


def page(topic: str, *audiences: list[str] | None) -> dict[str, Any]:
    items = [{"topic": topic, "number": n, "matter": told(audience)} for n, audience in enumerate(audiences, 1)]
    return {"topic": topic, "last": len(items), "items": items, "next": None}


def seen(by: Actor, whole: dict[str, Any]) -> list[int]:
    return [item["number"] for item in matters.shown(by, whole, inside=by.in_the_group)["items"]]


def test_of_reminders_everyone_sees_their_own():
    whole = page("reminders", ["IOM", "UNHCR"], ["secretariat"], ["UNHCR"], [], None)
    assert seen(focal_point("IOM"), whole) == [1]
    assert seen(focal_point("UNHCR"), whole) == [1, 3]
    assert seen(focal_point("ILO"), whole) == []
    assert seen(SECRETARIAT, whole) == [1, 2, 3, 4, 5]
    assert matters.shown(focal_point("IOM"), whole, inside=True)["last"] == 5  # where the next question goes on from


@pytest.mark.parametrize(
    "outsider", [NOBODY, BRAZIL, Actor("eve", "IOM", frozenset({"reader"})), Actor("eve", "IOM", frozenset({"mission"}))]
)
def test_to_who_is_outside_there_are_no_reminders(outsider):
    for whole in (page("reminders"), page("reminders", ["IOM"])):
        with pytest.raises(Refusal) as refused:
            matters.shown(outsider, whole, inside=False)
        assert refused.value.kind == "not_found"


@given(
    st.sampled_from([NOBODY, BRAZIL, SECRETARIAT, focal_point("IOM"), focal_point("ILO"), Actor("eve", "IOM", frozenset({"mission"}))]),
    topics,
    st.lists(audiences, max_size=6),
)
def test_nobody_is_shown_what_is_for_others(by, topic, several):
    try:
        visible = set(seen(by, page(topic, *several)))
    except Refusal:
        assert topic in OF_THE_GROUP
        assert not by.in_the_group
        return
    for number, audience in enumerate(several, 1):
        public = audience is None and topic in PUBLIC
        own = audience is not None and by.entity in audience and by.speaks_for(by.entity)
        assert (number in visible) == (public or own or by.is_secretariat)


# What is said ---------------------------------------------------------------------------------------------------------------------------

HANDOVER = {"year": 2015, "at": AT, "days": 90, "entities": ["IOM", "UNHCR", "UNODC"], "outgoing": ["IOM"], "incoming": ["UNHCR"]}
MEETING = {
    "meeting": "may-2014",
    "uid": "meeting-may-2014@icat",
    "revision": 2,
    "title": "Working group {2014}",
    "starts_at": utc(2014, 5, 14, 8),
    "ends_at": utc(2014, 5, 14, 15),
    "place": "Vienna",
    "link": None,
    "entities": ["ILO", "IOM"],
}
ITEM = {"item": "item-1", "title": "The paper on demand", "papers": [{"title": "Draft", "url": "/documents/demand"}], "entity": "ILO"}
ACTION = {
    "meeting": "may-2014",
    "title": "Working group",
    "action": "action-1",
    "what": "Write to donors",
    "owner": "ILO",
    "due": utc(2014, 6, 30),
}


def test_the_troika_is_told_who_has_still_to_sign():
    matter = matters.handover_reminded(HANDOVER | {"unsigned": ["IOM", "UNHCR"]}, AT)
    assert (matter.topic, matter.audience, matter.url) == ("reminders", ["IOM", "UNHCR", "UNODC"], "/chairs/handovers/2015")
    assert matter.title["en"] == "The chair passes on in 90 days: handover to the term of 2015"
    assert matter.title["fr"] == "La présidence change dans 90 jours : passation au mandat 2015"
    assert matter.summary["en"] == "1 January 2015, from IOM, to UNHCR. Signatures of the dossier awaited: IOM, UNHCR."
    signed = matters.handover_reminded(HANDOVER | {"unsigned": [], "outgoing": [], "days": 0}, AT)
    assert signed.title["fr"] == "La présidence change aujourd'hui : passation au mandat 2015"
    assert signed.summary["fr"] == "1er janvier 2015, présidence entrante : UNHCR. Tous ont signé le dossier."


def test_the_secretariat_alone_is_told_of_a_dossier_that_was_not_signed():
    matter = matters.handover_escalated({"year": 2015, "unsigned": ["IOM"]}, AT)
    assert (matter.topic, matter.audience) == ("reminders", ["secretariat"])
    assert matter.title["fr"] == "Passation au mandat 2015 non signée par IOM"


def test_a_meeting_is_told_with_its_agenda_and_its_calendar_entry_to_those_expected():
    called = matters.meeting("meeting_called", MEETING | {"agenda": [ITEM]}, AT)
    assert (called.topic, called.audience, called.url) == ("reminders", ["ILO", "IOM"], "/meetings/may-2014")
    assert called.title["fr"] == "Réunion convoquée : Working group {2014}"
    assert called.summary["en"] == "2014-05-14 08:00–15:00 UTC, Vienna."
    assert (called.data["uid"], called.data["revision"]) == ("meeting-may-2014@icat", 2)
    assert (called.data["agenda"], called.data["papers"]) == (["The paper on demand"], ITEM["papers"])
    moved = {"agenda": [], "before": {"place": "Geneva"}, "reason": "The room is taken.", "link": "https://meet.example/icat"}
    changed = matters.meeting("meeting_changed", MEETING | moved, AT)
    assert changed.summary["en"] == "2014-05-14 08:00–15:00 UTC, Vienna. Reason: The room is taken.\nOnline: https://meet.example/icat"


@pytest.mark.parametrize(("days", "en", "fr"), [(7, "in 7 days", "dans 7 jours"), (1, "tomorrow", "demain"), (0, "today", "aujourd'hui")])
def test_a_reminder_of_a_meeting_says_how_far_it_is_and_changes_no_calendar(days, en, fr):
    reminded = matters.meeting("meeting_reminded", MEETING | {"days": days, "unanswered": ["IOM"]}, AT)
    assert reminded.title == {"en": f"Meeting {en}: Working group {{2014}}", "fr": f"Réunion {fr} : Working group {{2014}}"}
    assert reminded.summary["fr"] == "2014-05-14 08:00–15:00 UTC, Vienna. Réponses attendues : IOM."
    assert "uid" not in reminded.data


def test_the_owner_of_an_action_item_is_told_alone():
    assigned = matters.action_assigned(ACTION, AT)
    assert (assigned.topic, assigned.audience, assigned.url) == ("reminders", ["ILO"], "/meetings/may-2014")
    assert assigned.title == {"en": "Action item: Write to donors", "fr": "Action à mener : Write to donors"}
    assert assigned.summary["en"] == "ILO took this upon itself in the meeting “Working group”. Due 2014-06-30 00:00 UTC."


def test_who_has_an_action_item_and_who_had_it_are_told_of_a_change():
    moved = matters.action_changed(ACTION | {"before": {"owner": "IOM"}, "reason": "IOM has no hands free."}, AT)
    assert moved.audience == ["ILO", "IOM"]
    assert moved.summary["fr"].endswith("Échéance : 2014-06-30 00:00 UTC. Motif : IOM has no hands free.")
    assert matters.action_changed(ACTION | {"before": {"due": "2014-05-30T00:00:00Z"}, "reason": "Later."}, AT).audience == ["ILO"]


@pytest.mark.parametrize(
    ("days", "en", "fr"),
    [
        (7, "Action item due in 7 days", "Action attendue dans 7 jours"),
        (0, "Action item due today", "Action attendue aujourd'hui"),
        (-1, "Action item 1 day late", "Action en retard de 1 jour"),
        (-7, "Action item 7 days late", "Action en retard de 7 jours"),
    ],
)
def test_what_is_due_is_told_as_due_and_what_is_late_as_late(days, en, fr):
    title = matters.action_reminded(ACTION | {"days": days}, AT).title
    assert title == {"en": f"{en}: Write to donors", "fr": f"{fr} : Write to donors"}


def test_an_announced_matter_names_its_audience_and_a_public_one_has_none():
    for matter, audience in (
        (matters.action_assigned(ACTION, AT), {"audience": ["ILO"]}),
        (matters.term_started({"year": 2015, "chairs": ["UNHCR"]}, AT), {}),
    ):
        topic = rules.Topic(matter.topic)
        topic.announce(matter, AT + timedelta(minutes=1))
        (fact,) = topic.take_happened()
        assert {name: value for name, value in fact.data["matter"].items() if name == "audience"} == audience
