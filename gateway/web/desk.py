"""The first page: what awaits whoever opens it, and what is known to everyone else."""

from typing import Any

from flask import g, render_template

from gateway.desk import merged
from gateway.web.room import Room


class DeskPages(Room):
    """One method per page; ``TABLE`` says where each is found."""

    TABLE: tuple[tuple[str, str, str], ...] = (("/", "home", "GET"),)

    def home(self) -> Any:
        order = g.reader.order()
        asked: dict[str, tuple[str, str, dict[str, Any]]] = {"group": ("chairs", "overview", {})}
        if g.reader.caller is None:
            asked["library"] = ("documents", "library", {"limit": 5})
            return render_template("desk/welcome.html", panels=self.desk.gather(order, asked))
        asked["plan"] = ("workplan", "get_plan", {"year": g.reader.at.year})
        asked["briefings"] = ("workplan", "briefings", {"limit": 5})
        awaiting = {f"awaiting.{name}": (name, "awaiting", payload) for name, payload in self.desk.awaiting_asked(order).items()}
        panels = self.desk.gather(order, asked | awaiting)
        awaited = merged({name.partition(".")[2]: panels.pop(name) for name in awaiting}) if awaiting else None
        return render_template("desk/home.html", panels=panels, awaited=awaited, plan=panels["plan"].answer)
