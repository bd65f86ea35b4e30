"""The workplan in a real browser: a plan that is before the entities, a position taken by keyboard, and an activity written in rows."""

import pytest
from playwright.sync_api import Page, expect

from launcher.platform import Platform
from tests.pages.conftest import AT, PASSWORD, Api, log_in
from tests.pages.test_pages import must_be_accessible

YEAR = "/workplans/2014"


@pytest.fixture(scope="module")
def unhcr(platform: Platform) -> Platform:
    """A seat's focal point beside those of the other stories."""
    person = {"name": "seat", "display_name": "Someone of UNHCR", "entity": "UNHCR", "roles": ["focal_point"], "language": "en"}
    Api(platform.url, *platform.login).send("POST", "/people", person | {"password": PASSWORD})
    return platform


def test_a_position_is_taken_with_the_keyboard_alone(page: Page, unhcr: Platform):
    log_in(page, "seat", onward=f"{YEAR}?at={AT}")
    expect(page.locator('.stages [aria-current="step"]')).to_have_text("in adoption")
    must_be_accessible(page)
    page.get_by_label("Position", exact=True).focus()
    page.keyboard.type("obj")
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("An objection states its reasons.")).to_be_visible()
    must_be_accessible(page)
    page.get_by_label("Position", exact=True).focus()
    page.keyboard.type("endo")
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("The position was taken.")
    expect(page.get_by_role("row", name="UNHCR")).to_contain_text("endorses")


def test_an_activity_is_changed_in_rows(page: Page, unhcr: Platform):
    """The chair words another year's activity, with a deliverable in a row, and the table and the picture show it."""
    sec = Api(unhcr.url, *unhcr.login)
    sec.send("POST", "/workplans", {"year": 2013})
    log_in(page, unhcr.login[0], unhcr.login[1], onward=f"/workplans/2013/add?at={AT}")
    must_be_accessible(page)
    page.get_by_label("Title", exact=True).first.fill("A handbook")
    page.get_by_label("Lead").fill("ILO")
    row = page.get_by_role("group", name="Deliverables, row 1")
    row.get_by_label("Kind").select_option("document")
    row.get_by_label("Title").fill("The handbook")
    row.get_by_label("Due").fill("2013-11-01T12:00")
    row.get_by_label("Why outside").fill("")
    page.get_by_role("main").get_by_role("button", name="Add an activity").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A handbook")
    expect(page.get_by_text("By 1 November 2013, 12:00 UTC")).to_be_visible()
    must_be_accessible(page)
    page.locator("summary", has_text="Change this activity").click()
    page.get_by_role("group", name="Deliverables, row 1").get_by_label("Title").fill("The handbook, printed")
    page.get_by_role("button", name="Change this activity").click()
    expect(page.get_by_text("The handbook, printed")).to_have_count(1)
    page.goto("/workplans/2013")
    expect(page.locator("table.activities").get_by_role("link", name="A handbook")).to_be_visible()
    expect(page.locator("svg.gantt")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    must_be_accessible(page)
