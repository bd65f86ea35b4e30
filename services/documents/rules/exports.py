"""The forms in which a text goes out, what one export is, and what becomes of a making that fails."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.kernel import Refusal, digest_of

_OFFICE = "application/vnd.openxmlformats-officedocument"
_WORD, _SHEET = f"{_OFFICE}.wordprocessingml.document", f"{_OFFICE}.spreadsheetml.sheet"
_HTML, _PDF = "text/html; charset=utf-8", "application/pdf"

QUEUED, RUNNING, DONE, FAILED = "queued", "running", "done", "failed"

LARGEST = 8 * 1024 * 1024
"""Bytes of the largest file that is made: whoever asks for it gets it in one answer."""

DELAYS = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=3))
"""How long a making that failed waits for the next; after the last it has failed, until somebody asks for it again."""


@dataclass(frozen=True)
class Format:
    """One form: its media type, how its file's name ends, and which of the things that are made of a document it is: its ``text``, what
    the text ``changes`` since another revision, the table of ``comments``, the ``certificate``. ``public``: made of each publication."""

    media_type: str
    ending: str
    of: str = "text"
    public: bool = False


FORMATS: dict[str, Format] = {
    "html": Format(_HTML, "html", public=True),
    "pdf": Format(_PDF, "pdf", public=True),
    "docx": Format(_WORD, "docx", public=True),
    "xml": Format("application/akn+xml", "xml", public=True),
    "redline.docx": Format(_WORD, "docx", "changes"),
    "comments.xlsx": Format(_SHEET, "xlsx", "comments"),
    "comments.docx": Format(_WORD, "docx", "comments"),
    "certificate.html": Format(_HTML, "html", "certificate", public=True),
    "certificate.pdf": Format(_PDF, "pdf", "certificate", public=True),
}
PUBLIC_FORMATS = tuple(name for name, format in FORMATS.items() if format.public)


@dataclass(frozen=True)
class Asked:
    """What one export is of, to the last thing that could make its file another: the document's ``revision`` with its ``digest``, in a
    language, in a format, since the revision ``base`` of ``base_digest``; and its ``edition``, which names in one word all else that
    stands in the file (that it is a draft or published, its number, the comments there are). The same asked twice is one."""

    document: str
    revision: int
    digest: str
    language: str
    format: str
    base: int | None = None
    base_digest: str | None = None
    edition: str = ""

    def __post_init__(self) -> None:
        if (self.base is not None) != (FORMATS[self.format].of == "changes"):
            detail = "Tracked changes are those since another revision." if self.base is None else "Only tracked changes have a base."
            raise Refusal.invalid("base", detail, rule="export-base")

    @property
    def id(self) -> str:
        return digest_of(vars(self))

    @property
    def media_type(self) -> str:
        return FORMATS[self.format].media_type

    @property
    def name(self) -> str:
        """The name of its file. It tells nothing of the text."""
        format = FORMATS[self.format]
        parts = {
            "text": [self.language, f"r{self.revision}"],
            "changes": [self.language, f"r{self.base}", f"r{self.revision}"],
            "comments": ["comments"],
            "certificate": ["certificate", self.language],
        }
        return f"{'-'.join([self.document, *parts[format.of]])}.{format.ending}"


@dataclass(frozen=True)
class Outcome:
    """What an attempt that failed changes in an export's record: its state, why (for people), and when it is due again."""

    state: str
    error: str
    due: datetime | None = None


def after_failure(attempts: int, why: str, now: datetime, *, for_good: bool = False) -> Outcome:
    """What follows from the attempt that was the ``attempts``-th. ``for_good``: no other attempt would fare better."""
    if for_good or attempts > len(DELAYS):
        return Outcome(FAILED, why)
    return Outcome(QUEUED, why, now + DELAYS[attempts - 1])


def no_such_export(id: str) -> Refusal:
    """What is said of an export that was never asked for, or is of what must not be known."""
    return Refusal.not_found(f"There is no export {id}.", rule="export-exists", field="export")
