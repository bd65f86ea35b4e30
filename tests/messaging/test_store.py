"""The one write, on a real store: all or nothing, once for each cause, and never a lost race."""

import base64
import json
import threading
from dataclasses import dataclass
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from messaging import audit, context, relay, store
from messaging.context import Arrived, Cause, Order
from services.kernel import Actor, Refusal, utc
from tests.messaging.toy import Counter, counters

AT = utc(2014, 7, 30)
BY = Actor("tester@unodc", "UNODC")


def cause(id: str, **more) -> Cause:
    return Cause(id=id, by=BY, at=AT, correlation=id, **more)


def count(id: str, by: int, cause_id: str, **more):
    return counters.change(id, cause(cause_id, **more), lambda c: c.count(id, by, AT), new=Counter)


def stored(id: str) -> dict | None:
    return counters.collection.find_one({"_id": id})


def relayed(id: str) -> None:
    """What the relay does to an aggregate, less the publishing."""
    document = stored(id)
    relay._write_journal(document["pending"])
    relay._clear(counters, {id: [event["id"] for event in document["pending"]]})


def test_state_events_version_and_cause_are_one_document(database):
    saved = count("a", 2, "order-1")
    document = stored("a")
    assert (saved.version, saved.aggregate.total) == (1, 2)
    assert document["state"]["total"] == 2
    assert document["version"] == document["sequence"] == 1
    (event,) = document["pending"]
    assert event["causationid"] == "order-1"
    assert event["id"] == "chairs:counter/a/1"
    assert event["digest"] == document["chain"]
    assert event["actor"] == "tester@unodc"
    assert event["time"] == "2014-07-30T00:00:00Z"


@pytest.mark.parametrize("sent", [False, True])
def test_the_same_cause_changes_once_before_and_after_the_event_was_sent(database, sent):
    count("a", 2, "order-1")
    if sent:
        relayed("a")
        assert "unsent" not in stored("a")
    again = count("a", 2, "order-1")
    assert again.replayed
    assert again.aggregate.total == 2
    assert stored("a")["version"] == 1


def test_what_a_change_made_happen_is_handed_back_and_found_again(database):
    ours = remembering()

    def add(*by: int):
        return lambda c: [c.count("a", one, AT) for one in by]

    first = ours.change("a", cause("order-1"), add(2, 3), new=Counter)
    assert [event["data"]["by"] for event in first.events] == [2, 3]
    assert list(first.events) == stored("a")["pending"] == ours.caused("a", "order-1")
    read, listed = ours.load("a"), ours.find().items[0]
    assert (read.version, listed.version) == (1, 1)
    assert read.events == listed.events == (), "they are of the change, and not of what it left"
    again = ours.change("a", cause("order-1"), add(2))
    assert (again.replayed, again.events) == (True, ())

    second = ours.change("a", cause("order-2"), add(4))
    other = ours.change("b", cause("order-1"), lambda c: c.count("b", 9, AT), new=Counter)
    relay._write_journal(stored("a")["pending"][:1])  # one of the two is sent, and the other is not yet
    assert ours.caused("a", "order-1") == list(first.events)
    relayed("a")
    relayed("b")
    assert ours.caused("a", "order-1") == list(first.events)
    assert ours.caused("a", "order-2") == list(second.events)
    assert ours.caused("b", "order-1") == list(other.events)
    assert ours.caused("a", "order-3") == ours.caused("c", "order-1") == []
    assert ours.change("a", cause("order-3"), lambda _: None).events == (), "nothing happened"
    for saved, of in ((first, "order-1"), (again, "order-1"), (second, "order-2")):
        told = ours.told(saved, cause(of))
        assert [(event.id, event.sequence, event.data["by"]) for event in told] == [
            (event["id"], event["sequence"], event["data"]["by"]) for event in ours.caused("a", of)
        ], "as its subscribers hear it, the first time and every other"
        assert all((event.at, event.by.person, event.subject) == (AT, "tester@unodc", "counter/a") for event in told)


def test_a_cause_is_known_however_many_came_after_it(database):
    for number in range(300):
        count("a", 1, f"order-{number}")
        if number % 50 == 0:
            relayed("a")
    assert count("a", 1, "order-0").replayed
    assert stored("a")["state"]["total"] == 300


def test_a_refusal_changes_nothing(database):
    count("a", 2, "order-1")
    before = stored("a")
    with pytest.raises(Refusal) as refused:
        count("a", 13, "order-2")
    assert (refused.value.field, refused.value.rule) == ("by", "no-thirteen")
    assert stored("a") == before


def test_another_version_than_the_one_seen_is_stale(database):
    count("a", 2, "order-1")
    count("a", 2, "order-2", expected=1)
    with pytest.raises(Refusal) as refused:
        count("a", 2, "order-3", expected=1)
    assert refused.value.kind == "stale"
    assert stored("a")["state"]["total"] == 4


def test_a_replayed_cause_is_answered_though_its_version_is_old(database):
    count("a", 2, "order-1")
    count("a", 2, "order-2", expected=1)
    assert count("a", 2, "order-2", expected=1).replayed


def test_an_id_is_taken_once(database):
    def make() -> Counter:
        made = Counter()
        made.count("a", 1, AT)
        return made

    counters.create("a", cause("order-1"), make)
    assert counters.create("a", cause("order-1"), make).replayed
    with pytest.raises(Refusal) as refused:
        counters.create("a", cause("order-2"), make)
    assert refused.value.rule == "exists"


def test_a_change_that_no_event_tells_of_is_not_saved(database):
    count("a", 2, "order-1")

    def silently(counter: Counter) -> None:
        counter.total = 99

    with pytest.raises(RuntimeError, match="no event"):
        counters.change("a", cause("order-2"), silently)
    assert stored("a")["state"]["total"] == 2


def test_a_state_kept_before_there_was_a_field_is_no_silent_change(database):
    count("a", 2, "order-1")
    counters.collection.update_one({"_id": "a"}, {"$unset": {"state.seen": 1}, "$set": {"state.gone": "a field of old"}})
    assert counters.change("a", cause("order-2"), lambda counter: None).version == 1


def test_an_event_that_breaks_its_contract_is_not_saved(database):
    def wrongly(counter: Counter) -> None:
        counter.total = 99
        counter.happen("term_started", AT, counter="a", by="many")

    count("a", 2, "order-1")
    with pytest.raises(ValidationError, match="wrong type"):
        counters.change("a", cause("order-2"), wrongly)
    assert stored("a")["state"]["total"] == 2


def test_of_many_writers_none_is_lost_and_a_doubled_order_counts_once(database):
    def write(thread: int) -> None:
        for number in range(20):
            count("a", 1, f"order-{number}" if thread < 2 else f"order-{thread}-{number}")

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stored("a")["state"]["total"] == 60
    assert audit.verify([counters]) == (60, [])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["count", "relay", "refuse"])), max_size=25))
def test_whatever_comes_in_whatever_order_each_cause_counts_once(database, steps):
    counters.collection.delete_many({})
    store.journal().delete_many({})
    causes = set()
    for number, what in steps:
        if what == "count":
            count("a", 1, f"order-{number}")
            causes.add(number)
        elif what == "relay" and stored("a"):
            relayed("a")
        elif what == "refuse" and stored("a"):
            with pytest.raises(Refusal):
                count("a", 13, f"refused-{number}")
    assert (stored("a") or {"state": {"total": 0}})["state"]["total"] == len(causes)
    assert [e["sequence"] for e in counters.history("a")] == list(range(1, len(causes) + 1))
    assert audit.verify([counters])[1] == []


def test_a_page_follows_a_page_without_gap_or_double(database):
    for number in range(7):
        count(f"c{number}", number % 3, f"order-{number}")
    seen, cursor = [], None
    while True:
        page = counters.find(sort="state.total", limit=2, after=cursor)
        seen += [saved.id for saved in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert seen == ["c0", "c3", "c6", "c1", "c4", "c2", "c5"]


@pytest.mark.parametrize(
    "cursor",
    [
        "made-up",
        ["plain", 10**30, "x"],
        ["plain", {"$ne": 1}, "x"],
        ["plain", {"$where": "1"}, "x"],
        ["plain", "\ud800", "x"],
        ["plain", "x", "\ud800"],
        ["plain", "x", {"$gt": ""}],
        ["plain", None, "x"],
        ["instant", "9999-12-31T23:59:59-23:59", "x"],
        ["other", 1, "x"],
        {"kind": 1},
        7,
    ],
)
def test_a_cursor_that_was_not_given_by_us_is_refused(database, cursor):
    count("a", 1, "order-1")
    text = cursor if isinstance(cursor, str) else base64.urlsafe_b64encode(json.dumps(cursor).encode()).decode()
    with pytest.raises(Refusal) as refused:
        counters.find(sort="state.total", after=text)
    assert (refused.value.kind, refused.value.field) == ("invalid", "after")


@dataclass
class Alarm(Counter):
    """A counter that the clock adds to, once a deadline."""

    rings_at: datetime | None = None

    def due(self):
        return self.rings_at

    def tick(self, now):
        while self.rings_at is not None and self.rings_at <= now:
            at, self.rings_at = self.rings_at, None
            self.total += 1
            self.happen("term_started", at, counter=self.id, by=1)


def test_the_clock_moves_what_is_due_once_and_dates_it_right(database):
    alarms = store.Aggregates(counters.document, Alarm, kind="counter", contract=counters.contract)

    def make() -> Alarm:
        alarm = Alarm(id="a", rings_at=utc(2015))
        alarm.count("a", 0, AT)
        return alarm

    alarms.create("a", cause("order-1"), make)
    assert alarms.tick(utc(2014, 12, 31)) == 0
    threads = [threading.Thread(target=alarms.tick, args=(utc(2015, 3),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert alarms.tick(utc(2015, 4)) == 0
    assert alarms.load("a").aggregate.total == 1
    assert [e["time"] for e in alarms.history("a")] == ["2014-07-30T00:00:00Z", "2015-01-01T00:00:00Z"]


def test_a_deadline_acts_before_whoever_comes_next_and_in_its_own_name(database):
    alarms = store.Aggregates(counters.document, Alarm, kind="counter", contract=counters.contract)

    def make() -> Alarm:
        alarm = Alarm(id="a", rings_at=utc(2015))
        alarm.count("a", 0, AT)
        return alarm

    alarms.create("a", cause("order-1"), make)
    late = Cause(id="order-2", by=BY, at=utc(2015, 2), correlation="order-2")
    assert alarms.change("a", late, lambda alarm: alarm.count("a", 5, late.at)).aggregate.total == 6
    assert [(e["actor"], e["time"][:10]) for e in alarms.history("a")][1:] == [("platform", "2015-01-01"), ("tester@unodc", "2015-02-01")]


def test_an_order_dated_before_what_the_clock_did_comes_too_late(database):
    alarms = store.Aggregates(counters.document, Alarm, kind="counter", contract=counters.contract)

    def make() -> Alarm:
        alarm = Alarm(id="a", rings_at=utc(2015))
        alarm.count("a", 0, AT)
        return alarm

    alarms.create("a", cause("order-1"), make)
    alarms.tick(utc(2015, 1, 2))
    order = Order(id="order-2", by=BY, at=utc(2014, 12, 31, 23, 59), correlation="order-2")
    with pytest.raises(Refusal) as refused:
        alarms.change("a", order, lambda alarm: alarm.count("a", 5, order.at))
    assert (refused.value.kind, refused.value.rule) == ("too_late", "clock-passed")
    event = Arrived(id="event-1", by=BY, at=order.at, correlation="c")
    assert alarms.change("a", event, lambda alarm: alarm.count("a", 5, event.at)).aggregate.total == 6, (
        "what happened elsewhere is no order"
    )


def test_a_projection_keeps_the_newest_however_the_events_arrive(database):
    kept = store.Projection("composition")
    with pytest.raises(Refusal) as refused:
        kept.value()
    assert refused.value.kind == "unavailable"

    def event(sequence: int) -> Arrived:
        return Arrived(id=f"e{sequence}", by=BY, at=AT, data={"n": sequence}, sequence=sequence)

    assert [kept.keep(event(n)) for n in (1, 3, 2, 3, 1)] == [True, True, False, False, False]
    assert kept.value() == {"n": 3}


@pytest.mark.parametrize(
    ("tamper", "what"),
    [
        (lambda j: j.update_one({"sequence": 2}, {"$set": {"event.data.by": 1000}}), "digest"),
        (lambda j: j.delete_one({"sequence": 2}), "stands where"),
        (lambda j: j.delete_one({"sequence": 3}), "does not end"),
        (lambda j: counters.collection.delete_one({}), "has not"),
    ],
)
def test_the_audit_finds_what_was_tampered_with(database, tamper, what):
    for number in range(3):
        count("a", number, f"order-{number}")
    relayed("a")
    assert audit.verify([counters]) == (3, [])
    tamper(store.journal())
    _, flaws = audit.verify([counters])
    assert any(what in flaw.what for flaw in flaws)


def test_a_journal_entry_is_written_once(database):
    count("a", 1, "order-1")
    pending = stored("a")["pending"]
    relay._write_journal(pending)
    relay._write_journal(pending)
    assert store.journal().count_documents({}) == 1
    broken = [{**pending[0], "id": "other"}]
    relay._write_journal(broken)  # the same place in the chain: refused by its index, as a double
    assert store.journal().count_documents({}) == 1


def test_an_instant_is_kept_in_milliseconds():
    assert context.now().microsecond % 1000 == 0


def remembering(**more) -> store.Aggregates:
    """A copy of the service that remembers."""
    return store.Aggregates(counters.document, counters.rules, kind="counter", contract=counters.contract, **{"remember": 2} | more)


def test_what_is_remembered_is_read_anew_once_it_changed_and_not_before(database):
    ours = remembering()
    count("a", 2, "order-1")
    first = ours.load("a")
    assert ours.load("a") is first
    assert ours.find().items == [first]
    assert ours.find().items[0] is first

    count("a", 3, "order-2")  # by another, who does not know what is remembered here
    for id in ("b", "c"):
        count(id, 1, f"order-{id}")
    assert [(saved.id, saved.aggregate.total, saved.version) for saved in ours.find(sort="state.total", descending=True).items] == [
        ("a", 5, 2),
        ("c", 1, 1),
        ("b", 1, 1),
    ]
    assert ours.load("a").aggregate.total == 5
    assert len(ours._read) == 2, "no more than it may"
    with pytest.raises(Refusal) as refused:
        ours.load("d")
    assert refused.value.kind == "not_found"


def test_a_refused_change_leaves_what_is_remembered_as_it_was(database):
    ours = remembering()
    ours.change("a", cause("order-1"), lambda c: c.count("a", 2, AT), new=Counter)
    read = ours.load("a")

    def halfway(counter: Counter) -> None:
        counter.total = 99
        raise Refusal.invalid("by", "No.", rule="no")

    with pytest.raises(Refusal):
        ours.change("a", cause("order-2"), halfway)
    ours.change("a", cause("order-3"), lambda c: c.count("a", 3, AT))
    assert (read.aggregate.total, ours.load("a").aggregate.total, stored("a")["state"]["total"]) == (2, 5, 5)


def test_a_change_on_memory_that_is_behind_is_decided_on_what_the_store_has(database):
    ours, seen = remembering(), []

    def add(counter: Counter) -> None:
        seen.append(counter.total)
        if counter.total >= 5:
            raise Refusal.conflict("Enough.", rule="enough")
        counter.count("a", 1, AT)

    ours.change("a", cause("order-1"), add, new=Counter)
    count("a", 4, "order-2")  # another copy of the service
    with pytest.raises(Refusal) as refused:
        ours.change("a", cause("order-3"), add)
    assert refused.value.rule == "enough"
    assert seen == [0, 1, 5], "first on memory, whose write the store refused; then on what the store had"

    count("b", 1, "order-4")
    ours.load("b")
    assert ours.change("b", cause("order-4"), add).replayed, "done by another copy"
    ours.change("b", cause("order-5"), add)
    assert ours.change("b", cause("order-5"), add).replayed
    assert stored("b")["version"] == 2


def test_a_cause_is_known_on_memory_however_many_came_after_it(database):
    ours = remembering()
    for number in range(300):
        ours.change("a", cause(f"order-{number}"), lambda c: c.count("a", 1, AT), new=Counter)
        if number % 90 == 0:
            relayed("a")
    for number in (0, 100, 170, 235, 299):
        assert ours.change("a", cause(f"order-{number}"), lambda c: c.count("a", 1, AT)).replayed
    assert (stored("a")["state"]["total"], stored("a")["version"]) == (300, 300)


def test_a_cause_is_known_after_the_clock_wrote_while_nothing_was_sent(database):
    ours = store.Aggregates(counters.document, Alarm, kind="counter", contract=counters.contract, remember=2)

    def add(alarm: Alarm) -> None:
        alarm.rings_at = alarm.rings_at or utc(2015)
        alarm.count("a", 1, AT)

    for number in range(100):
        ours.change("a", cause(f"order-{number}"), add, new=lambda: Alarm(id="a"))
    assert ours.tick(utc(2015)) == 1
    late = Cause(id="order-0", by=BY, at=utc(2015, 2), correlation="order-0")
    assert ours.change("a", late, add).replayed
    assert stored("a")["state"]["total"] == 101


@given(steps=st.lists(st.tuples(st.integers(0, 1), st.integers(0, 12), st.integers(1, 5)), max_size=30))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_two_copies_that_remember_count_each_cause_once(database, steps):
    counters.collection.delete_many({})
    store.journal().delete_many({})
    copies, caused = (remembering(), remembering(remember=1)), {}
    for copy, number, by in steps:
        copies[copy].change("a", cause(f"order-{number}"), lambda c, by=by: c.count("a", by, AT), new=Counter)
        caused.setdefault(number, by)
        assert copies[1 - copy].load("a").aggregate.total == sum(caused.values())
    if steps:
        assert stored("a")["state"]["total"] == sum(caused.values())
        assert [event["sequence"] for event in stored("a")["pending"]] == list(range(1, len(caused) + 1))
