"""A figure: ours beside another, medians of rounds taken in turn."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median


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
