"""What *notifications* hears, answers and says: subscribers, their subscriptions, matters and deliveries, and who comes to a briefing.

A *matter* is one thing that subscribers are told of; it has a number, consecutive per topic, by which software can resume. Matters are
public, but those of the topic ``reminders``: they are the Group's own, and each says by its ``audience`` whom it is for.
A *delivery* is one matter on its way to one subscription; or a digest of several, a note to one subscriber alone, or the message that
asks an address's owner to confirm it or invites them.
"""

from contracts.base import Contract
from contracts.notifications.briefings import *  # noqa: F403
from contracts.notifications.deliveries import *  # noqa: F403
from contracts.notifications.parts import *  # noqa: F403
from contracts.notifications.subscribers import *  # noqa: F403

contract = Contract("notifications", *(f"{__name__}.{part}" for part in ("subscribers", "deliveries", "briefings")))
