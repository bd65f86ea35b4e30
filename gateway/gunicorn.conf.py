"""How gunicorn runs the gateway: real threads, since argon2 would block green ones, and a copy for each of two cores. Streams of events
hold none of them (``gateway.worker``).

The code is loaded before the copies are made, so that they share its memory and are there sooner. Nothing is connected yet then.
"""

import gc
from typing import Any

from gateway.api.openapi import described
from gateway.api.routes import ROUTES

bind = "127.0.0.1:8080"
worker_class = "gateway.worker.Worker"
workers = 2
threads = 16
timeout = 60
graceful_timeout = 20
keepalive = 15
control_socket_disable = True  # it would lie in the home of who runs us, one for all platforms of that person


def when_ready(server: Any) -> None:
    """What is loaded stays: the collector need not look at it, nor touch (and so copy) its memory."""
    described(ROUTES)
    gc.collect()
    gc.freeze()
