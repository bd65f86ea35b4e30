"""Which orders are open to whoever looks at a plan, at an activity or at an amendment of it: told with what they are shown, so that
nobody is offered what will be refused. Each order still decides by itself, in ``plan``."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from services.kernel import Actor, Clearance, Composition, year_begins
from services.workplan.rules import rights
from services.workplan.rules.activity import Activity
from services.workplan.rules.amendment import Amendment
from services.workplan.rules.plan import ADOPTION, CLOSED, CONSULTATION, DRAFT, IN_FORCE, PUBLIC, Plan

CHANGING = (DRAFT, CONSULTATION, ADOPTION)
"""The states in which the substance is changed without an amendment."""


@dataclass(frozen=True)
class Offers:
    """What of a plan is open to one person as of an instant: what its state allows, of that what is theirs. Each answer is a list of
    orders by their names."""

    plan: Plan
    by: Actor
    at: datetime
    composition: Composition

    def on_plan(self) -> list[str]:
        """The orders on the plan as a whole."""
        return [order for order in self._of_plan() if self._is_theirs(order)]

    def on_activity(self, id: str) -> list[str]:
        """The orders on the activity of this id."""
        activity = next((one for one in self.plan.activities if one.id == id), None)
        return [order for order in self._of_activity(activity) if self._is_theirs(order, activity=activity)] if activity else []

    def on_amendment(self, id: str) -> list[str]:
        """The orders on the amendment of this id."""
        amendment = next((one for one in self.plan.amendments if one.id == id), None)
        return [order for order in self._of_amendment(amendment) if self._is_theirs(order, amendment=amendment)] if amendment else []

    # Whose they are

    def _is_theirs(self, order: str, *, activity: Activity | None = None, amendment: Amendment | None = None) -> bool:
        # What is carried over joins the next year's plan, and is decided there.
        plan = Plan(self.plan.year + 1) if order == "carry_over" else self.plan
        names = (order, "take_position.on_behalf_of") if order == "take_position" else (order,)
        told = (plan, self.by, self.at, self.composition)
        return any(rights.may(name, *told, activity=activity, amendment=amendment) for name in names)

    # What the state allows

    def _of_plan(self) -> Iterator[str]:
        plan, state = self.plan, self.plan.state
        if state in (DRAFT, CONSULTATION):
            yield from ("set_passing_rule", "add_activity")
        if state in CHANGING:
            yield "import_plan"
        if state in (DRAFT, ADOPTION):
            yield "open_consultation"
        if state == CONSULTATION and any(activity.cancelled is None for activity in plan.activities):
            yield "open_adoption"
        yield from self._of_clearance(plan.adoption)
        if state == IN_FORCE:
            yield "propose_amendment"
        if state in PUBLIC and any(map(self._is_left, plan.activities)):
            yield "carry_over"
        settled = not any(amendment.is_pending for amendment in plan.amendments)
        if state == IN_FORCE and settled and self.at >= year_begins(plan.year + 1):
            yield "close_plan"

    def _of_activity(self, activity: Activity) -> Iterator[str]:
        state, stands = self.plan.state, activity.cancelled is None
        if stands and state in CHANGING:
            yield from ("change_activity", "cancel_activity")
        if stands and state == IN_FORCE:
            yield from ("propose_amendment", "report_progress")
            if any(item.kind != "document" and item.delivered_at is None for item in activity.deliverables):
                yield "mark_delivered"
        if stands and state != CLOSED:
            yield "secure_funding"
        if state != CLOSED and any(money.ended is None for money in activity.funding):
            yield "end_funding"

    def _of_amendment(self, amendment: Amendment) -> Iterator[str]:
        if self.plan.state == IN_FORCE and amendment.state == "proposed" and amendment.applies_to(self.plan.activities):
            yield "open_amendment"
        if amendment.is_pending:
            yield "withdraw_amendment"
        yield from self._of_clearance(amendment.clearance)

    def _of_clearance(self, clearance: Clearance | None) -> Iterator[str]:
        if clearance is None or not clearance.is_open or (clearance.deadline is not None and self.at >= clearance.deadline):
            return
        yield "take_position"
        if clearance.deadline is not None:
            yield "extend_adoption"

    def _is_left(self, activity: Activity) -> bool:
        """Whether there is something of it to carry over."""
        return activity.carried_to is None and activity.status(self.at) not in ("delivered", "cancelled")
