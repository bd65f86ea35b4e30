"""What is told of documents: to the Group what is asked of it, to everyone what became public, and of an embargoed text its title alone."""

import pytest

from contracts.documents.document import STEPS
from services.kernel import utc
from services.notifications import rules
from services.notifications.rules import matters
from services.notifications.rules.matters import OF_THE_GROUP

AT = utc(2014, 9, 9, 16)
PAPER = {"document": "p1", "title": "Demand {and} supply", "kind": "issue_paper"}
STATEMENT = {"document": "s1", "title": "Our word", "kind": "joint_statement"}
RUN = {"digest": "5d" * 32, "deadline": utc(2014, 9, 12, 16), "by": "silence", "counting": ["ILO", "IOM"], "drafters": ["UNDP", "ILO"]}
REMINDED = PAPER | {"step": None, "deadline": utc(2014, 9, 12, 16), "days": 3, "entities": ["ILO"]}
STOPPED = STATEMENT | {"issue_at": utc(2014, 7, 30), "entities": ["ILO"], "drafters": ["UNDP"]}
LANGUAGE = {"language": "fr", "number": 2, "digest": "5d" * 32, "at": AT, "url": "/documents/p1?language=fr", "pillars": ["prevention"]}


def test_members_are_asked_for_their_comments_and_positions():
    comments = matters.comment_round_opened(PAPER | {"number": 1, "deadline": AT, "asked": ["ILO", "UNDP"]}, AT)
    assert (comments.topic, comments.audience, comments.url) == ("reminders", ["ILO", "UNDP"], "/documents/p1/comments")
    assert comments.title["fr"] == "Commentaires demandés : Demand {and} supply"
    assert comments.summary["en"] == "Issue paper. Until 2014-09-09 16:00 UTC."
    opened = matters.clearance_opened(PAPER | RUN, AT)
    assert (opened.audience, opened.url) == (["ILO", "IOM"], "/documents/p1/clearance")
    assert opened.summary["en"] == "Issue paper. By silence, until 2014-09-12 16:00 UTC."
    express = matters.clearance_opened(STATEMENT | RUN | {"by": "express", "deadline": None}, AT)
    assert express.summary == {"en": "Joint statement. By express positions.", "fr": "Déclaration commune. Par positions expresses."}
    assert express.data["deadline"] is None
    extended = matters.clearance_extended(PAPER | RUN | {"earlier": AT}, AT)
    assert extended.summary["fr"] == "Document thématique. Jusqu'au 2014-09-12 16:00 UTC ; c'était le 2014-09-09 16:00 UTC."


@pytest.mark.parametrize(
    ("matter", "said"),
    [
        (lambda: matters.clearance_passed(PAPER | RUN | {"endorsed_by": ["ILO"]}, AT, ["WHO"]), "Endorsed by ILO."),
        (lambda: matters.clearance_passed(PAPER | RUN | {"endorsed_by": []}, AT, ["WHO"]), "The text is the Group's own."),
        (lambda: matters.clearance_broken(PAPER | RUN | {"entity": "IOM"}, AT, ["WHO"]), "By IOM. The text goes back to drafting."),
        (lambda: matters.clearance_lapsed(PAPER | RUN | {"awaiting": ["IOM"]}, AT, ["WHO"]), "No word came from IOM."),
        (lambda: matters.clearance_lapsed(PAPER | RUN | {"awaiting": []}, AT, ["WHO"]), "The text goes back to drafting."),
    ],
)
def test_how_a_clearance_ends_is_told_to_who_spoke_who_drafted_and_who_chairs(matter, said):
    told = matter()
    assert told.audience == ["ILO", "IOM", "UNDP", "WHO"]
    assert told.summary["en"].endswith(said)
    assert "{" not in told.title["fr"].replace("{and}", "")


def test_that_a_statement_is_cleared_is_told_to_whom_the_embargo_leaves_it():
    told = matters.clearance_passed(STATEMENT | RUN | {"endorsed_by": ["ILO"], "drafters": ["UNDP"]}, AT, ["WHO"])
    assert told.audience == ["ILO", "UNDP", "WHO"], "nobody whom its link would lead to nothing"


@pytest.mark.parametrize(
    ("about", "step", "days", "en", "fr", "url", "audience"),
    [
        ("comments", None, 3, "Comments due in 3 days", "Commentaires attendus dans 3 jours", "/documents/p1/comments", ["ILO"]),
        ("position", None, 1, "Position due tomorrow", "Position attendue demain", "/documents/p1/clearance", ["ILO"]),
        ("timetable", "first_draft", 0, "Overdue, first draft", "En retard, premier projet", "/documents/p1", ["ILO", "WHO"]),
    ],
)
def test_who_has_yet_to_do_their_part_is_reminded_and_of_a_timetable_the_chair_too(about, step, days, en, fr, url, audience):
    told = matters.document_reminded(REMINDED | {"about": about, "step": step, "days": days}, AT, ["WHO"])
    assert told.title == {"en": f"{en}: Demand {{and}} supply", "fr": f"{fr} : Demand {{and}} supply"}
    assert (told.url, told.audience) == (url, audience)
    assert told.summary["en"] == "Issue paper. Due 2014-09-12 16:00 UTC. Awaited from ILO."


def test_every_step_of_a_timetable_has_its_words():
    assert tuple(matters.STEPS) == STEPS


@pytest.mark.parametrize("because", ["endorsement_withdrawn", "membership_ended", "new_revision", "not_endorsed"])
def test_the_chair_is_told_at_once_why_a_statement_will_not_be_issued(because):
    told = matters.issue_stopped(STOPPED | {"because": because}, AT, ["IOM", "UNDP"])
    assert (told.audience, told.at, told.url) == (["IOM", "UNDP"], AT, "/documents/s1")
    assert told.summary["en"].endswith("(ILO). Its instant: 2014-07-30 00:00 UTC.")
    assert told.title["fr"] == "Ne sera pas publiée en l'état : Our word"
    nobody = matters.issue_stopped(STOPPED | {"because": because, "entities": []}, AT, [])
    assert nobody.audience == ["UNDP"]


def test_what_is_told_of_a_draft_is_the_group_s_own():
    for told in (
        matters.clearance_opened(STATEMENT | RUN, AT),
        matters.issue_stopped(STOPPED | {"because": "not_endorsed"}, AT, ["IOM"]),
        matters.document_reminded(REMINDED | STATEMENT | {"about": "position"}, AT, ["IOM"]),
        matters.comment_round_opened(PAPER | {"number": 1, "deadline": AT, "asked": []}, AT),
    ):
        assert told.topic in OF_THE_GROUP
        assert told.audience is not None
    assert matters.comment_round_opened(PAPER | {"number": 1, "deadline": AT, "asked": []}, AT).audience == []


def test_readers_are_told_of_corrigenda_and_of_languages_that_came_later():
    note = {"corrigendum": 1, "revision": 3, "digest": "5d" * 32, "earlier": "7e" * 32, "note": "The year."}
    corrected = matters.corrigendum_issued(PAPER | LANGUAGE | note, AT)
    assert (corrected.topic, corrected.audience, corrected.summary["fr"]) == ("publications", None, "The year.")
    later = matters.language_published(PAPER | LANGUAGE | {"with_document": False}, AT)
    assert (later.topic, later.url, later.pillars) == ("publications", "/documents/p1?language=fr", ["prevention"])
    assert later.title == {"en": "Now in French: Demand {and} supply", "fr": "Désormais en français : Demand {and} supply"}
    assert matters.language_published(STATEMENT | LANGUAGE | {"with_document": False}, AT).topic == "statements"
    assert matters.language_published(PAPER | LANGUAGE | {"with_document": True}, AT) is None


def test_an_announced_draft_keeps_its_audience():
    topic = rules.Topic("reminders")
    topic.announce(matters.clearance_opened(STATEMENT | RUN, AT), AT)
    (fact,) = topic.take_happened()
    assert fact.data["matter"]["audience"] == ["ILO", "IOM"]
