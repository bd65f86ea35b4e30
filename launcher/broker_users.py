"""Users of the broker as RabbitMQ's definitions name them, and the one that all missions share.

What a mission is handed opens its queue and nothing else: that user declares nothing, publishes nothing, and reads subscribers' queues
alone. Which of those is whose only the name tells, and a queue's name has a part that nobody can guess.

Standard library only: ``./icat`` needs it before there is an environment.
"""

import base64
import hashlib
import secrets
from collections.abc import Iterable

ADMINISTRATOR = "icat"
"""The platform's own user on its private node."""

MISSIONS = "missions"

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


MISSIONS_MAY = rights(read=[SUBSCRIBER_QUEUES])


def of_private_node(administrator: str, missions: str) -> dict:
    """The definitions of a platform's private node, with these passwords. A node that loads definitions makes no default user and no
    default virtual host, so both stand in them; one that has data from before takes them over at its next start."""
    everything = rights(configure=[".*"], write=[".*"], read=[".*"])
    return {
        "vhosts": [{"name": "/"}],
        "users": [user(ADMINISTRATOR, administrator, "administrator"), user(MISSIONS, missions)],
        "permissions": [
            {"user": ADMINISTRATOR, "vhost": "/", **everything},
            {"user": MISSIONS, "vhost": "/", **MISSIONS_MAY},
        ],
    }
