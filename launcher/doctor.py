"""``./icat doctor``: what is there, what is missing and how to get it. Changes nothing."""

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from launcher.home import ENVIRONMENTS, ROOT, Home, is_free
from launcher.processes import PDF_PACKAGES, find_broker, find_browser, find_store, lacking_for_pdf

DISK_BYTES = 2_000_000_000
OPEN_FILES = 1024


@dataclass(frozen=True)
class Finding:
    """One thing looked at. ``state``: ``ok``, ``later`` (it is set up when first needed, or is optional) or ``missing``."""

    what: str
    state: str
    says: str


def main() -> int:
    """Print the findings; 0 when nothing needed is missing, else 1."""
    findings = look()
    width = max(len(finding.what) for finding in findings)
    for finding in findings:
        print(f"  {finding.state:<8} {finding.what:<{width}}  {finding.says}")
    missing = sum(finding.state == "missing" for finding in findings)
    print(
        f"\n{missing} thing{'s' * (missing != 1)} missing."
        if missing
        else "\nEverything needed is there, or will be set up when first needed."
    )
    return 1 if missing else 0


def look() -> list[Finding]:
    """Everything the platform needs of this machine."""
    return [_python(), _pip(), *_environments(), _broker(), _store(), _pdf(), _browser(), _gateway_port(), _disk(), _files(), *_running()]


def _apt_works() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _python() -> Finding:
    return Finding("Python", "ok", f"{platform.python_version()} ({sys.executable}); 3.11 or newer is needed")


def _pip() -> Finding:
    if os.environ.get("ICAT_PYTHON"):
        return Finding("pip", "ok", "not needed: ICAT_PYTHON names a Python that has everything")
    if importlib.util.find_spec("pip") is None:
        return Finding("pip", "missing", "Debian: apt-get install python3-pip; elsewhere: python3 -m ensurepip")
    if importlib.util.find_spec("venv") is None:
        return Finding("venv", "missing", "Debian: apt-get install python3-venv")
    return Finding("pip, venv", "ok", "both are there")


def _environments() -> list[Finding]:
    if given := os.environ.get("ICAT_PYTHON"):
        state = "ok" if os.access(given, os.X_OK) else "missing"
        return [Finding("environment", state, f"ICAT_PYTHON={given}")]
    made = [name for name in ("runtime", "development") if (ENVIRONMENTS / name / "made-from").exists()]
    if made:
        return [Finding("environment", "ok", ", ".join(str(ENVIRONMENTS / name) for name in made))]
    return [Finding("environment", "later", f"made in {ENVIRONMENTS} by the first command that needs one")]


def _broker() -> Finding:
    if uri := os.environ.get("AMQP_URI"):
        return Finding("broker", "ok", f"AMQP_URI names one at {uri.rpartition('@')[2]}")
    if program := find_broker():
        return Finding("broker", "ok", f"RabbitMQ {_rabbitmq_version(program)} ({program})")
    if _apt_works():
        return Finding("broker", "later", "RabbitMQ is installed by apt-get when first needed")
    return Finding(
        "broker",
        "missing",
        "set AMQP_URI; or install RabbitMQ (apt-get install rabbitmq-server); or run ./icat as root where apt-get works",
    )


def _rabbitmq_version(program: Path) -> str:
    """From the name of the folder it lies in, rabbitmq_server-3.10.8: starting it would take seconds."""
    return next((part.partition("-")[2] for part in program.resolve().parts if part.startswith("rabbitmq_server-")), "of unknown version")


def _store() -> Finding:
    if uri := os.environ.get("MONGO_URI_BASE"):
        return Finding("store", "ok", f"MONGO_URI_BASE names one at {uri.rpartition('@')[2]}")
    if not (program := find_store()):
        return Finding("store", "later", "SecantusDB is installed by pip when first needed; or set MONGO_URI_BASE")
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=20)
    return Finding("store", "ok", f"{next(iter(done.stdout.splitlines()), '') or program.name} ({program})")


def _pdf() -> Finding:
    if not (lacking := lacking_for_pdf()):
        return Finding("PDF", "ok", "Pango and the fonts of six languages are there")
    how = "installed by apt-get when first needed" if _apt_works() else f"apt-get install {' '.join(PDF_PACKAGES)}"
    return Finding("PDF", "later", f"lacks {', '.join(lacking)}: {how}; only PDF files need it")


def _browser() -> Finding:
    if program := find_browser():
        return Finding("browser", "ok", f"{program}, for the tests of pages")
    how = "installed by apt-get when first needed" if _apt_works() else "install Chromium, or name it in ICAT_CHROMIUM"
    return Finding("browser", "later", f"only for the tests of pages; {how}")


def _gateway_port() -> Finding:
    home = Home()
    if home.is_running or is_free(8080):
        return Finding("port 8080", "ok", "free, or ours")
    return Finding("port 8080", "ok", "taken; the gateway takes the next free one, or ./icat up --port N")


def _disk() -> Finding:
    free = shutil.disk_usage(ROOT).free
    state = "ok" if free > DISK_BYTES else "missing"
    return Finding("disk", state, f"{free / 1e9:.1f} GB free beside {ROOT}; {DISK_BYTES / 1e9:.0f} GB are needed")


def _files() -> Finding:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= OPEN_FILES:
        return Finding("open files", "ok", f"{soft} at a time")
    return Finding("open files", "missing", f"{soft} at a time; the broker wants {OPEN_FILES}: ulimit -n {min(hard, 65536)}")


def _running() -> list[Finding]:
    plain = Home()
    return [_platform("platform", plain), _platform("rehearsal", plain.rehearsal)]


def _platform(what: str, home: Home) -> Finding:
    if not (status := home.status):
        return Finding(what, "ok", f"not running; its folder is {home.path}")
    processes = status["processes"]
    ready = [name for name, process in processes.items() if process["state"] == "ready"]
    waiting = [name for name, process in processes.items() if process["state"] not in ("ready", "stopped")]
    tail = f"; not ready: {', '.join(waiting)}" if waiting else ""
    return Finding(what, "ok", f"running at {status['url']}: {len(ready)} of {len(processes)} processes ready{tail}")
