"""The table of routes covers every contract, and OpenAPI describes the whole table."""

import json
import re

import pytest
from openapi_spec_validator import validate

from contracts import chairs, documents, notifications, workplan
from contracts.base import Query
from gateway.accounts.contract import contract as accounts
from gateway.api.openapi import described
from gateway.api.routes import ROUTES

CONTRACTS = [chairs.contract, workplan.contract, documents.contract, notifications.contract, accounts]

INTERNAL: set[tuple[str, str]] = {
    ("notifications", "report_bounce"),  # the platform's own receiver of bounces orders it, and nobody else may
    ("notifications", "feed"),  # answered at a secret address of its own, as Atom and iCalendar: /feeds/<token>.atom
    ("notifications", "public_feed"),  # so too: /feeds/<topic>.atom; as JSON it is /matters/{topic}
}
"""Commands that no route offers, each with its reason here."""

ASKED_IN_A_BODY = {"/previews"}
"""Questions that do not fit in a query string: nothing is kept of them, and so nothing by an intermediary either."""


@pytest.fixture(scope="module")
def document():
    return described(ROUTES)


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda c: c.producer)
def test_no_command_or_query_lacks_a_route(contract):
    routed = {route.contract.message_name() for route in ROUTES if route.contract.producer == contract.producer}
    # A name with a leading underscore is a base that several commands share.
    asked = {name for name in contract.commands if not name.startswith("_") and (contract.producer, name) not in INTERNAL}
    assert asked - routed == set()


def test_no_two_routes_share_method_and_path():
    seen = [(route.method, re.sub("{.*?}", "{}", route.path)) for route in ROUTES]
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize("route", ROUTES, ids=lambda r: f"{r.method} {r.path}")
def test_a_route_fits_its_contract(route):
    schema = route.contract()
    keys = {field.data_key or name for name, field in schema.fields.items()}
    assert set(route.parameters) <= keys
    if not route.takes and route.path not in ASKED_IN_A_BODY:  # a file is sent in a body, also with a question
        assert (route.method == "GET") == issubclass(route.contract, Query), "a question is a GET, an order never is"
    if isinstance(route.creates, str):
        assert set(re.findall(r"{(\w+)}", route.creates)) <= keys | set(route.contract.answer().fields), "the Location can be written"
        read = re.sub("{.*?}", "{}", route.creates)
        assert any(r.method == "GET" and re.sub("{.*?}", "{}", r.path) == read for r in ROUTES), "the Location can be read"


def test_what_visitors_may_do_changes_nothing_but_by_a_token_they_bear():
    changes = {route.path for route in ROUTES if route.public and route.changes}
    assert changes == {
        "/sessions",
        "/invitations/acceptances",
        "/subscriptions/confirmations",
        "/subscriptions/endings",
        "/subscribers/invitations/acceptances",
        "/briefings/{briefing}/replies",
    }


def test_the_description_is_valid_openapi(document):
    validate(document)
    assert document["openapi"] == "3.1.0"


def test_every_route_is_described_with_words(document):
    for route in ROUTES:
        operation = document["paths"][route.path][route.method.lower()]
        assert operation["summary"], route
        assert str(route.status) in operation["responses"]
        assert ({} in operation["security"]) == route.public
        named = {p["name"] for p in operation["parameters"] if p.get("in") == "path"}
        assert named == set(route.parameters)


def test_operations_have_ids_of_their_own(document):
    ids = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    assert len(ids) == len(set(ids)) == len(ROUTES)


def test_bodies_leave_out_what_the_path_says_and_refuse_the_rest(document):
    body = document["paths"]["/workplans/{year}/activities"]["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    schema = document["components"]["schemas"][body.rpartition("/")[2]]
    assert "year" not in schema["properties"]
    assert "title" in schema["required"]
    assert schema["additionalProperties"] is False


def test_a_field_is_described_by_its_contract(document):
    people = document["components"]["schemas"]["gateway.PersonAnswer"]
    assert "one entity or mission" in people["properties"]["entity"]["description"]
    assert people["description"].startswith("A person's account.")


def test_patterns_are_written_as_json_schema_reads_them(document):
    text = json.dumps(document)
    assert r"\\Z" not in text
    assert "^[A-Z][A-Z0-9-]{0,19}$" in text


def test_the_description_is_served(client, document):
    response = client.get("/api/openapi.json")
    assert response.status_code == 200
    assert response.json == json.loads(json.dumps(document))
