"""The inbox in a real browser: with its script it grows by itself and says when it does not; without, it is a page."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.gateway.served import Served
from tests.pages.conftest import PASSWORD
from tests.pages.test_pages import must_be_accessible

WITHIN = 20_000
"""Milliseconds in which what came must be seen; a slow machine is given its time."""


@pytest.fixture(scope="module")
def served(house, tmp_path_factory, eventually) -> Iterator[Served]:
    served = Served(house, tmp_path_factory.mktemp("inboxes"))
    try:
        eventually(served.is_up, seconds=90)
        yield served
    finally:
        served.stop()


@pytest.fixture
def complaints() -> list[str]:
    return []


def opened(browser: Browser, served: Served, complaints: list[str], **more: bool) -> BrowserContext:
    context = browser.new_context(base_url=served.url, locale="en-GB", **more)
    context.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    return context


@pytest.fixture
def page(browser: Browser, served: Served, complaints: list[str]) -> Iterator[Page]:
    """A browser without a past. Whatever its console complains of (our own policy, above all) fails the test, but for a connection lost."""
    context = opened(browser, served, complaints)
    yield context.new_page()
    context.close()
    assert [one for one in complaints if "ERR_CONNECTION" not in one and "ERR_INCOMPLETE" not in one] == []


def log_in(page: Page, name: str) -> None:
    page.goto("/login?next=/inbox")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/inbox"))


def titles(page: Page):
    return page.locator("#inbox h2")


def test_what_comes_appears_by_itself_and_is_announced(page, served):
    served.arrives("Earlier", "M11", announced=False)
    log_in(page, "m11")
    expect(titles(page)).to_have_text(["Earlier for M11"])
    expect(page.locator("#connection")).to_have_text("New items appear here by themselves.", timeout=WITHIN)
    must_be_accessible(page)
    served.arrives("News", "M11")
    expect(titles(page)).to_have_text(["News for M11", "Earlier for M11"], timeout=WITHIN)
    expect(page.locator("#unread")).to_have_text("Unread: 2")
    assert page.locator("#inbox").get_attribute("aria-live") == "polite"
    first = page.locator("#inbox > li").first
    expect(first.locator(".badge")).to_have_text("new")
    expect(first.locator("time")).to_have_text("30 July 2014, 00:00 UTC")
    expect(first.get_by_role("link", name="News for M11")).to_have_attribute("href", "/inbox")
    must_be_accessible(page)


def test_marking_as_read_takes_in_what_came_meanwhile(page, served):
    log_in(page, "m13")
    expect(page.locator("#nothing")).to_be_visible()
    served.arrives("Meanwhile", "M13")
    expect(titles(page)).to_have_text(["Meanwhile for M13"], timeout=WITHIN)
    expect(page.locator("#nothing")).to_have_count(0)
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.get_by_text("All was marked as read.")).to_be_visible()
    expect(page.locator("#unread")).to_have_text("Unread: 0")
    expect(page.locator("#inbox .unread")).to_have_count(0)


def test_a_french_reader_reads_french_before_and_after(page, served):
    served.arrives("Avant", "M12", announced=False)
    log_in(page, "m12")
    expect(page.locator("#connection")).to_have_text("Les nouveautés apparaissent ici d’elles-mêmes.", timeout=WITHIN)
    served.arrives("Ensuite", "M12")
    expect(titles(page)).to_have_text(["Ensuite for M12 (fr)", "Avant for M12 (fr)"], timeout=WITHIN)
    first, second = (page.locator("#inbox > li").nth(n).inner_text() for n in (0, 1))
    assert first.replace("Ensuite", "Avant") == second, "what the script writes is what the server would have written"
    must_be_accessible(page)


def test_a_connection_that_is_lost_is_told_and_nothing_is_missed(page, served, eventually):
    log_in(page, "m14")
    expect(page.locator("#connection")).to_have_text("New items appear here by themselves.", timeout=WITHIN)
    served.stop()
    expect(page.locator("#connection")).to_contain_text("The connection is lost", timeout=2 * WITHIN)
    must_be_accessible(page)
    served.arrives("Unheard", "M14", announced=False)
    served.start()
    eventually(served.is_up, seconds=90)
    expect(page.locator("#connection")).to_have_text("The connection is there again.", timeout=4 * WITHIN)
    expect(titles(page)).to_have_text(["Unheard for M14"], timeout=WITHIN)


def test_without_a_script_it_is_a_page(browser, served, complaints):
    context = opened(browser, served, complaints, java_script_enabled=False)
    page = context.new_page()
    served.arrives("Plain", "M15", announced=False)
    log_in(page, "m15")
    expect(titles(page)).to_have_text(["Plain for M15"])
    expect(page.locator("#connection")).to_have_text("Reload the page to see what is new.")
    served.arrives("Later", "M15", announced=False)
    page.reload()
    expect(titles(page)).to_have_text(["Later for M15", "Plain for M15"])
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.locator("#unread")).to_have_text("Unread: 0")
    context.close()
