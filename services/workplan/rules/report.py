"""What a year's plan serves of the Global Plan, and what came of it: coverage, and the annual report."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, TypeVar

from services.kernel import Actor, Composition, Refusal
from services.kernel.clearance import ENDORSE
from services.workplan.rules import gpa
from services.workplan.rules.briefing import Briefing
from services.workplan.rules.concrete import ConcreteAction
from services.workplan.rules.meeting import DONE, Meeting
from services.workplan.rules.plan import Plan
from services.workplan.rules.results import Result
from services.workplan.rules.views import Seen


def coverage_view(plan: Plan, actions: Iterable[ConcreteAction], by: Actor, at: datetime, composition: Composition) -> dict[str, Any]:
    """The coverage as this actor may see it: of a plan in draft, the Group alone."""
    plan.must_be_known_to(by, at, composition, asking="coverage")
    return coverage(plan, actions)


def coverage(plan: Plan, actions: Iterable[ConcreteAction]) -> dict[str, Any]:
    """Which parts and paragraphs of the Global Plan the plan's activities and the members' concrete ``actions`` serve in its year.

    Each paragraph is either served, or one of the ``gaps``. An activity that was cancelled serves nothing, nor does an action that
    does not hold in that year, or was withdrawn. ``entities``: for each that leads, contributes or acts, how many activities and
    concrete actions of its own serve each part.
    """
    serving = {
        "activities": [(a.id, [a.lead, *a.contributors], a.pillars, a.paragraphs) for a in plan.activities if a.cancelled is None],
        "concrete_actions": [(a.id, [a.entity], a.pillars, a.paragraphs) for a in actions if a.serves(plan.year)],
    }
    by_part: dict[tuple[str, str], list[str]] = defaultdict(list)
    by_paragraph: dict[tuple[str, int], list[str]] = defaultdict(list)
    entities: dict[int, set[str]] = defaultdict(set)
    counts: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: {kind: Counter() for kind in serving})
    for kind, items in serving.items():
        for id, doing, pillars, paragraphs in items:
            for paragraph in paragraphs:
                by_paragraph[kind, paragraph].append(id)
                entities[paragraph].update(doing)
            parts = gpa.pillars_served(pillars, paragraphs)
            for part in parts:
                by_part[kind, part].append(id)
            for entity in doing:
                counts[entity][kind].update(parts)
    return {
        "year": plan.year,
        "pillars": [
            {
                "pillar": part.pillar,
                "first": part.first,
                "last": part.last,
                **{kind: by_part[kind, part.pillar] for kind in serving},
                "served": [number for number in part.paragraphs if number in entities],
                "not_served": [number for number in part.paragraphs if number not in entities],
            }
            for part in gpa.PARTS
        ],
        "paragraphs": [
            paragraph
            | {kind: by_paragraph[kind, paragraph["paragraph"]] for kind in serving}
            | {"entities": sorted(entities.get(paragraph["paragraph"], ()))}
            for paragraph in gpa.REGISTER
        ],
        "entities": [
            {"entity": entity, **{kind: {part.pillar: counted[part.pillar] for part in gpa.PARTS} for kind, counted in kinds.items()}}
            for entity, kinds in sorted(counts.items())
        ],
        "gaps": [number for number in range(gpa.FIRST, gpa.LAST + 1) if number not in entities],
    }


# The annual report --------------------------------------------------------------------------------------------------


STATEMENT = "joint_statement"

E = TypeVar("E", Meeting, Briefing)


@dataclass(frozen=True)
class Publication:
    """A paper that was published, or a statement that was issued, at ``at``. ``presentations``: each ``{"where", "when",
    "on_margins_of"}``."""

    document: str
    kind: str
    number: int | None
    title: str
    lead: str | None
    at: datetime
    url: str
    signatories: list[str]
    presentations: list[dict[str, str]]

    def view(self) -> dict[str, Any]:
        shown = sorted(self.presentations, key=lambda shown: (shown["when"], shown["where"]))
        return asdict(self) | {"presentations": [_where(presentation) for presentation in shown]}


def report_view(plan: Plan, compiled: Callable[[], dict[str, Any]], by: Actor, at: datetime, composition: Composition) -> dict[str, Any]:
    """The annual report as this actor may see it: the one with which the plan was closed, which is for all; or, for the Group,
    one ``compiled`` of the record now. Raises Refusal(not_found) for those outside until it is closed."""
    inside = plan.must_be_known_to(by, at, composition, asking="annual_report")
    if plan.annual_report is not None:
        report = plan.annual_report | {"final": True, "digest": plan.report_digest}
        return report if inside else _for_all(report)
    if not inside:
        raise Refusal.not_found(f"The report of {plan.year} is given when its plan is closed.", rule="report-given")
    return compiled() | {"final": False, "digest": None}


def annual_report(
    seen: Seen,
    *,
    at: datetime,
    composition: Composition,
    meetings: Iterable[Meeting],
    briefings: Iterable[Briefing],
    publications: Iterable[Publication],
    actions: Iterable[ConcreteAction],
    following: Plan | None = None,
    guests: Mapping[str, int] = MappingProxyType({}),
    foreword: str = "",
) -> dict[str, Any]:
    """The report of the plan's year, of the record as of ``at`` and of nothing else: the same record makes the same report. ``seen``:
    the plan as those outside see it then, or as they saw it at an earlier instant, if that stands for it.

    Of ``meetings``, ``briefings`` and ``publications`` those of the year are reported: what was held, what became public.
    ``actions``: the members' own, for the paragraphs served. ``following``: the next year's plan where there is one; it knows of what
    was carried into it before this one is told. ``guests``: how many people come, by briefing to which anyone replied. What was
    dropped before the plan was adopted was never planned.
    """
    plan, results = seen.plan, seen.results
    onward = _carried_to(plan, following)
    public = sorted((p for p in publications if p.at.year == plan.year and p.at <= at), key=lambda p: (p.at, p.document))
    covered = coverage(plan, actions)
    return {
        "year": plan.year,
        "as_of": at,
        "foreword": foreword,
        "chairs": _chaired(plan.year, composition),
        "adopted_at": plan.adopted_at,
        "endorsed_by": plan.adoption.words(ENDORSE) if plan.adoption and plan.adopted_at else [],
        "amendments": sum(amendment.state == "adopted" for amendment in plan.amendments),
        "total": _tally(results, onward),
        "pillars": [{"pillar": part, **_tally((result for result in results if part in result.serves), onward)} for part in gpa.PILLARS],
        "entities": _by_entity(results, onward),
        "activities": [result.view | {"carried_to": onward.get(result.activity.id)} for result in results],
        "papers": [publication.view() for publication in public if publication.kind != STATEMENT],
        "statements": [publication.view() for publication in public if publication.kind == STATEMENT],
        "meetings": [_met(meeting) for meeting in _held(meetings, plan.year, at)],
        "briefings": [
            {"briefing": b.id, "title": b.title, "kind": b.kind, "starts_at": b.starts_at, "place": b.place, "coming": guests.get(b.id)}
            for b in _held(briefings, plan.year, at)
        ],
        "funding": seen.money,
        "served": [paragraph for part in covered["pillars"] for paragraph in part["served"]],
        "not_served": covered["gaps"],
    }


def _carried_to(plan: Plan, following: Plan | None) -> dict[str, int]:
    """By the id of each activity that was carried over, the year in which it goes on, as either of the two plans says."""
    joined = [activity.carried_from for activity in following.activities if activity.carried_from] if following else []
    there = {carried.activity: following.year for carried in joined if following and carried.year == plan.year}
    return there | {activity.id: activity.carried_to.year for activity in plan.activities if activity.carried_to}


def _tally(results: Iterable[Result], onward: dict[str, int]) -> dict[str, Any]:
    results = list(results)
    return {
        "activities": len(results),
        "statuses": dict(Counter(result.status for result in results)),
        "deliverables": sum(len(result.activity.deliverables) for result in results),
        "delivered": sum(len(result.delivered) for result in results),
        "on_time": sum(result.on_time for result in results),
        "carried_over": sum(result.activity.id in onward for result in results),
    }


def _by_entity(results: list[Result], onward: dict[str, int]) -> list[dict[str, Any]]:
    led: dict[str, list[Result]] = defaultdict(list)
    contributed: Counter[str] = Counter()
    for result in results:
        led[result.activity.lead].append(result)
        contributed.update(result.activity.contributors)
    return [
        {"entity": entity, **_tally(led.get(entity, ()), onward), "contributes": contributed[entity]}
        for entity in sorted({*led, *contributed})
    ]


def _held(events: Iterable[E], year: int, at: datetime) -> list[E]:
    """Those of the year that were held by now, in the order in which they were."""
    held = (event for event in events if event.starts_at.year == year and event.ends_at <= at and event.cancelled_at is None)
    return sorted(held, key=lambda event: (event.starts_at, event.id))


def _met(meeting: Meeting) -> dict[str, Any]:
    return {
        "meeting": meeting.id,
        "title": meeting.title,
        "starts_at": meeting.starts_at,
        "place": meeting.place,
        "attended": sorted(attendance.entity for attendance in meeting.attendance if attendance.attended),
        "decisions": len(meeting.decisions),
        "actions": len(meeting.actions),
        "actions_done": sum(action.state == DONE for action in meeting.actions),
    }


def _chaired(year: int, composition: Composition) -> list[str]:
    """Who held the chair in a year, those who stood in for one that stepped down among them."""
    term = composition.term(year)
    if term is None or term.state not in ("adopted", "begun", "ended"):
        return []
    return list(dict.fromkeys([*term.chairs, *(stand_in["entity"] for stand_in in term.stand_ins)]))


def _where(presentation: dict[str, str]) -> str:
    place = f"{presentation['where']}, {presentation['when']}"
    return f"{place} ({presentation['on_margins_of']})" if presentation["on_margins_of"] else place


def _for_all(report: dict[str, Any]) -> dict[str, Any]:
    """A report without what stays the Group's own: donors, what they gave for, who attended and what was taken on."""
    return report | {
        "funding": report["funding"] | {"donors": [], "gaps": [], "ended": []},
        "meetings": [meeting | {"attended": [], "actions": None, "actions_done": None} for meeting in report["meetings"]],
    }
