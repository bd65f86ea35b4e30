"""The pages of the workplan: the years' plans, what they cover, and what became of them."""

from typing import Any

from flask import g, redirect, render_template, url_for
from markupsafe import Markup

from gateway.forms import coverage as coverage_picture
from gateway.forms import report as report_form
from gateway.web.room import Room, reads, year_of


class WorkplanPages(Room):
    """One method per page; ``TABLE`` says where each is found."""

    TABLE: tuple[tuple[str, str, str], ...] = (
        ("/workplans", "plans", "GET"),
        ("/workplans/<year>", "plan", "GET"),
        ("/workplans/<year>/activities/<activity>", "activity", "GET"),
        ("/workplans/<year>/coverage", "coverage", "GET"),
        ("/workplans/<year>/report", "report", "GET"),
    )

    @reads
    def plans(self) -> Any:
        return render_template("workplan/plans.html", page=self.ask("workplan", "plans", limit=100))

    @reads
    def plan(self, year: str) -> Any:
        return render_template("workplan/plan.html", plan=self.ask("workplan", "get_plan", year=year_of(year)))

    @reads
    def activity(self, year: str, activity: str) -> Any:
        return redirect(url_for("web.plan", year=year, _anchor=activity), 303)

    @reads
    def coverage(self, year: str) -> Any:
        found = self.ask("workplan", "coverage", year=year_of(year))
        return render_template("workplan/coverage.html", it=found, picture=Markup(coverage_picture.draw(found, g.reader.language).inline()))

    @reads
    def report(self, year: str) -> Any:
        found = self.ask("workplan", "annual_report", year=year_of(year))
        return render_template("workplan/report.html", report=found, picture=report_form.picture(found, g.reader.language), site="")
