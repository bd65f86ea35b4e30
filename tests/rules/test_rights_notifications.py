"""Who may do what with subscribers, deliveries and replies: every cell of the table, asked of the rules."""

from copy import deepcopy
from datetime import timedelta
from functools import cache, partial

import pytest

from contracts import notifications as contract
from services.kernel import Actor, Refusal, utc
from services.notifications.rules import bounces, deliveries
from services.notifications.rules.attendance import Attendance
from services.notifications.rules.inbox import must_be_own
from services.notifications.rules.rights import RIGHTS, who
from services.notifications.rules.subscribers import Subscriber
from tests.rules.cells import CHAIR, EVERYONE, OFFICE, PEOPLE, Row, cells, person, try_cell

AT = utc(2014, 3, 1)
OWN = {"by": person("mission", "BRAZIL"), "at": AT}
SECRETARIAT = person("secretariat")
ITSELF = {"mission"}
KNOWN = ITSELF | OFFICE
STRANGERS = EVERYONE - KNOWN


def admitted(code: str, kind: str) -> Subscriber:
    return Subscriber.admit(code, f"The {kind} of {code}", kind, "en", by=SECRETARIAT, at=AT)


@cache
def brazil() -> Subscriber:
    """A mission with a mail, a pause, a feed, a queue and an inbox."""
    subscriber = admitted("BRAZIL", "mission")
    for id, channel, target in (("mail", "mail", "desk@brazil.example"), ("paused", "mail", "other@brazil.example"), ("feed", "atom", ""),
                                ("queue", "amqp", ""), ("inbox", "inbox", "")):  # fmt: skip
        subscriber.subscribe(id, channel, target, ["publications", "briefings"], **OWN, queue_part="8c1f", order=f"order of {id}")
    for id in ("mail", "paused"):
        subscriber.confirm(id, at=AT)
    subscriber.pause("paused", None, **OWN)
    return subscriber


def fresh() -> Subscriber:
    subscriber = deepcopy(brazil())
    subscriber.take_happened()
    return subscriber


def left() -> Subscriber:
    subscriber = fresh()
    subscriber.end("moved", **OWN)
    subscriber.take_happened()
    return subscriber


def to_come() -> Attendance:
    starts = AT + timedelta(days=30)
    told = {"briefing": "b", "title": "Briefing", "kind": "briefing", "starts_at": starts, "ends_at": starts + timedelta(hours=2)}
    more = {"place": "Geneva", "pillars": [], "capacity": None, "reply_by": None, "revision": 0, "cancelled": False}
    attendance = Attendance.open(told | more, at=AT)
    attendance.take_happened()
    return attendance


def replied(attendance: Attendance, by: Actor, bearer: str | None = None) -> None:
    letter = {"letter": "Note verbale"} if by.roles & {"secretariat", "system"} else {}
    attendance.reply(brazil(), "yes", ["One"], by=by, at=AT, bearer=bearer, **letter)


def seen(attendance: Attendance, by: Actor) -> dict:
    return attendance.view(by, AT, guest=brazil(), chairs=["IOM", "ICAO"], invited=lambda: ["BRAZIL"])


def may(action: str, subscriber: Subscriber | None, by: Actor) -> None:
    RIGHTS.must(action, who(by, subscriber))


CHOICE = {"topics": ["publications"]}
row = partial(Row, make=fresh)
own = partial(Row, make=fresh, allowed=KNOWN, unknown=STRANGERS)
alone = partial(Row, make=fresh, allowed=ITSELF, unknown=STRANGERS)
asked = {"by": SECRETARIAT, "at": AT}

ROWS = {
    "admit_subscriber": Row(lambda _, by: Subscriber.admit("PERU", "Peru", "mission", "es", by=by, at=AT), lambda: None, OFFICE),
    "admit_subscriber again": Row(lambda s, by: s.admit_known("Brazil", "mission", "pt", by=by, at=AT), left, OFFICE),
    "invite_subscriber": Row(lambda _, by: Subscriber.invite("PERU", "Peru", "mission", "es", "i", by=by, at=AT), lambda: None, OFFICE),
    "invite_subscriber again": Row(lambda s, by: s.invite_anew("Brazil", "mission", "fr", "i", by=by, at=AT), left, OFFICE),
    "end_subscriber": own(lambda s, by: s.end("moved", by=by, at=AT)),
    "get_subscriber": own(lambda s, by: s.view(by, AT)),
    "subscribe": own(lambda s, by: s.subscribe("new", "mail", "new@brazil.example", ["briefings"], by=by, at=AT)),
    "change_subscription": own(lambda s, by: s.change("mail", **CHOICE, by=by, at=AT)),
    "pause_subscription": own(lambda s, by: s.pause("mail", None, by=by, at=AT)),
    "resume_subscription": own(lambda s, by: s.resume("paused", by=by, at=AT)),
    "replace_secret": own(lambda s, by: s.replace_secret("feed", "order", by=by, at=AT)),
    "unsubscribe": own(lambda s, by: s.unsubscribe("mail", by=by, at=AT)),
    "unsubscribe by the link": row(lambda s, by: s.unsubscribe("mail", by=by, at=AT, bearer=True), allowed=EVERYONE),
    "fetch_queue_credentials": alone(lambda s, by: s.fetch_queue("queue", "order", by=by, at=AT)),
    "mark_read": alone(must_be_own),
    "inbox": own(partial(may, "inbox")),
    "deliveries": own(partial(may, "deliveries")),
    "delivery_summary": own(partial(may, "delivery_summary")),
    "delivery_board": own(partial(may, "delivery_board")),
    "replay": row(lambda s, by: deliveries.replay(s, "mail", "publications", 0, 3, "r", by=by, at=AT), allowed=OFFICE, unknown=STRANGERS),
    "report_bounce": Row(lambda _, by: bounces.must_report(by), lambda: None, {"platform"}),
    "reply_to_briefing": Row(replied, to_come, KNOWN, STRANGERS),
    "reply_to_briefing by the link": Row(partial(replied, bearer="mail"), to_come, EVERYONE),
    "attendance": Row(seen, to_come, KNOWN | CHAIR, STRANGERS - CHAIR),
    "send_again": own(partial(may, "send_again")),
    "matters": Row(partial(may, "matters"), lambda: None, EVERYONE),
    "public_feed": Row(partial(may, "public_feed"), lambda: None, EVERYONE),
    "attendance.all": Row(lambda _, by: RIGHTS.must("attendance.all", who(by, serving=("IOM", "ICAO"))), lambda: None, CHAIR | OFFICE),
}

BY_ROLE = {"subscribers", "suppressions", "lift_suppression", "preview"}
"""What roles alone decide, the border decides by itself."""

BY_TOKEN = {"accept_invitation", "get_invitation", "confirm", "feed"}
"""What the token of a link opens, to whoever holds it: the store knows the token, or there is no such thing."""


@pytest.mark.parametrize(("action", "name"), cells(ROWS))
def test_a_cell(action, name):
    try_cell(RIGHTS, action, ROWS[action], name)


@pytest.mark.parametrize("name", PEOPLE)
@pytest.mark.parametrize("action", sorted(BY_ROLE))
def test_what_is_the_secretariats_alone_the_border_refuses_to_all_others(action, name):
    if name in OFFICE:
        RIGHTS.must_admit(action, PEOPLE[name])
        return
    with pytest.raises(Refusal) as caught:
        RIGHTS.must_admit(action, PEOPLE[name])
    assert (caught.value.kind, caught.value.rule) == ("not_allowed", "secretariat-only")


@pytest.mark.parametrize("name", PEOPLE)
@pytest.mark.parametrize("action", sorted(BY_TOKEN))
def test_a_link_opens_to_whoever_holds_it_and_to_nobody_else(action, name):
    RIGHTS.must_admit(action, PEOPLE[name])
    assert RIGHTS.may(action, who(PEOPLE[name], brazil(), bearer=True))
    assert not RIGHTS.may(action, who(PEOPLE[name], brazil()))


def test_a_subscriber_of_the_same_name_and_another_kind_is_a_stranger():
    mission, entity = admitted("IOM", "mission"), admitted("IOM", "focal_point")
    by = PEOPLE["mission that is called as the chair"]
    assert RIGHTS.may("get_subscriber", who(by, mission))
    assert not RIGHTS.may("get_subscriber", who(by, entity))
    assert RIGHTS.may("get_subscriber", who(PEOPLE["chair"], entity))
    assert not RIGHTS.may("get_subscriber", who(PEOPLE["chair"], mission))


def test_every_order_and_question_has_a_row_and_every_row_has_one():
    RIGHTS.must_cover(contract.contract.commands)
    assert {action.partition(" ")[0].partition(".")[0] for action in ROWS} | BY_ROLE | BY_TOKEN == set(contract.contract.commands)
