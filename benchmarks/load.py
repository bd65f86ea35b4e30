"""Load on an HTTP server, from a process of its own: as much as it bears, or so much and no more.

``saturating``: people who ask again as soon as they are answered (a closed loop): how many requests a second are answered, and what one
takes of the processors.
``paced``: requests that begin when they are due, whether or not those before them are answered (an open loop): how long each takes
from when it was due, so that a server which stops for a moment is not spared those who would have come meanwhile.
"""

import http.client
import json
import multiprocessing
import os
import resource
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import quantiles
from typing import Any
from urllib.parse import urlsplit

PEOPLE = 12
"""Connections of a closed loop."""
LANES = 32
"""Connections of an open loop: as many as the gateway's threads."""


@dataclass(frozen=True)
class Request:
    """What is asked, again and again. ``bodies``: one after another, of orders; each then has an idempotency key of its own.
    ``expected``: the status of every answer; another one is an error."""

    url: str
    headers: dict[str, str] = field(default_factory=dict)
    bodies: tuple[dict[str, Any], ...] = ()
    expected: int = 200


@dataclass(frozen=True)
class Times:
    """Of an open loop, in milliseconds."""

    p50: float
    p99: float


@dataclass(frozen=True)
class Served:
    """Of a closed loop: how many requests were answered a second, and the processor time that one took of the machine, in milliseconds:
    of all that runs there but the load."""

    a_second: float
    processor: float


def saturating(request: Request, seconds: float) -> Served:
    """How PEOPLE connections that never pause are served."""
    before = _busy() - _of_the_load()
    a_second = _elsewhere(_saturating, request, seconds)
    return Served(a_second, (_busy() - _of_the_load() - before) * 1000 / (a_second * seconds))


def _of_the_load() -> float:
    """Seconds of processor time of the processes that have put load on the server, and ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _busy() -> float:
    """Seconds for which this machine's processors have been at work (proc(5), ``/proc/stat``)."""
    user, nice, system, _, _, interrupt, softirq = map(int, Path("/proc/stat").read_text("ascii").split()[1:8])
    return (user + nice + system + interrupt + softirq) / os.sysconf("SC_CLK_TCK")


def paced(request: Request, rate: float, seconds: float) -> Times:
    """How long requests take that come at this rate a second."""
    return _elsewhere(_paced, request, rate, seconds)


def _elsewhere(work: Callable[..., Any], *told: Any) -> Any:
    with multiprocessing.Pool(1) as process:
        return process.apply(work, told)


def _saturating(request: Request, seconds: float) -> float:
    until, done = time.monotonic() + seconds, [0] * PEOPLE

    def person(number: int) -> None:
        ask = _asking(request)
        while time.monotonic() < until:
            ask()
            done[number] += 1

    _side_by_side(PEOPLE, person)
    return sum(done) / seconds


def _paced(request: Request, rate: float, seconds: float) -> Times:
    begins, many, took = time.monotonic() + 0.1, round(rate * seconds), [0.0] * round(rate * seconds)
    following = count()

    def lane(_: int) -> None:
        ask = _asking(request)
        while (number := next(following)) < many:
            due = begins + number / rate
            time.sleep(max(due - time.monotonic(), 0))
            ask()
            took[number] = (time.monotonic() - due) * 1000

    _side_by_side(LANES, lane)
    cuts = quantiles(took, n=100)
    return Times(cuts[49], cuts[98])


def _asking(request: Request) -> Callable[[], None]:
    """What asks once, on a connection of its own that is kept, and reads the whole answer."""
    place = urlsplit(request.url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=30)
    bodies = [json.dumps(body).encode() for body in request.bodies]
    numbers = count(uuid.uuid4().int % max(len(bodies), 1))

    def ask() -> None:
        if bodies:
            headers = request.headers | {"Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex}
            connection.request("POST", place.path, bodies[next(numbers) % len(bodies)], headers)
        else:
            connection.request("GET", place.path, headers=request.headers)
        response = connection.getresponse()
        body = response.read()
        if response.status != request.expected:
            raise RuntimeError(f"{request.url}: {response.status} {body[:300]!r}")

    return ask


def _side_by_side(many: int, work: Callable[[int], None]) -> None:
    """The same work in so many threads. Raises what the first of them raised that failed."""
    failed: list[Exception] = []

    def one(number: int) -> None:
        try:
            work(number)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
