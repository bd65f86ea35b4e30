"""Writes docs/rights.md, who may do what, of the tables by which the services decide: ``python -m launcher.rights > docs/rights.md``."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from gateway.accounts.rights import RIGHTS as OF_THE_GATEWAY
from messaging.service import RUNNING
from services.chairs.rules.rights import RIGHTS as OF_CHAIRS
from services.documents.rules.rights import RIGHTS as OF_DOCUMENTS
from services.kernel import Actor, Composition, utc
from services.kernel.rights import PARTIES, Party, Rights, Standing
from services.notifications.rules.rights import RIGHTS as OF_NOTIFICATIONS
from services.workplan.rules.rights import RIGHTS as OF_WORKPLAN

TABLES: Mapping[str, Rights] = {
    "chairs": OF_CHAIRS,
    "workplan": OF_WORKPLAN,
    "documents": OF_DOCUMENTS,
    "notifications": OF_NOTIFICATIONS,
    "every service": RUNNING,
    "gateway": OF_THE_GATEWAY,
}

HEAD = """# Who may do what

Made by `python -m launcher.rights` of the tables by which the services decide (`services/<name>/rules/rights.py`); a test keeps it so.
Each order and question of a contract is one row. What has no row is nobody's: a service that lacks one does not start.
`order.field` is a part of an order that is fewer people's.

- **yes**: may, in a state that allows it. **no**: is refused (`not_allowed`). **–**: is told that there is no such thing (`not_found`).
- **public**: may, once the thing is public; until then as **–**. **link**: may, holding the secret link that a mail brought.
- A focal point and an alternate may the same: an entity speaks with one voice. The columns of entities are those of a person whose entity
  is a member as of the instant, in that relation and no other. *Outside* is an entity that has left, or has yet to join, whatever it led,
  a mission, a reader and a visitor; where one of them is a subscriber, its own column holds besides. To those outside, what is not public
  yet is not there, whatever they ask or order.
- So is a statement under embargo for a member that neither signs nor drafts it, nor chairs (`privy`): the cells of its column are those of
  any other document, and of any other time.
- The platform's own timers and events may what the secretariat may.

## The parties
"""

RELATIONS = (
    Party.ACCOUNT,
    Party.COLLEAGUE,
    Party.CHAIR,
    Party.OUTGOING,
    Party.SEATED,
    Party.LEAD,
    Party.CONTRIBUTOR,
    Party.DRAFTER,
    Party.COUNTING,
    Party.SIGNATORY,
    Party.OWN,
    Party.SUBSCRIBER,
)
"""The columns that a table has only where it knows the relation."""

BY_ACCOUNT = (Party.ACCOUNT, Party.COLLEAGUE, Party.SUBSCRIBER)

OF_THE_GROUP = frozenset({Party.EVERYONE, Party.ACCOUNT, Party.INSIDE, Party.PRIVY, Party.MEMBER})


@dataclass(frozen=True)
class Someone(Standing):
    """A person of exactly these parties, before a thing that is public or not, with its link or without."""

    parties: Collection[Party] = ()

    def holds(self, party: Party) -> bool:
        return party in self.parties

    @property
    def is_inside(self) -> bool:
        return Party.INSIDE in self.parties


def someone(parties: Collection[Party]) -> Someone:
    return Someone(Actor("someone"), utc(2015), Composition(), parties)


def columns(rights: Rights) -> dict[str, frozenset[Party]]:
    """What a table's columns are, and of which parties the person of each is."""
    known = {party for right in rights.values() for party in right.parties}
    made = {"secretariat": frozenset({Party.EVERYONE, Party.ACCOUNT, Party.INSIDE, Party.PRIVY, Party.SECRETARIAT})}
    for party in RELATIONS:
        if party in known:
            inside = frozenset({Party.EVERYONE, Party.ACCOUNT}) if party in BY_ACCOUNT else OF_THE_GROUP
            made[party.value] = inside | {party}
    made["member"] = OF_THE_GROUP
    made["outside"] = frozenset({Party.EVERYONE})
    return made


def cell(rights: Rights, action: str, parties: Collection[Party]) -> str:
    """Whether this person may: yes, no, – (told that there is no such thing), or under which condition."""
    if rights.may(action, someone(parties)):
        return "yes"
    for word, condition in (("public", Party.PUBLIC), ("link", Party.BEARER)):
        if rights.may(action, someone({*parties, condition})):
            return word
    return "no" if someone({*parties, Party.PUBLIC}).is_any(rights[action].known) else "–"


def table(rights: Rights) -> Iterator[str]:
    """A table's lines in Markdown."""
    heads = columns(rights)
    yield f"| | {' | '.join(heads)} |"
    yield f"|---|{'---|' * len(heads)}"
    for action in rights:
        yield f"| `{action}` | {' | '.join(cell(rights, action, parties) for parties in heads.values())} |"


def page() -> str:
    """The whole page."""
    lines = [HEAD, *(f"- `{party}`: {sentence}" for party, sentence in PARTIES.items())]
    for name, rights in TABLES.items():
        lines += ["", f"## {name.capitalize()}", "", *table(rights)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(page(), end="")
