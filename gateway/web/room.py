"""What every page stands on: it asks the services for its reader, and knows whose form it was sent."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import g, redirect, request, url_for

from contracts.base import Command, Query
from gateway.desk import Desk
from gateway.web.reader import Forms
from gateway.web.words import said
from services.kernel.refusal import Refusal
from services.kernel.text import digest_of

ASK_SECONDS = 5.0
ORDER_SECONDS = 10.0


def reads(view: Callable[..., Any]) -> Callable[..., Any]:
    """For people with an account: others are asked to log in, and brought back."""

    def guarded(self: "Room", **path: str) -> Any:
        if g.reader.caller is None:
            return redirect(url_for("web.login", next=request.full_path.rstrip("?")), 303)
        return view(self, **path)

    return guarded


class Room:
    """Asks, orders, and refuses forms that are not ours."""

    def __init__(self, desk: Desk, forms: Forms) -> None:
        self.desk = desk
        self.forms = forms

    def ask(self, service: str, query: str, **payload: Any) -> Any:
        """The answer for this page's reader. Raises Refusal."""
        return self.desk.services.call(service, query, payload, g.reader.order(), ASK_SECONDS)

    def order(self, command: type[Command], payload: dict[str, Any]) -> Any:
        """Have a form's order carried out. Raises Refusal.

        Its cause is made of who sends it, of the form as it was shown and of what stands in it: pressed twice, it is one order.
        """
        order, once = g.reader.order(), request.form.get("once", "")[:64]
        if once and not issubclass(command, Query):
            by = order.by
            fields = sorted((name, *request.form.getlist(name)) for name in request.form if name != "csrf_token")
            order = replace(order, id=digest_of([by.person, by.entity, sorted(by.roles), request.path, fields]))
        return self.desk.services.call(command.producer, command.message_name(), payload, order, ORDER_SECONDS)

    def must_be_ours(self) -> None:
        if not self.forms.is_ours():
            raise Refusal.not_allowed(said(g.reader.language, "form_stale"), rule="csrf")
