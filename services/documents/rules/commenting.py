"""Comment rounds, comments on passages, dispositions (DOMAIN.md, *Documents*)."""

from datetime import datetime

from services.documents.rules.drafting import Drafting
from services.documents.rules.record import Comment, Disposition, Reader, Round
from services.documents.rules.text import Words
from services.kernel import Actor, Composition, Refusal


class Commenting(Drafting):
    """What members say to the text, and drafters answer."""

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

    def numbered_comment(self, number: int) -> Comment:
        """The comment with this number. Refuses as not found when there is none."""
        if number > len(self.comments):
            raise Refusal.not_found(f"There is no comment {number}.", rule="comment-exists", field="comment")
        return self.comments[number - 1]
