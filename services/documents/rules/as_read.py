"""A section's text as it is read: its Markdown without the marks, and where each character of that stands in what was written.

Who copies words from a page copies what is shown there. So that they are found again in the text, the marks of CommonMark, of tables and of
footnotes are told from the words here, as the press does when it sets a text; no more is made of them. The time this takes grows with the
text's length, whatever is in it.
"""

import html
import re
import string
import unicodedata
from bisect import bisect_left
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple


class Shown(NamedTuple):
    """A character that is shown, and from where to where what shows it stands: ``&amp;`` shows one, ``\\*`` another."""

    character: str
    start: int
    end: int


@dataclass(frozen=True)
class AsRead:
    """The characters that are shown, one space for each run of them, and where each stands in what was written."""

    text: str
    shown: list[Shown]


def as_read(markdown: str, *, numbers: bool) -> AsRead:
    """How this is read: with the ``numbers`` that stand where a note is called, or without."""
    blocks = _Blocks(markdown)
    inline = _Inline(blocks, numbers)
    shown: list[Shown] = []
    for run in [*map(inline.read, blocks.runs), inline.aside]:
        for one in [*run, Shown(" ", 0, 0)]:
            if not one.character.isspace():
                shown.append(one)
            elif shown and shown[-1].character != " ":
                shown.append(Shown(" ", one.start, one.end))
    return AsRead("".join(one.character for one in shown), shown)


# Blocks ---------------------------------------------------------------------------------------------------------------------------------


@dataclass
class _Run:
    """What stands together, as a paragraph or a cell does: its characters, and where each stands. In code (``verbatim``) nothing is a
    mark."""

    verbatim: bool = False
    characters: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)

    def add(self, text: str, start: int) -> None:
        self.characters += text
        self.starts += range(start, start + len(text))


_QUOTED = re.compile(r"([ \t]*)> ?")
_LISTED = re.compile(r"([ \t]*)(?:[-+*]|(\d{1,9})[.)])(?=[ \t]|$)")
_RULE = re.compile(r"[ \t]*([-*_])[ \t]*(?:\1[ \t]*){2,}$")
_FENCE = re.compile(r"[ \t]*(`{3,}(?=[^`]*$)|~{3,})")
_HEADING = re.compile(r"[ \t]*#{1,6}(?=[ \t]|$)")
_HEADING_END = re.compile(r"(?:^|[ \t])#+[ \t]*$")
_UNDERLINE = re.compile(r"[ \t]*(?:=+|-+)[ \t]*$")
_INDENTED = re.compile(r" {4}| {0,3}\t")
_COLUMNS = re.compile(r"\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?$")
_CELL_END = re.compile(r"(?<!\\)\|")
_NOTE = re.compile(r"[ \t]*\[\^([^\s\]]{1,200})\]:")
_LABEL = re.compile(r" {0,3}\[(?!\^)((?:[^\[\]\\]|\\.){1,999})\]:[ \t]*\S+(?:[ \t]+(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))?[ \t]*$")


class _Blocks:
    """The lines of a text, sorted: ``runs`` of what stands together, in order; the names of its ``notes``; and the ``labels`` that stand
    for a link's address given elsewhere."""

    def __init__(self, markdown: str) -> None:
        self.runs = [_Run()]
        self.notes: set[str] = set()
        self.labels: set[str] = set()
        self._fence, self._fence_depth = "", 0
        self._depth, self._listing, self._table, self._after_blank = 0, False, 0, True
        start, lines = 0, markdown.split("\n")
        for line, following in zip(lines, [*lines[1:], ""], strict=True):
            self._take(line, start, following.strip(" \t>"))
            start += len(line) + 1

    def _take(self, line: str, start: int, following: str) -> None:
        """One line: first what it is within, then what it is."""
        rest, depth, item = line, 0, False
        while True:
            if (not self._fence or depth < self._fence_depth) and (found := _QUOTED.match(rest)) and self._near(found):
                depth += 1
            elif not self._fence and (found := self._item(rest)):
                item = True
            else:
                break
            rest = rest[found.end() :]
        if self._fence and depth < self._fence_depth:
            self._fence = ""
            self._begin()
        if self._after_blank and not item and line[:1].strip():
            self._listing = False
        self._listing = self._listing or item
        if item or depth > self._depth:
            self._begin()
        blank = not rest.strip()
        if not blank:
            self._leaf(rest, start + len(line) - len(rest), following, depth)
        elif not self._fence:
            self._begin()
        self._depth, self._after_blank = depth, blank

    def _item(self, rest: str) -> re.Match[str] | None:
        """The mark that begins an item of a list here, if one does."""
        found = _LISTED.match(rest)
        if not found or _RULE.match(rest) or not self._near(found):
            return None
        odd = found[2] not in (None, "1") or not rest[found.end() :].strip()
        return None if odd and self._in_paragraph and not self._listing else found

    def _near(self, found: re.Match[str]) -> bool:
        """Whether a mark stands where it is one: four spaces and more set code in, but where something is within an item."""
        return self._listing or len(found[1].expandtabs(4)) < 4

    def _leaf(self, rest: str, start: int, following: str, depth: int) -> None:
        """What a line holds, once what it is within is left out."""
        if self._fence or ((found := _FENCE.match(rest)) and not self._is_set_in(rest)):
            self._code(rest, start, depth)
        elif self._is_set_in(rest):
            if not (self._in_paragraph or self.runs[-1].verbatim):
                self._begin(verbatim=True)
            self.runs[-1].add(rest + "\n", start)
        elif _RULE.match(rest) or (self._in_paragraph and _UNDERLINE.match(rest)):
            self._begin()
        elif found := _HEADING.match(rest):
            self._begin()
            self.runs[-1].add(_HEADING_END.sub("", rest[found.end() :]), start + found.end())
            self._begin()
        elif not self._in_paragraph and (found := _LABEL.match(rest)):
            self.labels.add(_named(found[1]))
        elif not self._row(rest, start, following):
            self._words(rest, start)

    def _is_set_in(self, rest: str) -> bool:
        return not self._listing and bool(_INDENTED.match(rest))

    def _code(self, rest: str, start: int, depth: int) -> None:
        """A line of fenced code, or one of its fences."""
        found = _FENCE.match(rest)
        if not self._fence and found:
            self._fence, self._fence_depth = found[1], depth
            self._begin(verbatim=True)
        elif found and found[1].startswith(self._fence) and not rest[found.end() :].strip():
            self._fence = ""
            self._begin()
        else:
            self.runs[-1].add(rest + "\n", start)

    def _words(self, rest: str, start: int) -> None:
        """A line of a paragraph, or the first one of a note."""
        begin = 0
        if found := _NOTE.match(rest):
            self.notes.add(found[1])
            self._listing, begin = True, found.end()
        if found or self.runs[-1].verbatim:
            self._begin()
        self.runs[-1].add(rest[begin:] + "\n", start + begin)

    def _row(self, rest: str, start: int, following: str) -> bool:
        """Whether it is a row of a table; then its cells are taken. The second row says how the columns stand."""
        begins = "|" in rest and bool(_COLUMNS.match(following)) and len(_cells(rest)) == len(_cells(following))
        if not (self._table or begins):
            return False
        self._table += 1
        if self._table != 2:
            self._cells(rest, start)
        return True

    def _cells(self, rest: str, start: int) -> None:
        for begin, end in _cells(rest):
            self.runs.append(_Run())
            for part in re.finditer(r"\\(?=\|)|(?:(?!\\\|).)+", rest[begin:end]):
                if part[0] != "\\" or part.end() == end - begin:  # a bar within a cell is written with a mark, even in code
                    self.runs[-1].add(part[0], start + begin + part.start())

    def _begin(self, *, verbatim: bool = False) -> None:
        self._table = 0
        self.runs.append(_Run(verbatim))

    @property
    def _in_paragraph(self) -> bool:
        return bool(self.runs[-1].starts) and not self.runs[-1].verbatim and not self._table


def _cells(row: str) -> list[tuple[int, int]]:
    """From where to where the cells of a row stand."""
    ends = [-1, *(found.start() for found in _CELL_END.finditer(row)), len(row)]
    cells = [(before + 1, end) for before, end in pairwise(ends)]
    inner = cells[1:] if not row[slice(*cells[0])].strip() else cells
    return inner[:-1] if inner and not row[slice(*inner[-1])].strip() else inner


def _named(label: str) -> str:
    return " ".join(label.split()).casefold()


# Lines ----------------------------------------------------------------------------------------------------------------------------------

_WORDS = re.compile(r"[^\\`*_\[\]!^<&]+")
_TICKS = re.compile("`+")
_STARS = re.compile(r"\*+|_+")
_CALL = re.compile(r"\[\^([^\s\]]{1,200})\]")
_ADDRESS = re.compile(r"<([A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*|[\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+)>")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_TARGET = re.compile(
    r"\(\s*(?:<(?:[^<>\n\\]|\\.){0,2000}>|(?:[^\s()<\\]|\\.|\((?:[^\s()\\]|\\.){0,2000}\)){0,2000})"
    r"(?:\s+(?:\"(?:[^\"\\]|\\.){0,1000}\"|'(?:[^'\\]|\\.){0,1000}'|\((?:[^()\\]|\\.){0,1000}\)))?\s*\)"
)
_REFERENCE = re.compile(r"\[((?:[^\[\]\\]|\\.){0,999})\]")
_LONGEST_LABEL = 1_000


@dataclass
class _Delimiters:
    """A run of stars or underscores: where those that are left stand among what is shown."""

    character: str
    left: list[int]
    opens: bool
    closes: bool
    length: int


@dataclass
class _Bracket:
    """One that was opened: the first of its marks among what is shown, its place in the line, and the delimiters before it. ``mark``: what
    stands before it, ``!`` of a picture or ``^`` of a note."""

    shown: int
    at: int
    bottom: int
    mark: str
    active: bool = True


class _Inline:
    """Reads what stands together, run after run. ``aside``: the notes that are written where they are called."""

    def __init__(self, blocks: _Blocks, numbers: bool) -> None:
        self.notes, self.labels, self.numbers = blocks.notes, blocks.labels, numbers
        self.called: dict[str, int] = {}
        self.aside: list[Shown] = []

    def read(self, run: _Run) -> list[Shown]:
        """What is shown of it."""
        self.text, self.starts = "".join(run.characters), run.starts
        self.shown: list[Shown | None] = []
        self.delimiters: list[_Delimiters] = []
        self.brackets: list[_Bracket] = []
        self.ticks: dict[int, list[int]] = {}
        for found in _TICKS.finditer(self.text):
            self.ticks.setdefault(len(found[0]), []).append(found.start())
        at = 0
        while at < len(self.text):
            words = _WORDS.match(self.text, at)
            at = self._all(at, words.end() if words else at + 1) if words or run.verbatim else self._next(at)
        self._emphasize(0)
        return [one for one in self.shown if one]

    def _next(self, at: int) -> int:
        """Read on from there; up to where."""
        mark, after = self.text[at], self.text[at + 1 : at + 2]
        end = None
        if mark == "\\":
            end = self._escaped(after, at)
        elif mark == "`":
            end = self._code(at)
        elif mark in "*_":
            end = self._delimited(at)
        elif mark == "[" or (mark in "!^" and after == "["):
            end = self._open(at)
        elif mark == "]" and self.brackets:
            end = self._close(at)
        elif mark == "<" and (found := _ADDRESS.match(self.text, at)):
            self._all(at + 1, found.end() - 1)
            end = found.end()
        elif mark == "&" and (found := _ENTITY.match(self.text, at)):
            end = self._put(html.unescape(found[0]), at, found.end())
        return self._all(at, at + 1) if end is None else end

    def _put(self, characters: str, begin: int, end: int) -> int:
        """Show these for what stands there."""
        self.shown += [Shown(one, self.starts[begin], self.starts[end - 1] + 1) for one in characters]
        return end

    def _all(self, begin: int, end: int) -> int:
        """Show what stands there, as it is."""
        self.shown += [Shown(self.text[at], self.starts[at], self.starts[at] + 1) for at in range(begin, end)]
        return end

    def _escaped(self, after: str, at: int) -> int | None:
        """Past what a backslash makes a plain sign, or the break of a line; None when it is a plain sign itself."""
        if after and after in string.punctuation:
            return self._put(after, at, at + 2)
        return at + 1 if after == "\n" and at + 2 < len(self.text) else None

    def _code(self, at: int) -> int:
        found = _TICKS.match(self.text, at)
        assert found is not None
        same, begin = self.ticks.get(len(found[0]), []), found.end()
        next_one = bisect_left(same, begin)
        if next_one == len(same):
            return self._all(at, begin)
        self._all(begin, same[next_one])  # the spaces at its ends are lost among those around it, or stripped
        return same[next_one] + len(found[0])

    def _call(self, note: str, at: int, end: int) -> int:
        number = self.called.setdefault(note, len(self.called) + 1)
        return self._put(str(number) if self.numbers else "", at, end)

    # Emphasis (CommonMark, 6.2)

    def _delimited(self, at: int) -> int:
        found = _STARS.match(self.text, at)
        assert found is not None
        before, after = self.text[at - 1 : at] if at else "", self.text[found.end() : found.end() + 1]
        left = _flanks(after, before)
        right = _flanks(before, after)
        opens, closes = left, right
        if self.text[at] == "_":
            opens, closes = left and (not right or _is_sign(before)), right and (not left or _is_sign(after))
        first = len(self.shown)
        self._all(at, found.end())
        self.delimiters.append(_Delimiters(self.text[at], list(range(first, len(self.shown))), opens, closes, len(found[0])))
        return found.end()

    def _emphasize(self, bottom: int) -> None:
        """Hide the pairs among the delimiters from ``bottom`` on, which are done with then."""
        waiting = self.delimiters[bottom:]
        del self.delimiters[bottom:]
        openers: list[_Delimiters] = []
        vain: dict[tuple[str, bool, int], int] = {}  # how many openers were looked through for such a closer, and were none
        for one in waiting:
            while one.closes and one.left:
                kind = (one.character, one.opens, one.length % 3)
                least = vain.get(kind, 0)
                place = next((at for at in range(len(openers) - 1, least - 1, -1) if _pairs(openers[at], one)), None)
                if place is None:
                    vain[kind] = len(openers)
                    break
                many = 2 if len(openers[place].left) > 1 and len(one.left) > 1 else 1
                for hidden in (*openers[place].left[-many:], *one.left[:many]):
                    self.shown[hidden] = None
                del openers[place].left[-many:], one.left[:many], openers[place + bool(openers[place].left) :]
                vain = {known: min(length, len(openers)) for known, length in vain.items()}
            if one.opens and one.left:
                openers.append(one)

    # Links, pictures, notes (CommonMark, 6.3 and 6.4)

    def _open(self, at: int) -> int:
        if (found := _CALL.match(self.text, at)) and found[1] in self.notes:
            return self._call(found[1], at, found.end())
        mark = self.text[at].strip("[")
        self.brackets.append(_Bracket(len(self.shown), at + len(mark), len(self.delimiters), mark))
        return self._all(at, at + len(mark) + 1)

    def _close(self, at: int) -> int:
        opened = self.brackets.pop()
        if opened.mark == "^":
            return self._aside(opened, at)
        end = self._target(opened, at) if opened.active else None
        if end is None:
            return self._all(at, at + 1)
        self._emphasize(opened.bottom)
        for hidden in range(opened.shown, opened.shown + len(opened.mark) + 1):
            self.shown[hidden] = None
        if not opened.mark:  # a link holds no other
            for one in self.brackets:
                one.active = one.active and one.mark == "!"
        return end

    def _target(self, opened: _Bracket, at: int) -> int | None:
        """Where the link ends whose text ends there; None when it is none."""
        if found := _TARGET.match(self.text, at + 1):
            return found.end()
        found = _REFERENCE.match(self.text, at + 1)
        if found and found[1].strip() and _named(found[1]) in self.labels:
            return found.end()
        if at - opened.at > _LONGEST_LABEL or _named(self.text[opened.at + 1 : at]) not in self.labels:
            return None
        return at + 1 if not found else found.end() if not found[1].strip() else None

    def _aside(self, opened: _Bracket, at: int) -> int:
        """A note that is written where it is called."""
        self._emphasize(opened.bottom)
        self.aside += [one for one in self.shown[opened.shown + 2 :] if one] + [Shown(" ", 0, 0)]
        del self.shown[opened.shown :]
        return self._call(f"^{len(self.called)}", at, at + 1)


def _is_sign(character: str) -> bool:
    return bool(character) and unicodedata.category(character)[0] in "PS"


def _flanks(inner: str, outer: str) -> bool:
    """Whether a delimiter between these two may stand at the edge of what it emphasizes on the inner side."""
    if not inner.strip():
        return False
    return not _is_sign(inner) or not outer.strip() or _is_sign(outer)


def _pairs(opener: _Delimiters, closer: _Delimiters) -> bool:
    odd = (opener.closes or closer.opens) and (opener.length + closer.length) % 3 == 0
    return opener.character == closer.character and not (odd and (opener.length % 3 or closer.length % 3))
