"""The senders: for each channel a loop that claims due deliveries, tries them, and records what became of each.

Any number of copies may run: a delivery is claimed in the store for longer than an attempt can last, so at any moment one copy tries
it. A copy that dies between sending and recording leaves its claim to run out; the delivery is then sent again under the same
id, and whoever receives it knows it by that. Every attempt has a green thread of its own, so that one slow mailbox or webhook
keeps nobody waiting while there are threads left; the queue's sender takes many at once.

So what arrives may arrive twice: once in the record, at least once on the wire, always under the same id. A copy that is killed leaves up
to 64 mails, 64 webhooks and 500 messages that are out and not on record. No protocol on the way can take back what a mail server has
accepted, and a matter missed would be worse than one told twice. A webhook's receiver and the missions' client pass over an id they have
had; of mail a reader sees the second one too, unless their program shows one ``Message-ID`` once. These waits use real time, in rehearsal
too.
"""

import logging
import random
import re
import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import eventlet
from eventlet.event import Event
from eventlet.greenpool import GreenPool
from nameko.extensions import DependencyProvider

from messaging.context import Cause, new_traceparent, now
from messaging.settings import Settings, setting
from services.kernel import Refusal
from services.kernel.actor import SYSTEM_ACTOR
from services.notifications import rules, store
from services.notifications.channels import Parcel, Undelivered
from services.notifications.channels.mail import MailChannel
from services.notifications.channels.queue import QueueChannel
from services.notifications.channels.webhook import WebhookChannel
from services.notifications.fanning import Fanner
from services.notifications.lanes import PLACES, Lanes
from services.notifications.rules import reasons
from services.notifications.rules.deliveries import CONFIRMATION, DIGEST, INVITATION, NOTE
from services.notifications.rules.endpoints import GONE
from services.notifications.rules.reasons import Why
from services.notifications.store import Claimed, StoreAway
from services.notifications.store.suppressions import came_back

log = logging.getLogger(__name__)

STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
"""A status of RFC 3463."""

ATTEMPT_SECONDS = 20
"""The longest an attempt lasts, whatever the other side does."""

CLAIM_SECONDS = 45
"""How long a claim holds; longer than an attempt, its leave-taking and its record."""

AT_ONCE = 64
"""Attempts in flight of one channel in one copy. Hanging targets take places from others only beyond this many."""

IDLE_SECONDS = 5.0
"""The longest an idle sender sleeps. New work of its own process wakes it, and so does the next due attempt; looking is
for what other copies left."""

BETWEEN_ROUNDS_SECONDS = 0.1
"""How long the sender of webhooks waits for those in flight, when nothing of what is due can be started beside them."""

IN_ONE_BATCH = 500
"""Messages to queues that are published under one wait for confirms."""

_wakers: list[Callable[[], None]] = []


def wake() -> None:
    """Have this process's senders look for work now: new deliveries were recorded."""
    for waker in _wakers:
        waker()


def allows_private() -> bool:
    """Whether webhooks may go to private addresses (ICAT_WEBHOOK_ALLOW_PRIVATE)."""
    return setting("ICAT_WEBHOOK_ALLOW_PRIVATE") == "1"


def mail_channel() -> MailChannel:
    """The channel of mail as this process is set up. What cannot be delivered comes back where bounces are received, if they are."""
    server, sender, site = (setting(name) for name in ("ICAT_SMTP_URL", "ICAT_MAIL_FROM", "ICAT_PUBLIC_URL"))
    return MailChannel(server, sender, site, returns=bool(setting("ICAT_BOUNCES_LISTEN")))


class Sending(DependencyProvider):
    """Runs a sender for each channel inside a nameko container."""

    def setup(self) -> None:
        settings: Settings = self.container.config["settings"]
        self.senders = (
            ByAddress("mail", mail_channel(), settings.rehearsal),
            ByEndpoint("webhook", WebhookChannel(allow_private=allows_private()), settings.rehearsal),
            ManyAtOnce("amqp", QueueChannel(settings.amqp_uri, store.going)),
            Fanner(QueueChannel(settings.amqp_uri, store.going), wake),
        )
        self._stopping = False

    def start(self) -> None:
        store.ensure_indexes()
        self._threads = [self.container.spawn_managed_thread(lambda sender=sender: self._run(sender)) for sender in self.senders]

    def stop(self) -> None:
        """Claim nothing more, and let what is being tried come to its end and its record."""
        self._stopping = True
        wake()
        for thread in self._threads:
            thread.wait()
        for sender in self.senders:
            sender.finish()

    def _run(self, sender: "OneByOne | ManyAtOnce | Fanner") -> None:
        alarm = Alarm()
        _wakers.append(alarm.ring)
        try:
            while not self._stopping:
                try:
                    worked = sender.round()
                except StoreAway as error:
                    log.warning("%s: the store does not answer, waiting: %s", sender.channel_name, error)
                    worked = 0
                if not worked:
                    alarm.wait(self._idle(sender))
        finally:
            _wakers.remove(alarm.ring)

    def _idle(self, sender: "OneByOne | ManyAtOnce | Fanner") -> float:
        """How many seconds until there may be something to do."""
        try:
            next_due = sender.next_due()
        except StoreAway:
            return IDLE_SECONDS
        return IDLE_SECONDS if next_due is None else min(max((next_due - now()).total_seconds(), 0.01), IDLE_SECONDS)


class Alarm:
    """Wakes one sleeper; a ring while nobody sleeps is kept for the next."""

    def __init__(self) -> None:
        self._event = Event()

    def ring(self) -> None:
        if not self._event.ready():
            self._event.send()

    def wait(self, seconds: float) -> None:
        self._event.wait(timeout=seconds)
        self._event = Event()


class OneByOne:
    """Sends each delivery in a green thread of its own, at most ``AT_ONCE`` together. ``rehearsal``: nothing but a caller
    names instants, so a confirmation by echo is dated as the request was."""

    def __init__(self, channel_name: str, channel: MailChannel | WebhookChannel, rehearsal: bool) -> None:
        self.channel_name = channel_name
        self.channel = channel
        self.rehearsal = rehearsal
        self.pool = GreenPool(AT_ONCE)

    def round(self) -> int:
        """Claim what is due, as much as there are free places, and start on it; returns how much it was."""
        free = self.pool.free()
        if free <= 0:
            eventlet.sleep(0.05)
            return 1
        claimed = store.deliveries.claim(self.channel_name, free, CLAIM_SECONDS)
        keys = store.keys.of({c.delivery.subscription for c in claimed})
        for one in claimed:
            self.pool.spawn_n(self._try, one, keys.get(one.delivery.subscription))
        return len(claimed)

    def next_due(self) -> datetime | None:
        return store.deliveries.next_due(self.channel_name)

    def finish(self) -> None:
        self.pool.waitall()

    def _try(self, claimed: Claimed, secret: Mapping[str, Any] | None) -> None:
        """Attempt one delivery and put on record what came of it."""
        try:
            store.deliveries.settle(claimed, self._outcome(claimed, secret))
        except StoreAway as error:
            log.warning("delivery %s is not recorded and will be tried again: %s", claimed.delivery.id, type(error).__name__)

    def _outcome(self, claimed: Claimed, secret: Mapping[str, Any] | None) -> rules.Outcome:
        try:
            self._send(parcel_of(claimed.delivery, secret))
        except Exception as error:
            return failed(claimed.delivery, error)
        return rules.after_success(now())

    def _send(self, parcel: Parcel) -> None:
        with eventlet.Timeout(ATTEMPT_SECONDS, Undelivered(Why(reasons.TOO_LONG, {"seconds": ATTEMPT_SECONDS}))):
            self.channel.send(parcel)

    def _instant(self, delivery: rules.Delivery) -> datetime:
        """When what follows from an attempt happens: in rehearsal nothing but a caller names instants."""
        return delivery.announced_at if self.rehearsal else now()


class ByAddress(OneByOne):
    """Sends mail. An address that the server refuses at once, as one to which mail came back, is told of to the rules; one that it only
    puts off, as many do with what they have not seen before, when the delivery is given up for it."""

    def _outcome(self, claimed: Claimed, secret: Mapping[str, Any] | None) -> rules.Outcome:
        delivery = claimed.delivery
        try:
            self._send(parcel_of(delivery, secret))
        except Exception as error:
            outcome = failed(delivery, error)
            if isinstance(error, Undelivered) and error.refused and outcome.due is None:
                last = delivery.again[-1]["cause"] if delivery.again else 0
                cause = caused(delivery, f"{last}/refused", self._instant(delivery))
                came_back(delivery.subscriber, delivery.subscription, error.refused, str(error), cause)
            return outcome
        return rules.after_success(now())


class ByEndpoint(OneByOne):
    """Sends to webhooks, whose endpoints are strangers' and fail in every way: each is judged by how it fares (``rules.Health``), and holds
    no more places than its lane gives it."""

    def __init__(self, channel_name: str, channel: WebhookChannel, rehearsal: bool) -> None:
        super().__init__(channel_name, channel, rehearsal)
        self.pool = GreenPool(PLACES)
        self.lanes = Lanes()

    def round(self) -> int:
        """Claim what is due in either lane, as much as there are free places, and start on it; returns how much it was."""
        self.lanes.make_room()
        started = self._start(slow=False) + self._start(slow=True)
        if not started and len(self.lanes):
            # What is due may wait for those in flight: they are seldom long, and what comes new is not to wait for them.
            eventlet.sleep(BETWEEN_ROUNDS_SECONDS)
            return 1
        return started

    def _start(self, *, slow: bool) -> int:
        if not (free := self.lanes.free(slow)):
            return 0
        bears = (lambda subscription: 1) if slow else self.lanes.bears
        claimed = store.endpoints.claim(slow, free, self.lanes.busy(), bears, CLAIM_SECONDS)
        keys = store.keys.of({c.delivery.subscription for c in claimed})
        for one in claimed:
            self.lanes.enter(one.delivery.id, one.delivery.subscription, slow)
            self.pool.spawn_n(self._try, one, keys.get(one.delivery.subscription))
        return len(claimed)

    def _try(self, claimed: Claimed, secret: Mapping[str, Any] | None) -> None:
        try:
            super()._try(claimed, secret)
        finally:
            self.lanes.leave(claimed.delivery.id)

    def _outcome(self, claimed: Claimed, secret: Mapping[str, Any] | None) -> rules.Outcome:
        delivery = claimed.delivery
        try:
            parcel = parcel_of(delivery, secret)
        except Exception as error:  # ours, or the subscription's end: nothing that its endpoint is to blame for
            return failed(delivery, error)
        try:
            self._call(delivery, parcel)
            if delivery.purpose == CONFIRMATION:
                confirm(delivery, self._instant(delivery))
        except Undelivered as error:
            return self._blame(delivery, error)
        except Exception as error:
            return failed(delivery, error)
        if claimed.document.get("slow"):
            store.endpoints.succeeded(delivery.subscription)
            wake()
        return rules.after_success(now())

    def _call(self, delivery: rules.Delivery, parcel: Parcel) -> None:
        """One attempt in its lane. Raises Undelivered, also when it is cut short."""
        why = Undelivered(Why(reasons.CUT_SHORT))
        thread, well = eventlet.getcurrent(), False
        self.lanes.begin(delivery.id, lambda: eventlet.kill(thread, why))
        try:
            self._send(parcel)
            well = True
        finally:
            self.lanes.end(delivery.id, well)

    def _blame(self, delivery: rules.Delivery, error: Undelivered) -> rules.Outcome:
        """What a failed attempt means for the delivery, and for its endpoint with all that waits for it."""
        health = store.endpoints.failed(delivery.subscription, now(), random.random(), error.asked)
        outcome = failed(delivery, error)
        because = GONE if error.gone else health.too_long(now())
        if because and delivery.purpose != CONFIRMATION:
            suspend(delivery, because, self._instant(delivery))
        if outcome.due and health.retry_at:
            return replace(outcome, due=max(outcome.due, health.retry_at))
        return outcome


class ManyAtOnce:
    """Publishes to subscribers' queues in batches."""

    def __init__(self, channel_name: str, channel: QueueChannel) -> None:
        self.channel_name = channel_name
        self.channel = channel

    def round(self) -> int:
        """Claim a batch of what is due, publish it, record it; returns how much it was."""
        claimed = store.deliveries.claim(self.channel_name, IN_ONE_BATCH, CLAIM_SECONDS)
        keys = store.keys.of({c.delivery.subscription for c in claimed})
        ready: list[tuple[Claimed, Parcel]] = []
        for one in claimed:
            try:
                ready.append((one, parcel_of(one.delivery, keys.get(one.delivery.subscription))))
            except Exception as error:
                store.deliveries.settle(one, failed(one.delivery, error))
        if ready:
            outcomes = list(zip((one for one, _ in ready), self.channel.send([parcel for _, parcel in ready]), strict=True))
            store.deliveries.settle_sent([one for one, why_not in outcomes if why_not is None], now())
            for one, why_not in outcomes:
                if why_not is not None:
                    store.deliveries.settle(one, failed(one.delivery, why_not))
        return len(claimed)

    def next_due(self) -> datetime | None:
        return store.deliveries.next_due(self.channel_name)

    def finish(self) -> None:
        self.channel.close()


def parcel_of(delivery: rules.Delivery, secret: Mapping[str, Any] | None) -> Parcel:
    """What an attempt at this delivery sends. ``secret``: what is kept of its subscription. Raises Undelivered when its subscription ended
    since it was recorded."""
    if secret is None or secret.get("ended"):
        raise Undelivered(Why(reasons.HAS_ENDED), for_good=True)
    told = store.matters.numbered(delivery.topic, delivery.number) if delivery.topic and delivery.number else None
    parcel = Parcel(delivery.id, delivery.target, delivery.language, told)
    if delivery.channel != "mail":
        return replace(parcel, secret=secret["webhook"], earlier=store.earlier_webhook(secret, now()))
    parcel = replace(parcel, token=store.unsubscribe_token(secret), bounce=store.bounce_token(secret))
    if delivery.purpose in (CONFIRMATION, INVITATION):
        subscriber = store.subscribers.load(delivery.subscriber).aggregate
        if delivery.purpose == INVITATION:
            asking = {"invited": subscriber.name}
        else:
            asking = {"owner": subscriber.name, "topics": tuple(subscriber.subscription(delivery.subscription).topics)}
        return replace(parcel, token=store.keys.new_token(delivery.subscription), **asking)
    owner = store.readers.named([delivery.subscriber])[delivery.subscriber]
    parcel = replace(parcel, zone=owner.subscription(delivery.subscription).schedule.chosen_zone)
    if delivery.purpose == DIGEST:
        numbered = (item.rpartition("/") for item in delivery.items)
        items = tuple(store.matters.numbered(topic, int(number)) for topic, _, number in numbered)
        return _replying(replace(parcel, items=items), delivery, secret, [item["matter"] for item in items])
    if delivery.purpose == NOTE and delivery.note:
        parcel = replace(parcel, note=store.notes.note(delivery.note))
    said = parcel.note or (told["matter"] if told else None)
    return _replying(parcel, delivery, secret, [said] if said else [])


def _replying(parcel: Parcel, delivery: rules.Delivery, secret: Mapping[str, Any], said: list[dict[str, Any]]) -> Parcel:
    """The parcel with what one needs to reply to the briefings it tells of, and what its subscriber replied so far."""
    briefings = {briefing for each in said if (briefing := each["data"].get("briefing"))}
    answers = {briefing: store.attendances.attending(briefing, delivery.subscriber) for briefing in briefings}
    return replace(parcel, replies={briefing: store.reply_token(secret, briefing) for briefing in briefings}, answers=answers)


def caused(delivery: rules.Delivery, what: str, at: datetime) -> Cause:
    """The cause of what follows from an attempt at a delivery; the same ``what`` again is the same cause."""
    return Cause(id=f"{delivery.id}/{what}", by=SYSTEM_ACTOR, at=at, correlation=delivery.id, traceparent=new_traceparent())


def confirm(delivery: rules.Delivery, at: datetime) -> None:
    """The owner of a webhook echoed the challenge: the subscription is confirmed."""
    cause = caused(delivery, "echo", at)
    store.subscribers.change(delivery.subscriber, cause, lambda subscriber: subscriber.confirm(delivery.subscription, at=at))


def suspend(delivery: rules.Delivery, because: str, at: datetime) -> None:
    """Stop a subscription whose target fails; what waits for it is withdrawn, and its owner told, when that is heard."""
    cause = caused(delivery, f"{delivery.attempts}/suspend", at)
    store.subscribers.change(delivery.subscriber, cause, lambda subscriber: subscriber.suspend(delivery.subscription, because, at))
    store.endpoints.forget(delivery.subscription)


def failed(delivery: rules.Delivery, error: Exception) -> rules.Outcome:
    """What a failed attempt means. Only a channel's own words reach the record: another error's text might quote contents. The log has
    not even those, which quote a server that may have quoted the address."""
    why: Why | str
    if isinstance(error, Undelivered):
        why, for_good = error.why, error.for_good
    elif isinstance(error, Refusal):
        why, for_good = error.detail, False
    else:
        log.error("delivery %s failed here: %s\n%s", delivery.id, type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))
        why, for_good = Why(reasons.OUR_SIDE, {"error": type(error).__name__}), False
    outcome = rules.after_failure(delivery.attempts + 1, why, now(), random.random(), for_good=for_good)
    log.info("delivery %s: %s%s", delivery.id, outcome.state, _status(error))
    return outcome


def _status(error: Exception) -> str:
    """The status with which a mail server refused an address, for the log; nothing where there is none."""
    refused = error.refused if isinstance(error, Undelivered) else ""
    return f" ({refused})" if STATUS.fullmatch(refused) else ""
