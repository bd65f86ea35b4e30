"""Every operation shows what is sent and what is answered, and each example is what its schema accepts."""

from typing import Any

import jsonschema
import pytest

from gateway.api.openapi import described
from gateway.api.routes import ROUTES, Route

DOCUMENT = described(ROUTES)


def _must_fit(example: Any, schema: dict[str, Any]) -> None:
    whole = {**schema, "components": DOCUMENT["components"]}
    jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker()).validate(example)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_an_operation_has_an_example_of_what_is_sent(route: Route):
    operation = DOCUMENT["paths"][route.path][route.method.lower()]
    payload: dict[str, Any] = {}
    for parameter in operation["parameters"]:
        if parameter.get("in") == "path":
            assert parameter["example"] is not None, parameter
        if parameter.get("in") in ("path", "query") and "example" in parameter:
            _must_fit(parameter["example"], parameter["schema"])
            payload[parameter["name"]] = parameter["example"]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if body is not None:
        _must_fit(body["example"], body["schema"])
        assert body["example"] or not any(field.required for field in route.contract().fields.values()) or route.parameters
        payload |= body["example"]
    route.contract().load(payload | dict(route.fixed))


@pytest.mark.parametrize(
    "route", [route for route in ROUTES if route.status != 204 and not route.gives], ids=lambda route: f"{route.method} {route.path}"
)
def test_an_operation_has_an_example_of_what_is_answered(route: Route):
    (given,) = DOCUMENT["paths"][route.path][route.method.lower()]["responses"][str(route.status)]["content"].values()
    assert given["example"]
    _must_fit(given["example"], given["schema"])


def test_an_example_speaks_of_the_group():
    adding = DOCUMENT["paths"]["/workplans/{year}/activities"]["post"]["requestBody"]["content"]["application/json"]["example"]
    assert adding["lead"] in ("ILO", "IOM", "OHCHR", "UNHCR", "UNICEF", "UNODC")
    assert adding["title"]
    assert "year" not in adding, "the path says it"


def test_the_page_of_the_api_shows_them_and_may_show_one_service_alone(client):
    page, alone = client.get("/api/docs").text, client.get("/api/docs?service=chairs").text
    assert page.count("<h3>What is sent, for example</h3>") > 80
    assert page.count("<h3>An answer, for example</h3>") > 120
    assert 'id="tag-chairs"' in alone
    assert 'id="tag-workplan"' not in alone
    assert 'id="tag-workplan"' in client.get("/api/docs?service=nobody").text
    assert "Une réponse, par exemple" in client.get("/api/docs", headers={"Accept-Language": "fr"}).text
