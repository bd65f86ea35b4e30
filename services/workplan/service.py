"""How *workplan* talks: orders and questions on plans and briefings, and what it hears of terms and publications."""

from collections.abc import Callable, Iterable
from typing import Any

from contracts import chairs, documents
from contracts import workplan as c
from messaging.context import Arrived, Order
from messaging.service import Commands, Subscriptions, command, query, subscribe
from messaging.store import Page, Saved
from services.workplan import rules
from services.workplan.store import briefings, composition, plans


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


def activity(saved: Saved[rules.Plan], id: str, order: Order) -> dict[str, Any]:
    return saved.aggregate.activity_view(id, order.by, order.at) | {"version": saved.version}


def paged(page: Page, view: Callable[..., dict[str, Any]], ask: Order) -> dict[str, Any]:
    items = [view(saved.aggregate, ask.by, ask.at) | {"version": saved.version} for saved in page.items]
    return {"items": items, "next": page.next}


class Workplan(Commands):
    """The orders and questions of *workplan*."""

    name = "workplan"
    aggregates = (plans, briefings)

    # The plan

    @command(c.OpenPlan)
    def open_plan(self, order: Order) -> Saved[rules.Plan]:
        told = who(order)
        return plans.change(str(order.year), order, lambda plan: plan.open_again(**told), new=lambda: rules.Plan.open(order.year, **told))

    @command(c.SetPassingRule)
    def set_passing_rule(self, order: Order) -> Saved[rules.Plan]:
        rule = given(order.data, ("passing", "blocking", "minimum_hours"))
        return plans.change(str(order.year), order, lambda plan: plan.set_passing_rule(**rule, by=order.by, at=order.at))

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
    def open_consultation(self, order: Order) -> Saved[rules.Plan]:
        return act(order, rules.Plan.open_consultation)

    @command(c.OpenAdoption)
    def open_adoption(self, order: Order) -> Saved[rules.Plan]:
        return act(order, rules.Plan.open_adoption, order.procedure, order.deadline)

    @command(c.ExtendAdoption)
    def extend_adoption(self, order: Order) -> Saved[rules.Plan]:
        return act(order, rules.Plan.extend_adoption, order.deadline, amendment=order.amendment)

    @command(c.TakePosition)
    def take_position(self, order: Order) -> Saved[rules.Plan]:
        word = given(order.data, ("digest", "word", "amendment", "reasons", "proposal", "on_behalf_of", "letter"))
        return plans.change(str(order.year), order, lambda plan: plan.take_position(**word, by=order.by, at=order.at))

    @command(c.ReportProgress)
    def report_progress(self, order: Order) -> dict[str, Any]:
        saved = act(order, rules.Plan.report_progress, order.activity, order.note, order.milestones_met)
        return activity(saved, order.activity, order)

    @command(c.MarkDelivered)
    def mark_delivered(self, order: Order) -> dict[str, Any]:
        return activity(act(order, rules.Plan.mark_delivered, order.activity, order.deliverable, order.note), order.activity, order)

    @command(c.ClosePlan)
    def close_plan(self, order: Order) -> Saved[rules.Plan]:
        return act(order, rules.Plan.close, order.report)

    @command(c.ProposeAmendment)
    def propose_amendment(self, order: Order) -> Saved[rules.Plan]:
        id = order.amendment or order.new_id("amendment")
        proposal = given(order.data, ("kind", "activity", "reason")) | {"changes": given(order.changes or {}, rules.SUBSTANCE)}
        return act(order, rules.Plan.propose_amendment, id, **proposal)

    @command(c.OpenAmendment)
    def open_amendment(self, order: Order) -> Saved[rules.Plan]:
        return act(order, rules.Plan.open_amendment, order.amendment, order.procedure, order.deadline)

    @command(c.WithdrawAmendment)
    def withdraw_amendment(self, order: Order) -> Saved[rules.Plan]:
        return act(order, rules.Plan.withdraw_amendment, order.amendment, order.reason)

    @query(c.Plans)
    def plans(self, ask: Order) -> dict[str, Any]:
        return paged(plans.listed(drafts=ask.by.in_the_group, limit=ask.limit, after=ask.after), rules.Plan.summary, ask)

    @query(c.GetPlan)
    def get_plan(self, ask: Order) -> Saved[rules.Plan]:
        return plans.load(str(ask.year))

    @query(c.GetActivity)
    def get_activity(self, ask: Order) -> dict[str, Any]:
        return activity(plans.load(str(ask.year)), ask.activity, ask)

    @query(c.Positions)
    def positions(self, ask: Order) -> dict[str, Any]:
        saved = plans.load(str(ask.year))
        return saved.aggregate.positions_view(ask.by) | {"version": saved.version}

    @query(c.Baseline)
    def baseline(self, ask: Order) -> dict[str, Any]:
        saved = plans.load(str(ask.year))
        return saved.aggregate.baseline_view(ask.by) | {"version": saved.version}

    @query(c.Coverage)
    def coverage(self, ask: Order) -> dict[str, Any]:
        return plans.load(str(ask.year)).aggregate.coverage_view(ask.by)

    @query(c.Awaiting)
    def awaiting(self, ask: Order) -> dict[str, Any]:
        return rules.awaiting(plans.unfinished(), ask.entity, by=ask.by, at=ask.at)

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
        return paged(page, rules.Briefing.view, ask)

    @query(c.GetBriefing)
    def get_briefing(self, ask: Order) -> Saved[rules.Briefing]:
        return briefings.load(ask.briefing)


def deliver(event: Arrived, *evidence: str) -> None:
    """A publication delivers the deliverable it names, if it names one; ``evidence``: the fields that show it."""
    if (promised := event.deliverable) is not None:
        shown = given(event.data, ("document", "title", "url", "digest", *evidence))
        plans.change(
            str(promised["year"]),
            event,
            lambda plan: plan.deliver(promised["activity"], promised["deliverable"], shown, at=event.at),
        )


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
