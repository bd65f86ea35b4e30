"""The session's cookie: out of reach of scripts, not sent along by other sites' forms."""

from flask import Response, request

from gateway.accounts.callers import COOKIE
from gateway.accounts.store import SESSION_LASTS


def read() -> str | None:
    return request.cookies.get(COOKIE)


def give(response: Response, secret: str, *, secure: bool) -> Response:
    response.set_cookie(
        COOKIE,
        secret,
        max_age=int(SESSION_LASTS.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=secure or request.is_secure,
    )
    return response


def take(response: Response, *, secure: bool) -> Response:
    response.delete_cookie(COOKIE, httponly=True, samesite="Lax", secure=secure or request.is_secure)
    return response
