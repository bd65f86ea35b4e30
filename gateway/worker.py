"""gunicorn's worker with real threads, which can give up a connection (a stream of events goes on when its request is done), and in which
a thread stays with a connection for a moment, since of one request more come."""

import select
import socket
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from gateway.live.wire import TAKE_SOCKET, HandedOver

STAYS_SECONDS = 0.02
"""How long a thread waits for the next request of its connection, before the worker's own loop does."""


class Worker(ThreadWorker):
    """A thread that hands its connection back to the worker's loop, and is handed it again for the next request, costs as much as all else
    that gunicorn does for one. While threads are to be had it stays with it therefore, for a moment.

    A connection is given up by detaching its socket. What is left of it here is closed to all that gunicorn would still do: half-close
    it, wait for its end, look at it for another request. It no longer counts among the worker's, so streams take no place from
    requests, and a stop does not wait for them; they end with the worker."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._at_hand: deque[Any] = deque()
        self._staying: deque[Any] = deque()

    def load_wsgi(self) -> None:
        super().load_wsgi()
        self._app, self.wsgi = self.wsgi, self._offering

    def _offering(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        own = environ["gunicorn.socket"]
        # Neither a connection that we would have to decrypt, nor one that other requests share.
        if type(own) is socket.socket and environ["SERVER_PROTOCOL"].startswith("HTTP/1."):
            environ[TAKE_SOCKET] = lambda: socket.socket(fileno=own.detach())
        return self._app(environ, start_response)

    def enqueue_req(self, conn: Any) -> None:
        self._at_hand.append(conn)
        super().enqueue_req(conn)

    def handle(self, conn: Any) -> Any:
        self._at_hand.popleft()
        left = super().handle(conn)
        while left is True and self._goes_on(conn):
            left = super().handle(conn)
        return left

    def _goes_on(self, conn: Any) -> bool:
        """Whether the next request of a connection is there, or comes within the moment, while nobody else waits for a thread."""
        if not self.alive or self._at_hand:
            return False
        if conn.parser.unreader.buf.getvalue():
            return True
        if len(self._staying) >= self.cfg.threads // 2:
            return False
        self._staying.append(conn)
        try:
            ready = select.poll()
            ready.register(conn.sock, select.POLLIN)
            return bool(ready.poll(STAYS_SECONDS * 1000))
        finally:
            self._staying.remove(conn)

    def handle_request(self, req: Any, conn: Any) -> bool:
        try:
            return super().handle_request(req, conn)
        except HandedOver:
            return False

    def finish_request(self, conn: Any, fs: Future[Any]) -> None:
        if conn.sock.fileno() < 0:
            self.nr_conns -= 1
        else:
            super().finish_request(conn, fs)

    def run(self) -> None:
        try:
            super().run()
        finally:
            self._app.extensions["live"].close()
            self._app.extensions["keys"].close()
