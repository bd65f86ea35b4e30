"""A listener, tried alone: what else breaks a service's connections is tried with whole processes (``test_delivery``)."""

import threading
import uuid
from types import SimpleNamespace

import pytest

from messaging.listening import Listener
from messaging.settings import Settings
from messaging.wire import BROKER_ERRORS, Outgoing, Publisher, connect, drop
from tests.messaging.conftest import eventually


def test_a_connection_that_was_dropped_stays_lost(ground):
    connection = connect(ground[0].uri)
    drop(connection)
    for _ in range(2):
        with pytest.raises(BROKER_ERRORS) as lost:
            connection.drain_events(timeout=1)
        assert not isinstance(lost.value, TimeoutError), "it waits on another connection"


class Container(SimpleNamespace):
    """What a listener needs of nameko's."""

    __hash__ = object.__hash__


class Heard(Listener):
    queue_name = f"heard-{uuid.uuid4().hex}"

    def declare(self, connection):
        with connection.channel() as channel:
            channel.queue_declare(self.queue_name, durable=False, exclusive=False, auto_delete=False)

    def on_message(self, message):
        self.container.heard.append(message.body)
        self.ack(message)


def test_a_listener_whose_connection_was_dropped_by_a_failed_answer_hears_again(ground, monkeypatch):
    """A worker drops the connection when it cannot write, while the loop waits on it: the loop must notice, and listen anew."""
    monkeypatch.setenv("AMQP_URI", ground[0].uri)
    monkeypatch.setenv("MONGO_URI", ground[1].uri("nothing"))
    container = Container(
        config={"settings": Settings.from_environ()},
        max_workers=10,
        shared_extensions={},
        _worker_threads={},
        heard=[],
        spawn_managed_thread=lambda loop: threading.Thread(target=loop, daemon=True).start(),
    )
    listener, publisher = Heard().bind(container), Publisher(ground[0].uri)
    listener.setup()
    listener.start()
    try:
        for word in ("one", "two", "three"):
            eventually(lambda: listener.is_connected)
            assert publisher.publish([Outgoing(key=Heard.queue_name, body=word.encode(), id=word)]) == [True]
            eventually(lambda word=word: word in container.heard)
            drop(listener.connection)
        eventually(lambda: listener.is_connected)
    finally:
        publisher.close()
        listener.stop()
