"""Publication, presentations, withdrawal (DOMAIN.md, *Documents*)."""

from datetime import datetime

from services.documents.rules.commenting import Commenting
from services.documents.rules.record import Presentation, Withdrawal
from services.kernel import Actor, Composition, Refusal


class Publishing(Commenting):
    """What happens in public."""

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
