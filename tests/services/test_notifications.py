"""Notifications as a real process on a real broker and store, heard by a real mailbox, web server and queue reader."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pika
import pymongo
import pytest
from standardwebhooks import Webhook

from clients.icat_mission import Mission
from contracts import chairs, documents
from contracts import notifications as c
from contracts.envelope import CONTENT_TYPE, seal
from contracts.notifications import CONFIRM_PATH, UNSUBSCRIBE_PATH
from launcher import rabbitmq4
from launcher.processes import find_store
from messaging import topology
from messaging.client import Pool
from messaging.context import Cause, Order, now, written
from messaging.wire import Outgoing, Publisher
from services.kernel import Actor, Refusal, utc
from services.kernel.actor import SYSTEM_ACTOR

ROOT = Path(__file__).resolve().parents[2]
AT = utc(2014, 9, 15, 9)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SECRETARIAT = Actor("amina", "UNODC", frozenset({"secretariat"}))
NOBODY = Actor("anonymous")


def mission(code: str) -> Actor:
    return Actor(f"desk of {code}", code, frozenset({"mission"}))


BRAZIL, PERU = mission("BRAZIL"), mission("PERU")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def eventually(what, seconds: float = 30.0):
    """The first true value of ``what()``; fails when there is none in time."""
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
        port = free_port()
        self.base = f"mongodb://127.0.0.1:{port}"
        command = [find_store(), "--port", str(port), "--storage-path", folder, "--sync-on-commit", "--cache-size", "256M"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        eventually(lambda: socket.create_connection(("127.0.0.1", port), 1).close() is None)

    def uri(self, database: str) -> str:
        return f"{self.base}/{database}"

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


class BrokerServer:
    """A private RabbitMQ, that can be killed and started again on its data."""

    def __init__(self, data: Path) -> None:
        self.data, self.port = data, free_port()
        self.start()

    def start(self) -> None:
        self.running = rabbitmq4.start(Path("/"), self.data, self.port, node="notifications")

    @property
    def uri(self) -> str:
        return self.running.uri

    def kill(self) -> None:
        self.running.process.kill()
        self.running.process.wait()


class Receiver(ThreadingHTTPServer):
    """A mission's web server that echoes challenges, keeps notices that verify, and fails or hangs when told to."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.notices: list[tuple[str, dict]] = []
        self.failing = False
        self.hanging = threading.Event()
        self.hanging.set()
        self.address = f"http://127.0.0.1:{self.server_port}/"
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def handle_error(self, request, client_address) -> None:
        """A caller that gives up is part of these tests."""

    def close(self) -> None:
        self.hanging.set()
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        content = Webhook(SECRET).verify(self.rfile.read(int(self.headers["Content-Length"])), dict(self.headers))
        hook = self.server
        if "hang" in self.path:
            hook.hanging.wait(60)
        self.send_response(503 if hook.failing else 200)
        self.end_headers()
        if "challenge" in content:
            self.wfile.write(json.dumps({"challenge": content["challenge"]}).encode())
        elif not hook.failing:
            hook.notices.append((self.headers["webhook-id"], content))

    def log_message(self, *_) -> None:
        """Silent."""


class Platform:
    """The notifications service with all it talks to; tests play the other services and the missions."""

    def __init__(self, broker: BrokerServer, store: StoreServer, folder: Path) -> None:
        self.broker, self.store, self.folder = broker, store, folder
        self.database = f"notifications_{uuid.uuid4().hex[:8]}"
        self.mail = folder / "mail"
        self.mail.mkdir()
        self.smtp_port = free_port()
        self.sink = subprocess.Popen(
            [sys.executable, "-m", "launcher.mail_sink", str(self.smtp_port), str(self.mail)], cwd=ROOT, stdout=subprocess.DEVNULL
        )
        self.pool = Pool(broker.uri, timeout=15)
        self.publisher = Publisher(broker.uri, on_connect=topology.declare)
        self.services: list[subprocess.Popen] = []
        self.hook = Receiver()

    def run(self) -> subprocess.Popen:
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "messaging.runtime", "services.notifications.service"],
                cwd=ROOT,
                env={
                    **os.environ,
                    "AMQP_URI": self.broker.uri,
                    "MONGO_URI": self.store.uri(self.database),
                    "ICAT_PUBLIC_URL": "https://icat.example",
                    "ICAT_SMTP_URL": f"smtp://127.0.0.1:{self.smtp_port}",
                    "ICAT_MAIL_FROM": "ICAT <no-reply@icat.example>",
                    "ICAT_MISSION_AMQP_URI": self.broker.uri,
                    "ICAT_WEBHOOK_ALLOW_PRIVATE": "1",
                },
                stdout=log,
                stderr=log,
            )
        self.services.append(process)
        eventually(lambda: self.ask("status", timeout=1))
        return process

    def ask(self, what: str, by: Actor = SECRETARIAT, /, *, id: str = "", timeout: float | None = None, **payload):
        order = Order(id=id or uuid.uuid4().hex, by=by, at=now())
        return self.pool.call("notifications", what, payload, order, timeout)

    def admit(self, code: str, language: str = "en") -> None:
        self.ask("admit_subscriber", code=code, name=f"Permanent Mission of {code}", kind="mission", language=language)

    def subscribe(self, code: str, channel: str, target: str = "", topics=("publications",), **more) -> dict:
        if channel == "webhook":
            more["secret"] = SECRET
        return self.ask("subscribe", mission(code), subscriber=code, channel=channel, target=target, topics=list(topics), **more)

    def fetch(self, code: str, subscription: dict) -> dict:
        return self.ask("fetch_queue_credentials", mission(code), subscriber=code, subscription=subscription["id"])

    def state(self, code: str, subscription: dict) -> str:
        found = self.ask("get_subscriber", code=code)["subscriptions"]
        return next(s["state"] for s in found if s["id"] == subscription["id"])

    def mails(self, to: str) -> list:
        found = [message_from_bytes(path.read_bytes(), policy=default) for path in sorted(self.mail.glob("*.eml"))]
        return [mail for mail in found if mail["To"] == to]

    def happen(self, event, data: dict, sequence: int, times: int = 1) -> None:
        """Another service's event arrives, as often as the broker pleases."""
        cause = Cause(id=f"test-{sequence}", by=SYSTEM_ACTOR, at=AT, correlation="test")
        subject = f"{event.producer}/{self.database}"
        envelope = seal(event, data, subject=subject, sequence=sequence, time=written(AT), cause=cause, previous=None)
        message = Outgoing(
            event.key(), json.dumps(envelope).encode(), id=envelope["id"], exchange=f"icat.{event.producer}", content_type=CONTENT_TYPE
        )
        assert self.publisher.publish([message] * times) == [True] * times

    def publish_paper(self, number: int, times: int = 1, pillars=()) -> None:
        self.happen(
            documents.Published,
            {
                "document": f"paper-{number}",
                "kind": "issue_paper",
                "number": number,
                "title": f"Paper {number}",
                "summary": "",
                "at": AT,
                "digest": "5d" * 32,
                "language": "en",
                "url": f"/documents/paper-{number}",
                "pillars": list(pillars),
                "deliverable": None,
            },
            sequence=number,
            times=times,
        )

    def settled(self, sent: int, failed: int = 0, seconds: float = 30) -> dict:
        """The summary, once so many deliveries of matters were sent and failed, and none waits."""
        wanted = (sent, failed, 0)

        def summary():
            found = self.ask("delivery_summary")
            return found if (found["sent"], found["failed"], found["waiting"]) == wanted else None

        try:
            return eventually(summary, seconds)
        except BaseException:
            print(self.ask("delivery_summary"), self.log()[-4000:])
            raise

    def unread(self, queue: str) -> int:
        connection = pika.BlockingConnection(pika.URLParameters(self.broker.uri))
        try:
            return connection.channel().queue_declare(queue, passive=True).method.message_count
        finally:
            connection.close()

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def stop(self) -> None:
        for process in [*self.services, self.sink]:
            process.terminate()
        for process in [*self.services, self.sink]:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.hook.close()
        self.pool.close()
        self.publisher.close()


@pytest.fixture(scope="module")
def store_server(tmp_path_factory):
    server = StoreServer(tmp_path_factory.mktemp("store"))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def broker_server(tmp_path_factory):
    broker = BrokerServer(tmp_path_factory.mktemp("broker"))
    yield broker
    broker.running.stop()


@pytest.fixture
def platform(broker_server, store_server, tmp_path):
    platform = Platform(broker_server, store_server, tmp_path)
    platform.run()
    yield platform
    platform.stop()
    connection = pika.BlockingConnection(pika.URLParameters(broker_server.uri))
    for queue in [q.name for q in topology.queues()] + ["mission.brazil", "mission.peru"]:
        connection.channel().queue_delete(queue)
    connection.close()


def link(mail, path: str) -> str:
    """The token in a mail's link to this page."""
    return re.search(re.escape(f"https://icat.example{path}?token=") + r"([\w.~-]+)", mail.get_body(("plain",)).get_content()).group(1)


def confirmed_by_mail(platform: Platform, code: str, address: str, **more) -> dict:
    subscription = platform.subscribe(code, "mail", address, **more)
    (mail,) = eventually(lambda: platform.mails(address))
    platform.ask("confirm", NOBODY, token=link(mail, CONFIRM_PATH))
    return subscription


def test_each_channel_gets_each_matter_once_after_its_owner_confirmed(platform, tmp_path):
    platform.admit("BRAZIL", "fr")
    mail = platform.subscribe("BRAZIL", "mail", "desk@brazil.example")
    hook = platform.subscribe("BRAZIL", "webhook", platform.hook.address)
    queue = platform.subscribe("BRAZIL", "amqp")
    (asked,) = eventually(lambda: platform.mails("desk@brazil.example"))
    eventually(lambda: platform.state("BRAZIL", hook) == "confirmed")
    platform.publish_paper(1)  # neither the mailbox nor the queue has agreed yet
    platform.settled(1)
    confirmation = platform.ask("confirm", NOBODY, token=link(asked, CONFIRM_PATH))
    assert confirmation == {
        "subscriber": "BRAZIL",
        "name": "Permanent Mission of BRAZIL",
        "subscription": mail["id"],
        "channel": "mail",
        "topics": ["publications"],
        "state": "confirmed",
    }
    credentials = platform.fetch("BRAZIL", queue)
    assert credentials == {"uri": platform.broker.uri, "queue": "mission.brazil"}
    platform.publish_paper(2, times=3)
    platform.happen(chairs.TermStarted, {"year": 2015, "chairs": ["UNHCR"]}, sequence=9)  # nobody asked for it
    summary = platform.settled(4)
    assert summary["by_mission"] == {"BRAZIL": {"sent": 4, "failed": 0, "waiting": 0}}
    assert {channel: tally["sent"] for channel, tally in summary["by_channel"].items()} == {"mail": 1, "webhook": 2, "amqp": 1}

    (_, told) = platform.mails("desk@brazil.example")
    assert told["Subject"] == "Document thématique n° 2 publié : Paper 2"
    assert told["Message-ID"] == f"<publications_2_BRAZIL_{mail['id']}@icat.example>"
    assert [id for id, _ in platform.hook.notices] == [f"publications_{n}_BRAZIL_{hook['id']}" for n in (1, 2)]
    heard: list[dict] = []
    Mission(credentials["uri"], credentials["queue"], tmp_path / "memory.json").each(heard.append, idle=1)
    assert heard == [platform.hook.notices[1][1]]
    assert heard[0]["data"]["number"] == 2

    resumed = platform.ask("matters", NOBODY, topic="publications", since=1)
    assert resumed == {"topic": "publications", "last": 2, "items": [heard[0]["data"]], "next": None}
    board = platform.ask("deliveries", BRAZIL)["items"]
    assert Counter((d["purpose"], d["channel"], d["state"]) for d in board) == {
        ("matter", "mail", "sent"): 1,
        ("matter", "webhook", "sent"): 2,
        ("matter", "amqp", "sent"): 1,
        ("confirmation", "mail", "sent"): 1,
        ("confirmation", "webhook", "sent"): 1,
    }
    token = link(asked, CONFIRM_PATH)
    assert token not in platform.log()
    assert SECRET not in platform.log()
    database = pymongo.MongoClient(platform.store.uri(platform.database))[platform.database]
    assert not any(token in repr(row) for name in database.list_collection_names() for row in database[name].find())
    assert not any("desk@brazil" in repr(entry) or SECRET in repr(entry) for entry in database["journal"].find())


def test_strangers_see_and_do_nothing(platform):
    platform.admit("BRAZIL")
    subscription = platform.subscribe("BRAZIL", "amqp")
    own = {"subscriber": "BRAZIL", "subscription": subscription["id"]}
    attempts = {
        "get_subscriber": {"code": "BRAZIL"},
        "deliveries": {"subscriber": "BRAZIL"},
        "delivery_summary": {"subscriber": "BRAZIL"},
        "subscribers": {},
        "fetch_queue_credentials": own,
        "unsubscribe": own,
        "end_subscriber": {"code": "BRAZIL", "reason": "mischief"},
        "admit_subscriber": {"code": "PERU", "name": "Peru", "kind": "mission"},
        "subscribe": {"subscriber": "BRAZIL", "topics": ["briefings"], "channel": "amqp"},
        "confirm": {"token": f"{subscription['id']}.{'x' * 43}"},
        "send_again": {"delivery": "publications_1_BRAZIL_sub-1"},
    }
    for name, payload in attempts.items():
        with pytest.raises(Refusal) as refused:
            platform.ask(name, PERU, **payload)
        assert refused.value.kind in ("not_found", "not_allowed"), name
    assert platform.state("BRAZIL", subscription) == "pending"
    with pytest.raises(Refusal) as absent:
        platform.ask("get_subscriber", PERU, code="CHILE")
    with pytest.raises(Refusal) as hidden:
        platform.ask("get_subscriber", PERU, code="BRAZIL")
    assert absent.value.detail.replace("CHILE", "BRAZIL") == hidden.value.detail


def test_the_same_order_twice_is_one_subscription_and_one_secret(platform):
    platform.admit("BRAZIL")
    asked = {"subscriber": "BRAZIL", "topics": ["briefings"], "channel": "webhook", "target": "https://hooks.example/"}
    first, second = (platform.ask("subscribe", BRAZIL, id="order-1", **asked) for _ in range(2))
    assert first == second
    assert first["secret"].startswith("whsec_")
    (kept,) = platform.ask("get_subscriber", BRAZIL, code="BRAZIL")["subscriptions"]
    assert "secret" not in kept


def test_a_failing_webhook_waits_alone_and_can_be_sent_again(platform):
    platform.admit("BRAZIL")
    platform.admit("PERU")
    hook = platform.subscribe("BRAZIL", "webhook", platform.hook.address)
    eventually(lambda: platform.state("BRAZIL", hook) == "confirmed")
    platform.fetch("PERU", platform.subscribe("PERU", "amqp"))
    platform.hook.failing = True
    platform.publish_paper(1)
    eventually(lambda: platform.ask("deliveries", subscriber="PERU", state="sent")["items"])
    (waiting,) = eventually(lambda: platform.ask("deliveries", BRAZIL, state="retrying")["items"])
    assert waiting["why"] == "The webhook answered 503."
    assert waiting["attempts"] == 1
    assert waiting["due"] > written(now())
    platform.hook.failing = False
    again = platform.ask("send_again", BRAZIL, delivery=waiting["id"])
    assert again["state"] == "queued"
    platform.settled(2)
    assert [id for id, _ in platform.hook.notices] == [waiting["id"]]
    with pytest.raises(Refusal) as refused:
        platform.ask("send_again", BRAZIL, delivery=waiting["id"])
    assert refused.value.rule == "sent-once"


def test_a_delivery_is_tried_again_by_itself(platform):
    platform.admit("BRAZIL")
    hook = platform.subscribe("BRAZIL", "webhook", platform.hook.address)
    eventually(lambda: platform.state("BRAZIL", hook) == "confirmed")
    platform.hook.failing = True
    platform.publish_paper(1)
    eventually(lambda: platform.ask("deliveries", state="retrying")["items"])
    platform.hook.failing = False
    platform.settled(1)
    (sent,) = platform.ask("deliveries", state="sent", topic="publications")["items"]
    assert (sent["attempts"], sent["why"]) == (2, None)


def test_leaving_by_the_mails_own_link_ends_it_and_withdraws_what_waits(platform):
    platform.admit("BRAZIL")
    confirmed_by_mail(platform, "BRAZIL", "desk@brazil.example")
    platform.publish_paper(1)
    platform.settled(1)
    platform.sink.terminate()
    platform.sink.wait()
    platform.publish_paper(2)
    eventually(lambda: platform.ask("deliveries", state="retrying")["items"])
    token = link(platform.mails("desk@brazil.example")[1], UNSUBSCRIBE_PATH)
    for _ in range(2):
        assert platform.ask("unsubscribe", NOBODY, token=token)["state"] == "ended"
    platform.settled(1, failed=1)
    (withdrawn,) = platform.ask("deliveries", BRAZIL, state="given_up")["items"]
    assert withdrawn["why"] == "The subscription has ended: unsubscribed"
    with pytest.raises(Refusal) as refused:
        platform.ask("send_again", BRAZIL, delivery=withdrawn["id"])
    assert refused.value.rule == "subscription-ended"
    platform.publish_paper(3)
    eventually(lambda: platform.ask("matters", topic="publications")["last"] == 3)
    platform.settled(1, failed=1)


def test_hanging_webhooks_hold_up_nobody_else(platform):
    platform.admit("BRAZIL")
    hanging = [platform.subscribe("BRAZIL", "webhook", f"{platform.hook.address}hang/{n}") for n in range(10)]
    for subscription in hanging:
        eventually(lambda s=subscription: platform.state("BRAZIL", s) == "confirmed")
    platform.admit("PERU")
    prompt = platform.subscribe("PERU", "webhook", platform.hook.address)
    eventually(lambda: platform.state("PERU", prompt) == "confirmed")
    platform.hook.hanging.clear()
    platform.publish_paper(1)
    began = time.monotonic()
    eventually(lambda: platform.ask("delivery_summary", PERU)["sent"] == 1, seconds=5)
    assert time.monotonic() - began < 5
    assert platform.ask("delivery_summary", BRAZIL)["waiting"] == 10
    platform.hook.hanging.set()
    platform.settled(11)


def test_a_full_queue_refuses_and_says_so(platform, monkeypatch):
    platform.admit("BRAZIL")
    queue = platform.subscribe("BRAZIL", "amqp")
    connection = pika.BlockingConnection(pika.URLParameters(platform.broker.uri))
    arguments = {"x-queue-type": "quorum", "x-max-length": 1, "x-overflow": "reject-publish"}
    connection.channel().queue_declare("mission.brazil", durable=True, arguments=arguments)
    with pytest.raises(Refusal) as refused:  # another has made the queue, with other bounds
        platform.fetch("BRAZIL", queue)
    assert refused.value.kind == "unavailable"
    for _ in range(3):
        connection.channel().basic_publish("", "mission.brazil", b"{}")
    platform.publish_paper(1)
    (waiting,) = eventually(lambda: platform.ask("deliveries", BRAZIL, state="retrying")["items"])
    assert "queue" in waiting["why"]
    connection.channel().queue_delete("mission.brazil")
    connection.close()
    platform.fetch("BRAZIL", queue)
    platform.settled(1)


def test_a_queue_someone_removed_is_made_again(platform):
    platform.admit("BRAZIL")
    platform.fetch("BRAZIL", platform.subscribe("BRAZIL", "amqp"))
    connection = pika.BlockingConnection(pika.URLParameters(platform.broker.uri))
    connection.channel().queue_delete("mission.brazil")
    connection.close()
    platform.publish_paper(1)
    platform.settled(1)
    assert platform.unread("mission.brazil") == 1


@pytest.mark.timeout(240)
def test_killed_in_the_middle_of_a_fan_out_each_gets_each_matter_once(platform):
    """Sixty queues and forty webhooks, and the service killed at random moments while five papers are announced."""
    webhooks, readers = [f"W{n}" for n in range(40)], [f"Q{n}" for n in range(60)]
    for code in [*webhooks, *readers]:
        platform.admit(code)
    for code in readers:
        platform.fetch(code, platform.subscribe(code, "amqp"))
    for code in webhooks:
        platform.subscribe(code, "webhook", f"{platform.hook.address}{code}")
    eventually(lambda: all(s["subscriptions"][0]["state"] == "confirmed" for s in platform.ask("subscribers", limit=200)["items"]))
    for number in range(1, 6):
        platform.publish_paper(number)
        time.sleep(0.05 * number)
        platform.services[-1].send_signal(signal.SIGKILL)
        platform.services[-1].wait()
        platform.run()
    summary = platform.settled(500, seconds=200)  # claims of the killed ones run out before their work is done anew
    assert set(map(json.dumps, summary["by_mission"].values())) == {json.dumps({"sent": 5, "failed": 0, "waiting": 0})}
    received = {id for id, _ in platform.hook.notices}
    assert len(received) == 200
    numbers: Counter = Counter()
    for code in readers:
        heard: list[dict] = []
        Mission(platform.broker.uri, f"mission.{code.lower()}").each(heard.append, idle=0.2)
        assert sorted(notice["data"]["number"] for notice in heard) == [1, 2, 3, 4, 5]
        numbers.update(notice["data"]["number"] for notice in heard)
        connection = pika.BlockingConnection(pika.URLParameters(platform.broker.uri))
        connection.channel().queue_delete(f"mission.{code.lower()}")
        connection.close()
    assert numbers == dict.fromkeys(range(1, 6), 60)


def test_two_copies_send_each_delivery_once(platform):
    platform.run()
    platform.admit("BRAZIL")
    hooks = [platform.subscribe("BRAZIL", "webhook", f"{platform.hook.address}{n}") for n in range(10)]
    for hook in hooks:
        eventually(lambda s=hook: platform.state("BRAZIL", s) == "confirmed")
    for number in range(1, 6):
        platform.publish_paper(number)
    platform.settled(50)
    assert len(platform.hook.notices) == len({id for id, _ in platform.hook.notices}) == 50


def test_pages_of_deliveries_hold_each_once(platform):
    platform.admit("BRAZIL")
    platform.fetch("BRAZIL", platform.subscribe("BRAZIL", "amqp"))
    for number in range(1, 8):
        platform.publish_paper(number)
    platform.settled(7)
    found, after = [], None
    while True:
        page = platform.ask("deliveries", limit=3, after=after)
        found += [delivery["number"] for delivery in page["items"]]
        if (after := page["next"]) is None:
            break
    assert sorted(found) == list(range(1, 8))
    with pytest.raises(Refusal) as refused:
        platform.ask("deliveries", after="nonsense")
    assert (refused.value.field, refused.value.rule) == ("after", "cursor")
    assert c.MattersAnswer().validate(platform.ask("matters", topic="publications", limit=2)) == {}


# The missions' client ---------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def queue(broker_server):
    """A mission's queue with three notices, the second there twice."""
    name = f"mission.t{uuid.uuid4().hex[:6]}"
    connection = pika.BlockingConnection(pika.URLParameters(broker_server.uri))
    channel = connection.channel()
    channel.queue_declare(name, durable=True, arguments={"x-queue-type": "quorum"})
    for number in (1, 2, 2, 3):
        body = json.dumps(
            {"type": "icat.publications.published", "timestamp": written(AT), "data": {"topic": "publications", "number": number}}
        )
        channel.basic_publish("", name, body, pika.BasicProperties(message_id=f"publications_{number}", delivery_mode=2))
    connection.close()
    yield name
    with pika.BlockingConnection(pika.URLParameters(broker_server.uri)) as connection:
        connection.channel().queue_delete(name)


def numbers(heard: list) -> list[int]:
    return [notice["data"]["number"] for notice in heard]


def test_the_client_passes_over_what_it_has_had(broker_server, queue, tmp_path):
    heard: list[dict] = []
    reader = Mission(broker_server.uri, queue, tmp_path / "memory.json")
    reader.each(heard.append, idle=0.5)
    assert numbers(heard) == [1, 2, 3]
    assert reader.last == {"publications": 3}
    assert Mission(broker_server.uri, queue, tmp_path / "memory.json").last == {"publications": 3}


def test_the_client_acknowledges_after_the_handler_only(broker_server, queue, tmp_path):
    heard: list[dict] = []

    def handler(notice: dict) -> None:
        if notice["data"]["number"] == 2 and len(heard) < 2:
            heard.append({"data": {"number": "failed"}})
            raise OSError("the disk is full")
        heard.append(notice)

    reader = Mission(broker_server.uri, queue, tmp_path / "memory.json")
    with pytest.raises(OSError, match="disk"):
        reader.each(handler, idle=0.5)
    Mission(broker_server.uri, queue, tmp_path / "memory.json").each(handler, idle=0.5)
    assert numbers(heard) == [1, "failed", 2, 3]


def test_the_client_comes_back_after_the_broker_died(broker_server, queue):
    heard: list[dict] = []
    reader = Mission(broker_server.uri, queue)
    thread = threading.Thread(target=reader.each, args=(heard.append,), kwargs={"idle": 8}, daemon=True)
    thread.start()
    eventually(lambda: len(heard) == 3)
    time.sleep(2)  # RabbitMQ writes a new quorum queue down within a second; killed before, it never mends that queue
    broker_server.kill()
    broker_server.start()

    def publish() -> bool:
        with pika.BlockingConnection(pika.URLParameters(broker_server.uri)) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            body = json.dumps({"data": {"topic": "publications", "number": 4}})
            channel.basic_publish("", queue, body, pika.BasicProperties(message_id="publications_4", delivery_mode=2), mandatory=True)
        return True

    eventually(publish, 40)
    eventually(lambda: numbers(heard) == [1, 2, 3, 4], 40)
    thread.join(30)
    assert not thread.is_alive()
