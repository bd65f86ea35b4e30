"""The shared kernel: the few words every room of the house speaks alike.

An actor, a refusal, something that happened, a clearance, the composition of
the Group as of an instant. Pure Python: this package imports the standard
library and itself, never nameko, mongoengine, kombu, flask, and never a clock.
"""

from services.kernel.actor import Actor
from services.kernel.aggregate import Aggregate, Happened
from services.kernel.clearance import Clearance, PassingRule, Position
from services.kernel.composition import Composition, Entity, Membership, Seat, Term
from services.kernel.instants import minute_after, minute_from, reminders_before, utc, written, year_begins
from services.kernel.refusal import Refusal
from services.kernel.text import digest_of

__all__ = [
    "Actor",
    "Aggregate",
    "Clearance",
    "Composition",
    "Entity",
    "Happened",
    "Membership",
    "PassingRule",
    "Position",
    "Refusal",
    "Seat",
    "Term",
    "digest_of",
    "minute_after",
    "minute_from",
    "reminders_before",
    "utc",
    "written",
    "year_begins",
]
