"""What workplan promises: the samples its consumers build on, and the bad input it refuses with its path."""

import json
from pathlib import Path

import pytest
from marshmallow import Schema, ValidationError

from contracts import chairs, documents, notifications
from contracts import workplan as c
from contracts.base import Command, Query, dump, load
from contracts.problems import invalid
from contracts.subscriptions import SUBSCRIPTIONS
from services.kernel import Actor, Composition, Membership, Seat, Term, utc
from services.workplan import rules

SAMPLES = Path(c.__file__).parents[1] / "samples"
SIX = ["ILO", "IOM", "OHCHR", "UNHCR", "UNICEF", "UNODC"]
COMPOSITION = Composition(
    memberships=[Membership(code, utc(2010)) for code in SIX],
    seats=[Seat(code, utc(2010)) for code in SIX],
    terms={"2014": Term(2014, ["IOM"], "begun")},
)
SECRETARIAT = Actor("sec", None, frozenset({"secretariat"}))
MISSION = Actor("brazil", "BRA", frozenset({"mission"}))
NOW = utc(2014, 1, 10)
SINCE_THEN = {"capacity": None, "reply_by": None, "counting": [], "asked": []}
"""Fields that events of before do not have; they stay readable."""


def samples() -> list[Path]:
    return sorted(SAMPLES.glob("*/workplan.*.json"))


def test_every_consumer_of_an_event_of_workplan_has_a_sample_of_it():
    there = {(path.parent.name, f"workplan.{path.name.split('.')[1]}.v1") for path in samples()}
    assert there == {(consumer, key) for consumer, keys in SUBSCRIPTIONS.items() for key in keys if key.startswith("workplan.")}


@pytest.mark.parametrize("path", samples(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_sample_is_exactly_what_the_contract_publishes(path):
    event = c.contract.events[path.name.split(".")[1]]
    sample = json.loads(path.read_text(encoding="utf-8"))
    assert event.publish(event.read(sample)) == sample
    for name, field in event().fields.items():
        without = {other: value for other, value in event.read(sample).items() if other != name}
        if name in SINCE_THEN and not field.required:
            assert event.read(event.publish(without))[name] == SINCE_THEN[name]
        else:
            with pytest.raises(ValidationError, match=field.data_key or name):
                event.publish(without)


def told() -> dict[str, dict]:
    """What the rules themselves say in the life of a plan and of the next, of a briefing and of a meeting."""
    acting = {"by": SECRETARIAT, "at": NOW, "composition": COMPOSITION}

    def on(at):
        return acting | {"at": at}

    plan = rules.Plan.open(2014, **acting)
    step = {"id": "m", "title": "M", "due": utc(2014, 5)}
    wording = {"title": "A", "lead": "IOM", "pillars": ["prevention"], "milestones": [step]}
    plan.add_activity("a", wording | {"deliverables": [{"id": "d", "kind": "outcome", "title": "D"}]}, **acting)
    plan.add_activity("b", wording, **acting)
    plan.change_activity("b", {"title": "B"}, **acting)
    plan.add_activity("c", wording, **acting)
    plan.cancel_activity("c", "r", **acting)
    plan.open_consultation(**acting)
    plan.open_adoption("silence", utc(2014, 2), **acting)
    plan.extend_adoption(utc(2014, 2, 2), **acting)
    plan.tick(utc(2014, 2, 2))
    plan.report_progress("a", "n", ["m"], **on(utc(2014, 3)))
    plan.mark_delivered("a", "d", "n", **on(utc(2014, 3)))
    plan.propose_amendment("x", kind="change", activity="b", changes={"lead": "ILO"}, reason="r", **on(utc(2014, 3)))
    plan.open_amendment("x", "silence", utc(2014, 4), **on(utc(2014, 3)))
    plan.tick(utc(2014, 4))
    following = rules.Plan.begin(2015, at=utc(2014, 11))
    following.carry_over(plan, ["b"], **on(utc(2014, 12)))
    plan.continued("b", rules.Carried(2015, "b"), at=utc(2014, 12))
    plan.close("Words before", {"year": 2014}, **on(utc(2015)))

    times = {"starts_at": utc(2014, 3, 1, 9), "ends_at": utc(2014, 3, 1, 12)}
    paper = {"title": "Plan", "url": "/workplans/2014"}
    briefing = rules.Briefing.announce(
        "b", **acting, title="B", kind="briefing", place="Geneva", agenda=["One"], papers=[paper], pillars=["protection"], **times
    )
    briefing.change({"starts_at": utc(2014, 3, 1, 8), "ends_at": utc(2014, 3, 1, 11)}, reason="r", **acting)
    briefing.cancel("r", **acting)
    lives = (unsettled(), following, plan, briefing, held(), cancelled())
    return {fact.name: fact.data for life in lives for fact in life.take_happened()}


def unsettled() -> rules.Plan:
    """A plan that is put to the entities in vain: broken, lapsed, superseded."""
    acting = {"by": SECRETARIAT, "at": NOW, "composition": COMPOSITION}
    plan = rules.Plan.open(2014, **acting)
    plan.add_activity("a", {"title": "A", "lead": "IOM", "pillars": ["prevention"]}, **acting)
    plan.open_consultation(**acting)
    plan.open_adoption("silence", utc(2014, 2), **acting)
    plan.take_position(plan.digest, "object", **acting | {"by": Actor("ilo", "ILO", frozenset({"focal_point"}))}, reasons="r")
    plan.open_adoption("express", utc(2014, 2), **acting)
    plan.tick(utc(2014, 2))
    plan.open_adoption("express", None, **acting | {"at": utc(2014, 2)})
    plan.open_consultation(**acting | {"at": utc(2014, 2)})
    return plan


def called() -> rules.Meeting:
    times = {"starts_at": utc(2014, 3, 4, 9), "ends_at": utc(2014, 3, 5, 17)}
    agenda = [{"title": "Demand", "papers": [{"title": "Note", "url": "https://papers.example/note"}]}]
    link = "https://meet.example/icat"
    return rules.Meeting.call(
        "m", by=SECRETARIAT, at=NOW, composition=COMPOSITION, title="M", place="Geneva", link=link, agenda=agenda, **times
    )


def held() -> rules.Meeting:
    """A meeting of which every kind of thing is on record."""
    meeting, acting = called(), {"by": SECRETARIAT, "composition": COMPOSITION}
    meeting.reply("ILO", "yes", ["A. Person"], letter="Mail of 10 January", at=NOW, **acting)
    meeting.change({"starts_at": utc(2014, 3, 4, 8), "ends_at": utc(2014, 3, 5, 16)}, reason="r", at=NOW, **acting)
    meeting.propose_item("Supply chains", at=NOW, **acting)
    acting["at"] = utc(2014, 3, 6)
    meeting.record_attendance([{"entity": "ILO", "people": ["A. Person"]}], **acting)
    meeting.record_decision("Write it", item="i1", **acting)
    meeting.assign_action("Send the figures", "ILO", utc(2014, 5), **acting)
    meeting.assign_action("Book the room", "IOM", utc(2014, 5), **acting)
    meeting.change_action("a1", owner="IOM", reason="r", **acting)
    meeting.change_action("a1", due=utc(2014, 6), reason="r", **acting)
    meeting.tick(utc(2014, 5, 26))
    meeting.complete_action("a1", "Sent", by=SECRETARIAT, at=utc(2014, 5, 27), composition=COMPOSITION)
    meeting.drop_action("a2", "r", by=SECRETARIAT, at=utc(2014, 5, 27), composition=COMPOSITION)
    return meeting


def cancelled() -> rules.Meeting:
    meeting = called()
    meeting.take_happened()
    meeting.cancel("r", by=SECRETARIAT, at=NOW, composition=COMPOSITION)
    return meeting


@pytest.mark.parametrize("path", samples(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_rules_say_what_the_sample_shows(path):
    def alike(one, other) -> bool:
        """Of one shape, as far as both show it: which fields an earlier value has depends on what changed."""
        if isinstance(one, dict) and isinstance(other, dict):
            return all(alike(one[name], other[name]) for name in {*one} & {*other})
        if isinstance(one, list) and isinstance(other, list):
            return not (one and other) or alike(one[0], other[0])
        return type(one) is type(other) or None in (one, other)

    name = path.name.split(".")[1]
    published = c.contract.events[name].publish(told()[name])
    sample = json.loads(path.read_text(encoding="utf-8"))
    assert set(published) == set(sample)
    for field, value in published.items():
        assert alike(value, sample[field]), field


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("workplan/*.json")), ids=lambda path: path.stem)
def test_what_others_promise_workplan_can_be_read(path):
    producer = {"chairs": chairs, "documents": documents, "notifications": notifications, "workplan": c}[path.name.split(".")[0]]
    assert producer.contract.events[path.name.split(".")[1]].read(json.loads(path.read_text(encoding="utf-8")))


ACTIVITY = {"year": 2014, "title": "A", "lead": "IOM"}
NEED = {"purpose": "Printing", "amount": "120000", "currency": "USD"}
FUNDING = {"year": 2014, "activity": "a", "donor": "Norway", "amount": "5.00", "currency": "USD"}
BRIEFING = {
    "title": "B",
    "kind": "briefing",
    "starts_at": "2015-01-22T15:00:00Z",
    "ends_at": "2015-01-22T18:00:00Z",
    "place": "New York",
}


MEETING = {name: BRIEFING[name] for name in ("title", "starts_at", "ends_at", "place")}


@pytest.mark.parametrize(
    ("command", "payload", "path"),
    [
        (c.OpenPlan, {"year": 1999}, "year"),
        (c.OpenPlan, {"year": "MMXIV"}, "year"),
        (c.OpenPlan, {"year": 2014, "colour": "blue"}, "colour"),
        (c.AddActivity, {"year": 2014, "lead": "IOM"}, "title"),
        (c.AddActivity, {**ACTIVITY, "title": " "}, "title"),
        (c.AddActivity, {**ACTIVITY, "title": "x" * 301}, "title"),
        (c.AddActivity, {**ACTIVITY, "lead": "iom"}, "lead"),
        (c.AddActivity, {**ACTIVITY, "pillars": ["profit"]}, "pillars.0"),
        (c.AddActivity, {**ACTIVITY, "paragraphs": [12, "13x"]}, "paragraphs.1"),
        (c.AddActivity, {**ACTIVITY, "activity": "../etc"}, "activity"),
        (c.AddActivity, {**ACTIVITY, "milestones": [{"title": "m", "due": "2014-04-01"}]}, "milestones.0.due"),
        (c.AddActivity, {**ACTIVITY, "milestones": [{"title": "m"}]}, "milestones.0.due"),
        (c.AddActivity, {**ACTIVITY, "deliverables": [{"kind": "song", "title": "x"}]}, "deliverables.0.kind"),
        (c.AddActivity, {**ACTIVITY, "deliverables": [{"kind": "outcome", "title": "x", "delivered_at": "2014-04-01T00:00Z"}]},
         "deliverables.0.delivered_at"),
        (c.AddActivity, {**ACTIVITY, "status": "delivered"}, "status"),
        (c.AddActivity, {**ACTIVITY, "needs": [NEED | {"currency": "EUX"}]}, "needs.0.currency"),
        (c.AddActivity, {**ACTIVITY, "needs": [NEED, NEED | {"amount": "0"}]}, "needs.1.amount"),
        (c.AddActivity, {**ACTIVITY, "needs": [NEED | {"amount": "1.001"}]}, "needs.0.amount"),
        (c.AddActivity, {**ACTIVITY, "needs": [{"amount": "1", "currency": "USD"}]}, "needs.0.purpose"),
        (c.AddActivity, {**ACTIVITY, "depends_on": ["a", "b c"]}, "depends_on.1"),
        (c.SecureFunding, FUNDING | {"amount": "-5"}, "amount"),
        (c.SecureFunding, FUNDING | {"amount": "5.5", "currency": "JPY"}, "amount"),
        (c.SecureFunding, FUNDING | {"currency": "XAU"}, "currency"),
        (c.SecureFunding, FUNDING | {"donor": "Norway\nX-Header: y"}, "donor"),
        (c.SecureFunding, FUNDING | {"ends": "2014-12-31"}, "ends"),
        (c.EndFunding, {"year": 2014, "activity": "a", "funding": "f"}, "reason"),
        (c.CarryOver, {"year": 2014, "activities": ["a", ""]}, "activities.1"),
        (c.ImportPlan, {"year": 2014, "activities": [{"activity": "a"}, {"title": "B"}]}, "activities.1.activity"),
        (c.CheckImport, {"year": 2014, "activities": [], "digest": "of yesterday"}, "digest"),
        (c.ImportPlan, {"year": 2014, "activities": [{"activity": "a", "deliverables": [{"kind": "outcome"}]}]},
         "activities.0.deliverables.0.title"),
        (c.CheckImport, {"year": 2014, "activities": [{"activity": "a", "milestones": [{"title": "M", "due": "1 May"}]}]},
         "activities.0.milestones.0.due"),
        (c.ClosePlan, {"year": 2014, "report": "r"}, "report"),
        (c.OpenAdoption, {"year": 2014, "by": "acclamation"}, "by"),
        (c.OpenAdoption, {"year": 2014, "procedure": "express"}, "by"),
        (c.TakePosition, {"year": 2014, "digest": "abc", "word": "endorse"}, "digest"),
        (c.TakePosition, {"year": 2014, "digest": "a" * 64, "word": "maybe"}, "word"),
        (c.ProposeAmendment, {"year": 2014, "kind": "change", "activity": "a", "reason": "r", "changes": {"milestones": [{"due": "x"}]}},
         "changes.milestones.0.due"),
        (c.AnnounceBriefing, {**BRIEFING, "place": ""}, "place"),
        (c.AnnounceBriefing, {**BRIEFING, "agenda": ["", "x"]}, "agenda.0"),
        (c.AnnounceBriefing, {**BRIEFING, "papers": [{"title": "x"}]}, "papers.0.url"),
        (c.AnnounceBriefing, {**BRIEFING, "capacity": 0}, "capacity"),
        (c.AnnounceBriefing, {**BRIEFING, "capacity": "many"}, "capacity"),
        (c.AnnounceBriefing, {**BRIEFING, "reply_by": "tomorrow"}, "reply_by"),
        (c.ChangeBriefing, {"briefing": "b", "title": ""}, "title"),
        (c.ChangeBriefing, {"briefing": "b", "capacity": 10_001}, "capacity"),
        (c.Plans, {"limit": 0}, "limit"),
        (c.CallMeeting, {**MEETING, "title": "Two\nlines"}, "title"),
        (c.CallMeeting, {**MEETING, "link": "javascript:alert(1)"}, "link"),
        (c.CallMeeting, {**MEETING, "agenda": [{"title": "A"}, {"title": ""}]}, "agenda.1.title"),
        (c.CallMeeting, {**MEETING, "agenda": [{"title": "A"}] * 51}, "agenda"),
        (c.CallMeeting, {**MEETING, "starts_at": "2015-01-22"}, "starts_at"),
        (c.ChangeMeeting, {"meeting": "m", "place": ""}, "place"),
        (c.CancelMeeting, {"meeting": "m"}, "reason"),
        (c.ReplyToMeeting, {"meeting": "m", "entity": "ILO", "attending": "perhaps"}, "attending"),
        (c.RecordAttendance, {"meeting": "m", "attendance": [{"entity": "ILO", "attended": "maybe"}]}, "attendance.0.attended"),
        (c.AssignAction, {"meeting": "m", "what": "w", "owner": "ilo", "due": "2015-01-22T00:00:00Z"}, "owner"),
        (c.ChangeAction, {"meeting": "m", "action": "a1", "owner": "ILO"}, "reason"),
        (c.Calendar, {"since": "January"}, "since"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_with_its_path(command, payload, path):
    with pytest.raises(ValidationError) as caught:
        load(command, payload)
    assert path in [error["field"] for error in invalid(caught.value).extra["errors"]]


def test_every_command_and_query_says_what_it_answers():
    for name, command in c.contract.commands.items():
        assert issubclass(command, Command), name
        assert issubclass(command.answer, Schema), name
        assert command.answer().fields, name
        assert command.__doc__, name
    assert {n for n, q in c.contract.commands.items() if issubclass(q, Query)} == {
        "plans", "get_plan", "activities", "get_activity", "positions", "baseline", "coverage", "awaiting", "briefings", "get_briefing",
        "meetings", "get_meeting", "action_items", "calendar", "check_import", "concrete_actions", "get_concrete_action", "global_plan",
        "annual_report",
    }  # fmt: skip


def complete(schema: Schema, shown: dict) -> None:
    """Every field of the answer is there, in what is nested in it too, but what the service adds of the asker and the record."""
    assert set(shown) == set(schema.fields) - {"version", "may"}
    for name, field in schema.fields.items():
        nested = getattr(field, "inner", field)
        if hasattr(nested, "schema") and shown.get(name) is not None:
            for one in shown[name] if isinstance(shown[name], list) else [shown[name]]:
                complete(nested.schema, one)


def test_what_is_shown_is_what_the_answer_declares():
    """Nothing an answer declares is missing from the view, for the Group and for a mission alike."""
    not_now = {"by": SECRETARIAT, "composition": COMPOSITION}
    acting = not_now | {"at": NOW}
    plan = rules.Plan.open(2014, **acting)
    step = {"id": "m", "title": "M", "due": utc(2014, 5)}
    wording = {"title": "A", "lead": "IOM", "deliverables": [{"id": "d", "kind": "outcome", "title": "D"}], "milestones": [step]}
    plan.add_activity("before", {"title": "B", "lead": "IOM"}, **acting)
    plan.add_activity("a", wording | {"needs": [NEED], "depends_on": ["before"]}, **acting)
    plan.open_consultation(**acting)
    plan.open_adoption("silence", utc(2014, 2), **acting)
    plan.take_position(plan.digest, "endorse", by=Actor("p", "ILO", frozenset({"focal_point"})), at=NOW, composition=COMPOSITION)
    plan.tick(utc(2014, 2))
    plan.propose_amendment("x", kind="drop", activity="a", changes=None, reason="r", **acting)
    plan.open_amendment("x", "express", None, **acting)
    plan.report_progress("a", "n", ["m"], **acting)
    plan.secure_funding("a", "f", donor="N", amount="5.00", currency="USD", **acting)
    plan.end_funding("a", "f", "r", **acting)
    plan.continued("a", rules.Carried(2015, "a"), at=NOW)
    plan.activities[1].carried_from = rules.Carried(2013, "a")
    row = {"activity": "c", "title": "C", "lead": "XX"}
    checked = rules.Plan.begin(2015, at=NOW).check_import([row], **acting).view()
    # Where in a sheet a problem stands is added by who read the sheet.
    assert {"added", "changed", "unchanged", "differences", "problems"} == set(dump(c.ImportAnswer, checked))
    assert {"field", "rule", "detail", "accepted"} == set(dump(c.ImportAnswer, checked)["problems"][0])
    plan.propose_amendment("y", kind="change", activity="a", changes={"title": "B"}, reason="r", at=utc(2014, 2), **not_now)
    plan.open_amendment("y", "silence", utc(2014, 2, 5), at=utc(2014, 2), **not_now)
    plan.tick(utc(2014, 2, 5))
    plan.open_amendment("x", "express", None, at=utc(2014, 2, 5), **not_now)

    for actor in (SECRETARIAT, MISSION):
        complete(c.PlanAnswer(), dump(c.PlanAnswer, plan.seen(actor, NOW, COMPOSITION).whole))
        complete(c.ActivityAnswer(), dump(c.ActivityAnswer, plan.seen(actor, NOW, COMPOSITION).activity("a")))
        complete(c.CoverageAnswer(), dump(c.CoverageAnswer, rules.coverage_view(plan, [], actor, NOW, COMPOSITION)))
        complete(c.BaselineAnswer(), dump(c.BaselineAnswer, plan.seen(actor, NOW, COMPOSITION).baseline()))
    complete(c.PositionsAnswer(), dump(c.PositionsAnswer, plan.seen(SECRETARIAT, NOW, COMPOSITION).positions()))
    meeting, late = held(), utc(2014, 4, 20)
    asking = {"by": SECRETARIAT, "at": late, "composition": COMPOSITION}
    complete(c.MeetingAnswer(), dump(c.MeetingAnswer, meeting.view(**asking)))
    complete(c.ActionItemsAnswer(), dump(c.ActionItemsAnswer, rules.action_items([meeting], None, settled=True, **asking)))
    awaited = dump(c.AwaitingAnswer, rules.awaiting("IOM", plans=[plan], meetings=[called(), meeting], **asking))
    assert awaited["items"]
    complete(c.AwaitingAnswer(), awaited)
    known = {"plans": [plan], "meetings": [meeting], "owing": [meeting], "briefings": []}
    calendar = dump(c.CalendarAnswer, rules.calendar("IOM", None, None, **known, **asking))
    assert {entry["kind"] for entry in calendar["entries"]} == {"milestone", "meeting", "action_item"}
    complete(c.CalendarAnswer(), calendar)
