"""Who reads a page, in which language, as of when; and whether a form came from a page of ours."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, g, redirect, request

from gateway.accounts import cookies
from gateway.accounts.callers import Caller, Callers, same
from gateway.api.dispatch import VISITOR
from gateway.api.requests import instant_of, language_of
from gateway.rates import Rates
from gateway.web.words import LANGUAGES
from messaging.context import Order, new_traceparent, now
from services.kernel.actor import Actor

AT_COOKIE = "icat_at"
"""In rehearsal, the instant that a browser's pages are shown as of, until it names another."""

LANGUAGE_COOKIE = "icat_language"
"""The language that a visitor chose for the pages, with ``?lang=``; people with an account have one of their own."""

FORM_COOKIE = "icat_form"
"""Ties a form shown to a visitor to the browser it was shown in, as the session's CSRF token does for a person."""


SETTING_UP_PATHS = frozenset({"/account/second-factor", "/logout"})
"""All the pages that there are for who must set up a second factor."""


@dataclass(frozen=True)
class Reader:
    """Whoever reads a page: a caller or a visitor, the page's language, the instant."""

    caller: Caller | None
    actor: Actor
    language: str
    at: datetime

    def order(self, **data: Any) -> Order:
        """The context of what is asked for this reader."""
        cause = uuid.uuid4().hex
        return Order(id=cause, by=self.actor, at=self.at, correlation=cause, traceparent=new_traceparent(), data=data)


def visitor() -> Reader:
    """A reader without an account, in the language chosen on a page, or that the browser prefers."""
    language = chosen_language() or language_of(request, LANGUAGES)
    return Reader(None, Actor(VISITOR, language=language), language, now())


def chosen_language() -> str | None:
    """The language in which a visitor asked for the pages."""
    named = (request.args.get("lang"), request.cookies.get(LANGUAGE_COOKIE))
    return next((language for language in named if language in LANGUAGES), None)


def current() -> Reader:
    """The reader of this request; a plain visitor while the real one cannot be known (the store is away)."""
    return g.reader if "reader" in g else visitor()


class Forms:
    """Recognizes readers, and the forms shown to them."""

    def __init__(self, callers: Callers, rates: Rates, *, rehearsal: bool, secure: bool) -> None:
        self.callers = callers
        self.rates = rates
        self.rehearsal = rehearsal
        self.secure = secure

    def recognize(self) -> Any:
        """Make the request's reader known. In rehearsal pages can be looked at as of another instant, with ``?at=``, which
        the browser keeps as it follows links; an empty one is the present again. Who must set up a second factor is led there, wherever
        they were going."""
        if request.path.startswith(("/feeds/", "/calendars/")):
            self.rates.count(None, changes=False)
            return None
        if request.path.startswith(("/api/", "/static/", "/health/", "/.well-known/")) and request.path != "/api/docs":
            return None
        session = cookies.read()
        g.caller = caller = self.callers.by_session(session) if session else None
        reader = visitor()
        named = request.args.get("at", request.cookies.get(AT_COOKIE)) if self.rehearsal else None
        at = instant_of(named or None, rehearsal=self.rehearsal, now=reader.at)
        if caller is None:
            g.reader = Reader(None, reader.actor, reader.language, at)
        else:
            g.reader = Reader(caller, caller.actor, caller.actor.language if caller.actor.language in LANGUAGES else "en", at)
        self.rates.count(caller, changes=request.method == "POST")
        if caller is not None and caller.must_set_up and request.path not in SETTING_UP_PATHS:
            return redirect("/account/second-factor", 303)
        return None

    def token(self) -> str:
        """What a form shows to prove that it came from a page of ours."""
        caller = current().caller
        if caller is not None and caller.csrf is not None:
            return caller.csrf
        if "form_nonce" not in g:
            g.form_nonce = request.cookies.get(FORM_COOKIE) or uuid.uuid4().hex
        return self.callers.derived("form", g.form_nonce)

    def is_ours(self) -> bool:
        """Whether the form sent came from a page of ours, in this browser."""
        given, caller = request.form.get("csrf_token"), current().caller
        if caller is not None:
            return same(given, caller.csrf)
        nonce = request.cookies.get(FORM_COOKIE)
        return nonce is not None and same(given, self.callers.derived("form", nonce))

    def tie(self, response: Response) -> Response:
        """Give the browser its half of a visitor's form, the language it chose, and in rehearsal the instant it named."""
        if "reader" in g and g.reader.caller is None and request.args.get("lang") in LANGUAGES:
            secure = self.secure or request.is_secure
            response.set_cookie(LANGUAGE_COOKIE, request.args["lang"], httponly=True, samesite="Lax", secure=secure)
        if self.rehearsal and "reader" in g and "at" in request.args:
            if request.args["at"]:
                response.set_cookie(AT_COOKIE, request.args["at"], httponly=True, samesite="Lax", secure=self.secure or request.is_secure)
            else:
                response.delete_cookie(AT_COOKIE, httponly=True, samesite="Lax", secure=self.secure or request.is_secure)
        if "form_nonce" in g and FORM_COOKIE not in request.cookies:
            response.set_cookie(FORM_COOKIE, g.form_nonce, httponly=True, samesite="Strict", secure=self.secure or request.is_secure)
        if "reader" in g:
            response.headers.setdefault("Cache-Control", "no-store")
        return response
