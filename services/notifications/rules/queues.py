"""Whether a subscriber reads its queue: told before it is full, and let go when nobody has come for long. What was unread is to be had by
number.

Once an hour each queue is asked how much is in it and whether anybody reads, twenty at a step, by one copy at a time
(``service/watching.py``). Its owner is told once, until it is read again. A suspended subscription's queue is removed while its user of the
broker stays: resuming it makes the queue anew for the same credentials.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.kernel import written
from services.notifications.rules import reasons
from services.notifications.rules.notes import Note

LONGEST = 10_000
"""Unread messages a subscriber's queue holds before it refuses more."""

FILLING = LONGEST * 8 // 10
"""From how many on its owner is told."""

UNREAD_TOLD = timedelta(days=14)
"""For how long nobody may read before its owner is told."""

UNREAD_SUSPENDED = timedelta(days=30)
"""For how long nobody may read before the subscription is suspended and the queue removed."""


@dataclass(frozen=True)
class Reading:
    """What is known of how a queue is read. ``unread``: messages in it when it was looked at, of the ``sent`` that ever went into it;
    ``read_at``: when it was last seen to be read, or to have nothing to read; ``told``: whether its owner was told since."""

    read_at: datetime
    unread: int = 0
    sent: int = 0
    told: bool = False

    def looked(self, unread: int, readers: int, sent: int, at: datetime) -> "Reading":
        """What a look ``at`` an instant shows: so many unread, so many ``readers`` connected, so many ``sent`` ever. It is read when
        somebody is there, nothing is left, or less is in it than was and came since. Where nothing was left at the last look, what is
        there may have come this instant: nobody has left that unread yet."""
        read = readers > 0 or unread == 0 or self.unread == 0 or unread < self.unread + max(sent - self.sent, 0)
        return Reading(at if read else self.read_at, unread, sent, self.told and not (read and unread < FILLING))

    def is_to_be_told(self, at: datetime) -> bool:
        """Whether its owner is to be told now: once, until it was read again."""
        return not self.told and self.unread > 0 and (self.unread >= FILLING or at - self.read_at >= UNREAD_TOLD)

    def once_told(self) -> "Reading":
        return replace(self, told=True)

    def unread_too_long(self, at: datetime) -> str | None:
        """Why the subscription is to be suspended, for its owner to read; None while it is not."""
        if self.unread == 0 or at - self.read_at < UNREAD_SUSPENDED:
            return None
        return reasons.UNREAD.said(since=f"{self.read_at:%Y-%m-%d}", unread=self.unread)


def queue_filling(subscription: str, reading: Reading, at: datetime) -> Note:
    """What its owner is told of a queue that is nearly full, or that nobody reads."""
    since, until = (instant.strftime("%Y-%m-%d") for instant in (reading.read_at, reading.read_at + UNREAD_SUSPENDED))
    said = {
        "en": f"It holds {reading.unread} unread notices of at most {LONGEST}, and was last read on {since}. When it is full, further "
        f"notices wait at our side and are given up after about a day and a half; if nobody reads it until {until}, the subscription is "
        "suspended and the queue removed. All that is public can be had by number at any time.",
        "fr": f"Elle contient {reading.unread} avis non lus sur {LONGEST} au plus, et a été lue pour la dernière fois le {since}. Une fois "
        "pleine, les avis suivants attendent chez nous et sont abandonnés après un jour et demi environ ; si personne ne la lit d’ici au "
        f"{until}, l’abonnement est suspendu et la file supprimée. Tout ce qui est public peut être obtenu par numéro à tout moment.",
    }
    return Note(
        kind="queue_filling",
        title={"en": "Your queue of notices is filling", "fr": "Votre file d’avis se remplit"},
        summary=said,
        at=at,
        url="/missions",
        data={"subscription": subscription, "unread": reading.unread, "most": LONGEST, "read_at": written(reading.read_at)},
    )
