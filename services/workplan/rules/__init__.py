"""What decides here: plans with their activities and amendments, meetings and briefings, members' concrete
actions, coverage of the Global Plan.

Pure: imports the standard library, ``services.kernel`` and itself. Told the instant, the actor and the
composition of the Group; never asks.
"""

from services.workplan.rules.activity import SUBSTANCE, Activity, Carried, Deliverable, Milestone, Wording
from services.workplan.rules.amendment import Amendment
from services.workplan.rules.briefing import LIMITS, TOLD, Briefing
from services.workplan.rules.calendars import awaiting, calendar
from services.workplan.rules.concrete import DECLARED, ConcreteAction
from services.workplan.rules.funding import Funding, Need, balance
from services.workplan.rules.gpa import REGISTER
from services.workplan.rules.importing import difference
from services.workplan.rules.meeting import ASKED, CALLED, OPEN, Meeting, action_items, must_be_inside
from services.workplan.rules.offers import Offers
from services.workplan.rules.plan import AWAITING, PUBLIC, Plan, is_coming
from services.workplan.rules.report import STATEMENT, Publication, annual_report, coverage_view, report_view
from services.workplan.rules.rights import RIGHTS
from services.workplan.rules.views import Seen

__all__ = [
    "ASKED",
    "AWAITING",
    "CALLED",
    "DECLARED",
    "LIMITS",
    "OPEN",
    "PUBLIC",
    "REGISTER",
    "RIGHTS",
    "STATEMENT",
    "SUBSTANCE",
    "TOLD",
    "Activity",
    "Amendment",
    "Briefing",
    "Carried",
    "ConcreteAction",
    "Deliverable",
    "Funding",
    "Meeting",
    "Milestone",
    "Need",
    "Offers",
    "Plan",
    "Publication",
    "Seen",
    "Wording",
    "action_items",
    "annual_report",
    "awaiting",
    "balance",
    "calendar",
    "coverage_view",
    "difference",
    "is_coming",
    "must_be_inside",
    "report_view",
]
