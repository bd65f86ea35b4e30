"""The ground on which messaging is tried: real brokers of both generations, a real store, and toy services.

A test asks for ``database`` (the store alone), or for ``ground`` (broker and store; run once on each
RabbitMQ). It may kill whatever it likes: what a test broke, the next finds mended.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from pathlib import Path

import mongoengine
import pytest
from kombu import Connection

from launcher import rabbitmq4
from launcher.home import claim_port
from launcher.processes import store_command
from messaging import store, topology
from messaging.client import Pool
from messaging.context import Order, now
from messaging.wire import connect, drop
from services.kernel import Actor
from tests.messaging.toy import counters, echoes

ROOT = Path(__file__).resolve().parents[2]


def eventually(what, seconds: float = 60.0):
    """The first true value of ``what()``; fails when there is none in time, which a slow machine must be given."""
    until = time.monotonic() + seconds
    while True:
        with contextlib.suppress(Exception):
            if value := what():
                return value
        if time.monotonic() > until:
            return what() or pytest.fail(f"not within {seconds} s")
        time.sleep(0.05)


class StoreServer:
    """The embedded store, on a folder and port of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, claim_port()
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        command = store_command(self.port, self.folder)
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        eventually(lambda: socket.create_connection(("127.0.0.1", self.port), 1).close() is None)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def uri(self, database: str) -> str:
        return f"mongodb://127.0.0.1:{self.port}/{database}"


class BrokerServer:
    """A private RabbitMQ of one generation, that can be killed and started again on its data."""

    def __init__(self, server: Path, data: Path) -> None:
        self.server, self.data, self.port = server, data, claim_port()
        self.running: rabbitmq4.Broker | None = None

    def start(self) -> None:
        self.running = rabbitmq4.start(self.server, self.data, self.port, node="messaging", timeout=120)

    @property
    def uri(self) -> str:
        return self.running.uri

    def kill(self) -> None:
        self.running.process.kill()
        self.running.process.wait()

    def write_down(self) -> None:
        """Have on disk what the node knows of its queues. It writes seconds later of itself, and one killed before forgets queues that
        it had just made, which is not what a test of killing is about."""
        assert self.ctl("eval", "mnesia:sync_log(), [ok = dets:sync(T) || T <- dets:all()], written.").strip() == "written"

    def ctl(self, *words: str) -> str:
        """rabbitmqctl on this node; what it says."""
        (program,) = self.server.glob("usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmqctl")
        return subprocess.run([program, *words], env=self.running.environ, check=True, capture_output=True, text=True).stdout


class Toy:
    """Toy services as real processes, with the one client to ask them."""

    def __init__(self, broker: BrokerServer, store_server: StoreServer, folder: Path) -> None:
        self.broker, self.store, self.folder = broker, store_server, folder
        self.name = uuid.uuid4().hex[:8]
        self.processes: list[subprocess.Popen] = []
        self.pool = Pool(broker.uri, timeout=8)

    def run(self, half: str, *, amqp_uri: str = "", **environ: str) -> subprocess.Popen:
        """A service process: ``chairs`` counts, ``workplan`` hears."""
        with (self.folder / f"{half}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "messaging.runtime", "tests.messaging.toy"],
                cwd=ROOT,
                env={
                    **os.environ,
                    "TOY": half,
                    "AMQP_URI": amqp_uri or self.broker.uri,
                    "MONGO_URI": self.store.uri(f"{half}_{self.name}"),
                    "ICAT_REHEARSAL": "1",
                    **environ,
                },
                stderr=log,
                stdout=log,
            )
        self.processes.append(process)
        return process

    def log(self, half: str) -> str:
        return (self.folder / f"{half}.log").read_text()

    def ask(self, name: str, payload: dict, *, service: str = "chairs", id: str = "", timeout: float | None = None):
        order = Order(id=id or uuid.uuid4().hex, by=Actor("tester", "UNODC", frozenset({"secretariat"})), at=now())
        return self.pool.call(service, name, payload, order, timeout)

    def count(self, counter: str, by: int, id: str = ""):
        return self.ask("count", {"counter": counter, "by": by}, id=id)

    def heard(self, counter: str) -> int:
        """What workplan has heard of a counter so far."""
        return self.ask("get_counter", {"counter": counter}, service="workplan")["total"]

    def wait_ready(self, *services: str) -> None:
        """Until commands are answered and events heard: two listeners, each with its own beginning."""
        for service in services or ("chairs", "workplan"):
            eventually(lambda service=service: self.ask("status", {}, service=service, timeout=1))
            if service == "workplan":
                eventually(lambda service=service: self.is_heard(service))

    def is_heard(self, service: str) -> bool:
        """Whether someone consumes the service's events queue."""
        with Connection(self.broker.uri, connect_timeout=2) as connection:
            return connection.default_channel.queue_declare(topology.events_queue(service), passive=True).consumer_count > 0

    def stop(self) -> None:
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
                process.terminate()
        for process in self.processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.pool.close()


@pytest.fixture(scope="session")
def store_server(tmp_path_factory):
    server = StoreServer(tmp_path_factory.mktemp("store"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def database(store_server):
    """A fresh database of its own, connected."""
    mongoengine.disconnect_all()
    for document in (counters.document, echoes.document, store.JournalEntry, store.Kept):
        document._collection = None
    store.connect(store_server.uri(f"t{uuid.uuid4().hex[:8]}"))
    store.ensure_indexes((counters, echoes))
    yield
    mongoengine.get_connection().drop_database(mongoengine.get_db().name)


@pytest.fixture(scope="session", params=["3.10", "4"])
def broker_server(request, tmp_path_factory):
    server = Path("/") if request.param == "3.10" else rabbitmq4.obtain()
    broker = BrokerServer(server, tmp_path_factory.mktemp(f"broker{request.param}"))
    broker.start()
    yield broker
    broker.running.stop()


@pytest.fixture
def ground(broker_server, store_server):
    """Broker and store, both up."""
    if broker_server.running.process.poll() is not None:
        broker_server.start()
    if store_server.process.poll() is not None:
        store_server.start()
    return broker_server, store_server


@pytest.fixture
def toy(ground, tmp_path):
    """Toy services, none running yet; queues of an earlier test are emptied."""
    toy = Toy(*ground, tmp_path)
    yield toy
    toy.stop()
    for log in sorted(tmp_path.glob("*.log")):  # shown when the test has failed
        print(f"{log.name}:\n{log.read_text()[-6000:]}")
    _empty(ground[0].uri)


def _empty(uri: str) -> None:
    connection = connect(uri)
    try:
        for queue in topology.queues():
            with contextlib.suppress(Exception), connection.channel() as channel:
                channel.queue_delete(queue.name)
    finally:
        drop(connection)
