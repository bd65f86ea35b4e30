"""Every name, port and variable of the deployments exists in the code, and everything the code requires is set.

The last tests change one name at a time in a copy: each must be found, or the checks are worth nothing.
"""

import re
import sys

import pytest

from gateway.settings import Settings as GatewaySettings
from messaging import topology
from messaging.settings import TABLE, Settings, setting
from services.notifications.bounces import listening
from tests.deploy.deployed import (
    BASE,
    BOUNCES,
    PROCESSES,
    ROOT,
    VARIABLE,
    changed,
    clustered,
    compose,
    composed,
    example_env,
    flaws,
    resources,
)

CHECKED = ("ICAT_SECOND_FACTOR_FOR", "ICAT_SECURITY_CONTACT")
"""Empty settings that take no made-up word."""

ENV = {name: value or (f"made-for-{name.lower()}-0123456789abcdef" if name not in CHECKED else "") for name, value in example_env().items()}


def secrets() -> dict[str, dict[str, str]]:
    sys.path.insert(0, str(ROOT / "deploy" / "k8s"))
    from make_secrets import manifests

    return {item["metadata"]["name"]: item["stringData"] for item in manifests({"ICAT_SMTP_URL": "smtp://mail:25"})["items"]}


def all_flaws(processes) -> list[str]:
    return [flaw for process in processes for flaw in flaws(process)]


@pytest.fixture(scope="module")
def objects():
    return list(resources(BASE))


def test_the_five_processes_are_there(objects):
    assert {p.name for p in composed(compose(), ENV)} == set(PROCESSES)
    assert {p.name for p in clustered(objects, secrets())} == set(PROCESSES)


def test_compose_says_nothing_the_code_does_not_know():
    assert all_flaws(composed(compose(), ENV)) == []


def test_kubernetes_says_nothing_the_code_does_not_know(objects):
    assert all_flaws(clustered(objects, secrets())) == []


def test_the_receiver_of_bounces_is_there_with_what_it_reads(objects):
    for processes in (composed(compose(), ENV, [BOUNCES]), clustered(objects, secrets(), [BOUNCES])):
        (process,) = processes
        assert flaws(process) == []
        assert listening(process.environment["ICAT_BOUNCES_LISTEN"]) == ("0.0.0.0", process.ports[0])


def test_mail_names_an_address_to_return_to_only_where_it_is_said_to(objects):
    def told(processes):
        (process,) = (p for p in processes if p.name == "notifications")
        return process.environment["ICAT_BOUNCES_LISTEN"]

    assert told(composed(compose(), {**ENV, "MAIL_RETURNS": ""})) == told(clustered(objects, secrets())) == ""
    assert told(composed(compose(), {**ENV, "MAIL_RETURNS": "1"})) == "bounces:2525"


@pytest.mark.parametrize("name", PROCESSES)
def test_the_settings_are_accepted(name, objects):
    for processes in (composed(compose(), ENV), clustered(objects, secrets())):
        (process,) = (p for p in processes if p.name == name)
        settings = (GatewaySettings if name == "gateway" else Settings).from_environ(process.environment)
        assert settings.amqp_uri == process.environment["AMQP_URI"]
        if name == "notifications":
            assert setting("ICAT_SMTP_URL", process.environment).startswith("smtp")


def test_compose_and_the_example_of_its_environment_name_the_same_variables():
    used = {found[1] for found in VARIABLE.finditer((ROOT / "docker-compose.yml").read_text())}
    assert used == set(example_env())


def test_image_is_made_from_what_is_there():
    lines = (ROOT / "deploy" / "docker" / "Dockerfile").read_text().splitlines()
    copied = [line.split() for line in lines if line.startswith("COPY ") and "--from" not in line]
    sources = [source for _, *from_, _to in copied for source in from_]
    assert "contracts" in sources
    assert [source for source in sources if not (ROOT / source).exists()] == []
    allowed = {line.lstrip("!") for line in (ROOT / "deploy" / "docker" / "Dockerfile.dockerignore").read_text().splitlines()}
    assert [source for source in sources if not any(source == a or source.startswith(f"{a}/") for a in allowed)] == []


def test_every_package_the_processes_import_is_in_the_image():
    text = (ROOT / "deploy" / "docker" / "Dockerfile").read_text()
    for package in ("contracts", "messaging", "press", "services", "gateway"):
        assert f"COPY {package} /app/{package}" in text


def unknown_words(text):
    """Settings, files, queues and containers that a text names and nobody knows."""
    settings = set(re.findall(r"\b(?:ICAT|AMQP|MONGO)_[A-Z_]+\b", text))
    yield from settings - set(TABLE) - set(example_env()) - {"MONGO_INITDB_ROOT_PASSWORD"}
    yield from (path for path in re.findall(r"\b(?:deploy|messaging|docs)/[\w/.-]*\w", text) if not (ROOT / path).exists())
    yield from (
        name
        for name in re.findall(r"docker compose (?:run (?:--env \S+ )?--rm|exec|restart|logs) ([a-z-]+)", text)
        if name not in compose()["services"]
    )
    yield from (name for name in re.findall(r"<service>\.events\.(\w+)", text) if f"chairs.events.{name}" not in prefixes())


def prefixes():
    return {queue.name.rsplit(".", 1)[0] if "retry" in queue.name else queue.name for queue in topology.queues()}


def test_the_page_for_operators_names_what_there_is():
    text = (ROOT / "docs" / "operations.md").read_text()
    assert list(unknown_words(text)) == []
    for wrong in ("`ICAT_PUBLIC_URI`", "deploy/docker/secret.sh", "docker compose restart rabbit", "<service>.events.late"):
        assert len(list(unknown_words(f"{text}\n{wrong}\n"))) == 1


# The checks find what is wrong


def environment(process, **changes):
    def change(document):
        document["services"][process]["environment"].update(changes)

    return change


def command(process, *words):
    return lambda document: document["services"][process].update(command=list(words))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (environment("chairs", ICAT_TOPOLOGI="expect"), "ICAT_TOPOLOGI is no setting"),
        (environment("chairs", ICAT_SECRET_KEY="x" * 40), "ICAT_SECRET_KEY is no setting it reads"),
        (environment("documents", ICAT_TOPOLOGY="declare"), "ICAT_TOPOLOGY is expect"),
        (environment("workplan", MONGO_URI=""), "MONGO_URI is required"),
        (environment("workplan", MONGO_URI="mongodb://workplan:other@store/chairs"), "of the database /chairs"),
        (environment("workplan", AMQP_URI="amqp://chairs:other@broker"), "to the broker as chairs"),
        (environment("workplan", ICAT_HEALTH_PORT="9999"), "told at 9999"),
        (environment("notifications", ICAT_MISSION_AMQP_URI="amqps://notifications:own@broker"), "handed amqps as notifications"),
        (environment("notifications", ICAT_MISSION_AMQP_URI="amqp://broker"), "handed amqp as None"),
        (
            environment("notifications", ICAT_BROKER_MANAGEMENT_URL="http://notifications:own@broker:15672"),
            "it makes users as notifications",
        ),
        (lambda d: d["services"]["notifications"]["environment"].pop("ICAT_MAIL_FROM"), "ICAT_MAIL_FROM is required"),
        (lambda d: d["services"]["gateway"]["environment"].pop("ICAT_SECRET_KEY"), "ICAT_SECRET_KEY is required"),
        (lambda d: d["services"]["gateway"].update(ports=["8080:8081"]), "sent to port 8081"),
        (command("chairs", "messaging.runtime", "services.chair.service"), "no module services.chair.service"),
        (command("chairs", "messaging.runtime", "services.workplan.service"), "it runs"),
        (command("chairs", "messaging.runtimes", "services.chairs.service"), "no module messaging.runtimes"),
        (
            command("gateway", "gunicorn", "--config", "gateway/gunicorn.py", "--bind", "0.0.0.0:8080", "gateway.wsgi:app"),
            "no gateway/gunicorn.py",
        ),
        (
            command("gateway", "gunicorn", "--config", "gateway/gunicorn.conf.py", "--bind", "0.0.0.0:8080", "gateway.wsgi:application"),
            "is nowhere",
        ),
        (
            command("gateway", "gunicorn", "--config", "gateway/gunicorn.conf.py", "--bind", "0.0.0.0:80", "gateway.wsgi:app"),
            "asked at port 8080",
        ),
    ],
)
def test_a_wrong_name_in_compose_is_found(change, words):
    assert any(words in flaw for flaw in all_flaws(composed(changed(compose(), change), ENV)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (environment(BOUNCES, MONGO_URI="mongodb://bounces:own@store/notifications"), "MONGO_URI is no setting it reads"),
        (environment(BOUNCES, AMQP_URI="amqp://gateway:other@broker"), "to the broker as gateway"),
        (environment(BOUNCES, ICAT_BOUNCES_LISTEN="0.0.0.0:25"), "asked at port 2525, and told at 25"),
        (lambda d: d["services"][BOUNCES]["environment"].pop("ICAT_MAIL_FROM"), "ICAT_MAIL_FROM is required"),
        (command(BOUNCES, "services.notifications.bounce"), "no module services.notifications.bounce"),
        (command(BOUNCES, "services.notifications.lanes"), "it runs"),
    ],
)
def test_a_wrong_name_of_the_receiver_of_bounces_is_found(change, words):
    assert any(words in flaw for flaw in all_flaws(composed(changed(compose(), change), ENV, [BOUNCES])))


def container(objects, name):
    (deployment,) = (o for o in objects["all"] if o["kind"] == "Deployment" and o["metadata"]["name"] == name)
    return deployment["spec"]["template"]["spec"]["containers"][0]


def variable(process, name, /, **changes):
    def change(objects):
        (found,) = (v for v in container(objects, process)["env"] if v["name"] == name)
        found.update(changes)

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (variable("chairs", "ICAT_INSTANCE", name="ICAT_INSTANZ"), "ICAT_INSTANZ is no setting"),
        (variable("chairs", "ICAT_HEALTH_PORT", value="8082"), "told at 8082"),
        (variable("notifications", "ICAT_SMTP_URL", name="ICAT_SMTP"), "ICAT_SMTP_URL is required"),
        (lambda o: container(o, "chairs").update(args=["messaging.runtime", "services.chairs"]), "no module services.chairs"),
        (lambda o: container(o, "gateway")["livenessProbe"]["httpGet"].update(path="/healthz"), "not told at /healthz"),
        (lambda o: container(o, "workplan")["readinessProbe"]["httpGet"].update(path="/ready"), "not told at /ready"),
        (lambda o: container(o, "gateway")["ports"][0].update(containerPort=80), "sent to port 80"),
        (lambda o: o["all"][0]["data"].update(ICAT_LOGLEVEL="INFO"), "ICAT_LOGLEVEL is no setting"),
    ],
)
def test_a_wrong_name_in_kubernetes_is_found(objects, change, words):
    assert any(words in flaw for flaw in all_flaws(clustered(changed({"all": objects}, change)["all"], secrets())))


@pytest.mark.parametrize(
    ("process", "name", "reference"),
    [
        ("chairs", "AMQP_URI", {"secretKeyRef": {"name": "icat-chair", "key": "AMQP_URI"}}),
        ("chairs", "MONGO_URI", {"secretKeyRef": {"name": "icat-chairs", "key": "MONGO"}}),
        ("gateway", "ICAT_PUBLIC_URL", {"configMapKeyRef": {"name": "icat-addresses", "key": "PUBLIC_URL"}}),
    ],
)
def test_a_reference_to_nothing_is_found(objects, process, name, reference):
    broken = changed({"all": objects}, variable(process, name, valueFrom=reference))["all"]
    with pytest.raises(KeyError):
        clustered(broken, secrets())
