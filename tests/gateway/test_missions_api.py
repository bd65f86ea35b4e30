"""The routes of subscribers: who may come in without an account, what is kept by nobody, and what is refused before any service hears."""

import pytest

from tests.gateway import samples_missions as samples
from tests.gateway.test_bad_input import refused

TOKEN = "a-token-that-is-long-enough.abc"
SUBSCRIPTION = "/api/v1/subscribers/BRA/subscriptions/sub-1"
CHOICE = {"topics": ["briefings"], "schedule": {"rhythm": "daily", "zone": "America/New_York"}}


@pytest.fixture
def brazil(person, bearer):
    return bearer(person("brazil", "BRA", "mission"))


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("PUT", SUBSCRIPTION, CHOICE | {"target": "someone@else.example"}, "target"),
        ("PUT", SUBSCRIPTION, CHOICE | {"subscriber": "FRA"}, "subscriber"),
        ("PUT", SUBSCRIPTION, {"topics": []}, "topics"),
        ("PUT", SUBSCRIPTION, CHOICE | {"schedule": {"hour": "24:00"}}, "schedule.hour"),
        ("PUT", SUBSCRIPTION, CHOICE | {"schedule": {"colour": "blue"}}, "schedule.colour"),
        ("PUT", SUBSCRIPTION, CHOICE | {"places": ["New\r\nYork"]}, "places.0"),
        ("POST", f"{SUBSCRIPTION}/pause", {"until": "tomorrow"}, "until"),
        ("POST", f"{SUBSCRIPTION}/secret", {"secret": "whsec_short"}, "secret"),
        ("POST", f"{SUBSCRIPTION}/resumption", {"catch_up": "perhaps"}, "catch_up"),
        ("POST", "/api/v1/subscribers/invitations", {"code": "BRA", "name": "A", "kind": "mission", "address": "no address"}, "address"),
        (
            "POST",
            "/api/v1/subscribers/invitations",
            {"code": "BRA", "name": "A\nB: c", "kind": "mission", "address": "a@b.example"},
            "name",
        ),
        ("POST", "/api/v1/subscribers/invitations/acceptances", CHOICE | {"token": "short"}, "token"),
        ("POST", "/api/v1/subscribers/BRA/inbox/reading", {"position": "../etc"}, "position"),
        ("POST", "/api/v1/replays", {"subscriber": "BRA", "subscription": "sub-1", "topic": "weather"}, "topic"),
        ("POST", "/api/v1/previews", {"language": "xx"}, "language"),
        ("POST", "/api/v1/previews?topic=briefings", {}, "topic"),
        ("POST", "/api/v1/suppressions/liftings", {"address": "=?utf-8?q?a?=@b.example"}, "address"),
        ("POST", "/api/v1/briefings/spring/replies", {"attending": "yes"}, "token"),
        ("POST", "/api/v1/briefings/spring/replies", {"attending": "maybe", "token": TOKEN}, "attending"),
        ("GET", "/api/v1/briefings/spring/attendance?token=x", None, "token"),
        ("GET", "/api/v1/subscribers/invitations", None, "token"),
        ("GET", "/api/v1/subscribers/BRA/inbox?limit=500", None, "limit"),
        ("GET", f"/api/v1/subscribers/BRA/inbox/live?since={'x' * 201}", None, "since"),
    ],
)
def test_what_cannot_be_is_refused_before_any_service_hears_of_it(client, services, brazil, method, path, body, field):
    refused(client.open(path, method=method, json=body, headers=brazil), services, 422, "invalid", field)


def test_what_a_browser_came_to_must_be_a_position_too(client, services, brazil):
    headers = brazil | {"Last-Event-ID": "x" * 201}
    refused(client.get("/api/v1/subscribers/BRA/inbox/live", headers=headers), services, 422, "invalid", "since")


def test_who_bears_an_invitation_needs_no_account(client, services):
    services.answers("notifications.get_invitation", samples.invitation())
    services.answers("notifications.accept_invitation", samples.bearer())
    shown = client.get(f"/api/v1/subscribers/invitations?token={TOKEN}")
    assert (shown.json["subscriber"], shown.headers["Cache-Control"]) == ("BRA", "no-store")
    assert client.post("/api/v1/subscribers/invitations/acceptances", json=CHOICE | {"token": TOKEN}).status_code == 200
    assert {cause.by.entity for *_, cause in services.asked} == {None}


def test_inviting_and_accepting_are_kept_apart(client, services, brazil):
    """Those under ``/invitations`` open accounts."""
    assert client.post("/api/v1/subscribers/invitations", json={}).status_code == 401
    assert client.post("/api/v1/invitations/acceptances", json={"invitation": TOKEN, "password": "x" * 12}).status_code != 401
    assert services.asked == []


@pytest.mark.parametrize("path", ["/subscribers/BRA/inbox", "/subscribers/BRA/inbox/live", "/deliveries/board", "/suppressions"])
def test_the_rest_needs_one(client, services, path):
    refused(client.get(f"/api/v1{path}"), services, 401, "not-authenticated")


def test_a_preview_is_kept_by_nobody(client, services, secretariat, bearer):
    preview = {"subject": "S", "text": "T", "html": "<p>H</p>", "calendar": None, "notice": {}, "reach": {"mail": 3}}
    services.answers("notifications.preview", preview)
    answer = client.post("/api/v1/previews", json={"topic": "briefings", "number": 1}, headers=bearer(secretariat))
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert "ETag" not in answer.headers


def test_a_new_secret_is_shown_once_and_kept_for_no_key(client, services, brazil):
    secrets = iter(("/feeds/one.atom", "/feeds/two.atom"))
    services.answers("notifications.replace_secret", lambda payload, cause: {"id": "sub-1", "secret": next(secrets)})
    headers = brazil | {"Idempotency-Key": "again"}
    first, second = (client.post(f"{SUBSCRIPTION}/secret", json={}, headers=headers) for _ in range(2))
    assert first.headers["Cache-Control"] == "no-store"
    assert "Idempotency-Replayed" not in second.headers
    assert len(set(services.causes("notifications.replace_secret"))) == 1, "the same order, which the service knows"


@pytest.mark.parametrize("path", ["/bounces", "/feeds", "/notifications/report_bounce"])
def test_what_comes_back_has_no_route(client, services, path):
    assert client.post(f"/api/v1{path}", json={"token": TOKEN, "status": "5.1.1"}).status_code == 404
    assert services.asked == []


def test_a_streams_own_rules_are_in_its_description(client):
    described = client.get("/api/openapi.json").json["paths"]["/subscribers/{subscriber}/inbox/live"]["get"]
    assert list(described["responses"]["200"]["content"]) == ["text/event-stream"]
    named = {parameter.get("name") or parameter["$ref"].rpartition("/")[2] for parameter in described["parameters"]}
    assert named == {"subscriber", "since", "Last-Event-ID", "ICAT-Instant"}
    assert "Last-Event-ID" in described["description"]
