"""The rules of documents: each refusal with its field and rule, each deadline at its instant."""

import copy
import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest
from document_desk import (
    CHAIR,
    CO,
    DAY,
    FORMER,
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

from services.documents import rules
from services.documents.rules import boards, rights, views
from services.documents.rules.kinds import KINDS, PUBLIC
from services.kernel import Composition, Refusal, utc

# Life cycles


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_state_of_a_life_cycle_is_defined_and_reached(kind):
    moves = KINDS[kind].moves
    reached = {KINDS[kind].begins} | {state for acts in moves.values() for state in acts.values()}
    assert reached == set(moves)


def test_an_issue_paper_from_proposal_to_presentation():
    desk = propose("issue_paper", deliverable={"year": 2014, "activity": "demand", "deliverable": "paper"})
    states = [desk.document.state]
    for act, said in (("agree_concept", ()), ("save_revision", None), ("open_comment_round", (NOW + DAY,))):
        desk.save() if said is None else desk.order(act, *said, by=CHAIR)
        states.append(desk.document.state)
    desk.tick(NOW + DAY)
    states.append(desk.document.state)
    desk.order("open_clearance", "silence", NOW + 5 * DAY, None, by=CHAIR, at=NOW + DAY)
    states.append(desk.document.state)
    desk.tick(NOW + 6 * DAY)
    states.append(desk.document.state)
    desk.order("publish", "What it says", by=CHAIR, at=NOW + 7 * DAY)
    states.append(desk.document.state)
    desk.document.complete_publication(2)
    desk.tick(NOW + 7 * DAY)
    states.append(desk.document.state)
    desk.order("present", "Vienna", "2014-10", "the Conference of the Parties", by=LEAD, at=NOW + 8 * DAY)
    states.append(desk.document.state)
    assert states == [
        "proposed",
        "concept_agreed",
        "drafting",
        "comment_round",
        "drafting",
        "clearance",
        "cleared",
        "publishing",
        "published",
        "presented",
    ]
    (published,) = desk.told("published")
    assert published.at == published.data["at"] == NOW + 7 * DAY
    assert (published.data["number"], published.data["summary"]) == (2, "What it says")
    assert published.data["deliverable"] == {"year": 2014, "activity": "demand", "deliverable": "paper"}
    assert published.data["digest"] == desk.document.digest
    (passed,) = desk.told("clearance_passed")
    assert (passed.at, passed.data["endorsed_by"]) == (NOW + 5 * DAY, [])
    assert desk.told("comment_round_closed")[0].at == NOW + DAY
    assert desk.told("presented")[0].data["number"] == 2


def test_an_information_note_needs_no_concept_and_no_number():
    desk = drafted("information_note")
    desk.order("open_clearance", "express", None, None, by=CHAIR)
    for entity in SEATS:
        desk.say(entity, "no_objection")
    desk.order("publish", None, by=SECRETARIAT, at=NOW + HOUR)
    assert desk.document.state == "published"
    assert desk.told("published")[0].data["number"] is None
    assert not desk.told("publication_ordered")


def test_the_wrong_state_is_refused_and_says_what_is_open():
    desk = propose("issue_paper")
    refusal = refused("conflict", "life-cycle", desk.save)
    assert refusal.accepted == ["agree_concept", "withdraw", "attach", "change_drafters", "describe", "decide_languages"]
    refused("conflict", "life-cycle", desk.order, "publish", None, by=CHAIR)
    refused("conflict", "life-cycle", propose("information_note").order, "agree_concept", by=CHAIR)
    refused("conflict", "life-cycle", drafted("joint_statement").order, "open_comment_round", NOW + DAY, by=CHAIR)


def test_publication_is_irrevocable_once_ordered_and_completed_once():
    desk = cleared()
    desk.order("publish", None, by=CHAIR)
    refused("conflict", "life-cycle", desk.order, "withdraw", "Why not", by=CHAIR)
    refused("conflict", "life-cycle", desk.save)
    desk.document.complete_publication(7)
    desk.document.complete_publication(7)
    desk.tick(NOW)
    assert len(desk.told("published")) == 1
    refused("conflict", "life-cycle", desk.document.complete_publication, 8)


def test_withdrawal_keeps_the_document_for_the_group_and_tells_no_reason():
    desk = in_clearance()
    refused("not_allowed", "chair-only", desk.order, "withdraw", "Why", by=OTHER)
    desk.order("withdraw", "Overtaken by events", by=LEAD)
    assert desk.document.state == "withdrawn"
    assert desk.document.clearance.state == "superseded"
    assert "reason" not in desk.told("withdrawn")[0].data
    assert desk.seen(OTHER)["withdrawn"]["reason"] == "Overtaken by events"
    assert desk.document.due() is None
    refused("not_found", "exists", desk.seen, MISSION)


# Proposals


def test_a_proposal_names_what_is_wrong_with_it():
    refused("invalid", "drafters-members", propose, "issue_paper", lead="WB", field="lead")
    refused("invalid", "drafters-members", propose, "issue_paper", co_drafters=["ILO", "NATO"], field="co_drafters.1")
    refused("invalid", "drafters-once", propose, "issue_paper", co_drafters=["OHCHR"], field="co_drafters")
    refused("invalid", "statement-fields", propose, "issue_paper", occasion="World Day", field="occasion")
    refused("invalid", "statement-fields", propose, "joint_statement", issue_at=None, field="issue_at")
    refused("invalid", "statement-future", propose, "joint_statement", issue_at=NOW, field="issue_at")
    for outsider in (MISSION, READER, FORMER):
        refused("not_allowed", "members-only", propose, "issue_paper", by=outsider)


# Drafting


def test_only_lead_and_co_drafters_edit():
    desk = drafted()
    for actor in (CHAIR, OTHER, SECRETARIAT):
        refused("not_allowed", "drafters-only", desk.save, "New.", by=actor)
    desk.save("New.", by=CO)
    assert [(r.number, r.entity) for r in desk.document.revisions] == [(1, "OHCHR"), (2, "ILO")]
    assert desk.told("revision_saved")[1].data["earlier"] == desk.document.revisions[0].digest


def test_the_digest_is_that_of_the_published_bytes():
    desk = drafted()
    text = desk.save("Ünïcode — 人口贩运.")
    assert desk.document.digest == hashlib.sha256(text.markdown.encode()).hexdigest()
    assert text.markdown == "# A title\n\n## One\n\nÜnïcode — 人口贩运.\n"


def test_the_second_of_two_drafters_is_shown_both_texts_and_their_difference():
    desk = drafted()
    desk.save("Theirs.", base=1, by=CO)
    refusal = refused("conflict", "base-revision", desk.save, "Mine.", base=1, field="base")
    assert refusal.accepted == "2"
    assert refusal.extra["current"]["number"] == 2
    assert refusal.extra["current"]["sections"] == [{"id": "s1", "heading": "One", "text": "Theirs."}]
    assert refusal.extra["yours"]["sections"] == [{"id": "s1", "heading": "One", "text": "Mine."}]
    assert "-Theirs." in refusal.extra["difference"]
    assert "+Mine." in refusal.extra["difference"]
    assert len(desk.document.revisions) == 2
    refused("invalid", "base-revision", desk.save, "Mine.", base=3, field="base")
    refused("conflict", "revision-same", desk.save, "Theirs.", field="sections")


@pytest.mark.parametrize(
    ("section", "field", "rule"),
    [
        ({"heading": " ", "text": "x"}, "sections.0.heading", "section-heading"),
        ({"heading": "One\nTwo", "text": "x"}, "sections.0.heading", "section-heading"),
        ({"heading": "One", "text": "x\n\n## Two\n\ny"}, "sections.0.text", "section-levels"),
        ({"heading": "One", "text": "# One"}, "sections.0.text", "section-levels"),
        ({"heading": "One", "text": "x" * 60_000}, "sections", "text-length"),
    ],
)
def test_what_has_no_place_in_a_text(section, field, rule):
    refused("invalid", rule, rules.Text.written, "T", [section], 50_000, field=field)


def test_two_different_texts_are_never_written_alike():
    joined = rules.Text.written("T", [{"heading": "A", "text": "x\n\n### B\n\ny"}], 1_000)
    apart = rules.Text.written("T", [{"heading": "A", "text": "x"}, {"heading": "B", "text": "y"}], 1_000)
    assert joined.digest != apart.digest
    assert rules.Text.of(apart.outlined, apart.bodies) == apart
    assert rules.Text.written("T", [{"heading": "A", "text": "x\r\ny\n"}], 99).sections[0].text == "x\ny"


# Clearance


def test_a_silence_passes_at_its_deadline_however_late_the_clock():
    desk = in_clearance()
    desk.tick(NOW + 4 * DAY - SECOND)
    assert desk.document.state == "clearance"
    assert desk.document.due() == NOW + 4 * DAY
    desk.tick(NOW + 40 * DAY)
    assert desk.document.state == "cleared"
    assert desk.told("clearance_passed")[0].at == NOW + 4 * DAY
    assert all(position.tacit and position.word == "no_objection" for position in desk.document.clearance.positions)


def test_a_silence_in_which_all_have_spoken_still_lasts_to_its_deadline():
    desk = in_clearance()
    for entity in SEATS:
        desk.say(entity)
    assert desk.document.state == "clearance"
    desk.say("ILO", "object", reasons="On second thoughts", at=NOW + 4 * DAY - SECOND)
    assert desk.document.state == "drafting"


def test_a_proposed_text_breaks_a_silence_whatever_the_word():
    desk = in_clearance()
    desk.say("ILO", "endorse", proposal="Better words.")
    assert desk.told("clearance_broken")[0].data["entity"] == "ILO"
    assert desk.document.state == "drafting"


def test_after_a_silence_a_late_word_is_told_of_the_deadline():
    desk = in_clearance()
    desk.tick(NOW + 5 * DAY)
    refusal = refused("too_late", "take-position-deadline", desk.say, "ILO", "object", reasons="Late", at=NOW + 5 * DAY)
    assert "2014-03-05 09:00" in refusal.detail


def test_a_silence_is_broken_by_an_objection_with_its_reasons():
    desk = in_clearance()
    refused("invalid", "objection-reasons", desk.say, "ILO", "object", field="reasons")
    desk.say("ILO", "object", reasons="Paragraph 3", proposal="Another paragraph 3", at=NOW + DAY)
    assert desk.document.state == "drafting"
    (broken,) = desk.told("clearance_broken")
    assert (broken.at, broken.data["entity"]) == (NOW + DAY, "ILO")
    facts = [str(fact.data) for fact in desk.facts]
    assert not any("Paragraph 3" in fact for fact in facts)
    board = boards.board(desk.document)
    assert next(row for row in board["board"] if row["entity"] == "ILO")["positions"][0]["proposal"] == "Another paragraph 3"


@pytest.mark.parametrize(
    ("procedure", "deadline", "rule", "field"),
    [
        ("silence", None, "silence-deadline", "deadline"),
        ("silence", NOW + timedelta(minutes=5), "silence-minimum", "deadline"),
        ("silence", NOW + 3 * DAY - timedelta(minutes=1), "silence-minimum", "deadline"),
        ("silence", NOW + 4 * DAY + SECOND, "deadline-minute", "deadline"),
        ("express", NOW - DAY, "deadline-future", "deadline"),
    ],
)
def test_a_clearance_with_a_wrong_deadline(procedure, deadline, rule, field):
    refused("invalid", rule, drafted().order, "open_clearance", procedure, deadline, None, by=CHAIR, field=field)


def test_a_silence_of_exactly_the_minimum_opens():
    desk = drafted()
    desk.order("open_clearance", "silence", NOW + 3 * DAY, None, by=CHAIR)
    assert desk.document.clearance.counting == SEATS


def test_clearance_is_opened_and_extended_by_the_chair_before_the_deadline():
    refused("not_allowed", "chair-only", drafted().order, "open_clearance", "silence", NOW + 4 * DAY, None, by=LEAD)
    refused("invalid", "statement-fields", drafted().order, "open_clearance", "express", None, ISSUE, by=CHAIR, field="issue_at")
    desk = in_clearance()
    refused("not_allowed", "chair-only", desk.order, "extend_clearance", NOW + 9 * DAY, by=LEAD)
    refused("invalid", "extension-later", desk.order, "extend_clearance", NOW + 2 * DAY, by=CHAIR, field="deadline")
    refused("too_late", "extend-clearance-deadline", desk.order, "extend_clearance", NOW + 9 * DAY, by=CHAIR, at=NOW + 4 * DAY)
    desk.order("extend_clearance", NOW + 6 * DAY, by=SECRETARIAT)
    (extended,) = desk.told("clearance_extended")
    assert (extended.data["earlier"], extended.data["deadline"]) == (NOW + 4 * DAY, NOW + 6 * DAY)
    desk.tick(NOW + 5 * DAY)
    assert desk.document.state == "clearance"


def test_an_express_clearance_lapses_incomplete_and_waits_for_the_objector():
    desk = in_clearance(by="express")
    for entity in SEATS[:-1]:
        desk.say(entity)
    desk.say("UNODC", "object", reasons="No")
    assert desk.document.state == "clearance"
    desk.tick(NOW + 4 * DAY)
    assert desk.document.state == "drafting"
    assert desk.told("clearance_lapsed")[0].data["awaiting"] == []
    refused("too_late", "take-position-deadline", desk.say, "UNODC", at=NOW + 4 * DAY)


def test_a_position_binds_one_text_and_one_entity():
    desk = in_clearance()
    refused("stale", "position-binds-text", desk.say, "ILO", digest="0" * 64, field="digest")
    refused("not_allowed", "who-counts", desk.say, "UNDP")
    refused("not_allowed", "own-entity", desk.say, "ILO", by=OTHER, on_behalf_of="ILO")
    refused("invalid", "on-behalf-letter", desk.say, "ILO", by=SECRETARIAT, on_behalf_of="ILO", field="letter")
    refused("invalid", "on-behalf-entity", desk.say, "ILO", by=SECRETARIAT, field="on_behalf_of")
    refused("invalid", "position-words", desk.say, "ILO", "perhaps", field="word")
    desk.say("ILO", by=SECRETARIAT, on_behalf_of="ILO", letter="Letter of 2 March 2014")
    position = desk.document.clearance.current("ILO")
    assert (position.on_behalf, position.letter, position.person) == (True, "Letter of 2 March 2014", "secretary")
    desk.say("ILO", "no_objection")
    assert desk.told("position_taken")[1].data["earlier"] == "endorse"


def test_a_new_revision_makes_positions_stale_and_kept():
    desk = in_clearance(by="express")
    desk.say("ILO")
    desk.save("Changed.")
    assert desk.document.state == "drafting"
    assert desk.told("clearance_superseded")
    desk.order("open_clearance", "express", None, None, by=CHAIR)
    row = next(row for row in boards.board(desk.document)["board"] if row["entity"] == "ILO")
    assert row["word"] is None
    assert [position["stale"] for position in row["positions"]] == [True]
    assert "ILO" in desk.document.clearance.awaiting()


def test_going_back_to_an_earlier_text_brings_no_position_back():
    desk = in_clearance(by="express")
    first = desk.document.digest
    for entity in SEATS[:-1]:
        desk.say(entity)
    desk.save("Changed.")
    desk.save("Words.")
    assert desk.document.digest == first
    desk.order("open_clearance", "express", None, None, by=CHAIR)
    assert desk.document.clearance.awaiting() == SEATS


# Statements


def test_a_statement_is_issued_at_its_instant_with_every_endorsement():
    desk = cleared("joint_statement")
    assert desk.document.state == "cleared_under_embargo"
    desk.tick(ISSUE - SECOND)
    assert not desk.told("statement_issued")
    desk.tick(ISSUE + 3 * DAY)
    desk.tick(ISSUE + 4 * DAY)
    (issued,) = desk.told("statement_issued")
    assert issued.at == issued.data["at"] == ISSUE
    assert issued.data["signatories"] == SEATS
    assert hashlib.sha256(issued.data["text"].encode()).hexdigest() == issued.data["digest"] == desk.document.digest
    assert desk.seen(MISSION, ISSUE)["state"] == "issued"
    refused("not_found", "exists", desk.seen, MISSION, ISSUE - SECOND)


def test_nothing_before_the_issue_holds_the_statement_s_words():
    desk = propose("joint_statement")
    desk.save("Embargoed words.")
    desk.order("comment", None, 1, "Embargoed words.", 0, "About the embargoed words", by=OTHER)
    desk.order("dispose", 1, "accepted", "Embargoed words, indeed", by=LEAD)
    desk.order("open_clearance", "express", None, None, by=CHAIR)
    for entity in SEATS:
        desk.say(entity, reasons="For the embargoed words", proposal="Embargoed words")
    told = " ".join(str(fact.data) for fact in desk.facts).lower()
    assert "embargoed words" not in told
    assert "Embargoed words" not in str(desk.seen(OTHER))
    desk.tick(ISSUE)
    assert "Embargoed words." in desk.facts[-1].data["text"]


def test_a_statement_is_not_cleared_by_silence_nor_after_its_instant():
    desk = drafted("joint_statement")
    refused("invalid", "statement-express", desk.order, "open_clearance", "silence", NOW + 4 * DAY, None, by=CHAIR, field="by")
    refused("invalid", "cleared-before-issue", desk.order, "open_clearance", "express", ISSUE + DAY, None, by=CHAIR, field="deadline")
    desk.tick(ISSUE)
    assert desk.told("issue_stopped")[0].data == {
        "document": "d1",
        "title": "A title",
        "kind": "joint_statement",
        "issue_at": ISSUE,
        "because": "not_endorsed",
        "entities": SEATS,
        "drafters": ["OHCHR", "ILO"],
    }
    refused("invalid", "statement-future", desk.order, "open_clearance", "express", None, None, by=CHAIR, at=ISSUE, field="issue_at")
    desk.order("open_clearance", "express", None, ISSUE + DAY, by=CHAIR, at=ISSUE)
    (moved,) = desk.told("issue_rescheduled")
    assert (moved.data["issue_at"], moved.data["earlier"]) == (ISSUE + DAY, ISSUE)
    for entity in SEATS:
        desk.say(entity, at=ISSUE + HOUR)
    desk.tick(ISSUE + 2 * DAY)
    assert desk.told("statement_issued")[0].at == ISSUE + DAY


def test_no_objection_is_no_signature_and_standing_aside_does_not_block():
    desk = in_clearance("joint_statement")
    refused("invalid", "position-words", desk.say, "ILO", "no_objection", field="word")
    desk.say("ILO", "stand_aside")
    desk.say("IOM", "recuse")
    for entity in SEATS[2:]:
        desk.say(entity)
    desk.tick(ISSUE)
    assert desk.told("statement_issued")[0].data["signatories"] == SEATS[2:]


def test_a_statement_that_all_leave_is_nobody_s():
    desk = in_clearance("joint_statement")
    for entity in SEATS[:-1]:
        desk.say(entity, "stand_aside")
    refused("conflict", "statement-signatory", desk.say, SEATS[-1], "recuse", field="word")


def test_any_member_joins_the_signatories_and_is_then_awaited():
    desk = drafted("joint_statement")
    desk.order("join_signatories", "UNDP", by=MEMBER)
    refused("conflict", "signatories-once", desk.order, "join_signatories", "UNDP", by=MEMBER, field="entity")
    refused("not_allowed", "own-entity", desk.order, "join_signatories", "ICAO", by=MEMBER)
    refused("invalid", "signatories-members", desk.order, "join_signatories", "WB", by=SECRETARIAT, field="entity")
    desk.order("open_clearance", "express", None, None, by=CHAIR)
    desk.order("join_signatories", "ICAO", by=focal("ICAO"))
    for entity in SEATS:
        desk.say(entity)
    assert desk.document.clearance.awaiting() == ["UNDP", "ICAO"]
    desk.say("UNDP")
    desk.say("ICAO")
    refused("conflict", "life-cycle", desk.order, "join_signatories", "DPKO", by=SECRETARIAT)
    desk.tick(ISSUE)
    assert desk.told("statement_issued")[0].data["signatories"] == sorted([*SEATS, "UNDP", "ICAO"])


def test_an_endorsement_taken_back_before_the_instant_stops_the_issue_and_tells():
    desk = cleared("joint_statement")
    refused("not_found", "exists", desk.order, "withdraw_endorsement", "Why", by=MEMBER)
    desk.order("withdraw_endorsement", "New facts", by=focal("ILO"), at=ISSUE - SECOND)
    (stopped,) = desk.told("issue_stopped")
    assert (stopped.at, stopped.data["because"], stopped.data["entities"]) == (ISSUE - SECOND, "endorsement_withdrawn", ["ILO"])
    assert desk.document.state == "drafting"
    assert desk.document.sealed is None
    assert views.awaited(desk.document, "IOM", ISSUE - SECOND, GROUP)[0]["kind"] == "open_clearance"
    desk.tick(ISSUE)
    assert not desk.told("statement_issued")
    row = next(row for row in boards.board(desk.document)["board"] if row["entity"] == "ILO")
    assert row["word"] == "withdrawn"


def test_at_the_instant_it_is_too_late_to_take_it_back():
    desk = cleared("joint_statement")
    refused("too_late", "withdraw-endorsement-deadline", desk.order, "withdraw_endorsement", "Why", by=OTHER, at=ISSUE)
    refused("too_late", "save-revision-deadline", desk.save, "New.", at=ISSUE)
    refused("too_late", "withdraw-deadline", desk.order, "withdraw", "Why", by=CHAIR, at=ISSUE)


def test_the_secretariat_takes_an_endorsement_back_only_from_a_letter():
    desk = cleared("joint_statement")
    said = {"by": SECRETARIAT, "on_behalf_of": "ILO"}
    refused("invalid", "on-behalf-letter", desk.order, "withdraw_endorsement", "Why", **said, field="letter")
    desk.order("withdraw_endorsement", "Why", **said, letter="Letter of 3 March 2014")
    assert desk.told("endorsement_withdrawn")[0].data["on_behalf"] is True


def test_a_new_text_of_a_cleared_statement_stops_its_issue():
    desk = cleared("joint_statement")
    desk.save("Changed.")
    assert desk.told("issue_stopped")[0].data["because"] == "new_revision"
    desk.tick(ISSUE)
    assert not desk.told("statement_issued")


# Members that leave


def without(code: str, until=None) -> Composition:
    """The Group after this member's membership ends."""
    return replace(GROUP, memberships=[replace(one, until=until) if one.entity == code else one for one in GROUP.memberships])


def endorsed_with(code: str) -> Desk:
    """A cleared statement that this member, without a seat, signs too."""
    desk = drafted("joint_statement")
    desk.order("join_signatories", code, by=focal(code))
    desk.order("open_clearance", "express", NOW + 4 * DAY, None, by=CHAIR)
    for entity in [*SEATS, code]:
        desk.say(entity)
    assert desk.document.state == "cleared_under_embargo"
    return desk


def test_a_member_that_joined_and_left_before_the_clearance_is_not_asked():
    desk, left = drafted("joint_statement"), without("ICAO", NOW + DAY)
    desk.order("join_signatories", "ICAO", by=focal("ICAO"))
    desk.order("open_clearance", "express", NOW + 4 * DAY, None, by=CHAIR, at=NOW + DAY, group=left)
    assert desk.document.clearance.counting == desk.document.signatories == SEATS
    for entity in SEATS:
        desk.say(entity, at=NOW + DAY, group=left)
    desk.tick(ISSUE)
    assert desk.told("statement_issued")[0].data["signatories"] == SEATS


@pytest.mark.parametrize("kind", ["joint_statement", "issue_paper"])
def test_no_word_is_taken_for_one_that_left(kind):
    desk, left = in_clearance(kind, "express"), without("ILO", NOW + DAY)
    said = {"by": SECRETARIAT, "on_behalf_of": "ILO", "letter": "Letter of 1 March", "group": left}
    refusal = refused("not_allowed", "position-member", desk.say, "ILO", at=NOW + DAY, **said)
    assert refusal.accepted == [code for code in SEATS if code != "ILO"]
    refused("not_found", "exists", desk.say, "ILO", at=NOW + DAY, group=left)
    desk.say("ILO", at=NOW + DAY - SECOND, **said)


def test_a_statement_stops_when_a_signatory_leaves_the_group_and_goes_on_without_it():
    desk, leaves = endorsed_with("ICAO"), utc(2014, 7, 1)
    desk.heed(without("ICAO", leaves), at=NOW + DAY)
    (noted,) = desk.told("departure_noted")
    assert (noted.data["entity"], noted.data["leaves_at"], noted.data["earlier"]) == ("ICAO", leaves, None)
    desk.heed(without("ICAO", leaves), at=NOW + DAY)
    assert len(desk.told("departure_noted")) == 1
    desk.tick(leaves - SECOND)
    assert desk.document.state == "cleared_under_embargo"
    assert desk.document.due() == leaves
    desk.tick(ISSUE + DAY)
    stopped, missed = desk.told("issue_stopped")
    assert (stopped.at, stopped.data["because"], stopped.data["entities"]) == (leaves, "membership_ended", ["ICAO"])
    assert (missed.at, missed.data["because"]) == (ISSUE, "not_endorsed")
    assert not desk.told("statement_issued")
    assert (desk.document.state, desk.document.sealed) == ("drafting", None)


def test_after_a_departure_the_chair_brings_the_statement_before_those_that_remain():
    desk, left = endorsed_with("ICAO"), without("ICAO", utc(2014, 7))
    desk.heed(left, at=utc(2014, 7, 2))
    (stopped,) = desk.told("issue_stopped")
    assert stopped.at == utc(2014, 7)
    assert "open_clearance" in [wait["kind"] for wait in views.awaited(desk.document, "IOM", utc(2014, 7, 2), left)]
    desk.order("open_clearance", "express", None, None, by=CHAIR, at=utc(2014, 7, 3), group=left)
    for entity in SEATS:
        desk.say(entity, at=utc(2014, 7, 3), group=left)
    desk.tick(ISSUE)
    assert desk.told("statement_issued")[0].data["signatories"] == SEATS


def test_a_departure_known_before_the_clearance_opens_is_heeded_too():
    desk, leaving = drafted("joint_statement"), without("ILO", ISSUE)
    desk.order("open_clearance", "express", None, None, by=CHAIR, group=leaving)
    for entity in SEATS:
        desk.say(entity, group=leaving)
    desk.tick(ISSUE)
    assert [fact.data["because"] for fact in desk.told("issue_stopped")] == ["membership_ended", "not_endorsed"]
    desk = drafted("joint_statement")
    desk.order("open_clearance", "express", None, None, by=CHAIR, group=without("ILO", ISSUE + SECOND))
    assert not desk.told("departure_noted")


def test_a_departure_that_is_taken_back_or_of_one_that_stands_aside_stops_nothing():
    desk = endorsed_with("ICAO")
    desk.heed(without("ICAO", utc(2014, 7)), at=NOW + DAY)
    desk.heed(GROUP, at=NOW + 2 * DAY)
    assert [fact.data["leaves_at"] for fact in desk.told("departure_noted")] == [utc(2014, 7), None]
    desk.tick(ISSUE)
    assert "ICAO" in desk.told("statement_issued")[0].data["signatories"]
    desk = in_clearance("joint_statement")
    for entity in SEATS:
        desk.say(entity, "stand_aside" if entity == "ILO" else "endorse")
    desk.heed(without("ILO", utc(2014, 7)), at=NOW + DAY)
    desk.tick(ISSUE)
    assert "ILO" not in desk.told("statement_issued")[0].data["signatories"]


def test_a_departure_told_late_is_dated_after_the_last_word_and_rewrites_nothing():
    desk = endorsed_with("ICAO")
    desk.heed(without("ICAO", NOW - DAY), at=NOW + DAY)
    assert desk.told("issue_stopped")[0].at == NOW
    issued = endorsed_with("ICAO")
    issued.tick(ISSUE)
    issued.heed(without("ICAO", NOW), at=ISSUE + DAY)
    assert issued.document.state == "issued"
    assert not issued.told("issue_stopped")


# Who sees what


def test_outside_the_group_a_draft_does_not_exist():
    desk = cleared("joint_statement")
    never = rights.unknown("d1")
    for outsider in (MISSION, READER, FORMER):
        for act, said in (
            ("take_position", (desk.document.digest, "endorse")),
            ("withdraw", ("Why",)),
            ("withdraw_endorsement", ("Why",)),
            ("open_clearance", ("express", None, None)),
            ("join_signatories", ("BRA",)),
            ("save_revision", (1, None, [{"heading": "A", "text": "b"}], "s")),
            ("publish", (None,)),
        ):
            refusal = refused("not_found", "exists", desk.order, act, *said, by=outsider)
            assert refusal.detail == never.detail
        refused("not_found", "exists", desk.seen, outsider)
    with pytest.raises(Refusal):
        views.document(desk.document, drafts=False, at=NOW)
    with pytest.raises(Refusal):
        views.readable(desk.document, 1, drafts=False, at=NOW)


def test_outside_the_group_a_publication_has_no_inside():
    desk = cleared("information_note")
    desk.order("publish", None, by=CHAIR)
    seen = views.document(desk.document, drafts=False, at=NOW)
    assert not {"revisions", "comments", "rounds", "clearance", "proposed_by", "may"} & set(seen)
    refused("not_allowed", "group-only", views.of_the_group, desk.document, drafts=False, at=NOW)
    refused("not_found", "revision-exists", views.readable, desk.document, 2, drafts=False, at=NOW, field="number")
    assert views.readable(desk.document, None, drafts=False, at=NOW).number == 1
    assert {"published", "presented", "issued"} == PUBLIC


def test_who_has_left_the_group_acts_on_nothing_it_led_though_it_be_public():
    """A focal point of the former lead is told no text that is not public by a refusal, and adds nothing to what is."""
    desk, left = cleared("information_note"), without("OHCHR", NOW + DAY)
    desk.order("publish", None, by=CHAIR)
    french = [{"id": "s1", "heading": "Un", "text": "Pas encore public."}]
    desk.order("save_translation", "fr", 1, 0, "Un titre", french, [], "S", by=CO)
    before = copy.deepcopy(desk.document)
    for act, said, more in (
        ("save_translation", ("fr", 1, 0, "Un titre", [{"id": "s1", "heading": "Un", "text": "?"}], [], "S"), {}),
        ("present", ("Vienna", "2014-05", ""), {}),
        (
            "attach",
            ("a1",),
            {"name": "A.pdf", "media_type": "application/pdf", "size": 9, "digest": "1" * 64} | {"public": False, "description": ""},
        ),
        ("comment", (1, 1, "Words.", 0, "?"), {}),
    ):
        refusal = refused("not_allowed", "members-only", desk.order, act, *said, by=LEAD, at=NOW + 2 * DAY, group=left, **more)
        assert not refusal.extra
    assert desk.document == before


def test_a_presentation_follows_publication():
    desk = cleared("information_note")
    desk.order("publish", None, by=CHAIR)
    refused("invalid", "present-after", desk.order, "present", "Vienna", "2014-02", "", by=LEAD, field="when")
    refused("invalid", "present-after", desk.order, "present", "Vienna", "2013", "", by=LEAD, field="when")
    refused("not_allowed", "chair-only", desk.order, "present", "Vienna", "2014", "", by=OTHER)
    desk.order("present", "Vienna", "2014", "", by=LEAD)
    desk.order("present", "New York", "2014-10-07", "", by=SECRETARIAT)
    assert len(desk.document.presentations) == 2


def test_what_awaits_whom():
    def kinds(desk, entity, at=NOW):
        return [wait["kind"] for wait in views.awaited(desk.document, entity, at, GROUP)]

    desk = propose("issue_paper")
    assert (kinds(desk, "IOM"), kinds(desk, "OHCHR")) == (["agree_concept"], [])
    desk.order("agree_concept", by=CHAIR)
    assert kinds(desk, "OHCHR") == ["save_revision"]
    desk.save()
    desk.order("open_comment_round", NOW + DAY, by=CHAIR)
    assert (kinds(desk, "UNDP"), kinds(desk, "ILO"), kinds(desk, "WB")) == (["comment"], [], [])
    desk.order("comment", None, 1, "Words.", 0, "?", by=MEMBER)
    assert (kinds(desk, "UNDP"), kinds(desk, "ILO")) == ([], ["dispose"])
    desk.order("dispose", 1, "accepted", "", by=LEAD)
    desk.tick(NOW + DAY)
    desk.order("open_clearance", "silence", NOW + 5 * DAY, None, by=CHAIR, at=NOW + DAY)
    (wait,) = views.awaited(desk.document, "ILO", NOW + DAY, GROUP)
    assert (wait["kind"], wait["deadline"], wait["digest"]) == ("take_position", NOW + 5 * DAY, desk.document.digest)
    desk.say("ILO", at=NOW + DAY)
    assert (kinds(desk, "ILO"), kinds(desk, "UNDP")) == ([], [])
    desk.tick(NOW + 5 * DAY)
    assert kinds(desk, "IOM", NOW + 5 * DAY) == ["publish"]
    early, late, never = ({"deadline": d} for d in (NOW, NOW + DAY, None))
    assert views.soonest_first([never, late, early]) == [early, late, never]


# The series


def test_a_revision_says_what_it_is():
    desk = drafted()
    sections = [{"heading": "One", "text": "Other words."}]
    for summary in ("", " \n"):
        refused("invalid", "revision-summary", desk.order, "save_revision", 1, None, sections, summary, by=LEAD, field="summary")
        refused("invalid", "revision-summary", desk.order, "save_section", "s1", 1, None, "Other", summary, by=LEAD, field="summary")
    assert len(desk.document.revisions) == 1


PAST = {"title": "Overview", "summary": "", "published_on": "2012", "source": "000 ¶29", "link": None}
PAST |= {"language": "en", "pillars": [], "themes": []}


def test_the_series_gives_each_document_one_number():
    series = rules.Series()
    for document in ("a", "b", "a", "c", "b"):
        series.assign(document, NOW)
    assert series.numbers == {"1": "a", "2": "b", "3": "c"}
    assert len(series.take_happened()) == 3
    assert series.number_of("b") == 2
    refused("not_found", "exists", series.number_of, "z")


def test_past_papers_stand_next_to_those_known():
    series = rules.Series()
    refused("not_allowed", "secretariat-only", series.enter, "p", 4, PAST, by=CHAIR, at=NOW)
    series.enter("p4", 4, PAST, by=SECRETARIAT, at=NOW)
    refusal = refused("conflict", "series-number", series.enter, "q", 4, PAST, by=SECRETARIAT, at=NOW, field="number")
    assert refusal.accepted == ["3", "5"]
    refused("invalid", "series-consecutive", series.enter, "q", 6, PAST, by=SECRETARIAT, at=NOW, field="number")
    refused("invalid", "series-consecutive", series.enter, "q", 2, PAST, by=SECRETARIAT, at=NOW, field="number")
    future = PAST | {"published_on": "2014-03-02"}
    refused("invalid", "past-paper", series.enter, "q", 3, future, by=SECRETARIAT, at=NOW, field="published_on")
    series.enter("p3", 3, PAST, by=SECRETARIAT, at=NOW)
    series.assign("new", NOW)
    assert series.number_of("new") == 5


def test_a_past_paper_stands_in_the_library_and_is_no_news():
    document = rules.Document.of_the_past("p1", 1, PAST, by=SECRETARIAT, at=NOW)
    assert [fact.name for fact in document.take_happened()] == ["past_paper_recorded"]
    item = views.library_item(document)
    assert (item["number"], item["published_on"], item["published_at"], item["source"]) == (1, "2012", None, "000 ¶29")
    assert document.listed_at == utc(2012)
    refused("not_found", "revision-exists", views.readable, document, None, drafts=False, at=NOW, field="number")
