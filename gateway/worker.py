"""gunicorn's worker with real threads, which can give up a connection: a stream of events goes on when its request is done."""

import socket
from collections.abc import Iterable
from concurrent.futures import Future
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from gateway.live.wire import TAKE_SOCKET, HandedOver


class Worker(ThreadWorker):
    """A connection is given up by detaching its socket. What is left of it here is closed to all that gunicorn would still do: half-close
    it, wait for its end, look at it for another request. It no longer counts among the worker's, so streams take no place from
    requests, and a stop does not wait for them; they end with the worker."""

    def load_wsgi(self) -> None:
        super().load_wsgi()
        self._app, self.wsgi = self.wsgi, self._offering

    def _offering(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        own = environ["gunicorn.socket"]
        # Neither a connection that we would have to decrypt, nor one that other requests share.
        if type(own) is socket.socket and environ["SERVER_PROTOCOL"].startswith("HTTP/1."):
            environ[TAKE_SOCKET] = lambda: socket.socket(fileno=own.detach())
        return self._app(environ, start_response)

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
