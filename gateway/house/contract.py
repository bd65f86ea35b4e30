"""What the secretariat asks the gateway about the services themselves, one or all of them."""

from marshmallow import fields, validate

from contracts import platform
from contracts.base import Answer, Command, Query
from contracts.notifications import Tally
from contracts.subscriptions import PRODUCERS


def _service() -> fields.String:
    return fields.String(required=True, validate=validate.OneOf(PRODUCERS))


class DeadLetters(Query):
    """The events that a service could not handle, for the secretariat: what each is, and nothing of what it says."""

    answer = platform.DeadLettersAnswer
    service = _service()
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=200))


class SendLetterAgain(Command):
    """The secretariat puts a dead letter back before its service, attempts counted anew."""

    service = _service()
    id = platform.LetterId()


class DropLetter(Command):
    """The secretariat takes a dead letter out; it is kept with the reason, who took it out and when."""

    service = _service()
    id = platform.LetterId()
    reason = platform.DropReason()


class TrailItem(platform.TrailItem):
    """Something that happened: in which service, what, to what, when, and who led to it. What was said with it is not told."""

    service = fields.String()


class TrailAnswer(Answer):
    """``next``: the cursor of what came before. ``unavailable``: services that could not be asked now, whose part is missing."""

    items = fields.List(fields.Nested(TrailItem))
    next = fields.String(allow_none=True)
    unavailable = fields.List(fields.String())


class Trail(platform.Trailing, Query):
    """Who did what, in all services, the newest first; for the secretariat."""

    answer = TrailAnswer


class RoomAnswer(platform.StatusAnswer):
    """One service, as it says of itself, and how many dead letters it has. Both are null where it could not be asked now."""

    available = fields.Boolean()
    letters = fields.Integer(allow_none=True)


class HouseAnswer(Answer):
    """``people``: accounts by status; ``rooms``: each service by name; ``deliveries``: how the newest stand, null where notifications could
    not be asked now."""

    people = fields.Dict(keys=fields.String(), values=fields.Integer())
    rooms = fields.Dict(keys=fields.String(), values=fields.Nested(RoomAnswer))
    deliveries = fields.Nested(Tally, allow_none=True)


class House(Query):
    """What waits for whoever runs the house, at one glance; for the secretariat."""

    answer = HouseAnswer
