"""``python -m launcher.mail_sink PORT FOLDER``: receives mail and keeps it, one ``.eml`` file a message.

For ``./icat up``, the demo and the tests: mail that leaves the platform can be read, and reaches nobody.
"""

import asyncio
import itertools
import json
import signal
import sys
import time
from email.parser import BytesHeaderParser
from email.policy import default
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope

from launcher.home import LOOPBACK

MAX_BYTES = 33_554_432


class Sink:
    """Keeps each message under a name that sorts by arrival."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.numbers = itertools.count(1)

    async def handle_DATA(self, server: SMTP, session: object, envelope: Envelope) -> str:
        name = f"{time.time_ns()}-{next(self.numbers)}.eml"
        part = self.folder / f"{name}.part"
        returned_to = f"Return-Path: <{envelope.mail_from or ''}>\r\n".encode("utf-8", "replace")  # as a mailbox writes it (RFC 5321, 4.4)
        part.write_bytes(returned_to + (envelope.original_content or b""))
        part.rename(self.folder / name)  # whoever lists *.eml meets whole messages only
        subject = BytesHeaderParser(policy=default).parsebytes(envelope.original_content or b"")["subject"]
        print(json.dumps({"event": "received", "file": name, "to": envelope.rcpt_tos, "subject": subject}), flush=True)
        return "250 Kept"


async def receive(port: int, folder: Path) -> None:
    """Receive until SIGTERM."""
    loop, end = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end.set)
    sink = Sink(folder)
    server = await loop.create_server(
        lambda: SMTP(sink, hostname="localhost", enable_SMTPUTF8=True, data_size_limit=MAX_BYTES, loop=loop), LOOPBACK, port
    )
    await end.wait()
    server.close()


if __name__ == "__main__":
    asyncio.run(receive(int(sys.argv[1]), Path(sys.argv[2])))
