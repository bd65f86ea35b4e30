"""Refusals in the reader's language: every rule that anything of ours refuses with has its sentence in French, on pages and in the API."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from marshmallow import Schema, ValidationError, fields, validate

from contracts import chairs, documents, notifications, workplan
from contracts.problems import KINDS
from gateway import refusals
from gateway.accounts.contract import contract as accounts
from gateway.web.words import PROBLEMS, TITLES
from services.kernel.refusal import Refusal

ROOT = Path(__file__).parents[2]
ROOMS = ("services", "messaging", "gateway", "contracts")

MADE = {
    ("services/chairs/rules/periods.py", "f'{what}-lasts'"): {"membership-lasts", "seat-lasts"},
    ("services/chairs/rules/periods.py", "f'{what}-overlap'"): {"membership-overlap", "seat-overlap"},
    ("services/documents/rules/passing.py", "rule"): {"statement-express", "passing-procedure"},
    ("services/documents/rules/record.py", "f\"{act.replace('_', '-')}-deadline\""): {"comment-deadline", "take-position-deadline"},
    ("services/notifications/rules/addresses.py", "rule"): {"webhook-address", "webhook-public"},
    ("services/notifications/rules/deliveries.py", "'subscription-ended' if why_not.state == GIVEN_UP else 'subscription-paused'"): {
        "subscription-ended",
        "subscription-paused",
    },
    ("services/notifications/rules/subscribers.py", "rule"): {"most-subscriptions", "most-pending", "most-a-day"},
    ("services/workplan/rules/wording.py", "f'{name}-required'"): {"title-required", "lead-required"},
}
"""Rules whose names are made where they are refused with: the expression, and the names that it makes."""

PASSED_ON = {"services/kernel/refusal.py", "contracts/problems.py", "gateway/api/requests.py"}
"""Where a name that another gave is only handed on."""


def _rules() -> Iterator[tuple[str, str]]:
    """Every rule refused with: its name, and where. Not what is said in the reader's language where it is made."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            where = str(path.relative_to(ROOT))
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.FunctionDef):
                    given = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
                    named = [(arg.arg, default) for arg, default in given if isinstance(default, ast.Constant)]
                elif isinstance(node, ast.Call) and ast.unparse(node.func) != "Told":
                    named = [(keyword.arg, keyword.value) for keyword in node.keywords]
                elif isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Constant):
                    named = [(ast.unparse(node.target), node.value)]
                else:
                    continue
                for name, value in named:
                    if name == "rule":
                        yield from ((rule, f"{where}:{node.lineno}") for rule in _names(value, where))


def _names(value: ast.expr, where: str) -> set[str]:
    if isinstance(value, ast.Constant):
        return {value.value}
    if (where, ast.unparse(value)) in MADE:
        return MADE[where, ast.unparse(value)]
    if where in PASSED_ON or not isinstance(value, ast.Name | ast.JoinedStr | ast.IfExp):
        return set()
    raise AssertionError(f"{where}: say in MADE which rules {ast.unparse(value)} names")


def test_every_rule_has_its_sentence_in_french():
    found = list(_rules())
    assert len({rule for rule, _ in found}) > 300
    missing = {rule: where for rule, where in found if not refusals.of_rule(rule, "conflict")}
    assert missing == {}, "each needs a sentence in gateway/web/words_refusals.py"


def _all_fields(schema: Schema, seen: set[type]) -> Iterator[fields.Field]:
    for field in schema.fields.values():
        yield from _within(field, seen)


def _within(field: fields.Field, seen: set[type]) -> Iterator[fields.Field]:
    yield field
    if isinstance(field, fields.List):
        yield from _within(field.inner, seen)
    elif isinstance(field, fields.Nested) and type(field.schema) not in seen:
        seen.add(type(field.schema))
        yield from _all_fields(field.schema, seen)


def _sentences() -> set[str]:
    """What contracts say no with: of the types of fields, of their validators, and of our own code."""
    found: set[str] = {"Unknown field.", "Invalid input type."}
    for contract in (chairs.contract, workplan.contract, documents.contract, notifications.contract, accounts):
        for command in contract.commands.values():
            for field in _all_fields(command(), set()):
                found |= {re.sub(r"{\w+}", "x", sentence) for sentence in field.error_messages.values()}
                for rule in field.validators:
                    if isinstance(rule, validate.Length | validate.Range):
                        beyond = [rule.min - 1] if rule.min else []
                        beyond += [rule.max + 1] if rule.max is not None else []
                        for limit in beyond:
                            with pytest.raises(ValidationError) as refused:
                                rule(limit if isinstance(rule, validate.Range) else "x" * limit)
                            found |= set(refused.value.messages)
                    elif isinstance(rule, validate.OneOf | validate.Regexp | validate.URL):
                        found.add(re.sub(r"{\w+}", "x", rule.error))
    for room in ("contracts", "gateway/accounts", "gateway/house"):
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "ValidationError" and node.args:
                    found |= set(_said(node.args[0]))
    return found


def _said(value: ast.expr) -> Iterator[str]:
    if isinstance(value, ast.Constant | ast.JoinedStr):
        parts = [value] if isinstance(value, ast.Constant) else value.values
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "2" for part in parts)
    elif isinstance(value, ast.Dict):
        for one in value.values:
            yield from _said(one)
    elif isinstance(value, ast.List):
        for one in value.elts:
            yield from _said(one)


def test_every_sentence_of_a_contract_has_its_french():
    of_what_only_producers_hear = {"Not in the contract.", "A field is of the wrong type: 2", "The body is no JSON object."}
    plain = PROBLEMS["invalid"][1]
    missing = [s for s in sorted(_sentences() - of_what_only_producers_hear) if refusals.of_contract(s, "fr") == plain]
    assert missing == []


SAME_EVERYWHERE = re.compile("(GET|POST) /|Authorization: |Bearer |DOCX, |{")
"""What is accepted in so many signs, whatever one reads: addresses of the API, headers, formats. What is one word is a code."""


def _accepted() -> Iterator[tuple[str, str]]:
    """What is said to be accepted, with a number in the place of what is filled in, and where."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and ast.unparse(node.func) != "Told":
                    given = [keyword.value for keyword in node.keywords if keyword.arg == "accepted"]
                    either = [one for value in given for one in ((value.body, value.orelse) if isinstance(value, ast.IfExp) else (value,))]
                    yield from ((said, f"{path.relative_to(ROOT)}:{node.lineno}") for value in either for said in _said(value))


def test_what_would_be_accepted_is_said_in_french_too():
    found = [(said, where) for said, where in _accepted() if " " in said and not SAME_EVERYWHERE.match(said)]
    assert len(found) > 80
    assert {said: where for said, where in found if refusals.accepted(said, "fr") == said} == {}


def test_several_things_that_would_be_accepted_are_each_told_and_codes_stay():
    assert refusals.accepted(["since 2010-01-01", "2006-01-01 to 2008-01-01"], "fr") == [
        "depuis le 2010-01-01",
        "de 2006-01-01 à 2008-01-01",
    ]
    assert refusals.accepted(["consultation", "in force", "OHCHR"], "fr") == ["consultation", "en vigueur", "OHCHR"]


def test_the_titles_of_all_kinds_are_there():
    assert set(TITLES) == set(KINDS)


# In the API -----------------------------------------------------------------------------------------------------------------------------

SEATED = Refusal.conflict("IOM has a seat then: since 2010.", rule="seat-overlap", field="since", accepted="after 2014-01-01T00:00:00Z")
ASKED = {"entity": "IOM", "since": "2014-01-01T00:00:00Z"}


@pytest.fixture
def mara(person, bearer):
    return bearer(person("mara", "IOM", language="fr"))


@pytest.fixture
def ivan(person, bearer):
    return bearer(person("ivan", "IOM"))


def test_a_problem_is_told_in_the_language_of_the_account(client, services, mara, ivan):
    services.answers("chairs.take_seat", SEATED)
    french, english = (client.post("/api/v1/seats", json=ASKED, headers=headers) for headers in (mara, ivan))
    assert (french.headers["Content-Language"], english.headers["Content-Language"]) == ("fr", "en")
    assert french.json["detail"] == "Cette entité a déjà un siège à cette date."
    assert french.json["title"] == TITLES["conflict"]
    assert french.json["accepted"] == "après 2014-01-01T00:00:00Z"
    assert english.json["detail"] == SEATED.detail
    for stable in ("type", "status", "rule", "field"):
        assert french.json[stable] == english.json[stable]


def test_software_may_ask_for_a_language(client, services, mara, ivan):
    services.answers("chairs.take_seat", SEATED)
    for headers, asked, told in ((mara, "en", "en"), (ivan, "fr-CH, en;q=0.5", "fr"), (mara, "de, *", "fr"), (ivan, "", "en")):
        answer = client.post("/api/v1/seats", json=ASKED, headers=headers | {"Accept-Language": asked})
        assert answer.headers["Content-Language"] == told, (asked, told)
        assert "Accept-Language" in answer.headers["Vary"]


def test_in_a_session_the_language_of_the_account_goes_before_that_of_the_browser(client, services, person):
    """A browser says which language it was shipped with; the account, which its person chose."""
    from tests.gateway.conftest import PASSWORD

    services.answers("chairs.take_seat", SEATED)
    csrf = client.post("/api/v1/sessions", json={"name": person("mara", "IOM", language="fr"), "password": PASSWORD}).json["csrf_token"]
    answer = client.post("/api/v1/seats", json=ASKED, headers={"X-CSRF-Token": csrf, "Accept-Language": "en"})
    assert answer.headers["Content-Language"] == "fr"


def test_a_visitor_is_told_in_the_language_asked_for(client, services):
    refused = client.get("/api/v1/workplans", headers={"Accept-Language": "fr"})
    assert (refused.status_code, refused.json["title"], refused.json["detail"]) == (401, "Qui êtes-vous ?", "Un compte est nécessaire.")
    assert client.get("/api/v1/workplans").json["title"] == KINDS["not_authenticated"][1]
    nowhere = client.get("/api/v1/nowhere", headers={"Accept-Language": "fr"})
    assert (nowhere.json["detail"], nowhere.headers["Content-Language"]) == (PROBLEMS["not_found"][1], "fr")


def test_what_a_contract_refuses_is_told_field_by_field(client, services, mara):
    answer = client.post("/api/v1/workplans/2014/activities", json={"lead": "no code", "colour": "blue"}, headers=mara)
    told = {error["field"]: error["detail"] for error in answer.json["errors"]}
    assert told == {
        "lead": "Le sigle anglais de l’entité, en capitales.",
        "title": "Ce champ doit être rempli.",
        "colour": "Il n’y a pas de champ de ce nom.",
    }
    assert answer.json["detail"].startswith(f"{answer.json['field']} : ")


def test_a_contract_says_what_it_accepts(client, services, mara, ivan):
    asked = {"title": "A", "lead": "IOM", "paragraphs": [62], "pillars": ["peace"]}
    french, english = (client.post("/api/v1/workplans/2014/activities", json=asked, headers=headers).json for headers in (mara, ivan))
    assert (english["field"], english["accepted"]) == (english["errors"][0]["field"], english["errors"][0]["accepted"])
    assert {error["field"]: error["accepted"] for error in english["errors"]} == {
        "paragraphs.0": "1 to 61",
        "pillars.0": ["prevention", "protection", "prosecution", "partnerships"],
    }
    told = {error["field"]: error for error in french["errors"]}["paragraphs.0"]
    assert (told["detail"], told["accepted"]) == ("Un nombre de 1 à 61.", "de 1 à 61")
    assert services.asked == []


def test_a_number_to_quote_stands_in_every_language(client, services, mara):
    services.answers("chairs.take_seat", KeyError("x"))
    answer = client.post("/api/v1/seats", json=ASKED, headers=mara)
    assert answer.status_code == 500
    assert answer.json["incident"] in answer.json["detail"]


def test_a_refusal_that_was_kept_for_its_key_keeps_its_language(client, services, mara):
    services.answers("chairs.take_seat", SEATED)
    keyed = mara | {"Idempotency-Key": "k"}
    first = client.post("/api/v1/seats", json=ASKED, headers=keyed)
    again = client.post("/api/v1/seats", json=ASKED, headers=keyed | {"Accept-Language": "en"})
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (again.json, again.headers["Content-Language"]) == (first.json, "fr")


def test_what_is_wrong_with_a_sheet_is_told_in_the_readers_language_as_it_was_made(client, services, mara):
    from press.package import XLSX

    answer = client.post("/api/v1/workplans/2014/imports/checks", data=b"no workbook", headers=mara | {"Content-Type": XLSX})
    assert answer.status_code == 400, answer.text
    assert re.search("classeur|fichier", answer.json["detail"])


def test_a_rule_that_is_not_known_yet_is_told_by_its_kind():
    assert refusals.told(Refusal.conflict("New.", rule="of-a-newer-service"), "fr") == PROBLEMS["conflict"][1]
