"""How *workplan* talks: orders and questions, and what it hears of terms and publications."""

import logging
from functools import partial

from contracts import chairs, documents, notifications, workplan
from messaging.context import Arrived
from messaging.service import Commands, Subscriptions, subscribe
from messaging.store import Saved
from services.workplan import rules
from services.workplan.service.asking import given
from services.workplan.service.calendar import Calendar
from services.workplan.service.concrete import ConcreteActions
from services.workplan.service.plans import Plans
from services.workplan.service.report import Report
from services.workplan.store import briefings, coming, composition, concrete_actions, meetings, plans, publications

log = logging.getLogger(__name__)


class Workplan(Plans, Calendar, ConcreteActions, Report, Commands):
    """The orders and questions of *workplan*."""

    name = "workplan"
    aggregates = (plans, meetings, briefings, concrete_actions)
    rights = rules.RIGHTS


def deliver(event: Arrived, *evidence: str) -> None:
    """A publication delivers the deliverable it names, if it names one; ``evidence``: the fields that show it. One that names
    what others carry out has nothing to do here, and nobody can mend it by sending it again: it is noted, and that is all."""
    if (promised := event.deliverable) is None:
        return
    shown, lead = given(event.data, ("document", "title", "url", "digest", *evidence)), event.data.get("lead")
    theirs: list[bool] = []  # of each attempt, and of one that lost its race too: the last counts, unless another copy had done it all
    saved = plans.change(
        str(promised["year"]),
        event,
        lambda plan: theirs.append(plan.deliver(promised["activity"], promised["deliverable"], shown, lead=lead, at=event.at)),
    )
    if saved.replayed or theirs[-1]:
        deliver_onward(saved, promised["activity"], event)
    else:
        log.warning("%s of %s names %s, which others carry out: nothing is delivered", event.document, lead, promised)


def deliver_onward(saved: Saved[rules.Plan], id: str, event: Arrived) -> None:
    """What was published of an activity that was carried over is delivered in the plan where it goes on, too. Looked at after a
    publication and after a carrying over: of the two, whichever was written last finds the other."""
    while onward := saved.aggregate.goes_on(id):
        there, public = onward
        id = there.activity
        saved = plans.change(str(there.year), event, partial(rules.Plan.deliver_carried, id=id, public=public))


def open_draft(event: Arrived) -> None:
    """A coming term opens its year's draft, unless it is open."""
    if rules.is_coming(event.year, event.at):
        plans.change(str(event.year), event, lambda plan: None, new=lambda: rules.Plan.begin(event.year, at=event.at))


class WorkplanEvents(Subscriptions):
    """What *workplan* hears. Each handler bears an event that comes twice, or after its successors."""

    name = "workplan.events"

    @subscribe(chairs.CompositionChanged)
    def composition_changed(self, event: Arrived) -> None:
        composition.keep(event)

    @subscribe(chairs.TermAdopted)
    def term_adopted(self, event: Arrived) -> None:
        open_draft(event)

    @subscribe(chairs.TermStarted)
    def term_started(self, event: Arrived) -> None:
        open_draft(event)

    @subscribe(workplan.ActivityCarriedOver)
    def activity_carried_over(self, event: Arrived) -> None:
        to, id = rules.Carried(event.year, event.activity), event.from_activity
        saved = plans.change(str(event.from_year), event, lambda plan: plan.continued(id, to, at=event.at))
        deliver_onward(saved, id, event)

    @subscribe(documents.Published)
    def published(self, event: Arrived) -> None:
        publications.keep(event, kind=event.kind, number=event.number)
        deliver(event, "kind", "number")

    @subscribe(documents.Presented)
    def presented(self, event: Arrived) -> None:
        publications.keep_presented(event)

    @subscribe(documents.StatementIssued)
    def statement_issued(self, event: Arrived) -> None:
        publications.keep(event, kind=rules.STATEMENT, signatories=event.signatories)
        deliver(event, "occasion")

    @subscribe(notifications.BriefingReplied)
    def briefing_replied(self, event: Arrived) -> None:
        coming.keep(event)

    @subscribe(notifications.PlaceGiven)
    def place_given(self, event: Arrived) -> None:
        coming.keep(event)
