"""What came of the year: read back through the API, counted in the mailboxes, at the webhooks and in the queues, and compared."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from launcher.demo.api import eventually
from launcher.demo.outside import Queue, Received, text_of
from launcher.demo.year import FACTS, MISSIONS, TOPICS, Year, mail_of

CHANNELS = ("mail", "webhook", "amqp")


@dataclass
class Wire:
    """What arrived, counted by the id it came under, and by mission and channel; ``waited``: what each queue held before it was read."""

    received: list[Received]
    waited: dict[str, int]

    @property
    def ids(self) -> Counter[tuple[str, str, str]]:
        return Counter((one.channel, one.mission, one.id) for one in self.received)

    def by_mission(self) -> dict[str, dict[str, int]]:
        counted = Counter((one.mission, one.channel) for one in self.received)
        return {code: {channel: n for channel in CHANNELS if (n := counted[code, channel])} for code in MISSIONS}


class Account:
    """The year as the record and the missions have it."""

    def __init__(self, year: Year) -> None:
        self.year = year
        desk, world = year.secretariat, year.api.visitor
        self.terms = [term for term in world.each("/chairs/terms") if term["year"] in {t["year"] for t in FACTS["adopted_terms"]}]
        self.plan = desk.get("/workplans/2014")
        self.drafted = desk.get("/workplans/2015")
        self.paper = desk.get(f"/documents/{year.paper}")
        self.paper_board = desk.get(f"/documents/{year.paper}/clearance")["board"]
        self.comments = list(desk.each(f"/documents/{year.paper}/comments"))
        self.begun = {activity: desk.get(f"/documents/{document}") for activity, document in year.begun.items()}
        self.library = list(world.each("/library"))
        self.statement = desk.get(f"/documents/{year.statement}")
        self.signed = desk.get(f"/documents/{year.statement}/clearance")["board"]
        self.briefing = year.people["BRA"].get(f"/briefings/{year.briefing}")
        self.matters = [item for topic in TOPICS for item in world.get(f"/matters/{topic}", limit=200)["items"]]
        self.subscriptions = [
            subscription | {"subscriber": subscriber["code"]}
            for subscriber in desk.each("/subscribers", kind="mission")
            for subscription in subscriber["subscriptions"]
            if subscription["state"] == "confirmed"
        ]
        self.summary = eventually("every delivery made or given up", self._all_settled, seconds=60)
        self.deliveries = [d for d in desk.each("/deliveries") if d["purpose"] == "matter"]
        self.wire = self._wire()
        self.events = sum(service["events"] for service in desk.get("/status")["services"].values())

    @property
    def expected(self) -> set[tuple[str, str, int]]:
        """Subscription, topic and number of everything that is to arrive: each matter of its topics since it was confirmed."""
        return {
            (subscription["id"], matter["topic"], matter["number"])
            for subscription in self.subscriptions
            for matter in self.matters
            if matter["topic"] in subscription["topics"] and matter["matter"]["at"] >= subscription["confirmed_at"]
        }

    def _all_settled(self) -> dict[str, Any] | None:
        summary = self.year.secretariat.get("/deliveries/summary")
        settled = not summary["waiting"] and summary["sent"] + summary["failed"] >= len(self.expected)
        return summary if settled else None

    def _wire(self) -> Wire:
        received = [*self.year.mail.received({mail_of(code): code for code in MISSIONS}), *self.year.hooks.received]
        waited = {queue.mission: queue.waiting() for queue in self.year.queues}
        with ThreadPoolExecutor(len(self.year.queues)) as threads:
            for read in threads.map(Queue.read, self.year.queues):
                received += read
        return Wire(received, waited)

    # Does it hold?

    def differences(self) -> list[str]:
        """What is not as it should be, in sentences; nothing when all is."""
        return [*self._of_the_record(), *self._of_the_deliveries()]

    def _of_the_record(self) -> Iterator[str]:
        if (chairs := self._chairs()) != FACTS["adopted_terms"]:
            yield f"The chairs are {chairs}, and not {FACTS['adopted_terms']}."
        seated = self.year.api.visitor.get("/group", as_of="2014-02-14T16:00:00Z")["seated"]
        if self.plan["state"] != "in_force" or self.plan["endorsed_by"] != seated:
            yield f"The plan is {self.plan['state']}, endorsed by {self.plan['endorsed_by']}, and not by {seated}."
        second = FACTS["issue_papers"]["first"]["number"] + 1
        if [paper["number"] for paper in self._published()] != [second]:
            yield f"Published is {self._published()}, and not one paper with number {second}."
        for activity, document in (("demand-paper", self.paper), ("world-day", self.statement)):
            if self._delivered_by(document["id"]) != activity:
                yield f"{document['title']} delivered {self._delivered_by(document['id'])}, and not {activity}."
        if self.statement["published_at"] != FACTS["world_day"]["issue_at"] or self.statement["signatories"] != seated:
            yield f"The statement was issued at {self.statement['published_at']} by {self.statement['signatories']}, and not by {seated}."
        if self.drafted["state"] != "draft":
            yield f"The plan 2015 is {self.drafted['state']}, and no draft."
        if uninvited := set(map(mail_of, MISSIONS)) - set(self._invited()):
            yield f"No calendar entry came to {sorted(uninvited)}."

    def _of_the_deliveries(self) -> Iterator[str]:
        """Each confirmed mission is reached exactly once per matter on each channel, as the records say and as the wire says."""
        if reached := set(MISSIONS) - {subscription["subscriber"] for subscription in self.subscriptions}:
            yield f"These missions have no confirmed subscription: {sorted(reached)}."
        recorded = {(d["subscription"], d["topic"], d["number"]): d for d in self.deliveries}
        if len(recorded) != len(self.deliveries):
            yield f"{len(self.deliveries) - len(recorded)} deliveries are recorded twice."
        if missing := self.expected - set(recorded):
            yield f"{len(missing)} deliveries are not recorded; the first is {min(missing)}."
        if unasked := set(recorded) - self.expected:
            yield f"{len(unasked)} deliveries are recorded that nobody asked for; the first is {min(unasked)}."
        if self.summary["failed"] or self.summary["sent"] != len(self.expected):
            said = f"{self.summary['sent']} sent and {self.summary['failed']} failed"
            yield f"The platform says {said}; {len(self.expected)} were to be sent."
        arrived = self.wire.ids
        wanted = {(d["channel"], d["subscriber"], d["id"]) for d in self.deliveries}
        for what, ids in (
            ("did not arrive", wanted - set(arrived)),
            ("arrived, and no record knows it", set(arrived) - wanted),
            ("arrived more than once", {id for id, times in arrived.items() if times > 1}),
        ):
            if ids:
                yield f"{len(ids)} messages: the first, {min(ids)}, {what}."
        for mission, waited in self.wire.waited.items():
            if waited != (read := self.wire.by_mission()[mission].get("amqp", 0)):
                yield f"The queue of {mission} held {waited} messages, of which {read} were different ones."
        if self.year.hooks.unsigned:
            yield f"{self.year.hooks.unsigned} webhooks came without a true signature."

    # As data

    def told(self, seconds: float) -> dict[str, Any]:
        """The one object of ``--json``."""
        return {
            "chairs": self._chairs(),
            "workplan": {name: self.plan[name] for name in ("year", "state", "endorsed_by")},
            "published": self._published(),
            "statements": [
                {"occasion": item["occasion"], "issued_at": item["published_at"], "signatories": item["signatories"]}
                for item in self.library
                if item["kind"] == "joint_statement"
            ],
            "deliveries": {
                "sent": self.summary["sent"],
                "failed": self.summary["failed"],
                "by_channel": dict(Counter(one.channel for one in self.wire.received)),
                "by_mission": self.wire.by_mission(),
            },
            "events": self.events,
            "seconds": round(seconds, 1),
        }

    def _chairs(self) -> list[dict[str, Any]]:
        return [{"year": term["year"], "chairs": term["chairs"]} for term in self.terms if term["state"] in ("begun", "ended")]

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

    def _invited(self) -> list[str]:
        return [str(mail["To"]) for mail in self.year.mail.invitations()]

    # As a story

    def lines(self, home: Path, memory: dict[str, float]) -> Iterator[str]:
        """The readable account. ``memory``: MiB by process."""
        yield "\nWho did what"
        chairs = [f"{_and(turn['chairs'])} {turn['year']}" for turn in self._chairs()]
        yield f"  In the chair      {'; '.join(chairs)}"
        yield f"  Workplan 2014     {self.plan['state'].replace('_', ' ')}; endorsed by {_and(self.plan['endorsed_by'])}"
        for activity in self.plan["activities"]:
            status = self._status(activity)
            yield f"    {activity['activity']:<16}  {status:<10} {activity['lead']}, with {_and(activity['contributors'])}"
        yield from self._of_the_paper()
        for paper in self.begun.values():
            yield f"  Begun             “{paper['title']}”, {paper['state'].replace('_', ' ')}; led by {paper['lead']}"
        yield f"  Joint statement   “{self.statement['title']}”, {self.statement['occasion']}; issued {self.statement['published_at']}"
        endorsed = {row["entity"]: row["positions"][-1]["at"] for row in self.signed if row["word"] == "endorse"}
        yield f"    endorsed by     {_and(list(endorsed))}, the last one at {max(endorsed.values())}"
        yield f"  Workplan 2015     {self.drafted['state']}, opened {self.drafted['opened_at']} by the term itself"
        when = f"{self.briefing['place']}, {self.briefing['starts_at']}"
        yield f"  Consultation      {when}; invitations with a calendar entry: {len(self._invited())}"
        yield f"  Changes made by   {', '.join(f'{name} {count}' for name, count in self._changes().most_common())}"

        yield "\nWhat the missions were told"
        for item in sorted(self.matters, key=lambda item: item["matter"]["at"]):
            matter = item["matter"]
            yield f"  {matter['at'][:10]}  {item['topic']:<12} {item['number']}  {matter['title']['en']}"

        yield "\nWhat each mission received"
        width = max(map(len, MISSIONS.values()))
        yield f"      {'':<{width}} {'mail':>6} {'webhook':>8} {'queue':>6}"
        for code, counted in self.wire.by_mission().items():
            mail, webhook, queue = (counted.get(channel, "") for channel in CHANNELS)
            yield f"  {code} {MISSIONS[code]:<{width}} {mail:>6} {webhook:>8} {queue:>6}".rstrip()
        total = Counter(one.channel for one in self.wire.received)
        yield f"      {'together':<{width}} {total['mail']:>6} {total['webhook']:>8} {total['amqp']:>6}"
        sent = f"Sent {self.summary['sent']}, failed {self.summary['failed']}"
        yield f"  {sent}; every webhook's signature was checked, every queue read with the missions' own client."

        yield "\nWhere to look"
        yield f"  Mails: {len(self.year.mail.mails())} files in {home / 'mail'}; logs: {home / 'logs'}. The last mail to Brazil begins:"
        last = self.year.mail.mails(mail_of("BRA"))[-1]
        yield f"    Subject: {last['Subject']}"
        yield from (f"    {line}" for line in text_of(last).splitlines()[:8] if line.strip())
        services = ", ".join(f"{name} {size:.0f}" for name, size in memory.items())
        yield f"  Events in the journals: {self.events}. Memory of the five processes: {sum(memory.values()):.0f} MiB ({services})."

    def _status(self, activity: dict[str, Any]) -> str:
        """An activity's status. What the plan promised of some papers is a beginning: delivered, that is begun, and no paper yet."""
        paper = self.begun.get(activity["activity"])
        unfinished = paper is not None and paper["published_at"] is None
        return "begun" if activity["status"] == "delivered" and unfinished else activity["status"].replace("_", " ")

    def _changes(self) -> Counter[str]:
        """How many changes each person made, the missions' people (who confirm as visitors, by a link) taken together."""
        counted: Counter[str] = Counter()
        for name, count in self.year.api.changes.items():
            counted["missions" if name.upper() in MISSIONS or name == "visitor" else name] += count
        return counted

    def _of_the_paper(self) -> Iterator[str]:
        paper = self.paper
        written = Counter(revision["entity"] for revision in paper["revisions"])
        yield f"  Issue paper {paper['number']}     “{paper['title']}”, published {paper['published_at']}"
        yield f"    written by      {', '.join(f'{entity} (revisions: {count})' for entity, count in written.items())}"
        answered = [f"{comment['entity']} ({comment['disposition']['outcome'].replace('_', ' ')})" for comment in self.comments]
        yield f"    commented by    {', '.join(answered)}"
        words = [f"{row['entity']} {_said(row['positions'][-1])}" for row in self.paper_board if row["word"]]
        yield f"    cleared by      {', '.join(words)}"
        for shown in paper["presentations"]:
            yield f"    presented in    {shown['where']}, {shown['when']}; {shown['on_margins_of']}"


def memory_of(processes: dict[str, dict[str, Any]], names: tuple[str, ...]) -> dict[str, float]:
    """Resident memory of each of these processes with its children, in MiB. Each leads a process group of its own."""
    sizes = dict.fromkeys(names, 0.0)
    leaders = {processes[name]["pid"]: name for name in names}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            group = int((folder / "stat").read_text().rpartition(")")[2].split()[2])
            if group in leaders:
                pages = next(line for line in (folder / "status").read_text().splitlines() if line.startswith("VmRSS:"))
                sizes[leaders[group]] += int(pages.split()[1]) / 1024
        except (OSError, StopIteration):
            continue  # it has ended since
    return sizes


def _and(codes: list[str]) -> str:
    return ", ".join([*codes[:-2], " and ".join(codes[-2:])])


def _said(position: dict[str, Any]) -> str:
    how = " by silence" if position["tacit"] else " by letter" if position["on_behalf"] else ""
    return position["word"].replace("_", " ") + how
