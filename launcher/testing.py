"""``./icat test``: each group of tests as a process of its own, the checks of the source, and one summary.

A process each, because what one group does to its process (green threads, a browser's event loop, a
thousand open connections) another must not meet.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from launcher.groups import CHECKS, GROUPS
from launcher.home import ROOT

GROUP_SECONDS = 1500
"""A group that hangs is stopped after this long, and has failed."""

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
    """How a group went. ``note`` says why, where the counts do not."""

    group: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    note: str = ""


def main(argv: list[str]) -> int:
    """Run the groups (all when none is named). Returns 0 when something ran and nothing failed."""
    parser = argparse.ArgumentParser(prog="./icat test", description="Run the tests.")
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"{', '.join(GROUPS)}; all when none is named")
    asked = parser.parse_args(argv).groups
    if unknown := [name for name in asked if name not in GROUPS]:
        parser.error(f"there is no group {', '.join(unknown)}")
    results = []
    for group in asked or GROUPS:
        print(f"\n──── {group} {'─' * (70 - len(group))}", flush=True)
        began = time.monotonic()
        result = run_checks() if group == CHECKS else run_group(group)
        result.seconds = time.monotonic() - began
        results.append(result)
    print(summary(results), flush=True)
    return 0 if all(result.failed == 0 for result in results) and any(result.passed for result in results) else 1


def summary(results: list[Result]) -> str:
    """A line a group, and last the totals."""
    lines = ["", "group        passed  failed  skipped  seconds"]
    lines += [
        f"{result.group:<12} {result.passed:>6}  {result.failed:>6}  {result.skipped:>7}  {result.seconds:>7.0f}  {result.note}".rstrip()
        for result in results
    ]
    return "\n".join([*lines, "", f"{sum(r.passed for r in results)} passed, {sum(r.failed for r in results)} failed"])


def run_checks() -> Result:
    """What can be said of the source without running it."""
    result = Result(CHECKS)
    for name, command in SOURCE_CHECKS.items():
        full = (
            [sys.executable, "-m", *command]
            if command
            else [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]
        )
        done = subprocess.run(full, cwd=ROOT, capture_output=True, text=True, check=False)
        print(f"{name}: {'failed' if done.returncode else 'ok'}", flush=True)
        if done.returncode:
            print(done.stdout + done.stderr, flush=True)
            result.failed += 1
        else:
            result.passed += 1
    return result


def run_group(group: str) -> Result:
    """One pytest process over ``tests/<group>``. A group without tests has failed: it proves nothing."""
    if not (ROOT / "tests" / group).is_dir():
        return Result(group, failed=1, note=f"tests/{group} is missing")
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", f"tests/{group}", f"--junitxml={report}", "-o", "junit_family=xunit2"]
        command += ["-s"] if group in SPEAKING else []
        pytest = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL)
        try:
            code = pytest.wait(GROUP_SECONDS)
            note = "" if code in (0, 1) else f"pytest ended with exit code {code}"
        except subprocess.TimeoutExpired:
            pytest.send_signal(signal.SIGINT)  # its fixtures stop what they started
            try:
                code = pytest.wait(120)
            except subprocess.TimeoutExpired:
                pytest.kill()
                code = pytest.wait()
            note = f"stopped after {GROUP_SECONDS} s"
        result = read_report(group, report)
    result.note = note
    if (code or note) and not result.failed:
        result.failed = 1
    return result


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
