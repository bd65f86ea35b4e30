"""Mail: text and HTML, unsubscribing in one click, and for a briefing or a meeting its calendar entry.

The words around a matter are in ``templates/words.yaml``, by language; a language without them gets English. A header never
holds what could begin another: the library refuses line breaks, and a title is put on one line before.
"""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import jinja2
import yaml
from icalendar import Calendar, Event, vCalAddress, vText

from contracts.notifications import CONFIRM_PATH, UNSUBSCRIBE_PATH
from messaging.context import now
from services.notifications.channels import Parcel, Undelivered

TIMEOUT_SECONDS = 10.0
TEMPLATES = Path(__file__).parent / "templates"
RIGHT_TO_LEFT = {"ar"}

_words: dict[str, dict[str, str]] = yaml.safe_load((TEMPLATES / "words.yaml").read_text(encoding="utf-8"))
_pages = jinja2.Environment(
    loader=jinja2.FileSystemLoader(TEMPLATES),
    autoescape=jinja2.select_autoescape(["html"]),
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class MailChannel:
    """Sends one mail at a time, each over a connection of its own; any number of threads may share one.

    ``server``: ``smtp://host:port`` (TLS when the server offers it) or ``smtps://user:password@host:port``; ``sender``: the address
    all mail is from; ``site``: the public address of the platform, to which links are joined.
    """

    def __init__(self, server: str, sender: str, site: str) -> None:
        self.server = urlsplit(server)
        self.sender = sender
        self.site = site.rstrip("/")
        self._tls = ssl.create_default_context()  # reads every authority this machine trusts: once, not for each mail

    def send(self, parcel: Parcel) -> None:
        """Hand one mail to the server; raises Undelivered. ``for_good`` when the server will never take it for this address."""
        message = self.message(parcel)
        try:
            with self._connection() as connection:
                connection.send_message(message, to_addrs=[parcel.target])
        except smtplib.SMTPRecipientsRefused as error:
            code, reason = next(iter(error.recipients.values()))
            raise Undelivered(f"The mail server refused the address: {code} {_readable(reason)}", for_good=code >= 500) from None
        except smtplib.SMTPDataError as error:
            raise Undelivered(
                f"The mail server refused the mail: {error.smtp_code} {_readable(error.smtp_error)}", for_good=error.smtp_code >= 500
            ) from None
        except (smtplib.SMTPException, OSError) as error:
            raise Undelivered(f"The mail server did not take it: {type(error).__name__}: {error}") from None

    def message(self, parcel: Parcel) -> EmailMessage:
        """The mail of a parcel. Its Message-ID is made of the delivery's id, so that a second copy, sent because the first
        one's record was lost in a crash, can be known as one."""
        domain = parseaddr(self.sender)[1].rpartition("@")[2]
        message = EmailMessage(policy=SMTP)
        message["From"] = self.sender
        message["To"] = parcel.target
        must_name_only(parcel.target, message)
        message["Date"] = format_datetime(now())
        message["Message-ID"] = f"<{parcel.id}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        words = _words.get(parcel.language, _words["en"])
        language = parcel.language if parcel.language in _words else "en"
        page: dict[str, Any] = {"words": words, "language": language, "direction": "rtl" if language in RIGHT_TO_LEFT else "ltr"}
        if parcel.told is None:
            page |= {"link": self._link(CONFIRM_PATH, parcel.token)}
            message["Subject"] = words["confirm_subject"]
            self._fill(message, "confirm", page)
            return message
        matter = parcel.told["matter"]
        unsubscribe = self._link(UNSUBSCRIBE_PATH, parcel.token)
        page |= {
            "topic": words[parcel.told["topic"]],
            "number": parcel.told["number"],
            "title": _one_line(matter["title"].get(parcel.language) or matter["title"]["en"]),
            "summary": matter["summary"].get(parcel.language) or matter["summary"]["en"],
            "at": f"{matter['at']:%Y-%m-%d %H:%M} UTC",
            "agenda": matter["data"].get("agenda", []),
            "papers": [{**paper, "url": self._absolute(paper["url"])} for paper in matter["data"].get("papers", [])],
            "link": self._absolute(quote(matter["url"], safe="/?&=#%")),
            "unsubscribe": unsubscribe,
        }
        message["Subject"] = page["title"]
        message["List-Id"] = f"<{parcel.told['topic']}.{domain}>"
        message["List-Unsubscribe"] = f"<{unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        self._fill(message, "matter", page)
        if "uid" in matter["data"]:
            calendar, method = invitation(matter, page, parseaddr(self.sender)[1], parcel.target)
            message.add_alternative(calendar, subtype="calendar", params={"method": method}, cte="base64")
        return message

    def _fill(self, message: EmailMessage, template: str, page: dict[str, Any]) -> None:
        message.set_content(_pages.get_template(f"{template}.txt").render(page), cte="quoted-printable")
        message.add_alternative(_pages.get_template(f"{template}.html").render(page), subtype="html", cte="quoted-printable")

    def _link(self, path: str, token: str) -> str:
        return f"{self.site}{path}?token={quote(token)}"

    def _absolute(self, address: str) -> str:
        return self.site + address if address.startswith("/") else address

    @contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        secure = self.server.scheme == "smtps"
        host, port = self.server.hostname or "", self.server.port or (465 if secure else 25)
        connection: smtplib.SMTP
        if secure:
            connection = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=self._tls)
        else:
            connection = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
        with connection:
            connection.ehlo()
            if not secure and connection.has_extn("starttls"):
                connection.starttls(context=self._tls)
                connection.ehlo()
            if self.server.username:
                connection.login(unquote(self.server.username), unquote(self.server.password or ""))
            yield connection


def must_name_only(target: str, message: EmailMessage) -> None:
    """Raises Undelivered, for good, unless whoever reads the mail sees ``target`` alone as its addressee: the library decodes
    what is in a header, and so could write down others than it was given."""
    seen = message_from_bytes(message.as_bytes(), policy=SMTP)["To"].addresses
    if [address.addr_spec for address in seen] != [target]:
        raise Undelivered("The address would read as another's in the header of a mail.", for_good=True)


def invitation(matter: dict[str, Any], page: dict[str, Any], organizer: str, attendee: str) -> tuple[str, str]:
    """The calendar entry of a briefing or a meeting as iCalendar text, and its method. The same UID with a higher SEQUENCE changes or
    cancels the entry that the announcement made (RFC 5546). ``page``: its ``agenda``, ``papers`` and ``link``, as the mail shows them."""
    told = matter["data"]
    method = "CANCEL" if matter["kind"].endswith("_cancelled") else "REQUEST"
    entry = Event()
    entry.add("uid", told["uid"])
    entry.add("sequence", told["revision"])
    entry.add("dtstamp", matter["at"])
    entry.add("dtstart", datetime.fromisoformat(told["starts_at"]))
    entry.add("dtend", datetime.fromisoformat(told["ends_at"]))
    entry.add("summary", told["title"])
    entry.add("location", told["place"])
    online = [told["link"]] if told.get("link") else []
    lines = [*online, *page["agenda"], *(f"{paper['title']}: {paper['url']}" for paper in page["papers"]), page["link"]]
    entry.add("description", "\n".join(lines))
    entry.add("url", page["link"])
    entry.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    entry.add("organizer", vCalAddress(f"mailto:{organizer}"))
    guest = vCalAddress(f"mailto:{attendee}")
    guest.params["RSVP"] = vText("FALSE")
    entry.add("attendee", guest)
    calendar = Calendar()
    calendar.add("prodid", "-//ICAT//Notifications//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(entry)
    return calendar.to_ical().decode(), method


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _readable(reason: Any) -> str:
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
