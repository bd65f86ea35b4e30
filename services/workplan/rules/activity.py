"""One item of the workplan: its substance, which is adopted, and its record, which grows afterwards.

The substance is what positions bind; the record is what came of it. They are kept apart so that progress
never touches the digest, and a change of substance never loses what has been delivered.
"""

from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from itertools import count
from typing import Any

from services.kernel import Composition, Refusal, year_begins
from services.workplan.rules import gpa

DELIVERABLE_KINDS = ("document", "meeting", "briefing", "outcome")
SUBSTANCE = ("title", "lead", "contributors", "pillars", "paragraphs", "objective", "deliverables", "milestones")
"""The fields of a wording: what an entity may propose, and what adoption binds."""

Wording = dict[str, Any]


def written(instant: datetime | None) -> str | None:
    """An instant as it stands in a digest or an earlier value: ISO 8601 in UTC, to the second."""
    return None if instant is None else f"{instant:%Y-%m-%dT%H:%M:%SZ}"


@dataclass
class Deliverable:
    """What an activity promises. ``kind``: document, meeting, briefing or outcome. ``evidence``: what delivered it."""

    id: str
    kind: str
    title: str
    due: datetime | None = None
    due_reason: str = ""
    delivered_at: datetime | None = None
    evidence: dict | None = None

    def is_done(self, at: datetime) -> bool:
        return self.delivered_at is not None and self.delivered_at <= at

    def is_late(self, at: datetime) -> bool:
        return self.due is not None and self.due < at and not self.is_done(at)

    def substance(self) -> dict:
        return {"id": self.id, "kind": self.kind, "title": self.title, "due": written(self.due), "due_reason": self.due_reason}

    def view(self, at: datetime, *, inside: bool) -> dict:
        """Outside the Group the evidence is shown of a document alone: it is public, while a note is the Group's own."""
        evidence = self.evidence if inside or self.kind == "document" else None
        return asdict(self) | {"late": self.is_late(at), "evidence": evidence}


@dataclass
class Milestone:
    """A step on the way, due at an instant."""

    id: str
    title: str
    due: datetime
    due_reason: str = ""
    met_at: datetime | None = None

    def is_done(self, at: datetime) -> bool:
        return self.met_at is not None and self.met_at <= at

    def is_late(self, at: datetime) -> bool:
        return self.due < at and not self.is_done(at)

    def substance(self) -> dict:
        return {"id": self.id, "title": self.title, "due": written(self.due), "due_reason": self.due_reason}

    def view(self, at: datetime) -> dict:
        return asdict(self) | {"late": self.is_late(at)}


@dataclass
class Note:
    """A progress note: ``person`` wrote it, for ``entity`` when for one."""

    at: datetime
    person: str
    entity: str | None
    note: str


@dataclass
class Cancellation:
    """Why an activity was dropped, when and by whom."""

    at: datetime
    person: str
    reason: str


@dataclass
class Activity:
    """``dropped``: deliverables a later wording no longer promises; kept, for nothing is deleted and one may
    still be published."""

    id: str
    title: str
    lead: str
    contributors: list[str] = field(default_factory=list)
    pillars: list[str] = field(default_factory=list)
    paragraphs: list[int] = field(default_factory=list)
    objective: str = ""
    deliverables: list[Deliverable] = field(default_factory=list)
    milestones: list[Milestone] = field(default_factory=list)
    dropped: list[Deliverable] = field(default_factory=list)
    progress: list[Note] = field(default_factory=list)
    cancelled: Cancellation | None = None

    # What is adopted

    def substance(self) -> dict:
        """JSON-able, in one canonical order: the same plan has the same digest whoever typed it in which order."""
        return {
            "id": self.id,
            "title": self.title,
            "lead": self.lead,
            "contributors": sorted(self.contributors),
            "pillars": [pillar for pillar in gpa.PILLARS if pillar in self.pillars],
            "paragraphs": sorted(self.paragraphs),
            "objective": self.objective,
            "deliverables": [deliverable.substance() for deliverable in self.deliverables],
            "milestones": [milestone.substance() for milestone in self.milestones],
        }

    def reworded(self, wording: Wording) -> "Activity":
        """This activity with a checked wording in place of its own, and its record kept: what was delivered
        or met stays so, and a deliverable no longer promised is among the ``dropped``."""
        changes: dict[str, Any] = {name: wording[name] for name in ("title", "lead", "objective") if name in wording}
        for name in ("contributors", "pillars", "paragraphs"):
            if name in wording:
                changes[name] = sorted(set(wording[name]))
        if "milestones" in wording:
            met = {milestone.id: milestone.met_at for milestone in self.milestones}
            changes["milestones"] = [Milestone(**item, met_at=met.get(item["id"])) for item in wording["milestones"]]
        if "deliverables" in wording:
            known = {deliverable.id: deliverable for deliverable in self.dropped + self.deliverables}
            changes["deliverables"] = promised = [
                replace(known[item["id"]], **item) if item["id"] in known else Deliverable(**item) for item in wording["deliverables"]
            ]
            kept = {deliverable.id for deliverable in promised}
            changes["dropped"] = [deliverable for deliverable in known.values() if deliverable.id not in kept]
        return replace(self, **changes)

    # What came of it

    def status(self, at: datetime) -> str:
        """``planned``, ``under_way``, ``delivered``, ``late`` or ``cancelled``, as of an instant. What is promised
        is its deliverables, or, where it has none, its milestones."""
        if self.cancelled is not None and self.cancelled.at <= at:
            return "cancelled"
        steps: list[Deliverable | Milestone] = [*self.deliverables, *self.milestones]
        promised = self.deliverables or self.milestones
        if promised and all(promise.is_done(at) for promise in promised):
            return "delivered"
        if any(step.is_late(at) for step in steps):
            return "late"
        if any(step.is_done(at) for step in steps) or any(note.at <= at for note in self.progress):
            return "under_way"
        return "planned"

    def deliverable(self, id: str) -> Deliverable | None:
        """The promised deliverable of this id, or the dropped one."""
        return next((item for item in self.deliverables + self.dropped if item.id == id), None)

    def view(self, year: int, at: datetime, *, agreed: bool, inside: bool) -> dict:
        """``agreed``: the plan has been adopted, so that being late means something. ``inside``: for the Group,
        whose progress notes, dropped deliverables and people are its own."""
        status = self.status(at)
        view = self.substance() | {
            "year": year,
            "activity": self.id,
            "status": "planned" if status == "late" and not agreed else status,
            "deliverables": [item.view(at, inside=inside) for item in self.deliverables],
            "milestones": [item.view(at) for item in self.milestones],
            "dropped": [item.view(at, inside=inside) for item in self.dropped] if inside else [],
            "progress": [asdict(note) for note in self.progress] if inside else [],
            "cancelled": asdict(self.cancelled) | ({} if inside else {"person": None}) if self.cancelled else None,
        }
        if not agreed:
            for item in view["deliverables"] + view["milestones"] + view["dropped"]:
                item["late"] = False
        return view


# Checking a wording -------------------------------------------------------------------------------------------------


def checked(
    wording: Wording,
    *,
    year: int,
    at: datetime,
    composition: Composition,
    current: Activity | None = None,
    path: str = "",
) -> Wording:
    """A wording (some of ``SUBSTANCE``) that may stand in the plan of ``year``, with an id for each deliverable and
    milestone. ``current``: the activity it rewords, None for a new one. ``path``: prefix of the fields' paths.

    Raises Refusal(invalid) naming the field at fault.
    """
    wording = dict(wording)
    if current is None:
        for name in ("title", "lead"):
            if not wording.get(name):
                raise Refusal.invalid(f"{path}{name}", f"A new activity has a {name}.", rule=f"{name}-required")
    _check_entities(wording, year, at, composition, current, path)
    for i, pillar in enumerate(wording.get("pillars", ())):
        if pillar not in gpa.PILLARS:
            raise Refusal.invalid(f"{path}pillars.{i}", f"{pillar} is no pillar.", rule="pillar", accepted=list(gpa.PILLARS))
    for i, paragraph in enumerate(wording.get("paragraphs", ())):
        if not gpa.FIRST <= paragraph <= gpa.LAST:
            raise Refusal.invalid(
                f"{path}paragraphs.{i}",
                f"The Global Plan of Action has no paragraph {paragraph}.",
                rule="gpa-paragraph",
                accepted=f"{gpa.FIRST} to {gpa.LAST}",
            )
    for name, known in (
        ("deliverables", [*current.deliverables, *current.dropped] if current else []),
        ("milestones", current.milestones if current else []),
    ):
        if name in wording:
            wording[name] = _checked_steps(wording[name], year, f"{path}{name}", name[0], {step.id for step in known})
    return wording


def _check_entities(wording: Wording, year: int, at: datetime, composition: Composition, current: Activity | None, path: str) -> None:
    # A plan is drafted in the year before: who sits then, or will when the year begins.
    when = max(at, year_begins(year))
    lead = wording.get("lead", current.lead if current else None)
    if "lead" in wording and lead not in composition.seated(when):
        raise Refusal.invalid(
            f"{path}lead",
            f"{lead} has no seat in the working group, so it leads no activity.",
            rule="lead-seated",
            accepted=composition.seated(when),
        )
    contributors = wording.get("contributors", current.contributors if current else [])
    members = {*composition.members(when), *composition.seated(when)}
    for i, code in enumerate(contributors):
        if "contributors" in wording and code not in members:
            raise Refusal.invalid(
                f"{path}contributors.{i}",
                f"{code} is no member of the Group.",
                rule="contributor-member",
                accepted=sorted(members),
            )
        if code == lead or code in contributors[:i]:
            raise Refusal.invalid(
                f"{path}contributors.{i}" if "contributors" in wording else f"{path}lead",
                f"{code} is named twice: an entity leads, or contributes, once.",
                rule="entity-once",
            )


def _checked_steps(steps: list[dict], year: int, path: str, letter: str, known: set[str]) -> list[dict]:
    """Deliverables or milestones with an id each; those without get the first free one, ``d1`` or ``m1`` and on."""
    taken = known | {step["id"] for step in steps if step.get("id")}
    free = (id for n in count(1) if (id := f"{letter}{n}") not in taken)
    seen: set[str] = set()
    complete = []
    for i, given in enumerate(steps):
        step = {"due": None, "due_reason": ""} | given
        step["id"] = given.get("id") or next(free)
        if step["id"] in seen:
            raise Refusal.invalid(f"{path}.{i}.id", f"{step['id']} is there already.", rule="id-unique")
        seen.add(step["id"])
        if "kind" in step and step["kind"] not in DELIVERABLE_KINDS:
            raise Refusal.invalid(
                f"{path}.{i}.kind", f"{step['kind']} is no kind of deliverable.", rule="deliverable-kind", accepted=list(DELIVERABLE_KINDS)
            )
        if step["due"] is not None:
            if not year_begins(year) <= step["due"] <= year_begins(year + 1) and not step["due_reason"].strip():
                raise Refusal.invalid(
                    f"{path}.{i}.due",
                    f"{written(step['due'])} is outside {year}; say why in due_reason, or choose a date in the year.",
                    rule="due-in-year",
                    accepted=f"{year}-01-01T00:00:00Z to {year + 1}-01-01T00:00:00Z, or a due_reason",
                )
            step["due"] = step["due"].replace(microsecond=0)  # the digest is taken of whole seconds
        complete.append(step)
    return complete
