"""RabbitMQ definitions of a whole platform: the topology, one user for each process, and what each may touch.

    python deploy/docker/broker_definitions.py [FILE]

reads each user's password from the environment (``CHAIRS_BROKER_PASSWORD`` …, named when missing) and writes JSON for RabbitMQ's
``definitions.local.path`` or ``rabbitmqctl import_definitions``; passwords appear in it as salted hashes only. With it nobody but an
administrator declares exchanges and queues, and the processes run with ``ICAT_TOPOLOGY=expect``.

| user | configures | writes to | reads from |
|---|---|---|---|
| a service | nothing | its own events; copies to wait or to die; answers | its commands, its events, its dead letters |
| notifications | subscribers' queues | the same, and to subscribers | the same |
| gateway | its own ears | commands | answers to itself; what notifications tells, while it runs |
| bounces | nothing | one command, `report_bounce` | answers to itself |
| operator | nothing | a letter sent again or dropped | dead letters |
| management | nothing | nothing | nothing; it makes, by the management API, for each subscriber's queue a user who reads it alone |

Retries, dead letters and direct answers are addressed by queue, through the broker's default exchange, and RabbitMQ cannot narrow
who may address which queue there: so the rights keep services out of one another's events and commands when reading, and out of one
another's exchanges when publishing, while a stolen service password could still put a message into another's queue.
"""

import json
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from contracts.subscriptions import SUBSCRIPTIONS
from launcher import broker_users
from launcher.broker_users import MANAGEMENT, SUBSCRIBER_QUEUES
from messaging import topology

GATEWAY, BOUNCES, OPERATOR = "gateway", "bounces", "operator"
USERS = (*SUBSCRIPTIONS, GATEWAY, BOUNCES, OPERATOR, MANAGEMENT)

DEFAULT_EXCHANGE = "amq.default"
"""What RabbitMQ calls the nameless exchange when it judges rights."""


def rights(user: str) -> dict[str, str]:
    """What a user may configure, write to and read from, as RabbitMQ wants it: a pattern of whole names for each."""
    if user == GATEWAY:
        told = _names(topology.exchange("notifications").name)
        return broker_users.rights(
            configure=[topology.EARS], write=[*_names(topology.RPC.name), topology.EARS], read=[topology.EARS, *told]
        )
    if user == BOUNCES:
        return broker_users.rights(write=_names(topology.RPC.name))
    if user == OPERATOR:
        return broker_users.rights(write=_names(DEFAULT_EXCHANGE), read=_names(*map(topology.dead_queue, SUBSCRIPTIONS)))
    return broker_users.rights(
        configure=[SUBSCRIBER_QUEUES] if user == "notifications" else [],
        write=_names(topology.exchange(user).name, DEFAULT_EXCHANGE),
        read=_names(topology.rpc_queue(user), topology.events_queue(user), topology.dead_queue(user)),
    )


def password_name(user: str) -> str:
    """The environment variable with a user's password."""
    return f"{user.upper()}_BROKER_PASSWORD"


def definitions(environ: Mapping[str, str], vhost: str = "/") -> dict:
    """The definitions, with the passwords of ``environ``. Raises KeyError naming a password that is missing or empty."""
    passwords = {user: environ.get(password_name(user), "") for user in USERS}
    for user, password in passwords.items():
        if not password:
            raise KeyError(password_name(user))
    return {
        "vhosts": [{"name": vhost}],
        "users": [
            broker_users.user(user, password, *(["administrator"] if user == MANAGEMENT else [])) for user, password in passwords.items()
        ],
        "permissions": [{"user": user, "vhost": vhost, **rights(user)} for user in USERS if user != MANAGEMENT],
        # Who may send commands says by its roles who orders them. What strangers' mail comes to may send this one, whose token is proof.
        "topic_permissions": [
            {"user": BOUNCES, "vhost": vhost, "exchange": topology.RPC.name, "write": _only("notifications.report_bounce"), "read": "^$"}
        ],
        **topology.definitions(),
    }


def _only(key: str) -> str:
    return f"^{re.escape(key)}$"


def _names(*names: str) -> list[str]:
    return [re.escape(name) for name in names]


def main(arguments: list[str]) -> int:
    try:
        text = json.dumps(definitions(os.environ), indent=2)
    except KeyError as missing:
        print(f"{missing.args[0]} is not set. deploy/docker/secrets.sh makes all passwords.", file=sys.stderr)
        return 2
    if arguments:
        # The broker, which runs as another user, must be able to read it; it holds no password, only salted hashes.
        Path(arguments[0]).write_text(text)
    else:
        print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
