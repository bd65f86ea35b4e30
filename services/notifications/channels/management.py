"""Users of the broker, one for each subscriber's queue, made through RabbitMQ's management API.

Such a user reads its one queue and nothing else: it declares nothing, publishes nothing, and opens few connections. Its name is its
queue's. The password, made of a secret of the subscription and the order that fetched it, is kept nowhere; it crosses the wire to the
broker as a salted hash, and who reads with an earlier one is put out.
"""

import base64
import hashlib
import json
import logging
import re
import secrets
import ssl
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import urllib3
from urllib3.exceptions import HTTPError

from services.kernel import Refusal

log = logging.getLogger(__name__)

PATIENCE = urllib3.Timeout(connect=3.0, total=10.0)
"""How long one question to the broker may take. A user is made by four of them."""

LIMITS = {"max-connections": 5, "max-channels": 20}
"""What one subscriber's software needs, with some to spare for connections that the broker has yet to find dead."""


class QueueUsers:
    """The users of subscribers' queues on one broker. ``url``: of its management API, ``http[s]://user:password@host:15672``, with a user
    tagged ``administrator``, for only such may make others; ``vhost``: where the queues are. Any number of threads may share one."""

    def __init__(self, url: str, vhost: str) -> None:
        parts = urlsplit(url)
        self.vhost = vhost
        self._base = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), "", ""))
        speaker = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
        self._headers = {**urllib3.make_headers(basic_auth=speaker), "Content-Type": "application/json"}
        tls = {"ssl_context": ssl.create_default_context()} if parts.scheme == "https" else {}
        self._pool = urllib3.PoolManager(num_pools=1, timeout=PATIENCE, retries=False, **tls)

    def grant(self, queue: str, password: str) -> None:
        """Let who has this password read the queue, and nobody who has an earlier one. A second time changes nothing but that its reader
        has to connect anew. Raises Refusal(unavailable) when the broker is away or does not let us."""
        self.remove(queue)
        self._ask("PUT", f"users/{_part(queue)}", {**hashed(password), "tags": ""})
        for limit, value in LIMITS.items():
            self._ask("PUT", f"user-limits/{_part(queue)}/{limit}", {"value": value})
        # Last, so that the user can do nothing before its limits hold.
        self._ask("PUT", f"permissions/{_part(self.vhost)}/{_part(queue)}", {"configure": "", "write": "", "read": f"^{re.escape(queue)}$"})

    def remove(self, queue: str) -> None:
        """Take the user of a queue away, and whoever is connected as it; a second time changes nothing. Raises Refusal(unavailable)
        when the broker is away or does not let us."""
        self._ask("DELETE", f"users/{_part(queue)}", gone=404)

    def _ask(self, method: str, path: str, content: dict[str, Any] | None = None, gone: int | None = None) -> None:
        body = None if content is None else json.dumps(content).encode()
        try:
            answer = self._pool.request(method, f"{self._base}/api/{path}", headers=self._headers, body=body, redirect=False)
        except HTTPError as error:
            log.warning("the broker's management does not answer: %s", type(error).__name__)
            raise _unavailable() from None
        if not 200 <= answer.status < 300 and answer.status != gone:
            log.warning("the broker's management refused %s with %s", method, answer.status)
            raise _unavailable()


def hashed(password: str) -> dict[str, str]:
    """A password as RabbitMQ takes it instead of the password itself: salted SHA-256."""
    salt = secrets.token_bytes(4)
    digest = hashlib.sha256(salt + password.encode()).digest()
    return {"password_hash": base64.b64encode(salt + digest).decode(), "hashing_algorithm": "rabbit_password_hashing_sha256"}


def with_user(uri: str, user: str, password: str) -> str:
    """A broker's address, ``amqp[s]://host[:port]/vhost``, as this user opens it."""
    parts = urlsplit(uri)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, f"{quote(user, safe='')}:{quote(password, safe='')}@{place}", parts.path, parts.query, ""))


def vhost_of(uri: str) -> str:
    """The virtual host that a broker's address names; the broker's own default where it names none."""
    return unquote(urlsplit(uri).path[1:]) or "/"


def _part(name: str) -> str:
    return quote(name, safe="")


def _unavailable() -> Refusal:
    return Refusal("unavailable", "The broker did not change who may read the queue; try again in a moment.", rule="broker")
