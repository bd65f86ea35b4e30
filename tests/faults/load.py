"""People at work: commands through the gateway, asked again with the same key until they are answered.

What was acknowledged is written down, so that afterwards it can be looked for.
"""

import itertools
import random
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field

import requests

from launcher.platform import Platform

THOUGHT_SECONDS = 0.1
"""The longest that people pause between two commands: what was killed and is to come back needs a processor too."""
RETRY_SECONDS = (0.1, 0.2, 0.4)
"""Growing pauses before a command that was not answered is sent again; the last one repeats."""
INSTANT = "2014-02-01T09:00:00Z"
YEARS = range(2014, 2034)
SUBSCRIBERS = ("ATL", "BOR", "CAM")


class Refused(Exception):
    """The platform said no to what it should accept."""


class Person:
    """An account's token, used from one thread."""

    def __init__(self, platform: Platform, token: str) -> None:
        self.url = f"{platform.url}/api/v1"
        self.session = requests.Session()
        self.session.headers.update({"Authorization": f"Bearer {token}", "ICAT-Instant": INSTANT})

    def post(self, path: str, body: dict, *, patience: float = 120, say=lambda _: None) -> dict:
        """Ask until answered, under one idempotency key. Raises Refused for a refusal, TimeoutError after ``patience`` seconds."""
        key, until = uuid.uuid4().hex, time.monotonic() + patience
        for pause in itertools.chain(RETRY_SECONDS, itertools.repeat(RETRY_SECONDS[-1])):
            if time.monotonic() > until:
                break
            try:
                response = self.session.post(self.url + path, json=body, headers={"Idempotency-Key": key}, timeout=15)
            except requests.RequestException as error:
                say(type(error).__name__)
            else:
                if response.ok:
                    return response.json() if response.content else {}
                # 409: the same key is being carried out by the request whose answer was lost.
                if response.status_code < 500 and response.json().get("rule") != "key-in-use":
                    raise Refused(f"POST {path}: {response.status_code} {response.text}")
                say(str(response.status_code))
            time.sleep(pause)
        raise TimeoutError(f"POST {path} was not answered in {patience} s")

    def get(self, path: str, **query) -> dict:
        response = self.session.get(self.url + path, params=query, timeout=15)
        response.raise_for_status()
        return response.json()


def token_of(platform: Platform, name: str, password: str) -> str:
    """A token of the account with this password."""
    session = requests.Session()
    headers = {"X-CSRF-Token": logged_in(platform, session, name, password)}
    made = session.post(f"{platform.url}/api/v1/tokens", json={"name": "faults"}, headers=headers, timeout=20)
    made.raise_for_status()
    return made.json()["token"]


def logged_in(platform: Platform, browser: requests.Session, name: str, password: str) -> str:
    """Log in with this browser; its CSRF token."""
    answer = browser.post(f"{platform.url}/api/v1/sessions", json={"name": name, "password": password}, timeout=20)
    answer.raise_for_status()
    return answer.json()["csrf_token"]


@dataclass
class Ledger:
    """What was acknowledged: plan activities by year and title, entities, documents, briefings; and what went wrong on the way."""

    activities: dict[int, list[str]] = field(default_factory=lambda: {year: [] for year in YEARS})
    entities: list[str] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)
    briefings: list[str] = field(default_factory=list)
    trouble: Counter = field(default_factory=Counter)

    @property
    def acknowledged(self) -> int:
        return sum(map(len, self.activities.values())) + len(self.entities) + len(self.documents) + len(self.briefings)


class Load:
    """Some people who work until told to stop."""

    def __init__(self, platform: Platform, people: int = 6) -> None:
        self.platform, self.ledger = platform, Ledger()
        self.token = token_of(platform, *platform.login)
        self.queues: dict[str, dict] = {}
        self.failure: Exception | None = None
        self._stop = threading.Event()
        self._numbers = itertools.count(1)
        self._threads = [threading.Thread(target=self._work, args=(random.Random(seed),)) for seed in range(people)]

    def prepare(self) -> None:
        """The Group, its plans, and three missions that read a queue each."""
        person = Person(self.platform, self.token)
        person.post("/entities", {"code": "IOM", "names": {"en": "International Organization for Migration"}})
        person.post("/memberships", {"entity": "IOM", "since": "2010-01-01T00:00:00Z", "source": "a rehearsal"})
        person.post("/seats", {"entity": "IOM", "since": "2010-01-01T00:00:00Z", "source": "a rehearsal"})
        for year in YEARS:
            person.post("/workplans", {"year": year})
        for code in SUBSCRIBERS:
            person.post("/subscribers", {"code": code, "name": f"Mission of {code.title()}", "kind": "mission"})
            mission = Person(self.platform, self._account(code))
            asked = mission.post(f"/subscribers/{code}/subscriptions", {"topics": ["briefings"], "channel": "amqp"})
            self.queues[code] = mission.post(f"/subscribers/{code}/subscriptions/{asked['id']}/credentials", {})

    def _account(self, code: str) -> str:
        """An account of a mission's own, and its token."""
        name, password = f"mission.{code.lower()}", uuid.uuid4().hex
        account = {"name": name, "display_name": code, "entity": code, "roles": ["mission"], "password": password}
        with requests.Session() as browser:
            headers = {"X-CSRF-Token": logged_in(self.platform, browser, *self.platform.login)}
            browser.post(f"{self.platform.url}/api/v1/people", json=account, headers=headers, timeout=20).raise_for_status()
        return token_of(self.platform, name, password)

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(150)
        if self.failure:
            raise self.failure

    def _work(self, chance: random.Random) -> None:
        person = Person(self.platform, self.token)
        try:
            while not self._stop.is_set():
                # Entities are few in earnest, and each travels with all others: a whole composition a change.
                weights = (5, 1 if len(self.ledger.entities) < 40 else 0, 3, 3)
                chance.choices((self._activity, self._entity, self._document, self._briefing), weights)[0](person, chance)
                self._stop.wait(chance.uniform(0, THOUGHT_SECONDS))
        except Exception as error:
            self.failure = self.failure or error

    def _post(self, person: Person, path: str, body: dict) -> dict:
        return person.post(path, body, say=lambda what: self.ledger.trouble.update([what]))

    def _activity(self, person: Person, chance: random.Random) -> None:
        year, title = chance.choice(YEARS), f"Activity {next(self._numbers)}"
        body = {
            "title": title,
            "lead": "IOM",
            "pillars": ["prevention"],
            "paragraphs": [12],
            "objective": "Work that goes on whatever falls over.",
            "deliverables": [{"kind": "outcome", "title": "It is still there"}],
            "milestones": [],
        }
        self._post(person, f"/workplans/{year}/activities", body)
        self.ledger.activities[year].append(title)

    def _entity(self, person: Person, _: random.Random) -> None:
        code = f"E{next(self._numbers)}"
        self._post(person, "/entities", {"code": code, "names": {"en": f"Entity {code}"}})
        self.ledger.entities.append(code)

    def _document(self, person: Person, _: random.Random) -> None:
        title = f"Note {next(self._numbers)}"
        self._post(person, "/documents", {"kind": "information_note", "title": title, "lead": "IOM"})
        self.ledger.documents.append(title)

    def _briefing(self, person: Person, _: random.Random) -> None:
        title = f"Briefing {next(self._numbers)}"
        body = {
            "title": title,
            "kind": "consultation",
            "starts_at": "2015-01-20T15:00:00Z",
            "ends_at": "2015-01-20T17:00:00Z",
            "place": "New York",
        }
        self._post(person, "/briefings", body)
        self.ledger.briefings.append(title)
