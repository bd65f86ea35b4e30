"""Mail that comes back: sent by SMTP and LMTP to the real receiver, which has the real service suspend what it concerns."""

import re
import smtplib
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from aiosmtpd.controller import Controller

from contracts.notifications import CONFIRM_PATH
from launcher.home import claim_port
from services.kernel import Actor
from services.kernel.actor import SYSTEM_ACTOR
from services.notifications import bounces
from tests.services.letters import BRIEFING
from tests.services.room import SECRETARIAT, refusal
from tests.services.test_notifications import AT, BRAZIL, NOBODY, PERU, Notifications, confirmed_by_mail, link, subjects
from tests.services.test_notifications_mail import FAILED, MTA, OTHERS, report

ADDRESS, SECOND = "desk@brazil.example", "second@brazil.example"
GONE = report(MTA, FAILED.format("5.1.1", "550 5.1.1 desk@brazil.example: User unknown"))
FULL = (MTA, FAILED.format("4.2.2", "452 4.2.2 Mailbox full"))


@pytest.fixture
def room(house, eventually) -> Iterator[Notifications]:
    """The service, empty and ready, and the receiver of bounces; Brazil has two addresses, and Peru shares the first."""
    house.start("bounces")
    house.wait_ready("bounces")
    with Notifications(house, eventually, "notifications", at=AT).alone() as room:
        room.admit("BRAZIL")
        room.admit("PERU")
        room.first = confirmed_by_mail(room, "BRAZIL", ADDRESS)
        room.second = confirmed_by_mail(room, "BRAZIL", SECOND)
        room.shared = room.subscribe("PERU", "mail", ADDRESS)
        room.eventually(lambda: len(room.mails(ADDRESS)) == 2)
        yield room
    house.stop("bounces")


def returns_to(room: Notifications, address: str) -> str:
    """Where the first mail to an address comes back to."""
    return room.mails(address)[0]["Return-Path"].strip("<>")


@contextmanager
def dialogue(room: Notifications, protocol=smtplib.SMTP):
    host, _, port = room.house.bounces.rpartition(":")
    with protocol(host, int(port), timeout=20) as smtp:
        yield smtp


def send(room: Notifications, to: str, content: bytes, protocol=smtplib.SMTP) -> int:
    """Return a mail as a mail server does, from nobody; the code it is answered with."""
    with dialogue(room, protocol) as smtp:
        smtp.ehlo_or_helo_if_needed()
        smtp.mail("")
        code, _ = smtp.rcpt(to)
        return code if code != 250 else smtp.data(content)[0]


def states(room: Notifications) -> list[str]:
    return [room.state("BRAZIL", room.first), room.state("BRAZIL", room.second), room.state("PERU", room.shared)]


def test_a_permanent_failure_suppresses_the_address_and_suspends_all_that_goes_there(room):
    to = returns_to(room, ADDRESS)
    assert re.fullmatch(rf"bounces\+{room.first['id']}\.[a-z2-7]{{24}}@localhost", to)
    assert send(room, to.upper().replace("@LOCALHOST", "@localhost"), GONE) == 250
    assert states(room) == ["suspended", "confirmed", "suspended"]
    (suppressed,) = room("suppressions")["items"]
    assert suppressed["address"] == ADDRESS
    assert "5.1.1" in suppressed["why"]

    for code, person in (("PERU", PERU), ("BRAZIL", BRAZIL)):
        refused = refusal(
            lambda code=code, person=person: room("subscribe", person, subscriber=code, channel="mail", target=ADDRESS, topics=["workplan"])
        )
        assert refused.kind == "conflict"
        assert refused.rule in ("address-suppressed", "one-per-target")
        assert ADDRESS not in refused.detail
    # Its owner is told where mail still goes, and nothing goes where it does not.
    room.eventually(lambda: any("5.1.1" in mail.get_body(("plain",)).get_content() for mail in room.mails(SECOND)))
    before = len(room.mails(ADDRESS))
    room.publish_paper(1)
    room.settled(1)
    assert len(room.mails(ADDRESS)) == before
    assert subjects(room, SECOND)[-1] == "Issue paper 1 published: Paper 1"

    assert send(room, to, GONE) == 250  # again, and late
    (again,) = room("suppressions")["items"]
    assert again == suppressed
    told = room.names("subscriber/BRAZIL")
    assert told.count("subscription_suspended") == 1


def test_a_lifted_address_is_confirmed_anew(room):
    assert send(room, returns_to(room, ADDRESS), GONE, smtplib.LMTP) == 250
    for person in (BRAZIL, NOBODY, Actor("reader", None, frozenset({"reader"}))):
        assert refusal(lambda person=person: room("lift_suppression", person, address=ADDRESS)).kind == "not_allowed"
        assert refusal(lambda person=person: room("suppressions", person)).kind == "not_allowed"
    assert refusal(lambda: room("lift_suppression", address="nobody@brazil.example")).kind == "not_found"
    suspended = {"subscriber": "BRAZIL", "subscription": room.first["id"]}
    assert refusal(lambda: room("resume_subscription", BRAZIL, **suspended)).rule == "address-suppressed"
    room("lift_suppression", address=ADDRESS)
    room("lift_suppression", address=ADDRESS)
    assert room("suppressions")["items"] == []
    assert states(room)[0] == "suspended"
    mails = len(room.mails(ADDRESS))
    room("resume_subscription", BRAZIL, **suspended)
    room.eventually(lambda: len(room.mails(ADDRESS)) > mails)
    room("confirm", NOBODY, token=link(room, room.mails(ADDRESS)[-1], CONFIRM_PATH))
    assert states(room)[0] == "confirmed"
    # What was said before counts no more; what is said now does.
    assert send(room, returns_to(room, ADDRESS), GONE) == 250
    assert states(room)[0] == "confirmed"
    assert send(room, returns_to(room, ADDRESS), GONE.replace(b"Returned mail", b"Returned again")) == 250
    assert states(room)[0] == "suspended"


def test_the_third_failure_that_might_have_passed_is_one_that_does_not(room):
    to = returns_to(room, ADDRESS)
    for number in range(2):
        assert send(room, to, report(*FULL, text=f"Return {number}")) == 250
        assert send(room, to, report(*FULL, text=f"Return {number}")) == 250  # the same mail is the same report
    assert states(room)[0] == "confirmed"
    assert send(room, to, report(*FULL, text="Return 2")) == 250
    assert states(room) == ["suspended", "confirmed", "suspended"]


def test_a_reader_who_complains_is_written_to_no_more(room):
    assert send(room, returns_to(room, ADDRESS), report("Feedback-Type: abuse\r\nVersion: 1", kind="feedback-report")) == 250
    assert states(room)[0] == "suspended"
    assert "unwanted" in room("suppressions")["items"][0]["why"]


def test_what_says_nothing_and_what_is_forged_changes_nothing(room):
    to = returns_to(room, ADDRESS)
    for content in OTHERS:
        too_long = any(len(line) > 1_000 for line in content.splitlines())  # for SMTP itself (RFC 5321, 4.5.3.1.6)
        assert send(room, to, content) == (500 if too_long else 250)
    proof = to.partition(".")[2].partition("@")[0]
    for forged in (
        to.replace(proof, "a" * 24),
        to.replace(room.first["id"], room.second["id"]),
        to.replace(room.first["id"], "sub-000000000000"),
    ):
        assert send(room, forged, GONE) == 550
    for other in (
        "postmaster@localhost",
        to.replace("@localhost", "@elsewhere.example"),
        "bounces+short@localhost",
        "bounces@localhost",
        ADDRESS,
    ):
        assert send(room, other, GONE) == 550
    for person in (BRAZIL, SECRETARIAT, NOBODY):
        told = {"token": to.partition("+")[2].partition("@")[0], "status": "5.1.1"}
        assert refusal(lambda person=person, told=told: room("report_bounce", person, **told)).rule == "own-receiver"
    assert refusal(lambda: room("report_bounce", SYSTEM_ACTOR, token="x" * 30, status="5.1.1")).kind == "not_found"
    with dialogue(room) as smtp:
        smtp.ehlo()
        smtp.mail("")
        assert smtp.rcpt(to)[0] == 250
        assert smtp.rcpt(to)[0] == 452
    assert states(room) == ["confirmed", "confirmed", "pending"]
    assert room("suppressions")["items"] == []


def test_a_huge_mail_or_an_endless_line_is_refused_and_the_next_one_taken(room):
    to = returns_to(room, ADDRESS)
    assert send(room, to, GONE + b"x" * 60 + (b"\r\n" + b"y" * 70) * (bounces.LARGEST // 60)) == 552
    host, _, port = room.house.bounces.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=20) as line, pytest.raises(OSError):
        line.sendall(f"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<{to}>\r\nDATA\r\n".encode())
        for _ in range(2 * bounces.SESSION_BYTES // 1_000_000):
            line.sendall(b"z" * 1_000_000)
    assert send(room, to, GONE) == 250
    assert states(room)[0] == "suspended"


def test_a_report_is_taken_only_once_the_service_has_it(room):
    to = returns_to(room, ADDRESS)
    with room.stopped():
        assert send(room, to, GONE) == 451
    assert states(room)[0] == "confirmed"
    assert send(room, to, GONE) == 250
    assert states(room)[0] == "suspended"


def test_no_address_or_token_is_in_a_log_or_an_event(room):
    to = returns_to(room, ADDRESS)
    assert send(room, to, GONE) == 250
    logged = room.log() + room.house.home.log("bounces").read_text()
    assert "reported 5.1.1" in logged
    for secret in (to, to.partition(".")[2].partition("@")[0], ADDRESS, "User unknown"):
        assert secret not in logged
    assert not any(ADDRESS in repr(entry) for entry in room.database["journal"].find())


class Door:
    """A mail server that answers for each address as it is told."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        return "250 OK"


def test_an_address_refused_at_the_door_is_as_one_that_came_back(room):
    door = Door()
    door.answers = {ADDRESS: "550 5.1.1 No such user", SECOND: "554 5.7.1 Relay access denied"}
    port = claim_port()
    controller = Controller(door, hostname="127.0.0.1", port=port)
    controller.start()
    room.house.stop("notifications")
    try:
        with room.second_copy(ICAT_SMTP_URL=f"smtp://127.0.0.1:{port}"):
            room.eventually(lambda: room.copies() == 1)
            room.publish_paper(1)
            room.settled(0, 2)
            room.eventually(lambda: states(room) == ["suspended", "confirmed", "suspended"])
            # The server refused us, not the address.
            assert [item["address"] for item in room("suppressions")["items"]] == [ADDRESS]
    finally:
        controller.stop()
        room.house.start("notifications")
        room.house.wait_ready("notifications")


# Previews


def preview(room: Notifications, by: Actor = SECRETARIAT, **asked) -> dict:
    return room("preview", by, **asked)


def kept_in(room) -> dict[str, int]:
    """How much each collection holds; not of the journal, which fills behind what was ordered before."""
    return {name: room.database[name].count_documents({}) for name in room.database.list_collection_names() if name != "journal"}


def test_a_preview_shows_a_mail_before_it_goes_out_and_keeps_nothing(room):
    event = {name: value for name, value in BRIEFING.items()} | {"starts_at": "2015-01-20T15:00:00Z", "ends_at": "2015-01-20T17:00:00Z"}
    confirmed_by_mail(room, "PERU", "desk@peru.example", topics=["briefings"])
    before = kept_in(room)
    shown = preview(room, event="workplan.briefing_announced", payload=event, language="fr")
    assert shown["subject"] == "Réunion d'information : Consultation <with> permanent missions"
    assert "Ordre du jour" in shown["text"]
    assert "<html" in shown["html"]
    assert "BEGIN:VEVENT" in shown["calendar"]
    assert shown["notice"]["data"]["topic"] == "briefings"
    assert shown["notice"]["data"]["number"] == 1
    assert shown["reach"] == {"mail": 1}
    assert before == kept_in(room)
    assert room("matters", topic="briefings")["last"] == 0
    for address in (ADDRESS, SECOND, "desk@peru.example"):
        assert address not in repr(shown)
    for token in set(re.findall(r"token=([\w.~-]+)", shown["text"])):
        assert refusal(lambda token=token: room("unsubscribe", NOBODY, token=token)).kind == "not_found"


def test_a_preview_of_what_has_a_number_is_what_was_told(room):
    room.publish_paper(1)
    room.settled(2)
    shown = preview(room, topic="publications", number=1)
    assert shown["subject"] == "Issue paper 1 published: Paper 1"
    assert shown["calendar"] is None
    assert shown["reach"] == {"mail": 2}
    assert refusal(lambda: preview(room, topic="publications", number=2)).kind == "not_found"


def test_a_preview_is_the_secretariats_and_asked_for_in_one_way_by_the_contract_of_its_event(room):
    for by in (BRAZIL, NOBODY, Actor("focal point", "IOM", frozenset({"focal_point"}))):
        for asked in ({"topic": "publications", "number": 1}, {"event": "workplan.briefing_announced", "payload": {}}):
            assert refusal(lambda by=by, asked=asked: preview(room, by, **asked)).kind == "not_allowed"
    for asked, field in (
        ({}, "event"),
        ({"topic": "publications"}, "event"),
        ({"topic": "publications", "number": 1, "event": "documents.published", "payload": {}}, "event"),
        ({"event": "documents.commented", "payload": {}}, "event"),
        ({"event": "chairs.composition_changed", "payload": {}}, "event"),
        ({"event": "no.such_thing", "payload": {}}, "event"),
        ({"event": "workplan.briefing_announced", "payload": {"briefing": "x", "unknown": 1}}, "payload."),
    ):
        refused = refusal(lambda asked=asked: preview(room, **asked))
        assert refused.kind == "invalid"
        assert field in repr(vars(refused))
