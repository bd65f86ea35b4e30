"""The year, chapter by chapter: who does what, when, and what the others then see."""

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from launcher.demo import texts
from launcher.demo.api import Api, Person, Unexpected, eventually, once_heard
from launcher.demo.outside import Mailboxes, Queue, Receiver

FACTS: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "facts.yaml").read_text(encoding="utf-8"))

MISSIONS: dict[str, str] = FACTS["missions"]
WITH_WEBHOOK = list(MISSIONS)[::3]
WITH_QUEUE = list(MISSIONS)[::4]
TOPICS = ["briefings", "publications", "statements", "workplan", "chairmanship"]

AT_ONCE = 6
"""How many missions are served side by side."""

NOT_HEARD_YET = ("drafters-members", "members-only", "lead-seated", "contributor-member", "seat", "chair-only", "who-counts")
"""Rules by which a room refuses until it has heard of the Group from *chairs*."""


def must(holds: object, what: str) -> None:
    """Stop the story when something in it is not as it should be."""
    if not holds:
        raise Unexpected(f"This should hold: {what}.")


class Year:
    """The Group from the end of 2013 to January 2015. ``login``: of the secretariat; ``say``: takes the progress, line by line;
    ``keep``: a folder for what missions' software remembers."""

    def __init__(
        self, url: str, login: tuple[str, str], mail: Mailboxes, hooks: Receiver, keep: Path, say: Callable[[str], object]
    ) -> None:
        self.api = Api(url, "2013-11-18T09:00:00Z")
        self.mail, self.hooks, self.keep, self.say = mail, hooks, keep, say
        self.secretariat = self.api.log_in(*login)
        self.people: dict[str, Person] = {}
        self.logins: dict[str, tuple[str, str]] = {}
        """Name and password of each account made, by entity or mission."""
        self.begun: dict[str, str] = {}
        """Papers that the year begins and does not finish: document by activity."""
        self.queues: list[Queue] = []
        self.paper = self.statement = self.briefing = ""

    def run(self) -> None:
        """All chapters, in order. Raises Unexpected where the platform does not answer as it should."""
        self.the_group()
        self.the_rota()
        self.the_missions()
        self.the_series()
        self.the_first_of_january()
        self.the_plan()
        self.the_paper()
        self.the_statement()
        self.two_more_papers()
        self.vienna()
        self.the_next_term()
        self.the_consultation()

    # 2013: the ground

    def the_group(self) -> None:
        """The secretariat enters what is on record: entities, memberships, seats, past terms. Each seat gets its focal point."""
        desk, members, seats = self.secretariat, FACTS["memberships"], FACTS["seats"]
        for code, entity in FACTS["entities"].items():
            desk.post(
                "/entities",
                code=code,
                names={"en": entity["name"], "fr": entity["nom"]},
                acronyms={"fr": entity["fr"]},
            )
            desk.post("/memberships", entity=code, since=members["since"], source=members["source"])
        for seat in seats:
            for code in seat["entities"]:
                desk.post("/seats", entity=code, since=seat["since"], source=seat["source"])
                if "until" in seat:
                    desk.post(f"/seats/{code}/ending", until=seat["until"], source=seat["until_source"])
        for term in FACTS["terms"]:
            known = {"chairs": term["chairs"], "source": term["source"]} if term["chairs"] else {"nobody_knows": True}
            desk.put(f"/chairs/terms/{term['year']}", **known)
        then = self.api.visitor.get("/group", as_of="2012-02-08T12:00:00Z")
        now = self.api.visitor.get("/group", as_of="2014-01-01T00:00:00Z")
        self.tell(
            f"The Group is entered: {len(now['members'])} members, {len(then['seated'])} seats in 2012, {len(now['seated'])} from 2014"
        )
        self._side_by_side(lambda code: self._open_account(code, f"Focal point of {code}", "focal_point"), now["seated"])
        self.tell(f"Focal points of {', '.join(now['seated'])} have their accounts")

    def the_rota(self) -> None:
        """The rota is computed from the record; the Group adopts another order, and that one holds."""
        self.now("2013-12-02T10:00:00Z")
        tabled = self.secretariat.post("/chairs/rota/proposals", years=len(FACTS["adopted_terms"]))["tabled"]
        self.tell(f"The rota that follows from the record is put before the Group: {_order(tabled['turns'])}")
        self.now("2013-12-06T15:00:00Z")
        turns = FACTS["adopted_terms"]
        self.secretariat.post("/chairs/rota/adoptions", turns=turns, decision=FACTS["adopted_terms_source"])
        for turn in turns:
            for code in turn["chairs"]:
                self.people[code].post(f"/chairs/terms/{turn['year']}/acceptances", entity=code)
        self.tell(f"The Group adopts its own order: {_order(turns)}; both accept")
        eventually("the draft of the plan 2014, opened by the coming term", lambda: self.secretariat.find("/workplans/2014"))
        self.tell("The draft of the workplan 2014 opens by itself, from the coming term")

    def the_missions(self) -> None:
        """Every mission is admitted, subscribes to all topics, and proves each channel its own before anything is sent on it."""
        self.now("2013-12-09T09:00:00Z")
        self._side_by_side(self._admit, MISSIONS)
        asked = eventually(
            "a mail to each mission that asks it to confirm",
            lambda: tokens if len(tokens := self.mail.tokens()) == len(MISSIONS) else None,
        )
        self._side_by_side(lambda token: self.api.visitor.post("/subscriptions/confirmations", token=token), asked.values())
        self._side_by_side(self._subscribe_queue, WITH_QUEUE)
        eventually("every subscription confirmed by its owner", lambda: not self._unconfirmed())
        self.tell(
            f"{len(MISSIONS)} permanent missions subscribe and confirm: all by mail, {len(WITH_WEBHOOK)} also by signed webhook, "
            f"{len(WITH_QUEUE)} also by a queue of their own"
        )

    def the_series(self) -> None:
        """The first issue paper is older than this record: it is entered with its source, and nobody is told of it as news."""
        self.now("2013-12-16T11:00:00Z")
        first = self.secretariat.post(
            "/library",
            title="The great questions of the fight against trafficking in persons",
            summary="An overview: what has proved itself, where tensions and contradictions lie.",
            **FACTS["issue_papers"]["first"],
        )
        self.tell(f"Issue paper {first['number']} of {first['published_on']} is entered in the series, with its source")

    # 2014

    def the_first_of_january(self) -> None:
        """Nobody presses anything: the term starts with the year."""
        self.tick("2013-12-31T23:59:59Z")
        must(self._chairs() == [], "nobody knows who chaired 2013, to its last second")
        self.tick("2014-01-01T00:00:00Z")
        self.told("chairmanship", "term_started", year=2014)
        self.tell(f"The term 2014 starts by itself: {' and '.join(self._chairs())} chairs")

    def the_plan(self) -> None:
        """The six draft the plan, consult, and adopt by six express positions bound to its exact text."""
        self.now("2014-01-13T09:30:00Z")
        for activity in texts.WORKPLAN:
            once_heard(partial(self.people[activity["lead"]].post, "/workplans/2014/activities", **activity), *NOT_HEARD_YET)
        drafted = ", ".join(f"{activity['activity']} ({activity['lead']})" for activity in texts.WORKPLAN)
        self.tell(f"Drafted for 2014: {drafted}")
        must(self.people["BRA"].find("/workplans/2014") is None, "a mission knows of no draft")

        self.now("2014-01-20T09:30:00Z")
        draft = self.people["IOM"].post("/workplans/2014/consultation")
        self.now("2014-01-27T14:00:00Z")
        self.people["ILO"].patch("/workplans/2014/activities/demand-paper", objective=texts.CHILDREN_TOO)
        self.tell("In the consultation UNICEF asks that the paper name children; ILO writes it into the plan")

        self.now("2014-02-03T09:00:00Z")
        plan = self.people["IOM"].post("/workplans/2014/adoption", by="express", deadline="2014-02-14T16:00:00Z")
        stale = self.people["UNICEF"].refused(412, "POST", "/workplans/2014/positions", digest=draft["digest"], word="endorse")
        self.tell(f"UNICEF's word on the text of January is refused ({stale['rule']}): a position binds one exact text")
        for hour, code in enumerate(plan["adoption"]["counting"], 9):
            self.now(f"2014-02-11T{hour:02}:00:00Z")
            plan = self.people[code].post("/workplans/2014/positions", digest=plan["digest"], word="endorse")
        must(plan["state"] == "in_force", "the plan is in force with the last word")
        self.told("workplan", "plan_adopted", year=2014)
        self.tell(f"The workplan 2014 is adopted, endorsed by {', '.join(plan['endorsed_by'])}")

    def the_paper(self) -> None:
        """Issue paper 2: proposed, agreed in concept, drafted by two, commented by four, cleared by silence, published."""
        ilo, ohchr, iom = self.people["ILO"], self.people["OHCHR"], self.people["IOM"]
        self.now("2014-02-17T10:00:00Z")
        proposal = {
            "kind": "issue_paper",
            "title": texts.DEMAND_TITLE,
            "summary": texts.DEMAND_SUMMARY,
            "lead": "ILO",
            "co_drafters": ["OHCHR"],
            "pillars": ["prevention"],
            "deliverable": {"year": 2014, "activity": "demand-paper", "deliverable": "paper"},
        }
        self.paper = once_heard(partial(ilo.post, "/documents", **proposal), *NOT_HEARD_YET)["id"]
        at = f"/documents/{self.paper}"
        self.now("2014-02-24T10:00:00Z")
        iom.post(f"{at}/concept")
        self.tell(f"ILO and OHCHR propose a paper, “{texts.DEMAND_TITLE}”; the Group agrees on its concept")

        self.now("2014-03-10T10:00:00Z")
        ilo.post(f"{at}/revisions", base=0, sections=texts.DEMAND_FIRST, summary="First full draft")
        ilo.post(
            "/workplans/2014/activities/demand-paper/progress",
            note="A first full draft is with the co-drafter.",
            milestones_met=["first-draft"],
        )
        self.now("2014-03-17T16:00:00Z")
        ohchr.post(f"{at}/revisions", base=1, sections=texts.DEMAND_WITH_RIGHTS, summary="What a measure does to rights")
        beside = ilo.refused(409, "POST", f"{at}/revisions", base=1, sections=texts.DEMAND_FINAL, summary="Written beside OHCHR's")
        self.tell(
            f"Revisions 1 (ILO) and 2 (OHCHR); a third written beside the second is refused with both texts and their difference "
            f"({len(beside['difference'].splitlines())} lines)"
        )

        self.now("2014-03-24T09:00:00Z")
        iom.post(f"{at}/comment-rounds", deadline="2014-04-11T17:00:00Z")
        for day, comment in enumerate(texts.DEMAND_COMMENTS, 1):
            self.now(f"2014-04-{day:02}T11:00:00Z")
            self._comment(at, comment)
        self.tick("2014-04-11T17:00:00Z")
        self.now("2014-04-15T10:00:00Z")
        too_soon = iom.refused(409, "POST", f"{at}/clearance", by="silence", deadline="2014-05-12T12:00:00Z")
        for number, comment in enumerate(texts.DEMAND_COMMENTS, 1):
            ilo.post(f"{at}/comments/{number}/dispositions", outcome=comment["outcome"], reason=comment["reason"])
        self.now("2014-04-22T10:00:00Z")
        paper = ilo.post(f"{at}/revisions", base=2, sections=texts.DEMAND_FINAL, summary="After the comments")
        self.tell(
            f"Comments of {', '.join(c['entity'] for c in texts.DEMAND_COMMENTS)}; before each has its disposition no clearance opens "
            f"({too_soon['rule']}); revision {paper['revision']} answers them"
        )

        self.now("2014-04-28T09:00:00Z")
        iom.post(f"{at}/clearance", by="silence", deadline="2014-05-12T12:00:00Z")
        self.now("2014-05-05T09:00:00Z")
        self.people["UNODC"].post(f"{at}/positions", digest=paper["digest"], word="endorse")
        self.now("2014-05-07T09:00:00Z")
        by_letter = {"on_behalf_of": "UNHCR", "letter": "Letter of 6 May 2014"}
        self.secretariat.post(f"{at}/positions", digest=paper["digest"], word="endorse", **by_letter)
        self.tick("2014-05-12T12:00:00Z")
        must(ilo.get(at)["state"] == "cleared", "silence until the deadline clears the paper")
        self.tell("Cleared at the deadline: UNODC endorses, UNHCR by a letter that the secretariat enters, the others by silence")

        must(self.people["BRA"].find(at) is None, "a mission knows nothing of a paper before its publication")
        self.now("2014-05-20T08:00:00Z")
        paper = iom.post(f"{at}/publication")
        self.told("publications", "published", document=self.paper)
        self.tell(f"Issue paper {paper['number']} is published")
        eventually("the activity delivered by the publication", lambda: self._activity("demand-paper")["status"] == "delivered")
        self.tell("Its workplan activity is delivered by the event of the publication, untouched by hand")

    def the_statement(self) -> None:
        """The statement of the first World Day: endorsed by every signatory under embargo, issued by the clock."""
        iom = self.people["IOM"]
        self.now("2014-06-02T10:00:00Z")
        self.statement = iom.post(
            "/documents",
            kind="joint_statement",
            title=texts.STATEMENT_TITLE,
            summary=texts.STATEMENT_SUMMARY,
            lead="IOM",
            co_drafters=["UNODC"],
            pillars=["prevention", "partnerships"],
            deliverable={"year": 2014, "activity": "world-day", "deliverable": "statement"},
            **FACTS["world_day"],
        )["id"]
        at = f"/documents/{self.statement}"
        iom.post(f"{at}/revisions", base=0, sections=texts.STATEMENT_FIRST, summary="First draft")
        self.now("2014-06-16T10:00:00Z")
        self._comment(at, texts.STATEMENT_COMMENT)
        iom.post(f"{at}/comments/1/dispositions", outcome=texts.STATEMENT_COMMENT["outcome"])
        self.now("2014-06-23T10:00:00Z")
        statement = iom.post(f"{at}/revisions", base=1, sections=texts.STATEMENT_FINAL, summary="Those already harmed")
        self.tell(f"IOM drafts the statement for {FACTS['world_day']['occasion']}, “{texts.STATEMENT_TITLE}”; OHCHR's comment is taken up")

        self.now("2014-07-14T09:00:00Z")
        signatories = iom.post(f"{at}/clearance", by="express", deadline="2014-07-25T15:00:00Z")["signatories"]
        for hour, code in enumerate(signatories, 9):
            self.now(f"2014-07-22T{hour:02}:00:00Z")
            board = self.people[code].post(f"{at}/positions", digest=statement["digest"], word="endorse")
        must(board["state"] == "cleared_under_embargo", "with the last endorsement the statement is cleared under embargo")
        iom.post("/workplans/2014/activities/world-day/progress", note="Endorsed by all who sign.", milestones_met=["cleared"])
        self.tell(f"Endorsed by {', '.join(signatories)}; under embargo until {FACTS['world_day']['issue_at']}")

        self.tick("2014-07-29T23:59:59Z")
        self._nothing_is_known_outside(at)
        self.tell("A second before the instant: no page, list, feed of matters, delivery, mail or webhook knows of it")
        self.tick(FACTS["world_day"]["issue_at"])
        self.told("statements", "statement_issued", document=self.statement)
        issued = self.people["BRA"].get(at)
        must(issued["published_at"] == FACTS["world_day"]["issue_at"], "the statement is issued at its instant")
        eventually("the activity delivered by the statement", lambda: self._activity("world-day")["status"] == "delivered")
        self.tell(f"The clock issues it, signed by {', '.join(issued['signatories'])}; every mission can read it")

    def two_more_papers(self) -> None:
        """Two further papers are begun: on effective remedies and on evaluating responses."""
        ohchr, iom = self.people["OHCHR"], self.people["IOM"]
        self.now("2014-09-01T10:00:00Z")
        remedies = ohchr.post(
            "/documents",
            kind="issue_paper",
            title=texts.REMEDIES_TITLE,
            summary=texts.REMEDIES_SUMMARY,
            lead="OHCHR",
            co_drafters=["IOM", "UNICEF"],
            pillars=["protection"],
        )["id"]
        self.now("2014-09-15T10:00:00Z")
        iom.post(f"/documents/{remedies}/concept")
        ohchr.post("/workplans/2014/activities/remedies-paper/progress", note="The concept is agreed.", milestones_met=["concept"])
        self.now("2014-09-22T10:00:00Z")
        ohchr.post(f"/documents/{remedies}/revisions", base=0, sections=texts.REMEDIES_FIRST, summary="A beginning")
        self._delivered("OHCHR", "remedies-paper", "begun", "The concept is agreed and a first draft is written.")
        self.now("2014-09-29T10:00:00Z")
        evaluation = iom.post(
            "/documents",
            kind="issue_paper",
            title=texts.EVALUATION_TITLE,
            summary=texts.EVALUATION_SUMMARY,
            lead="IOM",
            co_drafters=["UNODC"],
            pillars=["prevention", "partnerships"],
        )["id"]
        iom.post(f"/documents/{evaluation}/concept")
        self._delivered("IOM", "evaluation-paper", "begun", "The concept is agreed.")
        self.begun = {"remedies-paper": remedies, "evaluation-paper": evaluation}
        self.tell(f"Two further papers are begun: “{texts.REMEDIES_TITLE}” (OHCHR) and “{texts.EVALUATION_TITLE}” (IOM)")

    def vienna(self) -> None:
        """The paper is presented to States on the margins of the Conference; the six meet there."""
        self.now("2014-10-10T16:00:00Z")
        presented = self.people["ILO"].post(f"/documents/{self.paper}/presentations", **FACTS["issue_papers"]["second"]["presented"])
        self.people["ILO"].post(
            "/workplans/2014/activities/demand-paper/progress", note="Presented to States.", milestones_met=["presented"]
        )
        self.told("publications", "presented", document=self.paper)
        self._delivered("UNODC", "meetings", "geneva", "Met in Geneva in June.")
        self._delivered("UNODC", "meetings", "vienna", "Met in Vienna, beside the Conference.")
        where = presented["presentations"][-1]
        self.tell(f"Issue paper {presented['number']} is presented in {where['where']}, on the margins of: {where['on_margins_of']}")

    # 2015

    def the_next_term(self) -> None:
        """The year turns: the term ends, the next one begins, and opens the draft of its plan."""
        self.tick("2014-12-31T23:59:59Z")
        outgoing = self._chairs()
        self.tick("2015-01-01T00:00:00Z")
        self.told("chairmanship", "term_started", year=2015)
        self.tell(f"The term 2015 starts by itself: {' and '.join(self._chairs())} follows {' and '.join(outgoing)}")
        eventually("the draft of the plan 2015, opened by the term", lambda: self.secretariat.find("/workplans/2015"))
        self.tell("The draft of the workplan 2015 is open, by the event of the term")

    def the_consultation(self) -> None:
        """The new chair invites the missions to a consultation; the invitation is an entry for their calendars."""
        self.now("2015-01-05T10:00:00Z")
        briefing = self.people["UNHCR"].post(
            "/briefings",
            briefing="consultation-2015",
            title=texts.CONSULTATION_TITLE,
            kind="consultation",
            starts_at="2015-01-22T15:00:00Z",
            ends_at="2015-01-22T17:00:00Z",
            place="New York",
            agenda=texts.CONSULTATION_AGENDA,
            papers=[{"title": texts.DEMAND_TITLE, "url": f"/documents/{self.paper}"}],
        )
        self.briefing = briefing["briefing"]
        self.told("briefings", "briefing_announced", briefing=self.briefing)
        self.tell(f"UNHCR announces a consultation with the missions in {briefing['place']}, {briefing['starts_at']}")
        self.now("2015-01-23T10:00:00Z")
        self._delivered("UNODC", "meetings", "new-york", "Met in New York, beside the consultation.")
        self.tell("The six have met in Geneva, Vienna and New York")

    # The story's own means

    def now(self, instant: str) -> None:
        """From here on the story stands at this instant."""
        self.api.at = instant

    def tick(self, instant: str) -> None:
        """Let the clock of every room pass to this instant."""
        self.now(instant)
        self.secretariat.post("/rehearsal/tick", to=instant)

    def tell(self, line: str) -> None:
        self.say(f"{self.api.at[:10]}  {line}")

    def told(self, topic: str, kind: str, **data: Any) -> None:
        """Wait until the world is told: the topic has a matter of this kind with these particulars."""

        def known() -> bool:
            matters = (item["matter"] for item in self.api.visitor.get(f"/matters/{topic}", limit=200)["items"])
            return any(matter["kind"] == kind and data.items() <= matter["data"].items() for matter in matters)

        eventually(f"the matter {kind} of {data} among the {topic}", known)

    def settled(self) -> None:
        """Wait until no room has anything left to say."""

        def quiet() -> bool:
            before, after = self._state(), self._state()
            return before == after and not any(pending for pending, _ in after)

        eventually("every room quiet", quiet)

    def _state(self) -> list[tuple[int, int]]:
        services = self.secretariat.get("/status")["services"]
        must(all(state["available"] for state in services.values()), f"every service answers: {services}")
        return [(state["pending"], state["events"]) for state in services.values()]

    def _side_by_side(self, act: Callable[[Any], object], several: Any) -> None:
        with ThreadPoolExecutor(AT_ONCE) as threads:
            list(threads.map(act, several))

    def _chairs(self) -> list[str]:
        return self.api.visitor.get("/chairs")["chairs"]

    def _activity(self, id: str) -> dict[str, Any]:
        return self.secretariat.get(f"/workplans/2014/activities/{id}")

    def _delivered(self, entity: str, activity: str, deliverable: str, note: str) -> None:
        self.people[entity].post(f"/workplans/2014/activities/{activity}/deliverables/{deliverable}/delivery", note=note)

    def _comment(self, document: str, comment: dict[str, Any]) -> None:
        said = {name: comment[name] for name in ("section", "quotation", "text")}
        self.people[comment["entity"]].post(f"{document}/comments", **said)

    def _open_account(self, code: str, called: str, role: str) -> None:
        password = secrets.token_urlsafe(12)
        self.secretariat.post("/people", name=code.lower(), display_name=called, entity=code, roles=[role], password=password)
        self.logins[code] = (code.lower(), password)
        self.people[code] = self.api.log_in(*self.logins[code], code)

    def _admit(self, code: str) -> None:
        self.secretariat.post("/subscribers", code=code, name=f"Permanent mission: {MISSIONS[code]}", kind="mission")
        self._open_account(code, f"Permanent mission: {MISSIONS[code]}", "mission")
        self._subscribe(code, channel="mail", target=mail_of(code))
        if code in WITH_WEBHOOK:
            address, secret = self.hooks.open(code)
            self._subscribe(code, channel="webhook", target=address, secret=secret)

    def _subscribe_queue(self, code: str) -> None:
        subscription = self._subscribe(code, channel="amqp")
        fetched = self.people[code].post(f"/subscribers/{code}/subscriptions/{subscription}/credentials")
        self.queues.append(Queue(code, fetched["uri"], fetched["queue"], self.keep / f"{code}.json"))

    def _subscribe(self, code: str, **how: str) -> str:
        return self.people[code].post(f"/subscribers/{code}/subscriptions", topics=TOPICS, **how)["id"]

    def _unconfirmed(self) -> list[dict[str, Any]]:
        subscribers = self.secretariat.each("/subscribers", kind="mission")
        return [s for subscriber in subscribers for s in subscriber["subscriptions"] if s["state"] != "confirmed"]

    def _nothing_is_known_outside(self, document: str) -> None:
        """Neither a mission nor a visitor finds a trace of the statement, and nothing of it has left the house."""
        self.settled()
        title = texts.STATEMENT_TITLE
        for reader in (self.people["BRA"], self.api.visitor):
            must(reader.find(document) is None, f"{reader.name} finds no statement")
            must(reader.find(f"{document}/text") is None, f"{reader.name} reads no text")
            for items in ("/library", "/documents"):
                must(all(item["title"] != title for item in reader.each(items)), f"{reader.name} sees no statement in {items}")
            must(reader.get("/matters/statements")["last"] == 0, "no matter is announced")
        for code in MISSIONS:
            must(not list(self.people[code].each("/deliveries", topic="statements")), f"nothing is on its way to {code}")
        must(not self.mail.mention(title), "no mail speaks of it")
        must(not any(title in body for body in self.hooks.bodies), "no webhook speaks of it")


def mail_of(mission: str) -> str:
    """A mission's mailbox in the demo, on this machine."""
    return f"{mission.lower()}@missions.example"


def _order(turns: list[dict[str, Any]]) -> str:
    return ", ".join(f"{' and '.join(turn['chairs'])} {turn['year']}" for turn in turns)
