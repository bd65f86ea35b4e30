"""The pages in a language that nobody speaks and that runs from right to left: what came from no catalogue shows, and what only works from
left to right does too. The real application in a real browser, with services that are stood in for."""

import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from gateway import Settings, create_app
from gateway.accounts.federation import Federation
from gateway.accounts.passwords import hash_password
from gateway.accounts.providers import Provider
from gateway.accounts.rules import Account
from gateway.accounts.store import Accounts
from gateway.web.mirror import SETTING
from gateway.web.words import NAMES, WORDS
from launcher.platform import Platform
from messaging.context import now
from services.kernel.actor import SYSTEM_ACTOR
from tests.gateway import samples, samples_missions
from tests.gateway import test_documents_pages as documents
from tests.gateway import test_workplan_pages as workplan
from tests.gateway.conftest import SECRET_KEY, Services
from tests.pages.conftest import PASSWORD, log_in
from tests.pages.test_pages import must_be_accessible

PERSON = "Anna Example"
BRIEFING = {
    "briefing": "b1",
    "state": "announced",
    "title": "Consultation with missions",
    "kind": "consultation",
    "starts_at": "2015-01-20T15:00:00Z",
    "ends_at": "2015-01-20T17:00:00Z",
    "place": "New York",
    "on_margins_of": "",
    "version": 1,
    "agenda": ["Priorities of 2015"],
    "papers": [],
    "reason": None,
    "capacity": 40,
    "coming": 12,
    "reply_by": None,
}
ANSWERS: dict[str, Any] = {
    "chairs.overview": {
        "version": 3,
        "seated": ["IOM", "OHCHR"],
        "members": ["IOM", "OHCHR", "UNDP"],
        "chairs": ["IOM"],
        "troika": {"outgoing": [], "serving": ["IOM"], "incoming": ["UNHCR"]},
    },
    "chairs.history": samples.history(),
    "workplan.global_plan": samples.global_plan(),
    "workplan.calendar": samples.calendar(),
    "workplan.awaiting": {"entity": "IOM", "items": []},
    "workplan.meetings": {"items": [samples.meeting()], "next": "cursor"},
    "workplan.get_meeting": samples.meeting(),
    "workplan.action_items": {"items": samples.meeting()["actions"]},
    "workplan.concrete_actions": {"items": [samples.concrete_action()], "next": "cursor"},
    "workplan.get_concrete_action": samples.concrete_action(),
    "workplan.coverage": samples.coverage(),
    "workplan.annual_report": samples.report(),
    "workplan.briefings": {"items": [BRIEFING], "next": None},
    "workplan.get_briefing": BRIEFING,
    "workplan.plans": {"items": [workplan.plan("draft")], "next": None},
    "workplan.get_plan": workplan.plan("in_force", *workplan.ON_PLAN, "propose_amendment", "import_plan"),
    "workplan.get_activity": workplan.activity(*workplan.ON_ACTIVITY),
    "workplan.positions": {"version": 12, "year": 2015, "clearances": [workplan.clearance(), workplan.clearance(amendment="later")]},
    "workplan.baseline": samples.baseline(),
    "chairs.rota": samples.rota(),
    "chairs.handover": samples.handover(),
    "chairs.awaiting": {"items": []},
    "documents.awaiting": {"items": []},
    "notifications.inbox": samples_missions.inbox("IOM"),
    "notifications.get_subscriber": samples_missions.subscriber(),
    **{f"documents.{query}": answer for query, answer in documents.ANSWERS.items()},
}
PATHS = ("/calendar?month=2015-03", "/calendar?year=2015", "/meetings", "/meetings/spring", "/meetings/new", "/concrete-actions")
PATHS += ("/concrete-actions/training", "/concrete-actions/new", "/global-plan", "/briefings", "/briefings/b1", "/briefings/new")
PATHS += ("/chairs", "/chairs/rota", "/chairs/terms/2016", "/chairs/handovers/2016", "/workplans")
PATHS += tuple(f"/workplans/2015{part}" for part in workplan.PAGES)
PATHS += (*documents.OWN, *documents.PUBLIC, "/inbox", "/", "/account", "/account/organization", "/login", "/invitation")


def words_of(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]{2,}", text))


EVERYWHERE = {"ICAT", "UTC", "Atom", *(word for name in NAMES.values() for word in words_of(name))}
"""Words that are the same in every language: names, and what each language calls itself."""

SPOKEN = """() => {
  const said = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
    if (element.closest("svg, code, pre, script, [lang]:not(html)")) continue;
    if (node.nodeType === Node.TEXT_NODE) said.push(node.data);
    else for (const name of ["aria-label", "title", "alt", "placeholder"]) said.push(element.getAttribute(name) || "");
  }
  return [document.title, ...said];
}"""
"""What a page says: its texts, and what is said for who does not see them; without pictures, which are drawn of words already measured."""


def texts_in(value: Any) -> Iterator[str]:
    """The texts of an answer that somebody wrote: not its stable words, each of which a page says in its reader's language."""
    if isinstance(value, str):
        if value not in STABLE:
            yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from texts_in(one)


STABLE = {key.partition("_")[2] for key in WORDS}
DATA = {word for text in texts_in(ANSWERS) for word in words_of(text)} | words_of(f"{PERSON} iom Chrome Linux")


def unspoken(said: list[str]) -> set[str]:
    """The words of a page that stand in no string of a catalogue, and are no data."""
    left, text = "", "\n".join(said)
    while left != text:
        left, text = text, re.sub("⟦[^⟦⟧]*⟧", " ", text)
    return words_of(left) - DATA - EVERYWHERE


@pytest.fixture(scope="module")
def mirrored(house: Platform) -> Iterator[str]:
    """Where the gateway answers in that language."""
    stand_in = Services()
    for what, answer in ANSWERS.items():
        stand_in.answers(what, answer)
    settings = Settings("amqp://nowhere.invalid", house.mongo_uri("gateway"), SECRET_KEY, "http://127.0.0.1")
    app = create_app(settings, stand_in)
    app.config[SETTING] = True
    account = Account.open(
        "iom", PERSON, "IOM", ["focal_point"], "en", by=SYSTEM_ACTOR, at=now(), cause="open-iom", password=hash_password(PASSWORD)
    )
    Accounts().create(account, "open-iom")
    said = {"by": SYSTEM_ACTOR, "at": now(), "cause": "register-iom", "loopback": True}
    keeper = Federation(SECRET_KEY, "http://127.0.0.1", loopback=True)
    keeper.providers.create(
        Provider.register("IOM", "register-iom", "https://accounts.example", "client", keeper.seal("a secret that is long enough"), **said)
    )
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def page(browser: Browser, mirrored: str) -> Iterator[Page]:
    window = browser.new_context(base_url=mirrored, viewport={"width": 390, "height": 844})
    yield window.new_page()
    window.close()


def test_every_string_comes_from_a_catalogue_and_no_page_is_wider_than_a_phone(page):
    faults: dict[str, Any] = {}
    for path in (*PATHS, None):
        if path is None or path in ("/login", "/invitation"):
            page.context.clear_cookies()
        elif not page.context.cookies():
            log_in(page, "iom", onward=path)
        answer = page.goto(path or "/")
        assert answer is not None
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        runs = page.evaluate("[document.documentElement.dir, getComputedStyle(document.querySelector('main')).direction]")
        found = (answer.status, runs, max(wide, 0), sorted(unspoken(page.evaluate(SPOKEN))))
        if found != (200, ["rtl", "rtl"], 0, []):
            faults[path or "/"] = found
    assert not faults, "\n".join(f"{path}: {fault}" for path, fault in faults.items())


def test_a_page_is_the_mirror_of_itself_and_its_pictures_are_not(page):
    page.set_viewport_size({"width": 1280, "height": 800})
    log_in(page, "iom", onward="/chairs")
    assert page.locator(".brand").bounding_box()["x"] > 640, "what stands first stands at the right"
    assert page.locator(".whoami").bounding_box()["x"] < 640
    assert page.locator("svg.picture").first.evaluate("picture => getComputedStyle(picture).direction") == "ltr"
    page.goto("/meetings/spring")
    first, last = (page.locator("table").first.locator("th[scope=col]").nth(at).bounding_box()["x"] for at in (0, 2))
    assert first > last, "and so does a table's first column"
    must_be_accessible(page)


def test_who_comes_by_an_organization_can_use_every_page_of_it(page):
    page.goto("/login")
    expect(page.get_by_role("link", name="IOM")).to_be_visible()
    must_be_accessible(page)
    log_in(page, "iom", onward="/account/organization")
    expect(page.locator("main form")).to_be_visible()
    must_be_accessible(page)


def test_a_word_that_came_from_no_catalogue_is_found():
    assert unspoken(["⟦\u202eBy ⟦\u202e20 March\u202c⟧\u202c⟧ IOM", "Geneva 12"]) == set()
    assert unspoken(["⟦\u202eBy\u202c⟧ Hardcoded under_way"]) == {"Hardcoded", "under", "way"}
