"""Files beside a document: who may attach them, and who may have them."""

import pytest

from services.documents.rules import views
from services.kernel import Refusal
from tests.rules.document_desk import CHAIR, CO, LEAD, MISSION, NOW, OTHER, SEATS, SECRETARIAT, Desk, drafted, refused

FILE = {"name": "Letter.pdf", "media_type": "application/pdf", "size": 9, "digest": "1" * 64, "description": "By post"}


def note() -> Desk:
    return drafted("information_note")


def published(desk: Desk) -> Desk:
    desk.order("open_clearance", "express", None, None, by=CHAIR)
    for entity in SEATS:
        desk.say(entity)
    desk.order("publish", None, by=CHAIR)
    return desk


def attach(desk, id="letter", *, by, public=False, **more):
    return desk.order("attach", id, **FILE | more, public=public, by=by)


@pytest.mark.parametrize(("by", "entity"), [(LEAD, "OHCHR"), (CO, "ILO"), (SECRETARIAT, None)])
def test_a_drafter_or_the_secretariat_attaches_a_file(by, entity):
    desk = drafted()
    attached = attach(desk, by=by)
    assert (attached.person, attached.entity, attached.at) == (by.person, entity, NOW)
    assert desk.facts[-1].name == "attached"
    assert desk.facts[-1].data["digest"] == FILE["digest"]
    assert views.document(desk.document, drafts=True, at=NOW)["attachments"][0]["name"] == "Letter.pdf"


def test_nobody_else_attaches_and_outsiders_learn_of_no_draft():
    desk = drafted()
    refused("not_allowed", "drafters-only", attach, desk, by=OTHER)
    refused("not_found", "exists", attach, desk, by=MISSION)
    assert not desk.document.attachments


def test_the_same_file_is_attached_once():
    desk = drafted()
    attach(desk, by=LEAD)
    refused("conflict", "attached-once", lambda: attach(desk, "again", by=CO), field="content")
    attach(desk, "public", by=CO, public=True)


def test_outside_a_file_is_had_with_what_is_public_and_no_other():
    desk = note()
    attach(desk, by=LEAD)
    attach(desk, "table", by=LEAD, public=True, digest="2" * 64)
    for id in ("letter", "table", "none"):
        with pytest.raises(Refusal, match="no document"):
            desk.document.attachment(id, drafts=False, at=NOW)
    desk = published(desk)
    at = desk.document.published_at
    assert [one["id"] for one in views.document(desk.document, drafts=False, at=at)["attachments"]] == ["table"]
    assert desk.document.attachment("table", drafts=False, at=at).digest == "2" * 64
    with pytest.raises(Refusal, match="no such file"):
        desk.document.attachment("letter", drafts=False, at=at)
    assert "person" not in views.document(desk.document, drafts=False, at=at)["attachments"][0]


def test_beside_what_is_public_the_chair_alone_makes_a_file_public():
    desk = published(note())
    at = desk.document.published_at
    attach_late = lambda by: desk.order("attach", "late", **FILE, public=True, by=by, at=at)  # noqa: E731
    refused("not_allowed", "chair-only", attach_late, LEAD)
    refused("not_allowed", "drafters-only", attach_late, CHAIR)  # a chair that does not draft has the secretariat do it
    attach_late(SECRETARIAT)
    assert desk.document.attachment("late", drafts=False, at=at)


@pytest.mark.parametrize("kind", ["information_note", "joint_statement"])
def test_nothing_is_put_beside_a_text_that_is_cleared_to_go_out_with_it_but_by_the_chair(kind):
    desk = drafted(kind)
    desk.order("open_clearance", "express", None, None, by=CHAIR)
    refused("not_allowed", "chair-only", attach, desk, "early", by=LEAD, public=True)
    for entity in SEATS:
        desk.say(entity)
    refused("not_allowed", "chair-only", attach, desk, "late", by=CO, public=True)
    attach(desk, "own", by=CO)
    attach(desk, "table", by=SECRETARIAT, public=True)
    assert [one.id for one in desk.document.attachments] == ["own", "table"]
