"""How a text becomes the Group's own: clearance, positions, signatories, the certificate."""

from marshmallow import fields, validate

from contracts.base import Answer, Command, Digest, EntityCode, Event, Instant, Query, Slug, Text, VersionedAnswer, many
from contracts.documents.document import PROCEDURES, ClearanceLine, DocumentAnswer, PassingRule
from contracts.documents.parts import Kind, OfDocument, State

WORDS = ("endorse", "no_objection", "object", "stand_aside", "recuse")
STOPPED = ("endorsement_withdrawn", "membership_ended", "new_revision", "not_endorsed")

# Answers ----------------------------------------------------------------------------------------------------------------------------------


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
    letter_attachment = Slug(allow_none=True, metadata={"description": "The letter itself, attached to the document"})
    revision = fields.Integer(metadata={"description": "The revision it was on"})
    stale = fields.Boolean()


class BoardRow(Answer):
    """One entity's row of the clearance board: its current word (null while it has not spoken), and all it ever said on this document."""

    entity = EntityCode()
    word = fields.String(allow_none=True)
    counts = fields.Boolean(metadata={"description": "Whether its word is awaited in the present clearance"})
    positions = many(PositionAnswer, max=1_000)


class BoardColumn(Answer):
    """One text that was put before the entities, and how that ended."""

    revision = fields.Integer()
    digest = Digest()
    opened_at = Instant()
    state = fields.String()


class ClearanceAnswer(VersionedAnswer):
    """The clearance board: the present run (null while there was none), the earlier ones, and entity by entity every position.
    ``withheld``: by the act that is answered here the statement came under embargo, and it is not there until its instant for whoever
    did it, since their entity does not sign."""

    document = Slug()
    title = fields.String()
    kind = Kind()
    state = State()
    digest = Digest(allow_none=True)
    clearance = fields.Nested(ClearanceLine, allow_none=True)
    earlier = many(ClearanceLine, max=1_000)
    texts = many(BoardColumn, max=1_000, metadata={"description": "The texts that were in clearance, oldest first: the columns"})
    board = many(BoardRow, max=1_000, metadata={"description": "The rows"})
    withheld = fields.Boolean(metadata={"description": "Whether whoever asked is shown it here for the last time before its instant"})


class PassingRulesAnswer(VersionedAnswer):
    """The passing rules of all kinds of document. ``may_set``: the kinds whose rule whoever asks may set; a statement's is nobody's."""

    rules = many(PassingRule)
    may_set = many(Kind())


class CertifiedPosition(Answer):
    """What an entity said, on the certificate: its word, when, and whether it was said by silence or entered from a letter. Persons and
    reasons stay the Group's own."""

    entity = EntityCode()
    word = fields.String()
    at = Instant()
    tacit = fields.Boolean()
    on_behalf = fields.Boolean()


class CertificateAnswer(Answer):
    """Who cleared which text, and when: attached to a publication, for everyone. ``digest`` is the SHA-256 of the text that was cleared;
    ``published_digest`` of the text as it was published, which is the same."""

    document = Slug()
    kind = Kind()
    title = fields.String()
    number = fields.Integer(allow_none=True)
    language = fields.String()
    digest = Digest()
    revision = fields.Integer()
    by = fields.String(validate=validate.OneOf(PROCEDURES))
    opened_at = Instant()
    deadline = Instant(allow_none=True)
    passed_at = Instant()
    minimum_hours = fields.Integer()
    counting = many(EntityCode())
    positions = many(CertifiedPosition, max=1_000)
    signatories = many(EntityCode())
    published_at = Instant(allow_none=True)
    published_digest = Digest(allow_none=True)
    corrected = many(
        fields.Integer(),
        max=1_000,
        metadata={"description": "The revisions by which the chair corrected it since, one for each corrigendum"},
    )
    url = fields.String()


# Orders -----------------------------------------------------------------------------------------------------------------------------------


class SetPassingRule(Command):
    """The chair, or the secretariat for it, sets how documents of one kind become the Group's own from now on; a clearance that runs
    keeps its rule. What is not given stays as it is. A statement always needs every signatory's endorsement: that is no rule to be
    set."""

    answer = PassingRulesAnswer
    kind = Kind(required=True)
    procedures = many(fields.String(validate=validate.OneOf(PROCEDURES)), max=2, load_default=None, allow_none=True)
    counts = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(("seats", "members")))
    passing = many(fields.String(validate=validate.OneOf(WORDS)), max=5, load_default=None, allow_none=True)
    blocking = many(fields.String(validate=validate.OneOf(WORDS)), max=5, load_default=None, allow_none=True)
    minimum_hours = fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(min=1, max=2_160))


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
    letter_attachment = Slug(load_default=None, allow_none=True)


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
    letter_attachment = Slug(load_default=None, allow_none=True)


# Questions --------------------------------------------------------------------------------------------------------------------------------


class Clearance(Query):
    """The clearance board of a document."""

    answer = ClearanceAnswer
    document = Slug(required=True)


class PassingRules(Query):
    """How documents of each kind become the Group's own."""

    answer = PassingRulesAnswer


class Certificate(Query):
    """The certificate of the clearance that the present text passed: for everyone once it is public."""

    answer = CertificateAnswer
    document = Slug(required=True)


# Facts ------------------------------------------------------------------------------------------------------------------------------------


class PassingRuleSet(Event):
    """Documents of this kind become the Group's own in another way; ``earlier`` is the rule before."""

    kind = Kind(required=True)
    rule = fields.Nested(PassingRule, required=True)
    earlier = fields.Nested(PassingRule, required=True)


class OfClearance(OfDocument):
    """What every event of a clearance names."""

    digest = Digest(required=True)
    deadline = Instant(required=True, allow_none=True)
    counting = many(EntityCode(), required=True)
    by = fields.String(required=True, validate=validate.OneOf(PROCEDURES))
    drafters = many(EntityCode(), load_default=list, metadata={"description": "The lead and the co-drafters, whom it concerns too"})


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
    drafters = many(EntityCode(), load_default=list, metadata={"description": "The lead and the co-drafters, whom it concerns too"})


class DepartureNoted(Event, OfDocument):
    """One that counts in a statement's clearance leaves the Group by its instant, or, with ``leaves_at`` null, after all does not."""

    entity = EntityCode(required=True)
    leaves_at = Instant(required=True, allow_none=True)
    earlier = Instant(required=True, allow_none=True)
