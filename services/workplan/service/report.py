"""What of the Global Plan a year serves, and what came of it: the register, coverage, the annual report."""

from typing import Any

from contracts import workplan as c
from contracts.base import dump
from messaging.context import Order
from messaging.service import query
from services.kernel import year_begins
from services.workplan import rules
from services.workplan.service.asking import asker
from services.workplan.store import briefings, coming, composition, concrete_actions, meetings, plans, publications


def compiled(seen: rules.Seen, ask: Order, *, foreword: str = "") -> dict[str, Any]:
    """The annual report of a plan's year, of the record as of the order. ``seen``: the plan from outside."""
    plan = seen.plan
    during = year_begins(plan.year), year_begins(plan.year + 1)
    held = list(briefings.between(*during))
    record = {"meetings": meetings.between(*during), "briefings": held, "publications": publications.between(*during)}
    guests = coming.to(briefing.id for briefing in held)
    told = {"actions": concrete_actions.holding(plan.year), "following": following(plan), "guests": guests, "foreword": foreword}
    return rules.annual_report(seen, at=ask.at, composition=composition.value(), **told, **record)


def following(plan: rules.Plan) -> rules.Plan | None:
    """The plan of the next year, where there is one: what was carried over stands there before this plan hears of it."""
    return next((saved.aggregate for saved in plans.find({"_id": str(plan.year + 1)}, limit=1).items), None)


def annual_report_of(plan: rules.Plan, ask: Order, *, foreword: str = "") -> dict[str, Any]:
    """The report with which the plan is closed: as JSON has it, instants written out, so that it can be kept and digested."""
    return dump(c.AnnualReportAnswer, compiled(rules.Seen(plan, ask.at, inside=False), ask, foreword=foreword))


class Report:
    """The questions on the Global Plan, on coverage, and on the annual report."""

    @query(c.GlobalPlan)
    def global_plan(self, ask: Order) -> dict[str, Any]:
        return {"paragraphs": rules.REGISTER}

    @query(c.Coverage)
    def coverage(self, ask: Order) -> dict[str, Any]:
        plan = plans.load(str(ask.year)).aggregate
        return rules.coverage_view(plan, concrete_actions.holding(ask.year), *asker(ask))

    @query(c.AnnualReport)
    def annual_report(self, ask: Order) -> dict[str, Any]:
        plan = plans.load(str(ask.year)).aggregate
        return rules.report_view(plan, lambda: compiled(plans.kept(rules.Seen(plan, ask.at, inside=False)), ask), *asker(ask))
