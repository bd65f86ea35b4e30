"""Idempotency keys: for which request each stands, and how that was answered.

What keeps a request from a second effect is its cause, which is made of the key, of who asks and of the request itself: the service that
owns the rule refuses it, whatever becomes of what is remembered here. So nothing but a repeated question hangs on that: whether it is
answered word for word as before, and whether another request under the same key is told so. It is written right behind the answer, what
comes meanwhile in one write, without waiting for disk or majority.
"""

import contextlib
import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pymongo
from mongoengine import DateTimeField, DictField, Document, StringField
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError

from gateway.accounts.store import digest
from messaging.store import DUPLICATE_KEY
from services.kernel.refusal import Refusal

log = logging.getLogger(__name__)

LASTS = timedelta(hours=24)
LARGEST_KEPT_ANSWER = 256 * 1024
"""Bytes of an answer kept for a key. A larger one is asked again, under the same cause."""


class KeyDocument(Document):
    key = StringField(primary_key=True)
    fingerprint = StringField(required=True)
    expires_at = DateTimeField(required=True)
    answer = DictField()

    meta = {"collection": "keys", "auto_create_index": False, "indexes": [{"fields": ["expires_at"], "expireAfterSeconds": 0}]}


@dataclass(frozen=True)
class KeptAnswer:
    """A final answer, word for word."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(eq=False)
class Claim:
    """A request under its key. ``answer``: its final one, if it had that before; else whoever carries it out sets it."""

    id: str
    fingerprint: str
    expires_at: datetime
    answer: KeptAnswer | None = None


class Keys:
    """The keys of all who ask. This process knows at once what was asked under each through it; others, as soon as it is written."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._under_way: list[Claim] = []
        self._unwritten: dict[str, Claim] = {}
        self._is_writing = False
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="keys")

    def close(self) -> None:
        """Write what is left; nothing is kept from then on."""
        self._writer.shutdown()

    @contextlib.contextmanager
    def claimed(self, asker: str, key: str, fingerprint: str, at: datetime) -> Iterator[Claim]:
        """Claim a key for a request, while the block carries it out. ``asker``: who sends it, and as what; another's keys are other keys.

        Raises Refusal(key_reused) when the key stands for another request, and PyMongoError when the store cannot tell.
        """
        claim = Claim(digest(f"{asker}\n{key}"), fingerprint, at + LASTS)
        with self._turn:
            for other in self._under_way:
                _must_be_same(claim, other)
            self._under_way.append(claim)
        try:
            before = self._unwritten.get(claim.id) or self._found(claim.id)
            if before is not None and before.expires_at <= at:
                before = None
            if before is not None:
                _must_be_same(claim, before)
                claim.answer = before.answer
            try:
                yield claim
            finally:
                if before is None or before.answer is not claim.answer:
                    self._keep(claim)
        finally:
            with self._turn:
                self._under_way.remove(claim)

    def _found(self, id: str) -> Claim | None:
        found = self._collection.find_one({"_id": id})
        if found is None:
            return None
        answer = found.get("answer")
        kept = KeptAnswer(answer["status"], answer["headers"], bytes(answer["body"])) if answer else None
        return Claim(id, found["fingerprint"], found["expires_at"], kept)

    def _keep(self, claim: Claim) -> None:
        with self._turn:
            if claim.answer is None and claim.id in self._unwritten:
                return  # the same request, sent twice at once, was answered the other time
            self._unwritten[claim.id] = claim
            if not self._is_writing:
                with contextlib.suppress(RuntimeError):  # closed
                    self._writer.submit(self._write)
                    self._is_writing = True

    def _write(self) -> None:
        """Write what there is, until nothing is left. What the store does not take is let go of."""
        while True:
            with self._turn:
                claims = list(self._unwritten.values())
                if not claims:
                    self._is_writing = False
                    return
            try:
                self._insert([_unstructured(claim) for claim in claims])
            except Exception as error:
                log.warning("%d answers could not be kept for their keys: %s", len(claims), error)
            with self._turn:
                for claim in claims:
                    if self._unwritten[claim.id] is claim:
                        del self._unwritten[claim.id]

    def _insert(self, documents: list[dict[str, Any]]) -> None:
        """Keep these. Of two requests that two processes carried out under one key at once, the first to come here has it."""
        try:
            self._collection.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            for failure in error.details["writeErrors"]:
                if failure["code"] != DUPLICATE_KEY:
                    raise
                new = documents[failure["index"]]
                there = self._collection.find_one({"_id": new["_id"]})
                is_free = there is None or there["expires_at"] <= new["expires_at"] - LASTS
                if is_free or (there["fingerprint"] == new["fingerprint"] and "answer" in new):
                    self._collection.replace_one({"_id": new["_id"]}, new, upsert=True)

    @property
    def _collection(self) -> Collection:
        return KeyDocument._get_collection().with_options(write_concern=pymongo.WriteConcern(w=1, j=False))


def prepare() -> None:
    """Make the indexes; once, at the start of a process."""
    KeyDocument.ensure_indexes()


def _must_be_same(claim: Claim, other: Claim) -> None:
    """Raises Refusal when one key is used for two requests."""
    if claim.id == other.id and claim.fingerprint != other.fingerprint:
        raise Refusal(
            "key_reused",
            "This idempotency key was used for another request within the last 24 hours.",
            rule="idempotency-key",
            field="Idempotency-Key",
            accepted="a new key, or the very same request",
        )


def _unstructured(claim: Claim) -> dict[str, Any]:
    document: dict[str, Any] = {"_id": claim.id, "fingerprint": claim.fingerprint, "expires_at": claim.expires_at}
    if (answer := claim.answer) and len(answer.body) <= LARGEST_KEPT_ANSWER:
        document["answer"] = {"status": answer.status, "headers": answer.headers, "body": answer.body}
    return document
