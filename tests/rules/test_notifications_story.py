"""Whom a change or a cancellation of a briefing reaches: all who were told of it before, and all who replied."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.kernel import Actor, utc
from services.notifications import rules
from services.notifications.rules import Story, Subscriber
from services.notifications.rules.inbox import Inbox, in_feed

AT = utc(2015, 1, 5, 9)
DAY = timedelta(days=1)
SECRETARIAT = Actor("sec", "UNODC", frozenset({"secretariat"}))
BRAZIL = Actor("desk", "BRAZIL", frozenset({"mission"}))


def briefing(kind: str = "briefing_announced", place: str = "Geneva", revision: int = 0, **more: Any) -> dict[str, Any]:
    data = {"briefing": "b", "uid": "b@icat", "revision": revision, "kind": "consultation", "place": place}
    words = {"en": "A briefing", "fr": "Une réunion"}
    return {"kind": kind, "title": words, "summary": words, "at": AT, "url": "/briefings/b", "pillars": [], "data": data} | more


def reader(channel: str = "mail", at: datetime = AT - DAY, **wanted: Any) -> Subscriber:
    brazil = Subscriber.admit("BRAZIL", "Brazil", "mission", "en", by=SECRETARIAT, at=AT - 9 * DAY)
    target = "desk@brazil.example" if channel == "mail" else ""
    brazil.subscribe("s", channel, target, ["briefings"], by=BRAZIL, at=at, **wanted)
    if channel == "mail":
        brazil.confirm("s", at=at)
    return brazil


def narrow(brazil: Subscriber, at: datetime, **wanted: Any) -> None:
    brazil.change("s", **{"topics": ["briefings"], "by": BRAZIL, "at": at} | wanted)


def told(brazil: Subscriber, story: Story | None, kind: str = "briefing_cancelled", place: str = "Genève", at: datetime = AT + DAY) -> bool:
    return bool(rules.fan_out(brazil, "briefings", 2, briefing(kind, place, 1), at, at, story=story))


GENEVA = Story([(briefing(), AT)])

CHANGES: dict[str, Callable[[Subscriber], None]] = {
    "it narrowed by place": lambda s: narrow(s, AT + timedelta(hours=1), places=["Vienna"]),
    "it narrowed by kind": lambda s: narrow(s, AT + timedelta(hours=1), kinds=["side_event"]),
    "it asks for other topics": lambda s: narrow(s, AT + timedelta(hours=1), topics=["publications"]),
}


@pytest.mark.parametrize("narrows", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("kind", ["briefing_changed", "briefing_cancelled"])
def test_who_narrowed_since_is_told_of_what_it_was_told_before(narrows, kind):
    brazil = reader()
    narrows(brazil)
    assert not told(brazil, None, kind)
    assert told(brazil, GENEVA, kind)
    assert not rules.fan_out(brazil, "briefings", 2, briefing(), AT + DAY, AT), "another briefing is not"


def test_a_briefing_that_moves_away_is_told_of_where_it_was_asked_for_and_nowhere_else():
    assert told(reader(places=["Geneva"]), GENEVA, place="Palais, Vienna")
    assert not told(reader(places=["Nairobi"]), GENEVA, place="Palais, Vienna")


def test_who_replied_is_told_whatever_it_asks_for():
    brazil = reader(places=["Nairobi"])
    assert told(brazil, Story(guests={"BRAZIL"}))
    assert not told(brazil, Story(guests={"PERU"}))


def test_who_confirmed_and_replied_before_late_news_came_is_told():
    brazil = reader(at=AT + 2 * DAY)
    assert told(brazil, Story(guests={"BRAZIL"}), at=AT + DAY)
    assert not told(brazil, GENEVA, at=AT + DAY)


def test_one_that_is_paused_or_has_ended_is_not_told():
    for hushes in (lambda s: s.pause("s", None, by=BRAZIL, at=AT), lambda s: s.end("Left.", by=BRAZIL, at=AT)):
        brazil = reader()
        hushes(brazil)
        assert not told(brazil, Story([(briefing(), AT)], {"BRAZIL"}))


def test_an_inbox_and_a_calendar_change_what_they_showed():
    cancelled = {"topic": "briefings", "number": 2, "announced_at": AT + DAY, "matter": briefing("briefing_cancelled", "Genève", 1)}
    for channel in ("inbox", "calendar"):
        brazil = reader(channel)
        narrow(brazil, AT + timedelta(hours=1), places=["Vienna"])
        inbox = Inbox(brazil, AT + 2 * DAY)
        shown = {
            "inbox": lambda story, inbox=inbox: inbox.shows(cancelled, story),
            "calendar": lambda story, s=brazil: in_feed(s, s.subscription("s"), cancelled, story),
        }[channel]
        assert shown(lambda *_: GENEVA)
        assert not shown(lambda *_: Story())
        assert not shown(lambda *_: None)


def test_only_what_changes_a_briefing_has_a_story():
    assert rules.has_story("briefings", briefing("briefing_changed"))
    assert rules.has_story("briefings", briefing("briefing_cancelled"))
    assert not rules.has_story("briefings", briefing())
    assert not rules.has_story("publications", briefing("briefing_changed"))
