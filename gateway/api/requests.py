"""Reads what came in: bodies, parameters and headers, each refused by name when it cannot be read."""

import json
import re
from collections.abc import Collection
from datetime import datetime
from typing import Any, NoReturn
from urllib.parse import unquote_to_bytes

from flask import Request
from marshmallow import Schema, ValidationError, fields
from werkzeug.exceptions import RequestEntityTooLarge

from contracts.base import Instant
from contracts.problems import invalid
from services.kernel.refusal import Refusal

_instant = Instant()


def _malformed(detail: str, *, rule: str, field: str | None = None, accepted: str | None = None) -> Refusal:
    return Refusal("malformed", detail, rule=rule, field=field, accepted=accepted)


# Bodies ---------------------------------------------------------------------------------------------------------------------------------


def body_of(request: Request, limit: int, others: tuple[str, ...] = ()) -> tuple[bytes, dict[str, Any] | None]:
    """The raw body and the JSON object in it; an empty body is an empty object. A body of one of the ``others``, media types that are
    taken beside, is not read here: its object is None.

    Raises Refusal: ``too_large``, ``unsupported_media_type`` or ``malformed``.
    """
    # One byte more than allowed: of a body sent in chunks, what is over the maximum would silently be left unread.
    request.max_content_length = limit + 1
    try:
        raw = request.get_data(cache=False)
    except RequestEntityTooLarge:
        raw = None
    if raw is None or len(raw) > limit:
        raise Refusal("too_large", f"A body here has at most {limit} bytes.", rule="body-limit", accepted=f"{limit} bytes")
    if request.mimetype in others:
        return raw, None
    if not raw:
        return raw, {}
    if request.mimetype != "application/json" or request.mimetype_params.get("charset", "utf-8").lower() != "utf-8":
        raise Refusal(
            "unsupported_media_type",
            f"A body is sent as application/json in UTF-8{', or as one of the files named here' if others else ''}.",
            rule="media-type",
            field="Content-Type",
            accepted=["application/json", *others] if others else "application/json",
        )
    return raw, json_object(raw)


def json_object(raw: bytes) -> dict[str, Any]:
    """The one JSON object written in ``raw``. Raises Refusal(malformed) saying what is wrong with it."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _malformed(f"The body is no UTF-8: byte {error.start} cannot be read.", rule="utf-8") from None
    try:
        value = json.loads(text, object_pairs_hook=_without_doubles, parse_constant=_no_number, parse_float=_finite)
        if "\\u" in text:  # an escape can write half a character, which no UTF-8 can carry on
            json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        raise _malformed("The body is nested too deeply.", rule="json") from None
    except UnicodeEncodeError:
        raise _malformed("The body escapes half a character (an unpaired surrogate).", rule="json") from None
    except ValueError as error:
        raise _malformed(f"The body is no JSON: {error}.", rule="json") from None
    if not isinstance(value, dict):
        raise _malformed("The body is JSON, but no object.", rule="json-object", accepted="{…}")
    return value


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name {twice[:80]!r} stands twice in one object")
    return made


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"the number {text[:40]} is too large")
    return number


# Parameters -----------------------------------------------------------------------------------------------------------------------------


class Parameters:
    """Reads the text of paths and query strings as the types a contract declares. Made once per route. ``in_path``: the names
    that the path gives.

    What cannot be read as its type stays text, and is refused by the contract with its own words.
    """

    def __init__(self, schema: Schema, in_path: Collection[str] = ()) -> None:
        self._fields = {field.data_key or name: field for name, field in schema.fields.items()}
        self._in_path = in_path

    @property
    def names(self) -> list[str]:
        """What a body or a query string may name."""
        return [name for name in self._fields if name not in self._in_path]

    def of_path(self, values: dict[str, str]) -> dict[str, Any]:
        return {name: _typed(self._fields.get(name), value) for name, value in values.items()}

    def of_query(self, request: Request) -> dict[str, Any]:
        """A list may be given as ``?x=a&x=b`` or ``?x=a,b``; anything else only once."""
        if not request.query_string:
            return {}
        _must_be_utf8(request.query_string)
        found: dict[str, Any] = {}
        for name, values in request.args.lists():
            field = self._fields.get(name)
            if isinstance(field, fields.List):
                found[name] = [_typed(field.inner, part) for value in values for part in value.split(",") if part]
            elif len(values) > 1:
                raise Refusal.invalid(name, f"{name} is given {len(values)} times.", rule="parameter-once", accepted="one value")
            else:
                found[name] = _typed(field, values[0])
        return found

    def refused(self, error: ValidationError) -> Refusal:
        """A contract's errors as a refusal, which for a name nobody declared says which names there are."""
        refusal = invalid(error)
        if refusal.field is not None and refusal.accepted is None and refusal.field.partition(".")[0] not in self._fields:
            refusal.accepted = sorted(self.names)
        return refusal


def _typed(field: fields.Field | None, text: str) -> Any:
    if isinstance(field, fields.Integer) and re.fullmatch(r"-?[0-9]{1,18}", text):
        return int(text)
    if isinstance(field, fields.Boolean):
        return {"true": True, "false": False}.get(text, text)
    return text


def _must_be_utf8(query: bytes) -> None:
    try:
        unquote_to_bytes(query).decode("utf-8")
    except UnicodeDecodeError:
        raise _malformed("The query string is no UTF-8.", rule="utf-8") from None


# Headers --------------------------------------------------------------------------------------------------------------------------------


def language_of(request: Request, among: tuple[str, ...], otherwise: str = "en") -> str:
    """The best of these languages for the reader (``fr-CH`` is French), ``otherwise`` when none of them is asked for."""
    for wanted in request.accept_languages.values():
        if (language := wanted.partition("-")[0].lower()) in among:
            return language
    return otherwise


def instant_of(header: str | None, *, rehearsal: bool, now: datetime) -> datetime:
    """The instant of a request: the present, or in rehearsal what ``ICAT-Instant`` names."""
    if header is None:
        return now
    if not rehearsal:
        raise Refusal.not_allowed("A caller names the instant in rehearsal only.", rule="rehearsal-only", field="ICAT-Instant")
    try:
        return _instant.deserialize(header.strip())
    except ValidationError as error:
        raise _malformed(" ".join(error.messages), rule="instant", field="ICAT-Instant", accepted="2014-07-30T00:00:00Z") from None


def key_of(header: str | None) -> str | None:
    """The idempotency key, with or without the quotes of a structured field."""
    if header is None:
        return None
    key = header.strip()
    if len(key) >= 2 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not re.fullmatch(r"[\x21-\x7e]{1,255}", key):
        raise _malformed(
            "An idempotency key has 1 to 255 visible ASCII characters.", rule="idempotency-key", field="Idempotency-Key", accepted="a UUID"
        )
    return key


def expected_of(header: str | None) -> int | None:
    """The version that ``If-Match`` asks for; None without the header, or with ``*`` (whatever there is).

    Tags compare strongly (RFC 9110): a weak one, or one we never gave, matches nothing, so the request is stale.
    """
    if header is None or header.strip() == "*":
        return None
    tags = tags_of(header, "If-Match")
    if len(tags) != 1:
        raise _malformed("If-Match names the one version you saw.", rule="if-match", field="If-Match", accepted='"12"')
    version = re.fullmatch(r'"([0-9]{1,15})(-[0-9a-f]+)?"', tags[0])
    if version is None:
        raise Refusal(
            "stale", "This tag matches no version.", rule="if-match", field="If-Match", accepted='the ETag of the last answer, or "*"'
        )
    return int(version[1])


_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'


def tags_of(header: str, name: str) -> list[str]:
    """The entity tags in a header, each with its quotes. Raises Refusal(malformed)."""
    if not re.fullmatch(rf"\s*{_TAG}\s*(,\s*{_TAG}\s*)*", header):
        raise _malformed(f"{name} is a list of entity tags in double quotes.", rule="entity-tag", field=name, accepted='"12"')
    return re.findall(_TAG, header)


def matches(header: str | None, tag: str) -> bool:
    """Whether ``If-None-Match`` knows this tag (weak comparison, RFC 9110 §13.1.2)."""
    if header is None:
        return False
    if header.strip() == "*":
        return True
    return any(known.removeprefix("W/") == tag.removeprefix("W/") for known in tags_of(header, "If-None-Match"))
