"""Connections to the broker that fail fast, and publishing that knows what arrived.

The platform's outer deadlines are here: under the broker's memory alarm or a frozen peer, a plain
publish hangs for minutes (see docs/decisions); ours gives up, drops the connection instead of
closing it politely, and says what was not confirmed.
"""

import contextlib
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import amqp
import amqp.spec
from kombu import Connection as Address

BROKER_ERRORS: tuple[type[BaseException], ...] = (amqp.AMQPError, OSError, EOFError, AttributeError)
"""What a lost connection looks like. EOFError: eventlet's, and AttributeError: py-amqp's, on a transport dropped under their hands."""

CONNECT_SECONDS = 5
WRITE_SECONDS = 5
DECLARE_SECONDS = 20
"""How long all that follows the connecting may take (declaring, consuming): a broker that has lost a queue may not answer at all."""
HEARTBEAT_SECONDS = 10


class NotConfirmed(Exception):
    """The broker did not confirm in time. The message may have arrived all the same."""


def connect(uri: str, heartbeat: int = 0) -> amqp.Connection:
    """An open connection. Raises one of BROKER_ERRORS when the broker cannot be reached in time.

    One of py-amqp, which once lost stays lost. Kombu's would put another in its place, unseen: one that beats and that nobody
    consumes from, so that a service looks alive and hears nothing.
    """
    address = Address(
        uri,
        heartbeat=heartbeat,
        connect_timeout=CONNECT_SECONDS,
        login_method="PLAIN",
        transport_options={"write_timeout": WRITE_SECONDS},
    )
    with deadline(CONNECT_SECONDS * 2):
        return address.transport.establish_connection()


def drop(connection: amqp.Connection | None) -> None:
    """Let a connection go without a word to the peer, which may never answer. Whoever still waits on it gets one of BROKER_ERRORS;
    py-amqp's own ``collect`` would have them open it anew."""
    if connection is not None:
        with contextlib.suppress(Exception):
            connection.transport.close()


@contextlib.contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Bound a write to the broker. In a process with green threads a blocked one is woken with a
    TimeoutError; elsewhere the socket's own write timeout does it."""
    eventlet = sys.modules.get("eventlet")
    if eventlet is None or not eventlet.patcher.is_monkey_patched("socket"):
        yield
        return
    with eventlet.Timeout(seconds, TimeoutError(f"The broker took longer than {seconds} s.")):
        yield


def send(channel: Any, message: amqp.Message, exchange: str, key: str, *, mandatory: bool = False) -> None:
    """Write one message, and do nothing else. py-amqp's own ``basic_publish`` first reads what has come
    in, which from a worker would be a second reader of the consuming loop's connection."""
    channel.send_method(amqp.spec.Basic.Publish, "Bssbb", (0, exchange, key, mandatory, False), message)


@contextlib.contextmanager
def _gathered(transport: Any) -> Iterator[None]:
    """Write what is sent meanwhile in one piece: py-amqp calls the system for each message, which costs as much as all else of it."""
    pieces: list[bytes] = []
    write = transport._write
    transport._write = lambda piece: pieces.append(bytes(piece))  # its writer uses one buffer for all
    try:
        yield
    finally:
        transport._write = write
    transport.write(b"".join(pieces))


@dataclass(frozen=True)
class Outgoing:
    """One message to publish. ``body``: bytes; ``exchange`` "" sends to the queue named by ``key``."""

    key: str
    body: bytes
    id: str = ""
    exchange: str = ""
    headers: dict[str, Any] = field(default_factory=dict)
    content_type: str = "application/json"
    type: str = ""
    mandatory: bool = True
    priority: int = 0


class Publisher:
    """Publishes persistently with confirms, many messages in flight on one channel. Not thread-safe."""

    def __init__(self, uri: str, on_connect: Any = None) -> None:
        self.uri = uri
        self.on_connect = on_connect
        self._connection: amqp.Connection | None = None
        self._channel: Any = None
        self._waiting: dict[int, int] = {}
        self._sent = 0

    def publish(self, messages: Iterable[Outgoing], timeout: float = 5.0) -> list[bool]:
        """Publish all and wait for the broker's word on each: True where it has the message safe,
        False where no queue took it (mandatory) or it refused.

        Raises NotConfirmed when the word is not had within ``timeout`` seconds or the connection is
        lost: then any of them may or may not have arrived.
        """
        batch = list(messages)
        outcome: list[bool | None] = [None] * len(batch)
        try:
            channel = self._open()
            self._returned: set[str] = set()
            self._outcome = outcome
            with deadline(timeout), _gathered(self._connection.transport):  # type: ignore[union-attr]
                for index, message in enumerate(batch):
                    self._sent += 1
                    self._waiting[self._sent] = index
                    send(channel, self._encoded(message), message.exchange, message.key, mandatory=message.mandatory)
            until = time.monotonic() + timeout
            while self._waiting:
                self._connection.drain_events(timeout=max(until - time.monotonic(), 0.001))  # type: ignore[union-attr]
        except BROKER_ERRORS as error:
            self.close()
            raise NotConfirmed(f"{type(error).__name__}: {error}") from error
        return [bool(ok) and (not m.mandatory or m.id not in self._returned) for ok, m in zip(outcome, batch, strict=True)]

    def close(self) -> None:
        drop(self._connection)
        self._connection = self._channel = None
        self._waiting, self._sent = {}, 0

    def _open(self) -> Any:
        if self._channel is not None:
            return self._channel
        self._connection = connect(self.uri)
        with deadline(DECLARE_SECONDS):
            if self.on_connect:
                self.on_connect(self._connection)
            channel: Any = self._connection.channel()
            channel.confirm_select()
        self._channel = channel
        self._channel.events["basic_ack"].add(lambda tag, multiple: self._settled(tag, multiple, True))
        self._channel.events["basic_nack"].add(lambda tag, multiple: self._settled(tag, multiple, False))
        self._channel.events["basic_return"].add(lambda _e, _x, _k, m: self._returned.add(m.properties.get("message_id", "")))
        return self._channel

    def _settled(self, tag: int, multiple: bool, confirmed: bool) -> None:
        for settled in [t for t in self._waiting if t <= tag] if multiple else [tag]:
            index = self._waiting.pop(settled, None)
            if index is not None:
                self._outcome[index] = confirmed

    @staticmethod
    def _encoded(message: Outgoing) -> amqp.Message:
        return amqp.Message(
            message.body,
            content_type=message.content_type,
            content_encoding="utf-8",
            delivery_mode=2,
            message_id=message.id,
            type=message.type,
            priority=message.priority,
            application_headers=message.headers,
        )
