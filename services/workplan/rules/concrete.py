"""A member's concrete action: a measure of its own for the Global Plan, beside the joint activities, until a year (001 ¶54)."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from services.kernel import Actor, Aggregate, Composition, Refusal
from services.workplan.rules import gpa
from services.workplan.rules.rights import RIGHTS, ToThing

DECLARED = ("title", "description", "pillars", "paragraphs", "since", "until")
"""The fields of a concrete action that its entity declares, and may change until it is ended."""

DONE, WITHDRAWN = "done", "withdrawn"


@dataclass
class ConcreteAction(Aggregate):
    """``since`` and ``until``: calendar years, both included. ``letter``: by which the entity's last word on it came,
    when the secretariat entered it. ``note``: what came of it, or why it was withdrawn."""

    id: str
    entity: str
    title: str
    since: int
    until: int
    description: str = ""
    pillars: list[str] = field(default_factory=list)
    paragraphs: list[int] = field(default_factory=list)
    state: str = "declared"
    note: str = ""
    letter: str = ""
    ended_at: datetime | None = None

    @classmethod
    def declare(
        cls, id: str, wording: dict[str, Any], *, entity: str, letter: str, by: Actor, at: datetime, composition: Composition
    ) -> "ConcreteAction":
        """A member declares a measure of its own, by its own people or by a letter that the secretariat enters. It begins in the
        present year unless the ``wording`` says otherwise."""
        _authorize("declare_concrete_action", entity, letter, by, at, composition)
        if entity not in composition.members(at):
            raise Refusal.invalid(
                "entity",
                f"{entity} is no member of the Group as of {at:%Y-%m-%d}.",
                rule="concrete-action-member",
                accepted=composition.members(at),
            )
        action = cls(id, entity, letter=letter, **({"since": at.year} | _checked(wording)))
        action._check()
        action._must_not_be_over(at)
        action.happen("concrete_action_declared", at, **action._of(letter), **{name: getattr(action, name) for name in DECLARED[1:]})
        return action

    def change(self, changes: dict[str, Any], *, letter: str, by: Actor, at: datetime, composition: Composition) -> None:
        """Reword it, or move its years; what is not among ``changes`` stays."""
        self._begin("change_concrete_action", letter, by, at, composition)
        changed = replace(self, **_checked(changes), letter=letter)
        changed._check()
        before = {name: getattr(self, name) for name in DECLARED if getattr(self, name) != getattr(changed, name)}
        if "until" in before:
            changed._must_not_be_over(at)
        if not before:
            return
        for name in (*before, "letter"):
            setattr(self, name, getattr(changed, name))
        after = {name: getattr(self, name) for name in before}
        self.happen("concrete_action_changed", at, **self._of(letter), before=before, after=after)

    def end(self, outcome: str, note: str, *, letter: str, by: Actor, at: datetime, composition: Composition) -> None:
        """It is ``done``, and counts in the years it held; or ``withdrawn``, and counts in none. It stays to be seen."""
        self._begin("end_concrete_action", letter, by, at, composition)
        if outcome not in (DONE, WITHDRAWN):
            raise Refusal.invalid("outcome", f"{outcome} is no end.", rule="concrete-action-outcome", accepted=[DONE, WITHDRAWN])
        if outcome == DONE and at.year < self.since:
            raise Refusal.too_early(f"It begins in {self.since}.", rule="concrete-action-begun", field="outcome", accepted=WITHDRAWN)
        self.state, self.note, self.letter, self.ended_at = outcome, note, letter, at
        self.happen("concrete_action_ended", at, **self._of(letter), outcome=outcome, note=note)

    def holds(self, year: int) -> bool:
        """Whether it holds in a year: no longer than until the one in which it was done."""
        until = min(self.until, self.ended_at.year) if self.state == DONE and self.ended_at else self.until
        return self.since <= year <= until

    def serves(self, year: int) -> bool:
        """Whether it counts in the coverage of a year: it holds then, and was not withdrawn."""
        return self.state != WITHDRAWN and self.holds(year)

    def view(self, by: Actor, at: datetime, composition: Composition) -> dict[str, Any]:
        """Shown to every reader; the letter is the Group's own."""
        shown = {name: getattr(self, name) for name in DECLARED} | {"entity": self.entity, "state": self.state, "note": self.note}
        return shown | {"action": self.id, "letter": self.letter if composition.is_inside(by, at) else ""}

    def _of(self, letter: str) -> dict[str, str]:
        return {"action": self.id, "entity": self.entity, "title": self.title, "letter": letter}

    def _begin(self, order: str, letter: str, by: Actor, at: datetime, composition: Composition) -> None:
        _authorize(order, self.entity, letter, by, at, composition)
        if self.ended_at is not None:
            raise Refusal.conflict(f"This measure is {self.state} since {self.ended_at:%Y-%m-%d}.", rule="concrete-action-ended")

    def _must_not_be_over(self, at: datetime) -> None:
        if self.until < at.year:
            raise Refusal.invalid("until", f"{self.until} is over.", rule="concrete-action-ahead", accepted=f"{at.year} or later")

    def _check(self) -> None:
        if self.until < self.since:
            raise Refusal.invalid("until", f"It begins in {self.since}.", rule="concrete-action-years", accepted=f"{self.since} or later")
        if not self.pillars and not self.paragraphs:
            raise Refusal.invalid(
                "pillars",
                "A concrete action serves a pillar, or a paragraph of the Global Plan, at least.",
                rule="concrete-action-serves",
                accepted=list(gpa.PILLARS),
            )


def _checked(wording: dict[str, Any]) -> dict[str, Any]:
    """A wording with each pillar and paragraph once, in the order of the Global Plan."""
    pillars, paragraphs = wording.get("pillars", []), wording.get("paragraphs", [])
    for fault in gpa.faults(pillars, paragraphs):
        raise fault
    served = {"pillars": [pillar for pillar in gpa.PILLARS if pillar in pillars], "paragraphs": sorted(set(paragraphs))}
    return wording | {name: value for name, value in served.items() if name in wording}


def _authorize(order: str, entity: str, letter: str, by: Actor, at: datetime, composition: Composition) -> None:
    """Its own people speak for an entity while it is a member; the secretariat does from a letter, also when the entity has left."""
    RIGHTS.must(order, ToThing(by, at, composition, own=[entity]))
    if by.speaks_for(entity) and entity in composition.members(at):
        return
    if not (by.is_secretariat or by.is_system):
        raise Refusal.not_allowed(
            f"{entity} is no member of the Group as of {at:%Y-%m-%d}, so its people may not {RIGHTS[order].doing}.",
            rule="concrete-action-member",
        )
    if not letter.strip():
        raise Refusal.invalid("letter", "What the secretariat enters for an entity names the letter it came by.", rule="on-behalf-letter")
