"""An entity's own provider of accounts (OpenID Connect): what it may be and become. Pure: it fetches nothing and asks no store.

An entity has one at a time. Each registration has an id of its own, to which people are tied: one that is ended takes its ties with it,
and whoever registers the same issuer anew begins without any.
"""

from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

from gateway.accounts.rules import Change
from services.kernel.actor import Actor
from services.kernel.addresses import is_public
from services.kernel.refusal import Refusal


@dataclass
class Provider:
    """Who says of an entity's people who they are. ``id``: of this registration; ``sealed``: the client's secret, which only the gateway
    reads again; ``ended_because`` is None while it runs."""

    entity: str
    id: str
    issuer: str
    client_id: str
    sealed: str
    ended_because: str | None = None
    history: list[Change] = field(default_factory=list)

    @classmethod
    def register(
        cls, entity: str, id: str, issuer: str, client_id: str, sealed: str, *, by: Actor, at: datetime, cause: str, loopback: bool
    ) -> "Provider":
        """The first provider of an entity. ``loopback``: whether an issuer of this machine will do."""
        provider = cls(entity, "", "", "", "", ended_because="none was registered")
        provider.begin(id, issuer, client_id, sealed, by=by, at=at, cause=cause, loopback=loopback)
        return provider

    @property
    def runs(self) -> bool:
        return self.ended_because is None

    def did(self, cause: str) -> bool:
        """Whether this order has already changed it."""
        return any(change.cause == cause for change in self.history)

    def begin(self, id: str, issuer: str, client_id: str, sealed: str, *, by: Actor, at: datetime, cause: str, loopback: bool) -> None:
        """Registered, or registered anew after an end."""
        _must_keep(by)
        if self.runs:
            raise Refusal.conflict(
                f"{self.entity} has a provider; end it before you register another.", rule="provider-stands", field="entity"
            )
        must_be_issuer(issuer, loopback=loopback)
        self.id, self.issuer, self.client_id, self.sealed, self.ended_because = id, issuer, client_id, sealed, None
        self._note(at, by, "provider_registered", cause, {}, {"issuer": issuer, "client_id": client_id})

    def change(self, client_id: str | None, sealed: str | None, *, by: Actor, at: datetime, cause: str) -> None:
        """Another client id, another secret, or both. Another issuer is another provider. That the secret is another is told, and nothing
        of it."""
        _must_keep(by)
        self.must_run()
        earlier: dict[str, Any] = {}
        later: dict[str, Any] = {}
        if client_id is not None and client_id != self.client_id:
            earlier["client_id"], later["client_id"] = self.client_id, client_id
            self.client_id = client_id
        if sealed is not None:
            self.sealed, later["client_secret"] = sealed, "replaced"
        if later:
            self._note(at, by, "provider_changed", cause, earlier, later)

    def end(self, reason: str, *, by: Actor, at: datetime, cause: str) -> None:
        """Nobody comes in by it any more, and its secret is forgotten. Ending it twice is once."""
        _must_keep(by)
        if not self.runs:
            return
        self.ended_because, self.sealed = reason, ""
        self._note(at, by, "provider_ended", cause, {}, {"reason": reason})

    def must_run(self) -> None:
        """Raises Refusal(not_found) for one that has ended."""
        if not self.runs:
            raise no_such_provider(self.entity)

    def _note(self, at: datetime, by: Actor, what: str, cause: str, before: dict[str, Any], after: dict[str, Any]) -> None:
        self.history.append(Change(at, by.person, what, cause, before, after))


def must_be_issuer(issuer: str, *, loopback: bool) -> None:
    """Raises Refusal for what can be no issuer (OpenID Connect Discovery 1.0 §2, §3): https, a host outside our networks, no query, no
    fragment."""
    url = is_reachable(issuer, loopback=loopback)
    if url is None or url.query or url.fragment or "?" in issuer or "#" in issuer:
        raise Refusal.invalid(
            "issuer",
            "An issuer is an https address of a public host, without query, fragment or user.",
            rule="provider-issuer",
            accepted="https://accounts.example.org",
        )


def is_reachable(address: str, *, loopback: bool) -> SplitResult | None:
    """The parts of an address that a provider may have: of https and outside every network of ours, or, where ``loopback`` allows it, an
    inner one, and plain http on this machine. Whether a name leads outside is seen when it is looked up."""
    if not address.isascii() or not address.isprintable() or any(sign in address for sign in ' \\"<>'):
        return None
    try:
        url = urlsplit(address)
        _ = url.port
    except ValueError:
        return None
    if not url.hostname or "@" in url.netloc:
        return None
    here = loopback and url.scheme == "http" and _is_here(url.hostname)
    return url if here or (url.scheme == "https" and (loopback or is_public(url.hostname))) else None


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def no_such_provider(entity: str) -> Refusal:
    return Refusal.not_found(f"{entity} has no provider here.", rule="provider-none")


def _must_keep(by: Actor) -> None:
    by.must_be_secretariat("register, change or end an entity's provider")
