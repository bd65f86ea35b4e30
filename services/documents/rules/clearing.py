"""Clearance: positions on one exact text, until it is the Group's own, or is not (DOMAIN.md, *Documents*)."""

from collections.abc import Iterator
from datetime import datetime

from services.documents.rules.issuing import Issuing
from services.documents.rules.kinds import ASIDE
from services.documents.rules.passing import Rulebook
from services.documents.rules.record import Reader, voice
from services.documents.rules.reminding import Reminder, ahead
from services.documents.rules.rights import RIGHTS
from services.kernel import Actor, Clearance, Composition, Position, Refusal
from services.kernel.clearance import ENDORSE

LONGEST_WORDS, EACH = 150_000, 300
"""Characters of what one entity says in the clearances of a document, and what each of its positions takes besides. They stand in the
document itself, which could otherwise grow until nothing of it may be saved, so that not even the clock moves it on."""


class Clearing(Issuing):
    """What makes the text of a document the Group's own."""

    def open_clearance(
        self,
        procedure: str,
        deadline: datetime | None,
        issue_at: datetime | None,
        *,
        by: Actor,
        at: datetime,
        group: Composition,
        read: Reader,
        rulebook: Rulebook | None = None,
    ) -> None:
        """The chair puts the current text before the entities that count by the rule of its kind as it stands in the ``rulebook``: the
        seats or all members, and for a statement also those that joined; the seats as far as they are members now. A statement's
        clearance ends at its instant at the latest. Refused while a comment lacks its disposition.
        """
        RIGHTS.must("open_clearance", self._begin("open_clearance", by, at, group))
        current = self._must_have_text("open a clearance")
        if self.undisposed:
            raise Refusal.conflict(
                f"{self.unanswered} of {len(self.ledger)} comments lack their disposition.",
                rule="dispositions-first",
                accepted="a disposition for each comment",
                extra={"comments": self.undisposed[:100]},
            )
        rule = (rulebook or Rulebook()).rules[self.kind]
        rule.must_allow(procedure, self.kind)
        members = group.members(at)
        asked = members if rule.counts == "members" else group.seated(at)
        counting = sorted(code for code in {*asked, *self.joined} if code in members)
        if self._kind.signed:
            issue_at, deadline = self._times(issue_at, deadline, at)
        elif issue_at is not None:
            raise Refusal.invalid("issue_at", "Only a statement has an instant.", rule="statement-fields")
        clearance = Clearance.open(current.digest, rule.under(procedure), counting, at=at, deadline=deadline)
        self._move("open_clearance")
        self.clearances.append(clearance)
        if self._kind.signed:
            if issue_at != self.issue_at:
                self._say("issue_rescheduled", at, issue_at=issue_at, earlier=self.issue_at)
            self.issue_at, self.missed = issue_at, False
            self.signatories, self.sealed = counting, read(current.outline).markdown
            self.counted_at, self.departures = at, {}
        self._tell("clearance_opened", clearance, at)
        self.heed(group, at=at)

    def extend_clearance(self, deadline: datetime, *, by: Actor, at: datetime, group: Composition) -> None:
        """The chair gives more time before the deadline has come; a statement's not beyond its instant."""
        RIGHTS.must("extend_clearance", self._begin("extend_clearance", by, at, group))
        clearance = self._running()
        if self._kind.signed:
            self._times(None, deadline, at)
        earlier = clearance.deadline
        clearance.extend(deadline, at=at)
        self._tell("clearance_extended", clearance, at, earlier=earlier)

    def take_position(
        self,
        digest: str,
        word: str,
        *,
        by: Actor,
        at: datetime,
        group: Composition,
        reasons: str = "",
        proposal: str = "",
        on_behalf_of: str | None = None,
        letter: str = "",
        letter_attachment: str | None = None,
    ) -> None:
        """An entity gives its word on exactly this text. The last word missing clears it, unless it waits for the end of a silence,
        which an objection or a proposed text breaks."""
        who = self._begin("take_position", by, at, group)
        entity, on_behalf = voice("take_position", who, on_behalf_of)
        clearance = self._running()
        if entity not in group.members(at):
            raise Refusal.not_allowed(
                f"{entity} is no member of the Group as of {at:%Y-%m-%d}, so it takes no position.",
                rule="position-member",
                accepted=[code for code in clearance.counting if code in group.members(at)],
            )
        RIGHTS.must("take_position", who)
        if word not in clearance.rule.words:
            raise Refusal.invalid(
                "word",
                f"In the clearance of a {self._kind.name}, {word!r} says neither that an entity joins nor that it does not.",
                rule="position-words",
                accepted=clearance.rule.words,
            )
        if self._kind.signed and word in ASIDE and self.signing == [entity]:
            raise Refusal.conflict(
                "All others stand aside: without this entity, the statement would be nobody's.",
                rule="statement-signatory",
                field="word",
                accepted=["endorse", "object"],
            )
        self._must_have_attached(letter_attachment, on_behalf)
        before = clearance.current(entity)
        said = Position(entity, word, digest, at, by.person, reasons, proposal, on_behalf, letter, letter_attachment=letter_attachment)
        self._must_have_room(said)
        clearance.take(said)
        earlier = before.word if before else None
        self._say("position_taken", at, digest=digest, entity=entity, word=word, earlier=earlier, on_behalf=on_behalf)
        self._settle(clearance, at, entity)

    def _must_have_room(self, said: Position) -> None:
        """Refuse more words than an entity has in the clearances of one document."""
        own = [one for run in self.clearances for one in run.positions if one.entity == said.entity]
        left = LONGEST_WORDS - sum(_length(one) + EACH for one in own)
        if _length(said) > left:
            raise Refusal.conflict(
                f"{said.entity} has said so much on this document that there is no room for as many words again.",
                rule="position-room",
                field="proposal" if said.proposal else "reasons",
                accepted=f"at most {max(left, 0)} characters",
            )

    def _settle(self, clearance: Clearance, at: datetime, entity: str | None = None) -> None:
        """Follow the clearance to where it has come: passed, broken by this entity, or lapsed."""
        if clearance.state == "passed":
            self._move("pass_clearance")
            self._tell("clearance_passed", clearance, at, endorsed_by=clearance.words(ENDORSE))
        elif clearance.state == "broken":
            self._move("break_clearance")
            self._tell("clearance_broken", clearance, at, entity=entity)
        elif clearance.state == "lapsed":
            self._move("lapse_clearance")
            self._tell("clearance_lapsed", clearance, at, awaiting=clearance.awaiting())
        if self.state == "drafting":
            self.sealed = None

    def _reminders(self) -> Iterator[Reminder]:
        """Of the positions that are awaited: whoever counts and has not spoken on this text. One who joined later was asked then."""
        yield from super()._reminders()
        clearance = self.clearance
        if self.state == "clearance" and clearance and clearance.deadline:
            asked = max(filter(None, (clearance.opened_at, clearance.extended_at, self.counted_at)))
            yield from ahead("position", clearance.deadline, clearance.awaiting(), since=asked)


def _length(said: Position) -> int:
    """The characters of what was said with a word."""
    return len(said.reasons) + len(said.proposal) + len(said.letter)
