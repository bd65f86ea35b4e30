"""What came of a plan's activities as of an instant: what the annual report lists and counts."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from services.kernel import year_begins
from services.workplan.rules import gpa
from services.workplan.rules.activity import Activity, Deliverable
from services.workplan.rules.funding import balance


@dataclass(frozen=True)
class Result:
    """What came of one activity as of ``at``. Each part is reckoned once, and only read."""

    activity: Activity
    at: datetime
    status: str

    @cached_property
    def serves(self) -> list[str]:
        """The parts of the Global Plan."""
        return gpa.pillars_served(self.activity.pillars, self.activity.paragraphs)

    @cached_property
    def delivered(self) -> list[Deliverable]:
        """Of its deliverables."""
        return [deliverable for deliverable in self.activity.deliverables if deliverable.is_done(self.at)]

    @cached_property
    def on_time(self) -> int:
        """How many of those, until the very instant they were due."""
        return sum(item.due is None or (item.delivered_at is not None and item.delivered_at <= item.due) for item in self.delivered)

    @cached_property
    def view(self) -> dict[str, Any]:
        """The activity in the report, but for the year in which it goes on, of which the next plan may know more than this one."""
        activity = self.activity
        return {
            "activity": activity.id,
            "title": activity.title,
            "lead": activity.lead,
            "contributors": activity.contributors,
            "pillars": [pillar for pillar in gpa.PILLARS if pillar in activity.pillars],
            "status": self.status,
            "deliverables": [self._deliverable(item) for item in activity.deliverables],
            "milestones": len(activity.milestones),
            "milestones_met": sum(milestone.is_done(self.at) for milestone in activity.milestones),
            "cancelled_because": activity.cancelled.reason if activity.cancelled and self.status == "cancelled" else None,
        }

    def _deliverable(self, item: Deliverable) -> dict[str, Any]:
        done = item.is_done(self.at)
        return {
            "title": item.title,
            "kind": item.kind,
            "due": item.due,
            "delivered_at": item.delivered_at if done else None,
            "url": (item.evidence or {}).get("url") if done else None,
        }


def money(results: Iterable[Result], year: int, at: datetime) -> dict[str, Any]:
    """What was needed by the activities that were not dropped, and what was secured: all that could be used at some time in the
    year. What one activity has too much of fills no gap of another's: it was given for that one."""
    begins, ends = year_begins(year), year_begins(year + 1)
    totals: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    donors: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    gaps: list[dict[str, Any]] = []
    ended: list[dict[str, Any]] = []
    for result in results:
        activity = result.activity
        secured = [gift for gift in activity.funding if gift.is_available(begins)]
        for row in balance([] if result.status == "cancelled" else activity.needs, secured):
            for name in ("needed", "secured", "gap"):
                totals[row["currency"]][name] += Decimal(row[name])
            if Decimal(row["gap"]):
                gaps.append({"activity": activity.id, "title": activity.title, **row})
        for gift in secured:
            donors[gift.donor, gift.currency] += Decimal(gift.amount)
        ended += [gift.view(at) for gift in secured if not gift.is_available(min(at, ends))]
    return {
        "balance": [{"currency": code, **{name: str(amount) for name, amount in row.items()}} for code, row in sorted(totals.items())],
        "donors": [{"donor": donor, "currency": code, "amount": str(amount)} for (donor, code), amount in sorted(donors.items())],
        "gaps": gaps,
        "ended": ended,
    }
