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
        value = {"id": id, "at": at, "topic": None, "number": None, "matter": None, "note": None, "read": False, **what}
        return checked(notifications.InboxItem, value)

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
