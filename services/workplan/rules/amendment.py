"""A proposed change of substance to an adopted plan, cleared like the plan itself."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from services.kernel import Clearance
from services.workplan.rules.activity import Activity, Cancellation, Wording

KINDS = ("add", "change", "drop")


@dataclass
class Amendment:
    """``kind``: to add, change or drop ``activity``. ``changes``: the checked wording, None to drop.

    ``state``: ``proposed`` → ``clearance`` → ``adopted``; back to ``proposed`` when the clearance fails or the plan
    changes under it; or ``withdrawn``. ``before`` and ``after``: the activity's substance, fixed when adopted;
    until then they follow the plan, since another amendment may be adopted first.
    """

    id: str
    kind: str
    activity: str
    reason: str
    person: str
    entity: str | None
    proposed_at: datetime
    changes: dict | None = None
    state: str = "proposed"
    settled_at: datetime | None = None
    withdrawn_because: str | None = None
    before: dict | None = None
    after: dict | None = None
    digest: str | None = None
    clearances: list[Clearance] = field(default_factory=list)

    @property
    def is_pending(self) -> bool:
        return self.state in ("proposed", "clearance")

    @property
    def clearance(self) -> Clearance | None:
        """The latest run of its procedure."""
        return self.clearances[-1] if self.clearances else None

    def applies_to(self, activities: list[Activity]) -> bool:
        """Whether it can still be carried out: what it adds is not there, what it changes or drops is."""
        present = next((a for a in activities if a.id == self.activity), None)
        return present is None if self.kind == "add" else present is not None and present.cancelled is None

    def applied_to(self, activities: list[Activity], at: datetime) -> list[Activity]:
        """The activities as they would stand."""
        wording: Wording = self.changes or {}
        if self.kind == "add":
            return [*activities, Activity(self.activity, wording["title"], wording["lead"]).reworded(wording)]
        changed = []
        for activity in activities:
            if activity.id != self.activity:
                changed.append(activity)
            elif self.kind == "change":
                changed.append(activity.reworded(wording))
            else:
                changed.append(replace(activity, cancelled=Cancellation(at, self.person, self.reason)))
        return changed
