"""What a process remembers of aggregates, so that it need not ask the store each time: no more than so many of them."""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

V = TypeVar("V")

MOST_CAUSES = 10_000
"""An aggregate that changed more often has its journal asked: some megabyte would be kept of it."""

ASKED_BEFORE = 8
"""How often the journal of one aggregate is asked before all causes in it are read."""


class Latest(OrderedDict[str, V]):
    """The values kept last, by id; no more than ``most``."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def keep(self, id: str, value: V) -> V:
        """Keep a value, which is returned, and let the oldest go."""
        if self.most:
            self[id] = value
            self.move_to_end(id)
            if len(self) > self.most:
                self.popitem(last=False)
        return value


@dataclass
class _Known:
    """``hashes``: of every cause that changed an aggregate up to a version, and maybe of more; None while they are not read. ``asked``:
    how often the journal was asked instead."""

    version: int = 0
    hashes: set[int] | None = None
    asked: int = 0


class Causes:
    """The causes that have ever changed an aggregate, for those aggregates that change often."""

    def __init__(self, most: int) -> None:
        self._known: Latest[_Known] = Latest(most)

    def suspects(self, document: dict[str, Any], causes: list[str], journal: Callable[[], Iterable[str]]) -> list[str]:
        """Those of these causes that may have changed it before: for all others it is certain that they have not, by this version of it.

        ``document``: of the aggregate, with its version, its last causes (one a version) and its pending events. ``journal``: all causes
        that its journal tells of, as it stands after the document was read.
        """
        id, version, last = document["_id"], document["version"], document["causes"]
        known = self._known.get(id)
        if known is None or not 0 <= version - known.version <= (len(last) if known.hashes is not None else version):
            known = self._known.keep(id, _Known())  # others have changed it too often since, or it went back
        if version > MOST_CAUSES:
            known.hashes = None
            return causes
        if known.hashes is None:
            known.asked += 1
            if known.asked <= ASKED_BEFORE:
                return causes
            hashes = {hash(cause) for cause in [*last, *(event["causationid"] for event in document["pending"]), *journal()]}
            if known.hashes is None or known.version < version:  # while the journal was read another may have known more
                known.hashes, known.version = hashes, version
        else:
            hashes = known.hashes
            hashes.update(map(hash, last[len(last) - (version - known.version) :]))
            known.version = version
        return [cause for cause in causes if hash(cause) in hashes]
