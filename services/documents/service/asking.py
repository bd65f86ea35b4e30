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
    seen = views.document(saved.aggregate, drafts=sees_drafts(to), at=to.at, rulebook=rulebooks.standing().aggregate)
    return seen | {"version": saved.version}


def sees_drafts(ask: Order) -> bool:
    """Whether the asker is inside the Group. Neither the secretariat nor who claims no part in it waits for the composition."""
    depends = ask.by.in_the_group and not (ask.by.is_secretariat or ask.by.is_system)
    return (composition.value() if depends else Composition()).is_inside(ask.by, ask.at)
