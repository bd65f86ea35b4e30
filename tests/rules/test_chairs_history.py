"""Who chaired, chairs and will chair; and the real history, from seven seats to thirty-one members, entered as data alone."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.chairs.rules import Group, history, views
from services.kernel import Actor, utc

SECRETARIAT = Actor("Sofia", None, frozenset({"secretariat"}))
MISSION = Actor("Bruno", "BRAZIL", frozenset({"mission"}))
SIX = ["ILO", "IOM", "OHCHR", "UNHCR", "UNICEF", "UNODC"]
SIXTEEN = [*SIX, "DPKO", "ICAO", "INTERPOL", "UNAIDS", "UNDP", "UNESCO", "UNFPA", "UNICRI", "UNWOMEN", "WB"]
FIFTEEN_MORE = ["ICMPD", "OSRSG-VAC", *(f"NEW-{n}" for n in range(13))]
JUNE_2015 = utc(2015, 6, 8)
ENTERED: dict[str, Any] = {"by": SECRETARIAT, "at": JUNE_2015}


def the_real_one() -> Group:
    """The Group as the reports of 2012 and 2015 have it."""
    group = Group()
    for code in SIXTEEN:
        group.register_entity(code, names={"en": code}, acronyms={}, **ENTERED)
        group.start_membership(code, since=utc(2006), until=None, source="001 ¶31, note 1; the day is not known", **ENTERED)
    for code in [*SIX, "INTERPOL"]:
        group.take_seat(code, since=utc(2010), until=None, source="000 ¶28", **ENTERED)
    group.give_up_seat("INTERPOL", until=utc(2014), source="001 ¶72; the day is not known", **ENTERED)
    for year, chair in {2011: "OHCHR", 2012: "UNICEF", 2014: "IOM", 2015: "UNHCR"}.items():
        group.record_term(year, chairs=[chair], nobody_knows=False, source="000 ¶27, 001 ¶71", **ENTERED)
    group.record_term(2013, chairs=[], nobody_knows=True, source=None, **ENTERED)
    return group


def of(shown: dict[str, Any], entity: str) -> dict[str, Any]:
    return next(record for record in shown["entities"] if record["entity"] == entity)


def test_the_real_history_and_its_growth_to_thirty_one_members_with_co_chairs():
    group = the_real_one()
    assert [len(group.composition.seated(at)) for at in (utc(2012, 2, 8), JUNE_2015)] == [7, 6]
    assert [len(group.composition.members(at)) for at in (utc(2012, 2, 8), JUNE_2015)] == [16, 16]
    shown = history.history(group, MISSION, JUNE_2015)
    assert [(term["year"], term["chairs"], term["state"]) for term in shown["terms"]] == [
        (2011, ["OHCHR"], "ended"),
        (2012, ["UNICEF"], "ended"),
        (2013, [], "unknown"),
        (2014, ["IOM"], "ended"),
        (2015, ["UNHCR"], "begun"),
    ]
    while (reached := group.reached(JUNE_2015)) < 2021:
        group.propose_rota(first_year=None, years=3, together=1, by=SECRETARIAT, at=JUNE_2015)
        turns = [{"year": turn.year, "chairs": turn.chairs} for turn in group.tabled.turns]
        group.adopt_rota(turns, decision="minutes", by=SECRETARIAT, at=JUNE_2015)
        assert group.reached(JUNE_2015) == reached + 3
    group.tick(utc(2021, 2))
    for code in FIFTEEN_MORE:
        group.register_entity(code, names={"en": code}, acronyms={}, by=SECRETARIAT, at=utc(2021, 2))
        group.start_membership(code, since=utc(2020), until=None, source="its letter", by=SECRETARIAT, at=utc(2021, 2))
    group.take_seat("ICMPD", since=utc(2021), until=None, source="its letter", by=SECRETARIAT, at=utc(2021, 2))
    group.adopt_rota([{"year": 2022, "chairs": ["UNODC", "ICMPD"]}], decision="minutes", by=SECRETARIAT, at=utc(2021, 6))
    group.tick(utc(2022))
    assert group.composition.chairs(utc(2022, 6)) == ["UNODC", "ICMPD"]
    assert len(group.composition.members(utc(2023))) == 31
    assert of(history.history(group, MISSION, utc(2022, 6)), "ICMPD")["chaired"] == [2022]


def test_past_present_and_forecast():
    group = the_real_one()
    turns = [{"year": 2016, "chairs": ["ILO"]}, {"year": 2017, "chairs": ["UNODC", "IOM"]}]
    group.adopt_rota(turns, decision="minutes", by=SECRETARIAT, at=JUNE_2015)
    inside, outside = (history.history(group, by, JUNE_2015, years=4) for by in (SECRETARIAT, MISSION))
    assert [(term["year"], term["chairs"], term["state"]) for term in inside["terms"][5:]] == [
        (2016, ["ILO"], "adopted"),
        (2017, ["UNODC", "IOM"], "adopted"),
        (2018, ["OHCHR"], "proposed"),
        (2019, ["UNICEF"], "proposed"),
    ]
    assert [term["year"] for term in outside["terms"][5:]] == [2016, 2017]
    assert (of(inside, "OHCHR")["coming"], of(outside, "OHCHR")["coming"]) == ([2018], [])
    assert of(outside, "IOM")["coming"] == [2017]
    assert inside["longest_ago"] == outside["longest_ago"] == ["ILO", "UNODC", "OHCHR", "UNICEF", "IOM", "UNHCR"]
    assert [of(outside, code)["rank"] for code in ("ILO", "UNHCR", "INTERPOL")] == [1, 6, None]
    assert (of(outside, "OHCHR")["last"], of(outside, "ILO")["last"]) == (2011, None)


def test_as_of_an_instant_of_the_past():
    shown = history.history(the_real_one(), SECRETARIAT, JUNE_2015, years=3, as_of=utc(2012, 2, 8))
    assert [(term["year"], term["state"]) for term in shown["terms"]] == [
        (2011, "ended"),
        (2012, "begun"),
        (2013, "unknown"),
        (2014, "adopted"),
        (2015, "adopted"),
    ]
    assert shown["longest_ago"][-2:] == ["OHCHR", "UNICEF"]
    assert "INTERPOL" in shown["longest_ago"]
    unhcr = of(shown, "UNHCR")
    assert (unhcr["chaired"], unhcr["coming"], unhcr["last"], unhcr["seated_since"]) == ([], [2015], None, utc(2010))


def test_how_fair_it_was():
    shown = history.history(the_real_one(), SECRETARIAT, JUNE_2015)
    sevenths, sixths = 2 / 7, 2 / 6
    assert of(shown, "ILO")["share"] == pytest.approx(sevenths + sixths, abs=1e-6)
    assert of(shown, "ILO")["balance"] == pytest.approx(-sevenths - sixths, abs=1e-6)
    assert of(shown, "IOM")["balance"] == pytest.approx(1 - sevenths - sixths, abs=1e-6)
    interpol = of(shown, "INTERPOL")
    assert (interpol["share"], interpol["seated_years"], interpol["seated_since"]) == (pytest.approx(sevenths, abs=1e-6), 4, None)
    assert of(shown, "ILO")["seated_years"] == 6
    assert {record["entity"] for record in shown["entities"]} == {*SIX, "INTERPOL"}


def test_who_stood_in_held_the_chair_too():
    group = the_real_one()
    group.adopt_rota([{"year": 2016, "chairs": ["ILO"]}], decision="minutes", by=SECRETARIAT, at=JUNE_2015)
    group.step_down(2015, "UNHCR", letter="a letter", by=SECRETARIAT, at=utc(2015, 9))
    before, after = (history.history(group, SECRETARIAT, at) for at in (utc(2015, 8), utc(2015, 9)))
    assert (of(before, "ILO")["chaired"], of(after, "ILO")["chaired"], of(after, "UNHCR")["chaired"]) == ([], [2015], [2015])
    assert after["terms"][4]["serving"] == ["ILO"]
    assert group.rota.longest_ago(utc(2015, 9))[-1] == "UNHCR", "standing in is no turn of one's own"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.sampled_from(SIX), min_size=1, max_size=3, unique=True), max_size=9))
def test_what_is_too_much_for_some_is_too_little_for_others(terms):
    """Among who is seated the balances add up to nothing, whoever chaired with whom."""
    group = Group()
    for code in SIX:
        group.register_entity(code, names={"en": code}, acronyms={}, **ENTERED)
        group.start_membership(code, since=utc(2005), until=None, source="x", **ENTERED)
        group.take_seat(code, since=utc(2005), until=None, source="x", **ENTERED)
    for year, chairs in enumerate(terms, 2006):
        group.record_term(year, chairs=chairs, nobody_knows=False, source="x", **ENTERED)
    records = history.history(group, MISSION, JUNE_2015)["entities"]
    assert sum(record["balance"] for record in records) == pytest.approx(0, abs=1e-4)
    assert sum(len(record["chaired"]) for record in records) == sum(len(chairs) for chairs in terms)


class TestTheRotaAsOf:
    def test_so_many_years_after_an_instant(self):
        group = the_real_one()
        group.adopt_rota([{"year": 2016, "chairs": ["ILO"]}], decision="minutes", by=SECRETARIAT, at=JUNE_2015)
        assert [t["year"] for t in views.rota(group, SECRETARIAT, JUNE_2015, years=30)["turns"]] == list(range(2016, 2046))
        ahead = views.rota(group, SECRETARIAT, JUNE_2015, years=2, as_of=utc(2018, 5))
        assert (ahead["as_of"], [(t["year"], t["chairs"], t["state"]) for t in ahead["turns"]]) == (
            utc(2018, 5),
            [(2019, ["UNICEF"], "proposed"), (2020, ["IOM"], "proposed")],
        )
        back = views.rota(group, MISSION, JUNE_2015, years=4, as_of=utc(2012, 5))
        assert [(t["year"], t["state"]) for t in back["turns"]] == [
            (2013, "unknown"),
            (2014, "adopted"),
            (2015, "adopted"),
            (2016, "adopted"),
        ]
        assert views.rota(group, MISSION, JUNE_2015, years=2, as_of=utc(2018, 5))["turns"] == []

    def test_nothing_on_record(self):
        nothing = history.history(Group(), MISSION, JUNE_2015)
        assert (nothing["terms"], nothing["entities"], nothing["longest_ago"]) == ([], [], [])
        assert [t["chairs"] for t in views.rota(Group(), SECRETARIAT, JUNE_2015, years=2)["turns"]] == [[], []]
