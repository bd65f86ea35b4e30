"""What the platform sends by itself, described: AsyncAPI 3.0, made from the contracts' own schemas. The API that is asked is OpenAPI's."""

from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from contracts import notifications
from gateway.api.openapi import portable, said_of

MESSAGES = {"notice": notifications.Notice, "challenge": notifications.Challenge}
_CHANNEL_REF, _MESSAGE_REF = "#/channels/{}", "#/channels/{}/messages/{}"


def described(public_url: str) -> dict[str, Any]:
    """The AsyncAPI document, as JSON-able data. ``public_url``: where the platform is."""
    plugin = MarshmallowPlugin(schema_name_resolver=lambda schema: (schema if isinstance(schema, type) else type(schema)).__name__)
    spec = APISpec(title="ICAT", version="1", openapi_version="3.1.0", plugins=[plugin])
    assert plugin.converter is not None
    plugin.converter.add_attribute_function(portable)
    for schema in MESSAGES.values():
        spec.components.schema(schema.__name__, schema=schema)
    schemas = spec.to_dict()["components"]["schemas"]
    for schema in schemas.values():
        schema.pop("additionalProperties", None)  # fields may be added: a receiver passes over those it does not know
    return {
        "asyncapi": "3.0.0",
        "id": "urn:icat:notices",
        "info": {
            "title": "ICAT: what subscribers receive",
            "version": "1",
            "description": "A subscriber is brought each matter once, at least once on the wire, under one id for every attempt: pass over "
            f"an id that you have had. What was missed is to be asked for by number: {public_url}/api/docs.",
        },
        "defaultContentType": "application/json",
        "channels": {
            "queue": {
                "address": "mission.{code}.{secret}",
                "title": "A queue of the subscriber's own",
                "description": "Its name and a user that reads it and nothing else are fetched once, which confirms the subscription.",
                "parameters": {
                    "code": {"description": "The subscriber's code, in small letters."},
                    "secret": {"description": "32 hexadecimal digits that nobody can guess."},
                },
                "messages": {"notice": {"$ref": "#/components/messages/notice"}},
                "bindings": {"amqp": {"is": "queue", "queue": {"durable": True, "exclusive": False, "autoDelete": False}}},
            },
            "webhook": {
                "address": None,
                "title": "An https address of the subscriber's own",
                "description": "Signed by Standard Webhooks; while a secret changes over, with both.",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in MESSAGES},
            },
        },
        "operations": {
            "bringToQueue": _sends("queue", "notice"),
            "callWebhook": _sends("webhook", "notice"),
            "challengeWebhook": _sends("webhook", "challenge"),
        },
        "components": {
            "messages": {
                name: {
                    "name": schema.__name__,
                    "summary": said_of(schema),
                    "payload": {"$ref": f"#/components/schemas/{schema.__name__}"},
                    "headers": {
                        "type": "object",
                        "properties": {
                            "webhook-id": {"type": "string", "description": "The delivery's id; AMQP's `message_id`."},
                            "webhook-timestamp": {"type": "string", "description": "Seconds since 1970; of a webhook."},
                            "webhook-signature": {"type": "string", "description": "`v1,…`, one or two of them; of a webhook."},
                        },
                    },
                }
                for name, schema in MESSAGES.items()
            },
            "schemas": schemas,
        },
    }


def _sends(channel: str, message: str) -> dict[str, Any]:
    return {
        "action": "send",
        "channel": {"$ref": _CHANNEL_REF.format(channel)},
        "messages": [{"$ref": _MESSAGE_REF.format(channel, message)}],
    }
