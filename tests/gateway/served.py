"""The gateway under gunicorn, as it is run, over inboxes that are files (``live_app``)."""

import json
import os
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import requests

from launcher.home import ROOT, claim_port
from messaging import topology
from messaging.wire import Outgoing, Publisher, connect, drop

MISSIONS = [f"M{number:02d}" for number in range(40)]
PLACES = 20
"""Connections that a worker takes at once in these tests: far fewer than the streams that are opened."""


def token(code: str) -> str:
    return f"icat_{code}-a-token-of-no-interest"


class Served:
    """One gateway. ``house``: its store, and the broker on which it overhears what ``arrives``; ``folder``: the inboxes."""

    def __init__(self, house: Any, folder: Path) -> None:
        self.house, self.folder = house, folder
        connection = connect(house.amqp_uri)
        topology.exchange("notifications")(connection.channel()).declare()
        drop(connection)
        self.port = claim_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "log"
        self.start()

    def start(self) -> None:
        """Serve; again at the same address, after a stop."""
        environment = {
            **os.environ,
            "AMQP_URI": self.house.amqp_uri,
            "MONGO_URI": self.house.mongo_uri("gateway"),
            "ICAT_SECRET_KEY": "a key for tests, longer than thirty-two characters",
            "ICAT_PUBLIC_URL": self.url,
            "ICAT_TEST_INBOXES": str(self.folder),
            "ICAT_RATE_VISITOR": "0",  # all of these tests ask from one address
        }
        command = [sys.executable, "-m", "gunicorn", "-c", "gateway/gunicorn.conf.py", "--worker-connections", str(PLACES)]
        command += ["--bind", f"127.0.0.1:{self.port}", "tests.gateway.live_app:app"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)

    def is_up(self) -> bool:
        try:
            return requests.get(f"{self.url}/api/v1/me", headers={"Authorization": f"Bearer {token(MISSIONS[-1])}"}, timeout=5).ok
        except requests.ConnectionError:
            assert self.process.poll() is None, self.log.read_text()
            return False

    def stop(self, seconds: float = 30) -> None:
        """Stop as a supervisor does; nothing, if it has."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(seconds)

    def arrives(self, text: str, *codes: str, announced: bool = True) -> None:
        """Put an item in these inboxes; ``announced``: and have it be overheard that something came."""
        for code in codes:
            with (self.folder / code).open("a", encoding="utf-8") as inbox:
                inbox.write(f"{text} for {code}\n")
        if announced:
            body = json.dumps({"data": {"subscriber": codes[0]} if len(codes) == 1 else {}}).encode()
            message = Outgoing("notifications.announced.v1", body, exchange=topology.exchange("notifications").name, mandatory=False)
            publisher = Publisher(self.house.amqp_uri)
            assert publisher.publish([message]) == [True]
            publisher.close()

    def asked_in(self, times: int = 30) -> float:
        """Median seconds of an ordinary request, each on a connection of its own."""
        took = []
        for _ in range(times):
            began = time.monotonic()
            assert requests.get(f"{self.url}/api/v1/group", timeout=20).status_code == 200
            took.append(time.monotonic() - began)
        return statistics.median(took)
