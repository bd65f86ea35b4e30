"""Starts a platform's processes in order, restarts what dies, and stops all of them, leaving nothing behind.

``./icat up`` is this module. ``--controlled`` is for programs (``launcher.platform``): orders come in on
standard input, one a line (``start NAME``, ``stop NAME``), and when that closes the platform stops,
so that a test killed outright leaves no process behind either.

One thread and no polling at rest: a signal, an order or the next restart wakes it.
"""

import argparse
import ctypes
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from launcher.home import ROOT, AlreadyRunning, Home, is_free
from launcher.processes import GATEWAY_PORT, Missing, Process, Topology

RESTART_SECONDS = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Growing delays before a process that died is started again; the last one repeats."""

STEADY_SECONDS = 30.0
"""A process that served this long starts again at the first delay."""

DEATHS_BEFORE_GIVING_UP = 5
"""Deaths of a process that has never served yet: something is wrong that a restart does not mend."""

LOG_BYTES = 10_000_000

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass
class Kept:
    """A process and how it is doing. ``state``: waiting, starting, ready, down (to be started again),
    stopping or stopped."""

    process: Process
    wanted: bool = True
    state: str = "waiting"
    running: subprocess.Popen | None = None
    since: float = 0.0
    due: float = 0.0
    deaths: int = 0
    restarts: int = 0
    served: bool = False

    @property
    def name(self) -> str:
        return self.process.name


class GivenUp(Exception):
    """A process cannot be brought up; the message has the end of its log."""


class Supervisor:
    """Keeps the processes of one topology. ``parts``: the names to start with (others wait for an order)."""

    def __init__(self, topology: Topology, parts: list[str] | None = None, say: Callable[[str], None] = print) -> None:
        self.topology, self.home, self.say = topology, topology.home, say
        self.parts = parts
        self.kept: dict[str, Kept] = {}
        self.control: list[int] = []
        self.signals = 0
        self.announced = False
        self.usual_port_taken = False

    def run(self, control: int | None = None) -> int:
        """Run until a signal, or until ``control`` (a file descriptor of orders) closes.

        Returns the exit code. Raises AlreadyRunning, Missing, GivenUp.
        """
        self.control = [] if control is None else [control]
        with self.home.held():
            for port in [name for name, number in self.home.ports.items() if not is_free(number)]:
                self.home.forget("ports", port)
            # Asked before anything starts, while whoever sits there cannot be ourselves.
            self.usual_port_taken = "gateway" not in self.home.ports and not is_free(GATEWAY_PORT)
            for process in self.topology.processes():
                wanted = self.parts is None or process.name in self.parts
                self.kept[process.name] = Kept(process, wanted, "waiting" if wanted else "stopped")
            for name in self.parts or ():
                if name not in self.kept:
                    raise Missing(f"There is no process {name}; there are {', '.join(self.kept)}.")
            self._listen_to_signals()
            try:
                self._report()
                while not self.signals:
                    self._step()
                    self._wait()
            finally:
                if self.announced:
                    self.say("\nstopping …")
                self._stop_all()
                if self.announced:
                    self.say("stopped")
        return 0

    # One turn

    def _step(self) -> None:
        before = [(kept.state, kept.running) for kept in self.kept.values()]
        for kept in self.kept.values():
            now = time.monotonic()
            if kept.running and kept.running.poll() is not None:
                self._ended(kept, now)
            if kept.running and not kept.wanted:
                self._end(kept, now)
            elif kept.wanted and not kept.running and now >= kept.due and not self.signals and self._may_start(kept):
                self._start(kept)
            if kept.state == "starting" and kept.process.ready():
                kept.state, kept.served = "ready", True
                self.say(f"  {kept.name:<14} ready after {time.monotonic() - kept.since:.1f} s")
        if before != [(kept.state, kept.running) for kept in self.kept.values()]:
            self._report()
        if not self.announced and all(kept.state == "ready" for kept in self.kept.values()):
            self.announced = True
            self._announce()

    def _may_start(self, kept: Kept) -> bool:
        """The order of starting holds for the first start; later each process lives through the others' absence."""
        return kept.served or all(self.kept[name].served or not self.kept[name].wanted for name in kept.process.after if name in self.kept)

    def _start(self, kept: Kept) -> None:
        if not kept.served:
            kept.process.prepare()
        log = self.home.log(kept.name)
        if log.exists() and log.stat().st_size > LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
        inherited = {name: value for name, value in os.environ.items() if name not in ("AMQP_URI", "MONGO_URI", "MONGO_URI_BASE")}
        with log.open("ab") as output:
            kept.running = subprocess.Popen(
                kept.process.command,
                cwd=ROOT,
                env={**inherited, **kept.process.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is ours to pass on, in order
                preexec_fn=_end_with_parent(os.getpid()),  # noqa: PLW1509 - this process has one thread
            )
        kept.state, kept.since = "starting", time.monotonic()

    def _ended(self, kept: Kept, now: float) -> None:
        assert kept.running is not None
        code = kept.running.returncode
        _kill_group(kept.running.pid)  # a killed parent's workers would sit on its port
        kept.running = None
        if not kept.wanted:
            kept.state = "stopped"
            return
        if now - kept.since > STEADY_SECONDS:
            kept.deaths = 0
        delay = RESTART_SECONDS[min(kept.deaths, len(RESTART_SECONDS) - 1)]
        kept.deaths += 1
        kept.restarts += 1
        kept.state, kept.due = "down", now + delay
        if not kept.served and kept.deaths >= DEATHS_BEFORE_GIVING_UP:
            raise GivenUp(f"{kept.name} does not start ({_manner(code)}). The end of {self.home.log(kept.name)}:\n{self._tail(kept.name)}")
        self.say(f"  {kept.name:<14} {_manner(code)}; starting it again in {delay} s")

    # Stopping

    def _end(self, kept: Kept, now: float) -> None:
        """Ask it to end; once its patience is over, make it."""
        assert kept.running is not None
        if kept.state != "stopping":
            kept.running.send_signal(signal.SIGTERM)
            kept.state, kept.due = "stopping", now + kept.process.patience
        elif now >= kept.due:
            self.say(f"  {kept.name:<14} did not stop in {kept.process.patience:.0f} s and is killed")
            _kill_group(kept.running.pid)

    def _stop_all(self) -> None:
        """The other way round: nothing is stopped while something that started after it still runs.
        A second signal means at once."""
        self.signals = max(self.signals, 1)
        asked = self.signals
        while running := [(kept, kept.running.pid) for kept in self.kept.values() if kept.running]:
            needed = {name for kept, _ in running for name in kept.process.after}
            for kept, pid in running:
                kept.wanted = kept.name in needed
                if self.signals > asked:
                    _kill_group(pid)
            self._step()
            self._wait(at_most=0.2)
        (self.home.path / "status.json").unlink(missing_ok=True)

    # Waiting and hearing

    def _listen_to_signals(self) -> None:
        self.woken, waker = socket.socketpair()
        self.woken.setblocking(False)
        waker.setblocking(False)
        self._waker = waker  # kept: closed with it, the wake-up would go nowhere
        signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked_to_stop)

    def _asked_to_stop(self, *_: object) -> None:
        self.signals += 1

    def _wait(self, at_most: float | None = None) -> None:
        """Until a signal, an order, the next thing due, or (while something starts) a moment; seconds."""
        now = time.monotonic()
        times = [max(kept.due - now, 0) for kept in self.kept.values() if kept.state in ("down", "stopping")]
        times += [0.1 for kept in self.kept.values() if kept.state == "starting"]
        times += [] if at_most is None else [at_most]
        sources: list[socket.socket | int] = [self.woken, *self.control]
        awake, _, _ = select.select(sources, [], [], min(times, default=None))
        if self.woken in awake:
            while True:
                try:
                    self.woken.recv(4096)
                except BlockingIOError:
                    break
        for control in self.control:
            if control in awake:
                self._obey(os.read(control, 65536).decode())

    def _obey(self, orders: str) -> None:
        if not orders:
            self.control = []
            self.signals += 1
        for order in orders.splitlines():
            word, name = order.split()
            kept = self.kept[name]
            kept.wanted = word == "start"
            if kept.wanted and kept.state == "stopped":
                kept.state, kept.due, kept.deaths = "waiting", 0.0, 0

    # Telling

    def _report(self) -> None:
        self.home.status = {
            "supervisor": os.getpid(),
            "url": self.topology.url,
            "rehearsal": self.topology.rehearsal,
            "amqp_uri": self.topology.amqp_uri,
            "processes": {
                kept.name: {"state": kept.state, "pid": kept.running.pid if kept.running else None, "restarts": kept.restarts}
                for kept in self.kept.values()
            },
        }

    def _announce(self) -> None:
        name, password = self.home.login
        self.say(f"\nThe platform is at {self.topology.url}")
        if self.usual_port_taken:
            self.say(f"(port {GATEWAY_PORT} is taken; ./icat up --port N chooses another)")
        self.say(f"First login: {name}, password {password} (as generated; once you changed it, yours counts)")
        if self.topology.rehearsal:
            self.say(f"A rehearsal, with data of its own in {self.home.path}; ./icat tick --to INSTANT moves its clock.")
            if self.topology.given_store:
                self.say("It writes to the store that MONGO_URI_BASE names: let that be one for rehearsals alone.")
        self.say(f"Mail it sends lies in {self.home.mail}, logs in {self.home.folder('logs')}. Ctrl-C stops it.\n")

    def _tail(self, name: str, lines: int = 15) -> str:
        return "\n".join(self.home.log(name).read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def _end_with_parent(parent: int) -> Callable[[], None]:
    """What a child does first: ask the kernel to end it should its supervisor be killed outright."""

    def ask() -> None:
        if _libc is not None:
            _libc.prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
            if os.getppid() != parent:
                os._exit(1)

    return ask


def _kill_group(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return  # nobody is left in it


def _manner(code: int) -> str:
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./icat up", description="Run the platform until Ctrl-C.")
    parser.add_argument("--rehearsal", action="store_true", help="let callers name the instant, on data of its own in .icat/rehearsal")
    parser.add_argument("--port", type=int, help="port of the gateway (8080, or the next free one)")
    parser.add_argument("--replicas", action="append", default=[], metavar="SERVICE=N", help="run N copies of a service")
    parser.add_argument("--controlled", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--parts", help=argparse.SUPPRESS)
    parser.add_argument("--runtime", default=Topology.runtime, help=argparse.SUPPRESS)
    wanted = parser.parse_args(argv)
    # A program that controls us named the folder already; people name the platform, and its rehearsal lies within.
    home = Home().rehearsal if wanted.rehearsal and not wanted.controlled else Home()
    if wanted.port and not home.is_running:
        home.forget("ports", "gateway")
        home.prefer_port("gateway", wanted.port)
    replicas = {name: int(number) for name, _, number in (pair.partition("=") for pair in wanted.replicas)}
    topology = Topology(home, rehearsal=wanted.rehearsal, replicas=replicas, runtime=wanted.runtime)
    parts = wanted.parts.split(",") if wanted.parts is not None else None
    try:
        return Supervisor(topology, parts, say=lambda line: print(line, flush=True)).run(sys.stdin.fileno() if wanted.controlled else None)
    except (AlreadyRunning, Missing, GivenUp) as problem:
        print(problem, file=sys.stderr, flush=True)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
