"""On its way: one record per matter and subscription, held until its hour, tried again with growing delay, given up with the reason,
never sent twice."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from services.kernel import Actor, Refusal, written
from services.kernel.rights import Party
from services.notifications.rules import reasons
from services.notifications.rules.addresses import mailbox
from services.notifications.rules.matters import BRIEFINGS, STATEMENTS, THE_SECRETARIAT, is_for
from services.notifications.rules.notes import Note
from services.notifications.rules.reasons import Why
from services.notifications.rules.rights import RIGHTS, who
from services.notifications.rules.subscribers import (
    CONFIRMED,
    ENDED,
    FETCHED,
    INVITED,
    MAIL,
    PENDING,
    PROVEN_BY_ANSWER,
    SUSPENDED,
    Subscriber,
    Subscription,
)

HELD, QUEUED, SENT, RETRYING, GIVEN_UP = "held", "queued", "sent", "retrying", "given_up"
PAUSED = "paused"
MATTER, DIGEST, NOTE, CONFIRMATION, INVITATION = "matter", "digest", "note", "confirmation", "invitation"

URGENT, SOON, ORDINARY, GATHERED, REPEATED = range(5)
"""What goes first when much waits: a statement issued or withdrawn, and what one asked for just now and waits for (a confirmation, an
invitation) · a briefing that changed, a note · other matters · digests · replays and what a catch-up brings."""
PRIORITIES = (URGENT, SOON, ORDINARY, GATHERED, REPEATED)

MOVING = frozenset({"briefing_changed", "briefing_cancelled"})
"""Kinds of matter that make someone stay at home, or set out."""

MOST_IN_DIGEST = 200
"""Matters in one digest; what is beyond them goes into another of the same hour."""

FIRST_DELAY = timedelta(seconds=5)
GROWTH = 3
LONGEST_DELAY = timedelta(hours=12)
ATTEMPTS = 12
"""Attempts before a delivery is given up: with these delays about a day and a half."""

A_MINUTE, AN_HOUR = timedelta(minutes=1), timedelta(hours=1)
MOST_AGAIN = 5
"""Orders within an hour to try one delivery anew, each a minute or more after the one before."""

AGAIN_KEPT = 20
"""Such orders that a delivery's record tells of: those of an hour, and some more."""


@dataclass
class Delivery:
    """One message to one target. ``id`` is made of what it is about, so that making it again makes the same one.

    ``purpose``: it brings a matter, a digest of several, a note, or asks an address's owner to confirm or to accept an invitation.
    ``announced_at``: the instant of what it tells, or of the request; ``due``: when it may next be tried, on the wall clock; None when it
    is not to be: it came to its end, or is ``held`` until the platform's clock reaches ``held_until`` (a digest's instant, the end of
    quiet hours). ``digest``: the id of the digest it goes in; ``items``: of a digest, what it holds, as ``publications/3``;
    ``note``: the id of the note it brings; ``replay``: the order by which a matter is brought once more. ``title``: in the language of
    what is brought, for the board; None where there is none. ``priority``: one of ``PRIORITIES``, the lowest first.
    ``why``: the reason of the last failure, or why it waits, in English; ``because``: the same by its code, where it is one of ours
    (``reasons.Why.coded``), None in records from before there were codes.
    ``stopped``: ``paused``, of whatever a pause keeps back; ``suspended``, of a matter that was on its way then: see ``after_silence``;
    ``stopped_since``: when the silence began that withdrew it.
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
    because: dict[str, Any] | None = None
    again: list[dict[str, Any]] = field(default_factory=list)
    stopped: str | None = None
    stopped_since: datetime | None = None

    @property
    def why_code(self) -> str | None:
        return self.because["code"] if self.because else None

    @property
    def why_said(self) -> dict[str, str] | None:
        """Why, by language and without what is ``why_quoted``; None where it is not one of our reasons, or none is known."""
        return reasons.said_of(self.because)

    @property
    def why_quoted(self) -> str | None:
        return (self.because["quoted"] or None) if self.because else None

    def send_again(
        self,
        *,
        by: Actor,
        owner: Subscriber,
        cause: str,
        at: datetime,
        now: datetime,
        withheld: bool = False,
        overtaken: bool = False,
    ) -> None:
        """Try anew at ``now`` what was given up or waits for another attempt, with all its attempts before it.

        Refuses a stranger, what was sent (never twice), what its subscription no longer wants, what is ``overtaken``
        (``is_overtaken``), and too many orders.
        """
        if any(earlier["cause"] == cause for earlier in self.again):
            return
        if not RIGHTS.may("send_again", who(by, owner)):
            raise no_such_delivery()
        if withheld:
            if owner.is_own(by) and not by.is_secretariat:
                raise no_such_delivery()
            raise Refusal.conflict(withheld_from(owner), rule="members-alone", accepted="a delivery to a member of the Group")
        if self.state == SENT:
            raise Refusal.conflict("This delivery was sent, and none is sent twice.", rule="sent-once", accepted=[GIVEN_UP, RETRYING])
        if self.digest is not None:
            raise Refusal.conflict("This matter is brought by its digest.", rule="in-a-digest", accepted=f"the delivery {self.digest}")
        if self.state == HELD:
            raise Refusal.conflict("This delivery waits for its hour, or for its subscription to be resumed.", rule="held")
        if self.state == QUEUED:
            raise Refusal.conflict("This delivery is about to be sent as it is.", rule="sent-once", accepted=[GIVEN_UP, RETRYING])
        if overtaken:
            raise Refusal.conflict(
                "A newer notice of this briefing took the place of this one.", rule="overtaken", accepted="the briefing's newest notice"
            )
        if (why_not := hindered(self, owner)) is not None:
            raise Refusal.conflict(why_not.why or "", rule="subscription-ended" if why_not.state == GIVEN_UP else "subscription-paused")
        self._must_be_asked_seldom(at)
        self.again.append({"cause": cause, "person": by.person, "entity": by.entity, "at": at, "was": self.state, "why": self.why})
        self.again = self.again[-AGAIN_KEPT:]
        self.state, self.attempts, self.due = QUEUED, 0, now

    def _must_be_asked_seldom(self, at: datetime) -> None:
        """Refuse an order that comes too soon after others: a target that never agreed is not to be called as often as somebody likes."""
        asked = sorted(instant for earlier in self.again if at - AN_HOUR < (instant := earlier["at"]))
        over = asked[-1] + A_MINUTE if asked else at
        if len(asked) >= MOST_AGAIN:
            over = max(over, asked[-MOST_AGAIN] + AN_HOUR)
        if over > at:
            raise Refusal.conflict(
                f"This delivery was tried anew {len(asked)} times within the hour, the last time at {written(asked[-1])}.",
                rule="again-too-soon",
                accepted=f"to order it again from {written(over)} on",
            )


def withheld_from(owner: Subscriber) -> str:
    return f"This is for members of the Group alone, and {owner.code} may not be told it any more."


def topic_of(item: str) -> str:
    """The topic of what a digest holds, written as ``publications/3``."""
    return item.partition("/")[0]


def no_such_delivery() -> Refusal:
    """What a stranger is told of a delivery, whether there is one or not."""
    return Refusal.not_found("There is no such delivery for you to see.")


@dataclass(frozen=True)
class Story:
    """What went before the change or the cancellation of a briefing: the matters that told of it ``earlier``, each with the instant of its
    announcement, and its ``guests``, who replied."""

    earlier: Sequence[tuple[Mapping[str, Any], datetime]] = ()
    guests: Collection[str] = ()


def has_story(topic: str, matter: Mapping[str, Any]) -> bool:
    """Whether a matter goes to those, too, who were told of its briefing before or replied, whatever they ask for by now."""
    return topic == BRIEFINGS and matter.get("kind") in MOVING and "briefing" in matter["data"]


def is_overtaken(matter: Mapping[str, Any], heard: Mapping[str, int]) -> bool:
    """Whether a newer version of the briefing that a matter tells of was heard of. ``heard``: the newest revision, by briefing.

    **From when a version of a briefing is heard of, no older one is announced, brought or sent any more**, and the newer goes to whoever
    asked for any that was announced before, or replied (``Story``). That is all it takes, in whichever order news come and however many
    bring them: who was brought an older version was so before the newer one was heard of, hence before its story was asked for, in which
    it therefore stands. What is on the wire at that moment is not called back.
    """
    data = matter["data"]
    return data.get("revision", 0) < heard.get(data.get("briefing"), 0)


def wanted(
    subscriber: Subscriber, subscription: Subscription, topic: str, matter: Mapping[str, Any], at: datetime, story: Story | None = None
) -> bool:
    """Whether a matter announced ``at`` is to be brought or shown on a subscription. A briefing that changes or is cancelled, whose
    ``story`` is given, concerns whoever asked for what was told of it before, and whoever replied: a new place, or a narrower choice
    since, lets nobody travel for nothing. Who replied is told also where news that were long on their way are dated before its owner
    confirmed: what it replied to was older."""
    if subscription.wants(topic, matter, at):
        return True
    replied = story is not None and subscriber.code in story.guests
    since = max(at, subscription.confirmed_at) if replied and subscription.confirmed_at is not None else at
    return subscription.hears(since) and concerns(subscriber, subscription, topic, story)


def concerns(subscriber: Subscriber, subscription: Subscription, topic: str, story: Story | None) -> bool:
    """Whether the next part of a story concerns a subscription that asks for its topic, or did: see ``wanted``."""
    if story is None or topic not in topics_ever(subscription):
        return False
    return subscriber.code in story.guests or any(subscription.has_asked_for(topic, told, since) for told, since in story.earlier)


def reached(
    subscriber: Subscriber,
    topic: str,
    matter: Mapping[str, Any],
    at: datetime,
    members: Collection[str] = (),
    story: Story | None = None,
) -> list[Subscription]:
    """The subscriptions of one subscriber that ask for a matter announced ``at``; none where it is for others. ``members``: of the Group
    as of then: an entity that left is told nothing more of what is the Group's own, whoever the audience was reckoned to be."""
    if not may_be_told(subscriber, topic, matter, members):
        return []
    return [subscription for subscription in subscriber.subscriptions if wanted(subscriber, subscription, topic, matter, at, story)]


def is_brought(subscription: Subscription) -> bool:
    """Whether matters are brought on a subscription, however silent it may be for a while."""
    return subscription.state == CONFIRMED and subscription.channel not in FETCHED


def topics_ever(subscription: Subscription) -> list[str]:
    """The topics that a subscription asks for, or asked for before it was changed."""
    return sorted({*subscription.topics, *(topic for choice in subscription.earlier for topic in choice.topics)})


def priority_of(topic: str, matter: Mapping[str, Any]) -> int:
    """What goes first: a statement, what changes or cancels a briefing, then all other matters."""
    return URGENT if topic == STATEMENTS else SOON if matter.get("kind") in MOVING else ORDINARY


def may_be_told(subscriber: Subscriber, topic: str, matter: Mapping[str, Any], members: Collection[str]) -> bool:
    """Whether a matter is for this subscriber: public, or for an entity among the ``members``, or for the secretariat. An entity that
    left is told nothing more of what is the Group's own, whoever the audience was reckoned to be."""
    return is_for(topic, matter, [code for code in subscriber.addressees if code == THE_SECRETARIAT or code in members])


def fan_out(
    subscriber: Subscriber,
    topic: str,
    number: int,
    matter: Mapping[str, Any],
    at: datetime,
    now: datetime,
    *,
    members: Collection[str] = (),
    story: Story | None = None,
) -> list[Delivery]:
    """The deliveries that one numbered matter, announced ``at``, makes for one subscriber: due ``now``, or held for a digest or until
    quiet hours end; none where the matter is for others, or the subscriber fetches. One that was suspended since has it withdrawn, and
    gets it when it catches up. ``members``: of the Group as of then; ``story``: of a briefing that changes."""
    made: list[Delivery] = []
    if not may_be_told(subscriber, topic, matter, members):
        return made
    told, first = (topic, number, matter), priority_of(topic, matter)
    for subscription in subscriber.subscriptions:
        if subscription.channel in FETCHED:
            continue
        if wanted(subscriber, subscription, topic, matter, at, story):
            made.append(_bring(subscriber, subscription, told, at, now, hour=at, priority=first))
        elif subscription.was_stopped_after(at) and (
            subscription.asked_for(topic, matter, at) or concerns(subscriber, subscription, topic, story)
        ):
            withdrawn = _bring(subscriber, subscription, told, at, now, hour=at, priority=first)
            made.append(_stopped(withdrawn, subscription))
    return made


def bring_late(
    subscriber: Subscriber,
    subscription: Subscription,
    topic: str,
    number: int,
    matter: Mapping[str, Any],
    at: datetime,
    now: datetime,
    *,
    hour: datetime,
    members: Collection[str] = (),
    replay: str | None = None,
    story: Story | None = None,
) -> Delivery | None:
    """The delivery of a matter announced ``at`` earlier: because the subscription was silent then, or its order not yet written, or
    (``replay``, the order) for a second time. None where it is not to be told. ``hour``: the platform's instant from which it counts for
    quiet hours and digests; ``members``: those who were of the Group as of the announcement, and still are; ``story``: of a briefing that
    changed.

    What was missed was never brought, so it has the id it would have had, and comes once whatever happens, where it is ``wanted`` as of
    then; a replay has ids of its own, since who receives passes over one that they had. What was announced before its owner confirmed is
    replayed if it is public.
    """
    if not is_brought(subscription) or subscription.confirmed_at is None or not may_be_told(subscriber, topic, matter, members):
        return None
    if replay is None:
        asked = wanted(subscriber, subscription, topic, matter, at, story)
    else:
        closed = at < subscription.confirmed_at and matter.get("audience") is not None
        asked = not closed and (subscription.asks_for(topic, matter) or concerns(subscriber, subscription, topic, story))
    if not asked:
        return None
    return _bring(subscriber, subscription, (topic, number, matter), at, now, hour=hour, priority=REPEATED, replay=replay)


def _bring(
    subscriber: Subscriber,
    subscription: Subscription,
    told: tuple[str, int, Mapping[str, Any]],
    at: datetime,
    now: datetime,
    *,
    hour: datetime,
    priority: int,
    replay: str | None = None,
) -> Delivery:
    topic, number, matter = told
    language = subscription.language or subscriber.language
    held, digest = _hour(subscription, topic, hour)
    again = f"_r{replay.rpartition('-')[2]}" if replay else ""
    made = Delivery(
        id=f"{topic}_{number}_{subscriber.code}_{subscription.id}{again}",
        purpose=MATTER,
        subscriber=subscriber.code,
        subscription=subscription.id,
        channel=subscription.channel,
        target=subscription.target,
        language=language,
        announced_at=at,
        due=now if held is None else None,
        topic=topic,
        number=number,
        title=_in(language, matter["title"]),
        state=QUEUED if held is None else HELD,
        priority=priority,
        held_until=held,
        digest=digest,
        replay=replay,
    )
    hindrance = hindered(made, subscriber) if held is None else None  # nobody asks again before what is due goes into a queue
    return replace(made, **vars(hindrance)) if hindrance is not None else made


def _hour(subscription: Subscription, topic: str, hour: datetime) -> tuple[datetime | None, str | None]:
    """Until when a matter is held that could be brought from ``hour`` on, and the digest it goes in; None for what it is not."""
    held = subscription.schedule.held_until(hour, topic)
    return held, digest_id(subscription.id, held) if held is not None and subscription.schedule.is_digest else None


def _stopped(delivery: Delivery, subscription: Subscription) -> Delivery:
    why = _suspended(subscription)
    withdrawn = replace(delivery, state=GIVEN_UP, why=str(why), because=why.coded, due=None, held_until=None, digest=None)
    return replace(withdrawn, stopped=SUSPENDED, stopped_since=subscription.silent_since)


def _suspended(subscription: Subscription) -> Why:
    return Why(reasons.IS_SUSPENDED, {"because": subscription.suspended_because or ""})


def after_silence(delivery: Delivery, owner: Subscriber, hour: datetime, now: datetime) -> Delivery | None:
    """What becomes of a delivery that was ``stopped`` by a silence of its subscription, once that is over; None while it lasts. What a
    pause kept back goes on; what a suspension withdrew goes on when its subscription caught up on that silence, whatever became of others,
    and stays withdrawn otherwise. ``hour``: the platform's instant from which it counts for quiet hours and digests."""
    standing = next((s for s in owner.subscriptions if s.id == delivery.subscription), None)
    is_stopped = delivery.state == (HELD if delivery.stopped == PAUSED else GIVEN_UP)
    if standing is None or standing.state == ENDED or not is_stopped:
        return replace(delivery, stopped=None)
    if standing.state != CONFIRMED or standing.silent_since is not None:
        return None
    if delivery.stopped == PAUSED:
        return replace(delivery, stopped=None, state=QUEUED, due=now, why=None, because=None)
    if not standing.catches_up(delivery.stopped_since or delivery.announced_at):
        return replace(delivery, stopped=None)
    assert delivery.topic is not None
    held, digest = _hour(standing, delivery.topic, hour)
    going = replace(delivery, stopped=None, why=None, because=None, attempts=0, held_until=held, digest=digest)
    return replace(going, state=QUEUED, due=now) if held is None else replace(going, state=HELD, due=None)


def digest_id(subscription: str, at: datetime) -> str:
    """What the digest of a subscription that is brought at an instant is called."""
    return f"{DIGEST}_{subscription}_{at:%Y%m%dT%H%MZ}"


def digest_of(held: Sequence[Delivery], now: datetime) -> Delivery:
    """The one delivery, due ``now``, that brings these: held for the same digest, in the order in which they were announced. Of many it
    brings the first ``MOST_IN_DIGEST``."""
    first = held[0]
    assert first.digest is not None
    assert first.held_until is not None
    ordered = sorted(held, key=lambda delivery: (delivery.announced_at, delivery.topic, delivery.number))
    return Delivery(
        id=first.digest,
        purpose=DIGEST,
        subscriber=first.subscriber,
        subscription=first.subscription,
        channel=first.channel,
        target=first.target,
        language=first.language,
        announced_at=first.held_until,
        due=now,
        priority=GATHERED,
        items=[f"{delivery.topic}/{delivery.number}" for delivery in ordered[:MOST_IN_DIGEST]],
    )


def goes_in(delivery: Delivery, digest: Delivery) -> bool:
    """Whether what was held for a digest is in it. A replay that was ordered when the digest was sent already waits for another, though
    the matter was in it."""
    is_told = f"{delivery.topic}/{delivery.number}" in digest.items
    return is_told and (delivery.replay is None or digest.state not in (SENT, GIVEN_UP))


def next_part(delivery: Delivery, digest: Delivery) -> Delivery | None:
    """The delivery as it waits for another digest of the same hour, since its own is full; None when it was not."""
    if len(digest.items) < MOST_IN_DIGEST:
        return None
    first, _, part = digest.id.partition("Z")
    return replace(delivery, digest=f"{first}Z_{int(part[1:] or 1) + 1}")


def next_digest(delivery: Delivery, owner: Subscriber, instant: datetime) -> Delivery:
    """The delivery as it waits for the next digest after ``instant``: its own went out without it. One whose subscription has no digests
    any more is free to go then."""
    assert delivery.topic is not None
    schedule = owner.subscription(delivery.subscription).schedule
    until = schedule.held_until(instant, delivery.topic)
    if until is None or not schedule.is_digest:
        return replace(delivery, digest=None, held_until=until or instant)
    return replace(delivery, digest=digest_id(delivery.subscription, until), held_until=until)


def request_to_confirm(subscriber: Subscriber, subscription: str, at: datetime, now: datetime) -> list[Delivery]:
    """The message that asks a subscription's owner to confirm, or to confirm anew; none for what its owner confirms by fetching, and none
    when there is no longer anything to confirm."""
    asked = subscriber.listed(subscription)
    if asked is None or asked.channel not in PROVEN_BY_ANSWER or asked.state != PENDING:
        return []
    anew = f"_{asked.asked}" if asked.asked > 1 else ""
    return [
        Delivery(
            id=f"{CONFIRMATION}_{subscriber.code}_{asked.id}{anew}",
            purpose=CONFIRMATION,
            subscriber=subscriber.code,
            subscription=asked.id,
            channel=asked.channel,
            target=asked.target,
            language=asked.language or subscriber.language,
            announced_at=at,
            due=now,
            priority=URGENT,
        )
    ]


def invite(subscriber: Subscriber, invitation: str, address: str, at: datetime, now: datetime) -> list[Delivery]:
    """The mail that invites a subscriber, for the subscription that accepting makes; none when it has accepted, or another invitation
    replaced this one."""
    if subscriber.state != INVITED or subscriber.invitation != invitation:
        return []
    return [
        Delivery(
            id=f"{INVITATION}_{subscriber.code}_{invitation}",
            purpose=INVITATION,
            subscriber=subscriber.code,
            subscription=invitation,
            channel=MAIL,
            target=address,
            language=subscriber.language,
            announced_at=at,
            due=now,
            priority=URGENT,
        )
    ]


def bring_note(subscriber: Subscriber, id: str, note: Note, now: datetime, sparing: str | None = None) -> list[Delivery]:
    """The mails that bring a note: one to each address that the subscriber confirmed, but for that of the subscription which is itself
    the trouble (``sparing``)."""
    trouble = next((s.target for s in subscriber.subscriptions if s.id == sparing), None)
    mailed = [s for s in subscriber.subscriptions if s.channel == MAIL and s.state == CONFIRMED]
    reached = {mailbox(s.target): s for s in mailed if trouble is None or mailbox(s.target) != mailbox(trouble)}
    return [
        Delivery(
            id=f"{id}_{subscription.id}",
            purpose=NOTE,
            subscriber=subscriber.code,
            subscription=subscription.id,
            channel=MAIL,
            target=subscription.target,
            language=subscription.language or subscriber.language,
            announced_at=note.at,
            due=now,
            title=_in(subscription.language or subscriber.language, note.title),
            priority=SOON,
            note=id,
        )
        for subscription in reached.values()
    ]


@dataclass(frozen=True)
class Outcome:
    """What an attempt changes in a delivery's record. ``because``: ``why`` by its code, where it is one of ours."""

    state: str
    due: datetime | None = None
    sent_at: datetime | None = None
    why: str | None = None
    because: dict[str, Any] | None = None
    stopped: str | None = None
    stopped_since: datetime | None = None

    @classmethod
    def untried(cls, state: str, why: Why, stopped: str | None = None, since: datetime | None = None) -> "Outcome":
        """One that no attempt brought about, and none follows."""
        return cls(state, why=str(why), because=why.coded, stopped=stopped, stopped_since=since)


def hindered(delivery: Delivery, owner: Subscriber) -> Outcome | None:
    """What becomes of a delivery that may not go out as its subscription stands: withdrawn where that ended, is suspended, or no longer
    waits to be confirmed; kept back while it is paused. None when nothing is in its way."""
    if delivery.purpose == INVITATION:
        awaited = owner.state == INVITED and owner.invitation == delivery.subscription
        return None if awaited else Outcome.untried(GIVEN_UP, Why(reasons.NOT_INVITED))
    standing = next((s for s in owner.subscriptions if s.id == delivery.subscription), None)
    if standing is None or standing.state == ENDED:
        return Outcome.untried(GIVEN_UP, Why(reasons.HAS_ENDED))
    if delivery.purpose == CONFIRMATION:
        return None if standing.state == PENDING else Outcome.untried(GIVEN_UP, Why(reasons.NOT_PENDING))
    if standing.state == SUSPENDED:
        return Outcome.untried(GIVEN_UP, _suspended(standing), stopped=SUSPENDED, since=standing.silent_since)
    if standing.state == PENDING:
        return Outcome.untried(GIVEN_UP, Why(reasons.IS_PENDING), stopped=SUSPENDED, since=standing.silent_since)
    return Outcome.untried(HELD, Why(reasons.IS_PAUSED), stopped=PAUSED) if standing.paused_at is not None else None


def withheld() -> Outcome:
    """What becomes of a delivery of what is the Group's own when its reader no longer belongs: nothing, for good."""
    return Outcome.untried(GIVEN_UP, Why(reasons.MEMBERS_ALONE))


def overtaken() -> Outcome:
    """What becomes of a delivery that ``is_overtaken``: nothing, since the newer one is brought instead."""
    return Outcome.untried(GIVEN_UP, Why(reasons.OVERTAKEN))


def after_success(now: datetime) -> Outcome:
    return Outcome(SENT, sent_at=now)


def after_failure(attempts: int, why: Why | str, now: datetime, jitter: float, *, for_good: bool = False) -> Outcome:
    """Another attempt later, or none. ``attempts``: how many there were; ``why``: for a person to read, without the matter's
    contents; ``for_good``: no later attempt can do better."""
    due = None if for_good else retry_at(attempts, now, jitter)
    because = why.coded if isinstance(why, Why) else None
    if due is None:
        counted = "" if for_good else f" (given up after {attempts} attempts)"
        return Outcome(GIVEN_UP, why=f"{why}{counted}", because=because)
    return Outcome(RETRYING, due=due, why=str(why), because=because)


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
    if asked is not None or who(by).holds(Party.SECRETARIAT):
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


def replay(subscriber: Subscriber, subscription: str, topic: str, since: int, until: int, id: str, *, by: Actor, at: datetime) -> None:
    """The secretariat has the matters of a topic after ``since`` up to ``until`` brought to a subscription once more, under the order's
    own ``id``. Refuses anyone else, a subscription that is not going, that fetches, or did not ask for the topic, and no numbers."""
    RIGHTS.must("replay", who(by, subscriber))
    standing = subscriber.subscription(subscription)
    if not is_brought(standing):
        raise Refusal.conflict(
            f"Nothing is brought on this subscription: it is {standing.state}, on the channel {standing.channel}.",
            rule="subscription-confirmed",
            accepted="a confirmed subscription by mail, webhook or queue",
        )
    if topic not in standing.topics:
        raise Refusal.invalid("topic", "The subscription did not ask for this topic.", rule="topic-asked-for", accepted=standing.topics)
    if since >= until:
        raise Refusal.invalid(
            "since", f"There is no matter of {topic} after {since} up to {until}.", rule="numbers", accepted=f"a number below {until}"
        )
    what = {"subscriber": subscriber.code, "subscription": subscription, "topic": topic}
    subscriber.happen("replayed", at, **what, since=since, until=until, replay=id)


def tally(counted: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """How the deliveries of one matter stand: sent, failed, waiting, over all and by channel. ``counted``: as for ``summary``."""
    told = summary({**row, "subscriber": ""} for row in counted)
    del told["by_mission"]
    return told


def _in(language: str, words: Mapping[str, str]) -> str:
    return words.get(language) or words["en"]


def _no_deliveries() -> dict[str, int]:
    return {"sent": 0, "failed": 0, "waiting": 0}
