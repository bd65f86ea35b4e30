"""Many confirmed subscribers at once: copies, in the store, of one that asked and confirmed through the service.

A subscriber of its own for each, by orders, would take longer than what is to be measured or tried on them.
"""

import copy
import json
import uuid
from collections.abc import Callable

import pymongo

from benchmarks.figures import until
from contracts import documents
from contracts.envelope import seal
from launcher.demo.outside import Mailboxes
from launcher.home import ROOT
from launcher.platform import Platform
from messaging import topology
from messaging.client import Pool
from messaging.context import Cause, Order, now, written
from messaging.wire import Outgoing, connect, drop
from services.kernel import Actor
from services.notifications.channels.queue import ARGUMENTS

SECRETARIAT = Actor("benchmark", roles=frozenset({"secretariat"}))


def confirmed(
    platform: Platform,
    channel: str,
    many: int,
    topics: list[str],
    target: Callable[[int], str] = lambda number: "",
    secret: str | None = None,
) -> list[str]:
    """``many`` subscribers, each confirmed on a channel for these topics; returns their targets. ``target``: the address of each, by its
    number from 0; a queue is named after the first one's, and is there. ``secret``: with which all webhooks are signed."""
    first = f"{channel.upper()}-0"
    mission = Actor("reader", first, frozenset({"mission"}))
    pool = Pool(platform.amqp_uri, timeout=20)

    def ask(by: Actor, what: str, /, **payload: object) -> dict:
        return pool.call("notifications", what, payload, Order(id=uuid.uuid4().hex, by=by, at=now()))

    def is_confirmed() -> bool | None:
        (subscription,) = ask(SECRETARIAT, "get_subscriber", code=first)["subscriptions"]
        return True if subscription["state"] == "confirmed" and ask(SECRETARIAT, "status")["pending"] == 0 else None

    ask(SECRETARIAT, "admit_subscriber", code=first, name="The first of many", kind="mission")
    id = ask(mission, "subscribe", subscriber=first, channel=channel, topics=topics, target=target(0), secret=secret)["id"]
    if channel == "amqp":
        ask(mission, "fetch_queue_credentials", subscriber=first, subscription=id)
    if channel == "mail":
        ask(mission, "confirm", token=until(lambda: Mailboxes(platform.mail).tokens().get(target(0))))
    until(is_confirmed)
    pool.close()
    database = pymongo.MongoClient(platform.mongo_uri("notifications"), tz_aware=True).get_default_database()
    one, keys = database["subscribers"].find_one({"_id": first}), database["secrets"].find_one({"_id": id})
    assert one is not None
    assert keys is not None
    targets = [one["state"]["subscriptions"][0]["target"]]
    copies, secrets = [], []
    for number in range(1, many):
        other, code = copy.deepcopy(one), f"{channel.upper()}-{number}"
        targets.append(target(number) or f"{targets[0]}-{number}")
        other["_id"] = other["state"]["code"] = code
        other["state"]["subscriptions"][0] |= {"id": f"{id}-{number}", "target": targets[-1]}
        copies.append(other)
        secrets.append({**keys, "_id": f"{id}-{number}", "subscriber": code})
    if copies:
        database["subscribers"].insert_many(copies, ordered=False)
        database["secrets"].insert_many(secrets, ordered=False)
    if channel == "amqp":
        connection = connect(platform.amqp_uri)
        declaring = connection.channel()
        for queue in targets[1:]:
            declaring.queue_declare(queue, durable=True, auto_delete=False, arguments=ARGUMENTS)
        drop(connection)
    return targets


def published(number: int) -> Outgoing:
    """The event by which *documents* would have a publication announced, another for each ``number``; to publish as it is."""
    sample = json.loads((ROOT / "contracts/samples/notifications/documents.published.json").read_text())
    cause = Cause(id=f"bench-{number}", by=Actor("benchmark"), at=now(), correlation="bench")
    about = {"subject": f"document/{number}", "sequence": 1, "time": written(now()), "cause": cause, "previous": None}
    event = seal(documents.Published, documents.Published.read(sample), **about)
    return Outgoing(key=topology.events_queue("notifications"), body=json.dumps(event).encode(), id=event["id"])
