"""``python -m launcher.demo [--keep] [--json]``: run the year on a platform of its own, and say what came of it.

The platform lives in ``demo/`` inside the home of this tree's platform and is emptied at each start; what it leaves (mails, logs)
can be read until then. With ``--keep`` it runs on after the account, to be looked at, until Ctrl-C. With ``--json`` the progress
goes to standard error, and one object to standard output.
"""

import argparse
import json
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from launcher.demo.account import Account
from launcher.demo.api import Unexpected
from launcher.demo.outside import Mailboxes, Receiver
from launcher.demo.readable import lines
from launcher.demo.year import Year
from launcher.home import AlreadyRunning, Home
from launcher.platform import NotReady, Platform
from launcher.processes import SERVICES, Missing

Say = Callable[[str], object]


def main(argv: list[str]) -> int:
    """The exit code: 0 when the year came out as it should."""
    parser = argparse.ArgumentParser(prog="./icat demo", description="Run the Group's year 2014–2015 and say what came of it.")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output; progress on standard error")
    parser.add_argument("--keep", action="store_true", help="leave the platform running afterwards, until Ctrl-C; prints logins")
    wanted = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, _leave)  # as Ctrl-C does: what was started is stopped

    def say(line: str) -> None:
        print(line, file=sys.stderr if wanted.json else sys.stdout, flush=True)

    try:
        return run(say, as_json=wanted.json, keep=wanted.keep)
    except (Unexpected, NotReady, Missing, AlreadyRunning) as problem:
        print(f"\n{problem}", file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        return 130


def run(say: Say, *, as_json: bool, keep: bool) -> int:
    """Run the year on a platform that is emptied first and stopped afterwards; with ``keep``, not before somebody says so."""
    home = Home(Home().path / "demo")
    home.empty()
    began = time.monotonic()
    say("Starting a platform for the demo …")
    with Platform(home.path, rehearsal=True) as platform, Receiver() as hooks:
        say(f"It answers at {platform.url} after {time.monotonic() - began:.1f} s.\n")
        year = Year(platform.url, platform.login, Mailboxes(platform.mail), hooks, home.folder("missions"), say, platform.bounces)
        year.run()
        account = Account(year)
        memory = _memory_of(platform.processes, (*SERVICES, "gateway"))
        differences = account.differences()
        if not keep:
            platform.down()
        seconds = time.monotonic() - began
        for line in lines(account, home.path, memory):
            say(line)
        if as_json:
            print(json.dumps(account.told(seconds), ensure_ascii=False), flush=True)
        for difference in differences:
            print(f"Not as it should be: {difference}", file=sys.stderr, flush=True)
        if keep:
            _stay(platform, year, say)
        else:
            say(f"The year took {seconds:.0f} seconds, start and stop of the platform among them.")
            say("All of it has stopped again; ./icat demo --keep leaves it running, to be looked at.")
    return 1 if differences else 0


def _stay(platform: Platform, year: Year, say: Say) -> None:
    """Show the way in, and leave the platform running until Ctrl-C."""
    say(f"\nThe platform runs on at {platform.url}. Its pages as of the story's last day: {platform.url}/?at={year.api.at}")
    for who, code in (("the secretariat", None), ("a focal point", "IOM"), ("a mission", "BRA")):
        name, password = platform.login if code is None else year.logins[code]
        say(f"  {who:<16} {name}, password {password}")
    say("Ctrl-C stops it.")
    try:
        signal.pause()
    except KeyboardInterrupt:
        say("\nstopping …")
        platform.down()
        say("stopped")


def _memory_of(processes: dict[str, dict[str, Any]], names: tuple[str, ...]) -> dict[str, float]:
    """Memory of each of these processes with its children, in MiB: what several share counts for each in part (PSS). Each leads a process
    group of its own."""
    sizes = dict.fromkeys(names, 0.0)
    leaders = {processes[name]["pid"]: name for name in names}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            group = int((folder / "stat").read_text().rpartition(")")[2].split()[2])
            if group in leaders:
                told = (folder / "smaps_rollup").read_text().splitlines()
                sizes[leaders[group]] += int(next(line for line in told if line.startswith("Pss:")).split()[1]) / 1024
        except (OSError, StopIteration):
            continue  # it has ended since
    return sizes


def _leave(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
