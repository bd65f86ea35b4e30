"""Everything a caller may get wrong: each gets its problem, which names the field and the rule, and reaches no service."""

import json

import pytest

from services.kernel.refusal import Refusal

PATH = "/api/v1/workplans/2014/activities"
GOOD = {"title": "Paper on demand", "lead": "OHCHR"}


@pytest.fixture
def ohchr(person, bearer):
    return bearer(person("ohchr", "OHCHR"))


@pytest.fixture
def post(client, services, ohchr):
    def send(body=GOOD, path=PATH, headers=None, **more):
        if isinstance(body, bytes):
            return client.post(path, data=body, headers=ohchr | (headers or {}), **({"content_type": "application/json"} | more))
        return client.post(path, json=body, headers=ohchr | (headers or {}), **more)

    return send


def refused(response, services, status, kind, field=None, rule=None):
    assert response.status_code == status, response.text
    assert response.content_type == "application/problem+json"
    problem = response.json
    assert problem["type"] == f"/problems/{kind}"
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    assert problem["rule"]
    if field:
        assert problem["field"] == field
    if rule:
        assert problem["rule"] == rule
    assert services.asked == [], "no service heard of it"
    return problem


# Fields ---------------------------------------------------------------------------------------------------------------------------------


def test_an_unknown_field(post, services):
    problem = refused(post(GOOD | {"colour": "blue"}), services, 422, "invalid", "colour", "contract")
    assert "title" in problem["accepted"]
    assert "year" not in problem["accepted"], "the path gives it"


def test_an_unknown_field_deep_inside(post, services):
    body = GOOD | {"deliverables": [{"kind": "document", "title": "Paper", "x": 1}]}
    refused(post(body), services, 422, "invalid", "deliverables.0.x", "contract")


def test_every_fault_is_named(post, services):
    problem = refused(post({"title": 5, "lead": "ohchr", "pillars": ["peace"]}), services, 422, "invalid")
    assert {error["field"] for error in problem["errors"]} == {"title", "lead", "pillars.0"}


@pytest.mark.parametrize("value", [5, None, [], {}, True, "", "   "])
def test_a_wrong_type(post, services, value):
    refused(post(GOOD | {"title": value}), services, 422, "invalid", "title", "contract")


def test_too_long(post, services):
    refused(post(GOOD | {"title": "x" * 301}), services, 422, "invalid", "title", "contract")


@pytest.mark.parametrize("text", ["a\x00b", "a\x1bb", "\x7f"])
def test_control_characters(post, services, text):
    refused(post(GOOD | {"title": text}), services, 422, "invalid", "title")


def test_a_field_that_stands_in_the_path(post, services):
    refused(post(GOOD | {"year": 2014}), services, 422, "invalid", "year", "path-parameter")


@pytest.mark.parametrize("year", ["abc", "2014.0", "99999", "-2014", "²⁰¹⁴", "1" * 5000])
def test_a_path_that_names_no_year(post, services, year):
    refused(post(path=f"/api/v1/workplans/{year}/activities"), services, 422, "invalid", "year")


@pytest.mark.parametrize(
    ("query", "field"),
    [("limit=x", "limit"), ("limit=0", "limit"), ("limit=1&limit=2", "limit"), ("colour=blue", "colour"), ("as_of=yesterday", "as_of")],
)
def test_a_query_string(client, services, query, field):
    refused(client.get(f"/api/v1/chairs/terms?{query}"), services, 422, "invalid", field)


def test_a_query_string_that_is_no_utf8(client, services):
    refused(client.get("/api/v1/chairs/terms?after=%ff"), services, 400, "malformed", rule="utf-8")


def test_a_change_takes_no_query_string(post, services):
    refused(post(path=f"{PATH}?title=x"), services, 422, "invalid", "title", "no-query")


# Bodies ---------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b'{"title": "caf\xe9"}', "UTF-8"),
        (b"\xff\xfe{\x00}\x00", "UTF-8"),
        (b"\xef\xbb\xbf{}", "JSON"),
        (b"{", "JSON"),
        (b"", None),
        (b"title=Paper", "JSON"),
        (b'{"title": "a", "title": "b"}', "twice"),
        (b'{"title": {"en": 1, "en": 2}}', "twice"),
        (b'{"limit": NaN}', "NaN"),
        (b'{"limit": -Infinity}', "Infinity"),
        (b'{"limit": 1e999}', "too large"),
        (b'{"limit": ' + b"9" * 5000 + b"}", "JSON"),
        (b'{"title": "\\ud800"}', "surrogate"),
        (b'{"\\udfff": 1}', "surrogate"),
        (b"[" * 100_000 + b"]" * 100_000, "deeply"),
        (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, "deeply"),
        (b"[]", "object"),
        (b'"title"', "object"),
        (b"null", "object"),
    ],
)
def test_a_body_that_cannot_be_read(post, services, body, says):
    if says is None:
        refused(post(body), services, 422, "invalid", "title", "contract")  # an empty body is an empty object
    else:
        assert says in refused(post(body), services, 400, "malformed")["detail"]


def test_a_body_over_the_limit(post, services):
    body = json.dumps(GOOD | {"objective": "x" * 1024 * 1024}).encode()
    problem = refused(post(body), services, 413, "too-large", rule="body-limit")
    assert problem["accepted"] == "1048576 bytes"


def test_even_a_revision_has_a_limit(post, services):
    problem = refused(post(b" " * (8 * 1024 * 1024 + 1), path="/api/v1/documents/p2/revisions"), services, 413, "too-large")
    assert problem["accepted"] == "8388608 bytes"


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1", ""])
def test_another_media_type(post, services, media_type):
    problem = refused(post(b'{"title": "a"}', content_type=media_type), services, 415, "unsupported-media-type", "Content-Type")
    assert problem["accepted"] == "application/json"


def test_json_in_utf8_by_name_is_welcome(post, services):
    services.answers("workplan.add_activity", {"year": 2014, "activity": "a"})
    assert post(json.dumps(GOOD).encode(), content_type="Application/JSON; charset=UTF-8").status_code == 201


# Headers --------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("instant", ["yesterday", "2014-07-30", "2014-07-30T00:00:00", "0001-01-01T00:00:00Z", "2014-13-01T00:00:00Z", ""])
def test_an_unknown_instant(rehearsal, services, ohchr, instant):
    response = rehearsal.post(PATH, json=GOOD, headers=ohchr | {"ICAT-Instant": instant})
    problem = refused(response, services, 400, "malformed", "ICAT-Instant", "instant")
    assert problem["accepted"] == "2014-07-30T00:00:00Z"


def test_an_instant_outside_rehearsal(post, services):
    refused(post(headers={"ICAT-Instant": "2014-07-30T00:00:00Z"}), services, 403, "not-allowed", "ICAT-Instant", "rehearsal-only")


@pytest.mark.parametrize("tag", ["7", '"7', 'W"7"', '"7", "8"', ""])
def test_an_if_match_that_cannot_be_read(post, services, tag):
    refused(post(headers={"If-Match": tag}), services, 400, "malformed", "If-Match")


@pytest.mark.parametrize("tag", ['W/"7"', '"seven"', '"-7"', '""', '"99999999999999999999"'])
def test_an_if_match_that_can_match_nothing(post, services, tag):
    refused(post(headers={"If-Match": tag}), services, 412, "stale", "If-Match", "if-match")


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "x" * 256, '""'])
def test_a_key_that_is_none(post, services, key):
    refused(post(headers={"Idempotency-Key": key.encode().decode("latin-1")}), services, 400, "malformed", "Idempotency-Key")


# What the service refuses: passed on whole ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (Refusal.not_allowed("Only a focal point of IOM may lead this.", rule="own-entity", accepted=["OHCHR"]), 403),
        (Refusal.conflict("The plan is adopted.", rule="plan-state", accepted=["draft", "consultation"]), 409),
        (Refusal.too_late("The deadline was 2014-03-01 12:00 UTC.", rule="clearance-deadline"), 409),
        (Refusal.too_early("Not before 1 January.", rule="term-begins"), 409),
        (Refusal("stale", "You saw version 3.", rule="if-match", field="If-Match", accepted='"4"'), 412),
        (Refusal.not_found("There is no plan 2014."), 404),
        (Refusal.invalid("lead", "IOM has no seat.", rule="seat", accepted=["OHCHR", "ILO"], extra={"year": 2014}), 422),
    ],
    ids=lambda value: getattr(value, "kind", value),
)
def test_a_rules_refusal(post, services, refusal, status):
    services.answers("workplan.add_activity", refusal)
    response = post()
    assert response.status_code == status
    problem = response.json
    assert problem["type"] == f"/problems/{refusal.kind.replace('_', '-')}"
    assert (problem["detail"], problem["rule"]) == (refusal.detail, refusal.rule)
    assert problem.get("field") == refusal.field
    assert problem.get("accepted") == refusal.accepted
    assert problem.get("year") == refusal.extra.get("year")


# Where there is nothing -----------------------------------------------------------------------------------------------------------------


def test_an_unknown_path(client, services):
    refused(client.get("/api/v1/nothing"), services, 404, "not-found")
    refused(client.get("/api/v2/chairs"), services, 404, "not-found")
    refused(client.get("/api/v1/chairs/"), services, 404, "not-found")


def test_another_method(client, services):
    response = client.delete("/api/v1/chairs")
    refused(response, services, 405, "method-not-allowed")
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_a_page_is_refused_as_a_page(client):
    response = client.get("/nothing", headers={"Accept-Language": "fr"})
    assert response.status_code == 404
    assert response.mimetype == "text/html"
    assert "Cela n’existe pas" in response.text
