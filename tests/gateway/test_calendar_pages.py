"""The pages of the calendar, of meetings and of concrete actions: what they show to whom, and what their forms order: without a browser,
with services that a test stands in for."""

import re
from datetime import UTC, date, datetime
from html import unescape
from typing import Any

import pytest

from contracts import workplan
from gateway.web.calendar import CalendarPages, _days, _reworded, _weeks
from gateway.web.pages import Pages
from gateway.web.words import WORDS
from services.kernel.refusal import Refusal
from tests.gateway import samples
from tests.gateway.test_briefing_pages import asked, fields_of, typed_into
from tests.gateway.test_web import GROUP, log_in

SPRING = "/meetings/spring"
NOTHING_YET: dict[str, Any] = {"attendance": [], "decisions": [], "actions": []}
AGENDA = [
    {"item": "1", "title": "The plan", "papers": [{"title": "So far", "url": "/workplans/2015"}], "entity": None},
    {"item": "2", "title": "Other matters", "papers": [], "entity": "ILO"},
]
AHEAD = samples.meeting(
    agenda=AGENDA, state="called", starts_at="2099-03-20T09:00:00Z", ends_at="2099-03-20T17:00:00.250000Z", **NOTHING_YET
)
HELD = samples.meeting()
LATE = HELD["actions"][0]
STALE = Refusal("stale", "It has changed since version 9.", rule="if-match")
ORDERS = [act.command.message_name() for act in CalendarPages.acts.values()]


@pytest.fixture
def house(services):
    """The services: IOM chairs, and whoever orders is let to."""
    for what, answer in {
        "chairs.overview": GROUP,
        "workplan.get_meeting": AHEAD,
        "workplan.meetings": {"items": [AHEAD, HELD], "next": "cursor+/="},
        "workplan.action_items": {"items": [LATE]},
        "workplan.calendar": samples.calendar(),
        "workplan.awaiting": {"entity": "IOM", "items": []},
        "workplan.concrete_actions": {"items": [samples.concrete_action()], "next": "cursor+/="},
        "workplan.get_concrete_action": samples.concrete_action(),
        **{f"workplan.{order}": samples.concrete_action() if "concrete" in order else AHEAD for order in ORDERS},
    }.items():
        services.answers(what, answer)
    return services


@pytest.fixture
def as_person(app, person):
    """A browser of someone who has just logged in: ``as_person("IOM")`` is its focal point."""

    def logged_in(entity: str | None, *roles: str, language: str = "en"):
        client, name = app.test_client(), (entity or "sec").lower()
        person(name, entity, *roles, language=language)
        log_in(client, name)
        return client

    return logged_in


@pytest.fixture
def iom(as_person, house):
    return as_person("IOM")


@pytest.fixture
def ilo(as_person, house):
    return as_person("ILO")


@pytest.fixture
def sec(as_person, house):
    return as_person(None, "secretariat")


def offered(page) -> list[str]:
    return sorted(re.findall(r'name="act" value="([^"]+)"', page.text))


# The calendar ---------------------------------------------------------------------------------------------------------------------------


def test_a_month_is_a_table_of_its_days_and_names_the_reader_s_own(iom, house):
    entries = samples.calendar("IOM")["entries"]
    entries[0] |= {"starts_at": "2015-09-29T09:00:00Z", "ends_at": "2015-10-02T00:00:00Z"}
    house.answers("workplan.calendar", {"entity": "IOM", "entries": entries[:3]})
    house.answers("workplan.awaiting", {"entity": "IOM", "items": [{"kind": "meeting_reply", "link": SPRING}]})
    page = iom.get("/calendar?month=2015-09")
    assert asked(house, "workplan.calendar") == [{"entity": "IOM", "since": "2015-09-01T00:00:00Z", "until": "2015-10-01T00:00:00Z"}]
    rows = re.findall(r"<tr>(.*?)</tr>", page.text.partition("<tbody>")[2].partition("</tbody>")[0], re.DOTALL)
    assert (len(rows), {row.count("<td") for row in rows}) == (5, {7})
    first = re.search(r'<td class="day">\s*<p class="number"><time datetime="2015-09-01">.*?</td>', page.text, re.DOTALL)[0]
    assert 'class="entry deliverable mine"' in first
    assert "yours" in first
    assert ">12:00</time>" in first
    assert page.text.count(f'href="{SPRING}"') == page.text.count("your reply is awaited") == 2, "on both days of the month"
    assert page.text.count("goes on") == 1
    assert 'href="/calendar?month=2015-08"' in page.text
    assert 'href="/calendar?month=2015-10"' in page.text
    assert 'href="/calendar?month=2015-09&amp;entity="' in page.text, "the calendar of all"


def test_the_present_month_is_shown_first_and_says_today(rehearsal, person, house):
    person("iom", "IOM")
    log_in(rehearsal, "iom")
    page = rehearsal.get("/calendar?at=2015-12-31T23:30:00Z")
    assert asked(house, "workplan.calendar")[0]["since"] == "2015-12-01T00:00:00Z"
    assert asked(house, "workplan.calendar")[0]["until"] == "2016-01-01T00:00:00Z"
    assert re.search(r'class="(day|empty) today">\s*<p class="number"><time datetime="2015-12-31">', page.text)
    assert "December 2015" in page.text


def test_the_secretariat_looks_at_any_entity_s_calendar_and_a_member_at_that_of_all(sec, iom, house):
    sec.get("/calendar?month=2015-03&entity=ilo")
    sec.get("/calendar?year=2015")
    iom.get("/calendar?month=2015-03&entity=")
    assert [one.get("entity") for one in asked(house, "workplan.calendar")] == ["ILO", None, None]
    house.answers("workplan.calendar", samples.calendar("ILO"))
    page = sec.get("/calendar?month=2015-09&entity=ILO").text
    assert "Calendar: ILO" in page
    assert "yours" not in page
    assert re.search(r'name="month" value="2015-09"', page)
    house.answers("workplan.calendar", Refusal.not_allowed("Not yours.", rule="own-entity"))
    assert iom.get("/calendar?entity=ILO").status_code == 403


def test_a_calendar_stands_without_what_awaits_its_reader(iom, house):
    house.answers("workplan.awaiting", Refusal("unavailable", "Away.", rule="service-away"))
    assert iom.get("/calendar?month=2015-03").status_code == 200


@pytest.mark.parametrize("month", ["2015-13", "2015-00", "15-01", "2005-12", "2101-01", "٢٠١٥-01", "", "2015-01-01"])
def test_what_is_no_month_is_not_found(iom, month):
    assert iom.get(f"/calendar?month={month}").status_code == 404


@pytest.mark.parametrize(("starts", "ends", "days"), [
    ("2015-03-20T09:00:00Z", "2015-03-20T17:00:00Z", [20]),
    ("2015-03-20T09:00:00Z", "2015-03-21T00:00:00Z", [20]),
    ("2015-03-20T00:00:00Z", "2015-03-20T00:00:00Z", [20]),
    ("2015-03-20T23:30:00-02:00", "2015-03-22T01:00:00Z", [21, 22]),
])  # fmt: skip
def test_what_is_on_several_days_stands_on_each(starts, ends, days):
    assert [day.day for day in _days({"starts_at": starts, "ends_at": ends})] == days


def test_a_month_has_each_of_its_days_once():
    for first in (date(2016, 2, 1), date(2015, 2, 1), date(2015, 11, 1), date(2014, 12, 1)):
        within = [day.date for week in _weeks(first, [], datetime(2015, 1, 1, tzinfo=UTC)) for day in week if day.within]
        assert within[0] == first
        assert (len(within), len(set(within))) == (within[-1].day, within[-1].day)


# Meetings -------------------------------------------------------------------------------------------------------------------------------

TYPED = {
    "title": "Spring meeting",
    "starts_at": "2099-03-20T09:00",
    "ends_at": "2099-03-20T17:00",
    "place": "Geneva",
    "link": "",
    "agenda": "- First of all\r\nThe plan\r\n- The plan so far /workplans/2099\r\n - https://example.org/paper\r\n\r\nOther matters\r\n",
    "papers": "Notes /documents/p2",
}
CALLED = {
    "title": "Spring meeting",
    "starts_at": "2099-03-20T09:00Z",
    "ends_at": "2099-03-20T17:00Z",
    "place": "Geneva",
    "agenda": [
        {"title": "- First of all", "papers": []},
        {
            "title": "The plan",
            "papers": [
                {"title": "The plan so far", "url": "/workplans/2099"},
                {"title": "https://example.org/paper", "url": "https://example.org/paper"},
            ],
        },
        {"title": "Other matters", "papers": []},
    ],
    "papers": [{"title": "Notes", "url": "/documents/p2"}],
}


def test_the_chair_calls_a_meeting_with_an_agenda_and_its_papers(iom, house):
    assert 'href="/meetings/new"' in iom.get("/meetings").text
    form = typed_into(iom.get("/meetings/new"), "call_meeting", **TYPED)
    for _ in range(2):
        answer = iom.post("/meetings/new", data=form)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/meetings/spring?done=call_meeting")
    assert asked(house, "workplan.call_meeting") == [CALLED, CALLED]
    assert len(set(house.causes("workplan.call_meeting"))) == 1, "sent twice it is one meeting"
    assert "The meeting was called." in iom.get(answer.headers["Location"]).text


def test_who_does_not_chair_calls_none(ilo, as_person, house):
    assert 'href="/meetings/new"' not in ilo.get("/meetings").text
    assert ilo.get("/meetings/new").status_code == 403
    house.answers("chairs.overview", Refusal("unavailable", "Away.", rule="service-away"))
    assert ilo.get("/meetings/new").status_code == 503


def test_a_refused_agenda_names_its_line_and_keeps_what_was_typed(iom, house):
    long = "x" * 301
    form = typed_into(iom.get("/meetings/new"), "call_meeting", **TYPED | {"agenda": f"One\n- A paper /p\n{long}"})
    answer = iom.post("/meetings/new", data=form)
    assert answer.status_code == 422
    assert "Line 3: " in answer.text
    assert f"- A paper /p\n{long}" in answer.text
    house.answers("workplan.call_meeting", Refusal.invalid("papers.0.url", "Read here.", rule="paper-url"))
    assert "Line 1: Read here." in iom.post("/meetings/new", data=typed_into(iom.get("/meetings/new"), "call_meeting", **TYPED)).text
    assert asked(house, "workplan.call_meeting") == [CALLED]


EVERYONE_BEFORE = ["propose_agenda_item", "reply_to_meeting"]
CHAIR_AFTER = ["assign_action", "change_action", "complete_action", "drop_action", "record_attendance", "record_decision"]


@pytest.mark.parametrize(("entity", "roles", "it", "acts"), [
    ("ILO", (), AHEAD, EVERYONE_BEFORE),
    ("ILO", (), HELD, ["complete_action"]),
    ("UNDP", (), HELD, []),
    ("UNDP", ("reader",), HELD, []),
    ("IOM", (), AHEAD, sorted([*EVERYONE_BEFORE, "cancel_meeting", "change_meeting"])),
    ("IOM", (), HELD, CHAIR_AFTER),
    (None, ("secretariat",), AHEAD, sorted(["enter_meeting_reply", "propose_agenda_item", "cancel_meeting", "change_meeting"])),
    (None, ("secretariat",), HELD, sorted([*CHAIR_AFTER, "change_meeting"])),
    (None, ("secretariat",), samples.meeting(state="cancelled", **NOTHING_YET), []),
])  # fmt: skip
def test_each_is_offered_what_they_may_do_of_a_meeting_now(as_person, house, entity, roles, it, acts):
    house.answers("workplan.get_meeting", it)
    page = as_person(entity, *roles).get(SPRING)
    assert (page.status_code, offered(page)) == (200, acts)


def test_an_entity_replies_for_itself_and_finds_its_reply_again(ilo, house):
    page = ilo.get(SPRING)
    assert fields_of(page, "reply_to_meeting").getlist("people") == ["Ms A\nMr B"]
    ilo.post(SPRING, data=typed_into(page, "reply_to_meeting", attending="tentative", people=""))
    ilo.post(SPRING, data=typed_into(page, "propose_agenda_item", title="Our matter", papers="Notes /documents/p2"))
    assert asked(house, "workplan.reply_to_meeting") == [{"meeting": "spring", "entity": "ILO", "attending": "tentative"}]
    item = {"meeting": "spring", "title": "Our matter", "papers": [{"title": "Notes", "url": "/documents/p2"}]}
    assert asked(house, "workplan.propose_agenda_item") == [item]


def test_the_secretariat_enters_a_reply_from_a_letter(sec, house):
    page = sec.get(SPRING)
    assert re.search(r'name="letter"[^>]* required', page.text)
    sec.post(SPRING, data=typed_into(page, "enter_meeting_reply", entity="iom", attending="no", letter="Letter of 2 March"))
    order = {"meeting": "spring", "entity": "IOM", "attending": "no", "letter": "Letter of 2 March"}
    assert asked(house, "workplan.reply_to_meeting") == [order]


def test_of_a_changed_meeting_only_what_is_typed_otherwise_is_ordered(iom, house):
    page = iom.get(SPRING)
    form = fields_of(page, "change_meeting")
    assert form["agenda"].splitlines() == ["The plan", "- So far /workplans/2015", "Other matters"]
    assert (form["version"], form["ends_at"]) == ("9", "2099-03-20T17:00")
    iom.post(SPRING, data=typed_into(page, "change_meeting", place="New York", reason="The room is gone"))
    assert asked(house, "workplan.change_meeting") == [{"meeting": "spring", "place": "New York", "reason": "The room is gone"}]
    assert next(cause.expected for what, _, cause in house.asked if what == "workplan.change_meeting") == 9
    iom.post(SPRING, data=typed_into(page, "change_meeting", title=""))
    assert asked(house, "workplan.change_meeting")[1:] == [], "a meeting is never without a title"
    assert form["link"].startswith("https://")
    iom.post(SPRING, data=typed_into(page, "change_meeting", link=""))
    assert asked(house, "workplan.change_meeting")[1:] == [{"meeting": "spring", "link": None}]


def test_an_item_that_is_reworded_where_it_stood_is_still_the_same():
    now = [{"item": "1", "title": "The plan"}, {"item": "2", "title": "Other"}]
    assert _reworded([{"title": "The year's plan"}, {"title": "Other"}], now)[0] == {"title": "The year's plan", "item": "1"}
    assert _reworded([{"title": "Other"}, {"title": "The plan"}], now) == [{"title": "Other"}, {"title": "The plan"}]
    assert _reworded([{"title": "New"}, {"title": "The plan"}, {"title": "Other"}], now)[0] == {"title": "New"}
    assert _reworded([{"title": "The plan"}, {"title": "Election of the chair"}], now)[1] == {"title": "Election of the chair"}


def test_a_title_that_begins_like_a_paper_stays_a_title(iom, house):
    titles = ["The plan", "- Election", "\\- Vote", "\\Other"]
    agenda = [{"item": str(place), "title": title, "papers": [], "entity": None} for place, title in enumerate(titles)]
    house.answers("workplan.get_meeting", AHEAD | {"agenda": agenda})
    page = iom.get(SPRING)
    shown = fields_of(page, "change_meeting")["agenda"]
    assert shown.splitlines() == ["The plan", "\\- Election", "\\\\- Vote", "\\Other"]
    iom.post(SPRING, data=typed_into(page, "change_meeting", agenda=f"{shown}\nNew"))
    assert [one["title"] for one in asked(house, "workplan.change_meeting")[0]["agenda"]] == [*titles, "New"]


def test_a_change_that_came_too_late_is_shown_beside_what_is_by_then(iom, house):
    page = iom.get(SPRING)
    house.answers("workplan.change_meeting", STALE)
    house.answers("workplan.get_meeting", AHEAD | {"version": 10, "place": "Vienna"})
    answer = iom.post(SPRING, data=typed_into(page, "change_meeting", place="New York"))
    assert answer.status_code == 412
    assert "<dd>Vienna" in answer.text
    form = fields_of(answer, "change_meeting")
    assert (form["version"], form["place"]) == ("10", "New York")
    answer = iom.post(SPRING, data=typed_into(page, "change_meeting", title="Mine"))
    assert fields_of(answer, "change_meeting")["place"] == "Vienna", "what was not typed is what stands by now"
    iom.post(SPRING, data=fields_of(answer, "change_meeting"))
    assert asked(house, "workplan.change_meeting")[-1] == {"meeting": "spring", "title": "Mine"}


def test_who_was_there_is_recorded_by_row_and_by_name(iom, house):
    house.answers("workplan.get_meeting", HELD)
    page = iom.get(SPRING)
    form = fields_of(page, "record_attendance")
    assert (form["people.ILO"], 'value="yes" selected' in page.text) == ("Ms A", True)
    form = typed_into(page, "record_attendance", **{"attended.ILO": "yes", "people.ILO": "Ms A\r\nMr B", "attended.IOM": ""})
    form.setlist("other", ["undp"])
    form.setlist("people_of_other", ["Ms C"])
    iom.post(SPRING, data=form)
    there = [{"entity": "ILO", "attended": True, "people": ["Ms A", "Mr B"]}, {"entity": "UNDP", "attended": True, "people": ["Ms C"]}]
    assert asked(house, "workplan.record_attendance") == [{"meeting": "spring", "attendance": there}]
    house.answers("workplan.record_attendance", Refusal.invalid("attendance.0.people", "Nobody of it was there.", rule="attendance-people"))
    answer = iom.post(SPRING, data=typed_into(page, "record_attendance", **{"attended.ILO": "no", "people.ILO": "Ms A", "other": "UN"}))
    assert (answer.status_code, "Nobody of it was there." in answer.text) == (422, True)
    kept = fields_of(answer, "record_attendance")
    assert (kept["people.ILO"], kept["other"], kept["people_of_other"]) == ("Ms A", "UN", "")


def test_a_row_that_was_left_alone_is_not_recorded_anew(iom, house):
    """A name may have a comma, and another may have corrected the row meanwhile."""
    doe = {"entity": "ILO", "attended": True, "people": ["Doe, Jane (Chief)"]}
    house.answers("workplan.get_meeting", HELD | {"attendance": [doe]})
    page = iom.get(SPRING)
    house.answers("workplan.get_meeting", HELD | {"attendance": [doe | {"people": ["Ms New"]}]})
    house.answers("workplan.record_attendance", Refusal.conflict("Not now.", rule="meeting-begun"))
    again = iom.post(SPRING, data=typed_into(page, "record_attendance", **{"attended.IOM": "yes", "people.IOM": "Roe, B"}))
    kept = fields_of(again, "record_attendance")
    assert (kept["people.ILO"], kept["people.IOM"]) == ("Ms New", "Roe, B")
    iom.post(SPRING, data=kept)
    assert [one["attendance"] for one in asked(house, "workplan.record_attendance")] == [
        [{"entity": "IOM", "attended": True, "people": ["Roe, B"]}]
    ] * 2


def test_what_came_of_a_meeting_is_recorded(iom, house):
    house.answers("workplan.get_meeting", HELD)
    page = iom.get(SPRING)
    assert fields_of(page, "change_action")["owner"] == "ILO"
    for act, typed, ordered in (
        ("record_decision", {"text": "To go on.", "item": "2"}, {"text": "To go on.", "item": "2"}),
        (
            "assign_action",
            {"what": "Write", "owner": "undp", "due": "2015-06-01T12:00"},
            {"what": "Write", "owner": "UNDP", "due": "2015-06-01T12:00Z"},
        ),
        ("complete_action", {"note": "They wrote back."}, {"action": "letter", "note": "They wrote back."}),
        ("drop_action", {"reason": "Overtaken."}, {"action": "letter", "reason": "Overtaken."}),
    ):
        answer = iom.post(SPRING, data=typed_into(page, act, **typed))
        assert answer.headers["Location"] == f"{SPRING}?done={act}"
        assert asked(house, f"workplan.{act}") == [{"meeting": "spring"} | ordered]


def test_of_what_an_entity_took_on_only_what_is_typed_otherwise_is_changed(iom, house):
    house.answers("workplan.get_meeting", HELD)
    page = iom.get(SPRING)
    iom.post(SPRING, data=typed_into(page, "change_action", owner="undp", reason="They offered."))
    order = {"meeting": "spring", "action": "letter", "owner": "UNDP", "reason": "They offered."}
    assert asked(house, "workplan.change_action") == [order]
    assert iom.post(SPRING, data=typed_into(page, "change_action", due="", reason="No haste.")).status_code == 422
    assert asked(house, "workplan.change_action") == [order], "it always has an owner and a date"


def test_what_is_refused_since_it_is_no_longer_offered_has_a_page_of_its_own(ilo, house):
    page = ilo.get(SPRING)
    house.answers("workplan.get_meeting", HELD)
    house.answers("workplan.reply_to_meeting", Refusal.too_late("This meeting began.", rule="meeting-ahead"))
    answer = ilo.post(SPRING, data=typed_into(page, "reply_to_meeting", attending="no"))
    assert (answer.status_code, "This meeting began." in answer.text) == (409, True)


@pytest.mark.parametrize("path", [SPRING, "/meetings/new", "/concrete-actions/training", "/concrete-actions/new"])
def test_a_form_of_another_site_orders_nothing(iom, house, path):
    before = len(house.asked)
    assert iom.post(path, data={"act": "cancel_meeting", "reason": "x"}).status_code == 403
    assert house.asked[before:] == []


def test_what_is_open_after_meetings_is_listed_with_the_reader_s_own_marked(ilo, house):
    page = ilo.get("/meetings").text
    assert re.search(r'<li class="mine"><span class="code">ILO</span> Write to the donors', page)
    assert 'href="/meetings?after=cursor%2B/%3D"' in page
    house.answers("workplan.action_items", Refusal("unavailable", "Away.", rule="service-away"))
    page = ilo.get("/meetings")
    assert (page.status_code, "Not available now" in page.text) == (200, True)


# Concrete actions -----------------------------------------------------------------------------------------------------------------------

MEASURE = {
    "title": "Judges are trained",
    "description": "In four countries.",
    "pillars": ["prosecution"],
    "paragraphs": "43, 45",
    "since": "2015",
    "until": "2017",
}


def test_a_member_declares_a_measure_of_its_own(iom, house):
    assert 'href="/concrete-actions/new"' in iom.get("/concrete-actions").text
    page = iom.get("/concrete-actions/new")
    assert fields_of(page, "declare_concrete_action")["since"] == str(datetime.now(UTC).year)
    answer = iom.post("/concrete-actions/new", data=typed_into(page, "declare_concrete_action", **MEASURE))
    assert answer.headers["Location"] == "/concrete-actions/training?done=declare_concrete_action"
    numbers = {"paragraphs": [43, 45], "since": 2015, "until": 2017}
    assert asked(house, "workplan.declare_concrete_action") == [MEASURE | numbers | {"entity": "IOM"}]


def test_the_secretariat_enters_one_from_a_letter(sec, house):
    page = sec.get("/concrete-actions/new")
    typed = MEASURE | {"entity": "ilo", "letter": "Letter of 2 March"}
    sec.post("/concrete-actions/new", data=typed_into(page, "enter_concrete_action", **typed))
    (order,) = asked(house, "workplan.declare_concrete_action")
    assert (order["entity"], order["letter"]) == ("ILO", "Letter of 2 March")


@pytest.mark.parametrize(("entity", "role"), [("BRA", "mission"), ("ILO", "reader")])
def test_who_speaks_for_no_member_declares_nothing(as_person, house, entity, role):
    client = as_person(entity, role)
    assert 'href="/concrete-actions/new"' not in client.get("/concrete-actions").text
    assert client.get("/concrete-actions/new").status_code == 403
    assert offered(client.get("/concrete-actions/training")) == []


def test_its_own_people_change_and_end_a_measure(iom, ilo, house):
    page = iom.get("/concrete-actions/training")
    assert offered(ilo.get("/concrete-actions/training")) == []
    form = fields_of(page, "change_concrete_action")
    assert (form["paragraphs"], form.getlist("pillars"), form["until"], form["version"]) == ("43, 45", ["prosecution"], "2016", "1")
    typed = {"title": unescape(form["title"]), "paragraphs": "44", "description": ""}
    iom.post("/concrete-actions/training", data=typed_into(page, "change_concrete_action", **typed))
    assert asked(house, "workplan.change_concrete_action") == [{"action": "training", "description": "", "paragraphs": [44]}]
    assert iom.post("/concrete-actions/training", data=typed_into(page, "change_concrete_action", until="")).status_code == 422
    iom.post("/concrete-actions/training", data=typed_into(page, "end_concrete_action", outcome="done", note="All were."))
    assert asked(house, "workplan.end_concrete_action") == [{"action": "training", "outcome": "done", "note": "All were."}]
    house.answers("workplan.get_concrete_action", samples.concrete_action() | {"state": "done", "note": "All were."})
    ended = iom.get("/concrete-actions/training")
    assert (offered(ended), "All were." in ended.text) == ([], True)


def test_measures_are_found_by_entity_and_year(iom, house):
    page = iom.get("/concrete-actions?entity=ilo&year=2015&after=x")
    assert asked(house, "workplan.concrete_actions") == [{"limit": 100, "entity": "ILO", "year": 2015, "after": "x"}]
    assert "after=cursor%2B/%3D&amp;entity=ilo&amp;year=2015" in page.text
    assert 'href="/concrete-actions/training"' in page.text
    assert iom.get("/concrete-actions?year=soon").status_code == 422


# Words ----------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    "path", ["/calendar?month=2015-03", "/calendar?year=2015", "/meetings", SPRING, "/meetings/new", "/concrete-actions/new"]
)
def test_a_page_has_one_heading_and_no_script_in_either_language(as_person, house, path, language):
    answer = as_person("IOM", language=language).get(path)
    assert answer.status_code == 200, answer.text
    assert (answer.text.count("<h1"), f'<html lang="{language}"' in answer.text) == (1, True)
    for bad in ("<script", "style=", "javascript:", samples.MARKUP):
        assert bad not in answer.text.replace("/static/", ""), bad


def test_every_act_and_field_has_its_words():
    for name, act in CalendarPages.acts.items():
        assert Pages.acts[name] is act
        assert f"act_{name}" in WORDS
        for field in act.command().fields:
            told = {f"field_{field}", f"field_{name}_{field}"} & set(WORDS)
            assert told or field in (*act.in_path, *act.hidden, *act.left_out) or act.command is workplan.RecordAttendance, (name, field)
