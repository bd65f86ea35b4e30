"""What every part of this service needs to carry out an order or a question: who asks, when, in which composition, and what they see."""

from collections.abc import Callable
from typing import Any

from messaging.context import Order
from messaging.store import Saved
from services.documents import rules
from services.documents.rules import views
from services.documents.store import composition, documents, rulebooks
from services.kernel import Composition


def act(order: Order, decide: Callable[..., Any]) -> Saved[rules.Document]:
    """Carry out one order on one document; ``decide(document, by=, at=, group=)``."""
    who = {"by": order.by, "at": order.at, "group": composition.value()}
    return documents.change(order.document, order, lambda document: decide(document, **who))


def shown(saved: Saved[rules.Document], to: Order) -> dict[str, Any]:
    """The document as whoever asked may see it."""
    return views.document(saved.aggregate, **seeing(to), rulebook=rulebooks.standing().aggregate) | {"version": saved.version}


def seeing(ask: Order) -> dict[str, Any]:
    """Who looks, when, in which composition, and whether they see drafts. Neither the secretariat nor who claims no part in the Group waits
    for that to be known here: nothing that they see depends on it."""
    depends = ask.by.in_the_group and not (ask.by.is_secretariat or ask.by.is_system)
    group = composition.value() if depends else Composition()
    return {"by": ask.by, "at": ask.at, "group": group, "drafts": group.is_inside(ask.by, ask.at)}


def sees_drafts(ask: Order) -> bool:
    """Whether the asker is inside the Group."""
    return seeing(ask)["drafts"]
