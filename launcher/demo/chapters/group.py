"""Who belongs to the Group, and who is told: what is on record is entered, focal points and missions subscribe."""

from launcher.demo.api import eventually
from launcher.demo.outside import Queue
from launcher.demo.story import (
    BY_INVITATION,
    BY_NUMBER,
    DESK,
    FACTS,
    JOINING,
    MISSIONS,
    SCHEDULES,
    TOPICS,
    WITH_QUEUE,
    WITH_WEBHOOK,
    Story,
    mail_of,
    must,
)


def the_group(story: Story) -> None:
    """The secretariat enters what is on record: entities, memberships, seats, past terms. Each seat gets its focal point."""
    desk, members = story.secretariat, FACTS["memberships"]
    for code, entity in FACTS["entities"].items():
        desk.post("/entities", code=code, names={"en": entity["name"], "fr": entity["nom"]}, acronyms={"fr": entity["fr"]})
        desk.post("/memberships", entity=code, since=members["since"], source=members["source"])
    for seat in FACTS["seats"]:
        for code in seat["entities"]:
            desk.post("/seats", entity=code, since=seat["since"], source=seat["source"])
            if "until" in seat:
                desk.post(f"/seats/{code}/ending", until=seat["until"], source=seat["until_source"])
    for term in FACTS["terms"]:
        known = {"chairs": term["chairs"], "source": term["source"]} if term["chairs"] else {"nobody_knows": True}
        desk.put(f"/chairs/terms/{term['year']}", **known)
    then = story.api.visitor.get("/group", as_of="2012-02-08T12:00:00Z")
    now = story.api.visitor.get("/group", as_of="2014-01-01T00:00:00Z")
    story.tell(f"The Group is entered: {len(now['members'])} members, {len(then['seated'])} seats in 2012, {len(now['seated'])} from 2014")
    story.six = now["seated"]
    story.side_by_side(lambda code: story.open_account(code, f"Focal point of {code}", "focal_point"), story.focal)
    story.tell(f"Focal points of {', '.join(story.six)} have their accounts, and one of {JOINING}, a member without a seat")


def the_readers(story: Story) -> None:
    """Focal points and the secretariat ask to be reminded of what is the Group's own; missions subscribe to all that is public.
    Each proves each channel its own before anything is sent on it."""
    story.now("2013-12-09T09:00:00Z")
    story.secretariat.post("/subscribers", code=DESK, name="The secretariat", kind="secretariat")
    story.secretariat.post(f"/subscribers/{DESK}/subscriptions", topics=["reminders"], channel="mail", target=mail_of(DESK))
    for code in story.focal:
        story.secretariat.post("/subscribers", code=code, name=f"Focal points of {code}", kind="focal_point")
        story.subscribe(code, ["reminders"], channel="mail", target=mail_of(code))
    missions = [code for code in MISSIONS if code != BY_INVITATION]
    story.side_by_side(lambda code: _admit(story, code), missions)
    asked = [*map(mail_of, (DESK, *story.focal, *missions))]
    tokens = eventually(
        "a mail to each who subscribed that asks them to confirm",
        lambda: tokens if len(tokens := story.mail.tokens()) == len(asked) else None,
    )
    story.side_by_side(lambda address: story.api.visitor.post("/subscriptions/confirmations", token=tokens[address]), asked)
    queues = [code for code in WITH_QUEUE if code != BY_NUMBER]
    story.side_by_side(lambda code: _subscribe_queue(story, code), queues)
    eventually("every subscription confirmed by its owner", lambda: _all_confirmed(story))
    story.tell(
        f"The focal points of the six and of {JOINING}, and the secretariat, subscribe by mail to reminders, which are the Group's own"
    )
    story.tell(
        f"{len(missions)} permanent missions subscribe and confirm: all by mail, {len(WITH_WEBHOOK)} also by signed webhook, "
        f"{len(queues)} also by a queue of their own"
    )
    code = missions[0]
    own = story.people[code].refused(422, "POST", f"/subscribers/{code}/subscriptions", topics=["reminders"], channel="inbox")
    must(story.people[code].find("/matters/reminders") is None, "a mission sees no reminder")
    story.tell(f"A mission that asks for the Group's own reminders is refused ({own['rule']})")


def the_series(story: Story) -> None:
    """The first issue paper is older than this record: it is entered with its source, and nobody is told of it as news."""
    story.now("2013-12-16T11:00:00Z")
    first = story.secretariat.post(
        "/library",
        title="The great questions of the fight against trafficking in persons",
        summary="An overview: what has proved itself, where tensions and contradictions lie.",
        **FACTS["issue_papers"]["first"],
    )
    story.tell(f"Issue paper {first['number']} of {first['published_on']} is entered in the series, with its source")


def _all_confirmed(story: Story) -> bool:
    """Whether no subscription waits for its owner."""
    subscribers = story.secretariat.each("/subscribers")
    return all(subscription["state"] == "confirmed" for subscriber in subscribers for subscription in subscriber["subscriptions"])


def _admit(story: Story, code: str) -> None:
    story.secretariat.post("/subscribers", code=code, name=f"Permanent mission: {MISSIONS[code]}", kind="mission")
    story.open_account(code, f"Permanent mission: {MISSIONS[code]}", "mission")
    story.subscribe(code, TOPICS, channel="mail", target=mail_of(code), schedule=SCHEDULES.get(code, {}))
    if code in WITH_WEBHOOK:
        address, secret = story.hooks.open(code)
        story.subscribe(code, TOPICS, channel="webhook", target=address, secret=secret)


def _subscribe_queue(story: Story, code: str) -> None:
    subscription = story.subscribe(code, TOPICS, channel="amqp")["id"]
    fetched = story.people[code].post(f"/subscribers/{code}/subscriptions/{subscription}/credentials")
    story.queues.append(Queue(code, fetched["uri"], fetched["queue"], story.keep / f"{code}.json"))
