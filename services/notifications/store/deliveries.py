"""Records of deliveries: technical work (``messaging.due``), held until its hour, claimed, tried, settled. A record's id says what it is
about, so that a fan-out that runs twice adds nothing."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from mongoengine import DateTimeField, DictField, Document, IntField, ListField, StringField

from messaging import due
from messaging.context import now
from messaging.store import insert_new
from services.kernel import Refusal
from services.notifications import rules
from services.notifications.rules import deliveries as delivery_rules
from services.notifications.rules import reasons
from services.notifications.rules.deliveries import (
    CONFIRMATION,
    DIGEST,
    GIVEN_UP,
    HELD,
    INVITATION,
    MATTER,
    PAUSED,
    PRIORITIES,
    QUEUED,
    RETRYING,
    SENT,
)
from services.notifications.rules.matters import BRIEFINGS, OF_THE_GROUP
from services.notifications.rules.reasons import Why
from services.notifications.rules.subscribers import CONFIRMED, ENDED, MAIL, SUSPENDED
from services.notifications.store.askings import askings
from services.notifications.store.attendance import overtaken
from services.notifications.store.clock import clock
from services.notifications.store.fanouts import fanouts
from services.notifications.store.matters import matters
from services.notifications.store.readers import readers
from services.notifications.store.subscribers import composition, subscribers

AT_ONCE = 500
"""Records that are read or written together: memory is bounded by them."""

DIGESTS_AT_ONCE = 100

NEWEST = 50_000
"""Deliveries that are counted for a summary, or a few more: what counting costs is bounded by them, however many there ever were. Of
200,000 on record in the embedded store, on two busy cores, they took 0.7 s and all of them 2.5 s. Finding where they begin took as long
again, since that store goes through a whole index for it; those of one subscriber took 20 ms in all."""

PERISHABLE = OF_THE_GROUP | {BRIEFINGS}
"""Topics of which what waits may have become what is not to be told any more."""

NO_REASON = {"why": None, "because": None}
"""Of a record that neither failed nor waits for anything but its turn."""

NOT_STOPPED = {"stopped": "", "stopped_since": ""}
"""What is taken from a record that no silence stops any more."""


class DeliveryDocument(Document):
    """One delivery record: the fields of ``rules.Delivery``, and those of ``messaging.due``."""

    id = StringField(primary_key=True)
    purpose = StringField(required=True)
    subscriber = StringField(required=True)
    subscription = StringField(required=True)
    channel = StringField(required=True)
    target = StringField(required=True)
    language = StringField(required=True)
    announced_at = DateTimeField(required=True)
    topic = StringField(null=True)
    number = IntField(null=True)
    title = StringField(null=True)
    state = StringField(required=True)
    priority = IntField(required=True)
    held_until = DateTimeField()
    digest = StringField()
    items = ListField(StringField())
    note = StringField(null=True)
    replay = StringField(null=True)
    attempts = IntField(required=True)
    sent_at = DateTimeField(null=True)
    why = StringField(null=True)
    because = DictField(null=True)
    again = ListField(DictField())
    stopped = StringField()
    stopped_since = DateTimeField()
    due = DateTimeField()
    claim = StringField()
    claimed_until = DateTimeField()

    meta = {
        "collection": "deliveries",
        "auto_create_index": False,
        "indexes": [
            {"fields": ["channel", "priority", "due"]},
            {"fields": ["subscription", "due"]},
            {"fields": ["-announced_at", "-id"]},
            {"fields": ["subscriber", "-announced_at", "-id"]},
            {"fields": ["topic", "number"]},
            {"fields": ["held_until"], "sparse": True},
            {"fields": ["digest"], "sparse": True},
            {"fields": ["stopped"], "sparse": True},
        ],
    }


class Deliveries:
    """The records of all deliveries."""

    @property
    def collection(self):
        return DeliveryDocument._get_collection()

    # Recording

    def add(self, made: Iterable[rules.Delivery]) -> int:
        """Add records, passing over those that exist; returns how many were new. Memory is bounded by ``AT_ONCE``."""
        added, waiting = 0, []
        for delivery in made:
            waiting.append(_document(delivery))
            if len(waiting) == AT_ONCE:
                added += insert_new(self.collection, waiting)
                waiting = []
        return added + insert_new(self.collection, waiting)

    def known(self, ids: Iterable[str]) -> set[str]:
        """Those of these ids that are on record."""
        return {document["_id"] for document in self.collection.find({"_id": {"$in": list(ids)}}, {"_id": 1})}

    # Holding, and letting go when the hour has come

    def release(self, instant: datetime, wall: datetime) -> int:
        """Let go what was held until ``instant`` or before: due at ``wall``, each by itself or with the others of its digest. What may no
        longer be told is withdrawn, and what comes late for its digest waits for the next. Twice, or in two copies at once, is once;
        returns how many were let go."""
        clock.advance(instant)
        released = self.after_silences(instant, wall)
        while held := list(self.collection.find({"held_until": {"$lte": instant}}).limit(AT_ONCE)):
            deliveries_held = [Claimed(document).delivery for document in held]
            gone = self._no_longer_told(deliveries_held, instant)
            self._withdraw_held(gone)
            single = [d.id for d in deliveries_held if d.digest is None and d.id not in gone]
            self._let_go(single, {"state": QUEUED, "due": wall})
            gathered = list(dict.fromkeys(d.digest for d in deliveries_held if d.digest is not None and d.id not in gone))
            for start in range(0, len(gathered), DIGESTS_AT_ONCE):
                self._gather(gathered[start : start + DIGESTS_AT_ONCE], instant, wall)
            released += len(held)
        return released

    def resume(self, subscription: str, wall: datetime) -> None:
        """Let go what was kept back because its subscription was paused. What is so recorded a moment later is found by the clock."""
        kept_back = {"subscription": subscription, "state": HELD, "held_until": {"$exists": False}, "digest": {"$exists": False}}
        self.collection.update_many(kept_back, {"$set": {"state": QUEUED, "due": wall, **NO_REASON}, "$unset": NOT_STOPPED})

    def after_silences(self, instant: datetime, wall: datetime, subscription: str | None = None) -> int:
        """Let go on what a pause kept back or a suspension withdrew, where that is over (``rules.deliveries.after_silence``); of one
        ``subscription``, or of all. Twice is once; returns how many were looked to that wait no more."""
        which = {"stopped": {"$exists": True}} | ({"subscription": subscription} if subscription is not None else {})
        done = 0
        for code in self.collection.distinct("subscriber", which):
            owner = readers.named([code])[code]
            over = [s.id for s in owner.subscriptions if s.state == ENDED or (s.state == CONFIRMED and s.silent_since is None)]
            own = {**which, "subscriber": code, "subscription": {"$in": [id for id in over if subscription in (None, id)]}}
            while found := list(self.collection.find(own).limit(AT_ONCE)):
                for document in found:
                    self._go_on(Claimed(document).delivery, owner, instant, wall)
                done += len(found)
        return done

    def _go_on(self, stopped: rules.Delivery, owner: rules.Subscriber, instant: datetime, wall: datetime) -> None:
        going = delivery_rules.after_silence(stopped, owner, instant, wall)
        if going is not None:
            document = _document(going)
            names = ("state", "why", "because", "attempts", "due", "held_until", "digest")
            changed = {name: document[name] for name in names if name in document}
            which = {"_id": stopped.id, "state": stopped.state, "stopped": stopped.stopped}
            self.collection.update_one(which, {"$set": changed, "$unset": NOT_STOPPED})
            forget_tallies(going)

    def withdraw(self, subscription: str, why: Why, *, since: datetime | None = None) -> int:
        """Give up what waits for a subscription that ended, or is suspended and may go on, also what is being tried; returns how many there
        were. ``since``: when the silence began that may be over one day; None where it is for good."""
        if since is None:
            self.collection.update_many({"subscription": subscription, "stopped": {"$exists": True}}, {"$unset": NOT_STOPPED})
        else:
            waits = {"subscription": subscription, "purpose": MATTER, "state": {"$in": [HELD, QUEUED, RETRYING]}}
            self.collection.update_many(waits, {"$set": {"stopped": SUSPENDED, "stopped_since": since}})
        result = self.collection.update_many(
            {"subscription": subscription, "state": {"$in": [HELD, QUEUED, RETRYING]}},
            {
                "$set": {"state": GIVEN_UP, "why": str(why), "because": why.coded},
                "$unset": {"due": "", "claim": "", "claimed_until": "", "held_until": "", "digest": ""},
            },
        )
        return result.modified_count

    def _gather(self, digests: list[str], instant: datetime, wall: datetime) -> None:
        """Make each of these digests of what is held for it. The digest's record says what it holds: whatever else was held for it came
        too late, or was too much. What it holds comes to its end with it, also when that is over before this is."""
        held: dict[str, list[rules.Delivery]] = defaultdict(list)
        for document in self.collection.find({"digest": {"$in": digests}, "held_until": {"$lte": instant}}):
            held[document["digest"]].append(Claimed(document).delivery)
        made = {id: delivery_rules.digest_of(items, wall) for id, items in held.items()}
        insert_new(self.collection, [_document(digest) for digest in made.values()])
        kept = {digest["_id"]: Claimed(digest).delivery for digest in self.collection.find({"_id": {"$in": list(made)}})}
        all_held = [delivery for items in held.values() for delivery in items]
        late = [d for d in all_held if not delivery_rules.goes_in(d, kept[d.digest or ""])]
        for delivery, owner in readers.of_each(late):
            digest = kept[delivery.digest or ""]
            waiting = _document(delivery_rules.next_part(delivery, digest) or delivery_rules.next_digest(delivery, owner, instant))
            fields = {"$set": {"held_until": waiting["held_until"]}}
            fields |= {"$set": fields["$set"] | {"digest": waiting["digest"]}} if "digest" in waiting else {"$unset": {"digest": ""}}
            self.collection.update_one({"_id": delivery.id, "digest": delivery.digest, "state": HELD}, fields)
        passed_over = {d.id for d in late}
        self._let_go([d.id for d in all_held if d.id not in passed_over], {})
        for digest in self.collection.find({"_id": {"$in": list(made)}, "state": {"$in": [SENT, GIVEN_UP]}}):
            ended = rules.Outcome(digest["state"], sent_at=digest["sent_at"], why=digest["why"], because=digest.get("because"))
            self._settle_held(digest["_id"], set(digest["items"]), ended)

    def _no_longer_told(self, waiting: list[rules.Delivery], instant: datetime) -> dict[str, rules.Outcome]:
        """Those of what waits that may not be told any more, by their ids, and what becomes of them: their reader left the Group, whose
        own they are, or a newer version of a briefing has overtaken them."""
        told = {d.id: matters.numbered(d.topic or "", d.number or 0)["matter"] for d in waiting if d.topic in PERISHABLE}
        own = [d for d in waiting if d.topic in OF_THE_GROUP]
        members = composition.value().members(instant) if own else []
        left = [d.id for d, owner in readers.of_each(own) if not delivery_rules.may_be_told(owner, d.topic or "", told[d.id], members)]
        return dict.fromkeys(overtaken(told), delivery_rules.overtaken()) | dict.fromkeys(left, delivery_rules.withheld())

    def _withheld(self, claimed: list["Claimed"]) -> dict[str, rules.Outcome]:
        """Those of what was claimed that may no longer go out, and what becomes of them; a digest is left with the rest of what it holds,
        and may not go out when there is no rest."""
        single = [c.delivery for c in claimed if c.delivery.topic in PERISHABLE]
        withheld = self._no_longer_told(single, clock.reached(max(d.announced_at for d in single))) if single else {}
        for digest in (c.delivery for c in claimed if any(delivery_rules.topic_of(item) in PERISHABLE for item in c.delivery.items)):
            perishable = {"digest": digest.id, "topic": {"$in": sorted(PERISHABLE)}}
            held = [Claimed(document).delivery for document in self.collection.find(perishable)]
            gone = self._no_longer_told(held, clock.reached(digest.announced_at))
            without = {f"{d.topic}/{d.number}" for d in held if d.id in gone}
            if without:
                digest.items = [item for item in digest.items if item not in without]
                self.collection.update_one({"_id": digest.id}, {"$set": {"items": digest.items}})
                self._withdraw_held(gone)
            if not digest.items:
                withheld[digest.id] = next(iter(gone.values()), delivery_rules.withheld())
        return withheld

    def _withdraw_held(self, gone: Mapping[str, rules.Outcome]) -> None:
        for id, outcome in gone.items():
            self._let_go([id], vars_of(outcome), forget=["digest"])

    def _let_go(self, ids: Collection[str], changed: dict[str, Any], forget: Iterable[str] = ()) -> None:
        if ids:
            update: dict[str, Any] = {"$unset": dict.fromkeys(["held_until", *forget], "")} | ({"$set": changed} if changed else {})
            self.collection.update_many({"_id": {"$in": list(ids)}, "state": HELD}, update)

    # Trying

    def claim(self, channel: str, limit: int, seconds: float) -> list["Claimed"]:
        """Up to ``limit`` deliveries of a channel that are due and nobody else's for so many seconds, the most urgent first; of those
        due at one instant, as what is let go together, in the order of their numbers."""
        found: list[dict[str, Any]] = []
        for priority in PRIORITIES:
            if len(found) < limit:
                which = {"channel": channel, "priority": priority}
                found += due.claim(self.collection, which, seconds=seconds, limit=limit - len(found))
        in_order = sorted(
            found, key=lambda document: (document["priority"], document["due"], document["topic"] or "", document["number"] or 0)
        )
        return self.leaving([Claimed(document) for document in in_order])

    def leaving(self, claimed: list["Claimed"]) -> list["Claimed"]:
        """Of what was claimed, what may go out as its subscription stands, and as the Group does; the rest is withdrawn or kept back, and
        so settled. A digest goes without what its reader may no longer be told."""
        owners = readers.named({c.delivery.subscriber for c in claimed})
        withheld = self._withheld(claimed)
        free = []
        for one in claimed:
            outcome = delivery_rules.hindered(one.delivery, owners[one.delivery.subscriber])
            outcome = outcome or withheld.get(one.delivery.id)
            if outcome is None:
                free.append(one)
            else:
                self._record(one, outcome, one.delivery.attempts)
        return free

    def next_due(self, channel: str) -> datetime | None:
        """When the next delivery of a channel that nobody holds becomes due, if there is one."""
        free = {"channel": channel, "due": {"$exists": True}, "claim": {"$exists": False}}
        document = self.collection.find_one(free, {"due": 1}, sort=[("due", 1)])
        return document["due"] if document else None

    def settle(self, claimed: "Claimed", outcome: rules.Outcome) -> None:
        """Record what became of an attempt. Nothing is recorded when the claim ran out, or the subscription ended meanwhile."""
        self._record(claimed, outcome, claimed.delivery.attempts + 1)

    def settle_sent(self, claimed: list["Claimed"], instant: datetime) -> None:
        """Record that all of these, of one claim, were sent: one write for many."""
        if claimed:
            self.collection.update_many(
                {"_id": {"$in": [c.delivery.id for c in claimed]}, "claim": claimed[0].document["claim"]},
                {
                    "$set": {"state": SENT, "sent_at": instant, **NO_REASON},
                    "$inc": {"attempts": 1},
                    "$unset": {"due": "", "claim": "", "claimed_until": ""},
                },
            )

    def _record(self, claimed: "Claimed", outcome: rules.Outcome, attempts: int) -> None:
        delivery, document = claimed.delivery, claimed.document
        ours = {"_id": delivery.id, "claim": document["claim"]}
        if delivery.purpose == DIGEST and outcome.state in (SENT, GIVEN_UP) and self.collection.find_one(ours, {"_id": 1}):
            # What it holds first: whoever is killed between the two sends the digest again, and nothing is forgotten.
            self._settle_held(delivery.id, set(delivery.items), outcome)
        changed = vars_of(outcome) | {"attempts": attempts}
        if outcome.stopped == PAUSED or (outcome.stopped and delivery.purpose == MATTER):
            changed |= {"stopped": outcome.stopped, "stopped_since": outcome.stopped_since}
        due.settle(self.collection, document, set=changed, due=outcome.due)
        if delivery.again:
            forget_tallies(delivery)  # counted, perhaps, while this was tried once more

    def _settle_held(self, digest: str, told: set[str], outcome: rules.Outcome) -> None:
        """What a digest holds, by its own record, comes to the digest's end with it; of one that was withdrawn it goes on by itself."""
        found = self.collection.find({"digest": digest, "state": {"$in": [HELD, GIVEN_UP]}}, {"topic": 1, "number": 1})
        held = [document["_id"] for document in found if f"{document['topic']}/{document['number']}" in told]
        changed = vars_of(outcome)
        gone = {"held_until": ""}
        if outcome.stopped:
            changed |= {"stopped": outcome.stopped, "stopped_since": outcome.stopped_since}
            gone["digest"] = ""
        self.collection.update_many({"_id": {"$in": held}, "digest": digest}, {"$set": changed, "$unset": gone})

    # Looking

    def load(self, id: str) -> rules.Delivery:
        """Raises Refusal(not_found)."""
        document = self.collection.find_one({"_id": id})
        if document is None:
            raise delivery_rules.no_such_delivery()
        return Claimed(document).delivery

    def save_again(self, delivery: rules.Delivery, was: str) -> None:
        """Save a delivery that is to be sent again. Raises Refusal(conflict) when its state is no longer ``was``, or when it is
        being tried at this moment: that attempt may succeed, and none is sent twice."""
        document = _document(delivery)
        changed = {name: document[name] for name in ("state", "attempts", "due", "again")}
        idle = {"$or": [{"claim": {"$exists": False}}, {"claimed_until": {"$lte": now()}}]}
        update = {"$set": changed, "$unset": {"claim": "", "claimed_until": "", **NOT_STOPPED}}
        if self.collection.update_one({"_id": delivery.id, "state": was, **idle}, update).matched_count == 0:
            raise Refusal.conflict("This delivery is being tried just now; look at it again in a moment.", rule="contention")
        if delivery.purpose == DIGEST:
            self.collection.update_many({"digest": delivery.id, "state": GIVEN_UP}, {"$set": {"state": HELD, **NO_REASON}})

    def page(self, filter: dict[str, Any], limit: int, after: str | None, *, inside: bool = True) -> dict[str, Any]:
        """Records that match, newest first, with the cursor of the next page. ``inside``: whether who asks belongs to the Group; to others
        there is nothing of its own, nor any word of it in a digest."""
        query = {name: value for name, value in filter.items() if value is not None}
        if not inside:
            query = {"$and": [query, {"topic": {"$nin": sorted(OF_THE_GROUP)}}]}
        if after:
            at, id = _cursor(after)
            query["$or"] = [{"announced_at": {"$lt": at}}, {"announced_at": at, "_id": {"$lt": id}}]
        found = list(self.collection.find(query).sort([("announced_at", -1), ("_id", -1)]).limit(limit + 1))
        items = [Claimed(document).delivery for document in found[:limit]]
        for digest in items if not inside else ():
            digest.items = [item for item in digest.items if delivery_rules.topic_of(item) not in OF_THE_GROUP]
        more = len(found) > limit
        return {"items": items, "next": f"{round(items[-1].announced_at.timestamp() * 1000)}~{items[-1].id}" if more else None}

    def counted_since(self, subscriber: str | None, newest: int = NEWEST) -> datetime | None:
        """From which instant of announcement on a summary counts, whole matters; None where there are no more deliveries than the
        ``newest`` so many, so that it counts them all."""
        beyond = self.collection.find(_of(subscriber), {"announced_at": 1}).sort([("announced_at", -1), ("_id", -1)]).skip(newest).limit(1)
        return next((document["announced_at"] for document in beyond), None)

    def tallies(self, subscriber: str | None, since: datetime | None) -> list[dict[str, Any]]:
        """How many deliveries of matters, announced from ``since`` on, there are of each channel, subscriber and state."""
        recent = {"announced_at": {"$gte": since}} if since is not None else {}
        return self._counted([_of(subscriber), recent], "channel", "subscriber", "state")

    def tallies_of(self, topic: str, numbers: Collection[int], subscriber: str | None) -> list[dict[str, Any]]:
        """How many deliveries of these matters there are of each number, channel and state."""
        these = {"topic": topic, "number": {"$in": list(numbers)}}
        return self._counted([_of(subscriber), these], "number", "channel", "state")

    def waiting(self) -> int:
        """How many are due, now or later."""
        return self.collection.count_documents({"due": {"$exists": True}})

    def _counted(self, stages: Iterable[dict[str, Any]], *by: str) -> list[dict[str, Any]]:
        """How many deliveries of matters there are of each, among what passes one stage after the other, the purpose last: for the first
        stage the embedded store has an index; asked for all at once it uses none, or loses what stands at the edge of a range. What was
        overtaken was neither sent nor did it fail: it does not count."""
        matching = [{"$match": stage} for stage in stages if stage]
        apart = {name: f"${name}" for name in ("purpose", *by)} | {"code": "$because.code"}
        counted: Counter[tuple[Any, ...]] = Counter()
        for row in self.collection.aggregate([*matching, {"$group": {"_id": apart, "count": {"$sum": 1}}}]):
            of = row["_id"]
            if of["purpose"] == MATTER and of.get("code") != reasons.OVERTAKEN.code:
                counted[tuple(of[name] for name in by)] += row["count"]
        return [dict(zip(by, values, strict=True)) | {"count": count} for values, count in counted.items()]


class Claimed:
    """A delivery's record as the store has it, and as the rules see it."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        known = {field.name for field in fields(rules.Delivery)}
        self.delivery = rules.Delivery(
            **{"id": document["_id"], "due": document.get("due"), **{name: value for name, value in document.items() if name in known}}
        )


deliveries = Deliveries()


def send_again(id: str, cause: Any) -> rules.Delivery:
    """Have one delivery tried anew, by the rules. ``cause``: the order. A mail that asks is one more that its address gets. Raises
    Refusal, as for one that was asked often enough."""
    delivery = deliveries.load(id)
    was, owner = delivery.state, subscribers.load(delivery.subscriber).aggregate
    gone = bool(deliveries._no_longer_told([delivery], clock.reached(cause.at)))
    why_not = {"withheld": gone and delivery.topic in OF_THE_GROUP, "overtaken": gone and delivery.topic == BRIEFINGS}
    delivery.send_again(by=cause.by, owner=owner, cause=cause.id, at=cause.at, now=now(), **why_not)
    if delivery.state != was:
        asked = f"{delivery.id}/{cause.id}" if delivery.channel == MAIL and delivery.purpose in (CONFIRMATION, INVITATION) else None
        if asked:
            askings.note(asked, delivery.target, cause.at, "delivery")
        try:
            deliveries.save_again(delivery, was)
        except Refusal:
            if asked:
                askings.forget(asked)
            raise
        forget_tallies(delivery)
    return delivery


def vars_of(outcome: rules.Outcome) -> dict[str, Any]:
    """What an outcome changes in a record, but for when it is tried again."""
    return {"state": outcome.state, "sent_at": outcome.sent_at, "why": outcome.why, "because": outcome.because}


def forget_tallies(delivery: rules.Delivery) -> None:
    """How the deliveries of what this one brings stand changes once more."""
    for item in delivery.items or [f"{delivery.topic}/{delivery.number}"]:
        fanouts.keep_tally(item.replace("/", "_"), None)


def _of(subscriber: str | None) -> dict[str, Any]:
    """What finds the deliveries of one subscriber, or of all."""
    return {"subscriber": subscriber} if subscriber is not None else {}


def _document(delivery: rules.Delivery) -> dict[str, Any]:
    """A record as the store keeps it: without the fields whose absence says that it is not due, not held, in no digest, and not
    stopped."""
    document = {"_id": delivery.id, **vars(delivery)}
    del document["id"]
    for name in ("due", "held_until", "digest", "stopped", "stopped_since"):
        if document[name] is None:
            del document[name]
    return document


def _cursor(text: str) -> tuple[datetime, str]:
    milliseconds, _, id = text.partition("~")
    try:
        return datetime.fromtimestamp(int(milliseconds) / 1000, UTC), id
    except (ValueError, OverflowError, OSError) as error:
        raise Refusal.invalid("after", "This cursor was not given by us.", rule="cursor", accepted="the next of a page") from error
