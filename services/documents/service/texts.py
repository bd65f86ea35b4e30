"""The text: orders and questions on revisions, sections and languages."""

from eventlet import tpool

from contracts import documents as c
from messaging.service import command, query
from services.documents import rules
from services.documents.rules import views
from services.documents.service.asking import act, sees_drafts, shown
from services.documents.store import documents, texts


class Texts:
    """The orders and questions on texts."""

    @command(c.SaveRevision)
    def save_revision(self, order):
        said = (order.base, order.title, order.sections, order.summary)
        return shown(act(order, lambda d, **who: texts.keep(d.save_revision(*said, read=texts.text, **who))), order)

    @query(c.GetRevision)
    def get_revision(self, ask):
        document = documents.load(ask.document).aggregate
        found = views.readable(document, ask.number, drafts=sees_drafts(ask), at=ask.at)
        return views.revision(document, found, texts.text(found.digest))

    @query(c.CompareRevisions)
    def compare_revisions(self, ask):
        document, drafts = documents.load(ask.document).aggregate, sees_drafts(ask)
        base, other = (views.readable(document, number, drafts=drafts, at=ask.at) for number in (ask.base, ask.other))
        compared = texts.text(base.digest), texts.text(other.digest)
        sections = tpool.execute(rules.compare, *compared)  # in a thread, so that heartbeats and other questions are not held up
        return {"document": ask.document, "base": ask.base, "other": ask.other, "sections": sections}
