"""The calendar and a meeting in a real browser: the month as a table and as a list, and a reply by keyboard alone."""

import re

from playwright.sync_api import Page, expect

from tests.pages.conftest import AT, log_in
from tests.pages.test_pages import must_be_accessible


def test_a_month_leads_to_a_meeting_and_an_entity_replies_with_the_keyboard_alone(page: Page, platform):
    log_in(page, "ilo", onward=f"/calendar?month=2014-03&at={AT}")
    expect(page.get_by_role("columnheader", name="Monday")).to_be_visible()
    expect(page.get_by_role("cell", name=re.compile("^20.*Spring meeting"))).to_be_visible()
    must_be_accessible(page)
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.get_by_text("20 March 2014")).to_be_visible()
    expect(page.get_by_text("19", exact=True)).to_be_hidden()
    must_be_accessible(page)
    page.get_by_role("link", name="Spring meeting of the working group").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Spring meeting of the working group")
    must_be_accessible(page)
    page.get_by_label("Do you come?").focus()
    page.keyboard.type("yes")
    page.keyboard.press("Tab")
    expect(page.get_by_role("textbox", name="Who comes")).to_be_focused()
    page.keyboard.type("Ms B")
    page.keyboard.press("Enter")  # a name to a line
    page.keyboard.type("Mr C")
    page.get_by_role("button", name="Send the reply").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Your reply was recorded.")
    expect(page.get_by_role("row", name=re.compile("ILO.*yes.*Ms B, Mr C"))).to_be_visible()
