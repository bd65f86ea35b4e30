"""Feeds and calendars that programs fetch by address: public ones, and those whose address is a secret of a subscription's.

Who has a secret address has the feed: no session is looked at, and no account. So the address is kept out of what could pass it on: of
referrers, of search engines, of our log.
"""

import re
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request
from marshmallow import ValidationError

from contracts import notifications
from contracts.base import Query, load
from gateway.api.dispatch import QUERY_SECONDS, VISITOR
from gateway.asking import Asks
from gateway.forms import atom, calendar
from gateway.web.words import LANGUAGES
from messaging.context import Order, new_traceparent, now
from services.kernel.actor import Actor
from services.kernel.refusal import Refusal

ATOM = "application/atom+xml; charset=utf-8"
CALENDAR = "text/calendar; charset=utf-8"
KEPT_SECONDS = 300
"""How long a reader may go without asking again."""

PUBLIC = ("briefings", "publications", "statements", "workplan", "chairmanship")

Write = Callable[[dict[str, Any], str], bytes]


class Feeds:
    """Answers by Atom and iCalendar what notifications answers of feeds."""

    def __init__(self, services: Asks, public_url: str) -> None:
        self.services = services
        self.public_url = public_url

    def blueprint(self) -> Blueprint:
        feeds = Blueprint("feeds", __name__)
        feeds.add_url_rule(f"/feeds/<any({','.join(PUBLIC)}):topic>.atom", "public_atom", self.public_atom)
        feeds.add_url_rule("/feeds/<token>.atom", "secret_atom", self.secret_atom)
        feeds.add_url_rule("/calendars/briefings.ics", "public_calendar", self.public_calendar)
        feeds.add_url_rule("/calendars/<token>.ics", "secret_calendar", self.secret_calendar)
        feeds.after_request(_unseen)
        return feeds

    def public_atom(self, topic: str) -> Response:
        return self._public(topic, ATOM, self._atom)

    def public_calendar(self) -> Response:
        return self._public("briefings", CALENDAR, self._calendar)

    def secret_atom(self, token: str) -> Response:
        return self._secret(token, ATOM, self._atom)

    def secret_calendar(self, token: str) -> Response:
        return self._secret(token, CALENDAR, self._calendar)

    def _public(self, topic: str, media_type: str, write: Write) -> Response:
        payload = {"topic": topic}
        if "language" in request.args:
            payload["language"] = request.args["language"]
        response = self._written(self._ask(notifications.PublicFeed, payload), media_type, write)
        response.cache_control.public, response.cache_control.max_age = True, KEPT_SECONDS
        return response

    def _secret(self, token: str, media_type: str, write: Write) -> Response:
        try:
            answer = self._ask(notifications.Feed, {"token": token})
        except Refusal as refusal:
            if refusal.kind == "invalid":  # what cannot be an address of ours is none, in the same words
                raise no_such_feed() from None
            raise no_such_feed() if refusal.kind == "not_found" else refusal from None
        response = self._written(answer, media_type, write)
        response.cache_control.private, response.cache_control.max_age = True, KEPT_SECONDS
        return response

    def _ask(self, query: type[Query], payload: dict[str, Any]) -> dict[str, Any]:
        try:
            load(query, payload)
        except ValidationError as error:
            raise Refusal.invalid(next(iter(error.messages_dict)), "There is no such feed.", rule="contract", accepted=None) from None
        cause = uuid.uuid4().hex
        order = Order(id=cause, by=Actor(VISITOR), at=now(), correlation=cause, traceparent=new_traceparent())
        return self.services.call("notifications", query.message_name(), payload, order, QUERY_SECONDS)

    def _written(self, answer: dict[str, Any], media_type: str, write: Write) -> Response:
        """The feed, or 304 for who has it."""
        response = Response(write(answer, request.path), content_type=media_type)
        response.add_etag()
        if answer["updated_at"] is not None:
            response.last_modified = datetime.fromisoformat(answer["updated_at"])
        return response.make_conditional(request)

    def _atom(self, answer: dict[str, Any], path: str) -> bytes:
        asked = f"?language={answer['language']}" if "language" in request.args else ""
        return atom.write(answer, self.public_url, path + asked)

    def _calendar(self, answer: dict[str, Any], path: str) -> bytes:
        return calendar.briefings(answer, answer["language"] if answer["language"] in LANGUAGES else LANGUAGES[0], self.public_url)


def no_such_feed() -> Refusal:
    return Refusal.not_found("There is no feed at this address: it was replaced, has ended, or never was.")


def _unseen(response: Response) -> Response:
    """What holds of every answer at such an address, a refusal too."""
    if not re.fullmatch(rf"/feeds/({'|'.join(PUBLIC)})\.atom|/calendars/briefings\.ics", request.path):
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex"
    return response
