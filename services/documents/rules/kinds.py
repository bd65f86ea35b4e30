"""The three kinds of document and their life cycles, as data (DOMAIN.md, *Documents*)."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from services.kernel.clearance import RECUSE, STAND_ASIDE

ISSUE_PAPER, INFORMATION_NOTE, JOINT_STATEMENT = "issue_paper", "information_note", "joint_statement"

Moves = dict[str, dict[str, str]]
"""state → act → the state it leads to. What does not stand here is refused."""

CLOCK_ACTS = frozenset({"close_round", "pass_clearance", "break_clearance", "lapse_clearance", "lose_signatory", "complete", "issue"})
"""Acts that follow from a deadline, a position or the series, and that nobody orders."""

_DRAFTING = ("drafting", "comment_round", "clearance", "cleared", "cleared_under_embargo")
_STAYING = {
    "reply_to_comment": ("drafting", "comment_round", "clearance"),
    "attach": ("proposed", "concept_agreed", *_DRAFTING, "published", "presented", "issued"),
    "change_drafters": ("proposed", "concept_agreed", *_DRAFTING),
    "describe": ("proposed", "concept_agreed", *_DRAFTING),
    "save_translation": (*_DRAFTING, "published", "presented", "issued"),
    "decide_languages": ("proposed", "concept_agreed", *_DRAFTING),
    "publish_translation": ("published", "presented", "issued"),
    "issue_corrigendum": ("published", "presented"),
}
"""Acts that leave the state as it is, and the states in which they may be done."""


_NEVER_OF_A_STATEMENT = {
    "decide_languages": "A statement waits for no language: it is issued at its instant, with the versions that are up to date by then.",
    "issue_corrigendum": "A statement is not corrected: it was signed as it is.",
}


def _whole(moves: Moves, never: Container[str] = ()) -> Moves:
    """The life cycle with the acts that leave the state as it is, but for those that this kind ``never`` knows."""
    stays = {state: {act: state for act, states in _STAYING.items() if state in states and act not in never} for state in moves}
    return {state: acts | stays[state] for state, acts in moves.items()}


_FROM_DRAFTING_TO_PRESENTED: Moves = {
    "drafting": {
        "save_revision": "drafting",
        "open_comment_round": "comment_round",
        "dispose": "drafting",
        "open_clearance": "clearance",
        "withdraw": "withdrawn",
    },
    "comment_round": {
        "save_revision": "comment_round",
        "comment": "comment_round",
        "dispose": "comment_round",
        "close_round": "drafting",
        "withdraw": "withdrawn",
    },
    "clearance": {
        "save_revision": "drafting",
        "extend_clearance": "clearance",
        "take_position": "clearance",
        "pass_clearance": "cleared",
        "break_clearance": "drafting",
        "lapse_clearance": "drafting",
        "withdraw": "withdrawn",
    },
    "cleared": {"save_revision": "drafting", "publish": "published", "withdraw": "withdrawn"},
    "published": {"present": "presented"},
    "presented": {"present": "presented"},
    "withdrawn": {},
}


@dataclass(frozen=True)
class Kind:
    """What is particular to one kind of document.

    ``name`` is for people, ``begins`` its first state, ``longest`` the characters of its longest text; ``signed``: it is issued by the
    clock, with the endorsement of all who sign it. How it passes is the Group's to say (``passing``).
    """

    name: str
    begins: str
    moves: Moves
    longest: int = 2_000_000
    numbered: bool = False
    signed: bool = False
    never: Mapping[str, str] = field(default_factory=dict)


KINDS: dict[str, Kind] = {
    ISSUE_PAPER: Kind(
        name="issue paper",
        begins="proposed",
        numbered=True,
        moves=_whole(
            {
                "proposed": {"agree_concept": "concept_agreed", "withdraw": "withdrawn"},
                "concept_agreed": {"save_revision": "drafting", "withdraw": "withdrawn"},
                **_FROM_DRAFTING_TO_PRESENTED,
                # Between the order to publish and the number in the series there is no way back: a number, once given, is never reused.
                "cleared": _FROM_DRAFTING_TO_PRESENTED["cleared"] | {"publish": "publishing"},
                "publishing": {"complete": "published"},
            }
        ),
    ),
    INFORMATION_NOTE: Kind(
        name="information note",
        begins="proposed",
        moves=_whole({"proposed": {"save_revision": "drafting", "withdraw": "withdrawn"}, **_FROM_DRAFTING_TO_PRESENTED}),
    ),
    JOINT_STATEMENT: Kind(
        name="joint statement",
        begins="drafting",
        signed=True,
        never=_NEVER_OF_A_STATEMENT,
        # The text of a cleared statement is kept with the statement itself, so that the clock alone can issue it.
        longest=50_000,
        moves=_whole(
            {
                "drafting": {
                    "save_revision": "drafting",
                    "comment": "drafting",
                    "dispose": "drafting",
                    "join_signatories": "drafting",
                    "open_clearance": "clearance",
                    "withdraw": "withdrawn",
                },
                "clearance": {
                    "save_revision": "drafting",
                    "extend_clearance": "clearance",
                    "join_signatories": "clearance",
                    "take_position": "clearance",
                    "pass_clearance": "cleared_under_embargo",
                    "break_clearance": "drafting",
                    "lapse_clearance": "drafting",
                    "lose_signatory": "drafting",
                    "withdraw": "withdrawn",
                },
                "cleared_under_embargo": {
                    "save_revision": "drafting",
                    "lose_signatory": "drafting",
                    "withdraw_endorsement": "drafting",
                    "issue": "issued",
                    "withdraw": "withdrawn",
                },
                "issued": {},
                "withdrawn": {},
            },
            _NEVER_OF_A_STATEMENT,
        ),
    ),
}

ASIDE = (STAND_ASIDE, RECUSE)
PUBLIC = frozenset({"published", "presented", "issued"})
"""States in which a document is everyone's."""
EMBARGOED = "cleared_under_embargo"
"""The state in which a statement awaits its instant."""
HELD = ("clearance", EMBARGOED)
"""States in which a statement hangs on who signs it."""
