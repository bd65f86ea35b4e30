"""A fan-out to two thousand subscribers on three channels, killed ten times: each gets each matter once, however often it begins again."""

import json
import random
import time
from collections import Counter, defaultdict

import pika
import pymongo
import pytest

from benchmarks import crowd
from contracts import documents
from contracts.envelope import seal
from launcher.demo.outside import Mailboxes, Receiver
from launcher.home import ROOT
from launcher.platform import Platform
from messaging import topology
from messaging.context import Cause, now, written
from messaging.wire import Outgoing, Publisher
from services.kernel import Actor

MANY = {"mail": 600, "webhook": 700, "amqp": 700}
MATTERS, KILLS = 1, 10
MOST_IN_FLIGHT = 64 + 64 + 2 * 500
"""What one copy can have out and not on record: mails, calls of webhooks, parts of the fan-out and a batch of the queues' sender."""


def announce(platform: Platform, number: int) -> None:
    """What *documents* would say when it published a paper."""
    sample = json.loads((ROOT / "contracts/samples/notifications/documents.published.json").read_text())
    data = documents.Published.read(sample | {"number": number, "title": f"Paper {number}"})
    cause = Cause(id=f"publish-{number}", by=Actor("tester"), at=now(), correlation="fan-out")
    event = seal(documents.Published, data, subject=f"document/{number}", sequence=1, time=written(now()), cause=cause, previous=None)
    publisher = Publisher(platform.amqp_uri)
    assert all(publisher.publish([Outgoing(key=topology.events_queue("notifications"), body=json.dumps(event).encode(), id=event["id"])]))
    publisher.close()


def read_queues(uri: str, queues: list[str]) -> dict[str, list[str]]:
    """The ids of all messages in each queue, as they came."""
    came: dict[str, list[str]] = {}
    with pika.BlockingConnection(pika.URLParameters(uri)) as connection:
        channel = connection.channel()
        for queue in queues:
            came[queue] = []
            while (got := channel.basic_get(queue, auto_ack=True))[0] is not None:
                came[queue].append(got[1].message_id)
    return came


@pytest.mark.timeout(1200)
def test_a_fan_out_killed_ten_times_brings_each_subscriber_each_matter_once(tmp_path, eventually):
    chance, kills, began = random.Random(2014), 0, time.monotonic()
    parts = ("store", "broker", "mail", "notifications")
    with Receiver() as receiver, Platform(tmp_path, rehearsal=True, parts=parts) as platform:
        address, secret = receiver.open("WEBHOOK-0")
        receiver.secrets = {f"WEBHOOK-{number}": secret for number in range(MANY["webhook"])}
        site = address.removesuffix("WEBHOOK-0")
        crowd.confirmed(platform, "mail", MANY["mail"], ["publications"], lambda number: f"reader-{number}@mission.example")
        crowd.confirmed(platform, "webhook", MANY["webhook"], ["publications"], lambda number: f"{site}WEBHOOK-{number}", secret)
        queues = crowd.confirmed(platform, "amqp", MANY["amqp"], ["publications"])
        client = pymongo.MongoClient(platform.mongo_uri("notifications"))
        records = client.get_default_database()["deliveries"]

        def sent() -> int:
            return records.count_documents({"purpose": "matter", "state": "sent"})

        for number in range(1, MATTERS + 1):
            announce(platform, number)
        all_of_them = MATTERS * sum(MANY.values())
        marks = sorted(chance.sample(range(all_of_them // 50, all_of_them * 9 // 10), KILLS))
        for mark in marks:  # each in the middle of the fan-out, wherever it has come to by then
            eventually(lambda mark=mark: sent() >= mark, 300)
            platform.wait_ready("notifications")
            assert sent() < all_of_them, "a kill that finds nothing left to do proves nothing"
            platform.kill("notifications")
            kills += 1
        platform.wait_ready("notifications")
        eventually(lambda: sent() >= all_of_them, 600)

        made = Counter((record["subscriber"], record["topic"], record["number"]) for record in records.find({"purpose": "matter"}))
        assert set(made.values()) == {1}, "no matter has two records for one subscriber"
        assert len(made) == all_of_them
        ids = {record["_id"]: record["subscriber"] for record in records.find({"purpose": "matter"})}

        wire: dict[str, Counter[str]] = defaultdict(Counter)
        for one in Mailboxes(platform.mail).received({f"reader-{n}@mission.example": f"MAIL-{n}" for n in range(MANY["mail"])}):
            wire[one.subscriber][one.id] += 1
        for one in receiver.received:
            wire[one.subscriber][one.id] += 1
        for number, came in enumerate(read_queues(platform.amqp_uri, queues).values()):
            wire[f"AMQP-{number}"].update(came)
    assert {id: subscriber for subscriber, came in wire.items() for id in came} == ids, (
        "every id on the wire is on record, and the other way round"
    )
    assert receiver.unsigned == 0
    assert kills == KILLS
    again = sum(came.total() - len(came) for came in wire.values())
    assert again <= KILLS * MOST_IN_FLIGHT
    print(
        f"\n{all_of_them} deliveries through {kills} kills: 0 lost, 0 doubled on record, {again} twice on the wire under one id; "
        f"{time.monotonic() - began:.0f} s"
    )
