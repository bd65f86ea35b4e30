"""The delivery board as a picture: a bar for each matter, and in it what was sent, what waits and what failed."""

from typing import Any

from gateway.forms.picture import Picture
from gateway.web.words import said

WIDTH, ROW, BAR = 640.0, 40.0, 14.0
PARTS = (("sent", "delivered", None), ("waiting", "planned", None), ("failed", "lately", "late"))
"""Of a bar, in their order: the tally's word, its class, its pattern."""


def draw(rows: list[dict[str, Any]], language: str) -> Picture:
    """The picture of the rows of ``notifications.delivery_board``. Each bar is as long as its matter's deliveries are many."""
    most = max((_all(row) for row in rows), default=0) or 1
    height = ROW * len(rows) + 28
    told = [_told(row, language) for row in rows]
    picture = Picture("sent", WIDTH, height, title=said(language, "board_of_deliveries"), description=" ".join(told), language=language)
    picture.hatching("late", size=5, class_="slash")
    picture.add("rect", width=WIDTH, height=height, class_="ground")
    for place, row in enumerate(rows):
        y, x = ROW * place, 2.0
        title = row["title"].get(language) or row["title"]["en"]
        picture.word(2, y + 14, title if len(title) < 80 else f"{title[:78]}…", "strong")
        picture.word(WIDTH - 2, y + 14, f"{row['sent']}/{_all(row)}", "soft small", anchor="end")
        for word, mark, fill in PARTS:
            if row[word]:
                wide = max((WIDTH - 4) * row[word] / most, 2.0)
                picture.box(x, y + 20, wide, BAR, mark, fill=fill, tip=told[place])
                x += wide
        if x == 2.0:
            picture.add("line", x1=2, x2=2, y1=y + 19, y2=y + 35, class_="rule")
    x = 2.0
    for word, mark, fill in PARTS:
        label = said(language, f"tally_{word}")
        picture.box(x, height - 18, 20, 11, mark, fill=fill)
        picture.word(x + 26, height - 8, label, "small")
        x += 40 + 7.5 * len(label)
    return picture


def _all(row: dict[str, Any]) -> int:
    return row["sent"] + row["waiting"] + row["failed"]


def _told(row: dict[str, Any], language: str) -> str:
    title = row["title"].get(language) or row["title"]["en"]
    return said(language, "board_of_deliveries_row", title=title, sent=row["sent"], waiting=row["waiting"], failed=row["failed"])
