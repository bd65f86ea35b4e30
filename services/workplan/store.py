"""What *workplan* remembers: plans by their year, briefings, and the composition of the Group as chairs last told it."""

from collections.abc import Callable, Iterator
from typing import Any

from contracts.chairs import composition_from
from contracts.workplan import contract
from messaging.context import Cause, by_the_clock
from messaging.store import AggregateDocument, Aggregates, Page, Projection, Saved
from services.kernel import Refusal
from services.workplan import rules


class PlanDocument(AggregateDocument):
    meta = {"collection": "plans", "indexes": ["state.year", ("state.state", "state.year")]}


class BriefingDocument(AggregateDocument):
    meta = {"collection": "briefings", "indexes": ["state.starts_at"]}


class Plans(Aggregates[rules.Plan]):
    """The plans, none of which is changed before what its deadlines owe it by that instant is done."""

    def change(
        self, id: str, cause: Cause, decide: Callable[[rules.Plan], Any], new: Callable[[], rules.Plan] | None = None
    ) -> Saved[rules.Plan]:
        """The one write. A deadline that came before this cause is acted on first, as the clock's own deed: history
        must not say that whoever came next adopted the plan. An outsider who names a version of a draft learns no
        more than that there is no such plan."""
        if overdue := self.collection.find_one({"_id": id, "due": {"$lte": cause.at}}, {"due": 1, "version": 1}):
            clock = by_the_clock(f"{self.subject(id)}#{overdue['version']}", overdue["due"])
            if clock.id != cause.id:
                super().change(id, clock, lambda plan: plan.tick(cause.at))
        try:
            return super().change(id, cause, decide, new)
        except Refusal as refusal:
            if refusal.rule == "if-match":
                self.load(id).aggregate.must_be_known_to(cause.by)
            raise

    def listed(self, *, drafts: bool, limit: int, after: str | None) -> Page[rules.Plan]:
        """The plans, latest year first; without ``drafts`` only those adopted."""
        wanted = {} if drafts else {"state.state": {"$in": list(rules.PUBLIC)}}
        return self.find(wanted, sort="state.year", descending=True, limit=limit, after=after)

    def unfinished(self) -> Iterator[rules.Plan]:
        """Every plan in which something may await an entity. One a year: they are few."""
        page = self.find({"state.state": {"$in": list(rules.AWAITING)}}, limit=100)
        return (saved.aggregate for saved in page.items)


plans = Plans(PlanDocument, rules.Plan, kind="plan", contract=contract)
briefings = Aggregates(BriefingDocument, rules.Briefing, kind="briefing", contract=contract)
composition = Projection("composition", composition_from)
