"""What *documents* hears, answers and says: issue papers, information notes and joint statements, from proposal to publication.

A *text* is its sections in order, in Markdown; written whole (``# title``, then ``## heading`` and each section's text) it is what is
published, and the SHA-256 of exactly those bytes in UTF-8 is the *digest* that positions bind to. Nothing of a statement but its title
stands in any event before ``statement_issued``.
"""

import re
from datetime import date
from typing import Any

from marshmallow import ValidationError, fields, validate

from contracts.base import (
    MAX_TEXT,
    Answer,
    Command,
    Contract,
    Digest,
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
    Year,
    many,
    page_of,
)

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
WORDS = ("endorse", "no_objection", "object", "stand_aside", "recuse")
OUTCOMES = ("accepted", "accepted_in_part", "rejected")
PROCEDURES = ("express", "silence")
STOPPED = ("endorsement_withdrawn", "membership_ended", "new_revision", "not_endorsed")
CLEARANCE_STATES = ("open", "passed", "broken", "lapsed", "superseded")

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


# What stands in several messages ---------------------------------------------------------------------------------------------------------


class Deliverable(Message):
    """The deliverable of a workplan that this document is: when it is published, the deliverable is delivered."""

    year = Year(required=True)
    activity = Slug(required=True)
    deliverable = Slug(required=True)


class Section(Message):
    """One section of a text: a heading on one line, and Markdown whose own headings begin at the third level."""

    heading = Line(required=True, max=300)
    text = Text(required=True, max=MAX_TEXT, min=0)


class RevisionLine(Answer):
    """One revision in the list of a document's revisions."""

    number = fields.Integer()
    digest = Digest()
    title = fields.String()
    sections = fields.Integer(metadata={"description": "How many"})
    person = fields.String()
    entity = EntityCode()
    at = Instant()
    summary = fields.String()


class PositionAnswer(Answer):
    """An entity's word on one exact text. ``stale``: on a text that is no longer the one in question. ``word`` may also be
    ``withdrawn``, an endorsement taken back."""

    entity = EntityCode()
    word = fields.String()
    digest = Digest()
    at = Instant()
    person = fields.String()
    reasons = fields.String()
    proposal = fields.String()
    on_behalf = fields.Boolean(metadata={"description": "Entered by the secretariat from the letter named"})
    letter = fields.String()
    tacit = fields.Boolean(metadata={"description": "Recorded by the silence procedure itself"})
    stale = fields.Boolean()


class BoardRow(Answer):
    """One entity's row of the clearance board: its current word (null while it has not spoken), and all it ever said on this document."""

    entity = EntityCode()
    word = fields.String(allow_none=True)
    counts = fields.Boolean(metadata={"description": "Whether its word is awaited in the present clearance"})
    positions = many(PositionAnswer, max=1_000)


class ClearanceLine(Answer):
    """One run of the procedure over one text."""

    by = fields.String(validate=validate.OneOf(PROCEDURES))
    state = fields.String(validate=validate.OneOf(CLEARANCE_STATES))
    digest = Digest()
    revision = fields.Integer()
    opened_at = Instant()
    deadline = Instant(allow_none=True)
    settled_at = Instant(allow_none=True)
    counting = many(EntityCode())
    awaiting = many(EntityCode())


class Round(Answer):
    """One comment round. ``closed_at`` is null while it runs."""

    number = fields.Integer()
    opened_at = Instant()
    deadline = Instant()
    closed_at = Instant(allow_none=True)


class Tally(Answer):
    """How many comments were made, and how many wait for their disposition."""

    total = fields.Integer()
    open = fields.Integer()


class Presentation(Answer):
    """Where, when and on whose margins a publication was presented."""

    where = fields.String()
    when = fields.String()
    on_margins_of = fields.String()


class Withdrawal(Answer):
    at = Instant()
    person = fields.String()
    entity = EntityCode(allow_none=True)
    reason = fields.String()


# Answers ---------------------------------------------------------------------------------------------------------------------------------


class DocumentAnswer(VersionedAnswer):
    """One document as this reader may see it. Outside the Group that is what was published; the history of the text, the comments and
    the clearance are the Group's own, and absent."""

    id = Slug()
    kind = Kind()
    state = State()
    title = fields.String()
    summary = fields.String()
    language = Language()
    themes = many(fields.String())
    pillars = Pillars()
    deliverable = fields.Nested(Deliverable, allow_none=True)
    lead = EntityCode(allow_none=True)
    co_drafters = many(EntityCode())
    number = fields.Integer(allow_none=True, metadata={"description": "Number in the series of issue papers"})
    digest = Digest(allow_none=True, metadata={"description": "Of the current text; null while there is none"})
    occasion = fields.String(allow_none=True)
    issue_at = Instant(allow_none=True)
    signatories = many(EntityCode())
    published_at = Instant(allow_none=True, metadata={"description": "Null for past papers whose day nobody knows"})
    published_on = fields.String(allow_none=True, metadata={"description": "The date, as exactly as it is known"})
    url = fields.String()
    source = fields.String(allow_none=True, metadata={"description": "Where a past paper is attested"})
    link = fields.String(allow_none=True, metadata={"description": "Where a past paper can be read"})
    presentations = many(Presentation, max=1_000)
    # The Group's own:
    proposed_at = Instant()
    proposed_by = fields.String()
    revision = fields.Integer(metadata={"description": "Number of the current revision; 0 while there is none"})
    revisions = many(RevisionLine, max=10_000)
    comments = fields.Nested(Tally)
    rounds = many(Round, max=1_000)
    clearance = fields.Nested(ClearanceLine, allow_none=True)
    withdrawn = fields.Nested(Withdrawal, allow_none=True)
    may = many(fields.String(), metadata={"description": "Acts open in this state, to whoever has the right"})


class RevisionAnswer(RevisionLine):
    """One revision with its text, and the text written whole: the bytes its digest is of."""

    document = Slug()
    texts = many(Section, max=1_000)
    markdown = fields.String()


class Change(Answer):
    """A stretch of words both have (``equal``), or one of them (``deleted`` from the base, ``inserted`` in the other)."""

    op = fields.String(validate=validate.OneOf(("equal", "deleted", "inserted")))
    text = fields.String()


class SectionChange(Answer):
    """What became of one section: ``kept``, ``changed``, ``added`` or ``removed``."""

    heading = fields.String()
    op = fields.String(validate=validate.OneOf(("kept", "changed", "added", "removed")))
    changes = many(Change, max=100_000)
    exact = fields.Boolean(
        metadata={"description": "Whether it was compared to the last word; if not, long stretches stand as deleted and inserted whole"}
    )


class ComparisonAnswer(Answer):
    """Two revisions, section by section and word by word."""

    document = Slug()
    base = fields.Integer()
    other = fields.Integer()
    sections = many(SectionChange, max=2_000)


class Disposition(Answer):
    """The drafters' answer to a comment."""

    outcome = fields.String(validate=validate.OneOf(OUTCOMES))
    reason = fields.String()
    person = fields.String()
    entity = EntityCode()
    at = Instant()


class CommentAnswer(VersionedAnswer):
    """A comment on a passage, where that passage is now (``here``, ``moved`` to ``section_now``, or ``gone``), and its dispositions:
    the last one holds, earlier ones are kept."""

    document = Slug()
    number = fields.Integer()
    revision = fields.Integer()
    section = fields.Integer()
    heading = fields.String()
    quotation = fields.String()
    text = fields.String()
    person = fields.String()
    entity = EntityCode()
    at = Instant()
    passage = fields.String(validate=validate.OneOf(("here", "moved", "gone")))
    section_now = fields.Integer(allow_none=True)
    disposition = fields.Nested(Disposition, allow_none=True)
    dispositions = many(Disposition)


class ClearanceAnswer(VersionedAnswer):
    """The clearance board: the present run (null while there was none), the earlier ones, and entity by entity every position."""

    document = Slug()
    title = fields.String()
    kind = Kind()
    state = State()
    digest = Digest(allow_none=True)
    clearance = fields.Nested(ClearanceLine, allow_none=True)
    earlier = many(ClearanceLine, max=1_000)
    board = many(BoardRow, max=1_000)


class LibraryItem(Answer):
    """One publication, as anyone may see it."""

    id = Slug()
    kind = Kind()
    number = fields.Integer(allow_none=True)
    title = fields.String()
    summary = fields.String()
    occasion = fields.String(allow_none=True)
    signatories = many(EntityCode())
    language = Language()
    themes = many(fields.String())
    pillars = Pillars()
    digest = Digest(allow_none=True)
    published_at = Instant(allow_none=True)
    published_on = fields.String()
    url = fields.String()
    link = fields.String(allow_none=True)
    source = fields.String(allow_none=True)
    presentations = many(Presentation, max=1_000)


class AwaitedItem(Answer):
    """One thing that waits for an entity: of which document, where, until when, and what happens if nothing is done. ``kind`` is the
    order that would answer it, ``what`` and ``consequence`` say it in English; ``digest`` is of the text a position is asked on."""

    kind = fields.String()
    what = fields.String()
    title = fields.String()
    link = fields.String()
    deadline = Instant(allow_none=True)
    consequence = fields.String()
    digest = Digest(allow_none=True)


class AwaitingAnswer(Answer):
    """What awaits the entity, soonest first; what has no deadline last."""

    entity = EntityCode()
    items = many(AwaitedItem, max=1_000)


# Orders ----------------------------------------------------------------------------------------------------------------------------------


class Propose(Command):
    """A member, or the secretariat, proposes a document. A statement names its occasion and the instant at which it is to be issued;
    its signatories are the seats, and whoever joins."""

    answer = DocumentAnswer
    kind = Kind(required=True)
    title = Line(required=True, max=300)
    summary = Text(max=2_000, load_default="")
    lead = EntityCode(required=True)
    co_drafters = many(EntityCode(), max=40, load_default=list)
    deliverable = fields.Nested(Deliverable, load_default=None, allow_none=True)
    themes = many(Line(required=True, max=100), max=20, load_default=list)
    pillars = Pillars(load_default=list)
    language = Language(load_default="en")
    occasion = Line(max=300, load_default=None, allow_none=True)
    issue_at = Instant(load_default=None, allow_none=True)


class AgreeConcept(Command):
    """The chair records that the Group agreed the concept of a proposed issue paper."""

    answer = DocumentAnswer
    document = Slug(required=True)


class SaveRevision(Command):
    """A drafter saves the text whole. ``base`` is the number of the revision it was written upon (0 for the first): when another has been
    saved since, this one is refused with both texts and their difference. ``title``, when it changes with this revision."""

    answer = DocumentAnswer
    document = Slug(required=True)
    base = fields.Integer(required=True, strict=True, validate=validate.Range(min=0, max=HIGHEST))
    title = Line(max=300, load_default=None, allow_none=True, min=1)
    sections = fields.List(fields.Nested(Section), required=True, validate=validate.Length(min=1, max=1_000))
    summary = Text(required=True, max=500)


class OpenCommentRound(Command):
    """The chair asks the members for their comments until a deadline, fixed to the minute."""

    answer = DocumentAnswer
    document = Slug(required=True)
    deadline = Instant(required=True)


class Comment(Command):
    """A member comments on a passage: words quoted as they stand in one section (counted from 1) of one revision (the current one
    unless named)."""

    answer = CommentAnswer
    document = Slug(required=True)
    revision = fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(min=1, max=HIGHEST))
    section = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=HIGHEST))
    quotation = Text(required=True, max=2_000)
    text = Text(required=True, max=10_000)


class Dispose(Command):
    """A drafter answers a comment: accepted, accepted in part, or rejected with a reason. Given again, the last answer holds."""

    answer = CommentAnswer
    document = Slug(required=True)
    comment = fields.Integer(required=True, validate=validate.Range(min=1, max=HIGHEST))
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    reason = Text(max=5_000, load_default="")


class OpenClearance(Command):
    """The chair puts the current text before the entities: by express positions or by silence. ``issue_at`` gives a statement another
    instant than it had."""

    answer = DocumentAnswer
    document = Slug(required=True)
    by = fields.String(required=True, validate=validate.OneOf(PROCEDURES))
    deadline = Instant(load_default=None, allow_none=True)
    issue_at = Instant(load_default=None, allow_none=True)


class ExtendClearance(Command):
    """The chair gives more time, before the deadline has come."""

    answer = DocumentAnswer
    document = Slug(required=True)
    deadline = Instant(required=True)


class TakePosition(Command):
    """An entity gives its word on exactly the text with this digest. The secretariat names the entity it enters the position for, and the
    letter it came by."""

    answer = ClearanceAnswer
    document = Slug(required=True)
    digest = Digest(required=True)
    word = fields.String(required=True, validate=validate.OneOf(WORDS))
    reasons = Text(max=5_000, load_default="")
    proposal = Text(max=20_000, load_default="")
    on_behalf_of = EntityCode(load_default=None, allow_none=True)
    letter = Text(max=500, load_default="")


class JoinSignatories(Command):
    """A member of the Group without a seat joins the signatories of a statement before it is cleared."""

    answer = DocumentAnswer
    document = Slug(required=True)
    entity = EntityCode(required=True)


class WithdrawEndorsement(Command):
    """A signatory takes its endorsement of a cleared statement back, before the instant: the issue is stopped."""

    answer = ClearanceAnswer
    document = Slug(required=True)
    reason = Text(required=True, max=2_000)
    on_behalf_of = EntityCode(load_default=None, allow_none=True)
    letter = Text(max=500, load_default="")


class Publish(Command):
    """The chair publishes a cleared paper or note; an issue paper gets its number in the series."""

    answer = DocumentAnswer
    document = Slug(required=True)
    summary = Text(max=2_000, load_default=None, allow_none=True)


class EnterPublished(Command):
    """The secretariat enters an issue paper that was published before this record began, with the source that attests it. The first one
    says where the series begins; each further one must stand next to those known, so that the series has no hole."""

    answer = DocumentAnswer
    number = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=9_999))
    title = Line(required=True, max=300)
    summary = Text(max=2_000, load_default="")
    published_on = PartialDate(required=True)
    source = Line(required=True, max=500)
    link = fields.Url(load_default=None, allow_none=True, schemes={"https", "http"}, validate=validate.Length(max=500))
    language = Language(load_default="en")
    pillars = Pillars(load_default=list)
    themes = many(Line(required=True, max=100), max=20, load_default=list)


class Present(Command):
    """A publication was, or will be, presented: where, when, on whose margins."""

    answer = DocumentAnswer
    document = Slug(required=True)
    where = Line(required=True, max=200)
    when = PartialDate(required=True)
    on_margins_of = Line(max=300, load_default="")


class Withdraw(Command):
    """The lead, the chair or the secretariat withdraws a document before its publication, with a reason."""

    answer = DocumentAnswer
    document = Slug(required=True)
    reason = Text(required=True, max=2_000)


# Questions -------------------------------------------------------------------------------------------------------------------------------


class Documents(PageQuery):
    """Documents, the newest first: drafts for the Group, publications for everyone else."""

    answer = page_of(DocumentAnswer)
    kind = Kind(load_default=None, allow_none=True)
    state = State(load_default=None, allow_none=True)


class GetDocument(Query):
    """One document as the reader may see it."""

    answer = DocumentAnswer
    document = Slug(required=True)


class GetRevision(Query):
    """The text of one revision: the current one unless its number is given. Outside the Group, the published one alone."""

    answer = RevisionAnswer
    document = Slug(required=True)
    number = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(min=1, max=HIGHEST))


class CompareRevisions(Query):
    """Two revisions of one document, word by word."""

    answer = ComparisonAnswer
    document = Slug(required=True)
    base = fields.Integer(required=True, validate=validate.Range(min=1, max=HIGHEST))
    other = fields.Integer(required=True, validate=validate.Range(min=1, max=HIGHEST))


class Comments(PageQuery):
    """The comments on a document in the order they were made; ``open``: only those with, or without, their disposition."""

    answer = page_of(CommentAnswer)
    document = Slug(required=True)
    open = fields.Boolean(load_default=None, allow_none=True)


class Clearance(Query):
    """The clearance board of a document."""

    answer = ClearanceAnswer
    document = Slug(required=True)


class Library(PageQuery):
    """All that is published, the newest first, for everyone."""

    answer = page_of(LibraryItem)
    kind = Kind(load_default=None, allow_none=True)


class Awaiting(Query):
    """What waits for an entity in the documents' room: for its own people, and the secretariat."""

    answer = AwaitingAnswer
    entity = EntityCode(required=True)


# Facts -----------------------------------------------------------------------------------------------------------------------------------


class OfDocument(Message):
    """What every event of one document names. The title is the most it tells of a text that is not public."""

    document = Slug(required=True)
    title = fields.String(required=True)
    kind = Kind(required=True)


class Proposed(Event, OfDocument):
    """A document was proposed."""

    lead = EntityCode(required=True)
    co_drafters = many(EntityCode(), required=True)
    deliverable = fields.Nested(Deliverable, required=True, allow_none=True)


class ConceptAgreed(Event, OfDocument):
    """The Group agreed the concept of an issue paper."""


class RevisionSaved(Event, OfDocument):
    """An immutable revision of the text was saved; ``earlier`` is the digest of the one before."""

    number = fields.Integer(required=True)
    digest = Digest(required=True)
    entity = EntityCode(required=True)
    earlier = Digest(required=True, allow_none=True)


class CommentRoundOpened(Event, OfDocument):
    """The members are asked for their comments until the deadline."""

    number = fields.Integer(required=True)
    deadline = Instant(required=True)


class CommentRoundClosed(Event, OfDocument):
    """The deadline of a comment round came."""

    number = fields.Integer(required=True)
    comments = fields.Integer(required=True, metadata={"description": "How many there are on the document"})


class Commented(Event, OfDocument):
    """A member commented on a passage. Its words stand in no event, since they may quote an embargoed text."""

    comment = fields.Integer(required=True)
    entity = EntityCode(required=True)
    revision = fields.Integer(required=True)
    section = fields.Integer(required=True)
    digest = Digest(required=True, metadata={"description": "Of the comment's own words"})


class CommentDisposed(Event, OfDocument):
    """The drafters answered a comment; ``earlier`` is the outcome this one replaces."""

    comment = fields.Integer(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    earlier = fields.String(required=True, allow_none=True)


class OfClearance(OfDocument):
    """What every event of a clearance names."""

    digest = Digest(required=True)
    deadline = Instant(required=True, allow_none=True)
    counting = many(EntityCode(), required=True)
    by = fields.String(required=True, validate=validate.OneOf(PROCEDURES))


class ClearanceOpened(Event, OfClearance):
    """The text with this digest is before the entities that count, until the deadline."""


class ClearanceExtended(Event, OfClearance):
    """The chair moved the deadline; ``earlier`` is the one before."""

    earlier = Instant(required=True)


class ClearancePassed(Event, OfClearance):
    """The text is the Group's own. ``endorsed_by``: those who endorsed expressly."""

    endorsed_by = many(EntityCode(), required=True)


class ClearanceBroken(Event, OfClearance):
    """An entity's objection broke the silence, or an endorsement was taken back."""

    entity = EntityCode(required=True)


class ClearanceLapsed(Event, OfClearance):
    """The deadline of an express clearance came with words still missing."""

    awaiting = many(EntityCode(), required=True)


class ClearanceSuperseded(Event, OfClearance):
    """A new text made the positions stale, or the document was withdrawn."""


class PositionTaken(Event, OfDocument):
    """An entity gave its word on one exact text; ``earlier`` is the word it replaces. Reasons and proposals stand in no event."""

    digest = Digest(required=True)
    entity = EntityCode(required=True)
    word = fields.String(required=True, validate=validate.OneOf(WORDS))
    earlier = fields.String(required=True, allow_none=True)
    on_behalf = fields.Boolean(required=True)


class SignatoriesJoined(Event, OfDocument):
    """A member joined the signatories of a statement."""

    entity = EntityCode(required=True)


class EndorsementWithdrawn(Event, OfDocument):
    """A signatory took its endorsement back before the instant."""

    digest = Digest(required=True)
    entity = EntityCode(required=True)
    on_behalf = fields.Boolean(required=True)


class IssueRescheduled(Event, OfDocument):
    """A statement that comes before the entities is to be issued at another instant than ``earlier``."""

    issue_at = Instant(required=True)
    earlier = Instant(required=True, allow_none=True)


class IssueStopped(Event, OfDocument):
    """A statement will not be issued at its instant as things stand: the chair is told at once why, and by whose act."""

    issue_at = Instant(required=True)
    because = fields.String(required=True, validate=validate.OneOf(STOPPED))
    entities = many(
        EntityCode(), required=True, metadata={"description": "Who took back, changed the text, left the Group, or did not endorse"}
    )


class DepartureNoted(Event, OfDocument):
    """One that counts in a statement's clearance leaves the Group by its instant, or, with ``leaves_at`` null, after all does not."""

    entity = EntityCode(required=True)
    leaves_at = Instant(required=True, allow_none=True)
    earlier = Instant(required=True, allow_none=True)


class PublicationOrdered(Event, OfDocument):
    """An issue paper is to be published, irrevocably; it now takes its number in the series."""


class NumberAssigned(Event):
    """The series gave its next number to a document."""

    document = Slug(required=True)
    number = fields.Integer(required=True)


class PastPaperEntered(Event):
    """An issue paper from before this record was entered in the series."""

    document = Slug(required=True)
    number = fields.Integer(required=True)
    title = fields.String(required=True)
    summary = fields.String(required=True)
    published_on = fields.String(required=True)
    source = fields.String(required=True)
    link = fields.String(required=True, allow_none=True)
    language = Language(required=True)
    pillars = Pillars(required=True)
    themes = many(fields.String(), required=True)


class PastPaperRecorded(Event, OfDocument):
    """A past issue paper stands in the library. It is no news: nobody is told of a publication."""

    number = fields.Integer(required=True)
    published_on = fields.String(required=True)
    source = fields.String(required=True)


class Published(Event, OfDocument):
    """A paper or note is public."""

    number = fields.Integer(required=True, allow_none=True)
    summary = fields.String(required=True)
    at = Instant(required=True)
    digest = Digest(required=True)
    language = Language(required=True)
    url = fields.String(required=True, metadata={"description": "A path of the public site"})
    pillars = Pillars(required=True)
    lead = EntityCode(allow_none=True, load_default=None, metadata={"description": "Who led the drafting"})
    deliverable = fields.Nested(Deliverable, required=True, allow_none=True)


class StatementIssued(Event):
    """A joint statement is public from this instant: every signatory's endorsement of exactly this text stood."""

    document = Slug(required=True)
    title = fields.String(required=True)
    occasion = fields.String(required=True)
    at = Instant(required=True)
    digest = Digest(required=True, metadata={"description": "SHA-256 of ``text`` in UTF-8"})
    signatories = many(EntityCode(), required=True)
    text = fields.String(required=True, metadata={"description": "The whole, in Markdown"})
    language = Language(required=True)
    url = fields.String(required=True)
    pillars = Pillars(required=True)
    lead = EntityCode(allow_none=True, load_default=None, metadata={"description": "Who led the drafting"})
    deliverable = fields.Nested(Deliverable, required=True, allow_none=True)


class Presented(Event, OfDocument):
    """A publication was, or will be, presented."""

    number = fields.Integer(required=True, allow_none=True)
    where = fields.String(required=True)
    when = fields.String(required=True)
    on_margins_of = fields.String(required=True)


class Withdrawn(Event, OfDocument):
    """A document was withdrawn before its publication; its reason is the Group's own."""


contract = Contract("documents", __name__)
