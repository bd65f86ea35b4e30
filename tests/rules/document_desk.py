"""A document on a desk: proposed, drafted, cleared by the people of a small Group, as the tests of its rules need it."""

import copy
import inspect
from datetime import timedelta

import pytest

from services.documents import rules
from services.documents.rules import views
from services.kernel import Actor, Composition, Membership, Refusal, Seat, Term, utc

SEATS = ["ILO", "IOM", "OHCHR", "UNHCR", "UNICEF", "UNODC"]
GROUP = Composition(
    memberships=[Membership(code, utc(2010)) for code in [*SEATS, "UNDP", "ICAO"]] + [Membership("WB", utc(2010), utc(2013))],
    seats=[Seat(code, utc(2010)) for code in SEATS],
    terms={"2014": Term(2014, ["IOM"], state="begun"), "2015": Term(2015, ["UNHCR"], state="adopted")},
)
NOW = utc(2014, 3, 1, 9)
DAY, HOUR, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)
ISSUE = utc(2014, 7, 30)


def focal(entity: str) -> Actor:
    return Actor(f"focal point of {entity}", entity, frozenset({"focal_point"}))


CHAIR, LEAD, CO, OTHER, MEMBER = focal("IOM"), focal("OHCHR"), focal("ILO"), focal("UNICEF"), focal("UNDP")
SECRETARIAT = Actor("secretary", None, frozenset({"secretariat"}))
MISSION = Actor("second secretary", "BRA", frozenset({"mission"}))
READER = Actor("reader", None, frozenset({"reader"}))
FORMER = focal("WB")


class Desk:
    """One document as the store keeps it: an order is carried out on a copy, and a refused one leaves nothing behind."""

    def __init__(self, document: rules.Document) -> None:
        self.texts: dict[str, rules.Text] = {}
        self.facts = document.take_happened()
        self.document = document

    def order(self, act: str, *said, by: Actor, at=NOW, group=GROUP, **more):
        trial = copy.deepcopy(self.document)
        if "read" in inspect.signature(getattr(trial, act)).parameters:
            more["read"] = self.texts.__getitem__
        made = getattr(trial, act)(*said, by=by, at=at, group=group, **more)
        made_texts = made if isinstance(made, tuple) else (made,)
        self.texts |= {text.outline: text for text in made_texts if isinstance(text, rules.Text)}
        self.document, self.facts = trial, self.facts + trial.take_happened()
        return made

    def save(self, text="Words.", *, base=None, by=LEAD, at=NOW, title=None):
        base = len(self.document.revisions) if base is None else base
        return self.order("save_revision", base, title, [{"heading": "One", "text": text}], "A summary", by=by, at=at)

    def say(self, entity, word="endorse", *, at=NOW, digest=None, by=None, **more):
        return self.order("take_position", digest or self.document.digest, word, by=by or focal(entity), at=at, **more)

    def tick(self, now):
        self.document.tick(now)
        self.facts += self.document.take_happened()

    def heed(self, group, at):
        self.document.heed(group, at=at)
        self.facts += self.document.take_happened()

    def seen(self, by, at=NOW, group=GROUP):
        return views.document(self.document, drafts=group.is_inside(by, at), at=at)

    def told(self, name):
        return [fact for fact in self.facts if fact.name == name]


def propose(kind, **more) -> Desk:
    said = {"kind": kind, "title": "A title", "lead": "OHCHR", "co_drafters": ["ILO"], "by": LEAD, "at": NOW, "group": GROUP}
    if kind == "joint_statement":
        said |= {"occasion": "World Day", "issue_at": ISSUE}
    return Desk(rules.Document.propose("d1", **(said | more)))


def drafted(kind="issue_paper", **more) -> Desk:
    desk = propose(kind, **more)
    if kind == "issue_paper":
        desk.order("agree_concept", by=CHAIR)
    desk.save()
    return desk


def in_clearance(kind="issue_paper", by="silence", deadline=NOW + 4 * DAY) -> Desk:
    desk = drafted(kind)
    procedure = "express" if kind == "joint_statement" else by
    desk.order("open_clearance", procedure, deadline, None, by=CHAIR)
    return desk


def cleared(kind="issue_paper") -> Desk:
    desk = in_clearance(kind, "express")
    for entity in SEATS:
        desk.say(entity)
    return desk


def refused(kind, rule, act, *said, field=None, **more) -> Refusal:
    with pytest.raises(Refusal) as caught:
        act(*said, **more)
    assert (caught.value.kind, caught.value.rule, caught.value.field) == (kind, rule, field)
    return caught.value
