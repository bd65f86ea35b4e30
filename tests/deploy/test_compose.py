"""The platform in containers: the compose file's own sense, and what can be tried of it without containers.

On a real RabbitMQ 4 with the generated definitions, and a real store with the users that the set-up makes, every process runs with
exactly the command and the variables that compose gives it.
"""

import contextlib
import importlib
import json
import os
import re
import stat
import subprocess
import sys
import time
import urllib.request
import uuid

import amqp
import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from contracts.subscriptions import SUBSCRIPTIONS
from launcher import rabbitmq4
from launcher.home import claim_port
from launcher.platform import Platform
from messaging import topology
from messaging.client import Pool
from messaging.context import Order, now
from messaging.wire import NotConfirmed, Outgoing, Publisher, connect, drop
from services.kernel.actor import Actor
from services.notifications.channels.management import QueueUsers, with_user
from tests.deploy.deployed import PROCESSES, ROOT, VARIABLE, assigned, changed, compose, composed, example_env, interpolated

sys.path.insert(0, str(ROOT / "deploy" / "docker"))
broker_definitions = importlib.import_module("broker_definitions")
store_setup = importlib.import_module("store_setup")

SECRET = re.compile(r"PASSWORD|_KEY$|AMQP_URI$|^MONGO_URI$|^STORE_URI$|FIRST_LOGIN")


def env_file(folder):
    """An .env as secrets.sh makes it, read."""
    path = folder / ".env"
    subprocess.run([ROOT / "deploy" / "docker" / "secrets.sh", path], check=True, capture_output=True)
    return path, dict(assigned(line) for line in path.read_text().splitlines() if line and not line.startswith("#"))


def test_a_shell_reads_the_secrets_as_compose_does(tmp_path):
    path, values = env_file(tmp_path)
    shown = subprocess.run(["sh", "-c", f"set -eua; . {path}; env -0"], check=True, capture_output=True, text=True).stdout
    assert values.items() <= dict(pair.split("=", 1) for pair in shown.split("\0") if pair).items()


@pytest.fixture(scope="module")
def environ(tmp_path_factory):
    return env_file(tmp_path_factory.mktemp("env"))[1]


# What the file says


def unsafe(document):
    """What nobody should run, in words."""
    for name, service in document["services"].items():
        own = service["image"] == "icat"
        image = service["image"].rpartition(":")
        if not own and (not image[0] or image[2] in ("latest", "")):
            yield f"{name}: the image {service['image']} has no version"
        if own and (not service.get("read_only") or service.get("cap_drop") != ["ALL"] or not service.get("build")):
            yield f"{name}: runs with more rights than it needs, or is made of nothing"
        if "no-new-privileges:true" not in service.get("security_opt", []):
            yield f"{name}: may gain privileges"
        if "restart" not in service:
            yield f"{name}: stays down when it dies"
        if service.get("restart") == "unless-stopped" and ("healthcheck" not in service or "mem_limit" not in service):
            yield f"{name}: nobody asks for its health, or it may take all memory"
        for port in service.get("ports", ()):
            if not re.match(r"\$\{\w+:-127\.0\.0\.1:\d+\}:\d+$", port):
                yield f"{name}: {port} is open to the world unless told otherwise"
        for key, value in service.get("environment", {}).items():
            if SECRET.search(key) and not all(found[2] == "?" for found in VARIABLE.finditer(value) if SECRET.search(found[1])):
                yield f"{name}: {key} has a default"
            if SECRET.search(key) and value and not VARIABLE.search(value):
                yield f"{name}: {key} is written out"


def test_compose_is_safe():
    assert list(unsafe(compose())) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: s["broker"].update(image="rabbitmq:latest"), "no version"),
        (lambda s: s["broker"].update(image="rabbitmq"), "no version"),
        (lambda s: s["chairs"].update(read_only=False), "more rights"),
        (lambda s: s["store"].pop("security_opt"), "privileges"),
        (lambda s: s["store"].pop("healthcheck"), "health"),
        (lambda s: s["gateway"].update(ports=["8080:8080"]), "open to the world"),
        (lambda s: s["gateway"]["environment"].update(ICAT_SECRET_KEY="0123456789abcdef0123456789abcdef"), "written out"),
        (lambda s: s["chairs"]["environment"].update(AMQP_URI="amqp://chairs:chairs@broker"), "written out"),
        (lambda s: s["chairs"]["environment"].update(AMQP_URI="amqp://chairs:${CHAIRS_BROKER_PASSWORD:-chairs}@broker"), "a default"),
    ],
)
def test_what_is_unsafe_is_found(change, words):
    assert any(words in flaw for flaw in unsafe(changed(compose(), lambda d: change(d["services"]))))


def test_everything_waited_for_and_mounted_is_there():
    document = compose()
    for name, service in document["services"].items():
        assert set(service.get("depends_on", {})) <= set(document["services"]), name
        assert set(service.get("networks", [])) <= set(document["networks"]), name
        for mount in service.get("volumes", []):
            source = mount.split(":")[0]
            assert (ROOT / source).is_file() if source.startswith("./") else source in document["volumes"], f"{name}: {mount}"
        for waited, how in service.get("depends_on", {}).items():
            ends = document["services"][waited]["restart"].startswith("on-failure")
            assert how["condition"] == ("service_completed_successfully" if ends else "service_healthy"), f"{name}: {waited}"


def test_only_gateway_mail_notifications_and_bounces_reach_the_world():
    networks = {name: service.get("networks", []) for name, service in compose()["services"].items()}
    assert {name for name, of in networks.items() if "outside" in of} == {"gateway", "mail", "notifications", "bounces"}
    assert compose()["networks"]["inside"] == {"internal": True}


def test_the_setups_run_from_the_image_with_what_they_need(environ):
    services = compose()["services"]
    for name, module, needed in (
        ("store-setup", store_setup, ["STORE_URI", *map(store_setup.password_name, store_setup.DATABASES)]),
        ("broker-definitions", broker_definitions, [broker_definitions.password_name(user) for user in broker_definitions.USERS]),
    ):
        command, *_ = services[name]["command"]
        assert (ROOT / f"{command.replace('.', '/')}.py").samefile(module.__file__)
        assert set(services[name]["environment"]) == set(needed)
    # The broker loads the file that is written, from where it is mounted.
    written = services["broker-definitions"]["command"][1]
    assert f"definitions.local.path = {written}\n" in (ROOT / "deploy" / "docker" / "rabbitmq.conf").read_text()
    assert f"definitions:{os.path.dirname(written)}:ro" in services["broker"]["volumes"]
    member = f"--replSet {store_setup.REPLICA_SET} "
    assert member in (ROOT / "deploy" / "docker" / "store.sh").read_text()
    for process in composed(compose(), environ):
        assert process.environment["MONGO_URI"].endswith(f"?replicaSet={store_setup.REPLICA_SET}")


# The secrets


def test_secrets_are_random_complete_and_private(tmp_path):
    path, values = env_file(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert set(values) == set(example_env())
    empty = ("MISSION_BROKER", "MAIL_RETURNS", "ICAT_SECOND_FACTOR_FOR", "ICAT_SECURITY_CONTACT")
    made = {name: value for name, value in values.items() if not example_env()[name] and name not in empty}
    assert len(made) == 17
    assert all(re.fullmatch("[0-9a-f]{48}", value) for value in made.values())
    assert len(set(made.values())) == len(made)
    (tmp_path / "another").mkdir()
    _, others = env_file(tmp_path / "another")
    assert not set(made.values()) & set(others.values())


def test_secrets_stay_out_of_the_repository():
    assert ".env" in (ROOT / ".gitignore").read_text().splitlines()


def test_secrets_in_use_are_left_alone(tmp_path):
    path, _ = env_file(tmp_path)
    before = path.read_text()
    again = subprocess.run([ROOT / "deploy" / "docker" / "secrets.sh", path], check=False, capture_output=True, text=True)
    assert again.returncode == 1
    assert "is there already" in again.stderr
    assert path.read_text() == before


def test_a_missing_password_is_named(environ, capsys, monkeypatch):
    monkeypatch.setattr(
        os, "environ", {**{broker_definitions.password_name(u): "x" for u in broker_definitions.USERS}, "GATEWAY_BROKER_PASSWORD": ""}
    )
    assert broker_definitions.main([]) == 2
    assert "GATEWAY_BROKER_PASSWORD is not set" in capsys.readouterr().err
    assert store_setup.main({"STORE_URI": "mongodb://nowhere"}) == 2
    assert "CHAIRS_STORE_PASSWORD" in capsys.readouterr().err
    with pytest.raises(KeyError, match="CHAIRS_BROKER_PASSWORD"):
        composed(compose(), {**environ, "CHAIRS_BROKER_PASSWORD": ""})


# The broker: a RabbitMQ 4 with the definitions, and nobody else's rights


@pytest.fixture(scope="module")
def management():
    """The port of the broker's management API."""
    return claim_port()


@pytest.fixture(scope="module")
def broker(environ, management, tmp_path_factory):
    folder = tmp_path_factory.mktemp("broker")
    text = json.dumps(broker_definitions.definitions(environ))
    assert not any(environ[broker_definitions.password_name(user)] in text for user in broker_definitions.USERS)
    (folder / "definitions.json").write_text(text)
    # As it is shipped, but for where the file lies, and where this machine is listened to.
    shipped = (ROOT / "deploy" / "docker" / "rabbitmq.conf").read_text().replace("/definitions/", f"{folder}/")
    config = f"{shipped}management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {management}"
    broker = rabbitmq4.start(rabbitmq4.obtain(), folder / "node", config=config, plugins=("rabbitmq_management",))
    yield broker
    broker.stop()


@pytest.fixture
def uri(broker, environ):
    """The address by which a user reaches the broker."""
    return lambda user: broker.uri.replace("guest:guest", f"{user}:{environ[broker_definitions.password_name(user)]}")


def may(uri, what):
    """Whether the broker lets it be done; on a connection of its own, since a refusal ends the channel."""
    connection = connect(uri)
    try:
        what(connection.channel())
    except amqp.AccessRefused:
        return False
    finally:
        drop(connection)
    return True


def may_publish(uri, exchange, key):
    publisher = Publisher(uri)
    try:
        publisher.publish([Outgoing(key=key, exchange=exchange, body=b"{}", id=uuid.uuid4().hex, mandatory=False)])
    except NotConfirmed as refused:
        assert "ACCESS_REFUSED" in str(refused)
        return False
    finally:
        publisher.close()
    return True


def test_the_whole_topology_is_there(uri):
    connection = connect(uri("operator"))
    try:
        channel = connection.channel()
        for queue in topology.queues():
            channel.queue_declare(queue.name, passive=True)
    finally:
        drop(connection)


def test_there_is_no_guest(broker):
    with pytest.raises(amqp.AccessRefused):
        connect(broker.uri)


@pytest.mark.parametrize("service", SUBSCRIPTIONS)
def test_a_service_reads_its_own_and_nothing_else(service, uri):
    queues = {queue.name for queue in topology.queues()}
    readable = {name for name in queues if may(uri(service), lambda channel, name=name: channel.basic_get(name))}
    assert readable == {f"rpc-{service}", f"{service}.events", f"{service}.events.dead"}


@pytest.mark.parametrize("service", SUBSCRIPTIONS)
def test_a_service_publishes_its_own_and_nothing_else(service, uri):
    exchanges = ("", topology.RPC.name, *(f"icat.{producer}" for producer in SUBSCRIPTIONS))
    writable = {name for name in exchanges if may_publish(uri(service), name, "nobody.listens.v1")}
    assert writable == {"", f"icat.{service}"}


def test_the_gateway_sends_commands_and_nothing_else(uri):
    exchanges = ("", topology.RPC.name, *(f"icat.{producer}" for producer in SUBSCRIPTIONS))
    assert {name for name in exchanges if may_publish(uri("gateway"), name, "nobody.listens.v1")} == {topology.RPC.name}
    assert not any(may(uri("gateway"), lambda channel, q=q: channel.basic_get(q.name)) for q in topology.queues())
    assert may(uri("gateway"), lambda channel: channel.basic_consume(topology.DIRECT_REPLY, no_ack=True))


def test_the_gateway_overhears_notifications_and_nobody_else(uri):
    def hears(producer):
        def bind(channel):
            queue = topology.ear_queue()
            channel.queue_declare(queue, exclusive=True, auto_delete=True)
            channel.queue_bind(queue, topology.exchange(producer).name, "#")
            channel.basic_consume(queue, no_ack=True)

        return may(uri("gateway"), bind)

    assert {producer for producer in SUBSCRIPTIONS if hears(producer)} == {"notifications"}
    assert not may(uri("gateway"), lambda channel: channel.queue_declare("another", exclusive=True))


def test_the_receiver_of_bounces_gives_one_order_and_nothing_else(uri):
    exchanges = ("", *(f"icat.{producer}" for producer in SUBSCRIPTIONS))
    assert not any(may_publish(uri("bounces"), name, "nobody.listens.v1") for name in exchanges)
    keys = ("notifications.report_bounce", "notifications.admit_subscriber", "notificationsXreport_bounce", "chairs.report_bounce")
    assert {key for key in keys if may_publish(uri("bounces"), topology.RPC.name, key)} == {"notifications.report_bounce"}
    assert not any(may(uri("bounces"), lambda channel, q=q: channel.basic_get(q.name)) for q in topology.queues())
    assert may(uri("bounces"), lambda channel: channel.basic_consume(topology.DIRECT_REPLY, no_ack=True))


def test_nobody_makes_a_queue_but_notifications_for_subscribers(uri):
    for user in set(broker_definitions.USERS) - {"management"}:
        assert not may(uri(user), lambda channel: channel.queue_declare("mine", durable=True))
        assert not may(uri(user), lambda channel: channel.queue_delete("workplan.events"))
        assert may(uri(user), lambda channel: channel.queue_declare("mission.jp.8c1f", durable=True, auto_delete=False)) is (
            user == "notifications"
        )


def test_who_makes_users_touches_no_queue(uri):
    with pytest.raises((amqp.AccessRefused, amqp.NotAllowed)):
        connect(uri("management"))


def test_a_mission_reads_its_queue_and_does_nothing_else(environ, uri, management):
    """By the address of the management API as notifications is given it, but for the host."""
    value = compose()["services"]["notifications"]["environment"]["ICAT_BROKER_MANAGEMENT_URL"]
    users = QueueUsers(interpolated(value, environ).replace("broker:15672", f"127.0.0.1:{management}"), "/")
    for queue in ("mission.x.8c1f", "mission.y.8c1f"):
        assert may(uri("notifications"), lambda channel, queue=queue: channel.queue_declare(queue, durable=True, auto_delete=False))
        assert may_publish(uri("notifications"), "", queue)
    assert not may(uri("notifications"), lambda channel: channel.basic_get("mission.x.8c1f"))
    users.grant("mission.x.8c1f", "handed")
    mission = with_user(uri("notifications"), "mission.x.8c1f", "handed")
    exchanges = ("", "amq.topic", topology.RPC.name, *(f"icat.{producer}" for producer in SUBSCRIPTIONS))
    assert not any(may_publish(mission, name, "nobody.listens.v1") for name in exchanges)
    assert not any(may(mission, lambda channel, q=q: channel.basic_get(q.name)) for q in topology.queues())
    for attempt in (
        lambda channel: channel.basic_get("mission.y.8c1f"),
        lambda channel: channel.queue_declare("mission.x.mine", durable=True, auto_delete=False),
        lambda channel: channel.queue_declare("", exclusive=True),
        lambda channel: channel.queue_delete("mission.x.8c1f"),
        lambda channel: channel.queue_bind("mission.x.8c1f", "icat.workplan", "#"),
        lambda channel: channel.exchange_declare("icat.mine", "topic"),
    ):
        assert not may(mission, attempt)

    def read(channel):
        message = channel.basic_get("mission.x.8c1f")
        assert message.body == "{}"
        channel.basic_ack(message.delivery_tag)

    assert may(mission, read)


def test_compose_hands_missions_an_address_or_nothing(environ):
    value = compose()["services"]["notifications"]["environment"]["ICAT_MISSION_AMQP_URI"]
    assert interpolated(value, environ) == ""
    assert interpolated(value, {**environ, "MISSION_BROKER": "broker.example.org:5671"}) == "amqps://broker.example.org:5671/%2F"


def test_the_operator_sees_dead_letters_and_no_living_ones(uri):
    readable = {q.name for q in topology.queues() if may(uri("operator"), lambda channel, q=q: channel.basic_get(q.name))}
    assert readable == {f"{service}.events.dead" for service in SUBSCRIPTIONS}


def test_the_operator_deals_with_a_dead_letter(uri, environ, broker, tmp_path):
    """With what the operator's container is given, and nothing else."""
    service = compose()["services"]["operator"]
    given = interpolated(service["environment"]["AMQP_URI"], environ).replace(
        "broker:5672", broker.uri.rpartition("@")[2].partition("/")[0]
    )

    def letters(*words):
        command = [sys.executable, "-m", *service["command"], *words]
        environment = {"PATH": os.environ["PATH"], "ICAT_HOME": str(tmp_path), "USER": "somebody", "AMQP_URI": given}
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout

    publisher = Publisher(uri("workplan"))
    publisher.publish([Outgoing(key="workplan.events.dead", body=b"no event", id="letter-1")])
    publisher.close()
    assert "1 dead letter." in letters()
    assert "no event" in letters("show", "letter-1")
    assert "1 sent again" in letters("send-again", "letter-1")
    assert "0 dead letters." in letters()
    connection = connect(uri("workplan"))
    channel = connection.channel()
    arrived = channel.basic_get("workplan.events")
    channel.basic_ack(arrived.delivery_tag)
    drop(connection)
    assert arrived.body in (b"no event", "no event")


# The store: a user for each database


@pytest.fixture(scope="module")
def store(tmp_path_factory, environ):
    with Platform(tmp_path_factory.mktemp("platform"), parts=("store",)) as platform:
        passwords = {database: environ[store_setup.password_name(database)] for database in store_setup.DATABASES}
        with MongoClient(platform.mongo_uri("admin")) as client:
            store_setup.make_users(client, {**passwords, "chairs": "the one before"})
            store_setup.make_users(client, passwords)
        yield platform


def test_a_user_has_the_password_it_was_given_last(store, environ):
    address = store.mongo_uri("admin").rpartition("@")[2].partition("/")[0]
    for database in store_setup.DATABASES:
        with MongoClient(f"mongodb://{database}:{environ[store_setup.password_name(database)]}@{address}/{database}") as client:
            client[database].things.insert_one({"_id": uuid.uuid4().hex})
            assert client[database].things.count_documents({}) == 1
    with MongoClient(f"mongodb://chairs:the one before@{address}/chairs") as client, pytest.raises(OperationFailure):
        client.chairs.things.find_one()


class FakeAdmin:
    """What a store's admin database answers, before and after it is a member of a set."""

    def __init__(self, *, waits: int) -> None:
        self.initiated: dict | None = None
        self.waits = waits

    def command(self, name: str, value: dict | None = None) -> dict:
        if name == "replSetGetStatus" and self.initiated is None:
            raise OperationFailure("no replset config has been received", store_setup.NOT_YET_INITIATED)
        if name == "replSetInitiate":
            assert self.initiated is None
            self.initiated = value
        self.waits -= name == "hello"
        return {"isWritablePrimary": self.initiated is not None and self.waits <= 0}


def test_the_replica_set_is_initiated_once_and_waited_for():
    admin = FakeAdmin(waits=3)
    store_setup.initiate(admin, "store:27017")
    assert admin.initiated == {"_id": "icat", "members": [{"_id": 0, "host": "store:27017"}]}
    assert admin.waits == 0
    store_setup.initiate(admin, "store:27017")


# All together: each process as compose runs it


@pytest.mark.timeout(180)
def test_every_process_runs_with_what_compose_gives_it(broker, management, store, environ, tmp_path):
    places = {
        "broker:15672": f"127.0.0.1:{management}",
        "broker:5672": broker.uri.rpartition("@")[2].partition("/")[0],
        "store:27017": store.mongo_uri("admin").rpartition("@")[2].partition("/")[0],
        "?replicaSet=icat": "",
        "0.0.0.0:8080": f"127.0.0.1:{(http := claim_port())}",
    }

    def placed(text):
        for there, here in places.items():
            text = text.replace(there, here)
        return text

    running, ready = [], {}
    try:
        for process in composed(compose(), environ):
            settings = {name: placed(value) for name, value in process.environment.items()}
            if "ICAT_HEALTH_PORT" in settings:
                settings["ICAT_HEALTH_PORT"] = str(claim_port())
            ready[process.name] = f"http://127.0.0.1:{settings.get('ICAT_HEALTH_PORT', http)}{process.probes[0][0]}"
            with (tmp_path / f"{process.name}.log").open("wb") as log:
                command = [sys.executable, "-m", *map(placed, process.command)]
                # Nothing of this machine's environment but where programs are.
                environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **settings}
                running.append(subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log))
        until = time.monotonic() + 90
        for (name, url), process in zip(ready.items(), running, strict=True):
            while not answers(url):
                if process.poll() is not None or time.monotonic() > until:
                    pytest.fail(f"{name} is not ready:\n{(tmp_path / f'{name}.log').read_text()[-3000:]}")
                time.sleep(0.2)
        pool = Pool(broker.uri.replace("guest:guest", f"gateway:{environ['GATEWAY_BROKER_PASSWORD']}"))
        try:
            for service in SUBSCRIPTIONS:
                order = Order(id=uuid.uuid4().hex, by=Actor("tester", "UNODC", frozenset({"secretariat"})), at=now())
                assert pool.call(service, "status", {}, order)["service"] == service
        finally:
            pool.close()
    finally:
        for process in running:
            process.terminate()
        for process in running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()
            process.wait()
    assert len(running) == len(PROCESSES)


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=3) as response:
            return response.status == 200
    except OSError:
        return False
