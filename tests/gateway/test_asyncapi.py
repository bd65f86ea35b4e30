"""What subscribers are sent is described as it is."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

SAMPLE = Path(__file__).parents[2] / "contracts/samples/mission/notifications.notice.json"


@pytest.fixture
def document(client) -> dict:
    response = client.get("/api/asyncapi.json")
    assert response.status_code == 200
    return response.json


def references(value) -> set[str]:
    if isinstance(value, dict):
        return {value["$ref"]} if "$ref" in value else set().union(*(references(one) for one in value.values()))
    return set().union(*(references(one) for one in value)) if isinstance(value, list) else set()


def test_every_reference_leads_somewhere(document):
    assert document["asyncapi"] == "3.0.0"
    for reference in references(document):
        found = document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        assert found


def test_the_sample_of_a_notice_is_as_described_and_half_of_it_is_not(document):
    described = Draft202012Validator({"$ref": "#/components/schemas/Notice", "components": document["components"]})
    notice = json.loads(SAMPLE.read_text())
    assert list(described.iter_errors(notice)) == []
    assert list(described.iter_errors(notice | {"a_later_field": 1})) == []
    del notice["data"]["number"]
    assert [error.validator for error in described.iter_errors(notice)] == ["required"]
