"""What a year's plan serves of the Global Plan, and what came of it."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from services.kernel import Actor, Composition
from services.workplan.rules import gpa
from services.workplan.rules.concrete import ConcreteAction
from services.workplan.rules.plan import Plan


def coverage_view(plan: Plan, actions: Iterable[ConcreteAction], by: Actor, at: datetime, composition: Composition) -> dict[str, Any]:
    """The coverage as this actor may see it: of a plan in draft, the Group alone."""
    plan.must_be_known_to(by, at, composition)
    return coverage(plan, actions)


def coverage(plan: Plan, actions: Iterable[ConcreteAction]) -> dict[str, Any]:
    """Which parts and paragraphs of the Global Plan the plan's activities and the members' concrete ``actions`` serve in its year.

    Each paragraph is either served, or one of the ``gaps``. An activity that was cancelled serves nothing, nor does an action that
    does not hold in that year, or was withdrawn. ``entities``: for each that leads, contributes or acts, how many activities and
    concrete actions of its own serve each part.
    """
    serving = {
        "activities": [(a.id, [a.lead, *a.contributors], a.pillars, a.paragraphs) for a in plan.activities if a.cancelled is None],
        "concrete_actions": [(a.id, [a.entity], a.pillars, a.paragraphs) for a in actions if a.serves(plan.year)],
    }
    by_part: dict[tuple[str, str], list[str]] = defaultdict(list)
    by_paragraph: dict[tuple[str, int], list[str]] = defaultdict(list)
    entities: dict[int, set[str]] = defaultdict(set)
    counts: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: {kind: Counter() for kind in serving})
    for kind, items in serving.items():
        for id, doing, pillars, paragraphs in items:
            for paragraph in paragraphs:
                by_paragraph[kind, paragraph].append(id)
                entities[paragraph].update(doing)
            parts = gpa.pillars_served(pillars, paragraphs)
            for part in parts:
                by_part[kind, part].append(id)
            for entity in doing:
                counts[entity][kind].update(parts)
    return {
        "year": plan.year,
        "pillars": [
            {
                "pillar": part.pillar,
                "first": part.first,
                "last": part.last,
                **{kind: by_part[kind, part.pillar] for kind in serving},
                "served": [number for number in part.paragraphs if number in entities],
                "not_served": [number for number in part.paragraphs if number not in entities],
            }
            for part in gpa.PARTS
        ],
        "paragraphs": [
            paragraph
            | {kind: by_paragraph[kind, paragraph["paragraph"]] for kind in serving}
            | {"entities": sorted(entities.get(paragraph["paragraph"], ()))}
            for paragraph in gpa.REGISTER
        ],
        "entities": [
            {"entity": entity, **{kind: {part.pillar: counted[part.pillar] for part in gpa.PARTS} for kind, counted in kinds.items()}}
            for entity, kinds in sorted(counts.items())
        ],
        "gaps": [number for number in range(gpa.FIRST, gpa.LAST + 1) if number not in entities],
    }
