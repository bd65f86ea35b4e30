"""Who comes to a briefing, a row for each person: as a table that every program reads, and the rows of the spreadsheet."""

import csv
import io
import re
from typing import Any

from gateway.web.words import said

COLUMNS = ("subscriber", "name", "attending", "place", "person", "message", "letter", "at", "by")
"""The columns, by their headings among the words (``column_guest_…``)."""

_CONTROLS = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029]+")
_FORMULA = re.compile(r"""((?:^|;)[\s"]*)(?=[=+\-@＝＋－＠])""")  # full-width signs begin a formula too


def rows(answer: dict[str, Any], language: str) -> list[dict[str, Any]]:
    """The rows of ``notifications.attendance``, in its order: one for each person who comes, one for each reply that names nobody."""
    return [
        {
            "subscriber": reply["subscriber"],
            "name": reply["name"],
            "attending": said(language, f"attending_{reply['attending']}"),
            "place": said(language, f"guest_place_{reply['place']}") if reply["place"] != "none" else "",
            "person": person,
            "message": reply["message"],
            "letter": reply["letter"],
            "at": reply["at"],
            "by": reply["person"],
        }
        for reply in answer["replies"]
        for person in reply["people"] or [""]
    ]


def table(answer: dict[str, Any], language: str, public_url: str) -> bytes:
    """The participants as CSV (RFC 4180), every cell quoted, marked as UTF-8 for the programs that would guess."""
    kept = io.StringIO()
    writer = csv.writer(kept, quoting=csv.QUOTE_ALL)
    writer.writerow([said(language, f"column_guest_{column}") for column in COLUMNS])
    writer.writerows([[_inert(row[column]) for column in COLUMNS] for row in rows(answer, language)])
    return kept.getvalue().encode("utf-8-sig")


def _inert(text: str) -> str:
    """A text that no spreadsheet program takes for a formula: what strangers typed is opened on the secretariat's own machines. Where
    lists are separated by semicolons a program cuts there what it should not, whatever is quoted; so it may at line breaks and tabs."""
    return _FORMULA.sub(r"\1'", _CONTROLS.sub(" ", text))
