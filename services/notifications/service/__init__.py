"""Notifications on the wire: orders and questions, the events it hears, and the senders."""

from contracts import notifications as c
from messaging.context import Arrived, now
from messaging.service import Commands, Subscriptions, subscribe
from services.notifications import rules, store
from services.notifications.rules import matters
from services.notifications.rules.subscribers import AMQP
from services.notifications.sending import Sending, wake
from services.notifications.service.asking import close_queue
from services.notifications.service.deliveries import Delivering
from services.notifications.service.hearing import Hearing
from services.notifications.service.subscriptions import Subscribing
from services.notifications.store import composition, deliveries, keys, subscribers, topics


class Notifications(Subscribing, Delivering, Commands):
    """Subscribers ask, confirm, leave, and look at what was sent to them."""

    name = "notifications"
    aggregates = (subscribers, topics)

    def waiting(self) -> int:
        return deliveries.waiting()


class NotificationsEvents(Hearing, Subscriptions):
    """A matter becomes deliveries; a subscription asked for becomes a request to confirm it."""

    name = "notifications.events"

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


class NotificationsSenders(Subscriptions):
    """The senders, in a container of their own: what they wait for holds up neither commands nor events."""

    name = "notifications.senders"
    sending = Sending()
