"""What stands behind ``./icat``: finds the command, sets up what it needs, once, and hands over.

Standard library only. Progress goes to standard error, so that a command's own output stays clean.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from launcher import doctor
from launcher.groups import GROUPS
from launcher.home import ENVIRONMENTS, ROOT, AlreadyRunning, Home
from launcher.processes import NO_BROKER, NO_PDF, NO_STORE, PDF_PACKAGES, Missing, find_broker, find_browser, find_store, lacking_for_pdf

POLICY = Path("/usr/sbin/policy-rc.d")


@dataclass(frozen=True)
class Command:
    """One word after ``./icat``. ``environment`` and ``needs`` are there before ``module`` runs in that environment."""

    usage: str
    says: str
    module: str = ""
    environment: str = "runtime"
    needs: tuple[str, ...] = ()


COMMANDS = {
    "up": Command(
        "up [--rehearsal] [--port N] [--replicas SERVICE=N]",
        "Run the platform until Ctrl-C. Data stays in .icat/, of rehearsals in .icat/rehearsal/.",
        "launcher.supervisor",
        needs=("store", "broker", "pdf"),
    ),
    "demo": Command(
        "demo [--keep] [--json]",
        "Run the Group's year 2014–2015 on a platform of its own; --keep leaves it running.",
        "launcher.demo",
        needs=("store", "broker", "pdf"),
    ),
    "test": Command("test [GROUP…]", f"Run the tests, or some groups: {' '.join(GROUPS)}.", "launcher.testing", "development"),
    "bench": Command(
        "bench [NAME…] [--json]",
        "Measure the platform beside its peers.",
        "benchmarks",
        "development",
        needs=("store", "broker", "pdf"),
    ),
    "pictures": Command(
        "pictures [--to FOLDER]",
        "Photograph every page: light, dark, on a phone and in French.",
        "launcher.pictures",
        "development",
        needs=("store", "broker", "browser", "pdf"),
    ),
    "tick": Command("tick --to INSTANT", "Let the running rehearsal's clock pass, as to 2015-01-01T00:00Z.", "launcher.tick"),
    "letters": Command(
        "letters [--rehearsal] [show ID | send-again ID | drop ID --reason TEXT]",
        "List dead letters, or deal with one.",
        "launcher.letters",
    ),
    "audit": Command("audit [--rehearsal]", "Check that every chain of events is whole, from first to last.", "launcher.audit"),
    "reset": Command("reset [--rehearsal] [--yes]", "Delete the platform's data (or the rehearsal's alone), after asking."),
    "doctor": Command("doctor", "Say what is there, what is missing and how to get it."),
    "help": Command("help", "This list."),
}


class Failed(Exception):
    """Something could not be set up; the message says what, and the ways on."""


def main(argv: list[str]) -> int:
    """Run one command; returns the exit code of what runs here, and does not return from what runs elsewhere."""
    word, *rest = argv or ["help"]
    if word in ("-h", "--help"):
        word = "help"
    if word not in COMMANDS:
        print(f"icat: there is no command {word!r}.\n\n{usage()}", file=sys.stderr)
        return 2
    here = {"help": lambda: print(usage()) or 0, "doctor": doctor.main, "reset": lambda: reset(rest)}
    try:
        return here[word]() if word in here else hand_over(COMMANDS[word], rest)
    except (Failed, Missing, AlreadyRunning) as problem:
        print(f"icat: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def usage() -> str:
    """What there is, in lines of at most 80 columns."""
    lines: list[str] = []
    for command in COMMANDS.values():
        lines.append(f"  ./icat {command.usage}")
        lines += textwrap.wrap(command.says, 80, initial_indent=" " * 9, subsequent_indent=" " * 9)
    head = textwrap.wrap("The platform of the Inter-Agency Coordination Group against Trafficking in Persons", 80)
    return "\n".join([*head, "", *lines])


def hand_over(command: Command, arguments: list[str]) -> int:
    """Set up what the command needs, then become it."""
    is_asking = any(argument in ("-h", "--help") for argument in arguments)
    needs = command.needs
    if command is COMMANDS["test"]:
        if unknown := [name for name in arguments if not name.startswith("-") and name not in GROUPS]:
            raise Failed(f"there is no group of tests called {', '.join(unknown)}; there are {', '.join(GROUPS)}.")
        groups = [name for name in arguments if name in GROUPS] or list(GROUPS)
        needs = tuple(dict.fromkeys(need for group in groups for need in GROUPS[group]))
    python = environment(command.environment)
    for need in () if is_asking else needs:
        SET_UP[need]()
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    os.chdir(ROOT)
    sys.stdout.flush()
    os.execv(python, [str(python), "-m", command.module, *arguments])


def reset(arguments: list[str]) -> int:
    """Delete this platform's data, after asking."""
    home = Home().rehearsal if "--rehearsal" in arguments else Home()
    if not (kept := home.kept()):
        print(f"{home.path} holds no data.")
        return 0
    print(f"This deletes, in {home.path}: {', '.join(path.name for path in kept)}.")
    if "--yes" not in arguments:
        if not sys.stdin.isatty():
            raise Failed("nobody is here to ask; say so with --yes.")
        if input("Delete it? [y/N] ").strip().lower() not in ("y", "yes"):
            print("Nothing was deleted.")
            return 1
    home.empty()
    print("Done.")
    return 0


# Setting up


@contextmanager
def progress(doing: str) -> Iterator[None]:
    """Say on standard error what is being done, and how long it took."""
    print(f"· {doing} …", file=sys.stderr, flush=True)
    began = time.monotonic()
    yield
    print(f"  done in {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)


def environment(name: str) -> Path:
    """The Python of an environment with exactly what ``locks/<name>.txt`` lists; made when it is missing or stale.

    ``ICAT_PYTHON`` names a Python that has everything already. Raises Failed.
    """
    if given := os.environ.get("ICAT_PYTHON"):
        return Path(given)
    # An environment with more in it will do, so that ./icat up after ./icat test need not make another.
    if name == "runtime" and _is_current("development"):
        name = "development"
    if not _is_current(name):
        with _one_at_a_time(), progress(f"Setting up the Python environment ({_packages(name)} packages)"):
            if not _is_current(name):
                _install(name, ["--require-hashes", "--no-deps", "-r", str(_lock(name))])
    return _python(name)


def store() -> None:
    """The embedded store, unless one is named in the environment. Raises Failed."""
    if os.environ.get("MONGO_URI_BASE") or find_store():
        return
    with _one_at_a_time(), progress("Installing the embedded store"):
        if find_store():
            return
        try:
            _install("store", ["--require-hashes", "--no-deps", "-r", str(_lock("store"))])
        except Failed:
            # Its author withdraws old pre-releases; a newer one serves as well.
            print("  the locked release is not to be had; taking the newest", file=sys.stderr, flush=True)
            try:
                _install("store", ["--pre", "secantusdb"])
            except Failed as problem:
                raise Failed(f"{NO_STORE}\n{problem}") from None
    if not find_store():
        raise Failed(NO_STORE)


def broker() -> None:
    """RabbitMQ's server, unless a broker is named in the environment. Raises Failed."""
    if not (os.environ.get("AMQP_URI") or find_broker()):
        _apt(("rabbitmq-server",), "RabbitMQ", otherwise=NO_BROKER)


def browser() -> None:
    """Chromium, for pictures and tests of pages: without its windows where that is packaged on its own. Raises Failed."""
    if find_browser():
        return
    otherwise = "Pictures and tests of pages need Chromium: install it, or name it in ICAT_CHROMIUM."
    try:
        _apt(("chromium-headless-shell",), "Chromium, for looking at pages", otherwise=otherwise)
    except Failed:
        _apt(("chromium",), "Chromium with its windows", otherwise=otherwise)


def pdf() -> None:
    """The libraries and fonts with which texts are set as PDF. One format of several: without it all else runs, and this is said."""
    if not lacking_for_pdf():
        return
    try:
        _apt(PDF_PACKAGES, "what sets PDF, with the fonts of six languages", otherwise=NO_PDF)
    except Failed as problem:
        print(f"· {problem}", file=sys.stderr, flush=True)


SET_UP: dict[str, Callable[[], None]] = {"store": store, "broker": broker, "browser": browser, "pdf": pdf}


def _lock(name: str) -> Path:
    return ROOT / "locks" / f"{name}.txt"


def _python(name: str) -> Path:
    return ENVIRONMENTS / name / "bin" / "python"


def _packages(name: str) -> int:
    return _lock(name).read_text(encoding="utf-8").count("==")


def _stamp(name: str) -> str:
    """What an environment is made from: its lock, and the Python it leads to, which an upgrade of the system may exchange."""
    return f"{hashlib.sha256(_lock(name).read_bytes()).hexdigest()} {_python(name).resolve()}"


def _is_current(name: str) -> bool:
    stamp = ENVIRONMENTS / name / "made-from"
    return stamp.exists() and stamp.read_text(encoding="utf-8") == _stamp(name)


def _install(name: str, arguments: list[str]) -> None:
    """A new environment with what the arguments of ``pip install`` name. Raises Failed with the end of pip's words."""
    folder = ENVIRONMENTS / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Without a pip of its own: Debian keeps that in another package, and the one outside can fill it.
    _run(
        [sys.executable, "-m", "venv", "--without-pip", str(folder)],
        "the Python environment cannot be made (Debian: apt-get install python3-venv)",
    )
    pip = [sys.executable, "-m", "pip", "--python", str(_python(name)), "install", "-q", "--disable-pip-version-check", "--no-input"]
    _run(
        [*pip, *arguments],
        "pip could not install what is needed (Debian: apt-get install python3-pip; else is a package index within reach?)",
    )
    (folder / "made-from").write_text(_stamp(name), encoding="utf-8")


def _run(command: list[str], complaint: str, **environment: str) -> None:
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env={**os.environ, **environment},
        check=False,
    )
    if done.returncode:
        end = "\n".join(f"    {line}" for line in done.stdout.splitlines()[-8:])
        raise Failed(f"{complaint}.\n{end}")


def _apt(packages: tuple[str, ...], what: str, *, otherwise: str) -> None:
    """Install Debian packages as root, without letting it start anything. Raises Failed with ``otherwise``."""
    if os.geteuid() or not shutil.which("apt-get"):
        raise Failed(otherwise)
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
    with _one_at_a_time(), progress(f"Installing {what}"), _nothing_starts():
        try:
            _run(install, otherwise, DEBIAN_FRONTEND="noninteractive")
        except Failed:  # a fresh machine has no lists of packages yet, or old ones
            _run(["apt-get", "update", "-q"], otherwise)
            _run(install, otherwise, DEBIAN_FRONTEND="noninteractive")


@contextmanager
def _nothing_starts() -> Iterator[None]:
    """While packages are installed, none may start its service: ours runs privately."""
    mine = not POLICY.exists()
    if mine:
        POLICY.write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")
        POLICY.chmod(0o755)
    try:
        yield
    finally:
        if mine:
            POLICY.unlink(missing_ok=True)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two commands started together do not set up the same thing twice."""
    ENVIRONMENTS.mkdir(parents=True, exist_ok=True)
    with open(ENVIRONMENTS / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
