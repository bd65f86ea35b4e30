"""What binds a position to one exact text."""

import hashlib
import json
from typing import Any


def digest_of(value: Any) -> str:
    """SHA-256, in hexadecimal, of a text or of a JSON-able value in one canonical writing
    (sorted keys, no spaces, UTF-8), so that the same content has the same digest everywhere."""
    if not isinstance(value, str):
        value = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(value.encode("utf-8")).hexdigest()
