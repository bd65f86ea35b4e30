"""The session's cookie, and that of who is on the way to a provider: out of reach of scripts, not sent along by other sites' forms."""

from flask import Response, request

from gateway.accounts.callers import COOKIE
from gateway.accounts.federation import ON_THE_WAY
from gateway.accounts.store import SESSION_LASTS

TICKET = "icat_way"


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


def read_ticket(*, secure: bool) -> str | None:
    return request.cookies.get(_ticket(secure))


def give_ticket(response: Response, ticket: str, *, secure: bool) -> Response:
    """For as long as somebody is at their provider. Lax, since it is from another site that they come back."""
    flags = {"httponly": True, "samesite": "Lax", "secure": secure or request.is_secure}
    response.set_cookie(_ticket(secure), ticket, max_age=int(ON_THE_WAY.total_seconds()), **flags)
    return response


def take_ticket(response: Response, *, secure: bool) -> Response:
    response.delete_cookie(_ticket(secure), httponly=True, samesite="Lax", secure=secure or request.is_secure)
    return response


def _ticket(secure: bool) -> str:
    """Over TLS no other host of the same domain can set it, which the prefix has browsers see to."""
    return f"__Host-{TICKET}" if secure or request.is_secure else TICKET
