"""How a delivery leaves the house: mail, signed webhook, a queue on the broker.

A channel takes a ``Parcel`` and returns when the other side has it, or raises ``Undelivered``. It knows nothing of
subscribers, records or retries, and writes no contents into logs or reasons.
"""

from dataclasses import dataclass
from typing import Any

from contracts import notifications as contract
from contracts.base import dump


class Undelivered(Exception):
    """An attempt failed. The message says why, to a person who may not see the contents. ``for_good``: no later attempt
    can do better."""

    def __init__(self, why: str, *, for_good: bool = False) -> None:
        super().__init__(" ".join(why.split())[:300])
        self.for_good = for_good


@dataclass(frozen=True)
class Parcel:
    """What one attempt sends. ``id``: the delivery's, stable over attempts; ``told``: the matter with its topic and number
    (contracts.notifications.NumberedMatter), None in a request to confirm; ``secret``: signs a webhook; ``token``: in the links
    of a mail, confirming or unsubscribing."""

    id: str
    target: str
    language: str
    told: dict[str, Any] | None = None
    secret: str = ""
    token: str = ""


def notice(told: dict[str, Any]) -> dict[str, Any]:
    """The JSON-able body that a webhook and a queue carry alike (contracts.notifications.Notice)."""
    matter = told["matter"]
    return dump(
        contract.Notice,
        {"type": f"icat.{told['topic']}.{matter['kind']}", "timestamp": matter["at"], "data": told},
    )
