"""Who comes to a briefing, in notifications as a real process on a real broker and store, with real mailboxes."""

import itertools
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from contracts import workplan
from contracts.notifications import CONFIRM_PATH
from services.kernel import Actor, Composition, Membership, Refusal, Term, utc
from services.notifications.store import reply_token
from tests.services.room import SECRETARIAT, Room, focal, refusal

AT = utc(2015, 1, 5, 9)
STARTS = utc(2015, 1, 22, 15)
NOBODY = Actor("anonymous")
NAMES = (f"b{number}" for number in itertools.count(1))
GUESTS = ("BRAZIL", "PERU", "QATAR", "KENYA")


def mission(code: str) -> Actor:
    return Actor(f"desk of {code}", code, frozenset({"mission"}))


class House(Room):
    """The room of notifications as missions know it."""

    def mails(self, code: str) -> list:
        found = [message_from_bytes(path.read_bytes(), policy=default) for path in sorted(self.house.mail.glob("*.eml"))]
        return [mail for mail in found if mail["To"] == f"desk@{code.lower()}.example"]

    def invite(self, code: str, topics: tuple[str, ...] = ("briefings",), by: Actor | None = None, kind: str = "mission") -> str:
        """Admit a subscriber with a subscription by mail that its owner confirms; the subscription."""
        self("admit_subscriber", code=code, name=f"Mission of {code}", kind=kind)
        asked = {"channel": "mail", "target": f"desk@{code.lower()}.example", "topics": list(topics)}
        subscription = self("subscribe", by or mission(code), subscriber=code, **asked)["id"]
        (mail,) = self.eventually(lambda: self.mails(code))
        token = re.search(re.escape(f"{CONFIRM_PATH}?token=") + r"([\w.~-]+)", mail.get_body(("plain",)).get_content())
        self("confirm", NOBODY, token=token.group(1))
        return subscription

    def token(self, subscription: str, briefing: str) -> str:
        return reply_token(self.database.secrets.find_one({"_id": subscription}), briefing)

    def announce(self, *, times: int = 1, at: datetime = AT, **more: Any) -> str:
        """A briefing that is announced and heard of; its id."""
        id = next(NAMES)
        self.tell_of(workplan.BriefingAnnounced, id, 0, times=times, at=at, **more)
        self.eventually(lambda: self.database.attendances.find_one({"_id": id}))
        return id

    def tell_of(self, event: type, id: str, revision: int, *, times: int = 1, at: datetime = AT, **more: Any) -> None:
        starts = more.get("starts_at", STARTS)
        briefing = {"briefing": id, "uid": f"{id}@icat", "revision": revision, "title": f"Consultation {id}", "kind": "consultation"}
        briefing |= {"starts_at": starts, "ends_at": starts + timedelta(hours=2), "place": "New York", "on_margins_of": ""}
        briefing |= {"agenda": [], "papers": [], "pillars": []} | more
        if event is not workplan.BriefingAnnounced:
            briefing |= {"reason": "r"} | ({"before": {}} if event is workplan.BriefingChanged else {})
        self.happen(event, briefing, times=times, at=at, sequence=revision + 1, subject=f"briefing/{id}")

    def reply(self, id: str, code: str, attending: str = "yes", people: int = 1, *, at: datetime = AT, **more: Any) -> dict[str, Any]:
        names = [f"Person {n} of {code}" for n in range(people)]
        return self("reply_to_briefing", mission(code), at=at, briefing=id, subscriber=code, attending=attending, people=names, **more)

    def places(self, id: str) -> dict[str, str]:
        return {reply["subscriber"]: reply["place"] for reply in self("attendance", briefing=id)["replies"]}

    def happened(self, id: str) -> list[tuple[str, dict[str, Any]]]:
        return [(event["type"].split(".")[2], event["data"]) for event in self.history(f"attendance/{id}")]

    def notes(self, code: str, title: str) -> list[str]:
        return [mail["Subject"] for mail in self.mails(code) if mail["Subject"].endswith(title)]


@pytest.fixture(scope="module")
def room(house, eventually) -> Iterator[House]:
    """The service, and four missions that are invited to briefings; Japan is not. IOM chairs."""
    with House(house, eventually, "notifications", at=AT).alone() as room:
        group = Composition(
            memberships=[Membership(code, utc(2012)) for code in ("IOM", "ILO")],
            terms={"2015": Term(2015, ["IOM"], "begun")},
        )
        room.seat(group)
        room.subscriptions = {code: room.invite(code) for code in GUESTS}
        room.invite("JAPAN", topics=("publications",))
        yield room


def test_replies_by_the_link_by_ones_own_people_and_by_letter(room):
    id = room.announce(times=3, capacity=4)
    token = room.token(room.subscriptions["BRAZIL"], id)
    shown = room("attendance", NOBODY, briefing=id, token=token)
    assert (shown["title"], shown["replies"], shown["left"], shown["coming"], shown["open"]) == (f"Consultation {id}", [], 4, None, True)
    told = {"briefing": id, "token": token, "attending": "yes", "people": ["Ana Souza"], "message": "By wheelchair"}
    for _ in range(2):  # the same order, sent twice
        mine = room("reply_to_briefing", NOBODY, id=f"reply-{id}", **told)
    assert [(reply["people"], reply["place"], reply["person"]) for reply in mine["replies"]] == [(["Ana Souza"], "given", "by the link")]
    room.reply(id, "PERU", people=2)
    letter = {"briefing": id, "subscriber": "QATAR", "attending": "no"}
    assert refusal(lambda: room("reply_to_briefing", **letter)).rule == "reply-letter"
    whole = room("reply_to_briefing", **letter, letter="Note verbale 7/2015")
    assert [whole[name] for name in ("coming", "waiting", "regrets", "silent", "left")] == [3, 0, 1, 1, 1]
    assert {reply["name"] for reply in whole["replies"]} == {"Mission of BRAZIL", "Mission of PERU", "Mission of QATAR"}
    assert room("attendance", focal("IOM"), briefing=id) == whole
    own = room("attendance", mission("PERU"), briefing=id)
    assert ([reply["subscriber"] for reply in own["replies"]], own["coming"], own["left"]) == (["PERU"], None, 1)
    assert [name for name, _ in room.happened(id)] == ["attendance_opened", *["briefing_replied"] * 3]
    # No name of a person, nor the token, is in an event, nor in a log.
    written = repr(room.history(f"attendance/{id}")) + room.log()
    assert not [secret for secret in ("Ana Souza", "wheelchair", "Person 1", token) if secret in written]


def test_to_who_is_not_invited_there_is_no_such_briefing(room):
    id, japan = room.announce(), mission("JAPAN")
    told = {"briefing": id, "attending": "yes", "people": ["A"]}

    def asked(by: Actor, briefing: str, subscriber: str = "JAPAN") -> list[tuple[str, str, str]]:
        order = told | {"briefing": briefing, "subscriber": subscriber}
        refused = [refusal(lambda: room("reply_to_briefing", by, **order)), refusal(lambda: room("attendance", by, briefing=briefing))]
        return [(why.kind, why.rule, why.detail.replace(briefing, "it")) for why in refused]

    absent = asked(japan, "nowhere")
    assert absent == [("not_found", "exists", "There is no briefing it.")] * 2
    assert asked(japan, id) == asked(focal("ILO"), id) == asked(NOBODY, id) == absent
    assert asked(japan, id, "BRAZIL") == asked(japan, id, "NOWHERE") == absent  # nor does it learn who is
    forged = f"{room.subscriptions['BRAZIL']}.{'x' * 43}"
    other = room.token(room.subscriptions["BRAZIL"], "another-briefing")
    for token in (forged, other, "sub-nothing.abcdefghijklmnop"):
        assert refusal(lambda token=token: room("reply_to_briefing", NOBODY, token=token, **told)).rule == "token"
        assert refusal(lambda token=token: room("attendance", NOBODY, briefing=id, token=token)).rule == "token"
    assert refusal(lambda: room("reply_to_briefing", subscriber="JAPAN", letter="L", **told)).rule == "briefing-invited"
    assert room.places(id) == {}


def test_a_token_no_longer_works_after_the_subscription_ended_or_replies_are_over(room):
    left = room.invite("CHAD")
    id = room.announce(reply_by=utc(2015, 1, 20))
    token, told = room.token(left, id), {"briefing": id, "attending": "yes", "people": ["A"]}
    over = {"at": utc(2015, 1, 20)}
    late = refusal(lambda: room("reply_to_briefing", NOBODY, token=token, **over, **told))
    assert (late.kind, late.rule) == ("too_late", "briefing-reply-by")
    room("unsubscribe", mission("CHAD"), subscriber="CHAD", subscription=left)
    assert refusal(lambda: room("reply_to_briefing", NOBODY, token=token, **over, **told)).kind == "not_found"
    room.eventually(lambda: room.database.secrets.find_one({"_id": left, "ended": True}))
    assert refusal(lambda: room("attendance", NOBODY, briefing=id, token=token)).rule == "token"
    assert refusal(lambda: room("attendance", mission("CHAD"), briefing=id)).kind == "not_found"
    room("end_subscriber", code="CHAD", reason="closed")


def test_who_waits_is_told_of_the_place_it_gets(room):
    id = room.announce(capacity=2)
    room.reply(id, "BRAZIL", people=2)
    room.reply(id, "PERU")
    room.reply(id, "QATAR")
    room.tell_of(workplan.BriefingChanged, id, 1, capacity=3, times=2)
    room.eventually(lambda: room.places(id)["PERU"] == "given")
    room.reply(id, "BRAZIL", "no")
    assert room.places(id) == {"BRAZIL": "none", "PERU": "given", "QATAR": "given"}
    given = [(data["subscriber"], data["coming"]) for name, data in room.happened(id) if name == "place_given"]
    assert given == [("PERU", 3), ("QATAR", 2)]
    for code in ("PERU", "QATAR"):
        room.eventually(lambda code=code: room.notes(code, f"a place: Consultation {id}"))
    assert not room.notes("BRAZIL", f"a place: Consultation {id}")


def test_who_ended_leaves_its_place_to_who_waits(room):
    room.invite("MALI")
    id, other, over = room.announce(capacity=1), room.announce(), room.announce()
    for briefing in (id, other, over):
        room.reply(briefing, "MALI")
    room.tell_of(workplan.BriefingCancelled, over, 1)
    room.eventually(lambda: room("attendance", briefing=over)["state"] == "cancelled")
    assert room.reply(id, "PERU")["replies"][0]["place"] == "waiting"
    room("end_subscriber", code="MALI", reason="It closed.")
    room.eventually(lambda: room.places(id) == {"MALI": "none", "PERU": "given"})
    room.eventually(lambda: room.places(other) == {"MALI": "none"})
    room.quiet()
    assert [name for name, _ in room.happened(id)].count("briefing_replied") == 3
    assert [name for name, _ in room.happened(over)] == ["attendance_opened", "briefing_replied", "attendance_changed"]
    letter = {"briefing": id, "subscriber": "MALI", "letter": "Note verbale 9/2015"}
    assert refusal(lambda: room("reply_to_briefing", attending="yes", people=["A"], **letter)).rule == "briefing-invited"
    assert room("reply_to_briefing", attending="no", **letter)["coming"] == 1


def test_places_given_at_once_are_never_more_than_there_is_room_for(room):
    id = room.announce(capacity=2)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda code: room.reply(id, code), GUESTS))
    places = list(room.places(id).values())
    assert (places.count("given"), places.count("waiting")) == (2, 2)
    given = {reply["subscriber"] for reply in room("attendance", briefing=id)["replies"] if reply["place"] == "given"}
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda code: room.reply(id, code, "no"), given))
    assert sorted(room.places(id).values()) == ["given", "given", "none", "none"]


def test_news_of_a_briefing_that_comes_late_or_in_another_order_is_known_by_its_revision(room):
    id = next(NAMES)
    room.tell_of(workplan.BriefingChanged, id, 2, capacity=5, times=2)
    room.eventually(lambda: room.database.attendances.find_one({"_id": id}))
    room.tell_of(workplan.BriefingAnnounced, id, 0, capacity=9)
    room.tell_of(workplan.BriefingChanged, id, 1, capacity=7)
    room.quiet()
    assert room("attendance", briefing=id)["capacity"] == 5
    room.reply(id, "BRAZIL")
    room.tell_of(workplan.BriefingCancelled, id, 3)
    room.eventually(lambda: room("attendance", briefing=id)["state"] == "cancelled")
    assert refusal(lambda: room.reply(id, "PERU")).rule == "briefing-announced"
    assert [name for name, _ in room.happened(id)] == ["attendance_opened", "briefing_replied", "attendance_changed"]
    told = [event["data"]["matter"]["data"] for event in room.history("topic/briefings")]
    assert [data["revision"] for data in told if data["briefing"] == id] == [2, 3], "what comes after a newer version is no news"


def reminded(room: House, id: str) -> list[tuple[int, list[str], list[str]]]:
    data = [data for name, data in room.happened(id) if name == "briefing_reminded"]
    return [(one["days"], one["coming"], one["silent"]) for one in data]


def test_reminders_go_out_once_each_by_the_clock(room):
    starts, moved = utc(2015, 3, 10, 15), utc(2015, 3, 12, 15)
    id, off = (
        room.announce(
            starts_at=starts,
            reply_by=utc(2015, 3, 11),
        ),
        room.announce(starts_at=starts),
    )
    room.tell_of(workplan.BriefingChanged, id, 1, starts_at=moved, reply_by=utc(2015, 3, 11))
    room.tell_of(workplan.BriefingCancelled, off, 1, starts_at=starts)
    room.reply(id, "BRAZIL")
    room.reply(id, "PERU", "no")
    room.reply(id, "QATAR", "tentative", 0)
    room.eventually(lambda: room("attendance", briefing=id)["starts_at"] == "2015-03-12T15:00:00Z")
    room.eventually(lambda: room("attendance", briefing=off)["state"] == "cancelled")
    for _ in range(2):
        room("tick", to="2015-03-09T15:00:00Z", at=utc(2015, 3, 9, 15))
        room.eventually(lambda: reminded(room, id))
    assert reminded(room, id) == [(3, ["BRAZIL"], ["KENYA", "QATAR"])]
    room("tick", to="2015-03-11T16:00:00Z", at=utc(2015, 3, 11, 16))
    room.eventually(lambda: len(reminded(room, id)) == 2)
    assert reminded(room, id)[1] == (1, ["BRAZIL"], [])
    room("tick", to="2015-03-20T00:00:00Z", at=utc(2015, 3, 20))
    room.quiet()
    assert (len(reminded(room, id)), reminded(room, off)) == (2, [])
    title = f"Reminder: Consultation {id}"
    room.eventually(lambda: len(room.notes("BRAZIL", title)) == 2)
    assert [len(room.notes(code, title)) for code in ("KENYA", "QATAR", "PERU", "JAPAN")] == [1, 1, 0, 0]


def test_after_a_downtime_one_late_reminder_and_none_after_the_start(room):
    late, begun = room.announce(starts_at=utc(2015, 5, 5, 15)), room.announce(starts_at=utc(2015, 5, 3))
    room.reply(late, "BRAZIL")
    with room.stopped():
        pass
    room("tick", to="2015-05-05T00:00:00Z", at=utc(2015, 5, 5))
    room.eventually(lambda: reminded(room, late))
    room.quiet()
    assert [(days, coming) for days, coming, _ in reminded(room, late)] == [(1, ["BRAZIL"])]
    assert reminded(room, begun) == []
    too_late = refusal(lambda: room.reply(begun, "BRAZIL", at=utc(2015, 5, 3)))
    assert too_late.kind == "too_late"
    assert isinstance(too_late, Refusal)
    assert room("attendance", SECRETARIAT, briefing=begun, at=utc(2015, 5, 4))["state"] == "held"


def test_a_change_says_that_a_reply_stands_and_reaches_who_no_longer_asks_for_it(room):
    subscription = room.invite("CUBA")
    room.invite("FIJI")
    id = room.announce(place="Geneva")
    room.reply(id, "CUBA")
    calendar = room("subscribe", mission("CUBA"), subscriber="CUBA", channel="calendar", target="", topics=["briefings"])
    narrower = {"subscriber": "CUBA", "topics": ["briefings"], "places": ["Vienna"]}
    for each in (subscription, calendar["id"]):
        room("change_subscription", mission("CUBA"), subscription=each, at=AT + timedelta(hours=1), **narrower)
    room.tell_of(workplan.BriefingChanged, id, 1, place="Gen\u00e8ve", at=AT + timedelta(hours=2))

    def changed(code: str) -> list:
        return [mail for mail in room.mails(code) if mail["Subject"] == f"Briefing changed: Consultation {id}"]

    (stands,), (asked,) = (room.eventually(lambda code=code: changed(code)) for code in ("CUBA", "FIJI"))
    text = " ".join(stands.get_body(("plain",)).get_content().split())
    assert "your reply stands unless you change it" in text
    (entry,) = [part.get_content() for part in stands.walk() if part.get_content_type() == "text/calendar"]
    assert "PARTSTAT=ACCEPTED" in "".join(entry.split())
    assert "Please reply whether you come" in asked.get_body(("plain",)).get_content()
    token = calendar["secret"].rpartition("/")[2].removesuffix(".ics")
    shown = [item["matter"]["kind"] for item in room("feed", NOBODY, token=token)["items"] if item["matter"]["data"]["briefing"] == id]
    assert shown == ["briefing_changed", "briefing_announced"]
    fresh = room.announce(place="Geneva", at=AT + timedelta(hours=3))
    room.eventually(lambda: [mail for mail in room.mails("FIJI") if fresh in mail["Subject"]])
    room.quiet()
    assert not [mail for mail in room.mails("CUBA") if fresh in mail["Subject"]], "what is new is narrowed as asked"
