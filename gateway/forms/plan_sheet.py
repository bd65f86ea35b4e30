"""A year's plan as a spreadsheet: which sheets and columns it has, and the plan written into them.

Reading (``plan_import``) goes by the same columns, so that what comes out can go in again.
"""

import io
import re
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from contracts.base import PILLARS
from contracts.workplan.plan import DELIVERABLE_KINDS
from gateway.forms.names import typed
from gateway.forms.spreadsheet import escaped
from gateway.web.words import LANGUAGES, said


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``field``: of the contract; ``key``: of its heading among the words; ``kind``: how its cells are written and read:
    text, entity, entities, codes (a list of words), numbers (a list of them), pillars, deliverable (a kind of deliverable), instant,
    amount."""

    field: str
    key: str
    kind: str = "text"
    width: int = 18

    def heading(self, language: str) -> str:
        return said(language, f"column_{self.key}")


ACTIVITIES = (
    Column("activity", "activity"),
    Column("title", "title", width=44),
    Column("lead", "lead", "entity", 12),
    Column("contributors", "contributors", "entities", 24),
    Column("pillars", "pillars", "pillars", 26),
    Column("paragraphs", "paragraphs", "numbers", 16),
    Column("objective", "objective", width=60),
    Column("depends_on", "depends_on", "codes", 22),
)
PARTS: dict[str, tuple[Column, ...]] = {
    "deliverables": (
        Column("activity", "activity"),
        Column("id", "deliverable"),
        Column("kind", "kind", "deliverable", 14),
        Column("title", "title", width=50),
        Column("due", "due", "instant", 20),
        Column("due_reason", "due_reason", width=44),
    ),
    "milestones": (
        Column("activity", "activity"),
        Column("id", "milestone"),
        Column("title", "title", width=50),
        Column("due", "due", "instant", 20),
        Column("due_reason", "due_reason", width=44),
    ),
    "needs": (
        Column("activity", "activity"),
        Column("id", "need"),
        Column("purpose", "purpose", width=50),
        Column("amount", "amount", "amount", 16),
        Column("currency", "currency", width=10),
    ),
}
"""What belongs to an activity: a sheet each, whose first column names the activity."""

SHEETS: dict[str, tuple[Column, ...]] = {"activities": ACTIVITIES, **PARTS}

DATE_FORMAT = "yyyy-mm-dd hh:mm"
_WORDS = {"pillars": ("pillar", PILLARS), "deliverable": ("kind", DELIVERABLE_KINDS)}


def sheet_name(sheet: str, language: str) -> str:
    return said(language, f"sheet_{sheet}")


def words_of(kind: str, language: str) -> dict[str, str]:
    """The stable words that a column of this kind takes, and how the reader's language says them."""
    prefix, stable = _WORDS[kind]
    return {word: said(language, f"{prefix}_{word}").casefold() for word in stable}


def said_by_anyone(kind: str) -> dict[str, str]:
    """By how a person may write it, in any of the languages, the stable word."""
    return {said_so: word for language in LANGUAGES for word, said_so in words_of(kind, language).items()} | {
        word: word for word in _WORDS[kind][1]
    }


def write(answer: dict[str, Any], language: str, public_url: str) -> bytes:
    """The workbook of ``workplan.get_plan``. Cancelled activities are no part of the plan and are left out. The same plan is the same
    file, byte for byte."""
    book = Workbook()
    about = book.active
    assert isinstance(about, Worksheet)
    _read_me(about, answer, language, public_url)
    activities = [activity for activity in answer["activities"] if activity["status"] != "cancelled"]
    for sheet, columns in SHEETS.items():
        page = book.create_sheet(sheet_name(sheet, language))
        rows = activities if sheet == "activities" else [{**part, "activity": a["activity"]} for a in activities for part in a[sheet]]
        fill(page, columns, rows, language)
    book.active = 1
    kept = io.BytesIO()
    book.save(kept)
    return undated(kept.getvalue())


_HEAD = PatternFill("solid", start_color="1D4F73")
_UNDER = Border(bottom=Side("thin", color="D3DAE0"))


def fill(page: Worksheet, columns: tuple[Column, ...], rows: list[dict[str, Any]], language: str) -> None:
    """Write a table into a sheet: its heading stays in view and on every printed page."""
    for number, column in enumerate(columns, 1):
        cell = page.cell(1, number)
        _put_text(cell, column.heading(language))
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = _HEAD
        cell.alignment = Alignment(vertical="center", wrap_text=True)
        page.column_dimensions[get_column_letter(number)].width = column.width
    page.row_dimensions[1].height = 30
    page.freeze_panes = "B2"
    page.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{max(len(rows) + 1, 2)}"
    page.print_title_rows = "1:1"
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    top = Alignment(vertical="top", wrap_text=True)
    for row, values in enumerate(rows, 2):
        for number, column in enumerate(columns, 1):
            cell = page.cell(row, number)
            _put(cell, column, values[column.field], language)
            cell.alignment, cell.border = top, _UNDER


def _put(cell: Cell, column: Column, value: Any, language: str) -> None:
    if column.kind == "instant":
        _put_instant(cell, value)
    elif column.kind == "amount":
        number = float(value)
        if Decimal(repr(number)) == Decimal(value):
            cell.value, cell.number_format = number, "#,##0.00##"
        else:  # more digits than a sheet's number holds
            _put_text(cell, value)
    elif column.kind in _WORDS:
        spoken = words_of(column.kind, language)
        _put_text(cell, ", ".join(spoken[word] for word in ([value] if isinstance(value, str) else value)))
    elif column.kind in ("entity", "entities"):
        _put_text(cell, ", ".join(typed(code, language) for code in ([value] if isinstance(value, str) else value)))
    elif isinstance(value, list):
        _put_text(cell, ", ".join(str(one) for one in value))
    else:
        _put_text(cell, value)


def _put_text(cell: Cell, text: str) -> None:
    """A text as text, whatever it begins with: no ``=`` makes it a formula, here or when somebody edits the cell."""
    cell.number_format = "@"
    if text:
        cell.value = escaped(text)
        cell.data_type = "s"
        cell.quotePrefix = text[0] in "=+-@'\t\r"


def _put_instant(cell: Cell, instant: str | None) -> None:
    cell.number_format = DATE_FORMAT
    if instant is None:
        return
    at = datetime.fromisoformat(instant).astimezone(UTC)
    if at.microsecond:  # a sheet's dates are not so fine
        _put_text(cell, instant)
    else:
        cell.value = at.replace(tzinfo=None)
        cell.number_format = DATE_FORMAT if not at.second else f"{DATE_FORMAT}:ss"


def _read_me(page: Worksheet, answer: dict[str, Any], language: str, public_url: str) -> None:
    page.title = said(language, "sheet_read_me")
    page.column_dimensions["A"].width = 100
    page.sheet_view.showGridLines = False
    lines = [said(language, "plan", year=answer["year"]), f"{public_url}/workplans/{answer['year']}", ""]
    lines += said(language, "sheet_help").split("\n")
    lines.append(said(language, "sheet_words", words=", ".join(words_of("deliverable", language).values())))
    lines.append(said(language, "sheet_pillars", words=", ".join(words_of("pillars", language).values())))
    # As a text among texts, which every program keeps; by it an import knows of which text of the plan the sheet was made.
    lines.append(f"{said(language, 'digest')}: {answer['digest']}")
    for row, line in enumerate(lines, 1):
        cell = page.cell(row, 1)
        _put_text(cell, line)
        cell.alignment = Alignment(vertical="top", wrap_text=True)
        if row == 1:
            cell.font = Font(bold=True, size=16, color="1D4F73")


def undated(raw: bytes) -> bytes:
    """The same workbook without the instant of its writing, which would make each copy another file."""
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as written, zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as copy:
        for member in written.infolist():
            data = written.read(member)
            if member.filename == "docProps/core.xml":
                data = re.sub(rb"<dcterms:(created|modified)[^>]*>[^<]*</dcterms:\1>", b"", data)
            plain = zipfile.ZipInfo(member.filename, (1980, 1, 1, 0, 0, 0))
            plain.compress_type = zipfile.ZIP_DEFLATED
            copy.writestr(plain, data)
    return kept.getvalue()
