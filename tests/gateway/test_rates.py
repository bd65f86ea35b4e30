"""How often one may ask: by account, by token, and for visitors by address."""

from dataclasses import replace

import pytest

from gateway import Settings, create_app
from gateway.rates import Rate
from messaging.settings import SettingsError
from tests.gateway.conftest import PASSWORD
from tests.gateway.test_web import form_of

GROUP = {"chairs": [], "version": 1}


@pytest.fixture
def counted(settings, app, services):
    """A gateway with little patience."""
    services.answers("chairs.entities", {"items": [], "next": None})
    services.answers("chairs.register_entity", {})
    rates = {"account": Rate(4, 2), "token": Rate(2, 1), "visitor": Rate(3, 2)}
    yield create_app(replace(settings, rates=rates, proxies=1), services)
    create_app(settings, services)


def ask(client, times=1, headers=None, address="10.0.0.1", path="/api/v1/entities"):
    """The last answer."""
    for _ in range(times):
        answer = client.get(path, headers={"X-Forwarded-For": address} | (headers or {}))
    return answer


def test_a_visitor_is_counted_by_address(counted, services):
    client = counted.test_client()
    first = ask(client)
    assert first.headers["RateLimit-Policy"] == '"questions";q=3;w=60, "orders";q=2;w=60'
    assert first.headers["RateLimit"].startswith('"questions";r=2;t=')
    assert ask(client, 2).headers["RateLimit"].startswith('"questions";r=0;t=')
    services.asked.clear()
    refused = ask(client)
    assert (refused.status_code, refused.json["rule"], refused.json["accepted"]) == (429, "rate-limit", "3 questions a minute")
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["RateLimit"].startswith('"questions";r=0;')
    assert services.asked == []
    assert ask(client, address="10.0.0.2").status_code == 200
    assert ask(client, address="spoofed, 10.0.0.1").status_code == 429, "only what the proxy in front added is believed"


def test_addresses_of_one_network_are_one_visitor(counted):
    client = counted.test_client()
    for last in range(3):
        assert ask(client, address=f"2001:db8:1:2::{last}").status_code == 200
    assert ask(client, address="2001:db8:1:2:ffff::1").status_code == 429
    assert ask(client, address="2001:db8:1:3::1").status_code == 200


def test_questions_and_orders_are_counted_apart_and_tokens_by_themselves(counted, app, person, bearer):
    mara = bearer(person("mara", None, "secretariat"))
    client = counted.test_client()
    logged_in = client.post("/api/v1/sessions", json={"name": "mara", "password": PASSWORD})
    assert logged_in.headers["RateLimit"].startswith('"orders";r=1;')
    csrf = {"X-CSRF-Token": logged_in.json["csrf_token"]}
    other = counted.test_client()
    assert [ask(other, headers=mara).status_code for _ in range(3)] == [200, 200, 429]
    assert ask(client, 4).status_code == 200
    assert ask(client).status_code == 429
    assert client.patch("/api/v1/me", json={"display_name": "M"}, headers=csrf).status_code == 200
    assert client.patch("/api/v1/me", json={"display_name": "M"}, headers=csrf | {"X-Forwarded-For": "1.1.1.1"}).status_code == 200
    assert client.patch("/api/v1/me", json={"display_name": "M"}, headers=csrf | {"X-Forwarded-For": "1.1.1.2"}).status_code == 429
    assert other.patch("/api/v1/me", json={"display_name": "M"}, headers=mara).status_code == 200


def test_who_guesses_tokens_is_counted_as_a_visitor(counted):
    client = counted.test_client()
    guesses = [ask(client, headers={"Authorization": f"Bearer icat_{n}"}).status_code for n in range(4)]
    assert guesses == [401, 401, 401, 429]


def test_pages_and_feeds_count_and_health_and_static_files_do_not(counted, person):
    client = counted.test_client()
    for path in ("/health/live", "/static/icat.css", "/api/openapi.json"):
        assert ask(client, 5, path=path).status_code == 200
        assert "RateLimit" not in ask(client, path=path).headers
    assert ask(client, path="/login").headers["RateLimit"].startswith('"questions";r=2;')
    ask(client, 2, path="/feeds/nothing.atom")
    refused = ask(client, path="/login", headers={"Accept-Language": "fr"})
    assert refused.status_code == 429
    assert "Retry-After" in refused.headers
    assert "<h1" in refused.text
    person("mara", "OHCHR")
    elsewhere = {"X-Forwarded-For": "10.0.0.9"}
    form = {"csrf_token": form_of(client.get("/login", headers=elsewhere)), "name": "mara", "password": PASSWORD}
    assert client.post("/login", data=form | {"password": "wrong"}, headers=elsewhere).status_code == 401
    assert client.post("/login", data=form, headers=elsewhere).status_code == 303
    assert "RateLimit" in client.get("/login", headers=elsewhere).headers


def test_without_rates_nothing_is_counted(client, services):
    services.answers("chairs.entities", {"items": [], "next": None})
    assert "RateLimit" not in ask(client).headers


ENVIRON = {"AMQP_URI": "amqp://x", "MONGO_URI": "mongodb://x", "ICAT_SECRET_KEY": "k" * 32, "ICAT_PUBLIC_URL": "http://x"}


def test_rates_are_settings_and_a_rehearsal_has_none():
    assert Settings.from_environ(ENVIRON).rates["token"] == Rate(300, 60)
    assert Settings.from_environ(ENVIRON | {"ICAT_RATE_TOKEN": "5/2"}).rates["token"] == Rate(5, 2)
    assert Settings.from_environ(ENVIRON | {"ICAT_RATE_VISITOR": "0"}).rates["visitor"] == Rate(0, 0)
    assert Settings.from_environ(ENVIRON | {"ICAT_REHEARSAL": "1"}).rates == {}
    assert Settings.from_environ(ENVIRON | {"ICAT_PROXIES": "2"}).proxies == 2


@pytest.mark.parametrize(("name", "value"), [("ICAT_RATE_TOKEN", "many"), ("ICAT_RATE_TOKEN", "-1/5"), ("ICAT_PROXIES", "nginx")])
def test_a_rate_that_cannot_be_is_said(name, value):
    with pytest.raises(SettingsError, match=name):
        Settings.from_environ(ENVIRON | {name: value})
