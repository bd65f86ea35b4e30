"""A proposed change of substance to an adopted plan, cleared like the plan itself."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from services.kernel import Clearance
from services.workplan.rules import dependencies
from services.workplan.rules.activity import Activity, Wording
from services.workplan.rules.funding import Cancellation

KINDS = ("add", "change", "drop")


@dataclass
class Amendment:
    """``kind``: to add, change or drop ``activity``. ``changes``: the checked wording, None to drop.

    ``state``: ``proposed`` → ``clearance`` → ``adopted``; back to ``proposed`` when the clearance fails or the plan
    changes under it; or ``withdrawn``. ``before`` and ``after``: the activity's substance, fixed when adopted;
    until then they follow the plan, since another amendment may be adopted first. ``digest``: of the plan as it would stand, which
    positions name; reckoned anew when the plan changes, None once it cannot be carried out or was withdrawn.
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
        """Whether it can still be carried out: what it adds is not there, what it changes or drops is, and what it has the
        activity depend on stands, without going round in a circle with what others were made to depend on since."""
        present = self._present(activities)
        if self.kind == "add":
            return present is None and self._may_depend(activities)
        return present is not None and present.cancelled is None and self._may_depend(activities)

    def can_change(self, activities: list[Activity]) -> bool:
        """Whether it is unsettled, and can still be carried out."""
        return self.is_pending and self.applies_to(activities)

    def applied_to(self, activities: list[Activity], at: datetime) -> list[Activity]:
        """The activities as they would stand."""
        present, amended = self._present(activities), self._amended(activities, at)
        if present is None:
            return [*activities, amended]
        return [amended if activity is present else activity for activity in activities]

    def before_and_after(self, activities: list[Activity]) -> tuple[dict | None, dict | None]:
        """The activity's substance without this amendment and with it: as it stands, or as it was when this was settled."""
        if not self.can_change(activities):
            return self.before, self.after
        present, amended = self._present(activities), self._amended(activities, self.proposed_at)
        return present.substance() if present else None, None if amended.cancelled else amended.substance()

    def _may_depend(self, activities: list[Activity]) -> bool:
        depends_on = (self.changes or {}).get("depends_on", ())
        return not depends_on or next(dependencies.faults({self.activity: ("depends_on", depends_on)}, activities), None) is None

    def _present(self, activities: list[Activity]) -> Activity | None:
        return next((activity for activity in activities if activity.id == self.activity), None)

    def _amended(self, activities: list[Activity], at: datetime) -> Activity:
        wording: Wording = self.changes or {}
        present = self._present(activities) or Activity(self.activity, wording["title"], wording["lead"])
        if self.kind == "drop":
            return replace(present, cancelled=Cancellation(at, self.person, self.reason))
        return present.reworded(wording)
