"""The Global Plan of Action against trafficking in persons: 61 paragraphs, each of a pillar or of the general part."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """Consecutive paragraphs, first and last included."""

    pillar: str
    first: int
    last: int

    @property
    def paragraphs(self) -> range:
        return range(self.first, self.last + 1)


PARTS = (  # A/RES/64/293, annex
    Part("general", 1, 11),
    Part("prevention", 12, 24),
    Part("protection", 25, 42),
    Part("prosecution", 43, 49),
    Part("partnerships", 50, 61),
)
PILLARS = tuple(part.pillar for part in PARTS if part.pillar != "general")
FIRST, LAST = PARTS[0].first, PARTS[-1].last


def pillar_of(paragraph: int) -> str:
    """The pillar a paragraph belongs to, or ``general``. Raises ValueError outside 1 to 61."""
    for part in PARTS:
        if paragraph in part.paragraphs:
            return part.pillar
    raise ValueError(f"The Global Plan has paragraphs {FIRST} to {LAST}, not {paragraph}.")


def coverage(serving: Iterable[tuple[str, list[str], list[int]]]) -> dict:
    """What some activities serve: ``serving`` gives each one's id, pillars and paragraphs.

    Returns ``pillars`` (each part's bounds, the activities that name the pillar, its paragraphs served
    and not served) and ``paragraphs`` (each with its pillar and activities, 61 in all). An activity serves
    a pillar by naming it or by naming one of its paragraphs.
    """
    by_pillar: dict[str, list[str]] = {part.pillar: [] for part in PARTS}
    by_paragraph: dict[int, list[str]] = {number: [] for number in range(FIRST, LAST + 1)}
    for activity, pillars, paragraphs in serving:
        for number in paragraphs:
            by_paragraph[number].append(activity)
        for pillar in {*pillars, *map(pillar_of, paragraphs)}:
            by_pillar[pillar].append(activity)
    return {
        "pillars": [
            {
                "pillar": part.pillar,
                "first": part.first,
                "last": part.last,
                "activities": by_pillar[part.pillar],
                "served": [number for number in part.paragraphs if by_paragraph[number]],
                "not_served": [number for number in part.paragraphs if not by_paragraph[number]],
            }
            for part in PARTS
        ],
        "paragraphs": [
            {"paragraph": number, "pillar": pillar_of(number), "activities": activities} for number, activities in by_paragraph.items()
        ],
    }
