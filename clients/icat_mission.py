"""Reads a mission's own queue of ICAT notices, and asks by number for what it missed. One file, to copy; it needs Python 3.11 and pika.

    python icat_mission.py credentials.json --memory icat.json --api https://icat.example --topic publications --topic statements

prints each notice as a line of JSON; ``credentials.json`` holds what FetchQueueCredentials answered. As a library:

    from icat_mission import Mission

    def told(notice):
        print(notice["data"]["topic"], notice["data"]["number"], notice["data"]["matter"]["title"]["fr"])

    Mission("amqps://mission.brazil.8c1f…:password@broker.example/icat", "mission.brazil.8c1f…", memory="icat.json").each(told)
"""

import argparse
import json
import logging
import os
import random
import re
import ssl
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pika
from pika.exceptions import AMQPError, ChannelClosedByBroker

log = logging.getLogger("icat_mission")

REMEMBERED = 1_000
"""Delivery ids by which a second copy of a notice is known, and numbers of each topic that are remembered one by one."""

LONGEST_PAUSE = 60.0
"""Seconds between attempts to reach the broker or the API again, at most."""

API_SECONDS = 30.0
"""How long the API may take to answer."""

AT_ONCE = 200
"""Matters that are asked for at a time."""

REPLAY = re.compile(r"_r[0-9a-f]{8,}$")
"""How the id of a notice ends that is brought once more because somebody ordered it."""

Notice = dict[str, Any]


class MissionError(Exception):
    """Something that waiting does not mend: credentials that no longer open the queue, a certificate that is not to be trusted, an
    address that is not the API's. The message says what to do."""


class Mission:
    """A mission's queue.

    ``uri`` and ``queue``: as FetchQueueCredentials answers them. ``memory``: a file that keeps, over restarts, the last number per topic
    and what was handled; without it they last as long as the process. ``api``: the platform's address, as ``https://icat.example``; with
    it, what was missed of these ``topics`` is asked for by number at the start, and after the connection was lost. ``since``: for a topic
    the memory knows nothing of, the number after which to begin; None begins with what is announced from now on. ``wants``: which
    matters, of those asked for by number, to hand on (the API gives all of a topic, and a subscription may be narrower). ``cafile``: the
    certificates of authorities to trust (PEM), where the system's own are not meant.
    """

    def __init__(
        self,
        uri: str,
        queue: str,
        memory: str | os.PathLike[str] | None = None,
        *,
        api: str | None = None,
        topics: Iterable[str] = (),
        since: int | None = None,
        wants: Callable[[dict[str, Any]], bool] = lambda data: True,
        cafile: str | os.PathLike[str] | None = None,
    ) -> None:
        self.tls = ssl.create_default_context(cafile=cafile)
        self.parameters = pika.URLParameters(uri)
        if self.parameters.ssl_options is not None:
            self.parameters.ssl_options = pika.SSLOptions(self.tls, self.parameters.host)
        self.queue = queue
        self.api, self.topics, self.since, self.wants = api and api.rstrip("/"), tuple(topics), since, wants
        if self.topics and not self.api:
            raise ValueError("to ask for topics by number, the API's address is needed")
        self.memory = Path(memory) if memory else None
        kept = json.loads(self.memory.read_text()) if self.memory and self.memory.exists() else {}
        self.last: dict[str, int] = kept.get("last", {})
        """The highest number handled of each topic."""
        self._seen: dict[str, None] = dict.fromkeys(kept.get("seen", []))
        # Up to ``reached`` nothing is missing; beyond it, and for some numbers before it, the numbers that were handled.
        self._reached: dict[str, int] = kept.get("reached", {})
        self._handled: dict[str, set[int]] = {topic: set(numbers) for topic, numbers in kept.get("handled", {}).items()}
        self._ask_at: float | None = None
        self._in_handler = False

    def each(self, handler: Callable[[Notice], Any], idle: float | None = None) -> None:
        """Call ``handler`` with each notice, once, and acknowledge it after the handler returned.

        Reconnects for ever. An exception of the handler's ends this and leaves its notice to come again. ``idle``: return when nothing
        came for so many seconds; None waits for ever. Raises MissionError for what waiting does not mend.
        """
        pause, self._in_handler = 1.0, False
        while True:
            try:
                with pika.BlockingConnection(self.parameters) as connection:
                    channel = connection.channel()
                    channel.basic_qos(prefetch_count=50)
                    self._catch_up(handler)
                    pause, quiet = 1.0, 0.0
                    patience = LONGEST_PAUSE if idle is None else min(idle, LONGEST_PAUSE)
                    for method, properties, body in channel.consume(self.queue, inactivity_timeout=patience):
                        if self._ask_at is not None and time.monotonic() >= self._ask_at:
                            self._catch_up(handler)
                        if method is not None:
                            quiet = 0.0
                            self._arrived(handler, properties.message_id or "", json.loads(body))
                            channel.basic_ack(method.delivery_tag)
                        elif idle is not None and (quiet := quiet + patience) >= idle:
                            channel.cancel()
                            return
            except (AMQPError, OSError) as error:
                if self._in_handler:  # its own, of a file or of another network: not the broker's
                    raise
                _raise_if_hopeless(error)
                log.warning("The broker is away, or its queue is, trying again: %s", type(error).__name__)
            time.sleep(pause * random.uniform(0.5, 1.0))
            pause = min(pause * 2, LONGEST_PAUSE)

    # What comes by the queue

    def _arrived(self, handler: Callable[[Notice], Any], id: str, notice: Notice) -> None:
        topic, number = notice["data"]["topic"], notice["data"]["number"]
        if id in self._seen:
            return
        if self._has(topic, number) and not REPLAY.search(id):  # it was asked for by number before it came
            self._remember(id)
            return
        self._hand(handler, notice)
        self._remember(id, topic, number)
        if len(self._handled.get(topic, ())) > REMEMBERED and topic in self.topics:
            self._catch_up(handler)  # and so forget numbers one by one

    def _has(self, topic: str, number: int) -> bool:
        return topic in self.topics and number in self._handled.get(topic, ())

    # What is asked for by number

    def _catch_up(self, handler: Callable[[Notice], Any]) -> None:
        """Hand on what was missed. When the API is away, that is for later: what the queue holds need not wait for it."""
        self._ask_at = None
        try:
            for topic in self.topics:
                self._ask_for(topic, handler)
        except OSError as error:  # urllib's are such
            if self._in_handler:
                raise
            _raise_if_hopeless(error)
            log.warning("The API is away; what was missed is asked for later: %s", type(error).__name__)
            self._ask_at = time.monotonic() + LONGEST_PAUSE

    def _ask_for(self, topic: str, handler: Callable[[Notice], Any]) -> None:
        if topic not in self._reached and self.since is None:
            self._reached[topic] = self._matters(topic, since=0, limit=1)["last"]
            self._write()
        since: int | None = self._reached.get(topic, self.since or 0)
        while since is not None:
            answer = self._matters(topic, since, AT_ONCE)
            for data in answer["items"]:
                number = data["number"]
                if number not in self._handled.get(topic, ()) and self.wants(data):
                    kind, at = data["matter"]["kind"], data["matter"]["at"]
                    self._hand(handler, {"type": f"icat.{topic}.{kind}", "timestamp": at, "data": data})
                    self._remember(None, topic, number)
                self._reached[topic] = number
            since = answer["next"]
        # The newest numbers are kept one by one: their notices may still wait in the queue.
        self._handled[topic] = set(sorted(self._handled.get(topic, ()))[-REMEMBERED:])
        self._write()

    def _matters(self, topic: str, since: int, limit: int) -> dict[str, Any]:
        query = urllib.parse.urlencode({"since": since, "limit": limit})
        address = f"{self.api}/api/v1/matters/{urllib.parse.quote(topic, safe='')}?{query}"
        request = urllib.request.Request(address, headers={"Accept": "application/json", "User-Agent": "icat_mission/2"})
        mistaken = f"{address} is not the platform's, or {topic} is no public topic: it answered"
        try:
            with urllib.request.urlopen(request, timeout=API_SECONDS, context=self.tls) as answer:
                found = json.loads(answer.read())
        except urllib.error.HTTPError as error:
            if error.code < 500 and error.code != 429:
                raise MissionError(f"{mistaken} {error.code}.") from error
            raise
        except json.JSONDecodeError as error:
            raise MissionError(f"{mistaken} something other than JSON.") from error
        if not isinstance(found, dict) or not {"items", "last", "next"} <= found.keys():
            raise MissionError(f"{mistaken} something other than matters.")
        return found

    # Both

    def _hand(self, handler: Callable[[Notice], Any], notice: Notice) -> None:
        self._in_handler = True
        handler(notice)
        self._in_handler = False

    def _remember(self, id: str | None, topic: str = "", number: int = 0) -> None:
        if topic:
            # A notice that had to be tried again comes after its successors: the highest number stays.
            self.last[topic] = max(number, self.last.get(topic, 0))
            if topic in self.topics:
                self._handled.setdefault(topic, set()).add(number)
        if id is not None:
            self._seen[id] = None
            if len(self._seen) > REMEMBERED:
                del self._seen[next(iter(self._seen))]
        self._write()

    def _write(self) -> None:
        if self.memory:
            handled = {topic: sorted(numbers) for topic, numbers in self._handled.items()}
            kept = {"last": self.last, "seen": list(self._seen), "reached": self._reached, "handled": handled}
            # Written beside and moved over, so that a crash leaves the old memory or the new, never half of one.
            beside = self.memory.with_name(self.memory.name + ".new")
            beside.write_text(json.dumps(kept))
            beside.replace(self.memory)


def _raise_if_hopeless(error: BaseException) -> None:
    """Raise MissionError for what no waiting mends; a broker that is away, or that has no room for one more connection, is no such."""
    if isinstance(error, ChannelClosedByBroker) and error.reply_code == 403:
        raise MissionError("These credentials do not open this queue: fetch the subscription's own.") from error
    if "ACCESS_REFUSED" in str(error):
        raise MissionError("The broker does not take these credentials: replace them (ReplaceSecret) and fetch them anew.") from error
    if "CERTIFICATE_VERIFY_FAILED" in repr(error) + repr(error.__cause__) + repr(error.args):
        raise MissionError(f"The other side's certificate is not to be trusted ({error!r}). Is cafile the right one?") from error


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Print the notices of a mission's own queue, each as one line of JSON.")
    parser.add_argument("credentials", type=Path, help="a file with the answer to FetchQueueCredentials: uri and queue")
    parser.add_argument("--memory", type=Path, help="a file that keeps what was handled over restarts")
    parser.add_argument("--api", help="the platform's address, as https://icat.example: what was missed is asked for by number")
    parser.add_argument("--topic", action="append", default=[], help="a topic to ask for by number; may be given several times")
    parser.add_argument("--since", type=int, help="for topics the memory knows nothing of: begin after this number (default: now)")
    parser.add_argument("--cafile", type=Path, help="certificates of the authorities to trust, PEM (default: the system's)")
    parser.add_argument("--idle", type=float, help="end when nothing came for so many seconds (default: never)")
    asked = parser.parse_args(arguments)
    if bool(asked.api) != bool(asked.topic):
        parser.error("--api and --topic go together: what to ask for, and where")
    logging.basicConfig(format="%(asctime)s %(name)s: %(message)s", level=logging.WARNING)
    logging.getLogger("pika").setLevel(logging.CRITICAL)  # it says what we say, at greater length
    try:
        handed = json.loads(asked.credentials.read_text())
        mission = Mission(
            handed["uri"],
            handed["queue"],
            asked.memory,
            api=asked.api,
            topics=asked.topic,
            since=asked.since,
            cafile=asked.cafile,
        )
        mission.each(lambda notice: print(json.dumps(notice, ensure_ascii=False), flush=True), asked.idle)
    except (OSError, ValueError, KeyError, TypeError, MissionError) as error:
        print(f"icat_mission: {error if isinstance(error, MissionError) else repr(error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
