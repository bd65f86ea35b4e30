"""Answers as JSON-able values, by the schemas of the contracts, without asking at each value what its schema said before.

marshmallow looks up at every value how it is found, whether it has a default and whether anyone hooked in; a plan of two hundred
milestones has four thousand of them. Here that is found out once for each schema, and a schema that does what is not foreseen here
(hooks, methods, values found by a path) dumps itself.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from marshmallow import Schema, fields, missing
from marshmallow.decorators import POST_DUMP, PRE_DUMP
from marshmallow.utils import get_value

Dump = Callable[[Any], Any]


class _Part(NamedTuple):
    """One field: under which ``key`` it is written, by which ``name`` it is found, what makes of its value what is written (nothing for
    one that is written as it is), and what stands for a value that is not there."""

    key: str
    name: str
    written: Dump | None
    default: Any


def dumper(schema: Schema) -> Dump:
    """What ``schema.dump`` does, for one value at a time."""
    hooked = schema._hooks[PRE_DUMP] or schema._hooks[POST_DUMP] or type(schema).get_attribute is not Schema.get_attribute
    if hooked or not all(_is_foreseen(field) for field in schema.dump_fields.values()):
        return lambda value: schema.dump(value, many=False)
    parts: list[_Part] | None = None  # found out at the first value: a schema may stand in itself

    def dump(value: Any) -> dict[str, Any]:
        nonlocal parts
        if parts is None:
            parts = [_part(name, field) for name, field in schema.dump_fields.items()]
        is_plain, made = type(value) is dict, {}
        for key, name, written, default in parts:
            inner = value.get(name, missing) if is_plain else get_value(value, name)
            if inner is missing:
                inner = default() if callable(default) else default
                if inner is missing:
                    continue
            made[key] = inner if written is None else written(inner)
        return made

    return dump


def _is_foreseen(field: fields.Field) -> bool:
    return field._CHECK_ATTRIBUTE and "." not in (field.attribute or "") and type(field).get_value is fields.Field.get_value


def _part(name: str, field: fields.Field) -> _Part:
    return _Part(field.data_key or name, field.attribute or name, _written(name, field), field.dump_default)


def _written(name: str, field: fields.Field) -> Dump | None:
    """How a field's value is written; None: as it is."""
    how = _WAYS.get(type(field)._serialize)
    return how(name, field) if how is not None else lambda value: field._serialize(value, name, None)


def _as_is(name: str, field: fields.Field) -> Dump | None:
    return None


def _of(kind: type) -> Callable[[str, fields.Field], Dump]:
    """A value that is of its kind already is written as it is; marshmallow makes the others so, or refuses."""

    def way(name: str, field: fields.Field) -> Dump:
        return lambda value: value if type(value) is kind or value is None else field._serialize(value, name, None)

    return way


def _integer(name: str, field: Any) -> Dump:
    return (lambda value: field._serialize(value, name, None)) if field.as_string else _of(int)(name, field)


def _nested(name: str, field: Any) -> Dump:
    inner = dumper(field.schema)
    if field.many or field.schema.many:
        return lambda value: None if value is None else [inner(one) for one in value]
    return lambda value: None if value is None else inner(value)


def _list(name: str, field: Any) -> Dump:
    each = _written(name, field.inner)
    if each is None:
        return lambda value: None if value is None else list(value)
    return lambda value: None if value is None else [each(one) for one in value]


_WAYS: dict[Any, Callable[[str, fields.Field], Dump | None]] = {
    fields.Field._serialize: _as_is,
    fields.String._serialize: _of(str),
    fields.Integer._serialize: _integer,
    fields.Nested._serialize: _nested,
    fields.List._serialize: _list,
}
"""By what writes a field, so that one with a way of its own keeps it."""
