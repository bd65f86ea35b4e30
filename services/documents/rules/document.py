"""One document, from its proposal to its publication (DOMAIN.md, *Documents*).

The aggregate holds what is known about the texts, never the texts: each revision is named by its digest, and whoever
asks hands in the text it speaks of. The one exception is a statement in clearance, whose text is ``sealed`` here so that
the clock alone can issue it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from services.documents.rules import views
from services.documents.rules.kinds import ASIDE, CLOCK_ACTS, HELD, KINDS, PUBLIC, Kind
from services.documents.rules.text import Text, Words
from services.kernel import Actor, Aggregate, Clearance, Composition, Position, Refusal
from services.kernel.clearance import ENDORSE

WITHDRAWN = "withdrawn"
"""What the record shows in place of an endorsement that was taken back."""

Reader = Callable[[str], Text]
"""Gives the text with a digest. Since a digest names one text for ever, a rule that reads one depends on nothing that changes."""


@dataclass
class Revision:
    """One immutable state of the text. ``sections``: how many."""

    number: int
    digest: str
    title: str
    sections: int
    person: str
    entity: str
    at: datetime
    summary: str


@dataclass
class Round:
    """One comment round; ``closed_at`` is its deadline once that has come."""

    number: int
    opened_at: datetime
    deadline: datetime
    closed_at: datetime | None = None


@dataclass
class Disposition:
    outcome: str
    reason: str
    person: str
    entity: str
    at: datetime


@dataclass
class Comment:
    """A remark on a passage of one revision. ``id`` follows from the order that made it; ``words`` is the digest of its own words.
    The last disposition holds."""

    id: str
    number: int
    revision: int
    section: int
    heading: str
    words: str
    person: str
    entity: str
    at: datetime
    dispositions: list[Disposition] = field(default_factory=list)


@dataclass
class Presentation:
    where: str
    when: str
    on_margins_of: str


@dataclass
class Withdrawal:
    at: datetime
    person: str
    entity: str | None
    reason: str


@dataclass
class Document(Aggregate):
    """An issue paper, an information note or a joint statement.

    ``listed_at``: the instant it stands under in lists: of its proposal, then of its publication. ``published_on``: the date as
    exactly as it is known. ``joined``: members without a seat that sign too, ``counted_at``: since when exactly these count;
    ``departures``: which of them leave the Group before the statement's instant, and when. ``missed``: that instant came
    and it could not be issued. ``sealed``: the whole text of a statement in or after clearance.
    """

    id: str
    kind: str
    title: str
    summary: str
    language: str
    state: str
    listed_at: datetime
    proposed_at: datetime
    proposed_by: str
    lead: str | None = None
    co_drafters: list[str] = field(default_factory=list)
    themes: list[str] = field(default_factory=list)
    pillars: list[str] = field(default_factory=list)
    deliverable: dict[str, Any] | None = None
    occasion: str | None = None
    issue_at: datetime | None = None
    signatories: list[str] = field(default_factory=list)
    joined: list[str] = field(default_factory=list)
    counted_at: datetime | None = None
    departures: dict[str, datetime] = field(default_factory=dict)
    sealed: str | None = None
    missed: bool = False
    revisions: list[Revision] = field(default_factory=list)
    rounds: list[Round] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    clearances: list[Clearance] = field(default_factory=list)
    number: int | None = None
    ordered_at: datetime | None = None
    published_at: datetime | None = None
    published_on: str | None = None
    source: str | None = None
    link: str | None = None
    presentations: list[Presentation] = field(default_factory=list)
    withdrawn: Withdrawal | None = None

    # Beginnings

    @classmethod
    def propose(
        cls,
        id: str,
        *,
        kind: str,
        title: str,
        lead: str,
        by: Actor,
        at: datetime,
        group: Composition,
        summary: str = "",
        co_drafters: list[str] | None = None,
        deliverable: dict[str, Any] | None = None,
        themes: list[str] | None = None,
        pillars: list[str] | None = None,
        language: str = "en",
        occasion: str | None = None,
        issue_at: datetime | None = None,
    ) -> "Document":
        """A member, or the secretariat, proposes a document; lead and co-drafters are members of the Group."""
        if not group.is_inside(by, at):
            raise Refusal.not_allowed("Only members of the Group and the secretariat propose documents.", rule="members-only")
        members = group.members(at)
        drafters = [("lead", lead)] + [(f"co_drafters.{i}", code) for i, code in enumerate(co_drafters or [])]
        for path, code in drafters:
            if code not in members:
                raise Refusal.invalid(
                    path, f"{code} is no member of the Group as of {at:%Y-%m-%d}.", rule="drafters-members", accepted=members
                )
        if len({code for _, code in drafters}) < len(drafters):
            raise Refusal.invalid("co_drafters", "Each entity stands once among the lead and the co-drafters.", rule="drafters-once")
        signed = KINDS[kind].signed
        for path, value in (("occasion", occasion), ("issue_at", issue_at)):
            if (value is not None) != signed:
                detail = "A statement has its occasion and its instant." if signed else "Only a statement has an occasion and an instant."
                raise Refusal.invalid(path, detail, rule="statement-fields")
        if issue_at is not None:
            _must_lie_ahead(issue_at, at)
        document = cls(
            id=id,
            kind=kind,
            title=title,
            summary=summary,
            language=language,
            state=KINDS[kind].begins,
            listed_at=at,
            proposed_at=at,
            proposed_by=by.person,
            lead=lead,
            co_drafters=list(co_drafters or []),
            themes=list(themes or []),
            pillars=list(pillars or []),
            deliverable=deliverable,
            occasion=occasion,
            issue_at=issue_at,
            signatories=group.seated(at) if signed else [],
        )
        document._say("proposed", at, lead=lead, co_drafters=document.co_drafters, deliverable=deliverable)
        return document

    @classmethod
    def of_the_past(cls, id: str, number: int, paper: dict[str, Any], *, by: Actor, at: datetime) -> "Document":
        """An issue paper from before this record, as the series took it in (``Series.enter`` has checked it)."""
        document = cls(
            id=id,
            kind="issue_paper",
            state="published",
            listed_at=_first_instant(paper["published_on"]),
            proposed_at=at,
            proposed_by=by.person,
            number=number,
            **paper,
        )
        document._say("past_paper_recorded", at, number=number, published_on=document.published_on, source=document.source)
        return document

    # Drafting

    def agree_concept(self, *, by: Actor, at: datetime, group: Composition) -> None:
        """The chair records that the concept is agreed (issue papers only)."""
        self._begin("agree_concept", by, at, group)
        group.must_chair(by, at, "record that the concept is agreed")
        self._move("agree_concept")
        self._say("concept_agreed", at)

    def save_revision(
        self,
        base: int,
        title: str | None,
        sections: list[dict[str, str]],
        summary: str,
        *,
        by: Actor,
        at: datetime,
        group: Composition,
        read: Reader,
    ) -> Text:
        """Save the text whole upon the revision it was written from; returns it, to be stored before the change that names it.

        When another was saved since, refuse with both texts and their difference, so that two drafters never overwrite one
        another unseen. A text in clearance or cleared goes back to drafting: the positions on the earlier one are stale.
        """
        self._begin("save_revision", by, at, group)
        entity = self._must_draft(by, "save a revision")
        text = Text.written(title or self.title, sections, self._kind.longest)
        current = self.current
        latest = current.number if current else 0
        if base > latest:
            raise Refusal.invalid("base", f"There is no revision {base}.", rule="base-revision", accepted=str(latest))
        if current and base < latest:
            theirs = read(current.digest)
            raise Refusal.conflict(
                f"Revision {current.number} was saved by {current.entity} after revision {base}, which this text was written upon.",
                rule="base-revision",
                field="base",
                accepted=str(current.number),
                extra={
                    "current": {"number": current.number, "digest": current.digest, **theirs.content},
                    "yours": text.content,
                    "difference": theirs.difference(text, ours=f"revision {current.number}", theirs="yours"),
                },
            )
        if current and current.digest == text.digest:
            raise Refusal.conflict(f"Revision {current.number} has exactly this text.", rule="revision-same", field="sections")
        cleared = self.state == "cleared_under_embargo"
        self._move("save_revision")
        self.title = text.title
        number = latest + 1
        self.revisions.append(Revision(number, text.digest, text.title, len(text.sections), by.person, entity, at, summary))
        earlier = current.digest if current else None
        self._say("revision_saved", at, number=number, digest=text.digest, entity=entity, earlier=earlier)
        self._supersede(at)
        if cleared:
            self._stop("new_revision", [entity], at)
        return text

    # Comments

    def open_comment_round(self, deadline: datetime, *, by: Actor, at: datetime, group: Composition) -> None:
        """The chair asks for comments until a deadline; may be repeated."""
        self._begin("open_comment_round", by, at, group)
        group.must_chair(by, at, "open a comment round")
        self._must_have_text("open a comment round")
        if deadline.second or deadline.microsecond:
            raise Refusal.invalid("deadline", "The deadline is fixed to the minute.", rule="deadline-minute")
        if deadline <= at:
            raise Refusal.invalid("deadline", "The deadline is already past.", rule="deadline-future", accepted=f"after {at.isoformat()}")
        self._move("open_comment_round")
        self.rounds.append(Round(len(self.rounds) + 1, at, deadline))
        self._say("comment_round_opened", at, number=len(self.rounds), deadline=deadline)

    def comment(
        self,
        id: str,
        revision: int | None,
        section: int,
        quotation: str,
        text: str,
        *,
        by: Actor,
        at: datetime,
        group: Composition,
        read: Reader,
    ) -> Words:
        """A member comments on words as they stand in one section of one revision (the current one unless named); returns the
        comment's own words, to be stored before the change that names them."""
        self._begin("comment", by, at, group)
        entity = self._must_be_member(by, at, group, "comment")
        named = self._revision(revision)
        passages = read(named.digest)
        if section > len(passages.sections):
            raise Refusal.invalid(
                "section",
                f"Revision {named.number} has no section {section}.",
                rule="passage-exists",
                accepted=f"1 to {len(passages.sections)}",
            )
        if not quotation.strip() or passages.passage(section, quotation) != section:
            raise Refusal.invalid(
                "quotation",
                f"These words do not stand in section {section} of revision {named.number}.",
                rule="passage-exists",
                accepted="words as they stand in that section",
            )
        words, number = Words(quotation, text), len(self.comments) + 1
        heading = passages.sections[section - 1].heading
        self.comments.append(Comment(id, number, named.number, section, heading, words.digest, by.person, entity, at))
        self._say("commented", at, comment=number, entity=entity, revision=named.number, section=section, digest=words.digest)
        return words

    def dispose(self, comment: int, outcome: str, reason: str, *, by: Actor, at: datetime, group: Composition) -> None:
        """A drafter answers a comment; a rejection gives its reason. Answered again, the last answer holds and the earlier is kept."""
        self._begin("dispose", by, at, group)
        entity = self._must_draft(by, "answer comments")
        found = self.numbered_comment(comment)
        if outcome == "rejected" and not reason.strip():
            raise Refusal.invalid("reason", "A rejection gives its reason.", rule="rejection-reason")
        earlier = found.dispositions[-1].outcome if found.dispositions else None
        found.dispositions.append(Disposition(outcome, reason, by.person, entity, at))
        self._say("comment_disposed", at, comment=comment, outcome=outcome, earlier=earlier)

    def comment_made_by(self, id: str) -> Comment:
        """The comment of that order."""
        return next(comment for comment in self.comments if comment.id == id)

    @property
    def undisposed(self) -> list[int]:
        """Numbers of the comments that have no disposition."""
        return [comment.number for comment in self.comments if not comment.dispositions]

    # Clearance

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
    ) -> None:
        """The chair puts the current text before the entities: the seats, and for a statement also those that joined, all as far as
        they are members now. A statement's clearance ends at its instant at the latest. Refused while a comment lacks its disposition.
        """
        self._begin("open_clearance", by, at, group)
        group.must_chair(by, at, "open a clearance")
        current = self._must_have_text("open a clearance")
        if self.undisposed:
            raise Refusal.conflict(
                f"{len(self.undisposed)} of {len(self.comments)} comments lack their disposition.",
                rule="dispositions-first",
                accepted="a disposition for each comment",
                extra={"comments": self.undisposed},
            )
        if procedure not in self._kind.procedures:
            raise Refusal.invalid(
                "by",
                f"A {self._kind.name} is cleared by express positions: who is silent has not signed.",
                rule="statement-express",
                accepted=list(self._kind.procedures),
            )
        members = group.members(at)
        counting = sorted(code for code in {*group.seated(at), *self.joined} if code in members)
        if self._kind.signed:
            issue_at, deadline = self._timetable(issue_at, deadline, at)
        elif issue_at is not None:
            raise Refusal.invalid("issue_at", "Only a statement has an instant.", rule="statement-fields")
        clearance = Clearance.open(current.digest, self._kind.rule(procedure), counting, at=at, deadline=deadline)
        self._move("open_clearance")
        self.clearances.append(clearance)
        if self._kind.signed:
            if issue_at != self.issue_at:
                self._say("issue_rescheduled", at, issue_at=issue_at, earlier=self.issue_at)
            self.issue_at, self.missed = issue_at, False
            self.signatories, self.sealed = counting, read(current.digest).markdown
            self.counted_at, self.departures = at, {}
        self._tell("clearance_opened", clearance, at)
        self.heed(group, at=at)

    def _timetable(self, issue_at: datetime | None, deadline: datetime | None, at: datetime) -> tuple[datetime, datetime]:
        """A statement's instant, and the end of its clearance at that instant or before."""
        issue_at = issue_at or self.issue_at or at
        _must_lie_ahead(issue_at, at)
        latest = issue_at.replace(second=0, microsecond=0)
        if deadline is not None and deadline > latest:
            raise Refusal.invalid(
                "deadline",
                "A statement is cleared before it is issued.",
                rule="cleared-before-issue",
                accepted=f"{latest.isoformat()} or before",
            )
        return issue_at, deadline or latest

    def extend_clearance(self, deadline: datetime, *, by: Actor, at: datetime, group: Composition) -> None:
        """The chair gives more time before the deadline has come; a statement's not beyond its instant."""
        self._begin("extend_clearance", by, at, group)
        group.must_chair(by, at, "extend a clearance")
        clearance = self._running()
        if self._kind.signed:
            self._timetable(None, deadline, at)
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
    ) -> None:
        """An entity gives its word on exactly this text. The last word missing clears it, unless it waits for the end of a silence,
        which an objection or a proposed text breaks."""
        self._begin("take_position", by, at, group)
        entity, on_behalf = _voice(by, on_behalf_of, "take a position")
        clearance = self._running()
        if entity not in group.members(at):
            raise Refusal.not_allowed(
                f"{entity} is no member of the Group as of {at:%Y-%m-%d}, so it takes no position.",
                rule="position-member",
                accepted=[code for code in clearance.counting if code in group.members(at)],
            )
        if word not in self._kind.words:
            raise Refusal.invalid(
                "word",
                f"In the clearance of a {self._kind.name}, {word!r} says neither that an entity joins nor that it does not.",
                rule="position-words",
                accepted=list(self._kind.words),
            )
        if self._kind.signed and word in ASIDE and self.signing == [entity]:
            raise Refusal.conflict(
                "All others stand aside: without this entity, the statement would be nobody's.",
                rule="statement-signatory",
                field="word",
                accepted=["endorse", "object"],
            )
        before = clearance.current(entity)
        clearance.take(Position(entity, word, digest, at, by.person, reasons, proposal, on_behalf, letter))
        earlier = before.word if before else None
        self._say("position_taken", at, digest=digest, entity=entity, word=word, earlier=earlier, on_behalf=on_behalf)
        self._settle(clearance, at, entity)

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

    # Statements

    def join_signatories(self, entity: str, *, by: Actor, at: datetime, group: Composition) -> None:
        """Any member joins the signatories of a statement before it is cleared; its endorsement is awaited like the seats'."""
        self._begin("join_signatories", by, at, group)
        by.must_speak_for(entity, "join the signatories")
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
        """Who signs the statement: its signatories, but for those that stand aside in the clearance of the current text."""
        if (clearance := self._in_question) is None:
            return self.signatories
        return [code for code in sorted(clearance.counting) if not ((said := clearance.current(code)) and said.word in ASIDE)]

    @property
    def unsigned(self) -> list[str]:
        """Those whose endorsement of exactly the current text does not stand."""
        clearance = self._in_question
        said = {code: clearance.current(code) if clearance else None for code in self.signing}
        return [code for code, position in said.items() if position is None or position.word != ENDORSE]

    def withdraw_endorsement(
        self, reason: str, *, by: Actor, at: datetime, group: Composition, on_behalf_of: str | None = None, letter: str = ""
    ) -> None:
        """A signatory takes its endorsement of the cleared statement back before the instant: the issue stops, and the chair is
        told at once. While the clearance still runs, an entity gives another word instead."""
        self._begin("withdraw_endorsement", by, at, group)
        entity, on_behalf = _voice(by, on_behalf_of, "take an endorsement back")
        clearance = self.clearances[-1]
        if entity not in clearance.words(ENDORSE):
            raise Refusal.conflict(f"{entity} has not endorsed this text.", rule="endorsement-stands", accepted=clearance.words(ENDORSE))
        if on_behalf and not letter.strip():
            raise Refusal.invalid(
                "letter", "What the secretariat enters for an entity names the letter it came by.", rule="on-behalf-letter"
            )
        clearance.positions.append(
            Position(entity, WITHDRAWN, clearance.digest, at, by.person, reasons=reason, on_behalf=on_behalf, letter=letter)
        )
        clearance.state, clearance.settled_at = "broken", at
        self._move("withdraw_endorsement")
        self.sealed = None
        self._say("endorsement_withdrawn", at, digest=clearance.digest, entity=entity, on_behalf=on_behalf)
        self._tell("clearance_broken", clearance, at, entity=entity)
        self._stop("endorsement_withdrawn", [entity], at)

    def _stop(self, because: str, entities: list[str], at: datetime) -> None:
        self._say("issue_stopped", at, issue_at=self.issue_at, because=because, entities=entities)

    # Publication

    def publish(self, summary: str | None, *, by: Actor, at: datetime, group: Composition) -> None:
        """The chair publishes a cleared text. A note is public at once; an issue paper first takes its number in the series,
        from which there is no way back (``complete_publication``)."""
        self._begin("publish", by, at, group)
        group.must_chair(by, at, "publish")
        self._move("publish")
        self.summary = summary or self.summary
        if self._kind.numbered:
            self.ordered_at = at
            self._say("publication_ordered", at)
        else:
            self._become_public(at)
            self._say_published()

    def complete_publication(self, number: int) -> None:
        """The series gave the number: the paper is public, as of the instant it was ordered. Told again, nothing more happens."""
        if self.number == number:
            return
        self._must_be_open("complete", self.ordered_at or self.listed_at)
        self._move("complete")
        self.number = number
        self._become_public(self.ordered_at or self.listed_at)
        self._say_published()

    @property
    def awaits_number(self) -> bool:
        """Whether its publication is ordered, and the series has yet to number it."""
        return self.state == "publishing"

    def _become_public(self, at: datetime) -> None:
        self.published_at = self.listed_at = at
        self.published_on = f"{at:%Y-%m-%d}"

    def _say_published(self) -> None:
        at = self.published_at or self.listed_at
        facts = {"number": self.number, "summary": self.summary, "at": at, "digest": self.digest, "language": self.language}
        self._say("published", at, **facts, url=self.url, pillars=self.pillars, lead=self.lead, deliverable=self.deliverable)

    def present(self, where: str, when: str, on_margins_of: str, *, by: Actor, at: datetime, group: Composition) -> None:
        """A publication was or will be presented, not before the day it became public."""
        self._begin("present", by, at, group)
        if not (self.lead and by.speaks_for(self.lead)):
            group.must_chair(by, at, "enter a presentation, unless it leads the paper,")
        since = self.published_on or ""
        if when < since[: len(when)]:
            raise Refusal.invalid(
                "when", "A publication is presented after it is published.", rule="present-after", accepted=f"{since} or later"
            )
        self._move("present")
        self.presentations.append(Presentation(where, when, on_margins_of))
        self._say("presented", at, number=self.number, where=where, when=when, on_margins_of=on_margins_of)

    def withdraw(self, reason: str, *, by: Actor, at: datetime, group: Composition) -> None:
        """The lead, the chair or the secretariat withdraws the document before its publication. What was, stays visible to the Group."""
        self._begin("withdraw", by, at, group)
        if not (self.lead and by.speaks_for(self.lead)):
            group.must_chair(by, at, "withdraw a document it does not lead")
        self._move("withdraw")
        self.withdrawn = Withdrawal(at, by.person, by.entity, reason)
        self._supersede(at)
        self._say("withdrawn", at)

    # The clock

    def due(self) -> datetime | None:
        """The end of the comment round or of the clearance, a signatory's departure, or the statement's instant, whichever comes first."""
        deadlines = [self.rounds[-1].deadline if self.state == "comment_round" else None]
        deadlines += [self._running().deadline if self.state == "clearance" else None, self._loss]
        if self.issue_at and not self.missed and self.state not in (*PUBLIC, "withdrawn"):
            deadlines.append(self.issue_at)
        return min((deadline for deadline in deadlines if deadline is not None), default=None)

    def tick(self, now: datetime) -> None:
        """Whatever fell due by ``now``, in order, each dated at its own deadline."""
        while (deadline := self.due()) is not None and deadline <= now:
            if self.state == "comment_round":
                self._move("close_round")
                self.rounds[-1].closed_at = deadline
                self._say("comment_round_closed", deadline, number=len(self.rounds), comments=len(self.comments))
            elif self._loss == deadline:
                self._lose_signatories(deadline)
            elif self.state == "clearance" and self._running().fall_due(deadline):
                self._settle(self.clearances[-1], deadline)
            else:
                self._reach_the_instant(deadline)

    def _reach_the_instant(self, instant: datetime) -> None:
        """The statement's instant: it is issued if every endorsement of exactly this text stands, and the chair is told if not."""
        clearance = self._in_question
        if self.state != "cleared_under_embargo" or clearance is None or not self.signing or self.unsigned or self.sealed is None:
            self.missed = True
            self._stop("not_endorsed", self.unsigned, instant)
            return
        self._move("issue")
        self.signatories = self.signing
        self._become_public(instant)
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
        )

    # What is seen

    @property
    def url(self) -> str:
        return f"/documents/{self.id}"

    @property
    def current(self) -> Revision | None:
        return self.revisions[-1] if self.revisions else None

    @property
    def digest(self) -> str | None:
        return self.current.digest if self.current else None

    @property
    def clearance(self) -> Clearance | None:
        """The latest run of the procedure."""
        return self.clearances[-1] if self.clearances else None

    @property
    def acts(self) -> list[str]:
        """What may be ordered in this state, by whoever has the right."""
        return [act for act in self._kind.moves.get(self.state, {}) if act not in CLOCK_ACTS]

    def is_public(self, at: datetime) -> bool:
        """Whether anyone may see it as of ``at``."""
        return self.state in PUBLIC and (self.published_at is None or self.published_at <= at)

    def must_be_known_to(self, by: Actor, at: datetime, group: Composition) -> None:
        """To those outside, what is not public does not exist: the answer is the one for a document that never was."""
        if not self.is_public(at) and not group.is_inside(by, at):
            raise views.unknown(self.id)

    # What every act has in common

    @property
    def _kind(self) -> Kind:
        return KINDS[self.kind]

    @property
    def _in_question(self) -> Clearance | None:
        """The clearance of the current text, open or passed."""
        clearance = self.clearance
        return clearance if clearance and clearance.digest == self.digest and clearance.state in ("open", "passed") else None

    def _begin(self, act: str, by: Actor, at: datetime, group: Composition) -> None:
        """What holds for every order: the clock comes first, outsiders learn nothing, and the state must allow the act."""
        self.tick(at)
        self.must_be_known_to(by, at, group)
        self._must_be_open(act, at)

    def _must_be_open(self, act: str, at: datetime) -> None:
        if act in self._kind.moves[self.state]:
            return
        if (deadline := self._deadline_of(act)) is not None and at >= deadline:
            raise Refusal.too_late(f"That ended at {deadline:%Y-%m-%d %H:%M:%S} UTC.", rule=f"{act.replace('_', '-')}-deadline")
        raise Refusal.conflict(
            f"This {self._kind.name} is in the state {self.state!r}, which does not allow it.",
            rule="life-cycle",
            accepted=self.acts,
        )

    def _deadline_of(self, act: str) -> datetime | None:
        """The deadline that ended the time in which the act was possible."""
        if self.state == "issued":
            return self.published_at
        if act == "comment":
            return self.rounds[-1].deadline if self.rounds else None
        if act in ("take_position", "extend_clearance"):
            return self.clearance.deadline if self.clearance else None
        return None

    def _move(self, act: str) -> None:
        self.state = self._kind.moves[self.state][act]

    def _say(self, name: str, at: datetime, /, **data: Any) -> None:
        self.happen(name, at, document=self.id, title=self.title, kind=self.kind, **data)

    def _tell(self, name: str, clearance: Clearance, at: datetime, **data: Any) -> None:
        facts = {"digest": clearance.digest, "deadline": clearance.deadline, "counting": clearance.counting, "by": clearance.rule.by}
        self._say(name, at, **facts, **data)

    def _supersede(self, at: datetime) -> None:
        """The text a clearance ran on, or passed, is no longer in question."""
        self.sealed = None
        if (clearance := self.clearance) and clearance.state in ("open", "passed"):
            clearance.supersede(at)
            self._tell("clearance_superseded", clearance, at)

    def _running(self) -> Clearance:
        return self.clearances[-1]

    def _must_have_text(self, doing: str) -> Revision:
        if self.current is None:
            raise Refusal.conflict(f"There is no text yet to {doing} on.", rule="text-first", accepted="a first revision")
        return self.current

    def _revision(self, number: int | None) -> Revision:
        current = self._must_have_text("comment")
        number = number or current.number
        if number > current.number:
            raise Refusal.invalid("revision", f"There is no revision {number}.", rule="revision-exists", accepted=f"1 to {current.number}")
        return self.revisions[number - 1]

    def numbered_comment(self, number: int) -> Comment:
        """The comment with this number. Refuses as not found when there is none."""
        if number > len(self.comments):
            raise Refusal.not_found(f"There is no comment {number}.", rule="comment-exists", field="comment")
        return self.comments[number - 1]

    def _must_draft(self, by: Actor, doing: str) -> str:
        """The drafting entity this person speaks for."""
        drafters = [code for code in (self.lead, *self.co_drafters) if code]
        for code in drafters:
            if by.speaks_for(code):
                return code
        raise Refusal.not_allowed(f"Only the lead and the co-drafters may {doing}.", rule="drafters-only", accepted=drafters)

    def _must_be_member(self, by: Actor, at: datetime, group: Composition, doing: str) -> str:
        """The member this person speaks for."""
        for code in group.members(at):
            if by.speaks_for(code):
                return code
        raise Refusal.not_allowed(f"Only a member's focal point may {doing}, for its entity.", rule="members-only")


def _must_lie_ahead(issue_at: datetime, at: datetime) -> None:
    if issue_at <= at:
        raise Refusal.invalid(
            "issue_at",
            "A statement is issued at an instant still to come.",
            rule="statement-future",
            accepted=f"after {at.isoformat()}",
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


def _voice(by: Actor, on_behalf_of: str | None, doing: str) -> tuple[str, bool]:
    """The entity that speaks here, and whether the secretariat enters it from a letter."""
    entity = on_behalf_of or by.entity
    if entity and by.speaks_for(entity):
        return entity, False
    if on_behalf_of is None and by.is_secretariat:
        raise Refusal.invalid("on_behalf_of", "The secretariat names the entity it enters this for.", rule="on-behalf-entity")
    by.must_speak_for(entity or "the entity", doing)
    return entity or "", True


def _first_instant(partial: str) -> datetime:
    """The first instant of a date known to the year, the month or the day."""
    year, month, day = ([int(part) for part in partial.split("-")] + [1, 1])[:3]
    return datetime(year, month, day, tzinfo=UTC)
