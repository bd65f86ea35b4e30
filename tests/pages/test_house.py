"""The secretariat runs the house on its pages, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from messaging import letters, topology
from messaging.wire import Outgoing, Publisher
from tests.pages.conftest import AT, log_in
from tests.pages.test_pages import must_be_accessible
from tests.pages.test_subscribers import unfold

PAGES = ("/house", "/people", "/people/oit", "/providers", "/entities", "/entities/ILO", "/letters", "/trail")


@pytest.fixture(scope="module")
def lost(platform, eventually) -> None:
    """Two messages that workplan could not read."""
    publisher = Publisher(platform.amqp_uri)
    bodies = (b"no event", b'{"type": "of another world"}')
    publisher.publish([Outgoing(key=topology.events_queue("workplan"), body=body, id=f"lost-{n}") for n, body in enumerate(bodies)])
    publisher.close()
    eventually(lambda: len(letters.every(platform.amqp_uri, "workplan")) == 2)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_is_wider_than_a_telephone(page, platform, lost, scheme):
    page.emulate_media(color_scheme=scheme)
    log_in(page, *platform.login)
    for path in PAGES:
        page.goto(path)
        for width in (320, 1600):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        must_be_accessible(page)
        page.set_viewport_size({"width": 320, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, f"{path}, all unfolded"


def test_a_person_is_invited_by_keyboard_and_the_way_from_a_deed_to_its_doer_and_back(page, platform, lost):
    log_in(page, *platform.login, f"/house?at={AT}")
    page.get_by_role("region", name="People").get_by_role("link", name="People").press("Enter")
    form = unfold(page, "Invite a person")
    form.get_by_label("Login name").fill("mara")
    form.get_by_label("Full name").fill("Mara of ILO")
    form.get_by_label("Entity").fill("ilo")
    form.get_by_label("focal point").check()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status", name="Shown only now").locator("code")).to_have_text(re.compile(".{20,}"))
    must_be_accessible(page)
    page.goto("/trail?subject=plan/2014")
    expect(page.get_by_text("plan opened")).to_be_visible()
    doer = page.locator("tbody tr", has_text="plan opened").get_by_role("link", name=platform.login[0])
    doer.click()
    page.get_by_role("link", name=re.compile("^What .* did$")).click()
    expect(page.get_by_text("entity registered").first).to_be_visible()


def test_what_a_service_could_not_handle_is_dropped_with_a_reason(page, platform, lost):
    log_in(page, *platform.login, f"/house?at={AT}")
    page.get_by_role("row", name=re.compile("Workplan and meetings")).get_by_role("link", name="2").click()
    card = page.get_by_role("region", name="Workplan and meetings").locator("article", has_text="lost-0")
    expect(card.get_by_text("it could not be read")).to_be_visible()
    expect(page.get_by_text("no event")).to_have_count(0)
    card.locator("summary").click()
    card.get_by_label("Reason").fill("It was made for a test.")
    card.get_by_role("button", name="Drop").click()
    expect(page.get_by_role("status")).to_have_text("The dead letter was dropped.")
    expect(page.get_by_text("lost-0")).to_have_count(0)
    expect(page.get_by_text("lost-1").first).to_be_visible()


def test_a_seat_is_entered_and_seen(page, platform):
    log_in(page, *platform.login, f"/entities?at={AT}")
    form = unfold(page, "Register an entity")
    form.get_by_label("Code").fill("UNODC")
    form.get_by_label("Name in English").fill("United Nations Office on Drugs and Crime")
    form.get_by_role("button", name="Register an entity").click()
    page.get_by_role("link", name="UNODC", exact=True).click()
    for act, done in (
        ("Enter a membership", "The membership was entered."),
        ("Enter that it takes a seat", "It was entered that the seat is taken."),
    ):
        form = unfold(page, act)
        form.get_by_label("Source").fill("Letter of 10 January 2014")
        form.get_by_role("button", name=act).click()
        expect(page.get_by_role("status")).to_have_text(done)
    expect(page.locator("main time", has_text="20 January 2014, 09:00 UTC")).to_have_count(2)
