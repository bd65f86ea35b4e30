"""What missions do with what they are told: one is invited and chooses, others sleep, pause, move house, change their keys, come later; and
all reply to a briefing."""

from typing import Any
from xml.etree import ElementTree

from launcher.demo.api import eventually
from launcher.demo.outside import INVITING, REPLYING, Queue, entries_of, invited_to, language_of, link_in, return_mail, token_of
from launcher.demo.story import (
    ANEW,
    BOUNCING,
    BY_INVITATION,
    BY_NUMBER,
    CHOICE,
    GATHERED,
    MISSIONS,
    PAUSING,
    QUIET,
    ROTATING,
    TOPICS,
    Story,
    mail_of,
    must,
)

ASKED_IN_PERSON, REGRETTING, NOT_INVITED = "DEU", "VAT", "ILO"
"""Who replies to the briefing by its account, by letter, and although it is no mission."""

ENTRY = "{http://www.w3.org/2005/Atom}entry"


def the_invitation(story: Story) -> None:
    """A mission is invited by mail, accepts by the link, in its language, and asks for what it wants and no more."""
    story.now("2013-12-10T09:00:00Z")
    code, address = BY_INVITATION, mail_of(BY_INVITATION)
    name = f"Permanent mission: {MISSIONS[code]}"
    story.secretariat.post("/subscribers/invitations", code=code, name=name, kind="mission", language="fr", address=address)
    mail = eventually("the invitation", lambda: next(iter(story.mail.mails(address)), None))
    link = link_in(mail, INVITING)
    must(link and language_of(mail) == "fr", "the invitation is in French, with a link")
    must(name in story.api.open(link), "the page says who is invited")
    story.api.open(link, language="fr", topics=CHOICE["topics"], places=", ".join(CHOICE["places"]))
    must(story.api.visitor.get("/subscribers/invitations", token=token_of(link))["state"] == "admitted", "it is accepted, once")
    story.open_account(code, name, "mission")
    must(story.subscription(code, "mail").items() >= {"state": "confirmed", "language": "fr", **CHOICE}.items(), "all as it chose")
    story.subscribe(code, channel="inbox", **CHOICE)
    for channel in ("atom", "calendar"):
        story.feeds[channel] = story.subscribe(code, channel=channel, **CHOICE)["secret"]
    story.tell(
        f"{MISSIONS[code]} is invited by mail, and accepts by its link: in French, {', '.join(CHOICE['topics'])}, of places only "
        f"{' and '.join(CHOICE['places'])}; it takes an inbox, a feed and a calendar at secret addresses besides"
    )


def the_first_morning(story: Story) -> None:
    """The term began at midnight UTC: who sleeps is told in the morning, and who gathers in the digest of the next."""
    asked = story.subscription(GATHERED, "mail")
    early = asked["schedule"] | {"hour": "06:00"}
    path = f"/subscribers/{GATHERED}/subscriptions/{asked['id']}"
    refused = story.people[GATHERED].refused(422, "PUT", path, topics=TOPICS, schedule=early)
    for code in (QUIET, GATHERED):
        eventually(f"the term held for {code}", lambda code=code: story.brought(code, state="held"))
    story.tick("2014-01-01T12:00:00Z")
    eventually("the term told in the morning", lambda: story.brought(QUIET, topic="chairmanship", state="sent"))
    must(story.brought(GATHERED, state="held"), "a digest waits for its hour")
    story.tick("2014-01-02T00:00:00Z")
    (digest,) = eventually("the digest", lambda: story.brought(GATHERED, purpose="digest", state="sent"))
    must(digest["items"] == ["chairmanship/1"], "the digest has what was announced since the last")
    story.tell(
        f"When the term began it was evening in {MISSIONS[QUIET]}, which is told when its quiet hours end; {MISSIONS[GATHERED]} has it in "
        f"the digest of the next morning, at eight in Manila; one at six, within its quiet hours, was refused ({refused['rule']})"
    )


def it_comes_back(story: Story) -> None:
    """A mailbox is closed: its server returns the mail, and nothing more goes there."""
    story.now("2014-05-21T09:00:00Z")
    paper = eventually("the paper in the mailbox", lambda: _mails(story, BOUNCING, "publications"))[-1]
    must(return_mail(story.bounces, paper) == 250, "what comes back is received")
    must(story.subscription(BOUNCING, "mail")["state"] == "suspended", "a closed mailbox suspends")
    suppressed = [each["address"] for each in story.secretariat.each("/suppressions")]
    must(suppressed == [mail_of(BOUNCING)], "the secretariat sees which address takes no mail")
    eventually("the note in the inbox", lambda: "subscription_suspended" in _notes(story, BOUNCING))
    story.tell(f"{MISSIONS[BOUNCING]} has closed a mailbox: its mail comes back, and is suspended; it is told so in its inbox")


def silences(story: Story) -> None:
    """One wants nothing for a while; another changes its keys."""
    story.now("2014-06-21T10:00:00Z")
    story.people[PAUSING].post(f"{_path(story, PAUSING, 'mail')}/pause")
    story.renewed = story.people[ROTATING].post(f"{_path(story, ROTATING, 'webhook')}/secret")["secret"]
    story.tell(f"{MISSIONS[PAUSING]} pauses; {MISSIONS[ROTATING]} replaces the secret of its webhook, and both sign for a day")


def the_return(story: Story) -> None:
    """What was missed is brought, once; one who comes late asks by number; another is brought a paper once more."""
    story.now("2014-06-23T09:30:00Z")
    papers = story.secretariat.get("/matters/publications")["last"]
    eventually("what is signed with both secrets", lambda: story.hooks.signed_twice == papers - 1)
    story.hooks.secrets[ROTATING] = story.renewed
    for code in (PAUSING, BOUNCING):
        must(len(_papers(story, code)) == 1, f"{code} was told nothing in the silence")
    story.people[PAUSING].post(f"{_path(story, PAUSING, 'mail')}/resumption", catch_up=True)
    _resume_mail(story)
    for code in (PAUSING, BOUNCING):
        eventually(f"what {code} missed", lambda code=code: len(_papers(story, code)) == papers)
    story.tell(
        f"{MISSIONS[PAUSING]} goes on, and is brought what it missed; so is {MISSIONS[BOUNCING]}, whose mailbox is open again: the "
        "secretariat takes it off the list of closed ones, and its owner confirms anew"
    )

    code, topics = BY_NUMBER, tuple(TOPICS)
    asked = story.subscribe(code, TOPICS, channel="amqp")
    fetched = story.people[code].post(f"/subscribers/{code}/subscriptions/{asked['id']}/credentials")
    queue = Queue(code, fetched["uri"], fetched["queue"], story.keep / f"{code}.json", story.api.url, topics)
    story.queues.append(queue)
    must(queue.read() == [], "nothing came by the queue yet")
    last = {topic: story.secretariat.get(f"/matters/{topic}")["last"] for topic in topics}
    must(all(queue.handled()[topic] == [*range(1, last[topic] + 1)] for topic in topics), "by number all is there from the beginning")
    again = story.secretariat.post(
        "/replays", subscriber=ANEW, subscription=story.subscription(ANEW, "mail")["id"], topic="publications", until=1
    )
    (paper,) = eventually("the paper brought once more", lambda: story.brought(ANEW, replay=again["replay"], state="sent"))
    story.replayed.add((paper["subscription"], paper["topic"], paper["number"]))
    inbox = _inbox(story)
    read = story.people[BY_INVITATION].post(f"/subscribers/{BY_INVITATION}/inbox/reading", position=inbox["position"])
    must(inbox["unread"] == len(inbox["items"]) == papers and read["unread"] == 0, "what is read is marked so")
    story.tell(
        f"{MISSIONS[code]} takes a queue and asks by number for the {sum(last.values())} matters before; to {MISSIONS[ANEW]} the "
        f"secretariat brings the paper once more; {MISSIONS[BY_INVITATION]} reads its inbox"
    )


def the_replies(story: Story) -> None:
    """Those invited reply by the link in their mail, by their account, by letter; there are six chairs, and one waits for another."""
    at, desk = f"/briefings/{story.briefing}", story.secretariat
    story.now("2015-01-05T14:00:00Z")
    link = {code: _reply_link(story, code) for code in (BY_INVITATION, ROTATING)}
    story.api.open(link[BY_INVITATION], attending="yes", people="Ana Souza\nJoão Lima")
    first = {"token": token_of(link[ROTATING]), "attending": "yes", "people": ["Eva Gruber", "Max Huber"]}
    story.api.visitor.post(f"{at}/replies", **first)
    third = {"subscriber": ASKED_IN_PERSON, "attending": "yes", "people": ["Jutta Braun", "Kai Vogel", "Ute Wolff"]}
    waits = story.people[ASKED_IN_PERSON].post(f"{at}/replies", **third)
    must([reply["place"] for reply in waits["replies"]] == ["waiting"], "three do not fit where two chairs are left")
    desk.post(f"{at}/replies", subscriber=REGRETTING, attending="no", letter="Note verbale of 5 January 2015")
    story.people[NOT_INVITED].refused(404, "POST", f"{at}/replies", subscriber=NOT_INVITED, attending="yes", people=["A"])
    story.tell(
        f"{MISSIONS[BY_INVITATION]} replies on the page to which its mail leads, {MISSIONS[ROTATING]} by its link, {MISSIONS[REGRETTING]} "
        f"by letter; {MISSIONS[ASKED_IN_PERSON]} comes with three and waits, for two chairs are left; who was not invited knows of no reply"
    )
    story.now("2015-01-05T16:00:00Z")
    story.api.visitor.post(f"{at}/replies", token=first["token"], attending="no")
    must(_places(story)[ASKED_IN_PERSON] == "given", "who waited has the places")
    eventually("the note that there is a place", lambda: story.brought(ASKED_IN_PERSON, purpose="note", state="sent"))

    story.now("2015-01-06T09:00:00Z")
    moved = {"starts_at": "2015-01-22T16:00:00Z", "ends_at": "2015-01-22T18:00:00Z", "reason": "The room is free an hour later."}
    story.people["UNHCR"].patch(at, **moved)
    story.told("briefings", "briefing_changed", briefing=story.briefing)
    eventually("the entry moved in the calendar of Brazil", lambda: _revisions(story) == [0, 1])
    (shown,) = entries_of(_feed(story, "calendar"))
    must(shown["sequence"] == 1, "the feed has the entry as it was moved")
    story.tell(
        f"{MISSIONS[ROTATING]} withdraws, and {MISSIONS[ASKED_IN_PERSON]} is told that it has its places; the consultation moves by an "
        "hour: the same entry in every calendar, and the replies stand"
    )


def the_reminders(story: Story) -> None:
    """Who comes is reminded three days and one before; who is silent is asked while replies are taken. The chair has the list."""
    story.tick("2015-01-21T16:00:00Z")

    def reminded(code: str) -> int:
        return len(story.brought(code, purpose="note", state="sent"))

    eventually("both reminders of who comes", lambda: reminded(BY_INVITATION) == 2)
    eventually("one reminder of who is silent", lambda: reminded(QUIET) == 1)
    must(reminded(REGRETTING) == 0, "who does not come is not reminded")
    chair, at = story.people["UNHCR"], f"/briefings/{story.briefing}/attendance"
    guests = chair.get(at)
    participants = chair.fetch(f"{at}.csv").decode()
    must(all(name in participants for reply in guests["replies"] for name in reply["people"]), "the list has everyone's name")
    must(guests["coming"] == 5 and guests["waiting"] == 0, "five come, and nobody waits")
    silent = guests["silent"]
    story.tell(
        f"Those who come are reminded twice, {silent} who are silent once; on the list of participants are {guests['coming']} people"
    )


def the_feeds(story: Story) -> None:
    """The feed, the calendar and the inbox of a mission hold what it asked for; an address that is replaced opens nothing."""
    story.tick("2015-01-31T00:00:00Z")  # who is told in the morning has heard of the year's end too
    code = BY_INVITATION
    told = {(item["topic"], item["number"]) for item in _inbox(story)["items"] if item["topic"]}
    brought = {(each["topic"], each["number"]) for each in story.brought(code, purpose="matter")}
    must(told == brought, "the inbox has what came by mail")
    must(len(ElementTree.fromstring(_feed(story, "atom")).findall(ENTRY)) == len(brought), "so has the feed")
    must(_inbox(story)["unread"] > 0, "what came since it was read is unread")
    earlier = story.feeds["atom"]
    story.feeds["atom"] = story.people[code].post(f"{_path(story, code, 'atom')}/secret")["secret"]
    must(story.api.feed(earlier) is None and _feed(story, "atom"), "only the new address has the feed")
    story.tell(
        f"{MISSIONS[code]} finds the same {len(brought)} matters in its mail, its feed and its inbox; it replaces the feed's address"
    )


def _resume_mail(story: Story) -> None:
    """The closed mailbox is open again: the secretariat lifts the suppression, the mission resumes, its owner confirms anew."""
    address = mail_of(BOUNCING)
    earlier = story.mail.tokens()[address]
    story.secretariat.post("/suppressions/liftings", address=address)
    story.people[BOUNCING].post(f"{_path(story, BOUNCING, 'mail')}/resumption", catch_up=True)
    token = eventually("a mail that asks anew", lambda: token if (token := story.mail.tokens()[address]) != earlier else None)
    story.api.visitor.post("/subscriptions/confirmations", token=token)


def _path(story: Story, code: str, channel: str) -> str:
    return f"/subscribers/{code}/subscriptions/{story.subscription(code, channel)['id']}"


def _inbox(story: Story) -> dict[str, Any]:
    return story.people[BY_INVITATION].get(f"/subscribers/{BY_INVITATION}/inbox", limit=200)


def _notes(story: Story, code: str) -> list[str]:
    """The kinds of the notes in a subscriber's inbox."""
    return [item["note"]["kind"] for item in story.people[code].get(f"/subscribers/{code}/inbox")["items"] if item["note"]]


def _papers(story: Story, code: str) -> list[dict[str, Any]]:
    return story.brought(code, topic="publications", state="sent")


def _mails(story: Story, code: str, of: str) -> list[Any]:
    return [mail for mail in story.mail.mails(mail_of(code)) if of in str(mail["List-Id"])]


def _reply_link(story: Story, code: str) -> str:
    """The link by which the mail of the briefing lets a mission reply."""
    return eventually(
        f"the invitation of {code}", lambda: next((link_in(mail, REPLYING) for mail in _mails(story, code, "briefings")), None)
    )


def _places(story: Story) -> dict[str, str]:
    """Who has a place, who waits, who does not come."""
    return {reply["subscriber"]: reply["place"] for reply in story.secretariat.get(f"/briefings/{story.briefing}/attendance")["replies"]}


def _revisions(story: Story) -> list[int]:
    """The revisions of the briefing's entry that came to Brazil by mail."""
    return sorted(entry["sequence"] for mail in _mails(story, BY_INVITATION, "briefings") for entry in invited_to(mail))


def _feed(story: Story, channel: str) -> bytes:
    found = story.api.feed(story.feeds[channel])
    must(found, f"the {channel} feed is at its address")
    return found or b""
