"""Answers what the secretariat asks about the services themselves, by asking them."""

from typing import Any

from gateway.desk import Desk
from messaging.context import Order

BROKER_SECONDS = 15.0
"""A service that is asked for its dead letters looks into its queue first."""


class HouseRoom:
    """One method per command and query of ``gateway.house.contract``, named alike."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    # Each service refuses whoever is not the secretariat; so does the gateway, which then need not ask.

    def dead_letters(self, order: Order) -> Any:
        order.by.must_be_secretariat("see dead letters")
        return self._passed_on("dead_letters", order)

    def send_letter_again(self, order: Order) -> Any:
        order.by.must_be_secretariat("send a dead letter again")
        return self._passed_on("send_letter_again", order)

    def drop_letter(self, order: Order) -> Any:
        order.by.must_be_secretariat("drop a dead letter")
        return self._passed_on("drop_letter", order)

    def _passed_on(self, name: str, order: Order) -> Any:
        payload = {field: value for field, value in order.data.items() if field != "service"}
        return self.desk.services.call(order.service, name, payload, order, BROKER_SECONDS)
