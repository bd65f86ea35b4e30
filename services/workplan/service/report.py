"""What of the Global Plan a year serves, and what came of it: the register, coverage, the annual report."""

from typing import Any

from contracts import workplan as c
from messaging.context import Order
from messaging.service import query
from services.workplan import rules
from services.workplan.service.asking import asker
from services.workplan.store import concrete_actions, plans


class Report:
    """The questions on the Global Plan, on coverage, and on the annual report."""

    @query(c.GlobalPlan)
    def global_plan(self, ask: Order) -> dict[str, Any]:
        return {"paragraphs": rules.REGISTER}

    @query(c.Coverage)
    def coverage(self, ask: Order) -> dict[str, Any]:
        plan = plans.load(str(ask.year)).aggregate
        return rules.coverage_view(plan, concrete_actions.holding(ask.year), *asker(ask))
