"""The broker that ``./icat up`` runs: its users, on new data and on data from before they came from definitions; and what missions are
handed where the broker is somebody else's."""

import json
from pathlib import Path
from urllib.parse import urlsplit

import amqp
import pytest

from launcher import broker_users, rabbitmq4
from launcher.home import Home
from launcher.processes import Topology, find_broker
from messaging.wire import NotConfirmed, Outgoing, Publisher, connect, drop

BEFORE = "default_user = icat\ndefault_pass = own"
"""The private node's users as they were made once: by default, and one only."""


@pytest.fixture(params=["3.10", "4"])
def node(request, tmp_path):
    """``node(configuration)``: a private node, always on the same data; what ran of it before is stopped."""
    if request.param == "3.10" and find_broker() is None:
        pytest.skip("this machine has no RabbitMQ of its own")
    server = Path("/") if request.param == "3.10" else rabbitmq4.obtain()
    running: list[rabbitmq4.Broker] = []

    def start(configuration: str) -> rabbitmq4.Broker:
        while running:
            running.pop().stop()
        running.append(rabbitmq4.start(server, tmp_path / "node", node="icat", config=configuration))
        return running[0]

    yield start
    while running:
        running.pop().stop()


@pytest.fixture
def definitions(tmp_path):
    """The line that has a node load the private node's users."""
    (tmp_path / "definitions.json").write_text(json.dumps(broker_users.of_private_node("own", "handed")))
    return f"load_definitions = {tmp_path / 'definitions.json'}"


def of(broker, user):
    return broker.uri.replace("guest:guest", user)


def attempted(uri, what):
    connection = connect(uri)
    try:
        return what(connection.default_channel)
    finally:
        drop(connection)


def publish(uri, queue):
    publisher = Publisher(uri)
    try:
        return publisher.publish([Outgoing(key=queue, body=b"{}", id="notice")])
    finally:
        publisher.close()


@pytest.mark.timeout(200)
@pytest.mark.parametrize("before", [None, BEFORE], ids=["new data", "data from before"])
def test_missions_have_a_user_who_reads_their_queues_alone(node, definitions, before):
    names = ("mission.x.8c1f", "chairs.events")
    if before:
        own = of(node(before), "icat:own")
        for name in names:
            attempted(own, lambda channel, name=name: channel.queue_declare(name, durable=True, auto_delete=False))
            assert publish(own, name) == [True]
        with pytest.raises(amqp.AccessRefused):
            connect(of(node(before), "missions:handed"))
    broker = node(definitions)
    own, handed = of(broker, "icat:own"), of(broker, "missions:handed")
    if not before:
        for name in names:
            attempted(own, lambda channel, name=name: channel.queue_declare(name, durable=True, auto_delete=False))
            assert publish(own, name) == [True]
    assert attempted(handed, lambda channel: channel.basic_get("mission.x.8c1f")).body == "{}"
    for refused in (
        lambda: attempted(handed, lambda channel: channel.basic_get("chairs.events")),
        lambda: attempted(handed, lambda channel: channel.queue_declare("mission.x.mine", durable=True, auto_delete=False)),
        lambda: connect(of(broker, "missions:own")),
        lambda: connect(broker.uri),
    ):
        with pytest.raises(amqp.AccessRefused):
            refused()
    with pytest.raises(NotConfirmed, match="ACCESS_REFUSED"):
        publish(handed, "mission.x.8c1f")
    assert attempted(own, lambda channel: channel.basic_get("chairs.events")).body == "{}"


def test_the_private_node_keeps_its_users_in_private(tmp_path):
    topology = Topology(Home(tmp_path), given_broker="", given_for_missions="", given_store="")
    (broker,) = (process for process in topology.processes() if process.name == "broker")
    broker.prepare()
    files = {path.name: path for path in (tmp_path / "broker").iterdir() if path.is_file()}
    assert f"load_definitions = {files['definitions.json']}\n" in files["rabbitmq.conf"].read_text()
    for name in ("definitions.json", "rabbitmq.conf"):
        assert files[name].stat().st_mode & 0o077 == 0
        assert topology.home.secret("broker") not in files[name].read_text()
        assert topology.home.secret("missions") not in files[name].read_text()


@pytest.mark.parametrize(
    ("broker", "for_missions", "handed"),
    [
        ("", "", "missions"),
        ("", "amqps://given:pw@broker.example.org", "given"),
        ("amqp://theirs:pw@broker.example.org", "", None),
        ("amqp://theirs:pw@broker.example.org", "amqps://given:pw@broker.example.org", "given"),
    ],
)
def test_missions_are_never_handed_what_the_platform_uses(tmp_path, broker, for_missions, handed):
    topology = Topology(Home(tmp_path), given_broker=broker, given_for_missions=for_missions, given_store="mongodb://db")
    assert urlsplit(topology.mission_amqp_uri).username == handed
    (notifications,) = (process for process in topology.processes() if process.name == "notifications")
    assert notifications.environment["ICAT_MISSION_AMQP_URI"] == topology.mission_amqp_uri
    ours, theirs = urlsplit(notifications.environment["AMQP_URI"]), urlsplit(topology.mission_amqp_uri)
    assert ours.username != theirs.username
    assert broker or ours.password != theirs.password
