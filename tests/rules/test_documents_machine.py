"""Random orders by random actors, and the clock: what must hold of every document and of the series, whatever happens.

The store's manner is kept: an order is decided on a copy, a refused one leaves nothing, and the clock ticks late or not at all.
"""

import copy
import hashlib
import inspect
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.documents import rules
from services.documents.rules import views
from services.kernel import Actor, Composition, Membership, Refusal, Seat, Term, utc

SEATS = ["ILO", "IOM", "OHCHR"]
OUTSIDE = ["BRA", "WB"]
GROUP = Composition(
    memberships=[Membership(code, utc(2010)) for code in [*SEATS, "UNDP"]] + [Membership("WB", utc(2010), utc(2013))],
    seats=[Seat(code, utc(2010)) for code in SEATS],
    terms={"2014": Term(2014, ["IOM"], state="begun"), "2015": Term(2015, ["IOM"], state="begun")},
)
BEGIN = utc(2014, 3, 1)
HOUR = timedelta(hours=1)
BODIES = ["Red.", "Green.", "Blue."]
SECRETARY = Actor("secretary", None, frozenset({"secretariat"}))


def actor(code: str) -> Actor:
    return Actor(f"of {code}", code, frozenset({"mission" if code == "BRA" else "focal_point"}))


codes = st.sampled_from([*SEATS, *SEATS, "UNDP", *OUTSIDE])
actors = st.one_of(codes.map(actor), st.just(SECRETARY))
bodies = st.sampled_from(BODIES)
words = st.sampled_from(["endorse"] * 6 + ["no_objection", "object", "stand_aside", "recuse"])


class Room(RuleBasedStateMachine):
    """Documents as the store keeps them, and what holds of all."""

    def __init__(self) -> None:
        super().__init__()
        self.now = BEGIN
        self.texts: dict[str, rules.Text] = {}
        self.documents: dict[str, rules.Document] = {}
        self.facts: list = []
        self.revisions: dict[tuple[str, int], tuple] = {}

    def begin(self, id: str, kind: str, **more) -> None:
        said = {"title": id, "lead": "OHCHR", "co_drafters": ["ILO"], "by": actor("OHCHR"), "at": self.now, "group": GROUP}
        self.documents[id] = rules.Document.propose(id, kind=kind, **said, **more)
        self.took_place(self.documents[id])
        if kind == "issue_paper":
            self.carry_out(id, "agree_concept", by=actor("IOM"))
        self.carry_out(id, "save_revision", 0, None, [{"heading": "One", "text": "Red."}], "First", by=actor("OHCHR"))

    def carry_out(self, id: str, act: str, *said, by: Actor, **more) -> None:
        trial = copy.deepcopy(self.documents[id])
        if "read" in inspect.signature(getattr(trial, act)).parameters:
            more["read"] = self.texts.__getitem__
        made = getattr(trial, act)(*said, by=by, at=self.now, group=GROUP, **more)
        if isinstance(made, rules.Text):
            self.texts[made.outline] = made
        self.documents[id] = trial
        self.took_place(trial)

    def took_place(self, document: rules.Document) -> None:
        for fact in document.take_happened():
            self.facts.append(fact)
            self.heard(fact, document)

    def heard(self, fact, document: rules.Document) -> None:
        """A fact was recorded."""

    def attempt(self, id: str, act: str, *said, by: Actor, **more) -> bool:
        before = copy.deepcopy(self.documents[id])
        try:
            self.carry_out(id, act, *said, by=by, **more)
        except Refusal as refusal:
            assert self.documents[id] == before
            before.tick(self.now)
            if by.entity in OUTSIDE and not before.is_public(self.now):
                assert (refusal.kind, refusal.detail) == ("not_found", views.unknown(id).detail)
            return False
        assert by.entity not in OUTSIDE
        return True

    def tick(self) -> None:
        for document in self.documents.values():
            document.tick(self.now)
            self.took_place(document)
            assert document.due() is None or document.due() > self.now

    def save(self, id: str, by: Actor, body: str, behind: int) -> None:
        latest = len(self.documents[id].revisions)
        saved = self.attempt(id, "save_revision", latest - behind, None, [{"heading": "One", "text": body}], "Another", by=by)
        assert not (saved and behind)

    @invariant()
    def no_revision_is_ever_altered(self) -> None:
        for id, document in self.documents.items():
            assert [revision.number for revision in document.revisions] == list(range(1, len(document.revisions) + 1))
            for revision in document.revisions:
                written = (revision.digest, revision.entity, revision.at, self.texts[revision.outline].markdown)
                assert self.revisions.setdefault((id, revision.number), written) == written
                assert hashlib.sha256(written[3].encode()).hexdigest() == revision.digest

    @invariant()
    def public_is_what_was_told_and_is_told_once(self) -> None:
        told = [fact.data["document"] for fact in self.facts if fact.name in ("published", "statement_issued")]
        assert len(told) == len(set(told))
        for id, document in self.documents.items():
            assert document.is_public(self.now) == (id in told)

    @invariant()
    def no_fact_but_the_issue_holds_the_text(self) -> None:
        for fact in self.facts:
            assert any(body in str(fact.data) for body in BODIES) == (fact.name == "statement_issued")


class Statement(Room):
    """One statement. ``words`` is kept beside the rules: who endorsed which text since it last came before the entities."""

    def __init__(self) -> None:
        super().__init__()
        self.words: dict[str, tuple[str, str]] = {}

    @initialize()
    def propose(self) -> None:
        self.begin("s", "joint_statement", occasion="World Day", issue_at=BEGIN + 20 * HOUR)

    def heard(self, fact, document) -> None:
        if fact.name == "position_taken":
            self.words[fact.data["entity"]] = (fact.data["word"], fact.data["digest"])
        elif fact.name == "endorsement_withdrawn":
            del self.words[fact.data["entity"]]
        elif fact.name in ("revision_saved", "clearance_opened"):
            self.words.clear()
        elif fact.name == "statement_issued":
            self.must_be_rightly_issued(fact, document)

    def must_be_rightly_issued(self, fact, document) -> None:
        assert fact.at == document.issue_at <= self.now
        assert hashlib.sha256(fact.data["text"].encode()).hexdigest() == fact.data["digest"] == document.revisions[-1].digest
        aside = {code for code, (word, _) in self.words.items() if word in ("stand_aside", "recuse")}
        signing = {*SEATS, *document.joined} - aside
        assert set(fact.data["signatories"]) == signing
        assert signing
        for code in signing:
            assert self.words[code] == ("endorse", fact.data["digest"])

    @rule(by=actors, body=bodies, behind=st.sampled_from([0, 0, 1]))
    def save_a_revision(self, by, body, behind) -> None:
        self.save("s", by, body, behind)

    @rule(by=actors, procedure=st.sampled_from(["express", "express", "silence"]), hours=st.none() | st.integers(-1, 90))
    def open_clearance(self, by, procedure, hours) -> None:
        deadline = None if hours is None else self.now + hours * HOUR
        self.attempt("s", "open_clearance", procedure, deadline, None, by=by)

    @rule(said=st.lists(words, min_size=4, max_size=4), hours=st.integers(1, 30))
    def everyone_is_asked_and_speaks(self, said, hours) -> None:
        self.attempt("s", "open_clearance", "express", None, self.now + hours * HOUR, by=actor("IOM"))
        for code, word in zip([*SEATS, "UNDP"], said, strict=True):
            self.attempt("s", "take_position", self.documents["s"].digest, word, by=actor(code), reasons="Why")

    @rule(by=actors, word=words, behalf=st.none() | codes, letter=st.sampled_from(["", "Letter"]), old=st.booleans())
    def take_position(self, by, word, behalf, letter, old) -> None:
        digest = self.documents["s"].revisions[0 if old else -1].digest
        self.attempt("s", "take_position", digest, word, by=by, reasons="Why", on_behalf_of=behalf, letter=letter)

    @rule(by=actors, hours=st.integers(1, 60))
    def extend(self, by, hours) -> None:
        self.attempt("s", "extend_clearance", self.now + hours * HOUR, by=by)

    @rule(by=actors, entity=codes)
    def join(self, by, entity) -> None:
        self.attempt("s", "join_signatories", entity, by=by)

    @rule(by=actors)
    def withdraw_endorsement(self, by) -> None:
        self.attempt("s", "withdraw_endorsement", "New facts", by=by)

    @rule(hours=st.integers(1, 5))
    def time_passes(self, hours) -> None:
        self.now += hours * HOUR

    @rule()
    def the_clock_ticks(self) -> None:
        self.tick()

    @precondition(lambda self: self.documents["s"].state == "cleared_under_embargo")
    @rule(late=st.integers(-1, 2))
    def the_instant_is_near(self, late) -> None:
        self.now = max(self.now, self.documents["s"].issue_at + late * timedelta(milliseconds=1))
        self.tick()


class Papers(Room):
    """Three papers and the series, whose two further steps come when they come: late, twice, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.series = rules.Series()
        self.given: dict[str, str] = {}

    papers = st.sampled_from(["p", "q", "r"])

    @initialize()
    def propose(self) -> None:
        for id in ("p", "q", "r"):
            self.begin(id, "issue_paper")

    @rule(id=papers, by=actors, body=bodies, behind=st.sampled_from([0, 0, 1]))
    def save_a_revision(self, id, by, body, behind) -> None:
        self.save(id, by, body, behind)

    @rule(id=papers, by=actors, hours=st.sampled_from([5, 71, 72, 100]))
    def open_silence(self, id, by, hours) -> None:
        assert not (self.attempt(id, "open_clearance", "silence", self.now + hours * HOUR, None, by=by) and hours < 72)

    @rule(id=papers, steps=st.integers(0, 3))
    def clear_and_go_so_far(self, id, steps) -> None:
        """A crash may come after any of the three steps of a publication."""
        self.attempt(id, "open_clearance", "silence", self.now + 72 * HOUR, None, by=SECRETARY)
        self.now += 72 * HOUR
        if steps > 0:
            self.attempt(id, "publish", None, by=SECRETARY)
        if steps > 1:
            self.assign(id, 1)
        if steps > 2:
            self.complete(id, 1)

    @rule(id=papers, by=actors, word=words)
    def take_position(self, id, by, word) -> None:
        self.attempt(id, "take_position", self.documents[id].digest, word, by=by, reasons="Why")

    @rule(by=actors)
    def withdraw(self, by) -> None:
        self.attempt("r", "withdraw", "Why", by=by)

    @rule(id=papers, by=actors)
    def publish(self, id, by) -> None:
        self.attempt(id, "publish", None, by=by)

    @rule(id=papers, times=st.integers(1, 2))
    def the_order_is_heard_of(self, id, times) -> None:
        """By the event of the order, late or twice."""
        self.assign(id, times)
        self.complete(id, times)

    @rule(id=papers)
    def the_series_is_asked(self, id) -> None:
        self.assign(id, 2)

    def assign(self, id, times) -> None:
        for _ in range(times if self.documents[id].ordered_at else 0):
            self.series.assign(id, self.now)

    def complete(self, id, times) -> None:
        for _ in range(times if id in self.series.numbers.values() else 0):
            self.documents[id].complete_publication(self.series.number_of(id))
            self.took_place(self.documents[id])

    @rule(number=st.integers(1, 7), by=st.sampled_from([SECRETARY, SECRETARY, actor("IOM")]))
    def enter_a_past_paper(self, number, by) -> None:
        trial = copy.deepcopy(self.series)
        try:
            trial.enter(f"past-{number}-{len(self.given)}", number, {"published_on": "2012"}, by=by, at=self.now)
        except Refusal:
            return
        assert by.is_secretariat
        self.series = trial

    @rule(hours=st.integers(1, 80))
    def time_passes(self, hours) -> None:
        self.now += hours * HOUR

    @rule()
    def the_clock_ticks(self) -> None:
        self.tick()

    @invariant()
    def the_series_has_no_hole_no_double_and_reuses_nothing(self) -> None:
        numbers = sorted(int(number) for number in self.series.numbers)
        assert not numbers or numbers == list(range(numbers[0], numbers[-1] + 1))
        assert len(set(self.series.numbers.values())) == len(numbers)
        for number, document in self.series.numbers.items():
            assert self.given.setdefault(number, document) == document

    @invariant()
    def a_published_paper_bears_its_number(self) -> None:
        for id, document in self.documents.items():
            assert document.is_public(self.now) == (document.number is not None)
            assert document.number is None or self.series.numbers[str(document.number)] == id


TestStatement = Statement.TestCase
TestPapers = Papers.TestCase
TestStatement.settings = TestPapers.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
