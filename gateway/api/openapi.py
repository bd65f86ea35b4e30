"""The API described: OpenAPI 3.1, made from the table of routes and the contracts' own schemas."""

import functools
import re
from collections.abc import Iterator
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import fields

from contracts import base
from contracts.base import Answer, Command
from contracts.problems import KINDS
from gateway.api import examples, sparse
from gateway.api.problems import MEDIA_TYPE
from gateway.api.routes import PREFIX, Deprecated, Route
from gateway.forms import GIVEN, TAKEN

_REFUSALS = "\n".join(f"- `{status}` [{title}](/problems/{kind.replace('_', '-')})" for kind, (status, title) in KINDS.items())

INTRODUCTION = f"""\
Everything the Group's platform does, as software may ask for it. Every path below stands behind the prefix `{PREFIX}`.

**To begin**, log in for a token (an account of any kind will do), and ask with it from then on:

```
API=http://127.0.0.1:8080{PREFIX}   # or wherever you read this
curl -c jar --json '{{"name": "iom", "password": "…"}}' $API/sessions                          # answers csrf_token
curl -b jar -H 'X-CSRF-Token: …' --json '{{"name": "our software", "scope": "all"}}' $API/tokens   # answers token, this once
curl -H 'Authorization: Bearer icat_…' $API/chairs
```

**Who you are.** `Authorization: Bearer icat_…` (make a token at `POST /tokens`), or the cookie of a session together with its
CSRF token in `X-CSRF-Token`. A token works for a year at most; make it for less where less will do: `scope` `read` asks questions
only, `areas` names the services it is for. What guards an account (password, second factor, sessions, tokens) is changed in a
session, never by a token. Where a second factor is in force, logging in takes its `code` as well. Calendars (`….ics`) take HTTP
Basic, too, since calendar programs know nothing else: any user name,
and a token as the password. What you may do is decided by the service that owns the rule.

**Once.** Send an `Idempotency-Key` with every change: sent again within 24 hours, the same request is carried out once and
answered alike (`Idempotency-Replayed: true`). Not kept are server errors (5xx), 412 and 429, after which the same key may be sent
again, with a fresh `If-Match` or later. A key belongs to an account as it is: once its entity or roles change, it is a new one.

**What you saw.** Answers carry an `ETag`. Send it back as `If-Match` (or `"<version>"`) to be refused with 412 when the thing has
changed since; as `If-None-Match` to be spared what you have.

**How often.** Questions and orders are counted by the minute, for each account, each token and each visitor's address. Answers say
what is left (`RateLimit`, `RateLimit-Policy`); what is too much is refused with 429, and `Retry-After` says how long to wait. A
stream counts once.

**When.** Instants are ISO 8601 with their offset. Questions about anything that has dates take `as_of`. In rehearsal the header
`ICAT-Instant` names the present.

**No.** Refusals are problem documents (RFC 9457): `detail` for people, `rule` for software, `field` where one is at fault, `accepted`
where something would be. A refused request changed nothing. What is for people is English or French: as `Accept-Language` asks, else as
the account has it, which in a session goes first; `Content-Language` says which it is. Any route may answer:

{_REFUSALS}

**Pages** are `items` and the cursor `next`: ask with `limit` and `after`. A list in a query string is `?x=a&x=b` or `?x=a,b`.

**Less of it.** Every question that is answered in JSON takes `fields`: `?fields=year,state,activities.title` gives just those; of a page,
they are its items'.

**What goes.** A route that is not to be built upon any more says so in its answers, a refusal's too: `Deprecation` since when (RFC 9745),
`Sunset` when it ends (RFC 8594), and `Link` to what takes its place.

**Citations** such as (000 ¶28) say where a rule comes from. 000: E/CN.15/2012 report, 8 February 2012. 001: A/70 report, 8 June 2015.
002: CTOC/COP/2010 report, 16 July 2010. 003: Working Group on Trafficking in Persons, draft report, 12 October 2011. 004: General
Assembly resolution A/RES/64/293 with the Global Plan of Action, 30 July 2010.
"""

SERVICES = {
    "chairs": "Who belongs, who sits, who chairs.",
    "workplan": "The year's joint plan and the briefings.",
    "documents": "Papers, notes and statements, from proposal to publication.",
    "notifications": "Subscribers, and what was sent to them.",
    "gateway": "People, sessions, tokens, and what needs more than one service.",
}

_STATUSES_OF_EVERY_ROUTE = (400, 422, 429, 500, 503, 504)


@functools.cache
def described(routes: tuple[Route, ...], server: str = "") -> dict[str, Any]:
    """The OpenAPI document of these routes, as JSON-able data."""
    names = _Names()
    plugin = MarshmallowPlugin(schema_name_resolver=names)
    spec = APISpec(
        title="ICAT",
        version="1",
        openapi_version="3.1.0",
        plugins=[plugin],
        info={"description": INTRODUCTION},
        servers=[{"url": server + PREFIX}],
        tags=[{"name": name, "description": text} for name, text in SERVICES.items()],
    )
    assert plugin.converter is not None
    plugin.converter.add_attribute_function(portable)
    spec.components.security_scheme("token", {"type": "http", "scheme": "bearer", "description": "An API token, `icat_…`."})
    basic = "For calendar programs: any user name, and an API token, `icat_…`, as the password."
    spec.components.security_scheme("calendar", {"type": "http", "scheme": "basic", "description": basic})
    spec.components.security_scheme(
        "session", {"type": "apiKey", "in": "cookie", "name": "icat_session", "description": "With `X-CSRF-Token` on changes."}
    )
    spec.components.schema("Problem", _PROBLEM)
    for kind, (status, title) in _kinds_by_status().items():
        content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        spec.components.response(f"Problem{kind}", {"description": f"{status} {title}", "content": content})
    for name, parameter in _HEADERS.items():
        spec.components.parameter(name, "header", {"name": name, "schema": {"type": "string"}, **parameter})
    spec.components.parameter(sparse.PARAMETER, "query", {"name": sparse.PARAMETER, "schema": {"type": "string"}, **_FIELDS})
    for route in routes:
        spec.path(route.path, operations={route.method.lower(): _operation(route, plugin)})
    document = spec.to_dict()
    for cls, name in names.given():
        schema = document["components"]["schemas"][name]
        schema.setdefault("description", said_of(cls))
        if issubclass(cls, Answer):  # a newer gateway may answer more
            schema.pop("additionalProperties", None)
    return document


def _operation(route: Route, plugin: MarshmallowPlugin) -> dict[str, Any]:
    converter = plugin.converter
    assert converter is not None
    schema = route.contract()
    summary, _, rest = said_of(route.contract).partition(". ")
    operation: dict[str, Any] = {
        "operationId": operation_id(route),
        "tags": [route.tag],
        "summary": summary.rstrip("."),
        "parameters": [],
        "responses": _responses(route),
        "security": [
            {"token": []},
            {"session": []},
            *([{"calendar": []}] if route.is_calendar else []),
            *([{}] if route.public else []),
        ],
    }
    if route.deprecated:
        operation["deprecated"] = True
    if rest := " ".join(filter(None, (rest, *_manners(route)))):
        operation["description"] = rest
    by_key = {field.data_key or name: field for name, field in schema.fields.items()}
    said = examples.sent(route.contract, frozenset(route.in_path))
    for name in route.parameters:
        example = {"example": examples.of_field(by_key[name], name)}
        operation["parameters"].append({"name": name, "in": "path", "required": True, **_described(converter, by_key[name]), **example})
    if route.method == "GET":
        for name, field in by_key.items():
            if name not in route.in_path:
                example = {"example": said[name]} if name in said else {}
                described = {"name": name, "in": "query", "required": field.required, **_described(converter, field), **example}
                operation["parameters"].append(described)
        headers = ["Last-Event-ID"] if route.live else ["If-None-Match"]
        if route.is_sparse:
            headers.insert(0, sparse.PARAMETER)
    else:
        body = [n for n, f in schema.fields.items() if (f.data_key or n) not in route.in_path]
        if body:
            required = any(schema.fields[name].required for name in body)
            content: dict[str, Any] = {
                "application/json": {"schema": route.contract(only=body) if route.parameters else route.contract, "example": said}
            }
            if route.takes:
                content |= {media_type: {"schema": _FILE} for media_type in TAKEN[route.takes].media_types}
            operation["requestBody"] = {"required": required, "content": content}
        headers = ["Idempotency-Key", "If-Match"]
    operation["parameters"] += [*headers, "ICAT-Instant"]
    return operation


LIVE = """\
Given as server-sent events (`text/event-stream`, WHATWG HTML): an event `item` for each new one, as JSON, and `unread` with how many
are. Each `id` is a position: whoever comes back with it as `Last-Event-ID`, or `since`, has missed nothing. With neither, the stream
begins with what comes next. It ends after fifteen minutes, so that who asks is looked at anew; a browser comes back by itself."""


def _manners(route: Route) -> Iterator[str]:
    """What a route is besides its contract."""
    if route.deprecated:
        yield _going(route.deprecated)
    if route.gives:
        yield _given(route.gives)
    if route.live:
        yield LIVE
    if route.takes:
        yield TAKEN[route.takes].said


def _going(deprecated: Deprecated) -> str:
    said = f"Not to be built upon since {deprecated.since:%Y-%m-%d}."
    if deprecated.sunset is not None:
        said += f" It ends on {deprecated.sunset:%Y-%m-%d}."
    return f"{said} In its place: `{deprecated.successor}`." if deprecated.successor else said


def _given(form: str) -> str:
    if form.startswith(("file", "made")):
        return "Given as the file itself, of its own media type and under its own name."
    return f"Given as `{form}`, in the caller's language."


def operation_id(route: Route) -> str:
    """``chairs.take_seat``; where one contract has several routes, with the path behind it."""
    name = f"{route.contract.producer}.{route.contract.message_name()}"
    path = re.sub(r"\W+", "_", route.path).strip("_")
    return f"{name}.{path}"


def _responses(route: Route) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if route.status != 204 and not (route.secret or route.live):
        headers["ETag"] = {"schema": {"type": "string"}, "description": "For If-Match and If-None-Match."}
    if isinstance(route.creates, str):
        headers["Location"] = {"schema": {"type": "string"}, "description": "Where the new thing is."}
    success: dict[str, Any] = {"description": {200: "Answered.", 201: "Made.", 204: "Done."}[route.status]}
    if headers:
        success["headers"] = headers
    if route.live:
        success["content"] = {
            "text/event-stream": {"schema": {"type": "string"}, "example": 'id: 12\nevent: unread\ndata: {"unread": 3}\n\n'}
        }
    elif route.status != 204:
        success["content"] = (
            {GIVEN[route.gives].media_type.partition(";")[0]: {"schema": _FILE}}
            if route.gives
            else {"application/json": {"schema": route.contract.answer, "example": examples.answered(route.contract.answer)}}
        )
    statuses = {*_STATUSES_OF_EVERY_ROUTE, 401, 403, 404, 409, 413}
    if route.method != "GET":
        statuses |= {412, 415}
    responses: dict[str, Any] = {str(route.status): success}
    if "ETag" in headers and route.method == "GET":
        responses["304"] = {"description": "You have it already."}
    if route.method == "GET":
        responses["414"] = {"description": "The address is longer than 4,094 bytes; it was not read, and this is no problem document."}
    return responses | {str(status): f"Problem{status}" for status in sorted(statuses)}


def _described(converter: Any, field: fields.Field) -> dict[str, Any]:
    schema = converter.field2property(field)
    schema.pop("readOnly", None)
    made: dict[str, Any] = {"schema": schema}
    if (text := schema.pop("description", None)) is not None:
        made["description"] = text
    return made


def portable(self: Any, field: fields.Field, ret: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Patterns as ECMA 262 writes them, and for a field without words of its own, those of its type."""
    made: dict[str, Any] = {}
    if "pattern" in ret:
        made["pattern"] = re.sub(r"\\Z$", "$", ret["pattern"])
    if isinstance(field, _SPEAKING_TYPES) and "description" not in field.metadata:
        made["description"] = said_of(type(field))
    return made


_SPEAKING_TYPES = (base.Instant, base.EntityCode, base.Slug, base.Digest, base.Year)


def said_of(cls: type) -> str:
    """A class's docstring on one line, in Markdown."""
    return " ".join((cls.__doc__ or "").replace("``", "`").split())


def _kinds_by_status() -> dict[int, tuple[int, str]]:
    kinds: dict[int, list[str]] = {}
    for status, title in KINDS.values():
        kinds.setdefault(status, []).append(title)
    return {status: (status, "; ".join(titles)) for status, titles in kinds.items()}


class _Names:
    """Component names: ``chairs.TakeSeat``; ``TakeSeatBody`` when the path holds some of its fields. Classes that would have one
    name (pages are made by a function) are numbered."""

    def __init__(self) -> None:
        self._given: dict[tuple[type, frozenset[str]], str] = {}

    def given(self) -> list[tuple[type, str]]:
        return [(cls, name) for (cls, _), name in self._given.items()]

    def __call__(self, schema: Any) -> str:
        cls = schema if isinstance(schema, type) else type(schema)
        left_out = frozenset() if isinstance(schema, type) else frozenset(cls().fields) - frozenset(schema.fields)
        key = (cls, left_out)
        if key not in self._given:
            room = "gateway." if cls.__module__.startswith("gateway.") else ""
            if cls.__module__.startswith("contracts."):
                room = cls.__module__.removeprefix("contracts.") + "."
            plain = room + cls.__name__.lstrip("_") + ("Body" if left_out and issubclass(cls, Command) else "")
            taken, number, name = set(self._given.values()), 2, plain
            while name in taken:
                name, number = f"{plain}{number}", number + 1
            self._given[key] = name
        return self._given[key]


_FILE = {"type": "string", "format": "binary"}

_PROBLEM = {
    "type": "object",
    "description": "RFC 9457: why a request was refused. A refused request changed nothing.",
    "required": ["type", "title", "status", "detail", "rule"],
    "additionalProperties": True,
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "description": "A page about this kind of problem."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "For a person: what was wrong."},
        "rule": {"type": "string", "description": "The rule's short, stable name."},
        "field": {"type": "string", "description": "Path of the input at fault."},
        "accepted": {
            "description": "What would be accepted.",
            "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
        },
        "errors": {
            "type": "array",
            "description": "Every input at fault, when there are several.",
            "items": {"type": "object", "properties": {"field": {"type": "string"}, "detail": {"type": "string"}, "accepted": {}}},
        },
        "problems": {
            "type": "array",
            "description": "Of an import: every problem, from a spreadsheet with `sheet`, `row`, `column`, `cell` and `heading`.",
            "items": {"type": "object", "properties": {name: {"type": "string"} for name in ("field", "rule", "detail")}},
        },
    },
}

_FIELDS = {
    "description": "The fields wanted of the answer, by their dotted names with commas (of a page, those of its items): nothing else is "
    "given, and the ETag is of what is given.",
}

_HEADERS: dict[str, dict[str, Any]] = {
    "Idempotency-Key": {"description": "Any 1 to 255 visible ASCII characters, new for each request; a UUID does well."},
    "If-Match": {"description": 'The ETag you saw, or "<version>": refused with 412 when it has changed since.'},
    "If-None-Match": {"description": "The ETag you have: answered 304 when it is still that."},
    "Last-Event-ID": {"description": "The `id` of the last event you had; it goes before `since`. A browser sends it by itself."},
    "ICAT-Instant": {"description": "In rehearsal only: the instant to take for the present, as 2014-07-30T00:00:00Z."},
}
