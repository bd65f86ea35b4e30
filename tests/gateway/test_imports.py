"""A plan as a spreadsheet that comes in: what is wrong is told by its cell, and a hostile file costs next to nothing."""

import functools
import io
import re
import time
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from contracts.base import load
from contracts.problems import invalid
from contracts.workplan import ImportPlan
from gateway.forms import plan_import, plan_sheet, spreadsheet
from gateway.forms.spreadsheet import escaped, unescaped
from press.package import XLSX as MEDIA_TYPE
from services.kernel.refusal import Refusal
from tests.gateway import samples

IMPORTS = "/api/v1/workplans/2015/imports"
CHECKS = f"{IMPORTS}/checks"


@pytest.fixture
def iom(person, bearer):
    return bearer(person("iom", "IOM")) | {"Content-Type": MEDIA_TYPE}


@pytest.fixture
def fit(services):
    """The service finds nothing wrong."""
    services.answers("workplan.check_import", samples.import_answer(unchanged=["paper", "survey"]))
    services.answers("workplan.import_plan", samples.import_answer(changed=["paper"]))
    return services


@functools.cache
def as_given(language: str = "en") -> bytes:
    """The plan as it goes out."""
    return plan_sheet.write(samples.plan(), language, "http://localhost")


def sheet(change: Callable[[Workbook], None] | None = None) -> bytes:
    """The plan as it goes out, changed as a person might have."""
    if change is None:
        return as_given()
    book = openpyxl.load_workbook(io.BytesIO(as_given()))
    change(book)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def with_member(name: str, content: bytes, raw: bytes | None = None) -> bytes:
    """A workbook with one member replaced, or added."""
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw or sheet())) as old, zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            if member.filename != name:
                new.writestr(member.filename, old.read(member))
        new.writestr(name, content)
    return kept.getvalue()


def put(page: str, cell: str, value: Any) -> Callable[[Workbook], None]:
    def change(book: Workbook) -> None:
        book[page][cell] = value

    return change


# What comes out goes in again -----------------------------------------------------------------------------------------------------------


def substance(activities: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What an import says of the activities of a plan's answer."""
    fields = {sheet: [column.field for column in columns if column.field != "activity"] for sheet, columns in plan_sheet.PARTS.items()}
    wanted = [
        {name: one[name] for name in ("activity", "title", "lead", "contributors", "pillars", "paragraphs", "objective", "depends_on")}
        | {part: [{name: of[name] for name in names} for of in one[part]] for part, names in fields.items()}
        for one in activities
        if one["status"] != "cancelled"
    ]
    return load(ImportPlan, {"year": 2015, "activities": wanted})["activities"]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_comes_out_goes_in_again(client, fit, iom, language):
    answer = client.post(IMPORTS, data=as_given(language), headers=iom)
    assert answer.status_code == 200, answer.text
    name, payload, _ = fit.asked[-1]
    assert name == "workplan.import_plan"
    taken = load(ImportPlan, payload)
    assert taken["activities"] == substance(samples.plan()["activities"])
    assert taken["digest"] == samples.plan()["digest"]


_words = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\t\n=+-@'_x000D_"), min_size=1, max_size=40)
_moments = st.datetimes(datetime(1950, 1, 1), datetime(2150, 1, 1))


@settings(max_examples=15, deadline=None)
# Fifteen digits are what a spreadsheet keeps of a number.
@given(_words, _words, _moments, st.decimals("0.01", "9999999999999.99", places=2))
def test_whatever_stands_in_a_plan_comes_back(title, objective, due, amount):
    needed = {"id": "n", "purpose": title, "amount": str(amount), "currency": "USD"}
    step = {"id": "m", "title": title, "due": f"{due.isoformat()}Z", "due_reason": objective.strip(), "met_at": None, "late": False}
    one = samples.activity(title=title, objective=objective, milestones=[step], needs=[needed], deliverables=[])
    try:
        wanted = substance([one])
    except Exception:  # a blank title, which no plan has
        return
    sent = {}
    raw = plan_sheet.write({"year": 2015, "digest": "a" * 64, "activities": [one]}, "en", "")
    plan_import.take(raw, {"year": 2015}, "en", check=False, ask=lambda name, payload: sent.update({name: payload}))
    assert load(ImportPlan, sent["import_plan"])["activities"] == wanted


def test_a_sheet_of_an_earlier_text_is_told_by_its_cells_and_what_it_would_undo(client, services, iom):
    undone = {"activity": "survey", "title": "Survey", "kind": "changed", "before": {"title": "New"}, "after": {"title": "Survey"}}
    stale = {"field": "activities.1.activity", "rule": "import-stale", "detail": "Take a new one.", "accepted": "GET it"}
    services.answers("workplan.check_import", samples.import_answer(changed=["survey"], differences=[undone], problems=[stale]))
    answer = client.post(CHECKS, data=sheet(lambda book: book.move_sheet("Read me", 4)), headers=iom)
    assert services.asked[-1][1]["digest"] == samples.plan()["digest"]
    assert answer.json["differences"] == [undone]
    assert [(p["cell"], p["rule"]) for p in answer.json["problems"]] == [("A3", "import-stale")]


@given(st.text())
def test_every_text_survives_the_formats_escaping(text):
    assert unescaped(escaped(text)) == text


def test_half_a_character_is_none():
    assert unescaped("_xD83D__x0041_") == "_xD83D_A"


def test_no_text_becomes_a_formula(client, services, iom):
    services.answers("workplan.get_plan", samples.plan())
    raw = client.get("/api/v1/workplans/2015/plan.xlsx", headers=iom).data
    book = openpyxl.load_workbook(io.BytesIO(raw))
    assert book["Deliverables"]["D2"].value == samples.HOSTILE
    for page in book:
        for row in page.iter_rows():
            for cell in row:
                assert cell.data_type != "f", cell.coordinate
                if isinstance(cell.value, str) and cell.value[0] in "=+-@":
                    assert cell.quotePrefix, "it stays text when somebody edits it"


def test_a_person_finds_a_sheet_made_for_people(client, services, iom):
    services.answers("workplan.get_plan", samples.plan())
    book = openpyxl.load_workbook(io.BytesIO(client.get("/api/v1/workplans/2015/plan.xlsx", headers=iom).data))
    assert book.sheetnames == ["Read me", "Activities", "Deliverables", "Milestones", "Needs"]
    for name in book.sheetnames[1:]:
        assert book[name].freeze_panes == "B2"
        assert all(book[name].column_dimensions[cell.column_letter].width >= 10 for cell in book[name][1])
    assert book["Deliverables"]["E1"].value == "Due (UTC)"
    assert book["Deliverables"]["E2"].value == datetime(2015, 9, 1, 12)
    assert book["Deliverables"]["E2"].is_date
    assert book["Needs"]["D2"].value == 120000.5
    assert "gone" not in {cell.value for cell in book["Activities"]["A"]}, "what was cancelled is no part of the plan"


def test_the_same_plan_is_the_same_file():
    first = as_given.__wrapped__()
    time.sleep(1.1)
    assert as_given.__wrapped__() == first


# How a person fills it in ---------------------------------------------------------------------------------------------------------------


def test_empty_rows_other_orders_and_other_words_are_understood(client, fit, iom):
    def change(book: Workbook) -> None:
        page = book["Needs"]
        page["A9"], page["C9"], page["D9"], page["E9"] = "survey", "Printing", 1500, "CHF"
        for row in page.iter_rows(min_row=1, max_row=9):  # two columns change places
            row[3].value, row[4].value = row[4].value, row[3].value
        book["Activities"]["E2"] = "PRÉVENTION ;  Protection"
        book["Activities"]["F2"] = 14
        book["Milestones"]["D2"] = "2015-06-30T12:00:00+02:00"
        del book["Read me"]
        del book["Deliverables"]

    answer = client.post(IMPORTS, data=sheet(change), headers=iom)
    assert answer.status_code == 200, answer.text
    taken = load(ImportPlan, fit.asked[-1][1])
    assert taken["digest"] is None, "of a sheet made by hand it is not known of which text it was made"
    paper, survey = taken["activities"]
    assert survey["needs"] == [{"id": None, "purpose": "Printing", "amount": "1500.00", "currency": "CHF"}]
    assert (paper["pillars"], paper["paragraphs"]) == (["prevention", "protection"], [14])
    assert paper["milestones"][0]["due"].hour == 10
    assert paper["deliverables"] is None, "a sheet that is left out changes nothing"


def test_a_file_of_another_program_is_read():
    """Shared texts, some in parts and with how they are said, other prefixes, days counted from 1904, a relation from the root."""
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    members = {
        "_rels/.rels": f'''<Relationships xmlns="{package}">
            <Relationship Id="a" Type="{office}/officeDocument" Target="/xl/book.xml"/></Relationships>''',
        "xl/_rels/book.xml.rels": f'''<p:Relationships xmlns:p="{package}">
            <p:Relationship Id="s1" Type="{office}/worksheet" Target="worksheets/../page.xml"/>
            <p:Relationship Id="s2" Type="{office}/sharedStrings" Target="texts.xml"/>
            <p:Relationship Id="s3" Type="{office}/styles" Target="styles.xml"/>
            <p:Relationship Id="s4" Type="{office}/externalLink" Target="file:///etc/passwd" TargetMode="External"/>
            </p:Relationships>''',
        "xl/book.xml": f'''<x:workbook xmlns:x="m" xmlns:r="{office}"><x:workbookPr date1904="1"/>
            <x:sheets><x:sheet name="One" sheetId="1" r:id="s1"/></x:sheets></x:workbook>''',
        "xl/texts.xml": """<sst><si><t>plain</t></si><si><r><t>in </t></r><r><t xml:space="preserve">parts</t></r>
            <rPh sb="0" eb="1"><t>said so</t></rPh></si><si><t>two_x000D_lines</t></si></sst>""",
        "xl/styles.xml": """<styleSheet><numFmts><numFmt numFmtId="170" formatCode="dd/mm/yy"/></numFmts>
            <cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="170"/></cellXfs></styleSheet>""",
        "xl/page.xml": """<x:worksheet xmlns:x="m"><x:sheetData><x:row><x:c t="s"><x:v>0</x:v></x:c><x:c t="s"><x:v>1</x:v></x:c>
            <x:c r="E1" t="s"><x:v>2</x:v></x:c><x:c t="b"><x:v>1</x:v></x:c></x:row><x:row r="5"><x:c s="1"><x:v>1</x:v></x:c>
            <x:c><x:v>2.50</x:v></x:c><x:c t="e"><x:v>#REF!</x:v></x:c><x:c t="d"><x:v>2015-01-02T03:04:05</x:v></x:c>
            <x:c t="str"><x:f>A1</x:f><x:v>kept</x:v></x:c><x:c t="s"/><x:c s="1"/></x:row></x:sheetData></x:worksheet>""",
    }
    (page,) = spreadsheet.read(_zip({name: text.encode() for name, text in members.items()}), "en")
    assert page.name == "One"
    assert {at: cell.value for at, cell in page.rows[1].items()} == {1: "plain", 2: "in parts", 5: "two\rlines", 6: True}
    assert {at: cell.value for at, cell in page.rows[5].items() if not cell.error and not cell.formula} == {
        1: date(1904, 1, 2),
        2: 2.5,
        4: datetime(2015, 1, 2, 3, 4, 5),
    }
    assert (page.rows[5][3].error, page.rows[5][5].formula) == (True, True)


def due(value: Any, shown: str = "General") -> Callable[[Workbook], None]:
    """A due date as a person, or another program, may have entered it."""

    def change(book: Workbook) -> None:
        cell = book["Deliverables"]["E2"]
        cell.value, cell.number_format = value, shown

    return change


@pytest.mark.parametrize(
    ("change", "taken"),
    [
        (due(date(2015, 6, 30), "dd/mm/yyyy"), "2015-06-30T23:59:00Z"),
        (due(datetime(2015, 6, 30), "dd/mm/yyyy hh:mm"), "2015-06-30T00:00:00Z"),
        (due(datetime(2015, 6, 30, 17, 30), "dd/mm/yyyy"), "2015-06-30T17:30:00Z"),
        *(
            (due(date(2015, 6, 30), shown), "2015-06-30T23:59:00Z")
            for shown in ("YYYY-MM-DD", "[$-x-sysdate]dddd, mmmm dd, yyyy", "[$-es-ES]d mmmm yyyy;@", 'd mmmm yyyy "(este)"')
        ),
        (due(datetime(2015, 6, 30), "[$-409]d/m/yy h:mm AM/PM;@"), "2015-06-30T00:00:00Z"),
        (due("2015-06-30"), "2015-06-30T23:59:00Z"),
        (due("2015-06-30 12:00"), "2015-06-30T12:00:00Z"),
        (due(" 2015-06-30T12:00:30 "), "2015-06-30T12:00:30Z"),
        (due("2015-06-30T12:00:00+02:00"), "2015-06-30T12:00:00+02:00"),
    ],
)
def test_a_day_lasts_to_its_end_and_a_time_is_in_utc(client, fit, iom, change, taken):
    answer = client.post(IMPORTS, data=sheet(change), headers=iom)
    assert answer.status_code == 200, answer.text
    assert fit.asked[-1][1]["activities"][0]["deliverables"][0]["due"] == taken


def test_what_is_said_to_be_a_date_is_taken(client, fit, iom):
    (told,) = client.post(CHECKS, data=sheet(due("in autumn")), headers=iom).json["problems"]
    assert client.post(IMPORTS, data=sheet(due(told["accepted"])), headers=iom).status_code == 200


def test_json_is_taken_on_the_same_routes(client, fit, person, bearer):
    headers = bearer(person("iom", "IOM"))
    body = {"activities": [{"activity": "paper", "title": "Paper", "lead": "IOM"}]}
    assert client.post(CHECKS, json=body, headers=headers).json["unchanged"] == ["paper", "survey"]
    assert client.post(IMPORTS, json=body, headers=headers).json["changed"] == ["paper"]
    refused = client.post(IMPORTS, data=b"x", headers=headers | {"Content-Type": "text/csv"})
    assert (refused.status_code, refused.json["accepted"]) == (415, ["application/json", MEDIA_TYPE])
    elsewhere = client.post("/api/v1/workplans", data=sheet(), headers=headers | {"Content-Type": MEDIA_TYPE})
    assert elsewhere.status_code == 415


def test_sent_twice_under_one_key_it_is_taken_once(client, fit, iom):
    raw = sheet()
    first, second = (client.post(IMPORTS, data=raw, headers=iom | {"Idempotency-Key": "k1"}) for _ in range(2))
    assert (first.json, second.headers["Idempotency-Replayed"]) == (second.json, "true")
    assert len(fit.causes("workplan.import_plan")) == 1
    other = client.post(IMPORTS, data=sheet(put("Activities", "B3", "Other")), headers=iom | {"Idempotency-Key": "k1"})
    assert other.json["rule"] == "key-reused" or other.status_code == 422


# What is wrong, by its cell -------------------------------------------------------------------------------------------------------------

FAULTS: dict[str, tuple[Callable[[Workbook], None], str, str | None, str]] = {
    "paragraph 62": (put("Activities", "F2", "12, 62"), "Activities", "F2", "contract"),
    "no number": (put("Activities", "F2", "twelve"), "Activities", "F2", "sheet-numbers"),
    "a pillar that is none": (put("Activities", "E2", "prevention, peace"), "Activities", "E2", "sheet-word"),
    "a kind that is none": (put("Deliverables", "C3", "poem"), "Deliverables", "C3", "sheet-word"),
    "a currency that is none": (put("Needs", "E2", "XYZ"), "Needs", "E2", "contract"),
    "less than nothing": (put("Needs", "D2", -5), "Needs", "D2", "contract"),
    "half a yen": (lambda book: (put("Needs", "E2", "JPY")(book), put("Needs", "D2", 10.5)(book)), "Needs", "D2", "contract"),
    "an amount that is a date": (put("Needs", "D2", datetime(2015, 1, 1)), "Needs", "D2", "sheet-amount"),
    "no date": (put("Deliverables", "E2", "in autumn"), "Deliverables", "E2", "sheet-date"),
    "a date of another age": (put("Deliverables", "E2", "1066-10-14T09:00:00Z"), "Deliverables", "E2", "contract"),
    "a number for a date": (put("Milestones", "D2", True), "Milestones", "D2", "sheet-date"),
    "no due date": (put("Milestones", "D2", None), "Milestones", "D2", "contract"),
    "a formula": (put("Activities", "B3", "=1+1"), "Activities", "B3", "sheet-formula"),
    "a date for a title": (put("Activities", "B3", datetime(2015, 1, 1)), "Activities", "B3", "sheet-text"),
    "a title too long": (put("Activities", "B3", "x" * 301), "Activities", "B3", "contract"),
    "no lead's code": (put("Activities", "C3", "the ilo"), "Activities", "C3", "contract"),
    "no identifier": (put("Activities", "A3", "my activity!"), "Activities", "A3", "contract"),
    "an activity without a name": (put("Activities", "A3", None), "Activities", "A3", "sheet-activity"),
    "an activity twice": (put("Activities", "A3", "paper"), "Activities", "A3", "sheet-activity-doubled"),
    "a milestone of no activity": (put("Milestones", "A2", "nothing"), "Milestones", "A2", "sheet-activity"),
    "merged cells": (lambda book: book["Activities"].merge_cells("B2:C3"), "Activities", "B2:C3", "sheet-merged"),
    "a cell aside": (put("Needs", "H2", "a note"), "Needs", "H2", "sheet-no-heading"),
    "a column of one's own": (put("Needs", "F1", "Remarks"), "Needs", "F1", "sheet-column-unknown"),
    "a column twice": (put("Needs", "F1", "Amount"), "Needs", "F1", "sheet-column-doubled"),
    "a column missing": (put("Needs", "D1", None), "Needs", "1:1", "sheet-column-missing"),
    "a sheet of one's own": (lambda book: book.create_sheet("Notes"), "Notes", None, "sheet-name"),
    "no sheet of activities": (lambda book: book.remove(book["Activities"]), "Activities", None, "sheet-missing"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_by_its_cell_and_nothing_is_changed(client, fit, iom, name):
    change, page, cell, rule = FAULTS[name]
    raw = sheet(change)
    checked = client.post(CHECKS, data=raw, headers=iom)
    assert checked.status_code == 200, checked.text
    told = [one for one in checked.json["problems"] if (one["sheet"], one["cell"]) == (page, cell)]
    assert [one["rule"] for one in told] == [rule], checked.json["problems"]
    assert told[0]["detail"]
    if cell and re.fullmatch("[A-Z]+[0-9]+", cell):
        assert f"{told[0]['column']}{told[0]['row']}" == cell
        assert told[0]["heading"] or rule == "sheet-no-heading"
    refused = client.post(IMPORTS, data=raw, headers=iom)
    assert (refused.status_code, refused.json["rule"]) == (422, "import-whole")
    assert refused.json["problems"] == checked.json["problems"]
    assert "workplan.import_plan" not in {name for name, _, _ in fit.asked}


def test_of_a_new_row_without_a_name_all_that_is_wrong_is_told_in_the_order_of_the_sheets(client, services, iom):
    def change(book: Workbook) -> None:
        sheet = book["Activities"]
        for place, value in enumerate((None, "Training", "XYZ"), 1):
            sheet.cell(4, place).value = value
        sheet["F4"] = "70"
        book["Deliverables"]["E2"] = "in autumn"

    seen: list[dict[str, Any]] = []

    def check(payload: dict[str, Any], cause: Any) -> dict[str, Any]:
        seen.extend(payload["activities"])
        wrong = {"field": "activities.2.lead", "rule": "lead-seated", "detail": "XYZ has no seat.", "accepted": ["ILO"]}
        return samples.import_answer(added=["row-4"], problems=[wrong])

    services.answers("workplan.check_import", check)
    checked = client.post(CHECKS, data=sheet(change), headers=iom).json
    assert [(one["sheet"], one["column"], one["row"]) for one in checked["problems"]] == [
        ("Activities", "A", 4),
        ("Activities", "C", 4),
        ("Activities", "F", 4),
        ("Deliverables", "E", 2),
    ]
    assert "For a new activity choose one" in checked["problems"][0]["detail"]
    assert seen[2]["title"] == "Training"
    assert checked["added"] == [], "it has no name yet"


def test_of_an_activity_with_a_fault_nothing_is_foretold(client, services, iom):
    """What was left out of it would seem to be taken away."""
    differences = [{"activity": id, "title": id, "kind": "changed", "before": {}, "after": {}} for id in ("paper", "survey")]
    services.answers("workplan.check_import", samples.import_answer(changed=["paper", "survey"], differences=differences))
    checked = client.post(CHECKS, data=sheet(put("Deliverables", "E3", "in autumn")), headers=iom).json
    faulty = openpyxl.load_workbook(io.BytesIO(as_given()))["Deliverables"]["A3"].value
    (other,) = {"paper", "survey"} - {faulty}
    assert (checked["changed"], [one["activity"] for one in checked["differences"]]) == ([other], [other])


def test_a_file_with_nothing_in_it_is_no_workbook(client, services, iom):
    refused = client.post(IMPORTS, data=b"", headers=iom)
    assert (refused.status_code, refused.json["rule"]) == (400, "sheet-no-workbook")
    assert services.asked == []


def test_headings_of_another_language_are_told_with_those_we_know(client, fit, iom):
    def change(book: Workbook) -> None:
        for cell, heading in zip(
            book["Activities"][1], ("Aktivität", "Titel", "Leitung", "Mitwirkende", "Säulen", "§§", "Ziel", "Nach"), strict=True
        ):
            cell.value = heading

    (told,) = client.post(CHECKS, data=sheet(change), headers=iom).json["problems"]
    assert (told["rule"], told["sheet"], told["row"]) == ("sheet-headings", "Activities", 1)
    assert "Aktivität, Titel, Leitung" in told["detail"]
    assert told["accepted"]["en"][:3] == ["Activity", "Title", "Lead"]
    assert told["accepted"]["fr"][:3] == ["Activité", "Titre", "Chef de file"]


def test_every_problem_is_told_at_once_and_in_the_readers_language(client, services, person, bearer):
    """Those of reading, of the contract, and of the Group's rules; what a cell at fault brings with it is not told again."""
    services.answers(
        "workplan.check_import",
        lambda payload, cause: samples.import_answer(
            problems=[
                {"field": "activities.0.title", "rule": "title", "detail": "A title is needed.", "accepted": None},
                {"field": "activities.1.lead", "rule": "lead-member", "detail": "IOM is no member.", "accepted": ["ILO"]},
                {"field": "activities.1.depends_on.0", "rule": "no-circle", "detail": "paper waits for survey.", "accepted": None},
                {"field": "activities.0.deliverables.0.due", "rule": "due-in-year", "detail": "Say why.", "accepted": None},
            ]
        ),
    )

    def change(book: Workbook) -> None:
        book["Activities"]["B2"] = "=A1"
        book["Activities"]["F2"] = "62"
        book["Activities"]["H3"] = "paper"
        book["Deliverables"]["E3"] = "soon"

    headers = bearer(person("oim", "IOM", language="fr")) | {"Content-Type": MEDIA_TYPE}
    answer = client.post(CHECKS, data=sheet(change), headers=headers)
    cells = {f"{one['sheet']}!{one['cell']}": one for one in answer.json["problems"]}
    assert set(cells) == {"Activities!B2", "Activities!F2", "Activities!C3", "Activities!H3", "Deliverables!E2", "Deliverables!E3"}
    assert len(answer.json["problems"]) == 6
    assert "formule" in cells["Activities!B2"]["detail"]
    assert (cells["Activities!C3"]["heading"], cells["Activities!C3"]["accepted"]) == ("Lead", ["ILO"])
    _, payload, _ = services.asked[-1]
    assert "title" not in payload["activities"][0]
    assert [one["id"] for one in payload["activities"][0]["deliverables"]] == ["text"], "the row at fault was left out"


def test_the_services_own_refusal_of_an_import_is_told_by_cell_too(client, services, iom):
    circle = {"field": "activities.0.depends_on", "rule": "no-circle", "detail": "survey waits for paper.", "accepted": None}
    refusal = Refusal.invalid("activities", "Nothing was imported.", rule="import-whole", extra={"problems": [circle]})
    services.answers("workplan.import_plan", refusal)
    answer = client.post(IMPORTS, data=sheet(), headers=iom)
    assert answer.status_code == 422
    (told,) = answer.json["problems"]
    assert (told["sheet"], told["cell"], told["heading"], told["rule"]) == ("Activities", "H2", "Depends on", "no-circle")
    services.answers("workplan.import_plan", Refusal.conflict("The plan is in force.", rule="plan-state"))
    assert client.post(IMPORTS, data=sheet(), headers=iom).json["rule"] == "plan-state"


def test_who_may_not_is_told_so_before_anything_else(client, services, iom):
    services.answers("workplan.check_import", Refusal.not_found("There is no plan."))
    answer = client.post(CHECKS, data=sheet(put("Needs", "E2", "XYZ")), headers=iom)
    assert answer.status_code == 404
    assert "problems" not in answer.json
    assert client.post(CHECKS, data=sheet(), headers={"Content-Type": MEDIA_TYPE}).status_code == 401
    assert client.post("/api/v1/workplans/1066/imports", data=sheet(), headers=iom).json["field"] == "year"


# Hostile files --------------------------------------------------------------------------------------------------------------------------

ENTITIES = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<worksheet><sheetData><row><c t="str"><v>&b;</v></c></row></sheetData></worksheet>"""
EXTERNAL = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet>&a;</worksheet>"""
STRINGS = "xl/sharedStrings.xml"
FIRST = "xl/worksheets/sheet2.xml"


def _page(inner: str) -> bytes:
    return f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{inner}</worksheet>'.encode()


def _encrypted() -> bytes:
    raw = bytearray(sheet())
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    return bytes(raw)


def _zip(members: dict[str, bytes]) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return kept.getvalue()


def _damaged() -> bytes:
    raw = bytearray(sheet())
    with zipfile.ZipFile(io.BytesIO(bytes(raw))) as archive:
        member = archive.getinfo(FIRST)
    middle = member.header_offset + 60 + member.compress_size // 2
    raw[middle : middle + 40] = bytes(40)
    return bytes(raw)


def _sharing(text: str, cells: int) -> bytes:
    """A workbook in which so many cells share one text, which takes the room of one."""
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    rels = "".join(f'<Relationship Type="{kind}/worksheet" Target="worksheets/sheet{n}.xml" Id="rId{n}"/>' for n in range(1, 6))
    rels += f'<Relationship Type="{kind}/sharedStrings" Target="sharedStrings.xml" Id="rId9"/>'
    raw = with_member("xl/_rels/workbook.xml.rels", f"<Relationships>{rels}</Relationships>".encode())
    raw = with_member(STRINGS, f"<sst><si><t>{text}</t></si></sst>".encode(), raw)
    return with_member(FIRST, _page("<sheetData><row>" + '<c t="s"><v>0</v></c>' * cells + "</row></sheetData>"), raw)


HOSTILE: dict[str, tuple[Callable[[], bytes], int, str]] = {
    "no workbook": (lambda: b"Activity;Title\npaper;Demand", 400, "sheet-no-workbook"),
    "another zip": (lambda: with_member("[Content_Types].xml", b"", _zip({"a.txt": b"x"})), 400, "sheet-no-workbook"),
    "an old or encrypted file": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), 400, "sheet-encrypted"),
    "an encrypted zip": (_encrypted, 400, "sheet-encrypted"),
    "a broken zip": (lambda: sheet()[:-40], 400, "sheet-no-workbook"),
    "a damaged member": (_damaged, 400, "sheet-no-workbook"),
    "macros": (lambda: with_member("xl/vbaProject.bin", b"x"), 400, "sheet-macros"),
    "entities that grow": (lambda: with_member(FIRST, ENTITIES), 400, "sheet-entities"),
    "entities from elsewhere": (lambda: with_member(FIRST, EXTERNAL), 400, "sheet-entities"),
    "entities in another encoding": (lambda: with_member(FIRST, ENTITIES.decode().encode("utf-16")), 400, "sheet-entities"),
    "a zip bomb": (lambda: with_member(STRINGS, bytes(40 * 1024 * 1024)), 413, "sheet-size"),
    "too many members": (lambda: _zip({f"{n}.xml": b"" for n in range(300)}), 413, "sheet-size"),
    "too many cells": (lambda: with_member(FIRST, _page("<sheetData><row>" + "<c/>" * 500_000 + "</row></sheetData>")), 413, "sheet-size"),
    "no XML": (lambda: with_member(FIRST, b"<worksheet><sheetData>"), 400, "sheet-no-workbook"),
    "a text that is not there": (
        lambda: with_member(FIRST, _page('<sheetData><row><c t="s"><v>999999</v></c></row></sheetData>')),
        400,
        "sheet-no-workbook",
    ),
    "one long text in many cells": (lambda: _sharing("A," * 50_000, 5_000), 413, "sheet-size"),
    "a row that cannot be": (lambda: with_member(FIRST, _page('<sheetData><row r="99999999999"/></sheetData>')), 400, "sheet-no-workbook"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_at_little_cost(client, services, iom, name):
    make, status, rule = HOSTILE[name]
    raw = make()
    began = time.process_time()
    for path in (CHECKS, IMPORTS):
        answer = client.post(path, data=raw, headers=iom)
        assert (answer.status_code, answer.json.get("rule")) == (status, rule), answer.text
        assert answer.json["accepted"] == MEDIA_TYPE
    assert time.process_time() - began < 8
    assert services.asked == []


def test_ten_megabytes_are_not_even_read(client, services, iom):
    for raw in (bytes(10 * 1024 * 1024), sheet() + bytes(2 * 1024 * 1024)):
        answer = client.post(CHECKS, data=raw, headers=iom)
        assert (answer.status_code, answer.json["rule"]) == (413, "body-limit")
    assert services.asked == []


def test_a_merged_range_of_the_whole_sheet_is_not_built_cell_by_cell(client, fit, iom):
    inner = '<sheetData/><mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    began = time.process_time()
    answer = client.post(CHECKS, data=with_member(FIRST, _page(inner)), headers=iom)
    assert time.process_time() - began < 2
    assert "A1:XFD1048576" in {one["cell"] for one in answer.json["problems"]}


def test_more_rows_than_any_plan_are_refused(client, fit, iom):
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="str"><v>a{n}</v></c></row>' for n in range(1, 12_000))
    answer = client.post(CHECKS, data=with_member(FIRST, _page(f"<sheetData>{rows}</sheetData>")), headers=iom)
    assert ("Activities", "sheet-rows", 10_000) in {
        (one["sheet"], one["rule"], str(one["accepted"]) and 10_000) for one in answer.json["problems"]
    }


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=60), st.floats(0, 1), st.sampled_from([STRINGS, FIRST, "xl/styles.xml", "xl/workbook.xml", "_rels/.rels", ""]))
def test_whatever_is_done_to_a_file_it_is_read_or_refused(noise, where, member):
    raw = sheet()
    if member:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            content = archive.read(member) if member in archive.namelist() else b"<sst/>"
        at = int(where * len(content))
        raw = with_member(member, content[:at] + noise + content[at + len(noise) :], raw)
    else:
        at = int(where * len(raw))
        raw = raw[:at] + noise + raw[at + len(noise) :]
    try:
        spreadsheet.read(raw, "en")
    except Refusal as refusal:
        assert refusal.rule.startswith("sheet-")


def test_the_contracts_own_words_are_those_told():
    """The list a check answers is made of the contract's errors, path by path."""
    with pytest.raises(Exception) as caught:
        load(ImportPlan, {"year": 2015, "activities": [{"activity": "a", "paragraphs": [62]}]})
    assert invalid(caught.value).field == "activities.0.paragraphs.0"
