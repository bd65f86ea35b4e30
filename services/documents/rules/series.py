"""The numbers of the issue papers: one series since 2012 (000 ¶28), consecutive, never reused, without a hole."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.documents.rules.rights import RIGHTS
from services.kernel import Actor, Aggregate, Composition, Refusal
from services.kernel.rights import Standing

SERIES = "issue-paper"
"""The one series there is."""


@dataclass
class Series(Aggregate):
    """Which document has which number. The numbers are always an interval: it grows at its end when a paper is
    published, and at either end when the secretariat enters one from before this record.

    Since the whole series is one aggregate, two papers published at once are numbered one after the other.
    """

    numbers: dict[str, str] = field(default_factory=dict)  # the number, written out → the document

    @property
    def neighbours(self) -> list[int]:
        """The numbers that may be entered next without leaving a hole; none when the series is yet to begin."""
        if not self.numbers:
            return []
        known = [int(number) for number in self.numbers]
        return [number for number in (min(known) - 1, max(known) + 1) if number >= 1]

    def number_of(self, document: str) -> int:
        """The document's number. Refuses when it has none."""
        for number, holder in self.numbers.items():
            if holder == document:
                return int(number)
        raise Refusal.not_found(f"{document} has no number in the series.")

    def assign(self, document: str, at: datetime) -> None:
        """Give a document the next number; asked again for the same one, it keeps the number it has."""
        if document in self.numbers.values():
            return
        number = max((int(number) for number in self.numbers), default=0) + 1
        self.numbers[str(number)] = document
        self.happen("number_assigned", at, document=document, number=number)

    def enter(self, document: str, number: int, paper: dict[str, Any], *, by: Actor, at: datetime) -> None:
        """The secretariat enters a paper from before this record, with its source; the first says where the series begins."""
        RIGHTS.must("enter_published", Standing(by, at, Composition()))
        if str(number) in self.numbers:
            raise Refusal.conflict(
                f"Number {number} in the series is taken.",
                rule="series-number",
                field="number",
                accepted=[str(number) for number in self.neighbours],
            )
        if self.numbers and number not in self.neighbours:
            raise Refusal.invalid(
                "number",
                f"Number {number} would leave a hole in the series.",
                rule="series-consecutive",
                accepted=[str(number) for number in self.neighbours],
            )
        today = f"{at:%Y-%m-%d}"
        if paper["published_on"] > today[: len(paper["published_on"])]:
            raise Refusal.invalid(
                "published_on", "A past paper was published in the past.", rule="past-paper", accepted=f"{today} or before"
            )
        self.numbers[str(number)] = document
        self.happen("past_paper_entered", at, document=document, number=number, **paper)
