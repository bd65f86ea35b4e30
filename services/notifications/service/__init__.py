"""Notifications on the wire: orders and questions, the events it hears, and the senders."""

from messaging.service import Commands, Subscriptions
from services.notifications.rules.rights import RIGHTS
from services.notifications.sending import Sending
from services.notifications.service.briefings import Hosting, Inviting
from services.notifications.service.deliveries import Delivering
from services.notifications.service.hearing import Hearing
from services.notifications.service.mail import Mailing
from services.notifications.service.own import Following
from services.notifications.service.subscriptions import Subscribing
from services.notifications.service.watching import Watching
from services.notifications.store import attendances, deliveries, fanouts, subscribers, topics


class Notifications(Subscribing, Delivering, Mailing, Inviting, Watching, Commands):
    """Subscribers ask, confirm, leave, look at what was sent to them, and reply to briefings."""

    name = "notifications"
    aggregates = (subscribers, topics, attendances)
    rights = RIGHTS

    def waiting(self) -> int:
        return fanouts.waiting() + deliveries.waiting()


class NotificationsEvents(Hearing, Hosting, Following, Subscriptions):
    """What others say becomes matters; what this service itself said is followed up."""

    name = "notifications.events"


class NotificationsSenders(Subscriptions):
    """The senders, in a container of their own: what they wait for holds up neither commands nor events."""

    name = "notifications.senders"
    sending = Sending()
