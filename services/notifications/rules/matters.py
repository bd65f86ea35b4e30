"""What is told: an event of another service becomes a matter, and its topic gives it the next number.

Only public events come here; whatever is under embargo is not in them. Titles are in English and French;
a document's own title stays as its authors wrote it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from services.kernel import Aggregate

BRIEFINGS, PUBLICATIONS, STATEMENTS = "briefings", "publications", "statements"
WORKPLAN, CHAIRMANSHIP = "workplan", "chairmanship"

Words = dict[str, str]
"""One text by language; ``en`` and ``fr`` always."""

PAPERS: dict[str, Words] = {
    "issue_paper": {"en": "Issue paper", "fr": "Document thématique"},
    "information_note": {"en": "Information note", "fr": "Note d'information"},
    "joint_statement": {"en": "Joint statement", "fr": "Déclaration commune"},
}


@dataclass(frozen=True)
class Matter:
    """One public thing to tell. ``at``: the instant it became so, UTC; ``url``: a path of the public site;
    ``data``: JSON-able particulars of its kind, instants written in ISO 8601; no ``pillars`` means all four."""

    topic: str
    kind: str
    title: Words
    summary: Words
    at: datetime
    url: str
    pillars: list[str] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)


@dataclass
class Topic(Aggregate):
    """One of the five topics; ``last`` is the highest number it gave. Numbers are consecutive from 1, so that software
    can tell what it missed."""

    id: str
    last: int = 0

    def announce(self, matter: Matter, at: datetime) -> int:
        """Give the matter the topic's next number, which is returned. ``at``: the instant of the announcement."""
        if matter.topic != self.id:
            raise ValueError(f"A matter of {matter.topic} is none of {self.id}.")
        self.last += 1
        told = asdict(matter)
        del told["topic"]
        self.happen("announced", at, topic=self.id, number=self.last, matter=told)
        return self.last


def published(event: Mapping[str, Any]) -> Matter:
    """``documents.published``: an issue paper or an information note is public."""
    paper = _paper(event)
    return Matter(
        PUBLICATIONS,
        "published",
        title={"en": f"{paper['en']} published: {event['title']}", "fr": f"{paper['fr']} publié{_e(event)} : {event['title']}"},
        summary=dict.fromkeys(("en", "fr"), event["summary"] or event["title"]),
        at=event["at"],
        url=event["url"],
        pillars=list(event["pillars"]),
        data=_told(event, "document", "kind", "number", "title", "language", "digest"),
    )


def presented(event: Mapping[str, Any], at: datetime) -> Matter:
    """``documents.presented``: a publication was, or will be, presented. ``at``: the event's instant."""
    paper = _paper(event)
    margins = event["on_margins_of"]
    where = f"{event['where']}, {event['when']}"
    return Matter(
        PUBLICATIONS,
        "presented",
        title={
            "en": f"{paper['en']} presented in {event['where']}: {event['title']}",
            "fr": f"{paper['fr']} présenté{_e(event)} à {event['where']} : {event['title']}",
        },
        summary={
            "en": f"{where}, on the margins of {margins}." if margins else f"{where}.",
            "fr": f"{where}, en marge de : {margins}." if margins else f"{where}.",
        },
        at=at,
        url=f"/documents/{event['document']}",
        data=_told(event, "document", "kind", "number", "title", "where", "when", "on_margins_of"),
    )


def statement_issued(event: Mapping[str, Any]) -> Matter:
    """``documents.statement_issued``: the Group spoke with one voice."""
    signatories = ", ".join(event["signatories"])
    return Matter(
        STATEMENTS,
        "statement_issued",
        title={"en": f"Joint statement: {event['title']}", "fr": f"Déclaration commune : {event['title']}"},
        summary={
            "en": f"{event['occasion']}. Signed by {signatories}.",
            "fr": f"{event['occasion']}. Signée par {signatories}.",
        },
        at=event["at"],
        url=event["url"],
        pillars=list(event["pillars"]),
        data=_told(event, "document", "title", "occasion", "digest", "signatories"),
    )


def plan_adopted(event: Mapping[str, Any], at: datetime) -> Matter:
    """``workplan.plan_adopted``: the year's plan is in force. ``at``: the event's instant."""
    year, activities = event["year"], event["activities"]
    return Matter(
        WORKPLAN,
        "plan_adopted",
        title={"en": f"Workplan {year} adopted", "fr": f"Plan de travail {year} adopté"},
        summary={
            "en": _said("Endorsed by {}. ", event["endorsed_by"]) + f"Activities: {len(activities)}.",
            "fr": _said("Approuvé par {}. ", event["endorsed_by"]) + f"Activités : {len(activities)}.",
        },
        at=at,
        url=f"/workplans/{year}",
        pillars=sorted({pillar for activity in activities for pillar in activity["pillars"]}),
        data=_told(event, "year", "digest", "endorsed_by", "activities"),
    )


def term_started(event: Mapping[str, Any], at: datetime) -> Matter:
    """``chairs.term_started``: another entity chairs, or two. ``at``: the event's instant, 1 January."""
    year, chairs = event["year"], event["chairs"]
    several = len(chairs) > 1
    return Matter(
        CHAIRMANSHIP,
        "term_started",
        title={
            "en": f"{' and '.join(chairs)} {'co-chair' if several else 'chairs'} the Group in {year}",
            "fr": f"{' et '.join(chairs)} {'coprésident' if several else 'préside'} le Groupe en {year}",
        },
        summary={
            "en": f"The term runs from 1 January to 31 December {year}.",
            "fr": f"Le mandat court du 1er janvier au 31 décembre {year}.",
        },
        at=at,
        url="/chairs",
        data=_told(event, "year", "chairs"),
    )


BRIEFING_TITLES: dict[str, Words] = {
    "briefing_announced": {"en": "Briefing: {}", "fr": "Réunion d'information : {}"},
    "briefing_changed": {"en": "Briefing changed: {}", "fr": "Réunion d'information modifiée : {}"},
    "briefing_cancelled": {"en": "Briefing cancelled: {}", "fr": "Réunion d'information annulée : {}"},
}


CALENDAR = ("briefing", "uid", "revision", "title", "starts_at", "ends_at", "place", "agenda", "papers")
"""What of a briefing makes its entry in a calendar."""


def briefing(kind: str, event: Mapping[str, Any], at: datetime) -> Matter:
    """``workplan.briefing_announced``, ``…_changed`` or ``…_cancelled`` (``kind`` without its producer). ``uid`` and
    ``revision`` let a change update the entry that the announcement made in a reader's calendar. ``at``: the event's instant."""
    starts, ends = event["starts_at"].astimezone(UTC), event["ends_at"].astimezone(UTC)
    until = f"{ends:%H:%M}" if ends.date() == starts.date() else f"{ends:%Y-%m-%d %H:%M}"
    when = f"{starts:%Y-%m-%d %H:%M}–{until} UTC, {event['place']}"
    margins, reason = event["on_margins_of"], event.get("reason")
    return Matter(
        BRIEFINGS,
        kind,
        title={language: words.format(event["title"]) for language, words in BRIEFING_TITLES[kind].items()},
        summary={
            "en": when + (f", on the margins of {margins}." if margins else ".") + (f" Reason: {reason}" if reason else ""),
            "fr": when + (f", en marge de : {margins}." if margins else ".") + (f" Motif : {reason}" if reason else ""),
        },
        at=at,
        url=f"/briefings/{event['briefing']}",
        pillars=list(event["pillars"]),
        data=_told(event, *CALENDAR, "kind", "on_margins_of", "reason"),
    )


def _paper(event: Mapping[str, Any]) -> Words:
    words, number = PAPERS[event["kind"]], event["number"]
    return dict(words) if number is None else {"en": f"{words['en']} {number}", "fr": f"{words['fr']} n° {number}"}


def _e(event: Mapping[str, Any]) -> str:
    """The French participle's feminine ending: a note and a declaration have it."""
    return "" if event["kind"] == "issue_paper" else "e"


def _said(sentence: str, names: Sequence[str]) -> str:
    """The sentence about these names; nothing where there is none, as of a plan that silence adopted."""
    return sentence.format(", ".join(names)) if names else ""


def _told(event: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: _plain(event[name]) for name in names if name in event}


def _plain(value: Any) -> Any:
    """The value in JSON's own kinds; instants and dates in ISO 8601."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
