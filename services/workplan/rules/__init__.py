"""What decides here: plans with their activities and amendments, briefings, members' concrete actions, coverage of
the Global Plan.

Pure: imports the standard library, ``services.kernel`` and itself. Told the instant, the actor and the
composition of the Group; never asks.
"""

from services.workplan.rules.activity import SUBSTANCE, Activity, Deliverable, Milestone
from services.workplan.rules.amendment import Amendment
from services.workplan.rules.briefing import TOLD, Briefing
from services.workplan.rules.concrete import WORDING, ConcreteAction
from services.workplan.rules.gpa import REGISTER
from services.workplan.rules.plan import AWAITING, PUBLIC, Plan, awaiting, is_coming
from services.workplan.rules.report import coverage, coverage_view

__all__ = [
    "AWAITING",
    "PUBLIC",
    "REGISTER",
    "SUBSTANCE",
    "TOLD",
    "WORDING",
    "Activity",
    "Amendment",
    "Briefing",
    "ConcreteAction",
    "Deliverable",
    "Milestone",
    "Plan",
    "awaiting",
    "coverage",
    "coverage_view",
    "is_coming",
]
