"""The spine under fire: while commands run, every process is killed at random; then every promise is counted.

The last line says the figures. ``test_a_broken_promise_is_noticed`` shows that the counting can fail: a
platform that clears before the confirm, or acknowledges before the write, is found out.
"""

import itertools
import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import mongoengine
import pika
import pytest

import services.chairs.store
import services.documents.store
import services.notifications.store
import services.workplan.store
from contracts.subscriptions import SUBSCRIPTIONS
from launcher.platform import Platform
from messaging import audit, letters, store, topology
from messaging.store import Aggregates
from tests.faults.load import SUBSCRIBERS, YEARS, Load, Person

TARGETS = ("chairs", "workplan", "documents", "notifications", "gateway", "broker", "store")
SERVICES = TARGETS[:4]
KILLS = 24
COMMANDS = 1000

STORES: dict[str, list[Aggregates]] = {
    name: [value for value in vars(getattr(services, name).store).values() if isinstance(value, Aggregates)] for name in SERVICES
}


@contextmanager
def reading(platform: Platform, service: str) -> Iterator[list[Aggregates]]:
    """One service's own database, connected: its aggregates."""
    documents = [store.JournalEntry, store.Kept, *(s.document for s in STORES[service])]

    def forget() -> None:
        mongoengine.disconnect_all()
        for document in documents:
            document._collection = None

    forget()
    store.connect(platform.mongo_uri(service))
    yield STORES[service]
    forget()


class Fire:
    """Kills processes of a platform, and remembers how often. ``kill -9`` always: no farewell."""

    def __init__(self, platform: Platform, seed: int) -> None:
        self.platform, self.chance, self.kills = platform, random.Random(seed), Counter()

    def kill(self, name: str) -> None:
        self.platform.wait_ready(name)
        self.platform.kill(name)
        self.kills[name] += 1

    def kill_in_mid_publish(self, service: str) -> None:
        """Kill a service while its relay waits for the broker's confirm: the broker is frozen, so it must be
        waiting. Then the broker too: what was written to its socket but never read is gone with it."""
        self._kill_beside_frozen("broker", service)
        self.kills[f"{service} in mid-publish"] += 1

    def kill_in_mid_write(self, service: str) -> None:
        """Kill a service while it waits for the store, which is frozen and then killed. It is held back before, so that
        events have come for it to work on."""
        self.platform.wait_ready(service)
        held = self.platform.pid(service)
        os.kill(held, signal.SIGSTOP)
        time.sleep(1.0)
        self._kill_beside_frozen("store", service, held)
        self.kills[f"{service} in mid-write"] += 1

    def _kill_beside_frozen(self, frozen: str, service: str, held: int | None = None) -> None:
        self.platform.wait_ready(frozen, *([] if held else [service]))
        pid = self.platform.pid(frozen)
        os.kill(pid, signal.SIGSTOP)
        if held:
            os.kill(held, signal.SIGCONT)
        try:
            time.sleep(0.5)
            self.platform.kill(service)
        finally:
            self.platform.kill(frozen)
            self.kills[frozen] += 1

    def burn(self, load: Load, *, kills: int, commands: int) -> None:
        """At least so many kills, each process among them, and at least so many commands acknowledged meanwhile."""
        ways = [(self.kill, name) for name in TARGETS]
        plan = ways + [(way, name) for way in (self.kill_in_mid_publish, self.kill_in_mid_write) for name in SERVICES]
        self.chance.shuffle(plan)
        for kill, name in itertools.chain(plan, iter(lambda: self.chance.choice(ways), None)):
            if load.failure or (self.kills.total() >= kills and load.ledger.acknowledged >= commands):
                return
            time.sleep(self.chance.uniform(1.0, 3.0))  # calm enough to work in, short enough to be hit in
            kill(name)


def settle(platform: Platform, token: str, seconds: float = 120) -> None:
    """Wait until nothing is on its way any more: no event unsent, no message in a queue, no delivery due."""
    person, until = Person(platform, token), time.monotonic() + seconds
    while True:
        try:
            state = person.get("/status")["services"]
            quiet = all(s["available"] and not s["pending"] and not s["due"] for s in state.values()) and not _in_queues(platform)
        except OSError:
            quiet, state = False, {}
        if quiet:
            return
        assert time.monotonic() < until, f"still on its way after {seconds} s: {json.dumps(state)} {_in_queues(platform)}"
        time.sleep(0.5)


def _in_queues(platform: Platform) -> dict[str, int]:
    """Messages ready in the queues of events and of retries, by queue; unacknowledged ones show in what they change."""
    with pika.BlockingConnection(pika.URLParameters(platform.amqp_uri)) as connection:
        channel = connection.channel()
        names = [q.name for q in topology.queues() if ".events" in q.name and not q.name.endswith((".dead", ".dropped"))]
        counts = {name: channel.queue_declare(name, passive=True).method.message_count for name in names}
    return {name: count for name, count in counts.items() if count}


def count_promises(platform: Platform, load: Load) -> list[str]:
    """Every promise that was broken, in words; nothing when all held."""
    ledger, broken = load.ledger, []

    def same(what: str, got, expected) -> None:
        lost, doubled = Counter(expected) - Counter(got), Counter(got) - Counter(expected)
        broken.extend(f"{what}: lost {sorted(lost.elements())[:5]}" for _ in range(bool(lost)))
        broken.extend(f"{what}: one too many {sorted(doubled.elements())[:5]}" for _ in range(bool(doubled)))

    with reading(platform, "workplan") as (*stores,):
        plans = services.workplan.store.plans
        for year in YEARS:
            titles = [a["title"] for e in plans.history(str(year)) if e["type"].endswith("activity_added.v1") for a in [_activity(e)]]
            same(f"activities of {year}", titles, ledger.activities[year])
        announced = {
            e["event"]["id"]: e["event"]["data"]["title"] for e in store.journal().find({"type": "icat.workplan.briefing_announced.v1"})
        }
        same("briefings", announced.values(), ledger.briefings)
        kept = {"workplan": store.Kept._get_collection().find_one({"_id": "composition"})}
        broken.extend(_chains(stores))
    with reading(platform, "documents") as (*stores,):
        proposed = store.journal().find({"type": "icat.documents.proposed.v1"})
        same("documents", [e["event"]["data"]["title"] for e in proposed], ledger.documents)
        kept["documents"] = store.Kept._get_collection().find_one({"_id": "composition"})
        broken.extend(_chains(stores))
    with reading(platform, "chairs") as (*stores,):
        registered = store.journal().find({"type": "icat.chairs.entity_registered.v1"})
        same("entities", [e["event"]["data"]["code"] for e in registered], ["IOM", *ledger.entities])
        newest = store.journal().find({"type": "icat.chairs.composition_changed.v1"}).sort("sequence", -1)[0]
        broken.extend(f"{who} has not the newest composition" for who, k in kept.items() if k["sequence"] != newest["sequence"])
        broken.extend(_chains(stores))
    with reading(platform, "notifications") as (*stores,):
        matters = [e["event"] for e in store.journal().find({"type": "icat.notifications.announced.v1"})]
        same("matters, by the event that led to them", [m["causationid"] for m in matters], list(announced))
        same("numbers of the topic", [m["data"]["number"] for m in matters], range(1, len(announced) + 1))
        records = list(services.notifications.store.DeliveryDocument._get_collection().find({"purpose": "matter"}))
        due = [(f"{m['data']['topic']}", m["data"]["number"], code) for m in matters for code in SUBSCRIBERS]
        same("deliveries", [(r["topic"], r["number"], r["subscriber"]) for r in records], due)
        broken.extend(f"a delivery is {r['state']}: {r['_id']}" for r in records if r["state"] != "sent")
        broken.extend(_chains(stores))
    for code, queue in load.queues.items():
        ids = _read(queue)
        same(f"what {code} has in its queue", set(ids), [r["_id"] for r in records if r["subscriber"] == code])
    broken.extend(f"dead letter in {x.service}: {x.type} {x.reason}" for x in letters.every(platform.amqp_uri))
    return broken


def _activity(event: dict) -> dict:
    data = event["data"]
    return data["activity"] if isinstance(data["activity"], dict) else data


def _chains(stores: list[Aggregates]) -> list[str]:
    checked, flaws = audit.verify(stores)
    assert checked, "an audit of nothing proves nothing"
    return [f"audit: {flaw}" for flaw in flaws]


def _read(credentials: dict) -> list[str]:
    """The delivery ids in a mission's queue, doubles on the wire included."""
    with pika.BlockingConnection(pika.URLParameters(credentials["uri"])) as connection:
        channel, ids = connection.channel(), []
        while (got := channel.basic_get(credentials["queue"]))[0] is not None:
            ids.append(got[1].message_id)
    return ids


@pytest.mark.timeout(1200)
def test_nothing_is_lost_nothing_has_two_effects_and_everything_comes_back(tmp_path):
    started = time.monotonic()
    with Platform(tmp_path, rehearsal=True) as platform:
        load = Load(platform)
        load.prepare()
        fire = Fire(platform, seed=int(os.environ.get("ICAT_FAULT_SEED", "2014")))
        load.start()
        try:
            fire.burn(load, kills=KILLS, commands=COMMANDS)
        finally:
            load.stop()
        platform.wait_ready(timeout=60)  # every process is back by itself
        settle(platform, load.token)
        broken = count_promises(platform, load)
        restarts = sum(p["restarts"] for p in platform.processes.values())
    assert broken == []
    assert fire.kills.total() >= KILLS
    assert all(any(name.startswith(target) for name in fire.kills) for target in TARGETS)
    assert load.ledger.acknowledged >= COMMANDS
    assert restarts >= fire.kills.total()
    print(
        f"\n{load.ledger.acknowledged} commands acknowledged through {fire.kills.total()} kills ({dict(fire.kills)}); "
        f"asked again {load.ledger.trouble.total()} times; {len(load.ledger.briefings) * len(SUBSCRIBERS)} deliveries; "
        f"0 lost, 0 doubled, every chain whole, {restarts} restarts; {time.monotonic() - started:.0f} s"
    )


@pytest.mark.timeout(600)
@pytest.mark.parametrize("sabotage", ["clear_before_confirm", "acknowledge_before_write"])
def test_a_broken_promise_is_noticed(tmp_path, monkeypatch, sabotage):
    """The same kills upon a platform that breaks its promise: the count must turn red."""
    monkeypatch.setenv("ICAT_SABOTAGE", sabotage)
    with Platform(tmp_path, rehearsal=True, runtime="tests.faults.sabotage") as platform:
        load = Load(platform, people=4)
        load.prepare()
        fire = Fire(platform, seed=7)
        load.start()
        try:
            for _ in range(3):
                time.sleep(1)
                (fire.kill_in_mid_publish if sabotage == "clear_before_confirm" else fire.kill_in_mid_write)("workplan")
                fire.kill_in_mid_write("notifications")
        finally:
            load.stop()
        platform.wait_ready(timeout=60)
        broken = []
        try:
            settle(platform, load.token, 30)
        except AssertionError as late:
            broken.append(str(late))
        broken += count_promises(platform, load)
    print(f"\n{sabotage}: found out by {len(broken)} complaints, the first: {broken[:1]}")
    assert broken


def test_every_subscribing_service_is_among_the_targets():
    assert set(SUBSCRIPTIONS) <= set(TARGETS)
