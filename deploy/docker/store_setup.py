"""Makes the document store ready, as often as wanted: a replica set of one, and for each process a user of its own database alone.

    python deploy/docker/store_setup.py

reads from the environment ``STORE_URI`` (the administrator's address, with his password) and each user's password
(``CHAIRS_STORE_PASSWORD`` …). Run again with other passwords, it changes them.
"""

import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import OperationFailure, PyMongoError
from pymongo.uri_parser import parse_uri

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from contracts.subscriptions import SUBSCRIPTIONS

DATABASES = (*SUBSCRIPTIONS, "gateway")
"""One for each process, which bears its name, as does its user."""

REPLICA_SET = "icat"
PATIENCE_SECONDS = 60

NOT_YET_INITIATED, NO_SUCH_USER = 94, 11


def password_name(database: str) -> str:
    """The environment variable with the password of a database's user."""
    return f"{database.upper()}_STORE_PASSWORD"


def initiate(admin: Database, member: str) -> None:
    """Have the store at ``admin`` be a replica set of one, known to clients as ``member`` (host:port), and wait until it takes writes."""
    try:
        admin.command("replSetGetStatus")
    except OperationFailure as error:
        if error.code != NOT_YET_INITIATED:
            raise
        admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": [{"_id": 0, "host": member}]})
    until = time.monotonic() + PATIENCE_SECONDS
    while not admin.command("hello").get("isWritablePrimary"):
        if time.monotonic() > until:
            raise TimeoutError(f"The replica set has no primary after {PATIENCE_SECONDS} s.")
        time.sleep(0.2)


def make_users(client: MongoClient, passwords: Mapping[str, str]) -> None:
    """For each database a user of the same name, who may read and write it and nothing else. One that is there gets the password."""
    for database, password in passwords.items():
        user = {"pwd": password, "roles": [{"role": "readWrite", "db": database}]}
        try:
            client[database].command("updateUser", database, **user)
        except OperationFailure as error:
            if error.code != NO_SUCH_USER:
                raise
            client[database].command("createUser", database, **user)


def main(environ: Mapping[str, str]) -> int:
    needed = ("STORE_URI", *map(password_name, DATABASES))
    missing = [name for name in needed if not environ.get(name)]
    if missing:
        print(f"{', '.join(missing)} not set. deploy/docker/secrets.sh makes all passwords.", file=sys.stderr)
        return 2
    (host, port), *_ = parse_uri(environ["STORE_URI"])["nodelist"]
    with MongoClient(environ["STORE_URI"], directConnection=True, serverSelectionTimeoutMS=PATIENCE_SECONDS * 1000) as client:
        try:
            initiate(client.admin, f"{host}:{port}")
            make_users(client, {database: environ[password_name(database)] for database in DATABASES})
        except (PyMongoError, TimeoutError) as error:
            print(f"The store cannot be made ready: {error}", file=sys.stderr)
            return 1
    print(f"The store is ready: {', '.join(DATABASES)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main(os.environ))
