"""A long paper beside a short one: opening it, saving a section, comparing two revisions and listing comments, through the gateway.

The long one has 400 sections (a hundred pages), 200 revisions and 5,000 comments; the short one 20 sections (five pages), ten revisions
and 60 comments: each a revision at a time, the comments made between revisions on the text as it then stood, so that passages have
moved and changed since. They were made by the service's own orders, over the broker. What remains of the long one's time, less what
its answer's own size costs, should be at most twice the short one's.

What the size costs is measured as ``benchmarks/plan.py`` does: a second platform, which in the place of *documents* has a service that
answers both papers' answers from memory, is asked the same questions the same way, in turn. Everything *documents* does for an answer
counts in full; so do the first questions after a change, since a section is saved at the beginning of every turn. Both papers are compared
over their last ten revisions, so that as many sections have changed in the one as in the other.
"""

import json
import random
import tempfile
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.echo import standing_in
from benchmarks.figures import Figure, until
from launcher.demo.api import Api, Person, Unexpected
from launcher.platform import Platform
from messaging.client import Pool
from messaging.context import Order
from services.kernel import Actor, utc

AT = utc(2024, 3, 4, 9)
PASSWORD = "made for a benchmark, and for nothing else"
DRAFTER, MEMBERS = "ILO", ("ILO", "IOM", "OHCHR", "UNHCR", "UNICEF", "UNODC")
WORDS_OF_A_SECTION, PAGE = 125, 50
WARMING, TURNS = 5, 40


@dataclass(frozen=True)
class Size:
    """How much there is of a paper."""

    sections: int
    revisions: int
    comments: int


LONG, SHORT = Size(400, 200, 5_000), Size(20, 10, 60)


class Paper:
    """A paper being written, and what the benchmark does with it. ``ask``: who asks; ``desk``: over the gateway."""

    def __init__(self, id: str, size: Size, desk: Person) -> None:
        self.id, self.size, self.desk = id, size, desk
        self.chance = random.Random(size.sections)
        vocabulary = ["".join(self.chance.choice("aeioubdfgklmnprst") for _ in range(self.chance.randint(2, 11))) for _ in range(4_000)]
        self.sections = [[self.chance.choice(vocabulary) for _ in range(WORDS_OF_A_SECTION)] for _ in range(size.sections)]
        self.vocabulary, self.revision = vocabulary, 0

    def whole(self) -> list[dict[str, str]]:
        """The text as it stands."""
        return [{"heading": f"Section {place}", "text": " ".join(words)} for place, words in enumerate(self.sections, 1)]

    def edit(self) -> dict[str, Any]:
        """Another section is reworded here and there: what saves it. The sections come one after another."""
        place = self.revision * 7 % self.size.sections
        words = self.sections[place]
        for _ in range(8):
            words[self.chance.randrange(len(words))] = self.chance.choice(self.vocabulary)
        words.insert(self.chance.randrange(len(words)), self.chance.choice(self.vocabulary))
        return {"section": f"s{place + 1}", "base": self.revision, "text": " ".join(words), "summary": f"Section {place + 1} reworded"}

    def remark(self) -> dict[str, Any]:
        """A comment on some words of the text as it stands."""
        place = self.chance.randrange(self.size.sections)
        words, length = self.sections[place], self.chance.randint(3, 8)
        begin = self.chance.randrange(len(words) - length)
        said = " ".join(self.chance.choice(self.vocabulary) for _ in range(30))
        return {"revision": self.revision, "section": place + 1, "quotation": " ".join(words[begin : begin + length]), "text": said}

    # What is measured

    def save(self) -> Any:
        said = self.edit()
        saved = self.desk.put(f"/documents/{self.id}/sections/{said.pop('section')}", **said)
        self.revision = saved["revision"]
        return saved

    def open(self) -> Any:
        return self.desk.get(f"/documents/{self.id}"), self.desk.get(f"/documents/{self.id}/text")

    def compare(self) -> Any:
        return self.desk.get(f"/documents/{self.id}/comparison", base=self.revision - 9, other=self.revision)

    def list(self) -> Any:
        return self.desk.get(f"/documents/{self.id}/comments", limit=PAGE, after=str((self.size.comments - PAGE) // 2))


QUESTIONS: dict[str, Callable[[Paper], Any]] = {"open": Paper.open, "compare two revisions": Paper.compare, "list comments": Paper.list}
SAVE = "save a section"


def run() -> list[Figure]:
    with (
        tempfile.TemporaryDirectory(prefix="icat-bench-") as folder,
        Platform(Path(folder) / "papers", rehearsal=True) as platform,
        Platform(Path(folder) / "echo", rehearsal=True, parts=("store", "broker", "gateway")) as echo,
    ):
        long, short = _written(platform)
        kept = Path(folder) / "answers.json"
        kept.write_text(json.dumps(_answers(long, short)))
        with standing_in(echo, "documents", kept, at=f"{AT:%Y-%m-%dT%H:%M:%SZ}", path=f"/documents/{short.id}") as echoing:
            echoed = [_asked_elsewhere(paper, echoing) for paper in (long, short)]
            assert [paper.list() for paper in echoed] == [paper.list() for paper in (long, short)]
            return _figures((long, short), echoed)


def _figures(papers: tuple[Paper, Paper], echoed: list[Paper]) -> list[Figure]:
    """Medians of many turns, in each of which both papers are changed and asked for in turn: what else the machine does meanwhile then
    slows them alike, and the size is taken off a time of the same moment."""
    turns: dict[str, list[tuple[float, float, float]]] = {name: [] for name in (SAVE, *QUESTIONS)}
    for _ in range(WARMING + TURNS):
        long, short = (_milliseconds(paper.save) for paper in papers)
        turns[SAVE].append((long, short, 0.0))
        for name, ask in QUESTIONS.items():
            long, short = (_milliseconds(lambda paper=paper, ask=ask: ask(paper)) for paper in papers)
            sizes = [_milliseconds(lambda paper=paper, ask=ask: ask(paper)) for paper in echoed]
            turns[name].append((long - (sizes[0] - sizes[1]), short, sizes[0] - sizes[1]))
    return [_figure(name, measured[WARMING:]) for name, measured in turns.items()]


def _figure(name: str, measured: list[tuple[float, float, float]]) -> Figure:
    ours, against, size = (median(values) for values in zip(*measured, strict=True))
    beside = f"{LONG.sections} sections, {LONG.revisions} revisions, {LONG.comments} comments beside {SHORT.sections}, {SHORT.revisions}, "
    less = f", less {size:.1f} ms for the answer's size" if size else ""
    title = f"{name}: {beside}{SHORT.comments}{less}"
    return Figure(title, round(ours, 2), round(against, 2), round(ours / against, 2), "ms", "aim: at most 2")


def _milliseconds(ask: Callable[[], Any]) -> float:
    started = time.perf_counter()
    ask()
    return (time.perf_counter() - started) * 1000


# What their answers' size costs


def _answers(*papers: Paper) -> dict[str, dict[str, Any]]:
    """What the echo answers: of each paper what it was asked."""
    answers: dict[str, dict[str, Any]] = {"document": {}, "text": {}, "comparison": {}, "comments": {}}
    for paper in papers:
        answers["document"][paper.id], answers["text"][paper.id] = paper.open()
        answers["comparison"][paper.id], answers["comments"][paper.id] = paper.compare(), paper.list()
    return answers


def _asked_elsewhere(paper: Paper, desk: Person) -> Paper:
    asked = Paper(paper.id, paper.size, desk)
    asked.revision = paper.revision
    return asked


# The papers


def _written(platform: Platform) -> tuple[Paper, Paper]:
    """Both papers, as their drafter has them before them."""
    api = Api(platform.url, f"{AT:%Y-%m-%dT%H:%M:%SZ}")
    desk = api.log_in(*platform.login)
    for code in MEMBERS:
        desk.post("/entities", code=code, names={"en": code})
        for what in ("/memberships", "/seats"):
            desk.post(what, entity=code, since="2006-01-01T00:00:00Z", source="made for a benchmark")
    api.in_session(*platform.login).post(
        "/people", name="drafter", display_name="Drafter", entity=DRAFTER, roles=["focal_point"], password=PASSWORD
    )
    drafter = api.log_in("drafter", PASSWORD, DRAFTER)
    pool = Pool(platform.amqp_uri, timeout=60)
    try:
        until(lambda: _proposed(drafter))
        return _made(LONG, drafter, pool), _made(SHORT, drafter, pool)
    finally:
        pool.close()


def _proposed(drafter: Person) -> dict[str, Any] | None:
    with suppress(Unexpected):  # the service may not have heard yet who belongs to the Group
        return drafter.post("/documents", kind="information_note", title="A paper", lead=DRAFTER)
    return None


def _made(size: Size, drafter: Person, pool: Pool) -> Paper:
    def order(what: str, by: str = DRAFTER, **said: Any) -> Any:
        roles = frozenset({"focal_point"} if by in MEMBERS else {"secretariat"})
        return pool.call("documents", what, said, Order(id=uuid.uuid4().hex, by=Actor(by, by, roles), at=AT))

    paper = Paper(until(lambda: _proposed(drafter))["id"], size, drafter)
    paper.revision = order("save_revision", document=paper.id, base=0, sections=paper.whole(), summary="First draft")["revision"]
    order("open_comment_round", "secretariat", document=paper.id, deadline="2024-12-01T12:00:00Z")
    with ThreadPoolExecutor(4) as people:
        for _ in range(size.revisions - 1):
            paper.revision = order("save_section", document=paper.id, **paper.edit())["revision"]
            due = size.comments * paper.revision // size.revisions - size.comments * (paper.revision - 1) // size.revisions
            remarks = [paper.remark() for _ in range(due)]
            by = [MEMBERS[number % len(MEMBERS)] for number in range(due)]
            list(people.map(lambda remark, by: order("comment", by, document=paper.id, **remark), remarks, by))
        remarks = [paper.remark() for _ in range(size.comments // size.revisions)]
        list(people.map(lambda remark: order("comment", document=paper.id, **remark), remarks))
    return paper
