"""Comments on passages of the text, and what the drafters answer.

A passage is told by what it says and where: the words quoted, the section and revision they stand in, the place of the first of them, and
the words before and after (as the selectors of the W3C Web Annotation Data Model do), so that it is found again in later revisions.
"""

from marshmallow import fields, validate

from contracts.base import Answer, Command, Digest, EntityCode, Event, Instant, PageQuery, Query, Slug, Text, VersionedAnswer, many, page_of
from contracts.documents.document import DocumentAnswer
from contracts.documents.parts import Number, OfDocument
from contracts.documents.text import SectionId

OUTCOMES = ("accepted", "accepted_in_part", "rejected")
PASSAGES = ("here", "moved", "changed", "gone")

# Answers ----------------------------------------------------------------------------------------------------------------------------------


class Disposition(Answer):
    """The drafters' answer to a comment."""

    outcome = fields.String(validate=validate.OneOf(OUTCOMES))
    reason = fields.String()
    person = fields.String()
    entity = EntityCode()
    at = Instant()


class Reply(Answer):
    """A word in the thread under a comment."""

    text = fields.String()
    person = fields.String()
    entity = EntityCode(allow_none=True)
    at = Instant()


class CommentAnswer(VersionedAnswer):
    """A comment on a passage; where that passage is now: ``here`` in its section, wherever that stands, ``moved`` to another, ``changed``
    (some of its words are, and ``quotation_now`` says how it reads) or ``gone``; the thread of replies; and its dispositions: the last
    one holds, earlier ones are kept. ``start``: characters before the passage in its section's text, runs of spaces counted as one."""

    document = Slug()
    number = fields.Integer()
    revision = fields.Integer()
    section = fields.Integer(metadata={"description": "The section's place in that revision, from 1"})
    section_id = SectionId()
    heading = fields.String()
    quotation = fields.String()
    start = fields.Integer()
    text = fields.String()
    person = fields.String()
    entity = EntityCode()
    at = Instant()
    passage = fields.String(validate=validate.OneOf(PASSAGES))
    section_now = fields.Integer(allow_none=True)
    section_id_now = SectionId(allow_none=True)
    start_now = fields.Integer(allow_none=True)
    quotation_now = fields.String(allow_none=True)
    replies = many(Reply, max=1_000)
    disposition = fields.Nested(Disposition, allow_none=True)
    dispositions = many(Disposition, max=1_000)


# Orders -----------------------------------------------------------------------------------------------------------------------------------


class OpenCommentRound(Command):
    """The chair asks the members for their comments until a deadline, fixed to the minute."""

    answer = DocumentAnswer
    document = Slug(required=True)
    deadline = Instant(required=True)


class Comment(Command):
    """A member comments on a passage: words quoted from one section (counted from 1) of one revision (the current one unless named), as
    they are read there, or as they are written with the marks of Markdown. ``start`` tells which of several equal passages is meant: the
    first from there on; without it there must be no other."""

    answer = CommentAnswer
    document = Slug(required=True)
    revision = Number(load_default=None, allow_none=True)
    section = Number(required=True)
    quotation = Text(required=True, max=2_000)
    start = fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(min=0, max=10_000_000))
    text = Text(required=True, max=10_000)


class ReplyToComment(Command):
    """A member, or a drafter, says something in the thread under a comment."""

    answer = CommentAnswer
    document = Slug(required=True)
    comment = Number(required=True, strict=False)
    text = Text(required=True, max=10_000)


class Dispose(Command):
    """A drafter answers a comment: accepted, accepted in part, or rejected with a reason. Given again, the last answer holds."""

    answer = CommentAnswer
    document = Slug(required=True)
    comment = Number(required=True, strict=False)
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    reason = Text(max=5_000, load_default="")


# Questions --------------------------------------------------------------------------------------------------------------------------------


class Comments(PageQuery):
    """The comments on a document in the order they were made; ``open``: only those without (or with) their disposition; of one entity; on
    one section as it is named through all revisions."""

    answer = page_of(CommentAnswer)
    document = Slug(required=True)
    open = fields.Boolean(load_default=None, allow_none=True)
    entity = EntityCode(load_default=None, allow_none=True)
    section_id = SectionId(load_default=None, allow_none=True)


class GetComment(Query):
    """One comment with its thread."""

    answer = CommentAnswer
    document = Slug(required=True)
    comment = Number(required=True, strict=False)


# Facts ------------------------------------------------------------------------------------------------------------------------------------


class CommentRoundOpened(Event, OfDocument):
    """The members are asked for their comments until the deadline."""

    number = fields.Integer(required=True)
    deadline = Instant(required=True)
    asked = many(EntityCode(), load_default=list, metadata={"description": "Whose comments are awaited"})


class CommentRoundClosed(Event, OfDocument):
    """The deadline of a comment round came."""

    number = fields.Integer(required=True)
    comments = fields.Integer(required=True, metadata={"description": "How many there are on the document"})


class Commented(Event, OfDocument):
    """A member commented on a passage. Its words stand in no event, since they may quote an embargoed text: ``digest`` names them."""

    comment = fields.Integer(required=True)
    entity = EntityCode(required=True)
    revision = fields.Integer(required=True)
    section = fields.Integer(required=True)
    digest = Digest(required=True, metadata={"description": "Of the comment's own words and the passage they are on"})


class CommentReplied(Event, OfDocument):
    """Someone replied to a comment; the ``digest`` names the words."""

    comment = fields.Integer(required=True)
    entity = EntityCode(required=True, allow_none=True)
    digest = Digest(required=True)


class CommentDisposed(Event, OfDocument):
    """The drafters answered a comment; ``earlier`` is the outcome this one replaces, the ``digest`` names the reason."""

    comment = fields.Integer(required=True)
    entity = EntityCode(load_default=None, allow_none=True)
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    earlier = fields.String(required=True, allow_none=True)
    digest = Digest(load_default=None, allow_none=True)
