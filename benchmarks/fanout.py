"""One matter to ten thousand subscribers with queues of their own, each delivery with its record.

| figure | ours | against |
|---|---|---|
| beside a raw publisher | from the event that announces to the last record ``sent`` | pika, persistent, confirms by windows of 100 |
| beside Celery | the same | a Celery task for each delivery: publish under a confirm, insert a record |
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pika
import pymongo

from benchmarks import crowd
from benchmarks.figures import Figure, side_by_side, until
from launcher.home import ROOT
from launcher.platform import Platform
from messaging.wire import Publisher

SUBSCRIBERS, TASKS, WINDOW, ROUNDS = (int(os.environ.get("ICAT_BENCH_SUBSCRIBERS", "10000")), 1000, 100, 3)


def run() -> list[Figure]:
    parts = ("store", "broker", "mail", "notifications")
    with tempfile.TemporaryDirectory(prefix="icat-bench-") as folder, Platform(Path(folder), rehearsal=True, parts=parts) as platform:
        queues = crowd.confirmed(platform, "amqp", SUBSCRIBERS, ["publications"])
        ours = _Ours(platform)
        beside_raw = side_by_side(
            f"deliveries to {SUBSCRIBERS} queues, each with its record",
            "deliveries/s",
            "aim: at least 0.5 of a raw publisher",
            ours.a_second,
            _Raw(platform.amqp_uri, queues).a_second,
            rounds=ROUNDS,
        )
        with _Celery(platform, queues) as celery:
            beside_celery = side_by_side(
                "the same, beside a Celery task for each",
                "deliveries/s",
                "aim: at least 5 times Celery",
                ours.a_second,
                celery.a_second,
                rounds=ROUNDS,
            )
    return [beside_raw, beside_celery]


class _Ours:
    """Announces a publication by the event that *documents* would send, and waits for the last record."""

    def __init__(self, platform: Platform) -> None:
        client: pymongo.MongoClient = pymongo.MongoClient(platform.mongo_uri("notifications"))
        self.record = client.get_default_database()
        self.publisher = Publisher(platform.amqp_uri)
        self.number = 0

    def a_second(self) -> float:
        self.number += 1
        event = crowd.published(self.number)
        began = time.perf_counter()
        assert all(self.publisher.publish([event]))
        until(lambda: True if self._is_done() else None, 600)
        ended = time.perf_counter()
        sent = self.record.deliveries.count_documents({"topic": "publications", "number": self.number, "state": "sent"})
        assert sent == SUBSCRIBERS, (
            "a fan-out is done when the last record stands; counting them meanwhile would cost the store it measures"
        )
        return SUBSCRIBERS / (ended - began)

    def _is_done(self) -> bool:
        """Whether the last record stands. To count them meanwhile would cost the store, which is being measured."""
        time.sleep(0.05)
        fanout = self.record.fanouts.find_one({"_id": f"publications_{self.number}"})
        return fanout is not None and "due" not in fanout


class _Raw:
    """pika, one process: persistent and mandatory, ``WINDOW`` messages between waits for confirms."""

    def __init__(self, uri: str, queues: list[str]) -> None:
        self.queues = queues
        self.parameters = pika.URLParameters(uri)
        self.body = (ROOT / "contracts/samples/mission/notifications.notice.json").read_bytes()
        self.properties = pika.BasicProperties(delivery_mode=2, content_type="application/json")

    def a_second(self) -> float:
        """Opens its connection, publishes to every queue, and counts from the first message to the last confirm."""
        self.waiting, self.at, self.began, self.ended = 0, 0, 0.0, 0.0
        self.connection = pika.SelectConnection(self.parameters, on_open_callback=lambda c: c.channel(on_open_callback=self._opened))
        self.connection.ioloop.start()
        return len(self.queues) / (self.ended - self.began)

    def _opened(self, channel: pika.channel.Channel) -> None:
        self.channel = channel
        channel.confirm_delivery(self._confirmed)
        self.unconfirmed: set[int] = set()
        self.began = time.perf_counter()
        self._window()

    def _window(self) -> None:
        for queue in self.queues[self.at : self.at + WINDOW]:
            self.at += 1
            self.unconfirmed.add(self.at)
            self.channel.basic_publish("", queue, self.body, self.properties, mandatory=True)

    def _confirmed(self, frame: pika.frame.Method) -> None:
        tag, multiple = frame.method.delivery_tag, frame.method.multiple
        self.unconfirmed -= {t for t in self.unconfirmed if t <= tag} if multiple else {tag}
        if self.unconfirmed:
            return
        if self.at < len(self.queues):
            self._window()
            return
        self.ended = time.perf_counter()
        self.connection.add_on_close_callback(lambda *_: self.connection.ioloop.stop())
        self.connection.close()


class _Celery:
    """A worker with a process for each of two cores, and tasks sent to it."""

    def __init__(self, platform: Platform, queues: list[str]) -> None:
        self.queues = queues[:TASKS]
        self.body = (ROOT / "contracts/samples/mission/notifications.notice.json").read_text()
        self.environ = {**os.environ, "AMQP_URI": platform.amqp_uri, "MONGO_URI": platform.mongo_uri("celery"), "PYTHONPATH": str(ROOT)}
        client: pymongo.MongoClient = pymongo.MongoClient(platform.mongo_uri("celery"))
        self.records = client.get_default_database()["records"]
        self.round = 0

    def __enter__(self) -> "_Celery":
        command = [sys.executable, "-m", "celery", "-A", "benchmarks.tasks", "worker", "-c", "2", "--loglevel", "ERROR"]
        self.worker = subprocess.Popen(command, cwd=ROOT, env=self.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.environ["AMQP_URI"] = self.environ["AMQP_URI"]
        from benchmarks import tasks

        self.deliver = tasks.deliver
        return self

    def __exit__(self, *_: object) -> None:
        self.worker.terminate()
        self.worker.wait(30)

    def a_second(self) -> float:
        self.round += 1
        before = self.records.count_documents({})
        began = time.perf_counter()
        for number, queue in enumerate(self.queues):
            self.deliver.delay(f"celery-{self.round}-{number}", queue, self.body)
        until(lambda: True if self._done() >= before + TASKS else None, 300)
        return TASKS / (time.perf_counter() - began)

    def _done(self) -> int:
        time.sleep(0.1)
        return self.records.count_documents({})
