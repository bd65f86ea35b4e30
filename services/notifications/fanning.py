"""Fanning out: a matter becomes one delivery for each subscription that asks for it.

It is work on record, done a turn at a time by whichever copy claims it. After each turn the fan-out is let go behind the others of its
priority, so that many matters get on side by side and a statement passes them all. A turn takes subscribers part by part: what a part makes
goes to its queues at once, and is recorded as sent with one write. Several parts are on their way together, so that store, broker and
service all have something to do, and memory is bounded by these. A copy that dies within a turn leaves its claim to run out; the next one
passes over what is on record by then, and publishes the rest under the same ids.
"""

import itertools
import logging
import random
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from eventlet.greenpool import GreenPool

from messaging.context import now
from services.notifications import rules, store
from services.notifications.channels import Parcel
from services.notifications.channels.queue import QueueChannel
from services.notifications.rules.deliveries import QUEUED, SENT
from services.notifications.rules.matters import OF_THE_GROUP
from services.notifications.rules.subscribers import AMQP, ENDED
from services.notifications.store import Fanout, StoreAway

log = logging.getLogger(__name__)

TURN_SECONDS = 0.5
"""How long a turn goes on with further parts; so a statement waits no longer for what is less urgent, but for the parts on their way."""

PART = 125
"""Subscribers that are told together, and deliveries that are published under one wait for confirms and put on record by one write."""

SIDE_BY_SIDE = 4
"""Parts on their way: while one is made, others are with the broker and with the store."""

MATTERS_AT_ONCE = 2 * PART
"""Matters that are brought to one subscription in a turn. They go out part by part, and a turn in which the broker keeps each part waiting
to the last must end before its claim runs out, lest another copy bring the same."""

OVERTAKING = timedelta(milliseconds=200)
"""How long a newer version of a briefing waits for the turn of an older one that is being done."""

MISSING = timedelta(seconds=1)
"""How long who is brought ranges of matters waits for one of them of which the news has not come, or that is still being fanned out;
twice as long each time."""

MOST_MISSED = 12
"""Waits for one matter, above an hour with all of them; then it is passed over."""


class Fanner:
    """Does fan-outs, a turn at each ``round``. ``wake``: tells the senders that there are new deliveries."""

    channel_name = "fan-out"

    def __init__(self, queues: QueueChannel, wake: Callable[[], None]) -> None:
        self.queues = queues
        self.wake = wake

    def round(self) -> int:
        """Claim a fan-out and do one turn of it; returns whether there was one."""
        fanout = store.fanouts.claim()
        if fanout is None:
            return 0
        try:
            if fanout.subscription:
                self._to_subscription(fanout)
            else:
                self._of_matter(fanout)
        except StoreAway:
            raise
        except Exception as error:  # as before the first news of who belongs to the Group; its text might quote contents
            log.error("fan-out %s goes on when its claim has run out: %s", fanout.id, type(error).__name__)
        return 1

    def next_due(self) -> datetime | None:
        """When there may be something to do."""
        return store.fanouts.next_due()

    def finish(self) -> None:
        self.queues.close()

    def _of_matter(self, fanout: Fanout) -> None:
        matter = store.matters.numbered(fanout.topic, fanout.number)["matter"]
        if store.overtaken({fanout.id: matter}):
            store.fanouts.save(fanout, {}, done=True)
            return
        story = store.story_of(fanout.topic, matter)
        # Another copy may be bringing an older version, begun before this one was heard of: that goes out first, and no more of it.
        if story is not None and fanout.after is None and store.fanouts.in_hand(t["_id"] for t in store.matters.told_before(matter)):
            store.fanouts.save(fanout, {}, done=False, later=OVERTAKING)
            return
        members = _members(fanout.at) if fanout.topic in OF_THE_GROUP else ()
        told, instant = (fanout.topic, fanout.number, matter), now()
        reached, ended, until = fanout.after, False, time.monotonic() + TURN_SECONDS
        pool, on_their_way = GreenPool(SIDE_BY_SIDE), []
        while not ended:
            readers = store.readers.asking_for(fanout.topic, fanout.id, reached, PART, ever=True)
            each_made = (rules.fan_out(each, *told, fanout.at, instant, members=members, story=story) for each in readers)
            made = list(itertools.chain.from_iterable(each_made))
            again = fanout.again or any(s.catches_up(fanout.at) for each in readers for s in each.subscriptions)
            on_their_way += [pool.spawn(self._bring, part, again=again) for part in _parts(made)]  # which waits for a free place
            reached, done = readers[-1].code if readers else reached, len(readers) < PART
            ended = done or time.monotonic() >= until
        for each in on_their_way:
            each.wait()
        store.fanouts.save(fanout, {"after": reached}, done=done)

    def _to_subscription(self, fanout: Fanout) -> None:
        unfinished = sorted((span for span in fanout.ranges if span["after"] < span["until"]), key=_missed)
        span = unfinished[0] if unfinished else None
        subscriber = store.readers.named([fanout.subscriber])[fanout.subscriber]
        subscription = next((s for s in subscriber.subscriptions if s.id == fanout.subscription), None)
        if span is None or subscription is None or subscription.state == ENDED:
            store.fanouts.save(fanout, {}, done=True)
            return
        found = store.matters.after(span["topic"], span["after"], min(MATTERS_AT_ONCE, span["until"] - span["after"]))
        if fanout.replay is None:
            found = _passed(found)
        late = (self._late(fanout, subscriber, subscription, told) for told in found)
        for part in _parts([delivery for delivery in late if delivery is not None]):
            self._bring(part, again=fanout.again or fanout.replay is None)
        for told in found:
            store.fanouts.keep_tally(f"{told['topic']}_{told['number']}", None)
        if found:
            span["after"], span["missed"] = found[-1]["number"], 0
        elif _missed(span) < MOST_MISSED:
            span["missed"] = _missed(span) + 1
        else:  # its own fan-out brings it when its news comes after all: it is wanted as of then
            log.error("fan-out %s goes on without matter %d of %s, which does not come", fanout.id, span["after"] + 1, span["topic"])
            span["after"], span["missed"] = span["after"] + 1, 0
        waiting = [_missed(span) for span in fanout.ranges if span["after"] < span["until"]]
        later = MISSING * 2 ** (min(waiting) - 1) if waiting and min(waiting) else timedelta(0)
        store.fanouts.save(fanout, {"ranges": fanout.ranges}, done=not waiting, later=later)

    def _late(self, fanout: Fanout, subscriber: rules.Subscriber, subscription: rules.Subscription, told: dict) -> rules.Delivery | None:
        topic, at = told["topic"], told["announced_at"]
        if (fanout.since is not None and at < fanout.since) or store.overtaken({topic: told["matter"]}):
            return None
        members = _members(at).intersection(_members(fanout.at)) if topic in OF_THE_GROUP else ()
        what = (topic, told["number"], told["matter"])
        late = {"hour": max(fanout.at, at), "members": members, "replay": fanout.replay, "story": store.story_of(topic, told["matter"])}
        return rules.bring_late(subscriber, subscription, *what, at, now(), **late)

    def _bring(self, made: list[rules.Delivery], *, again: bool) -> None:
        """Put new deliveries on record; those to queues that are due go out before, and are recorded with what became of it. ``again``:
        some may be on record, since a turn was cut short, or a catch-up meets news that were late; none of those goes out once more."""
        if again:
            known = store.deliveries.known(delivery.id for delivery in made)
            made = [delivery for delivery in made if delivery.id not in known]
        direct = {delivery.id: delivery for delivery in made if delivery.channel == AMQP and delivery.state == QUEUED}
        store.deliveries.add(delivery for delivery in made if delivery.id not in direct)
        self._publish(list(direct.values()))
        if any(delivery.due is not None for delivery in made):
            self.wake()

    def _publish(self, due: list[rules.Delivery]) -> None:
        """Send these to their queues, and put on record what became of it."""
        if not due:
            return
        parcels = [Parcel(d.id, d.target, d.language, store.matters.numbered(d.topic or "", d.number or 0)) for d in due]
        outcomes, instant = self.queues.send(parcels), now()
        for delivery, why_not in zip(due, outcomes, strict=True):
            delivery.attempts = 1
            if why_not is None:
                delivery.state, delivery.sent_at, delivery.due = SENT, instant, None
            else:
                outcome = rules.after_failure(1, why_not.why, instant, random.random(), for_good=why_not.for_good)
                delivery.state, delivery.due = outcome.state, outcome.due
                delivery.why, delivery.because = outcome.why, outcome.because
        store.deliveries.add(due)


def _parts(made: list[rules.Delivery]) -> Iterator[list[rules.Delivery]]:
    """New deliveries as they are sent and recorded together."""
    return (made[start : start + PART] for start in range(0, len(made), PART))


def _passed(found: list[dict]) -> list[dict]:
    """Those of these matters, in order, that are fanned out: what was brought of them is on record, and goes out no second time. The first
    that still is goes first itself, and may know better who asked for it."""
    standing = store.fanouts.standing([f"{told['topic']}_{told['number']}" for told in found])
    under_way = {id for id, known in standing.items() if not known["done"]}
    return list(itertools.takewhile(lambda told: f"{told['topic']}_{told['number']}" not in under_way, found))


def _missed(span: dict) -> int:
    """How often the next matter of a range was waited for."""
    return span.get("missed", 0)


def _members(at: datetime) -> set[str]:
    """Who belonged to the Group at an instant, and still does by all that is known here: news may be long on its way."""
    group = store.composition.value()
    return set(group.members(at)).intersection(group.members(store.clock.reached(at)))
