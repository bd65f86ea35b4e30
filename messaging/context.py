"""What travels with every message: who, when, which cause, which trace.

A ``Cause`` leads to changes: an ``Order`` from the gateway, or an event that ``Arrived``.
The cause's id is what makes a change happen once.
"""

import json
import re
import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from services.kernel.actor import SYSTEM, SYSTEM_ACTOR, Actor
from services.kernel.refusal import Refusal
from services.kernel.text import digest_of

HEADER = "nameko.icat"
"""The message header in which an order's context travels, as JSON."""


def now() -> datetime:
    """The present instant in UTC, in milliseconds: what the store keeps of an instant."""
    return to_milliseconds(datetime.now(UTC))


def to_milliseconds(instant: datetime) -> datetime:
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def written(instant: datetime) -> str:
    """An instant as it stands in events: RFC 3339 in UTC."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def new_traceparent() -> str:
    """A new W3C trace context, sampled."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def child_of(traceparent: str) -> str:
    """The trace context of work that a message led to: same trace, a new parent."""
    if not re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", traceparent or ""):
        return new_traceparent()
    version, trace, _, flags = traceparent.split("-")
    return f"{version}-{trace}-{secrets.token_hex(8)}-{flags}"


@dataclass(frozen=True)
class Cause:
    """Why something changes.

    ``id``: the idempotency cause; ``by``: who; ``at``: the instant, UTC; ``correlation``: one for all
    that follows from a first click; ``traceparent``: W3C; ``expected``: the version the caller saw
    (If-Match), if it said; ``data``: the message's fields, also there as attributes unless the name
    is one of these (then ``cause.data["by"]``).
    """

    id: str
    by: Actor
    at: datetime
    correlation: str = ""
    traceparent: str = ""
    expected: int | None = None
    data: dict[str, Any] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("__") and name in self.data:
            return self.data[name]
        raise AttributeError(name)

    def derived(self, step: str) -> "Cause":
        """The cause of a further step of the same order, on another aggregate or after the first step."""
        return replace(self, id=f"{self.id}/{step}", expected=None)

    def new_id(self, prefix: str) -> str:
        """An identifier made from the cause, so that carrying the order out again makes the same one."""
        return f"{prefix}-{digest_of(f'{self.id}/{prefix}')[:12]}"


class Order(Cause):
    """A command or query that was asked for."""


@dataclass(frozen=True)
class Arrived(Cause):
    """An event of another service: its ``type``, ``subject`` (``plan/2014``) and ``sequence`` among that aggregate's."""

    type: str = ""
    subject: str = ""
    sequence: int = 0


def by_the_clock(subject: str, due: datetime) -> Cause:
    """The cause of what a deadline does to an aggregate; the same in every copy of a service."""
    return Cause(
        id=f"clock:{subject}@{written(due)}",
        by=SYSTEM_ACTOR,
        at=due,
        correlation=f"clock:{subject}@{written(due)}",
        traceparent=new_traceparent(),
    )


def dump_context(cause: Cause) -> str:
    """The context of an order, as it travels in its header."""
    return json.dumps(
        {
            "id": cause.id,
            "person": cause.by.person,
            "entity": cause.by.entity,
            "roles": sorted(cause.by.roles),
            "language": cause.by.language,
            "at": written(cause.at),
            "correlation": cause.correlation or cause.id,
            "traceparent": cause.traceparent,
            "expected": cause.expected,
        }
    )


def order_from(header: Any, data: dict[str, Any]) -> Order:
    """The order of a request. Raises Refusal(malformed) when its context cannot be read: an order
    without an actor is nobody's."""
    try:
        context = json.loads(header)
        return Order(
            id=str(context["id"]),
            by=Actor(context["person"], context["entity"], frozenset(context["roles"]), context["language"]),
            at=to_milliseconds(datetime.fromisoformat(context["at"])).astimezone(UTC),
            correlation=context["correlation"],
            traceparent=child_of(context["traceparent"]),
            expected=context["expected"],
            data=data,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Refusal("malformed", "The order came without a readable context.", rule="context") from error


def arrived_from(envelope: dict[str, Any], data: dict[str, Any]) -> Arrived:
    """The event in a validated envelope, with the data as its contract reads it."""
    return Arrived(
        id=envelope["id"],
        by=Actor(envelope["actor"], envelope["actorentity"], frozenset({SYSTEM})),
        at=envelope["time"],
        correlation=envelope["correlationid"],
        traceparent=child_of(envelope["traceparent"]),
        data=data,
        type=envelope["type"],
        subject=envelope["subject"],
        sequence=envelope["sequence"],
    )
