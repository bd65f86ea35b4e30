"""Whether the gateway lives, and whether it can be sent requests."""

from typing import Any, Protocol

from flask import Blueprint

from messaging.store import is_reachable


class _Opens(Protocol):
    is_done: bool

    def attempt(self) -> None: ...


def blueprint(opening: _Opens) -> Blueprint:
    """``/health/live``: the process answers. ``/health/ready``: its store does, too. A broker that is away is no reason to be sent
    nothing: pages still come, and say what they lack."""
    health = Blueprint("health", __name__, url_prefix="/health")

    @health.get("/live")
    def live() -> Any:
        return _plain("ok\n")

    @health.get("/ready")
    def ready() -> Any:
        return _plain("ok\n") if is_reachable() and opening.is_done else _plain("not ready\n", 503)

    return health


def _plain(text: str, status: int = 200) -> Any:
    return text, status, {"Content-Type": "text/plain", "Cache-Control": "no-store"}
