"""One Celery task for each delivery, as Celery's own documentation would have it: publish to the subscriber's queue under a confirm, and
keep a record. ``celery -A benchmarks.tasks worker`` runs it, with the broker and the store of the environment."""

import os

import pymongo
from celery import Celery
from kombu import Connection, Producer
from kombu.pools import producers

app = Celery("fanout", broker=os.environ.get("AMQP_URI", ""))
app.conf.update(
    task_acks_late=True,  # a delivery of a worker that died is made again, as ours is
    task_ignore_result=True,
    task_default_queue="benchmark.celery",
    worker_prefetch_multiplier=50,
    broker_connection_retry_on_startup=True,
)

_opened: dict[str, object] = {}


def _records() -> pymongo.collection.Collection:
    if "records" not in _opened:
        client: pymongo.MongoClient = pymongo.MongoClient(os.environ["MONGO_URI"], w="majority", journal=True)
        _opened["records"] = client.get_default_database()["records"]
    return _opened["records"]  # type: ignore[return-value]


def _producer() -> Producer:
    if "connection" not in _opened:
        _opened["connection"] = Connection(os.environ["AMQP_URI"], transport_options={"confirm_publish": True})
    return producers[_opened["connection"]].acquire(block=True)


@app.task
def deliver(id: str, queue: str, body: str) -> None:
    """One delivery to one subscriber's queue, and its record."""
    with _producer() as producer:
        producer.publish(body, routing_key=queue, message_id=id, delivery_mode=2, mandatory=True)
    _records().insert_one({"_id": id, "queue": queue, "state": "sent"})
