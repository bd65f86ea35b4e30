"""The one write: new state, its events, the version and the cause, in one atomic update of one document.

An aggregate's document::

    {_id, state, version, sequence, chain, pending: [envelope, …], causes: [id, …], unsent, due, clock}

``sequence`` numbers its events, ``chain`` is the digest of the last one, ``pending`` holds those the
relay has not yet sent; sent ones are in the service's append-only journal. An order or event whose id
stands in the aggregate's history is not decided again, however long ago it was: the last ``CAUSES`` ids
are in the document itself, so that most changes need not ask the journal, which knows the rest.
``due`` is when the clock acts next, ``clock`` the instant of what it did last.
"""

import base64
import contextlib
import copy
import functools
import json
import logging
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import cattrs
import mongoengine
import pymongo
from mongoengine import DateTimeField, DictField, Document, IntField, ListField, StringField
from pymongo.collection import Collection
from pymongo.errors import AutoReconnect, BulkWriteError, ConnectionFailure, DuplicateKeyError

from contracts.base import Contract
from contracts.envelope import seal
from messaging.context import Arrived, Cause, Order, arrived_from, by_the_clock, to_milliseconds, written
from messaging.remembering import Causes, Latest
from messaging.turns import Turns
from services.kernel.aggregate import Aggregate, Happened
from services.kernel.refusal import Refusal

log = logging.getLogger(__name__)

A = TypeVar("A", bound=Aggregate)

CAUSES = 64
"""Ids of causes kept in the document: all of them for an aggregate that changed no more often than that."""

STALE_TRIES = 50
"""How often a lost race is decided again before the caller is told to come back."""

DUPLICATE_KEY = 11000
"""The store's code for an id that is taken."""

AS_IT_STANDS = {"pending": 0, "causes": 0}
"""What reading an aggregate leaves out."""

_converter = cattrs.Converter()
_converter.register_structure_hook(datetime, lambda value, _: value)
_converter.register_unstructure_hook(datetime, to_milliseconds)

_listeners: list[Callable[["Aggregates"], None]] = []


def on_write(listener: Callable[["Aggregates"], None]) -> None:
    """Have ``listener`` called after each one write of this process (the relay's alarm clock), with the aggregates it was one of."""
    _listeners.append(listener)


AWAY_SECONDS = 3
"""How long an operation waits for a store that is away, before it fails."""


def connect(uri: str) -> None:
    """Connect mongoengine to this process's database, in place of an earlier one: acknowledged means on disk, at a majority.

    Raises nothing when the store is away: operations wait for it, then fail.
    """
    mongoengine.disconnect()
    mongoengine.connect(
        host=uri,
        tz_aware=True,
        w="majority",
        journal=True,
        serverSelectionTimeoutMS=AWAY_SECONDS * 1000,
        connectTimeoutMS=AWAY_SECONDS * 1000,
        socketTimeoutMS=10000,
        retryWrites=True,
        appname="icat",
    )


def is_reachable() -> bool:
    """Whether the store answers."""
    try:
        mongoengine.get_connection().admin.command("ping")
    except pymongo.errors.PyMongoError:
        return False
    return True


class AggregateDocument(Document):
    """What a service's own document class inherits: the fields of the one write."""

    id = StringField(primary_key=True)
    state = DictField(required=True)
    version = IntField(required=True)
    sequence = IntField(required=True)
    chain = StringField(null=True)
    pending = ListField(DictField())
    causes = ListField(StringField())
    unsent = IntField()
    due = DateTimeField(null=True)
    clock = DateTimeField()

    meta = {
        "abstract": True,
        "auto_create_index": False,
        "indexes": [
            {"fields": ["unsent"], "sparse": True},
            {"fields": ["due"], "sparse": True},
            {"fields": ["id", "version"]},  # for a store that would look through all there are for "this id, of that version"
        ],
    }


class JournalEntry(Document):
    """One sent event. Append-only: written by the relay before it publishes, never changed."""

    id = StringField(primary_key=True)
    subject = StringField(required=True)
    sequence = IntField(required=True)
    cause = StringField(required=True)
    type = StringField(required=True)
    time = StringField(required=True)
    event = DictField(required=True)

    meta = {
        "collection": "journal",
        "auto_create_index": False,
        "indexes": [
            {"fields": ["subject", "sequence"], "unique": True},
            {"fields": ["subject", "cause"]},
            {"fields": ["type", "time"]},
            {"fields": ["time", "sequence"]},  # of which trails are read: of all, of a person, of an entity
            {"fields": ["event.actor", "time", "sequence"]},
            {"fields": ["event.actorentity", "time", "sequence"]},
        ],
    }


def journal() -> Collection:
    return JournalEntry._get_collection()


@dataclass(frozen=True)
class Saved(Generic[A]):
    """An aggregate as the store has it. ``replayed``: the cause had already changed it, nothing was decided now. ``events``: the
    sealed envelopes of what this change made happen; none when it was only read, or replayed (``Aggregates.caused`` finds them)."""

    id: str
    aggregate: A
    version: int
    replayed: bool = False
    events: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Page(Generic[A]):
    """Some of many, with the cursor of the next page (None on the last)."""

    items: list[Saved[A]]
    next: str | None


class Aggregates(Generic[A]):
    """The aggregates of one kind: ``kind`` names them in subjects (``plan/2014``), ``contract`` is the
    producer's, against which every event is checked before it is saved. ``remember``: how many of those read or written last
    are kept in memory, so that reading one again asks the store only whether it has changed, and the next change of it begins
    without reading. What is given out to be read is then shared: a reader that changed it would change it for all.
    """

    def __init__(self, document: type[AggregateDocument], rules: type[A], *, kind: str, contract: Contract, remember: int = 0) -> None:
        self.document = document
        self.rules = rules
        self.kind = kind
        self.contract = contract
        self.remember = remember
        self._read: Latest[Saved[A]] = Latest(remember)
        self._written: Latest[dict[str, Any]] = Latest(remember)
        self._causes = Causes(remember)
        self._turns: Turns[_Deed[A]] = Turns()

    @property
    def collection(self) -> Collection:
        return self.document._get_collection()

    @property
    def is_changing(self) -> bool:
        """Whether any of them is being changed by this process right now."""
        return bool(self._turns)

    def subject(self, id: str) -> str:
        return f"{self.kind}/{id}"

    # Reading

    def load(self, id: str) -> Saved[A]:
        """The aggregate as it stands. Raises Refusal(not_found)."""
        if (remembered := self._read.get(id)) is not None:
            # By its id alone: a store that is asked for "this id, of another version" may go through all there are.
            standing = self.collection.find_one({"_id": id}, {"version": 1})
            if standing is not None and standing["version"] == remembered.version:
                return remembered
        document = self.collection.find_one({"_id": id}, AS_IT_STANDS)
        if document is None:
            raise Refusal.not_found(f"There is no {self.kind} {id}.")
        return self._saved(document)

    def find(
        self,
        filter: dict[str, Any] | None = None,
        *,
        sort: str = "_id",
        descending: bool = False,
        limit: int = 50,
        after: str | None = None,
    ) -> Page[A]:
        """Those that match, in the order of ``sort`` (a document path, then the id), a page at a time.

        Raises Refusal(invalid, field ``after``) for a cursor that is none.
        """
        query: dict[str, Any] = dict(filter or {})
        beyond = "$lt" if descending else "$gt"
        if after:
            value, last = _read_cursor(after)
            past = [{sort: {beyond: value}}] if sort != "_id" else []
            past.append({sort: value, "_id": {beyond: last}} if sort != "_id" else {"_id": {beyond: last}})
            query = {"$and": [query, {"$or": past}]}
        way = pymongo.DESCENDING if descending else pymongo.ASCENDING
        order = [("_id", way)] if sort == "_id" else [(sort, way), ("_id", way)]
        wanted = {"version": 1, sort: 1} if self.remember else AS_IT_STANDS
        documents = list(self.collection.find(query, wanted).sort(order).limit(limit + 1))
        more = len(documents) > limit
        documents = documents[:limit]
        cursor = _write_cursor(functools.reduce(dict.__getitem__, sort.split("."), documents[-1]), documents[-1]["_id"]) if more else None
        return Page(self._recalled(documents) if self.remember else [self._saved(document) for document in documents], cursor)

    def _recalled(self, documents: list[dict]) -> list[Saved[A]]:
        """Those of which only id and version were read: out of memory, and the rest out of the store."""
        known = {d["_id"]: seen for d in documents if (seen := self._read.get(d["_id"])) and seen.version == d["version"]}
        missing = [d["_id"] for d in documents if d["_id"] not in known]
        if missing:
            known |= {d["_id"]: self._saved(d) for d in self.collection.find({"_id": {"$in": missing}}, AS_IT_STANDS)}
        return [known[document["_id"]] for document in documents]

    def history(self, id: str) -> list[dict[str, Any]]:
        """Every event of one aggregate, oldest first, sent or not yet."""
        # Pending is read before the journal: an event moves from the one to the other, never back.
        document = self.collection.find_one({"_id": id}, {"pending": 1}) or {}
        sent = [entry["event"] for entry in journal().find({"subject": self.subject(id)}).sort("sequence", 1)]
        known = {event["id"] for event in sent}
        return sent + [event for event in document.get("pending", []) if event["id"] not in known]

    def unsent(self, id: str) -> tuple[int, list[dict[str, Any]]]:
        """The version of an aggregate, and its events that the relay has not sent yet, oldest first; version 0 when there is none."""
        document = self.collection.find_one({"_id": id}, {"version": 1, "pending": 1}) or {"version": 0, "pending": []}
        return document["version"], document["pending"]

    def caused(self, id: str, cause: str) -> list[dict[str, Any]]:
        """The events that a cause (its id) led to on one aggregate, in order, sent or not yet: what ``Saved.events`` of a replayed
        change would hold."""
        # Pending first, as in a history.
        document = self.collection.find_one({"_id": id}, {"pending": 1}) or {}
        found = {event["id"]: event for event in document.get("pending", []) if event["causationid"] == cause}
        found |= {entry["_id"]: entry["event"] for entry in journal().find({"subject": self.subject(id), "cause": cause})}
        return sorted(found.values(), key=lambda event: event["sequence"])

    def heard(self, event: dict[str, Any]) -> Arrived:
        """A sealed event of one of these aggregates as its subscribers hear it."""
        name, time = event["type"].split(".")[2], datetime.fromisoformat(event["time"])
        return arrived_from(event | {"time": time}, self.contract.events[name].read(event["data"]))

    def told(self, saved: Saved[A], cause: Cause) -> list[Arrived]:
        """What a change by this cause made happen, as its subscribers hear it; of a replayed one, what it made happen at first."""
        return [self.heard(event) for event in (self.caused(saved.id, cause.id) if saved.replayed else saved.events)]

    # Writing

    def create(self, id: str, cause: Cause, make: Callable[[], A]) -> Saved[A]:
        """Save a new aggregate. Raises Refusal(conflict) when the id is another's already."""

        def refuse(_: A) -> None:
            raise Refusal.conflict(f"There is a {self.kind} {id} already.", rule="exists")

        return self.change(id, cause, refuse, make)

    def change(self, id: str, cause: Cause, decide: Callable[[A], Any], new: Callable[[], A] | None = None) -> Saved[A]:
        """The one write. ``decide`` is given the aggregate, and is asked again on a lost race, so it
        must depend on nothing else that changes. ``new`` makes an aggregate that is not there yet
        (its facts are saved as they are when it has any; else ``decide`` is asked). A deadline that came
        before this cause acts first, as the clock's own deed: history must not say that whoever came
        next adopted the plan; and an order dated before what the clock did comes too late, so that
        what has begun is never rewritten by an order that was long on its way.

        Raises PyMongoError when the store is away, and Refusal: ``not_found``, what ``decide`` raises,
        ``stale`` (another version than ``cause.expected``; asked last, as RFC 9110 §13.2.1 has it, so that
        it tells nothing to who may not know), or ``conflict`` when the race is lost too often.
        """
        deed = _Deed[A](cause, decide, new)
        self._turns.take(id, deed, functools.partial(self._carry_out, id))
        return deed.result()

    def before_decide(self) -> None:
        """For subclasses: what decisions look at beside the aggregate is read here, once for all that are decided together."""

    def before_write(self, returned: list[Any]) -> None:
        """For subclasses: what decisions returned is kept here, right before the write that may point to it. An orphan is harmless, a
        dangling pointer impossible. What this raises keeps the write from being made."""

    def take_up(self, events: list[dict[str, Any]]) -> None:
        """For subclasses: what is made of these events beside the aggregate is made here, unless it is made already. The relay asks for it
        before anyone hears of them, and sends none of which this fails; who reads what is made of them may ask for it sooner (``unsent``).
        """

    def _carry_out(self, id: str, deeds: list["_Deed[A]"]) -> None:
        """Give each of these its outcome. Those decided together are one write, which costs little more for many than for one; where one is
        refused, or what it made cannot be saved, nothing of that is, and each is decided for itself."""
        outcome: Exception = Refusal("unavailable", "The store did not answer; try again in a moment.", rule="store")
        try:
            if len(deeds) > 1:
                try:
                    self._decide(id, deeds)
                except ConnectionFailure as error:
                    outcome = error
                    return
                except Exception as error:
                    log.debug("%s: decided one by one: %s", self.subject(id), error)
            for deed in deeds:
                if deed.outcome is None:
                    try:
                        self._decide(id, [deed])
                    except Exception as error:
                        deed.outcome = deed.outcome or error  # what is saved is saved
        finally:  # whatever ends this, nobody waits for ever
            for deed in deeds:
                deed.outcome = deed.outcome or outcome

    def _decide(self, id: str, deeds: list["_Deed[A]"]) -> None:
        """Have these decided together, as often as it takes. Raises what one of them is refused."""
        if (remembered := self._written.pop(id, None)) is not None:
            with contextlib.suppress(Refusal, AutoReconnect):
                self._try(id, deeds, remembered)
        lost_connection = False
        for _ in range(STALE_TRIES):
            if not (undone := [deed for deed in deeds if deed.outcome is None]):
                return
            try:
                self._try(id, undone)
            except AutoReconnect:
                if lost_connection:
                    raise
                lost_connection = True  # it may have been saved all the same: looking again tells
        raise Refusal.conflict(f"Too many change this {self.kind} at once; try again.", rule="contention")

    def _try(self, id: str, deeds: list["_Deed[A]"], remembered: dict[str, Any] | None = None) -> None:
        """One attempt: each is decided upon what those before it have led to, and all is saved at once. Those left without an outcome are
        to be looked at again: another writer was faster, or the clock.

        ``remembered``: the document as this process wrote it last. It may be behind what another copy wrote since, so only what its
        compare-and-set lets through counts; a refusal, or nothing to do, is found out again on what the store has.
        """
        document, at = remembered or self.collection.find_one({"_id": id}), deeds[0].cause.at
        if document is not None and document["due"] and document["due"] <= at and self._fall_due(document, at):
            return
        caused = self._caused(document, [deed.cause.id for deed in deeds]) if document else set()
        self.before_decide()
        new = {"_id": id, "state": None, "version": 0, "sequence": 0, "chain": None, "due": None}
        draft = _Draft(self, document or new, caused, alone=len(deeds) == 1)
        decided: list[tuple[_Deed[A], Saved[A]]] = []
        for deed in deeds:
            if decided and draft.is_due(deed.cause.at):
                break  # the clock comes first, upon what is then saved
            decided.append((deed, draft.decide(deed)))
        if draft.events:
            self.before_write(draft.returned)
            if not self._save(draft.document, draft.standing(), draft.state, draft.events, draft.causes):
                return
        elif remembered is not None:
            return
        for deed, saved in decided:
            deed.outcome = draft.told(saved)
        if draft.events:
            self._tell()

    def _save(
        self, document: dict, aggregate: A, state: dict, events: list[dict], causes: list[str], clock: datetime | None = None
    ) -> bool:
        """Whether it was saved; not when another writer was faster."""
        version = document["version"] + len(causes)
        fields: dict[str, Any] = {
            "state": state,
            "version": version,
            "sequence": events[-1]["sequence"],
            "chain": events[-1]["digest"],
            "unsent": 1,
            "due": aggregate.due(),
        }
        if clock is not None:
            fields["clock"] = clock
        if document["version"] == 0:
            try:
                self.collection.insert_one({"_id": document["_id"], **fields, "pending": events, "causes": causes})
            except DuplicateKeyError:
                return False
        else:
            result = self.collection.update_one(
                {"_id": document["_id"], "version": document["version"]},
                {"$set": fields, "$push": {"pending": {"$each": events}, "causes": {"$each": causes, "$slice": -CAUSES}}},
            )
            if result.matched_count == 0:
                return False
        self._read.keep(document["_id"], Saved(document["_id"], aggregate, version))
        if document["version"] == 0 or {"causes", "pending"} <= document.keys():  # else not the whole document, as the clock reads it
            pending, known = document.get("pending", []) + events, [*document.get("causes", []), *causes][-CAUSES:]
            if len(pending) <= CAUSES:  # what is sent leaves the store's, and not ours: read it again before ours grows long
                whole = {"clock": document.get("clock"), **fields, "pending": pending, "causes": known}
                self._written.keep(document["_id"], {"_id": document["_id"], **whole})
        return True

    def _tell(self) -> None:
        """Have those who must know of a write told of it."""
        for listener in _listeners:
            listener(self)

    def _sealed(self, document: dict, after: dict[str, Any] | None, facts: list[Happened], cause: Cause) -> list[dict]:
        """The events that tell of these facts: after that event, else after the last that was saved."""
        sequence, previous = (after["sequence"], after["digest"]) if after else (document["sequence"], document["chain"])
        sealed = []
        for number, fact in enumerate(facts, sequence + 1):
            if fact.name not in self.contract.events:
                raise RuntimeError(f"{self.contract.producer} has no event {fact.name!r} in its contract.")
            event = seal(
                self.contract.events[fact.name],
                fact.data,
                subject=self.subject(document["_id"]),
                sequence=number,
                time=written(to_milliseconds(fact.at)),
                cause=cause,
                previous=previous,
            )
            previous = event["digest"]
            sealed.append(event)
        return sealed

    def _caused(self, document: dict, causes: list[str]) -> set[str]:
        """Which of these causes have changed it already."""
        found = set(causes) & {*document["causes"], *(event["causationid"] for event in document["pending"])}
        rest = [cause for cause in causes if cause not in found]
        if rest and document["version"] > len(document["causes"]):  # else every change there ever was is told by its cause
            subject = {"subject": self.subject(document["_id"])}

            def told(which: dict[str, Any]) -> set[str]:
                return {entry["cause"] for entry in journal().find(subject | which, {"cause": 1, "_id": 0})}

            if suspects := self._causes.suspects(document, rest, lambda: told({})):
                found |= told({"cause": suspects[0] if len(suspects) == 1 else {"$in": suspects}})
        return found

    # The clock

    def tick(self, now: datetime) -> int:
        """Let the clock pass to ``now`` for every aggregate of this kind that is due; returns how many changed.

        Every copy of a service may call this at once: the compare-and-set lets one through, and the
        others find, on deciding again, that the rule has nothing more to do. One aggregate that fails
        holds up no other.
        """
        changed = 0
        while True:
            moved = 0
            for document in self.collection.find({"due": {"$lte": now}}, {"pending": 0}).sort("due", 1).limit(100):
                try:
                    moved += self._fall_due(document, now)
                except Exception:
                    log.exception("the clock could not move %s", self.subject(document["_id"]))
            changed += moved
            if not moved:
                return changed

    def _fall_due(self, document: dict, now: datetime) -> bool:
        """Have the clock act on a document that is due; whether it changed (by us, or by another copy just now)."""
        aggregate = self._structured(document["state"])
        aggregate.tick(now)
        facts = aggregate.take_happened()
        if facts:
            cause = by_the_clock(f"{self.subject(document['_id'])}#{document['version']}", document["due"])
            state, clock = _converter.unstructure(aggregate), max(to_milliseconds(fact.at) for fact in facts)
            events = self._sealed(document, None, facts, cause)
            if self._save(document, aggregate, state, events, [cause.id], clock):
                self._tell()
        return bool(facts)

    def _structured(self, state: dict[str, Any]) -> A:
        return _converter.structure(state, self.rules)

    def _saved(self, document: dict) -> Saved[A]:
        return self._read.keep(document["_id"], Saved(document["_id"], self._structured(document["state"]), document["version"]))


@dataclass(eq=False)
class _Deed(Generic[A]):
    """One who would change an aggregate (``Aggregates.change``). ``outcome``: what came of it."""

    cause: Cause
    decide: Callable[[A], Any]
    new: Callable[[], A] | None
    outcome: Saved[A] | BaseException | None = None

    def result(self) -> Saved[A]:
        """What was saved. Raises what was refused."""
        if isinstance(self.outcome, Saved):
            return self.outcome
        raise self.outcome or RuntimeError("nothing came of it")


class _Draft(Generic[A]):
    """An aggregate while some decide upon it one after another, each upon what those before have led to; nothing of it is saved yet. What
    one of them is refused may have changed it by half: it is then of no more use.

    ``caused``: the causes among theirs that changed it before; ``alone``: that one decides, and nobody after. ``state`` · ``version`` ·
    ``events`` · ``causes`` · ``returned``: what has become of it.
    """

    def __init__(self, kind: Aggregates[A], document: dict[str, Any], caused: set[str], *, alone: bool) -> None:
        self.kind = kind
        self.document = document
        self.caused = caused
        self.alone = alone
        self.state, self.version = document["state"], document["version"]
        self.events: list[dict] = []
        self.causes: list[str] = []
        self.returned: list[Any] = []
        self._aggregate: A | None = None

    def standing(self) -> A:
        """The aggregate as it is by now."""
        if self._aggregate is None:
            self._aggregate = self.kind._structured(self.state)
        return self._aggregate

    def is_due(self, at: datetime) -> bool:
        """Whether the clock has to act first for who comes at that instant."""
        due = self.standing().due() if self.causes else self.document["due"]
        return due is not None and due <= at

    def told(self, saved: Saved[A]) -> Saved[A]:
        """What one is told of their change, once all is saved: the aggregate as all have left it."""
        return replace(saved, aggregate=self.standing(), version=self.version) if self.version else saved

    def decide(self, deed: _Deed[A]) -> Saved[A]:
        """Have one decide: what came of that alone. Raises what they are refused."""
        kind, cause, document = self.kind, deed.cause, self.document
        id = document["_id"]
        if cause.id in self.causes or cause.id in self.caused:
            return Saved(id, self.standing(), self.version, replayed=True)
        if isinstance(cause, Order) and (acted := document.get("clock")) and cause.at < acted:
            raise Refusal.too_late(
                f"Your order is dated {written(cause.at)}; at {written(acted)} a deadline of this {kind.kind} passed, and it acted.",
                rule="clock-passed",
                accepted=f"an order dated {written(acted)} or later",
            )
        returned = None
        if self.version:
            aggregate = self.standing()
            returned = deed.decide(aggregate)
            facts = aggregate.take_happened()
            self._must_be_as_seen(cause)
        elif deed.new is None:
            raise Refusal.not_found(f"There is no {kind.kind} {id}.")
        else:
            aggregate = deed.new()
            if not (facts := aggregate.take_happened()):
                returned = deed.decide(aggregate)
                facts = aggregate.take_happened()
        state = _converter.unstructure(aggregate)
        if not facts:
            # What was kept before the rules had a further field lacks that: it is held against what reading it gives.
            if state != self.state and state != _converter.unstructure(kind._structured(self.state)):
                raise RuntimeError(f"{kind.kind} {id}: a change that no event tells of.")
            return Saved(id, aggregate, self.version)
        events = kind._sealed(document, self.events[-1] if self.events else None, facts, cause)
        if not self.alone:
            events = copy.deepcopy(events)  # what they tell is the aggregate's own in part, upon which others decide now
        self._aggregate, self.state, self.version = aggregate, state, self.version + 1
        self.events += events
        self.causes.append(cause.id)
        self.returned.append(returned)
        return Saved(id, aggregate, self.version, events=tuple(events))

    def _must_be_as_seen(self, cause: Cause) -> None:
        if cause.expected is not None and cause.expected != self.version:
            raise Refusal(
                "stale",
                f"You saw version {cause.expected}; it is now version {self.version}.",
                rule="if-match",
                field="If-Match",
                accepted=f'"{self.version}"',
            )


def insert_new(collection: Collection, documents: list[dict[str, Any]]) -> int:
    """Insert those that are not there yet, at once; how many they were. Upserts would cost the store thrice as much. Raises PyMongoError,
    also when it is not certain that they are safe."""
    try:
        return len(collection.insert_many(documents, ordered=False).inserted_ids) if documents else 0
    except BulkWriteError as error:
        if error.details.get("writeConcernErrors") or any(failure["code"] != DUPLICATE_KEY for failure in error.details["writeErrors"]):
            raise
        return error.details["nInserted"]


class Kept(Document):
    """The newest state of another service's aggregate, as its events told it."""

    id = StringField(primary_key=True)
    sequence = IntField(required=True)
    data = DictField()

    meta = {"collection": "projections", "auto_create_index": False}


class Projection:
    """What a service keeps of another's: the newest event wins, by its sequence, so that one which
    arrives twice, late or out of order changes nothing. ``read`` makes the value of the event's data; ``comes``: when the first is
    there, for whoever asks too early."""

    def __init__(self, name: str, read: Callable[[dict[str, Any]], Any] = lambda data: data, comes: str = "with its first event") -> None:
        self.name = name
        self.read = read
        self.comes = comes
        self._seen: tuple[int, Any] | None = None
        self._looked_at = -math.inf

    def keep(self, event: Arrived) -> bool:
        """Keep an event's data unless a newer one is kept already; whether it was kept."""
        kept = {"sequence": event.sequence, "data": event.data}
        with contextlib.suppress(DuplicateKeyError):  # a newer one is there: the upsert finds its id taken
            Kept._get_collection().update_one({"_id": self.name, "sequence": {"$lt": event.sequence}}, {"$set": kept}, upsert=True)
            self._looked_at = -math.inf
            return True
        return False

    def value(self) -> Any:
        """What was kept. Raises Refusal(unavailable) when nothing has arrived yet."""
        self.look()
        return self.seen

    def look(self, within: float = 0.0) -> None:
        """See what is kept now, or was within so many seconds."""
        if self._seen is not None and time.monotonic() < self._looked_at + within:
            return
        looked_at, kept = time.monotonic(), Kept._get_collection()
        standing = kept.find_one({"_id": self.name}, {"sequence": 1})
        if standing is None:
            self._seen = None
        elif self._seen is None or self._seen[0] != standing["sequence"]:
            newest = next(kept.find({"_id": self.name}))
            if self._seen is None or self._seen[0] < newest["sequence"]:  # another may have looked later, and seen more
                self._seen = (newest["sequence"], self.read(newest["data"]))
        self._looked_at = looked_at

    @property
    def seen(self) -> Any:
        """What was kept when this process last looked. Raises Refusal(unavailable) when nothing had arrived."""
        if self._seen is None:
            detail = f"The {self.name} has not arrived here yet. It comes {self.comes}; if that is done, try again in a moment."
            raise Refusal("unavailable", detail, rule="projection")
        return self._seen[1]


def ensure_indexes(stores: Iterator[Aggregates] | tuple[Aggregates, ...]) -> None:
    """Make the indexes of the journal and of these aggregates; once, at the start of a process."""
    JournalEntry.ensure_indexes()
    for store in stores:
        store.document.ensure_indexes()


def _write_cursor(value: Any, id: str) -> str:
    plain = ["instant", written(value)] if isinstance(value, datetime) else ["plain", value]
    return base64.urlsafe_b64encode(json.dumps([*plain, id]).encode()).decode()


def _read_cursor(cursor: str) -> tuple[Any, str]:
    """The last value and id of the page before. A cursor goes into a query, so what it holds is checked like any input."""
    try:
        kind, value, id = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        if kind == "instant":
            value = datetime.fromisoformat(value).astimezone(UTC)
        ok = kind in ("instant", "plain") and isinstance(id, str) and isinstance(value, str | int | datetime)
        f"{value}{id}".encode()  # a lone surrogate is no text
        if not ok or (isinstance(value, int) and abs(value) > 2**53):
            raise ValueError(cursor)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise Refusal.invalid("after", "This cursor was not given by us.", rule="cursor", accepted="the next of a page") from error
    return value, id
