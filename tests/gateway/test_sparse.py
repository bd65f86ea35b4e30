"""``?fields=``: some of an answer, by name."""

import pytest

from contracts import chairs, workplan
from gateway.api import sparse
from gateway.api.openapi import described
from gateway.api.routes import ROUTES
from services.kernel.refusal import Refusal
from tests.gateway import samples

PLAN = "/api/v1/workplans/2015"


@pytest.fixture
def ohchr(services, person, bearer):
    services.answers("workplan.get_plan", samples.plan())
    return bearer(person("ohchr", "OHCHR"))


def test_just_what_is_asked_for_is_given(client, ohchr):
    answer = client.get(f"{PLAN}?fields=year,state,activities.title", headers=ohchr)
    whole = client.get(PLAN, headers=ohchr)
    assert answer.status_code == 200, answer.text
    assert set(answer.json) == {"year", "state", "activities"}
    assert answer.json["activities"] == [{"title": one["title"]} for one in whole.json["activities"]]


def test_the_tag_is_of_what_is_given_and_names_the_version(client, ohchr):
    thin, whole = (client.get(path, headers=ohchr).headers["ETag"] for path in (f"{PLAN}?fields=state", PLAN))
    assert thin != whole
    assert thin.partition("-")[0] == whole.partition("-")[0] == '"12'
    assert client.get(f"{PLAN}?fields=state", headers=ohchr | {"If-None-Match": thin}).status_code == 304


def test_a_page_is_thinned_by_its_items(client, services):
    services.answers("chairs.entities", {"items": [{"code": "ILO", "names": {"en": "x"}}, {"code": "IOM", "names": {}}], "next": "n"})
    answer = client.get("/api/v1/entities?fields=code")
    assert answer.json == {"items": [{"code": "ILO"}, {"code": "IOM"}], "next": "n"}


@pytest.mark.parametrize(
    ("asked", "accepted"),
    [
        ("colour", "year"),
        ("year,colour", "year"),
        ("activities.colour", "activities.title"),
        ("year.x", "year"),
        ("", "year"),
        (",", "year"),
    ],
)
def test_a_name_that_is_none_is_refused_with_those_that_are(client, services, ohchr, asked, accepted):
    services.asked.clear()
    answer = client.get(f"{PLAN}?fields={asked}", headers=ohchr)
    assert (answer.status_code, answer.json["field"], answer.json["rule"]) == (422, "fields", "fields")
    assert accepted in answer.json["accepted"]
    assert services.asked == [], "no service heard of it"


def test_it_is_given_once_and_where_there_is_json(client, ohchr):
    assert client.get(f"{PLAN}?fields=year&fields=state", headers=ohchr).json["rule"] == "parameter-once"
    assert client.get(f"{PLAN}/plan.xlsx?fields=year", headers=ohchr).json["rule"] == "contract"
    assert client.get(f"{PLAN}?fields={'year,' * 500}", headers=ohchr).json["rule"] == "fields-length"


def test_the_whole_of_a_field_goes_before_parts_of_it():
    for text in ("activities,activities.title", "activities.title,activities"):
        assert sparse.wanted(text, workplan.GetPlan.answer) == {"activities": None}
    with pytest.raises(Refusal):
        sparse.wanted("next", chairs.Entities.answer)


def test_every_question_answered_in_json_says_that_it_takes_them():
    document = described(ROUTES)
    for route in ROUTES:
        named = [p.get("$ref", "") for p in document["paths"][route.path][route.method.lower()]["parameters"]]
        assert ("#/components/parameters/fields" in named) == route.is_sparse, route
