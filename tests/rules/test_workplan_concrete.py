"""A member's concrete action: who may declare it, what it serves, and in which years it counts."""

from copy import deepcopy

import pytest

from contracts import workplan as contract
from services.kernel import Actor, Composition, Membership, Refusal, utc
from services.workplan.rules import ConcreteAction

NOW = utc(2015, 3, 1, 9)
SECRETARIAT = Actor("sec", "UNODC", frozenset({"secretariat"}))
MISSION = Actor("brazil", "BRA", frozenset({"mission"}))
MEMBERS = Composition(memberships=[Membership("ILO", utc(2010)), Membership("WB", utc(2010)), Membership("DPKO", utc(2010), utc(2015))])


def focal(entity: str) -> Actor:
    return Actor(f"{entity.lower()}.person", entity, frozenset({"focal_point"}))


def told(**more) -> dict:
    return {"letter": "", "by": focal("WB"), "at": NOW, "composition": MEMBERS} | more


def declared(entity: str = "WB", *, letter: str = "", by: Actor | None = None, at=NOW, **wording) -> ConcreteAction:
    wording = {"title": "Remittance study", "until": 2017, "pillars": ["prevention"]} | wording
    return ConcreteAction.declare("a", wording, entity=entity, letter=letter, by=by or focal(entity), at=at, composition=MEMBERS)


def happened(action: ConcreteAction) -> list[tuple[str, dict]]:
    """What happened since last asked; each fact checked against its contract, as the store does."""
    return [(fact.name, contract.contract.events[fact.name].publish(fact.data)) for fact in action.take_happened()]


def refused(kind: str, rule: str, field: str | None, do, *args, **kwargs) -> Refusal:
    with pytest.raises(Refusal) as caught:
        do(*args, **kwargs)
    assert (caught.value.kind, caught.value.rule, caught.value.field) == (kind, rule, field), caught.value.detail
    return caught.value


def refused_unchanged(action: ConcreteAction, kind: str, rule: str, field: str | None, do, *args, **kwargs) -> Refusal:
    action.take_happened()
    before = deepcopy(action)
    answer = refused(kind, rule, field, do, *args, **kwargs)
    assert action == before
    assert action.take_happened() == []
    return answer


def test_a_member_declares_its_own_measure_and_it_begins_this_year():
    action = declared(paragraphs=[61, 12, 12], pillars=["protection", "prevention", "protection"], description="Who sends, and how")
    assert (action.since, action.until, action.state) == (2015, 2017, "declared")
    assert (action.pillars, action.paragraphs) == (["prevention", "protection"], [12, 61])
    ((name, fact),) = happened(action)
    assert name == "concrete_action_declared"
    assert (fact["entity"], fact["since"], fact["until"], fact["paragraphs"], fact["letter"]) == ("WB", 2015, 2017, [12, 61], "")


def test_the_secretariat_enters_it_from_a_letter_which_only_the_group_is_shown():
    refused("invalid", "on-behalf-letter", "letter", declared, by=SECRETARIAT)
    refused("invalid", "on-behalf-letter", "letter", declared, by=SECRETARIAT, letter=" ")
    action = declared(by=SECRETARIAT, letter="Letter of 20 February 2015")
    for reader, letter in ((SECRETARIAT, "Letter of 20 February 2015"), (focal("ILO"), "Letter of 20 February 2015"), (MISSION, ""),
                           (focal("DPKO"), ""), (focal("NEVER"), "")):  # fmt: skip
        shown = action.view(reader, NOW, MEMBERS)
        assert shown["letter"] == letter
        assert set(shown) == set(contract.ConcreteActionAnswer().fields) - {"version"}


@pytest.mark.parametrize(
    ("entity", "by", "kind", "rule", "field"),
    [
        ("WB", focal("ILO"), "not_allowed", "own-entity", None),
        ("WB", MISSION, "not_allowed", "own-entity", None),
        ("WB", Actor("wb", "WB", frozenset({"reader"})), "not_allowed", "own-entity", None),
        ("DPKO", focal("DPKO"), "not_allowed", "concrete-action-member", None),
        ("DPKO", SECRETARIAT, "invalid", "concrete-action-member", "entity"),
        ("NEVER", SECRETARIAT, "invalid", "concrete-action-member", "entity"),
    ],
)
def test_only_a_member_as_of_the_instant_declares(entity, by, kind, rule, field):
    refused(kind, rule, field, declared, entity, by=by, letter="L")
    if entity == "DPKO" and by != SECRETARIAT:
        assert declared("DPKO", at=utc(2014, 12, 31)).entity == "DPKO"


@pytest.mark.parametrize(
    ("wording", "rule", "field"),
    [
        ({"pillars": []}, "concrete-action-serves", "pillars"),
        ({"pillars": ["profit"]}, "pillar", "pillars.0"),
        ({"paragraphs": [1, 62]}, "gpa-paragraph", "paragraphs.1"),
        ({"paragraphs": [0]}, "gpa-paragraph", "paragraphs.0"),
        ({"since": 2017, "until": 2016}, "concrete-action-years", "until"),
        ({"since": 2013, "until": 2014}, "concrete-action-ahead", "until"),
    ],
)
def test_bad_wordings_are_refused_declared_or_changed(wording, rule, field):
    assert refused("invalid", rule, field, declared, **wording).accepted
    action = declared()
    refused_unchanged(action, "invalid", rule, field, action.change, wording, **told())


def test_it_may_have_begun_before_and_end_this_very_year():
    assert declared(since=2010, until=2015).serves(2012)
    assert declared(pillars=[], paragraphs=[38]).pillars == []


def test_a_change_tells_what_was_and_what_is_and_no_change_tells_nothing():
    action = declared(by=SECRETARIAT, letter="First letter")
    happened(action)
    action.change({"until": 2018, "pillars": ["prevention"]}, **told())
    assert happened(action) == [
        ("concrete_action_changed", {"action": "a", "entity": "WB", "title": "Remittance study", "letter": "",
                                     "before": {"until": 2017}, "after": {"until": 2018}})
    ]  # fmt: skip
    assert action.letter == ""
    action.change({"until": 2018}, **told())
    action.change({}, **told())
    assert happened(action) == []
    refused_unchanged(action, "not_allowed", "own-entity", None, action.change, {"title": "x"}, **told(by=focal("ILO")))
    refused_unchanged(action, "invalid", "on-behalf-letter", "letter", action.change, {"title": "x"}, **told(by=SECRETARIAT))


def test_a_measure_whose_years_are_over_may_still_be_reworded_or_ended_but_not_made_to_end_earlier():
    action, later = declared(until=2015), utc(2016, 2)
    refused_unchanged(action, "invalid", "concrete-action-ahead", "until", action.change, {"since": 2014, "until": 2014}, **told(at=later))
    action.change({"title": "Remittances"}, **told(at=later))
    action.end("done", "Published", **told(at=later))
    assert [action.serves(year) for year in (2014, 2015, 2016)] == [False, True, False]


def test_done_counts_in_the_years_it_held_and_withdrawn_in_none():
    done, withdrawn = declared(), declared()
    done.end("done", "Earlier than hoped", **told(at=utc(2016, 5)))
    withdrawn.end("withdrawn", "No money", **told(at=utc(2016, 5)))
    assert [done.serves(year) for year in range(2014, 2019)] == [False, True, True, False, False]
    assert not any(withdrawn.serves(year) for year in range(2014, 2019))
    assert [withdrawn.holds(year) for year in range(2014, 2019)] == [False, True, True, True, False]
    assert [name for name, _ in happened(done)] == ["concrete_action_declared", "concrete_action_ended"]
    assert withdrawn.view(MISSION, NOW, MEMBERS)["note"] == "No money"


def test_what_is_ended_changes_no_more():
    action = declared()
    action.end("done", "Published", **told())
    refused_unchanged(action, "conflict", "concrete-action-ended", None, action.change, {"title": "x"}, **told())
    refused_unchanged(action, "conflict", "concrete-action-ended", None, action.end, "withdrawn", "r", **told())


def test_what_has_not_begun_is_not_done_and_the_secretariat_ends_what_an_entity_left_behind():
    ahead = declared(since=2016)
    refused_unchanged(ahead, "too_early", "concrete-action-begun", "outcome", ahead.end, "done", "r", **told())
    refused_unchanged(ahead, "invalid", "concrete-action-outcome", "outcome", ahead.end, "forgotten", "r", **told())
    left = declared("DPKO", at=utc(2014, 12, 31))
    refused_unchanged(left, "not_allowed", "concrete-action-member", None, left.end, "done", "r", **told(by=focal("DPKO")))
    left.end("withdrawn", "It left the Group", **told(by=SECRETARIAT, letter="Letter of 5 January 2015"))
    assert (left.state, left.letter) == ("withdrawn", "Letter of 5 January 2015")
