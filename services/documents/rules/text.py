"""What a text is, how its sections are named and kept, and what binds a position to it."""

import itertools
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from services.kernel import Refusal, digest_of

_SHALLOW_HEADING = re.compile(r"^ {0,3}#{1,2}(\s|$)", re.MULTILINE)


@dataclass(frozen=True)
class Section:
    """A heading on one line, and Markdown. ``id`` (``s1``, ``s2``, …) names it through all revisions and languages, however it is
    moved or renamed."""

    id: str
    heading: str
    text: str

    @classmethod
    def written(cls, id: str, heading: str, text: str, path: str = "") -> "Section":
        """The section of these words, line ends made alike. Refuses what has no place in one; ``path`` is where it stands in the order
        (``sections.3.``)."""
        heading, text = heading.strip(), re.sub(r"\r\n?", "\n", text).strip("\n")
        if not heading or len(heading.splitlines()) != 1:
            raise Refusal.invalid(f"{path}heading", "A section has a heading, on one line.", rule="section-heading")
        if found := _SHALLOW_HEADING.search(text):
            raise Refusal.invalid(
                f"{path}text",
                f"Line {text.count(chr(10), 0, found.start()) + 1} is a heading of the first or second level, which are the title's "
                "and the sections' own.",
                rule="section-levels",
                accepted="### or deeper, or a section of its own",
            )
        return cls(id, heading, text)

    @property
    def body(self) -> dict[str, str]:
        """What is kept of it, under its ``digest``: the same words are kept once, in however many revisions they stand."""
        return {"heading": self.heading, "text": self.text}

    @cached_property
    def digest(self) -> str:
        return digest_of(self.body)

    @property
    def content(self) -> dict[str, str]:
        """As it is shown."""
        return {"id": self.id, **self.body}

    @property
    def markdown(self) -> str:
        return f"## {self.heading}\n" + (f"\n{self.text}\n" if self.text else "")


@dataclass(frozen=True)
class Text:
    """A title and its sections in order: one revision's whole text.

    ``digest`` is the SHA-256 of ``markdown`` in UTF-8, so that anyone who holds the published text can verify it with the
    tools of their own machine. No section may hold a heading of the first or second level: so each text is written in
    one way only, and two different texts never share a digest. The ids of the sections are not part of what is published.

    It is kept as an *outline*, its title and which body stands under which id, beside the bodies: a revision that changes one
    section of four hundred adds one body and one outline to what there is.
    """

    title: str
    sections: tuple[Section, ...]

    @classmethod
    def written(cls, title: str, sections: list[dict[str, Any]], longest: int, ids: list[str] | None = None) -> "Text":
        """The text of these sections (``heading``, ``text``), named by the ``ids`` in the same order (from ``s1`` on when there are
        none yet). Refuses what has no place in one, with the path of the section at fault."""
        if not sections:
            raise Refusal.invalid("sections", "A text has at least one section.", rule="section-one")
        ids = named(sections, None, 0) if ids is None else ids
        made = [
            Section.written(id, section["heading"], section["text"], f"sections.{index}.")
            for index, (id, section) in enumerate(zip(ids, sections, strict=True))
        ]
        return cls(title, tuple(made)).must_fit(longest)

    def must_fit(self, longest: int) -> "Text":
        """This text, unless it has more characters than that."""
        if (length := len(self.markdown)) > longest:
            raise Refusal.invalid("sections", f"The text is too long: {length} characters.", rule="text-length", accepted=f"{longest}")
        return self

    @classmethod
    def of(cls, outlined: dict[str, Any], bodies: dict[str, dict[str, str]]) -> "Text":
        """The text with this outline, of the bodies by their digests."""
        return cls(outlined["title"], tuple(Section(id, **bodies[digest]) for id, digest in outlined["sections"]))

    @cached_property
    def outlined(self) -> dict[str, Any]:
        """Its title, and by which digest each section's body is found, in order."""
        return {"title": self.title, "sections": [[section.id, section.digest] for section in self.sections]}

    @cached_property
    def outline(self) -> str:
        """The digest under which the outline is kept: two texts that differ in nothing but the names of their sections have two."""
        return digest_of(self.outlined)

    @property
    def bodies(self) -> dict[str, dict[str, str]]:
        """What the outline points to, by digest."""
        return {section.digest: section.body for section in self.sections}

    @property
    def content(self) -> dict[str, Any]:
        """As it is shown: ``title``, ``sections``."""
        return {"title": self.title, "sections": [section.content for section in self.sections]}

    @property
    def markdown(self) -> str:
        """The whole, as it is published."""
        return "\n".join([f"# {self.title}\n", *(section.markdown for section in self.sections)])

    @cached_property
    def digest(self) -> str:
        return digest_of(self.markdown)

    @cached_property
    def by_id(self) -> dict[str, Section]:
        return {section.id: section for section in self.sections}

    @cached_property
    def length(self) -> int:
        """Characters, without the few that set a heading off from a text."""
        return len(self.title) + sum(len(section.heading) + len(section.text) for section in self.sections)

    @property
    def highest(self) -> int:
        """The number in the highest id of its sections."""
        return max((int(section.id[1:]) for section in self.sections), default=0)

    def with_section(self, changed: Section) -> "Text":
        """This text with another section under that id."""
        return Text(self.title, tuple(changed if section.id == changed.id else section for section in self.sections))


def named(sections: list[dict[str, Any]], base: Text | None, made: int) -> list[str]:
    """The id of each of the sections that a drafter sends: the one it names; else that of the base's section with the same heading,
    if no other has it; else a new one, beyond those ``made`` so far, so that none is ever named as another was. Refuses an id that
    was never given, and one that is given twice."""
    ids: list[str | None] = [section.get("id") for section in sections]
    taken: set[str] = set()
    for index, id in enumerate(ids):
        if id is None:
            continue
        if int(id[1:]) > made:
            accepted = [section.id for section in base.sections] if base else []
            raise Refusal.invalid(
                f"sections.{index}.id",
                f"This document has no section {id}; a new section is sent without an id.",
                rule="section-id",
                accepted=accepted,
            )
        if id in taken:
            raise Refusal.invalid(f"sections.{index}.id", f"Section {id} stands in a text once.", rule="section-once")
        taken.add(id)
    alike: dict[str, list[str]] = {}
    for known in reversed(base.sections if base else ()):
        if known.id not in taken:
            alike.setdefault(known.heading, []).append(known.id)
    for index, section in enumerate(sections):
        if ids[index] is None and (same := alike.get(section["heading"].strip())):
            ids[index] = same.pop()
    new = itertools.count(made + 1)
    return [id or f"s{next(new)}" for id in ids]
