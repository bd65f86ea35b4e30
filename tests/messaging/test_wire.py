"""What a publisher writes is what py-amqp would have written, and what a broker takes."""

from typing import Any

import amqp
import pytest
from amqp import serialization
from amqp.method_framing import frame_writer

from messaging.wire import Outgoing, frames

LARGEST = 4096


def written_by_py_amqp(message: Outgoing, channel: int) -> bytes:
    class Connection:
        frame_max, bytes_sent = LARGEST, 0

    class Transport:
        wrote = b""

        def write(self, piece: Any) -> None:
            self.wrote += bytes(piece)

    transport = Transport()
    content = amqp.Message(
        message.body,
        content_type=message.content_type,
        content_encoding="utf-8",
        delivery_mode=2,
        message_id=message.id,
        type=message.type,
        priority=message.priority,
        application_headers=message.headers,
    )
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
    ],
    ids=["plain", "named", "with headers"],
)
def test_a_message_is_written_as_the_protocol_has_it(how, size):
    message = Outgoing(body=bytes(number % 251 for number in range(size)), **how)
    assert frames(message, 7, LARGEST) == written_by_py_amqp(message, 7)


def test_a_name_that_the_protocol_has_no_room_for_is_refused():
    assert frames(Outgoing("q" * 255, b""), 1, LARGEST)
    with pytest.raises(ValueError, match="range"):
        frames(Outgoing("é" * 128, b""), 1, LARGEST)
