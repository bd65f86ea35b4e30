"""The first page: what awaits whoever opens it, by when, and what happens if nothing is done; and what is new, or known to everyone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import Any

from flask import g, make_response, render_template

from contracts.subscriptions import PRODUCERS
from gateway.api.routes import PREFIX
from gateway.desk import PATIENCE_SECONDS, Panel, merged
from gateway.web.reader import Reader, current
from gateway.web.room import SCRIPTED_POLICY, Room, called
from gateway.web.words import WORDS, counted, left_of, said
from messaging.context import written
from services.kernel.actor import MISSION

Question = tuple[str, str, dict[str, Any]]

NEWEST = 5
"""Items of the inbox, and publications, that are shown."""

NEXT = 3
"""Meetings, and briefings, that are shown."""

AHEAD = timedelta(days=180)
"""How far one looks for them."""

PRESSES = timedelta(hours=72)
"""How long before its deadline a thing is urgent."""

FORMS = {
    "accept_term": "?act=accept_term#yours",
    "action_item": "#actions",
    "adopt_rota": "?act=adopt_rota#yours",
    "agree_concept": "?act=agree_concept#act-agree_concept",
    "agree_swap": "#swaps",
    "amendment_position": "?act=take_plan_position#now",
    "co_chair": "?act=co_chair#yours",
    "comment": "/text",
    "deliverable": "?act=mark_delivered#now",
    "dispose": "/comments",
    "funding_end": "#funding",
    "meeting_reply": "#reply",
    "milestone": "?act=report_progress#now",
    "open_clearance": "/clearance?act=open_clearance#act-open_clearance",
    "plan_position": "?act=take_plan_position#now",
    "publish": "?act=publish#act-publish",
    "record_term": "?act=record_term#yours",
    "save_revision": "/edit",
    "save_translation": "#languages",
    "sign_handover": "?act=sign_handover#yours",
    "take_position": "/clearance#position",
}
"""Where on the pages of a thing the form stands that answers it; an address that names an act has its form unfolded."""

OF_THE_CHAIR = ("accept_term", "agree_swap", "co_chair", "sign_handover", "adopt_rota", "record_term")
"""What is about a year in the chair, and is named by it."""

OF_A_PLAN = ("plan_position", "amendment_position")

OF_A_PART = ("milestone", "deliverable", "action_item", "funding_end")
"""What is one thing of several that a title stands for, and is named besides."""


@dataclass(frozen=True, slots=True)
class Awaited:
    """A thing that awaits its reader. ``task``: what is to be done, ``about``: with what, ``part``: of which part of it. ``left``: until
    the deadline, or since; ``haste``: ``late``, ``pressing`` or nothing. ``consequence``: of doing nothing. Task and consequence are in
    the reader's language, or in English, where no catalogue has the service's word: each with its language."""

    task: str
    task_language: str
    about: str
    part: str
    link: str
    deadline: datetime | None
    left: str
    haste: str
    consequence: str
    consequence_language: str


class DeskPages(Room):
    """One method per page; ``TABLE`` says where each is found."""

    TABLE: tuple[tuple[str, str, str], ...] = (("/", "home", "GET"),)

    def words(self) -> dict[str, Any]:
        """What the templates of the desk can say beside what all can."""
        return super().words() | {"counted": partial(counted, current().language)}

    def home(self) -> Any:
        """Each panel stands by itself, and all of them within one patience: what is not told by then is said to be away."""
        reader, order, until = g.reader, g.reader.order(), monotonic() + PATIENCE_SECONDS
        awaiting = {f"awaiting.{name}": (name, "awaiting", payload) for name, payload in self.desk.awaiting_asked(order).items()}
        panels = self.desk.gather(order, _asked(reader) | awaiting, until=until)
        coming = _coming(panels["calendar"], reader.at)
        told: dict[str, Any] = {"panels": panels, "coming": coming}
        if reader.caller is None:
            return render_template("desk/welcome.html", **told)
        if awaiting:
            found = merged({name.partition(".")[2]: panels.pop(name) for name in awaiting})
            told["awaited"] = [awaited_of(item, reader) for item in found["items"]]
            told["unasked"] = found["unavailable"]
        told["replies"] = self._replies(coming or [], until)
        told["letters"] = [panels.pop(f"letters.{name}") for name in PRODUCERS] if reader.actor.is_secretariat else []
        inbox = panels.get("inbox")
        told["unread"] = inbox.answer["unread"] if inbox is not None and inbox.is_there else 0
        told["stream"] = f"{PREFIX}/subscribers/{inbox.answer['subscriber']}/inbox/live" if inbox is not None and inbox.is_there else ""
        response = make_response(render_template("desk/home.html", **told))
        if told["stream"]:
            response.headers["Content-Security-Policy"] = SCRIPTED_POLICY
        return response

    def _replies(self, coming: list[dict[str, Any]], until: float) -> dict[str, Panel]:
        """How its own reply stands to each briefing that a mission sees before it, by the briefing's page."""
        if MISSION not in g.reader.actor.roles:
            return {}
        briefings = [one["url"] for one in coming if one["kind"] == "briefing"]
        asked = {url: ("notifications", "attendance", {"briefing": url.rpartition("/")[2]}) for url in briefings}
        return self.desk.gather(g.reader.order(), asked, until=until)


def _asked(reader: Reader) -> dict[str, Question]:
    """What this reader's desk shows, beside what awaits: by panel, whom to ask for it."""
    actor, at = reader.actor, reader.at
    asked: dict[str, Question] = {
        "group": ("chairs", "overview", {}),
        "calendar": ("workplan", "calendar", {"since": written(at), "until": written(at + AHEAD)}),
    }
    if not (actor.in_the_group or MISSION in actor.roles):
        asked["library"] = ("documents", "library", {"limit": NEWEST})
    if actor.entity is not None:
        asked["inbox"] = ("notifications", "inbox", {"subscriber": actor.entity, "limit": NEWEST})
    if MISSION in actor.roles and actor.entity is not None:
        asked["subscriber"] = ("notifications", "get_subscriber", {"code": actor.entity})
    if actor.in_the_group:
        asked["plan"] = ("workplan", "get_plan", {"year": at.year})
        asked |= {state: ("documents", "documents", {"state": state, "limit": NEWEST}) for state in ("comment_round", "clearance")}
    if actor.is_secretariat:
        asked |= {f"letters.{name}": (name, "dead_letters", {"limit": 1}) for name in PRODUCERS}
        asked["deliveries"] = ("notifications", "delivery_summary", {})
    return asked


def _coming(calendar: Panel, at: datetime) -> list[dict[str, Any]] | None:
    """The next meetings and the next briefings, the soonest first; None while nobody can tell."""
    if not calendar.is_there:
        return None
    shown: dict[str, list[dict[str, Any]]] = {}
    for entry in calendar.answer["entries"]:
        if entry["state"] == "confirmed" and datetime.fromisoformat(entry["ends_at"]) > at:
            shown.setdefault(entry["kind"], []).append(entry)
    nearest = [entry for held in shown.values() for entry in held[:NEXT]]
    return sorted(nearest, key=lambda entry: datetime.fromisoformat(entry["starts_at"]))


def awaited_of(item: Mapping[str, Any], reader: Reader) -> Awaited:
    """A thing as its service tells of it, for its reader. ``item``: one of ``merged``."""
    language, kind, deadline = reader.language, item["kind"], item["deadline"]
    task, undone = f"await_{kind}", f"undone_{item['consequence_code']}"
    return Awaited(
        task=said(language, task) if task in WORDS else item["what"].replace("_", " "),
        task_language=language if task in WORDS else "en",
        about=_about(item, language),
        part=item["what"] if kind in OF_A_PART else "",
        link=item["link"] + FORMS.get(kind, ""),
        deadline=deadline,
        left=left_of(language, deadline, reader.at) if deadline else "",
        haste=_haste(deadline, reader.at),
        consequence=said(language, undone, entity=called(reader.actor.entity or "")) if undone in WORDS else item["consequence"],
        consequence_language=language if undone in WORDS else "en",
    )


def _about(item: Mapping[str, Any], language: str) -> str:
    if item["kind"] in OF_THE_CHAIR and item.get("year"):
        key = "about_chair_with" if item.get("with_entity") else "about_chair"
        return said(language, key, year=item["year"], entity=called(item.get("with_entity") or ""))
    if item["kind"] in OF_A_PLAN and item.get("year"):
        return said(language, "plan", year=item["year"])
    return str(item["title"])


def _haste(deadline: datetime | None, at: datetime) -> str:
    if deadline is None or deadline - at > PRESSES:
        return ""
    return "pressing" if deadline > at else "late"
