"""Notes: what concerns one subscriber alone, said in English and French. They are in nobody else's feed, and have no number of a topic."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Words = dict[str, str]


@dataclass(frozen=True)
class Note:
    """One thing to tell one subscriber (contracts.notifications.Note): ``at``, the instant it became so, UTC; ``url``: a path of the public
    site; ``data``: JSON-able particulars of its kind, instants written in ISO 8601."""

    kind: str
    title: Words
    summary: Words
    at: datetime
    url: str
    data: dict[str, Any] = field(default_factory=dict)
