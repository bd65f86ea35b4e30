"""A service that answers what it was given to answer: what an answer's own size costs, with nothing looked up or decided.

``ECHO``: a file of JSON, ``{"<question>": {"<size>": answer}}``, whose questions are *workplan*'s and whose answers are dumped by
the schemas of its contract.
"""

import json
import os
import re
from datetime import datetime
from pathlib import Path
from typing import Any

from marshmallow import fields

from contracts import workplan
from contracts.base import Contract, Query
from messaging.service import Commands, query


class EchoedPlan(Query):
    """A plan."""

    answer = workplan.PlanAnswer
    size = fields.String(required=True)


class EchoedCoverage(Query):
    """A plan's coverage."""

    answer = workplan.CoverageAnswer
    size = fields.String(required=True)


class EchoedReport(Query):
    """An annual report."""

    answer = workplan.AnnualReportAnswer
    size = fields.String(required=True)


contract = Contract("documents", __name__)


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

    name = "documents"
    answers = _alive(json.loads(Path(os.environ["ECHO"]).read_text())) if "ECHO" in os.environ else {}

    @query(EchoedPlan)
    def echoed_plan(self, ask):
        return self.answers["plan"][ask.size]

    @query(EchoedCoverage)
    def echoed_coverage(self, ask):
        return self.answers["coverage"][ask.size]

    @query(EchoedReport)
    def echoed_report(self, ask):
        return self.answers["report"][ask.size]
