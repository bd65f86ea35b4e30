"""One item of the workplan: its substance, which is adopted, and its record, which grows afterwards.

The substance is what positions bind; the record is what came of it. They are kept apart so that progress
never touches the digest, and a change of substance never loses what has been delivered.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from services.kernel import written
from services.workplan.rules import gpa
from services.workplan.rules.funding import Cancellation, Funding, Need

SUBSTANCE = (
    "title",
    "lead",
    "contributors",
    "pillars",
    "paragraphs",
    "objective",
    "deliverables",
    "milestones",
    "needs",
    "depends_on",
)
"""The fields of a wording: what an entity may propose, and what adoption binds."""

Wording = dict[str, Any]


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


@dataclass
class Note:
    """A progress note: ``person`` wrote it, for ``entity`` when for one."""

    at: datetime
    person: str
    entity: str | None
    note: str


@dataclass
class Carried:
    """The activity of another year's plan that one continues, or is continued by. ``promised``: the ids of the deliverables that
    went along; of what continues alone."""

    year: int
    activity: str
    promised: list[str] = field(default_factory=list)


@dataclass
class Activity:
    """``depends_on``: ids of activities of the same plan that must be delivered first. ``dropped``: deliverables a later
    wording no longer promises; kept, for nothing is deleted and one may still be published."""

    id: str
    title: str
    lead: str
    contributors: list[str] = field(default_factory=list)
    pillars: list[str] = field(default_factory=list)
    paragraphs: list[int] = field(default_factory=list)
    objective: str = ""
    deliverables: list[Deliverable] = field(default_factory=list)
    milestones: list[Milestone] = field(default_factory=list)
    needs: list[Need] = field(default_factory=list)
    depends_on: list[str] = field(default_factory=list)
    dropped: list[Deliverable] = field(default_factory=list)
    progress: list[Note] = field(default_factory=list)
    funding: list[Funding] = field(default_factory=list)
    cancelled: Cancellation | None = None
    carried_from: Carried | None = None
    carried_to: Carried | None = None

    # What is adopted

    def substance(self) -> dict:
        """JSON-able, in one canonical order: the same plan has the same digest whoever typed it in which order."""
        substance: dict[str, Any] = {
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
        # These are left out where there are none, so that a plan adopted before activities had them keeps the digest
        # that its positions name.
        later = {"needs": [asdict(need) for need in self.needs], "depends_on": sorted(self.depends_on)}
        return substance | {name: value for name, value in later.items() if value}

    def reworded(self, wording: Wording) -> "Activity":
        """This activity with a checked wording in place of its own, and its record kept: what was delivered
        or met stays so, and a deliverable no longer promised is among the ``dropped``."""
        changes: dict[str, Any] = {name: wording[name] for name in ("title", "lead", "objective") if name in wording}
        for name in ("contributors", "pillars", "paragraphs", "depends_on"):
            if name in wording:
                changes[name] = sorted(set(wording[name]))
        if "needs" in wording:
            changes["needs"] = [Need(**item) for item in wording["needs"]]
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
        steps = self.steps
        promised = self.deliverables or self.milestones
        if promised and all(promise.is_done(at) for promise in promised):
            return "delivered"
        if any(step.is_late(at) for step in steps):
            return "late"
        if any(step.is_done(at) for step in steps) or any(note.at <= at for note in self.progress):
            return "under_way"
        return "planned"

    @property
    def steps(self) -> list[Deliverable | Milestone]:
        return [*self.deliverables, *self.milestones]

    def owed(self, at: datetime) -> list[Deliverable | Milestone]:
        """The steps that are still to be taken as of an instant."""
        return [step for step in self.steps if not step.is_done(at)]

    def turns(self) -> Iterator[datetime]:
        """Every instant at which, or right after which, any of this may read otherwise: what is late, done or cancelled, and which
        money can be used. Between two of them it reads the same."""
        promised = [*self.deliverables, *self.dropped]
        fallen = [self.cancelled, *(money.ended for money in self.funding)]
        turns = [
            *(item.due for item in promised),
            *(item.delivered_at for item in promised),
            *(milestone.due for milestone in self.milestones),
            *(milestone.met_at for milestone in self.milestones),
            *(note.at for note in self.progress),
            *(money.ends for money in self.funding),
            *(cancellation.at for cancellation in fallen if cancellation),
        ]
        return (turn for turn in turns if turn is not None)

    def deliverable(self, id: str) -> Deliverable | None:
        """The promised deliverable of this id, or the dropped one."""
        return next((item for item in self.deliverables + self.dropped if item.id == id), None)


def differences(before: dict, after: dict) -> tuple[dict, dict]:
    """The fields that differ between two substances of an activity, as they were and as they are."""
    differing = [name for name in SUBSTANCE if before.get(name, []) != after.get(name, [])]
    return {name: before.get(name, []) for name in differing}, {name: after.get(name, []) for name in differing}
