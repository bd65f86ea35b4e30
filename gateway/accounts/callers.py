"""Who is calling: a bearer of an API token, a person with a session, or a visitor."""

import base64
import hashlib
import hmac
import secrets
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gateway.accounts.passwords import fits
from gateway.accounts.rules import Account, Token
from gateway.accounts.store import Accounts, Attempts, Kept, Sessions, digest
from messaging.context import now
from services.kernel.actor import Actor
from services.kernel.refusal import Refusal

COOKIE = "icat_session"
TOKEN_PREFIX = "icat_"

REMEMBERED_SECONDS = 5.0
"""How long a caller is taken at their word without asking the store again. A revoked token, an ended session or a suspended
account may therefore still act this long on another copy of the gateway, never longer."""

MOST_REMEMBERED = 4096
USE_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Caller:
    """Someone who proved who they are. ``csrf`` and ``session`` (its digest) only with a session."""

    actor: Actor
    display_name: str
    csrf: str | None = None
    session: str | None = None

    @property
    def account(self) -> str:
        return self.actor.person


@dataclass(frozen=True, slots=True)
class Session:
    """A session just opened: the cookie's value, and whose it is."""

    secret: str
    csrf: str
    expires_at: datetime
    account: Account
    version: int


class Callers:
    """Resolves credentials to callers. Time here is always real, in rehearsal too."""

    def __init__(self, secret_key: str) -> None:
        self._key = secret_key.encode()
        self._accounts, self._sessions, self._attempts = Accounts(), Sessions(), Attempts()
        self._remembered: dict[str, tuple[float, Caller]] = {}
        self._lock = threading.Lock()

    def derived(self, purpose: str, cause: str) -> str:
        """A secret made from an order's id by the gateway's key: the same order sent again shows the same secret, which so need
        not be kept. Nobody can guess it without the key."""
        made = hmac.new(self._key, f"{purpose}\n{cause}".encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(made).decode().rstrip("=")

    def by_token(self, secret: str) -> Caller:
        """The bearer of an API token. Raises Refusal(not_authenticated)."""
        known = digest(secret)
        if (caller := self._recall(known)) is not None:
            return caller
        at = now()
        kept = self._accounts.by_token(known) if secret.startswith(TOKEN_PREFIX) else None
        token = next((t for t in kept.account.tokens if t.digest == known), None) if kept else None
        if kept is None or token is None or not token.works(at) or not kept.account.may_act:
            raise Refusal("not_authenticated", "This token is unknown, expired or revoked.", rule="token")
        self._note_use(kept, token, at)
        caller = Caller(kept.account.actor_at(at), kept.account.display_name)
        return self._remember(known, caller, at, token.expires_at, kept.account.next_change(at))

    def by_session(self, secret: str) -> Caller | None:
        """The person of a session; None when it has ended."""
        known = digest(secret)
        if (caller := self._recall(known)) is not None:
            return caller
        at = now()
        session = self._sessions.get(known, at)
        kept = self._accounts.find(session[0]) if session else None
        if session is None or kept is None or not kept.account.may_act:
            return None
        caller = Caller(kept.account.actor_at(at), kept.account.display_name, csrf=session[1], session=known)
        return self._remember(known, caller, at, kept.account.next_change(at))

    def display_name(self, account: str) -> str:
        """How the person of an account is called; where there is none, its name."""
        kept = self._accounts.find(account)
        return kept.account.display_name if kept else account

    def log_in(self, name: str, password: str, address: str) -> Session:
        """Open a session. Raises Refusal: ``too_many``, or ``not_authenticated`` in one wording for every reason."""
        at, name = now(), name.strip().lower()
        self._attempts.count(name, address, at)
        kept = self._accounts.find(name)
        usable = kept is not None and kept.account.may_act
        if not fits(kept.account.password if kept and usable else None, password):
            raise Refusal("not_authenticated", "Name or password is wrong.", rule="login")
        assert kept is not None
        self._attempts.forget(name, address)
        secret, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        expires = self._sessions.open(digest(secret), name, csrf, at)
        return Session(secret, csrf, expires, kept.account, kept.version)

    def confirm_password(self, account: Account, password: str, address: str) -> None:
        """The person says their password again. Raises Refusal as ``log_in`` does."""
        self._attempts.count(account.name, address, now())
        if not fits(account.password, password):
            raise Refusal("not_allowed", "The current password is wrong.", rule="current-password", field="current")
        self._attempts.forget(account.name, address)

    def log_out(self, caller: Caller) -> None:
        if caller.session is not None:
            self._sessions.end(caller.session)
        self.forget(caller.account)

    def end_sessions(self, account: str, but: str | None = None) -> None:
        self._sessions.end_all(account, but)
        self.forget(account)

    def forget(self, account: str) -> None:
        """Ask the store again about this account, from now on."""
        with self._lock:
            self._remembered = {k: v for k, v in self._remembered.items() if v[1].account != account}

    def _recall(self, known: str) -> Caller | None:
        remembered = self._remembered.get(known)
        return remembered[1] if remembered and time.monotonic() < remembered[0] else None

    def _remember(self, known: str, caller: Caller, at: datetime, *ends: datetime | None) -> Caller:
        """``ends``: when the caller will be another, or none: a token that expires, a role that begins or ends."""
        lasts = min([REMEMBERED_SECONDS, *((end - at).total_seconds() for end in ends if end is not None)])
        with self._lock:
            if len(self._remembered) >= MOST_REMEMBERED:
                self._remembered = {}
            self._remembered[known] = (time.monotonic() + lasts, caller)
        return caller

    def _note_use(self, kept: Kept, token: Token, at: datetime) -> None:
        if (last := kept.used.get(token.id)) is None or at - last >= USE_NOTED_EVERY:
            self._accounts.token_used(kept.account.name, token.id, at)


def same(given: Any, expected: str | None) -> bool:
    """Compare secrets in a time that tells nothing."""
    return isinstance(given, str) and expected is not None and hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())
