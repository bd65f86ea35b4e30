"""The real application on a real store; services are stood in for by ``Services``, or run for real (test_platform)."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import mongoengine
import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from pymongo import MongoClient

from gateway import Settings, create_app
from gateway.accounts import passwords
from gateway.accounts.passwords import hash_password
from gateway.accounts.rules import Account
from gateway.accounts.store import Accounts
from launcher.home import claim_port
from launcher.processes import store_command
from messaging.context import Cause, dump_context, now
from services.kernel.actor import SYSTEM_ACTOR
from services.kernel.refusal import Refusal

PASSWORD = "correct horse battery"
SECRET_KEY = "a key for tests, longer than thirty-two characters"

# What guessing costs is not tried here, and every second test logs somebody in. The gateway that runs as a process costs what it does.
passwords._hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


REGISTER = ("chairs.entities", 200, "visitor")
"""What, how many and as whom the gateway asks for the register of acronyms, of its own."""


class Services:
    """Stands in for messaging's client pool: same call, same refusals. What is asked and answered must fit on the wire, as JSON.

    A service that was told nothing is away.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """As at first: nothing asked, nothing told. ``beside``: what was asked when it was time, whatever a request asked."""
        self.asked: list[tuple[str, dict[str, Any], Cause]] = []
        self.beside: list[tuple[str, dict[str, Any], Cause]] = []
        self._answers: dict[str, Any] = {}

    def answers(self, what: str, answer: Any) -> None:
        """``what``: ``chairs.overview``; ``answer``: a value, a Refusal to raise, or a function of payload and cause."""
        self._answers[what] = answer

    def call(self, service: str, name: str, payload: dict[str, Any], cause: Cause, timeout: float | None = None) -> Any:
        what = f"{service}.{name}"
        asked = self.beside if (what, payload.get("limit"), cause.by.person) == REGISTER else self.asked
        asked.append((what, json.loads(json.dumps(payload)), cause))
        json.loads(dump_context(cause))
        answer = self._answers.get(what, Refusal("unavailable", f"The {service} service is not there.", rule="service-away"))
        if callable(answer):
            answer = answer(payload, cause)
        if isinstance(answer, Exception):
            raise answer
        return json.loads(json.dumps(answer))

    def causes(self, what: str) -> list[str]:
        return [cause.id for asked, _, cause in self.asked if asked == what]


@pytest.fixture(scope="session")
def store(tmp_path_factory):
    """The address of a database of the embedded store, by name."""
    port = claim_port()
    folder = tmp_path_factory.mktemp("store")
    process = subprocess.Popen(store_command(port, folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        MongoClient(port=port, serverSelectionTimeoutMS=30_000).admin.command("ping")
        yield f"mongodb://127.0.0.1:{port}".__add__
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="session")
def stand_in() -> Services:
    """What every application of these tests asks."""
    return Services()


@pytest.fixture
def services(stand_in: Services) -> Services:
    stand_in.forget()
    return stand_in


@pytest.fixture
def known(services: Services) -> Services:
    """The services, of which chairs knows some entities."""
    entities = [{"code": code, "names": {"en": code}, "acronyms": {}} for code in ("ILO", "IOM", "OHCHR")]
    services.answers("chairs.entities", {"items": entities, "next": None})
    return services


@pytest.fixture(scope="session")
def settings(store) -> Settings:
    return Settings(
        amqp_uri="amqp://nowhere.invalid",
        mongo_uri=store("/gateway"),
        secret_key=SECRET_KEY,
        public_url="http://localhost",
    )


class Browser(FlaskClient):
    """A browser. A request that brings a cookie of its own is a program's, and is sent as it is."""

    def _add_cookies_to_wsgi(self, environ: dict[str, Any]) -> None:
        if "HTTP_COOKIE" not in environ:
            super()._add_cookies_to_wsgi(environ)


@pytest.fixture(scope="session")
def application(settings: Settings, stand_in: Services) -> Flask:
    """Made once: of accounts and requests an application keeps nothing but what the store has, and to compile its routes takes longer
    than most tests."""
    app = create_app(settings, stand_in)
    app.test_client_class = Browser
    return app


@pytest.fixture
def app(application: Flask, services: Services, eventually) -> Iterator[Flask]:
    """The application, before anyone has an account."""
    for collection in ("accounts", "providers", "sessions", "attempts", "keys"):
        mongoengine.get_db()[collection].delete_many({})
    yield application
    eventually(lambda: not application.extensions["keys"]._unwritten)


@pytest.fixture(scope="session")
def application_in_rehearsal(settings: Settings, stand_in: Services) -> Flask:
    return create_app(replace(settings, rehearsal=True), stand_in)


@pytest.fixture
def rehearsal(application_in_rehearsal: Flask, app: Flask, eventually) -> Iterator[FlaskClient]:
    """The same application, in rehearsal."""
    yield application_in_rehearsal.test_client()
    eventually(lambda: not application_in_rehearsal.extensions["keys"]._unwritten)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


_HASHED = hash_password(PASSWORD)


@pytest.fixture
def person(app: Flask):
    """Opens an account: ``person("ohchr", "OHCHR")`` is its focal point."""

    def open_account(name: str, entity: str | None = None, *roles: str, language: str = "en") -> str:
        cause = f"open-{name}"
        account = Account.open(
            name, name.upper(), entity, list(roles or ("focal_point",)), language, by=SYSTEM_ACTOR, at=now(), cause=cause, password=_HASHED
        )
        Accounts().create(account, cause)
        return name

    return open_account


@pytest.fixture
def secretariat(person) -> str:
    return person("sec", None, "secretariat")


@pytest.fixture
def bearer(app: Flask, person):
    """The header with which a person's software calls: ``bearer("ohchr")``."""

    def headers_of(name: str) -> dict[str, str]:
        client = app.test_client()
        logged_in = client.post("/api/v1/sessions", json={"name": name, "password": PASSWORD})
        assert logged_in.status_code == 201, logged_in.text
        made = client.post("/api/v1/tokens", json={"name": "test"}, headers={"X-CSRF-Token": logged_in.json["csrf_token"]})
        assert made.status_code == 201, made.text
        return {"Authorization": f"Bearer {made.json['token']}"}

    return headers_of


@pytest.fixture
def in_person(app: Flask, person):
    """The headers with which a person's own browser calls: ``in_person("ohchr")``. What concerns accounts is done so, and never by a
    token."""

    def headers_of(name: str) -> dict[str, str]:
        logged_in = app.test_client().post("/api/v1/sessions", json={"name": name, "password": PASSWORD})
        assert logged_in.status_code == 201, logged_in.text
        return {"Cookie": logged_in.headers["Set-Cookie"].partition(";")[0], "X-CSRF-Token": logged_in.json["csrf_token"]}

    return headers_of
