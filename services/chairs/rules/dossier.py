"""What a new chair inherits: everything open in the other services, as their events tell of it.

An event tells facts about one matter or several (``facts``). Of each fact the newest word is kept, by its sequence in the
stream of the aggregate that told it (``newest``); so that events may come twice, late and in any order: one that is late still
says what nobody else said, as who leads an activity, and does not bring back what has been closed since. ``standing`` makes the
dossier of what is known: what is open as of an instant, soonest due first.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from services.kernel import year_begins

Facts = dict[str, Any]
"""What an event says of a matter, by name. ``due`` and ``until`` are instants: when something is expected, when it is over."""

Known = dict[str, dict[str, Any]]
"""The newest word on each fact: ``{"value", "sequence", "at"}`` by its name."""

OPEN = {
    "activity": ("planned", "under_way", "late"),
    "document": ("comment_round", "clearance"),
    "meeting": ("called",),
    "briefing": ("announced",),
    "action_item": ("assigned",),
    "plan": ("consultation", "adoption"),
}
"""By kind of matter, the states in which somebody still has to do something."""


# What an event tells ----------------------------------------------------------------------------------------------------------------


def _plan(data: Facts, **facts: Any) -> dict[str, Facts]:
    year = data["year"]
    return {f"plan/{year}": {"title": f"Workplan {year}", "link": f"/workplans/{year}", **facts}}


def _activity(data: Facts, **facts: Any) -> dict[str, Facts]:
    year, id = data["year"], data["activity"]
    titled = {"title": data["title"]} if "title" in data else {}
    return {f"activity/{year}/{id}": {"link": f"/workplans/{year}/activities/{id}", **titled, **facts}}


def _substance(wording: Facts) -> Facts:
    """The facts in an activity's substance, or in what changed of it. It is due when the last of what it promises is."""
    said: Facts = {name: wording[name] for name in ("title", "lead") if name in wording}
    for steps in ("deliverables", "milestones"):
        if steps in wording:
            said[f"{steps}_due"] = max((datetime.fromisoformat(step["due"]) for step in wording[steps] if step["due"]), default=None)
    return said


def _state(data: Facts) -> Facts:
    """The state that new wording leaves an activity in: one that was delivered and is to deliver more is open again."""
    return {"state": data["status"]} if data.get("status") else {}


def _amended(data: Facts) -> dict[str, Facts]:
    if data["after"] is None:
        return _activity(data, state="cancelled")
    begun = {"state": "planned"} if data["kind"] == "add" else {}
    return _activity(data, **_substance(data["after"]), **(begun | _state(data)))


def _adopted(data: Facts) -> dict[str, Facts]:
    matters = _plan(data, state="in_force", due=None)
    for activity in data["activities"]:
        matters |= _activity({"year": data["year"], "activity": activity["id"], "title": activity["title"]}, lead=activity["lead"])
    return matters


def _in_adoption(data: Facts, **facts: Any) -> dict[str, Facts]:
    """An amendment in clearance leaves the plan in force."""
    return _plan(data, due=data["deadline"], **facts) if data["amendment"] is None else {}


def _meeting(data: Facts, state: str) -> dict[str, Facts]:
    id = data["meeting"]
    facts = {"title": data["title"], "state": state, "due": data["starts_at"], "until": data["ends_at"], "link": f"/meetings/{id}"}
    return {f"meeting/{id}": facts}


def _briefing(data: Facts, state: str) -> dict[str, Facts]:
    id = data["briefing"]
    facts = {"title": data["title"], "state": state, "due": data["starts_at"], "until": data["ends_at"], "link": f"/briefings/{id}"}
    return {f"briefing/{id}": facts}


def _action(data: Facts, state: str) -> dict[str, Facts]:
    facts = {"title": data["what"], "state": state, "lead": data["owner"], "due": data["due"], "link": f"/meetings/{data['meeting']}"}
    return {f"action_item/{data['meeting']}/{data['action']}": facts}


def _document(data: Facts, state: str, **facts: Any) -> dict[str, Facts]:
    """Of a text that is not public, the title alone."""
    id = data["document"]
    return {f"document/{id}": {"title": data["title"], "state": state, "due": None, "link": f"/documents/{id}", **facts}}


def _cleared_by(data: Facts) -> dict[str, Facts]:
    return _document(data, "clearance", due=data["deadline"])


HEARD: dict[str, Callable[[Facts], dict[str, Facts]]] = {
    "workplan.plan_opened": lambda data: _plan(data, state="draft"),
    "workplan.consultation_opened": lambda data: _plan(data, state="consultation", due=None),
    "workplan.adoption_opened": lambda data: _in_adoption(data, state="adoption"),
    "workplan.adoption_extended": _in_adoption,
    "workplan.plan_adopted": _adopted,
    "workplan.plan_closed": lambda data: _plan(data, state="closed", due=None),
    "workplan.activity_added": lambda data: _activity(data, state="planned", **_substance({"lead": data["lead"], **data["substance"]})),
    "workplan.activity_changed": lambda data: _activity(data, **_substance(data["after"]), **_state(data)),
    "workplan.activity_cancelled": lambda data: _activity(data, state="cancelled"),
    "workplan.activity_progressed": lambda data: _activity(data, state=data["status"]),
    "workplan.activity_continued": lambda data: _activity(data, continued=True),
    "workplan.deliverable_delivered": lambda data: _activity(data, state=data["status"]),
    "workplan.amendment_adopted": _amended,
    "workplan.meeting_called": lambda data: _meeting(data, "called"),
    "workplan.meeting_changed": lambda data: _meeting(data, "called"),
    "workplan.meeting_cancelled": lambda data: _meeting(data, "cancelled"),
    "workplan.action_assigned": lambda data: _action(data, "assigned"),
    "workplan.action_changed": lambda data: _action(data, "assigned"),
    "workplan.action_completed": lambda data: _action(data, "completed"),
    "workplan.action_dropped": lambda data: _action(data, "dropped"),
    "workplan.briefing_announced": lambda data: _briefing(data, "announced"),
    "workplan.briefing_changed": lambda data: _briefing(data, "announced"),
    "workplan.briefing_cancelled": lambda data: _briefing(data, "cancelled"),
    "documents.proposed": lambda data: _document(data, "proposed", lead=data["lead"]),
    "documents.comment_round_opened": lambda data: _document(data, "comment_round", due=data["deadline"]),
    "documents.comment_round_closed": lambda data: _document(data, "drafting"),
    "documents.clearance_opened": _cleared_by,
    "documents.clearance_extended": _cleared_by,
    "documents.clearance_passed": lambda data: _document(data, "cleared"),
    "documents.clearance_broken": lambda data: _document(data, "drafting"),
    "documents.clearance_lapsed": lambda data: _document(data, "drafting"),
    "documents.clearance_superseded": lambda data: _document(data, "drafting"),
    "documents.published": lambda data: _document(data, "published"),
    "documents.statement_issued": lambda data: _document(data, "issued"),
    "documents.withdrawn": lambda data: _document(data, "withdrawn"),
}
"""Every event that tells of a matter, by its name, and how it is read."""


def facts(event: str, data: Facts) -> dict[str, Facts]:
    """What an event, as ``workplan.activity_added``, tells: of which matters, by their keys, which facts."""
    return HEARD[event](data)


def newest(known: Known, facts: Facts, *, sequence: int, at: datetime) -> Known:
    """What is known of a matter once an event has told these facts of it."""
    said = {name: {"value": value, "sequence": sequence, "at": at} for name, value in facts.items()}
    return known | {name: fact for name, fact in said.items() if name not in known or known[name]["sequence"] < sequence}


# What is open -----------------------------------------------------------------------------------------------------------------------


def may_stand(key: str, known: Known) -> bool:
    """Whether a matter can be open at some instant, as far as is known; or says whether others are, as a plan does."""
    kind = key.partition("/")[0]
    state = _value(known, "state")
    return kind == "plan" or state is None or (state in OPEN[kind] and not _value(known, "continued"))


def standing(matters: dict[str, Known], at: datetime) -> list[Facts]:
    """The dossier: every matter that is open as of an instant, soonest due first, those without a date last."""
    closed = {key.partition("/")[2] for key, known in matters.items() if key.startswith("plan/") and _value(known, "state") == "closed"}
    shown = []
    for key, known in matters.items():
        kind, _, id = key.partition("/")
        until = _value(known, "until")
        is_open = _value(known, "state") in OPEN[kind] and not _value(known, "continued") and (until is None or at < until)
        if is_open and not (kind == "activity" and id.partition("/")[0] in closed):
            shown.append(_matter(kind, id, known))
    never = year_begins(9999)
    return sorted(shown, key=lambda matter: (matter["due"] or never, matter["kind"], matter["id"]))


def _matter(kind: str, id: str, known: Known) -> Facts:
    dues = [due for name in ("due", "deliverables_due", "milestones_due") if (due := _value(known, name)) is not None]
    return {
        "kind": kind,
        "id": id,
        "title": _value(known, "title") or id,
        "state": _value(known, "state"),
        "lead": _value(known, "lead"),
        "due": max(dues, default=None),
        "link": _value(known, "link"),
        "told_at": max(fact["at"] for fact in known.values()),
    }


def _value(known: Known, name: str) -> Any:
    return known[name]["value"] if name in known else None
