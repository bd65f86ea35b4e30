"""The one dispatcher: every API request takes this way, whatever its route.

Who calls · what they send · when, and what they last saw · once (idempotency key) · ask the service · answer with its
version as ETag. Whatever a request gets wrong is refused before any service hears of it.
"""

import hashlib
import json
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Flask, Response, g, request
from marshmallow import ValidationError

from contracts.base import LANGUAGES, load
from gateway.accounts import contract as accounts
from gateway.accounts import cookies
from gateway.accounts.callers import Caller, Callers, same
from gateway.accounts.store import StoreError, digest
from gateway.api import problems, requests, sparse
from gateway.api.keys import KeptAnswer, Keys
from gateway.api.routes import PREFIX, Route
from gateway.asking import Asks
from gateway.forms import GIVEN, TAKEN
from gateway.live import Live
from gateway.rates import Rates
from gateway.web.words import LANGUAGES as WRITTEN
from messaging.context import Order, child_of, now
from services.kernel.actor import Actor
from services.kernel.refusal import Refusal

QUERY_SECONDS = 5.0
COMMAND_SECONDS = 10.0

VISITOR = "visitor"
"""The person of an actor without an account: no entity, no role."""


class Dispatcher:
    """Carries requests out. ``here`` answers the gateway's own contract, ``services`` all others; ``live`` goes on with streams."""

    def __init__(self, callers: Callers, services: Asks, here: Asks, live: Live, rates: Rates, *, rehearsal: bool, public_url: str) -> None:
        self.callers = callers
        self.services = services
        self.here = here
        self.live = live
        self.rates = rates
        self.rehearsal = rehearsal
        self.public_url = public_url
        self.keys = Keys()

    def serve(self, app: Flask, routes: tuple[Route, ...]) -> None:
        """Have the application answer these routes."""
        app.extensions["keys"] = self.keys
        for route in routes:
            app.add_url_rule(route.rule, f"{route.method} {route.path}", self._view(route), methods=[route.method])

    def _view(self, route: Route) -> Callable[..., Response]:
        parameters = requests.Parameters(route.contract(), route.in_path)
        asked = self.here if route.contract.producer == "gateway" else self.services
        name, seconds = route.contract.message_name(), COMMAND_SECONDS if route.changes else QUERY_SECONDS

        def view(**path: str) -> Response:
            g.takes_basic = route.is_calendar
            g.deprecated = route.deprecated
            caller = self.caller(route)
            raw, payload, is_file = self._payload(route, parameters, path)
            wanted = sparse.wanted(str(payload.pop(sparse.PARAMETER)), route.contract.answer) if _is_thin(route, payload) else None
            data = payload
            if not is_file:
                try:
                    data = load(route.contract, payload)
                except ValidationError as error:
                    raise parameters.refused(error) from None
            key = requests.key_of(request.headers.get("Idempotency-Key")) if route.changes and caller else None
            fingerprint = _fingerprint(raw) if key else ""
            order = self._order(caller, key, fingerprint, data)

            def ask(name: str, payload: dict[str, Any]) -> Any:
                return asked.call(route.contract.producer, name, payload, order, seconds)

            def carry_out() -> Response:
                if is_file:
                    take = TAKEN[route.takes].take
                    answer = take(raw, payload, problems.spoken(), check=not route.changes, ask=ask)
                else:
                    answer = ask(name, payload)
                if route.live:
                    named = self.rehearsal and "ICAT-Instant" in request.headers
                    return self.live.open((route.contract.producer, name), data, answer, order, self._standing(), named=named)
                return self._given(route, answer) if route.gives else _answer(route, answer, payload, wanted)

            if key is None or caller is None:
                return carry_out()
            return self._once(caller, key, fingerprint, carry_out, keep=not route.secret)

        return view

    # Who

    def caller(self, route: Route) -> Caller | None:
        """Who calls; None for a visitor, where visitors may come in. Raises Refusal.

        A request that the cookie alone authenticates changes nothing: another site's page could have sent it. It must show the
        session's CSRF token as well.
        """
        proven = None
        try:
            caller = proven = self._proven(public=route.public)
        finally:
            self.rates.count(proven, changes=route.changes)  # who cannot prove who they are counts as a visitor
        if caller is not None:
            g.language = _language(caller)
        if caller is not None and caller.session is not None and route.changes:
            given = request.headers.get("X-CSRF-Token")
            if not same(given, caller.csrf):
                if not route.public:
                    raise Refusal.not_allowed(
                        "A change by session shows the session's CSRF token.",
                        rule="csrf",
                        field="X-CSRF-Token",
                        accepted="the csrf_token that logging in answered",
                    )
                caller = None
        if caller is not None:
            caller = _let_in(caller, route)
        g.caller = caller
        return caller

    def _proven(self, *, public: bool) -> Caller | None:
        if (authorization := request.headers.get("Authorization")) is not None:
            scheme, _, token = authorization.partition(" ")
            if g.get("takes_basic") and scheme.lower() == "basic":
                # RFC 7617. The token alone says who it is; the user name is whatever the calendar program asked for.
                given = request.authorization
                token = (given.password if given else None) or ""
            elif scheme.lower() != "bearer":
                raise Refusal("not_authenticated", "Authenticate with a bearer token.", rule="bearer", accepted="Bearer icat_…")
            g.prove = partial(self.callers.by_token, token.strip())
            return self.callers.by_token(token.strip())
        session = cookies.read()
        g.prove = partial(self.callers.by_session, session or "")
        caller = self.callers.by_session(session) if session else None
        if caller is None and not public:
            raise Refusal("not_authenticated", "This needs an account.", rule="account", accepted="Authorization: Bearer icat_…")
        return caller

    def _standing(self) -> Callable[[], None]:
        """What refuses, whenever it is asked, unless who calls now may still act, and as the same: for what goes on when the request is
        done. It asks the store no more often than a caller's requests do."""
        prove, before = g.prove, g.caller.actor

        def stand() -> None:
            try:
                caller: Caller | None = prove()
            except StoreError as error:
                raise Refusal("unavailable", "Who calls cannot be looked up; try again in a moment.", rule="store") from error
            if caller is None or caller.actor != before:
                raise Refusal("not_authenticated", "Who called is no longer who they were.", rule="account")

        return stand

    # What, when

    def _payload(self, route: Route, parameters: requests.Parameters, path: dict[str, str]) -> tuple[bytes, dict[str, Any], bool]:
        """The raw body, the payload, and whether the body is a file that its form has still to read into it."""
        is_file = False
        if route.method == "GET":
            raw, sent = b"", parameters.of_query(request)
        else:
            raw, read = requests.body_of(request, route.limit, TAKEN[route.takes].media_types if route.takes else ())
            is_file, sent = read is None, read or {}
            if request.query_string:
                raise Refusal.invalid(next(iter(request.args), "query"), "A change takes no query string.", rule="no-query")
        doubled = sorted(set(route.in_path) & set(sent))
        if doubled:
            raise Refusal.invalid(
                doubled[0],
                f"{doubled[0]} stands in the path already.",
                rule="path-parameter",
                accepted=parameters.names,
            )
        if route.live and (last := request.headers.get("Last-Event-ID")):
            sent["since"] = last  # what a browser came to since it was given the address
        payload = sent | parameters.of_path(path) | route.fixed
        if is_file:
            try:
                load(route.contract, payload | {TAKEN[route.takes].field: []})
            except ValidationError as error:
                raise parameters.refused(error) from None
        return raw, payload, is_file

    def _order(self, caller: Caller | None, key: str | None, fingerprint: str, data: dict[str, Any]) -> Order:
        """The context of the request. With a key, the cause is made of it, of who asks and of the request, so that sending it
        again is the same cause, and the key's later use for another request (once it has expired) is another."""
        actor = caller.actor if caller else Actor(VISITOR, language=requests.language_of(request, LANGUAGES))
        cause = digest(f"{_asker(actor)}\n{key}\n{fingerprint}") if key else uuid.uuid4().hex
        g.correlation = cause
        return Order(
            id=cause,
            by=actor,
            at=requests.instant_of(request.headers.get("ICAT-Instant"), rehearsal=self.rehearsal, now=now()),
            correlation=cause,
            traceparent=child_of(request.headers.get("traceparent", "")),
            expected=requests.expected_of(request.headers.get("If-Match")),
            data=data,
        )

    # The answer in another form

    def _given(self, route: Route, answer: Any) -> Response:
        """The answer in the form that the route gives; the same answer makes the same bytes, and so the same tag."""
        form = GIVEN[route.gives]
        body = form.write(answer, problems.spoken(), self.public_url)
        headers = dict(_HEADERS) | {"ETag": _tag(answer, body) or ""}
        if requests.matches(request.headers.get("If-None-Match"), headers["ETag"]):
            return Response(status=304, headers=headers)
        return Response(body, headers=headers | form.headers(answer))

    # Once

    def _once(self, caller: Caller, key: str, fingerprint: str, carry_out: Callable[[], Response], *, keep: bool) -> Response:
        """Carry out a keyed request, or answer it as it was answered. A request whose answer was lost on our side, or is none to
        ``keep``, or asks to come again, is carried out again under the same cause, which has no second effect."""
        with self.keys.claimed(_asker(caller.actor), key, fingerprint, now()) as claim:
            if (kept := claim.answer) is not None:
                return Response(kept.body, kept.status, kept.headers | {"Idempotency-Replayed": "true"})
            try:
                response = carry_out()
            except Refusal as refusal:
                response = problems.respond(refusal)
            if keep and response.status_code < 500 and response.status_code not in _COME_AGAIN:
                headers = {name: value for name, value in response.headers.items() if name in _KEPT_HEADERS}
                claim.answer = KeptAnswer(response.status_code, headers, response.get_data())
            return response


_KEPT_HEADERS = frozenset({"Content-Type", "Content-Language", "ETag", "Location", "Cache-Control", "Vary"})

_COME_AGAIN = frozenset({412, 429})
"""Nothing was done, and the caller is told what to do before the same request is welcome: to look at the newest version, or to
wait. What it then sends under its key is that request, not the answer of before."""


def _let_in(caller: Caller, route: Route) -> Caller | None:
    """The caller as this route takes them. Raises Refusal for what their account or their credentials cannot do, whatever their role."""
    if caller.must_set_up and route.contract not in _SETTING_UP:
        if route.public:
            return None
        raise Refusal.not_allowed(
            "Your role requires a second factor; set one up first.",
            rule="second-factor-required",
            accepted="POST /me/second-factor",
        )
    if route.in_person and caller.session is None:
        raise Refusal.not_allowed("This is done in a session, never with a token.", rule="session-only", accepted="POST /sessions")
    if caller.token is not None:
        caller.token.must_allow(route.contract.producer, changes=route.changes)
    return caller


_SETTING_UP = frozenset({accounts.Me, accounts.LogOut, accounts.BeginSecondFactor, accounts.ConfirmSecondFactor})
"""All that is there for who must set up a second factor."""


def _asker(actor: Actor) -> str:
    """Who asks, with all that decides what they may see and do: an account that becomes another entity's, or another role's, is
    answered as what it is now, and never with what it was once shown."""
    return json.dumps([actor.person, actor.entity, sorted(actor.roles)])


def _fingerprint(raw: bytes) -> str:
    return hashlib.sha256(f"{request.method} {request.path}\n".encode() + raw).hexdigest()


_HEADERS = {"Cache-Control": "private, no-cache", "Vary": problems.VARY}


def _language(caller: Caller) -> str:
    """The language in which a caller is answered, one of those we write. Software says with each request which it wants, and else has its
    account's; a browser only says which it was shipped with, so in a session the account's goes first."""
    own = caller.actor.language if caller.actor.language in WRITTEN else WRITTEN[0]
    return own if caller.session is not None else requests.language_of(request, WRITTEN, own)


def _is_thin(route: Route, payload: dict[str, Any]) -> bool:
    """Whether only some fields of the answer are asked for."""
    return route.is_sparse and sparse.PARAMETER in payload


def _answer(route: Route, answer: Any, payload: dict[str, Any], wanted: sparse.Tree | None = None) -> Response:
    """The answer as a response: its version and content as ETag, 304 for who has it, 201 with the Location of what was made.
    ``wanted``: the fields of it that are given, of which its tag is then made."""
    if route.status == 204:
        return Response(status=204)
    given = answer if wanted is None else sparse.thinned(answer, wanted)
    body = json.dumps(given, ensure_ascii=False, separators=(",", ":")).encode()
    headers = dict(_HEADERS)
    if not route.secret and (tag := _tag(answer, body)) is not None:
        headers["ETag"] = tag
        if route.method == "GET" and requests.matches(request.headers.get("If-None-Match"), tag):
            return Response(status=304, headers=headers)
    if route.secret:
        headers["Cache-Control"] = "no-store"
    if isinstance(route.creates, str):
        headers["Location"] = PREFIX + route.creates.format_map(payload | answer)
    return Response(body, route.status, headers, content_type="application/json")


def _tag(answer: Any, body: bytes) -> str | None:
    """The entity tag of an answer. Its version comes first: that is what ``If-Match`` compares. A digest of the content follows,
    since a view may change with its reader and with time while the version stays."""
    content = hashlib.sha256(body).hexdigest()[:12]
    version = answer.get("version") if isinstance(answer, dict) else None
    return f'W/"{content}"' if version is None else f'"{version}-{content}"'
