"""Dead letters: events that no attempt could handle. A person sees them, and sends again or drops them.

Nothing is deleted: a dropped letter moves to its service's ``.dropped`` queue with the reason.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from contracts.subscriptions import SUBSCRIPTIONS
from messaging import topology
from messaging.context import now, written
from messaging.subscription import ATTEMPT, ERROR, TRACE
from messaging.wire import NotConfirmed, Outgoing, Publisher, connect, drop

MOST = 500
"""Letters looked at in one queue."""


@dataclass(frozen=True)
class Letter:
    """One dead letter. ``id``: of the event, or of its bytes when it could not be read; ``reason``: the
    last error, or what the broker says (``delivery_limit``: its handler kept dying)."""

    service: str
    id: str
    type: str
    reason: str
    attempts: int
    traceback: str
    body: bytes

    @property
    def content(self) -> Any:
        """The event as JSON, or its text when it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return self.body.decode("utf-8", "replace")


def every(uri: str, service: str | None = None) -> list[Letter]:
    """All dead letters, of one service or of all. They stay where they are."""
    return [letter for name in ([service] if service else SUBSCRIPTIONS) for letter, _ in _held(uri, name)]


def send_again(uri: str, service: str, id: str) -> int:
    """Put the letters of this id back into the service's queue, attempts counted anew; how many there were.

    Raises NotConfirmed when the broker did not take one: it stays a dead letter."""
    return _move(uri, service, id, topology.events_queue(service), {})


def drop_letter(uri: str, service: str, id: str, *, reason: str, by: str) -> int:
    """Take the letters of this id out, for a reason that is kept with them; how many there were."""
    note = {"x-icat-dropped-because": reason, "x-icat-dropped-by": by, "x-icat-dropped-at": written(now())}
    return _move(uri, service, id, topology.dropped_queue(service), note)


def _move(uri: str, service: str, id: str, queue: str, note: dict[str, str]) -> int:
    moved = 0
    publisher = Publisher(uri)
    try:
        with _looking(uri, service) as found:
            for letter, message in found:
                if letter.id != id:
                    continue
                headers = {k: v for k, v in (message.headers or {}).items() if note or k not in (ATTEMPT, ERROR, TRACE)}
                headers.pop("x-delivery-count", None)
                copy = Outgoing(
                    key=queue,
                    body=letter.body,
                    id=message.properties.get("message_id", ""),
                    type=message.properties.get("type", ""),
                    content_type=message.properties.get("content_type", "application/octet-stream"),
                    headers=headers | note,
                )
                if publisher.publish([copy]) != [True]:
                    raise NotConfirmed(f"{queue} did not take the letter.")
                message.channel.basic_ack(message.delivery_tag)
                moved += 1
    finally:
        publisher.close()
    return moved


def _held(uri: str, service: str) -> list[tuple[Letter, Any]]:
    with _looking(uri, service) as found:
        return list(found)


@contextmanager
def _looking(uri: str, service: str) -> Iterator[list[tuple[Letter, Any]]]:
    """The letters of a service, held while we look; let go again when the connection ends."""
    connection = connect(uri)
    try:
        channel = connection.channel()
        found: list[tuple[Letter, Any]] = []
        while len(found) < MOST and (message := channel.basic_get(topology.dead_queue(service))) is not None:
            found.append((_letter(service, message), message))
        yield found
    finally:
        drop(connection)


def _letter(service: str, message: Any) -> Letter:
    headers = message.headers or {}
    body = message.body.encode() if isinstance(message.body, str) else bytes(message.body)
    deaths = headers.get("x-death") or [{}]
    return Letter(
        service=service,
        id=message.properties.get("message_id") or hashlib.sha256(body).hexdigest()[:16],
        type=message.properties.get("type", ""),
        reason=headers.get(ERROR) or str(deaths[0].get("reason", "unknown")),
        attempts=int(headers.get(ATTEMPT) or deaths[0].get("count", 0)),
        traceback=headers.get(TRACE, ""),
        body=body,
    )
