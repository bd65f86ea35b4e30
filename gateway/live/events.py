"""Answers as server-sent events."""

import json
from collections.abc import Mapping
from typing import Any

HEARTBEAT = b":\n\n"
"""A comment, which every reader passes over: it shows each side that the other is still there."""


def told(answer: Mapping[str, Any]) -> bytes:
    """A page of an inbox: an event for each item, and at the end how many are unread; with the position that each reaches as its id, so
    that a stream that breaks within a page is resumed after the last item that came whole."""
    items = "".join(f"event: item\nid: {item['position']}\ndata: {_written(item)}\n\n" for item in answer["items"])
    return f"{items}id: {answer['position']}\nevent: unread\ndata: {_written({'unread': answer['unread']})}\n\n".encode()


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
