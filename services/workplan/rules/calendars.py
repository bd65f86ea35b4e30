"""What is when: the entries of a calendar, and what awaits an entity, out of plans, meetings and briefings.

An entry keeps its ``uid`` for ever, and its ``sequence`` never goes back and grows whenever the entry changes, so that a calendar
moves the one it has. What was cancelled or is no longer promised stays, as cancelled, so that calendars drop it.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from services.kernel import Actor, Composition, Refusal
from services.workplan.rules.activity import Activity, Deliverable, Milestone
from services.workplan.rules.briefing import Briefing
from services.workplan.rules.meeting import DONE, DROPPED, Meeting
from services.workplan.rules.plan import Plan
from services.workplan.rules.rights import RIGHTS, ToThing

CANCELLED, CONFIRMED = "cancelled", "confirmed"


def awaiting(entity: str, *, plans: Iterable[Plan], meetings: Iterable[Meeting], by: Actor, at: datetime, composition: Composition) -> dict:
    """What awaits an entity in these plans and meetings, soonest deadline first; told to the entity and to the secretariat. Nothing
    awaits one that is outside the Group."""
    RIGHTS.must("awaiting", ToThing(by, at, composition, own=[entity]))
    items: list[dict] = []
    if composition.is_inside(by, at):
        items += [item for plan in plans for item in plan.awaits(entity, at)]
        items += [item for meeting in meetings for item in meeting.awaits(entity, at, composition)]
    return {"entity": entity, "items": sorted(items, key=lambda item: (item["deadline"] is None, item["deadline"] or at))}


def calendar(
    entity: str | None,
    since: datetime | None,
    until: datetime | None,
    *,
    briefings: Iterable[Briefing],
    meetings: Iterable[Meeting],
    owing: Iterable[Meeting],
    plans: Iterable[Plan],
    by: Actor,
    at: datetime,
    composition: Composition,
) -> dict:
    """The calendar of all, or of one entity, from ``since`` and before ``until``. Those outside the Group see its briefings alone.
    ``owing``: the meetings in which the entity took something upon itself; ``plans``: those adopted."""
    if entity is not None:
        RIGHTS.must("calendar.entity", ToThing(by, at, composition, own=[entity]))
    if since is not None and until is not None and until <= since:
        raise Refusal.invalid("until", "A calendar ends after it begins.", rule="calendar-length", accepted="later than since")
    entries = [briefing_entry(briefing) for briefing in briefings]
    if composition.is_inside(by, at):
        entries += [meeting_entry(meeting) for meeting in meetings]
        if entity is not None:
            entries += [entry for meeting in owing for entry in action_entries(meeting, entity)]
            entries += [entry for plan in plans for entry in plan_entries(plan, entity, at)]
    wanted = [entry for entry in entries if _touches(entry, since, until)]
    return {"entity": entity, "entries": sorted(wanted, key=lambda entry: (entry["starts_at"], entry["uid"]))}


def briefing_entry(briefing: Briefing) -> dict:
    """A briefing in a calendar."""
    margins = [f"On the margins of {briefing.on_margins_of}"] if briefing.on_margins_of else []
    return _entry(
        briefing.uid,
        "briefing",
        briefing.title,
        briefing.starts_at,
        ends_at=briefing.ends_at,
        place=briefing.place,
        url=f"/briefings/{briefing.id}",
        cancelled=briefing.cancelled_at is not None,
        description=_lines([*margins, *_numbered(briefing.agenda)], briefing.reason if briefing.cancelled_at else None),
        sequence=briefing.revision,
        updated_at=briefing.revised_at or briefing.announced_at,
    )


def meeting_entry(meeting: Meeting) -> dict:
    """A meeting in a calendar."""
    return _entry(
        meeting.uid,
        "meeting",
        meeting.title,
        meeting.starts_at,
        ends_at=meeting.ends_at,
        place=meeting.place,
        url=f"/meetings/{meeting.id}",
        link=meeting.link,
        cancelled=meeting.cancelled_at is not None,
        description=_lines(_numbered(item.title for item in meeting.agenda), meeting.reason if meeting.cancelled_at else None),
        sequence=meeting.revision,
        updated_at=meeting.revised_at,
    )


def action_entries(meeting: Meeting, entity: str) -> Iterator[dict]:
    """The action items of one owner in its calendar."""
    for action in meeting.actions:
        if action.owner == entity:
            yield _entry(
                f"action-{meeting.id}/{action.action}@icat",
                "action_item",
                action.what,
                action.due,
                url=f"/meetings/{meeting.id}",
                cancelled=action.state == DROPPED,
                done=action.state == DONE,
                description=_lines([meeting.title], action.note),
                sequence=action.revision,
                updated_at=action.revised_at,
            )


def plan_entries(plan: Plan, entity: str, at: datetime) -> Iterator[dict]:
    """What an entity has to deliver, with others or alone, by an adopted plan; with what amendments took out since."""
    if (adopted_at := plan.adopted_at) is None:
        return
    for activity in plan.activities:
        was_adopted = activity.cancelled is None or activity.cancelled.at > adopted_at
        if entity in (activity.lead, *activity.contributors) and was_adopted:
            yield from _steps(plan, activity, adopted_at, at)


def _steps(plan: Plan, activity: Activity, adopted_at: datetime, at: datetime) -> Iterator[dict]:
    # An adopted activity's wording changes by amendment alone, and a step that is done stays done until one rewords it: twice the
    # amendments, and one when done, grows with each change and never goes back.
    amendments = [amendment for amendment in plan.amendments if amendment.activity == activity.id and amendment.state == "adopted"]
    sequence = 2 * len(amendments)
    changed_at = max([adopted_at, *(amendment.settled_at for amendment in amendments if amendment.settled_at)])
    common: dict[str, Any] = {"description": activity.title, "url": f"/workplans/{plan.year}/activities/{activity.id}"}

    def uid(kind: str, step: str) -> str:
        return f"{kind}-{plan.year}/{activity.id}/{step}@icat"

    steps: list[Deliverable | Milestone] = [*activity.deliverables, *activity.milestones]
    shown = set()
    for step in steps:
        if step.due is None:
            continue
        kind, done_at = ("deliverable", step.delivered_at) if isinstance(step, Deliverable) else ("milestone", step.met_at)
        shown.add(uid(kind, step.id))
        done = step.is_done(at)
        yield _entry(
            uid(kind, step.id),
            kind,
            step.title,
            step.due,
            cancelled=activity.cancelled is not None,
            done=done,
            sequence=sequence + done,
            updated_at=max(changed_at, done_at) if done and done_at else changed_at,
            **common,
        )
    former = {
        uid(name[:-1], step["id"]): (name[:-1], step)
        for amendment in amendments
        for name in ("deliverables", "milestones")
        for step in (amendment.before or {}).get(name, [])
        if step["due"] is not None
    }
    for id, (kind, step) in former.items():
        if id not in shown:
            due = datetime.fromisoformat(step["due"])
            yield _entry(id, kind, step["title"], due, cancelled=True, sequence=sequence, updated_at=changed_at, **common)


def _entry(
    uid: str,
    kind: str,
    title: str,
    starts_at: datetime,
    *,
    cancelled: bool,
    ends_at: datetime | None = None,
    place: str = "",
    link: str | None = None,
    done: bool = False,
    **more: Any,
) -> dict:
    """One entry; what is due ends as it starts."""
    return {
        "uid": uid,
        "kind": kind,
        "title": title,
        "starts_at": starts_at,
        "ends_at": ends_at or starts_at,
        "place": place,
        "link": link,
        "state": CANCELLED if cancelled else CONFIRMED,
        "done": done,
    } | more


def _touches(entry: dict, since: datetime | None, until: datetime | None) -> bool:
    return (since is None or entry["ends_at"] >= since) and (until is None or entry["starts_at"] < until)


def _numbered(titles: Iterable[str]) -> list[str]:
    return [f"{number}. {title}" for number, title in enumerate(titles, 1)]


def _lines(lines: Iterable[str], note: str | None) -> str:
    """``note`` first: why it was cancelled, or how it was done, is what one looks for."""
    return "\n".join([*([note] if note else []), *lines])
