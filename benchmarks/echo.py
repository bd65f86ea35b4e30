"""A service that answers in *workplan*'s place what it was given to answer: what an answer's own size costs, with nothing looked up
or decided.

``ECHO``: a file of JSON, ``{"<question>": {"<year>": answer}}``, whose questions are those of *workplan*'s contract.
"""

import json
import os
import re
from datetime import datetime
from pathlib import Path
from typing import Any

from contracts import workplan
from messaging.context import Order
from messaging.service import Commands, query


def _alive(value: Any) -> Any:
    """JSON with its instants as instants, as a service holds them."""
    if isinstance(value, dict):
        return {name: _alive(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_alive(inner) for inner in value]
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", value):
        return datetime.fromisoformat(value)
    return value


class Echo(Commands):
    """Answers from memory."""

    name = "workplan"
    answers = _alive(json.loads(Path(os.environ["ECHO"]).read_text())) if "ECHO" in os.environ else {}

    @query(workplan.GetPlan)
    def get_plan(self, ask: Order) -> dict[str, Any]:
        return self.answers["plan"][str(ask.year)]

    @query(workplan.Coverage)
    def coverage(self, ask: Order) -> dict[str, Any]:
        return self.answers["coverage"][str(ask.year)]

    @query(workplan.AnnualReport)
    def annual_report(self, ask: Order) -> dict[str, Any]:
        return self.answers["report"][str(ask.year)]
