"""The calendar of the year: meetings of the Group with their decisions and action items, and briefings for permanent missions.

A meeting is the Group's own; a briefing is for those it invites. Each is one calendar entry (RFC 5545): the same ``uid`` for ever,
and a ``revision``, its SEQUENCE, that grows with each change, so that a calendar moves the entry it has and never shows two.
"""

from marshmallow import fields, validate

from contracts.base import (
    Answer,
    Command,
    EntityCode,
    Event,
    Instant,
    Line,
    Message,
    PageQuery,
    Pillars,
    Query,
    Slug,
    Text,
    VersionedAnswer,
    many,
    page_of,
)
from contracts.workplan.plan import Paper

BRIEFING_KINDS = ("consultation", "briefing", "side_event", "presentation")
MEETING_STATES = ("called", "held", "cancelled")
BRIEFING_STATES = ("announced", "held", "cancelled")
ATTENDING = ("yes", "no", "tentative")


def Link(**kwargs) -> fields.Url:
    """Where one joins online: https alone."""
    return fields.Url(schemes={"https"}, validate=validate.Length(max=500), **kwargs)


# Meetings: answers --------------------------------------------------------------------------------------------------


class AgendaItemView(Message):
    """``entity``: who asked for it; null when it was there from the call."""

    item = fields.String()
    title = fields.String()
    papers = fields.List(fields.Nested(Paper))
    entity = fields.String(allow_none=True)


class ReplyView(Message):
    """What an entity said beforehand: ``attending`` yes, no or tentative, and by whom."""

    entity = fields.String()
    attending = fields.String(validate=validate.OneOf(ATTENDING))
    people = fields.List(fields.String())
    at = Instant()
    person = fields.String()
    letter = fields.String()


class AttendanceView(Message):
    """Whether an entity was there, as recorded afterwards."""

    entity = fields.String()
    attended = fields.Boolean()
    people = fields.List(fields.String())


class DecisionView(Message):
    """``item``: of the agenda, when it was taken under one."""

    decision = fields.String()
    text = fields.String()
    item = fields.String(allow_none=True)
    at = Instant()
    person = fields.String()


class ActionItemView(Message):
    """What an entity took upon itself in a meeting. ``state``, as of the asking: open, late, done or dropped."""

    meeting = fields.String()
    meeting_title = fields.String()
    action = fields.String()
    what = fields.String()
    owner = fields.String()
    due = Instant()
    state = fields.String(validate=validate.OneOf(("open", "late", "done", "dropped")))
    done_at = Instant(allow_none=True)
    note = fields.String(metadata={"description": "How it was done, or why it was dropped."})


class MeetingAnswer(VersionedAnswer):
    """A meeting of the Group. ``expected``: the entities with a seat as of the asking (as of its beginning, once it has begun)."""

    meeting = fields.String()
    uid = fields.String()
    revision = fields.Integer()
    state = fields.String(validate=validate.OneOf(MEETING_STATES))
    title = fields.String()
    starts_at = Instant()
    ends_at = Instant()
    place = fields.String()
    link = fields.String(allow_none=True)
    agenda = fields.List(fields.Nested(AgendaItemView))
    papers = fields.List(fields.Nested(Paper))
    expected = fields.List(fields.String())
    replies = fields.List(fields.Nested(ReplyView))
    attendance = fields.List(fields.Nested(AttendanceView))
    decisions = fields.List(fields.Nested(DecisionView))
    actions = fields.List(fields.Nested(ActionItemView))
    called_at = Instant()
    reason = fields.String(allow_none=True, metadata={"description": "Why it was last changed, or cancelled."})


# Meetings: orders and questions -------------------------------------------------------------------------------------


class AgendaItem(Message):
    """An item of the agenda, with its papers."""

    item = Slug(load_default=None, allow_none=True)
    title = Line(required=True, max=300)
    papers = many(Paper, load_default=list, max=20)


class CallMeeting(Command):
    """The chair, or the secretariat, calls a meeting of the Group. ``place``: a city and room, or "online" with its ``link``."""

    answer = MeetingAnswer
    meeting = Slug(load_default=None, allow_none=True)
    title = Line(required=True, max=300)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    place = Line(required=True, max=200)
    link = Link(load_default=None, allow_none=True)
    agenda = many(AgendaItem, load_default=list, max=50)
    papers = many(Paper, load_default=list, max=50)


class ChangeMeeting(Command):
    """A meeting moves or changes; what is not given stays. An agenda given replaces the one there was; of ``link`` null takes it away."""

    answer = MeetingAnswer
    meeting = Slug(required=True)
    title = Line(load_default=None, allow_none=True, max=300, min=1)
    starts_at = Instant(load_default=None, allow_none=True)
    ends_at = Instant(load_default=None, allow_none=True)
    place = Line(load_default=None, allow_none=True, max=200, min=1)
    link = Link(allow_none=True)
    agenda = many(AgendaItem, load_default=None, allow_none=True, max=50)
    papers = many(Paper, load_default=None, allow_none=True, max=50)
    reason = Text(load_default="", max=2000)


class CancelMeeting(Command):
    """A meeting will not be held."""

    answer = MeetingAnswer
    meeting = Slug(required=True)
    reason = Text(required=True, max=2000)


class ProposeAgendaItem(AgendaItem, Command):
    """A member asks that something be on the agenda of a meeting to come."""

    answer = MeetingAnswer
    meeting = Slug(required=True)


class ReplyToMeeting(Command):
    """An entity says whether it will attend, and who. The secretariat enters it for an entity from the ``letter`` it names."""

    answer = MeetingAnswer
    meeting = Slug(required=True)
    entity = EntityCode(required=True)
    attending = fields.String(required=True, validate=validate.OneOf(ATTENDING))
    people = many(Line(max=200), load_default=list, max=20)
    letter = Text(load_default="", max=500)


class Attendance(Message):
    """Whether an entity was there, and its people."""

    entity = EntityCode(required=True)
    attended = fields.Boolean(load_default=True)
    people = many(Line(max=200), load_default=list, max=20)


class RecordAttendance(Command):
    """The chair, or the secretariat, records who was there; entities not named stay as they were recorded."""

    answer = MeetingAnswer
    meeting = Slug(required=True)
    attendance = many(Attendance, required=True, max=100)


class RecordDecision(Command):
    """The chair, or the secretariat, records what a meeting decided."""

    answer = MeetingAnswer
    meeting = Slug(required=True)
    decision = Slug(load_default=None, allow_none=True)
    text = Text(required=True, max=5000)
    item = Slug(load_default=None, allow_none=True)


class AssignAction(Command):
    """The chair, or the secretariat, records what an entity took upon itself in a meeting, and until when."""

    answer = MeetingAnswer
    meeting = Slug(required=True)
    action = Slug(load_default=None, allow_none=True)
    what = Line(required=True, max=500)
    owner = EntityCode(required=True)
    due = Instant(required=True)


class ChangeAction(Command):
    """An action item gets another owner or date; the chair, or the secretariat, says why."""

    answer = MeetingAnswer
    meeting = Slug(required=True)
    action = Slug(required=True)
    owner = EntityCode(load_default=None, allow_none=True)
    due = Instant(load_default=None, allow_none=True)
    reason = Text(required=True, max=2000)


class CompleteAction(Command):
    """The owner of an action item, the chair or the secretariat says that it is done, and how."""

    answer = MeetingAnswer
    meeting = Slug(required=True)
    action = Slug(required=True)
    note = Text(required=True, max=2000)


class DropAction(Command):
    """The chair, or the secretariat, drops an action item, with the reason."""

    answer = MeetingAnswer
    meeting = Slug(required=True)
    action = Slug(required=True)
    reason = Text(required=True, max=2000)


class Meetings(PageQuery):
    """The meetings, latest first; the Group's own. ``since`` and ``until``: those that go on in between. ``state``: as of the asking."""

    answer = page_of(MeetingAnswer, "MeetingsPage")
    since = Instant(load_default=None, allow_none=True)
    until = Instant(load_default=None, allow_none=True)
    state = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(MEETING_STATES))


class GetMeeting(Query):
    """One meeting."""

    answer = MeetingAnswer
    meeting = Slug(required=True)


class ActionItemsAnswer(Answer):
    """Action items, soonest due first."""

    items = fields.List(fields.Nested(ActionItemView))


class ActionItems(Query):
    """The action items of all meetings: of one ``owner`` or of all, those not done or dropped unless ``all``."""

    answer = ActionItemsAnswer
    owner = EntityCode(load_default=None, allow_none=True)
    all = fields.Boolean(load_default=False)


class CalendarEntry(Message):
    """One entry of a calendar. ``kind``: meeting, briefing, deliverable, milestone, action_item. What is due has ``ends_at`` equal
    to ``starts_at``. ``state``: confirmed or cancelled; ``done``: for what is due, whether it was done."""

    uid = fields.String()
    sequence = fields.Integer()
    kind = fields.String(validate=validate.OneOf(("meeting", "briefing", "deliverable", "milestone", "action_item")))
    title = fields.String()
    description = fields.String()
    starts_at = Instant()
    ends_at = Instant()
    place = fields.String()
    url = fields.String(metadata={"description": "Path of its page."})
    link = fields.String(allow_none=True)
    state = fields.String(validate=validate.OneOf(("confirmed", "cancelled")))
    done = fields.Boolean()
    updated_at = Instant()


class CalendarAnswer(Answer):
    """The entries, soonest first. ``entity``: whose calendar; null for all."""

    entity = fields.String(allow_none=True)
    entries = fields.List(fields.Nested(CalendarEntry))


class Calendar(Query):
    """The calendar of all (``entity`` not given): the briefings, and for the Group its meetings; or of one entity: these and
    what it has to deliver, for its own people and the secretariat. ``since`` and ``until`` narrow; without them, all that is on record."""

    answer = CalendarAnswer
    entity = EntityCode(load_default=None, allow_none=True)
    since = Instant(load_default=None, allow_none=True)
    until = Instant(load_default=None, allow_none=True)


# Briefings ----------------------------------------------------------------------------------------------------------


def Capacity(**kwargs) -> fields.Integer:
    """How many people there is room for; null is no limit."""
    return fields.Integer(allow_none=True, strict=True, validate=validate.Range(min=1, max=10_000), **kwargs)


class BriefingAnswer(VersionedAnswer):
    """A briefing for permanent missions. ``uid`` and ``revision`` are its calendar entry's UID and SEQUENCE. ``reply_by``: null means
    until it starts."""

    briefing = fields.String()
    uid = fields.String()
    revision = fields.Integer()
    state = fields.String(validate=validate.OneOf(BRIEFING_STATES))
    title = fields.String()
    kind = fields.String()
    starts_at = Instant()
    ends_at = Instant()
    place = fields.String()
    on_margins_of = fields.String()
    agenda = fields.List(fields.String())
    papers = fields.List(fields.Nested(Paper))
    pillars = fields.List(fields.String())
    capacity = Capacity()
    reply_by = Instant(allow_none=True)
    coming = fields.Integer(allow_none=True, metadata={"description": "People who come; null until someone replied."})
    announced_at = Instant()
    reason = fields.String(allow_none=True, metadata={"description": "Why it was last changed, or cancelled."})


class AnnounceBriefing(Command):
    """The chair, or the secretariat, announces a briefing for permanent missions (001 ¶75). Those invited reply until ``reply_by``, or
    until it starts."""

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
    capacity = Capacity(load_default=None)
    reply_by = Instant(load_default=None, allow_none=True)


class ChangeBriefing(Command):
    """A briefing moves or changes; its calendar entry gets the next revision. Of ``capacity`` and ``reply_by`` null lifts the limit;
    not given, they stay as everything else does."""

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
    capacity = Capacity()
    reply_by = Instant(allow_none=True)
    reason = Text(load_default="", max=2000)


class CancelBriefing(Command):
    """A briefing will not be held."""

    answer = BriefingAnswer
    briefing = Slug(required=True)
    reason = Text(required=True, max=2000)


class Briefings(PageQuery):
    """The briefings, latest first. They are announced in public, so that everyone may read them. ``since`` and ``until``: those that go on
    in between. ``state``: as of the asking."""

    answer = page_of(BriefingAnswer, "BriefingsPage")
    since = Instant(load_default=None, allow_none=True)
    until = Instant(load_default=None, allow_none=True)
    state = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(BRIEFING_STATES))


class GetBriefing(Query):
    """One briefing, for everyone: how many come is told, never who."""

    answer = BriefingAnswer
    briefing = Slug(required=True)


# Meetings: events ---------------------------------------------------------------------------------------------------


class OfMeeting(Message):
    """``uid`` and ``revision``: the calendar entry's UID and SEQUENCE. ``entities``: those expected, as of the event."""

    meeting = fields.String(required=True)
    uid = fields.String(required=True)
    revision = fields.Integer(required=True)
    title = fields.String(required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    place = fields.String(required=True)
    link = fields.String(required=True, allow_none=True)
    entities = fields.List(fields.String(), required=True)


class MeetingCalled(OfMeeting, Event):
    """A meeting of the Group is called."""

    agenda = fields.List(fields.Nested(AgendaItemView), required=True)


class MeetingChanged(OfMeeting, Event):
    """The meeting as it is now. ``before``: the earlier values of what changed, agenda and papers among them."""

    agenda = fields.List(fields.Nested(AgendaItemView), required=True)
    before = fields.Dict(keys=fields.String(), required=True)
    reason = fields.String(required=True)


class MeetingCancelled(OfMeeting, Event):
    """It will not be held."""

    reason = fields.String(required=True)


class MeetingReminded(OfMeeting, Event):
    """It is ``days`` away. ``unanswered``: those of the entities that have not said whether they come."""

    days = fields.Integer(required=True)
    unanswered = fields.List(fields.String(), required=True)


class _InMeeting(Message):
    meeting = fields.String(required=True)
    title = fields.String(required=True, metadata={"description": "The meeting's."})


class AgendaItemProposed(_InMeeting, Event):
    """A member asked for an item of the agenda."""

    item = fields.String(required=True)
    what = fields.String(required=True)
    entity = fields.String(required=True, allow_none=True)


class MeetingReplied(_InMeeting, Event):
    """An entity said whether it comes. ``before``: what it had said, or null."""

    entity = fields.String(required=True)
    attending = fields.String(required=True)
    people = fields.List(fields.String(), required=True)
    letter = fields.String(required=True)
    before = fields.String(required=True, allow_none=True)


class AttendanceRecorded(_InMeeting, Event):
    """Who was there. ``before``: what was recorded of the same entities until now."""

    attendance = fields.List(fields.Nested(AttendanceView), required=True)
    before = fields.List(fields.Nested(AttendanceView), required=True)


class DecisionRecorded(_InMeeting, Event):
    """What the meeting decided."""

    decision = fields.String(required=True)
    text = fields.String(required=True)
    item = fields.String(required=True, allow_none=True)


class _OfAction(_InMeeting):
    action = fields.String(required=True)
    what = fields.String(required=True)
    owner = fields.String(required=True)
    due = Instant(required=True)


class ActionAssigned(_OfAction, Event):
    """An entity took something upon itself."""


class ActionChanged(_OfAction, Event):
    """It has another owner or date. ``before``: the earlier values."""

    before = fields.Dict(keys=fields.String(), required=True)
    reason = fields.String(required=True)


class ActionCompleted(_OfAction, Event):
    """It is done."""

    note = fields.String(required=True)


class ActionDropped(_OfAction, Event):
    """It will not be done."""

    reason = fields.String(required=True)


class ActionReminded(_OfAction, Event):
    """It is due in ``days``: seven, none, or minus seven when it is a week late."""

    days = fields.Integer(required=True)


# Briefings: events --------------------------------------------------------------------------------------------------


class OfBriefing(Message):
    """``uid`` and ``revision``: the calendar entry's UID and SEQUENCE; a higher revision replaces a lower. What was said before there
    were ``capacity`` and ``reply_by`` set no limit: without them there is none, and replies are taken until it starts."""

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
    capacity = Capacity(load_default=None)
    reply_by = Instant(load_default=None, allow_none=True)


class BriefingAnnounced(OfBriefing, Event):
    """Missions are invited."""


class BriefingChanged(OfBriefing, Event):
    """The whole briefing as it is now. ``before``: the earlier values of what changed."""

    before = fields.Dict(keys=fields.String(), required=True)
    reason = fields.String(required=True)


class BriefingCancelled(OfBriefing, Event):
    """It will not be held."""

    reason = fields.String(required=True)
