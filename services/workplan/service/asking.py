"""What every part of this service needs to carry out an order or a question: who asks, when, in which composition of the Group."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, NoReturn, TypeVar

from messaging.context import Order
from messaging.store import Aggregates, Page, Saved
from services.kernel import Actor, Aggregate, Composition
from services.workplan.store import composition

A = TypeVar("A", bound=Aggregate)


def given(data: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The fields among ``names`` that the caller gave; what it did not give stays as it is."""
    return {name: data[name] for name in names if data.get(name) is not None}


def who(order: Order) -> dict[str, Any]:
    """By whom, when, and in which composition of the Group. Raises Refusal(unavailable) before chairs has told any."""
    return {"by": order.by, "at": order.at, "composition": composition.value()}


def asker(ask: Order) -> tuple[Actor, datetime, Composition]:
    """Who asks, when, and in which composition. Neither the secretariat nor who claims no part in the Group waits for that to be
    known here: nothing that they see depends on it."""
    depends = ask.by.in_the_group and not (ask.by.is_secretariat or ask.by.is_system)
    return ask.by, ask.at, composition.value() if depends else Composition()


def made(kept: Aggregates[A], id: str, order: Order, make: Callable[..., A], again: Callable[..., NoReturn]) -> Saved[A]:
    """What an order makes: ``make(by=, at=, composition=)``. Where there is one of that id already, ``again(it, by=, at=,
    composition=)`` refuses, and says that it is there to those alone who could have made it."""
    told = who(order)
    return kept.change(id, order, lambda there: again(there, **told), new=lambda: make(**told))


def paged(page: Page, view: Callable[..., dict[str, Any]], *told: Any) -> dict[str, Any]:
    return {"items": [view(saved.aggregate, *told) | {"version": saved.version} for saved in page.items], "next": page.next}
