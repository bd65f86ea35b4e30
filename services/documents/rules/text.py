"""What a text is, what binds a position to it, and how two texts differ."""

import difflib
import re
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import Any

from services.kernel import Refusal, digest_of

_SHALLOW_HEADING = re.compile(r"^ {0,3}#{1,2}(\s|$)", re.MULTILINE)
_IDEOGRAPHS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TOKENS = re.compile(rf"[{_IDEOGRAPHS}]|(?:(?![{_IDEOGRAPHS}])\w)+|\s+|[^\w\s]")
_STEPS = 2_000_000
"""Steps that one comparison may take over all its sections, a fraction of a second: who asks may have written both texts
so that a comparison to the end takes minutes."""
_FREQUENT = 20_000
"""Steps to find one match, beyond which very frequent words are passed over in the search for a footing."""


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
        left, right = self.markdown.splitlines(), other.markdown.splitlines()
        lines = [f"--- {ours}", f"+++ {theirs}"]
        for hunk in _Matcher(left, right, Steps()).get_grouped_opcodes():
            (_, a, _, c, _), (_, _, b, _, d) = hunk[0], hunk[-1]
            lines.append(f"@@ -{_lines(a, b)} +{_lines(c, d)} @@")
            for op, a, b, c, d in hunk:
                if op == "equal":
                    lines += [f" {line}" for line in left[a:b]]
                else:
                    lines += [f"-{line}" for line in left[a:b]] + [f"+{line}" for line in right[c:d]]
        return "\n".join(lines) if len(lines) > 2 else ""


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


@dataclass
class Steps:
    """What a comparison may still cost. ``spent``: whether something was left uncompared for want of them."""

    left: int = field(default_factory=lambda: _STEPS)
    spent: bool = False

    def afford(self, cost: int) -> bool:
        """Take the cost, if it can be had."""
        if cost > self.left:
            self.spent = True
            return False
        self.left -= cost
        return True


def compare(base: Text, other: Text, steps: Steps | None = None) -> list[dict[str, Any]]:
    """What became of each section: ``heading``, ``op`` (kept, changed, added, removed), ``changes`` word by word
    (``op``: equal, deleted, inserted; ``text``), and whether they are ``exact``: when the ``steps`` are used up, or nothing but
    frequent words could be alike, what is uncompared stands as deleted and inserted whole. Ideographs are compared one by one."""
    steps = steps or Steps()
    found: list[dict[str, Any]] = []

    def add(heading: str, op: str, left: str, right: str) -> None:
        steps.spent = False
        changes = _words(left, right, steps)
        found.append({"heading": heading, "op": op, "changes": changes, "exact": not steps.spent})

    pairs = _aligned(base.sections, other.sections, steps)
    if base.title != other.title:
        add(other.title, "changed", base.title, other.title)
    for left, right in pairs:
        if left is None and right is not None:
            add(right.heading, "added", "", right.text)
        elif right is None and left is not None:
            add(left.heading, "removed", left.text, "")
        elif left is not None and right is not None:
            add(right.heading, "kept" if left == right else "changed", left.text, right.text)
    return found


class _Matcher(difflib.SequenceMatcher):
    """The longest match first, then what is before and after it, as long as the steps last; what is the same at the beginning
    and at the end costs nothing, so that one small change is found in any text. ``dear``: frequent words are passed over."""

    a: list[str]
    b: list[str]
    b2j: dict[str, list[int]]

    def __init__(self, left: list[str], right: list[str], steps: Steps) -> None:
        super().__init__(str.isspace, left, right, autojunk=False)
        self.steps, self.dear = steps, self._costs()[-1] > _FREQUENT
        if self.dear:
            super().__init__(str.isspace, left, right, autojunk=True)

    def _costs(self) -> list[int]:
        """Places in ``b`` that a search must look at for the first so many of ``a``."""
        return list(accumulate((len(self.b2j.get(one, ())) for one in self.a), initial=0))

    def get_matching_blocks(self) -> list[difflib.Match]:
        left, right = self.a, self.b
        shorter = min(len(left), len(right))
        head = next((i for i in range(shorter) if left[i] != right[i]), shorter)
        tail = next((i for i in range(shorter - head) if left[-1 - i] != right[-1 - i]), shorter - head)
        blocks = [difflib.Match(0, 0, head), difflib.Match(len(left) - tail, len(right) - tail, tail)]
        costs, ranges = self._costs(), [(head, len(left) - tail, head, len(right) - tail)]
        while ranges:
            a, b, c, d = ranges.pop()
            if a == b or c == d or not self.steps.afford(costs[b] - costs[a] + b - a + d - c):
                continue
            match = self.find_longest_match(a, b, c, d)
            if not match.size:
                alike = set(left[a:b]).intersection(right[c:d]) if self.dear else ()
                self.steps.spent |= not all(map(str.isspace, alike))
            else:
                blocks.append(match)
                ranges += [(match.a + match.size, b, match.b + match.size, d), (a, match.a, c, match.b)]
        joined: list[difflib.Match] = []
        for block in sorted(block for block in blocks if block.size):
            last = joined[-1] if joined else difflib.Match(0, 0, 0)
            if joined and (last.a + last.size, last.b + last.size) == (block.a, block.b):
                joined[-1] = difflib.Match(last.a, last.b, last.size + block.size)
            else:
                joined.append(block)
        return [*joined, difflib.Match(len(left), len(right), 0)]

    def changes(self) -> list[dict[str, str]]:
        """What is ``equal``, ``deleted`` and ``inserted``, in order."""
        found = []
        for op, a, b, c, d in self.get_opcodes():
            if op == "equal":
                found.append({"op": "equal", "text": "".join(self.a[a:b])})
                continue
            if b > a:
                found.append({"op": "deleted", "text": "".join(self.a[a:b])})
            if d > c:
                found.append({"op": "inserted", "text": "".join(self.b[c:d])})
        return found


def _lines(begin: int, end: int) -> str:
    """Lines ``begin`` to ``end`` as a unified difference writes them: the first, counted from one, and how many."""
    return f"{begin + (end > begin)},{end - begin}"


def _aligned(base: tuple[Section, ...], other: tuple[Section, ...], steps: Steps) -> list[tuple[Section | None, Section | None]]:
    """Sections with the same heading beside one another, in order; between two such pairs, those that remain in order too."""
    matcher = _Matcher([s.heading for s in base], [s.heading for s in other], steps)
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


def _words(base: str, other: str, steps: Steps) -> list[dict[str, str]]:
    """The changes from one to the other, word by word; in a long text between the lines that both have."""
    if base == other:
        return [{"op": "equal", "text": base}] if base else []
    matcher = _Matcher(_TOKENS.findall(base), _TOKENS.findall(other), steps)
    if not matcher.dear:
        return matcher.changes()
    left, right = base.splitlines(keepends=True), other.splitlines(keepends=True)
    found: list[dict[str, str]] = []
    for _, a, b, c, d in _Matcher(left, right, steps).get_opcodes():
        between = _Matcher(_TOKENS.findall("".join(left[a:b])), _TOKENS.findall("".join(right[c:d])), steps)
        for change in between.changes():
            if found and found[-1]["op"] == change["op"]:
                found[-1]["text"] += change["text"]
            else:
                found.append(change)
    return found
