"""Words that every chapter of this contract uses: topics, channels, matters, and the bodies that webhooks and queues carry."""

import base64
from typing import Any

from email_validator import EmailNotValidError, validate_email
from marshmallow import ValidationError, fields, validate

from contracts.base import Instant, Message, Pillars, Slug, Text, many

TOPICS = ("briefings", "publications", "statements", "workplan", "chairmanship", "reminders")
KINDS = ("mission", "focal_point", "reader", "secretariat")
CHANNELS = ("mail", "webhook", "amqp", "atom", "calendar", "inbox")
PUSHED = ("mail", "webhook", "amqp")
"""Channels on which we bring a matter, each with a delivery on record; from the others the subscriber fetches."""
MATTER_KINDS = ("issue_paper", "information_note", "joint_statement", "consultation", "briefing", "side_event", "presentation")
"""Kinds of paper and of briefing by which a subscription may be narrowed: the ``kind`` among a matter's ``data``."""
SUBSCRIPTION_STATES = ("pending", "confirmed", "suspended", "ended")
DELIVERY_STATES = ("held", "queued", "sent", "retrying", "given_up")
PURPOSES = ("matter", "digest", "note", "confirmation", "invitation")
RHYTHMS = ("at_once", "daily", "weekly")
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ATTENDING = ("yes", "no", "tentative")

HIGHEST_NUMBER = 2**53
"""No matter's number is above this: beyond it numbers in JSON are no longer exact everywhere."""

CONFIRM_PATH = "/subscriptions/confirm"
"""Where the link in a confirmation mail points, with ``?token=``. A GET shows a page with a button, since mail scanners
follow links; the button POSTs the token, and the gateway sends ``Confirm``."""

UNSUBSCRIBE_PATH = "/subscriptions/unsubscribe"
"""Where ``List-Unsubscribe`` points, with ``?token=``. A GET shows a page with a button; a POST (one-click, RFC 8058:
no cookie, no CSRF token) sends ``Unsubscribe``."""

INVITATION_PATH = "/subscriptions/invitation"
"""Where the link in an invitation points, with ``?token=``. A GET shows what one is invited to, with a form; its POST sends
``AcceptInvitation``."""

REPLY_PATH = "/briefings/{briefing}/reply"
"""Where a briefing's mail lets one reply, with ``?token=``. A GET shows the form; its POST sends ``ReplyToBriefing``."""


def Topic(**kwargs: Any) -> fields.String:
    """One of the six topics; ``reminders`` is the Group's own."""
    return fields.String(validate=validate.OneOf(TOPICS), **kwargs)


def Channel(**kwargs: Any) -> fields.String:
    """How a matter reaches a subscriber: brought by ``mail``, ``webhook`` or ``amqp`` (a queue of its own); or fetched by it from an
    ``atom`` or ``calendar`` feed with a secret address, or from the web ``inbox``."""
    return fields.String(validate=validate.OneOf(CHANNELS), **kwargs)


def Number(**kwargs: Any) -> fields.Integer:
    """A matter's number in its topic, from 1."""
    return fields.Integer(validate=validate.Range(min=1, max=HIGHEST_NUMBER), **kwargs)


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
    instants in it written in ISO 8601. Without pillars it concerns all four; of ``data``, ``kind`` and
    ``place`` (or ``where``) say what a subscription may be narrowed by. ``audience``: those it is for, and nobody else; a public matter
    has none."""

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
    number = Number(required=True, strict=True)
    matter = fields.Nested(Matter, required=True)


class Notice(Message):
    """The body a webhook and an AMQP queue receive, in the form of Standard Webhooks. Its ``webhook-id`` or
    ``message_id`` is the delivery's id: the same for every attempt, so that a receiver can pass over what it has had."""

    type = fields.String(required=True, metadata={"example": "icat.publications.published"})
    timestamp = Instant(required=True)
    data = fields.Nested(NumberedMatter, required=True)


class Note(Message):
    """What concerns one subscriber alone: its place at a briefing, its queue that fills, its address that no longer takes mail. It has no
    number; it goes to the subscriber's mail addresses and stands in its inbox. ``kind``: ``place_given``, ``briefing_reminded``,
    ``subscription_suspended``, ``queue_filling``…"""

    kind = Slug(required=True)
    title = fields.Nested(Words, required=True)
    summary = fields.Nested(Words, required=True)
    at = Instant(required=True)
    url = fields.String(required=True, validate=validate.Regexp(r"^/[^\s]{0,499}\Z", error="A path of the public site."))
    data = fields.Dict(keys=fields.String(), load_default=dict)


class Challenge(Message):
    """What a webhook's owner must echo in a JSON answer, ``{"challenge": …}``, for the subscription to be confirmed."""

    type = fields.String(required=True, validate=validate.Equal("icat.notifications.challenge"))
    timestamp = Instant(required=True)
    challenge = fields.String(required=True)


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
