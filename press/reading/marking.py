"""Markdown made of what was read: every sign that would be markup and is none is escaped."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, urlsplit

from press.markup import writable

SCHEMES = ("http", "https", "mailto")

_INLINE = re.compile(
    r"[\\`*\[\]]"  # always
    r"|(?<![^\W_])_|_(?![^\W_])"  # but within a word
    r"|<(?=[A-Za-z/!?])|&(?=#?[0-9A-Za-z]{1,32};)"
)
_BLOCK = re.compile(r"(?m)^(#{1,6}(?=[ \t]|$)|>|[-+](?=[ \t]|[-:|]|$)|=+(?=[ \t]*$)|~(?=~~)|:(?=-)|\|)")
_COUNT = re.compile(r"(?m)^(\d{1,9})([.)])(?=[ \t]|$)")
_NOTE = re.compile(r"(?m)^(\[\^\d+\]):")
_ENTITY = re.compile(r"&(?=#?[0-9A-Za-z]{1,32};)")
_BREAKS = re.compile("[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_PIECES = re.compile(r"[^\W_]+|\s+|[\W_]")
_LONGEST = 200_000
"""Characters of a paragraph, beyond which nothing is emphasized in it."""
_CLOSING = re.compile(r"#(?=#*$)")
_SHALLOW = re.compile(r"(?m)^ {0,3}#{1,2}(\s|$)")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text of one look. ``note``: the number of a note called here; line breaks are ``\\n``."""

    text: str = ""
    bold: bool = False
    italic: bool = False
    code: bool = False
    link: str = ""
    note: int = 0


PLAIN = Span()


def plain(spans: Sequence[Span]) -> str:
    """What they say, without looks and notes."""
    return "".join(span.text for span in spans)


def address(link: str) -> str:
    """An address as it may stand in Markdown; empty for one that leads nowhere a text may lead."""
    link = link.strip()
    try:
        parts = urlsplit(link)
    except ValueError:
        return ""
    if parts.scheme.lower() not in SCHEMES or not (parts.netloc or parts.scheme.lower() == "mailto"):
        return ""
    return quote(link, safe="%/:=&?~#+!$,;'@()*[]_.-")


def inline(spans: Sequence[Span]) -> str:
    """Stretches of text as Markdown, each line of them a line. Emphasis that Markdown cannot write as it stands is narrowed to the words
    within it, or, where bold and italic cross or touch, left to the bold."""
    text = ""
    for link, within in _by_link(spans):
        part = _emphasized(within, "[" if link else text[-1:], "]" if link else "")
        if link and part.strip():
            lead, trail = part[: len(part) - len(part.lstrip())], part[len(part.rstrip()) :]
            target = f"<{link}>" if re.search(r"[()]", link) else link
            part = f"{lead}[{part.strip()}]({_ENTITY.sub('&amp;', target)}){trail}"
            # These signs before a link would make it a picture, or a note.
            text = re.sub(r"([!^])\Z", r"\\\1", text) if not lead else text
        text += part
    lines = (line.strip() for line in text.split("\n"))
    return "\\\n".join(line for line in lines if line)


def paragraph(spans: Sequence[Span]) -> str:
    """The same as a block: what would begin another kind of block is escaped."""
    text = _BLOCK.sub(r"\\\1", inline(spans))
    return _NOTE.sub(r"\1\\:", _COUNT.sub(r"\1\\\2", text))


def escaped(text: str) -> str:
    """Text whose signs stay signs, within a line."""
    return _INLINE.sub(lambda found: f"\\{found[0]}", text)


def code(text: str) -> str:
    """Text as it stands, within a line."""
    text = " ".join(text.split("\n"))
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    pad = " " if text[:1] == "`" or text[-1:] == "`" or (text[:1] == text[-1:] == " " and text.strip()) else ""
    return f"{fence}{pad}{text}{pad}{fence}"


# Emphasis


@dataclass(slots=True)
class _Unit:
    """A stretch of text with the characters it begins and ends with. ``looks``: bold, italic."""

    written: str
    looks: list[bool]
    first: str
    last: str


def _by_link(spans: Sequence[Span]) -> list[tuple[str, list[Span]]]:
    made: list[tuple[str, list[Span]]] = []
    for span in spans:
        one = replace(span, text=_BREAKS.sub("\n", writable(span.text)))
        if not one.text and not one.note:
            continue
        if not made or made[-1][0] != one.link:
            made.append((one.link, []))
        within = made[-1][1]
        if within and one.code and replace(within[-1], text="") == replace(one, text=""):
            within[-1] = replace(one, text=within[-1].text + one.text)
        else:
            within.append(one)
    return made


def _emphasized(spans: Sequence[Span], before: str, after: str) -> str:
    units = _units(spans)
    if any(any(unit.looks) for unit in units):
        for look in (0, 1):
            _narrow(units, look, before, after)
        _uncross(units)
        _narrow(units, 1, before, after)
    return _marked(units)


def _units(spans: Sequence[Span]) -> list[_Unit]:
    """Words, single signs, and what is written as one. Whether a sign is markup depends on its neighbours, so signs are escaped in the
    text as a whole."""
    whole = "".join(span.text if not _is_one(span) else "\0" for span in spans)
    signs = {found.start() for found in _INLINE.finditer(whole)}
    is_plain = len(whole) > _LONGEST
    units: list[_Unit] = []
    at = 0
    for span in spans:
        looks = [False, False] if is_plain else [span.bold, span.italic]
        if _is_one(span):
            written = f"[^{span.note}]" if span.note else code(span.text)
            units.append(_Unit(written, looks, written[0], written[-1]))
            at += 1
            continue
        pieces = _PIECES.findall(span.text) if any(looks) else [span.text]
        for piece in pieces:
            written = "".join(f"\\{one}" if n in signs else one for n, one in enumerate(piece, at)) if signs else piece
            units.append(_Unit(written, looks.copy(), piece[0], piece[-1]))
            at += len(piece)
    return units


def _is_one(span: Span) -> bool:
    return bool(span.note) or (span.code and bool(span.text.strip()))


def _narrow(units: list[_Unit], look: int, before: str, after: str) -> None:
    """Take the look from where its mark would be none (CommonMark, rules of flanking)."""
    for begin, end in _stretches(units, look):
        first, last = begin, end
        while first < last and not _can_mark(units[first - 1].last if first else before, units[first].first):
            units[first].looks[look] = False
            first += 1
        while last > first and not _can_mark(units[last].first if last < len(units) else after, units[last - 1].last):
            last -= 1
            units[last].looks[look] = False


def _can_mark(outside: str, inside: str) -> bool:
    if inside.isspace():
        return False
    return _is_word(inside) or not outside or outside.isspace() or unicodedata.category(outside).startswith("P")


def _is_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNM"


def _stretches(units: list[_Unit], look: int) -> list[tuple[int, int]]:
    made: list[tuple[int, int]] = []
    for at, unit in enumerate(units):
        if unit.looks[look]:
            if made and made[-1][1] == at:
                made[-1] = (made[-1][0], at + 1)
            else:
                made.append((at, at + 1))
    return made


def _uncross(units: list[_Unit]) -> None:
    """Where bold and italic cross, what is both is bold; where they only touch, there is no italic: marks that meet are read as others."""
    bolds = _stretches(units, 0)
    for begin, end in _stretches(units, 1):
        for first, last in bolds:
            if (first, last) == (begin, end):
                continue
            if {first, last} & {begin, end}:
                first, last = begin, end  # noqa: PLW2901
            elif not (first < begin < last < end or begin < first < end < last):
                continue
            for unit in units[max(first, begin) : min(last, end)]:
                unit.looks[1] = False


def _marked(units: list[_Unit]) -> str:
    marks = ("**", "*")
    ends = [{begin: end for begin, end in _stretches(units, look)} for look in (0, 1)]
    made: list[str] = []
    opened: list[tuple[int, str]] = []
    for at, unit in enumerate(units):
        while opened and opened[-1][0] == at:
            made.append(opened.pop()[1])
        # What ends later begins first.
        for end, look in sorted(((ends[look][at], look) for look in (0, 1) if at in ends[look]), key=lambda one: (-one[0], one[1])):
            opened.append((end, marks[look]))
            made.append(marks[look])
        made.append(unit.written)
    return "".join(made) + "".join(mark for _, mark in reversed(opened))


# Blocks


@dataclass(frozen=True, slots=True)
class Item:
    """Where a paragraph stands in lists. ``list``: which list it is an item of, empty for a further paragraph of the item before it;
    ``number``: of an item that counts; ``loose``: items stand apart."""

    level: int
    list: str = ""
    number: int | None = None
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """``kind``: ``paragraph``, ``heading`` (of ``level``), ``code``, ``rule``, ``table`` (of ``rows``, each of cells, with the
    ``alignments`` of its columns)."""

    kind: str
    spans: tuple[Span, ...] = ()
    level: int = 0
    quotes: int = 0
    item: Item | None = None
    rows: tuple[tuple[tuple[Span, ...], ...], ...] = ()
    alignments: tuple[str, ...] = ()


def text(blocks: Sequence[Block], notes: Mapping[int, Sequence[Sequence[Span]]]) -> str:
    """A section of blocks, and at its end the notes called in it, each of paragraphs."""
    writer = _Writer()
    for block in blocks:
        writer.add(block)
    for number, paragraphs in notes.items():
        writer.note(number, paragraphs)
    return "\n".join(writer.lines)


@dataclass(slots=True)
class _Open:
    """A list that is not at its end: by whose items others are set in."""

    level: int
    list: str
    mark: str
    loose: bool
    width: int


class _Writer:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self._lists: list[_Open] = []
        self._quotes = 0
        self._closed: _Open | None = None

    def add(self, block: Block) -> None:
        if block.quotes != self._quotes:
            self._lists.clear()
        if block.item is not None and block.kind == "paragraph":
            self._item(block, block.item)
        else:
            self._lists.clear()
            self._closed = None
            self._put(_written(block), block.quotes)
        self._quotes = block.quotes

    def note(self, number: int, paragraphs: Sequence[Sequence[Span]]) -> None:
        self._lists.clear()
        written = [part for part in (paragraph(spans) for spans in paragraphs) if part]
        # A line of a note that begins like a block of another kind is safe behind its mark.
        first, *rest = written or [""]
        lines = [f"[^{number}]: {first}".rstrip().replace("\n", "\n    ")]
        lines += ["    " + part.replace("\n", "\n    ") for part in rest]
        self._put("\n\n".join(lines), 0)

    def _put(self, written: str, quotes: int, *, indent: str = "", first: str = "", close: bool = False) -> None:
        """Add lines, after an empty one unless they follow ``close`` on what is there."""
        if not written and not first:
            return
        if self.lines and not close:
            self.lines.append(("> " * min(quotes, self._quotes)).rstrip())
        for number, one in enumerate(written.split("\n")):
            lead = indent[: len(indent) - len(first)] + first if not number else indent
            self.lines.append(("> " * quotes + lead + one).rstrip())

    def _item(self, block: Block, item: Item) -> None:
        written = paragraph(block.spans)
        lists = self._lists
        if not item.list:
            while lists and lists[-1].level > item.level:
                lists.pop()
            if written:
                self._put(written, block.quotes, indent=" " * sum(one.width for one in lists))
            return
        last: _Open | None = None
        while lists and (lists[-1].level > item.level or (lists[-1].level == item.level and lists[-1].list != item.list)):
            last = lists.pop()
        last = last if last is not None and last.level == item.level else (self._closed if not lists else None)
        begins = not lists or lists[-1].level < item.level
        if begins:
            kinds = "-*" if item.number is None else ".)"
            # A list right after another of its kind is told apart from it by its mark.
            mark = kinds[last.mark == kinds[0]] if last is not None else kinds[0]
            above = lists[-1].loose if lists else True
            close = bool(lists) and not above and bool(written) and item.number in (None, 1)
            lists.append(_Open(item.level, item.list, mark, item.loose, 0))
        else:
            close = not item.loose and bool(written)
        this = lists[-1]
        sign = this.mark if item.number is None else f"{min(item.number, 999_999_999)}{this.mark}"
        this.width = len(sign) + 1
        indent = " " * sum(one.width for one in lists)
        self._put(written, block.quotes, indent=indent, first=f"{sign} ", close=close)
        if len(lists) == 1:
            self._closed = this


def _written(block: Block) -> str:
    match block.kind:
        case "heading":
            made = inline(block.spans).replace("\\\n", " ")
            made = f"{'#' * block.level} {_CLOSING.sub(chr(92) + '#', made)}" if made else ""
        case "code":
            made = _fenced(plain(block.spans))
        case "rule":
            made = "---"
        case "table":
            made = _table(block)
        case _:
            made = paragraph(block.spans)
    return made


def _fenced(content: str) -> str:
    content = _BREAKS.sub("\n", writable(content))
    if _SHALLOW.search(content):
        # Behind a fence, such a line would look like a heading to who cuts a text at its headings.
        return "\n".join(f"    {line}".rstrip() for line in content.strip("\n").split("\n"))
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", content)), default=0))
    return f"{fence}\n{content}\n{fence}"


def _table(block: Block) -> str:
    columns = max(len(row) for row in block.rows)
    signs = {"left": ":--", "center": ":-:", "right": "--:"}
    alignments = [*block.alignments, *[""] * columns][:columns]
    lines = []
    for row in block.rows:
        cells = [inline(cell).replace("\\\n", " ").replace("|", "\\|") for cell in row]
        lines.append(f"| {' | '.join([*cells, *[''] * (columns - len(cells))])} |")
    lines.insert(1, f"| {' | '.join(signs.get(alignment, '---') for alignment in alignments)} |")
    return "\n".join(lines)
