"""Answering: commands and queries over the broker, in nameko's RPC protocol.

Serves ``rpc-<service>``; ``@command`` validates the payload by its contract before the method runs,
and turns a refusal into its problem. ``messaging.client`` asks.
"""

import inspect
import json
import logging
from functools import partial
from typing import Any

import amqp
from marshmallow import ValidationError
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import ENTRYPOINT_EXTENSIONS_ATTR, Entrypoint, ProviderCollector
from pymongo.errors import PyMongoError

from contracts.base import Command, dump, load
from contracts.problems import invalid, problem
from messaging import topology
from messaging.context import HEADER, order_from
from messaging.listening import Listener
from messaging.store import Saved
from messaging.wire import Outgoing, send
from services.kernel.refusal import Refusal

log = logging.getLogger(__name__)

LARGEST_ANSWER = 12 * 1024 * 1024
"""Bytes: room for a file of 8 MiB in base64. RabbitMQ 4 refuses messages over 16 MiB by closing the channel."""


class CommandListener(Listener, ProviderCollector):
    """The service's command queue, shared by all its commands."""

    @property
    def queue_name(self) -> str:
        return topology.rpc_queue(self.container.service_name)

    def declare(self, connection: amqp.Connection) -> None:
        topology.declare_commands(connection, self.container.service_name)

    def on_message(self, message: Any) -> None:
        name = message.delivery_info["routing_key"].rsplit(".", 1)[-1]
        provider = next((p for p in self._providers if p.contract.message_name() == name), None)
        try:
            if provider is None:
                raise Refusal.not_found(f"{self.container.service_name} knows no command {name}.", rule="command")
            order = order_from((message.headers or {}).get(HEADER), load(provider.contract, _payload(message)))
            self.container.service_cls.rights.must_admit(name, order.by)
        except Exception as error:  # whatever was sent, the listener lives
            self._answer(message, error=_problem(error))
            return
        try:
            self.container.spawn_worker(
                provider, (order,), {}, context_data={"order": order}, handle_result=partial(self._handled, message)
            )
        except ContainerBeingKilled:
            self.reject(message, requeue=True)

    def _handled(self, message: Any, worker_ctx: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
        provider, order = worker_ctx.entrypoint, worker_ctx.args[0]
        try:
            if exc_info is not None:
                raise exc_info[1]
            if isinstance(result, Saved):
                result = result.aggregate.view(order.by, order.at) | {"version": result.version}
            self._answer(message, result=dump(provider.contract.answer, result))
        except Exception as error:
            self._answer(message, error=_problem(error))
        return result, exc_info

    def _answer(self, message: Any, result: Any = None, error: dict | None = None) -> None:
        """Reply and acknowledge, on the connection the request came by, whose heartbeats tell when it
        is black-holed. A reply that cannot be sent is let go with its acknowledgement: the request
        comes again, and the cause tells that it was done."""
        body = _encoded(result, error)
        if len(body) > LARGEST_ANSWER:
            body = _encoded(None, problem(Refusal("too_large", "The answer is too large; ask for less of it.", rule="answer-size")))

        reply = None
        if reply_to := message.properties.get("reply_to"):
            exchange = "" if reply_to.startswith(topology.DIRECT_REPLY) else topology.RPC.name
            correlation = message.properties.get("correlation_id", "")
            reply = Outgoing(reply_to, body, exchange=exchange, correlation=correlation, passing=True, mandatory=False)
        self.write(message.channel, lambda: send(message.channel, reply, message.delivery_tag))


def _payload(message: Any) -> dict[str, Any]:
    try:
        body = json.loads(message.body)
        payload = body["kwargs"]
        if not isinstance(payload, dict) or body.get("args"):
            raise ValueError("a command has named fields only")
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise Refusal("malformed", f"The request cannot be read: {error}.", rule="request") from error
    return payload


def _encoded(result: Any, error: dict | None) -> bytes:
    remote = None
    if error is not None:
        # nameko's shape, so that its own proxies raise a RemoteError; ours reads the problem.
        remote = {
            "exc_type": "Refusal",
            "exc_path": "services.kernel.refusal.Refusal",
            "exc_args": [error["type"], error["detail"]],
            "value": error["detail"],
            "problem": error,
        }
    return json.dumps({"result": result, "error": remote}, ensure_ascii=False).encode()


def _problem(error: Exception) -> dict[str, Any]:
    if isinstance(error, Refusal):
        return problem(error)
    if isinstance(error, ValidationError):
        return problem(invalid(error))
    if isinstance(error, PyMongoError):
        log.warning("the store did not answer: %s", error)
        return problem(Refusal("unavailable", "The store does not answer; try again in a moment.", rule="store"))
    log.error("a command failed", exc_info=error)
    return problem(Refusal("internal", "Something failed here; it has been noted.", rule="internal"))


class CommandEntrypoint(Entrypoint):
    """``@command(contracts.chairs.TakeSeat)``: the method is called with the validated order; what it
    returns (a Saved, a dict or a list) is dumped by the contract's answer."""

    listener = CommandListener()

    def __init__(self, contract: type[Command], **kwargs: Any) -> None:
        self.contract = contract
        super().__init__(expected_exceptions=(Refusal,), **kwargs)

    def setup(self) -> None:
        self.listener.register_provider(self)

    def stop(self) -> None:
        self.listener.quit()


command = query = CommandEntrypoint.decorator


def served(service: type) -> list[str]:
    """The names of the orders and questions that a service class answers."""
    methods = (method for _, method in inspect.getmembers(service, inspect.isfunction))
    entrypoints = (entrypoint for method in methods for entrypoint in getattr(method, ENTRYPOINT_EXTENSIONS_ATTR, ()))
    return sorted(entrypoint.contract.message_name() for entrypoint in entrypoints if isinstance(entrypoint, CommandEntrypoint))
