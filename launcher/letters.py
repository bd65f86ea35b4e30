"""``./icat letters``: the dead letters, events that no attempt could handle; see them, send them again, drop them.

Works on the broker of the running platform, or the one in ``AMQP_URI``.
"""

import argparse
import getpass
import json
import sys

from contracts.subscriptions import SUBSCRIPTIONS
from launcher.home import Home
from launcher.processes import Topology
from messaging import letters
from messaging.wire import BROKER_ERRORS


def main(argv: list[str]) -> int:
    """Returns 0, or 1 when there is no such letter or no broker."""
    parser = argparse.ArgumentParser(prog="./icat letters", description="Dead letters: list them, show one, send it again, drop it.")
    parser.add_argument("--service", choices=sorted(SUBSCRIPTIONS), help="one service's letters only")
    parser.add_argument("--rehearsal", action="store_true", help="those of the rehearsal")
    words = parser.add_subparsers(dest="word", metavar="list | show ID | send-again ID | drop ID --reason TEXT")
    words.add_parser("list", help="all of them (the default)")
    words.add_parser("show", help="one whole: what it says and why it failed").add_argument("id")
    words.add_parser("send-again", help="put it back before its service, attempts counted anew").add_argument("id")
    drop = words.add_parser("drop", help="take it out; it is kept with the reason")
    drop.add_argument("id")
    drop.add_argument("--reason", required=True)
    wanted = parser.parse_args(argv)
    uri = Topology(Home().rehearsal if wanted.rehearsal else Home()).amqp_uri
    try:
        found = letters.every(uri, wanted.service)
        if wanted.word in (None, "list"):
            return _list(found)
        mine = [letter for letter in found if letter.id == wanted.id]
        if not mine:
            print(f"There is no dead letter {wanted.id}.", file=sys.stderr)
            return 1
        for letter in {letter.service: letter for letter in mine}.values():
            if wanted.word == "show":
                _show(letter)
            elif wanted.word == "send-again":
                print(f"{letter.service}: {letters.send_again(uri, letter.service, letter.id)} sent again")
            else:
                count = letters.drop_letter(uri, letter.service, letter.id, reason=wanted.reason, by=getpass.getuser())
                print(f"{letter.service}: {count} dropped, and kept with the reason")
    except letters.NotConfirmed as problem:
        print(f"{problem} It is a dead letter still.", file=sys.stderr)
        return 1
    except BROKER_ERRORS as problem:
        print(f"The broker does not answer ({problem}). ./icat up starts the platform.", file=sys.stderr)
        return 1
    return 0


def _list(found: list[letters.Letter]) -> int:
    for letter in found:
        print(f"{letter.service:<14} {letter.id}  {letter.type or 'unreadable'}  after {letter.attempts} attempts: {letter.reason}")
    print(f"{len(found)} dead letter{'s' * (len(found) != 1)}.")
    return 0


def _show(letter: letters.Letter) -> None:
    for name in ("service", "id", "type", "attempts", "reason"):
        print(f"{name:<9} {getattr(letter, name)}")
    print(json.dumps(letter.content, indent=2, ensure_ascii=False))
    if letter.traceback:
        print(letter.traceback)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
