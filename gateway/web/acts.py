"""Orders as forms: each field of a contract is asked for as its type asks, and what was typed is kept when the order is refused."""

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from flask import g, request
from marshmallow import ValidationError, fields, validate
from werkzeug.datastructures import MultiDict

from contracts.base import Command, EntityCode, Instant, Slug, Text, load
from contracts.problems import KINDS, invalid
from gateway.web import refusals
from gateway.web.text import on_one_line
from gateway.web.words import NAMES, WORDS, said
from services.kernel.refusal import Refusal
from services.kernel.text import digest_of

VERSION = "version"
"""The field in which a form carries the version that its page showed. When another's change came first the form is shown again with what
was typed and with the new version, beside what the thing is by then."""

SHOWN = "shown"
"""The field in which a form that changes something carries marks of what stood in its fields, so that what was typed otherwise is told from
what was left alone, whatever another has made of it meanwhile."""

ONE_LINE = 500
"""Characters up to which a text is asked for on one line."""

EMPTY_ROWS = 3
"""Empty rows at the end of a list of things that have several fields each."""

MORE = "more"
"""The field by which a form asks for more rows of a list, which it names, instead of sending what was typed."""

IDENTIFIER = "id"
"""The field by which a thing of a list is known again; a form carries it along."""

Written = tuple[Callable[[str], Any], Callable[[Any], str]]
"""How one thing of a list is read from a line, and how it is written on one."""


@dataclass(frozen=True, slots=True)
class Act:
    """An order that a page offers. ``in_path``: fields that the page's address says, ``hidden``: those that the form carries along,
    ``secretariat``: those that concern nobody else, ``left_out``: those it does not ask for. ``whole``: what the form shows is all there
    is, so that a list of which nothing is ticked is sent as an empty one. ``differing``: what was typed otherwise than the form showed it
    is sent alone, since of the rest there may be more on record than a form shows, or another's change by now. ``emptied``: what is sent
    for a field that was left empty, where that says something. ``lines``: lists of which each thing has a line of its own; of others whose
    things have several fields each has a row. ``tells``: its answer holds what is shown once, so that its page is the answer itself.
    ``through``: the method of its room that carries it out, where that does more than to order it.
    ``onward``: where its answer leads, when not back to its page. ``called``: its name, where pages offer the same order as several acts.
    A text per language is asked for in each."""

    command: type[Command]
    in_path: tuple[str, ...] = ("document",)
    hidden: tuple[str, ...] = ()
    secretariat: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    whole: bool = False
    differing: bool = False
    emptied: Mapping[str, Any] = field(default_factory=dict)
    lines: Mapping[str, Written] = field(default_factory=dict)
    tells: bool = False
    through: str = "carry_out"
    onward: Callable[[Any], str] | None = None
    called: str = ""

    @property
    def name(self) -> str:
        return self.called or self.command.message_name()

    def asked(self) -> dict[str, fields.Field]:
        """The fields a reader fills in, in their order, as their contract calls them; those of one within another by both names, as
        ``schedule.zone``."""
        mine = g.reader.actor.is_secretariat
        return {
            inner: asked
            for name, one in ((one.data_key or name, one) for name, one in self.command().fields.items())
            for inner, asked in _within(name, one)
            if name not in (*self.in_path, *self.hidden, *self.left_out) and (mine or name not in self.secretariat)
        }

    def read(self, path: Mapping[str, str]) -> dict[str, Any]:
        """The payload of the form that was sent. ``path``: what the page's address names. Raises Refusal."""
        payload = self.filled(path)
        try:
            load(self.command, payload)
        except ValidationError as error:
            raise invalid(error) from None
        return self._otherwise(payload) if self.differing else payload

    def filled(self, path: Mapping[str, str]) -> dict[str, Any]:
        """What the form says, as its contract names it; whether that takes it is seen afterwards."""
        schema = self.command()
        payload: dict[str, Any] = {name: _carried(schema.fields[name], path[name]) for name in self.in_path if name in path}
        payload |= {name: _carried(schema.fields[name], request.form[name]) for name in self.hidden if name in request.form}
        for name, one in self.asked().items():
            value = self._value(name, one)
            if value is None and (one.required or (self.whole and isinstance(one, fields.List))):
                value = [] if isinstance(one, fields.List) else ""
            if value is None:
                value = self.emptied.get(name)
            if value is not None or name in self.emptied:
                outer, _, inner = name.rpartition(".")
                (payload.setdefault(outer, {}) if outer else payload)[inner] = value
        return payload

    def _otherwise(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Of a payload what was typed otherwise than it was shown, with what the contract asks for in any case."""
        left = {name for name, one in self.asked().items() if not one.required and self.is_left(name, one, request.form)}
        return {
            name: {inner: of for inner, of in value.items() if f"{name}.{inner}" not in left} if isinstance(value, dict) else value
            for name, value in payload.items()
            if name not in left
        }

    def is_left(self, name: str, one: fields.Field, typed: MultiDict[str, str]) -> bool:
        """Whether a field of a form that was sent holds what the form showed in it."""
        rows = is_in_rows(one) and name not in self.lines
        return shown_in(typed).get(name) == mark_of(one, _rows(name, typed) if rows else typed.getlist(name))

    def _value(self, name: str, one: fields.Field) -> Any:
        if name in self.lines:
            read, _ = self.lines[name]
            return [read(line) for _, line in lines_of(request.form.get(name, ""))] or None
        if is_in_rows(one):
            return [_row(one, row) for row in _rows(name, request.form)] or None
        return _read(one, request.form.getlist(name))

    def line_of(self, name: str, text: str, place: int) -> int | None:
        """On which line, from 1, the thing at this place of a list with lines was typed."""
        found = lines_of(text)
        return found[place][0] if place < len(found) else None


def lines_of(text: str) -> list[tuple[int, str]]:
    """The lines on which something stands, by their numbers from 1."""
    return [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]


def is_in_rows(one: fields.Field) -> bool:
    """Whether this is a list of things that have several fields each."""
    return isinstance(one, fields.List) and isinstance(one.inner, fields.Nested)


def _rows(name: str, typed: MultiDict[str, str]) -> list[dict[str, list[str]]]:
    """What was typed in the rows of a list in which anything was. What identifies a row is not typed."""
    rows = _all_rows(name, typed)
    return [row for row in rows if any(text.strip() for inner, texts in row.items() if inner != IDENTIFIER for text in texts)]


def _all_rows(name: str, typed: MultiDict[str, str]) -> list[dict[str, list[str]]]:
    """The rows of a list that a form had, in their order: by field."""
    found: dict[int, dict[str, list[str]]] = {}
    for key in typed:
        if place := re.fullmatch(rf"{re.escape(name)}\.(\d{{1,4}})\.(\w+)", key):
            found.setdefault(int(place[1]), {})[place[2]] = typed.getlist(key)
    return [row for _, row in sorted(found.items())]


def _row(one: fields.Field, row: dict[str, list[str]]) -> dict[str, Any]:
    read = {inner: _read(asked, row.get(inner, [])) for inner, asked in _inner(one).items()}
    return {inner: value for inner, value in read.items() if value is not None}


def _inner(one: fields.Field) -> dict[str, fields.Field]:
    """The fields of each thing of a list."""
    assert isinstance(one, fields.List)
    assert isinstance(one.inner, fields.Nested)
    return one.inner.schema.fields


def _within(name: str, one: fields.Field) -> list[tuple[str, fields.Field]]:
    if isinstance(one, fields.Nested):
        return [(f"{name}.{inner}", field) for inner, field in one.schema.fields.items()]
    if isinstance(one, fields.Dict) and one.key_field is not None and isinstance(one.key_field.validate, validate.OneOf):
        return [(f"{name}.{key}", one.value_field) for key in one.key_field.validate.choices]
    return [(name, one)]


def _read(one: fields.Field, given: list[str]) -> Any:
    """What was typed, as the contract's type takes it; None when nothing was. What cannot be read so goes on as it is, and is refused."""
    if isinstance(one, fields.Boolean):
        return bool(given)
    if isinstance(one, fields.List):
        apart = r"[,;\s]+" if isinstance(one.inner, EntityCode | Slug) else ","
        return [_typed(one.inner, part.strip()) for value in given for part in re.split(apart, value) if part.strip()] or None
    text = given[0].replace("\r\n", "\n") if given else ""
    return _typed(one, text if isinstance(one, Text) else text.strip()) if text.strip() else None


def _typed(one: fields.Field, text: str) -> Any:
    """What a person wrote, who may call an entity by the acronym of their own language."""
    return g.acronyms.code_of(text, g.reader.language, g.reader.at) if isinstance(one, EntityCode) else _carried(one, text)


def _carried(one: fields.Field, text: str) -> Any:
    """What a page or its address says: its codes are codes, also where one of them is another's acronym in the reader's language."""
    if isinstance(one, EntityCode):
        return text.upper()
    if isinstance(one, Instant):
        return written_instant(text)
    if isinstance(one, fields.Integer) and re.fullmatch("[0-9]{1,9}", text):
        return int(text)
    return text


def written_instant(text: str) -> str:
    """An instant as a contract takes it, of what a browser's field of date and time gives, which is meant in UTC."""
    return f"{text}Z" if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?", text) else text


def typed_instant(text: str) -> str:
    """An instant as a browser's field of date and time takes it, in UTC."""
    try:
        at = datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return text
    return f"{at:%Y-%m-%dT%H:%M:%S}" if at.second else f"{at:%Y-%m-%dT%H:%M}"


@dataclass(frozen=True, slots=True)
class Failed:
    """A form that was refused: which, what was typed, why."""

    act: str
    typed: MultiDict[str, str]
    refusal: Refusal

    @property
    def status(self) -> int:
        return KINDS[self.refusal.kind if self.refusal.kind in KINDS else "internal"][0]


@dataclass(frozen=True, slots=True)
class Growing:
    """A form that is shown again with more rows of a list: which, what was typed, which list."""

    act: str
    typed: MultiDict[str, str]
    rows: str


@dataclass(frozen=True, slots=True)
class Input:
    """One field of a form as a template shows it. ``kind``: ``line``, ``text``, ``instant``, ``number``, ``password``, ``choice``, ``some``
    (several of the choices), ``yes``, ``rows`` (of fields of their own) or ``hidden``. ``with_row``: asked for once anything stands in its
    row."""

    name: str
    id: str
    kind: str
    label: str
    hint: str
    required: bool
    most: int | None
    choices: list[tuple[str, str]]
    value: Any
    error: str
    rows: list[list["Input"]] = field(default_factory=list)
    with_row: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """A form as a template shows it. ``once`` makes its order one, however often the button is pressed; ``error``: what a refusal says
    of it as a whole; ``open``: it was just refused, or given more rows, or the page's address names it."""

    act: str
    title: str
    explain: str
    hidden: dict[str, Any]
    inputs: list[Input]
    once: str = field(default_factory=lambda: uuid.uuid4().hex)
    error: str = ""
    accepted: str = ""
    open: bool = False


def form_of(
    act: Act,
    *,
    choices: Mapping[str, list[tuple[str, str]]],
    values: Mapping[str, Any],
    hidden: Mapping[str, Any],
    typed: MultiDict[str, str] | None = None,
) -> Form:
    """A form to fill in. ``choices``: for fields that the contract leaves open; ``values``: what stands in it at first; ``typed``: what was
    typed into it, where it is shown again though nothing was refused. In a form that changes something a field that was left alone has
    what stands there by now."""
    language = g.reader.language
    failed: Failed | None = _if_same(act, hidden, g.get("failed"))
    growing: Growing | None = _if_same(act, hidden, g.get("growing"))
    if growing:
        typed = growing.typed
        hidden = {name: typed.get(name, value) if name == VERSION else value for name, value in hidden.items()}
    typed = failed.typed if failed else typed
    mark = "-".join(["field", act.name, *(text if len(text := str(value)) < 20 else digest_of(text)[:12] for value in hidden.values())])
    inputs, marks = [], {}
    for name, one in act.asked().items():
        again = typed is not None and not (act.differing and act.is_left(name, one, typed))
        if is_in_rows(one) and name not in act.lines:
            stands = values.get(name) or []
            marks[name] = mark_of(one, stands)
            filled = _rows(name, typed) if typed is not None and again else stands
            more = EMPTY_ROWS if growing and growing.rows == name else 0
            count = max(len(filled) + EMPTY_ROWS, len(_all_rows(name, typed)) + more if typed is not None else 0)
            inputs.append(_input_in_rows(act, name, one, mark, filled, count, failed))
            continue
        kind, options = ("text", []) if name in act.lines else _kind(one, choices.get(name), language)
        listed, called = isinstance(one, fields.List), name.replace(".", "_")
        value = values.get(name)
        if kind == "instant" and value:
            value = typed_instant(value)
        elif name in act.lines:
            value = "\n".join(map(act.lines[name][1], value or []))
        elif listed and kind != "some" and value is not None:
            value = ", ".join(map(str, value))
        marks[name] = mark_of(one, value)
        if kind == "password":
            value = ""  # which no page says again
        elif typed is not None and again:
            value = typed.getlist(name) if kind == "some" else typed.get(name, "").replace("\r\n", "\n")
        inputs.append(
            Input(
                name=name,
                id=f"{mark}-{called}",
                kind=kind,
                label=said(language, _key("field", act.name, name)),
                hint=_hint(act.name, name, listed=kind == "line" and listed, language=language),
                required=bool(one.required) and kind not in ("yes", "some"),
                most=one.longest if isinstance(one, Text) else None,
                choices=options,
                value=[] if value is None and kind == "some" else "" if value is None else value,
                error=_error(failed, act, name, one, value) if failed else "",
            )
        )
    by_field = any(one.error or any(inner.error for row in one.rows for inner in row) for one in inputs)
    explain = f"explain_{act.name}"
    return Form(
        act=act.name,
        title=said(language, f"act_{act.name}"),
        explain=said(language, explain) if explain in WORDS else "",
        hidden={**hidden, SHOWN: carried(marks)} if act.differing else dict(hidden),
        inputs=inputs,
        error="" if not failed else said(language, "form_refused") if by_field else refusals.told(failed.refusal),
        accepted="" if not failed or by_field else _accepted(failed.refusal),
        open=failed is not None or growing is not None or request.args.get("act") == act.name,
    )


def _if_same(act: Act, hidden: Mapping[str, Any], sent: Any) -> Any:
    """What was sent, if it was this form: of the same act, on the same thing."""
    same = {name: value for name, value in hidden.items() if name not in (VERSION, SHOWN)}
    return sent if sent and sent.act == act.name and all(sent.typed.get(name, "") == str(value) for name, value in same.items()) else None


def _input_in_rows(act: Act, name: str, one: fields.Field, mark: str, filled: list[Any], count: int, failed: Failed | None) -> Input:
    """A list of things that have several fields each: ``count`` rows, of which some are ``filled``."""
    language, inner = g.reader.language, _inner(one)
    rows = []
    for place in range(count):
        row = filled[place] if place < len(filled) else {}
        inputs = []
        for field_name, asked in inner.items():
            kind, options = ("hidden", []) if field_name == IDENTIFIER else _kind(asked, None, language)
            value = row.get(field_name)
            value = next(iter(value), "") if isinstance(value, list) else value
            path = f"{name}.{place}.{field_name}"
            inputs.append(
                Input(
                    name=path,
                    id=f"{mark}-{path.replace('.', '-')}",
                    kind=kind,
                    label="" if kind == "hidden" else said(language, _key("field", act.name, f"{name}.{field_name}")),
                    hint="",
                    required=bool(asked.required) and place < len(filled),
                    with_row=bool(asked.required),
                    most=asked.longest if isinstance(asked, Text) else None,
                    choices=options,
                    value=typed_instant(value) if kind == "instant" and value else "" if value is None else value,
                    error=_told_of_field(failed.refusal, path) if failed and place < len(filled) else "",
                )
            )
        rows.append(inputs)
    by_field = any(one.error for row in rows for one in row)
    return Input(
        name=name,
        id=f"{mark}-{name.replace('.', '_')}",
        kind="rows",
        label=said(language, _key("field", act.name, name)),
        hint=_hint(act.name, name, listed=False, language=language),
        required=bool(one.required),
        most=None,
        choices=[],
        value=None,
        error=_told_of_field(failed.refusal, name) if failed and not by_field else "",
        rows=rows,
    )


def carried(marks: Mapping[str, str]) -> str:
    """Marks of what a form shows, by field, as it carries them."""
    return " ".join(f"{name}:{mark}" for name, mark in marks.items())


def shown_in(typed: MultiDict[str, str]) -> dict[str, str]:
    """The marks that a form carries of what it showed, by field; none where it carries none."""
    return {name: mark for name, _, mark in (part.partition(":") for part in typed.get(SHOWN, "").split())}


def mark_of(one: fields.Field, value: Any) -> str:
    """A mark of what a form holds for a field: the same for the same, in whatever order boxes are ticked, and however a browser writes
    instants and ends its lines."""
    if is_in_rows(one) and isinstance(value, list) and all(isinstance(row, dict) for row in value):
        return _digest([{inner: _plain(asked, row.get(inner)) for inner, asked in _inner(one).items()} for row in value])
    return _digest(_plain(one, value))


def _digest(plain: Any) -> str:
    return digest_of(plain)[:16]


def _plain(one: fields.Field, value: Any) -> list[str]:
    if isinstance(one, fields.Boolean):
        return ["yes"] if value else []
    parts = [str(part).strip() for part in (value if isinstance(value, list) else [] if value is None else [value])]
    if isinstance(one, Instant):
        parts = [typed_instant(written_instant(part)) for part in parts]
    return sorted("\n".join(on_one_line(line) for line in part.splitlines() if line.strip()) for part in parts if part)


def _error(failed: Failed, act: Act, name: str, one: fields.Field, value: Any) -> str:
    """What the refusal says of one field. Of a list of which nothing was given a contract tells the lengths it takes, which is no
    help to people: they are told to choose. Of what has a line of its own they are told which."""
    told = _told_of_field(failed.refusal, name)
    place = refusals.place_in(failed.refusal, name) if told and name in act.lines else None
    if place is not None and (number := act.line_of(name, value, place)) is not None:
        return said(g.reader.language, "on_line", number=number, told=told)
    if told and failed.refusal.rule == "contract" and isinstance(one, fields.List) and not value:
        return said(g.reader.language, "choose_one")
    return told


def _told_of_field(refusal: Refusal, field: str) -> str:
    """What the refusal says of one field, and what would be accepted in it."""
    told, accepted = refusals.told_of_field(refusal, field), _accepted(refusal)
    return f"{told} {said(g.reader.language, 'accepted_is')} {accepted}" if told and accepted else told


def _accepted(refusal: Refusal) -> str:
    return refusals.accepted(refusal, partial(choice, language=g.reader.language))


def _hint(act: str, name: str, *, listed: bool, language: str) -> str:
    """What helps to fill in a field: where one act means it in its own way, what is said of that."""
    key = _key("hint", act, name)
    key = key if key in WORDS else "hint_list" if listed else ""
    return said(language, key) if key else ""


def _key(what: str, act: str, name: str) -> str:
    """Under which key the catalogue says something of a field: what it says for this act alone goes first, and what it says of a field
    within another by its own name alone goes last."""
    called = name.replace(".", "_")
    keys = (f"{what}_{act}_{called}", f"{what}_{called}", f"{what}_{name.rpartition('.')[2]}")
    return next((key for key in keys if key in WORDS), keys[1])


def _kind(one: fields.Field, choices: list[tuple[str, str]] | None, language: str) -> tuple[str, list[tuple[str, str]]]:
    """How a field is asked for, and from what one chooses."""
    inner = one.inner if isinstance(one, fields.List) else one
    if choices is None and inner.validate is not None and isinstance(inner.validate, validate.OneOf):
        choices = [(word, choice(word, language)) for word in inner.validate.choices]
    if choices is not None:
        return ("some" if isinstance(one, fields.List) else "choice"), choices
    plain = (
        ("yes", isinstance(one, fields.Boolean)),
        ("password", one.metadata.get("format") == "password"),
        ("instant", isinstance(one, Instant)),
        ("number", isinstance(one, fields.Integer)),
        ("text", isinstance(one, Text) and one.longest > ONE_LINE),
    )
    return next((kind for kind, fits in plain if fits), "line"), []


def choice(word: str, language: str) -> str:
    """A stable word as it is offered in a form; what is none stays as it is."""
    if word in NAMES:
        return NAMES[word]
    return said(language, key) if (key := next((key for prefix in _STABLE if (key := f"{prefix}_{word}") in WORDS), "")) else word


_STABLE = ("word", "outcome", "by", "kind", "pillar", "counts", "topic", "rhythm", "day", "channel", "act")
"""What the keys of stable words begin with."""
