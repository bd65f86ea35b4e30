"""How a text was cleared: the board for the Group, entity by entity and text by text, and the certificate for everyone.

The board is the Group's own. The certificate says no more than who cleared exactly which text, when, and in which word: what was said
for it, and by whom in an entity, stays inside.
"""

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from services.documents.rules import rights
from services.documents.rules.views import clearance_line
from services.kernel import Clearance, Refusal

if TYPE_CHECKING:
    from services.documents.rules.document import Document


def board(it: "Document", *, privy: bool = True) -> dict[str, Any]:
    """The clearance board: by entity its present word and every position it ever took, stale ones shown as such; by text, how it ended.
    ``privy``: whether the document is there from now on for who is answered; whose last word brings it under embargo may see it so once.
    """
    run, runs = it.clearance, [(one, it.put_forward(one)) for one in it.clearances]
    counting = run.counting if run else []
    spoke = {position.entity for one in it.clearances for position in one.positions}
    rows = []
    for entity in [*counting, *sorted(spoke - set(counting))]:
        positions = [
            asdict(position) | {"revision": revision, "stale": one is not run or one.state == "superseded" or position.digest != it.digest}
            for one, revision in runs
            for position in one.positions
            if position.entity == entity
        ]
        standing = [position for position in positions if not position["stale"]]
        word = standing[-1]["word"] if standing else None
        rows.append({"entity": entity, "word": word, "counts": entity in counting, "positions": positions})
    return {
        "document": it.id,
        "title": it.title,
        "kind": it.kind,
        "state": it.state,
        "digest": it.digest,
        "clearance": clearance_line(it, run) if run else None,
        "earlier": [clearance_line(it, one) for one in it.clearances[:-1]],
        "texts": _texts(it),
        "board": rows,
        "withheld": not privy,
    }


def _texts(it: "Document") -> list[dict[str, Any]]:
    """The revisions that were put before the entities, each once: since when, and how it stands with the last run over it."""
    columns: dict[int, dict[str, Any]] = {}
    for run in it.clearances:
        number = it.put_forward(run)
        column = columns.setdefault(number, {"revision": number, "digest": run.digest, "opened_at": run.opened_at})
        column["state"] = run.state
    return [columns[number] for number in sorted(columns)]


def certificate(it: "Document", *, drafts: bool, at: datetime) -> dict[str, Any]:
    """Who cleared the present text, or, once it is public, the text as it was published. Before, it is for those who see ``drafts``."""
    rights.must_show("certificate", it, drafts=drafts, at=at)
    run = _passed(it)
    published = it.is_public(at)
    revision = it.revisions[it.put_forward(run) - 1]
    words = [position for entity in sorted(run.counting) if (position := run.current(entity))]
    return {
        "document": it.id,
        "kind": it.kind,
        "title": revision.title,
        "number": it.number,
        "language": it.language,
        "digest": run.digest,
        "revision": revision.number,
        "by": run.rule.by,
        "opened_at": run.opened_at,
        "deadline": run.deadline,
        "passed_at": run.settled_at,
        "minimum_hours": run.rule.minimum_hours,
        "counting": sorted(run.counting),
        "positions": [{name: getattr(position, name) for name in ("entity", "word", "at", "tacit", "on_behalf")} for position in words],
        "signatories": it.signing,
        "published_at": it.published_at if published else None,
        "published_digest": revision.digest if published else None,
        "corrected": [one.revision for one in it.corrigenda],
        "url": it.url,
    }


def _passed(it: "Document") -> Clearance:
    """The clearance of the text in question: of the published revision, which a corrigendum does not replace, or of the current one."""
    revision = it.revisions[it.published_revision - 1] if it.published_revision else it.current
    for run in reversed(it.clearances):
        if revision and run.state == "passed" and run.digest == revision.digest:
            return run
    raise Refusal.conflict("No clearance of this text has passed on this record.", rule="not-cleared")
