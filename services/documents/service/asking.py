"""What every part of this service needs to carry out an order or a question: who asks, when, in which composition, and what they see."""

from collections.abc import Callable
from typing import Any

from messaging.context import Order
from messaging.store import Saved
from services.documents import rules
from services.documents.rules import rights, views
from services.documents.rules.rights import ToDocument
from services.documents.store import composition, documents, rulebooks
from services.kernel import Composition


def act(order: Order, decide: Callable[..., Any]) -> Saved[rules.Document]:
    """Carry out one order on one document; ``decide(document, by=, at=, group=)``. One that was carried out before is answered of the
    document as it now stands, and so refused to whom that is no longer there for."""
    saved = documents.change(order.document, order, lambda document: decide(document, by=order.by, at=order.at, group=composition.seen))
    if saved.replayed:
        rights.must_show("get_document", saved.aggregate, drafts=sees_drafts(order, saved.aggregate), at=order.at)
    return saved


def shown(saved: Saved[rules.Document], to: Order) -> dict[str, Any]:
    """The document as whoever asked may see it."""
    return shown_to(asker(to), saved, rulebooks.standing().aggregate)


def shown_to(who: ToDocument, saved: Saved[rules.Document], rulebook: rules.Rulebook) -> dict[str, Any]:
    """The document as this person may see it, by the passing rules as they stand. Whoever has just changed it is answered, even one who
    drafts a statement under embargo no more."""
    privy = who.is_inside if saved.events else who.to(saved.aggregate).is_privy
    said = {"by": who.by, "at": who.at, "group": who.group, "drafts": privy}
    return views.document(saved.aggregate, **said, rulebook=rulebook) | {"version": saved.version}


def asker(ask: Order) -> ToDocument:
    """Who asks, when, and in which composition. Neither the secretariat nor who claims no part in the Group waits for that to be known
    here: nothing that they see depends on it."""
    depends = ask.by.in_the_group and not (ask.by.is_secretariat or ask.by.is_system)
    return ToDocument(ask.by, ask.at, composition.value() if depends else Composition())


def sees_drafts(ask: Order, it: rules.Document) -> bool:
    """Whether the asker is privy to this document."""
    return asker(ask).to(it).is_privy
