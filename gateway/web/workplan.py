"""The pages of the workplan: the years' plans and how they are adopted, their activities and amendments, what they cover, and what became
of them."""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

from flask import g, make_response, redirect, render_template, request
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from contracts import workplan
from contracts.base import PILLARS
from gateway.api.routes import MIB
from gateway.forms import TAKEN, gantt
from gateway.forms import coverage as coverage_picture
from gateway.forms import report as report_form
from gateway.refusals import Told
from gateway.web import refusals
from gateway.web.acts import VERSION, Act, Failed, Form, choice, typed_instant
from gateway.web.room import Room, acting, reads, who_chairs, year_of
from gateway.web.words import said
from messaging.context import written
from services.kernel.refusal import Refusal

LONGEST_IMPORT = 4 * MIB
"""Bytes of a form that brings a spreadsheet, or carries one along: written in base 64 it is a third longer than the API takes."""

SUBSTANCE = tuple(workplan.ActivityWording().fields)
"""The fields of an activity that its plan adopts."""

_DATED = ("milestones", "deliverables")
"""The lists of an activity of which each thing is due at an instant."""

_LETTER = ("on_behalf_of", "letter")


def _address(year: int, *parts: str) -> str:
    return "/".join([f"/workplans/{year}", *(quote(part, safe="") for part in parts)])


def _to_plan(answer: dict[str, Any]) -> str:
    return _address(answer["year"])


def _to_activity(answer: dict[str, Any]) -> str:
    return _address(answer["year"], "activities", answer["activity"])


def _to_amendment(answer: dict[str, Any]) -> str:
    """To the amendment that was just proposed, which is the last."""
    return _address(answer["year"], "amendments", answer["amendments"][-1]["amendment"])


_proposing = partial(Act, workplan.ProposeAmendment, hidden=("kind",), onward=_to_amendment)
_EMPTIED = dict.fromkeys(("title", "lead", "objective"), "")

ACTS = {
    act.name: act
    for act in (
        Act(workplan.OpenPlan, in_path=(), onward=_to_plan),
        Act(workplan.SetPassingRule, in_path=("year",), whole=True, called="set_plan_rule"),
        Act(workplan.OpenConsultation, in_path=("year",)),
        Act(workplan.OpenAdoption, in_path=("year",)),
        Act(workplan.ExtendAdoption, in_path=("year", "amendment")),
        Act(workplan.TakePosition, in_path=("year", "amendment"), hidden=("digest",), secretariat=_LETTER, called="take_plan_position"),
        Act(workplan.CarryOver, in_path=("year",), onward=_to_plan),
        Act(workplan.ClosePlan, in_path=("year",)),
        Act(workplan.AddActivity, in_path=("year",), onward=_to_activity),
        Act(workplan.ChangeActivity, in_path=("year", "activity"), whole=True, differing=True, emptied=_EMPTIED, through="_change_wording"),
        Act(workplan.CancelActivity, in_path=("year", "activity")),
        Act(workplan.ReportProgress, in_path=("year", "activity")),
        Act(workplan.MarkDelivered, in_path=("year", "activity")),
        Act(workplan.SecureFunding, in_path=("year", "activity"), left_out=("funding",)),
        Act(workplan.EndFunding, in_path=("year", "activity"), hidden=("funding",)),
        _proposing(in_path=("year",), left_out=("amendment",), called="propose_addition"),
        _proposing(
            in_path=("year", "activity"),
            left_out=("amendment",),
            whole=True,
            differing=True,
            emptied={f"changes.{name}": value for name, value in _EMPTIED.items()},
            through="_change_wording",
            called="propose_change",
        ),
        _proposing(in_path=("year", "activity"), left_out=("amendment", "changes"), called="propose_drop"),
        Act(workplan.OpenAmendment, in_path=("year", "amendment")),
        Act(workplan.WithdrawAmendment, in_path=("year", "amendment")),
    )
}


class WorkplanPages(Room):
    """One method per page; ``TABLE`` says where each is found. A form carries the version of the plan that its page showed, unless it
    only adds to the record (progress, money) or names the text it is on (a position): what others do meanwhile does not touch these."""

    acts = ACTS
    TABLE: tuple[tuple[str, str, str], ...] = (
        ("/workplans", "plans", "GET POST"),
        ("/workplans/<year>", "plan", "GET POST"),
        ("/workplans/<year>/add", "add_activity", "GET POST"),
        ("/workplans/<year>/activities/<activity>", "activity", "GET POST"),
        ("/workplans/<year>/amendments/<amendment>", "amendment", "GET POST"),
        ("/workplans/<year>/positions", "plan_positions", "GET"),
        ("/workplans/<year>/baseline", "baseline", "GET"),
        ("/workplans/<year>/import", "plan_import", "GET POST"),
        ("/workplans/<year>/coverage", "coverage", "GET"),
        ("/workplans/<year>/report", "report", "GET"),
    )

    def words(self) -> dict[str, Any]:
        """What the templates of the workplan can say beside what all can."""
        return super().words() | {
            "next_due": next_due,
            "gaps_of": gaps_of,
            "position_form": self._position_form,
            "overtaken": lambda: "failed" in g and g.failed.refusal.kind == "stale",
        }

    # The plans

    @reads
    @acting("open_plan")
    def plans(self) -> Any:
        asked: dict[str, tuple[str, str, dict[str, Any]]] = {"page": ("workplan", "plans", {"limit": 100})}
        panels = self.desk.gather(g.reader.order(), asked | who_chairs())
        page, actor, group = panels["page"].told, g.reader.actor, panels.get("group")
        troika = group.answer["troika"] if group is not None and group.is_there else {}
        opens = actor.is_secretariat or any(map(actor.speaks_for, [*troika.get("serving", ()), *troika.get("incoming", ())]))
        coming = max((plan["year"] for plan in page["items"]), default=g.reader.at.year - 1) + 1
        return render_template("workplan/plans.html", page=page, coming=coming if opens else None, refusal=self._unheard([]))

    @reads
    @acting("set_plan_rule", "open_consultation", "open_adoption", "extend_adoption", "take_plan_position", "carry_over", "close_plan")
    def plan(self, year: str) -> Any:
        """How the plan stands, what this reader may do about it, who has said what, and its activities, all or those chosen."""
        plan = self.ask("workplan", "get_plan", year=year_of(year))
        chosen = {name: value[:60] for name in ("lead", "pillar", "status") if (value := request.args.get(name, "").strip())}
        shown = self.asked(workplan.Activities, year=plan["year"], **chosen)["items"] if chosen else plan["activities"]
        picture = gantt.draw({"year": plan["year"], "as_of": written(g.reader.at), "items": shown}, g.reader.language)
        return render_template(
            "workplan/plan.html",
            plan=plan,
            chosen=chosen,
            shown=shown,
            leads=sorted({it["lead"] for it in plan["activities"]}),
            picture=Markup(picture.inline()),
            alone=f"/api/v1/workplans/{year}/timeline.svg{'?' if chosen else ''}{urlencode(chosen)}",
            left=self._left(plan),
            states=workplan.PLAN_STATES,
            statuses=workplan.STATUSES,
            pillars=PILLARS,
            refusal=self._unheard(plan.get("may", [])),
        )

    def _left(self, plan: dict[str, Any]) -> list[tuple[str, str]]:
        """What this reader may carry over now, by id and title; nothing while there is no plan to carry it into."""
        if "carry_over" not in plan.get("may", ()):
            return []
        after = self.desk.gather(g.reader.order(), {"plan": ("workplan", "get_plan", {"year": plan["year"] + 1})})["plan"]
        if not after.is_there or after.answer["state"] not in ("draft", "consultation", "adoption"):
            return []
        return [(it["activity"], it["title"]) for it in plan["activities"] if not it["carried_to"] and it["status"] in _UNFINISHED]

    @reads
    @acting("add_activity", "propose_addition")
    def add_activity(self, year: str) -> Any:
        """The form of a new activity: added to a plan that is being made, proposed for one in force."""
        plan = self.ask("workplan", "get_plan", year=year_of(year))
        by_amendment = plan["state"] in ("in_force", "closed")
        name, prefix = ("propose_addition", "changes.") if by_amendment else ("add_activity", "")
        hidden = {"kind": "add"} if by_amendment else {}
        form = self._wording(name, plan, values={}, prefix=prefix, **hidden, version=plan["version"])
        offered = self.acts[name].command.message_name() in plan.get("may", ())
        return render_template("workplan/add.html", plan=plan, it=form if offered or "failed" in g else None)

    # An activity

    @reads
    @acting(
        "change_activity",
        "cancel_activity",
        "report_progress",
        "mark_delivered",
        "secure_funding",
        "end_funding",
        "propose_change",
        "propose_drop",
    )
    def activity(self, year: str, activity: str) -> Any:
        """All of one activity, and what this reader may do about it."""
        number = year_of(year)
        it = self.asked(workplan.GetActivity, year=number, activity=activity)
        plan = self.ask("workplan", "get_plan", year=number)
        may, told = it.get("may", []), {"version": it["version"]}
        forms: dict[str, Form] = {}
        if "change_activity" in may:
            forms["change"] = self._wording("change_activity", plan, values=it, **told)
        if "propose_amendment" in may:
            forms["propose"] = self._wording("propose_change", plan, values=it, prefix="changes.", kind="change", **told)
        return render_template(
            "workplan/activity.html",
            it=it,
            plan=plan,
            forms=forms,
            open_milestones=[(one["id"], one["title"]) for one in it["milestones"] if not one["met_at"]],
            owed=[(one["id"], one["title"]) for one in it["deliverables"] if one["kind"] != "document" and not one["delivered_at"]],
            refusal=self._unheard(may),
        )

    def _wording(self, name: str, plan: dict[str, Any], *, values: dict[str, Any], prefix: str = "", **hidden: Any) -> Form:
        """A form that words an activity of this plan. ``prefix``: of the fields' names, where the wording is within an order. It may depend
        on what is still to be done, and on what it depended on before."""
        others = [
            (it["activity"], it["title"])
            for it in plan["activities"]
            if it["activity"] != values.get("activity") and (it["status"] != "cancelled" or it["activity"] in values.get("depends_on", ()))
        ]
        wording = {f"{prefix}{field}": values[field] for field in SUBSTANCE if field in values}
        form = self.form(name, values=wording, choices={f"{prefix}depends_on": others}, **hidden)
        needed = (f"{prefix}title", f"{prefix}lead")
        inputs = [replace(one, required=one.required or one.name in needed) for one in form.inputs]
        return replace(form, inputs=[one for one in inputs if others or one.name != f"{prefix}depends_on"])

    def _change_wording(self, act: Act, typed: dict[str, Any]) -> Any:
        """What was typed otherwise than it was shown is all that a change sends, so that an amendment that is adopted after another does
        not take back what that one changed. A list is sent whole: what was shown of its instants stays all that is on record."""
        wording = typed.get("changes", {}) if act.command is workplan.ProposeAmendment else typed
        if any(name in wording for name in _DATED):
            it = self.asked(workplan.GetActivity, year=typed["year"], activity=typed["activity"])
            for name in _DATED:
                stood = {one["id"]: one["due"] for one in it[name]}
                for one in wording.get(name) or []:
                    due = stood.get(one.get("id"))
                    if due and one.get("due") and typed_instant(due) == typed_instant(one["due"]):
                        one["due"] = due
        return self.carry_out(act, typed)

    # Amendments and positions

    @reads
    @acting("open_amendment", "withdraw_amendment", "take_plan_position", "extend_adoption")
    def amendment(self, year: str, amendment: str) -> Any:
        """What would change and why, who has said what, and what this reader may do about it."""
        plan = self.ask("workplan", "get_plan", year=year_of(year))
        it = next((one for one in plan["amendments"] if one["amendment"] == amendment), None)
        if it is None:
            raise Refusal.not_found(f"The plan {plan['year']} has no amendment {amendment}.", rule="amendment-known", field="amendment")
        return render_template("workplan/amendment.html", it=it, plan=plan, refusal=self._unheard(it.get("may", [])))

    @reads
    def plan_positions(self, year: str) -> Any:
        """Every time that the plan, or an amendment of it, was put to the entities, with all that was said."""
        named = {"year": year_of(year)}
        panels = self.desk.gather(g.reader.order(), {"it": ("workplan", "positions", named), "plan": ("workplan", "get_plan", named)})
        plan = panels["plan"].answer or {"amendments": []}
        return render_template("workplan/positions.html", it=panels["it"].told, amendments=plan["amendments"])

    def _position_form(self, clearance: dict[str, Any]) -> Form:
        """The form that takes a position on the text of this clearance. The secretariat says for whom, and from which letter."""
        counting = [(code, code) for code in clearance["counting"]]
        form = self.form("take_plan_position", choices={"on_behalf_of": counting}, digest=clearance["digest"])
        return replace(form, inputs=[replace(one, required=one.required or one.name in _LETTER) for one in form.inputs])

    @reads
    def baseline(self, year: str) -> Any:
        """What the plan was when it was first adopted, and what differs now."""
        return render_template("workplan/baseline.html", it=self.ask("workplan", "baseline", year=year_of(year)))

    # The spreadsheet

    @reads
    def plan_import(self, year: str) -> Any:
        """A spreadsheet is looked at, with every problem by its cell, and taken in as it was looked at."""
        number = year_of(year)
        plan = self.ask("workplan", "get_plan", year=number)
        looked, kept, refusal = None, "", None
        if request.method == "POST":
            request.max_content_length = request.max_form_memory_size = LONGEST_IMPORT
            self.must_be_ours()
            try:
                if request.form.get("act") == "take":
                    self._take_in(_kept(request.form.get("sheet", "")), number, check=False)
                    return redirect(f"{_address(number)}?done=import_plan", 303)
                raw = _uploaded()
                looked, kept = self._take_in(raw, number, check=True), base64.b64encode(raw).decode()
            except Refusal as no:
                refusal = no
        called = {one["activity"]: one["title"] for one in [*plan["activities"], *(looked["differences"] if looked else ())]}

        def titles(activities: list[str]) -> str:
            return ", ".join(called.get(one, one) for one in activities) or said(g.reader.language, "titles_or_none")

        problems = _in_words((refusal.extra.get("problems") if refusal else looked["problems"] if looked else None) or [])
        shown = render_template(
            "workplan/import.html",
            plan=plan,
            looked=looked,
            titles=titles,
            kept=kept if looked is not None and not problems else "",
            problems=problems,
            refusal=_shown(refusal),
        )
        return make_response(shown, Failed("", MultiDict(), refusal).status if refusal else 200)

    def _take_in(self, raw: bytes, year: int, *, check: bool) -> Any:
        """Look at a spreadsheet, or take it in as of the version that was looked at. Raises Refusal."""
        version = request.form.get(VERSION, "")[:9]

        def ask(name: str, payload: dict[str, Any]) -> Any:
            expected = int(version) if version.isdecimal() and not check else None
            return self.order(workplan.contract.commands[name], payload, expected)

        return TAKEN["plan.xlsx"].take(raw, {"year": year}, g.reader.language, check=check, ask=ask)

    # What came of it

    @reads
    def coverage(self, year: str) -> Any:
        """What serves what. Activities and measures are called by their titles, as far as their lists are there."""
        named = {"year": year_of(year)}
        asked: dict[str, tuple[str, str, dict[str, Any]]] = {
            "it": ("workplan", "coverage", named),
            "plan": ("workplan", "get_plan", named),
            "measures": ("workplan", "concrete_actions", named | {"limit": 200}),
        }
        panels = self.desk.gather(g.reader.order(), asked)
        found = panels["it"].told
        plan, measures = panels["plan"].answer or {"activities": []}, panels["measures"].answer or {"items": []}
        return render_template(
            "workplan/coverage.html",
            it=found,
            picture=Markup(coverage_picture.draw(found, g.reader.language).inline()),
            activities={one["activity"]: one["title"] for one in plan["activities"]},
            measures={one["action"]: one["title"] for one in measures["items"]},
        )

    @reads
    def report(self, year: str) -> Any:
        found = self.ask("workplan", "annual_report", year=year_of(year))
        return render_template("workplan/report.html", report=found, picture=report_form.picture(found, g.reader.language), site="")

    # Shared

    def _unheard(self, may: Iterable[str]) -> dict[str, Any] | None:
        """Why a form was refused that its page no longer shows, since what it orders is not open any more."""
        failed: Failed | None = g.get("failed")
        if failed is None or self.acts[failed.act].command.message_name() in may:
            return None
        return _shown(failed.refusal)


_UNFINISHED = ("planned", "under_way", "late")


def next_due(it: dict[str, Any]) -> str | None:
    """The instant at which the next step of an activity is due, which may have gone by; None when nothing that has a date is owed."""
    owed = [one["due"] for one in it["deliverables"] if one["due"] and not one["delivered_at"]]
    owed += [one["due"] for one in it["milestones"] if not one["met_at"]]
    return min(owed, key=datetime.fromisoformat) if owed and it["status"] in _UNFINISHED else None


def gaps_of(it: dict[str, Any]) -> list[dict[str, Any]]:
    """The balances of an activity in which money is lacking."""
    return [one for one in it["balance"] if one["gap"].strip("0.")]


def _uploaded() -> bytes:
    file = request.files.get("file")
    return _some(file.read() if file else b"")


def _kept(text: str) -> bytes:
    """The spreadsheet as the form carried it from one page to the next."""
    try:
        return _some(base64.b64decode(text, validate=True))
    except binascii.Error:
        return _some(b"")


def _some(raw: bytes) -> bytes:
    if not raw:
        raise Told.invalid("file", said(g.reader.language, "file_missing"), rule="file-missing", accepted="XLSX")
    return raw


def _in_words(problems: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Problems of a spreadsheet, each with what would be accepted as people read it."""
    word = partial(choice, language=g.reader.language)
    told = []
    for one in problems:
        found = one["accepted"]
        if isinstance(found, dict):
            found = found.get(g.reader.language)
        accepts = ", ".join(map(word, map(str, found))) if isinstance(found, list) else "" if found is None else word(str(found))
        told.append(one | {"accepts": accepts})
    return told


def _shown(refusal: Refusal | None) -> dict[str, Any] | None:
    """A refusal as a page shows it that has no form to show it in."""
    if refusal is None:
        return None
    return {"told": refusals.told(refusal), "accepted": refusals.accepted(refusal, partial(choice, language=g.reader.language))}
