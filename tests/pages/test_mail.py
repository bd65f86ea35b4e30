"""Every mail as a reader sees it: in three languages, on a screen and a telephone, by day and by night."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from services.notifications.channels import letter as letters
from services.notifications.channels.letter import letter
from tests.services.letters import SITE, parcels

KINDS = tuple(parcels("en"))
WIDTHS = {"screen": 900, "telephone": 360}


@pytest.fixture(scope="module", params=["light", "dark"])
def mail_page(browser, request):
    """A page that no mail may load anything into, in either scheme of colours."""
    context = browser.new_context(color_scheme=request.param)
    page = context.new_page()
    asked = []
    page.on("request", lambda one: asked.append(one.url))
    page.asked = asked
    yield page
    context.close()


@pytest.mark.parametrize("language", ["en", "fr", "ar"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_is_whole_readable_and_asks_for_nothing(mail_page, kind, language, tmp_path):
    html = letter(parcels(language)[kind], SITE, "no-reply@icat.example").html
    for width in WIDTHS.values():
        mail_page.set_viewport_size({"width": width, "height": 700})
        mail_page.set_content(html)
        assert mail_page.evaluate("document.documentElement.scrollWidth") <= width
        picture = tmp_path / f"{width}.png"
        mail_page.screenshot(path=picture, full_page=True)
        assert picture.stat().st_size > 5_000
    assert mail_page.asked == []
    assert mail_page.evaluate("document.querySelectorAll('script, img, form, iframe, object, video, link').length") == 0
    flaws = Axe().run(mail_page).response["violations"]
    assert [(flaw["id"], flaw["nodes"][0]["html"]) for flaw in flaws if flaw["id"] not in OF_SITES] == []


OF_SITES = {"landmark-one-main", "region", "page-has-heading-one", "heading-order"}
"""What a page of a site owes those who move about in it. A mail stands within a program that has its own landmarks."""


def start_of(page, selector: str) -> str:
    """The side where the lines of an element begin."""
    return page.locator(selector).first.evaluate("e => getComputedStyle(e).textAlign + ' ' + getComputedStyle(e).direction")


def test_arabic_begins_on_the_right_within_an_english_frame(mail_page):
    mail_page.set_content(letter(parcels("ar")["announced"], SITE, "no-reply@icat.example").html)
    assert mail_page.locator("html").get_attribute("lang") == "en"
    assert mail_page.locator("h1").get_attribute("lang") == "ar"
    assert start_of(mail_page, "h1") == "right rtl"
    assert start_of(mail_page, "td.sheet") == "left ltr"


def test_a_frame_in_arabic_begins_on_the_right(mail_page, monkeypatch):
    monkeypatch.setitem(letters.WORDS, "ar", letters.WORDS["en"] | {"agenda": "جدول الأعمال", "reply_here": "الرد"})
    mail_page.set_content(letter(parcels("ar")["announced"], SITE, "no-reply@icat.example").html)
    assert start_of(mail_page, "td.sheet") == "right rtl"
    item, sheet = mail_page.locator("li").first.bounding_box(), mail_page.locator("td.sheet").bounding_box()
    assert sheet["x"] + sheet["width"] - (item["x"] + item["width"]) > 40  # the bullets' side is the right one
