"""The year's plan: its activities with what they need and what is secured, adoption and amendments, carrying over, import."""

from marshmallow import fields, validate

from contracts.base import (
    PILLARS,
    Answer,
    Command,
    Digest,
    EntityCode,
    Event,
    Instant,
    Line,
    Message,
    Money,
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


class NeedWording(Money):
    """Money that an activity needs, and what for."""

    id = Slug(load_default=None, allow_none=True)
    purpose = Text(required=True, max=300)


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
    needs = many(NeedWording, load_default=None, allow_none=True)
    depends_on = many(
        Slug(), load_default=None, allow_none=True, metadata={"description": "Activities of the same plan that must be delivered first."}
    )


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


class NeedView(Message):
    """Money that an activity needs, and what for."""

    id = fields.String()
    purpose = fields.String()
    amount = fields.String()
    currency = fields.String()


class FundingView(Message):
    """Money a donor gave for an activity, usable until ``ends`` (null: without an end). ``ended``: when and why it
    fell away before that, else null. ``available``: whether it can be used as of the asking."""

    funding = fields.String()
    donor = fields.String()
    amount = fields.String()
    currency = fields.String()
    ends = Instant(allow_none=True)
    note = fields.String()
    recorded_at = Instant()
    person = fields.String()
    ended = fields.Nested(CancellationView, allow_none=True)
    available = fields.Boolean()


class BalanceView(Message):
    """Of one currency: what is needed, what is secured and can be used as of the asking, and the gap between (never below nothing).
    Currencies are never added together."""

    currency = fields.String()
    needed = fields.String()
    secured = fields.String()
    gap = fields.String()


class PrecedingView(Message):
    """An activity that must be delivered before another. ``endangers``: it is late or cancelled, or the last step it still owes is due
    after the first that the other owes."""

    activity = fields.String()
    title = fields.String()
    status = fields.String()
    endangers = fields.Boolean()


class CarriedView(Message):
    """The activity of another year's plan that this one continues, or is continued by."""

    year = Year()
    activity = fields.String()


class ActivityAnswer(VersionedAnswer):
    """An activity with its status as of the asking. ``dropped``: deliverables no longer promised.
    Outside the Group ``progress``, ``dropped`` and ``funding`` are empty, and no note, donor or person is shown; nor ``carried_to``,
    since the next plan may still be a draft."""

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
    needs = fields.List(fields.Nested(NeedView))
    funding = fields.List(fields.Nested(FundingView))
    balance = fields.List(fields.Nested(BalanceView), metadata={"description": "Empty outside the Group."})
    depends_on = fields.List(fields.String())
    waits_for = fields.List(fields.Nested(PrecedingView), metadata={"description": "What it depends on and is not delivered yet."})
    carried_from = fields.Nested(CarriedView, allow_none=True)
    carried_to = fields.Nested(CarriedView, allow_none=True)
    dropped = fields.List(fields.Nested(DeliverableView))
    progress = fields.List(fields.Nested(ProgressView))
    cancelled = fields.Nested(CancellationView, allow_none=True)
    may = many(fields.String(), metadata={"description": "Orders on it that are open now to whoever asks."})


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
    may = many(fields.String(), metadata={"description": "Orders on it that are open now to whoever asks."})


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
    activities = fields.List(fields.Nested(ActivityAnswer(exclude=("version", "may"))))
    amendments = fields.List(fields.Nested(AmendmentView))
    report = fields.String(allow_none=True, metadata={"description": "Digest of the annual report with which it closed."})
    may = many(fields.String(), metadata={"description": "Orders on the plan as a whole that are open now to whoever asks."})


class ActivitiesAnswer(VersionedAnswer):
    """Activities of a year's plan, in its order, as they stand as of ``as_of``."""

    year = Year()
    as_of = Instant()
    items = fields.List(fields.Nested(ActivityAnswer(exclude=("version", "may"))))


class PositionsAnswer(VersionedAnswer):
    """Every clearance of the plan and of its amendments, oldest first, with all that was said in each."""

    year = Year()
    clearances = fields.List(fields.Nested(ClearanceView))


class DifferenceView(Message):
    """What became of an activity, since the plan was first adopted or by an import. ``before`` and ``after``: the fields that differ; of
    one that was added or dropped its whole substance, and null."""

    activity = fields.String()
    title = fields.String()
    kind = fields.String(validate=validate.OneOf(("added", "changed", "dropped")))
    before = fields.Dict(keys=fields.String(), allow_none=True)
    after = fields.Dict(keys=fields.String(), allow_none=True)


class BaselineAnswer(VersionedAnswer):
    """The plan's substance as first adopted, the adopted amendments since, and what differs now, in the order of activities' ids."""

    year = Year()
    digest = fields.String(metadata={"description": "SHA-256 of the substance's canonical JSON."})
    substance = fields.Dict(keys=fields.String())
    amendments = fields.List(fields.Nested(AmendmentView(exclude=("may",))))
    differences = fields.List(fields.Nested(DifferenceView))


class ImportProblem(Message):
    """``field``: path in ``activities``, as ``activities.3.deliverables.0.due``. Of a spreadsheet the gateway tells the cell besides:
    ``sheet``, ``row``, ``column``, ``cell`` (as ``E7``) and its ``heading``, each null where the problem is of no single one."""

    field = fields.String()
    rule = fields.String()
    detail = fields.String()
    accepted = fields.Raw(allow_none=True)
    sheet = fields.String(allow_none=True)
    row = fields.Integer(allow_none=True)
    column = fields.String(allow_none=True)
    cell = fields.String(allow_none=True)
    heading = fields.String(allow_none=True)


class ImportAnswer(VersionedAnswer):
    """Which activities are added, changed, or stand so already; ``problems`` is empty when it is, or can be, carried out.
    ``differences``: of each that is changed, what of it; then each that is added."""

    year = Year()
    added = fields.List(fields.String())
    changed = fields.List(fields.String())
    unchanged = fields.List(fields.String())
    differences = fields.List(fields.Nested(DifferenceView))
    problems = fields.List(fields.Nested(ImportProblem))


CONSEQUENCES = (
    "silence_no_objection",
    "not_adopted",
    "plan_adoption_lapses",
    "amendment_adoption_lapses",
    "activity_is_late",
    "activity_late_then",
    "money_ends",
    "attendance_unknown",
    "action_is_late",
    "action_late_then",
)
"""What comes of it when nothing is done, each said in full in ``consequence``."""


class AwaitingItem(Message):
    """Something that awaits an entity. ``kind`` and ``consequence_code``: stable words for it and for what happens if nothing is done;
    ``what`` and ``consequence``: sentences in English.
    ``link``: path of its page; ``deadline``: null when none runs; ``digest``: of the text a position is asked on."""

    kind = fields.String(
        validate=validate.OneOf(
            ("plan_position", "amendment_position", "milestone", "deliverable", "meeting_reply", "action_item", "funding_end")
        )
    )
    what = fields.String()
    title = fields.String()
    link = fields.String()
    deadline = Instant(allow_none=True)
    consequence = fields.String()
    consequence_code = fields.String(validate=validate.OneOf(CONSEQUENCES))
    year = fields.Integer(allow_none=True, metadata={"description": "Of the plan; null of a meeting's"})
    digest = fields.String(allow_none=True)


class AwaitingAnswer(Answer):
    """What awaits the entity, soonest first; what has no deadline last."""

    entity = fields.String()
    items = fields.List(fields.Nested(AwaitingItem))


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


class SecureFunding(Money, Command):
    """The lead, a contributor, the chair or the secretariat records money that a donor gave for an activity.
    ``ends``: the instant from which it can no longer be used."""

    answer = ActivityAnswer
    year = Year(required=True)
    activity = Slug(required=True)
    funding = Slug(load_default=None, allow_none=True)
    donor = Line(required=True, max=200)
    ends = Instant(load_default=None, allow_none=True)
    note = Text(load_default="", max=2000)


class EndFunding(Command):
    """Money falls away before its end, or was entered wrongly; it stays to be seen, with the reason."""

    answer = ActivityAnswer
    year = Year(required=True)
    activity = Slug(required=True)
    funding = Slug(required=True)
    reason = Text(required=True, max=2000)


class CarryOver(Command):
    """The chair, or the secretariat, carries what this year leaves unfinished into the next year's draft: the activities named, or
    all that are not delivered or cancelled. What was delivered or met stays behind; money that can still be used goes along.
    Answers the next year's plan."""

    answer = PlanAnswer
    year = Year(required=True)
    activities = many(Slug(), max=500, load_default=None, allow_none=True)


class ImportedActivity(ActivityWording):
    """One activity of a spreadsheet; what is not given stays as it is, or empty."""

    activity = Slug(required=True)


class _Import(Message):
    year = Year(required=True)
    activities = many(ImportedActivity, max=1000, required=True)
    digest = Digest(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "Of the plan that these activities were taken from, as its spreadsheet carries it; null where they were not. "
            "When the plan has another text by now, they change no activity that is in it."
        },
    )


class CheckImport(_Import, Query):
    """What an import would do, and every problem that stands in its way; nothing is changed."""

    answer = ImportAnswer


class ImportPlan(_Import, Command):
    """Activities added to a plan in draft or consultation, or changed in it: all of them, or none. ``activity`` says which;
    those not named stay as they are. A lead may import its own activities; the chair and the secretariat all."""

    answer = ImportAnswer


class ClosePlan(Command):
    """The chair, or the secretariat, closes the plan of a year that has ended, with its annual report. The report is made from
    the record; ``foreword``: the chair's own words before it."""

    answer = PlanAnswer
    year = Year(required=True)
    foreword = Text(load_default="", max=20_000)


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


class Activities(Query):
    """The activities of a year's plan: all, or those of one ``lead``, with one ``status``, for one ``pillar``."""

    answer = ActivitiesAnswer
    year = Year(required=True)
    lead = EntityCode(load_default=None, allow_none=True)
    status = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(STATUSES))
    pillar = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(PILLARS))


class Positions(Query):
    """What each entity said on the plan and its amendments; within the Group."""

    answer = PositionsAnswer
    year = Year(required=True)


class Baseline(Query):
    """The plan as first adopted, to compare the present one against."""

    answer = BaselineAnswer
    year = Year(required=True)


class Awaiting(Query):
    """What awaits an entity here, by when, and what happens if it does nothing."""

    answer = AwaitingAnswer
    entity = EntityCode(required=True)


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
    """``amendment``: null when the plan itself is in clearance. ``counting``: the entities whose positions count."""

    amendment = fields.String(required=True, allow_none=True)
    digest = Digest(required=True)
    counting = fields.List(fields.String(), load_default=list)


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
    """An activity's substance changed. ``before`` and ``after`` hold the fields that did; ``digest``: of the plan now; ``status``: of
    the activity now."""

    activity = fields.String(required=True)
    before = fields.Dict(keys=fields.String(), required=True)
    after = fields.Dict(keys=fields.String(), required=True)
    digest = Digest(required=True)
    status = fields.String(required=True)


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
    """The entities are asked for their views on the draft. ``again``: it came back from adoption. ``asked``: the entities seated when
    it opened; when it came back, those that it was before."""

    digest = Digest(required=True)
    again = fields.Boolean(required=True)
    asked = fields.List(fields.String(), load_default=list)


class AdoptionOpened(OfClearance, Event):
    """The exact text named by ``digest`` is before those who count."""

    procedure = Procedure(required=True, data_key="by")
    deadline = Instant(required=True, allow_none=True)
    counting = fields.List(fields.String(), required=True)


class AdoptionExtended(OfClearance, Event):
    """The deadline moved."""

    deadline = Instant(required=True)
    before = Instant(required=True)


class AdoptionReminded(OfClearance, Event):
    """The deadline is ``days`` away, and ``entities`` that count have yet to speak."""

    deadline = Instant(required=True)
    days = fields.Integer(required=True)
    entities = fields.List(fields.String(), required=True)


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


class FundingSecured(OfPlan, Event):
    """A donor's money for an activity is on record."""

    activity = fields.String(required=True)
    title = fields.String(required=True)
    funding = fields.String(required=True)
    donor = fields.String(required=True)
    amount = fields.String(required=True)
    currency = fields.String(required=True)
    ends = Instant(required=True, allow_none=True)
    note = fields.String(required=True)


class FundingEnded(OfPlan, Event):
    """Money fell away before its end."""

    activity = fields.String(required=True)
    funding = fields.String(required=True)
    reason = fields.String(required=True)


class ActivityCarriedOver(OfPlan, Event):
    """An activity of ``year`` continues one of ``from_year``; told after it was added."""

    activity = fields.String(required=True)
    title = fields.String(required=True)
    lead = fields.String(required=True)
    from_year = Year(required=True)
    from_activity = fields.String(required=True)


class ActivityContinued(OfPlan, Event):
    """An activity of ``year`` is carried over: it goes on as ``to_activity`` in the plan of ``to_year``."""

    activity = fields.String(required=True)
    to_year = Year(required=True)
    to_activity = fields.String(required=True)


class PlanImported(OfPlan, Event):
    """A spreadsheet was taken in; each activity's own event came before."""

    added = fields.List(fields.String(), required=True)
    changed = fields.List(fields.String(), required=True)
    digest = Digest(required=True)


class PlanClosed(OfPlan, Event):
    """The plan's year is over and its report given. ``statuses``: how many activities ended in which; ``report``: its digest."""

    digest = Digest(required=True)
    statuses = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    foreword = fields.String(required=True)
    report = Digest(required=True)


class AmendmentProposed(OfPlan, Event):
    """A change of the adopted plan is proposed."""

    amendment = fields.String(required=True)
    kind = fields.String(required=True)
    activity = fields.String(required=True)
    reason = fields.String(required=True)
    before = fields.Dict(keys=fields.String(), required=True, allow_none=True)
    after = fields.Dict(keys=fields.String(), required=True, allow_none=True)


class AmendmentAdopted(OfPlan, Event):
    """The plan changed as proposed; ``digest``: of the plan now, ``before``: until now. ``after``: the activity's substance now
    (null: dropped); ``status``: of the activity now. ``counting``: the entities whose positions counted."""

    amendment = fields.String(required=True)
    kind = fields.String(required=True)
    activity = fields.String(required=True)
    digest = Digest(required=True)
    before = Digest(required=True)
    after = fields.Dict(keys=fields.String(), required=True, allow_none=True)
    counting = fields.List(fields.String(), load_default=list)
    endorsed_by = fields.List(fields.String(), required=True)
    status = fields.String(required=True)


class AmendmentWithdrawn(OfPlan, Event):
    """An amendment was withdrawn; it stays visible."""

    amendment = fields.String(required=True)
    reason = fields.String(required=True)
