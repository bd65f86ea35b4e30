"""What a year's plan serves and what came of it: the register of the Global Plan, coverage, and the annual report."""

from marshmallow import fields, validate

from contracts.base import PILLARS, Answer, Digest, Instant, Message, Query, Year
from contracts.workplan.plan import STATUSES, BalanceView, FundingView

PARTS = ("general", *PILLARS)


class ParagraphView(Message):
    """A paragraph of the Global Plan of Action. ``titles``: ours, short, in English and French; ``source``: where it stands."""

    paragraph = fields.Integer()
    pillar = fields.String(validate=validate.OneOf(PARTS))
    titles = fields.Dict(keys=fields.String(), values=fields.String())
    source = fields.String()


class GlobalPlanAnswer(Answer):
    """All 61 paragraphs, in order."""

    paragraphs = fields.List(fields.Nested(ParagraphView))


class GlobalPlan(Query):
    """The register of the Global Plan's paragraphs (A/RES/64/293, annex)."""

    answer = GlobalPlanAnswer


class PillarCoverage(Message):
    """A pillar (or the general part): its paragraphs of the Global Plan, what names it, and what nothing serves.
    ``served``: by an activity or a concrete action."""

    pillar = fields.String(validate=validate.OneOf(PARTS))
    first = fields.Integer()
    last = fields.Integer()
    activities = fields.List(fields.String())
    concrete_actions = fields.List(fields.String())
    served = fields.List(fields.Integer())
    not_served = fields.List(fields.Integer())


class ParagraphCoverage(ParagraphView):
    """``activities`` and ``concrete_actions``: those that serve it; ``entities``: those that lead or contribute to them, or act."""

    activities = fields.List(fields.String())
    concrete_actions = fields.List(fields.String())
    entities = fields.List(fields.String())


class EntityCoverage(Message):
    """One row of the matrix: an entity, and for each pillar how many activities it leads or contributes to, and how many
    concrete actions of its own there are."""

    entity = fields.String()
    activities = fields.Dict(keys=fields.String(), values=fields.Integer())
    concrete_actions = fields.Dict(keys=fields.String(), values=fields.Integer())


class CoverageAnswer(Answer):
    """Which pillars and paragraphs of the Global Plan the year's activities and the members' concrete actions serve, and which
    none does (``gaps``). What was cancelled or withdrawn serves nothing."""

    year = Year()
    pillars = fields.List(fields.Nested(PillarCoverage))
    paragraphs = fields.List(fields.Nested(ParagraphCoverage))
    entities = fields.List(fields.Nested(EntityCoverage))
    gaps = fields.List(fields.Integer())


class Coverage(Query):
    """What of the Global Plan a year serves."""

    answer = CoverageAnswer
    year = Year(required=True)


# The annual report --------------------------------------------------------------------------------------------------


class Tally(Message):
    """Planned against delivered. An activity that was carried over counts as such, besides its status."""

    activities = fields.Integer()
    statuses = fields.Dict(keys=fields.String(validate=validate.OneOf(STATUSES)), values=fields.Integer())
    deliverables = fields.Integer()
    delivered = fields.Integer()
    on_time = fields.Integer(metadata={"description": "Delivered by the date it was due, or without one."})
    carried_over = fields.Integer()


class PillarTally(Tally):
    pillar = fields.String(validate=validate.OneOf(PILLARS))


class EntityTally(Tally):
    """Of what an entity leads; ``contributes``: to how many others it contributes."""

    entity = fields.String()
    contributes = fields.Integer()


class ReportedDeliverable(Message):
    title = fields.String()
    kind = fields.String()
    due = Instant(allow_none=True)
    delivered_at = Instant(allow_none=True)
    url = fields.String(allow_none=True, metadata={"description": "Of the document that delivered it."})


class ReportedActivity(Message):
    activity = fields.String()
    title = fields.String()
    lead = fields.String()
    contributors = fields.List(fields.String())
    pillars = fields.List(fields.String())
    status = fields.String(validate=validate.OneOf(STATUSES))
    deliverables = fields.List(fields.Nested(ReportedDeliverable))
    milestones = fields.Integer()
    milestones_met = fields.Integer()
    carried_to = fields.Integer(allow_none=True, metadata={"description": "The year in whose plan it goes on."})
    cancelled_because = fields.String(allow_none=True)


class ReportedPublication(Message):
    """A paper that was published, or a statement that was issued, in the year."""

    document = fields.String()
    kind = fields.String()
    number = fields.Integer(allow_none=True)
    title = fields.String()
    lead = fields.String(allow_none=True)
    at = Instant()
    url = fields.String()
    signatories = fields.List(fields.String())
    presentations = fields.List(fields.String(), metadata={"description": "Where it was presented."})


class ReportedMeeting(Message):
    """A meeting that was held. Outside the Group nobody is named in ``attended``, and what was taken on is null."""

    meeting = fields.String()
    title = fields.String()
    starts_at = Instant()
    place = fields.String()
    attended = fields.List(fields.String())
    decisions = fields.Integer()
    actions = fields.Integer(allow_none=True)
    actions_done = fields.Integer(allow_none=True)


class ReportedBriefing(Message):
    """A briefing that was held. ``coming``: people of those invited who had said that they come; null where nobody replied."""

    briefing = fields.String()
    title = fields.String()
    kind = fields.String()
    starts_at = Instant()
    place = fields.String()
    coming = fields.Integer(allow_none=True)


class DonorTally(Message):
    donor = fields.String()
    currency = fields.String()
    amount = fields.String()


class ActivityGap(BalanceView):
    activity = fields.String()
    title = fields.String()


class ReportedFunding(Message):
    """Needed and secured, by currency, donor and activity. What falls away within the year is counted as secured; ``gaps``: the
    activities whose needs were not covered; the gap in ``balance`` is theirs together, for what was given for one activity covers
    no other. ``ended``: what could be used in the year, and no longer can at its end."""

    balance = fields.List(fields.Nested(BalanceView))
    donors = fields.List(fields.Nested(DonorTally))
    gaps = fields.List(fields.Nested(ActivityGap))
    ended = fields.List(fields.Nested(FundingView))


class AnnualReportAnswer(Answer):
    """The annual report. Until the plan is closed it is made of the record as of the asking, for the Group alone; once closed it is
    the one that was kept, for all, and ``digest`` names it. Decisions themselves, notes, donors and people are the Group's own:
    outside, ``funding`` has balances alone, and meetings show neither who attended nor what was taken on."""

    year = Year()
    as_of = Instant()
    final = fields.Boolean()
    digest = Digest(allow_none=True)
    foreword = fields.String()
    chairs = fields.List(fields.String())
    adopted_at = Instant(allow_none=True)
    endorsed_by = fields.List(fields.String())
    amendments = fields.Integer(metadata={"description": "How many were adopted."})
    total = fields.Nested(Tally)
    pillars = fields.List(fields.Nested(PillarTally))
    entities = fields.List(fields.Nested(EntityTally))
    activities = fields.List(fields.Nested(ReportedActivity))
    papers = fields.List(fields.Nested(ReportedPublication))
    statements = fields.List(fields.Nested(ReportedPublication))
    meetings = fields.List(fields.Nested(ReportedMeeting))
    briefings = fields.List(fields.Nested(ReportedBriefing))
    funding = fields.Nested(ReportedFunding)
    served = fields.List(fields.Integer(), metadata={"description": "Paragraphs of the Global Plan."})
    not_served = fields.List(fields.Integer())


class AnnualReport(Query):
    """A year's annual report."""

    answer = AnnualReportAnswer
    year = Year(required=True)
