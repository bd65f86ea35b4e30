"""Why something stopped, in the reader's language, and what helps."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel import utc
from services.notifications.rules import notes, reasons
from services.notifications.rules.bounces import Report, suppressed_because
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
