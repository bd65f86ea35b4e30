"""What workplan says and hears: the year's plan, the calendar, members' concrete actions, coverage and the annual report.

An activity, an amendment, a meeting and the like are named by an identifier of the caller's choice, or by one made for them.
In a change, a field that is not given stays as it is.
"""

from contracts.base import Contract
from contracts.workplan.calendar import *  # noqa: F403
from contracts.workplan.concrete import *  # noqa: F403
from contracts.workplan.plan import *  # noqa: F403
from contracts.workplan.report import *  # noqa: F403

contract = Contract("workplan", *(f"{__name__}.{part}" for part in ("plan", "calendar", "concrete", "report")))
