"""What this service itself said is followed up: a matter is fanned out, an owner asked to confirm, what waits withdrawn or let go."""

from datetime import datetime

from contracts import notifications as c
from messaging.context import Arrived, now
from messaging.service import subscribe
from messaging.settings import setting
from services.notifications import rules, store
from services.notifications.channels.queue import declare, remove
from services.notifications.rules import notes, reasons
from services.notifications.rules.addresses import queue_of
from services.notifications.rules.reasons import Why
from services.notifications.rules.subscribers import AMQP, FETCHED
from services.notifications.sending import wake
from services.notifications.service.asking import close_queue
from services.notifications.store import deliveries, fanouts, keys, matters, subscribers


class Following:
    """Each step may be taken again: records have ids that say what they are about."""

    @subscribe(c.Announced)
    def announced(self, event: Arrived) -> None:
        matters.keep(event.topic, event.number, event.matter, event.at)
        fanouts.of_matter(event.topic, event.number, event.at, rules.priority_of(event.topic, event.matter))
        wake()

    @subscribe(c.Replayed)
    def replayed(self, event: Arrived) -> None:
        span = {"topic": event.topic, "after": event.since, "until": event.until}
        fanouts.to_subscription(event.replay, event.subscriber, event.subscription, [span], event.at, replay=event.replay)
        wake()

    @subscribe(c.SubscriberInvited)
    def subscriber_invited(self, event: Arrived) -> None:
        invited, address = subscribers.load(event.code).aggregate, keys.of([event.invitation])[event.invitation]["address"]
        deliveries.add(rules.invite(invited, event.invitation, address, event.at, now()))
        wake()

    @subscribe(c.SubscriptionRequested)
    def subscription_requested(self, event: Arrived) -> None:
        subscriber = subscribers.load(event.subscriber).aggregate
        deliveries.add(rules.request_to_confirm(subscriber, event.subscription, event.at, now()))
        wake()

    @subscribe(c.SubscriptionConfirmed)
    def subscription_confirmed(self, event: Arrived) -> None:
        bring_since(event.at, event)

    @subscribe(c.SubscriptionChanged)
    def subscription_changed(self, event: Arrived) -> None:
        bring_since(event.at, event)

    @subscribe(c.SubscriptionResumed)
    def subscription_resumed(self, event: Arrived) -> None:
        resumed = subscribers.load(event.subscriber).aggregate.listed(event.subscription)
        if resumed is None:
            return  # it ended before this was heard
        if resumed.channel == AMQP and rules.is_brought(resumed):
            declare(setting("AMQP_URI"), [resumed.target])
            if not store.going([resumed.target]):  # it ended meanwhile, perhaps before there was a queue to remove
                remove(setting("AMQP_URI"), resumed.target)
        bring_since(event.since if event.catch_up else event.at, event)
        deliveries.resume(event.subscription, now())
        deliveries.after_silences(event.at, now(), event.subscription)
        wake()

    @subscribe(c.SubscriptionSuspended)
    def subscription_suspended(self, event: Arrived) -> None:
        subscriber = subscribers.load(event.subscriber).aggregate
        suspended = subscriber.listed(event.subscription)
        if suspended is None or rules.is_brought(suspended):
            return  # it ended or was resumed before this was heard
        deliveries.withdraw(event.subscription, Why(reasons.IS_SUSPENDED, {"because": event.because}), since=suspended.silent_since)
        if suspended.channel == AMQP:
            remove(setting("AMQP_URI"), suspended.target)
        note = notes.subscription_suspended(suspended.id, suspended.channel, suspended.target, event.because, event.at)
        store.tell(event.subscriber, event.new_id("note"), note, now(), sparing=event.subscription)
        wake()

    @subscribe(c.SubscriptionEnded)
    def subscription_ended(self, event: Arrived) -> None:
        keys.end(event.subscription)
        store.endpoints.forget(event.subscription)
        store.readings.forget(event.subscription)
        deliveries.withdraw(event.subscription, Why(reasons.HAS_ENDED_BECAUSE, {"because": event.because}))
        subscriber = subscribers.load(event.subscriber).aggregate
        ended = subscriber.listed(event.subscription)
        if ended is None or ended.channel == AMQP:  # one that is listed no more may have had a queue, which is called after its key
            close_queue(queue_of(event.subscriber, store.queue_part(keys.of([event.subscription])[event.subscription])))
        if ended is not None and subscriber.ended_at is None and ended.confirmed_at is not None:
            note = notes.subscription_ended(ended.id, ended.channel, event.because, event.at)
            store.tell(event.subscriber, event.new_id("note"), note, now(), sparing=event.subscription)
            wake()


def bring_since(since: datetime, event: Arrived) -> None:
    """Have brought what its subscription wants of what was announced from an instant on and is not brought yet: also where nothing is
    caught up on, since an order counts from its instant, and a fan-out may have passed before it was written."""
    subscription = subscribers.load(event.subscriber).aggregate.listed(event.subscription)
    if subscription is None or subscription.channel in FETCHED:
        return
    spans = [matters.announced_since(topic, since) for topic in rules.topics_ever(subscription)]
    if any(span["after"] < span["until"] for span in spans):
        late = event.new_id("since")
        fanouts.to_subscription(late, event.subscriber, event.subscription, spans, event.at, since=since)
        wake()
