"""A year's activities as a spreadsheet brings them: what they would change, and every problem that stands in the way."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from services.kernel import Refusal
from services.workplan.rules import dependencies
from services.workplan.rules.activity import SUBSTANCE, Activity, Wording, differences
from services.workplan.rules.wording import Standard, completed


@dataclass
class Import:
    """``changed``: each activity as it is and as it would be. ``problems``: refusals that nobody has raised; with any of
    them, nothing is imported."""

    added: list[Activity] = field(default_factory=list)
    changed: list[tuple[Activity, Activity]] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    problems: list[Refusal] = field(default_factory=list)

    def view(self) -> dict:
        return {
            "added": [activity.id for activity in self.added],
            "changed": [activity.id for activity, _ in self.changed],
            "unchanged": self.unchanged,
            "differences": [difference(new.id, new.title, *differences(old.substance(), new.substance())) for old, new in self.changed]
            + [difference(new.id, new.title, None, new.substance()) for new in self.added],
            "problems": [
                {"field": fault.field, "rule": fault.rule, "detail": fault.detail, "accepted": fault.accepted} for fault in self.problems
            ],
        }


def difference(activity: str, title: str, before: dict | None, after: dict) -> dict:
    """What an import makes of one activity: the fields that differ, as they are and as they would be; of one that is added nothing, and
    its whole substance."""
    return {"activity": activity, "title": title, "kind": "added" if before is None else "changed", "before": before, "after": after}


def read(rows: Sequence[Wording], standard: Standard, *, may_lead: Callable[[str], bool], stale: bool = False) -> Import:
    """What these rows would do: each a wording with the id of its ``activity``. ``may_lead``: whether who imports them may enter
    activities of this lead. ``stale``: they were made of another text than the plan now has, so that what differs may be a
    colleague's change as well as theirs; then they may add, and leave as it is, but not change. Activities of one import may depend
    on one another in any order."""
    there = {activity.id: activity for activity in standard.activities}
    outcome = Import()
    depending: dict[str, tuple[str, Sequence[str]]] = {}
    seen: set[str] = set()
    for i, row in enumerate(rows):
        path, id = f"activities.{i}.", row["activity"]
        wording = {name: row[name] for name in SUBSTANCE if name in row}
        current = there.get(id)
        faults = list(standard.faults(wording, current=current, path=path))
        lead = current.lead if current else wording.get("lead")
        if id in seen:
            faults.append(Refusal.invalid(f"{path}activity", f"{id} is named twice in this import.", rule="id-unique"))
        elif current is not None and current.cancelled is not None:
            faults.append(Refusal.invalid(f"{path}activity", f"{id} was cancelled: {current.cancelled.reason}", rule="activity-cancelled"))
        elif lead and not may_lead(lead):
            faults.append(
                Refusal.invalid(
                    f"{path}activity",
                    f"Only its lead, the chair or the secretariat may import {id}.",
                    rule="lead-or-chair",
                    accepted=[lead],
                )
            )
        if id not in seen and (current is None or "depends_on" in wording):
            depending[id] = (f"{path}depends_on", wording.get("depends_on", ()))
        seen.add(id)
        if faults:
            outcome.problems += faults
            continue
        reworded = (current or Activity(id, wording["title"], wording["lead"])).reworded(completed(wording, current))
        if current is None:
            outcome.added.append(reworded)
        elif current.substance() != reworded.substance():
            outcome.changed.append((current, reworded))
            if stale:
                outcome.problems.append(
                    Refusal.invalid(
                        f"{path}activity",
                        f"The plan has changed since this sheet was given out, and it would change {id}; take a new one.",
                        rule="import-stale",
                        accepted=f"GET /api/v1/workplans/{standard.year}/plan.xlsx",
                    )
                )
        else:
            outcome.unchanged.append(id)
    outcome.problems += dependencies.faults(depending, standard.activities)
    outcome.problems.sort(key=lambda fault: int((fault.field or "").split(".")[1]))
    return outcome
