"""The envelope of every event: CloudEvents 1.0, structured JSON, with the audit chain as extensions.

``id`` is readable and unique by itself: ``chairs:group/icat/12`` is the twelfth event of that
aggregate. ``digest`` is the SHA-256 of the envelope without it, ``previous`` the digest of the
event before, so that a changed, missing or inserted event shows.
"""

from typing import Any

from marshmallow import EXCLUDE, ValidationError, fields, validate

from contracts.base import Event, Instant, Message, Text
from services.kernel.text import digest_of

CONTENT_TYPE = "application/cloudevents+json"


class Envelope(Message):
    """CloudEvents 1.0.2 attributes, and the extensions of this platform (lower-case, as its naming rule asks)."""

    class Meta:
        unknown = EXCLUDE

    specversion = fields.String(required=True, validate=validate.Equal("1.0"))
    id = fields.String(required=True, validate=validate.Length(min=1, max=300))
    source = fields.String(required=True, validate=validate.Regexp(r"^/icat/[a-z]+$"))
    type = fields.String(required=True, validate=validate.Regexp(r"^icat\.[a-z]+\.[a-z_]+\.v\d+$"))
    subject = fields.String(required=True, metadata={"description": "The aggregate: plan/2014"})
    time = Instant(required=True)
    datacontenttype = fields.String(required=True, validate=validate.Equal("application/json"))
    data = fields.Dict(keys=fields.String(), required=True)
    sequence = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    correlationid = fields.String(required=True, metadata={"description": "One for all that follows from a first click"})
    causationid = fields.String(required=True, metadata={"description": "The order or event that led here"})
    traceparent = fields.String(load_default="", metadata={"description": "W3C Trace Context"})
    actor = Text(required=True, max=200)
    actorentity = fields.String(load_default=None, allow_none=True)
    previous = fields.String(required=True, allow_none=True)
    digest = fields.String(required=True)


_envelope = Envelope()


def seal(
    event: type[Event],
    data: dict[str, Any],
    *,
    subject: str,
    sequence: int,
    time: str,
    cause: Any,
    previous: str | None,
) -> dict[str, Any]:
    """The sealed envelope of one fact. ``data`` is checked strictly against the event's contract.

    Raises marshmallow.ValidationError when a producer would break its own promise.
    """
    envelope = {
        "specversion": "1.0",
        "id": f"{event.producer}:{subject}/{sequence}",
        "source": f"/icat/{event.producer}",
        "type": event.type(),
        "subject": subject,
        "time": time,
        "datacontenttype": "application/json",
        "data": event.publish(data),
        "sequence": sequence,
        "correlationid": cause.correlation,
        "causationid": cause.id,
        "traceparent": cause.traceparent,
        "actor": cause.by.person,
        "actorentity": cause.by.entity,
        "previous": previous,
    }
    return envelope | {"digest": digest_of(envelope)}


def is_genuine(envelope: dict[str, Any]) -> bool:
    """Whether an envelope still has the digest it was sealed with."""
    return digest_of({k: v for k, v in envelope.items() if k != "digest"}) == envelope.get("digest")


def open_envelope(body: Any) -> dict[str, Any]:
    """A received envelope, validated; unknown attributes are passed over.

    Raises marshmallow.ValidationError when it is no CloudEvent of ours.
    """
    if not isinstance(body, dict):
        raise ValidationError("The body is no JSON object.")
    return _envelope.load(body)
