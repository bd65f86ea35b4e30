"""What the platform is measured against: the same work with nothing around it.

``app``: bare Flask and mongoengine, one durable insert for a request, served by the same gunicorn configuration.
``Consumer``: a pika consumer that makes one durable update for a message. ``publish``: a pika publisher that confirms each.
"""

import multiprocessing
import os
import time

import mongoengine
import pika
from flask import Flask, jsonify, request
from marshmallow import Schema, fields

QUEUE = "benchmark.bare"


class Reader(mongoengine.Document):
    """A subscriber, as the bare application keeps it."""

    code = mongoengine.StringField(primary_key=True)
    name = mongoengine.StringField()
    kind = mongoengine.StringField()


class ReaderSchema(Schema):
    code = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)


def connect(uri: str) -> None:
    """As durable as the platform's own connection: acknowledged means on disk."""
    mongoengine.disconnect_all()  # of those measured before it
    mongoengine.connect(host=uri, w="majority", journal=True, tz_aware=True)


def create_app() -> Flask:
    """One route: validate, insert durably, answer."""
    connect(os.environ["MONGO_URI"])
    app, schema = Flask(__name__), ReaderSchema()

    @app.get("/health/ready")
    def ready():
        return "ok\n"

    @app.post("/subscribers")
    def admit():
        reader = Reader(**schema.load(request.get_json()))
        reader.save(force_insert=True)
        return jsonify(code=reader.code, name=reader.name, kind=reader.kind), 201

    return app


def _consume(amqp_uri: str, mongo_uri: str, times: multiprocessing.Queue) -> None:
    connect(mongo_uri)
    counters = mongoengine.get_db()["bare"]
    counters.update_one({"_id": "a"}, {"$set": {"total": 0}}, upsert=True)
    channel = pika.BlockingConnection(pika.URLParameters(amqp_uri)).channel()
    channel.basic_qos(prefetch_count=10)
    times.put(0)
    for method, _, _ in channel.consume(QUEUE):
        counters.update_one({"_id": "a"}, {"$inc": {"total": 1}})
        times.put(time.time_ns())
        channel.basic_ack(method.delivery_tag)


class Wire:
    """A publisher that confirms each message, a quorum queue, and a consumer process that updates the store."""

    def __init__(self, amqp_uri: str, mongo_uri: str) -> None:
        self.channel = pika.BlockingConnection(pika.URLParameters(amqp_uri)).channel()
        self.channel.queue_declare(QUEUE, durable=True, arguments={"x-queue-type": "quorum"})
        self.channel.confirm_delivery()
        self.times: multiprocessing.Queue = multiprocessing.Queue()
        self.consumer = multiprocessing.Process(target=_consume, args=(amqp_uri, mongo_uri, self.times), daemon=True)
        self.body = b"x" * 700  # about what an event weighs
        self.properties = pika.BasicProperties(delivery_mode=2, content_type="application/json")

    def __enter__(self) -> "Wire":
        self.consumer.start()
        self.times.get()
        return self

    def __exit__(self, *_: object) -> None:
        self.consumer.terminate()
        self.consumer.join()
        self.channel.connection.close()

    def publish(self) -> None:
        """Publish one message and wait until the broker has it safe."""
        self.channel.basic_publish("", QUEUE, self.body, self.properties, mandatory=True)

    def milliseconds(self) -> float:
        """From before publishing to after the consumer's update, on the wall clock that both share."""
        started = time.time_ns()
        self.publish()
        return (self.times.get() - started) / 1e6
