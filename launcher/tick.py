"""``./icat tick --to INSTANT``: let the clock of the running rehearsal pass to an instant."""

import argparse
import os
import sys
import uuid
from datetime import datetime

import requests

from launcher.home import Home

SECONDS = 120


class Refused(Exception):
    """The platform did not do it; the message is its own."""


def main(argv: list[str]) -> int:
    """Returns 0 when every service acted."""
    parser = argparse.ArgumentParser(prog="./icat tick", description="In rehearsal: let the clock pass; what is due by then happens.")
    parser.add_argument("--to", required=True, metavar="INSTANT", help="as 2015-01-01T00:00Z")
    instant = parser.parse_args(argv).to
    plain = Home()
    home = next((home for home in (plain.rehearsal, plain) if home.status.get("rehearsal")), None)
    if home is None:
        print("No rehearsal is running; ./icat up --rehearsal starts one, whose clock can be told.", file=sys.stderr)
        return 1
    try:
        for service, changed in tick(home.status["url"], home.login, instant).items():
            print(f"{service:<14} {changed} changed")
        if (before := _pass(home, instant)) is not None:
            print(f"The clock had passed to {before} already; what happened by then stays.")
    except (Refused, requests.RequestException) as problem:
        print(f"icat: {problem}", file=sys.stderr)
        return 1
    return 0


def tick(url: str, login: tuple[str, str], instant: str) -> dict[str, int]:
    """What changed, by service. Signs in as ``login``, unless ``ICAT_TOKEN`` holds an API token. Raises Refused."""
    api = f"{url}/api/v1"
    with requests.Session() as browser:
        if token := os.environ.get("ICAT_TOKEN"):
            browser.headers["Authorization"] = f"Bearer {token}"
        else:
            name, password = login
            session = _expected(browser.post(f"{api}/sessions", json={"name": name, "password": password}, timeout=SECONDS))
            browser.headers["X-CSRF-Token"] = session["csrf_token"]
        try:
            order = {"to": instant}
            key = {"Idempotency-Key": uuid.uuid4().hex}
            answer = _expected(browser.post(f"{api}/rehearsal/tick", json=order, headers=key, timeout=SECONDS))
        finally:
            if not token:
                browser.delete(f"{api}/sessions/current", timeout=SECONDS)
    return answer["changed"]


def _pass(home: Home, instant: str) -> str | None:
    """Remember how far the clock was let pass; returns that, when it was further already."""
    before = str(home.remember("clock", "passed_to", lambda: instant))
    if _read(instant) < _read(before):
        return before
    home.forget("clock", "passed_to")
    home.remember("clock", "passed_to", lambda: instant)
    return None


def _read(instant: str) -> datetime:
    return datetime.fromisoformat(instant)


def _expected(answer: requests.Response) -> dict:
    if answer.ok:
        return answer.json()
    try:
        problem = answer.json()
    except ValueError:
        raise Refused(f"the gateway answered {answer.status_code}.") from None
    if answer.status_code == 401:
        raise Refused("the first login's password was changed; name an API token of the secretariat in ICAT_TOKEN.")
    raise Refused(problem.get("detail") or problem.get("title", ""))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
