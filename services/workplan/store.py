"""What *workplan* remembers: plans by their year, meetings, briefings, concrete actions, and the composition of
the Group as chairs last told it."""

import contextlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, TypeVar

from mongoengine import DictField, Document, IntField, ListField, StringField
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from contracts.chairs import composition_from
from contracts.workplan import contract
from messaging.context import Arrived
from messaging.remembering import Latest
from messaging.store import AggregateDocument, Aggregates, Page, Projection, Saved
from services.kernel import Actor, Aggregate, Composition, year_begins
from services.workplan import rules

_BY_STATE = ("state.cancelled_at", "state.starts_at")
"""Of what is called off, or begins and ends: the answers to ``_standing`` in the order in which they are listed."""


class PlanDocument(AggregateDocument):
    meta = {"collection": "plans", "indexes": ["state.year", ("state.state", "state.year")]}


class MeetingDocument(AggregateDocument):
    meta = {"collection": "meetings", "indexes": ["state.starts_at", _BY_STATE, ("state.actions.owner", "state.actions.state")]}


class BriefingDocument(AggregateDocument):
    meta = {"collection": "briefings", "indexes": ["state.starts_at", _BY_STATE]}


class ConcreteActionDocument(AggregateDocument):
    meta = {
        "collection": "concrete_actions",
        "indexes": [{"fields": ["state.entity", "id"]}, {"fields": ["state.until", "state.since"]}],
    }


class PublicationDocument(Document):
    """What became public, as *documents* told it: ``published`` holds the fields of ``rules.Publication`` but the id and the
    presentations, which may be told first."""

    id = StringField(primary_key=True)
    published = DictField()
    presentations = ListField(DictField())

    meta = {"collection": "publications", "auto_create_index": False}


class ComingDocument(Document):
    """How many people come to a briefing, as *notifications* told it last: ``sequence`` is of that."""

    id = StringField(primary_key=True)
    sequence = IntField(required=True)
    people = IntField(required=True)

    meta = {"collection": "coming", "auto_create_index": False}


A = TypeVar("A", bound=Aggregate)

SEEN = 12
"""How many views of plans are kept: of the years that people look at, for either side."""


class Many(Aggregates[A]):
    """Aggregates of which many are asked for at once."""

    def all(self, wanted: dict[str, Any]) -> Iterator[A]:
        """Every one that matches, page by page as they are asked for."""
        page = self.find(wanted, limit=200)
        while True:
            yield from (saved.aggregate for saved in page.items)
            if page.next is None:
                return
            page = self.find(wanted, limit=200, after=page.next)


class Scheduled(Many[A]):
    """What begins and ends: meetings, briefings."""

    def between(self, since: datetime | None, until: datetime | None) -> Iterator[A]:
        """Those that end at ``since`` or later and begin before ``until``."""
        return self.all(_during(since, until))

    def latest(
        self, since: datetime | None, until: datetime | None, limit: int, after: str | None, *, state: str | None, at: datetime
    ) -> Page[A]:
        """The same in pages, the latest first; those in one state as of ``at``, or in any."""
        wanted = {"$and": [_during(since, until), _standing(state, at)]}
        return self.find(wanted, sort="state.starts_at", descending=True, limit=limit, after=after)


def _during(since: datetime | None, until: datetime | None) -> dict[str, Any]:
    ends = {"state.ends_at": {"$gte": since}} if since else {}
    begins = {"state.starts_at": {"$lt": until}} if until else {}
    return ends | begins


def _standing(state: str | None, at: datetime) -> dict[str, Any]:
    """Cancelled, held, or to come: as the views of a meeting and of a briefing have it."""
    if state is None:
        return {}
    if state == "cancelled":
        return {"state.cancelled_at": {"$ne": None}}
    return {"state.cancelled_at": None, "state.ends_at": {"$lte" if state == "held" else "$gt": at}}


class Meetings(Scheduled[rules.Meeting]):
    """The meetings of the Group."""

    def with_actions(self, owner: str | None, *, settled: bool) -> Iterator[rules.Meeting]:
        """Those with an action item: of this owner or of any, and, unless ``settled`` ones count too, an open one."""
        action = ({"owner": owner} if owner else {}) | ({} if settled else {"state": rules.OPEN})
        return self.all({"state.actions": {"$elemMatch": action}} if action else {"state.actions.0": {"$exists": True}})

    def concerning(self, entity: str, at: datetime) -> Iterator[rules.Meeting]:
        """Those in which something may await an entity: to come soon, or with an open action item of its own."""
        soon = {"state.starts_at": {"$gt": at, "$lte": at + rules.ASKED}}
        return self.all({"$or": [soon, {"state.actions": {"$elemMatch": {"owner": entity, "state": rules.OPEN}}}]})


class Plans(Aggregates[rules.Plan]):
    """The plans, and how the ones asked for last were seen: by the Group, and by those outside."""

    def __init__(self, *told: Any, **more: Any) -> None:
        super().__init__(*told, **more)
        self._seen: Latest[rules.Seen] = Latest(SEEN)

    def seen(self, saved: Saved[rules.Plan], by: Actor, at: datetime, composition: Composition) -> rules.Seen:
        """The plan as this actor may see it."""
        return self.kept(saved.aggregate.seen(by, at, composition))

    def kept(self, seen: rules.Seen) -> rules.Seen:
        """This view of a plan, or the one made before, for as long as the rules say that it stands for this one. A large plan is made
        of thousands of small parts, and hardly ever reads otherwise than it did a moment ago. For a plan as it was read: one that
        is being changed is never kept."""
        side = f"{seen.plan.year}/{'inside' if seen.inside else 'outside'}"
        before = self._seen.get(side)
        return before if before is not None and before.stands_for(seen) else self._seen.keep(side, seen)

    def listed(self, *, drafts: bool, limit: int, after: str | None) -> Page[rules.Plan]:
        """The plans, latest year first; without ``drafts`` only those adopted."""
        wanted = {} if drafts else {"state.state": {"$in": list(rules.PUBLIC)}}
        return self.find(wanted, sort="state.year", descending=True, limit=limit, after=after)

    def unfinished(self) -> Iterator[rules.Plan]:
        """Every plan in which something may await an entity. One a year: they are few."""
        page = self.find({"state.state": {"$in": list(rules.AWAITING)}}, limit=100)
        return (saved.aggregate for saved in page.items)

    def adopted(self) -> Iterator[rules.Plan]:
        """Every plan in force or closed. One a year: they are few."""
        page = self.find({"state.state": {"$in": list(rules.PUBLIC)}}, limit=100)
        yield from (saved.aggregate for saved in page.items)


class ConcreteActions(Many[rules.ConcreteAction]):
    """Members' concrete actions."""

    def listed(self, *, entity: str | None, year: int | None, limit: int, after: str | None) -> Page[rules.ConcreteAction]:
        """By entity; of one, or of those that hold in a year."""
        wanted = ({"state.entity": entity} if entity else {}) | (_holding(year) if year else {})
        return self.find(wanted, sort="state.entity", limit=limit, after=after)

    def holding(self, year: int) -> Iterator[rules.ConcreteAction]:
        """All that hold in a year."""
        return self.all(_holding(year))


class Publications:
    """The record of what the Group published: a few a year. What is told twice, or in another order, leaves the same record."""

    def keep(self, event: Arrived, *, kind: str, number: int | None = None, signatories: Iterable[str] = ()) -> None:
        """A document became public, at the instant that the event's data say."""
        told = {name: event.data.get(name) for name in ("title", "lead", "at", "url")}
        published = told | {"kind": kind, "number": number, "signatories": list(signatories)}
        self._collection.update_one({"_id": event.document}, {"$set": {"published": published}}, upsert=True)

    def keep_presented(self, event: Arrived) -> None:
        """A publication was presented, or will be."""
        presentation = {name: event.data[name] for name in ("where", "when", "on_margins_of")}
        self._collection.update_one({"_id": event.document}, {"$addToSet": {"presentations": presentation}}, upsert=True)

    def between(self, since: datetime, until: datetime) -> list[rules.Publication]:
        """What became public from ``since`` until, but not at, ``until``."""
        found = self._collection.find({"published.at": {"$gte": since, "$lt": until}})
        return [rules.Publication(kept["_id"], **kept["published"], presentations=kept.get("presentations", [])) for kept in found]

    @property
    def _collection(self) -> Collection:
        return PublicationDocument._get_collection()


class Coming:
    """How many people come to each briefing: the newest that was told wins."""

    def keep(self, event: Arrived) -> None:
        """Someone replied, or was given a place."""
        told = {"sequence": event.sequence, "people": event.coming}
        with contextlib.suppress(DuplicateKeyError):  # a newer one is kept: the upsert finds its id taken
            self._collection.update_one({"_id": event.briefing, "sequence": {"$lt": event.sequence}}, {"$set": told}, upsert=True)

    def to(self, briefings: Iterable[str]) -> dict[str, int]:
        """By briefing, of those to which anyone replied."""
        return {kept["_id"]: kept["people"] for kept in self._collection.find({"_id": {"$in": list(briefings)}})}

    @property
    def _collection(self) -> Collection:
        return ComingDocument._get_collection()


def _holding(year: int) -> dict[str, Any]:
    """What is done holds no longer than until the year in which it was: as ``ConcreteAction.holds`` has it."""
    not_done_before = [{"state.state": {"$ne": "done"}}, {"state.ended_at": {"$gte": year_begins(year)}}]
    return {"state.since": {"$lte": year}, "state.until": {"$gte": year}, "$or": not_done_before}


plans = Plans(PlanDocument, rules.Plan, kind="plan", contract=contract, remember=24)
meetings = Meetings(MeetingDocument, rules.Meeting, kind="meeting", contract=contract)
briefings: Scheduled[rules.Briefing] = Scheduled(BriefingDocument, rules.Briefing, kind="briefing", contract=contract)
concrete_actions = ConcreteActions(ConcreteActionDocument, rules.ConcreteAction, kind="concrete_action", contract=contract, remember=500)
publications = Publications()
coming = Coming()
composition = Projection("composition", composition_from, comes="when the Group's first entity is registered")
