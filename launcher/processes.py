"""The topology: which processes make a platform, in what order, waiting for what.

    store ─┐                 ┌─ chairs
           ├──────► ready ──►├─ workplan        ──► gateway
    epmd ─ broker            ├─ documents
    mail                     ├─ notifications
                             └─ bounces

Each process declares the whole message topology before it publishes, so the services need not wait
for one another. Waiting is for the first start only: later each lives through the absence of any other.
"""

import ctypes.util
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from launcher import broker_users
from launcher.home import ENVIRONMENTS, LOOPBACK, ROOT, Home, write_privately
from messaging import settings

SERVICES = ("chairs", "workplan", "documents", "notifications")
DATABASES = (*SERVICES, "gateway")

GATEWAY_PORT = 8080
"""Where people look first; the next free one when it is taken."""

OF_THE_GATEWAY = tuple(name for name, (reader, *_) in settings.TABLE.items() if reader == "gateway")
"""Settings of the gateway's own, which are handed on when they are given."""

Environment = dict[str, str]
Ready = Callable[[], bool]


@dataclass(frozen=True)
class Process:
    """One process of the platform.

    ``after``: those that must have been ready once before it first starts. ``ready`` asks it, within
    a second or so, whether it serves. ``prepare`` runs before its first start. ``patience``: seconds it
    may take to stop before it is killed.
    """

    name: str
    command: tuple[str, ...]
    environment: Environment = field(default_factory=dict, repr=False)
    after: tuple[str, ...] = ()
    ready: Ready = lambda: True
    prepare: Callable[[], object] = lambda: None
    patience: float = 15.0


class Missing(Exception):
    """Something this machine lacks; the message says the ways on."""


NO_BROKER = (
    "There is no message broker. Three ways on: name one you have in AMQP_URI (amqp://user:password@host:5672/vhost); "
    "or install RabbitMQ 3.10 or newer (Debian and Ubuntu: apt-get install rabbitmq-server); "
    "or run this as root where apt-get works, and it is installed for you."
)
NO_STORE = (
    "There is no document store. Three ways on: name a MongoDB 8 you have in MONGO_URI_BASE (mongodb://user:password@host:27017); "
    "or install the embedded one into this Python (pip install --pre secantusdb); "
    "or let ./icat install it, which needs a package index within reach."
)


PDF_PACKAGES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-noto-core", "fonts-noto-mono", "fonts-noto-cjk")
"""What Debian calls the libraries that set PDF, and the fonts of six languages."""
PDF_LIBRARIES = ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset")
PDF_FONTS = ("Noto Serif", "Noto Sans", "Noto Sans Mono", "Noto Naskh Arabic", "Noto Serif CJK SC", "Noto Sans CJK SC")
NO_PDF = (
    "PDF files cannot be made here; everything else works. Two ways on: install what they need "
    f"(Debian and Ubuntu: apt-get install {' '.join(PDF_PACKAGES)}); "
    "or run this as root where apt-get works, and it is installed for you."
)


def find_broker() -> Path | None:
    """The RabbitMQ server program. Debian's own start script comes last: run as root it changes user
    and ignores a private data folder."""
    return _first(Path("/usr/lib/rabbitmq/bin/rabbitmq-server"), *_on_path("rabbitmq-server"))


def find_store() -> Path | None:
    """The embedded store's program, the fast one where the installed release has it."""
    pythons = (Path(sys.executable), Path(os.environ.get("ICAT_PYTHON", sys.executable)))
    here = (*(python.parent for python in pythons), ENVIRONMENTS / "store" / "bin")
    return _first(*(place / name for name in ("secantusd-rs", "secantusd-py") for place in here))


def store_command(port: int, folder: Path) -> tuple[str, ...]:
    """How the embedded store runs, without asking for a user. Raises Missing."""
    program = find_store()
    if program is None:
        raise Missing(NO_STORE)
    # Without a sync on each commit a killed store forgets writes it acknowledged.
    command = (
        str(program),
        "--host",
        LOOPBACK,
        "--port",
        str(port),
        "--storage-path",
        str(folder),
        "--sync-on-commit",
        "--cache-size",
        "256M",
    )
    if program.name != "secantusd-rs":
        return command
    # The fast one lays out its whole log at each start: two gigabytes and twenty seconds, unless told otherwise. As a replica set of one it
    # would keep a second log, for followers: of no use here, and from the ten thousandth write on a write costs four times as much.
    return (*command, "--log-file-max", "64MB", "--standalone")


BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The one without windows first: to open a page takes it a quarter of the work that it takes the others."""


def find_browser() -> Path | None:
    """Chromium, for the tests of pages: named in ``ICAT_CHROMIUM``, or on the path."""
    given = os.environ.get("ICAT_CHROMIUM")
    return _first(*([Path(given)] if given else []), *(path for name in BROWSERS for path in _on_path(name)))


def lacking_for_pdf() -> list[str]:
    """The libraries and fonts that PDF needs and this machine has not."""
    lacking = [name for name in PDF_LIBRARIES if not ctypes.util.find_library(name)]
    if not shutil.which("fc-list"):
        return [*lacking, "fontconfig"]
    listed = subprocess.run(("fc-list", ":", "family"), capture_output=True, text=True, check=False).stdout
    families = {family.strip() for line in listed.splitlines() for family in line.split(",")}
    return [*lacking, *(font for font in PDF_FONTS if font not in families)]


def _names(processes: list[Process]) -> tuple[str, ...]:
    return tuple(process.name for process in processes)


def _first(*candidates: Path) -> Path | None:
    return next((path for path in candidates if path.is_file() and os.access(path, os.X_OK)), None)


def _on_path(name: str) -> list[Path]:
    found = shutil.which(name)
    return [Path(found)] if found else []


@dataclass
class Topology:
    """All processes of one platform and how they find one another.

    ``broker`` and ``store`` given as addresses (``AMQP_URI``, ``MONGO_URI_BASE``) are somebody else's to run. ``given_for_missions``:
    the broker as missions reach it (``ICAT_MISSION_AMQP_URI``); ``given_management``: where users of their queues are made
    (``ICAT_BROKER_MANAGEMENT_URL``).
    ``runtime``: the module that runs a service (the fault tests put a faulty one in its place).
    ``replicas``: how many copies of a service, by name; one where nothing is said.
    """

    home: Home
    rehearsal: bool = False
    replicas: dict[str, int] = field(default_factory=dict)
    runtime: str = "messaging.runtime"
    given_broker: str = field(default_factory=lambda: os.environ.get("AMQP_URI", ""))
    given_for_missions: str = field(default_factory=lambda: os.environ.get("ICAT_MISSION_AMQP_URI", ""))
    given_management: str = field(default_factory=lambda: os.environ.get("ICAT_BROKER_MANAGEMENT_URL", ""))
    given_store: str = field(default_factory=lambda: os.environ.get("MONGO_URI_BASE", ""))
    given_smtp: str = field(default_factory=lambda: os.environ.get("ICAT_SMTP_URL", ""))
    given_bounces: str = field(default_factory=lambda: os.environ.get("ICAT_BOUNCES_LISTEN", ""))

    # Where things are

    @property
    def url(self) -> str:
        """Where people and programs reach the platform."""
        return f"http://{LOOPBACK}:{self.home.prefer_port('gateway', GATEWAY_PORT)}"

    @property
    def amqp_uri(self) -> str:
        return self.given_broker or self._private_broker("amqp", broker_users.ADMINISTRATOR, "broker") + "/%2F"

    @property
    def mission_amqp_uri(self) -> str:
        """The broker as missions reach it, without a user. Empty on a broker of somebody else's, unless it is given too."""
        return self.given_for_missions or ("" if self.given_broker else f"amqp://{LOOPBACK}:{self.home.port('broker')}/%2F")

    @property
    def management_url(self) -> str:
        """Where users of subscribers' queues are made, and as whom. Empty on a broker of somebody else's, unless it is given too."""
        if self.given_management or self.given_broker:
            return self.given_management
        return self._private_broker("http", broker_users.MANAGEMENT, "broker_management")

    def _private_broker(self, scheme: str, user: str, called: str) -> str:
        """Where the private node listens to this user; its password and its port are remembered under one name."""
        return f"{scheme}://{user}:{self.home.secret(called)}@{LOOPBACK}:{self.home.port(called)}"

    def mongo_uri(self, database: str) -> str:
        """The address of one process's own database."""
        base = self.given_store or f"mongodb://icat:{self.home.secret('store')}@{LOOPBACK}:{self.home.port('store')}"
        parts = urlsplit(base)
        query = parts.query
        if parts.username and "authSource=" not in query:
            query = "&".join(filter(None, [query, f"authSource={quote(parts.path.strip('/') or 'admin')}"]))
        return urlunsplit((parts.scheme, parts.netloc, f"/{database}", query, ""))

    @property
    def smtp_url(self) -> str:
        return self.given_smtp or f"smtp://{LOOPBACK}:{self.home.port('mail')}"

    @property
    def bounces(self) -> str:
        """Where returned mail is received, as host and port. Empty for a mail server of somebody else's, unless it is given too: that
        may not return anything here, and may not let us name another address to return it to."""
        return self.given_bounces or ("" if self.given_smtp else f"{LOOPBACK}:{self.home.port('bounces')}")

    # Which processes

    def processes(self) -> list[Process]:
        """All of them, in the order in which they start. Raises Missing."""
        ground = [*self._store(), *self._broker(), *self._mail()]
        services = [
            self._service(name, copy, after=_names(ground)) for name in SERVICES for copy in range(1, self.replicas.get(name, 1) + 1)
        ]
        return [*ground, *services, *self._bounces(after=_names(ground)), self._gateway(after=_names(ground + services))]

    def _store(self) -> list[Process]:
        if self.given_store:
            return []
        port, home = self.home.port("store"), self.home
        command = store_command(port, home.folder("store"))
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "ICAT_STORE_URI": self.mongo_uri("admin")}

        def make_user() -> bool:
            """The store takes its first user only while it asks for none: let it run so once, for as long as that takes."""
            return subprocess.run((sys.executable, "-m", "launcher.store_user", *command), env=environment, check=True).returncode == 0

        return [
            Process(
                "store",
                (*command, "--auth"),
                ready=lambda: _listens(port),
                prepare=lambda: home.remember("prepared", "store", make_user),
                patience=30,
            )
        ]

    def _broker(self) -> list[Process]:
        if self.given_broker:
            return []
        program = find_broker()
        if program is None:
            raise Missing(NO_BROKER)
        port, home = self.home.port("broker"), self.home
        folder = home.folder("broker")
        environment = {
            "HOME": str(home.folder("broker", "home")),  # the node's secret cookie lies there
            "RABBITMQ_NODENAME": "icat@localhost",
            "RABBITMQ_NODE_PORT": str(port),
            "RABBITMQ_DIST_PORT": str(home.port("broker_distribution")),
            "RABBITMQ_MNESIA_BASE": str(home.folder("broker", "data")),
            "RABBITMQ_LOG_BASE": str(home.folder("logs")),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            "RABBITMQ_CONF_ENV_FILE": os.devnull,  # the machine's own broker is none of our business
            # Even the port by which nodes of a cluster talk stays on this machine.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            # Makes the start script become the server instead of watching it: one process, whose id is ours to signal.
            "RUNNING_UNDER_SYSTEMD": "true",
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "ERL_EPMD_PORT": str(home.port("epmd")),
        }

        def configure() -> None:
            (folder / "enabled_plugins").write_text("[rabbitmq_management].\n", encoding="utf-8")
            definitions = broker_users.of_private_node(home.secret("broker"), home.secret("broker_management"))
            write_privately(folder / "definitions.json", json.dumps(definitions, indent=2))
            write_privately(
                folder / "rabbitmq.conf",
                f"listeners.tcp.1 = {LOOPBACK}:{port}\n"
                f"load_definitions = {folder / 'definitions.json'}\n"
                # For users of queues alone: nobody looks at its figures, and they cost more than the rest of it.
                f"management.tcp.ip = {LOOPBACK}\nmanagement.tcp.port = {home.port('broker_management')}\n"
                "management_agent.disable_metrics_collector = true\n"
                "log.file.level = warning\nlog.console = false\n",
            )

        broker = Process("broker", (str(program),), environment, ready=lambda: _speaks_amqp(port), prepare=configure, patience=30)
        epmd = shutil.which("epmd")  # Erlang's name server; a private one, so that it ends with us
        if not epmd:
            return [broker]
        names = Process("epmd", (epmd,), environment, ready=lambda: _listens(home.port("epmd")))
        return [names, replace(broker, after=("epmd",))]

    def _mail(self) -> list[Process]:
        if self.given_smtp:
            return []
        port = self.home.port("mail")
        command = (sys.executable, "-m", "launcher.mail_sink", str(port), str(self.home.mail))
        return [Process("mail", command, ready=lambda: _listens(port))]

    def _bounces(self, after: tuple[str, ...]) -> list[Process]:
        if not self.bounces:
            return []
        host, _, port = self.bounces.rpartition(":")
        common = self._common("notifications")
        environment = {name: common[name] for name in ("AMQP_URI", "ICAT_MAIL_FROM", "PYTHONPATH", "PYTHONUNBUFFERED")}
        command = (sys.executable, "-m", "services.notifications.bounces")
        environment["ICAT_BOUNCES_LISTEN"] = self.bounces
        return [Process("bounces", command, environment, after, ready=lambda: _listens(int(port), host))]

    def _service(self, name: str, copy: int, after: tuple[str, ...]) -> Process:
        called = name if copy == 1 else f"{name}.{copy}"
        port = self.home.port(f"{called}_health")
        environment = {
            **self._common(name),
            "ICAT_INSTANCE": called,
            "ICAT_HEALTH_PORT": str(port),
            "ICAT_SMTP_URL": self.smtp_url,
            "ICAT_BOUNCES_LISTEN": self.bounces,
            "ICAT_MISSION_AMQP_URI": self.mission_amqp_uri,
            "ICAT_BROKER_MANAGEMENT_URL": self.management_url,
        }
        command = (sys.executable, "-m", self.runtime, f"services.{name}.service")
        return Process(called, command, environment, after, ready=lambda: _is_well(port))

    def _gateway(self, after: tuple[str, ...]) -> Process:
        port = self.home.prefer_port("gateway", GATEWAY_PORT)
        environment = {
            **self._common("gateway"),
            **{name: os.environ[name] for name in OF_THE_GATEWAY if name in os.environ},
            "ICAT_SECRET_KEY": self.home.secret("cookies"),
            "ICAT_FIRST_LOGIN": ":".join(self.home.login),
        }
        command = (sys.executable, "-m", "gunicorn", "-c", "gateway/gunicorn.conf.py", "--bind", f"{LOOPBACK}:{port}", "gateway.wsgi:app")
        return Process("gateway", command, environment, after, ready=lambda: _is_well(port))

    def _common(self, database: str) -> Environment:
        given = {
            name: os.environ[name] for name in ("ICAT_ENV", "ICAT_PUBLIC_URL", "ICAT_MAIL_FROM", "ICAT_TICK_SECONDS") if name in os.environ
        }
        return {
            "AMQP_URI": self.amqp_uri,
            "MONGO_URI": self.mongo_uri(database),
            "ICAT_ENV": "development",
            "ICAT_REHEARSAL": "1" if self.rehearsal else "0",
            "ICAT_PUBLIC_URL": self.url,
            "ICAT_MAIL_FROM": "ICAT <icat@localhost>",
            # A rehearsal's webhooks go to receivers on this machine; in earnest none may.
            "ICAT_WEBHOOK_ALLOW_PRIVATE": "1" if self.rehearsal else "0",
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            **given,
        }


# Asking whether a process serves


def _listens(port: int, host: str = LOOPBACK) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


def _speaks_amqp(port: int) -> bool:
    """A broker that boots accepts connections before it answers them: ask for the protocol's first frame."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1) as connection:
            connection.sendall(b"AMQP\x00\x00\x09\x01")
            return connection.recv(1) == b"\x01"
    except OSError:
        return False


def _is_well(port: int) -> bool:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=2)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
