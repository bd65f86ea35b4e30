"""Services as real processes, asked over the broker as the gateway asks them."""

import uuid
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from launcher.platform import Platform
from messaging.client import Pool
from messaging.context import Order
from services.kernel.actor import Actor


@pytest.fixture(scope="module")
def platform(house: Platform) -> Iterator[Platform]:
    """The four services, empty and ready, for the tests of one module. In rehearsal; without the gateway."""
    house.empty()
    house.start("services")
    house.wait_ready()
    yield house
    house.stop("services")


@pytest.fixture(scope="module")
def call(platform: Platform) -> Iterator[Callable[..., Any]]:
    """``call(service, command, payload, by=Actor, at=instant, id=cause, expected=version)``: the answer, or a Refusal.

    A command with the ``id`` of an earlier one is that one again.
    """
    pool = Pool(platform.amqp_uri)

    def ask(
        service: str,
        command: str,
        payload: dict[str, Any],
        *,
        by: Actor,
        at: datetime,
        id: str = "",
        expected: int | None = None,
    ) -> Any:
        return pool.call(service, command, payload, Order(id=id or uuid.uuid4().hex, by=by, at=at, expected=expected))

    yield ask
    pool.close()
