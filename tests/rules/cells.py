"""Rights, cell by cell: who is tried with every order and question, and what an allowed and a denied cell must come to.

A room's test says by hand whose each row is, asks the rule itself on a real aggregate, and compares: what it expects is not taken from
the table that decides.
"""

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import pytest

from services.kernel import Actor, Composition, Membership, Refusal, Seat, Term, utc
from services.kernel.rights import Rights

SIX = ["ILO", "IOM", "OHCHR", "UNHCR", "UNICEF", "UNODC"]

GROUP = Composition(
    memberships=[
        *(Membership(code, utc(2010)) for code in [*SIX, "WB", "ICAO"]),
        Membership("GONE", utc(2010), utc(2013)),
        Membership("COMING", utc(2016)),
    ],
    seats=[*(Seat(code, utc(2010)) for code in SIX), Seat("GONE", utc(2010), utc(2013)), Seat("COMING", utc(2016))],
    terms={
        "2012": Term(2012, ["GONE"], "ended"),
        "2014": Term(2014, ["IOM", "ICAO"], "begun"),
        "2015": Term(2015, ["UNHCR"], "adopted"),
    },
)
"""Six seats; IOM and ICAO, which has none, chair 2014; the World Bank is a member without a seat. One has left, one is yet to come."""


def person(role: str, entity: str | None = None) -> Actor:
    return Actor(f"{role} of {entity}", entity, frozenset({role}))


PEOPLE: dict[str, Actor] = {
    "secretariat": person("secretariat"),
    "platform": person("system"),
    "chair": person("focal_point", "IOM"),
    "chair's alternate": person("alternate", "IOM"),
    "co-chair without a seat": person("focal_point", "ICAO"),
    "lead": person("focal_point", "OHCHR"),
    "lead's alternate": person("alternate", "OHCHR"),
    "contributor": person("focal_point", "ILO"),
    "contributor's alternate": person("alternate", "ILO"),
    "seated": person("focal_point", "UNICEF"),
    "seated's alternate": person("alternate", "UNICEF"),
    "member": person("focal_point", "WB"),
    "member's alternate": person("alternate", "WB"),
    "left": person("focal_point", "GONE"),
    "yet to come": person("focal_point", "COMING"),
    "never a member": person("alternate", "NEVER"),
    "mission": person("mission", "BRAZIL"),
    "mission that is called as the chair": person("mission", "IOM"),
    "mission that is called as the lead": person("mission", "OHCHR"),
    "reader": person("reader"),
    "reader of the chair": person("reader", "IOM"),
    "visitor": Actor("visitor"),
    "ended account of the chair": Actor("former", "IOM"),
}

OFFICE = {"secretariat", "platform"}
CHAIR = {"chair", "chair's alternate", "co-chair without a seat"}
LEAD = {"lead", "lead's alternate"}
CONTRIBUTOR = {"contributor", "contributor's alternate"}
SEATED = {"chair", "chair's alternate", *LEAD, *CONTRIBUTOR, "seated", "seated's alternate"}
MEMBER = {"member", "member's alternate"}
MEMBERS = SEATED | CHAIR | MEMBER
INSIDE = OFFICE | MEMBERS
EVERYONE = set(PEOPLE)
OUTSIDE = EVERYONE - INSIDE


@dataclass(frozen=True)
class Row:
    """What one order or question must come to. ``ask(thing, by)``: the rule itself, asked with an otherwise acceptable payload; ``make()``:
    the aggregate it is asked of; ``allowed``: who may; ``unknown``: to whom the thing is not to be known."""

    ask: Callable[[Any, Actor], Any]
    make: Callable[[], Any]
    allowed: Iterable[str] = ()
    unknown: Iterable[str] = field(default=())


def cells(rows: Mapping[str, Row]) -> list[Any]:
    """Every action with every person."""
    return [pytest.param(action, name, id=f"{action}-{name}") for action in rows for name in PEOPLE]


def try_cell(rights: Rights, action: str, row: Row, name: str) -> None:
    """One cell: what is allowed is carried out, and the border lets it pass; what is denied is refused as a right, of nothing changed."""
    by, thing = PEOPLE[name], row.make()
    before = deepcopy(thing)
    order = action.partition(" ")[0]
    if name in set(row.allowed):
        rights.must_admit(order, by)
        row.ask(thing, by)
        return
    with pytest.raises(Refusal) as caught:
        row.ask(thing, by)
    expected = "not_found" if name in set(row.unknown) else "not_allowed"
    assert caught.value.kind == expected, (caught.value.rule, caught.value.detail)
    assert thing == before
    assert thing is None or thing.take_happened() == []
