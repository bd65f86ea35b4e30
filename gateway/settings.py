"""The gateway's settings, from the environment only (docs/architecture.md has the table)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.accounts.contract import ROLES
from gateway.rates import Rate
from messaging.settings import Settings as PlatformSettings
from messaging.settings import SettingsError, setting

_CONTACT = re.compile(r"(?:mailto:[^@\s,]+@[^@\s,]+|https://[^\s,]+|tel:\+[0-9-]+)\Z")
"""A way to reach us: RFC 9116 takes addresses of mail, pages and telephones, each as a URI."""


@dataclass(frozen=True)
class Settings:
    """What the gateway needs to know; secrets stay out of its repr."""

    amqp_uri: str = field(repr=False)
    mongo_uri: str = field(repr=False)
    secret_key: str = field(repr=False)
    public_url: str
    production: bool = False
    rehearsal: bool = False
    first_login: str = field(default="", repr=False)
    second_factor_for: frozenset[str] = frozenset()
    rates: Mapping[str, Rate] = field(default_factory=dict)
    proxies: int = 0
    security_contact: tuple[str, ...] = ()
    log_level: str = "INFO"

    @property
    def is_secure(self) -> bool:
        """Whether people reach us over https: then cookies are for https alone."""
        return self.public_url.startswith("https://")

    @classmethod
    def from_environ(cls, environ: dict | None = None) -> "Settings":
        """Raises SettingsError with the name of what is missing or cannot be."""
        platform = PlatformSettings.from_environ(environ)
        secret_key = setting("ICAT_SECRET_KEY", environ)
        if len(secret_key) < 32:
            raise SettingsError("ICAT_SECRET_KEY has at least 32 characters.")
        public_url = setting("ICAT_PUBLIC_URL", environ).rstrip("/")
        if not public_url.startswith(("http://", "https://")):
            raise SettingsError("ICAT_PUBLIC_URL is an http or https address.")
        first_login = setting("ICAT_FIRST_LOGIN", environ)
        if first_login and not all(first_login.partition(":")):
            raise SettingsError("ICAT_FIRST_LOGIN is name:password.")
        second_factor_for = frozenset(role.strip() for role in setting("ICAT_SECOND_FACTOR_FOR", environ).split(",") if role.strip())
        if unknown := sorted(second_factor_for - set(ROLES)):
            raise SettingsError(f"ICAT_SECOND_FACTOR_FOR names some of {', '.join(ROLES)}; {', '.join(unknown)} is none.")
        rates = {who: _rate(f"ICAT_RATE_{who.upper()}", environ) for who in ("account", "token", "visitor")}
        proxies = setting("ICAT_PROXIES", environ)
        if not re.fullmatch("[0-9]", proxies):
            raise SettingsError("ICAT_PROXIES is how many proxies stand in front, from 0 to 9.")
        contacts = tuple(contact.strip() for contact in setting("ICAT_SECURITY_CONTACT", environ).split(",") if contact.strip())
        if not all(_CONTACT.match(contact) for contact in contacts):
            raise SettingsError("ICAT_SECURITY_CONTACT is mailto:…, https://… or tel:+…; several with commas.")
        return cls(
            amqp_uri=platform.amqp_uri,
            mongo_uri=platform.mongo_uri,
            secret_key=secret_key,
            public_url=public_url,
            production=setting("ICAT_ENV", environ) == "production",
            rehearsal=platform.rehearsal,
            first_login=first_login,
            second_factor_for=second_factor_for,
            rates={} if platform.rehearsal else rates,  # whole years pass there in minutes
            proxies=int(proxies),
            security_contact=contacts,
            log_level=platform.log_level,
        )


def _rate(name: str, environ: dict | None) -> Rate:
    try:
        return Rate.written(setting(name, environ))
    except ValueError:
        raise SettingsError(f"{name} is questions and orders a minute, as 600/120, or 0 for no limit.") from None
