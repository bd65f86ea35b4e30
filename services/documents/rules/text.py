"""What a text is, what binds a position to it, and how two texts differ."""

import difflib
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from services.kernel import Refusal, digest_of

_SHALLOW_HEADING = re.compile(r"^ {0,3}#{1,2}(\s|$)", re.MULTILINE)
_IDEOGRAPHS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TOKENS = re.compile(rf"[{_IDEOGRAPHS}]|(?:(?![{_IDEOGRAPHS}])\w)+|\s+|[^\w\s]")
_LONG = 4_000
"""Words beyond which the comparison of one section passes over very frequent words to find its footing, since it would
otherwise take minutes."""


@dataclass(frozen=True)
class Section:
    """A heading on one line, and Markdown."""

    heading: str
    text: str


@dataclass(frozen=True)
class Text:
    """A title and its sections in order: one revision's whole text.

    ``digest`` is the SHA-256 of ``markdown`` in UTF-8, so that anyone who holds the published text can verify it with the
    tools of their own machine. No section may hold a heading of the first or second level: so each text is written in
    one way only, and two different texts never share a digest.
    """

    title: str
    sections: tuple[Section, ...]

    @classmethod
    def written(cls, title: str, sections: list[dict[str, str]], longest: int) -> "Text":
        """The text of these sections (``heading``, ``text``), line ends made alike. Refuses what has no place in one,
        with the path of the section at fault."""
        made = []
        for index, section in enumerate(sections):
            heading, body = section["heading"].strip(), re.sub(r"\r\n?", "\n", section["text"]).strip("\n")
            if not heading or len(heading.splitlines()) != 1:
                raise Refusal.invalid(f"sections.{index}.heading", "A section has a heading, on one line.", rule="section-heading")
            if found := _SHALLOW_HEADING.search(body):
                raise Refusal.invalid(
                    f"sections.{index}.text",
                    f"Line {body.count(chr(10), 0, found.start()) + 1} is a heading of the first or second level, which are the title's "
                    "and the sections' own.",
                    rule="section-levels",
                    accepted="### or deeper, or a section of its own",
                )
            made.append(Section(heading, body))
        if not made:
            raise Refusal.invalid("sections", "A text has at least one section.", rule="section-one")
        text = cls(title, tuple(made))
        if len(text.markdown) > longest:
            raise Refusal.invalid(
                "sections", f"The text is too long: {len(text.markdown)} characters.", rule="text-length", accepted=f"{longest}"
            )
        return text

    @classmethod
    def of(cls, content: dict[str, Any]) -> "Text":
        """The text in a stored ``content``."""
        return cls(content["title"], tuple(Section(s["heading"], s["text"]) for s in content["sections"]))

    @property
    def content(self) -> dict[str, Any]:
        """As it is stored and shown: ``title``, ``sections``."""
        return {"title": self.title, "sections": [{"heading": s.heading, "text": s.text} for s in self.sections]}

    @property
    def markdown(self) -> str:
        """The whole, as it is published."""
        parts = [f"# {self.title}\n"]
        for section in self.sections:
            parts.append(f"\n## {section.heading}\n")
            if section.text:
                parts.append(f"\n{section.text}\n")
        return "".join(parts)

    @property
    def digest(self) -> str:
        return digest_of(self.markdown)

    def passage(self, section: int, quotation: str) -> int | None:
        """The section (from 1) in which the quotation stands now: this one if it does, else the first that has it, else None.
        Line ends and runs of spaces do not matter."""
        quoted = " ".join(quotation.split())
        order = [section, *(n for n in range(1, len(self.sections) + 1) if n != section)]
        for number in order:
            if 1 <= number <= len(self.sections) and quoted in " ".join(self.sections[number - 1].text.split()):
                return number
        return None

    def difference(self, other: "Text", *, ours: str, theirs: str) -> str:
        """The unified difference, line by line, from this text to the other; ``ours`` and ``theirs`` name them."""
        lines = difflib.unified_diff(self.markdown.splitlines(), other.markdown.splitlines(), ours, theirs, lineterm="")
        return "\n".join(lines)


@dataclass(frozen=True)
class Words:
    """A comment's own words and the passage they are on."""

    quotation: str
    text: str

    @property
    def content(self) -> dict[str, str]:
        return {"quotation": self.quotation, "text": self.text}

    @property
    def digest(self) -> str:
        return digest_of(self.content)


def compare(base: Text, other: Text) -> list[dict[str, Any]]:
    """What became of each section: ``heading``, ``op`` (kept, changed, added, removed) and ``changes`` word by word
    (``op``: equal, deleted, inserted; ``text``). Ideographs are compared one by one."""
    found: list[dict[str, Any]] = []
    if base.title != other.title:
        found.append({"heading": other.title, "op": "changed", "changes": _words(base.title, other.title)})
    for left, right in _aligned(base.sections, other.sections):
        if left is None and right is not None:
            found.append({"heading": right.heading, "op": "added", "changes": _words("", right.text)})
        elif right is None and left is not None:
            found.append({"heading": left.heading, "op": "removed", "changes": _words(left.text, "")})
        elif left is not None and right is not None:
            op = "kept" if left == right else "changed"
            found.append({"heading": right.heading, "op": op, "changes": _words(left.text, right.text)})
    return found


def _aligned(base: tuple[Section, ...], other: tuple[Section, ...]) -> list[tuple[Section | None, Section | None]]:
    """Sections with the same heading beside one another, in order; between two such pairs, those that remain in order too."""
    matcher = difflib.SequenceMatcher(None, [s.heading for s in base], [s.heading for s in other], autojunk=False)
    pairs: list[tuple[Section | None, Section | None]] = []
    blocks = [difflib.Match(0, 0, 0), *matcher.get_matching_blocks()]
    for before, block in pairwise(blocks):
        left, right = base[before.a + before.size : block.a], other[before.b + before.size : block.b]
        shared = min(len(left), len(right))
        pairs += zip(left[:shared], right[:shared], strict=True)
        pairs += [(section, None) for section in left[shared:]]
        pairs += [(None, section) for section in right[shared:]]
        pairs += zip(base[block.a : block.a + block.size], other[block.b : block.b + block.size], strict=True)
    return pairs


def _words(base: str, other: str) -> list[dict[str, str]]:
    if base == other:
        return [{"op": "equal", "text": base}] if base else []
    left, right = _TOKENS.findall(base), _TOKENS.findall(other)
    matcher = difflib.SequenceMatcher(None, left, right, autojunk=max(len(left), len(right)) > _LONG)
    changes = []
    for op, a, b, c, d in matcher.get_opcodes():
        if op == "equal":
            changes.append({"op": "equal", "text": "".join(left[a:b])})
            continue
        if b > a:
            changes.append({"op": "deleted", "text": "".join(left[a:b])})
        if d > c:
            changes.append({"op": "inserted", "text": "".join(right[c:d])})
    return changes
