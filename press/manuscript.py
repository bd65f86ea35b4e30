"""What is handed to the press: a text with all that stands around it on the page."""

from dataclasses import dataclass, field
from datetime import datetime

RIGHT_TO_LEFT = frozenset({"ar"})


@dataclass(frozen=True)
class Section:
    """One section: ``id`` names it through all revisions and languages; a heading on one line, and Markdown whose own headings begin at
    the third level."""

    id: str
    heading: str
    text: str


@dataclass(frozen=True)
class Manuscript:
    """A text in one language.

    ``document`` is its identifier, ``kind`` issue_paper, information_note or joint_statement. ``number``: in its series. ``status``:
    ``draft``, ``published`` or ``corrected``; a draft says so on every page. ``revision`` and ``digest`` (SHA-256 of its Markdown) tell
    which text this is. ``dated``: when it was published, or the revision saved. ``date``: that date as exactly as it is known (``2014``,
    ``2014-10``, ``2014-10-07``). ``original``: the language it was translated from, else None. ``issuer``: whose text it is, as it
    stands on the page; ``entities``: acronyms of those who drafted or signed it. ``url``: where it is found. ``citation``: how it is
    quoted. ``notes``: lines that stand before the text (corrigenda).
    """

    document: str
    kind: str
    title: str
    sections: tuple[Section, ...]
    language: str
    status: str
    revision: int
    digest: str
    dated: datetime
    date: str
    issuer: str
    url: str
    number: int | None = None
    original: str | None = None
    occasion: str | None = None
    summary: str = ""
    citation: str = ""
    entities: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def direction(self) -> str:
        """``rtl`` or ``ltr``."""
        return "rtl" if self.language in RIGHT_TO_LEFT else "ltr"


@dataclass(frozen=True)
class Change:
    """A stretch of words: ``equal``, ``deleted`` or ``inserted``."""

    op: str
    text: str


@dataclass(frozen=True)
class Table:
    """Rows under headings, with a title and lines of explanation above. ``wide``: indexes of the columns with running text."""

    title: str
    lines: tuple[str, ...]
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    language: str = "en"
    wide: tuple[int, ...] = ()
