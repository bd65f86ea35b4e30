"""Publication, corrigenda, presentations, withdrawal (DOMAIN.md, *Documents*)."""

from datetime import datetime
from typing import Any

from services.documents.rules.record import Corrigendum, Presentation, Reader, Withdrawal
from services.documents.rules.rights import RIGHTS
from services.documents.rules.text import Text
from services.documents.rules.translating import Translating
from services.kernel import Actor, Composition, Refusal


class Publishing(Translating):
    """What happens in public."""

    def publish(self, summary: str | None, *, by: Actor, at: datetime, group: Composition) -> None:
        """The chair publishes a cleared text, once the languages for which that waits render it to the last section. A note is public at
        once; an issue paper first takes its number in the series, from which there is no way back (``complete_publication``)."""
        RIGHTS.must("publish", self._begin("publish", by, at, group))
        if lagging := self.languages_lagging:
            said = ", ".join(
                f"{one['language']} (none yet)" if one["behind"] is None else f"{one['language']} (sections behind: {one['behind']})"
                for one in lagging
            )
            raise Refusal.conflict(
                f"The publication waits for versions in other languages: {said}.",
                rule="languages-first",
                accepted="versions that are up to date, or another decision on languages",
                extra={"languages": lagging},
            )
        self._move("publish")
        self.summary = summary or self.summary
        if self._kind.numbered:
            self.ordered_at = at
            self._say("publication_ordered", at)
        else:
            self._say_published(self._become_public(at))

    def complete_publication(self, number: int) -> None:
        """The series gave the number: the paper is public, as of the instant it was ordered. Told again, nothing more happens."""
        if self.number == number:
            return
        self._must_be_open("complete", self.ordered_at or self.listed_at)
        self._move("complete")
        self.number = number
        self._say_published(self._become_public(self.ordered_at or self.listed_at))

    @property
    def awaits_number(self) -> bool:
        """Whether its publication is ordered, and the series has yet to number it."""
        return self.state == "publishing"

    def _say_published(self, languages: list[str]) -> None:
        at = self.published_at or self.listed_at
        facts: dict[str, Any] = {"number": self.number, "summary": self.summary, "at": at, "digest": self.digest, "language": self.language}
        facts |= {"url": self.url, "pillars": self.pillars, "lead": self.lead, "deliverable": self.deliverable, "languages": languages}
        self._say("published", at, **facts)
        self._tell_languages(self.public_versions)

    def issue_corrigendum(
        self,
        base: int,
        title: str | None,
        sections: list[dict[str, Any]],
        note: str,
        *,
        by: Actor,
        at: datetime,
        group: Composition,
        read: Reader,
    ) -> Text:
        """The chair corrects what is public by a new revision, which is public at once; returns its text, to be stored first. The text as
        it was published stays to be read, and so does each correction of it."""
        RIGHTS.must("issue_corrigendum", self._begin("issue_corrigendum", by, at, group))
        earlier = self._must_have_text("issue a corrigendum")
        text = self._written_upon(base, title, sections, read)
        self._must_differ(text)
        entity = by.entity if by.entity and by.speaks_for(by.entity) else None
        self._append(text, entity, note, by=by, at=at, read=read, corrigendum=True)
        number, revision = len(self.corrigenda) + 1, len(self.revisions)
        self.corrigenda.append(Corrigendum(number, revision, at, note, by.person, entity))
        facts = {"corrigendum": number, "revision": revision, "digest": text.digest, "earlier": earlier.digest, "note": note}
        self._say("corrigendum_issued", at, **facts, url=self.url, language=self.language, pillars=self.pillars)
        return text

    def present(self, where: str, when: str, on_margins_of: str, *, by: Actor, at: datetime, group: Composition) -> None:
        """A publication was or will be presented, not before the day it became public."""
        RIGHTS.must("present", self._begin("present", by, at, group))
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
        RIGHTS.must("withdraw", self._begin("withdraw", by, at, group))
        self._move("withdraw")
        self.withdrawn = Withdrawal(at, by.person, by.entity, reason)
        self._supersede(at)
        self._say("withdrawn", at)
