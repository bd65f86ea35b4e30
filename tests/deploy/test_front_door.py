"""The front door does what it says: its commands, its locks, its checks, and the folder it keeps."""

import ast
import fcntl
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path

import pytest
import requests

import launcher.home
from launcher import bootstrap, doctor, processes, supervisor, testing
from launcher.groups import GROUPS, LONGEST_FIRST
from launcher.home import LOOPBACK, ROOT, AlreadyRunning, Home, claim_port, is_free
from launcher.processes import GATEWAY_PORT, Topology

README = (ROOT / "README.md").read_text(encoding="utf-8")


def icat(*words: str, home: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the front door with this Python as its environment."""
    environment = {**os.environ, "ICAT_HOME": str(home), "ICAT_PYTHON": sys.executable, **more}
    return subprocess.run(
        [ROOT / "icat", *words], env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False, timeout=60
    )


# What it promises


def test_every_command_of_the_readme_exists():
    named = set(re.findall(r"\./icat ([a-z]+)", README))
    assert {"up", "demo", "doctor", "help", "reset", "test", "bench"} <= named
    assert named <= set(bootstrap.COMMANDS)


def test_every_path_of_the_readme_exists():
    linked = re.findall(r"\]\(([^)#:]+)\)", README)
    assert linked
    assert [path for path in linked if not (ROOT / path).exists()] == []


def test_every_group_of_the_readme_and_of_the_tests_page_exists():
    named = [word for line in re.findall(r"\./icat test([a-z ]*)", README) for word in line.split()]
    table = re.findall(r"^\| `(\w+)` \| ", (ROOT / "tests" / "README.md").read_text(encoding="utf-8").split("## What")[0], re.M)
    assert set(named) <= set(GROUPS)
    assert table == list(GROUPS)
    assert sorted(LONGEST_FIRST) == sorted(GROUPS)


def test_every_command_leads_to_a_module_that_is_there():
    assert [word for word, command in bootstrap.COMMANDS.items() if command.module and not find_spec(command.module)] == []


def test_help_lists_every_command(tmp_path):
    shown = icat("help", home=tmp_path)
    assert shown.returncode == 0
    assert set(re.findall(r"\./icat (\w+)", shown.stdout)) == set(bootstrap.COMMANDS)
    assert max(map(len, shown.stdout.splitlines())) <= 80


@pytest.mark.parametrize(
    ("words", "code", "says"), [(["fly"], 2, "no command 'fly'"), (["test", "weather"], 1, "no group of tests called weather")]
)
def test_what_does_not_exist_is_said(tmp_path, words, code, says):
    done = icat(*words, home=tmp_path)
    assert (done.returncode, says in done.stderr) == (code, True)


def test_doctor_says_what_is_missing_and_how_to_get_it(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("ICAT_HOME", str(tmp_path))
    monkeypatch.setenv("ICAT_PYTHON", sys.executable)
    monkeypatch.delenv("AMQP_URI", raising=False)
    monkeypatch.setattr(doctor, "find_broker", lambda: None)
    monkeypatch.setattr(doctor, "_apt_works", lambda: False)
    assert doctor.main() == 1
    assert re.search(r"missing +broker .*AMQP_URI.*install RabbitMQ.*as root", capsys.readouterr().out)
    monkeypatch.setenv("AMQP_URI", "amqp://icat:hidden@broker.example/icat")
    assert doctor.main() == 0
    said = capsys.readouterr().out
    assert "broker.example/icat" in said
    assert "hidden" not in said


@pytest.mark.parametrize("command", [["tick", "--to", "2015-01-01T00:00Z"], ["audit"], ["letters"]])
def test_commands_for_a_running_platform_say_when_none_runs(tmp_path, command):
    done = icat(*command, home=tmp_path, AMQP_URI="", MONGO_URI_BASE="")
    assert done.returncode == 1
    assert "./icat up" in done.stderr
    assert "Traceback" not in done.stderr


# The locks


def pinned(name: str) -> dict[str, str]:
    text = (ROOT / "locks" / f"{name}.txt").read_text(encoding="utf-8")
    return {found[1].lower().replace("_", "-"): found[2] for found in re.finditer(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", text, re.M)}


def test_the_locks_hold_what_the_project_declares():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = {
        "runtime": project["project"]["dependencies"],
        "development": project["project"]["dependencies"] + project["dependency-groups"]["dev"],
        "store": project["dependency-groups"]["store"],
    }
    for name, requirements in wanted.items():
        locked = pinned(name)
        for requirement in requirements:
            package, _, version = re.split(r"(==|>=|$)", requirement, maxsplit=1)
            assert package.lower() in locked, f"{package} is not in locks/{name}.txt"
            if "==" in requirement:
                assert locked[package.lower()] == version, f"{requirement} is {locked[package.lower()]} in locks/{name}.txt"
    assert pinned("runtime").items() <= pinned("development").items()


def test_every_locked_package_has_its_hashes_and_names_no_registry():
    for lock in (ROOT / "locks").glob("*.txt"):
        text = lock.read_text(encoding="utf-8")
        assert "://" not in text
        assert not re.search(r"^-", text, re.M)
        for block in re.split(r"\n(?=\S)", text.strip()):
            assert block.count("--hash=sha256:") >= 1, block.splitlines()[0]


# What must run before any environment exists


def _of_ours(name):
    """The file of a module of the tree, or None for one that comes from elsewhere."""
    path = ROOT.joinpath(*name.split("."))
    return next((file for file in (path / "__init__.py", path.with_suffix(".py")) if file.exists()), None)


def test_the_front_door_needs_the_standard_library_only():
    """Everything that ``icat`` imports before it has an environment, followed through the tree."""
    seen, waiting = set(), ["launcher.bootstrap"]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        source = _of_ours(name)
        if source is None:
            assert name.split(".")[0] in sys.stdlib_module_names, f"{name} is not in the standard library"
            continue
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                waiting += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                within = [f"{node.module}.{alias.name}" for alias in node.names]
                waiting += [node.module, *(module for module in within if _of_ours(module))]
    assert {"launcher.doctor", "launcher.home", "launcher.processes", "messaging.settings"} <= seen


def test_an_old_python_can_read_the_front_door_to_say_it_is_too_old():
    ast.parse((ROOT / "icat").read_text(encoding="utf-8"), feature_version=(3, 4))


# The test run itself


def test_a_run_fails_when_a_test_fails_or_none_is_there(tmp_path, monkeypatch):
    monkeypatch.setattr(testing, "ROOT", tmp_path)
    (tmp_path / "tests" / "rules").mkdir(parents=True)
    assert testing.run_group("contracts").note == "tests/contracts is missing"
    assert testing.run_group("rules").failed == 1, "an empty group proves nothing"
    (tmp_path / "tests" / "rules" / "test_it.py").write_text("def test_a(): pass\ndef test_b(): assert 0\n")
    result = testing.run_group("rules")
    assert (result.passed, result.failed) == (1, 1)
    assert testing.summary([result, testing.Result("pages", passed=3)]).endswith("\n4 passed, 1 failed")


def test_a_broken_layering_is_noticed(tmp_path):
    """The contract of imports can fail: a copy of the tree in which the contracts import messaging is refused."""
    for room in ("contracts", "messaging", "services", "gateway", "launcher", "clients", "press"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    check = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(check, cwd=tmp_path, capture_output=True, text=True, check=False)

    whole = run()
    assert whole.returncode == 0, whole.stdout
    with (tmp_path / "services" / "kernel" / "text.py").open("a") as text:
        text.write("\nimport pymongo\n")
    broken = run()
    assert broken.returncode == 1
    assert "services.kernel.text -> pymongo" in broken.stdout


# The folder


def test_what_was_chosen_once_is_remembered_and_for_the_owner_only(tmp_path):
    home = Home(tmp_path / "home")
    first = (home.port("store"), home.secret("store"), home.login, Topology(home).amqp_uri)
    again = Home(tmp_path / "home")
    assert (again.port("store"), again.secret("store"), again.login, Topology(again).amqp_uri) == first
    assert (home.path / "state.json").stat().st_mode & 0o077 == 0
    assert is_free(first[0])


def test_a_port_is_given_to_one_platform_only_though_nothing_listens_on_it_yet(tmp_path, monkeypatch):
    monkeypatch.setattr(launcher.home, "PORT_CLAIMS", tmp_path / "claims.json")
    first = next(port for port in range(19000, 20000, 8) if all(map(is_free, range(port, port + 8))))
    monkeypatch.setattr(launcher.home, "PRIVATE_PORTS", range(first, first + 8))
    with ThreadPoolExecutor() as side_by_side:
        given = list(side_by_side.map(lambda number: Home(tmp_path / str(number)).port("broker"), range(8)))
    assert sorted(given) == list(range(first, first + 8))
    with pytest.raises(OSError, match=f"{first}-{first + 7}"):
        claim_port()
    launcher.home.PORT_CLAIMS.write_text('{"20')  # whoever wrote it was killed
    with socket.create_server((LOOPBACK, first)):
        assert claim_port() != first, "something listens on it"
    monkeypatch.setattr(launcher.home, "CLAIMED_FOR", 0.0)
    assert {claim_port() for _ in range(99)} <= set(given), "claims end, and those that ended are not kept"
    assert len(json.loads(launcher.home.PORT_CLAIMS.read_text())) == 1


NO_CLAIMS = ["", "[]", "null", '{"20000": null}', '{"20000": "x"}', "[" * 9000, "\0"]


@pytest.mark.parametrize("found", [*NO_CLAIMS, "a folder", "a link", "a pipe", "locked", None])
def test_ports_are_given_whatever_lies_where_it_is_kept_which_were(tmp_path, monkeypatch, found):
    claims = tmp_path / "claims.json"
    monkeypatch.setattr(launcher.home, "PORT_CLAIMS", claims if found is not None else tmp_path / "nowhere" / "claims.json")
    with ExitStack() as stack:
        match found:
            case "a folder":
                claims.mkdir()
            case "a link":
                claims.symlink_to(tmp_path / "elsewhere")
            case "a pipe":
                os.mkfifo(claims)
            case "locked":
                fcntl.flock(stack.enter_context(claims.open("w")), fcntl.LOCK_EX)
            case str():
                claims.write_text(found)
        assert is_free(claim_port())
    assert not (tmp_path / "elsewhere").exists()


def test_two_platforms_have_nothing_in_common(tmp_path):
    one, other = (Topology(Home(tmp_path / name), given_broker="", given_store="") for name in ("one", "other"))
    for topology in (one, other):
        assert topology.processes()
    inner = [set(topology.home.ports.items()) - {("gateway", topology.home.ports["gateway"])} for topology in (one, other)]
    assert not {port for _, port in inner[0]} & {port for _, port in inner[1]}
    assert one.home.login != other.home.login


def test_a_folder_has_one_supervisor(tmp_path):
    home = Home(tmp_path)
    with home.held(), pytest.raises(AlreadyRunning), Home(tmp_path).held(patience=0):
        pass
    assert not home.is_running


def test_reset_asks_first_deletes_data_and_keeps_the_environments(tmp_path):
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "data").write_text("x")
    (tmp_path / "environments").mkdir()
    unasked = icat("reset", home=tmp_path)
    assert (unasked.returncode, (tmp_path / "store" / "data").exists()) == (1, True)
    assert icat("reset", "--yes", home=tmp_path).returncode == 0
    assert not (tmp_path / "store").exists()
    assert (tmp_path / "environments").exists()


def test_reset_refuses_while_the_platform_runs(tmp_path):
    (tmp_path / "store").mkdir()
    with Home(tmp_path).held():
        done = icat("reset", "--yes", home=tmp_path)
    assert (done.returncode, (tmp_path / "store").exists()) == (1, True)
    assert "running already" in done.stderr


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("mongodb://db:27017", "mongodb://db:27017/chairs"),
        ("mongodb://u:p@db:27017/?tls=true", "mongodb://u:p@db:27017/chairs?tls=true&authSource=admin"),
        ("mongodb://u:p@a,b/?replicaSet=r&authSource=x", "mongodb://u:p@a,b/chairs?replicaSet=r&authSource=x"),
    ],
)
def test_each_process_gets_its_own_database_of_a_given_store(tmp_path, base, expected):
    assert Topology(Home(tmp_path), given_store=base).mongo_uri("chairs") == expected


# The supervisor, on real processes


def running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_what_dies_is_started_again_and_what_is_stopped_stays_stopped(house):
    for name in ("mail", "store", "broker"):
        before, restarts = house.pid(name), house.processes[name]["restarts"]
        house.kill(name)
        house.wait_ready(name)
        assert house.pid(name) != before
        assert house.processes[name]["restarts"] == restarts + 1
    house.stop("mail")
    assert house.processes["mail"]["pid"] is None
    house.start("mail")
    house.wait_ready("mail")


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel ends orphans on Linux only")
def test_nothing_is_left_when_the_supervisor_or_its_caller_is_killed_outright(tmp_path, eventually):
    script = (
        "import json, sys, time\nfrom launcher.platform import Platform\n"
        f"platform = Platform({str(tmp_path)!r}, parts=('mail',))\nplatform.up()\n"
        "print(json.dumps([platform.pid('mail'), platform.home.status['supervisor']]), flush=True)\n"
        "time.sleep(600)\n"
    )
    for victim in ("caller", "supervisor"):
        caller = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        try:
            assert caller.stdout is not None
            mail, supervisor = json.loads(caller.stdout.readline())
            assert running(mail)
            os.kill(caller.pid if victim == "caller" else supervisor, signal.SIGKILL)
            eventually(lambda pid=mail: not running(pid), 15)
            eventually(lambda pid=supervisor: not running(pid), 15)
        finally:
            caller.kill()
            caller.wait()


def test_a_process_that_cannot_start_is_given_up_with_the_end_of_its_log(tmp_path, monkeypatch):
    environment = {**os.environ, "ICAT_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "launcher.supervisor", "--parts", "chairs", "--runtime", "launcher.nowhere"]
    began = time.monotonic()
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert "chairs does not start" in done.stderr
    assert "No module named launcher.nowhere" in done.stderr
    assert time.monotonic() - began < 30


@pytest.mark.parametrize("words", [["--rehearsal"], []])
def test_a_rehearsal_has_a_folder_of_its_own(tmp_path, monkeypatch, words):
    ran = []
    monkeypatch.setenv("ICAT_HOME", str(tmp_path))
    monkeypatch.setattr(supervisor.Supervisor, "run", lambda self, control: ran.append(self.topology) or 0)
    assert supervisor.main(words) == 0
    assert ran[0].rehearsal == bool(words)
    assert ran[0].home.path == (tmp_path / "rehearsal" if words else tmp_path)


def test_up_says_when_the_usual_port_is_taken(tmp_path, monkeypatch):
    said: list[str] = []
    monkeypatch.setattr(supervisor, "is_free", lambda port: port != GATEWAY_PORT)
    topology = Topology(Home(tmp_path), given_broker="amqp://elsewhere", given_store="mongodb://elsewhere", given_smtp="smtp://elsewhere")
    keeper = supervisor.Supervisor(topology, parts=[], say=said.append)
    keeper._listen_to_signals = lambda: setattr(keeper, "signals", 1)
    assert keeper.run() == 0
    keeper._announce()
    assert "8080 is taken" in "\n".join(said)


# Setting up


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine whose apt-get is ours: it notes what it was asked and whether services were kept from starting, and
    knows packages only after an update."""
    notes, lists = tmp_path / "notes", tmp_path / "lists"
    apt = tmp_path / "bin" / "apt-get"
    apt.parent.mkdir()
    apt.write_text(
        f'#!/bin/sh\necho "$* policy=$(test -x {tmp_path}/policy && echo yes)" >> {notes}\n'
        f'case "$1" in update) touch {lists};; *) test -e {lists} || {{ echo "Unable to locate package"; exit 100; }};; esac\n'
    )
    apt.chmod(0o755)
    monkeypatch.setenv("PATH", f"{apt.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(bootstrap, "POLICY", tmp_path / "policy")
    monkeypatch.setattr(bootstrap, "ENVIRONMENTS", tmp_path / "environments")
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 0)
    for name in ("AMQP_URI", "MONGO_URI_BASE", "ICAT_PYTHON"):
        monkeypatch.delenv(name, raising=False)
    return notes


def test_the_broker_is_installed_by_apt_and_nothing_of_it_starts(machine, monkeypatch, capsys):
    monkeypatch.setattr(bootstrap, "find_broker", lambda: None)
    bootstrap.broker()
    install = "install -y -q --no-install-recommends rabbitmq-server policy=yes"
    assert machine.read_text().splitlines() == [install, "update -q policy=yes", install]
    assert not bootstrap.POLICY.exists()
    assert "Installing RabbitMQ" in capsys.readouterr().err


@pytest.mark.parametrize(("packaged", "installed"), [(True, ["chromium-headless-shell"]), (False, ["chromium-headless-shell", "chromium"])])
def test_the_browser_is_the_one_without_windows_where_there_is_a_package_of_it(machine, monkeypatch, packaged, installed):
    monkeypatch.setattr(bootstrap, "find_browser", lambda: None)
    apt = Path(shutil.which("apt-get"))
    if not packaged:
        apt.write_text(apt.read_text().replace("*) test", "*) case $5 in *shell) exit 100;; esac; test"))
    bootstrap.browser()
    asked = [line.split()[4] for line in machine.read_text().splitlines() if line.startswith("install")]
    assert list(dict.fromkeys(asked)) == installed


def test_what_sets_pdf_is_installed_by_apt_and_nothing_waits_for_it(machine, monkeypatch, capsys):
    monkeypatch.setattr(bootstrap, "lacking_for_pdf", lambda: ["Noto Serif"])
    bootstrap.pdf()
    assert "install -y -q --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 " in machine.read_text()
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 1000)
    bootstrap.pdf()
    assert "everything else works" in capsys.readouterr().err
    notes = machine.read_text()
    monkeypatch.setattr(bootstrap, "lacking_for_pdf", list)
    bootstrap.pdf()
    assert (machine.read_text(), capsys.readouterr().err) == (notes, "")


def test_what_pdf_lacks_is_found(monkeypatch):
    monkeypatch.setattr(processes.ctypes.util, "find_library", lambda name: None if name == "harfbuzz-subset" else name)
    fonts = "Noto Serif\nNoto Sans,Noto Sans Light\nNoto Sans Mono\nNoto Naskh Arabic\nNoto Serif CJK JP,Noto Serif CJK SC\n"
    monkeypatch.setattr(processes.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess((), 0, fonts))
    monkeypatch.setattr(processes.shutil, "which", lambda name: name)
    assert processes.lacking_for_pdf() == ["harfbuzz-subset", "Noto Sans CJK SC"]
    monkeypatch.setattr(processes.shutil, "which", lambda name: None)
    assert processes.lacking_for_pdf() == ["harfbuzz-subset", "fontconfig"]


def test_without_apt_or_root_the_three_ways_on_are_said(machine, monkeypatch):
    monkeypatch.setattr(bootstrap, "find_broker", lambda: None)
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 1000)
    with pytest.raises(bootstrap.Failed, match=r"AMQP_URI.*install RabbitMQ.*as root"):
        bootstrap.broker()
    assert not machine.exists()


@pytest.mark.parametrize("name", ["AMQP_URI", "MONGO_URI_BASE"])
def test_what_the_environment_names_is_not_installed(machine, monkeypatch, name):
    monkeypatch.setenv(name, "somewhere")
    monkeypatch.setattr(bootstrap, "find_broker", lambda: None)
    monkeypatch.setattr(bootstrap, "find_store", lambda: None)
    monkeypatch.setattr(bootstrap, "_install", lambda *_: pytest.fail("installed"))
    {"AMQP_URI": bootstrap.broker, "MONGO_URI_BASE": bootstrap.store}[name]()
    assert not machine.exists()


def test_a_store_release_that_was_withdrawn_is_replaced_by_the_newest(machine, monkeypatch, capsys):
    tried: list[list[str]] = []

    def install(name: str, arguments: list[str]) -> None:
        tried.append(arguments)
        if "--require-hashes" in arguments:
            raise bootstrap.Failed("No matching distribution found")

    monkeypatch.setattr(bootstrap, "_install", install)
    monkeypatch.setattr(bootstrap, "find_store", lambda: "there" if len(tried) == 2 else None)
    bootstrap.store()
    assert tried[1] == ["--pre", "secantusdb"]
    assert "taking the newest" in capsys.readouterr().err


def test_an_environment_is_made_once_and_again_when_its_lock_changes(machine, monkeypatch, tmp_path):
    made: list[list[str]] = []
    real = bootstrap._run

    def run(command: list[str], complaint: str, **environment: str) -> None:
        made.append(command)
        if "venv" in command:
            real(command, complaint)

    lock = tmp_path / "lock.txt"
    lock.write_text("nothing==1\n")
    monkeypatch.setattr(bootstrap, "_run", run)
    monkeypatch.setattr(bootstrap, "_lock", lambda name: lock)
    python = bootstrap.environment("development")
    assert python.exists()
    assert [("venv" in command, "--require-hashes" in command) for command in made] == [(True, False), (False, True)]
    assert bootstrap.environment("development") == python
    assert bootstrap.environment("runtime") == python, "an environment with more in it serves as well"
    assert len(made) == 2
    lock.write_text("nothing==2\n")
    bootstrap.environment("development")
    assert len(made) == 4


def test_a_failed_installation_shows_the_end_of_what_pip_said(machine, monkeypatch, tmp_path):
    lock = tmp_path / "lock.txt"
    lock.write_text("no-such-package==1 --hash=sha256:" + "0" * 64 + "\n")
    monkeypatch.setattr(bootstrap, "_lock", lambda name: lock)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setattr(bootstrap.sys, "executable", sys._base_executable)  # the Python outside any environment, which has pip
    with pytest.raises(bootstrap.Failed, match=r"(?s)pip could not install.*No matching distribution found for no-such-package"):
        bootstrap.environment("runtime")
    assert not bootstrap._is_current("runtime")


# All of it


def test_up_says_its_address_and_a_first_login_serves_and_stops_cleanly(house, tmp_path, eventually):
    """On a broker and a store named in the environment, as in a place that has its own."""
    house.empty()
    given = {"AMQP_URI": house.amqp_uri, "MONGO_URI_BASE": house.mongo_uri("admin")}
    environment = {**os.environ, "ICAT_HOME": str(tmp_path), "ICAT_PYTHON": sys.executable, **given}
    log = tmp_path / "up.log"
    with log.open("w") as output:
        up = subprocess.Popen([ROOT / "icat", "up", "--rehearsal", "--port", "20000"], env=environment, stdout=output, stderr=output)
    try:
        said = eventually(lambda: re.search(r"at (http://\S+)\nFirst login: (\w+), password (\w+)", log.read_text()), 90)
        assert requests.get(said[1], timeout=10).status_code == 200
        assert requests.post(f"{said[1]}/api/v1/sessions", json={"name": said[2], "password": said[3]}, timeout=10).status_code == 201
        assert icat("tick", "--to", "2014-05-01T00:00Z", home=tmp_path, **given).returncode == 0
        assert icat("audit", home=tmp_path, **given).stdout.count("every chain whole") == 4
        assert icat("letters", home=tmp_path, **given).stdout == "0 dead letters.\n"
        earlier = icat("tick", "--to", "2014-04-01T00:00Z", home=tmp_path, **given)
        assert "had passed to 2014-05-01T00:00Z already" in earlier.stdout
        second = icat("up", "--rehearsal", home=tmp_path, **given)
        assert (second.returncode, "running already" in second.stderr) == (1, True)
        assert not Home(tmp_path).status, "a rehearsal is a platform of its own"
        assert icat("reset", "--yes", home=tmp_path).returncode == 1, "what runs in the folder keeps its data"
        status = Home(tmp_path).rehearsal.status["processes"]
        assert {"store", "broker"}.isdisjoint(status)
        up.send_signal(signal.SIGINT)
        assert up.wait(60) == 0
        assert log.read_text().endswith("\nstopping …\nstopped\n")
        assert [name for name, process in status.items() if running(process["pid"])] == []
    finally:
        up.kill()
        up.wait()
