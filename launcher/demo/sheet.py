"""The plan's spreadsheet as somebody has it open on their desk."""

import io
from typing import Any

from openpyxl import load_workbook


class Sheet:
    """A workbook whose cells are found as a reader finds them: by the page, by what stands first in the row, and by the heading."""

    def __init__(self, content: bytes) -> None:
        self.book = load_workbook(io.BytesIO(content))

    def write(self, page: str, row: tuple[str, ...], heading: str, value: Any) -> None:
        """Overwrite one cell. ``row``: what its first cells say. Raises StopIteration when there is no such row or heading."""
        there = self.book[page]
        column = next(cell.column for cell in there[1] if cell.value == heading)
        number = next(cells[0].row for cells in there.iter_rows(min_row=2) if tuple(cell.value for cell in cells[: len(row)]) == row)
        there.cell(number, column).value = value

    def saved(self) -> bytes:
        """The file."""
        kept = io.BytesIO()
        self.book.save(kept)
        return kept.getvalue()
