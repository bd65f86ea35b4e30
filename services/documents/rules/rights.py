"""Who may do what with a document, as of an instant: told to whoever looks at it, so that nobody is offered what will be refused.

Each act still refuses by itself (``record``, the chapters): this table decides nothing, it says beforehand what they decide."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from services.kernel import Actor, Composition
from services.kernel.clearance import ENDORSE

if TYPE_CHECKING:
    from services.documents.rules.document import Document

Party = Callable[["Document", Actor, datetime, Composition], bool]


def _drafters(it: "Document", by: Actor, at: datetime, group: Composition) -> bool:
    return any(map(by.speaks_for, it.drafters))


def _lead(it: "Document", by: Actor, at: datetime, group: Composition) -> bool:
    return it.lead is not None and by.speaks_for(it.lead)


def _chair(it: "Document", by: Actor, at: datetime, group: Composition) -> bool:
    return any(map(by.speaks_for, group.chairs(at)))


def _members(it: "Document", by: Actor, at: datetime, group: Composition) -> bool:
    return any(map(by.speaks_for, group.members(at)))


def _counting(it: "Document", by: Actor, at: datetime, group: Composition) -> bool:
    return it.clearance is not None and any(map(by.speaks_for, it.clearance.counting))


def _joining(it: "Document", by: Actor, at: datetime, group: Composition) -> bool:
    return any(by.speaks_for(code) for code in group.members(at) if code not in it.signatories)


def _endorsing(it: "Document", by: Actor, at: datetime, group: Composition) -> bool:
    return it.clearance is not None and any(map(by.speaks_for, it.clearance.words(ENDORSE)))


def _secretariat(it: "Document", by: Actor, at: datetime, group: Composition) -> bool:
    return by.is_secretariat or by.is_system


RIGHTS: dict[str, tuple[Party, ...]] = {
    "save_revision": (_drafters,),
    "dispose": (_drafters,),
    "attach": (_drafters, _secretariat),
    "save_translation": (_drafters, _secretariat),
    "comment": (_members,),
    "reply_to_comment": (_members,),
    "take_position": (_counting, _secretariat),
    "join_signatories": (_joining, _secretariat),
    "withdraw_endorsement": (_endorsing, _secretariat),
    "change_drafters": (_lead, _chair, _secretariat),
    "describe": (_lead, _chair, _secretariat),
    "present": (_lead, _chair, _secretariat),
    "withdraw": (_lead, _chair, _secretariat),
}
"""Whose acts are whose; what does not stand here is the chair's, or the secretariat's for it."""

_OF_THE_CHAIR: tuple[Party, ...] = (_chair, _secretariat)


def may(it: "Document", by: Actor, at: datetime, group: Composition) -> list[str]:
    """The acts that are open in this state to this person, as of ``at``."""
    return [act for act in it.acts if any(party(it, by, at, group) for party in RIGHTS.get(act, _OF_THE_CHAIR))]
