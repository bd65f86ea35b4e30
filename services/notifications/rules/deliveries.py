"""On its way: one record per matter and subscription, tried again with growing delay, given up with the reason, never sent twice."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from services.kernel import Actor, Refusal
from services.notifications.rules.matters import THE_SECRETARIAT, is_for
from services.notifications.rules.notes import Note
from services.notifications.rules.subscribers import CONFIRMED, MAIL, PENDING, Subscriber

HELD, QUEUED, SENT, RETRYING, GIVEN_UP = "held", "queued", "sent", "retrying", "given_up"
MATTER, DIGEST, NOTE, CONFIRMATION, INVITATION = "matter", "digest", "note", "confirmation", "invitation"

URGENT, SOON, ORDINARY, GATHERED, REPEATED = range(5)
"""What goes first when much waits: a statement issued or withdrawn, and what one asked for just now and waits for (a confirmation, an
invitation) · a briefing that changed, a note · other matters · digests · replays and what a catch-up brings."""
PRIORITIES = (URGENT, SOON, ORDINARY, GATHERED, REPEATED)

FIRST_DELAY = timedelta(seconds=5)
GROWTH = 3
LONGEST_DELAY = timedelta(hours=12)
ATTEMPTS = 12
"""Attempts before a delivery is given up: with these delays about a day and a half."""


@dataclass
class Delivery:
    """One message to one target. ``id`` is made of what it is about, so that making it again makes the same one.

    ``purpose``: it brings a matter, a digest of several, a note, or asks an address's owner to confirm or to accept an invitation.
    ``announced_at``: the instant of what it tells, or of the request; ``due``: when it may next be tried, on the wall clock; None when it
    is not to be: it came to its end, or is ``held`` until the platform's clock reaches ``held_until`` (a digest's instant, the end of
    quiet hours). ``digest``: the id of the digest it goes in; ``items``: of a digest, what it holds, as ``publications/3``;
    ``note``: the id of the note it brings; ``replay``: the order by which a matter is brought once more. ``title``: in the language of
    what is brought, for the board; None where there is none. ``priority``: one of ``PRIORITIES``, the lowest first.
    """

    id: str
    purpose: str
    subscriber: str
    subscription: str
    channel: str
    target: str
    language: str
    announced_at: datetime
    due: datetime | None = None
    topic: str | None = None
    number: int | None = None
    title: str | None = None
    state: str = QUEUED
    priority: int = ORDINARY
    held_until: datetime | None = None
    digest: str | None = None
    items: list[str] = field(default_factory=list)
    note: str | None = None
    replay: str | None = None
    attempts: int = 0
    sent_at: datetime | None = None
    why: str | None = None
    again: list[dict[str, Any]] = field(default_factory=list)

    def send_again(self, *, by: Actor, owner: Subscriber, cause: str, at: datetime, now: datetime) -> None:
        """Try anew at ``now`` what was given up or waits for another attempt, with all its attempts before it.

        Refuses a stranger, what was sent (never twice), and what its subscription no longer wants.
        """
        if any(earlier["cause"] == cause for earlier in self.again):
            return
        if not owner.is_known_to(by):
            raise no_such_delivery()
        if self.state == SENT:
            raise Refusal.conflict("This delivery was sent, and none is sent twice.", rule="sent-once", accepted=[GIVEN_UP, RETRYING])
        if self.state == QUEUED:
            raise Refusal.conflict("This delivery is about to be sent as it is.", rule="sent-once", accepted=[GIVEN_UP, RETRYING])
        subscription = owner.subscription(self.subscription)
        if subscription.ended_at is not None or (self.purpose == CONFIRMATION and subscription.state != PENDING):
            raise Refusal.conflict("Its subscription no longer waits for it.", rule="subscription-ended")
        self.again.append({"cause": cause, "person": by.person, "entity": by.entity, "at": at, "was": self.state, "why": self.why})
        self.state, self.attempts, self.due = QUEUED, 0, now


def no_such_delivery() -> Refusal:
    """What a stranger is told of a delivery, whether there is one or not."""
    return Refusal.not_found("There is no such delivery for you to see.")


def fan_out(
    subscriber: Subscriber,
    topic: str,
    number: int,
    matter: Mapping[str, Any],
    at: datetime,
    now: datetime,
    *,
    members: Collection[str] = (),
) -> list[Delivery]:
    """The deliveries that one numbered matter, announced ``at``, makes for one subscriber, due ``now``; none where the matter is for
    others. ``members``: of the Group as of then: an entity that left is told nothing more of what is the Group's own, whoever
    the audience was reckoned to be."""
    if not is_for(topic, matter, [code for code in subscriber.addressees if code == THE_SECRETARIAT or code in members]):
        return []
    return [
        Delivery(
            id=f"{topic}_{number}_{subscriber.code}_{subscription.id}",
            purpose=MATTER,
            subscriber=subscriber.code,
            subscription=subscription.id,
            channel=subscription.channel,
            target=subscription.target,
            language=subscriber.language,
            announced_at=at,
            due=now,
            topic=topic,
            number=number,
            title=matter["title"].get(subscriber.language) or matter["title"]["en"],
        )
        for subscription in subscriber.subscriptions
        if subscription.wants(topic, matter, at)
    ]


def request_to_confirm(subscriber: Subscriber, subscription: str, at: datetime, now: datetime) -> list[Delivery]:
    """The message that asks a subscription's owner to confirm; none for a queue, which its owner confirms by fetching it,
    and none when there is no longer anything to confirm."""
    asked = subscriber.subscription(subscription)
    if asked.channel == "amqp" or asked.state != PENDING:
        return []
    return [
        Delivery(
            id=f"{CONFIRMATION}_{subscriber.code}_{asked.id}",
            purpose=CONFIRMATION,
            subscriber=subscriber.code,
            subscription=asked.id,
            channel=asked.channel,
            target=asked.target,
            language=subscriber.language,
            announced_at=at,
            due=now,
        )
    ]


def bring_note(subscriber: Subscriber, id: str, note: Note, now: datetime, sparing: str | None = None) -> list[Delivery]:
    """The mails that bring a note: one to each address that the subscriber confirmed, but for that of the subscription which is itself
    the trouble (``sparing``)."""
    trouble = next((s.target for s in subscriber.subscriptions if s.id == sparing), None)
    reached = {s.target: s for s in subscriber.subscriptions if s.channel == MAIL and s.state == CONFIRMED and s.target != trouble}
    return [
        Delivery(
            id=f"{id}_{subscription.id}",
            purpose=NOTE,
            subscriber=subscriber.code,
            subscription=subscription.id,
            channel=MAIL,
            target=target,
            language=subscriber.language,
            announced_at=note.at,
            due=now,
            title=note.title.get(subscriber.language) or note.title["en"],
            priority=SOON,
            note=id,
        )
        for target, subscription in reached.items()
    ]


@dataclass(frozen=True)
class Outcome:
    """What an attempt changes in a delivery's record."""

    state: str
    due: datetime | None = None
    sent_at: datetime | None = None
    why: str | None = None


def after_success(now: datetime) -> Outcome:
    return Outcome(SENT, sent_at=now)


def after_failure(attempts: int, why: str, now: datetime, jitter: float, *, for_good: bool = False) -> Outcome:
    """Another attempt later, or none. ``attempts``: how many there were; ``why``: for a person to read, without the matter's
    contents; ``for_good``: no later attempt can do better."""
    due = None if for_good else retry_at(attempts, now, jitter)
    if due is None:
        counted = "" if for_good else f" (given up after {attempts} attempts)"
        return Outcome(GIVEN_UP, why=f"{why}{counted}")
    return Outcome(RETRYING, due=due, why=why)


def retry_at(attempts: int, now: datetime, jitter: float) -> datetime | None:
    """When to try again after that many failed attempts; None when it is to be given up.

    ``jitter`` in [0, 1) stretches the delay by up to a half, so that what failed together does not come back together;
    short of ``LONGEST_DELAY`` each delay is longer than the one before, whatever the jitter.
    """
    if attempts >= ATTEMPTS:
        return None
    delay = min(FIRST_DELAY * GROWTH ** (attempts - 1), LONGEST_DELAY)
    return now + delay * (1 + jitter / 2)


def whose(by: Actor, asked: str | None) -> str | None:
    """The code of the subscriber whose deliveries the person asks for: None, for all, only to the secretariat. Whether they may
    see that subscriber's is for the subscriber to say."""
    if asked is not None or by.is_secretariat or by.is_system:
        return asked
    if by.entity is None:
        raise Refusal.not_found("There is no subscriber for you to see.")
    return by.entity


def summary(counted: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Deliveries sent, failed (given up) and waiting, over all, by channel and by subscriber. ``counted``: rows of ``channel``,
    ``subscriber``, ``state`` and ``count``."""
    total = _no_deliveries()
    by_channel: dict[str, dict[str, int]] = defaultdict(_no_deliveries)
    by_mission: dict[str, dict[str, int]] = defaultdict(_no_deliveries)
    for row in counted:
        word = {SENT: "sent", GIVEN_UP: "failed"}.get(row["state"], "waiting")
        for tally in (total, by_channel[row["channel"]], by_mission[row["subscriber"]]):
            tally[word] += row["count"]
    return {**total, "by_channel": dict(by_channel), "by_mission": dict(by_mission)}


def _no_deliveries() -> dict[str, int]:
    return {"sent": 0, "failed": 0, "waiting": 0}
