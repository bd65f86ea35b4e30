"""What came of the year: read back through the API, counted in the mailboxes, at the webhooks and in the queues, and compared."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree

from launcher.demo.api import eventually
from launcher.demo.outside import Queue, Received, entries_of, invited_to, language_of
from launcher.demo.story import BY_INVITATION, DESK, FACTS, GATHERED, JOINING, MISSIONS, QUIET, TOPICS, Story, mail_of

CHANNELS = ("mail", "webhook", "amqp")
"""Those on which something is brought; from the others a mission fetches it."""

ATOM = "{http://www.w3.org/2005/Atom}"

BEFORE = (timedelta(hours=72), timedelta(hours=24))
"""How long before a deadline those whose comments or position are awaited are reminded of it."""

Reminder = tuple[str, str, int | None, tuple[str, ...]]
"""Its kind, what it is about, how many days away that is, and whom it is for."""


@dataclass
class Drafted:
    """A document with all that its own are told of: its comments, and its clearance."""

    document: dict[str, Any]
    comments: list[dict[str, Any]]
    clearance: dict[str, Any]


@dataclass
class Told:
    """One thing that a mission was told: when, where all it found that, in which language, and what it was."""

    at: str
    where: list[str]
    language: str
    title: str


@dataclass
class Wire:
    """What arrived, counted by the id it came under, and by subscriber and channel; ``came``: how many messages
    came out of each queue."""

    received: list[Received]
    came: dict[str, int]

    @property
    def ids(self) -> Counter[tuple[str, str, str]]:
        return Counter((one.channel, one.subscriber, one.id) for one in self.received)

    def by_channel(self) -> Counter[str]:
        """What came to missions."""
        return Counter(one.channel for one in self.received if one.subscriber in MISSIONS)

    def by_mission(self) -> dict[str, dict[str, int]]:
        counted = Counter((one.subscriber, one.channel) for one in self.received)
        return {code: {channel: n for channel in CHANNELS if (n := counted[code, channel])} for code in MISSIONS}

    def of(self, subscriber: str) -> int:
        """How much came to one subscriber."""
        return sum(one.subscriber == subscriber for one in self.received)


class Account:
    """The year as the record and the subscribers have it."""

    def __init__(self, story: Story) -> None:
        self.story = story
        desk, world = story.secretariat, story.api.visitor
        self.terms = [term for term in world.each("/chairs/terms") if term["year"] in {t["year"] for t in FACTS["adopted_terms"]}]
        self.handover = desk.get("/chairs/handovers/2015")
        self.history = desk.get("/chairs/history", years=3)
        self.plan = desk.get("/workplans/2014")
        self.adoptions = desk.get("/workplans/2014/positions")["clearances"]
        self.report = desk.get("/workplans/2014/report")
        self.coverage = desk.get("/workplans/2014/coverage")
        self.drafted = desk.get("/workplans/2015")
        self.meetings = sorted(desk.each("/meetings"), key=lambda meeting: meeting["starts_at"])
        self.measures = list(desk.each("/concrete-actions"))
        self.paper = desk.get(f"/documents/{story.paper}")
        self.documents = {one["id"]: self._drafted(one) for one in desk.each("/documents") if one["source"] is None}
        self.paper_board = self.documents[story.paper].clearance["board"]
        self.comments = self.documents[story.paper].comments
        self.begun = {activity: desk.get(f"/documents/{document}") for activity, document in story.begun.items()}
        self.library = list(world.each("/library"))
        self.statement = desk.get(f"/documents/{story.statement}")
        self.signed = self.documents[story.statement].clearance["board"]
        self.briefing = story.people["BRA"].get(f"/briefings/{story.briefing}")
        self.guests = desk.get(f"/briefings/{story.briefing}/attendance")
        self.matters = [item for topic in TOPICS for item in world.get(f"/matters/{topic}", limit=200)["items"]]
        self.reminders = desk.get("/matters/reminders", limit=200)["items"]
        self.subscriptions = [
            subscription | {"subscriber": subscriber["code"]}
            for subscriber in desk.each("/subscribers")
            for subscription in subscriber["subscriptions"]
            if subscription["state"] == "confirmed" and subscription["channel"] in CHANNELS
        ]
        self.summary = eventually("every delivery made or given up", self._all_settled, seconds=60)
        self.board = [row for row in desk.each("/deliveries/board") if row["topic"] != "reminders"]
        of_matters = ("matter", "digest", "note")
        self.brought = [d for d in desk.each("/deliveries") if d["purpose"] in of_matters and d["why_code"] != "overtaken"]
        matters = [d for d in self.brought if d["purpose"] == "matter"]
        self.deliveries = [d for d in matters if d["replay"] is None]
        self.replayed = [d for d in matters if d["replay"] is not None]
        self.digests = {each["id"] for each in self.subscriptions if each["schedule"]["rhythm"] != "at_once"}
        self.gathered = Counter((d["subscription"], item) for d in self.brought for item in d["items"])
        self.wire = self._wire()
        self.brazil = self._told_to_brazil()
        self.events = sum(service["events"] for service in desk.get("/status")["services"].values())

    @property
    def expected(self) -> set[tuple[str, str, int]]:
        """Subscription, topic and number of everything that is to be brought: each matter of its topics and places since it was confirmed
        (what was missed in a silence was asked for afterwards), and of what is the Group's own that which names the subscriber. But of a
        briefing that moved before somebody's hour had come, the newer notice alone."""
        return {
            (subscription["id"], matter["topic"], matter["number"])
            for subscription in self.subscriptions
            for matter in (*self.matters, *self.reminders)
            if matter["topic"] in subscription["topics"]
            and matter["matter"]["at"] >= subscription["confirmed_at"]
            and _is_where(subscription["places"], matter["matter"]["data"])
            and not (subscription["subscriber"] in (GATHERED, QUIET) and self._is_overtaken(matter["matter"]["data"]))
            and subscription["subscriber"].replace(DESK, "secretariat") in matter["matter"].get("audience", [subscription["subscriber"]])
        }

    def _is_overtaken(self, told: dict[str, Any]) -> bool:
        """Whether a newer version of the briefing was announced."""
        of_it = (data for matter in self.matters if (data := matter["matter"]["data"]).get("briefing") == told.get("briefing"))
        return "briefing" in told and any(data["revision"] > told["revision"] for data in of_it)

    def _drafted(self, document: dict[str, Any]) -> Drafted:
        desk, at = self.story.secretariat, f"/documents/{document['id']}"
        return Drafted(desk.get(at), list(desk.each(f"{at}/comments")), desk.get(f"{at}/clearance"))

    def _all_settled(self) -> dict[str, Any] | None:
        desk = self.story.secretariat
        summary = desk.get("/deliveries/summary")
        settled = not summary["waiting"] and summary["sent"] + summary["failed"] >= len(self.expected) + len(self.story.replayed)
        on_the_way = (one for state in ("queued", "retrying") for one in desk.get("/deliveries", state=state, limit=1)["items"])
        return summary if settled and not any(on_the_way) else None

    def _wire(self) -> Wire:
        mailboxes = {mail_of(code): code for code in (*MISSIONS, *self.story.focal, DESK)}
        received = [*self.story.mail.received(mailboxes), *self.story.hooks.received]
        with ThreadPoolExecutor(len(self.story.queues)) as threads:
            for read in threads.map(Queue.read, self.story.queues):
                received += read
        return Wire(received, {queue.mission: queue.came for queue in self.story.queues})

    def _told_to_brazil(self) -> list[Told]:
        """What Brazil was told, as it finds it in its mailbox, its inbox, its feed and its calendar."""
        story, code = self.story, BY_INVITATION
        record = {d["id"]: d for d in story.brought(code)}
        inbox = story.people[code].get(f"/subscribers/{code}/inbox", limit=200)["items"]
        feed = ElementTree.fromstring(story.api.feed(story.feeds["atom"]) or b"")
        titles = {entry.findtext(f"{ATOM}title") for entry in feed.findall(f"{ATOM}entry")}
        entries = {(entry["uid"], entry["sequence"]) for entry in entries_of(story.api.feed(story.feeds["calendar"]) or b"")}
        told = []
        for mail in story.mail.mails(mail_of(code)):
            id, title = str(mail["Message-ID"]).strip("<>").rpartition("@")[0], str(mail["Subject"])
            if id not in record:
                continue  # it was another's, which is for the differences to tell
            about = (item["matter"] or item["note"] for item in inbox)
            found = {
                "mail": True,
                "inbox": any(title == each["title"][language_of(mail)] for each in about),
                "feed": title in titles,
                "calendar": any((entry["uid"], entry["sequence"]) in entries for entry in invited_to(mail)),
            }
            told.append(Told(record[id]["announced_at"], [where for where, holds in found.items() if holds], language_of(mail), title))
        return told

    def languages(self, code: str) -> list[str]:
        """The languages of the mails that came to a mission."""
        return sorted({language_of(mail) for mail in self.story.mail.mails(mail_of(code)) if mail["List-Id"] is not None})

    # Does it hold?

    def differences(self) -> list[str]:
        """What is not as it should be, in sentences; nothing when all is."""
        return [*self._of_the_record(), *self._of_the_group(), *self._of_the_reminders(), *self._of_the_deliveries(), *self._of_the_wire()]

    def _of_the_record(self) -> Iterator[str]:
        if (chairs := self.chairs()) != FACTS["adopted_terms"]:
            yield f"The chairs are {chairs}, and not {FACTS['adopted_terms']}."
        seated = self.story.six
        if self.plan["state"] != "closed" or self.plan["endorsed_by"] != seated:
            yield f"The plan is {self.plan['state']}, endorsed by {self.plan['endorsed_by']}, and not by {seated}."
        second = FACTS["issue_papers"]["first"]["number"] + 1
        if [paper["number"] for paper in self._published()] != [second]:
            yield f"Published is {self._published()}, and not one paper with number {second}."
        for activity, document in (("demand-paper", self.paper), ("world-day", self.statement)):
            if self._delivered_by(document["id"]) != activity:
                yield f"{document['title']} delivered {self._delivered_by(document['id'])}, and not {activity}."
        signing = sorted([*seated, JOINING])
        if self.statement["published_at"] != FACTS["world_day"]["issue_at"] or self.statement["signatories"] != signing:
            yield f"The statement was issued at {self.statement['published_at']} by {self.statement['signatories']}, and not by {signing}."
        if self.drafted["state"] != "draft":
            yield f"The plan 2015 is {self.drafted['state']}, and no draft."
        if uninvited := {mail_of(code) for code in MISSIONS if code != GATHERED} - set(self.invited()):  # in a digest there is none
            yield f"No calendar entry came to {sorted(uninvited)}."

    def _of_the_group(self) -> Iterator[str]:
        """What the six planned, did and passed on, and whether the annual report says the same as the plan it was made of."""
        planned = [deliverable for activity in self.plan["activities"] for deliverable in activity["deliverables"]]
        delivered = sum(deliverable["delivered_at"] is not None for deliverable in planned)
        total = self.report["total"]
        if (total["deliverables"], total["delivered"]) != (len(planned), delivered):
            counted = f"{total['delivered']} of {total['deliverables']}"
            yield f"The report counts {counted} deliverables as delivered, and the plan {delivered} of {len(planned)}."
        if not self.report["final"] or self.report["digest"] != self.plan["report"]:
            yield "The annual report is not the one with which the plan was closed."
        owed = [activity["activity"] for activity in self.plan["activities"] if activity["status"] not in ("delivered", "cancelled")]
        carried = [activity["carried_from"]["activity"] for activity in self.drafted["activities"] if activity["carried_from"]]
        if owed != carried:
            yield f"Unfinished is {owed}, and carried over {carried}."
        where = [place for meeting in self.meetings for place in FACTS["meetings_in"] if place in f"{meeting['title']} {meeting['place']}"]
        if where != FACTS["meetings_in"]:
            yield f"The six met in {where}, and not in {FACTS['meetings_in']}."
        if undone := [a["action"] for meeting in self.meetings for a in meeting["actions"] if a["state"] != "done"]:
            yield f"Action items not done: {undone}."
        serving = [code for turn in FACTS["adopted_terms"] for code in turn["chairs"]]
        signed = [signature["entity"] for signature in self.handover["signatures"]]
        if (self.handover["state"], signed) != ("signed", serving) or not self.handover["escalated_at"]:
            yield f"The handover is {self.handover['state']} by {signed}, escalated at {self.handover['escalated_at']}."

    def _of_the_reminders(self) -> Iterator[str]:
        """Each reminder that the record asks for was told once, to those it concerns; and none stands in a mission's mailbox."""
        wanted = Counter((*what, tuple(sorted({*whom}))) for *what, whom in self._reminders_on_record())
        told = Counter(map(_reminder, self.reminders))
        for what, which in (("was not told", wanted - told), ("was told, and nothing on record asks for it", told - wanted)):
            if which:
                yield f"{which.total()} reminders: the first, {min(which, key=str)}, {what}."
        last: dict[str, int] = {}
        for item in self.reminders:
            if item["matter"]["kind"] in ("meeting_called", "meeting_changed"):
                data = item["matter"]["data"]
                last[data["uid"]] = max(data["revision"], last.get(data["uid"], 0))
        for code in self.story.six:
            entries = [entry for mail in self.story.mail.mails(mail_of(code)) for entry in invited_to(mail)]
            shown = {uid: max((entry["sequence"] for entry in entries if entry["uid"] == uid), default=None) for uid in last}
            if shown != last:
                yield f"The calendar of {code} shows the revisions {shown}, and not {last}."
        for code in MISSIONS:
            if any("reminders" in str(mail["List-Id"]) for mail in self.story.mail.mails(mail_of(code))):
                yield f"A reminder of the Group's own came to {code}."

    def _reminders_on_record(self) -> Iterator[Reminder]:
        handover, six = self.handover, tuple(self.story.six)
        troika = tuple(handover["outgoing"] + handover["incoming"])
        for reminder in handover["reminders"]:
            yield "handover_reminded", str(handover["year"]), reminder["days"], troika
        yield "handover_escalated", str(handover["year"]), None, ("secretariat",)
        for meeting in self.meetings:
            yield "meeting_called", meeting["meeting"], None, six
            if meeting["meeting"] == self.story.moved:
                yield "meeting_changed", meeting["meeting"], None, six
            yield from (("meeting_reminded", meeting["meeting"], days, six) for days in (7, 1))
            for action in meeting["actions"]:
                yield "action_assigned", action["action"], None, (action["owner"],)
                yield "action_reminded", action["action"], 7, (action["owner"],)
        yield from self._of_the_plan()
        for drafted in self.documents.values():
            yield from self._of_the_comments(drafted)
            yield from self._of_the_clearances(drafted)
            yield from self._of_the_timetable(drafted)

    def _of_the_plan(self) -> Iterator[Reminder]:
        """The plan was in consultation, and it and its amendment were before the entities: that is told to those who count, and before
        the end again to those who have not spoken; that the amendment was adopted also to the chair."""
        year = str(self.plan["year"])
        yield "consultation_opened", year, None, tuple(self.story.six)
        for run in self.adoptions:
            about, counting = "/".join(filter(None, (year, run["amendment"]))), tuple(run["counting"])
            yield "adoption_opened", about, None, counting
            yield from (("adoption_reminded", about, days, awaited) for days, awaited in self._awaited(run, run["positions"]))
            if run["amendment"] and run["state"] == "passed":
                yield "amendment_adopted", about, None, (*counting, *self._chairs_at(run["settled_at"]))

    def _of_the_comments(self, drafted: Drafted) -> Iterator[Reminder]:
        """Each round is told to those who are asked, and before its end again to those who have said nothing in it."""
        id = drafted.document["id"]
        for round in drafted.document["rounds"]:
            opened = _instant(round["opened_at"])
            yield "comment_round_opened", id, None, tuple(round["asked"])
            for falls, days in self._ahead(round["deadline"], opened):
                heard = {comment["entity"] for comment in drafted.comments if opened <= _instant(comment["at"]) <= falls}
                if silent := tuple(code for code in round["asked"] if code not in heard):
                    yield "document_reminded", f"{id}/comments", days, silent

    def _of_the_clearances(self, drafted: Drafted) -> Iterator[Reminder]:
        """Each is told to those who count, before its end again to those who have not spoken; and when it has passed also to those who
        drafted, and to the chair."""
        document, clearance = drafted.document, drafted.clearance
        for run in filter(None, (*clearance["earlier"], clearance["clearance"])):
            counting = tuple(run["counting"])
            yield "clearance_opened", document["id"], None, counting
            if document["id"] in self.story.extended:
                yield "clearance_extended", document["id"], None, counting
            if run["state"] == "passed":
                drafting = (document["lead"], *document["co_drafters"], *self._chairs_at(run["settled_at"]))
                yield "clearance_passed", document["id"], None, (*counting, *drafting)
            words = [position | {"entity": row["entity"]} for row in clearance["board"] for position in row["positions"]]
            for days, awaited in self._awaited(run, words):
                yield "document_reminded", f"{document['id']}/position", days, awaited

    def _of_the_timetable(self, drafted: Drafted) -> Iterator[Reminder]:
        """Of each step of a statement that was not done when it was due, those who draft it and the chair are told once."""
        document = drafted.document
        for step in document["timetable"]:
            due, done = _instant(step["due"]), step["done_at"]
            if due <= _instant(self.story.api.at) and step["due"] < document["issue_at"] and (done is None or _instant(done) > due):
                whom = (document["lead"], *document["co_drafters"], *self._chairs_at(step["due"]))
                yield "document_reminded", f"{document['id']}/timetable/{step['step']}", 0, whom

    def _awaited(self, run: dict[str, Any], words: list[dict[str, Any]]) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Who had yet to speak in a run of a clearance when there was a reminder of it, and how many days ahead that was."""
        for falls, days in self._ahead(run["deadline"], _instant(run["opened_at"])):
            spoke = {word["entity"] for word in words if word["digest"] == run["digest"] and _instant(word["at"]) <= falls}
            awaited = tuple(code for code in run["counting"] if code not in spoke)
            if awaited and falls < _instant(run["settled_at"] or self.story.api.at):
                yield days, awaited

    def _ahead(self, deadline: str, since: datetime) -> Iterator[tuple[datetime, int]]:
        """When before a deadline there is a reminder, as far as the story has come, and how many days ahead."""
        for before in BEFORE:
            if since < (falls := _instant(deadline) - before) <= _instant(self.story.api.at):
                yield falls, before.days

    def _chairs_at(self, instant: str) -> list[str]:
        return next(term["chairs"] for term in self.terms if str(term["year"]) == instant[:4])

    def _of_the_deliveries(self) -> Iterator[str]:
        """Each confirmed subscriber is reached exactly once per matter on each channel, as the records say."""
        if reached := {*MISSIONS, *self.story.focal, DESK} - {subscription["subscriber"] for subscription in self.subscriptions}:
            yield f"These have no confirmed subscription: {sorted(reached)}."
        recorded = {(d["subscription"], d["topic"], d["number"]): d for d in self.deliveries}
        if len(recorded) != len(self.deliveries):
            yield f"{len(self.deliveries) - len(recorded)} deliveries are recorded twice."
        if missing := self.expected - set(recorded):
            yield f"{len(missing)} deliveries are not recorded; the first is {min(missing)}."
        if unasked := set(recorded) - self.expected:
            yield f"{len(unasked)} deliveries are recorded that nobody asked for; the first is {min(unasked)}."
        wanted_again = sorted((d["subscription"], d["topic"], d["number"]) for d in self.replayed)
        if wanted_again != sorted(self.story.replayed):
            yield f"Brought once more is {wanted_again}, and not {sorted(self.story.replayed)}."
        if self.summary["failed"] or self.summary["sent"] != len(self.expected) + len(self.story.replayed):
            said = f"{self.summary['sent']} sent and {self.summary['failed']} failed"
            yield f"The platform says {said}; {len(self.expected)} were to be sent, and {len(self.story.replayed)} once more."
        if self.gathered != Counter((id, f"{topic}/{number}") for id, topic, number in self.expected if id in self.digests):
            yield f"The digests hold {sorted(self.gathered.elements())}, and not what was announced, each once."
        of_matter = Counter((d["topic"], d["number"]) for d in (*self.deliveries, *self.replayed) if d["topic"] != "reminders")
        if (shown := Counter({(row["topic"], row["number"]): row["sent"] for row in self.board})) != of_matter:
            yield f"The board counts {dict(shown)}, and on record are {dict(of_matter)}."

    def _of_the_wire(self) -> Iterator[str]:
        """What arrived is what is on record as sent, each once, and as its reader asked for it."""
        if (spoken := self.languages(BY_INVITATION)) != ["fr"]:
            yield f"{MISSIONS[BY_INVITATION]}, which asked for French, was written to in {spoken}."
        arrived = self.wire.ids
        wanted = {
            (d["channel"], d["subscriber"], d["id"])
            for d in self.brought
            if d["purpose"] != "matter" or d["subscription"] not in self.digests
        }
        for what, ids in (
            ("did not arrive", wanted - set(arrived)),
            ("arrived, and no record knows it", set(arrived) - wanted),
            ("arrived more than once", {id for id, times in arrived.items() if times > 1}),
        ):
            if ids:
                yield f"{len(ids)} messages: the first, {min(ids)}, {what}."
        for mission, came in self.wire.came.items():
            if came != (read := self.wire.by_mission()[mission].get("amqp", 0)):
                yield f"From the queue of {mission} came {came} messages, of which {read} were different ones."
        if self.story.hooks.unsigned:
            yield f"{self.story.hooks.unsigned} webhooks came without a true signature."

    # As data

    def told(self, seconds: float) -> dict[str, Any]:
        """The one object of ``--json``."""
        return {
            "chairs": self.chairs(),
            "handover": {name: self.handover[name] for name in ("year", "state", "escalated_at")}
            | {"signed": [{name: signature[name] for name in ("entity", "at")} for signature in self.handover["signatures"]]},
            "workplan": {name: self.plan[name] for name in ("year", "state", "endorsed_by")}
            | {
                "amendments": [amendment["amendment"] for amendment in self.plan["amendments"] if amendment["state"] == "adopted"],
                "planned": self.report["total"]["deliverables"],
                "delivered": self.report["total"]["delivered"],
                "carried_over": [activity["activity"] for activity in self.plan["activities"] if activity["carried_to"]],
                "funding": self.report["funding"]["balance"],
            },
            "coverage": {"concrete_actions": len(self.measures), "gaps": self.coverage["gaps"]},
            "meetings": [
                {
                    "meeting": meeting["meeting"],
                    "place": meeting["place"],
                    "at": meeting["starts_at"],
                    "attended": attended(meeting),
                    "decisions": len(meeting["decisions"]),
                    "actions": {action["action"]: action["state"] for action in meeting["actions"]},
                }
                for meeting in self.meetings
            ],
            "published": self._published(),
            "files": dict(self.story.files),
            "statements": [
                {"occasion": item["occasion"], "issued_at": item["published_at"], "signatories": item["signatories"]}
                for item in self.library
                if item["kind"] == "joint_statement"
            ],
            "deliveries": self.to_missions()
            | {
                "by_channel": dict(self.wire.by_channel()),
                "by_mission": self.wire.by_mission(),
                "by_purpose": dict(self.by_purpose()),
                "in_digests": self.gathered.total(),
            },
            "brazil": [vars(told) for told in self.brazil],
            "reminders": self.reminded(),
            "calendars": self.story.calendars,
            "events": self.events,
            "seconds": round(seconds, 1),
        }

    def to_missions(self) -> dict[str, int]:
        """How many matters were ``sent`` to missions, on all their channels, and how many ``failed``."""
        counted = self.summary["by_mission"]
        return {what: sum(counted[code][what] for code in MISSIONS) for what in ("sent", "failed")}

    def by_purpose(self) -> Counter[str]:
        """How many messages came to missions with one matter, with a digest, or with a note to it alone."""
        purpose = {d["id"]: d["purpose"] for d in self.brought}
        return Counter(purpose.get(one.id, "unknown") for one in self.wire.received if one.subscriber in MISSIONS)

    def reminded(self) -> dict[str, int]:
        """How many reminders came to each of the six, to the member that joined them, and to the secretariat."""
        return {code: self.wire.of(code) for code in (*self.story.focal, DESK)}

    def chairs(self) -> list[dict[str, Any]]:
        """Who chaired in the years of the story, as far as they have begun."""
        return [{"year": term["year"], "chairs": term["chairs"]} for term in self.terms if term["state"] in ("begun", "ended")]

    def invited(self) -> list[str]:
        """The mailboxes that hold the calendar entry of the consultation."""
        return [str(mail["To"]) for mail in self.story.mail.invitations(self.briefing["uid"])]

    def status(self, activity: dict[str, Any]) -> str:
        """An activity's status. What the plan promised of some papers is a beginning: delivered, that is begun, and no paper yet."""
        paper = self.begun.get(activity["activity"])
        unfinished = paper is not None and paper["published_at"] is None
        return "begun" if activity["status"] == "delivered" and unfinished else activity["status"].replace("_", " ")

    def _published(self) -> list[dict[str, Any]]:
        """What was published in the year; of a past paper that was entered, nobody knows the day."""
        return [
            {
                "kind": item["kind"],
                "number": item["number"],
                "title": item["title"],
                "at": item["published_at"],
                "delivered_activity": self._delivered_by(item["id"]),
            }
            for item in self.library
            if item["kind"] != "joint_statement" and item["published_at"] is not None
        ]

    def _delivered_by(self, document: str) -> str | None:
        """The activity of which this document is the evidence."""
        for activity in self.plan["activities"]:
            for deliverable in activity["deliverables"]:
                if deliverable["delivered_at"] and (deliverable["evidence"] or {}).get("document") == document:
                    return activity["activity"]
        return None


def _is_where(places: list[str], data: dict[str, Any]) -> bool:
    """Whether a matter is of one of these cities; what names no place is of all."""
    named = data.get("place") or data.get("where")
    return not places or not named or any(place in named for place in places)


def attended(meeting: dict[str, Any]) -> list[str]:
    """Who was there."""
    return [row["entity"] for row in meeting["attendance"] if row["attended"]]


def _reminder(item: dict[str, Any]) -> Reminder:
    matter = item["matter"]
    data = matter["data"]
    about = data.get("action") or data.get("meeting") or data.get("document") or str(data["year"])
    about = "/".join(filter(None, (about, data.get("amendment"), data.get("about"), data.get("step"))))
    return matter["kind"], about, data.get("days"), tuple(sorted(matter["audience"]))


def _instant(written: str) -> datetime:
    return datetime.fromisoformat(written)
