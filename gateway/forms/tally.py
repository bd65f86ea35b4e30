"""Planned against delivered, as bars: one for each pillar of the annual report."""

from typing import Any

from gateway.forms.picture import Picture
from gateway.web.words import said

WIDTH, ROW, BAR = 320.0, 46.0, 16.0


def draw(answer: dict[str, Any], language: str) -> Picture:
    """The picture of the tallies of ``workplan.annual_report``: the outline is what was promised, filled is what was delivered on time,
    slanted what came late."""
    pillars = answer["pillars"]
    most = max((pillar["deliverables"] for pillar in pillars), default=0) or 1
    height = ROW * len(pillars) + 66
    told = [
        said(language, "tally_cell", pillar=said(language, f"pillar_{p['pillar']}"), delivered=p["delivered"], planned=p["deliverables"])
        for p in pillars
    ]
    picture = Picture("tally", WIDTH, height, title=said(language, "tally_title"), description=". ".join(told) + ".", language=language)
    picture.hatching("late", size=5, class_="slash")
    picture.add("rect", width=WIDTH, height=height, class_="ground")
    for row, pillar in enumerate(pillars):
        y = ROW * row
        picture.word(2, y + 14, said(language, f"pillar_{pillar['pillar']}"), "strong")
        figures = said(language, "delivered_of", delivered=pillar["delivered"], planned=pillar["deliverables"])
        picture.word(WIDTH - 2, y + 14, figures, "soft small", anchor="end")
        unit = (WIDTH - 4) / most
        late = pillar["delivered"] - pillar["on_time"]
        if pillar["on_time"]:
            picture.box(2, y + 21, unit * pillar["on_time"], BAR, "delivered")
        if late:
            picture.box(2 + unit * pillar["on_time"], y + 21, unit * late, BAR, "lately", fill="late")
        if pillar["deliverables"]:
            picture.box(2, y + 21, unit * pillar["deliverables"], BAR, "planned")
        else:
            picture.add("line", x1=2, x2=2, y1=y + 20, y2=y + 38, class_="rule")
    for place, (mark, key) in enumerate((("delivered", "legend_on_time"), ("lately", "legend_late"), ("planned", "legend_planned"))):
        y = ROW * len(pillars) + 14 + 18 * place
        picture.box(2, y - 6, 20, 11, mark, fill="late" if mark == "lately" else None)
        picture.word(30, y + 4, said(language, key), "small")
    return picture
