"""Rows as a sheet (XLSX) and as a document (DOCX), for people: headings that stay in sight, text that wraps, and nothing that computes."""

import io
import re
import zipfile
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter

from press import wordml
from press.manuscript import RIGHT_TO_LEFT, Table
from press.markup import writable
from press.package import packed
from press.wordml import PLAIN, Face, Parts, tag

_LONGEST = 32_767
"""Characters that a cell of a sheet holds; Excel calls a file with more of them damaged."""
_PLAIN, _WIDE = 16, 60
"""Columns of a sheet, in characters."""
_PAGE = 13958
"""Of the text on a broad A4 page, in twentieths of a point."""
_LETTER, _PADDING, _LONG_WORD = 125, 260, 18
"""Of a letter, and around what stands in a cell, in the same; and the letters of the longest word that a narrow column makes room for."""


def xlsx(table: Table) -> bytes:
    """The table as a sheet. What stands in a cell is text, whatever it begins with: no ``=`` makes it a formula, now or when somebody
    edits it. The same table makes the same bytes."""
    book = Workbook(write_only=True)
    page = book.create_sheet(re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", writable(table.title))[:31].strip(" '") or "1")
    page.sheet_view.rightToLeft = table.language in RIGHT_TO_LEFT
    for number in range(1, len(table.headings) + 1):
        page.column_dimensions[get_column_letter(number)].width = _WIDE if number - 1 in table.wide else _PLAIN
    above = [(table.title, "title"), *((line, "line") for line in table.lines)]
    head = len(above) + 1
    page.freeze_panes = f"A{head + 1}"
    page.auto_filter.ref = f"A{head}:{get_column_letter(len(table.headings))}{head + max(len(table.rows), 1)}"
    page.print_title_rows = f"{head}:{head}"
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", 9
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    for made_style in _STYLES:
        book.add_named_style(made_style())

    def cells(texts: Sequence[str], style: str) -> list[WriteOnlyCell]:
        made = []
        for text in texts:
            cell = WriteOnlyCell(page)
            cell.style = style
            if text:
                cell.value = _escaped(text)
                cell.data_type = "s"
                cell.quotePrefix = text[0] in "=+-@'\t\r"
            made.append(cell)
        return made

    for line, style in above:
        page.append(cells([line], style))
    page.append(cells(table.headings, "head"))
    for row in table.rows:
        page.append(cells(row, "row"))
    kept = io.BytesIO()
    book.save(kept)
    return _undated(kept.getvalue())


def docx(table: Table) -> bytes:
    """The table as a document on broad pages, its headings repeated on each. The same table makes the same bytes."""
    language = table.language
    bidi = tag("bidi") if language in RIGHT_TO_LEFT else ""
    parts = Parts(language)

    def paragraph(text: str, style: str = "", face: Face = PLAIN) -> str:
        properties = (tag("pStyle", val=style) if style else "") + bidi
        return tag("p", (tag("pPr", properties) if properties else "") + wordml.runs(text, language, face))

    widths = _widths(table)
    rows = [wordml.row([paragraph(text) for text in table.headings], widths, heads=True)]
    rows += [wordml.row([paragraph(text) for text in row], widths, splits=True) for row in table.rows]
    body = [
        paragraph(table.title, "Title"),
        *(paragraph(line) for line in table.lines),
        wordml.table("".join(rows), widths, language, title=table.title),
        paragraph("", "AfterTable"),
    ]
    return wordml.package("".join(body), parts, wordml.Properties(table.title), landscape=True)


def _widths(table: Table) -> list[int]:
    """The columns' widths in twentieths of a point: a narrow one takes its longest word, so that none is broken, and those with running
    text share what is left."""
    narrow = {
        number: min(max(len(word) for text in (heading, *column) for word in text.split() or [""]), _LONG_WORD) * _LETTER + _PADDING
        for number, (heading, *column) in enumerate(zip(table.headings, *table.rows, strict=True))
        if number not in table.wide
    }
    taken = sum(narrow.values())
    if taken > _PAGE // 2:
        narrow = {number: width * (_PAGE // 2) // taken for number, width in narrow.items()}
    running = len(table.headings) - len(narrow)
    rest = (_PAGE - sum(narrow.values())) // max(running, 1)
    return [narrow.get(number, rest) if running else _PAGE // len(table.headings) for number in range(len(table.headings))]


def _escaped(text: str) -> str:
    """A text as the format writes it: what reads like its sign for a character (``_x000D_``) is no such sign."""
    text = writable(text).replace("\r\n", "\n").replace("\r", "\n")
    text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return re.sub("_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text)


def _title() -> NamedStyle:
    return NamedStyle("title", font=Font(bold=True, size=16, color="1D4F73"))


def _line() -> NamedStyle:
    return NamedStyle("line", number_format="@")


def _head() -> NamedStyle:
    wrapped = Alignment(vertical="center", wrap_text=True)
    return NamedStyle("head", font=Font(bold=True, color="FFFFFF"), fill=PatternFill("solid", start_color="1D4F73"), alignment=wrapped)


def _row() -> NamedStyle:
    under = Border(bottom=Side("thin", color="D3DAE0"))
    return NamedStyle("row", alignment=Alignment(vertical="top", wrap_text=True), border=under, number_format="@")


_STYLES = (_title, _line, _head, _row)


def _undated(raw: bytes) -> bytes:
    """The same workbook without the instant of its writing, which would make each copy another file."""
    with zipfile.ZipFile(io.BytesIO(raw)) as written:
        parts = {member.filename: written.read(member) for member in written.infolist()}
    core = parts["docProps/core.xml"]
    parts["docProps/core.xml"] = re.sub(rb"<dcterms:(created|modified)[^>]*>[^<]*</dcterms:\1>", b"", core)
    return packed(parts)
