"""What of the Global Plan a year serves: its 61 paragraphs, pillar by pillar, with what serves each."""

from typing import Any

from gateway.forms.picture import Picture
from gateway.web.words import said

ACROSS, CELL, HIGH, EDGE, HEAD = 6, 49.0, 40.0, 3.0, 40.0
MARKS = 5
"""Marks drawn in one cell; what is more is told by a plus."""


def draw(answer: dict[str, Any], language: str) -> Picture:
    """The picture of ``workplan.coverage``: a dot for each activity, a ring for each member's concrete action, and what nothing serves
    with a broken edge."""
    parts = [(pillar, [p for p in answer["paragraphs"] if p["pillar"] == pillar["pillar"]]) for pillar in answer["pillars"]]
    width = 2 * EDGE + ACROSS * CELL
    height = sum(HEAD + HIGH * -(-len(paragraphs) // ACROSS) + 6 for _, paragraphs in parts) + 62
    picture = Picture(
        "coverage",
        width,
        height,
        title=said(language, "coverage_title", year=answer["year"]),
        description=_told(answer, language),
        language=language,
    )
    picture.add("rect", width=width, height=height, class_="ground")
    y = 0.0
    for pillar, paragraphs in parts:
        served = sum(1 for one in paragraphs if _count(one))
        picture.word(EDGE, y + 20, said(language, f"pillar_{pillar['pillar']}"), "strong")
        figures = said(language, "served_of", served=served, of=len(paragraphs))
        picture.word(width - EDGE, y + 20, figures, "soft small" if served == len(paragraphs) else "warned small", anchor="end")
        y += HEAD - 12
        for place, paragraph in enumerate(paragraphs):
            _cell(picture, paragraph, EDGE + CELL * (place % ACROSS), y + HIGH * (place // ACROSS), language)
        y += HIGH * -(-len(paragraphs) // ACROSS) + 18
    _legend(picture, y, language)
    return picture


def _count(paragraph: dict[str, Any]) -> int:
    return len(paragraph["activities"]) + len(paragraph["concrete_actions"])


def _cell(picture: Picture, paragraph: dict[str, Any], x: float, y: float, language: str) -> None:
    count = _count(paragraph)
    title = paragraph["titles"].get(language) or paragraph["titles"].get("en", "")
    told = said(
        language,
        "coverage_cell",
        paragraph=paragraph["paragraph"],
        title=title,
        activities=len(paragraph["activities"]),
        actions=len(paragraph["concrete_actions"]),
    )
    picture.box(x + 2, y + 2, CELL - 4, HIGH - 4, "gap" if not count else "served" if count < 3 else "served2", tip=told)
    picture.word(x + 8, y + 17, str(paragraph["paragraph"]), "strong small" if count else "warned strong small")
    marks = ["dot"] * len(paragraph["activities"]) + ["ring"] * len(paragraph["concrete_actions"])
    for place, mark in enumerate(marks[:MARKS]):
        picture.add("circle", cx=x + 11 + 7.4 * place, cy=y + 28, r=2.5, class_=mark)
    if len(marks) > MARKS:
        picture.word(x + CELL - 7, y + 17, f"+{len(marks) - MARKS}", "tiny", anchor="end")


def _legend(picture: Picture, y: float, language: str) -> None:
    lines = (("dot", "legend_activity"), ("ring", "legend_concrete"), ("gap", "legend_gap"))
    for place, (mark, key) in enumerate(lines):
        middle = y + 8 + 18 * place
        if mark == "gap":
            picture.box(EDGE + 1, middle - 6, 16, 12, mark)
        else:
            picture.add("circle", cx=EDGE + 9, cy=middle, r=3, class_=mark)
        picture.word(EDGE + 26, middle + 4, said(language, key), "small")


def _told(answer: dict[str, Any], language: str) -> str:
    """The picture in words: how much of each part is served, and the gaps by number."""
    told = []
    for pillar in answer["pillars"]:
        name = said(language, f"pillar_{pillar['pillar']}")
        served, all_of_it = len(pillar["served"]), len(pillar["served"]) + len(pillar["not_served"])
        told.append(f"{name}: {said(language, 'served_of', served=served, of=all_of_it)}")
    gaps = ", ".join(str(number) for number in answer["gaps"])
    told.append(said(language, "gaps_are", gaps=gaps) if gaps else said(language, "no_gaps"))
    return ". ".join(told) + "."
