"""The whole API, asked as its own description says and as it says not to, by everyone there is, on the running platform.

No answer is an accident, each is one that the description promises, in its shape; and what was refused has changed nothing.
``FUZZ_EXAMPLES`` asks more often of each operation, for a long run; ``FUZZ_SEED`` asks other things.
"""

import os
import random
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi import checks

from gateway.api.openapi import described
from gateway.api.routes import PREFIX, ROUTES
from tests.gateway.inhabited import AT, Ledger, Software, settle, written

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "1"))
SEED = int(os.environ.get("FUZZ_SEED", "2014"))

QUIET = ("visitor", "reader", "read-only token")
"""Who can change nothing that a service keeps."""
ACTING = ("mission", "member", "seated", "chair", "secretariat")

PROMISES = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]

ENDING = re.compile(r"(ending|endings|cancellation|withdrawal|closure|removal|dropping|handover|tick|password|step-downs)$")
INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]")
INSTANTS = [AT, "2014-01-22T12:00:00Z", "2014-02-03T09:00:00Z", "2014-07-30T00:00:00Z", "2013-06-01T00:00:00Z"]


class Asking:
    """Asks every operation as each of some people, and keeps count of what came of it."""

    def __init__(self, url: str, there: dict[str, list[Any]], ledger: Ledger) -> None:
        self.url, self.there, self.ledger = url, there, ledger
        self.failures: list[str] = []
        self.statuses: Counter[int] = Counter()
        self.done: set[str] = set()
        self.refused: set[str] = set()
        self.carried_out: set[str] = set()
        self.changed_by: set[str] = set()
        self.chance = random.Random(SEED)
        document = described(ROUTES)
        operations = [result.ok() for result in schemathesis.openapi.from_dict(document).get_all_operations()]
        lives = {route.path for route in ROUTES if route.live}
        self.operations = sorted((one for one in operations if one.path not in lives), key=_least_final_first)

    def ask(self, callers: dict[str, Software]) -> None:
        """Everything, as these people."""
        for operation in self.operations:
            for number, case in enumerate(self._cases(operation, GenerationMode.POSITIVE, len(callers) * EXAMPLES)):
                role = list(callers)[number % len(callers)]
                self._send(operation, case, role, callers[role], sensible=True)
            for case in self._cases(operation, GenerationMode.NEGATIVE, 2 * EXAMPLES):  # what is nonsense is so for everyone
                role = self.chance.choice(list(callers))
                self._send(operation, case, role, callers[role], sensible=False)

    def _cases(self, operation: Any, mode: GenerationMode, count: int) -> list[Any]:
        made: list[Any] = []

        @seed(SEED)
        @settings(max_examples=count, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
        @given(operation.as_strategy(generation_mode=mode))
        def draw(case: Any) -> None:
            made.append(case)

        with suppress(Unsatisfiable):  # of what takes nothing, nothing is wrong
            draw()
        return made

    def _send(self, operation: Any, case: Any, role: str, caller: Software, *, sensible: bool) -> None:
        self._acquaint(case, sensible=sensible)
        case.headers = {name: value for name, value in (case.headers or {}).items() if self._is_kept(name)}
        response = case.call(base_url=self.url + PREFIX, session=caller.session, headers=caller.headers, timeout=30, allow_redirects=False)
        self.statuses[response.status_code] += 1
        try:
            case.validate_response(response, checks=PROMISES)
        except FailureGroup as failure:
            sent = f"{written(case.path_parameters)} {written(case.query)} {written(case.body)}"
            told = f"{operation.label} as {role}: {sent} -> {response.status_code} {response.content[:400]!r}"
            self.failures.append("\n      ".join([told, *(" ".join(str(reason).split())[:400] for reason in failure.exceptions)]))
            print(self.failures[-1], flush=True)  # a long run tells as it goes
        number = response.headers.get("ICAT-Correlation", "")
        if response.status_code < 400:
            self.done.add(operation.label)
            self.carried_out.add(number)
            if operation.method != "get":
                self.changed_by.add(f"{operation.label} as {role}")
        else:
            self.refused.add(number)
        if response.status_code == 401 and caller.in_session:
            self.ledger.forgive()
            caller.enter()

    def _is_kept(self, header: str) -> bool:
        """Optional headers are sent now and then: with them most requests would be refused for what stands in them."""
        return header not in ("Authorization", "ICAT-Instant") and self.chance.random() < 0.1

    def _acquaint(self, case: Any, *, sensible: bool) -> None:
        """Have a request speak of what there is, in most cases: else nearly every one would end with what there is not."""
        for name in case.path_parameters or {}:
            if name in self.there and self.chance.random() < 0.8:
                case.path_parameters[name] = self.chance.choice(self.there[name])
        if sensible:
            case.query = self._known(case.query)
            case.body = self._known(case.body)

    def _known(self, value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: self._known(one, key) for key, one in value.items()}
        if isinstance(value, list):
            return [self._known(one, name) for one in value]
        if name in self.there and value is not None and self.chance.random() < 0.7:
            return self.chance.choice(self.there[name])
        if isinstance(value, str) and INSTANT.match(value):
            return self.chance.choice(INSTANTS)
        if isinstance(value, str):
            return "".join(sign for sign in value if sign.isprintable()) or "x"
        return value


def _least_final_first(operation: Any) -> tuple[bool, bool, str]:
    """Questions, then orders, and last those after which there is less to ask about."""
    return bool(ENDING.search(operation.path)) or operation.method == "delete", operation.method != "get", operation.label


@pytest.fixture(scope="module")
def world(platform) -> Iterator[tuple[Any, Any, Any, Ledger]]:
    callers, there = settle(platform)
    ledger = Ledger(platform)
    yield platform, callers, there, ledger
    ledger.close()


def _report(asking: Asking) -> str:
    return f"{sum(asking.statuses.values())} requests: {dict(sorted(asking.statuses.items()))}\n" + "\n".join(asking.failures[:40])


def test_who_may_change_nothing_is_answered_as_described_and_changes_nothing(world):
    platform, callers, there, ledger = world
    asking = Asking(platform.url, there, ledger)
    before = ledger.versions()
    asking.ask({role: callers[role]() for role in QUIET})
    print(_report(asking), asking.changed_by)
    assert asking.failures == [], _report(asking)
    assert ledger.versions() == before
    assert not ledger.led_to(asking.refused)


def test_whoever_acts_is_answered_as_described_and_what_was_refused_led_to_nothing(world):
    platform, callers, there, ledger = world
    asking = Asking(platform.url, there, ledger)
    asking.ask({role: callers[role]() for role in ACTING})
    print(_report(asking), len(asking.done), sorted(asking.changed_by))
    assert asking.failures == [], _report(asking)
    assert sum(asking.statuses[status] for status in (200, 201, 204)) > 100, "some of it is carried out"
    ledger.versions()
    assert not ledger.led_to(asking.refused - asking.carried_out)
