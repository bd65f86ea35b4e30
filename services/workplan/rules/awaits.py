"""What a plan awaits of an entity: by when, and what happens if it does nothing, as a sentence and by a stable word."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from services.kernel import Clearance
from services.workplan.rules.activity import Activity, Deliverable
from services.workplan.rules.amendment import Amendment

if TYPE_CHECKING:
    from services.workplan.rules.plan import Plan

REMINDED = timedelta(days=30)
"""How long before it is due an activity's step awaits its lead."""

SILENT = ("silence_no_objection", "Silence until then means no objection.")
UNSPOKEN = ("not_adopted", "It is not adopted until every entity speaks.")
PLAN_LAPSES = ("plan_adoption_lapses", "Its adoption lapses then, and the plan goes back into consultation.")
AMENDMENT_LAPSES = ("amendment_adoption_lapses", "Its adoption lapses then, and the amendment is merely proposed again.")


def position(plan: "Plan", amendment: Amendment | None, clearance: Clearance) -> dict:
    """An entity's word on the plan, or on an amendment of it."""
    if clearance.rule.by == "silence":
        code, consequence = SILENT
    elif clearance.deadline is None:
        code, consequence = UNSPOKEN
    else:
        code, consequence = AMENDMENT_LAPSES if amendment else PLAN_LAPSES
    return {
        "kind": "amendment_position" if amendment else "plan_position",
        "what": f"Position on the amendment {amendment.id} of the plan {plan.year}" if amendment else f"Position on the plan {plan.year}",
        "title": f"Workplan {plan.year}",
        "link": f"/workplans/{plan.year}/amendments/{amendment.id}" if amendment else f"/workplans/{plan.year}",
        "deadline": clearance.deadline,
        "consequence": consequence,
        "consequence_code": code,
        "year": plan.year,
        "digest": clearance.digest,
    }


def owed(plan: "Plan", activity: Activity, at: datetime) -> list[dict]:
    """An activity's steps that are late or soon due; and while any is owed, money that soon ends."""
    link = {"title": activity.title, "link": f"/workplans/{plan.year}/activities/{activity.id}", "year": plan.year, "digest": None}
    steps = activity.owed(at)
    items = [
        {
            "kind": "deliverable" if isinstance(step, Deliverable) else "milestone",
            "what": step.title,
            "deadline": step.due,
            "consequence": "The activity shows as late." if step.is_late(at) else "From then on the activity shows as late.",
            "consequence_code": "activity_is_late" if step.is_late(at) else "activity_late_then",
        }
        for step in steps
        if step.due is not None and step.due <= at + REMINDED
    ]
    items += [
        {
            "kind": "funding_end",
            "what": f"{money.amount} {money.currency} of {money.donor}",
            "deadline": money.ends,
            "consequence": "What is not used by then can no longer be used.",
            "consequence_code": "money_ends",
        }
        for money in activity.funding
        if steps and money.ends is not None and money.is_available(at) and money.ends <= at + REMINDED
    ]
    return [item | link for item in items]
