"""Who comes to a briefing: those invited reply by the link in their mail or on their page; places, a waiting list, reminders, the list.

Invited is every subscriber that has not ended and has a confirmed subscription, on any channel, which asks for this briefing's matter.
"""

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from contracts.base import Command, EntityCode, Event, Instant, Line, Message, Query, Slug, Text, VersionedAnswer, many
from contracts.notifications.parts import ATTENDING, Token


class ReplyAnswer(Message):
    """What a subscriber replied. ``place``: ``given`` (all its people have one), ``waiting`` (in the order of replying, until there is
    one for each of them), or ``none`` for who does not come, or does not know yet."""

    subscriber = EntityCode()
    name = fields.String()
    attending = fields.String(validate=validate.OneOf(ATTENDING))
    people = fields.List(fields.String())
    message = fields.String()
    letter = fields.String(metadata={"description": "By which the secretariat had it; else empty."})
    place = fields.String(validate=validate.OneOf(("given", "waiting", "none")))
    at = Instant()
    person = fields.String(metadata={"description": "Who replied; 'by the link' for the bearer of a mail's."})


class AttendanceAnswer(VersionedAnswer):
    """A briefing as those invited see it: what it is, until when and how many may reply, and their own reply. ``replies`` and the
    counts: all of them for the secretariat and the chair; for others their own alone, and the counts null. ``left``: places for who
    replies now; null without a limit."""

    briefing = fields.String()
    title = fields.String()
    starts_at = Instant()
    ends_at = Instant()
    place = fields.String()
    state = fields.String(validate=validate.OneOf(("announced", "held", "cancelled")))
    capacity = fields.Integer(allow_none=True)
    reply_by = Instant()
    open = fields.Boolean(metadata={"description": "Whether the asker can still reply."})
    left = fields.Integer(allow_none=True)
    replies = fields.List(fields.Nested(ReplyAnswer))
    coming = fields.Integer(allow_none=True, metadata={"description": "People with a place."})
    waiting = fields.Integer(allow_none=True, metadata={"description": "People on the waiting list."})
    regrets = fields.Integer(allow_none=True, metadata={"description": "Subscribers who do not come."})
    silent = fields.Integer(allow_none=True, metadata={"description": "Subscribers invited who have not replied."})


class ReplyToBriefing(Command):
    """A subscriber who was invited says whether it comes, and who: by the ``token`` of its mail, or by its own people (``subscriber``);
    the secretariat enters it for one from the ``letter`` it names. A later reply replaces the earlier one and keeps its turn unless it
    brings more people. ``people``: names, at least one for yes; of who does not come none is kept.

    Refused: who was not invited (as if there were no such briefing), after ``reply_by`` (but what the secretariat enters), for a
    briefing cancelled or begun, and more people than there is room for from who has places already, which it keeps."""

    answer = AttendanceAnswer
    briefing = Slug(required=True)
    subscriber = EntityCode(load_default=None, allow_none=True)
    token = Token(load_default=None, allow_none=True)
    attending = fields.String(required=True, validate=validate.OneOf(ATTENDING))
    people = many(Line(max=200, min=1), load_default=list, max=20)
    message = Text(load_default="", max=1_000)
    letter = Text(load_default="", max=500)

    @post_load
    def one_way(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        if (data["subscriber"] is None) == (data["token"] is None):
            raise ValidationError({"token": ["Either the token of a mail, or the subscriber."]})
        return data


class Attendance(Query):
    """A briefing and who comes. ``token``: of a mail, for its bearer's own reply."""

    answer = AttendanceAnswer
    briefing = Slug(required=True)
    token = Token(load_default=None, allow_none=True)


class AttendanceOpened(Event):
    """A briefing was announced, and those invited may reply: what it is, as of ``revision``. ``reply_by`` null: until it starts."""

    briefing = Slug(required=True)
    revision = fields.Integer(required=True)
    title = fields.String(required=True)
    kind = fields.String(required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    place = fields.String(required=True)
    pillars = fields.List(fields.String(), required=True)
    capacity = fields.Integer(required=True, allow_none=True)
    reply_by = Instant(required=True, allow_none=True)
    cancelled = fields.Boolean(required=True)


class AttendanceChanged(AttendanceOpened):
    """The briefing was changed or cancelled; replies stand. ``before``: the earlier values of what changed."""

    before = fields.Dict(keys=fields.String(), required=True)


class BriefingReplied(Event):
    """A subscriber replied, or ended, which gives up its places. ``coming``: people with a place as of now, over all. No names of people
    are in any event."""

    briefing = Slug(required=True)
    subscriber = EntityCode(required=True)
    attending = fields.String(required=True, validate=validate.OneOf(ATTENDING))
    people = fields.Integer(required=True)
    place = fields.String(required=True, validate=validate.OneOf(("given", "waiting", "none")))
    coming = fields.Integer(required=True)
    before = fields.Dict(keys=fields.String(), load_default=dict)
    letter = fields.String(load_default="")


class PlaceGiven(Event):
    """Someone withdrew, or there is more room: who waited has its places now. ``coming``: as of now, over all."""

    briefing = Slug(required=True)
    title = fields.String(required=True)
    starts_at = Instant(required=True)
    subscriber = EntityCode(required=True)
    people = fields.Integer(required=True)
    coming = fields.Integer(required=True)


class BriefingNear(Event):
    """The instant of a reminder has come, ``days`` before the start. ``reminds``: ``all`` (those who come, and those who have not said
    whether they do), ``coming`` (those alone, since replies are no longer taken), or ``none``, when it was too late to be of use."""

    briefing = Slug(required=True)
    starts_at = Instant(required=True)
    days = fields.Integer(required=True)
    reminds = fields.String(required=True, validate=validate.OneOf(("all", "coming", "none")))


class BriefingReminded(Event):
    """A briefing is near: those who come are reminded, and those who have not said yes or no asked (``silent``) while they still can.
    Of very many, several events name some each."""

    briefing = Slug(required=True)
    title = fields.String(required=True)
    starts_at = Instant(required=True)
    place = fields.String(required=True)
    days = fields.Integer(required=True)
    coming = many(EntityCode(), required=True, max=1_000)
    silent = many(EntityCode(), required=True, max=1_000)
