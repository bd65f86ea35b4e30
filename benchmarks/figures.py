"""A figure: ours beside another, medians of rounds taken in turn."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Figure:
    """``ours`` and ``against`` in ``unit``, medians of several rounds; ``ratio`` is ours over against, and ``aim``
    says what it should be."""

    name: str
    ours: float
    against: float
    ratio: float
    unit: str
    aim: str

    def as_json(self) -> dict:
        return asdict(self)


def side_by_side(name: str, unit: str, aim: str, ours: Callable[[], float], against: Callable[[], float], rounds: int = 5) -> Figure:
    """Measure the two in turn, ``rounds`` times after one that does not count, so that a machine whose speed drifts
    treats both alike."""
    ours(), against()
    pairs = [(ours(), against()) for _ in range(rounds)]
    mine, theirs = median(a for a, _ in pairs), median(b for _, b in pairs)
    return Figure(name, round(mine, 2), round(theirs, 2), round(mine / theirs, 2), unit, aim)


def until(ask: Callable[[], Any], seconds: float = 30) -> Any:
    """Ask until there is an answer, which is returned. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while (answer := ask()) is None:
        if time.monotonic() > end:
            raise TimeoutError("the benchmark did not get so far in time")
        time.sleep(0.05)
    return answer
