"""Refusals as responses: RFC 9457 problem documents for software."""

import json
import logging
import secrets

from flask import Response, g, request
from werkzeug.exceptions import HTTPException

from gateway.api.requests import language_of
from gateway.refusals import problem_in
from gateway.web.words import LANGUAGES, PROBLEMS
from services.kernel.refusal import Refusal

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

VARY = "Authorization, Cookie, Accept-Language, ICAT-Instant"
"""What an answer depends on besides its address."""

_KIND_OF_STATUS = {
    400: "malformed",
    401: "not_authenticated",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    429: "too_many",
    503: "unavailable",
    504: "timed_out",
}

_RETRY_SECONDS = {"unavailable": 2, "timed_out": 1}


def headers_of(refusal: Refusal) -> dict[str, str]:
    """The headers that belong to a refusal: how to authenticate, when to come back."""
    headers = {}
    if refusal.kind == "not_authenticated":
        headers["WWW-Authenticate"] = 'Bearer realm="icat"'
    retry = refusal.extra.get("retry_after", _RETRY_SECONDS.get(refusal.kind))
    if retry is not None:
        headers["Retry-After"] = str(retry)
    return headers


def spoken() -> str:
    """The language in which this request is answered: what the dispatcher found of its caller, or while nobody is known, what is asked
    for."""
    return g.get("language") or language_of(request, LANGUAGES)


def respond(refusal: Refusal) -> Response:
    """The problem document of a refusal, in the caller's language, with its status and headers."""
    language = spoken()
    document = problem_in(language, refusal)
    body = json.dumps(document, ensure_ascii=False, default=str).encode()
    headers = headers_of(refusal) | {"Cache-Control": "no-store", "Content-Language": language, "Vary": VARY}
    response = Response(body, document["status"], headers, content_type=MEDIA_TYPE)
    if refusal.kind == "not_authenticated" and g.get("takes_basic"):
        response.headers.add("WWW-Authenticate", 'Basic realm="ICAT"')
    return response


def of_http(error: HTTPException) -> Refusal:
    """What Flask itself refused (no such path, not this method, too large), as a refusal."""
    code = error.code or 500
    kind = _KIND_OF_STATUS.get(code, "malformed" if 400 <= code < 500 else "internal")
    accepted = sorted(getattr(error, "valid_methods", None) or []) or None
    return Refusal(kind, PROBLEMS[kind][0], rule="http", accepted=accepted)


def of_accident(error: Exception) -> Refusal:
    """What should not have happened: logged whole under a number that the caller can quote, and told without its particulars."""
    incident = secrets.token_hex(6)
    log.error("incident %s", incident, exc_info=error)
    return Refusal("internal", f"Something failed on our side. It was noted as {incident}.", rule="internal", extra={"incident": incident})


def of_store(error: Exception) -> Refusal:
    """The gateway's own store does not answer."""
    log.warning("the store did not answer: %s", error)
    return Refusal("unavailable", "The gateway's store does not answer; try again in a moment.", rule="store")
