"""The calendar of the year: orders and questions on briefings."""

from typing import Any

from contracts import workplan as c
from messaging.context import Order
from messaging.service import command, query
from messaging.store import Saved
from services.workplan import rules
from services.workplan.service.asking import given, paged, who
from services.workplan.store import briefings


class Calendar:
    """The orders and questions on briefings."""

    @command(c.AnnounceBriefing)
    def announce_briefing(self, order: Order) -> Saved[rules.Briefing]:
        id, told = order.briefing or order.new_id("briefing"), who(order) | given(order.data, rules.TOLD)
        return briefings.create(id, order, lambda: rules.Briefing.announce(id, **told))

    @command(c.ChangeBriefing)
    def change_briefing(self, order: Order) -> Saved[rules.Briefing]:
        changes, told = given(order.data, rules.TOLD), who(order)
        return briefings.change(order.briefing, order, lambda briefing: briefing.change(changes, reason=order.reason, **told))

    @command(c.CancelBriefing)
    def cancel_briefing(self, order: Order) -> Saved[rules.Briefing]:
        told = who(order)
        return briefings.change(order.briefing, order, lambda briefing: briefing.cancel(order.reason, **told))

    @query(c.Briefings)
    def briefings(self, ask: Order) -> dict[str, Any]:
        page = briefings.find(sort="state.starts_at", descending=True, limit=ask.limit, after=ask.after)
        return paged(page, rules.Briefing.view, ask.by, ask.at)

    @query(c.GetBriefing)
    def get_briefing(self, ask: Order) -> Saved[rules.Briefing]:
        return briefings.load(ask.briefing)
