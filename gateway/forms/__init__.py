"""Answers in other forms: calendars, pictures, a sheet, a page; and the sheet that may come in.

A form is handed a service's JSON answer, the reader's language and where the platform is found, and makes the same bytes of the
same answer. It knows media types and languages, and no rule of the Group. ``GIVEN`` and ``TAKEN`` are named by the table of routes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol

from gateway.forms import board, calendar, coverage, file, gantt, participants, picture, report, text_import, timeline
from press.package import XLSX


@dataclass(frozen=True, slots=True)
class Form:
    """What ``Gives`` asks, of an answer that always goes out as one media type. ``write``: of the answer, the language and the public
    address; ``file_name``: under which it is saved, filled from the answer, when it is one to save; ``policy``: the content security
    policy, where it is not that of the API."""

    media_type: str
    write: Callable[[Any, str, str], bytes]
    file_name: str = ""
    policy: str = ""

    def headers(self, answer: Any) -> dict[str, str]:
        """The headers of the body made of this answer."""
        headers = {"Content-Type": self.media_type}
        if self.policy:
            headers["Content-Security-Policy"] = self.policy
        if self.file_name:
            headers["Content-Disposition"] = f'attachment; filename="{self.file_name.format_map(answer)}"'
        return headers


class Gives(Protocol):
    """A form in which an answer goes out. ``media_type`` describes it; ``headers`` of an answer may say it closer."""

    @property
    def media_type(self) -> str: ...

    def write(self, answer: Any, language: str, public_url: str, /) -> bytes: ...

    def headers(self, answer: Any, /) -> dict[str, str]: ...


class Take(Protocol):
    """Carries out, or only checks, what came in as a file; ``ask`` asks the service. Raises Refusal."""

    def __call__(
        self, raw: bytes, payload: dict[str, Any], language: str, *, check: bool, ask: Callable[[str, dict[str, Any]], Any]
    ) -> Any: ...


@dataclass(frozen=True, slots=True)
class Taken:
    """What may come in beside JSON. ``field``: the contract's field that the file stands for; the path gives the others. ``said``: what
    is taken, and how a problem is told, for the description of the API."""

    media_types: tuple[str, ...]
    field: str
    take: Take
    said: str


def _alone(draw: Callable[[Any, str], picture.Picture]) -> Callable[[Any, str, str], bytes]:
    return lambda answer, language, public_url: draw(answer, language).alone()


def _when_asked(form: str, act: str) -> Callable[..., Any]:
    """An act of a form that brings a large library with it, which most workers never need: it is read in when it is first asked for."""

    def carry_out(*said: Any, **more: Any) -> Any:
        return getattr(import_module(f"gateway.forms.{form}"), act)(*said, **more)

    return carry_out


CALENDAR = "text/calendar; charset=utf-8"
SVG = "image/svg+xml"

GIVEN: dict[str, Gives] = {
    "calendar.ics": Form(CALENDAR, calendar.entries),
    "terms.ics": Form(CALENDAR, calendar.terms),
    "timeline.svg": Form(SVG, _alone(timeline.draw), policy=picture.POLICY),
    "gantt.svg": Form(SVG, _alone(gantt.draw), policy=picture.POLICY),
    "coverage.svg": Form(SVG, _alone(coverage.draw), policy=picture.POLICY),
    "board.svg": Form(SVG, _alone(board.draw), policy=picture.POLICY),
    "report.html": Form("text/html; charset=utf-8", report.write, policy=report.POLICY),
    "plan.xlsx": Form(XLSX, _when_asked("plan_sheet", "write"), file_name="workplan-{year}.xlsx"),
    "participants.csv": Form("text/csv; charset=utf-8", participants.table, file_name="participants-{briefing}.csv"),
    "participants.xlsx": Form(XLSX, _when_asked("participants_sheet", "write"), file_name="participants-{briefing}.xlsx"),
    "file": file.Foreign("*/*"),
    "made": file.Made("*/*"),
    **{f"made.{format}": file.Made(media_type) for format, media_type in file.MEDIA_TYPES.items()},
}

TAKEN: dict[str, Taken] = {
    "plan.xlsx": Taken(
        (XLSX,),
        "activities",
        _when_asked("plan_import", "take"),
        "Takes the spreadsheet that `plan.xlsx` gives, too: every problem is then told by sheet and cell.",
    ),
    "text": Taken(
        text_import.MEDIA_TYPES,
        "sections",
        text_import.take,
        "Takes a DOCX document or Markdown, too, of at most 10 MiB: it is cut into sections at its headings, and `notes` tell what of it "
        "was not understood or left out.",
    ),
}
