"""Carrying over: what one year leaves unfinished goes on in the next year's plan.

What was delivered or met stays behind, with the year's record; what is still owed goes along, and money that can still be used.
"""

from collections.abc import Sequence
from dataclasses import replace

from services.kernel import Refusal
from services.workplan.rules.activity import Activity, Carried, Deliverable, Milestone
from services.workplan.rules.wording import Standard

LONGEST_ID = 80


def carried(ids: Sequence[str] | None, year: int, activities: list[Activity], into: Standard) -> dict[str, Activity]:
    """What continues some activities of the plan of ``year``, by their ids, as it would join the plan that ``into`` describes. ``ids``:
    which; None for all that are neither delivered nor cancelled, nor carried over before.

    Raises Refusal(invalid) naming the one, ``activities.0``, that cannot be carried over.
    """
    already = {a.carried_from.activity: a.id for a in into.activities if a.carried_from and a.carried_from.year == year}
    if ids is None:
        chosen = [a for a in activities if a.id not in already and not _is_finished(a, into)]
    else:
        chosen = _named(ids, year, activities, already, into)
    seated = into.composition.seated(into.when)
    for i, activity in enumerate(chosen):
        if activity.lead not in seated:
            raise Refusal.invalid(
                "activities" if ids is None else f"activities.{i}",
                f"{activity.lead} leads {activity.id} and has no seat in {into.year}; leave it out, or give it another lead first.",
                rule="lead-seated",
                accepted=seated,
            )
    taken = {activity.id for activity in into.activities}
    renamed: dict[str, str] = {}
    for activity in chosen:
        renamed[activity.id] = id = _free_id(activity.id, year, taken)
        taken.add(id)
    standing = {activity.id for activity in into.activities if activity.cancelled is None}
    onward = {id: new for id, new in already.items() if new in standing} | renamed
    return {activity.id: _continued(activity, renamed[activity.id], year, onward, into) for activity in chosen}


def _is_finished(activity: Activity, into: Standard) -> bool:
    return activity.status(into.at) in ("delivered", "cancelled")


def _named(ids: Sequence[str], year: int, activities: list[Activity], already: dict[str, str], into: Standard) -> list[Activity]:
    known = {activity.id: activity for activity in activities}
    chosen: dict[str, Activity] = {}
    for i, id in enumerate(ids):
        path = f"activities.{i}"
        if id not in known:
            raise Refusal.invalid(path, f"The plan {year} has no activity {id}.", rule="activity-known", accepted=list(known))
        if id in chosen:
            raise Refusal.invalid(path, f"{id} is named twice.", rule="id-unique")
        if id in already:
            raise Refusal.invalid(path, f"{id} was carried over already, as {already[id]}.", rule="carried-once")
        if _is_finished(known[id], into):
            raise Refusal.invalid(
                path, f"{id} is {known[id].status(into.at)}: nothing of it is left to be carried over.", rule="carried-unfinished"
            )
        chosen[id] = known[id]
    return list(chosen.values())


def _free_id(id: str, year: int, taken: set[str]) -> str:
    """The id itself, or with the year it comes from where another has it."""
    suffix = f"-{year}"
    candidate, n = id, 1
    while candidate in taken:
        candidate = id[: LONGEST_ID - len(suffix)] + suffix
        n += 1
        suffix = f"-{year}-{n}"
    return candidate


def _continued(activity: Activity, id: str, year: int, onward: dict[str, str], into: Standard) -> Activity:
    members = {*into.composition.members(into.when), *into.composition.seated(into.when)}
    promised = [step for step in activity.deliverables if not step.is_done(into.at)]
    return Activity(
        id,
        activity.title,
        activity.lead,
        contributors=[code for code in activity.contributors if code in members],
        pillars=list(activity.pillars),
        paragraphs=list(activity.paragraphs),
        objective=activity.objective,
        deliverables=[replace(step, due_reason=_reason(step, year), delivered_at=None, evidence=None) for step in promised],
        milestones=[
            replace(step, due_reason=_reason(step, year), met_at=None) for step in activity.milestones if not step.is_done(into.at)
        ],
        needs=[replace(need) for need in activity.needs],
        depends_on=sorted(onward[other] for other in activity.depends_on if other in onward),
        funding=[replace(money) for money in activity.funding if money.is_available(into.when)],
        carried_from=Carried(year, activity.id, [step.id for step in promised]),
    )


def _reason(step: Deliverable | Milestone, year: int) -> str:
    """Dates stay as they were promised, and say why they lie outside the plan's year."""
    return step.due_reason or (f"Carried over from {year}." if step.due is not None else "")
