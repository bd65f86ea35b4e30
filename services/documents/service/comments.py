"""Comment rounds, comments and what is answered: orders and questions.

What was said is shown from a projection of the documents' own events: taken up by the relay before it sends them, or sooner by who reads.
"""

from collections.abc import Iterator
from typing import Any

import eventlet

from contracts import documents as c
from messaging.context import Order
from messaging.remembering import Latest
from messaging.service import command, query
from messaging.store import Saved
from services.documents import rules
from services.documents.rules import views
from services.documents.rules.anchors import Passages, Selector
from services.documents.rules.commenting import no_such_comment
from services.documents.service.asking import act, sees_drafts, shown
from services.documents.store import comments, documents, texts

_passages: Latest[Passages] = Latest(8)
"""The texts in which passages were sought last, by their outlines."""


def commented(saved: Saved[rules.Document], *said: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Comments as they were said, and where their passages stand now."""
    if not said:  # of a document without a text, too, there are none
        return
    outline = saved.aggregate.current.outline
    now = _passages.get(outline) or _passages.keep(outline, Passages(outline, texts.text(outline).sections))
    for count, one in enumerate(said, 1):
        if count % 10 == 0:
            eventlet.sleep(0)  # so that a page of the hardest passages holds up no heartbeat
        place = now.locate(Selector(**one["passage"]))
        yield views.comment(saved.aggregate, one, place, now.numbers.get(place.section or "")) | {"version": saved.version}


def answered(saved: Saved[rules.Document], order: Order) -> dict[str, Any]:
    """The comment that an order on a document was about, once what it made happen is taken up."""
    return next(commented(saved, comments.told(saved, order)))


def of_the_group(ask: Order) -> Saved[rules.Document]:
    """The document, for one who may see what is said of it."""
    saved = documents.load(ask.document)
    views.of_the_group(saved.aggregate, drafts=sees_drafts(ask, saved.aggregate), at=ask.at)
    return saved


class Comments:
    """The orders and questions on comments."""

    @command(c.OpenCommentRound)
    def open_comment_round(self, order):
        return shown(act(order, lambda d, **who: d.open_comment_round(order.deadline, **who)), order)

    @command(c.Comment)
    def comment(self, order):
        said = (order.revision, order.section, order.quotation, order.start, order.text)
        return answered(act(order, lambda d, **who: d.comment(*said, read=texts.text, **who)), order)

    @command(c.ReplyToComment)
    def reply_to_comment(self, order):
        said = {"comment": order.comment, "text": order.text, "thread": comments.length(order.document, order.comment, "replies")}
        return answered(act(order, lambda d, **who: d.reply_to_comment(**said, **who)), order)

    @command(c.Dispose)
    def dispose(self, order):
        said = {name: order.data[name] for name in ("comment", "outcome", "reason")}
        said["dispositions"] = comments.length(order.document, order.comment, "dispositions")
        return answered(act(order, lambda d, **who: d.dispose(**said, **who)), order)

    @query(c.Comments)
    def comments(self, ask):
        saved, wanted = of_the_group(ask), {name: value for name, value in ask.data.items() if name != "document"}
        found, following = comments.listed(saved.id, len(saved.aggregate.ledger), **wanted)
        return {"items": list(commented(saved, *found)), "next": following}

    @query(c.GetComment)
    def get_comment(self, ask):
        saved = of_the_group(ask)
        if ask.comment > len(saved.aggregate.ledger):
            raise no_such_comment(ask.comment)
        return next(commented(saved, comments.get(saved.id, ask.comment)))
