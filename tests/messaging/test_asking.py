"""Asking a service: always an answer, a refusal that explains itself, or a time-out; never a hang."""

import json
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from launcher.home import claim_port
from services.kernel import Refusal
from tests.messaging.conftest import eventually


def refused(ask) -> Refusal:
    with pytest.raises(Refusal) as caught:
        ask()
    return caught.value


def test_a_service_that_is_not_there_is_said_at_once(toy):
    toy.run("chairs")
    toy.wait_ready("chairs")
    started = time.monotonic()
    assert refused(lambda: toy.ask("status", {}, service="nowhere")).kind == "unavailable"
    assert time.monotonic() - started < toy.pool.timeout / 2
    assert refused(lambda: toy.ask("dance", {})).kind == "not_found"


def test_a_frozen_service_times_out_and_does_not_carry_out_what_nobody_waits_for(toy):
    process = toy.run("chairs")
    toy.wait_ready("chairs")
    toy.count("a", 1)
    process.send_signal(signal.SIGSTOP)
    started = time.monotonic()
    # More than it may hold at once: the rest waits in the queue, and expires there.
    with ThreadPoolExecutor(14) as threads:
        asked = [threads.submit(refused, lambda: toy.ask("count", {"counter": "a", "by": 1}, timeout=1)) for _ in range(14)]
        assert {refusal.result().kind for refusal in asked} == {"timed_out"}
    assert time.monotonic() - started < 8, "far from one after the other"
    process.send_signal(signal.SIGCONT)
    eventually(lambda: toy.ask("get_counter", {"counter": "a"}, timeout=2))
    assert toy.ask("get_counter", {"counter": "a"})["total"] <= 11


def test_an_answer_that_is_too_large_is_a_refusal_and_the_service_lives(toy):
    process = toy.run("chairs")
    toy.wait_ready("chairs")
    assert refused(lambda: toy.ask("get_bulk", {})).kind == "too_large"
    assert toy.count("a", 1)["total"] == 1
    assert process.poll() is None


def test_many_threads_ask_through_one_pool(toy):
    toy.run("chairs")
    toy.wait_ready("chairs")
    with ThreadPoolExecutor(24) as threads:
        answers = list(threads.map(lambda n: toy.count(f"c{n % 6}", 1), range(120)))
    for counter in range(6):  # of those decided together each is told of the counter as all have left it
        totals = sorted(answer["total"] for answer in answers[counter::6])
        assert all(total >= place for place, total in enumerate(totals, 1))
        assert totals[-1] == 20, "nothing is lost or counted twice"
    assert all(answer["total"] == answer["version"] for answer in answers)


def test_a_payload_and_a_context_that_cannot_be_read_are_refused(toy):
    import amqp

    from messaging import topology
    from messaging.wire import connect, drop

    toy.run("chairs")
    toy.wait_ready("chairs")
    connection = connect(toy.broker.uri)
    answers = []
    channel = connection.channel()
    channel.basic_consume(topology.DIRECT_REPLY, no_ack=True, callback=lambda m: answers.append(m.body))
    for body in ("no json", "[]", '{"args": [1], "kwargs": {}}', '{"args": [], "kwargs": {"counter": "a", "by": 1}}'):
        message = amqp.Message(body, reply_to=topology.DIRECT_REPLY, correlation_id="c")
        channel.basic_publish(message, exchange=topology.RPC.name, routing_key="chairs.count")
    until = time.monotonic() + 10
    while len(answers) < 4 and time.monotonic() < until:
        connection.drain_events(timeout=5)
    drop(connection)
    assert [json.loads(answer)["error"]["problem"]["type"] for answer in answers] == ["/problems/malformed"] * 4
    assert refused(lambda: toy.ask("get_counter", {"counter": "a"})).kind == "not_found"


def test_namekos_own_proxy_can_ask(toy):
    from nameko.exceptions import RemoteError
    from nameko.standalone.rpc import ServiceRpcProxy

    from messaging.context import HEADER, Order, dump_context, now
    from services.kernel import Actor

    toy.run("chairs")
    toy.wait_ready("chairs")
    context = dump_context(Order(id="o1", by=Actor("tester"), at=now()))
    with ServiceRpcProxy(
        "chairs", {"AMQP_URI": toy.broker.uri}, context_data={HEADER.removeprefix("nameko."): context}, timeout=5
    ) as chairs:
        with pytest.raises(RemoteError, match="Not thirteen"):
            chairs.count(counter="a", by=13)
        assert chairs.count(counter="a", by=3)["total"] == 3


class BlackHole:
    """A relay of bytes in front of the broker, that can stop passing them on without closing anything: all of them, or those of each
    connection that says a certain ``word``, which it then ``swallowed``."""

    def __init__(self, port: int) -> None:
        self.to, self.port, self.passing = port, claim_port(), True
        self.word, self.swallowed = b"", 0
        self.server = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self.server.accept()
            except OSError:
                return
            if not self.passing:
                continue
            far = socket.create_connection(("127.0.0.1", self.to))
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=(source, target), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        generation = self.passing
        try:
            while data := source.recv(65536):
                said = bool(self.word) and self.word in data
                self.swallowed += said
                if said or not self.passing or generation is not self.passing:
                    time.sleep(3600)
                target.sendall(data)
        except OSError:
            return


def test_a_black_holed_connection_is_noticed_and_replaced(toy):
    hole = BlackHole(toy.broker.port)
    toy.run("chairs", amqp_uri=toy.broker.uri.replace(str(toy.broker.port), str(hole.port)))
    toy.wait_ready("chairs")
    assert toy.count("a", 1)["total"] == 1
    hole.passing = False
    time.sleep(1)
    hole.passing = 1  # true again, for new connections only
    assert eventually(lambda: toy.ask("count", {"counter": "a", "by": 1}, id="order-2", timeout=2)["total"] == 2)
    hole.server.close()


def test_a_broker_that_falls_silent_while_things_are_declared_is_given_up(toy):
    hole = BlackHole(toy.broker.port)
    hole.word = b"rpc-chairs"  # the listener's
    toy.run("chairs", amqp_uri=toy.broker.uri.replace(str(toy.broker.port), str(hole.port)), TOY_PATIENCE="5")
    eventually(lambda: hole.swallowed)
    hole.word, hole.swallowed = b"chairs.events.dead", 0  # the relay's, which declares everything once it has something to send
    toy.wait_ready("chairs")
    toy.count("a", 1)
    eventually(lambda: hole.swallowed)
    hole.word = b""
    eventually(lambda: toy.ask("status", {})["pending"] == 0)
    hole.server.close()
