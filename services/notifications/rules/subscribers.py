"""Who is told of what, on which channel, and that its owner agreed (DOMAIN, *Notifications*, first and second line)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.kernel import Actor, Aggregate, Refusal
from services.kernel.actor import ALTERNATE, FOCAL_POINT, MISSION, READER, SECRETARIAT
from services.notifications.rules.addresses import queue_of, webhook_address
from services.notifications.rules.matters import OF_THE_GROUP, PUBLIC, THE_SECRETARIAT

MAIL, WEBHOOK, AMQP = "mail", "webhook", "amqp"
PENDING, CONFIRMED, ENDED = "pending", "confirmed", "ended"

ROLES = {"mission": {MISSION}, "focal_point": {FOCAL_POINT, ALTERNATE}, "reader": {READER}, "secretariat": {SECRETARIAT}}
"""Which roles make a person one of a subscriber's own, by the kind of subscriber."""

MOST_SUBSCRIPTIONS = 20
"""Living subscriptions of one subscriber: a bound on what one source can ask for."""


@dataclass
class Subscription:
    """One channel of one subscriber. ``target``: a mail address, a webhook's address or a queue's name.
    ``pillars`` narrows; empty asks for all. ``state``: ``pending``, ``confirmed`` by its owner, ``ended``."""

    id: str
    channel: str
    target: str
    topics: list[str]
    pillars: list[str]
    requested_at: datetime
    requested_by: str
    state: str = PENDING
    confirmed_at: datetime | None = None
    ended_at: datetime | None = None
    ended_because: str | None = None

    def wants(self, topic: str, pillars: list[str], announced_at: datetime) -> bool:
        """Whether a matter of these pillars, announced at that instant, is to be sent here. One without pillars concerns all four.
        What was announced before its owner confirmed is not, however late or often the news of it comes; what came at the same
        instant is."""
        return (
            self.state == CONFIRMED
            and self.confirmed_at is not None
            and self.confirmed_at <= announced_at
            and topic in self.topics
            and (not self.pillars or not pillars or not set(self.pillars).isdisjoint(pillars))
        )

    def told_once(self, secret: str) -> dict[str, Any]:
        """The subscription as who ordered it learns of it, with the secret of a webhook: nobody is shown that again."""
        return {**vars(self), **({"secret": secret} if self.channel == WEBHOOK else {})}


@dataclass
class Subscriber(Aggregate):
    """A permanent mission, an entity's focal points, another reader, or the secretariat itself, as the secretariat admitted them.

    ``code``: what its people act under, but for the secretariat, whose people are known by their role; ``kind``: a key of ``ROLES``.
    """

    code: str
    name: str
    kind: str
    language: str
    admitted_at: datetime
    admitted_by: str
    ended_at: datetime | None = None
    subscriptions: list[Subscription] = field(default_factory=list)

    @classmethod
    def admit(cls, code: str, name: str, kind: str, language: str, *, by: Actor, at: datetime) -> "Subscriber":
        """The secretariat admits a subscriber. Refuses anyone else."""
        by.must_be_secretariat("admit a subscriber")
        subscriber = cls(code, name, kind, language, admitted_at=at, admitted_by=by.person)
        subscriber.happen("subscriber_admitted", at, code=code, name=name, kind=kind, language=language)
        return subscriber

    def subscribe(
        self,
        id: str,
        channel: str,
        target: str,
        topics: list[str],
        pillars: list[str],
        *,
        by: Actor,
        at: datetime,
        allow_private: bool = False,
        queue_part: str = "",
    ) -> Subscription:
        """Ask for topics on one channel; it waits for its owner's confirmation.

        ``allow_private``: whether webhooks may be plain http and go to addresses of a closed network. ``queue_part``: what nobody
        can guess in the name of this subscription's queue, should it have one.
        Refuses a stranger, an ended subscriber, a topic of the Group's own to who is outside it, one target twice, and a target the
        channel cannot have.
        """
        self.must_show_itself_to(by)
        if self.ended_at is not None:
            raise Refusal.conflict(f"{self.code} is no longer a subscriber.", rule="subscriber-ended")
        if not OF_THE_GROUP.isdisjoint(topics) and not self.addressees:
            raise Refusal.invalid(
                "topics",
                f"For the Group alone, its entities' focal points and the secretariat: {', '.join(OF_THE_GROUP.intersection(topics))}.",
                rule="topic-of-the-group",
                accepted=list(PUBLIC),
            )
        target = self._target(channel, target, allow_private, queue_part)
        living = [s for s in self.subscriptions if s.state != ENDED]
        # Each subscription's queue has another name; a subscriber has one queue at a time all the same.
        if any(s.channel == channel and (channel == AMQP or s.target == target) for s in living):
            raise Refusal.conflict(
                f"{self.code} has a subscription to this {channel} target already, and each matter reaches a target once.",
                rule="one-per-target",
                field="target",
                accepted="another target, or the same one after its subscription ended",
            )
        if len(living) >= MOST_SUBSCRIPTIONS:
            raise Refusal.conflict(
                f"{self.code} has {len(living)} subscriptions, the most there may be.",
                rule="most-subscriptions",
                accepted=f"at most {MOST_SUBSCRIPTIONS} that have not ended",
            )
        subscription = Subscription(id, channel, target, sorted(set(topics)), sorted(set(pillars)), at, by.person)
        self.subscriptions.append(subscription)
        self.happen(
            "subscription_requested",
            at,
            subscriber=self.code,
            subscription=id,
            channel=channel,
            topics=subscription.topics,
            pillars=subscription.pillars,
        )
        return subscription

    def confirm(self, id: str, *, at: datetime) -> None:
        """Its owner showed that the target is theirs; doing so again changes nothing. The caller has checked the proof:
        the token, the echoed challenge, or that the subscriber itself fetched its queue."""
        subscription = self.subscription(id)
        if subscription.state == ENDED:
            raise Refusal.conflict("This subscription has ended.", rule="subscription-ended", accepted="a new subscription")
        if subscription.state == PENDING:
            subscription.state, subscription.confirmed_at = CONFIRMED, at
            self.happen("subscription_confirmed", at, subscriber=self.code, subscription=id)

    def fetch_queue(self, id: str, *, by: Actor, at: datetime) -> None:
        """The subscriber's own software fetches how to read its queue, which confirms it. Not even the secretariat may:
        who confirms must be the owner."""
        self.must_show_itself_to(by)
        if not self.is_own(by):
            raise Refusal.not_allowed(f"Only {self.code} itself may fetch how to read its queue.", rule="own-subscriber")
        if self.subscription(id).channel != AMQP:
            raise Refusal.conflict("This subscription has no queue.", rule="channel", accepted="a subscription on the channel amqp")
        self.confirm(id, at=at)

    def unsubscribe(self, id: str, *, by: Actor, at: datetime, bearer: bool = False) -> None:
        """End one subscription; doing so again changes nothing. ``bearer``: the caller holds the token of a mail, which is
        enough to leave (RFC 8058 asks for no log-in)."""
        if not bearer:
            self.must_show_itself_to(by)
        self._end(self.subscription(id), "unsubscribed", at)

    def end(self, reason: str, *, by: Actor, at: datetime) -> None:
        """The subscriber leaves, or the secretariat ends it; all its subscriptions end. Refuses a second time."""
        self.must_show_itself_to(by)
        if self.ended_at is not None:
            raise Refusal.conflict(f"{self.code} ended on {self.ended_at:%Y-%m-%d}.", rule="subscriber-ended")
        self.ended_at = at
        for subscription in self.subscriptions:
            self._end(subscription, reason, at)
        self.happen("subscriber_ended", at, code=self.code, reason=reason)

    def subscription(self, id: str) -> Subscription:
        """The subscription of this id. Refuses when there is none."""
        for subscription in self.subscriptions:
            if subscription.id == id:
                return subscription
        raise Refusal.not_found(f"{self.code} has no such subscription.")

    @property
    def addressees(self) -> list[str]:
        """What stands in the audience of a matter that is for this subscriber: an entity's code, or the secretariat. A mission and a
        reader are outside, whatever their codes."""
        return {"focal_point": [self.code], "secretariat": [THE_SECRETARIAT]}.get(self.kind, [])

    def is_own(self, by: Actor) -> bool:
        """Whether the person acts for this subscriber: under its code, in a role of its kind. A mission and an entity
        that share an acronym stay strangers. The secretariat's people act for any entity or for none."""
        return bool(by.roles & ROLES[self.kind]) and (self.kind == "secretariat" or by.entity == self.code)

    def view(self, by: Actor, at: datetime) -> dict[str, Any]:
        """The subscriber with its subscriptions, to itself and the secretariat; to others there is no such thing."""
        self.must_show_itself_to(by)
        return {
            "code": self.code,
            "name": self.name,
            "kind": self.kind,
            "language": self.language,
            "admitted_at": self.admitted_at,
            "ended_at": self.ended_at,
            "subscriptions": [vars(s) for s in self.subscriptions],
        }

    def must_show_itself_to(self, by: Actor) -> None:
        """Refuse anyone but its own people and the secretariat, as if there were no such subscriber: an order tells a stranger
        no more than a question does."""
        if not self.is_known_to(by):
            raise Refusal.not_found(f"There is no subscriber {self.code}.")

    def is_known_to(self, by: Actor) -> bool:
        """Whether the person may know of this subscriber: its own people and the secretariat."""
        return self.is_own(by) or by.is_secretariat or by.is_system

    def told_to_bearer(self, id: str) -> dict[str, Any]:
        """What the holder of a token learns about its subscription: no address."""
        subscription = self.subscription(id)
        return {
            "subscriber": self.code,
            "name": self.name,
            "subscription": id,
            "channel": subscription.channel,
            "topics": subscription.topics,
            "state": subscription.state,
        }

    def _end(self, subscription: Subscription, because: str, at: datetime) -> None:
        if subscription.state != ENDED:
            subscription.state, subscription.ended_at, subscription.ended_because = ENDED, at, because
            self.happen("subscription_ended", at, subscriber=self.code, subscription=subscription.id, because=because)

    def _target(self, channel: str, target: str, allow_private: bool, queue_part: str) -> str:
        if channel == AMQP:
            if target:
                raise Refusal.invalid("target", "The platform names the queue.", rule="target", accepted="no target")
            return queue_of(self.code, queue_part)
        if channel == WEBHOOK:
            return webhook_address(target, allow_private)
        return target
