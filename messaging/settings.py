"""The process's settings: from the environment only, checked once, with a clear message."""

import os
import uuid
from dataclasses import dataclass, field

# name: (who reads it, whether it is required, default, meaning). docs/architecture.md shows this table.
TABLE: dict[str, tuple[str, bool, str, str]] = {
    "AMQP_URI": ("all", True, "", "The broker: amqp://user:password@host:5672/vhost (amqps for TLS)"),
    "MONGO_URI": ("services, gateway", True, "", "This process's own database: mongodb://user:password@host:27017/chairs"),
    "ICAT_ENV": ("all", False, "development", "production or development"),
    "ICAT_REHEARSAL": ("all", False, "0", "1: the caller may name the instant; refused in production"),
    "ICAT_LOG_LEVEL": ("all", False, "INFO", "DEBUG, INFO, WARNING or ERROR; logs are JSON lines on stderr"),
    "ICAT_TOPOLOGY": ("all", False, "declare", "declare, or expect (exchanges and queues imported beforehand)"),
    "ICAT_INSTANCE": ("services", False, "", "Name of this copy; a restarted copy of the same name takes its lease over"),
    "ICAT_TICK_SECONDS": ("services", False, "1", "How often timers look for due work"),
    "ICAT_HEALTH_PORT": ("services", False, "", "Port of /health/live and /health/ready; none when empty"),
    "ICAT_HEALTH_HOST": ("services", False, "127.0.0.1", "Address the health port binds to"),
    "ICAT_SECRET_KEY": (
        "gateway",
        True,
        "",
        "Signs visitors' forms, seals second factors and providers' secrets, derives API tokens and invitations; at least 32 characters",
    ),
    "ICAT_PUBLIC_URL": ("gateway, documents, notifications", True, "", "Where links in pages, files and mail point"),
    "ICAT_FIRST_LOGIN": ("gateway", False, "", "name:password of the first secretariat account, made when there is none"),
    "ICAT_PROXIES": ("gateway", False, "0", "How many proxies in front of it, each adding to X-Forwarded-For, are believed"),
    "ICAT_RATE_ACCOUNT": ("gateway", False, "600/120", "Questions and orders a minute of one account; 0: no limit; none in rehearsal"),
    "ICAT_RATE_TOKEN": ("gateway", False, "300/60", "The same of one API token, by itself"),
    "ICAT_RATE_VISITOR": ("gateway", False, "120/20", "The same of all visitors at one address"),
    "ICAT_SECOND_FACTOR_FOR": ("gateway", False, "", "Roles that require a second factor, with commas: secretariat,focal_point"),
    "ICAT_SECURITY_CONTACT": (
        "gateway",
        False,
        "",
        "Where weaknesses are told: mailto:… or https://…; none: no security.txt",
    ),
    "ICAT_SMTP_URL": ("notifications", True, "", "smtp://host:port or smtps://user:password@host:port"),
    "ICAT_MAIL_FROM": ("notifications, bounces", True, "", "Sender address of all mail"),
    "ICAT_BOUNCES_LISTEN": (
        "notifications, bounces",
        False,
        "",
        "host:port where returned mail is received; none: the sender gets it",
    ),
    "ICAT_MISSION_AMQP_URI": ("notifications", False, "", "The broker as missions reach it, without a user: amqps://host:5671/vhost"),
    "ICAT_BROKER_MANAGEMENT_URL": (
        "notifications",
        False,
        "",
        "RabbitMQ's management API, as an administrator: https://user:password@host:15671",
    ),
    "ICAT_WEBHOOK_ALLOW_PRIVATE": ("notifications", False, "0", "1: webhooks may go to private addresses (tests, closed networks)"),
}


class SettingsError(Exception):
    """The environment lacks a setting, or has one that cannot be; the message names it."""


def setting(name: str, environ: dict | None = None) -> str:
    """The value of one setting of TABLE, its default when unset. Raises SettingsError when required and missing."""
    who, required, default, meaning = TABLE[name]
    value = (os.environ if environ is None else environ).get(name, "").strip() or default
    if required and not value:
        raise SettingsError(f"{name} is not set. It is needed by {who}: {meaning}.")
    return value


@dataclass(frozen=True)
class Settings:
    """What every process that talks needs to know."""

    amqp_uri: str
    mongo_uri: str = field(repr=False)
    rehearsal: bool = False
    tick_seconds: float = 1.0
    declares: bool = True
    log_level: str = "INFO"
    health_port: int | None = None
    health_host: str = "127.0.0.1"
    instance: str = field(default_factory=lambda: uuid.uuid4().hex[:12])

    @classmethod
    def from_environ(cls, environ: dict | None = None) -> "Settings":
        """Raises SettingsError with the name of what is missing or cannot be."""

        def get(name: str) -> str:
            return setting(name, environ)

        if get("ICAT_ENV") not in ("production", "development"):
            raise SettingsError("ICAT_ENV is production or development.")
        if get("ICAT_TOPOLOGY") not in ("declare", "expect"):
            raise SettingsError("ICAT_TOPOLOGY is declare or expect.")
        rehearsal = get("ICAT_REHEARSAL") == "1"
        if rehearsal and get("ICAT_ENV") == "production":
            raise SettingsError("ICAT_REHEARSAL=1 lets a caller name the instant; it is refused with ICAT_ENV=production.")
        try:
            tick_seconds = float(get("ICAT_TICK_SECONDS"))
            health_port = int(get("ICAT_HEALTH_PORT") or 0) or None
        except ValueError as error:
            raise SettingsError(f"ICAT_TICK_SECONDS and ICAT_HEALTH_PORT are numbers: {error}.") from None
        return cls(
            amqp_uri=get("AMQP_URI"),
            mongo_uri=get("MONGO_URI"),
            rehearsal=rehearsal,
            tick_seconds=tick_seconds,
            declares=get("ICAT_TOPOLOGY") == "declare",
            log_level=get("ICAT_LOG_LEVEL"),
            health_port=health_port,
            health_host=get("ICAT_HEALTH_HOST"),
            instance=get("ICAT_INSTANCE") or uuid.uuid4().hex[:12],
        )
