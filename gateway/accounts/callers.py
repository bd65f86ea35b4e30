"""Who is calling: a bearer of an API token, a person with a session, or a visitor."""

import base64
import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gateway.accounts import agents, factors
from gateway.accounts.passwords import fits
from gateway.accounts.rules import Account, Token, wrong_code
from gateway.accounts.store import Accounts, Attempts, Kept, Providers, Running, Sessions, digest
from messaging.context import now
from services.kernel.actor import Actor
from services.kernel.refusal import Refusal

COOKIE = "icat_session"
TOKEN_PREFIX = "icat_"

REMEMBERED_SECONDS = 5.0
"""How long a caller is taken at their word without asking the store again. A revoked token, an ended session or a suspended
account may therefore still act this long on another copy of the gateway, never longer."""

HALF_WAY_SECONDS = 300
"""How long who has shown the password may take to show the code."""

_CODES = "codes"
"""In the place of an address: wrong codes of one account count together, wherever they come from."""

FRESH = timedelta(minutes=15)
"""How long after they came in through their provider a person without a password may change what guards their account."""

MOST_REMEMBERED = 4096
USE_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Caller:
    """Someone who proved who they are. ``csrf``, ``session`` (its digest) and ``provider`` (the registration that opened it, empty for a
    password) only with a session, ``token`` only with one. ``must_set_up``: they hold a role for which a second factor is required, have
    none, and may do nothing but set one up."""

    actor: Actor
    display_name: str
    csrf: str | None = None
    session: str | None = None
    provider: str = ""
    must_set_up: bool = False
    token: Token | None = None

    @property
    def account(self) -> str:
        return self.actor.person


@dataclass(frozen=True, slots=True)
class Through:
    """The registration of a provider through which somebody comes in; ``strong``: it tells that they showed more than a password."""

    provider: str
    strong: bool


@dataclass(frozen=True, slots=True)
class Session:
    """A session just opened: the cookie's value, and whose it is."""

    secret: str
    csrf: str
    expires_at: datetime
    account: Account
    version: int


class Callers:
    """Resolves credentials to callers. Time here is always real, in rehearsal too. ``second_factor_for``: the roles that require one."""

    def __init__(self, secret_key: str, second_factor_for: Collection[str] = ()) -> None:
        self._key = secret_key.encode()
        self.second_factor_for = frozenset(second_factor_for)
        self._factors, self._half_way = factors.Seal(self._key, "second factor"), factors.Seal(self._key, "half way in")
        self._accounts, self._providers, self._sessions, self._attempts = Accounts(), Providers(), Sessions(), Attempts()
        self._remembered: dict[str, tuple[float, Caller]] = {}
        self._lock = threading.Lock()

    def derived(self, purpose: str, cause: str) -> str:
        """A secret made from an order's id by the gateway's key: the same order sent again shows the same secret, which so need
        not be kept. Nobody can guess it without the key."""
        return base64.urlsafe_b64encode(self._derived(purpose, cause)).decode().rstrip("=")

    def _derived(self, purpose: str, cause: str) -> bytes:
        return hmac.new(self._key, f"{purpose}\n{cause}".encode(), hashlib.sha256).digest()

    def by_token(self, secret: str) -> Caller:
        """The bearer of an API token. Raises Refusal(not_authenticated)."""
        known = digest(secret)
        if (caller := self._recall(known)) is not None:
            return caller
        at = now()
        kept = self._accounts.by_token(known) if secret.startswith(TOKEN_PREFIX) else None
        token = next((t for t in kept.account.tokens if t.digest == known), None) if kept else None
        if kept is None or token is None or not token.works(at) or not self._lets_act(kept.account, token.provider):
            raise Refusal("not_authenticated", "This token is unknown, expired or revoked.", rule="token")
        self._note_use(kept, token, at)
        caller = self._caller(kept, at, token=token)
        return self._remember(known, caller, at, token.expires_at, kept.account.next_change(at))

    def by_session(self, secret: str) -> Caller | None:
        """The person of a session; None when it has ended."""
        known = digest(secret)
        if (caller := self._recall(known)) is not None:
            return caller
        at = now()
        session = self._sessions.get(known, at)
        kept = self._accounts.find(session.account) if session else None
        if session is None or kept is None or not self._lets_act(kept.account, session.provider):
            return None
        if at - session.last_seen_at >= USE_NOTED_EVERY:
            self._sessions.seen(known, at)
        caller = self._caller(kept, at, strong=session.strong, csrf=session.csrf, session=known, provider=session.provider)
        return self._remember(known, caller, at, kept.account.next_change(at))

    def _lets_act(self, account: Account, provider: str) -> bool:
        """Whether an account may act by what was got with a password, or through this registration of a provider: while it is tied to it,
        and it runs, which is asked too, since one that ends unties its people one after the other."""
        through = not provider or (account.is_tied(provider) and self._providers.lets_in(account.entity, provider))
        return account.may_act and through

    def _caller(self, kept: Kept, at: datetime, *, strong: bool = False, **more: Any) -> Caller:
        actor = kept.account.actor_at(at)
        return Caller(actor, kept.account.display_name, must_set_up=not strong and self.must_set_up(kept.account, at), **more)

    def must_set_up(self, account: Account, at: datetime) -> bool:
        """Whether the person holds a role that requires a second factor, and has none."""
        return account.factor is None and not self.second_factor_for.isdisjoint(account.roles_at(at))

    def display_name(self, account: str) -> str:
        """How the person of an account is called; where there is none, its name."""
        kept = self._accounts.find(account)
        return kept.account.display_name if kept else account

    # In

    def log_in(self, name: str, password: str, code: str | None, address: str, agent: str) -> Session:
        """Open a session. ``agent``: what the browser says it is. Raises Refusal: ``too_many``, or ``not_authenticated`` in one wording for
        every reason, but that who has shown the right password is told that a code is wanted, or wrong (rule ``second-factor``)."""
        return self.come_in(self.known(name, password, address), code, address, agent)

    def known(self, name: str, password: str, address: str) -> Kept:
        """The account whose name and password these are. Raises Refusal as ``log_in`` does."""
        at, name = now(), name.strip().lower()
        self._attempts.count(name, address, at)
        kept = self._accounts.find(name)
        usable = kept is not None and kept.account.may_act
        if not fits(kept.account.password if kept and usable else None, password):
            raise Refusal("not_authenticated", "Name or password is wrong.", rule="login")
        assert kept is not None
        return kept

    def come_in(self, kept: Kept, code: str | None, address: str, agent: str, through: Through | None = None) -> Session:
        """Open a session for who has shown the password, or came ``through`` their provider, and shows a code where one is wanted: a second
        factor that the provider tells of stands for it. Raises Refusal as ``log_in`` does."""
        at, name = now(), kept.account.name
        strong = through is not None and through.strong
        if kept.account.factor is not None and not strong:
            if code is None:
                raise Refusal(
                    "not_authenticated",
                    "A second factor guards this account; show a code as well.",
                    rule="second-factor",
                    field="code",
                    accepted="the six digits that your program shows, or a recovery code",
                )
            self.use_code(kept.account, code, secrets.token_hex(16))
        self._attempts.forget(name, address)
        secret, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        provider = through.provider if through else ""
        expires = self._sessions.open(digest(secret), name, csrf, at, agents.told(agent), provider=provider, strong=strong)
        return Session(secret, csrf, expires, kept.account, kept.version)

    def half_way(self, account: Account, through: Through | None = None) -> str:
        """What shows for five minutes that the password was right, or the provider's word, so that a page which asks for the code need not
        have it repeated."""
        return self._half_way.close(f"{account.name} {_guard(account)} {through.provider if through else ''}")

    def further(self, ticket: str, address: str) -> tuple[Kept, Through | None]:
        """The account that came half way in, as it is now, and through which provider. Raises Refusal: ``too_many``, or
        ``not_authenticated`` when it is too long ago, or what let it in is another since."""
        name, guard, provider = ((self._half_way.open(ticket, within_seconds=HALF_WAY_SECONDS) or "").split(" ") + [""] * 3)[:3]
        kept = self._accounts.find(name) if name else None
        if kept is None or not kept.account.may_act or _guard(kept.account) != guard:
            raise Refusal("not_authenticated", "That took too long; begin again with name and password.", rule="login-again")
        self._attempts.count(name, address, now())
        return kept, Through(provider, strong=False) if provider else None

    def confirm_person(self, caller: Caller, account: Account, password: str, address: str, *, field: str) -> None:
        """The person says their password again; one who has none came in a short time ago. Raises Refusal as ``log_in`` does."""
        at = now()
        if account.password is None:
            session = self._sessions.get(caller.session or "", at)
            if session is None or at - session.opened_at > FRESH:
                raise Refusal.not_allowed("Log in again first; you came in a while ago.", rule="fresh-login", field=field)
            return
        self._attempts.count(account.name, address, at)
        if not fits(account.password, password):
            raise Refusal.not_allowed("The current password is wrong.", rule="current-password", field=field)
        self._attempts.forget(account.name, address)

    # The second factor

    def new_factor(self, name: str, cause: str) -> tuple[str, str, str]:
        """A secret made from an order's id, the address that programs take it by, and how it is kept."""
        secret = factors.secret_of(self._derived("second-factor", cause))
        return secret, factors.uri_of(secret, name), self._factors.close(secret)

    def recovery_codes(self, cause: str) -> list[str]:
        """Recovery codes made from an order's id."""
        return factors.recovery_codes(self._derived("recovery", cause))

    def use_code(self, account: Account, code: str, cause: str) -> None:
        """Use up a code of the second factor, or a recovery code. Raises Refusal: ``not_authenticated``, or ``too_many``."""
        at = now()
        self._attempts.count(account.name, _CODES, at)
        if not self._is_code(account, code, at):
            recovery = digest(factors.plain(code))
            self._accounts.change(
                account.name, f"{cause}/recovery", lambda a: a.use_recovery_code(recovery, at=at, cause=f"{cause}/recovery")
            )
        self._attempts.forget(account.name, _CODES)

    def use_first_code(self, account: Account, code: str) -> None:
        """The person shows that their program makes the codes of the secret they were given. Raises Refusal as ``use_code`` does."""
        account.begun_factor()
        at = now()
        self._attempts.count(account.name, _CODES, at)
        if not self._is_code(account, code, at):
            raise wrong_code()
        self._attempts.forget(account.name, _CODES)

    def _is_code(self, account: Account, code: str, at: datetime) -> bool:
        """Whether it is one of now, not used before; it is from then on."""
        secret = self._factors.open(account.second_factor.sealed) if account.second_factor else None
        step = factors.step_of(secret, code, at) if secret else None
        return step is not None and self._accounts.step_used(account.name, step)

    # Out

    def log_out(self, caller: Caller) -> None:
        if caller.session is not None:
            self._sessions.end(caller.session)
        self.forget(caller.account)

    def sessions(self, account: str) -> list[Running]:
        """Where this person is logged in, the newest first."""
        return self._sessions.of(account, now())

    def end_session(self, account: str, id: str) -> None:
        """Raises Refusal(not_found) for what is no session of theirs."""
        found = next((one for one in self.sessions(account) if one.id == id), None)
        if found is None:
            raise Refusal.not_found("You have no such session.")
        self._sessions.end(found.digest)
        self.forget(account)

    def end_sessions(self, account: str, but: str | None = None) -> None:
        self._sessions.end_all(account, but)
        self.forget(account)

    def end_sessions_through(self, provider: str, account: str) -> None:
        self._sessions.end_through(provider, account)
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
        if caller.must_set_up:
            return caller  # once they have, on whichever copy of the gateway, they are to go on at once
        with self._lock:
            if len(self._remembered) >= MOST_REMEMBERED:
                self._remembered = {}
            self._remembered[known] = (time.monotonic() + lasts, caller)
        return caller

    def _note_use(self, kept: Kept, token: Token, at: datetime) -> None:
        if (last := kept.used.get(token.id)) is None or at - last >= USE_NOTED_EVERY:
            self._accounts.token_used(kept.account.name, token.id, at)


def _guard(account: Account) -> str:
    """What lets the person in, so that it can be seen whether it is another by now."""
    tied = f"{account.tie.provider}\n{account.tie.subject}" if account.tie else ""
    return digest(f"{account.password or ''}\n{tied}")


def same(given: Any, expected: str | None) -> bool:
    """Compare secrets in a time that tells nothing."""
    return isinstance(given, str) and expected is not None and hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())
