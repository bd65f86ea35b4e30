"""Users of the broker as RabbitMQ's definitions name them, and the one by whom subscribers' queues get users of their own.

Users of subscribers' queues are in no definitions: notifications makes one when a subscriber fetches its credentials, and takes it away
when the subscription ends.

Standard library only: ``./icat`` needs it before there is an environment.
"""

import base64
import hashlib
import secrets
from collections.abc import Iterable

ADMINISTRATOR = "icat"
"""The platform's own user on its private node."""

MANAGEMENT = "management"
"""Speaks to the management API for notifications. RabbitMQ lets only an administrator make users; this one may touch no queue."""

SUBSCRIBER_QUEUES = r"mission\..*"
"""Queues that notifications makes for those who ask for one."""


def _one_of(patterns: Iterable[str]) -> str:
    return f"^({'|'.join(patterns)})$"


def user(name: str, password: str, *tags: str) -> dict:
    """A user with its password as a salted hash."""
    salt = secrets.token_bytes(4)
    hashed = base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()
    return {"name": name, "password_hash": hashed, "hashing_algorithm": "rabbit_password_hashing_sha256", "tags": list(tags)}


def rights(*, configure: Iterable[str] = (), write: Iterable[str] = (), read: Iterable[str] = ()) -> dict[str, str]:
    """What a user may configure, write to and read from, as RabbitMQ wants it: each a pattern of whole names, made of alternatives."""
    return {"configure": _one_of(configure), "write": _one_of(write), "read": _one_of(read)}


def of_private_node(administrator: str, management: str) -> dict:
    """The definitions of a platform's private node, with these passwords. A node that loads definitions makes no default user and no
    default virtual host, so both stand in them; one that has data from before takes them over at its next start."""
    everything = rights(configure=[".*"], write=[".*"], read=[".*"])
    return {
        "vhosts": [{"name": "/"}],
        "users": [user(ADMINISTRATOR, administrator, "administrator"), user(MANAGEMENT, management, "administrator")],
        "permissions": [{"user": ADMINISTRATOR, "vhost": "/", **everything}],
    }
