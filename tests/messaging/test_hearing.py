"""Overhearing: told at once while one listens, and told that one may have missed something whenever listening begins anew."""

import json
import threading

import pytest

from messaging import hearing, topology
from messaging.hearing import Ear
from messaging.wire import Outgoing, Publisher, connect, drop
from tests.messaging.conftest import eventually


@pytest.fixture
def ear(ground, monkeypatch):
    """An ear that hears, and what it heard."""
    monkeypatch.setattr(hearing, "LONGEST_PAUSE_SECONDS", 0.4)
    uri = ground[0].uri
    connection = connect(uri)
    topology.exchange("notifications")(connection.channel()).declare()
    drop(connection)
    heard: list[dict] = []
    ear = Ear(uri, "notifications", heard.append)
    ear.start()
    ear.start()
    eventually(lambda: ear.hears)
    yield ear, heard
    ear.stop()
    eventually(lambda: not ear.hears)


def say(uri: str, body: bytes, key: str = "notifications.announced.v1", exchange: str = "icat.notifications") -> None:
    publisher = Publisher(uri)
    publisher.publish([Outgoing(key, body, exchange=exchange, mandatory=False)])
    publisher.close()


def test_what_a_producer_says_is_heard(ground, ear):
    _, heard = ear
    assert heard == [{}], "something may have been missed before"
    say(ground[0].uri, json.dumps({"data": {"subscriber": "BRA"}}).encode())
    say(ground[0].uri, json.dumps({"data": {"topic": "statements"}}).encode(), key="notifications.briefing_reminded.v1")
    eventually(lambda: len(heard) == 3)
    assert heard[1:] == [{"subscriber": "BRA"}, {"topic": "statements"}]


@pytest.mark.parametrize("body", [b"no JSON", b"[]", b'{"data": 5}', b"{}", b"\xff\xfe"])
def test_what_cannot_be_read_says_only_that_something_was_said(ground, ear, body):
    _, heard = ear
    say(ground[0].uri, body)
    eventually(lambda: len(heard) == 2)
    assert heard == [{}, {}]


def test_a_broker_that_went_is_heard_again_when_it_is_back(ground, ear):
    ear, heard = ear
    broker, _ = ground
    broker.write_down()
    broker.kill()
    eventually(lambda: not ear.hears)
    broker.start()
    eventually(lambda: ear.hears)
    assert heard[-1] == {}, "it is said that something may have been missed"


def test_nothing_is_left_behind(ground, ear):
    ear, _ = ear
    ear.stop()
    eventually(lambda: not ear.hears)
    eventually(lambda: not any(thread.name == "ear-notifications" for thread in threading.enumerate()))
