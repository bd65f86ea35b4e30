"""Dead letters: events that no attempt could handle. A person sees them, and sends again or drops them.

Nothing is deleted: a dropped letter moves to its service's ``.dropped`` queue with the reason. The operator looks with
``./icat letters``, which shows all of a letter; the secretariat asks the service itself, which tells what a letter is and never
what it says.
"""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import mongoengine
from pymongo.errors import DuplicateKeyError

from contracts.subscriptions import SUBSCRIPTIONS
from messaging import topology, wire
from messaging.context import Order, now, written
from messaging.subscription import ATTEMPT, ERROR, TRACE
from messaging.wire import BROKER_ERRORS, NotConfirmed, Outgoing, Publisher, connect, deadline, drop
from services.kernel.refusal import Refusal

MOST = 500
"""Letters looked at in one queue."""

_AWAY: tuple[type[BaseException], ...] = (NotConfirmed, *BROKER_ERRORS)

_looks = threading.Lock()
"""Whoever looks holds the letters meanwhile, and another would find none: in one process one looks at a time."""


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

    @property
    def error(self) -> str:
        """The kind of the last error. What it says beside may hold what the event says."""
        return self.reason.partition(":")[0][:80]

    @property
    def heading(self) -> dict[str, Any]:
        """What the letter is, and nothing of what it says: as ``contracts.platform.LetterAnswer`` has it."""
        content = self.content if isinstance(self.content, dict) else {}
        subject, time = content.get("subject"), content.get("time")
        return {
            "id": self.id,
            "type": self.type[:200],
            "subject": subject[:300] if isinstance(subject, str) else None,
            "at": _instant(time) if isinstance(time, str) else None,
            "attempts": self.attempts,
            "error": self.error,
        }


def _instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None


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


def once(order: Order, move: Callable[[], int], **what: str) -> None:
    """Carry out an order to move a letter, once: the same order again does nothing. ``what``: which letter and what was done with it,
    kept with who ordered it and when. Raises Refusal: not_found without such a letter, unavailable when the broker does not answer.

    The order is written down before the letter is moved. Killed between the two, the service is asked again and finds either the
    letter still there or that it was moved already.
    """
    deeds = mongoengine.get_db()["letters"]
    begun = False
    try:
        deeds.insert_one({"_id": order.id, "person": order.by.person, "at": order.at, "done": False, **what})
    except DuplicateKeyError:
        begun = True
        if (deeds.find_one({"_id": order.id}) or {}).get("done"):
            return
    with asked_of_the_broker():
        moved = move()
    if not moved and not begun:
        deeds.delete_one({"_id": order.id})
        raise Refusal.not_found(f"There is no dead letter {what['letter']} here.", rule="letter", field="id")
    deeds.update_one({"_id": order.id}, {"$set": {"done": True}})


@contextmanager
def asked_of_the_broker() -> Iterator[None]:
    """Turns a broker that does not answer into a Refusal(unavailable)."""
    try:
        yield
    except _AWAY as error:
        raise Refusal("unavailable", "The broker does not answer; no letter was lost. Try again in a moment.", rule="broker") from error


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
    """The letters of a service, held while we look, and back in their queue, whole, when we have looked."""
    with _looks:
        connection = connect(uri)
        try:
            with deadline(wire.DECLARE_SECONDS):
                channel = connection.channel()
                found: list[tuple[Letter, Any]] = []
                while len(found) < MOST and (message := channel.basic_get(topology.dead_queue(service))) is not None:
                    found.append((_letter(service, message), message))
            yield found
            with deadline(wire.DECLARE_SECONDS):
                channel.close()  # answered when the letters are back; a dropped connection leaves them out for a moment
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
