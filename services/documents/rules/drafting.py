"""Drafting: revisions, saved whole or by section, none over another unseen (DOMAIN.md, *Documents*)."""

from datetime import datetime
from typing import Any

from services.documents.rules.clearing import Clearing
from services.documents.rules.compare import difference, merge
from services.documents.rules.record import Reader, Revision
from services.documents.rules.rights import RIGHTS
from services.documents.rules.text import Section, Text, named
from services.kernel import Actor, Composition, Refusal
from services.kernel.rights import Party


class Drafting(Clearing):
    """How the text comes about."""

    def agree_concept(self, *, by: Actor, at: datetime, group: Composition) -> None:
        """The chair records that the concept is agreed (issue papers only)."""
        RIGHTS.must("agree_concept", self._begin("agree_concept", by, at, group))
        self._move("agree_concept")
        self._say("concept_agreed", at)

    def save_revision(
        self,
        base: int,
        title: str | None,
        sections: list[dict[str, Any]],
        summary: str,
        *,
        by: Actor,
        at: datetime,
        group: Composition,
        read: Reader,
    ) -> Text:
        """Save the text whole upon the revision it was written from; returns it, to be stored before the change that names it.

        When another was saved since, refuse with both texts, their difference, and section by section what each of the two changed, so
        that two drafters never overwrite one another unseen. A text in clearance or cleared goes back to drafting: the positions on the
        earlier one are stale.
        """
        entity = RIGHTS.voice("save_revision", self._begin("save_revision", by, at, group), Party.DRAFTER)
        text = self._written_upon(base, title, sections, read)
        self._save(text, entity, summary, by=by, at=at, read=read)
        return text

    def save_section(
        self,
        section: str,
        base: int,
        heading: str | None,
        text: str,
        summary: str,
        *,
        by: Actor,
        at: datetime,
        group: Composition,
        read: Reader,
    ) -> Text:
        """Save one section upon the revision in which it was read; what others saved meanwhile in other sections stays. When this one
        is not as it was there, refuse with both and their difference. Returns the whole text, to be stored first."""
        entity = RIGHTS.voice("save_section", self._begin("save_revision", by, at, group), Party.DRAFTER)
        current = self._must_have_text("work")
        was = self._must_have_section(read(self._must_have_base(base).outline), section)
        now = read(current.outline)
        yours = Section.written(section, was.heading if heading is None else heading, text)
        theirs = now.by_id.get(section)
        if theirs != was:
            raise Refusal.conflict(
                f"Section {section} was {'changed' if theirs else 'removed'} after revision {base}, in which it was read.",
                rule="base-revision",
                field="base",
                accepted=str(current.number),
                extra={
                    "current": {"number": current.number, "digest": current.digest, "section": theirs.content if theirs else None},
                    "base": was.content,
                    "yours": yours.content,
                    "difference": difference(
                        theirs.markdown if theirs else "", yours.markdown, ours=f"revision {current.number}", theirs="yours"
                    ),
                },
            )
        changed = now.with_section(yours).must_fit(self._kind.longest)
        self._save(changed, entity, summary, by=by, at=at, read=read)
        return changed

    def check_text(
        self, title: str | None, sections: list[dict[str, Any]], *, by: Actor, at: datetime, group: Composition, read: Reader
    ) -> tuple[Text, Text | None]:
        """How these sections would be saved upon the newest revision, and that one (None while there is none). Changes nothing."""
        RIGHTS.must("check_text", self._seen_by(by, at, group))
        newest = read(self.current.outline) if self.current else None
        ids = named(sections, newest, self.sections_made)
        return Text.written(title or self.title, sections, self._kind.longest, ids), newest

    def as_sent(self, text: Text) -> dict[str, Any]:
        """The content of a text as it would be sent to be saved: sections that would be new are without the names they would get, since
        by then others may have them."""
        return {"title": text.title, "sections": self._unnamed(text.content["sections"])}

    def change_drafters(self, lead: str | None, co_drafters: list[str] | None, *, by: Actor, at: datetime, group: Composition) -> None:
        """The lead, the chair or the secretariat says who drafts from now on. What is not given stays as it is."""
        RIGHTS.must("change_drafters", self._begin("change_drafters", by, at, group))
        now = lead or self.lead or "", self.co_drafters if co_drafters is None else list(co_drafters)
        must_be_drafters(*now, at=at, group=group)
        earlier = self.lead, self.co_drafters
        if now == earlier:
            raise Refusal.conflict("These are the drafters now.", rule="drafters-same", field="lead")
        self.lead, self.co_drafters = now
        self._say("drafters_changed", at, lead=now[0], co_drafters=now[1], earlier_lead=earlier[0], earlier_co_drafters=earlier[1])

    def describe(
        self,
        deliverable: dict[str, Any] | None,
        themes: list[str] | None,
        pillars: list[str] | None,
        *,
        by: Actor,
        at: datetime,
        group: Composition,
    ) -> None:
        """The lead, the chair or the secretariat says what the document belongs to. What is not given stays as it is: of a statement that
        was proposed before the year's plan there was, the deliverable is named later."""
        RIGHTS.must("describe", self._begin("describe", by, at, group))
        earlier: dict[str, Any] = {"deliverable": self.deliverable, "themes": self.themes, "pillars": self.pillars}
        given = {"deliverable": deliverable, "themes": themes, "pillars": pillars}
        now = earlier | {name: value for name, value in given.items() if value is not None}
        if now == earlier:
            raise Refusal.conflict("This is said of it already.", rule="described-same", accepted="another deliverable, theme or pillar")
        self.deliverable, self.themes, self.pillars = now["deliverable"], now["themes"], now["pillars"]
        self._say("described", at, **now, **{f"earlier_{name}": value for name, value in earlier.items()})

    def _must_have_base(self, base: int) -> Revision:
        latest = len(self.revisions)
        if not 1 <= base <= latest:
            raise Refusal.invalid("base", f"There is no revision {base}.", rule="base-revision", accepted=str(latest))
        return self.revisions[base - 1]

    def _must_have_section(self, text: Text, section: str) -> Section:
        if section not in text.by_id:
            raise Refusal.not_found(
                f"That revision has no section {section}.", rule="section-exists", field="section", accepted=list(text.by_id)
            )
        return text.by_id[section]

    def _written_upon(self, base: int, title: str | None, sections: list[dict[str, Any]], read: Reader) -> Text:
        """The text of these sections. Refuses it when it was not written upon the current revision."""
        current = self.current
        upon = read(self._must_have_base(base).outline) if base else None
        if upon is None and not sections:  # what a file without a word gives
            raise Refusal.invalid("sections", "A text has at least one section.", rule="section-one")
        ids = named(sections, upon, self.sections_made)
        text = Text.written(title or self.title, sections, self._kind.longest, ids)
        if current and base < current.number:
            theirs = read(current.outline)
            raise Refusal.conflict(
                f"Revision {current.number} was saved by {current.entity} after revision {base}, which this text was written upon.",
                rule="base-revision",
                field="base",
                accepted=str(current.number),
                extra={
                    "current": {"number": current.number, "digest": current.digest, **theirs.content},
                    "yours": self.as_sent(text),
                    "difference": difference(theirs.markdown, text.markdown, ours=f"revision {current.number}", theirs="yours"),
                    "merge": self._unnamed(merge(upon or Text("", ()), theirs, text)),
                },
            )
        return text

    def _unnamed(self, sections: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [one | {"id": None} if one["id"] and int(one["id"][1:]) > self.sections_made else one for one in sections]

    def _save(self, text: Text, entity: str, summary: str, *, by: Actor, at: datetime, read: Reader) -> None:
        if not summary.strip():
            raise Refusal.invalid("summary", "A revision says what it is.", rule="revision-summary", accepted="what was changed, in a line")
        self._must_differ(text)
        current = self.current
        cleared = self.state == "cleared_under_embargo"
        self._move("save_revision")
        self._append(text, entity, summary, by=by, at=at, read=read)
        earlier = current.digest if current else None
        self._say("revision_saved", at, number=len(self.revisions), digest=text.digest, entity=entity, earlier=earlier)
        self._supersede(at)
        if cleared:
            self._stop("new_revision", [entity], at)

    def _must_differ(self, text: Text) -> None:
        if self.current and self.current.digest == text.digest:
            raise Refusal.conflict(f"Revision {self.current.number} has exactly this text.", rule="revision-same", field="sections")

    def _append(
        self, text: Text, entity: str | None, summary: str, *, by: Actor, at: datetime, read: Reader, corrigendum: bool = False
    ) -> None:
        """A further revision, by which the versions in other languages may fall behind."""
        self.title = text.title
        self.sections_made = max(self.sections_made, text.highest)
        number, sections = len(self.revisions) + 1, len(text.sections)
        self.revisions.append(
            Revision(number, text.digest, text.title, sections, by.person, entity, at, summary, text.outline, corrigendum)
        )
        self._fall_behind(text, read)

    def _fall_behind(self, text: Text, read: Reader) -> None:
        """Say anew by how many sections each version in another language lags behind this original."""
        for language, made in self.translations.items():
            public = self.public_in(language)
            for version in made:
                if version is made[-1] or version.number in public:
                    version.behind = lag(text, read(version.source))


def lag(original: Text, source: Text) -> int:
    """How many sections of the original are not as they were in the ``source`` of a version, missing from it, or gone since; a title
    that changed counts as one."""
    ids = {*original.by_id, *source.by_id}
    return sum(original.by_id.get(id) != source.by_id.get(id) for id in ids) + (original.title != source.title)


def must_be_drafters(lead: str, co_drafters: list[str], *, at: datetime, group: Composition) -> None:
    """The lead and the co-drafters are members of the Group, each named once."""
    members = group.members(at)
    drafters = [("lead", lead)] + [(f"co_drafters.{i}", code) for i, code in enumerate(co_drafters)]
    for path, code in drafters:
        if code not in members:
            raise Refusal.invalid(path, f"{code} is no member of the Group as of {at:%Y-%m-%d}.", rule="drafters-members", accepted=members)
    if len({code for _, code in drafters}) < len(drafters):
        raise Refusal.invalid("co_drafters", "Each entity stands once among the lead and the co-drafters.", rule="drafters-once")
