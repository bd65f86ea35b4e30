"""Who may hold a place of the sender of webhooks, so that endpoints that hang never keep healthy ones waiting.

Of its places three quarters are the fast lane and one quarter is the slow one. Endpoints in trouble are tried in the slow lane alone; an
attempt that lasts moves over there by itself, as long as there is room: after a second, or four times what is usual, for where this
machine is busy everything takes longer. An endpoint that nothing is known of gets one
attempt at a time, and more as it proves itself. Should attempts that hang fill the fast lane all the same, the oldest are cut short:
they are tried again in the slow lane, with the patience that is usual.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

PLACES = 64
SLOW_PLACES = PLACES // 4
FAST_PLACES = PLACES - SLOW_PLACES

SLOW_SECONDS = 1.0
"""From when on, at the earliest, an attempt counts as slow, and its endpoint gets no further one beside it."""

SLOWER_THAN_USUAL = 4
"""How many times as long as successful attempts lasted lately."""

WEIGHT = 0.1
"""Of the newest successful attempt, in what is usual."""

MOST_AT_ONCE = 4
"""Attempts in flight to one endpoint, once it has proved itself."""

REMEMBERED = 10_000
"""Endpoints of which it is remembered how many attempts they bear."""


@dataclass
class Attempt:
    """One attempt. ``slow``: claimed in the slow lane; ``cut``: ends it, None while it may not be ended; ``since``: when its call began."""

    subscription: str
    slow: bool
    since: float | None = None
    cut: Callable[[], Any] | None = None


class Lanes:
    """The places of one copy. ``clock``: seconds that only grow. For green threads: nothing here lets another run, but ``make_room``."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._attempts: dict[str, Attempt] = {}
        self._bears: dict[str, int] = {}
        self._usual = 0.0

    def __len__(self) -> int:
        return len(self._attempts)

    # The way of an attempt

    def enter(self, id: str, subscription: str, slow: bool) -> None:
        self._attempts[id] = Attempt(subscription, slow)

    def begin(self, id: str, cut: Callable[[], Any]) -> None:
        """Its call begins; until ``end`` it may be cut short."""
        self._attempts[id].since, self._attempts[id].cut = self._clock(), cut

    def end(self, id: str, well: bool) -> None:
        """Its call has ended; it keeps its place until what came of it is on record."""
        attempt = self._attempts[id]
        attempt.cut = None
        if well and attempt.since is not None:
            self._usual += WEIGHT * (self._clock() - attempt.since - self._usual)
        bears = self._bears.pop(attempt.subscription, 1)
        self._bears[attempt.subscription] = min(bears * 2, MOST_AT_ONCE) if well else 1
        if len(self._bears) > REMEMBERED:
            del self._bears[next(iter(self._bears))]

    def leave(self, id: str) -> None:
        self._attempts.pop(id, None)

    # Who may come

    def free(self, slow: bool) -> int:
        """Places that are free in a lane."""
        slow_held = sum(self._is_slow(attempt) for attempt in self._attempts.values())
        if slow:
            return max(SLOW_PLACES - slow_held, 0)
        return max(FAST_PLACES - (len(self._attempts) - min(slow_held, SLOW_PLACES)), 0)

    def bears(self, subscription: str) -> int:
        """How many more attempts an endpoint may have in flight now."""
        own = [attempt for attempt in self._attempts.values() if attempt.subscription == subscription]
        if any(self._is_slow(attempt) for attempt in own):
            return 0
        return max(self._bears.get(subscription, 1) - len(own), 0)

    def busy(self) -> set[str]:
        """The subscriptions whose endpoints may have no further attempt now."""
        return {s for s in {attempt.subscription for attempt in self._attempts.values()} if not self.bears(s)}

    def make_room(self) -> int:
        """Cut short the oldest of the slow attempts for which the slow lane has no room, when they leave no place in the fast one;
        returns how many."""
        if self.free(slow=False):
            return 0
        slow = sorted((a for a in self._attempts.values() if self._is_slow(a) and a.cut), key=lambda a: a.since or 0.0)
        cut = [attempt for attempt in slow if not attempt.slow][: max(len(slow) - SLOW_PLACES, 0)]
        for attempt in cut:
            if attempt.cut:  # cutting another short lets others run, and this one may have ended
                attempt.cut()
        return len(cut)

    def _is_slow(self, attempt: Attempt) -> bool:
        patience = max(SLOW_SECONDS, SLOWER_THAN_USUAL * self._usual)
        return attempt.slow or (attempt.since is not None and self._clock() - attempt.since >= patience)
