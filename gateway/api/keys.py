"""Idempotency keys: for which request each stands, and how that was answered.

What keeps a request from a second effect is its cause, which is made of the key, of who asks and of the request itself, byte for byte: the
service that owns the rule refuses it, whatever becomes of what is remembered here. On that hangs whether a repeated request is answered
word for word as before, and whether another under the same key is refused. Nobody waits for it to be written: it is a moment after the
answer, what comes meanwhile in one write, or while a request takes long, since such a one may be repeated in other words.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from gateway.accounts.store import KEY_LASTS, KeptKeys, digest
from services.kernel.refusal import Refusal

log = logging.getLogger(__name__)

LARGEST_KEPT_ANSWER = 256 * 1024
"""Bytes of an answer kept for a key. A larger one is asked again, under the same cause."""

GATHERS_SECONDS = 0.05
"""How long answers gather before they are written."""

TAKES_LONG_SECONDS = 0.1
"""After which a request that is under way is written down, before it has its answer; twice as much at most."""


@dataclass(frozen=True)
class KeptAnswer:
    """A final answer, word for word."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(eq=False)
class Claim:
    """A request under its key. ``answer``: its final one, if it had that before; else whoever carries it out sets it.
    ``is_unknown``: it is carried out, and nobody else knows of it yet."""

    id: str
    fingerprint: str
    expires_at: datetime
    answer: KeptAnswer | None = None
    is_unknown: bool = False


class Keys:
    """The keys of all who ask. This process knows at once what was asked under each through it; others, as soon as it is written."""

    def __init__(self) -> None:
        self._kept = KeptKeys()
        self._turn = threading.Lock()
        self._under_way: list[Claim] = []
        self._unwritten: dict[str, Claim] = {}
        self._is_writing = self._is_watching = self._is_closed = False
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="keys")

    def close(self) -> None:
        """Write what is left; nothing is kept from then on."""
        self._is_closed = True
        self._threads.shutdown()

    @contextlib.contextmanager
    def claimed(self, asker: str, key: str, fingerprint: str, at: datetime) -> Iterator[Claim]:
        """Claim a key for a request, while the block carries it out. ``asker``: who sends it, and as what; another's keys are other keys.

        Raises Refusal(key_reused) when the key stands for another request, and StoreError when the store cannot tell.
        """
        claim = Claim(digest(f"{asker}\n{key}"), fingerprint, at + KEY_LASTS)
        with self._turn:
            for other in self._under_way:
                _must_be_same(claim, other)
            self._under_way.append(claim)
            if not self._is_watching:
                self._is_watching = self._begin(self._watch)
        try:
            before = self._unwritten.get(claim.id) or self._found(claim.id)
            if before is not None and before.expires_at <= at:
                before = None
            if before is not None:
                _must_be_same(claim, before)
                claim.answer = before.answer
            claim.is_unknown = before is None
            try:
                yield claim
            finally:
                if before is None or before.answer is not claim.answer:
                    self._keep(claim)
        finally:
            with self._turn:
                self._under_way.remove(claim)

    def _found(self, id: str) -> Claim | None:
        found = self._kept.find(id)
        if found is None:
            return None
        answer = found.get("answer")
        kept = KeptAnswer(answer["status"], answer["headers"], bytes(answer["body"])) if answer else None
        return Claim(id, found["fingerprint"], found["expires_at"], kept)

    def _keep(self, claim: Claim) -> None:
        with self._turn:
            other = self._unwritten.get(claim.id)
            if other is not None and (other.answer or not claim.answer):
                return  # the same request, sent twice at once: its first answer is kept
            self._unwritten[claim.id] = claim
            if not self._is_writing:
                self._is_writing = self._begin(self._write)

    def _begin(self, work: Callable[[], None]) -> bool:
        with contextlib.suppress(RuntimeError):  # closed
            self._threads.submit(work)
            return True
        return False

    def _watch(self) -> None:
        """Keep those that take long, as long as any is under way."""
        seen: list[Claim] = []
        while True:
            time.sleep(TAKES_LONG_SECONDS)
            with self._turn:
                if not self._under_way or self._is_closed:
                    self._is_watching = False
                    return
                long = [claim for claim in self._under_way if claim in seen and claim.is_unknown]
                seen = list(self._under_way)
            for claim in long:
                claim.is_unknown = False
                self._keep(replace(claim))

    def _write(self) -> None:
        """Write what there is by a moment from now, until nothing is left. What the store does not take is let go of."""
        while True:
            if not self._is_closed:
                time.sleep(GATHERS_SECONDS)
            with self._turn:
                claims = list(self._unwritten.values())
                if not claims:
                    self._is_writing = False
                    return
            try:
                self._kept.insert([_unstructured(claim) for claim in claims])
            except Exception as error:
                log.warning("%d answers could not be kept for their keys: %s", len(claims), error)
            with self._turn:
                for claim in claims:
                    if self._unwritten[claim.id] is claim:
                        del self._unwritten[claim.id]


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
