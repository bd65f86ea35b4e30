"""People come in by the account that their own organization gives them: through their entity's provider, and as people of it alone.

What is kept while a person is at the provider is sealed, and given to their browser for ten minutes. It is good once. Whatever a provider
says of names, addresses or roles is not looked at: who somebody is here, their account says.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta

from gateway.accounts.factors import Seal
from gateway.accounts.openid import Asked, NotTaken, OpenId
from gateway.accounts.providers import Provider, no_such_provider
from gateway.accounts.rules import Tie
from gateway.accounts.store import Attempts, KeptProvider, Providers, spend
from messaging.context import now
from services.kernel.refusal import Refusal

log = logging.getLogger(__name__)

CALLBACK = "/login/oidc/callback"
"""Below it the provider of each entity has an address of its own, to which it sends people back. One address for all would have a provider
pass its people's answer off as another's, whose code would then be shown to it (RFC 9700 §4.4)."""

ON_THE_WAY = timedelta(minutes=10)
MOST_TRIED = 20
"""Failures of one entity's people at one address, within a quarter of an hour: a house with many people has one address."""

LOG_IN, TIE, ACCEPT = "log in", "tie", "accept"
"""What for somebody is on the way: to log in, to tie an account that they are logged in with, or to accept an invitation."""


@dataclass(frozen=True)
class Way:
    """One way there and back. ``provider``: the id of its registration; ``whose``: the session that ties, or the invitation's digest;
    ``onward``: where it leads on to within the site."""

    entity: str
    provider: str
    what_for: str
    whose: str
    onward: str


@dataclass(frozen=True)
class Begun:
    """Where a person goes, and what their browser keeps meanwhile."""

    address: str
    ticket: str


@dataclass(frozen=True)
class Arrived:
    """Somebody came back. ``cause``: of what follows, the same however often."""

    way: Way
    provider: Provider
    subject: str
    strong: bool
    cause: str

    def tie(self) -> Tie:
        return Tie(self.provider.id, self.provider.issuer, self.subject, now())


class Federation:
    """Sends people to their entity's provider, and knows them when they come back."""

    def __init__(self, secret_key: str, public_url: str, *, loopback: bool) -> None:
        self._secrets, self._on_the_way = (Seal(secret_key.encode(), purpose) for purpose in ("provider", "way to a provider"))
        self._openid = OpenId(loopback=loopback)
        self._attempts = Attempts()
        self._public_url = public_url
        self.loopback = loopback
        self.providers = Providers()

    def seal(self, secret: str) -> str:
        """How a client's secret is kept."""
        return self._secrets.close(secret)

    def callback(self, entity: str) -> str:
        """Where the provider of an entity sends people back to; it is told so when the platform is registered there."""
        return f"{self._public_url}{CALLBACK}/{entity}"

    def running(self, entity: str) -> Provider:
        """The provider of an entity. Raises Refusal(not_found)."""
        kept: KeptProvider | None = self.providers.find(entity)
        if kept is None or not kept.provider.runs:
            raise no_such_provider(entity)
        return kept.provider

    def begin(self, entity: str, what_for: str, *, whose: str = "", onward: str = "/") -> Begun:
        """Send somebody to the provider of an entity. Raises Refusal: ``not_found`` without one, ``unavailable`` with it away."""
        provider, asked = self.running(entity), Asked.new(self.callback(entity), now())
        address = self._openid.way_there(provider.issuer, provider.client_id, asked)
        way = Way(entity, provider.id, what_for, whose, onward)
        return Begun(address, self._on_the_way.close(json.dumps({"way": asdict(way), "asked": asdict(asked)})))

    def arrive(self, ticket: str, entity: str, answer: Mapping[str, str], address: str) -> Arrived:
        """Who came back, with the answer of the provider they were sent to. ``entity``: at whose provider's address. Raises Refusal:
        ``unavailable``, ``too_many``, or ``not_authenticated`` in one wording for whatever was wrong with the answer."""
        sealed = self._on_the_way.open(ticket, within_seconds=int(ON_THE_WAY.total_seconds()))
        if sealed is None:
            raise too_long_ago()
        kept, at = json.loads(sealed), now()
        way, asked = Way(**kept["way"]), Asked(**kept["asked"])
        self._attempts.count(_tried(way.entity), address, at, MOST_TRIED)
        provider = self.running(way.entity)
        try:
            if entity != way.entity:
                raise NotTaken("it came to the address of another provider")
            if provider.id != way.provider or not spend(f"way\n{asked.state}", at + ON_THE_WAY):
                raise NotTaken("this way was ended or used")
            secret = self._secrets.open(provider.sealed)
            if secret is None:
                raise NotTaken("the client's secret was sealed with another key")
            told = self._openid.come_back(provider.issuer, provider.client_id, secret, asked, answer, at)
        except NotTaken as reason:
            log.warning("nobody came in through the provider of %s: %s", way.entity, reason)
            raise Refusal(
                "not_authenticated", "Your organization's answer could not be taken; begin again.", rule="provider-answer"
            ) from None
        return Arrived(way, provider, told.subject, told.strong, cause=f"way-{asked.state}")

    def came_in(self, arrived: Arrived, address: str) -> None:
        """Their earlier failures are forgiven."""
        self._attempts.forget(_tried(arrived.way.entity), address)


def too_long_ago() -> Refusal:
    return Refusal("not_authenticated", "That took too long, or began in another browser; begin again.", rule="provider-again")


def nobody_tied() -> Refusal:
    """One answer for a subject that is unknown, and for one whose account may not act."""
    return Refusal(
        "not_authenticated",
        "No account here is tied to your organization's account. Log in with your password and tie it, or accept an invitation with it.",
        rule="provider-nobody",
    )


def _tried(entity: str) -> str:
    return f"through {entity}"
