"""Finding what was said: the question."""

from typing import Any

from contracts import documents as c
from messaging.service import query
from services.documents.composing import Shelves, findable
from services.documents.rules import citing
from services.documents.rules.rights import ToDocument
from services.documents.searching import Hit, Ranked, Searching
from services.documents.service.asking import asker
from services.documents.store import documents
from services.kernel import Refusal


class Search:
    """The question for the library."""

    searching = Searching(Shelves)

    @query(c.Search)
    def search(self, ask):
        who = asker(ask)
        begin = _offset(ask.after)
        wanted = {"language": ask.language, "prefer": ask.by.language, "kind": ask.kind, "limit": ask.limit, "offset": begin}
        hits, more = self.searching.search(ask.words, drafts=who.is_inside, may_see=lambda one: _may_see(one, who), **wanted)
        return {"items": [_found(hit) for hit in hits], "next": str(begin + len(hits)) if more else None}


def _may_see(one: Ranked, who: ToDocument) -> bool:
    """Whether this text may be shown, by the document as it stands: whatever the index holds."""
    it = documents.load(one.document).aggregate
    return one.digest in findable(it, one.language, drafts=who.to(it).is_privy, at=who.at)


def _found(hit: Hit) -> dict[str, Any]:
    it = documents.load(hit.document).aggregate
    return {
        "document": hit.document,
        "kind": hit.kind,
        "state": it.state,
        "number": it.number,
        "title": hit.title,
        "language": hit.language,
        "section_id": hit.section,
        "heading": hit.heading,
        "excerpt": hit.excerpt,
        "matches": [{"start": start, "end": end} for start, end in hit.matches],
        "published_on": it.published_on,
        "url": citing.address(it, hit.language),
    }


def _offset(cursor: str | None) -> int:
    if cursor is not None and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 6):
        raise Refusal.invalid("after", "This cursor was not given by us.", rule="cursor", accepted="the next of a page")
    return int(cursor or 0)
