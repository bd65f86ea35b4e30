"""``./icat audit``: check every service's record of events, from the first to the last.

A process has one database, so each service is read in a process of its own. Where ``MONGO_URI`` names the
service's database already, as in a container of that service, ``python -m launcher.audit --service NAME`` reads that.
"""

import argparse
import importlib
import os
import subprocess
import sys

from launcher.home import Home
from launcher.processes import SERVICES, Topology


def main(argv: list[str]) -> int:
    """Returns 0 when every chain is whole."""
    parser = argparse.ArgumentParser(prog="./icat audit", description="Check that every record is whole.")
    parser.add_argument("--service", choices=SERVICES, help="one service only")
    parser.add_argument("--rehearsal", action="store_true", help="the rehearsal's records")
    wanted = parser.parse_args(argv)
    if wanted.service and "MONGO_URI" in os.environ:
        return check(wanted.service)
    home = Home().rehearsal if wanted.rehearsal else Home()
    topology = Topology(home)
    if not topology.given_store and not home.is_running:
        print("The platform is not running; ./icat up starts it.", file=sys.stderr)
        return 1
    names = [wanted.service] if wanted.service else SERVICES
    codes = [
        subprocess.run(
            [sys.executable, "-m", "launcher.audit", "--service", name],
            env={**os.environ, "MONGO_URI": topology.mongo_uri(name)},
            check=False,
        ).returncode
        for name in names
    ]
    return 1 if any(codes) else 0


def check(service: str) -> int:
    """Check the record of one service in the database at ``MONGO_URI``."""
    from messaging import audit, store

    store.connect(os.environ["MONGO_URI"])
    module = importlib.import_module(f"services.{service}.store")
    aggregates = [value for value in vars(module).values() if isinstance(value, store.Aggregates)]
    checked, flaws = audit.verify(aggregates)
    for flaw in flaws:
        print(f"  {service}: {flaw.subject}, event {flaw.sequence}: {flaw.what}")
    print(f"{service:<14} {checked} events, {'every chain whole' if not flaws else f'{len(flaws)} flaws'}")
    return 1 if flaws else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
