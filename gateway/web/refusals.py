"""Refusals as people read them: a title, what was wrong in their language, and the page of one that leaves nothing else to show."""

import re
from collections.abc import Callable

from flask import Response, make_response, render_template

from contracts.problems import KINDS
from gateway import refusals
from gateway.api.problems import headers_of
from gateway.web.reader import current
from gateway.web.words import date_of
from services.kernel.refusal import Refusal


def page(refusal: Refusal) -> Response:
    """A refusal as a page."""
    kind = refusal.kind if refusal.kind in KINDS else "internal"
    written = render_template("refused.html", told=told(refusal), status=KINDS[kind][0], title=title(kind), kind=kind.replace("_", "-"))
    return make_response(written, KINDS[kind][0], headers_of(refusal) | {"Cache-Control": "no-store"})


def title(kind: str) -> str:
    return refusals.title(kind, current().language)


def told(refusal: Refusal) -> str:
    """A refusal in the reader's language."""
    return refusals.told(refusal, current().language)


def told_of_field(refusal: Refusal, field: str) -> str:
    """What a refusal says of one field, by its dotted path; nothing when it says nothing of it."""
    if (error := _of_field(refusal, field)) is None:
        return ""
    return refusals.of_contract(error["detail"], current().language) if refusal.rule == "contract" else told(refusal)


def place_in(refusal: Refusal, field: str) -> int | None:
    """Of which thing of a list a refusal speaks, counted from 0; None where it speaks of none."""
    error = _of_field(refusal, field)
    place = error["field"].removeprefix(f"{field}.").partition(".")[0] if error else ""
    return int(place) if place.isdecimal() else None


def _of_field(refusal: Refusal, field: str) -> dict[str, str] | None:
    errors = refusal.extra.get("errors") or ([{"field": refusal.field, "detail": refusal.detail}] if refusal.field else [])
    return next((error for error in errors if error["field"] == field or error["field"].startswith(f"{field}.")), None)


def accepted(refusal: Refusal, word: Callable[[str], str]) -> str:
    """What would be accepted, as people read it. ``word``: a stable word as the pages say it."""
    language = current().language
    found = refusals.accepted(refusal.accepted, language, word)
    text = ", ".join(found) if isinstance(found, list) else found or ""

    def dated(found: re.Match[str]) -> str:
        before = found[1] or ""
        return (_BEFORE_A_DAY.get(before, before) if language == refusals.FRENCH else before) + date_of(language, found[2])

    return _INSTANT.sub(dated, text)


_BEFORE_A_DAY = {"de ": "du ", "à ": "au ", "après ": "après le ", "avant ": "avant le ", "plus tard ": "plus tard le "}
"""What a French sentence says before a day, by what it says before an instant as software writes it."""

_INSTANT = re.compile(rf"({'|'.join(_BEFORE_A_DAY)})?(\d{{4}}-\d{{2}}-\d{{2}}T\d{{2}}:\d{{2}}:\d{{2}}(?:\.\d+)?Z)")
