"""Connections to the broker that fail fast, and publishing that knows what arrived.

The platform's outer deadlines are here: under the broker's memory alarm or a frozen peer, a plain
publish hangs for minutes (see docs/decisions); ours gives up, drops the connection instead of
closing it politely, and says what was not confirmed.
"""

import contextlib
import struct
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import amqp
import amqp.serialization
import amqp.spec
from kombu import Connection as Address

BROKER_ERRORS: tuple[type[BaseException], ...] = (amqp.AMQPError, OSError, EOFError, AttributeError)
"""What a lost connection looks like. EOFError: eventlet's, and AttributeError: py-amqp's, on a transport dropped under their hands."""

CONNECT_SECONDS = 5
WRITE_SECONDS = 5
DECLARE_SECONDS = 20
"""How long all that follows the connecting may take (declaring, consuming): a broker that has lost a queue may not answer at all."""
HEARTBEAT_SECONDS = 10

READ_AHEAD = 4096
"""Bytes that are asked of the system at once: some two hundred confirms, or a message in one piece, of which py-amqp would fetch each frame
in three."""

PUBLISH, ACKNOWLEDGE, CONTENT = (60, 40), (60, 80), 60
"""Of AMQP 0-9-1: the methods that publish and acknowledge, and the class of a message's content."""
METHOD_FRAME, HEADER_FRAME, BODY_FRAME, FRAME_END = 1, 2, 3, b"\xce"
PERSISTENT, PASSING = b"\2", b"\1"
ENCODING = b"\5utf-8"


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
        connection = address.transport.establish_connection()
    transport = connection.transport
    receive = transport._quick_recv
    transport._quick_recv = lambda wanted: receive(max(wanted, READ_AHEAD))  # py-amqp keeps what is beyond
    return connection


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


@dataclass(frozen=True)
class Outgoing:
    """One message to publish. ``body``: bytes; ``exchange`` "" sends to the queue named by ``key``. ``passing``: it need not outlive the
    broker; ``expiration``: milliseconds, written out. What is empty is left out."""

    key: str
    body: bytes
    id: str = ""
    exchange: str = ""
    headers: dict[str, Any] = field(default_factory=dict)
    content_type: str = "application/json"
    type: str = ""
    mandatory: bool = True
    priority: int = 0
    passing: bool = False
    correlation: str = ""
    reply_to: str = ""
    expiration: str = ""


def send(channel: Any, message: Outgoing | None, acknowledging: int | None = None) -> None:
    """Write a message, and the acknowledgement of one that came by this channel (its delivery tag), in one piece, and do nothing else.
    py-amqp's own ``basic_publish`` first reads what has come in, which from a worker would be a second reader of the consuming loop's
    connection."""
    connection, id = channel.connection, channel.channel_id
    written = frames(message, id, connection.frame_max) if message else b""
    if acknowledging is not None:
        written += _frame(METHOD_FRAME, id, struct.pack(">HHQB", *ACKNOWLEDGE, acknowledging, False))
    connection.transport.write(written)


def frames(message: Outgoing, channel: int, largest: int) -> bytes:
    """A message as it goes over the wire on a channel, in frames of no more than ``largest`` bytes. Raises ValueError
    for a name above 255 bytes. py-amqp, which writes any method with any arguments, takes five times as long."""
    method = struct.pack(">HHH", *PUBLISH, 0) + _short(message.exchange) + _short(message.key) + bytes((message.mandatory,))
    properties = (  # of the class of content, in the order of their bits
        _short(message.content_type),
        ENCODING,
        message.headers and amqp.serialization.dumps("F", [message.headers]),
        PASSING if message.passing else PERSISTENT,
        message.priority and bytes((message.priority,)),
        message.correlation and _short(message.correlation),
        message.reply_to and _short(message.reply_to),
        message.expiration and _short(message.expiration),
        message.id and _short(message.id),
        None,
        message.type and _short(message.type),
    )
    flags = sum(1 << 15 - number for number, written in enumerate(properties) if written)
    header = struct.pack(">HHQH", CONTENT, 0, len(message.body), flags) + b"".join(written for written in properties if written)
    piece = largest - 8  # what a frame has around its content
    body = [_frame(BODY_FRAME, channel, message.body[at : at + piece]) for at in range(0, len(message.body), piece)]
    return b"".join((_frame(METHOD_FRAME, channel, method), _frame(HEADER_FRAME, channel, header), *body))


def _frame(kind: int, channel: int, content: bytes) -> bytes:
    return struct.pack(">BHI", kind, channel, len(content)) + content + FRAME_END


def _short(text: str) -> bytes:
    """A short string of AMQP: its length in one byte before it; what py-amqp read is written as it came. Raises ValueError for one above
    255 bytes."""
    written = text.encode("utf-8", "surrogatepass")
    return bytes((len(written),)) + written


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
            written = b"".join([frames(message, channel.channel_id, self._connection.frame_max) for message in batch])  # type: ignore[union-attr]
            self._waiting = {self._sent + 1 + index: index for index in range(len(batch))}
            self._sent += len(batch)
            with deadline(timeout):
                self._connection.transport.write(written)  # type: ignore[union-attr]
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
