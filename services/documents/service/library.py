"""Publication and the library: orders and questions.

Numbering takes three changes of two aggregates: the order to publish, irrevocable; the number in the series, one per
document however often it is asked for; the publication with that number. The order carries out all three at once; what a
crash leaves undone, the event of the first step finishes.
"""

from typing import Any

from contracts import documents as c
from messaging.context import Cause
from messaging.service import command, query
from messaging.store import Saved
from services.documents import rules
from services.documents.rules import SERIES, views
from services.documents.service.asking import act, shown
from services.documents.service.texts import kept
from services.documents.store import documents, series, texts


def numbered(saved: Saved[rules.Document], cause: Cause) -> Saved[rules.Document]:
    """The document with its number, if that is what it waits for."""
    if not saved.aggregate.awaits_number:
        return saved
    numbers = series.change(SERIES, cause.derived("assign"), lambda s: s.assign(saved.id, cause.at), new=rules.Series).aggregate
    return documents.change(saved.id, cause.derived("complete"), lambda d: d.complete_publication(numbers.number_of(saved.id)))


def recorded(id: str, number: int, paper: dict[str, Any], cause: Cause) -> Saved[rules.Document]:
    """The document of a past paper that the series took in; made once."""
    past = rules.Document.of_the_past
    return documents.change(id, cause, lambda _: None, new=lambda: past(id, number, paper, by=cause.by, at=cause.at))


class Library:
    """The orders and questions on what is public."""

    @command(c.Publish)
    def publish(self, order):
        return shown(numbered(act(order, lambda d, **who: d.publish(order.summary, **who)), order), order)

    @command(c.EnterPublished)
    def enter_published(self, order):
        id, number = order.new_id(SERIES), order.number
        paper = {name: value for name, value in order.data.items() if name != "number"}
        series.change(SERIES, order, lambda s: s.enter(id, number, paper, by=order.by, at=order.at), new=rules.Series)
        return shown(recorded(id, number, paper, order.derived("record")), order)

    @command(c.IssueCorrigendum)
    def issue_corrigendum(self, order):
        said = (order.base, order.title, order.sections, order.note)
        return shown(act(order, lambda d, **who: kept(d, d.issue_corrigendum(*said, read=texts.text, **who))), order)

    @command(c.Present)
    def present(self, order):
        return shown(act(order, lambda d, **who: d.present(order.where, order.when, order.on_margins_of, **who)), order)

    @query(c.Library)
    def library(self, ask):
        page = documents.listed(drafts=False, at=ask.at, **ask.data)
        return {"items": [views.library_item(saved.aggregate) for saved in page.items], "next": page.next}
