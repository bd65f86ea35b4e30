"""The composition of the Group: DOMAIN's rules on chairs, one by one, without clock, store or broker."""

from dataclasses import asdict
from datetime import datetime, timedelta

import pytest

from services.chairs.rules import Group, history, views, waiting
from services.kernel import Actor, Refusal, utc, year_begins

SECRETARIAT = Actor("Sofia", None, frozenset({"secretariat"}))
MISSION = Actor("Bruno", "BRAZIL", frozenset({"mission"}))
SIX = ["ILO", "IOM", "OHCHR", "UNHCR", "UNICEF", "UNODC"]
JULY_2015 = utc(2015, 7, 1)
MAY_2016 = utc(2016, 5, 1)


def focal_point(entity: str) -> Actor:
    return Actor(f"of {entity}", entity, frozenset({"focal_point"}))


def registered(*codes: str, at: datetime = JULY_2015) -> Group:
    """A group where these entities are known, and members since 2010."""
    group = Group()
    for code in codes:
        group.register_entity(code, names={"en": code.title()}, acronyms={}, by=SECRETARIAT, at=at)
        group.start_membership(code, since=utc(2010), until=None, source="001 ¶31", by=SECRETARIAT, at=at)
    return group


def seated(*codes: str, at: datetime = JULY_2015, terms: dict[int, list[str]] | None = None) -> Group:
    """The same, seated since 2010, with these years on record."""
    group = registered(*codes, at=at)
    for code in codes:
        group.take_seat(code, since=utc(2010), until=None, source="000 ¶28", by=SECRETARIAT, at=at)
    for year, chairs in (terms or {}).items():
        group.record_term(year, chairs=chairs, nobody_knows=False, source="001 ¶71", by=SECRETARIAT, at=at)
    group.take_happened()
    return group


def adopted(order: dict[int, list[str]], *codes: str, at: datetime = JULY_2015) -> Group:
    """Seated entities with an adopted order."""
    group = seated(*(codes or SIX), at=at)
    adopt(group, order, at=at)
    group.take_happened()
    return group


def adopt(group: Group, order: dict[int, list[str]], at: datetime = JULY_2015) -> None:
    turns = [{"year": year, "chairs": chairs} for year, chairs in order.items()]
    group.adopt_rota(turns, decision="minutes of 1 July", by=SECRETARIAT, at=at)


def decline(group: Group, year: int, entity: str, at: datetime = JULY_2015) -> None:
    group.decline_term(year, entity, letter=None, by=focal_point(entity), at=at)


def order(group: Group) -> dict[int, list[str]]:
    return {t.year: t.chairs for t in sorted(group.composition.terms.values(), key=lambda t: t.year) if t.state == "adopted"}


def names(group: Group) -> list[str]:
    return [fact.name for fact in group.take_happened()]


def refused(rule: str, field: str | None, act, *args, **kwargs) -> Refusal:
    """The act is refused by this rule, for this field, and nothing has changed or happened."""
    group: Group = act.__self__
    before = asdict(group)
    group.take_happened()
    with pytest.raises(Refusal) as caught:
        act(*args, **kwargs)
    assert (caught.value.rule, caught.value.field) == (rule, field), caught.value.detail
    assert asdict(group) == before
    assert group.take_happened() == []
    return caught.value


class TestEntitiesMembersAndSeats:
    def test_an_entity_is_known_by_an_acronym_in_each_language(self):
        group = Group()
        group.register_entity("OHCHR", names={"en": "Human rights", "fr": "Droits"}, acronyms={"fr": "HCDH"}, by=SECRETARIAT, at=JULY_2015)
        assert group.composition.entities["OHCHR"].acronyms == {"en": "OHCHR", "fr": "HCDH"}
        assert names(group) == ["entity_registered", "composition_changed"]

    def test_a_second_entity_of_the_same_code_or_one_without_english_name_is_refused(self):
        group = registered("ILO")
        refused(
            "entity-registered-once", "code", group.register_entity, "ILO", names={"en": "x"}, acronyms={}, by=SECRETARIAT, at=JULY_2015
        )
        refused("entity-name", "names", group.register_entity, "WB", names={"fr": "BM"}, acronyms={}, by=SECRETARIAT, at=JULY_2015)

    @pytest.mark.parametrize("who", [focal_point("ILO"), MISSION, Actor("nobody")])
    def test_only_the_secretariat_registers_members_and_past_terms(self, who):
        group = seated("ILO")
        refused("secretariat-only", None, group.register_entity, "WB", names={"en": "x"}, acronyms={}, by=who, at=JULY_2015)
        refused("secretariat-only", None, group.start_membership, "ILO", since=None, until=None, source=None, by=who, at=JULY_2015)
        refused("secretariat-only", None, group.end_membership, "ILO", until=None, source=None, by=who, at=JULY_2015)
        refused("secretariat-only", None, group.record_term, 2014, chairs=["ILO"], nobody_knows=False, source="x", by=who, at=JULY_2015)
        refused("secretariat-only", None, group.adopt_rota, [{"year": 2016, "chairs": ["ILO"]}], decision=None, by=who, at=JULY_2015)

    def test_an_unknown_entity_is_refused_with_those_known(self):
        group = registered("ILO", "IOM")
        refusal = refused(
            "entity-known", "entity", group.start_membership, "WB", since=None, until=None, source=None, by=SECRETARIAT, at=JULY_2015
        )
        assert refusal.accepted == ["ILO", "IOM"]
        refused("entity-known", "entity", group.take_seat, "WB", since=None, until=None, source="x", by=SECRETARIAT, at=JULY_2015)
        refused(
            "entity-known", "chairs", group.record_term, 2014, chairs=["WB"], nobody_knows=False, source="x", by=SECRETARIAT, at=JULY_2015
        )

    @pytest.mark.parametrize(("since", "until"), [(2009, None), (2010, 2011), (2014, None), (2009, 2011), (2012, 2013)])
    def test_overlapping_memberships_are_refused(self, since, until):
        group = registered("ILO")
        refused(
            "membership-overlap",
            "since",
            group.start_membership,
            "ILO",
            since=utc(since),
            until=until and utc(until),
            source="x",
            by=SECRETARIAT,
            at=JULY_2015,
        )

    def test_an_entity_may_return_and_an_earlier_membership_may_be_found(self):
        group = registered("ILO")
        group.end_membership("ILO", until=utc(2012), source="x", by=SECRETARIAT, at=JULY_2015)
        group.start_membership("ILO", since=utc(2012), until=None, source="x", by=SECRETARIAT, at=JULY_2015)
        group.start_membership("ILO", since=utc(2006), until=utc(2010), source="001 ¶70", by=SECRETARIAT, at=JULY_2015)
        assert all(group.composition.members(utc(year)) == ["ILO"] for year in (2006, 2010, 2012, 2020))
        assert group.composition.members(utc(2005)) == []

    def test_a_period_ends_after_it_starts(self):
        group = registered("ILO")
        for until in (utc(2010), utc(2009)):
            refused("period", "until", group.end_membership, "ILO", until=until, source="x", by=SECRETARIAT, at=JULY_2015)
        refused("period", "until", group.take_seat, "ILO", since=utc(2012), until=utc(2011), source="x", by=SECRETARIAT, at=JULY_2015)

    def test_what_has_ended_does_not_end_again(self):
        group = registered("ILO")
        group.end_membership("ILO", until=None, source=None, by=SECRETARIAT, at=JULY_2015)
        refused("membership-lasts", "entity", group.end_membership, "ILO", until=None, source=None, by=SECRETARIAT, at=JULY_2015)
        refused("seat-lasts", "entity", group.give_up_seat, "ILO", until=None, source=None, by=focal_point("ILO"), at=JULY_2015)

    def test_a_seat_with_an_end_is_given_up_before_it_and_the_earlier_end_is_told(self):
        group = adopted({2016: ["ILO"], 2017: ["IOM"]})
        group.give_up_seat("IOM", until=utc(2099), source=None, by=focal_point("IOM"), at=JULY_2015)
        assert group.composition.term(2017).chairs == ["IOM"]
        refused("period", "until", group.give_up_seat, "IOM", until=utc(2009), source="x", by=SECRETARIAT, at=JULY_2015)
        for late in (utc(2099), utc(2100)):
            later = refused("seat-lasts", "until", group.give_up_seat, "IOM", until=late, source=None, by=focal_point("IOM"), at=MAY_2016)
            assert later.accepted == "before 2099-01-01T00:00:00Z"
        group.give_up_seat("IOM", until=None, source=None, by=focal_point("IOM"), at=MAY_2016)
        assert "IOM" not in group.composition.seated(MAY_2016)
        assert group.composition.term(2017).chairs != ["IOM"], "the years beyond pass over it"
        told = next(fact for fact in group.take_happened() if fact.name == "seat_given_up")
        assert (told.data["until"], told.data["earlier"]) == (MAY_2016, utc(2099))

    def test_a_membership_with_an_end_may_end_before_it_if_its_seats_do(self):
        group = registered("ILO")
        group.end_membership("ILO", until=utc(2099), source=None, by=SECRETARIAT, at=JULY_2015)
        group.start_membership("ILO", since=utc(2099), until=None, source=None, by=SECRETARIAT, at=JULY_2015)
        group.take_seat("ILO", since=None, until=utc(2020), source=None, by=focal_point("ILO"), at=JULY_2015)
        group.take_seat("ILO", since=utc(2099), until=None, source=None, by=focal_point("ILO"), at=JULY_2015)
        refused("seat-needs-membership", None, group.end_membership, "ILO", until=utc(2019), source=None, by=SECRETARIAT, at=JULY_2015)
        group.take_happened()
        group.end_membership("ILO", until=utc(2021), source=None, by=SECRETARIAT, at=JULY_2015)
        assert [group.composition.members(utc(year)) for year in (2020, 2021, 2099)] == [["ILO"], [], ["ILO"]]
        assert [fact.data.get("earlier") for fact in group.take_happened()] == [utc(2099), None]

    def test_a_member_takes_its_seat_by_declaring_its_wish(self):
        group = registered("ILO")
        group.take_seat("ILO", since=None, until=None, source=None, by=focal_point("ILO"), at=JULY_2015)
        assert group.composition.seated(JULY_2015) == ["ILO"]
        assert group.composition.seated(JULY_2015 - timedelta(microseconds=1)) == []
        assert names(group)[-2:] == ["seat_taken", "composition_changed"]
        group.give_up_seat("ILO", until=None, source=None, by=focal_point("ILO"), at=utc(2016, 3))
        assert group.composition.seated(utc(2016, 3)) == []

    @pytest.mark.parametrize("who", [focal_point("IOM"), MISSION, Actor("x", "ILO", frozenset({"reader"}))])
    def test_nobody_else_declares_it(self, who):
        group = registered("ILO", "IOM")
        refused("own-entity", None, group.take_seat, "ILO", since=None, until=None, source=None, by=who, at=JULY_2015)
        refused("own-entity", None, group.give_up_seat, "ILO", until=None, source=None, by=who, at=JULY_2015)

    def test_the_past_is_the_secretariats_with_a_source(self):
        group = registered("ILO")
        refused(
            "past-by-secretariat",
            "since",
            group.take_seat,
            "ILO",
            since=utc(2012),
            until=None,
            source="x",
            by=focal_point("ILO"),
            at=JULY_2015,
        )
        refused("on-behalf-source", "source", group.take_seat, "ILO", since=None, until=None, source=None, by=SECRETARIAT, at=JULY_2015)
        refused("past-needs-source", "source", group.end_membership, "ILO", until=utc(2012), source=None, by=SECRETARIAT, at=JULY_2015)

    def test_only_a_member_has_a_seat(self):
        group = registered("ILO")
        group.register_entity("WB", names={"en": "World Bank"}, acronyms={}, by=SECRETARIAT, at=JULY_2015)
        refused(
            "seat-needs-membership", "since", group.take_seat, "WB", since=None, until=None, source=None, by=focal_point("WB"), at=JULY_2015
        )
        before = refused(
            "seat-needs-membership", "since", group.take_seat, "ILO", since=utc(2009), until=None, source="x", by=SECRETARIAT, at=JULY_2015
        )
        assert before.accepted == ["since 2010-01-01"]
        group.take_seat("ILO", since=None, until=None, source=None, by=focal_point("ILO"), at=JULY_2015)
        refused("seat-overlap", "since", group.take_seat, "ILO", since=None, until=None, source=None, by=focal_point("ILO"), at=utc(2016))
        refused("seat-needs-membership", None, group.end_membership, "ILO", until=utc(2017), source=None, by=SECRETARIAT, at=JULY_2015)
        group.give_up_seat("ILO", until=utc(2016), source=None, by=focal_point("ILO"), at=JULY_2015)
        group.end_membership("ILO", until=utc(2017), source=None, by=SECRETARIAT, at=JULY_2015)
        refused(
            "seat-needs-membership",
            "since",
            group.take_seat,
            "ILO",
            since=utc(2016),
            until=None,
            source=None,
            by=focal_point("ILO"),
            at=JULY_2015,
        )
        group.take_seat("ILO", since=utc(2016), until=utc(2017), source=None, by=focal_point("ILO"), at=JULY_2015)

    def test_the_real_history_can_be_entered(self):
        seven = [*SIX, "INTERPOL"]
        group = registered(*seven)
        for entity in seven:
            group.take_seat(entity, since=utc(2010), until=None, source="000 ¶28", by=SECRETARIAT, at=JULY_2015)
        group.give_up_seat("INTERPOL", until=utc(2014), source="001 ¶72; the day is not known", by=SECRETARIAT, at=JULY_2015)
        for year, chair in {2011: "OHCHR", 2012: "UNICEF", 2014: "IOM", 2015: "UNHCR"}.items():
            group.record_term(year, chairs=[chair], nobody_knows=False, source="001 ¶71", by=SECRETARIAT, at=JULY_2015)
        group.record_term(2013, chairs=[], nobody_knows=True, source=None, by=SECRETARIAT, at=JULY_2015)
        assert group.composition.seated(utc(2012, 2, 8)) == sorted(seven)
        assert group.composition.seated(utc(2015, 6, 8)) == SIX
        assert "INTERPOL" in group.composition.members(utc(2015, 6, 8))
        assert [group.composition.chairs(utc(year, 6)) for year in (2011, 2012, 2013, 2014, 2015)] == [
            ["OHCHR"],
            ["UNICEF"],
            [],
            ["IOM"],
            ["UNHCR"],
        ]
        shown = views.terms(group, MISSION, JULY_2015, as_of=None, limit=50, after=None)["items"]
        assert [(t["year"], t["state"]) for t in shown] == [
            (2011, "ended"),
            (2012, "ended"),
            (2013, "unknown"),
            (2014, "ended"),
            (2015, "begun"),
        ]
        assert group.composition.troika(utc(2014, 6)) == {"outgoing": [], "serving": ["IOM"], "incoming": ["UNHCR"]}
        # Never first, by the date of the seat; then longest ago. INTERPOL's ended seat is not in it.
        assert [turn.chairs for turn in group.rota.proposed(2016, 6, 1)] == [["ILO"], ["UNODC"], ["OHCHR"], ["UNICEF"], ["IOM"], ["UNHCR"]]

    def test_growth_to_thirty_one_members_with_co_chairs_is_only_data(self):
        group = registered(*[f"E{n}" for n in range(29)], "UNODC", "ICMPD", at=utc(2021))
        assert len(group.composition.members(utc(2023))) == 31
        group.take_seat("UNODC", since=utc(2010), until=None, source="x", by=SECRETARIAT, at=utc(2021))
        group.take_seat("ICMPD", since=utc(2020), until=None, source="x", by=SECRETARIAT, at=utc(2021))
        adopt(group, {2022: ["UNODC", "ICMPD"]}, at=utc(2021, 6))
        group.tick(utc(2022))
        assert group.composition.chairs(utc(2022, 6)) == ["UNODC", "ICMPD"]


class TestRecordedTerms:
    def test_a_year_is_entered_with_its_source_or_as_unknown(self):
        group = seated("ILO")
        group.record_term(2013, chairs=[], nobody_knows=True, source=None, by=SECRETARIAT, at=JULY_2015)
        assert names(group) == ["term_recorded", "composition_changed"]
        assert group.composition.term(2013).state == "unknown"
        refused(
            "chairs-or-unknown", "chairs", group.record_term, 2012, chairs=[], nobody_knows=False, source="x", by=SECRETARIAT, at=JULY_2015
        )
        refused(
            "chairs-or-unknown",
            "chairs",
            group.record_term,
            2012,
            chairs=["ILO"],
            nobody_knows=True,
            source="x",
            by=SECRETARIAT,
            at=JULY_2015,
        )
        refused(
            "past-needs-source",
            "source",
            group.record_term,
            2012,
            chairs=["ILO"],
            nobody_knows=False,
            source=None,
            by=SECRETARIAT,
            at=JULY_2015,
        )
        refused(
            "chairs-distinct",
            "chairs",
            group.record_term,
            2012,
            chairs=["ILO", "ILO"],
            nobody_knows=False,
            source="x",
            by=SECRETARIAT,
            at=JULY_2015,
        )

    def test_an_unknown_year_may_become_known_and_no_other_is_overwritten(self):
        group = seated("ILO", "IOM")
        group.record_term(2013, chairs=[], nobody_knows=True, source=None, by=SECRETARIAT, at=JULY_2015)
        refused("begun-term", "year", group.record_term, 2013, chairs=[], nobody_knows=True, source=None, by=SECRETARIAT, at=JULY_2015)
        group.record_term(2013, chairs=["ILO"], nobody_knows=False, source="a letter found", by=SECRETARIAT, at=JULY_2015)
        for chairs, unknown in ((["IOM"], False), ([], True)):
            refused(
                "begun-term", "year", group.record_term, 2013, chairs=chairs, nobody_knows=unknown, source="x", by=SECRETARIAT, at=JULY_2015
            )

    def test_a_coming_year_is_adopted_and_not_recorded(self):
        group = seated("ILO")
        refused(
            "record-past", "year", group.record_term, 2016, chairs=["ILO"], nobody_knows=False, source="x", by=SECRETARIAT, at=JULY_2015
        )

    def test_the_present_year_may_be_recorded_and_then_ends_by_itself(self):
        group = seated("ILO", terms={2015: ["ILO"]})
        assert group.composition.chairs(JULY_2015) == ["ILO"]
        group.tick(utc(2015, 12, 31, 23, 59))
        assert group.composition.term(2015).state == "begun"
        assert group.due() == utc(2016)
        group.tick(utc(2016))
        assert group.composition.term(2015).state == "ended"


class TestRota:
    def test_chaired_longest_ago_never_first_then_by_the_date_of_the_seat(self):
        group = registered(*"ABCDE")
        for code, year in {"A": 2010, "B": 2011, "C": 2012, "D": 2014, "E": 2013}.items():
            group.take_seat(code, since=utc(year), until=None, source="x", by=SECRETARIAT, at=JULY_2015)
        for year, chairs in {2013: ["B"], 2014: ["A"], 2015: ["C"]}.items():
            group.record_term(year, chairs=chairs, nobody_knows=False, source="x", by=SECRETARIAT, at=JULY_2015)
        assert [t.chairs for t in group.rota.proposed(2016, 7, 1)] == [["E"], ["D"], ["B"], ["A"], ["C"], ["E"], ["D"]]

    def test_two_to_a_term(self):
        group = seated(*"ABCDE", terms={2015: ["A", "B"]})
        assert [t.chairs for t in group.rota.proposed(2016, 3, 2)] == [["C", "D"], ["E", "A"], ["B", "C"]]

    def test_a_seat_that_does_not_hold_throughout_a_year_is_not_given_it(self):
        group = seated(*"AB")
        group.give_up_seat("A", until=utc(2017, 6), source=None, by=focal_point("A"), at=JULY_2015)
        assert [t.chairs for t in group.rota.proposed(2016, 3, 1)] == [["A"], ["B"], ["B"]]

    def test_a_proposal_changes_no_term(self):
        group = seated(*"ABC", terms={2015: ["A"]})
        group.propose_rota(first_year=None, years=3, together=1, by=focal_point("A"), at=JULY_2015)
        assert order(group) == {}
        facts = group.take_happened()
        assert [f.name for f in facts] == ["rota_proposed"]
        assert facts[0].data["turns"] == [{"year": 2016, "chairs": ["B"]}, {"year": 2017, "chairs": ["C"]}, {"year": 2018, "chairs": ["A"]}]
        assert views.rota(group, SECRETARIAT, JULY_2015)["tabled"]["current"] is True
        group.give_up_seat("B", until=None, source=None, by=focal_point("B"), at=JULY_2015)
        assert views.rota(group, SECRETARIAT, JULY_2015)["tabled"]["current"] is False

    def test_who_may_propose(self):
        group = seated(*"ABC", terms={2015: ["A"]})
        for who in (focal_point("B"), MISSION):
            refused("chair-only", None, group.propose_rota, first_year=None, years=3, together=1, by=who, at=JULY_2015)

    def test_nothing_to_propose(self):
        group = registered(*"AB")
        refused("rota-of-seats", "years", group.propose_rota, first_year=None, years=1, together=1, by=SECRETARIAT, at=JULY_2015)

    def test_the_adopted_order_is_kept_even_when_it_differs(self):
        group = seated(*"ABC", terms={2015: ["A"]})
        adopt(group, {2016: ["C"], 2017: ["A", "B"]})
        facts = {f.name: f.data for f in group.take_happened()}
        assert facts["rota_adopted"]["proposed"] == [{"year": 2016, "chairs": ["B"]}, {"year": 2017, "chairs": ["C"]}]
        assert facts["term_adopted"] == {"year": 2017, "chairs": ["A", "B"], "earlier": []}
        group.tick(utc(2016))
        assert group.composition.chairs(utc(2016, 5)) == ["C"]
        assert order(group) == {2017: ["A", "B"]}
        view = views.rota(group, SECRETARIAT, utc(2016, 5))
        assert view["adoptions"][0] | {"turns": None} == {
            "turns": None,
            "adopted_at": JULY_2015,
            "person": "Sofia",
            "decision": "minutes of 1 July",
        }
        assert [t["state"] for t in view["turns"]] == ["adopted"] + ["proposed"] * 5

    def test_a_new_seat_joins_the_end(self):
        group = adopted({2016: ["A"], 2017: ["B"]}, *"AB")
        group.register_entity("C", names={"en": "C"}, acronyms={}, by=SECRETARIAT, at=JULY_2015)
        group.start_membership("C", since=None, until=None, source=None, by=SECRETARIAT, at=JULY_2015)
        group.take_seat("C", since=None, until=None, source=None, by=focal_point("C"), at=JULY_2015)
        assert [(t["year"], t["chairs"]) for t in views.rota(group, SECRETARIAT, JULY_2015, 4)["turns"]] == [
            (2016, ["A"]),
            (2017, ["B"]),
            (2018, ["C"]),
            (2019, ["A"]),
        ]

    def test_a_later_adoption_replaces_what_has_not_begun(self):
        group = adopted({2016: ["ILO"], 2017: ["IOM"], 2018: ["UNODC"]})
        group.accept_term(2017, "IOM", letter=None, by=focal_point("IOM"), at=JULY_2015)
        group.take_happened()
        adopt(group, {2017: ["IOM"], 2018: ["UNHCR"]}, at=utc(2016, 2))
        assert order(group) == {2016: ["ILO"], 2017: ["IOM"], 2018: ["UNHCR"]}
        assert group.composition.term(2017).accepted == ["IOM"]
        assert names(group) == ["rota_adopted", "term_adopted", "composition_changed"]

    @pytest.mark.parametrize(
        ("turns", "rule", "field"),
        [
            ({}, "order-of-years", "turns"),
            ({2015: ["ILO"]}, "begun-term", "turns.0.year"),
            ({2017: ["ILO"]}, "order-without-holes", "turns.0.year"),
            ({2016: ["ILO"], 2018: ["IOM"]}, "order-of-years", "turns"),
            ({2016: []}, "term-has-chairs", "turns.0.chairs"),
            ({2016: ["ILO"], 2017: ["NEW"]}, "entity-known", "turns.1.chairs"),
            ({2016: ["ILO", "ILO"]}, "chairs-distinct", "turns.0.chairs"),
            ({2016: ["WB"]}, "chair-has-seat", "turns.0.chairs"),
        ],
    )
    def test_an_order_that_cannot_be(self, turns, rule, field):
        group = seated(*SIX)
        group.register_entity("WB", names={"en": "World Bank"}, acronyms={}, by=SECRETARIAT, at=JULY_2015)
        listed = [{"year": year, "chairs": chairs} for year, chairs in turns.items()]
        refused(rule, field, group.adopt_rota, listed, decision=None, by=SECRETARIAT, at=JULY_2015)

    def test_the_same_year_twice_is_no_order(self):
        group = seated(*SIX)
        twice = [{"year": 2016, "chairs": ["ILO"]}, {"year": 2016, "chairs": ["IOM"]}]
        refused("order-of-years", "turns", group.adopt_rota, twice, decision=None, by=SECRETARIAT, at=JULY_2015)


class TestAcceptAndDecline:
    def test_accepting(self):
        group = adopted({2016: ["ILO"]})
        group.accept_term(2016, "ILO", letter=None, by=focal_point("ILO"), at=JULY_2015)
        assert group.composition.term(2016).accepted == ["ILO"]
        assert names(group) == ["term_accepted", "composition_changed"]
        refused("accepted-once", None, group.accept_term, 2016, "ILO", letter=None, by=focal_point("ILO"), at=JULY_2015)

    def test_only_its_own_entity_speaks_and_the_secretariat_from_a_letter(self):
        group = adopted({2016: ["ILO"], 2017: ["IOM"]})
        for act in (group.accept_term, group.decline_term):
            refused("own-entity", None, act, 2016, "ILO", letter=None, by=focal_point("IOM"), at=JULY_2015)
            refused("on-behalf-letter", "letter", act, 2016, "ILO", letter=None, by=SECRETARIAT, at=JULY_2015)
            refusal = refused("own-term", "year", act, 2017, "ILO", letter=None, by=focal_point("ILO"), at=JULY_2015)
            assert refusal.accepted == ["2016"]
            refused("term-adopted", "year", act, 2018, "ILO", letter=None, by=focal_point("ILO"), at=JULY_2015)
        group.accept_term(2016, "ILO", letter="letter of 30 June", by=SECRETARIAT, at=JULY_2015)
        assert group.take_happened()[0].data["letter"] == "letter of 30 June"

    def test_the_next_in_order_moves_up_and_the_decliner_has_the_following_year(self):
        group = adopted({2016: ["ILO"], 2017: ["IOM"], 2018: ["UNODC"]})
        group.accept_term(2018, "UNODC", letter=None, by=focal_point("UNODC"), at=JULY_2015)
        group.take_happened()
        decline(group, 2016, "ILO")
        assert order(group) == {2016: ["IOM"], 2017: ["ILO"], 2018: ["UNODC"]}
        assert group.composition.term(2018).accepted == ["UNODC"]
        facts = group.take_happened()
        assert [f.name for f in facts] == ["term_declined", "term_adopted", "term_adopted", "composition_changed"]
        assert facts[0].data == {"year": 2016, "entity": "ILO", "moved_up": ["IOM"], "instead": 2017, "letter": None}

    def test_who_moved_up_may_decline_too_and_nobody_gets_a_year_it_declined(self):
        group = adopted({2016: ["ILO"], 2017: ["IOM"], 2018: ["UNODC"]})
        decline(group, 2016, "ILO")
        decline(group, 2016, "IOM")
        assert order(group) == {2016: ["UNODC"], 2017: ["ILO"], 2018: ["IOM"]}

    def test_beyond_the_adopted_order_the_rota_moves_up(self):
        group = adopted({2016: ["UNODC"]})
        decline(group, 2016, "UNODC")
        assert order(group) == {2016: ["ILO"], 2017: ["UNODC"]}

    def test_co_chairs_move_up_together(self):
        group = adopted({2016: ["ILO"], 2017: ["IOM", "UNODC"]})
        decline(group, 2016, "ILO")
        assert order(group) == {2016: ["IOM", "UNODC"], 2017: ["ILO"]}

    def test_one_of_two_co_chairs_declines(self):
        group = adopted({2016: ["ILO", "IOM"], 2017: ["UNODC"]})
        decline(group, 2016, "ILO")
        assert order(group) == {2016: ["IOM", "UNODC"], 2017: ["ILO"]}

    def test_a_decliner_whose_seat_ends_loses_its_place_and_the_rest_move_up(self):
        group = adopted({2016: ["ILO"], 2017: ["IOM"], 2018: ["UNODC"]})
        group.give_up_seat("ILO", until=utc(2017), source=None, by=focal_point("ILO"), at=JULY_2015)
        assert order(group)[2016] == ["ILO"]
        decline(group, 2016, "ILO")
        assert order(group) == {2016: ["IOM"], 2017: ["UNODC"], 2018: ["OHCHR"]}
        assert [f.data["instead"] for f in group.take_happened() if f.name == "term_declined"] == [None]

    def test_when_everybody_declined_somebody_must_agree(self):
        group = adopted({2016: ["A"], 2017: ["B"]}, *"AB")
        decline(group, 2016, "A")
        refused("nobody-moves-up", None, group.decline_term, 2016, "B", letter=None, by=focal_point("B"), at=JULY_2015)

    def test_the_group_may_adopt_a_decliner_again(self):
        group = adopted({2016: ["A"], 2017: ["B"]}, *"AB")
        decline(group, 2016, "A")
        adopt(group, {2016: ["A"], 2017: ["B"]})
        decline(group, 2016, "A")
        assert order(group) == {2016: ["B"], 2017: ["A"]}

    @pytest.mark.parametrize("at", [utc(2016), utc(2016, 6), utc(2018)])
    def test_a_term_that_has_begun_is_never_rewritten_even_before_the_clock_looked(self, at):
        group = adopted({2016: ["ILO"], 2017: ["IOM"]})
        for act in (group.accept_term, group.decline_term):
            refused("begun-term", "year", act, 2016, "ILO", letter=None, by=focal_point("ILO"), at=at)
        refused("begun-term", "turns.0.year", group.adopt_rota, [{"year": 2016, "chairs": ["IOM"]}], decision=None, by=SECRETARIAT, at=at)
        refused("begun-term", "year", group.record_term, 2016, chairs=["IOM"], nobody_knows=False, source="x", by=SECRETARIAT, at=at)
        refused("begun-term", "year", group.co_chair, 2016, entity="ILO", with_entity="IOM", letter=None, by=focal_point("ILO"), at=at)


class TestEndedSeats:
    def test_an_ended_seat_is_passed_over(self):
        group = adopted({2016: ["ILO"], 2017: ["IOM"], 2018: ["OHCHR"]})
        group.give_up_seat("IOM", until=None, source=None, by=focal_point("IOM"), at=JULY_2015)
        assert order(group) == {2016: ["ILO"], 2017: ["OHCHR"], 2018: ["UNHCR"]}
        assert names(group) == ["seat_given_up", "term_adopted", "term_adopted", "composition_changed"]

    def test_a_seat_that_ends_in_mid_term_is_passed_over_for_that_term(self):
        group = adopted({2016: ["ILO"], 2017: ["IOM"]})
        group.give_up_seat("IOM", until=utc(2017, 3), source=None, by=focal_point("IOM"), at=JULY_2015)
        assert order(group) == {2016: ["ILO"], 2017: ["OHCHR"]}

    def test_a_co_chair_who_leaves_is_replaced_beside_the_other(self):
        group = adopted({2016: ["ILO", "IOM"]})
        group.give_up_seat("IOM", until=None, source=None, by=focal_point("IOM"), at=JULY_2015)
        assert order(group) == {2016: ["ILO", "OHCHR"]}

    def test_those_who_remain_move_up_in_their_order_and_then_take_turns(self):
        group = adopted({year: [code] for year, code in zip(range(2016, 2024), "ABCDABCD", strict=True)}, *"ABCDE")
        for code in "ABC":
            group.give_up_seat(code, until=None, source=None, by=focal_point(code), at=JULY_2015)
        assert "".join(chairs[0] for _, chairs in sorted(order(group).items())) == "DDEDEDED"

    def test_nobody_gains_years_on_end_where_one_who_leaves_had_several(self):
        """A year that D has declined stands among them."""
        group = adopted({year: [code] for year, code in zip(range(2016, 2027), "BCDCDBCDBCD", strict=True)}, *"BCD")
        decline(group, 2020, "D")
        group.give_up_seat("C", until=None, source=None, by=focal_point("C"), at=JULY_2015)
        assert "".join(chairs[0] for _, chairs in sorted(order(group).items())) == "BDBDBDDBDBD"

    def test_the_last_to_leave_leaves_the_year_vacant(self):
        group = adopted({2016: ["A"], 2017: ["A"]}, "A")
        group.give_up_seat("A", until=None, source=None, by=focal_point("A"), at=JULY_2015)
        assert order(group) == {}
        assert names(group) == ["seat_given_up", "term_vacated", "term_vacated", "composition_changed"]

    def test_a_serving_chair_keeps_its_seat_until_it_steps_down(self):
        group = seated(*"AB", terms={2015: ["A"]})
        refused("chair-has-seat", "until", group.give_up_seat, "A", until=utc(2015, 12), source=None, by=focal_point("A"), at=JULY_2015)
        group.step_down(2015, "A", letter=None, by=focal_point("A"), at=JULY_2015)
        group.give_up_seat("A", until=utc(2015, 12), source=None, by=focal_point("A"), at=JULY_2015)
        refused("chair-has-seat", "until", group.give_up_seat, "B", until=utc(2015, 12), source=None, by=focal_point("B"), at=JULY_2015)
        group.give_up_seat("B", until=utc(2016), source=None, by=focal_point("B"), at=JULY_2015)


class TestSwaps:
    def proposed(self) -> Group:
        group = adopted({2016: ["ILO"], 2017: ["IOM"], 2018: ["UNODC"]})
        self.propose(group)
        return group

    def propose(self, group: Group, by: Actor | None = None, at: datetime = JULY_2015, **other) -> None:
        named = {"entity": "ILO", "year": 2016, "with_entity": "UNODC", "with_year": 2018} | other
        group.propose_swap("swap-1", **named, letter=None, by=by or focal_point(named["entity"]), at=at)

    def test_nothing_moves_until_the_other_agrees(self):
        group = self.proposed()
        assert order(group)[2016] == ["ILO"]
        assert names(group) == ["swap_proposed"]
        group.agree_swap("swap-1", letter=None, by=focal_point("UNODC"), at=JULY_2015)
        assert order(group) == {2016: ["UNODC"], 2017: ["IOM"], 2018: ["ILO"]}
        assert group.composition.term(2016).accepted == ["UNODC"]
        assert group.composition.term(2018).accepted == ["ILO"]
        assert names(group) == ["swap_agreed", "term_adopted", "term_adopted", "composition_changed"]

    def test_co_chairs_swap_their_own_place_only(self):
        group = adopted({2016: ["ILO", "IOM"], 2017: ["UNODC", "UNHCR"]})
        self.propose(group, with_year=2017)
        group.agree_swap("swap-1", letter=None, by=focal_point("UNODC"), at=JULY_2015)
        assert order(group) == {2016: ["UNODC", "IOM"], 2017: ["ILO", "UNHCR"]}

    @pytest.mark.parametrize("who", [focal_point("ILO"), focal_point("IOM"), MISSION])
    def test_only_who_was_asked_agrees(self, who):
        group = self.proposed()
        if who is MISSION:
            refused("exists", "swap", group.agree_swap, "swap-1", letter=None, by=who, at=JULY_2015)
        else:
            refused("own-entity", None, group.agree_swap, "swap-1", letter=None, by=who, at=JULY_2015)

    def test_either_may_end_it(self):
        for who in (focal_point("ILO"), focal_point("UNODC")):
            group = self.proposed()
            group.refuse_swap("swap-1", letter=None, by=who, at=JULY_2015)
            refused("swap-open", "swap", group.agree_swap, "swap-1", letter=None, by=focal_point("UNODC"), at=JULY_2015)
            assert order(group)[2016] == ["ILO"]
        group = self.proposed()
        refused("own-entity", None, group.refuse_swap, "swap-1", letter=None, by=focal_point("IOM"), at=JULY_2015)

    @pytest.mark.parametrize(
        ("other", "rule", "field"),
        [
            ({"with_year": 2017}, "own-term", "with_year"),
            ({"year": 2017}, "own-term", "year"),
            ({"with_entity": "NEW"}, "entity-known", "with_entity"),
            ({"with_entity": "ILO", "with_year": 2016}, "swap-moves", "with_year"),
            ({"with_year": 2019}, "term-adopted", "with_year"),
            ({"with_year": 2015}, "begun-term", "with_year"),
            ({}, "swap-once", None),
        ],
    )
    def test_a_swap_that_cannot_be(self, other, rule, field):
        group = self.proposed()
        refused(rule, field, lambda_of(group, self.propose, **other))

    def test_a_swap_with_a_year_begun_is_refused(self):
        group = self.proposed()
        refused("begun-term", "year", group.agree_swap, "swap-1", letter=None, by=focal_point("UNODC"), at=utc(2016))
        assert views.rota(group, SECRETARIAT, utc(2016))["swaps"][0]["state"] == "lapsed"
        assert waiting.awaiting(group, "UNODC", SECRETARIAT, utc(2016))["items"][0]["what"] == "accept_term"

    def test_a_swap_to_a_year_the_seat_does_not_hold_is_refused(self):
        group = adopted({2016: ["ILO"], 2017: ["IOM"], 2018: ["UNODC"]})
        group.give_up_seat("ILO", until=utc(2018), source=None, by=focal_point("ILO"), at=JULY_2015)
        refused("chair-has-seat", "with_year", lambda_of(group, self.propose))

    def test_an_order_that_moved_meanwhile_stops_the_swap(self):
        group = self.proposed()
        decline(group, 2016, "ILO")
        refused("own-term", "year", group.agree_swap, "swap-1", letter=None, by=focal_point("UNODC"), at=JULY_2015)

    def test_an_unknown_swap(self):
        group = self.proposed()
        refused("exists", "swap", group.agree_swap, "swap-2", letter=None, by=focal_point("UNODC"), at=JULY_2015)


def lambda_of(group: Group, act, **kwargs):
    """``act(group, **kwargs)`` in the form ``refused`` takes: bound to the group."""

    def bound(self):
        act(self, **kwargs)

    return bound.__get__(group)


class TestCoChairs:
    def offer(self, group: Group, entity: str, with_entity: str, year: int = 2016) -> None:
        group.co_chair(year, entity=entity, with_entity=with_entity, letter=None, by=focal_point(entity), at=JULY_2015)

    @pytest.mark.parametrize(("first", "second"), [("ILO", "WB"), ("WB", "ILO")])
    def test_once_both_have_said_so_they_do(self, first, second):
        group = adopted({2016: ["ILO"], 2017: ["IOM"]}, *SIX, "WB")
        self.offer(group, first, second)
        assert order(group)[2016] == ["ILO"]
        assert names(group) == ["co_chair_offered"]
        assert [i["what"] for i in waiting.awaiting(group, second, focal_point(second), JULY_2015)["items"]].count("co_chair") == 1
        self.offer(group, second, first)
        assert order(group)[2016] == ["ILO", "WB"]
        assert group.composition.term(2016).accepted == ["ILO", "WB"]
        assert group.offers == []
        assert names(group) == ["co_chair_agreed", "term_adopted", "composition_changed"]

    def test_what_cannot_be(self):
        group = adopted({2016: ["ILO"], 2017: ["IOM", "UNHCR"]})
        self.offer(group, "ILO", "UNODC")
        refused("offer-once", None, lambda_of(group, self.offer, entity="ILO", with_entity="UNODC"))
        refused("co-chair-joins", "with_entity", lambda_of(group, self.offer, entity="UNODC", with_entity="IOM"))
        refused("co-chair-joins", "with_entity", lambda_of(group, self.offer, entity="IOM", with_entity="UNHCR", year=2017))
        refused("co-chair-joins", "with_entity", lambda_of(group, self.offer, entity="ILO", with_entity="ILO"))
        refused("entity-known", "with_entity", lambda_of(group, self.offer, entity="ILO", with_entity="WB"))
        group.register_entity("WB", names={"en": "World Bank"}, acronyms={}, by=SECRETARIAT, at=JULY_2015)
        refused("chair-has-seat", "with_entity", lambda_of(group, self.offer, entity="ILO", with_entity="WB"))
        refused("term-adopted", "year", lambda_of(group, self.offer, entity="ILO", with_entity="IOM", year=2018))
        refused("own-entity", None, group.co_chair, 2016, entity="ILO", with_entity="IOM", letter=None, by=focal_point("IOM"), at=JULY_2015)


class TestSteppingDown:
    def running(self) -> Group:
        group = adopted({2016: ["ILO"], 2017: ["IOM"], 2018: ["UNODC"]})
        group.tick(utc(2016))
        group.take_happened()
        return group

    def step_down(self, group: Group, entity: str = "ILO", year: int = 2016, at: datetime = MAY_2016) -> None:
        group.step_down(year, entity, letter=None, by=focal_point(entity), at=at)

    def test_the_incoming_chair_serves_the_rest_and_its_own_year_too(self):
        group = self.running()
        self.step_down(group)
        term = group.composition.term(2016)
        assert term.chairs == ["ILO"]
        assert term.serving(utc(2016, 4)) == ["ILO"]
        assert term.serving(utc(2016, 5)) == ["IOM"]
        assert group.composition.term(2017).chairs == ["IOM"]
        assert group.composition.troika(utc(2016, 6)) == {"outgoing": [], "serving": ["IOM"], "incoming": ["IOM"]}
        assert names(group) == ["chair_stepped_down", "composition_changed"]
        self.step_down(group, "IOM", at=utc(2016, 7))
        assert term.serving(utc(2016, 8)) == ["UNODC"]
        assert term.serving(utc(2016, 6)) == ["IOM"]

    def test_both_incoming_co_chairs_serve_the_rest(self):
        group = adopted({2016: ["ILO"], 2017: ["IOM", "UNODC"]})
        self.step_down(group)
        assert group.composition.chairs(utc(2016, 6)) == ["IOM", "UNODC"]

    def test_beside_a_co_chair_who_stays(self):
        group = adopted({2016: ["ILO", "UNHCR"], 2017: ["IOM"]})
        self.step_down(group)
        assert group.composition.chairs(utc(2016, 6)) == ["IOM", "UNHCR"]

    def test_without_an_incoming_chair_the_next_in_the_rota_serves(self):
        group = adopted({2016: ["ILO"]})
        self.step_down(group)
        assert group.composition.chairs(utc(2016, 6)) == ["IOM"]
        assert group.rota.proposed(2017, 1, 1)[0].chairs == ["IOM"]

    def test_a_co_chair_alone_in_the_group_stays_alone(self):
        group = adopted({2016: ["A", "B"]}, *"AB")
        self.step_down(group, "A")
        assert group.composition.chairs(utc(2016, 6)) == ["B"]
        refused("chair-never-empty", None, lambda_of(group, self.step_down, entity="B", at=utc(2016, 7)))

    @pytest.mark.parametrize(
        ("change", "rule", "field"),
        [
            ({"entity": "IOM"}, "step-down-in-term", "entity"),
            ({"entity": "IOM", "year": 2017}, "step-down-in-term", "year"),
            ({"at": utc(2017)}, "step-down-in-term", "year"),
            ({"at": utc(2015, 12)}, "step-down-in-term", "year"),
        ],
    )
    def test_only_a_serving_chair_in_its_term(self, change, rule, field):
        group = self.running()
        refused(rule, field, lambda_of(group, self.step_down, **change))
        refused("own-entity", None, group.step_down, 2016, "ILO", letter=None, by=focal_point("IOM"), at=utc(2016, 5))
        refused("on-behalf-letter", "letter", group.step_down, 2016, "ILO", letter=None, by=SECRETARIAT, at=utc(2016, 5))


class TestTheClock:
    def test_the_next_term_starts_by_itself_at_the_boundary_and_once(self):
        group = adopted({2016: ["ILO"], 2017: ["IOM"]})
        assert group.due() == utc(2016)
        group.tick(utc(2016) - timedelta(milliseconds=1))
        assert group.take_happened() == []
        group.tick(utc(2016))
        facts = group.take_happened()
        assert [(f.name, f.at) for f in facts] == [("term_started", utc(2016)), ("composition_changed", utc(2016))]
        assert facts[0].data == {"year": 2016, "chairs": ["ILO"]}
        group.tick(utc(2016))
        group.tick(utc(2016, 12, 31, 23, 59))
        assert set(names(group)) == {"handover_reminded"}
        assert group.due() == utc(2017)

    def test_down_over_two_new_years_each_is_dated_right(self):
        group = adopted({2016: ["ILO"], 2017: ["IOM"]})
        group.tick(utc(2018, 2, 3, 4))
        told = [(f.name, f.at, f.data.get("year")) for f in group.take_happened()]
        assert told == [
            ("term_started", utc(2016), 2016),
            ("composition_changed", utc(2016), None),
            ("handover_reminded", utc(2016, 10, 3), 2017),
            ("handover_reminded", utc(2016, 12, 2), 2017),
            ("handover_reminded", utc(2016, 12, 25), 2017),
            ("handover_reminded", utc(2017), 2017),
            ("term_ended", utc(2017), 2016),
            ("term_started", utc(2017), 2017),
            ("handover_escalated", utc(2017), 2017),
            ("composition_changed", utc(2017), None),
            ("handover_reminded", utc(2017, 10, 3), 2018),
            ("handover_reminded", utc(2017, 12, 2), 2018),
            ("handover_reminded", utc(2017, 12, 25), 2018),
            ("handover_reminded", utc(2018), 2018),
            ("term_ended", utc(2018), 2017),
            ("term_missed", utc(2018), 2018),
            ("handover_escalated", utc(2018), 2018),
            ("composition_changed", utc(2018), None),
        ]
        assert group.composition.term(2016).ended_at == group.composition.term(2017).started_at == year_begins(2017)
        assert group.due() is None

    def begun_before(self) -> tuple[Group, datetime]:
        """A group whose clock has started 2016, and the instant of an order that was given just before."""
        group, before = adopted({2016: ["ILO"], 2017: ["IOM"], 2018: ["UNODC"]}), utc(2016) - timedelta(milliseconds=100)
        group.propose_swap(
            "swap-1", entity="ILO", year=2016, with_entity="IOM", with_year=2017, letter=None, by=focal_point("ILO"), at=before
        )
        group.co_chair(2016, entity="ILO", with_entity="UNODC", letter=None, by=focal_point("ILO"), at=before)
        group.tick(utc(2016))
        return group, before

    def test_an_order_given_before_a_year_began_rewrites_nothing_after(self):
        group, at = self.begun_before()
        ilo, iom, unodc = (focal_point(code) for code in ("ILO", "IOM", "UNODC"))
        late = refused("begun-term", "year", group.co_chair, 2016, entity="UNODC", with_entity="ILO", letter=None, by=unodc, at=at)
        assert late.accepted == "2017 or later"
        refused("begun-term", "year", group.accept_term, 2016, "ILO", letter=None, by=ilo, at=at)
        refused("begun-term", "year", group.decline_term, 2016, "ILO", letter=None, by=ilo, at=at)
        refused("begun-term", "year", group.agree_swap, "swap-1", letter=None, by=iom, at=at)
        refused("begun-term", "turns.0.year", lambda_of(group, adopt, order={2016: ["UNODC"]}, at=at))
        refused("begun-term", "first_year", group.propose_rota, first_year=2016, years=1, together=1, by=SECRETARIAT, at=at)
        refused("begun-term", "year", group._assign, 2016, ["UNODC"], at)
        refused("chair-has-seat", "until", group.give_up_seat, "ILO", until=None, source=None, by=ilo, at=at)
        assert [i["year"] for i in waiting.awaiting(group, "ILO", ilo, at)["items"]] == []
        assert waiting.awaiting(group, "UNODC", unodc, at)["items"][0]["what"] == "accept_term", "the offer for the begun year lapsed"

    def test_what_comes_after_the_begun_year_still_moves(self):
        group, at = self.begun_before()
        group.decline_term(2017, "IOM", letter=None, by=focal_point("IOM"), at=at)
        assert order(group) == {2017: ["UNODC"], 2018: ["IOM"]}
        group.propose_rota(first_year=None, years=1, together=1, by=SECRETARIAT, at=at)
        assert [turn.year for turn in group.tabled.turns] == [2019]
        assert group.composition.term(2016).chairs == ["ILO"]

    def test_a_year_that_began_without_a_chair_is_recorded_and_not_adopted(self):
        group = adopted({2016: ["ILO"]})
        group.tick(utc(2017))
        before = utc(2016, 12, 31, 23, 59)
        refused("begun-term", "turns.0.year", lambda_of(group, adopt, order={2017: ["IOM"]}, at=before))
        refused("begun-term", "year", group.accept_term, 2017, "IOM", letter=None, by=focal_point("IOM"), at=before)

    def test_as_of_answers_do_not_wait_for_the_clock(self):
        group = adopted({2016: ["ILO"], 2017: ["IOM"]})
        assert group.composition.chairs(utc(2016)) == ["ILO"]
        assert group.composition.chairs(utc(2016) - timedelta(microseconds=1)) == []
        states = [t["state"] for t in views.terms(group, MISSION, utc(2017, 5), as_of=None, limit=9, after=None)["items"]]
        assert states == ["ended", "begun"]

    def test_a_year_nobody_was_adopted_for_begins_without_a_chair_and_is_recorded_later(self):
        group = adopted({2016: ["ILO"]})
        group.tick(utc(2017))
        assert group.composition.chairs(utc(2017, 2)) == []
        assert [i["what"] for i in waiting.awaiting(group, None, SECRETARIAT, utc(2017, 2))["items"]] == [
            "sign_handover",
            "adopt_rota",
            "record_term",
        ]
        group.record_term(2017, chairs=["IOM"], nobody_knows=False, source="decision of 3 February", by=SECRETARIAT, at=utc(2017, 2))
        assert group.composition.chairs(utc(2017, 2)) == ["IOM"]
        assert [i["what"] for i in waiting.awaiting(group, None, SECRETARIAT, utc(2017, 2))["items"]] == ["sign_handover", "adopt_rota"]

    def test_history_entered_late_starts_nothing(self):
        group = seated("ILO", terms={2011: ["ILO"]})
        assert group.due() is None
        group.tick(utc(2030))
        assert group.take_happened() == []


class TestWhatMayBeSeen:
    def test_missions_see_what_is_adopted_and_not_what_is_asked_or_proposed(self):
        group = adopted({2016: ["ILO"], 2017: ["IOM"]})
        group.accept_term(2016, "ILO", letter=None, by=focal_point("ILO"), at=JULY_2015)
        group.propose_swap(
            "swap-1", entity="ILO", year=2016, with_entity="IOM", with_year=2017, letter=None, by=focal_point("ILO"), at=JULY_2015
        )
        group.co_chair(2016, entity="ILO", with_entity="UNODC", letter=None, by=focal_point("ILO"), at=JULY_2015)
        seen = views.rota(group, MISSION, JULY_2015)
        assert [t["year"] for t in seen["turns"]] == [2016, 2017]
        assert seen["turns"][0]["accepted"] == []
        assert (seen["tabled"], seen["adoptions"], seen["swaps"], seen["offers"]) == (None, [], [], [])
        assert views.whole(group, MISSION, JULY_2015)["terms"]["2016"]["accepted"] == []
        within = views.rota(group, focal_point("UNHCR"), JULY_2015)
        assert within["turns"][0]["accepted"] == ["ILO"]
        assert (within["swaps"][0]["state"], within["offers"][0]["with_entity"]) == ("proposed", "UNODC")
        assert views.overview(group, MISSION, utc(2017, 2))["next_term"] is None
        assert views.overview(group, SECRETARIAT, utc(2017, 2))["next_term"]["state"] == "proposed"

    @pytest.mark.parametrize("entity", ["UNHCR", "XYZ"])
    def test_who_left_or_never_belonged_sees_what_a_mission_sees(self, entity):
        """A role alone opens nothing: an account may outlast its entity's membership."""
        group = adopted({2016: ["ILO"], 2017: ["UNHCR"]})
        group.accept_term(2016, "ILO", letter=None, by=focal_point("ILO"), at=JULY_2015)
        group.propose_swap(
            "swap-1", entity="ILO", year=2016, with_entity="UNHCR", with_year=2017, letter=None, by=focal_point("ILO"), at=JULY_2015
        )
        group.propose_rota(first_year=None, years=2, together=1, by=SECRETARIAT, at=JULY_2015)
        who = focal_point(entity)
        if entity == "UNHCR":
            assert views.rota(group, who, JULY_2015)["tabled"] is not None
            group.give_up_seat("UNHCR", until=None, source=None, by=who, at=JULY_2015)
            group.end_membership("UNHCR", until=None, source=None, by=SECRETARIAT, at=JULY_2015)
        at = MAY_2016
        assert views.rota(group, who, at) == views.rota(group, MISSION, at)
        assert views.whole(group, who, at) == views.whole(group, MISSION, at)
        assert views.whole(group, who, at)["terms"]["2016"]["accepted"] == []
        assert views.overview(group, who, at, as_of=utc(2015, 1)) == views.overview(group, MISSION, at, as_of=utc(2015, 1))
        assert views.overview(group, who, at, as_of=utc(2018))["next_term"] is None
        assert views.terms(group, who, at, as_of=JULY_2015, limit=9, after=None) == views.terms(
            group, MISSION, at, as_of=JULY_2015, limit=9, after=None
        )
        assert waiting.awaiting(group, None, who, at)["items"] == waiting.awaiting(group, entity, who, at)["items"] == []
        refused("exists", "swap", group.refuse_swap, "swap-1", letter=None, by=who, at=at)

    def test_the_home_page_as_of_an_instant(self):
        group = adopted({2016: ["ILO"], 2017: ["IOM"]})
        seen = views.overview(group, MISSION, JULY_2015, as_of=utc(2016, 12, 31, 23, 59))
        assert seen["chairs"] == seen["term"]["serving"] == ["ILO"]
        assert seen["troika"] == {"outgoing": [], "serving": ["ILO"], "incoming": ["IOM"]}
        assert (seen["seated"], seen["members"], seen["next_term"]["year"]) == (SIX, SIX, 2017)
        assert views.overview(group, MISSION, JULY_2015, as_of=utc(2009))["members"] == []

    def test_what_awaits_an_entity(self):
        group = adopted({2016: ["ILO"], 2017: ["IOM"]})
        group.propose_swap(
            "swap-1", entity="ILO", year=2016, with_entity="IOM", with_year=2017, letter=None, by=focal_point("ILO"), at=JULY_2015
        )
        items = waiting.awaiting(group, None, focal_point("IOM"), JULY_2015)["items"]
        assert [(i["what"], i["deadline"]) for i in items] == [("agree_swap", utc(2016)), ("accept_term", utc(2017))]
        assert items[0]["swap"] == "swap-1"
        assert waiting.awaiting(group, "UNODC", focal_point("UNODC"), JULY_2015)["items"] == []
        assert waiting.awaiting(group, None, MISSION, JULY_2015)["items"] == []
        before = asdict(group)
        with pytest.raises(Refusal) as caught:
            waiting.awaiting(group, "IOM", focal_point("ILO"), JULY_2015)
        assert (caught.value.rule, asdict(group)) == ("own-entity", before)

    def test_pages(self):
        group = seated(*"ABCDE")
        first = views.entities(group, 2, None)
        assert ([e["code"] for e in first["items"]], first["next"]) == (["A", "B"], "B")
        last = views.entities(group, 3, first["next"])
        assert ([e["code"] for e in last["items"]], last["next"]) == (["C", "D", "E"], None)
        group.give_up_seat("A", until=None, source=None, by=focal_point("A"), at=JULY_2015)
        assert len(views.seats(group, JULY_2015, history=False, limit=50, after=None)["items"]) == 4
        assert len(views.seats(group, JULY_2015, history=True, limit=50, after=None)["items"]) == 5
        assert len(views.members(group, utc(2009), history=False, limit=50, after=None)["items"]) == 0


def revisions(group: Group) -> dict[int, int]:
    """What a calendar's entry of each year goes by: how far the term is, how often it changed hands, and how often before that."""
    stages = ("proposed", "adopted", "begun", "ended")
    terms = history.history(group, SECRETARIAT, JULY_2015, years=2)["terms"]
    return {term["year"]: stages.index(term["state"]) + len(term["stand_ins"]) + term["changes"] for term in terms if term["chairs"]}


def test_each_change_of_who_is_to_chair_is_counted():
    group = adopted({2016: ["ILO"], 2017: ["UNODC"]})
    assert revisions(group) == {2016: 1, 2017: 1}
    group.propose_swap("s", year=2016, entity="ILO", with_year=2017, with_entity="UNODC", letter=None, by=focal_point("ILO"), at=JULY_2015)
    assert revisions(group) == {2016: 1, 2017: 1}, "what is only asked changes nothing"
    group.agree_swap("s", letter=None, by=focal_point("UNODC"), at=JULY_2015)
    assert (order(group), revisions(group)) == ({2016: ["UNODC"], 2017: ["ILO"]}, {2016: 2, 2017: 2})
    decline(group, 2016, "UNODC")
    assert order(group)[2016] != ["UNODC"]
    assert revisions(group)[2016] == 3
    group.tick(utc(2016))
    assert history.history(group, MISSION, utc(2016))["terms"][0]["changes"] == 2


def test_a_year_left_to_nobody_and_adopted_again_never_looks_older_than_before():
    group = adopted({2016: ["A"], 2017: ["A"]}, "A")
    seen = [revisions(group)[2016]]
    group.give_up_seat("A", until=JULY_2015, source=None, by=focal_point("A"), at=JULY_2015)
    group.take_seat("A", since=JULY_2015, until=None, source="its letter", by=SECRETARIAT, at=JULY_2015)
    seen.append(revisions(group)[2016])
    adopt(group, {2016: ["A"]})
    seen.append(revisions(group)[2016])
    assert seen == [1, 2, 3]
