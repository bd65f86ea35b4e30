"""``python -m launcher.store_user COMMAND…``: give a new embedded store its one user.

Runs the store once without authentication, on the loopback address only, creates the user named in
``ICAT_STORE_URI`` and stops it again. Creating the user twice is no fault: a first try may have been cut short.
"""

import os
import subprocess
import sys

from pymongo import MongoClient
from pymongo.errors import OperationFailure
from pymongo.uri_parser import parse_uri

ALREADY_EXISTS = 51003


def main(command: list[str]) -> int:
    address = parse_uri(os.environ["ICAT_STORE_URI"])
    host, port = address["nodelist"][0]
    store = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    client: MongoClient[dict] = MongoClient(host, port, serverSelectionTimeoutMS=60_000, directConnection=True)
    try:
        client.admin.command("createUser", address["username"], pwd=address["password"], roles=["root"])
    except OperationFailure as error:
        if error.code != ALREADY_EXISTS:
            raise
    finally:
        client.close()
        store.terminate()
        store.wait(60)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
