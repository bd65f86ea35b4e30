"""What is said of an address, and whether mail still goes there."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import chairs, documents, workplan
from contracts.subscriptions import SUBSCRIPTIONS
from services.kernel import Actor, Refusal, utc
from services.kernel.actor import SYSTEM_ACTOR
from services.notifications.rules import bounces, matters
from services.notifications.rules.bounces import Report, suppressed_because

AT = utc(2015, 1, 5, 9)
SAMPLES = Path(__file__).resolve().parents[2] / "contracts" / "samples" / "notifications"


def said(*statuses: str, apart: timedelta = timedelta(days=1)) -> list[Report]:
    return [Report(f"cause-{n}", AT + n * apart, status) for n, status in enumerate(statuses)]


@pytest.mark.parametrize("status", ["5.1.1", "5.0.0", "5.2.2", "5.4.4", "5.6.1", "complaint"])
def test_a_permanent_failure_or_a_complaint_is_enough(status):
    because = suppressed_because(said("4.2.2", status))
    assert because == ("Its reader reported our mail as unwanted." if status == "complaint" else f"Mail to it came back: {status}.")


@pytest.mark.parametrize("statuses", [[], ["4.2.2"], ["4.4.7", "4.4.7"], ["2.1.5"] * 9, ["5.7.1", "5.7.26"]])
def test_what_may_pass_is_borne_twice(statuses):
    assert suppressed_because(said(*statuses)) is None


@pytest.mark.parametrize("statuses", [["4.2.2", "4.4.7", "4.2.2"], ["5.7.1"] * 3, ["4.2.2", "2.1.5", "5.7.1", "4.4.7"]])
def test_the_third_within_fourteen_days_is_enough(statuses):
    assert "3 times within 14 days" in suppressed_because(said(*statuses))


def test_fourteen_days_are_counted_to_the_instant():
    week = timedelta(days=7)
    assert suppressed_because(said("4.2.2", "4.2.2", "4.2.2", apart=week)) is not None
    assert suppressed_because(said("4.2.2", "4.2.2", "4.2.2", apart=week + timedelta(milliseconds=1))) is None
    late = [*said("4.2.2", "4.2.2"), Report("later", AT + timedelta(days=40), "4.2.2")]
    assert suppressed_because(late) is None


@given(st.lists(st.tuples(st.integers(0, 60), st.sampled_from(["4.2.2", "5.7.1", "2.0.0"]))))
def test_it_is_enough_exactly_when_some_three_lie_within_fourteen_days(told):
    reports = [Report(str(n), AT + timedelta(days=day), status) for n, (day, status) in enumerate(sorted(told))]
    days = [(report.at - AT).days for report in reports if report.status != "2.0.0"]
    close = any(sum(first <= day <= first + 14 for day in days) >= 3 for first in days)
    assert (suppressed_because(reports) is not None) is close


def test_only_the_platform_itself_reports():
    bounces.must_report(SYSTEM_ACTOR)
    for roles in ({"secretariat"}, {"mission"}, set()):
        with pytest.raises(Refusal) as refused:
            bounces.must_report(Actor("somebody", "BRAZIL", frozenset(roles)))
        assert refused.value.rule == "own-receiver"


def test_a_refusal_names_its_rule_and_a_way_on():
    refusal = bounces.no_mail_to("Mail to it came back: 5.1.1.", "address")
    assert (refusal.kind, refusal.rule, refusal.field) == ("conflict", "address-suppressed", "address")
    assert "secretariat" in refusal.accepted


def test_a_preview_knows_every_event_that_is_told_of():
    """What the table makes is what the service hears: neither knows an event that the other does not."""
    heard = {key.removesuffix(".v1") for key in SUBSCRIPTIONS["notifications"]}
    others = {name for name in heard if not name.startswith("notifications.")}
    assert set(matters.BY_EVENT) <= others
    assert others - set(matters.BY_EVENT) == {"chairs.composition_changed"}


@pytest.mark.parametrize("name", matters.BY_EVENT)
def test_every_event_of_the_table_makes_its_matter(name):
    producer, _, event = name.partition(".")
    contract = {"chairs": chairs, "documents": documents, "workplan": workplan}[producer].contract
    sample = json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    asked = []
    matter = matters.BY_EVENT[name](contract.events[event].read(sample), AT, lambda at: asked.append(at) or ["WHO"])
    if matter is not None:
        assert matter.title["en"]
        assert (matter.audience is None) is (matter.topic in matters.PUBLIC)
    if asked:
        assert asked == [AT]
        assert "WHO" in matter.audience or name == "documents.reminded"
