"""How the endpoint of a webhook fares. One that fails waits as a whole and is tried by one delivery at a time, so that it is not
hammered with all that waits for it; one that fails for days is let go.

All that is due to it moves to the instant of its next attempt: after as long as a delivery waits, or as its ``Retry-After`` asks within the
longest of that. When the one delivery that tries it is taken, the rest follows at once. After ``PATIENCE`` without a success, or at once on
410, the subscription is suspended and its owner told. ``./icat bench webhooks`` measures 180 webhooks beside 20 that hang.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.notifications.rules import reasons
from services.notifications.rules.deliveries import ATTEMPTS, FIRST_DELAY, GROWTH, LONGEST_DELAY

PATIENCE = timedelta(days=3)
"""How long an endpoint may fail without one success before its subscription is suspended."""


@dataclass(frozen=True)
class Health:
    """``failing_since``: the first failure after the last success, None where all is well; ``failures``: how many since; ``retry_at``: when
    it may next be tried. Instants of the wall clock."""

    failing_since: datetime | None = None
    failures: int = 0
    retry_at: datetime | None = None

    def after_failure(self, now: datetime, jitter: float, asked: timedelta | None = None) -> "Health":
        """Another attempt fails at ``now``: the endpoint waits, each time longer, or as long as it ``asked`` us to wait where that is
        longer, within bounds. ``jitter`` in [0, 1) stretches the delay by up to a half."""
        # The power is bounded before it is taken: an endpoint may fail for longer than numbers last.
        delay = min(FIRST_DELAY * GROWTH ** min(self.failures, ATTEMPTS), LONGEST_DELAY)
        delay = min(max(delay, asked or delay), LONGEST_DELAY)
        return Health(self.failing_since or now, self.failures + 1, now + delay * (1 + jitter / 2))

    def too_long(self, now: datetime) -> str | None:
        """Why the subscription is to be suspended, for its owner to read; None while it is not. An endpoint that failed no more than one
        delivery's attempts is given the benefit of the doubt, however long ago it began."""
        if self.failing_since is None or now - self.failing_since < PATIENCE or self.failures <= ATTEMPTS:
            return None
        return reasons.FAILING.said(since=f"{self.failing_since:%Y-%m-%d %H:%M}", failures=self.failures)


GONE = reasons.GONE.said()
"""Why a subscription is suspended whose endpoint says so itself, at its first word."""
