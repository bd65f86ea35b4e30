"""What notifications decides: who may be told of what, which number a matter gets, when a failed delivery is tried again.

Pure Python: this package imports the standard library, the kernel and itself.
"""

from services.notifications.rules import matters
from services.notifications.rules.attendance import Attendance
from services.notifications.rules.deliveries import (
    Delivery,
    Outcome,
    Story,
    after_failure,
    after_success,
    bring_late,
    bring_note,
    fan_out,
    has_story,
    invite,
    is_brought,
    is_overtaken,
    may_be_told,
    priority_of,
    replay,
    request_to_confirm,
    summary,
    tally,
    topics_ever,
    whose,
)
from services.notifications.rules.endpoints import Health
from services.notifications.rules.matters import Matter, Topic
from services.notifications.rules.notes import Note
from services.notifications.rules.queues import Reading
from services.notifications.rules.subscribers import Subscriber, Subscription

__all__ = [
    "Attendance",
    "Delivery",
    "Health",
    "Matter",
    "Note",
    "Outcome",
    "Reading",
    "Story",
    "Subscriber",
    "Subscription",
    "Topic",
    "after_failure",
    "after_success",
    "bring_late",
    "bring_note",
    "fan_out",
    "has_story",
    "invite",
    "is_brought",
    "is_overtaken",
    "matters",
    "may_be_told",
    "priority_of",
    "replay",
    "request_to_confirm",
    "summary",
    "tally",
    "topics_ever",
    "whose",
]
