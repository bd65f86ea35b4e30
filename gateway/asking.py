"""Who answers what the gateway is asked: a service over the broker, or the gateway itself, both in one manner."""

from typing import Any, Protocol

from contracts.base import dump
from gateway.accounts.contract import contract
from messaging.context import Cause


class Asks(Protocol):
    """What answers: messaging's client pool, or the gateway itself."""

    def call(self, service: str, name: str, payload: dict[str, Any], cause: Cause, timeout: float | None = None) -> Any:
        """The answer as JSON. Raises Refusal."""


class Here:
    """The gateway's own commands and queries, each answered by the method of that name in one of its rooms."""

    def __init__(self, *rooms: object) -> None:
        self._methods = {name: method for name in contract.commands for room in rooms if (method := getattr(room, name, None))}
        missing = set(contract.commands) - set(self._methods)
        if missing:
            raise TypeError(f"Nothing answers {sorted(missing)}.")

    def call(self, service: str, name: str, payload: dict[str, Any], cause: Cause, timeout: float | None = None) -> Any:
        """The answer as JSON; ``cause.data`` holds the validated payload. Raises Refusal."""
        return dump(contract.commands[name].answer, self._methods[name](cause))
