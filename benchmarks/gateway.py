"""The gateway beside two peers that promise less, and beside itself with many streams open.

| figure | ours | against |
|---|---|---|
| a plan, a clearance board, a comment | through gateway and service, by a focal point's token | bare Flask and mongoengine under gunicorn |
| the same | the same; the comment under an idempotency key | a nameko HTTP gateway and services, as published examples are written |
| processor time of a comment | all that runs meanwhile, less the load | the same of either |
| p99 at half load | requests that come at half the rate at which ours were saturated | p50 of the same requests |
| p50, p99 beside streams | the plan at that rate, 200 live streams open | without them |

The year has 20 activities with ten milestones each, the board nine entities, the paper twenty sections. All three stand on the
same broker and store, on one machine with the load.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import requests

from benchmarks.echo import alive
from benchmarks.figures import Figure, until
from benchmarks.load import Request, Served, Times, paced, saturating
from benchmarks.paper import Paper, Size
from benchmarks.peers import kept
from benchmarks.plan import SMALL, YEAR, entered
from launcher.demo.api import Person, once_heard
from launcher.home import ROOT
from launcher.platform import Platform

SECONDS, ROUNDS, PACED_SECONDS = 3.0, 7, 6.0
MEMBERS = ("OHCHR", "UNDP", "UNHCR", "UNICEF", "UNWOMEN", "WHO")
DRAFTER, READER = "ILO", "IOM"
PASSWORD = "made for a benchmark, and for nothing else"
REMARKS = 500
STREAMS, MISSIONS = 200, 20
"""Streams, and whose they are: no person may hold many."""
QUESTIONS = ("plan", "clearance board")
ORDER = "comment"


@dataclass(frozen=True)
class Side:
    """One who is measured: what it is asked, by the question's name."""

    asked: dict[str, Request]

    def served(self, name: str) -> Served:
        return saturating(self.asked[name], SECONDS)


def run() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="icat-bench-") as folder, Platform(Path(folder), rehearsal=True) as platform:
        room = furnished(platform)
        with flask_peer(platform, room) as bare, nameko_peer(platform, room) as nameko:
            figures, saturated = _throughput(room.ours, bare, nameko)
        return [*figures, *_latency(room.ours, saturated), *_streams(platform, room, saturated["plan"])]


def _throughput(ours: Side, bare: Side, nameko: Side) -> tuple[list[Figure], dict[str, float]]:
    """The three in turn, rounds after one that does not count."""
    figures, saturated = [], {}
    for name in (*QUESTIONS, ORDER):
        rounds = list(zip(*([side.served(name) for side in (ours, bare, nameko)] for _ in range(1 + ROUNDS)), strict=True))
        mine, flask, by_nameko = (median(one.a_second for one in served[1:]) for served in rounds)
        aims = ("aim: at least 0.5", "aim: at least 1.2") if name in QUESTIONS else ("aim: at least 0.4", "aim: at least 1")
        figures.append(_ratio(f"{name}, beside bare Flask", mine, flask, "requests/s", aims[0]))
        figures.append(_ratio(f"{name}, beside nameko's gateway", mine, by_nameko, "requests/s", aims[1]))
        if name == ORDER:
            took, by_flask, there = (median(one.processor for one in served[1:]) for served in rounds)
            figures.append(_ratio(f"{name}: processor time, beside bare Flask", took, by_flask, "ms", ""))
            figures.append(_ratio(f"{name}: processor time, beside nameko's gateway", took, there, "ms", ""))
        saturated[name] = mine
    return figures, saturated


def _latency(ours: Side, saturated: dict[str, float]) -> Iterator[Figure]:
    for name, request in ours.asked.items():
        rate = saturated[name] / 2
        times = _median([paced(request, rate, PACED_SECONDS) for _ in range(3)])
        yield _ratio(f"{name} at {rate:.0f} a second: p99 beside p50", times.p99, times.p50, "ms", "aim: at most 4")


def _streams(platform: Platform, room: "Room", saturated: float) -> Iterator[Figure]:
    rate, request = saturated / 2, room.ours.asked["plan"]
    alone, beside = [], []
    for _ in range(3):
        alone.append(paced(request, rate, PACED_SECONDS))
        with streaming(platform, room.streams):
            beside.append(paced(request, rate, PACED_SECONDS))
    without, among = _median(alone), _median(beside)
    for name, mine, theirs in (("p50", among.p50, without.p50), ("p99", among.p99, without.p99)):
        yield _ratio(f"plan at {rate:.0f} a second: {name} with {STREAMS} streams open", mine, theirs, "ms", "aim: at most 1.3")


def _median(rounds: list[Times]) -> Times:
    return Times(median(one.p50 for one in rounds), median(one.p99 for one in rounds))


def _ratio(name: str, ours: float, against: float, unit: str, aim: str) -> Figure:
    return Figure(name, round(ours, 2), round(against, 2), round(ours / against, 2), unit, aim)


# What they are asked for


@dataclass(frozen=True)
class Room:
    """A platform with something in it. ``contents``: the answers to the questions, and the sections of the paper that is commented on;
    ``streams``: paths of live streams, with the headers of who may follow them."""

    ours: Side
    contents: dict[str, Any]
    paper: str
    board: str
    streams: list[tuple[str, dict[str, str]]]


def furnished(platform: Platform, missions: int = MISSIONS) -> Room:
    """A year's plan in force, a paper in its comment round, and another in clearance."""
    desk = entered(platform, SMALL, 0)
    for code in MEMBERS:
        desk.post("/entities", code=code, names={"en": code})
        for what in ("/memberships", "/seats"):
            desk.post(what, entity=code, since="2006-01-01T00:00:00Z", source="made for a benchmark")
    keeper = desk.api.in_session(*platform.login)
    drafter, reader = (_person(keeper, name.lower(), name, "focal_point") for name in (DRAFTER, READER))
    paper, remarks = _written(desk, drafter, "A paper that is commented on"), []
    for _ in range(REMARKS):
        remarks.append({name: value for name, value in paper.remark().items() if name != "revision"} | {"revision": 1})
    desk.post(f"/documents/{paper.id}/comment-rounds", deadline=f"{YEAR}-12-01T12:00:00Z")
    cleared = _written(desk, drafter, "A paper in clearance")
    desk.post(f"/documents/{cleared.id}/clearance", by="express", deadline=f"{YEAR}-12-01T12:00:00Z")
    board = reader.get(f"/documents/{cleared.id}/clearance")
    for code in MEMBERS:
        position = {"digest": board["digest"], "word": "endorse", "on_behalf_of": code, "letter": "made for a benchmark"}
        desk.post(f"/documents/{cleared.id}/positions", **position)
    paths = {"plan": f"/workplans/{YEAR}", "clearance board": f"/documents/{cleared.id}/clearance"}
    contents = {name: reader.get(path) for name, path in paths.items()} | {"sections": paper.whole()}
    headers = dict(reader.headers)
    asked = {name: Request(f"{reader.api.root}{path}", headers) for name, path in paths.items()}
    asked[ORDER] = Request(f"{reader.api.root}/documents/{paper.id}/comments", headers, tuple(remarks), 201)
    return Room(Side(asked), contents, paper.id, cleared.id, _streams_of(desk, keeper, missions))


def _person(keeper: Person, name: str, entity: str, role: str) -> Person:
    keeper.post("/people", name=name, display_name=name, entity=entity, roles=[role], password=PASSWORD)
    return keeper.api.log_in(name, PASSWORD, entity)


def _written(desk: Person, drafter: Person, title: str) -> Paper:
    proposed = once_heard(
        lambda: drafter.post("/documents", kind="information_note", title=title, lead=DRAFTER), "members-only", "members", "projection"
    )
    paper = Paper(proposed["id"], Size(20, 1, 0), drafter)
    drafter.post(f"/documents/{paper.id}/revisions", base=0, sections=paper.whole(), summary="First draft")
    return paper


def _streams_of(desk: Person, keeper: Person, missions: int) -> list[tuple[str, dict[str, str]]]:
    streams = []
    for number in range(missions):
        code = f"M{number:02}"
        desk.post("/subscribers", code=code, name=code, kind="mission")
        mission = _person(keeper, code.lower(), code, "mission")
        streams.append((f"/subscribers/{code}/inbox/live", dict(mission.headers)))
    return streams


# The peers


@contextmanager
def flask_peer(platform: Platform, room: Room) -> Iterator[Side]:
    """Bare Flask and mongoengine, while the block lasts."""
    _keep(platform, room)
    port = platform.home.port("bare")
    serve = ["gunicorn", "-c", "gateway/gunicorn.conf.py", "--worker-class", "gthread"]  # with as many threads, and its own worker
    command = [*serve, "--bind", f"127.0.0.1:{port}", "benchmarks.peers.flask_app:create_app()"]
    with _running(platform, [command], port):
        yield _asked_there(room, port)


@contextmanager
def nameko_peer(platform: Platform, room: Room) -> Iterator[Side]:
    """A nameko HTTP gateway and two nameko services, while the block lasts."""
    _keep(platform, room)
    port = platform.home.port("peer_gateway")
    config = platform.home.path / "peers.yaml"
    config.write_text(json.dumps({"AMQP_URI": platform.amqp_uri, "WEB_SERVER_ADDRESS": f"127.0.0.1:{port}"}))
    modules = ("benchmarks.peers.nameko_rooms", "benchmarks.peers.nameko_gateway")
    with _running(platform, [["python", "-m", "benchmarks.peers.serve", str(config), module] for module in modules], port):
        yield _asked_there(room, port)


@contextmanager
def _running(platform: Platform, commands: list[list[str]], port: int) -> Iterator[None]:
    environ = {**os.environ, "MONGO_URI": platform.mongo_uri("peers"), "PYTHONPATH": str(ROOT)}
    processes = []
    with ExitStack() as stack:
        log = stack.enter_context((platform.home.path / "peers.log").open("ab"))
        for command in commands:
            program, *more = command
            process = subprocess.Popen([str(Path(sys.executable).parent / program), *more], cwd=ROOT, env=environ, stdout=log, stderr=log)
            stack.callback(process.wait, 30)
            stack.callback(process.terminate)
            processes.append(process)
        until(lambda: _is_there(port), 180)
        yield


def _is_there(port: int) -> bool | None:
    try:
        return requests.get(f"http://127.0.0.1:{port}/health/ready", timeout=1).ok or None
    except requests.RequestException:
        return None


def _keep(platform: Platform, room: Room) -> None:
    """What the peers are asked for, in a database of theirs."""
    kept.mongoengine.disconnect_all()
    kept.connect(platform.mongo_uri("peers"))
    kept.Plan(year=YEAR, content=alive(room.contents["plan"])).save()
    kept.Board(paper=room.board, content=alive(room.contents["clearance board"])).save()
    kept.Paper(id=room.paper, revision=1, sections=room.contents["sections"]).save()


def _asked_there(room: Room, port: int) -> Side:
    """The same requests, without what only the platform asks for."""

    def there(request: Request) -> Request:
        return replace(request, url=f"http://127.0.0.1:{port}{urlsplit(request.url).path.removeprefix('/api/v1')}", headers={})

    return Side({name: there(request) for name, request in room.ours.asked.items()})


# Streams


@contextmanager
def streaming(platform: Platform, streams: list[tuple[str, dict[str, str]]], many: int = STREAMS) -> Iterator[list[socket.socket]]:
    """So many live streams, open while the block lasts. Raises RuntimeError when one is refused."""
    place = urlsplit(platform.url)
    with ExitStack() as stack:
        opened = []
        for number in range(many):
            path, headers = streams[number % len(streams)]
            wire = stack.enter_context(socket.create_connection((place.hostname, place.port), timeout=30))
            lines = [f"GET /api/v1{path} HTTP/1.1", "Host: localhost", *(f"{name}: {value}" for name, value in headers.items())]
            wire.sendall("\r\n".join([*lines, "", ""]).encode())
            if not (head := wire.recv(4096)).startswith(b"HTTP/1.1 200"):
                raise RuntimeError(f"{path}: {head[:300]!r}")
            opened.append(wire)
        yield opened
