"""What every service answers, whatever room it is: how it is, who did what, what went astray, and (in rehearsal) let the clock pass."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from contracts.base import Answer, Command, EntityCode, Instant, Message, Query, Text, many, page_of


class StatusAnswer(Answer):
    service = fields.String()
    instance = fields.String()
    rehearsal = fields.Boolean()
    pending = fields.Integer(metadata={"description": "Aggregates with events the relay has not yet sent"})
    due = fields.Integer(metadata={"description": "Technical work waiting to be done (deliveries), of any due instant"})
    events = fields.Integer(metadata={"description": "Events in the journal"})


class Status(Query):
    """How this service is: what waits to be sent and to be done."""

    answer = StatusAnswer


class TickAnswer(Answer):
    changed = fields.Integer(metadata={"description": "Aggregates that the clock changed"})


class Tick(Command):
    """Let the clock pass to an instant: everything due by then happens. Rehearsal only."""

    answer = TickAnswer
    to = Instant(required=True)


# ------------------------------------------------------------------ dead letters


def LetterId() -> fields.String:
    """The id of the event that a letter is; of one that cannot be read, one made of its bytes."""
    return fields.String(required=True, validate=validate.Length(min=1, max=300))


def DropReason() -> Text:
    return Text(required=True, max=500)


class LetterAnswer(Answer):
    """An event that no attempt could handle: what it is, and nothing of what it says."""

    id = fields.String()
    type = fields.String(metadata={"description": "Its CloudEvents type; empty where it has none that can be read."})
    subject = fields.String(allow_none=True)
    at = Instant(allow_none=True, metadata={"description": "When it happened."})
    attempts = fields.Integer()
    error = fields.String(metadata={"description": "The kind of the last error."})


class DeadLettersAnswer(Answer):
    """``count``: how many there are, no more than 500 being counted; ``items``: the first of them."""

    count = fields.Integer()
    items = many(LetterAnswer, max=200)


class DeadLetters(Query):
    """What this service could not handle; for the secretariat."""

    answer = DeadLettersAnswer
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=200))


class SendLetterAgain(Command):
    """The secretariat puts a dead letter back before its service, attempts counted anew."""

    id = LetterId()


class DropLetter(Command):
    """The secretariat takes a dead letter out; it is kept with the reason."""

    id = LetterId()
    reason = DropReason()


# ------------------------------------------------------------------ the trail


class TrailItem(Answer):
    """Something that happened: what, to what, when, and who led to it. What was said with it is not told."""

    id = fields.String()
    type = fields.String(metadata={"description": "Its CloudEvents type."})
    subject = fields.String(metadata={"description": "The thing it happened to: plan/2014."})
    sequence = fields.Integer(metadata={"description": "Which event of that thing it is, from 1."})
    at = Instant()
    person = fields.String()
    entity = fields.String(allow_none=True, metadata={"description": "The entity for which the person acted."})
    cause = fields.String(metadata={"description": "The order or event that led here."})
    correlation = fields.String(metadata={"description": "One for all that followed from a first order."})


class Trailing(Message):
    """What a trail is asked for; all of it narrows. ``since`` and ``until`` (exclusive) hold to the second."""

    subject = Text(load_default=None, allow_none=True, min=1, max=300)
    person = Text(load_default=None, allow_none=True, min=1, max=200)
    entity = EntityCode(load_default=None, allow_none=True)
    since = Instant(load_default=None, allow_none=True)
    until = Instant(load_default=None, allow_none=True)
    after = fields.String(load_default=None, allow_none=True, validate=validate.Length(min=1, max=400))
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=200))


class Trail(Trailing, Query):
    """What happened here, the newest first; for the secretariat. An event is there once it was sent, a moment after it happened."""

    answer = page_of(TrailItem, "TrailPage")


def position(item: Mapping[str, Any]) -> str:
    """The cursor of what comes after an item, in this service or in any: events of all services stand in one order."""
    return f"{item['at']} {item['sequence']} {item['id']}"
