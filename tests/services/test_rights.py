"""The border of each service asks its table: whom no thing could give the right is refused before anything is looked at.

What the rules then say of each thing, cell by cell, ``tests/rules/test_rights_*.py`` asks of the rules themselves.
"""

import pytest

from launcher.rights import TABLES
from services.kernel import Actor, Refusal, utc
from services.kernel.rights import Party

AT = utc(2014, 3, 1)

OUTSIDE = {
    "visitor": Actor("visitor"),
    "reader": Actor("reader", "IOM", frozenset({"reader"})),
    "mission": Actor("joana", "BRAZIL", frozenset({"mission"})),
    "focal point": Actor("of iom", "IOM", frozenset({"focal_point"})),
}

ASKED = [
    ("chairs", "adopt_rota", {"turns": [{"year": 2016, "chairs": ["IOM"]}]}),
    ("chairs", "propose_rota", {}),
    ("chairs", "accept_term", {"year": 2016, "entity": "IOM"}),
    ("chairs", "handover", {"year": 2015}),
    ("workplan", "open_plan", {"year": 2014}),
    ("workplan", "meetings", {}),
    ("workplan", "get_meeting", {"meeting": "m"}),
    ("workplan", "awaiting", {"entity": "IOM"}),
    ("documents", "passing_rules", {}),
    ("documents", "set_passing_rule", {"kind": "issue_paper", "minimum_hours": 96}),
    ("documents", "awaiting", {"entity": "IOM"}),
    ("notifications", "subscribers", {}),
    ("notifications", "suppressions", {}),
    ("notifications", "get_subscriber", {"code": "BRAZIL"}),
    ("notifications", "deliveries", {}),
    ("notifications", "report_bounce", {"token": "x" * 30, "status": "5.1.1"}),
]


def border(service: str, name: str, by: Actor) -> tuple[str, str] | None:
    """What the table's border says of this person, None where the rule is to be asked."""
    try:
        TABLES[service].must_admit(name, by)
    except Refusal as refusal:
        return refusal.kind, refusal.rule
    return None


CELLS = [
    pytest.param(service, name, payload, by, border(service, name, by), id=f"{service}.{name}-{who}")
    for service, name, payload in ASKED
    for who, by in OUTSIDE.items()
    if border(service, name, by) is not None
]


@pytest.mark.parametrize(("service", "name", "payload", "by", "expected"), CELLS)
def test_the_border_refuses_whom_nothing_could_give_the_right(call, service, name, payload, by, expected):
    before = call(service, "status", {}, by=by, at=AT)
    with pytest.raises(Refusal) as caught:
        call(service, name, payload, by=by, at=AT)
    assert (caught.value.kind, caught.value.rule) == expected
    after = call(service, "status", {}, by=by, at=AT)
    assert (after["events"], after["pending"]) == (before["events"], before["pending"])


def test_what_the_border_refuses_visitors_is_much():
    refused = {(service, name) for service, rights in TABLES.items() for name in rights if border(service, name, OUTSIDE["visitor"])}
    told = [border(service, name, OUTSIDE["visitor"]) for service, name in refused]
    assert len(refused) > 60
    assert {kind for kind, _ in told} == {"not_allowed", "not_found"}
    assert all(Party.EVERYONE not in TABLES[service][name].parties for service, name in refused)
