"""The pages of what the year holds: its calendar, the meetings of the Group and what came of them, members' concrete actions, and the
Global Plan that they serve."""

import calendar as months
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from difflib import SequenceMatcher
from functools import partial
from typing import Any

from flask import g, render_template, request
from marshmallow import fields
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound

from contracts import workplan
from contracts.workplan.calendar import ATTENDING
from gateway.web.acts import SHOWN, Act, Form, carried, lines_of, shown_in
from gateway.web.reader import current
from gateway.web.room import Room, acting, moves, reads, who_chairs, year_of
from gateway.web.text import line_of, on_one_line, paper_of
from gateway.web.words import month_of, said
from services.kernel.refusal import Refusal
from services.kernel.text import digest_of

YEARS = range(2006, 2101)
"""Of which there is a calendar: from the year of the Group's first mandate on."""

OWED = ("deliverable", "milestone", "action_item")
"""The kinds of entry that stand in nobody's calendar but of who has to do them."""

PAPER = "- "
"""What the line of a paper begins with, below the item of the agenda that it is for."""


def _item(item: Mapping[str, Any]) -> str:
    """An item of an agenda as it is typed: its title, and below it its papers. A backslash goes before a title that would be read as a
    paper."""
    title = on_one_line(item["title"])
    return "\n".join(["\\" + title if _is_paper(title.lstrip("\\")) else title, *(PAPER + line_of(paper) for paper in item["papers"])])


def _is_paper(line: str) -> bool:
    return line.startswith(PAPER)


ALIKE = 0.6
"""How alike, from 0 to 1, two titles of an agenda are of which the one may be the other's new wording."""

LINES = {"agenda": (str, _item), "papers": (paper_of, line_of), "people": (str, on_one_line)}
"""Titles, papers and names have commas: each has a line of its own."""

_MEETING = ("meeting",)
_ACTION = ("action",)
_NEEDED = ("title", "starts_at", "ends_at", "place")
_SHOWN = (*_NEEDED, "link", "agenda", "papers")


class _WithAgenda(Act):
    """An order with an agenda: each item on a line of its own, and below it, each after a hyphen, its papers."""

    def _value(self, name: str, one: fields.Field) -> Any:
        if name != "agenda":
            return super()._value(name, one)
        items: list[dict[str, Any]] = []
        for _, line in lines_of(request.form.get(name, "")):
            if items and _is_paper(line):
                items[-1]["papers"].append(paper_of(line.removeprefix(PAPER)))
            else:
                items.append({"title": line[line.startswith("\\") and _is_paper(line.lstrip("\\")) :], "papers": []})
        return items or None

    def line_of(self, name: str, text: str, place: int) -> int | None:
        if name != "agenda":
            return super().line_of(name, text, place)
        begun = [number for at, (number, line) in enumerate(lines_of(text)) if at == 0 or not _is_paper(line)]
        return begun[place] if place < len(begun) else None


class _WhoWasThere(Act):
    """Who was there, in a table with a row for each entity; one that was left alone, or of which nothing is chosen, stays as it is on
    record, which may be another's by now."""

    def asked(self) -> dict[str, fields.Field]:
        return {}

    def filled(self, path: Mapping[str, str]) -> dict[str, Any]:
        said = {name.removeprefix("attended."): word for name, word in request.form.items() if name.startswith("attended.")}
        there = [
            {"entity": code, "attended": word == "yes", "people": _people(f"people.{code}")}
            for code, word in said.items()
            if word in ("yes", "no") and not _is_row_left(code, request.form)
        ]
        if other := request.form.get("other", "").strip():
            code = g.acronyms.code_of(other, g.reader.language, g.reader.at)
            there.append({"entity": code, "attended": True, "people": _people("people_of_other")})
        return {"meeting": path["meeting"], "attendance": there}


def _people(name: str) -> list[str]:
    return [line for _, line in lines_of(request.form.get(name, ""))]


def _is_row_left(code: str, typed: MultiDict[str, str]) -> bool:
    """Whether the row of an entity holds what the table showed in it."""
    return shown_in(typed).get(code) == _row_mark(typed.get(f"attended.{code}", ""), typed.get(f"people.{code}", ""))


def _row_mark(attended: str, people: str) -> str:
    return digest_of([attended, *(line for _, line in lines_of(people))])[:16]


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a month's table. ``entries``: what is on that day, the soonest first."""

    date: date
    within: bool
    today: bool
    entries: list[dict[str, Any]]


class CalendarPages(Room):
    """One method per page; ``TABLE`` says where each is found."""

    acts = {
        act.name: act
        for act in (
            _WithAgenda(
                workplan.CallMeeting, in_path=(), left_out=("meeting",), lines=LINES, onward=lambda it: f"/meetings/{it['meeting']}"
            ),
            _WithAgenda(
                workplan.ChangeMeeting,
                in_path=_MEETING,
                whole=True,
                differing=True,
                emptied=dict.fromkeys(_NEEDED, "") | {"link": None},
                lines=LINES,
                through="_change_meeting",
            ),
            Act(workplan.CancelMeeting, in_path=_MEETING),
            Act(workplan.ProposeAgendaItem, in_path=_MEETING, left_out=("item",), lines=LINES),
            Act(workplan.ReplyToMeeting, in_path=_MEETING, hidden=("entity",), left_out=("letter",), lines=LINES),
            Act(workplan.ReplyToMeeting, in_path=_MEETING, lines=LINES, called="enter_meeting_reply"),
            _WhoWasThere(workplan.RecordAttendance, in_path=_MEETING),
            Act(workplan.RecordDecision, in_path=_MEETING, left_out=("decision",)),
            Act(workplan.AssignAction, in_path=_MEETING, left_out=("action",)),
            Act(workplan.ChangeAction, in_path=_MEETING, hidden=_ACTION, differing=True, emptied=dict.fromkeys(("owner", "due"), "")),
            Act(workplan.CompleteAction, in_path=_MEETING, hidden=_ACTION),
            Act(workplan.DropAction, in_path=_MEETING, hidden=_ACTION),
            Act(
                workplan.DeclareConcreteAction,
                in_path=(),
                hidden=("entity",),
                left_out=("action", "letter"),
                onward=lambda it: f"/concrete-actions/{it['action']}",
            ),
            Act(
                workplan.DeclareConcreteAction,
                in_path=(),
                left_out=("action",),
                onward=lambda it: f"/concrete-actions/{it['action']}",
                called="enter_concrete_action",
            ),
            Act(
                workplan.ChangeConcreteAction,
                in_path=_ACTION,
                secretariat=("letter",),
                whole=True,
                differing=True,
                emptied=dict.fromkeys(("title", "description", "since", "until"), ""),
            ),
            Act(workplan.EndConcreteAction, in_path=_ACTION, secretariat=("letter",)),
        )
    }
    TABLE: tuple[tuple[str, str, str], ...] = (
        ("/calendar", "calendar", "GET"),
        ("/meetings", "meetings", "GET"),
        ("/meetings/new", "new_meeting", "GET POST"),
        ("/meetings/<meeting>", "meeting", "GET POST"),
        ("/concrete-actions", "concrete_actions", "GET"),
        ("/concrete-actions/new", "new_concrete_action", "GET POST"),
        ("/concrete-actions/<action>", "concrete_action", "GET POST"),
        ("/global-plan", "global_plan", "GET"),
    )
    public_url: str

    def words(self) -> dict[str, Any]:
        """What the calendar's templates can say beside what all can: months, and the time of day."""
        return super().words() | {"month_name": partial(month_of, current().language), "clock": _clock}

    # The calendar

    @reads
    def calendar(self) -> Any:
        """A month as a table of its days, or a whole year as a list: of the reader's own entity, where it has something of its own to
        deliver, unless the address names another, or with an empty name the calendar of all."""
        actor, named = g.reader.actor, request.args.get("entity")
        own = actor.entity if actor.in_the_group else None
        entity = own if named is None else named.strip().upper()[:40] or None
        year, first = request.args.get("year"), _month(request.args.get("month"), g.reader.at)
        since, until = (first, _after(first)) if year is None else _span(year_of(year))
        span = {"since": f"{since}T00:00:00Z", "until": f"{until}T00:00:00Z"}
        asked: dict[str, tuple[str, str, dict[str, Any]]] = {"it": ("workplan", "calendar", ({"entity": entity} if entity else {}) | span)}
        if own and actor.speaks_for(own):
            asked = {"awaiting": ("workplan", "awaiting", {"entity": own})} | asked
        panels = self.desk.gather(g.reader.order(), asked)
        it, awaiting = panels["it"].told, panels.get("awaiting")
        awaited = (
            {one["link"] for one in awaiting.answer["items"] if one["kind"] == "meeting_reply"} if awaiting and awaiting.is_there else ()
        )
        mine = own is not None and it["entity"] == own
        entries = [
            one | {"mine": mine and one["kind"] in OWED, "awaits": one["kind"] == "meeting" and one["url"] in awaited}
            for one in it["entries"]
        ]
        told = {"it": it, "own": own, "named": named, "since": since, "until": until, "before": since - timedelta(days=1), "years": YEARS}
        if year is None:
            return render_template("calendar/month.html", weeks=_weeks(since, entries, g.reader.at), site=self.public_url, **told)
        return render_template("calendar/year.html", months=_by_month(entries), site=self.public_url, **told)

    # Meetings

    @reads
    def meetings(self) -> Any:
        after = request.args.get("after")
        asked: dict[str, tuple[str, str, dict[str, Any]]] = {
            "page": ("workplan", "meetings", {"limit": 50} | ({"after": after[:200]} if after else {})),
            "actions": ("workplan", "action_items", {}),
        }
        panels = self.desk.gather(g.reader.order(), asked | who_chairs())
        told = {"page": panels["page"].told, "actions": panels["actions"], "may": moves(panels.get("group"))}
        return render_template("calendar/meetings.html", **told)

    @reads
    @acting("call_meeting")
    def new_meeting(self) -> Any:
        group = self.desk.gather(g.reader.order(), who_chairs()).get("group")
        if group is not None and group.refusal is not None:
            raise group.refusal
        if not moves(group):
            raise Refusal.not_allowed("Only the chair, or the secretariat for it, may call a meeting.", rule="chair-only")
        return render_template("calendar/new.html", back="/meetings", heading="meetings", it=self.form("call_meeting"))

    @reads
    @acting(
        "change_meeting",
        "cancel_meeting",
        "propose_agenda_item",
        "reply_to_meeting",
        "enter_meeting_reply",
        "record_attendance",
        "record_decision",
        "assign_action",
        "change_action",
        "complete_action",
        "drop_action",
    )
    def meeting(self, meeting: str) -> Any:
        """What it is, who comes, what came of it; and to each what they may do about it now."""
        panels = self.desk.gather(g.reader.order(), {"it": ("workplan", "get_meeting", {"meeting": meeting})} | who_chairs())
        it, leads = panels["it"].told, moves(panels.get("group"))
        forms = {form.act: form for form in self._forms_of(it, leads=leads)}
        of_actions = {one["action"]: list(self._forms_of_action(one, it["version"], leads=leads)) for one in it["actions"]}
        _must_be_among([*forms.values(), *(form for found in of_actions.values() for form in found)])
        other = {name: g.failed.typed.get(name, "") if "failed" in g else "" for name in ("other", "people_of_other")}
        told = {"rows": [_row(it, code) for code in _codes(it)], "other": other, "form_of": forms, "of_actions": of_actions}
        return render_template("calendar/meeting.html", it=it, **told)

    def _forms_of(self, it: dict[str, Any], *, leads: bool) -> Iterator[Form]:
        """What this reader is offered of a meeting as it is now. ``leads``: whether they chair, or are the secretariat."""
        actor, at = g.reader.actor, g.reader.at
        begun, over = (datetime.fromisoformat(it[name]) <= at for name in ("starts_at", "ends_at"))
        attending = {"attending": [(word, said(g.reader.language, f"attending_{word}")) for word in ATTENDING]}
        if it["state"] == "cancelled":
            return
        if not begun:
            if actor.is_secretariat:
                yield _needing(self.form("enter_meeting_reply", choices=attending), "letter")
            elif actor.entity is not None and actor.speaks_for(actor.entity):
                earlier = next((one for one in it["replies"] if one["entity"] == actor.entity), None)
                yield self.form("reply_to_meeting", choices=attending, values=earlier, entity=actor.entity)
            yield self.form("propose_agenda_item")
        if leads and begun:
            marks = {row["code"]: _row_mark(row["attended"], row["people"]) for row in (_recorded(it, code) for code in _codes(it))}
            yield self.form("record_attendance", **{SHOWN: carried(marks)})
            yield self.form("record_decision", choices={"item": [(one["item"], one["title"]) for one in it["agenda"]]})
            yield self.form("assign_action")
        if leads and (not over or actor.is_secretariat):
            yield _needing(self.form("change_meeting", values=_values(it), version=it["version"]), *_NEEDED)
        if leads and not over and not (it["attendance"] or it["decisions"] or it["actions"]):
            yield self.form("cancel_meeting")

    def _forms_of_action(self, action: dict[str, Any], version: int, *, leads: bool) -> Iterator[Form]:
        """What this reader is offered of an action item."""
        if action["state"] not in ("open", "late"):
            return
        named = {"action": action["action"]}
        if leads or g.reader.actor.speaks_for(action["owner"]):
            yield self.form("complete_action", **named)
        if leads:
            yield self.form("change_action", values={"owner": action["owner"], "due": action["due"]}, version=version, **named)
            yield self.form("drop_action", **named)

    def _change_meeting(self, act: Act, typed: dict[str, Any]) -> Any:
        """The items of an agenda that was typed are those that stood there, where they still are. Raises Refusal."""
        if "agenda" in typed:
            it = self.ask("workplan", "get_meeting", meeting=typed["meeting"])
            typed = typed | {"agenda": _reworded(typed["agenda"], it["agenda"])}
        return self.carry_out(act, typed)

    # Concrete actions, and what they serve

    @reads
    def concrete_actions(self) -> Any:
        named = {name: value.strip()[:200] for name in ("entity", "year", "after") if (value := request.args.get(name, "")).strip()}
        asked: dict[str, Any] = named | ({"entity": named["entity"].upper()} if "entity" in named else {})
        if named.get("year", "").isdecimal():
            asked["year"] = int(named["year"])
        page = self.asked(workplan.ConcreteActions, limit=100, **asked)
        return render_template("calendar/concrete_actions.html", page=page, asked=named, may=_declares() is not None)

    @reads
    @acting("declare_concrete_action", "enter_concrete_action")
    def new_concrete_action(self) -> Any:
        if (name := _declares()) is None:
            raise Refusal.not_allowed("A member's own people declare its measures, or the secretariat from its letter.", rule="own-entity")
        hidden = {} if g.reader.actor.is_secretariat else {"entity": g.reader.actor.entity}
        form = _needing(self.form(name, values={"since": g.reader.at.year}, **hidden), "letter")
        return render_template("calendar/new.html", back="/concrete-actions", heading="concrete_actions", it=form)

    @reads
    @acting("change_concrete_action", "end_concrete_action")
    def concrete_action(self, action: str) -> Any:
        it = self.ask("workplan", "get_concrete_action", action=action)
        actor, forms = g.reader.actor, []
        if it["state"] == "declared" and (actor.is_secretariat or actor.speaks_for(it["entity"])):
            values = it | {"paragraphs": list(map(str, it["paragraphs"])), "letter": ""}
            outcomes = [(word, said(g.reader.language, f"state_{word}")) for word in ("done", "withdrawn")]
            change = self.form("change_concrete_action", values=values, version=it["version"])
            forms = [
                _needing(change, "title", "since", "until", "letter"),
                _needing(self.form("end_concrete_action", choices={"outcome": outcomes}), "letter"),
            ]
        _must_be_among(forms)
        return render_template("calendar/concrete_action.html", it=it, forms=forms)

    def global_plan(self) -> Any:
        return render_template("calendar/global_plan.html", it=self.ask("workplan", "global_plan"))


def _clock(instant: str) -> str:
    return f"{datetime.fromisoformat(instant).astimezone(UTC):%H:%M}"


def _must_be_among(forms: list[Form]) -> None:
    """Refuse with a page of its own what was refused for the very reason that no form offers it."""
    if "failed" in g and not any(form.open for form in forms):
        raise g.failed.refusal


def _needing(form: Form, *names: str) -> Form:
    """The form with these fields asked for in any case: the contract asks for them in some."""
    return replace(form, inputs=[replace(one, required=one.required or one.name in names) for one in form.inputs])


def _declares() -> str | None:
    """The act by which this reader declares a concrete action; None for who speaks for no entity of the Group."""
    actor = g.reader.actor
    if actor.is_secretariat:
        return "enter_concrete_action"
    return "declare_concrete_action" if actor.in_the_group and actor.entity and actor.speaks_for(actor.entity) else None


def _values(it: dict[str, Any]) -> dict[str, Any]:
    """What stands in the form that changes a meeting; the reason of an earlier change is none of this one."""
    return {name: it[name] for name in _SHOWN}


def _reworded(agenda: list[dict[str, Any]], now: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """An agenda of which an item that has only another wording, in its old place, is still the same item, and what was decided under it
    was; one of quite another title is another. The service finds those of the same title by itself."""
    new, old = {one["title"] for one in agenda}, {one["title"] for one in now}
    return [
        one | {"item": was["item"]} if was and one["title"] not in old and was["title"] not in new and _are_alike(one, was) else one
        for one, was in zip(agenda, [*now, *[None] * len(agenda)], strict=False)
    ]


def _are_alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether the one title may be another wording of the other."""
    return SequenceMatcher(None, one["title"].lower(), other["title"].lower()).ratio() >= ALIKE


def _codes(it: dict[str, Any]) -> list[str]:
    """Of which entities a meeting's table has a row."""
    return sorted({*it["expected"], *(one["entity"] for one in (*it["replies"], *it["attendance"]))})


def _recorded(it: dict[str, Any], code: str) -> dict[str, Any]:
    """An entity in the table of who comes and who came. ``attended`` and ``people``: what stands in its form."""
    reply, seen = (next((one for one in it[part] if one["entity"] == code), None) for part in ("replies", "attendance"))
    attended = "" if seen is None else "yes" if seen["attended"] else "no"
    people = "\n".join(map(on_one_line, seen["people"] if seen else []))
    return {"code": code, "reply": reply, "seen": seen, "expected": code in it["expected"], "attended": attended, "people": people}


def _row(it: dict[str, Any], code: str) -> dict[str, Any]:
    """The same, with what was typed where that was refused."""
    row, failed = _recorded(it, code), g.get("failed")
    if not failed or failed.act != "record_attendance" or _is_row_left(code, failed.typed):
        return row
    return row | {name: failed.typed.get(f"{name}.{code}", "") for name in ("attended", "people")}


def _month(text: str | None, at: datetime) -> date:
    """The first day of a month that an address names, as 2015-03; of the present one where it names none."""
    if text is None:
        return at.astimezone(UTC).date().replace(day=1)
    if not (found := re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", text, re.ASCII)) or int(found[1]) not in YEARS:
        raise NotFound
    return date(int(found[1]), int(found[2]), 1)


def _after(first: date) -> date:
    """The first day of the next month."""
    return (first + timedelta(days=31)).replace(day=1)


def _span(year: int) -> tuple[date, date]:
    if year not in YEARS:
        raise NotFound
    return date(year, 1, 1), date(year + 1, 1, 1)


def _days(entry: dict[str, Any]) -> Iterator[date]:
    """The days on which an entry is: of what ends at midnight, not the day that then begins."""
    starts, ends = (datetime.fromisoformat(entry[name]).astimezone(UTC) for name in ("starts_at", "ends_at"))
    last = max(starts, ends - timedelta(microseconds=1)).date()
    for day in range((last - starts.date()).days + 1):
        yield starts.date() + timedelta(days=day)


def _weeks(first: date, entries: list[dict[str, Any]], at: datetime) -> list[list[Day]]:
    """The weeks of a month, from Monday on. Of an entry over several days each says whether it begins there."""
    on: dict[date, list[dict[str, Any]]] = {}
    for one in entries:
        for number, day in enumerate(_days(one)):
            on.setdefault(day, []).append(one | {"begins": number == 0})
    today = at.astimezone(UTC).date()
    return [
        [Day(day, day.month == first.month, day == today, on.get(day, []) if day.month == first.month else []) for day in week]
        for week in months.Calendar().monthdatescalendar(first.year, first.month)
    ]


def _by_month(entries: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for one in entries:
        found.setdefault(month_of(g.reader.language, one["starts_at"]), []).append(one)
    return list(found.items())
