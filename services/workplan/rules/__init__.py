"""What decides here: plans with their activities and amendments, coverage of the Global Plan, briefings.

Pure: imports the standard library, ``services.kernel`` and itself. Told the instant, the actor and the
composition of the Group; never asks.
"""

from services.workplan.rules.activity import SUBSTANCE, Activity, Deliverable, Milestone
from services.workplan.rules.amendment import Amendment
from services.workplan.rules.briefing import TOLD, Briefing
from services.workplan.rules.plan import AWAITING, PUBLIC, Plan, awaiting, is_coming

__all__ = [
    "AWAITING",
    "PUBLIC",
    "SUBSTANCE",
    "TOLD",
    "Activity",
    "Amendment",
    "Briefing",
    "Deliverable",
    "Milestone",
    "Plan",
    "awaiting",
    "is_coming",
]
