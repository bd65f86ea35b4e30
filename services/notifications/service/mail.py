"""Mail: what came back, addresses that take none, and how a matter would read."""

from collections import Counter
from dataclasses import asdict, replace
from email.utils import parseaddr
from typing import Any

from marshmallow import ValidationError

from contracts import chairs, documents, workplan
from contracts import notifications as c
from contracts.base import load
from contracts.notifications import HIGHEST_NUMBER
from messaging.context import Order
from messaging.service import command, query
from messaging.settings import setting
from services.kernel import Refusal
from services.notifications import store
from services.notifications.channels import Parcel, notice
from services.notifications.channels.letter import letter
from services.notifications.rules import bounces, matters
from services.notifications.rules.deliveries import reached
from services.notifications.service.asking import chairs_at
from services.notifications.store import composition, keys, suppressions
from services.notifications.store.suppressions import came_back, last_told

EVENTS = {event.key().rpartition(".")[0]: event for part in (chairs, documents, workplan) for event in part.contract.events.values()}
"""Events of other services, by their names."""

NOBODY = Parcel(
    id="preview",
    target="reader@example.invalid",
    language="en",
    token="preview.opens-nothing",
)
"""Whom a preview is addressed to. Its tokens are none of ours."""


class Mailing:
    @command(c.ReportBounce)
    def report_bounce(self, order: Order) -> dict[str, Any]:
        bounces.must_report(order.by)
        code, subscription = keys.returned(order.token)
        # In rehearsal nothing but a caller names instants, and a bounce comes by itself: it is dated as what it may answer was.
        at = last_told(subscription) if self.relay.rehearsal else None
        came_back(code, subscription, order.status, order.diagnostic, replace(order, at=at or order.at))
        return {}

    @query(c.Suppressions)
    def suppressions(self, ask: Order) -> dict[str, Any]:
        return suppressions.page(ask.limit, ask.after)

    @command(c.LiftSuppression)
    def lift_suppression(self, order: Order) -> dict[str, Any]:
        suppressions.lift(order.address, order.by.person, order.at)
        return {}

    @query(c.Preview)
    def preview(self, ask: Order) -> dict[str, Any]:
        told = store.matters.numbered(ask.topic, ask.number) if ask.topic else to_come(ask)
        replies = {briefing: NOBODY.token} if (briefing := told["matter"]["data"].get("briefing")) else {}
        parcel = replace(NOBODY, language=ask.language, told=told, replies=replies)
        said = letter(parcel, setting("ICAT_PUBLIC_URL").rstrip("/"), parseaddr(setting("ICAT_MAIL_FROM"))[1])
        members = composition.value().members(ask.at) if told["topic"] in matters.OF_THE_GROUP else []
        story = store.story_of(told["topic"], told["matter"])
        channels = (
            subscription.channel
            for subscriber in store.readers.wanting(told["topic"], ever=story is not None)
            for subscription in reached(subscriber, told["topic"], told["matter"], ask.at, members, story)
        )
        return {
            "subject": said.subject,
            "text": said.text,
            "html": said.html,
            "calendar": said.calendar[0] if said.calendar else None,
            "notice": notice(told),
            "reach": dict(Counter(channels)),
        }


def to_come(ask: Order) -> dict[str, Any]:
    """The matter that an event would make, with the number it would have by now. Raises Refusal for an event that makes none, and
    marshmallow.ValidationError, with paths, for a payload that is not by its contract."""
    if ask.event not in matters.BY_EVENT:
        raise Refusal.invalid("event", f"Nothing is told of {ask.event}.", rule="event", accepted=sorted(matters.BY_EVENT))
    try:
        data = load(EVENTS[ask.event], ask.payload)
    except ValidationError as error:
        raise ValidationError({"payload": error.messages}) from None
    matter = matters.BY_EVENT[ask.event](data, ask.at, chairs_at)
    if matter is None:
        raise Refusal.invalid("payload", "Nothing is told of an event that says this.", rule="event")
    told = {name: value for name, value in asdict(matter).items() if name != "topic" and value is not None}
    announced = {"topic": matter.topic, "number": store.matters.since(matter.topic, HIGHEST_NUMBER, 1)["last"] + 1, "matter": told}
    return c.Announced.read(c.Announced.publish(announced))
