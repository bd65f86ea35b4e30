"""How two texts differ: section by section, as they are named, and within a section word by word."""

import difflib
import re
import unicodedata
from bisect import bisect_left
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from services.documents.rules.text import Section, Text

_IDEOGRAPHS = "\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_MARKS = "".join(chr(code) for code in range(0x300, 0x3100) if unicodedata.category(chr(code)).startswith("M"))
_JOINED = rf"[{_MARKS}\u200c\u200d\ufe00-\ufe0f\ufe20-\ufe2f\U0001f3fb-\U0001f3ff\U000e0100-\U000e01ef]"
"""What is never parted from the character before it: vowel signs and accents, joiners within a word, variants of a character."""
TOKENS = re.compile(
    rf"[{_IDEOGRAPHS}]{_JOINED}*"
    rf"|(?:(?![{_IDEOGRAPHS}])\w{_JOINED}*)+"
    r"|\s+"
    rf"|[^\w\s]{_JOINED}*(?:(?<=\u200d)[^\w\s]{_JOINED}*)*"
)
"""What is compared: words, ideographs one by one, spaces, and each other sign."""
_STEPS = 2_000_000
"""Steps that one comparison may take over all its sections, a fraction of a second: who asks may have written both texts
so that a comparison to the end takes minutes."""
_SHOWN_STEPS = 200_000
"""Steps of a difference that a refusal shows: it is made beside every other order, so it may take a tenth of that."""
_FREQUENT = 20_000
"""Steps to find one match, beyond which very frequent words are passed over in the search for a footing."""


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
    """What became of each section, as it is named by its ``id`` (None for the title of the whole): ``heading``, ``op`` (kept, changed,
    added, removed), whether it ``moved`` among those that both have, ``heading_changes`` when it was renamed, ``changes`` word by word
    (``op``: equal, deleted, inserted; ``text``; none of a section that was kept), and whether they are ``exact``: when the ``steps`` are
    used up, or nothing but frequent words could be alike, what is uncompared stands as deleted and inserted whole. Ideographs are
    compared one by one."""
    steps = steps or Steps()
    moved = _moved(base, other)
    found: list[dict[str, Any]] = []
    if base.title != other.title:
        found.append(_change(None, Section("", "", base.title), Section("", "", other.title), steps) | {"heading": other.title})
    return found + [_change(id, left, right, steps, moved=id in moved) for id, left, right in side_by_side(base, other)]


def side_by_side(base: Text, other: Text) -> list[tuple[str, Section | None, Section | None]]:
    """The ids of the sections of both, each with the section in the one and in the other, in the order of the other; those that only the
    base has after the one they stood after."""
    gone: dict[str | None, list[Section]] = {}
    last: str | None = None
    for section in base.sections:
        if section.id in other.by_id:
            last = section.id
        else:
            gone.setdefault(last, []).append(section)
    found: list[tuple[str, Section | None, Section | None]] = [(section.id, section, None) for section in gone.get(None, ())]
    for section in other.sections:
        found.append((section.id, base.by_id.get(section.id), section))
        found += [(left.id, left, None) for left in gone.get(section.id, ())]
    return found


def words(base: str, other: str, steps: Steps | None = None) -> list[dict[str, str]]:
    """The changes from one to the other, word by word (``op``: equal, deleted, inserted; ``text``); in a long text between the lines
    that both have."""
    steps = steps or Steps()
    if base == other:
        return [{"op": "equal", "text": base}] if base else []
    matcher = Matcher(TOKENS.findall(base), TOKENS.findall(other), steps)
    if not matcher.dear:
        return matcher.changes()
    left, right = base.splitlines(keepends=True), other.splitlines(keepends=True)
    found: list[dict[str, str]] = []
    for _, a, b, c, d in Matcher(left, right, steps).get_opcodes():
        between = Matcher(TOKENS.findall("".join(left[a:b])), TOKENS.findall("".join(right[c:d])), steps)
        for change in between.changes():
            if found and found[-1]["op"] == change["op"]:
                found[-1]["text"] += change["text"]
            else:
                found.append(change)
    return found


def merge(base: Text, theirs: Text, yours: Text) -> list[dict[str, Any]]:
    """What two drafters changed since the ``base``, section by section in the order of the text that has both: ``id`` (None for the
    title of the whole), ``state`` (whose change it is: ``theirs``, ``yours``, or ``both``, and then one must choose), the section in the
    ``base``, in ``theirs`` and in ``yours`` (``heading``, ``text``; None where it is missing), and the section of theirs ``after`` which
    it stands. What both changed alike is theirs already."""
    found = []
    if state := _whose(base.title, theirs.title, yours.title):
        titles = {name: {"heading": one.title, "text": ""} for name, one in (("base", base), ("theirs", theirs), ("yours", yours))}
        found.append({"id": None, "state": state, **titles, "after": None})
    after: str | None = None
    for id, _, _ in side_by_side(theirs, yours):
        three = {name: text.by_id.get(id) for name, text in (("base", base), ("theirs", theirs), ("yours", yours))}
        if state := _whose(*three.values()):
            found.append({"id": id, "state": state, **{name: one.body if one else None for name, one in three.items()}, "after": after})
        after = id if three["theirs"] else after
    return found


def _whose(base: Any, theirs: Any, yours: Any) -> str | None:
    """Whose change it is, if anyone's."""
    if theirs == base and yours == base:
        return None
    return "theirs" if yours in (base, theirs) else "yours" if theirs == base else "both"


def difference(base: str, other: str, *, ours: str, theirs: str, steps: Steps | None = None) -> str:
    """The unified difference, line by line, from one writing to the other; ``ours`` and ``theirs`` name them."""
    left, right = base.splitlines(), other.splitlines()
    lines = [f"--- {ours}", f"+++ {theirs}"]
    for hunk in Matcher(left, right, steps or Steps(_SHOWN_STEPS)).get_grouped_opcodes():
        (_, a, _, c, _), (_, _, b, _, d) = hunk[0], hunk[-1]
        lines.append(f"@@ -{_lines(a, b)} +{_lines(c, d)} @@")
        for op, a, b, c, d in hunk:
            if op == "equal":
                lines += [f" {line}" for line in left[a:b]]
            else:
                lines += [f"-{line}" for line in left[a:b]] + [f"+{line}" for line in right[c:d]]
    return "\n".join(lines) if len(lines) > 2 else ""


def opcodes(base: list[str], other: list[str], steps: Steps | None = None) -> list[tuple[str, int, int, int, int]]:
    """What makes one list of words the other, as ``difflib.SequenceMatcher.get_opcodes`` tells it."""
    return list(Matcher(base, other, steps or Steps()).get_opcodes())


def _change(id: str | None, left: Section | None, right: Section | None, steps: Steps, *, moved: bool = False) -> dict[str, Any]:
    """What became of one section; ``left`` or ``right`` is None where only the other text has it."""
    steps.spent = False
    before, after = left or Section("", "", ""), right or Section("", "", "")
    op = "added" if left is None else "removed" if right is None else "kept" if left.body == right.body else "changed"
    renamed = op == "changed" and before.heading != after.heading
    return {
        "id": id,
        "heading": (right or before).heading,
        "op": op,
        "moved": moved,
        "heading_changes": words(before.heading, after.heading, steps) if renamed else [],
        "changes": [] if op == "kept" else words(before.text, after.text, steps),
        "exact": not steps.spent,
    }


def _moved(base: Text, other: Text) -> set[str]:
    """The fewest sections whose moving makes the one order the other: all but the longest run that stands in the same order in both."""
    places = {section.id: place for place, section in enumerate(base.sections)}
    shared = [section.id for section in other.sections if section.id in places]
    ends: list[int] = []  # of the runs of each length, the lowest place in the base at which one ends
    lengths = []
    for id in shared:
        length = bisect_left(ends, places[id])
        ends[length : length + 1] = [places[id]]
        lengths.append(length)
    wanted, stayed = len(ends) - 1, set()
    for id, length in zip(reversed(shared), reversed(lengths), strict=True):
        if length == wanted:
            stayed.add(id)
            wanted -= 1
    return set(shared) - stayed


class Matcher(difflib.SequenceMatcher):
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
