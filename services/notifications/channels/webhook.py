"""A signed webhook, by the Standard Webhooks specification.

The name is looked up once, every address it has is judged, and the connection goes to an address that was judged: a second look-up cannot
lead elsewhere, and a name that led outside when its owner confirmed and leads inside today is sent nothing today. Redirects are not
followed, no proxy is asked, and little of the answer is read.
"""

import hmac
import json
import secrets
import socket
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import SplitResult, urlsplit

import urllib3
from standardwebhooks import Webhook
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, SSLError

from contracts import notifications as contract
from contracts.base import dump
from services.kernel import Refusal
from services.kernel.addresses import is_public
from services.notifications.channels import Parcel, Undelivered, notice
from services.notifications.rules import reasons
from services.notifications.rules.addresses import webhook_address
from services.notifications.rules.reasons import Why

CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
LARGEST_ECHO = 4_096
"""Bytes of an answer to a challenge that are read."""

ADDRESSES_TRIED = 3

NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE")
"""What OpenSSL, by its version, calls an answer that is none of TLS, as of a server of plain http."""


class WebhookChannel:
    """Sends one notice at a time; any number of threads may share one. ``allow_private``: tests and closed networks."""

    def __init__(self, *, allow_private: bool = False) -> None:
        self.allow_private = allow_private
        self._tls = ssl.create_default_context()

    def send(self, parcel: Parcel) -> None:
        """Deliver a notice, or have the owner echo a challenge; raises Undelivered."""
        if parcel.told is not None:
            self._post(parcel, notice(parcel.told), read=0)
            return
        challenge = secrets.token_urlsafe(32)
        question = {"type": "icat.notifications.challenge", "timestamp": datetime.now(UTC), "challenge": challenge}
        echo = self._post(parcel, dump(contract.Challenge, question), read=LARGEST_ECHO)
        try:
            answered = json.loads(echo)["challenge"]
        except (ValueError, TypeError, KeyError, RecursionError):
            answered = None
        if not isinstance(answered, str) or not hmac.compare_digest(answered.encode(), challenge.encode()):
            raise Undelivered(Why(reasons.NOT_ECHOED, {"answer": '{"challenge": "…"}'}))

    def _post(self, parcel: Parcel, content: dict[str, Any], *, read: int) -> bytes:
        """POST the signed content; the first bytes of the answer. Raises Undelivered for anything but a 2xx."""
        try:
            webhook_address(parcel.target, self.allow_private)
        except Refusal as refusal:
            raise Undelivered(Why(reasons.NO_WEBHOOK_ADDRESS, quoted=refusal.detail), for_good=True) from None
        url = urlsplit(parcel.target)
        body = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        now = datetime.now(UTC)
        headers = {
            "Host": url.netloc,
            "Content-Type": "application/json",
            "User-Agent": "ICAT-Notifications/1",
            "Accept-Encoding": "identity",
            "webhook-id": parcel.id,
            "webhook-timestamp": str(int(now.timestamp())),
            # While a secret is being changed over, the signatures of both: the receiver takes whichever it can verify.
            "webhook-signature": " ".join(Webhook(s).sign(parcel.id, now, body) for s in (parcel.secret, parcel.earlier) if s),
        }
        path = (url.path or "/") + (f"?{url.query}" if url.query else "")
        for address in self._addresses(url):
            try:
                return self._call(url, address, path, headers, body.encode(), read)
            except (NewConnectionError, ConnectTimeoutError) as error:
                failure = Undelivered(Why(reasons.NO_CONNECTION, {"host": url.hostname}, quoted=type(error).__name__))
        raise failure

    def _addresses(self, url: SplitResult) -> list[str]:
        """The addresses of the host, looked up this once. One inner address among them is reason to send nothing."""
        try:
            found = socket.getaddrinfo(url.hostname, url.port or 443, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise Undelivered(Why(reasons.NOT_LOOKED_UP, {"host": url.hostname}, quoted=str(error))) from None
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if not self.allow_private and not all(is_public(address) for address in addresses):
            raise Undelivered(Why(reasons.INSIDE, {"host": url.hostname}), for_good=True)
        return addresses[:ADDRESSES_TRIED]

    def _call(self, url: SplitResult, address: str, path: str, headers: dict[str, str], body: bytes, read: int) -> bytes:
        timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
        pool: urllib3.HTTPConnectionPool
        if url.scheme == "https":
            pool = urllib3.HTTPSConnectionPool(
                address,
                url.port,
                timeout=timeout,
                ssl_context=self._tls,
                server_hostname=url.hostname,
                assert_hostname=url.hostname,
            )
        else:
            pool = urllib3.HTTPConnectionPool(address, url.port, timeout=timeout)
        with pool:
            try:
                answer = pool.urlopen("POST", path, body, headers, retries=False, redirect=False, preload_content=False)
                content = answer.read(read, decode_content=False) if read else b""
                answer.close()
            except (NewConnectionError, ConnectTimeoutError):
                raise
            except SSLError as error:
                if any(sign in str(error) for sign in NO_TLS):
                    raise Undelivered(Why(reasons.NO_TLS, {"host": url.hostname})) from None
                raise Undelivered(Why(reasons.CERTIFICATE, {"host": url.hostname}, quoted=str(error))) from None
            except HTTPError as error:
                raise Undelivered(Why(reasons.NO_ANSWER, {"host": url.hostname}, quoted=type(error).__name__)) from None
        if 200 <= answer.status < 300:
            return content
        if 300 <= answer.status < 400:
            raise Undelivered(Why(reasons.REDIRECTED, {"status": answer.status}))
        gone = answer.status == 410
        asked = asked_to_wait(answer.headers.get("Retry-After", ""), datetime.now(UTC))
        raise Undelivered(Why(reasons.ANSWERED, {"status": answer.status}), for_good=gone, gone=gone, asked=asked)


def asked_to_wait(header: str, now: datetime) -> timedelta | None:
    """How long an answer's ``Retry-After`` (RFC 9110) asks for: seconds, or the time of an instant to come; None where it says neither.
    Whoever waits bounds it."""
    try:
        if header.strip().isdecimal():
            return timedelta(seconds=int(header.strip()[:9]))
        return max(parsedate_to_datetime(header) - now, timedelta(0))
    except (TypeError, ValueError, OverflowError):  # no date, one without its zone, or one beyond the calendar
        return None
