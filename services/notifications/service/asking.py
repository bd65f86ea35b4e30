"""What the orders and questions of this service share."""

from datetime import datetime
from urllib.parse import unquote, urlsplit

from messaging.context import Arrived, Order
from messaging.settings import setting
from services.kernel import Refusal
from services.notifications import rules
from services.notifications.rules.subscribers import AMQP
from services.notifications.store import composition, subscribers, topics


def announce(matter: rules.Matter | None, event: Arrived) -> None:
    """Have the matter's topic number it, once for this event; nothing where there is nothing to tell."""
    if matter is None:
        return
    topics.change(matter.topic, event, lambda topic: topic.announce(matter, event.at), new=lambda: rules.Topic(matter.topic))


def chairs_at(at: datetime) -> list[str]:
    """Who chairs the Group as of an instant, by what is known here of the Group."""
    return composition.value().chairs(at)


def is_inside(ask: Order) -> bool:
    """Whether who asks belongs to the Group as of now. The secretariat does, whatever is known here of the others."""
    return ask.by.is_secretariat or ask.by.is_system or (ask.by.in_the_group and composition.value().is_inside(ask.by, ask.at))


def visible(ask: Order) -> str | None:
    """The code of the subscriber whose deliveries are asked for and may be seen; None, for all, to the secretariat."""
    code = rules.whose(ask.by, ask.subscriber)
    if code is not None:
        subscribers.load(code).aggregate.must_show_itself_to(ask.by)
    return code


def must_offer(channel: str) -> None:
    """Raises Refusal(unavailable) for a channel that this platform has not been set up for."""
    if channel == AMQP:
        address_for_missions()


def address_for_missions() -> str:
    """The broker's address that missions are given. Raises Refusal(unavailable) where none is configured, or one of the platform's own
    user: who holds that could give orders in anybody's name."""
    uri = setting("ICAT_MISSION_AMQP_URI")
    if not uri or user_of(uri) == user_of(setting("AMQP_URI")):
        raise Refusal(
            "unavailable",
            "This platform offers no queues: its broker has no user for missions (ICAT_MISSION_AMQP_URI).",
            rule="no-queues",
            accepted="a subscription on the channel mail or webhook",
        )
    return uri


def user_of(uri: str) -> str:
    """Whom a broker's address speaks as; the broker's own default where it says nothing."""
    return unquote(urlsplit(uri).username or "guest")
