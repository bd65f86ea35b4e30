"""Who may do what with the Group's composition: every cell of the table, asked of the rules."""

from copy import deepcopy
from functools import cache, partial

import pytest

from contracts import chairs as contract
from services.chairs.rules import Group, history, views, waiting
from services.chairs.rules.rights import RIGHTS
from services.kernel import Actor, utc
from services.kernel.rights import Standing
from tests.rules.cells import CHAIR, EVERYONE, GROUP, INSIDE, LEAD, MEMBER, OFFICE, OUTSIDE, PEOPLE, Row, cells, person, try_cell

NOW = utc(2014, 11, 10, 9)
WHO = {"at": NOW}
SECRETARIAT = person("secretariat")


@cache
def on_record() -> Group:
    """The Group of the other rooms, with 2015 to 2018 adopted, a swap asked for and a co-chair offered."""
    group = Group()
    for code in sorted({one.entity for one in GROUP.memberships}):
        group.register_entity(code, names={"en": code.title()}, acronyms={}, by=SECRETARIAT, at=NOW)
    said = {"source": "000 ¶28", "by": SECRETARIAT, "at": NOW}
    for one in GROUP.memberships:
        group.start_membership(one.entity, since=one.since, until=one.until, **said)
    for seat in GROUP.seats:
        group.take_seat(seat.entity, since=seat.since, until=seat.until, **said)
    for year, chairs in ((2012, ["GONE"]), (2014, ["IOM", "ICAO"])):
        group.record_term(year, chairs=chairs, nobody_knows=False, **said)
    turns = [{"year": 2015, "chairs": ["UNHCR"]}, {"year": 2016, "chairs": ["OHCHR"]}, {"year": 2017, "chairs": ["ILO"]}]
    group.adopt_rota(turns, decision="minutes", by=SECRETARIAT, at=NOW)
    swap = {"entity": "ILO", "year": 2017, "with_entity": "OHCHR", "with_year": 2016}
    group.propose_swap("swap", **swap, letter=None, by=person("focal_point", "ILO"), at=NOW)
    return group


def fresh() -> Group:
    group = deepcopy(on_record())
    group.take_happened()
    return group


def letter(by: Actor) -> dict:
    return {"letter": "Letter of today" if by.roles & {"secretariat", "system"} else None}


def source(by: Actor) -> dict:
    return {"source": "Letter of today" if by.roles & {"secretariat", "system"} else None}


PERIOD = {"since": None, "until": None}
SWAP = {"entity": "OHCHR", "year": 2016, "with_entity": "UNHCR", "with_year": 2015}
TURNS = [{"year": 2015, "chairs": ["UNODC"]}]
OPENED = utc(2014, 12, 1)

row = partial(Row, make=fresh)
hidden = partial(Row, make=fresh, unknown=OUTSIDE)
TROIKA = {"chair", "chair's alternate", "co-chair without a seat"}


def signed(group: Group, by: Actor) -> None:
    digest = group.handover(2015, SECRETARIAT, OPENED).digest([])
    group.sign_handover(2015, "IOM", digest, **letter(by), matters=[], by=by, at=OPENED)


def may(action: str, group: Group, by: Actor) -> None:
    RIGHTS.must(action, Standing(by, NOW, GROUP))


ROWS = {
    "register_entity": row(lambda g, by: g.register_entity("NEW", names={"en": "New"}, acronyms={}, by=by, **WHO), allowed=OFFICE),
    "start_membership": row(lambda g, by: g.start_membership("GONE", since=None, until=None, source=None, by=by, **WHO), allowed=OFFICE),
    "end_membership": row(lambda g, by: g.end_membership("WB", until=None, source=None, by=by, **WHO), allowed=OFFICE),
    "take_seat": row(lambda g, by: g.take_seat("WB", **PERIOD, **source(by), by=by, **WHO), allowed=MEMBER | OFFICE),
    "take_seat.past": row(lambda g, by: g.take_seat("WB", since=utc(2012), until=None, source="001 ¶31", by=by, **WHO), allowed=OFFICE),
    "give_up_seat": row(
        lambda g, by: g.give_up_seat("UNICEF", until=None, **source(by), by=by, **WHO), allowed={"seated", "seated's alternate"} | OFFICE
    ),
    "give_up_seat.past": row(lambda g, by: g.give_up_seat("UNICEF", until=utc(2013), source="001 ¶31", by=by, **WHO), allowed=OFFICE),
    "record_term": row(lambda g, by: g.record_term(2013, chairs=["UNODC"], nobody_knows=False, source="x", by=by, **WHO), allowed=OFFICE),
    "propose_rota": row(lambda g, by: g.propose_rota(first_year=None, years=2, together=1, by=by, **WHO), allowed=CHAIR | OFFICE),
    "adopt_rota": row(lambda g, by: g.adopt_rota(TURNS, decision="m", by=by, **WHO), allowed=OFFICE),
    "accept_term": row(lambda g, by: g.accept_term(2016, "OHCHR", **letter(by), by=by, **WHO), allowed=LEAD | OFFICE),
    "decline_term": row(lambda g, by: g.decline_term(2016, "OHCHR", **letter(by), by=by, **WHO), allowed=LEAD | OFFICE),
    "propose_swap": row(lambda g, by: g.propose_swap("other", **SWAP, **letter(by), by=by, **WHO), allowed=LEAD | OFFICE),
    "agree_swap": hidden(lambda g, by: g.agree_swap("swap", **letter(by), by=by, **WHO), allowed=LEAD | OFFICE),
    "refuse_swap": hidden(
        lambda g, by: g.refuse_swap("swap", **letter(by), by=by, **WHO),
        allowed=LEAD | {"contributor", "contributor's alternate"} | OFFICE,
    ),
    "co_chair": row(lambda g, by: g.co_chair(2016, entity="OHCHR", with_entity="UNODC", **letter(by), by=by, **WHO), allowed=LEAD | OFFICE),
    "step_down": row(lambda g, by: g.step_down(2014, "IOM", **letter(by), by=by, **WHO), allowed={"chair", "chair's alternate"} | OFFICE),
    "note_handover": hidden(lambda g, by: g.note_handover(2015, "Mind the gap", by=by, at=OPENED), allowed=TROIKA | OFFICE),
    "sign_handover": hidden(signed, allowed={"chair", "chair's alternate"} | OFFICE),
    "handover": hidden(lambda g, by: g.handover(2015, by, OPENED), allowed=INSIDE),
    "get_group": row(lambda g, by: views.whole(g, by, NOW), allowed=EVERYONE),
    "overview": row(lambda g, by: views.overview(g, by, NOW), allowed=EVERYONE),
    "terms": row(lambda g, by: views.terms(g, by, NOW, as_of=None, limit=50, after=None), allowed=EVERYONE),
    "rota": row(lambda g, by: views.rota(g, by, NOW), allowed=EVERYONE),
    "history": row(lambda g, by: history.history(g, by, NOW), allowed=EVERYONE),
    "awaiting": row(lambda g, by: waiting.awaiting(g, None, by, NOW), allowed=EVERYONE),
    **{name: row(partial(may, name), allowed=EVERYONE) for name in ("entities", "members", "seats")},
    "awaiting.entity": row(lambda g, by: waiting.awaiting(g, "OHCHR", by, NOW), allowed=LEAD | OFFICE),
}


@pytest.mark.parametrize(("action", "name"), cells(ROWS))
def test_a_cell(action, name):
    try_cell(RIGHTS, action, ROWS[action], name)


@pytest.mark.parametrize("name", sorted(OUTSIDE))
def test_what_the_group_has_not_adopted_and_asks_of_itself_is_told_to_nobody_outside(name):
    by, group = PEOPLE[name], fresh()
    group.propose_rota(first_year=2018, years=2, together=1, by=SECRETARIAT, at=NOW)
    told = views.rota(group, by, NOW)
    assert (told["tabled"], told["swaps"], told["offers"], told["adoptions"]) == (None, [], [], [])
    assert [turn["year"] for turn in told["turns"]] == [2015, 2016, 2017]
    assert waiting.awaiting(group, None, by, NOW)["items"] == []


def test_every_order_and_question_has_a_row_and_every_row_has_one():
    RIGHTS.must_cover(contract.contract.commands)
    assert {action.partition(".")[0] for action in ROWS} == set(contract.contract.commands)
