"""Answers of notifications, as its contract writes them: what feeds, the inbox and the links of mails are tried with."""

from typing import Any

from contracts import notifications
from tests.gateway.samples import HOSTILE, MARKUP, checked

SECRET = "fe_sub-8c1d2e3f4a5b." + "Zq3" * 14 + "x"
"""A feed's token, as notifications makes it."""


def matter(kind: str, title: str, at: str, url: str, **more: Any) -> dict[str, Any]:
    value = {
        "kind": kind,
        "title": {"en": title, "fr": f"{title} (fr)"},
        "summary": {"en": f"Of {title}\nin two lines", "fr": f"De {title}"},
        "at": at,
        "url": url,
        "pillars": [],
        "data": {},
    }
    return value | more


def briefing(number: int, name: str, kind: str, revision: int, at: str, **told: Any) -> dict[str, Any]:
    data = {
        "uid": f"briefing-{name}@icat",
        "revision": revision,
        "title": MARKUP,
        "starts_at": "2015-04-02T13:00:00Z",
        "ends_at": "2015-04-02T14:00:00Z",
        "place": "New York; room 7, UNHQ",
        "agenda": ["Priorities, and more", "Questions"],
        "papers": [{"title": "A paper", "url": "/documents/p2"}],
        "kind": "briefing",
        "on_margins_of": None,
        "reason": None,
        **told,
    }
    url = f"/briefings/{name}"
    return {"topic": "briefings", "number": number, "matter": matter(kind, f"{kind}: {MARKUP}", at, url, data=data, pillars=["protection"])}


def publication(number: int, title: str = MARKUP, **more: Any) -> dict[str, Any]:
    told = matter(
        "published", title, f"2015-09-0{number}T00:00:00Z", "/documents/p2?language=fr&x=1", pillars=["prevention", "partnerships"]
    )
    return {"topic": "publications", "number": number, "matter": told | more}


def feed(**more: Any) -> dict[str, Any]:
    """Newest first: two papers, one of them hostile; a briefing announced, moved and cancelled, and one that stands."""
    autumn = {"starts_at": "2015-10-02T13:00:00Z", "ends_at": "2015-10-02T15:00:00Z"}
    items = [
        publication(2),
        publication(1) | {"matter": publication(1)["matter"] | {"title": {"en": HOSTILE + "\ufffe", "fr": HOSTILE, "es": "Solo"}}},
        briefing(4, "spring", "briefing_cancelled", 3, "2015-03-20T10:00:00Z"),
        briefing(3, "autumn", "briefing_announced", 1, "2015-03-15T10:00:00Z", **autumn),
        briefing(2, "spring", "briefing_changed", 2, "2015-03-10T10:00:00Z", place="Geneva"),
        briefing(1, "spring", "briefing_announced", 1, "2015-03-01T10:00:00Z"),
    ]
    value = {
        "id": "sub-8c1d2e3f4a5b",
        "subscriber": "BRA",
        "language": "en",
        "topics": ["briefings", "publications"],
        "updated_at": "2015-09-02T00:00:00Z",
        "items": items,
    }
    return checked(notifications.FeedAnswer, value | more)


def note(name: str = "n1") -> dict[str, Any]:
    words = {"en": "You have a place", "fr": "Vous avez une place"}
    return {"kind": "place_given", "title": words, "summary": words, "at": "2015-03-05T10:00:00Z", "url": "/briefings/spring", "data": {}}


def inbox(code: str = "BRA", **more: Any) -> dict[str, Any]:
    def item(id: str, at: str, **what: Any) -> dict[str, Any]:
        none = dict.fromkeys(("topic", "number", "matter", "note"))
        value = {"id": id, "at": at, "position": id.replace(".", "-").replace("note_", "n-"), **none, "read": False, **what}
        return checked(notifications.InboxItem, value | what)

    items = [
        item("publications.2", "2015-09-02T00:00:00Z", **publication(2)),
        item("note_1", "2015-03-05T10:00:00Z", note=note()),
        item("briefings.1", "2015-03-01T10:00:00Z", **briefing(1, "spring", "briefing_announced", 1, "2015-03-01T10:00:00Z"), read=True),
    ]
    position = "briefings-1.publications-2.n-1425549600000"
    value = {"subscriber": code, "items": items, "position": position, "unread": 2, "next": "briefings-1"}
    return checked(notifications.InboxAnswer, value | more)


def invitation(**more: Any) -> dict[str, Any]:
    value = {"subscriber": "BRA", "name": "Permanent Mission of <Brazil>", "kind": "mission", "language": "fr", "state": "invited"}
    return checked(notifications.InvitationAnswer, value | more)


def bearer(**more: Any) -> dict[str, Any]:
    value = {
        "subscriber": "BRA",
        "name": "Permanent Mission of <Brazil>",
        "subscription": "sub-1",
        "channel": "mail",
        "topics": ["briefings", "statements"],
        "state": "confirmed",
    }
    return checked(notifications.BearerAnswer, value | more)


def subscription(id: str, channel: str, state: str, **more: Any) -> dict[str, Any]:
    instants = ("confirmed_at", "paused_at", "paused_until", "suspended_at", "suspended_because", "suspended_said")
    value = {name: None for name in (*instants, "ended_at", "ended_because", "ended_said", "language")} | {
        "id": id,
        "channel": channel,
        "target": {"mail": "desk@brazil.example", "webhook": "https://hooks.example/icat"}.get(channel, ""),
        "topics": ["briefings"],
        "pillars": [],
        "places": [],
        "kinds": [],
        "schedule": notifications.DEFAULT_SCHEDULE,
        "state": state,
        "requested_at": "2015-03-01T10:00:00Z",
        "requested_by": "brazil",
    }
    return value | more


def subscriber(**more: Any) -> dict[str, Any]:
    """A mission with a webhook that waits to be confirmed, an address that mail comes back from, and a feed that ended."""
    returned = {"en": "Mail to it came back: 5.1.1.", "fr": "Le courriel qui y est envoyé est revenu : 5.1.1."}
    stopped = {"suspended_at": "2015-03-02T10:00:00Z", "suspended_because": returned["en"], "suspended_said": returned}
    left = {"en": "unsubscribed", "fr": "désabonné"}
    value = {
        "code": "BRA",
        "name": "Permanent Mission of <Brazil>",
        "kind": "mission",
        "language": "fr",
        "state": "admitted",
        "invited_at": None,
        "admitted_at": "2015-03-01T10:00:00Z",
        "ended_at": None,
        "version": 4,
        "subscriptions": [
            subscription("sub-hook", "webhook", "pending"),
            subscription("sub-mail", "mail", "suspended", **stopped),
            subscription("sub-feed", "atom", "ended", ended_at="2015-03-02T10:00:00Z", ended_because=left["en"], ended_said=left),
        ],
    }
    return checked(notifications.SubscriberAnswer, value | more)


def challenge(**more: Any) -> dict[str, Any]:
    """What asks the owner of that webhook to confirm."""
    value = {name: None for name in ("topic", "number", "title", "held_until", "sent_at", "replay")} | {
        "id": "confirmation_BRA_sub-hook",
        "purpose": "confirmation",
        "subscriber": "BRA",
        "subscription": "sub-hook",
        "channel": "webhook",
        "target": "https://hooks.example/icat",
        "state": "retrying",
        "attempts": 3,
        "announced_at": "2015-03-01T10:00:00Z",
        "due": "2015-03-01T11:00:00Z",
        "why": "The webhook answered 500 <b>.",
        **{"why_code": None, "why_said": None, "why_quoted": None},  # as in a record from before there were codes
        "items": [],
    }
    return checked(notifications.DeliveryAnswer, value | more)


def summary(**more: Any) -> dict[str, Any]:
    """How the newest deliveries stand."""
    tally = {"sent": 48_990, "failed": 10, "waiting": 1_000}
    return checked(
        notifications.DeliverySummaryAnswer, {**tally, "by_channel": {"mail": tally}, "by_mission": {"BRA": tally}, "since": None} | more
    )
