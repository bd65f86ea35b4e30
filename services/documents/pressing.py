"""Makes one file, in a process of its own: ``python -m services.documents.pressing FILE LIFELINE``.

What is to be made comes as JSON on standard input; the file is written to the descriptor FILE; how far it is goes to standard output, a
line of JSON at a time (``share`` of one), and last either ``{"made": true}`` or what went wrong: ``failed``, in words for people, and
``where`` in our code. Nothing it says quotes the text. LIFELINE is the reading end of a pipe that whoever started it holds: when that
ends, however it ends, so does this. It has no address, no password and no more memory and time than one file may take.
"""

import importlib
import json
import os
import resource
import sys
import threading
import traceback
from collections.abc import Callable
from datetime import datetime
from typing import Any

import cattrs

from press.manuscript import Manuscript, Table
from services.documents.rules.compare import Steps, opcodes
from services.documents.rules.exports import FORMATS, LARGEST
from services.kernel import written

MEMORY = 1024 * 1024 * 1024
"""Bytes of data: what setting a paper of hundreds of pages stays below."""
SECONDS = 300
"""Of computing, the most one file may take; whoever started it counts the same by the clock."""

STEPS = 20_000_000
"""Of comparing two texts: seconds, and ten times what whoever waits for an answer is given."""

_WRITERS = {
    "html": ("html", "write"),
    "pdf": ("pdf", "write"),
    "docx": ("docx", "write"),
    "xml": ("akn", "write"),
    "redline.docx": ("docx", "redline"),
    "comments.xlsx": ("table", "xlsx"),
    "comments.docx": ("table", "docx"),
    "certificate.html": ("certificate", "write_html"),
    "certificate.pdf": ("certificate", "write_pdf"),
}

Progress = Callable[[float], object]

_converter = cattrs.Converter()
_converter.register_structure_hook(datetime, lambda value, _: datetime.fromisoformat(value))
_converter.register_unstructure_hook(datetime, written)


class TooLarge(Exception):
    """The file would be larger than may be kept."""


def job(format: str, **things: Any) -> bytes:
    """What is to be made, as it travels: a format, and manuscripts, a table or a certificate by name."""
    return json.dumps({"format": format, **_converter.unstructure(things)}, ensure_ascii=False).encode()


def press(work: dict[str, Any], progress: Progress) -> bytes:
    """The file that is asked for. A writer is loaded when it is needed: most formats need none of the others'."""
    module, function = _WRITERS[work["format"]]
    write = getattr(importlib.import_module(f"press.{module}"), function)
    match FORMATS[work["format"]].of:
        case "text":
            manuscript = _converter.structure(work["manuscript"], Manuscript)
            return write(manuscript, progress=progress) if module == "pdf" else write(manuscript)
        case "changes":
            base, revised = (_converter.structure(work[name], Manuscript) for name in ("base", "manuscript"))
            steps = Steps(STEPS)
            return write(base, revised, lambda left, right: opcodes(left, right, steps))
        case "comments":
            return write(_converter.structure(work["table"], Table))
        case _:
            from press.certificate import Certificate

            return write(_converter.structure(work["certificate"], Certificate))


def main(file: int, lifeline: int) -> int:
    """Make the file that standard input asks for; the exit status, 0 also when it could not be made and that was said."""
    _within_bounds()
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()
    out = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # whatever a library prints is not ours to say

    def say(**what: Any) -> None:
        print(json.dumps(what), file=out, flush=True)

    try:
        made = press(json.loads(sys.stdin.buffer.read()), lambda share: say(share=share))
        if len(made) > LARGEST:
            raise TooLarge
        with os.fdopen(file, "wb") as written_to:
            written_to.write(made)
    except Exception as error:
        say(
            failed=_reason(error),
            where=[f"{frame.name} in {frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)],
        )
        return 0
    say(made=True)
    return 0


def _reason(error: Exception) -> str:
    """Why, in words for people. Only what is ours to say: an error's own words may quote the text."""
    if isinstance(error, MemoryError):
        return "It needs more memory than making one file may take."
    if isinstance(error, TooLarge):
        return f"The file would be larger than {LARGEST // 1024 // 1024} MiB."
    if type(error).__name__ == "Unavailable":
        return str(error)
    return f"Something failed on our side: {type(error).__name__}."


def _within_bounds() -> None:
    """Bind this process: memory, time, the size of a file; and no image of its memory is left when it dies."""
    for what, most in (
        (resource.RLIMIT_DATA, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 2 * LARGEST),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (bound, bound))


def _end_with(lifeline: int) -> None:
    """Wait for the end of whoever holds the other end, and end too."""
    os.read(lifeline, 1)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
