"""Subscribers and their subscriptions: invited or admitted, confirmed by their owner alone, tuned, silent for a while, ended."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.kernel import Actor, Refusal, utc
from services.notifications import rules
from services.notifications.rules.schedules import Schedule
from services.notifications.rules.subscribers import (
    FEEDS,
    FETCHED,
    MOST_A_DAY,
    MOST_EARLIER,
    MOST_ENDED,
    MOST_PENDING,
    MOST_SUBSCRIPTIONS,
    PROVEN_BY_ANSWER,
)

AT = utc(2014, 3, 1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SECRETARIAT = Actor("amina", "UNODC", frozenset({"secretariat"}))
BRAZIL = Actor("joana", "BRAZIL", frozenset({"mission"}))
PERU = Actor("luis", "PERU", frozenset({"mission"}))
CLOCK = Actor("platform", roles=frozenset({"system"}))
NOBODY = Actor("anonymous")
PUBLIC = ["briefings", "publications", "statements", "workplan", "chairmanship"]
TARGETS = {"mail": "desk@brazil.example", "webhook": "https://hooks.example/icat"}
CHANNELS = ("mail", "webhook", "amqp", "atom", "calendar", "inbox")


@pytest.fixture
def brazil() -> rules.Subscriber:
    subscriber = rules.Subscriber.admit("BRAZIL", "Permanent Mission of Brazil", "mission", "fr", by=SECRETARIAT, at=AT)
    subscriber.take_happened()
    return subscriber


def ask(subscriber, channel="mail", *, id="s", by=BRAZIL, at=AT, topics=("publications",), target=None, **more) -> rules.Subscription:
    target = TARGETS.get(channel, "") if target is None else target
    return subscriber.subscribe(id, channel, target, list(topics), by=by, at=at, queue_part="8c1f", order=f"order of {id}", **more)


def confirmed(subscriber, channel="mail", **more) -> rules.Subscription:
    subscription = ask(subscriber, channel, **more)
    subscriber.confirm(subscription.id, at=more.get("at", AT))
    subscriber.take_happened()
    return subscription


def facts(subscriber) -> list[str]:
    return [fact.name for fact in subscriber.take_happened()]


def refused(do: Callable[[], Any]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        do()
    return caught.value


def matter(pillars=(), **data) -> dict:
    return {"title": {"en": "T"}, "pillars": list(pillars), "data": data}


# Invitations ----------------------------------------------------------------------------------------------------------------------------

WANTED = {"topics": ["publications"], "pillars": [], "places": [], "kinds": [], "language": "fr", "schedule": {"rhythm": "daily"}}


def invited(invitation: str = "sub-1") -> rules.Subscriber:
    subscriber = rules.Subscriber.invite("CHILE", "Mission of Chile", "mission", "es", invitation, by=SECRETARIAT, at=AT)
    return subscriber


def test_who_accepts_an_invitation_is_admitted_and_told_by_mail():
    chile = invited()
    assert (chile.state, chile.told_to_invited("sub-1")["name"]) == ("invited", "Mission of Chile")
    for _ in range(2):
        chile.accept("sub-1", "desk@chile.example", WANTED, by=NOBODY, at=AT + HOUR)
    assert facts(chile) == ["subscriber_invited", "subscriber_admitted", "subscription_requested", "subscription_confirmed"]
    (subscription,) = chile.subscriptions
    assert (chile.state, chile.admitted_at, subscription.id, subscription.state) == ("admitted", AT + HOUR, "sub-1", "confirmed")
    assert (subscription.channel, subscription.target, subscription.language) == ("mail", "desk@chile.example", "fr")
    assert subscription.schedule.is_digest


def test_a_newer_invitation_replaces_the_one_before():
    chile = invited()
    chile.invite_anew("Chile", "mission", "fr", "sub-2", by=SECRETARIAT, at=AT)
    for stale in (lambda: chile.accept("sub-1", "a@chile.example", WANTED, by=NOBODY, at=AT), lambda: chile.told_to_invited("sub-1")):
        assert (refused(stale).kind, refused(stale).rule) == ("not_found", "token")
    chile.accept("sub-2", "a@chile.example", WANTED, by=NOBODY, at=AT)
    assert (chile.name, chile.language, chile.state) == ("Chile", "fr", "admitted")


def test_one_that_was_admitted_meanwhile_needs_no_invitation():
    chile = invited()
    chile.admit_known("Chile", "mission", "es", by=SECRETARIAT, at=AT)
    assert refused(lambda: chile.accept("sub-1", "a@chile.example", WANTED, by=NOBODY, at=AT)).rule == "token"
    for again in (chile.admit_known, lambda *who, **how: chile.invite_anew(*who, "sub-2", **how)):
        refusal = refused(lambda again=again: again("Chile", "mission", "es", by=SECRETARIAT, at=AT))
        assert (refusal.kind, refusal.rule) == ("conflict", "exists")


@pytest.mark.parametrize("back", ["admitted", "invited"])
def test_one_that_ended_comes_back_with_its_past_and_nothing_goes_on_by_itself(brazil, back):
    confirmed(brazil)
    brazil.end("closed for a year", by=BRAZIL, at=AT + DAY)
    who, given_ = ("Mission of Brazil", "mission", "en"), {"by": SECRETARIAT, "at": AT + 9 * DAY}
    facts(brazil)
    if back == "admitted":
        brazil.admit_known(*who, **given_)
    else:
        brazil.invite_anew(*who, "sub-9", **given_)
        assert refused(lambda: ask(brazil, id="early", at=AT + 9 * DAY)).rule == "subscriber-invited"
        brazil.accept("sub-9", "new@brazil.example", WANTED, by=NOBODY, at=AT + 9 * DAY)
    assert [name for name in facts(brazil) if "subscriber" in name] == ["subscriber_invited"] * (back == "invited") + [
        "subscriber_admitted"
    ]
    assert (brazil.state, brazil.admitted_at, brazil.ended_at) == ("admitted", AT + 9 * DAY, None)
    assert (brazil.name, brazil.language) == ("Mission of Brazil", "en")
    assert [s.ended_because for s in brazil.subscriptions if s.id == "s"] == ["closed for a year"]
    assert ask(brazil, id="again", at=AT + 9 * DAY).state == "pending"
    for again in (brazil.admit_known, lambda *who, **how: brazil.invite_anew(*who, "sub-10", **how)):
        refusal = refused(lambda again=again: again(*who, **given_))
        assert (refusal.rule, refusal.field) == ("exists", "code")
        assert "after it ended" in refusal.accepted


def test_an_invitation_can_be_withdrawn():
    chile = invited()
    chile.end("sent to the wrong desk", by=SECRETARIAT, at=AT)
    assert refused(lambda: chile.accept("sub-1", "a@chile.example", WANTED, by=NOBODY, at=AT)).rule == "subscriber-ended"
    assert (chile.state, chile.subscriptions) == ("ended", [])


def test_who_is_invited_asks_for_nothing_before_accepting():
    chile = invited()
    desk = Actor("desk", "CHILE", frozenset({"mission"}))
    assert refused(lambda: ask(chile, by=desk)).rule == "subscriber-invited"


@pytest.mark.parametrize("stranger", [BRAZIL, NOBODY])
def test_the_secretariat_alone_invites(stranger):
    chile = invited()
    attempts = [
        lambda: rules.Subscriber.invite("PERU", "Peru", "mission", "es", "sub-9", by=stranger, at=AT),
        lambda: chile.invite_anew("Peru", "mission", "es", "sub-9", by=stranger, at=AT),
        lambda: chile.admit_known("Peru", "mission", "es", by=stranger, at=AT),
    ]
    assert {refused(attempt).rule for attempt in attempts} == {"secretariat-only"}
    assert chile.name == "Mission of Chile"


def test_an_invitation_may_be_accepted_for_public_topics_alone():
    chile = invited()
    refusal = refused(lambda: chile.accept("sub-1", "a@chile.example", WANTED | {"topics": ["reminders"]}, by=NOBODY, at=AT))
    assert (refusal.rule, chile.state) == ("topic-of-the-group", "invited")


# Asking ---------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", sorted(FETCHED))
def test_what_its_own_people_fetch_is_confirmed_by_their_asking(brazil, channel):
    assert ask(brazil, channel).state == "confirmed"
    assert facts(brazil) == ["subscription_requested", "subscription_confirmed"]


@pytest.mark.parametrize("channel", sorted(FETCHED))
@pytest.mark.parametrize(
    "first",
    [
        lambda s: s.resume("s", by=BRAZIL, at=AT + HOUR),
        lambda s: s.change("s", ["publications"], by=BRAZIL, at=AT + HOUR),
    ],
)
def test_what_the_secretariat_asks_for_waits_for_an_order_of_its_own_people(brazil, channel, first):
    subscription = ask(brazil, channel, by=SECRETARIAT)
    brazil.change("s", ["statements"], by=SECRETARIAT, at=AT)
    assert subscription.state == "pending"
    first(brazil)
    assert (subscription.state, subscription.confirmed_at) == ("confirmed", AT + HOUR)


def test_its_own_people_confirm_a_feed_by_taking_an_address_of_their_own(brazil):
    feed = ask(brazil, "atom", by=SECRETARIAT)
    brazil.replace_secret("s", "another", by=BRAZIL, at=AT)
    assert (feed.state, feed.secret_by) == ("confirmed", "another")


def test_the_secretariats_own_desk_confirms_its_inbox_by_asking():
    desk = rules.Subscriber.admit("UNODC-DESK", "Secretariat", "secretariat", "en", by=SECRETARIAT, at=AT)
    assert ask(desk, "inbox", by=SECRETARIAT, topics=["reminders"]).state == "confirmed"


@pytest.mark.parametrize(
    ("channel", "more", "field", "rule"),
    [
        ("amqp", {"target": "mission.#"}, "target", "target"),
        ("atom", {"target": "https://feeds.example/"}, "target", "target"),
        ("calendar", {"target": "x"}, "target", "target"),
        ("inbox", {"target": "desk@brazil.example"}, "target", "target"),
        ("webhook", {"target": ""}, "target", "webhook-address"),
        ("mail", {"secret": "whsec_x"}, "secret", "secret-of-webhook"),
        ("atom", {"secret": "whsec_x"}, "secret", "secret-of-webhook"),
        ("mail", {"topics": ["reminders"]}, "topics", "topic-of-the-group"),
        ("mail", {"places": ["Geneva", "New York", "GENÈVA"]}, "places.2", "narrowing-once"),
        ("mail", {"places": ["Geneva", "…"]}, "places.1", "narrowing-empty"),
        ("mail", {"pillars": ["protection", "protection"]}, "pillars.1", "narrowing-once"),
        ("mail", {"kinds": ["briefing", "briefing"]}, "kinds.1", "narrowing-once"),
        ("mail", {"schedule": {"zone": "Mars/Olympus"}}, "schedule.zone", "time-zone"),
        ("webhook", {"schedule": {"rhythm": "daily"}}, "schedule.rhythm", "digest-by-mail"),
        ("amqp", {"schedule": {"rhythm": "weekly"}}, "schedule.rhythm", "digest-by-mail"),
        ("inbox", {"schedule": {"rhythm": "daily"}}, "schedule.rhythm", "digest-by-mail"),
        ("atom", {"schedule": {"quiet_from": "22:00", "quiet_until": "07:00"}}, "schedule.quiet_from", "quiet-hours-of-what-is-brought"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field_and_asks_nobody(brazil, channel, more, field, rule):
    refusal = refused(lambda: ask(brazil, channel, **more))
    assert (refusal.kind, refusal.field, refusal.rule) == ("invalid", field, rule)
    assert refusal.accepted
    assert (brazil.subscriptions, facts(brazil)) == ([], [])


@pytest.mark.parametrize("channel", sorted(FEEDS))
def test_no_feed_carries_what_is_the_groups_own(channel):
    ilo = rules.Subscriber.admit("ILO", "ILO", "focal_point", "en", by=SECRETARIAT, at=AT)
    person = Actor("person", "ILO", frozenset({"focal_point"}))
    refusal = refused(lambda: ask(ilo, channel, by=person, topics=["workplan", "reminders"]))
    assert (refusal.field, refusal.rule, refusal.accepted) == ("topics", "feeds-are-public", PUBLIC)
    assert ask(ilo, "inbox", by=person, topics=["reminders"]).state == "confirmed"


def test_many_feeds_and_one_inbox_and_one_queue(brazil):
    for n in range(3):
        ask(brazil, "atom", id=f"feed-{n}")
    for channel in ("inbox", "amqp"):
        ask(brazil, channel, id=channel)
        assert refused(lambda channel=channel: ask(brazil, channel, id="other")).rule == "one-per-target"


@pytest.mark.parametrize("again", ["DESK@brazil.example", "Desk@Brazil.Example"])
def test_one_mailbox_is_one_target_whatever_its_capitals(brazil, again):
    ask(brazil)
    assert refused(lambda: ask(brazil, id="t", target=again)).rule == "one-per-target"
    assert ask(brazil, id="t", target="desk+Icat@brazil.example").target == "desk+Icat@brazil.example"


def test_one_that_asks_without_waiting_for_an_answer_is_stopped(brazil):
    for n in range(MOST_PENDING):
        ask(brazil, id=f"s-{n}", target=f"desk{n}@brazil.example")
    assert refused(lambda: ask(brazil, id="more", target="more@brazil.example")).rule == "most-pending"
    brazil.confirm("s-0", at=AT)
    ask(brazil, id="more", target="more@brazil.example")


def test_so_many_may_be_asked_for_in_a_day_also_when_each_is_ended(brazil):
    for n in range(MOST_A_DAY):
        ask(brazil, "atom", id=f"s-{n}", at=AT + n * timedelta(minutes=1))
        brazil.unsubscribe(f"s-{n}", by=BRAZIL, at=AT)
    within, after = AT + DAY - timedelta(seconds=1), AT + DAY
    assert refused(lambda: ask(brazil, id="more", at=within)).rule == "most-a-day"
    ask(brazil, id="more", at=after)


def test_what_ended_long_ago_is_told_by_its_events_alone(brazil):
    for n in range(MOST_ENDED + 5):
        ask(brazil, "atom", id=f"s-{n}", at=AT + n * DAY)
        brazil.unsubscribe(f"s-{n}", by=BRAZIL, at=AT)
    living = ask(brazil, "atom", id="living", at=AT + 900 * DAY)
    assert [s.id for s in brazil.subscriptions if s.state == "ended"] == [f"s-{n}" for n in range(5, MOST_ENDED + 5)]
    assert brazil.subscription("living") is living


def test_what_ended_just_now_is_listed_however_long_ago_it_was_asked_for(brazil):
    queue = confirmed(brazil, "amqp", id="queue")
    for n in range(MOST_ENDED):
        ask(brazil, "atom", id=f"s-{n}", at=AT + n * DAY)
        brazil.unsubscribe(f"s-{n}", by=BRAZIL, at=AT + n * DAY)
    brazil.unsubscribe("queue", by=BRAZIL, at=AT + MOST_ENDED * DAY)
    ask(brazil, "atom", id="living", at=AT + MOST_ENDED * DAY)
    assert brazil.listed("queue") is queue
    assert brazil.listed("s-0") is None
    assert refused(lambda: brazil.subscription("s-0")).kind == "not_found"
    assert rules.request_to_confirm(brazil, "s-0", AT, AT) == []


def test_what_ended_forgets_what_it_asked_for_before(brazil):
    subscription = confirmed(brazil, "inbox")
    brazil.change("s", ["statements"], by=BRAZIL, at=AT)
    brazil.pause("s", None, by=BRAZIL, at=AT)
    brazil.resume("s", by=BRAZIL, at=AT + HOUR)
    assert (len(subscription.earlier), len(subscription.silences)) == (1, 1)
    brazil.unsubscribe("s", by=BRAZIL, at=AT + DAY)
    assert (subscription.earlier, subscription.silences) == ([], [])


def test_a_subscription_is_changed_no_more_often_in_a_day_than_it_remembers(brazil):
    subscription = confirmed(brazil)
    for n in range(MOST_EARLIER):
        brazil.change("s", ["statements" if n % 2 == 0 else "workplan"], by=BRAZIL, at=AT + n * HOUR)
    within, after = AT + DAY - timedelta(seconds=1), AT + DAY
    refusal = refused(lambda: brazil.change("s", ["briefings"], by=BRAZIL, at=within))
    assert (refusal.rule, refusal.accepted) == ("changed-often", "to change it from 2014-03-02T00:00:00Z on")
    brazil.change("s", subscription.topics, by=BRAZIL, at=within)  # as it stands
    assert subscription.asked_for("publications", matter(), AT - HOUR)
    brazil.change("s", ["briefings"], by=BRAZIL, at=after)


def test_places_are_cities_and_no_essays(brazil):
    cities = [f"{n:025d}" for n in range(20)]
    ask(brazil, places=cities)
    refusal = refused(lambda: ask(brazil, "atom", id="more", places=[*cities, "x"]))
    assert (refusal.field, refusal.rule) == ("places", "narrowing-short")


# What is wanted -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "named", "told"),
    [
        ("Geneva", "Palais des Nations, Geneva", True),
        ("geneve", "Palais des Nations, Genève", True),
        ("SÃO PAULO", "Sao Paulo", True),
        ("New York", "UN Headquarters, NEW  YORK", True),
        ("Gen", "Geneva", False),
        ("Vienna", "Geneva", False),
        ("Vienna", "", True),
    ],
)
def test_a_place_is_a_city_whatever_its_accents(brazil, asked, named, told):
    subscription = confirmed(brazil, topics=PUBLIC, places=[asked])
    assert subscription.wants("briefings", matter(place=named), AT) is told
    assert subscription.wants("publications", matter(where=named), AT) is told
    assert subscription.wants("workplan", matter(place=named), AT), "a place narrows briefings and presentations alone"


NARROWED = {
    "publications": {"issue_paper", "information_note", "joint_statement"},
    "statements": {"issue_paper", "information_note", "joint_statement"},
    "briefings": {"consultation", "briefing", "side_event", "presentation"},
}
EVERY_KIND = sorted(set.union(*NARROWED.values()))


@given(st.sets(st.sampled_from(EVERY_KIND)), st.sampled_from(PUBLIC), st.sampled_from([*EVERY_KIND, "other"]))
def test_a_kind_narrows_the_topics_whose_matters_have_it_and_silences_no_other(kinds, topic, kind):
    brazil = rules.Subscriber.admit("BRAZIL", "Brazil", "mission", "fr", by=SECRETARIAT, at=AT)
    subscription = confirmed(brazil, topics=PUBLIC, kinds=sorted(kinds))
    here = NARROWED.get(topic, set())
    assert subscription.wants(topic, matter(kind=kind), AT) is (kind in kinds or kind not in here or not kinds & here)


def test_kinds_narrow_papers_and_briefings_and_nothing_else(brazil):
    subscription = confirmed(brazil, topics=PUBLIC, kinds=["issue_paper", "briefing"])
    told = {
        ("publications", "issue_paper"): True,
        ("publications", "information_note"): False,
        ("briefings", "briefing"): True,
        ("briefings", "side_event"): False,
        ("workplan", None): True,
        ("workplan", "other"): True,
        ("statements", None): False,
    }
    assert {(topic, kind): subscription.wants(topic, matter(kind=kind), AT) for topic, kind in told} == told


def test_another_choice_holds_from_its_instant_on(brazil):
    subscription = confirmed(brazil, pillars=["protection"])
    change = {"topics": ["statements", "statements"], "language": "es", "schedule": {"rhythm": "daily"}}
    for _ in range(2):
        brazil.change("s", **change, by=BRAZIL, at=AT + DAY)
    (fact,) = brazil.take_happened()
    assert fact.name == "subscription_changed"
    assert fact.data["before"]["topics"] == ["publications"]
    assert set(fact.data["before"]) == {"topics", "pillars", "language", "schedule"}
    assert (fact.data["topics"], fact.data["schedule"]["rhythm"]) == (["statements"], "daily")
    before, after = AT + HOUR, AT + DAY
    wants = {
        (topic, at): subscription.wants(topic, matter(["protection"]), at)
        for topic in ("publications", "statements")
        for at in (before, after)
    }
    assert wants == {
        ("publications", before): True,
        ("publications", after): False,
        ("statements", before): False,
        ("statements", after): True,
    }
    assert subscription.choice["schedule"] == Schedule(rhythm="daily")


def test_a_change_is_refused_for_what_one_may_not_ask_for(brazil):
    hook = confirmed(brazil, "webhook")
    refusal = refused(lambda: brazil.change("s", ["reminders"], by=BRAZIL, at=AT))
    assert refusal.rule == "topic-of-the-group"
    assert refused(lambda: brazil.change("s", ["briefings"], schedule={"rhythm": "daily"}, by=BRAZIL, at=AT)).rule == "digest-by-mail"
    assert (hook.topics, facts(brazil)) == (["publications"], [])


# Silence --------------------------------------------------------------------------------------------------------------------------------


def wanted_days(subscription: rules.Subscription, days: int = 6) -> list[int]:
    return [day for day in range(days) if subscription.wants("publications", matter(), AT + day * DAY)]


def test_a_pause_ends_when_it_is_resumed(brazil):
    subscription = confirmed(brazil)
    brazil.pause("s", None, by=BRAZIL, at=AT + DAY)
    assert (wanted_days(subscription), brazil.due()) == ([0], None)
    brazil.resume("s", by=BRAZIL, at=AT + 3 * DAY)
    assert wanted_days(subscription) == [0, 3, 4, 5]
    paused, resumed = brazil.take_happened()
    assert (paused.name, paused.data["until"]) == ("subscription_paused", None)
    assert (resumed.name, resumed.data["since"], resumed.data["catch_up"]) == ("subscription_resumed", AT + DAY, False)
    assert subscription.asked_for("publications", matter(), AT + DAY)
    assert refused(lambda: brazil.resume("s", by=BRAZIL, at=AT + 4 * DAY)).rule == "subscription-silent"


def test_a_pause_ends_by_itself_at_its_instant_however_late_the_clock(brazil):
    subscription = confirmed(brazil)
    brazil.pause("s", AT + 9 * DAY, by=BRAZIL, at=AT + DAY)
    brazil.pause("s", AT + 3 * DAY, by=BRAZIL, at=AT + 2 * DAY)
    assert brazil.due() == AT + 3 * DAY
    for _ in range(2):
        brazil.tick(AT + 5 * DAY)
    assert [(f.name, f.at) for f in brazil.take_happened()] == [
        ("subscription_paused", AT + DAY),
        ("subscription_paused", AT + 2 * DAY),
        ("subscription_resumed", AT + 3 * DAY),
    ]
    assert (wanted_days(subscription), brazil.due()) == ([0, 3, 4, 5], None)


@pytest.mark.parametrize("then", ["nothing", "tick", "pause", "suspend", "resume", "catch_up"])
def test_what_is_announced_after_a_pause_is_wanted_before_the_clock_has_ended_it(brazil, then):
    subscription = confirmed(brazil, "amqp")
    brazil.pause("s", AT + 3 * DAY, by=BRAZIL, at=AT + DAY)
    at = AT + 4 * DAY
    {
        "nothing": lambda: None,
        "tick": lambda: brazil.tick(at),
        "pause": lambda: brazil.pause("s", None, by=BRAZIL, at=at),
        "suspend": lambda: brazil.suspend("s", "Nobody reads it.", at),
        "resume": lambda: brazil.resume("s", by=BRAZIL, at=at),
        "catch_up": lambda: brazil.resume("s", catch_up=True, by=BRAZIL, at=at),
    }[then]()
    if then == "suspend":
        brazil.resume("s", by=BRAZIL, at=at + DAY)
    came = {"pause": [0, 3], "suspend": [0, 3, 5], "catch_up": [0, 1, 2, 3, 4, 5]}
    assert wanted_days(subscription) == came.get(then, [0, 3, 4, 5])


@pytest.mark.parametrize("until", [AT, AT - DAY])
def test_a_pause_that_is_over_before_it_begins_is_refused(brazil, until):
    confirmed(brazil)
    refusal = refused(lambda: brazil.pause("s", until, by=BRAZIL, at=AT))
    assert (refusal.field, refusal.rule) == ("until", "pause-later")
    assert "2014-03-01T00:00:00Z" in refusal.accepted


def test_what_does_not_go_cannot_be_paused(brazil):
    ask(brazil)
    assert refused(lambda: brazil.pause("s", None, by=BRAZIL, at=AT)).rule == "subscription-confirmed"


@pytest.mark.parametrize("channel", sorted(PROVEN_BY_ANSWER))
def test_what_was_suspended_is_confirmed_anew(brazil, channel):
    subscription = confirmed(brazil, channel)
    for _ in range(2):
        brazil.suspend("s", "It came back.", AT + DAY)
    assert facts(brazil) == ["subscription_suspended"]
    assert refused(lambda: brazil.confirm("s", at=AT + DAY)).rule == "subscription-suspended"  # an old link proves nothing now
    brazil.resume("s", catch_up=True, by=BRAZIL, at=AT + 2 * DAY)
    assert (subscription.state, subscription.asked, wanted_days(subscription)) == ("pending", 2, [])
    (asked,) = rules.request_to_confirm(brazil, "s", AT + 2 * DAY, AT)
    assert asked.id == "confirmation_BRAZIL_s_2"
    brazil.confirm("s", at=AT + 3 * DAY)
    requested, again, resumed = brazil.take_happened()
    assert (requested.name, again.name) == ("subscription_requested", "subscription_confirmed")
    assert (resumed.name, resumed.at, resumed.data["since"], resumed.data["catch_up"]) == (
        "subscription_resumed",
        AT + 3 * DAY,
        AT + DAY,
        True,
    )
    assert (wanted_days(subscription), subscription.suspended_because) == ([0, 1, 2, 3, 4, 5], None)


@pytest.mark.parametrize("channel", ["amqp", "atom", "inbox"])
def test_what_is_fetched_goes_on_at_once(brazil, channel):
    subscription = confirmed(brazil, channel)
    brazil.suspend("s", "Nobody reads it.", AT + DAY)
    brazil.resume("s", by=BRAZIL, at=AT + 2 * DAY)
    assert (subscription.state, wanted_days(subscription)) == ("confirmed", [0, 2, 3, 4, 5])
    brazil.pause("s", None, by=BRAZIL, at=AT + 3 * DAY)
    brazil.resume("s", catch_up=True, by=BRAZIL, at=AT + 4 * DAY)
    assert wanted_days(subscription) == [0, 2, 3, 4, 5]  # what was missed is wanted, however late the news of it comes


def test_an_address_that_refuses_the_first_mail_is_asked_anew_and_told_nothing_from_before(brazil):
    subscription = ask(brazil)
    brazil.suspend("s", "It came back.", AT + HOUR)
    brazil.resume("s", catch_up=True, by=BRAZIL, at=AT + DAY)
    brazil.confirm("s", at=AT + 2 * DAY)
    assert facts(brazil) == ["subscription_requested", "subscription_suspended", "subscription_requested", "subscription_confirmed"]
    assert (wanted_days(subscription), subscription.silent_since) == ([2, 3, 4, 5], None)


def test_a_suspension_within_a_pause_waits_for_its_owner(brazil):
    subscription = confirmed(brazil, "amqp")
    brazil.pause("s", AT + 2 * DAY, by=BRAZIL, at=AT + DAY)
    brazil.suspend("s", "Nobody reads it.", AT + DAY + HOUR)
    assert brazil.due() is None
    brazil.resume("s", by=BRAZIL, at=AT + 4 * DAY)
    assert brazil.take_happened()[-1].data["since"] == AT + DAY
    assert wanted_days(subscription) == [0, 4, 5]


# Secrets --------------------------------------------------------------------------------------------------------------------------------


def test_a_queues_credentials_are_told_once_and_anew_after_they_were_replaced(brazil):
    queue = ask(brazil, "amqp")
    assert refused(lambda: brazil.replace_secret("s", "o-0", by=BRAZIL, at=AT)).rule == "not-fetched"
    brazil.fetch_queue("s", "o-1", by=BRAZIL, at=AT)
    assert refused(lambda: brazil.fetch_queue("s", "o-2", by=BRAZIL, at=AT)).rule == "fetched-once"
    queue.must_be_told_to("o-1")
    brazil.replace_secret("s", "o-3", by=SECRETARIAT, at=AT)
    assert refused(lambda: queue.must_be_told_to("o-1")).rule == "fetched-once"  # the same order, carried out once more
    brazil.fetch_queue("s", "o-4", by=BRAZIL, at=AT)
    queue.must_be_told_to("o-4")
    assert facts(brazil) == [
        "subscription_requested",
        "subscription_confirmed",
        "credentials_fetched",
        "secret_replaced",
        "credentials_fetched",
    ]


@pytest.mark.parametrize("channel", ["mail", "inbox"])
def test_what_has_no_secret_has_none_to_replace(brazil, channel):
    confirmed(brazil, channel)
    assert refused(lambda: brazil.replace_secret("s", "o-1", by=BRAZIL, at=AT)).rule == "channel"


def test_a_feed_takes_no_secret_from_outside(brazil):
    confirmed(brazil, "atom")
    assert refused(lambda: brazil.replace_secret("s", "o-1", "whsec_x", by=BRAZIL, at=AT)).rule == "secret-of-webhook"


# Whose it is ----------------------------------------------------------------------------------------------------------------------------

ORDERS = {
    "change": lambda s, by: s.change("s", ["statements"], by=by, at=AT),
    "pause": lambda s, by: s.pause("s", None, by=by, at=AT),
    "resume": lambda s, by: s.resume("s", by=by, at=AT),
    "replace_secret": lambda s, by: s.replace_secret("s", "o", by=by, at=AT),
    "fetch_queue": lambda s, by: s.fetch_queue("s", "o", by=by, at=AT),
    "unsubscribe": lambda s, by: s.unsubscribe("s", by=by, at=AT),
}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("stranger", [PERU, NOBODY, Actor("eve", "BRAZIL", frozenset({"focal_point"})), Actor("eve", "BRAZIL")])
def test_to_a_stranger_there_is_no_such_subscriber(brazil, order, stranger):
    ask(brazil, "amqp")
    brazil.take_happened()
    refusal = refused(lambda: ORDERS[order](brazil, stranger))
    assert (refusal.kind, refusal.detail, facts(brazil)) == ("not_found", "There is no subscriber BRAZIL.", [])


@pytest.mark.parametrize("order", sorted(set(ORDERS) - {"unsubscribe"}))
def test_what_ended_takes_no_more_orders(brazil, order):
    ask(brazil, "amqp")
    brazil.unsubscribe("s", by=BRAZIL, at=AT)
    brazil.suspend("s", "Too late.", AT)
    brazil.take_happened()
    assert (refused(lambda: ORDERS[order](brazil, BRAZIL)).rule, facts(brazil)) == ("subscription-ended", [])


def test_no_address_and_no_secret_is_in_any_event(brazil):
    for channel in CHANNELS:
        ask(brazil, channel, id=channel)
        brazil.suspend(channel, "It fails.", AT)
        brazil.resume(channel, by=BRAZIL, at=AT)
        brazil.change(channel, ["briefings"], by=BRAZIL, at=AT)
    told = repr(brazil.take_happened())
    assert all(hidden not in told for hidden in ("desk@", "hooks.example", "8c1f", "order of"))


# Whatever anyone does -------------------------------------------------------------------------------------------------------------------

ACTORS = (BRAZIL, SECRETARIAT, PERU, NOBODY)
actors, pick = st.sampled_from(ACTORS), st.integers(0, 60)


@settings(max_examples=30, stateful_step_count=30, deadline=None)
class Life(RuleBasedStateMachine):
    """A mission, its people, the secretariat, strangers and the platform do whatever comes to their minds, hour after hour."""

    @initialize()
    def begin(self) -> None:
        self.at = AT
        self.mission = rules.Subscriber.admit("BRAZIL", "Brazil", "mission", "fr", by=SECRETARIAT, at=AT)
        self.mission.take_happened()
        self.proven: dict[str, datetime] = {}
        """When each subscription's owner first showed that the target is theirs."""
        self.silent: dict[str, list[list[datetime]]] = {}
        """Spans in which it was paused or suspended; of one that goes on the last has an end."""

    def act(self, by: Actor, do: Callable[[], Any]) -> bool:
        """Let someone do something; whether it was not refused. What is refused, and what a stranger does, changes nothing."""
        before = repr(self.mission)
        try:
            do()
        except Refusal as refusal:
            assert repr(self.mission) == before
            assert self.mission.take_happened() == []
            assert by in (BRAZIL, SECRETARIAT, CLOCK) or refusal.kind == "not_found"
            return False
        assert by in (BRAZIL, SECRETARIAT, CLOCK)
        for fact in self.mission.take_happened():
            self.heard(fact)
        return True

    def heard(self, fact) -> None:
        id, spans = fact.data["subscription"], self.silent.setdefault(fact.data["subscription"], [])
        if fact.name in ("subscription_paused", "subscription_suspended") and (not spans or len(spans[-1]) == 2):
            spans.append([fact.at])
        elif fact.name == "subscription_resumed":
            assert spans[-1] == [fact.data["since"]]
            spans[-1].append(fact.at)
        elif fact.name == "subscription_confirmed" and id not in self.proven:
            self.proven[id] = fact.at
            self.silent[id] = []

    def one(self, n: int) -> rules.Subscription:
        return self.mission.subscriptions[n % len(self.mission.subscriptions)]

    some = precondition(lambda self: self.mission.subscriptions)

    @rule(hours=st.integers(1, 30))
    def time_passes(self, hours: int) -> None:
        self.at += hours * HOUR
        self.act(CLOCK, lambda: self.mission.tick(self.at))

    @rule(by=actors, channel=st.sampled_from(CHANNELS), n=pick)
    def somebody_asks(self, by, channel, n) -> None:
        target = {"mail": f"desk{n}@brazil.example", "webhook": f"https://hooks.example/{n}"}.get(channel, "")
        id = f"s-{len(self.mission.subscriptions)}"
        self.act(by, lambda: ask(self.mission, channel, id=id, by=by, at=self.at, target=target))

    @some
    @rule(n=pick)
    def the_owner_proves(self, n) -> None:
        subscription = self.one(n)
        if subscription.channel in PROVEN_BY_ANSWER:
            self.act(CLOCK, lambda: self.mission.confirm(subscription.id, at=self.at))

    @some
    @rule(by=actors, n=pick)
    def somebody_fetches_credentials(self, by, n) -> None:
        done = self.act(by, lambda: self.mission.fetch_queue(self.one(n).id, f"order {self.at}", by=by, at=self.at))
        assert not done or by is BRAZIL

    @some
    @rule(by=actors, n=pick, hours=st.none() | st.integers(-5, 50))
    def somebody_pauses(self, by, n, hours) -> None:
        until = None if hours is None else self.at + hours * HOUR
        self.act(by, lambda: self.mission.pause(self.one(n).id, until, by=by, at=self.at))

    @some
    @rule(by=actors, n=pick, catch_up=st.booleans())
    def somebody_resumes(self, by, n, catch_up) -> None:
        self.act(by, lambda: self.mission.resume(self.one(n).id, catch_up, by=by, at=self.at))

    @some
    @rule(n=pick)
    def the_platform_suspends(self, n) -> None:
        self.act(CLOCK, lambda: self.mission.suspend(self.one(n).id, "It fails.", self.at))

    @some
    @rule(by=actors, n=pick)
    def somebody_replaces_a_secret(self, by, n) -> None:
        self.act(by, lambda: self.mission.replace_secret(self.one(n).id, f"order {self.at}", by=by, at=self.at))

    @some
    @rule(by=actors, n=pick, topics=st.sets(st.sampled_from(["publications", "statements", "reminders"]), min_size=1))
    def somebody_chooses(self, by, n, topics) -> None:
        done = self.act(by, lambda: self.mission.change(self.one(n).id, sorted(topics), by=by, at=self.at))
        assert not done or "reminders" not in topics

    @some
    @rule(by=actors, n=pick)
    def somebody_leaves(self, by, n) -> None:
        self.act(by, lambda: self.mission.unsubscribe(self.one(n).id, by=by, at=self.at))

    @invariant()
    def limits_hold(self) -> None:
        living = [s for s in self.mission.subscriptions if s.state != "ended"]
        assert len(living) <= MOST_SUBSCRIPTIONS
        assert sum(s.state == "pending" and s.asked == 1 for s in living) <= MOST_PENDING + MOST_SUBSCRIPTIONS
        assert sum(self.at - DAY < s.requested_at for s in self.mission.subscriptions) <= MOST_A_DAY
        targets = [(s.channel, s.target) for s in living if s.channel not in FEEDS]
        assert len(set(targets)) == len(targets)
        assert all(len(s.earlier) <= MOST_EARLIER and len(s.silences) <= MOST_EARLIER for s in self.mission.subscriptions)

    @invariant()
    def nothing_is_wanted_but_by_a_proven_owner_outside_silence(self) -> None:
        for subscription in self.mission.subscriptions:
            for hours in range(0, 60, 7):
                announced = self.at - hours * HOUR
                wanted = any(subscription.wants(topic, matter(), announced) for topic in PUBLIC)
                proven = self.proven.get(subscription.id)
                assert not wanted or (proven is not None and proven <= announced)
                assert not wanted or subscription.state == "confirmed"
                if subscription.channel not in FETCHED:
                    silent = any(
                        span[0] <= announced < (span[1] if len(span) > 1 else announced + HOUR) for span in self.silent[subscription.id]
                    )
                    assert not (wanted and silent)

    @invariant()
    def a_pause_that_is_over_waits_for_nobody(self) -> None:
        due = self.mission.due()
        assert due is None or due > self.at - 30 * HOUR


TestLife = Life.TestCase


def test_what_is_brought_late_is_what_was_wanted_as_of_its_announcement(brazil):
    subscription = confirmed(brazil, at=AT + DAY)
    brazil.pause("s", None, by=BRAZIL, at=AT + 3 * DAY)
    brazil.resume("s", by=BRAZIL, at=AT + 5 * DAY)

    def brought(day: int, **more) -> bool:
        what = ("publications", 1, matter(), AT + day * DAY, AT)
        return rules.bring_late(brazil, subscription, *what, hour=AT + 9 * DAY, **more) is not None

    assert [day for day in range(7) if brought(day)] == wanted_days(subscription, 7) == [1, 2, 5, 6]
    assert all(brought(day, replay="replay-1") for day in range(7))


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(1, 50), st.booleans()), max_size=30))
def test_however_often_it_was_silent_what_came_in_a_silence_is_wanted_when_it_caught_up(spans):
    brazil = rules.Subscriber.admit("BRAZIL", "Brazil", "mission", "fr", by=SECRETARIAT, at=AT)
    subscription = confirmed(brazil)
    at, silences = AT, []
    for wait, length, catch_up in spans:
        begin = at + wait * HOUR
        at = begin + length * HOUR
        brazil.pause("s", None, by=BRAZIL, at=begin)
        brazil.resume("s", catch_up, by=BRAZIL, at=at)
        silences.append((begin, at, catch_up))
    for begin, end, catch_up in silences[-MOST_EARLIER:]:
        assert subscription.wants("publications", matter(), begin) == catch_up
        assert subscription.wants("publications", matter(), end - timedelta(milliseconds=1)) == catch_up
        assert subscription.catches_up(begin) == catch_up
    assert subscription.wants("publications", matter(), at)
