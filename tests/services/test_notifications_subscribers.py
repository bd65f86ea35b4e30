"""Subscribers as a real process: invited by mail, tuned, paused by the clock, suspended and confirmed anew, with secrets replaced."""

from datetime import timedelta
from typing import Any

import pika
import pika.exceptions
import pytest

from contracts.notifications import CONFIRM_PATH, INVITATION_PATH
from services.kernel import Actor
from services.kernel.actor import SYSTEM_ACTOR
from services.notifications.store.keys import bounce_token, feed_token
from tests.services.room import SECRETARIAT, refusal
from tests.services.test_notifications import AT, BRAZIL, NOBODY, PERU, SECRET, Notifications, confirmed_by_mail, link, mission, room

__all__ = ["room"]  # a fixture

DAY = timedelta(days=1)
OTHER_SECRET = "whsec_" + "b3RoZXIgc2VjcmV0IG9mIHRoZSBtaXNzaW9u"
CHILE = {"code": "CHILE", "name": "Permanent Mission of Chile", "kind": "mission", "language": "fr"}
DAILY = {"rhythm": "daily", "zone": "America/Santiago", "hour": "07:30"}


def invitations(room: Notifications, address: str, count: int) -> list[str]:
    """The tokens in so many invitations that an address received, oldest first."""
    mails = room.eventually(lambda: (found := room.mails(address)) and len(found) == count and found)
    return [link(room, mail, INVITATION_PATH) for mail in mails]


def journal(room: Notifications) -> list[str]:
    """What happened to subscribers, in order."""
    entries = room.database["journal"].find({"subject": {"$regex": "^subscriber/"}}).sort([("subject", 1), ("sequence", 1)])
    return [entry["type"].split(".")[2] for entry in entries]


def own(room: Notifications, subscription: dict, code: str = "BRAZIL") -> dict:
    """The subscription as it stands."""
    return next(s for s in room("get_subscriber", code=code)["subscriptions"] if s["id"] == subscription["id"])


# Invitations ----------------------------------------------------------------------------------------------------------------------------


def test_an_invitation_is_accepted_by_its_link_and_the_address_is_told_from_then_on(room):
    asked = room("invite_subscriber", **CHILE, address=" Desk@CHILE.example ")
    assert (asked["state"], asked["subscriptions"]) == ("invited", [])
    (token,) = invitations(room, "Desk@chile.example", 1)
    shown = room("get_invitation", NOBODY, token=token)
    assert shown == {"subscriber": "CHILE", "name": CHILE["name"], "kind": "mission", "language": "fr", "state": "invited"}
    for _ in range(2):
        accepted = room("accept_invitation", NOBODY, token=token, topics=["publications"], language="en")
        assert (accepted["state"], accepted["channel"], accepted["topics"]) == ("confirmed", "mail", ["publications"])
    room.publish_paper(1)
    room.settled(1)
    (_, told) = room.mails("Desk@chile.example")
    assert told["Subject"] == "Issue paper 1 published: Paper 1"
    chile = room("get_subscriber", mission("CHILE"), code="CHILE")
    assert (chile["state"], len(chile["subscriptions"])) == ("admitted", 1)
    room.eventually(lambda: len(journal(room)) == 4)
    assert journal(room) == ["subscriber_invited", "subscriber_admitted", "subscription_requested", "subscription_confirmed"]
    assert not any("esk@chile" in repr(entry) for entry in room.database["journal"].find())
    assert token not in room.log()


def test_a_newer_invitation_closes_the_one_before(room):
    tokens = []
    for address in ("one@chile.example", "two@chile.example"):
        room("invite_subscriber", **CHILE, address=address)
        tokens += invitations(room, address, 1)
    first, second = tokens
    for what, more in (("get_invitation", {}), ("accept_invitation", {"topics": ["briefings"]})):
        assert refusal(lambda what=what, more=more: room(what, NOBODY, token=first, **more)).rule == "token"
    room("accept_invitation", NOBODY, token=second, topics=["briefings"])
    assert refusal(lambda: room("invite_subscriber", **CHILE, address="one@chile.example")).rule == "exists"
    assert refusal(lambda: room("invite_subscriber", PERU, **CHILE, address="one@chile.example")).rule == "secretariat-only"


def test_a_link_that_invites_nobody_is_not_found(room):
    room.admit("BRAZIL")
    room.subscribe("BRAZIL", "mail", "desk@brazil.example")
    (mail,) = room.eventually(lambda: room.mails("desk@brazil.example"))
    for token in (link(room, mail, CONFIRM_PATH), "sub-0123456789ab." + "x" * 43):
        assert refusal(lambda token=token: room("get_invitation", NOBODY, token=token)).kind == "not_found"
        assert refusal(lambda token=token: room("accept_invitation", NOBODY, token=token, topics=["briefings"])).kind == "not_found"


def test_one_that_ended_is_invited_or_admitted_once_more_under_its_code(room):
    room.admit("BRAZIL")
    feed = room("subscribe", BRAZIL, subscriber="BRAZIL", channel="atom", topics=["publications"])
    room("end_subscriber", BRAZIL, code="BRAZIL", reason="Closed for a year.")
    who = {"code": "BRAZIL", "name": "Mission of Brazil", "kind": "mission", "language": "fr"}
    for _ in range(2):
        back = room("admit_subscriber", SECRETARIAT, at=AT + DAY, id="back", **who)
        assert (back["state"], back["name"], back["ended_at"]) == ("admitted", "Mission of Brazil", None)
    (ended,) = back["subscriptions"]
    assert (ended["id"], ended["state"], ended["ended_said"]["fr"]) == (feed["id"], "ended", "Closed for a year.")
    room.eventually(lambda: room.database["secrets"].find_one({"_id": feed["id"]}).get("ended"))
    assert refusal(lambda: room("feed", NOBODY, token=feed["secret"].removeprefix("/feeds/").removesuffix(".atom"))).rule == "feed"
    for again in ("admit_subscriber", "invite_subscriber"):
        refused = refusal(lambda again=again: room(again, **who, **({"address": "a@brazil.example"} if "invite" in again else {})))
        assert (refused.rule, refused.field) == ("exists", "code")
    assert room("subscribe", BRAZIL, subscriber="BRAZIL", channel="atom", topics=["publications"], at=AT + DAY)["state"] == "confirmed"


def test_a_mailbox_that_refuses_mail_does_so_however_it_is_written(room):
    for code in ("BRAZIL", "PERU", "CHILE"):
        room.admit(code)
    first = confirmed_by_mail(room, "BRAZIL", "desk@brazil.example")
    second = confirmed_by_mail(room, "PERU", "Desk@brazil.example")
    secret = room.database["secrets"].find_one({"_id": first["id"]})
    room("report_bounce", SYSTEM_ACTOR, token=bounce_token(secret), status="5.1.1")
    for code, one in (("BRAZIL", first), ("PERU", second)):
        stopped = room.eventually(lambda code=code, one=one: (found := own(room, one, code))["state"] == "suspended" and found)
        assert stopped["suspended_said"]["fr"].startswith("Le courriel qui y est envoyé est revenu")
    order = {"subscriber": "CHILE", "channel": "mail", "topics": ["briefings"]}
    assert refusal(lambda: room("subscribe", mission("CHILE"), target="DESK@Brazil.example", **order)).rule == "address-suppressed"
    assert room("subscribe", mission("CHILE"), target="desk+icat@brazil.example", **order)["target"] == "desk+icat@brazil.example"
    room("lift_suppression", address="DESK@brazil.example")
    assert room("subscribe", mission("CHILE"), target="DESK@Brazil.example", **order)["target"] == "DESK@brazil.example"


# Limits ---------------------------------------------------------------------------------------------------------------------------------


def test_no_address_is_flooded_in_the_name_of_many(room):
    codes = [f"M-{n}" for n in range(7)]
    for code in codes:
        room.admit(code)
    spelled = ["victim@example.org", "VICTIM@example.org", "victim+1@example.org", "Victim+2@Example.org", "victim@EXAMPLE.org"]
    for code, address in zip(codes, spelled, strict=False):
        room.subscribe(code, "mail", address)
    for attempt in (
        lambda: room.subscribe(codes[5], "mail", "victim+3@example.org"),
        lambda: room("invite_subscriber", code="CHILE", name="Chile", kind="mission", address="victim@example.org"),
    ):
        refused = refusal(attempt)
        assert (refused.kind, refused.rule) == ("conflict", "address-asked-often")
        assert refused.field in ("target", "address")
    room.subscribe(codes[5], "mail", "other@example.org")
    later = {"subscriber": codes[6], "channel": "mail", "target": "victim@example.org", "topics": ["briefings"]}
    room("subscribe", mission(codes[6]), at=AT + DAY, **later)
    kept = {row["_id"] for row in room.database["secrets"].find()}
    assert kept == {s["id"] for code in codes for s in room("get_subscriber", code=code)["subscriptions"]}


def test_what_is_refused_asks_nobody_and_is_not_counted(room):
    room.admit("BRAZIL")
    wrong = {"subscriber": "BRAZIL", "channel": "mail", "target": "desk@brazil.example", "topics": ["briefings"]}
    for _ in range(7):
        refused = refusal(lambda: room("subscribe", BRAZIL, **wrong, schedule={"zone": "Mars/Olympus"}))
        assert (refused.field, refused.rule) == ("schedule.zone", "time-zone")
    assert room.database["askings"].count_documents({}) == room.database["secrets"].count_documents({}) == 0
    assert room("subscribe", BRAZIL, **wrong)["state"] == "pending"


# Tuning ---------------------------------------------------------------------------------------------------------------------------------


def test_a_choice_is_kept_answered_and_told(room):
    room.admit("BRAZIL")
    asked = {"pillars": ["protection"], "places": ["Genève"], "kinds": ["issue_paper"], "language": "es", "schedule": DAILY}
    subscription = room.subscribe("BRAZIL", "mail", "desk@brazil.example", **asked)
    whole = {"quiet_from": None, "quiet_until": None, "quiet_statements": False, "day": "monday"}
    assert {name: subscription[name] for name in asked} == asked | {"schedule": DAILY | whole}
    named = {"subscriber": "BRAZIL", "subscription": subscription["id"]}
    changed = room("change_subscription", BRAZIL, **named, topics=["statements"], at=AT + DAY)
    assert (changed["topics"], changed["places"], changed["language"]) == (["statements"], [], None)
    assert changed["schedule"]["rhythm"] == "at_once"
    assert own(room, subscription) == changed
    entry = room.eventually(lambda: room.database["journal"].find_one({"type": "icat.notifications.subscription_changed.v1"}))
    assert entry["event"]["data"]["before"]["places"] == ["Genève"]
    assert entry["event"]["data"]["before"]["schedule"]["zone"] == "America/Santiago"


def test_a_pause_ends_by_the_clock(room):
    room.admit("BRAZIL")
    subscription = room.subscribe("BRAZIL", "webhook", room.hook.address)
    room.eventually(lambda: room.state("BRAZIL", subscription) == "confirmed")
    named = {"subscriber": "BRAZIL", "subscription": subscription["id"]}
    paused = room("pause_subscription", BRAZIL, **named, until=(AT + 2 * DAY).isoformat(), at=AT + DAY)
    assert (paused["state"], paused["paused_until"]) == ("confirmed", "2014-09-17T09:00:00Z")
    room.publish_paper(1, at=AT + DAY)
    room.eventually(lambda: room("matters", topic="publications")["last"] == 1)
    room("tick", to=(AT + 3 * DAY).isoformat())
    assert own(room, subscription)["paused_at"] is None
    room.publish_paper(2, at=AT + 2 * DAY)
    room.settled(1)
    assert [content["data"]["number"] for _, content in room.hook.notices] == [2]
    entry = room.eventually(lambda: room.database["journal"].find_one({"type": "icat.notifications.subscription_resumed.v1"}))
    assert entry["time"] == "2014-09-17T09:00:00Z"
    refused = refusal(lambda: room("resume_subscription", BRAZIL, **named, at=AT + 4 * DAY))
    assert refused.rule == "subscription-silent"


def test_an_order_counts_from_its_instant_though_it_is_written_after_a_fan_out(room):
    room.admit("BRAZIL")
    paused, changed = (confirmed_by_mail(room, "BRAZIL", f"{name}@brazil.example") for name in ("paused", "changed"))
    room("pause_subscription", BRAZIL, subscriber="BRAZIL", subscription=paused["id"], at=AT)
    room("change_subscription", BRAZIL, subscriber="BRAZIL", subscription=changed["id"], topics=["statements"], at=AT)
    confirmed = room.subscribe("BRAZIL", "mail", "confirmed@brazil.example")
    (asked,) = room.eventually(lambda: room.mails("confirmed@brazil.example"))
    room.publish_paper(1, at=AT + DAY)
    room.eventually(lambda: room("matters", topic="publications")["last"] == 1 and room("status")["due"] == 0)
    room.at = AT + DAY - timedelta(seconds=1)
    room("resume_subscription", BRAZIL, subscriber="BRAZIL", subscription=paused["id"])
    room("change_subscription", BRAZIL, subscriber="BRAZIL", subscription=changed["id"], topics=["publications"])
    room("confirm", NOBODY, token=link(room, asked, CONFIRM_PATH))
    room.settled(3)
    found = {d["subscription"] for d in room("deliveries", SECRETARIAT, subscriber="BRAZIL")["items"] if d["purpose"] == "matter"}
    assert found == {paused["id"], changed["id"], confirmed["id"]}


def test_who_resumes_may_catch_up_once(room):
    room.admit("BRAZIL")
    subscription = room.subscribe("BRAZIL", "webhook", room.hook.address)
    room.eventually(lambda: room.state("BRAZIL", subscription) == "confirmed")
    named = {"subscriber": "BRAZIL", "subscription": subscription["id"]}
    room.publish_paper(1)
    room.settled(1)
    room("pause_subscription", BRAZIL, **named, at=AT + DAY)
    room.publish_paper(2, at=AT + DAY)
    room.eventually(lambda: room("matters", topic="publications")["last"] == 2)
    for _ in range(2):
        room("resume_subscription", BRAZIL, **named, catch_up=True, at=AT + 2 * DAY, id="resume-1")
    room.publish_paper(2, times=2, at=AT + DAY)  # the same event once more
    room.publish_paper(3, at=AT + 2 * DAY)
    room.settled(3)
    assert sorted(content["data"]["number"] for _, content in room.hook.notices) == [1, 2, 3]


def test_an_address_that_refused_mail_is_confirmed_anew_by_a_new_mail(room):
    room.admit("BRAZIL")
    subscription = confirmed_by_mail(room, "BRAZIL", "desk@brazil.example")
    (first,) = room.mails("desk@brazil.example")
    secret = room.database["secrets"].find_one({"_id": subscription["id"]})
    room("report_bounce", SYSTEM_ACTOR, token=bounce_token(secret), status="5.1.1", at=AT + DAY)
    suspended = room.eventually(lambda: (found := own(room, subscription))["state"] == "suspended" and found)
    assert suspended["suspended_because"]
    named = {"subscriber": "BRAZIL", "subscription": subscription["id"]}
    assert refusal(lambda: room("confirm", NOBODY, token=link(room, first, CONFIRM_PATH))).rule == "subscription-suspended"
    assert refusal(lambda: room("resume_subscription", BRAZIL, **named, at=AT + DAY)).rule == "address-suppressed"
    room("lift_suppression", address="desk@brazil.example", at=AT + DAY)
    room.publish_paper(1, at=AT + DAY)
    room.eventually(lambda: room("matters", topic="publications")["last"] == 1)
    assert room("resume_subscription", BRAZIL, **named, at=AT + 2 * DAY, catch_up=True)["state"] == "pending"
    (_, second) = room.eventually(lambda: len(found := room.mails("desk@brazil.example")) == 2 and found)
    assert refusal(lambda: room("confirm", NOBODY, token=link(room, first, CONFIRM_PATH))).rule == "token"
    assert room("confirm", NOBODY, token=link(room, second, CONFIRM_PATH), at=AT + 3 * DAY)["state"] == "confirmed"
    room.publish_paper(2, at=AT + 3 * DAY)
    room.settled(2)


# Secrets --------------------------------------------------------------------------------------------------------------------------------


def test_a_webhook_is_signed_with_both_secrets_for_a_day(room):
    room.admit("BRAZIL")
    subscription = room.subscribe("BRAZIL", "webhook", room.hook.address)
    room.eventually(lambda: room.state("BRAZIL", subscription) == "confirmed")
    named = {"subscriber": "BRAZIL", "subscription": subscription["id"]}
    for _ in range(2):
        assert room("replace_secret", BRAZIL, **named, secret=OTHER_SECRET, id="replace-1")["secret"] == OTHER_SECRET
    kept = room.database["secrets"].find_one({"_id": subscription["id"]})
    assert (kept["webhook"], kept["webhook_before"]) == (OTHER_SECRET, SECRET)
    room.publish_paper(1)
    room.settled(1)  # the receiver still verifies with the first
    made = [room("replace_secret", BRAZIL, **named, id="replace-2")["secret"] for _ in range(2)]
    assert made[0] == made[1] != OTHER_SECRET
    late = room("replace_secret", BRAZIL, **named, secret=OTHER_SECRET, id="replace-1")  # long on its way, and replaced since
    assert "secret" not in late
    assert room.database["secrets"].find_one({"_id": subscription["id"]})["webhook"] == made[0]
    assert not any(secret in room.log() for secret in (SECRET, OTHER_SECRET, made[0]))


@pytest.mark.parametrize(("channel", "path"), [("atom", "/feeds/{}.atom"), ("calendar", "/calendars/{}.ics")])
def test_a_feeds_address_is_told_once_and_can_be_replaced(room, channel, path):
    room.admit("BRAZIL")
    asked = {"subscriber": "BRAZIL", "channel": channel, "topics": ["publications"]}
    feed, again = (room("subscribe", BRAZIL, **asked, id="order-1") for _ in range(2))
    assert feed == again
    assert feed["state"] == "confirmed"
    secret = room.database["secrets"].find_one({"_id": feed["id"]})
    token = feed_token(secret, "order-1")
    assert feed["secret"] == path.format(token)
    assert token not in repr(secret)
    assert room("feed", NOBODY, token=token)["id"] == feed["id"]
    named = {"subscriber": "BRAZIL", "subscription": feed["id"]}
    replaced = room("replace_secret", BRAZIL, **named, id="order-2")["secret"]
    assert "secret" not in room("subscribe", BRAZIL, **asked, id="order-1")
    assert refusal(lambda: room("feed", NOBODY, token=token)).kind == "not_found"
    fresh = feed_token(secret, "order-2")
    assert replaced == path.format(fresh)
    assert room("feed", NOBODY, token=fresh)["id"] == feed["id"]
    room("unsubscribe", BRAZIL, **named)
    room.eventually(lambda: room.database["secrets"].find_one({"_id": feed["id"], "ended": True}))
    assert refusal(lambda: room("feed", NOBODY, token=fresh)).kind == "not_found"
    assert token not in room.log()


def test_a_feed_that_the_secretariat_asked_for_shows_nothing_before_its_own_people_order(room):
    room.admit("BRAZIL")
    feed = room("subscribe", SECRETARIAT, subscriber="BRAZIL", channel="atom", topics=["publications"])
    token = feed["secret"].removeprefix("/feeds/").removesuffix(".atom")
    assert feed["state"] == "pending"
    room.publish_paper(1)
    room.eventually(lambda: room("matters", topic="publications")["last"] == 1)
    assert room("feed", NOBODY, token=token)["items"] == []
    named = {"subscriber": "BRAZIL", "subscription": feed["id"]}
    assert room("resume_subscription", BRAZIL, **named, at=AT + DAY)["state"] == "confirmed"
    room.publish_paper(2, at=AT + DAY)
    room.eventually(lambda: room("matters", topic="publications")["last"] == 2)
    room.eventually(lambda: [item["number"] for item in room("feed", NOBODY, token=token)["items"]] == [2, 1])


def may_connect(uri: str) -> bool:
    try:
        pika.BlockingConnection(pika.URLParameters(uri)).close()
    except pika.exceptions.AMQPError:
        return False
    return True


def test_a_queues_credentials_are_told_once_and_replaced_when_lost(room):
    room.admit("BRAZIL")
    queue = room.subscribe("BRAZIL", "amqp")
    named = {"subscriber": "BRAZIL", "subscription": queue["id"]}

    def fetch(order: str, by: Actor = BRAZIL) -> dict[str, Any]:
        return room("fetch_queue_credentials", by, **named, id=order)

    assert refusal(lambda: fetch("fetch-0", SECRETARIAT)).rule == "own-subscriber"
    first, again = fetch("fetch-1"), fetch("fetch-1")
    assert first == again
    assert may_connect(first["uri"])
    assert refusal(lambda: fetch("fetch-2")).rule == "fetched-once"
    assert "secret" not in room("replace_secret", BRAZIL, **named)
    room.eventually(lambda: not may_connect(first["uri"]))
    assert refusal(lambda: fetch("fetch-1")).rule == "fetched-once"
    second = fetch("fetch-3")
    assert second["queue"] == first["queue"]
    assert second["uri"] != first["uri"]
    assert may_connect(second["uri"])
    assert not may_connect(first["uri"])
    room.queues["BRAZIL"] = second["queue"]
    password = second["uri"].split(":")[2].split("@")[0]
    assert password not in room.log()
    assert not any(password in repr(entry) for entry in room.database["journal"].find())


# Strangers ------------------------------------------------------------------------------------------------------------------------------


def test_a_stranger_cannot_tell_which_subscribers_there_are(room):
    room.admit("BRAZIL")
    feed = room.subscribe("BRAZIL", "atom")
    orders = {
        "change_subscription": {"topics": ["statements"]},
        "pause_subscription": {},
        "resume_subscription": {},
        "replace_secret": {},
        "fetch_queue_credentials": {},
    }
    for what, more in orders.items():
        answers = set()
        for code in ("BRAZIL", "CHILE"):
            refused = refusal(lambda code=code, what=what, more=more: room(what, PERU, subscriber=code, subscription=feed["id"], **more))
            answers.add((refused.kind, refused.rule, refused.detail.replace(code, "…")))
        assert answers == {("not_found", "exists", "There is no subscriber ….")}, what
    assert own(room, feed)["state"] == "confirmed"
