"""A platform with the Group in it, as software meets it: who calls, and what there is. In rehearsal, in January 2014."""

import json
import time
from collections.abc import Callable
from typing import Any

import requests
from pymongo import MongoClient

from launcher.platform import Platform
from launcher.processes import SERVICES

AT = "2014-01-20T09:00:00Z"
PASSWORD = "correct horse battery"

PEOPLE: dict[str, tuple[str, str | None, str]] = {
    "chair": ("chair", "IOM", "focal_point"),
    "seated": ("seated", "ILO", "focal_point"),
    "member": ("member", "UNHCR", "focal_point"),
    "mission": ("mission", "BRA", "mission"),
    "reader": ("reader", "ILO", "reader"),
}
"""Who calls, by what they are: name, entity, role. UNHCR is a member without a seat."""


class Software:
    """Asks as one person, with a token of ``scope``, or in a session; without a name, as a visitor."""

    def __init__(self, url: str, login: tuple[str, str] | None = None, *, scope: str = "all", in_session: bool = False) -> None:
        self.url = f"{url}/api/v1"
        self.login, self.in_session = login, in_session
        self.headers = {"ICAT-Instant": AT}
        self.session = requests.Session()
        if login is not None:
            self.enter()
            if not in_session:
                token = self("POST", "/tokens", {"name": "test", "scope": scope})["token"]
                self.session = requests.Session()
                self.headers = {"ICAT-Instant": AT, "Authorization": f"Bearer {token}"}

    def enter(self) -> None:
        """Log in, also once more."""
        assert self.login is not None
        self.session = requests.Session()
        self.headers.pop("X-CSRF-Token", None)
        self.headers["X-CSRF-Token"] = self("POST", "/sessions", {"name": self.login[0], "password": self.login[1]})["csrf_token"]

    def __call__(self, method: str, path: str, body: dict[str, Any] | None = None, *, within: float = 20) -> Any:
        """The answer; asked again for ``within`` seconds while something that it rests on has not arrived."""
        until = time.monotonic() + within
        while True:
            answer = self.session.request(method, self.url + path, json=body, headers=self.headers, timeout=30)
            if answer.status_code < 400:
                return answer.json() if answer.content else None
            assert time.monotonic() < until, f"{method} {path}: {answer.text}"
            time.sleep(0.1)


def settle(platform: Platform) -> tuple[dict[str, Callable[[], Software]], dict[str, list[Any]]]:
    """Let the Group move in: who calls, by role, and what there is, by the names under which addresses and bodies speak of it."""
    sec, keeper = Software(platform.url, platform.login), Software(platform.url, platform.login, in_session=True)
    for code, seated in (("IOM", True), ("ILO", True), ("OHCHR", True), ("UNHCR", False)):
        sec("POST", "/entities", {"code": code, "names": {"en": f"The entity {code}"}})
        sec("POST", "/memberships", {"entity": code, "since": "2010-01-01T00:00:00Z", "source": "001 ¶31"})
        if seated:
            sec("POST", "/seats", {"entity": code, "since": "2010-01-01T00:00:00Z", "source": "001 ¶72"})
    sec("PUT", "/chairs/terms/2014", {"chairs": ["IOM"], "source": "001 ¶71"})
    sec("POST", "/chairs/rota/adoptions", {"turns": [{"year": 2015, "chairs": ["OHCHR"]}], "decision": "In the Group's minutes"})
    sec("POST", "/subscribers", {"code": "BRA", "name": "Permanent Mission of Brazil", "kind": "mission"})
    for name, entity, role in PEOPLE.values():
        body = {"name": name, "display_name": name, "entity": entity, "roles": [role], "password": PASSWORD}
        keeper("POST", "/people", body)
    for name in ("office", "spare"):
        keeper("POST", "/people", {"name": name, "display_name": name, "entity": None, "roles": ["secretariat"], "password": PASSWORD})
    there = _furnish(platform, sec)
    callers = {role: (lambda login=(name, PASSWORD): Software(platform.url, login)) for role, (name, _, _) in PEOPLE.items()}
    callers["secretariat"] = lambda: Software(platform.url, ("office", PASSWORD), in_session=True)
    callers["read-only token"] = lambda: Software(platform.url, ("chair", PASSWORD), scope="read")
    callers["visitor"] = lambda: Software(platform.url)
    return callers, there


def _furnish(platform: Platform, sec: Software) -> dict[str, list[Any]]:
    chair, seated, mission = (Software(platform.url, (name, PASSWORD)) for name in ("chair", "seated", "mission"))
    sec("POST", "/workplans", {"year": 2014})
    activity = {
        "activity": "paper",
        "title": "An issue paper on demand",
        "lead": "IOM",
        "contributors": ["ILO"],
        "pillars": ["prevention"],
        "paragraphs": [12, 14],
        "deliverables": [
            {"id": "text", "kind": "document", "title": "The paper", "due": "2014-09-01T12:00:00Z"},
            {"id": "talks", "kind": "meeting", "title": "Talks", "due": "2014-09-01T12:00:00Z"},
        ],
        "milestones": [{"id": "draft", "title": "First draft", "due": "2014-05-01T12:00:00Z"}],
        "needs": [{"id": "print", "purpose": "Printing", "amount": "12000", "currency": "CHF"}],
    }
    sec("POST", "/workplans/2014/activities", activity)
    funding = {"donor": "A donor", "amount": "5000", "currency": "CHF", "funding": "gift"}
    sec("POST", "/workplans/2014/activities/paper/funding", funding)
    briefing = {
        "briefing": "consultation",
        "title": "Consultation with permanent missions",
        "kind": "consultation",
        "starts_at": "2014-02-20T15:00:00Z",
        "ends_at": "2014-02-20T17:00:00Z",
        "place": "New York",
    }
    sec("POST", "/briefings", briefing)
    meeting = {
        "meeting": "winter",
        "title": "Winter meeting",
        "starts_at": "2014-01-21T08:00:00Z",
        "ends_at": "2014-01-21T17:00:00Z",
        "place": "Geneva",
        "agenda": [{"item": "1", "title": "The plan"}],
    }
    sec("POST", "/meetings", meeting)
    measure = {"action": "training", "entity": "IOM", "title": "Judges are trained", "until": 2015, "pillars": ["prosecution"]}
    sec("POST", "/concrete-actions", measure | {"letter": "Letter of 16 January"})
    papers = []
    for title in ("talk", "quiet", "public"):
        made = seated("POST", "/documents", {"kind": "issue_paper", "title": f"On {title}", "lead": "ILO", "co_drafters": ["IOM"]})["id"]
        papers.append(made)
        chair("POST", f"/documents/{made}/concept")
        section = {"heading": "Part 1", "text": "Demand drives it."}
        seated("POST", f"/documents/{made}/revisions", {"base": 0, "sections": [section], "summary": "A first draft"})
    talk, quiet, public = papers
    chair("POST", f"/documents/{talk}/comment-rounds", {"deadline": "2014-02-03T12:00:00Z"})
    chair("POST", f"/documents/{talk}/comments", {"section": 1, "quotation": "Demand", "text": "Which?"})
    chair("POST", f"/documents/{quiet}/clearance", {"by": "silence", "deadline": "2014-02-10T12:00:00Z"})
    digest = chair("POST", f"/documents/{public}/clearance", {"by": "express", "deadline": "2014-01-25T12:00:00Z"})["digest"]
    for who, entity in ((sec, "OHCHR"), (chair, None), (seated, None)):
        position: dict[str, Any] = {"digest": digest, "word": "endorse"}
        who("POST", f"/documents/{public}/positions", position | ({"on_behalf_of": entity, "letter": "Letter of today"} if entity else {}))
    chair("POST", f"/documents/{public}/publication", {"summary": "Why demand matters."})
    subscribed = mission("POST", "/subscribers/BRA/subscriptions", {"channel": "inbox", "topics": ["briefings", "publications"]})
    return {
        "year": [2014, 2015],
        "activity": ["paper"],
        "deliverable": ["text", "talks"],
        "funding": ["gift"],
        "meeting": ["winter"],
        "briefing": ["consultation"],
        "action": ["training", "1"],
        "document": papers,
        "number": [1],
        "revision": [1],
        "base": [0, 1],
        "other": [1],
        "comment": [1],
        "section": ["s1"],
        "language": ["en", "fr"],
        "entity": ["IOM", "ILO", "OHCHR", "UNHCR"],
        "lead": ["IOM", "ILO"],
        "code": ["BRA"],
        "subscriber": ["BRA"],
        "subscription": [subscribed["id"]],
        "topic": ["briefings", "publications"],
        "service": list(SERVICES),
        "name": ["spare"],
        "of": ["spare"],
        "kind": ["issue_paper"],
        "digest": [digest],
        "id": [subscribed["id"], *papers],
    }


class Ledger:
    """What the services have on record, read from their stores."""

    AGGREGATES = {
        "chairs": ("groups",),
        "workplan": ("plans", "meetings", "briefings", "concrete_actions"),
        "documents": ("documents", "series", "rulebooks", "comments"),
        "notifications": ("subscribers", "topics", "attendances"),
    }

    def __init__(self, platform: Platform) -> None:
        self.client: MongoClient[dict[str, Any]] = MongoClient(platform.mongo_uri("admin"))

    def close(self) -> None:
        self.client.close()

    def forgive(self) -> None:
        """Nobody has guessed at a password yet: whoever was asked for theirs with every nonsense there is may log in again."""
        self.client["gateway"]["attempts"].delete_many({})

    def versions(self) -> dict[str, Any]:
        """The version of each thing, and how many events were told, once nothing is on its way any more."""
        until, last = time.monotonic() + 60, self._versions()
        while True:
            time.sleep(1.0)
            if (now := self._versions()) == last:
                return now
            assert time.monotonic() < until, "the platform does not come to rest"
            last = now

    def _versions(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for service, collections in self.AGGREGATES.items():
            database = self.client[service]
            found[f"{service} events"] = database["journal"].count_documents({})
            for name in collections:
                for one in database[name].find({}, {"version": 1}):
                    found[f"{service} {name} {one['_id']}"] = one.get("version")
        return found

    def led_to(self, correlations: set[str]) -> list[str]:
        """What came, in any service, of the requests with these numbers."""
        asked = {"event.correlationid": {"$in": sorted(correlations)}}
        return [one["_id"] for service in self.AGGREGATES for one in self.client[service]["journal"].find(asked, {"_id": 1})]


def written(value: Any) -> str:
    """A request or an answer, short enough to be read in a failure."""
    return json.dumps(value, ensure_ascii=False, default=str)[:600]
