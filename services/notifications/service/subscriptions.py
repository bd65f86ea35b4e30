"""Subscribers and their subscriptions: orders and questions."""

from typing import Any

from contracts import notifications as c
from messaging.context import Order
from messaging.service import command, query
from messaging.store import Saved
from services.kernel import Refusal
from services.notifications import rules, store
from services.notifications.rules.subscribers import AMQP
from services.notifications.sending import allows_private
from services.notifications.service.asking import must_offer, open_queue
from services.notifications.store import keys, subscribers


class Subscribing:
    @command(c.AdmitSubscriber)
    def admit_subscriber(self, order: Order) -> Saved:
        order.by.must_be_secretariat("admit a subscriber")  # before it is said whether there is one

        def make() -> rules.Subscriber:
            return rules.Subscriber.admit(order.code, order.name, order.kind, order.language, by=order.by, at=order.at)

        return subscribers.create(order.code, order, make)

    @command(c.EndSubscriber)
    def end_subscriber(self, order: Order) -> Saved:
        return subscribers.change(order.code, order, lambda s: s.end(order.reason, by=order.by, at=order.at))

    @command(c.Subscribe)
    def subscribe(self, order: Order) -> dict[str, Any]:
        must_offer(order.channel)
        id, asked = order.new_id("sub"), (order.channel, order.target, order.topics, order.pillars)
        secret = keys.draw(id, order.subscriber, order.secret)
        given = {"allow_private": allows_private(), "queue_part": store.queue_part(secret)}

        def ask(subscriber: rules.Subscriber) -> None:
            subscriber.subscribe(id, *asked, by=order.by, at=order.at, **given)
            keys.keep(secret)  # kept before the subscription is, which is nothing without it, and not for what is refused

        try:
            saved = subscribers.change(order.subscriber, order, ask)
        except Refusal:
            keys.forget(secret)
            raise
        return saved.aggregate.subscription(id).told_once(keys.of({id})[id]["webhook"])

    @command(c.Confirm)
    def confirm(self, order: Order) -> dict[str, Any]:
        code, id = keys.confirming(order.token)
        return subscribers.change(code, order, lambda s: s.confirm(id, at=order.at)).aggregate.told_to_bearer(id)

    @command(c.Unsubscribe)
    def unsubscribe(self, order: Order) -> dict[str, Any]:
        bearer = order.token is not None
        code, id = keys.unsubscribing(order.token) if bearer else (order.subscriber, order.subscription)
        subscriber = subscribers.change(code, order, lambda s: s.unsubscribe(id, by=order.by, at=order.at, bearer=bearer)).aggregate
        return subscriber.told_to_bearer(id)

    @command(c.FetchQueueCredentials)
    def fetch_queue_credentials(self, order: Order) -> dict[str, Any]:
        must_offer(AMQP)
        saved = subscribers.change(order.subscriber, order, lambda s: s.fetch_queue(order.subscription, by=order.by, at=order.at))
        secret = keys.of({order.subscription})[order.subscription]
        return open_queue(saved.aggregate.subscription(order.subscription).target, store.queue_password(secret, order.id))

    @query(c.Subscribers)
    def subscribers(self, ask: Order) -> dict[str, Any]:
        ask.by.must_be_secretariat("list the subscribers")
        page = subscribers.find({"state.kind": ask.kind} if ask.kind else {}, limit=ask.limit, after=ask.after)
        return {"items": [s.aggregate.view(ask.by, ask.at) | {"version": s.version} for s in page.items], "next": page.next}

    @query(c.GetSubscriber)
    def get_subscriber(self, ask: Order) -> Saved:
        return subscribers.load(ask.code)
