"""Exits 0 when the process in this container is ready: ``python -I healthcheck.py PORT``. Standard library only, for speed."""

import http.client
import sys

connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=4)
try:
    connection.request("GET", "/health/ready")
    sys.exit(connection.getresponse().status != http.HTTPStatus.OK)
except OSError:
    sys.exit(1)
