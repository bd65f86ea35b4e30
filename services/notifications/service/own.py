"""What this service itself said is followed up: a matter is fanned out, an owner asked to confirm, what waits withdrawn."""

from contracts import notifications as c
from messaging.context import Arrived, now
from messaging.service import subscribe
from services.notifications import rules, store
from services.notifications.rules import matters
from services.notifications.rules.subscribers import AMQP
from services.notifications.sending import wake
from services.notifications.service.asking import close_queue
from services.notifications.store import composition, deliveries, keys, subscribers


class Following:
    """Each step may be taken again: records have ids that say what they are about."""

    @subscribe(c.Announced)
    def announced(self, event: Arrived) -> None:
        store.matters.keep(event.topic, event.number, event.matter)
        matter = (event.topic, event.number, event.matter)
        members = composition.value().members(event.at) if event.topic in matters.OF_THE_GROUP else []
        made = (rules.fan_out(subscriber, *matter, event.at, now(), members=members) for subscriber in store.wanting(event.topic))
        deliveries.add(delivery for each in made for delivery in each)
        wake()

    @subscribe(c.SubscriptionRequested)
    def subscription_requested(self, event: Arrived) -> None:
        subscriber = subscribers.load(event.subscriber).aggregate
        deliveries.add(rules.request_to_confirm(subscriber, event.subscription, event.at, now()))
        wake()

    @subscribe(c.SubscriptionEnded)
    def subscription_ended(self, event: Arrived) -> None:
        keys.end(event.subscription)
        deliveries.withdraw(event.subscription, f"The subscription has ended: {event.because}")
        ended = subscribers.load(event.subscriber).aggregate.subscription(event.subscription)
        if ended.channel == AMQP:
            close_queue(ended.target)
