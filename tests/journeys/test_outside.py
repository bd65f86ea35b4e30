"""What the demo's missions have at home counts what it should, and takes nothing unsigned."""

import json
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import requests
from standardwebhooks import Webhook

from launcher.demo.outside import Mailboxes, Received, Receiver


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
    assert boxes.invitations() == []


def _mail(folder: Path, id: str, to: str, subject: str, text: str, topic: str | None = None) -> None:
    mail = EmailMessage(policy=SMTP)
    mail["To"], mail["Subject"], mail["Message-ID"] = to, subject, f"<{id}@localhost>"
    if topic:
        mail["List-Id"] = f"<{topic}.localhost>"
    mail.set_content(text, cte="quoted-printable")
    (folder / f"{id}.eml").write_bytes(mail.as_bytes())
