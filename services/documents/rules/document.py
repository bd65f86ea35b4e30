"""One document, from its proposal to its publication (DOMAIN.md, *Documents*)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.documents.rules.attaching import Attaching
from services.documents.rules.drafting import must_be_drafters
from services.documents.rules.issuing import must_lie_ahead
from services.documents.rules.kinds import JOINT_STATEMENT, KINDS, PUBLIC
from services.documents.rules.rights import RIGHTS
from services.documents.rules.timetable import WORLD_DAY, world_day
from services.kernel import Actor, Composition, Refusal
from services.kernel.rights import Standing


@dataclass
class Document(Attaching):
    """An issue paper, an information note or a joint statement: all chapters of it, how it begins, and what the clock does."""

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
        RIGHTS.must("propose", Standing(by, at, group))
        must_be_drafters(lead, co_drafters or [], at=at, group=group)
        signed = KINDS[kind].signed
        for path, value in (("occasion", occasion), ("issue_at", issue_at)):
            if (value is not None) != signed:
                detail = "A statement has its occasion and its instant." if signed else "Only a statement has an occasion and an instant."
                raise Refusal.invalid(path, detail, rule="statement-fields")
        if issue_at is not None:
            must_lie_ahead(issue_at, at)
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
    def propose_for_world_day(cls, id: str, year: int, chairs: list[str], *, by: Actor, at: datetime, group: Composition) -> "Document":
        """The statement for 30 July, which the platform itself proposes each year as the term starts: those who chair lead it, as far
        as they belong to the Group. Refuses when none does, as while the composition is yet to come."""
        title = f"Joint statement for the {WORLD_DAY}, {year}"
        lead, *others = [code for code in chairs if code in group.members(at)] or chairs
        said: dict[str, Any] = {"lead": lead, "co_drafters": others, "occasion": WORLD_DAY, "issue_at": world_day(year)}
        return cls.propose(id, kind=JOINT_STATEMENT, title=title, by=by, at=at, group=group, **said)

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

    # The clock

    def due(self) -> datetime | None:
        """The end of the comment round or of the clearance, a signatory's departure, the statement's instant, or a reminder, whichever
        comes first."""
        deadlines = [self.rounds[-1].deadline if self.state == "comment_round" else None]
        deadlines += [self._running().deadline if self.state == "clearance" else None, self._loss]
        if self.issue_at and not self.missed and self.state not in (*PUBLIC, "withdrawn"):
            deadlines.append(self.issue_at)
        if reminder := self._reminder:
            deadlines.append(reminder.falls)
        return min((deadline for deadline in deadlines if deadline is not None), default=None)

    def tick(self, now: datetime) -> None:
        """Whatever fell due by ``now``, in order, each dated at its own deadline."""
        while (deadline := self.due()) is not None and deadline <= now:
            if (reminder := self._reminder) and reminder.falls == deadline:
                self._remind(reminder)
            elif self.state == "comment_round":
                self._move("close_round")
                self.rounds[-1].closed_at = deadline
                self._say("comment_round_closed", deadline, number=len(self.rounds), comments=len(self.ledger))
            elif self._loss == deadline:
                self._lose_signatories(deadline)
            elif self.state == "clearance" and self._running().fall_due(deadline):
                self._settle(self.clearances[-1], deadline)
            else:
                self._reach_the_instant(deadline)


def _first_instant(partial: str) -> datetime:
    """The first instant of a date known to the year, the month or the day."""
    year, month, day = ([int(part) for part in partial.split("-")] + [1, 1])[:3]
    return datetime(year, month, day, tzinfo=UTC)
