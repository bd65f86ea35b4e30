"""The broker that ``./icat up`` runs: its users, on new data and on data from before they came from definitions; the users that
subscribers' queues are given on it; and what missions are handed where the broker is somebody else's."""

import contextlib
import json
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import amqp
import pytest

from launcher import broker_users, rabbitmq4
from launcher.home import Home, claim_port
from launcher.processes import Topology, find_broker
from messaging.wire import NotConfirmed, Outgoing, Publisher, connect, drop
from services.notifications.channels.management import LIMITS, QueueUsers, with_user

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
        plugins = ("rabbitmq_management",) if "management" in configuration else ()
        running.append(rabbitmq4.start(server, tmp_path / "node", node="icat", config=configuration, plugins=plugins))
        return running[0]

    yield start
    while running:
        running.pop().stop()


@pytest.fixture
def definitions(tmp_path):
    """``config``: the lines that have a node load the private node's users and listen for who makes more; ``port``: where."""
    (tmp_path / "definitions.json").write_text(json.dumps(broker_users.of_private_node("own", "makes")))
    port = claim_port()
    lines = (
        f"load_definitions = {tmp_path / 'definitions.json'}",
        "management.tcp.ip = 127.0.0.1",
        f"management.tcp.port = {port}",
        "management_agent.disable_metrics_collector = true",
    )
    return SimpleNamespace(config="\n".join(lines), port=port)


def of(broker, user):
    return broker.uri.replace("guest:guest", user)


def attempted(uri, what):
    connection = connect(uri)
    try:
        return what(connection.channel())
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
def test_a_subscribers_queue_has_a_user_who_reads_it_alone(node, definitions, before):
    names, mine = ("mission.x.8c1f", "mission.x.8c1fe", "missionsx.8c1f", "chairs.events"), "mission.x.8c1f"
    if before:
        own = of(node(before), "icat:own")
        for name in names:
            attempted(own, lambda channel, name=name: channel.queue_declare(name, durable=True, auto_delete=False))
            assert publish(own, name) == [True]
    broker = node(definitions.config)
    own = of(broker, "icat:own")
    if not before:
        for name in names:
            attempted(own, lambda channel, name=name: channel.queue_declare(name, durable=True, auto_delete=False))
            assert publish(own, name) == [True]
    users = QueueUsers(f"http://management:makes@127.0.0.1:{definitions.port}", "/")
    users.grant(mine, "handed")
    handed = with_user(broker.uri, mine, "handed")
    assert attempted(handed, lambda channel: channel.basic_get(mine)).body == "{}"
    for refused in (
        *(lambda name=name: attempted(handed, lambda channel: channel.basic_get(name)) for name in names[1:]),
        lambda: attempted(handed, lambda channel: channel.queue_declare("mission.x.mine", durable=True, auto_delete=False)),
        lambda: attempted(handed, lambda channel: channel.queue_delete(mine)),
        lambda: attempted(handed, lambda channel: channel.queue_bind(mine, "amq.topic", "#")),
        lambda: connect(with_user(broker.uri, mine, "own")),
        lambda: connect(with_user(broker.uri, "mission.x.8c1fe", "handed")),
        lambda: attempted(of(broker, "management:makes"), lambda channel: channel.basic_get(mine)),
        lambda: connect(broker.uri),
    ):
        with pytest.raises((amqp.AccessRefused, amqp.NotAllowed)):
            refused()
    with pytest.raises(NotConfirmed, match="ACCESS_REFUSED"):
        publish(handed, mine)
    assert attempted(own, lambda channel: channel.basic_get("chairs.events")).body == "{}"


@pytest.mark.timeout(200)
def test_another_password_puts_out_who_reads_with_the_earlier(node, definitions):
    broker = node(definitions.config)
    users, mine = QueueUsers(f"http://management:makes@127.0.0.1:{definitions.port}", "/"), "mission.x.8c1f"
    attempted(of(broker, "icat:own"), lambda channel: channel.queue_declare(mine, durable=True, auto_delete=False))
    users.grant(mine, "first")
    reader = connect(with_user(broker.uri, mine, "first"))
    with pytest.raises(amqp.ConnectionForced, match="deleted"):
        for _ in range(5):  # a broker under load may not have noted yet whose the connection is
            users.grant(mine, "second")
            with contextlib.suppress(TimeoutError):
                reader.drain_events(timeout=10)
    with pytest.raises(amqp.AccessRefused):
        connect(with_user(broker.uri, mine, "first"))
    readers = [connect(with_user(broker.uri, mine, "second")) for _ in range(LIMITS["max-connections"])]
    with pytest.raises(amqp.NotAllowed, match="limit"):
        connect(with_user(broker.uri, mine, "second"))
    for _ in range(2):
        users.remove(mine)
    for reader in readers:
        with pytest.raises(amqp.ConnectionForced, match="deleted"):
            reader.drain_events(timeout=10)
    with pytest.raises(amqp.AccessRefused):
        connect(with_user(broker.uri, mine, "second"))


def test_the_private_node_keeps_its_users_in_private(tmp_path):
    topology = Topology(Home(tmp_path), given_broker="", given_for_missions="", given_management="", given_store="")
    (broker,) = (process for process in topology.processes() if process.name == "broker")
    broker.prepare()
    files = {path.name: path for path in (tmp_path / "broker").iterdir() if path.is_file()}
    assert f"load_definitions = {files['definitions.json']}\n" in files["rabbitmq.conf"].read_text()
    assert "management.tcp.ip = 127.0.0.1\n" in files["rabbitmq.conf"].read_text()
    for name in ("definitions.json", "rabbitmq.conf"):
        assert files[name].stat().st_mode & 0o077 == 0
        for secret in ("broker", "broker_management"):
            assert topology.home.secret(secret) not in files[name].read_text()


@pytest.mark.parametrize(
    ("broker", "given", "handed", "managed"),
    [
        ("", ("", ""), "amqp", "management"),
        ("", ("amqps://broker.example.org", "https://given:own@broker.example.org"), "amqps", "given"),
        ("amqp://theirs:pw@broker.example.org", ("", ""), "", None),
        ("amqp://theirs:pw@broker.example.org", ("amqps://broker.example.org", "https://given:own@broker.example.org"), "amqps", "given"),
    ],
)
def test_missions_are_never_handed_what_the_platform_uses(tmp_path, broker, given, handed, managed):
    own = dict(zip(("given_for_missions", "given_management"), given, strict=True))
    topology = Topology(Home(tmp_path), given_broker=broker, given_store="mongodb://db", **own)
    (notifications,) = (process for process in topology.processes() if process.name == "notifications")
    ours, theirs, manager = (
        urlsplit(notifications.environment[name]) for name in ("AMQP_URI", "ICAT_MISSION_AMQP_URI", "ICAT_BROKER_MANAGEMENT_URL")
    )
    assert (theirs.scheme, theirs.username) == (handed, None)
    assert manager.username == managed
    assert managed is None or ours.password != manager.password
