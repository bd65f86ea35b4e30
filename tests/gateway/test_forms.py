"""Answers in other forms, through the API: calendars, pictures, the printed report."""

import csv
import hashlib
import re
from base64 import b64encode
from datetime import UTC, date, datetime, timedelta
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from icalendar import Calendar

from gateway.api.openapi import described
from gateway.api.routes import ROUTES
from gateway.forms import GIVEN, TAKEN, board, participants
from services.kernel.refusal import Refusal
from tests.gateway import samples
from tests.gateway import samples_documents as papers
from tests.gateway.conftest import PASSWORD

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def ilo(person, bearer):
    return bearer(person("ilo", "ILO"))


@pytest.fixture
def oit(person, bearer):
    return bearer(person("oit", "ILO", language="fr"))


@pytest.fixture
def told(services):
    for what, answer in {
        "workplan.calendar": lambda payload, cause: samples.calendar(payload.get("entity")),
        "chairs.history": samples.history(),
        "workplan.coverage": samples.coverage(),
        "workplan.annual_report": samples.report(),
        "workplan.get_plan": samples.plan(),
        "workplan.activities": lambda payload, cause: samples.activities(**payload),
        "documents.clearance": papers.board(),
    }.items():
        services.answers(what, answer)
    return services


FORMS = {
    "/calendar.ics": "text/calendar",
    "/entities/ILO/calendar.ics": "text/calendar",
    "/chairs/history.ics": "text/calendar",
    "/chairs/history.svg": "image/svg+xml",
    "/workplans/2015/coverage.svg": "image/svg+xml",
    "/workplans/2015/timeline.svg": "image/svg+xml",
    "/workplans/2015/report.html": "text/html",
    "/workplans/2015/plan.xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "/documents/p2/clearance.svg": "image/svg+xml",
}


# Every form -----------------------------------------------------------------------------------------------------------------------------


def test_every_form_that_a_route_names_is_there():
    assert {route.gives for route in ROUTES if route.gives} == set(GIVEN)
    assert {route.takes for route in ROUTES if route.takes} == set(TAKEN)


@pytest.mark.parametrize("path", FORMS)
def test_a_form_is_given_once_and_then_known(client, told, ilo, path):
    first = client.get(f"/api/v1{path}", headers=ilo)
    assert first.status_code == 200, first.text
    assert first.mimetype == FORMS[path]
    again = client.get(f"/api/v1{path}", headers=ilo | {"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert "unsafe" not in first.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", FORMS)
def test_a_form_speaks_the_callers_language(client, told, ilo, oit, path):
    english, french = (client.get(f"/api/v1{path}", headers=who) for who in (ilo, oit))
    assert english.data != french.data
    assert english.headers["ETag"] != french.headers["ETag"]


@pytest.mark.parametrize("path", FORMS)
def test_a_form_refuses_as_the_answer_itself_would(client, services, ilo, path):
    for query in (
        "workplan.calendar",
        "chairs.history",
        "workplan.coverage",
        "workplan.annual_report",
        "workplan.get_plan",
        "workplan.activities",
        "documents.clearance",
    ):
        services.answers(query, Refusal.not_found("There is none."))
    answer = client.get(f"/api/v1{path}", headers=ilo)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert client.get(f"/api/v1{path}?nonsense=1", headers=ilo).status_code == 422
    without = client.get(f"/api/v1{path}")
    assert without.status_code == (404 if path.startswith("/chairs") else 401)


def test_the_description_names_the_media_types():
    paths = described(ROUTES)["paths"]
    for path, media_type in FORMS.items():
        named = path.replace("ILO", "{entity}").replace("2015", "{year}").replace("p2", "{document}")
        assert set(paths[named]["get"]["responses"]["200"]["content"]) == {media_type}
    body = paths["/workplans/{year}/imports"]["post"]["requestBody"]["content"]
    assert set(body) == {"application/json", FORMS["/workplans/2015/plan.xlsx"]}


# Subscribing: calendar programs know HTTP Basic alone ---------------------------------------------------------------------------------


CALENDARS = ["/calendar.ics", "/entities/ILO/calendar.ics", "/chairs/history.ics"]


def basic(name: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{name}:{password}".encode()).decode()}


@pytest.mark.parametrize("name", ["ilo", "", "anything at all", "another@example.org"])
@pytest.mark.parametrize("path", CALENDARS)
def test_a_calendar_is_subscribed_to_with_a_token_as_password(client, told, ilo, path, name):
    token = ilo["Authorization"].removeprefix("Bearer ")
    answer = client.get(f"/api/v1{path}", headers=basic(name, token))
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    assert told.asked[-1][2].by.person == "ilo"


WRONG = [basic("ilo", "icat_nobodys"), basic("ilo", PASSWORD), basic("ilo", ""), {"Authorization": "Basic"}, {"Authorization": "Basic %%"}]


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("path", CALENDARS)
def test_a_calendar_says_how_it_may_be_asked(client, told, ilo, path, wrong):
    answer = client.get(f"/api/v1{path}", headers=wrong)
    assert answer.status_code == 401
    assert answer.headers.getlist("WWW-Authenticate") == ['Bearer realm="icat"', 'Basic realm="ICAT"']
    assert told.asked == []


def test_nothing_else_takes_a_password_in_a_header(client, told, ilo):
    token = ilo["Authorization"].removeprefix("Bearer ")
    for path in ("/me", "/calendar", "/entities/ILO/calendar", "/workplans/2015/plan.xlsx", "/chairs/history"):
        answer = client.get(f"/api/v1{path}", headers=basic("ilo", token))
        assert answer.status_code == 401, path
        assert answer.headers.getlist("WWW-Authenticate") == ['Bearer realm="icat"']
    assert told.asked == []


def test_a_revoked_token_subscribes_no_more(client, told, ilo):
    token = ilo["Authorization"].removeprefix("Bearer ")
    (made,) = client.get("/api/v1/tokens", headers=ilo).json["items"]
    assert client.get("/api/v1/calendar.ics", headers=basic("x", token)).status_code == 200
    assert client.delete(f"/api/v1/tokens/{made['id']}", headers=ilo).status_code == 204
    assert client.get("/api/v1/calendar.ics", headers=basic("x", token)).status_code == 401


def test_the_description_says_who_takes_a_token_as_password():
    document = described(ROUTES)
    assert document["components"]["securitySchemes"]["calendar"]["scheme"] == "basic"
    asked_so = {path for path, methods in document["paths"].items() for it in methods.values() if {"calendar": []} in it["security"]}
    assert asked_so == {path.replace("ILO", "{entity}") for path in CALENDARS}


# Calendars ------------------------------------------------------------------------------------------------------------------------------


def unfolded(raw: bytes) -> list[tuple[str, dict[str, str], str]]:
    """An iCalendar file's lines as RFC 5545 §3.1 says they are written: names, parameters, values. Fails where it says otherwise."""
    text = raw.decode("utf-8")
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert "\r" not in text.replace("\r\n", "")
    lines: list[str] = []
    for line in text.removesuffix("\r\n").split("\r\n"):
        assert len(line.encode()) <= 75, line
        if line.startswith((" ", "\t")):
            lines[-1] += line[1:]
        else:
            lines.append(line)
    read = []
    for line in lines:
        name, _, value = line.partition(":")
        name, *parameters = name.split(";")
        assert re.fullmatch("[A-Z-]+", name), line
        read.append((name, dict(part.split("=", 1) for part in parameters), value))
    return read


def components(lines: list[tuple[str, dict[str, str], str]], kind: str) -> list[list[tuple[str, dict[str, str], str]]]:
    open_ones: list[tuple[str, list[tuple[str, dict[str, str], str]]]] = []
    found = []
    for name, parameters, value in lines:
        if name == "BEGIN":
            open_ones.append((value, []))
        elif name == "END":
            ended, within = open_ones.pop()
            assert ended == value
            if ended == kind:
                found.append(within)
        else:
            open_ones[-1][1].append((name, parameters, value))
    assert open_ones == []
    return found


@pytest.mark.parametrize("path", ["/calendar.ics", "/entities/ILO/calendar.ics", "/chairs/history.ics"])
def test_a_calendar_is_written_as_the_standard_has_it(client, told, ilo, path):
    lines = unfolded(client.get(f"/api/v1{path}", headers=ilo).data)
    (calendar,) = components(lines, "VCALENDAR")
    names = [name for name, _, _ in calendar]
    assert names.count("VERSION") == names.count("PRODID") == 1
    assert "METHOD" not in names, "a feed carries none"
    assert ("REFRESH-INTERVAL", {"VALUE": "DURATION"}, "PT1H") in calendar
    for event in components(lines, "VEVENT"):
        names = [name for name, _, _ in event]
        for once in ("UID", "DTSTAMP", "DTSTART", "SEQUENCE", "STATUS", "SUMMARY", "URL", "CATEGORIES"):
            assert names.count(once) == 1, once
        values = {name: value for name, _, value in event}
        assert values["URL"].startswith("http://localhost/")
        assert re.fullmatch(r"\d{8}T\d{6}Z", values["DTSTAMP"])
    uids = [value for name, _, value in lines if name == "UID"]
    assert len(uids) == len(set(uids))


def test_a_calendar_holds_the_entries_whatever_is_in_their_titles(client, told, ilo):
    read = Calendar.from_ical(client.get("/api/v1/entities/ILO/calendar.ics", headers=ilo).data)
    assert [asked for what, asked, _ in told.asked if what == "workplan.calendar"] == [{"entity": "ILO"}]
    meeting, briefing, due, done, action = read.walk("VEVENT")
    assert str(meeting["SUMMARY"]) == samples.MARKUP
    assert (meeting["DTSTART"].dt, meeting["DTEND"].dt) == (
        datetime(2015, 3, 20, 9, tzinfo=UTC),
        datetime(2015, 3, 20, 17, tzinfo=UTC),
    )
    assert str(meeting["LOCATION"]) == "Palais des Nations, Genève; salle XX"
    assert str(meeting["DESCRIPTION"]).startswith("First line\nsecond; line, with a long tail")
    assert str(meeting["DESCRIPTION"]).endswith("https://meet.example/abc")
    assert (meeting["SEQUENCE"], str(meeting["UID"])) == (2, "meeting-1@icat")
    assert meeting["LAST-MODIFIED"].dt == datetime(2015, 1, 5, 10, tzinfo=UTC)
    assert [str(event["STATUS"]) for event in (meeting, briefing)] == ["CONFIRMED", "CANCELLED"]
    for event in (due, action):
        assert "DTEND" not in event, "an instant has no length"
        (alarm,) = event.walk("VALARM")
        assert alarm["TRIGGER"].dt == timedelta(days=-7)
    for event in (meeting, briefing, done):
        assert event.walk("VALARM") == []
    assert str(done["SUMMARY"]).startswith("✓")


def test_terms_are_whole_years_and_what_is_proposed_is_tentative(client, told):
    read = Calendar.from_ical(client.get("/api/v1/chairs/history.ics").data)
    events = {event["DTSTART"].dt: event for event in read.walk("VEVENT")}
    assert list(events) == [date(year, 1, 1) for year in (2011, 2012, 2014, 2015, 2016, 2017, 2018)]
    assert {event["DTEND"].dt - start for start, event in events.items()} <= {timedelta(days=365), timedelta(days=366)}
    assert [str(event["STATUS"]) for event in events.values()] == ["CONFIRMED"] * 6 + ["TENTATIVE"]
    assert "UNICEF" in str(events[date(2012, 1, 1)]["DESCRIPTION"])


def test_a_terms_entry_is_revised_by_what_happens_to_the_term_alone(client, services):
    read = []
    for version in (31, 44):
        services.answers("chairs.history", samples.history() | {"version": version})
        events = Calendar.from_ical(client.get("/api/v1/chairs/history.ics").data).walk("VEVENT")
        read.append({event["DTSTART"].dt.year: event["SEQUENCE"] for event in events})
    assert read[0] == read[1] == {2011: 3, 2012: 4, 2014: 3, 2015: 2, 2016: 3, 2017: 1, 2018: 0}


def test_a_feed_stays_the_same_file_for_a_day(client, services):
    tags = []
    for as_of in ("2015-06-08T00:00:00Z", "2015-06-08T18:30:00Z", "2015-06-09T00:00:00Z"):
        services.answers("chairs.history", samples.history(as_of))
        tags.append(client.get("/api/v1/chairs/history.ics").headers["ETag"])
    assert tags[0] == tags[1] != tags[2]


# Pictures -------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("path", ["/chairs/history.svg", "/workplans/2015/coverage.svg", "/workplans/2015/timeline.svg"])
def test_a_picture_tells_in_words_what_it_shows(client, told, ilo, oit, path, language):
    answer = client.get(f"/api/v1{path}", headers=ilo if language == "en" else oit)
    root = ElementTree.fromstring(answer.data)
    assert (root.tag, root.get("role"), root.get("lang")) == (f"{SVG}svg", "img", language)
    ids = {element.get("id"): element for element in root.iter() if element.get("id")}
    named = [ids[name] for name in root.get("aria-labelledby").split()]
    assert [element.tag for element in named] == [f"{SVG}title", f"{SVG}desc"]
    assert all(element.text for element in named)
    assert b"<script" not in answer.data
    assert b" on" not in re.sub(rb">[^<]*<", b"><", answer.data)
    style = root.find(f"{SVG}style").text
    assert "prefers-color-scheme: dark" in style
    policy = answer.headers["Content-Security-Policy"]
    assert re.search(r"style-src 'sha256-[A-Za-z0-9+/]{43}='", policy)
    assert "unsafe" not in policy


def test_the_picture_of_a_year_is_of_the_activities_that_are_asked_for(client, told, ilo):
    whole, late = (client.get(f"/api/v1/workplans/2015/timeline.svg{query}", headers=ilo) for query in ("", "?status=late"))
    drawn = [ElementTree.fromstring(answer.data).find(f"{SVG}desc").text for answer in (whole, late)]
    assert [("Given up" in told, "A survey" in told) for told in drawn] == [(True, True), (False, True)]
    assert client.get("/api/v1/workplans/2015/timeline.svg?status=tardy", headers=ilo).status_code == 422


def test_the_timeline_tells_states_apart_by_more_than_colour(client, told):
    root = ElementTree.fromstring(client.get("/api/v1/chairs/history.svg").data)
    description = root.find(f"{SVG}desc").text
    for said in ("2011: UNODC, ended", "2013: not known, unknown", "UNICEF stands in for OHCHR", "2018: OHCHR, proposed"):
        assert said in description
    boxes = {box.find(f"{SVG}title").text: box for box in root.iter(f"{SVG}rect") if box.find(f"{SVG}title") is not None}
    classes = {tip: box.get("class") for tip, box in boxes.items()}
    assert classes["2015: UNHCR, begun"] == "now"
    assert classes["2016: ILO, adopted"] == "firm"
    assert classes["2018: OHCHR, proposed"] == "maybe"
    assert boxes["2013: nobody knows who chaired"].get("fill") == "url(#timeline-unknown)"
    gone, stands_in = boxes["2012: OHCHR, ended"], boxes["2012: UNICEF stands in for OHCHR"]
    assert float(gone.get("width")) == pytest.approx(32 * 244 / 366, abs=0.1), "until 1 September"
    assert float(stands_in.get("x")) == pytest.approx(float(gone.get("x")) + float(gone.get("width")), abs=0.1)
    assert len([line for line in root.iter(f"{SVG}line") if line.get("class") == "today"]) == 2, "the present, and its legend"


def test_the_legend_of_a_long_timeline_is_seen_on_a_telephone():
    long = samples.history()
    long["terms"] = [samples._term(year, ["UNODC"], "ended") for year in range(1990, 2011)] + long["terms"]
    root = ElementTree.fromstring(GIVEN["timeline.svg"].write(long, "en", ""))
    legend = [word for word in root.iter(f"{SVG}text") if word.get("class") == "small"]
    assert len(legend) == 8
    assert float(root.get("width")) > 1000
    assert max(float(word.get("x")) + 6.6 * len(word.text) for word in legend) <= 300


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_timeline_of_nothing_is_a_picture(language):
    nothing = samples.history() | {"terms": [], "entities": [], "longest_ago": []}
    root = ElementTree.fromstring(GIVEN["timeline.svg"].write(nothing, language, ""))
    assert root.find(f"{SVG}title").text


def test_the_map_of_coverage_shows_each_paragraph_and_each_gap(client, told, ilo):
    root = ElementTree.fromstring(client.get("/api/v1/workplans/2015/coverage.svg", headers=ilo).data)
    boxes = [box for box in root.iter(f"{SVG}rect") if box.find(f"{SVG}title") is not None]
    assert len(boxes) == 61
    gaps = {int(re.search(r"\d+", box.find(f"{SVG}title").text)[0]) for box in boxes if box.get("class") == "gap"}
    assert gaps == set(samples.coverage()["gaps"])
    assert "Matter 3 & more" in boxes[2].find(f"{SVG}title").text
    assert f"Served by nothing: {', '.join(map(str, sorted(gaps)))}" in root.find(f"{SVG}desc").text


def test_a_picture_holds_no_character_that_xml_cannot(client, services):
    history = samples.history()
    history["terms"][0]["chairs"] = ["A\ufffe<&>"]
    services.answers("chairs.history", history)
    root = ElementTree.fromstring(client.get("/api/v1/chairs/history.svg").data)
    assert "A\ufffd<&>" in root.find(f"{SVG}desc").text


# The report, and the sheet's name -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("final", [True, False])
def test_the_report_is_a_page_of_its_own(client, services, oit, final):
    services.answers("workplan.annual_report", samples.report(final=final, digest=None if not final else "e" * 64))
    answer = client.get("/api/v1/workplans/2015/report.html", headers=oit)
    assert '<html lang="fr">' in answer.text
    assert "<em>work</em>" in answer.text
    for bad in ("<script", "<b>supply", "<donor>", "style=", '<link rel="stylesheet"', "src=", "url(/"):
        assert bad not in answer.text
    assert ("Réservé au Groupe" in answer.text) != final
    (style,) = re.findall("<style>(.*?)</style>", answer.text, re.DOTALL)
    named = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{named}'" in answer.headers["Content-Security-Policy"], "its style sheets travel with it"
    for held in (".card", "@media print", ".picture .delivered"):
        assert held in style
    assert not re.findall('href="/(?!/)', answer.text), "links lead to the platform from wherever the file is opened"
    assert 'href="http://localhost/documents/p2"' in answer.text


def test_the_report_outside_the_group_has_balances_alone(client, services, ilo):
    funding = samples.report()["funding"] | {"donors": [], "gaps": [], "ended": []}
    services.answers("workplan.annual_report", samples.report(funding=funding))
    page = client.get("/api/v1/workplans/2015/report.html", headers=ilo).text
    assert "Needed 120,000.50 USD" in page
    assert "donor" not in page.lower()


def test_the_sheet_is_saved_under_the_plans_year(client, told, ilo):
    answer = client.get("/api/v1/workplans/2015/plan.xlsx", headers=ilo)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="workplan-2015.xlsx"'


# Files ----------------------------------------------------------------------------------------------------------------------------------

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FILES = [
    "/documents/p2/attachments/a1",
    "/documents/p2/exports/e1/file",
    *(f"/documents/p2/export.{one}" for one in ("html", "pdf", "docx", "xml")),
]


@pytest.fixture
def filed(services):
    for query in ("get_attachment", "get_export_file", "get_published"):
        services.answers(f"documents.{query}", papers.file())
    return services


@pytest.mark.parametrize("path", FILES)
def test_a_file_keeps_its_bytes_its_type_and_its_name(client, filed, ilo, path):
    answer = client.get(f"/api/v1{path}", headers=ilo)
    assert (answer.status_code, answer.data, answer.mimetype) == (200, b"%PDF-1.7", "application/pdf")
    kind, plain, full = re.fullmatch(
        r"(\w+); filename=\"([^\"]*)\"; filename\*=UTF-8''(\S+)", answer.headers["Content-Disposition"]
    ).groups()
    assert kind == ("attachment" if "attachments" in path else "inline"), "what others sent is never opened in our name"
    assert unquote(full) == 'Résumé "é" 中文_.._x.pdf'
    assert plain.isascii()
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    again = client.get(f"/api/v1{path}", headers=ilo | {"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("media_type", ["text/html", "text/html; charset=utf-8", "image/svg+xml", "application/xhtml+xml", "TEXT/HTML"])
def test_a_page_that_others_sent_runs_nowhere(client, services, ilo, media_type):
    services.answers("documents.get_attachment", papers.file(b"<script>alert(1)</script>", media_type, "a.html"))
    answer = client.get("/api/v1/documents/p2/attachments/a1", headers=ilo)
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    policy = answer.headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "script" not in policy
    assert "unsafe" not in policy


def test_a_page_we_made_opens_in_a_sandbox(client, services):
    services.answers("documents.get_published", papers.file(b"<p>x</p>", "text/html; charset=utf-8", "p2.html"))
    answer = client.get("/api/v1/documents/p2/export.html?language=ar")
    assert services.asked[-1][1] == {"document": "p2", "language": "ar", "format": "html"}
    assert answer.headers["Content-Disposition"].startswith("inline; ")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_an_address_that_says_the_format_takes_no_other(client, filed):
    answer = client.get("/api/v1/documents/p2/certificate.pdf?format=html")
    assert (answer.status_code, answer.json["field"], answer.json["rule"]) == (422, "format", "path-parameter")
    assert "language" in answer.json["accepted"]
    assert "format" not in answer.json["accepted"]
    paths = described(ROUTES)["paths"]
    assert [one["name"] for one in paths["/documents/{document}/export.docx"]["get"]["parameters"] if "name" in one][:2] == [
        "document",
        "language",
    ]
    assert list(paths["/documents/{document}/export.docx"]["get"]["responses"]["200"]["content"]) == [DOCX]


# The clearance board --------------------------------------------------------------------------------------------------------------------


def test_no_two_words_on_the_board_differ_by_colour_alone():
    """Drawn in one ink, each word still has an outline of its own."""
    drawn = set()
    for word in ("endorse", "no_objection", "object", "stand_aside", "recuse", "withdrawn"):
        for tacit in (False, True) if word == "no_objection" else (False,):
            one = papers.board()
            one["board"] = [{"entity": "ILO", "word": word, "counts": True, "positions": [papers.position("ILO", word, tacit=tacit)]}]
            picture = ElementTree.fromstring(board.draw(one, "en").alone())
            shapes = [e for e in picture.iter() if e.tag.removeprefix(SVG) in ("circle", "line", "polygon", "rect")]
            dashed = any(e.get("class") == "maybe" for e in shapes)
            group = next(e for e in picture.iter(f"{SVG}g"))
            drawn.add((dashed, *sorted((e.tag, e.get("x1", ""), e.get("x2", ""), e.get("r", "")) for e in group if e.tag != f"{SVG}title")))
    assert len(drawn) == 7


def test_the_same_text_put_twice_has_a_column_for_each_time():
    twice = papers.board()
    twice["texts"][0] |= {"digest": papers.NEW, "revision": 2, "state": "lapsed"}
    row = {"entity": "ILO", "word": None, "counts": True, "positions": [papers.position("ILO", "object", at="2015-05-10T00:00:00Z")]}
    assert board.word_on(twice, row, 0)["shape"] == "object"
    assert board.word_on(twice, row, 1) == {"shape": "awaited", "past": False}


def test_the_envelope_stands_in_the_legend_where_a_letter_was_entered():
    explained = "entered by the secretariat from a letter</text>"
    assert explained in board.draw(papers.board(), "en").inline()
    own = papers.board(board=[{"entity": "ILO", "word": "endorse", "counts": True, "positions": [papers.position("ILO", "endorse")]}])
    assert explained not in board.draw(own, "en").inline()


def test_a_board_without_a_text_says_so():
    empty = papers.board(texts=[], board=[], clearance=None)
    assert "Nothing was put before the entities yet." in board.draw(empty, "en").inline()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("=1+1", "'=1+1"),
        ("\t-2", " '-2"),
        ("with a ramp;=HYPERLINK(0)", "with a ramp;'=HYPERLINK(0)"),
        ('x"; "@SUM(1)', 'x"; "\'@SUM(1)'),
        ("two\r\n=lines;\n+1\u2028-1", "two =lines; '+1 -1"),
        ("\uff1d1", "'\uff1d1"),
        ("a - b = c, d@e.example; f", "a - b = c, d@e.example; f"),
    ],
)
def test_what_a_guest_typed_is_no_formula_wherever_a_program_cuts(typed, kept):
    reply = {"subscriber": "PERU", "name": "Peru", "attending": "yes", "place": "given", "people": [typed], "message": typed}
    reply |= {"letter": "", "at": "2015-01-06T10:30:00Z", "person": "peru"}
    heading, line = participants.table({"replies": [reply]}, "en", "https://icat.example").decode("utf-8-sig").split("\r\n")[:2]
    (row,) = csv.reader([line])
    assert (row[4], row[5]) == (kept, kept)
    assert all(cell.startswith('"') and cell.endswith('"') for cell in heading.split(","))
    assert not any(re.match(r'["\s]*[=+\-@\uff1d]', cell) for cell in re.split("[;\t\n]", line))
