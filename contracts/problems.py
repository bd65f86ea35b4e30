"""Refusals as RFC 9457 problems, on the wire between services and out of the gateway."""

import re
from typing import Any

from marshmallow import ValidationError

from services.kernel.refusal import Refusal

# kind: (HTTP status, title). The type URI is https://icat.example/problems/<kind>, served by the gateway as a page.
KINDS: dict[str, tuple[int, str]] = {
    "invalid": (422, "The input breaks a rule"),
    "malformed": (400, "The request cannot be read"),
    "not_authenticated": (401, "Who are you?"),
    "not_allowed": (403, "Not yours to do"),
    "not_found": (404, "There is no such thing"),
    "method_not_allowed": (405, "Not a method of this resource"),
    "conflict": (409, "The state does not allow it"),
    "too_late": (409, "The deadline has passed"),
    "too_early": (409, "The time has not come"),
    "stale": (412, "It has changed since you saw it"),
    "too_large": (413, "Too large"),
    "unsupported_media_type": (415, "Not a format accepted here"),
    "key_reused": (422, "The idempotency key was used for something else"),
    "too_many": (429, "Too many requests"),
    "internal": (500, "Something failed on our side"),
    "unavailable": (503, "Not available now"),
    "timed_out": (504, "No answer in time; it may still be carried out"),
}


def problem(refusal: Refusal) -> dict[str, Any]:
    """The problem document of a refusal: type, title, status, detail, and ``rule``, ``field``,
    ``accepted``, ``errors`` as extension members where they are known."""
    status, title = KINDS.get(refusal.kind, KINDS["internal"])
    document: dict[str, Any] = {
        "type": f"/problems/{refusal.kind.replace('_', '-')}",
        "title": title,
        "status": status,
        "detail": refusal.detail,
        "rule": refusal.rule,
    }
    for name in ("field", "accepted"):
        if (value := getattr(refusal, name)) is not None:
            document[name] = value
    return document | refusal.extra


def refusal_of(document: dict[str, Any]) -> Refusal:
    """The refusal a problem document was made of."""
    known = {"type", "title", "status", "detail", "rule", "field", "accepted"}
    return Refusal(
        document["type"].rsplit("/", 1)[-1].replace("-", "_"),
        document["detail"],
        rule=document["rule"],
        field=document.get("field"),
        accepted=document.get("accepted"),
        extra={k: v for k, v in document.items() if k not in known},
    )


def invalid(error: ValidationError) -> Refusal:
    """A contract's validation errors as one refusal: every path with what was wrong with it, and what would be accepted there, where its
    sentence says so."""
    errors = [{"field": path, "detail": detail} | _accepting(detail) for path, detail in _paths(error.messages)]
    first = errors[0]
    detail = f"{first['field']}: {first['detail']}"
    return Refusal.invalid(first["field"], detail, rule="contract", accepted=first.get("accepted"), extra={"errors": errors})


def _accepting(detail: str) -> dict[str, Any]:
    """What a sentence of marshmallow's names as its bounds, or its choices. Its validators hand on nothing but the sentence."""
    if bounds := re.fullmatch(r"Must be greater than or equal to (\S+) and less than or equal to (\S+)\.", detail):
        return {"accepted": f"{bounds[1]} to {bounds[2]}"}
    if choices := re.fullmatch(r"Must be one of: (.+)\.", detail):
        return {"accepted": choices[1].split(", ")}
    return {}


def _paths(messages: Any, prefix: str = ""):
    if isinstance(messages, dict):
        for key, value in messages.items():
            yield from _paths(value, f"{prefix}.{key}" if prefix else str(key))
    elif isinstance(messages, list):
        for value in messages:
            yield from _paths(value, prefix)
    else:
        yield prefix or "body", str(messages)
