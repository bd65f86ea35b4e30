"""What a publisher writes is what py-amqp would have written, and what a broker takes."""

from typing import Any

import amqp
import pytest
from amqp import serialization
from amqp.method_framing import frame_writer

from messaging.wire import Outgoing, frames, send

LARGEST = 4096


def written_by_py_amqp(message: Outgoing, channel: int) -> bytes:
    class Connection:
        frame_max, bytes_sent = LARGEST, 0

    class Transport:
        wrote = b""

        def write(self, piece: Any) -> None:
            self.wrote += bytes(piece)

    transport = Transport()
    properties = {
        "delivery_mode": 1 if message.passing else 2,
        "message_id": message.id,
        "type": message.type,
        "priority": message.priority,
        "correlation_id": message.correlation,
        "reply_to": message.reply_to,
        "expiration": message.expiration,
        "application_headers": message.headers,
    }
    said = {name: value for name, value in properties.items() if value}
    content = amqp.Message(message.body, content_type=message.content_type, content_encoding="utf-8", **said)
    arguments = serialization.dumps("Bssbb", (0, message.exchange, message.key, message.mandatory, False))
    frame_writer(Connection(), transport)(1, channel, (60, 40), arguments, content)
    return transport.wrote


@pytest.mark.parametrize("size", [0, 1, LARGEST - 8, LARGEST - 7, 3 * LARGEST], ids="{} bytes".format)
@pytest.mark.parametrize(
    "how",
    [
        {"key": "a.queue"},
        {"key": "a.queue", "id": "évènement", "type": "icat.publications.published", "mandatory": False},
        {"key": "", "exchange": "events", "priority": 9, "headers": {"one": 1, "two": ["ü", {"three": None}], "four": True}},
        {"key": "documents.comment", "passing": True, "correlation": "c1", "reply_to": "amq.rabbitmq.reply-to", "expiration": "900"},
        {"key": "reply", "passing": True, "correlation": "c1", "mandatory": False},
    ],
    ids=["plain", "named", "with headers", "a request", "a reply"],
)
def test_a_message_is_written_as_the_protocol_has_it(how, size):
    message = Outgoing(body=bytes(number % 251 for number in range(size)), **how)
    assert frames(message, 7, LARGEST) == written_by_py_amqp(message, 7)


def test_a_name_that_the_protocol_has_no_room_for_is_refused():
    assert frames(Outgoing("q" * 255, b""), 1, LARGEST)
    with pytest.raises(ValueError, match="range"):
        frames(Outgoing("é" * 128, b""), 1, LARGEST)


def test_a_name_goes_back_as_it_came():
    """py-amqp reads what is no text as lone surrogates; who asked so is answered, and does not take the listener down."""
    name = b"\xed\xa0\x80".decode("utf-8", "surrogatepass")
    assert b"\x03\xed\xa0\x80" in frames(Outgoing("reply", b"{}", correlation=name), 1, LARGEST)


def test_a_reply_and_its_acknowledgement_are_one_write():
    written = []

    class Channel:
        channel_id = 3

        class connection:
            frame_max = LARGEST

            class transport:
                write = written.append

    reply = Outgoing("reply", b"{}", passing=True, correlation="c1", mandatory=False)
    send(Channel, reply, 2**40 + 7)
    send(Channel, None, 8)
    ack = [serialization.dumps("Lb", (tag, False)) for tag in (2**40 + 7, 8)]
    framed = [b"\x01\x00\x03" + (4 + len(one)).to_bytes(4) + b"\x00\x3c\x00\x50" + one + b"\xce" for one in ack]
    assert written == [frames(reply, 3, LARGEST) + framed[0], framed[1]]
