"""Where to tell us of a weakness: ``/.well-known/security.txt`` (RFC 9116)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import Blueprint, Response

from gateway.web.words import LANGUAGES

PATH = "/.well-known/security.txt"
LASTS = timedelta(days=364)
"""How long after a process began the file is good: RFC 9116 asks for less than a year. A process lives far shorter."""


def blueprint(contacts: Sequence[str], public_url: str, began: datetime) -> Blueprint:
    """``contacts``: the ways to reach us, the best first; with none there is no such file. ``began``: when this process did."""
    pages = Blueprint("disclosure", __name__)
    lines = [
        *(f"Contact: {contact}" for contact in contacts),
        f"Expires: {began + LASTS:%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {', '.join(LANGUAGES)}",
        f"Canonical: {public_url}{PATH}",
    ]
    if contacts:
        pages.add_url_rule(PATH, "security", lambda: Response("\n".join(lines) + "\n", mimetype="text/plain"))
    return pages
