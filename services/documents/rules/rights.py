"""Who may do what with a document, as of an instant: the table by which every order and question is decided, and which is told to
whoever looks at a document, so that nobody is offered what will be refused."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from services.kernel import Actor, Composition, Refusal
from services.kernel.clearance import ENDORSE
from services.kernel.rights import EVERYONES, Party, Right, Rights, Standing

if TYPE_CHECKING:
    from services.documents.rules.record import Record

_CHAIR = (Party.CHAIR, Party.SECRETARIAT)
_LEAD = (Party.LEAD, *_CHAIR)
_DRAFTING = (Party.DRAFTER, Party.SECRETARIAT)
_ENTITY = (Party.OWN, Party.SECRETARIAT)
_PUBLISHED = (Party.PRIVY, Party.PUBLIC)
_UNDER_EMBARGO = (Party.SIGNATORY, Party.DRAFTER, *_CHAIR)
"""Those of the Group to whom a statement is known from its clearance to its instant."""

_act = partial(Right, known=_PUBLISHED, within="members-only")
_of_the_chair = partial(_act, _CHAIR, rule="chair-only")
_of_the_lead = partial(_act, _LEAD, rule="chair-only")
_of_the_drafters = partial(_act, (Party.DRAFTER,), rule="drafters-only")
_reading = Right(_PUBLISHED, "read this", known=_PUBLISHED)
_of_the_group = Right((Party.PRIVY,), "see how a document came about", "group-only", known=_PUBLISHED, within="group-only")

RIGHTS = Rights(
    {
        # A document, from its proposal on: outside the Group one knows of it once it is public, and acts on none
        "propose": Right((Party.INSIDE,), "propose a document", "members-only"),
        "agree_concept": _of_the_chair("record that the concept is agreed"),
        "change_drafters": _of_the_lead("say who drafts"),
        "describe": _of_the_lead("say what a document belongs to"),
        "withdraw": _of_the_lead("withdraw a document"),
        "save_revision": _of_the_drafters("save a revision"),
        "save_section": _of_the_drafters("save a section"),
        "check_text": _of_the_drafters("read a text in"),
        "import_text": _of_the_drafters("save a revision"),
        "save_translation": _act(_DRAFTING, "save a version in another language", "drafters-only"),
        "decide_languages": _of_the_chair("say for which languages the publication waits"),
        "publish_translation": _of_the_chair("publish a language version"),
        "open_comment_round": _of_the_chair("open a comment round"),
        "comment": _act((Party.MEMBER,), "comment", "members-only"),
        "reply_to_comment": _act((Party.MEMBER,), "reply to a comment", "members-only"),
        "dispose": _of_the_drafters("answer comments"),
        "open_clearance": _of_the_chair("open a clearance"),
        "extend_clearance": _of_the_chair("extend a clearance"),
        "take_position": _act((Party.COUNTING, Party.SECRETARIAT), "take a position", "who-counts"),
        "take_position.on_behalf_of": _act(_ENTITY, "take a position", "own-entity"),
        "join_signatories": _act(_ENTITY, "join the signatories", "own-entity"),
        "withdraw_endorsement": _act((Party.SIGNATORY, Party.SECRETARIAT), "take an endorsement back", "endorsement-stands"),
        "withdraw_endorsement.on_behalf_of": _act(_ENTITY, "take an endorsement back", "own-entity"),
        "publish": _of_the_chair("publish"),
        "present": _of_the_lead("enter a presentation"),
        "issue_corrigendum": _of_the_chair("issue a corrigendum"),
        "attach": _act(_DRAFTING, "attach files", "drafters-only"),
        "attach.public": _of_the_chair("attach a file to what is cleared or public"),
        # What is read of it
        "documents": EVERYONES,
        "get_document": _reading,
        "revisions": _reading,
        "get_revision": _reading,
        "get_section": _reading,
        "compare_revisions": _reading,
        "certificate": _reading,
        "get_attachment": _reading,
        "request_export": _reading,
        "get_export": _reading,
        "get_export_file": _reading,
        "get_published": Right((Party.PUBLIC,), "read this", known=(Party.PUBLIC,)),
        "library": EVERYONES,
        "search": EVERYONES,
        "compare_translation": _of_the_group,
        "comments": _of_the_group,
        "get_comment": _of_the_group,
        "clearance": _of_the_group,
        # Beside the documents
        "awaiting": Right(_ENTITY, "see what awaits it", "own-entity"),
        "set_passing_rule": Right(_CHAIR, "set how documents become the Group's own", "chair-only"),
        "passing_rules": Right((Party.INSIDE,), "see how documents become the Group's own", "group-only", within="group-only"),
        "enter_published": Right((Party.SECRETARIAT,), "enter a past issue paper", "secretariat-only"),
    }
)


@dataclass(frozen=True)
class ToDocument(Standing):
    """Who a person is to a document, which may be none yet. ``own``: the entity that an order names."""

    document: "Record | None" = None
    own: Collection[str] = ()

    def to(self, it: "Record") -> "ToDocument":
        """Who the same person is to this document."""
        return replace(self, document=it)

    def entities(self, party: Party) -> Collection[str]:
        it = self.document
        match party:
            case Party.LEAD:
                codes: Collection[str] = [it.lead] if it and it.lead else []
            case Party.DRAFTER:
                codes = it.drafters if it else []
            case Party.COUNTING:
                codes = it.clearance.counting if it and it.clearance else []
            case Party.SIGNATORY:
                codes = it.clearance.words(ENDORSE) if it and it.clearance else []
            case Party.OWN:
                codes = self.own
            case _:
                codes = super().entities(party)
        return codes

    @property
    def is_public(self) -> bool:
        return self.document is not None and self.document.is_public(self.at)

    @property
    def is_privy(self) -> bool:
        it = self.document
        return self.is_inside and (it is None or not it.is_under_embargo(self.at) or self.is_any(_UNDER_EMBARGO))

    def unknown(self) -> Refusal:
        return unknown(self.document.id if self.document else "")


@dataclass(frozen=True)
class Looking(ToDocument):
    """Who looks at a document: one who is privy to it, and sees ``drafts``, or one as outside the Group."""

    drafts: bool = False

    @property
    def is_inside(self) -> bool:
        return self.drafts

    @property
    def is_privy(self) -> bool:
        return self.drafts


_NOBODY = Actor("")


def must_show(asking: str, it: "Record", *, drafts: bool, at: datetime) -> None:
    """Refuse a question to who may not have it answered of this document. ``drafts``: whether who asks is privy to it as of ``at``."""
    RIGHTS.must(asking, Looking(_NOBODY, at, Composition(), it, drafts=drafts))


def unknown(id: str) -> Refusal:
    """The refusal for a document that does not exist, or must not be known to."""
    return Refusal.not_found(f"There is no document {id}.")


def may(it: "Record", by: Actor, at: datetime, group: Composition) -> list[str]:
    """The acts that are open in this state to this person, as of ``at``. Who has signed has joined."""
    joining = [code for code in group.members(at) if code not in it.signatories]
    return [act for act in it.acts if RIGHTS.may(act, ToDocument(by, at, group, it, joining if act == "join_signatories" else ()))]
