"""Why a subscription was suspended or ended, where the reason is ours: kept and told in events in English, and said to people in English
and French. What a person wrote as a reason stays as it was written."""

import re
from dataclasses import dataclass
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
