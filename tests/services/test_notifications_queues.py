"""Subscribers' queues: whose fills, or is read by nobody, is told and let go; and read over TLS."""

import json
import ssl
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pika
import pytest
import trustme

from clients.icat_mission import Mission, MissionError
from contracts import notifications as c
from launcher import rabbitmq4
from launcher.home import claim_port
from launcher.processes import find_broker
from messaging import topology
from messaging.context import written
from messaging.store import connect
from messaging.wire import Outgoing, Publisher
from services.kernel import Refusal
from services.notifications import store
from services.notifications.channels import Parcel, Undelivered
from services.notifications.channels.management import QueueUsers, vhost_of, with_user
from services.notifications.channels.queue import QueueChannel, declare, depths, remove
from services.notifications.rules.queues import FILLING
from services.notifications.rules.subscribers import MOST_ASKED
from tests.services.room import SECRETARIAT, refusal
from tests.services.test_notifications import AT, BRAZIL, Notifications, answer_to, confirmed_by_mail, room

__all__ = ["room"]

MATTER = {
    "kind": "published",
    "title": {"en": "Paper 1"},
    "summary": {"en": ""},
    "url": "/documents/paper-1",
    "at": AT,
    "audience": None,
    "pillars": [],
    "data": {},
}
"""As ``Matters`` keeps it."""


def with_queue(room: Notifications) -> dict[str, Any]:
    """A mission with a queue of its own, and a mailbox for what is to be told of it."""
    room.admit("BRAZIL", "fr")
    confirmed_by_mail(room, "BRAZIL", "desk@brazil.example", topics=["statements"])
    queue = room.subscribe("BRAZIL", "amqp")
    room.fetch("BRAZIL", queue)
    return queue


def pass_time(room: Notifications, **since: float) -> None:
    room("tick", to=written(AT + timedelta(**since)))


def notes(room: Notifications) -> list[str]:
    return [mail["Subject"] for mail in room.mails("desk@brazil.example") if "note" in mail["Message-ID"]]


def read(room: Notifications) -> list[int]:
    heard: list[dict[str, Any]] = []
    Mission(room.uris["BRAZIL"], room.queues["BRAZIL"]).each(heard.append, idle=0.5)
    return [notice["data"]["number"] for notice in heard]


def test_who_does_not_read_is_told_and_let_go_and_comes_back_by_resuming(room):
    queue = with_queue(room)
    room.publish_paper(1)
    room.settled(1)
    for days in (0, 1, 13.9):
        pass_time(room, days=days, hours=1)
    assert notes(room) == []
    pass_time(room, days=15)
    room.eventually(lambda: len(notes(room)) == 1)
    pass_time(room, days=16)
    assert read(room) == [1]
    pass_time(room, days=17)
    room.publish_paper(2)
    room.settled(2)
    pass_time(room, days=18)
    pass_time(room, days=30)  # not thirty since it was read
    assert room.state("BRAZIL", queue) == "confirmed"
    pass_time(room, days=32)
    room.eventually(lambda: len(notes(room)) == 2)  # once more, after it was read again
    assert set(notes(room)) == {notes(room)[0]}
    pass_time(room, days=48)
    room.eventually(lambda: room.state("BRAZIL", queue) == "suspended")
    (suspended,) = [s for s in room("get_subscriber", BRAZIL, code="BRAZIL")["subscriptions"] if s["id"] == queue["id"]]
    assert "to be had by number" in suspended["suspended_because"]
    room.eventually(lambda: len(notes(room)) == 3)
    room.eventually(lambda: answer_to(room.house.amqp_uri, lambda c: c.queue_declare(queue["target"], passive=True)) == 404)
    assert [item["number"] for item in room("matters", topic="publications", since=1)["items"]] == [2]

    room("resume_subscription", BRAZIL, subscriber="BRAZIL", subscription=queue["id"], at=AT + timedelta(days=49))
    room.eventually(lambda: answer_to(room.house.amqp_uri, lambda c: c.queue_declare(queue["target"], passive=True)) == 200)
    room.publish_paper(3, at=AT + timedelta(days=50))
    room.settled(3)
    assert read(room) == [3]  # with the credentials from before


def test_who_has_much_unread_is_told_before_the_queue_is_full(room):
    queue = with_queue(room)
    publisher = Publisher(room.house.amqp_uri)
    for start in range(0, FILLING, 1000):
        assert all(publisher.publish([Outgoing(queue["target"], b"{}", id=f"{start + n}") for n in range(1000)], timeout=60))
    publisher.close()
    pass_time(room, hours=1)
    (told,) = room.eventually(lambda: notes(room))
    assert "file" in told  # in French
    pass_time(room, hours=3)
    assert notes(room) == [told]
    assert room.state("BRAZIL", queue) == "confirmed"


def is_there(room: Notifications, queue: str) -> bool:
    return answer_to(room.house.amqp_uri, lambda channel: channel.queue_declare(queue, passive=True)) == 200


def test_no_order_that_comes_again_brings_back_a_queue_that_ended(room):
    room.admit("BRAZIL")
    queue = room.subscribe("BRAZIL", "amqp")
    named = {"subscriber": "BRAZIL", "subscription": queue["id"]}
    told = room("fetch_queue_credentials", BRAZIL, **named, id="fetch-1")
    assert answer_to(told["uri"], lambda channel: channel.basic_get(told["queue"])) == 200
    room("unsubscribe", BRAZIL, **named)
    room.eventually(lambda: not is_there(room, told["queue"]))
    assert refusal(lambda: room("fetch_queue_credentials", BRAZIL, **named, id="fetch-1")).rule == "subscription-ended"
    assert not is_there(room, told["queue"])
    room.eventually(lambda: refuses(told["uri"]))


def test_where_the_broker_puts_nobody_out_no_secret_is_replaced(room):
    room.admit("BRAZIL")
    queue = room.subscribe("BRAZIL", "amqp")
    room.fetch("BRAZIL", queue)
    named = {"subscriber": "BRAZIL", "subscription": queue["id"]}
    with room.stopped(), room.second_copy(ICAT_BROKER_MANAGEMENT_URL="http://guest:guest@127.0.0.1:1"):
        room.eventually(lambda: room.copies() == 1)
        refused = refusal(lambda: room("replace_secret", BRAZIL, **named))
        assert (refused.kind, refused.rule) == ("unavailable", "broker")
        assert room.state("BRAZIL", queue) == "confirmed"  # answered after it, so that no other copy is asked the same again
    assert "secret_replaced" not in room.names("subscriber/BRAZIL")
    assert not refuses(room.uris["BRAZIL"])
    room("replace_secret", BRAZIL, **named)
    assert refuses(room.uris["BRAZIL"])


def test_news_of_a_subscription_that_is_listed_no_more_closes_its_queue(room):
    queue = with_queue(room)
    named = {"subscriber": "BRAZIL", "subscription": queue["id"]}
    room.eventually(lambda: room("status")["pending"] == 0)
    room.database.subscribers.update_one({"_id": "BRAZIL"}, {"$pull": {"state.subscriptions": {"id": queue["id"]}}})
    room.happen(c.SubscriptionSuspended, {**named, "because": "It fails."})
    room.happen(c.SubscriptionResumed, {**named, "since": AT, "catch_up": True})
    assert is_there(room, queue["target"])
    room.happen(c.SubscriptionEnded, {**named, "because": "They left."})
    room.eventually(lambda: not is_there(room, queue["target"]))
    room.eventually(lambda: refuses(room.uris["BRAZIL"]))
    room.quiet()
    assert room.queue(topology.retry_queue("notifications", 1)).message_count == 0


def refuses(uri: str) -> bool:
    """Whether the broker lets nobody in at this address."""
    try:
        pika.BlockingConnection(pika.URLParameters(uri)).close()
    except pika.exceptions.AMQPError:
        return True
    return False


def test_what_is_published_after_the_end_makes_no_queue_again(house):
    parcel = Parcel("publications_1_X_s", "mission.orphan.8c1f", "en", {"topic": "publications", "number": 1, "matter": MATTER})
    for said in ([()], [(parcel.target,), ()], [(parcel.target,), (parcel.target,)]):
        going = [*said]
        channel = QueueChannel(house.amqp_uri, lambda queues, going=going: going.pop(0))
        assert isinstance(channel.send([parcel])[0], Undelivered)
        channel.close()
        assert depths(house.amqp_uri, [parcel.target]) == ({parcel.target: (0, 0)} if len(said) > 1 and said[1] else {})
    remove(house.amqp_uri, parcel.target)


def test_only_a_confirmed_subscription_has_its_queue_made_again(room):
    room.admit("BRAZIL")
    queue = room.subscribe("BRAZIL", "amqp")
    room.fetch("BRAZIL", queue)
    room("unsubscribe", BRAZIL, subscriber="BRAZIL", subscription=queue["id"])
    pending, living = room.subscribe("BRAZIL", "amqp", by=SECRETARIAT), room.subscribe("BRAZIL", "mail", "desk@brazil.example")
    asked = [queue["target"], pending["target"], living["target"], "mission.brazil.none"]
    connect(room.house.mongo_uri("notifications"))
    assert store.going(asked) == set()
    room.fetch("BRAZIL", pending)
    assert store.going(asked) == {pending["target"]}


def test_an_address_that_never_agreed_is_asked_no_more_often_by_trying_again(room):
    room.admit("BRAZIL")
    room.house.stop("mail")
    room.subscribe("BRAZIL", "mail", "desk@brazil.example")
    for number in range(MOST_ASKED):
        (waiting,) = room.eventually(lambda: room("deliveries", BRAZIL, state="retrying")["items"])
        order = {"delivery": waiting["id"], "at": AT + timedelta(hours=number + 1)}
        if number < MOST_ASKED - 1:
            assert room("send_again", BRAZIL, **order)["state"] == "queued"
    refused = refusal(lambda: room("send_again", BRAZIL, **order))
    assert (refused.rule, refused.field) == ("address-asked-often", "delivery")
    room.house.start("mail")


def test_many_queues_are_looked_at_a_few_at_a_time(room):
    codes = [f"Q{number}" for number in range(25)]
    for code in codes:
        room.admit(code)
        room.fetch(code, room.subscribe(code, "amqp"))
    pass_time(room, hours=1)
    seen = {row["_id"] for row in room.database["readings"].find({"_id": {"$ne": "round"}})}
    assert len(seen) == 25
    round_ = room.database["readings"].find_one({"_id": "round"})
    assert (round_["after"], round_["due"]) == (None, AT + timedelta(hours=2))
    assert "claim" not in round_


def test_a_queue_that_is_missing_is_no_reason_to_look_at_no_other(house):
    there = "mission.depths.there"
    declare(house.amqp_uri, [there])
    assert depths(house.amqp_uri, ["mission.depths.missing", there, "mission.depths.gone"]) == {there: (0, 0)}
    with pika.BlockingConnection(pika.URLParameters(house.amqp_uri)) as connection:
        connection.channel().queue_delete(there)
    with pytest.raises(Refusal):
        depths("amqp://icat:wrong@127.0.0.1:1/%2F", [there])


def test_a_broker_that_lets_nobody_make_users_is_said_to_be_away(house):
    for url in ("http://127.0.0.1:1", house.management_url.replace("management:", "management:wrong")):
        refused = refusal(lambda url=url: QueueUsers(url, "/").grant("mission.x.8c1f", "word"))
        assert (refused.kind, refused.rule) == ("unavailable", "broker")
        assert "word" not in refused.detail


@pytest.mark.parametrize("pattern", ["mission.wild.*", ".*", "mission.wild.|chairs.events", "mission.wild.#"])
def test_a_queue_whose_name_is_a_pattern_opens_itself_alone(house, pattern):
    """No order of a subscriber's names a queue; were there ever such a name, its user would still read no other."""
    other = "mission.wild.other"
    declare(house.amqp_uri, [pattern, other])
    users = QueueUsers(house.management_url, vhost_of(house.amqp_uri))
    users.grant(pattern, "word")
    uri = with_user(house.mission_amqp_uri, pattern, "word")
    assert answer_to(uri, lambda channel: channel.basic_get(pattern)) == 200
    assert answer_to(uri, lambda channel: channel.basic_get(other)) == 403
    users.remove(pattern)
    with pika.BlockingConnection(pika.URLParameters(house.amqp_uri)) as connection:
        for queue in (pattern, other):
            connection.channel().queue_delete(queue)


# TLS ------------------------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def tls_broker(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """A private node that listens by TLS too, with a certificate for ``localhost``: ``tls_broker(host)`` is its address."""
    folder: Path = tmp_path_factory.mktemp("tls")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    certificate = authority.issue_cert("localhost")
    certificate.private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    port = claim_port()
    config = "\n".join(
        (
            f"listeners.ssl.1 = 127.0.0.1:{port}",
            f"ssl_options.cacertfile = {folder / 'ca.pem'}",
            f"ssl_options.certfile = {folder / 'server.pem'}",
            f"ssl_options.keyfile = {folder / 'server.pem'}",
            "ssl_options.verify = verify_none",
        )
    )
    server = Path("/") if find_broker() else rabbitmq4.obtain()
    broker = rabbitmq4.start(server, folder / "node", config=config, timeout=120)
    with pika.BlockingConnection(pika.URLParameters(broker.uri)) as connection:
        channel = connection.channel()
        channel.queue_declare("mission.tls", durable=True)
        notice = {
            "type": "icat.publications.published",
            "timestamp": "2015-03-01T00:00:00Z",
            "data": {"topic": "publications", "number": 1},
        }
        channel.basic_publish("", "mission.tls", json.dumps(notice), pika.BasicProperties(message_id="publications_1"))
    yield lambda host: with_user(f"amqps://{host}:{port}/%2F", "guest", "guest")
    broker.stop()


@pytest.mark.timeout(200)
def test_the_client_reads_by_tls_from_whom_it_trusts_alone(tls_broker, authority, tmp_path):
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
    heard: list[dict[str, Any]] = []
    for uri, cafile in (
        (tls_broker("localhost"), tmp_path / "other.pem"),  # signed by another
        (tls_broker("localhost"), None),  # by none that this machine knows
        (tls_broker("127.0.0.1"), tmp_path / "ca.pem"),  # for another name
    ):
        with pytest.raises(MissionError, match="certificate"):
            Mission(uri, "mission.tls", cafile=cafile).each(heard.append, idle=0.5)
    assert heard == []
    Mission(tls_broker("localhost"), "mission.tls", cafile=tmp_path / "ca.pem").each(heard.append, idle=0.5)
    assert [notice["data"]["number"] for notice in heard] == [1]


def test_without_tls_nothing_is_verified_and_with_it_everything(tmp_path):
    assert Mission("amqp://u:p@broker.example/%2F", "q").parameters.ssl_options is None
    options = Mission("amqps://u:p@broker.example/%2F", "q").parameters.ssl_options
    assert options.server_hostname == "broker.example"
    assert (options.context.verify_mode, options.context.check_hostname) == (ssl.CERT_REQUIRED, True)
