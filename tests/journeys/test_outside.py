"""What the demo's people have at home: counts what it should, takes nothing unsigned, reads calendars and writes sheets."""

import io
import json
import socket
import zipfile
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from openpyxl import Workbook
from standardwebhooks import Webhook

from launcher.demo.outside import REPLYING, Mailboxes, Received, Receiver, entries_of, language_of, link_in, return_mail, token_of
from launcher.demo.sheet import Sheet
from launcher.demo.word import W, Word
from launcher.home import claim_port


def test_a_receiver_echoes_a_challenge_keeps_what_is_signed_and_refuses_the_rest() -> None:
    with Receiver() as receiver:
        address, secret = receiver.open("BRA")

        def call(content: dict, id: str, key: str = secret) -> requests.Response:
            body, at = json.dumps(content), datetime.now(UTC)
            headers = {
                "webhook-id": id,
                "webhook-timestamp": str(int(at.timestamp())),
                "webhook-signature": Webhook(key).sign(id, at, body),
            }
            return requests.post(address, data=body, headers=headers, timeout=10)

        assert call({"type": "icat.notifications.challenge", "challenge": "abc"}, "c1").json() == {"challenge": "abc"}
        assert call({"type": "icat.publications.published"}, "m1").status_code == 200
        assert call({"type": "icat.publications.published"}, "m2", receiver.open("PER")[1]).status_code == 401
        assert receiver.received == [Received("webhook", "BRA", "m1")]
        assert receiver.unsigned == 1


def test_mailboxes_find_the_token_count_matters_and_see_what_is_mentioned(tmp_path: Path) -> None:
    _mail(tmp_path, "1", "bra@missions.example", "Please confirm", "http://x/subscriptions/confirm?token=sub.a-b_c")
    _mail(tmp_path, "2", "bra@missions.example", "Issue paper 2", "Read it: über uns", topic="publications")
    boxes = Mailboxes(tmp_path)
    assert boxes.tokens() == {"bra@missions.example": "sub.a-b_c"}
    assert list(boxes.received({"bra@missions.example": "BRA"})) == [Received("mail", "BRA", "2")]
    assert [mail["Subject"] for mail in boxes.mention("über uns")] == ["Issue paper 2"]
    assert boxes.mention("No demand") == []
    assert boxes.invitations("meeting-1@icat") == []


def test_a_receiver_counts_what_is_signed_with_two_secrets_and_takes_it_by_either() -> None:
    with Receiver() as receiver:
        address, earlier = receiver.open("AUT")
        receiver.open("AUT")
        body, at = json.dumps({"type": "icat.publications.published"}), datetime.now(UTC)
        both = " ".join(Webhook(key).sign("m1", at, body) for key in (earlier, receiver.secrets["AUT"]))
        headers = {"webhook-id": "m1", "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": both}
        for secret in (earlier, receiver.secrets["AUT"]):
            receiver.secrets["AUT"] = secret
            assert requests.post(address, data=body, headers=headers, timeout=10).status_code == 200
        assert (receiver.signed_twice, receiver.unsigned) == (2, 0)


def test_a_mail_says_its_language_and_where_its_link_leads(tmp_path: Path) -> None:
    link = "http://x/briefings/consultation/reply?token=sub.a-b_c"
    _mail(tmp_path, "1", "bra@missions.example", "Consultation", f"Venez :\n{link}\n", language="fr")
    (mail,) = Mailboxes(tmp_path).mails()
    assert language_of(mail) == "fr"
    assert link_in(mail, REPLYING) == link
    assert token_of(link) == "sub.a-b_c"
    assert link_in(mail, "/subscriptions/confirm?") is None


def test_a_closed_mailbox_returns_a_mail_to_its_envelope_from_nobody(tmp_path: Path) -> None:
    _mail(tmp_path, "1", "cub@missions.example", "Issue paper 2", "Read it", returned_to="bounces+sub.abc@icat.example")
    (mail,) = Mailboxes(tmp_path).mails()
    came: list[tuple[str | None, list[str], bytes]] = []

    class Kept:
        async def handle_DATA(self, server: object, session: object, envelope: Envelope) -> str:
            came.append((envelope.mail_from, envelope.rcpt_tos, envelope.original_content))
            return "250 OK"

    port = claim_port()
    server = Controller(Kept(), hostname="127.0.0.1", port=port)
    server.start()
    try:
        assert return_mail(f"127.0.0.1:{port}", mail) == 250
    finally:
        server.stop()
    ((sender, to, content),) = came
    assert (sender, to) == ("<>", ["bounces+sub.abc@icat.example"])
    (report,) = (part for part in message_from_bytes(content, policy=SMTP).walk() if part.get_content_type() == "message/delivery-status")
    assert [block["Status"] for block in report.iter_parts()] == [None, "5.1.1"]


CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//EN
BEGIN:VEVENT
UID:meeting-1@icat
SEQUENCE:2
DTSTAMP:20140522T100000Z
DTSTART:20140612T080000Z
SUMMARY:Meeting
END:VEVENT
END:VCALENDAR
"""


def test_an_invitation_is_found_by_its_entry_and_read_as_a_calendar_does(tmp_path: Path) -> None:
    mail = EmailMessage(policy=SMTP)
    mail["To"], mail["Subject"] = "iom@agencies.example", "Meeting"
    mail.set_content("Come")
    mail.add_alternative(CALENDAR, subtype="calendar", cte="base64")
    (tmp_path / "1.eml").write_bytes(mail.as_bytes())
    assert [found["Subject"] for found in Mailboxes(tmp_path).invitations("meeting-1@icat")] == ["Meeting"]
    assert Mailboxes(tmp_path).invitations("meeting-2@icat") == []
    starts = datetime(2014, 6, 12, 8, tzinfo=UTC)
    assert entries_of(CALENDAR.encode()) == [{"uid": "meeting-1@icat", "sequence": 2, "starts": starts, "title": "Meeting"}]


def test_a_cell_of_a_sheet_is_found_by_row_and_heading() -> None:
    book, kept = Workbook(), io.BytesIO()
    page = book.create_sheet("Needs")
    for row in (("Activity", "Need", "Amount"), ("meetings", "rooms", 5), ("meetings", "travel", 7)):
        page.append(row)
    book.save(kept)
    sheet = Sheet(kept.getvalue())
    sheet.write("Needs", ("meetings", "travel"), "Amount", 9)
    assert [row[2].value for row in Sheet(sheet.saved()).book["Needs"]] == ["Amount", 5, 9]
    with pytest.raises(StopIteration):
        sheet.write("Needs", ("meetings", "staff"), "Amount", 9)


def test_what_is_added_in_word_is_tracked_and_stands_behind_the_words_it_was_added_to() -> None:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as package:
        runs = "".join(f"<w:r><w:rPr><w:b/></w:rPr><w:t>{words}</w:t></w:r>" for words in ("We ask.", " They answer."))
        package.writestr("word/document.xml", f'<w:document xmlns:w="{W}"><w:body><w:p>{runs}</w:p></w:body></w:document>')
        package.writestr("word/styles.xml", "<styles/>")
    word = Word(kept.getvalue(), "OHCHR", "2014-03-14T09:00:00Z")
    word.add("We ask.", " Twice.")
    changed = Word(word.saved())
    assert changed.words == "We ask. Twice. They answer."
    assert (changed.changes("ins"), changed.changes("del")) == (1, 0)
    assert changed.parts["word/styles.xml"] == b"<styles/>"
    with pytest.raises(StopIteration):
        word.add("We never said this.", "!")


def _mail(
    folder: Path, id: str, to: str, subject: str, text: str, topic: str | None = None, language: str = "", returned_to: str = ""
) -> None:
    mail = EmailMessage(policy=SMTP)
    mail["To"], mail["Subject"], mail["Message-ID"] = to, subject, f"<{id}@localhost>"
    if topic:
        mail["List-Id"] = f"<{topic}.localhost>"
    if returned_to:
        mail["Return-Path"] = f"<{returned_to}>"
    mail.set_content(text, cte="quoted-printable")
    if language:
        mail.add_alternative(f'<html lang="{language}" dir="ltr"><p>{text}</p></html>', subtype="html")
    (folder / f"{id}.eml").write_bytes(mail.as_bytes())


def test_a_call_cut_short_is_no_call() -> None:
    with Receiver() as receiver:
        address, _ = receiver.open("BRA")
        for said in (b"POST /BRA HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf", b"POST /BRA HTTP/1.1\r\nHost: x\r\n"):
            with socket.create_connection(("127.0.0.1", urlsplit(address).port)) as caller:
                caller.sendall(said)
                caller.shutdown(socket.SHUT_WR)
                assert caller.recv(100) == b""
        assert (receiver.unsigned, receiver.received) == (0, [])
