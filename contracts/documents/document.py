"""A document as a whole: what is seen of it, its proposal, its drafters, its withdrawal."""

from marshmallow import fields, validate

from contracts.base import (
    PILLARS,
    Answer,
    Command,
    Digest,
    EntityCode,
    Event,
    Instant,
    Language,
    Line,
    PageQuery,
    Pillars,
    Query,
    Slug,
    Text,
    VersionedAnswer,
    many,
    page_of,
)
from contracts.documents.parts import Deliverable, Kind, OfDocument, State

PROCEDURES = ("express", "silence")
CLEARANCE_STATES = ("open", "passed", "broken", "lapsed", "superseded")
LANGUAGE_STATES = ("current", "lagging")
STEPS = ("first_draft", "comments", "final_text", "clearance_opened", "cleared", "languages", "issued")

# What is seen -----------------------------------------------------------------------------------------------------------------------------


class RevisionLine(Answer):
    """One revision in the list of a document's revisions."""

    number = fields.Integer()
    digest = Digest()
    title = fields.String()
    sections = fields.Integer(metadata={"description": "How many"})
    person = fields.String()
    entity = EntityCode(allow_none=True)
    at = Instant()
    summary = fields.String()
    corrigendum = fields.Boolean(metadata={"description": "Whether it corrects the published text"})


class Round(Answer):
    """One comment round. ``closed_at`` is null while it runs; ``asked``: whose comments are awaited, ``heard``: who made some in it."""

    number = fields.Integer()
    opened_at = Instant()
    deadline = Instant()
    closed_at = Instant(allow_none=True)
    asked = many(EntityCode())
    heard = many(EntityCode())


class Tally(Answer):
    """How many comments were made, and how many wait for their disposition."""

    total = fields.Integer()
    open = fields.Integer()


class PassingRule(Answer):
    """What makes a text the Group's own: the ``procedures`` that may be used, who ``counts`` (the seats, or all members; of a statement
    also whoever joined), which words pass and which block, and how many hours a silence lasts at least. Held as data for each kind."""

    kind = Kind()
    procedures = many(fields.String(validate=validate.OneOf(PROCEDURES)))
    counts = fields.String(validate=validate.OneOf(("seats", "members")))
    passing = many(fields.String())
    blocking = many(fields.String())
    minimum_hours = fields.Integer()


class ClearanceLine(Answer):
    """One run of the procedure over one text, by the passing rule as it stood when it was opened: who ``counts``, what passes and blocks,
    and how long a silence lasted at least."""

    by = fields.String(validate=validate.OneOf(PROCEDURES))
    counts = fields.String(validate=validate.OneOf(("seats", "members")))
    passing = many(fields.String())
    blocking = many(fields.String())
    minimum_hours = fields.Integer()
    state = fields.String(validate=validate.OneOf(CLEARANCE_STATES))
    digest = Digest()
    revision = fields.Integer()
    opened_at = Instant()
    deadline = Instant(allow_none=True)
    settled_at = Instant(allow_none=True)
    counting = many(EntityCode())
    awaiting = many(EntityCode())


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


class Corrigendum(Answer):
    """A correction of the published text: the ``revision`` that has it, and what it corrects."""

    number = fields.Integer()
    revision = fields.Integer()
    digest = Digest()
    at = Instant()
    note = fields.String()
    entity = EntityCode(allow_none=True)


class LanguageLine(Answer):
    """The version in one other language. ``revision``: of the original, the newest that any of it was made of; ``state``: ``lagging``
    while ``behind`` sections of the original are newer, missing or gone. ``published_at``: null while it is not public."""

    language = Language()
    number = fields.Integer(metadata={"description": "Of this version's own revisions, from 1"})
    revision = fields.Integer()
    digest = Digest()
    title = fields.String()
    state = fields.String(validate=validate.OneOf(LANGUAGE_STATES))
    behind = fields.Integer()
    at = Instant()
    person = fields.String()
    entity = EntityCode(allow_none=True)
    published_at = Instant(allow_none=True)


class FormatLink(Answer):
    """One format of one language of a publication, and the path at which it is had."""

    language = Language()
    format = fields.String()
    url = fields.String()


class AttachmentLine(Answer):
    """A file beside the document: its name, media type (found from its bytes), size in bytes and SHA-256."""

    id = Slug()
    name = fields.String()
    media_type = fields.String()
    size = fields.Integer()
    digest = Digest()
    public = fields.Boolean(metadata={"description": "Whether it is published with the document"})
    description = fields.String()
    person = fields.String()
    entity = EntityCode(allow_none=True)
    at = Instant()


class Step(Answer):
    """One step of a statement's timetable: ``due`` is worked out backwards from the instant of issue; ``done_at`` null until it is
    done."""

    step = fields.String(validate=validate.OneOf(STEPS))
    due = Instant()
    done_at = Instant(allow_none=True)
    late = fields.Boolean(metadata={"description": "Due, and not done"})


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
    published_revision = fields.Integer(allow_none=True, metadata={"description": "The revision that was published; null before"})
    corrigenda = many(Corrigendum, max=1_000)
    languages = many(LanguageLine, metadata={"description": "Versions in other languages; outside the Group, those that are public"})
    formats = many(FormatLink, max=100, metadata={"description": "Where the published text can be had; empty before"})
    attachments = many(AttachmentLine, max=200, metadata={"description": "Outside the Group, those that are public"})
    citation = fields.String(allow_none=True, metadata={"description": "How the publication is quoted; null before"})
    # The Group's own:
    proposed_at = Instant()
    proposed_by = fields.String()
    revision = fields.Integer(metadata={"description": "Number of the current revision; 0 while there is none"})
    revisions = many(RevisionLine, max=20, metadata={"description": "The latest twenty, the newest last; all of them in pages"})
    languages_awaited = many(Language(), max=6, metadata={"description": "The publication waits for these"})
    timetable = many(Step, max=20, metadata={"description": "Of a statement: worked out backwards from its instant"})
    comments = fields.Nested(Tally)
    rounds = many(Round, max=1_000)
    passing_rule = fields.Nested(PassingRule, allow_none=True, metadata={"description": "By which the next clearance will pass"})
    clearance = fields.Nested(ClearanceLine, allow_none=True)
    withdrawn = fields.Nested(Withdrawal, allow_none=True)
    may = many(fields.String(), metadata={"description": "Acts open in this state to whoever asks"})


CONSEQUENCES = (
    "silence_no_objection",
    "statement_unspoken",
    "text_uncleared",
    "round_closes",
    "clearance_waits",
    "nothing_written",
    "languages_missing",
    "drafting_waits",
    "stays_unseen",
    "statement_stopped",
    "statement_unendorsed",
)
"""What comes of it when nothing is done, each said in full in ``consequence``."""


class AwaitedItem(Answer):
    """One thing that waits for an entity: of which document, where, until when, and what happens if nothing is done. ``kind`` is the
    order that would answer it, ``consequence_code`` the stable word for what happens, ``what`` and ``consequence`` say both in English;
    ``digest`` is of the text a position is asked on."""

    kind = fields.String()
    what = fields.String()
    title = fields.String()
    link = fields.String()
    deadline = Instant(allow_none=True)
    consequence = fields.String()
    consequence_code = fields.String(validate=validate.OneOf(CONSEQUENCES))
    digest = Digest(allow_none=True)


class AwaitingAnswer(Answer):
    """What awaits the entity, soonest first; what has no deadline last."""

    entity = EntityCode()
    items = many(AwaitedItem, max=1_000)


# Orders -----------------------------------------------------------------------------------------------------------------------------------


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


class ChangeDrafters(Command):
    """The lead, the chair or the secretariat says who drafts: the lead, and with whom. What is not given stays as it is."""

    answer = DocumentAnswer
    document = Slug(required=True)
    lead = EntityCode(load_default=None, allow_none=True)
    co_drafters = many(EntityCode(), max=40, load_default=None, allow_none=True)


class Describe(Command):
    """The lead, the chair or the secretariat says what a document belongs to: which deliverable of a workplan it is, which pillars and
    themes it is on. What is not given stays as it is."""

    answer = DocumentAnswer
    document = Slug(required=True)
    deliverable = fields.Nested(Deliverable, load_default=None, allow_none=True)
    themes = many(Line(required=True, max=100), max=20, load_default=None, allow_none=True)
    pillars = Pillars(load_default=None, allow_none=True)


class Withdraw(Command):
    """The lead, the chair or the secretariat withdraws a document before its publication, with a reason."""

    answer = DocumentAnswer
    document = Slug(required=True)
    reason = Text(required=True, max=2_000)


# Questions --------------------------------------------------------------------------------------------------------------------------------


class Documents(PageQuery):
    """Documents, the newest first: drafts for the Group, publications for everyone else."""

    answer = page_of(DocumentAnswer)
    kind = Kind(load_default=None, allow_none=True)
    state = State(load_default=None, allow_none=True)
    pillar = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(PILLARS))
    theme = Line(max=100, load_default=None, allow_none=True)


class GetDocument(Query):
    """One document as the reader may see it."""

    answer = DocumentAnswer
    document = Slug(required=True)


class Awaiting(Query):
    """What waits for an entity in the documents' room: for its own people, and the secretariat."""

    answer = AwaitingAnswer
    entity = EntityCode(required=True)


# Facts ------------------------------------------------------------------------------------------------------------------------------------


class Proposed(Event, OfDocument):
    """A document was proposed."""

    lead = EntityCode(required=True)
    co_drafters = many(EntityCode(), required=True)
    deliverable = fields.Nested(Deliverable, required=True, allow_none=True)


class ConceptAgreed(Event, OfDocument):
    """The Group agreed the concept of an issue paper."""


class DraftersChanged(Event, OfDocument):
    """Others draft than before."""

    lead = EntityCode(required=True)
    co_drafters = many(EntityCode(), required=True)
    earlier_lead = EntityCode(required=True, allow_none=True)
    earlier_co_drafters = many(EntityCode(), required=True)


class Described(Event, OfDocument):
    """A document belongs to something else than before."""

    deliverable = fields.Nested(Deliverable, required=True, allow_none=True)
    themes = many(fields.String(), required=True)
    pillars = Pillars(required=True)
    earlier_deliverable = fields.Nested(Deliverable, required=True, allow_none=True)
    earlier_themes = many(fields.String(), required=True)
    earlier_pillars = Pillars(required=True)


class Reminded(Event, OfDocument):
    """A deadline comes near, or a step of a statement's timetable is overdue, and these entities have yet to do their part.
    ``about``: ``comments``, ``position`` or ``timetable`` (then ``step`` names it); ``days``: whole days to the deadline."""

    about = fields.String(required=True, validate=validate.OneOf(("comments", "position", "timetable")))
    step = fields.String(required=True, allow_none=True, validate=validate.OneOf(STEPS))
    deadline = Instant(required=True)
    days = fields.Integer(required=True)
    entities = many(EntityCode(), required=True)


class Withdrawn(Event, OfDocument):
    """A document was withdrawn before its publication; its reason is the Group's own."""
