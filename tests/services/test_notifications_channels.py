"""Each channel against the real other side on the loopback: a mail server, a web server, and the parsers of others."""

import json
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import icalendar
import pytest
from aiosmtpd.controller import Controller
from standardwebhooks import Webhook, WebhookVerificationError

from launcher.home import claim_port
from services.kernel import utc
from services.notifications import rules
from services.notifications.channels import Parcel, Undelivered, notice
from services.notifications.channels import webhook as webhook_module
from services.notifications.channels.mail import MailChannel
from services.notifications.channels.webhook import WebhookChannel

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
AT = utc(2015, 1, 5, 9)
BRIEFING = {
    "briefing": "consultation-2015",
    "uid": "consultation-2015@icat.example",
    "revision": 0,
    "title": "Consultation <with> permanent missions",
    "kind": "consultation",
    "starts_at": utc(2015, 1, 20, 15),
    "ends_at": utc(2015, 1, 20, 17),
    "place": "New York",
    "on_margins_of": "",
    "agenda": ["Priorities for 2015; and beyond"],
    "papers": [{"title": "Programme", "url": "/documents/programme"}],
    "pillars": [],
}


def told(kind: str = "briefing_announced", **changes) -> dict:
    matter = rules.matters.briefing(kind, {**BRIEFING, **changes}, AT)
    return {"topic": matter.topic, "number": 4, "matter": {name: value for name, value in vars(matter).items() if name != "topic"}}


def called(kind: str = "meeting_called", **changes) -> dict:
    """A meeting of the Group, as numbered."""
    event = {name: BRIEFING[name] for name in ("revision", "title", "starts_at", "ends_at", "place")} | {
        "meeting": "january-2015",
        "uid": "meeting-january-2015@icat.example",
        "link": "https://meet.example/icat",
        "entities": ["IOM", "UNHCR"],
        "agenda": [{"item": "item-1", "title": "The workplan; its gaps", "papers": BRIEFING["papers"], "entity": None}],
        **changes,
    }
    matter = rules.matters.meeting(kind, event, AT)
    return {"topic": matter.topic, "number": 3, "matter": {name: value for name, value in vars(matter).items() if name != "topic"}}


def published(title: str) -> dict:
    words = {"en": title, "fr": title}
    matter = {"kind": "published", "title": words, "summary": words, "at": AT, "url": "/documents/p", "pillars": [], "data": {}}
    return {"topic": "publications", "number": 1, "matter": matter}


# Mail -----------------------------------------------------------------------------------------------------------------------------------


class Mailbox:
    """A mail server's handler: keeps what it accepts, refuses the addresses it is told to."""

    def __init__(self) -> None:
        self.received: list = []
        self.refused: dict[str, str] = {}
        self.answer = "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.answer.startswith("250"):
            self.received.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=default)))
        return self.answer


@pytest.fixture
def mailbox():
    handler = Mailbox()
    port = claim_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    handler.channel = MailChannel(f"smtp://127.0.0.1:{port}", "ICAT <no-reply@icat.example>", "https://icat.example/")
    yield handler
    controller.stop()


def mailed(mailbox, parcel: Parcel):
    mailbox.channel.send(parcel)
    return mailbox.received[-1]


def test_a_briefing_is_mailed_in_the_readers_language_with_its_calendar_entry(mailbox):
    to, mail = mailed(mailbox, Parcel("briefings_4_BRAZIL_sub-1", "desk@brazil.example", "fr", told(), token="sub-1.proof-of-subscription"))
    assert to == ["desk@brazil.example"]
    assert mail["Subject"] == "Réunion d'information : Consultation <with> permanent missions"
    assert mail["Message-ID"] == "<briefings_4_BRAZIL_sub-1@icat.example>"
    assert mail["List-Unsubscribe"] == "<https://icat.example/subscriptions/unsubscribe?token=sub-1.proof-of-subscription>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    text, html, calendar = mail.iter_parts()
    assert (text.get_content_type(), html.get_content_type(), calendar.get_content_type()) == ("text/plain", "text/html", "text/calendar")
    assert "Lire la suite\N{NO-BREAK SPACE}:\r\nhttps://icat.example/briefings/consultation-2015" in text.get_content()
    assert "- Programme\r\n  https://icat.example/documents/programme\r\n" in text.get_content()
    assert "Consultation &lt;with&gt; permanent missions" in html.get_content()
    assert "<with>" not in html.get_content()
    assert calendar.get_param("method") == "REQUEST"
    entry = icalendar.Calendar.from_ical(calendar.get_content()).walk("VEVENT")[0]
    assert (entry["UID"], entry["SEQUENCE"], entry.decoded("DTSTART")) == (BRIEFING["uid"], 0, BRIEFING["starts_at"])
    assert entry["STATUS"] == "CONFIRMED"


@pytest.mark.parametrize(
    ("kind", "method", "status"), [("briefing_changed", "REQUEST", "CONFIRMED"), ("briefing_cancelled", "CANCEL", "CANCELLED")]
)
def test_a_change_updates_the_same_entry(mailbox, kind, method, status):
    matter = told(kind, revision=2, place="Geneva", reason="The room is taken.")
    _, mail = mailed(mailbox, Parcel("briefings_5_BRAZIL_sub-1", "desk@brazil.example", "en", matter, token="t"))
    calendar = list(mail.iter_parts())[2]
    entry = icalendar.Calendar.from_ical(calendar.get_content()).walk("VEVENT")[0]
    assert calendar.get_param("method") == method
    assert (entry["UID"], entry["SEQUENCE"], entry["STATUS"], entry["LOCATION"]) == (BRIEFING["uid"], 2, status, "Geneva")


def test_a_meeting_is_mailed_with_its_calendar_entry_and_how_to_join(mailbox):
    _, mail = mailed(mailbox, Parcel("reminders_3_IOM_sub-1", "focal@iom.example", "fr", called(), token="t"))
    assert mail["Subject"] == "Réunion convoquée : Consultation <with> permanent missions"
    assert mail["List-Id"] == "<reminders.icat.example>"
    text, _, calendar = mail.iter_parts()
    assert "Rappels 3" in text.get_content()
    assert "En ligne : https://meet.example/icat" in text.get_content()
    assert "- The workplan; its gaps" in text.get_content()
    assert "Lire la suite\N{NO-BREAK SPACE}:\r\nhttps://icat.example/meetings/january-2015" in text.get_content()
    assert calendar.get_param("method") == "REQUEST"
    entry = icalendar.Calendar.from_ical(calendar.get_content()).walk("VEVENT")[0]
    assert (entry["UID"], entry["SEQUENCE"], entry.decoded("DTSTART")) == ("meeting-january-2015@icat.example", 0, BRIEFING["starts_at"])
    assert entry["DESCRIPTION"].splitlines() == [
        "https://meet.example/icat",
        "The workplan; its gaps",
        "Programme: https://icat.example/documents/programme",
        "https://icat.example/meetings/january-2015",
    ]


@pytest.mark.parametrize(
    ("kind", "method", "status"), [("meeting_changed", "REQUEST", "CONFIRMED"), ("meeting_cancelled", "CANCEL", "CANCELLED")]
)
def test_a_meeting_that_moves_or_is_cancelled_updates_the_same_entry(mailbox, kind, method, status):
    matter = called(kind, revision=2, place="Geneva", link=None, reason="The room is taken.")
    _, mail = mailed(mailbox, Parcel("reminders_4_IOM_sub-1", "focal@iom.example", "en", matter, token="t"))
    calendar = list(mail.iter_parts())[2]
    entry = icalendar.Calendar.from_ical(calendar.get_content()).walk("VEVENT")[0]
    assert calendar.get_param("method") == method
    assert (entry["UID"], entry["SEQUENCE"], entry["STATUS"], entry["LOCATION"]) == (
        "meeting-january-2015@icat.example",
        2,
        status,
        "Geneva",
    )


def test_a_reminder_of_a_meeting_leaves_the_calendar_as_it_is(mailbox):
    _, mail = mailed(
        mailbox, Parcel("reminders_5_IOM_sub-1", "focal@iom.example", "en", called("meeting_reminded", days=7, unanswered=[]), token="t")
    )
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


def test_an_entry_is_the_same_in_every_attempt(mailbox):
    parcel = Parcel("briefings_4_BRAZIL_sub-1", "desk@brazil.example", "en", told(), token="t")
    first, second = mailed(mailbox, parcel)[1], mailed(mailbox, parcel)[1]
    assert first["Message-ID"] == second["Message-ID"]
    assert [p.get_content() for p in first.iter_parts()] == [p.get_content() for p in second.iter_parts()]


def test_a_title_cannot_begin_another_header(mailbox):
    matter = published("A paper\r\nBcc: all@brazil.example\u2028X: y")
    to, mail = mailed(mailbox, Parcel("publications_1_BRAZIL_sub-1", "desk@brazil.example", "en", matter, token="t"))
    assert to == ["desk@brazil.example"]
    assert mail["Bcc"] is None
    assert mail["Subject"] == "A paper Bcc: all@brazil.example X: y"
    assert len(list(mail.iter_parts())) == 2


def test_other_scripts_arrive_whole(mailbox):
    matter = published("منع الاتجار 防止人口贩运 Борьба")
    _, mail = mailed(mailbox, Parcel("publications_1_EGYPT_sub-1", "desk@egypt.example", "ar", matter, token="t"))
    assert mail["Subject"] == "منع الاتجار 防止人口贩运 Борьба"
    assert "منع الاتجار 防止人口贩运 Борьба" in mail.get_body(("plain",)).get_content()


def test_a_request_to_confirm_holds_the_link_and_nothing_to_leave(mailbox):
    whose = {"owner": "Mission <of>\nBrazil", "topics": ("briefings", "statements")}
    _, mail = mailed(mailbox, Parcel("confirmation_BRAZIL_sub-1", "desk@brazil.example", "fr", token="sub-1.abc", **whose))
    assert mail["Subject"] == "Veuillez confirmer votre abonnement à l'ICAT"
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert "https://icat.example/subscriptions/confirm?token=sub-1.abc" in text
    said = " ".join(text.split())
    assert "pour l'abonné Mission <of> Brazil. Thèmes : Réunions d'information, Déclarations." in said
    assert "Mission &lt;of&gt; Brazil" in html
    assert "vous n'avez rien à faire" in said
    assert mail["List-Unsubscribe"] is None


@pytest.mark.parametrize(("answer", "for_good"), [("550 no such mailbox", True), ("450 mailbox busy", False)])
def test_a_refused_address_says_why(mailbox, answer, for_good):
    mailbox.refused["desk@brazil.example"] = answer
    with pytest.raises(Undelivered, match=answer) as failed:
        mailbox.channel.send(Parcel("id", "desk@brazil.example", "en", told(), token="t"))
    assert failed.value.for_good is for_good


@pytest.mark.parametrize(("answer", "for_good"), [("554 not wanted here", True), ("451 later please", False)])
def test_a_refused_mail_says_why(mailbox, answer, for_good):
    mailbox.answer = answer
    with pytest.raises(Undelivered, match=answer) as failed:
        mailbox.channel.send(Parcel("id", "desk@brazil.example", "en", told(), token="t"))
    assert failed.value.for_good is for_good


def test_a_mail_whose_header_would_name_others_is_not_sent(mailbox):
    """The library decodes what it is given, and would write down the addressees that an encoded word hides."""
    with pytest.raises(Undelivered, match="another's") as failed:
        mailbox.channel.send(Parcel("id", "=?utf-8?q?victim=40evil.org=2C_y?=@example.org", "en", told(), token="t"))
    assert failed.value.for_good
    assert mailbox.received == []


def test_no_mail_server_is_no_reason_to_give_up():
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        channel = MailChannel(f"smtp://127.0.0.1:{nobody.getsockname()[1]}", "no-reply@icat.example", "https://icat.example")
        with pytest.raises(Undelivered, match="ConnectionRefusedError") as failed:
            channel.send(Parcel("id", "desk@brazil.example", "en", told(), token="t"))
    assert not failed.value.for_good


# Webhooks -------------------------------------------------------------------------------------------------------------------------------


class Receiver(ThreadingHTTPServer):
    """A mission's web server. ``respond``: given the content, its status, headers and body."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.calls: list[tuple[str, dict, bytes]] = []
        self.respond: Callable[[dict], tuple[int, dict, bytes]] = lambda content: (204, {}, b"")
        self.address = f"http://127.0.0.1:{self.server_port}/hook?of=icat"

    def handle_error(self, request, client_address) -> None:
        """A caller that hangs up early is what some of these tests are about."""


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.calls.append((self.path, dict(self.headers), body))
        status, headers, answer = self.server.respond(json.loads(body))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_) -> None:
        """Silent."""


@contextmanager
def serving(receiver: Receiver):
    thread = threading.Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.shutdown()
        receiver.server_close()


@pytest.fixture
def receiver():
    with serving(Receiver()) as server:
        yield server


def parcel(receiver, id="statements_1_BRAZIL_sub-1", **more) -> Parcel:
    return Parcel(id, receiver.address, "en", **{"told": told(), "secret": SECRET, **more})


def test_a_notice_verifies_with_the_reference_library(receiver):
    WebhookChannel(allow_private=True).send(parcel(receiver))
    ((path, headers, body),) = receiver.calls
    assert path == "/hook?of=icat"
    assert headers["webhook-id"] == "statements_1_BRAZIL_sub-1"
    assert headers["Host"] == f"127.0.0.1:{receiver.server_port}"
    assert Webhook(SECRET).verify(body, headers) == notice(told())
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body.replace(b"New York", b"New Yorc"), headers)
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + "A" * 32).verify(body, headers)


def test_while_a_secret_is_changed_over_both_verify(receiver):
    earlier = "whsec_" + "B" * 32
    WebhookChannel(allow_private=True).send(parcel(receiver, earlier=earlier))
    ((_, headers, body),) = receiver.calls
    assert Webhook(SECRET).verify(body, headers) == Webhook(earlier).verify(body, headers) == notice(told())
    assert len(headers["webhook-signature"].split(" ")) == 2
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + "A" * 32).verify(body, headers)


def test_every_attempt_has_the_same_id_and_body(receiver):
    channel = WebhookChannel(allow_private=True)
    channel.send(parcel(receiver))
    channel.send(parcel(receiver))
    (_, first, body), (_, second, again) = receiver.calls
    assert (first["webhook-id"], body) == (second["webhook-id"], again)


@pytest.mark.parametrize(("status", "for_good"), [(400, False), (404, False), (410, True), (429, False), (500, False), (503, False)])
def test_anything_but_success_is_a_failure(receiver, status, for_good):
    receiver.respond = lambda content: (status, {}, b"no")
    with pytest.raises(Undelivered, match=str(status)) as failed:
        WebhookChannel(allow_private=True).send(parcel(receiver))
    assert failed.value.for_good is failed.value.gone is for_good


@pytest.mark.parametrize(
    ("header", "asked"),
    [
        ("120", timedelta(minutes=2)),
        ("0", timedelta(0)),
        ("9" * 40, timedelta(seconds=999_999_999)),
        ("Mon, 05 Jan 2015 09:10:00 GMT", timedelta(minutes=10)),
        ("Mon, 05 Jan 2015 08:00:00 GMT", timedelta(0)),
        ("Mon, 05 Jan 2015 09:10:00", None),
        ("-5", None),
        ("soon", None),
        ("٣", timedelta(seconds=3)),
        ("", None),
    ],
)
def test_a_webhook_may_ask_for_time(header, asked):
    assert webhook_module.asked_to_wait(header, AT) == asked


def test_what_a_busy_webhook_asks_for_is_heard(receiver):
    receiver.respond = lambda content: (503, {"Retry-After": "3600"}, b"")
    with pytest.raises(Undelivered, match="503") as failed:
        WebhookChannel(allow_private=True).send(parcel(receiver))
    assert (failed.value.asked, failed.value.for_good) == (timedelta(hours=1), False)


def test_of_a_long_answer_little_is_read(receiver):
    receiver.respond = lambda content: (200, {"Content-Length": "100000000"}, b"x" * 1_000_000)
    WebhookChannel(allow_private=True).send(parcel(receiver))
    with pytest.raises(Undelivered, match="echo"):
        WebhookChannel(allow_private=True).send(parcel(receiver, told=None))


def test_a_redirect_is_not_followed(receiver):
    with serving(Receiver()) as inner:
        receiver.respond = lambda content: (307, {"Location": inner.address}, b"")
        with pytest.raises(Undelivered, match="redirect"):
            WebhookChannel(allow_private=True).send(parcel(receiver))
        assert inner.calls == []


def test_the_owner_echoes_the_challenge(receiver):
    receiver.respond = lambda content: (200, {"Content-Type": "application/json"}, json.dumps({"challenge": content["challenge"]}).encode())
    WebhookChannel(allow_private=True).send(parcel(receiver, told=None))
    ((_, headers, body),) = receiver.calls
    assert Webhook(SECRET).verify(body, headers)["type"] == "icat.notifications.challenge"


@pytest.mark.parametrize(
    "answer",
    [b"", b"ok", b"[]", b'{"challenge": 1}', b'{"challenge": "other"}', b"\xff", b"{" * 5000, b'{"challenge": "' + b"x" * 10_000_000],
)
def test_a_wrong_echo_confirms_nothing(receiver, answer):
    receiver.respond = lambda content: (200, {}, answer)
    with pytest.raises(Undelivered, match="echo"):
        WebhookChannel(allow_private=True).send(parcel(receiver, told=None))


def test_a_webhook_that_hangs_is_left(receiver, monkeypatch):
    monkeypatch.setattr(webhook_module, "READ_SECONDS", 0.2)
    release = threading.Event()
    receiver.respond = lambda content: (release.wait(20), (204, {}, b""))[1]
    with pytest.raises(Undelivered, match="ReadTimeoutError"):
        WebhookChannel(allow_private=True).send(parcel(receiver))
    release.set()


@pytest.fixture
def names(monkeypatch):
    """The name service as the test wants it: a list of answers per name, one per look-up, the last one repeated."""
    answers: dict[str, list[list[str]]] = {}
    asked: list[str] = []

    def getaddrinfo(host, port, *args, **kwargs):
        if host not in answers:
            return original(host, port, *args, **kwargs)
        asked.append(host)
        found = answers[host].pop(0) if len(answers[host]) > 1 else answers[host][0]
        family = {True: socket.AF_INET6, False: socket.AF_INET}
        return [(family[":" in address], socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    original = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    answers["asked"] = asked
    return answers


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["169.254.169.254"], ["::1"], ["::ffff:10.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["fd00::1"], ["64:ff9b::7f00:1"]],
)
def test_a_name_that_leads_inside_is_sent_nothing(names, addresses):
    names["hooks.example"] = [addresses]
    with pytest.raises(Undelivered, match="private, local or reserved") as failed:
        WebhookChannel().send(Parcel("id", "https://hooks.example/", "en", told(), SECRET))
    assert failed.value.for_good


@pytest.mark.parametrize("spelling", ["2130706433", "0x7f000001", "127.1", "017700000001"])
def test_an_inner_address_in_disguise_is_sent_nothing(spelling):
    with pytest.raises(Undelivered) as failed:
        WebhookChannel().send(Parcel("id", f"https://{spelling}/", "en", told(), SECRET))
    assert "private, local" in str(failed.value) or "could not be looked up" in str(failed.value)


def test_a_second_look_up_cannot_lead_elsewhere(names, receiver):
    """The name is answered once with the receiver, ever after with an address where nobody is: were it asked again to connect, the
    call would fail."""
    names["hooks.example"] = [["127.0.0.1"], ["192.0.2.1"]]
    address = receiver.address.replace("127.0.0.1", "hooks.example")
    WebhookChannel(allow_private=True).send(Parcel("id", address, "en", told(), SECRET))
    assert names["asked"] == ["hooks.example"]
    ((_, headers, _),) = receiver.calls
    assert headers["Host"] == f"hooks.example:{receiver.server_port}"


@pytest.mark.parametrize("inside", ["127.0.0.1", "169.254.169.254", "10.1.2.3", "::1"])
def test_a_name_that_leads_inside_at_the_next_attempt_is_sent_nothing(names, monkeypatch, inside):
    """Looked up for each attempt, and judged each time: what it was when its owner confirmed it says nothing of today."""
    reached = []
    monkeypatch.setattr(WebhookChannel, "_call", lambda self, url, address, *_: reached.append(address) or b"")
    names["hooks.example"] = [["93.184.215.14"], [inside]]
    send = lambda: WebhookChannel().send(Parcel("id", "https://hooks.example/", "en", told(), SECRET))  # noqa: E731
    send()
    with pytest.raises(Undelivered, match="private, local or reserved"):
        send()
    assert reached == ["93.184.215.14"]


def test_a_name_with_a_dead_address_is_tried_at_its_next(names, receiver):
    with socket.socket() as nobody:  # bound, not listening: refuses at once, on the receiver's port but another address
        nobody.bind(("127.0.0.2", receiver.server_port))
        names["hooks.example"] = [["127.0.0.2", "127.0.0.1"]]
        address = receiver.address.replace("127.0.0.1", "hooks.example")
        WebhookChannel(allow_private=True).send(Parcel("id", address, "en", told(), SECRET))
    assert len(receiver.calls) == 1


def test_a_server_without_tls_is_not_told_of_its_certificate(receiver):
    with pytest.raises(Undelivered, match="does not speak TLS"):
        WebhookChannel(allow_private=True).send(Parcel("id", f"https://127.0.0.1:{receiver.server_port}/", "en", told(), SECRET))
    assert receiver.calls == []


def test_a_wrong_certificate_is_refused_and_the_right_one_taken(names, tmp_path):
    certificate, key = self_signed("hooks.example", tmp_path)
    receiver = Receiver()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    receiver.socket = context.wrap_socket(receiver.socket, server_side=True)
    names["hooks.example"] = names["other.example"] = [["127.0.0.1"]]
    channel = WebhookChannel(allow_private=True)
    with serving(receiver):
        send = lambda host: channel.send(Parcel("id", f"https://{host}:{receiver.server_port}/", "en", told(), SECRET))  # noqa: E731
        with pytest.raises(Undelivered, match="certificate"):
            send("hooks.example")  # signed by nobody known
        channel._tls.load_verify_locations(certificate)
        send("hooks.example")
        with pytest.raises(Undelivered, match="certificate"):
            send("other.example")  # known, but of another name
    assert len(receiver.calls) == 1


def self_signed(host: str, folder) -> tuple[str, str]:
    import subprocess

    certificate, key = str(folder / "certificate.pem"), str(folder / "key.pem")
    asked = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}"]
    subprocess.run(["openssl", *asked, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate, key
