"""What documents promises: the samples its consumers build on, and the bad input it refuses with its path."""

import hashlib
import inspect
import json
from datetime import timedelta
from pathlib import Path

import pytest
from marshmallow import Schema, ValidationError

from contracts import documents as c
from contracts.base import Command, dump, load
from contracts.problems import invalid
from contracts.subscriptions import SUBSCRIPTIONS
from services.documents import rules
from services.documents.rules import boards, views
from services.documents.rules.anchors import Passages, Selector
from services.kernel import Actor, Composition, Membership, Seat, Term, utc

SAMPLES = Path(c.__file__).parents[1] / "samples"
GROUP = Composition(
    memberships=[Membership(code, utc(2010)) for code in ("IOM", "UNDP", "UNODC")],
    seats=[Seat(code, utc(2010)) for code in ("IOM", "UNODC")],
    terms={"2014": Term(2014, ["IOM"], "begun")},
)
SECRETARIAT = Actor("sec", None, frozenset({"secretariat"}))
NOW = utc(2014, 3, 1)
HOUR = timedelta(hours=1)


def samples() -> list[Path]:
    return sorted(SAMPLES.glob("*/documents.*.json"))


def test_every_consumer_of_an_event_of_documents_has_a_sample_of_it():
    there = {(path.parent.name, f"documents.{path.name.split('.')[1]}.v1") for path in samples()}
    assert there == {(consumer, key) for consumer, keys in SUBSCRIPTIONS.items() for key in keys if key.startswith("documents.")}


@pytest.mark.parametrize("path", samples(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_sample_is_exactly_what_the_contract_publishes(path):
    event = c.contract.events[path.name.split(".")[1]]
    sample = json.loads(path.read_text(encoding="utf-8"))
    assert event.publish(event.read(sample)) == sample
    for name in (name for name in sample if event().fields[name].required):
        with pytest.raises(ValidationError, match=name):
            event.publish({field: value for field, value in event.read(sample).items() if field != name})


def test_a_publication_told_before_the_lead_was_is_read_all_the_same():
    for path in (path for path in samples() if path.name.split(".")[1] in ("published", "statement_issued")):
        sample = {name: value for name, value in json.loads(path.read_text(encoding="utf-8")).items() if name != "lead"}
        assert c.contract.events[path.name.split(".")[1]].read(sample)


def test_the_sample_of_a_statement_can_be_verified_with_its_digest():
    for path in SAMPLES.glob("*/documents.statement_issued.json"):
        sample = json.loads(path.read_text(encoding="utf-8"))
        assert hashlib.sha256(sample["text"].encode()).hexdigest() == sample["digest"]


class Life:
    """Every fact the rules tell, and every answer they give, in the lives of three documents and a series."""

    def __init__(self) -> None:
        self.facts: list = []
        self.texts: dict[str, rules.Text] = {}
        self.answers: list[tuple[type[Schema], dict]] = []
        lead = Actor("focal", "UNDP", frozenset({"focal_point"}))
        paper = self.begin(
            "p", "issue_paper", lead, deliverable={"year": 2014, "activity": "a", "deliverable": "d"}, pillars=["prevention"]
        )
        self.on(paper, "agree_concept")
        self.on(paper, "change_drafters", None, ["IOM"])
        self.on(paper, "describe", None, ["demand"], None)
        self.on(paper, "decide_languages", ["fr"])
        self.save(paper, lead, "Words.")
        self.on(paper, "open_comment_round", NOW + HOUR)
        words = self.on(paper, "comment", None, 1, "Words.", 0, "Which?", by=lead)
        reply = self.on(paper, "reply_to_comment", 1, "These.", by=lead)
        disposed = self.on(paper, "dispose", 1, "accepted", "", by=lead)
        who = {"person": "focal", "entity": "UNDP", "at": NOW}
        said = {"number": 1, "revision": 1, "section": 1, "open": False, **words.content, **who}
        said |= {"replies": [reply.content | who], "dispositions": [disposed.content | who | {"outcome": "accepted"}]}
        here = Passages("p", self.texts[paper.current.outline].sections).locate(Selector(**words.content["passage"]))
        self.answers.append((c.CommentAnswer, views.comment(paper, said, here, 1)))
        file = {"name": "Letter.pdf", "media_type": "application/pdf", "size": 9, "digest": "0" * 64, "description": ""}
        attached = self.on(paper, "attach", "letter", **file, public=False)
        self.answers.append((c.AttachmentLine, views.attachment(attached, drafts=True)))
        self.on(paper, "open_clearance", "silence", NOW + 90 * HOUR, None, at=NOW + HOUR)
        self.on(paper, "extend_clearance", NOW + 100 * HOUR, at=NOW + HOUR)
        self.on(paper, "take_position", paper.digest, "object", reasons="No", on_behalf_of="IOM", letter="L", at=NOW + HOUR)
        self.on(paper, "open_clearance", "silence", NOW + 90 * HOUR, None, at=NOW + HOUR)
        self.answers.append((c.ClearanceAnswer, boards.board(paper)))
        paper.tick(NOW + 90 * HOUR)
        self.translate(paper, lead, "Des mots.", NOW + 90 * HOUR)
        self.on(paper, "publish", "What it says", at=NOW + 91 * HOUR)
        series = rules.Series()
        past = {
            "title": "T",
            "summary": "",
            "published_on": "2012",
            "source": "S",
            "link": None,
            "language": "en",
            "pillars": [],
            "themes": [],
        }
        series.enter("old", 1, past, by=SECRETARIAT, at=NOW)
        series.assign("p", NOW)
        self.take(series)
        self.take(rules.Document.of_the_past("old", 1, past, by=SECRETARIAT, at=NOW))
        paper.complete_publication(2)
        self.answers.append((c.CertificateAnswer, boards.certificate(paper, drafts=False, at=NOW + 91 * HOUR)))
        rulebook = rules.Rulebook()
        rulebook.set_rule("issue_paper", counts="members", by=SECRETARIAT, at=NOW, group=GROUP)
        self.take(rulebook)
        self.answers.append((c.PassingRulesAnswer, rules.passing.rulebook(rulebook, SECRETARIAT, NOW, GROUP)))
        self.on(paper, "present", "Vienna", "2014-10", "the Conference of the Parties", at=NOW + 92 * HOUR)
        self.answers += [(c.DocumentAnswer, views.document(paper, drafts=True, at=NOW)), (c.LibraryItem, views.library_item(paper))]
        self.be_read(paper)
        self.a_statement(lead)

    def be_read(self, paper: rules.Document) -> None:
        """The texts of a publication, in two languages, corrected."""
        corrected = self.on(
            paper, "issue_corrigendum", 1, None, [{"heading": "One", "text": "Fewer words."}], "Too many", at=NOW + 93 * HOUR
        )
        self.answers.append((c.DocumentAnswer, views.document(paper, drafts=True, at=NOW + 93 * HOUR)))
        beside = paper.beside("fr", self.texts.__getitem__)
        renderings = rules.translating.renderings(*beside)
        self.answers.append((c.TranslationAnswer, views.translation(paper, "fr", *beside, renderings)))
        self.translate(paper, SECRETARIAT, "Moins de mots.", NOW + 94 * HOUR)
        self.on(paper, "publish_translation", "fr", at=NOW + 95 * HOUR)
        for drafts in (True, False):
            self.answers.append((c.RevisionAnswer, views.revision(paper, paper.current, corrected, language=None, drafts=drafts)))
            french = views.readable(paper, None, drafts=drafts, at=NOW + 95 * HOUR, language="fr")
            self.answers.append((c.RevisionAnswer, views.revision(paper, french, self.texts[french.outline], language="fr", drafts=drafts)))
        self.answers.append((c.SectionAnswer, views.section(paper, paper.current, corrected, "s1")))
        self.answers.append((c.SectionChange, rules.compare(self.texts[paper.revisions[0].outline], corrected)[0]))

    def translate(self, document, by, words, at) -> None:
        made, latest = len(document.translations.get("fr", [])), len(document.revisions)
        sections = [{"id": "s1", "heading": "Un", "text": words}]
        self.on(document, "save_translation", "fr", latest, made, "T", sections, [], "S", by=by, at=at)

    def a_statement(self, lead: Actor) -> None:
        issue_at = NOW + 50 * HOUR
        statement = self.begin("s", "joint_statement", lead, occasion="World Day", issue_at=issue_at)
        self.save(statement, lead, "One.")
        self.on(statement, "join_signatories", "UNDP")
        self.on(statement, "open_clearance", "express", NOW + HOUR, issue_at + HOUR)
        (wait,) = views.awaited(statement, "UNODC", NOW, GROUP)
        self.answers.append((c.AwaitedItem, wait))
        statement.tick(NOW + HOUR)
        self.clear(statement, NOW + HOUR)
        self.on(statement, "withdraw_endorsement", "Why", on_behalf_of="IOM", letter="L", at=NOW + HOUR)
        self.clear(statement, NOW + HOUR)
        self.save(statement, lead, "Two.", NOW + HOUR)
        self.clear(statement, NOW + HOUR)
        leaving = Composition(memberships=[Membership("IOM", utc(2010), NOW + 2 * HOUR), *GROUP.memberships[1:]])
        statement.heed(leaving, at=NOW + HOUR)
        statement.heed(GROUP, at=NOW + HOUR)
        statement.tick(issue_at + HOUR)
        self.take(statement)
        withdrawn = self.begin("n", "information_note", lead)
        self.on(withdrawn, "withdraw", "Why")
        self.answers.append((c.DocumentAnswer, views.document(withdrawn, drafts=True, at=NOW)))

    def begin(self, id: str, kind: str, by: Actor, **more) -> rules.Document:
        document = rules.Document.propose(id, kind=kind, title="T", lead="UNDP", by=by, at=NOW, group=GROUP, **more)
        self.take(document)
        return document

    def on(self, document: rules.Document, act: str, *said, by=SECRETARIAT, at=NOW, **more):
        if "read" in inspect.signature(getattr(document, act)).parameters:
            more["read"] = self.texts.__getitem__
        made = getattr(document, act)(*said, by=by, at=at, group=GROUP, **more)
        self.texts |= {text.outline: text for text in (made if isinstance(made, tuple) else [made]) if isinstance(text, rules.Text)}
        self.take(document)
        return made

    def save(self, document, by, words, at=NOW) -> None:
        sections = [{"heading": "One", "text": words}]
        self.on(document, "save_revision", len(document.revisions), None, sections, "S", by=by, at=at)

    def clear(self, statement, at) -> None:
        self.on(statement, "open_clearance", "express", None, None, at=at)
        for code in ("IOM", "UNDP", "UNODC"):
            self.on(statement, "take_position", statement.digest, "endorse", on_behalf_of=code, letter="L", at=at)

    def take(self, aggregate) -> None:
        self.facts += aggregate.take_happened()


def test_every_event_of_the_contract_is_told_and_fits_it():
    life = Life()
    for fact in life.facts:
        assert c.contract.events[fact.name].publish(fact.data)
    assert {fact.name for fact in life.facts} == set(c.contract.events)


def test_every_answer_fits_its_schema_and_hides_nothing_by_mistake():
    for schema, answer in Life().answers:
        if schema is not c.LibraryItem:  # which shows less than the document on purpose
            assert set(answer) <= set(schema().fields), schema
        assert not schema().validate(dump(schema, answer)), schema


PROPOSAL = {"kind": "issue_paper", "title": "T", "lead": "IOM"}
REVISION = {"document": "d", "base": 0, "summary": "s", "sections": [{"heading": "h", "text": "t"}]}
POSITION = {"document": "d", "digest": "a" * 64, "word": "endorse"}
PAST = {"number": 1, "title": "T", "published_on": "2012", "source": "S"}


@pytest.mark.parametrize(
    ("command", "payload", "path"),
    [
        (c.Propose, {**PROPOSAL, "kind": "novel"}, "kind"),
        (c.Propose, {**PROPOSAL, "colour": "blue"}, "colour"),
        (c.Propose, {**PROPOSAL, "title": ""}, "title"),
        (c.Propose, {**PROPOSAL, "title": "Two\nlines"}, "title"),
        (c.Propose, {**PROPOSAL, "co_drafters": ["IOM", "x"]}, "co_drafters.1"),
        (c.Propose, {**PROPOSAL, "deliverable": {"year": 2014, "activity": "a"}}, "deliverable.deliverable"),
        (c.Propose, {**PROPOSAL, "pillars": ["profit"]}, "pillars.0"),
        (c.Propose, {**PROPOSAL, "language": "de"}, "language"),
        (c.Propose, {**PROPOSAL, "issue_at": "2014-07-30"}, "issue_at"),
        (c.SaveRevision, {**REVISION, "base": "0"}, "base"),
        (c.SaveRevision, {**REVISION, "base": -1}, "base"),
        (c.SaveRevision, {**REVISION, "sections": []}, "sections"),
        (c.SaveRevision, {**REVISION, "sections": [{"heading": "h"}]}, "sections.0.text"),
        (c.SaveRevision, {**REVISION, "sections": [{"heading": "h", "text": "t\x00"}]}, "sections.0.text"),
        (c.SaveRevision, {**REVISION, "sections": [{"heading": "h", "text": "t" * 200_001}]}, "sections.0.text"),
        (c.SaveRevision, {**REVISION, "title": ""}, "title"),
        (c.OpenCommentRound, {"document": "d", "deadline": "tomorrow"}, "deadline"),
        (c.OpenCommentRound, {"document": "../d", "deadline": "2014-03-01T00:00:00Z"}, "document"),
        (c.Comment, {"document": "d", "section": 0, "quotation": "q", "text": "t"}, "section"),
        (c.Dispose, {"document": "d", "comment": 1, "outcome": "ignored"}, "outcome"),
        (c.OpenClearance, {"document": "d", "by": "acclamation"}, "by"),
        (c.TakePosition, {**POSITION, "digest": "abc"}, "digest"),
        (c.TakePosition, {**POSITION, "word": "maybe"}, "word"),
        (c.TakePosition, {**POSITION, "on_behalf_of": "ilo"}, "on_behalf_of"),
        (c.EnterPublished, {**PAST, "number": 0}, "number"),
        (c.EnterPublished, {**PAST, "published_on": "2012-02-30"}, "published_on"),
        (c.EnterPublished, {**PAST, "published_on": "spring 2012"}, "published_on"),
        (c.EnterPublished, {**PAST, "published_on": "2012-1"}, "published_on"),
        (c.EnterPublished, {**PAST, "source": ""}, "source"),
        (c.EnterPublished, {**PAST, "link": "javascript:alert(1)"}, "link"),
        (c.Present, {"document": "d", "where": "Vienna", "when": "2014-13"}, "when"),
        (c.Withdraw, {"document": "d", "reason": ""}, "reason"),
        (c.Documents, {"limit": 201}, "limit"),
        (c.Documents, {"state": "lost"}, "state"),
    ],
)
def test_bad_input_is_refused_with_its_path(command, payload, path):
    with pytest.raises(ValidationError) as caught:
        load(command, payload)
    assert path in [error["field"] for error in invalid(caught.value).extra["errors"]]


@pytest.mark.parametrize("when", ["2012", "2014-10", "2014-10-07"])
def test_a_date_may_be_as_exact_as_it_is_known(when):
    assert load(c.EnterPublished, {**PAST, "published_on": when})["published_on"] == when


def test_every_command_and_query_says_what_it_answers():
    for name, command in c.contract.commands.items():
        assert issubclass(command, Command), name
        assert command.answer().fields, name
