"""How a text is cleared: the Group's passing rules, deadlines to the minute, reminders, letters, the board and the certificate; and the
timetable of a statement, with the one that is proposed each year."""

import copy
import re
from datetime import datetime, timedelta

import pytest
from document_desk import (
    CHAIR,
    DAY,
    GROUP,
    HOUR,
    ISSUE,
    LEAD,
    MEMBER,
    MISSION,
    NOW,
    OTHER,
    READER,
    SEATS,
    SECOND,
    SECRETARIAT,
    Desk,
    cleared,
    drafted,
    focal,
    in_clearance,
    propose,
    refused,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.documents.document import STEPS
from services.documents import rules
from services.documents.rules import boards, passing, timetable, views
from services.documents.rules.record import Attachment, Translation
from services.kernel import Composition, Membership, Refusal, Term, utc
from services.kernel.actor import SYSTEM_ACTOR
from services.kernel.clearance import WORDS

MEMBERS = sorted([*SEATS, "UNDP", "ICAO"])


def book(**rule) -> rules.Rulebook:
    """The Group's rulebook once it has set this for issue papers."""
    made = rules.Rulebook()
    if rule:
        made.set_rule("issue_paper", by=CHAIR, at=NOW, group=GROUP, **rule)
    return made


def opened(desk: Desk, procedure="express", deadline=None, *, at=NOW, **more) -> Desk:
    desk.order("open_clearance", procedure, deadline, None, by=CHAIR, at=at, **more)
    return desk


# Passing rules


def test_the_chair_and_the_secretariat_set_how_a_kind_passes_and_the_earlier_rule_is_told():
    made = rules.Rulebook()
    for by in (CHAIR, SECRETARIAT):
        hours = 24 if by is CHAIR else 48
        made.set_rule("issue_paper", by=by, at=NOW, group=GROUP, minimum_hours=hours)
    first, second = made.take_happened()
    assert first.data["rule"] == second.data["earlier"]
    assert (first.data["earlier"]["minimum_hours"], first.data["rule"]["minimum_hours"]) == (72, 24)
    assert first.data["rule"] == {
        "kind": "issue_paper",
        "procedures": ["express", "silence"],
        "counts": "seats",
        "passing": ["endorse", "no_objection", "stand_aside", "recuse"],
        "blocking": ["object"],
        "minimum_hours": 24,
    }
    for by in (LEAD, MEMBER, MISSION, READER):
        refused("not_allowed", "chair-only", made.set_rule, "issue_paper", by=by, at=NOW, group=GROUP, minimum_hours=1)
    assert rules.Rulebook().rules["issue_paper"].minimum_hours == 72
    for by in (CHAIR, SECRETARIAT, LEAD, MEMBER):
        shown = passing.rulebook(made, by, NOW, GROUP)
        assert [rule["minimum_hours"] for rule in shown["rules"]] == [48, 72, 72]
        assert shown["may_set"] == (["issue_paper", "information_note"] if by in (CHAIR, SECRETARIAT) else [])
    refused("not_allowed", "group-only", passing.must_be_shown, inside=False)


@pytest.mark.parametrize(
    ("rule", "name", "field"),
    [
        ({"passing": ["endorse", "no_objection", "object"]}, "passing-disjoint", "blocking.0"),
        ({"passing": []}, "passing-words", "passing"),
        ({"passing": ["no_objection"]}, "passing-words", "passing"),
        ({"blocking": []}, "passing-words", "blocking"),
        ({"passing": ["endorse", "applaud"]}, "position-words", "passing.1"),
        ({"passing": ["endorse", "recuse"]}, "silence-passes", "passing"),
        ({"procedures": []}, "passing-procedures", "procedures"),
    ],
)
def test_a_rule_by_which_nothing_passes_or_words_mean_their_opposite_is_refused(rule, name, field):
    made = rules.Rulebook()
    assert refused("invalid", name, made.set_rule, "issue_paper", by=CHAIR, at=NOW, group=GROUP, field=field, **rule).detail
    assert made == rules.Rulebook()
    assert not made.take_happened()


def test_a_rule_that_is_set_already_is_not_set_again():
    refused("conflict", "passing-same", rules.Rulebook().set_rule, "issue_paper", by=CHAIR, at=NOW, group=GROUP, minimum_hours=72)
    refused("conflict", "passing-same", rules.Rulebook().set_rule, "issue_paper", by=CHAIR, at=NOW, group=GROUP)


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ({"procedures": ["express", "silence"]}, "procedures"),
        ({"passing": ["endorse", "no_objection", "stand_aside", "recuse"]}, "passing"),
        ({"blocking": ["object", "recuse"]}, "blocking"),
        ({"counts": "members"}, "counts"),
    ],
)
def test_no_rule_spares_the_signatories_of_a_statement_their_endorsement(rule, field):
    made = rules.Rulebook()
    refused("invalid", "statement-express", made.set_rule, "joint_statement", by=CHAIR, at=NOW, group=GROUP, field=field, **rule)
    made.set_rule("joint_statement", by=CHAIR, at=NOW, group=GROUP, minimum_hours=96, procedures=["express"])
    assert made.rules["joint_statement"].minimum_hours == 96


def test_a_clearance_keeps_the_rule_it_was_opened_under():
    desk, strict = drafted(), book(procedures=["express"], passing=["endorse"], blocking=["object"], counts="members")
    refusal = refused("invalid", "passing-procedure", opened, desk, "silence", NOW + 4 * DAY, rulebook=strict, field="by")
    assert refusal.accepted == ["express"]
    opened(desk, rulebook=strict)
    assert desk.document.clearance.counting == MEMBERS
    assert refused("invalid", "position-words", desk.say, "ILO", "recuse", field="word").accepted == ["endorse", "object"]
    for code in MEMBERS:
        desk.say(code)
    assert desk.document.state == "cleared"
    silent = opened(drafted(), "silence", NOW + DAY, rulebook=book(minimum_hours=24))
    assert silent.document.clearance.rule.minimum_hours == 24
    silent.order("extend_clearance", NOW + 2 * DAY, by=CHAIR, at=NOW + HOUR)
    silent.tick(NOW + 2 * DAY)
    assert silent.document.state == "cleared"


def test_a_document_says_by_which_rule_its_next_clearance_will_pass():
    seen = views.document(drafted().document, drafts=True, at=NOW, rulebook=book(minimum_hours=24))
    assert (seen["passing_rule"]["kind"], seen["passing_rule"]["minimum_hours"]) == ("issue_paper", 24)
    published = cleared("information_note")
    published.order("publish", None, by=CHAIR)
    assert "passing_rule" not in views.document(published.document, drafts=False, at=NOW)


@settings(max_examples=60, deadline=None)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "procedures": st.lists(st.sampled_from(passing.PROCEDURES), max_size=2),
            "counts": st.sampled_from(["seats", "members"]),
            "passing": st.lists(st.sampled_from(WORDS), max_size=5).map(lambda said: ["endorse", *said]),
            "blocking": st.lists(st.sampled_from(WORDS), max_size=2).map(lambda said: ["object", *said]),
            "minimum_hours": st.integers(1, 2_160),
        },
    )
)
def test_under_any_rule_that_is_accepted_a_text_passes_when_all_are_for_it_and_not_when_one_is_against(rule):
    try:
        made = book(**rule)
    except Refusal:
        return
    for procedure in made.rules["issue_paper"].procedures:
        deadline = NOW + timedelta(hours=made.rules["issue_paper"].minimum_hours)
        desk = opened(drafted(), procedure, deadline, rulebook=made)
        counting = desk.document.clearance.counting
        assert counting == (MEMBERS if made.rules["issue_paper"].counts == "members" else SEATS)
        against = copy.deepcopy(desk)
        for code in counting:
            desk.say(code, made.rules["issue_paper"].passing[-1])
            if code != "ILO":
                against.say(code)
        against.say("ILO", "object", reasons="No")
        desk.tick(deadline)
        against.tick(deadline)
        assert (desk.document.state, against.document.state) == ("cleared", "drafting")


# Deadlines

instants = st.integers(0, 10**9).map(lambda ms: NOW + timedelta(milliseconds=ms))


def named(refusal: Refusal) -> datetime:
    """The instant that a refusal says would be accepted."""
    found = re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:00Z", refusal.accepted)
    assert found, refusal.accepted
    return datetime.fromisoformat(found[0])


@settings(deadline=None)
@given(instants, st.sampled_from(["silence", "express"]), st.integers(-(10**6), 4 * 10**8))
def test_the_instant_that_is_named_as_accepted_is_a_whole_minute_and_passes(at, procedure, milliseconds):
    try:
        opened(drafted(), procedure, at + timedelta(milliseconds=milliseconds), at=at)
    except Refusal as refusal:
        deadline = named(refusal)
        assert opened(drafted(), procedure, deadline, at=at).document.clearance.deadline == deadline
        if procedure == "silence":
            assert deadline >= at + 3 * DAY


@settings(deadline=None)
@given(instants, st.integers(-(10**9), 10**9))
def test_the_extension_that_is_named_as_accepted_passes(at, milliseconds):
    desk = opened(drafted(), "silence", NOW + 20 * DAY)
    try:
        desk.order("extend_clearance", NOW + 20 * DAY + timedelta(milliseconds=milliseconds), by=CHAIR, at=at)
    except Refusal as refusal:
        desk.order("extend_clearance", named(refusal), by=CHAIR, at=at)
    assert desk.document.clearance.deadline > NOW + 20 * DAY


def test_a_silence_opened_for_five_minutes_is_told_what_would_do():
    at = NOW + timedelta(seconds=20, milliseconds=400)
    refusal = refused("invalid", "silence-minimum", opened, drafted(), "silence", NOW + timedelta(minutes=5), at=at, field="deadline")
    assert refusal.accepted == "2014-03-04T09:01:00Z or later"
    refusal = refused("invalid", "deadline-minute", opened, drafted(), "silence", at + timedelta(minutes=5), at=at, field="deadline")
    assert refusal.accepted == "2014-03-04T09:01:00Z"
    refusal = refused("invalid", "silence-deadline", opened, drafted(), "silence", field="deadline")
    assert refusal.accepted == "2014-03-04T09:00:00Z or later"


def test_a_statement_is_cleared_by_a_whole_minute_before_its_instant():
    desk = propose("joint_statement", issue_at=NOW + timedelta(minutes=5, seconds=30))
    desk.save()
    late = NOW + timedelta(minutes=5, seconds=10)
    refusal = refused("invalid", "statement-future", opened, desk, at=late, field="issue_at")
    desk.order("open_clearance", "express", None, named(refusal), by=CHAIR, at=late)
    assert desk.document.clearance.deadline == desk.document.issue_at == NOW + timedelta(minutes=6)


# Reminders


def reminded(desk: Desk) -> list[tuple]:
    return [(fact.at, fact.data["days"], fact.data["entities"]) for fact in desk.told("reminded")]


def test_who_has_not_spoken_is_reminded_three_days_and_one_day_before():
    desk = in_clearance()
    deadline = NOW + 4 * DAY
    desk.say("ILO")
    desk.tick(NOW + DAY)
    desk.tick(NOW + DAY)
    desk.say("IOM", at=NOW + 2 * DAY)
    desk.tick(deadline + DAY)
    assert reminded(desk) == [(NOW + DAY, 3, SEATS[1:]), (NOW + 3 * DAY, 1, SEATS[2:])]
    told = desk.told("reminded")[0].data
    assert (told["about"], told["step"], told["deadline"]) == ("position", None, deadline)
    assert desk.document.state == "cleared"


def test_nobody_is_reminded_before_they_were_asked_or_when_all_have_spoken():
    shortest = in_clearance(deadline=NOW + 3 * DAY)
    shortest.tick(NOW + 2 * DAY - SECOND)
    assert not shortest.told("reminded"), "the silence was opened at the very instant"
    for code in SEATS:
        shortest.say(code, at=NOW + DAY)
    shortest.tick(NOW + 3 * DAY)
    assert not shortest.told("reminded")
    broken = in_clearance()
    broken.say("ILO", "object", reasons="No")
    broken.tick(NOW + 9 * DAY)
    assert not broken.told("reminded")
    assert not [fact for fact in opened(drafted()).facts if fact.name == "reminded"]


def test_an_extension_has_reminders_of_its_own_and_none_from_before_it():
    desk = in_clearance()
    last = NOW + 4 * DAY - HOUR
    desk.order("extend_clearance", NOW + 6 * DAY, by=CHAIR, at=last)
    desk.tick(NOW + 6 * DAY)
    assert [at for at, *_ in reminded(desk)] == [NOW + DAY, NOW + 3 * DAY, NOW + 5 * DAY]


def test_one_who_joins_late_is_reminded_of_what_is_still_to_come():
    desk = drafted("joint_statement")
    deadline = NOW + 4 * DAY
    opened(desk, deadline=deadline)
    for code in SEATS:
        desk.say(code) if code != "UNODC" else None
    desk.tick(NOW + 2 * DAY)
    desk.order("join_signatories", "ICAO", by=focal("ICAO"), at=NOW + 2 * DAY)
    desk.say("UNODC", at=NOW + 2 * DAY)
    desk.tick(deadline)
    assert reminded(desk) == [(NOW + DAY, 3, ["UNODC"]), (NOW + 3 * DAY, 1, ["ICAO"])]


# Letters


def with_letter(desk: Desk) -> Desk:
    for id, public in (("a1", False), ("a3", True)):
        desk.document.attachments.append(Attachment(id, "a.pdf", "application/pdf", 9, "0" * 64, public, "", "secretary", None, NOW))
    return desk


def test_a_position_from_a_letter_may_name_the_file_that_is_attached():
    desk = with_letter(in_clearance("joint_statement"))
    said = {"by": SECRETARIAT, "on_behalf_of": "ILO", "letter": "Letter of 1 March"}
    for wrong in ("a2", "a3"):
        refusal = refused("invalid", "letter-attached", desk.say, "ILO", letter_attachment=wrong, field="letter_attachment", **said)
        assert refusal.accepted == ["a1"], "what is published with the document tells nobody's position"
    refused("invalid", "on-behalf-letter", desk.say, "ILO", letter_attachment="a1", field="letter_attachment")
    refused("invalid", "on-behalf-letter", desk.say, "ILO", field="letter", **{**said, "letter": " ", "letter_attachment": "a1"})
    refused("not_allowed", "own-entity", desk.say, "ILO", by=OTHER, on_behalf_of="ILO", letter="Letter", letter_attachment="a1")
    desk.say("ILO", letter_attachment="a1", **said)
    for code in SEATS[1:]:
        desk.say(code)
    desk.order("withdraw_endorsement", "New facts", letter_attachment="a1", **said)
    first, second = next(row for row in boards.board(desk.document)["board"] if row["entity"] == "ILO")["positions"]
    assert (first["letter_attachment"], first["letter"], first["on_behalf"]) == ("a1", "Letter of 1 March", True)
    assert (second["letter_attachment"], second["word"]) == ("a1", "withdrawn")


# The board


def test_the_board_has_a_column_for_each_text_and_a_row_for_each_entity():
    desk = opened(drafted())
    desk.say("ILO")
    desk.save("Changed.")
    opened(desk, deadline=NOW + DAY)
    desk.tick(NOW + DAY)
    opened(desk, at=NOW + DAY)
    desk.say("ILO", "object", reasons="No", at=NOW + DAY)
    board = boards.board(desk.document)
    assert [(text["revision"], text["state"], text["opened_at"]) for text in board["texts"]] == [(1, "superseded", NOW), (2, "open", NOW)]
    row = next(row for row in board["board"] if row["entity"] == "ILO")
    assert [(said["revision"], said["word"], said["stale"]) for said in row["positions"]] == [(1, "endorse", True), (2, "object", False)]
    assert (row["word"], row["counts"]) == ("object", True)
    assert boards.board(drafted().document) | {"texts": [], "board": [], "clearance": None} == boards.board(drafted().document)


# The certificate


def test_the_certificate_says_who_cleared_exactly_what_was_published():
    desk = in_clearance("information_note")
    desk.say("ILO", "endorse", reasons="For reasons of our own")
    desk.say("IOM", "no_objection", by=SECRETARIAT, on_behalf_of="IOM", letter="Letter of 1 March")
    refused("conflict", "not-cleared", boards.certificate, desk.document, drafts=True, at=NOW)
    refused("not_found", "exists", boards.certificate, desk.document, drafts=False, at=NOW)
    passed = NOW + 4 * DAY
    desk.tick(passed)
    before = boards.certificate(desk.document, drafts=True, at=passed)
    assert (before["published_at"], before["published_digest"], before["digest"]) == (None, None, desk.document.digest)
    refused("not_found", "exists", boards.certificate, desk.document, drafts=False, at=passed)
    desk.order("publish", None, by=CHAIR, at=passed + HOUR)
    for drafts in (True, False):
        found = boards.certificate(desk.document, drafts=drafts, at=passed + HOUR)
        assert found["published_digest"] == found["digest"] == desk.document.digest
    assert (found["by"], found["minimum_hours"], found["passed_at"], found["counting"]) == ("silence", 72, passed, SEATS)
    assert (found["signatories"], found["revision"], found["published_at"]) == ([], 1, passed + HOUR)
    assert found["positions"][:3] == [
        {"entity": "ILO", "word": "endorse", "at": NOW, "tacit": False, "on_behalf": False},
        {"entity": "IOM", "word": "no_objection", "at": NOW, "tacit": False, "on_behalf": True},
        {"entity": "OHCHR", "word": "no_objection", "at": passed, "tacit": True, "on_behalf": False},
    ]
    assert not {"person", "reasons", "letter"} & set(found["positions"][0])
    assert "reasons of our own" not in str(found)
    assert "Letter" not in str(found)


def test_a_statement_s_certificate_is_under_embargo_and_names_who_signed():
    desk = in_clearance("joint_statement")
    for code in SEATS:
        desk.say(code, "stand_aside" if code == "UNODC" else "endorse")
    for outsider_at in (NOW, ISSUE - SECOND):
        refused("not_found", "exists", boards.certificate, desk.document, drafts=False, at=outsider_at)
    desk.tick(ISSUE)
    refused("not_found", "exists", boards.certificate, desk.document, drafts=False, at=ISSUE - SECOND)
    found = boards.certificate(desk.document, drafts=False, at=ISSUE)
    assert (found["signatories"], found["published_at"]) == (SEATS[:-1], ISSUE)
    assert found["positions"][-1]["word"] == "stand_aside"


def test_what_was_not_cleared_on_this_record_has_no_certificate():
    past = {"title": "Overview", "summary": "", "published_on": "2012", "source": "000 ¶29", "link": None}
    paper = rules.Document.of_the_past("p1", 1, past | {"language": "en", "pillars": [], "themes": []}, by=SECRETARIAT, at=NOW)
    for drafts in (True, False):
        refused("conflict", "not-cleared", boards.certificate, paper, drafts=drafts, at=NOW)
    stopped = cleared("joint_statement")
    stopped.order("withdraw_endorsement", "New facts", by=focal("ILO"))
    refused("conflict", "not-cleared", boards.certificate, stopped.document, drafts=True, at=NOW)
    changed = cleared()
    changed.save("Changed.")
    refused("conflict", "not-cleared", boards.certificate, changed.document, drafts=True, at=NOW)


# The timetable of a statement


def steps(desk: Desk, at: datetime) -> dict[str, timetable.Step]:
    return {step.step: step for step in timetable.steps(desk.document, at)}


def in_march(**more) -> Desk:
    """A statement for July, proposed in March: with time for everything."""
    return propose("joint_statement", **more)


def test_a_timetable_is_worked_out_backwards_from_the_instant():
    assert tuple(timetable.STEPS) == STEPS
    found = steps(in_march(), NOW)
    assert {step: (ISSUE - at.due) / DAY for step, at in found.items()} == timetable.STEPS
    assert [step.done_at for step in found.values()] == [None] * 7
    assert not any(step.late for step in found.values())
    assert found["issued"].due == ISSUE
    assert timetable.steps(drafted().document, NOW) == []


@settings(deadline=None)
@given(st.integers(60, 80 * 86_400))
def test_a_statement_proposed_late_has_less_time_for_each_step(seconds):
    found = timetable.steps(propose("joint_statement", issue_at=NOW + timedelta(seconds=seconds)).document, NOW)
    dues = [step.due for step in found]
    assert dues == sorted(dues)
    assert dues[-1] == NOW + timedelta(seconds=seconds)
    assert dues[0] > NOW
    assert all(due in (due.replace(second=0, microsecond=0), dues[-1]) for due in dues)


def test_what_is_done_is_read_from_the_record():
    desk = in_march()
    desk.save(at=NOW + DAY)
    drafted_on = steps(desk, NOW + 2 * DAY)
    assert drafted_on["first_draft"].done_at == NOW + DAY
    assert drafted_on["comments"].done_at is None
    desk.order("comment", None, 1, "Words", 0, "Which?", by=OTHER, at=NOW + 2 * DAY)
    open_until = steps(desk, ISSUE - 39 * DAY)["comments"]
    assert (open_until.done_at, open_until.late) == (None, True)
    desk.order("dispose", 1, "accepted", "", by=LEAD, at=ISSUE - 38 * DAY)
    desk.save("Better words.", at=ISSUE - 37 * DAY)
    answered = steps(desk, ISSUE - 30 * DAY)
    assert (answered["comments"].done_at, answered["final_text"].done_at) == (ISSUE - 38 * DAY, ISSUE - 37 * DAY)
    opened(desk, deadline=ISSUE - 5 * DAY, at=ISSUE - 15 * DAY)
    for code in SEATS:
        desk.say(code, at=ISSUE - 10 * DAY)
    done = steps(desk, ISSUE - 3 * DAY)
    assert (done["clearance_opened"].done_at, done["cleared"].done_at) == (ISSUE - 15 * DAY, ISSUE - 10 * DAY)
    assert not done["languages"].late
    assert steps(desk, ISSUE - DAY)["languages"].late
    desk.document.translations["fr"] = [translation(behind=0, at=ISSUE - 4 * DAY)]
    assert steps(desk, ISSUE - DAY)["languages"].done_at == ISSUE - 4 * DAY
    desk.tick(ISSUE)
    assert steps(desk, ISSUE)["issued"].done_at == ISSUE
    changed = copy.deepcopy(desk)
    assert not any(step.late for step in steps(changed, ISSUE + DAY).values())


def translation(behind: int, at: datetime) -> Translation:
    return Translation(1, 1, "0" * 64, "0" * 64, "0" * 64, "Titre", 1, "p", "ILO", at, "", behind)


def overdue(desk: Desk) -> list[tuple]:
    return [(fact.data["step"], fact.at) for fact in desk.told("reminded") if fact.data["about"] == "timetable"]


def test_each_overdue_step_is_reminded_of_once_to_those_who_draft():
    desk = in_march()
    desk.tick(ISSUE - 60 * DAY)
    desk.tick(ISSUE - 60 * DAY)
    (fact,) = desk.told("reminded")
    assert (fact.data["entities"], fact.data["days"], fact.data["deadline"]) == (["OHCHR", "ILO"], 0, ISSUE - 60 * DAY)
    desk.save(at=ISSUE - 50 * DAY)
    desk.tick(ISSUE + DAY)
    times = [(step, ISSUE - days * DAY) for step, days in timetable.STEPS.items()]
    assert overdue(desk) == [times[0], *times[3:6]], "the comments were none, and the first draft became the final text"


def test_what_was_done_in_time_and_undone_since_was_not_late_then():
    desk = in_march()
    desk.save(at=NOW + DAY)
    opened(desk, deadline=None, at=ISSUE - 20 * DAY)
    desk.save("Changed.", at=ISSUE - 10 * DAY)
    desk.tick(ISSUE - 9 * DAY)
    assert overdue(desk) == []
    assert steps(desk, ISSUE - 9 * DAY)["clearance_opened"].late
    desk.tick(ISSUE - 5 * DAY)
    assert overdue(desk) == [("cleared", ISSUE - 5 * DAY)]


def test_a_statement_that_is_withdrawn_reminds_of_nothing():
    desk = in_march()
    desk.order("withdraw", "Not this year", by=CHAIR)
    assert desk.document.due() is None
    assert not any(step.late for step in steps(desk, ISSUE).values())


def test_the_timetable_tells_lead_and_chair_by_when_their_part_is_due():
    desk = in_march()

    def awaited(entity, at):
        return [(wait["kind"], wait["deadline"]) for wait in views.awaited(desk.document, entity, at, GROUP)]

    assert awaited("OHCHR", NOW) == [("save_revision", ISSUE - 60 * DAY)]
    desk.save()
    desk.order("comment", None, 1, "Words", 0, "Which?", by=OTHER)
    assert awaited("OHCHR", NOW) == [("dispose", ISSUE - 40 * DAY)]
    desk.order("dispose", 1, "accepted", "", by=LEAD)
    assert awaited("IOM", NOW) == []
    assert awaited("IOM", ISSUE - 40 * DAY) == [("open_clearance", ISSUE - 14 * DAY)]
    opened(desk)
    desk.document.translations["fr"] = [translation(behind=2, at=NOW)]
    assert ("save_translation", ISSUE - 2 * DAY) in awaited("OHCHR", NOW)


# The statement of each year


def yearly(year=2015, chairs=("UNHCR",), at=None, group=GROUP) -> rules.Document:
    at = at or utc(year)
    id = rules.world_day_ahead(year, at)
    return rules.Document.propose_for_world_day(id, year, list(chairs), by=SYSTEM_ACTOR, at=at, group=group)


def test_a_statement_for_30_july_is_proposed_as_the_term_starts():
    made = yearly()
    (fact,) = made.take_happened()
    assert (fact.name, fact.at, fact.data["lead"]) == ("proposed", utc(2015), "UNHCR")
    assert (made.id, made.kind, made.state) == ("world-day-2015", "joint_statement", "drafting")
    assert (made.issue_at, made.occasion) == (utc(2015, 7, 30), "World Day against Trafficking in Persons")
    assert "2015" in made.title
    assert made.signatories == SEATS
    assert yearly(chairs=("UNHCR", "ILO")).drafters == ["UNHCR", "ILO"]
    assert made.due() == utc(2015, 5, 31)


def test_no_statement_is_proposed_for_a_day_that_is_past():
    assert rules.world_day_ahead(2015, utc(2015, 7, 30) - SECOND) == "world-day-2015"
    assert rules.world_day_ahead(2015, utc(2015, 7, 30)) is None


def test_who_chairs_and_is_no_member_leads_nothing():
    strangers = Composition(memberships=[Membership("ILO", utc(2010))], terms={"2015": Term(2015, ["UNHCR"], state="begun")})
    refused("invalid", "drafters-members", yearly, group=strangers, field="lead")
    assert yearly(chairs=("UNHCR", "ILO"), group=strangers).drafters == ["ILO"]


def test_what_one_entity_says_never_fills_the_document():
    """One that could say the longest words for ever would hold up the clock: the document could no longer be saved."""
    desk, said = in_clearance("joint_statement"), {"reasons": "r" * 5_000, "proposal": "p" * 20_000}
    for _ in range(5):
        desk.say("ILO", **said)
    refusal = refused("conflict", "position-room", desk.say, "ILO", field="proposal", **said)
    assert refusal.accepted == f"at most {150_000 - 5 * 25_300} characters"
    desk.say("ILO", "object", reasons="It says the opposite.")
    desk.say("IOM", **said)
