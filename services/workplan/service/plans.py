"""The year's plan: orders and questions on it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from contracts import workplan as c
from messaging.context import Order
from messaging.service import command, query
from messaging.store import Saved
from services.workplan import rules
from services.workplan.service.asking import asker, given, made, paged, who
from services.workplan.service.report import annual_report_of
from services.workplan.store import plans


def act(order: Order, decide: Callable[..., Any], *args: Any, **more: Any) -> Saved[rules.Plan]:
    """Carry out one order on the plan of its year: ``decide(plan, *args, by=, at=, composition=, **more)``."""
    told = who(order) | more
    return plans.change(str(order.year), order, lambda plan: decide(plan, *args, **told))


def plan(saved: Saved[rules.Plan], ask: Order) -> dict[str, Any]:
    """The plan as whoever asks may see it, with what is open to them: the rest of it is shared with others who look."""
    whole = plans.seen(saved, *asker(ask)).whole
    offers = rules.Offers(saved.aggregate, *asker(ask))
    amendments = [one | {"may": offers.on_amendment(one["amendment"])} for one in whole["amendments"]]
    return whole | {"amendments": amendments, "may": offers.on_plan(), "version": saved.version}


def activity(saved: Saved[rules.Plan], id: str, ask: Order) -> dict[str, Any]:
    may = rules.Offers(saved.aggregate, *asker(ask)).on_activity(id)
    return plans.seen(saved, *asker(ask)).activity(id) | {"may": may, "version": saved.version}


def rows(order: Order) -> list[rules.Wording]:
    """The activities of an import, each with what it gives."""
    return [given(row, ("activity", *rules.SUBSTANCE)) for row in order.activities]


def imported(year: str, order: Order) -> dict[str, Any]:
    """What an import did that was carried out before, and is not decided again: as the events tell that it caused."""
    titles: dict[str, str] = {}
    told: dict[str, Any] = {}
    changed, added = [], []
    for event in plans.history(year):
        data, kind = event["data"], event["type"]
        if kind == c.ActivityAdded.type():
            titles[data["activity"]] = data["title"]
        elif kind == c.ActivityChanged.type() and "title" in data["after"]:
            titles[data["activity"]] = data["after"]["title"]
        if event["causationid"] == order.id:
            if kind == c.ActivityChanged.type():
                changed.append(rules.difference(data["activity"], titles[data["activity"]], data["before"], data["after"]))
            elif kind == c.ActivityAdded.type():
                added.append(rules.difference(data["activity"], data["title"], None, data["substance"]))
            elif kind == c.PlanImported.type():
                told = {"added": data["added"], "changed": data["changed"]}
    touched = {*told["added"], *told["changed"]}
    unchanged = [row["activity"] for row in order.activities if row["activity"] not in touched]
    return told | {"unchanged": unchanged, "differences": changed + added, "problems": []}


class Plans:
    """The orders and questions on plans."""

    @command(c.OpenPlan)
    def open_plan(self, order: Order) -> dict[str, Any]:
        return plan(made(plans, str(order.year), order, partial(rules.Plan.open, order.year), rules.Plan.open_again), order)

    @command(c.SetPassingRule)
    def set_passing_rule(self, order: Order) -> dict[str, Any]:
        rule = given(order.data, ("passing", "blocking", "minimum_hours"))
        return plan(act(order, rules.Plan.set_passing_rule, **rule), order)

    @command(c.AddActivity)
    def add_activity(self, order: Order) -> dict[str, Any]:
        id = order.activity or order.new_id("activity")
        return activity(act(order, rules.Plan.add_activity, id, given(order.data, rules.SUBSTANCE)), id, order)

    @command(c.ChangeActivity)
    def change_activity(self, order: Order) -> dict[str, Any]:
        saved = act(order, rules.Plan.change_activity, order.activity, given(order.data, rules.SUBSTANCE))
        return activity(saved, order.activity, order)

    @command(c.CancelActivity)
    def cancel_activity(self, order: Order) -> dict[str, Any]:
        return activity(act(order, rules.Plan.cancel_activity, order.activity, order.reason), order.activity, order)

    @command(c.CarryOver)
    def carry_over(self, order: Order) -> dict[str, Any]:
        left, told = plans.load(str(order.year)).aggregate, who(order)
        saved = plans.change(
            str(order.year + 1),
            order,
            lambda plan: plan.carry_over(left, order.activities, **told),
            new=lambda: left.find_nothing_to_carry_into(**told),
        )
        return plan(saved, order)

    @command(c.ImportPlan)
    def import_plan(self, order: Order) -> dict[str, Any]:
        outcomes: list[dict[str, Any]] = []  # one of each attempt, and of one that lost its race too: the last counts, if any was saved
        saved = act(order, lambda plan, **told: outcomes.append(plan.take_in(rows(order), digest=order.digest, **told).view()))
        return {"year": order.year, "version": saved.version} | (imported(saved.id, order) if saved.replayed else outcomes[-1])

    @query(c.CheckImport)
    def check_import(self, ask: Order) -> dict[str, Any]:
        saved = plans.load(str(ask.year))
        outcome = saved.aggregate.check_import(rows(ask), digest=ask.digest, **who(ask))
        return {"year": ask.year, "version": saved.version} | outcome.view()

    @command(c.OpenConsultation)
    def open_consultation(self, order: Order) -> dict[str, Any]:
        return plan(act(order, rules.Plan.open_consultation), order)

    @command(c.OpenAdoption)
    def open_adoption(self, order: Order) -> dict[str, Any]:
        return plan(act(order, rules.Plan.open_adoption, order.procedure, order.deadline), order)

    @command(c.ExtendAdoption)
    def extend_adoption(self, order: Order) -> dict[str, Any]:
        return plan(act(order, rules.Plan.extend_adoption, order.deadline, amendment=order.amendment), order)

    @command(c.TakePosition)
    def take_position(self, order: Order) -> dict[str, Any]:
        word = given(order.data, ("digest", "word", "amendment", "reasons", "proposal", "on_behalf_of", "letter"))
        return plan(act(order, rules.Plan.take_position, **word), order)

    @command(c.ReportProgress)
    def report_progress(self, order: Order) -> dict[str, Any]:
        saved = act(order, rules.Plan.report_progress, order.activity, order.note, order.milestones_met)
        return activity(saved, order.activity, order)

    @command(c.MarkDelivered)
    def mark_delivered(self, order: Order) -> dict[str, Any]:
        return activity(act(order, rules.Plan.mark_delivered, order.activity, order.deliverable, order.note), order.activity, order)

    @command(c.SecureFunding)
    def secure_funding(self, order: Order) -> dict[str, Any]:
        money = given(order.data, ("donor", "amount", "currency", "ends", "note"))
        saved = act(order, rules.Plan.secure_funding, order.activity, order.funding or order.new_id("funding"), **money)
        return activity(saved, order.activity, order)

    @command(c.EndFunding)
    def end_funding(self, order: Order) -> dict[str, Any]:
        return activity(act(order, rules.Plan.end_funding, order.activity, order.funding, order.reason), order.activity, order)

    @command(c.ClosePlan)
    def close_plan(self, order: Order) -> dict[str, Any]:
        def close(plan: rules.Plan, **told: Any) -> None:
            # Made of the very plan that is closed, so that its report lacks nothing that was told in between.
            report = annual_report_of(plan, order, foreword=order.foreword)
            plan.close(order.foreword, report, **told)

        return plan(act(order, close), order)

    @command(c.ProposeAmendment)
    def propose_amendment(self, order: Order) -> dict[str, Any]:
        id = order.amendment or order.new_id("amendment")
        proposal = given(order.data, ("kind", "activity", "reason")) | {"changes": given(order.changes or {}, rules.SUBSTANCE)}
        return plan(act(order, rules.Plan.propose_amendment, id, **proposal), order)

    @command(c.OpenAmendment)
    def open_amendment(self, order: Order) -> dict[str, Any]:
        return plan(act(order, rules.Plan.open_amendment, order.amendment, order.procedure, order.deadline), order)

    @command(c.WithdrawAmendment)
    def withdraw_amendment(self, order: Order) -> dict[str, Any]:
        return plan(act(order, rules.Plan.withdraw_amendment, order.amendment, order.reason), order)

    @query(c.Plans)
    def plans(self, ask: Order) -> dict[str, Any]:
        by, at, group = asker(ask)
        page = plans.listed(drafts=group.is_inside(by, at), limit=ask.limit, after=ask.after)
        return paged(page, lambda plan: plan.seen(by, at, group).summary)

    @query(c.GetPlan)
    def get_plan(self, ask: Order) -> dict[str, Any]:
        return plan(plans.load(str(ask.year)), ask)

    @query(c.Activities)
    def activities(self, ask: Order) -> dict[str, Any]:
        saved = plans.load(str(ask.year))
        items = plans.seen(saved, *asker(ask)).chosen(ask.lead, ask.status, ask.pillar)
        return {"year": ask.year, "as_of": ask.at, "items": items, "version": saved.version}

    @query(c.GetActivity)
    def get_activity(self, ask: Order) -> dict[str, Any]:
        return activity(plans.load(str(ask.year)), ask.activity, ask)

    @query(c.Positions)
    def positions(self, ask: Order) -> dict[str, Any]:
        saved = plans.load(str(ask.year))
        return plans.seen(saved, *asker(ask)).positions() | {"version": saved.version}

    @query(c.Baseline)
    def baseline(self, ask: Order) -> dict[str, Any]:
        saved = plans.load(str(ask.year))
        return plans.seen(saved, *asker(ask)).baseline() | {"version": saved.version}
