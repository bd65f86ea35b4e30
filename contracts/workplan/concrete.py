"""Members' concrete actions: an entity's own measures for the Global Plan, beside the joint activities, until a year."""

from marshmallow import fields, validate

from contracts.base import Command, EntityCode, Event, Line, Message, PageQuery, Pillars, Query, Slug, Text, VersionedAnswer, Year, page_of
from contracts.workplan.plan import Paragraphs

CONCRETE_STATES = ("declared", "done", "withdrawn")


class ConcreteActionAnswer(VersionedAnswer):
    """A member's own measure, from ``since`` to the end of ``until`` (calendar years). Counted in the coverage of these years, of
    one that was done earlier until the year in which it was, and of one that was withdrawn never."""

    action = fields.String()
    entity = fields.String()
    title = fields.String()
    description = fields.String()
    pillars = fields.List(fields.String())
    paragraphs = fields.List(fields.Integer())
    since = Year()
    until = Year()
    state = fields.String(validate=validate.OneOf(CONCRETE_STATES))
    note = fields.String(metadata={"description": "What came of it, or why it was withdrawn."})
    letter = fields.String(metadata={"description": "By which the secretariat entered it for the entity; empty outside the Group."})


class _Wording(Message):
    title = Line(load_default=None, allow_none=True, max=300, min=1)
    description = Text(load_default=None, allow_none=True, max=5000)
    pillars = Pillars(load_default=None, allow_none=True)
    paragraphs = Paragraphs(load_default=None, allow_none=True)
    since = Year(load_default=None, allow_none=True)
    until = Year(load_default=None, allow_none=True)


class DeclareConcreteAction(_Wording, Command):
    """A member declares a measure of its own; ``since`` this year when not given. The secretariat enters it for an entity from the
    ``letter`` it names. It serves a pillar or a paragraph at least."""

    answer = ConcreteActionAnswer
    action = Slug(load_default=None, allow_none=True)
    entity = EntityCode(required=True)
    title = Line(required=True, max=300)
    until = Year(required=True)
    letter = Text(load_default="", max=500)


class ChangeConcreteAction(_Wording, Command):
    """The entity, or the secretariat for it, changes its measure."""

    answer = ConcreteActionAnswer
    action = Slug(required=True)
    letter = Text(load_default="", max=500)


class EndConcreteAction(Command):
    """The entity, or the secretariat for it, says that its measure is ``done``, or ``withdrawn``."""

    answer = ConcreteActionAnswer
    action = Slug(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(("done", "withdrawn")))
    note = Text(required=True, max=2000)
    letter = Text(load_default="", max=500)


class ConcreteActions(PageQuery):
    """Members' measures, by entity; of one ``entity``, or of those that hold in a ``year``."""

    answer = page_of(ConcreteActionAnswer, "ConcreteActionsPage")
    entity = EntityCode(load_default=None, allow_none=True)
    year = Year(load_default=None, allow_none=True)


class GetConcreteAction(Query):
    """One measure."""

    answer = ConcreteActionAnswer
    action = Slug(required=True)


class _Of(Message):
    action = fields.String(required=True)
    entity = fields.String(required=True)
    title = fields.String(required=True)
    letter = fields.String(required=True)


class ConcreteActionDeclared(_Of, Event):
    """A member declared a measure of its own."""

    description = fields.String(required=True)
    pillars = fields.List(fields.String(), required=True)
    paragraphs = fields.List(fields.Integer(), required=True)
    since = Year(required=True)
    until = Year(required=True)


class ConcreteActionChanged(_Of, Event):
    """``before`` and ``after`` hold the fields that changed."""

    before = fields.Dict(keys=fields.String(), required=True)
    after = fields.Dict(keys=fields.String(), required=True)


class ConcreteActionEnded(_Of, Event):
    """It is done, or withdrawn."""

    outcome = fields.String(required=True)
    note = fields.String(required=True)
