"""Who may give an order or ask a question: one vocabulary for all services, and the function that decides by their tables.

A service's ``rules/rights.py`` holds its table, ``RIGHTS``: one row for every order and question of its contract. What is not in the
table is nobody's, and a service that lacks a row does not start.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.kernel.actor import ALTERNATE, FOCAL_POINT, MISSION, READER, SECRETARIAT, SYSTEM, Actor
from services.kernel.composition import Composition
from services.kernel.refusal import Refusal


class Party(StrEnum):
    """Who may do something, by what they are to the Group and to the thing as of the instant. ``PARTIES`` says each in a sentence."""

    EVERYONE = "everyone"
    ACCOUNT = "account"
    COLLEAGUE = "colleague"
    PUBLIC = "public"
    BEARER = "bearer"
    INSIDE = "inside"
    PRIVY = "privy"
    MEMBER = "member"
    SEATED = "seated"
    CHAIR = "chair"
    OUTGOING = "outgoing"
    LEAD = "lead"
    CONTRIBUTOR = "contributor"
    DRAFTER = "drafter"
    COUNTING = "counting"
    SIGNATORY = "signatory"
    OWN = "own"
    SUBSCRIBER = "subscriber"
    SECRETARIAT = "secretariat"
    SYSTEM = "system"


PARTIES: Mapping[Party, str] = {
    Party.EVERYONE: "Everyone, visitors without an account too.",
    Party.ACCOUNT: "Any person with an account, for that account.",
    Party.COLLEAGUE: "A focal point for the people of its entity, and a mission's person for those of its mission.",
    Party.PUBLIC: "Everyone, once the thing is public.",
    Party.BEARER: "Whoever holds the secret link that a mail brought.",
    Party.INSIDE: "The Group: the secretariat, and the focal points and alternates of an entity that is a member as of the instant.",
    Party.PRIVY: "The Group, as far as the thing is there for all of it: of a statement under embargo only its signatories, its lead and "
    "co-drafters, the serving chair and the secretariat.",
    Party.MEMBER: "A focal point or alternate of a member, for that entity.",
    Party.SEATED: "A focal point or alternate of an entity with a seat in the working group, now or when the plan's year begins.",
    Party.CHAIR: "A focal point or alternate of a serving chair; of a plan also of the chair of its year.",
    Party.OUTGOING: "A focal point or alternate of the chair that hands over.",
    Party.LEAD: "A focal point or alternate of the entity that leads the thing.",
    Party.CONTRIBUTOR: "A focal point or alternate of an entity that contributes to the activity.",
    Party.DRAFTER: "A focal point or alternate of the document's lead, or of a co-drafter.",
    Party.COUNTING: "A focal point or alternate of an entity whose word counts in the clearance.",
    Party.SIGNATORY: "A focal point or alternate of a signatory of the statement.",
    Party.OWN: "A focal point or alternate of the entity that the order names, or to which the thing belongs.",
    Party.SUBSCRIBER: "The subscriber whose thing it is: its mission, its entity, or its reader.",
    Party.SECRETARIAT: "The secretariat, for itself, for the chair or on behalf of an entity.",
    Party.SYSTEM: "The platform itself: a timer, or the event of another service.",
}

_NOUNS: Mapping[Party, str] = {
    Party.ACCOUNT: "its own person",
    Party.COLLEAGUE: "a colleague",
    Party.BEARER: "who holds the link",
    Party.INSIDE: "a member of the Group",
    Party.PRIVY: "a member of the Group",
    Party.MEMBER: "a member's focal point",
    Party.SEATED: "an entity with a seat in the working group",
    Party.CHAIR: "the chair",
    Party.OUTGOING: "the outgoing chair",
    Party.LEAD: "its lead",
    Party.CONTRIBUTOR: "a contributor",
    Party.DRAFTER: "its lead or a co-drafter",
    Party.COUNTING: "an entity that counts in this clearance",
    Party.SIGNATORY: "a signatory",
    Party.OWN: "a focal point of the entity itself",
    Party.SUBSCRIBER: "the subscriber itself",
    Party.SECRETARIAT: "the secretariat",
    Party.SYSTEM: "the platform itself",
}

_OFFICE = frozenset({SECRETARIAT, SYSTEM})
_OPEN = frozenset({Party.EVERYONE, Party.PUBLIC, Party.BEARER, Party.ACCOUNT})
"""What no role is needed for. That a person has an account, the gateway knows by its log-in, whatever roles it holds."""

_OF_AN_ENTITY = frozenset({FOCAL_POINT, ALTERNATE})
_OF_THE_GROUP = frozenset({Party.INSIDE, Party.PRIVY, Party.MEMBER})
_NAMED = frozenset(PARTIES) - _OPEN - _OF_THE_GROUP - {Party.COLLEAGUE, Party.SUBSCRIBER, Party.SECRETARIAT, Party.SYSTEM}
"""The parties of which a refusal names the entities, so that one knows whom to ask."""


@dataclass(frozen=True, slots=True)
class Right:
    """One row: who may give one order, or ask one question.

    ``parties``: any of them may. ``doing``: the end of the sentence *Only … may …*; ``rule``: the refusal's name. ``known``: to whom the
    thing is there at all; to all others the answer is that of a thing that never was. ``within``: where it is the Group's own, the rule
    by which those outside are refused before anything of the thing is looked at; an entity that has left is outside, whatever it led.
    """

    parties: tuple[Party, ...]
    doing: str
    rule: str = "rights"
    known: tuple[Party, ...] = (Party.EVERYONE,)
    within: str | None = None


EVERYONES = Right((Party.EVERYONE,), "read this")


@dataclass(frozen=True)
class Standing:
    """What a person is to the Group as of an instant. A service's own kinds say what the person is to a thing: they tell whose the
    relations are in ``entities``, and how a thing that may not be known of is refused in ``unknown``."""

    by: Actor
    at: datetime
    group: Composition

    def entities(self, party: Party) -> Collection[str]:
        """The codes of the entities that are this party, as of the instant."""
        if party is Party.MEMBER:
            return self.group.members(self.at)
        if party is Party.SEATED:
            return self.group.seated(self.at)
        if party is Party.CHAIR:
            return self.group.chairs(self.at)
        return ()

    @property
    def is_public(self) -> bool:
        """Whether the thing is everyone's to see."""
        return False

    @property
    def is_inside(self) -> bool:
        return self.group.is_inside(self.by, self.at)

    @property
    def is_privy(self) -> bool:
        """Whether the thing is there for them as for the Group; not for all of it where the thing is a few's for a time."""
        return self.is_inside

    def unknown(self) -> Refusal:
        """The refusal for a thing that does not exist."""
        return Refusal.not_found("There is no such thing.")

    def holds(self, party: Party) -> bool:
        """Whether the person is of this party."""
        match party:
            case Party.EVERYONE:
                held = True
            case Party.PUBLIC:
                held = self.is_public
            case Party.INSIDE:
                held = self.is_inside
            case Party.PRIVY:
                held = self.is_privy
            case Party.SECRETARIAT:
                held = bool(self.by.roles & _OFFICE)
            case Party.SYSTEM:
                held = self.by.is_system
            case _:
                held = self.speaks_as(party) is not None
        return held

    def speaks_as(self, party: Party) -> str | None:
        """The entity of this party that the person speaks for, if there is one."""
        return next(filter(self.by.speaks_for, self.entities(party)), None)

    def is_any(self, parties: Iterable[Party]) -> bool:
        return any(map(self.holds, parties))


class Rights(dict[str, Right]):
    """The table of one service, by the name of the order or question; ``order.field`` is a part of an order that is fewer people's."""

    def may(self, action: str, who: Standing) -> bool:
        """Whether this person may do it, whatever state the thing is in."""
        right = self[action]
        return who.is_any(right.known) and (right.within is None or who.is_inside) and who.is_any(right.parties)

    def must_enter(self, action: str, who: Standing) -> None:
        """Refuse whom the thing itself is no business of: as unknown, or by the row's ``within``. Asked before anything of it is looked
        at, so that nobody learns by trying what is there."""
        right = self[action]
        if not who.is_any(right.known):
            raise who.unknown()
        if right.within is not None and not who.is_inside:
            raise self.outside(action)

    def must(self, action: str, who: Standing) -> None:
        """Refuse who may not do it: as the row says."""
        self.must_enter(action, who)
        right = self[action]
        if who.is_any(right.parties):
            return
        named = [code for party in right.parties if party in _NAMED for code in who.entities(party)]
        raise Refusal.not_allowed(
            f"Only {_spoken(right.parties, who.entities(Party.OWN))} may {right.doing}.",
            rule=right.rule,
            accepted=list(dict.fromkeys(named)) or None,
        )

    def voice(self, action: str, who: Standing, party: Party) -> str:
        """The entity whose word this is, for what is one ``party``'s alone: the one that the person speaks for. Refuses who may not."""
        self.must(action, who)
        return next(code for code in who.entities(party) if who.by.speaks_for(code))

    def outside(self, action: str) -> Refusal:
        """The refusal of what is the Group's own, for those outside."""
        return Refusal.not_allowed(
            "This is the Group's own: for its members and the secretariat.", rule=self[action].within or "group-only"
        )

    def must_admit(self, action: str, by: Actor) -> None:
        """What a service's border asks before anything is loaded: refuse whom no thing whatever could give the right, by the roles of
        the account alone. The rule itself asks again, of the thing. An action without a row is nobody's."""
        right = self.get(action)
        if right is None:
            raise Refusal.not_allowed("Nobody may do this.", rule="rights")
        if not _could_be(right.known, by):
            raise Refusal.not_found("There is no such thing for you to see.")
        # Whether a thing is public, only the thing tells: outside the Group the rule answers, of a draft as of one that never was.
        if Party.PUBLIC not in right.known and not _could_be(right.parties, by):
            raise Refusal.not_allowed(f"Only {_spoken(right.parties)} may {right.doing}.", rule=right.rule)

    def must_cover(self, actions: Collection[str]) -> None:
        """Refuse to begin with a table that has not one row for each of these orders and questions, or has one that is none of them."""
        rows = {row.partition(".")[0] for row in self}
        if lacking := sorted(set(actions) - set(self)):
            raise TypeError(f"No row says who may: {', '.join(lacking)}.")
        if idle := sorted(rows - set(actions)):
            raise TypeError(f"Rows without an order or question: {', '.join(idle)}.")


def _could_be(parties: Iterable[Party], by: Actor) -> bool:
    return any(party in _OPEN or bool(by.roles & _roles(party)) for party in parties)


def _roles(party: Party) -> frozenset[str]:
    """The roles without which nobody is of this party."""
    if party is Party.SYSTEM:
        return frozenset({SYSTEM})
    if party is Party.SECRETARIAT:
        return _OFFICE
    if party in (Party.INSIDE, Party.PRIVY):
        return _OFFICE | _OF_AN_ENTITY
    if party is Party.COLLEAGUE:
        return frozenset({FOCAL_POINT, MISSION})
    if party is Party.SUBSCRIBER:
        return _OFFICE | _OF_AN_ENTITY | frozenset({MISSION, READER})
    return _OF_AN_ENTITY


def _spoken(parties: Iterable[Party], own: Collection[str] = ()) -> str:
    """The parties as a sentence names them."""
    own_people = f"a focal point of {' or '.join(own)}" if own else _NOUNS[Party.OWN]
    nouns = [own_people if party is Party.OWN else _NOUNS[party] for party in parties if party in _NOUNS]
    return " or ".join([", ".join(nouns[:-1]), nouns[-1]] if len(nouns) > 1 else nouns) or "nobody"
