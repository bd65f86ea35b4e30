"""Who may do what here, as of an instant: the table by which every order and question is decided, and who is who to a thing."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from services.kernel import Actor, Composition, Refusal, year_begins
from services.kernel.rights import EVERYONES, Party, Right, Rights, Standing
from services.workplan.rules.activity import Activity

if TYPE_CHECKING:
    from services.workplan.rules.amendment import Amendment
    from services.workplan.rules.plan import Plan

_CHAIR = (Party.CHAIR, Party.SECRETARIAT)
_SEAT = (Party.SEATED, *_CHAIR)
_LEAD = (Party.LEAD, *_CHAIR)
_CARRYING = (Party.LEAD, Party.CONTRIBUTOR, *_CHAIR)
_ENTITY = (Party.OWN, Party.SECRETARIAT)
_ADOPTED = (Party.INSIDE, Party.PUBLIC)

_of_the_plan = partial(Right, known=_ADOPTED, within="group-only")
_of_the_group = partial(Right, known=(Party.INSIDE,))

RIGHTS = Rights(
    {
        # The plan: outside the Group one knows of it once it is adopted, and acts on none
        "open_plan": Right(_CHAIR, "open a plan", "chair-only"),
        "set_passing_rule": _of_the_plan((Party.SECRETARIAT,), "record the Group's passing rule", "secretariat-only"),
        "add_activity": _of_the_plan(_SEAT, "add an activity", "seat"),
        "change_activity": _of_the_plan(_LEAD, "change this activity", "lead-or-chair"),
        "cancel_activity": _of_the_plan(_LEAD, "drop this activity", "lead-or-chair"),
        "carry_over": _of_the_plan(_CHAIR, "carry activities over", "chair-only"),
        "check_import": _of_the_plan(_SEAT, "import activities", "seat"),
        "import_plan": _of_the_plan(_SEAT, "import activities", "seat"),
        "open_consultation": _of_the_plan(_CHAIR, "open the consultation", "chair-only"),
        "open_adoption": _of_the_plan(_CHAIR, "open the adoption", "chair-only"),
        "extend_adoption": _of_the_plan(_CHAIR, "extend the deadline", "chair-only"),
        "take_position": _of_the_plan((Party.COUNTING, Party.SECRETARIAT), "take a position", "who-counts"),
        "take_position.on_behalf_of": _of_the_plan((Party.SECRETARIAT,), "enter a position on behalf of an entity", "secretariat-only"),
        "close_plan": _of_the_plan(_CHAIR, "close the plan", "chair-only"),
        "propose_amendment": _of_the_plan(_SEAT, "propose an amendment", "seat"),
        "open_amendment": _of_the_plan(_CHAIR, "open the clearance of an amendment", "chair-only"),
        "withdraw_amendment": _of_the_plan((Party.OWN, *_CHAIR), "withdraw this amendment", "chair-only"),
        "report_progress": _of_the_plan(_CARRYING, "report its progress", "carries-it-out"),
        "mark_delivered": _of_the_plan(_CARRYING, "mark its deliverables", "carries-it-out"),
        "secure_funding": _of_the_plan(_CARRYING, "record its funding", "carries-it-out"),
        "end_funding": _of_the_plan(_CARRYING, "end its funding", "carries-it-out"),
        "plans": EVERYONES,
        "get_plan": Right(_ADOPTED, "read a plan", known=_ADOPTED),
        "activities": Right(_ADOPTED, "read its activities", known=_ADOPTED),
        "get_activity": Right(_ADOPTED, "read an activity", known=_ADOPTED),
        "baseline": Right(_ADOPTED, "compare a plan", known=_ADOPTED),
        "coverage": Right(_ADOPTED, "read what a plan covers", known=_ADOPTED),
        "annual_report": Right(_ADOPTED, "read a report", known=_ADOPTED),
        "positions": _of_the_plan((Party.INSIDE,), "see what each entity said", "group-only"),
        "awaiting": Right(_ENTITY, "ask what awaits it", "own-entity"),
        "global_plan": EVERYONES,
        # Meetings: the Group's own
        "call_meeting": Right(_CHAIR, "call a meeting", "chair-only"),
        "call_meeting.past": Right((Party.SECRETARIAT,), "enter a meeting of the past", "secretariat-only"),
        "change_meeting": _of_the_group(_CHAIR, "change a meeting", "chair-only"),
        "change_meeting.past": _of_the_group((Party.SECRETARIAT,), "correct the record of a meeting", "secretariat-only"),
        "cancel_meeting": _of_the_group(_CHAIR, "cancel a meeting", "chair-only"),
        "propose_agenda_item": _of_the_group((Party.INSIDE,), "propose an item", "group-only"),
        "reply_to_meeting": _of_the_group(_ENTITY, "say whether it comes", "own-entity"),
        "record_attendance": _of_the_group(_CHAIR, "record who attended", "chair-only"),
        "record_decision": _of_the_group(_CHAIR, "record a decision", "chair-only"),
        "assign_action": _of_the_group(_CHAIR, "assign an action item", "chair-only"),
        "change_action": _of_the_group(_CHAIR, "change an action item", "chair-only"),
        "complete_action": _of_the_group((Party.OWN, *_CHAIR), "complete this action item", "owner-or-chair"),
        "drop_action": _of_the_group(_CHAIR, "drop an action item", "chair-only"),
        "meetings": _of_the_group((Party.INSIDE,), "see the meetings", "group-only"),
        "get_meeting": _of_the_group((Party.INSIDE,), "see a meeting", "group-only"),
        "action_items": _of_the_group((Party.INSIDE,), "see action items", "group-only"),
        "calendar": EVERYONES,
        "calendar.entity": Right(_ENTITY, "read its calendar", "own-entity"),
        # Briefings: announced in public
        "announce_briefing": Right(_CHAIR, "announce a briefing", "chair-only"),
        "change_briefing": Right(_CHAIR, "change a briefing", "chair-only"),
        "cancel_briefing": Right(_CHAIR, "cancel a briefing", "chair-only"),
        "briefings": EVERYONES,
        "get_briefing": EVERYONES,
        # Members' own measures
        "declare_concrete_action": Right(_ENTITY, "declare a concrete action of its own", "own-entity"),
        "change_concrete_action": Right(_ENTITY, "change this concrete action", "own-entity"),
        "end_concrete_action": Right(_ENTITY, "end this concrete action", "own-entity"),
        "concrete_actions": EVERYONES,
        "get_concrete_action": EVERYONES,
    }
)


@dataclass(frozen=True)
class ToPlan(Standing):
    """Who a person is to the plan of a year, or to one activity or amendment of it, or to a clearance of either."""

    year: int = 0
    public: bool = False
    activity: Activity | None = None
    own: Collection[str] = ()
    counting: Collection[str] = ()

    def entities(self, party: Party) -> Collection[str]:
        match party:
            case Party.CHAIR:
                codes: Collection[str] = chairs(self.year, self.at, self.group)
            case Party.SEATED:
                codes = sorted({*self.group.seated(self.at), *self.group.seated(max(self.at, year_begins(self.year)))})
            case Party.LEAD:
                codes = [self.activity.lead] if self.activity else []
            case Party.CONTRIBUTOR:
                codes = self.activity.contributors if self.activity else []
            case Party.OWN:
                codes = self.own
            case Party.COUNTING:
                codes = [code for code in self.group.members(self.at) if code in self.counting]
            case _:
                codes = super().entities(party)
        return codes

    @property
    def is_public(self) -> bool:
        return self.public

    def unknown(self) -> Refusal:
        return Refusal.not_found(f"There is no plan {self.year}.")


@dataclass(frozen=True)
class ToThing(Standing):
    """Who a person is to a meeting, an action item or a measure. ``own``: whose it is; ``named``: what it is called to those who may
    not know of it."""

    own: Collection[str] = field(default=())
    named: str = "Meetings are the Group's own."
    rule: str = "group-only"

    def entities(self, party: Party) -> Collection[str]:
        return self.own if party is Party.OWN else super().entities(party)

    def unknown(self) -> Refusal:
        return Refusal.not_found(self.named, rule=self.rule)


def to_plan(plan: "Plan", by: Actor, at: datetime, composition: Composition) -> ToPlan:
    """Who this person is to a plan."""
    return ToPlan(by, at, composition, plan.year, plan.is_public)


def may(
    action: str,
    plan: "Plan",
    by: Actor,
    at: datetime,
    composition: Composition,
    *,
    activity: Activity | None = None,
    amendment: "Amendment | None" = None,
) -> bool:
    """Whether an order on a plan, or on an activity or amendment of it, is this person's to give, whatever state the thing is in. To
    take a position: for the entity that it speaks for; ``take_position.on_behalf_of``: for another."""
    who, clearance = to_plan(plan, by, at, composition), amendment.clearance if amendment else plan.adoption
    own = [amendment.entity] if amendment and amendment.entity else []
    who = replace(who, activity=activity, own=own, counting=clearance.counting if clearance else ())
    return RIGHTS.may(action, who)


def moves(year: int, by: Actor, at: datetime, composition: Composition) -> bool:
    """Whether this is the chair, or the secretariat, which moves things along for it."""
    return ToPlan(by, at, composition, year).is_any(_CHAIR)


def chairs(year: int, at: datetime, composition: Composition) -> list[str]:
    """Who serves now, and who holds the plan's own year: it prepares its plan before, and closes it after."""
    term = composition.term(year)
    own = term.serving(at) if term and term.state in ("adopted", "begun", "ended") else []
    return list(dict.fromkeys([*composition.chairs(at), *own]))


def voice(who: ToPlan, on_behalf_of: str | None) -> str:
    """The entity whose word this is: the person's own, or the one whose letter the secretariat enters."""
    if on_behalf_of is not None:
        RIGHTS.must("take_position.on_behalf_of", who)
        return on_behalf_of
    RIGHTS.must_enter("take_position", who)
    by = who.by
    if by.entity is None or not by.speaks_for(by.entity):
        raise Refusal.not_allowed(
            "A position is an entity's: its focal point or alternate takes it, or the secretariat on its behalf.",
            rule="own-entity",
            field="on_behalf_of" if by.is_secretariat else None,
        )
    return by.entity
