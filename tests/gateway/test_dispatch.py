"""One request's way: who, what, when, which version, once; and the answer."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import mongoengine
import pytest
from pymongo.errors import AutoReconnect

from gateway.accounts.store import KEY_LASTS, KeptKeys
from gateway.api.keys import KeptAnswer, Keys
from services.kernel.actor import Actor
from services.kernel.refusal import Refusal
from tests.gateway.conftest import PASSWORD

SEAT = {"entity": "OHCHR"}
GROUP = {"version": 7, "seated": ["OHCHR"]}


@pytest.fixture
def ohchr(person, bearer):
    return bearer(person("ohchr", "OHCHR", language="fr"))


@pytest.fixture
def taken(services):
    services.answers("chairs.take_seat", GROUP)
    return services


# Who ------------------------------------------------------------------------------------------------------------------------------------


def test_a_service_is_told_who_asks(client, services, ohchr):
    services.answers("chairs.overview", GROUP)
    client.get("/api/v1/chairs", headers=ohchr)
    _, _, cause = services.asked[-1]
    assert cause.by == Actor("ohchr", "OHCHR", frozenset({"focal_point"}), "fr")


def test_what_is_public_is_open_to_visitors_who_are_nobody(client, services):
    services.answers("chairs.overview", GROUP)
    response = client.get("/api/v1/chairs", headers={"Accept-Language": "fr-CH, en;q=0.5"})
    assert response.status_code == 200
    assert services.asked[-1][2].by == Actor("visitor", None, frozenset(), "fr")


def test_everything_else_needs_an_account(client, taken):
    for response in (client.post("/api/v1/seats", json=SEAT), client.get("/api/v1/people"), client.get("/api/v1/workplans/2014")):
        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"].startswith("Bearer")
        assert response.json["rule"] == "account"
    assert taken.asked == []


@pytest.mark.parametrize("value", ["Bearer icat_nobodys", "Bearer ", "Bearer", "Basic b2hjaHI6eA==", "icat_x", "Bearer icat_\xff"])
def test_credentials_that_are_none_are_refused_even_where_visitors_may_come(client, services, value):
    services.answers("chairs.overview", GROUP)
    response = client.get("/api/v1/chairs", headers={"Authorization": value})
    assert response.status_code == 401
    assert services.asked == []


def test_a_change_by_cookie_shows_the_csrf_token(client, person, taken):
    person("ohchr", "OHCHR")
    csrf = client.post("/api/v1/sessions", json={"name": "ohchr", "password": PASSWORD}).json["csrf_token"]
    for headers in ({}, {"X-CSRF-Token": "guess"}, {"X-CSRF-Token": ""}):
        refused = client.post("/api/v1/seats", json=SEAT, headers=headers)
        assert (refused.status_code, refused.json["rule"], refused.json["field"]) == (403, "csrf", "X-CSRF-Token")
    assert taken.asked == []
    assert client.post("/api/v1/seats", json=SEAT, headers={"X-CSRF-Token": csrf}).status_code == 201


def test_an_old_cookie_is_no_bar_to_what_is_public(client, services):
    services.answers("chairs.overview", GROUP)
    client.set_cookie("icat_session", "of last year")
    assert client.get("/api/v1/chairs").status_code == 200
    assert client.get("/api/v1/me").status_code == 401


# What -----------------------------------------------------------------------------------------------------------------------------------


def test_path_and_body_together_are_the_payload(client, services, ohchr):
    services.answers("workplan.add_activity", {"version": 2, "year": 2014, "activity": "a1"})
    response = client.post("/api/v1/workplans/2014/activities", json={"title": "Paper", "lead": "OHCHR"}, headers=ohchr)
    assert services.asked[-1][:2] == ("workplan.add_activity", {"title": "Paper", "lead": "OHCHR", "year": 2014})
    assert response.status_code == 201
    assert response.headers["Location"] == "/api/v1/workplans/2014/activities/a1"


def test_a_query_string_is_read_by_the_contracts_types(client, services, ohchr):
    services.answers("documents.comments", {"items": [], "next": None})
    client.get("/api/v1/documents/p2/comments?open=true&limit=10", headers=ohchr)
    assert services.asked[-1][1] == {"document": "p2", "open": True, "limit": 10}


@pytest.mark.parametrize("query", ["roles=a&roles=b", "roles=a,b"])
def test_a_list_in_a_query_string(app, query):
    from marshmallow import Schema, fields

    from gateway.api.requests import Parameters

    parameters = Parameters(Schema.from_dict({"roles": fields.List(fields.String()), "years": fields.List(fields.Integer())})())
    with app.test_request_context(f"/?{query}&years=1,2&years=3") as context:
        assert parameters.of_query(context.request) == {"roles": ["a", "b"], "years": [1, 2, 3]}


def test_a_revisions_text_may_be_longer_than_other_bodies(client, services, ohchr):
    services.answers("documents.save_revision", {"version": 3, "id": "p2", "revision": 1})
    sections = [{"heading": f"Section {n}", "text": "word " * 30_000} for n in range(10)]
    response = client.post("/api/v1/documents/p2/revisions", json={"base": 0, "sections": sections, "summary": "first"}, headers=ohchr)
    assert response.status_code == 201
    assert response.headers["Location"] == "/api/v1/documents/p2/revisions/1"


# When, and which version ----------------------------------------------------------------------------------------------------------------


def test_a_command_is_stamped_with_the_present(client, taken, ohchr):
    before = datetime.now(UTC).replace(microsecond=0)
    client.post("/api/v1/seats", json=SEAT, headers=ohchr)
    assert before <= taken.asked[-1][2].at <= datetime.now(UTC)


def test_in_rehearsal_the_caller_names_the_instant(rehearsal, taken, ohchr):
    rehearsal.post("/api/v1/seats", json=SEAT, headers=ohchr | {"ICAT-Instant": "2014-07-30T02:00:00+02:00"})
    assert taken.asked[-1][2].at == datetime(2014, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(("header", "expected"), [('"7"', 7), ('"7-0123abcd4567"', 7), ("*", None), (None, None)])
def test_if_match_becomes_the_expected_version(client, taken, ohchr, header, expected):
    client.post("/api/v1/seats", json=SEAT, headers=ohchr | ({"If-Match": header} if header else {}))
    assert taken.asked[-1][2].expected == expected


def test_the_etag_of_an_answer_is_good_for_if_match(client, taken, ohchr):
    tag = client.post("/api/v1/seats", json=SEAT, headers=ohchr).headers["ETag"]
    client.post("/api/v1/seats", json=SEAT, headers=ohchr | {"If-Match": tag})
    assert taken.asked[-1][2].expected == 7


def test_who_has_it_is_told_so(client, services, ohchr):
    services.answers("workplan.get_plan", {"version": 4, "state": "draft"})
    tag = client.get("/api/v1/workplans/2014", headers=ohchr).headers["ETag"]
    for known in (tag, f'"x", W/{tag}', "*"):
        again = client.get("/api/v1/workplans/2014", headers=ohchr | {"If-None-Match": known})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)


def test_a_view_that_changed_with_time_alone_has_another_etag(client, services, ohchr):
    """Lateness is computed: the version stays, and yet the answer is another."""
    services.answers("workplan.get_plan", {"version": 4, "statuses": {"planned": 1}})
    tag = client.get("/api/v1/workplans/2014", headers=ohchr).headers["ETag"]
    services.answers("workplan.get_plan", {"version": 4, "statuses": {"late": 1}})
    assert client.get("/api/v1/workplans/2014", headers=ohchr | {"If-None-Match": tag}).status_code == 200


def test_a_list_without_a_version_has_a_weak_etag(client, services, ohchr):
    services.answers("workplan.plans", {"items": [], "next": None})
    tag = client.get("/api/v1/workplans", headers=ohchr).headers["ETag"]
    assert tag.startswith('W/"')
    assert client.get("/api/v1/workplans", headers=ohchr | {"If-None-Match": tag}).status_code == 304


def test_the_trace_goes_on(client, taken, ohchr):
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    client.post("/api/v1/seats", json=SEAT, headers=ohchr | {"traceparent": trace})
    assert taken.asked[-1][2].traceparent.split("-")[1] == trace.split("-")[1]


# Once -----------------------------------------------------------------------------------------------------------------------------------


def test_the_same_key_is_carried_out_once_and_answered_alike(client, taken, ohchr):
    first = client.post("/api/v1/seats", json=SEAT, headers=ohchr | {"Idempotency-Key": "k-1"})
    taken.answers("chairs.take_seat", GROUP | {"version": 99})
    again = client.post("/api/v1/seats", json=SEAT, headers=ohchr | {"Idempotency-Key": '"k-1"'})
    assert (again.status_code, again.data, again.headers["ETag"]) == (first.status_code, first.data, first.headers["ETag"])
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert len(taken.causes("chairs.take_seat")) == 1


def test_a_refusal_is_an_answer_too(client, services, ohchr):
    services.answers("chairs.take_seat", Refusal.conflict("It sits already.", rule="seated"))
    first = client.post("/api/v1/seats", json=SEAT, headers=ohchr | {"Idempotency-Key": "k"})
    again = client.post("/api/v1/seats", json=SEAT, headers=ohchr | {"Idempotency-Key": "k"})
    assert first.status_code == again.status_code == 409
    assert again.json == first.json
    assert again.content_type == "application/problem+json"
    assert len(services.asked) == 1


@pytest.mark.parametrize("kind", ["unavailable", "timed_out", "internal"])
def test_what_was_not_answered_is_sent_again_with_the_same_cause(client, services, ohchr, kind):
    services.answers("chairs.take_seat", Refusal(kind, "No.", rule="r"))
    assert client.post("/api/v1/seats", json=SEAT, headers=ohchr | {"Idempotency-Key": "k"}).status_code >= 500
    services.answers("chairs.take_seat", GROUP)
    again = client.post("/api/v1/seats", json=SEAT, headers=ohchr | {"Idempotency-Key": "k"})
    assert again.status_code == 201
    assert "Idempotency-Replayed" not in again.headers
    first, second = services.causes("chairs.take_seat")
    assert first == second


def test_a_key_for_another_request_is_refused(client, taken, ohchr):
    client.post("/api/v1/seats", json=SEAT, headers=ohchr | {"Idempotency-Key": "k"})
    for path, body in (("/api/v1/seats", {"entity": "IOM"}), ("/api/v1/seats/OHCHR/ending", {})):
        refused = client.post(path, json=body, headers=ohchr | {"Idempotency-Key": "k"})
        assert (refused.status_code, refused.json["type"]) == (422, "/problems/key-reused")
        assert refused.json["field"] == "Idempotency-Key"
    assert len(taken.asked) == 1


def test_two_peoples_keys_are_two(client, taken, ohchr, person, bearer):
    iom = bearer(person("iom", "IOM"))
    client.post("/api/v1/seats", json=SEAT, headers=ohchr | {"Idempotency-Key": "k"})
    client.post("/api/v1/seats", json={"entity": "IOM"}, headers=iom | {"Idempotency-Key": "k"})
    assert len(set(taken.causes("chairs.take_seat"))) == 2


@pytest.mark.parametrize("change", [{"roles": ["mission"]}, {"entity": "IOM"}])
def test_an_account_that_changed_is_not_answered_as_what_it_was(client, services, known, secretariat, person, bearer, in_person, change):
    """A focal point who becomes a mission's is outside the Group: what its key once brought is no longer for it."""
    mara, sec = bearer(person("mara", "OHCHR")), in_person(secretariat)
    services.answers("chairs.take_seat", GROUP)
    assert client.post("/api/v1/seats", json=SEAT, headers=mara | {"Idempotency-Key": "k"}).status_code == 201
    assert client.patch("/api/v1/people/mara", json=change, headers=sec).status_code == 200
    services.answers("chairs.take_seat", Refusal.not_allowed("Not yours.", rule="own-entity"))
    again = client.post("/api/v1/seats", json=SEAT, headers=mara | {"Idempotency-Key": "k"})
    assert (again.status_code, again.json["rule"]) == (403, "own-entity")
    assert len(set(services.causes("chairs.take_seat"))) == 2


def test_who_looked_again_may_send_the_same_under_the_same_key(client, services, ohchr):
    """A 412 says to look again, not what became of the request; its cause stays the same."""
    services.answers("chairs.take_seat", lambda payload, cause: GROUP if cause.expected == 7 else Refusal("stale", "No.", rule="if-match"))
    keyed = ohchr | {"Idempotency-Key": "k"}
    assert client.post("/api/v1/seats", json=SEAT, headers=keyed | {"If-Match": '"6"'}).status_code == 412
    assert client.post("/api/v1/seats", json=SEAT, headers=keyed | {"If-Match": '"7"'}).status_code == 201
    replayed = client.post("/api/v1/seats", json=SEAT, headers=keyed | {"If-Match": '"6"'})
    assert (replayed.status_code, replayed.headers["Idempotency-Replayed"]) == (201, "true")
    assert len(set(services.causes("chairs.take_seat"))) == 1


def test_who_waited_may_send_the_same_under_the_same_key(client, services, ohchr):
    services.answers("chairs.take_seat", Refusal("too_many", "Wait.", rule="throttle", extra={"retry_after": 3}))
    keyed = ohchr | {"Idempotency-Key": "k"}
    assert client.post("/api/v1/seats", json=SEAT, headers=keyed).headers["Retry-After"] == "3"
    services.answers("chairs.take_seat", GROUP)
    assert client.post("/api/v1/seats", json=SEAT, headers=keyed).status_code == 201


def test_without_a_key_every_request_is_its_own(client, taken, ohchr):
    for _ in range(2):
        client.post("/api/v1/seats", json=SEAT, headers=ohchr)
    assert len(set(taken.causes("chairs.take_seat"))) == 2


def test_an_expired_key_is_free_and_leads_to_another_cause_for_another_request(client, taken, ohchr, eventually):
    headers = ohchr | {"Idempotency-Key": "k"}
    client.post("/api/v1/seats", json=SEAT, headers=headers)
    past = {"$set": {"expires_at": datetime(2020, 1, 1, tzinfo=UTC)}}
    eventually(lambda: mongoengine.get_db().keys.update_many({}, past).modified_count)
    assert client.post("/api/v1/seats", json={"entity": "IOM"}, headers=headers).status_code == 201
    first, second = taken.causes("chairs.take_seat")
    assert first != second


def test_the_same_key_at_the_same_time_is_one_cause(app, services, ohchr):
    """While the first is under way, the second is sent, too: the cause tells the service that it is the same."""
    together = threading.Barrier(2, timeout=10)

    def slowly(payload, cause):
        together.wait()
        return GROUP

    services.answers("chairs.take_seat", slowly)
    statuses = []

    def send():
        statuses.append(app.test_client().post("/api/v1/seats", json=SEAT, headers=ohchr | {"Idempotency-Key": "k"}).status_code)

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [201, 201]
    assert len(set(services.causes("chairs.take_seat"))) == 1


AT = datetime(2015, 3, 2, 9, tzinfo=UTC)
"""When keys are used here, of which the store would sweep nothing meanwhile."""


@pytest.fixture
def process(app):
    """Makes the keys of one more process, which ends with the test."""
    made = []

    def begin():
        made.append(Keys())
        return made[-1]

    yield begin
    for keys in made:
        keys.close()


def carried_out(keys, key, request, answer=None, at=AT):
    """Carry out a request under a key, unless it was answered before: that answer."""
    with keys.claimed("me", key, request, at) as claim:
        before, claim.answer = claim.answer, claim.answer or answer
        return before


def answer(number):
    return KeptAnswer(200 + number, {"ETag": f"{number}"}, f"{number}".encode())


def test_answers_that_come_at_once_are_written_together_and_known_before(process, monkeypatch):
    keys, together, goes_on = process(), [], threading.Event()
    insert = keys._kept.insert

    def slowly(documents):
        together.append(len(documents))
        goes_on.wait(10)
        insert(documents)

    monkeypatch.setattr(keys._kept, "insert", slowly)
    with ThreadPoolExecutor(16) as people:
        assert list(people.map(lambda n: carried_out(keys, f"k{n}", "request", answer(n)), range(16))) == [None] * 16
    assert mongoengine.get_db().keys.count_documents({}) == 0
    assert [carried_out(keys, f"k{n}", "request") for n in range(16)] == [answer(n) for n in range(16)]
    with pytest.raises(Refusal, match="another request"):
        carried_out(keys, "k3", "another")
    goes_on.set()
    keys.close()
    assert sum(together) == 16 > len(together)
    assert [carried_out(process(), f"k{n}", "request") for n in range(16)] == [answer(n) for n in range(16)]
    with pytest.raises(Refusal, match="another request"):
        carried_out(process(), "k3", "another")


def test_a_key_under_way_is_for_that_request_alone(process):
    keys = process()
    with keys.claimed("me", "k", "request", AT):
        with pytest.raises(Refusal, match="another request"):
            carried_out(keys, "k", "another", answer(1))
        assert carried_out(keys, "k", "request", answer(2)) is None, "the cause tells the service that it is the same"
        with keys.claimed("you", "k", "another", AT) as theirs:
            assert theirs.answer is None
    assert carried_out(keys, "k", "request") == answer(2), "the first came to nothing; the second was answered"


def test_a_request_that_came_to_nothing_holds_its_key(process):
    keys = process()
    with pytest.raises(ZeroDivisionError), keys.claimed("me", "k", "request", AT):
        raise ZeroDivisionError
    keys.close()
    with pytest.raises(Refusal, match="another request"):
        carried_out(process(), "k", "another")
    again = process()
    assert carried_out(again, "k", "request", answer(1)) is None
    again.close()
    assert carried_out(process(), "k", "request") == answer(1)


def test_of_two_processes_that_use_one_key_at_once_the_first_to_write_keeps_it(process):
    one, other, third = process(), process(), process()
    with one.claimed("me", "k", "request", AT) as first, other.claimed("me", "k", "another", AT) as second:
        assert carried_out(third, "k", "request") is None
        first.answer, second.answer = answer(1), answer(2)
        third.close()  # it knew of no answer yet
    one.close()
    other.close()
    assert carried_out(process(), "k", "request") == answer(1)
    with pytest.raises(Refusal, match="another request"):
        carried_out(process(), "k", "another")


def test_a_request_that_takes_long_is_written_down_while_it_does(process, eventually):
    one, other = process(), process()
    with one.claimed("me", "k", "request", AT) as claim:
        eventually(lambda: mongoengine.get_db().keys.count_documents({}))
        with pytest.raises(Refusal, match="another request"):
            carried_out(other, "k", "another", answer(2))
        claim.answer = answer(1)
    one.close()
    assert carried_out(other, "k", "request") == answer(1)


def test_one_request_keeps_the_first_of_its_answers(process, eventually):
    one, other = process(), process()
    with one.claimed("me", "k", "request", AT) as first, other.claimed("me", "k", "request", AT) as second:
        assert carried_out(one, "k", "request", answer(1)) is None
        first.answer, second.answer = answer(2), answer(3)
        eventually(lambda: not one._unwritten)
    one.close()
    other.close()
    assert carried_out(process(), "k", "request") == answer(1)


def test_an_ended_key_is_taken_over(process):
    keys = [process() for _ in range(3)]
    assert carried_out(keys[0], "k", "request", answer(1)) is None
    keys[0].close()
    assert carried_out(keys[1], "k", "another", answer(2), AT + KEY_LASTS) is None
    keys[1].close()
    assert carried_out(keys[2], "k", "another", at=AT + KEY_LASTS) == answer(2)
    assert mongoengine.get_db().keys.count_documents({}) == 1


def test_an_answer_that_the_store_does_not_take_is_let_go_of(process, monkeypatch, caplog, eventually):
    keys, insert, tried = process(), KeptKeys.insert, []

    def away(self, documents):
        tried.append(len(documents))
        if len(tried) == 1:
            raise AutoReconnect("the store is away")
        insert(self, documents)

    monkeypatch.setattr(KeptKeys, "insert", away)
    carried_out(keys, "k1", "request", answer(1))
    eventually(lambda: not keys._unwritten)
    carried_out(keys, "k2", "request", answer(2))
    keys.close()
    assert "could not be kept" in caplog.text
    assert [carried_out(process(), key, "request") for key in ("k1", "k2")] == [None, answer(2)]
    assert carried_out(keys, "k3", "request", answer(3)) is None, "a process that ends answers what it is at"


def test_what_shows_a_secret_is_not_kept(client, services, person, bearer, eventually):
    brazil = bearer(person("brazil", "BRA", "mission"))
    services.answers("notifications.subscribe", {"id": "s1", "secret": "whsec_shown-once"})
    body = {"topics": ["statements"], "channel": "webhook", "target": "https://example.org/hook"}
    headers = brazil | {"Idempotency-Key": "k"}
    for _ in range(2):
        answer = client.post("/api/v1/subscribers/BRA/subscriptions", json=body, headers=headers)
        assert answer.json["secret"] == "whsec_shown-once"
        assert answer.headers["Cache-Control"] == "no-store"
    assert len(set(services.causes("notifications.subscribe"))) == 1
    eventually(lambda: mongoengine.get_db().keys.count_documents({}))
    assert "whsec_" not in repr(list(mongoengine.get_db().keys.find()))
    other = client.post("/api/v1/subscribers/BRA/subscriptions", json=body | {"topics": ["workplan"]}, headers=headers)
    assert other.json["type"] == "/problems/key-reused"


# When nobody answers --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "status"), [("unavailable", 503), ("timed_out", 504)])
def test_a_service_that_does_not_answer_is_said_to(client, services, ohchr, kind, status):
    services.answers("chairs.take_seat", Refusal(kind, "The chairs service did not.", rule="away"))
    response = client.post("/api/v1/seats", json=SEAT, headers=ohchr)
    assert response.status_code == response.json["status"] == status
    assert int(response.headers["Retry-After"]) >= 1


def test_an_accident_is_told_by_a_number_only(client, services, ohchr, caplog):
    services.answers("chairs.take_seat", KeyError("secret of the house"))
    response = client.post("/api/v1/seats", json=SEAT, headers=ohchr)
    assert response.status_code == 500
    assert "secret of the house" not in response.text
    assert response.json["incident"] in caplog.text
    assert "secret of the house" in caplog.text
