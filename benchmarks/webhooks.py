"""One matter to two hundred webhooks, of which twenty hang and never answer.

| figure | ours | against |
|---|---|---|
| the other webhooks, beside 20 that hang | from the event that announces to the last of the 180 that took it | the same, without the 20 |

Each round meets the twenty as strangers: what was learnt of them is forgotten before it.
"""

import asyncio
import json
import tempfile
import threading
import time
from pathlib import Path

import pymongo

from benchmarks import crowd
from benchmarks.figures import Figure, side_by_side, until
from launcher.platform import Platform
from messaging.wire import Publisher

WEBHOOKS, HANGING, ROUNDS = 200, 20, 3
SECRET = "whsec_" + "A" * 32


def run() -> list[Figure]:
    parts = ("store", "broker", "mail", "notifications")
    with (
        tempfile.TemporaryDirectory(prefix="icat-bench-") as folder,
        Platform(Path(folder), rehearsal=True, parts=parts) as platform,
        _Receiver() as receiver,
    ):
        crowd.confirmed(platform, "webhook", WEBHOOKS, ["publications"], receiver.address, SECRET)
        deliveries = _Deliveries(platform, receiver)
        return [
            side_by_side(
                f"deliveries to {WEBHOOKS - HANGING} webhooks, beside {HANGING} that hang",
                "deliveries/s",
                "aim: at least 0.5 of those without",
                lambda: deliveries.a_second(hanging=True),
                lambda: deliveries.a_second(hanging=False),
                rounds=ROUNDS,
            )
        ]


def hangs(number: int) -> bool:
    """Every tenth, so that they stand among the others."""
    return number % (WEBHOOKS // HANGING) == WEBHOOKS // HANGING - 1


class _Deliveries:
    """Announces a publication, and waits until every webhook that answers has it."""

    def __init__(self, platform: Platform, receiver: "_Receiver") -> None:
        client: pymongo.MongoClient = pymongo.MongoClient(platform.mongo_uri("notifications"))
        self.database = client.get_default_database()
        self.publisher = Publisher(platform.amqp_uri)
        self.receiver = receiver
        self.number = 0

    def a_second(self, *, hanging: bool) -> float:
        self._forget(hanging)
        self.number += 1
        began = time.perf_counter()
        assert all(self.publisher.publish([crowd.published(self.number)]))
        until(lambda: True if len(self.receiver.took.get(self.number, ())) == WEBHOOKS - HANGING else None, 300)
        return (WEBHOOKS - HANGING) / (self.receiver.took_last[self.number] - began)

    def _forget(self, hanging: bool) -> None:
        """Nothing in flight, nothing known of the twenty; they subscribe, or do not."""
        deliveries, codes = self.database["deliveries"], [f"WEBHOOK-{number}" for number in range(WEBHOOKS) if hangs(number)]
        deliveries.update_many({"due": {"$exists": True}}, {"$unset": {"due": ""}})
        until(lambda: True if not self.receiver.hanging else None, 60)
        time.sleep(1)  # what came of them is put on record
        deliveries.update_many({"due": {"$exists": True}}, {"$unset": {"due": ""}})
        self.database["health"].delete_many({})
        state = "confirmed" if hanging else "ended"
        self.database["subscribers"].update_many({"_id": {"$in": codes}}, {"$set": {"state.subscriptions.0.state": state}})


class _Receiver:
    """All two hundred webhooks, in a thread of their own. ``took``: by the matter's number, the webhooks that took it; ``took_last``: when
    the last of them did; ``hanging``: calls that are not answered, and wait for the caller to give up."""

    def __init__(self) -> None:
        self.took: dict[int, set[str]] = {}
        self.took_last: dict[int, float] = {}
        self.hanging = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> "_Receiver":
        self._thread.start()
        serving = asyncio.run_coroutine_threadsafe(asyncio.start_server(self._answer, "127.0.0.1", 0), self._loop)
        self._port = serving.result(10).sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def address(self, number: int) -> str:
        return f"http://127.0.0.1:{self._port}/{'hangs' if hangs(number) else 'takes'}/{number}"

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        path = head.split(" ")[1]
        length = next(int(line.split(":")[1]) for line in head.splitlines() if line.startswith("content-length:"))
        content = json.loads(await reader.readexactly(length))
        if path.startswith("/hangs"):
            self.hanging += 1
            await reader.read()
            self.hanging -= 1
        else:
            body = json.dumps({"challenge": content.get("challenge")}).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
            await writer.drain()
            if "data" in content:
                number = content["data"]["number"]
                self.took_last[number] = time.perf_counter()
                self.took.setdefault(number, set()).add(path)
        writer.close()
