"""Examples of what is sent and answered, for the description of the API: made of the samples that the contracts keep.

A field shows what a sample says under its name, if the field takes it; else what its type is like. So an example is never other than the
contract, whatever the contract becomes.
"""

import functools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

import contracts
from contracts import base

SAMPLES = Path(contracts.__file__).parent / "samples"

_AT, _LATER = "2014-01-20T09:00:00Z", "2014-03-01T12:00:00Z"

_NAMED: dict[str, tuple[Any, ...]] = {
    "action": ("training", 1),
    "address": ("mission@example.org",),
    "after": ("MjAxNC0wMS0yMA",),
    "amount": ("1200",),
    "amendment": ("amendment-1",),
    "areas": (["workplan"],),
    "as_of": (_AT,),
    "attachment": ("file-1",),
    "cell": ("E2",),
    "channel": ("mail", "inbox"),
    "code": ("BRA", "123456", "IOM"),
    "content": ("JVBERi0xLjc=",),
    "csrf_token": ("pVb1…",),
    "decision": ("The Group's minutes of 14 January 2014",),
    "deadline": (_LATER,),
    "detail": ("Beyond the year of the plan.",),
    "display_name": ("Maria Example",),
    "donor": ("A donor",),
    "ends_at": ("2014-03-20T17:00:00Z",),
    "error": ("",),
    "expires_at": (_LATER,),
    "export": ("export-1",),
    "fields": (["title"],),
    "foreword": ("What the Group did in this year.",),
    "funding": ("gift", "gift-1"),
    "heading": ("Demand",),
    "id": ("paper-2",),
    "invitation": ("a-token-of-an-invitation",),
    "language": ("en",),
    "limit": (50,),
    "login": ("iom",),
    "meeting": ("spring",),
    "name": ("iom", "International Organization for Migration"),
    "names": ({"en": "International Organization for Migration", "fr": "Organisation internationale pour les migrations"},),
    "next": (None,),
    "objective": ("To advise States on demand.",),
    "of": ("iom",),
    "outcome": ("accepted", "done"),
    "password": ("correct horse battery staple",),
    "place": ("Geneva",),
    "position": ("endorse",),
    "procedures": (["express"],),
    "quotation": ("Demand drives it.",),
    "reason": ("The seat is needed elsewhere.",),
    "role": ("focal_point",),
    "roles": (["focal_point"],),
    "rule": ("due-in-year",),
    "scope": ("all",),
    "section": ("s1", 1),
    "service": ("workplan",),
    "source": ("001 ¶71",),
    "starts_at": ("2014-03-20T09:00:00Z",),
    "status": ("under_way", "sent", "active"),
    "subject": ("plan/2014",),
    "subscriber": ("BRA",),
    "subscription": ("sub-1",),
    "summary": ("What States can do about demand.",),
    "swap": ("swap-1",),
    "target": ("mission@example.org",),
    "text": ("Demand drives it.",),
    "title": ("An issue paper on demand",),
    "to": (_LATER, "ilo"),
    "token": ("icat_an-example-of-a-token-of-forty-three-signs",),
    "topic": ("briefings",),
    "topics": (["briefings", "publications"],),
    "until": (_LATER, 2015),
    "version": (12,),
    "what": ("Tell the donors.",),
    "word": ("endorse",),
    "words": ("demand",),
    "zone": ("Africa/Nairobi",),
}
"""What is best said of a name, before any sample is asked."""

_TYPES: tuple[tuple[type[fields.Field], tuple[Any, ...]], ...] = (
    (base.Instant, (_AT,)),
    (fields.AwareDateTime, (_AT,)),
    (base.EntityCode, ("IOM",)),
    (base.Year, (2014,)),
    (base.Digest, ("d3ad" * 16,)),
    (base.Currency, ("CHF",)),
    (fields.Boolean, (False,)),
    (fields.Integer, (1, 2014)),
    (fields.Float, (0.5,)),
    (fields.Dict, ({},)),
    (
        fields.String,
        ("text", "s1", "08:00", "2014", "/library", "https://icat.example/x", "5.1.1", "a-token-of-twenty-signs-and-more", "1200"),
    ),
    (fields.Raw, ("text",)),
)


def sent(command: type[Schema], without: frozenset[str] = frozenset()) -> dict[str, Any]:
    """An order or a question as it may be sent, but for the fields that the address says."""
    schema = command()
    wanted = {key: value for key, value in _whole(command).items() if value is not None}
    required = {key for key, field in _fields(schema).items() if field.required}
    for example in (*_SENT.get(command.__name__, ()), wanted, {key: value for key, value in wanted.items() if key in required}):
        try:
            schema.load(example)
        except ValidationError as error:
            wrong = error.messages
            continue
        if without <= set(example) or command.__name__ not in _SENT:
            return {key: value for key, value in example.items() if key not in without}
    raise TypeError(f"No example of {command.__name__} is known: {wrong}.")


def answered(answer: type[Schema]) -> dict[str, Any]:
    """What is answered, as it may be."""
    return _whole(answer)


_TOKEN = "a-token-of-a-mail-that-was-sent"

_SENT: dict[str, tuple[dict[str, Any], ...]] = {
    "InvitePerson": ({"name": "iom", "display_name": "Maria Example", "entity": "IOM", "roles": ["focal_point"], "language": "en"},),
    "Preview": ({"topic": "briefings", "number": 1, "language": "en"},),
    "ReplyToBriefing": (
        {"briefing": "consultation", "subscriber": "BRA", "attending": "yes", "people": ["Ms A. Example"]},
        {"briefing": "consultation", "token": _TOKEN, "attending": "yes", "people": ["Ms A. Example"]},
    ),
    "Unsubscribe": ({"token": _TOKEN}, {"subscriber": "BRA", "subscription": "sub-1"}),
}
"""Where what a contract asks of several fields together cannot be told from each alone."""


@functools.cache
def _whole(schema: type[Schema]) -> dict[str, Any]:
    return {key: of_field(field, key, (schema,)) for key, field in _fields(schema()).items()}


def _fields(schema: Schema) -> dict[str, fields.Field]:
    return {field.data_key or name: field for name, field in schema.fields.items()}


def of_field(field: fields.Field, name: str, within: tuple[type[Schema], ...] = ()) -> Any:
    """A value that this field takes; None where it takes nothing that is known."""
    for candidate in _candidates(field, name, within):
        if _takes(field, candidate):
            return candidate
    return None


def _candidates(field: fields.Field, name: str, within: tuple[type[Schema], ...]) -> Iterator[Any]:
    yield from _NAMED.get(name, ())
    if isinstance(field, fields.Nested):
        kind = type(field.schema)
        inner = {} if kind in within else {key: of_field(one, key, (*within, kind)) for key, one in _fields(field.schema).items()}
        yield [inner] if field.many else inner
        yield {key: value for key, value in inner.items() if value is not None}
        return
    if isinstance(field, fields.List):
        inner = of_field(field.inner, name.removesuffix("s"), within)
        yield [] if inner is None or inner == {} else [inner]
        yield []
        return
    for rule in field.validators:
        if isinstance(rule, validate.OneOf):
            yield from rule.choices
    yield from _samples().get(name, ())
    for kind, values in _TYPES:
        if isinstance(field, kind):
            yield from values


def _takes(field: fields.Field, candidate: Any) -> bool:
    if candidate is None:
        return field.allow_none
    try:
        field.deserialize(candidate)
    except (ValidationError, TypeError, ValueError):
        return False
    return next((type(candidate) in written for kind, written in _WRITTEN if isinstance(field, kind)), True)


_WRITTEN: tuple[tuple[type[fields.Field], tuple[type, ...]], ...] = (
    (fields.String, (str,)),
    (fields.Boolean, (bool,)),
    (fields.Integer, (int,)),
    (fields.Float, (float, int)),
)
"""As what JSON has a field; a contract would read more, as ``1`` for true."""


@functools.cache
def _samples() -> dict[str, list[Any]]:
    """What the samples say, by the name under which they say it."""
    found: dict[str, list[Any]] = {}

    def note(value: Any, name: str) -> None:
        if isinstance(value, Mapping):
            for key, one in value.items():
                note(one, key)
        elif isinstance(value, list):
            for one in value:
                note(one, name)
        elif value is not None and value not in found.setdefault(name, []):
            found[name].append(value)

    for path in sorted(SAMPLES.glob("*/*.json")):
        note(json.loads(path.read_text(encoding="utf-8")), "")
    return found
