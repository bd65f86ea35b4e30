"""What every page stands on: it asks the services for its reader, and knows whose form it was sent."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import urlencode

from flask import g, make_response, redirect, request, url_for
from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound

from contracts.base import Command, Query, load
from contracts.problems import invalid
from gateway.accounts.contract import contract as own
from gateway.api.routes import MIB
from gateway.asking import Here
from gateway.desk import Desk, Panel
from gateway.refusals import Told
from gateway.web.acts import MORE, VERSION, Act, Failed, Form, Growing, form_of
from gateway.web.reader import Forms, current
from gateway.web.words import WORDS, said
from messaging.context import Order
from services.kernel.refusal import Refusal
from services.kernel.text import digest_of

PAGE_POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
SCRIPTED_POLICY = f"{PAGE_POLICY}; script-src 'self'; connect-src 'self'"
"""Of the pages that a script of ours makes livelier, which do without it as well."""

ASK_SECONDS = 5.0
ORDER_SECONDS = 10.0


def reads(view: Callable[..., Any]) -> Callable[..., Any]:
    """For people with an account: others are asked to log in, and brought back."""

    def guarded(self: "Room", **path: str) -> Any:
        if g.reader.caller is None:
            return redirect(url_for("web.login", next=request.full_path.rstrip("?")), 303)
        return view(self, **path)

    return guarded


View = Callable[..., Any]


def year_of(text: str) -> int:
    """A year that stands in an address; another text is none of ours."""
    if not re.fullmatch("[0-9]{4}", text):
        raise NotFound
    return int(text)


def called(code: str) -> str:
    """What an entity is called in the reader's language."""
    return str(g.acronyms.called(code, g.reader.language, g.reader.at))


def who_chairs() -> dict[str, tuple[str, str, dict[str, Any]]]:
    """What is asked to know whether the reader chairs; nothing of who cannot, or need not."""
    actor = g.reader.actor
    asks = actor.entity is not None and actor.speaks_for(actor.entity) and not actor.is_secretariat
    return {"group": ("chairs", "overview", {})} if asks else {}


def moves(group: Panel | None) -> bool:
    """Whether a page offers the reader what the chair and the secretariat may do; whether they may is for the service to say.
    ``group``: what ``who_chairs`` asked for."""
    actor = g.reader.actor
    return actor.is_secretariat or (group is not None and group.is_there and any(map(actor.speaks_for, group.answer["chairs"])))


@dataclass(frozen=True, slots=True)
class Again:
    """The answer to a form that is its own page, shown once more. ``headers``: of that answer."""

    headers: Mapping[str, str]


def acting(*names: str) -> Callable[[View], View]:
    """A page on which these acts of its room are done: a form that is sent to it is carried out, and leads on; one that is refused is
    shown again on the same page, with why, and with what was typed; one that tells a secret, or only looks, by the page that shows it; one
    that asks for more rows has them, and what was typed stays."""

    def of(view: View) -> View:
        def acted(self: "Room", **path: str) -> Any:
            if request.method != "POST":
                return view(self, **path)
            request.max_form_memory_size = MIB
            self.must_be_ours()
            act = self.acts.get(request.form.get("act", ""))
            if act is None or act.name not in names:
                raise NotFound
            if MORE in request.form:
                g.growing = Growing(act.name, request.form, request.form[MORE])
                return view(self, **path)
            try:
                answer = getattr(self, act.through)(act, act.read(path))
            except Refusal as refusal:
                g.failed = Failed(act.name, request.form, refusal)
                return make_response(view(self, **path), g.failed.status)
            if act.tells:
                g.told, answer = answer, Again({"Cache-Control": "no-store"})
            if isinstance(answer, Again):
                return make_response(view(self, **path), 200, answer.headers)
            onward = act.onward(answer) if act.onward else request.path
            return redirect(f"{onward}?{urlencode({'done': act.name})}", 303)

        return acted

    return of


class Room:
    """Asks, orders, and refuses forms that are not ours. ``acts``: the orders that its pages offer, by name. ``here`` answers what the
    gateway itself is asked."""

    acts: Mapping[str, Act] = {}

    def __init__(self, desk: Desk, forms: Forms, here: Here) -> None:
        self.desk = desk
        self.forms = forms
        self.here = here

    def ask(self, service: str, query: str, **payload: Any) -> Any:
        """The answer for this page's reader. Raises Refusal."""
        return self._call(service, query, payload, g.reader.order(), ASK_SECONDS)

    def asked(self, query: type[Query], **payload: Any) -> Any:
        """The answer to a question whose parts stand in the page's address. Raises Refusal, also for what its contract does not take."""
        try:
            load(query, payload)
        except ValidationError as error:
            raise invalid(error) from None
        return self.ask(query.producer, query.message_name(), **payload)

    def carry_out(self, act: Act, typed: dict[str, Any]) -> Any:
        """Have carried out what a form orders, as of the version that its page showed. Raises Refusal. An act that goes through another
        method of its room does more, and may answer ``Again``."""
        shown = request.form.get(VERSION, "")[:9]
        return self.order(act.command, typed, int(shown) if shown.isdecimal() else None)

    def order(self, command: type[Command], payload: dict[str, Any], expected: int | None = None) -> Any:
        """Have a form's order carried out. ``expected``: the version that its page showed, None when any will do. Raises Refusal.

        Its cause is made of who sends it, of the form as it was shown and of what stands in it: pressed twice, it is one order.
        """
        order, once = g.reader.order(), request.form.get("once", "")[:64]
        if once and not issubclass(command, Query):
            by = order.by
            fields = sorted((name, *request.form.getlist(name)) for name in request.form if name != "csrf_token")
            order = replace(order, id=digest_of([by.person, by.entity, sorted(by.roles), request.path, fields]))
        order = replace(order, expected=expected)
        return self._call(command.producer, command.message_name(), payload, order, ORDER_SECONDS)

    def _call(self, producer: str, name: str, payload: dict[str, Any], order: Order, seconds: float) -> Any:
        if producer != own.producer:
            return self.desk.services.call(producer, name, payload, order, seconds)
        try:
            order = replace(order, data=load(own.commands[name], payload))  # as a service would, which the gateway need not be sent
        except ValidationError as error:
            raise invalid(error) from None
        return self.here.call(producer, name, payload, order, seconds)

    def must_be_ours(self) -> None:
        if not self.forms.is_ours():
            raise Told("not_allowed", said(g.reader.language, "form_stale"), rule="csrf")

    # What its templates can say

    def words(self) -> dict[str, Any]:
        """What the templates of a room can say beside what all can: forms, and what was just done."""
        language = current().language

        def of_act(prefix: str, name: str) -> str:
            return said(language, key) if (key := f"{prefix}_{name}") in WORDS else ""

        return {"form": self.form, "act_title": partial(of_act, "act"), "act_done": partial(of_act, "did")}

    def form(
        self,
        name: str,
        /,
        *,
        choices: dict[str, Any] | None = None,
        values: dict[str, Any] | None = None,
        typed: MultiDict[str, str] | None = None,
        **hidden: Any,
    ) -> Form:
        """The form of an act, for a template."""
        return form_of(self.acts[name], choices=choices or {}, values=values or {}, hidden=hidden, typed=typed)
