"""Files as they are: of others, which are only ever saved, and of our own making, of which a reader may open some at once.

A file that somebody sent could speak with our voice if a browser took it for a page of ours: it is told not to guess, not to open
it, and to let nothing in it run.
"""

import base64
import re
from typing import Any
from urllib.parse import quote

from press.package import DOCX

MEDIA_TYPES = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "docx": DOCX,
    "xml": "application/akn+xml",
    "certificate.html": "text/html; charset=utf-8",
    "certificate.pdf": "application/pdf",
}
"""What a publication's formats are, as the description of the API names them; an answer carries its own."""

_SHUT = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
_PAGE = f"{_SHUT}; style-src 'unsafe-inline'; img-src data:"
"""Of a page we made, which narrows it to its own style sheet."""
_PDF = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'none'"
"""Browsers show no PDF in a sandbox, and theirs carry a style sheet of the viewer's own."""

_OPENED = {"text/html": _PAGE, "application/pdf": _PDF}


class Foreign:
    """A form that gives a file somebody sent, to be saved. ``media_type``: a range, for the description of the API."""

    opened: dict[str, str] = {}

    def __init__(self, media_type: str) -> None:
        self.media_type = media_type

    def write(self, answer: dict[str, Any], language: str, public_url: str) -> bytes:
        """The bytes of a ``FileAnswer``."""
        return base64.b64decode(answer["content"])

    def headers(self, answer: dict[str, Any]) -> dict[str, str]:
        media_type = answer["media_type"]
        policy = self.opened.get(media_type.partition(";")[0].strip())
        return {
            "Content-Type": media_type,
            "Content-Disposition": disposition("inline" if policy else "attachment", answer["name"]),
            "Content-Security-Policy": policy or _SHUT,
            "X-Content-Type-Options": "nosniff",
        }


class Made(Foreign):
    """A form that gives a file of our own making: pages and PDF open in the browser, all else is saved."""

    opened = _OPENED


def in_base64(raw: bytes) -> str:
    """A file's bytes, as a contract carries them."""
    return base64.b64encode(raw).decode()


def disposition(kind: str, name: str) -> str:
    """The header by which a file keeps its name, in any script (RFC 6266): in ASCII for old programs, whole for all others."""
    name = re.sub(r"[\x00-\x1f\x7f/\\]", "_", name)
    plain = re.sub(r"[^A-Za-z0-9 ._()-]", "_", name)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
