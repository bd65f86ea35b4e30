"""Taking turns: those of one process that would change the same thing wait for each other, and are seen to together.

When twelve people comment on a paper at once, each would else be decided as often as others were faster, and pay for a write of its
own. Who has the turn takes along all that wait by then. What counts is the compare-and-set of the store, in which other processes
take part: a turn saves work, and decides nothing.
"""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

C = TypeVar("C")

TURN_SECONDS = 2.0
"""How long one waits for who is at it, before going ahead alone."""

MOST_TOGETHER = 16
"""How many are seen to at once."""


class _Line(Generic[C]):
    """Who waits for one turn. ``concerned``: how many have come and not gone."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.waiting: list[C] = []
        self.concerned = 0


class Turns(Generic[C]):
    """The turns at many things, each by its id."""

    def __init__(self) -> None:
        self._known = threading.Lock()
        self._lines: dict[str, _Line[C]] = {}

    def __bool__(self) -> bool:
        """Whether anyone is at it, or waits."""
        return bool(self._lines)

    def take(self, id: str, comer: C, see_to: Callable[[list[C]], None]) -> None:
        """Have ``comer`` seen to, with others or alone: when this returns, ``see_to`` was called with it, here or elsewhere, and has ended.

        ``see_to`` gives each its outcome whatever happens to it.
        """
        with self._known:
            line = self._lines.setdefault(id, _Line())
            line.waiting.append(comer)
            line.concerned += 1
        is_ours = False
        try:
            is_ours = line.lock.acquire(timeout=TURN_SECONDS)
            while taken := self._taken(line, comer, together=is_ours):
                see_to(taken)
                if not is_ours:
                    return
            if not is_ours:  # another has taken us along, and is still at it
                is_ours = line.lock.acquire()
        finally:
            if is_ours:
                line.lock.release()
            with self._known:
                line.waiting = [one for one in line.waiting if one is not comer]  # who is ended from outside waits no longer
                line.concerned -= 1
                if not line.concerned:
                    del self._lines[id]

    def _taken(self, line: _Line[C], comer: C, *, together: bool) -> list[C]:
        """Those to be seen to next, out of the line; nobody once ``comer`` no longer stands in it."""
        with self._known:
            if not any(one is comer for one in line.waiting):
                return []
            taken = line.waiting[:MOST_TOGETHER] if together else [comer]
            line.waiting = [one for one in line.waiting if not any(one is other for other in taken)]
            return taken
