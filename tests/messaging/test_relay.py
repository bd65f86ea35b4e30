"""A round of the relay, on the real store, with a broker that does as it is told."""

import time
from typing import Any

import pytest
from pymongo.errors import AutoReconnect, OperationFailure

from messaging import relay
from messaging.relay import PER_AGGREGATE, Relay
from messaging.store import journal
from messaging.wire import Outgoing
from tests.messaging.test_store import AT, cause, count, stored
from tests.messaging.toy import Counter, counters


class Broker:
    """Takes every message, but those whose ids are ``refused``. ``sent``: what came together, by ids."""

    def __init__(self) -> None:
        self.sent: list[list[str]] = []
        self.refused: set[str] = set()

    def publish(self, messages: list[Outgoing]) -> list[bool]:
        self.sent.append([message.id for message in messages])
        return [message.id not in self.refused for message in messages]


@pytest.fixture
def sender(database: Any) -> Relay:
    """A relay that has not begun to run."""
    made = object.__new__(Relay)
    made.publisher, made._written, made._stopping = Broker(), set(), False
    return made


def pending(counter: str) -> list[str]:
    return [event["id"] for event in stored(counter)["pending"]]


def id_of(counter: str, number: int) -> str:
    return f"chairs:counter/{counter}/{number}"


def test_what_is_written_gathers_for_a_moment_while_more_comes(sender, monkeypatch):
    """As long as somebody changes one of them here, but no longer than the moment."""
    monkeypatch.setattr(relay, "GATHERS_SECONDS", 0.08)
    began, slept = time.monotonic(), []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        time.sleep(seconds)

    monkeypatch.setattr(relay.eventlet, "sleep", sleep)
    sender._let_gather([counters])
    assert slept == []

    def decide(counter: Counter) -> None:
        sender._let_gather([counters])
        counter.count("a", 1, AT)

    counters.change("a", cause("order-1"), decide, new=Counter)
    assert 0 < sum(slept) <= 0.08 + 0.01
    assert time.monotonic() - began >= 0.08
    sender._stopping = True
    slept.clear()
    counters.change("a", cause("order-2"), decide)
    assert slept == []


def test_events_of_one_aggregate_go_one_after_the_other(sender):
    for number in range(3):
        count("a", 1, f"order-{number}")
    count("b", 1, "order-b")
    assert sender.round([counters]) == 4
    assert [set(together) for together in sender.publisher.sent] == [{id_of("a", 1), id_of("b", 1)}, {id_of("a", 2)}, {id_of("a", 3)}]
    assert (pending("a"), pending("b"), counters.collection.count_documents({"unsent": 1})) == ([], [], 0)
    assert journal().count_documents({}) == 4


def test_those_to_which_nobody_subscribed_go_with_the_next_one(sender, monkeypatch):
    for number in range(5):
        count("a", 1, f"order-{number}")
    heard = iter([False, False, True, True, False])
    monkeypatch.setattr(relay, "is_heard", lambda key: next(heard))
    events = stored("a")["pending"]
    fronts = []
    while events:
        fronts.append([event["sequence"] for event in relay._front(events)])
    assert fronts == [[1, 2, 3], [4], [5]]


def test_what_the_broker_did_not_take_waits_with_all_that_follows(sender):
    for number in range(3):
        count("a", 1, f"order-{number}")
    sender.publisher.refused = {id_of("a", 2)}
    assert sender.round([counters]) == 1
    assert pending("a") == [id_of("a", 2), id_of("a", 3)]
    assert stored("a")["unsent"] == 1
    sender.publisher.refused = set()
    assert sender.round([counters]) == 2
    assert "unsent" not in stored("a")


def test_what_cannot_be_taken_up_is_not_sent_and_holds_up_no_other(sender, monkeypatch, caplog):
    count("a", 1, "order-a")
    count("b", 1, "order-b")
    poisonous = [id_of("a", 1)]

    def take_up(events: list[dict[str, Any]]) -> None:
        if any(event["id"] in poisonous for event in events):
            raise KeyError("words that were never kept")

    monkeypatch.setattr(counters, "take_up", take_up)
    assert sender.round([counters]) == 1
    assert sender.publisher.sent == [[id_of("b", 1)]]
    assert pending("a") == [id_of("a", 1)]
    assert "counter/a: its events wait" in caplog.text
    poisonous.clear()
    assert sender.round([counters]) == 1
    assert pending("a") == []


def test_what_is_written_while_a_round_goes_on_is_not_forgotten(sender, monkeypatch):
    count("a", 1, "order-1")
    publish = sender.publisher.publish
    monkeypatch.setattr(sender.publisher, "publish", lambda messages: count("a", 1, "order-2") and publish(messages))
    assert sender.round([counters]) == 1
    assert pending("a") == [id_of("a", 2)]
    assert stored("a")["unsent"] == 1


def test_a_backlog_is_looked_at_again_in_the_next_round(sender):
    for number in range(PER_AGGREGATE + 1):
        count("a", 1, f"more-{number}")
    assert sender.round([counters]) == PER_AGGREGATE
    assert sender._written == {counters}


def test_a_long_backlog_is_forgotten_in_parts(sender, monkeypatch):
    monkeypatch.setattr(relay, "FORGOTTEN_TOGETHER", 4)
    for counter in "abcde":
        for number in range(3):
            count(counter, 1, f"order-{number}")
    count("f", 1, "order-0")
    sender.publisher.refused = {id_of("c", 2)}
    assert sender.round([counters]) == 14
    assert {counter: len(pending(counter)) for counter in "abcdef"} == {"a": 0, "b": 0, "c": 2, "d": 0, "e": 0, "f": 0}
    assert [found["_id"] for found in counters.collection.find({"unsent": 1})] == ["c"]


def test_a_record_the_store_refuses_holds_up_no_other_and_a_store_that_is_away_all(sender, monkeypatch):
    count("a", 1, "order-a")
    count("b", 1, "order-b")

    def refuse(events: list[dict[str, Any]]) -> None:
        if events[0]["subject"] == "counter/a":
            raise failure

    monkeypatch.setattr(counters, "take_up", refuse)
    failure: Exception = OperationFailure("this record is of another shape")
    assert sender.round([counters]) == 1
    assert (len(pending("a")), pending("b")) == (1, [])
    failure = AutoReconnect("gone")
    with pytest.raises(AutoReconnect):
        sender.round([counters])
    assert len(pending("a")) == 1
