"""A large year beside a small one: plan, coverage and annual report through the gateway.

The large one has 200 activities with 2,000 milestones, and ten years of plans as large before it; the small one 20 activities and
no history. What remains of the large one's time, less what its answer's own size costs, should be at most one and a half times the
small one's.

What the size costs is measured, not reckoned: a third platform has, in the place of *workplan*, a service that answers both years'
answers from memory (``benchmarks/echo.py``), and is asked the same questions the same way, in turn with the other two. So the same
bytes take the same way: dumped by the schemas of the contract, written, carried by the broker, read and written and digested by
the gateway, sent over HTTP and read by the client. How much longer the large answer takes there than the small one is its size's.
Whatever *workplan* itself does for an answer, looking it up, deciding who may see what of it, making its parts, is not in it, and
counts in full. Each of the platforms remembers what it was asked a moment ago, as in use: it is not the first question after a
change that is measured, which makes anew what the next ones find made.
"""

import json
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.echo import standing_in
from benchmarks.figures import Figure, until
from launcher.demo.api import Api, Person
from launcher.platform import Platform

YEAR, HISTORY = 2024, 10
LARGE, SMALL, MILESTONES = 200, 20, 10
ENTITIES = ("ILO", "IOM", "UNODC")
WARMING, TURNS = 10, 100
ECHOED = {"large": YEAR, "small": YEAR + 1}
"""Under which year the echo answers which."""
QUESTIONS = {"plan": "", "coverage": "/coverage", "report": "/report"}


def run() -> list[Figure]:
    with (
        tempfile.TemporaryDirectory(prefix="icat-bench-") as folder,
        Platform(Path(folder) / "large", rehearsal=True) as large,
        Platform(Path(folder) / "small", rehearsal=True) as small,
        Platform(Path(folder) / "echo", rehearsal=True, parts=("store", "broker", "gateway")) as echo,
    ):
        years = {"large": entered(large, LARGE, HISTORY), "small": entered(small, SMALL, 0)}
        answers = {name: {ECHOED[size]: _asked(desk, YEAR, path) for size, desk in years.items()} for name, path in QUESTIONS.items()}
        kept = Path(folder) / "answers.json"
        kept.write_text(json.dumps(answers))
        with standing_in(echo, "workplan", kept, at=f"{YEAR}-07-01T00:00:00Z", path=f"/workplans/{ECHOED['small']}") as echoing:
            assert {name: {year: _asked(echoing, year, path) for year in answers[name]} for name, path in QUESTIONS.items()} == answers
            return [_figure(name, path, years, echoing) for name, path in QUESTIONS.items()]


def _asked(desk: Person, year: int, path: str) -> dict[str, Any]:
    return desk.get(f"/workplans/{year}{path}")


def _figure(name: str, path: str, years: dict[str, Person], echoing: Person) -> Figure:
    """Medians of many turns, in each of which the four questions come one after another: what else the machine does meanwhile then
    slows them alike, and the size is taken off a time of the same moment."""
    turns = []
    for _ in range(WARMING + TURNS):
        large, small = (_milliseconds(years[size], YEAR, path) for size in ("large", "small"))
        size = _milliseconds(echoing, ECHOED["large"], path) - _milliseconds(echoing, ECHOED["small"], path)
        turns.append((large - size, small, size))
    ours, against, size = (median(values) for values in zip(*turns[WARMING:], strict=True))
    of_size = f"{LARGE} activities and {HISTORY} years beside {SMALL}, less {size:.1f} ms for the answer's size"
    return Figure(f"{name}: {of_size}", round(ours, 2), round(against, 2), round(ours / against, 2), "ms", "aim: at most 1.5")


def _milliseconds(desk: Person, year: int, path: str) -> float:
    started = time.perf_counter()
    _asked(desk, year, path)
    return (time.perf_counter() - started) * 1000


# The years


def entered(platform: Platform, activities: int, history: int) -> Person:
    """The year in force, after so many closed ones; who may ask."""
    api = Api(platform.url, f"{YEAR - history - 1}-06-01T00:00:00Z")
    desk = api.log_in(*platform.login)
    long_ago = {"since": "2006-01-01T00:00:00Z", "source": "made for a benchmark"}
    for code in ENTITIES:
        desk.post("/entities", code=code, names={"en": code})
        desk.post("/memberships", entity=code, **long_ago)
        desk.post("/seats", entity=code, **long_ago)
    turns = [{"year": year, "chairs": [ENTITIES[year % len(ENTITIES)]]} for year in range(YEAR - history, YEAR + 1)]
    desk.post("/chairs/rota/adoptions", turns=turns)
    for year in range(YEAR - history, YEAR + 1):
        _adopted(api, desk, year, activities)
        if year < YEAR:
            api.at = f"{year + 1}-01-02T00:00:00Z"
            desk.post(f"/workplans/{year}/closure", foreword="Made for a benchmark.")
    api.at = f"{YEAR}-07-01T00:00:00Z"
    return desk


def _adopted(api: Api, desk: Person, year: int, activities: int) -> None:
    api.at = f"{year}-01-03T00:00:00Z"
    desk.post("/rehearsal/tick", to=api.at)
    plan = until(lambda: desk.find(f"/workplans/{year}"))
    for first in range(0, activities, 100):
        desk.post(f"/workplans/{year}/imports", activities=[_activity(year, n) for n in range(first, min(first + 100, activities))])
    desk.post(f"/workplans/{year}/consultation")
    plan = desk.post(f"/workplans/{year}/adoption", by="express", deadline=f"{year}-02-01T00:00:00Z")
    for code in plan["adoption"]["counting"]:
        position = {"digest": plan["digest"], "word": "endorse", "on_behalf_of": code, "letter": "made for a benchmark"}
        desk.post(f"/workplans/{year}/positions", **position)


def _activity(year: int, n: int) -> dict[str, Any]:
    due = [f"{year}-{1 + (n + i) % 12:02}-15T12:00:00Z" for i in range(MILESTONES)]
    return {
        "activity": f"activity-{n}",
        "title": f"Activity {n}: something the entities do together",
        "lead": ENTITIES[n % 3],
        "contributors": [ENTITIES[(n + 1) % 3]],
        "paragraphs": [1 + n % 61, 1 + (n + 30) % 61],
        "objective": "A sentence or two on what is to be better afterwards, and for whom. " * 2,
        "deliverables": [{"kind": "outcome", "title": "What it promises", "due": f"{year}-11-30T12:00:00Z"}],
        "milestones": [{"title": f"Step {i + 1} on the way", "due": at} for i, at in enumerate(due)],
        "needs": [{"purpose": "Travel of experts", "amount": "20000", "currency": "USD"}],
    }
