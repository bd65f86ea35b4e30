"""What subscribers have outside the platform: a mailbox, a calendar, a webhook receiver, a queue. What arrives is kept as it came,
with the id it came under, so that it can be counted on the wire."""

import base64
import json
import re
import secrets
import smtplib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pika
from icalendar import Calendar
from standardwebhooks import Webhook, WebhookVerificationError

from clients.icat_mission import Mission

CONFIRMING = "/subscriptions/confirm?"
INVITING = "/subscriptions/invitation?"
REPLYING = "/reply?"
"""By what the links in mails are known."""

IDLE_SECONDS = 0.5
"""How long a queue is silent before it counts as empty."""

CLOSED = """From: MAILER-DAEMON@{domain}
To: {returned}
Subject: Undelivered mail returned to sender
Message-ID: {id}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=closed"

--=closed
Content-Type: text/plain

This mailbox is closed.
--=closed
Content-Type: message/delivery-status

Reporting-MTA: dns; {domain}

Final-Recipient: rfc822; {address}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 This mailbox is closed
--=closed--
"""
"""What a mail server writes of a mail that it could not deliver (RFC 3464)."""


@dataclass(frozen=True)
class Received:
    """One thing that arrived. ``subscriber``: by its code; ``id``: the Message-ID's local part, the ``webhook-id`` or the AMQP
    ``message_id``."""

    channel: str
    subscriber: str
    id: str


# Mail -------------------------------------------------------------------------------------------------------------------------------------


class Mailboxes:
    """The folder of ``.eml`` files that the local mail sink keeps."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[str, EmailMessage] = {}

    def mails(self, to: str | None = None) -> list[EmailMessage]:
        """All mails, or those to one address, in the order in which they came."""
        for path in sorted(self.folder.glob("*.eml")):
            if path.name not in self._read:
                self._read[path.name] = message_from_bytes(path.read_bytes(), policy=default)
        return [mail for _, mail in sorted(self._read.items()) if to is None or mail["To"] == to]

    def tokens(self) -> dict[str, str]:
        """The tokens in the links of the mails that ask to confirm, by the address that was asked."""
        asked = {str(mail["To"]): link_in(mail, CONFIRMING) for mail in self.mails() if mail["List-Id"] is None}
        return {to: token_of(link) for to, link in asked.items() if link}

    def received(self, addresses: dict[str, str]) -> Iterator[Received]:
        """What came to these subscribers (their codes by address), requests to confirm left out."""
        for mail in self.mails():
            if mail["List-Id"] is not None:
                yield Received("mail", addresses[str(mail["To"])], mail["Message-ID"].strip("<>").rpartition("@")[0])

    def mention(self, words: str) -> list[EmailMessage]:
        """The mails that hold these words in a header or any of their parts."""
        return [mail for mail in self.mails() if words in str(mail["Subject"]) or any(words in text for text in _texts(mail))]

    def invitations(self, uid: str) -> list[EmailMessage]:
        """The mails that carry this calendar entry."""
        return [mail for mail in self.mails() if any(entry["uid"] == uid for entry in invited_to(mail))]


def link_in(mail: EmailMessage, known_by: str) -> str | None:
    """The link in a mail's text that holds these words, if there is one."""
    found = re.search(rf"https?://\S+{re.escape(known_by)}\S+", text_of(mail))
    return found[0] if found else None


def token_of(link: str) -> str:
    """The token that a link carries."""
    return parse_qs(urlsplit(link).query)["token"][0]


def language_of(mail: EmailMessage) -> str:
    """The language in which a mail was written, as programs that read it aloud are told."""
    page = mail.get_body(("html",))
    found = re.search(r'<html lang="([a-z]+)"', page.get_content()) if page else None
    return found[1] if found else ""


def return_mail(to: str, mail: EmailMessage) -> int:
    """Return a mail to where its envelope says, by SMTP to ``to`` (host and port), as the server of a mailbox that is closed does; the code
    that this is answered with."""
    address, returned = str(mail["To"]), str(mail["Return-Path"]).strip("<>")
    report = CLOSED.format(domain=address.rpartition("@")[2], address=address, returned=returned, id=mail["Message-ID"])
    host, _, port = to.rpartition(":")
    with smtplib.SMTP(host, int(port), timeout=30) as server:
        server.ehlo()
        server.mail("")
        code, _ = server.rcpt(returned)
        return server.data(report.replace("\n", "\r\n").encode())[0] if code == 250 else code


def invited_to(mail: EmailMessage) -> list[dict[str, Any]]:
    """The calendar entries that a mail carries."""
    parts = (part for part in mail.walk() if part.get_content_type() == "text/calendar")
    return [entry for part in parts for entry in entries_of(bytes(part.get_payload(decode=True)))]


def entries_of(calendar: bytes) -> list[dict[str, Any]]:
    """The entries of an iCalendar file as a calendar program reads it: ``uid``, ``sequence``, ``starts`` and ``title``."""
    return [
        {
            "uid": str(event["uid"]),
            "sequence": event.decoded("sequence"),
            "starts": event.decoded("dtstart"),
            "title": str(event["summary"]),
        }
        for event in Calendar.from_ical(calendar).walk("VEVENT")
    ]


def text_of(mail: EmailMessage) -> str:
    """The plain text of a mail."""
    body = mail.get_body(("plain",))
    return body.get_content() if body else ""


def _texts(mail: EmailMessage) -> Iterator[str]:
    for part in mail.walk():
        if part.get_content_maintype() == "text":
            content = part.get_content()
            yield content if isinstance(content, str) else content.decode("utf-8", "replace")


# Webhooks ---------------------------------------------------------------------------------------------------------------------------------


class Receiver:
    """Receives the webhooks of many missions, each at an address and with a secret of its own. Takes only what is signed as the
    Standard Webhooks specification asks, and echoes challenges."""

    def __init__(self) -> None:
        self.secrets: dict[str, str] = {}
        self.received: list[Received] = []
        self.bodies: list[str] = []
        self.unsigned = 0
        self.signed_twice = 0
        """Calls that bore two signatures: of a secret, and of the one that replaces it."""
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="webhooks", daemon=True)

    def __enter__(self) -> "Receiver":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def open(self, mission: str) -> tuple[str, str]:
        """A mission's address, and the secret with which what it takes there must be signed."""
        self.secrets[mission] = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
        return f"http://127.0.0.1:{self._server.server_port}/{mission}", self.secrets[mission]

    def take(self, mission: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        """The status and the answer for one call."""
        try:
            content = Webhook(self.secrets[mission]).verify(body, headers)
        except (KeyError, WebhookVerificationError):
            with self._lock:
                self.unsigned += 1
            return 401, {}
        if content["type"] == "icat.notifications.challenge":
            return 200, {"challenge": content["challenge"]}
        with self._lock:
            self.signed_twice += len(headers["webhook-signature"].split()) == 2
            self.received.append(Received("webhook", mission, headers["webhook-id"]))
            self.bodies.append(body.decode())
        return 200, {}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", -1))
                body = self.rfile.read(max(length, 0))
                if len(body) != length:  # whoever was calling died in the middle of it: that was no call
                    self.close_connection = True
                    return
                headers = {name.lower(): value for name, value in self.headers.items()}
                status, answer = receiver.take(self.path.strip("/"), headers, body)
                content = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing: the demo says at the end what arrived."""

        return Handler


# Queues -----------------------------------------------------------------------------------------------------------------------------------


class Program(Mission):
    """The client that any mission can run, which besides counts what comes: it hands on no second copy of a notice, and here it matters
    whether one came. ``came``: how many messages."""

    came = 0

    def _arrived(self, handler: Callable[[dict[str, Any]], Any], id: str, notice: dict[str, Any]) -> None:
        self.came += 1
        super()._arrived(handler, id, notice)


class Queue:
    """A mission's own queue on the broker. ``uri`` and ``name``: as the platform answered them to the mission; ``memory``: where its
    program remembers what it had. With ``api``, the platform's address, the program asks by number for what there was of ``topics``
    before."""

    def __init__(self, mission: str, uri: str, name: str, memory: Path, api: str | None = None, topics: tuple[str, ...] = ()) -> None:
        self.mission, self.uri, self.name, self.memory = mission, uri, name, memory
        self.api, self.topics = api, topics
        self.came = 0
        """How many messages ever came out of it."""

    def waiting(self) -> int:
        """How many messages lie in it."""
        with pika.BlockingConnection(pika.URLParameters(self.uri)) as connection:
            return connection.channel().queue_declare(self.name, passive=True).method.message_count

    def read(self) -> list[Received]:
        """Run the mission's program until the queue is empty, and return all that it ever handed on: compare with ``came``."""
        program = Program(self.uri, self.name, self.memory, api=self.api, topics=self.topics, since=0 if self.api else None)
        program.each(lambda notice: None, idle=IDLE_SECONDS)
        self.came += program.came
        return [Received("amqp", self.mission, id) for id in self._remembered("seen", [])]

    def handled(self) -> dict[str, list[int]]:
        """The numbers that its program has handled of each topic, in whichever way they came."""
        return self._remembered("handled", {})

    def _remembered(self, what: str, nothing: Any) -> Any:
        return json.loads(self.memory.read_text())[what] if self.memory.exists() else nothing
