"""Makes the application: wires accounts, API and pages to the services."""

import logging
import threading
from functools import partial

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import RequestRedirect

from gateway import disclosure, health, web
from gateway.accounts import store
from gateway.accounts.callers import Callers
from gateway.accounts.federation import Federation
from gateway.accounts.service import AccountsRoom
from gateway.api import asyncapi, problems
from gateway.api.dispatch import Dispatcher
from gateway.api.openapi import described
from gateway.api.routes import MIB, ROUTES
from gateway.asking import Asks, Here
from gateway.desk import Desk
from gateway.feeds import Feeds
from gateway.house.room import HouseRoom
from gateway.live import Live
from gateway.rates import Rates
from gateway.rates import tell as rates_told
from gateway.settings import Settings
from gateway.web.room import PAGE_POLICY
from messaging.client import Pool
from messaging.context import now
from services.kernel.refusal import Refusal

log = logging.getLogger(__name__)

API_POLICY = "default-src 'none'; frame-ancestors 'none'"


def create_app(settings: Settings | None = None, services: Asks | None = None) -> Flask:
    """The gateway as a WSGI application.

    ``settings``: of the environment unless given. ``services``: what answers for the services, messaging's client pool unless
    given. Raises SettingsError for an environment that cannot be. Starts with the store away, too: until it answers, everything
    that needs it says so.
    """
    settings = settings or Settings.from_environ()
    app = Flask(__name__, static_folder="web/static", static_url_path="/static", template_folder="web/templates")
    app.config.update(MAX_CONTENT_LENGTH=MIB, MAX_FORM_MEMORY_SIZE=64 * 1024)
    app.url_map.strict_slashes = True
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=0)  # type: ignore[method-assign]

    store.connect(settings.mongo_uri)
    services = services or Pool(settings.amqp_uri)
    callers = Callers(settings.secret_key, settings.second_factor_for)
    rates = Rates(settings.rates)
    desk = Desk(services, rehearsal=settings.rehearsal)
    federation = Federation(settings.secret_key, settings.public_url, loopback=not settings.production)
    accounts = AccountsRoom(callers, federation, services, desk, secure=settings.is_secure)
    here = Here(accounts, desk, HouseRoom(desk))
    live = Live(services, settings.amqp_uri)
    live.install(app)
    dispatcher = Dispatcher(
        callers,
        services,
        here,
        live,
        rates,
        rehearsal=settings.rehearsal,
        public_url=settings.public_url,
    )

    opening = Opening(accounts, settings.first_login)
    opening.attempt()
    app.before_request(opening.attempt)
    app.after_request(rates_told)
    app.after_request(lambda response: _secured(response, secure=settings.is_secure))
    dispatcher.serve(app, ROUTES)
    document = described(ROUTES)
    app.add_url_rule("/api/openapi.json", "openapi", lambda: document)
    app.add_url_rule("/api/asyncapi.json", "asyncapi", partial(asyncapi.described, settings.public_url))
    app.register_blueprint(health.blueprint(opening))
    app.register_blueprint(disclosure.blueprint(settings.security_contact, settings.public_url, now()))
    app.register_blueprint(Feeds(services, settings.public_url).blueprint())
    app.register_blueprint(web.Pages(accounts, desk, rates, here, document, settings).blueprint())
    _say_no(app)
    return app


class Opening:
    """What is done once, as soon as the store answers: indexes, and the first account."""

    def __init__(self, accounts: AccountsRoom, first_login: str) -> None:
        self.accounts = accounts
        self.first_login = first_login
        self.is_done = False
        self._turn = threading.Lock()

    def attempt(self) -> None:
        """Do it if it is not done. Nothing waits for it: what needs the store will say that it is away."""
        if self.is_done or not self._turn.acquire(blocking=False):
            return
        try:
            store.prepare()
            self.accounts.open_first(self.first_login)
            self.is_done = True
        except store.StoreError as error:
            log.warning("waiting for the store: %s", error)
        finally:
            self._turn.release()


def _secured(response: Response, *, secure: bool) -> Response:
    headers = response.headers
    is_api = request.path.startswith("/api/") and request.path != "/api/docs"
    headers.setdefault("Content-Security-Policy", API_POLICY if is_api else PAGE_POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
    if secure or request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if (deprecated := g.get("deprecated")) is not None:
        for name, value in deprecated.headers():
            headers.add(name, value)
    if (correlation := g.get("correlation")) is not None:
        headers.setdefault("ICAT-Correlation", correlation)
    return response


def _say_no(app: Flask) -> None:
    """Every refusal and accident: a problem document under /api, a page elsewhere."""

    def answer(refusal: Refusal) -> Response:
        return problems.respond(refusal) if request.path.startswith("/api/") else web.refused(refusal)

    @app.errorhandler(Refusal)
    def refused(refusal: Refusal) -> Response:
        return answer(refusal)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response | HTTPException:
        if isinstance(error, RequestRedirect):
            return error
        response = answer(problems.of_http(error))
        if getattr(error, "valid_methods", None):
            response.headers["Allow"] = ", ".join(sorted(error.valid_methods))  # type: ignore[attr-defined]
        return response

    @app.errorhandler(store.StoreError)
    def store_away(error: Exception) -> Response:
        return answer(problems.of_store(error))

    @app.errorhandler(Exception)
    def accident(error: Exception) -> Response:
        return answer(problems.of_accident(error))
