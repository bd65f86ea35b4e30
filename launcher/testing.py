"""``./icat test``: each group of tests as a process of its own, the checks of the source, and one summary.

A process each, because what one group does to its process (green threads, a browser's event loop, a
thousand open connections) another must not meet. Most groups wait more than they work (for kills,
restarts, time limits), so several run side by side where there are two processors or more: the longest
begin first, so that none of them is left to run alone at the end.
"""

import argparse
import math
import os
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

from launcher.groups import CHECKS, GROUPS, LONGEST_FIRST
from launcher.home import ROOT

GROUP_SECONDS = 2700
"""A group that hangs is stopped after this long, and has failed."""

LANES = 3
"""How many groups run side by side: of two processors, two lanes leave a good part idle."""

SPEAKING = ("faults",)
"""Groups whose tests print figures worth reading, whether they pass or not."""

SOURCE_CHECKS = {
    "style": ("ruff", "check", "--quiet", "."),
    "format": ("ruff", "format", "--check", "--quiet", "."),
    "types": ("mypy",),
    "who may import whom": (),
}


@dataclass
class Result:
    """How a group went. ``cpu``: seconds that processors worked for it, on two of which the whole takes half of them at best; ``note``
    says why, where the counts do not."""

    group: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    note: str = ""


def main(argv: list[str]) -> int:
    """Run the groups (all when none is named). Returns 0 when something ran and nothing failed."""
    parser = argparse.ArgumentParser(prog="./icat test", description="Run the tests.")
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"{', '.join(GROUPS)}; all when none is named")
    parser.add_argument("--one-by-one", action="store_true", help="no two groups at once, each heard as it runs")
    wanted = parser.parse_args(argv)
    if unknown := [name for name in wanted.groups if name not in GROUPS]:
        parser.error(f"there is no group {', '.join(unknown)}")
    asked = list(dict.fromkeys(wanted.groups)) or list(GROUPS)
    beside = [group for group in LONGEST_FIRST if group in asked]
    if wanted.one_by_one or len(beside) < 2 or (os.cpu_count() or 1) < 2:
        beside = []
    results = {group: _heard(group) for group in asked if group not in beside}
    if beside:
        print(f"\nThese run {LANES} at a time, and are heard when they end: {', '.join(beside)}", flush=True)
        with ThreadPoolExecutor(LANES) as lanes:
            results |= dict(zip(beside, lanes.map(_overheard, beside), strict=True))
    print(summary([results[group] for group in asked]), flush=True)
    return 0 if all(result.failed == 0 for result in results.values()) and any(result.passed for result in results.values()) else 1


def _heard(group: str) -> Result:
    """Run a group and let it be heard."""
    print(_headed(group), flush=True)
    began = time.monotonic()
    result = run_checks() if group == CHECKS else run_group(group)
    result.seconds = time.monotonic() - began
    return result


def _overheard(group: str) -> Result:
    """Run a group beside others, and print what it said once it has ended."""
    began = time.monotonic()
    with tempfile.TemporaryFile() as said:
        result = run_checks(said) if group == CHECKS else run_group(group, said)
        result.seconds = time.monotonic() - began
        said.seek(0)
        print(f"{_headed(group)}\n{said.read().decode(errors='replace')}", end="", flush=True)
    return result


def _headed(group: str) -> str:
    return f"\n──── {group} {'─' * (70 - len(group))}"


def summary(results: list[Result]) -> str:
    """A line a group, and last the totals."""
    lines = ["", "group        passed  failed  skipped  seconds  of work"]
    lines += [
        f"{result.group:<12} {result.passed:>6}  {result.failed:>6}  {result.skipped:>7}  {result.seconds:>7.0f}  {result.cpu:>7.0f}  "
        f"{result.note}".rstrip()
        for result in results
    ]
    return "\n".join([*lines, "", f"{sum(r.passed for r in results)} passed, {sum(r.failed for r in results)} failed"])


def run_checks(said: IO[bytes] | None = None) -> Result:
    """What can be said of the source without running it; ``said``: where its output goes instead of here."""
    result = Result(CHECKS)

    def say(line: str) -> None:
        said.write(f"{line}\n".encode()) if said else print(line, flush=True)

    for name, command in SOURCE_CHECKS.items():
        full = (
            [sys.executable, "-m", *command]
            if command
            else [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]
        )
        done = subprocess.run(full, cwd=ROOT, capture_output=True, text=True, check=False)
        say(f"{name}: {'failed' if done.returncode else 'ok'}")
        if done.returncode:
            say(done.stdout + done.stderr)
            result.failed += 1
        else:
            result.passed += 1
    return result


def run_group(group: str, said: IO[bytes] | None = None) -> Result:
    """One pytest process over ``tests/<group>``; ``said``: where its output goes instead of here. A group without tests has failed:
    it proves nothing."""
    if not (ROOT / "tests" / group).is_dir():
        return Result(group, failed=1, note=f"tests/{group} is missing")
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", f"tests/{group}", f"--junitxml={report}", "-o", "junit_family=xunit2"]
        command += ["-s"] if group in SPEAKING else []
        pytest = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=said, stderr=said and subprocess.STDOUT)
        code, cpu = _waited(pytest, GROUP_SECONDS)
        note = "" if code in (0, 1) else f"pytest ended with exit code {code}"
        if code is None:
            note = f"stopped after {GROUP_SECONDS} s"
            pytest.send_signal(signal.SIGINT)  # its fixtures stop what they started
            code, cpu = _waited(pytest, 120)
        if code is None:
            pytest.kill()
            code, cpu = _waited(pytest, math.inf)
        result = read_report(group, report)
    result.note, result.cpu = note, cpu
    if (code or note) and not result.failed:
        result.failed = 1
    return result


def _waited(process: subprocess.Popen, seconds: float) -> tuple[int | None, float]:
    """The exit code, None when it does not end in time; and the seconds of work of it and of all it waited for itself."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        gone, status, used = os.wait4(process.pid, os.WNOHANG)
        if gone:
            process.returncode = os.waitstatus_to_exitcode(status)
            return process.returncode, used.ru_utime + used.ru_stime
        time.sleep(0.2)
    return None, 0.0


def read_report(group: str, report: Path) -> Result:
    """The counts of a JUnit report; nothing at all where there is none."""
    result = Result(group)
    if report.exists():
        for suite in ElementTree.parse(report).getroot().iter("testsuite"):
            count = {name: int(suite.get(name, 0)) for name in ("tests", "failures", "errors", "skipped")}
            failed = count["failures"] + count["errors"]
            result.failed += failed
            result.skipped += count["skipped"]
            result.passed += max(count["tests"] - failed - count["skipped"], 0)
    return result


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    sys.exit(main(sys.argv[1:]))
