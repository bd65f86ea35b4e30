"""The grammar of contracts: messages, fields, and the contract of one producer.

Commands and queries are loaded strictly (an unknown field is refused, with its path);
events are dumped strictly by their producer and loaded tolerantly by their consumers,
so that a producer may add a field.
"""

import re
import sys
import unicodedata
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any, ClassVar

import iso4217
from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, post_load, validate, validates_schema

from contracts.dumping import Dump, dumper

MAX_TEXT = 200_000
"""Characters in the longest single text a command may carry (one section of a document)."""


class Instant(fields.AwareDateTime):
    """An instant: ISO 8601 with its offset (RFC 3339); kept and shown in UTC (``…Z``)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", default_timezone=UTC, **kwargs)

    def _deserialize(self, value, attr, data, **kwargs):
        if isinstance(value, datetime):
            loaded = value
        elif isinstance(value, str) and re.search(r"(Z|[+-]\d\d:?\d\d)$", value):
            loaded = super()._deserialize(value, attr, data, **kwargs)
        else:
            raise ValidationError("An instant is written in ISO 8601 with its offset, as 2014-07-30T00:00:00Z.")
        try:
            loaded = loaded.astimezone(UTC)
        except OverflowError:
            loaded = datetime.min.replace(tzinfo=UTC)
        if not 1900 <= loaded.year <= 2200:
            raise ValidationError("An instant lies between the years 1900 and 2200.")
        return loaded

    def _serialize(self, value, attr, obj, **kwargs):
        if value is None or isinstance(value, str):  # written already, as in a report that was kept
            return value
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


class Text(fields.String):
    """Human text: Unicode in NFC, no control characters but tab and newline, bounded.
    ``max``: characters. A required text is never blank."""

    def __init__(self, *, max: int = 500, min: int | None = None, **kwargs: Any) -> None:
        self.longest = max
        least = min if min is not None else (1 if kwargs.get("required") else 0)
        super().__init__(validate=validate.Length(min=least, max=max), **kwargs)

    def _deserialize(self, value, attr, data, **kwargs):
        text = unicodedata.normalize("NFC", super()._deserialize(value, attr, data, **kwargs))
        if any(unicodedata.category(c) == "Cs" or (unicodedata.category(c) == "Cc" and c not in "\t\n\r") for c in text):
            raise ValidationError("Control characters are not text.")
        if self.longest <= 500:
            text = text.strip()
        return text


class Line(Text):
    """Text on one line, as a title or a name: it may stand in the header of a mail, where a line break would
    begin another header."""

    def _deserialize(self, value, attr, data, **kwargs):
        text = super()._deserialize(value, attr, data, **kwargs)
        if len(text.splitlines()) > 1 or "\t" in text:
            raise ValidationError("This stands on one line: no line break, no tab.")
        return text


class Slug(fields.String):
    """An identifier: letters, digits, dot, hyphen and underscore; at most 80 characters."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Regexp(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}\Z", error="Not an identifier."), **kwargs)


class EntityCode(fields.String):
    """An entity's code: its English acronym, as ``OHCHR`` or ``OSRSG-VAC``."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            validate=validate.Regexp(r"^[A-Z][A-Z0-9-]{0,19}\Z", error="An entity's code is its English acronym in capitals."),
            **kwargs,
        )


class Digest(fields.String):
    """A SHA-256 digest in hexadecimal."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Regexp(r"^[0-9a-f]{64}\Z", error="A digest is 64 hexadecimal digits."), **kwargs)


class Year(fields.Integer):
    """A calendar year of the Group (its first meeting was in 2006: 001 ¶70)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(min=2006, max=2100), **kwargs)

    def _deserialize(self, value, attr, data, **kwargs):
        if isinstance(value, str) and re.fullmatch(r"[0-9]{4}", value):  # of a path or a query string
            value = int(value)
        return super()._deserialize(value, attr, data, **kwargs)


LANGUAGES = ("en", "fr", "es", "ru", "ar", "zh")
PILLARS = ("prevention", "protection", "prosecution", "partnerships")


class Currency(fields.String):
    """A currency in use, by its code in ISO 4217, as ``USD`` or ``CHF``."""

    def _deserialize(self, value, attr, data, **kwargs):
        code = super()._deserialize(value, attr, data, **kwargs)
        if code not in _DIGITS:
            raise ValidationError(f"{code[:12]} is no currency in use; its code stands in ISO 4217, as USD, EUR or CHF.")
        return code


_DIGITS = {currency.code: currency.exponent for currency in iso4217.Currency if currency.exponent is not None}
"""Digits after the point, by currency: two of the dollar, none of the yen, three of the dinar. What has none stated is no money
(metals, test codes)."""


def Language(**kwargs: Any) -> fields.String:
    """One of the six official languages of the UN."""
    return fields.String(validate=validate.OneOf(LANGUAGES), **kwargs)


def Pillars(**kwargs: Any) -> fields.List:
    """Some of the four P's."""
    return fields.List(fields.String(validate=validate.OneOf(PILLARS)), validate=validate.Length(max=4), **kwargs)


def many(inner: Any, *, max: int = 100, **kwargs: Any) -> fields.List:
    """A bounded list; ``inner`` is a field or a Message class."""
    if isinstance(inner, type) and issubclass(inner, Schema):
        inner = fields.Nested(inner)
    return fields.List(inner, validate=validate.Length(max=max), **kwargs)


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


class Message(Schema):
    """Anything that crosses a border. Strict: what is not declared is refused."""

    class Meta:
        unknown = RAISE


class Money(Message):
    """An amount of money. ``amount``: a decimal number as text, more than nothing, with no more digits after the point than the
    currency has; kept with exactly so many."""

    amount = fields.String(required=True, validate=validate.Length(max=24))
    currency = Currency(required=True)

    @validates_schema
    def _check_amount(self, data: dict[str, Any], **kwargs: Any) -> None:
        if not re.fullmatch(r"(0|[1-9][0-9]{0,14})(\.[0-9]{1,4})?", data["amount"]) or not Decimal(data["amount"]):
            raise ValidationError("An amount is a decimal number above zero, as 120000 or 120000.50.", "amount")
        if len(data["amount"].partition(".")[2].rstrip("0")) > _DIGITS[data["currency"]]:
            raise ValidationError(f"{data['currency']} has {_DIGITS[data['currency']]} digits after the point.", "amount")

    @post_load
    def _write_out(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        exact = Decimal(data["amount"]).quantize(Decimal(1).scaleb(-_DIGITS[data["currency"]]))
        return {**data, "amount": str(exact)}


class Answer(Message):
    """What a command or query answers. ``version`` makes the ETag where there is one."""


class VersionedAnswer(Answer):
    version = fields.Integer(metadata={"description": "Version of the resource; its ETag."})


class Command(Message):
    """An order, in the imperative. ``answer``: the schema of what it answers (an Answer class)."""

    answer: ClassVar[type[Schema]] = Answer
    producer: ClassVar[str] = ""

    @classmethod
    def message_name(cls) -> str:
        return snake(cls.__name__)


class Query(Command):
    """A question; it changes nothing."""


class PageQuery(Query):
    """A question answered in pages: at most ``limit`` items after the cursor ``after``."""

    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=200))
    after = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=200))


def page_of(item: type[Schema], name: str | None = None) -> type[Schema]:
    """The answer of a PageQuery: ``items`` and the cursor ``next`` (null on the last page)."""
    return type(
        name or f"{item.__name__.removesuffix('Answer')}Page",
        (Answer,),
        {"items": fields.List(fields.Nested(item)), "next": fields.String(allow_none=True)},
    )


class Event(Message):
    """A fact, in the past tense. ``v``: its schema version, part of its type."""

    v: ClassVar[int] = 1
    producer: ClassVar[str] = ""

    @classmethod
    def message_name(cls) -> str:
        return snake(cls.__name__)

    @classmethod
    def key(cls) -> str:
        """Its routing key: ``chairs.term_started.v1``."""
        return f"{cls.producer}.{cls.message_name()}.v{cls.v}"

    @classmethod
    def type(cls) -> str:
        """Its CloudEvents type: ``icat.chairs.term_started.v1``."""
        return f"icat.{cls.key()}"

    @classmethod
    def publish(cls, data: dict[str, Any]) -> dict[str, Any]:
        """The JSON-able data of this event, checked strictly: what a producer may send.

        Raises marshmallow.ValidationError when a field is missing, wrong or undeclared.
        """
        schema = _schema(cls)
        undeclared = set(data) - set(schema.fields)
        if undeclared:
            raise ValidationError({name: ["Not in the contract."] for name in sorted(undeclared)})
        try:
            dumped = _dumper(cls)(data)
        except (ValueError, TypeError, AttributeError) as error:
            raise ValidationError({cls.message_name(): [f"A field is of the wrong type: {error}"]}) from error
        errors = schema.validate(dumped)
        if errors:
            raise ValidationError(errors)
        return dumped

    @classmethod
    def read(cls, data: dict[str, Any]) -> dict[str, Any]:
        """An event's data as its consumer reads it: unknown fields are passed over."""
        return _schema(cls).load(data, unknown=EXCLUDE)


_schemas: dict[type[Schema], Schema] = {}


def _schema(cls: type[Schema]) -> Schema:
    if cls not in _schemas:
        _schemas[cls] = cls()
    return _schemas[cls]


@cache
def _dumper(cls: type[Schema]) -> Dump:
    return dumper(_schema(cls))


def load(message: type[Command], payload: dict[str, Any]) -> dict[str, Any]:
    """A command's payload, validated. Raises marshmallow.ValidationError with paths."""
    return _schema(message).load(payload)


def dump(answer: type[Schema], value: Any) -> Any:
    """A JSON-able answer."""
    dump = _dumper(answer)
    return [dump(one) for one in value] if isinstance(value, list) else dump(value)


class Contract:
    """All that one producer says and hears: ``commands`` (queries among them) and ``events``, by name.

    Made at the end of a producer's module, it finds the classes written there, or in the ``modules`` named.
    """

    def __init__(self, producer: str, *modules: str) -> None:
        self.producer = producer
        self.commands: dict[str, type[Command]] = {}
        self.events: dict[str, type[Event]] = {}
        written = [
            value for module in modules for value in vars(sys.modules[module]).values() if getattr(value, "__module__", "") == module
        ]
        for value in written:
            if not isinstance(value, type) or value.__name__.startswith("_"):
                continue
            if issubclass(value, Command):
                value.producer = producer
                self.commands[value.message_name()] = value
            elif issubclass(value, Event):
                value.producer = producer
                self.events[value.message_name()] = value
