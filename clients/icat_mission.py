"""Reads a mission's own queue of ICAT notices. One file, to copy; it needs Python 3.11 and pika.

from icat_mission import Mission

def told(notice):
    print(notice["data"]["topic"], notice["data"]["number"], notice["data"]["matter"]["title"]["fr"])

Mission("amqps://user:password@broker.example/icat", "mission.brazil.8c1f…", memory="icat.json").each(told)
"""

import json
import logging
import os
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pika
from pika.exceptions import AMQPError

log = logging.getLogger("icat_mission")

REMEMBERED = 1_000
"""Delivery ids by which a second copy of a notice is known."""

LONGEST_PAUSE = 60.0
"""Seconds between attempts to reach the broker again, at most."""


class Mission:
    """A mission's queue. ``uri`` and ``queue``: as FetchQueueCredentials answers them. ``memory``: a file that keeps, over
    restarts, the last number per topic and the ids that were handled; without it they last as long as the process."""

    def __init__(self, uri: str, queue: str, memory: str | os.PathLike[str] | None = None) -> None:
        self.parameters = pika.URLParameters(uri)
        self.queue = queue
        self.memory = Path(memory) if memory else None
        kept = json.loads(self.memory.read_text()) if self.memory and self.memory.exists() else {}
        self.last: dict[str, int] = kept.get("last", {})
        """The highest number handled of each topic: ask the API for the matters since it after a long absence."""
        self._seen: dict[str, None] = dict.fromkeys(kept.get("seen", []))
        self._in_handler = False

    def each(self, handler: Callable[[dict[str, Any]], Any], idle: float | None = None) -> None:
        """Call ``handler`` with each notice, once, and acknowledge it after the handler returned.

        Reconnects for ever. An exception of the handler's ends this and leaves its notice in the queue, to come again.
        ``idle``: return when nothing came for so many seconds; None waits for ever.
        """
        pause, self._in_handler = 1.0, False
        while True:
            try:
                with pika.BlockingConnection(self.parameters) as connection:
                    channel = connection.channel()
                    channel.basic_qos(prefetch_count=50)
                    pause = 1.0
                    for method, properties, body in channel.consume(self.queue, inactivity_timeout=idle):
                        if method is None:
                            channel.cancel()
                            return
                        self._handle(handler, properties.message_id, body)
                        channel.basic_ack(method.delivery_tag)
            except (AMQPError, OSError) as error:
                if self._in_handler:  # its own, of a file or of another network: not the broker's
                    raise
                log.warning("The broker is away, trying again: %s", type(error).__name__)
            time.sleep(pause * random.uniform(0.5, 1.0))
            pause = min(pause * 2, LONGEST_PAUSE)

    def _handle(self, handler: Callable[[dict[str, Any]], Any], id: str, body: bytes) -> None:
        if id in self._seen:
            return
        notice = json.loads(body)
        self._in_handler = True
        handler(notice)
        self._in_handler = False
        topic, number = notice["data"]["topic"], notice["data"]["number"]
        # A notice that had to be tried again comes after its successors: the highest number stays.
        self.last[topic] = max(number, self.last.get(topic, 0))
        self._seen[id] = None
        if len(self._seen) > REMEMBERED:
            del self._seen[next(iter(self._seen))]
        self._remember()

    def _remember(self) -> None:
        if self.memory:
            # Written beside and moved over, so that a crash leaves the old memory or the new, never half of one.
            beside = self.memory.with_name(self.memory.name + ".new")
            beside.write_text(json.dumps({"last": self.last, "seen": list(self._seen)}))
            beside.replace(self.memory)
