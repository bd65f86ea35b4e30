"""What the parts of this contract have in common."""

import re
from datetime import date
from typing import Any

from marshmallow import ValidationError, fields, validate

from contracts.base import Message, Slug, Year

KINDS = ("issue_paper", "information_note", "joint_statement")
STATES = (
    "proposed",
    "concept_agreed",
    "drafting",
    "comment_round",
    "clearance",
    "cleared",
    "cleared_under_embargo",
    "publishing",
    "published",
    "presented",
    "issued",
    "withdrawn",
)

HIGHEST = 1_000_000
"""No revision, section or comment is asked for by a higher number: one without end would be none the store can hold."""


def Kind(**kwargs: Any) -> fields.String:
    """One of the three kinds of document."""
    return fields.String(validate=validate.OneOf(KINDS), **kwargs)


def State(**kwargs: Any) -> fields.String:
    """Where a document stands in its life cycle."""
    return fields.String(validate=validate.OneOf(STATES), **kwargs)


class PartialDate(fields.String):
    """A date as exactly as it is known: ``2012``, ``2014-10`` or ``2014-10-07``."""

    def _deserialize(self, value, attr, data, **kwargs):
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            if not re.fullmatch(r"(19|20|21)\d\d(-\d\d(-\d\d)?)?", text, re.ASCII):
                raise ValueError(text)
            date.fromisoformat(text + "-01-01"[len(text) - 4 :])
        except ValueError:
            raise ValidationError("A date is written as exactly as it is known: 2012, 2014-10 or 2014-10-07.") from None
        return text


class Deliverable(Message):
    """The deliverable of a workplan that this document is: when it is published, the deliverable is delivered."""

    year = Year(required=True)
    activity = Slug(required=True)
    deliverable = Slug(required=True)


class OfDocument(Message):
    """What every event of one document names. The title is the most it tells of a text that is not public."""

    document = Slug(required=True)
    title = fields.String(required=True)
    kind = Kind(required=True)


class Note(Message):
    """Something that was not understood, or left out, while a file was read: where, and what."""

    where = fields.String(required=True, validate=validate.Length(max=200))
    what = fields.String(required=True, validate=validate.Length(max=500))


def Number(*, strict: bool = True, **kwargs: Any) -> fields.Integer:
    """The number of a revision, a comment, a section in its order: from one. Not ``strict`` where it stands in a path or a query string."""
    return fields.Integer(strict=strict, validate=validate.Range(min=1, max=HIGHEST), **kwargs)


def Base(*, strict: bool = True, **kwargs: Any) -> fields.Integer:
    """The number of the revision a text was written upon; 0 for the first."""
    return fields.Integer(required=True, strict=strict, validate=validate.Range(min=0, max=HIGHEST), **kwargs)
