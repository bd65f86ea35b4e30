"""What *workplan* remembers: plans by their year, briefings, and the composition of the Group as chairs last told it."""

from collections.abc import Iterator

from contracts.chairs import composition_from
from contracts.workplan import contract
from messaging.store import AggregateDocument, Aggregates, Page, Projection
from services.workplan import rules


class PlanDocument(AggregateDocument):
    meta = {"collection": "plans", "indexes": ["state.year", ("state.state", "state.year")]}


class BriefingDocument(AggregateDocument):
    meta = {"collection": "briefings", "indexes": ["state.starts_at"]}


class Plans(Aggregates[rules.Plan]):
    """The plans."""

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
