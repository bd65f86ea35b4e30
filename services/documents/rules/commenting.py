"""Comment rounds, comments on passages and what is said under them, dispositions (DOMAIN.md, *Documents*).

The document keeps a ledger of its comments and no more. What was said is told by events, which name its digest: the store makes of
them what is shown (``views.comment``).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.documents.rules.anchors import Passages
from services.documents.rules.drafting import Drafting
from services.documents.rules.record import OPEN, Reader, Round
from services.documents.rules.reminding import Reminder, ahead
from services.documents.rules.rights import RIGHTS
from services.kernel import Actor, Composition, Refusal, digest_of, minute_after, written
from services.kernel.rights import Party

OUTCOMES = {"a": "accepted", "p": "accepted_in_part", "r": "rejected"}
"""How the drafters answer a comment, by the letter in the ledger."""
PLACES = 10
"""Places of equal passages that a refusal names."""
THREAD = 100
"""Replies under one comment, and dispositions of it: who has more to say to each other meets."""


@dataclass(frozen=True)
class Words:
    """What someone said, and what it was on. Kept under its digest before the event that names it: it may quote what no event may hold."""

    content: dict[str, Any]

    @property
    def digest(self) -> str:
        return digest_of(self.content)


class Commenting(Drafting):
    """What members say to the text, and drafters answer."""

    def open_comment_round(self, deadline: datetime, *, by: Actor, at: datetime, group: Composition) -> None:
        """The chair asks the members but for the drafters for their comments until a deadline; may be repeated."""
        RIGHTS.must("open_comment_round", self._begin("open_comment_round", by, at, group))
        self._must_have_text("open a comment round")
        if deadline.second or deadline.microsecond:
            raise Refusal.invalid("deadline", "The deadline is fixed to the minute.", rule="deadline-minute")
        if deadline <= at:
            soonest = f"{written(minute_after(at))} or later"
            raise Refusal.invalid("deadline", "The deadline is already past.", rule="deadline-future", accepted=soonest)
        self._move("open_comment_round")
        asked = [code for code in group.members(at) if code not in self.drafters]
        self.rounds.append(Round(len(self.rounds) + 1, at, deadline, asked=asked))
        self._say("comment_round_opened", at, number=len(self.rounds), deadline=deadline, asked=asked)

    def comment(
        self,
        revision: int | None,
        section: int,
        quotation: str,
        start: int | None,
        text: str,
        *,
        by: Actor,
        at: datetime,
        group: Composition,
        read: Reader,
    ) -> Words:
        """A member comments on words as they stand, or are read, in one section of one revision (the current one unless named): the first
        such from the character ``start`` on, and without it the only ones. Returns the comment's own words, to be stored before the change
        that names them."""
        entity = RIGHTS.voice("comment", self._begin("comment", by, at, group), Party.MEMBER)
        named = self._revision(revision)
        commented = read(named.outline)
        if section > len(commented.sections):
            raise Refusal.invalid(
                "section",
                f"Revision {named.number} has no section {section}.",
                rule="passage-exists",
                accepted=f"1 to {len(commented.sections)}",
            )
        on = commented.sections[section - 1]
        passages, where = Passages(commented.outline, commented.sections), f"section {section} of revision {named.number}"
        passage = passages.select(on.id, quotation, start or 0)
        said = list(passages.said(on.id, quotation))
        if passage is None:
            raise _no_such_passage(said, start, where)
        if start is None and len(said) > 1:
            raise _many_such_passages(said, where)
        words, number = Words({"text": text, "heading": on.heading, "passage": passage._asdict()}), len(self.ledger) + 1
        self.ledger += OPEN
        if (round := self._round) and entity not in round.heard:
            round.heard.append(entity)
        self._say("commented", at, comment=number, entity=entity, revision=named.number, section=section, digest=words.digest)
        return words

    def reply_to_comment(self, comment: int, text: str, *, by: Actor, at: datetime, group: Composition, thread: int = 0) -> Words:
        """A member, or a drafter, says something in the thread under a comment, in which ``thread`` replies stand already; returns
        the words, to be stored before the change that names them."""
        who = self._begin("reply_to_comment", by, at, group)
        entity = who.speaks_as(Party.DRAFTER) or RIGHTS.voice("reply_to_comment", who, Party.MEMBER)
        self._must_have_comment(comment)
        _must_have_room(thread, "replies", "text")
        words = Words({"text": text})
        self._say("comment_replied", at, comment=comment, entity=entity, digest=words.digest)
        return words

    def dispose(
        self, comment: int, outcome: str, reason: str, *, by: Actor, at: datetime, group: Composition, dispositions: int = 0
    ) -> Words:
        """A drafter answers a comment, which was answered ``dispositions`` times already; a rejection gives its reason. Answered again,
        the last answer holds and the earlier is kept. Returns the reason, to be stored before the change that names it."""
        entity = RIGHTS.voice("dispose", self._begin("dispose", by, at, group), Party.DRAFTER)
        self._must_have_comment(comment)
        if outcome == "rejected" and not reason.strip():
            raise Refusal.invalid("reason", "A rejection gives its reason.", rule="rejection-reason", accepted="why it was not taken up")
        _must_have_room(dispositions, "dispositions", "outcome")
        earlier, words = self.outcome_of(comment), Words({"reason": reason})
        letter = next(letter for letter, word in OUTCOMES.items() if word == outcome)
        self.ledger = self.ledger[: comment - 1] + letter + self.ledger[comment:]
        if earlier is None and not self.unanswered:
            self.answered_at = at
        facts = {"entity": entity, "outcome": outcome, "earlier": earlier, "digest": words.digest}
        self._say("comment_disposed", at, comment=comment, **facts)
        return words

    def outcome_of(self, comment: int) -> str | None:
        """How the comment was answered; None while it was not."""
        return OUTCOMES.get(self.ledger[comment - 1])

    @property
    def unheard(self) -> list[str]:
        """Whose comments the round that runs still awaits."""
        if (round := self._round) is None:
            return []
        return [code for code in round.asked if code not in round.heard and code not in self.drafters]

    @property
    def _round(self) -> Round | None:
        """The round that runs."""
        return self.rounds[-1] if self.state == "comment_round" else None

    def _reminders(self) -> Iterator[Reminder]:
        yield from super()._reminders()
        if round := self._round:
            yield from ahead("comments", round.deadline, self.unheard, since=round.opened_at)

    def _must_have_comment(self, number: int) -> None:
        if number > len(self.ledger):
            raise no_such_comment(number)


def no_such_comment(number: int) -> Refusal:
    return Refusal.not_found(f"There is no comment {number}.", rule="comment-exists", field="comment")


def _no_such_passage(said: list[int], start: int | None, where: str) -> Refusal:
    if said:
        detail = f"These words do not stand in {where} from character {start} on."
        return Refusal.invalid("start", detail, rule="passage-exists", accepted=f"0 to {said[-1]}")
    detail = f"These words do not stand in {where}."
    return Refusal.invalid(
        "quotation", detail, rule="passage-exists", accepted="words of that section, as they are read or as they are written"
    )


def _many_such_passages(said: list[int], where: str) -> Refusal:
    detail = f"These words stand {len(said)} times in {where}."
    starts = ", ".join(map(str, said[:PLACES])) + (", …" if len(said) > PLACES else "")
    return Refusal.invalid("quotation", detail, rule="passage-one", accepted=f"more of the words around them, or as start one of {starts}")


def _must_have_room(already: int, what: str, field: str) -> None:
    if already >= THREAD:
        raise Refusal.conflict(f"A comment has at most {THREAD} {what}.", rule="thread-length", field=field)
