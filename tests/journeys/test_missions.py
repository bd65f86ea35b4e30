"""What a mission's software does, by the recipes of ``clients/README.md`` as they stand there and the client that is handed out, against
the whole platform."""

import json
import os
import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pika
import pytest
from standardwebhooks import Webhook

from clients.icat_mission import Mission, MissionError
from contracts import documents
from contracts.envelope import CONTENT_TYPE, seal
from launcher.demo.api import Api, Person
from launcher.home import ROOT
from launcher.platform import Platform
from messaging.context import Cause, now, written
from messaging.wire import Outgoing, Publisher
from services.kernel import Actor, utc

AT = utc(2015, 3, 1)
PASSWORD = "a mission's own password"
TOPIC = "publications"


def recipe(name: str) -> str:
    """The block of the README that begins with this name."""
    readme = (ROOT / "clients" / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(rf"^```\w+\n(# recipe: {name}\n.*?)^```$", readme, re.M | re.S)
    return block


class Desk:
    """A mission's people and the machine on which their software runs: ``folder``, and what the recipes find in their environment."""

    def __init__(self, platform: Platform, secretariat: Person, folder: Path) -> None:
        self.platform, self.folder = platform, folder
        self.code = f"M{uuid.uuid4().hex[:6].upper()}"
        name = self.code.lower()
        secretariat.api.in_session(*platform.login).post(
            "/people", name=name, display_name=name, entity=self.code, roles=["mission"], password=PASSWORD
        )
        secretariat.post("/subscribers", code=self.code, name=f"Permanent Mission {self.code}", kind="mission", language="fr")
        self.person = secretariat.api.log_in(name, PASSWORD, self.code)
        token = self.person.headers["Authorization"].removeprefix("Bearer ")
        self.environ = {"PATH": os.environ["PATH"], "ICAT": platform.url, "MISSION": self.code, "TOKEN": token}

    def run(self, name: str, **more: str) -> str:
        """What a recipe prints. Raises CalledProcessError when it fails."""
        shell = ["sh", "-eu", "-c", recipe(name)]
        done = subprocess.run(shell, cwd=self.folder, env=self.environ | more, capture_output=True, text=True, timeout=60, check=True)
        return done.stdout

    def subscription(self, id: str) -> dict[str, Any]:
        return next(s for s in self.person.get(f"/subscribers/{self.code}")["subscriptions"] if s["id"] == id)

    def queue(self) -> dict[str, str]:
        """Subscribe by queue and fetch its credentials, by the recipe."""
        asked = self.person.post(f"/subscribers/{self.code}/subscriptions", channel="amqp", topics=[TOPIC])
        self.run("credentials", SUBSCRIPTION=asked["id"])
        return json.loads((self.folder / "credentials.json").read_text())


@pytest.fixture(scope="module")
def secretariat(platform: Platform) -> Person:
    return Api(platform.url, written(AT)).log_in(*platform.login)


@pytest.fixture
def desk(platform: Platform, secretariat: Person, tmp_path: Path) -> Desk:
    return Desk(platform, secretariat, tmp_path)


@pytest.fixture(scope="module")
def publish(platform: Platform, secretariat: Person, eventually: Callable[..., Any]) -> Iterator[Callable[[], int]]:
    """``publish()``: a paper is published, and the number of its matter, once that is known."""
    publisher = Publisher(platform.amqp_uri)
    sample = documents.Published.read(json.loads((ROOT / "contracts/samples/notifications/documents.published.json").read_text()))

    def matters() -> int:
        return secretariat.get(f"/matters/{TOPIC}", since=0, limit=1)["last"]

    def publish() -> int:
        before, at = matters(), now()  # after every confirmation of these tests
        cause = Cause(id=uuid.uuid4().hex, by=Actor("tester"), at=at, correlation="test")
        about = {"subject": f"document/{cause.id}", "sequence": 1, "time": written(at), "cause": cause, "previous": None}
        event = seal(documents.Published, sample, **about)
        message = Outgoing("documents.published.v1", json.dumps(event).encode(), event["id"], "icat.documents", content_type=CONTENT_TYPE)
        assert publisher.publish([message]) == [True]
        return eventually(lambda: matters() if matters() > before else None)

    yield publish
    publisher.close()


def numbers(heard: list[dict[str, Any]]) -> list[int]:
    return [notice["data"]["number"] for notice in heard]


# Webhooks -------------------------------------------------------------------------------------------------------------------------------


def test_a_webhook_is_subscribed_received_and_verified_by_the_recipes(desk, publish, eventually):
    secret, port = "whsec_" + "C" * 32, str(desk.platform.home.port(f"receiver-{desk.code}"))
    program = desk.folder / "receive.py"
    program.write_text(recipe("receive"))
    with (desk.folder / "received").open("wb") as output:
        environ = desk.environ | {"SECRET": secret, "PORT": port}
        receiver = subprocess.Popen([sys.executable, program], env=environ, stdout=output, stderr=subprocess.DEVNULL)
    try:
        target = f"http://127.0.0.1:{port}/"
        asked = json.loads(desk.run("subscribe", WEBHOOK=target + f'", "secret": "{secret}'))
        assert asked["secret"] == secret
        eventually(lambda: desk.subscription(asked["id"])["state"] == "confirmed")
        number = publish()
        (notice,) = eventually(lambda: [json.loads(line) for line in (desk.folder / "received").read_text().splitlines()])
        assert (notice["data"]["topic"], notice["data"]["number"]) == (TOPIC, number)
    finally:
        receiver.terminate()
        receiver.wait(10)


def test_a_shell_verifies_what_the_reference_library_signed(desk):
    secret, earlier, body, at = "whsec_" + "C" * 32, "whsec_" + "D" * 32, '{"type": "icat.publications.published", "é": 1}\n', now()
    (desk.folder / "body").write_text(body, encoding="utf-8")
    signed = Webhook(secret).sign("m1", at, body)

    def verified(**changed: str) -> bool:
        given = {"id": "m1", "timestamp": str(int(at.timestamp())), "signatures": signed, "secret": secret} | changed
        try:
            desk.run("verify", **given)
        except subprocess.CalledProcessError:
            return False
        return True

    assert verified()
    assert verified(signatures=f"{Webhook(earlier).sign('m1', at, body)} {signed}")
    assert not verified(secret=earlier)
    assert not verified(id="m2")
    assert not verified(timestamp=str(int(at.timestamp()) - 1))
    old = utc(2015)
    assert not verified(timestamp=str(int(old.timestamp())), signatures=Webhook(secret).sign("m1", old, body))
    (desk.folder / "body").write_text(body.replace("1", "2"), encoding="utf-8")
    assert not verified()


# By number ------------------------------------------------------------------------------------------------------------------------------


def test_a_shell_resumes_by_number(desk, publish):
    first, second = publish(), publish()
    answers = [json.loads(line) for line in desk.run("resume", TOPIC=TOPIC, SINCE=str(first - 1)).splitlines()]
    assert [item["number"] for answer in answers for item in answer["items"]] == [first, second]
    (nothing,) = desk.run("resume", TOPIC=TOPIC, SINCE=str(second)).splitlines()
    assert json.loads(nothing)["items"] == []
    with pytest.raises(subprocess.CalledProcessError):
        desk.run("resume", TOPIC="reminders", SINCE="0")


def test_a_shell_resumes_page_after_page(desk, publish, monkeypatch):
    for _ in range(3):
        last = publish()
    shell = recipe("resume").replace("limit=200", "limit=1")
    monkeypatch.setitem(globals(), "recipe", lambda name: shell)
    answers = [json.loads(line) for line in desk.run("resume", TOPIC=TOPIC, SINCE=str(last - 3)).splitlines()]
    assert [[item["number"] for item in answer["items"]] for answer in answers] == [[last - 2], [last - 1], [last]]


# The client -----------------------------------------------------------------------------------------------------------------------------


def reader(desk: Desk, credentials: dict[str, str], **more: Any) -> Mission:
    return Mission(credentials["uri"], credentials["queue"], desk.folder / "memory.json", api=desk.platform.url, topics=[TOPIC], **more)


def test_the_client_asks_for_what_its_queue_lost_and_hands_on_each_once(desk, publish, eventually):
    credentials, heard = desk.queue(), []
    reader(desk, credentials).each(heard.append, idle=0.5)  # nothing yet: what comes is from now on
    assert heard == []
    first, second = publish(), publish()
    reader(desk, credentials).each(heard.append, idle=1)
    assert numbers(heard) == [first, second]
    with pika.BlockingConnection(pika.URLParameters(desk.platform.amqp_uri)) as connection:
        channel = connection.channel()
        third = publish()
        eventually(lambda: channel.queue_declare(credentials["queue"], passive=True).method.message_count == 1)
        channel.queue_purge(credentials["queue"])  # lost with its node, say
    fourth = publish()
    reader(desk, credentials).each(heard.append, idle=1)  # third by number; fourth by number, and again from the queue
    assert numbers(heard) == [first, second, third, fourth]
    assert [notice["type"] for notice in heard] == ["icat.publications.published"] * 4
    assert heard[2].keys() == heard[1].keys()
    reader(desk, credentials).each(heard.append, idle=0.5)
    assert len(heard) == 4


def test_the_client_begins_where_it_is_told_and_hands_on_what_is_wanted(desk, publish):
    credentials, heard = desk.queue(), []
    last = publish()
    reader(desk, credentials, since=0, wants=lambda data: data["number"] != last - 1).each(heard.append, idle=1)
    assert numbers(heard) == [number for number in range(1, last + 1) if number != last - 1]


def test_a_replay_is_handed_on_though_its_number_was_had(desk, publish, secretariat, eventually):
    asked = desk.person.post(f"/subscribers/{desk.code}/subscriptions", channel="amqp", topics=[TOPIC])
    desk.run("credentials", SUBSCRIPTION=asked["id"])
    credentials, heard = json.loads((desk.folder / "credentials.json").read_text()), []
    number = publish()
    reader(desk, credentials, since=number - 1).each(heard.append, idle=1)
    secretariat.post("/replays", subscriber=desk.code, subscription=asked["id"], topic=TOPIC, since=number - 1, until=number)
    eventually(lambda: reader(desk, credentials).each(heard.append, idle=0.5) or len(heard) == 2)
    assert numbers(heard) == [number, number]


def test_the_client_reads_on_while_the_api_is_away_and_asks_later(desk, publish):
    credentials, heard = desk.queue(), []
    reader(desk, credentials).each(heard.append, idle=0.5)
    number = publish()
    away = Mission(credentials["uri"], credentials["queue"], desk.folder / "memory.json", api="http://127.0.0.1:1", topics=[TOPIC])
    away.each(heard.append, idle=1)
    assert numbers(heard) == [number]
    reader(desk, credentials).each(heard.append, idle=0.5)
    assert numbers(heard) == [number]


def test_the_client_runs_as_a_program_that_prints_lines(desk, publish):
    desk.queue()
    shutil.copy(ROOT / "clients" / "icat_mission.py", desk.folder)
    number = publish()
    command = recipe("queue").replace("python3 ", f"{sys.executable} ").rstrip() + f" --since {number - 1} --idle 2\n"
    done = run_in(desk, "sh", "-eu", "-c", command)
    assert (done.returncode, done.stderr) == (0, "")
    assert numbers([json.loads(line) for line in done.stdout.splitlines()]) == [number]
    shown = run_in(desk, sys.executable, "icat_mission.py", "--help").stdout
    assert all(f"--{option}" in shown for option in ("memory", "api", "topic", "since", "cafile", "idle"))


def run_in(desk: Desk, *command: str) -> subprocess.CompletedProcess:
    return subprocess.run(command, cwd=desk.folder, env=desk.environ, capture_output=True, text=True, timeout=60, check=False)


def test_credentials_are_told_once_and_replaced_ones_open_nothing(desk, publish):
    asked = desk.person.post(f"/subscribers/{desk.code}/subscriptions", channel="amqp", topics=[TOPIC])
    desk.run("credentials", SUBSCRIPTION=asked["id"])
    first = json.loads((desk.folder / "credentials.json").read_text())
    number = publish()
    with pytest.raises(subprocess.CalledProcessError):
        desk.run("credentials", SUBSCRIPTION=asked["id"])
    desk.person.post(f"/subscribers/{desk.code}/subscriptions/{asked['id']}/secret")
    heard: list[dict[str, Any]] = []
    with pytest.raises(MissionError, match="fetch them anew"):
        Mission(first["uri"], first["queue"]).each(heard.append, idle=1)
    desk.run("credentials", SUBSCRIPTION=asked["id"])
    second = json.loads((desk.folder / "credentials.json").read_text())
    assert second["queue"] == first["queue"]
    Mission(second["uri"], second["queue"]).each(heard.append, idle=1)
    assert numbers(heard) == [number]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"api": "{url}/nowhere"}, "is not the platform's"),
        ({"topics": ["reminders"]}, "is no public topic"),
        ({"queue": "chairs.events"}, "do not open this queue"),
    ],
)
def test_the_client_says_what_waiting_does_not_mend(desk, changed, words):
    credentials = desk.queue()
    given = {"queue": credentials["queue"], "api": desk.platform.url, "topics": [TOPIC]} | changed
    given["api"] = given["api"].format(url=desk.platform.url)
    with pytest.raises(MissionError, match=words):
        Mission(credentials["uri"], given.pop("queue"), **given).each(lambda notice: None, idle=1)
