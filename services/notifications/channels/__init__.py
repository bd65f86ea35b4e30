"""How a delivery leaves the house: mail, signed webhook, a queue on the broker.

A channel takes a ``Parcel`` and returns when the other side has it, or raises ``Undelivered``. It knows nothing of
subscribers, records or retries, and writes no contents into logs or reasons.
"""

import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from contracts import notifications as contract
from contracts.base import dump
from services.notifications.rules.reasons import Why


class Undelivered(Exception):
    """An attempt failed. ``why`` says it to a person who may not see the contents. ``for_good``: no later attempt can do better.
    ``refused``: the status (RFC 3463) with which a mail server refused the address itself, empty for any other failure. ``gone``: a webhook
    said that it is no more; ``asked``: how long it asked us to wait."""

    def __init__(self, why: Why, *, for_good: bool = False, refused: str = "", gone: bool = False, asked: timedelta | None = None) -> None:
        super().__init__(str(why))
        self.why = why
        self.for_good = for_good
        self.refused = refused
        self.gone = gone
        self.asked = asked


@dataclass(frozen=True)
class Parcel:
    """What one attempt sends. ``id``: the delivery's, stable over attempts; ``secret``: signs a webhook; ``earlier``: so does its secret
    from before, empty once that is no longer valid.

    At most one of these says what it is about, and without any it asks the owner to confirm: ``told``, a matter with its topic and number
    (contracts.notifications.NumberedMatter); ``items``, those of a digest, in their order; ``note``, for this subscriber alone
    (contracts.notifications.Note); ``invited``, the name of a subscriber who is invited. One that asks says for whom, ``owner``, and for
    which ``topics``. The rest is of mail: ``token``, in its link that confirms, accepts or unsubscribes; ``replies``, by which the
    subscriber replies to each briefing that is told, and ``answers``, what it replied so far (``yes``, ``no`` or ``tentative``), both by
    the briefing's id; ``zone``, by whose clocks its reader is told instants, None for who chose none; ``bounce``, in the address to which
    it comes back when it cannot be delivered.
    """

    id: str
    target: str
    language: str
    told: dict[str, Any] | None = None
    secret: str = ""
    earlier: str = ""
    token: str = ""
    items: tuple[dict[str, Any], ...] = ()
    note: dict[str, Any] | None = None
    invited: str = ""
    owner: str = ""
    topics: tuple[str, ...] = ()
    replies: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    zone: str | None = None
    bounce: str = ""


def notice(told: dict[str, Any]) -> dict[str, Any]:
    """The JSON-able body that a webhook and a queue carry alike (contracts.notifications.Notice)."""
    matter = told["matter"]
    return dump(
        contract.Notice,
        {"type": f"icat.{told['topic']}.{matter['kind']}", "timestamp": matter["at"], "data": told},
    )


BODIES_KEPT = 16
"""Bodies at hand: a few matters are on their way at once, each to many."""

_bodies: OrderedDict[tuple[str, int], tuple[dict[str, Any], str, bytes]] = OrderedDict()


def body_of(told: dict[str, Any]) -> tuple[str, bytes]:
    """The type and the written body of a matter's notice. Writing it takes longer than publishing it does, so it is written once for all to
    whom the matter goes."""
    name = (told["topic"], told["number"])
    known = _bodies.get(name)
    if known is None or known[0] is not told:
        content = notice(told)
        known = _bodies[name] = (told, content["type"], json.dumps(content, ensure_ascii=False).encode())
        if len(_bodies) > BODIES_KEPT:
            _bodies.popitem(last=False)
    return known[1:]
