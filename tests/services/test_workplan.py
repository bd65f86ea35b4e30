"""Workplan as a real process on a real broker and store: asked as the gateway asks, told as the other services tell."""

import contextlib
import itertools
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import pika
import pymongo
import pytest

from contracts import chairs, documents
from contracts import workplan as c
from contracts.envelope import CONTENT_TYPE, is_genuine, seal
from launcher import rabbitmq4
from launcher.processes import store_command
from messaging import topology
from messaging.client import Pool
from messaging.context import Cause, Order, written
from messaging.wire import Outgoing, Publisher
from services.kernel import Actor, Composition, Membership, Refusal, Seat, Term, digest_of, utc
from services.kernel.actor import SYSTEM_ACTOR

ROOT = Path(__file__).resolve().parents[2]
SIX = ["ILO", "IOM", "OHCHR", "UNHCR", "UNICEF", "UNODC"]
SECRETARIAT = Actor("sec", "UNODC", frozenset({"secretariat"}))
MISSION = Actor("desk", "BRAZIL", frozenset({"mission"}))
NOW = utc(2014)
YEARS = itertools.count(2020)


def focal(entity: str) -> Actor:
    return Actor(f"{entity.lower()}.person", entity, frozenset({"focal_point"}))


def group(*extra: str) -> Composition:
    return Composition(
        memberships=[Membership(code, utc(2010)) for code in [*SIX, *extra]],
        seats=[Seat(code, utc(2010)) for code in [*SIX, *extra]],
        terms={str(year): Term(year, ["IOM"], "adopted") for year in range(2019, 2060)},
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def eventually(what, seconds: float = 30.0):
    """The first true value of ``what()``; fails when there is none in time."""
    until = time.monotonic() + seconds
    while True:
        with contextlib.suppress(Refusal, OSError):
            if value := what():
                return value
        if time.monotonic() > until:
            return what() or pytest.fail(f"not within {seconds} s")
        time.sleep(0.05)


class Platform:
    """The service and what it talks to; a test plays the gateway and the other services, and hears what is published."""

    def __init__(self, broker_uri: str, store_uri: str, folder: Path) -> None:
        self.store_uri, self.folder = store_uri, folder
        self.broker_uri = broker_uri
        self.pool = Pool(broker_uri, timeout=15)
        self.publisher = Publisher(broker_uri, on_connect=topology.declare)
        self.sequence = itertools.count(1)
        self.processes: list[subprocess.Popen] = []
        self.database = pymongo.MongoClient(store_uri, tz_aware=True).get_default_database()

    def run(self) -> subprocess.Popen:
        with (self.folder / "log").open("ab") as log:
            port = str(free_port())
            own = {"AMQP_URI": self.broker_uri, "MONGO_URI": self.store_uri, "ICAT_REHEARSAL": "1", "ICAT_HEALTH_PORT": port}
            process = subprocess.Popen(
                [sys.executable, "-m", "messaging.runtime", "services.workplan.service"],
                cwd=ROOT,
                env={**os.environ, **own},
                stdout=log,
                stderr=log,
            )
        self.processes.append(process)
        eventually(lambda: urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=2).status == 200)
        return process

    def ask(self, what: str, by: Actor = SECRETARIAT, /, *, on: datetime = NOW, id: str = "", timeout=None, expected=None, **payload):
        order = Order(id=id or uuid.uuid4().hex, by=by, at=on, expected=expected)
        return self.pool.call("workplan", what, payload, order, timeout)

    def happen(self, event, data: dict, *, at: datetime, times: int = 1, sequence: int | None = None) -> str:
        """Another service's event arrives, as often as the broker pleases; its id."""
        sequence = sequence or next(self.sequence)
        cause = Cause(id=f"test-{sequence}", by=SYSTEM_ACTOR, at=at, correlation="test")
        envelope = seal(event, data, subject=f"{event.producer}/1", sequence=sequence, time=written(at), cause=cause, previous=None)
        message = Outgoing(
            event.key(), json.dumps(envelope).encode(), id=envelope["id"], exchange=f"icat.{event.producer}", content_type=CONTENT_TYPE
        )
        assert self.publisher.publish([message] * times) == [True] * times
        return envelope["id"]

    def quiet(self) -> None:
        """Wait until every event sent so far has been handled and acknowledged."""
        connection = pika.BlockingConnection(pika.URLParameters(self.broker_uri))
        channel = connection.channel()
        marker = next(self.sequence)
        self.happen(chairs.CompositionChanged, asdict(group()), at=utc(2019), sequence=marker)
        eventually(lambda: self.database.projections.find_one({"_id": "composition", "sequence": {"$gte": marker}}))
        eventually(lambda: channel.queue_declare("workplan.events", passive=True).method.message_count == 0)
        connection.close()

    def history(self, subject: str) -> list[dict]:
        """The events of one aggregate, oldest first: sent, and still to be sent."""
        kind, id = subject.split("/")
        aggregate = self.database[f"{kind}s"].find_one({"_id": id}) or {"pending": []}
        sent = [entry["event"] for entry in self.database.journal.find({"subject": subject})]
        events = {event["sequence"]: event for event in sent + aggregate["pending"]}
        return [events[sequence] for sequence in sorted(events)]

    def names(self, year: int) -> list[str]:
        return [event["type"].split(".")[2] for event in self.history(f"plan/{year}")]

    def state(self, year: int) -> dict:
        """The plan's document without what the relay moves."""
        document = self.database.plans.find_one({"_id": str(year)}) or {}
        return {name: document.get(name) for name in ("state", "version", "sequence", "chain")}

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(20)
        self.pool.close()
        self.publisher.close()


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """The platform before chairs has said who sits."""
    port = free_port()
    command = store_command(port, tmp_path_factory.mktemp("store"))
    store = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    broker = rabbitmq4.start(Path("/"), tmp_path_factory.mktemp("broker"), free_port(), node="workplan")
    eventually(lambda: socket.create_connection(("127.0.0.1", port), 1).close() is None)
    platform = Platform(broker.uri, f"mongodb://127.0.0.1:{port}/workplan", tmp_path_factory.mktemp("logs"))
    platform.run()
    yield platform
    platform.stop()
    broker.stop()
    store.kill()
    store.wait()


@pytest.fixture(scope="module")
def platform(bare):
    bare.happen(chairs.CompositionChanged, asdict(group()), at=utc(2019))
    eventually(lambda: bare.database.projections.find_one({"_id": "composition"}))
    return bare


@pytest.fixture
def year() -> int:
    """A year no other test plans for."""
    return next(YEARS)


def refusal(do) -> Refusal:
    with pytest.raises(Refusal) as caught:
        do()
    return caught.value


def drafted(platform: Platform, year: int) -> dict:
    platform.ask("open_plan", year=year, on=utc(year - 1, 11))
    return platform.ask(
        "add_activity",
        focal("IOM"),
        on=utc(year - 1, 11),
        year=year,
        activity="demand",
        title="Paper on demand",
        lead="IOM",
        contributors=["ILO"],
        pillars=["prevention"],
        paragraphs=[12],
        deliverables=[{"id": "paper", "kind": "document", "title": "Issue paper"}, {"id": "launch", "kind": "meeting", "title": "Launch"}],
        milestones=[{"id": "draft", "title": "First draft", "due": f"{year}-04-01T00:00:00Z"}],
    )


def adopted(platform: Platform, year: int) -> dict:
    drafted(platform, year)
    platform.ask("open_consultation", year=year, on=utc(year - 1, 11))
    plan = platform.ask("open_adoption", year=year, by="express", on=utc(year - 1, 12))
    for entity in SIX:
        plan = platform.ask("take_position", focal(entity), on=utc(year - 1, 12, 2), year=year, digest=plan["digest"], word="endorse")
    assert plan["state"] == "in_force"
    return plan


def published(year: int, **more) -> dict:
    """What documents tells of a publication that delivers."""
    return {
        "document": "paper-2",
        "kind": "issue_paper",
        "number": 2,
        "title": "Demand",
        "summary": "",
        "at": utc(year, 10, 6),
        "digest": "5d" * 32,
        "language": "en",
        "url": "/documents/paper-2",
        "pillars": ["prevention"],
        "deliverable": {"year": year, "activity": "demand", "deliverable": "paper"},
    } | more


def issued(year: int) -> dict:
    paper = published(year, document="statement", title="Statement")
    return {name: value for name, value in paper.items() if name not in ("kind", "number", "summary")} | {
        "occasion": "World Day against Trafficking in Persons",
        "signatories": SIX,
        "text": "The whole text.",
    }


# Before the composition has arrived


def test_orders_wait_for_the_composition_and_events_do_not(bare, year):
    refused = refusal(lambda: bare.ask("open_plan", year=year))
    assert (refused.kind, refused.rule) == ("unavailable", "projection")
    bare.happen(chairs.TermAdopted, {"year": year, "chairs": ["IOM"], "earlier": []}, at=utc(year - 1, 6))
    assert eventually(lambda: bare.ask("get_plan", year=year))["state"] == "draft"
    assert [plan["year"] for plan in bare.ask("plans")["items"]] == [year]
    waiting = refusal(lambda: bare.ask("get_plan", focal("IOM"), year=year))
    assert (waiting.kind, waiting.rule) == ("unavailable", "projection")
    assert bare.ask("plans", MISSION)["items"] == []
    assert refusal(lambda: bare.ask("get_plan", MISSION, year=year)).kind == "not_found"


# A year


def test_a_year_from_draft_to_report(platform, year):
    activity = drafted(platform, year)
    assert (activity["activity"], activity["status"], activity["version"]) == ("demand", "planned", 2)
    platform.ask("open_consultation", focal("IOM"), year=year, on=utc(year - 1, 12))
    deadline = f"{year - 1}-12-20T17:00:00Z"
    plan = platform.ask("open_adoption", focal("IOM"), year=year, by="silence", deadline=deadline, on=utc(year - 1, 12))
    (item,) = platform.ask("awaiting", focal("UNHCR"), entity="UNHCR", on=utc(year - 1, 12))["items"]
    assert (item["kind"], item["deadline"], item["digest"]) == ("plan_position", deadline, plan["digest"])
    for entity in SIX[:4]:
        platform.ask("take_position", focal(entity), on=utc(year - 1, 12, 3), year=year, digest=plan["digest"], word="endorse")
    letter = {"on_behalf_of": "UNICEF", "letter": "Letter of 4 December"}
    platform.ask("take_position", on=utc(year - 1, 12, 4), year=year, digest=plan["digest"], word="endorse", **letter)
    assert platform.ask("tick", on=utc(year), to=f"{year}-01-01T00:00:00Z")["changed"] >= 1
    assert platform.ask("tick", on=utc(year), to=f"{year}-01-01T00:00:00Z")["changed"] == 0
    plan = platform.ask("get_plan", MISSION, year=year, on=utc(year))
    assert (plan["state"], plan["adopted_at"], plan["endorsed_by"]) == ("in_force", deadline, SIX[:5])
    said = {p["entity"]: p for p in platform.ask("positions", year=year)["clearances"][0]["positions"]}
    assert (said["UNICEF"]["person"], said["UNICEF"]["on_behalf"], said["UNODC"]["tacit"]) == ("sec", True, True)

    platform.ask("report_progress", focal("ILO"), on=utc(year, 3), year=year, activity="demand", note="Drafted", milestones_met=["draft"])
    platform.ask("mark_delivered", on=utc(year, 10), year=year, activity="demand", deliverable="launch", note="In Vienna")
    publication = platform.happen(documents.Published, published(year), at=utc(year, 10, 6))
    shown = eventually(
        lambda: (a := platform.ask("get_activity", year=year, activity="demand", on=utc(year, 11)))["status"] == "delivered" and a
    )
    assert shown["deliverables"][0]["evidence"]["document"] == "paper-2"
    closed = platform.ask("close_plan", year=year, on=utc(year + 1, 1, 15), foreword="All of it was done.")
    assert (closed["state"], closed["statuses"]) == ("closed", {"delivered": 1})
    kept = platform.state(year)["state"]["annual_report"]
    assert (kept["foreword"], kept["total"]["delivered"]) == ("All of it was done.", 2)
    assert closed["report"] == digest_of(kept) == platform.ask("annual_report", MISSION, year=year, on=utc(year + 2))["digest"]

    events = platform.history(f"plan/{year}")
    assert [event["sequence"] for event in events] == list(range(1, len(events) + 1))
    assert all(is_genuine(event) for event in events)
    by_name = {event["type"].split(".")[2]: event for event in events}
    # History says that silence adopted the plan, not whoever came next.
    assert (by_name["plan_adopted"]["actor"], by_name["plan_adopted"]["time"]) == ("platform", deadline)
    assert by_name["plan_adopted"]["data"]["digest"] == plan["digest"]
    assert by_name["deliverable_delivered"]["causationid"] == publication


# Every handler: delivered twice, and delivered after its successor


def test_a_composition_that_comes_twice_or_late_is_kept_once_and_never_goes_back(platform, year):
    older, newer = next(platform.sequence), next(platform.sequence)
    platform.happen(chairs.CompositionChanged, asdict(group("ICMPD")), at=utc(2019), sequence=newer, times=2)
    eventually(lambda: platform.database.projections.find_one({"_id": "composition", "sequence": newer}))
    platform.happen(chairs.CompositionChanged, asdict(group()), at=utc(2019), sequence=older, times=2)
    drafted(platform, year)
    platform.ask("change_activity", year=year, activity="demand", lead="ICMPD", on=utc(year - 1, 11))
    time.sleep(0.5)
    platform.ask("change_activity", year=year, activity="demand", lead="ICMPD", objective="Still seated", on=utc(year - 1, 11))
    assert platform.database.projections.count_documents({}) == 1
    platform.quiet()
    refused = refusal(lambda: platform.ask("add_activity", year=year, title="x", lead="ICMPD", on=utc(year - 1, 11)))
    assert (refused.rule, refused.field) == ("lead-seated", "lead")


def test_a_term_opens_its_draft_once_in_whatever_order_it_is_told(platform, year):
    platform.happen(chairs.TermStarted, {"year": year, "chairs": ["IOM"]}, at=utc(year), times=2)
    platform.happen(chairs.TermAdopted, {"year": year, "chairs": ["IOM"], "earlier": []}, at=utc(year - 1, 6), times=2)
    eventually(lambda: platform.state(year)["state"])
    platform.quiet()
    assert platform.names(year) == ["plan_opened"]
    refused = refusal(lambda: platform.ask("open_plan", year=year))
    assert (refused.kind, refused.rule) == ("conflict", "exists")


def test_a_term_told_after_its_plan_was_adopted_changes_nothing(platform, year):
    adopted(platform, year)
    before = platform.state(year)
    platform.happen(chairs.TermAdopted, {"year": year, "chairs": ["IOM"], "earlier": []}, at=utc(year - 1, 6), times=2)
    platform.happen(chairs.TermStarted, {"year": year, "chairs": ["IOM"]}, at=utc(year), times=2)
    platform.quiet()
    assert platform.state(year) == before


def test_a_term_adopted_far_ahead_opens_no_draft_yet(platform):
    platform.happen(chairs.TermAdopted, {"year": 2090, "chairs": ["IOM"], "earlier": []}, at=utc(2050))
    platform.quiet()
    assert platform.state(2090)["state"] is None


@pytest.mark.parametrize("event", [documents.Published, documents.StatementIssued])
def test_a_publication_told_twice_or_after_another_delivers_once(platform, year, event):
    adopted(platform, year)
    data = published(year) if event is documents.Published else issued(year)
    platform.happen(event, data, at=utc(year, 10, 6), times=3)
    eventually(lambda: "deliverable_delivered" in platform.names(year))
    platform.quiet()
    before = platform.state(year)
    platform.happen(event, data | {"document": "another"}, at=utc(year, 9), times=2)
    platform.quiet()
    assert platform.names(year).count("deliverable_delivered") == 1
    assert platform.state(year) == before


def test_a_publication_told_after_the_plan_was_amended_and_closed_is_recorded(platform, year):
    adopted(platform, year)
    change = {"deliverables": [{"kind": "outcome", "title": "Another thing"}]}
    amend = {"year": year, "amendment": "a", "on": utc(year, 2)}
    plan = platform.ask("propose_amendment", focal("ILO"), kind="change", activity="demand", changes=change, reason="r", **amend)
    assert plan["amendments"][0]["after"]["deliverables"][0]["id"] == "d1"
    plan = platform.ask("open_amendment", by="silence", deadline=f"{year}-02-10T00:00:00Z", **amend)
    # The next order comes after the deadline, before any timer: the silence is heard first, as the clock's own deed.
    platform.ask("report_progress", year=year, activity="demand", note="n", on=utc(year, 3))
    assert [e["actor"] for e in platform.history(f"plan/{year}")[-2:]] == ["platform", "sec"]
    assert platform.ask("get_plan", year=year)["digest"] == plan["amendments"][0]["digest"]
    platform.ask("close_plan", year=year, on=utc(year + 1))
    platform.happen(documents.Published, published(year), at=utc(year, 10), times=2)
    eventually(lambda: "deliverable_delivered" in platform.names(year))
    (dropped, _) = platform.ask("get_activity", year=year, activity="demand", on=utc(year + 1))["dropped"]
    assert (dropped["id"], dropped["delivered_at"]) == ("paper", f"{year}-10-01T00:00:00Z")


def test_a_publication_that_names_what_others_carry_out_delivers_nothing_and_leaves_no_dead_letter(platform, year):
    adopted(platform, year)
    before = platform.state(year)
    platform.happen(documents.Published, published(year, lead="UNHCR"), at=utc(year, 10, 6), times=2)
    platform.quiet()
    assert platform.state(year) == before
    platform.happen(documents.Published, published(year, lead="ILO"), at=utc(year, 10, 7))
    eventually(lambda: "deliverable_delivered" in platform.names(year))
    assert platform.names(year).count("deliverable_delivered") == 1


def test_a_publication_that_comes_before_its_plan_waits_for_it(platform, year):
    platform.happen(documents.Published, published(year), at=utc(year, 10, 6))
    platform.happen(documents.Published, published(year, deliverable=None), at=utc(year, 10, 6))
    time.sleep(0.5)
    drafted(platform, year)
    eventually(lambda: "deliverable_delivered" in platform.names(year))


# Money, carrying over, import


def test_money_is_recorded_once_and_its_balance_is_the_groups_own(platform, year):
    adopted(platform, year)
    told = {"year": year, "activity": "demand", "donor": "Norway", "amount": "120000", "currency": "USD", "on": utc(year, 2)}
    ends = f"{year}-07-01T00:00:00Z"
    for _ in range(2):
        shown = platform.ask("secure_funding", focal("ILO"), id=f"money-{year}", ends=ends, **told)
    (money,) = shown["funding"]
    assert (money["amount"], money["ends"], money["person"], money["available"]) == ("120000.00", ends, "ilo.person", True)
    assert shown["balance"] == [{"currency": "USD", "needed": "0.00", "secured": "120000.00", "gap": "0.00"}]
    assert platform.ask("get_activity", MISSION, year=year, activity="demand")["funding"] == []
    (item,) = [i for i in platform.ask("awaiting", focal("IOM"), entity="IOM", on=utc(year, 6, 15))["items"] if i["kind"] == "funding_end"]
    assert item["deadline"] == ends
    ended = platform.ask("end_funding", year=year, activity="demand", funding=money["funding"], reason="Cut", on=utc(year, 3))
    assert (ended["funding"][0]["ended"]["reason"], ended["balance"]) == ("Cut", [])
    assert platform.names(year)[-2:] == ["funding_secured", "funding_ended"]


def carried(platform: Platform, year: int) -> dict:
    """What ``year`` leaves unfinished is carried over; the plan of the year after that."""
    following = next(YEARS)
    assert following == year + 1
    platform.ask("open_plan", year=following, on=utc(year, 11))
    return platform.ask("carry_over", focal("IOM"), year=year, on=utc(year, 12))


def test_what_is_carried_over_is_known_in_both_plans_and_once(platform, year):
    adopted(platform, year)
    plan = carried(platform, year)
    (activity,) = plan["activities"]
    assert (activity["carried_from"], activity["milestones"][0]["due_reason"]) == (
        {"year": year, "activity": "demand"},
        f"Carried over from {year}.",
    )
    went_on = {"year": year + 1, "activity": "demand"}
    eventually(lambda: platform.ask("get_activity", year=year, activity="demand")["carried_to"] == went_on)
    assert platform.ask("carry_over", year=year, on=utc(year, 12))["version"] == plan["version"]
    (told,) = [e for e in platform.history(f"plan/{year + 1}") if e["type"] == c.ActivityCarriedOver.type()]
    before = platform.state(year)
    message = Outgoing(
        c.ActivityCarriedOver.key(), json.dumps(told).encode(), id=told["id"], exchange="icat.workplan", content_type=CONTENT_TYPE
    )
    assert platform.publisher.publish([message] * 2) == [True] * 2
    platform.quiet()
    assert platform.state(year) == before
    assert platform.names(year).count("activity_continued") == 1


@pytest.mark.parametrize("published_first", [True, False])
def test_a_publication_delivers_in_both_plans_whichever_is_heard_first(platform, year, published_first):
    """Carried over on 1 December, as of which the paper of 5 December is still owed; what is told of the one arrives before or
    after what is told of the other."""
    adopted(platform, year)
    if not published_first:
        carried(platform, year)
        eventually(lambda: "activity_continued" in platform.names(year))
    platform.happen(documents.Published, published(year), at=utc(year, 12, 5), times=2)
    eventually(lambda: "deliverable_delivered" in platform.names(year))
    if published_first:
        carried(platform, year)
    eventually(lambda: "deliverable_delivered" in platform.names(year + 1))
    platform.quiet()
    for names in (platform.names(year), platform.names(year + 1)):
        assert names.count("deliverable_delivered") == 1
    paper = platform.ask("get_activity", year=year + 1, activity="demand")["deliverables"][0]
    assert (paper["id"], paper["evidence"]["document"]) == ("paper", "paper-2")


def test_an_import_is_checked_and_carried_out_whole_and_once(platform, year):
    drafted(platform, year)
    rows = [
        {"activity": "training", "title": "Training", "lead": "ILO", "depends_on": ["handbook"]},
        {"activity": "handbook", "title": "Handbook", "lead": "OHCHR", "milestones": [{"title": "M", "due": f"{year}-05-01T00:00:00Z"}]},
        {"activity": "demand", "objective": "Better said"},
    ]
    at = utc(year - 1, 11)
    bad = [*rows, {"activity": "x", "lead": "WB"}]
    before = platform.state(year)
    checked = platform.ask("check_import", year=year, activities=bad, on=at)
    refused = refusal(lambda: platform.ask("import_plan", year=year, activities=bad, on=at))
    assert (refused.kind, refused.rule) == ("invalid", "import")
    assert [p["field"] for p in refused.extra["problems"]] == ["activities.3.title", "activities.3.lead"]
    assert checked["problems"] == refused.extra["problems"]
    assert platform.state(year) == before
    told = {"year": year, "activities": rows, "on": at, "id": f"import-{year}"}
    first = platform.ask("import_plan", **told)
    assert (first["added"], first["changed"], first["unchanged"], first["problems"]) == (["training", "handbook"], ["demand"], [], [])
    assert platform.ask("import_plan", **told) == first
    assert platform.names(year)[-4:] == ["activity_added", "activity_added", "activity_changed", "plan_imported"]
    again = platform.ask("import_plan", **told | {"id": f"again-{year}"})
    assert (again["unchanged"], again["version"]) == (["training", "handbook", "demand"], first["version"])


# What is told to others


def test_a_briefing_is_one_calendar_entry_and_told_once(platform):
    told = {
        "briefing": f"b-{uuid.uuid4().hex[:6]}",
        "title": "Consultation with permanent missions",
        "kind": "consultation",
        "starts_at": "2015-01-22T15:00:00Z",
        "ends_at": "2015-01-22T18:00:00Z",
        "place": "New York",
        "agenda": ["Activities in 2015"],
        "papers": [{"title": "Plan", "url": "/workplans/2014"}],
    }
    at, id = utc(2014, 12), told["briefing"]
    for _ in range(2):
        answer = platform.ask("announce_briefing", id=f"order-{id}", on=at, **told)
        assert (answer["revision"], answer["version"], answer["state"]) == (0, 1, "announced")
    refused = refusal(lambda: platform.ask("announce_briefing", on=at, **told))
    assert (refused.kind, refused.rule) == ("conflict", "exists")
    assert platform.ask("change_briefing", briefing=id, place="Geneva", on=at, expected=1)["revision"] == 1
    assert refusal(lambda: platform.ask("change_briefing", briefing=id, place="Vienna", on=at, expected=1)).kind == "stale"
    assert refusal(lambda: platform.ask("cancel_briefing", MISSION, briefing=id, reason="r", on=at)).rule == "chair-only"
    assert platform.ask("cancel_briefing", briefing=id, reason="Snow", on=at)["state"] == "cancelled"
    assert platform.ask("get_briefing", MISSION, briefing=id)["uid"] == answer["uid"]
    assert id in [b["briefing"] for b in platform.ask("briefings", MISSION, limit=200)["items"]]
    events = platform.history(f"briefing/{id}")
    assert [(e["type"].split(".")[2], e["data"]["revision"]) for e in events] == [
        ("briefing_announced", 0),
        ("briefing_changed", 1),
        ("briefing_cancelled", 2),
    ]
    eventually(lambda: platform.ask("status")["pending"] == 0)


def test_an_order_given_twice_is_carried_out_once(platform, year):
    adopted(platform, year)
    told = {"year": year, "activity": "demand", "note": "Once", "on": utc(year, 2)}
    first = platform.ask("report_progress", id=f"again-{year}", **told)
    assert platform.ask("report_progress", id=f"again-{year}", **told) == first
    assert [note["note"] for note in first["progress"]] == ["Once"]
    made = platform.ask("announce_briefing", id=f"made-{year}", on=utc(2014), **briefing())
    assert platform.ask("announce_briefing", id=f"made-{year}", on=utc(2014), **briefing())["briefing"] == made["briefing"]


def briefing() -> dict:
    times = {"starts_at": "2015-01-22T15:00:00Z", "ends_at": "2015-01-22T18:00:00Z"}
    return {"title": "B", "kind": "briefing", "place": "Geneva"} | times


def test_positions_taken_at_once_are_all_heard_and_adopt_once(platform, year):
    drafted(platform, year)
    platform.ask("open_consultation", year=year, on=utc(year - 1, 11))
    digest = platform.ask("open_adoption", year=year, by="express", on=utc(year - 1, 12))["digest"]

    def speak(entity: str):
        return platform.ask("take_position", focal(entity), on=utc(year - 1, 12, 2), year=year, digest=digest, word="endorse")

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(speak, SIX))
    names = platform.names(year)
    assert (names.count("position_taken"), names.count("plan_adopted")) == (6, 1)


def test_two_copies_hear_a_silence_once(platform, year):
    drafted(platform, year)
    platform.ask("open_consultation", year=year, on=utc(year - 1, 11))
    deadline = f"{year - 1}-12-10T00:00:00Z"
    platform.ask("open_adoption", year=year, by="silence", deadline=deadline, on=utc(year - 1, 12))
    copy = platform.run()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: platform.ask("tick", to=f"{year - 1}-12-11T00:00:00Z"), range(8)))
    assert platform.names(year).count("plan_adopted") == 1
    copy.terminate()
    assert copy.wait(20) == 0
    platform.processes.remove(copy)


def test_pages_of_plans_and_what_missions_see_of_them(platform, year):
    adopted(platform, year)
    drafted(platform, next(YEARS))
    seen, after = [], None
    while True:
        page = platform.ask("plans", limit=2, after=after)
        seen += page["items"]
        if (after := page["next"]) is None:
            break
    assert [p["year"] for p in seen] == sorted((p["year"] for p in seen), reverse=True)
    assert {"draft", "in_force"} <= {p["state"] for p in seen}
    shown = platform.ask("plans", MISSION, limit=200)["items"]
    assert shown
    assert {p["state"] for p in shown} <= {"in_force", "closed"}
    assert refusal(lambda: platform.ask("plans", after="nonsense")).field == "after"


# Bad input


@pytest.mark.parametrize(
    ("what", "payload", "kind", "field"),
    [
        ("add_activity", {"title": "x", "lead": "IOM", "paragraphs": [62]}, "invalid", "paragraphs.0"),
        ("add_activity", {"title": "x", "lead": "WB"}, "invalid", "lead"),
        ("add_activity", {"title": "x", "lead": "IOM", "activity": "demand"}, "invalid", "activity"),
        ("add_activity", {"title": "x", "lead": "IOM", "milestones": [{"title": "m", "due": "1999-01-01T00:00:00Z"}]}, "invalid",
         "milestones.0.due"),
        ("add_activity", {"title": "x", "lead": "IOM", "milestones": [{"title": "m", "due": "soon"}]}, "invalid", "milestones.0.due"),
        ("add_activity", {"title": "x", "lead": "IOM", "budget": 3}, "invalid", "budget"),
        ("open_adoption", {"by": "express"}, "conflict", None),
        ("take_position", {"digest": "0" * 64, "word": "endorse", "on_behalf_of": "IOM", "letter": "l"}, "conflict", None),
        ("change_activity", {"activity": "nothing", "title": "x"}, "not_found", "activity"),
        ("close_plan", {"foreword": "f"}, "conflict", None),
        ("change_activity", {"activity": "demand", "depends_on": ["demand"]}, "invalid", "depends_on.0"),
        ("change_activity", {"activity": "demand", "depends_on": ["x"]}, "invalid", "depends_on.0"),
        ("change_activity", {"activity": "demand", "needs": [{"purpose": "p", "amount": "5", "currency": "EUX"}]}, "invalid",
         "needs.0.currency"),
        ("secure_funding", {"activity": "demand", "donor": "N", "amount": "5", "currency": "USD", "ends": "2010-01-01T00:00:00Z"},
         "invalid", "ends"),
        ("secure_funding", {"activity": "demand", "donor": "N", "amount": "5,000", "currency": "USD"}, "invalid", "amount"),
        ("end_funding", {"activity": "demand", "funding": "f", "reason": "r"}, "not_found", "funding"),
        ("import_plan", {"activities": [{"activity": "demand", "paragraphs": [1]}, {"activity": "new"}]}, "invalid", "activities"),
        ("import_plan", {"activities": [{"activity": "demand", "paragraphs": [62]}]}, "invalid", "activities.0.paragraphs.0"),
        ("sing", {}, "not_found", None),
    ],
)  # fmt: skip
def test_bad_input_is_refused_and_changes_nothing(platform, year, what, payload, kind, field):
    drafted(platform, year)
    before = platform.state(year)
    refused = refusal(lambda: platform.ask(what, year=year, on=utc(year - 1, 11), **payload))
    assert (refused.kind, refused.field) == (kind, field)
    assert refused.rule
    assert platform.state(year) == before


def test_late_and_stale_positions_are_refused(platform, year):
    drafted(platform, year)
    platform.ask("open_consultation", year=year, on=utc(year - 1, 11))
    deadline = f"{year - 1}-12-10T00:00:00Z"
    plan = platform.ask("open_adoption", year=year, by="silence", deadline=deadline, on=utc(year - 1, 12))
    word = {"year": year, "word": "object", "reasons": "r"}
    stale = refusal(lambda: platform.ask("take_position", focal("ILO"), digest="0" * 64, on=utc(year - 1, 12, 2), **word))
    assert (stale.kind, stale.field, stale.accepted) == ("stale", "digest", plan["digest"])
    late = refusal(lambda: platform.ask("take_position", focal("ILO"), digest=plan["digest"], on=utc(year - 1, 12, 10), **word))
    assert (late.kind, late.rule) == ("too_late", "clearance-deadline")
    assert "position_taken" not in platform.names(year)


def test_a_mission_learns_nothing_of_a_draft_by_any_question_or_order(platform, year):
    drafted(platform, year)
    for what, payload in {
        "get_plan": {},
        "get_activity": {"activity": "demand"},
        "check_import": {"activities": []},
        "import_plan": {"activities": []},
        "secure_funding": {"activity": "demand", "donor": "N", "amount": "5", "currency": "USD"},
        "positions": {},
        "baseline": {},
        "coverage": {},
        "change_activity": {"activity": "demand", "title": "x"},
        "take_position": {"digest": "0" * 64, "word": "endorse"},
    }.items():
        for expected in (None, 77):
            answer = refusal(lambda what=what, payload=payload, expected=expected: platform.ask(
                what, MISSION, year=year, expected=expected, on=utc(year - 1, 12), **payload
            ))  # fmt: skip
            absent = refusal(lambda what=what, payload=payload: platform.ask(what, MISSION, year=2095, on=utc(2094), **payload))
            assert (answer.kind, answer.rule) == (absent.kind, absent.rule) == ("not_found", "exists"), what
            assert answer.detail.replace(str(year), "2095") == absent.detail, what
            # The role of a focal point opens nothing either, to one whose entity is no member.
            outside = refusal(lambda what=what, payload=payload: platform.ask(what, focal("NEVER"), year=year, **payload))
            assert (outside.kind, outside.rule, outside.detail) == (answer.kind, answer.rule, answer.detail), what
    assert platform.ask("plans", focal("NEVER"), limit=200)["items"] == platform.ask("plans", MISSION, limit=200)["items"]
    open_again = refusal(lambda: platform.ask("open_plan", MISSION, year=year))
    assert (open_again.kind, open_again.rule) == ("not_allowed", "chair-only")
    assert refusal(lambda: platform.ask("awaiting", MISSION, entity="IOM")).rule == "own-entity"


def test_every_order_and_question_of_the_contract_is_served(platform):
    for name in c.contract.commands:
        refused = refusal(lambda name=name: platform.ask(name, unknown_field=1))
        assert "unknown_field" in [error["field"] for error in refused.extra["errors"]], name
