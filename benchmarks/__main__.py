"""``python -m benchmarks [NAME…] [--json]``"""

import argparse
import importlib
import json
import sys

NAMES = ("spine", "gateway", "plan", "paper", "fanout", "webhooks")
"""Every benchmark, in the order in which all of them run."""


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./icat bench", description="Measure the platform beside its peers.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(NAMES)} (all when none is named)")
    parser.add_argument("--json", action="store_true", help="print one JSON list of figures")
    asked = parser.parse_args(argv)
    if unknown := set(asked.names) - set(NAMES):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    figures = (figure for name in asked.names or NAMES for figure in importlib.import_module(f"benchmarks.{name}").run())
    if asked.json:
        print(json.dumps([figure.as_json() for figure in figures], indent=2))
        return 0
    for figure in figures:
        aim = figure.aim and f" ({figure.aim})"
        print(f"{figure.name}\n    ours {figure.ours:g}, against {figure.against:g} {figure.unit}: {figure.ratio:g}{aim}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
