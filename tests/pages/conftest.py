"""The running platform, in rehearsal in January 2014, and a real Chromium to look at it with."""

import re
import time
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from types import ModuleType

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from launcher.platform import Platform
from launcher.processes import find_browser

AT = "2014-01-20T09:00:00Z"
PASSWORD = "correct horse battery"


class Api:
    """The API as one person uses it, on that day or at another instant."""

    def __init__(self, url: str, name: str, password: str, *, at: str = AT) -> None:
        self.url = f"{url}/api/v1"
        self.session = requests.Session()
        self.session.headers["ICAT-Instant"] = at
        csrf = self.send("POST", "/sessions", {"name": name, "password": password})["csrf_token"]
        self.session.headers["X-CSRF-Token"] = csrf

    def send(self, method: str, path: str, body: dict | None = None, *, within: float = 0) -> dict:
        """The answer; asked again for ``within`` seconds while something it rests on has not arrived."""
        until = time.monotonic() + within
        while True:
            answer = self.session.request(method, self.url + path, json=body, timeout=30)
            if answer.status_code < 400:
                return answer.json()
            assert time.monotonic() < until, f"{method} {path}: {answer.text}"
            time.sleep(0.1)


ALONE = ("test_journeys", "test_pages", "test_right_to_left", "test_subscribers", "test_workplan")
"""Modules that say how the plan stands, who is there and what awaits whom: what others add would show."""


def _is_alone(module: ModuleType) -> bool:
    return module.__name__.rpartition(".")[2] in ALONE


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that share a platform come first."""
    items.sort(key=lambda item: isinstance(item, pytest.Function) and _is_alone(item.module))


@pytest.fixture(scope="session")
def furnished() -> list[Platform]:
    """The platform, once it is up with what all modules look at; empty before, and while a module has it alone."""
    return []


@pytest.fixture(scope="module")
def platform(house: Platform, furnished: list[Platform], request: pytest.FixtureRequest) -> Platform:
    """The whole platform, furnished. To start and furnish one takes longer than the tests of most modules: what these add to it they
    share, under names of their own."""
    if not furnished or _is_alone(request.module):
        house.empty()
        house.start("services", "gateway")
        house.wait_ready()
        furnish(house)
    furnished[:] = [] if _is_alone(request.module) else [house]
    return house


def furnish(platform: Platform) -> None:
    """IOM chairs; the plan of 2014 is before the entities until 1 March; a briefing is announced."""
    sec = Api(platform.url, *platform.login)
    for code in ("IOM", "ILO", "UNHCR"):
        sec.send("POST", "/entities", {"code": code, "names": {"en": f"The entity {code}"}})
        sec.send("POST", "/memberships", {"entity": code, "since": "2010-01-01T00:00:00Z", "source": "001 ¶31"})
        sec.send("POST", "/seats", {"entity": code, "since": "2010-01-01T00:00:00Z", "source": "001 ¶72"})
    sec.send("PUT", "/chairs/terms/2013", {"nobody_knows": True})
    sec.send("PUT", "/chairs/terms/2014", {"chairs": ["IOM"], "source": "001 ¶71"})
    sec.send("POST", "/chairs/rota/adoptions", {"turns": [{"year": 2015, "chairs": ["UNHCR"]}], "decision": "In the Group's minutes"})
    sec.send("POST", "/workplans", {"year": 2014}, within=20)
    survey = {"activity": "survey", "title": "A survey of what States do", "lead": "ILO", "pillars": ["prevention", "partnerships"]}
    sec.send(
        "POST", "/workplans/2014/activities", survey | {"paragraphs": [12, 13, 57]}, within=20
    )  # ILO's seat may not be known there yet
    activity = {
        "activity": "paper",
        "title": "An issue paper on demand",
        "lead": "IOM",
        "contributors": ["ILO"],
        "pillars": ["prevention"],
        "paragraphs": [12, 14, 22],
        "objective": "To advise States.",
        "deliverables": [{"id": "text", "kind": "document", "title": "The paper", "due": "2014-09-01T12:00:00Z"}],
        "milestones": [{"id": "draft", "title": "First draft", "due": "2014-05-01T12:00:00Z"}],
        "needs": [{"id": "print", "purpose": "Printing", "amount": "12000", "currency": "CHF"}],
        "depends_on": ["survey"],
    }
    sec.send("POST", "/workplans/2014/activities", activity)
    money = {"donor": "A donor", "amount": "5000", "currency": "CHF", "ends": "2014-11-01T00:00:00Z"}
    sec.send("POST", "/workplans/2014/activities/paper/funding", money)
    sec.send("POST", "/workplans/2014/consultation")
    sec.send("POST", "/workplans/2014/adoption", {"by": "silence", "deadline": "2014-03-01T12:00:00Z"})
    briefing = {
        "briefing": "consultation",
        "title": "Consultation with permanent missions",
        "kind": "consultation",
        "starts_at": "2014-02-20T15:00:00Z",
        "ends_at": "2014-02-20T17:00:00Z",
        "place": "New York",
        "agenda": ["Priorities of the year"],
    }
    sec.send("POST", "/briefings", briefing)
    meeting = {
        "meeting": "spring",
        "title": "Spring meeting of the working group",
        "starts_at": "2014-03-20T09:00:00Z",
        "ends_at": "2014-03-20T17:00:00Z",
        "place": "Geneva",
        "link": "https://meet.example/spring",
        "agenda": [{"item": "1", "title": "The plan", "papers": [{"title": "The plan so far", "url": "/workplans/2014"}]}],
    }
    sec.send("POST", "/meetings", meeting)
    sec.send(
        "POST", "/meetings/spring/replies", {"entity": "UNHCR", "attending": "yes", "people": ["Ms A"], "letter": "Letter of 15 January"}
    )
    measure = {"action": "training", "entity": "IOM", "title": "Judges are trained", "until": 2015, "pillars": ["prosecution"]}
    sec.send("POST", "/concrete-actions", measure | {"paragraphs": [43, 45], "letter": "Letter of 16 January"})
    for name, entity, role, language in (
        ("ilo", "ILO", "focal_point", "en"),
        ("oit", "ILO", "alternate", "fr"),
        ("brazil", "BRA", "mission", "en"),
    ):
        person = {"name": name, "display_name": f"Someone of {entity}", "entity": entity, "roles": [role], "language": language}
        sec.send("POST", "/people", person | {"password": PASSWORD})


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = find_browser()
    assert program
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser, platform: Platform) -> Iterator[BrowserContext]:
    """A browser without a past. Whatever the console complains of (our own policy, above all) fails the test."""
    complaints: list[str] = []
    context = browser.new_context(base_url=platform.url, locale="en-GB")
    context.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    yield context
    context.close()
    assert [c for c in complaints if "status of 4" not in c] == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def log_in(page: Page, name: str, password: str = PASSWORD, onward: str = f"/?at={AT}") -> None:
    page.goto("/login")
    page.fill("#name", name)
    page.fill("#password", password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login" not in url)
    page.goto(onward)


def mailed_link(platform: Platform, address: str, path: str) -> str:
    """The newest link of this kind in the mails to an address, once one came; with ``at``, as of the day of these tests."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        mails = [message_from_bytes(found.read_bytes(), policy=default) for found in sorted(platform.mail.glob("*.eml"))]
        texts = [mail.get_body(("plain",)).get_content() for mail in mails if mail["To"] == address]
        found = [one for text in texts for one in re.findall(re.escape(platform.url + path) + r"\?token=[\w.~-]+", text)]
        if found:
            return found[-1] + f"&at={AT}"
        time.sleep(0.2)
    raise AssertionError(f"no mail with {path}")
