"""What a mail says: its subject, its text and its HTML from ``templates/``, and the calendar entry of a briefing or a meeting.

The words around a matter, the *frame*, are in ``templates/words.yaml`` by language. A language that has none there gets the English frame
around whatever exists in the language itself; each such text says its own language and direction. The plain text stands on its own: no line
of it is longer than ``COLUMNS`` but for links, which are whole and stand alone. Instants are told by the clocks of the zone that the reader
chose (``rules/instants.py``), in UTC to who chose none; an entry in a calendar has them in UTC. The HTML is light or dark by the reader's
program; it loads nothing and follows nobody.
"""

import textwrap
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
import yaml
from icalendar import Calendar, Event, vCalAddress, vText
from markupsafe import Markup, escape

from contracts.notifications import CONFIRM_PATH, INVITATION_PATH, REPLY_PATH, UNSUBSCRIBE_PATH
from services.notifications.channels import Parcel
from services.notifications.rules.instants import by_the_clock, minute, told_in

TEMPLATES = Path(__file__).parent / "templates"
RIGHT_TO_LEFT = {"ar"}

COLUMNS = 72
"""Characters in a line of plain text, as mail is read in a terminal."""

LONGEST_SUBJECT = 200

WORDS: dict[str, dict[str, str]] = yaml.safe_load((TEMPLATES / "words.yaml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Letter:
    """A mail but for its headers. ``list``: the name of the list it is of, empty where there is nothing to unsubscribe from;
    ``unsubscribe``: the link that does; ``calendar``: an iCalendar text and its method (RFC 5546), None without one."""

    subject: str
    text: str
    html: str
    list: str = ""
    unsubscribe: str = ""
    calendar: tuple[str, str] | None = None


@dataclass(frozen=True)
class Said:
    """A text with the language it is in."""

    text: str
    language: str

    @property
    def direction(self) -> str:
        return "rtl" if self.language in RIGHT_TO_LEFT else "ltr"

    @property
    def start(self) -> str:
        """The side where its lines begin: mail programs know ``left`` and ``right`` alone."""
        return "right" if self.language in RIGHT_TO_LEFT else "left"

    def __str__(self) -> str:
        return self.text


def letter(parcel: Parcel, site: str, organizer: str) -> Letter:
    """The mail of a parcel. ``site``: the platform's public address, to which links are joined; ``organizer``: the address that an entry
    in a calendar is from."""
    return _Writer(parcel, site, organizer).write()


class _Writer:
    """One parcel in the words of its reader."""

    def __init__(self, parcel: Parcel, site: str, organizer: str) -> None:
        self.parcel, self.site, self.organizer = parcel, site, organizer
        self.words = WORDS.get(parcel.language, WORDS["en"])
        self.frame = Said("", parcel.language if parcel.language in WORDS else "en")
        self.unsubscribe = self._link(UNSUBSCRIBE_PATH, parcel.token)

    def write(self) -> Letter:
        parcel = self.parcel
        if parcel.told is not None:
            return self._matter(parcel.told)
        if parcel.items:
            return self._digest(parcel.items)
        if parcel.note is not None:
            return self._note(parcel.note)
        if parcel.invited:
            about = {"link": self._link(INVITATION_PATH, parcel.token), "invited": one_line(parcel.invited)}
            return self._letter("invitation", self.words["invitation_subject"], about)
        return self._confirmation()

    def _confirmation(self) -> Letter:
        topics = ", ".join(self.words[topic] for topic in self.parcel.topics)
        asked = self.words["confirmation_asked"].format(subscriber=one_line(self.parcel.owner), topics=topics)
        page = {"link": self._link(CONFIRM_PATH, self.parcel.token), "asked": asked}
        return self._letter("confirmation", self.words["confirmation_subject"], page)

    def _matter(self, told: Mapping[str, Any]) -> Letter:
        matter, page = told["matter"], self._item(told)
        answer = self._answer(matter)
        calendar = invitation(matter, page, self.words, self.organizer, self.parcel.target, answer) if "uid" in matter["data"] else None
        return self._listed("matter", page["title"].text, told["topic"], page | {"because": self.words["because"]}, calendar)

    def _digest(self, items: tuple[Mapping[str, Any], ...]) -> Letter:
        subject = self.words["digest_subject"].format(count=len(items))
        page = {"items": [self._item(item) for item in items], "because": self.words["because_digest"]}
        return self._listed("digest", subject, "digest", page)

    def _note(self, note: Mapping[str, Any]) -> Letter:
        page = self._told(note)
        return self._listed("note", page["title"].text, "notes", page | {"because": self.words["because_note"]})

    def _item(self, told: Mapping[str, Any]) -> dict[str, Any]:
        return {"topic": self.words[told["topic"]], "number": told["number"], **self._told(told["matter"])}

    def _told(self, matter: Mapping[str, Any]) -> dict[str, Any]:
        """What a matter and a note have alike, as their templates ask for it."""
        data = matter["data"]
        return {
            "title": self._said(matter["title"], one_line),
            "summary": self._said(matter["summary"], visible, data),
            "at": self._instant(matter["at"]),
            "agenda": [one_line(item) for item in data.get("agenda", [])],
            "papers": [{"title": one_line(paper["title"]), "url": self._absolute(paper["url"])} for paper in data.get("papers", [])],
            "link": self._absolute(matter["url"]),
            "reply": self._reply(matter),
            "ask": self.words[f"replied_{answer}" if (answer := self._answer(matter)) else "reply"],
            "reply_by": self._instant(datetime.fromisoformat(data["reply_by"])) if data.get("reply_by") else "",
        }

    def _reply(self, matter: Mapping[str, Any]) -> str:
        """The page on which the reader of this mail says whether it comes; none for what is no briefing, or not held."""
        briefing = matter["data"].get("briefing", "")
        if not (token := self.parcel.replies.get(briefing)) or matter["kind"].endswith("_cancelled"):
            return ""
        return self._link(REPLY_PATH.format(briefing=quote(briefing, safe="")), token)

    def _answer(self, matter: Mapping[str, Any]) -> str:
        """What its reader replied so far to the briefing that is told; empty without a reply."""
        return self.parcel.answers.get(matter["data"].get("briefing", ""), "")

    def _listed(self, template: str, subject: str, name: str, page: dict[str, Any], calendar: tuple[str, str] | None = None) -> Letter:
        return self._letter(template, subject, page | {"unsubscribe": self.unsubscribe}, name, self.unsubscribe, calendar)

    def _letter(self, template: str, subject: str, page: dict[str, Any], *more: Any) -> Letter:
        subject = _not_too_long(one_line(subject))
        page = {"words": self.words, "frame": self.frame, "subject": subject, **page}
        text, html = (_pages.get_template(f"{template}.{kind}").render(page) for kind in ("txt", "html"))
        return Letter(subject, text, html, *more)

    def _said(self, words: Mapping[str, str], made: Callable[[str], str], particulars: Mapping[str, Any] | None = None) -> Said:
        """A text in the reader's language, or in English; of one with ``particulars``, the instants among them by the reader's clocks."""
        language = self.parcel.language if words.get(self.parcel.language) else "en"
        text = words[language]
        if self.parcel.zone and particulars:
            text = told_in(self.parcel.zone, language, text, particulars)
        return Said(made(text), language)

    def _instant(self, instant: datetime) -> str:
        zone = self.parcel.zone
        return by_the_clock(zone, self.frame.language, instant) if zone else minute(instant)

    def _link(self, path: str, token: str) -> str:
        return f"{self.site}{path}?token={quote(token)}"

    def _absolute(self, address: str) -> str:
        return self.site + quote(address, safe="/?&=#%:@;,+~") if address.startswith("/") else one_line(address)


PARTICIPATION = {"yes": "ACCEPTED", "no": "DECLINED", "tentative": "TENTATIVE", "": "NEEDS-ACTION"}
"""What a calendar calls a reply: an update that said otherwise would undo in it what its owner told us (RFC 5545, 3.2.12)."""


def invitation(
    matter: Mapping[str, Any], page: Mapping[str, Any], words: Mapping[str, str], organizer: str, attendee: str, answer: str = ""
) -> tuple[str, str]:
    """The calendar entry of a briefing or a meeting as iCalendar text, and its method. The same UID with a higher SEQUENCE changes or
    cancels the entry that the announcement made (RFC 5546). ``page``: its ``agenda``, ``papers``, ``link``, ``reply`` and ``ask``, as the
    mail shows them; ``answer``: what its reader replied so far.

    One replies on the page it points to: an answer by the calendar program's own mail (``RSVP=TRUE``) would reach nobody.
    """
    told = matter["data"]
    method = "CANCEL" if matter["kind"].endswith("_cancelled") else "REQUEST"
    entry = Event()
    entry.add("uid", told["uid"])
    entry.add("sequence", told["revision"])
    entry.add("dtstamp", matter["at"])
    entry.add("dtstart", datetime.fromisoformat(told["starts_at"]))
    entry.add("dtend", datetime.fromisoformat(told["ends_at"]))
    entry.add("summary", visible(told["title"]))
    entry.add("location", visible(told["place"]))
    reply = [f"{page['ask']}{words['colon']} {page['reply']}"] if page["reply"] else []
    online = [told["link"]] if told.get("link") else []
    lines = [*reply, *online, *page["agenda"], *(f"{paper['title']}: {paper['url']}" for paper in page["papers"]), page["link"]]
    entry.add("description", "\n".join(lines))
    entry.add("url", page["reply"] or page["link"])
    entry.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    entry.add("organizer", vCalAddress(f"mailto:{organizer}"))
    guest = vCalAddress(f"mailto:{attendee}")
    guest.params["ROLE"] = vText("REQ-PARTICIPANT")
    guest.params["PARTSTAT"] = vText(PARTICIPATION[answer])
    guest.params["RSVP"] = vText("FALSE")
    entry.add("attendee", guest)
    calendar = Calendar()
    calendar.add("prodid", "-//ICAT//Notifications//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(entry)
    return calendar.to_ical().decode(), method


def one_line(text: str) -> str:
    """The text on one line, for a header or a heading."""
    return " ".join(visible(text).split())


def visible(text: str) -> str:
    """The text without control characters, which no reader sees and some programs obey; its line breaks stay."""
    return "".join(c if c == "\n" or unicodedata.category(c) != "Cc" else " " * c.isspace() for c in text)


def _not_too_long(subject: str) -> str:
    return subject if len(subject) <= LONGEST_SUBJECT else subject[: LONGEST_SUBJECT - 1].rstrip() + "…"


def _wrapped(text: Any, indent: str = "", first: str | None = None) -> str:
    """Paragraphs in lines of ``COLUMNS`` characters, a link never broken. What has no spaces, as Chinese, is broken where it is shown."""
    fill = textwrap.TextWrapper(COLUMNS, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    lines = []
    for number, line in enumerate(str(text).splitlines()):
        fill.initial_indent = first if first is not None and number == 0 else indent
        lines.append(fill.fill(line))
    return "\n".join(lines)


def _in_lines(text: Any) -> Markup:
    """The text's own line breaks in HTML."""
    return Markup("<br>").join(escape(line) for line in str(text).splitlines())


_pages = jinja2.Environment(
    loader=jinja2.FileSystemLoader(TEMPLATES),
    autoescape=jinja2.select_autoescape(["html"]),
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_pages.filters |= {"wrapped": _wrapped, "in_lines": _in_lines}
