"""Who may do what of the gateway's own: every cell of its table, asked of the API as whoever it is, with a session of theirs.

What services own, ``tests/rules/test_rights_*.py`` asks of their rules in the same manner.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from gateway.accounts.contract import contract as accounts
from gateway.accounts.rights import RIGHTS
from gateway.accounts.rules import Account, Token
from gateway.accounts.store import Accounts, Sessions, digest
from messaging.context import now
from services.kernel.actor import SYSTEM_ACTOR
from tests.gateway.conftest import _HASHED, PASSWORD

PEOPLE: dict[str, tuple[str | None, str]] = {
    "itself": ("ILO", "alternate"),
    "colleague": ("ILO", "focal_point"),
    "alternate": ("ILO", "alternate"),
    "stranger": ("IOM", "focal_point"),
    "mission": ("BRA", "mission"),
    "reader": ("ILO", "reader"),
    "office": (None, "secretariat"),
}
"""Who asks, by what they are to the account ``itself``: entity and role."""

OTHERS: dict[str, tuple[str | None, str]] = {"invited": ("ILO", "reader"), "envoy": ("BRA", "mission")}
"""Who is asked about besides."""

EVERYONE = {"visitor", *PEOPLE}
PERSONS = set(PEOPLE)
OFFICE = {"office"}
INSIDE = {"itself", "colleague", "alternate", "stranger", "office"}
ELSEWHERE = {"stranger", "mission"}
"""Who has people of their own, and others than ``itself``: they do not learn that it is there."""

INVITATION = "an invitation of this test"


@dataclass(frozen=True)
class Row:
    """What one order or question must come to. ``allowed``: who may; ``unknown``: to whom the thing is not to be known; ``then``: by which
    rule what somebody may is refused for another reason, as things stand here. ``{me}`` in the path is who asks."""

    method: str
    path: str
    body: dict[str, Any] | None = None
    allowed: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    then: str = ""


THEIRS = "/people/itself"
PROVIDER = {"entity": "ILO", "issuer": "https://id.example.org", "client_id": "icat", "client_secret": "secret"}
LETTERS = "/services/chairs/letters"

ROWS: dict[str, Row] = {
    "log_in": Row("POST", "/sessions", {"name": "itself", "password": PASSWORD}, EVERYONE),
    "accept_invitation": Row("POST", "/invitations/acceptances", {"invitation": INVITATION, "password": "another word"}, EVERYONE),
    "accept_invitation of nobody": Row(
        "POST", "/invitations/acceptances", {"invitation": "x" * 30, "password": "another word"}, set(), EVERYONE
    ),
    "me": Row("GET", "/me", None, PERSONS),
    "my_awaiting": Row("GET", "/me/awaiting", None, PERSONS),
    "change_me": Row("PATCH", "/me", {"language": "fr"}, PERSONS),
    "change_password": Row("POST", "/me/password", {"current": PASSWORD, "new": "another word"}, PERSONS),
    "log_out": Row("DELETE", "/sessions/current", None, PERSONS),
    "sessions": Row("GET", "/sessions", None, PERSONS),
    "end_session": Row("DELETE", "/sessions/{session}", None, PERSONS),
    "end_session of another": Row("DELETE", "/sessions/{session of itself}", None, {"itself"}, PERSONS - {"itself"}),
    "end_other_sessions": Row("POST", "/sessions/endings", {}, PERSONS),
    "begin_second_factor": Row("POST", "/me/second-factor", {"password": PASSWORD}, PERSONS),
    "confirm_second_factor": Row("POST", "/me/second-factor/confirmation", {"code": "123456"}, PERSONS, then="second-factor-begun"),
    "remove_second_factor": Row(
        "POST", "/me/second-factor/removal", {"password": PASSWORD, "code": "123456"}, PERSONS, then="second-factor"
    ),
    "make_token": Row("POST", "/tokens", {"name": "test"}, PERSONS),
    "tokens": Row("GET", "/tokens", None, PERSONS),
    "revoke_token": Row("DELETE", "/tokens/token-{me}", None, PERSONS),
    "revoke_token of another": Row("DELETE", "/tokens/token-itself", None, {"itself"}, PERSONS - {"itself"}),
    "untie": Row("DELETE", f"{THEIRS}/organization", None, {"itself", "office"}, ELSEWHERE, then="tied-none"),
    "invite_person": Row(
        "POST", "/people", {"name": "new", "display_name": "N", "entity": "ILO", "roles": ["reader"]}, {"colleague", "office"}
    ),
    "invite_person of a mission": Row(
        "POST", "/people", {"name": "new", "display_name": "N", "entity": "BRA", "roles": ["mission"]}, {"mission", "office"}
    ),
    "invite_again": Row("POST", "/people/invited/invitation", {}, {"colleague", "office"}, ELSEWHERE),
    "invite_again who was in": Row("POST", f"{THEIRS}/invitation", {}, OFFICE, ELSEWHERE),
    "people": Row("GET", "/people", None, {"colleague", "stranger", "mission", "office"}),
    "get_person": Row("GET", THEIRS, None, {"itself", "colleague", "office"}, ELSEWHERE),
    "get_person of a mission": Row("GET", "/people/envoy", None, {"mission", "office"}, {"colleague", "stranger"}),
    "get_person who is not there": Row("GET", "/people/nobody", None, set(), {"colleague", "stranger", "mission", "office"}),
    "change_person": Row("PATCH", THEIRS, {"appointments": []}, {"colleague", "office"}, ELSEWHERE),
    "change_person of a mission": Row("PATCH", "/people/envoy", {"appointments": []}, {"mission", "office"}, {"colleague", "stranger"}),
    "change_person to another entity": Row("PATCH", THEIRS, {"entity": "IOM"}, OFFICE, ELSEWHERE),
    "change_person oneself": Row("PATCH", "/people/{me}", {"roles": ["secretariat"]}, OFFICE),
    "hand_over": Row("POST", "/people/colleague/handover", {"to": "itself"}, {"colleague", "office"}, ELSEWHERE),
    "reset_second_factor": Row("DELETE", f"{THEIRS}/second-factor", None, OFFICE, then="second-factor-none"),
    "register_provider": Row("POST", "/providers", PROVIDER, OFFICE),
    "change_provider": Row("PATCH", "/providers/ILO", {"client_id": "other"}, OFFICE, then="provider-none"),
    "end_provider": Row("POST", "/providers/ILO/ending", {"reason": "Broken into"}, OFFICE, then="provider-none"),
    "providers": Row("GET", "/providers", None, OFFICE),
    "house": Row("GET", "/house", None, OFFICE),
    "trail": Row("GET", "/trail", None, OFFICE),
    "dead_letters": Row("GET", LETTERS, None, OFFICE, then="service-away"),
    "send_letter_again": Row("POST", f"{LETTERS}/resending", {"id": "a" * 32}, OFFICE, then="service-away"),
    "drop_letter": Row("POST", f"{LETTERS}/dropping", {"id": "a" * 32, "reason": "Nobody's"}, OFFICE, then="service-away"),
    "platform_status": Row("GET", "/status", None, INSIDE),
    "rehearsal_tick": Row("POST", "/rehearsal/tick", {"to": "2014-02-01T00:00:00Z"}, OFFICE, then="rehearsal-only"),
}


@pytest.fixture
def sessions(app, known) -> dict[str, str]:
    """A session of each person, by its secret."""
    at, secrets = now(), {}
    for name, (entity, role) in (PEOPLE | OTHERS).items():
        is_in = name != "invited"
        told = {"password": _HASHED} if is_in else {"invitation_digest": digest(INVITATION)}
        account = Account.open(name, name, entity, [role], "en", by=SYSTEM_ACTOR, at=at - timedelta(days=1), cause=name, **told)
        account.make_token(Token(f"token-{name}", "test", digest(f"token {name}"), at), cause=f"token {name}")
        Accounts().create(account, name)
        secrets[name] = f"session-of-{name}"
        Sessions().open(digest(secrets[name]), name, f"csrf-of-{name}", at)
    return secrets


CELLS = [pytest.param(action, who, id=f"{action}-{who}") for action in ROWS for who in sorted(EVERYONE)]


@pytest.mark.parametrize(("action", "who"), CELLS)
def test_a_cell(app, sessions, action, who):
    row, client = ROWS[action], app.test_client()
    headers = {}
    if who != "visitor":
        headers = {"Cookie": f"icat_session={sessions[who]}", "X-CSRF-Token": f"csrf-of-{who}"}
    ids = {name: Sessions().of(name, now())[0].id for name in ("itself", who) if name in sessions}
    path = row.path.replace("{me}", who).replace("{session of itself}", ids["itself"]).replace("{session}", ids.get(who, "none"))
    before = _kept()
    answer = client.open(f"/api/v1{path}", method=row.method, json=row.body, headers=headers)
    told = answer.json or {}
    if who in row.allowed:
        assert answer.status_code < 400 if not row.then else told["rule"] == row.then, told
        return
    expected = 404 if who in row.unknown else 401 if who == "visitor" else 403
    assert (answer.status_code, told.get("rule") == "account") == (expected, expected == 401), told
    assert _kept() == before


def _kept() -> dict[str, int]:
    return {name: kept.version for name in (*PEOPLE, *OTHERS, "new") if (kept := Accounts().find(name))}


def test_every_order_and_question_has_a_row_and_every_row_has_one():
    RIGHTS.must_cover(accounts.commands)
    assert {action.partition(" ")[0] for action in ROWS} == set(RIGHTS)


OF_ILO = {"itself", "colleague", "alternate", "reader", "invited"}


@pytest.mark.parametrize(
    ("who", "seen"),
    [("colleague", OF_ILO), ("stranger", {"stranger"}), ("mission", {"mission", "envoy"}), ("office", {*PEOPLE, *OTHERS})],
)
def test_of_the_people_everyone_is_shown_their_own(app, sessions, who, seen):
    headers = {"Cookie": f"icat_session={sessions[who]}"}
    for query, shown in (("", seen), ("?entity=ILO", seen & OF_ILO)):
        items = app.test_client().get(f"/api/v1/people{query}", headers=headers).json["items"]
        assert {one["name"] for one in items} == shown
