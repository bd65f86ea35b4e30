"""What *workplan* remembers: plans by their year, briefings, concrete actions, and the composition of
the Group as chairs last told it."""

from collections.abc import Iterator
from typing import Any

from contracts.chairs import composition_from
from contracts.workplan import contract
from messaging.store import AggregateDocument, Aggregates, Page, Projection
from services.kernel import year_begins
from services.workplan import rules


class PlanDocument(AggregateDocument):
    meta = {"collection": "plans", "indexes": ["state.year", ("state.state", "state.year")]}


class BriefingDocument(AggregateDocument):
    meta = {"collection": "briefings", "indexes": ["state.starts_at"]}


class ConcreteActionDocument(AggregateDocument):
    meta = {
        "collection": "concrete_actions",
        "indexes": [{"fields": ["state.entity", "id"]}, {"fields": ["state.until", "state.since"]}],
    }


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


class ConcreteActions(Aggregates[rules.ConcreteAction]):
    """Members' concrete actions."""

    def listed(self, *, entity: str | None, year: int | None, limit: int, after: str | None) -> Page[rules.ConcreteAction]:
        """By entity; of one, or of those that hold in a year."""
        wanted = ({"state.entity": entity} if entity else {}) | (_holding(year) if year else {})
        return self.find(wanted, sort="state.entity", limit=limit, after=after)

    def holding(self, year: int) -> Iterator[rules.ConcreteAction]:
        """All that hold in a year, by entity."""
        after: str | None = None
        while True:
            page = self.listed(entity=None, year=year, limit=500, after=after)
            yield from (saved.aggregate for saved in page.items)
            if (after := page.next) is None:
                return


def _holding(year: int) -> dict[str, Any]:
    """What is done holds no longer than until the year in which it was: as ``ConcreteAction.holds`` has it."""
    not_done_before = [{"state.state": {"$ne": "done"}}, {"state.ended_at": {"$gte": year_begins(year)}}]
    return {"state.since": {"$lte": year}, "state.until": {"$gte": year}, "$or": not_done_before}


plans = Plans(PlanDocument, rules.Plan, kind="plan", contract=contract)
briefings = Aggregates(BriefingDocument, rules.Briefing, kind="briefing", contract=contract)
concrete_actions = ConcreteActions(ConcreteActionDocument, rules.ConcreteAction, kind="concrete_action", contract=contract)
composition = Projection("composition", composition_from)
