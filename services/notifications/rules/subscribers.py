"""Who is told of what, on which channel, and that its owner agreed (DOMAIN, *Notifications*, first and second line).

The secretariat admits a subscriber, or invites one by a mail whose address no event holds: whoever bears its link accepts with a choice of
topics, and is admitted, subscribed at that address and confirmed by it. A further invitation, or an admission, closes the link before it;
accepting twice is once. For escalations to be mailed the secretariat admits itself, under a code of its own beside the entity its staff
belongs to.

A subscription is ``pending`` by asking, or by resuming mail and webhooks that were suspended, until its owner confirms: by the link in a
mail, by the echoed challenge, by fetching the queue's credentials; of feeds and the inbox the first order of the subscriber's own people
confirms. ``confirmed``, it may be paused, until an instant or until it is resumed. ``suspended`` is our doing: its address refuses mail,
its endpoint fails, nobody reads its queue. A link from before that no longer confirms. ``ended`` is for good: by its people, the
secretariat, or the bearer of a mail's token.

What is wanted is asked as of the announcement, by the choice that held then and outside every silence, so that news that comes late is
neither lost nor told twice. One target has one subscription of a subscriber; so have its queue and its inbox. Feeds may be many.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any

from services.kernel import Actor, Aggregate, Refusal, written
from services.kernel.actor import ALTERNATE, FOCAL_POINT, MISSION, READER, SECRETARIAT
from services.notifications.rules.addresses import mailbox, queue_of, webhook_address
from services.notifications.rules.matters import BRIEFINGS, OF_THE_GROUP, PUBLIC, PUBLICATIONS, STATEMENTS, THE_SECRETARIAT
from services.notifications.rules.reasons import UNSUBSCRIBED, in_words
from services.notifications.rules.rights import RIGHTS, who
from services.notifications.rules.schedules import AT_ONCE, Schedule

MAIL, WEBHOOK, AMQP, ATOM, CALENDAR, INBOX = "mail", "webhook", "amqp", "atom", "calendar", "inbox"
FEEDS = frozenset({ATOM, CALENDAR})
FETCHED = FEEDS | {INBOX}
"""Channels on which nothing is brought: the subscriber's own people fetch, and have confirmed by asking."""

PROVEN_BY_ANSWER = frozenset({MAIL, WEBHOOK})
"""Channels whose owner confirms by answering what is sent there."""

PENDING, CONFIRMED, SUSPENDED, ENDED = "pending", "confirmed", "suspended", "ended"
INVITED, ADMITTED = "invited", "admitted"

ROLES = {"mission": {MISSION}, "focal_point": {FOCAL_POINT, ALTERNATE}, "reader": {READER}, "secretariat": {SECRETARIAT}}
"""Which roles make a person one of a subscriber's own, by the kind of subscriber."""

OF_PAPER = frozenset({"issue_paper", "information_note", "joint_statement"})
OF_BRIEFING = frozenset({"consultation", "briefing", "side_event", "presentation"})
KINDS = {PUBLICATIONS: OF_PAPER, STATEMENTS: OF_PAPER, BRIEFINGS: OF_BRIEFING}
"""Kinds by which one may narrow, by the topics that they narrow. Other words that matters have for their kind narrow nothing."""

MOST_SUBSCRIPTIONS = 20
"""Living subscriptions of one subscriber: a bound on what one source can ask for."""

MOST_PENDING = 10
MOST_A_DAY = 30
MOST_ASKED = 5
"""Mails within a day that ask one address to confirm or to accept, over all subscribers: nobody is flooded in another's name."""

A_DAY = timedelta(hours=24)

MOST_ENDED = 200
"""Ended subscriptions that a subscriber still shows, those that ended last; of those before, its events tell."""

MOST_EARLIER = 20
"""Earlier choices, and silences, that a subscription remembers: news of an announcement is never late by more of them. It is changed no
more often within a day, and forgets them when it ends, so that no subscriber's record outgrows the store."""

LONGEST_PLACES = 500
"""Characters of all the places together by which one subscription narrows."""


@dataclass
class Choice:
    """What a subscription asks for. None of ``pillars``, ``places`` or ``kinds`` asks for all. ``kinds`` of paper narrow publications and
    statements, those of briefing briefings; ``places`` narrow briefings and presentations: neither silences another topic that is asked
    for. ``language``: of what is brought; the subscriber's own when it is None."""

    topics: list[str]
    pillars: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    language: str | None = None
    schedule: Schedule = field(default_factory=Schedule)

    def asks_for(self, topic: str, matter: Mapping[str, Any]) -> bool:
        """Whether a matter of the topic, as announced, is among what is asked for. One that names no pillar, place or kind concerns
        all of them."""
        if topic not in self.topics:
            return False
        pillars, data = matter.get("pillars") or [], matter.get("data") or {}
        if self.pillars and pillars and set(self.pillars).isdisjoint(pillars):
            return False
        kind, kinds = data.get("kind") or ("joint_statement" if topic == STATEMENTS else None), KINDS.get(topic, frozenset())
        if kind in kinds and kind not in (kinds.intersection(self.kinds) or kinds):
            return False
        place = data.get("place") if topic == BRIEFINGS else data.get("where")
        return not self.places or self._asks_for_place(place or "")

    def _asks_for_place(self, place: str) -> bool:
        """A place is asked for by its city, compared without case and accents: ``Geneve`` is in ``Palais des Nations, Genève``."""
        named = _words(place)
        return named.isspace() or any(_words(asked) in named for asked in self.places)


@dataclass(kw_only=True)
class EarlierChoice(Choice):
    """What a subscription asked for before it was changed at ``until``."""

    until: datetime


@dataclass
class Silence:
    """Instants from ``since`` to ``until`` in which a subscription was paused or suspended. ``caught_up``: what was announced meanwhile, or
    was still on its way when it began, is brought after all."""

    since: datetime
    until: datetime
    caught_up: bool = False


@dataclass(kw_only=True)
class Subscription(Choice):
    """One channel of one subscriber. ``target``: a mail address, a webhook's address or a queue's name; empty where the subscriber
    fetches. ``state``: ``pending``, ``confirmed`` by its owner, ``suspended`` by us, ``ended``; ``confirmed_at``: when first.

    ``paused_until``: None with ``paused_at`` set means until resumed. ``asked``: how often its owner was asked to confirm.
    ``catch_up``: of one that was resumed and waits to be confirmed anew, whether what was announced meanwhile is then brought.
    ``secret_by``: the order by which its present secret was made; of a queue, the one to which its credentials were told.
    """

    id: str
    channel: str
    target: str
    requested_at: datetime
    requested_by: str
    state: str = PENDING
    asked: int = 1
    confirmed_at: datetime | None = None
    paused_at: datetime | None = None
    paused_until: datetime | None = None
    suspended_at: datetime | None = None
    suspended_because: str | None = None
    ended_at: datetime | None = None
    ended_because: str | None = None
    catch_up: bool = False
    secret_by: str | None = None
    earlier: list[EarlierChoice] = field(default_factory=list)
    silences: list[Silence] = field(default_factory=list)

    def wants(self, topic: str, matter: Mapping[str, Any], announced_at: datetime) -> bool:
        """Whether a matter of the topic, announced at that instant, is to be brought or shown here: by what was asked for then, however
        late or often the news of it comes. What was announced before its owner confirmed is not; what came at the same instant is.
        Nor is what was announced while it was paused or suspended: that is brought by resuming it, if asked for."""
        return self.hears(announced_at) and self.asked_for(topic, matter, announced_at)

    def hears(self, at: datetime) -> bool:
        """Whether anything announced at an instant is to be brought or shown here: its owner had confirmed, and it was not silent."""
        return self.state == CONFIRMED and self._heard(at)

    def was_stopped_after(self, at: datetime) -> bool:
        """Whether it would have heard what was announced at an instant, had it not been suspended since: it may want it on resuming."""
        return self.state != ENDED and self.suspended_at is not None and self._heard(at)

    def catches_up(self, at: datetime) -> bool:
        """Whether the silence in which an instant lies, or that began then, ended with catching up on it: of two that meet there, the
        later one."""
        return next((silence.caught_up for silence in reversed(self.silences) if silence.since <= at <= silence.until), False)

    def asked_for(self, topic: str, matter: Mapping[str, Any], at: datetime) -> bool:
        """Whether the choice that held at an instant asks for a matter, whatever the silence: for what is brought late, or once more."""
        return self._chosen(at).asks_for(topic, matter)

    def has_asked_for(self, topic: str, matter: Mapping[str, Any], since: datetime) -> bool:
        """Whether a choice that held at an instant, or any one since, asks for a matter: it may have been brought, shown or replayed."""
        held = (choice for choice in self.earlier if since < choice.until)
        return any(choice.asks_for(topic, matter) for choice in (*held, self))

    @property
    def choice(self) -> dict[str, Any]:
        """What is asked for, by name: topics, pillars, places, kinds, language, schedule."""
        return {each.name: getattr(self, each.name) for each in fields(Choice)}

    @property
    def suspended_said(self) -> dict[str, str] | None:
        """Why it is suspended, for its people to read, by language; None while it is not."""
        return in_words(self.suspended_because)

    @property
    def ended_said(self) -> dict[str, str] | None:
        """Why it ended, by language; None while it lives."""
        return in_words(self.ended_because)

    @property
    def shown(self) -> dict[str, Any]:
        """The subscription as it is shown to its subscriber's people."""
        return {**vars(self), "suspended_said": self.suspended_said, "ended_said": self.ended_said}

    @property
    def silent_since(self) -> datetime | None:
        """From when on nothing is brought, because it is paused or suspended; None while it goes. A pause that is over stands here until
        the clock, or an order, ends it; what is announced by then is wanted all the same."""
        return min((at for at in (self.paused_at, self.suspended_at) if at is not None), default=None)

    def told_once(self, secret: str | None) -> dict[str, Any]:
        """The subscription as who ordered it learns of it, with the secret of a webhook or the path of a feed: nobody is shown that
        again."""
        return {**self.shown, **({"secret": secret} if secret is not None else {})}

    def must_be_told_to(self, order: str) -> None:
        """Refuse an order by which its credentials were told, and that comes once more when they are no longer to be had: it ended or was
        suspended, or they were replaced since."""
        if self.state == ENDED:
            raise Refusal.conflict("This subscription has ended.", rule="subscription-ended", accepted="a new subscription")
        if self.state != CONFIRMED:
            raise Refusal.conflict(
                f"This subscription is {self.state}.", rule="subscription-confirmed", accepted="a confirmed subscription"
            )
        if self.secret_by != order:
            raise fetched_once()

    def _chosen(self, at: datetime) -> Choice:
        """The choice that held at an instant; of those too old to be remembered, the oldest there is."""
        return next((choice for choice in self.earlier if at < choice.until), self)

    def _is_silent(self, at: datetime) -> bool:
        since, until = self.silent_since, self.paused_until
        past = (silence for silence in self.silences if not silence.caught_up)
        now = since is not None and since <= at and (until is None or at < until)
        return now or any(silence.since <= at < silence.until for silence in past)

    def _heard(self, at: datetime) -> bool:
        return self.confirmed_at is not None and self.confirmed_at <= at and not self._is_silent(at)

    def _go_on(self, at: datetime, catch_up: bool) -> datetime:
        """End the silence at an instant, or where a pause ended before; returns when it began. With ``catch_up`` what was announced
        meanwhile is wanted as if there had been no silence, however late the news of it comes; what is fetched shows it."""
        since, until = self.silent_since, min(at, self.paused_until or at)
        assert since is not None
        self.silences = [*self.silences, Silence(since, until, catch_up)][-MOST_EARLIER:]
        self.paused_at = self.paused_until = self.suspended_at = self.suspended_because = None
        self.catch_up = False
        return since


@dataclass
class Subscriber(Aggregate):
    """A permanent mission, an entity's focal points, another reader, or the secretariat itself, as the secretariat admitted them.

    ``code``: what its people act under, but for the secretariat, whose people are known by their role; ``kind``: a key of ``ROLES``.
    ``invitation``: the last one that was sent; one that was admitted without it has none.
    """

    code: str
    name: str
    kind: str
    language: str
    admitted_at: datetime | None = None
    admitted_by: str | None = None
    ended_at: datetime | None = None
    subscriptions: list[Subscription] = field(default_factory=list)
    invited_at: datetime | None = None
    invited_by: str | None = None
    invitation: str | None = None

    # Coming and leaving

    @classmethod
    def admit(cls, code: str, name: str, kind: str, language: str, *, by: Actor, at: datetime) -> "Subscriber":
        """The secretariat admits a subscriber. Refuses anyone else."""
        RIGHTS.must("admit_subscriber", who(by))
        subscriber = cls(code, name, kind, language)
        subscriber._admit(by.person, at)
        return subscriber

    @classmethod
    def invite(cls, code: str, name: str, kind: str, language: str, invitation: str, *, by: Actor, at: datetime) -> "Subscriber":
        """The secretariat invites a subscriber, who is admitted by accepting. Refuses anyone else."""
        RIGHTS.must("invite_subscriber", who(by))
        subscriber = cls(code, name, kind, language)
        subscriber._invite(invitation, by, at)
        return subscriber

    def admit_known(self, name: str, kind: str, language: str, *, by: Actor, at: datetime) -> None:
        """The secretariat admits one that it had invited, whose invitation no longer serves; or once more one that ended, whose ended
        subscriptions stay so. Refuses one whose code is in use."""
        RIGHTS.must("admit_subscriber", who(by))
        self._must_be_away()
        self.name, self.kind, self.language, self.invitation, self.ended_at = name, kind, language, None, None
        self._admit(by.person, at)

    def invite_anew(self, name: str, kind: str, language: str, invitation: str, *, by: Actor, at: datetime) -> None:
        """Another invitation to one that has not accepted, or that ended: an earlier one no longer serves. Refuses one whose code is in
        use."""
        RIGHTS.must("invite_subscriber", who(by))
        self._must_be_away()
        self.name, self.kind, self.language = name, kind, language
        self.admitted_at = self.admitted_by = self.ended_at = None
        self._invite(invitation, by, at)

    def accept(self, invitation: str, address: str, wanted: Mapping[str, Any], *, by: Actor, at: datetime) -> None:
        """Who bears the link of an invitation accepts it: the subscriber is admitted, and the address to which the link came is
        subscribed by mail, and so confirmed; the subscription has the invitation's id. Again changes nothing. The caller has checked
        the link.

        ``wanted``: a choice by the names of ``Subscription.choice``. Refuses an invitation that another replaced, or whose subscriber
        ended.
        """
        self._must_have_sent(invitation)
        if self.state == ENDED:
            raise Refusal.conflict("This invitation was withdrawn.", rule="subscriber-ended")
        if self.state == INVITED:
            chosen = self._choice(MAIL, **wanted)
            self._admit(self.invited_by or by.person, at)
            accepted = Subscription(id=invitation, channel=MAIL, target=address, requested_at=at, requested_by=by.person, **vars(chosen))
            self._add(accepted, at)
            self.confirm(invitation, at=at)

    def end(self, reason: str, *, by: Actor, at: datetime) -> None:
        """The subscriber leaves, or the secretariat ends it; all its subscriptions end. Refuses a second time."""
        RIGHTS.must("end_subscriber", who(by, self))
        if self.ended_at is not None:
            raise Refusal.conflict(f"{self.code} ended on {self.ended_at:%Y-%m-%d}.", rule="subscriber-ended")
        self.ended_at = at
        for subscription in self.subscriptions:
            self._end(subscription, reason, at)
        self.happen("subscriber_ended", at, code=self.code, reason=reason)

    # Subscriptions

    def subscribe(
        self,
        id: str,
        channel: str,
        target: str,
        topics: Sequence[str],
        pillars: Sequence[str] = (),
        places: Sequence[str] = (),
        kinds: Sequence[str] = (),
        language: str | None = None,
        schedule: Mapping[str, Any] | Schedule | None = None,
        *,
        by: Actor,
        at: datetime,
        allow_private: bool = False,
        queue_part: str = "",
        order: str | None = None,
        secret: str | None = None,
    ) -> Subscription:
        """Ask for topics on one channel. It waits for its owner's confirmation; what its own people ask for to fetch themselves is
        confirmed by that.

        ``allow_private``: whether webhooks may be plain http and go to addresses of a closed network. ``queue_part``: what nobody
        can guess in the name of this subscription's queue, should it have one. ``order``: the one that makes its secret, if it has one;
        ``secret``: what its owner brings to sign with.
        Refuses a stranger, a subscriber that is not admitted or ended, a topic of the Group's own to who is outside it and on a feed,
        a narrowing named twice, a schedule that cannot be kept, one target twice, a target the channel cannot have, and too many.
        """
        RIGHTS.must("subscribe", who(by, self))
        self._must_be_admitted()
        chosen = self._choice(channel, topics, pillars, places, kinds, language, schedule)
        _must_sign(channel, secret)
        target = self._target(channel, target, allow_private, queue_part)
        self._must_be_few(channel, target, at)
        made_by = order if channel == WEBHOOK or channel in FEEDS else None
        subscription = Subscription(
            id=id, channel=channel, target=target, requested_at=at, requested_by=by.person, secret_by=made_by, **vars(chosen)
        )
        self._add(subscription, at)
        self._confirm_by_asking(subscription, by, at)
        return subscription

    def change(
        self,
        id: str,
        topics: Sequence[str],
        pillars: Sequence[str] = (),
        places: Sequence[str] = (),
        kinds: Sequence[str] = (),
        language: str | None = None,
        schedule: Mapping[str, Any] | Schedule | None = None,
        *,
        by: Actor,
        at: datetime,
    ) -> None:
        """Another choice for a living subscription, from ``at`` on; the same again changes nothing. Refuses what ``subscribe`` refuses
        of a choice, and more changes within a day than are remembered."""
        subscription = self._living("change_subscription", id, by)
        chosen = self._choice(subscription.channel, topics, pillars, places, kinds, language, schedule)
        before = {name: value for name, value in subscription.choice.items() if value != getattr(chosen, name)}
        if before:
            _must_change_seldom(subscription, at)
            past = EarlierChoice(**subscription.choice, until=at)
            subscription.earlier = [*subscription.earlier, past][-MOST_EARLIER:]
            for name, value in vars(chosen).items():
                setattr(subscription, name, value)
            self._happen_to(subscription, "subscription_changed", at, **_told(subscription), before=_plain(before))
        self._confirm_by_asking(subscription, by, at)

    def pause(self, id: str, until: datetime | None, *, by: Actor, at: datetime) -> None:
        """Nothing is brought from now on, until an instant or until it is resumed. Paused again, the other end holds. Refuses an end
        that is past, and what does not go anyway."""
        subscription = self._living("pause_subscription", id, by)
        if subscription.state != CONFIRMED:
            raise Refusal.conflict(
                f"Nothing is brought on this subscription: it is {subscription.state}.",
                rule="subscription-confirmed",
                accepted="a confirmed subscription",
            )
        if until is not None and until <= at:
            raise Refusal.invalid(
                "until", "A pause ends after it begins.", rule="pause-later", accepted=f"an instant after {written(at)}, or none"
            )
        self._end_pause(subscription, at)
        if subscription.paused_at is None or subscription.paused_until != until:
            subscription.paused_at, subscription.paused_until = subscription.paused_at or at, until
            self._happen_to(subscription, "subscription_paused", at, until=until)

    def resume(self, id: str, catch_up: bool = False, *, by: Actor, at: datetime) -> Subscription:
        """A paused or suspended subscription goes on. Mail and webhooks that were suspended are confirmed anew first, and are pending
        till then. ``catch_up``: what was announced meanwhile is brought too. Refuses one that goes already."""
        subscription = self._living("resume_subscription", id, by)
        if subscription.state == PENDING and subscription.channel in FETCHED and self.is_own(by):
            self.confirm(id, at=at)
        elif subscription.state == PENDING or subscription.silent_since is None:
            raise Refusal.conflict(
                f"This subscription is {subscription.state}, and neither paused nor suspended.",
                rule="subscription-silent",
                accepted="a paused or suspended subscription",
            )
        elif subscription.state == SUSPENDED and (subscription.channel in PROVEN_BY_ANSWER or subscription.confirmed_at is None):
            subscription.state, subscription.catch_up, subscription.asked = PENDING, catch_up, subscription.asked + 1
            self._happen_to(subscription, "subscription_requested", at, **_told(subscription))
        else:
            self._resume(subscription, at, catch_up)
        return subscription

    def suspend(self, id: str, because: str, at: datetime) -> None:
        """We stop: its target fails or refuses, or nobody reads its queue. Again, or when it ended, changes nothing."""
        subscription = self.subscription(id)
        if subscription.state in (PENDING, CONFIRMED):
            self._end_pause(subscription, at)
            subscription.state, subscription.suspended_because, subscription.paused_until = SUSPENDED, because, None
            subscription.suspended_at = subscription.suspended_at or at
            self._happen_to(subscription, "subscription_suspended", at, because=because)

    def replace_secret(self, id: str, order: str, secret: str | None = None, *, by: Actor, at: datetime) -> None:
        """A new secret, made by an order: of a webhook, a feed or a queue whose credentials were fetched. ``secret``: what a webhook's
        owner brings. Refuses what has none."""
        subscription = self._living("replace_secret", id, by)
        _must_sign(subscription.channel, secret)
        if subscription.channel not in FEEDS | {WEBHOOK, AMQP}:
            raise Refusal.conflict(
                f"A subscription on the channel {subscription.channel} has no secret.",
                rule="channel",
                accepted=f"a subscription on the channel {', '.join(sorted(FEEDS | {WEBHOOK, AMQP}))}",
            )
        if subscription.channel == AMQP and subscription.secret_by is None:
            raise Refusal.conflict(
                "Nobody was told how to read this queue since its secret was new.", rule="not-fetched", accepted="to fetch its credentials"
            )
        subscription.secret_by = None if subscription.channel == AMQP else order
        self._happen_to(subscription, "secret_replaced", at)
        self._confirm_by_asking(subscription, by, at)

    def confirm(self, id: str, *, at: datetime) -> None:
        """Its owner showed that the target is theirs; doing so again changes nothing. The caller has checked the proof:
        the token, the echoed challenge, or that the subscriber itself fetched its queue. Refuses one that was suspended: that is to be
        resumed first."""
        subscription = self.subscription(id)
        if subscription.state == ENDED:
            raise Refusal.conflict("This subscription has ended.", rule="subscription-ended", accepted="a new subscription")
        if subscription.state == SUSPENDED:
            raise Refusal.conflict(
                "This subscription is suspended.",
                rule="subscription-suspended",
                accepted="to resume it, and confirm it by what is sent then",
            )
        if subscription.state == PENDING:
            anew = subscription.confirmed_at is not None
            subscription.state, subscription.confirmed_at = CONFIRMED, subscription.confirmed_at or at
            self._happen_to(subscription, "subscription_confirmed", at)
            if anew:
                self._resume(subscription, at, subscription.catch_up)
            else:
                subscription.suspended_at = subscription.suspended_because = None

    def fetch_queue(self, id: str, order: str, *, by: Actor, at: datetime) -> None:
        """The subscriber's own software fetches how to read its queue, once; the first time confirms it. Not even the secretariat may:
        who confirms must be the owner."""
        subscription = self._living("fetch_queue_credentials", id, by)
        if subscription.channel != AMQP:
            raise Refusal.conflict("This subscription has no queue.", rule="channel", accepted="a subscription on the channel amqp")
        if subscription.secret_by is not None:
            raise fetched_once()
        self.confirm(id, at=at)
        subscription.secret_by = order
        self._happen_to(subscription, "credentials_fetched", at)

    def unsubscribe(self, id: str, *, by: Actor, at: datetime, bearer: bool = False) -> None:
        """End one subscription; doing so again changes nothing. ``bearer``: the caller holds the token of a mail, which is
        enough to leave (RFC 8058 asks for no log-in)."""
        RIGHTS.must("unsubscribe", who(by, self, bearer=bearer))
        self._end(self.subscription(id), UNSUBSCRIBED.said(), at)

    # The clock

    def due(self) -> datetime | None:
        return min((s.paused_until for s in self.subscriptions if s.state == CONFIRMED and s.paused_until is not None), default=None)

    def tick(self, now: datetime) -> None:
        """A pause ends by itself, and what was announced in it stays where it is."""
        for subscription in self.subscriptions:
            self._end_pause(subscription, now)

    # Asking

    @property
    def state(self) -> str:
        """``invited``, ``admitted`` or ``ended``."""
        return ENDED if self.ended_at is not None else INVITED if self.admitted_at is None else ADMITTED

    def subscription(self, id: str) -> Subscription:
        """The subscription of this id. Refuses when there is none."""
        if (subscription := self.listed(id)) is None:
            raise Refusal.not_found(f"{self.code} has no such subscription.")
        return subscription

    def listed(self, id: str) -> Subscription | None:
        """The subscription of this id. None of one that ended before so many others that only events tell of it (``MOST_ENDED``): news of
        one that may be late takes that for an end."""
        return next((subscription for subscription in self.subscriptions if subscription.id == id), None)

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
        RIGHTS.must("get_subscriber", who(by, self))
        return {
            "code": self.code,
            "name": self.name,
            "kind": self.kind,
            "language": self.language,
            "state": self.state,
            "invited_at": self.invited_at,
            "admitted_at": self.admitted_at,
            "ended_at": self.ended_at,
            "subscriptions": [s.shown for s in self.subscriptions],
        }

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

    def told_to_invited(self, invitation: str) -> dict[str, Any]:
        """What the bearer of an invitation's link is shown: no address. Refuses an invitation that another replaced."""
        self._must_have_sent(invitation)
        return {"subscriber": self.code, "name": self.name, "kind": self.kind, "language": self.language, "state": self.state}

    # Within

    def _admit(self, person: str, at: datetime) -> None:
        self.admitted_at, self.admitted_by = at, person
        self.happen("subscriber_admitted", at, code=self.code, name=self.name, kind=self.kind, language=self.language)

    def _invite(self, invitation: str, by: Actor, at: datetime) -> None:
        self.invitation, self.invited_at, self.invited_by = invitation, at, by.person
        who = {"code": self.code, "name": self.name, "kind": self.kind, "language": self.language}
        self.happen("subscriber_invited", at, **who, invitation=invitation)

    def _must_have_sent(self, invitation: str) -> None:
        """Refuse an invitation that is not the last, as if it never was."""
        if self.invitation != invitation:
            raise Refusal.not_found("This link is not one of ours, or a newer mail replaced it.", rule="token")

    def _must_be_away(self) -> None:
        if self.state == ADMITTED:
            raise Refusal.conflict(
                f"There is a subscriber {self.code} already.",
                rule="exists",
                field="code",
                accepted="another code, or the one there after it ended",
            )

    def _must_be_admitted(self) -> None:
        if self.state == ENDED:
            raise Refusal.conflict(f"{self.code} is no longer a subscriber.", rule="subscriber-ended")
        if self.state == INVITED:
            raise Refusal.conflict(
                f"{self.code} is invited, and has not accepted.", rule="subscriber-invited", accepted="to accept the invitation first"
            )

    def _living(self, order: str, id: str, by: Actor) -> Subscription:
        """A subscription that a person may give this order on. Refuses a stranger, and what ended."""
        RIGHTS.must(order, who(by, self))
        subscription = self.subscription(id)
        if subscription.state == ENDED:
            raise Refusal.conflict("This subscription has ended.", rule="subscription-ended", accepted="a new subscription")
        return subscription

    def _choice(
        self,
        channel: str,
        topics: Sequence[str],
        pillars: Sequence[str] = (),
        places: Sequence[str] = (),
        kinds: Sequence[str] = (),
        language: str | None = None,
        schedule: Mapping[str, Any] | Schedule | None = None,
    ) -> Choice:
        """What this subscriber may ask for on a channel."""
        closed = sorted(OF_THE_GROUP.intersection(topics))
        if closed and not self.addressees:
            raise Refusal.invalid(
                "topics",
                f"For the Group alone, its entities' focal points and the secretariat: {', '.join(closed)}.",
                rule="topic-of-the-group",
                accepted=list(PUBLIC),
            )
        if closed and channel in FEEDS:
            raise Refusal.invalid(
                "topics",
                f"A feed opens to whoever has its address, so it carries nothing of the Group's own: {', '.join(closed)}.",
                rule="feeds-are-public",
                accepted=list(PUBLIC),
            )
        for name, narrowed in (("pillars", pillars), ("places", places), ("kinds", kinds)):
            _must_be_named_once(name, narrowed)
        _must_be_short(places)
        asked = Schedule.asked(schedule)
        if asked.is_digest and channel != MAIL:
            raise Refusal.invalid(
                "schedule.rhythm", "Digests are of mail alone.", rule="digest-by-mail", accepted=f"{AT_ONCE}, or a subscription by mail"
            )
        if asked.quiet_from is not None and channel in FETCHED:
            raise Refusal.invalid(
                "schedule.quiet_from",
                "Nothing is brought on this channel: the subscriber fetches when it likes.",
                rule="quiet-hours-of-what-is-brought",
                accepted="no quiet hours",
            )
        return Choice(sorted(set(topics)), sorted(pillars), list(places), sorted(kinds), language, asked)

    def _must_be_few(self, channel: str, target: str, at: datetime) -> None:
        """Refuse one target twice, and more than one source may ask for."""
        living = [s for s in self.subscriptions if s.state != ENDED]
        # Each subscription's queue has another name; a subscriber has one queue and one inbox at a time all the same. Feeds may be many.
        if channel not in FEEDS and any(s.channel == channel and (channel == AMQP or _same(channel, s.target, target)) for s in living):
            raise Refusal.conflict(
                f"{self.code} has a subscription to this {channel} target already, and each matter reaches a target once.",
                rule="one-per-target",
                field="target",
                accepted="another target, or the same one after its subscription ended",
            )
        pending = sum(s.state == PENDING for s in living)
        today = sum(at - A_DAY < s.requested_at <= at for s in self.subscriptions)
        for count, most, rule, what in (
            (len(living), MOST_SUBSCRIPTIONS, "most-subscriptions", "that have not ended"),
            (pending, MOST_PENDING, "most-pending", "that wait to be confirmed"),
            (today, MOST_A_DAY, "most-a-day", "asked for within 24 hours"),
        ):
            if count >= most:
                raise Refusal.conflict(
                    f"{self.code} has {count} subscriptions {what}, the most there may be.", rule=rule, accepted=f"at most {most} {what}"
                )

    def _add(self, subscription: Subscription, at: datetime) -> None:
        self.subscriptions.append(subscription)
        ended = sorted((s for s in self.subscriptions if s.state == ENDED), key=lambda s: s.ended_at or at)
        for oldest in ended[: max(0, len(ended) - MOST_ENDED)]:
            self.subscriptions.remove(oldest)
        self._happen_to(subscription, "subscription_requested", at, **_told(subscription))

    def _confirm_by_asking(self, subscription: Subscription, by: Actor, at: datetime) -> None:
        """What is fetched is confirmed by the first order of the subscriber's own people. What the secretariat asks for on their behalf
        waits for one."""
        if subscription.state == PENDING and subscription.channel in FETCHED and self.is_own(by):
            self.confirm(subscription.id, at=at)

    def _end_pause(self, subscription: Subscription, at: datetime) -> None:
        """A pause whose end has come by an instant ended then, however late the clock, or an order that comes before it."""
        if subscription.state == CONFIRMED and subscription.paused_until is not None and subscription.paused_until <= at:
            self._resume(subscription, subscription.paused_until, catch_up=False)

    def _resume(self, subscription: Subscription, at: datetime, catch_up: bool) -> None:
        subscription.state = CONFIRMED
        since = subscription._go_on(at, catch_up)
        self._happen_to(subscription, "subscription_resumed", at, since=since, catch_up=catch_up)

    def _end(self, subscription: Subscription, because: str, at: datetime) -> None:
        if subscription.state != ENDED:
            subscription.state, subscription.ended_at, subscription.ended_because = ENDED, at, because
            subscription.secret_by = None  # whichever order made its secret is told it no more
            subscription.earlier, subscription.silences = [], []  # nothing is brought to it, however late the news
            self._happen_to(subscription, "subscription_ended", at, because=because)

    def _happen_to(self, subscription: Subscription, name: str, at: datetime, /, **data: Any) -> None:
        self.happen(name, at, subscriber=self.code, subscription=subscription.id, **data)

    def _target(self, channel: str, target: str, allow_private: bool, queue_part: str) -> str:
        if channel == WEBHOOK:
            return webhook_address(target, allow_private)
        if channel == MAIL:
            return target
        if target:
            detail = "The platform names the queue." if channel == AMQP else "Here the subscriber fetches, and nothing is sent anywhere."
            raise Refusal.invalid("target", detail, rule="target", accepted="no target")
        return queue_of(self.code, queue_part) if channel == AMQP else ""


def _same(channel: str, one: str, other: str) -> bool:
    """Whether two targets of a channel are one."""
    return mailbox(one) == mailbox(other) if channel == MAIL else one == other


def _must_sign(channel: str, secret: str | None) -> None:
    """Refuse a secret of the owner's own where nothing is signed with it."""
    if secret is not None and channel != WEBHOOK:
        raise Refusal.invalid(
            "secret", f"A subscription on the channel {channel} takes no secret from outside.", rule="secret-of-webhook", accepted="none"
        )


def asked_often(field: str) -> Refusal:
    """What one is told who would have the same address asked once more."""
    return Refusal.conflict(
        f"This address was asked {MOST_ASKED} times within 24 hours.",
        rule="address-asked-often",
        field=field,
        accepted="the link in a mail that it received, or to ask again tomorrow",
    )


def fetched_once() -> Refusal:
    """What who fetches a queue's credentials a second time is told."""
    return Refusal.conflict(
        "The credentials of this queue were fetched, and are told once.",
        rule="fetched-once",
        accepted="to replace the secret, and fetch the new ones",
    )


def _must_be_named_once(name: str, narrowed: Iterable[str]) -> None:
    seen: dict[str, int] = {}
    for place, value in enumerate(narrowed):
        if _words(value).isspace():
            raise Refusal.invalid(f"{name}.{place}", f"{value!r} names nothing.", rule="narrowing-empty", accepted="a city's name")
        if (first := seen.setdefault(_words(value), place)) != place:
            raise Refusal.invalid(
                f"{name}.{place}",
                f"{value} stands here twice.",
                rule="narrowing-once",
                accepted=f"each of {name} once; it is {name}.{first}",
            )


def _must_be_short(places: Iterable[str]) -> None:
    if (length := sum(map(len, places))) > LONGEST_PLACES:
        raise Refusal.invalid(
            "places",
            f"These places have {length} characters together.",
            rule="narrowing-short",
            accepted=f"cities' names, with at most {LONGEST_PLACES} characters together",
        )


def _must_change_seldom(subscription: Subscription, at: datetime) -> None:
    """Refuse one more change while those of a day fill all that is remembered: the choice that news of the day need would be lost."""
    today = [choice.until for choice in subscription.earlier if at - A_DAY < choice.until <= at]
    if len(today) >= MOST_EARLIER:
        raise Refusal.conflict(
            f"This subscription was changed {len(today)} times within 24 hours, the most it may be.",
            rule="changed-often",
            accepted=f"to change it from {written(today[0] + A_DAY)} on",
        )


def _words(text: str) -> str:
    """A place as it is compared: its words in small letters and without accents, a space around each."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return " ".join(["", *re.findall(r"[^\W_]+", plain), ""])


def _told(subscription: Subscription) -> dict[str, Any]:
    """What an event says of a subscription: what it asks for, and no address."""
    return {"channel": subscription.channel, **_plain(subscription.choice)}


def _plain(choice: Mapping[str, Any]) -> dict[str, Any]:
    return {name: asdict(value) if isinstance(value, Schedule) else value for name, value in choice.items()}
