"""What a reader is told it may do is what it is let do: the table against the acts themselves, for every party and state."""

import copy

import pytest

from services.documents.rules.rights import may
from services.kernel import Refusal
from services.kernel.clearance import ENDORSE
from tests.rules.document_desk import (
    CHAIR,
    CO,
    DAY,
    GROUP,
    HOUR,
    LEAD,
    MEMBER,
    MISSION,
    NOW,
    OTHER,
    SECRETARIAT,
    Desk,
    cleared,
    drafted,
    in_clearance,
    propose,
)

PEOPLE = {"chair": CHAIR, "lead": LEAD, "co": CO, "seated": OTHER, "member": MEMBER, "secretariat": SECRETARIAT, "mission": MISSION}


def commented() -> Desk:
    desk = drafted()
    desk.order("open_comment_round", NOW + 9 * DAY, by=CHAIR)
    desk.order("comment", None, 1, "Words", 0, "Which?", by=OTHER)
    return desk


def published() -> Desk:
    desk = in_clearance("information_note", "express")
    for entity in ("ILO", "IOM", "OHCHR", "UNHCR", "UNICEF", "UNODC"):
        desk.say(entity)
    desk.order("publish", None, by=CHAIR)
    return desk


STATES = {
    "proposed": lambda: propose("issue_paper"),
    "drafting": drafted,
    "comment_round": commented,
    "clearance": in_clearance,
    "cleared": cleared,
    "statement": lambda: drafted("joint_statement"),
    "statement in clearance": lambda: in_clearance("joint_statement"),
    "under embargo": lambda: cleared("joint_statement"),
    "published": published,
}


def carried_out(desk: Desk, act: str, by) -> None:
    """An order that is right in all but, perhaps, who gives it."""
    own = by.entity if by.entity and by is not MISSION else "UNICEF"
    letter = {} if by.entity else {"on_behalf_of": own, "letter": "Letter of today"}
    said = {
        "agree_concept": (),
        "save_revision": (len(desk.document.revisions), None, [{"heading": "One", "text": "Others."}], "Why"),
        "open_comment_round": (NOW + 9 * DAY,),
        "comment": (None, 1, "Words", 0, "Which?"),
        "dispose": (1, "accepted", ""),
        "open_clearance": ("express", None, None),
        "extend_clearance": (NOW + 20 * DAY,),
        "take_position": (desk.document.digest, ENDORSE),
        "join_signatories": ("UNDP" if by is SECRETARIAT else own,),
        "withdraw_endorsement": ("Not any more",),
        "publish": (None,),
        "present": ("Geneva", "2014-05", ""),
        "withdraw": ("Not needed",),
        "change_drafters": (None, ["UNDP"]),
        "describe": (None, ["demand"], None),
        "decide_languages": (["fr"],),
        "issue_corrigendum": (1, None, [{"heading": "One", "text": "Others."}], "A word"),
    }[act]
    more = letter if act in ("take_position", "withdraw_endorsement") else {}
    at = NOW + HOUR
    Desk.order(desk, act, *said, by=by, at=at, **more)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("person", PEOPLE)
def test_what_one_is_told_to_be_free_to_do_is_what_one_is_let_do(state, person):
    desk, by = STATES[state](), PEOPLE[person]
    told = may(desk.document, by, NOW + HOUR, GROUP)
    for act in desk.document.acts:
        if act in ("reply_to_comment", "attach", "save_translation", "publish_translation", "save_section"):
            continue  # of these the chapters' own tests try who may
        if act == "dispose" and not desk.document.ledger:
            continue  # there is nothing to answer yet
        trial = copy.deepcopy(desk)
        try:
            carried_out(trial, act, by)
        except Refusal as refusal:
            assert act not in told, f"{act}: {refusal.detail}"
            assert refusal.kind in ("not_allowed", "not_found", "conflict", "invalid"), refusal.detail
        else:
            assert act in told, act
