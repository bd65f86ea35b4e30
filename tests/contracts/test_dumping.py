"""Answers and events are dumped as marshmallow itself dumps them."""

import random
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest
from marshmallow import Schema, fields, post_dump

from contracts import chairs, documents, notifications, platform, workplan
from contracts.dumping import dumper
from gateway.accounts import contract as accounts

CONTRACTS = (chairs.contract, workplan.contract, documents.contract, notifications.contract, accounts.contract)
SCHEMAS = {
    schema
    for contract in CONTRACTS
    for message in (*contract.commands.values(), *contract.events.values())
    for schema in (getattr(message, "answer", message), message)
} | {platform.Status.answer, platform.Trail.answer, platform.DeadLetters.answer}
INSTANTS = (datetime(2014, 7, 30, 1, 2, 3, 456000, UTC), datetime(2014, 7, 30, tzinfo=timezone(timedelta(hours=5, minutes=30))))


def value(field: fields.Field, chance: random.Random, depth: int) -> Any:
    """Something that a service might answer in this field; now and then nothing."""
    made: Any = chance.choice(("", "text", "Ünïcode"))
    if isinstance(field, fields.Nested):
        made = answer(field.schema, chance, depth + 1)
    elif isinstance(field, fields.List):
        made = [value(field.inner, chance, depth) for _ in range(chance.randrange(3) if depth < 4 else 0)]
    elif isinstance(field, fields.Dict):
        made = {name: value(field.value_field or fields.Raw(), chance, depth) for name in ("en", "fr")}
    elif isinstance(field, fields.AwareDateTime):
        made = chance.choice((*INSTANTS, "2014-07-30T00:00:00Z"))
    elif isinstance(field, fields.Number):
        made = chance.randrange(10)
    return made if chance.random() < 0.9 else None


def answer(schema: Schema, chance: random.Random, depth: int = 0) -> Any:
    """What is not there is left out, what nobody asked for is there too; at times it is no dictionary. For ``items`` that are not there
    marshmallow takes a dictionary's method of that name."""
    there = [name for name in schema.dump_fields if hasattr(dict, name) or chance.random() < 0.9]
    made = {name: value(schema.dump_fields[name], chance, depth) for name in there}
    made["nobody_asked_for"] = object()
    return SimpleNamespace(**made) if chance.random() < 0.2 else made


@pytest.mark.parametrize("schema", sorted(SCHEMAS, key=lambda schema: (schema.__module__, schema.__name__)), ids=lambda one: one.__name__)
def test_what_is_dumped_is_what_marshmallow_dumps(schema):
    chance, ours, theirs = random.Random(schema.__name__), dumper(schema()), schema()
    for _ in range(10):
        given = answer(theirs, chance)
        assert ours(given) == theirs.dump(given)


class Leaf(Schema):
    at = fields.AwareDateTime()
    label = fields.String(data_key="called", attribute="name")
    state = fields.String(dump_default="open")
    numbers = fields.List(fields.Integer())
    deep = fields.String(attribute="inner.name")


class Tree(Schema):
    name = fields.String()
    leaves = fields.Nested(Leaf, many=True)
    first = fields.Nested(Leaf(only=("label",)), allow_none=True)
    trees = fields.List(fields.Nested("Tree"))
    long = fields.Method("is_long")
    any = fields.Raw()

    def is_long(self, tree):
        return len(tree["name"]) > 3


class Signed(Schema):
    name = fields.String()

    @post_dump
    def sign(self, made, **kwargs):
        return made | {"signed": True}


class Holder(Schema):
    signed = fields.Nested(Signed)
    signs = fields.List(fields.Nested(Signed))


def test_a_schema_within_itself_names_defaults_and_what_is_not_foreseen():
    leaf = {"at": INSTANTS[1], "name": 7, "numbers": ("1", 2, None), "inner": {"name": "deep"}}
    tree = {"name": "Oak", "leaves": [leaf, {}], "first": leaf, "any": {"x": [1]}, "trees": [{"name": "Acorn", "trees": []}]}
    assert dumper(Tree())(tree) == Tree().dump(tree)
    assert dumper(Leaf(exclude=("deep",)))(leaf) == Leaf(exclude=("deep",)).dump(leaf)
    held = {"signed": {"name": "a"}, "signs": [{"name": "b"}]}
    assert (
        dumper(Holder())(held) == Holder().dump(held) == {"signed": {"name": "a", "signed": True}, "signs": [{"name": "b", "signed": True}]}
    )


def test_what_cannot_be_written_is_refused_as_marshmallow_refuses_it():
    for wrong in ({"numbers": ["x"]}, {"at": 5}, {"numbers": 5}):
        with pytest.raises((ValueError, TypeError, AttributeError)) as theirs:
            Leaf(exclude=("deep",)).dump(wrong)
        with pytest.raises(theirs.type):
            dumper(Leaf(exclude=("deep",)))(wrong)
