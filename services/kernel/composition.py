"""Who belongs, who sits, who chairs: always asked as of an instant.

The composition is owned by *chairs*, and published whole with each change; the other
services keep the newest. It is small (some thirty entities and a term a year).
"""

from dataclasses import dataclass, field
from datetime import datetime

from services.kernel.actor import Actor
from services.kernel.instants import year_begins


@dataclass
class Entity:
    """A UN body or other intergovernmental organization. ``names`` and ``acronyms`` by language."""

    code: str
    names: dict[str, str] = field(default_factory=dict)
    acronyms: dict[str, str] = field(default_factory=dict)


@dataclass
class _Dated:
    entity: str
    since: datetime
    until: datetime | None = None

    def holds(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)


@dataclass
class Membership(_Dated):
    """An entity's dated belonging to the Group. ``source``: where it is written."""

    source: str | None = None


@dataclass
class Seat(_Dated):
    """An entity's dated place in the working group."""

    source: str | None = None


@dataclass
class Term:
    """One calendar year of chairmanship.

    ``chairs``: the entities, more than one when they co-chair; empty with ``state``
    ``unknown`` when nobody knows. ``stand_ins``: who serves the rest after a chair
    stepped down, each ``{"entity", "since", "for"}``. ``state``: ``proposed``,
    ``adopted``, ``begun``, ``ended``, ``unknown``.
    """

    year: int
    chairs: list[str] = field(default_factory=list)
    state: str = "proposed"
    accepted: list[str] = field(default_factory=list)
    source: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    stand_ins: list[dict] = field(default_factory=list)

    @property
    def begins(self) -> datetime:
        return year_begins(self.year)

    @property
    def ends(self) -> datetime:
        return year_begins(self.year + 1)

    def serving(self, at: datetime) -> list[str]:
        """Who holds the chair at an instant within the term, stand-ins counted. Where the incoming chairs
        are two, both stand in for the one who stepped down."""
        holders = list(self.chairs)
        for stepped_down in dict.fromkeys(change["for"] for change in self.stand_ins if change["since"] <= at):
            stand_ins = [change["entity"] for change in self.stand_ins if change["for"] == stepped_down]
            holders = [code for holder in holders for code in (stand_ins if holder == stepped_down else [holder])]
        return list(dict.fromkeys(holders))


@dataclass
class Composition:
    """The Group at all its instants."""

    entities: dict[str, Entity] = field(default_factory=dict)
    memberships: list[Membership] = field(default_factory=list)
    seats: list[Seat] = field(default_factory=list)
    terms: dict[str, Term] = field(default_factory=dict)  # by year, written "2015"

    def members(self, at: datetime) -> list[str]:
        """Codes of the members as of ``at``, in alphabetical order."""
        return sorted({m.entity for m in self.memberships if m.holds(at)})

    def seated(self, at: datetime) -> list[str]:
        """Codes of the seated entities as of ``at``, in alphabetical order."""
        return sorted({s.entity for s in self.seats if s.holds(at)})

    def term(self, year: int) -> Term | None:
        return self.terms.get(str(year))

    def chairs(self, at: datetime) -> list[str]:
        """Who chairs as of ``at``: of a term adopted or begun. Empty when unknown or unsettled."""
        term = self.term(at.year)
        if term is None or term.state not in ("adopted", "begun", "ended"):
            return []
        return term.serving(at)

    def troika(self, at: datetime) -> dict[str, list[str]]:
        """Outgoing, serving and incoming chairs as of ``at`` (000 ¶34)."""
        before, after = self.term(at.year - 1), self.term(at.year + 1)
        return {
            "outgoing": before.serving(before.ends) if before and before.state != "unknown" else [],
            "serving": self.chairs(at),
            "incoming": list(after.chairs) if after else [],
        }

    def is_inside(self, by: Actor, at: datetime) -> bool:
        """Whether what is not public may be shown to an actor: the secretariat, and focal points and alternates of
        an entity that is a member as of ``at``. A role alone is not enough: an entity that left is outside."""
        if by.is_secretariat or by.is_system:
            return True
        return by.entity is not None and by.speaks_for(by.entity) and by.entity in self.members(at)
