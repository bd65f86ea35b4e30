"""Documents as real processes on a real broker and store: asked as the gateway asks, told as chairs tells."""

import _thread
import hashlib
import itertools
import json
import os
import subprocess
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path

import pymongo
import pytest

from contracts import chairs
from contracts import documents as c
from contracts.envelope import CONTENT_TYPE, is_genuine, seal
from messaging import topology
from messaging.client import Pool
from messaging.context import Cause, Order, written
from messaging.store import Saved
from messaging.wire import Outgoing, Publisher
from services.kernel import Actor, Composition, Membership, Refusal, Seat, Term, utc
from services.kernel.actor import SYSTEM_ACTOR

ROOT = Path(__file__).resolve().parents[2]
SIX = ["ILO", "IOM", "OHCHR", "UNHCR", "UNICEF", "UNODC"]
GROUP = Composition(
    memberships=[Membership(code, utc(2010)) for code in [*SIX, "UNDP"]],
    seats=[Seat(code, utc(2010)) for code in SIX],
    terms={"2014": Term(2014, ["IOM"], "begun")},
)
NOW = utc(2014, 3, 3, 9)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
SECRETARIAT = Actor("sec", "UNODC", frozenset({"secretariat"}))
MISSION = Actor("desk", "BRAZIL", frozenset({"mission"}))
NOBODY = Actor("anonymous")


def focal(entity: str) -> Actor:
    return Actor(f"{entity.lower()}.person", entity, frozenset({"focal_point"}))


CHAIR, LEAD, CO = focal("IOM"), focal("OHCHR"), focal("ILO")


class Platform:
    """The service in one or more copies; a test plays the gateway and chairs."""

    def __init__(self, house, eventually, folder: Path) -> None:
        store_uri = house.mongo_uri("documents")
        self.environ = {**os.environ, "AMQP_URI": house.amqp_uri, "MONGO_URI": store_uri, "ICAT_REHEARSAL": "1"}
        self.folder, self.eventually = folder, eventually
        self.pool = Pool(house.amqp_uri, timeout=20)
        self.publisher = Publisher(house.amqp_uri, on_connect=topology.declare)
        self.sequence = itertools.count(1)
        self.processes: list[subprocess.Popen] = []
        self.database = pymongo.MongoClient(store_uri, tz_aware=True).get_default_database()

    def run(self, **environ: str) -> subprocess.Popen:
        with (self.folder / "log").open("ab") as log:
            command = [sys.executable, "-m", "messaging.runtime", "services.documents.service"]
            process = subprocess.Popen(command, cwd=ROOT, env={**self.environ, **environ}, stdout=log, stderr=log)
        self.processes.append(process)
        self.eventually(lambda: self.ask("status", timeout=1))
        return process

    def kill(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()
        self.processes.clear()

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(20)
        self.pool.close()
        self.publisher.close()

    def ask(self, what: str, by: Actor = SECRETARIAT, /, *, on: datetime = NOW, id: str = "", timeout=None, expected=None, **payload):
        order = Order(id=id or uuid.uuid4().hex, by=by, at=on, expected=expected)
        return self.pool.call("documents", what, payload, order, timeout)

    def tick(self, to: datetime) -> int:
        return self.ask("tick", to=written(to), on=to)["changed"]

    def publish(self, envelope: dict, key: str, times: int = 1) -> None:
        producer = key.split(".", 1)[0]
        body = json.dumps(envelope).encode()
        message = Outgoing(key, body, id=envelope["id"], exchange=f"icat.{producer}", content_type=CONTENT_TYPE)
        assert self.publisher.publish([message] * times) == [True] * times

    def tell_composition(self, group: Composition, sequence: int | None = None) -> None:
        sequence = sequence or next(self.sequence)
        cause = Cause(id=f"test-{sequence}", by=SYSTEM_ACTOR, at=NOW, correlation="test")
        event, at = chairs.CompositionChanged, written(NOW)
        self.publish(seal(event, asdict(group), subject="group/icat", sequence=sequence, time=at, cause=cause, previous=None), event.key())

    def history(self, subject: str) -> list[dict]:
        """The events of one aggregate, oldest first: sent, and still to be sent."""
        kind, id = subject.split("/")
        aggregate = self.database[{"document": "documents", "series": "series"}[kind]].find_one({"_id": id}) or {"pending": []}
        sent = [entry["event"] for entry in self.database.journal.find({"subject": subject})]
        events = {event["sequence"]: event for event in sent + aggregate["pending"]}
        return [events[sequence] for sequence in sorted(events)]

    def told(self, document: str, name: str) -> list[dict]:
        return [event for event in self.history(f"document/{document}") if event["type"] == f"icat.documents.{name}.v1"]

    def log(self) -> str:
        return (self.folder / "log").read_text()

    # Ways to a state

    def propose(self, kind: str = "issue_paper", **more) -> str:
        if kind == "joint_statement":
            more = {"occasion": "World Day", "issue_at": "2014-07-30T00:00:00Z"} | more
        return self.ask("propose", LEAD, kind=kind, title="A title", lead="OHCHR", co_drafters=["ILO"], **more)["id"]

    def save(self, document: str, base: int, text: str, by: Actor = LEAD, **more) -> dict:
        sections = [{"heading": "One", "text": text}]
        return self.ask("save_revision", by, document=document, base=base, sections=sections, summary="A summary", **more)

    def drafted(self, kind: str = "issue_paper", text: str = "Some words.", **more) -> str:
        document = self.propose(kind, **more)
        if kind == "issue_paper":
            self.ask("agree_concept", CHAIR, document=document)
        self.save(document, 0, text)
        return document

    def cleared(self, kind: str = "issue_paper", text: str = "Some words.", **more) -> str:
        document = self.drafted(kind, text, **more)
        digest = self.ask("open_clearance", CHAIR, document=document, by="express")["digest"]
        for entity in SIX:
            self.ask("take_position", focal(entity), document=document, digest=digest, word="endorse")
        return document


@pytest.fixture(scope="module")
def bare(house, eventually, tmp_path_factory):
    """The service before chairs has said who belongs to the Group."""
    house.empty()
    platform = Platform(house, eventually, tmp_path_factory.mktemp("documents"))
    platform.run()
    yield platform
    platform.stop()


@pytest.fixture(scope="module")
def platform(bare):
    bare.tell_composition(GROUP)
    bare.eventually(lambda: bare.database.projections.find_one({"_id": "composition"}))
    return bare


def refused(kind: str, rule: str, do, *args, **kwargs) -> Refusal:
    with pytest.raises(Refusal) as caught:
        do(*args, **kwargs)
    assert (caught.value.kind, caught.value.rule) == (kind, rule), caught.value.detail
    return caught.value


def test_before_the_composition_is_known_the_group_waits_and_the_public_does_not(bare):
    refused("unavailable", "projection", bare.propose)
    refused("unavailable", "projection", bare.ask, "documents", LEAD)
    assert bare.ask("library", NOBODY) == {"items": [], "next": None}
    assert bare.ask("documents", MISSION)["items"] == bare.ask("documents")["items"] == []


def test_a_paper_from_proposal_to_presentation(platform):
    deliverable = {"year": 2014, "activity": "demand", "deliverable": "paper"}
    paper = platform.propose(deliverable=deliverable, pillars=["prevention"], summary="On demand")
    assert platform.ask("agree_concept", CHAIR, document=paper)["state"] == "concept_agreed"
    assert platform.ask("awaiting", LEAD, entity="OHCHR")["items"][0]["kind"] == "save_revision"
    platform.save(paper, 0, "The words in question.")
    platform.ask("open_comment_round", CHAIR, document=paper, deadline=written(NOW + DAY))
    said = {"document": paper, "section": 1, "quotation": "in question", "text": "Which?"}
    comment = platform.ask("comment", focal("UNDP"), **said)
    assert (comment["number"], comment["heading"], comment["passage"]) == (1, "One", "here")
    platform.save(paper, 1, "Other words.")
    (listed,) = platform.ask("comments", LEAD, document=paper, open=True)["items"]
    assert (listed["passage"], listed["quotation"]) == ("gone", "in question")
    refused("too_late", "comment-deadline", platform.ask, "comment", focal("UNDP"), on=NOW + DAY, **said)
    disposed = platform.ask("dispose", CO, document=paper, comment=1, outcome="accepted", on=NOW + DAY)
    assert disposed["disposition"]["entity"] == "ILO"
    deadline = NOW + 4 * DAY
    opened = platform.ask("open_clearance", CHAIR, document=paper, by="silence", deadline=written(deadline), on=NOW + DAY)
    assert (opened["state"], opened["clearance"]["deadline"]) == ("clearance", written(deadline))
    (wait,) = (w for w in platform.ask("awaiting", CHAIR, entity="IOM", on=NOW + DAY)["items"] if w["link"] == opened["url"])
    assert (wait["what"], wait["deadline"]) == ("Give your position", written(deadline))
    assert platform.tick(deadline - SECOND) == 0
    assert platform.tick(deadline + DAY) == 1
    published = platform.ask("publish", CHAIR, document=paper, on=deadline + DAY)
    assert (published["state"], published["published_on"]) == ("published", "2014-03-08")
    (event,) = platform.told(paper, "published")
    assert event["data"]["deliverable"] == deliverable
    assert event["data"]["number"] == published["number"]
    later = deadline + 2 * DAY
    presented = platform.ask("present", LEAD, document=paper, where="Vienna", when="2014-10", on_margins_of="Conference", on=later)
    assert presented["state"] == "presented"
    (item,) = (i for i in platform.ask("library", NOBODY, on=later)["items"] if i["id"] == paper)
    assert item["presentations"] == [{"where": "Vienna", "when": "2014-10", "on_margins_of": "Conference"}]
    text = platform.ask("get_revision", MISSION, document=paper, on=later)
    assert hashlib.sha256(text["markdown"].encode()).hexdigest() == item["digest"]
    refused("not_found", "revision-exists", platform.ask, "get_revision", MISSION, document=paper, number=1, on=later)
    compared = platform.ask("compare_revisions", LEAD, document=paper, base=1, other=2, on=later)
    assert {"op": "inserted", "text": "Other"} in compared["sections"][0]["changes"]
    refused("not_allowed", "group-only", platform.ask, "comments", MISSION, document=paper, on=later)
    passed = platform.told(paper, "clearance_passed")[0]
    assert (passed["time"], passed["actor"]) == (written(deadline), SYSTEM_ACTOR.person)


def test_the_clock_s_deeds_are_its_own_even_when_an_order_comes_first(platform):
    paper = platform.drafted()
    platform.ask("open_clearance", CHAIR, document=paper, by="silence", deadline=written(NOW + 3 * DAY))
    assert platform.ask("publish", CHAIR, document=paper, on=NOW + 5 * DAY)["state"] == "published"
    (passed,) = platform.told(paper, "clearance_passed")
    assert (passed["time"], passed["actor"]) == (written(NOW + 3 * DAY), SYSTEM_ACTOR.person)


def test_the_second_of_two_drafters_sees_both_texts_over_the_wire(platform):
    paper = platform.drafted()
    with ThreadPoolExecutor(2) as at_once:
        saves = [at_once.submit(platform.save, paper, 1, f"Of {by.entity}.", by) for by in (LEAD, CO)]
    refusals = [save.exception() for save in saves if save.exception()]
    (refusal,) = refusals
    assert (refusal.kind, refusal.rule, refusal.field) == ("conflict", "base-revision", "base")
    texts = {refusal.extra[whose]["sections"][0]["text"] for whose in ("current", "yours")}
    assert texts == {"Of OHCHR.", "Of ILO."}
    assert refusal.extra["difference"].count("\n+") == 2
    assert platform.ask("get_document", LEAD, document=paper)["revision"] == 2


def test_an_order_that_comes_again_is_answered_and_not_done_again(platform):
    paper = platform.drafted()
    first = platform.save(paper, 1, "More words.", id="again-1")
    assert platform.save(paper, 1, "More words.", id="again-1")["version"] == first["version"]
    platform.ask("open_comment_round", CHAIR, document=paper, deadline=written(NOW + DAY))
    said = {"document": paper, "section": 1, "quotation": "More", "text": "Less?"}
    one = platform.ask("comment", CO, id="again-2", **said)
    platform.ask("comment", LEAD, **said)
    again = platform.ask("comment", CO, id="again-2", on=NOW + 2 * DAY, **said)
    assert (again["number"], again["entity"]) == (one["number"], "ILO") == (1, "ILO")
    note = platform.cleared("information_note")
    numbers = [platform.ask("publish", CHAIR, document=note, id="again-3")["version"] for _ in range(2)]
    assert numbers[0] == numbers[1]
    paper = platform.cleared()
    published = [platform.ask("publish", CHAIR, document=paper, id="again-4")["number"] for _ in range(2)]
    assert published[0] == published[1]
    assert len(platform.told(paper, "published")) == 1


def test_a_version_seen_before_is_stale_and_tells_outsiders_nothing(platform):
    paper = platform.drafted()
    version = platform.ask("get_document", LEAD, document=paper)["version"]
    refused("stale", "if-match", platform.ask, "withdraw", LEAD, document=paper, reason="Why", expected=version - 1)
    hidden = refused("not_found", "exists", platform.ask, "withdraw", MISSION, document=paper, reason="Why", expected=version - 1)
    never = refused("not_found", "exists", platform.ask, "withdraw", MISSION, document="never", reason="Why", expected=version - 1)
    assert hidden.detail.replace(paper, "never") == never.detail
    assert platform.ask("withdraw", LEAD, document=paper, reason="Why", expected=version)["state"] == "withdrawn"


def test_bad_input_names_its_field_and_changes_nothing(platform):
    paper = platform.drafted()
    before = platform.database.documents.find_one({"_id": paper}, {"state": 1, "version": 1, "chain": 1})
    for what, payload, field in (
        ("save_revision", {"base": 1, "sections": [{"heading": "A", "text": "# B"}], "summary": "s"}, "sections.0.text"),
        ("save_revision", {"base": 1, "sections": [{"heading": "A", "text": 3}], "summary": "s"}, "sections.0.text"),
        ("save_revision", {"base": 1, "sections": [{"heading": "A", "text": "b"}], "summary": "s", "colour": "red"}, "colour"),
        ("open_clearance", {"by": "silence", "deadline": written(NOW + timedelta(minutes=5))}, "deadline"),
        ("take_position", {"digest": "0" * 63, "word": "endorse"}, "digest"),
    ):
        with pytest.raises(Refusal) as caught:
            platform.ask(what, CHAIR if what == "open_clearance" else LEAD, document=paper, **payload)
        assert (caught.value.kind, caught.value.field) == ("invalid", field)
    assert platform.database.documents.find_one({"_id": paper}, {"state": 1, "version": 1, "chain": 1}) == before


def numbers_in_the_series(platform) -> dict[str, str]:
    return platform.database.series.find_one({"_id": "issue-paper"})["state"]["numbers"]


def must_be_one_interval(platform) -> None:
    numbers = numbers_in_the_series(platform)
    known = sorted(map(int, numbers))
    assert known == list(range(known[0], known[-1] + 1))
    assert len(set(numbers.values())) == len(known)
    for number, document in numbers.items():
        assert platform.database.documents.find_one({"_id": document})["state"]["number"] == int(number)


def test_papers_published_at_once_by_two_copies_get_consecutive_numbers(platform):
    second = platform.run()
    papers = [platform.cleared() for _ in range(6)]
    with ThreadPoolExecutor(len(papers)) as at_once:
        answers = list(at_once.map(lambda paper: platform.ask("publish", CHAIR, document=paper), papers))
    numbers = sorted(answer["number"] for answer in answers)
    assert numbers == list(range(numbers[0], numbers[0] + len(papers)))
    must_be_one_interval(platform)
    for paper, answer in zip(papers, answers, strict=True):
        assert [event["data"]["number"] for event in platform.told(paper, "published")] == [answer["number"]]
    platform.processes.remove(second)
    second.terminate()
    second.wait(20)


HALF = """
import sys
from datetime import datetime
from messaging import store
from messaging.context import Cause
from services.kernel import Actor
from services.documents.store import composition, documents, series
from services.documents import rules
store.connect(sys.argv[1])
at = datetime.fromisoformat(sys.argv[4])
cause = Cause(id=sys.argv[3], by=Actor("sec", None, frozenset({"secretariat"})), at=at, correlation=sys.argv[3])
group = composition.value()
if sys.argv[2] == "series":
    paper = {"title": "Overview", "summary": "", "published_on": "2012", "source": "S", "link": None, "language": "en"}
    paper |= {"pillars": [], "themes": []}
    last = max((int(n) for n in series.load("issue-paper").aggregate.numbers), default=0)
    series.change("issue-paper", cause, lambda s: s.enter("past-half", last + 1, paper, by=cause.by, at=at))
else:
    documents.change(sys.argv[2], cause, lambda d: d.publish(None, by=cause.by, at=at, group=group))
"""


def carry_out_half(platform, what: str) -> None:
    """The first of the steps only, as a process killed right after it leaves things."""
    command = [sys.executable, "-W", "ignore", "-c", HALF, platform.environ["MONGO_URI"], what, f"half-{what}", NOW.isoformat()]
    subprocess.run(command, cwd=ROOT, check=True, timeout=60)


def test_what_a_crash_leaves_half_published_is_finished(platform):
    paper = platform.cleared()
    platform.kill()
    carry_out_half(platform, paper)
    carry_out_half(platform, "series")
    assert platform.database.documents.find_one({"_id": paper})["state"]["state"] == "publishing"
    platform.run()
    published = platform.eventually(lambda: platform.told(paper, "published"))
    assert published[0]["time"] == written(NOW)
    past = platform.eventually(lambda: platform.told("past-half", "past_paper_recorded"))
    assert past[0]["data"]["published_on"] == "2012"
    must_be_one_interval(platform)


def test_the_events_of_a_publication_delivered_twice_and_late_do_nothing_more(platform):
    paper = platform.cleared()
    number = platform.ask("publish", CHAIR, document=paper)["number"]
    platform.ask("present", LEAD, document=paper, where="Vienna", when="2014-10")
    (ordered,) = platform.eventually(lambda: [e for e in platform.told(paper, "publication_ordered") if platform.told(paper, "presented")])
    assert is_genuine(ordered)
    platform.publish(ordered, c.PublicationOrdered.key(), times=3)
    entered = next(e for e in platform.history("series/issue-paper") if e["type"] == c.PastPaperEntered.type())
    platform.publish(entered, c.PastPaperEntered.key(), times=3)
    marker = next(platform.sequence)
    platform.tell_composition(GROUP, marker)
    platform.eventually(lambda: platform.database.projections.find_one({"_id": "composition", "sequence": marker}))
    assert platform.ask("get_document", MISSION, document=paper)["number"] == number
    assert len(platform.told(paper, "published")) == 1
    assert len(platform.told(entered["data"]["document"], "past_paper_recorded")) == 1
    must_be_one_interval(platform)


def test_past_papers_stand_next_to_those_known(platform):
    known = sorted(map(int, numbers_in_the_series(platform)))
    said = {"title": "An old one", "published_on": "2013-05", "source": "A report"}
    refused("not_allowed", "secretariat-only", platform.ask, "enter_published", CHAIR, number=known[-1] + 1, **said)
    refusal = refused("invalid", "series-consecutive", platform.ask, "enter_published", number=known[-1] + 2, **said)
    assert refusal.accepted[-1] == str(known[-1] + 1)
    refused("conflict", "series-number", platform.ask, "enter_published", number=known[0], **said)
    answers = [platform.ask("enter_published", number=known[-1] + 1, id="past-1", **said) for _ in range(2)]
    assert answers[0] == answers[1]
    assert (answers[0]["state"], answers[0]["number"], answers[0]["published_on"]) == ("published", known[-1] + 1, "2013-05")
    assert not platform.told(answers[0]["id"], "published")
    assert answers[0]["id"] in [item["id"] for item in platform.ask("library", NOBODY, kind="issue_paper", limit=200)["items"]]
    must_be_one_interval(platform)


def test_the_library_is_paged_newest_first(platform):
    everything = platform.ask("library", NOBODY, limit=200, on=utc(2015))["items"]
    pages, after = [], None
    while True:
        page = platform.ask("library", NOBODY, limit=3, on=utc(2015), **({"after": after} if after else {}))
        pages += page["items"]
        if (after := page["next"]) is None:
            break
    assert [item["id"] for item in pages] == [item["id"] for item in everything]
    dates = [item["published_on"] for item in everything]
    assert dates == sorted(dates, reverse=True)
    refused("invalid", "cursor", platform.ask, "library", NOBODY, after="nonsense")


SECRET = "Behind cheap goods stand people who could not refuse."


def test_a_statement_is_seen_by_no_one_outside_until_the_clock_issues_it_once(platform):
    statement = platform.cleared("joint_statement", SECRET)
    issue = utc(2014, 7, 30)
    assert platform.ask("get_document", focal("UNDP"), document=statement)["state"] == "cleared_under_embargo"
    for outsider in (MISSION, NOBODY):
        for what, payload in (
            ("get_document", {}),
            ("get_revision", {}),
            ("comments", {}),
            ("clearance", {}),
            ("compare_revisions", {"base": 1, "other": 1}),
            ("withdraw_endorsement", {"reason": "Why"}),
        ):
            refused("not_found", "exists", platform.ask, what, outsider, document=statement, **payload)
        for listing in ("documents", "library"):
            assert statement not in json.dumps(platform.ask(listing, outsider, limit=200))
    platform.run()
    with ThreadPoolExecutor(4) as at_once:
        list(at_once.map(platform.tick, [issue - SECOND] * 4))
    assert not platform.told(statement, "statement_issued")
    before = json.dumps(platform.history(f"document/{statement}"))
    assert SECRET not in before
    with ThreadPoolExecutor(4) as at_once:
        list(at_once.map(platform.tick, [issue + DAY] * 4))
    (issued,) = platform.told(statement, "statement_issued")
    assert (issued["time"], issued["actor"]) == (written(issue), SYSTEM_ACTOR.person)
    assert SECRET in issued["data"]["text"]
    assert hashlib.sha256(issued["data"]["text"].encode()).hexdigest() == issued["data"]["digest"]
    assert issued["data"]["signatories"] == SIX
    assert platform.ask("get_document", MISSION, document=statement, on=issue)["signatories"] == SIX
    refused("not_found", "exists", platform.ask, "get_document", MISSION, document=statement, on=issue - SECOND)
    assert SECRET not in platform.log()


def test_an_endorsement_taken_back_in_the_last_second_stops_the_issue(platform):
    statement = platform.cleared("joint_statement", issue_at="2014-07-31T00:00:00Z")
    last = utc(2014, 7, 31) - SECOND
    board = platform.ask("withdraw_endorsement", CO, document=statement, reason="New facts", on=last)
    assert next(row for row in board["board"] if row["entity"] == "ILO")["word"] == "withdrawn"
    assert platform.told(statement, "issue_stopped")[0]["time"] == written(last)
    (wait,) = (w for w in platform.ask("awaiting", CHAIR, entity="IOM", on=last)["items"] if w["kind"] == "open_clearance")
    assert wait["deadline"] == "2014-07-31T00:00:00Z"
    platform.tick(utc(2014, 8))
    assert not platform.told(statement, "statement_issued")
    refused("not_found", "exists", platform.ask, "get_document", MISSION, document=statement, on=utc(2014, 8))


def test_positions_from_a_letter_stale_ones_and_a_broken_silence(platform):
    paper = platform.drafted()
    opened = platform.ask("open_clearance", CHAIR, document=paper, by="silence", deadline=written(NOW + 4 * DAY))
    said = {"document": paper, "digest": opened["digest"]}
    refused("invalid", "on-behalf-letter", platform.ask, "take_position", word="endorse", on_behalf_of="ILO", **said)
    board = platform.ask("take_position", word="endorse", on_behalf_of="ILO", letter="Letter of 3 March", **said)
    assert board["board"][0]["positions"][0]["letter"] == "Letter of 3 March"
    platform.save(paper, 1, "Changed words.")
    reopened = platform.ask("open_clearance", CHAIR, document=paper, by="silence", deadline=written(NOW + 4 * DAY))
    refused("stale", "position-binds-text", platform.ask, "take_position", CO, word="endorse", **said)
    refused("not_allowed", "own-entity", platform.ask, "take_position", CO, word="endorse", on_behalf_of="IOM", **said)
    objection = {"word": "object", "reasons": "Section one", "digest": reopened["digest"]}
    board = platform.ask("take_position", CO, document=paper, **objection)
    assert (board["state"], board["clearance"]["state"], len(board["earlier"])) == ("drafting", "broken", 1)
    row = next(row for row in board["board"] if row["entity"] == "ILO")
    assert [position["stale"] for position in row["positions"]] == [True, False]
    assert platform.told(paper, "clearance_broken")[0]["data"]["entity"] == "ILO"


def test_the_hardest_comparison_holds_up_nobody(platform):
    """Two words in rhythms that never meet for long; asked for by several at once, while another asks for something else."""
    sections = [(" ".join(["a a b"] * 660), " ".join(["a b b a b"] * 396)) for _ in range(60)]
    paper = platform.propose()
    platform.ask("agree_concept", CHAIR, document=paper)
    for base in (0, 1):
        texts = [{"heading": f"Section {n}", "text": pair[base]} for n, pair in enumerate(sections)]
        platform.ask("save_revision", LEAD, document=paper, base=base, sections=texts, summary="A summary")
    with ThreadPoolExecutor(6) as readers:
        asked = [readers.submit(platform.ask, "compare_revisions", LEAD, document=paper, base=1, other=2) for _ in range(6)]
        platform.ask("status", timeout=10)
        assert not all(answer.done() for answer in asked)
    for answer in asked:
        found = answer.result()["sections"]
        assert [section["exact"] for section in found] == [False] * len(sections)
        assert "".join(change["text"] for change in found[0]["changes"] if change["op"] != "inserted") == sections[0][0]


def test_a_comparison_runs_in_a_thread_beside_the_one_that_serves(monkeypatch):
    from services.documents import rules, service

    revision = rules.document.Revision(1, "0" * 64, "T", 1, "p", "OHCHR", NOW, "S")
    monkeypatch.setattr(service.documents, "load", lambda _: Saved("d", None, 1))
    monkeypatch.setattr(service.views, "readable", lambda *_, **__: revision)
    monkeypatch.setattr(service.texts, "text", lambda _: rules.Text("T", ()))
    monkeypatch.setattr(service.rules, "compare", lambda *_: _thread.get_ident())
    ask = Order(id="q", by=SECRETARIAT, at=NOW, data={"document": "d", "base": 1, "other": 1})
    assert service.Documents.compare_revisions(None, ask)["sections"] != _thread.get_ident()


def test_a_statement_stops_when_chairs_tells_that_a_signatory_left(platform):
    statement = platform.drafted("joint_statement", issue_at="2014-08-20T00:00:00Z")
    platform.ask("join_signatories", focal("UNDP"), document=statement, entity="UNDP")
    digest = platform.ask("open_clearance", CHAIR, document=statement, by="express")["digest"]
    for entity in [*SIX, "UNDP"]:
        platform.ask("take_position", focal(entity), document=statement, digest=digest, word="endorse")
    leaving = [Membership(code, utc(2010), utc(2014, 8, 10) if code == "UNDP" else None) for code in [*SIX, "UNDP"]]
    marker = next(platform.sequence)
    group = Composition(memberships=leaving, seats=GROUP.seats, terms=GROUP.terms)
    platform.tell_composition(group, marker)
    (noted,) = platform.eventually(lambda: platform.told(statement, "departure_noted"))
    assert (noted["data"]["entity"], noted["data"]["leaves_at"]) == ("UNDP", "2014-08-10T00:00:00Z")
    platform.tell_composition(group, marker)
    platform.tick(utc(2014, 8, 10) - SECOND)
    assert platform.ask("get_document", focal("UNDP"), document=statement)["state"] == "cleared_under_embargo"
    platform.tick(utc(2014, 8, 21))
    stopped = platform.told(statement, "issue_stopped")[0]
    assert (stopped["time"], stopped["actor"], stopped["data"]["entities"]) == ("2014-08-10T00:00:00Z", SYSTEM_ACTOR.person, ["UNDP"])
    assert not platform.told(statement, "statement_issued")
    assert len(platform.told(statement, "departure_noted")) == 1
    late = {"document": statement, "on": utc(2014, 8, 22)}
    refused("not_found", "exists", platform.ask, "get_document", focal("UNDP"), **late)
    refused("not_found", "exists", platform.ask, "get_document", focal("NEVER"), **late)
    marker = next(platform.sequence)
    platform.tell_composition(GROUP, marker)
    platform.eventually(lambda: platform.database.projections.find_one({"_id": "composition", "sequence": marker}))


def test_an_older_composition_that_comes_late_changes_nothing(platform):
    smaller = Composition(memberships=[Membership("IOM", utc(2010))], seats=[], terms={})
    platform.tell_composition(smaller, 1)
    marker = next(platform.sequence)
    platform.tell_composition(GROUP, marker)
    platform.eventually(lambda: platform.database.projections.find_one({"_id": "composition", "sequence": marker}))
    assert platform.propose()


def test_a_platform_that_was_down_at_the_instant_issues_late_and_dates_right(platform):
    """By its own clock, in two copies at once."""
    statement = platform.cleared("joint_statement", issue_at="2014-09-01T00:00:00Z")
    platform.kill()
    for _ in range(2):
        platform.run(ICAT_REHEARSAL="0", ICAT_TICK_SECONDS="1")
    (issued,) = platform.eventually(lambda: platform.told(statement, "statement_issued"))
    assert (issued["time"], issued["data"]["at"]) == ("2014-09-01T00:00:00Z", "2014-09-01T00:00:00Z")
    refused("not_allowed", "rehearsal", platform.tick, NOW)
    assert len(platform.told(statement, "statement_issued")) == 1
