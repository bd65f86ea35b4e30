"""From a command to its effect in another service, on both RabbitMQs, with what may go wrong on the way."""

import json
import threading
import time

import pytest

from contracts.envelope import seal
from messaging import audit, letters, store, topology
from messaging.context import Cause, Order, written
from messaging.wire import NotConfirmed, Outgoing, Publisher
from services.kernel import Actor, Refusal, utc
from tests.messaging.conftest import eventually
from tests.messaging.toy import TermStarted, counters


def sealed(counter: str, by: int, sequence: int = 1) -> dict:
    """An event as chairs would send it."""
    cause = Cause(id=f"o{sequence}", by=Actor("tester"), at=utc(2014), correlation="c")
    return seal(
        TermStarted,
        {"counter": counter, "by": by},
        subject=f"counter/{counter}",
        sequence=sequence,
        time=written(utc(2014)),
        cause=cause,
        previous=None,
    )


def publish(toy, *bodies: bytes | dict) -> None:
    """Straight into workplan's queue, past every relay."""
    publisher = Publisher(toy.broker.uri)
    messages = [
        Outgoing(key=topology.events_queue("workplan"), body=b if isinstance(b, bytes) else json.dumps(b).encode(), id=f"m{n}")
        for n, b in enumerate(bodies)
    ]
    assert all(publisher.publish(messages))
    publisher.close()


def dead(toy, count: int) -> list[letters.Letter]:
    return eventually(lambda: (found := letters.every(toy.broker.uri, "workplan")) and len(found) >= count and found)


def test_a_command_is_felt_in_the_other_service_once(toy):
    toy.run("chairs")
    toy.run("workplan")
    toy.wait_ready()
    for _ in range(2):
        assert toy.count("a", 2, id="order-1")["total"] == 2
    assert eventually(lambda: toy.heard("a")) == 2
    with pytest.raises(Refusal) as refused:
        toy.count("a", 13)
    assert (refused.value.kind, refused.value.field) == ("invalid", "by")
    with pytest.raises(Refusal) as refused:
        toy.ask("count", {"counter": "a", "by": 1, "colour": "red"})
    assert refused.value.field == "colour"
    assert toy.ask("get_counter", {"counter": "a"})["version"] == 1


def test_an_event_sent_before_its_consumer_ever_ran_waits_for_it(toy):
    toy.run("chairs")
    toy.wait_ready("chairs")
    toy.count("a", 5)
    eventually(lambda: toy.ask("status", {})["pending"] == 0)
    toy.run("workplan")
    toy.wait_ready("workplan")
    assert eventually(lambda: toy.heard("a")) == 5


def test_an_event_delivered_twice_and_after_its_successor_has_one_effect(toy):
    toy.run("workplan")
    toy.wait_ready("workplan")
    first, second = sealed("a", 1, 1), sealed("a", 10, 2)
    publish(toy, second, first, first, second, first)
    eventually(lambda: toy.heard("a") == 11)
    time.sleep(0.5)
    assert toy.heard("a") == 11


def test_poison_is_tried_again_then_lies_with_the_dead_letters_and_can_be_sent_again_or_dropped(toy):
    toy.run("workplan")
    toy.wait_ready("workplan")
    publish(toy, sealed("a", 666), sealed("a", 1, 2))
    assert eventually(lambda: toy.heard("a")) == 1, "a good event passes a poisonous one"
    (letter,) = dead(toy, 1)
    assert (letter.attempts, letter.id) == (3, "m0")
    assert "ValueError: a poisonous event" in letter.reason
    assert "toy.py" in letter.traceback
    assert letter.content["data"]["by"] == 666
    assert letters.every(toy.broker.uri, "workplan") == [letter], "looking takes nothing away"

    assert letters.send_again(toy.broker.uri, "workplan", "m0") == 1
    (letter,) = dead(toy, 1)
    assert letter.attempts == 3, "attempts are counted anew"

    assert letters.drop_letter(toy.broker.uri, "workplan", "m0", reason="a rehearsal", by="secretariat") == 1
    assert letters.every(toy.broker.uri, "workplan") == []
    assert letters.drop_letter(toy.broker.uri, "workplan", "m0", reason="again", by="secretariat") == 0


def test_a_service_tells_the_secretariat_its_dead_letters_and_each_order_about_one_is_carried_out_once(toy):
    toy.run("workplan")
    toy.wait_ready("workplan")
    publish(toy, sealed("a", 666), b"no event")
    dead(toy, 2)
    told = toy.ask("dead_letters", {}, service="workplan")
    assert told["count"] == 2
    heading = {"id": "m0", "type": "", "subject": "counter/a", "at": "2014-01-01T00:00:00Z", "attempts": 3, "error": "ValueError"}
    unread = {"id": "m1", "type": "", "subject": None, "at": None, "attempts": 1, "error": "Unreadable"}
    assert sorted(told["items"], key=lambda one: one["id"]) == [heading, unread], "what a letter says is not told"
    assert [len(toy.ask("dead_letters", {"limit": 1}, service="workplan")["items"]) for _ in range(5)] == [1] * 5, (
        "they stay where they are"
    )

    for _ in range(2):
        assert toy.ask("drop_letter", {"id": "m1", "reason": "a test"}, service="workplan", id="drop") == {}
    assert toy.ask("send_letter_again", {"id": "m0"}, service="workplan", id="again") == {}
    eventually(lambda: toy.ask("dead_letters", {}, service="workplan")["count"] == 1)
    assert toy.ask("send_letter_again", {"id": "m0"}, service="workplan", id="again") == {}, "the same order again sends nothing again"
    assert toy.ask("dead_letters", {}, service="workplan")["count"] == 1
    for name, more in (("send_letter_again", {}), ("drop_letter", {"reason": "x"})):
        with pytest.raises(Refusal) as refused:
            toy.ask(name, {"id": "m1", **more}, service="workplan")
        assert (refused.value.kind, refused.value.rule) == ("not_found", "letter")
    (held,) = dead(toy, 1)
    assert held.id == "m0"


def test_a_service_tells_the_secretariat_who_did_what_and_nobody_else(toy):
    toy.run("chairs")
    toy.wait_ready("chairs")
    toy.count("a", 5)
    (item,) = eventually(lambda: toy.ask("trail", {"person": "tester", "entity": "UNODC"})["items"])
    assert (item["subject"], item["type"], "data" in item) == ("counter/a", "icat.chairs.term_started.v1", False)
    with pytest.raises(Refusal) as refused:
        toy.pool.call("chairs", "trail", {}, Order(id="t", by=Actor("iom", "IOM", frozenset({"focal_point"})), at=utc(2014)))
    assert refused.value.rule == "secretariat-only"


def test_dead_letters_are_the_secretariats_alone(toy):
    toy.run("workplan")
    toy.wait_ready("workplan")
    publish(toy, b"no event")
    dead(toy, 1)
    for name, payload in (("dead_letters", {}), ("send_letter_again", {"id": "m0"}), ("drop_letter", {"id": "m0", "reason": "x"})):
        with pytest.raises(Refusal) as refused:
            toy.pool.call("workplan", name, payload, Order(id=name, by=Actor("iom", "IOM", frozenset({"focal_point"})), at=utc(2014)))
        assert refused.value.rule == "secretariat-only"
    assert len(dead(toy, 1)) == 1


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"\xff\xfe no text at all", "not a CloudEvent"),
        (b"[1, 2]", "no JSON object"),
        (b'{"specversion": "1.0"}', "not a CloudEvent"),
        (b"[" * 100_000, "not a CloudEvent"),
        ({**sealed("a", 1), "type": "icat.chairs.term_started.v9"}, "digest"),
        ({**sealed("a", 1), "data": {"counter": "a", "by": 1000}}, "digest"),
    ],
)
def test_what_cannot_be_read_is_a_dead_letter_at_once_and_changes_nothing(toy, body, why):
    toy.run("workplan")
    toy.wait_ready("workplan")
    publish(toy, body)
    (letter,) = dead(toy, 1)
    assert why in letter.reason
    assert letter.attempts == 1
    with pytest.raises(Refusal):
        toy.heard("a")


def test_a_version_nobody_here_knows_is_a_dead_letter(toy):
    class TermStartedTwo(TermStarted):
        v = 9

        @classmethod
        def message_name(cls):
            return "term_started"

    toy.run("workplan")
    toy.wait_ready("workplan")
    cause = Cause(id="o", by=Actor("tester"), at=utc(2014), correlation="c")
    data = {"counter": "a", "by": 1}
    publish(toy, seal(TermStartedTwo, data, subject="counter/a", sequence=1, time=written(utc(2014)), cause=cause, previous=None))
    assert "version unknown" in dead(toy, 1)[0].reason


def test_a_handler_that_kills_its_process_does_not_take_the_others_with_it(toy):
    toy.run("workplan")
    toy.wait_ready("workplan")
    publish(toy, sealed("a", 777))
    for _ in range(6):
        toy.processes[-1].wait(60)
        if letters.every(toy.broker.uri, "workplan"):
            break
        toy.run("workplan")
        time.sleep(0.2)
    else:
        pytest.fail("the deadly event was delivered without end")
    (letter,) = dead(toy, 1)
    assert letter.reason == "delivery_limit"


def test_with_the_broker_killed_commands_already_asked_hold_and_events_wait(toy):
    toy.run("chairs")
    toy.run("workplan")
    toy.wait_ready()
    stop, counted = threading.Event(), []

    def keep_counting() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            try:
                toy.count("a", 1, id=f"order-{number}")
            except Refusal as refusal:
                assert refusal.kind in ("unavailable", "timed_out"), refusal
                number -= 1  # the same order again
                time.sleep(0.1)
            else:
                counted.append(number)

    thread = threading.Thread(target=keep_counting)
    thread.start()
    try:
        eventually(lambda: len(counted) > 20)
        toy.broker.write_down()
        toy.broker.kill()
        time.sleep(1)
        toy.broker.start()
        asked_before = len(counted)
        eventually(lambda: len(counted) > asked_before + 20)
    finally:
        stop.set()
        thread.join()
    assert toy.ask("get_counter", {"counter": "a"})["total"] == len(counted)
    assert eventually(lambda: toy.heard("a") == len(counted))
    assert all(process.poll() is None for process in toy.processes), "no process died of the broker"


def test_a_service_starts_without_the_broker_and_serves_when_it_comes(toy):
    toy.broker.kill()
    toy.run("chairs")
    time.sleep(3)
    toy.broker.start()
    toy.wait_ready("chairs")
    assert toy.count("a", 1)["total"] == 1


def test_killed_services_lose_nothing_and_double_nothing(toy):
    halves = {half: toy.run(half) for half in ("chairs", "workplan")}
    toy.wait_ready()
    counted = 0
    for round in range(6):
        half = ("chairs", "workplan")[round % 2]
        threading.Timer(0.15 + round * 0.05, halves[half].kill).start()
        until = time.monotonic() + 1
        while time.monotonic() < until:
            try:
                toy.ask("count", {"counter": f"c{counted % 5}", "by": 1}, id=f"order-{counted}", timeout=2)
                counted += 1
            except Refusal as refusal:
                assert refusal.kind in ("unavailable", "timed_out")
        halves[half].wait()
        halves[half] = toy.run(half)
        toy.wait_ready(half)
    kept = sum(toy.ask("get_counter", {"counter": f"c{n}"})["total"] for n in range(5))
    assert counted <= kept <= counted + 1, "at most the one that was not answered"
    eventually(lambda: sum(toy.heard(f"c{n}") for n in range(5)) == kept)
    store.mongoengine.disconnect_all()
    counters.document._collection = store.JournalEntry._collection = None
    store.connect(toy.store.uri(f"chairs_{toy.name}"))
    assert audit.verify([counters])[1] == []


def test_two_copies_of_a_service_relay_each_event_once_and_one_takes_over(toy):
    first = toy.run("chairs", ICAT_INSTANCE="one")
    toy.wait_ready("chairs")
    toy.run("chairs", ICAT_INSTANCE="two")
    toy.run("workplan")
    toy.wait_ready()
    for number in range(20):
        toy.count("a", 1, id=f"order-{number}")
    eventually(lambda: toy.heard("a") == 20)
    first.kill()
    first.wait()
    for number in range(20, 30):
        toy.ask("count", {"counter": "a", "by": 1}, id=f"order-{number}", timeout=30)
    eventually(lambda: toy.heard("a") == 30)


def test_under_the_memory_alarm_nothing_hangs_and_nothing_is_lost(toy):
    toy.run("chairs")
    toy.run("workplan")
    toy.wait_ready()
    toy.count("a", 1)
    eventually(lambda: toy.heard("a") == 1)
    toy.broker.ctl("set_vm_memory_high_watermark", "absolute", "1MB")
    try:
        started = time.monotonic()
        with pytest.raises(Refusal) as refused:
            while time.monotonic() < started + 60:  # the alarm rises within a second or two
                toy.count("b", 1, id="order-b")
        assert refused.value.kind in ("timed_out", "unavailable")
        publisher, asked = Publisher(toy.broker.uri), time.monotonic()
        with pytest.raises(NotConfirmed):
            publisher.publish([Outgoing(key=topology.dropped_queue("workplan"), body=b"{}")], timeout=2)
        assert time.monotonic() - asked < 20
    finally:
        toy.broker.ctl("set_vm_memory_high_watermark", "0.4")
    eventually(lambda: toy.count("b", 1, id="order-b"))
    eventually(lambda: toy.heard("b") == 1)
    assert toy.ask("get_counter", {"counter": "b"})["total"] == 1
