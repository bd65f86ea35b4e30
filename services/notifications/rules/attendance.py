"""Who comes to a briefing: replies, places in the order of replying, reminders (DOMAIN, *Notifications*, fifth line).

An attendance follows its briefing by the events that tell of it: the ``revision`` says what comes late, and nothing is undone by it.
Another date keeps the replies; a cancellation ends them.

- *Invited* is every subscriber that has not ended and has a confirmed subscription, on any channel, which asks for the briefing; paused or
  suspended ones count, and who replied stays. To everyone else there is no such briefing, not even who is invited to it.
- *Replies* come by the link of a mail, which names the subscriber (made of the subscription's key for this one briefing, kept nowhere, good
  until ``reply_by`` and as long as the subscription lives); by the subscriber's own people; by the secretariat from a letter, until the
  start.
- *Places* are given in the order of replying. A reply gets all its places or waits; nobody is overtaken but by those who ask for no more
  than there can ever be. A later reply keeps its turn unless it brings more people. Nobody loses a place that was given, not by less room,
  nor by asking for more than there is. Who withdraws, or ends as a subscriber, makes room for the next, who is told.
- *Reminders* go, by the clock and once each, to who comes, and to who said neither yes nor no while replies are taken. After a downtime the
  last that fell is brought late; none once it has begun.
- *The list*, with the names of people, is for the secretariat and whoever chairs as of the asking; a guest sees its own reply. No name of a
  person is in an event, a log or a refusal.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from services.kernel import Actor, Aggregate, Refusal, written
from services.notifications.rules.matters import BRIEFINGS
from services.notifications.rules.rights import RIGHTS, who
from services.notifications.rules.subscribers import CONFIRMED, ENDED, SUSPENDED, Subscriber

YES, NO, TENTATIVE = "yes", "no", "tentative"
GIVEN, WAITING, NONE = "given", "waiting", "none"
ALL, COMING, NOBODY = "all", "coming", "none"

REMINDERS = (3, 1)
"""Days before it starts at which a briefing is reminded of."""

NAMED = 1_000
"""Subscribers whom one event names at most."""

BY_THE_LINK = "by the link"
"""Who replied, where all we know is that they had a mail of ours."""

TOLD = ("revision", "title", "kind", "starts_at", "ends_at", "place", "pillars", "capacity", "reply_by")
"""What the events of a briefing say that matters to its replies."""


@dataclass
class Reply:
    """A subscriber's latest word. ``people``: names, which are in no event. ``place``: ``given``, ``waiting`` or ``none``; ``turn``: its
    place in the order of replying, for who comes. ``person`` said it, from ``letter`` where the secretariat entered it."""

    subscriber: str
    name: str
    attending: str
    people: list[str]
    message: str
    letter: str
    place: str
    turn: int
    at: datetime
    person: str

    @property
    def told(self) -> dict[str, Any]:
        """What events say of it."""
        return {"attending": self.attending, "people": len(self.people), "place": self.place}


@dataclass
class Attendance(Aggregate):
    """The replies to one briefing, whose id it has, and what must be known of that: as of its ``revision``, which tells what came late.

    ``capacity``: people there is room for, None without a limit; ``reply_by``: until when one replies, None until it starts. Reminders
    up to ``reminded`` are over: told, or already past when the briefing was announced or moved. ``turns``: how many were given.
    """

    id: str
    revision: int
    title: str
    kind: str
    starts_at: datetime
    ends_at: datetime
    place: str
    pillars: list[str]
    capacity: int | None
    reply_by: datetime | None
    reminded: datetime
    cancelled: bool = False
    replies: list[Reply] = field(default_factory=list)
    turns: int = 0

    # The briefing

    @classmethod
    def open(cls, told: Mapping[str, Any], *, at: datetime) -> "Attendance":
        """Begin with the first event of a briefing that comes here, whichever it is."""
        attendance = cls(told["briefing"], **_known(told), reminded=at)
        attendance.happen("attendance_opened", at, **attendance._said())
        return attendance

    def hear(self, told: Mapping[str, Any], *, at: datetime) -> None:
        """A briefing's event, dated ``at``. One of an earlier revision tells nothing new. Replies stand, and nobody loses a place that
        was given; more room gives places to those who wait. Another beginning has its own reminders."""
        if told["revision"] <= self.revision:
            return
        known = _known(told)
        before = {name: _plain(was) for name, value in known.items() if name != "revision" and (was := getattr(self, name)) != value}
        if known["starts_at"] != self.starts_at:
            self.reminded = at
        for name, value in known.items():
            setattr(self, name, value)
        self.happen("attendance_changed", at, **self._said(), before=before)
        self._give_places(at)

    @property
    def replies_until(self) -> datetime:
        """When those invited no longer reply."""
        return self.reply_by or self.starts_at

    # Replies

    def invites(self, subscriber: Subscriber) -> bool:
        """Whether a subscriber may reply, as of now: one that has not ended, and whose owner confirmed a subscription, on any channel,
        that asks for this briefing. A pause or a failing address takes nobody off the list, and who replied stays on it."""
        if subscriber.ended_at is not None:
            return False
        matter = {"pillars": self.pillars, "data": {"kind": self.kind, "place": self.place}}
        return self._reply_of(subscriber.code) is not None or any(
            subscription.state in (CONFIRMED, SUSPENDED)
            and subscription.confirmed_at is not None
            and subscription.asks_for(BRIEFINGS, matter)
            for subscription in subscriber.subscriptions
        )

    def reply(
        self,
        guest: Subscriber | None,
        attending: str,
        people: Iterable[str],
        *,
        by: Actor,
        at: datetime,
        bearer: str | None = None,
        message: str = "",
        letter: str = "",
    ) -> None:
        """A guest says whether it comes, and who; its later word replaces its earlier one.

        ``bearer``: the subscription whose mail's token the caller holds, which is enough. Otherwise the guest's own people reply, or the
        secretariat from the letter it names. ``guest``: None where there is no such subscriber. A guest that brings no more people than
        before keeps its places, or its turn; one that has places and asks for more than there is room for keeps what it has.
        Refuses, before anything changes: who was not invited, as if there were no such briefing; a reply too late; a reply without people
        who come; more people than there is room for at all.
        """
        guest = self._invited(guest, by, bearer, withdraws=attending == NO)
        entered = bearer is None and not guest.is_own(by)
        self._must_take_replies(at, entered=entered)
        if entered and not letter.strip():
            raise Refusal.invalid("letter", "A reply entered on behalf of a subscriber names the letter it came by.", rule="reply-letter")
        names = [] if attending == NO else list(people)
        if attending == YES and not names:
            raise Refusal.invalid("people", "Who comes says who.", rule="reply-people", accepted="at least one name")
        earlier = self._reply_of(guest.code)
        place, turn = self._place_for(len(names), earlier) if attending == YES else (NONE, 0)
        person = BY_THE_LINK if bearer else by.person
        said = Reply(guest.code, guest.name, attending, names, message, letter if entered else "", place, turn, at, person)
        if earlier and replace(said, name=earlier.name, at=earlier.at, person=earlier.person) == earlier:
            return
        self._say(said, earlier, at)

    def give_up(self, code: str, guest: Subscriber | None, *, by: Actor, at: datetime) -> None:
        """A subscriber's reply stands while it is what it was when it replied (``guest``: as it is now): of one that has ended since, even
        if it was admitted again, what it holds or waits for at a briefing to come is given up, for those who wait. Nothing is left to do
        where it does not come, or where the briefing has begun or is cancelled.

        Asked when a subscriber's end is heard of and when a reply is: whichever of the two was written last finds the other."""
        earlier = self._reply_of(code)
        if earlier is None or earlier.attending == NO or self.cancelled or at >= self.starts_at:
            return
        if guest is not None and guest.ended_at is None and guest.admitted_at is not None and guest.admitted_at <= earlier.at:
            return
        self._say(Reply(code, earlier.name, NO, [], "", "", NONE, 0, at, by.person), earlier, at)

    @property
    def coming(self) -> int:
        """People who have a place."""
        return sum(len(reply.people) for reply in self.replies if reply.place == GIVEN)

    @property
    def left(self) -> int | None:
        """Places for who replies now, None without a limit: none while anyone waits for one, so that nobody is overtaken."""
        if self.capacity is None:
            return None
        return 0 if self._waiting() else max(self.capacity - self.coming, 0)

    # Reminders

    def due(self) -> datetime | None:
        """The next reminder."""
        return min((fell for fell, _ in self._reminders()), default=None)

    def tick(self, now: datetime) -> None:
        """Note each reminder that fell due, once. Of several that were missed the last one is of use, and none once it has begun."""
        fallen = sorted(reminder for reminder in self._reminders() if reminder[0] <= now)
        for fell, days in fallen:
            self.reminded = fell
            useful = fell == fallen[-1][0] and now < self.starts_at
            reminds = NOBODY if not useful else ALL if now < self.replies_until else COMING
            self.happen("briefing_near", fell, briefing=self.id, starts_at=self.starts_at, days=days, reminds=reminds)

    def remind(self, days: int, reminds: str, invited: Iterable[str], *, starts_at: datetime, at: datetime) -> None:
        """Say whom a reminder is for: those who come, and with ``reminds`` all, those ``invited`` who have said neither yes nor no.
        For nobody when the briefing was cancelled, or moved from ``starts_at``, in between."""
        if self.cancelled or reminds == NOBODY or starts_at != self.starts_at:
            return
        coming = [reply.subscriber for reply in self.replies if reply.place == GIVEN]
        decided = {reply.subscriber for reply in self.replies if reply.attending in (YES, NO)}
        silent = sorted(set(invited) - decided) if reminds == ALL else []
        about = {"briefing": self.id, "title": self.title, "starts_at": self.starts_at, "place": self.place, "days": days}
        for first in range(0, max(len(coming), len(silent)), NAMED):
            those = slice(first, first + NAMED)
            self.happen("briefing_reminded", at, **about, coming=coming[those], silent=silent[those])

    # What is seen

    def view(
        self,
        by: Actor,
        at: datetime,
        *,
        guest: Subscriber | None,
        chairs: Collection[str],
        invited: Callable[[], Iterable[str]],
        bearer: str | None = None,
    ) -> dict[str, Any]:
        """The briefing with all replies, for the secretariat and whoever ``chairs`` as of now; with its own alone for a ``guest``; to
        others there is no such briefing. ``bearer``: the subscription whose mail's token the caller holds: it sees what a guest sees.
        ``invited``: the codes of all who are, asked for when they are to be counted."""
        whole = bearer is None and RIGHTS.may("attendance.all", who(by, serving=tuple(chairs)))
        own = None if whole else self._invited(guest, by, bearer).code
        replied = {reply.subscriber for reply in self.replies}
        counts = {
            "coming": self.coming,
            "waiting": sum(len(reply.people) for reply in self.replies if reply.place == WAITING),
            "regrets": sum(reply.attending == NO for reply in self.replies),
            "silent": len(set(invited()) - replied) if whole else None,
        }
        return {
            **{name: getattr(self, name) for name in ("title", "starts_at", "ends_at", "place", "capacity", "left")},
            "briefing": self.id,
            "state": "cancelled" if self.cancelled else "held" if self.ends_at <= at else "announced",
            "reply_by": self.replies_until,
            "open": not self.cancelled and at < (self.starts_at if bearer is None and by.is_secretariat else self.replies_until),
            "replies": [asdict(reply) for reply in sorted(self.replies, key=_in_order) if own in (None, reply.subscriber)],
            **(counts if whole else dict.fromkeys(counts)),
        }

    # How

    def _say(self, said: Reply, earlier: Reply | None, at: datetime) -> None:
        """Put a guest's word in the place of its earlier one, and give on what that sets free."""
        self.turns = max(self.turns, said.turn)
        self.replies = sorted([*(reply for reply in self.replies if reply is not earlier), said], key=lambda reply: reply.subscriber)
        self.happen(
            "briefing_replied",
            at,
            briefing=self.id,
            subscriber=said.subscriber,
            **said.told,
            coming=self.coming,
            before=earlier.told if earlier else {},
            letter=said.letter,
        )
        self._give_places(at)

    def _invited(self, guest: Subscriber | None, by: Actor, bearer: str | None, *, withdraws: bool = False) -> Subscriber:
        """The guest, whom the caller may speak for. Strangers are told the same whatever of it is wrong; the secretariat is told what.
        One that ended and had replied may still withdraw (``withdraws``), by the secretariat."""
        if guest is not None and bearer is not None:
            if guest.ended_at is None and guest.subscription(bearer).state != ENDED:
                return guest
        elif guest is not None and RIGHTS.may("reply_to_briefing", who(by, guest)):
            leaves = withdraws and by.is_secretariat and self._reply_of(guest.code) is not None
            if leaves or self.invites(guest):
                return guest
        if bearer is None and (by.is_secretariat or by.is_system):
            raise Refusal.invalid(
                "subscriber",
                "This subscriber was not invited.",
                rule="briefing-invited",
                accepted="a subscriber with a confirmed subscription that asks for this briefing",
            )
        raise no_such_briefing(self.id)

    def _must_take_replies(self, at: datetime, *, entered: bool) -> None:
        """Refuse what comes too late. What the secretariat enters came to it by a letter, and counts until the briefing starts."""
        if self.cancelled:
            raise Refusal.conflict("This briefing was cancelled.", rule="briefing-announced")
        until = self.starts_at if entered else self.replies_until
        if at >= until:
            raise Refusal.too_late(
                "Replies to this briefing are no longer taken.", rule="briefing-reply-by", accepted=f"a reply before {written(until)}"
            )

    def _place_for(self, size: int, earlier: Reply | None) -> tuple[str, int]:
        """What so many people of one guest get, and their turn."""
        came = earlier is not None and earlier.attending == YES
        if earlier is not None and came and size <= len(earlier.people):
            return earlier.place, earlier.turn
        held = len(earlier.people) if earlier is not None and earlier.place == GIVEN else 0
        if self.capacity is None:
            return GIVEN, self.turns + 1
        if not self._waiting(but=earlier) and size - held <= self.capacity - self.coming:
            return GIVEN, self.turns + 1
        if held or size > self.capacity:
            raise Refusal.invalid(
                "people", "There is no room for so many.", rule="briefing-capacity", accepted=f"at most {held or self.capacity} people"
            )
        return WAITING, self.turns + 1

    def _waiting(self, but: Reply | None = None) -> list[Reply]:
        """Those who wait, in the order of replying; without who brings more people than there is room for at all, since the room was
        made smaller: they would hold up all others for ever."""
        room = self.capacity
        waiting = (r for r in self.replies if r.place == WAITING and r is not but and (room is None or len(r.people) <= room))
        return sorted(waiting, key=lambda reply: reply.turn)

    def _give_places(self, at: datetime) -> None:
        """Give places to those who wait, in their order, as long as there is one for each of the next one's people."""
        for reply in [] if self.cancelled else self._waiting():
            if self.capacity is not None and len(reply.people) > self.capacity - self.coming:
                return
            reply.place = GIVEN
            about = {"briefing": self.id, "title": self.title, "starts_at": self.starts_at}
            self.happen("place_given", at, **about, subscriber=reply.subscriber, people=len(reply.people), coming=self.coming)

    def _reply_of(self, code: str) -> Reply | None:
        return next((reply for reply in self.replies if reply.subscriber == code), None)

    def _reminders(self) -> Iterator[tuple[datetime, int]]:
        """What is still to fall: when, and how many days before."""
        if not self.cancelled:
            for days in REMINDERS:
                if (fell := self.starts_at - timedelta(days=days)) > self.reminded:
                    yield fell, days

    def _said(self) -> dict[str, Any]:
        return {"briefing": self.id, "cancelled": self.cancelled} | {name: getattr(self, name) for name in TOLD}


def no_such_briefing(id: str) -> Refusal:
    """What a stranger is told of a briefing, whether there is one or not."""
    return Refusal.not_found(f"There is no briefing {id}.")


def _known(told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: told[name] for name in TOLD} | {"cancelled": told["cancelled"]}


def _plain(value: Any) -> Any:
    """An earlier value as it stands in an event."""
    return written(value) if isinstance(value, datetime) else value


def _in_order(reply: Reply) -> tuple[int, int, str]:
    """Those with a place, those who wait, those who do not know, those who do not come; each in their turn."""
    rank = (GIVEN, WAITING, NONE).index(reply.place) + (reply.attending == NO)
    return rank, reply.turn, reply.subscriber
