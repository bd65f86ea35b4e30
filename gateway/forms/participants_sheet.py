"""Who comes to a briefing, as a spreadsheet."""

import io
from typing import Any

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from gateway.forms.participants import COLUMNS, rows
from gateway.forms.plan_sheet import Column, fill, undated
from gateway.web.words import said

_KINDS = {"at": "instant"}
_WIDTHS = {"name": 40, "person": 32, "message": 44, "letter": 32, "at": 20}


def write(answer: dict[str, Any], language: str, public_url: str) -> bytes:
    """The workbook of ``notifications.attendance``, a row for each person. The same replies make the same file, byte for byte."""
    book = Workbook()
    page = book.active
    assert isinstance(page, Worksheet)
    page.title = said(language, "participants")
    columns = tuple(Column(name, f"guest_{name}", _KINDS.get(name, "text"), _WIDTHS.get(name, 16)) for name in COLUMNS)
    fill(page, columns, rows(answer, language), language)
    kept = io.BytesIO()
    book.save(kept)
    return undated(kept.getvalue())
