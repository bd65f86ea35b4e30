"""What every chapter of the year has at hand: the instant at which it stands, the people, what was made so far, and the means to
wait until one room has heard another."""

import hashlib
import secrets
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import yaml

from launcher.demo.api import Api, File, Person, Unexpected, eventually
from launcher.demo.outside import Mailboxes, Queue, Receiver

FACTS: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "facts.yaml").read_text(encoding="utf-8"))

MISSIONS: dict[str, str] = FACTS["missions"]

# What the missions do with what they are told is the demo's choice: of that no record speaks.
BY_INVITATION = "BRA"
"""Is invited by mail, in French, and narrows what it is told to its ``CHOICE``; reads an inbox, a feed and a calendar besides."""
CHOICE: dict[str, Any] = {"topics": ["briefings", "publications", "statements"], "places": ["New York", "Geneva"]}
ROTATING = "AUT"
"""Has the secret of its webhook replaced."""
BY_NUMBER = "FIN"
"""Takes a queue in the middle of the year, and asks by number for what was before."""
GATHERED = "PHL"
"""Has a digest each morning."""
QUIET = "PER"
"""Is told at once, but not at night."""
SCHEDULES: dict[str, dict[str, Any]] = {
    GATHERED: {"rhythm": "daily", "zone": "Asia/Manila", "hour": "08:00", "quiet_from": "20:00", "quiet_until": "07:00"},
    QUIET: {"zone": "America/Lima", "quiet_from": "19:00", "quiet_until": "07:00"},
}
BOUNCING = "CUB"
"""Has a mailbox that is closed for a month."""
PAUSING = "DNK"
"""Wants nothing for a while, and all of it afterwards."""
ANEW = "BEL"
"""Is brought the papers once more."""

WITH_WEBHOOK = [code for code in list(MISSIONS)[::3] if code != BY_INVITATION]
WITH_QUEUE = list(MISSIONS)[::4]
ORDINARY = [code for code in MISSIONS if code not in (BY_INVITATION, ROTATING, BY_NUMBER, GATHERED, QUIET, BOUNCING, PAUSING, ANEW)]
"""The missions that are told everything at once."""
TOPICS = ["briefings", "publications", "statements", "workplan", "chairmanship"]
"""What is told to the world. The topic ``reminders`` is the Group's own."""

DESK = "SECRETARIAT"
"""The code under which the secretariat subscribes."""

JOINING = "UNESCO"
"""A member without a seat, which signs the statement beside the seats. The record says no more than that members spoke (A/70 ¶79); that
it is this one is the demo's choice."""

AT_ONCE = 6
"""How many accounts are served side by side."""

NOT_HEARD_YET = ("drafters-members", "members-only", "lead-seated", "contributor-member", "seat", "chair-only", "who-counts")
"""Rules by which a room refuses until it has heard of the Group from *chairs*."""


def must(holds: object, what: str) -> None:
    """Stop the story when something in it is not as it should be."""
    if not holds:
        raise Unexpected(f"This should hold: {what}.")


class Story:
    """The Group from the end of 2013 to January 2015. ``login``: of the secretariat; ``say``: takes the progress, line by line;
    ``keep``: a folder for what missions' software remembers; ``bounces``: where mail comes back to, host and port."""

    def __init__(
        self,
        url: str,
        login: tuple[str, str],
        mail: Mailboxes,
        hooks: Receiver,
        keep: Path,
        say: Callable[[str], object],
        bounces: str,
    ) -> None:
        self.api = Api(url, "2013-11-18T09:00:00Z")
        self.mail, self.hooks, self.keep, self.say, self.bounces = mail, hooks, keep, say, bounces
        self.secretariat, self._keeper = self.api.log_in(*login), self.api.in_session(*login)
        self.people: dict[str, Person] = {}
        self.logins: dict[str, tuple[str, str]] = {}
        """Name and password of each account made, by entity or mission."""
        self.six: list[str] = []
        """The entities with a seat when the story begins, each with its focal point."""
        self.queues: list[Queue] = []
        self.extended: list[str] = []
        """Documents whose clearance was given more time."""
        self.files: Counter[str] = Counter()
        """How many files were made and looked at, by their format."""
        self.begun: dict[str, str] = {}
        """Papers that the year begins and does not finish: document by activity."""
        self.paper = self.statement = self.briefing = ""
        """The documents and the briefing of the year."""
        self.moved = ""
        """The meeting that was moved."""
        self.draft = ""
        """The digest of the plan as it was consulted on."""
        self.calendars: dict[str, int] = {}
        """How many entries each calendar has that was read."""
        self.feeds: dict[str, str] = {}
        """The secret addresses of Brazil's feeds, by channel."""
        self.renewed = ""
        """The secret with which Austria's webhook is to be signed from its change on."""
        self.replayed: set[tuple[str, str, int]] = set()
        """What was brought once more: by subscription, topic and number."""

    # The clock

    def now(self, instant: str) -> None:
        """From here on the story stands at this instant."""
        self.api.at = instant

    def tick(self, instant: str) -> None:
        """Let the clock of every room pass to this instant. Before it goes on, missions' programs read what has come for them, as programs
        do that run: a queue that nobody reads for a month is taken for one that nobody wants."""
        self.side_by_side(Queue.read, [queue for queue in self.queues if queue.waiting()])
        self.now(instant)
        self.secretariat.post("/rehearsal/tick", to=instant)

    @property
    def focal(self) -> list[str]:
        """The entities that have their people here."""
        return [*self.six, JOINING]

    # Telling, and waiting until it was told

    def tell(self, line: str) -> None:
        self.say(f"{self.api.at[:10]}  {line}")

    def told(self, topic: str, kind: str, **data: Any) -> None:
        """Wait until the topic has a matter of this kind with these particulars."""

        def known() -> bool:
            matters = (item["matter"] for item in self.secretariat.get(f"/matters/{topic}", limit=200)["items"])
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

    # People

    def side_by_side(self, act: Callable[[Any], object], several: Iterable[Any]) -> None:
        """Do the same for several, a few at a time."""
        with ThreadPoolExecutor(AT_ONCE) as threads:
            list(threads.map(act, several))

    def open_account(self, code: str, called: str, role: str) -> None:
        """An account for a person of this entity or mission, who logs in."""
        password = secrets.token_urlsafe(12)
        self._keeper.post("/people", name=code.lower(), display_name=called, entity=code, roles=[role], password=password)
        self.logins[code] = (code.lower(), password)
        self.people[code] = self.api.log_in(*self.logins[code], code)

    # Subscriptions

    def subscribe(self, code: str, /, topics: list[str], **how: Any) -> dict[str, Any]:
        """A subscriber's own people ask to be told; returns the subscription as they are answered, with its secret."""
        return self.people[code].post(f"/subscribers/{code}/subscriptions", topics=topics, **how)

    def subscription(self, code: str, channel: str) -> dict[str, Any]:
        """A subscriber's one subscription on a channel, as it stands."""
        return next(each for each in self.people[code].get(f"/subscribers/{code}")["subscriptions"] if each["channel"] == channel)

    def brought(self, code: str, **of: Any) -> list[dict[str, Any]]:
        """The deliveries to one subscriber with these particulars."""
        return [each for each in self.people[code].each("/deliveries") if of.items() <= each.items()]

    # Files

    def made(self, person: Person, document: str, format: str, **of: Any) -> bytes:
        """Have a file made of a document, and fetch it when it is; it is what was announced, to the last byte."""
        at = f"/documents/{document}/exports"
        asked = person.post(at, format=format, **of)

        def done() -> dict[str, Any] | None:
            export = person.get(f"{at}/{asked['id']}")
            must(export["state"] != "failed", f"a {format} can be made: {export['error']}")
            return export if export["state"] == "done" else None

        export = eventually(f"the {format} of {document}", done, seconds=120)
        file = person.file(f"{at}/{asked['id']}/file")
        told = (export["media_type"], export["size"], export["digest"])
        must((file.media_type, len(file.content), hashlib.sha256(file.content).hexdigest()) == told, f"the {format} is {told}")
        self.files[format] += 1
        return file.content

    def published(self, document: str, format: str, language: str) -> File:
        """A publication as any visitor has it in a format and language, once that is made."""
        self.files[format] += 1
        what = f"the {format} of {document} in {language}"
        return eventually(what, lambda: self.public_file(document, format, language), seconds=120)

    def public_file(self, document: str, format: str, language: str) -> File | None:
        """What any visitor is given of a publication; None while that is being made. Raises Unexpected where there is none."""
        of_text = not format.startswith("certificate")
        try:
            name, of = (f"export.{format}", {"language": language}) if of_text else (format, {})
            return self.api.visitor.file(f"/documents/{document}/{name}", **of)
        except Unexpected as no:
            if no.problem.get("rule") != "export-done":
                raise
            return None

    # What several chapters ask and do

    def chairs(self) -> list[str]:
        """Who chairs now."""
        return self.api.visitor.get("/chairs")["chairs"]

    def activity(self, id: str) -> dict[str, Any]:
        """An activity of the year's plan."""
        return self.secretariat.get(f"/workplans/2014/activities/{id}")

    def progress(self, entity: str, activity: str, note: str, *milestones: str) -> None:
        """An entity notes progress, and the milestones met."""
        self.people[entity].post(f"/workplans/2014/activities/{activity}/progress", note=note, milestones_met=list(milestones))

    def delivered(self, entity: str, activity: str, deliverable: str, note: str) -> None:
        """An entity reports that what an activity promised has come about."""
        self.people[entity].post(f"/workplans/2014/activities/{activity}/deliverables/{deliverable}/delivery", note=note)

    def completed(self, entity: str, meeting: dict[str, Any], action: str, note: str) -> None:
        """An entity has done what it took upon itself in a meeting."""
        self.people[entity].post(f"/meetings/{meeting['meeting']}/actions/{action}/completion", note=note)


def mail_of(code: str) -> str:
    """A mission's mailbox in the demo, an entity's, or the secretariat's: all on this machine."""
    return f"{code.lower()}@{'missions' if code in MISSIONS else 'agencies'}.example"


def order_of(turns: list[dict[str, Any]]) -> str:
    """Turns in the chair, in words."""
    return ", ".join(f"{' and '.join(turn['chairs'])} {turn['year']}" for turn in turns)
