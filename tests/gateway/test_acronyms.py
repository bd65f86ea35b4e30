"""Entities are called by the acronyms of the reader's language, and known by them."""

import io
import re
import time

import openpyxl
import pytest
from flask import g

from gateway.forms import names
from gateway.web import acronyms
from gateway.web.acronyms import Acronyms
from gateway.web.words import LANGUAGES
from press.package import XLSX
from services.kernel.instants import utc
from services.kernel.refusal import Refusal
from tests.gateway import samples, samples_documents
from tests.gateway.conftest import Services
from tests.gateway.test_web import form_of, log_in

AT = utc(2014, 2)

OHCHR = {"code": "OHCHR", "names": {}, "acronyms": {"fr": "HCDH"}}
UN_WOMEN = {"code": "UN-WOMEN", "names": {}, "acronyms": {"en": "UN Women", "fr": "ONU-Femmes"}}


@pytest.fixture
def register() -> Services:
    register = Services()
    register.answers(
        "chairs.entities",
        lambda payload, cause: {"items": [UN_WOMEN if payload.get("after") else OHCHR], "next": None if payload.get("after") else "OHCHR"},
    )
    return register


def test_an_entity_is_called_as_in_the_readers_language(register):
    names = Acronyms(register)
    assert [names.called("OHCHR", language, AT) for language in ("en", "fr", "ar")] == ["OHCHR", "HCDH", "OHCHR"]
    assert [names.called("UN-WOMEN", language, AT) for language in ("en", "fr")] == ["UN Women", "ONU-Femmes"]
    assert names.called("BRA", "fr", AT) == "BRA"
    assert len(register.beside) == 2, "the register is read once, page after page"
    assert {cause.at for _, _, cause in register.beside} == {AT}


def test_what_is_typed_may_be_either(register):
    names = Acronyms(register)
    assert names.code_of("hcdh", "fr", AT) == "OHCHR", "asked for before any page has shown one"
    assert [names.code_of(text, "fr", AT) for text in ("ohchr", "onu-femmes", "oim")] == ["OHCHR", "UN-WOMEN", "OIM"]
    assert names.code_of("HCDH", "en", AT) == "HCDH", "it is no English acronym"


def test_a_code_serves_while_chairs_is_away_and_what_was_known_stays(register, monkeypatch, eventually):
    away = Services()
    assert Acronyms(away).called("OHCHR", "fr", AT) == "OHCHR"
    names = Acronyms(register)
    assert names.called("OHCHR", "fr", AT) == "HCDH"
    register.answers("chairs.entities", Refusal("unavailable", "Away.", rule="service-away"))
    monkeypatch.setattr(acronyms, "FRESH_SECONDS", 0.0)
    asked = len(register.beside)
    assert names.called("OHCHR", "fr", AT) == "HCDH"
    eventually(lambda: len(register.beside) > asked)
    assert names.called("OHCHR", "fr", AT) == "HCDH"


def test_an_entity_registered_lately_is_found_beside_the_request(register, monkeypatch, eventually):
    names = Acronyms(register)
    assert names.called("IOM", "fr", AT) == "IOM"
    register.answers("chairs.entities", {"items": [{"code": "IOM", "names": {}, "acronyms": {"fr": "OIM"}}], "next": None})
    asked = len(register.beside)
    assert names.called("IOM", "fr", AT) == "IOM"
    assert len(register.beside) == asked, "not asked for at every look"
    monkeypatch.setattr(acronyms, "UNKNOWN_SECONDS", 0.0)
    time.sleep(0.001)
    eventually(lambda: names.called("IOM", "fr", AT) == "OIM")


def test_a_code_that_a_page_carries_is_no_acronym(client, person, services):
    """A mission was admitted under a code that in French is also what an entity is called: its page ends it, and not that entity."""
    oim = {"code": "IOM", "names": {}, "acronyms": {"fr": "OIM"}}
    services.answers("chairs.entities", {"items": [oim], "next": None})
    services.answers("notifications.end_subscriber", Refusal.conflict("No.", rule="ended"))
    person("sec", None, "secretariat", language="fr")
    log_in(client, "sec")
    typed = {"csrf_token": form_of(client.get("/account")), "act": "end_subscriber", "reason": "Left."}
    client.post("/subscribers/OIM", data=typed)
    assert [payload["code"] for what, payload, _ in services.asked if what == "notifications.end_subscriber"] == ["OIM"]


def called_in_french(services):
    """The register, with an acronym that is also another's code."""
    known = {"IOM": "OIM", "OHCHR": "HCDH", "UNHCR": "HCR", "ILO": "OHCHR"}
    items = [{"code": code, "names": {}, "acronyms": {"fr": french}} for code, french in known.items()]
    services.answers("chairs.entities", {"items": items, "next": None})


@pytest.fixture
def oim(client, services, person, bearer, monkeypatch):
    """Of an application that other tests ask as well, and that is to know no acronym afterwards."""
    for patience in ("FRESH_SECONDS", "UNKNOWN_SECONDS"):
        monkeypatch.setattr(acronyms, patience, -1.0)
    headers = bearer(person("oim", "IOM", language="fr"))
    yield headers
    services.answers("chairs.history", samples.history())
    services.answers("chairs.entities", {"items": [], "next": None})
    assert ">UNHCR<" in settled(client, headers, "/api/v1/chairs/history.svg", ">UNHCR<")


def settled(client, headers, path, word):
    """The form once the register has been read again beside a request."""
    until = time.monotonic() + 10
    while True:
        text = client.get(path, headers=headers).data
        if word.encode() in text or time.monotonic() > until:
            return text.decode("utf-8", "replace")
        time.sleep(0.05)


def test_pictures_calendars_and_the_report_call_entities_as_in_the_readers_language(client, services, oim):
    called_in_french(services)
    services.answers("chairs.history", samples.history())
    services.answers("workplan.annual_report", samples.report())
    picture = settled(client, oim, "/api/v1/chairs/history.svg", ">HCR<")
    assert ">UNHCR<" not in picture
    assert "2015 : HCR" in picture, "what the mouse shows, too"
    services.answers("documents.clearance", samples_documents.board())
    board = settled(client, oim, "/api/v1/documents/p/clearance.svg", ">OIM<")
    assert ">IOM<" not in board
    assert "Présidence 2015 : HCR" in settled(client, oim, "/api/v1/chairs/history.ics", "HCR")
    report = settled(client, oim, "/api/v1/workplans/2015/report.html", ">OIM<")
    assert re.search('chef de file.{0,40}<span class="code">OIM', report, re.IGNORECASE)
    assert "IOM<" not in report


def test_a_sheet_is_written_and_read_with_the_acronyms_of_its_reader(client, services, oim):
    called_in_french(services)
    services.answers("chairs.history", samples.history())
    services.answers("workplan.get_plan", samples.plan())
    services.answers("workplan.check_import", samples.import_answer(unchanged=["paper", "survey"]))
    settled(client, oim, "/api/v1/chairs/history.svg", ">HCR<")
    raw = client.get("/api/v1/workplans/2015/plan.xlsx", headers=oim).data
    book = openpyxl.load_workbook(io.BytesIO(raw))
    page = book["Activités"]
    written = {row[0].value: (row[2].value, row[3].value) for row in page.iter_rows(min_row=2)}
    plan = {it["activity"]: it for it in samples.plan()["activities"]}
    french = {"IOM": "OIM", "ILO": "ILO"}  # ILO's acronym would be read as another's code
    assert written["paper"][0] == french[plan["paper"]["lead"]]
    page["C2"] = "hcdh"
    kept = io.BytesIO()
    book.save(kept)
    checked = client.post("/api/v1/workplans/2015/imports/checks", data=kept.getvalue(), headers=oim | {"Content-Type": XLSX})
    assert checked.json["problems"] == []
    (asked,) = [payload for what, payload, _ in services.asked if what == "workplan.check_import"]
    assert asked["activities"][0]["lead"] == "OHCHR"
    others = {it["activity"]: it["lead"] for it in asked["activities"][1:]}
    assert others == {id: plan[id]["lead"] for id in others}


def test_what_a_sheet_of_one_language_says_names_nobody_else_in_another(app):
    register = Services()
    items = [{"code": "AAA", "names": {}, "acronyms": {"fr": "XYZ"}}, {"code": "BBB", "names": {}, "acronyms": {"en": "XYZ"}}]
    register.answers("chairs.entities", {"items": items, "next": None})
    with app.app_context():
        g.acronyms = Acronyms(register)
        assert [names.meant(names.typed("AAA", "fr"), language) for language in LANGUAGES] == ["AAA", "AAA"]


def test_who_was_there_besides_is_known_by_the_acronym_of_the_reader(client, services, person, oim):
    called_in_french(services)
    services.answers("chairs.history", samples.history())
    services.answers("workplan.record_attendance", Refusal.conflict("No.", rule="exists"))
    settled(client, oim, "/api/v1/chairs/history.svg", ">HCR<")
    log_in(client, person("garde", None, "secretariat", language="fr"))
    typed = {"csrf_token": form_of(client.get("/account")), "act": "record_attendance", "other": "hcdh", "people_of_other": "A. B."}
    client.post("/meetings/m1", data=typed)
    (asked,) = [payload for what, payload, _ in services.asked if what == "workplan.record_attendance"]
    assert [one["entity"] for one in asked["attendance"]] == ["OHCHR"]
