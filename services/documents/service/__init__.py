"""How *documents* talks: the orders and questions of each of its parts, and what it hears."""

from contracts import chairs
from contracts import documents as c
from messaging.context import Arrived
from messaging.service import Commands, Subscriptions, command, query, subscribe
from services.documents import rules
from services.documents.composing import compose
from services.documents.exporting import Exporting
from services.documents.rules import rights, views
from services.documents.service.asking import act, asker, shown, shown_to
from services.documents.service.clearance import Clearance
from services.documents.service.comments import Comments
from services.documents.service.files import Files, make_public
from services.documents.service.library import Library, numbered, recorded
from services.documents.service.search import Search
from services.documents.service.texts import Texts
from services.documents.store import comments, composition, documents, rulebooks, series


class Documents(Texts, Comments, Clearance, Library, Search, Files, Commands):
    """All orders and questions; here those on a document as a whole."""

    name = "documents"
    aggregates = (documents, series, rulebooks)
    rights = rights.RIGHTS

    @command(c.Propose)
    def propose(self, order):
        id, who = order.new_id(order.kind.replace("_", "-")), {"by": order.by, "at": order.at, "group": composition.value()}
        return shown(documents.create(id, order, lambda: rules.Document.propose(id, **order.data, **who)), order)

    @command(c.AgreeConcept)
    def agree_concept(self, order):
        return shown(act(order, lambda d, **who: d.agree_concept(**who)), order)

    @command(c.ChangeDrafters)
    def change_drafters(self, order):
        return shown(act(order, lambda d, **who: d.change_drafters(order.lead, order.co_drafters, **who)), order)

    @command(c.Describe)
    def describe(self, order):
        return shown(act(order, lambda d, **who: d.describe(order.deliverable, order.themes, order.pillars, **who)), order)

    @command(c.Withdraw)
    def withdraw(self, order):
        return shown(act(order, lambda d, **who: d.withdraw(order.reason, **who)), order)

    @query(c.Documents)
    def documents(self, ask):
        who, rulebook = asker(ask), rulebooks.standing().aggregate
        withheld = documents.withheld(who) if who.is_inside else ()
        page = documents.listed(drafts=who.is_inside, at=ask.at, withheld=withheld, **ask.data)
        # One that came under embargo between the two questions to the store is left out here.
        items = [saved for saved in page.items if rights.RIGHTS.may("get_document", who.to(saved.aggregate))]
        return {"items": [shown_to(who, saved, rulebook) for saved in items], "next": page.next}

    @query(c.GetDocument)
    def get_document(self, ask):
        return shown(documents.load(ask.document), ask)

    @query(c.Awaiting)
    def awaiting(self, ask):
        group = composition.value()
        rights.RIGHTS.must("awaiting", rights.ToDocument(ask.by, ask.at, group, own=[ask.entity]))
        waiting = [one for document in documents.unfinished() for one in views.awaited(document, ask.entity, ask.at, group)]
        return {"entity": ask.entity, "items": views.soonest_first(waiting)}


def heeded(event: Arrived) -> None:
    """Note who of those that sign leaves the Group, by its composition as it is known now."""
    group = composition.value()
    documents.change(event.document, event, lambda document: document.heed(group, at=event.at))


class DocumentsEvents(Subscriptions):
    name = "documents.events"

    @subscribe(chairs.CompositionChanged)
    def composition_changed(self, event: Arrived) -> None:
        composition.keep(event)
        group = composition.value()
        for id in documents.statements_held():
            documents.change(id, event, lambda document: document.heed(group, at=event.at))

    @subscribe(c.ClearanceOpened)
    def clearance_opened(self, event: Arrived) -> None:
        """Heed the composition again, as the one below does when one more signs. It may have changed while the order was carried out,
        told to a copy of this service that did not find this statement among those that are held."""
        heeded(event)

    @subscribe(c.SignatoriesJoined)
    def signatories_joined(self, event: Arrived) -> None:
        heeded(event)

    @subscribe(chairs.TermStarted)
    def term_started(self, event: Arrived) -> None:
        """A statement for the year's World Day is proposed, once a year whatever became of it."""
        said = {"by": event.by, "at": event.at, "group": composition.value()}
        if (id := rules.world_day_ahead(event.year, event.at)) is not None:
            propose = rules.Document.propose_for_world_day
            documents.change(id, event, lambda _: None, new=lambda: propose(id, event.year, event.chairs, **said))

    @subscribe(c.Commented)
    def commented(self, event: Arrived) -> None:
        """Take up what an older version of this service sent without having taken it up; as the two below do for what is said under it."""
        comments.keep(event)

    @subscribe(c.CommentReplied)
    def comment_replied(self, event: Arrived) -> None:
        comments.keep(event)

    @subscribe(c.CommentDisposed)
    def comment_disposed(self, event: Arrived) -> None:
        comments.keep(event)

    @subscribe(c.PublicationOrdered)
    def publication_ordered(self, event: Arrived) -> None:
        """Finish what a crash left between the order to publish and the number in the series."""
        numbered(documents.load(event.document), event)

    @subscribe(c.PastPaperEntered)
    def past_paper_entered(self, event: Arrived) -> None:
        """Finish what a crash left between the series and the library."""
        paper = {name: value for name, value in event.data.items() if name not in ("document", "number")}
        recorded(event.document, event.number, paper, event.derived("record"))

    @subscribe(c.Published)
    def published(self, event: Arrived) -> None:
        """Have the publication set in its formats; as the three below do for what becomes public otherwise."""
        make_public(event)

    @subscribe(c.StatementIssued)
    def statement_issued(self, event: Arrived) -> None:
        make_public(event)

    @subscribe(c.LanguagePublished)
    def language_published(self, event: Arrived) -> None:
        if not event.with_document:  # else the publication's own event has seen to it
            make_public(event)

    @subscribe(c.CorrigendumIssued)
    def corrigendum_issued(self, event: Arrived) -> None:
        make_public(event)


class DocumentsExports(Subscriptions):
    """The maker of exports, in a container of its own: what it waits for holds up neither commands nor events."""

    name = "documents.exports"
    exporting = Exporting(compose)
