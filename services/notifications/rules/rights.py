"""Who may do what with subscribers, deliveries and replies, as of an instant: the table by which every order and question is decided."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from services.kernel import Actor, Composition, Refusal
from services.kernel.instants import utc
from services.kernel.rights import EVERYONES, Party, Right, Rights, Standing

if TYPE_CHECKING:
    from services.notifications.rules.subscribers import Subscriber

_OWN = (Party.SUBSCRIBER, Party.SECRETARIAT)

_of_the_secretariat = partial(Right, (Party.SECRETARIAT,), rule="secretariat-only")
_of_the_bearer = partial(Right, (Party.BEARER,), rule="token")
_of_the_subscriber = partial(Right, _OWN, rule="own-subscriber", known=_OWN)
_of_itself_alone = partial(Right, (Party.SUBSCRIBER,), rule="own-subscriber", known=_OWN)

RIGHTS = Rights(
    {
        # Coming and leaving
        "admit_subscriber": _of_the_secretariat("admit a subscriber"),
        "invite_subscriber": _of_the_secretariat("invite a subscriber"),
        "accept_invitation": _of_the_bearer("accept an invitation"),
        "get_invitation": _of_the_bearer("see an invitation"),
        "end_subscriber": _of_the_subscriber("end a subscriber"),
        "subscribers": _of_the_secretariat("list the subscribers"),
        "get_subscriber": _of_the_subscriber("see a subscriber"),
        # Subscriptions: a subscriber is known to its own people, and to the secretariat
        "subscribe": _of_the_subscriber("subscribe"),
        "change_subscription": _of_the_subscriber("change a subscription"),
        "pause_subscription": _of_the_subscriber("pause a subscription"),
        "resume_subscription": _of_the_subscriber("resume a subscription"),
        "replace_secret": _of_the_subscriber("replace a secret"),
        "confirm": _of_the_bearer("confirm a subscription"),
        "unsubscribe": Right((Party.BEARER, *_OWN), "end a subscription", "own-subscriber", known=(Party.BEARER, *_OWN)),
        "fetch_queue_credentials": _of_itself_alone("fetch how to read its queue"),
        # Deliveries
        "deliveries": _of_the_subscriber("see deliveries"),
        "delivery_summary": _of_the_subscriber("see deliveries"),
        "delivery_board": _of_the_subscriber("see deliveries"),
        "send_again": _of_the_subscriber("have a delivery tried anew"),
        "replay": _of_the_secretariat("have matters brought once more", known=_OWN),
        "inbox": _of_the_subscriber("read an inbox"),
        "mark_read": _of_itself_alone("say what it has read"),
        "matters": EVERYONES,
        "feed": _of_the_bearer("read a feed"),
        "public_feed": EVERYONES,
        # Mail
        "suppressions": _of_the_secretariat("see which addresses take no mail"),
        "lift_suppression": _of_the_secretariat("lift a suppression"),
        "preview": _of_the_secretariat("see a preview"),
        "report_bounce": Right((Party.SYSTEM,), "tell what came back", "own-receiver"),
        # Replies to briefings
        "reply_to_briefing": Right((Party.BEARER, *_OWN), "reply", "own-subscriber", known=(Party.BEARER, *_OWN)),
        "attendance": Right((Party.BEARER, Party.CHAIR, *_OWN), "see a reply", "own-subscriber", known=(Party.BEARER, Party.CHAIR, *_OWN)),
        "attendance.all": Right((Party.CHAIR, Party.SECRETARIAT), "see all replies", "chair-only"),
    }
)
"""Matters are everyone's to read; those of the Group's own are shown to those inside alone (``matters.shown``)."""


@dataclass(frozen=True)
class ToSubscriber(Standing):
    """Who a person is to a subscriber, or to what is a subscriber's. ``bearer``: whether the person holds a link's token for it;
    ``serving``: who chairs, where that counts."""

    subscriber: "Subscriber | None" = None
    bearer: bool = False
    serving: tuple[str, ...] = ()

    def entities(self, party: Party) -> tuple[str, ...]:
        return self.serving if party is Party.CHAIR else ()

    def holds(self, party: Party) -> bool:
        match party:
            case Party.BEARER:
                return self.bearer
            case Party.SUBSCRIBER:
                return self.subscriber is not None and self.subscriber.is_own(self.by)
        return super().holds(party)

    def unknown(self) -> Refusal:
        return Refusal.not_found(f"There is no subscriber {self.subscriber.code}." if self.subscriber else "There is no such subscriber.")


_ANY_TIME, _NO_GROUP = utc(2006), Composition()


def who(by: Actor, subscriber: "Subscriber | None" = None, *, bearer: bool = False, serving: tuple[str, ...] = ()) -> ToSubscriber:
    """Who a person is to a subscriber. That depends neither on the instant nor on the Group."""
    return ToSubscriber(by, _ANY_TIME, _NO_GROUP, subscriber, bearer, serving)
