"""A platform of one's own, for tests, the demo and benchmarks.

    with Platform(folder, rehearsal=True) as platform:
        requests.get(platform.url)
        platform.kill("chairs")
        platform.wait_ready()

The supervisor runs as a process of its own, as it does behind ``./icat up``, and dies with its
caller: it reads its orders from a pipe, and a pipe closes however its other end goes.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

from launcher.home import ROOT, Home
from launcher.processes import DATABASES, SERVICES, Topology


class NotReady(Exception):
    """The platform did not come up, or not back, in time; the message says who is missing."""


class Platform:
    """One platform in one folder.

    ``rehearsal``: callers may name the instant. ``replicas``: copies by service. ``parts``: what to start
    (all when None; ``("store", "broker")`` for these alone; ``start`` starts more). ``shared``: whether
    a broker and a store named in the environment are used instead of private ones. ``runtime``: the module
    that runs a service.
    """

    def __init__(
        self,
        home: Path | str,
        *,
        rehearsal: bool = False,
        replicas: dict[str, int] | None = None,
        parts: tuple[str, ...] | None = None,
        shared: bool = False,
        runtime: str = "messaging.runtime",
    ) -> None:
        self.home = Home(home)
        own = ("given_broker", "given_for_missions", "given_management", "given_store", "given_smtp")
        given = {} if shared else dict.fromkeys(own, "")
        self._topology = Topology(self.home, rehearsal=rehearsal, replicas=replicas or {}, runtime=runtime, **given)
        self._shared, self._parts = shared, parts
        self._supervisor: subprocess.Popen | None = None

    # Coming and going

    def __enter__(self) -> "Platform":
        self.up()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.down()

    def up(self, timeout: float = 120) -> None:
        """Start, and wait until everything asked for serves. Raises NotReady."""
        self.home.port("gateway")  # any free one: 8080 is for people
        command = [sys.executable, "-m", "launcher.supervisor", "--controlled"]
        command += [f"--runtime={self._topology.runtime}"]
        command += ["--rehearsal"] if self._topology.rehearsal else []
        command += [f"--replicas={name}={copies}" for name, copies in self._topology.replicas.items()]
        command += [] if self._parts is None else [f"--parts={','.join(self._with_names(self._parts))}"]
        environment = {**os.environ, "ICAT_HOME": str(self.home.path), "PYTHONPATH": str(ROOT)}
        if not self._shared:
            for name in ("AMQP_URI", "ICAT_MISSION_AMQP_URI", "ICAT_BROKER_MANAGEMENT_URL", "MONGO_URI_BASE", "ICAT_SMTP_URL"):
                environment.pop(name, None)
        with self.home.log("supervisor").open("ab") as log:
            self._supervisor = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C in a test run reaches it through the closing pipe
            )
        try:
            self.wait_ready(timeout=timeout)
        except BaseException:
            self.down()
            raise

    def down(self, timeout: float = 90) -> None:
        """Stop everything, in order."""
        if self._supervisor is None:
            return
        assert self._supervisor.stdin is not None
        self._supervisor.stdin.close()
        try:
            self._supervisor.wait(timeout)
        except subprocess.TimeoutExpired:
            self._supervisor.kill()  # its children end with it
            self._supervisor.wait()
        self._supervisor = None

    # Addresses

    @property
    def url(self) -> str:
        return self._topology.url

    @property
    def login(self) -> tuple[str, str]:
        """Name and password of the first secretariat account."""
        return self.home.login

    @property
    def amqp_uri(self) -> str:
        return self._topology.amqp_uri

    @property
    def mission_amqp_uri(self) -> str:
        """The broker as missions reach it, without a user."""
        return self._topology.mission_amqp_uri

    @property
    def management_url(self) -> str:
        """Where users of subscribers' queues are made, and as whom."""
        return self._topology.management_url

    def mongo_uri(self, database: str) -> str:
        """The address of one process's own database: a service's name, or ``gateway``."""
        return self._topology.mongo_uri(database)

    @property
    def bounces(self) -> str:
        """Where returned mail is received: host and port."""
        return self._topology.bounces

    @property
    def mail(self) -> Path:
        """The folder of ``.eml`` files that the mail sink received."""
        return self.home.mail

    # Processes

    @property
    def processes(self) -> dict[str, dict]:
        """By name: ``state``, ``pid`` and ``restarts`` of each process. A second copy is ``chairs.2``."""
        try:
            status = json.loads((self.home.path / "status.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        ours = self._supervisor is not None and status["supervisor"] == self._supervisor.pid
        return status["processes"] if ours else {}

    def pid(self, name: str) -> int:
        """Its process id. Raises NotReady while it has none."""
        pid = self.processes.get(name, {}).get("pid")
        if pid is None:
            raise NotReady(f"{name} is not running.")
        return pid

    def kill(self, name: str, number: int = signal.SIGKILL) -> int:
        """Send a signal (SIGKILL: no farewell) to a process; returns its id. After SIGKILL the supervisor has
        already noticed, so that ``wait_ready`` waits for its successor."""
        pid = self.pid(name)
        os.kill(pid, number)
        if number == signal.SIGKILL:
            self._wait_until(lambda: self.processes.get(name, {}).get("pid") != pid, 10, lambda: f"{name} does not die")
        return pid

    def start(self, *names: str) -> None:
        """Start processes that were not among the parts, or were stopped; ``wait_ready`` waits for them."""
        self._order("start", names := tuple(self._with_names(names)))
        self._wait_until(lambda: all(self.processes[n]["state"] != "stopped" for n in names), 10, lambda: f"{names} do not start")

    def stop(self, *names: str, timeout: float = 40) -> None:
        """Stop processes and keep them stopped."""
        self._order("stop", names := tuple(self._with_names(names)))
        self._wait_until(lambda: all(self.processes[n]["state"] == "stopped" for n in names), timeout, lambda: f"{names} do not stop")

    def wait_ready(self, *names: str, timeout: float = 120) -> None:
        """Wait until these processes (all that are wanted, when none is named) serve. Raises NotReady."""
        ask = {process.name: process.ready for process in self._topology.processes()}

        def missing() -> list[str]:
            processes = self.processes
            wanted = self._with_names(names) or [name for name, process in processes.items() if process["state"] != "stopped"]
            return (
                [name for name in wanted if processes.get(name, {}).get("state") != "ready" or not ask[name]()]
                if processes
                else ["supervisor"]
            )

        self._wait_until(lambda: not missing(), timeout, lambda: f"not ready: {', '.join(missing())}")

    def empty(self) -> None:
        """Begin anew without what the services remember: stop them, delete their databases and every
        message, and start them again. Broker, store, mail sink and what was stopped stay as they are."""
        from pymongo import MongoClient

        from messaging import topology
        from messaging.wire import connect, drop

        running = [n for n, p in self.processes.items() if p["state"] != "stopped" and n.split(".")[0] in DATABASES]
        self.stop(*running)
        client: MongoClient[dict] = MongoClient(self.mongo_uri("admin"))
        for database in DATABASES:
            client.drop_database(database)
        client.close()
        connection = connect(self.amqp_uri)
        topology.declare(connection)
        channel = connection.channel()
        for queue in topology.queues():
            queue(channel).purge()
        drop(connection)
        for message in self.mail.glob("*.eml"):
            message.unlink()
        self.start(*running)
        self.wait_ready(*running)

    def _with_names(self, names: tuple[str, ...]) -> list[str]:
        """The names, with ``services`` for all four and what the broker itself needs."""
        groups = {"services": SERVICES, "broker": ("epmd", "broker")}
        there = {process.name for process in self._topology.processes()}
        return [full for name in names for full in groups.get(name, (name,)) if full != "epmd" or full in there]

    def _order(self, word: str, names: tuple[str, ...]) -> None:
        assert self._supervisor is not None
        assert self._supervisor.stdin is not None
        self._supervisor.stdin.write("".join(f"{word} {name}\n" for name in names).encode())
        self._supervisor.stdin.flush()

    def _wait_until(self, reached, timeout: float, otherwise) -> None:
        until = time.monotonic() + timeout
        while not reached():
            if self._supervisor is None or self._supervisor.poll() is not None:
                raise NotReady(f"The supervisor ended:\n{self._last_words()}")
            if time.monotonic() > until:
                raise NotReady(f"After {timeout:.0f} s {otherwise()}.\n{self._last_words()}")
            time.sleep(0.05)

    def _last_words(self) -> str:
        return "\n".join(self.home.log("supervisor").read_text(encoding="utf-8", errors="replace").splitlines()[-25:])
