"""What *chairs* remembers: one aggregate, the Group."""

from contracts.chairs import contract
from messaging.store import AggregateDocument, Aggregates, Saved
from services.chairs.rules import Group

GROUP = "icat"


class GroupDocument(AggregateDocument):
    meta = {"collection": "groups"}


groups = Aggregates(GroupDocument, Group, kind="group", contract=contract)


def the_group() -> Saved[Group]:
    """The Group as it stands; before anything is entered, an empty one at version 0."""
    found = groups.find({"_id": GROUP}).items
    return found[0] if found else Saved(GROUP, Group(), 0)
