"""A text as a DOCX document, and the difference of two of its revisions as one with tracked changes.

Setting a text is setting it beside itself. So a redline has one way of being written, and what accepting or rejecting all of it leaves
is what setting the one text or the other would have been.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC
from typing import Any

from press import flow, markup, wordml, words
from press.flow import Block, Compare, Grid, List, Notes, Pair, Paragraph, Row, Span
from press.manuscript import RIGHT_TO_LEFT, Manuscript
from press.wordml import Face, Parts, tag


def write(manuscript: Manuscript) -> bytes:
    """The text as DOCX: the same text, the same bytes."""
    return _document(manuscript, _Setter(manuscript.language), *flow.alone(manuscript))


def redline(base: Manuscript, revised: Manuscript, compare: Compare, author: str = "") -> bytes:
    """What makes the revised text of the base, as tracked changes by ``author`` (else the issuer) on the day of the revised text: section
    by section by their ids, block by block within them, and word by word within these, ideographs one by one. To accept all changes
    leaves the revised text, to reject all the base."""
    setter = _Setter(revised.language, author or revised.issuer, f"{revised.dated.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", compare)
    return _document(revised, setter, *flow.laid(base, revised, compare))


def _document(manuscript: Manuscript, setter: "_Setter", pairs: list[Pair], notes: Notes) -> bytes:
    mark = ""
    if manuscript.status == "draft":
        mark = f"{words.word('draft', manuscript.language).upper()} · {words.word('revision', manuscript.language, manuscript.revision)}"
    properties = wordml.Properties(
        manuscript.title,
        author=manuscript.issuer,
        dated=manuscript.dated,
        subject=words.kind(manuscript),
        description=manuscript.summary,
        identifier=manuscript.url,
        status="Draft" if manuscript.status == "draft" else "Final",
        revision=manuscript.revision,
    )
    return wordml.package(setter.set(pairs, notes), setter.parts, properties, mark=mark)


# How they are set

_Piece = tuple[str, Span]
"""A word with what became of it: nothing (``""``), ``ins`` or ``del``."""


class _Setter:
    """Sets pairs of blocks. ``parts`` is what the package needs besides."""

    def __init__(self, language: str, author: str = "", dated: str = "", compare: Compare | None = None) -> None:
        self.language, self.author, self.dated, self.compare = language, author, dated, compare
        self.parts = Parts(language)
        self._notes: Notes = {}
        self._again: set[str] = set()
        self._marks: dict[str, int] = {}
        self._numbers: dict[List, int] = {}
        self._changes = 0

    def set(self, pairs: Sequence[Pair], notes: Notes) -> str:
        """The body."""
        self._notes = notes
        everything = [*pairs, *(pair for of in notes.values() for pair in self._beside(*of))]
        self._again = {span.note for pair in everything for block in pair if block for span in flow.spans_of(block) if span.again}
        self._count(everything)
        return "".join(self._pair(*pair) for pair in pairs)

    def _beside(self, left: Sequence[Block], right: Sequence[Block]) -> list[Pair]:
        if self.compare is None or left is right:
            return list(zip(left, right, strict=True))
        # The first paragraph of a note carries its mark, and stays.
        if left and right:
            return [(left[0], right[0]), *flow.aligned(left[1:], right[1:], self.compare)]
        return flow.aligned(left, right, self.compare)

    def _count(self, pairs: Sequence[Pair]) -> None:
        """Give lists their numbers. A list of the base has that of the list it became, so that what is deleted from it counts on."""
        became: dict[List, List] = {}
        taken: set[List] = set()
        for left, right in pairs:
            if not isinstance(left, Paragraph) or not isinstance(right, Paragraph) or left.level != right.level:
                continue
            old, new = left.item, right.item
            if old and new and old not in became and new not in taken and (old.counts, old.start) == (new.counts, new.start):
                became[old] = new
                taken.add(new)
        for pair in pairs:
            for block in pair:
                if isinstance(block, Paragraph) and (item := block.item):
                    if not item.counts:
                        self._numbers[item] = wordml.BULLETS
                    elif (of := became.get(item, item)) in self._numbers:
                        self._numbers[item] = self._numbers[of]
                    else:
                        self._numbers[item] = self._numbers[of] = self.parts.counted(block.level, item.start)

    # Blocks

    def _pair(self, left: Block | None, right: Block | None) -> str:
        if isinstance(left, Grid) or isinstance(right, Grid):
            return self._grid(left if isinstance(left, Grid) else None, right if isinstance(right, Grid) else None)
        return self._paragraph(left, right)

    def _paragraph(self, left: Paragraph | None, right: Paragraph | None, *, mark: str = "") -> str:
        """A paragraph, its own mark tracked with its words. ``mark``: runs that stand before these and are not tracked."""
        op = "del" if right is None else "ins" if left is None else ""
        shown = right or left
        assert shown is not None
        properties = self._properties(shown)
        if op:
            properties += tag("rPr", self._change(op))
        elif left is not None and right is not None and (before := self._properties(left)) != properties:
            properties += tag("pPrChange", tag("pPr", before), **self._who())
        return tag("p", tag("pPr", properties) + mark + self._pieces(left, right))

    def _properties(self, block: Paragraph) -> str:
        made = tag("pStyle", val=block.style)
        if block.item:
            made += tag("numPr", tag("ilvl", val=block.level) + tag("numId", val=self._numbers[block.item]))
        if block.ltr:
            made += tag("bidi", val=0) if self.language in RIGHT_TO_LEFT else ""
        elif self.language in RIGHT_TO_LEFT:
            made += tag("bidi")
        if block.indent:
            hanging = {"hanging": wordml.STEP} if block.item else {}
            made += tag("ind", left=wordml.STEP * block.indent, **hanging)
        if block.loose:
            made += tag("contextualSpacing", val=0)
        return made

    def _grid(self, left: Grid | None, right: Grid | None) -> str:
        shown = right or left
        assert shown is not None
        columns = len(shown.alignments)
        indent = wordml.STEP * shown.indent
        widths = _widths([row for grid in (left, right) if grid for row in grid.rows], columns, max(wordml.WIDTH - indent, 2000))
        rows: list[str] = []
        for old, new in self._rows(left.rows if left else (), right.rows if right else ()):
            op = "del" if new is None else "ins" if old is None else ""
            cells = [self._cell(old[n] if old else None, new[n] if new else None, shown.alignments[n], op) for n in range(columns)]
            rows.append(wordml.row(cells, widths, heads=not rows, change=self._change(op) if op else ""))
        return wordml.table("".join(rows), widths, self.language, indent=indent)

    def _rows(self, left: Sequence[Row], right: Sequence[Row]) -> list[tuple[Row | None, Row | None]]:
        """Rows side by side; the first heads the table and stays the first."""
        if self.compare is None or left is right:
            return list(zip(left, right, strict=True))
        pairs: list[tuple[Row | None, Row | None]] = []
        if left and right:
            pairs.append((left[0], right[0]))
            left, right = left[1:], right[1:]
        for _, a, b, c, d in self.compare([flow.row_key(row) for row in left], [flow.row_key(row) for row in right]):
            both = min(b - a, d - c)
            pairs += zip(left[a : a + both], right[c : c + both], strict=True)
            pairs += [(row, None) for row in left[a + both : b]]
            pairs += [(None, row) for row in right[c + both : d]]
        return pairs

    def _cell(self, left: tuple[Span, ...] | None, right: tuple[Span, ...] | None, alignment: str, op: str) -> str:
        right_to_left = self.language in RIGHT_TO_LEFT
        # A column at the left of a text that runs from left to right is one at its beginning; so it is in the others.
        sides = {"left": "start", "right": "end"}
        properties = (tag("bidi") if right_to_left else "") + (tag("jc", val=sides.get(alignment, alignment)) if alignment else "")
        properties += tag("rPr", self._change(op)) if op else ""
        old, new = (None if spans is None else Paragraph("", spans) for spans in (left, right))
        return tag("p", (tag("pPr", properties) if properties else "") + self._pieces(old, new))

    # Words

    def _pieces(self, left: Paragraph | None, right: Paragraph | None) -> str:
        """The words of a paragraph, those of one link together."""
        pieces = self._compared(left, right)
        made, at = [], 0
        while at < len(pieces):
            end = at + 1
            while end < len(pieces) and pieces[end][1].link == pieces[at][1].link:
                end += 1
            link, content = pieces[at][1].link, self._tracked(pieces[at:end])
            made.append(f'<w:hyperlink r:id="{self.parts.address(link)}" w:history="1">{content}</w:hyperlink>' if link else content)
            at = end
        return "".join(made)

    def _compared(self, left: Paragraph | None, right: Paragraph | None) -> list[_Piece]:
        if left is None or right is None or self.compare is None or left.spans == right.spans:
            shown = right or left
            op = "del" if right is None else "ins" if left is None else ""
            return [(op, span) for span in shown.spans] if shown else []
        old, new = flow.split(left.spans), flow.split(right.spans)
        pieces: list[_Piece] = []
        for op, a, b, c, d in self.compare([word.token for word in old], [word.token for word in new]):
            if op == "equal":
                pieces += [("", word) for word in new[c:d]]
            else:
                pieces += [("del", word) for word in old[a:b]] + [("ins", word) for word in new[c:d]]
        return pieces

    def _tracked(self, pieces: Sequence[_Piece]) -> str:
        """Words as runs: neighbours of one face in one, neighbours of one fate in one change."""
        made: list[tuple[str, str]] = []
        joined: list[_Piece] = []
        for op, span in pieces:
            if joined and joined[-1][0] == op and not span.note and not joined[-1][1].note and joined[-1][1].face == span.face:
                joined[-1] = (op, replace(span, text=joined[-1][1].text + span.text))
            else:
                joined.append((op, span))
        for op, span in joined:
            content = self._run(span, op)
            if made and made[-1][0] == op:
                made[-1] = (op, made[-1][1] + content)
            else:
                made.append((op, content))
        return "".join(tag(op, content, **self._who()) if op else content for op, content in made if content)

    def _run(self, span: Span, op: str) -> str:
        if not span.note:
            return wordml.runs(span.text, self.language, span.face, deleted=op == "del")
        raised = Face(style="FootnoteReference")
        mark = self._marks.setdefault(span.note, len(self._marks) + 1)
        if span.again:
            return wordml.number_field(f"NOTEREF _Note{mark} \\f \\h", str(span.shown), raised, deleted=op == "del")
        content = tag("r", tag("rPr", tag("rStyle", val=raised.style)) + tag("footnoteReference", id=self._note(span.note, op)))
        if span.note in self._again:
            content = f"{tag('bookmarkStart', id=mark, name=f'_Note{mark}')}{content}{tag('bookmarkEnd', id=mark)}"
        return content

    def _note(self, name: str, op: str) -> int:
        """The number of the note that is called here."""
        number = self.parts.note()
        left, right = self._notes[name]
        if op:
            left, right = ((), right or left) if op == "ins" else (left or right, ())
        mark = tag("r", tag("rPr", tag("rStyle", val="FootnoteReference")) + tag("footnoteRef")) + f"<w:r>{tag('tab')}</w:r>"
        blocks = []
        for at, (old, new) in enumerate(self._beside(left, right)):
            is_paragraph = isinstance(old or new, Paragraph)
            blocks.append(self._paragraph(old, new, mark=mark) if not at and is_paragraph else self._pair(old, new))  # type: ignore[arg-type]
        self.parts.notes[number - 1] = "".join(blocks)
        return number

    # Changes

    def _change(self, op: str) -> str:
        return tag(op, **self._who())

    def _who(self) -> dict[str, Any]:
        self._changes += 1
        return {"id": self._changes, "author": markup.writable(self.author)[:255], "date": self.dated}


def _widths(rows: Sequence[Sequence[Sequence[Span]]], columns: int, width: int) -> list[int]:
    """Columns by what stands in them, none narrower than a third of its share."""
    longest = [max((sum(len(span.text) for span in row[n]) for row in rows), default=0) for n in range(columns)]
    weights = [min(max(length, 8), 60) for length in longest]
    return [max(width * weight // sum(weights), width // columns // 3) for weight in weights]
