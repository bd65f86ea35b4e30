"""Subscribers tune what they are told, and the secretariat sees to it: on pages, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from launcher.demo.outside import Mailboxes
from tests.pages.conftest import AT, PASSWORD, Api, log_in
from tests.pages.test_pages import must_be_accessible

BRIEFING = {
    "briefing": "told",
    "title": "What the Group did",
    "kind": "briefing",
    "starts_at": "2014-02-21T15:00:00Z",
    "ends_at": "2014-02-21T17:00:00Z",
    "place": "Geneva",
}


@pytest.fixture(scope="module")
def sec(platform) -> Api:
    sec = Api(platform.url, *platform.login)
    sec.send("POST", "/subscribers", {"code": "BRA", "name": "Permanent Mission of Brazil", "kind": "mission", "language": "fr"})
    return sec


@pytest.fixture(scope="module")
def told(platform, sec, eventually) -> None:
    """The mission confirmed an address, and a briefing was announced since."""
    mission = Api(platform.url, "brazil", PASSWORD)
    asked = {"channel": "mail", "target": "desk@brazil.example", "topics": ["briefings"]}
    mission.send("POST", "/subscribers/BRA/subscriptions", asked)
    token = eventually(lambda: Mailboxes(platform.mail).tokens().get("desk@brazil.example"))
    sec.send("POST", "/subscriptions/confirmations", {"token": token})
    sec.send("POST", "/briefings", BRIEFING)
    eventually(lambda: any(row["sent"] for row in sec.send("GET", "/deliveries/board")["items"]))


def unfold(page, name: str):
    """The form under a summary, opened."""
    act = page.locator("details.act", has=page.locator("summary", has_text=name)).first
    if act.get_attribute("open") is None:
        act.locator("summary").first.click()
    return act


def test_the_secretariat_invites_and_is_told_what_is_wrong(page, platform, sec):
    log_in(page, *platform.login, f"/subscribers?at={AT}")
    expect(page.get_by_role("link", name="BRA", exact=True)).to_be_visible()
    form = unfold(page, "Invite a subscriber by mail")
    form.get_by_label("Code").fill("CHE")
    form.get_by_label("Name").fill("Permanent Mission of Switzerland")
    form.get_by_label("Kind").select_option("mission")
    form.get_by_label("Mail address").fill("not an address")
    form.get_by_role("button", name="Invite").click()
    form = unfold(page, "Invite a subscriber by mail")
    expect(form.get_by_label("Mail address")).to_have_attribute("aria-invalid", "true")
    expect(form.get_by_label("Name")).to_have_value("Permanent Mission of Switzerland")
    must_be_accessible(page)
    form.get_by_label("Mail address").fill("mission@switzerland.example")
    form.get_by_role("button", name="Invite").click()
    expect(page).to_have_url(re.compile("/subscribers/CHE"))
    expect(page.get_by_text("invited, not yet accepted")).to_be_visible()
    must_be_accessible(page)


def test_a_mission_subscribes_is_shown_a_secret_once_and_tunes_what_it_asked_for(page, platform, sec):
    log_in(page, "brazil", onward=f"/subscriptions?at={AT}")
    expect(page).to_have_url(re.compile("/subscribers/BRA"))
    form = unfold(page, "Add a subscription")
    form.get_by_label("Publications").check()
    form.get_by_label("Briefings").check()
    form.get_by_label("Channel").select_option("atom")
    form.get_by_role("button", name="Add a subscription").click()
    secret = page.get_by_role("status", name="Shown only now").locator("code")
    address = secret.inner_text()
    assert address.startswith(f"{platform.url}/feeds/")
    must_be_accessible(page)
    feed = page.request.get(address)
    assert feed.status == 200
    assert "atom" in feed.headers["content-type"]
    page.goto("/subscribers/BRA")
    expect(page.get_by_text("Shown only now")).to_have_count(0)
    card = page.get_by_role("region", name="Atom feed")
    change = card.locator("details.act", has_text="Change what is asked for")
    change.locator("summary").click()
    expect(change.get_by_label("Publications")).to_be_checked()
    change.get_by_label("Publications").uncheck()
    change.get_by_label("Only these places").fill("Geneva, Vienna")
    change.get_by_role("button", name="Change").click()
    expect(card.get_by_text("Geneva, Vienna")).to_be_visible()
    expect(card.locator("dl.facts").first).not_to_contain_text("Publications")
    replace = card.locator("details.act", has_text="Replace the secret")
    replace.locator("summary").click()
    replace.get_by_role("button", name="Replace the secret").click()
    assert page.get_by_role("status", name="Shown only now").locator("code").inner_text() != address
    assert page.request.get(address).status == 404


def test_a_mail_subscription_waits_for_its_owner_is_is_paused_and_resumed(page, platform, sec, eventually):
    log_in(page, "brazil", onward=f"/subscribers/BRA?at={AT}")
    form = unfold(page, "Add a subscription")
    form.get_by_label("Briefings").check()
    form.get_by_label("Channel").select_option("mail")
    form.get_by_label("Address").fill("mission@brazil.example")
    form.get_by_role("button", name="Add a subscription").click()
    card = page.get_by_role("region", name="mission@brazil.example")
    expect(card.get_by_text("A mail asks its owner to confirm.")).to_be_visible()
    token = eventually(lambda: Mailboxes(platform.mail).tokens().get("mission@brazil.example"))
    sec.send("POST", "/subscriptions/confirmations", {"token": token})
    page.goto("/subscribers/BRA")
    expect(card.get_by_text("confirmed", exact=True)).to_be_visible()
    pause = card.locator("details.act").nth(1)
    pause.locator("summary").click()
    pause.get_by_role("button").click()
    expect(card.get_by_text("paused")).to_be_visible()
    resume = card.locator("details.act").nth(1)
    resume.locator("summary").click()
    resume.get_by_role("button").click()
    expect(card.get_by_text("paused")).to_have_count(0)


def test_what_was_sent_is_seen_by_matter_and_previewed(page, platform, told):
    log_in(page, *platform.login, f"/deliveries?at={AT}")
    must_be_accessible(page)
    page.get_by_role("link", name=re.compile(BRIEFING["title"])).first.click()
    expect(page.get_by_text("desk@brazil.example")).to_be_visible()
    must_be_accessible(page)
    page.goto("/previews")
    page.get_by_role("listitem").filter(has_text=BRIEFING["title"]).get_by_role("link", name="français").click()
    expect(page.frame_locator("iframe.mail").get_by_text(BRIEFING["title"]).first).to_be_visible()
    expect(page.get_by_role("heading", level=3, name="As plain text")).to_be_visible()
    must_be_accessible(page)
    page.goto("/suppressions")
    expect(page.get_by_text("No address refuses mail.")).to_be_visible()
    must_be_accessible(page)


def test_a_mission_is_shown_its_own_and_nobody_elses(page, platform, sec):
    log_in(page, "brazil", onward=f"/deliveries?subscriber=BRA&at={AT}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("BRA")
    must_be_accessible(page)
    for path, status in (("/subscribers", 403), ("/suppressions", 403), ("/previews", 403)):
        assert page.goto(path).status == status, path
    assert page.goto("/subscribers/CHE").status == 404


@pytest.mark.parametrize("width", [320, 1600])
def test_nothing_is_wider_than_the_window(page, platform, told, width):
    page.set_viewport_size({"width": width, "height": 800})
    log_in(page, *platform.login)
    for path in ("/subscribers", "/subscribers/BRA", "/deliveries", "/previews?topic=briefings&number=1&language=fr", "/suppressions"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
