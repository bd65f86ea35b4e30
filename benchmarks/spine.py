"""The spine beside its limits: the raw wire, and a bare web application.

| figure | ours | against |
|---|---|---|
| commit → handled | from the one write to the one write of the other service | pika publish with confirm → consume → one durable update |
| gateway commands | ``POST /api/v1/subscribers`` through gateway and service | the same durable insert by bare Flask, same gunicorn |
| events through a pair | relay → broker → one write of the consumer, from a backlog | one raw publisher that confirms each |
"""

import http.client
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import requests

from benchmarks.bare import Wire
from benchmarks.figures import Figure, side_by_side
from launcher.home import ROOT
from launcher.platform import Platform
from messaging import store
from messaging.client import Pool
from messaging.context import Cause, Order, now
from services.kernel import Actor

BY = Actor("benchmark", roles=frozenset({"secretariat"}))
LATENCIES, BACKLOG, PEOPLE, SECONDS = 60, 2000, 12, 4.0


def run() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="icat-bench-") as folder:
        with Platform(Path(folder), rehearsal=True, parts=("store", "broker")) as platform:
            figures = [*_pair(platform)]
        with Platform(Path(folder) / "whole", rehearsal=True) as platform:
            figures.append(_gateway(platform))
    return figures


# The pair


@contextmanager
def _halves(platform: Platform, name: str, *halves: str) -> Iterator[Pool]:
    """The pair's processes, on databases of this name, and a client that asks them."""
    processes = []
    for half in halves:
        environ = {
            "PAIR": half,
            "AMQP_URI": platform.amqp_uri,
            "MONGO_URI": platform.mongo_uri(f"{half}_{name}"),
            "ICAT_LOG_LEVEL": "ERROR",
        }
        command = [sys.executable, "-W", "ignore", "-m", "messaging.runtime", "benchmarks.pair"]
        processes.append(
            subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environ, "ICAT_REHEARSAL": "1", "ICAT_LOG_LEVEL": "ERROR"})
        )
    pool = Pool(platform.amqp_uri)
    try:
        for half in halves:
            _until(lambda half=half: _asked(pool, half, "status"))
        yield pool
    finally:
        pool.close()
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(15)


def _asked(pool: Pool, half: str, name: str, payload: dict | None = None) -> dict:
    return pool.call(half, name, payload or {}, Order(id=uuid.uuid4().hex, by=BY, at=now()), 5)


def _until(true, seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            if true():
                return
        except Exception:
            if time.monotonic() > until:
                raise
        if time.monotonic() > until:
            raise TimeoutError("the benchmark did not get so far in time")
        time.sleep(0.02)


def _pair(platform: Platform) -> Iterator[Figure]:
    with Wire(platform.amqp_uri, platform.mongo_uri("bare")) as wire:
        with _halves(platform, "latency", "chairs", "workplan") as pool:

            def ours() -> float:
                return median(_latency(pool, number) for number in range(LATENCIES))

            def raw() -> float:
                return median(wire.milliseconds() for _ in range(LATENCIES))

            yield side_by_side("commit → handled in another service", "ms", "aim: at most 4", ours, raw)

        def confirmed_each() -> float:
            started = time.perf_counter()
            for _ in range(BACKLOG // 2):
                wire.publish()
            elapsed = time.perf_counter() - started
            for _ in range(BACKLOG // 2):
                wire.times.get()
            return BACKLOG / 2 / elapsed

        yield side_by_side(
            "events through one pair of services", "events/s", "aim: at least 0.5", lambda: _throughput(platform), confirmed_each, rounds=3
        )


def _latency(pool: Pool, number: int) -> float:
    before = _asked(pool, "workplan", "handled")["count"]
    committed = _asked(pool, "chairs", "count", {"counter": f"c{number % 20}"})["committed"]
    while (answer := _asked(pool, "workplan", "handled"))["count"] == before:
        time.sleep(0.01)  # the services note the times; whoever asks without pause takes their processor
    return (answer["last"] - committed) / 1e6


def _throughput(platform: Platform) -> float:
    """A backlog of events, waiting in the store when the pair starts; the pair sends and handles it all."""
    from benchmarks.pair import Counter, counters

    name = uuid.uuid4().hex[:8]
    store.mongoengine.disconnect_all()
    counters.document._collection = store.JournalEntry._collection = None
    store.connect(platform.mongo_uri(f"chairs_{name}"))
    for number in range(BACKLOG):
        cause, counter = Cause(id=f"o{number}", by=BY, at=now(), correlation="b"), f"c{number % 400}"
        counters.change(counter, cause, lambda c, counter=counter, cause=cause: c.add("term_started", counter, cause.at), new=Counter)
    with _halves(platform, name, "workplan") as pool, _halves(platform, name, "chairs"):
        _until(lambda: _asked(pool, "workplan", "handled")["count"] == BACKLOG)
        answer = _asked(pool, "workplan", "handled")
    return (BACKLOG - 1) / ((answer["last"] - answer["first"]) / 1e9)


# The gateway


def _gateway(platform: Platform) -> Figure:
    token = _token(platform)
    port = platform.home.port("bare")
    environ = {**os.environ, "MONGO_URI": platform.mongo_uri("bare"), "PYTHONPATH": str(ROOT)}
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "-c",
        "gateway/gunicorn.conf.py",
        "--bind",
        f"127.0.0.1:{port}",
        "benchmarks.bare:create_app()",
    ]
    bare = subprocess.Popen(command, cwd=ROOT, env=environ, stderr=subprocess.DEVNULL)
    try:
        _until(lambda: requests.get(f"http://127.0.0.1:{port}/health/ready", timeout=1).ok)
        return side_by_side(
            "gateway commands",
            "requests/s",
            "aim: at least 0.25",
            lambda: _requests_a_second(f"{platform.url}/api/v1/subscribers", token),
            lambda: _requests_a_second(f"http://127.0.0.1:{port}/subscribers", token),
            rounds=3,
        )
    finally:
        bare.terminate()
        bare.wait(15)


def _token(platform: Platform) -> str:
    session, (name, password) = requests.Session(), platform.login
    logged_in = session.post(f"{platform.url}/api/v1/sessions", json={"name": name, "password": password}, timeout=20)
    logged_in.raise_for_status()
    headers = {"X-CSRF-Token": logged_in.json()["csrf_token"]}
    return session.post(f"{platform.url}/api/v1/tokens", json={"name": "benchmark"}, headers=headers, timeout=20).json()["token"]


def _requests_a_second(url: str, token: str) -> float:
    """Completed requests a second of PEOPLE connections that never pause, from a process of their own."""
    with multiprocessing.Pool(1) as process:
        return process.apply(_press, (url, token))


def _press(url: str, token: str) -> float:
    done, until, place = [0] * PEOPLE, time.monotonic() + SECONDS, urlsplit(url)

    def person(number: int) -> None:
        connection = http.client.HTTPConnection(place.hostname, place.port, timeout=30)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        while time.monotonic() < until:
            code = f"X{uuid.uuid4().hex[:14].upper()}"
            connection.request("POST", place.path, json.dumps({"code": code, "name": "A reader", "kind": "reader"}), headers)
            response = connection.getresponse()
            body = response.read()
            if response.status != 201:
                raise RuntimeError(f"{response.status} {body[:300]!r}")
            done[number] += 1

    threads = [threading.Thread(target=person, args=(number,)) for number in range(PEOPLE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / SECONDS
