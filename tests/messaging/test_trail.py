"""The trail: what the journal tells of who did what, and in which order."""

from datetime import datetime, timedelta

import pytest

from contracts.base import dump
from contracts.envelope import seal
from contracts.platform import Trail, position
from messaging import trail
from messaging.context import Cause, written
from messaging.relay import _write_journal
from messaging.store import journal
from services.kernel import Actor, Refusal, utc
from tests.messaging.toy import TermStarted

SECRET = "what was said with it"


def happened(subject: str, sequence: int, at: datetime, person: str = "tester", entity: str | None = None) -> str:
    """An event in the journal, as the relay writes it; its id."""
    cause = Cause(id=f"order-{subject}-{sequence}", by=Actor(person, entity), at=at, correlation="click")
    data = {"counter": SECRET, "by": 1}
    event = seal(TermStarted, data, subject=subject, sequence=sequence, time=written(at), cause=cause, previous=None)
    _write_journal([event])
    return event["id"]


def ids(**asked) -> list[str]:
    return [item["id"] for item in trail.page(**asked)["items"]]


def test_what_happened_is_told_and_not_what_was_said_with_it(database):
    happened("plan/2014", 1, utc(2014, 3, 1, 12), "ilo", "ILO")
    page = dump(Trail.answer, trail.page())
    assert SECRET not in str(page)
    assert page == {
        "items": [
            {
                "id": "chairs:plan/2014/1",
                "type": "icat.chairs.term_started.v1",
                "subject": "plan/2014",
                "sequence": 1,
                "at": "2014-03-01T12:00:00Z",
                "person": "ilo",
                "entity": "ILO",
                "cause": "order-plan/2014-1",
                "correlation": "click",
            }
        ],
        "next": None,
    }


def test_the_newest_come_first_and_pages_follow_without_gap_or_double(database):
    at = utc(2014, 3, 1, 12)
    made = [happened("plan/2014", n, at) for n in range(1, 13)]  # one order made many things happen at one instant
    made += [happened(f"group/{n}", 1, at + timedelta(seconds=n, milliseconds=7)) for n in range(5)]
    assert sorted(ids(limit=200)) == sorted(made)
    assert [one for one in ids(limit=200) if one in made[:12]] == list(reversed(made[:12])), "of one thing, in the order of its events"
    seen, after = [], None
    while True:
        page = trail.page(limit=3, after=after)
        seen += [item["id"] for item in page["items"]]
        assert page["next"] == (position(page["items"][-1]) if page["next"] else None)
        if (after := page["next"]) is None:
            break
    assert seen == ids(limit=200)
    assert len(seen) == len(set(seen)) == 17


def test_a_trail_is_of_a_thing_a_person_an_entity_or_a_time(database):
    plan = happened("plan/2014", 1, utc(2014, 3, 1, 12), "ilo", "ILO")
    other = happened("plan/2015", 1, utc(2015, 3, 1, 12), "ilo2", "ILO")
    group = happened("group/icat", 1, utc(2015, 3, 1, 12) + timedelta(milliseconds=500), "sec")
    assert ids(subject="plan/2014") == [plan]
    assert ids(person="ilo2") == [other]
    assert sorted(ids(entity="ILO")) == sorted([plan, other])
    assert ids(entity="ILO", person="sec") == []
    assert sorted(ids(since=utc(2015, 3, 1, 12))) == sorted([other, group])
    assert ids(until=utc(2015, 3, 1, 12)) == [plan]
    assert ids(since=utc(2014, 3, 1, 12), until=utc(2014, 3, 1, 12) + timedelta(seconds=1)) == [plan]
    assert ids(subject="plan") == ids(subject="plan/") == [], "a thing is named whole"


@pytest.mark.parametrize(
    "after",
    ["x", "2014-03-01T12:00:00Z", "2014-03-01T12:00:00Z x id", "2014-03-01T12:00:00Z 1 ", '{"$gt": ""}', "2014-03-01T12:00:00Z 1 a\x00"],
)
def test_a_cursor_that_was_not_given_by_us_is_refused(database, after):
    with pytest.raises(Refusal) as refused:
        trail.page(after=after)
    assert (refused.value.kind, refused.value.field, refused.value.rule) == ("invalid", "after", "cursor")


def test_what_is_asked_for_is_found_by_an_index(database):
    keys = [list(index["key"]) for index in journal().index_information().values() for index in [{"key": dict(index["key"])}]]
    for first in ("time", "event.actor", "event.actorentity"):
        assert any(key[0] == first and key[-2:] == ["time", "sequence"] for key in keys), first
