"""What a reader is told is open to them is what they are let do: the offers against the orders themselves, for every state and person."""

import copy
import functools
from datetime import datetime

import pytest

from services.kernel import Actor, Refusal, utc
from services.workplan.rules import Offers, Plan
from tests.rules.test_workplan import COMPOSITION, DEADLINE, NOW, REPORT, Desk, draft, focal, in_adoption, in_force, secretariat, wording

PEOPLE = {
    "secretariat": secretariat,
    "chair": focal("IOM"),
    "lead": focal("ILO"),
    "contributor": focal("WB"),
    "seated": focal("UNICEF"),
    "alternate": Actor("alt", "UNICEF", frozenset({"alternate"})),
    "outside": focal("NATO"),
    "mission": Actor("brazil", "BRA", frozenset({"mission"})),
    "reader": Actor("reader", None, frozenset({"reader"})),
}
LATER = NOW.replace(hour=12)


def begun() -> Desk:
    """A draft with an activity led by an entity that does not chair, to which one without a seat contributes, with money on record."""
    desk = draft()
    desk.add_activity("remedies", wording(lead="ILO", contributors=["WB"]))
    desk.secure_funding("remedies", "grant", donor="A donor", amount="1000.00", currency="USD")
    return desk


def consulted() -> Desk:
    desk = begun()
    desk.open_consultation()
    return desk


def before_the_group(procedure="silence", deadline=DEADLINE) -> Desk:
    desk = consulted()
    desk.open_adoption(procedure, deadline)
    return desk


def adopted() -> Desk:
    desk = before_the_group("express", None)
    for entity in ("ILO", "IOM", "OHCHR", "UNHCR", "UNICEF", "UNODC"):
        desk.says(entity, "endorse")
    assert desk.plan.state == "in_force"
    return desk


def proposed() -> Desk:
    desk = adopted()
    desk.propose_amendment("a1", kind="drop", activity="demand", changes=None, reason="No money.", by=focal("UNICEF"))
    return desk


def amending() -> Desk:
    desk = proposed()
    desk.open_amendment("a1", "silence", DEADLINE)
    return desk


def withdrawn() -> Desk:
    desk = proposed()
    desk.withdraw_amendment("a1", "Not needed.")
    return desk


def closed() -> Desk:
    desk = adopted()
    desk.close("", REPORT, at=utc(2015, 2, 1))
    return desk


STATES = {
    "draft": (begun, LATER),
    "empty": (lambda: Desk(Plan.begin(2014, at=NOW)), LATER),
    "consultation": (consulted, LATER),
    "adoption": (before_the_group, LATER),
    "adoption, its deadline come": (before_the_group, DEADLINE),
    "express adoption": (in_adoption, LATER),
    "in force": (adopted, LATER),
    "in force, another": (in_force, LATER),
    "in force, its year over": (adopted, utc(2015, 2, 1)),
    "amendment proposed": (proposed, LATER),
    "amendment proposed, the year over": (proposed, utc(2015, 2, 1)),
    "amendment in clearance": (amending, LATER),
    "amendment in clearance, its deadline come": (amending, DEADLINE),
    "amendment withdrawn": (withdrawn, LATER),
    "closed": (closed, utc(2015, 3, 1)),
}


@functools.cache
def made(state: str) -> tuple[Desk, datetime]:
    """A plan in this state, as the timer leaves it at the instant of which is asked."""
    make, at = STATES[state]
    desk = make()
    desk.plan.tick(at)
    return desk, at


ON_PLAN = (
    "set_passing_rule",
    "add_activity",
    "import_plan",
    "open_consultation",
    "open_adoption",
    "take_position",
    "extend_adoption",
    "propose_amendment",
    "close_plan",
)
ON_ACTIVITY = (
    "change_activity",
    "cancel_activity",
    "propose_amendment",
    "report_progress",
    "mark_delivered",
    "secure_funding",
    "end_funding",
)
ON_AMENDMENT = ("open_amendment", "withdraw_amendment", "take_position", "extend_adoption")


def given(desk: Desk, order: str, who: Actor, at, *, amendment: str | None = None) -> None:
    """An order that is right in all but, perhaps, who gives it and when."""
    plan, told = desk.plan, {"by": who, "at": at, "composition": COMPOSITION}
    clearance = plan.amendments[0].clearance if amendment else plan.adoption
    letter = {"on_behalf_of": "UNHCR", "letter": "Letter of today"} if who.is_secretariat else {}
    orders = {
        "set_passing_rule": lambda: plan.set_passing_rule(passing=["endorse"], blocking=["object"], minimum_hours=24, **told),
        "add_activity": lambda: plan.add_activity("new", wording(), **told),
        "import_plan": lambda: plan.take_in([], **told),
        "open_consultation": lambda: plan.open_consultation(**told),
        "open_adoption": lambda: plan.open_adoption("express", None, **told),
        "take_position": lambda: plan.take_position(
            clearance.digest if clearance else "0", "no_objection", amendment=amendment, **letter, **told
        ),
        "extend_adoption": lambda: plan.extend_adoption(DEADLINE.replace(day=30), amendment=amendment, **told),
        "propose_amendment": lambda: plan.propose_amendment(
            "b1",
            kind="change",
            activity="remedies" if plan._find("remedies") else "demand",
            changes={"title": "Other"},
            reason="So.",
            **told,
        ),
        "close_plan": lambda: plan.close("", REPORT, **told),
        "change_activity": lambda: plan.change_activity("remedies", {"title": "Other"}, **told),
        "cancel_activity": lambda: plan.cancel_activity("remedies", "No money.", **told),
        "report_progress": lambda: plan.report_progress("remedies", "On.", [], **told),
        "mark_delivered": lambda: plan.mark_delivered("remedies", "launch", "Held.", **told),
        "secure_funding": lambda: plan.secure_funding("remedies", "more", donor="B", amount="1.00", currency="USD", **told),
        "end_funding": lambda: plan.end_funding("remedies", "grant", "Gone.", **told),
        "open_amendment": lambda: plan.open_amendment("a1", "express", None, **told),
        "withdraw_amendment": lambda: plan.withdraw_amendment("a1", "No.", **told),
    }
    orders[order]()


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("who", PEOPLE)
def test_what_is_offered_is_what_is_let_through(state, who):
    desk, at = made(state)
    person = PEOPLE[who]
    offers = Offers(desk.plan, person, at, COMPOSITION)
    asked = [(order, offers.on_plan(), None) for order in ON_PLAN]
    if desk.plan._find("remedies"):
        asked += [(order, offers.on_activity("remedies"), None) for order in ON_ACTIVITY]
    if desk.plan.amendments:
        asked += [(order, offers.on_amendment("a1"), "a1") for order in ON_AMENDMENT]
    for order, offered, amendment in asked:
        tried = Desk(copy.deepcopy(desk.plan))
        try:
            given(tried, order, person, at, amendment=amendment)
        except Refusal as refusal:
            assert order not in offered, (order, refusal.detail)
        else:
            assert order in offered, order


def test_what_is_left_is_offered_to_be_carried_over_by_who_moves_the_next_year():
    """The chair of the next year prepares its plan, and so does the one that serves."""
    desk = adopted()
    carrying = {
        name for name, person in PEOPLE.items() if "carry_over" in Offers(desk.plan, person, utc(2014, 12, 1), COMPOSITION).on_plan()
    }
    assert carrying == {"secretariat", "chair"}
    assert "carry_over" in Offers(desk.plan, focal("UNHCR"), utc(2014, 12, 1), COMPOSITION).on_plan()
    assert "carry_over" not in Offers(begun().plan, secretariat, NOW, COMPOSITION).on_plan()


def test_of_what_is_not_there_nothing_is_offered():
    offers = Offers(begun().plan, secretariat, NOW, COMPOSITION)
    assert offers.on_activity("nothing") == offers.on_amendment("nothing") == []
