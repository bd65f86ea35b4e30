"""What happened, and the thing it happened to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Happened:
    """One fact, in the past tense: ``name`` (``term_started``), the instant it is dated,
    and what it says (JSON-able values, instants as aware datetimes)."""

    name: str
    at: datetime
    data: dict[str, Any]


class Aggregate:
    """A thing with rules: methods decide, change the state and record what happened.

    Subclasses are dataclasses whose fields are the state: JSON-able values, aware
    datetimes and further dataclasses, nothing else, so that the store can keep them
    without knowing what they mean. What happened is not state; whoever saves takes it
    with ``take_happened``. A method raises ``Refusal`` before it changes anything.
    """

    def happen(self, name: str, at: datetime, /, **data: Any) -> Happened:
        """Record a fact; returns it so that a method can say what it did."""
        fact = Happened(name, at, data)
        self.__dict__.setdefault("_happened", []).append(fact)
        return fact

    def take_happened(self) -> list[Happened]:
        """The facts since the last call, oldest first."""
        return self.__dict__.pop("_happened", [])

    def due(self) -> datetime | None:
        """The next instant at which the clock alone changes something here, if any."""
        return None

    def tick(self, now: datetime) -> None:
        """Do what is due at ``now``; each fact dated at its own deadline, so that a platform
        that was down acts late but dates right. Calling twice does it once."""
