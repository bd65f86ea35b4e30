"""A RabbitMQ 4 for the tests, on a machine whose own packages are of an older Debian.

Production runs RabbitMQ 4, and Debian 12 ships 3.10, so messaging is tested on both. The newer server comes as Debian's own
packages of a later release, from the mirror this machine already uses, checked by apt against Debian's keys. They are unpacked into
a folder of their own and run with that release's C library and loader: nothing is installed, no root and no container is needed, and
the machine's own packages are not touched.

Standard library only.
"""

import contextlib
import fcntl
import os
import re
import shutil
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from launcher.home import claim_port

SUITE = "trixie"
"""The Debian release whose RabbitMQ is taken: 13, with RabbitMQ 4.0. ``forky`` has a later 4.x, while it is in the making."""

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")

UNNEEDED = ("adduser", "openssl", "python3", "socat", "logrotate", "init-system-helpers", "media-types", "netbase", "procps")
"""Packages the server depends on to be installed as a service, which a private node does without."""


class NotObtainable(Exception):
    """This machine cannot get the server; the message says why and what would help."""


@dataclass(frozen=True)
class Broker:
    """A running private node: its process (the Erlang machine itself, so that a test may kill it), and where to reach it."""

    process: subprocess.Popen
    uri: str
    environ: dict[str, str]

    def stop(self, timeout: float = 20) -> None:
        """End the node, politely at first, and the port mapper that came with it."""
        self.process.terminate()
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        subprocess.run(["epmd", "-kill"], env=self.environ, capture_output=True, check=False)


def cache() -> Path:
    """Where servers are kept between runs."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "icat"


def obtain(folder: Path | None = None, *, suite: str = SUITE, say: Callable[[str], None] | None = None) -> Path:
    """The folder with a server that can be started; fetched and unpacked the first time, about 45 MB to download and 100 MB unpacked.

    ``say`` receives lines of progress (default: standard error). Raises NotObtainable.
    """
    say = say or (lambda line: print(line, file=sys.stderr, flush=True))
    folder = (folder or cache() / f"rabbitmq-{suite}").resolve()
    if folder.exists():
        return folder
    missing = [tool for tool in ("apt-get", "dpkg-deb") if not shutil.which(tool)]
    if missing:
        raise NotObtainable(f"RabbitMQ 4 is taken from Debian's packages, and {' and '.join(missing)} is not here. Use a Debian machine.")
    if not KEYRING.exists():
        raise NotObtainable(f"{KEYRING} is not here, so Debian's packages cannot be checked. Install debian-archive-keyring.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = folder.with_name(f"{folder.name}.partial")
    with _alone(folder.with_name(f"{folder.name}.lock")):
        if folder.exists():
            return folder
        started = time.monotonic()
        shutil.rmtree(work, ignore_errors=True)
        packages = _download(work, suite, say)
        say(f"Unpacking {len(packages)} packages…")
        for package in packages:
            _run("dpkg-deb", "--extract", package, work / "root")
        _make_self_contained(work / "root", folder)
        # The folder appears only when it is whole: whoever finds it may use it.
        (work / "root").rename(folder)
        shutil.rmtree(work)
        say(f"RabbitMQ {version(folder)} is ready after {time.monotonic() - started:.0f} s.")
    return folder


def version(folder: Path) -> str:
    """The version of the server in ``folder``, for instance ``4.0.5``."""
    return _only(folder, "usr/lib/rabbitmq/lib/rabbitmq_server-*").name.partition("-")[2]


def start(
    folder: Path,
    data: Path,
    port: int | None = None,
    *,
    node: str = "rabbit4",
    config: str = "",
    plugins: tuple[str, ...] = (),
    timeout: float = 60,
) -> Broker:
    """Start a private node of the server in ``folder`` on the loopback address, and wait until it takes connections.

    ``data`` keeps its messages and log: a node started again on it, with the same ``node`` name, has what it had. ``port`` is free by
    default; ``config`` adds lines in the form of rabbitmq.conf, and ``plugins`` are enabled. Raises NotObtainable with what it said when
    it does not come up.
    """
    data = data.resolve()
    data.mkdir(parents=True, exist_ok=True)
    port = port or claim_port()
    (data / "rabbitmq.conf").write_text(f"listeners.tcp.1 = 127.0.0.1:{port}\n{config}\n")
    (data / "enabled_plugins").write_text(f"[{','.join(plugins)}].\n")
    environ = {
        "PATH": f"{folder}/usr/lib/erlang/bin:/usr/bin:/bin",
        "HOME": str(data),
        "LANG": "C.UTF-8",
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": _mapper_port(data),
        "RABBITMQ_NODENAME": f"{node}@localhost",
        "RABBITMQ_DIST_PORT": str(claim_port()),
        "RABBITMQ_CONF_ENV_FILE": "/dev/null",
        "RABBITMQ_CONFIG_FILE": str(data / "rabbitmq.conf"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(data / "advanced.config"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(data / "enabled_plugins"),
        "RABBITMQ_MNESIA_BASE": str(data / "mnesia"),
        "RABBITMQ_LOG_BASE": str(data / "log"),
        # As under systemd the script becomes the Erlang machine instead of watching over it: one process to wait for and to kill.
        "RUNNING_UNDER_SYSTEMD": "true",
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
    }
    server = _only(folder, "usr/lib/rabbitmq/lib/rabbitmq_server-*") / "sbin" / "rabbitmq-server"
    said = data / "output"
    with said.open("wb") as output:
        process = subprocess.Popen([server], env=environ, cwd=data, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    broker = Broker(process, f"amqp://guest:guest@127.0.0.1:{port}/%2F", environ)
    deadline = time.monotonic() + timeout
    while not _answers(port):
        if process.poll() is not None or time.monotonic() > deadline:
            broker.stop()
            # The reason comes first; the rest is the Erlang machine taking itself down.
            raise NotObtainable(f"RabbitMQ {version(folder)} did not start. It said:\n{said.read_text(errors='replace')[:2000]}")
        time.sleep(0.1)
    return broker


def _download(work: Path, suite: str, say: Callable[[str], None]) -> list[Path]:
    """The server's packages and all they need, C library included, checked by apt.

    apt works in folders of its own here, so that the machine's lists and packages stay as they are.
    """
    for part in ("lists/partial", "cache/archives/partial"):
        (work / part).mkdir(parents=True)
    # To apt this is an empty machine that has only what we do without.
    (work / "status").write_text(
        "".join(
            f"Package: {name}\nStatus: install ok installed\nArchitecture: all\nMulti-Arch: allowed\n"
            f"Version: 999:0\nMaintainer: none\nDescription: not needed\n\n"
            for name in UNNEEDED
        )
    )
    options = {
        "Dir::Etc::sourcelist": work / "sources.list",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State": work,
        "Dir::State::lists": work / "lists",
        "Dir::State::status": work / "status",
        "Dir::Cache": work / "cache",
        "APT::Install-Recommends": "false",
        "APT::Sandbox::User": "",
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
        "Debug::NoLocking": "true",
        "pkgCacheGen::ForceEssential": "none",
    }
    apt = ["apt-get", "--quiet", "--yes", *(f"--option={name}={value}" for name, value in options.items())]
    failures = []
    for mirror in _mirrors():
        (work / "sources.list").write_text(f"deb [signed-by={KEYRING}] {mirror} {suite} main\n")
        try:
            say(f"Asking this machine's Debian mirror for {suite}…")
            _run(*apt, "--error-on=any", "update")
            say("Downloading the server…")
            _run(*apt, "--download-only", "--no-install-recommends", "install", "rabbitmq-server")
        except NotObtainable as failure:
            failures.append(str(failure))
            continue
        return sorted((work / "cache" / "archives").glob("*.deb"))
    raise NotObtainable(
        "\n".join(failures) or "This machine's apt sources name no Debian mirror, so there is nowhere to take RabbitMQ 4 from."
    )


def _mirrors() -> list[str]:
    """The Debian archives that this machine's own apt sources name, whatever their form; not its updates, nor other projects'."""
    codename = re.search(r"^VERSION_CODENAME=(\w+)", Path("/etc/os-release").read_text(), re.MULTILINE)
    names = {"stable", "oldstable", "testing", "unstable", "sid", *([codename[1]] if codename else [])}
    # With no lists of its own to look at, apt names every index it would fetch.
    found = re.findall(
        r"^'(\S+)/dists/([^/\s]+)/InRelease'", _run("apt-get", "update", "--print-uris", "--option=Dir::State::lists=/nonexistent"), re.M
    )
    return list(dict.fromkeys(mirror for mirror, suite in found if suite in names))


def _make_self_contained(root: Path, home: Path) -> None:
    """Have every program under ``root`` run with the loader and libraries beside it, once the tree lies at ``home``.

    The machine's own C library is older than these programs. Each is renamed, and a script of its old name calls it through the right
    loader; no variable is set that a child, such as the machine's shell, would inherit.
    """
    loader = home / _only(root, "usr/lib/*/ld-linux*.so.*").relative_to(root)
    erlang = root / "usr" / "lib" / "erlang"
    for path in [*erlang.rglob("*")]:
        if path.is_symlink() or not path.is_file() or not path.stat().st_mode & stat.S_IXUSR or ".so" in path.suffixes:
            continue
        with path.open("rb") as file:
            if file.read(4) != b"\x7fELF":
                continue
        real = path.rename(path.with_name(f"{path.name}.real"))
        program = home / real.relative_to(root)
        path.write_text(f'#!/bin/sh\nexec "{loader}" --library-path "{loader.parent}" --argv0 "$0" "{program}" "$@"\n')
        path.chmod(0o755)
    for script in erlang.rglob("bin/erl"):
        script.write_text(script.read_text().replace("/usr/lib/erlang", str(home / "usr" / "lib" / "erlang")))


@contextlib.contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Only one process at a time fetches; the next finds the work done."""
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _run(*command: object) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotObtainable(f"{command[0]} failed: {done.stderr.strip()[-1500:]}")
    return done.stdout


def _only(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if not found:
        raise NotObtainable(f"{folder} holds no {pattern}. Remove the folder, and it will be fetched again.")
    return found[0]


def _mapper_port(data: Path) -> str:
    """The port of the mapper of this data's node: the same at each start, so that a killed node leaves one mapper behind, not several."""
    remembered = data / "mapper.port"
    if not remembered.exists():
        remembered.write_text(str(claim_port()))
    return remembered.read_text()


def _answers(port: int) -> bool:
    """Whether the broker speaks AMQP there: an open port alone would come too early."""
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as connection:
            connection.sendall(b"AMQP\x00\x00\x09\x01")
            return connection.recv(1) == b"\x01"
    except OSError:
        return False


if __name__ == "__main__":
    print(obtain(suite=sys.argv[1] if len(sys.argv) > 1 else SUITE))
