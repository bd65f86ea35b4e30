"""Who may do what with plans, meetings, briefings and measures: every cell of the table, asked of the rules."""

from copy import deepcopy
from dataclasses import replace
from functools import cache, partial

import pytest

from contracts import workplan as contract
from services.kernel import Actor, utc
from services.kernel.rights import Standing
from services.workplan.rules import (
    Briefing,
    ConcreteAction,
    Meeting,
    Plan,
    action_items,
    awaiting,
    calendar,
    coverage_view,
    must_be_inside,
    report_view,
)
from services.workplan.rules.rights import RIGHTS, to_plan
from tests.rules.cells import (
    CHAIR,
    CONTRIBUTOR,
    EVERYONE,
    GROUP,
    INSIDE,
    LEAD,
    MEMBER,
    OFFICE,
    OUTSIDE,
    SEATED,
    SIX,
    Row,
    cells,
    person,
    try_cell,
)

NOW, LATER = utc(2014, 1, 10, 9), utc(2014, 2, 10, 17)
SECRETARIAT = person("secretariat")
TOLD = {"at": NOW, "composition": GROUP}
BY_OFFICE = TOLD | {"by": SECRETARIAT}
WORDING = {
    "title": "Paper on demand",
    "lead": "OHCHR",
    "contributors": ["ILO"],
    "pillars": ["prevention"],
    "paragraphs": [12],
    "objective": "What reduces demand",
    "deliverables": [{"id": "launch", "kind": "meeting", "title": "Presentation in Vienna"}],
    "milestones": [{"id": "draft", "title": "First draft", "due": utc(2014, 4, 1)}],
}


def copied(make):
    """The same aggregate made anew for each cell, built once."""
    made = cache(make)

    def fresh():
        thing = deepcopy(made())
        thing.take_happened()
        return thing

    return fresh


@copied
def draft() -> Plan:
    plan = Plan.open(2014, **BY_OFFICE)
    plan.add_activity("demand", WORDING, **BY_OFFICE)
    return plan


@copied
def next_draft() -> Plan:
    return Plan.begin(2015, at=NOW)


@copied
def consulted() -> Plan:
    plan = draft()
    plan.open_consultation(**BY_OFFICE)
    return plan


@copied
def in_adoption() -> Plan:
    plan = consulted()
    plan.open_adoption("express", LATER, **BY_OFFICE)
    return plan


@copied
def in_force() -> Plan:
    plan = consulted()
    plan.open_adoption("express", None, **BY_OFFICE)
    for entity in SIX:
        plan.take_position(plan.digest, "endorse", by=person("focal_point", entity), **TOLD)
    plan.secure_funding("demand", "money", donor="A donor", amount="5", currency="USD", **BY_OFFICE)
    return plan


@copied
def amended() -> Plan:
    plan = in_force()
    said = {"kind": "change", "activity": "demand", "changes": {"title": "Other"}, "reason": "r"}
    plan.propose_amendment("a", **said, by=person("focal_point", "UNICEF"), **TOLD)
    return plan


@copied
def called() -> Meeting:
    when = {"starts_at": utc(2014, 3, 4, 9), "ends_at": utc(2014, 3, 5, 17)}
    return Meeting.call("m", title="Meeting", place="Vienna", **when, **BY_OFFICE)


AFTER = {"at": utc(2014, 3, 6), "composition": GROUP}
DUE = utc(2014, 5, 1)


@copied
def held() -> Meeting:
    meeting = called()
    meeting.assign_action("Send the figures", "WB", DUE, by=SECRETARIAT, **AFTER)
    return meeting


BRIEFED = {"title": "Briefing", "kind": "briefing", "starts_at": utc(2014, 3, 4, 9), "ends_at": utc(2014, 3, 4, 11), "place": "Geneva"}


@copied
def announced() -> Briefing:
    return Briefing.announce("b", **BRIEFED, **BY_OFFICE)


MEASURE = {"title": "Remittance study", "until": 2017, "pillars": ["prevention"]}


@copied
def declared() -> ConcreteAction:
    return ConcreteAction.declare("c", MEASURE, entity="WB", letter="Letter of today", **BY_OFFICE)


def letter(by: Actor) -> dict:
    return {"letter": "Letter of today"} if by.roles & {"secretariat", "system"} else {"letter": ""}


def positioned(plan: Plan, by: Actor) -> None:
    """A word for one's own entity; of the secretariat, for another."""
    behalf = {"on_behalf_of": "UNHCR", "letter": "Letter of today"} if by.roles & {"secretariat", "system"} else {}
    plan.take_position(plan.digest, "endorse", by=by, **behalf, **TOLD)


def may(action: str, plan: Plan | None, by: Actor) -> None:
    RIGHTS.must(action, to_plan(plan, by, *TOLD.values()) if plan else Standing(by, *TOLD.values()))


DROP = {"kind": "drop", "activity": "demand", "changes": None, "reason": "r"}
IMPORTED = [{"activity": "new", **WORDING}]
CLOSING = {"at": utc(2015, 1, 2), "composition": GROUP}
CLOSERS = OFFICE | CHAIR
"""In January the chair of the year that is over still closes its plan."""

drafting = partial(Row, make=draft, unknown=OUTSIDE)
adopting = partial(Row, make=in_adoption, unknown=OUTSIDE)
carrying = partial(Row, make=in_force)
meeting = partial(Row, make=called, unknown=OUTSIDE)
met = partial(Row, make=held, unknown=OUTSIDE)
SITS = SEATED | CHAIR | OFFICE
MOVES = CHAIR | OFFICE
LEADS = LEAD | MOVES
CARRIES = LEADS | CONTRIBUTOR
nothing = partial(Row, make=lambda: None)

ROWS = {
    "open_plan": nothing(lambda _, by: Plan.open(2014, by=by, **TOLD), allowed=MOVES),
    "set_passing_rule": drafting(
        lambda p, by: p.set_passing_rule(passing=["endorse"], blocking=["object"], minimum_hours=72, by=by, **TOLD), allowed=OFFICE
    ),
    "add_activity": drafting(lambda p, by: p.add_activity("new", WORDING, by=by, **TOLD), allowed=SITS),
    "change_activity": drafting(lambda p, by: p.change_activity("demand", {"title": "Other"}, by=by, **TOLD), allowed=LEADS),
    "cancel_activity": drafting(lambda p, by: p.cancel_activity("demand", "r", by=by, **TOLD), allowed=LEADS),
    "carry_over": Row(lambda p, by: p.carry_over(in_force(), None, by=by, **TOLD), next_draft, MOVES, OUTSIDE),
    "check_import": drafting(lambda p, by: p.check_import([], by=by, **TOLD), allowed=SITS),
    "import_plan": drafting(lambda p, by: p.take_in([], by=by, **TOLD), allowed=SITS),
    "open_consultation": drafting(lambda p, by: p.open_consultation(by=by, **TOLD), allowed=MOVES),
    "open_adoption": Row(lambda p, by: p.open_adoption("express", None, by=by, **TOLD), consulted, MOVES, OUTSIDE),
    "extend_adoption": adopting(lambda p, by: p.extend_adoption(utc(2014, 3), by=by, **TOLD), allowed=MOVES),
    "take_position": adopting(positioned, allowed=SEATED | OFFICE),
    "close_plan": Row(lambda p, by: p.close("", {"year": 2014}, by=by, **CLOSING), in_force, CLOSERS),
    "propose_amendment": carrying(lambda p, by: p.propose_amendment("x", **DROP, by=by, **TOLD), allowed=SITS),
    "open_amendment": Row(lambda p, by: p.open_amendment("a", "express", None, by=by, **TOLD), amended, MOVES),
    "withdraw_amendment": Row(
        lambda p, by: p.withdraw_amendment("a", "r", by=by, **TOLD), amended, MOVES | {"seated", "seated's alternate"}
    ),
    "report_progress": carrying(lambda p, by: p.report_progress("demand", "n", ["draft"], by=by, **TOLD), allowed=CARRIES),
    "mark_delivered": carrying(lambda p, by: p.mark_delivered("demand", "launch", "n", by=by, **TOLD), allowed=CARRIES),
    "secure_funding": carrying(
        lambda p, by: p.secure_funding("demand", "more", donor="N", amount="5", currency="USD", by=by, **TOLD), allowed=CARRIES
    ),
    "end_funding": carrying(lambda p, by: p.end_funding("demand", "money", "r", by=by, **TOLD), allowed=CARRIES),
    "get_plan": drafting(lambda p, by: p.seen(by, *TOLD.values()).whole, allowed=INSIDE),
    "get_plan adopted": carrying(lambda p, by: p.seen(by, *TOLD.values()).whole, allowed=EVERYONE),
    "activities": drafting(lambda p, by: p.seen(by, *TOLD.values()).chosen(), allowed=INSIDE),
    "activities adopted": carrying(lambda p, by: p.seen(by, *TOLD.values()).chosen(lead="OHCHR"), allowed=EVERYONE),
    "get_activity": drafting(lambda p, by: p.seen(by, *TOLD.values()).activity("demand"), allowed=INSIDE),
    "get_activity adopted": carrying(lambda p, by: p.seen(by, *TOLD.values()).activity("demand"), allowed=EVERYONE),
    "baseline": drafting(partial(may, "baseline"), allowed=INSIDE),
    **{name: nothing(partial(may, name), allowed=EVERYONE) for name in ("plans", "global_plan", "briefings", "concrete_actions")},
    "baseline adopted": carrying(lambda p, by: p.seen(by, *TOLD.values()).baseline(), allowed=EVERYONE),
    "coverage": drafting(lambda p, by: coverage_view(p, [], by, *TOLD.values()), allowed=INSIDE),
    "coverage adopted": carrying(lambda p, by: coverage_view(p, [], by, *TOLD.values()), allowed=EVERYONE),
    "annual_report": Row(lambda p, by: report_view(p, dict, by, *TOLD.values()), in_force, INSIDE, OUTSIDE),
    "positions": drafting(lambda p, by: p.seen(by, *TOLD.values()).positions(), allowed=INSIDE),
    "positions adopted": carrying(lambda p, by: p.seen(by, *TOLD.values()).positions(), allowed=INSIDE),
    "awaiting": nothing(lambda _, by: awaiting("OHCHR", plans=[draft()], meetings=[called()], by=by, **TOLD), allowed=LEAD | OFFICE),
    "call_meeting": nothing(
        lambda _, by: Meeting.call("m", title="M", place="V", starts_at=utc(2014, 3), ends_at=utc(2014, 3, 2), by=by, **TOLD), allowed=MOVES
    ),
    "change_meeting": meeting(lambda m, by: m.change({"title": "Other"}, reason="r", by=by, **TOLD), allowed=MOVES),
    "cancel_meeting": meeting(lambda m, by: m.cancel("r", by=by, **TOLD), allowed=MOVES),
    "propose_agenda_item": meeting(lambda m, by: m.propose_item("Item", by=by, **TOLD), allowed=INSIDE),
    "reply_to_meeting": meeting(lambda m, by: m.reply("WB", "yes", [], by=by, **letter(by), **TOLD), allowed=MEMBER | OFFICE),
    "record_attendance": met(lambda m, by: m.record_attendance([{"entity": "WB"}], by=by, **AFTER), allowed=MOVES),
    "record_decision": met(lambda m, by: m.record_decision("Agreed", by=by, **AFTER), allowed=MOVES),
    "assign_action": met(lambda m, by: m.assign_action("w", "WB", DUE, by=by, **AFTER), allowed=MOVES),
    "change_action": met(lambda m, by: m.change_action("a1", owner="ILO", reason="r", by=by, **AFTER), allowed=MOVES),
    "complete_action": met(lambda m, by: m.complete_action("a1", "done", by=by, **AFTER), allowed=MOVES | MEMBER),
    "drop_action": met(lambda m, by: m.drop_action("a1", "r", by=by, **AFTER), allowed=MOVES),
    "meetings": Row(lambda _, by: must_be_inside(by, *TOLD.values()), lambda: None, INSIDE, OUTSIDE),
    "get_meeting": meeting(lambda m, by: m.view(by, *TOLD.values()), allowed=INSIDE),
    "action_items": met(lambda m, by: action_items([m], None, settled=True, by=by, **AFTER), allowed=INSIDE),
    "calendar": nothing(
        lambda _, by: calendar(None, None, None, briefings=[announced()], meetings=[called()], owing=[], plans=[], by=by, **TOLD),
        allowed=EVERYONE,
    ),
    "calendar.entity": nothing(
        lambda _, by: calendar("OHCHR", None, None, briefings=[], meetings=[], owing=[], plans=[in_force()], by=by, **TOLD),
        allowed=LEAD | OFFICE,
    ),
    "announce_briefing": nothing(lambda _, by: Briefing.announce("b", **BRIEFED, by=by, **TOLD), allowed=MOVES),
    "change_briefing": Row(lambda b, by: b.change({"title": "Other"}, reason="r", by=by, **TOLD), announced, MOVES),
    "cancel_briefing": Row(lambda b, by: b.cancel("r", by=by, **TOLD), announced, MOVES),
    "get_briefing": Row(lambda b, by: b.view(by, NOW), announced, EVERYONE),
    "declare_concrete_action": nothing(
        lambda _, by: ConcreteAction.declare("c", MEASURE, entity="WB", by=by, **letter(by), **TOLD), allowed=MEMBER | OFFICE
    ),
    "change_concrete_action": Row(lambda c, by: c.change({"title": "Other"}, by=by, **letter(by), **TOLD), declared, MEMBER | OFFICE),
    "end_concrete_action": Row(lambda c, by: c.end("withdrawn", "n", by=by, **letter(by), **TOLD), declared, MEMBER | OFFICE),
    "get_concrete_action": Row(lambda c, by: c.view(by, *TOLD.values()), declared, EVERYONE),
}


@pytest.mark.parametrize(("action", "name"), cells(ROWS))
def test_a_cell(action, name):
    try_cell(RIGHTS, action, ROWS[action], name)


def test_every_order_and_question_has_a_row_and_every_row_has_one():
    RIGHTS.must_cover(contract.contract.commands)
    assert {action.partition(" ")[0].partition(".")[0] for action in ROWS} == set(contract.contract.commands)


def test_a_lead_that_left_acts_on_nothing_of_its_plan():
    left = replace(GROUP, memberships=[m for m in GROUP.memberships if m.entity != "OHCHR"])
    for by in (person("focal_point", "OHCHR"), person("alternate", "OHCHR")):
        for make in (draft, in_force):
            plan = make()
            assert not RIGHTS.may("cancel_activity", replace(to_plan(plan, by, NOW, left), activity=plan.activities[0]))
