"""The clearance board as a picture: a row for each entity, a column for each text that was put before them, and in it its word."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from gateway.forms.names import called
from gateway.forms.picture import Picture
from gateway.web.words import said

COLUMN, ROW, LEFT, TOP = 78.0, 34.0, 96.0, 58.0
NARROW = 300.0
"""What a telephone shows of a picture at once: the texts are moved within it, and the legend stays in sight."""

PRESENT = frozenset({"open", "passed"})
"""States of a run in which what was said in it still stands."""


def draw(answer: dict[str, Any], language: str) -> Picture:
    """The picture of ``documents.clearance``: each word has a shape of its own besides its colour, what is awaited a broken edge, what was
    said on an earlier text its outline alone."""
    texts, rows = answer["texts"], answer["board"]
    wide = LEFT + COLUMN * max(len(texts), 1) + 4
    width, bottom = max(wide, NARROW), TOP + ROW * max(len(rows), 1)
    cells = {(row["entity"], place): word_on(answer, row, place) for row in rows for place in range(len(texts))}
    used = {cell["shape"] for cell in cells.values() if cell}
    legend = [(_SHAPES[shape], f"word_{shape}") for shape in _SHAPES if shape in used]
    if any(cell and cell.get("on_behalf") for cell in cells.values()):
        legend.append((_letter, "on_behalf"))
    picture = Picture(
        "board",
        width,
        bottom + 20 + 22 * len(legend),
        title=said(language, "board_title", title=answer["title"]),
        description=_told(answer, cells, language),
        language=language,
    )
    picture.add("rect", width=width, height=bottom + 20 + 22 * len(legend), class_="ground")
    for place, text in enumerate(texts):
        middle = LEFT + COLUMN * (place + 0.5)
        if is_present(answer, place):
            picture.add("rect", x=LEFT + COLUMN * place + 2, y=4, width=COLUMN - 4, height=bottom - 2, rx=4, class_="band")
        picture.word(middle, 20, said(language, "revision_short", number=text["revision"]), "strong", anchor="middle")
        picture.word(middle, 35, text["digest"][:8], "soft tiny", anchor="middle")
        picture.word(middle, 49, said(language, f"run_{text['state']}"), "soft small", anchor="middle")
    for line, row in enumerate(rows):
        y = TOP + ROW * line
        picture.add("line", x1=0, x2=wide, y1=y, y2=y, class_="rule")
        picture.word(4, y + ROW / 2 + 4, called(row["entity"], language), "strong" if row["counts"] else "soft")
        for place in range(len(texts)):
            if cell := cells[row["entity"], place]:
                _cell(picture, cell, LEFT + COLUMN * (place + 0.5), y + ROW / 2, tip=_said(row["entity"], texts[place], cell, language))
    picture.add("line", x1=0, x2=wide, y1=bottom, y2=bottom, class_="rule")
    for line, (shape, word) in enumerate(legend):
        y = bottom + 20 + 22 * line
        shape(picture, 16.0, y)
        picture.word(36, y + 4, said(language, word), "small")
    return picture


def is_present(answer: dict[str, Any], place: int) -> bool:
    """Whether the words on this text, of ``answer["texts"]``, are those that count now."""
    return place == len(answer["texts"]) - 1 and answer["texts"][place]["state"] in PRESENT


def word_on(answer: dict[str, Any], row: dict[str, Any], place: int) -> dict[str, Any] | None:
    """What an entity last said while this text was before it: the position with its ``shape``; that it is ``awaited``; or None.

    The same text may have been put twice: a position belongs to the last time before it was taken.
    """
    texts = answer["texts"]
    here = texts[place]
    until = next((_instant(later["opened_at"]) for later in texts[place + 1 :] if later["digest"] == here["digest"]), None)
    found = [
        position
        for position in row["positions"]
        if position["digest"] == here["digest"]
        and _instant(position["at"]) >= _instant(here["opened_at"])
        and (until is None or _instant(position["at"]) < until)
    ]
    if found:
        last = max(found, key=lambda position: _instant(position["at"]))
        return last | {"shape": "silence" if last["tacit"] else last["word"], "past": not is_present(answer, place)}
    if here["state"] == "open" and is_present(answer, place) and row["counts"]:
        return {"shape": "awaited", "past": False}
    return None


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _cell(picture: Picture, cell: dict[str, Any], x: float, y: float, *, tip: str) -> None:
    group = picture.add("g", class_="past-word" if cell["past"] else None)
    picture.add("title", group, text=tip)
    _SHAPES[cell["shape"]](picture, x, y, group)
    if cell.get("on_behalf"):
        _letter(picture, x + 21, y, group)


def _said(entity: str, text: dict[str, Any], cell: dict[str, Any], language: str) -> str:
    word = said(language, f"word_{cell['shape']}")
    if cell.get("on_behalf"):
        word = f"{word} ({said(language, 'on_behalf')})"
    return said(language, "board_cell", entity=called(entity, language), number=text["revision"], word=word)


def _told(answer: dict[str, Any], cells: dict[tuple[str, int], Any], language: str) -> str:
    """The picture in words: text by text, who said what."""
    told = [
        _said(row["entity"], text, cell, language)
        for place, text in enumerate(answer["texts"])
        for row in answer["board"]
        if (cell := cells[row["entity"], place])
    ]
    return ". ".join(told) + "." if told else said(language, "board_empty")


# Shapes: no two of them differ by colour alone -----------------------------------------------------------------------------------------


def _line(picture: Picture, parent: Any, x1: float, y1: float, x2: float, y2: float, class_: str) -> None:
    picture.add("line", parent, x1=x1, y1=y1, x2=x2, y2=y2, class_=class_)


def _endorse(picture: Picture, x: float, y: float, parent: Any = None) -> None:
    picture.add("circle", parent, cx=x, cy=y, r=9.5, class_="now")
    _line(picture, parent, x - 4.5, y + 0.5, x - 1.5, y + 4, "mark-on")
    _line(picture, parent, x - 1.5, y + 4, x + 4.5, y - 3.5, "mark-on")


def _no_objection(picture: Picture, x: float, y: float, parent: Any = None) -> None:
    picture.add("circle", parent, cx=x, cy=y, r=9.5, class_="firm")
    picture.add("circle", parent, cx=x, cy=y, r=3, class_="dot")


def _silence(picture: Picture, x: float, y: float, parent: Any = None) -> None:
    picture.add("circle", parent, cx=x, cy=y, r=9.5, class_="maybe")
    picture.add("circle", parent, cx=x, cy=y, r=3, class_="dot")


def _object(picture: Picture, x: float, y: float, parent: Any = None) -> None:
    picture.add("rect", parent, x=x - 9.5, y=y - 9.5, width=19.0, height=19.0, class_="against")
    _line(picture, parent, x - 4.5, y - 4.5, x + 4.5, y + 4.5, "mark-on")
    _line(picture, parent, x - 4.5, y + 4.5, x + 4.5, y - 4.5, "mark-on")


def _stand_aside(picture: Picture, x: float, y: float, parent: Any = None) -> None:
    picture.add("rect", parent, x=x - 9.5, y=y - 9.5, width=19.0, height=19.0, class_="planned")
    _line(picture, parent, x - 5, y, x + 5, y, "mark-in")


def _recuse(picture: Picture, x: float, y: float, parent: Any = None) -> None:
    picture.add("polygon", parent, points=f"{x:g},{y - 10:g} {x + 10:g},{y + 8:g} {x - 10:g},{y + 8:g}", class_="planned")


def _withdrawn(picture: Picture, x: float, y: float, parent: Any = None) -> None:
    picture.add("circle", parent, cx=x, cy=y, r=9.5, class_="planned")
    _line(picture, parent, x - 6.5, y + 6.5, x + 6.5, y - 6.5, "mark-in")


def _awaited(picture: Picture, x: float, y: float, parent: Any = None) -> None:
    picture.add("rect", parent, x=x - 11, y=y - 10, width=22.0, height=20.0, rx=3, class_="gap")
    picture.word(x, y + 4.5, "?", "warned strong", anchor="middle", parent=parent)


def _letter(picture: Picture, x: float, y: float, parent: Any = None) -> None:
    picture.word(x, y + 4, "✉", "soft small", anchor="middle", parent=parent)


_SHAPES: dict[str, Callable[..., None]] = {
    "endorse": _endorse,
    "no_objection": _no_objection,
    "silence": _silence,
    "object": _object,
    "stand_aside": _stand_aside,
    "recuse": _recuse,
    "withdrawn": _withdrawn,
    "awaited": _awaited,
}
"""By word, how it is drawn around a point; in the order of the legend."""
