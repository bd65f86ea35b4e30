"""Who follows what: for each open stream its question is asked again, from the position it has reached, when something may have come.

What was overheard says only that: the service hears of it at the same moment as we, and may need a moment to keep it. So it is asked a
few times, further and further apart. Each stream asks as the person it belongs to, and is told its own answers alone, and nothing more
once that person may no longer ask.
"""

import logging
import random
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from gateway.asking import Asks
from gateway.live.events import told
from gateway.live.wire import Stream
from messaging.context import Order, new_traceparent, now
from services.kernel.refusal import Refusal

log = logging.getLogger(__name__)

ASKING = 4
"""Threads that ask: so many of the places in the pool do streams take at most from requests."""

ASK_SECONDS = 5.0
LOOKS = (0.1, 0.4, 1.5, 5.0)
"""Seconds between the looks for what was overheard, each after the one before."""

LOOK_AGAIN = (1.0,)
"""Once something came: what was heard at the same time may not have been kept yet."""

POLL_SECONDS = 60.0
POLL_UNHEARD_SECONDS = 5.0
"""How often one looks when nothing was overheard, and when nothing can be."""

BEHIND_SECONDS = 0.25
"""How often one looks whether a reader has taken what it was told last; nothing more is asked for it before."""

_PASSING = ("unavailable", "timed_out", "internal", "too_many")


class Hears(Protocol):
    hears: bool


@dataclass(eq=False)
class Follower:
    """A stream, what is asked for it, and how far it was told. ``stand``: refuses once whose it is may no longer ask, or is somebody else;
    ``looks``: what is left of the looks; ``due``: of the next one."""

    stream: Stream
    question: tuple[str, str]
    payload: Mapping[str, Any]
    order: Order
    stand: Callable[[], None]
    named: bool
    position: str
    due: float
    looks: list[float] = field(default_factory=list)
    is_asking: bool = False

    def concerns(self, event: Mapping[str, Any]) -> bool:
        """Whether an event may be news to it: one that names a subscriber is to that one alone."""
        return event.get("subscriber", self.payload["subscriber"]) == self.payload["subscriber"]


class Watch:
    """Asks for those who follow. Its threads begin with the first."""

    def __init__(self, services: Asks) -> None:
        self.services = services
        self.ear: Hears | None = None
        self._followers: set[Follower] = set()
        self._turn = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._is_stopping = False

    def count(self, person: str | None = None) -> int:
        """How many streams are open; of this person, if one is named."""
        with self._turn:
            self._followers = {one for one in self._followers if one.stream.is_open}
            return sum(person in (None, one.order.by.person) for one in self._followers)

    def follow(
        self,
        stream: Stream,
        question: tuple[str, str],
        payload: Mapping[str, Any],
        order: Order,
        position: str,
        stand: Callable[[], None],
        *,
        named: bool,
        more: bool,
    ) -> None:
        """Tell a stream what comes after ``position``; there is ``more`` already when its first answer did not hold it all. One looks
        once at the beginning: something may have come after it was asked and before it was followed."""
        due = time.monotonic() + (0.0 if more else LOOKS[0])
        with self._turn:
            self._followers.add(Follower(stream, question, payload, order, stand, named, position, due))
            self._threads = [thread for thread in self._threads if thread.is_alive()]
            while len(self._threads) < ASKING:
                self._threads.append(threading.Thread(target=self._work, name="watch", daemon=True))
                self._threads[-1].start()
            self._turn.notify_all()

    def heard(self, event: Mapping[str, Any]) -> None:
        """Something was overheard: look for it on behalf of those whom it may concern."""
        with self._turn:
            for follower in self._followers:
                if follower.concerns(event):
                    first, *follower.looks = LOOKS
                    follower.due = min(follower.due, time.monotonic() + first)
            self._turn.notify_all()

    def stop(self) -> None:
        with self._turn:
            self._is_stopping = True
            self._turn.notify_all()

    def _work(self) -> None:
        try:
            while (follower := self._next()) is not None:
                self._serve(follower)
        except Exception:
            log.exception("a thread that asks for streams has ended; the next stream that opens replaces it")

    def _serve(self, follower: Follower) -> None:
        """Tell a follower once. A stream that is told to end is followed no more, though it stays open until the wire has closed it."""
        try:
            goes_on = self._tell(follower)
        except Exception:  # an accident of one ends that stream, and nobody else's
            log.exception("a stream could not be told")
            goes_on = False
        if not goes_on:
            follower.stream.end()
        with self._turn:
            follower.is_asking = False
            if not goes_on or not follower.stream.is_open:
                self._followers.discard(follower)
            self._turn.notify()

    def _next(self) -> Follower | None:
        """The follower whose turn it is, waited for; none when it is over."""
        with self._turn:
            while not self._is_stopping:
                waiting = (one for one in self._followers if not one.is_asking)
                first = min(waiting, key=lambda one: one.due, default=None)
                left = None if first is None else first.due - time.monotonic()
                if first is not None and left is not None and left <= 0:
                    first.is_asking = True
                    if first.stream.is_open:
                        return first
                    self._followers.discard(first)
                else:
                    self._turn.wait(left)
        return None

    def _tell(self, follower: Follower) -> bool:
        """Ask for a follower and tell its stream what came; whether the stream goes on."""
        if follower.stream.is_behind:
            with self._turn:
                follower.due = time.monotonic() + BEHIND_SECONDS
            return True
        with self._turn:
            looks = follower.looks
            follower.due = float("inf")  # what is heard from now on sets it anew
        try:
            follower.stand()
            answer = self.services.call(
                *follower.question, {**follower.payload, "since": follower.position}, self._order(follower), ASK_SECONDS
            )
            follower.stand()  # the answer may have been long in coming
        except Refusal as refusal:
            if refusal.kind not in _PASSING:  # no longer theirs to see; whoever comes back is told why
                return False
            answer = None
        moved = answer is not None and answer["position"] != follower.position
        if moved:
            follower.position = answer["position"]
            follower.stream.send(told(answer))
        with self._turn:
            if follower.looks is looks and moved:
                follower.looks = [*LOOK_AGAIN]
            if moved and answer["next"] is not None:
                pause = 0.0
            else:
                pause = follower.looks.pop(0) if follower.looks else self._poll(answered=answer is not None)
            follower.due = min(follower.due, time.monotonic() + pause)
        return True

    def _poll(self, *, answered: bool) -> float:
        """Spread, so that those who came together do not ask together for ever."""
        relies = answered and self.ear is not None and self.ear.hears
        return (POLL_SECONDS if relies else POLL_UNHEARD_SECONDS) * random.uniform(0.8, 1.2)

    @staticmethod
    def _order(follower: Follower) -> Order:
        cause = uuid.uuid4().hex
        at = follower.order.at if follower.named else now()
        return replace(follower.order, id=cause, correlation=cause, traceparent=new_traceparent(), at=at)
