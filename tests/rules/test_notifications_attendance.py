"""Who comes to a briefing: rules, and what any actors may do in any order."""

import itertools
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from contracts import notifications as c
from services.kernel import Actor, Refusal, utc
from services.kernel.actor import SYSTEM_ACTOR
from services.notifications.rules import Attendance, Subscriber, Subscription, notes

AT = utc(2015, 1, 5, 9)
STARTS = utc(2015, 1, 22, 15)
SECRETARIAT = Actor("sec", "UNODC", frozenset({"secretariat"}))
BEARER = Actor("anonymous")


def mission(code: str) -> Actor:
    return Actor(f"desk of {code}", code, frozenset({"mission"}))


def subscriber(code: str, *, topics=("briefings",), state: str = "confirmed", kind: str = "mission", **wanted: Any) -> Subscriber:
    """A subscriber with one subscription, ``sub-<code>``."""
    confirmed = utc(2014) if state != "pending" else None
    one = Subscription(
        id=f"sub-{code}",
        channel="mail",
        target=f"{code.lower()}@mission.example",
        topics=list(topics),
        requested_at=utc(2014),
        requested_by="x",
        state=state,
        confirmed_at=confirmed,
        ended_at=utc(2014, 2) if state == "ended" else None,
        **wanted,
    )
    return Subscriber(code, f"Mission of {code}", kind, "en", admitted_at=utc(2014), admitted_by="sec", subscriptions=[one])


def told(revision: int = 0, **more: Any) -> dict[str, Any]:
    """What an event of the briefing says."""
    briefing = {"briefing": "b", "revision": revision, "title": "Consultation", "kind": "consultation", "place": "New York"}
    times = {"starts_at": STARTS, "ends_at": STARTS + timedelta(hours=2), "reply_by": None}
    return briefing | times | {"pillars": [], "capacity": None, "cancelled": False} | more


def opened(at: datetime = AT, **more: Any) -> Attendance:
    attendance = Attendance.open(told(**more), at=at)
    facts(attendance)
    return attendance


def facts(attendance: Attendance) -> list[tuple[str, dict[str, Any]]]:
    """What happened, each as the contract publishes it."""
    happened = attendance.take_happened()
    return [(fact.name, c.contract.events[fact.name].publish(fact.data)) for fact in happened]


def say(attendance: Attendance, code: str, attending: str = "yes", people: int = 1, *, at: datetime = AT, **more: Any) -> list[str]:
    """A guest's own people reply; what happened, in a word each."""
    told = {"by": mission(code), "at": at} | more
    attendance.reply(told.pop("guest", None) or subscriber(code), attending, [f"{code} {n}" for n in range(people)], **told)
    return [name for name, _ in facts(attendance)]


def places(attendance: Attendance) -> dict[str, str]:
    return {reply.subscriber: reply.place for reply in attendance.replies}


def refused(do: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        do()
    return caught.value


def seen(attendance: Attendance, by: Actor, at: datetime = AT, **more: Any) -> dict[str, Any]:
    told = {"guest": None, "chairs": ["IOM"], "invited": lambda: ["BRAZIL", "PERU", "QATAR"]} | more
    return attendance.view(by, at, **told)


# Who ended


def test_who_ended_gives_up_its_places_and_those_who_wait_move_up():
    attendance = opened(capacity=2)
    say(attendance, "BRAZIL", people=2)
    say(attendance, "PERU")
    say(attendance, "QATAR", "tentative", 0)
    assert places(attendance) == {"BRAZIL": "given", "PERU": "waiting", "QATAR": "none"}
    for _ in range(2):  # as when the news comes twice
        attendance.give_up("BRAZIL", None, by=SYSTEM_ACTOR, at=AT)
        attendance.give_up("NOBODY", None, by=SYSTEM_ACTOR, at=AT)
    (said, data), (given, to) = facts(attendance)
    assert (said, data["subscriber"], data["attending"]) == ("briefing_replied", "BRAZIL", "no")
    assert (data["people"], data["before"]["people"]) == (0, 2)
    assert (given, to["subscriber"], to["coming"]) == ("place_given", "PERU", 1)
    assert places(attendance) == {"BRAZIL": "none", "PERU": "given", "QATAR": "none"}


@pytest.mark.parametrize(("cancelled", "at"), [(True, AT), (False, STARTS)])
def test_nothing_is_given_up_at_a_briefing_that_has_begun_or_is_cancelled(cancelled, at):
    attendance = opened()
    say(attendance, "BRAZIL")
    attendance.hear(told(1, cancelled=cancelled), at=AT)
    facts(attendance)
    attendance.give_up("BRAZIL", None, by=SYSTEM_ACTOR, at=at)
    assert (facts(attendance), places(attendance)) == ([], {"BRAZIL": "given"})


def test_the_secretariat_enters_that_one_who_ended_does_not_come_and_nothing_else():
    attendance, ended = opened(), subscriber("BRAZIL")
    say(attendance, "BRAZIL", guest=ended)
    ended.ended_at = AT
    letter = {"guest": ended, "by": SECRETARIAT, "letter": "Note verbale 8/2015"}
    for attending in ("yes", "tentative"):
        assert refused(lambda attending=attending: say(attendance, "BRAZIL", attending, **letter)).rule == "briefing-invited"
    assert refused(lambda: say(attendance, "BRAZIL", "no", guest=ended)).kind == "not_found"
    never = subscriber("PERU")
    never.ended_at = AT
    assert refused(lambda: say(attendance, "PERU", "no", **letter | {"guest": never})).rule == "briefing-invited"
    assert say(attendance, "BRAZIL", "no", **letter) == ["briefing_replied"]
    assert (places(attendance), attendance.coming) == ({"BRAZIL": "none"}, 0)


# The briefing


def test_an_earlier_revision_that_comes_late_changes_nothing():
    attendance = Attendance.open(told(2, place="Geneva"), at=AT)
    assert [name for name, _ in facts(attendance)] == ["attendance_opened"]
    attendance.hear(told(0), at=AT)
    attendance.hear(told(2, place="Vienna"), at=AT)
    assert (facts(attendance), attendance.place) == ([], "Geneva")
    later = STARTS + timedelta(days=1)
    attendance.hear(told(3, starts_at=later, ends_at=later + timedelta(hours=1)), at=AT)
    ((name, data),) = facts(attendance)
    assert (name, data["starts_at"]) == ("attendance_changed", "2015-01-23T15:00:00Z")
    assert data["before"] == {"place": "Geneva", "starts_at": "2015-01-22T15:00:00Z", "ends_at": "2015-01-22T17:00:00Z"}


def test_another_date_keeps_the_replies_and_a_cancellation_ends_them():
    attendance = opened()
    say(attendance, "BRAZIL", people=2)
    later = STARTS + timedelta(days=7)
    attendance.hear(told(1, starts_at=later, ends_at=later + timedelta(hours=1)), at=AT)
    assert (attendance.coming, places(attendance)) == (2, {"BRAZIL": "given"})
    attendance.hear(told(2, cancelled=True), at=AT)
    why = refused(lambda: say(attendance, "PERU"))
    assert (why.kind, why.rule) == ("conflict", "briefing-announced")
    assert (attendance.due(), seen(attendance, SECRETARIAT)["state"], seen(attendance, SECRETARIAT)["open"]) == (None, "cancelled", False)


# Who is invited


@pytest.mark.parametrize(
    "guest",
    [
        None,
        subscriber("BRAZIL", topics=["publications"]),
        subscriber("BRAZIL", state="pending"),
        subscriber("BRAZIL", state="ended"),
        subscriber("BRAZIL", kinds=["presentation"]),
        subscriber("BRAZIL", places=["Geneva"]),
        subscriber("PERU"),
    ],
    ids=["no subscriber", "other topics", "pending", "ended", "other kinds", "other places", "another's"],
)
def test_who_was_not_invited_is_told_that_there_is_no_such_briefing(guest):
    attendance = opened()
    before = repr(attendance)
    reply = refused(lambda: attendance.reply(guest, "yes", ["A"], by=mission("BRAZIL"), at=AT))
    look = refused(lambda: seen(attendance, mission("BRAZIL"), guest=guest))
    assert {(why.kind, why.rule, why.detail) for why in (reply, look)} == {("not_found", "exists", "There is no briefing b.")}
    assert (repr(attendance), facts(attendance)) == (before, [])
    if guest is None or guest.code == "BRAZIL":
        why = refused(lambda: attendance.reply(guest, "yes", ["A"], by=SECRETARIAT, at=AT, letter="Note of 3 January"))
        assert (why.field, why.rule) == ("subscriber", "briefing-invited")


@pytest.mark.parametrize(
    "guest",
    [
        subscriber("BRAZIL", state="suspended"),
        subscriber("BRAZIL", kinds=["consultation"]),
        subscriber("BRAZIL", places=["new york"]),
        subscriber("BRAZIL", pillars=["prevention"]),
    ],
    ids=["suspended", "this kind", "this place", "no pillar named"],
)
def test_a_confirmed_subscription_that_asks_for_it_invites(guest):
    assert say(opened(), "BRAZIL", guest=guest) == ["briefing_replied"]


def test_pillars_narrow_who_is_invited():
    attendance = opened(pillars=["protection"])
    assert not attendance.invites(subscriber("BRAZIL", pillars=["prevention"]))
    assert attendance.invites(subscriber("BRAZIL", pillars=["prevention", "protection"]))


def test_who_replied_stays_on_the_list_until_it_ends():
    attendance = opened()
    say(attendance, "BRAZIL")
    gone = subscriber("BRAZIL", state="ended")
    assert say(attendance, "BRAZIL", "no", 0, guest=gone) == ["briefing_replied"]
    gone.ended_at = AT
    assert refused(lambda: say(attendance, "BRAZIL", guest=gone)).rule == "exists"


def test_the_bearer_of_a_token_replies_for_its_subscription_while_that_lives():
    attendance, brazil = opened(reply_by=utc(2015, 1, 20)), subscriber("BRAZIL")
    attendance.reply(brazil, "yes", ["A. Person"], by=BEARER, at=AT, bearer="sub-BRAZIL", letter="is not the bearer's to name")
    (reply,) = attendance.replies
    assert (reply.person, reply.letter, reply.people) == ("by the link", "", ["A. Person"])
    assert seen(attendance, BEARER, guest=brazil, bearer="sub-BRAZIL")["replies"][0]["people"] == ["A. Person"]
    late = refused(lambda: attendance.reply(brazil, "no", [], by=BEARER, at=utc(2015, 1, 20), bearer="sub-BRAZIL"))
    assert (late.kind, late.rule, late.accepted) == ("too_late", "briefing-reply-by", "a reply before 2015-01-20T00:00:00Z")
    ended = subscriber("BRAZIL", state="ended")
    assert refused(lambda: attendance.reply(ended, "no", [], by=BEARER, at=AT, bearer="sub-BRAZIL")).kind == "not_found"
    left = subscriber("BRAZIL")
    left.ended_at = AT
    assert refused(lambda: attendance.reply(left, "no", [], by=BEARER, at=AT, bearer="sub-BRAZIL")).kind == "not_found"


def test_the_secretariat_enters_a_letter_until_it_starts():
    attendance = opened(reply_by=utc(2015, 1, 20))
    entering = {"by": SECRETARIAT, "at": utc(2015, 1, 21)}
    why = refused(lambda: say(attendance, "BRAZIL", **entering, letter=" "))
    assert (why.field, why.rule) == ("letter", "reply-letter")
    assert say(attendance, "BRAZIL", **entering, letter="Note verbale 3/2015") == ["briefing_replied"]
    assert (attendance.replies[0].letter, attendance.replies[0].person) == ("Note verbale 3/2015", "sec")
    assert refused(lambda: say(attendance, "BRAZIL", "no", by=SECRETARIAT, at=STARTS, letter="x")).kind == "too_late"
    assert seen(attendance, SECRETARIAT, utc(2015, 1, 21))["open"]
    assert not seen(attendance, mission("BRAZIL"), utc(2015, 1, 21), guest=subscriber("BRAZIL"))["open"]


# Replies


def test_a_reply_is_told_without_names_and_the_same_again_is_nothing():
    attendance = opened()
    assert refused(lambda: say(attendance, "BRAZIL", people=0)).field == "people"
    attendance.reply(subscriber("BRAZIL"), "yes", ["Ana Souza", "Rui Lima"], message="Ramp, please", by=mission("BRAZIL"), at=AT)
    ((name, data),) = facts(attendance)
    assert (name, data["people"], data["place"], data["coming"], data["before"]) == ("briefing_replied", 2, "given", 2, {})
    assert not {"Ana", "Rui", "Ramp"} & set(str(data).replace("'", " ").split())
    attendance.reply(subscriber("BRAZIL"), "yes", ["Ana Souza", "Rui Lima"], message="Ramp, please", by=mission("BRAZIL"), at=AT)
    assert facts(attendance) == []
    attendance.reply(subscriber("BRAZIL"), "no", ["Ana Souza"], by=mission("BRAZIL"), at=AT)
    ((_, data),) = facts(attendance)
    assert (data["people"], data["place"], data["coming"]) == (0, "none", 0)
    assert data["before"] == {"attending": "yes", "people": 2, "place": "given"}


def test_who_waits_gets_places_in_the_order_of_replying():
    attendance = opened(capacity=3)
    say(attendance, "A", people=2)
    assert attendance.left == 1
    say(attendance, "B", people=2)
    say(attendance, "C", people=1)  # there is one place, and B has waited longer
    say(attendance, "D", "tentative", 1)
    assert (places(attendance), attendance.left) == ({"A": "given", "B": "waiting", "C": "waiting", "D": "none"}, 0)
    attendance.reply(subscriber("A"), "no", [], by=mission("A"), at=AT)
    happened = facts(attendance)
    assert [(name, data["subscriber"], data["coming"]) for name, data in happened] == [
        ("briefing_replied", "A", 0),
        ("place_given", "B", 2),
        ("place_given", "C", 3),
    ]
    say(attendance, "A", people=1)
    assert places(attendance)["A"] == "waiting"


def test_who_brings_more_people_loses_its_turn_and_never_the_places_it_has():
    attendance = opened(capacity=3)
    for code, people in (("A", 2), ("B", 2), ("C", 2)):
        say(attendance, code, people=people)
    why = refused(lambda: say(attendance, "A", people=3))
    assert (why.field, why.rule, why.accepted) == ("people", "briefing-capacity", "at most 2 people")
    say(attendance, "B", people=3)
    say(attendance, "A", "no")
    assert places(attendance) == {"A": "none", "B": "waiting", "C": "given"}
    why = refused(lambda: say(attendance, "D", people=4))
    assert why.accepted == "at most 3 people"
    say(attendance, "B", people=1)
    assert places(attendance)["B"] == "given"


def test_less_room_takes_no_place_and_more_room_gives_some():
    attendance = opened(capacity=4)
    for code, people in (("A", 2), ("B", 2), ("C", 3), ("D", 1)):
        say(attendance, code, people=people)
    attendance.hear(told(1, capacity=2), at=AT)
    assert (attendance.coming, attendance.left) == (4, 0)
    attendance.take_happened()
    say(attendance, "A", "no")
    # C's three people would need more room than there is at all, so they hold up nobody; and there is none yet.
    assert places(attendance) == {"A": "none", "B": "given", "C": "waiting", "D": "waiting"}
    attendance.hear(told(2, capacity=3), at=AT)
    assert [name for name, _ in facts(attendance)] == ["attendance_changed"]
    attendance.hear(told(3, capacity=None), at=AT)
    given = [data["subscriber"] for name, data in facts(attendance) if name == "place_given"]
    assert (given, attendance.coming, attendance.left) == (["C", "D"], 6, None)


def test_those_who_could_never_come_hold_up_nobody():
    attendance = opened(capacity=4)
    say(attendance, "A", people=4)
    say(attendance, "B", people=3)
    say(attendance, "C", people=1)
    attendance.hear(told(1, capacity=2), at=AT)
    say(attendance, "A", "no")
    assert places(attendance) == {"A": "none", "B": "waiting", "C": "given"}


# What is seen


def test_all_is_seen_by_the_secretariat_and_the_chair_and_ones_own_by_a_guest():
    attendance = opened(capacity=3, reply_by=utc(2015, 1, 20))
    say(attendance, "BRAZIL", people=2)
    say(attendance, "PERU", "no")
    chair = Actor("p", "IOM", frozenset({"focal_point"}))
    for actor in (SECRETARIAT, chair, SYSTEM_ACTOR):
        whole = seen(attendance, actor)
        assert [reply["subscriber"] for reply in whole["replies"]] == ["BRAZIL", "PERU"]
        assert [whole[name] for name in ("coming", "waiting", "regrets", "silent", "left")] == [2, 0, 1, 1, 1]
        assert set(c.AttendanceAnswer().fields) - {"version"} == set(whole)
        assert set(c.ReplyAnswer().fields) <= set(whole["replies"][0])
    own = seen(attendance, mission("PERU"), guest=subscriber("PERU"), invited=lambda: pytest.fail("not to be counted"))
    assert [reply["subscriber"] for reply in own["replies"]] == ["PERU"]
    assert [own[name] for name in ("coming", "waiting", "regrets", "silent", "left")] == [None, None, None, None, 1]
    other = Actor("q", "ILO", frozenset({"focal_point"}))
    assert refused(lambda: seen(attendance, other)).kind == "not_found"
    assert refused(lambda: seen(attendance, Actor("m", "IOM", frozenset({"mission"})))).kind == "not_found"


# Reminders


def reminded(attendance: Attendance, to: datetime) -> list[tuple[str, int, str]]:
    attendance.tick(to)
    return [(fact.at.isoformat()[:16], fact.data["days"], fact.data["reminds"]) for fact in attendance.take_happened()]


def test_reminders_fall_three_days_and_one_before_once_each():
    attendance = opened(reply_by=utc(2015, 1, 20))
    assert attendance.due() == utc(2015, 1, 19, 15)
    assert reminded(attendance, utc(2015, 1, 19, 14, 59)) == []
    assert reminded(attendance, utc(2015, 1, 19, 15)) == [("2015-01-19T15:00", 3, "all")]
    assert reminded(attendance, utc(2015, 1, 21)) == []
    assert reminded(attendance, utc(2015, 1, 21, 16)) == [("2015-01-21T15:00", 1, "coming")]
    assert (attendance.due(), reminded(attendance, utc(2015, 2))) == (None, [])


def test_after_a_downtime_the_last_reminder_is_told_late_and_none_after_the_start():
    late = opened()
    assert reminded(late, STARTS - timedelta(hours=1)) == [("2015-01-19T15:00", 3, "none"), ("2015-01-21T15:00", 1, "all")]
    begun = opened()
    assert reminded(begun, STARTS) == [("2015-01-19T15:00", 3, "none"), ("2015-01-21T15:00", 1, "none")]
    assert (late.due(), begun.due()) == (None, None)


def test_one_announced_late_or_moved_has_the_reminders_that_are_still_to_come():
    attendance = opened(at=STARTS - timedelta(days=2))
    assert attendance.due() == STARTS - timedelta(days=1)
    reminded(attendance, STARTS - timedelta(hours=23))
    later = STARTS + timedelta(days=7)
    attendance.hear(told(1, starts_at=later, ends_at=later + timedelta(hours=1)), at=STARTS - timedelta(hours=22))
    assert attendance.due() == later - timedelta(days=3)
    attendance.hear(told(2, cancelled=True), at=STARTS)
    facts(attendance)
    assert (attendance.due(), reminded(attendance, later)) == (None, [])


def test_a_reminder_names_who_comes_and_who_has_not_decided():
    attendance = opened(capacity=2)
    for code, attending in (("A", "yes"), ("B", "no"), ("C", "tentative"), ("D", "yes"), ("E", "yes")):
        say(attendance, code, attending)
    when = {"starts_at": STARTS, "at": STARTS - timedelta(days=3)}
    attendance.remind(3, "all", ["A", "B", "C", "D", "E", "F"], **when)
    ((name, data),) = facts(attendance)
    assert (name, data["coming"], data["silent"], data["days"]) == ("briefing_reminded", ["A", "D"], ["C", "F"], 3)
    attendance.remind(1, "coming", ["F"], **when)
    assert facts(attendance)[0][1]["silent"] == []
    attendance.remind(1, "none", ["F"], **when)
    attendance.remind(1, "all", ["F"], starts_at=STARTS - timedelta(days=1), at=AT)  # it was moved since
    attendance.hear(told(1, cancelled=True), at=AT)
    facts(attendance)
    attendance.remind(1, "all", ["F"], **when)
    assert facts(attendance) == []


def test_very_many_are_reminded_by_several_events():
    attendance = opened()
    attendance.remind(3, "all", [f"M{number}" for number in range(2_500)], starts_at=STARTS, at=AT)
    silent = [data["silent"] for _, data in facts(attendance)]
    assert [len(some) for some in silent] == [1000, 1000, 500]
    assert len(set(itertools.chain(*silent))) == 2_500


# Whatever anyone does

GUESTS = ["A", "B", "C", "D", "E"]
STRANGERS = ["X", "Y"]


class Briefing(RuleBasedStateMachine):
    """Guests and strangers reply, the room grows and shrinks, the clock passes, the briefing is called off; at any instant."""

    @initialize(capacity=st.none() | st.integers(1, 8), reply_by=st.sampled_from([None, STARTS - timedelta(days=2)]))
    def announce(self, capacity, reply_by):
        self.now, self.revision = AT, 0
        self.told = told(capacity=capacity, reply_by=reply_by)
        self.attendance = Attendance.open(self.told, at=AT)
        self.attendance.take_happened()
        self.given: set[str] = set()
        self.overbooked = 0
        """How many more people than there is room for have a place, since the room became smaller."""
        self.near: list[int] = []

    def happened(self) -> list[tuple[str, dict[str, Any]]]:
        return facts(self.attendance)

    def holds(self) -> dict[str, int]:
        return {r.subscriber: len(r.people) for r in self.attendance.replies if r.place == "given"}

    @rule(code=st.sampled_from([*GUESTS, *STRANGERS]), attending=st.sampled_from(["yes", "yes", "no", "tentative"]), size=st.integers(0, 4),
          by=st.sampled_from(["own", "bearer", "secretariat", "other"]))  # fmt: skip
    def reply(self, code, attending, size, by):
        attendance, before, held = self.attendance, repr(self.attendance), self.holds()
        queue = [r.subscriber for r in attendance._waiting()]
        guest = subscriber(code, topics=["briefings"] if code in GUESTS else ["workplan"])
        actors = {"own": mission(code), "bearer": BEARER, "secretariat": SECRETARIAT, "other": mission("Z")}
        as_bearer = {"bearer": f"sub-{code}"} if by == "bearer" and code in GUESTS else {}
        try:
            attendance.reply(guest, attending, [f"{code}{n}" for n in range(size)], by=actors[by], at=self.now, letter="L", **as_bearer)
        except Refusal:
            assert repr(attendance) == before
            assert not attendance.take_happened()
            return
        assert code in GUESTS
        assert by != "other"
        assert self.now < (attendance.starts_at if by == "secretariat" else attendance.replies_until)
        assert not attendance.cancelled
        happened = self.happened()
        # Whoever was given a place without withdrawing still has it; and nobody was passed over by a later one.
        assert all(self.holds().get(other) == people for other, people in held.items() if other != code)
        promoted = [data["subscriber"] for name, data in happened if name == "place_given"]
        assert [one for one in promoted if one != code] == [one for one in queue if one != code][: len([p for p in promoted if p != code])]
        if happened:
            assert happened[-1][1]["coming"] == sum(self.holds().values())

    @rule(capacity=st.none() | st.integers(1, 8), moved=st.sampled_from([0, 0, 0, 5]), late=st.booleans())
    def change(self, capacity, moved, late):
        held, before = self.holds(), repr(self.attendance)
        queue = sorted((r for r in self.attendance.replies if r.place == "waiting"), key=lambda reply: reply.turn)
        if late:
            self.attendance.hear(self.told, at=self.now)
            assert (self.happened(), repr(self.attendance)) == ([], before)
        if self.now >= self.attendance.starts_at or self.attendance.cancelled:
            return
        self.revision += 1
        starts = self.attendance.starts_at + timedelta(days=moved)
        if moved:
            self.near = []
        self.told = self.told | {"revision": self.revision, "capacity": capacity, "starts_at": starts, "ends_at": starts}
        self.attendance.hear(self.told, at=self.now)
        assert held.items() <= self.holds().items()
        promoted = [data["subscriber"] for name, data in self.happened() if name == "place_given"]
        able = [reply.subscriber for reply in queue if capacity is None or len(reply.people) <= capacity]
        assert promoted == able[: len(promoted)]
        self.overbooked = max(0, sum(self.holds().values()) - capacity) if capacity else 0

    @rule(hours=st.sampled_from([1, 24, 24, 72, 240]))
    def wait(self, hours):
        self.now += timedelta(hours=hours)
        self.attendance.tick(self.now)
        self.attendance.tick(self.now)
        for name, data in self.happened():
            assert name == "briefing_near"
            assert not self.attendance.cancelled
            assert data["days"] not in self.near
            assert data["reminds"] == "none" or self.now < self.attendance.starts_at
            assert data["reminds"] != "all" or self.now < self.attendance.replies_until
            self.near.append(data["days"])

    @precondition(lambda self: self.now > AT + timedelta(days=3))
    @rule()
    def cancel(self):
        self.revision += 1
        self.told = self.told | {"revision": self.revision, "cancelled": True}
        self.attendance.hear(self.told, at=self.now)
        assert self.attendance.due() is None
        assert {name for name, _ in self.happened()} == {"attendance_changed"}

    @invariant()
    def nobody_sits_on_another(self):
        attendance = self.attendance
        if attendance.capacity is not None:
            # More than there is room for only since the room became smaller, and then ever fewer.
            over = max(0, attendance.coming - attendance.capacity)
            assert over <= self.overbooked
            self.overbooked = over
        else:
            assert not attendance._waiting()
        waiting = attendance._waiting()
        if waiting and not attendance.cancelled:
            assert len(waiting[0].people) > attendance.capacity - attendance.coming, "the first who waits could sit"
        turns = [r.turn for r in attendance.replies if r.attending == "yes"]
        assert len(turns) == len(set(turns))
        assert not {r.subscriber for r in attendance.replies} & set(STRANGERS)


TestBriefing = Briefing.TestCase
TestBriefing.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)


# What is told to one guest alone


def test_notes_say_what_concerns_a_guest_in_both_languages():
    given = {"briefing": "b", "title": "Consultation", "starts_at": STARTS, "subscriber": "PERU", "people": 2, "coming": 3}
    near = {"briefing": "b", "title": "Consultation", "starts_at": STARTS, "place": "New York", "days": 3, "coming": [], "silent": []}
    made = [notes.place_given(given, AT), notes.place_given(given | {"people": 1}, AT)]
    made += [notes.briefing_reminded(near, AT, comes=comes) for comes in (True, False)]
    assert [note.summary["en"] for note in made] == [
        "2 places have become free and are yours. It starts on 2015-01-22 15:00 UTC.",
        "A place has become free and is yours. It starts on 2015-01-22 15:00 UTC.",
        "You are expected: 2015-01-22 15:00 UTC, New York.",
        "2015-01-22 15:00 UTC, New York. You have not said yet whether you come.",
    ]
    for note in made:
        assert c.Note().load(c.Note().dump(vars(note)))["data"] == note.data
        assert (note.url, note.data["briefing"], note.data["starts_at"]) == ("/briefings/b", "b", "2015-01-22T15:00:00Z")
        assert note.title["fr"] != note.title["en"] != ""
        assert "2015-01-22 15:00" in note.summary["fr"]
