"""What a new chair inherits, as other services' events tell of it: in any order, and as often as the broker pleases."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.chairs.rules import dossier
from services.kernel import utc

NOW = utc(2014, 11)
JANUARY = utc(2015, 1, 20, 9)
Told = tuple[int, str, dict[str, Any]]


def hear(*told: Told, into: dict[str, dossier.Known] | None = None) -> dict[str, dossier.Known]:
    """The matters once these events, each with its sequence, have arrived in this order."""
    matters = into if into is not None else {}
    for sequence, event, data in told:
        for key, facts in dossier.facts(event, data).items():
            matters[key] = dossier.newest(matters.get(key, {}), facts, sequence=sequence, at=utc(2014) + timedelta(hours=sequence))
    return matters


def open_at(matters: dict[str, dossier.Known], at: datetime = NOW) -> dict[str, dict[str, Any]]:
    return {f"{matter['kind']}/{matter['id']}": matter for matter in dossier.standing(matters, at)}


def added(activity: str, sequence: int = 2, year: int = 2014, **substance: Any) -> Told:
    steps = {"deliverables": [], "milestones": []} | substance
    told = {"year": year, "activity": activity, "title": activity.title(), "lead": "ILO", "pillars": [], "digest": "d"}
    return sequence, "workplan.activity_added", told | {"substance": steps}


def of(activity: str, sequence: int, event: str, **data: Any) -> Told:
    return sequence, f"workplan.{event}", {"year": 2014, "activity": activity, "title": activity.title(), **data}


def document(sequence: int, event: str, **data: Any) -> Told:
    return sequence, f"documents.{event}", {"document": "remedies", "title": "Remedies", "kind": "issue_paper", **data}


def event_on(kind: str, sequence: int, event: str, starts: datetime = JANUARY, **data: Any) -> Told:
    times = {"starts_at": starts, "ends_at": starts + timedelta(hours=3)}
    return sequence, f"workplan.{event}", {kind: "geneva", "title": "In Geneva", **times, **data}


def action(sequence: int, event: str, **data: Any) -> Told:
    told = {"meeting": "geneva", "title": "In Geneva", "action": "a1", "what": "Send the draft", "owner": "IOM", "due": utc(2014, 12)}
    return sequence, f"workplan.action_{event}", told | data


class TestWhatIsOpen:
    def test_an_activity_that_was_delivered_and_is_to_deliver_more(self):
        more = {"deliverables": [{"due": "2014-06-01T00:00:00Z"}, {"due": "2014-12-01T00:00:00Z"}]}
        delivered = hear(added("paper"), of("paper", 3, "deliverable_delivered", status="delivered"))
        assert not open_at(delivered)
        amended = of("paper", 4, "amendment_adopted", kind="change", after=more, status="under_way")
        reworded = of("paper", 4, "activity_changed", after=more, status="under_way")
        for told in (amended, reworded):
            matters = hear(told, into=dict(delivered))
            assert open_at(matters)["activity/2014/paper"]["state"] == "under_way"
            assert not open_at(hear(of("paper", 5, "deliverable_delivered", status="delivered"), into=matters))
        less = of("paper", 5, "amendment_adopted", kind="change", after={"deliverables": []}, status="delivered")
        assert not open_at(hear(less, into=hear(amended, into=dict(delivered))))

    def test_an_activity_until_it_is_delivered_cancelled_or_continued(self):
        begun = hear(added("paper"))
        assert open_at(begun)["activity/2014/paper"] | {"told_at": None} == {
            "kind": "activity",
            "id": "2014/paper",
            "title": "Paper",
            "state": "planned",
            "lead": "ILO",
            "due": None,
            "link": "/workplans/2014/activities/paper",
            "told_at": None,
        }
        assert open_at(hear(of("paper", 3, "activity_progressed", status="late"), into=begun))["activity/2014/paper"]["state"] == "late"
        for closing in (
            of("paper", 4, "deliverable_delivered", status="delivered"),
            of("paper", 4, "activity_cancelled", reason="r"),
            of("paper", 4, "activity_continued", to_year=2015, to_activity="paper"),
            of("paper", 4, "amendment_adopted", kind="drop", after=None),
        ):
            assert open_at(hear(added("paper"), closing)) == {}, closing
        assert open_at(hear(added("paper"), of("paper", 4, "deliverable_delivered", status="under_way"))) != {}

    def test_an_activity_of_a_closed_plan_is_of_the_past(self):
        matters = hear((1, "workplan.plan_opened", {"year": 2014}), added("paper"), added("other", 3, year=2015))
        hear((9, "workplan.plan_closed", {"year": 2014}), into=matters)
        assert set(open_at(matters)) == {"activity/2015/other"}

    def test_what_goes_on_in_next_years_plan_is_not_inherited_twice(self):
        matters = hear(
            added("paper"), of("paper", 3, "activity_continued", to_year=2015, to_activity="paper"), added("paper", 2, year=2015)
        )
        hear(of("paper", 4, "activity_progressed", status="under_way"), into=matters)
        assert set(open_at(matters)) == {"activity/2015/paper"}

    def test_it_is_due_when_the_last_of_what_it_promises_is(self):
        steps = {
            "deliverables": [{"due": "2014-06-01T00:00:00Z"}, {"due": None}],
            "milestones": [{"due": "2014-04-01T00:00:00Z"}, {"due": "2014-05-01T00:00:00Z"}],
        }
        matters = hear(added("paper", **steps))
        assert open_at(matters)["activity/2014/paper"]["due"] == utc(2014, 6)
        moved = {"milestones": [{"due": "2014-09-01T00:00:00Z"}], "lead": "IOM", "title": "The paper"}
        hear(of("paper", 3, "activity_changed", before={}, after=moved), into=matters)
        shown = open_at(matters)["activity/2014/paper"]
        assert (shown["due"], shown["lead"]) == (utc(2014, 9), "IOM")

    def test_an_amendment_adds_or_rewords(self):
        after = {"title": "A study", "lead": "UNHCR", "deliverables": [], "milestones": []}
        matters = hear((5, "workplan.amendment_adopted", {"year": 2014, "activity": "study", "kind": "add", "after": after}))
        shown = open_at(matters)["activity/2014/study"]
        assert (shown["title"], shown["lead"], shown["state"]) == ("A study", "UNHCR", "planned")
        hear((6, "workplan.amendment_adopted", {"year": 2014, "activity": "study", "kind": "change", "after": after | {"lead": "IOM"}}),
             (7, "workplan.activity_progressed", {"year": 2014, "activity": "study", "title": "A study", "status": "under_way"}),
             into=matters)  # fmt: skip
        shown = open_at(matters)["activity/2014/study"]
        assert (shown["lead"], shown["state"]) == ("IOM", "under_way")

    def test_a_document_in_comment_or_clearance(self):
        matters = hear(document(1, "proposed", lead="IOM"))
        assert open_at(matters) == {}
        hear(document(4, "comment_round_opened", deadline=utc(2014, 12)), into=matters)
        shown = open_at(matters)["document/remedies"]
        assert (shown["state"], shown["due"], shown["lead"], shown["title"]) == ("comment_round", utc(2014, 12), "IOM", "Remedies")
        assert open_at(hear(document(5, "comment_round_closed"), into=matters)) == {}
        hear(document(6, "clearance_opened", deadline=None), into=matters)
        assert open_at(matters)["document/remedies"]["due"] is None
        hear(document(7, "clearance_extended", deadline=utc(2015, 1)), into=matters)
        assert open_at(matters)["document/remedies"]["due"] == utc(2015, 1)

    @pytest.mark.parametrize(
        "settled",
        ["clearance_passed", "clearance_broken", "clearance_lapsed", "clearance_superseded", "published", "statement_issued", "withdrawn"],
    )
    def test_until_the_clearance_has_settled(self, settled):
        assert open_at(hear(document(6, "clearance_opened", deadline=utc(2015, 1)), document(7, settled))) == {}

    @pytest.mark.parametrize(("kind", "first"), [("meeting", "meeting_called"), ("briefing", "briefing_announced")])
    def test_a_coming_meeting_or_briefing_until_it_was_held_moved_or_cancelled(self, kind, first):
        matters = hear(event_on(kind, 1, first))
        key = f"{kind}/geneva"
        assert open_at(matters)[key]["due"] == utc(2015, 1, 20, 9)
        assert key in open_at(matters, utc(2015, 1, 20, 11, 59))
        assert open_at(matters, utc(2015, 1, 20, 12)) == {}
        hear(event_on(kind, 2, f"{kind}_changed", starts=utc(2015, 2, 3)), into=matters)
        assert open_at(matters, utc(2015, 1, 20, 12))[key]["due"] == utc(2015, 2, 3)
        assert open_at(hear(event_on(kind, 3, f"{kind}_cancelled", starts=utc(2015, 2, 3)), into=matters)) == {}

    def test_an_action_item_until_it_is_done_or_dropped(self):
        matters = hear(action(3, "assigned"))
        shown = open_at(matters)["action_item/geneva/a1"]
        assert (shown["title"], shown["lead"], shown["due"], shown["link"]) == ("Send the draft", "IOM", utc(2014, 12), "/meetings/geneva")
        hear(action(4, "changed", owner="ILO"), into=matters)
        assert open_at(matters)["action_item/geneva/a1"]["lead"] == "ILO"
        for closing in ("completed", "dropped"):
            assert open_at(hear(action(3, "assigned"), action(5, closing))) == {}

    def test_a_plan_in_consultation_or_adoption(self):
        year, whole = {"year": 2015}, {"year": 2015, "amendment": None}
        matters = hear((1, "workplan.plan_opened", year))
        assert open_at(matters) == {}
        hear((2, "workplan.consultation_opened", year), into=matters)
        assert open_at(matters)["plan/2015"]["state"] == "consultation"
        hear((3, "workplan.adoption_opened", whole | {"deadline": utc(2014, 12)}), into=matters)
        assert (open_at(matters)["plan/2015"]["state"], open_at(matters)["plan/2015"]["due"]) == ("adoption", utc(2014, 12))
        hear((4, "workplan.adoption_extended", whole | {"deadline": utc(2014, 12, 9)}), into=matters)
        assert open_at(matters)["plan/2015"]["due"] == utc(2014, 12, 9)
        adopted = {"year": 2015, "activities": [{"id": "paper", "title": "Paper", "lead": "IOM"}]}
        hear((6, "workplan.plan_adopted", adopted), into=matters)
        assert open_at(matters) == {}, "and an activity of which only its title has arrived is not shown yet"
        hear(added("paper", 2, year=2015), into=matters)
        assert open_at(matters)["activity/2015/paper"]["lead"] == "IOM", "the newest word on each fact"
        amendment = {"year": 2015, "amendment": "a1", "deadline": utc(2015, 6)}
        assert dossier.facts("workplan.adoption_opened", amendment) == {}

    def test_soonest_due_first_and_what_has_no_date_last(self):
        matters = hear(action(1, "assigned"), event_on("meeting", 1, "meeting_called"), added("paper"))
        assert [matter["kind"] for matter in dossier.standing(matters, NOW)] == ["action_item", "meeting", "activity"]


LIFE: list[Told] = [
    (1, "workplan.plan_opened", {"year": 2014}),
    added("paper", 2, deliverables=[{"due": "2014-06-01T00:00:00Z"}]),
    added("study", 3),
    of("paper", 4, "activity_changed", before={}, after={"lead": "IOM"}),
    (5, "workplan.consultation_opened", {"year": 2014}),
    (6, "workplan.plan_adopted", {"year": 2014, "activities": [{"id": "paper", "title": "Paper", "lead": "IOM"}]}),
    of("paper", 7, "activity_progressed", status="under_way"),
    of("study", 8, "deliverable_delivered", status="delivered"),
    of("paper", 9, "deliverable_delivered", status="under_way"),
    event_on("meeting", 1, "meeting_called"),
    action(2, "assigned"),
    event_on("meeting", 3, "meeting_changed", starts=utc(2015, 2)),
    action(4, "changed", owner="UNHCR"),
    document(1, "proposed", lead="IOM"),
    document(2, "comment_round_opened", deadline=utc(2014, 11, 9)),
    document(3, "comment_round_closed"),
    document(4, "clearance_opened", deadline=utc(2014, 12)),
]


@settings(max_examples=150, deadline=None)
@given(st.permutations(LIFE), st.lists(st.sampled_from(LIFE), max_size=10), st.integers(0, len(LIFE)))
def test_it_does_not_matter_in_which_order_events_come_or_how_often(shuffled, again, at):
    arrived = [*shuffled[:at], *again, *shuffled[at:]]
    matters = hear(*arrived)
    assert matters == hear(*LIFE)
    assert set(open_at(matters)) == {"activity/2014/paper", "meeting/geneva", "action_item/geneva/a1", "document/remedies"}


@settings(max_examples=100, deadline=None)
@given(st.permutations(LIFE), st.integers(0, len(LIFE)))
def test_what_is_not_kept_to_be_shown_is_never_shown(shuffled, heard):
    """Only matters that may stand are read for a dossier; leaving out the others changes nothing."""
    matters = hear(*shuffled[:heard])
    kept = {key: known for key, known in matters.items() if dossier.may_stand(key, known)}
    assert dossier.standing(kept, NOW) == dossier.standing(matters, NOW)
    closed = hear((9, "workplan.plan_closed", {"year": 2014}), into=dict(matters))
    assert "plan/2014" in {key for key, known in closed.items() if dossier.may_stand(key, known)}
