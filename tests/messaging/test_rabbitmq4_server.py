"""The RabbitMQ 4 that messaging is tested on: it can be had on this machine, starts, and keeps what it confirmed."""

import shutil
import time

import pytest
from kombu import Connection, Queue

from launcher import rabbitmq4

pytestmark = pytest.mark.timeout(400)


@pytest.fixture(scope="module")
def server():
    if not shutil.which("apt-get"):
        pytest.skip("RabbitMQ 4 is taken from Debian's packages, and this machine has no apt-get.")
    return rabbitmq4.obtain()


@pytest.fixture
def broker(server, tmp_path):
    broker = rabbitmq4.start(server, tmp_path / "node")
    yield broker
    broker.stop()


def test_the_server_is_fetched_once(server):
    before = time.monotonic()
    assert rabbitmq4.obtain(say=lambda line: pytest.fail(f"fetched again: {line}")) == server
    assert time.monotonic() - before < 5


def test_it_is_rabbitmq_4(server, broker):
    with Connection(broker.uri) as connection:
        properties = connection.default_channel.connection.server_properties
    assert properties["product"] == "RabbitMQ"
    assert properties["version"] == rabbitmq4.version(server)
    assert properties["version"].startswith("4.")


def test_a_quorum_queue_gives_up_after_its_delivery_limit(broker):
    arguments = {
        "x-queue-type": "quorum",
        "x-delivery-limit": 2,
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": "dead",
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
    with Connection(broker.uri, transport_options={"confirm_publish": True}) as connection:
        channel = connection.default_channel
        dead = Queue("dead", durable=True, channel=channel)
        dead.declare()
        queue = Queue("work", durable=True, queue_arguments=arguments, channel=channel)
        queue.declare()
        connection.Producer().publish("poison", routing_key="work", delivery_mode=2)
        deliveries = 0
        while message := _within(5, queue.get):
            deliveries += 1
            message.requeue()
            if deliveries > 2:
                break
        assert deliveries == 3
        assert _within(60, dead.get).payload == "poison"


def test_a_killed_node_comes_back_with_its_messages(server, broker, tmp_path):
    with Connection(broker.uri, transport_options={"confirm_publish": True}) as connection:
        Queue("kept", durable=True, queue_arguments={"x-queue-type": "quorum"}, channel=connection.default_channel).declare()
        connection.Producer().publish("news", routing_key="kept", delivery_mode=2)
        # A new quorum queue's name reaches the disk half a second later; killed before that, the node would forget the queue's log.
        time.sleep(2)
    broker.process.kill()
    broker.process.wait()
    again = rabbitmq4.start(server, tmp_path / "node")
    try:
        with Connection(again.uri) as connection:
            assert _within(60, Queue("kept", no_declare=True, channel=connection.default_channel).get).payload == "news"
    finally:
        again.stop()


def test_a_server_that_cannot_start_says_why(server, tmp_path):
    with pytest.raises(rabbitmq4.NotObtainable, match="unknown_setting"):
        rabbitmq4.start(server, tmp_path / "node", config="unknown_setting = 1")


def test_a_folder_that_holds_no_server_is_named(tmp_path):
    with pytest.raises(rabbitmq4.NotObtainable, match=str(tmp_path)):
        rabbitmq4.version(tmp_path)


def _within(seconds, get):
    """What ``get`` answers, asked again until it is something or the time is up."""
    deadline = time.monotonic() + seconds
    while not (message := get()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return message
