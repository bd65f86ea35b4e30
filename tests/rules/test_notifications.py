"""Who is told of what, and how a delivery is tried: the rules of notifications, told the instant. What is the Group's own has tests
of its own, in ``test_notifications_reminders``."""

from datetime import datetime, timedelta
from string import printable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel import Actor, Refusal, utc, written
from services.kernel.addresses import is_public
from services.notifications import rules
from services.notifications.rules import matters
from services.notifications.rules.addresses import webhook_address
from services.notifications.rules.deliveries import ATTEMPTS, FIRST_DELAY, LONGEST_DELAY, Delivery, retry_at
from services.notifications.rules.subscribers import MOST_SUBSCRIPTIONS

AT = utc(2014, 3, 1)
SECRETARIAT = Actor("amina", "UNODC", frozenset({"secretariat"}))
BRAZIL = Actor("joana", "BRAZIL", frozenset({"mission"}))
PERU = Actor("luis", "PERU", frozenset({"mission"}))
NOBODY = Actor("anonymous")
PUBLIC_TOPICS = ["briefings", "publications", "statements", "workplan", "chairmanship"]
PILLARS = ["prevention", "protection", "prosecution", "partnerships"]


@pytest.fixture
def brazil() -> rules.Subscriber:
    subscriber = rules.Subscriber.admit("BRAZIL", "Permanent Mission of Brazil", "mission", "fr", by=SECRETARIAT, at=AT)
    subscriber.take_happened()
    return subscriber


def by_mail(subscriber, *, id="sub-1", topics=("publications",), pillars=(), target="desk@brazil.example", by=BRAZIL):
    return subscriber.subscribe(id, "mail", target, list(topics), list(pillars), by=by, at=AT)


def by_queue(subscriber, *, id="sub-q", part="8c1f", by=BRAZIL):
    return subscriber.subscribe(id, "amqp", "", ["statements"], [], by=by, at=AT, queue_part=part)


def facts(subscriber) -> list[str]:
    return [fact.name for fact in subscriber.take_happened()]


def matter(topic="publications", pillars=(), kind="published"):
    title = {"en": "Issue paper 2 published: Demand", "fr": "Document thématique n° 2 publié : Demand"}
    return rules.Matter(topic, kind, title, {"en": "A summary", "fr": "Un résumé"}, AT, "/documents/paper-2", list(pillars))


# Subscribers ----------------------------------------------------------------------------------------------------------------------------


def test_the_secretariat_alone_admits():
    with pytest.raises(Refusal) as refused:
        rules.Subscriber.admit("BRAZIL", "Brazil", "mission", "en", by=BRAZIL, at=AT)
    assert (refused.value.kind, refused.value.rule) == ("not_allowed", "secretariat-only")


def test_nothing_is_wanted_before_the_owner_confirms(brazil):
    by_mail(brazil)
    assert facts(brazil) == ["subscription_requested"]
    assert rules.fan_out(brazil, "publications", 1, {"title": {"en": "x"}, "pillars": []}, AT, AT) == []
    brazil.confirm("sub-1", at=AT)
    brazil.confirm("sub-1", at=AT + timedelta(days=1))
    assert facts(brazil) == ["subscription_confirmed"]
    assert brazil.subscription("sub-1").confirmed_at == AT


def test_what_was_announced_before_the_owner_confirmed_is_old_news(brazil):
    """Whenever the news of it comes: what counts is the instant of the announcement, which may be that of the confirmation."""
    by_mail(brazil)
    brazil.confirm("sub-1", at=AT)
    told = {"title": {"en": "x"}, "pillars": []}
    much_later = AT + timedelta(days=900)
    made = {days: rules.fan_out(brazil, "publications", 1, told, AT + timedelta(days=days), much_later) for days in (-1, 0, 1)}
    assert {days: len(deliveries) for days, deliveries in made.items()} == {-1: 0, 0: 1, 1: 1}


def test_events_hold_no_address(brazil):
    by_mail(brazil)
    brazil.confirm("sub-1", at=AT)
    brazil.unsubscribe("sub-1", by=BRAZIL, at=AT)
    assert "desk@" not in repr(brazil.take_happened())


@pytest.mark.parametrize(
    "stranger", [PERU, NOBODY, Actor("eve", "BRAZIL", frozenset({"focal_point"})), Actor("eve", "BRAZIL", frozenset())]
)
def test_a_stranger_can_do_and_see_nothing(brazil, stranger):
    by_mail(brazil)
    brazil.take_happened()
    attempts = [
        lambda: by_mail(brazil, id="sub-2", target="other@brazil.example", by=stranger),
        lambda: brazil.unsubscribe("sub-1", by=stranger, at=AT),
        lambda: brazil.end("no", by=stranger, at=AT),
        lambda: brazil.view(stranger, AT),
        lambda: brazil.fetch_queue("sub-1", "order-1", by=stranger, at=AT),
    ]
    for attempt in attempts:
        with pytest.raises(Refusal) as refused:
            attempt()
        assert (refused.value.kind, refused.value.detail) == ("not_found", "There is no subscriber BRAZIL.")
    assert facts(brazil) == []
    assert brazil.subscription("sub-1").state == "pending"


def test_who_is_outside_asks_for_public_topics_alone(brazil):
    by_mail(brazil, topics=PUBLIC_TOPICS)
    with pytest.raises(Refusal) as refused:
        by_mail(brazil, id="sub-2", topics=["briefings", "reminders"], target="other@brazil.example")
    assert (refused.value.kind, refused.value.field, refused.value.rule) == ("invalid", "topics", "topic-of-the-group")
    assert refused.value.accepted == PUBLIC_TOPICS
    assert facts(brazil) == ["subscription_requested"]


def test_what_may_not_be_seen_looks_like_what_is_not_there(brazil):
    with pytest.raises(Refusal) as refused:
        brazil.view(PERU, AT)
    assert (refused.value.kind, refused.value.detail) == ("not_found", "There is no subscriber BRAZIL.")


def test_one_target_is_told_once(brazil):
    by_mail(brazil)
    with pytest.raises(Refusal) as refused:
        by_mail(brazil, id="sub-2", topics=["briefings"])
    assert refused.value.rule == "one-per-target"
    brazil.unsubscribe("sub-1", by=BRAZIL, at=AT)
    by_mail(brazil, id="sub-3", topics=["briefings"])


def test_a_subscriber_cannot_ask_without_end(brazil):
    for n in range(MOST_SUBSCRIPTIONS):
        by_mail(brazil, id=f"sub-{n}", target=f"desk{n}@brazil.example")
        brazil.confirm(f"sub-{n}", at=AT)
    with pytest.raises(Refusal) as refused:
        by_mail(brazil, id="one-more", target="one.more@brazil.example")
    assert refused.value.rule == "most-subscriptions"


def test_a_queue_is_confirmed_by_its_own_reader_alone(brazil):
    queue = by_queue(brazil, by=SECRETARIAT)
    assert queue.target == "mission.brazil.8c1f"
    with pytest.raises(Refusal):
        brazil.fetch_queue("sub-q", "order-1", by=SECRETARIAT, at=AT)
    brazil.fetch_queue("sub-q", "order-1", by=BRAZIL, at=AT)
    assert queue.state == "confirmed"


def test_a_queue_has_a_name_that_nobody_can_guess(brazil):
    with pytest.raises(ValueError, match="guessed"):
        by_queue(brazil, part="")
    assert brazil.subscriptions == []


def test_a_subscriber_has_one_queue_at_a_time_and_each_its_own_name(brazil):
    by_queue(brazil)
    with pytest.raises(Refusal) as refused:
        by_queue(brazil, id="sub-r", part="77aa")
    assert refused.value.rule == "one-per-target"
    brazil.unsubscribe("sub-q", by=BRAZIL, at=AT)
    assert by_queue(brazil, id="sub-r", part="77aa").target == "mission.brazil.77aa"


def test_a_queue_takes_no_name_from_outside(brazil):
    with pytest.raises(Refusal) as refused:
        brazil.subscribe("sub-q", "amqp", "mission.#", ["statements"], [], by=BRAZIL, at=AT)
    assert (refused.value.field, refused.value.rule) == ("target", "target")


def test_leaving_needs_no_more_than_the_mails_token(brazil):
    by_mail(brazil)
    brazil.confirm("sub-1", at=AT)
    brazil.take_happened()
    brazil.unsubscribe("sub-1", by=NOBODY, at=AT, bearer=True)
    brazil.unsubscribe("sub-1", by=NOBODY, at=AT, bearer=True)
    assert facts(brazil) == ["subscription_ended"]
    with pytest.raises(Refusal) as refused:
        brazil.confirm("sub-1", at=AT)
    assert refused.value.rule == "subscription-ended"


def test_an_ended_subscriber_takes_its_subscriptions_with_it(brazil):
    by_mail(brazil)
    by_mail(brazil, id="sub-2", target="other@brazil.example")
    brazil.confirm("sub-1", at=AT)
    brazil.take_happened()
    brazil.end("the mission closed", by=SECRETARIAT, at=AT)
    assert facts(brazil) == ["subscription_ended", "subscription_ended", "subscriber_ended"]
    assert {s.ended_because for s in brazil.subscriptions} == {"the mission closed"}
    for again in (lambda: brazil.end("again", by=SECRETARIAT, at=AT), lambda: by_mail(brazil, id="sub-3", target="new@brazil.example")):
        with pytest.raises(Refusal) as refused:
            again()
        assert refused.value.rule == "subscriber-ended"


# Webhook addresses ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "http://hooks.example/icat",
        "ftp://hooks.example/icat",
        "https://",
        "https:///path",
        "https://user:secret@hooks.example/",
        "https://hooks.example/#part",
        "https://hooks.example:99999/",
        "https://hooks.example/a b",
        "https://hooks.example/\r\nHost: other",
        "https://[::1/",
        "https://localhost/",
        "https://icat.localhost./",
        "https://127.0.0.1/",
        "https://127.8.9.1/",
        "https://0.0.0.0/",
        "https://10.1.2.3/",
        "https://172.16.0.1/",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://100.64.0.1/",
        "https://224.0.0.1/",
        "https://255.255.255.255/",
        "https://[::1]/",
        "https://[::]/",
        "https://[fe80::1]/",
        "https://[fd00::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[2002:7f00:1::]/",
        "https://[64:ff9b::a9fe:a9fe]/",
        "https://[ff02::1]/",
        "https://192.0.0.8/",
        "https://192.88.99.1/",
        "https://[fec0::1]/",
        "https://[64:ff9b:1::7f00:1]/",
        "https://[::127.0.0.1]/",
        "https://[::ffff:0:127.0.0.1]/",
        "https://[::8.8.8.8]/",
        "https://[2001::1]/",
        "https://[2001:db8::1]/",
        "https://[3fff::1]/",
        "https://[5f00::1]/",
        "https://[100::1]/",
    ],
)
def test_a_webhook_never_points_inside(address):
    with pytest.raises(Refusal) as refused:
        webhook_address(address, allow_private=False)
    assert refused.value.field == "target"
    assert refused.value.accepted


@pytest.mark.parametrize(
    "address",
    ["https://hooks.example/icat?key=1", "https://8.8.8.8:8443/", "https://[2001:4860:4860::8888]/x", "https://[64:ff9b::808:808]/"],
)
def test_a_public_webhook_is_taken(address):
    assert webhook_address(address, allow_private=False) == address


def test_a_closed_network_may_allow_its_own_addresses():
    assert webhook_address("http://127.0.0.1:9000/hook", allow_private=True)
    with pytest.raises(Refusal):
        webhook_address("http://user@127.0.0.1:9000/hook", allow_private=True)


@given(
    st.ip_addresses(v=4, network="127.0.0.0/8")
    | st.ip_addresses(v=4, network="10.0.0.0/8")
    | st.ip_addresses(v=4, network="169.254.0.0/16")
)
def test_an_inner_address_stays_inner_however_it_is_written(address):
    high, low = divmod(int(address), 65536)
    spellings = [str(address), f"::ffff:{address}", f"2002:{high:x}:{low:x}::1", f"64:ff9b::{high:x}:{low:x}"]
    assert not any(is_public(spelling) for spelling in spellings)


# Matters --------------------------------------------------------------------------------------------------------------------------------

PUBLISHED = {
    "document": "paper-2",
    "kind": "issue_paper",
    "number": 2,
    "title": "Preventing trafficking by reducing demand",
    "summary": "What drives demand.",
    "at": AT,
    "digest": "0" * 64,
    "language": "en",
    "url": "/documents/paper-2",
    "pillars": ["prevention"],
    "deliverable": None,
}
BRIEFING = {
    "briefing": "consultation-2015",
    "uid": "consultation-2015@icat.example",
    "revision": 0,
    "title": "Consultation with permanent missions {2015}",
    "kind": "consultation",
    "starts_at": utc(2015, 1, 20, 15),
    "ends_at": utc(2015, 1, 20, 17),
    "place": "New York",
    "on_margins_of": "",
    "agenda": ["Priorities for 2015"],
    "papers": [],
    "pillars": [],
}


def test_a_paper_is_told_with_its_number_in_both_languages():
    told = matters.published(PUBLISHED)
    assert told.title == {
        "en": "Issue paper 2 published: Preventing trafficking by reducing demand",
        "fr": "Document thématique n° 2 publié : Preventing trafficking by reducing demand",
    }
    assert (told.topic, told.pillars, told.url) == ("publications", ["prevention"], "/documents/paper-2")


def test_an_unnumbered_note_without_summary_is_told_too():
    told = matters.published({**PUBLISHED, "kind": "information_note", "number": None, "summary": ""})
    assert told.title["fr"].startswith("Note d'information publiée : ")
    assert told.summary["en"] == PUBLISHED["title"]


def test_a_briefing_carries_what_updates_its_calendar_entry():
    told = matters.briefing("briefing_changed", {**BRIEFING, "revision": 3, "reason": "The room is taken."}, AT)
    assert told.data["uid"] == BRIEFING["uid"]
    assert told.data["revision"] == 3
    assert told.data["starts_at"] == "2015-01-20T15:00:00Z"
    assert told.summary["en"] == "2015-01-20 15:00–17:00 UTC, New York. Reason: The room is taken."
    assert told.title["en"] == "Briefing changed: Consultation with permanent missions {2015}"


def test_one_chair_or_two():
    one = matters.term_started({"year": 2015, "chairs": ["UNHCR"]}, utc(2015))
    two = matters.term_started({"year": 2022, "chairs": ["UNODC", "ICMPD"]}, utc(2022))
    assert one.title == {"en": "UNHCR chairs the Group in 2015", "fr": "UNHCR préside le Groupe en 2015"}
    assert two.title == {"en": "UNODC and ICMPD co-chair the Group in 2022", "fr": "UNODC et ICMPD coprésident le Groupe en 2022"}


def test_a_year_that_closed_says_how_its_activities_ended():
    closed = {
        "year": 2014,
        "digest": "0" * 64,
        "statuses": {"late": 2, "delivered": 9, "planned": 0},
        "report": "1" * 64,
        "foreword": "A year.",
    }
    told = matters.plan_closed(closed, AT)
    assert (told.topic, told.url, told.audience) == ("workplan", "/workplans/2014/report", None)
    assert told.summary["en"] == "The workplan 2014 is closed. Activities: 11 (9 delivered, 2 late)."
    assert told.summary["fr"] == "Le plan de travail 2014 est clos. Activités : 11 (9 réalisées, 2 en retard)."
    assert matters.plan_closed({**closed, "statuses": {}}, AT).summary["en"] == "The workplan 2014 is closed. Activities: 0."


def test_a_plan_that_silence_adopted_names_no_endorser():
    adopted = {"year": 2014, "digest": "0" * 64, "endorsed_by": [], "activities": [{"id": "a", "pillars": ["protection"]}]}
    told = matters.plan_adopted(adopted, AT)
    assert told.summary["en"] == "Activities: 1."
    assert told.pillars == ["protection"]


@given(st.lists(st.sampled_from(["published", "presented"]), max_size=30))
def test_numbers_are_consecutive_from_one(kinds):
    topic = rules.Topic("publications")
    for kind in kinds:
        topic.announce(matter(kind=kind), AT)
    announced = topic.take_happened()
    assert [fact.data["number"] for fact in announced] == list(range(1, len(kinds) + 1))
    assert [fact.data["matter"]["kind"] for fact in announced] == kinds
    assert topic.last == len(kinds)


def test_a_topic_numbers_its_own_matters_only():
    with pytest.raises(ValueError, match="none of briefings"):
        rules.Topic("briefings").announce(matter("publications"), AT)


# Deliveries -----------------------------------------------------------------------------------------------------------------------------


@given(
    st.lists(
        st.tuples(st.sets(st.sampled_from(PUBLIC_TOPICS), min_size=1), st.sets(st.sampled_from(PILLARS)), st.sampled_from("pce")),
        max_size=8,
    ),
    st.sampled_from(PUBLIC_TOPICS),
    st.sets(st.sampled_from(PILLARS)),
)
def test_a_matter_goes_to_each_confirmed_subscription_that_asked_for_it_once(asked, topic, pillars):
    subscriber = rules.Subscriber.admit("BRAZIL", "Brazil", "mission", "fr", by=SECRETARIAT, at=AT)
    for n, (topics, narrowed, state) in enumerate(asked):
        by_mail(subscriber, id=f"sub-{n}", topics=topics, pillars=narrowed, target=f"desk{n}@brazil.example")
        if state in "ce":
            subscriber.confirm(f"sub-{n}", at=AT)
        if state == "e":
            subscriber.unsubscribe(f"sub-{n}", by=BRAZIL, at=AT)
    told = {"title": {"en": "A title", "fr": "Un titre"}, "pillars": sorted(pillars)}
    made = rules.fan_out(subscriber, topic, 7, told, AT, AT)
    expected = {
        f"{topic}_7_BRAZIL_sub-{n}"
        for n, (topics, narrowed, state) in enumerate(asked)
        if state == "c" and topic in topics and (not narrowed or not pillars or narrowed & pillars)
    }
    assert [delivery.id for delivery in made] == sorted(expected)
    assert {delivery.title for delivery in made} <= {"Un titre"}


def test_a_delivery_is_titled_in_english_where_the_readers_language_is_missing(brazil):
    by_mail(brazil)
    brazil.confirm("sub-1", at=AT)
    (made,) = rules.fan_out(brazil, "publications", 1, {"title": {"en": "A title"}, "pillars": []}, AT, AT)
    assert made.title == "A title"


def test_mail_and_webhooks_are_asked_to_confirm_and_queues_are_not(brazil):
    by_mail(brazil)
    brazil.subscribe("sub-w", "webhook", "https://hooks.example/icat", ["statements"], [], by=BRAZIL, at=AT)
    by_queue(brazil)
    asked = [rules.request_to_confirm(brazil, id, AT, AT) for id in ("sub-1", "sub-w", "sub-q")]
    assert [[d.id for d in made] for made in asked] == [["confirmation_BRAZIL_sub-1"], ["confirmation_BRAZIL_sub-w"], []]


def test_a_late_request_to_confirm_asks_nothing_any_more(brazil):
    by_mail(brazil)
    brazil.confirm("sub-1", at=AT)
    assert rules.request_to_confirm(brazil, "sub-1", AT, AT) == []


@given(st.integers(1, ATTEMPTS - 2), st.floats(0, 1, exclude_max=True), st.floats(0, 1, exclude_max=True))
def test_delays_grow_whatever_the_jitter_until_the_longest(attempts, jitter, next_jitter):
    first, second = retry_at(attempts, AT, jitter) - AT, retry_at(attempts + 1, AT, next_jitter) - AT
    assert second > first or second >= LONGEST_DELAY
    assert FIRST_DELAY <= first <= LONGEST_DELAY * 1.5


def test_after_the_last_attempt_a_delivery_is_given_up_with_the_reason():
    outcomes = [rules.after_failure(n, "The webhook answered 500.", AT, 0.5) for n in range(1, ATTEMPTS + 1)]
    assert [o.state for o in outcomes] == ["retrying"] * (ATTEMPTS - 1) + ["given_up"]
    assert outcomes[-1].why == f"The webhook answered 500. (given up after {ATTEMPTS} attempts)"
    assert outcomes[-1].due is None


def test_what_cannot_get_better_is_given_up_at_once():
    outcome = rules.after_failure(1, "The mail server refused the address: 550 no such user", AT, 0.5, for_good=True)
    assert (outcome.state, outcome.why) == ("given_up", "The mail server refused the address: 550 no such user")


def delivery(state: str, **more) -> Delivery:
    known = {"purpose": "matter", "subscriber": "BRAZIL", "subscription": "sub-1", "channel": "mail", "target": "desk@brazil.example"}
    more = {"language": "fr", "announced_at": AT, "due": AT, "state": state, "attempts": 5, "why": "refused", **more}
    return Delivery("publications_1_BRAZIL_sub-1", **known, **more)


def test_what_was_given_up_can_be_sent_again_and_the_record_says_who_asked(brazil):
    by_mail(brazil)
    brazil.confirm("sub-1", at=AT)
    given_up, later = delivery("given_up"), AT + timedelta(days=3)
    for _ in range(2):  # the same order twice
        given_up.send_again(by=BRAZIL, owner=brazil, cause="order-1", at=AT, now=later)
    assert (given_up.state, given_up.attempts, given_up.due) == ("queued", 0, later)
    assert [(a["person"], a["was"], a["why"]) for a in given_up.again] == [("joana", "given_up", "refused")]


@pytest.mark.parametrize("state", ["sent", "queued"])
def test_none_is_sent_twice(brazil, state):
    by_mail(brazil)
    with pytest.raises(Refusal) as refused:
        delivery(state).send_again(by=SECRETARIAT, owner=brazil, cause="order-1", at=AT, now=AT)
    assert refused.value.rule == "sent-once"


def test_nothing_is_sent_again_to_who_left_or_by_a_stranger(brazil):
    by_mail(brazil)
    with pytest.raises(Refusal) as refused:
        delivery("given_up").send_again(by=PERU, owner=brazil, cause="order-1", at=AT, now=AT)
    assert refused.value.kind == "not_found"
    brazil.unsubscribe("sub-1", by=BRAZIL, at=AT)
    with pytest.raises(Refusal) as refused:
        delivery("given_up").send_again(by=SECRETARIAT, owner=brazil, cause="order-1", at=AT, now=AT)
    assert refused.value.rule == "subscription-ended"


@pytest.mark.parametrize("catch_up", [True, False])
def test_what_a_suspension_withdrew_goes_on_when_its_subscription_caught_up(brazil, catch_up):
    by_mail(brazil)
    brazil.confirm("sub-1", at=AT)
    brazil.pause("sub-1", None, by=BRAZIL, at=AT + timedelta(minutes=20))  # a pause that withdrew nothing
    brazil.resume("sub-1", not catch_up, by=BRAZIL, at=AT + timedelta(minutes=40))
    brazil.suspend("sub-1", "It refuses.", AT + timedelta(hours=1))
    (stopped,) = rules.fan_out(brazil, "publications", 1, vars(matter()), AT, AT)
    outcome = rules.deliveries.hindered(stopped, brazil)
    assert (outcome.stopped, outcome.stopped_since) == (stopped.stopped, stopped.stopped_since) == ("suspended", AT + timedelta(hours=1))
    assert (stopped.state, stopped.stopped, stopped.due) == ("given_up", "suspended", None)
    assert rules.fan_out(brazil, "publications", 2, vars(matter()), AT + timedelta(hours=2), AT) == []
    brazil.resume("sub-1", catch_up, by=BRAZIL, at=AT + timedelta(hours=3))
    over = AT + timedelta(hours=4)
    assert rules.deliveries.after_silence(stopped, brazil, over, over) is None
    brazil.confirm("sub-1", at=over)
    brazil.pause("sub-1", None, by=BRAZIL, at=over)  # nor does any later pause ask for it, or turn it away
    brazil.resume("sub-1", not catch_up, by=BRAZIL, at=over + timedelta(hours=1))
    going = rules.deliveries.after_silence(stopped, brazil, over, over)
    assert (going.state, going.due, going.stopped) == (("queued", over, None) if catch_up else ("given_up", None, None))


@pytest.mark.parametrize("replay", [None, "replay-0123456789ab"])
def test_what_is_made_for_a_paused_subscription_is_kept_back_at_once(brazil, replay):
    subscription, paused = by_mail(brazil), AT + timedelta(hours=1)
    brazil.confirm("sub-1", at=AT)
    brazil.pause("sub-1", None, by=BRAZIL, at=paused)
    told = ("publications", 1, vars(matter()), AT, AT)
    (fanned_out,) = rules.fan_out(brazil, *told)
    made = rules.bring_late(brazil, subscription, *told, hour=paused, replay=replay)
    for each in (fanned_out, made):
        assert (each.state, each.due, each.stopped, each.why_code) == ("held", None, "paused", "subscription-paused")
    brazil.resume("sub-1", by=BRAZIL, at=paused)
    going = rules.deliveries.after_silence(made, brazil, paused, paused)
    assert (going.id, going.state, going.due, going.why_code) == (made.id, "queued", paused, None)


def test_whose_deliveries():
    assert rules.whose(SECRETARIAT, None) is None
    assert rules.whose(BRAZIL, None) == "BRAZIL"
    assert rules.whose(BRAZIL, "PERU") == "PERU"  # which Peru then refuses to show
    with pytest.raises(Refusal):
        rules.whose(NOBODY, None)


def test_the_summary_counts_every_delivery_once():
    counted = [
        {"channel": "mail", "subscriber": "BRAZIL", "state": "sent", "count": 3},
        {"channel": "mail", "subscriber": "PERU", "state": "given_up", "count": 1},
        {"channel": "amqp", "subscriber": "PERU", "state": "retrying", "count": 2},
        {"channel": "amqp", "subscriber": "PERU", "state": "queued", "count": 4},
    ]
    assert rules.summary(counted) == {
        "sent": 3,
        "failed": 1,
        "waiting": 6,
        "by_channel": {"mail": {"sent": 3, "failed": 1, "waiting": 0}, "amqp": {"sent": 0, "failed": 0, "waiting": 6}},
        "by_mission": {"BRAZIL": {"sent": 3, "failed": 0, "waiting": 0}, "PERU": {"sent": 0, "failed": 1, "waiting": 6}},
    }


@given(st.text(printable, max_size=40))
def test_any_text_as_a_webhook_is_taken_or_refused_and_never_breaks(text):
    try:
        taken = webhook_address(text, allow_private=False)
    except Refusal:
        return
    assert taken.startswith(("https://", "HTTPS://"))


def test_what_ended_is_told_to_no_order_that_comes_again(brazil):
    queue = by_queue(brazil)
    brazil.fetch_queue("sub-q", "order-1", by=BRAZIL, at=AT)
    queue.must_be_told_to("order-1")
    brazil.suspend("sub-q", "Nobody reads it.", AT)
    with pytest.raises(Refusal) as refused:
        queue.must_be_told_to("order-1")
    assert refused.value.rule == "subscription-confirmed"
    brazil.unsubscribe("sub-q", by=BRAZIL, at=AT)
    with pytest.raises(Refusal) as refused:
        queue.must_be_told_to("order-1")
    assert (refused.value.rule, queue.secret_by) == ("subscription-ended", None)


def test_one_delivery_is_tried_anew_so_often_and_no_more(brazil):
    by_mail(brazil)
    brazil.confirm("sub-1", at=AT)
    given_up = delivery("given_up")

    def again(number: int, at: datetime) -> Refusal | None:
        given_up.state = "given_up"
        try:
            given_up.send_again(by=BRAZIL, owner=brazil, cause=f"order-{number}", at=at, now=at)
        except Refusal as refusal:
            assert given_up.state == "given_up"
            return refusal
        return None

    minute = timedelta(minutes=1)
    assert again(0, AT) is None
    soon = again(1, AT + minute / 2)
    assert (soon.rule, soon.accepted) == ("again-too-soon", f"to order it again from {written(AT + minute)} on")
    assert [again(n, AT + n * minute) for n in range(1, 5)] == [None] * 4
    often = again(5, AT + 30 * minute)
    assert (often.rule, often.accepted) == ("again-too-soon", f"to order it again from {written(AT + 60 * minute)} on")
    assert again(5, AT + 60 * minute) is None
    assert [again(n, AT + n * timedelta(hours=1)) for n in range(6, 40)] == [None] * 34
    assert [earlier["cause"] for earlier in given_up.again] == [f"order-{n}" for n in range(20, 40)]
