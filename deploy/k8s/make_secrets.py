"""Prints every Secret that deploy/k8s names, with passwords that are random and new at each run.

    ICAT_SMTP_URL=smtps://user:password@smtp.example.org:465 python deploy/k8s/make_secrets.py | kubectl apply --namespace icat --filename -

``BROKER_HOST`` and ``STORE_HOST`` name a broker and a store other than those of overlays/example. ``MISSION_BROKER`` is where missions
that read a queue reach the broker from outside, by TLS (broker.example.org:5671); without it no queues are offered. Needs the
platform's libraries: run it in its image, or in the environment that ./icat made.
"""

import json
import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "docker"))

import broker_definitions
from broker_definitions import BOUNCES, GATEWAY, MANAGEMENT, OPERATOR, SUBSCRIPTIONS

PROCESSES = (*SUBSCRIPTIONS, GATEWAY)


def manifests(environ: Mapping[str, str]) -> dict:
    """All secrets, as one Kubernetes list. Raises KeyError naming a variable that is missing."""
    broker, store = environ.get("BROKER_HOST", "icat-broker"), environ.get("STORE_HOST", "icat-store-svc")
    broker_passwords = {user: secrets.token_hex(24) for user in broker_definitions.USERS}
    store_passwords = {process: secrets.token_hex(24) for process in PROCESSES}

    def amqp(user: str) -> str:
        return f"amqp://{user}:{broker_passwords[user]}@{broker}:5672/%2F"

    outside = environ.get("MISSION_BROKER", "")
    more = {
        "notifications": {
            "ICAT_SMTP_URL": environ["ICAT_SMTP_URL"],
            "ICAT_MISSION_AMQP_URI": outside and f"amqps://{outside}/%2F",
            "ICAT_BROKER_MANAGEMENT_URL": f"http://{MANAGEMENT}:{broker_passwords[MANAGEMENT]}@{broker}:15672",
        },
        GATEWAY: {"ICAT_SECRET_KEY": secrets.token_hex(24), "ICAT_FIRST_LOGIN": f"secretariat:{secrets.token_hex(12)}"},
    }
    definitions = broker_definitions.definitions(
        {broker_definitions.password_name(user): password for user, password in broker_passwords.items()}
    )
    made = {
        f"icat-{process}": {
            "AMQP_URI": amqp(process),
            "MONGO_URI": f"mongodb://{process}:{store_passwords[process]}@{store}:27017/{process}?replicaSet=icat-store",
            **more.get(process, {}),
        }
        for process in PROCESSES
    }
    made |= {f"icat-store-{process}": {"password": password} for process, password in store_passwords.items()}
    made |= {f"icat-{user}": {"AMQP_URI": amqp(user)} for user in (BOUNCES, OPERATOR)}
    made["icat-broker-definitions"] = {"definitions.json": json.dumps(definitions)}
    return {
        "apiVersion": "v1",
        "kind": "List",
        "items": [
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": name, "labels": {"app.kubernetes.io/part-of": "icat"}},
                "type": "Opaque",
                "stringData": values,
            }
            for name, values in made.items()
        ],
    }


if __name__ == "__main__":
    try:
        print(json.dumps(manifests(os.environ), indent=2))
    except KeyError as missing:
        sys.exit(f"{missing.args[0]} is not set.")
