"""Streams of events on the real server: they cost no request its place, lose nothing, and tell nobody what is another's."""

import json
import re
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pymongo
import pytest
import requests

from gateway import worker as workers
from gateway.accounts.callers import REMEMBERED_SECONDS
from gateway.live import MOST_OF_ONE
from gateway.live import wire as wires
from gateway.live.watch import ASKING, BEHIND_SECONDS, LOOKS, Watch
from gateway.live.wire import Wire
from gateway.worker import Worker
from messaging.context import Order
from services.kernel import Actor, Refusal
from tests.gateway.served import MISSIONS, Served, token


class Stream:
    """One reader of one stream, as a browser is: what came, and the last id."""

    def __init__(self, port: int, code: str, last: str | None = None, *, path: str = "", of: str = "") -> None:
        self.code = code
        self.wire = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.head = b""
        self.text = ""
        self.is_over = False
        self._ask(of or code, last, path)

    def _ask(self, of: str, last: str | None, path: str) -> None:
        headers = [
            f"GET /api/v1/subscribers/{of}/inbox/live{path} HTTP/1.1",
            "Host: localhost",
            f"Authorization: Bearer {token(self.code)}",
        ]
        headers += [f"Last-Event-ID: {last}"] if last is not None else []
        self.wire.sendall("\r\n".join([*headers, "", ""]).encode())
        came = b""
        while b"\r\n\r\n" not in came:
            piece = self.wire.recv(65536)
            assert piece, came
            came += piece
        head, _, rest = came.partition(b"\r\n\r\n")
        self.head = head
        self.text += rest.decode()

    def take(self) -> None:
        """What has come by now; called when there is something."""
        piece = self.wire.recv(65536)
        self.is_over = not piece
        self.text += piece.decode()

    def wait(self, until: Callable[["Stream"], Any], seconds: float = 20) -> Any:
        end = time.monotonic() + seconds
        while not (found := until(self)):
            assert not self.is_over, self.text
            self.wire.settimeout(max(end - time.monotonic(), 0.001))
            self.take()
        return found

    def close(self) -> None:
        self.wire.close()

    @property
    def status(self) -> int:
        return int(self.head.split()[1])

    @property
    def events(self) -> list[dict[str, Any]]:
        """The items told, in whole events."""
        blocks = [block for block in self.text.split("\n\n")[:-1] if block.startswith("event: item\n")]
        return [json.loads(block.partition("data: ")[2]) for block in blocks]

    @property
    def titles(self) -> list[str]:
        return [event["note"]["title"]["en"] for event in self.events]

    @property
    def last(self) -> str:
        return [line for line in self.text.splitlines() if line.startswith("id: ")][-1].removeprefix("id: ")


@pytest.fixture(scope="module")
def served(house, tmp_path_factory, eventually) -> Iterator[Served]:
    served = Served(house, tmp_path_factory.mktemp("inboxes"))
    try:
        eventually(served.is_up, seconds=60)
        yield served
    finally:
        served.stop()


@pytest.fixture
def follow(served) -> Iterator[Callable[..., Stream]]:
    """``follow("M01", last="n-0")``: a stream, closed at the end."""
    opened: list[Stream] = []

    def open_one(code: str, last: str | None = None, **more: str) -> Stream:
        opened.append(Stream(served.port, code, last, **more))
        return opened[-1]

    yield open_one
    for stream in opened:
        stream.close()


# A thread and its connection ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def at_work(monkeypatch) -> Iterator[tuple[Worker, Any, socket.socket]]:
    """A worker of four threads, one of its connections, and who is at the other end."""
    monkeypatch.setattr(workers, "STAYS_SECONDS", 0.5)
    worker: Any = object.__new__(Worker)
    worker.alive, worker.cfg, worker._at_hand, worker._staying = True, SimpleNamespace(threads=4), deque(), deque()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield worker, SimpleNamespace(sock=ours, parser=SimpleNamespace(unreader=SimpleNamespace(buf=BytesIO()))), theirs


def test_a_thread_stays_for_the_next_request_of_its_connection(at_work):
    worker, connection, theirs = at_work
    with ThreadPoolExecutor(1) as pool:
        stays = pool.submit(worker._goes_on, connection)
        time.sleep(0.05)
        assert not stays.done()
        theirs.sendall(b"GET")
        assert stays.result(5) is True
    assert not worker._staying


def test_a_thread_stays_no_longer_than_a_moment(at_work):
    worker, connection, _ = at_work
    began = time.monotonic()
    assert worker._goes_on(connection) is False
    assert 0.4 < time.monotonic() - began < 5
    assert not worker._staying


@pytest.mark.parametrize("why", ["another waits", "half of them stay", "it stops"])
def test_a_thread_that_is_needed_does_not_stay(at_work, why):
    worker, connection, theirs = at_work
    theirs.sendall(b"GET")
    assert worker._goes_on(connection) is True
    worker._at_hand.extend([connection] if why == "another waits" else [])
    worker._staying.extend([object(), object()] if why == "half of them stay" else [])
    worker.alive = why != "it stops"
    assert worker._goes_on(connection) is False


def test_what_was_read_ahead_is_there_but_comes_after_those_who_wait(at_work):
    worker, connection, _ = at_work
    connection.parser.unreader.buf.write(b"GET")
    assert worker._goes_on(connection) is True
    worker._at_hand.append(object())
    assert worker._goes_on(connection) is False


def test_requests_sent_together_are_answered_one_after_the_other(served):
    heads = [f"GET /api/v1/{what} HTTP/1.1\r\nHost: localhost\r\n" for what in ("group", "nothing", "group")]
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as wire:
        wire.sendall("\r\n".join([*heads[:2], f"{heads[2]}Connection: close\r\n", ""]).encode())
        came = b"".join(iter(lambda: wire.recv(65536), b""))
    assert re.findall(rb"HTTP/1\.1 (\d+)", came) == [b"200", b"404", b"200"]


def test_those_who_ask_again_and_again_hold_up_nobody(served):
    """Of more than there are threads, each on a connection that is kept as long as the worker keeps it."""

    def ask(_: int) -> list[int]:
        with requests.Session() as session:
            return [session.get(f"{served.url}/api/v1/group", timeout=20).status_code for _ in range(20)]

    with ThreadPoolExecutor(36) as people:
        assert list(people.map(ask, range(36))) == [[200] * 20] * 36


# On the real server ---------------------------------------------------------------------------------------------------------------------


def test_a_stream_begins_with_what_comes_next_and_is_told_it_at_once(served, follow):
    served.arrives("Earlier", "M01", announced=False)
    stream = follow("M01")
    assert stream.status == 200
    assert b"Content-Type: text/event-stream" in stream.head
    assert b"Content-Length" not in stream.head
    assert b"Transfer-Encoding" not in stream.head
    stream.wait(lambda s: "unread" in s.text)
    assert stream.text.startswith("retry: 3000\n\n")
    assert stream.titles == []
    time.sleep(1)  # the ear of a worker's first stream has to be there: without it, this would be polled for
    served.arrives("News", "M01")
    began = time.monotonic()
    stream.wait(lambda s: s.titles)
    assert stream.titles == ["News for M01"]
    assert time.monotonic() - began < 4, "overheard, not polled for"
    assert stream.last == "n-2"


@pytest.mark.parametrize("by", ["header", "query"])
def test_who_comes_back_has_missed_nothing_and_hears_nothing_twice(served, follow, by):
    code = {"header": "M02", "query": "M03"}[by]
    first = follow(code)
    served.arrives("One", code)
    first.wait(lambda s: s.titles)
    first.close()
    served.arrives("Two", code)
    served.arrives("Three", code)
    again = follow(code, first.last) if by == "header" else follow(code, path=f"?since={first.last}")
    again.wait(lambda s: len(s.titles) == 2)
    served.arrives("Four", code)
    again.wait(lambda s: len(s.titles) == 3)
    assert again.titles == [f"{word} for {code}" for word in ("Two", "Three", "Four")]


def test_the_header_goes_before_the_address_it_was_given_with(served, follow):
    for word in ("One", "Two"):
        served.arrives(word, "M04", announced=False)
    stream = follow("M04", "n-1", path="?since=n-0")
    stream.wait(lambda s: s.titles)
    assert stream.titles == ["Two for M04"]


def test_more_than_a_page_comes_whole(served, follow):
    for number in range(230):
        served.arrives(f"No. {number}", "M05", announced=False)
    stream = follow("M05", "n-0")
    stream.wait(lambda s: len(s.titles) == 230)
    assert stream.titles == [f"No. {number} for M05" for number in range(230)]
    assert stream.last == "n-230"
    assert {f"id: n-{number}" for number in range(1, 231)} <= set(stream.text.splitlines()), "each may be the last that came whole"


@pytest.mark.parametrize(("code", "of", "status"), [("M06", "M07", 404), ("nobody", "M07", 401)])
def test_a_stream_is_refused_as_any_question_is(served, follow, code, of, status):
    stream = follow(code, of=of)
    assert stream.status == status
    assert b"application/problem+json" in stream.head


@pytest.mark.parametrize("query", ["before=x", "limit=5", "colour=blue"])
def test_a_stream_takes_no_pages(served, query):
    answer = requests.get(
        f"{served.url}/api/v1/subscribers/M01/inbox/live?{query}", headers={"Authorization": f"Bearer {token('M01')}"}, timeout=20
    )
    assert (answer.status_code, answer.json()["field"]) == (422, query.partition("=")[0])


def test_a_head_has_no_stream_behind_it(served):
    answer = requests.head(
        f"{served.url}/api/v1/subscribers/M01/inbox/live", headers={"Authorization": f"Bearer {token('M01')}"}, timeout=20
    )
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (200, "text/event-stream")


def test_a_connection_that_was_used_before_becomes_a_stream(served):
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as wire:
        wire.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
        came = b""
        while not came.endswith(b"ok\n"):
            came += wire.recv(4096)
        wire.sendall(f"GET /api/v1/subscribers/M08/inbox/live HTTP/1.1\r\nHost: l\r\nAuthorization: Bearer {token('M08')}\r\n\r\n".encode())
        came = b""
        while b"event: unread" not in came:
            came += wire.recv(4096)
        served.arrives("On the same connection", "M08")
        while b"On the same connection" not in came:
            came += wire.recv(4096)


def test_one_person_opens_so_many_and_no_more(served, follow):
    statuses = [follow("M09").status for _ in range(2 * MOST_OF_ONE + 4)]
    assert statuses.count(200) >= MOST_OF_ONE
    assert set(statuses) == {200, 429}
    assert follow("M10").status == 200


def test_two_hundred_streams_slow_no_request_and_each_is_told_its_own_alone(served, follow):
    alone = served.asked_in()
    streams = [follow(code) for code in MISSIONS[15:] for _ in range(8)]
    assert len(streams) == 200
    assert {stream.status for stream in streams} == {200}
    beside = served.asked_in()
    assert beside < max(3 * alone, 0.1), f"{alone * 1000:.0f} ms alone, {beside * 1000:.0f} ms beside two hundred streams"

    before = {stream: len(stream.titles) for stream in streams}
    served.arrives("Everyone’s", *MISSIONS[15:])
    began = time.monotonic()
    with selectors.DefaultSelector() as ready:
        for stream in streams:
            ready.register(stream.wire, selectors.EVENT_READ, stream)
        while any(len(stream.titles) == before[stream] for stream in streams):
            assert time.monotonic() - began < 45, "all are told in time"
            for key, _ in ready.select(timeout=1):
                key.data.take()
                assert not key.data.is_over
    assert served.asked_in(10) < max(5 * alone, 0.3), "nor while they are told"
    for stream in streams:
        assert stream.titles == [f"Everyone’s for {stream.code}"]
        assert {event["note"]["data"]["of"] for event in stream.events} == {stream.code}


def test_a_stop_waits_for_no_stream_and_ends_each(house, tmp_path, eventually):
    served = Served(house, tmp_path)
    try:
        eventually(served.is_up, seconds=60)
        streams = [Stream(served.port, code) for code in MISSIONS[:6]]
        began = time.monotonic()
        served.stop()
        assert time.monotonic() - began < 15, "not the twenty seconds that requests are given"
        for stream in streams:
            while not stream.is_over:
                stream.take()
    finally:
        if served.process.poll() is None:
            served.process.kill()
    assert "Traceback" not in served.log.read_text()


def test_who_may_no_longer_ask_is_told_nothing_more(served, follow, house):
    streams = [follow(code) for code in ("M11", "M13", "M14")]
    stays = follow("M10")
    for stream in (*streams, stays):
        stream.wait(lambda s: "unread" in s.text)
    changes = ({"status": "suspended"}, {"tokens.0.revoked_at": datetime.now(UTC)}, {"entity": "M10"})
    with pymongo.MongoClient(house.mongo_uri("gateway")) as client:
        accounts = client.get_default_database()["accounts"]
        for stream, change in zip(streams, changes, strict=True):
            changed = {f"state.{name}": value for name, value in change.items()}
            assert accounts.update_one({"_id": stream.code.lower()}, {"$set": changed}).matched_count == 1
    time.sleep(REMEMBERED_SECONDS + 0.5)
    served.arrives("Not for them", "M10", *(stream.code for stream in streams))
    stays.wait(lambda s: s.titles)
    for stream in streams:
        while not stream.is_over:
            stream.take()
        assert stream.titles == []


# The watch alone ------------------------------------------------------------------------------------------------------------------------


class Inboxes:
    """Answers for inboxes: to ``M1`` that it may not ask, to all others that something came."""

    def call(self, service: str, name: str, payload: dict[str, Any], cause: Any, timeout: float | None = None) -> dict[str, Any]:
        if payload["subscriber"] == "M1":
            raise Refusal.not_found("There is no such subscriber.")
        return {"items": [], "position": "n-1", "unread": 1, "next": None}


class Told:
    """A stream that is open until the wire comes to close it, which it never does here."""

    def __init__(self) -> None:
        self.is_open, self.is_ending, self.is_behind, self.data = True, False, False, b""

    def send(self, data: bytes) -> None:
        self.data += data

    def end(self) -> None:
        self.is_ending = True


class Broken(Told):
    """One of which nobody can say whether it is open."""

    is_open = property(lambda self: 1 / 0, lambda self, value: None)


@pytest.fixture
def watched() -> Iterator[Callable[..., Told]]:
    """``watched("M1")``: a stream of that subscriber that is followed."""
    watch = Watch(Inboxes())

    def follow(code: str, stream: Told | None = None) -> Told:
        stream, order = stream or Told(), Order("o", Actor(code.lower(), code, frozenset({"mission"})), datetime.now(UTC))
        asked = ("notifications", "inbox"), {"subscriber": code}, order, "n-0", lambda: None
        watch.follow(stream, *asked, named=False, more=False)
        return stream

    yield follow
    watch.stop()


def test_a_stream_that_ends_takes_no_other_with_it(watched, eventually):
    refused = watched("M1")
    eventually(lambda: refused.is_ending, seconds=5)
    time.sleep(LOOKS[0])  # the threads that waited for its turn have looked again
    told = watched("M2")
    eventually(lambda: told.data, seconds=5)


def test_nothing_more_is_asked_for_who_has_not_taken_what_was_told_last(watched, eventually):
    slow = Told()
    slow.is_behind = True
    watched("M2", slow)
    time.sleep(3 * BEHIND_SECONDS)
    assert slow.data == b""
    slow.is_behind = False
    eventually(lambda: slow.data, seconds=5)


def test_threads_that_died_are_replaced_for_the_next_stream(watched, eventually, caplog):
    for _ in range(ASKING):
        watched("M1", Broken())
    eventually(lambda: caplog.text.count("has ended") == ASKING, seconds=5)
    told = watched("M2")
    eventually(lambda: told.data, seconds=5)


# The wire alone -------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def wire() -> Iterator[Wire]:
    wire = Wire()
    yield wire
    wire.stop()


def both_ends(wire: Wire, opening: bytes = b"") -> tuple[Any, socket.socket]:
    listener = socket.create_server(("127.0.0.1", 0))
    reader = socket.create_connection(listener.getsockname(), timeout=20)
    ours, _ = listener.accept()
    listener.close()
    return wire.open(ours, opening), reader


def rest(reader: socket.socket) -> bytes:
    came = b""
    try:
        while piece := reader.recv(65536):
            came += piece
    except ConnectionResetError:
        pass
    return came


def test_a_heartbeat_shows_that_one_is_there(wire, monkeypatch):
    monkeypatch.setattr(wires, "HEARTBEAT_SECONDS", 0.1)
    _, reader = both_ends(wire, b"retry: 1\n\n")
    came = b""
    while came.count(b":\n\n") < 2:
        came += reader.recv(4096)
    assert came.startswith(b"retry: 1\n\n")


def test_a_stream_ends_when_its_time_is_over(wire, monkeypatch):
    monkeypatch.setattr(wires, "LASTS_SECONDS", 0.5)
    stream, reader = both_ends(wire, b"hello")
    assert rest(reader) == b"hello"
    assert not stream.is_open


def test_who_does_not_read_is_let_go_and_holds_up_nobody(wire, eventually):
    slow, held = both_ends(wire)
    quick, reader = both_ends(wire)
    for _ in range(400):
        slow.send(b"x" * 65536)
    quick.send(b"still here")
    assert reader.recv(4096) == b"still here"
    eventually(lambda: not slow.is_open, seconds=10)
    assert len(slow.unsent) < 2 * wires.MOST_UNSENT
    held.close()


def test_what_one_is_told_at_once_comes_whole_however_much_it_is(wire, eventually):
    much = 16 * wires.MOST_UNSENT
    stream, reader = both_ends(wire, b"hello")
    eventually(lambda: not stream.is_behind, seconds=5)
    stream.send(b"x" * much)
    time.sleep(0.2)
    assert stream.is_behind
    came = 0
    while came < len(b"hello") + much and (piece := reader.recv(65536)):
        came += len(piece)
    assert came == len(b"hello") + much
    eventually(lambda: not stream.is_behind, seconds=5)


def test_who_takes_nothing_for_long_is_let_go(wire, monkeypatch, eventually):
    monkeypatch.setattr(wires, "STALLED_SECONDS", 0.5)
    monkeypatch.setattr(wires, "MOST_UNSENT", 1 << 30)
    stalled, held = both_ends(wire)
    for _ in range(200):
        stalled.send(b"x" * 65536)
    eventually(lambda: not stalled.is_open, seconds=10)
    held.close()


def test_who_leaves_is_let_go(wire, eventually):
    stream, reader = both_ends(wire)
    reader.close()
    eventually(lambda: not stream.is_open, seconds=10)
    stream.send(b"to nobody")  # says nothing, breaks nothing
    assert wire.streams == set()


def test_what_a_reader_says_is_passed_over(wire):
    stream, reader = both_ends(wire, b"a")
    reader.sendall(b"GET / HTTP/1.1\r\n\r\n" * 500)
    stream.send(b"b")
    stream.end()
    assert rest(reader) == b"ab"


def test_stopping_ends_all(wire):
    readers = [both_ends(wire, b"x")[1] for _ in range(5)]
    wire.stop()
    assert [rest(reader) for reader in readers] == [b"x"] * 5
