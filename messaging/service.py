"""What a service inherits: commands with their relay and clock, and subscriptions.

A service is two nameko classes, each with its own workers, so that slow events never hold up a
command; one process runs both.
"""

from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar

from nameko.timer import Timer

from contracts import platform
from messaging import letters, trail
from messaging.context import Order, now
from messaging.relay import Relay
from messaging.rpc import command, query, served
from messaging.store import Aggregates, journal
from messaging.subscription import subscribe
from services.kernel.refusal import Refusal
from services.kernel.rights import Party, Right, Rights

GRACE = timedelta(seconds=2)
"""How long after a deadline the clock acts on it. A word given a moment before may still be on its way, and
counts; what the clock then does is dated at the deadline all the same."""

__all__ = ["Commands", "Subscriptions", "command", "query", "subscribe"]


class Clock(Timer):
    """Every copy of a service looks for due work every ``ICAT_TICK_SECONDS``; silent in rehearsal."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(interval=1, **kwargs)

    def setup(self) -> None:
        self.interval = self.container.config["settings"].tick_seconds

    def start(self) -> None:
        if not self.container.config["settings"].rehearsal:
            super().start()

    def stop(self) -> None:
        if self.gt is not None:
            super().stop()

    def kill(self) -> None:
        if self.gt is not None:
            super().kill()


RUNNING = Rights(
    tick=Right((Party.SECRETARIAT,), "let the clock pass", "secretariat-only"),
    status=Right((Party.EVERYONE,), "see how a service is"),
    dead_letters=Right((Party.SECRETARIAT,), "see dead letters", "secretariat-only"),
    send_letter_again=Right((Party.SECRETARIAT,), "send a dead letter again", "secretariat-only"),
    drop_letter=Right((Party.SECRETARIAT,), "drop a dead letter", "secretariat-only"),
    trail=Right((Party.SECRETARIAT,), "follow a trail", "secretariat-only"),
)
"""Who may do what every service answers (contracts.platform). Roles alone decide it, and so the border does."""


class Commands:
    """The commands of a service. ``name``: the service's; ``aggregates``: those it owns; ``rights``: its table of who may do what.

    The border denies by default: a class that serves an order or question without a row in its table, or has a row for none, is not
    made; and whom no thing could give the right is refused before a method runs (``messaging.rpc``).
    """

    name: ClassVar[str]
    aggregates: ClassVar[tuple[Aggregates, ...]] = ()
    rights: ClassVar[Rights] = Rights()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.rights = Rights({**RUNNING, **cls.rights})
        cls.rights.must_cover(served(cls))

    relay = Relay()

    @Clock.decorator
    def _clock(self) -> None:
        self.run_due(now() - GRACE)

    def run_due(self, instant: datetime) -> int:
        """Do what the clock alone brings about by ``instant``; returns how many aggregates changed."""
        return sum(store.tick(instant) for store in self.aggregates)

    def waiting(self) -> int:
        """Technical work not yet done (deliveries to send), for ``status``."""
        return 0

    @command(platform.Tick)
    def tick(self, order: Order) -> dict[str, Any]:
        if not self.relay.rehearsal:
            raise Refusal.not_allowed("The clock is moved by hand in rehearsal only.", rule="rehearsal")
        return {"changed": self.run_due(order.to)}

    @query(platform.Status)
    def status(self, order: Order) -> dict[str, Any]:
        return {
            "service": self.name,
            "instance": self.relay.instance,
            "rehearsal": self.relay.rehearsal,
            "pending": sum(store.collection.count_documents({"unsent": 1}) for store in self.aggregates),
            "due": self.waiting(),
            "events": journal().estimated_document_count(),
        }

    @query(platform.DeadLetters)
    def dead_letters(self, order: Order) -> dict[str, Any]:
        with letters.asked_of_the_broker():
            found = letters.every(self.relay.settings.amqp_uri, self.name)
        return {"count": len(found), "items": [letter.heading for letter in found[: order.limit]]}

    @command(platform.SendLetterAgain)
    def send_letter_again(self, order: Order) -> dict[str, Any]:
        id = order.data["id"]
        letters.once(order, partial(letters.send_again, self.relay.settings.amqp_uri, self.name, id), letter=id, deed="sent_again")
        return {}

    @command(platform.DropLetter)
    def drop_letter(self, order: Order) -> dict[str, Any]:
        id, kept = order.data["id"], {"reason": order.reason, "by": order.by.person}
        drop = partial(letters.drop_letter, self.relay.settings.amqp_uri, self.name, id, **kept)
        letters.once(order, drop, letter=id, deed="dropped", reason=order.reason)
        return {}

    @query(platform.Trail)
    def trail(self, order: Order) -> dict[str, Any]:
        return trail.page(**order.data)


class Subscriptions:
    """The subscriptions of a service; ``name`` is the service's with ``.events``."""

    name: ClassVar[str]
