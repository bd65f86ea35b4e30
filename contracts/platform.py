"""What every service answers, whatever room it is: how it is, and (in rehearsal) let the clock pass."""

from marshmallow import fields

from contracts.base import Answer, Command, Instant, Query


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
