"""The desk in a real browser: with its script it tells that something came, and leaves it to its reader to show it."""

from playwright.sync_api import expect

from tests.pages.test_inbox import WITHIN, complaints, log_in, page, served  # noqa: F401
from tests.pages.test_pages import must_be_accessible


def test_what_comes_is_announced_quietly_and_shown_when_asked_for_by_keyboard(page, served):  # noqa: F811
    served.arrives("Earlier", "M16", announced=False)
    log_in(page, "m16")
    expect(page.locator("#inbox")).to_be_attached()
    page.goto("/")
    lately = page.get_by_role("region", name="What came lately")
    news = page.locator("#news")
    expect(news).to_have_text("")
    expect(page.locator("#unread-count")).to_have_text("1 unread")
    must_be_accessible(page)
    served.arrives("News", "M16")
    expect(news).to_have_text("Something new: News for M16 Show", timeout=WITHIN)
    assert news.get_attribute("role") == "status"
    expect(page.locator("#unread-count")).to_have_text("2 unread")
    expect(lately.get_by_role("link", name="News for M16")).to_have_count(0)
    must_be_accessible(page)
    page.get_by_role("link", name="Skip to the content").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Show")).to_be_focused()
    page.keyboard.press("Enter")
    expect(lately.get_by_role("link", name="News for M16")).to_be_visible()
    expect(page.locator("#news")).to_have_text("")
