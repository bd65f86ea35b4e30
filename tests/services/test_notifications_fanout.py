"""The way of a matter on the real store, step by step and in any order: batches, kills, ticks, attempts. The broker is played, so that a
test can die at any point of a batch."""

import copy
import itertools
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

import mongoengine
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo.collection import Collection

from messaging import store as messaging_store
from messaging.context import Arrived, Cause, now
from services.kernel import Actor, Composition, Membership, Refusal, utc
from services.kernel.actor import SYSTEM_ACTOR
from services.notifications import fanning, rules, store
from services.notifications.channels import Parcel, Undelivered
from services.notifications.channels.queue import PATIENCE_SECONDS
from services.notifications.rules import reasons
from services.notifications.rules.inbox import Inbox
from services.notifications.rules.reasons import Why
from services.notifications.service import briefings
from services.notifications.store.clock import ClockDocument
from services.notifications.store.fanouts import CLAIM_SECONDS
from services.notifications.store.inboxes import FEED_BYTES, Inboxes
from services.notifications.store.matters import PAGE_BYTES

AT = utc(2014, 9, 15, 9)
DAY = timedelta(days=1)
SECRETARIAT = Actor("amina", "UNODC", frozenset({"secretariat"}))
WORDS = {"title": {"en": "A title", "fr": "Un titre"}, "summary": {"en": "s", "fr": "s"}, "pillars": [], "data": {}}
STATEMENT, PAPER = {"kind": "statement_issued", **WORDS}, {"kind": "published", **WORDS}
READERS = [f"R{number}" for number in range(8)]
DIGESTS = {code: {"rhythm": "daily", "hour": "08:00"} for code in READERS[3:5]}
QUIET = {READERS[5]: {"quiet_from": "08:00", "quiet_until": "10:00"}}


class Killed(BaseException):
    """The process ended here."""


class Wire:
    """Takes what goes to queues. ``dies``: after how many more messages the process does, None for never."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()
        self.dies: int | None = None
        self.full: set[str] = set()

    def send(self, parcels: list[Parcel]) -> list[Undelivered | None]:
        for parcel in parcels:
            if self.dies is not None and self.dies <= 0:
                raise Killed
            self.dies = None if self.dies is None else self.dies - 1
            self.taken[parcel.id] += parcel.target not in self.full
        if self.dies is not None:
            raise Killed  # all were taken, and none is on record
        return [Undelivered(Why(reasons.QUEUE_REFUSED, {"longest": 3})) if parcel.target in self.full else None for parcel in parcels]

    def close(self) -> None:
        """There is no connection."""


@pytest.fixture(scope="module")
def connected(house) -> Iterator[None]:
    documents = [
        *(store.MatterDocument, store.DeliveryDocument, store.FanoutDocument, store.NoteDocument, store.SecretDocument, ClockDocument),
        *(messaging_store.JournalEntry, messaging_store.Kept),
        *(store.subscribers.document, store.topics.document, store.attendances.document),
    ]

    def forget() -> None:
        mongoengine.disconnect_all()
        for document in documents:
            document._collection = None

    house.start("store")
    house.wait_ready("store")
    forget()
    messaging_store.connect(house.mongo_uri("fanning"))
    store.ensure_indexes()
    messaging_store.ensure_indexes((store.subscribers, store.topics, store.attendances))
    yield
    forget()


def cause(name: str) -> Cause:
    return Cause(id=name, by=SYSTEM_ACTOR, at=AT - DAY, correlation=name)


class House:
    """What a platform with eight readers would do: three by queue, two by daily digest, one by mail in quiet hours, one by mail that wants
    statements alone, and one with the inbox, to whom nothing is brought."""

    def __init__(self) -> None:
        database = mongoengine.get_db()
        names = ("subscribers", "topics", "attendances", "matters", "deliveries", "fanouts", "notes", "projections", "journal", "clock")
        for name in names:
            database[name].delete_many({})
        store.Matters.numbered.cache_clear()
        self.wire, self.number, self.instant = Wire(), 0, AT
        self.sent: Counter[str] = Counter()
        self.began: dict[str, datetime] = {}
        self.fanner = fanning.Fanner(self.wire, lambda: None)
        for code in READERS:
            channel = "amqp" if code in READERS[:3] else "inbox" if code == READERS[7] else "mail"
            topics = ["statements"] if code == READERS[6] else ["publications", "statements"]
            self.admit(code, channel, topics, DIGESTS.get(code) or QUIET.get(code))

    def admit(self, code: str, channel: str, topics: list[str], schedule: dict | None) -> None:
        mission = Actor(code, code, frozenset({"mission"}))

        def make() -> rules.Subscriber:
            reader = rules.Subscriber.admit(code, code, "mission", "en", by=SECRETARIAT, at=AT - DAY)
            target = f"{code.lower()}@mission.example" if channel == "mail" else ""
            known = {"by": mission, "at": AT - DAY, "queue_part": "8c1f" * 8}
            reader.subscribe(f"sub-{code}", channel, target, topics, schedule=schedule, **known)
            reader.confirm(f"sub-{code}", at=AT - DAY)
            return reader

        store.subscribers.create(code, cause(f"admit {code}"), make)

    def announce(self, topic: str = "publications", times: int = 1) -> None:
        self.number += 1
        number = self.number
        matter = PAPER if topic == "publications" else STATEMENT
        for _ in range(times):
            store.matters.keep(topic, number, {**matter, "at": self.instant}, self.instant)
            store.fanouts.of_matter(topic, number, self.instant, rules.priority_of(topic, matter))
        self.began.setdefault(f"{topic}/{number}", self.instant)

    def batch(self) -> bool:
        return bool(self.fanner.round())

    def killed_batch(self, after: int) -> None:
        """A batch in the middle of which the process dies; another takes over once the claim has run out."""
        self.wire.dies = after
        keep, store.fanouts.save = store.fanouts.save, _die
        try:
            self.fanner.round()
        except Killed:
            pass
        finally:
            store.fanouts.save, self.wire.dies = keep, None
        past = now() - timedelta(seconds=1)
        store.fanouts.collection.update_many({"claimed_until": {"$exists": True}}, {"$set": {"claimed_until": past}})
        self.fanner = fanning.Fanner(self.wire, lambda: None)
        store.readers._walks.clear()

    def tick(self, hours: int) -> None:
        self.instant += timedelta(hours=hours)
        store.deliveries.release(self.instant, now())
        store.deliveries.release(self.instant, now())

    def attempt(self, fail: bool) -> None:
        """The senders try what is due: it must have been let go, and by the instants of the platform."""
        for channel in ("mail", "amqp"):
            for one in store.deliveries.claim(channel, 50, 60):
                if fail:
                    outcome = rules.after_failure(1, "It failed.", now() - timedelta(days=1), 0.0)
                else:
                    outcome = rules.after_success(now())
                    self.sent[one.delivery.id] += 1
                for item in one.delivery.items:
                    assert store.deliveries.load(f"{item.replace('/', '_')}_{one.delivery.subscriber}_{one.delivery.subscription}")
                self.must_not_be_early(one.delivery)
                store.deliveries.settle(one, outcome)

    def must_not_be_early(self, delivery: rules.Delivery) -> None:
        if delivery.subscriber in DIGESTS:
            assert delivery.purpose == "digest"
            assert delivery.announced_at <= self.instant
        if delivery.subscriber in QUIET and delivery.topic == "publications":
            hour = self.instant.hour
            assert not 8 <= self.began[f"publications/{delivery.number}"].hour < 10 or hour >= 10 or self.instant - AT >= DAY

    def finish(self) -> None:
        while self.batch():
            pass
        for _ in range(4):
            self.tick(24)
            self.attempt(fail=False)
            self.attempt(fail=False)


def _die(*_: object, **__: object) -> None:
    raise Killed


STEPS = st.one_of(
    st.tuples(st.just("announce"), st.sampled_from(["publications", "statements"]), st.integers(1, 2)),
    st.tuples(st.just("batch")),
    st.tuples(st.just("killed_batch"), st.integers(0, 4)),
    st.tuples(st.just("tick"), st.integers(1, 20)),
    st.tuples(st.just("attempt"), st.booleans()),
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=st.lists(STEPS, min_size=3, max_size=14), part=st.integers(1, 3), turn=st.sampled_from([0.0, 0.5]))
def test_whatever_the_order_of_things_each_subscription_gets_each_matter_once(connected, steps, part, turn):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fanning, "PART", part)
        patch.setattr(fanning, "TURN_SECONDS", turn)
        house = House()
        for name, *arguments in steps:
            getattr(house, name)(*arguments)
        house.finish()

    records = list(store.deliveries.collection.find())
    matters = Counter((r["subscriber"], r["topic"], r["number"]) for r in records if r["purpose"] == "matter")
    wanted = {
        (code, *item.split("/")) for item in house.began for code in READERS[:7] if code != READERS[6] or item.startswith("statements")
    }
    assert {(code, topic, str(number)) for code, topic, number in matters} == wanted
    assert set(matters.values()) <= {1}
    assert {r["state"] for r in records} <= {"sent"}
    held = Counter((r["subscriber"], item) for r in records if r["purpose"] == "digest" for item in r["items"])
    assert held == {(code, item): 1 for code in DIGESTS for item in house.began}
    assert set(house.sent.values()) <= {1}, "nobody who settles an attempt tries again"
    on_queues = {f"{item.replace('/', '_')}_{code}_sub-{code}" for item in house.began for code in READERS[:3]}
    assert set(house.wire.taken) == on_queues


def version(revision: int, **more: str) -> Arrived:
    """The news of one briefing's announcement, or of a change of it."""
    told = {"briefing": "b", "uid": "b@icat", "revision": revision, "title": "A consultation", "kind": "consultation", "on_margins_of": ""}
    told |= {"starts_at": AT + 9 * DAY, "ends_at": AT + 10 * DAY, "place": "New York" if revision else "Geneva", "agenda": [], "papers": []}
    told |= {"pillars": [], "capacity": None, "reply_by": None, "reason": "r"}
    return Arrived(f"b-{revision}", SYSTEM_ACTOR, AT + timedelta(hours=revision), data=told)


def hear(revision: int) -> None:
    briefings.hear("briefing_changed" if revision else "briefing_announced", version(revision))


def fan_out_all() -> list[str]:
    """What was announced and is not kept yet is kept, to be fanned out; its ids."""
    told = [event["data"] for event in store.topics.history("briefings")]
    for each in told[store.matters.collection.count_documents({}) :]:
        at = AT + timedelta(hours=each["matter"]["data"]["revision"])
        store.matters.keep("briefings", each["number"], each["matter"], at)
        store.fanouts.of_matter("briefings", each["number"], at, rules.priority_of("briefings", each["matter"]))
    return [f"briefings_{each['number']}" for each in told]


def test_the_numbers_of_a_briefing_follow_its_versions_in_whichever_order_they_are_heard(connected, monkeypatch):
    House()
    overtaken, asked = briefings.overtaken, itertools.count()

    def meanwhile(told):
        answer = overtaken(told)
        if next(asked) == 0:  # between the question and the write another copy is told of the change
            hear(1)
        return answer

    monkeypatch.setattr(briefings, "overtaken", meanwhile)
    hear(0)
    hear(2)
    for late in (1, 0, 2):
        hear(late)
    events = store.topics.history("briefings")
    assert [(e["data"]["number"], e["data"]["matter"]["data"]["revision"]) for e in events] == [(1, 1), (2, 2)]


def test_an_older_version_of_a_briefing_is_brought_before_the_newer_one_or_not_at_all(connected):
    house = House()
    house.admit("QUEUE", "amqp", ["briefings"], None)
    hear(0)
    fan_out_all()
    claimed = store.fanouts.claim()  # another copy is at it, and still has to publish
    hear(1)
    newer = fan_out_all()[1]
    house.batch()
    assert not house.wire.taken, "the newer one waits for a batch that is being done"
    store.fanouts.save(claimed, {}, done=False)
    store.fanouts.collection.update_many({"due": {"$exists": True}}, {"$set": {"due": now()}})
    while house.batch():
        pass
    assert set(house.wire.taken) == {f"{newer}_QUEUE_sub-QUEUE"}
    span = {"topic": "briefings", "after": 0, "until": 2}
    store.fanouts.to_subscription("replay-0123456789ab", "QUEUE", "sub-QUEUE", [span], house.instant, replay="replay-0123456789ab")
    house.batch()
    assert set(house.wire.taken) == {f"{newer}_QUEUE_sub-QUEUE", f"{newer}_QUEUE_sub-QUEUE_r0123456789ab"}


@pytest.mark.parametrize("schedule", [None, {"rhythm": "daily", "hour": "08:00"}])
def test_what_waits_to_be_sent_is_overtaken_by_a_newer_version_of_its_briefing(connected, schedule):
    house = House()
    house.admit("MAIL", "mail", ["briefings"], schedule)
    for revision in (0, 1):
        hear(revision)
        older, newer = (fan_out_all() * 2)[:2]
        while house.batch():
            pass
    if schedule:
        house.tick(24)
    (sent,) = store.deliveries.claim("mail", 50, 60)
    assert (sent.delivery.items or [sent.delivery.id]) == (["briefings/2"] if schedule else [f"{newer}_MAIL_sub-MAIL"])
    gone = store.deliveries.load(f"{older}_MAIL_sub-MAIL")
    assert (gone.state, gone.why_code) == ("given_up", "overtaken")
    with pytest.raises(Refusal) as refused:
        store.send_again(gone.id, Cause(id="again", by=SECRETARIAT, at=house.instant, correlation="again"))
    assert refused.value.rule == "overtaken"


def test_who_ended_keeps_no_place_whenever_its_reply_was_written(connected):
    House().admit("QATAR", "inbox", ["briefings"], None)
    hear(0)
    qatar, minute = Actor("desk", "QATAR", frozenset({"mission"})), timedelta(minutes=1)

    def reply(guest: rules.Subscriber, at: datetime) -> None:
        store.attendances.change("b", cause(f"reply {at}"), lambda a: a.reply(guest, "yes", ["A", "B"], by=qatar, at=at))

    def ends(at: datetime) -> None:
        store.subscribers.change("QATAR", cause(f"end {at}"), lambda s: s.end("Left.", by=SECRETARIAT, at=at))

    def heard(kind: str) -> str:
        """What QATAR has when all that happened of a kind was heard of."""
        aggregates, id = (store.attendances, "b") if kind == "briefing_replied" else (store.subscribers, "QATAR")
        for event in aggregates.history(id):
            if event["type"].split(".")[2] == kind:
                getattr(briefings.Hosting, kind)(None, aggregates.heard(event))
        return store.attendances.load("b").aggregate.replies[0].place

    as_it_was = store.guest("QATAR")
    ends(AT + minute)
    reply(as_it_was, AT + minute - timedelta(milliseconds=5))  # an order that had read it before
    assert heard("briefing_replied") == "none"

    known = {"kind": "mission", "language": "en", "by": SECRETARIAT}
    store.subscribers.change("QATAR", cause("again"), lambda s: s.admit_known("QATAR", at=AT + 2 * minute, **known))
    reply(as_it_was, AT + 3 * minute)
    assert heard("briefing_replied") == heard("subscriber_ended") == "given"
    ends(AT + 4 * minute)
    store.subscribers.change("QATAR", cause("once more"), lambda s: s.admit_known("QATAR", at=AT + 5 * minute, **known))
    assert heard("subscriber_ended") == "none", "though it was admitted again before its end was heard of"


def test_those_a_briefing_is_for_are_counted_without_structuring_whole_aggregates(connected, monkeypatch):
    house = House()
    for code, topics in (("QATAR", ["briefings"]), ("PERU", ["briefings", "publications"])):
        house.admit(code, "mail", topics, None)
    hear(0)
    attendance = store.attendances.load("b").aggregate
    monkeypatch.setattr(store.subscribers, "_saved", _die)  # ten times as long for each of them
    assert sorted(store.attendances.invited(attendance)) == ["PERU", "QATAR"]
    assert {reader.code for reader in store.readers.wanting("publications")} == {*READERS, "PERU"} - {READERS[6]}


def test_a_turn_whose_every_part_the_broker_keeps_waiting_ends_before_its_claim(connected):
    house, longest = House(), fanning.PART * 3
    for _ in range(longest):
        house.announce()
    store.fanouts.collection.update_many({}, {"$unset": {"due": ""}})  # they were fanned out before
    code, span = READERS[0], {"topic": "publications", "after": 0, "until": longest}
    store.fanouts.to_subscription("replay-1", code, f"sub-{code}", [span], house.instant, replay="replay-1")
    parts: list[int] = []
    house.wire.send = lambda parcels: parts.append(len(parcels)) or [None] * len(parcels)
    house.batch()
    assert 0 < sum(parts) < longest
    assert len(parts) * PATIENCE_SECONDS < CLAIM_SECONDS


def test_a_statement_passes_what_waits_and_matters_get_on_side_by_side(connected, monkeypatch):
    monkeypatch.setattr(fanning, "PART", 3)
    monkeypatch.setattr(fanning, "TURN_SECONDS", 0)
    house = House()
    house.announce()
    house.announce()
    house.batch()
    house.announce("statements")
    order: list[str] = []
    claim = store.fanouts.claim
    monkeypatch.setattr(store.fanouts, "claim", lambda: _noted(claim(), order))
    house.finish()
    statements = list(itertools.takewhile(lambda id: id.startswith("statements"), order))
    assert len(statements) == order.count("statements_3") >= 3
    assert order[len(statements) :][:3] == ["publications_2", "publications_1", "publications_2"]


def _noted(fanout, order: list[str]):
    if fanout is not None:
        order.append(fanout.id)
    return fanout


def test_what_a_sender_claims_first_is_the_most_urgent(connected):
    house = House()
    house.announce()
    while house.batch():
        pass
    house.announce("statements")
    while house.batch():
        pass
    house.tick(24)
    (digests, quiet) = (READERS[3:5], READERS[5])
    claimed = [c.delivery for c in store.deliveries.claim("mail", 50, 60)]
    assert [d.priority for d in claimed] == sorted(d.priority for d in claimed)
    assert {d.subscriber for d in claimed[:2]} == {quiet, READERS[6]}
    assert {d.subscriber for d in claimed if d.purpose == "digest"} == set(digests)


def test_a_paused_subscription_is_kept_back_and_a_suspended_one_loses_what_waits(connected):
    house = House()
    house.announce("statements")
    house.wire.full = {store.subscribers.load("R0").aggregate.subscriptions[0].target}
    while house.batch():
        pass
    code, quiet = READERS[6], READERS[5]
    mission = Actor(code, code, frozenset({"mission"}))
    store.subscribers.change(code, cause("pause"), lambda s: s.pause(f"sub-{code}", None, by=mission, at=AT))
    store.subscribers.change(quiet, cause("suspend"), lambda s: s.suspend(f"sub-{quiet}", "It refuses.", AT))
    assert store.deliveries.claim("mail", 50, 60) == []
    kept_back = store.deliveries.load(f"statements_1_{code}_sub-{code}")
    lost = store.deliveries.load(f"statements_1_{quiet}_sub-{quiet}")
    assert (kept_back.state, kept_back.due, kept_back.attempts) == ("held", None, 0)
    assert (lost.state, lost.why) == ("given_up", "The subscription is suspended: It refuses.")
    assert (kept_back.why_code, lost.why_code) == ("subscription-paused", "subscription-suspended")
    refused = store.deliveries.load("statements_1_R0_sub-R0")
    assert (refused.state, refused.why_code) == ("retrying", "queue-refused")
    store.subscribers.change(code, cause("resume"), lambda s: s.resume(f"sub-{code}", by=mission, at=AT))
    store.deliveries.resume(f"sub-{code}", now())
    assert [c.delivery.id for c in store.deliveries.claim("mail", 50, 60)] == [kept_back.id]
    assert store.deliveries.load(kept_back.id).why_said is None


@pytest.mark.parametrize("catch_up", [True, False])
def test_what_was_on_its_way_when_a_subscription_was_suspended_comes_with_its_catch_up_alone(connected, catch_up):
    house, code = House(), READERS[6]
    mission = Actor(code, code, frozenset({"mission"}))
    withdrawn, late = f"statements_1_{code}_sub-{code}", f"statements_2_{code}_sub-{code}"
    house.announce("statements")
    while house.batch():
        pass
    house.announce("statements")  # its fan-out finds the subscription suspended
    store.subscribers.change(code, cause("suspend"), lambda s: s.suspend(f"sub-{code}", "It refuses.", AT + timedelta(hours=1)))
    why = Why(reasons.IS_SUSPENDED, {"because": "It refuses."})
    store.deliveries.withdraw(f"sub-{code}", why, since=AT + timedelta(hours=1))
    while house.batch():
        pass
    house.tick(2)
    assert {store.deliveries.load(id).state for id in (withdrawn, late)} == {"given_up"}
    resumed = AT + timedelta(hours=3)
    store.subscribers.change(code, cause("resume"), lambda s: s.resume(f"sub-{code}", catch_up, by=mission, at=resumed))
    store.subscribers.change(code, cause("confirm"), lambda s: s.confirm(f"sub-{code}", at=resumed))
    house.instant = AT + timedelta(hours=2)
    house.announce("statements")  # the news of it comes after it was resumed, and tells of what fell into the silence
    while house.batch():
        pass
    house.tick(2)
    house.tick(2)
    missed = f"statements_3_{code}_sub-{code}"
    claimed = {c.delivery.id for c in store.deliveries.claim("mail", 50, 60) if c.delivery.subscriber == code}
    assert claimed == ({withdrawn, late, missed} if catch_up else set())
    assert store.deliveries.collection.count_documents({"stopped": {"$exists": True}}) == 0


def test_a_resume_that_overtakes_the_sender_leaves_nothing_held(connected):
    house, code = House(), READERS[6]
    mission = Actor(code, code, frozenset({"mission"}))
    house.announce("statements")
    while house.batch():
        pass
    store.subscribers.change(code, cause("pause"), lambda s: s.pause(f"sub-{code}", None, by=mission, at=AT))
    named = store.readers.named

    def overtaken(codes):
        owners = named(codes)
        if code in owners and owners[code].subscriptions[0].paused_at is not None:
            store.subscribers.change(code, cause("resume"), lambda s: s.resume(f"sub-{code}", by=mission, at=AT + DAY))
            store.deliveries.resume(f"sub-{code}", now())
        return owners

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store.readers, "named", overtaken)
        assert code not in {c.delivery.subscriber for c in store.deliveries.claim("mail", 50, 60)}
    assert store.deliveries.load(f"statements_1_{code}_sub-{code}").state == "held"
    house.tick(1)
    assert code in {c.delivery.subscriber for c in store.deliveries.claim("mail", 50, 60)}


def test_a_resume_that_overtakes_the_sender_of_a_digest_leaves_it_to_the_clock(connected, monkeypatch):
    house, code = House(), READERS[3]
    mission = Actor(code, code, frozenset({"mission"}))
    house.announce()
    while house.batch():
        pass
    store.subscribers.change(code, cause("pause"), lambda s: s.pause(f"sub-{code}", None, by=mission, at=AT))
    house.tick(24)
    withheld = store.deliveries._withheld

    def overtaken(claimed):
        store.subscribers.change(code, cause("resume"), lambda s: s.resume(f"sub-{code}", by=mission, at=house.instant))
        store.deliveries.resume(f"sub-{code}", now())
        store.deliveries.after_silences(house.instant, now(), f"sub-{code}")
        return withheld(claimed)

    with monkeypatch.context() as patch:
        patch.setattr(store.deliveries, "_withheld", overtaken)
        assert code not in {c.delivery.subscriber for c in store.deliveries.claim("mail", 50, 60)}
    house.tick(1)
    house.attempt(fail=False)
    assert {record["state"] for record in store.deliveries.collection.find({"subscriber": code})} == {"sent"}


def test_a_change_of_topics_takes_away_nothing_that_was_announced_before(connected):
    house, code = House(), READERS[0]
    mission = Actor(code, code, frozenset({"mission"}))
    house.announce()
    store.subscribers.change(code, cause("change"), lambda s: s.change(f"sub-{code}", ["statements"], by=mission, at=AT + DAY))
    while house.batch():
        pass
    assert house.wire.taken[f"publications_1_{code}_sub-{code}"] == 1


def test_what_comes_late_for_its_digest_goes_into_the_next(connected):
    house = House()
    house.announce()
    while house.batch():
        pass
    first_instant = house.instant
    house.tick(24)
    house.instant, later = first_instant, house.instant
    house.announce()  # its event was long on its way
    house.instant = later
    while house.batch():
        pass
    house.tick(1)
    code = READERS[3]
    late = store.deliveries.load(f"publications_2_{code}_sub-{code}")
    assert (late.state, late.digest) == ("held", f"digest_sub-{code}_20140917T0800Z")
    house.finish()
    digests = store.deliveries.collection.find({"purpose": "digest", "subscriber": code}).sort("announced_at", 1)
    assert [d["items"] for d in digests] == [["publications/1"], ["publications/2"]]
    assert store.deliveries.load(late.id).state == "sent"


def test_a_digest_that_is_sent_before_what_it_holds_was_let_go_leaves_nothing_held(connected):
    house, code = House(), READERS[3]
    house.announce()
    while house.batch():
        pass
    house.instant = AT + DAY
    let_go = store.deliveries._let_go

    def overtaken(*arguments, **more) -> None:
        house.attempt(fail=False)
        let_go(*arguments, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store.deliveries, "_let_go", overtaken)
        store.deliveries.release(house.instant, now())
    assert house.sent[f"digest_sub-{code}_20140916T0800Z"] == 1
    assert store.deliveries.load(f"publications_1_{code}_sub-{code}").state == "sent"
    house.tick(24)
    assert store.deliveries.collection.count_documents({"subscriber": code, "state": "held"}) == 0


def test_a_digest_of_too_much_goes_out_in_parts_at_once(connected, monkeypatch):
    monkeypatch.setattr(rules.deliveries, "MOST_IN_DIGEST", 2)
    house, code = House(), READERS[3]
    for _ in range(5):
        house.announce()
    while house.batch():
        pass
    house.tick(24)
    first = f"digest_sub-{code}_20140916T0800Z"
    parts = {d["_id"]: d["items"] for d in store.deliveries.collection.find({"purpose": "digest", "subscriber": code})}
    assert parts == {
        first: ["publications/1", "publications/2"],
        f"{first}_2": ["publications/3", "publications/4"],
        f"{first}_3": ["publications/5"],
    }
    house.attempt(fail=False)
    assert store.deliveries.collection.count_documents({"subscriber": code, "state": {"$ne": "sent"}}) == 0


def test_what_an_order_came_too_late_for_is_brought_once_when_its_fan_out_has_passed(connected, monkeypatch):
    monkeypatch.setattr(fanning, "MISSING", timedelta(0))
    house, code = House(), READERS[0]
    mission, came = Actor(code, code, frozenset({"mission"})), f"publications_1_{READERS[0]}_sub-{READERS[0]}"
    store.subscribers.change(code, cause("pause"), lambda s: s.pause(f"sub-{code}", None, by=mission, at=AT - DAY))
    house.announce()
    passing = store.fanouts.claim()  # another copy is at it, and has read who asks for it
    store.subscribers.change(code, cause("resume"), lambda s: s.resume(f"sub-{code}", by=mission, at=AT))
    span = {"topic": "publications", "after": 0, "until": 1}
    store.fanouts.to_subscription("since-1", code, f"sub-{code}", [span], AT, since=AT)
    house.batch()
    assert not house.wire.taken, "it may yet be brought on its own way"
    store.fanouts.save(passing, {}, done=True)
    while house.batch():
        pass
    assert house.wire.taken == {came: 1}
    assert store.deliveries.load(came).state == "sent"


def test_a_matter_of_which_no_news_comes_holds_up_no_other_for_ever(connected, monkeypatch):
    monkeypatch.setattr(fanning, "MISSING", timedelta(0))
    house, code = House(), READERS[0]
    for number in (1, 3):
        store.matters.keep("publications", number, {**PAPER, "at": AT}, AT)
    store.matters.keep("statements", 1, {**STATEMENT, "at": AT}, AT)
    spans = [{"topic": "publications", "after": 0, "until": 3}, {"topic": "statements", "after": 0, "until": 1}]
    store.fanouts.to_subscription("resumed-1", code, f"sub-{code}", spans, AT + DAY, since=AT - DAY)
    for _ in range(3):
        house.batch()
    assert set(house.wire.taken) == {f"publications_1_{code}_sub-{code}", f"statements_1_{code}_sub-{code}"}
    for _ in range(fanning.MOST_MISSED + 2):
        house.batch()
    assert house.wire.taken[f"publications_3_{code}_sub-{code}"] == 1
    assert store.fanouts.standing(["resumed-1"])["resumed-1"]["done"]


def test_an_inbox_that_is_paused_stays_where_it_was_until_it_goes_on(connected):
    House()
    code = READERS[7]
    mission = Actor(code, code, frozenset({"mission"}))
    topics = mongoengine.get_db()["topics"]

    def announce(number: int, at: datetime) -> None:
        store.matters.keep("publications", number, {**PAPER, "at": at}, at)
        topics.update_one({"_id": "publications"}, {"$set": {"state.last": number}}, upsert=True)

    def inbox() -> Inbox:
        return Inbox(store.subscribers.load(code).aggregate, AT + DAY)

    announce(1, AT)
    position = store.inboxes.after(inbox(), "", 10)["position"]
    store.subscribers.change(code, cause("pause"), lambda s: s.pause(f"sub-{code}", None, by=mission, at=AT + timedelta(hours=1)))
    announce(2, AT + timedelta(hours=2))
    silent = store.inboxes.after(inbox(), position, 10)
    assert (silent["items"], silent["position"], silent["next"]) == ([], position, None)
    assert str(store.inboxes.position(inbox())) == "publications-1.statements-0.n-0"
    store.subscribers.change(code, cause("resume"), lambda s: s.resume(f"sub-{code}", True, by=mission, at=AT + timedelta(hours=3)))
    assert [item["number"] for item in store.inboxes.after(inbox(), position, 10)["items"]] == [2]


def test_a_page_ends_where_it_would_grow_too_large_and_the_next_goes_on(connected):
    House()
    inbox = Inbox(store.subscribers.load(READERS[7]).aggregate, AT + DAY)
    half = {**PAPER, "at": AT, "data": {"abstract": "会" * (PAGE_BYTES // 7)}}
    for number, matter in enumerate([half, half, half, {**half, "data": {"abstract": "x" * 2 * PAGE_BYTES}}, half], 1):
        store.matters.keep("publications", number, matter, AT)
    mongoengine.get_db()["topics"].insert_one({"_id": "publications", "state": {"last": 5}})
    pages, after = [], 0
    while after is not None:
        pages.append(store.matters.since("publications", after, 10))
        after = pages[-1]["next"]
    assert [[item["number"] for item in page["items"]] for page in pages] == [[1, 2], [3], [4], [5]]

    read = [store.inboxes.after(inbox, "", 10)]
    while read[-1]["next"] is not None:
        read.append(store.inboxes.after(inbox, read[-1]["next"], 10))
    assert [[item["number"] for item in page["items"]] for page in read] == [[1, 2], [3], [4], [5]]
    assert [item["position"] for item in read[0]["items"]] == ["publications-1.n-0", "publications-2.n-0"]
    newest = [store.inboxes.page(inbox, None, 10)]
    while newest[-1]["next"] is not None:
        newest.append(store.inboxes.page(inbox, newest[-1]["next"], 10))
    assert [[item["number"] for item in page["items"]] for page in newest] == [[5], [4], [3, 2], [1]]

    for number in range(6, 40):
        store.matters.keep("publications", number, half, AT + timedelta(minutes=number))
    shown = [told["number"] for told in store.newest_of(["publications"], lambda *_: True, 100)]
    assert shown == list(range(39, 39 - len(shown), -1))
    assert 3 * FEED_BYTES / 4 < len(shown) * PAGE_BYTES * 3 / 7 < FEED_BYTES


def test_a_look_into_an_inbox_asks_the_store_no_more_often_the_more_there_is_that_it_never_asked_for(connected, monkeypatch):
    House()
    owner, inboxes, asked = store.subscribers.load(READERS[7]).aggregate, Inboxes(), []
    (subscription,) = owner.subscriptions
    subscription.topics, subscription.places = ["briefings"], ["Geneva"]
    last = 0

    def tell(briefing: str, revision: int, place: str) -> None:
        nonlocal last
        last += 1
        kind = "briefing_changed" if revision else "briefing_announced"
        data = {"briefing": briefing, "revision": revision, "kind": "consultation", "place": place}
        store.matters.keep("briefings", last, {**PAPER, "kind": kind, "at": AT, "data": data}, AT + timedelta(minutes=last))
        mongoengine.get_db()["topics"].update_one({"_id": "briefings"}, {"$set": {"state.last": last}}, upsert=True)

    def look(since: str) -> dict:
        asked.clear()
        return inboxes.after(Inbox(owner, AT + DAY), since, 100)

    find = Collection.find
    monkeypatch.setattr(Collection, "find", lambda self, *args, **more: asked.append(self.name) or find(self, *args, **more))
    for number in range(40):
        for revision in range(3):
            tell(f"b{number}", revision, "Geneva" if (number, revision) == (7, 0) else "New York")
    mongoengine.get_db()["attendances"].insert_one({"_id": "b9", "state": {"replies": [{"subscriber": READERS[7], "attending": "yes"}]}})
    first = look("")
    assert [(item["matter"]["data"]["briefing"], item["matter"]["data"]["revision"]) for item in first["items"]] == [
        *(("b7", revision) for revision in (0, 1, 2)),  # asked for at first, and so told of where it moved
        *(("b9", revision) for revision in (1, 2)),  # a guest of which it is, wherever it moves
    ]
    assert first["unread"] == 5
    assert len(asked) < 20
    assert inboxes.page(Inbox(owner, AT + DAY), None, 100)["items"][::-1] == [{**item, "position": None} for item in first["items"]]
    again = look(first["position"])
    assert (again["unread"], asked.count("matters")) == (5, 0), "what was counted is remembered"
    tell("b7", 3, "New York")
    assert look(first["position"])["unread"] == 6
    tell("b8", 3, "New York")
    assert look(first["position"])["unread"] == 6
    owner = copy.deepcopy(owner)
    owner.subscriptions[0].confirmed_at = AT + DAY
    assert look("")["unread"] == len(look("")["items"]) == 2, "what its guest is told of a briefing, however early it is dated"
    owner.subscriptions[0].confirmed_at = subscription.confirmed_at
    inboxes.mark_read(Inbox(owner, AT + DAY), "briefings-24.n-0")
    assert look(first["position"])["unread"] == 3
    owner = copy.deepcopy(owner)
    owner.subscriptions[0].places = []
    assert look(first["position"])["unread"] == last - 24, "another choice is counted anew"


def test_notes_that_wait_for_the_next_page_are_not_forgotten(connected):
    House()
    inbox = Inbox(store.subscribers.load(READERS[7]).aggregate, AT + DAY)
    for number in range(1, 8):
        words = {name: WORDS[name] for name in ("title", "summary")}
        store.notes.keep(f"n{number}", READERS[7], rules.Note("place_given", **words, at=AT + timedelta(minutes=number), url="/inbox"))
    pages, since = [], "n-0"
    while since is not None:
        pages.append(store.inboxes.after(inbox, since, 3))
        since = pages[-1]["next"]
    assert [[item["id"] for item in page["items"]] for page in pages] == [["n1", "n2", "n3"], ["n4", "n5", "n6"], ["n7"]]


def test_a_digest_that_is_given_up_takes_what_it_holds_along_and_can_be_sent_again(connected):
    house = House()
    house.announce()
    while house.batch():
        pass
    house.tick(24)
    code = READERS[3]
    digest = next(c for c in store.deliveries.claim("mail", 50, 60) if c.delivery.subscriber == code)
    store.deliveries.settle(digest, rules.Outcome("given_up", why="550 no such user"))
    item = f"publications_1_{code}_sub-{code}"
    assert (store.deliveries.load(item).state, store.deliveries.load(item).why) == ("given_up", "550 no such user")
    store.send_again(digest.delivery.id, Cause(id="again", by=SECRETARIAT, at=house.instant, correlation="again"))
    assert store.deliveries.load(item).state == "held"
    (again,) = [c for c in store.deliveries.claim("mail", 50, 60) if c.delivery.subscriber == code]
    store.deliveries.settle(again, rules.after_success(now()))
    assert store.deliveries.load(item).state == "sent"


def test_an_entity_that_left_the_group_before_its_digest_is_told_nothing_in_it(connected):
    house = House()
    focal = Actor("f", "IOM", frozenset({"focal_point"}))

    def make() -> rules.Subscriber:
        reader = rules.Subscriber.admit("IOM", "IOM", "focal_point", "en", by=SECRETARIAT, at=AT - DAY)
        reader.subscribe("sub-IOM", "mail", "f@iom.example", ["reminders"], schedule={"rhythm": "daily"}, by=focal, at=AT - DAY)
        reader.confirm("sub-IOM", at=AT - DAY)
        return reader

    store.subscribers.create("IOM", cause("admit IOM"), make)
    group = Composition(memberships=[Membership("IOM", utc(2012), AT + timedelta(hours=5))])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store.composition, "value", lambda: group)
        store.matters.keep("reminders", 1, {**PAPER, "audience": ["IOM"], "at": AT}, AT)
        store.fanouts.of_matter("reminders", 1, AT, 2)
        while house.batch():
            pass
        assert store.deliveries.load("reminders_1_IOM_sub-IOM").state == "held"
        house.tick(24)
    assert store.deliveries.load("reminders_1_IOM_sub-IOM").state == "given_up"
    assert store.deliveries.collection.find_one({"purpose": "digest", "subscriber": "IOM"}) is None


@pytest.mark.parametrize("way", ["queued", "retrying", "resumed", "sent again", "in a digest", "fanned out late"])
def test_an_entity_that_left_is_brought_nothing_of_the_groups_own_on_any_way(connected, way):
    house = House()
    focal, left = Actor("f", "IOM", frozenset({"focal_point"})), AT + timedelta(hours=5)

    def make() -> rules.Subscriber:
        reader = rules.Subscriber.admit("IOM", "IOM", "focal_point", "en", by=SECRETARIAT, at=AT - DAY)
        schedule = {"rhythm": "daily"} if way == "in a digest" else None
        asked = ["reminders", "publications"]
        reader.subscribe("sub-IOM", "mail", "f@iom.example", asked, schedule=schedule, by=focal, at=AT - DAY)
        reader.confirm("sub-IOM", at=AT - DAY)
        return reader

    store.subscribers.create("IOM", cause("admit IOM"), make)
    group = Composition(memberships=[Membership("IOM", utc(2012), AT + timedelta(days=3) if way == "in a digest" else left)])
    id = "reminders_1_IOM_sub-IOM"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store.composition, "value", lambda: group)
        if way == "fanned out late":
            store.clock.advance(left)
        house.announce()
        store.matters.keep("reminders", 1, {**PAPER, "audience": ["IOM"], "at": AT}, AT)
        store.fanouts.of_matter("reminders", 1, AT, 2)
        while house.batch():
            pass
        if way in ("retrying", "sent again"):
            (one,) = [c for c in store.deliveries.claim("mail", 50, 60) if c.delivery.id == id]
            why = rules.Outcome("given_up", why="No.") if way == "sent again" else rules.after_failure(1, "No.", now() - DAY, 0.0)
            store.deliveries.settle(one, why)
        if way == "resumed":
            store.subscribers.change("IOM", cause("pause"), lambda s: s.pause("sub-IOM", None, by=focal, at=AT))
            assert id not in {c.delivery.id for c in store.deliveries.claim("mail", 50, 60)}
            assert store.deliveries.load(id).state == "held"
            store.subscribers.change("IOM", cause("resume"), lambda s: s.resume("sub-IOM", by=focal, at=left))
            store.deliveries.resume("sub-IOM", now())
        if way == "in a digest":
            house.tick(24)
            digest = store.deliveries.collection.find_one({"purpose": "digest", "subscriber": "IOM"})
            assert digest["items"] == ["publications/1", "reminders/1"]
        store.clock.advance(AT + timedelta(days=3))
        if way == "sent again":
            for by, kind in ((SECRETARIAT, "conflict"), (focal, "not_found")):
                with pytest.raises(Refusal) as refused:
                    store.send_again(id, Cause(id=f"again-{kind}", by=by, at=left, correlation="again"))
                assert refused.value.kind == kind
        claimed = {c.delivery.id: c.delivery.items for c in store.deliveries.claim("mail", 50, 60) if c.delivery.subscriber == "IOM"}
    assert id not in claimed
    if way == "in a digest":
        assert claimed == {digest["_id"]: ["publications/1"]}
    if way != "fanned out late":
        assert store.deliveries.load(id).state == "given_up"
    outside = store.deliveries.page({"subscriber": "IOM"}, 10, None, inside=False)["items"]
    assert not [d for d in outside if d.topic == "reminders" or "reminders/1" in d.items]
    rows = store.board.page("IOM", 10, None, inside=False)["items"]
    assert {row["topic"] for row in rows} <= {"publications"}


def test_a_fan_out_that_cannot_go_on_yet_goes_on_later_and_holds_up_no_other(connected):
    house = House()
    store.matters.keep("reminders", 1, {**PAPER, "audience": ["IOM"], "at": AT}, AT)
    store.fanouts.of_matter("reminders", 1, AT, 0)  # nothing is known of the Group yet
    house.announce()
    assert [house.batch() for _ in range(3)] == [True, True, False]
    assert store.fanouts.standing(["reminders_1", "publications_1"]) == {
        "reminders_1": {"done": False, "tally": None},
        "publications_1": {"done": True, "tally": None},
    }


def test_a_summary_counts_the_newest_deliveries_by_whole_matters_and_says_since_when(connected):
    house = House()
    instants = []
    for _ in range(3):
        instants.append(house.instant)
        house.announce()
        house.instant += timedelta(hours=1)
    while house.batch():
        pass
    deliveries, code = store.deliveries, READERS[0]
    of_each = deliveries.collection.count_documents({"announced_at": instants[0]})

    def counted(newest: int, subscriber: str | None = None) -> tuple[datetime | None, int]:
        since = deliveries.counted_since(subscriber, newest)
        return since, sum(row["count"] for row in deliveries.tallies(subscriber, since))

    assert of_each > 2
    assert counted(3 * of_each) == (None, 3 * of_each)
    assert counted(3 * of_each - 1) == (instants[0], 3 * of_each)
    assert counted(of_each) == (instants[1], 2 * of_each)
    assert counted(of_each - 1) == (instants[2], of_each)
    assert counted(1, code) == (instants[1], 2)
    assert [row["count"] for row in deliveries.tallies_of("publications", [1, 3], code)] == [1, 1]
    used = deliveries.collection.find({"announced_at": {"$gte": instants[1]}}).explain()["queryPlanner"]["winningPlan"]
    assert used["inputStage"]["indexName"] == "announced_at_-1__id_-1"


def test_a_replay_has_ids_of_its_own_and_a_catch_up_brings_what_never_was(connected):
    house = House()
    for _ in range(3):
        house.announce()
    while house.batch():
        pass
    code = READERS[0]
    span = {"topic": "publications", "after": 1, "until": 4}
    for _ in range(2):
        store.fanouts.to_subscription("replay-0123456789ab", code, f"sub-{code}", [span], house.instant, replay="replay-0123456789ab")
    for _ in range(3):
        house.batch()
    again = [r["_id"] for r in store.deliveries.collection.find({"replay": "replay-0123456789ab"})]
    assert sorted(again) == [f"publications_{number}_{code}_sub-{code}_r0123456789ab" for number in (2, 3)]
    house.announce()  # the fourth, for which the replay waits, and which it brings as well
    store.fanouts.collection.update_many({"due": {"$exists": True}}, {"$set": {"due": now()}})
    while house.batch():
        pass
    assert house.wire.taken[f"publications_4_{code}_sub-{code}_r0123456789ab"] == 1
    late = {"topic": "publications", "after": 0, "until": 4}
    store.fanouts.to_subscription("resumed-1", code, f"sub-{code}", [late], AT + DAY, since=AT - DAY)
    before = store.deliveries.collection.count_documents({})
    while house.batch():
        pass
    assert store.deliveries.collection.count_documents({}) == before, "each of these was brought already"
