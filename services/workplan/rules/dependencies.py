"""What must be delivered first: an activity depends on others of its plan that stand, and never, by however many steps, on itself.

Dropping an activity on which others depend is allowed, and shown: the dependency then names what is no longer there.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from services.kernel import Refusal
from services.workplan.rules.activity import Activity

Graph = Mapping[str, Sequence[str]]
"""What each activity depends on, by id."""

NAMED = 12
"""How many activities of a cycle are named; one of a thousand would fill a page. And how many faults each list the ids that stand:
were it every one of a large import, what is wrong with it would be larger than the import."""


def faults(reworded: Mapping[str, tuple[str, Sequence[str]]], activities: Iterable[Activity]) -> Iterator[Refusal]:
    """What is wrong with what some activities would depend on. ``reworded``: by the id of each, the path of the field and the ids
    in it; ``activities``: those of the plan, where the reworded ones may be or not. One that was dropped may still be named by
    an activity that named it before."""
    graph = {activity.id: list(activity.depends_on) for activity in activities if activity.cancelled is None}
    earlier = {id: graph.get(id, ()) for id in reworded}
    graph |= {id: list(ids) for id, (_, ids) in reworded.items()}
    told = 0
    for id, (path, ids) in reworded.items():
        for i, other in enumerate(ids):
            if other not in graph and other not in earlier[id]:
                told += 1
                yield Refusal.invalid(
                    f"{path}.{i}",
                    f"{other} is no activity of this plan, or was dropped.",
                    rule="dependency-known",
                    accepted=sorted(graph.keys() - {id}) if told <= NAMED else "ids of activities that stand in this plan",
                )
    for cycle in cycles(graph):
        for one, other in zip(cycle, [*cycle[1:], cycle[0]], strict=True):
            if one in reworded and other in reworded[one][1]:
                path, ids = reworded[one]
                yield Refusal.invalid(
                    f"{path}.{list(ids).index(other)}", f"{_spelled(cycle)}: an activity cannot wait for itself.", rule="dependency-cycle"
                )
                break


def cycles(graph: Graph) -> list[list[str]]:
    """Some cycles, none when there is none: one for each activity that closes one. Takes time linear in the graph and no recursion,
    since a spreadsheet may hold a chain of a thousand."""
    found: list[list[str]] = []
    done: set[str] = set()
    for root in graph:
        trail = {} if root in done else {root: iter(graph[root])}  # the way walked, in order
        closing: set[str] = set()
        while trail:
            here = next(reversed(trail))
            for there in trail[here]:
                if there in trail and here not in closing:
                    way = list(trail)
                    found.append(way[way.index(there) :])
                    closing.add(here)
                elif there in graph and there not in done and there not in trail:
                    trail[there] = iter(graph[there])
                    break
            else:
                trail.popitem()
                done.add(here)
    return found


def _spelled(cycle: list[str]) -> str:
    shown = cycle if len(cycle) <= NAMED else [*cycle[: NAMED - 1], "…"]
    return " → ".join([*shown, cycle[0]])
