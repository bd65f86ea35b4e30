"""Notifications as a real process on a real broker and store, heard by a real mailbox, web server and queue reader."""

import json
import re
import subprocess
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pika
import pika.exceptions
import pytest
from standardwebhooks import Webhook

from clients.icat_mission import Mission
from contracts import chairs, documents, workplan
from contracts import notifications as c
from contracts.notifications import CONFIRM_PATH, UNSUBSCRIBE_PATH
from messaging import topology
from messaging.context import Order, now, written
from services.kernel import Actor, Composition, Membership, Refusal, Term, utc
from services.notifications.channels.queue import ARGUMENTS
from tests.services.room import SECRETARIAT, Room, focal, refusal

AT = utc(2014, 9, 15, 9)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOBODY = Actor("anonymous")


def mission(code: str) -> Actor:
    return Actor(f"desk of {code}", code, frozenset({"mission"}))


BRAZIL, PERU = mission("BRAZIL"), mission("PERU")


class Receiver(ThreadingHTTPServer):
    """A mission's web server that echoes challenges, keeps notices that verify, and fails or hangs when told to."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.notices: list[tuple[str, dict]] = []
        self.failing, self.fails_with = False, 503
        self.hanging = threading.Event()
        self.hanging.set()
        self.address = f"http://127.0.0.1:{self.server_port}/"
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def handle_error(self, request, client_address) -> None:
        """A caller that gives up is part of these tests."""

    def close(self) -> None:
        self.hanging.set()
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        content = Webhook(SECRET).verify(self.rfile.read(int(self.headers["Content-Length"])), dict(self.headers))
        hook = self.server
        if "hang" in self.path:
            hook.hanging.wait(60)
        self.send_response(hook.fails_with if hook.failing else 200)
        self.end_headers()
        if "challenge" in content:
            self.wfile.write(json.dumps({"challenge": content["challenge"]}).encode())
        elif not hook.failing:
            hook.notices.append((self.headers["webhook-id"], content))

    def log_message(self, *_) -> None:
        """Silent."""


class Notifications(Room):
    """The room of notifications, with the missions: their mailboxes, their web server and their queues."""

    def __init__(self, *known: Any, **more: Any) -> None:
        super().__init__(*known, **more)
        self.hook = Receiver()
        self.queues: dict[str, str] = {}
        self.uris: dict[str, str] = {}
        """Of those who fetched, by code: their queues, and how they reach the broker."""

    def second_copy(self, **environment: str) -> AbstractContextManager[subprocess.Popen]:
        settings = {
            "ICAT_REHEARSAL": "1",
            "ICAT_PUBLIC_URL": self.house.url,
            "ICAT_SMTP_URL": "smtp://127.0.0.1:1",
            "ICAT_MAIL_FROM": "icat@localhost",
            "ICAT_WEBHOOK_ALLOW_PRIVATE": "1",
            "ICAT_MISSION_AMQP_URI": self.house.mission_amqp_uri,
            "ICAT_BROKER_MANAGEMENT_URL": self.house.management_url,
        }
        return super().second_copy(**settings | environment)

    def admit(self, code: str, language: str = "en", kind: str = "mission") -> None:
        name = f"Permanent Mission of {code}" if kind == "mission" else code
        self("admit_subscriber", code=code, name=name, kind=kind, language=language)

    def subscribe(self, code: str, channel: str, target: str = "", topics=("publications",), by: Actor | None = None, **more) -> dict:
        if channel == "webhook":
            more["secret"] = SECRET
        return self("subscribe", by or mission(code), subscriber=code, channel=channel, target=target, topics=list(topics), **more)

    def fetch(self, code: str, subscription: dict) -> dict:
        credentials = self("fetch_queue_credentials", mission(code), subscriber=code, subscription=subscription["id"])
        self.queues[code], self.uris[code] = credentials["queue"], credentials["uri"]
        return credentials

    def state(self, code: str, subscription: dict) -> str:
        found = self("get_subscriber", code=code)["subscriptions"]
        return next(s["state"] for s in found if s["id"] == subscription["id"])

    def mails(self, to: str) -> list:
        found = [message_from_bytes(path.read_bytes(), policy=default) for path in sorted(self.house.mail.glob("*.eml"))]
        return [mail for mail in found if mail["To"] == to]

    def publish_paper(self, number: int, times: int = 1, pillars=(), at: datetime = AT) -> None:
        self.happen(
            documents.Published,
            {
                "document": f"paper-{number}",
                "kind": "issue_paper",
                "number": number,
                "title": f"Paper {number}",
                "summary": "",
                "at": AT,
                "digest": "5d" * 32,
                "language": "en",
                "url": f"/documents/paper-{number}",
                "pillars": list(pillars),
                "deliverable": None,
            },
            sequence=number,
            times=times,
            at=at,
        )

    def settled(self, sent: int, failed: int = 0, seconds: float = 30) -> dict:
        """The summary, once so many deliveries of matters were sent and failed, and none waits."""
        wanted = (sent, failed, 0)

        def summary():
            found = self("delivery_summary")
            return found if (found["sent"], found["failed"], found["waiting"]) == wanted else None

        return self.eventually(summary, seconds)

    def delete_queues(self) -> None:
        with pika.BlockingConnection(pika.URLParameters(self.house.amqp_uri)) as connection:
            for queue in self.queues.values():
                connection.channel().queue_delete(queue)

    def close(self) -> None:
        self.hook.close()
        self.delete_queues()
        super().close()


@pytest.fixture
def room(house, eventually) -> Iterator[Notifications]:
    """The service, empty and ready."""
    with Notifications(house, eventually, "notifications", at=AT).alone() as room:
        yield room


def link(room: Notifications, mail, path: str) -> str:
    """The token in a mail's link to this page."""
    return re.search(re.escape(f"{room.house.url}{path}?token=") + r"([\w.~-]+)", mail.get_body(("plain",)).get_content()).group(1)


def confirmed_by_mail(room: Notifications, code: str, address: str, **more) -> dict:
    subscription = room.subscribe(code, "mail", address, **more)
    (mail,) = room.eventually(lambda: room.mails(address))
    room("confirm", NOBODY, token=link(room, mail, CONFIRM_PATH))
    return subscription


def test_each_channel_gets_each_matter_once_after_its_owner_confirmed(room, tmp_path):
    room.admit("BRAZIL", "fr")
    mail = room.subscribe("BRAZIL", "mail", "desk@brazil.example")
    hook = room.subscribe("BRAZIL", "webhook", room.hook.address)
    queue = room.subscribe("BRAZIL", "amqp")
    (asked,) = room.eventually(lambda: room.mails("desk@brazil.example"))
    room.eventually(lambda: room.state("BRAZIL", hook) == "confirmed")
    room.publish_paper(1)  # neither the mailbox nor the queue has agreed yet
    room.settled(1)
    room.at = AT + timedelta(seconds=1)
    confirmation = room("confirm", NOBODY, token=link(room, asked, CONFIRM_PATH))
    assert confirmation == {
        "subscriber": "BRAZIL",
        "name": "Permanent Mission of BRAZIL",
        "subscription": mail["id"],
        "channel": "mail",
        "topics": ["publications"],
        "state": "confirmed",
    }
    credentials = room.fetch("BRAZIL", queue)
    assert credentials["queue"] == queue["target"]
    place = room.house.mission_amqp_uri.removeprefix("amqp://")
    assert re.fullmatch(rf"amqp://{re.escape(queue['target'])}:[0-9a-f]{{64}}@{re.escape(place)}", credentials["uri"])
    assert re.fullmatch(r"mission\.brazil\.[0-9a-f]{32}", queue["target"])
    room.publish_paper(2, times=3, at=room.at)
    room.happen(chairs.TermStarted, {"year": 2015, "chairs": ["UNHCR"]}, sequence=9)  # nobody asked for it
    summary = room.settled(4)
    assert summary["by_mission"] == {"BRAZIL": {"sent": 4, "failed": 0, "waiting": 0}}
    assert {channel: tally["sent"] for channel, tally in summary["by_channel"].items()} == {"mail": 1, "webhook": 2, "amqp": 1}

    (_, told) = room.mails("desk@brazil.example")
    assert told["Subject"] == "Document thématique n° 2 publié : Paper 2"
    assert told["Message-ID"] == f"<publications_2_BRAZIL_{mail['id']}@localhost>"
    assert [id for id, _ in room.hook.notices] == [f"publications_{n}_BRAZIL_{hook['id']}" for n in (1, 2)]
    heard: list[dict] = []
    Mission(credentials["uri"], credentials["queue"], tmp_path / "memory.json").each(heard.append, idle=1)
    assert heard == [room.hook.notices[1][1]]
    assert heard[0]["data"]["number"] == 2

    resumed = room("matters", NOBODY, topic="publications", since=1)
    assert resumed == {"topic": "publications", "last": 2, "items": [heard[0]["data"]], "next": None}
    board = room("deliveries", BRAZIL)["items"]
    assert Counter((d["purpose"], d["channel"], d["state"]) for d in board) == {
        ("matter", "mail", "sent"): 1,
        ("matter", "webhook", "sent"): 2,
        ("matter", "amqp", "sent"): 1,
        ("confirmation", "mail", "sent"): 1,
        ("confirmation", "webhook", "sent"): 1,
    }
    token = link(room, asked, CONFIRM_PATH)
    assert token not in room.log()
    assert SECRET not in room.log()
    assert not any(token in repr(row) for name in room.database.list_collection_names() for row in room.database[name].find())
    assert not any("desk@brazil" in repr(entry) or SECRET in repr(entry) for entry in room.database["journal"].find())


HANDOVER = {
    "year": 2015,
    "at": AT,
    "days": 90,
    "entities": ["IOM", "UNHCR", "UNODC"],
    "outgoing": ["IOM"],
    "incoming": ["UNHCR"],
    "unsigned": ["IOM"],
}
MEETING = {
    "meeting": "october-2014",
    "uid": "meeting-october-2014@icat",
    "revision": 0,
    "title": "Meeting of the working group",
    "starts_at": AT + timedelta(days=30),
    "ends_at": AT + timedelta(days=30, hours=3),
    "place": "Vienna",
    "link": None,
    "entities": ["ILO", "IOM"],
}
PUBLIC = ("briefings", "publications", "statements", "workplan", "chairmanship")


@pytest.fixture
def group(room):
    """Focal points of four entities and the secretariat who want reminders by mail, and a mission that wants all it may have, by
    every channel. ``IOM`` also has a webhook."""
    entities = {"IOM": "fr", "UNHCR": "en", "UNODC": "es", "ILO": "en"}
    room.seat(Composition(memberships=[Membership(code, utc(2012)) for code in entities]))
    for code, language in entities.items():
        room.admit(code, language, kind="focal_point")
        confirmed_by_mail(room, code, f"focal@{code.lower()}.example", by=focal(code), topics=["reminders"])
    room.admit("UNODC-DESK", kind="secretariat")
    confirmed_by_mail(room, "UNODC-DESK", "icat@unodc.example", by=SECRETARIAT, topics=["reminders"])
    room.admit("BRAZIL")
    confirmed_by_mail(room, "BRAZIL", "desk@brazil.example", topics=PUBLIC)
    hooks = {
        "BRAZIL": room.subscribe("BRAZIL", "webhook", f"{room.hook.address}brazil", topics=PUBLIC),
        "IOM": room.subscribe("IOM", "webhook", f"{room.hook.address}iom", topics=["reminders"], by=focal("IOM")),
    }
    for code, hook in hooks.items():
        room.eventually(lambda code=code, hook=hook: room.state(code, hook) == "confirmed")
    room.fetch("BRAZIL", room.subscribe("BRAZIL", "amqp", topics=PUBLIC))
    return room


def test_an_entity_that_left_the_group_is_told_and_shown_nothing_more_of_its_own(group):
    group.happen(workplan.MeetingCalled, MEETING | {"agenda": []}, sequence=1)
    group.settled(2 + 1)
    group.seat(replace(group.group, memberships=[Membership("ILO", utc(2012), AT), *group.group.memberships[:3]]))
    group.happen(workplan.MeetingReminded, MEETING | {"days": 7, "unanswered": ["ILO"]}, sequence=2)
    group.settled(3 + 2)
    assert len(subjects(group, "focal@ilo.example")) == 1
    assert len(subjects(group, "focal@iom.example")) == 2
    assert refusal(lambda: group("matters", focal("ILO"), topic="reminders")).kind == "not_found"
    assert numbers_of(group("matters", focal("IOM"), topic="reminders")) == [1, 2]


def subjects(room: Notifications, address: str) -> list[str]:
    """Of the mails that tell matters, by their numbers."""
    told = [mail for mail in room.mails(address) if not mail["Message-ID"].startswith("<confirmation_")]
    return [mail["Subject"] for mail in sorted(told, key=lambda mail: mail["Message-ID"])]


def test_a_handover_reminder_reaches_the_troikas_focal_points_once_each_and_no_mission(group):
    for day, sequence in ((90, 1), (30, 2)):
        group.happen(chairs.HandoverReminded, HANDOVER | {"days": day}, sequence=sequence, times=3)
        group.eventually(lambda n=sequence: group("matters", topic="reminders")["last"] == n)
    group.happen(chairs.HandoverEscalated, {"year": 2015, "unsigned": ["IOM"]}, sequence=3, times=2)
    group.publish_paper(4)
    group.settled(3 * 2 + 2 + 1 + 3)
    group.happen(chairs.HandoverReminded, HANDOVER, sequence=1, times=2)  # long after
    group.publish_paper(5)
    summary = group.settled(12 + 3)

    in_english = [f"The chair passes on in {days} days: handover to the term of 2015" for days in (90, 30)]
    assert subjects(group, "focal@iom.example") == [f"La présidence change dans {d} jours : passation au mandat 2015" for d in (90, 30)]
    assert subjects(group, "focal@unhcr.example") == subjects(group, "focal@unodc.example") == in_english
    assert subjects(group, "focal@ilo.example") == []
    assert subjects(group, "icat@unodc.example") == ["Handover to the term of 2015 not signed by IOM"]
    assert {code: tally["sent"] for code, tally in summary["by_mission"].items()} == {
        "IOM": 4,
        "UNHCR": 2,
        "UNODC": 2,
        "UNODC-DESK": 1,
        "BRAZIL": 6,
    }

    assert subjects(group, "desk@brazil.example") == ["Issue paper 4 published: Paper 4", "Issue paper 5 published: Paper 5"]
    heard: list[dict] = []
    Mission(group.uris["BRAZIL"], group.queues["BRAZIL"]).each(heard.append, idle=1)
    by_hook = {code: [content for id, content in group.hook.notices if f"_{code}_" in id] for code in ("BRAZIL", "IOM")}
    assert {notice["data"]["topic"] for notice in [*heard, *by_hook["BRAZIL"]]} == {"publications"}
    assert [notice["data"]["matter"]["audience"] for notice in by_hook["IOM"]] == [["IOM", "UNHCR", "UNODC"]] * 2
    assert {delivery["topic"] for delivery in group("deliveries", BRAZIL)["items"]} == {"publications", None}
    assert group("deliveries", BRAZIL, topic="reminders")["items"] == []


def test_reminders_are_shown_to_those_they_are_for(group):
    group.happen(chairs.HandoverReminded, HANDOVER, sequence=1)
    group.eventually(lambda: group("matters", topic="reminders")["last"] == 1)
    group.happen(chairs.HandoverEscalated, {"year": 2015, "unsigned": ["IOM"]}, sequence=2)
    group.settled(3 + 1 + 1)
    shown = {by: numbers_of(group("matters", by, topic="reminders")) for by in map(focal, ("IOM", "UNODC", "ILO"))}
    assert list(shown.values()) == [[1], [1], []]
    assert numbers_of(group("matters", SECRETARIAT, topic="reminders")) == [1, 2]
    for outsider in (NOBODY, BRAZIL, mission("IOM")):
        with pytest.raises(Refusal) as refused:
            group("matters", outsider, topic="reminders")
        assert refused.value.kind == "not_found"
        for topic in PUBLIC:
            assert group("matters", outsider, topic=topic)["items"] == []
    (delivery,) = group("deliveries", SECRETARIAT, subscriber="UNHCR", topic="reminders")["items"]
    for outsider in (BRAZIL, focal("ILO")):
        with pytest.raises(Refusal) as refused:
            group("send_again", outsider, delivery=delivery["id"])
        assert refused.value.kind == "not_found"


def test_a_mission_cannot_ask_for_reminders(room):
    room.admit("BRAZIL")
    with pytest.raises(Refusal) as refused:
        room.subscribe("BRAZIL", "amqp", topics=["publications", "reminders"])
    assert (refused.value.field, refused.value.rule) == ("topics", "topic-of-the-group")
    assert room("get_subscriber", code="BRAZIL")["subscriptions"] == []


def test_a_meeting_enters_the_calendars_of_those_expected_and_moves_and_leaves_there(group):
    said = [
        (workplan.MeetingCalled, {"agenda": []}),
        (workplan.MeetingChanged, {"revision": 1, "agenda": [], "place": "Geneva", "before": {"place": "Vienna"}, "reason": "A flood."}),
        (workplan.MeetingReminded, {"revision": 1, "days": 7, "unanswered": ["ILO"]}),
        (workplan.MeetingCancelled, {"revision": 2, "reason": "A storm."}),
    ]
    for sequence, (event, data) in enumerate(said, 1):
        group.happen(event, MEETING | data, sequence=sequence, times=2)
        group.eventually(lambda n=sequence: group("matters", topic="reminders")["last"] == n)
    group.settled(4 * 3)  # two mailboxes and a webhook
    for address in ("focal@ilo.example", "focal@iom.example"):
        mails = [mail for mail in group.mails(address) if mail["Message-ID"].startswith("<reminders_")]
        calendars = {
            mail["Message-ID"].split("_")[1]: part for mail in mails for part in mail.walk() if part.get_content_subtype() == "calendar"
        }
        assert len(mails) == 4
        methods = {number: part.get_param("method") for number, part in calendars.items()}
        assert methods == {"1": "REQUEST", "2": "REQUEST", "4": "CANCEL"}
        for number, revision in (("1", 0), ("2", 1), ("4", 2)):
            assert f"SEQUENCE:{revision}\r\n" in calendars[number].get_content()
            assert f"UID:{MEETING['uid']}\r\n" in calendars[number].get_content()
    assert subjects(group, "focal@unhcr.example") == subjects(group, "icat@unodc.example") == subjects(group, "desk@brazil.example") == []


def test_the_owner_of_an_action_item_and_everyone_of_the_annual_report(group):
    action = {"meeting": "may-2014", "title": "Meeting", "action": "a", "what": "Write to donors", "owner": "ILO", "due": AT}
    group.happen(workplan.ActionAssigned, action, sequence=1)
    group.eventually(lambda: group("matters", topic="reminders")["last"] == 1)
    group.happen(workplan.ActionReminded, action | {"days": -7}, sequence=2)
    closed = {"year": 2014, "digest": "5d" * 32, "statuses": {"delivered": 9}, "foreword": "", "report": "7e" * 32}
    group.happen(workplan.PlanClosed, closed, sequence=3)
    summary = group.settled(2 + 3)
    assert set(summary["by_mission"]) == {"ILO", "BRAZIL"}
    assert subjects(group, "focal@ilo.example") == ["Action item: Write to donors", "Action item 7 days late: Write to donors"]
    assert subjects(group, "desk@brazil.example") == ["Annual report 2014 published"]
    (told,) = group("matters", NOBODY, topic="workplan")["items"]
    assert told["matter"]["url"] == "/workplans/2014/report"


def test_what_is_told_of_an_embargoed_statement_reaches_its_entities_and_the_chair_alone(group):
    group.seat(replace(group.group, terms={"2014": Term(2014, ["IOM"], "begun")}))
    statement = {"document": "s1", "title": "Our common word", "kind": "joint_statement"}
    run = {"digest": "5d" * 32, "deadline": AT, "counting": ["ILO", "UNHCR"], "by": "express", "drafters": ["ILO"]}
    reminded = {"about": "position", "step": None, "deadline": AT, "days": 1, "entities": ["UNHCR"]}
    stopped = {"issue_at": AT, "because": "endorsement_withdrawn", "entities": ["UNHCR"], "drafters": ["ILO"]}
    said = [
        (documents.ClearanceOpened, run),
        (documents.Reminded, reminded),
        (documents.ClearanceBroken, run | {"entity": "UNHCR"}),
        (documents.IssueStopped, stopped),
    ]
    for sequence, (event, data) in enumerate(said, 1):
        group.happen(event, statement | data, sequence=sequence, times=2)
        group.eventually(lambda n=sequence: group("matters", topic="reminders")["last"] == n)
    group.settled(2 + 1 + 4 + 3)
    assert subjects(group, "focal@unhcr.example") == [
        "Position asked for: Our common word",
        "Position due tomorrow: Our common word",
        "Clearance broken: Our common word",
    ]
    assert subjects(group, "focal@iom.example") == [
        "Procédure d'approbation rompue : Our common word",
        "Ne sera pas publiée en l'état : Our common word",
    ]
    assert subjects(group, "desk@brazil.example") == subjects(group, "focal@unodc.example") == []
    for topic in PUBLIC:
        assert group("matters", NOBODY, topic=topic)["items"] == []
    language = {"language": "fr", "number": 1, "digest": "5d" * 32, "at": AT, "url": "/documents/s1?language=fr"}
    group.happen(documents.LanguagePublished, statement | language | {"with_document": True}, sequence=5)
    group.happen(documents.LanguagePublished, statement | language, sequence=6, times=2)
    group.settled(10 + 3)
    assert subjects(group, "desk@brazil.example") == ["Now in French: Our common word"]


def test_what_is_told_of_a_plan_put_to_adoption_reaches_those_it_awaits_and_no_mission(group):
    group.seat(replace(group.group, terms={"2014": Term(2014, ["IOM"], "begun")}))
    run = {"year": 2014, "amendment": None, "digest": "5d" * 32, "counting": ["ILO", "UNHCR"]}
    amendment = run | {"amendment": "a"}
    said = [
        (workplan.AdoptionOpened, run | {"procedure": "silence", "deadline": AT}),
        (workplan.AdoptionReminded, run | {"deadline": AT, "days": 1, "entities": ["UNHCR"]}),
        (workplan.AdoptionBroken, run | {"objecting": ["ILO"]}),
        (workplan.AdoptionExtended, amendment | {"deadline": AT, "before": AT}),
    ]
    for sequence, (event, data) in enumerate(said, 1):
        group.happen(event, data, sequence=sequence, times=2)
        group.eventually(lambda n=sequence: group("matters", topic="reminders")["last"] == n)
    group.settled(2 + 1 + 4 + 2)
    assert subjects(group, "focal@unhcr.example") == [
        "Position asked for: Workplan 2014",
        "Position due tomorrow: Workplan 2014",
        "Adoption broken: Workplan 2014",
        "More time to take a position: Workplan 2014, amendment a",
    ]
    assert subjects(group, "focal@iom.example") == ["Adoption rompue : Plan de travail 2014"]
    assert subjects(group, "desk@brazil.example") == subjects(group, "focal@unodc.example") == []
    (told,) = group("matters", focal("IOM"), topic="reminders")["items"]
    assert told["matter"]["url"] == "/workplans/2014"


def test_a_matter_kept_before_there_were_audiences_is_public_still(room):
    room.admit("BRAZIL")
    room.fetch("BRAZIL", room.subscribe("BRAZIL", "amqp"))
    room.publish_paper(1)
    room.settled(1)
    kept = room.database["matters"].find_one({"_id": "publications_1"})
    assert set(kept["matter"]) == {"kind", "title", "summary", "at", "url", "pillars", "data"}
    assert numbers_of(room("matters", NOBODY, topic="publications")) == [1]


def numbers_of(page: dict) -> list[int]:
    return [item["number"] for item in page["items"]]


def test_strangers_see_and_do_nothing(room):
    room.admit("BRAZIL")
    subscription = room.subscribe("BRAZIL", "amqp")
    own = {"subscriber": "BRAZIL", "subscription": subscription["id"]}
    attempts = {
        "get_subscriber": {"code": "BRAZIL"},
        "deliveries": {"subscriber": "BRAZIL"},
        "delivery_summary": {"subscriber": "BRAZIL"},
        "subscribers": {},
        "fetch_queue_credentials": own,
        "unsubscribe": own,
        "end_subscriber": {"code": "BRAZIL", "reason": "mischief"},
        "admit_subscriber": {"code": "PERU", "name": "Peru", "kind": "mission"},
        "subscribe": {"subscriber": "BRAZIL", "topics": ["briefings"], "channel": "amqp"},
        "confirm": {"token": f"{subscription['id']}.{'x' * 43}"},
        "send_again": {"delivery": "publications_1_BRAZIL_sub-1"},
    }
    for name, payload in attempts.items():
        with pytest.raises(Refusal) as refused:
            room(name, PERU, **payload)
        assert refused.value.kind in ("not_found", "not_allowed"), name
    assert room.state("BRAZIL", subscription) == "pending"
    with pytest.raises(Refusal) as absent:
        room("get_subscriber", PERU, code="CHILE")
    with pytest.raises(Refusal) as hidden:
        room("get_subscriber", PERU, code="BRAZIL")
    assert absent.value.detail.replace("CHILE", "BRAZIL") == hidden.value.detail


def test_the_same_order_twice_is_one_subscription_and_one_secret(room):
    room.admit("BRAZIL")
    asked = {"subscriber": "BRAZIL", "topics": ["briefings"], "channel": "webhook", "target": "https://hooks.example/"}
    first, second = (room("subscribe", BRAZIL, id="order-1", **asked) for _ in range(2))
    assert first == second
    assert first["secret"].startswith("whsec_")
    (kept,) = room("get_subscriber", BRAZIL, code="BRAZIL")["subscriptions"]
    assert "secret" not in kept


def test_what_is_refused_leaves_no_secret(room):
    room.admit("BRAZIL")
    kept = room.subscribe("BRAZIL", "mail", "desk@brazil.example")
    refused = [
        ("subscribe", PERU, {"subscriber": "BRAZIL", "channel": "amqp"}),
        ("subscribe", SECRETARIAT, {"subscriber": "CHILE", "channel": "amqp"}),
        ("subscribe", BRAZIL, {"subscriber": "BRAZIL", "channel": "mail", "target": "desk@brazil.example"}),
        ("subscribe", BRAZIL, {"subscriber": "BRAZIL", "channel": "webhook", "target": "https://user@hooks.example/"}),
    ]
    for what, by, payload in refused:
        with pytest.raises(Refusal):
            room(what, by, topics=["briefings"], **payload)
    stale = Order(id="stale", by=BRAZIL, at=AT, expected=99)
    with pytest.raises(Refusal) as behind:
        room.pool.call("notifications", "subscribe", {"subscriber": "BRAZIL", "channel": "amqp", "topics": ["briefings"]}, stale)
    assert behind.value.kind == "stale"
    assert [row["_id"] for row in room.database["secrets"].find()] == [kept["id"]]


def test_a_stranger_cannot_tell_who_subscribes(room):
    """The same answer of a subscriber that is there as of one that is not, whatever is ordered."""
    room.admit("BRAZIL")
    orders = {
        "unsubscribe": {"subscriber": "BRAZIL", "subscription": "x"},
        "fetch_queue_credentials": {"subscriber": "BRAZIL", "subscription": "x"},
        "subscribe": {"subscriber": "BRAZIL", "topics": ["briefings"], "channel": "mail", "target": "desk@brazil.example"},
        "end_subscriber": {"code": "BRAZIL", "reason": "mischief"},
        "admit_subscriber": {"code": "BRAZIL", "name": "Brazil", "kind": "mission"},
    }
    for what, payload in orders.items():
        answers = set()
        for code in ("BRAZIL", "CHILE"):
            with pytest.raises(Refusal) as refused:
                room(what, NOBODY, **{name: code if value == "BRAZIL" else value for name, value in payload.items()})
            answers.add((refused.value.kind, refused.value.rule, refused.value.detail.replace(code, "…")))
        assert len(answers) == 1, what


def test_old_news_is_not_for_who_confirmed_since(room):
    """An announcement that arrives again, or late, goes to those who had confirmed by its instant."""
    room.admit("BRAZIL")
    room.admit("PERU")
    room.fetch("BRAZIL", room.subscribe("BRAZIL", "amqp"))
    room.publish_paper(1)
    room.settled(1)
    later = room.subscribe("PERU", "amqp")
    month = {"at": AT + timedelta(days=30)}
    room("fetch_queue_credentials", PERU, subscriber="PERU", subscription=later["id"], **month)
    announced = room.eventually(lambda: room.database["journal"].find_one({"type": "icat.notifications.announced.v1"}))["event"]
    room.tell(announced)
    room.publish_paper(2)
    summary = room.settled(2)
    assert summary["by_mission"] == {"BRAZIL": {"sent": 2, "failed": 0, "waiting": 0}}
    room.publish_paper(3, **month)
    assert room.settled(4)["by_mission"]["PERU"] == {"sent": 1, "failed": 0, "waiting": 0}


def test_a_failing_webhook_waits_alone_and_can_be_sent_again(room):
    room.admit("BRAZIL")
    room.admit("PERU")
    hook = room.subscribe("BRAZIL", "webhook", room.hook.address)
    room.eventually(lambda: room.state("BRAZIL", hook) == "confirmed")
    room.fetch("PERU", room.subscribe("PERU", "amqp"))
    room.hook.failing = True
    room.publish_paper(1)
    room.eventually(lambda: room("deliveries", subscriber="PERU", state="sent")["items"])
    (waiting,) = room.eventually(lambda: room("deliveries", BRAZIL, state="retrying")["items"])
    assert waiting["why"] == waiting["why_said"]["en"] == "The webhook answered 503."
    assert (waiting["why_said"]["fr"], waiting["why_quoted"]) == ("Le webhook a répondu 503.", None)
    assert waiting["attempts"] == 1
    assert waiting["due"] > written(now())
    room.hook.failing = False
    again = room("send_again", BRAZIL, delivery=waiting["id"])
    assert again["state"] == "queued"
    room.settled(2)
    assert [id for id, _ in room.hook.notices] == [waiting["id"]]
    with pytest.raises(Refusal) as refused:
        room("send_again", BRAZIL, delivery=waiting["id"])
    assert refused.value.rule == "sent-once"


def test_a_delivery_is_tried_again_by_itself(room):
    room.admit("BRAZIL")
    hook = room.subscribe("BRAZIL", "webhook", room.hook.address)
    room.eventually(lambda: room.state("BRAZIL", hook) == "confirmed")
    room.hook.failing = True
    room.publish_paper(1)
    room.eventually(lambda: room("deliveries", state="retrying")["items"])
    room.hook.failing = False
    room.settled(1)
    (sent,) = room("deliveries", state="sent", topic="publications")["items"]
    assert (sent["attempts"], sent["why"]) == (2, None)


def test_leaving_by_the_mails_own_link_ends_it_and_withdraws_what_waits(room):
    room.admit("BRAZIL")
    confirmed_by_mail(room, "BRAZIL", "desk@brazil.example")
    room.publish_paper(1)
    room.settled(1)
    room.house.stop("mail")
    room.publish_paper(2)
    room.eventually(lambda: room("deliveries", state="retrying")["items"])
    room.house.start("mail")
    token = link(room, room.mails("desk@brazil.example")[1], UNSUBSCRIBE_PATH)
    for _ in range(2):
        assert room("unsubscribe", NOBODY, token=token)["state"] == "ended"
    room.settled(1, failed=1)
    (withdrawn,) = room("deliveries", BRAZIL, state="given_up")["items"]
    assert withdrawn["why"] == "The subscription has ended: unsubscribed"
    with pytest.raises(Refusal) as refused:
        room("send_again", BRAZIL, delivery=withdrawn["id"])
    assert refused.value.rule == "subscription-ended"
    room.publish_paper(3)
    room.eventually(lambda: room("matters", topic="publications")["last"] == 3)
    room.settled(1, failed=1)


def test_hanging_webhooks_hold_up_nobody_else(room):
    room.admit("BRAZIL")
    hanging = [room.subscribe("BRAZIL", "webhook", f"{room.hook.address}hang/{n}") for n in range(10)]
    for subscription in hanging:
        room.eventually(lambda s=subscription: room.state("BRAZIL", s) == "confirmed")
    room.admit("PERU")
    prompt = room.subscribe("PERU", "webhook", room.hook.address)
    room.eventually(lambda: room.state("PERU", prompt) == "confirmed")
    room.hook.hanging.clear()
    room.publish_paper(1)
    began = time.monotonic()
    room.eventually(lambda: room("delivery_summary", PERU)["sent"] == 1, seconds=5)
    assert time.monotonic() - began < 5
    assert room("delivery_summary", BRAZIL)["waiting"] == 10
    room.hook.hanging.set()
    room.settled(11)


def test_a_full_queue_refuses_and_says_so(room, monkeypatch):
    room.admit("BRAZIL")
    queue = room.subscribe("BRAZIL", "amqp")
    room.fetch("BRAZIL", queue)
    room.delete_queues()
    connection = pika.BlockingConnection(pika.URLParameters(room.house.amqp_uri))
    arguments = {"x-queue-type": "classic", "x-max-length": 1, "x-overflow": "reject-publish"}  # smaller than ours
    connection.channel().queue_declare(queue["target"], durable=True, arguments=arguments)
    for _ in range(3):
        connection.channel().basic_publish("", queue["target"], b"{}")
    room.publish_paper(1)
    (waiting,) = room.eventually(lambda: room("deliveries", BRAZIL, state="retrying")["items"])
    assert "queue" in waiting["why"]
    connection.channel().queue_delete(queue["target"])
    connection.close()
    room("send_again", BRAZIL, delivery=waiting["id"])
    room.settled(1)


def test_a_queue_someone_removed_is_made_again(room):
    room.admit("BRAZIL")
    room.fetch("BRAZIL", room.subscribe("BRAZIL", "amqp"))
    room.delete_queues()
    room.publish_paper(1)
    room.settled(1)
    assert room.queue(room.queues["BRAZIL"]).message_count == 1


def test_an_ended_subscription_takes_its_queue_with_it(room):
    room.admit("BRAZIL")
    first = room.subscribe("BRAZIL", "amqp")
    room.fetch("BRAZIL", first)
    room.publish_paper(1)
    room.settled(1)
    room("unsubscribe", BRAZIL, subscriber="BRAZIL", subscription=first["id"])
    room.eventually(lambda: answer_to(room.house.amqp_uri, lambda channel: channel.queue_declare(first["target"], passive=True)) == 404)
    second = room.subscribe("BRAZIL", "amqp")
    assert second["target"] != first["target"]
    room.fetch("BRAZIL", second)
    ended = {"subscriber": "BRAZIL", "subscription": first["id"], "because": "unsubscribed"}
    room.happen(c.SubscriptionEnded, ended, sequence=9, times=2)
    room.publish_paper(2)
    room.settled(2)
    assert room.queue(second["target"]).message_count == 1
    assert room.queue("notifications.events").message_count == room.queue("notifications.events.retry.1").message_count == 0


# What a mission is handed -----------------------------------------------------------------------------------------------------------------


def answer_to(uri: str, what: Callable[[Any], Any]) -> int:
    """The broker's code for what a user tries: 200 where it is done. On a connection of its own, since a refusal ends the channel."""
    with pika.BlockingConnection(pika.URLParameters(uri)) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        try:
            what(channel)
        except pika.exceptions.ChannelClosedByBroker as closed:
            return closed.reply_code
    return 200


def test_what_a_mission_is_handed_opens_its_queue_and_nothing_else(room):
    for code in ("BRAZIL", "PERU"):
        room.admit(code)
        room.fetch(code, room.subscribe(code, "amqp"))
    room.publish_paper(1)
    room.settled(2)
    uri, own, other = room.uris["BRAZIL"], room.queues["BRAZIL"], room.queues["PERU"]

    tried = {
        # Commands in anybody's name, facts that never happened, notices to others: by key, by queue, with whatever body.
        "publish to nameko-rpc": lambda channel: channel.basic_publish("nameko-rpc", "chairs.nobody_listens", b"{}"),
        **{
            f"publish to icat.{producer}": lambda channel, e=f"icat.{producer}": channel.basic_publish(e, "nobody.listens", b"{}")
            for producer in ("chairs", "workplan", "documents", "notifications")
        },
        "publish to a queue": lambda channel: channel.basic_publish("", "nobody.listens", b"{}"),
        "publish to amq.topic": lambda channel: channel.basic_publish("amq.topic", "nobody.listens", b"{}"),
        # What is the platform's own to read.
        **{
            f"read {queue.name}": lambda channel, q=queue.name: channel.basic_get(q)
            for queue in topology.queues()
            if not queue.name.startswith("notifications")  # there the running service reads
        },
        "read another's queue": lambda channel: channel.basic_get(other),
        "read one of a name like its own": lambda channel: channel.basic_get(own.replace(".", "x")),
        "read one whose name begins as its own": lambda channel: channel.basic_get(f"{own}0"),
        "declare a queue": lambda channel: channel.queue_declare("mission.brazil.more"),
        "declare an unnamed queue": lambda channel: channel.queue_declare("", exclusive=True),
        "declare an exchange": lambda channel: channel.exchange_declare("icat.brazil"),
        "bind": lambda channel: channel.queue_bind(own, "icat.workplan", "#"),
        "delete a queue": lambda channel: channel.queue_delete(own),
        "delete an exchange": lambda channel: channel.exchange_delete("icat.nobody"),
    }
    assert {name: answer_to(uri, what) for name, what in tried.items()} == dict.fromkeys(tried, 403)
    assert answer_to(room.house.amqp_uri, tried["publish to nameko-rpc"]) == 200
    assert answer_to(room.house.amqp_uri, tried["read chairs.events"]) == 200

    heard: list[dict] = []
    Mission(uri, own).each(heard.append, idle=1)
    assert numbers(heard) == [1]
    assert room.queue(other).message_count == 1


@pytest.mark.parametrize("missing", ["ICAT_MISSION_AMQP_URI", "ICAT_BROKER_MANAGEMENT_URL"])
def test_where_no_users_can_be_made_no_queue_is_offered(room, missing):
    room.admit("BRAZIL")
    asked = room.subscribe("BRAZIL", "amqp")
    room.house.stop("notifications")
    with room.second_copy(**{missing: ""}) as copy:
        room.eventually(lambda: room.queue("rpc-notifications").consumer_count == 1)
        for code, order in (("PERU", room.subscribe), ("BRAZIL", lambda code, _: room.fetch(code, asked))):
            with pytest.raises(Refusal) as refused:
                order(code, "amqp")
            assert (refused.value.kind, refused.value.rule) == ("unavailable", "no-queues")
            assert missing in refused.value.detail
        assert room.state("BRAZIL", asked) == "pending"
        assert room.subscribe("BRAZIL", "mail", "desk@brazil.example")["state"] == "pending"
    assert copy.returncode == 0


def test_two_copies_send_each_delivery_once(room):
    with room.second_copy() as second:
        room.eventually(lambda: room.queue("notifications.events").consumer_count == 2)
        room.admit("BRAZIL")
        hooks = [room.subscribe("BRAZIL", "webhook", f"{room.hook.address}{n}") for n in range(10)]
        for hook in hooks:
            room.eventually(lambda s=hook: room.state("BRAZIL", s) == "confirmed")
        for number in range(1, 6):
            room.publish_paper(number)
        room.settled(50)
        assert len(room.hook.notices) == len({id for id, _ in room.hook.notices}) == 50
    assert second.returncode == 0


def test_pages_of_deliveries_hold_each_once(room):
    room.admit("BRAZIL")
    room.fetch("BRAZIL", room.subscribe("BRAZIL", "amqp"))
    for number in range(1, 8):
        room.publish_paper(number)
    room.settled(7)
    found, after = [], None
    while True:
        page = room("deliveries", limit=3, after=after)
        found += [delivery["number"] for delivery in page["items"]]
        if (after := page["next"]) is None:
            break
    assert sorted(found) == list(range(1, 8))
    with pytest.raises(Refusal) as refused:
        room("deliveries", after="nonsense")
    assert (refused.value.field, refused.value.rule) == ("after", "cursor")
    assert c.MattersAnswer().validate(room("matters", topic="publications", limit=2)) == {}


# The missions' client ---------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def queue(house):
    """A mission's queue with three notices, the second there twice."""
    name = f"mission.t{uuid.uuid4().hex[:6]}"
    connection = pika.BlockingConnection(pika.URLParameters(house.amqp_uri))
    channel = connection.channel()
    channel.queue_declare(name, durable=True, arguments=ARGUMENTS)
    for number in (1, 2, 2, 3):
        body = json.dumps(
            {"type": "icat.publications.published", "timestamp": written(AT), "data": {"topic": "publications", "number": number}}
        )
        channel.basic_publish("", name, body, pika.BasicProperties(message_id=f"publications_{number}", delivery_mode=2))
    connection.close()
    yield name
    with pika.BlockingConnection(pika.URLParameters(house.amqp_uri)) as connection:
        connection.channel().queue_delete(name)


def numbers(heard: list) -> list[int]:
    return [notice["data"]["number"] for notice in heard]


def test_the_client_passes_over_what_it_has_had(house, queue, tmp_path):
    heard: list[dict] = []
    reader = Mission(house.amqp_uri, queue, tmp_path / "memory.json")
    reader.each(heard.append, idle=0.5)
    assert numbers(heard) == [1, 2, 3]
    assert reader.last == {"publications": 3}
    assert Mission(house.amqp_uri, queue, tmp_path / "memory.json").last == {"publications": 3}


def test_the_client_acknowledges_after_the_handler_only(house, queue, tmp_path):
    heard: list[dict] = []

    def handler(notice: dict) -> None:
        if notice["data"]["number"] == 2 and len(heard) < 2:
            heard.append({"data": {"number": "failed"}})
            raise OSError("the disk is full")
        heard.append(notice)

    reader = Mission(house.amqp_uri, queue, tmp_path / "memory.json")
    with pytest.raises(OSError, match="disk"):
        reader.each(handler, idle=0.5)
    Mission(house.amqp_uri, queue, tmp_path / "memory.json").each(handler, idle=0.5)
    assert numbers(heard) == [1, "failed", 2, 3]


def test_the_client_comes_back_after_the_broker_died(house, queue, eventually):
    heard: list[dict] = []
    reader = Mission(house.amqp_uri, queue)
    thread = threading.Thread(target=reader.each, args=(heard.append,), kwargs={"idle": 8}, daemon=True)
    thread.start()
    eventually(lambda: len(heard) == 3)
    house.kill("broker")
    house.wait_ready("broker")

    def publish() -> bool:
        with pika.BlockingConnection(pika.URLParameters(house.amqp_uri)) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            body = json.dumps({"data": {"topic": "publications", "number": 4}})
            channel.basic_publish("", queue, body, pika.BasicProperties(message_id="publications_4", delivery_mode=2), mandatory=True)
        return True

    eventually(publish, 40)
    eventually(lambda: numbers(heard) == [1, 2, 3, 4], 40)
    thread.join(30)
    assert not thread.is_alive()
