"""What every group of tests may ask for: one house a test process, and a platform in it."""

import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from launcher.platform import Platform

# Some hundred processes of the platform are started, most of whose work is to load their code. No name is looked up by green threads here,
# and to load what would do that takes a fifth of a start; to compile what another has compiled, a tenth.
os.environ["EVENTLET_NO_GREENDNS"] = "yes"
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# What an example takes depends on who else is using the machine, and proves nothing.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


def _eventually(what: Callable[[], Any], seconds: float = 30.0) -> Any:
    """The first true value of ``what()``. Its last error, or the last value, fails the test after ``seconds``."""
    until, error = time.monotonic() + seconds, None
    while True:
        try:
            value, error = what(), None
        except Exception as problem:
            value, error = None, problem
        if value:
            return value
        if time.monotonic() > until:
            raise error or AssertionError(f"not within {seconds} s: {value!r}")
        time.sleep(0.05)


@pytest.fixture(scope="session")
def eventually() -> Callable[..., Any]:
    """``eventually(what, seconds=30)``: wait for what another process will have done soon."""
    return _eventually


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform with its store, broker and mail sink up and nothing else, in rehearsal; ``start`` starts more."""
    with Platform(tmp_path_factory.mktemp("house"), rehearsal=True, parts=("store", "broker", "mail")) as house:
        yield house


@pytest.fixture(scope="module")
def platform(house: Platform) -> Iterator[Platform]:
    """The whole platform, empty and ready, for the tests of one module. In rehearsal."""
    house.empty()
    house.start("services", "gateway")
    house.wait_ready()
    yield house
    house.stop("gateway", "services")
