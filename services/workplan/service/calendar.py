"""The calendar of the year: orders and questions on meetings, briefings, and what is when."""

from collections.abc import Callable
from functools import partial
from typing import Any

from contracts import workplan as c
from messaging.context import Order
from messaging.service import command, query
from messaging.store import Saved
from services.workplan import rules
from services.workplan.service.asking import asker, given, made, paged, who
from services.workplan.store import briefings, coming, meetings, plans


def act(order: Order, decide: Callable[..., Any], *args: Any, **more: Any) -> dict[str, Any]:
    """Carry out one order on its meeting: ``decide(meeting, *args, by=, at=, composition=, **more)``; the meeting as it is then."""
    told = who(order) | more
    return shown(meetings.change(order.meeting, order, lambda meeting: decide(meeting, *args, **told)), order)


def shown(saved: Saved[rules.Meeting], ask: Order) -> dict[str, Any]:
    return saved.aggregate.view(**who(ask)) | {"version": saved.version}


def with_guests(saved: Saved[rules.Briefing], ask: Order) -> dict[str, Any]:
    """A briefing with how many come, as *notifications* told it."""
    return saved.aggregate.view(ask.by, ask.at, coming.to([saved.id]).get(saved.id)) | {"version": saved.version}


class Calendar:
    """The orders and questions on meetings and briefings."""

    @command(c.CallMeeting)
    def call_meeting(self, order: Order) -> dict[str, Any]:
        id = order.meeting or order.new_id("meeting")
        call = partial(rules.Meeting.call, id, **given(order.data, rules.CALLED))
        return shown(made(meetings, id, order, call, rules.Meeting.call_again), order)

    @command(c.ChangeMeeting)
    def change_meeting(self, order: Order) -> dict[str, Any]:
        linked = {name: order.data[name] for name in ("link",) if name in order.data}
        return act(order, rules.Meeting.change, given(order.data, rules.CALLED) | linked, reason=order.reason)

    @command(c.CancelMeeting)
    def cancel_meeting(self, order: Order) -> dict[str, Any]:
        return act(order, rules.Meeting.cancel, order.reason)

    @command(c.ProposeAgendaItem)
    def propose_agenda_item(self, order: Order) -> dict[str, Any]:
        return act(order, rules.Meeting.propose_item, order.title, item=order.item, papers=order.papers)

    @command(c.ReplyToMeeting)
    def reply_to_meeting(self, order: Order) -> dict[str, Any]:
        return act(order, rules.Meeting.reply, order.entity, order.attending, order.people, letter=order.letter)

    @command(c.RecordAttendance)
    def record_attendance(self, order: Order) -> dict[str, Any]:
        return act(order, rules.Meeting.record_attendance, order.attendance)

    @command(c.RecordDecision)
    def record_decision(self, order: Order) -> dict[str, Any]:
        return act(order, rules.Meeting.record_decision, order.text, decision=order.decision, item=order.item)

    @command(c.AssignAction)
    def assign_action(self, order: Order) -> dict[str, Any]:
        return act(order, rules.Meeting.assign_action, order.what, order.owner, order.due, action=order.action)

    @command(c.ChangeAction)
    def change_action(self, order: Order) -> dict[str, Any]:
        return act(order, rules.Meeting.change_action, order.action, owner=order.owner, due=order.due, reason=order.reason)

    @command(c.CompleteAction)
    def complete_action(self, order: Order) -> dict[str, Any]:
        return act(order, rules.Meeting.complete_action, order.action, order.note)

    @command(c.DropAction)
    def drop_action(self, order: Order) -> dict[str, Any]:
        return act(order, rules.Meeting.drop_action, order.action, order.reason)

    @query(c.Meetings)
    def meetings(self, ask: Order) -> dict[str, Any]:
        told = who(ask)
        rules.must_be_inside(**told)
        page = meetings.latest(ask.since, ask.until, ask.limit, ask.after, state=ask.state, at=ask.at)
        return paged(page, rules.Meeting.view, *told.values())

    @query(c.GetMeeting)
    def get_meeting(self, ask: Order) -> dict[str, Any]:
        return shown(meetings.load(ask.meeting), ask)

    @query(c.ActionItems)
    def action_items(self, ask: Order) -> dict[str, Any]:
        found = meetings.with_actions(ask.owner, settled=ask.all)
        return rules.action_items(found, ask.owner, settled=ask.all, **who(ask))

    @query(c.Calendar)
    def calendar(self, ask: Order) -> dict[str, Any]:
        by, at, group = asker(ask)
        return rules.calendar(
            ask.entity,
            ask.since,
            ask.until,
            briefings=briefings.between(ask.since, ask.until),
            meetings=meetings.between(ask.since, ask.until),
            owing=meetings.with_actions(ask.entity, settled=True),
            plans=plans.adopted(),
            by=by,
            at=at,
            composition=group,
        )

    @query(c.Awaiting)
    def awaiting(self, ask: Order) -> dict[str, Any]:
        return rules.awaiting(ask.entity, plans=plans.unfinished(), meetings=meetings.concerning(ask.entity, ask.at), **who(ask))

    @command(c.AnnounceBriefing)
    def announce_briefing(self, order: Order) -> dict[str, Any]:
        id, told = order.briefing or order.new_id("briefing"), who(order) | given(order.data, rules.TOLD)
        return with_guests(briefings.create(id, order, lambda: rules.Briefing.announce(id, **told)), order)

    @command(c.ChangeBriefing)
    def change_briefing(self, order: Order) -> dict[str, Any]:
        lifted = {name: order.data[name] for name in rules.LIMITS if name in order.data}
        changes, told = given(order.data, rules.TOLD) | lifted, who(order)
        return with_guests(briefings.change(order.briefing, order, lambda b: b.change(changes, reason=order.reason, **told)), order)

    @command(c.CancelBriefing)
    def cancel_briefing(self, order: Order) -> dict[str, Any]:
        told = who(order)
        return with_guests(briefings.change(order.briefing, order, lambda briefing: briefing.cancel(order.reason, **told)), order)

    @query(c.Briefings)
    def briefings(self, ask: Order) -> dict[str, Any]:
        page = briefings.latest(ask.since, ask.until, ask.limit, ask.after, state=ask.state, at=ask.at)
        guests = coming.to(saved.id for saved in page.items)
        return paged(page, lambda briefing: briefing.view(ask.by, ask.at, guests.get(briefing.id)))

    @query(c.GetBriefing)
    def get_briefing(self, ask: Order) -> dict[str, Any]:
        return with_guests(briefings.load(ask.briefing), ask)
