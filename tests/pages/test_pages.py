"""What people see and do, in a real browser."""

import re
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.pages.conftest import AT, PASSWORD, log_in

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}


def must_be_accessible(page: Page) -> None:
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()


def panel(page: Page, heading: str):
    return page.get_by_role("region", name=heading)


# In and out -----------------------------------------------------------------------------------------------------------------------------


def test_logging_in_with_the_keyboard_alone(page, platform):
    page.goto("/workplans/2014")
    expect(page).to_have_url(re.compile("/login"))
    expect(page.locator("#name")).to_be_focused()
    page.keyboard.type("ilo")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Log in")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/workplans/2014$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Workplan 2014")


def test_the_first_stop_of_the_keyboard_skips_to_the_content(page, platform):
    log_in(page, "ilo")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()


def test_what_has_focus_is_seen(page, platform):
    log_in(page, "ilo")
    for _ in range(12):
        page.keyboard.press("Tab")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid", page.evaluate("document.activeElement.outerHTML")


def test_a_wrong_password_is_announced(page, platform):
    page.goto("/login")
    page.fill("#name", "ilo")
    page.fill("#password", "not it at all")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("Name or password is wrong.")
    expect(page.locator("#name")).to_have_value("ilo")
    expect(page.locator("#password")).to_be_focused()
    must_be_accessible(page)


def test_logging_out(page, platform):
    log_in(page, "ilo")
    page.get_by_role("button", name="Log out").click()
    expect(page).to_have_url(re.compile("/login$"))
    page.goto("/workplans")
    expect(page).to_have_url(re.compile("/login"))


# The desk -------------------------------------------------------------------------------------------------------------------------------


def test_the_desk_tells_what_awaits_until_when_and_what_silence_means(page, platform):
    log_in(page, "ilo")
    awaiting = panel(page, "What awaits ILO")
    expect(awaiting.get_by_text("1 March 2014, 12:00 UTC").first).to_be_visible()
    expect(awaiting.get_by_text("If nothing is done:").first).to_be_visible()
    expect(awaiting.locator("time").first).to_have_attribute("datetime", "2014-03-01T12:00:00+00:00")
    awaiting.get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Workplan 2014")


def test_the_desk_tells_who_chairs_and_how_the_plan_stands(page, platform):
    log_in(page, "ilo")
    chairs = panel(page, "Who chairs")
    for place, code in (("Serving", "IOM"), ("Incoming", "UNHCR"), ("Outgoing", "not known")):
        expect(chairs.locator("dl > div", has_text=place).locator("dd")).to_have_text(code)
    plan = panel(page, "Workplan 2014")
    expect(plan.get_by_text("in adoption")).to_be_visible()
    expect(plan.get_by_text("Positions until 1 March 2014, 12:00 UTC")).to_be_visible()
    coming = panel(page, "Meetings and briefings to come")
    expect(coming.get_by_role("link", name="Consultation with permanent missions")).to_be_visible()
    expect(coming.get_by_role("link", name="Spring meeting of the working group")).to_be_visible()


def test_a_mission_sees_briefings_and_nothing_of_the_groups_own(page, platform):
    log_in(page, "brazil")
    coming = panel(page, "Briefings to come")
    expect(coming.get_by_role("link", name="Consultation with permanent missions")).to_be_visible()
    expect(coming.get_by_text("Spring meeting")).to_have_count(0)
    expect(page.get_by_role("heading", name="What awaits")).to_have_count(0)
    expect(page.get_by_role("heading", name="Workplan 2014")).to_have_count(0)


def test_the_desk_in_french(page, platform):
    log_in(page, "oit")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page.get_by_role("heading", name="Ce qui attend ILO")).to_be_visible()
    expect(page.get_by_text("1er mars 2014, 12:00 UTC").first).to_be_visible()
    must_be_accessible(page)


def test_a_service_that_is_away_takes_only_its_panel_with_it(page, platform):
    platform.stop("workplan")
    try:
        log_in(page, "ilo")
        expect(panel(page, "Workplan 2014").get_by_text("Not available now")).to_be_visible()
        expect(panel(page, "What awaits ILO").get_by_text("workplan")).to_be_visible()
        expect(panel(page, "Who chairs").get_by_text("IOM").first).to_be_visible()
        must_be_accessible(page)
    finally:
        platform.start("workplan")
        platform.wait_ready("workplan")
    page.reload()
    expect(page.get_by_text("Not available now")).to_have_count(0)


# Every page -----------------------------------------------------------------------------------------------------------------------------

FOR_ALL = ["/", "/login", "/invitation", "/chairs", "/global-plan", "/library", "/api/docs", "/problems/too-late", "/nothing-here"]
FOR_ALL += ["/briefings", "/briefings/consultation"]
FOR_ALL += ["/subscriptions/confirm?token=abcdefghijklmnopqrstuvwxyz", "/subscriptions/unsubscribe?token=abcdefghijklmnopqrstuvwxyz"]
FOR_PEOPLE = [f"/?at={AT}", "/workplans", "/workplans/2014", f"/chairs?at={AT}"]
FOR_PEOPLE += [
    f"/chairs/rota?at={AT}",
    f"/chairs/terms/2015?at={AT}",
    f"/chairs/handovers/2015?at={AT}",
    f"/workplans/2014/coverage?at={AT}",
    f"/workplans/2014/report?at={AT}",
]
FOR_PEOPLE += ["/calendar?year=2014", f"/meetings?at={AT}", "/meetings/spring", "/concrete-actions"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", FOR_ALL)
def test_axe_finds_nothing_for_visitors(page, platform, path, scheme):
    page.emulate_media(color_scheme=scheme)
    page.goto(path)
    must_be_accessible(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_for_people(page, platform, scheme):
    page.emulate_media(color_scheme=scheme)
    log_in(page, "ilo")
    for path in FOR_PEOPLE:
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        must_be_accessible(page)


@pytest.mark.parametrize("width", [320, 1600])
def test_nothing_is_wider_than_the_window(page, platform, width):
    page.set_viewport_size({"width": width, "height": 800})
    log_in(page, "ilo")
    for path in [*FOR_PEOPLE, "/chairs", "/library", "/api/docs"]:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_the_timeline_is_moved_in_its_own_box_on_a_telephone_and_its_legend_is_seen(page, platform):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"/chairs?at={AT}")
    box = page.locator(".scroll:has(> .picture.timeline)")
    assert box.evaluate("it => getComputedStyle(it).overflowX") == "auto"
    right = box.evaluate("it => it.getBoundingClientRect().right")
    assert right <= 390
    legend = box.locator("text.small:not(.soft)")
    assert legend.count() >= 3
    for place in range(legend.count()):
        assert legend.nth(place).evaluate("it => it.getBoundingClientRect().right") <= right


def test_a_rehearsals_pages_keep_the_instant_from_link_to_link(page, platform):
    page.goto(f"/?at={AT}")
    expect(page.get_by_text("the pages show 20 January 2014, 09:00 UTC")).to_be_visible()
    page.get_by_role("link", name="Chairs", exact=True).click()
    expect(page).to_have_url(re.compile("/chairs$"))
    expect(page.get_by_text("the pages show 20 January 2014, 09:00 UTC")).to_be_visible()
    must_be_accessible(page)
    page.goto("/chairs?at=")
    expect(page.get_by_text("the pages show 20 January 2014")).to_have_count(0)


def test_a_saved_report_looks_as_it_did(page, platform, tmp_path):
    log_in(page, "ilo")
    answer = page.request.get("/api/v1/workplans/2014/report.html")
    assert answer.status == 200
    (tmp_path / "report.html").write_bytes(answer.body())
    page = page.context.new_page()  # on which nothing is still being fetched
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((tmp_path / "report.html").as_uri())
    assert [url for url in asked if not url.startswith("file:")] == []
    ground = page.locator(".picture .ground").evaluate("it => getComputedStyle(it).fill")
    assert ground == "rgb(255, 255, 255)"
    assert page.locator("body").evaluate("it => getComputedStyle(it).fontFamily").startswith('"Source Sans 3"')
    page.goto("/api/v1/workplans/2014/report.html")
    assert page.locator(".picture .ground").evaluate("it => getComputedStyle(it).fill") == ground, "our own policy lets the style in"


def test_the_description_of_the_api_unfolds_where_a_link_leads(page, platform):
    page.goto("/api/docs")
    order = page.locator("[id='chairs.take_seat.seats']")
    order.locator("summary").click()
    order.get_by_role("link", name="chairs.TakeSeat").click()
    expect(page.locator("[id='chairs.TakeSeat']").get_by_text("English acronym")).to_be_visible()
    must_be_accessible(page)


FILES = (".ics", ".xlsx", ".csv", ".atom")


def test_every_link_leads_somewhere(page, platform):
    log_in(page, "ilo")
    seen, waiting = set(), ["/"]
    while waiting:
        path = waiting.pop().partition("#")[0]
        if path in seen or ("/calendar?" in path and "2014" not in path):  # which goes on from year to year
            continue
        seen.add(path)
        # A file to save is no page to go to.
        answer = page.request.get(path) if urlsplit(path).path.endswith(FILES) else page.goto(path)
        assert answer is not None
        assert answer.status == 200, f"{path}: {answer.status}"
        if "html" in answer.headers["content-type"]:
            waiting += page.eval_on_selector_all("a[href^='/']", "links => links.map(a => a.getAttribute('href'))")
    assert {"/chairs", "/workplans/2014", "/briefings/consultation", "/meetings/spring", "/concrete-actions"} <= seen
    assert {"/api/openapi.json", "/api/v1/chairs/history.svg", "/api/v1/calendar.ics"} <= seen


def test_our_policy_stops_a_script(browser, platform):
    with browser.new_context(base_url=platform.url) as context:
        page = context.new_page()
        page.goto("/login")
        ran = page.evaluate("""() => {
            const script = document.createElement("script");
            script.textContent = "window.ran = true";
            document.body.append(script);
            return window.ran === true;
        }""")
        assert not ran
