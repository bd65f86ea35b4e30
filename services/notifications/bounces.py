"""The receiver of bounces, a process of its own: ``python -m services.notifications.bounces``.

Each mail goes out from an address of its own (``MailChannel.envelope_sender``); what comes back there is received here by SMTP or LMTP,
read, and ordered of the service as ``ReportBounce``. Only delivery status notifications (RFC 3464) and complaints (RFC 5965) say
anything; what answers by itself, or asks us to prove ourselves, is taken and let go. A report is accepted only once the service has it:
until then the mail server in front keeps it and tries again, so this process keeps nothing.

It stands behind a mail server, on the loopback or inside a cluster, never on the open Internet. All the same it trusts nobody: what a
stranger sends is bounded in bytes and time, and a token that is none of ours changes nothing: it is answered with 550, where a report that
the service has is answered with 250, and one that it cannot have now with 451. The same mail again is the same order. It has no store, and
on the broker may give this one order.
"""

import asyncio
import hashlib
import itertools
import logging
import re
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes
from email.message import Message
from email.utils import parseaddr
from functools import partial
from typing import Any, ClassVar

from aiosmtpd.smtp import SMTP, Envelope, Session, syntax

from messaging.client import Pool
from messaging.context import Order, new_traceparent, now
from messaging.logs import write_logs
from messaging.settings import SettingsError, setting
from services.kernel import Refusal
from services.kernel.actor import SYSTEM_ACTOR
from services.notifications.channels.mail import BOUNCES
from services.notifications.rules.bounces import COMPLAINT

log = logging.getLogger("icat.bounces")

LARGEST = 2 * 1024 * 1024
"""Bytes of one mail. A report that carries our whole mail back is a small part of it."""

READ = 64 * 1024
"""Bytes of it that are read: what a report says stands before the mail it returns."""

NESTED = 30
"""Boundaries and mails within mails that it may have there. Thousands, each in the one before, would take the library seconds."""

PARTS = 100
"""Parts of it that are looked at."""

SESSION_SECONDS = 120.0
IDLE_SECONDS = 30.0
SESSION_BYTES = 10 * LARGEST
CONNECTIONS = 50

AT_ONCE = 4
"""Reports that are read and ordered at the same time."""

STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")


def told_by(content: bytes) -> tuple[str, str] | None:
    """What a mail reports: a status by RFC 3463, or ``complaint``, and the server's own words; None when it reports no failure. Never
    raises, whatever it is given."""
    head = content[:READ]
    if sum(head.lower().count(word) for word in (b"boundary=", b"message/")) > NESTED:
        return None
    try:
        parts = list(itertools.islice(message_from_bytes(head).walk(), PARTS))
        failures = sorted((told for part in parts for told in _failures(part)), reverse=True)  # what is permanent first
    except (RecursionError, ValueError, LookupError, AttributeError, TypeError):
        return None  # no mail server writes what the library cannot read
    if failures:
        return failures[0]
    return (COMPLAINT, "") if any(_is_complaint(part) for part in parts) else None


def _failures(part: Message) -> Iterator[tuple[str, str]]:
    """The failures of a delivery status notification: of each recipient that will not be tried again."""
    blocks: Any = part.get_payload()
    if part.get_content_type() != "message/delivery-status" or not isinstance(blocks, list):
        return
    for block in blocks:
        if _field(block, "Action").lower() == "failed":
            said = _field(block, "Diagnostic-Code")
            yield _status(_field(block, "Status"), said), said


def _status(status: str, said: str) -> str:
    """The status of a failure; where it is missing, what the server's own words say. A failure that says nothing may have passed."""
    found = STATUS.search(status) or STATUS.search(said)
    if found:
        return found[0]
    reply = re.search(r"\b([45])\d\d\b", said)
    return f"{reply[1] if reply else 4}.0.0"


def _is_complaint(part: Message) -> bool:
    """Whether it is the report of a reader who does not want our mail (RFC 5965); ``not-spam`` takes such a report back."""
    fields: Any = part.get_payload()
    if part.get_content_type() != "message/feedback-report" or not isinstance(fields, list):
        return False
    return any(_field(each, "Feedback-Type").lower() not in ("", "not-spam") for each in fields)


def _field(block: Message, name: str) -> str:
    return " ".join(str(block.get(name, "")).split())[:500]


class Handler:
    """What becomes of each mail. ``domain``: of our addresses."""

    def __init__(self, pool: Pool, domain: str) -> None:
        self.pool = pool
        self.ours = re.compile(rf"{re.escape(BOUNCES)}([a-z0-9.-]{{20,56}})@{re.escape(domain)}\Z", re.IGNORECASE)
        self.threads = ThreadPoolExecutor(AT_ONCE)

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        if not self.ours.match(address):
            return "550 5.1.1 No such address here"
        if envelope.rcpt_tos:
            return "452 4.5.3 One recipient to a mail"  # so that LMTP, which answers for each, answers once
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        found = self.ours.match(envelope.rcpt_tos[0])
        assert found is not None  # accepted above
        work = partial(self.report, found[1].lower(), bytes(envelope.original_content or b""))
        return await asyncio.get_running_loop().run_in_executor(self.threads, work)

    def report(self, token: str, content: bytes) -> str:
        """Have the service take what the mail reports; the answer to who sent it. The same mail, sent again, is the same order."""
        told = told_by(content)
        if told is None:
            log.info("taken, and no report of a failure")
            return "250 2.0.0 OK"
        id = f"bounce-{hashlib.sha256(token.encode() + content).hexdigest()[:32]}"
        order = Order(id=id, by=SYSTEM_ACTOR, at=now(), correlation=id, traceparent=new_traceparent())
        status, diagnostic = told
        try:
            self.pool.call("notifications", "report_bounce", {"token": token, "status": status, "diagnostic": diagnostic}, order)
        except Refusal as refusal:
            if refusal.kind in ("not_found", "invalid"):
                log.info("taken by nobody: a token that is none of ours")
                return "550 5.1.1 No such address here"
            log.warning("not taken, to be sent again: %s", refusal.rule)
            return "451 4.3.0 Try again later"
        except Exception:
            log.exception("not taken, to be sent again")
            return "451 4.3.0 Try again later"
        log.info("reported %s", status)
        return "250 2.0.0 OK"


class Connection(SMTP):
    """One connection, by SMTP or LMTP. It ends when its time or its bytes are used up, wherever it is: the library's own bounds begin
    anew with each line."""

    open: ClassVar[int] = 0

    def connection_made(self, transport: Any) -> None:
        Connection.open += 1
        self._bytes = 0
        self._end = self.loop.call_later(SESSION_SECONDS, transport.abort)
        super().connection_made(transport)
        if Connection.open > CONNECTIONS:
            transport.abort()

    def data_received(self, data: bytes) -> None:
        self._bytes += len(data)
        if self._bytes > SESSION_BYTES and self.transport is not None:
            self.transport.abort()
            return
        super().data_received(data)

    def connection_lost(self, error: Exception | None) -> None:
        Connection.open -= 1
        self._end.cancel()
        super().connection_lost(error)

    @syntax("LHLO hostname")
    async def smtp_LHLO(self, arg: str) -> None:
        """LMTP's greeting (RFC 2033)."""
        await self.smtp_EHLO(arg)


async def receive(handler: Handler, host: str, port: int) -> None:
    """Receive until SIGTERM."""
    loop, end = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end.set)
    connection = partial(Connection, handler, hostname="bounces", ident="ICAT", data_size_limit=LARGEST, timeout=IDLE_SECONDS, loop=loop)
    server = await loop.create_server(connection, host, port)
    log.info("receiving")
    await end.wait()
    server.close()


def listening(setting: str) -> tuple[str, int]:
    """Host and port of ``ICAT_BOUNCES_LISTEN``. Raises SettingsError."""
    host, _, port = setting.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise SettingsError("ICAT_BOUNCES_LISTEN is host and port, as 127.0.0.1:2525.")
    return host.strip("[]"), int(port)


def main() -> int:
    """Run the receiver; the process's exit status."""
    try:
        host, port = listening(setting("ICAT_BOUNCES_LISTEN"))
        domain = parseaddr(setting("ICAT_MAIL_FROM"))[1].rpartition("@")[2]
        pool = Pool(setting("AMQP_URI"), size=AT_ONCE)
        write_logs(setting("ICAT_LOG_LEVEL"))
    except SettingsError as error:
        print(f"icat: {error}", file=sys.stderr)
        return 2
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # the library's own would hold addresses, and the tokens in them
    asyncio.run(receive(Handler(pool, domain), host, port))
    pool.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
