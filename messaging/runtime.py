"""Runs a service: ``python -m messaging.runtime services.chairs.service``.

Patches the standard library first (nameko lives on eventlet's green threads), then reads the
settings, connects the store, and runs every nameko class written in that module until SIGTERM.
"""

import eventlet

eventlet.monkey_patch()

import gc  # noqa: E402
import importlib  # noqa: E402
import inspect  # noqa: E402
import logging  # noqa: E402
import signal  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from typing import Any  # noqa: E402

import eventlet.wsgi  # noqa: E402
from nameko.runners import ServiceRunner  # noqa: E402
from pymongo.errors import PyMongoError  # noqa: E402

from messaging import store  # noqa: E402
from messaging.listening import Listener  # noqa: E402
from messaging.logs import write_logs  # noqa: E402
from messaging.service import Commands, Subscriptions  # noqa: E402
from messaging.settings import Settings, SettingsError  # noqa: E402

log = logging.getLogger("icat")

COLLECTED_AFTER = (20_000, 20, 50)
"""How much is made before what is no longer used is looked for (``gc.set_threshold``): an order makes some thousands of objects, and nearly
all of them go by themselves. What was loaded before stays, and is not looked at (``gc.freeze``)."""


def main(module: str) -> int:
    """Run the services of one module; the process's exit status."""
    try:
        return _serve(module, Settings.from_environ())
    except SettingsError as error:  # a service may need settings of its own
        print(f"icat: {error}", file=sys.stderr)
        return 2


def _serve(module: str, settings: Settings) -> int:
    write_logs(settings.log_level)
    store.connect(settings.mongo_uri)
    classes = [
        cls
        for _, cls in inspect.getmembers(importlib.import_module(module), inspect.isclass)
        if cls.__module__ == module and issubclass(cls, Commands | Subscriptions)
    ]
    stores = tuple(s for cls in classes if issubclass(cls, Commands) for s in cls.aggregates)
    _wait_for_store(stores)
    runner = ServiceRunner({"settings": settings, "AMQP_URI": settings.amqp_uri, "max_workers": 10})
    for cls in classes:
        runner.add_service(cls)
    runner.start()
    if settings.health_port:
        eventlet.spawn(_serve_health, runner, settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: eventlet.spawn_n(runner.stop))
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTED_AFTER)
    log.info("serving %s", ", ".join(runner.service_names))
    runner.wait()
    return 0


def _wait_for_store(stores: tuple[store.Aggregates, ...]) -> None:
    while True:
        try:
            store.ensure_indexes(stores)
            return
        except PyMongoError as error:
            log.warning("waiting for the store: %s", error)
            time.sleep(1)


def _serve_health(runner: ServiceRunner, settings: Settings) -> None:
    """``/health/live``: the process runs. ``/health/ready``: the store answers and every queue is listened to."""

    def app(environ: dict, start_response: Any) -> list[bytes]:
        path = environ["PATH_INFO"]
        if path == "/health/live":
            ok = True
        elif path == "/health/ready":
            listeners = [e for c in runner.containers for e in c.subextensions if isinstance(e, Listener)]
            ok = all(listener.is_connected for listener in listeners) and store.is_reachable()
        else:
            start_response("404 Not Found", [("Content-Type", "text/plain")])
            return [b"not found\n"]
        start_response("200 OK" if ok else "503 Service Unavailable", [("Content-Type", "text/plain")])
        return [b"ok\n" if ok else b"not ready\n"]

    eventlet.wsgi.server(eventlet.listen((settings.health_host, settings.health_port)), app, log_output=False)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m messaging.runtime services.<name>.service")
    sys.exit(main(sys.argv[1]))
