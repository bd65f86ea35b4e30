"""What becomes of matters: orders and questions on deliveries, the matters themselves."""

from datetime import datetime
from typing import Any

from contracts import notifications as c
from messaging.context import Order, now
from messaging.service import command, query
from services.notifications import rules, store
from services.notifications.rules import matters
from services.notifications.sending import wake
from services.notifications.service.asking import is_inside, visible
from services.notifications.store import deliveries


class Delivering:
    def run_due(self, instant: datetime) -> int:
        changed = super().run_due(instant)  # type: ignore[misc]  # the next class in line
        if released := deliveries.release(instant, now()):
            wake()
        return changed + released

    @command(c.SendAgain)
    def send_again(self, order: Order) -> rules.Delivery:
        delivery = store.send_again(order.delivery, order)
        wake()
        return delivery

    @query(c.Deliveries)
    def deliveries(self, ask: Order) -> dict[str, Any]:
        wanted = {name: ask.data[name] for name in ("topic", "number", "state", "channel")}
        return deliveries.page({"subscriber": visible(ask), **wanted}, ask.limit, ask.after)

    @query(c.DeliverySummary)
    def delivery_summary(self, ask: Order) -> dict[str, Any]:
        return rules.summary(deliveries.tallies(visible(ask)))

    @query(c.Matters)
    def matters(self, ask: Order) -> dict[str, Any]:
        inside = ask.topic in matters.OF_THE_GROUP and is_inside(ask)
        return matters.shown(ask.by, store.matters.since(ask.topic, ask.since, ask.limit), inside=inside)
