"""Webhooks of strangers, as the real senders fare with them: endpoints that fail wait as a whole, and are let go in the end."""

from datetime import timedelta

from messaging.context import now
from tests.services.room import refusal
from tests.services.test_notifications import AT, BRAZIL, SECRET, Notifications, confirmed_by_mail, room

__all__ = ["room"]

OTHER = "whsec_" + "B" * 32


def hooked(room: Notifications, code: str = "BRAZIL", path: str = "") -> dict:
    """A webhook of a mission's, confirmed."""
    room.admit(code)
    hook = room.subscribe(code, "webhook", f"{room.hook.address}{path}")
    room.eventually(lambda: room.state(code, hook) == "confirmed")
    return hook


def at_once(room: Notifications) -> None:
    """The endpoint in trouble may be tried now."""
    room.database["health"].update_many({}, {"$set": {"retry_at": now()}})
    room.database["deliveries"].update_many({"slow": True, "due": {"$exists": True}}, {"$set": {"due": now()}})


def test_an_endpoint_that_fails_waits_as_a_whole_and_goes_on_as_one(room):
    hook = hooked(room)
    room.hook.failing = True
    for number in range(1, 7):
        room.publish_paper(number)
    room.eventually(lambda: room.database["deliveries"].count_documents({"subscription": hook["id"], "slow": True}) == 6)
    (health,) = room.database["health"].find()
    assert health["_id"] == hook["id"]
    tried = [delivery["attempts"] for delivery in room("deliveries", BRAZIL)["items"] if delivery["purpose"] == "matter"]
    assert sum(tried) <= 2  # six times, had each waited by itself
    room.hook.failing = False
    at_once(room)
    room.settled(6)
    assert sorted(content["data"]["number"] for _, content in room.hook.notices) == [1, 2, 3, 4, 5, 6]
    assert room.database["health"].count_documents({}) == 0
    assert room.database["deliveries"].count_documents({"slow": True}) == 0


def test_an_endpoint_in_trouble_holds_up_no_other(room):
    failing, well = hooked(room, "BRAZIL", "brazil"), hooked(room, "PERU", "peru")
    room.hook.failing = True
    room.publish_paper(1)
    room.eventually(lambda: room.database["health"].count_documents({}) == 2)
    room.hook.failing = False
    room.database["health"].update_one({"_id": failing["id"]}, {"$set": {"retry_at": now() + timedelta(hours=1)}})
    later = {"due": now() + timedelta(hours=1)}
    room.database["deliveries"].update_many({"subscription": failing["id"], "due": {"$exists": True}}, {"$set": later})
    room.eventually(lambda: room("delivery_summary", subscriber="PERU")["sent"] == 1)
    room.publish_paper(2)
    room.eventually(lambda: room("delivery_summary", subscriber="PERU")["sent"] == 2)
    assert room("delivery_summary", subscriber="BRAZIL")["waiting"] == 2
    moved = room.database["deliveries"].find_one({"_id": f"publications_2_BRAZIL_{failing['id']}"})
    assert (moved["attempts"], moved["slow"]) == (0, True)
    assert moved["due"] > now() + timedelta(minutes=50)
    assert room.state("PERU", well) == "confirmed"


def test_an_endpoint_that_failed_for_days_is_suspended_its_owner_told_and_asked_anew(room):
    hook = hooked(room)
    confirmed_by_mail(room, "BRAZIL", "desk@brazil.example", topics=["statements"])
    room.hook.failing = True
    room.publish_paper(1)
    room.publish_paper(2)
    room.eventually(lambda: room.database["health"].find_one({"_id": hook["id"]}))
    days_ago = {"failing_since": now() - timedelta(days=3, minutes=1), "failures": 12}
    room.database["health"].update_one({"_id": hook["id"]}, {"$set": days_ago})
    room.eventually(lambda: at_once(room) or room.state("BRAZIL", hook) == "suspended")  # one that was under way may have begun before
    room.eventually(lambda: room("delivery_summary")["waiting"] == 0)
    (note,) = room.eventually(lambda: [mail for mail in room.mails("desk@brazil.example") if "note" in mail["Message-ID"]])
    assert "and took no notice meanwhile" in " ".join(note.get_body(("plain",)).get_content().split())
    (suspended,) = [s for s in room("get_subscriber", BRAZIL, code="BRAZIL")["subscriptions"] if s["id"] == hook["id"]]
    assert suspended["suspended_because"].startswith("The webhook failed since ")
    assert room.database["health"].count_documents({}) == 0
    room.publish_paper(3, at=AT + timedelta(days=1))
    room.hook.failing = False
    after = AT + timedelta(days=2)
    room("resume_subscription", BRAZIL, subscriber="BRAZIL", subscription=hook["id"], catch_up=True, at=after)
    room.eventually(lambda: room.state("BRAZIL", hook) == "confirmed")  # it echoed a new challenge
    room.eventually(lambda: 3 in {content["data"]["number"] for _, content in room.hook.notices})


def test_an_endpoint_that_says_it_is_gone_is_suspended_at_once(room):
    hook = hooked(room)
    room.hook.failing, room.hook.fails_with = True, 410
    room.publish_paper(1)
    room.eventually(lambda: room.state("BRAZIL", hook) == "suspended")
    (gone,) = room.eventually(lambda: room("deliveries", BRAZIL, state="given_up")["items"])
    assert gone["attempts"] <= 1


def test_while_its_secret_is_changed_over_a_webhook_verifies_with_either(room):
    hook = hooked(room)
    replaced = room("replace_secret", BRAZIL, subscriber="BRAZIL", subscription=hook["id"], secret=OTHER)
    assert replaced["secret"] == OTHER
    room.publish_paper(1)
    room.settled(1)  # its receiver knows the earlier one alone
    (kept,) = room.database["secrets"].find({"_id": hook["id"]})
    assert (kept["webhook"], kept["webhook_before"]) == (OTHER, SECRET)
    room.database["secrets"].update_one({"_id": hook["id"]}, {"$set": {"webhook_before_until": now()}})
    room.publish_paper(2)
    room.eventually(lambda: room("deliveries", BRAZIL, state="retrying")["items"])
    assert [content["data"]["number"] for _, content in room.hook.notices] == [1]


INSIDE = ("http://hooks.example/", "https://127.0.0.1/", "https://169.254.169.254/latest/meta-data", "https://[::1]/", "https://localhost/")


def test_in_earnest_no_webhook_leads_inside(room):
    """With the setting as it is in production."""
    room.admit("BRAZIL")
    room.house.stop("notifications")
    with room.second_copy(ICAT_WEBHOOK_ALLOW_PRIVATE="0"):
        room.eventually(lambda: room.queue("rpc-notifications").consumer_count == 1, 60)
        for target in INSIDE:
            refused = refusal(lambda target=target: room.subscribe("BRAZIL", "webhook", target))
            assert (refused.field, refused.accepted) == ("target", "an https address of a public host, as https://example.org/hook")
