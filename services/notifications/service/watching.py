"""Looks after subscribers' queues: whose fills, or is read by nobody, is told, and let go in the end."""

import logging
from datetime import datetime

from messaging.context import Cause, new_traceparent, now
from messaging.relay import Relay
from messaging.settings import setting
from services.kernel import Refusal
from services.kernel.actor import SYSTEM_ACTOR
from services.notifications import rules, store
from services.notifications.channels.queue import depths
from services.notifications.rules.queues import queue_filling
from services.notifications.sending import wake
from services.notifications.store import readings, subscribers

log = logging.getLogger(__name__)


class Watching:
    """A step of the clock looks at a few queues and remembers how far it came; one copy at a time does."""

    relay: Relay

    def run_due(self, instant: datetime) -> int:
        changed = super().run_due(instant)  # type: ignore[misc]  # the next class in line
        while look(instant) and self.relay.rehearsal:  # there a tick is all the time that passes
            pass
        return changed


def look(instant: datetime) -> bool:
    """Look at the next few queues, if that is due; whether there are more."""
    if (work := readings.claim(instant)) is None:
        return False
    queues, after = readings.next(work)
    try:
        # Counted before: what goes in meanwhile must not look as if something had been read.
        sent = {subscription.id: readings.sent(subscription.id) for _, subscription in queues}
        found = depths(setting("AMQP_URI"), [subscription.target for _, subscription in queues]) if queues else {}
    except Refusal as refusal:
        log.warning("queues are looked at later: %s", refusal.detail)
        return False  # the claim runs out
    for code, subscription in queues:
        unread, readers = found.get(subscription.target, (0, 0))
        seen = readings.of(subscription.id, instant).looked(unread, readers, sent[subscription.id], instant)
        act(code, subscription, seen, instant)
    readings.settle(work, after, instant)
    return after is not None


def act(code: str, subscription: rules.Subscription, seen: rules.Reading, at: datetime) -> None:
    """Remember what was seen of a queue, and do what follows. Every step may be taken again. That its queue goes with a suspension is
    done when the suspension is heard of."""
    if because := seen.unread_too_long(at):
        cause = Cause(f"{subscription.id}/{_since(seen)}", SYSTEM_ACTOR, at, subscription.id, new_traceparent())
        subscribers.change(code, cause, lambda subscriber: subscriber.suspend(subscription.id, because, at))
        readings.forget(subscription.id)
        return
    if seen.is_to_be_told(at):
        note = queue_filling(subscription.id, seen, at)
        store.tell(code, f"note_{subscription.id}_{_since(seen)}", note, now(), sparing=subscription.id)
        wake()
        seen = seen.once_told()
    readings.keep(subscription.id, seen)


def _since(seen: rules.Reading) -> str:
    """What one stretch of not being read is known by, so that a step taken again does the same once."""
    return f"unread-since-{seen.read_at:%Y%m%d%H%M%S}"
