"""The table of comments and dispositions: what the drafters lay before the Group with a new text (DOMAIN.md, *Documents*)."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from services.documents.rules.document import Document

LANGUAGES = ("en", "fr")
"""Those in which the table is written. What was said stands in it as it was said."""


class Sheet(NamedTuple):
    """Rows under headings, with a title and lines above; ``wide``: the indexes of the columns with running text. A row has a cell for
    each heading."""

    title: str
    lines: tuple[str, ...]
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    language: str
    wide: tuple[int, ...]


_COLUMNS = {
    "number": ("No.", "Nº"),
    "entity": ("Entity", "Entité"),
    "at": ("Date (UTC)", "Date (UTC)"),
    "section": ("Section", "Section"),
    "passage": ("Passage", "Passage"),
    "comment": ("Comment", "Commentaire"),
    "thread": ("Replies", "Échanges"),
    "disposition": ("Disposition", "Suite donnée"),
    "reason": ("Reason", "Motif"),
    "answered": ("Answered by", "Réponse de"),
    "now": ("The passage now", "Le passage à présent"),
}
_WIDE = ("passage", "comment", "thread", "reason", "now")
_WORDS = {
    "title": ("Comments and dispositions: {}", "Commentaires et suites données : {}"),
    "tally": (
        "Comments: {}; without a disposition: {}. Passages are held against revision {}.",
        "Commentaires : {} ; sans suite donnée : {}. Les passages sont confrontés à la révision {}.",
    ),
    "revision": ("revision {}", "révision {}"),
    "open": ("open", "en attente"),
    "accepted": ("accepted", "accepté"),
    "accepted_in_part": ("accepted in part", "accepté en partie"),
    "rejected": ("rejected", "rejeté"),
    "here": ("here, in section {}", "à sa place, section {}"),
    "moved": ("moved to section {}", "déplacé à la section {}"),
    "changed": ("changed, in section {}", "modifié, section {}"),
    "gone": ("gone", "disparu"),
}


def comment_table(it: "Document", comments: Iterable[dict[str, Any]], language: str) -> Sheet:
    """The table of a document's ``comments``, as ``views.comment`` shows each, in the order in which they were made; in French if that is
    asked for, else in English. Takes them one by one: none is kept but its row."""
    said = _Language(language)
    rows = tuple(said.row(one) for one in comments)
    current = it.current.number if it.current else 0
    return Sheet(
        title=said.word("title", it.title),
        lines=(said.word("tally", len(it.ledger), it.unanswered, current),),
        headings=tuple(words[said.place] for words in _COLUMNS.values()),
        rows=rows,
        language=LANGUAGES[said.place],
        wide=tuple(place for place, name in enumerate(_COLUMNS) if name in _WIDE),
    )


class _Language:
    """The table's words in one language."""

    def __init__(self, language: str) -> None:
        self.place = LANGUAGES.index(language) if language in LANGUAGES else 0

    def word(self, name: str, *values: object) -> str:
        return _WORDS[name][self.place].format(*values)

    def row(self, one: dict[str, Any]) -> tuple[str, ...]:
        last = one["disposition"]
        cells = {
            "number": str(one["number"]),
            "entity": f"{one['entity']}\n{one['person']}",
            "at": _date(one["at"]),
            "section": f"{one['section']}. {one['heading']}\n({self.word('revision', one['revision'])})",
            "passage": one["quotation"],
            "comment": one["text"],
            "thread": "\n\n".join(
                f"{reply['entity'] or reply['person']}, {_date(reply['at'])}: {reply['text']}" for reply in one["replies"]
            ),
            "disposition": self.word(last["outcome"] if last else "open"),
            "reason": last["reason"] if last else "",
            "answered": f"{last['entity']}, {_date(last['at'])}" if last else "",
            "now": self.word(one["passage"], one["section_now"]) + (f": {one['quotation_now']}" if one["passage"] == "changed" else ""),
        }
        return tuple(cells[name] for name in _COLUMNS)


def _date(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
