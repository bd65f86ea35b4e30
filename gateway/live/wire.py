"""Streams on the wire: one thread writes to all of them, and waits for none.

What a reader does not take at once is kept for it, however large, and it ``is_behind`` until it has: who asks for it waits so long. One
that takes nothing for a minute, or is told more nevertheless and falls behind the bound, is let go: it comes back with the position it
had, and has missed nothing.
"""

import logging
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any
from wsgiref.handlers import format_date_time

from flask import Response

from gateway.live.events import HEARTBEAT

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 15.0
LASTS_SECONDS = 15 * 60.0
"""After which a stream ends, and whoever comes back begins anew."""

STALLED_SECONDS = 60.0
MOST_UNSENT = 256 * 1024
KERNEL_KEEPS = 64 * 1024
"""Bytes the kernel buffers for a reader at most; left to itself it would keep megabytes for each."""

TAKE_SOCKET = "icat.take_socket"
"""In the WSGI environment, where the server can give up a connection: a function that returns its socket, which is ours then."""


class HandedOver(Exception):
    """The connection is no longer the server's: it has nothing more to do for this request."""


class EventStream(Response):
    """A stream that goes on when its request is done. ``opening``: its first bytes; ``take(socket, head)``: who writes it from then on.

    Where the server cannot give up a connection it is the opening alone; the reader comes back for what follows.
    """

    def __init__(self, opening: bytes, take: Callable[[socket.socket, bytes], None]) -> None:
        # Not buffered by a proxy (nginx asks for the header), not kept by anyone.
        super().__init__(opening, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}, content_type="text/event-stream")
        self.take = take

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "GET" or TAKE_SOCKET not in environ:
            return super().__call__(environ, start_response)
        headers = self.get_wsgi_headers(environ)
        headers.remove("Content-Length")
        headers["Date"] = format_date_time(time.time())
        headers["Connection"] = "close"  # its end is the connection's end: it has no length, and needs no chunks
        lines = [f"HTTP/1.1 {self.status}", *(f"{name}: {value}" for name, value in headers), "", ""]
        self.take(environ[TAKE_SOCKET](), "\r\n".join(lines).encode("latin-1"))
        raise HandedOver


class Stream:
    """One open stream. Any thread may ``send`` and ``end``; the rest is the wire's alone."""

    def __init__(self, wire: "Wire", connection: socket.socket) -> None:
        self.wire = wire
        self.connection = connection
        self.is_open = True
        self.is_behind = True  # until the opening is written
        self.unsent = bytearray()
        self.begun_at = self.sent_at = time.monotonic()

    def send(self, data: bytes) -> None:
        """Have this written as soon as the reader takes it."""
        self.is_behind = True
        self.wire.ask(lambda: self.wire.write(self, data))

    def end(self) -> None:
        """Write what can be written now, and close."""
        self.wire.ask(lambda: self.wire.let_go(self))


class Wire:
    """The thread that writes. It begins with the first stream: a process that is forked before has none to lose."""

    def __init__(self) -> None:
        self.streams: set[Stream] = set()
        self._asked: deque[Callable[[], None]] = deque()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._is_stopping = False

    def open(self, connection: socket.socket, data: bytes) -> Stream:
        """A stream on this connection, which is the wire's from now on, beginning with these bytes."""
        self._start()
        connection.setblocking(False)
        with suppress(OSError):  # of a reader that has gone already; the first write will say so
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_KEEPS)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream = Stream(self, connection)
        self.ask(lambda: self._join(stream, data))
        return stream

    def ask(self, what: Callable[[], None]) -> None:
        """Have the wire's thread do this next."""
        self._asked.append(what)
        with suppress(OSError):  # full: it is about to wake anyhow; closed: it has stopped
            self._bell.send(b"\0")

    def stop(self) -> None:
        """End every stream, and the thread."""
        with self._starting:
            self._is_stopping = True
            thread = self._thread
        if thread is not None:
            self.ask(lambda: None)
            thread.join(5)

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._selector = selectors.DefaultSelector()
                self._rung, self._bell = socket.socketpair()
                self._rung.setblocking(False)
                self._bell.setblocking(False)
                self._selector.register(self._rung, selectors.EVENT_READ)
                self._thread = threading.Thread(target=self._run, name="wire", daemon=True)
                self._thread.start()

    # In the wire's own thread

    def _run(self) -> None:
        looked_at = time.monotonic()
        while not self._is_stopping:
            for key, happened in self._selector.select(timeout=1.0):
                if key.data is None:
                    with suppress(BlockingIOError):
                        self._rung.recv(4096)
                elif happened & selectors.EVENT_READ:
                    self._read(key.data)
                else:
                    self.write(key.data)
            self._do_what_is_asked()
            if time.monotonic() - looked_at >= 1.0:
                looked_at = time.monotonic()
                for stream in list(self.streams):
                    self._look_after(stream, looked_at)
        self._do_what_is_asked()
        for stream in list(self.streams):
            self.let_go(stream)
        self._selector.close()
        self._rung.close()
        self._bell.close()

    def _do_what_is_asked(self) -> None:
        while self._asked:
            what = self._asked.popleft()
            try:
                what()
            except Exception:  # one stream's accident is not the others'
                log.exception("a stream could not be served")

    def _join(self, stream: Stream, data: bytes) -> None:
        self.streams.add(stream)
        self._selector.register(stream.connection, selectors.EVENT_READ, stream)
        self.write(stream, data)

    def write(self, stream: Stream, data: bytes = b"") -> None:
        if not stream.is_open:
            return
        is_more = bool(data and stream.unsent)
        stream.unsent += data
        try:
            while stream.unsent:
                sent = stream.connection.send(stream.unsent)
                del stream.unsent[:sent]
                stream.sent_at = time.monotonic()
        except BlockingIOError:
            pass
        except OSError:
            self.let_go(stream)
            return
        if is_more and len(stream.unsent) > MOST_UNSENT:
            log.info("a stream's reader fell behind and was let go")
            self.let_go(stream)
            return
        stream.is_behind = bool(stream.unsent)
        self._selector.modify(stream.connection, selectors.EVENT_READ | (selectors.EVENT_WRITE if stream.unsent else 0), stream)

    def _read(self, stream: Stream) -> None:
        """A reader has nothing to say: what comes is its end, or is passed over."""
        try:
            said = stream.connection.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            said = b""
        if not said:
            self.let_go(stream)

    def _look_after(self, stream: Stream, now: float) -> None:
        if now - stream.begun_at >= LASTS_SECONDS or (stream.unsent and now - stream.sent_at >= STALLED_SECONDS):
            self.let_go(stream)
        elif not stream.unsent and now - stream.sent_at >= HEARTBEAT_SECONDS:
            self.write(stream, HEARTBEAT)

    def let_go(self, stream: Stream) -> None:
        if not stream.is_open:
            return
        stream.is_open = False
        self.streams.discard(stream)
        self._selector.unregister(stream.connection)
        with suppress(OSError):
            stream.connection.shutdown(socket.SHUT_RDWR)
        stream.connection.close()
