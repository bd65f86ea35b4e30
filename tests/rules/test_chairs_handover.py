"""The handover of the chair: reminders, the dossier's signatures, and a term that starts all the same."""

from copy import deepcopy
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.chairs.rules import Group, waiting
from services.kernel import Actor, Happened, Refusal, utc

SECRETARIAT = Actor("Sofia", None, frozenset({"secretariat"}))
MISSION = Actor("Bruno", "BRAZIL", frozenset({"mission"}))
FOUR = ["ILO", "IOM", "UNHCR", "UNODC"]
MARCH, NOVEMBER = utc(2015, 3), utc(2015, 11)
T = utc(2016)
DAY = timedelta(days=1)
MATTER = {
    "kind": "plan",
    "id": "2016",
    "title": "Workplan 2016",
    "state": "consultation",
    "lead": None,
    "due": utc(2016, 2),
    "link": "/workplans/2016",
    "told_at": MARCH,
}


def focal_point(entity: str) -> Actor:
    return Actor(f"of {entity}", entity, frozenset({"focal_point"}))


def adopt(group: Group, order: dict[int, list[str]], at: datetime) -> None:
    turns = [{"year": year, "chairs": chairs} for year, chairs in order.items()]
    group.adopt_rota(turns, decision="minutes", by=SECRETARIAT, at=at)


def running(order: dict[int, list[str]], at: datetime = MARCH, present: list[str] | None = None) -> Group:
    """UNHCR, or ``present``, chairs 2015; the order was adopted at ``at``."""
    group = Group()
    for code in FOUR:
        group.register_entity(code, names={"en": code}, acronyms={}, by=SECRETARIAT, at=MARCH)
        group.start_membership(code, since=utc(2010), until=None, source="x", by=SECRETARIAT, at=MARCH)
        group.take_seat(code, since=utc(2010), until=None, source="x", by=SECRETARIAT, at=MARCH)
    group.record_term(2014, chairs=["IOM"], nobody_knows=False, source="x", by=SECRETARIAT, at=MARCH)
    group.record_term(2015, chairs=present or ["UNHCR"], nobody_knows=False, source="x", by=SECRETARIAT, at=MARCH)
    group.tick(at)
    if order:
        adopt(group, order, at)
    group.take_happened()
    return group


def told(group: Group, name: str = "handover_reminded") -> list[Happened]:
    return [fact for fact in group.take_happened() if fact.name == name]


def sign(group: Group, entity: str, at: datetime = NOVEMBER, matters: Any = (MATTER,), year: int = 2016, **more: Any) -> None:
    matters = list(matters)
    said = {"digest": group.handovers[str(year)].digest(matters), "letter": None, "by": focal_point(entity)} | more
    group.sign_handover(year, entity, matters=matters, at=at, **said)


def view(group: Group, at: datetime, matters: Any = (MATTER,), by: Actor = SECRETARIAT, year: int = 2016) -> dict[str, Any]:
    return group.handover(year, by, at).view(list(matters), group.composition, at)


def refused(kind: str, rule: str, field: str | None, group: Group, act, *args: Any, **kwargs: Any) -> Refusal:
    before = asdict(group)
    group.take_happened()
    with pytest.raises(Refusal) as caught:
        act(group, *args, **kwargs)
    assert (caught.value.kind, caught.value.rule, caught.value.field) == (kind, rule, field), caught.value.detail
    assert asdict(group) == before
    assert group.take_happened() == []
    return caught.value


class TestReminders:
    def test_at_ninety_thirty_and_seven_days_and_on_the_day_to_the_troika(self):
        group = running({2016: ["ILO"]})
        assert group.due() == T - 90 * DAY == utc(2015, 10, 3)
        group.tick(T)
        reminders = told(group)
        assert [(r.at, r.data["at"], r.data["days"]) for r in reminders] == [(T - d * DAY, T - d * DAY, d) for d in (90, 30, 7, 0)]
        assert {tuple(r.data["entities"]) for r in reminders} == {("IOM", "UNHCR", "ILO")}, "outgoing, serving, incoming"
        assert {(*r.data["outgoing"], *r.data["incoming"]) for r in reminders} == {("UNHCR", "ILO")}
        assert all(r.data["unsigned"] == ["UNHCR", "ILO"] for r in reminders)

    def test_each_falls_at_its_instant_and_once_however_often_the_clock_looks(self):
        group = running({2016: ["ILO"]})
        group.tick(T - 90 * DAY - timedelta(milliseconds=1))
        assert told(group) == []
        for _ in range(3):
            group.tick(T - 90 * DAY)
        assert [r.data["days"] for r in told(group)] == [90]
        assert group.due() == T - 30 * DAY
        group.tick(T - 20 * DAY)
        assert [(r.data["days"], r.at) for r in told(group)] == [(30, T - 30 * DAY)]

    def test_a_year_nobody_is_adopted_for_is_reminded_of_too(self):
        group = running({})
        group.tick(T - 90 * DAY)
        (reminder,) = told(group)
        assert (reminder.data["entities"], reminder.data["incoming"]) == (["IOM", "UNHCR"], [])
        assert reminder.data["unsigned"] == ["UNHCR"]

    def test_a_change_before_the_clock_looked_loses_none(self):
        group = running({2016: ["ILO"]})
        group.accept_term(2016, "ILO", letter=None, by=focal_point("ILO"), at=T - 60 * DAY)
        group.tick(T)
        assert [r.at for r in told(group)] == [T - d * DAY for d in (90, 30, 7, 0)]

    def test_who_is_adopted_late_gets_what_is_still_ahead(self):
        group = running({}, at=utc(2015, 10, 1))
        group.tick(T - 60 * DAY)
        assert [r.data["incoming"] for r in told(group)] == [[]]
        adopt(group, {2016: ["ILO"]}, T - 60 * DAY)
        group.tick(T)
        assert [(r.data["days"], r.data["incoming"]) for r in told(group)] == [(d, ["ILO"]) for d in (30, 7, 0)]

    def test_what_fell_before_there_was_anybody_to_remind_is_not_made_up_for(self):
        """The present term is entered late, or the same chairs were to go on until somebody else was adopted."""
        late, swapped = running({}), running({2016: ["UNHCR"], 2017: ["ILO"]})
        late.composition.terms.clear()
        late.handovers.clear()
        late.record_term(2015, chairs=["UNHCR"], nobody_knows=False, source="x", by=SECRETARIAT, at=T - 20 * DAY)
        adopt(late, {2016: ["ILO"]}, T - 20 * DAY)
        adopt(swapped, {2016: ["ILO"]}, T - 30 * DAY)
        for group in (late, swapped):
            group.take_happened()
            group.tick(T)
            assert [r.data["days"] for r in told(group)] == [7, 0]

    def test_the_same_chairs_go_on_and_nobody_is_reminded_of_anything(self):
        group = running({2016: ["UNHCR"]})
        group.tick(T)
        assert [fact.name for fact in group.take_happened()] == ["term_ended", "term_started", "composition_changed"]
        assert view(running({2016: ["UNHCR"]}), NOVEMBER)["state"] == "not_needed"

    def test_who_left_the_group_is_told_nothing(self):
        group = running({2016: ["ILO"]})
        group.give_up_seat("IOM", until=None, source=None, by=focal_point("IOM"), at=MARCH)
        group.end_membership("IOM", until=None, source=None, by=SECRETARIAT, at=MARCH)
        group.tick(T - 90 * DAY)
        assert told(group)[0].data["entities"] == ["UNHCR", "ILO"]

    def test_the_platform_was_down_over_new_year(self):
        group = running({2016: ["ILO"], 2017: ["IOM"]})
        group.tick(utc(2016, 11))
        facts = [(f.name, f.at) for f in group.take_happened() if f.name != "composition_changed"]
        assert facts == [
            *(("handover_reminded", T - d * DAY) for d in (90, 30, 7, 0)),
            ("term_ended", T),
            ("term_started", T),
            ("handover_escalated", T),
            ("handover_reminded", utc(2016, 10, 3)),
        ]


class TestSigning:
    def test_both_sides_sign_and_it_is_complete(self):
        group = running({2016: ["ILO"]})
        assert view(group, utc(2015, 10, 2))["state"] == "coming"
        assert view(group, NOVEMBER)["state"] == "open"
        sign(group, "UNHCR")
        (signed,) = told(group, "handover_signed")
        assert (signed.data["side"], signed.data["dossier"], signed.data["notes"]) == ("outgoing", [MATTER], [])
        assert view(group, NOVEMBER)["unsigned"] == ["ILO"]
        sign(group, "ILO")
        facts = group.take_happened()
        assert [f.name for f in facts] == ["handover_signed", "handover_completed"]
        assert facts[1].data == {"year": 2016, "outgoing": ["UNHCR"], "incoming": ["ILO"], "late": False}
        shown = view(group, NOVEMBER)
        assert (shown["state"], shown["unsigned"]) == ("signed", [])
        assert [(s["entity"], s["side"], s["current"]) for s in shown["signatures"]] == [
            ("UNHCR", "outgoing", True),
            ("ILO", "incoming", True),
        ]
        group.tick(T)
        assert told(group, "handover_escalated") == []

    def test_each_co_chair_signs_and_who_stays_signs_once(self):
        group = running({2016: ["ILO", "UNHCR"]}, present=["UNHCR", "IOM"])
        assert view(group, NOVEMBER)["unsigned"] == ["UNHCR", "IOM", "ILO"]
        for code in ("UNHCR", "IOM", "ILO"):
            assert view(group, NOVEMBER)["state"] == "open"
            sign(group, code)
        assert view(group, NOVEMBER)["state"] == "signed"

    def test_what_moves_afterwards_is_shown_and_may_be_signed_again(self):
        group = running({2016: ["ILO"]})
        sign(group, "UNHCR")
        later = MATTER | {"state": "adoption"}
        shown = view(group, NOVEMBER, [later])
        assert (shown["signatures"][0]["current"], shown["unsigned"]) == (False, ["ILO"]), "it counts all the same"
        sign(group, "UNHCR", matters=[later])
        assert [s["current"] for s in view(group, NOVEMBER, [later])["signatures"]] == [False, True]
        group.note_handover(2016, "The key is with the porter.", by=focal_point("UNHCR"), at=NOVEMBER)
        assert [s["current"] for s in view(group, NOVEMBER, [later])["signatures"]] == [False, False]
        heard_again = later | {"told_at": NOVEMBER}
        assert view(group, NOVEMBER, [later])["digest"] == view(group, NOVEMBER, [heard_again])["digest"]

    def test_each_text_that_was_signed_can_be_read_and_the_last_is_the_handover_for_good(self):
        group = running({2016: ["ILO"]}, present=["UNHCR", "IOM"])
        later, closed = MATTER | {"state": "adoption"}, [MATTER | {"id": "2017", "title": "Workplan 2017"}]
        first = view(group, NOVEMBER)["digest"]
        sign(group, "UNHCR")
        assert view(group, NOVEMBER)["signed"] == [], "it is what is shown"
        sign(group, "IOM")
        group.note_handover(2016, "The key is with the porter.", by=focal_point("UNHCR"), at=NOVEMBER)
        shown = view(group, NOVEMBER, [later])
        assert shown["dossier"] == [later], "until all have signed, it follows the record"
        assert shown["signed"] == [{"digest": first, "dossier": [MATTER], "notes": []}], "once, whoever signed it"
        sign(group, "ILO", matters=[later])
        group.tick(T)
        then, years_later = view(group, NOVEMBER, [later]), view(group, utc(2018), closed)
        assert years_later == then | {"reminders": years_later["reminders"]}
        assert (then["state"], then["dossier"], [n["text"] for n in then["notes"]]) == ("signed", [later], ["The key is with the porter."])
        assert then["signed"] == shown["signed"]
        assert [(s["digest"] == then["digest"], s["current"]) for s in then["signatures"]] == [(False, False), (False, False), (True, True)]
        texts = {then["digest"], *(text["digest"] for text in then["signed"])}
        assert {s["digest"] for s in then["signatures"]} == texts

    def test_what_all_have_signed_takes_no_more_signatures_and_no_notes(self):
        group = running({2016: ["ILO"]})
        sign(group, "UNHCR")
        sign(group, "ILO")
        for at in (NOVEMBER, T + DAY):
            for matters in ([MATTER], []):
                refused("conflict", "handover-settled", "year", group, sign, "ILO", matters=matters, at=at)
            for by in (focal_point("UNHCR"), SECRETARIAT):
                refused("conflict", "handover-settled", "year", group, Group.note_handover, 2016, "x", by=by, at=at)
            refused("not_allowed", "handover-note", None, group, Group.note_handover, 2016, "x", by=focal_point("IOM"), at=at)

    def test_with_other_chairs_it_follows_the_record_again_and_only_who_is_concerned_settles_it(self):
        group = running({2016: ["ILO"], 2017: ["UNODC"]})
        later = [MATTER | {"state": "adoption"}]

        def swap(id: str, entity: str, with_entity: str) -> None:
            asked = {"entity": entity, "year": 2016, "with_entity": with_entity, "with_year": 2017}
            group.propose_swap(id, **asked, letter=None, by=focal_point(entity), at=NOVEMBER)
            group.agree_swap(id, letter=None, by=focal_point(with_entity), at=NOVEMBER)

        sign(group, "UNHCR")
        sign(group, "ILO")
        swap("there", "ILO", "UNODC")
        shown = view(group, NOVEMBER, later)
        assert (shown["state"], shown["dossier"], [text["dossier"] for text in shown["signed"]]) == ("open", later, [[MATTER]])
        sign(group, "UNODC", matters=later)
        assert view(group, NOVEMBER, [])["dossier"] == later
        swap("back", "UNODC", "ILO")
        shown = view(group, NOVEMBER, [])
        assert (shown["state"], shown["dossier"]) == ("signed", [MATTER]), "what the two who are concerned signed"
        assert [s["current"] for s in shown["signatures"]] == [True, True, False]

    def test_signatures_from_before_texts_were_kept_count_and_the_dossier_follows_the_record(self):
        group = running({2016: ["ILO"]})
        sign(group, "UNHCR")
        group.handovers["2016"].signed.clear()
        assert view(group, NOVEMBER, [])["signed"] == []
        sign(group, "ILO")
        assert view(group, T, [])["dossier"] == [MATTER]
        group.handovers["2016"].signed.clear()
        shown = view(group, T, [])
        assert (shown["state"], shown["dossier"], [s["current"] for s in shown["signatures"]]) == ("signed", [], [False, False])

    def test_another_digest_is_refused_with_the_one_that_would_do(self):
        group = running({2016: ["ILO"]})
        stale = refused("stale", "signature-binds-dossier", "digest", group, sign, "ILO", digest="0" * 64)
        assert stale.accepted == view(group, NOVEMBER)["digest"]

    def test_what_cannot_be_signed(self):
        group = running({2016: ["ILO"]})
        early = refused("too_early", "handover-opens", "year", group, sign, "ILO", at=T - 90 * DAY - DAY)
        assert early.accepted == "2015-10-03T00:00:00Z or later"
        sign(group, "ILO", at=T - 90 * DAY)
        refused("conflict", "signed-once", "entity", group, sign, "ILO")
        other = refused("conflict", "handover-chairs", "entity", group, sign, "UNODC")
        assert other.accepted == ["UNHCR", "ILO"]
        refused("not_allowed", "own-entity", None, group, sign, "UNHCR", by=focal_point("ILO"))
        refused("invalid", "on-behalf-letter", "letter", group, sign, "UNHCR", by=SECRETARIAT)
        sign(group, "UNHCR", by=SECRETARIAT, letter="letter of 1 November")
        assert view(group, NOVEMBER)["signatures"][1] | {"at": None, "digest": None, "current": None} == {
            "entity": "UNHCR",
            "side": "outgoing",
            "at": None,
            "person": "Sofia",
            "letter": "letter of 1 November",
            "digest": None,
            "current": None,
        }
        same = running({2016: ["UNHCR"]})
        refused("conflict", "handover-needed", "year", same, sign, "UNHCR")

    def test_a_swap_changes_who_must_sign_and_what_was_signed_is_kept(self):
        group = running({2016: ["ILO"], 2017: ["UNODC"]})
        sign(group, "UNHCR")
        sign(group, "ILO")
        asked = {"entity": "ILO", "year": 2016, "with_entity": "UNODC", "with_year": 2017}
        group.propose_swap("s", **asked, letter=None, by=focal_point("ILO"), at=NOVEMBER)
        group.agree_swap("s", letter=None, by=focal_point("UNODC"), at=NOVEMBER)
        shown = view(group, NOVEMBER)
        assert (shown["state"], shown["unsigned"], len(shown["signatures"])) == ("open", ["UNODC"], 2)
        group.take_happened()
        sign(group, "UNODC")
        assert [f.name for f in group.take_happened()] == ["handover_signed", "handover_completed"]

    def test_who_stands_in_until_the_end_hands_over(self):
        group = running({2016: ["ILO"]})
        group.step_down(2015, "UNHCR", letter=None, by=focal_point("UNHCR"), at=NOVEMBER)
        assert view(group, NOVEMBER)["state"] == "not_needed", "the incoming chair serves the rest and its own year too"
        other = running({2016: ["ILO"]}, present=["UNHCR", "IOM"])
        other.step_down(2015, "UNHCR", letter=None, by=focal_point("UNHCR"), at=NOVEMBER)
        assert view(other, NOVEMBER)["outgoing"] == ["ILO", "IOM"]
        assert view(other, NOVEMBER)["unsigned"] == ["ILO", "IOM"]

    def test_what_is_unsigned_is_escalated_as_the_term_starts_and_may_be_signed_late(self):
        group = running({2016: ["ILO"]})
        sign(group, "ILO")
        group.take_happened()
        group.tick(T)
        facts = group.take_happened()
        assert [f.name for f in facts][-5:] == [
            "handover_reminded",
            "term_ended",
            "term_started",
            "handover_escalated",
            "composition_changed",
        ]
        assert {f.at for f in facts[-5:]} == {T}
        assert facts[-2].data == {"year": 2016, "unsigned": ["UNHCR"]}
        assert group.composition.chairs(T) == ["ILO"]
        shown = view(group, T)
        assert (shown["state"], shown["escalated_at"]) == ("escalated", T)
        sign(group, "UNHCR", at=T + DAY)
        assert told(group, "handover_completed")[0].data["late"] is True
        assert (view(group, T + DAY)["state"], view(group, T + DAY)["escalated_at"]) == ("signed", T)

    def test_a_year_that_began_without_a_chair_is_escalated_and_signed_once_one_is_recorded(self):
        group = running({})
        sign(group, "UNHCR")
        assert view(group, NOVEMBER)["state"] == "open", "there is no other side yet"
        group.tick(T)
        assert told(group, "handover_escalated")[0].data["unsigned"] == []
        group.record_term(2016, chairs=["ILO"], nobody_knows=False, source="decision", by=SECRETARIAT, at=T + DAY)
        assert view(group, T + DAY)["unsigned"] == ["ILO"]
        group.take_happened()
        sign(group, "ILO", at=T + DAY)
        assert told(group, "handover_completed")[0].data["late"] is True


class TestNotesAndReaders:
    def test_outgoing_and_serving_chairs_and_the_secretariat_write_notes(self):
        group = running({2016: ["ILO"]})
        group.note_handover(2016, "One.", by=focal_point("UNHCR"), at=MARCH)
        group.note_handover(2016, "Two.", by=SECRETARIAT, at=NOVEMBER)
        refused("not_allowed", "handover-note", None, group, Group.note_handover, 2016, "x", by=focal_point("ILO"), at=NOVEMBER)
        group.note_handover(2016, "Three.", by=focal_point("ILO"), at=T)
        assert [(n["entity"], n["text"]) for n in view(group, T)["notes"]] == [("UNHCR", "One."), (None, "Two."), ("ILO", "Three.")]

    @pytest.mark.parametrize("who", [MISSION, focal_point("WB"), Actor("nobody")])
    def test_nobody_outside_knows_of_it(self, who):
        group = running({2016: ["ILO"]})
        for act, args in ((Group.handover, (2016,)), (Group.note_handover, (2016, "x"))):
            refused("not_found", "exists", "year", group, act, *args, by=who, at=NOVEMBER)
        refused("not_found", "exists", "year", group, sign, "ILO", by=who)
        assert waiting.awaiting(group, None, who, NOVEMBER)["items"] == []

    def test_every_member_sees_it_and_years_far_off_have_none(self):
        group = running({2016: ["ILO"], 2017: ["IOM"]})
        assert view(group, NOVEMBER, by=focal_point("UNODC"))["dossier"] == [MATTER]
        assert view(group, NOVEMBER, year=2017)["state"] == "coming"
        for year in (2011, 2014, 2019):
            refused("not_found", "exists", "year", group, Group.handover, year, by=SECRETARIAT, at=NOVEMBER)

    def test_what_awaits_whom(self):
        group = running({2016: ["ILO"]})
        group.accept_term(2016, "ILO", letter=None, by=focal_point("ILO"), at=MARCH)

        def awaits(entity: str | None, at: datetime) -> list[tuple[str, datetime]]:
            by = focal_point(entity) if entity else SECRETARIAT
            items = waiting.awaiting(group, entity, by, at)["items"]
            return [(item["what"], item["deadline"]) for item in items if item["what"] == "sign_handover"]

        assert awaits("ILO", T - 91 * DAY) == []
        for at in (T - 90 * DAY, T - DAY):
            assert awaits("ILO", at) == awaits("UNHCR", at) == [("sign_handover", T)]
            assert awaits("UNODC", at) == awaits(None, at) == []
        sign(group, "ILO")
        assert awaits("ILO", NOVEMBER) == []
        group.tick(T)
        assert awaits(None, T) == awaits("UNHCR", T) == [("sign_handover", T)]
        assert ("sign_handover", T) not in awaits(None, utc(2017)), "a year later it is history"


acts = st.lists(
    st.tuples(
        st.integers(1, 60),
        st.sampled_from(["look", "adopt", "decline", "swap", "step_down", "co_chair", "sign", "note"]),
        st.sampled_from(FOUR),
        st.sampled_from(FOUR),
    ),
    max_size=30,
)


def live(script: list[tuple[int, str, str, str]], *, looks: bool) -> list[Happened]:
    """Years of a Group in which these things are tried, whether they are allowed or not. Before each act the deadlines that have
    come act, as the store sees to; ``looks``: the clock also looks of itself, several times."""
    group, at = running({2016: ["ILO"]}), MARCH
    facts: list[Happened] = []
    for days, act, one, other in script:
        at += days * DAY
        for _ in range(3 if looks else 0):
            group.tick(at)
        group.tick(at)
        year = at.year + 1
        said: dict[str, Any] = {"letter": None, "by": focal_point(one), "at": at}
        try:
            if act == "adopt":
                adopt(group, {group.reached(at) + 1: [one]}, at)
            elif act == "decline":
                group.decline_term(year, one, **said)
            elif act == "swap":
                swap = f"swap-{len(group.swaps)}"
                group.propose_swap(swap, entity=one, year=year, with_entity=other, with_year=year + 1, **said)
                group.agree_swap(swap, **said | {"by": focal_point(other)})
            elif act == "step_down":
                group.step_down(at.year, one, **said)
            elif act == "co_chair":
                for a, b in ((one, other), (other, one)):
                    group.co_chair(year, entity=a, with_entity=b, **said | {"by": focal_point(a)})
            elif act == "sign":
                sign(group, one, at=at, year=year)
            elif act == "note":
                group.note_handover(year, "x", by=focal_point(one), at=at)
        except (Refusal, KeyError):  # not allowed, or no handover yet
            pass
        facts += group.take_happened()
    group.tick(at)
    return facts + group.take_happened()


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(acts)
def test_whatever_happens_each_reminder_falls_once_in_order_and_none_after_the_day(script):
    facts = live(script, looks=False)
    assert facts == live(script, looks=True), "how often the clock looks changes nothing"
    assert [fact.at for fact in facts] == sorted(fact.at for fact in facts)
    reminders = [(fact.data["year"], -fact.data["days"]) for fact in facts if fact.name == "handover_reminded"]
    assert reminders == sorted(set(reminders)), "each once, the years and their days in order"
    for fact in facts:
        if fact.name == "handover_reminded":
            day = utc(fact.data["year"])
            assert fact.at == day - fact.data["days"] * DAY <= day
            assert set(fact.data["unsigned"]) <= {*fact.data["outgoing"], *fact.data["incoming"]}
            assert fact.data["outgoing"]
            assert set(fact.data["outgoing"]) != set(fact.data["incoming"])
    escalated = [fact.data["year"] for fact in facts if fact.name == "handover_escalated"]
    assert escalated == sorted(set(escalated))
    begun = {fact.data["year"] for fact in facts if fact.name in ("term_started", "term_missed")}
    assert set(escalated) <= begun
    for year in set(begun) - set(escalated):
        on_the_day = [fact for fact in facts if fact.name == "handover_reminded" and fact.data["year"] == year and not fact.data["days"]]
        completed = [fact for fact in facts if fact.name == "handover_completed" and fact.data["year"] == year and not fact.data["late"]]
        assert completed or not on_the_day, "a term begins with its handover signed, escalated, or not needed"


def test_a_copy_of_the_group_decides_the_same():
    """Two copies of the service each decide on what they read; the store lets one of them through."""
    group = running({2016: ["ILO"]})
    other = deepcopy(group)
    group.tick(T)
    other.tick(T)
    assert group.take_happened() == other.take_happened()
    assert group == other
