"""A route that is going says so: tried with a table of its own, since none of ours is."""

from datetime import UTC, datetime

import pytest

from contracts import chairs
from gateway.api.openapi import described
from gateway.api.routes import ROUTES, Deprecated, Route

GOING = Deprecated(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC), "/chairs/history")


def test_none_of_ours_is_going():
    assert [route for route in ROUTES if route.deprecated] == []


def test_its_headers_are_those_of_the_standards():
    headers = GOING.headers()
    assert ("Deprecation", "@1767225600") in headers
    assert ("Sunset", "Fri, 01 Jan 2027 00:00:00 GMT") in headers
    assert [value for name, value in headers if name == "Link"] == [
        '</api/docs>; rel="deprecation"; type="text/html"',
        '</api/v1/chairs/history>; rel="successor-version"',
    ]
    assert [name for name, _ in Deprecated(GOING.since).headers()] == ["Deprecation", "Link"]


def test_it_is_described_as_going():
    operation = described((Route("GET", "/terms", chairs.Terms, public=True, deprecated=GOING),))["paths"]["/terms"]["get"]
    assert operation["deprecated"] is True
    assert "Not to be built upon since 2026-01-01. It ends on 2027-01-01. In its place: `/chairs/history`." in operation["description"]
    assert not any("deprecated" in one for path in described(ROUTES)["paths"].values() for one in path.values())


@pytest.mark.parametrize("query", ["", "?limit=none"])
def test_an_answer_and_a_refusal_say_it(settings, stand_in, services, monkeypatch, query):
    from gateway import app as gateway_app

    monkeypatch.setattr(gateway_app, "ROUTES", (Route("GET", "/terms", chairs.Terms, public=True, deprecated=GOING),))
    services.answers("chairs.terms", {"items": [], "next": None})
    answer = gateway_app.create_app(settings, stand_in).test_client().get(f"/api/v1/terms{query}")
    assert answer.status_code == (422 if query else 200), answer.text
    assert answer.headers["Deprecation"] == "@1767225600"
    assert answer.headers["Sunset"].endswith("2027 00:00:00 GMT")
    assert len(answer.headers.getlist("Link")) == 2


def test_other_answers_say_nothing_of_it(client, services):
    services.answers("chairs.entities", {"items": [], "next": None})
    assert not {"Deprecation", "Sunset", "Link"} & set(client.get("/api/v1/entities").headers.keys())


def test_head_and_options_are_answered(client, services):
    services.answers("chairs.entities", {"items": [], "next": None})
    head, options = client.head("/api/v1/entities"), client.options("/api/v1/workplans")
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["ETag"] == client.get("/api/v1/entities").headers["ETag"]
    assert set(options.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}
    asked = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
    preflight = client.options("/api/v1/workplans", headers=asked)
    assert not [name for name, _ in preflight.headers if name.startswith("Access-Control")], "other sites' pages are let in nowhere"
