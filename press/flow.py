"""A text as a flow of blocks, and two texts side by side.

A text becomes groups of blocks, each group named (``section s3``, ``digest``): paragraphs, whose stretches of words carry their face,
link or note, and tables. Two texts lie side by side group by group, block by block within them, and are compared word by word within
these: each with what became of it.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urljoin

from markdown_it.tree import SyntaxTreeNode

from press import markup, wordml, words
from press.manuscript import Manuscript
from press.wordml import PLAIN, Face

Compare = Callable[[list[str], list[str]], Iterable[tuple[str, int, int, int, int]]]
"""Tells two lists of words apart, as ``difflib.SequenceMatcher.get_opcodes`` does."""

# What a text is made of


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text of one face. ``note``: the name of a note called here, ``shown`` its number; ``again``: called before."""

    text: str = ""
    face: Face = PLAIN
    link: str = ""
    note: str = ""
    shown: int = 0
    again: bool = False

    @property
    def token(self) -> str:
        """What it is compared by: a word is another word when its face or link is another."""
        if self.note:
            return f"\0{self.note}{' again' * self.again}"
        return self.text if self.face == PLAIN and not self.link else f"{self.text}\0{self.face}{self.link}"


@dataclass(frozen=True, slots=True, eq=False)
class List:
    """One list; two of the same kind are two."""

    counts: bool
    start: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """``item``: the list it is an item of, at ``level``. ``indent``: steps by which it is set in beyond its style. ``loose``: items stand
    apart. ``ltr``: it runs from left to right in any language."""

    style: str
    spans: tuple[Span, ...]
    item: List | None = None
    level: int = 0
    indent: int = 0
    loose: bool = False
    ltr: bool = False


Row = tuple[tuple[Span, ...], ...]
"""Cells of a table, each of stretches of text."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: its rows of cells, the alignment of each column, how far it is set in."""

    rows: tuple[Row, ...]
    alignments: tuple[str, ...]
    indent: int = 0


Block = Paragraph | Grid
Pair = tuple[Block | None, Block | None]
"""A block of the base and what became of it; one of them may be missing."""
Notes = dict[str, tuple[Sequence[Block], Sequence[Block]]]


@dataclass(frozen=True)
class Group:
    """Blocks that stay together, and by their names the notes called in them."""

    name: str
    blocks: tuple[Block, ...]
    notes: dict[str, tuple[Block, ...]] = field(default_factory=dict)

    def renamed(self, names: dict[str, str]) -> "Group":
        """The same with notes called by other names."""

        def spans(of: tuple[Span, ...]) -> tuple[Span, ...]:
            return tuple(replace(span, note=names.get(span.note, span.note)) if span.note else span for span in of)

        def block(one: Block) -> Block:
            if isinstance(one, Paragraph):
                return replace(one, spans=spans(one.spans))
            return replace(one, rows=tuple(tuple(spans(cell) for cell in row) for row in one.rows))

        notes = {names.get(name, name): tuple(block(one) for one in blocks) for name, blocks in self.notes.items()}
        return Group(self.name, tuple(block(one) for one in self.blocks), notes)


def alone(manuscript: Manuscript) -> tuple[list[Pair], Notes]:
    """A text beside itself, and its notes."""
    found = groups(manuscript)
    pairs: list[Pair] = [(block, block) for group in found for block in group.blocks]
    return pairs, {name: (blocks, blocks) for group in found for name, blocks in group.notes.items()}


def laid(base: Manuscript, revised: Manuscript, compare: Compare) -> tuple[list[Pair], Notes]:
    """What became of each block of the base, section by section by their ids, and of its notes."""
    pairs: list[Pair] = []
    notes: Notes = {}
    for before, right in _beside(groups(base), groups(revised), compare):
        left = before.renamed(_same_notes(before, right)) if before else None
        pairs += _aligned_section(left.blocks if left else (), right.blocks if right else (), compare)
        of_left, of_right = left.notes if left else {}, right.notes if right else {}
        notes |= {name: (of_left.get(name, ()), of_right.get(name, ())) for name in {**of_left, **of_right}}
    return pairs, notes


def groups(manuscript: Manuscript) -> list[Group]:
    """The blocks of a text: the lines before it, its sections, and what is said of it after."""
    made = [Group(name, (_line(style, text),)) for name, style, text in _before(manuscript) if text]
    count = 0
    for section in manuscript.sections:
        reader = _Reader(manuscript, section.id, count + 1)
        blocks, notes = reader.read(section.text)
        heading = (_line("Heading1", section.heading),) if section.heading else ()
        made.append(Group(f"section {section.id}", (*heading, *blocks), notes))
        count += len(notes)
    return made + [Group(name, blocks) for name, blocks in _after(manuscript) if blocks]


def _before(manuscript: Manuscript) -> list[tuple[str, str, str]]:
    """The lines before the text: what each is, its style, and what it says."""
    language = manuscript.language
    state = [] if manuscript.status == "published" else [words.word(manuscript.status, language)]
    if manuscript.status == "draft":
        state.append(words.word("revision", language, manuscript.revision))
    if manuscript.original:
        state.append(words.word("original", language, words.name_of(manuscript.original, language)))
    lines = [
        ("issuer", "Imprint", manuscript.issuer),
        ("kind", "Imprint", f"{words.kind(manuscript)} · {words.date(manuscript.date, language)}"),
        ("title", "Title", manuscript.title),
        ("occasion", "Imprint", manuscript.occasion or ""),
        ("entities", "Imprint", " · ".join(manuscript.entities)),
        ("state", "Imprint", " · ".join(state)),
    ]
    if manuscript.notes:
        lines.append(("corrigenda", "ImprintHeading", words.word("corrigenda", language)))
        lines += [(f"corrigendum {number}", "Imprint", note) for number, note in enumerate(manuscript.notes)]
    if summary := [part for part in manuscript.summary.split("\n\n") if part.strip()]:
        lines.append(("summary", "ImprintHeading", words.word("summary", language)))
        lines += [(f"summary {number}", "Imprint", part.strip()) for number, part in enumerate(summary)]
    return lines


def _after(manuscript: Manuscript) -> list[tuple[str, tuple[Block, ...]]]:
    """What somebody needs who quotes the text or wants to know whether it is this one; the digest, which every text has, comes last."""
    language = manuscript.language
    who = "signatories" if manuscript.kind == "joint_statement" else "entities"
    facts = {
        "citation": Span(manuscript.citation),
        "url": Span(manuscript.url, Face(style="Hyperlink", ltr=True), link=manuscript.url),
        who: Span(", ".join(manuscript.entities)),
        "version": Span(words.word("revision", language, manuscript.revision)),
        "digest": Span(manuscript.digest, Face(style="HTMLCode", ltr=True)),
    }
    made: list[tuple[str, tuple[Block, ...]]] = [("about", (_line("ImprintHeading", words.word("about", language)),))]
    for name, fact in facts.items():
        if fact.text or name == "digest":
            said = Span(f"{words.word(name, language)}{'：' if language == 'zh' else ': '}", Face(bold=True))
            made.append((f"{name} below", (Paragraph("Imprint", (said, fact)),)))
    return made


def _line(style: str, text: str) -> Paragraph:
    return Paragraph(style, (Span(text),))


_CODE = Face(ltr=True)


@dataclass(frozen=True)
class _Place:
    """Where in the flow a block stands: within so many quotations and lists. ``item``: the list whose item it begins."""

    quotes: int = 0
    lists: int = 0
    item: List | None = None
    loose: bool = False


class _Reader:
    """The blocks and notes of one section's Markdown."""

    def __init__(self, manuscript: Manuscript, section: str, first_note: int) -> None:
        self.url, self.section, self.first = manuscript.url, section, first_note
        self.notes: dict[str, tuple[Block, ...]] = {}
        self.called: set[str] = set()

    def read(self, text: str) -> tuple[tuple[Block, ...], dict[str, tuple[Block, ...]]]:
        root = markup.tree(text, self.first)
        blocks = self._blocks([node for node in root.children if node.type != "footnote_block"], _Place())
        for node in root.children:
            for note in node.children if node.type == "footnote_block" else ():
                self.notes[self._name(note)] = self._note(note)
        return blocks, self.notes

    def _name(self, node: SyntaxTreeNode) -> str:
        return f"{self.section} {node.meta.get('label') or node.meta['id'] + 1}"

    def _note(self, node: SyntaxTreeNode) -> tuple[Block, ...]:
        blocks = self._blocks(node.children, _Place())
        made = tuple(replace(one, style="FootnoteText") if isinstance(one, Paragraph) and one.style == "Normal" else one for one in blocks)
        # The mark of a note stands in a paragraph of its own text, which another kind of block cannot be.
        if not made or not isinstance(made[0], Paragraph) or made[0].style != "FootnoteText":
            made = (Paragraph("FootnoteText", ()), *made)
        return made

    def _blocks(self, nodes: Sequence[SyntaxTreeNode], place: _Place) -> tuple[Block, ...]:
        made: list[Block] = []
        for node in nodes:
            found = self._block(node, place)
            made += found
            if found:
                place = replace(place, item=None)
        return tuple(made)

    def _block(self, node: SyntaxTreeNode, place: _Place) -> Sequence[Block]:
        match node.type:
            case "paragraph":
                made: Sequence[Block] = [self._paragraph(self._inline(node), place)]
            case "heading":
                made = [self._set_in(f"Heading{int(node.tag[1:]) - 1}", self._inline(node), place)]
            case "bullet_list" | "ordered_list":
                made = self._list(node, place)
            case "blockquote":
                made = self._blocks(node.children, replace(place, quotes=place.quotes + 1))
            case "fence" | "code_block":
                made = [replace(self._set_in("HTMLPreformatted", (Span(node.content.removesuffix("\n"), _CODE),), place), ltr=True)]
            case "table":
                made = [self._grid(node, place), Paragraph("AfterTable", ())]
            case "hr":
                made = [self._set_in("HorizontalLine", (), place)]
            case other:
                raise TypeError(f"no block is called {other}")
        return made

    def _paragraph(self, spans: tuple[Span, ...], place: _Place) -> Paragraph:
        level = min(place.lists, wordml.DEPTH) - 1
        if place.quotes:
            style = f"Quote{min(place.quotes, 3) if place.quotes > 1 else ''}"
            return self._set_in(style, spans, place if place.lists else _Place())
        if place.item is not None:
            style = "ListNumber" if place.item.counts else "ListBullet"
            return Paragraph(style, spans, place.item, level, loose=place.loose)
        if place.lists:
            number = min(place.lists, 5)
            return Paragraph(f"ListContinue{number if number > 1 else ''}", spans, indent=place.lists if place.lists > number else 0)
        return Paragraph("Normal", spans)

    @staticmethod
    def _set_in(style: str, spans: tuple[Span, ...], place: _Place) -> Paragraph:
        return Paragraph(style, spans, place.item, max(min(place.lists, wordml.DEPTH) - 1, 0), place.lists + place.quotes)

    def _list(self, node: SyntaxTreeNode, place: _Place) -> list[Block]:
        one = List(node.type == "ordered_list", int(node.attrs.get("start", 1)))
        # A list is tight when its paragraphs are hidden, as HTML would have them.
        shown = [child for item in node.children for child in item.children if child.type == "paragraph"]
        loose = any(not child.hidden for child in shown)
        made: list[Block] = []
        for item in node.children:
            within = replace(place, lists=place.lists + 1, item=one, loose=loose)
            if not item.children or item.children[0].type in ("bullet_list", "ordered_list", "blockquote", "table"):
                made.append(self._paragraph((), within))
                within = replace(within, item=None)
            made += self._blocks(item.children, within)
        return made

    def _grid(self, node: SyntaxTreeNode, place: _Place) -> Grid:
        rows = [row for part in node.children for row in part.children]
        alignments = tuple(str(cell.attrs.get("style", "")).removeprefix("text-align:") for cell in rows[0].children)
        cells = tuple(tuple(self._inline(cell) for cell in row.children) for row in rows)
        return Grid(cells, alignments, place.lists + place.quotes)

    def _inline(self, node: SyntaxTreeNode) -> tuple[Span, ...]:
        made: list[Span] = []
        for inline in node.children:
            self._spans(inline.children, Span(), made)
        return tuple(made)

    def _spans(self, nodes: Sequence[SyntaxTreeNode], like: Span, made: list[Span]) -> None:
        for node in nodes:
            if node.type == "text":
                made.append(replace(like, text=node.content))
            elif node.type == "code_inline":
                made.append(replace(like, text=node.content, face=replace(like.face, style="HTMLCode")))
            elif node.type in ("softbreak", "hardbreak"):
                made.append(replace(like, text=" " if node.type == "softbreak" else "\n"))
            elif node.type == "strong":
                self._spans(node.children, replace(like, face=replace(like.face, bold=True)), made)
            elif node.type == "em":
                self._spans(node.children, replace(like, face=replace(like.face, italic=True)), made)
            elif node.type == "link":
                face = replace(like.face, style="Hyperlink")
                self._spans(node.children, replace(like, face=face, link=urljoin(self.url, str(node.attrs["href"]))), made)
            elif node.type == "footnote_ref":
                name = self._name(node)
                made.append(Span(note=name, shown=node.meta["id"] + 1, again=name in self.called))
                self.called.add(name)
            elif node.type != "footnote_anchor":
                raise TypeError(f"no stretch of text is called {node.type}")


# How two texts are laid beside one another

_MARKS = "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u200c\u200d\ufe00-\ufe0f"
_WORDS = re.compile(rf"[{wordml.IDEOGRAPHS}][{_MARKS}]*|(?:(?![{wordml.IDEOGRAPHS}])[\w{_MARKS}])+|\s|[^\w\s][{_MARKS}]*")
_CELLS = 4_000
"""Of a table of pairs: with more blocks between two that are alike, they are paired in order."""
_LIKE = 0.35
"""So much two blocks must have in common to be one that was changed."""


def split(spans: Iterable[Span]) -> list[Span]:
    """The same text, word by word."""
    return [
        part for span in spans for part in ([span] if span.note else [replace(span, text=found) for found in _WORDS.findall(span.text)])
    ]


def _tokens(block: Block) -> list[str]:
    """What a block says, word by word, and after each cell its end."""
    if isinstance(block, Paragraph):
        return [word.token for word in split(block.spans)]
    return [token for row in block.rows for token in _row_tokens(row)]


def _row_tokens(row: Row) -> list[str]:
    return [token for cell in row for token in [*(word.token for word in split(cell)), "\0"]]


def row_key(row: Row) -> str:
    """What a row says, as one word."""
    return "\1".join(_row_tokens(row))


def _beside(left: list[Group], right: list[Group], compare: Compare) -> list[tuple[Group | None, Group | None]]:
    """Groups of one name side by side, in order; one that was moved stands in its old place and in its new one."""
    pairs: list[tuple[Group | None, Group | None]] = []
    for op, a, b, c, d in compare([group.name for group in left], [group.name for group in right]):
        if op == "equal":
            pairs += zip(left[a:b], right[c:d], strict=True)
        else:
            pairs += [(group, None) for group in left[a:b]]
            pairs += [(None, group) for group in right[c:d]]
    return pairs


def _same_notes(left: Group, right: Group | None) -> dict[str, str]:
    """What the notes of the left are called on the right: those that say the same, else those that had the same name. The others are
    given names that no note of the right has."""
    theirs = right.notes if right else {}
    by_words: dict[tuple[str, ...], list[str]] = {}
    for name, blocks in theirs.items():
        by_words.setdefault(_said(blocks), []).append(name)
    found: dict[str, str] = {}
    for name, blocks in left.notes.items():
        if alike := by_words.get(_said(blocks)):
            found[name] = alike.pop(0)
    for name in left.notes:
        if name not in found:
            is_free = name in theirs and name not in found.values()
            found[name] = name if is_free else f"{name} before"
    return found


def _said(blocks: Sequence[Block]) -> tuple[str, ...]:
    return tuple(token for block in blocks for token in _tokens(block))


def _aligned_section(left: Sequence[Block], right: Sequence[Block], compare: Compare) -> list[Pair]:
    """Blocks side by side: those that say the same, and between these the likest; the heading of a section stays its heading."""
    if left and right and _is_heading(left[0]) and _is_heading(right[0]):
        return [(left[0], right[0]), *aligned(left[1:], right[1:], compare)]
    return aligned(left, right, compare)


def _is_heading(block: Block) -> bool:
    return isinstance(block, Paragraph) and block.style == "Heading1"


def aligned(left: Sequence[Block], right: Sequence[Block], compare: Compare) -> list[Pair]:
    if not left or not right:
        return [*((block, None) for block in left), *((None, block) for block in right)]
    ours, theirs = ([_tokens(block) for block in side] for side in (left, right))
    pairs: list[Pair] = []
    for op, a, b, c, d in compare(
        [_key(*of) for of in zip(left, ours, strict=True)], [_key(*of) for of in zip(right, theirs, strict=True)]
    ):
        if op == "equal":
            found = [(a + n, c + n) for n in range(b - a)]
        else:
            found = [(a + n, c + m) for n, m in _likest(left[a:b], right[c:d], ours[a:b], theirs[c:d])]
        at, to = a, c
        for n, m in [*found, (b, d)]:
            pairs += [(block, None) for block in left[at:n]]
            pairs += [(None, block) for block in right[to:m]]
            if n < b and m < d:
                pairs.append((left[n], right[m]))
            at, to = n + 1, m + 1
    return pairs


def _key(block: Block, tokens: list[str]) -> str:
    """What a block says, as one word; two tables with one key have one shape."""
    shape = "" if isinstance(block, Paragraph) else f"{len(block.rows)} {block.alignments} {block.indent}"
    return "\1".join([shape, *tokens])


def _likest(left: Sequence[Block], right: Sequence[Block], ours: list[list[str]], theirs: list[list[str]]) -> list[tuple[int, int]]:
    """Pairs in order, with the most in common altogether."""
    rows, columns = len(left), len(right)
    if rows * columns > _CELLS:
        return [(n, n) for n in range(min(rows, columns)) if _can_pair(left[n], right[n])]
    counts = [[Counter(token for token in tokens if not token.isspace()) for tokens in side] for side in (ours, theirs)]
    likeness = [
        [_likeness(counts[0][n], counts[1][m]) if _can_pair(left[n], right[m]) else 0.0 for m in range(columns)] for n in range(rows)
    ]
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for n in reversed(range(rows)):
        for m in reversed(range(columns)):
            best[n][m] = max(best[n + 1][m], best[n][m + 1], likeness[n][m] + best[n + 1][m + 1] if likeness[n][m] else 0.0)
    found, n, m = [], 0, 0
    while n < rows and m < columns:
        if likeness[n][m] and best[n][m] == likeness[n][m] + best[n + 1][m + 1]:
            found.append((n, m))
            n, m = n + 1, m + 1
        elif best[n][m] == best[n + 1][m]:
            n += 1
        else:
            m += 1
    return found


def _likeness(left: Counter[str], right: Counter[str]) -> float:
    total = left.total() + right.total()
    shared = 2 * (left & right).total() / total if total else 1.0
    return shared if shared >= _LIKE else 0.0


def _can_pair(left: Block, right: Block) -> bool:
    """Whether one can be set as what became of the other: a paragraph as any paragraph, a table as one with the same columns."""
    if isinstance(left, Grid) and isinstance(right, Grid):
        return (left.alignments, left.indent) == (right.alignments, right.indent)
    return isinstance(left, Paragraph) and isinstance(right, Paragraph)


def spans_of(block: Block) -> Iterable[Span]:
    """All stretches of a block."""
    return block.spans if isinstance(block, Paragraph) else (span for row in block.rows for cell in row for span in cell)
