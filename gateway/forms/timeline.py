"""Who chaired, chairs and will chair: a row for each entity, a column for each year."""

from datetime import datetime
from typing import Any

from gateway.forms.names import called
from gateway.forms.picture import Picture
from gateway.web.words import said

COLUMN, ROW, LEFT, TOP, RIGHT = 38.0, 30.0, 92.0, 34.0, 44.0
PAD = 5.0
NARROW = 300.0
"""What a telephone shows of a picture at once: the years are moved within it, and the legend stays in sight."""

SHAPES = {"ended": "past", "begun": "now", "adopted": "firm", "proposed": "maybe"}
"""The class of a term's box by its state: filled, filled darker and marked, outlined, dashed. None rests on colour alone."""


def draw(answer: dict[str, Any], language: str) -> Picture:
    """The picture of ``chairs.history``: past terms filled, the present marked by a line, adopted ones outlined, proposed ones dashed,
    unknown years hatched throughout, and who stands in hatched from the day they began."""
    terms, rows = answer["terms"], _rows(answer)
    years = [term["year"] for term in terms]
    legend = _legend(terms, language)
    wide = LEFT + COLUMN * len(years) + RIGHT
    width = max(wide, NARROW)
    lines = _wrapped(legend, min(width, NARROW))
    height = TOP + ROW * max(len(rows), 1) + 16 + 22 * len(lines)
    picture = Picture(
        "timeline", width, height, title=said(language, "timeline"), description=_told(terms, answer, language), language=language
    )
    picture.hatching("unknown")
    picture.hatching("standin", size=5, class_="slash")
    picture.add("rect", width=width, height=height, class_="ground")
    present = _instant(answer["as_of"])
    for column, term in enumerate(terms):
        x = LEFT + COLUMN * column
        is_now = term["year"] == present.year
        picture.word(x + COLUMN / 2, TOP - 12, str(term["year"]), "strong todayhead" if is_now else "soft small", anchor="middle")
        if term["state"] == "unknown":
            tip = said(language, "timeline_unknown", year=term["year"])
            picture.box(x + 2, TOP, COLUMN - 4, ROW * max(len(rows), 1), "unknown", tip=tip, fill="unknown")
    times = {record["entity"]: len(record["chaired"]) for record in answer["entities"]}
    for row, code in enumerate(rows):
        y = TOP + ROW * row
        picture.add("line", x1=0, x2=wide, y1=y, y2=y, class_="rule")
        picture.word(4, y + 19.5, called(code, language), "strong")
        if times.get(code):
            picture.word(wide - 6, y + 19.5, f"{times[code]}×", "soft", anchor="end")
        for column, term in enumerate(terms):
            _box(picture, term, code, LEFT + COLUMN * column, y, language)
    bottom = TOP + ROW * max(len(rows), 1)
    picture.add("line", x1=0, x2=wide, y1=bottom, y2=bottom, class_="rule")
    if present.year in years:
        start = present.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
        part = (present - start) / (start.replace(year=start.year + 1) - start)
        x = LEFT + COLUMN * (present.year - years[0] + part)
        picture.add("line", x1=x, x2=x, y1=TOP - 7, y2=bottom + 4, class_="today")
    _draw_legend(picture, lines, bottom + 18)
    return picture


def _rows(answer: dict[str, Any]) -> list[str]:
    """Whoever chaired, is to chair or sits; who would be next, first; then who no longer sits, by acronym."""
    in_order = list(answer["longest_ago"])
    for record in sorted(answer["entities"], key=lambda record: record["entity"]):
        if record["entity"] not in in_order and (record["chaired"] or record["coming"]):
            in_order.append(record["entity"])
    for term in answer["terms"]:
        in_order += [code for code in term["chairs"] if code not in in_order]
    return in_order


def _box(picture: Picture, term: dict[str, Any], code: str, x: float, y: float, language: str) -> None:
    """An entity's part of a year: the whole, until it stepped down, or from when it stands in."""
    left, top, width, height = x + 3, y + PAD, COLUMN - 6, ROW - 2 * PAD
    gone = [_part(one["since"], term) for one in term["stand_ins"] if one["for"] == code]
    stood_in = [(_part(one["since"], term), one["for"]) for one in term["stand_ins"] if one["entity"] == code]
    if code in term["chairs"] and term["state"] in SHAPES:
        end = min(gone, default=1.0)
        tip = _cell(term, called(code, language), language)
        picture.box(left, top, max(width * end, 4), height, SHAPES[term["state"]], tip=tip)
        if term["state"] == "begun" and end == 1.0:
            picture.add("circle", cx=left + width / 2, cy=top + height / 2, r=3.5, class_="onaccent")
        if term["state"] == "adopted" and code in term["accepted"]:
            picture.word(left + width / 2, top + height / 2 + 4, "✓", "strong", anchor="middle")
    for since, other in stood_in:
        tip = f"{term['year']}{said(language, 'colon')} {_stands_in(code, other, language)}"
        start = min(width * since, width - 4)
        picture.box(left + start, top, width - start, height, "standin", tip=tip, fill="standin")


def _part(instant: str, term: dict[str, Any]) -> float:
    """How much of a term's year is over at an instant, between nothing and one."""
    begins, ends = _instant(term["begins"]), _instant(term["ends"])
    return min(max((_instant(instant) - begins) / (ends - begins), 0.0), 1.0)


def _told(terms: list[dict[str, Any]], answer: dict[str, Any], language: str) -> str:
    """The picture in words: each year with who and in which state."""
    told = []
    for term in terms:
        nobody = said(language, "nobody_known" if term["state"] == "unknown" else "none_settled")
        told.append(_cell(term, ", ".join(called(code, language) for code in term["chairs"]) or nobody, language))
        told += [_stands_in(one["entity"], one["for"], language) for one in term["stand_ins"]]
    return ". ".join(told) + "."


def _cell(term: dict[str, Any], who: str, language: str) -> str:
    return said(language, "timeline_cell", year=term["year"], entity=who, state=said(language, f"state_{term['state']}"))


def _stands_in(code: str, other: str, language: str) -> str:
    return said(language, "stands_in", entity=called(code, language), other=called(other, language))


def _legend(terms: list[dict[str, Any]], language: str) -> list[tuple[str, str]]:
    """Only the shapes that occur."""
    states = {term["state"] for term in terms}
    shown = [(SHAPES[state], said(language, f"state_{state}")) for state in SHAPES if state in states]
    if any(term["accepted"] and term["state"] == "adopted" for term in terms):
        shown.append(("tick", said(language, "legend_accepted")))
    if any(term["stand_ins"] for term in terms):
        shown.append(("standin", said(language, "legend_stand_in")))
    if "unknown" in states:
        shown.append(("unknown", said(language, "legend_unknown")))
    return [*shown, ("today", said(language, "legend_today"))]


def _wrapped(legend: list[tuple[str, str]], width: float) -> list[list[tuple[str, str, float]]]:
    """The legend's entries in lines, each entry with where it begins."""
    lines: list[list[tuple[str, str, float]]] = [[]]
    x = 4.0
    for shape, text in legend:
        needed = 30 + 6.6 * len(text) + 14
        if x + needed > width and lines[-1]:
            lines.append([])
            x = 4.0
        lines[-1].append((shape, text, x))
        x += needed
    return lines


def _draw_legend(picture: Picture, lines: list[list[tuple[str, str, float]]], y: float) -> None:
    for line in lines:
        for shape, text, x in line:
            if shape == "today":
                picture.add("line", x1=x + 11, x2=x + 11, y1=y - 5, y2=y + 9, class_="today")
            elif shape == "tick":
                picture.word(x + 11, y + 6.5, "✓", "strong", anchor="middle")
            else:
                picture.box(x, y - 5, 22, 14, shape, fill=shape if shape in ("unknown", "standin") else None)
                if shape == "now":
                    picture.add("circle", cx=x + 11, cy=y + 2, r=3, class_="onaccent")
            picture.word(x + 28, y + 6.5, text, "small")
        y += 22


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
