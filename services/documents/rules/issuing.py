"""Joint statements: who signs, until when it may not be seen, and how the clock issues it (DOMAIN.md, *Documents*)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from services.documents.rules import timetable
from services.documents.rules.kinds import ASIDE, EMBARGOED, HELD, PUBLIC
from services.documents.rules.record import voice
from services.documents.rules.reminding import Reminder, Reminding
from services.documents.rules.rights import RIGHTS
from services.kernel import Actor, Composition, Position, Refusal, minute_after, written
from services.kernel.clearance import ENDORSE

WITHDRAWN = "withdrawn"
"""What the record shows in place of an endorsement that was taken back."""


class Issuing(Reminding):
    """What is particular to a joint statement."""

    def _times(self, issue_at: datetime | None, deadline: datetime | None, at: datetime) -> tuple[datetime, datetime]:
        """A statement's instant, and the end of its clearance at that instant or before."""
        issue_at = issue_at or self.issue_at or at
        latest = issue_at.replace(second=0, microsecond=0)
        must_lie_ahead(latest, at)
        if deadline is not None and deadline > latest:
            raise Refusal.invalid(
                "deadline",
                "A statement is cleared before it is issued.",
                rule="cleared-before-issue",
                accepted=f"{written(latest)} or before",
            )
        return issue_at, deadline or latest

    def join_signatories(self, entity: str, *, by: Actor, at: datetime, group: Composition) -> None:
        """Any member joins the signatories of a statement before it is cleared; its endorsement is awaited like the seats'."""
        RIGHTS.must("join_signatories", replace(self._begin("join_signatories", by, at, group), own=[entity]))
        if entity not in group.members(at):
            raise Refusal.invalid("entity", f"{entity} is no member of the Group.", rule="signatories-members", accepted=group.members(at))
        if entity in self.signatories:
            raise Refusal.conflict(f"{entity} is among the signatories.", rule="signatories-once", field="entity")
        self.joined = sorted({*self.joined, entity})
        self.signatories = sorted({*self.signatories, entity})
        if self.state == "clearance":
            self._running().counting.append(entity)
            self.counted_at = at
        self._say("signatories_joined", at, entity=entity)
        self.heed(group, at=at)

    def heed(self, group: Composition, *, at: datetime) -> None:
        """Note which of those that count will have left the Group by the statement's instant, as its composition is known at ``at``;
        so that the clock, which is told no composition, stops the issue when one leaves. Dates decide: who has left signs nothing."""
        if not self._kind.signed or self.state not in HELD:
            return
        for code in self._running().counting:
            earlier, leaves = self.departures.get(code), _leaves(group, code, max(at, self._last_word))
            if leaves is not None and self.issue_at is not None and leaves > self.issue_at:
                leaves = None
            if leaves == earlier:
                continue
            if leaves is None:
                del self.departures[code]
            else:
                self.departures[code] = leaves
            self._say("departure_noted", at, entity=code, leaves_at=leaves, earlier=earlier)
        self.tick(at)

    @property
    def _last_word(self) -> datetime:
        """When the latest word was said in the present clearance, or when it was settled who speaks in it."""
        clearance = self._running()
        return max([self.counted_at or clearance.opened_at, *(position.at for position in clearance.positions)])

    @property
    def _loss(self) -> datetime | None:
        """When the first of those that sign leaves the Group; not before the last word in the matter, though it be told late."""
        if not self._kind.signed or self.state not in HELD:
            return None
        leaving = [self.departures[code] for code in self.signing if code in self.departures]
        return max(min(leaving), self._last_word) if leaving else None

    def _lose_signatories(self, at: datetime) -> None:
        """Who signs is no longer who was asked: the chair brings the text before those that remain."""
        gone = [code for code in self.signing if code in self.departures and self.departures[code] <= at]
        clearance = self._running()
        clearance.state, clearance.settled_at = "broken", at
        self._move("lose_signatory")
        self.sealed = None
        self._tell("clearance_broken", clearance, at, entity=gone[0])
        self._stop("membership_ended", gone, at)

    @property
    def signing(self) -> list[str]:
        """Who signs the statement: its signatories, but for those that stand aside in the clearance of the current text. A paper is
        signed by nobody."""
        if not self._kind.signed or (clearance := self.in_question) is None:
            return self.signatories
        return [code for code in sorted(clearance.counting) if not ((said := clearance.current(code)) and said.word in ASIDE)]

    @property
    def unsigned(self) -> list[str]:
        """Those whose endorsement of exactly the current text does not stand."""
        clearance = self.in_question
        said = {code: clearance.current(code) if clearance else None for code in self.signing}
        return [code for code, position in said.items() if position is None or position.word != ENDORSE]

    def withdraw_endorsement(
        self,
        reason: str,
        *,
        by: Actor,
        at: datetime,
        group: Composition,
        on_behalf_of: str | None = None,
        letter: str = "",
        letter_attachment: str | None = None,
    ) -> None:
        """A signatory takes its endorsement of the cleared statement back before the instant: the issue stops, and the chair is
        told at once. While the clearance still runs, an entity gives another word instead."""
        who = self._begin("withdraw_endorsement", by, at, group)
        entity, on_behalf = voice("withdraw_endorsement", who, on_behalf_of)
        RIGHTS.must("withdraw_endorsement", who)
        clearance = self.clearances[-1]
        if entity not in clearance.words(ENDORSE):
            raise Refusal.conflict(f"{entity} has not endorsed this text.", rule="endorsement-stands", accepted=clearance.words(ENDORSE))
        if on_behalf and not letter.strip():
            raise Refusal.invalid(
                "letter", "What the secretariat enters for an entity names the letter it came by.", rule="on-behalf-letter"
            )
        self._must_have_attached(letter_attachment, on_behalf)
        said = (entity, WITHDRAWN, clearance.digest, at, by.person)
        clearance.positions.append(Position(*said, reason, "", on_behalf, letter, letter_attachment=letter_attachment))
        clearance.state, clearance.settled_at = "broken", at
        self._move("withdraw_endorsement")
        self.sealed = None
        self._say("endorsement_withdrawn", at, digest=clearance.digest, entity=entity, on_behalf=on_behalf)
        self._tell("clearance_broken", clearance, at, entity=entity)
        self._stop("endorsement_withdrawn", [entity], at)

    def _reminders(self) -> Iterator[Reminder]:
        """Of the steps of the timetable that are not done when they are due. What fell due before the last change was done then, or told,
        though it be undone since."""
        yield from super()._reminders()
        if self.issue_at is None or self.missed or self.state in (*PUBLIC, "withdrawn"):
            return
        for step in timetable.STEPS:
            falls = timetable.due(self, step)
            if (self.changed_at or self.proposed_at) <= falls < self.issue_at and not timetable.is_done(self, step, falls):
                yield Reminder(falls, "timetable", falls, self.drafters, step)

    def _must_have_attached(self, letter: str | None, on_behalf: bool) -> None:
        """Refuse a letter that is no attachment of this document, or one that is published with it, or beside a word that came by none."""
        if letter is None:
            return
        if not on_behalf:
            raise Refusal.invalid(
                "letter_attachment", "Who speaks for its own entity needs no letter.", rule="on-behalf-letter", accepted="none"
            )
        attached = [one.id for one in self.attachments if not one.public]
        if letter not in attached:
            raise Refusal.invalid(
                "letter_attachment",
                "This letter is not among the attachments that stay with the Group.",
                rule="letter-attached",
                accepted=attached,
            )

    def _stop(self, because: str, entities: list[str], at: datetime) -> None:
        self._say("issue_stopped", at, issue_at=self.issue_at, because=because, entities=entities, drafters=self.drafters)

    def _reach_the_instant(self, instant: datetime) -> None:
        """The statement's instant: it is issued if every endorsement of exactly this text stands, and the chair is told if not."""
        clearance = self.in_question
        if self.state != EMBARGOED or clearance is None or not self.signing or self.unsigned or self.sealed is None:
            self.missed = True
            self._stop("not_endorsed", self.unsigned, instant)
            return
        self._move("issue")
        self.signatories = self.signing
        languages = self._become_public(instant)
        self.happen(
            "statement_issued",
            instant,
            document=self.id,
            title=self.title,
            occasion=self.occasion,
            at=instant,
            digest=clearance.digest,
            signatories=self.signatories,
            text=self.sealed,
            language=self.language,
            url=self.url,
            pillars=self.pillars,
            lead=self.lead,
            deliverable=self.deliverable,
            languages=languages,
        )
        self._tell_languages(self.public_versions)


def must_lie_ahead(issue_at: datetime, at: datetime) -> None:
    if issue_at <= at:
        raise Refusal.invalid(
            "issue_at",
            "A statement is issued at an instant still to come.",
            rule="statement-future",
            accepted=f"{written(minute_after(at))} or later",
        )


def _leaves(group: Composition, code: str, at: datetime) -> datetime | None:
    """When the entity's membership as of ``at`` ends, or when its last one ended; None while no end is known."""
    own = [membership for membership in group.memberships if membership.entity == code]
    if code not in group.members(at):
        return max((one.until for one in own if one.until is not None and one.until <= at), default=at)
    while code in group.members(at):  # one membership may follow upon another
        ends = [one.until for one in own if one.holds(at)]
        if None in ends:
            return None
        at = max(end for end in ends if end is not None)
    return at
