"""What is gathered from several services: what awaits me, how the platform is, the rehearsed clock."""

import pytest

from services.kernel.refusal import Refusal

SOON, LATER = "2014-03-01T12:00:00Z", "2014-05-01T12:00:00Z"


def item(title, deadline):
    return {"what": "position", "title": title, "link": "/x", "deadline": deadline, "consequence": "Silence is no objection."}


@pytest.fixture
def ohchr(person, bearer):
    return bearer(person("ohchr", "OHCHR"))


@pytest.fixture
def sec(secretariat, bearer):
    return bearer(secretariat)


def test_what_awaits_my_entity_nearest_first(client, services, ohchr):
    services.answers("chairs.awaiting", {"items": [item("No date", None)]})
    services.answers("workplan.awaiting", {"items": [item("Plan", LATER)]})
    services.answers("documents.awaiting", {"items": [item("Paper", SOON)]})
    answer = client.get("/api/v1/me/awaiting", headers=ohchr).json
    assert [(one["service"], one["title"], one["deadline"]) for one in answer["items"]] == [
        ("documents", "Paper", SOON),
        ("workplan", "Plan", LATER),
        ("chairs", "No date", None),
    ]
    assert answer["items"][0]["consequence"] == "Silence is no objection."
    assert answer["unavailable"] == []
    assert {payload["entity"] for _, payload, _ in services.asked} == {"OHCHR"}


def test_a_service_that_is_away_takes_only_its_part_with_it(client, services, ohchr):
    services.answers("chairs.awaiting", {"items": [item("Term", SOON)]})
    services.answers("documents.awaiting", Refusal("timed_out", "late", rule="answer-in-time"))
    answer = client.get("/api/v1/me/awaiting", headers=ohchr)
    assert answer.status_code == 200
    assert [one["title"] for one in answer.json["items"]] == ["Term"]
    assert answer.json["unavailable"] == ["documents", "workplan"]


def test_nothing_of_the_groups_awaits_a_mission(client, services, person, bearer):
    brazil = bearer(person("brazil", "BRA", "mission"))
    assert client.get("/api/v1/me/awaiting", headers=brazil).json == {"items": [], "unavailable": []}
    assert services.asked == []


def test_the_secretariat_is_told_what_awaits_it(client, services, sec):
    services.answers("chairs.awaiting", {"items": [item("Adopt the rota", None)]})
    assert [one["title"] for one in client.get("/api/v1/me/awaiting", headers=sec).json["items"]] == ["Adopt the rota"]
    assert services.asked[-1][:2] == ("chairs.awaiting", {})


def test_how_every_service_is(client, services, ohchr, person, bearer):
    services.answers("chairs.status", {"service": "chairs", "pending": 0, "due": 0, "events": 12})
    answer = client.get("/api/v1/status", headers=ohchr).json["services"]
    assert set(answer) == {"chairs", "workplan", "documents", "notifications"}
    assert (answer["chairs"]["available"], answer["chairs"]["events"], answer["chairs"]["problem"]) == (True, 12, None)
    assert answer["workplan"] == {"available": False, "problem": "The workplan service is not there."}
    brazil = bearer(person("brazil", "BRA", "mission"))
    assert client.get("/api/v1/status", headers=brazil).status_code == 403


def test_the_rehearsed_clock_passes_in_every_service(rehearsal, services, sec, ohchr):
    for name in ("chairs", "workplan", "documents", "notifications"):
        services.answers(f"{name}.tick", {"changed": 1})
    answer = rehearsal.post("/api/v1/rehearsal/tick", json={"to": "2015-01-01T00:00:00Z"}, headers=sec)
    assert answer.json == {"to": "2015-01-01T00:00:00Z", "changed": dict.fromkeys(("chairs", "workplan", "documents", "notifications"), 1)}
    assert {payload["to"] for _, payload, _ in services.asked} == {"2015-01-01T00:00:00Z"}
    services.asked.clear()
    assert rehearsal.post("/api/v1/rehearsal/tick", json={"to": "2015-01-01T00:00:00Z"}, headers=ohchr).status_code == 403
    assert services.asked == []


def test_outside_rehearsal_the_clock_is_nobodys(client, services, sec):
    refused = client.post("/api/v1/rehearsal/tick", json={"to": "2015-01-01T00:00:00Z"}, headers=sec)
    assert (refused.status_code, refused.json["rule"]) == (403, "rehearsal-only")
    assert services.asked == []


def test_a_clock_that_stopped_halfway_is_no_success(rehearsal, services, sec):
    services.answers("chairs.tick", {"changed": 1})
    assert rehearsal.post("/api/v1/rehearsal/tick", json={"to": "2015-01-01T00:00:00Z"}, headers=sec).status_code == 503
