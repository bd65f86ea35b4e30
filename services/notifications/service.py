"""Notifications on the wire: orders and questions, the events it hears, and the senders."""

from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from contracts import chairs, documents, workplan
from contracts import notifications as c
from messaging.context import Arrived, Order, now
from messaging.service import Commands, Subscriptions, command, query, subscribe
from messaging.settings import setting
from messaging.store import Saved
from services.kernel import Refusal
from services.notifications import rules, store
from services.notifications.channels.queue import declare, remove
from services.notifications.rules import matters
from services.notifications.rules.subscribers import AMQP
from services.notifications.sending import Sending, allows_private, wake
from services.notifications.store import composition, deliveries, keys, subscribers, topics


class Notifications(Commands):
    """Subscribers ask, confirm, leave, and look at what was sent to them."""

    name = "notifications"
    aggregates = (subscribers, topics)

    def waiting(self) -> int:
        return deliveries.waiting()

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
        uri = address_for_missions()
        saved = subscribers.change(order.subscriber, order, lambda s: s.fetch_queue(order.subscription, by=order.by, at=order.at))
        queue = saved.aggregate.subscription(order.subscription).target
        declare(self.relay.settings.amqp_uri, [queue])
        return {"uri": uri, "queue": queue}

    @command(c.SendAgain)
    def send_again(self, order: Order) -> rules.Delivery:
        delivery = store.send_again(order.delivery, order)
        wake()
        return delivery

    @query(c.Subscribers)
    def subscribers(self, ask: Order) -> dict[str, Any]:
        ask.by.must_be_secretariat("list the subscribers")
        page = subscribers.find({"state.kind": ask.kind} if ask.kind else {}, limit=ask.limit, after=ask.after)
        return {"items": [s.aggregate.view(ask.by, ask.at) | {"version": s.version} for s in page.items], "next": page.next}

    @query(c.GetSubscriber)
    def get_subscriber(self, ask: Order) -> Saved:
        return subscribers.load(ask.code)

    @query(c.Deliveries)
    def deliveries(self, ask: Order) -> dict[str, Any]:
        wanted = {name: ask.data[name] for name in ("topic", "number", "state", "channel")}
        return deliveries.page({"subscriber": visible(ask), **wanted}, ask.limit, ask.after)

    @query(c.DeliverySummary)
    def delivery_summary(self, ask: Order) -> dict[str, Any]:
        return rules.summary(deliveries.tallies(visible(ask)))

    @query(c.Matters)
    def matters(self, ask: Order) -> dict[str, Any]:
        inside = ask.topic in matters.OF_THE_GROUP and is_inside(ask)
        return matters.shown(ask.by, store.matters.since(ask.topic, ask.since, ask.limit), inside=inside)


class NotificationsEvents(Subscriptions):
    """What is public, or concerns entities of the Group, becomes a matter; a matter becomes deliveries."""

    name = "notifications.events"

    @subscribe(chairs.CompositionChanged)
    def composition_changed(self, event: Arrived) -> None:
        composition.keep(event)

    @subscribe(documents.Published)
    def published(self, event: Arrived) -> None:
        announce(matters.published(event.data), event)

    @subscribe(documents.Presented)
    def presented(self, event: Arrived) -> None:
        announce(matters.presented(event.data, event.at), event)

    @subscribe(documents.StatementIssued)
    def statement_issued(self, event: Arrived) -> None:
        announce(matters.statement_issued(event.data), event)

    @subscribe(documents.CorrigendumIssued)
    def corrigendum_issued(self, event: Arrived) -> None:
        announce(matters.corrigendum_issued(event.data, event.at), event)

    @subscribe(documents.LanguagePublished)
    def language_published(self, event: Arrived) -> None:
        announce(matters.language_published(event.data, event.at), event)

    @subscribe(documents.CommentRoundOpened)
    def comment_round_opened(self, event: Arrived) -> None:
        announce(matters.comment_round_opened(event.data, event.at), event)

    @subscribe(documents.ClearanceOpened)
    def clearance_opened(self, event: Arrived) -> None:
        announce(matters.clearance_opened(event.data, event.at), event)

    @subscribe(documents.ClearanceExtended)
    def clearance_extended(self, event: Arrived) -> None:
        announce(matters.clearance_extended(event.data, event.at), event)

    @subscribe(documents.ClearancePassed)
    def clearance_passed(self, event: Arrived) -> None:
        announce(matters.clearance_passed(event.data, event.at, chairs_at(event.at)), event)

    @subscribe(documents.ClearanceBroken)
    def clearance_broken(self, event: Arrived) -> None:
        announce(matters.clearance_broken(event.data, event.at, chairs_at(event.at)), event)

    @subscribe(documents.ClearanceLapsed)
    def clearance_lapsed(self, event: Arrived) -> None:
        announce(matters.clearance_lapsed(event.data, event.at, chairs_at(event.at)), event)

    @subscribe(documents.Reminded)
    def document_reminded(self, event: Arrived) -> None:
        announce(matters.document_reminded(event.data, event.at, chairs_at(event.at)), event)

    @subscribe(documents.IssueStopped)
    def issue_stopped(self, event: Arrived) -> None:
        announce(matters.issue_stopped(event.data, event.at, chairs_at(event.at)), event)

    @subscribe(workplan.PlanAdopted)
    def plan_adopted(self, event: Arrived) -> None:
        announce(matters.plan_adopted(event.data, event.at), event)

    @subscribe(workplan.PlanClosed)
    def plan_closed(self, event: Arrived) -> None:
        announce(matters.plan_closed(event.data, event.at), event)

    @subscribe(workplan.BriefingAnnounced)
    def briefing_announced(self, event: Arrived) -> None:
        announce(matters.briefing("briefing_announced", event.data, event.at), event)

    @subscribe(workplan.BriefingChanged)
    def briefing_changed(self, event: Arrived) -> None:
        announce(matters.briefing("briefing_changed", event.data, event.at), event)

    @subscribe(workplan.BriefingCancelled)
    def briefing_cancelled(self, event: Arrived) -> None:
        announce(matters.briefing("briefing_cancelled", event.data, event.at), event)

    @subscribe(chairs.TermStarted)
    def term_started(self, event: Arrived) -> None:
        announce(matters.term_started(event.data, event.at), event)

    @subscribe(chairs.HandoverReminded)
    def handover_reminded(self, event: Arrived) -> None:
        announce(matters.handover_reminded(event.data, event.at), event)

    @subscribe(chairs.HandoverEscalated)
    def handover_escalated(self, event: Arrived) -> None:
        announce(matters.handover_escalated(event.data, event.at), event)

    @subscribe(workplan.MeetingCalled)
    def meeting_called(self, event: Arrived) -> None:
        announce(matters.meeting("meeting_called", event.data, event.at), event)

    @subscribe(workplan.MeetingChanged)
    def meeting_changed(self, event: Arrived) -> None:
        announce(matters.meeting("meeting_changed", event.data, event.at), event)

    @subscribe(workplan.MeetingCancelled)
    def meeting_cancelled(self, event: Arrived) -> None:
        announce(matters.meeting("meeting_cancelled", event.data, event.at), event)

    @subscribe(workplan.MeetingReminded)
    def meeting_reminded(self, event: Arrived) -> None:
        announce(matters.meeting("meeting_reminded", event.data, event.at), event)

    @subscribe(workplan.ActionAssigned)
    def action_assigned(self, event: Arrived) -> None:
        announce(matters.action_assigned(event.data, event.at), event)

    @subscribe(workplan.ActionChanged)
    def action_changed(self, event: Arrived) -> None:
        announce(matters.action_changed(event.data, event.at), event)

    @subscribe(workplan.ActionReminded)
    def action_reminded(self, event: Arrived) -> None:
        announce(matters.action_reminded(event.data, event.at), event)

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
            remove(setting("AMQP_URI"), ended.target)


class NotificationsSenders(Subscriptions):
    """The senders, in a container of their own: what they wait for holds up neither commands nor events."""

    name = "notifications.senders"
    sending = Sending()


def announce(matter: rules.Matter | None, event: Arrived) -> None:
    """Have the matter's topic number it, once for this event; nothing where there is nothing to tell."""
    if matter is None:
        return
    topics.change(matter.topic, event, lambda topic: topic.announce(matter, event.at), new=lambda: rules.Topic(matter.topic))


def chairs_at(at: datetime) -> list[str]:
    """Who chairs the Group as of an instant, by what is known here of the Group."""
    return composition.value().chairs(at)


def is_inside(ask: Order) -> bool:
    """Whether who asks belongs to the Group as of now. The secretariat does, whatever is known here of the others."""
    return ask.by.is_secretariat or ask.by.is_system or (ask.by.in_the_group and composition.value().is_inside(ask.by, ask.at))


def visible(ask: Order) -> str | None:
    """The code of the subscriber whose deliveries are asked for and may be seen; None, for all, to the secretariat."""
    code = rules.whose(ask.by, ask.subscriber)
    if code is not None:
        subscribers.load(code).aggregate.must_show_itself_to(ask.by)
    return code


def must_offer(channel: str) -> None:
    """Raises Refusal(unavailable) for a channel that this platform has not been set up for."""
    if channel == AMQP:
        address_for_missions()


def address_for_missions() -> str:
    """The broker's address that missions are given. Raises Refusal(unavailable) where none is configured, or one of the platform's own
    user: who holds that could give orders in anybody's name."""
    uri = setting("ICAT_MISSION_AMQP_URI")
    if not uri or user_of(uri) == user_of(setting("AMQP_URI")):
        raise Refusal(
            "unavailable",
            "This platform offers no queues: its broker has no user for missions (ICAT_MISSION_AMQP_URI).",
            rule="no-queues",
            accepted="a subscription on the channel mail or webhook",
        )
    return uri


def user_of(uri: str) -> str:
    """Whom a broker's address speaks as; the broker's own default where it says nothing."""
    return unquote(urlsplit(uri).username or "guest")
