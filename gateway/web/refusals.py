"""Refusals as people read them: a title, what was wrong in their language, and the page of one that leaves nothing else to show."""

import re
from collections.abc import Callable

from flask import Response, make_response, render_template

from contracts.problems import KINDS
from gateway.api.problems import headers_of
from gateway.web.reader import current
from gateway.web.words import LANGUAGES, PROBLEMS, TITLES, said
from gateway.web.words_refusals import ACCEPTED, CONTRACT, RULES
from services.kernel.refusal import Refusal


def page(refusal: Refusal) -> Response:
    """A refusal as a page."""
    kind = refusal.kind if refusal.kind in KINDS else "internal"
    written = render_template("refused.html", told=told(refusal), status=KINDS[kind][0], title=title(kind), kind=kind.replace("_", "-"))
    return make_response(written, KINDS[kind][0], headers_of(refusal) | {"Cache-Control": "no-store"})


def title(kind: str) -> str:
    return TITLES[kind] if current().language == "fr" else KINDS[kind][1]


def told(refusal: Refusal) -> str:
    """A refusal in the reader's language. Services say theirs in English; a French reader is told what the rule says, or, of a rule
    that no page speaks of, what its kind means."""
    if current().language != "fr" or refusal.rule == "csrf":  # which the page's own words told already
        return refusal.detail
    if refusal.rule == "login":
        return said("fr", "wrong_login")
    if refusal.rule in RULES:
        return RULES[refusal.rule]
    return PROBLEMS[refusal.kind if refusal.kind in PROBLEMS else "internal"][LANGUAGES.index("fr")]


def told_of_field(refusal: Refusal, field: str) -> str:
    """What a refusal says of one field, by its dotted path; nothing when it says nothing of it."""
    if (error := _of_field(refusal, field)) is None:
        return ""
    return _of_contract(error["detail"]) if refusal.rule == "contract" else told(refusal)


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
    found = refusal.accepted
    if isinstance(found, list):
        return ", ".join(word(str(one)) for one in found)
    if not found:
        return ""
    return (_in_french(str(found), ACCEPTED) if current().language == "fr" else "") or word(str(found))


def _of_contract(detail: str) -> str:
    """What a contract said of one field: its sentences are few, and the same everywhere."""
    if current().language != "fr":
        return detail
    return _in_french(detail, CONTRACT) or PROBLEMS["invalid"][LANGUAGES.index("fr")]


def _in_french(text: str, table: tuple[tuple[str, str], ...]) -> str:
    """A sentence of the services in French, by how it is built; nothing for one that is not in the table."""
    for pattern, french in table:
        if found := re.search(pattern, text):
            return french.format(*found.groups())
    return ""
