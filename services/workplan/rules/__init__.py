"""What decides here: plans with their activities and amendments, coverage of the Global Plan, briefings.

Pure: imports the standard library, ``services.kernel`` and itself. Told the instant, the actor and the
composition of the Group; never asks.
"""

from services.workplan.rules.activity import SUBSTANCE, Activity, Deliverable, Milestone
from services.workplan.rules.amendment import Amendment
from services.workplan.rules.briefing import Briefing
from services.workplan.rules.plan import PUBLIC, Plan, is_coming

__all__ = ["PUBLIC", "SUBSTANCE", "Activity", "Amendment", "Briefing", "Deliverable", "Milestone", "Plan", "is_coming"]
