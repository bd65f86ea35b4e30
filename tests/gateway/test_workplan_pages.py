"""The workplan on its pages: what is shown of a plan, which orders are offered to whom, and what each sends: without a browser, with
services that a test stands in for."""

import base64
import io
import re
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import pytest

from contracts import workplan
from contracts.base import load
from gateway.forms import gantt, plan_sheet
from gateway.web.words import WORDS
from gateway.web.workplan import ACTS, gaps_of, next_due
from services.kernel.refusal import Refusal
from tests.gateway import samples
from tests.gateway.test_web import GROUP, form_of, log_in

YEAR = "/workplans/2015"
PAPER = f"{YEAR}/activities/paper"
LATER = f"{YEAR}/amendments/later"
ON_PLAN = ("set_passing_rule", "open_consultation", "open_adoption", "extend_adoption", "take_position", "carry_over", "close_plan")
ON_ACTIVITY = {
    "change_activity": {"change_activity"},
    "cancel_activity": {"cancel_activity"},
    "propose_amendment": {"propose_change", "propose_drop"},
    "report_progress": {"report_progress"},
    "mark_delivered": {"mark_delivered"},
    "secure_funding": {"secure_funding"},
    "end_funding": {"end_funding"},
}


def says(entity: str, word: str, **more: Any) -> dict[str, Any]:
    told = {"entity": entity, "word": word, "digest": "c" * 64, "at": "2015-01-12T09:00:00Z", "person": "someone", "letter": ""}
    return told | {"reasons": "", "proposal": "", "on_behalf": False, "tacit": False, "current": True, "stale": False} | more


def clearance(**more: Any) -> dict[str, Any]:
    """One that runs over the plan, in which one entity has objected."""
    told = {"amendment": None, "digest": "e" * 64, "by": "silence", "state": "open", "opened_at": "2015-01-10T00:00:00Z"}
    told |= {"deadline": "2015-01-20T12:00:00Z", "settled_at": None, "counting": ["ILO", "IOM"], "awaiting": ["IOM"]}
    return told | {"positions": [says("ILO", "object", reasons="The <b>survey</b> comes too late.")]} | more


def plan(state: str = "adoption", *may: str, **more: Any) -> dict[str, Any]:
    adopted = {"adopted_at": None, "baseline": None} if state in ("draft", "consultation", "adoption") else {}
    return samples.plan(state=state, may=list(may), adoption=clearance(), **adopted, **more)


def activity(*may: str, **more: Any) -> dict[str, Any]:
    return samples.checked(workplan.ActivityAnswer, samples.activity() | {"version": 12, "may": list(may)} | more)


@pytest.fixture
def told(services):
    for what, answer in {
        "chairs.overview": GROUP,
        "workplan.plans": {"items": [{**plan("draft"), "year": 2015}], "next": None},
        "workplan.get_plan": plan("in_force"),
        "workplan.activities": lambda payload, cause: samples.activities(**payload),
        "workplan.get_activity": activity(),
        "workplan.positions": {"version": 12, "year": 2015, "clearances": [clearance(), clearance(amendment="later")]},
        "workplan.baseline": samples.baseline(),
        "workplan.coverage": samples.coverage(),
        "workplan.annual_report": samples.report(),
    }.items():
        services.answers(what, answer)
    return services


@pytest.fixture
def iom(client, person, told):
    person("iom", "IOM")
    log_in(client, "iom")
    return client


@pytest.fixture
def secretariat(client, person, told):
    person("sec", None, "secretariat")
    log_in(client, "sec")
    return client


def offered(page) -> set[str]:
    return set(re.findall(r'name="act" value="(\w+)"', page.text))


def orders(services, name: str) -> list[tuple[dict[str, Any], int | None]]:
    """What was ordered, as the contract takes it, and as of which version."""
    found = [(payload, cause.expected) for what, payload, cause in services.asked if what == f"workplan.{name}"]
    for payload, _ in found:
        load(workplan.contract.commands[name], payload)
    return found


def shown_fields(page, act: str) -> dict[str, list[str]]:
    """What a browser would send of one form of the page."""
    form = next(form for form in re.findall(r"<form.*?</form>", page.text, re.DOTALL) if f'name="act" value="{act}"' in form)
    sent: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r' value="([^"]*)"', tag)
        if name and ('type="checkbox"' not in tag or " checked" in tag):
            sent.setdefault(name[1], []).append(_plain(value[1]) if value else "")
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL):
        sent[name] = [_plain(text)]
    for name, inner in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected>', inner)
        sent[name] = [chosen[1] if chosen else ""]
    return sent


def _plain(text: str) -> str:
    for sign, plain in (("&lt;", "<"), ("&gt;", ">"), ("&#34;", '"'), ("&#39;", "'"), ("&amp;", "&")):
        text = text.replace(sign, plain)
    return text


# What is shown --------------------------------------------------------------------------------------------------------------------------

PAGES = ["", "/add", "/activities/paper", "/amendments/later", "/positions", "/baseline", "/import", "/coverage", "/report"]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "once every entity has spoken for it; if one has not by the deadline, the adoption lapses."),
        ("fr", "à défaut, l’adoption devient caduque à l’échéance."),
    ],
)
def test_of_an_express_adoption_the_board_says_what_its_deadline_does(client, person, told, language, said):
    person("iom", "IOM", language=language)
    log_in(client, "iom")
    for deadline in ("2015-01-20T12:00:00Z", None):
        told.answers("workplan.get_plan", plan("adoption") | {"adoption": clearance(by="express", positions=[], deadline=deadline)})
        assert (said in client.get(YEAR).text) == (deadline is not None)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("part", PAGES)
def test_every_page_renders_in_both_languages_with_one_heading_and_without_scripts(client, person, told, part, language):
    told.answers("workplan.get_plan", plan("in_force", *ON_PLAN, "propose_amendment", "import_plan"))
    told.answers("workplan.get_activity", activity(*ON_ACTIVITY))
    person("iom", "IOM", language=language)
    log_in(client, "iom")
    answer = client.get(f"{YEAR}{part}")
    assert answer.status_code == 200, answer.text
    assert answer.text.count("<h1") == 1
    for never in ("<b>supply", "<b>survey", "<script", "style=", "javascript:"):
        assert never not in answer.text
    ids = re.findall(r' id="([^"]+)"', answer.text)
    assert len(ids) == len(set(ids)), [one for one in ids if ids.count(one) > 1]


def test_who_has_no_account_is_asked_to_log_in(client, told):
    for page in PAGES:
        assert client.get(f"{YEAR}{page}").headers["Location"] == f"/login?next={YEAR}{page}"
    assert told.asked == []


def test_the_plan_says_how_far_it_is_and_who_has_said_what(iom, told):
    told.answers("workplan.get_plan", plan())
    page = iom.get(YEAR).text
    assert '<li aria-current="step">in adoption</li>' in page
    for words in ("The exact text is before the entities.", "Positions until 20 January 2015, 12:00 UTC", "The &lt;b&gt;survey"):
        assert words in page
    board = re.findall(r'<tr><th scope="row">(\w+)</th><td><span class="mark word (\w+)">', page)
    assert board == [("ILO", "object"), ("IOM", "awaited")]


def test_an_earlier_word_and_one_by_letter_and_by_silence_are_told_as_such(iom, told):
    positions = [
        says("ILO", "object", reasons="No.", current=False, stale=True),
        says("ILO", "endorse", on_behalf=True, letter="Letter of 3 May"),
        says("IOM", "no_objection", tacit=True),
    ]
    told.answers("workplan.positions", {"version": 1, "year": 2015, "clearances": [clearance(positions=positions, state="passed")]})
    page = iom.get(f"{YEAR}/positions").text
    words = re.findall(r'<tr( class="earlier")?><th scope="row">(\w+)</th><td><span class="mark word (\w+)">', page)
    assert words == [("", "ILO", "endorse"), (' class="earlier"', "ILO", "object"), ("", "IOM", "silence")]
    assert "on an earlier text" in page
    assert "from a letter: Letter of 3 May" in page


def test_activities_stand_in_a_table_and_may_be_chosen(iom, told):
    def titles(query: str) -> list[str]:
        return re.findall(r'<tr id="(\w+)">', iom.get(f"{YEAR}{query}").text)

    assert titles("") == ["paper", "survey", "gone"]
    assert titles("?status=late") == ["survey"]
    assert titles("?lead=IOM&pillar=prevention&status=cancelled") == ["gone"]
    assert told.asked[-1][:2] == ("workplan.activities", {"year": 2015, "lead": "IOM", "pillar": "prevention", "status": "cancelled"})
    assert titles("?lead=NOBODY") == []
    assert "No activity fits what you chose." in iom.get(f"{YEAR}?lead=NOBODY").text
    assert iom.get(f"{YEAR}?lead=nobody").status_code == 422, "that is no entity's code"
    page = iom.get(f"{YEAR}?status=late").text
    assert "1 of 3 activities" in page
    assert 'href="/api/v1/workplans/2015/timeline.svg?status=late"' in page
    row = page[page.index('<tr id="survey">') :].partition("</tr>")[0]
    assert '<span class="mark late">late</span>' in row
    assert f'href="{YEAR}/activities/survey"' in row
    row = iom.get(YEAR).text.partition('<tr id="paper">')[2].partition("</tr>")[0]
    assert "1 September 2015" in row
    assert "100,000.50 USD" in row


def test_those_outside_see_no_money_and_no_progress(client, person, told):
    person("brazil", "BRA", "mission")
    log_in(client, "brazil")
    assert "Lacking" not in client.get(YEAR).text
    told.answers("workplan.get_activity", activity(progress=[], balance=[], funding=[]))
    assert "Progress</h2>" not in client.get(PAPER).text


def test_what_is_next_due_is_the_soonest_that_is_owed():
    it = samples.activity()
    assert next_due(it) == "2015-09-01T12:00:00Z"
    assert next_due(it | {"status": "delivered"}) is None
    assert next_due(it | {"deliverables": []}) == "2016-02-01T23:59:59Z"
    assert next_due(it | {"deliverables": [], "milestones": []}) is None
    assert [one["gap"] for one in gaps_of(it)] == ["100000.50"]
    assert gaps_of({"balance": [{"gap": "0.00"}]}) == []


def test_an_activity_has_all_of_it_on_its_page(iom, told):
    page = iom.get(PAPER).text
    plain = re.sub(r"\s+", " ", re.sub("<[^>]+>", "", page))
    for words in (
        "Lead: IOM · Contributors: ILO UNODC",
        "By 1 September 2015, 12:00 UTC",
        "120,000.50 USD",
        "Needed 120,000.50 USD, secured 20,000.00",
    ):
        assert words in plain, words
    for words in ("The printer is late.", "It was held.", "This endangers the activity.", "Begun."):
        assert words in plain, words
    assert f'href="{YEAR}/amendments/later"' in page, "the amendments about it"
    assert 'href="/global-plan#p61"' in page


def test_what_is_not_there_is_not_found(iom, told):
    assert iom.get(f"{YEAR}/amendments/nothing").status_code == 404
    told.answers("workplan.get_activity", Refusal.not_found("The plan 2015 has no activity x.", rule="activity-known"))
    assert iom.get(f"{YEAR}/activities/x").status_code == 404
    assert iom.get("/workplans/soon").status_code == 404


def test_an_amendment_shows_what_was_and_what_would_be(iom, told):
    page = iom.get(LATER).text
    assert "<del>Demand</del>" in page
    assert "<ins>&lt;b&gt;supply" in page or "<ins>" in page
    assert "The authors asked for time." in page
    assert iom.get(f"{YEAR}/amendments/drop").status_code == 200


def test_the_baseline_shows_what_came_went_and_changed(iom):
    page = iom.get(f"{YEAR}/baseline").text
    for words in ("added since", "dropped since", "changed since", "<del>Demand</del>"):
        assert words in page


# What is offered ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ON_PLAN)
def test_of_the_plan_exactly_what_is_open_is_offered(iom, told, order):
    names = {"set_passing_rule": "set_plan_rule", "take_position": "take_plan_position"}

    def get_plan(payload, cause):
        return plan("in_force", order) if payload["year"] == 2015 else samples.plan(year=2016, state="draft")

    told.answers("workplan.get_plan", get_plan)
    assert offered(iom.get(YEAR)) == {names.get(order, order)}
    told.answers("workplan.get_plan", plan("in_force"))
    assert offered(iom.get(YEAR)) == set()


@pytest.mark.parametrize("order", ON_ACTIVITY)
def test_of_an_activity_exactly_what_is_open_is_offered(iom, told, order):
    told.answers("workplan.get_activity", activity(order))
    assert offered(iom.get(PAPER)) == ON_ACTIVITY[order]


@pytest.mark.parametrize("order", ["open_amendment", "withdraw_amendment", "take_position", "extend_adoption"])
def test_of_an_amendment_exactly_what_is_open_is_offered(iom, told, order):
    answer = plan("in_force")
    answer["amendments"][0] |= {"state": "clearance", "may": [order], "clearance": clearance(amendment="later")}
    told.answers("workplan.get_plan", answer)
    assert offered(iom.get(LATER)) == {"take_plan_position" if order == "take_position" else order}


def test_nothing_is_carried_over_before_there_is_a_plan_to_carry_it_into(iom, told):
    def none_after(payload, cause):
        return plan("closed", "carry_over") if payload["year"] == 2015 else Refusal.not_found("None.")

    told.answers("workplan.get_plan", none_after)
    assert offered(iom.get(YEAR)) == set()


@pytest.mark.parametrize(
    ("state", "order", "act"), [("draft", "add_activity", "add_activity"), ("in_force", "propose_amendment", "propose_addition")]
)
def test_an_activity_is_added_or_proposed_as_the_plan_stands(iom, told, state, order, act):
    told.answers("workplan.get_plan", plan(state, order))
    assert f'href="{YEAR}/add"' in iom.get(YEAR).text
    assert offered(iom.get(f"{YEAR}/add")) == {act}
    told.answers("workplan.get_plan", plan(state))
    assert f'href="{YEAR}/add"' not in iom.get(YEAR).text
    assert offered(iom.get(f"{YEAR}/add")) == set()


def test_who_chairs_or_will_is_offered_to_open_a_plan(client, person, told):
    for name, entity, may in (("iom", "IOM", True), ("unhcr", "UNHCR", True), ("ohchr", "OHCHR", False)):
        person(name, entity)
        log_in(client, name)
        assert ("open_plan" in offered(client.get("/workplans"))) is may, name
        client.post("/logout", data={"csrf_token": form_of(client.get("/workplans"))})


def test_every_order_of_the_plan_has_its_form():
    """What the contract takes of a plan, the pages order; the import has a page of its own."""
    ordered = {act.command for act in ACTS.values()} | {workplan.ImportPlan}
    of_plans = {
        command for command in vars(workplan.plan).values() if isinstance(command, type) and issubclass(command, workplan.plan.Command)
    }
    of_plans = {command for command in of_plans if not issubclass(command, workplan.plan.Query)} - {
        workplan.plan.Command,
        workplan.plan.Query,
    }
    assert ordered == of_plans
    assert all(f"act_{name}" in WORDS for name in ACTS)


# What is sent ---------------------------------------------------------------------------------------------------------------------------


def send(client, path: str, act: str, **typed: Any):
    fields = shown_fields(client.get(path), act)
    return client.post(path, data=fields | typed)


def test_a_position_names_the_text_that_was_shown_and_no_version(iom, told):
    told.answers("workplan.get_plan", plan("adoption", "take_position"))
    told.answers("workplan.take_position", plan())
    answer = send(iom, YEAR, "take_plan_position", word="endorse")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{YEAR}?done=take_plan_position")
    assert orders(told, "take_position") == [({"year": 2015, "digest": "e" * 64, "word": "endorse"}, None)]
    assert "The position was taken." in iom.get(answer.headers["Location"]).text


def test_the_secretariat_takes_a_position_for_an_entity_from_a_letter(secretariat, told):
    answer = plan("in_force")
    answer["amendments"][0] |= {"may": ["take_position"], "clearance": clearance(amendment="later")}
    told.answers("workplan.get_plan", answer)
    told.answers("workplan.take_position", plan())
    page = secretariat.get(LATER)
    assert re.search(r'<select [^>]*name="on_behalf_of" required', page.text)
    assert re.search(r'name="letter"[^>]* required', page.text)
    send(secretariat, LATER, "take_plan_position", word="no_objection", on_behalf_of="ILO", letter="Letter of 3 May")
    said = {
        "year": 2015,
        "amendment": "later",
        "digest": "e" * 64,
        "word": "no_objection",
        "on_behalf_of": "ILO",
        "letter": "Letter of 3 May",
    }
    assert orders(told, "take_position") == [(said, None)]


def test_a_refused_position_keeps_what_was_typed_and_says_why(iom, told):
    told.answers("workplan.get_plan", plan("adoption", "take_position"))
    told.answers("workplan.take_position", Refusal.invalid("reasons", "An objection states its reasons.", rule="objection-reasons"))
    answer = send(iom, YEAR, "take_plan_position", word="object", proposal="Another\ntext")
    assert answer.status_code == 422
    for words in (
        "Another\ntext</textarea>",
        "An objection states its reasons.",
        '<option value="object" selected>',
        'aria-invalid="true"',
    ):
        assert words in answer.text


@pytest.mark.parametrize(
    ("act", "order", "typed", "sent"),
    [
        ("open_consultation", "open_consultation", {}, {}),
        (
            "open_adoption",
            "open_adoption",
            {"by": "silence", "deadline": "2015-02-01T12:00"},
            {"by": "silence", "deadline": "2015-02-01T12:00Z"},
        ),
        ("open_adoption", "open_adoption", {"by": "express"}, {"by": "express"}),
        ("extend_adoption", "extend_adoption", {"deadline": "2015-02-01T12:00"}, {"deadline": "2015-02-01T12:00Z"}),
        (
            "set_plan_rule",
            "set_passing_rule",
            {"passing": ["endorse", "no_objection"], "blocking": ["object"], "minimum_hours": "48"},
            {"passing": ["endorse", "no_objection"], "blocking": ["object"], "minimum_hours": 48},
        ),
        ("close_plan", "close_plan", {"foreword": "A *good* year"}, {"foreword": "A *good* year"}),
    ],
)
def test_the_plan_is_moved_as_of_the_version_that_was_shown(iom, told, act, order, typed, sent):
    told.answers("workplan.get_plan", plan("adoption", order))
    told.answers(f"workplan.{order}", plan())
    assert send(iom, YEAR, act, **typed).status_code == 303
    written = [({name: _instant(value) for name, value in payload.items()}, version) for payload, version in orders(told, order)]
    assert written == [({"year": 2015} | {name: _instant(value) for name, value in sent.items()}, 12)]


def _instant(value: Any) -> Any:
    return value.replace(":00Z", "Z") if isinstance(value, str) and value.count(":") == 2 else value


def test_a_plan_that_changed_meanwhile_is_shown_as_it_is_and_the_form_may_be_sent_anew(iom, told):
    told.answers("workplan.get_plan", plan("adoption", "extend_adoption"))
    told.answers("workplan.extend_adoption", Refusal("stale", "It has changed since.", rule="version"))
    fields = shown_fields(iom.get(YEAR), "extend_adoption")
    told.answers("workplan.get_plan", plan("adoption", "extend_adoption") | {"version": 13})
    answer = iom.post(YEAR, data=fields | {"deadline": "2015-03-03T10:00"})
    assert answer.status_code == 412
    assert "This page shows it as it is now" in answer.text
    again = shown_fields(answer, "extend_adoption")
    assert (again["version"], again["deadline"]) == (["13"], ["2015-03-03T10:00"])


def test_what_would_be_accepted_stands_with_its_field_and_an_instant_in_it_is_written_for_people(iom, told):
    told.answers("workplan.get_plan", plan("consultation", "open_adoption"))
    page = iom.get(YEAR)
    assert 'type="datetime-local" value' in page.text, "to the minute, as deadlines are fixed"
    fields = shown_fields(page, "open_adoption")
    later = "2015-03-05T22:03:00Z or later"
    told.answers("workplan.open_adoption", Refusal.invalid("deadline", "It lasts 72 hours.", rule="silence-minimum", accepted=later))
    answer = iom.post(YEAR, data=fields | {"by": "silence", "deadline": "2015-03-03T10:00"})
    (error,) = re.findall(r'<p class="error" id="[^"]*deadline-error">([^<]*)</p>', answer.text)
    assert error == "It lasts 72 hours. Accepted: 5 March 2015, 22:03 UTC or later"
    assert answer.text.count("Accepted:") == 1


def test_what_is_refused_and_no_longer_open_is_told_all_the_same(iom, told):
    told.answers("workplan.get_plan", plan("consultation", "open_adoption"))
    fields = shown_fields(iom.get(YEAR), "open_adoption")
    told.answers("workplan.get_plan", plan("draft"))
    told.answers("workplan.open_adoption", Refusal.conflict("Adoption follows the consultation.", rule="life-cycle"))
    answer = iom.post(YEAR, data=fields | {"by": "express"})
    assert answer.status_code == 409
    assert "Adoption follows the consultation." in answer.text
    assert offered(answer) == set()


def test_an_activity_is_added_with_its_rows(iom, told):
    told.answers("workplan.get_plan", plan("draft", "add_activity"))
    told.answers("workplan.add_activity", activity() | {"activity": "new"})
    rows = {
        "deliverables.0.kind": "document",
        "deliverables.0.title": "A paper",
        "deliverables.0.due": "2015-10-06T12:00",
        "deliverables.2.kind": "meeting",
        "deliverables.2.title": "A launch",
        "milestones.1.title": "A draft",
        "milestones.1.due": "2015-04-01T00:00",
        "needs.0.purpose": "Printing",
        "needs.0.amount": "1000",
        "needs.0.currency": "USD",
    }
    answer = send(iom, f"{YEAR}/add", "add_activity", title="Demand", lead="iom", contributors="ilo, unodc", paragraphs="12, 21", **rows)
    assert answer.headers["Location"] == f"{YEAR}/activities/new?done=add_activity"
    wording = {"year": 2015, "title": "Demand", "lead": "IOM", "contributors": ["ILO", "UNODC"], "paragraphs": [12, 21]}
    wording["deliverables"] = [
        {"kind": "document", "title": "A paper", "due": "2015-10-06T12:00Z"},
        {"kind": "meeting", "title": "A launch"},
    ]
    wording["milestones"] = [{"title": "A draft", "due": "2015-04-01T00:00Z"}]
    wording["needs"] = [{"purpose": "Printing", "amount": "1000", "currency": "USD"}]
    assert orders(told, "add_activity") == [(wording, 12)]


def test_a_row_that_is_refused_is_the_row_that_says_so(iom, told):
    told.answers("workplan.get_plan", plan("draft", "add_activity"))
    wrong = Refusal.invalid("deliverables.1.due", "This is outside 2015.", rule="due-in-year")
    told.answers("workplan.add_activity", wrong)
    rows = {
        "deliverables.0.kind": "meeting",
        "deliverables.0.title": "One",
        "deliverables.2.kind": "meeting",
        "deliverables.2.title": "Two",
    }
    answer = send(iom, f"{YEAR}/add", "add_activity", title="Demand", lead="IOM", **rows)
    assert answer.status_code == 422
    assert re.search(r'name="deliverables\.1\.due"[^>]*aria-invalid="true"', answer.text)
    assert answer.text.count("This is outside 2015.") == 1
    assert shown_fields(answer, "add_activity")["deliverables.1.title"] == ["Two"], "rows left empty are not kept between others"
    lacking = send(iom, f"{YEAR}/add", "add_activity", title="Demand", lead="IOM", **{"milestones.0.title": "One"})
    assert re.search(r'name="milestones\.0\.due"[^>]*aria-invalid="true"', lacking.text)


def test_a_form_has_more_rows_when_asked_and_keeps_what_was_typed(iom, told):
    told.answers("workplan.get_plan", plan("draft", "add_activity"))
    more = {"milestones.2.title": "A draft", "title": "", "more": "milestones", "version": "3"}
    page = send(iom, f"{YEAR}/add", "add_activity", **more)
    assert (page.status_code, orders(told, "add_activity")) == (200, []), "nothing is ordered, nor refused for what is still to be typed"
    shown = shown_fields(page, "add_activity")
    assert [len([name for name in shown if name.startswith(f"{rows}.")]) for rows in ("milestones", "needs")] == [6 * 4, 3 * 4]
    assert (shown["milestones.0.title"], shown["version"]) == (["A draft"], ["3"])
    assert 'id="field-add_activity-3-milestones-row-4"' in page.text
    assert re.search(r'formaction="[^"#]*#field-add_activity-3-milestones-row-7"', page.text)
    again = iom.post(f"{YEAR}/add", data=shown | {"more": "milestones"})
    assert "milestones.8.title" in shown_fields(again, "add_activity")


def test_of_a_changed_activity_only_what_differs_is_sent(iom, told):
    told.answers("workplan.get_plan", plan("draft"))
    told.answers("workplan.get_activity", activity("change_activity"))
    told.answers("workplan.change_activity", activity())
    assert send(iom, PAPER, "change_activity").status_code == 303
    assert send(iom, PAPER, "change_activity", title="Otherwise", objective="", pillars=["protection"]).status_code == 303
    row = {"deliverables.0.due": "2015-10-01T12:00"}
    assert send(iom, PAPER, "change_activity", **row).status_code == 303
    assert send(iom, PAPER, "change_activity", **{"needs.0.purpose": "", "needs.0.amount": "", "needs.0.currency": ""}).status_code == 303
    named = {"year": 2015, "activity": "paper"}
    promised = [{"id": "text", "kind": "document", "title": samples.HOSTILE, "due": "2015-10-01T12:00Z"}]
    promised += [{"id": "talk", "kind": "outcome", "title": "+1 outcome"}]
    assert orders(told, "change_activity") == [
        (named, 12),
        (named | {"title": "Otherwise", "objective": "", "pillars": ["protection"]}, 12),
        (named | {"deliverables": promised}, 12),
        (named | {"needs": []}, 12),
    ]


def test_a_list_that_is_empty_is_shown_and_sent_as_none(iom, told):
    told.answers("workplan.get_plan", plan("draft"))
    told.answers("workplan.get_activity", activity("change_activity", contributors=[], paragraphs=[], pillars=[], depends_on=[]))
    told.answers("workplan.change_activity", activity())
    fields = shown_fields(iom.get(PAPER), "change_activity")
    assert (fields["contributors"], fields["paragraphs"]) == ([""], [""])
    assert iom.post(PAPER, data=fields | {"title": "Otherwise"}).status_code == 303
    assert orders(told, "change_activity") == [({"year": 2015, "activity": "paper", "title": "Otherwise"}, 12)]


def test_what_another_changed_is_not_taken_back_by_a_form_sent_again(iom, told):
    told.answers("workplan.get_plan", plan("draft"))
    told.answers("workplan.get_activity", activity("change_activity", title="Old", objective="Old"))
    fields = shown_fields(iom.get(PAPER), "change_activity")
    told.answers("workplan.get_activity", activity("change_activity", title="Theirs", objective="Old") | {"version": 13})
    told.answers("workplan.change_activity", Refusal("stale", "It has changed since.", rule="if-match"))
    answer = iom.post(PAPER, data=fields | {"objective": "Mine"})
    again = shown_fields(answer, "change_activity")
    assert (answer.status_code, again["title"], again["objective"]) == (412, ["Theirs"], ["Mine"])
    told.answers("workplan.change_activity", activity())
    iom.post(PAPER, data=again)
    assert [sent for sent, _ in orders(told, "change_activity")] == [{"year": 2015, "activity": "paper", "objective": "Mine"}] * 2
    assert orders(told, "change_activity")[1][1] == 13


def test_what_an_activity_depended_on_is_offered_though_it_was_cancelled(iom, told):
    others = [one | {"status": "cancelled"} for one in plan("draft")["activities"] if one["activity"] != "paper"]
    told.answers("workplan.get_plan", plan("draft") | {"activities": others})
    told.answers("workplan.get_activity", activity("change_activity", depends_on=[others[0]["activity"]]))
    told.answers("workplan.change_activity", activity())
    fields = shown_fields(iom.get(PAPER), "change_activity")
    assert fields["depends_on"] == [others[0]["activity"]]
    iom.post(PAPER, data=fields | {"title": "Otherwise"})
    assert orders(told, "change_activity") == [({"year": 2015, "activity": "paper", "title": "Otherwise"}, 12)]


def test_a_row_beside_one_that_is_changed_keeps_its_instant(iom, told):
    it = activity("change_activity")
    it["deliverables"][0]["due"] = "2015-10-06T12:00:00.250Z"
    told.answers("workplan.get_plan", plan("draft"))
    told.answers("workplan.get_activity", it)
    told.answers("workplan.change_activity", activity())
    send(iom, PAPER, "change_activity", **{"deliverables.1.title": "Otherwise"})
    assert [one.get("due") for one in orders(told, "change_activity")[0][0]["deliverables"]] == ["2015-10-06T12:00:00.250Z", None]


def test_a_change_is_proposed_with_what_differs_alone(iom, told):
    told.answers("workplan.get_activity", activity("propose_amendment"))
    told.answers("workplan.propose_amendment", plan("in_force"))
    answer = send(iom, PAPER, "propose_change", **{"changes.lead": "ilo", "changes.depends_on": [], "reason": "It moved."})
    assert answer.headers["Location"] == f"{YEAR}/amendments/drop?done=propose_change"
    send(iom, PAPER, "propose_drop", reason="No money.")
    named = {"year": 2015, "activity": "paper"}
    assert orders(told, "propose_amendment") == [
        (named | {"kind": "change", "changes": {"lead": "ILO", "depends_on": []}, "reason": "It moved."}, 12),
        (named | {"kind": "drop", "reason": "No money."}, 12),
    ]


def test_a_new_activity_is_proposed_for_a_plan_in_force(iom, told):
    told.answers("workplan.get_plan", plan("in_force", "propose_amendment"))
    told.answers("workplan.propose_amendment", plan("in_force"))
    wording = {
        "changes.title": "New",
        "changes.lead": "IOM",
        "changes.milestones.0.title": "A",
        "changes.milestones.0.due": "2015-05-01T00:00",
    }
    assert send(iom, f"{YEAR}/add", "propose_addition", activity="new", reason="Asked for.", **wording).status_code == 303
    changes = {"title": "New", "lead": "IOM", "milestones": [{"title": "A", "due": "2015-05-01T00:00Z"}]}
    sent = {"year": 2015, "kind": "add", "activity": "new", "reason": "Asked for.", "changes": changes}
    assert orders(told, "propose_amendment") == [(sent, 12)]


@pytest.mark.parametrize(
    ("act", "typed", "sent", "version"),
    [
        ("cancel_activity", {"reason": "No money."}, {"reason": "No money."}, 12),
        ("report_progress", {"note": "On.", "milestones_met": ["draft"]}, {"note": "On.", "milestones_met": ["draft"]}, None),
        ("mark_delivered", {"deliverable": "held", "note": "It was held."}, {"deliverable": "held", "note": "It was held."}, None),
        (
            "secure_funding",
            {"donor": "A donor", "amount": "10.50", "currency": "USD", "ends": "2015-12-31T00:00"},
            {"donor": "A donor", "amount": "10.50", "currency": "USD", "ends": "2015-12-31T00:00Z"},
            None,
        ),
        ("end_funding", {"reason": "Taken back."}, {"funding": "f1", "reason": "Taken back."}, None),
    ],
)
def test_an_activity_s_record_grows_whatever_others_do_meanwhile(iom, told, act, typed, sent, version):
    held = {"id": "held", "kind": "meeting", "title": "A launch", "due": None, "due_reason": ""}
    owed = [held | {"delivered_at": None, "evidence": None, "late": False}]
    told.answers("workplan.get_activity", activity(act, deliverables=owed))
    told.answers(f"workplan.{act}", activity())
    answer = send(iom, PAPER, act, **typed)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{PAPER}?done={act}")
    assert orders(told, act) == [({"year": 2015, "activity": "paper"} | sent, version)]


def test_an_amendment_is_opened_and_withdrawn(iom, told):
    answer = plan("in_force")
    answer["amendments"][0] |= {"state": "proposed", "may": ["open_amendment", "withdraw_amendment"]}
    told.answers("workplan.get_plan", answer)
    for order in ("open_amendment", "withdraw_amendment"):
        told.answers(f"workplan.{order}", answer)
    send(iom, LATER, "open_amendment", by="express")
    send(iom, LATER, "withdraw_amendment", reason="Not needed.")
    named = {"year": 2015, "amendment": "later"}
    assert orders(told, "open_amendment") == [(named | {"by": "express"}, 12)]
    assert orders(told, "withdraw_amendment") == [(named | {"reason": "Not needed."}, 12)]


def test_what_is_left_is_carried_into_the_next_plan(iom, told):
    def get_plan(payload, cause):
        return plan("in_force", "carry_over") if payload["year"] == 2015 else samples.plan(year=2016, state="draft")

    told.answers("workplan.get_plan", get_plan)
    told.answers("workplan.carry_over", samples.plan(year=2016))
    answer = send(iom, YEAR, "carry_over", activities=["survey"])
    assert answer.headers["Location"] == "/workplans/2016?done=carry_over"
    assert orders(told, "carry_over") == [({"year": 2015, "activities": ["survey"]}, 12)]
    choices = re.findall(r'name="activities" value="(\w+)"', iom.get(YEAR).text)
    assert choices == ["paper", "survey"], "what was dropped is not carried over"


def test_a_plan_is_opened(secretariat, told):
    told.answers("workplan.open_plan", samples.plan(year=2016))
    answer = send(secretariat, "/workplans", "open_plan")
    assert answer.headers["Location"] == "/workplans/2016?done=open_plan"
    assert orders(told, "open_plan") == [({"year": 2016}, None)]
    told.answers("workplan.open_plan", Refusal.conflict("The plan 2016 is open already.", rule="exists"))
    assert "The plan 2016 is open already." in send(secretariat, "/workplans", "open_plan").text


def test_a_form_of_another_site_orders_nothing(iom, told):
    told.answers("workplan.get_plan", plan("adoption", "take_position"))
    fields = {"act": "take_plan_position", "digest": "e" * 64, "word": "object", "reasons": "Forged"}
    assert iom.post(YEAR, data=fields).status_code == 403
    assert orders(told, "take_position") == []


# The spreadsheet ------------------------------------------------------------------------------------------------------------------------


def looked(**more: Any) -> dict[str, Any]:
    told = {"version": 14, "year": 2015, "added": [], "changed": ["paper"], "unchanged": ["survey"], "problems": []}
    change = {"activity": "paper", "title": "Demand", "kind": "changed", "before": {"lead": "IOM"}, "after": {"lead": "ILO"}}
    return told | {"differences": [change]} | more


@pytest.fixture
def importing(iom, told):
    told.answers("workplan.get_plan", plan("draft", "import_plan"))
    told.answers("workplan.check_import", looked())
    return iom


def upload(client, raw: bytes):
    token = form_of(client.get(f"{YEAR}/import"))
    return client.post(f"{YEAR}/import", data={"csrf_token": token, "act": "check", "file": (io.BytesIO(raw), "plan.xlsx")})


SHEET = plan_sheet.write(samples.plan(), "en", "http://localhost")


def test_a_spreadsheet_is_looked_at_and_then_taken_in_as_it_was_looked_at(importing, told):
    page = upload(importing, SHEET)
    assert page.status_code == 200, page.text
    for words in ("No problem was found. Nothing has been changed yet.", "Would change: Demand", "<del>IOM</del>", "<ins>ILO</ins>"):
        assert words in page.text
    assert orders(told, "import_plan") == []
    fields = {name: re.search(rf'name="{name}" value="([^"]*)"', page.text)[1] for name in ("once", "version", "sheet")}
    assert base64.b64decode(fields["sheet"]) == SHEET
    told.answers("workplan.import_plan", looked())
    answer = importing.post(f"{YEAR}/import", data=fields | {"csrf_token": form_of(page), "act": "take"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{YEAR}?done=import_plan")
    ((payload, version),) = orders(told, "import_plan")
    assert (payload["year"], payload["digest"], version) == (2015, samples.plan()["digest"], 14)


def test_what_a_spreadsheet_adds_is_shown_whole_and_by_its_title(importing, told):
    step = {"id": "first", "title": "First draft", "due": "2015-04-01T00:00:00Z", "due_reason": ""}
    new = {"activity": "training", "title": "Training <b>", "kind": "added", "before": None}
    new |= {"after": {"id": "training", "title": "Training <b>", "lead": "ILO", "milestones": [step]}}
    told.answers("workplan.check_import", looked(added=["training"], changed=[], differences=[new]))
    page = upload(importing, SHEET).text
    assert "Would be added: Training &lt;b&gt;" in page
    assert "new: training" in page
    assert "First draft" in page


def test_problems_of_a_spreadsheet_stand_in_a_table_by_row_and_column(importing, told):
    wrong = {"field": "activities.1.lead", "rule": "lead-seated", "detail": "XYZ has no seat.", "accepted": ["ILO", "IOM"]}
    told.answers("workplan.check_import", looked(problems=[wrong]))
    page = upload(importing, SHEET)
    assert page.status_code == 200
    row = re.search(r"<tbody><tr>(.*?)</tr>", page.text, re.DOTALL)[1]
    cells = [re.sub("<[^>]+>", " ", cell).strip() for cell in re.findall(r"<td>(.*?)</td>", row, re.DOTALL)]
    assert cells[:4] == ["Activities", "3", "C", "Lead"], cells
    assert cells[4].split() == ["XYZ", "has", "no", "seat.", "Accepted:", "ILO,", "IOM"]
    assert 'value="take"' not in page.text


def test_what_is_no_spreadsheet_is_refused_and_said(importing, told):
    page = upload(importing, b"no workbook")
    assert page.status_code == 400
    assert 'role="alert"' in page.text
    assert upload(importing, b"").status_code == 422
    token = form_of(importing.get(f"{YEAR}/import"))
    for sheet in ("%%%", ""):
        answer = importing.post(f"{YEAR}/import", data={"csrf_token": token, "act": "take", "sheet": sheet, "version": "14"})
        assert answer.status_code == 422
    assert importing.post(f"{YEAR}/import", data={"act": "take", "sheet": ""}).status_code == 403
    assert orders(told, "import_plan") == []


def test_a_plan_that_takes_no_spreadsheet_says_so(iom, told):
    page = iom.get(f"{YEAR}/import").text
    assert "Nothing can be taken in now" in page
    assert 'type="file"' not in page


# The picture ----------------------------------------------------------------------------------------------------------------------------


def drawn(activities: list[dict[str, Any]], at: datetime = datetime(2015, 7, 1, tzinfo=UTC), language: str = "en") -> ElementTree.Element:
    return ElementTree.fromstring(gantt.draw({"year": 2015, "as_of": at.isoformat(), "items": activities}, language).alone())


SVG = "{http://www.w3.org/2000/svg}"


def test_the_picture_tells_each_step_with_its_state_in_words_and_by_shape():
    late = {"id": "m", "title": "First draft", "due": "2015-03-01T00:00:00Z", "due_reason": "", "met_at": None, "late": True}
    met = late | {"id": "n", "title": "Second draft", "met_at": "2015-04-01T00:00:00Z", "late": False}
    picture = drawn([samples.activity("paper", milestones=[late, met])])
    told = picture.find(f"{SVG}desc").text
    for words in ("First draft (late, was due, 1 March 2015)", "Second draft (met, 1 April 2015)", "(due, 1 September 2015)", "under way"):
        assert words in told, told
    marks = [group for group in picture.findall(f"{SVG}g") if group.find(f"{SVG}polygon") is not None]
    assert [[(one.tag.removeprefix(SVG)) for one in group if one.tag != f"{SVG}title"] for group in marks] == [
        ["polygon", "polygon", "text"],
        ["polygon", "polygon", "line", "line"],
    ]
    assert len(picture.findall(f"{SVG}line[@class='today']")) == 2, "in the picture and in the legend"
    assert len(drawn([], datetime(2013, 1, 1, tzinfo=UTC)).findall(f"{SVG}line[@class='today']")) == 1


def test_the_picture_has_the_months_of_its_year_and_those_that_steps_need():
    def months(*due: str) -> list[str]:
        steps = [{"id": d, "title": d, "due": d, "due_reason": "", "met_at": None, "late": False} for d in due]
        picture = drawn([samples.activity("paper", milestones=steps, deliverables=[])])
        return [text.text for text in picture.findall(f"{SVG}text") if text.get("text-anchor") == "middle"]

    year = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    assert months("2015-05-01T00:00:00Z") == months() == year
    assert months("2016-02-01T23:59:59Z") == [*year, "Jan", "Feb"]
    assert months("2014-11-15T00:00:00Z") == ["Nov", "Dec", *year]
    assert len(months("1990-01-01T00:00:00Z", "2090-01-01T00:00:00Z")) == gantt.MONTHS


def test_the_picture_is_the_same_of_the_same_and_in_french():
    one, other = (ElementTree.tostring(drawn(samples.plan()["activities"])) for _ in range(2))
    assert one == other
    french = drawn(samples.plan()["activities"], language="fr")
    assert "févr." in [text.text for text in french.findall(f"{SVG}text")]
    assert french.get("lang") == "fr"


def test_a_long_title_is_told_whole():
    title = "A very long title of an activity that no row could hold beside its months"
    picture = drawn([samples.activity("paper", title=title)])
    assert any(one.text.startswith(title) for one in picture.iter(f"{SVG}title"))
    assert any((one.text or "").endswith("…") for one in picture.iter(f"{SVG}text"))
