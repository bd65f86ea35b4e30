"""A year's activities as a picture: a row for each with the time its steps take, a column for each month, and the steps as marks."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from gateway.forms.names import called
from gateway.forms.picture import Picture
from gateway.web.words import date_of, said

LEFT, MONTH, ROW, TOP, LEGEND = 236.0, 42.0, 30.0, 44.0, 20.0
LETTERS = 36
"""Letters of a title that fit beside its row; the rest is told where the mouse rests, and by the table."""

MONTHS = 30
"""Months that are drawn at most; a step that is due outside of them stands at the edge."""

BARS = {"planned": "planned", "under_way": "firm", "delivered": "past", "late": "gap", "cancelled": "unknown"}
"""The class of a bar by its activity's status: outlined, tinted, filled, with a broken edge, hatched."""


def draw(answer: dict[str, Any], language: str) -> Picture:
    """The picture of ``workplan.activities``: diamonds are milestones, circles deliverables; what is done is
    filled and ticked, what is late carries an exclamation mark. A line marks the present."""
    activities = answer["items"]
    first, count = _months(activities, answer["year"])
    width, bottom = LEFT + MONTH * count + 8, TOP + ROW * max(len(activities), 1)
    legend = _legend(activities, language)
    height = bottom + 14 + LEGEND * len(legend)
    picture = Picture(
        "gantt",
        width,
        height,
        title=said(language, "gantt_title", year=answer["year"]),
        description=_told(activities, language),
        language=language,
    )
    picture.hatching("unknown", size=5)
    picture.add("rect", width=width, height=height, class_="ground")
    _draw_months(picture, first, count, bottom, language)
    for row, it in enumerate(activities):
        _draw_row(picture, it, TOP + ROW * row, first, count, language)
    picture.add("line", x1=0, x2=width, y1=bottom, y2=bottom, class_="rule")
    if 0 <= (present := _month(datetime.fromisoformat(answer["as_of"]), first)) <= count:
        x = LEFT + MONTH * present
        picture.add("line", x1=x, x2=x, y1=TOP - 8, y2=bottom + 4, class_="today")
    for line, (shape, text) in enumerate(legend):
        y = bottom + 20 + LEGEND * line
        shape(picture, 15.0, y)
        picture.word(32, y + 4, text, "small")
    return picture


def _months(activities: list[dict[str, Any]], year: int) -> tuple[datetime, int]:
    """The first month that is drawn and how many: the year's twelve, and what is needed beside for steps outside of it."""
    begins = datetime(year, 1, 1, tzinfo=UTC)
    places = [_month(datetime.fromisoformat(step["due"]), begins) for it in activities for step in _steps(it)]
    before = max(0, min(int(-min(places, default=0.0) + 0.999), MONTHS - 12))
    after = max(0, min(int(max(places, default=0.0) - 12 + 0.999), MONTHS - 12 - before))
    month = begins.month - 1 - before
    return begins.replace(year=year + month // 12, month=month % 12 + 1), 12 + before + after


def _month(at: datetime, first: datetime) -> float:
    """How many months after the first an instant is, with the part of its own month that is over."""
    at = at.astimezone(UTC)
    begins = at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    ends = begins.replace(year=begins.year + begins.month // 12, month=begins.month % 12 + 1)
    return (at.year - first.year) * 12 + at.month - first.month + (at - begins) / (ends - begins)


def _steps(it: dict[str, Any]) -> list[dict[str, Any]]:
    """What of an activity has a date, each with its ``shape`` and whether it is ``done``."""
    deliverables = [one | {"shape": "deliverable", "done": one["delivered_at"] is not None} for one in it["deliverables"] if one["due"]]
    milestones = [one | {"shape": "milestone", "done": one["met_at"] is not None} for one in it["milestones"]]
    return sorted(deliverables + milestones, key=lambda one: datetime.fromisoformat(one["due"]))


def _draw_months(picture: Picture, first: datetime, count: int, bottom: float, language: str) -> None:
    names = said(language, "months_short").split()
    for place in range(count):
        month = first.month - 1 + place
        x = LEFT + MONTH * place
        if place % 2:
            picture.add("rect", x=x, y=TOP - 24, width=MONTH, height=bottom - TOP + 24, class_="band")
        picture.word(x + MONTH / 2, TOP - 10, names[month % 12], "soft small", anchor="middle")
        if place == 0 or month % 12 == 0:
            picture.word(x + 3, TOP - 28, str(first.year + month // 12), "strong small")


def _draw_row(picture: Picture, it: dict[str, Any], y: float, first: datetime, count: int, language: str) -> None:
    picture.add("line", x1=0, x2=LEFT + MONTH * count, y1=y, y2=y, class_="rule")
    status = said(language, f"state_{it['status']}")
    label = picture.add("g")
    picture.add("title", label, text=f"{it['title']}{said(language, 'colon')} {status}")
    title = it["title"] if len(it["title"]) <= LETTERS else f"{it['title'][: LETTERS - 1].rstrip()}…"
    picture.word(4, y + 13, title, "soft small" if it["status"] == "cancelled" else "strong small", parent=label)
    shade = "warned tiny" if it["status"] == "late" else "soft tiny"
    picture.word(4, y + 25, f"{called(it['lead'], language)} · {status}", shade, parent=label)
    steps, middle = _steps(it), y + ROW / 2
    places = [LEFT + MONTH * min(max(_month(datetime.fromisoformat(step["due"]), first), 0.0), float(count)) for step in steps]
    if len(set(places)) > 1:
        hatched = "unknown" if it["status"] == "cancelled" else None
        picture.box(min(places), middle - 4, max(places) - min(places), 8, BARS[it["status"]], fill=hatched)
    for step, x in zip(steps, places, strict=True):
        group = picture.add("g")
        picture.add("title", group, text=_said(step, language))
        _SHAPES[step["shape"]](picture, x, middle, group, step["done"], step["late"])


def _said(step: dict[str, Any], language: str) -> str:
    done = step.get("delivered_at") or step.get("met_at")
    state = "delivered" if done and step["shape"] == "deliverable" else "done" if done else "late" if step["late"] else "planned"
    return said(
        language,
        "gantt_step",
        title=step["title"],
        state=said(language, f"step_is_{state}"),
        date=date_of(language, done or step["due"], time=False),
    )


def _told(activities: list[dict[str, Any]], language: str) -> str:
    """The picture in words: each activity with its status and its steps."""
    told = []
    for it in activities:
        steps = "; ".join(_said(step, language) for step in _steps(it))
        status = said(language, f"state_{it['status']}")
        told.append(f"{it['title']}{said(language, 'colon')} {status}" + (f"; {steps}" if steps else ""))
    return ". ".join(told) + "." if told else said(language, "no_activities")


# Shapes: none of them differs from another by colour alone ------------------------------------------------------------------------------


def _deliverable(picture: Picture, x: float, y: float, parent: Any = None, done: bool = False, late: bool = False) -> None:
    picture.add("circle", parent, cx=x, cy=y, r=7.0, class_="ground")
    picture.add("circle", parent, cx=x, cy=y, r=7.0, class_="now" if done else "gap" if late else "firm")
    _mark(picture, x, y, parent, done, late)


def _milestone(picture: Picture, x: float, y: float, parent: Any = None, done: bool = False, late: bool = False) -> None:
    points = f"{x:g},{y - 8:g} {x + 8:g},{y:g} {x:g},{y + 8:g} {x - 8:g},{y:g}"
    picture.add("polygon", parent, points=points, class_="ground")
    picture.add("polygon", parent, points=points, class_="now" if done else "gap" if late else "firm")
    _mark(picture, x, y, parent, done, late)


def _mark(picture: Picture, x: float, y: float, parent: Any, done: bool, late: bool) -> None:
    if done:
        for x1, y1, x2, y2 in ((-3.2, 0.2, -1.0, 2.6), (-1.0, 2.6, 3.2, -2.6)):
            picture.add("line", parent, x1=x + x1, y1=y + y1, x2=x + x2, y2=y + y2, class_="mark-on fine")
    elif late:
        picture.word(x, y + 4, "!", "warned strong", anchor="middle", parent=parent)


_SHAPES: dict[str, Callable[..., None]] = {"deliverable": _deliverable, "milestone": _milestone}


def _legend(activities: list[dict[str, Any]], language: str) -> list[tuple[Callable[[Picture, float, float], None], str]]:
    """Only what occurs: the kinds of step, what is done and late, and the present."""
    steps = [step for it in activities for step in _steps(it)]
    shown: list[tuple[Callable[[Picture, float, float], None], str]] = [
        (lambda picture, x, y, shape=shape: _SHAPES[shape](picture, x, y), said(language, f"kind_{shape}"))
        for shape in _SHAPES
        if any(step["shape"] == shape for step in steps)
    ]
    if any(step["done"] for step in steps):
        shown.append((lambda picture, x, y: _deliverable(picture, x, y, None, done=True), said(language, "legend_step_done")))
    if any(step["late"] for step in steps):
        shown.append((lambda picture, x, y: _deliverable(picture, x, y, None, late=True), said(language, "legend_step_late")))
    return [*shown, (_today, said(language, "legend_today"))]


def _today(picture: Picture, x: float, y: float) -> None:
    picture.add("line", x1=x, x2=x, y1=y - 7, y2=y + 7, class_="today")
