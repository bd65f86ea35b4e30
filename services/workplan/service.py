"""How *workplan* talks: orders and questions on plans and briefings, and what it hears of terms and publications."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from contracts import chairs, documents
from contracts import workplan as c
from messaging.context import Arrived, Order
from messaging.service import Commands, Subscriptions, command, query, subscribe
from messaging.store import Page, Saved
from services.kernel import Actor, Composition
from services.workplan import rules
from services.workplan.store import briefings, composition, plans

log = logging.getLogger(__name__)


def given(data: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The fields among ``names`` that the caller gave; what it did not give stays as it is."""
    return {name: data[name] for name in names if data.get(name) is not None}


def who(order: Order) -> dict[str, Any]:
    """By whom, when, and in which composition of the Group. Raises Refusal(unavailable) before chairs has told any."""
    return {"by": order.by, "at": order.at, "composition": composition.value()}


def act(order: Order, decide: Callable[..., Any], *args: Any, **more: Any) -> Saved[rules.Plan]:
    """Carry out one order on the plan of its year: ``decide(plan, *args, by=, at=, composition=, **more)``."""
    told = who(order) | more
    return plans.change(str(order.year), order, lambda plan: decide(plan, *args, **told))


def asker(ask: Order) -> tuple[Actor, datetime, Composition]:
    """Who asks, when, and in which composition. Neither the secretariat nor who claims no part in the Group waits for that to be
    known here: nothing that they see depends on it."""
    depends = ask.by.in_the_group and not (ask.by.is_secretariat or ask.by.is_system)
    return ask.by, ask.at, composition.value() if depends else Composition()


def plan(saved: Saved[rules.Plan], ask: Order) -> dict[str, Any]:
    return saved.aggregate.view(*asker(ask)) | {"version": saved.version}


def activity(saved: Saved[rules.Plan], id: str, ask: Order) -> dict[str, Any]:
    return saved.aggregate.activity_view(id, *asker(ask)) | {"version": saved.version}


def paged(page: Page, view: Callable[..., dict[str, Any]], *told: Any) -> dict[str, Any]:
    return {"items": [view(saved.aggregate, *told) | {"version": saved.version} for saved in page.items], "next": page.next}


class Workplan(Commands):
    """The orders and questions of *workplan*."""

    name = "workplan"
    aggregates = (plans, briefings)

    # The plan

    @command(c.OpenPlan)
    def open_plan(self, order: Order) -> dict[str, Any]:
        told = who(order)
        saved = plans.change(str(order.year), order, lambda plan: plan.open_again(**told), new=lambda: rules.Plan.open(order.year, **told))
        return plan(saved, order)

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

    @command(c.ClosePlan)
    def close_plan(self, order: Order) -> dict[str, Any]:
        return plan(act(order, rules.Plan.close, order.report), order)

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
        return paged(plans.listed(drafts=group.is_inside(by, at), limit=ask.limit, after=ask.after), rules.Plan.summary, by, at, group)

    @query(c.GetPlan)
    def get_plan(self, ask: Order) -> dict[str, Any]:
        return plan(plans.load(str(ask.year)), ask)

    @query(c.GetActivity)
    def get_activity(self, ask: Order) -> dict[str, Any]:
        return activity(plans.load(str(ask.year)), ask.activity, ask)

    @query(c.Positions)
    def positions(self, ask: Order) -> dict[str, Any]:
        saved = plans.load(str(ask.year))
        return saved.aggregate.positions_view(*asker(ask)) | {"version": saved.version}

    @query(c.Baseline)
    def baseline(self, ask: Order) -> dict[str, Any]:
        saved = plans.load(str(ask.year))
        return saved.aggregate.baseline_view(*asker(ask)) | {"version": saved.version}

    @query(c.Coverage)
    def coverage(self, ask: Order) -> dict[str, Any]:
        return plans.load(str(ask.year)).aggregate.coverage_view(*asker(ask))

    @query(c.Awaiting)
    def awaiting(self, ask: Order) -> dict[str, Any]:
        by, at, group = asker(ask)
        return rules.awaiting(plans.unfinished(), ask.entity, by=by, at=at, composition=group)

    # The briefings

    @command(c.AnnounceBriefing)
    def announce_briefing(self, order: Order) -> Saved[rules.Briefing]:
        id, told = order.briefing or order.new_id("briefing"), who(order) | given(order.data, rules.TOLD)
        return briefings.create(id, order, lambda: rules.Briefing.announce(id, **told))

    @command(c.ChangeBriefing)
    def change_briefing(self, order: Order) -> Saved[rules.Briefing]:
        changes, told = given(order.data, rules.TOLD), who(order)
        return briefings.change(order.briefing, order, lambda briefing: briefing.change(changes, reason=order.reason, **told))

    @command(c.CancelBriefing)
    def cancel_briefing(self, order: Order) -> Saved[rules.Briefing]:
        told = who(order)
        return briefings.change(order.briefing, order, lambda briefing: briefing.cancel(order.reason, **told))

    @query(c.Briefings)
    def briefings(self, ask: Order) -> dict[str, Any]:
        page = briefings.find(sort="state.starts_at", descending=True, limit=ask.limit, after=ask.after)
        return paged(page, rules.Briefing.view, ask.by, ask.at)

    @query(c.GetBriefing)
    def get_briefing(self, ask: Order) -> Saved[rules.Briefing]:
        return briefings.load(ask.briefing)


def deliver(event: Arrived, *evidence: str) -> None:
    """A publication delivers the deliverable it names, if it names one; ``evidence``: the fields that show it. One that names
    what others carry out has nothing to do here, and nobody can mend it by sending it again: it is noted, and that is all."""
    if (promised := event.deliverable) is None:
        return
    shown, lead = given(event.data, ("document", "title", "url", "digest", *evidence)), event.data.get("lead")
    heard: list[bool] = []
    plans.change(
        str(promised["year"]),
        event,
        lambda plan: heard.append(plan.deliver(promised["activity"], promised["deliverable"], shown, lead=lead, at=event.at)),
    )
    if heard and not heard[-1]:
        log.warning("%s of %s names %s, which others carry out: nothing is delivered", event.document, lead, promised)


def open_draft(event: Arrived) -> None:
    """A coming term opens its year's draft, unless it is open."""
    if rules.is_coming(event.year, event.at):
        plans.change(str(event.year), event, lambda plan: None, new=lambda: rules.Plan.begin(event.year, at=event.at))


class WorkplanEvents(Subscriptions):
    """What *workplan* hears. Each handler bears an event that comes twice, or after its successors."""

    name = "workplan.events"

    @subscribe(chairs.CompositionChanged)
    def composition_changed(self, event: Arrived) -> None:
        composition.keep(event)

    @subscribe(chairs.TermAdopted)
    def term_adopted(self, event: Arrived) -> None:
        open_draft(event)

    @subscribe(chairs.TermStarted)
    def term_started(self, event: Arrived) -> None:
        open_draft(event)

    @subscribe(documents.Published)
    def published(self, event: Arrived) -> None:
        deliver(event, "kind", "number")

    @subscribe(documents.StatementIssued)
    def statement_issued(self, event: Arrived) -> None:
        deliver(event, "occasion")
