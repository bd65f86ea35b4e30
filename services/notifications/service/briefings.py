"""Who comes to a briefing: what its guests order and ask, and what is heard of it."""

import contextlib
from typing import Any

from contracts import notifications as c
from contracts import workplan
from messaging.context import Arrived, Order, now
from messaging.service import command, query, subscribe
from messaging.store import Saved
from services.kernel.actor import SYSTEM_ACTOR
from services.notifications import rules
from services.notifications.rules import matters, notes
from services.notifications.sending import wake
from services.notifications.service.asking import chairs_at
from services.notifications.store import attendances, guest, keys, overtaken, tell, topics


def shown(saved: Saved[rules.Attendance], ask: Order, **caller: Any) -> dict[str, Any]:
    """The briefing and its replies as who asks may see them. Whose word does not depend on who chairs is not kept waiting for that."""
    attendance, chairs = saved.aggregate, chairs_at(ask.at) if ask.by.in_the_group and not ask.by.is_secretariat else []
    view = attendance.view(ask.by, ask.at, chairs=chairs, invited=lambda: attendances.invited(attendance), **caller)
    return view | {"version": saved.version}


class Inviting:
    """The orders and questions of a briefing's guests."""

    @command(c.ReplyToBriefing)
    def reply_to_briefing(self, order: Order) -> dict[str, Any]:
        code, bearer = keys.replying(order.token, order.briefing) if order.token else (order.subscriber, None)
        caller = {"guest": guest(code), "bearer": bearer}
        told = caller | {"message": order.message, "letter": order.letter, "by": order.by, "at": order.at}
        return shown(
            attendances.change(order.briefing, order, lambda a: a.reply(attending=order.attending, people=order.people, **told)),
            order,
            **caller,
        )

    @query(c.Attendance)
    def attendance(self, ask: Order) -> dict[str, Any]:
        code, bearer = keys.replying(ask.token, ask.briefing) if ask.token else (ask.by.entity, None)
        return shown(attendances.load(ask.briefing), ask, guest=guest(code), bearer=bearer)


class Overtaken(Exception):
    """A newer version of the briefing was heard of."""


def hear(kind: str, event: Arrived) -> None:
    """A version of a briefing: replies are to the newest, and it is announced unless a newer one was heard of. That is asked in the one
    write by which the topic numbers it, and asked again when another was numbered meanwhile; so numbers follow revisions, in whichever
    order and in how many copies they are heard."""
    told = event.data | {"cancelled": kind == "briefing_cancelled"}
    attendances.change(event.briefing, event, lambda a: a.hear(told, at=event.at), new=lambda: rules.Attendance.open(told, at=event.at))
    matter = matters.briefing(kind, event.data, event.at)

    def announce(topic: rules.Topic) -> None:
        if overtaken({topic.id: vars(matter)}):
            raise Overtaken
        topic.announce(matter, event.at)

    with contextlib.suppress(Overtaken):
        topics.change(matter.topic, event, announce, new=lambda: rules.Topic(matter.topic))


class Hosting:
    """What is heard of briefings: missions are told, and those who come stay on record."""

    @subscribe(workplan.BriefingAnnounced)
    def briefing_announced(self, event: Arrived) -> None:
        hear("briefing_announced", event)

    @subscribe(workplan.BriefingChanged)
    def briefing_changed(self, event: Arrived) -> None:
        hear("briefing_changed", event)

    @subscribe(workplan.BriefingCancelled)
    def briefing_cancelled(self, event: Arrived) -> None:
        hear("briefing_cancelled", event)

    @subscribe(c.BriefingNear)
    def briefing_near(self, event: Arrived) -> None:
        attendance = attendances.load(event.briefing).aggregate
        invited = list(attendances.invited(attendance)) if event.reminds == "all" else []
        attendances.change(
            event.briefing, event, lambda a: a.remind(event.days, event.reminds, invited, starts_at=event.starts_at, at=event.at)
        )

    @subscribe(c.SubscriberEnded)
    def subscriber_ended(self, event: Arrived) -> None:
        for briefing in attendances.replied(event.code):
            attendances.change(briefing, event, lambda a: a.give_up(event.code, guest(event.code), by=event.by, at=event.at))

    @subscribe(c.BriefingReplied)
    def briefing_replied(self, event: Arrived) -> None:
        code = event.subscriber
        attendances.change(event.briefing, event, lambda a: a.give_up(code, guest(code), by=SYSTEM_ACTOR, at=event.at))

    @subscribe(c.PlaceGiven)
    def place_given(self, event: Arrived) -> None:
        tell(event.subscriber, event.new_id("note"), notes.place_given(event.data, event.at), now())
        wake()

    @subscribe(c.BriefingReminded)
    def briefing_reminded(self, event: Arrived) -> None:
        for comes, those in ((True, event.coming), (False, event.silent)):
            note = notes.briefing_reminded(event.data, event.at, comes=comes)
            for code in those:
                tell(code, event.new_id(f"note-{code}"), note, now())
        wake()
