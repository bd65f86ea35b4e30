"""Mail: text and HTML, unsubscribing in one click, and for a briefing or a meeting its calendar entry.

What a mail says is in ``letter.py``; here are its headers, its envelope and its way to the server. A header never holds what could
begin another: the library refuses line breaks, a title is put on one line before, and what reads like an encoded word stays text.
"""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any
from urllib.parse import unquote, urlsplit

from messaging.context import now
from services.notifications.channels import Parcel, Undelivered
from services.notifications.channels.letter import letter
from services.notifications.rules import reasons
from services.notifications.rules.reasons import Why

TIMEOUT_SECONDS = 10.0

BOUNCES = "bounces+"
"""How the address begins to which undeliverable mail comes back; the token that tells whose it was follows."""


class MailChannel:
    """Sends one mail at a time, each over a connection of its own; any number of threads may share one.

    ``server``: ``smtp://host:port`` (TLS when the server offers it) or ``smtps://user:password@host:port``; ``sender``: the address
    all mail is from; ``site``: the public address of the platform, to which links are joined; ``returns``: whether each mail comes back
    to an address of its own, since somebody receives there (``bounces.py``); otherwise it comes back to the sender.
    """

    def __init__(self, server: str, sender: str, site: str, *, returns: bool = False) -> None:
        self.server = urlsplit(server)
        self.sender = sender
        self.address = parseaddr(sender)[1]
        self.domain = self.address.rpartition("@")[2]
        self.site = site.rstrip("/")
        self.returns = returns
        self._tls = ssl.create_default_context()  # reads every authority this machine trusts: once, not for each mail

    def send(self, parcel: Parcel) -> None:
        """Hand one mail to the server; raises Undelivered. ``for_good`` when the server will never take it for this address."""
        message = self.message(parcel)
        try:
            with self._connection() as connection:
                connection.send_message(message, from_addr=self.envelope_sender(parcel), to_addrs=[parcel.target])
        except smtplib.SMTPRecipientsRefused as error:
            code, reason = next(iter(error.recipients.values()))
            why = Why(reasons.ADDRESS_REFUSED, quoted=f"{code} {_readable(reason)}")
            raise Undelivered(why, for_good=code >= 500, refused=_status(code, _readable(reason))) from None
        except smtplib.SMTPDataError as error:
            why = Why(reasons.MAIL_REFUSED, quoted=f"{error.smtp_code} {_readable(error.smtp_error)}")
            raise Undelivered(why, for_good=error.smtp_code >= 500) from None
        except (smtplib.SMTPException, OSError) as error:
            raise Undelivered(Why(reasons.MAIL_NOT_TAKEN, quoted=f"{type(error).__name__}: {error}")) from None

    def message(self, parcel: Parcel) -> EmailMessage:
        """The mail of a parcel. Its Message-ID is made of the delivery's id, so that a second copy, sent because the first
        one's record was lost in a crash, can be known as one."""
        said = letter(parcel, self.site, self.address)
        message = EmailMessage(policy=SMTP)
        message["From"] = self.sender
        message["To"] = parcel.target
        must_name_only(parcel.target, message)
        message["Subject"] = _no_encoded_word(said.subject)
        message["Date"] = format_datetime(now())
        message["Message-ID"] = f"<{parcel.id}@{self.domain}>"
        message["Auto-Submitted"] = "auto-generated"  # so that no holiday's answer comes back (RFC 3834)
        if said.list:
            message["List-Id"] = f"<{said.list}.{self.domain}>"
            message["List-Unsubscribe"] = f"<{said.unsubscribe}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(said.text, cte="quoted-printable")
        message.add_alternative(said.html, subtype="html", cte="quoted-printable")
        if said.calendar is not None:
            entry, method = said.calendar
            message.add_alternative(entry, subtype="calendar", params={"method": method}, cte="base64")
        return message

    def envelope_sender(self, parcel: Parcel) -> str:
        """Where the mail comes back to when it cannot be delivered."""
        return f"{BOUNCES}{parcel.bounce}@{self.domain}" if self.returns and parcel.bounce else self.address

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
        raise Undelivered(Why(reasons.ADDRESS_READS_OTHERWISE), for_good=True)


def _no_encoded_word(text: str) -> str:
    """The text with an invisible joint in what the library would take for an encoded word (RFC 2047) and decode, line breaks and all."""
    return text.replace("=?", "=\N{WORD JOINER}?")


def _status(code: int, reason: str) -> str:
    """The status (RFC 3463) with which the address was refused; nothing where it is one of policy (x.7.x), which is said of us as
    often as of the address: a relay that lets nobody in refuses every address so."""
    told = re.match(r"[245]\.\d{1,3}\.\d{1,3}\b", reason)
    status = told[0] if told else f"{code // 100}.0.0"
    return "" if status.split(".")[1] == "7" else status


def _readable(reason: Any) -> str:
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
