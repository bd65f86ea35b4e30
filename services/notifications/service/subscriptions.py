"""Subscribers and their subscriptions: orders and questions."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from contracts import notifications as c
from messaging.context import Order, now
from messaging.service import command, query
from messaging.store import Saved
from services.notifications import rules, store
from services.notifications.rules.subscribers import AMQP, ATOM, CALENDAR, FEEDS, MAIL, PENDING, WEBHOOK
from services.notifications.sending import allows_private
from services.notifications.service.asking import (
    ask_by_mail,
    close_if_over,
    must_offer,
    nothing_kept_if_refused,
    open_queue,
    put_readers_out,
)
from services.notifications.store import keys, subscribers

FEED_PATHS = {ATOM: "/feeds/{}.atom", CALENDAR: "/calendars/{}.ics"}

CHANGING_OVER = timedelta(days=1)
"""How long a webhook is signed with its earlier secret too."""


class Subscribing:
    # Coming and leaving

    @command(c.AdmitSubscriber)
    def admit_subscriber(self, order: Order) -> Saved:
        who, given = (order.name, order.kind, order.language), {"by": order.by, "at": order.at}
        admit = rules.Subscriber.admit
        return subscribers.change(order.code, order, lambda s: s.admit_known(*who, **given), lambda: admit(order.code, *who, **given))

    @command(c.InviteSubscriber)
    def invite_subscriber(self, order: Order) -> Saved:
        id, given = order.new_id("sub"), {"by": order.by, "at": order.at}
        who, secret = (order.name, order.kind, order.language, id), keys.draw(id, order.code, order.id, address=order.address)

        def keep(subscriber: rules.Subscriber) -> rules.Subscriber:
            ask_by_mail(id, order.address, order.at, field="address")
            keys.keep(secret)
            return subscriber

        def anew(subscriber: rules.Subscriber) -> None:
            subscriber.invite_anew(*who, **given)
            keep(subscriber)

        with nothing_kept_if_refused(secret):
            return subscribers.change(order.code, order, anew, lambda: keep(rules.Subscriber.invite(order.code, *who, **given)))

    @command(c.AcceptInvitation)
    def accept_invitation(self, order: Order) -> dict[str, Any]:
        code, id, address = keys.inviting(order.token)
        saved = subscribers.change(code, order, lambda s: s.accept(id, address, wanted(order), by=order.by, at=order.at))
        return saved.aggregate.told_to_bearer(id)

    @command(c.EndSubscriber)
    def end_subscriber(self, order: Order) -> Saved:
        return subscribers.change(order.code, order, lambda s: s.end(order.reason, by=order.by, at=order.at))

    # Subscriptions

    @command(c.Subscribe)
    def subscribe(self, order: Order) -> dict[str, Any]:
        must_offer(order.channel)
        id, what = order.new_id("sub"), (order.channel, order.target)
        secret = keys.draw(id, order.subscriber, order.id, webhook=order.secret)
        given = {"allow_private": allows_private(), "queue_part": store.queue_part(secret), "order": order.id, "secret": order.secret}

        def ask(subscriber: rules.Subscriber) -> None:
            subscriber.subscribe(id, *what, **wanted(order), **given, by=order.by, at=order.at)
            if order.channel == MAIL:
                ask_by_mail(id, order.target, order.at)
            keys.keep(secret)  # kept before the subscription is, which is nothing without it, and not for what is refused

        with nothing_kept_if_refused(secret):
            saved = subscribers.change(order.subscriber, order, ask)
        return told_once(saved.aggregate.subscription(id), order)

    @command(c.ChangeSubscription)
    def change_subscription(self, order: Order) -> rules.Subscription:
        return changed(order, lambda s: s.change(order.subscription, **wanted(order), by=order.by, at=order.at))

    @command(c.PauseSubscription)
    def pause_subscription(self, order: Order) -> rules.Subscription:
        return changed(order, lambda s: s.pause(order.subscription, order.until, by=order.by, at=order.at))

    @command(c.ResumeSubscription)
    def resume_subscription(self, order: Order) -> rules.Subscription:
        def go_on(subscriber: rules.Subscriber) -> None:
            resumed = subscriber.resume(order.subscription, order.catch_up, by=order.by, at=order.at)
            if resumed.state == PENDING:
                keys.forget_tokens(resumed.id)  # its owner is asked anew, and no mail from before answers that
                if resumed.channel == MAIL:
                    ask_by_mail(f"{resumed.id}_{resumed.asked}", resumed.target, order.at)

        return changed(order, go_on)

    @command(c.ReplaceSecret)
    def replace_secret(self, order: Order) -> dict[str, Any]:
        def renew(subscriber: rules.Subscriber) -> None:
            subscriber.replace_secret(order.subscription, order.id, order.secret, by=order.by, at=order.at)
            put_readers_out(subscriber.subscription(order.subscription))  # before it is written that nobody reads

        return told_once(changed(order, renew), order)

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
        queue = changed(order, lambda s: s.fetch_queue(order.subscription, order.id, by=order.by, at=order.at))
        queue.must_be_told_to(order.id)  # an order that comes once more must not bring back what ended or was replaced since
        credentials = open_queue(queue.target, store.queue_password(keys.of({queue.id})[queue.id], order.id))
        close_if_over(subscribers.load(order.subscriber).aggregate.subscription(queue.id), order.id)
        return credentials

    # Questions

    @query(c.Subscribers)
    def subscribers(self, ask: Order) -> dict[str, Any]:
        page = subscribers.find({"state.kind": ask.kind} if ask.kind else {}, limit=ask.limit, after=ask.after)
        return {"items": [s.aggregate.view(ask.by, ask.at) | {"version": s.version} for s in page.items], "next": page.next}

    @query(c.GetSubscriber)
    def get_subscriber(self, ask: Order) -> Saved:
        return subscribers.load(ask.code)

    @query(c.GetInvitation)
    def get_invitation(self, ask: Order) -> dict[str, Any]:
        code, id, _ = keys.inviting(ask.token)
        return subscribers.load(code).aggregate.told_to_invited(id)


WANTED = ("topics", "pillars", "places", "kinds", "language", "schedule")


def wanted(order: Order) -> dict[str, Any]:
    """The choice in an order, as the rules take it."""
    return {name: order.data[name] for name in WANTED}


def changed(order: Order, decide: Callable[[rules.Subscriber], Any]) -> rules.Subscription:
    """The subscription that an order names, as its subscriber decided."""
    return subscribers.change(order.subscriber, order, decide).aggregate.subscription(order.subscription)


def told_once(subscription: rules.Subscription, order: Order) -> dict[str, Any]:
    """A subscription as the order that made its secret is answered: put in force, and told. An order that comes again when another has
    replaced that secret since is told none."""
    secret = None
    if subscription.secret_by == order.id and subscription.channel in FEEDS | {WEBHOOK}:
        kept = keys.of({subscription.id})[subscription.id]
        if subscription.channel == WEBHOOK:
            secret = order.secret or store.webhook_secret(kept, order.id)
            keys.renew_webhook(subscription.id, secret, now() + CHANGING_OVER)
        else:
            token = store.feed_token(kept, order.id)
            keys.renew_feed(subscription.id, token)
            secret = FEED_PATHS[subscription.channel].format(token)
    return subscription.told_once(secret)
