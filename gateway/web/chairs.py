"""The pages of the chairmanship: who chairs, who is to, and what one chair hands to the next."""

from typing import Any

from flask import g, render_template
from markupsafe import Markup

from gateway.forms import timeline
from gateway.web.room import Room, reads, year_of


class ChairsPages(Room):
    """One method per page; ``TABLE`` says where each is found."""

    TABLE: tuple[tuple[str, str, str], ...] = (
        ("/chairs", "chairs", "GET"),
        ("/chairs/handovers/<year>", "handover", "GET"),
    )

    def chairs(self) -> Any:
        order = g.reader.order()
        asked: dict[str, tuple[str, str, dict[str, Any]]] = {"group": ("chairs", "overview", {}), "history": ("chairs", "history", {})}
        if order.by.in_the_group:
            asked["rota"] = ("chairs", "rota", {})
        panels = self.desk.gather(order, asked)
        history = panels["history"].answer
        picture = Markup(timeline.draw(history, g.reader.language).inline()) if history else None
        return render_template("chairs/chairs.html", panels=panels, picture=picture)

    @reads
    def handover(self, year: str) -> Any:
        return render_template("chairs/handover.html", it=self.ask("chairs", "handover", year=year_of(year)))
