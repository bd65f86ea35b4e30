"""What *notifications* hears, answers and says: subscribers, their subscriptions, matters and deliveries.

A *matter* is one thing that subscribers are told of; it has a number, consecutive per topic, by which software can resume. Matters are
public, but those of the topic ``reminders``: they are the Group's own, and each says by its ``audience`` whom it is for.
A *delivery* is one matter on its way to one subscription, or the message that asks a subscription's owner to confirm it.
"""

import base64
from typing import Any

from email_validator import EmailNotValidError, validate_email
from marshmallow import ValidationError, fields, post_load, validate

from contracts.base import (
    Answer,
    Command,
    Contract,
    EntityCode,
    Event,
    Instant,
    Language,
    Line,
    Message,
    PageQuery,
    Pillars,
    Query,
    Slug,
    Text,
    VersionedAnswer,
    many,
    page_of,
)

TOPICS = ("briefings", "publications", "statements", "workplan", "chairmanship", "reminders")
KINDS = ("mission", "focal_point", "reader", "secretariat")
CHANNELS = ("mail", "webhook", "amqp")
SUBSCRIPTION_STATES = ("pending", "confirmed", "ended")
DELIVERY_STATES = ("queued", "sent", "retrying", "given_up")

HIGHEST_NUMBER = 2**53
"""No matter's number is above this: beyond it numbers in JSON are no longer exact everywhere."""

CONFIRM_PATH = "/subscriptions/confirm"
"""Where the link in a confirmation mail points, with ``?token=``. A GET shows a page with a button, since mail scanners
follow links; the button POSTs the token, and the gateway sends ``Confirm``."""

UNSUBSCRIBE_PATH = "/subscriptions/unsubscribe"
"""Where ``List-Unsubscribe`` points, with ``?token=``. A GET shows a page with a button; a POST (one-click, RFC 8058:
no cookie, no CSRF token) sends ``Unsubscribe``."""


def Topic(**kwargs: Any) -> fields.String:
    """One of the six topics; ``reminders`` is the Group's own."""
    return fields.String(validate=validate.OneOf(TOPICS), **kwargs)


def Channel(**kwargs: Any) -> fields.String:
    """How a matter travels: ``mail``, ``webhook`` or ``amqp``."""
    return fields.String(validate=validate.OneOf(CHANNELS), **kwargs)


class Addressee(fields.String):
    """Whom a matter of the Group's own is for: an entity, by its code, or ``secretariat``, which no entity's code can be."""

    def __init__(self, **kwargs: Any) -> None:
        rule = validate.Regexp(r"^(secretariat|[A-Z][A-Z0-9-]{0,19})\Z", error="An addressee is an entity's code, or secretariat.")
        super().__init__(validate=rule, **kwargs)


class WebhookSecret(fields.String):
    """What signs a webhook, as Standard Webhooks writes it: ``whsec_`` and 24 to 64 bytes in base64."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=[validate.Regexp(r"^whsec_[A-Za-z0-9+/=]{32,88}\Z"), _decodes], **kwargs)


def _decodes(secret: str) -> None:
    """A secret that looks right and is no base64 would fail at the first signature, long after it was accepted."""
    try:
        signs = 24 <= len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) <= 64
    except ValueError:
        signs = False
    if not signs:
        raise ValidationError("A webhook's secret is whsec_ and 24 to 64 bytes in base64.")


class Token(fields.String):
    """What a link in a mail carries: it is shown once and kept only as a digest."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Regexp(r"^[A-Za-z0-9._~-]{20,300}\Z", error="Not a token of ours."), **kwargs)


# What is said about a matter ------------------------------------------------------------------------------------------------------------


class Words(Message):
    """One text in the languages it exists in; English and French always."""

    en = Text(required=True, max=4_000)
    fr = Text(required=True, max=4_000)
    es = Text(max=4_000)
    ru = Text(max=4_000)
    ar = Text(max=4_000)
    zh = Text(max=4_000)


class Matter(Message):
    """What a subscriber is told. ``url`` is a path of the public site; ``data`` holds the particulars of its kind,
    instants in it written in ISO 8601. Without pillars it concerns all four. ``audience``: those it is for, and nobody else; a public
    matter has none."""

    kind = Slug(required=True)
    title = fields.Nested(Words, required=True)
    summary = fields.Nested(Words, required=True)
    at = Instant(required=True)
    url = fields.String(required=True, validate=validate.Regexp(r"^/[^\s]{0,499}\Z", error="A path of the public site."))
    pillars = Pillars(load_default=list)
    data = fields.Dict(keys=fields.String(), load_default=dict)
    audience = many(Addressee())


class NumberedMatter(Message):
    """A matter with its place in its topic: what a webhook, a queue and the API carry alike."""

    topic = Topic(required=True)
    number = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=HIGHEST_NUMBER))
    matter = fields.Nested(Matter, required=True)


class Notice(Message):
    """The body a webhook and an AMQP queue receive, in the form of Standard Webhooks. Its ``webhook-id`` or
    ``message_id`` is the delivery's id: the same for every attempt, so that a receiver can pass over what it has had."""

    type = fields.String(required=True, metadata={"example": "icat.publications.published"})
    timestamp = Instant(required=True)
    data = fields.Nested(NumberedMatter, required=True)


class Challenge(Message):
    """What a webhook's owner must echo in a JSON answer, ``{"challenge": …}``, for the subscription to be confirmed."""

    type = fields.String(required=True, validate=validate.Equal("icat.notifications.challenge"))
    timestamp = Instant(required=True)
    challenge = fields.String(required=True)


# Answers --------------------------------------------------------------------------------------------------------------------------------


class SubscriptionAnswer(Answer):
    """One subscription. ``secret`` is there once, in the answer to the order that made a webhook's subscription."""

    id = Slug()
    channel = Channel()
    target = fields.String(metadata={"description": "Mail address, webhook address or queue."})
    topics = many(Topic())
    pillars = Pillars()
    state = fields.String(validate=validate.OneOf(SUBSCRIPTION_STATES))
    requested_at = Instant()
    requested_by = fields.String()
    confirmed_at = Instant(allow_none=True)
    ended_at = Instant(allow_none=True)
    ended_because = fields.String(allow_none=True)
    secret = fields.String(metadata={"description": "Signs the webhook; shown only here."})


class SubscriberAnswer(VersionedAnswer):
    """One subscriber with its subscriptions, ended ones among them."""

    code = EntityCode()
    name = fields.String()
    kind = fields.String(validate=validate.OneOf(KINDS))
    language = Language()
    admitted_at = Instant()
    ended_at = Instant(allow_none=True)
    subscriptions = many(SubscriptionAnswer, max=1_000)


class ConfirmationAnswer(Answer):
    """What the bearer of a token learns: whose subscription, in which state, to what; no address."""

    subscriber = EntityCode()
    name = fields.String()
    subscription = Slug()
    channel = Channel()
    topics = many(Topic())
    state = fields.String(validate=validate.OneOf(SUBSCRIPTION_STATES))


class QueueCredentials(Answer):
    """How a mission reads its queue: the address of the broker and the name of the queue."""

    uri = fields.String()
    queue = fields.String()


class DeliveryAnswer(Answer):
    """One delivery record. ``topic``, ``number`` and ``title`` are null for a request to confirm. ``due`` is the next attempt
    of one that waits, ``why`` the reason of the last failure."""

    id = Slug()
    purpose = fields.String(validate=validate.OneOf(("matter", "confirmation")))
    topic = Topic(allow_none=True)
    number = fields.Integer(allow_none=True)
    title = fields.String(allow_none=True)
    subscriber = EntityCode()
    subscription = Slug()
    channel = Channel()
    target = fields.String()
    state = fields.String(validate=validate.OneOf(DELIVERY_STATES))
    attempts = fields.Integer()
    announced_at = Instant()
    due = Instant(allow_none=True)
    sent_at = Instant(allow_none=True)
    why = fields.String(allow_none=True)


class Tally(Answer):
    """How many deliveries were sent, were given up, still wait."""

    sent = fields.Integer()
    failed = fields.Integer()
    waiting = fields.Integer()


class DeliverySummaryAnswer(Tally):
    """Deliveries of matters (requests to confirm are not counted), over all, by channel, and by subscriber's code."""

    by_channel = fields.Dict(keys=fields.String(), values=fields.Nested(Tally))
    by_mission = fields.Dict(keys=fields.String(), values=fields.Nested(Tally))


class MattersAnswer(Answer):
    """Matters of a topic in the order of their numbers, without a hole but for those that are not for the asker; ``last`` is the
    highest number given so far, ``next`` the number to ask after when there are more."""

    topic = Topic()
    last = fields.Integer()
    items = fields.List(fields.Nested(NumberedMatter))
    next = fields.Integer(allow_none=True)


# Orders ---------------------------------------------------------------------------------------------------------------------------------


class AdmitSubscriber(Command):
    """The secretariat admits a permanent mission, an entity's focal points, another reader, or itself. ``code`` is the code its people
    act under: the mission's, or the entity's. The secretariat's is of its own choice, since its people may act for any entity or none."""

    answer = SubscriberAnswer
    code = EntityCode(required=True)
    name = Line(required=True, max=200)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    language = Language(load_default="en")


class Subscribe(Command):
    """A subscriber asks to be told of topics on one channel; nothing is sent before its owner confirms.

    ``topics``: ``reminders`` is for an entity's focal points and the secretariat alone.
    ``target``: an address for mail, an https address for a webhook, nothing for a queue, which is named by us.
    ``pillars``: none for all matters. ``secret``: a webhook's, when the receiver brings its own (Standard Webhooks:
    ``whsec_`` and 24 to 64 bytes in base64); otherwise one is made and answered once.
    """

    answer = SubscriptionAnswer
    subscriber = EntityCode(required=True)
    topics = fields.List(Topic(), required=True, validate=validate.Length(min=1, max=len(TOPICS)))
    channel = Channel(required=True)
    target = Text(max=500, load_default="")
    pillars = Pillars(load_default=list)
    secret = WebhookSecret(load_default=None, allow_none=True)

    @post_load
    def normal_address(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """One spelling per mailbox, so that the same one is not told twice."""
        if data["channel"] == "mail":
            data["target"] = mail_address(data["target"])
        return data


def mail_address(text: str) -> str:
    """A mail address in its normal form, written in ASCII since not every mail server takes more. Raises
    marshmallow.ValidationError at ``target`` for what is none; the name service is not asked.

    An encoded word (RFC 2047) is refused: readers of mail decode it, and would see another addressee than the one it went to."""
    if "=?" in text:
        raise ValidationError({"target": ["Not a mail address: it holds the beginning of an encoded word."]})
    try:
        address = validate_email(text, check_deliverability=False, allow_smtputf8=False).ascii_email
    except EmailNotValidError as error:
        raise ValidationError({"target": [f"Not a mail address: {error}"]}) from None
    if address is None:
        raise ValidationError({"target": ["Not a mail address that every mail server can carry."]})
    return address


class Confirm(Command):
    """The bearer of the link in a confirmation mail confirms; twice is once."""

    answer = ConfirmationAnswer
    token = Token(required=True)


class Unsubscribe(Command):
    """A subscription ends: by the subscriber or the secretariat (``subscriber`` and ``subscription``), or by the bearer of the
    token in a mail's ``List-Unsubscribe`` (``token``). Twice is once."""

    answer = ConfirmationAnswer
    subscriber = EntityCode(load_default=None, allow_none=True)
    subscription = Slug(load_default=None, allow_none=True)
    token = Token(load_default=None, allow_none=True)

    @post_load
    def one_way(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        named = data["subscriber"] is not None and data["subscription"] is not None
        if named == (data["token"] is not None):
            raise ValidationError({"token": ["Either a token, or both the subscriber and the subscription."]})
        return data


class FetchQueueCredentials(Command):
    """The subscriber itself fetches how to read its queue; the first time confirms the subscription."""

    answer = QueueCredentials
    subscriber = EntityCode(required=True)
    subscription = Slug(required=True)


class EndSubscriber(Command):
    """A subscriber leaves, or the secretariat ends it: all its subscriptions end."""

    answer = SubscriberAnswer
    code = EntityCode(required=True)
    reason = Line(required=True, max=300)


class SendAgain(Command):
    """One delivery that was given up, or waits for its next attempt, is tried anew at once. One that was sent is not sent twice."""

    answer = DeliveryAnswer
    delivery = Slug(required=True)


# Questions ------------------------------------------------------------------------------------------------------------------------------


class Subscribers(PageQuery):
    """All subscribers by code, for the secretariat."""

    answer = page_of(SubscriberAnswer)
    kind = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(KINDS))


class GetSubscriber(Query):
    """One subscriber, to itself and to the secretariat."""

    answer = SubscriberAnswer
    code = EntityCode(required=True)


class Deliveries(PageQuery):
    """Deliveries, newest first: all of them to the secretariat, its own to a subscriber."""

    answer = page_of(DeliveryAnswer)
    subscriber = EntityCode(load_default=None, allow_none=True)
    topic = Topic(load_default=None, allow_none=True)
    number = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(min=1, max=HIGHEST_NUMBER))
    state = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(DELIVERY_STATES))
    channel = Channel(load_default=None, allow_none=True)


class DeliverySummary(Query):
    """How many deliveries of matters were sent, failed, wait: of all for the secretariat, of its own for a subscriber."""

    answer = DeliverySummaryAnswer
    subscriber = EntityCode(load_default=None, allow_none=True)


class Matters(Query):
    """The matters of a topic after the number ``since``: how a mission's software resumes. They are public; those of ``reminders`` are
    shown to the people of an entity they are for, and all of them to the secretariat."""

    answer = MattersAnswer
    topic = Topic(required=True)
    since = fields.Integer(load_default=0, validate=validate.Range(min=0, max=HIGHEST_NUMBER))
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=200))


# Facts ----------------------------------------------------------------------------------------------------------------------------------


class SubscriberAdmitted(Event):
    """A subscriber may now subscribe."""

    code = EntityCode(required=True)
    name = Line(required=True, max=200)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    language = Language(required=True)


class SubscriberEnded(Event):
    """A subscriber left or was ended, with all its subscriptions."""

    code = EntityCode(required=True)
    reason = Line(required=True, max=300)


class SubscriptionRequested(Event):
    """A subscription waits for its owner's confirmation. Its address is in no event."""

    subscriber = EntityCode(required=True)
    subscription = Slug(required=True)
    channel = Channel(required=True)
    topics = many(Topic(), required=True)
    pillars = Pillars(load_default=list)


class SubscriptionConfirmed(Event):
    """Its owner confirmed: matters announced from now on are sent."""

    subscriber = EntityCode(required=True)
    subscription = Slug(required=True)


class SubscriptionEnded(Event):
    """Nothing more is sent on it, not even what was waiting."""

    subscriber = EntityCode(required=True)
    subscription = Slug(required=True)
    because = Line(required=True, max=300)


class Announced(Event):
    """A topic gave a matter its number; it is now sent to those who asked for it."""

    topic = Topic(required=True)
    number = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=HIGHEST_NUMBER))
    matter = fields.Nested(Matter, required=True)


contract = Contract("notifications", __name__)
