"""Whether a subscriber reads its queue, told from looks at it."""

from datetime import timedelta

import pytest

from services.kernel import utc
from services.notifications.rules.queues import FILLING, LONGEST, UNREAD_SUSPENDED, UNREAD_TOLD, Reading, queue_filling

AT = utc(2015, 1, 5, 9)
LATER = AT + timedelta(hours=1)


@pytest.mark.parametrize(
    ("unread", "readers", "sent", "is_read"),
    [
        (7, 0, 10, False),  # nothing came, nothing went
        (9, 0, 12, False),  # what came is all still there
        (10, 0, 12, False),  # one that is not on record yet
        (8, 0, 12, True),  # two came, one went
        (3, 0, 10, True),
        (0, 0, 10, True),
        (9, 1, 12, True),  # somebody is there
    ],
)
def test_a_queue_is_read_when_less_is_in_it_than_was_and_came(unread, readers, sent, is_read):
    before = Reading(AT, unread=7, sent=10)
    assert before.looked(unread, readers, sent, LATER).read_at == (LATER if is_read else AT)


def test_its_owner_is_told_of_a_queue_that_fills_once_until_it_was_read():
    seen = Reading(AT).looked(FILLING - 1, 0, FILLING - 1, LATER)
    assert not seen.is_to_be_told(LATER)
    seen = seen.looked(FILLING, 0, FILLING, LATER)
    assert seen.is_to_be_told(LATER)
    seen = seen.once_told().looked(FILLING + 5, 0, FILLING + 5, LATER)
    assert not seen.is_to_be_told(LATER)
    seen = seen.looked(FILLING + 1, 1, FILLING + 6, LATER)  # read, and still as full
    assert not seen.is_to_be_told(LATER)
    seen = seen.looked(10, 1, FILLING + 6, LATER)
    assert seen.looked(LONGEST, 0, FILLING + 6 + LONGEST, LATER).is_to_be_told(LATER)


def test_its_owner_is_told_when_nobody_reads_for_a_fortnight_and_let_go_after_thirty_days():
    seen = Reading(AT).looked(3, 0, 3, AT)
    assert not seen.is_to_be_told(AT + UNREAD_TOLD - timedelta(seconds=1))
    assert seen.is_to_be_told(AT + UNREAD_TOLD)
    assert seen.unread_too_long(AT + UNREAD_SUSPENDED - timedelta(seconds=1)) is None
    assert seen.once_told().unread_too_long(AT + UNREAD_SUSPENDED) == (
        "Nobody has read the queue since 2015-01-05; its 3 unread notices are to be had by number."
    )


def test_an_empty_queue_is_never_let_go_however_long_nobody_came():
    seen = Reading(AT).looked(0, 0, 0, AT + timedelta(days=90))
    assert not seen.is_to_be_told(AT + timedelta(days=400))
    assert seen.unread_too_long(AT + timedelta(days=400)) is None


def test_what_comes_into_a_queue_that_was_empty_is_not_unread_since_the_last_look():
    seen = Reading(AT).looked(3, 0, 3, LATER)
    assert seen.read_at == LATER
    assert seen.looked(3, 0, 3, LATER + timedelta(days=29)).unread_too_long(LATER + timedelta(days=29)) is None
    assert seen.looked(3, 0, 3, LATER + UNREAD_SUSPENDED).unread_too_long(LATER + UNREAD_SUSPENDED)


def test_the_note_says_how_full_and_until_when_in_both_languages():
    note = queue_filling("sub-1", Reading(AT, unread=8_500), AT + timedelta(days=15))
    assert note.kind == "queue_filling"
    assert note.at == AT + timedelta(days=15)
    for words in (note.summary["en"], note.summary["fr"]):
        assert all(part in words for part in ("8500", "10000", "2015-01-05", "2015-02-04"))
    assert note.data == {"subscription": "sub-1", "unread": 8_500, "most": LONGEST, "read_at": "2015-01-05T09:00:00Z"}
