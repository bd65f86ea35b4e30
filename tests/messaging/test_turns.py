"""Those who change one thing at once: decided together, saved together, and each for itself as if alone."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from pymongo.errors import AutoReconnect

from messaging import audit, relay, store, turns
from messaging.store import Aggregates
from services.kernel import Aggregate, Refusal
from tests.messaging.test_store import AT, cause, count, stored
from tests.messaging.toy import Counter, CounterDocument, contract, counters


def at_once(many: int, change: Callable[[int], Any]) -> list[Any]:
    """What each of so many threads that begin together was answered, or refused with."""
    begin, answers = threading.Barrier(many), [None] * many

    def one(number: int) -> None:
        begin.wait()
        try:
            answers[number] = change(number)
        except BaseException as refused:
            answers[number] = refused

    threads = [threading.Thread(target=one, args=(number,)) for number in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def slowly(counter: Counter, by: int = 1) -> str:
    time.sleep(0.01)
    counter.count("a", by, AT)
    return f"counted {by}"


def test_who_changes_the_same_at_once_is_decided_once_and_saved_together(database, monkeypatch):
    count("a", 1, "order-0")
    decided, kept, writes = [], [], []
    monkeypatch.setattr(counters, "before_write", kept.append)
    save = counters._save
    monkeypatch.setattr(counters, "_save", lambda *of: writes.append(len(of[4])) or save(*of))
    saved = at_once(8, lambda n: counters.change("a", cause(f"order-{n + 1}"), lambda c: decided.append(n) or slowly(c)))
    assert sorted(decided) == list(range(8))
    assert (stored("a")["version"], stored("a")["state"]["total"]) == (9, 9)
    assert sum(writes) == 8
    assert len(writes) < 8
    assert [len(returned) for returned in kept] == writes, "what they returned is kept before each write"
    assert sorted(one.events[0]["causationid"] for one in saved) == [f"order-{n}" for n in range(1, 9)]
    assert all(one.aggregate.total == one.version for one in saved), "each is told of the counter as those with it have left it"
    assert audit.verify([counters]) == (9, [])
    assert counters._turns._lines == {}


def test_of_those_decided_together_each_is_refused_for_itself(database):
    count("a", 1, "order-0")

    def decide(number: int) -> Callable[[Counter], Any]:
        def half(counter: Counter) -> None:
            slowly(counter)
            counter.count("a", 13, AT)  # is refused, with the first already counted

        return half if number % 2 else slowly

    answers = at_once(8, lambda n: counters.change("a", cause(f"order-{n + 1}"), decide(n)))
    assert [isinstance(answer, Refusal) for answer in answers] == [False, True] * 4
    assert stored("a")["state"]["total"] == 5
    assert audit.verify([counters]) == (5, [])


def test_one_order_that_comes_twice_at_once_is_carried_out_once(database):
    count("a", 1, "order-0")
    answers = at_once(6, lambda n: counters.change("a", cause(f"order-{n % 2}b"), slowly))
    assert sorted(answer.replayed for answer in answers) == [False] * 2 + [True] * 4
    assert stored("a")["state"]["total"] == 3


def test_who_saw_the_version_before_those_decided_with_them_is_told(database):
    count("a", 1, "order-0")
    answers = at_once(5, lambda n: counters.change("a", replace(cause(f"order-{n + 1}"), expected=1), slowly))
    assert sorted(getattr(answer, "kind", "saved") for answer in answers) == ["saved"] + ["stale"] * 4


def test_a_turn_that_does_not_come_is_not_waited_for_for_ever(database, monkeypatch):
    monkeypatch.setattr(turns, "TURN_SECONDS", 0.05)
    count("a", 1, "order-1")
    held, over = threading.Event(), threading.Event()

    def hold(counter: Counter) -> None:
        held.set()
        over.wait(10)
        counter.count("a", 1, AT)

    stuck = threading.Thread(target=counters.change, args=("a", cause("order-2"), hold))
    stuck.start()
    held.wait(10)
    count("a", 1, "order-3")
    assert stored("a")["state"]["total"] == 2
    over.set()
    stuck.join()
    assert stored("a")["state"]["total"] == 3
    assert counters._turns._lines == {}


def test_what_cannot_be_saved_of_one_costs_the_others_nothing(database):
    count("a", 1, "order-0")
    answers = at_once(8, lambda n: counters.change("a", cause(f"order-{n + 1}"), lambda c: slowly(c, 2**70 if n == 3 else 1)))
    assert [n for n, answer in enumerate(answers) if isinstance(answer, Exception)] == [3], "no store keeps so large a number"
    assert stored("a")["state"]["total"] == 8


@dataclass
class Noted(Aggregate):
    """Keeps what the store of rules knows no type of."""

    notes: dict[str, Any] = field(default_factory=dict)

    def note(self, number: int, *, refused: bool = False) -> None:
        time.sleep(0.01)
        self.notes.setdefault("numbers", []).append(number)
        if refused:
            raise Refusal.invalid("by", "Not this one.", rule="no-thirteen")
        self.happen("term_started", AT, counter="a", by=number)


def test_half_a_refused_change_is_forgotten_however_deep_it_went(database):
    kind = Aggregates(CounterDocument, Noted, kind="counter", contract=contract)
    kind.change("a", cause("order-0"), lambda noted: noted.note(0), new=Noted)
    at_once(8, lambda n: kind.change("a", cause(f"order-{n + 1}"), lambda noted: noted.note(n, refused=n % 2 == 1)))
    assert sorted(stored("a")["state"]["notes"]["numbers"]) == [0, 0, 2, 4, 6]


@pytest.mark.parametrize("failure", [KeyError("words"), AutoReconnect("gone")])
def test_what_is_saved_is_told_so_whatever_fails_afterwards(database, monkeypatch, failure):
    def fail(written: Aggregates) -> None:
        raise failure

    monkeypatch.setattr(store, "_listeners", [fail])
    answers = at_once(6, lambda n: counters.change("a", cause(f"order-{n}"), slowly, new=Counter))
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert stored("a")["state"]["total"] == 6


def test_who_is_ended_after_the_write_lets_the_others_be_told(database, monkeypatch):
    count("a", 1, "order-0")
    ended = []

    def end(written: Aggregates) -> None:
        if not ended:
            ended.append(written)
            raise Ended

    monkeypatch.setattr(store, "_listeners", [end])
    answers = at_once(6, lambda n: counters.change("a", cause(f"order-{n + 1}"), slowly))
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert stored("a")["state"]["total"] == 7


class Ended(BaseException):
    """As a thread is that its container kills."""


def test_who_is_ended_while_waiting_for_the_turn_waits_no_longer():
    known: turns.Turns[str] = turns.Turns()
    line = known._lines["a"] = turns._Line()
    line.concerned = 1  # another has the turn

    def end(timeout: float) -> bool:
        raise Ended

    line.lock = SimpleNamespace(acquire=end)
    with pytest.raises(Ended):
        known.take("a", "ended", lambda comers: None)
    assert (line.waiting, line.concerned) == ([], 1), "nobody carries out what nobody waits for"


@dataclass
class Clocked(Counter):
    """A counter with a log of what was done to it, and a deadline at which the clock does something."""

    deadline: datetime | None = None
    log: list[str] = field(default_factory=list)

    def due(self) -> datetime | None:
        return self.deadline

    def tick(self, now: datetime) -> None:
        if self.deadline and self.deadline <= now:
            at, self.deadline = self.deadline, None
            self.log.append("clock")
            self.happen("term_started", at, counter="a", by=0)

    def act(self, name: str, at: datetime, deadline: datetime | None, *, refused: bool) -> None:
        self.log.append(name)
        self.deadline = deadline or self.deadline
        if refused:
            raise Refusal.invalid("by", "Not this one.", rule="no-thirteen")
        self.total += 1
        self.happen("term_started", at, counter="a", by=1)


class Flaky:
    """A collection whose connection breaks now and then, before what it was asked is done or after."""

    def __init__(self, collection: Any, chance: random.Random) -> None:
        self.collection, self.chance = collection, chance

    def __getattr__(self, name: str) -> Any:
        return getattr(self.collection, name)

    def update_one(self, *of: Any) -> Any:
        if self.chance.random() < 0.05:
            raise AutoReconnect("before")
        done = self.collection.update_one(*of)
        if self.chance.random() < 0.1:
            raise AutoReconnect("after")
        return done


@pytest.mark.parametrize("seed", range(3))
def test_bursts_upon_two_copies_of_a_service_are_as_if_each_came_alone(database, monkeypatch, seed):
    """Ten at once, some orders twice, some refused half-way, some dated before the clock's deed, some having seen another version; over
    connections that break, beside a relay, with turns that are not waited for."""
    chance, collection = random.Random(seed), CounterDocument._get_collection()
    copies = [Aggregates(CounterDocument, Clocked, kind="counter", contract=contract, remember=chance.choice([0, 10])) for _ in range(2)]
    monkeypatch.setattr(turns, "TURN_SECONDS", chance.choice([0.005, 0.05, 2]))
    monkeypatch.setattr(Aggregates, "collection", property(lambda self: Flaky(collection, chance)))
    done: dict[str, list[bool]] = {}
    wrong: list[Any] = []
    over = threading.Event()

    def send() -> None:
        while not over.wait(0.01):
            if document := collection.find_one({"_id": "a"}):
                relay._write_journal(document["pending"])
                sent = [event["id"] for event in document["pending"]]
                collection.update_one({"_id": "a"}, {"$pull": {"pending": {"id": {"$in": sent}}}})

    def work(number: int) -> None:
        mine = random.Random(f"{seed}/{number}")
        for turn in range(20):
            name = f"order-{mine.randrange(4)}-{turn}" if mine.random() < 0.3 else f"order-{number}-{turn}-own"
            at, refused = AT + timedelta(seconds=mine.randrange(60)), mine.random() < 0.2
            deadline = AT + timedelta(seconds=mine.randrange(80)) if mine.random() < 0.2 else None
            said = {"name": name, "at": at, "deadline": deadline, "refused": refused}
            order = replace(cause(name), at=at, expected=mine.choice([1, 5, 10]) if mine.random() < 0.1 else None)
            try:
                saved = mine.choice(copies).change("a", order, lambda it, said=said: it.act(**said), new=lambda: Clocked(id="a"))
            except (Refusal, AutoReconnect):
                continue
            done.setdefault(name, []).append(saved.replayed)
            if name not in saved.aggregate.log or any(event["causationid"] != name for event in saved.events):
                wrong.append(name)

    sending = threading.Thread(target=send)
    sending.start()
    working = [threading.Thread(target=work, args=(number,)) for number in range(10)]
    for thread in working:
        thread.start()
    for thread in working:
        thread.join()
    over.set()
    sending.join()
    document, history = collection.find_one({"_id": "a"}), copies[0].history("a")
    log = [name for name in document["state"]["log"] if name != "clock"]
    assert wrong == []
    assert len(log) == len(set(log)) == document["state"]["total"], "each once"
    assert done.keys() <= set(log), "nothing acknowledged is lost"
    assert all(replayed.count(False) <= 1 for replayed in done.values())
    assert [event["sequence"] for event in history] == list(range(1, document["version"] + 1))
    assert [event["causationid"] if event["data"]["by"] else "clock" for event in history] == document["state"]["log"]
    assert audit.verify([copies[0]])[1] == []
    assert all(copy._turns._lines == {} for copy in copies)
