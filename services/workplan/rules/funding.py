"""Money: what an activity needs, which is substance, and what donors gave for it, which is record.

Amounts are exact decimals, kept as text with the digits their currency has; currencies are never added together.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any


@dataclass
class Cancellation:
    """Why something fell away, when and by whom."""

    at: datetime
    person: str
    reason: str


@dataclass
class Need:
    """Money that an activity needs, and what for."""

    id: str
    purpose: str
    amount: str
    currency: str


@dataclass
class Funding:
    """Money that a donor gave, usable until ``ends`` (None: without an end), or until it fell away (``ended``)."""

    id: str
    donor: str
    amount: str
    currency: str
    recorded_at: datetime
    person: str
    ends: datetime | None = None
    note: str = ""
    ended: Cancellation | None = None

    def is_available(self, at: datetime) -> bool:
        """Whether it can be used as of an instant."""
        return (self.ends is None or at < self.ends) and (self.ended is None or at < self.ended.at)

    def view(self, at: datetime) -> dict[str, Any]:
        """The gift as the Group sees it as of an instant."""
        return vars(self) | {"funding": self.id, "ended": vars(self.ended) if self.ended else None, "available": self.is_available(at)}


def balance(needs: Iterable[Need], secured: Iterable[Funding]) -> list[dict]:
    """By currency, in the order of the codes: ``needed``, ``secured`` and the ``gap`` between, never below nothing.
    ``secured``: what is to be counted, as all that is available at some instant."""
    asked, given = _sums(needs), _sums(secured)
    rows = []
    for currency in sorted({*asked, *given}):
        nothing = 0 * (asked.get(currency) or given[currency])  # with the currency's digits
        needed, found = asked.get(currency, nothing), given.get(currency, nothing)
        rows.append({"currency": currency, "needed": str(needed), "secured": str(found), "gap": str(max(needed - found, nothing))})
    return rows


def _sums(money: Iterable[Need | Funding]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for item in money:
        sums[item.currency] = sums.get(item.currency, 0) + Decimal(item.amount)
    return sums
