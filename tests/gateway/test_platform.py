"""The gateway among the real services, broker and store: what stand-ins cannot show."""

import io
import json
import socket
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import feedparser
import openpyxl
import pytest
import requests
from icalendar import Calendar

from press.package import XLSX as MEDIA_TYPE

AT = "2014-01-10T09:00:00Z"


class Person:
    """Someone with a token, in rehearsal at AT."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        self.url = f"{url}/api/v1"
        self.session = requests.Session()
        self.session.headers.update(headers | {"ICAT-Instant": AT})

    def __call__(self, method: str, path: str, body: dict | None = None, **headers: str) -> requests.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.session.request(method, self.url + path, json=body, headers=named, timeout=30)


def logged_in(browser: requests.Session, url: str, name: str, password: str) -> str:
    """Log in with this browser; its CSRF token."""
    return browser.post(f"{url}/api/v1/sessions", json={"name": name, "password": password}, timeout=30).json()["csrf_token"]


def token_of(url: str, name: str, password: str) -> dict[str, str]:
    with requests.Session() as browser:
        csrf = logged_in(browser, url, name, password)
        made = browser.post(f"{url}/api/v1/tokens", json={"name": "test"}, headers={"X-CSRF-Token": csrf}, timeout=30)
        return {"Authorization": f"Bearer {made.json()['token']}"}


@pytest.fixture(scope="module")
def sec(platform) -> Person:
    """The secretariat, which has entered two members with seats, and IOM's chairmanship of 2014."""
    person = Person(platform.url, token_of(platform.url, *platform.login))
    for code, name in (("IOM", "International Organization for Migration"), ("ILO", "International Labour Organization")):
        assert person("POST", "/entities", {"code": code, "names": {"en": name}}).status_code == 201
        assert person("POST", "/memberships", {"entity": code, "since": "2010-01-01T00:00:00Z", "source": "001 ¶31"}).status_code == 201
        assert person("POST", "/seats", {"entity": code, "since": "2010-01-01T00:00:00Z", "source": "001 ¶72"}).status_code == 201
    recorded = person("PUT", "/chairs/terms/2014", {"chairs": ["IOM"], "source": "001 ¶71"})
    assert recorded.status_code == 200, recorded.text
    until = time.monotonic() + 20
    while person("POST", "/workplans", {"year": 2014}).status_code not in (201, 409):
        assert time.monotonic() < until, "the composition reaches workplan"
        time.sleep(0.1)
    return person


@pytest.fixture(scope="module")
def iom(platform, sec) -> Person:
    return opened(platform, sec, "iom", "IOM", "focal_point")


def opened(platform, sec, name, entity, role) -> Person:
    password = "correct horse battery"
    body = {"name": name, "display_name": name, "entity": entity, "roles": [role], "password": password}
    with requests.Session() as browser:
        csrf = logged_in(browser, platform.url, *platform.login)
        assert browser.post(f"{platform.url}/api/v1/people", json=body, headers={"X-CSRF-Token": csrf}, timeout=30).status_code == 201
    return Person(platform.url, token_of(platform.url, name, password))


def test_an_order_goes_through_and_its_location_can_be_read(sec, iom):
    made = iom("POST", "/workplans/2014/activities", {"title": "Paper on demand", "lead": "IOM"})
    assert made.status_code == 201, made.text
    location = made.headers["Location"].removeprefix("/api/v1")
    read = iom("GET", location)
    assert (read.json()["title"], read.headers["ETag"].partition("-")[0]) == ("Paper on demand", f'"{read.json()["version"]}')
    assert iom("GET", location, If_None_Match=read.headers["ETag"]).status_code == 304


def test_a_replayed_key_has_one_effect_even_when_its_record_is_lost(platform, sec, iom):
    """The record of a key may go with the gateway's store; the cause is in the service's."""
    from pymongo import MongoClient

    key, body = uuid.uuid4().hex, {"title": "Once only", "lead": "IOM"}
    first = iom("POST", "/workplans/2014/activities", body, Idempotency_Key=key)
    assert first.status_code == 201, first.text
    again = iom("POST", "/workplans/2014/activities", body, Idempotency_Key=key)
    assert (again.status_code, again.content, again.headers.get("Idempotency-Replayed")) == (201, first.content, "true")
    with MongoClient(platform.mongo_uri("gateway")) as store:
        store.get_default_database()["keys"].delete_many({})
    once_more = iom("POST", "/workplans/2014/activities", body, Idempotency_Key=key)
    assert (once_more.status_code, once_more.json()["activity"]) == (201, first.json()["activity"])
    titles = [activity["title"] for activity in iom("GET", "/workplans/2014").json()["activities"]]
    assert titles.count("Once only") == 1


def test_the_same_key_from_many_threads_has_one_effect(sec, iom):
    key, body = uuid.uuid4().hex, {"title": "All at once", "lead": "IOM"}
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: iom("POST", "/workplans/2014/activities", body, Idempotency_Key=key), range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["activity"] for answer in answers}) == 1
    titles = [activity["title"] for activity in iom("GET", "/workplans/2014").json()["activities"]]
    assert titles.count("All at once") == 1


def test_of_two_who_edit_at_once_the_later_is_refused(sec, iom):
    made = iom("POST", "/workplans/2014/activities", {"title": "Shared", "lead": "IOM"})
    path, seen = made.headers["Location"].removeprefix("/api/v1"), made.headers["ETag"]
    assert iom("PATCH", path, {"objective": "Mine"}, If_Match=seen).status_code == 200
    late = sec("PATCH", path, {"objective": "Theirs"}, If_Match=seen)
    assert (late.status_code, late.json()["field"]) == (412, "If-Match")
    assert iom("GET", path).json()["objective"] == "Mine"


def test_the_service_decides_who_may(platform, sec, iom):
    brazil = opened(platform, sec, "brazil", "BRA", "mission")
    refused = brazil("POST", "/workplans/2014/activities", {"title": "Mine", "lead": "IOM"})
    assert refused.status_code == 404, "a plan in draft is not for a mission's eyes"
    wrong = iom("POST", "/workplans/2014/activities", {"title": "Theirs", "lead": "UNODC"})
    assert wrong.status_code in (403, 422), wrong.text


def test_a_wrong_state_and_a_late_word_are_conflicts(sec, iom):
    wrong = sec("POST", "/workplans/2014/closure", {"foreword": "Too soon."})
    assert wrong.status_code == 409, wrong.text
    assert wrong.json()["type"] in ("/problems/conflict", "/problems/too-early")
    assert sec("POST", "/workplans", {"year": 2014}).json()["type"] == "/problems/conflict"


def test_a_visitor_sees_what_is_public(platform, sec):
    visitor = requests.get(f"{platform.url}/api/v1/chairs", params={"as_of": AT}, timeout=30).json()
    assert (visitor["chairs"], visitor["seated"]) == (["IOM"], ["ILO", "IOM"])
    for path in ("/library", "/entities", "/chairs/terms", "/matters/statements"):
        assert requests.get(f"{platform.url}/api/v1{path}", timeout=30).status_code == 200, path


def test_the_desk_is_a_page(platform, sec):
    with requests.Session() as browser:
        page = browser.get(f"{platform.url}/login", timeout=30).text
        token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
        name, password = platform.login
        browser.post(f"{platform.url}/login", data={"csrf_token": token, "name": name, "password": password}, timeout=30)
        home = browser.get(f"{platform.url}/?at={AT}", timeout=30).text
    assert "Workplan 2014" in home
    assert "IOM" in home
    assert "Not available now" not in home


def test_every_service_says_how_it_is_and_the_clock_can_pass(platform, sec):
    state = sec("GET", "/status").json()["services"]
    assert {name: one["available"] for name, one in state.items()} == dict.fromkeys(
        ("chairs", "workplan", "documents", "notifications"), True
    )
    passed = sec("POST", "/rehearsal/tick", {"to": "2014-01-11T00:00:00Z"})
    assert passed.status_code == 200, passed.text
    assert set(passed.json()["changed"]) == set(state)


def test_every_get_of_the_table_answers_the_secretariat(platform, sec):
    """No question ends in an accident: each is answered, or refused with a reason."""
    from gateway.api.routes import ROUTES

    of_path = {"year": "2014", "activity": "nothing", "document": "nothing", "number": "1", "briefing": "nothing"}
    of_path |= {"code": "BRA", "topic": "statements", "name": platform.login[0], "id": "nothing"}
    of_path |= {"action": "nothing", "meeting": "nothing", "entity": "IOM", "service": "workplan"}
    of_path |= {"subscriber": "BRA", "comment": "1", "section": "s1", "language": "fr", "export": "nothing", "attachment": "nothing"}
    needed = {
        "/documents/{document}/comparison": "?base=1&other=2",
        "/search": "?words=trafficking",
        "/awaiting/workplan": "?entity=IOM",
        "/awaiting/documents": "?entity=IOM",
        "/subscribers/invitations": "?token=a-token-that-was-never-given",
    }
    for route in ROUTES:
        if route.method == "GET" and not route.live:
            answer = sec("GET", route.path.format_map(of_path) + needed.get(route.path, ""))
            assert answer.status_code in (200, 404), f"{route.path}: {answer.text}"


def test_a_service_that_is_away_is_said_in_time_and_comes_back(platform, sec, iom):
    platform.stop("documents")
    try:
        began = time.monotonic()
        away = iom("GET", "/documents")
        assert away.status_code in (503, 504), away.text
        assert away.json()["type"] in ("/problems/unavailable", "/problems/timed-out")
        assert time.monotonic() - began < 8
        assert iom("GET", "/workplans/2014").status_code == 200
        awaiting = iom("GET", "/me/awaiting").json()
        assert awaiting["unavailable"] == ["documents"]
    finally:
        platform.start("documents")
        platform.wait_ready("documents")
    assert iom("GET", "/documents").status_code == 200


def test_a_gateway_that_is_killed_comes_back_with_its_sessions_and_keys(platform, sec, iom):
    key, body = uuid.uuid4().hex, {"title": "Survives", "lead": "IOM"}
    first = iom("POST", "/workplans/2014/activities", body, Idempotency_Key=key)
    platform.kill("gateway")
    platform.wait_ready("gateway")
    again = iom("POST", "/workplans/2014/activities", body, Idempotency_Key=key)
    assert (again.status_code, again.content) == (201, first.content)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"POST /api/v1/sessions HTTP/1.1\r\nContent-Length: 2000000\r\nContent-Type: application/json\r\n", b"413"),
        (b"POST /api/v1/sessions HTTP/1.1\r\nContent-Length: 4\r\nContent-Type: application/json\r\n", b"400"),
        (b"GET /api/v1/%ff HTTP/1.1\r\n", b"404"),
        (b"GET /api/v1/workplans/%00 HTTP/1.1\r\n", b"401"),
        (b"NONSENSE /api/v1/chairs HTTP/1.1\r\n", b"405"),
    ],
)
def test_raw_nonsense_gets_an_answer(platform, sent, status):
    host, port = platform.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=15) as wire:
        body = b"\xff\xfe\xfd\xfc" if b": 4\r" in sent else b""
        wire.sendall(sent + b"Host: localhost\r\nConnection: close\r\n\r\n" + body)
        answer = b""
        while chunk := wire.recv(65536):
            answer += chunk
    assert answer.startswith(b"HTTP/1.1 " + status), answer[:300]


def test_an_endless_body_in_chunks_is_cut_off(platform, iom):
    def endless():
        for _ in range(40):
            yield b" " * 65536

    answer = requests.post(
        f"{platform.url}/api/v1/workplans",
        data=endless(),
        headers={"Content-Type": "application/json", "Authorization": iom.session.headers["Authorization"]},
        timeout=30,
    )
    assert answer.status_code == 413


# A plan as a spreadsheet ----------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sheet(sec) -> Callable[..., requests.Response]:
    """``sheet("/checks", change)``: the plan of 2014 as it goes out, changed, sent back."""
    sec("POST", "/workplans/2014/activities", {"activity": "survey", "title": "A survey", "lead": "ILO", "paragraphs": [12]})
    paper = {
        "activity": "paper",
        "title": "=A paper",
        "lead": "IOM",
        "pillars": ["prevention"],
        "depends_on": ["survey"],
        "deliverables": [{"kind": "document", "title": "The paper", "due": "2014-09-01T12:00:00Z"}],
        "milestones": [{"title": "Draft", "due": "2015-02-01T00:00:00Z", "due_reason": "The printer is late."}],
        "needs": [{"purpose": "Printing", "amount": "1200.5", "currency": "CHF"}],
    }
    assert sec("POST", "/workplans/2014/activities", paper).status_code == 201

    def send(path: str, change: Callable[[openpyxl.Workbook], None] = lambda book: None) -> requests.Response:
        book = openpyxl.load_workbook(io.BytesIO(sec("GET", "/workplans/2014/plan.xlsx").content))
        change(book)
        kept = io.BytesIO()
        book.save(kept)
        url = f"{sec.url}/workplans/2014/imports{path}"
        return sec.session.post(url, data=kept.getvalue(), headers={"Content-Type": MEDIA_TYPE}, timeout=30)

    return send


def test_a_plan_that_went_out_stands_unchanged_when_it_comes_in(sec, sheet):
    before = sec("GET", "/workplans/2014").json()
    for path in ("/checks", ""):
        answer = sheet(path)
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert {"survey", "paper"} <= set(told["unchanged"])
        assert (told["added"], told["changed"], told["problems"]) == ([], [], [])
    assert sec("GET", "/workplans/2014").json()["digest"] == before["digest"]


def test_a_sheet_that_went_out_earlier_does_not_undo_what_a_colleague_changed(sec, sheet):
    renamed = {"title": "Renamed since"}

    def meanwhile(book: openpyxl.Workbook) -> None:
        assert sec("PATCH", "/workplans/2014/activities/survey", renamed).status_code == 200

    answer = sheet("", meanwhile)
    assert answer.status_code == 422, answer.text
    assert {problem["rule"] for problem in answer.json()["problems"]} == {"import-stale"}
    assert sec("GET", "/workplans/2014/activities/survey").json()["title"] == renamed["title"]


def test_every_rule_a_sheet_breaks_is_told_by_its_cell_and_nothing_is_changed(sec, sheet):
    def change(book: openpyxl.Workbook) -> None:
        activities = {row[0].value: row for row in book["Activities"].iter_rows(min_row=2)}
        activities["survey"][7].value = "paper"  # each waits for the other
        activities["survey"][5].value = "12, 62"
        book["Deliverables"]["E2"] = datetime(2016, 1, 1)  # outside the year, without a reason
        book["Needs"]["E2"] = "XYZ"
        book["Activities"]["A20"], book["Activities"]["B20"], book["Activities"]["C20"] = "new", "New", "NOBODY"

    before = sec("GET", "/workplans/2014").json()
    checked = sheet("/checks", change)
    assert checked.status_code == 200, checked.text
    problems = {f"{one['sheet']}!{one['cell']}": one for one in checked.json()["problems"]}
    row = next(cell for cell in problems if cell.startswith("Activities!F"))[-1]
    assert {f"Activities!F{row}", "Deliverables!E2", "Needs!E2", "Activities!C20"} <= set(problems)
    assert any(cell.startswith("Activities!H") for cell in problems), problems
    refused = sheet("", change)
    assert (refused.status_code, refused.json()["rule"]) == (422, "import-whole")
    assert refused.json()["problems"] == checked.json()["problems"]
    assert sec("GET", "/workplans/2014").json() == before


def test_a_sheet_is_taken_in_whole(sec, sheet):
    def change(book: openpyxl.Workbook) -> None:
        page = book["Activities"]
        page["A30"], page["B30"], page["C30"], page["E30"], page["F30"] = "talks", "Talks with donors", "ILO", "partnerships", "57, 61"
        book["Milestones"]["A9"], book["Milestones"]["C9"], book["Milestones"]["D9"] = "talks", "Begun", datetime(2014, 6, 1, 12)

    answer = sheet("", change)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["added"], answer.json()["changed"]) == (["talks"], [])
    talks = sec("GET", "/workplans/2014/activities/talks").json()
    assert (talks["paragraphs"], talks["milestones"][0]["due"]) == ([57, 61], "2014-06-01T12:00:00Z")


@pytest.mark.parametrize(
    "path",
    [
        "/chairs/history.svg",
        "/chairs/history.ics",
        "/calendar.ics",
        "/entities/IOM/calendar.ics",
        "/workplans/2014/coverage.svg",
        "/workplans/2014/timeline.svg?lead=IOM",
        "/workplans/2014/report.html",
    ],
)
def test_what_the_services_answer_goes_out_in_every_form(sec, sheet, path):
    answer = sec("GET", path)
    assert answer.status_code == 200, answer.text
    assert len(answer.content) > 200
    assert sec("GET", path, If_None_Match=answer.headers["ETag"]).status_code == 304


# What subscribers fetch -----------------------------------------------------------------------------------------------------------------


def test_what_is_announced_is_in_the_live_inbox_and_the_secret_feeds_at_once(platform, sec):
    mission = opened(platform, sec, "fiji", "FJI", "mission")
    assert sec("POST", "/subscribers", {"code": "FJI", "name": "Permanent Mission of Fiji", "kind": "mission"}).status_code == 201
    secrets = {}
    for channel in ("inbox", "atom", "calendar"):
        made = mission("POST", "/subscribers/FJI/subscriptions", {"channel": channel, "topics": ["briefings"]})
        assert (made.status_code, made.json()["state"], made.headers["Cache-Control"]) == (201, "confirmed", "no-store"), made.text
        secrets[channel] = made.json().get("secret")
    with mission.session.get(
        f"{mission.url}/subscribers/FJI/inbox/live", headers={"ICAT-Instant": None}, stream=True, timeout=60
    ) as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        briefing = {
            "title": "For missions",
            "kind": "briefing",
            "starts_at": "2014-02-20T15:00:00Z",
            "ends_at": "2014-02-20T17:00:00Z",
            "place": "Vienna",
        }
        assert sec("POST", "/briefings", briefing).status_code == 201
        lines = stream.iter_lines(chunk_size=1, decode_unicode=True)
        told = next(line for line in lines if line.startswith("data: ") and "For missions" in line)
    item = json.loads(told.removeprefix("data: "))
    assert (item["topic"], item["matter"]["data"]["title"], item["read"]) == ("briefings", "For missions", False)
    assert mission("GET", "/subscribers/FJI/inbox").json()["items"][0]["id"] == item["id"]
    feed, calendar = (requests.get(platform.url + secrets[channel], timeout=30) for channel in ("atom", "calendar"))
    assert [entry.title for entry in feedparser.parse(feed.content).entries] == [item["matter"]["title"]["en"]]
    assert [str(one["SUMMARY"]) for one in Calendar.from_ical(calendar.content).walk("VEVENT")] == ["For missions"]
    for path, answer in ((secrets["atom"], feed), (secrets["calendar"], calendar), ("/feeds/briefings.atom", None)):
        known = (answer or requests.get(platform.url + path, timeout=30)).headers["ETag"]
        assert requests.get(platform.url + path, headers={"If-None-Match": known}, timeout=30).status_code == 304
    log = platform.home.log("gateway").read_text()
    assert not any(secrets[channel] in log for channel in ("atom", "calendar"))
    replaced = mission("POST", f"/subscribers/FJI/subscriptions/{_of(mission, 'atom')}/secret", {})
    assert replaced.json()["secret"] != secrets["atom"]
    assert requests.get(platform.url + secrets["atom"], timeout=30).status_code == 404
    assert requests.get(platform.url + replaced.json()["secret"], timeout=30).status_code == 200


def _of(person: Person, channel: str) -> str:
    found = person("GET", "/subscribers/FJI").json()["subscriptions"]
    return next(one["id"] for one in found if one["channel"] == channel)
