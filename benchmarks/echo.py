"""A service that answers in another's place what it was given to answer: what an answer's own size costs, with nothing looked up or
decided.

``ECHO``: a file of JSON, ``{"<question>": {"<of what>": answer}}``. ``ECHOED``: the service in whose place it stands, *workplan* (whose
answers are of years) or *documents* (of documents).
"""

import json
import os
import re
from datetime import datetime
from pathlib import Path
from typing import Any

from contracts import documents, workplan
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


ANSWERS = _alive(json.loads(Path(os.environ["ECHO"]).read_text())) if "ECHO" in os.environ else {}

if os.environ.get("ECHOED") == "workplan":

    class Workplan(Commands):
        """Answers from memory."""

        name = "workplan"

        @query(workplan.GetPlan)
        def get_plan(self, ask: Order) -> dict[str, Any]:
            return ANSWERS["plan"][str(ask.year)]

        @query(workplan.Coverage)
        def coverage(self, ask: Order) -> dict[str, Any]:
            return ANSWERS["coverage"][str(ask.year)]

        @query(workplan.AnnualReport)
        def annual_report(self, ask: Order) -> dict[str, Any]:
            return ANSWERS["report"][str(ask.year)]


if os.environ.get("ECHOED") == "documents":

    class Documents(Commands):
        """Answers from memory."""

        name = "documents"

        @query(documents.GetDocument)
        def get_document(self, ask: Order) -> dict[str, Any]:
            return ANSWERS["document"][ask.document]

        @query(documents.GetRevision)
        def get_revision(self, ask: Order) -> dict[str, Any]:
            return ANSWERS["text"][ask.document]

        @query(documents.CompareRevisions)
        def compare_revisions(self, ask: Order) -> dict[str, Any]:
            return ANSWERS["comparison"][ask.document]

        @query(documents.Comments)
        def comments(self, ask: Order) -> dict[str, Any]:
            return ANSWERS["comments"][ask.document]
