"""Who may do what with the Group's composition, as of an instant: the table by which every order and question is decided."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial

from services.kernel import Refusal
from services.kernel.rights import EVERYONES, Party, Right, Rights, Standing

_ENTITY = (Party.OWN, Party.SECRETARIAT)

_of_the_secretariat = partial(Right, (Party.SECRETARIAT,), rule="secretariat-only")
_of_an_entity = partial(Right, _ENTITY, rule="own-entity")
_of_the_group = partial(Right, known=(Party.INSIDE,))

RIGHTS = Rights(
    {
        "register_entity": _of_the_secretariat("register an entity"),
        "start_membership": _of_the_secretariat("enter a membership"),
        "end_membership": _of_the_secretariat("end a membership"),
        "take_seat": _of_an_entity("take its seat"),
        "take_seat.past": _of_the_secretariat("enter what lies in the past, from its source", rule="past-by-secretariat"),
        "give_up_seat": _of_an_entity("give up its seat"),
        "give_up_seat.past": _of_the_secretariat("enter what lies in the past, from its source", rule="past-by-secretariat"),
        "record_term": _of_the_secretariat("record a term"),
        "propose_rota": Right((Party.CHAIR, Party.SECRETARIAT), "propose the rota", "chair-only"),
        "adopt_rota": _of_the_secretariat("enter the order the Group adopted"),
        "accept_term": _of_an_entity("accept its term"),
        "decline_term": _of_an_entity("decline its term"),
        "propose_swap": _of_an_entity("propose a swap of its year"),
        "agree_swap": _of_an_entity("agree to this swap", known=(Party.INSIDE,)),
        "refuse_swap": _of_an_entity("refuse this swap", known=(Party.INSIDE,)),
        "co_chair": _of_an_entity("offer to co-chair"),
        "step_down": _of_an_entity("step down"),
        "note_handover": _of_the_group((Party.OUTGOING, Party.CHAIR, Party.SECRETARIAT), "write into the dossier", "handover-note"),
        "sign_handover": _of_an_entity("sign its handover", known=(Party.INSIDE,)),
        "get_group": EVERYONES,
        "overview": EVERYONES,
        "entities": EVERYONES,
        "members": EVERYONES,
        "seats": EVERYONES,
        "terms": EVERYONES,
        "rota": EVERYONES,
        "history": EVERYONES,
        "handover": _of_the_group((Party.INSIDE,), "see a handover", "group-only"),
        "awaiting": EVERYONES,
        "awaiting.entity": _of_an_entity("see what awaits it"),
    }
)
"""Of *awaiting* everyone may ask, and nothing awaits who is outside. What a reader is shown of a question that is everyone's,
``views`` says: what is not adopted is the Group's own."""


@dataclass(frozen=True)
class ToGroup(Standing):
    """Who a person is to a thing of the Group's. ``own``: whose it is; ``outgoing`` and ``serving``: the chairs of a handover; ``named``:
    what the thing is called, and by which field, to those who may not know of it."""

    own: Collection[str] = ()
    outgoing: Collection[str] = ()
    serving: Collection[str] | None = None
    named: str = "thing"
    field: str | None = None

    def entities(self, party: Party) -> Collection[str]:
        match party:
            case Party.OWN:
                return self.own
            case Party.OUTGOING:
                return self.outgoing
            case Party.CHAIR if self.serving is not None:
                return self.serving
        return super().entities(party)

    def unknown(self) -> Refusal:
        return Refusal.not_found(f"There is no {self.named}.", field=self.field)
