"""A service that answers in another's place what it was given to answer: what an answer's own size costs, with nothing looked up or
decided.

``ECHO``: a file of JSON, ``{"<question>": {"<of what>": answer}}``. ``ECHOED``: the service in whose place it stands, *workplan* (whose
answers are of years) or *documents* (of documents).
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.figures import until
from contracts import documents, workplan
from launcher.demo.api import Api, Person, Unexpected
from launcher.home import ROOT
from launcher.platform import Platform
from messaging.context import Order
from messaging.service import Commands, query
from services.kernel.rights import EVERYONES, Rights


@contextmanager
def standing_in(platform: Platform, service: str, answers: Path, *, at: str, path: str) -> Iterator[Person]:
    """The echo in a service's place, behind that platform's gateway, until the end of the block; who asks it, at an instant, once the
    path is answered. ``answers``: the file of them."""
    environ = {
        **os.environ,
        "ECHO": str(answers),
        "ECHOED": service,
        "AMQP_URI": platform.amqp_uri,
        "MONGO_URI": platform.mongo_uri(service),
        "ICAT_LOG_LEVEL": "ERROR",
    }
    command = [sys.executable, "-W", "ignore", "-m", "messaging.runtime", "benchmarks.echo"]
    process = subprocess.Popen(command, cwd=ROOT, env=environ)
    try:
        desk = Api(platform.url, at).log_in(*platform.login)
        until(lambda: _got(desk, path), 60)
        yield desk
    finally:
        process.terminate()
        process.wait(15)


def _got(desk: Person, path: str) -> dict[str, Any] | None:
    with suppress(Unexpected):
        return desk.get(path)
    return None


def alive(value: Any) -> Any:
    """JSON with its instants as instants, as a service holds them."""
    if isinstance(value, dict):
        return {name: alive(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [alive(inner) for inner in value]
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", value):
        return datetime.fromisoformat(value)
    return value


ANSWERS = alive(json.loads(Path(os.environ["ECHO"]).read_text())) if "ECHO" in os.environ else {}

if os.environ.get("ECHOED") == "workplan":

    class Workplan(Commands):
        """Answers from memory."""

        name = "workplan"
        rights = Rights(get_plan=EVERYONES, coverage=EVERYONES, annual_report=EVERYONES)

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
        rights = Rights(get_document=EVERYONES, get_revision=EVERYONES, compare_revisions=EVERYONES, comments=EVERYONES)

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
