"""People, sessions and tokens over HTTP, on a real store."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import mongoengine
import pyotp
import pytest

import messaging.store
from gateway import Settings, create_app
from gateway.accounts import agents, callers
from gateway.accounts.store import Accounts, StoreError
from messaging.settings import SettingsError
from tests.gateway.conftest import PASSWORD

MARA = {"name": "mara", "display_name": "Mara Lind", "entity": "OHCHR", "roles": ["focal_point"], "language": "fr"}


@pytest.fixture
def sec(secretariat, in_person):
    return in_person(secretariat)


def log_in(client, name, password=PASSWORD, address="10.0.0.1"):
    return client.post("/api/v1/sessions", json={"name": name, "password": password}, environ_base={"REMOTE_ADDR": address})


def everything_kept() -> str:
    database = mongoengine.get_db()
    return repr([list(database[name].find()) for name in database.list_collection_names()])


# The first account ----------------------------------------------------------------------------------------------------------------------


def test_the_first_account_comes_from_the_settings_once(app, settings, services):
    first = replace(settings, first_login="Chief:open sesame 14")
    client = create_app(first, services).test_client()
    answer = log_in(client, "chief", "open sesame 14")
    assert (answer.status_code, answer.json["roles"]) == (201, ["secretariat"])
    create_app(replace(settings, first_login="another:open sesame 15"), services)
    assert log_in(client, "another", "open sesame 15").status_code == 401


# Opening accounts -----------------------------------------------------------------------------------------------------------------------


def test_an_invited_person_chooses_a_password_and_comes_in(client, known, sec):
    made = client.post("/api/v1/people", json=MARA, headers=sec)
    assert (made.status_code, made.headers["Location"]) == (201, "/api/v1/people/mara")
    assert made.json["status"] == "invited"
    invitation = made.json["invitation"]
    assert log_in(client, "mara").status_code == 401
    accepted = client.post("/api/v1/invitations/acceptances", json={"invitation": invitation, "password": PASSWORD})
    assert accepted.json["status"] == "active"
    assert log_in(client, "mara").json["entity"] == "OHCHR"
    again = client.post("/api/v1/invitations/acceptances", json={"invitation": invitation, "password": "another password"})
    assert (again.status_code, again.json["rule"]) == (404, "invitation")


def test_an_account_may_be_opened_with_a_password(client, known, sec):
    made = client.post("/api/v1/people", json=MARA | {"password": PASSWORD}, headers=sec)
    assert (made.json["status"], made.json["invitation"]) == ("active", None)
    assert log_in(client, "MARA ").status_code == 201, "a name is typed as people type"


def test_a_replayed_invitation_shows_the_same_secret_which_is_kept_nowhere(client, known, sec):
    headers = sec | {"Idempotency-Key": "k"}
    first = client.post("/api/v1/people", json=MARA, headers=headers).json
    assert client.post("/api/v1/people", json=MARA, headers=headers).json == first
    assert first["invitation"] not in everything_kept()
    other = client.post("/api/v1/people", json=MARA, headers=sec)
    assert (other.status_code, other.json["field"]) == (409, "name")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "No Spaces"}, "name"),
        ({"name": "../x"}, "name"),
        ({"roles": []}, "roles"),
        ({"roles": ["system"]}, "roles.0"),
        ({"entity": None}, "entity"),
        ({"entity": "ohchr"}, "entity"),
        ({"language": "de"}, "language"),
        ({"password": "short"}, "password"),
        ({"admin": True}, "admin"),
    ],
)
def test_an_account_that_may_not_be(client, sec, change, field):
    refused = client.post("/api/v1/people", json=MARA | change, headers=sec)
    assert (refused.status_code, refused.json["field"]) == (422, field)
    assert client.get("/api/v1/people/mara", headers=sec).status_code == 404


def test_who_has_no_people_sees_and_opens_no_account(client, person, in_person, sec):
    ohchr = in_person(person("ohchr", "OHCHR", "alternate", "reader"))
    person("iom", "IOM")
    assert client.post("/api/v1/people", json=MARA, headers=ohchr).status_code == 403
    assert client.get("/api/v1/people", headers=ohchr).status_code == 403
    for name in ("iom", "nobody"):
        assert client.get(f"/api/v1/people/{name}", headers=ohchr).status_code == 403
        assert client.patch(f"/api/v1/people/{name}", json={"roles": ["secretariat"]}, headers=ohchr).status_code == 403
    assert client.patch("/api/v1/people/ohchr", json={"roles": ["secretariat"]}, headers=ohchr).status_code == 403
    own = client.get("/api/v1/people/ohchr", headers=ohchr)
    assert own.json["history"][0]["what"] == "opened"
    assert "password" not in own.text
    assert "digest" not in own.text


def test_people_in_pages(client, sec, person):
    for n in range(5):
        person(f"p{n}", "OHCHR" if n % 2 else "IOM")
    first = client.get("/api/v1/people?limit=4", headers=sec).json
    rest = client.get(f"/api/v1/people?limit=4&after={first['next']}", headers=sec).json
    assert [one["name"] for one in first["items"] + rest["items"]] == ["p0", "p1", "p2", "p3", "p4", "sec"]
    assert rest["next"] is None
    assert [one["name"] for one in client.get("/api/v1/people?entity=OHCHR", headers=sec).json["items"]] == ["p1", "p3"]
    assert [one["name"] for one in client.get("/api/v1/people?role=secretariat", headers=sec).json["items"]] == ["sec"]


# One's own people -----------------------------------------------------------------------------------------------------------------------


def test_a_focal_point_invites_colleagues(client, known, person, in_person):
    ohchr = in_person(person("ohchr", "OHCHR"))
    made = client.post("/api/v1/people", json=MARA | {"roles": ["alternate", "reader"], "entity": None}, headers=ohchr)
    assert (made.status_code, made.json["entity"], made.json["second_factor"]) == (201, "OHCHR", None)
    accepted = client.post("/api/v1/invitations/acceptances", json={"invitation": made.json["invitation"], "password": PASSWORD})
    assert (accepted.json["status"], accepted.json["second_factor"]) == ("active", False)
    history = client.get("/api/v1/people/mara", headers=ohchr).json["history"]
    assert [(entry["what"], entry["by"]) for entry in history] == [("opened", "ohchr"), ("invitation_accepted", "mara")]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"entity": "IOM"}, "entity"),
        ({"roles": ["secretariat"]}, "roles"),
        ({"roles": ["focal_point", "mission"]}, "roles"),
        ({"password": PASSWORD}, "password"),
    ],
)
def test_whom_a_focal_point_does_not_invite(client, known, person, in_person, sec, change, field):
    refused = client.post("/api/v1/people", json=MARA | change, headers=in_person(person("ohchr", "OHCHR")))
    assert (refused.status_code, refused.json["rule"], refused.json["field"]) == (403, "own-people", field)
    assert client.get("/api/v1/people/mara", headers=sec).status_code == 404


def test_a_focal_point_sees_its_own_people_and_nobody_elses(app, client, known, person, in_person, clock):
    for name, entity in (("mara", "OHCHR"), ("alice", "OHCHR"), ("iom", "IOM"), ("sec", None)):
        person(name, entity, *(["secretariat"] if name == "sec" else []))
    guarded(app, clock)
    alice = in_person("alice")
    assert [one["name"] for one in client.get("/api/v1/people", headers=alice).json["items"]] == ["alice", "mara"]
    assert client.get("/api/v1/people?entity=IOM", headers=alice).json == {"items": [], "next": None}
    colleague = client.get("/api/v1/people/mara", headers=alice)
    assert (colleague.json["second_factor"], [one["what"] for one in colleague.json["history"]]) == (None, ["opened"])
    unknown = client.get("/api/v1/people/nobody", headers=alice).json
    for name in ("iom", "sec"):
        refused = client.get(f"/api/v1/people/{name}", headers=alice)
        assert refused.json == unknown | {"detail": f"There is no account {name}."}
        assert client.patch(f"/api/v1/people/{name}", json={"roles": ["reader"]}, headers=alice).status_code == 404


def test_a_focal_point_ends_what_an_alternate_or_reader_holds(client, known, person, in_person):
    ohchr = in_person(person("ohchr", "OHCHR"))
    person("alice", "OHCHR", "alternate", "reader")
    person("peer", "OHCHR")
    reader = {"role": "reader", "since": client.get("/api/v1/people/alice", headers=ohchr).json["appointments"][1]["since"]}
    kept = client.patch("/api/v1/people/alice", json={"appointments": [reader | {"until": at(days=9)}]}, headers=ohchr)
    assert (kept.status_code, kept.json["roles"]) == (200, ["reader"])
    for body in (
        {"appointments": [reader]},
        {"appointments": [{"role": "alternate"}]},
        {"roles": ["focal_point"]},
        {"status": "suspended"},
        {"entity": "IOM"},
        {"display_name": "A."},
    ):
        refused = client.patch("/api/v1/people/alice", json=body, headers=ohchr)
        assert refused.status_code == 403, body
    assert client.patch("/api/v1/people/peer", json={"appointments": []}, headers=ohchr).json["rule"] == "own-people"
    assert client.patch("/api/v1/people/ohchr", json={"appointments": []}, headers=ohchr).json["rule"] == "own-roles"
    assert client.patch("/api/v1/people/alice", json={"appointments": []}, headers=ohchr).json["roles"] == []


def test_a_missions_person_invites_and_sees_the_missions_own(client, services, person, in_person):
    brazil = in_person(person("brazil", "BRA", "mission"))
    person("chile", "CHL", "mission")
    new = {"name": "bruno", "display_name": "Bruno", "roles": ["mission"]}
    assert client.post("/api/v1/people", json=new, headers=brazil).json["entity"] == "BRA"
    assert client.post("/api/v1/people", json=new | {"name": "b2", "roles": ["reader"]}, headers=brazil).json["field"] == "roles"
    assert client.post("/api/v1/people", json=new | {"name": "b2", "entity": "CHL"}, headers=brazil).json["field"] == "entity"
    assert [one["name"] for one in client.get("/api/v1/people", headers=brazil).json["items"]] == ["brazil", "bruno"]
    assert client.get("/api/v1/people/chile", headers=brazil).status_code == 404
    assert client.patch("/api/v1/people/bruno", json={"appointments": []}, headers=brazil).json["roles"] == []
    assert client.patch("/api/v1/people/brazil", json={"appointments": []}, headers=brazil).status_code == 403
    assert services.asked == [], "a mission's code stands in no register"


def test_whose_role_has_ended_has_no_people_any_more(client, known, person, in_person, sec):
    ohchr = in_person(person("ohchr", "OHCHR"))
    assert client.get("/api/v1/people", headers=ohchr).status_code == 200
    client.patch("/api/v1/people/ohchr", json={"appointments": []}, headers=sec)
    assert client.get("/api/v1/people", headers=ohchr).status_code == 403
    assert client.post("/api/v1/people", json=MARA, headers=ohchr).status_code == 403


# Handing over ---------------------------------------------------------------------------------------------------------------------------

WAITS = {"what": "take_position", "title": "Plan", "link": "/workplans/2014", "deadline": "2014-03-01T12:00:00Z", "consequence": "C."}


@pytest.fixture
def ohchr(person, in_person, services):
    """A focal point with two colleagues, and something that awaits the entity."""
    for name, entity, role in (("alice", "OHCHR", "alternate"), ("ruth", "OHCHR", "reader"), ("iom", "IOM", "focal_point")):
        person(name, entity, role)
    services.answers("workplan.awaiting", {"items": [WAITS]})
    services.answers("chairs.awaiting", {"items": []})
    return in_person(person("ohchr", "OHCHR"))


def roles_of(client, headers, name):
    return client.get(f"/api/v1/people/{name}", headers=headers).json["roles"]


def test_a_focal_point_hands_over_to_a_colleague(client, ohchr, sec, services):
    done = client.post("/api/v1/people/ohchr/handover", json={"to": "alice"}, headers=ohchr)
    assert done.status_code == 200, done.text
    assert (done.json["of"], done.json["to"], done.json["entity"]) == ("ohchr", "alice", "OHCHR")
    assert ([one["title"] for one in done.json["items"]], done.json["unavailable"]) == (["Plan"], ["documents"])
    assert {str(payload) for what, payload, _ in services.asked if what.endswith(".awaiting")} == {"{'entity': 'OHCHR'}"}
    assert (roles_of(client, sec, "ohchr"), roles_of(client, sec, "alice")) == ([], ["alternate", "focal_point"])
    told = [client.get(f"/api/v1/people/{name}", headers=sec).json["history"][-1] for name in ("ohchr", "alice")]
    assert [(one["what"], one["by"]) for one in told] == [("handed_over", "ohchr"), ("taken_over", "ohchr")]
    assert (told[0]["after"]["to"], told[1]["after"]["from"]) == ("alice", "ohchr")
    assert told[0]["after"]["at"] == told[1]["after"]["at"]
    assert client.get("/api/v1/people", headers=ohchr).status_code == 403, "at once"


def test_sent_again_it_is_done_once(client, ohchr, sec):
    keyed = ohchr | {"Idempotency-Key": "k"}
    first = client.post("/api/v1/people/ohchr/handover", json={"to": "alice"}, headers=keyed).json
    again = client.post("/api/v1/people/ohchr/handover", json={"to": "alice"}, headers=keyed)
    assert (again.status_code, again.json["since"]) == (200, first["since"])
    assert again.json["items"] == [], "who is no focal point any more is told nothing of the Group's"
    versions = [client.get(f"/api/v1/people/{name}", headers=sec).json["version"] for name in ("ohchr", "alice")]
    assert versions == [2, 2]


def test_killed_between_the_two_it_is_finished_by_asking_again(client, ohchr, sec, monkeypatch):
    change, keyed = Accounts.change, ohchr | {"Idempotency-Key": "k"}

    def killed(self, name, *rest):
        if name == "ohchr":
            raise StoreError("gone")
        return change(self, name, *rest)

    with monkeypatch.context() as dying:
        dying.setattr(Accounts, "change", killed)
        assert client.post("/api/v1/people/ohchr/handover", json={"to": "alice"}, headers=keyed).status_code == 503
    assert (roles_of(client, sec, "ohchr"), roles_of(client, sec, "alice")) == (["focal_point"], ["alternate", "focal_point"])
    done = client.post("/api/v1/people/ohchr/handover", json={"to": "alice"}, headers=keyed).json
    appointments = {name: client.get(f"/api/v1/people/{name}", headers=sec).json["appointments"] for name in ("ohchr", "alice")}
    assert appointments["ohchr"][0]["until"] == appointments["alice"][1]["since"] == done["since"], "at the instant that was first said"


def test_what_is_handed_over_later_changes_hands_by_itself(client, ohchr, sec):
    soon = at(days=30)
    done = client.post("/api/v1/people/ohchr/handover", json={"to": "alice", "at": soon}, headers=ohchr)
    assert datetime.fromisoformat(done.json["since"]) - datetime.fromisoformat(soon) < timedelta(milliseconds=1)
    assert client.post("/api/v1/people/ohchr/handover", json={"to": "alice", "at": soon}, headers=ohchr).json["since"] == done.json["since"]
    assert (roles_of(client, sec, "ohchr"), roles_of(client, sec, "alice")) == (["focal_point"], ["alternate"])
    ends = client.get("/api/v1/people/ohchr", headers=sec).json["appointments"][0]["until"]
    assert ends == client.get("/api/v1/people/alice", headers=sec).json["appointments"][1]["since"] == done.json["since"]


@pytest.mark.parametrize(
    ("of", "body", "status", "rule"),
    [
        ("ohchr", {"to": "iom"}, 404, "exists"),
        ("ohchr", {"to": "nobody"}, 404, "exists"),
        ("iom", {"to": "alice"}, 404, "exists"),
        ("alice", {"to": "ohchr"}, 403, "secretariat-only"),
        ("ohchr", {"to": "ohchr"}, 422, "handover-to"),
        ("ohchr", {"to": "alice", "at": "2014-01-01T00:00:00Z"}, 422, "handover-at"),
        ("ohchr", {"to": "gone"}, 409, "handover-active"),
    ],
)
def test_a_handover_that_may_not_be(client, ohchr, sec, person, of, body, status, rule):
    person("gone", "OHCHR", "alternate")
    client.patch("/api/v1/people/gone", json={"status": "suspended"}, headers=sec)
    refused = client.post(f"/api/v1/people/{of}/handover", json=body, headers=ohchr)
    assert (refused.status_code, refused.json["rule"]) == (status, rule), refused.text
    assert roles_of(client, sec, "ohchr") == ["focal_point"]
    assert "focal_point" not in roles_of(client, sec, "alice")


def test_the_secretariat_hands_over_for_one_who_cannot(client, ohchr, sec):
    none = client.post("/api/v1/people/ruth/handover", json={"to": "alice"}, headers=sec)
    assert (none.status_code, none.json["rule"]) == (409, "handover-role")
    done = client.post("/api/v1/people/ohchr/handover", json={"to": "ruth"}, headers=sec)
    assert (done.status_code, [one["title"] for one in done.json["items"]]) == (200, ["Plan"])
    assert client.get("/api/v1/people/ohchr", headers=sec).json["history"][-1]["by"] == "sec"


# Whose voice ------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["focal_point", "alternate"])
def test_nobody_speaks_for_an_entity_that_is_not_registered(client, sec, known, role):
    refused = client.post("/api/v1/people", json=MARA | {"entity": "XYZ", "roles": [role]}, headers=sec)
    assert (refused.status_code, refused.json["field"], refused.json["rule"]) == (422, "entity", "entity-known")
    assert refused.json["accepted"] == ["ILO", "IOM", "OHCHR"]
    assert client.get("/api/v1/people/mara", headers=sec).status_code == 404


@pytest.mark.parametrize("change", [{"entity": "XYZ"}, {"entity": "XYZ", "roles": ["alternate"]}])
def test_nor_does_an_account_become_one_that_does(client, sec, known, person, change):
    person("mara", "OHCHR")
    refused = client.patch("/api/v1/people/mara", json=change, headers=sec)
    assert (refused.status_code, refused.json["field"]) == (422, "entity")
    assert client.get("/api/v1/people/mara", headers=sec).json["version"] == 1
    person("brazil", "BRA", "mission")
    refused = client.patch("/api/v1/people/brazil", json={"roles": ["focal_point"]}, headers=sec)
    assert (refused.status_code, refused.json["field"]) == (422, "entity")


def test_of_many_entities_the_last_is_known_too(client, sec, services):
    pages = {None: {"items": [{"code": "ILO"}], "next": "ILO"}, "ILO": {"items": [{"code": "OHCHR"}], "next": None}}
    services.answers("chairs.entities", lambda payload, cause: pages[payload["after"]])
    assert client.post("/api/v1/people", json=MARA, headers=sec).status_code == 201


def test_without_chairs_nobody_is_made_an_entitys_voice_and_all_else_goes_on(client, sec, services, person):
    refused = client.post("/api/v1/people", json=MARA, headers=sec)
    assert (refused.status_code, refused.json["rule"]) == (503, "service-away")
    assert client.get("/api/v1/people/mara", headers=sec).status_code == 404
    person("iom", "IOM")
    assert client.patch("/api/v1/people/iom", json={"entity": "OHCHR"}, headers=sec).status_code == 503
    services.asked.clear()
    for other in ({"entity": "BRA", "roles": ["mission"]}, {"name": "rita", "entity": "UNIV", "roles": ["reader"]}):
        assert client.post("/api/v1/people", json=MARA | other, headers=sec).status_code == 201
    assert client.patch("/api/v1/people/iom", json={"status": "suspended"}, headers=sec).status_code == 200
    assert services.asked == []


# Roles with dates -----------------------------------------------------------------------------------------------------------------------


def at(**later) -> str:
    return (datetime.now(UTC) + timedelta(**later)).isoformat()


def test_a_person_is_appointed_with_dates(client, known, sec):
    dated = [{"role": "reader"}, {"role": "focal_point", "since": at(days=2), "until": at(days=3)}]
    new = {k: v for k, v in MARA.items() if k != "roles"} | {"appointments": dated}
    made = client.post("/api/v1/people", json=new, headers=sec).json
    assert made["roles"] == ["reader"]
    assert [(one["role"], one["until"] is None) for one in made["appointments"]] == [("reader", True), ("focal_point", False)]
    assert [one["name"] for one in client.get("/api/v1/people?role=focal_point", headers=sec).json["items"]] == []
    assert [one["name"] for one in client.get("/api/v1/people?role=reader", headers=sec).json["items"]] == ["mara"]
    changed = client.patch("/api/v1/people/mara", json={"appointments": made["appointments"][1:]}, headers=sec).json
    assert changed["roles"] == []
    assert changed["appointments"][1] == made["appointments"][1]
    assert changed["appointments"][0]["until"], "what was left out has ended"


@pytest.mark.parametrize(
    ("roles", "field"),
    [
        ({"roles": ["reader"], "appointments": [{"role": "reader"}]}, "appointments"),
        ({"appointments": []}, "roles"),
        ({}, "roles"),
        ({"appointments": [{"role": "king"}]}, "appointments.0.role"),
        ({"appointments": [{"role": "reader", "since": "yesterday"}]}, "appointments.0.since"),
        ({"appointments": [{"role": "reader", "since": "2020-01-01T00:00:00Z"}]}, "appointments.0.since"),
    ],
)
def test_appointments_that_cannot_be(client, sec, roles, field):
    refused = client.post("/api/v1/people", json={k: v for k, v in MARA.items() if k != "roles"} | roles, headers=sec)
    assert (refused.status_code, refused.json["field"]) == (422, field)


def test_an_account_kept_when_roles_had_no_dates(client, sec, person, known):
    """Read as held since it was opened, found by its role, counted among those who keep the house, and written anew by a change."""
    person("old", None, "secretariat")
    accounts = mongoengine.get_db().accounts
    opened = accounts.find_one({"_id": "old"})["state"]["history"][0]["at"]
    accounts.update_one({"_id": "old"}, {"$set": {"state.roles": ["secretariat"]}, "$unset": {"state.appointments": 1}})
    read = client.get("/api/v1/people/old", headers=sec).json
    assert [(one["role"], one["until"]) for one in read["appointments"]] == [("secretariat", None)]
    assert datetime.fromisoformat(read["appointments"][0]["since"]) == opened.replace(tzinfo=UTC)
    assert [one["name"] for one in client.get("/api/v1/people?role=secretariat", headers=sec).json["items"]] == ["old", "sec"]
    assert client.patch("/api/v1/people/sec", json={"roles": ["reader"]}, headers=sec).status_code == 200, "another keeps the house"
    log_in(client, "old")
    assert client.get("/api/v1/people/old").json["roles"] == ["secretariat"]


def test_a_caller_is_taken_at_their_word_no_longer_than_the_role_lasts(client, person, in_person, sec, known, monkeypatch):
    mara = in_person(person("mara", "OHCHR"))
    ending = [{"role": "focal_point", "until": at(seconds=2)}]
    standing = client.get("/api/v1/people/mara", headers=sec).json["appointments"][0]
    changed = client.patch("/api/v1/people/mara", json={"appointments": [standing | ending[0]]}, headers=sec)
    assert changed.json["roles"] == ["focal_point"]
    assert client.get("/api/v1/me", headers=mara).json["roles"] == ["focal_point"]
    wait, known_as = callers.time.monotonic() + 2.1, datetime.now(UTC) + timedelta(seconds=2.1)
    monkeypatch.setattr(callers.time, "monotonic", lambda: wait)  # less than callers are remembered
    monkeypatch.setattr(callers, "now", lambda: known_as)
    known.asked.clear()
    known.answers("chairs.overview", {})
    client.get("/api/v1/chairs", headers=mara)
    (asked,) = known.asked
    assert (asked[2].by.person, asked[2].by.entity, asked[2].by.roles) == ("mara", None, frozenset())


# Changing them --------------------------------------------------------------------------------------------------------------------------


def test_a_change_is_in_the_history(client, known, sec, person):
    person("mara", "OHCHR")
    changed = client.patch("/api/v1/people/mara", json={"entity": "IOM"}, headers=sec)
    assert (changed.json["entity"], changed.json["version"]) == ("IOM", 2)
    entry = client.get("/api/v1/people/mara", headers=sec).json["history"][-1]
    assert (entry["by"], entry["before"], entry["after"]) == ("sec", {"entity": "OHCHR"}, {"entity": "IOM"})


def test_of_two_who_change_at_once_the_later_is_told(client, known, sec, person):
    person("mara", "OHCHR")
    seen = client.get("/api/v1/people/mara", headers=sec).headers["ETag"]
    assert client.patch("/api/v1/people/mara", json={"entity": "IOM"}, headers=sec | {"If-Match": seen}).status_code == 200
    late = client.patch("/api/v1/people/mara", json={"entity": "ILO"}, headers=sec | {"If-Match": seen})
    assert (late.status_code, late.json["field"], late.json["accepted"]) == (412, "If-Match", '"2"')
    assert client.get("/api/v1/people/mara", headers=sec).json["entity"] == "IOM"


def test_many_changes_at_once_are_all_in_the_history(app, sec, person):
    person("mara", "OHCHR")

    def rename(n):
        answer = app.test_client().patch("/api/v1/people/mara", json={"display_name": f"Mara {n}"}, headers=sec)
        assert answer.status_code == 200

    threads = [threading.Thread(target=rename, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    account = app.test_client().get("/api/v1/people/mara", headers=sec).json
    assert account["version"] == 7
    chain = [entry["after"].get("display_name") for entry in account["history"]]
    assert sorted(chain[1:]) == [f"Mara {n}" for n in range(6)]
    assert [entry["before"].get("display_name") for entry in account["history"][2:]] == chain[1:-1]


def test_a_suspended_person_is_out_at_once(client, sec, person, bearer):
    token = bearer(person("mara", "OHCHR"))
    browser = client.application.test_client()
    log_in(browser, "mara")
    assert client.get("/api/v1/me", headers=token).status_code == 200
    client.patch("/api/v1/people/mara", json={"status": "suspended"}, headers=sec)
    assert client.get("/api/v1/me", headers=token).status_code == 401
    assert browser.get("/api/v1/me").status_code == 401
    assert log_in(client, "mara").status_code == 401
    client.patch("/api/v1/people/mara", json={"status": "active"}, headers=sec)
    assert client.get("/api/v1/me", headers=token).status_code == 200
    assert browser.get("/api/v1/me").status_code == 401, "its sessions have ended"


def test_the_last_secretariat_cannot_lock_everyone_out(client, sec):
    refused = client.patch("/api/v1/people/sec", json={"status": "suspended"}, headers=sec)
    assert (refused.status_code, refused.json["rule"]) == (409, "last-secretariat")


def test_a_person_changes_their_own_name_and_language_only(client, person, bearer):
    mara = bearer(person("mara", "OHCHR"))
    assert client.patch("/api/v1/me", json={"language": "fr", "display_name": "M."}, headers=mara).json["language"] == "fr"
    refused = client.patch("/api/v1/me", json={"roles": ["secretariat"]}, headers=mara)
    assert (refused.status_code, refused.json["field"]) == (422, "roles")


# Sessions -------------------------------------------------------------------------------------------------------------------------------


def test_a_session_is_a_cookie_out_of_reach(client, person):
    person("mara", "OHCHR")
    answer = log_in(client, "mara")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    secret = cookie.partition("=")[2].partition(";")[0]
    assert secret not in everything_kept()
    assert secret not in answer.text


def test_behind_https_cookies_are_for_https(settings, services, person):
    person("mara", "OHCHR")
    secure = create_app(replace(settings, public_url="https://icat.example"), services).test_client()
    answer = log_in(secure, "mara")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"]


def test_logging_out_ends_the_session_on_the_server(client, person):
    person("mara", "OHCHR")
    csrf = log_in(client, "mara").json["csrf_token"]
    kept = client.get_cookie("icat_session").value
    assert client.delete("/api/v1/sessions/current", headers={"X-CSRF-Token": csrf}).status_code == 204
    client.set_cookie("icat_session", kept)
    assert client.get("/api/v1/me").status_code == 401


def test_a_session_expires(client, person, monkeypatch):
    person("mara", "OHCHR")
    log_in(client, "mara")
    monkeypatch.setattr(callers, "REMEMBERED_SECONDS", 0.0)
    mongoengine.get_db().sessions.update_many({}, {"$set": {"expires_at": datetime(2020, 1, 1, tzinfo=UTC)}})
    assert client.get("/api/v1/me").status_code == 401


FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
EDGE = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0 Safari/537.36 Edg/138.0"


@pytest.mark.parametrize(
    ("user_agent", "told"),
    [
        (FIREFOX, "Firefox · Windows"),
        (EDGE, "Edge · macOS"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1 (KHTML, like Gecko) Safari/604.1", "Safari · iOS"),
        ("Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0 Mobile Safari/537.36", "Chrome · Android"),
        ("curl/8.5.0", "curl"),
        ("<script>alert(1)</script>", ""),
        ("a" * 5000, "a" * 100),
        ("", ""),
    ],
)
def test_a_browser_is_told_by_family_and_system(user_agent, told):
    assert agents.told(user_agent) == told


def test_a_person_sees_where_they_are_logged_in_and_ends_it(app, person):
    person("mara", "OHCHR")
    browsers = []
    for user_agent in (FIREFOX, EDGE, "curl/8.5.0"):
        browser = app.test_client()
        answer = browser.post("/api/v1/sessions", json={"name": "mara", "password": PASSWORD}, headers={"User-Agent": user_agent})
        browsers.append((browser, {"X-CSRF-Token": answer.json["csrf_token"]}))
    (first, csrf), (second, _), (third, _) = browsers
    listed = first.get("/api/v1/sessions")
    assert [(one["agent"], one["current"]) for one in listed.json["items"]] == [
        ("curl", False),
        ("Edge · macOS", False),
        ("Firefox · Windows", True),
    ]
    for kept in mongoengine.get_db().sessions.find():
        assert kept["_id"] not in listed.text
        assert kept["csrf"] not in listed.text
    ids = [one["id"] for one in listed.json["items"]]
    assert first.delete(f"/api/v1/sessions/{ids[1]}", headers=csrf).status_code == 204
    assert first.delete(f"/api/v1/sessions/{ids[1]}", headers=csrf).status_code == 404
    assert (second.get("/api/v1/me").status_code, third.get("/api/v1/me").status_code) == (401, 200)
    assert first.post("/api/v1/sessions/endings", headers=csrf).status_code == 204
    assert (first.get("/api/v1/me").status_code, third.get("/api/v1/me").status_code) == (200, 401)


def test_anothers_session_is_out_of_reach_and_a_token_ends_none(app, client, person, bearer):
    mara = bearer(person("mara", "OHCHR"))
    person("iom", "IOM")
    browser, _ = session_of(app, "iom")
    theirs = browser.get("/api/v1/sessions").json["items"][0]["id"]
    other, other_csrf = session_of(app)
    assert other.delete(f"/api/v1/sessions/{theirs}", headers=other_csrf).status_code == 404
    for method, path in (("DELETE", f"/sessions/{theirs}"), ("POST", "/sessions/endings")):
        assert client.open(f"/api/v1{path}", method=method, headers=mara).json["rule"] == "session-only"
    assert browser.get("/api/v1/me").status_code == 200
    assert [one["current"] for one in client.get("/api/v1/sessions", headers=mara).json["items"]] == [False, False]


def test_a_session_says_to_the_minute_when_it_was_last_used(app, person, clock, monkeypatch):
    monkeypatch.setattr(callers, "REMEMBERED_SECONDS", 0.0)
    person("mara", "OHCHR")
    browser, _ = session_of(app)

    def seen():
        return datetime.fromisoformat(browser.get("/api/v1/sessions").json["items"][0]["last_seen_at"])

    opened = seen()
    clock.goes_on(59)
    assert seen() == opened
    clock.goes_on(1)
    assert seen() - opened == timedelta(seconds=60)


def test_a_session_kept_from_before_is_shown_as_far_as_it_is_known(app, person):
    person("mara", "OHCHR")
    browser, _ = session_of(app)
    before = browser.get("/api/v1/sessions").json["items"][0]
    mongoengine.get_db().sessions.update_many({}, {"$unset": {"opened_at": 1, "last_seen_at": 1, "agent": 1}})
    assert browser.get("/api/v1/sessions").json["items"][0] == before | {"agent": "", "last_seen_at": before["opened_at"]}


def test_nobody_learns_which_names_exist(client, person):
    person("mara", "OHCHR")
    wrong, unknown = log_in(client, "mara", "wrong password"), log_in(client, "nobody", "wrong password")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json == unknown.json


def test_an_unknown_name_takes_as_long_as_a_wrong_password(client, person, monkeypatch):
    """Not measured by the clock, which a busy machine blurs: the hash is computed either way."""
    from gateway.accounts import passwords

    computed = []

    class Counting:
        def verify(self, hashed, password):
            computed.append(hashed.split("$")[3])
            return real.verify(hashed, password)

        def hash(self, password):
            return real.hash(password)

    real = passwords._hasher
    monkeypatch.setattr(passwords, "_hasher", Counting())
    person("mara", "OHCHR")
    person("gone", "OHCHR")
    mongoengine.get_db().accounts.update_one({"_id": "gone"}, {"$set": {"state.status": "suspended"}})
    for name in ("mara", "nobody", "gone"):
        assert log_in(client, name, "wrong password").status_code == 401
    assert len(computed) == 3
    assert len(set(computed)) == 1, "with the same parameters"


def test_the_password_of_the_stand_in_opens_nothing(client, person):
    assert log_in(client, "nobody", "nobody's").status_code == 401


@pytest.mark.parametrize("name", ["mara", "nobody"])
def test_guessing_is_throttled_by_name_and_address(client, person, name):
    person("mara", "OHCHR")
    for _ in range(5):
        assert log_in(client, name, "guess").status_code == 401
    refused = log_in(client, name)
    assert (refused.status_code, refused.json["rule"]) == (429, "login-throttle")
    assert 0 < int(refused.headers["Retry-After"]) <= 900
    elsewhere = log_in(client, name, address="10.0.0.2")
    assert elsewhere.status_code == (201 if name == "mara" else 401)


def test_guesses_at_the_same_time_count_as_well(app, person):
    person("mara", "OHCHR")
    statuses = []
    threads = [threading.Thread(target=lambda: statuses.append(log_in(app.test_client(), "mara", "guess").status_code)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses.count(401) == 5
    assert statuses.count(429) == 7


def test_a_right_password_forgives_earlier_slips(client, person):
    person("mara", "OHCHR")
    for _ in range(3):
        for _ in range(4):
            log_in(client, "mara", "slip of the hand")
        assert log_in(client, "mara").status_code == 201


def test_a_new_password_ends_other_sessions(client, person):
    person("mara", "OHCHR")
    other = client.application.test_client()
    log_in(other, "mara")
    csrf = {"X-CSRF-Token": log_in(client, "mara").json["csrf_token"]}
    wrong = client.post("/api/v1/me/password", json={"current": "not it", "new": "a better password"}, headers=csrf)
    assert (wrong.status_code, wrong.json["field"]) == (403, "current")
    assert client.post("/api/v1/me/password", json={"current": PASSWORD, "new": "a better password"}, headers=csrf).status_code == 200
    assert client.get("/api/v1/me").status_code == 200
    assert other.get("/api/v1/me").status_code == 401
    assert log_in(other, "mara").status_code == 401
    assert log_in(other, "mara", "a better password").status_code == 201


# The second factor ----------------------------------------------------------------------------------------------------------------------


class Clock:
    """The present, as the gateway reads it where people come in."""

    def __init__(self, monkeypatch) -> None:
        self.at = datetime.now(UTC) + timedelta(minutes=1)  # whoever the test opens an account for holds their role by then
        monkeypatch.setattr(callers, "now", lambda: self.at)

    def goes_on(self, seconds: int = 30) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


def session_of(app, name="mara", **more):
    """A browser in which this person is logged in, and the header that its changes show."""
    browser = app.test_client()
    body = {"name": name, "password": PASSWORD} | more
    logged_in = browser.post("/api/v1/sessions", json=body)
    assert logged_in.status_code == 201, logged_in.text
    return browser, {"X-CSRF-Token": logged_in.json["csrf_token"]}


def guarded(app, clock, name="mara") -> tuple[pyotp.TOTP, list[str]]:
    """Sets up a second factor; returns what makes its codes, and its recovery codes."""
    browser, csrf = session_of(app, name)
    begun = browser.post("/api/v1/me/second-factor", json={"password": PASSWORD}, headers=csrf)
    assert begun.status_code == 200, begun.text
    totp = pyotp.TOTP(begun.json["secret"])
    confirmed = browser.post("/api/v1/me/second-factor/confirmation", json={"code": totp.at(clock.at)}, headers=csrf)
    assert confirmed.status_code == 200, confirmed.text
    clock.goes_on()
    return totp, confirmed.json["recovery_codes"]


def with_code(client, code, password=PASSWORD, **more):
    return client.post("/api/v1/sessions", json={"name": "mara", "password": password, "code": code} | more)


def test_a_second_factor_is_in_force_once_a_code_was_shown(app, client, person, clock):
    person("mara", "OHCHR")
    browser, csrf = session_of(app)
    wrong = browser.post("/api/v1/me/second-factor", json={"password": "guess"}, headers=csrf)
    assert (wrong.status_code, wrong.json["field"]) == (403, "password")
    begun = browser.post("/api/v1/me/second-factor", json={"password": PASSWORD}, headers=csrf).json
    assert begun["uri"] == pyotp.TOTP(begun["secret"]).provisioning_uri(name="mara", issuer_name="ICAT")
    assert log_in(client, "mara").status_code == 201, "what is only begun guards nothing"
    refused = browser.post("/api/v1/me/second-factor/confirmation", json={"code": "000000"}, headers=csrf)
    assert (refused.status_code, refused.json["rule"]) == (401, "second-factor")
    totp, codes = guarded(app, clock)
    assert len({*codes}) == 10
    assert browser.get("/api/v1/me").json["recovery_codes_left"] == 10
    assert log_in(client, "mara").json["rule"] == "second-factor"
    assert with_code(client, totp.at(clock.at)).status_code == 201
    kept = everything_kept()
    assert not [secret for secret in (totp.secret, begun["secret"], *codes, *(code.replace("-", "") for code in codes)) if secret in kept]


def test_only_who_knows_the_password_learns_of_it(app, client, person, clock):
    person("mara", "OHCHR")
    totp, _ = guarded(app, clock)
    plain, guess = log_in(client, "nobody", "wrong password"), log_in(client, "mara", "wrong password", "10.0.0.2")
    assert with_code(client, totp.at(clock.at), "wrong password").json == plain.json == guess.json


def test_a_code_is_good_once_and_for_its_time(app, client, person, clock):
    person("mara", "OHCHR")
    totp, _ = guarded(app, clock)
    code = totp.at(clock.at)
    assert with_code(client, code).status_code == 201
    again = with_code(client, code)
    assert (again.status_code, again.json["rule"]) == (401, "second-factor")
    clock.goes_on()
    spoken = totp.at(clock.at)
    assert with_code(client, f"{spoken[:3]} {spoken[3:]}").status_code == 201, "as people write it"
    clock.goes_on(90)
    assert with_code(client, totp.at(clock.at - timedelta(seconds=60))).status_code == 401
    assert with_code(client, totp.at(clock.at + timedelta(seconds=60))).status_code == 401
    assert with_code(client, totp.at(clock.at + timedelta(seconds=30))).status_code == 201, "a telephone that is a little ahead"
    assert with_code(client, totp.at(clock.at)).status_code == 401, "nothing earlier than what was used"


def test_of_many_who_show_one_code_at_once_one_comes_in(app, person, clock):
    person("mara", "OHCHR")
    totp, _ = guarded(app, clock)
    code, statuses = totp.at(clock.at), []
    threads = [threading.Thread(target=lambda: statuses.append(with_code(app.test_client(), code).status_code)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(statuses), statuses.count(201)) == (3, 1)


def test_a_recovery_code_is_good_once_and_the_history_says_so(app, client, person, clock):
    person("mara", "OHCHR")
    _, codes = guarded(app, clock)
    assert with_code(client, codes[3].upper().replace("-", " ")).status_code == 201
    history = client.get("/api/v1/people/mara").json["history"]
    assert [(one["what"], one["after"]) for one in history][-1] == ("recovery_code_used", {"left": 9})
    assert with_code(client, codes[3]).status_code == 401
    assert with_code(client, codes[4]).status_code == 201


def test_codes_cannot_be_guessed_from_many_addresses(app, client, person, clock):
    person("mara", "OHCHR")
    totp, _ = guarded(app, clock)
    guesses = [
        client.post(
            "/api/v1/sessions",
            json={"name": "mara", "password": PASSWORD, "code": "000000"},
            environ_base={"REMOTE_ADDR": f"10.0.1.{n}"},
        ).status_code
        for n in range(6)
    ]
    assert guesses == [401] * 5 + [429]
    assert with_code(client, totp.at(clock.at)).status_code == 429


def test_who_removes_it_shows_password_and_code(app, client, person, clock):
    person("mara", "OHCHR")
    totp, codes = guarded(app, clock)
    browser, csrf = session_of(app, code=totp.at(clock.at))
    clock.goes_on()
    for body, status in (
        ({"password": "guess", "code": codes[0]}, 403),
        ({"password": PASSWORD, "code": "000000"}, 401),
        ({"password": PASSWORD, "code": totp.at(clock.at)}, 200),
        ({"password": PASSWORD, "code": codes[0]}, 401),
    ):
        assert browser.post("/api/v1/me/second-factor/removal", json=body, headers=csrf).status_code == status, body
    assert log_in(client, "mara").status_code == 201


def test_the_same_order_sent_again_shows_the_same_and_does_it_once(app, person, clock):
    person("mara", "OHCHR")
    browser, csrf = session_of(app)
    keyed = csrf | {"Idempotency-Key": "begin"}
    begun = [browser.post("/api/v1/me/second-factor", json={"password": PASSWORD}, headers=keyed).json for _ in range(2)]
    assert begun[0] == begun[1]
    code = {"code": pyotp.TOTP(begun[0]["secret"]).at(clock.at)}
    shown = [
        browser.post("/api/v1/me/second-factor/confirmation", json=code, headers=csrf | {"Idempotency-Key": "c"}).json for _ in range(2)
    ]
    assert shown[0] == shown[1]
    again = browser.post("/api/v1/me/second-factor", json={"password": PASSWORD}, headers=csrf)
    assert (again.status_code, again.json["rule"]) == (409, "second-factor-stands")


def test_the_secretariat_takes_a_lost_one_away_and_never_its_own(app, client, person, secretariat, in_person, clock):
    person("mara", "OHCHR")
    guarded(app, clock)
    totp, _ = guarded(app, clock, secretariat)
    browser, csrf = session_of(app, secretariat, code=totp.at(clock.at))
    own = browser.delete(f"/api/v1/people/{secretariat}/second-factor", headers=csrf)
    assert (own.status_code, own.json["rule"]) == (403, "second-factor-own")
    assert browser.delete("/api/v1/people/mara/second-factor", headers=csrf).json["second_factor"] is False
    assert browser.delete("/api/v1/people/mara/second-factor", headers=csrf).json["rule"] == "second-factor-none"
    assert log_in(client, "mara").status_code == 201
    entry = client.get("/api/v1/people/mara").json["history"][-1]
    assert (entry["by"], entry["what"]) == (secretariat, "second_factor_reset")


def test_what_guards_an_account_is_not_changed_by_a_token(client, person, bearer):
    mara = bearer(person("mara", "OHCHR"))
    for method, path, body in (
        ("POST", "/me/second-factor", {"password": PASSWORD}),
        ("POST", "/me/second-factor/confirmation", {"code": "123456"}),
        ("POST", "/me/second-factor/removal", {"password": PASSWORD, "code": "123456"}),
        ("POST", "/me/password", {"current": PASSWORD, "new": "another password"}),
        ("DELETE", "/people/iom/second-factor", {}),
    ):
        refused = client.open(f"/api/v1{path}", method=method, json=body, headers=mara)
        assert (refused.status_code, refused.json["rule"]) == (403, "session-only"), path
    assert log_in(client, "mara").status_code == 201


@pytest.fixture
def strict(settings, services, person):
    """A gateway that lets no focal point do anything without a second factor."""
    yield create_app(replace(settings, second_factor_for=frozenset({"focal_point"})), services)
    create_app(settings, services)


def test_a_role_may_require_one(app, strict, services, person, bearer, clock):
    token = bearer(person("mara", "OHCHR"))
    person("alice", "OHCHR", "alternate")
    services.answers("workplan.plans", {"items": [], "next": None})
    services.answers("chairs.overview", {})
    browser, _ = session_of(strict)
    assert browser.get("/api/v1/me").json["second_factor_required"] is True
    for caller, headers in ((browser, {}), (strict.test_client(), token)):
        refused = caller.get("/api/v1/workplans", headers=headers)
        assert (refused.status_code, refused.json["rule"]) == (403, "second-factor-required")
    assert browser.get("/api/v1/chairs").status_code == 200
    assert services.asked[-1][2].by.person == "visitor"
    guarded(strict, clock)
    assert browser.get("/api/v1/workplans").status_code == 200, "on every copy at once"
    assert strict.test_client().get("/api/v1/workplans", headers=token).status_code == 200
    other, _ = session_of(strict, "alice")
    assert other.get("/api/v1/workplans").status_code == 200


def test_a_role_that_is_none_cannot_require_one():
    environ = {"AMQP_URI": "amqp://x", "MONGO_URI": "mongodb://x", "ICAT_SECRET_KEY": "k" * 32, "ICAT_PUBLIC_URL": "http://x"}
    assert Settings.from_environ(environ | {"ICAT_SECOND_FACTOR_FOR": "reader, mission"}).second_factor_for == {"reader", "mission"}
    with pytest.raises(SettingsError, match="king is none"):
        Settings.from_environ(environ | {"ICAT_SECOND_FACTOR_FOR": "king"})


# Tokens ---------------------------------------------------------------------------------------------------------------------------------


def test_of_a_token_only_its_digest_is_kept(client, person, bearer):
    mara = bearer(person("mara", "OHCHR"))
    secret = mara["Authorization"].removeprefix("Bearer ")
    assert secret.startswith("icat_")
    assert len(secret) == 48
    assert secret not in everything_kept()
    listed = client.get("/api/v1/tokens", headers=mara)
    assert [one["name"] for one in listed.json["items"]] == ["test"]
    assert secret not in listed.text


def made_token(app, name="mara", **said) -> tuple[dict, dict[str, str]]:
    """A token, and the header with which it is shown."""
    browser, csrf = session_of(app, name)
    made = browser.post("/api/v1/tokens", json={"name": "laptop"} | said, headers=csrf)
    assert made.status_code == 201, made.text
    return made.json, {"Authorization": f"Bearer {made.json['token']}"}


def test_a_replayed_order_for_a_token_makes_one(app, person):
    person("mara", "OHCHR")
    browser, csrf = session_of(app)
    keyed = csrf | {"Idempotency-Key": "k"}
    first, again = (browser.post("/api/v1/tokens", json={"name": "laptop"}, headers=keyed).json for _ in range(2))
    assert first == again
    assert len(browser.get("/api/v1/tokens").json["items"]) == 1


def test_no_token_makes_another(client, person, bearer):
    refused = client.post("/api/v1/tokens", json={"name": "x"}, headers=bearer(person("mara", "OHCHR")))
    assert (refused.status_code, refused.json["rule"]) == (403, "session-only")


def test_a_token_to_read_with_changes_nothing(app, client, person, known):
    person("mara", "OHCHR")
    made, token = made_token(app, scope="read")
    assert (made["scope"], made["areas"]) == ("read", [])
    assert client.get("/api/v1/entities", headers=token).status_code == 200
    known.asked.clear()
    refused = client.post("/api/v1/seats", json={"entity": "OHCHR", "since": "2014-01-01T00:00:00Z"}, headers=token)
    assert (refused.status_code, refused.json["rule"]) == (403, "token-scope")
    assert client.patch("/api/v1/me", json={"display_name": "M"}, headers=token).json["rule"] == "token-scope"
    assert known.asked == []


def test_a_token_for_some_services_is_for_no_other(app, client, person, known):
    person("mara", "OHCHR")
    _, token = made_token(app, areas=["workplan", "chairs", "chairs"])
    assert client.get("/api/v1/entities", headers=token).status_code == 200
    known.asked.clear()
    for path in ("/library", "/me", "/deliveries"):
        refused = client.get(f"/api/v1{path}", headers=token)
        assert (refused.status_code, refused.json["rule"], refused.json["accepted"]) == (403, "token-scope", ["chairs", "workplan"]), path
    assert known.asked == []


@pytest.mark.parametrize(
    ("said", "field"),
    [({"scope": "write"}, "scope"), ({"areas": ["mail"]}, "areas.0"), ({"expires_at": "2200-01-01T00:00:00Z"}, "expires_at")],
)
def test_a_token_that_may_not_be(app, person, said, field):
    person("mara", "OHCHR")
    browser, csrf = session_of(app)
    refused = browser.post("/api/v1/tokens", json={"name": "x"} | said, headers=csrf)
    assert (refused.status_code, refused.json["field"]) == (422, field)


def test_tokens_kept_before_they_had_a_scope_work_on(app, client, person, bearer):
    mara = bearer(person("mara", "OHCHR"))
    gone = {f"state.tokens.0.{name}": 1 for name in ("scope", "areas", "provider")}
    mongoengine.get_db().accounts.update_one({"_id": "mara"}, {"$unset": gone, "$set": {"state.tokens.0.expires_at": None}})
    assert client.patch("/api/v1/me", json={"display_name": "M"}, headers=mara).status_code == 200
    assert client.get("/api/v1/tokens", headers=mara).json["items"][0]["scope"] == "all"


def test_a_revoked_token_works_no_more(client, person, bearer):
    mara = bearer(person("mara", "OHCHR"))
    made, laptop = made_token(client.application)
    assert client.get("/api/v1/me", headers=laptop).status_code == 200
    assert client.delete(f"/api/v1/tokens/{made['id']}", headers=mara).status_code == 204
    assert client.get("/api/v1/me", headers=laptop).status_code == 401
    assert client.get("/api/v1/tokens", headers=mara).json["items"][1]["revoked_at"]


def test_a_token_revoked_on_another_copy_works_five_seconds_at_most(client, person, bearer, monkeypatch):
    mara = bearer(person("mara", "OHCHR"))
    assert client.get("/api/v1/me", headers=mara).status_code == 200
    mongoengine.get_db().accounts.update_one({"_id": "mara"}, {"$set": {"state.status": "suspended"}})  # as the other copy would
    later = callers.time.monotonic() + callers.REMEMBERED_SECONDS
    monkeypatch.setattr(callers.time, "monotonic", lambda: later)
    assert client.get("/api/v1/me", headers=mara).status_code == 401


def test_a_token_shows_when_it_was_last_used(client, person, bearer):
    mara = bearer(person("mara", "OHCHR"))
    before = client.get("/api/v1/me", headers=mara).json["version"]
    listed = client.get("/api/v1/tokens", headers=mara).json["items"][0]
    assert datetime.fromisoformat(listed["last_used_at"]).date() == datetime.now(UTC).date()
    assert client.get("/api/v1/me", headers=mara).json["version"] == before


def test_anothers_token_is_out_of_reach(client, person, bearer):
    mara, iom = bearer(person("mara", "OHCHR")), bearer(person("iom", "IOM"))
    theirs = client.get("/api/v1/tokens", headers=iom).json["items"][0]["id"]
    assert client.delete(f"/api/v1/tokens/{theirs}", headers=mara).status_code == 404
    assert client.get("/api/v1/me", headers=iom).status_code == 200


def test_a_token_expires(app, client, person, monkeypatch):
    person("mara", "OHCHR")
    browser, csrf = session_of(app)
    past = browser.post("/api/v1/tokens", json={"name": "x", "expires_at": "2020-01-01T00:00:00Z"}, headers=csrf)
    assert (past.status_code, past.json["field"]) == (422, "expires_at")
    made, token = made_token(app)
    expires = datetime.fromisoformat(made["expires_at"])
    assert timedelta(days=365) < expires - datetime.now(UTC) <= timedelta(days=366)
    monkeypatch.setattr(callers, "now", lambda: expires)
    assert client.get("/api/v1/me", headers=token).status_code == 401


# A store that is away -------------------------------------------------------------------------------------------------------------------


def test_without_its_store_the_gateway_starts_and_says_so(settings, services, monkeypatch):
    try:
        with monkeypatch.context() as hurried:
            hurried.setattr(messaging.store, "AWAY_SECONDS", 0.1)
            client = create_app(replace(settings, mongo_uri="mongodb://127.0.0.1:1/gateway"), services).test_client()
        assert client.get("/health/live").status_code == 200
        assert client.get("/health/ready").status_code == 503
        refused = client.get("/api/v1/me", headers={"Authorization": "Bearer icat_" + "x" * 43})
        assert (refused.status_code, refused.json["rule"]) == (503, "store")
        assert client.get("/login").status_code == 200
    finally:
        create_app(settings, services)
