"""Answers as iCalendar (RFC 5545, RFC 7986): feeds that a calendar subscribes to, so they carry no METHOD."""

from datetime import date, datetime, timedelta
from typing import Any

from icalendar import Alarm, Calendar, Event

from gateway.forms.names import called
from gateway.web.words import said

REFRESH = timedelta(hours=1)
"""How often a calendar may ask again."""

STATES = ("proposed", "adopted", "begun", "ended")
"""What a term goes through, one after the other."""

NOTICE = timedelta(days=7)
"""How long before something is due a calendar reminds of it."""


def entries(answer: dict[str, Any], language: str, public_url: str) -> bytes:
    """The calendar of the year, as ``workplan.calendar`` answers it. What is due is an event at that instant, without a length, which
    reminds a week before while it is neither done nor cancelled."""
    entity = answer.get("entity")
    name = said(language, "calendar_of", entity=called(entity, language)) if entity else said(language, "calendar_of_all")
    feed = _feed(name, language)
    for entry in answer["entries"]:
        feed.add_component(_entry(entry, language, public_url))
    return feed.to_ical()


def terms(answer: dict[str, Any], language: str, public_url: str) -> bytes:
    """Who chaired, chairs and will chair, as ``chairs.history`` answers it: each year a whole-day event; what is only proposed is
    tentative. A year nobody knows has no entry."""
    feed = _feed(said(language, "terms_calendar"), language)
    # Dated by the day, so that the feed stays the same file until something changes or a day has passed.
    stamp = _instant(answer["as_of"]).replace(hour=0, minute=0, second=0, microsecond=0)
    for term in answer["terms"]:
        if not term["chairs"]:
            continue
        event = Event()
        event.add("uid", f"term-{term['year']}@icat")
        # Of the term alone: it grows as the term goes on, with each change of who is to chair, and when somebody stands in; whatever else
        # changes in the Group leaves it.
        event.add("sequence", STATES.index(term["state"]) + len(term["stand_ins"]) + term["changes"])
        event.add("dtstamp", stamp)
        event.add("dtstart", date(term["year"], 1, 1))
        event.add("dtend", date(term["year"] + 1, 1, 1))
        chairs, stand_ins = term["chairs"], term["stand_ins"]
        event.add("summary", said(language, "term_of", entities=", ".join(called(code, language) for code in chairs), year=term["year"]))
        named = [(called(one["entity"], language), called(one["for"], language)) for one in stand_ins]
        told = [said(language, "stands_in", entity=entity, other=other) for entity, other in named]
        if told:
            event.add("description", "\n".join(told))
        event.add("url", f"{public_url}/chairs")
        event.add("status", "TENTATIVE" if term["state"] == "proposed" else "CONFIRMED")
        event.add("categories", ["term"])
        event.add("transp", "TRANSPARENT")
        feed.add_component(event)
    return feed.to_ical()


def briefings(answer: dict[str, Any], language: str, public_url: str) -> bytes:
    """The briefings among the matters of a feed (``FeedAnswer``), each as it stands now: what was announced, changed and cancelled is one
    event, of which the highest revision holds. One that was cancelled stays, as such: a calendar forgets only what it is told to."""
    newest: dict[str, dict[str, Any]] = {}
    for item in answer["items"]:
        told = item["matter"]["data"]
        if "uid" in told and "revision" in told:
            held = newest.get(told["uid"])
            if held is None or told["revision"] > held["data"]["revision"]:
                newest[told["uid"]] = item["matter"]
    feed = _feed(said(language, "briefings_calendar"), language)
    for matter in sorted(newest.values(), key=lambda matter: (matter["data"]["starts_at"], matter["data"]["uid"])):
        feed.add_component(_entry(_briefing(matter, language, public_url), language, public_url))
    return feed.to_ical()


def _briefing(matter: dict[str, Any], language: str, public_url: str) -> dict[str, Any]:
    """A matter of a briefing as an entry of the calendar of the year is answered."""
    told = matter["data"]
    papers = [f"{paper['title']}: {_absolute(paper['url'], public_url)}" for paper in told.get("papers", [])]
    return {
        "uid": told["uid"],
        "sequence": told["revision"],
        "kind": told.get("kind") or "briefing",
        "title": told["title"],
        "description": "\n".join([matter["summary"].get(language) or matter["summary"]["en"], *told.get("agenda", []), *papers]),
        "starts_at": told["starts_at"],
        "ends_at": told["ends_at"],
        "place": told["place"],
        "url": matter["url"],
        "link": None,
        "state": "cancelled" if matter["kind"].endswith("_cancelled") else "confirmed",
        "done": False,
        "updated_at": matter["at"],
    }


def _feed(name: str, language: str) -> Calendar:
    feed = Calendar()
    feed.add("prodid", f"-//ICAT//Calendar//{language.upper()}")
    feed.add("version", "2.0")
    feed.add("calscale", "GREGORIAN")
    feed.add("name", name)
    feed.add("x-wr-calname", name)
    feed.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    feed.add("x-published-ttl", "PT1H")
    return feed


def _entry(entry: dict[str, Any], language: str, public_url: str) -> Event:
    event = Event()
    starts, ends = _instant(entry["starts_at"]), _instant(entry["ends_at"])
    is_due = ends <= starts
    is_cancelled = entry["state"] == "cancelled"
    event.add("uid", entry["uid"])
    event.add("sequence", entry["sequence"])
    event.add("dtstamp", _instant(entry["updated_at"]))
    event.add("last-modified", _instant(entry["updated_at"]))
    event.add("dtstart", starts)
    if not is_due:
        event.add("dtend", ends)
    event.add("summary", said(language, "done_mark", title=entry["title"]) if entry["done"] else entry["title"])
    description = "\n".join(part for part in (entry["description"], entry["link"]) if part)
    if description:
        event.add("description", description)
    if entry["place"]:
        event.add("location", entry["place"])
    event.add("url", _absolute(entry["url"], public_url))
    if entry["link"]:
        event.add("conference", entry["link"], parameters={"VALUE": "URI"})
    event.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    event.add("categories", [entry["kind"].replace("_", " ")])
    event.add("transp", "TRANSPARENT" if is_due else "OPAQUE")
    if is_due and not is_cancelled and not entry["done"]:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", entry["title"])
        alarm.add("trigger", -NOTICE)
        event.add_component(alarm)
    return event


def _absolute(path: str, public_url: str) -> str:
    return path if path.startswith(("https://", "http://")) else public_url + path


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
