"""What mails say, read by two parsers; where they come back to; and what a return is understood to say."""

import re
import time
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import icalendar
import mailparser
import pytest
import yaml

from services.notifications.bounces import LARGEST, told_by
from services.notifications.channels import Undelivered
from services.notifications.channels.letter import COLUMNS, LONGEST_SUBJECT, TEMPLATES, WORDS, letter
from services.notifications.channels.mail import MailChannel
from tests.services.letters import SITE, TITLES, briefing, note, paper, parcels

CHANNEL = MailChannel("smtp://127.0.0.1:1", "ICAT <no-reply@icat.example>", f"{SITE}/", returns=True)
KINDS = tuple(parcels("en"))
LANGUAGES = ("en", "fr", "es", "ru", "ar", "zh")


def of(kind: str, language: str = "en", **changes):
    """The mail of a kind, as its bytes, the standard library and another parser have it."""
    content = CHANNEL.message(replace(parcels(language)[kind], **changes)).as_bytes()
    return content, message_from_bytes(content, policy=default), mailparser.parse_from_bytes(content)


# Words and templates


def test_every_language_that_has_words_has_all_of_them():
    assert {"en", "fr"} <= set(WORDS) <= set(LANGUAGES)
    for language, words in WORDS.items():
        assert words.keys() == WORDS["en"].keys(), language
        assert all(isinstance(word, str) and word.strip() for word in words.values()), language
    assert yaml.safe_load((TEMPLATES / "words.yaml").read_text(encoding="utf-8")) == WORDS


def test_every_kind_has_both_its_templates():
    kinds = {path.stem for path in TEMPLATES.glob("*.html")} - {"frame", "parts"}
    assert kinds == {path.stem for path in TEMPLATES.glob("*.txt")} - {"frame", "parts"}
    assert kinds == {"matter", "digest", "note", "confirmation", "invitation"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_two_parsers_read_every_mail_alike(kind, language):
    _, mail, other = of(kind, language)
    assert not mail.defects
    assert not other.has_defects
    assert other.subject == mail["Subject"]
    assert [address for _, address in other.to] == ["desk@brazil.example"]
    assert other.from_ == [("ICAT", "no-reply@icat.example")]
    assert other.message_id == mail["Message-ID"] == f"<{parcels(language)[kind].id}@icat.example>"
    (text,), (html,) = other.text_plain, other.text_html
    normal = "\n".join
    assert normal(text.splitlines()) == normal(mail.get_body(("plain",)).get_content().splitlines())
    assert normal(html.splitlines()) == normal(mail.get_body(("html",)).get_content().splitlines())
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Precedence"] is None
    assert other.attachments == [] or other.attachments[0]["mail_content_type"] == "text/calendar"


@pytest.mark.parametrize("zone", [None, "America/Argentina/ComodRivadavia"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_the_text_stands_on_its_own(kind, language, zone):
    said = letter(replace(parcels(language)[kind], zone=zone), SITE, "no-reply@icat.example")
    for text in (said.text, said.html):
        assert (" UTC)" in text) is (zone is not None and kind not in ("confirmation", "invitation"))
    assert "<" not in said.text.replace("<with>", "")
    assert "\n\n\n" not in said.text
    assert "None" not in said.text
    for line in said.text.splitlines():
        assert len(line) <= COLUMNS or line.strip().startswith("https://"), line
    links = set(re.findall(r'href="([^"]+)"', said.html))
    assert links
    assert {link.replace("&amp;", "&") for link in links} == set(re.findall(r"https://\S+", said.text))
    frame = WORDS.get(language, WORDS["en"])
    assert said.text.startswith(frame["group"][:40])


@pytest.mark.parametrize("kind", KINDS)
def test_who_subscribed_can_leave_by_one_click_and_who_did_not_has_nothing_to_leave(kind):
    _, mail, _ = of(kind)
    if kind in ("confirmation", "invitation"):
        assert mail["List-Unsubscribe"] is mail["List-Unsubscribe-Post"] is mail["List-Id"] is None
        return
    assert mail["List-Unsubscribe"] == f"<{SITE}/subscriptions/unsubscribe?token=sub-1.proof-of-subscription>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert (
        mail["List-Id"]
        == {"published": "<publications", "digest": "<digest", "suspended": "<notes", "place": "<notes"}.get(kind, "<briefings")
        + ".icat.example>"
    )


def test_a_digest_holds_its_items_in_their_order_with_title_summary_and_link():
    _, mail, _ = of("digest", "fr")
    text = mail.get_body(("plain",)).get_content()
    assert mail["Subject"] == "ICAT : votre bulletin (3)"
    at = [text.index(f"{SITE}{path}") for path in ("/documents/paper-7", "/briefings/consultation-2015", "/documents/paper-8")]
    assert at == sorted(at)
    assert text.count("Preventing trafficking in persons by addressing demand (fr)") == 2
    assert text.count("What the members of the Group found out") == 6
    assert not any(part.get_content_type() == "text/calendar" for part in mail.walk())


def test_a_briefing_in_a_digest_carries_its_own_reply_link_and_the_day_by_which_to_reply():
    other = briefing()
    other["matter"]["data"] |= {"briefing": "another"}
    replies = {"consultation-2015": "sub-1.proof-of-reply", "another": "sub-1.proof-of-another"}
    said = letter(replace(parcels("en")["digest"], items=(briefing(), paper(7), other), replies=replies), SITE, "no-reply@icat.example")
    links = [
        f"{SITE}/briefings/consultation-2015/reply?token=sub-1.proof-of-reply",
        f"{SITE}/briefings/another/reply?token=sub-1.proof-of-another",
    ]
    for text in (said.text, said.html):
        assert [text.count(link) for link in links] == [1, 1]
        assert text.count("/reply?") == text.count("2015-01-15 23:00 UTC") == 2
    there = letter(replace(parcels("fr")["announced"], zone="Europe/Paris"), SITE, "no-reply@icat.example")
    for text in (there.text, there.html):
        plain = " ".join(text.split())
        assert "Délai : 16 janvier 2015, 00:00 Europe/Paris (15 janvier 2015, 23:00 UTC)" in plain
        assert "20 janvier 2015, 16:00–18:00 Europe/Paris (15:00–17:00 UTC), New York" in plain
        assert "5 janvier 2015, 10:00 Europe/Paris (09:00 UTC)" in plain
    assert "DTSTART:20150120T150000Z" in there.calendar[0]


@pytest.mark.parametrize(("kind", "answer"), [("changed", "yes"), ("place", "no"), ("digest", "tentative")])
def test_who_has_replied_is_not_asked_again_but_told_that_the_reply_stands(kind, answer):
    asked = WORDS["en"]["reply"]
    for answers in ({}, {"consultation-2015": ""}, {"another": answer}):
        assert asked in letter(replace(parcels("en")[kind], answers=answers), SITE, "no-reply@icat.example").text
    said = letter(replace(parcels("en")[kind], answers={"consultation-2015": answer}), SITE, "no-reply@icat.example")
    for text in (said.text, said.html):
        assert asked not in text
        assert WORDS["en"][f"replied_{answer}"] in " ".join(text.split())
        assert "/reply?token=sub-1.proof-of-reply" in text


@pytest.mark.parametrize(("answer", "status"), [("yes", "ACCEPTED"), ("no", "DECLINED"), ("tentative", "TENTATIVE"), ("", "NEEDS-ACTION")])
def test_a_change_does_not_undo_in_a_calendar_what_its_owner_replied(answer, status):
    for kind in ("changed", "cancelled"):
        _, mail, _ = of(kind, answers={"consultation-2015": answer})
        (part,) = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
        (entry,) = icalendar.Calendar.from_ical(part.get_content()).walk("VEVENT")
        assert entry["ATTENDEE"].params["PARTSTAT"] == status


def test_a_note_about_a_briefing_lets_one_reply_and_another_does_not():
    reply = f"{SITE}/briefings/consultation-2015/reply?token=sub-1.proof-of-reply"
    assert reply in of("place")[1].get_body(("plain",)).get_content()
    assert "/reply?" not in of("suspended")[1].get_body(("plain",)).get_content()


@pytest.mark.parametrize("language", ["es", "ru", "ar", "zh"])
def test_a_language_without_words_has_its_titles_in_an_english_frame(language):
    content, mail, _ = of("announced", language)
    assert mail["Subject"] == TITLES[language]
    assert b"\r\n" in content
    html, text = (mail.get_body((kind,)).get_content() for kind in ("html", "plain"))
    assert f'<h1 lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}"' in html
    assert '<html lang="en" dir="ltr">' in html
    assert "Read more:" in text
    assert TITLES[language] in text


# The calendar


@pytest.mark.parametrize(
    ("kind", "method", "status", "sequence"),
    [("announced", "REQUEST", "CONFIRMED", 0), ("changed", "REQUEST", "CONFIRMED", 1), ("cancelled", "CANCEL", "CANCELLED", 2)],
)
def test_the_entry_of_a_briefing_points_to_the_page_where_one_replies(kind, method, status, sequence):
    _, mail, _ = of(kind, "fr")
    (part,) = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    calendar = icalendar.Calendar.from_ical(part.get_content())
    (entry,) = calendar.walk("VEVENT")
    assert part.get_param("method") == calendar["METHOD"] == method
    assert (entry["UID"], entry["SEQUENCE"], entry["STATUS"]) == ("consultation-2015@icat.example", sequence, status)
    assert entry["DTSTART"].to_ical() == b"20150120T150000Z"
    assert entry["ORGANIZER"] == "mailto:no-reply@icat.example"
    guest = entry["ATTENDEE"]
    assert guest == "mailto:desk@brazil.example"
    assert (guest.params["PARTSTAT"], guest.params["ROLE"], guest.params["RSVP"]) == ("NEEDS-ACTION", "REQ-PARTICIPANT", "FALSE")
    reply = f"{SITE}/briefings/consultation-2015/reply?token=sub-1.proof-of-reply"
    assert (entry["URL"] == reply) is (reply in entry["DESCRIPTION"]) is (kind != "cancelled")
    assert all(len(line) <= 75 for line in part.get_content().encode().splitlines())


# Ill will


SPLITTING = [
    "A paper\r\nBcc: all@brazil.example",
    "A paper\nX: y\n\nbody",
    "A paper\u2028Bcc: a@b.example\u2029\x0b\x0c\x85",
    "=?utf-8?q?A=0D=0ABcc:_all=40brazil.example?=",
    "=?utf-8?b?QQ0KQmNjOiBhbGxAYnJhemlsLmV4YW1wbGU=?=",
    "nul \x00 escape \x1b[31m bell \x07",
    "T" * 4_000,
    "表" * 2_000,
]


@pytest.mark.parametrize("text", SPLITTING)
def test_no_title_name_or_agenda_begins_a_header(text):
    told = paper(1, title=text, summary=text)
    host = briefing()
    host["matter"]["title"], host["matter"]["data"] = {"en": text, "fr": text}, host["matter"]["data"] | {"agenda": [text], "place": text}
    for kind, changes in (
        ("published", {"told": told}),
        ("announced", {"told": host}),
        ("suspended", {"note": note(text)}),
        ("digest", {"items": (told, host)}),
        ("invitation", {"invited": text}),
    ):
        content, mail, other = of(kind, **changes)
        headers = content.split(b"\r\n\r\n")[0]
        assert not re.search(rb"(?im)^(bcc|x):", headers)
        assert mail.keys() == of(kind)[1].keys()
        assert len(mail["Subject"]) <= LONGEST_SUBJECT + 2
        assert not re.search(r"[\x00-\x1f\x7f]", mail["Subject"])
        assert len(other.text_plain) == len(other.text_html) == 1
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", mail.get_body(("plain",)).get_content().replace("\r", ""))
        for part in mail.walk():
            if part.get_content_type() == "text/calendar":
                (entry,) = icalendar.Calendar.from_ical(part.get_content()).walk("VEVENT")
                assert set(entry) == CALENDAR


CALENDAR = {
    *("UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "LOCATION"),
    *("DESCRIPTION", "URL", "STATUS", "ORGANIZER", "ATTENDEE"),
}


@pytest.mark.parametrize("markup", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ words }}", "</title><b>"])
def test_markup_in_what_is_told_is_text(markup):
    told = paper(1, title=markup, summary=f"{markup}\n{markup}")
    html = letter(parcels("en")["published"].__class__("id", "a@b.example", "en", told=told, token="t"), SITE, "x@y.example").html
    assert markup not in html or markup == "{{ words }}"
    assert "<img" not in html
    assert "<script" not in html


@pytest.mark.parametrize(
    "address", ["=?utf-8?q?victim=40evil.org=2C_y?=@example.org", "a@b.example, c@d.example", "a@b.example\r\nBcc: c@d.ex"]
)
def test_an_address_that_reads_as_others_is_written_to_by_nobody(address):
    with pytest.raises((Undelivered, ValueError)):
        of("published", target=address)


# Where it comes back to


def test_each_mail_comes_back_to_an_address_of_its_own_where_somebody_receives():
    for parcel in parcels("en").values():
        sender = CHANNEL.envelope_sender(parcel)
        local, _, domain = sender.rpartition("@")
        assert domain == "icat.example"
        assert len(local) <= 64
        assert sender == (f"bounces+{parcel.bounce}@icat.example" if parcel.bounce else "no-reply@icat.example")
    plain = MailChannel("smtp://127.0.0.1:1", "ICAT <no-reply@icat.example>", SITE)
    assert plain.envelope_sender(parcels("en")["published"]) == "no-reply@icat.example"


# What a return says


def report(*blocks: str, kind: str = "delivery-status", text: str = "It could not be delivered.") -> bytes:
    """A report as a mail server writes it: words, the machine's part, the headers of what it returns."""
    machine = "\r\n\r\n".join(blocks)
    return (
        "From: MAILER-DAEMON@mx.example\r\nTo: bounces+token@icat.example\r\nSubject: Returned mail\r\nMIME-Version: 1.0\r\n"
        f'Content-Type: multipart/report; report-type={kind}; boundary="=b"\r\nAuto-Submitted: auto-replied\r\n\r\n'
        f"--=b\r\nContent-Type: text/plain\r\n\r\n{text}\r\n"
        f"--=b\r\nContent-Type: message/{kind}\r\n\r\n{machine}\r\n\r\n"
        "--=b\r\nContent-Type: text/rfc822-headers\r\n\r\nSubject: Issue paper 2\r\nTo: desk@brazil.example\r\n--=b--\r\n"
    ).encode()


MTA = "Reporting-MTA: dns; mx.example"
FAILED = "Final-Recipient: rfc822; desk@brazil.example\r\nAction: failed\r\nStatus: {}\r\nDiagnostic-Code: smtp; {}"


@pytest.mark.parametrize(
    ("blocks", "status"),
    [
        ([MTA, FAILED.format("5.1.1", "550 5.1.1 User unknown")], "5.1.1"),
        ([MTA, FAILED.format("4.4.7", "delivery time expired")], "4.4.7"),
        ([MTA, FAILED.format("5.1.1 (bad mailbox)", "550 no")], "5.1.1"),
        ([MTA, FAILED.format("", "smtp; 550 5.2.2 full")], "5.2.2"),
        ([MTA, "Action: failed\r\nDiagnostic-Code: smtp; 552 mailbox full"], "5.0.0"),
        ([MTA, "Action: failed"], "4.0.0"),
        ([MTA, FAILED.format("4.2.2", "full"), FAILED.format("5.1.1", "gone")], "5.1.1"),
        ([MTA, "Action: FAILED\r\nstatus: 5.1.10"], "5.1.10"),
    ],
)
def test_a_failure_is_read_with_its_status(blocks, status):
    assert told_by(report(*blocks))[0] == status


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded", ""])
def test_what_is_no_failure_says_nothing(action):
    assert told_by(report(MTA, f"Action: {action}\r\nStatus: 4.4.1")) is None


def test_a_report_within_other_mails_is_found():
    outer = EmailMessage()
    outer.set_content("A filter wrapped this.")
    outer.add_attachment(message_from_bytes(report(MTA, FAILED.format("5.1.1", "gone")), policy=default))
    assert told_by(outer.as_bytes()) == ("5.1.1", "smtp; gone")


@pytest.mark.parametrize(("type", "told"), [("abuse", ("complaint", "")), ("other", ("complaint", "")), ("not-spam", None), ("", None)])
def test_a_readers_complaint_is_read(type, told):
    assert told_by(report(f"Feedback-Type: {type}\r\nUser-Agent: Example/1\r\nVersion: 1", kind="feedback-report")) == told


OTHERS = [
    b"",
    b"\r\n",
    b"\xff\xfe\x00" * 1_000,
    b"Subject: Out of office\r\nAuto-Submitted: auto-replied\r\n\r\nI am away. 550 5.1.1 is my room.",
    b"Subject: Please confirm that you are human\r\n\r\nClick here: https://challenge.example/",
    b"Subject: Undelivered\r\n\r\nStatus: 5.1.1\r\nAction: failed\r\n",
    report(),
    report("", ""),
    report("Action failed", "Status 5.1.1"),
    report(MTA, FAILED.format("5.1.1", "x"))[:400],
    b"Content-Type: message/delivery-status\r\nContent-Transfer-Encoding: base64\r\n\r\nQWN0aW9uOiBmYWlsZWQ=",
    b'Content-Type: multipart/report; boundary="' + b"b" * 70_000 + b'"\r\n\r\nx',
    b"Content-Type: multipart/report\r\n\r\nno boundary",
]


@pytest.mark.parametrize("content", OTHERS)
def test_what_is_no_report_says_nothing(content):
    assert told_by(content) is None


@pytest.mark.parametrize(
    "content",
    [
        b"".join(b"Content-Type: multipart/mixed; boundary=a%d\r\n\r\n--a%d\r\n" % (n, n) for n in range(30_000)),
        b"Content-Type: message/rfc822\r\n\r\n" * 60_000,
        b"Content-Type: message/delivery-status\r\n\r\n" + b"Action:\r\n\r\n" * 150_000,
        b"Content-Type: text/plain; " + b"a=b; " * 300_000,
        report(MTA, FAILED.format("5.1.1", "9" * 1_000_000)),
        report(MTA, FAILED.format("5.1.1", "gone"), text="x" * LARGEST),
    ],
    ids=["nested", "mails", "blocks", "parameters", "diagnostic", "words"],
)
def test_a_huge_mail_is_read_in_bounded_time(content):
    begun = time.process_time()
    told = told_by(content)
    assert time.process_time() - begun < 10
    assert told is None or (told[0] == "5.1.1" and len(told[1]) <= 500)
