"""Who answers what the gateway is asked: a service over the broker, or the gateway itself, both in one manner."""

from typing import Any, Protocol

from contracts.base import dump
from gateway.accounts.contract import contract
from gateway.accounts.rights import RIGHTS
from messaging.context import Cause


class Asks(Protocol):
    """What answers: messaging's client pool, or the gateway itself."""

    def call(self, service: str, name: str, payload: dict[str, Any], cause: Cause, timeout: float | None = None) -> Any:
        """The answer as JSON. Raises Refusal."""


class Here:
    """The gateway's own commands and queries, each answered by the method of that name in one of its rooms. What has no row in the table
    of rights is not answered, and whom nothing could give the right is refused before its method runs."""

    def __init__(self, *rooms: object) -> None:
        self._methods = {name: method for name in contract.commands for room in rooms if (method := getattr(room, name, None))}
        missing = set(contract.commands) - set(self._methods)
        if missing:
            raise TypeError(f"Nothing answers {sorted(missing)}.")
        RIGHTS.must_cover(contract.commands)

    def call(self, service: str, name: str, payload: dict[str, Any], cause: Cause, timeout: float | None = None) -> Any:
        """The answer as JSON; ``cause.data`` holds the validated payload. Raises Refusal."""
        RIGHTS.must_admit(name, cause.by)
        return dump(contract.commands[name].answer, self._methods[name](cause))
