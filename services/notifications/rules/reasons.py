"""Why a subscription was suspended or ended, and why a delivery failed or waits, where the reason is ours: kept in English, and said to
people in English and French. What a person wrote as a reason stays as it was written, and what a stranger's server said is quoted."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Reason:
    """One reason: its ``code``, and what it says in English and French, with the same particulars in braces."""

    code: str
    en: str
    fr: str

    def said(self, **particulars: Any) -> str:
        """The reason in English, as it is kept."""
        return self.en.format(**particulars)

    def french(self, text: str) -> str | None:
        """In French what ``said`` made; None of any other text."""
        found = self._pattern.fullmatch(text)
        return self.fr.format(**found.groupdict()) if found else None

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        parts = re.split(r"\{(\w+)\}", self.en)
        return re.compile("".join(f"(?P<{part}>.+?)" if place % 2 else re.escape(part) for place, part in enumerate(parts)))


UNSUBSCRIBED = Reason("unsubscribed", "unsubscribed", "désabonné")
GONE = Reason("gone", "The webhook answered 410: it is gone.", "Le webhook a répondu 410 : il n’existe plus.")
FAILING = Reason(
    "failing",
    "The webhook failed since {since} UTC, {failures} times, and took no notice meanwhile.",
    "Le webhook échoue depuis le {since} UTC ({failures} fois) et n’a accepté aucun avis entre-temps.",
)
COMPLAINT = Reason("complaint", "Its reader reported our mail as unwanted.", "Son lecteur a signalé nos courriels comme indésirables.")
MAIL_RETURNED = Reason("mail-returned", "Mail to it came back: {status}.", "Le courriel qui y est envoyé est revenu : {status}.")
MAIL_RETURNED_OFTEN = Reason(
    "mail-returned-often",
    "Mail to it came back {times} times within {days} days: {status}.",
    "Le courriel qui y est envoyé est revenu {times} fois en {days} jours : {status}.",
)
UNREAD = Reason(
    "unread",
    "Nobody has read the queue since {since}; its {unread} unread notices are to be had by number.",
    "Personne n’a lu la file depuis le {since} ; ses {unread} avis non lus peuvent être obtenus par numéro.",
)

REASONS = (UNSUBSCRIBED, GONE, FAILING, COMPLAINT, MAIL_RETURNED, MAIL_RETURNED_OFTEN, UNREAD)
"""Of subscriptions, which are kept as text alone."""

OF_MAIL = (COMPLAINT, MAIL_RETURNED, MAIL_RETURNED_OFTEN)
"""Reasons for which an address takes no more mail, so that resuming its subscription does not help."""


def in_words(text: str | None) -> dict[str, str] | None:
    """A reason as it is kept, by language; None for none. One that is not ours is as it is in both."""
    if text is None:
        return None
    return {"en": text, "fr": next((french for reason in REASONS if (french := reason.french(text)) is not None), text)}


def is_of_mail(text: str) -> bool:
    """Whether it is a reason for which an address takes no more mail."""
    return any(reason.french(text) is not None for reason in OF_MAIL)


# Why a delivery failed or waits

HAS_ENDED = Reason("subscription-ended", "The subscription has ended.", "L’abonnement a pris fin.")
HAS_ENDED_BECAUSE = Reason("subscription-ended-because", "The subscription has ended: {because}", "L’abonnement a pris fin : {because}")
IS_SUSPENDED = Reason("subscription-suspended", "The subscription is suspended: {because}", "L’abonnement est arrêté par nous : {because}")
IS_PAUSED = Reason("subscription-paused", "The subscription is paused.", "L’abonnement est en pause.")
IS_PENDING = Reason("subscription-pending", "The subscription waits to be confirmed.", "L’abonnement attend d’être confirmé.")
NOT_PENDING = Reason(
    "subscription-not-pending",
    "The subscription no longer waits to be confirmed.",
    "L’abonnement n’attend plus d’être confirmé.",
)
NOT_INVITED = Reason("invitation-not-awaited", "The invitation no longer waits for an answer.", "L’invitation n’attend plus de réponse.")
MEMBERS_ALONE = Reason("members-alone", "It is for members of the Group alone.", "Cela n’est destiné qu’aux membres du Groupe.")
OVERTAKEN = Reason("overtaken", "A newer notice of this briefing took its place.", "Un avis plus récent de cette réunion l’a remplacé.")
TOO_LONG = Reason("too-long", "It took longer than {seconds} seconds.", "La tentative a duré plus de {seconds} secondes.")
CUT_SHORT = Reason(
    "cut-short",
    "It took longer than is usual, while many others hung.",
    "La tentative durait plus que d’ordinaire, alors que beaucoup d’autres restaient en suspens.",
)
OUR_SIDE = Reason("our-side", "Something failed on our side: {error}.", "Une erreur s’est produite de notre côté : {error}.")
ADDRESS_REFUSED = Reason("address-refused", "The mail server refused the address.", "Le serveur de messagerie a refusé l’adresse.")
MAIL_REFUSED = Reason("mail-refused", "The mail server refused the mail.", "Le serveur de messagerie a refusé le courriel.")
MAIL_NOT_TAKEN = Reason("mail-not-taken", "The mail server did not take it.", "Le serveur de messagerie ne l’a pas pris.")
ADDRESS_READS_OTHERWISE = Reason(
    "address-reads-otherwise",
    "The address would read as another's in the header of a mail.",
    "Dans l’en-tête d’un courriel, l’adresse se lirait comme celle d’un autre.",
)
NOT_ECHOED = Reason(
    "not-echoed",
    "The webhook did not echo the challenge; wanted is the JSON answer {answer} with its value.",
    "Le webhook n’a pas renvoyé le défi ; la réponse attendue est {answer}, en JSON, avec sa valeur.",
)
NO_WEBHOOK_ADDRESS = Reason("webhook-address", "No webhook is called at this address.", "Aucun webhook n’est appelé à cette adresse.")
INSIDE = Reason(
    "webhook-inside",
    "{host} is the name of a private, local or reserved address; nothing is sent there.",
    "{host} désigne une adresse privée, locale ou réservée ; rien n’y est envoyé.",
)
NOT_LOOKED_UP = Reason("name-unknown", "The name {host} could not be looked up.", "Le nom {host} n’a pas pu être résolu.")
NO_CONNECTION = Reason("no-connection", "No connection to {host}.", "Pas de connexion avec {host}.")
NO_TLS = Reason(
    "no-tls",
    "{host} does not speak TLS at this port: its answer was not of https.",
    "{host} ne parle pas TLS sur ce port : sa réponse n’était pas en https.",
)
CERTIFICATE = Reason("certificate", "The certificate of {host} was not accepted.", "Le certificat de {host} n’a pas été accepté.")
NO_ANSWER = Reason("no-answer", "{host} did not answer as it should.", "{host} n’a pas répondu comme il se doit.")
REDIRECTED = Reason(
    "redirected",
    "The webhook answered {status}, a redirect, and none is followed.",
    "Le webhook a répondu {status}, une redirection, et aucune n’est suivie.",
)
ANSWERED = Reason("answered", "The webhook answered {status}.", "Le webhook a répondu {status}.")
NOT_CONFIRMED = Reason("broker-unconfirmed", "The broker did not confirm.", "Le courtier de messages n’a pas confirmé.")
NO_QUEUE = Reason("no-queue", "The broker did not make the queue.", "Le courtier de messages n’a pas créé la file.")
QUEUE_REFUSED = Reason(
    "queue-refused",
    "The queue took no more: it holds {longest} unread messages, or was missing.",
    "La file n’a plus rien pris : elle contient {longest} messages non lus, ou manquait.",
)

OF_DELIVERIES = {
    reason.code: reason
    for reason in (
        HAS_ENDED,
        HAS_ENDED_BECAUSE,
        IS_SUSPENDED,
        IS_PAUSED,
        IS_PENDING,
        NOT_PENDING,
        NOT_INVITED,
        MEMBERS_ALONE,
        OVERTAKEN,
        TOO_LONG,
        CUT_SHORT,
        OUR_SIDE,
        ADDRESS_REFUSED,
        MAIL_REFUSED,
        MAIL_NOT_TAKEN,
        ADDRESS_READS_OTHERWISE,
        NOT_ECHOED,
        NO_WEBHOOK_ADDRESS,
        INSIDE,
        NOT_LOOKED_UP,
        NO_CONNECTION,
        NO_TLS,
        CERTIFICATE,
        NO_ANSWER,
        REDIRECTED,
        ANSWERED,
        NOT_CONFIRMED,
        NO_QUEUE,
        QUEUE_REFUSED,
    )
}
"""By their codes, which stand in the records of deliveries beside the text: a code once given keeps its meaning."""

LONGEST_TEXT = 300


@dataclass(frozen=True)
class Why:
    """Why a delivery failed or waits: a ``reason`` of ``OF_DELIVERIES`` with its ``particulars``, and, ``quoted``, what a server that is
    not ours said, or the technical name of the error."""

    reason: Reason
    particulars: Mapping[str, Any] = field(default_factory=dict)
    quoted: str = ""

    def __str__(self) -> str:
        """The whole of it in English, on one line, as records have it."""
        said = self.reason.said(**self.particulars)
        return one_line(f"{said.removesuffix('.')}: {self.quoted}" if self.quoted else said)

    @property
    def coded(self) -> dict[str, Any]:
        """What a record keeps beside the text, so that it can be said in any language."""
        particulars = {name: one_line(str(value)) for name, value in self.particulars.items()}
        return {"code": self.reason.code, "particulars": particulars, "quoted": one_line(self.quoted)}


def one_line(text: str) -> str:
    return " ".join(text.split())[:LONGEST_TEXT]


def said_of(coded: Mapping[str, Any] | None) -> dict[str, str] | None:
    """What was ``coded``, by language and without what is quoted; None for what has no code, or one that is not known here, as when a
    newer version recorded it. Why a subscription was suspended or ended is said in the language too."""
    reason = OF_DELIVERIES.get(coded["code"]) if coded else None
    if coded is None or reason is None:
        return None
    particulars, because = coded["particulars"], in_words(coded["particulars"].get("because")) or {}
    templates = {"en": reason.en, "fr": reason.fr}
    return {language: text.format(**{**particulars, "because": because.get(language)}) for language, text in templates.items()}
