"""What *documents* remembers: documents, the series, and the texts themselves, each under its digest.

A text is written before the one write that points to it: an orphan is harmless, a dangling pointer impossible.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from mongoengine import DictField, StringField
from mongoengine import Document as StoredDocument
from pymongo import UpdateOne

from contracts.chairs import composition_from
from contracts.documents import contract
from messaging.store import AggregateDocument, Aggregates, Page, Projection, Saved
from services.documents import rules
from services.documents.rules.kinds import HELD, JOINT_STATEMENT, PUBLIC


class DocumentRecord(AggregateDocument):
    meta = {
        "collection": "documents",
        "indexes": ["state.listed_at", ("state.kind", "state.listed_at"), ("state.state", "state.listed_at")],
    }


class SeriesRecord(AggregateDocument):
    meta = {"collection": "series"}


class TextRecord(StoredDocument):
    """The content a digest names, for ever."""

    digest = StringField(primary_key=True)
    content = DictField(required=True)

    meta = {"collection": "texts", "auto_create_index": False}


class Documents(Aggregates[rules.Document]):
    """The documents."""

    def listed(
        self, *, drafts: bool, at: datetime, kind: str | None = None, state: str | None = None, limit: int = 50, after: str | None = None
    ) -> Page[rules.Document]:
        """Documents, the newest first; without ``drafts`` only what is public as of ``at``."""
        wanted: list[dict[str, Any]] = [{f"state.{name}": value} for name, value in (("kind", kind), ("state", state)) if value]
        if not drafts:
            wanted.append({"state.state": {"$in": sorted(PUBLIC)}, "state.listed_at": {"$lte": at}})
        return self.find({"$and": wanted} if wanted else {}, sort="state.listed_at", descending=True, limit=limit, after=after)

    def unfinished(self) -> Iterator[rules.Document]:
        """Every document in which something may wait for someone."""
        return (saved.aggregate for saved in self._all({"state.state": {"$nin": rules.views.CLOSED}}))

    def statements_held(self) -> Iterator[str]:
        """The ids of the statements in clearance or under embargo: those that hang on who signs."""
        return (saved.id for saved in self._all({"state.kind": JOINT_STATEMENT, "state.state": {"$in": list(HELD)}}))

    def _all(self, wanted: dict[str, Any]) -> Iterator[Saved[rules.Document]]:
        after: str | None = None
        while True:
            page = self.find(wanted, limit=200, after=after)
            yield from page.items
            if (after := page.next) is None:
                return


class Texts:
    """Contents by their digest: texts of revisions, and the words of comments."""

    def keep(self, *things: rules.Text | rules.Words) -> None:
        """Write what is not there yet. The same digest is the same content, so that twice is once."""
        writes = [UpdateOne({"_id": thing.digest}, {"$setOnInsert": {"content": thing.content}}, upsert=True) for thing in things]
        TextRecord._get_collection().bulk_write(writes)

    def text(self, digest: str) -> rules.Text:
        """The text with this digest. Raises KeyError when it was never kept."""
        return rules.Text.of(self._contents([digest])[digest])

    def words(self, digests: Iterable[str]) -> dict[str, rules.Words]:
        """The words of comments, by their digests."""
        return {digest: rules.Words(**content) for digest, content in self._contents(digests).items()}

    def _contents(self, digests: Iterable[str]) -> dict[str, dict[str, Any]]:
        found = TextRecord._get_collection().find({"_id": {"$in": list(digests)}})
        return {record["_id"]: record["content"] for record in found}


documents = Documents(DocumentRecord, rules.Document, kind="document", contract=contract)
series = Aggregates(SeriesRecord, rules.Series, kind="series", contract=contract)
texts = Texts()
composition = Projection("composition", composition_from)
