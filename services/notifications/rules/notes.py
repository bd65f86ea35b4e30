"""Notes: what concerns one subscriber alone, said in English and French. They are in nobody else's feed, and have no number of a topic."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.kernel import written
from services.notifications.rules.instants import minute
from services.notifications.rules.reasons import in_words, is_of_mail

Words = dict[str, str]


@dataclass(frozen=True)
class Note:
    """One thing to tell one subscriber (contracts.notifications.Note): ``at``, the instant it became so, UTC; ``url``: a path of the public
    site; ``data``: JSON-able particulars of its kind, instants written in ISO 8601."""

    kind: str
    title: Words
    summary: Words
    at: datetime
    url: str
    data: dict[str, Any] = field(default_factory=dict)


CHANNELS: dict[str, Words] = {
    "mail": {"en": "by mail", "fr": "par courriel"},
    "webhook": {"en": "by webhook", "fr": "par webhook"},
    "amqp": {"en": "by queue", "fr": "par file d'attente"},
    "atom": {"en": "by Atom feed", "fr": "par flux Atom"},
    "calendar": {"en": "by calendar feed", "fr": "par flux de calendrier"},
    "inbox": {"en": "in your inbox", "fr": "dans votre boîte de réception"},
}


MAIL_AGAIN: Words = {
    "en": "Nothing more is sent there. Once that is mended, tell the secretariat, which lets mail go there again; or subscribe another "
    "address.",
    "fr": "Plus rien n'y est envoyé. Une fois le problème réglé, dites-le au secrétariat, qui autorisera de nouveau l'envoi ; ou abonnez "
    "une autre adresse.",
}
RESUMING: Words = {
    "en": "Nothing more is brought there until you resume it on its page; you can then also have what was announced meanwhile.",
    "fr": "Plus rien n'y est envoyé jusqu'à ce que vous le repreniez sur sa page ; vous pourrez alors aussi recevoir ce qui aura été "
    "annoncé entre-temps.",
}


def subscription_suspended(subscription: str, channel: str, target: str, because: str, at: datetime) -> Note:
    """``subscription_suspended``: we bring nothing more there until it is resumed; why, and what helps. It names the ``target``, since a
    subscriber may have several; but for what a webhook's address may hold after a question mark, which is often a secret."""
    how, why, where = CHANNELS[channel], in_words(because) or {}, target.partition("?")[0]
    onward = MAIL_AGAIN if is_of_mail(because) else RESUMING
    return Note(
        "subscription_suspended",
        title={"en": f"Your subscription {how['en']} is suspended", "fr": f"Votre abonnement {how['fr']} est suspendu"},
        summary={
            "en": f"{where} is suspended. {why['en']} {onward['en']}",
            "fr": f"{where} : abonnement suspendu. {why['fr']} {onward['fr']}",
        },
        at=at,
        url="/subscriptions",
        data={"subscription": subscription, "channel": channel, "because": because},
    )


def subscription_ended(subscription: str, channel: str, because: str, at: datetime) -> Note:
    """``subscription_ended``: so that whoever did not mean it, as when a mail with its link was passed on, learns of it."""
    how = CHANNELS[channel]
    return Note(
        "subscription_ended",
        title={"en": f"Your subscription {how['en']} has ended", "fr": f"Votre abonnement {how['fr']} a pris fin"},
        summary={
            "en": "Nothing more is brought there. If this was not meant, subscribe again.",
            "fr": "Plus rien n'y est envoyé. Si ce n'était pas voulu, abonnez-vous à nouveau.",
        },
        at=at,
        url="/subscriptions",
        data={"subscription": subscription, "channel": channel, "because": because},
    )


def place_given(event: Mapping[str, Any], at: datetime) -> Note:
    """``place_given``: who waited for places at a briefing has them now."""
    title, people, many = event["title"], event["people"], event["people"] > 1
    when = minute(event["starts_at"])
    free = {
        "en": f"{people} places have become free and are yours." if many else "A place has become free and is yours.",
        "fr": f"{people} places se sont libérées et vous reviennent." if many else "Une place s'est libérée et vous revient.",
    }
    return Note(
        "place_given",
        title={"en": f"You have a place: {title}", "fr": f"Vous avez une place : {title}"},
        summary={"en": f"{free['en']} It starts on {when}.", "fr": f"{free['fr']} Début : {when}."},
        at=at,
        url=f"/briefings/{event['briefing']}",
        data={"briefing": event["briefing"], "starts_at": written(event["starts_at"]), "people": people},
    )


def briefing_reminded(event: Mapping[str, Any], at: datetime, *, comes: bool) -> Note:
    """``briefing_reminded``: a briefing is near. To who ``comes``; or to who has said neither yes nor no, and still can. It names the
    instant and no number of days, since it may be brought late."""
    when = f"{minute(event['starts_at'])}, {event['place']}"
    asked = {"en": " You have not said yet whether you come.", "fr": " Vous n'avez pas encore dit si vous venez."}
    return Note(
        "briefing_reminded",
        title={"en": f"Reminder: {event['title']}", "fr": f"Rappel : {event['title']}"},
        summary={
            "en": f"You are expected: {when}." if comes else f"{when}.{asked['en']}",
            "fr": f"Vous êtes attendus : {when}." if comes else f"{when}.{asked['fr']}",
        },
        at=at,
        url=f"/briefings/{event['briefing']}",
        data={"briefing": event["briefing"], "starts_at": written(event["starts_at"]), "place": event["place"], "comes": comes},
    )
