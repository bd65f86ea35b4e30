"""Drafting: revisions, saved whole or by section, none over another unseen (DOMAIN.md, *Documents*)."""

from datetime import datetime

from services.documents.rules.clearing import Clearing
from services.documents.rules.record import Reader, Revision
from services.documents.rules.text import Text
from services.kernel import Actor, Composition, Refusal


class Drafting(Clearing):
    """How the text comes about."""

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
