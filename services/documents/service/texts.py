"""The text: orders and questions on revisions, sections and languages."""

from eventlet import tpool

from contracts import documents as c
from messaging.service import command, query
from services.documents import rules
from services.documents.rules import views
from services.documents.service.asking import act, sees_drafts, shown
from services.documents.store import documents, texts


def kept(document: rules.Document, text: rules.Text) -> rules.Text:
    """A text that the document now names, written before the write that names it; the revision before it is there."""
    return texts.keep(text, *(revision.outline for revision in document.revisions[-2:-1]))


class Texts:
    """The orders and questions on texts."""

    @command(c.SaveRevision)
    def save_revision(self, order):
        said = (order.base, order.title, order.sections, order.summary)
        return shown(act(order, lambda d, **who: kept(d, d.save_revision(*said, read=texts.text, **who))), order)

    @query(c.GetRevision)
    def get_revision(self, ask):
        document = documents.load(ask.document).aggregate
        found = views.readable(document, ask.number, drafts=sees_drafts(ask), at=ask.at)
        return views.revision(document, found, texts.text(found.outline))

    @query(c.CompareRevisions)
    def compare_revisions(self, ask):
        document, drafts = documents.load(ask.document).aggregate, sees_drafts(ask)
        base, other = (views.readable(document, number, drafts=drafts, at=ask.at) for number in (ask.base, ask.other))
        compared = texts.text(base.outline), texts.text(other.outline)
        sections = tpool.execute(rules.compare, *compared)  # in a thread, so that heartbeats and other questions are not held up
        return {"document": ask.document, "base": ask.base, "other": ask.other, "sections": sections}
