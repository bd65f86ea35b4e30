"""Whether a wording may stand in a year's plan, and what is wrong with it if not.

A fault is a ``Refusal`` that nobody has raised yet: an order is refused for the first of them, an import shows them all.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from services.kernel import Composition, Refusal, written, year_begins
from services.workplan.rules import dependencies, gpa
from services.workplan.rules.activity import Activity, Wording

DELIVERABLE_KINDS = ("document", "meeting", "briefing", "outcome")
NAMED_BY = {"deliverables": "title", "milestones": "title", "needs": "purpose"}
"""The lists of a wording whose items have an id each, and the field by which one without an id is known again."""


@dataclass(frozen=True)
class Standard:
    """What a wording is held against: the plan's year and activities, and the Group as of ``at``."""

    year: int
    activities: list[Activity]
    at: datetime
    composition: Composition

    @property
    def when(self) -> datetime:
        """A plan is drafted in the year before: who sits then, or will when the year begins."""
        return max(self.at, year_begins(self.year))

    def checked(self, id: str, wording: Wording, *, current: Activity | None = None, path: str = "") -> Wording:
        """The wording (some of ``SUBSTANCE``) complete, as it may stand for the activity ``id``. ``current``: what it rewords,
        None for a new activity. ``path``: prefix of the fields' paths. Raises Refusal(invalid) naming the field at fault."""
        for fault in self.faults(wording, current=current, path=path):
            raise fault
        if "depends_on" in wording:
            for fault in dependencies.faults({id: (f"{path}depends_on", wording["depends_on"])}, self.activities):
                raise fault
        return completed(wording, current)

    def faults(self, wording: Wording, *, current: Activity | None = None, path: str = "") -> Iterator[Refusal]:
        """All that is wrong with a wording by itself: not with what it depends on, which others of the same import may add."""
        if current is None:
            for name in ("title", "lead"):
                if not wording.get(name):
                    yield Refusal.invalid(f"{path}{name}", f"A new activity has a {name}.", rule=f"{name}-required")
        yield from self._entities(wording, current, path)
        yield from gpa.faults(wording.get("pillars", ()), wording.get("paragraphs", ()), path)
        for name in NAMED_BY:
            yield from self._items(wording.get(name, []), f"{path}{name}")

    def _entities(self, wording: Wording, current: Activity | None, path: str) -> Iterator[Refusal]:
        seated = self.composition.seated(self.when)
        lead = wording.get("lead", current.lead if current else None)
        if wording.get("lead") and lead not in seated:
            yield Refusal.invalid(
                f"{path}lead",
                f"{lead} has no seat in the working group, so it leads no activity.",
                rule="lead-seated",
                accepted=seated,
            )
        contributors = wording.get("contributors", current.contributors if current else [])
        members = {*self.composition.members(self.when), *seated}
        for i, code in enumerate(contributors):
            if "contributors" in wording and code not in members:
                yield Refusal.invalid(
                    f"{path}contributors.{i}",
                    f"{code} is no member of the Group.",
                    rule="contributor-member",
                    accepted=sorted(members),
                )
            if code == lead or code in contributors[:i]:
                yield Refusal.invalid(
                    f"{path}contributors.{i}" if "contributors" in wording else f"{path}lead",
                    f"{code} is named twice: an entity leads, or contributes, once.",
                    rule="entity-once",
                )

    def _items(self, items: list[dict], path: str) -> Iterator[Refusal]:
        """Of deliverables, milestones or needs."""
        seen: set[str] = set()
        for i, item in enumerate(items):
            if (id := item.get("id")) and id in seen:
                yield Refusal.invalid(f"{path}.{i}.id", f"{id} is there already.", rule="id-unique")
            seen.add(id or "")
            if "kind" in item and item["kind"] not in DELIVERABLE_KINDS:
                yield Refusal.invalid(
                    f"{path}.{i}.kind",
                    f"{item['kind']} is no kind of deliverable.",
                    rule="deliverable-kind",
                    accepted=list(DELIVERABLE_KINDS),
                )
            if (due := item.get("due")) and not self._is_in_year(due) and not item.get("due_reason", "").strip():
                yield Refusal.invalid(
                    f"{path}.{i}.due",
                    f"{written(due)} is outside {self.year}; say why in due_reason, or choose a date in the year.",
                    rule="due-in-year",
                    accepted=f"{self.year}-01-01T00:00:00Z to {self.year + 1}-01-01T00:00:00Z, or a due_reason",
                )

    def _is_in_year(self, due: datetime) -> bool:
        return year_begins(self.year) <= due <= year_begins(self.year + 1)


def completed(wording: Wording, current: Activity | None) -> Wording:
    """The wording with an id for each deliverable, milestone and need, and with instants in whole seconds, of which the digest is taken.
    One without an id is the one of the same name that is there, so that a sheet read twice changes nothing; else it gets the
    first free one: ``d1``, ``m1``, ``n1`` and on."""
    wording = dict(wording)
    for name, known_by in NAMED_BY.items():
        if name in wording:
            there = getattr(current, name) if current else []
            gone = current.dropped if current and name == "deliverables" else []
            items = _identified(wording[name], {getattr(item, known_by): item.id for item in there}, known_by, name[0], gone)
            wording[name] = items if name == "needs" else [_dated(item) for item in items]
    return wording


def _identified(items: list[dict], there: dict[str, str], known_by: str, letter: str, gone: Iterable) -> list[dict]:
    given = {item["id"] for item in items if item.get("id")}
    taken = {*given, *there.values(), *(item.id for item in gone)}
    free = (id for n in count(1) if (id := f"{letter}{n}") not in taken)
    known = {name: id for name, id in there.items() if id not in given}
    return [item | {"id": item.get("id") or known.pop(item[known_by], None) or next(free)} for item in items]


def _dated(step: dict) -> dict:
    due = step.get("due")
    return {"due_reason": ""} | step | {"due": due.replace(microsecond=0) if due else None}
