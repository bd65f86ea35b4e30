"""What *documents* remembers: documents, the series, and the texts themselves, outlines and sections, each under its digest.

A text is written before the one write that points to it: an orphan is harmless, a dangling pointer impossible.
"""

import contextlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from gridfs import GridFS
from gridfs.errors import CorruptGridFile, NoFile
from mongoengine import BinaryField, BooleanField, DateTimeField, DictField, IntField, ListField, StringField
from mongoengine import Document as StoredDocument
from mongoengine.connection import get_db
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError, PyMongoError

from contracts.chairs import composition_from
from contracts.documents import CommentDisposed, Commented, CommentReplied, contract
from messaging import due
from messaging.context import Arrived, Cause, now
from messaging.remembering import Latest
from messaging.store import AggregateDocument, Aggregates, Page, Projection, Saved, insert_new
from services.documents import rules
from services.documents.rules.exports import DONE, FAILED, QUEUED, RUNNING, Asked, Outcome, no_such_export
from services.documents.rules.kinds import EMBARGOED, HELD, JOINT_STATEMENT, PUBLIC
from services.documents.rules.rights import ToDocument
from services.kernel import Refusal

StoreAway = PyMongoError
"""What the store not answering looks like to those who may not know which store it is."""

LOOKED_SECONDS = 0.1
"""How old a look at the composition may be on which a change is decided: it is as if its news had come so much later."""


class DocumentRecord(AggregateDocument):
    meta = {
        "collection": "documents",
        "indexes": ["state.listed_at"] + [(f"state.{name}", "state.listed_at") for name in ("kind", "state", "pillars", "themes")],
    }


class SeriesRecord(AggregateDocument):
    meta = {"collection": "series"}


class RulebookRecord(AggregateDocument):
    meta = {"collection": "rulebooks"}


class TextRecord(StoredDocument):
    """The content a digest names, for ever."""

    digest = StringField(primary_key=True)
    content = DictField(required=True)

    meta = {"collection": "texts", "auto_create_index": False}


class CommentRecord(StoredDocument):
    """One comment and what was said under it, as the events of its document tell it: the fields of ``commented`` once that has come,
    the ``replies`` and ``dispositions`` with the sequences of theirs."""

    id = StringField(primary_key=True)
    document = StringField()
    number = IntField()
    revision = IntField()
    section = IntField()
    heading = StringField()
    passage = DictField()
    text = StringField()
    person = StringField()
    entity = StringField()
    at = DateTimeField()
    open = BooleanField(required=True)
    replies = ListField(DictField())
    dispositions = ListField(DictField())

    meta = {
        "collection": "comments",
        "auto_create_index": False,
        "indexes": [
            ("document", "number"),
            ("document", "open", "number"),
            ("document", "entity", "number"),
            ("document", "passage.section", "number"),
        ],
    }


class Documents(Aggregates[rules.Document]):
    """The documents."""

    def before_decide(self) -> None:
        composition.look(within=LOOKED_SECONDS)

    def before_write(self, returned: list[Any]) -> None:
        texts.keep_words(one for one in returned if isinstance(one, rules.Words))

    def take_up(self, events: list[dict[str, Any]]) -> None:
        comments.take_up(events)

    def listed(
        self,
        *,
        drafts: bool,
        at: datetime,
        kind: str | None = None,
        state: str | None = None,
        pillar: str | None = None,
        theme: str | None = None,
        limit: int = 50,
        after: str | None = None,
        withheld: Sequence[str] = (),
    ) -> Page[rules.Document]:
        """Documents, the newest first; without ``drafts`` only what is public as of ``at``. None of those whose ids are ``withheld``."""
        asked = {"kind": kind, "state": state, "pillars": pillar, "themes": theme}
        wanted: list[dict[str, Any]] = [{f"state.{name}": value} for name, value in asked.items() if value]
        if not drafts:
            wanted.append({"state.state": {"$in": sorted(PUBLIC)}, "state.listed_at": {"$lte": at}})
        if withheld:
            wanted.append({"_id": {"$nin": list(withheld)}})
        return self.find({"$and": wanted} if wanted else {}, sort="state.listed_at", descending=True, limit=limit, after=after)

    def withheld(self, who: ToDocument) -> list[str]:
        """The ids of the statements that are not there for this member of the Group: under embargo, or issued after they asked."""
        held = [{"state.state": EMBARGOED}, {"state.state": {"$in": sorted(PUBLIC)}, "state.listed_at": {"$gt": who.at}}]
        found = self._all({"state.kind": JOINT_STATEMENT, "$or": held})
        return [saved.id for saved in found if not who.to(saved.aggregate).is_privy]

    def versions(self) -> dict[str, int]:
        """The version of each document there is."""
        return {record["_id"]: record["version"] for record in self.collection.find({}, {"version": 1})}

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


class Rulebooks(Aggregates[rules.Rulebook]):
    """The passing rules: one rulebook."""

    def standing(self) -> Saved[rules.Rulebook]:
        """The rules as they stand: those of the beginning until the Group has set any."""
        with contextlib.suppress(Refusal):
            return self.load(rules.RULEBOOK)
        return Saved(rules.RULEBOOK, rules.Rulebook(), 0)


class Texts:
    """Texts by their outlines, and the words of comments by their digests. What a digest names never changes, so that the texts read
    or written last are kept in memory: of this many ``characters`` together."""

    WORDS = 256
    """Words of comments that are kept in memory: of who is answered, and heard of, right after they were said."""

    def __init__(self, characters: int = 40_000_000) -> None:
        self.room = characters
        self._read: OrderedDict[str, rules.Text] = OrderedDict()
        self._said: Latest[dict[str, Any]] = Latest(self.WORDS)

    def keep(self, text: rules.Text, *alike: str) -> rules.Text:
        """Write what is not there yet of a text, which is returned; ``alike`` are the outlines of texts that are there and may share
        sections with it. The same digest is the same content, so that twice is once."""
        known = {section.digest for outline in alike for section in self.text(outline).sections}
        new = {digest: body for digest, body in text.bodies.items() if digest not in known}
        self._write(new | {text.outline: text.outlined})
        return self._remember(text)

    def keep_words(self, words: Iterable[rules.Words]) -> None:
        """Write the words of comments."""
        if contents := {one.digest: one.content for one in words}:
            self._write(contents)
        for digest, content in contents.items():
            self._said.keep(digest, content)

    def text(self, outline: str) -> rules.Text:
        """The text with this outline. Raises KeyError when it was never kept."""
        if (text := self._read.get(outline)) is not None:
            self._read.move_to_end(outline)
            return text
        outlined = self._contents([outline])[outline]
        return self._remember(rules.Text.of(outlined, self._contents({digest for _, digest in outlined["sections"]})))

    def words(self, digest: str) -> dict[str, Any]:
        """The content of words that were kept. Raises KeyError when they never were."""
        return self._said.get(digest) or self._contents([digest])[digest]

    def _remember(self, text: rules.Text) -> rules.Text:
        if text.outline not in self._read:
            self._read[text.outline] = text
            self.room -= text.length
            while self.room < 0 and len(self._read) > 1:
                self.room += self._read.popitem(last=False)[1].length
        return text

    def _write(self, contents: dict[str, dict[str, Any]]) -> None:
        insert_new(TextRecord._get_collection(), [{"_id": digest, "content": content} for digest, content in contents.items()])

    def _contents(self, digests: Iterable[str]) -> dict[str, dict[str, Any]]:
        found = TextRecord._get_collection().find({"_id": {"$in": list(digests)}})
        return {record["_id"]: record["content"] for record in found}


NOTHING_UNDER_IT: dict[str, Any] = {"open": True, "replies": [], "dispositions": []}
"""What the record of a comment has before anything is said under it."""


class Comments:
    """The comments on documents, made of the events that tell of them, which name the words that were kept. Each event is known by its
    sequence, and changes what no other does: so they may come late, twice and in any order."""

    CHARACTERS = 2_000_000
    """Of the comments on one page, threads and all; a page ends where they are reached."""
    DOCUMENTS = 256
    """Of which is known how far they were taken up last."""

    def __init__(self, documents: Documents, texts: Texts) -> None:
        self.documents, self.texts = documents, texts
        self._until: Latest[int] = Latest(self.DOCUMENTS)

    @property
    def collection(self) -> Collection:
        return CommentRecord._get_collection()

    def take_up(self, events: Iterable[dict[str, Any]]) -> None:
        """Take up what these sealed events tell of comments."""
        told = [self.documents.heard(event) for event in events if "comment" in event["data"]]
        new = {_record_of(event): self._record(event) for event in told if event.type == Commented.type()}
        there: set[str] = set(new)
        if insert_new(self.collection, list(new.values())) < len(new):  # some are there, or what was said under them is there before them
            found = self.collection.find({"_id": {"$in": list(new)}}, {"number": 1})
            there = {record["_id"] for record in found if "number" in record}
        for event in told:
            if event.type != Commented.type() or _record_of(event) not in there:
                self.keep(event)

    def catch_up(self, document: str) -> None:
        """Take up what was said on a document and nobody heard of yet, so that who reads finds all that was saved before."""
        standing = self.documents.collection.find_one({"_id": document}, {"version": 1})
        if standing is not None and standing["version"] > self._until.get(document, 0):
            version, unsent = self.documents.unsent(document)
            self.take_up(unsent)
            self._until.keep(document, version)

    def keep(self, event: Arrived) -> None:
        """Take up what one event tells, unless that was done before. Raises KeyError when its words were never kept."""
        change: dict[str, Any]
        new: dict[str, Any]
        if event.type == Commented.type():
            change, new = {"$set": self._comment(event), "$setOnInsert": NOTHING_UNDER_IT}, {"number": {"$exists": False}}
        elif event.type == CommentReplied.type():
            change = {"$push": {"replies": self._said(event)}, "$setOnInsert": {"open": True, "dispositions": []}}
            new = {"replies.sequence": {"$ne": event.sequence}}
        elif event.type == CommentDisposed.type():
            disposition = self._said(event) | {"outcome": event.outcome}
            change = {"$push": {"dispositions": disposition}, "$set": {"open": False}, "$setOnInsert": {"replies": []}}
            new = {"dispositions.sequence": {"$ne": event.sequence}}
        else:
            return
        for _ in range(2):  # the id is taken where this was taken up before, or where another has just made the record
            with contextlib.suppress(DuplicateKeyError):
                self.collection.update_one({"_id": _record_of(event)} | new, change, upsert=True)
                return

    def _comment(self, event: Arrived) -> dict[str, Any]:
        return {name: event.data[name] for name in ("document", "revision", "section")} | {"number": event.comment} | self._said(event)

    def _record(self, event: Arrived) -> dict[str, Any]:
        """The record of a comment right after it was made."""
        return {"_id": _record_of(event)} | NOTHING_UNDER_IT | self._comment(event)

    def _said(self, event: Arrived) -> dict[str, Any]:
        who = {"person": event.by.person, "entity": event.entity, "at": event.at, "sequence": event.sequence}
        return self.texts.words(event.digest) | who

    def told(self, saved: Saved[rules.Document], cause: Cause) -> dict[str, Any]:
        """The comment that a change was about, with all that was said under it."""
        events = self.documents.caused(saved.id, cause.id) if saved.replayed else saved.events
        event = self.documents.heard(next(event for event in events if "comment" in event["data"]))
        if event.type == Commented.type() and not saved.replayed:  # nobody knew of it to say anything under it
            return self._record(event)
        return self.get(saved.id, event.comment)

    def get(self, document: str, number: int) -> dict[str, Any]:
        """One comment. Raises KeyError when there is none."""
        self.catch_up(document)
        record = self.collection.find_one({"_id": f"{document}.{number}"})
        if record is None or "number" not in record:
            raise KeyError(f"{document}.{number}")
        return _in_order(record)

    def length(self, document: str, number: int, of: str) -> int:
        """How many ``replies`` or ``dispositions`` a comment has."""
        self.catch_up(document)
        record = self.collection.find_one({"_id": f"{document}.{number}"}, {f"{of}.sequence": 1})
        return len(record[of]) if record else 0

    def listed(
        self,
        document: str,
        total: int,
        *,
        open: bool | None = None,
        entity: str | None = None,
        section_id: str | None = None,
        limit: int = 50,
        after: str | None = None,
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Of the ``total`` comments of a document those after the cursor, in the order in which they were made, and the cursor of the next
        page. Raises Refusal(invalid, field ``after``) for a cursor that is none."""
        self.catch_up(document)
        wanted = {"open": open, "entity": entity, "passage.section": section_id}
        query = {"document": document} | {path: is_ for path, is_ in wanted.items() if is_ is not None}
        found: list[dict[str, Any]] = []
        characters = 0
        for record in self._numbered(query, _number(after), total, limit + 1):
            if len(found) == limit or characters > self.CHARACTERS:
                return found, str(found[-1]["number"])
            found.append(_in_order(record))
            said = (record, *record["replies"], *record["dispositions"])
            characters += sum(len(one.get("text", "")) + len(one.get("reason", "")) for one in said)
        return found, None

    def _numbered(self, query: dict[str, Any], begin: int, total: int, many: int) -> Iterator[dict[str, Any]]:
        """Those that match after the number ``begin``, in order: so ``many`` numbers at a time, then twice as many. A store that is asked
        for the first few of all may read all there are before it leaves any out."""
        while begin < total:
            yield from self.collection.find(query | {"number": {"$gt": begin, "$lte": begin + many}}).sort("number", 1)
            begin, many = begin + many, 2 * many


documents = Documents(DocumentRecord, rules.Document, kind="document", contract=contract, remember=100)
rulebooks = Rulebooks(RulebookRecord, rules.Rulebook, kind="rulebook", contract=contract, remember=1)
series = Aggregates(SeriesRecord, rules.Series, kind="series", contract=contract)
texts = Texts()
comments = Comments(documents, texts)
composition = Projection("composition", composition_from, comes="when the Group's first entity is registered")


class FileRecord(StoredDocument):
    """A file, as GridFS has it; its id is the SHA-256 of its bytes."""

    id = StringField(primary_key=True)
    length = IntField(required=True)

    meta = {"collection": "files.files", "auto_create_index": False, "strict": False}


class FilePartRecord(StoredDocument):
    """A part of a file, as GridFS has it."""

    id = StringField(primary_key=True)
    files_id = StringField(required=True)
    n = IntField(required=True)
    data = BinaryField(required=True)

    meta = {"collection": "files.chunks", "auto_create_index": False, "indexes": [{"fields": ["files_id", "n"], "unique": True}]}


class ExportRecord(StoredDocument):
    """One export: the fields of ``rules.exports.Asked``, how far it is, what came of it, and those of ``messaging.due``. Its id is the
    digest of what was asked, ``file`` that of the bytes."""

    id = StringField(primary_key=True)
    document = StringField(required=True)
    revision = IntField(required=True)
    digest = StringField(required=True)
    language = StringField(required=True)
    format = StringField(required=True)
    base = IntField(null=True)
    base_digest = StringField(null=True)
    edition = StringField()
    state = StringField(required=True)
    progress = IntField(required=True)
    step = StringField(required=True)
    name = StringField(required=True)
    media_type = StringField(required=True)
    size = IntField(null=True)
    file = StringField(null=True)
    error = StringField(null=True)
    requested_by = StringField(required=True)
    at = DateTimeField(required=True)
    attempts = IntField(required=True)
    due = DateTimeField()
    claim = StringField()
    claimed_until = DateTimeField()

    meta = {
        "collection": "exports",
        "auto_create_index": False,
        "indexes": [{"fields": ["due"], "sparse": True}, {"fields": ["document", "format"]}],
    }


class Files:
    """Files by the SHA-256 of their bytes, in GridFS (the bucket ``files``): those attached to documents, and those that were made of
    them. The parts of a file, and then the file, are written under names made of the digest, so that the same bytes are kept once however
    often, by however many, and after however many broken attempts they are written. They are written before the one write that names
    them."""

    PART = 255 * 1024

    def keep(self, raw: bytes, media_type: str) -> str:
        """Write what is not there yet; the digest."""
        digest = sha256(raw).hexdigest()
        if FileRecord._get_collection().find_one({"_id": digest}, {"_id": 1}):
            return digest
        for number, start in enumerate(range(0, len(raw), self.PART)):
            part = {"files_id": digest, "n": number, "data": raw[start : start + self.PART]}
            self._keep(FilePartRecord, f"{digest}/{number}", part)
        known = {"length": len(raw), "chunkSize": self.PART, "uploadDate": now(), "contentType": media_type}
        self._keep(FileRecord, digest, known)
        return digest

    def read(self, digest: str) -> bytes:
        """The bytes with this digest. Raises KeyError when they were never kept, and ValueError when they are no longer what they were."""
        try:
            raw = GridFS(get_db(), "files").get(digest).read()
        except NoFile:
            raise KeyError(digest) from None
        except CorruptGridFile as error:
            raise ValueError(f"the file {digest} lacks a part") from error
        if sha256(raw).hexdigest() != digest:
            raise ValueError(f"the file {digest} is not what was kept")
        return raw

    def _keep(self, record: type[StoredDocument], id: str, fields: dict[str, Any]) -> None:
        with contextlib.suppress(DuplicateKeyError):  # another has just written the same
            record._get_collection().update_one({"_id": id}, {"$setOnInsert": fields}, upsert=True)


class Exports:
    """What is to be made of documents, is being made, and was made. Technical work (``messaging.due``): the record of one holds no word of
    the text it is of."""

    @property
    def collection(self) -> Collection:
        return ExportRecord._get_collection()

    def request(self, asked: Asked, by: str, at: datetime) -> dict[str, Any]:
        """The record of this export, made if there is none; one that had failed is to be tried again. ``by``: who asks, ``at``: when."""
        fields = {**vars(asked), "state": QUEUED, "progress": 0, "step": "Waiting for its turn", "name": asked.name}
        fields |= {"media_type": asked.media_type, "requested_by": by, "at": at, "attempts": 0, "due": now()}
        with contextlib.suppress(DuplicateKeyError):  # another has just asked for the same
            self.collection.update_one({"_id": asked.id}, {"$setOnInsert": fields}, upsert=True)
        again = {"state": QUEUED, "progress": 0, "step": "Waiting for its turn", "attempts": 0, "due": now(), "error": None}
        self.collection.update_one({"_id": asked.id, "state": FAILED}, {"$set": again})
        return self.load(asked.id)

    def load(self, id: str) -> dict[str, Any]:
        """The record of an export. Raises Refusal(not_found)."""
        if (record := self.find(id)) is None:
            raise no_such_export(id)
        return record

    def find(self, id: str) -> dict[str, Any] | None:
        """The record of an export; None when it was never asked for."""
        return self.collection.find_one({"_id": id})

    def claim(self, seconds: float) -> dict[str, Any] | None:
        """The export that has waited longest and is nobody's, now this process's for so many seconds."""
        for record in due.claim(self.collection, {}, seconds=seconds):
            started = {"state": RUNNING, "progress": 0, "step": "Reading the text", "attempts": record["attempts"] + 1}
            self.collection.update_one({"_id": record["_id"], "claim": record["claim"]}, {"$set": started})
            return record | started
        return None

    def tell(self, record: Mapping[str, Any], seconds: float, **how_far: Any) -> bool:
        """Record how far the making is (``progress``, ``step``), and hold the claim for so many seconds more. False when it is another's
        by now."""
        held = {"$set": {**how_far, "claimed_until": now() + timedelta(seconds=seconds)}}
        return self.collection.update_one({"_id": record["_id"], "claim": record["claim"]}, held).matched_count == 1

    def done(self, record: Mapping[str, Any], digest: str, size: int) -> bool:
        """Record that the file with this digest was made. False when the claim had run out."""
        made = {"state": DONE, "progress": 100, "step": "Done", "file": digest, "size": size, "error": None}
        return due.settle(self.collection, record, set=made)

    def failed(self, record: Mapping[str, Any], outcome: Outcome) -> bool:
        """Record that an attempt failed, and what follows."""
        step = "Failed" if outcome.due is None else "Waiting for another attempt"
        return due.settle(self.collection, record, set={"state": outcome.state, "error": outcome.error, "step": step}, due=outcome.due)

    def give_back(self, record: Mapping[str, Any]) -> bool:
        """Let another process make it at once: this one takes its leave, which is no failure."""
        back = {"state": QUEUED, "progress": 0, "step": "Waiting for its turn", "attempts": record["attempts"] - 1}
        return due.settle(self.collection, record, set=back, due=now())

    def next_due(self) -> datetime | None:
        """When the next export may be claimed, if there is one."""
        open = self.collection.find({"due": {"$exists": True}}, {"due": 1, "claimed_until": 1})
        return min((max(record["due"], record.get("claimed_until", record["due"])) for record in open), default=None)

    def waiting(self) -> int:
        """How many are to be made."""
        return self.collection.count_documents({"due": {"$exists": True}})


files = Files()
exports = Exports()


def ensure_indexes() -> None:
    """Make the indexes of what is not an aggregate; once, at the start of a process."""
    for record in (CommentRecord, FilePartRecord, ExportRecord):
        record.ensure_indexes()


def _record_of(event: Arrived) -> str:
    return f"{event.document}.{event.comment}"


def _in_order(record: dict[str, Any]) -> dict[str, Any]:
    """A comment with what was said under it in the order in which it was said."""
    said = {name: sorted(record[name], key=lambda one: one["sequence"]) for name in ("replies", "dispositions")}
    return record | said


def _number(cursor: str | None) -> int:
    """The number of the last comment of the page before."""
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10):
        raise Refusal.invalid("after", "This cursor was not given by us.", rule="cursor", accepted="the next of a page")
    return int(cursor)
