"""How *documents* talks: orders and questions, what it hears of the Group, and the two steps that number a paper.

Numbering takes three changes of two aggregates: the order to publish, irrevocable; the number in the series, one per
document however often it is asked for; the publication with that number. The order carries out all three at once; what a
crash leaves undone, the event of the first step finishes.
"""

from collections.abc import Callable
from typing import Any

from eventlet import tpool

from contracts import chairs
from contracts import documents as c
from messaging.context import Arrived, Cause, Order
from messaging.service import Commands, Subscriptions, command, query, subscribe
from messaging.store import Saved
from services.documents import rules
from services.documents.rules import SERIES, views
from services.documents.store import composition, documents, series, texts
from services.kernel import Composition


def act(order: Order, decide: Callable[..., Any]) -> Saved[rules.Document]:
    """Carry out one order on one document; ``decide(document, by=, at=, group=)``."""
    who = {"by": order.by, "at": order.at, "group": composition.value()}
    return documents.change(order.document, order, lambda document: decide(document, **who))


def shown(saved: Saved[rules.Document], to: Order) -> dict[str, Any]:
    """The document as whoever asked may see it."""
    return views.document(saved.aggregate, drafts=sees_drafts(to), at=to.at) | {"version": saved.version}


def board(saved: Saved[rules.Document]) -> dict[str, Any]:
    return views.board(saved.aggregate) | {"version": saved.version}


def commented(saved: Saved[rules.Document], *comments: Any) -> list[dict[str, Any]]:
    """Comments with their words, and where their passages stand now."""
    words, now = texts.words(one.words for one in comments), texts.text(saved.aggregate.revisions[-1].digest)
    return [views.comment(saved.aggregate, one, words[one.words], now) | {"version": saved.version} for one in comments]


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


def sees_drafts(ask: Order) -> bool:
    """Whether the asker is inside the Group. Neither the secretariat nor who claims no part in it waits for the composition."""
    depends = ask.by.in_the_group and not (ask.by.is_secretariat or ask.by.is_system)
    return (composition.value() if depends else Composition()).is_inside(ask.by, ask.at)


class Documents(Commands):
    name = "documents"
    aggregates = (documents, series)

    @command(c.Propose)
    def propose(self, order):
        id, who = order.new_id(order.kind.replace("_", "-")), {"by": order.by, "at": order.at, "group": composition.value()}
        return shown(documents.create(id, order, lambda: rules.Document.propose(id, **order.data, **who)), order)

    @command(c.AgreeConcept)
    def agree_concept(self, order):
        return shown(act(order, lambda d, **who: d.agree_concept(**who)), order)

    @command(c.SaveRevision)
    def save_revision(self, order):
        said = (order.base, order.title, order.sections, order.summary)
        return shown(act(order, lambda d, **who: texts.keep(d.save_revision(*said, read=texts.text, **who))), order)

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

    @command(c.OpenClearance)
    def open_clearance(self, order):
        said = (order.data["by"], order.deadline, order.issue_at)
        return shown(act(order, lambda d, **who: d.open_clearance(*said, read=texts.text, **who)), order)

    @command(c.ExtendClearance)
    def extend_clearance(self, order):
        return shown(act(order, lambda d, **who: d.extend_clearance(order.deadline, **who)), order)

    @command(c.TakePosition)
    def take_position(self, order):
        said = {name: value for name, value in order.data.items() if name != "document"}
        return board(act(order, lambda d, **who: d.take_position(**said, **who)))

    @command(c.JoinSignatories)
    def join_signatories(self, order):
        return shown(act(order, lambda d, **who: d.join_signatories(order.entity, **who)), order)

    @command(c.WithdrawEndorsement)
    def withdraw_endorsement(self, order):
        said = {name: value for name, value in order.data.items() if name != "document"}
        return board(act(order, lambda d, **who: d.withdraw_endorsement(**said, **who)))

    @command(c.Publish)
    def publish(self, order):
        return shown(numbered(act(order, lambda d, **who: d.publish(order.summary, **who)), order), order)

    @command(c.EnterPublished)
    def enter_published(self, order):
        id, number = order.new_id(SERIES), order.number
        paper = {name: value for name, value in order.data.items() if name != "number"}
        series.change(SERIES, order, lambda s: s.enter(id, number, paper, by=order.by, at=order.at), new=rules.Series)
        return shown(recorded(id, number, paper, order.derived("record")), order)

    @command(c.Present)
    def present(self, order):
        return shown(act(order, lambda d, **who: d.present(order.where, order.when, order.on_margins_of, **who)), order)

    @command(c.Withdraw)
    def withdraw(self, order):
        return shown(act(order, lambda d, **who: d.withdraw(order.reason, **who)), order)

    @query(c.Documents)
    def documents(self, ask):
        drafts = sees_drafts(ask)
        page = documents.listed(drafts=drafts, at=ask.at, **ask.data)
        items = [views.document(saved.aggregate, drafts=drafts, at=ask.at) | {"version": saved.version} for saved in page.items]
        return {"items": items, "next": page.next}

    @query(c.GetDocument)
    def get_document(self, ask):
        return shown(documents.load(ask.document), ask)

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

    @query(c.Comments)
    def comments(self, ask):
        saved = documents.load(ask.document)
        views.of_the_group(saved.aggregate, drafts=sees_drafts(ask), at=ask.at)
        found, following = views.comments(saved.aggregate, open=ask.open, limit=ask.limit, after=ask.after)
        return {"items": commented(saved, *found) if found else [], "next": following}

    @query(c.Clearance)
    def clearance(self, ask):
        saved = documents.load(ask.document)
        views.of_the_group(saved.aggregate, drafts=sees_drafts(ask), at=ask.at)
        return board(saved)

    @query(c.Library)
    def library(self, ask):
        page = documents.listed(drafts=False, at=ask.at, **ask.data)
        return {"items": [views.library_item(saved.aggregate) for saved in page.items], "next": page.next}

    @query(c.Awaiting)
    def awaiting(self, ask):
        ask.by.must_speak_for(ask.entity, "see what awaits it")
        group = composition.value()
        waiting = [one for document in documents.unfinished() for one in views.awaited(document, ask.entity, ask.at, group)]
        return {"entity": ask.entity, "items": views.soonest_first(waiting)}


class DocumentsEvents(Subscriptions):
    name = "documents.events"

    @subscribe(chairs.CompositionChanged)
    def composition_changed(self, event: Arrived) -> None:
        composition.keep(event)
        group = composition.value()
        for id in documents.statements_held():
            documents.change(id, event, lambda document: document.heed(group, at=event.at))

    @subscribe(c.PublicationOrdered)
    def publication_ordered(self, event: Arrived) -> None:
        """Finish what a crash left between the order to publish and the number in the series."""
        numbered(documents.load(event.document), event)

    @subscribe(c.PastPaperEntered)
    def past_paper_entered(self, event: Arrived) -> None:
        """Finish what a crash left between the series and the library."""
        paper = {name: value for name, value in event.data.items() if name not in ("document", "number")}
        recorded(event.document, event.number, paper, event.derived("record"))
