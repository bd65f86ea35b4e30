"""How often one may ask: counted by account, by token, and for visitors by address; in each process, by real time, in memory.

Questions and orders are counted apart. Whatever is answered says what is left (draft-ietf-httpapi-ratelimit-headers); what is too much is
refused (429) before anything else is done for it. A stream counts once, health and static files never.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

from flask import Response, g, request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from gateway.accounts.callers import Caller
from services.kernel.refusal import Refusal

SECONDS = 60


@dataclass(frozen=True)
class Rate:
    """What one may do in a minute; 0: as often as they like."""

    questions: int
    orders: int

    @classmethod
    def written(cls, text: str) -> "Rate":
        """Of ``600/120``, or ``0`` for no limit at all. Raises ValueError."""
        questions, _, orders = text.partition("/")
        rate = cls(int(questions), int(orders or questions))
        if min(rate.questions, rate.orders) < 0:
            raise ValueError(f"{text} is less than nothing")
        return rate


@dataclass(frozen=True)
class _Left:
    """What is left to who just asked."""

    rate: Rate
    kind: str
    remaining: int
    seconds: int


class Rates:
    """Counts, for one process. ``rates``: by ``account``, ``token`` and ``visitor``; who is not among them is not counted."""

    def __init__(self, rates: Mapping[str, Rate]) -> None:
        self.rates = rates
        self._limiter = FixedWindowRateLimiter(MemoryStorage()) if rates else None

    def count(self, caller: Caller | None, *, changes: bool) -> None:
        """Count one request. Raises Refusal(too_many) for what is too much."""
        who, key = _whose(caller)
        rate, kind = self.rates.get(who), "orders" if changes else "questions"
        if rate is None or self._limiter is None or not (most := getattr(rate, kind)):
            return
        item = RateLimitItemPerMinute(most)
        allowed = self._limiter.hit(item, who, kind, key)
        window = self._limiter.get_window_stats(item, who, kind, key)
        seconds = min(SECONDS, max(1, round(window.reset_time - time.time())))
        g.left = _Left(rate, kind, window.remaining if allowed else 0, seconds)
        if not allowed:
            raise Refusal(
                "too_many",
                f"You asked more than {most} {kind} in a minute; wait {seconds} seconds.",
                rule="rate-limit",
                accepted=f"{most} {kind} a minute",
                extra={"retry_after": seconds},
            )


def tell(response: Response) -> Response:
    """Say what is left, where requests are counted."""
    if (left := g.get("left")) is not None:
        policies = {"questions": left.rate.questions, "orders": left.rate.orders}
        response.headers["RateLimit-Policy"] = ", ".join(f'"{kind}";q={most};w={SECONDS}' for kind, most in policies.items() if most)
        response.headers["RateLimit"] = f'"{left.kind}";r={left.remaining};t={left.seconds}'
    return response


def _whose(caller: Caller | None) -> tuple[str, str]:
    """Under what a request counts. Of an address of IPv6 the network of 64 bits that one household or office has for itself."""
    if caller is not None:
        return ("token", caller.token.id) if caller.token is not None else ("account", caller.account)
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return "visitor", ""
    return "visitor", str(ip_network((address, 64), strict=False) if isinstance(address, IPv6Address) else address)
