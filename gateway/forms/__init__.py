"""Answers in other forms: calendars, pictures, a sheet, a page; and the sheet that may come in.

A form is handed a service's JSON answer, the reader's language and where the platform is found, and makes the same bytes of the
same answer. It knows media types and languages, and no rule of the Group. ``GIVEN`` and ``TAKEN`` are named by the table of routes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from gateway.forms import calendar, coverage, picture, plan_import, plan_sheet, report, spreadsheet, timeline


@dataclass(frozen=True, slots=True)
class Form:
    """How an answer goes out. ``write``: of the answer, the language and the public address; ``file_name``: under which it is saved,
    filled from the answer, when it is one to save; ``policy``: the content security policy, where it is not that of the API."""

    media_type: str
    write: Callable[[Any, str, str], bytes]
    file_name: str = ""
    policy: str = ""


class Take(Protocol):
    """Carries out, or only checks, what came in as a file; ``ask`` asks the service. Raises Refusal."""

    def __call__(
        self, raw: bytes, payload: dict[str, Any], language: str, *, check: bool, ask: Callable[[str, dict[str, Any]], Any]
    ) -> Any: ...


@dataclass(frozen=True, slots=True)
class Taken:
    """What may come in beside JSON. ``field``: the contract's field that the file stands for; the path gives the others."""

    media_type: str
    field: str
    take: Take


def _alone(draw: Callable[[Any, str], picture.Picture]) -> Callable[[Any, str, str], bytes]:
    return lambda answer, language, public_url: draw(answer, language).alone()


CALENDAR = "text/calendar; charset=utf-8"
SVG = "image/svg+xml"

GIVEN: dict[str, Form] = {
    "calendar.ics": Form(CALENDAR, calendar.entries),
    "terms.ics": Form(CALENDAR, calendar.terms),
    "timeline.svg": Form(SVG, _alone(timeline.draw), policy=picture.POLICY),
    "coverage.svg": Form(SVG, _alone(coverage.draw), policy=picture.POLICY),
    "report.html": Form("text/html; charset=utf-8", report.write, policy=report.POLICY),
    "plan.xlsx": Form(spreadsheet.MEDIA_TYPE, plan_sheet.write, file_name="workplan-{year}.xlsx"),
}

TAKEN: dict[str, Taken] = {"plan.xlsx": Taken(spreadsheet.MEDIA_TYPE, "activities", plan_import.take)}
