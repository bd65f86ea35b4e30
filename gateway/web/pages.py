"""The pages. Each asks the services what it shows, and renders; a part whose service is away says so and leaves the rest alone."""

import uuid
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, g, render_template, request
from werkzeug.exceptions import NotFound

from contracts.problems import KINDS
from gateway.accounts.service import AccountsRoom
from gateway.asking import Here
from gateway.desk import Desk
from gateway.rates import Rates
from gateway.settings import Settings
from gateway.web import refusals
from gateway.web.account import AccountPages
from gateway.web.acronyms import Acronyms
from gateway.web.briefings import BriefingPages
from gateway.web.calendar import CalendarPages
from gateway.web.chairs import ChairsPages
from gateway.web.desk import DeskPages
from gateway.web.documents import DocumentPages
from gateway.web.house import HousePages
from gateway.web.login import LoginPages
from gateway.web.missions import MissionPages
from gateway.web.reader import Forms, Reader, current
from gateway.web.subscribers import SubscriberPages
from gateway.web.text import code_of, html_of
from gateway.web.words import LANGUAGES, NAMES, PROBLEMS, WORDS, amount_of, date_of, decimal_of, direction_of, left_of, said, span_of
from gateway.web.workplan import WorkplanPages
from press.manuscript import RIGHT_TO_LEFT

NAVIGATION: tuple[tuple[str, str, Callable[[Reader], bool]], ...] = (
    ("/", "home", lambda reader: reader.caller is not None),
    ("/", "home_visitor", lambda reader: reader.caller is None),
    ("/chairs", "chairs", lambda reader: True),
    ("/workplans", "plans", lambda reader: reader.caller is not None),
    ("/calendar", "calendar", lambda reader: reader.caller is not None),
    ("/meetings", "meetings", lambda reader: reader.actor.in_the_group),
    ("/briefings", "briefings", lambda reader: True),
    ("/concrete-actions", "concrete_actions", lambda reader: reader.caller is not None),
    ("/global-plan", "global_plan", lambda reader: True),
    ("/documents", "documents", lambda reader: reader.actor.in_the_group),
    ("/library", "library", lambda reader: True),
    ("/inbox", "inbox", lambda reader: reader.actor.entity is not None),
    ("/subscriptions", "subscriptions", lambda reader: reader.actor.entity is not None and not reader.actor.is_secretariat),
    ("/subscribers", "subscribers", lambda reader: reader.actor.is_secretariat),
    ("/house", "house", lambda reader: reader.actor.is_secretariat),
)
"""Where the pages' main navigation leads, and whom it is shown to; what they may see there is for the services to say."""


ROOMS = (
    DeskPages,
    ChairsPages,
    DocumentPages,
    MissionPages,
    SubscriberPages,
    BriefingPages,
    CalendarPages,
    HousePages,
    AccountPages,
    LoginPages,
    WorkplanPages,
)
"""All rooms of pages; no two may have a method, or an act, of one name, since one would hide the other."""


class Pages(*ROOMS):
    """One method per page; ``TABLE`` says where each is found."""

    acts = {name: act for room in ROOMS for name, act in room.acts.items()}
    TABLE = (
        ("/problems/<kind>", "problem", "GET"),
        ("/api/docs", "docs", "GET"),
        *(page for room in ROOMS for page in room.TABLE),
    )

    def __init__(self, accounts: AccountsRoom, desk: Desk, rates: Rates, here: Here, openapi: dict[str, Any], settings: Settings) -> None:
        super().__init__(desk, Forms(accounts.callers, rates, rehearsal=settings.rehearsal, secure=settings.is_secure), here)
        self.accounts = accounts
        self.callers = accounts.callers
        self.acronyms = Acronyms(desk.services)
        self.openapi = openapi
        self.secure = settings.is_secure
        self.public_url = settings.public_url

    def blueprint(self) -> Blueprint:
        pages = Blueprint("web", __name__)
        for path, name, methods in self.TABLE:
            pages.add_url_rule(path, name, getattr(self, name), methods=methods.split())
        pages.before_app_request(self.forms.recognize)
        pages.before_app_request(self._know_acronyms)
        pages.after_app_request(self.forms.tie)
        pages.app_context_processor(self._words)
        pages.add_app_template_filter(self._called, "called")
        return pages

    def _know_acronyms(self) -> None:
        """Forms take an entity's acronym in the reader's language for its code."""
        g.acronyms = self.acronyms

    def _called(self, code: str) -> str:
        """What an entity is called in the reader's language: of an answer of the API, the one in which that is given."""
        reader = current()
        return self.acronyms.called(code, g.get("language") or reader.language, reader.at)

    def _words(self) -> dict[str, Any]:
        """What every template can say: strings, dates and stable words in the reader's language."""
        reader = current()

        def word(prefix: str, name: str) -> str:
            key = f"{prefix}_{name.replace('.', '_')}"
            return said(reader.language, key) if key in WORDS else name.replace("_", " ")

        return {
            "t": partial(said, reader.language),
            "date": partial(date_of, reader.language),
            "day": partial(date_of, reader.language, time=False),
            "span": partial(span_of, reader.language),
            "state": partial(word, "state"),
            "kind": partial(word, "kind"),
            "pillar": partial(word, "pillar"),
            "position": partial(word, "word"),
            "run": partial(word, "run"),
            "passage": partial(word, "passage"),
            "outcome": partial(word, "outcome"),
            "format": partial(word, "format"),
            "step": partial(word, "step"),
            "names": NAMES,
            "direction": direction_of(reader.language),
            "dir": lambda language: "rtl" if language in RIGHT_TO_LEFT else "ltr",
            "column": partial(word, "column"),
            "awaited_word": lambda name: said(reader.language, f"await_{name}") if f"await_{name}" in WORDS else "",
            "left": lambda instant: left_of(reader.language, datetime.fromisoformat(instant), reader.at),
            "decimal": partial(decimal_of, reader.language),
            "amount": partial(amount_of, reader.language),
            "rehearsal": self.forms.rehearsal,
            "navigation": lambda: [(path, key) for path, key, who in NAVIGATION if who(reader)],
            "html_of": html_of,
            "code_of": code_of,
            "reader": reader,
            "public_site": self.public_url,
            "page_languages": LANGUAGES,
            "in_language": lambda language: urlencode({**request.args, "lang": language}),
            "form_token": self.forms.token,
            "once": lambda: uuid.uuid4().hex,
            **self.words(),
        }

    # About the API

    def problem(self, kind: str) -> Any:
        name = kind.replace("-", "_")
        if name not in KINDS or "_" in kind:
            raise NotFound
        return render_template(
            "problem.html", status=KINDS[name][0], title=refusals.title(name), text=PROBLEMS[name][LANGUAGES.index(current().language)]
        )

    def docs(self) -> Any:
        return render_template("docs.html", api=self.openapi)
