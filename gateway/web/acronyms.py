"""What entities are called in a language: OHCHR is HCDH in French. Codes, which are the English acronyms, stay what the API speaks."""

import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from gateway.api.dispatch import VISITOR
from gateway.asking import Asks
from messaging.context import Order
from services.kernel.actor import Actor
from services.kernel.refusal import Refusal

FRESH_SECONDS = 60.0
"""How long the register is taken as it was read."""

UNKNOWN_SECONDS = 10.0
"""How soon it is read again for a code that it did not have: an entity's that was just registered, or a mission's, which is none."""

PATIENCE_SECONDS = 1.0


class Acronyms:
    """The register of *chairs*, by code, read again now and then beside the requests that need it. Only the first waits for it; while
    chairs is away an entity is called by its code."""

    def __init__(self, services: Asks) -> None:
        self._services = services
        self._by_code: dict[str, dict[str, str]] = {}
        self._read_at: float | None = None
        self._first = threading.Lock()
        self._beside = ThreadPoolExecutor(max_workers=1, thread_name_prefix="acronyms")

    def called(self, code: str, language: str, at: datetime) -> str:
        """The entity's acronym in this language; its code where it has none of its own, or is not known. ``at``: the reader's instant."""
        self._read_again(FRESH_SECONDS if code in self._by_code else UNKNOWN_SECONDS, at)
        return self._by_code.get(code, {}).get(language) or code

    def __contains__(self, code: str) -> bool:
        """Whether an entity has this code, as far as was read."""
        return code in self._by_code

    def code_of(self, text: str, language: str, at: datetime) -> str:
        """The code that a reader means, who may write the acronym of their own language; in capitals, what is neither."""
        self._read_again(FRESH_SECONDS, at)
        written = text.upper()
        if written in self._by_code:
            return written
        found = [code for code, acronyms in self._by_code.items() if acronyms.get(language, "").upper() == written]
        return found[0] if len(found) == 1 else written

    def _read_again(self, seconds: float, at: datetime) -> None:
        """Read it when that was not done for so long."""
        if self._read_at is None:
            with self._first:
                if self._read_at is None:
                    self._read(at)
        elif time.monotonic() - self._read_at > seconds:
            self._read_at = time.monotonic()
            self._beside.submit(self._read, at)

    def _read(self, at: datetime) -> None:
        read: dict[str, dict[str, str]] = {}
        asked: dict[str, Any] = {"limit": 200}
        try:
            while True:
                order = Order(id=uuid.uuid4().hex, by=Actor(VISITOR), at=at)
                page = self._services.call("chairs", "entities", asked, order, PATIENCE_SECONDS)
                read |= {one["code"]: one["acronyms"] for one in page["items"]}
                if page["next"] is None:
                    break
                asked = asked | {"after": page["next"]}
            self._by_code = read
        except Refusal:
            pass  # what was known still is
        finally:
            self._read_at = time.monotonic()
