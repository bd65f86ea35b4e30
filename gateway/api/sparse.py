"""Sparse answers: ``?fields=year,state,activities.title`` gives those fields of an answer, and nothing else of it.

Of a page, the names are those of its items; ``items`` and ``next`` stand as ever. What a name asks for is looked up in the answer's
contract before any service is asked.
"""

from typing import Any

from marshmallow import Schema, fields

from services.kernel.refusal import Refusal

PARAMETER = "fields"
LONGEST = 2_000

Tree = dict[str, "Tree | None"]
"""The fields wanted, by name: None for the whole of one, or those wanted of it."""


def wanted(text: str, answer: type[Schema]) -> Tree:
    """What is asked for of this answer. Raises Refusal for a name that it has not, with those it has."""
    if len(text) > LONGEST:
        raise Refusal.invalid(PARAMETER, "That is more than all there is.", rule="fields-length", accepted=f"at most {LONGEST} characters")
    schema, tree = _of_item(answer()), Tree()
    for path in filter(None, (path.strip() for path in text.split(","))):
        _plant(tree, path, schema)
    if not tree:
        raise Refusal.invalid(PARAMETER, "Name at least one field.", rule="fields", accepted=_names(schema))
    return tree


def thinned(answer: Any, tree: Tree) -> Any:
    """The answer with what is wanted of it."""
    if isinstance(answer, dict) and _is_page(answer):
        return {**answer, "items": [_thin(item, tree) for item in answer["items"]]}
    return _thin(answer, tree)


def _plant(tree: Tree, path: str, schema: Schema) -> None:
    """Add one dotted path; the whole of a field goes before parts of it."""
    here: Schema | None = schema
    names = path.split(".")
    for depth, name in enumerate(names, 1):
        field = next((f for n, f in here.fields.items() if (f.data_key or n) == name), None) if here else None
        if field is None:
            where = ".".join(names[: depth - 1])
            detail = f"{where or 'This answer'} has no field {name[:80]}."
            accepted = [f"{where}.{one}" if where else one for one in _names(here)]
            raise Refusal.invalid(PARAMETER, detail, rule="fields", accepted=accepted or [where])
        if depth == len(names):
            tree[name] = None
        elif (within := tree.setdefault(name, {})) is None:
            return
        else:
            tree, here = within, _inside(field)


def _thin(value: Any, tree: Tree) -> Any:
    if isinstance(value, list):
        return [_thin(one, tree) for one in value]
    if not isinstance(value, dict):
        return value
    return {name: value[name] if within is None else _thin(value[name], within) for name, within in tree.items() if name in value}


def _inside(field: fields.Field) -> Schema | None:
    if isinstance(field, fields.List):
        return _inside(field.inner)
    return field.schema if isinstance(field, fields.Nested) else None


def _of_item(schema: Schema) -> Schema:
    """Whose fields are named: of a page, its items'."""
    return (_inside(schema.fields["items"]) or schema) if _is_page(schema.fields) else schema


def _is_page(known: Any) -> bool:
    return set(known) == {"items", "next"}


def _names(schema: Schema | None) -> list[str]:
    return [field.data_key or name for name, field in schema.fields.items()] if schema else []
