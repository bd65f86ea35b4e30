"""Who comes to a briefing: replying by the link of a mail and by an account, and the list, in a real browser."""

import csv
import re

import pytest
from playwright.sync_api import Browser, Page, expect

from launcher.platform import Platform
from tests.pages.conftest import AT, PASSWORD, Api, log_in, mailed_link
from tests.pages.test_pages import must_be_accessible

ADDRESS = "desk@peru.example"
BRIEFING = {
    "briefing": "places",
    "title": "Presentation with few places",
    "kind": "presentation",
    "starts_at": "2014-02-25T15:00:00Z",
    "ends_at": "2014-02-25T17:00:00Z",
    "place": "Geneva",
    "capacity": 2,
    "reply_by": "2014-02-24T12:00:00Z",
}


@pytest.fixture(scope="module")
def invited(platform: Platform, browser: Browser) -> Platform:
    """Brazil and Peru are invited to a briefing with two places; Peru's people have a mailbox and no account, Chad is no subscriber."""
    sec = Api(platform.url, *platform.login)
    for code in ("BRA", "PERU"):
        sec.send("POST", "/subscribers", {"code": code, "name": f"Permanent Mission of {code}", "kind": "mission"})
    brazil = Api(platform.url, "brazil", PASSWORD)
    wanted = {"topics": ["briefings"]}
    brazil.send("POST", "/subscribers/BRA/subscriptions", wanted | {"channel": "inbox"})
    sec.send("POST", "/subscribers/PERU/subscriptions", wanted | {"channel": "mail", "target": ADDRESS})
    page = browser.new_page()
    page.goto(mailed_link(platform, ADDRESS, "/subscriptions/confirm"))
    page.get_by_role("main").get_by_role("button").click()
    page.close()
    sec.send("POST", "/briefings", BRIEFING)
    sec.send("GET", "/briefings/places/attendance", within=20)
    for name, entity, role, language in (("chair", "IOM", "focal_point", "en"), ("chad", "CHAD", "mission", "fr")):
        person = {"name": name, "display_name": f"Someone of {entity}", "entity": entity, "roles": [role], "language": language}
        sec.send("POST", "/people", person | {"password": PASSWORD})
    return platform


def test_replying_by_the_link_of_a_mail_with_the_keyboard_alone(page: Page, invited):
    page.goto(mailed_link(invited, ADDRESS, "/briefings/places/reply"))
    expect(page.get_by_role("heading", level=1)).to_have_text(BRIEFING["title"])
    expect(page.get_by_text("You have not replied yet.")).to_be_visible()
    expect(page.get_by_text("24 February 2014, 12:00 UTC")).to_be_visible()
    expect(page.locator("dl > div", has_text="Places left").locator("dd")).to_have_text("2")
    must_be_accessible(page)
    page.get_by_label("Do you come?").focus()
    page.keyboard.type("yes")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Who comes")).to_be_focused()
    page.keyboard.type("Ana Flores\nLuis Quispe\nRosa Mamani")
    page.get_by_role("button", name="Reply").press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Who comes")).to_have_value("Ana Flores\nLuis Quispe\nRosa Mamani")
    expect(page.get_by_text("There is no room for so many.")).to_be_visible()
    must_be_accessible(page)
    page.get_by_label("Who comes").fill("Ana Flores\nLuis Quispe")
    page.get_by_role("button", name="Reply").press("Enter")
    expect(page.get_by_role("status")).to_have_text("Your reply is on record.")
    expect(page.get_by_text("You come, and have a place. Ana Flores, Luis Quispe")).to_be_visible()
    expect(page.locator("dl > div", has_text="Places left").locator("dd")).to_have_text("0")
    must_be_accessible(page)


def test_a_mission_waits_and_the_chair_sees_who_comes(page: Page, invited):
    log_in(page, "brazil", onward=f"/briefings/places?at={AT}")
    page.get_by_role("link", name="Say whether you come").click()
    page.get_by_label("Do you come?").select_option("yes")
    page.get_by_label("Who comes").fill("Rui Lima")
    page.get_by_label("Message to the secretariat").fill("By wheelchair")
    page.get_by_role("button", name="Reply").click()
    expect(page.get_by_text("You are on the waiting list")).to_be_visible()
    page.goto("/briefings/places")
    expect(page.get_by_role("heading", name="Your reply")).to_be_visible()
    expect(page.get_by_text("Ana Flores")).to_have_count(0)
    must_be_accessible(page)

    page.get_by_role("button", name="Log out").click()
    log_in(page, "chair", onward=f"/briefings/places?at={AT}")
    people = page.get_by_role("region", name="Participants")
    expect(people.get_by_text("2 with a place, 1 waiting; 0 regrets, 0 without a reply")).to_be_visible()
    expect(people.get_by_role("row", name=re.compile("PERU.*Ana Flores, Luis Quispe"))).to_be_visible()
    expect(people.get_by_role("row", name=re.compile("BRA.*waits for a place.*Rui Lima.*By wheelchair"))).to_be_visible()
    must_be_accessible(page)


def test_the_secretariat_enters_what_a_letter_says(page: Page, invited):
    log_in(page, *invited.login, onward=f"/briefings/places?at={AT}")
    page.get_by_role("link", name="Enter a reply from a letter").click()
    page.get_by_label("Subscriber").fill("PERU")
    page.get_by_label("Do you come?").select_option("no")
    must_be_accessible(page)
    page.get_by_label("Letter: its date and sender").fill("Note verbale of 20 January 2014")
    page.get_by_role("button", name="Reply").click()
    expect(page.get_by_role("status")).to_have_text("Your reply is on record.")
    page.goto("/briefings/places")
    expect(page.get_by_role("row", name=re.compile("BRA.*has a place.*Rui Lima"))).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("PERU.*no.*Note verbale of 20 January 2014"))).to_be_visible()
    with page.expect_download(timeout=5_000) as kept:
        page.get_by_role("link", name="As a table (CSV)").click()
    assert kept.value.suggested_filename == "participants-places.csv"
    with open(kept.value.path(), encoding="utf-8-sig", newline="") as table:
        assert [row[4] for row in csv.reader(table)][1:] == ["Rui Lima", ""]


def test_who_is_not_invited_sees_the_briefing_and_no_more(page: Page, invited):
    log_in(page, "chad", onward=f"/briefings/places?at={AT}")
    expect(page.get_by_role("heading", level=1)).to_have_text(BRIEFING["title"])
    expect(page.get_by_text("Nombre de places")).to_be_visible()
    expect(page.get_by_role("heading", level=2)).to_have_count(0)
    must_be_accessible(page)
    page.goto("/briefings/places/reply")
    expect(page.get_by_role("heading", level=1)).to_have_text("Cela n’existe pas")


def test_the_secretariat_sees_what_missions_will_receive_announces_it_and_changes_it(page: Page, invited):
    log_in(page, *invited.login, onward=f"/briefings?at={AT}")
    page.get_by_role("link", name="Announce a briefing").click()
    must_be_accessible(page)
    page.get_by_label("Title").fill("Side event on demand")
    page.get_by_label("Kind").select_option("side_event")
    page.get_by_label("Starts (UTC)").fill("2014-03-05T13:15")
    page.get_by_label("Ends (UTC)").fill("2014-03-05T14:45")
    page.get_by_label("Agenda").fill("Demand, and what to do about it\nQuestions")
    page.get_by_label("Papers").fill("The plan so far /workplans/2014")
    page.get_by_label("Language of the preview").select_option("fr")
    page.get_by_label("Place").fill("New York")
    page.keyboard.press("Enter")  # shows the preview, and sends nothing
    seen = page.get_by_role("region", name="What missions would receive")
    expect(seen.get_by_role("heading", name="What missions would receive")).to_be_focused()
    expect(seen.get_by_text("Réunion d'information : Side event on demand", exact=True)).to_be_visible()
    expect(seen.get_by_text(re.compile(r"Mail: 1\b"))).to_be_visible()
    mail = seen.frame_locator("iframe")
    expect(mail.get_by_role("heading", name="Réunion d'information : Side event on demand")).to_be_visible()
    assert mail.locator("td.sheet").evaluate("cell => getComputedStyle(cell).paddingTop") == "24px", "the mail has its own styles"
    must_be_accessible(page)
    page.get_by_label("Ends (UTC)").fill("2014-03-05T13:00")
    page.get_by_role("button", name="Announce a briefing").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("Ends (UTC)")).to_have_accessible_description(
        "It ends after it starts. Accepted: after 5 March 2014, 13:15 UTC"
    )
    must_be_accessible(page)
    page.get_by_label("Ends (UTC)").fill("2014-03-05T14:45")
    page.get_by_role("button", name="Announce a briefing").click()
    expect(page.get_by_role("status")).to_have_text("The briefing was announced.")
    expect(page.get_by_role("heading", level=1)).to_have_text("Side event on demand")
    expect(page.get_by_role("listitem").get_by_text("Demand, and what to do about it")).to_be_visible()

    page.locator("summary", has_text="Change this briefing").click()
    change = page.locator("#act-change_briefing")
    change.get_by_label("Place").fill("Geneva")
    change.get_by_label("Reason").fill("A larger room")
    change.get_by_role("button", name="Change this briefing").click()
    expect(page.get_by_role("status")).to_have_text("The briefing was changed.")
    expect(page.get_by_role("article").get_by_text("Geneva")).to_be_visible()
    must_be_accessible(page)
