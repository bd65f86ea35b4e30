"""Whether the record is whole: every aggregate's chain, from its first event to the one it stands at."""

from collections.abc import Iterable
from dataclasses import dataclass

from contracts.envelope import is_genuine
from messaging.store import Aggregates, journal


@dataclass(frozen=True)
class Flaw:
    """What is wrong with one aggregate's record, and at which event."""

    subject: str
    sequence: int
    what: str


def verify(stores: Iterable[Aggregates]) -> tuple[int, list[Flaw]]:
    """Check the chains of all aggregates: the number of events checked, and every flaw found.

    An event that was changed, is missing, was inserted or comes twice breaks the chain; so does a
    journal that knows events of an aggregate the store has lost.
    """
    checked, flaws, known = 0, [], set()
    for store in stores:
        for document in store.collection.find({}, {"sequence": 1, "chain": 1}):
            subject = store.subject(document["_id"])
            known.add(subject)
            previous, last = None, 0
            for event in store.history(document["_id"]):
                checked += 1
                last += 1
                if event["sequence"] != last:
                    flaws.append(Flaw(subject, last, f"event {event['sequence']} stands where {last} should"))
                    last = event["sequence"]
                if not is_genuine(event):
                    flaws.append(Flaw(subject, last, "the content does not fit its digest"))
                if event["previous"] != previous:
                    flaws.append(Flaw(subject, last, "it does not follow the event before it"))
                previous = event["digest"]
            if previous != document["chain"]:
                flaws.append(Flaw(subject, last, "the chain does not end where the aggregate stands"))
    for subject in journal().distinct("subject"):
        if subject not in known:
            flaws.append(Flaw(subject, 0, "the journal has events of an aggregate that the store has not"))
    return checked, flaws
