"""What workplan says and hears: the year's plan, its activities, adoption and amendments, and the briefings for missions.

An activity, a briefing and an amendment are named by an identifier of the caller's choice, or by one made for them.
In a change, a field that is not given stays as it is.
"""

from marshmallow import fields, validate

from contracts.base import (
    PILLARS,
    Answer,
    Command,
    Contract,
    Digest,
    EntityCode,
    Event,
    Instant,
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
from services.kernel.clearance import WORDS

PLAN_STATES = ("draft", "consultation", "adoption", "in_force", "closed")
STATUSES = ("planned", "under_way", "delivered", "late", "cancelled")
DELIVERABLE_KINDS = ("document", "meeting", "briefing", "outcome")
BRIEFING_KINDS = ("consultation", "briefing", "side_event", "presentation")
AMENDMENT_KINDS = ("add", "change", "drop")


def Word(**kwargs) -> fields.String:
    """A position: endorse, no_objection, object, stand_aside or recuse."""
    return fields.String(validate=validate.OneOf(WORDS), **kwargs)


def Procedure(**kwargs) -> fields.String:
    """How a body clears: by ``express`` positions, or by ``silence`` until a deadline."""
    return fields.String(validate=validate.OneOf(("express", "silence")), **kwargs)


def Paragraphs(**kwargs) -> fields.List:
    """Paragraphs of the Global Plan of Action, 1 to 61 (A/RES/64/293, annex)."""
    return many(fields.Integer(strict=True, validate=validate.Range(min=1, max=61)), max=61, **kwargs)


# What is asked ------------------------------------------------------------------------------------------------------


class DeliverableWording(Message):
    """What an activity promises. ``kind``: a document is delivered by its publication, the other kinds by a report."""

    id = Slug(load_default=None, allow_none=True)
    kind = fields.String(required=True, validate=validate.OneOf(DELIVERABLE_KINDS))
    title = Text(required=True, max=300)
    due = Instant(load_default=None, allow_none=True)
    due_reason = Text(load_default="", max=500, metadata={"description": "Why it is due outside the plan's year."})


class MilestoneWording(Message):
    """A step on the way, with the instant it is due."""

    id = Slug(load_default=None, allow_none=True)
    title = Text(required=True, max=300)
    due = Instant(required=True)
    due_reason = Text(load_default="", max=500, metadata={"description": "Why it is due outside the plan's year."})


class ActivityWording(Message):
    """An activity's substance; what is not given stays as it is."""

    title = Text(load_default=None, allow_none=True, max=300, min=1)
    lead = EntityCode(load_default=None, allow_none=True)
    contributors = many(EntityCode(), load_default=None, allow_none=True)
    pillars = Pillars(load_default=None, allow_none=True)
    paragraphs = Paragraphs(load_default=None, allow_none=True)
    objective = Text(load_default=None, allow_none=True, max=10_000)
    deliverables = many(DeliverableWording, load_default=None, allow_none=True)
    milestones = many(MilestoneWording, load_default=None, allow_none=True)


class DeliverableRef(Message):
    """One deliverable of one activity of a year's plan."""

    year = Year(required=True)
    activity = Slug(required=True)
    deliverable = Slug(required=True)


class Paper(Message):
    """A paper of a briefing: its title and where it is read."""

    title = Text(required=True, max=300)
    url = fields.String(required=True, validate=validate.Length(min=1, max=500))


# Answers ------------------------------------------------------------------------------------------------------------


class PassingRuleView(Message):
    """The body's passing rule: which words satisfy, which block, and the shortest silence in hours."""

    passing = fields.List(Word())
    blocking = fields.List(Word())
    minimum_hours = fields.Integer()


class DeliverableView(Message):
    """A deliverable; ``delivered_at`` is null while it is owed. ``evidence``: what delivered it."""

    id = fields.String()
    kind = fields.String()
    title = fields.String()
    due = Instant(allow_none=True)
    due_reason = fields.String()
    delivered_at = Instant(allow_none=True)
    evidence = fields.Dict(keys=fields.String(), allow_none=True)
    late = fields.Boolean()


class MilestoneView(Message):
    """A milestone; ``met_at`` is null while it is open."""

    id = fields.String()
    title = fields.String()
    due = Instant()
    due_reason = fields.String()
    met_at = Instant(allow_none=True)
    late = fields.Boolean()


class ProgressView(Message):
    """One progress note: who said it, for which entity."""

    at = Instant()
    person = fields.String()
    entity = fields.String(allow_none=True)
    note = fields.String()


class CancellationView(Message):
    """Why an activity was dropped; ``person`` is null outside the Group."""

    at = Instant()
    person = fields.String(allow_none=True)
    reason = fields.String()


class ActivityAnswer(VersionedAnswer):
    """An activity with its status as of the asking. ``dropped``: deliverables no longer promised.
    Outside the Group ``progress`` and ``dropped`` are empty, and no note or person is shown."""

    year = Year()
    activity = fields.String()
    title = fields.String()
    lead = fields.String()
    contributors = fields.List(fields.String())
    pillars = fields.List(fields.String())
    paragraphs = fields.List(fields.Integer())
    objective = fields.String()
    status = fields.String(validate=validate.OneOf(STATUSES))
    deliverables = fields.List(fields.Nested(DeliverableView))
    milestones = fields.List(fields.Nested(MilestoneView))
    dropped = fields.List(fields.Nested(DeliverableView))
    progress = fields.List(fields.Nested(ProgressView))
    cancelled = fields.Nested(CancellationView, allow_none=True)


class PositionView(Message):
    """One word, as it was said. ``stale``: it names another text than the one now before the Group."""

    entity = fields.String()
    word = fields.String()
    digest = fields.String()
    at = Instant()
    person = fields.String()
    reasons = fields.String()
    proposal = fields.String()
    on_behalf = fields.Boolean()
    letter = fields.String()
    tacit = fields.Boolean()
    current = fields.Boolean()
    stale = fields.Boolean()


class ClearanceView(Message):
    """One run of the procedure over one digest, oldest position first."""

    amendment = fields.String(allow_none=True)
    digest = fields.String()
    by = fields.String()
    state = fields.String()
    opened_at = Instant()
    deadline = Instant(allow_none=True)
    settled_at = Instant(allow_none=True)
    counting = fields.List(fields.String())
    awaiting = fields.List(fields.String())
    positions = fields.List(fields.Nested(PositionView))


class AmendmentView(Message):
    """A proposed change of an adopted plan. ``before`` and ``after``: the activity's substance (null: not in the plan).
    ``digest``: the plan as it would stand; positions bind that."""

    amendment = fields.String()
    kind = fields.String(validate=validate.OneOf(AMENDMENT_KINDS))
    activity = fields.String()
    state = fields.String()
    reason = fields.String()
    proposed_by = fields.String(allow_none=True)
    entity = fields.String(allow_none=True)
    proposed_at = Instant()
    settled_at = Instant(allow_none=True)
    withdrawn_because = fields.String(allow_none=True)
    digest = fields.String(allow_none=True)
    before = fields.Dict(keys=fields.String(), allow_none=True)
    after = fields.Dict(keys=fields.String(), allow_none=True)
    clearance = fields.Nested(ClearanceView, allow_none=True)


class PlanSummary(VersionedAnswer):
    """A plan in a list."""

    year = Year()
    state = fields.String(validate=validate.OneOf(PLAN_STATES))
    digest = fields.String()
    opened_at = Instant()
    adopted_at = Instant(allow_none=True)
    closed_at = Instant(allow_none=True)
    endorsed_by = fields.List(fields.String())
    statuses = fields.Dict(
        keys=fields.String(), values=fields.Integer(), metadata={"description": "How many activities have which status."}
    )


class PlanAnswer(PlanSummary):
    """A year's plan. ``digest``: of its substance as it stands; ``baseline``: of the substance first adopted.
    ``adoption``: its latest clearance. Outside the Group ``adoption`` is null and only adopted amendments show."""

    passing = fields.Nested(PassingRuleView)
    baseline = fields.String(allow_none=True)
    adoption = fields.Nested(ClearanceView, allow_none=True)
    activities = fields.List(fields.Nested(ActivityAnswer(exclude=("version",))))
    amendments = fields.List(fields.Nested(AmendmentView))
    report = fields.String(allow_none=True)


class PositionsAnswer(VersionedAnswer):
    """Every clearance of the plan and of its amendments, oldest first, with all that was said in each."""

    year = Year()
    clearances = fields.List(fields.Nested(ClearanceView))


class BaselineAnswer(VersionedAnswer):
    """The plan's substance as first adopted, and the adopted amendments since."""

    year = Year()
    digest = fields.String(metadata={"description": "SHA-256 of the substance's canonical JSON."})
    substance = fields.Dict(keys=fields.String())
    amendments = fields.List(fields.Nested(AmendmentView))


class PillarCoverage(Message):
    """A pillar (or the general part): its paragraphs of the Global Plan, the activities that name it, and what none serves."""

    pillar = fields.String(validate=validate.OneOf(("general", *PILLARS)))
    first = fields.Integer()
    last = fields.Integer()
    activities = fields.List(fields.String())
    served = fields.List(fields.Integer())
    not_served = fields.List(fields.Integer())


class ParagraphCoverage(Message):
    paragraph = fields.Integer()
    pillar = fields.String()
    activities = fields.List(fields.String())


class CoverageAnswer(Answer):
    """Which pillars and paragraphs of the Global Plan the year's activities serve, and which none does. Cancelled ones serve nothing."""

    year = Year()
    pillars = fields.List(fields.Nested(PillarCoverage))
    paragraphs = fields.List(fields.Nested(ParagraphCoverage))


class AwaitingItem(Message):
    """Something that awaits an entity. ``kind``: stable word for it; ``what`` and ``consequence``: sentences in English.
    ``link``: path of its page; ``deadline``: null when none runs; ``digest``: of the text a position is asked on."""

    kind = fields.String(validate=validate.OneOf(("plan_position", "amendment_position", "milestone", "deliverable")))
    what = fields.String()
    title = fields.String()
    link = fields.String()
    deadline = Instant(allow_none=True)
    consequence = fields.String()
    digest = fields.String(allow_none=True)


class AwaitingAnswer(Answer):
    """What awaits the entity, soonest first; what has no deadline last."""

    entity = fields.String()
    items = fields.List(fields.Nested(AwaitingItem))


class BriefingAnswer(VersionedAnswer):
    """A briefing for permanent missions. ``uid`` and ``revision`` are its calendar entry's UID and SEQUENCE."""

    briefing = fields.String()
    uid = fields.String()
    revision = fields.Integer()
    state = fields.String(validate=validate.OneOf(("announced", "held", "cancelled")))
    title = fields.String()
    kind = fields.String()
    starts_at = Instant()
    ends_at = Instant()
    place = fields.String()
    on_margins_of = fields.String()
    agenda = fields.List(fields.String())
    papers = fields.List(fields.Nested(Paper))
    pillars = fields.List(fields.String())
    announced_at = Instant()
    reason = fields.String(allow_none=True, metadata={"description": "Why it was last changed, or cancelled."})


# The plan's orders --------------------------------------------------------------------------------------------------


class OpenPlan(Command):
    """The chair, or the secretariat for it, opens the draft of a year's plan (001 ¶72)."""

    answer = PlanAnswer
    year = Year(required=True)


class SetPassingRule(Command):
    """The secretariat records the Group's passing rule for this plan, before adoption opens."""

    answer = PlanAnswer
    year = Year(required=True)
    passing = many(Word(), max=5, required=True)
    blocking = many(Word(), max=5, required=True)
    minimum_hours = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=24 * 90))


class AddActivity(ActivityWording, Command):
    """A seated entity, or the secretariat, adds an activity to a plan in draft or consultation."""

    answer = ActivityAnswer
    year = Year(required=True)
    activity = Slug(load_default=None, allow_none=True)
    title = Text(required=True, max=300)
    lead = EntityCode(required=True)


class ChangeActivity(ActivityWording, Command):
    """The lead, the chair or the secretariat changes an activity. In adoption this supersedes the clearance;
    after adoption it takes an amendment."""

    answer = ActivityAnswer
    year = Year(required=True)
    activity = Slug(required=True)


class CancelActivity(Command):
    """The lead, the chair or the secretariat drops an activity, with a reason; after adoption this takes an amendment."""

    answer = ActivityAnswer
    year = Year(required=True)
    activity = Slug(required=True)
    reason = Text(required=True, max=2000)


class OpenConsultation(Command):
    """The chair, or the secretariat, opens the consultation; out of adoption this goes back and supersedes the clearance."""

    answer = PlanAnswer
    year = Year(required=True)


class OpenAdoption(Command):
    """The chair, or the secretariat, puts the plan as it stands to the seated entities. A silence needs a deadline."""

    answer = PlanAnswer
    year = Year(required=True)
    procedure = Procedure(required=True, data_key="by")
    deadline = Instant(load_default=None, allow_none=True)


class ExtendAdoption(Command):
    """The chair, or the secretariat, gives a later deadline before the present one has come.
    ``amendment``: of that amendment's clearance."""

    answer = PlanAnswer
    year = Year(required=True)
    amendment = Slug(load_default=None, allow_none=True)
    deadline = Instant(required=True)


class TakePosition(Command):
    """An entity's word on the exact plan named by ``digest``, or on that ``amendment`` of it. The secretariat enters it
    ``on_behalf_of`` an entity from the ``letter`` it names."""

    answer = PlanAnswer
    year = Year(required=True)
    amendment = Slug(load_default=None, allow_none=True)
    digest = Digest(required=True)
    word = Word(required=True)
    reasons = Text(load_default="", max=10_000)
    proposal = Text(load_default="", max=50_000)
    on_behalf_of = EntityCode(load_default=None, allow_none=True)
    letter = Text(load_default="", max=500)


class ReportProgress(Command):
    """The lead, a contributor, the chair or the secretariat notes progress and names the milestones met."""

    answer = ActivityAnswer
    year = Year(required=True)
    activity = Slug(required=True)
    note = Text(required=True, max=5000)
    milestones_met = many(Slug(), load_default=list)


class MarkDelivered(Command):
    """A meeting, briefing or outcome has come about. A document is delivered by its publication alone."""

    answer = ActivityAnswer
    year = Year(required=True)
    activity = Slug(required=True)
    deliverable = Slug(required=True)
    note = Text(required=True, max=5000)


class ClosePlan(Command):
    """The chair, or the secretariat, closes the plan of a year that has ended, with its report."""

    answer = PlanAnswer
    year = Year(required=True)
    report = Text(required=True, max=100_000)


class ProposeAmendment(Command):
    """A seated entity, or the secretariat, proposes a change of an adopted plan: to ``add``, ``change`` or ``drop`` an activity."""

    answer = PlanAnswer
    year = Year(required=True)
    amendment = Slug(load_default=None, allow_none=True)
    kind = fields.String(required=True, validate=validate.OneOf(AMENDMENT_KINDS))
    activity = Slug(required=True)
    changes = fields.Nested(ActivityWording, load_default=None, allow_none=True)
    reason = Text(required=True, max=5000)


class OpenAmendment(Command):
    """The chair, or the secretariat, puts an amendment to the seated entities, as the plan was."""

    answer = PlanAnswer
    year = Year(required=True)
    amendment = Slug(required=True)
    procedure = Procedure(required=True, data_key="by")
    deadline = Instant(load_default=None, allow_none=True)


class WithdrawAmendment(Command):
    """Its proposer, the chair or the secretariat withdraws an amendment."""

    answer = PlanAnswer
    year = Year(required=True)
    amendment = Slug(required=True)
    reason = Text(required=True, max=2000)


# The briefings' orders ----------------------------------------------------------------------------------------------


class AnnounceBriefing(Command):
    """The chair, or the secretariat, announces a briefing for permanent missions (001 ¶75)."""

    answer = BriefingAnswer
    briefing = Slug(load_default=None, allow_none=True)
    title = Text(required=True, max=300)
    kind = fields.String(required=True, validate=validate.OneOf(BRIEFING_KINDS))
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    place = Text(required=True, max=200)
    on_margins_of = Text(load_default="", max=300)
    agenda = many(Text(required=True, max=500), load_default=list)
    papers = many(Paper, load_default=list)
    pillars = Pillars(load_default=list)


class ChangeBriefing(Command):
    """A briefing moves or changes; its calendar entry gets the next revision."""

    answer = BriefingAnswer
    briefing = Slug(required=True)
    title = Text(load_default=None, allow_none=True, max=300, min=1)
    kind = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(BRIEFING_KINDS))
    starts_at = Instant(load_default=None, allow_none=True)
    ends_at = Instant(load_default=None, allow_none=True)
    place = Text(load_default=None, allow_none=True, max=200, min=1)
    on_margins_of = Text(load_default=None, allow_none=True, max=300)
    agenda = many(Text(required=True, max=500), load_default=None, allow_none=True)
    papers = many(Paper, load_default=None, allow_none=True)
    pillars = Pillars(load_default=None, allow_none=True)
    reason = Text(load_default="", max=2000)


class CancelBriefing(Command):
    """A briefing will not be held."""

    answer = BriefingAnswer
    briefing = Slug(required=True)
    reason = Text(required=True, max=2000)


# Questions ----------------------------------------------------------------------------------------------------------


class Plans(PageQuery):
    """The plans, latest year first; outside the Group, those adopted."""

    answer = page_of(PlanSummary, "PlansPage")


class GetPlan(Query):
    """A year's plan."""

    answer = PlanAnswer
    year = Year(required=True)


class GetActivity(Query):
    """One activity of a year's plan."""

    answer = ActivityAnswer
    year = Year(required=True)
    activity = Slug(required=True)


class Positions(Query):
    """What each entity said on the plan and its amendments; within the Group."""

    answer = PositionsAnswer
    year = Year(required=True)


class Baseline(Query):
    """The plan as first adopted, to compare the present one against."""

    answer = BaselineAnswer
    year = Year(required=True)


class Coverage(Query):
    """What of the Global Plan the year's activities serve."""

    answer = CoverageAnswer
    year = Year(required=True)


class Awaiting(Query):
    """What awaits an entity here, by when, and what happens if it does nothing."""

    answer = AwaitingAnswer
    entity = EntityCode(required=True)


class Briefings(PageQuery):
    """The briefings, latest first."""

    answer = page_of(BriefingAnswer, "BriefingsPage")


class GetBriefing(Query):
    """One briefing."""

    answer = BriefingAnswer
    briefing = Slug(required=True)


# Events -------------------------------------------------------------------------------------------------------------


class AdoptedActivity(Message):
    id = fields.String(required=True)
    title = fields.String(required=True)
    lead = fields.String(required=True)
    pillars = fields.List(fields.String(), required=True)


class OfPlan(Message):
    """Every fact about a plan names its year."""

    year = Year(required=True)


class OfClearance(OfPlan):
    """``amendment``: null when the plan itself is in clearance."""

    amendment = fields.String(required=True, allow_none=True)
    digest = Digest(required=True)


class PlanOpened(OfPlan, Event):
    """The draft of a year's plan is open."""


class PassingRuleSet(OfPlan, Event):
    """The passing rule of this plan changed."""

    before = fields.Nested(PassingRuleView, required=True)
    after = fields.Nested(PassingRuleView, required=True)


class ActivityAdded(OfPlan, Event):
    """An activity joined the draft. ``substance``: its whole wording."""

    activity = fields.String(required=True)
    title = fields.String(required=True)
    lead = fields.String(required=True)
    pillars = fields.List(fields.String(), required=True)
    substance = fields.Dict(keys=fields.String(), required=True)
    digest = Digest(required=True)


class ActivityChanged(OfPlan, Event):
    """An activity's substance changed. ``before`` and ``after`` hold the fields that did; ``digest``: of the plan now."""

    activity = fields.String(required=True)
    before = fields.Dict(keys=fields.String(), required=True)
    after = fields.Dict(keys=fields.String(), required=True)
    digest = Digest(required=True)


class ActivityCancelled(OfPlan, Event):
    """An activity was dropped; it stays visible, and is no part of the plan's substance."""

    activity = fields.String(required=True)
    title = fields.String(required=True)
    reason = fields.String(required=True)
    digest = Digest(required=True)


class ActivityProgressed(OfPlan, Event):
    """Progress was noted. ``status``: as of this instant."""

    activity = fields.String(required=True)
    title = fields.String(required=True)
    note = fields.String(required=True)
    milestones_met = fields.List(fields.String(), required=True)
    status = fields.String(required=True)


class DeliverableDelivered(OfPlan, Event):
    """A deliverable has come about. ``evidence``: the document that delivered it, or the note that says so."""

    activity = fields.String(required=True)
    title = fields.String(required=True, metadata={"description": "The activity's."})
    deliverable = fields.String(required=True)
    deliverable_title = fields.String(required=True)
    kind = fields.String(required=True)
    pillars = fields.List(fields.String(), required=True)
    evidence = fields.Dict(keys=fields.String(), required=True)
    status = fields.String(required=True, metadata={"description": "The activity's, as of this instant."})


class ConsultationOpened(OfPlan, Event):
    """The entities are asked for their views on the draft. ``again``: it came back from adoption."""

    digest = Digest(required=True)
    again = fields.Boolean(required=True)


class AdoptionOpened(OfClearance, Event):
    """The exact text named by ``digest`` is before those who count."""

    procedure = Procedure(required=True, data_key="by")
    deadline = Instant(required=True, allow_none=True)
    counting = fields.List(fields.String(), required=True)


class AdoptionExtended(OfClearance, Event):
    """The deadline moved."""

    deadline = Instant(required=True)
    before = Instant(required=True)


class PositionTaken(OfClearance, Event):
    """An entity spoke. ``before``: its earlier word on the same text, or null."""

    entity = fields.String(required=True)
    word = fields.String(required=True)
    reasons = fields.String(required=True)
    proposal = fields.String(required=True)
    on_behalf = fields.Boolean(required=True)
    letter = fields.String(required=True)
    before = fields.String(required=True, allow_none=True)


class AdoptionBroken(OfClearance, Event):
    """An objection broke the silence."""

    objecting = fields.List(fields.String(), required=True)


class AdoptionLapsed(OfClearance, Event):
    """The deadline of an express clearance went by incomplete."""

    awaiting = fields.List(fields.String(), required=True)


class AdoptionSuperseded(OfClearance, Event):
    """The text changed, or went back: positions on it are kept, and stale. ``successor``: the plan's digest now."""

    successor = Digest(required=True)


class PlanAdopted(OfPlan, Event):
    """The plan is in force, on exactly this digest."""

    digest = Digest(required=True)
    endorsed_by = fields.List(fields.String(), required=True)
    no_objection = fields.List(fields.String(), required=True)
    activities = fields.List(fields.Nested(AdoptedActivity), required=True)


class PlanClosed(OfPlan, Event):
    """The plan's year is over and its report given. ``statuses``: how many activities ended in which."""

    digest = Digest(required=True)
    statuses = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    report = fields.String(required=True)


class AmendmentProposed(OfPlan, Event):
    """A change of the adopted plan is proposed."""

    amendment = fields.String(required=True)
    kind = fields.String(required=True)
    activity = fields.String(required=True)
    reason = fields.String(required=True)
    before = fields.Dict(keys=fields.String(), required=True, allow_none=True)
    after = fields.Dict(keys=fields.String(), required=True, allow_none=True)


class AmendmentAdopted(OfPlan, Event):
    """The plan changed as proposed; ``digest``: of the plan now, ``before``: until now."""

    amendment = fields.String(required=True)
    kind = fields.String(required=True)
    activity = fields.String(required=True)
    digest = Digest(required=True)
    before = Digest(required=True)
    endorsed_by = fields.List(fields.String(), required=True)


class AmendmentWithdrawn(OfPlan, Event):
    """An amendment was withdrawn; it stays visible."""

    amendment = fields.String(required=True)
    reason = fields.String(required=True)


class OfBriefing(Message):
    """``uid`` and ``revision``: the calendar entry's UID and SEQUENCE; a higher revision replaces a lower."""

    briefing = fields.String(required=True)
    uid = fields.String(required=True)
    revision = fields.Integer(required=True)
    title = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(BRIEFING_KINDS))
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    place = fields.String(required=True)
    on_margins_of = fields.String(required=True)
    agenda = fields.List(fields.String(), required=True)
    papers = fields.List(fields.Nested(Paper), required=True)
    pillars = fields.List(fields.String(), required=True)


class BriefingAnnounced(OfBriefing, Event):
    """Missions are invited."""


class BriefingChanged(OfBriefing, Event):
    """The whole briefing as it is now. ``before``: the earlier values of what changed."""

    before = fields.Dict(keys=fields.String(), required=True)
    reason = fields.String(required=True)


class BriefingCancelled(OfBriefing, Event):
    """It will not be held."""

    reason = fields.String(required=True)


contract = Contract("workplan", __name__)
