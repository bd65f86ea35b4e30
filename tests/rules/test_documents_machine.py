"""Random orders by random actors, and the clock: what must hold of every document and of the series, whatever happens.

The store's manner is kept: an order is decided on a copy, a refused one leaves nothing, and the clock ticks late or not at all.
All that may be published one day holds the word ``CANARY``, which must not be heard outside before its time, and all that is said about
it the word ``SECRET``, which must never be.
"""

import copy
import hashlib
import inspect
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.documents import rules
from services.documents.rules import boards, rights, views
from services.kernel import Actor, Composition, Membership, Refusal, Seat, Term, utc
from services.kernel.clearance import WORDS

SEATS = ["ILO", "IOM", "OHCHR"]
OUTSIDE = ["BRA", "WB"]
GROUP = Composition(
    memberships=[Membership(code, utc(2010)) for code in [*SEATS, "UNDP"]] + [Membership("WB", utc(2010), utc(2013))],
    seats=[Seat(code, utc(2010)) for code in SEATS],
    terms={"2014": Term(2014, ["IOM"], state="begun"), "2015": Term(2015, ["IOM"], state="begun")},
)
BEGIN = utc(2014, 3, 1)
HOUR = timedelta(hours=1)
CANARY, SECRET = "Quokka", "Numbat"
COLOURS = ["Red", "Green", "Blue"]
SECRETARY = Actor("secretary", None, frozenset({"secretariat"}))


def actor(code: str) -> Actor:
    return Actor(f"of {code}", code, frozenset({"mission" if code == "BRA" else "focal_point"}))


def written(colour: str) -> list[dict[str, str]]:
    return [{"heading": "One", "text": f"{colour} {CANARY}."}, {"heading": "Two", "text": f"{CANARY} {colour}."}]


codes = st.sampled_from([*SEATS, *SEATS, "UNDP", *OUTSIDE])
actors = st.one_of(codes.map(actor), st.just(SECRETARY))
colours = st.sampled_from(COLOURS)
languages = st.sampled_from(["fr", "fr", "ar"])
words = st.sampled_from(["endorse"] * 6 + ["no_objection", "object", "stand_aside", "recuse"])


class Room(RuleBasedStateMachine):
    """Documents as the store keeps them, and what holds of all."""

    def __init__(self) -> None:
        super().__init__()
        self.now = BEGIN
        self.texts: dict[str, rules.Text] = {}
        self.documents: dict[str, rules.Document] = {}
        self.facts: list = []
        self.rulebook = rules.Rulebook()
        self.said: dict[str, dict[str, str]] = {}
        self.drafters: dict[str, list[str]] = {}
        self.reminded: set[tuple] = set()
        self.revisions: dict[tuple[str, int], tuple] = {}

    def begin(self, id: str, kind: str, **more) -> None:
        said = {"title": id, "lead": "OHCHR", "co_drafters": ["ILO"], "by": actor("OHCHR"), "at": self.now, "group": GROUP}
        self.documents[id] = rules.Document.propose(id, kind=kind, **said, **more)
        self.took_place(self.documents[id])
        if kind == "issue_paper":
            self.carry_out(id, "agree_concept", by=actor("IOM"))
        self.carry_out(id, "save_revision", 0, None, written("Red"), SECRET, by=actor("OHCHR"))

    def carry_out(self, id: str, act: str, *said, by: Actor, **more) -> None:
        trial = copy.deepcopy(self.documents[id])
        if "read" in inspect.signature(getattr(trial, act)).parameters:
            more["read"] = self.texts.__getitem__
        if act == "open_clearance":
            more["rulebook"] = self.rulebook
        made = getattr(trial, act)(*said, by=by, at=self.now, group=GROUP, **more)
        made = made if isinstance(made, tuple) else (made,)
        self.texts |= {text.outline: text for text in made if isinstance(text, rules.Text)}
        self.documents[id] = trial
        self.took_place(trial)

    def took_place(self, document: rules.Document) -> None:
        for fact in document.take_happened():
            self.facts.append(fact)
            self.heard(fact, document)
            said = self.said.setdefault(document.id, {})
            if fact.name in ("proposed", "drafters_changed"):
                self.drafters[document.id] = [fact.data["lead"], *fact.data["co_drafters"]]
            elif fact.name == "clearance_opened":
                said.clear()
            elif fact.name == "position_taken":
                said[fact.data["entity"]] = fact.data["word"]
            elif fact.name == "clearance_passed":
                assert "object" not in said.values()
            elif fact.name == "reminded":
                self.must_be_rightly_reminded(fact, document, said)

    def heard(self, fact, document: rules.Document) -> None:
        """A fact was recorded."""

    def must_be_rightly_reminded(self, fact, document: rules.Document, said: dict[str, str]) -> None:
        """Once, at its instant, and nobody who has done their part."""
        about, deadline, entities = fact.data["about"], fact.data["deadline"], fact.data["entities"]
        told = (document.id, about, fact.data["step"], deadline, fact.at)
        assert told not in self.reminded
        self.reminded.add(told)
        assert entities
        assert fact.at <= self.now
        if about == "position":
            assert deadline - fact.at in (24 * HOUR, 72 * HOUR)
            assert not set(said) & set(entities)
        elif about == "timetable":
            assert (fact.at, entities) == (deadline, self.drafters[document.id])
            assert document.kind == "joint_statement"

    def attempt(self, id: str, act: str, *said, by: Actor, **more) -> bool:
        before, seen = copy.deepcopy(self.documents[id]), copy.deepcopy(self.documents[id])
        seen.tick(self.now)
        shut_out = self.is_shut_out(seen, by)
        try:
            self.carry_out(id, act, *said, by=by, **more)
        except Refusal as refusal:
            assert self.documents[id] == before
            if shut_out:
                assert CANARY not in str(vars(refusal))
                assert SECRET not in str(vars(refusal))
                assert seen.is_public(self.now) or vars(refusal) == vars(rights.unknown(id))
            return False
        assert not shut_out
        return True

    def is_shut_out(self, document: rules.Document, by: Actor) -> bool:
        """Whether who asks or orders may know of nothing but what is public."""
        return by.entity in OUTSIDE

    def tick(self) -> None:
        for document in self.documents.values():
            document.tick(self.now)
            self.took_place(document)
            assert document.due() is None or document.due() > self.now

    def save(self, id: str, by: Actor, colour: str, behind: int) -> None:
        latest = len(self.documents[id].revisions)
        saved = self.attempt(id, "save_revision", latest - behind, None, written(colour), SECRET, by=by)
        assert not (saved and behind)

    def save_section(self, id: str, by: Actor, colour: str, behind: int) -> None:
        """What another has saved in the other section meanwhile must stay."""
        latest = len(self.documents[id].revisions)
        before = self.texts[self.documents[id].current.outline]
        said = ("s1", max(1, latest - behind), None, f"{colour} {CANARY}.", SECRET)
        if self.attempt(id, "save_section", *said, by=by):
            after = self.texts[self.documents[id].current.outline]
            assert [one for one in after.sections if one.id != "s1"] == [one for one in before.sections if one.id != "s1"]

    def translate(self, id: str, by: Actor, language: str, colour: str, behind: int) -> None:
        document = self.documents[id]
        sections = [{"id": f"s{n}", "heading": CANARY, "text": f"{colour} {CANARY}"} for n in (1, 2)]
        base, revision = len(document.translations.get(language, [])), max(1, len(document.revisions) - behind)
        self.attempt(id, "save_translation", language, revision, base, CANARY, sections, ["s1"], SECRET, by=by)

    def discuss(self, id: str, by: Actor, outcome: str) -> None:
        """A comment, and the answer of whoever may give it."""
        if self.attempt(id, "comment", None, 1, CANARY, 0, SECRET, by=by):
            self.attempt(id, "reply_to_comment", len(self.documents[id].ledger), SECRET, by=actor("ILO"))
        if self.documents[id].ledger:
            self.attempt(id, "dispose", len(self.documents[id].ledger), outcome, SECRET, by=actor("OHCHR"))

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
    def no_fact_but_the_issue_holds_what_was_written(self) -> None:
        for fact in self.facts:
            assert SECRET not in str(fact.data)
            assert (CANARY in str(fact.data)) == (fact.name in ("statement_issued", "corrigendum_issued"))

    @invariant()
    def outside_nothing_is_seen_before_its_time_and_then_what_was_published(self) -> None:
        for document in self.documents.values():
            if document.is_public(self.now):
                self.must_show_what_was_published(document)
            else:
                self.must_be_unknown(document)

    def must_be_unknown(self, document: rules.Document) -> None:
        for look in self.looks(document):
            try:
                raise AssertionError(look())
            except Refusal as refusal:
                assert vars(refusal) == vars(rights.unknown(document.id))

    def must_show_what_was_published(self, document: rules.Document) -> None:
        """Its public revisions and languages; of how it came about, nothing."""
        told = ("published", "statement_issued", "corrigendum_issued", "language_published")
        public = {fact.data["digest"] for fact in self.facts if fact.name in told and fact.data["document"] == document.id}
        for look in self.looks(document):
            try:
                seen = look()
            except Refusal as refusal:
                assert CANARY not in str(vars(refusal))
                assert SECRET not in str(vars(refusal))
                continue
            assert SECRET not in str(seen)
            texts = [seen, *seen.get("items", []), *seen.get("languages", [])]
            assert {text["digest"] for text in texts if "digest" in text} <= public

    def looks(self, document: rules.Document) -> list:
        """All the ways in which one who is outside may look at a document."""
        who = {"drafts": False, "at": self.now}
        texts = [(None, number) for number in range(1, len(document.revisions) + 1)]
        texts += [(code, number) for code, made in document.translations.items() for number in (None, *range(1, len(made) + 1))]

        def read(language: str | None, number: int | None):
            found = views.readable(document, number, language=language, **who)
            return views.revision(document, found, self.texts[found.outline], language=language, drafts=False)

        return [
            lambda: views.document(document, **who),
            lambda: views.revisions(document, limit=50, after=None, **who),
            lambda: boards.certificate(document, **who),
            lambda: {"shown": views.of_the_group(document, **who)},
            *(lambda one=one: read(*one) for one in [(None, None), *texts]),
        ]


class Statement(Room):
    """One statement. ``words`` is kept beside the rules: who endorsed which text since it last came before the entities."""

    def __init__(self) -> None:
        super().__init__()
        self.words: dict[str, tuple[str, str]] = {}

    @initialize()
    def propose(self) -> None:
        self.begin("s", "joint_statement", occasion="World Day", issue_at=BEGIN + 80 * HOUR)

    def heard(self, fact, document) -> None:
        if fact.name == "position_taken":
            self.words[fact.data["entity"]] = (fact.data["word"], fact.data["digest"])
        elif fact.name == "endorsement_withdrawn":
            del self.words[fact.data["entity"]]
        elif fact.name in ("revision_saved", "clearance_opened"):
            self.words.clear()
        elif fact.name == "statement_issued":
            self.must_be_rightly_issued(fact, document)

    def is_shut_out(self, document, by) -> bool:
        """So is, while the statement is under embargo, a member that neither endorsed it, nor drafts it, nor chairs."""
        signing = {code for code, (word, _) in self.words.items() if word == "endorse"}
        few = {*signing, *self.drafters["s"], "IOM"}
        apart = document.state == "cleared_under_embargo" and not by.is_secretariat and by.entity not in few
        return apart or super().is_shut_out(document, by)

    @invariant()
    def under_embargo_it_is_there_for_those_who_sign_draft_or_chair_and_for_no_other(self) -> None:
        for document in self.documents.values():
            for by in [SECRETARY, *map(actor, [*SEATS, "UNDP", *OUTSIDE])]:
                assert rights.ToDocument(by, self.now, GROUP, document).is_privy != self.is_shut_out(document, by)

    def must_be_rightly_issued(self, fact, document) -> None:
        assert fact.at == document.issue_at <= self.now
        assert hashlib.sha256(fact.data["text"].encode()).hexdigest() == fact.data["digest"] == document.revisions[-1].digest
        aside = {code for code, (word, _) in self.words.items() if word in ("stand_aside", "recuse")}
        signing = {*SEATS, *document.joined} - aside
        assert set(fact.data["signatories"]) == signing
        assert signing
        for code in signing:
            assert self.words[code] == ("endorse", fact.data["digest"])

    @rule(by=actors, colour=colours, behind=st.sampled_from([0, 0, 1]), whole=st.booleans())
    def save_a_revision(self, by, colour, behind, whole) -> None:
        (self.save if whole else self.save_section)("s", by, colour, behind)

    @rule(by=actors, language=languages, colour=colours, behind=st.sampled_from([0, 0, 1]))
    def save_a_translation(self, by, language, colour, behind) -> None:
        self.translate("s", by, language, colour, behind)

    @rule(by=actors, language=languages)
    def publish_a_translation(self, by, language) -> None:
        self.attempt("s", "publish_translation", language, by=by)

    @rule(by=actors, outcome=st.sampled_from(["accepted", "rejected"]))
    def comment(self, by, outcome) -> None:
        self.discuss("s", by, outcome)

    @rule(by=actors)
    def correct(self, by) -> None:
        assert not self.attempt("s", "issue_corrigendum", len(self.documents["s"].revisions), None, written("Red"), CANARY, by=by)

    @rule(by=actors, lead=codes)
    def change_drafters(self, by, lead) -> None:
        self.attempt("s", "change_drafters", lead, ["ILO"], by=by)

    @rule(by=actors, procedure=st.sampled_from(["express", "express", "silence"]), hours=st.none() | st.integers(-1, 90))
    def open_clearance(self, by, procedure, hours) -> None:
        deadline = None if hours is None else self.now + hours * HOUR
        self.attempt("s", "open_clearance", procedure, deadline, None, by=by)

    @rule(said=st.lists(words, min_size=4, max_size=4), hours=st.integers(1, 30))
    def everyone_is_asked_and_speaks(self, said, hours) -> None:
        self.attempt("s", "open_clearance", "express", None, self.now + hours * HOUR, by=actor("IOM"))
        for code, word in zip([*SEATS, "UNDP"], said, strict=True):
            self.attempt("s", "take_position", self.documents["s"].digest, word, by=actor(code), reasons=SECRET)

    @rule(by=actors, word=words, behalf=st.none() | codes, letter=st.sampled_from(["", "Letter"]), old=st.booleans())
    def take_position(self, by, word, behalf, letter, old) -> None:
        digest = self.documents["s"].revisions[0 if old else -1].digest
        self.attempt("s", "take_position", digest, word, by=by, reasons=SECRET, on_behalf_of=behalf, letter=letter)

    @rule(by=actors, hours=st.integers(1, 60))
    def extend(self, by, hours) -> None:
        self.attempt("s", "extend_clearance", self.now + hours * HOUR, by=by)

    @rule(by=actors, entity=codes)
    def join(self, by, entity) -> None:
        self.attempt("s", "join_signatories", entity, by=by)

    @rule(by=actors)
    def withdraw_endorsement(self, by) -> None:
        self.attempt("s", "withdraw_endorsement", SECRET, by=by)

    @rule(hours=st.integers(1, 20))
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

    @rule(id=papers, by=actors, colour=colours, behind=st.sampled_from([0, 0, 1]), whole=st.booleans())
    def save_a_revision(self, id, by, colour, behind, whole) -> None:
        (self.save if whole else self.save_section)(id, by, colour, behind)

    @rule(id=papers, by=actors, language=languages, colour=colours, behind=st.sampled_from([0, 0, 1]))
    def save_a_translation(self, id, by, language, colour, behind) -> None:
        self.translate(id, by, language, colour, behind)

    @rule(id=papers, by=actors | st.just(SECRETARY), awaited=st.lists(languages, max_size=2))
    def decide_languages(self, id, by, awaited) -> None:
        self.attempt(id, "decide_languages", awaited, by=by)

    @rule(id=papers, by=actors, language=languages)
    def publish_a_translation(self, id, by, language) -> None:
        self.attempt(id, "publish_translation", language, by=by)

    @rule(id=papers, by=actors, colour=colours)
    def correct(self, id, by, colour) -> None:
        self.attempt(id, "issue_corrigendum", len(self.documents[id].revisions), None, written(colour), CANARY, by=by)

    @rule(id=papers, by=actors, hours=st.integers(1, 30))
    def open_a_comment_round(self, id, by, hours) -> None:
        self.attempt(id, "open_comment_round", self.now + hours * HOUR, by=by)

    @rule(id=papers, by=actors, outcome=st.sampled_from(["accepted", "rejected"]))
    def comment(self, id, by, outcome) -> None:
        self.discuss(id, by, outcome)

    def heard(self, fact, document) -> None:
        if fact.name == "published":
            assert set(document.languages_awaited) <= set(fact.data["languages"])
        if fact.name == "clearance_opened":
            assert not document.undisposed

    @rule(id=papers, by=actors, hours=st.sampled_from([5, 71, 72, 100]))
    def open_silence(self, id, by, hours) -> None:
        opened = self.attempt(id, "open_clearance", "silence", self.now + hours * HOUR, None, by=by)
        standing = self.rulebook.rules["issue_paper"]
        assert not opened or (hours >= standing.minimum_hours and "silence" in standing.procedures)

    @rule(
        by=actors,
        hours=st.none() | st.sampled_from([24, 72, 96]),
        counts=st.none() | st.sampled_from(["seats", "members"]),
        passing=st.none() | st.lists(st.sampled_from(WORDS), max_size=5),
        procedures=st.none() | st.lists(st.sampled_from(["express", "silence", "silence"]), max_size=2),
    )
    def set_the_passing_rule(self, by, **more) -> None:
        trial = copy.deepcopy(self.rulebook)
        more["minimum_hours"] = more.pop("hours")
        try:
            trial.set_rule("issue_paper", by=by, at=self.now, group=GROUP, **more)
        except Refusal:
            return
        assert by.is_secretariat or by.entity == "IOM"
        self.rulebook = trial

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
        self.attempt(id, "take_position", self.documents[id].digest, word, by=by, reasons=SECRET)

    @rule(by=actors)
    def withdraw(self, by) -> None:
        self.attempt("r", "withdraw", SECRET, by=by)

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
TestStatement.settings = TestPapers.settings = settings(max_examples=80, stateful_step_count=30, deadline=None)
