"""The folder in which one platform of this machine lives: its ports, its secrets, its data, its logs.

Each folder is a platform of its own, so several run side by side. What was chosen once (ports, passwords)
is remembered in ``state.json``, which only its owner may read; what runs now is told in ``status.json``.
"""

import fcntl
import json
import os
import random
import secrets
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TextIO

ROOT = Path(__file__).resolve().parent.parent
"""The source tree."""

ENVIRONMENTS = ROOT / ".icat" / "environments"
"""Where the Python environments are: one set for all platforms run from this tree."""

PRIVATE_PORTS = range(20000, 32000)
"""Below the ports that systems give to outgoing connections, so that nothing sits on a remembered port
at the moment a killed broker or store wants it back."""

PORT_CLAIMS = Path(tempfile.gettempdir()) / f"icat-ports-{os.getuid()}.json"
"""Which private ports were given to whichever platform of this user, and when: they are not given again within ``CLAIMED_FOR``."""

CLAIMED_FOR = 3600.0
"""Seconds, longer than platforms run side by side that come and go, as those of tests do."""

LOOPBACK = "127.0.0.1"


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Whether a server could listen on this port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def claim_port() -> int:
    """A private port on which nothing listens, and which nobody was given within the hour.

    That it is free now is not enough: a platform that starts, or whose broker was killed a moment ago, does not listen on the
    ports it remembers. Where what was given cannot be read or written, being free has to do. Raises OSError when all are taken.
    """
    with _claims() as claims:
        for port in random.sample(PRIVATE_PORTS, len(PRIVATE_PORTS)):
            if str(port) not in claims and is_free(port):
                claims[str(port)] = time.time()
                return port
    raise OSError(f"Of the ports {PRIVATE_PORTS.start}-{PRIVATE_PORTS.stop - 1} none is free.")


@contextmanager
def _claims() -> Iterator[dict[str, float]]:
    """When which ports were given, for this process alone while the block lasts; what it adds is kept."""
    claims: dict[str, float] = {}
    with ExitStack() as stack:
        try:
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            file = stack.enter_context(open(os.open(PORT_CLAIMS, flags, 0o600), "r+", encoding="utf-8"))
            _lock(file, patience=2.0)
        except OSError:
            yield claims
            return
        with suppress(ValueError, TypeError, AttributeError, RecursionError):  # new, or whoever wrote it was killed, or was not us
            now = time.time()
            claims.update({port: since for port, since in json.load(file).items() if now - CLAIMED_FOR < since <= now})
        yield claims
        with suppress(OSError):
            file.seek(0)
            file.truncate()
            json.dump(claims, file)
            file.flush()


def _lock(file: TextIO, patience: float) -> None:
    """Lock a file, within so many seconds. Raises BlockingIOError."""
    until = time.monotonic() + patience
    while True:
        try:
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise
            time.sleep(0.02)


def write_privately(path: Path, text: str) -> None:
    """Replace a file whole, readable by its owner only; a reader sees the old text or the new, never half."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    part.replace(path)


class AlreadyRunning(Exception):
    """Another supervisor already runs the platform of this folder."""


class Home:
    """One platform's folder.

    ``path``: by default ``$ICAT_HOME``, else ``.icat`` in the source tree.
    """

    def __init__(self, path: Path | str | None = None) -> None:
        self.path = Path(path or os.environ.get("ICAT_HOME") or ROOT / ".icat").resolve()
        self.path.mkdir(parents=True, exist_ok=True)
        self.path.chmod(0o700)

    @property
    def rehearsal(self) -> "Home":
        """The platform beside this one for rehearsals, with data of its own: a clock that is told may not touch what counts."""
        return Home(self.path / "rehearsal")

    def folder(self, *names: str) -> Path:
        """A folder in here, made when it is missing."""
        path = self.path.joinpath(*names)
        path.mkdir(parents=True, exist_ok=True)
        return path

    def log(self, name: str) -> Path:
        return self.folder("logs") / f"{name}.log"

    @property
    def mail(self) -> Path:
        """Where the local mail sink keeps what it received, one ``.eml`` file a message."""
        return self.folder("mail")

    # What was chosen once

    @property
    def _state(self) -> dict:
        try:
            return json.loads((self.path / "state.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}

    def remember(self, kind: str, name: str, make: Callable[[], object]) -> object:
        """What was remembered under this name; made now, and kept, the first time."""
        with self._locked("state.lock"):
            state = self._state
            if name not in state.setdefault(kind, {}):
                state[kind][name] = make()
                write_privately(self.path / "state.json", json.dumps(state, indent=2))
            return state[kind][name]

    def forget(self, kind: str, name: str) -> None:
        with self._locked("state.lock"):
            state = self._state
            if state.get(kind, {}).pop(name, None) is not None:
                write_privately(self.path / "state.json", json.dumps(state, indent=2))

    def secret(self, name: str) -> str:
        """A password of this platform's own: letters and digits, so that it stands in any URI."""
        return str(self.remember("secrets", name, lambda: secrets.token_hex(20)))

    @property
    def ports(self) -> dict[str, int]:
        """The ports remembered, by process."""
        return self._state.get("ports", {})

    def port(self, name: str) -> int:
        """The port remembered for this process."""
        return int(str(self.remember("ports", name, self._unclaimed)))

    def prefer_port(self, name: str, first: int) -> int:
        """The port remembered, else ``first``, or the next free one after it."""
        return int(str(self.remember("ports", name, lambda: next(p for p in range(first, 65536) if is_free(p)))))

    def _unclaimed(self) -> int:
        taken = set(self.ports.values())
        return next(port for port in iter(claim_port, None) if port not in taken)

    @property
    def login(self) -> tuple[str, str]:
        """Name and password of the first secretariat account."""
        return "secretariat", self.secret("first_login")

    # What runs now

    @property
    def status(self) -> dict:
        """What the supervisor last said of its processes; empty when none runs."""
        try:
            status = json.loads((self.path / "status.json").read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return status if self.is_running else {}

    @status.setter
    def status(self, status: dict) -> None:
        write_privately(self.path / "status.json", json.dumps(status, indent=2))

    @property
    def is_running(self) -> bool:
        """Whether a supervisor holds this folder."""
        try:
            with self.held(patience=0):
                return False
        except AlreadyRunning:
            return True

    @contextmanager
    def held(self, patience: float = 1.0) -> Iterator[None]:
        """Hold the folder as its one supervisor; the system lets go of it however the process ends.

        ``patience``: seconds to try, because whoever asks ``is_running`` holds it for a moment.
        Raises AlreadyRunning.
        """
        with open(self.path / "supervisor.lock", "w", encoding="utf-8") as lock:
            try:
                _lock(lock, patience)
            except BlockingIOError:
                raise AlreadyRunning(f"The platform in {self.path} is running already.") from None
            yield

    @contextmanager
    def _locked(self, name: str) -> Iterator[None]:
        with open(self.path / name, "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    # What lies here

    def kept(self) -> list[Path]:
        """What ``reset`` would delete: everything but the environments, which hold no data."""
        return sorted(path for path in self.path.iterdir() if path.name not in (ENVIRONMENTS.name, "supervisor.lock"))

    def empty(self) -> None:
        """Delete this platform's data, ports, passwords and logs, and those of the platforms in its folder (the rehearsal's, the
        demo's). Raises AlreadyRunning when one of them runs."""
        with ExitStack() as stack:
            stack.enter_context(self.held())
            for lock in self.path.glob("*/supervisor.lock"):
                stack.enter_context(Home(lock.parent).held())
            for path in self.kept():
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                else:
                    path.unlink()
