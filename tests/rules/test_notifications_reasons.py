"""Why something stopped, in the reader's language, and what helps."""

import json
import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel import utc
from services.notifications.rules import notes, reasons
from services.notifications.rules.bounces import Report, suppressed_because
from services.notifications.rules.deliveries import Delivery
from services.notifications.rules.endpoints import ATTEMPTS, GONE, PATIENCE, Health
from services.notifications.rules.queues import UNREAD_SUSPENDED, Reading

AT = utc(2015, 1, 5, 9)


def returned(*statuses: str) -> str:
    return suppressed_because([Report(f"c{n}", AT, status) for n, status in enumerate(statuses)])


OURS = {
    "gone": GONE,
    "failing": Health(AT - PATIENCE, ATTEMPTS + 1).too_long(AT),
    "complaint": returned("complaint"),
    "mail-returned": returned("5.1.1"),
    "mail-returned-often": returned("4.2.2", "4.4.7", "4.2.2"),
    "unread": Reading(AT - UNREAD_SUSPENDED, unread=7, sent=9).unread_too_long(AT),
    "unsubscribed": reasons.UNSUBSCRIBED.said(),
}


def test_each_reason_that_is_ours_is_said_in_french_with_its_particulars():
    said = {code: reasons.in_words(text) for code, text in OURS.items()}
    assert set(OURS) == {reason.code for reason in reasons.REASONS}
    assert all(words["en"] == OURS[code] and words["fr"] != OURS[code] for code, words in said.items())
    assert said["mail-returned-often"]["fr"] == "Le courriel qui y est envoyé est revenu 3 fois en 14 jours : 4.2.2."
    assert "2015-01-02 09:00 UTC (13 fois)" in said["failing"]["fr"]
    assert "depuis le 2014-12-06 ; ses 7 avis" in said["unread"]["fr"]


@given(st.text())
def test_what_a_person_wrote_stays_as_it_was(text):
    assert text in OURS.values() or reasons.in_words(text) == {"en": text, "fr": text}


@pytest.mark.parametrize(
    ("channel", "target", "code", "named", "helps"),
    [
        ("mail", "desk@brazil.example", "mail-returned", "desk@brazil.example", "subscribe another address"),
        ("webhook", "https://hooks.example/icat?key=secret", "gone", "https://hooks.example/icat", "resume it on its page"),
        ("amqp", "mission.brazil.1", "unread", "mission.brazil.1", "resume it on its page"),
    ],
)
def test_the_note_names_what_stopped_why_and_what_helps(channel, target, code, named, helps):
    note = notes.subscription_suspended("sub-1", channel, target, OURS[code], AT + timedelta(hours=1))
    assert named in note.summary["en"]
    assert named in note.summary["fr"]
    assert helps in note.summary["en"]
    assert OURS[code] in note.summary["en"]
    assert OURS[code] not in note.summary["fr"]
    assert "key=" not in str(note)


EXAMPLES = {
    "because": OURS["mail-returned"],
    "error": "ValueError",
    "seconds": 20,
    "answer": '{"challenge": "…"}',
    "host": "hooks.example",
    "status": 503,
    "longest": 10_000,
}
ALL = [reason for reason in vars(reasons).values() if isinstance(reason, reasons.Reason)]


def test_every_reason_has_its_code_and_the_same_particulars_in_both_languages():
    known = [*reasons.REASONS, *reasons.OF_DELIVERIES.values()]
    assert sorted(reason.code for reason in ALL) == sorted({reason.code for reason in known})
    for reason in ALL:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", reason.code)
        assert set(re.findall(r"\{(\w+)\}", reason.en)) == set(re.findall(r"\{(\w+)\}", reason.fr)), reason.code
        assert reason.en != reason.fr


@pytest.mark.parametrize("code", sorted(reasons.OF_DELIVERIES))
def test_why_a_delivery_failed_is_said_by_its_code_and_not_by_its_text(code):
    reason = reasons.OF_DELIVERIES[code]
    particulars = {name: EXAMPLES[name] for name in re.findall(r"\{(\w+)\}", reason.en)}
    why = reasons.Why(reason, particulars, quoted="550 5.1.1 no\r\nsuch user")
    told = json.loads(json.dumps(why.coded))
    said = reasons.said_of(told)
    assert (told["code"], told["quoted"]) == (code, "550 5.1.1 no such user")
    assert str(why) == f"{said['en'].removesuffix('.')}: 550 5.1.1 no such user"
    assert str(reasons.Why(reason, particulars)) == said["en"]
    assert "550" not in said["fr"]
    assert "came back" not in said["fr"]
    assert all(str(value) in said["fr"] for name, value in particulars.items() if name != "because")


def test_a_record_without_a_code_or_with_one_that_is_not_known_yet_says_nothing_but_its_text():
    assert reasons.said_of(None) is None
    assert reasons.said_of({"code": "of-a-later-version", "particulars": {}, "quoted": ""}) is None
    told = {"subscriber": "BRAZIL", "subscription": "s", "channel": "mail", "target": "desk@brazil.example", "language": "fr"}
    before = Delivery("publications_1_BRAZIL_s", purpose="matter", announced_at=AT, why="The webhook answered 500.", **told)
    assert (before.why_code, before.why_said, before.why_quoted) == (None, None, None)


def test_what_a_stranger_writes_is_neither_a_template_nor_endless():
    hostile = reasons.Why(reasons.NO_CONNECTION, {"host": "{0.__class__}{because}"}, quoted="{x}" * 1_000)
    assert reasons.said_of(hostile.coded)["fr"] == "Pas de connexion avec {0.__class__}{because}."
    assert len(str(hostile)) == len(hostile.coded["quoted"]) == reasons.LONGEST_TEXT
