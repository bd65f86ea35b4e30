"""Versions in other languages: what each renders, by what it lags behind, and when it is public (DOMAIN.md, *Documents*)."""

from datetime import datetime
from typing import Any

from services.documents.rules.commenting import Commenting
from services.documents.rules.compare import Steps, difference, side_by_side, words
from services.documents.rules.drafting import lag
from services.documents.rules.record import PublicVersion, Reader, Translation
from services.documents.rules.rights import RIGHTS
from services.documents.rules.text import Section, Text, named
from services.kernel import Actor, Composition, Refusal
from services.kernel.rights import Party

LONGER = 2
"""A text in another language may be so many times as long as the longest original."""


class Translating(Commenting):
    """How a text comes to be read in other languages. No position is ever on one of these."""

    def save_translation(
        self,
        language: str,
        revision: int,
        base: int,
        title: str,
        sections: list[dict[str, Any]],
        checked: list[str],
        summary: str,
        *,
        by: Actor,
        at: datetime,
        group: Composition,
        read: Reader,
    ) -> tuple[Text, Text]:
        """Save the version in another language, made of the original's ``revision``; returns its text and the text it renders, to be
        stored before the change that names them.

        A section that is as it was before is taken to render what it rendered before, unless it was ``checked``; the title is looked at
        each time. When another was saved since ``base``, refuse with both texts and their difference."""
        who = self._begin("save_translation", by, at, group)
        RIGHTS.must("save_translation", who)
        entity = None if by.is_secretariat else who.speaks_as(Party.DRAFTER)
        self._must_be_other("language", language)
        original = read(self._revision(revision).outline)
        made = self.translations.get(language, [])
        if base > len(made):
            raise Refusal.invalid("base", f"There is no version {base} in this language.", rule="base-revision", accepted=str(len(made)))
        text = self._rendered(title, sections, original, read(made[base - 1].outline) if base else None)
        last = made[-1] if made else None
        before = read(last.outline) if last else None
        if last and before and base < last.number:
            raise Refusal.conflict(
                f"Version {last.number} in this language was saved after version {base}, which this text was written upon.",
                rule="base-revision",
                field="base",
                accepted=str(last.number),
                extra={
                    "current": {"number": last.number, "digest": last.digest, **before.content},
                    "yours": text.content,
                    "difference": difference(before.markdown, text.markdown, ours=f"version {last.number}", theirs="yours"),
                },
            )
        source = _source(text, original, checked, before, read(last.source) if last else None)
        if last and (last.outline, last.source) == (text.outline, source.outline):
            raise Refusal.conflict(f"Version {last.number} has exactly this text.", rule="revision-same", field="sections")
        behind = lag(read(self.revisions[-1].outline), source)
        number, newest = len(made) + 1, max(revision, last.revision if last else 0)
        kept = (text.digest, text.outline, source.outline, text.title, len(text.sections))
        version = Translation(number, newest, *kept, by.person, entity, at, summary, behind)
        self.translations.setdefault(language, []).append(version)
        earlier = last.digest if last else None
        facts = {"language": language, "number": number, "digest": text.digest, "revision": newest, "behind": behind}
        self._say("translation_saved", at, **facts, entity=entity, earlier=earlier)
        return text, source

    def decide_languages(self, languages: list[str], *, by: Actor, at: datetime, group: Composition) -> None:
        """The chair says for which languages the publication of a paper or a note waits."""
        RIGHTS.must("decide_languages", self._begin("decide_languages", by, at, group))
        for index, language in enumerate(languages):
            self._must_be_other(f"languages.{index}", language)
        awaited, earlier = sorted(set(languages)), self.languages_awaited
        if awaited != earlier:
            self.languages_awaited = awaited
            self._say("languages_decided", at, languages=awaited, earlier=earlier)

    def publish_translation(self, language: str, *, by: Actor, at: datetime, group: Composition) -> None:
        """The chair makes the last version in a language public, beside the publication it renders to the last section."""
        RIGHTS.must("publish_translation", self._begin("publish_translation", by, at, group))
        version = self.version(language, None)
        if version.behind:
            raise Refusal.conflict(
                f"The version in this language lags behind the published text; sections behind: {version.behind}.",
                rule="language-current",
                field="language",
                accepted="a version that renders every section as it is now",
            )
        if version.number in self.public_in(language):
            raise Refusal.conflict("This version is public.", rule="language-public", field="language")
        self.public_versions.append(PublicVersion(language, version.number, at))
        self._tell_languages([self.public_versions[-1]])

    def version(self, language: str, number: int | None) -> Translation:
        """The version in this language with this number, the last one without. Refuses as not found when there is none."""
        made = self.translations.get(language, [])
        number = number or len(made)
        if not 1 <= number <= len(made):
            raise Refusal.not_found("There is no such version in this language.", rule="language-exists", field="language")
        return made[number - 1]

    def beside(self, language: str, read: Reader) -> tuple[Text, Text | None, Text | None]:
        """The original as it is, the last version in this language, and what that renders; both None while there is no version."""
        self._must_be_other("language", language)
        original = read(self._must_have_text("translate").outline)
        if language not in self.translations:
            return original, None, None
        version = self.translations[language][-1]
        return original, read(version.outline), read(version.source)

    @property
    def languages_lagging(self) -> list[dict[str, Any]]:
        """Of the languages for which the publication waits, those it still waits for: ``language``, and how many sections it lags
        ``behind`` (None while there is none)."""
        last = {language: made[-1].behind for language, made in self.translations.items()}
        return [{"language": one, "behind": last.get(one)} for one in self.languages_awaited if last.get(one) != 0]

    def _must_be_other(self, field: str, language: str) -> None:
        if language == self.language:
            raise Refusal.invalid(field, "This is the language of the original.", rule="language-other", accepted="another language")

    def _rendered(self, title: str, sections: list[dict[str, Any]], original: Text, upon: Text | None) -> Text:
        """The text of a version, whose sections each render one of the original's, or rendered one that is gone from it."""
        ids = named(sections, upon, self.sections_made)
        for index, id in enumerate(ids):
            if id not in original.by_id and (upon is None or id not in upon.by_id):
                raise Refusal.invalid(
                    f"sections.{index}.id",
                    "A section of a version in another language names the section of the original that it renders.",
                    rule="section-id",
                    accepted=list(original.by_id),
                )
        return Text.written(title, sections, LONGER * self._kind.longest, ids)


def renderings(original: Text, text: Text | None, source: Text | None) -> list[dict[str, Any]]:
    """The original beside a version in another language (None while there is none) and the ``source`` it renders, section by section
    in the order of the original: ``id``, ``state`` (``current``, ``behind``, ``missing``, ``gone``), heading and text in both languages,
    and what has changed in the original since."""
    steps = Steps()
    found = []
    for id, rendered, now in side_by_side(text or Text("", ()), original):
        was = source.by_id.get(id) if source else None
        state = "missing" if rendered is None else "gone" if now is None else "current" if now == was else "behind"
        changes = _changes(was, now, steps) if was and now and state == "behind" else {"heading_changes": [], "changes": []}
        found.append(
            {
                "id": id,
                "state": state,
                "heading": now.heading if now else None,
                "text": now.text if now else None,
                "translated_heading": rendered.heading if rendered else None,
                "translated_text": rendered.text if rendered else None,
                **changes,
            }
        )
    return found


def _changes(was: Section, now: Section, steps: Steps) -> dict[str, Any]:
    renamed = was.heading != now.heading
    return {
        "heading_changes": words(was.heading, now.heading, steps) if renamed else [],
        "changes": words(was.text, now.text, steps) if was.text != now.text else [],
    }


def _source(text: Text, original: Text, checked: list[str], before: Text | None, rendered: Text | None) -> Text:
    """What a version renders: each section of the original as it is, or, where neither the version's own section nor anyone's mind has
    changed, as it was when that was written; of a section that is gone, what it was."""
    for index, id in enumerate(checked):
        if id not in text.by_id:
            raise Refusal.invalid(f"checked.{index}", f"This text has no section {id}.", rule="section-exists", accepted=list(text.by_id))
    found: list[Section] = []
    for section in text.sections:
        was = rendered.by_id.get(section.id) if rendered else None
        untouched = before is not None and before.by_id.get(section.id) == section and section.id not in checked
        now = original.by_id.get(section.id)
        source = was if was and (untouched or now is None) else now
        if source is not None:
            found.append(source)
    return Text(original.title, tuple(found))
