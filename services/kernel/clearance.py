"""How the entities make a text the Group's own: positions bound to one exact text.

One machine for plans, papers and statements. What passes, what blocks and who counts
is data (a ``PassingRule``), never code.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.kernel.instants import minute_after, minute_from, written
from services.kernel.refusal import Refusal

ENDORSE, NO_OBJECTION, OBJECT = "endorse", "no_objection", "object"
STAND_ASIDE, RECUSE = "stand_aside", "recuse"
WORDS = (ENDORSE, NO_OBJECTION, OBJECT, STAND_ASIDE, RECUSE)


@dataclass
class PassingRule:
    """What makes a clearance pass.

    ``by``: ``express`` (every entity that counts must speak) or ``silence`` (at the
    deadline, no objection means no objection). ``passing``: the words that satisfy;
    ``blocking``: the words that stop. ``minimum_hours``: the shortest silence the body allows.
    ``counts``: whose words are awaited, the ``seats`` or all ``members``.
    """

    by: str = "express"
    passing: list[str] = field(default_factory=lambda: [ENDORSE, NO_OBJECTION, STAND_ASIDE, RECUSE])
    blocking: list[str] = field(default_factory=lambda: [OBJECT])
    minimum_hours: int = 72
    counts: str = "seats"

    @property
    def words(self) -> list[str]:
        """What may be said: what neither satisfies nor stops would leave a clearance where it was."""
        return [*self.passing, *self.blocking]


@dataclass
class Position:
    """An entity's word on one exact text. ``person`` said it; with ``on_behalf`` the secretariat
    entered it for the entity from ``letter``, of which ``letter_attachment`` may be the file.
    ``tacit`` is the silence procedure's own."""

    entity: str
    word: str
    digest: str
    at: datetime
    person: str
    reasons: str = ""
    proposal: str = ""
    on_behalf: bool = False
    letter: str = ""
    tacit: bool = False
    letter_attachment: str | None = None


@dataclass
class Clearance:
    """One run of the procedure over one digest.

    ``state``: ``open``, ``passed``, ``broken`` (an objection or an amendment stopped a silence), ``lapsed`` (an
    express clearance whose deadline went by incomplete), ``superseded`` (a new text made
    its positions stale). ``counting``: the codes that count, fixed when it opened.
    ``extended_at``: when it was given its present deadline, unless that was at its opening.
    """

    digest: str
    rule: PassingRule
    counting: list[str]
    opened_at: datetime
    deadline: datetime | None = None
    state: str = "open"
    settled_at: datetime | None = None
    positions: list[Position] = field(default_factory=list)
    extended_at: datetime | None = None

    @classmethod
    def open(
        cls,
        digest: str,
        rule: PassingRule,
        counting: list[str],
        *,
        at: datetime,
        deadline: datetime | None,
    ) -> "Clearance":
        """Open a clearance; a silence needs a deadline, to the minute, at least the body's
        minimum away."""
        if not counting:
            raise Refusal.conflict("Nobody counts in this clearance.", rule="who-counts")
        shortest = minute_from(at + timedelta(hours=rule.minimum_hours)) if rule.by == "silence" else minute_after(at)
        later = f"{written(shortest)} or later"
        if rule.by == "silence" and deadline is None:
            raise Refusal.invalid("deadline", "A silence procedure needs a deadline.", rule="silence-deadline", accepted=later)
        if deadline is not None:
            _must_be_to_the_minute(deadline, shortest)
            if deadline <= at:
                raise Refusal.invalid("deadline", "The deadline is already past.", rule="deadline-future", accepted=later)
            if deadline < shortest:
                raise Refusal.invalid(
                    "deadline",
                    f"A silence lasts at least {rule.minimum_hours} hours.",
                    rule="silence-minimum",
                    accepted=later,
                )
        return cls(digest, rule, list(counting), at, deadline)

    @property
    def is_open(self) -> bool:
        return self.state == "open"

    def current(self, entity: str) -> Position | None:
        """The entity's last word on this digest. Words on another text are stale and not counted."""
        for position in reversed(self.positions):
            if position.entity == entity and position.digest == self.digest:
                return position
        return None

    def words(self, word: str) -> list[str]:
        """Entities whose current word is this one, in alphabetical order."""
        speakers = {p.entity for p in self.positions}
        return sorted(e for e in speakers if (p := self.current(e)) and p.word == word)

    def awaiting(self) -> list[str]:
        """Those who count and have not yet spoken on this digest."""
        return [entity for entity in self.counting if self.current(entity) is None]

    def take(self, position: Position) -> None:
        """An entity speaks. Refuses a word on another text, from one who does not count, an
        objection without reasons, and any word once the clearance has settled or its deadline
        has come. May settle the clearance (passed or broken)."""
        if not self.is_open:
            raise Refusal.conflict(f"This clearance is {self.state}; it takes no more positions.", rule="clearance-open")
        if self.deadline is not None and position.at >= self.deadline:
            raise Refusal.too_late(f"The deadline was {self.deadline:%Y-%m-%d %H:%M} UTC.", rule="clearance-deadline")
        if position.word not in WORDS:
            raise Refusal.invalid("word", f"{position.word!r} is no position.", rule="position-words", accepted=list(WORDS))
        if position.entity not in self.counting:
            raise Refusal.not_allowed(
                f"{position.entity} does not count in this clearance.",
                rule="who-counts",
                accepted=self.counting,
            )
        if position.digest != self.digest:
            raise Refusal(
                "stale",
                "This position names another text than the one in clearance.",
                field="digest",
                rule="position-binds-text",
                accepted=self.digest,
            )
        if position.word == OBJECT and not position.reasons.strip():
            raise Refusal.invalid("reasons", "An objection states its reasons.", rule="objection-reasons")
        if position.on_behalf and not position.letter.strip():
            raise Refusal.invalid(
                "letter",
                "A position entered on behalf of an entity names the letter it came by.",
                rule="on-behalf-letter",
            )
        self.positions.append(position)
        self._settle(position.at)

    def _settle(self, at: datetime) -> None:
        """A silence is broken by an objection or an amendment, and passes at its deadline, never before: until
        then anyone may still speak. An express clearance passes when all who count have spoken for it."""
        if self.rule.by == "silence":
            if any(self._breaks(p) for entity in self.counting if (p := self.current(entity))):
                self._close("broken", at)
        elif all((p := self.current(entity)) and p.word in self.rule.passing for entity in self.counting):
            self._close("passed", at)

    def _breaks(self, position: Position) -> bool:
        return position.word in self.rule.blocking or bool(position.proposal.strip())

    def _close(self, state: str, at: datetime) -> None:
        self.state, self.settled_at = state, at

    def extend(self, deadline: datetime, *, at: datetime) -> None:
        """A later deadline, given before the present one has come."""
        if not self.is_open or self.deadline is None:
            raise Refusal.conflict("There is no running deadline to extend.", rule="clearance-open")
        if at >= self.deadline:
            raise Refusal.too_late("The deadline has passed.", rule="extend-before-deadline")
        _must_be_to_the_minute(deadline, minute_after(self.deadline))
        if deadline <= self.deadline:
            raise Refusal.invalid(
                "deadline",
                "An extension is later than the deadline it moves.",
                rule="extension-later",
                accepted=f"{written(minute_after(self.deadline))} or later",
            )
        self.deadline, self.extended_at = deadline, at

    def fall_due(self, now: datetime) -> bool:
        """What the clock does, once: at its deadline a silence without objection passes (each
        silent entity recorded as a tacit *no objection*), an express clearance lapses.
        Returns whether anything changed; ``settled_at`` is the deadline, however late this runs."""
        if not self.is_open or self.deadline is None or now < self.deadline:
            return False
        if self.rule.by != "silence":
            self._close("lapsed", self.deadline)
            return True
        for entity in self.awaiting():
            self.positions.append(Position(entity, NO_OBJECTION, self.digest, self.deadline, "silence", tacit=True))
        self._close("passed", self.deadline)
        return True

    def supersede(self, at: datetime) -> None:
        """A new text: the positions are kept, and stale."""
        self._close("superseded", at)


def _must_be_to_the_minute(deadline: datetime, earliest: datetime) -> None:
    """Refuse a deadline that has seconds; what is named as accepted has none, and would pass."""
    if deadline.second or deadline.microsecond:
        raise Refusal.invalid(
            "deadline",
            "The deadline is fixed to the minute.",
            rule="deadline-minute",
            accepted=written(max(minute_from(deadline), earliest)),
        )
