"""What is seen of a plan: by the Group, whose own some of it is, and by those outside."""

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from services.kernel import Clearance, PassingRule, Refusal, digest_of
from services.kernel.clearance import ENDORSE
from services.workplan.rules import gpa
from services.workplan.rules.activity import Activity, Carried, Deliverable, Milestone, differences
from services.workplan.rules.amendment import Amendment
from services.workplan.rules.funding import balance
from services.workplan.rules.results import Result, money
from services.workplan.rules.rights import RIGHTS

if TYPE_CHECKING:
    from services.workplan.rules.plan import Plan


@dataclass(frozen=True)
class Seen:
    """A plan as of ``at``; ``inside``: as the Group sees it. What is asked of it again, or needed by several parts, is reckoned once:
    in a plan of two thousand milestones it is the reckoning that costs. What it gives is therefore shared, and only read."""

    plan: "Plan"
    at: datetime
    inside: bool

    def stands_for(self, other: "Seen") -> bool:
        """Whether the other would show what this one shows: the same plan, untouched, to the same side, with no instant between the
        two, or at either, from which or after which anything in it reads otherwise."""
        if self.plan is not other.plan or self.inside != other.inside:
            return False
        last, next = self._turns
        return self.at == other.at or ((last is None or last < other.at) and (next is None or other.at < next))

    @cached_property
    def whole(self) -> dict:
        """The whole plan."""
        plan = self.plan
        return self.summary | {
            "passing": rule_view(plan.passing),
            "baseline": plan.adoption.digest if plan.adoption and plan.baseline is not None else None,
            "adoption": self._clearance(None, plan.adoption) if self.inside and plan.adoption else None,
            "activities": [self._activity(activity) for activity in self.activities.values()],
            "amendments": [self._amendment(amendment) for amendment in plan.amendments if self.inside or amendment.state == "adopted"],
            "report": plan.report_digest,
        }

    @cached_property
    def summary(self) -> dict:
        """The plan in a list."""
        plan = self.plan
        return {
            "year": plan.year,
            "state": plan.state,
            "digest": self._digest,
            "opened_at": plan.opened_at,
            "adopted_at": plan.adopted_at,
            "closed_at": plan.closed_at,
            "endorsed_by": plan.adoption.words(ENDORSE) if plan.adoption and plan.adopted_at else [],
            "statuses": dict(Counter(self.statuses.values())),
        }

    def activity(self, id: str) -> dict:
        if id not in self.activities:
            raise Refusal.not_found(f"The plan {self.plan.year} has no activity {id}.", rule="activity-known", field="activity")
        return self._activity(self.activities[id])

    def chosen(self, lead: str | None = None, status: str | None = None, pillar: str | None = None) -> list[dict]:
        """The activities that this entity leads, that stand so, and that are for this pillar; None lets all pass."""
        return [
            it
            for it in self.whole["activities"]
            if lead in (None, it["lead"]) and status in (None, it["status"]) and (pillar is None or pillar in it["pillars"])
        ]

    def positions(self) -> dict:
        """Every clearance with all that was said in it; the Group's own."""
        if not self.inside:
            raise RIGHTS.outside("positions")
        views = [self._clearance(None, clearance) for clearance in self.plan.clearances]
        views += [self._clearance(amendment, clearance) for amendment in self.plan.amendments for clearance in amendment.clearances]
        return {"year": self.plan.year, "clearances": sorted(views, key=lambda view: view["opened_at"])}

    def baseline(self) -> dict:
        """The substance first adopted, the amendments adopted since, and what differs now."""
        plan = self.plan
        if plan.baseline is None:
            raise Refusal.not_found(f"The plan {plan.year} has not been adopted yet.", rule="baseline")
        return {
            "year": plan.year,
            "digest": digest_of(plan.baseline),
            "substance": plan.baseline,
            "amendments": [self._amendment(amendment) for amendment in plan.amendments if amendment.state == "adopted"],
            "differences": _compared(plan.baseline, plan.substance()),
        }

    # What is reckoned once

    @cached_property
    def _turns(self) -> tuple[datetime | None, datetime | None]:
        """The last instant until now at which something turned, and the first from now on; both are now where it is one itself."""
        turns = {turn for activity in self.plan.activities for turn in activity.turns()}
        last = max((turn for turn in turns if turn <= self.at), default=None)
        return last, min((turn for turn in turns if turn >= self.at), default=None)

    @cached_property
    def _digest(self) -> str:
        return self.plan.digest

    @cached_property
    def activities(self) -> dict[str, Activity]:
        """The Group sees all; others see what was adopted, and what was dropped after that."""
        adopted_at = self.plan.adopted_at
        return {
            activity.id: activity
            for activity in self.plan.activities
            if self.inside or adopted_at is None or activity.cancelled is None or activity.cancelled.at > adopted_at
        }

    @cached_property
    def statuses(self) -> dict[str, str]:
        """Being late means something once the plan has been adopted."""
        statuses = {id: activity.status(self.at) for id, activity in self.activities.items()}
        if self.plan.adopted_at is None:
            return {id: "planned" if status == "late" else status for id, status in statuses.items()}
        return statuses

    @cached_property
    def results(self) -> list[Result]:
        """What came of each activity."""
        return [Result(activity, self.at, self.statuses[activity.id]) for activity in self.activities.values()]

    @cached_property
    def money(self) -> dict:
        """What was needed and secured."""
        return money(self.results, self.plan.year, self.at)

    # An activity

    def _activity(self, activity: Activity) -> dict:
        """Progress notes, dropped deliverables, money that was given, and people are the Group's own; and so is the plan into
        which an activity was carried over, until that is adopted."""
        inside, cancelled = self.inside, activity.cancelled
        return {
            "year": self.plan.year,
            "activity": activity.id,
            "title": activity.title,
            "lead": activity.lead,
            "contributors": activity.contributors,
            "pillars": [pillar for pillar in gpa.PILLARS if pillar in activity.pillars],
            "paragraphs": activity.paragraphs,
            "objective": activity.objective,
            "status": self.statuses[activity.id],
            "deliverables": [self._deliverable(item) for item in activity.deliverables],
            "milestones": [self._milestone(item) for item in activity.milestones],
            "needs": [dict(vars(need)) for need in activity.needs],
            "funding": [money.view(self.at) for money in activity.funding] if inside else [],
            "balance": balance(activity.needs, (money for money in activity.funding if money.is_available(self.at))) if inside else [],
            "depends_on": activity.depends_on,
            "waits_for": self._waits_for(activity),
            "carried_from": _carried(activity.carried_from),
            "carried_to": _carried(activity.carried_to) if inside else None,
            "dropped": [self._deliverable(item) for item in activity.dropped] if inside else [],
            "progress": [dict(vars(note)) for note in activity.progress] if inside else [],
            "cancelled": vars(cancelled) | ({} if inside else {"person": None}) if cancelled else None,
        }

    def _deliverable(self, item: Deliverable) -> dict:
        """Outside the Group the evidence is shown of a document alone: it is public, while a note is the Group's own."""
        return vars(item) | {"late": self._is_late(item), "evidence": item.evidence if self.inside or item.kind == "document" else None}

    def _milestone(self, item: Milestone) -> dict:
        return vars(item) | {"late": self._is_late(item)}

    def _is_late(self, step: Deliverable | Milestone) -> bool:
        return self.plan.adopted_at is not None and step.is_late(self.at)

    def _waits_for(self, activity: Activity) -> list[dict]:
        """What must be delivered first and is not. It endangers the activity when it is late or dropped, or when the last of its
        own steps still owed is due after the first of the activity's. What is finished waits for nothing."""
        if not activity.depends_on or self.statuses[activity.id] in ("delivered", "cancelled"):
            return []
        first = min((step.due for step in activity.owed(self.at) if step.due), default=None)
        waits = []
        for id in activity.depends_on:
            preceding, status = self.activities.get(id), self.statuses.get(id)
            if preceding is None or status == "delivered":  # what was dropped before the adoption is not known outside
                continue
            last = max((step.due for step in preceding.owed(self.at) if step.due), default=None)
            endangers = status in ("late", "cancelled") or (first is not None and last is not None and last > first)
            waits.append({"activity": id, "title": preceding.title, "status": status, "endangers": endangers})
        return waits

    # Amendments and clearances

    def _amendment(self, amendment: Amendment) -> dict:
        before, after = amendment.before_and_after(self.plan.activities)
        return {
            "amendment": amendment.id,
            "kind": amendment.kind,
            "activity": amendment.activity,
            "state": amendment.state,
            "reason": amendment.reason,
            "proposed_by": amendment.person if self.inside else None,
            "entity": amendment.entity,
            "proposed_at": amendment.proposed_at,
            "settled_at": amendment.settled_at,
            "withdrawn_because": amendment.withdrawn_because,
            "digest": self._text(amendment),
            "before": before,
            "after": after,
            "clearance": self._clearance(amendment, amendment.clearance) if self.inside and amendment.clearance else None,
        }

    def _text(self, amendment: Amendment) -> str | None:
        """The digest that positions on an amendment name; reckoned for one that was proposed before it was kept."""
        if amendment.digest is None and amendment.can_change(self.plan.activities):
            return self.plan.digest_with(amendment)
        return amendment.digest

    def _clearance(self, amendment: Amendment | None, clearance: Clearance) -> dict:
        # What passed was said of the text that passed, and stays so when an amendment makes another of it.
        stale = clearance.state != "passed" and clearance.digest != (self._text(amendment) if amendment else self._digest)
        return {
            "amendment": amendment.id if amendment else None,
            "digest": clearance.digest,
            "by": clearance.rule.by,
            "state": clearance.state,
            "opened_at": clearance.opened_at,
            "deadline": clearance.deadline,
            "settled_at": clearance.settled_at,
            "counting": clearance.counting,
            "awaiting": clearance.awaiting() if clearance.is_open else [],
            "positions": [
                asdict(position) | {"stale": stale, "current": not stale and clearance.current(position.entity) is position}
                for position in clearance.positions
            ],
        }


def rule_view(rule: PassingRule) -> dict:
    return {"passing": rule.passing, "blocking": rule.blocking, "minimum_hours": rule.minimum_hours}


def _carried(carried: Carried | None) -> dict | None:
    return {"year": carried.year, "activity": carried.activity} if carried else None


def _compared(baseline: dict, now: dict) -> list[dict]:
    """By activity, in the order of their ids: what was added, changed or dropped since."""
    was, stands = ({item["id"]: item for item in substance["activities"]} for substance in (baseline, now))
    rows = []
    for id in sorted({*was, *stands}):
        old, new = was.get(id), stands.get(id)
        kind = "added" if old is None else "dropped" if new is None else "changed"
        title = (new or old or {})["title"]
        before, after = differences(old, new) if old is not None and new is not None else (old, new)
        if before != after:
            rows.append({"activity": id, "title": title, "kind": kind, "before": before, "after": after})
    return rows
