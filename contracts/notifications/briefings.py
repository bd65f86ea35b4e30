"""Who comes to a briefing: those invited reply by the link in their mail or on their page; places, a waiting list, reminders, the list."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from contracts.base import Command, EntityCode, Event, Instant, Line, Message, Query, Slug, Text, VersionedAnswer, many
from contracts.notifications.parts import ATTENDING, Token


class ReplyAnswer(Message):
    """What a subscriber replied. ``place``: ``given`` (all its people have one), ``waiting`` (in the order of replying, for as many as
    there are), or ``none`` for who does not come."""

    subscriber = EntityCode()
    name = fields.String()
    attending = fields.String(validate=validate.OneOf(ATTENDING))
    people = fields.List(fields.String())
    message = fields.String()
    place = fields.String(validate=validate.OneOf(("given", "waiting", "none")))
    at = Instant()
    person = fields.String(metadata={"description": "Who replied; 'by the link' for the bearer of a mail's."})


class AttendanceAnswer(VersionedAnswer):
    """A briefing as those invited see it: what it is, until when and how many may reply, and their own reply. ``replies`` and the
    counts: all of them for the secretariat and the chair; for others their own alone, and the counts null."""

    briefing = fields.String()
    title = fields.String()
    starts_at = Instant()
    ends_at = Instant()
    place = fields.String()
    state = fields.String(validate=validate.OneOf(("announced", "held", "cancelled")))
    capacity = fields.Integer(allow_none=True)
    reply_by = Instant()
    open = fields.Boolean(metadata={"description": "Whether one can still reply."})
    replies = fields.List(fields.Nested(ReplyAnswer))
    coming = fields.Integer(allow_none=True, metadata={"description": "People with a place."})
    waiting = fields.Integer(allow_none=True, metadata={"description": "People on the waiting list."})
    regrets = fields.Integer(allow_none=True, metadata={"description": "Subscribers who do not come."})
    silent = fields.Integer(allow_none=True, metadata={"description": "Subscribers invited who have not replied."})


class ReplyToBriefing(Command):
    """A subscriber who was invited says whether it comes, and who: by the ``token`` of its mail, or by its own people (``subscriber``);
    the secretariat enters it for one from the ``letter`` it names. A later reply replaces the earlier one and keeps its turn unless it
    brings more people. ``people``: names, at least one for yes.

    Refused: who was not invited (as if there were no such briefing), after ``reply_by``, for a briefing cancelled or begun."""

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


class BriefingReplied(Event):
    """A subscriber replied. ``coming``: people with a place as of now, over all. No names of people are in any event."""

    briefing = Slug(required=True)
    subscriber = EntityCode(required=True)
    attending = fields.String(required=True, validate=validate.OneOf(ATTENDING))
    people = fields.Integer(required=True)
    place = fields.String(required=True, validate=validate.OneOf(("given", "waiting", "none")))
    coming = fields.Integer(required=True)
    before = fields.Dict(keys=fields.String(), load_default=dict)
    letter = fields.String(load_default="")


class PlaceGiven(Event):
    """Someone withdrew, or there is more room: who waited has its places now."""

    briefing = Slug(required=True)
    title = fields.String(required=True)
    starts_at = Instant(required=True)
    subscriber = EntityCode(required=True)
    people = fields.Integer(required=True)


class BriefingReminded(Event):
    """A briefing is near: those who come are reminded, and those who have not replied asked (``silent``) while they still can."""

    briefing = Slug(required=True)
    title = fields.String(required=True)
    starts_at = Instant(required=True)
    place = fields.String(required=True)
    days = fields.Integer(required=True)
    coming = many(EntityCode(), required=True, max=1_000)
    silent = many(EntityCode(), required=True, max=1_000)
