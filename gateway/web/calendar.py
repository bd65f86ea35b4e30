"""The pages of what the year holds: its calendar, the meetings of the Group, members' concrete actions, and the Global Plan they serve."""

from typing import Any

from flask import g, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound

from gateway.web.room import Room, reads, year_of
from gateway.web.words import month_of


class CalendarPages(Room):
    """One method per page; ``TABLE`` says where each is found."""

    TABLE: tuple[tuple[str, str, str], ...] = (
        ("/calendar", "calendar", "GET"),
        ("/meetings", "meetings", "GET"),
        ("/meetings/<meeting>", "meeting", "GET"),
        ("/concrete-actions", "concrete_actions", "GET"),
        ("/concrete-actions/<action>", "concrete_action", "GET"),
        ("/global-plan", "global_plan", "GET"),
    )
    public_url: str

    @reads
    def calendar(self) -> Any:
        """A year's entries by month: of the reader's own entity, where it has something of its own to deliver."""
        asked = request.args.get("year")
        year = g.reader.at.year if asked is None else year_of(asked)
        if not 2006 <= year <= 2100:
            raise NotFound
        actor = g.reader.actor
        own = {"entity": actor.entity} if actor.entity and actor.in_the_group else {}
        span = {"since": f"{year}-01-01T00:00:00Z", "until": f"{year + 1}-01-01T00:00:00Z"}
        found = self.ask("workplan", "calendar", **own, **span)
        months: dict[str, list[dict[str, Any]]] = {}
        for entry in found["entries"]:
            months.setdefault(month_of(g.reader.language, entry["starts_at"]), []).append(entry)
        return render_template("calendar/calendar.html", it=found, year=year, months=list(months.items()), site=self.public_url)

    @reads
    def meetings(self) -> Any:
        asked = {"page": ("workplan", "meetings", {"limit": 100}), "actions": ("workplan", "action_items", {})}
        panels = self.desk.gather(g.reader.order(), asked)
        if (refusal := panels["page"].refusal) is not None:
            raise refusal
        return render_template("calendar/meetings.html", page=panels["page"].answer, actions=panels["actions"])

    @reads
    def meeting(self, meeting: str) -> Any:
        found = self.ask("workplan", "get_meeting", meeting=meeting)
        codes = {*found["expected"], *(one["entity"] for one in (*found["replies"], *found["attendance"]))}
        return render_template("calendar/meeting.html", it=found, codes=sorted(codes))

    @reads
    def concrete_actions(self) -> Any:
        after = request.args.get("after")
        page = self.ask("workplan", "concrete_actions", limit=100, **({"after": after[:200]} if after else {}))
        return render_template("calendar/concrete_actions.html", page=page)

    @reads
    def concrete_action(self, action: str) -> Any:
        return redirect(url_for("web.concrete_actions", _anchor=action), 303)

    def global_plan(self) -> Any:
        return render_template("calendar/global_plan.html", it=self.ask("workplan", "global_plan"))
