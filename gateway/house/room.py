"""Answers what the secretariat asks about the services themselves, by asking them."""

from datetime import datetime
from typing import Any

from contracts.platform import position
from contracts.subscriptions import PRODUCERS
from gateway.accounts.contract import STATES
from gateway.accounts.store import Accounts
from gateway.desk import Desk
from messaging.context import Order, written

BROKER_SECONDS = 15.0
"""A service that is asked for its dead letters looks into its queue first."""


class HouseRoom:
    """One method per command and query of ``gateway.house.contract``, named alike."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.accounts = Accounts()

    def dead_letters(self, order: Order) -> Any:
        return self._passed_on("dead_letters", order)

    def send_letter_again(self, order: Order) -> Any:
        return self._passed_on("send_letter_again", order)

    def drop_letter(self, order: Order) -> Any:
        return self._passed_on("drop_letter", order)

    def house(self, order: Order) -> dict[str, Any]:
        asked: dict[str, tuple[str, str, dict[str, Any]]] = {"deliveries": ("notifications", "delivery_summary", {})}
        for name in PRODUCERS:
            asked |= {f"{name}.status": (name, "status", {}), f"{name}.letters": (name, "dead_letters", {"limit": 1})}
        panels = self.desk.gather(order, asked)
        rooms = {}
        for name in PRODUCERS:
            status, letters = panels[f"{name}.status"], panels[f"{name}.letters"]
            count = letters.answer["count"] if letters.is_there else None
            rooms[name] = (status.answer or {}) | {"available": status.is_there, "letters": count}
        return {"people": self.accounts.tally(STATES), "rooms": rooms, "deliveries": panels["deliveries"].answer}

    def trail(self, order: Order) -> dict[str, Any]:
        """The trails of all services in one. Events stand in one order, so that one cursor goes on in each of them; what came meanwhile
        from one that was away is not brought on a later page, which is why it is named."""
        asked = {name: written(value) if isinstance(value, datetime) else value for name, value in order.data.items() if value is not None}
        panels = self.desk.gather(order, {name: (name, "trail", asked) for name in PRODUCERS})
        for panel in panels.values():
            if panel.refusal is not None and not panel.is_away:
                raise panel.refusal
        there = {name: panel.answer for name, panel in panels.items() if panel.is_there}
        items = [item | {"service": name} for name, answer in there.items() for item in answer["items"]]
        items.sort(key=lambda item: (item["at"], item["sequence"], item["id"]), reverse=True)
        shown = items[: order.limit]
        more = len(items) > len(shown) or any(answer["next"] for answer in there.values())
        away = sorted(panels.keys() - there.keys())
        return {"items": shown, "next": position(shown[-1]) if more and shown else None, "unavailable": away}

    def _passed_on(self, name: str, order: Order) -> Any:
        payload = {field: value for field, value in order.data.items() if field != "service"}
        return self.desk.services.call(order.service, name, payload, order, BROKER_SECONDS)
