"""Comment rounds, comments and what is answered: orders and questions."""

from typing import Any

from contracts import documents as c
from messaging.service import command, query
from messaging.store import Saved
from services.documents import rules
from services.documents.rules import views
from services.documents.service.asking import act, sees_drafts, shown
from services.documents.store import documents, texts


def commented(saved: Saved[rules.Document], *comments: Any) -> list[dict[str, Any]]:
    """Comments with their words, and where their passages stand now."""
    words, now = texts.words(one.words for one in comments), texts.text(saved.aggregate.revisions[-1].digest)
    return [views.comment(saved.aggregate, one, words[one.words], now) | {"version": saved.version} for one in comments]


class Comments:
    """The orders and questions on comments."""

    @command(c.OpenCommentRound)
    def open_comment_round(self, order):
        return shown(act(order, lambda d, **who: d.open_comment_round(order.deadline, **who)), order)

    @command(c.Comment)
    def comment(self, order):
        id, said = order.new_id("comment"), (order.revision, order.section, order.quotation, order.text)
        saved = act(order, lambda d, **who: texts.keep(d.comment(id, *said, read=texts.text, **who)))
        return commented(saved, saved.aggregate.comment_made_by(id))[0]

    @command(c.Dispose)
    def dispose(self, order):
        saved = act(order, lambda d, **who: d.dispose(order.comment, order.outcome, order.reason, **who))
        return commented(saved, saved.aggregate.numbered_comment(order.comment))[0]

    @query(c.Comments)
    def comments(self, ask):
        saved = documents.load(ask.document)
        views.of_the_group(saved.aggregate, drafts=sees_drafts(ask), at=ask.at)
        found, following = views.comments(saved.aggregate, open=ask.open, limit=ask.limit, after=ask.after)
        return {"items": commented(saved, *found) if found else [], "next": following}
