"""What subscribers fetch, and what is held, kept back or brought once more, through the service on the real broker and store."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from contracts import notifications as c
from contracts import workplan
from messaging.context import written
from services.kernel import Composition, Membership, utc
from services.notifications.rules.instants import by_the_clock
from tests.services.room import SECRETARIAT, focal, refusal
from tests.services.test_notifications import AT, BRAZIL, MEETING, NOBODY, PERU, Notifications, confirmed_by_mail, mission

DAY = timedelta(days=1)


@pytest.fixture
def room(house, eventually) -> Iterator[Notifications]:
    """The service, empty and ready."""
    with Notifications(house, eventually, "notifications", at=AT).alone() as room:
        yield room


def kept(room: Notifications, number: int, topic: str = "publications") -> None:
    """Wait until a matter is there to be fetched, and has been fanned out."""
    room.eventually(lambda: len(room("matters", topic=topic)["items"]) == number)
    room.eventually(lambda: room("status")["due"] == 0)


def ids(answer: dict) -> list[str]:
    return [item["id"] for item in answer["items"]]


def test_a_digest_gathers_a_day_and_comes_at_its_hour_and_never_before(room):
    room.admit("BRAZIL")
    schedule = {"rhythm": "daily", "hour": "08:00", "zone": "America/New_York"}
    confirmed_by_mail(room, "BRAZIL", "desk@brazil.example", schedule=schedule)
    room.publish_paper(1)
    room.publish_paper(2, times=2)
    kept(room, 2)
    noon = utc(2014, 9, 15, 12)  # eight in New York
    room("tick", to=written(noon - timedelta(seconds=1)))
    assert {d["state"] for d in room("deliveries", BRAZIL, topic="publications")["items"]} == {"held"}
    assert len(room.mails("desk@brazil.example")) == 1
    for _ in range(2):
        room("tick", to=written(noon))
    room.settled(2)
    (_, digest) = room.mails("desk@brazil.example")
    (delivery,) = [d for d in room("deliveries", BRAZIL)["items"] if d["purpose"] == "digest"]
    assert digest["Message-ID"] == f"<{delivery['id']}@localhost>"
    assert (delivery["items"], delivery["state"]) == (["publications/1", "publications/2"], "sent")
    text = digest.get_body(("plain",)).get_content()
    assert "Paper 1" in text
    assert by_the_clock("America/New_York", "en", AT) in " ".join(text.split())
    room("tick", to=written(noon + 3 * DAY))
    assert len(room.mails("desk@brazil.example")) == 2


def test_a_pause_is_silent_and_who_resumes_may_catch_up_once(room):
    room.admit("BRAZIL")
    queue = room.subscribe("BRAZIL", "amqp")
    room.fetch("BRAZIL", queue)
    known = {"subscriber": "BRAZIL", "subscription": queue["id"]}
    room("pause_subscription", BRAZIL, **known, at=AT)
    room.publish_paper(1, at=AT + timedelta(hours=1))
    room.publish_paper(2, at=AT + timedelta(hours=2))
    kept(room, 2)
    assert room("deliveries", BRAZIL)["items"] == []
    resumed = room("resume_subscription", BRAZIL, **known, catch_up=True, at=AT + DAY, id="resume")
    assert resumed["state"] == "confirmed"
    room("resume_subscription", BRAZIL, **known, catch_up=True, at=AT + DAY, id="resume")
    room.settled(2)
    room.publish_paper(3, at=AT + 2 * DAY)
    room.settled(3)
    assert room.queue(room.queues["BRAZIL"]).message_count == 3


def test_the_secretariat_replays_what_was_asked_for_under_new_ids(room):
    room.admit("BRAZIL")
    for number in (1, 2):
        room.publish_paper(number)
    kept(room, 2)
    queue = room.subscribe("BRAZIL", "amqp", at=AT + DAY)
    room("fetch_queue_credentials", BRAZIL, subscriber="BRAZIL", subscription=queue["id"], at=AT + DAY)
    room.queues["BRAZIL"] = queue["target"]
    known = {"subscriber": "BRAZIL", "subscription": queue["id"], "topic": "publications"}
    assert refusal(lambda: room("replay", BRAZIL, **known)).rule == "secretariat-only"
    assert refusal(lambda: room("replay", PERU, **known)).kind == "not_allowed"
    assert refusal(lambda: room("replay", **known | {"topic": "statements"})).rule == "topic-asked-for"
    assert refusal(lambda: room("replay", **known, since=2)).rule == "numbers"
    for _ in range(2):
        answer = room("replay", **known, since=1, at=AT + DAY, id="once-more")
        assert answer["matters"] == 1
    room.settled(1)
    (delivery,) = room("deliveries", BRAZIL, topic="publications")["items"]
    assert (delivery["number"], delivery["replay"]) == (2, answer["replay"])
    assert delivery["id"].endswith("_r" + answer["replay"].removeprefix("replay-"))


def test_an_inbox_is_read_and_resumed_by_position(room):
    room.admit("BRAZIL")
    room.publish_paper(1)  # before anyone asked
    kept(room, 1)
    later = AT + timedelta(hours=1)
    room.subscribe("BRAZIL", "inbox", topics=["publications", "statements"], at=later)
    mail = room.subscribe("BRAZIL", "webhook", room.hook.address, at=later)
    room.eventually(lambda: room.state("BRAZIL", mail) == "confirmed")
    began = room("inbox", BRAZIL, subscriber="BRAZIL", at=later)
    assert (began["items"], began["unread"]) == ([], 0)
    for number in (2, 3, 4):
        room.publish_paper(number, at=later + timedelta(hours=number))
        kept(room, number)  # so that they are numbered in this order
    room("unsubscribe", BRAZIL, subscriber="BRAZIL", subscription=mail["id"], at=later + timedelta(hours=9))
    shown = room.eventually(lambda: len((a := room("inbox", BRAZIL, subscriber="BRAZIL"))["items"]) == 4 and a)
    assert shown["unread"] == 4
    assert [item["topic"] for item in shown["items"]] == [None, "publications", "publications", "publications"]
    assert shown["items"][0]["note"]["kind"] == "subscription_ended"
    assert ids(shown)[1:] == ["publications.4", "publications.3", "publications.2"]
    assert c.InboxAnswer().validate(shown) == {}

    first = room("inbox", BRAZIL, subscriber="BRAZIL", limit=2)
    assert ids(first) + ids(room("inbox", BRAZIL, subscriber="BRAZIL", before=first["next"])) == ids(shown)
    came = room("inbox", BRAZIL, subscriber="BRAZIL", since=began["position"], limit=2)
    assert ids(came) == ["publications.2", "publications.3"]
    rest = room("inbox", BRAZIL, subscriber="BRAZIL", since=came["position"])
    assert ids(came) + ids(rest) == ids(shown)[::-1]
    assert (rest["position"], rest["next"]) == (shown["position"], None)
    assert ids(room("inbox", BRAZIL, subscriber="BRAZIL", since=rest["position"])) == []

    assert refusal(lambda: room("mark_read", SECRETARIAT, subscriber="BRAZIL", position=came["position"])).rule == "own-subscriber"
    read = room("mark_read", BRAZIL, subscriber="BRAZIL", position=came["position"])
    assert read["unread"] == 2
    assert {item["id"]: item["read"] for item in read["items"]} == {id: id in ids(came) for id in ids(shown)}
    room("mark_read", BRAZIL, subscriber="BRAZIL", position=began["position"])
    assert room("inbox", BRAZIL, subscriber="BRAZIL")["unread"] == 2, "what was read stays read"
    assert refusal(lambda: room("inbox", PERU, subscriber="BRAZIL")).kind == "not_found"
    assert refusal(lambda: room("inbox", BRAZIL, subscriber="BRAZIL", since="nonsense")).rule == "position"


def test_an_entity_that_left_finds_nothing_of_the_groups_own_in_its_inbox(room):
    room.seat(Composition(memberships=[Membership(code, utc(2012)) for code in ("ILO", "IOM")]))
    for code in ("ILO", "IOM"):
        room.admit(code, kind="focal_point")
        room.subscribe(code, "inbox", topics=["reminders"], by=focal(code))
    room.happen(workplan.MeetingCalled, MEETING | {"agenda": [], "entities": ["ILO"]}, sequence=1)
    kept(room, 1, "reminders")
    assert ids(room("inbox", focal("ILO"), subscriber="ILO")) == ["reminders.1"]
    assert ids(room("inbox", focal("IOM"), subscriber="IOM")) == []
    room.seat(replace(room.group, memberships=[Membership("ILO", utc(2012), AT + DAY), room.group.memberships[1]]))
    assert room("inbox", focal("ILO"), subscriber="ILO", at=AT + 2 * DAY)["items"] == []
    assert room("inbox", focal("ILO"), subscriber="ILO", at=AT + 2 * DAY)["unread"] == 0


def test_feeds_show_what_is_public_and_asked_for(room):
    room.admit("BRAZIL", "fr")
    room.publish_paper(1, pillars=["prevention"])
    kept(room, 1)  # events of two papers may be heard side by side, and numbers follow the hearing
    room.publish_paper(2, pillars=["protection"], at=AT + timedelta(hours=1))
    kept(room, 2)
    made = room.subscribe("BRAZIL", "atom", pillars=["prevention"], at=AT + DAY)
    token = made["secret"].removeprefix("/feeds/").removesuffix(".atom")
    feed = room("feed", NOBODY, token=token)
    assert (feed["id"], feed["language"], feed["topics"]) == (made["id"], "fr", ["publications"])
    assert [item["number"] for item in feed["items"]] == [1]
    assert c.FeedAnswer().validate(feed) == {}
    room("unsubscribe", BRAZIL, subscriber="BRAZIL", subscription=made["id"])
    room.eventually(lambda: room("status")["pending"] == 0)
    room.eventually(lambda: room.database.secrets.find_one({"_id": made["id"]}).get("ended"))
    assert refusal(lambda: room("feed", NOBODY, token=token)).kind == "not_found"
    public = room("public_feed", NOBODY, topic="publications")
    assert [item["number"] for item in public["items"]] == [2, 1]
    assert (public["id"], public["subscriber"], public["updated_at"]) == ("publications", None, "2014-09-15T10:00:00Z")


def test_the_board_says_how_each_matter_stands(room):
    for code in ("BRAZIL", "PERU"):
        room.admit(code)
    room.fetch("BRAZIL", room.subscribe("BRAZIL", "amqp"))
    hook = room.subscribe("PERU", "webhook", room.hook.address)
    room.eventually(lambda: room.state("PERU", hook) == "confirmed")
    room.publish_paper(1)
    room.settled(2)
    room.hook.failing = True
    room.publish_paper(2, at=AT + timedelta(hours=1))
    (waiting,) = room.eventually(lambda: room("deliveries", state="retrying")["items"])
    board = room("delivery_board")["items"]
    assert [(row["number"], row["sent"], row["failed"], row["waiting"], row["fan_out"]) for row in board] == [
        (2, 1, 0, 1, "complete"),
        (1, 2, 0, 0, "complete"),
    ]
    assert board[0]["by_channel"] == {
        "amqp": {"sent": 1, "failed": 0, "waiting": 0},
        "webhook": {"sent": 0, "failed": 0, "waiting": 1},
    }
    own = room("delivery_board", mission("PERU"))["items"]
    assert [(row["number"], row["sent"], row["waiting"]) for row in own] == [(2, 0, 1), (1, 1, 0)]
    room.hook.failing = False
    room.eventually(lambda: room("delivery_board")["items"][0]["sent"] == 2)
    page = room("delivery_board", limit=1)
    assert [row["number"] for row in page["items"] + room("delivery_board", limit=1, after=page["next"])["items"]] == [2, 1]
    assert c.BoardRow().validate(page["items"][0]) == {}
    assert waiting["channel"] == "webhook"


def test_what_ended_is_told_to_the_other_addresses_of_its_owner(room):
    room.admit("BRAZIL")
    confirmed_by_mail(room, "BRAZIL", "desk@brazil.example", topics=["statements"])
    hook = room.subscribe("BRAZIL", "webhook", room.hook.address)
    room.eventually(lambda: room.state("BRAZIL", hook) == "confirmed")
    room("unsubscribe", BRAZIL, subscriber="BRAZIL", subscription=hook["id"])
    (_, told) = room.eventually(lambda: (m := room.mails("desk@brazil.example"))[1:] and m)
    assert told["Subject"] == "Your subscription by webhook has ended"
    of_it = {"purpose": "note", "subscriber": "BRAZIL"}
    room.eventually(lambda: room.database.deliveries.count_documents(of_it | {"state": "sent"}))  # a moment after the mail is there
    (delivery,) = [d for d in room("deliveries", BRAZIL)["items"] if d["purpose"] == "note"]
    assert (delivery["state"], delivery["channel"], delivery["number"]) == ("sent", "mail", None)
