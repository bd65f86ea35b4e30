"""How a text comes about and is found, in a real browser, with all services behind it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.pages.conftest import AT, PASSWORD, Api, log_in
from tests.pages.test_pages import must_be_accessible

ARABIC = "الاتجار بالأشخاص: **الطلب** هو السبب. انظر ICAT 2014."
CHINESE = "打击人口贩运：需求是其根源。"
LONG = "anti-trafficking-" * 12
"""A word that is wider than a telephone."""


def sections(*texts: str) -> list[dict[str, str]]:
    return [{"heading": f"Part {number}", "text": text} for number, text in enumerate(texts, 1)]


@pytest.fixture(scope="module")
def papers(platform) -> dict[str, str]:
    """A paper in a comment round, one in a silence procedure, a statement that is drafted, and a paper published in three languages."""
    sec = Api(platform.url, *platform.login)
    for name, entity in (("iom", "IOM"), ("unhcr", "UNHCR")):
        person = {"name": name, "display_name": f"Someone of {entity}", "entity": entity, "roles": ["focal_point"], "language": "en"}
        sec.send("POST", "/people", person | {"password": PASSWORD})
    ilo, iom, unhcr = (Api(platform.url, name, PASSWORD) for name in ("ilo", "iom", "unhcr"))
    made: dict[str, str] = {}

    def propose(name: str, **more) -> str:
        given = {"kind": "issue_paper", "title": f"On {name}", "lead": "ILO", "co_drafters": ["IOM"], "themes": ["demand"]}
        made[name] = ilo.send("POST", "/documents", given | more, within=20)["id"]
        return f"/documents/{made[name]}"

    def drafted(path: str, *texts: str) -> str:
        iom.send("POST", f"{path}/concept")
        ilo.send("POST", f"{path}/revisions", {"base": 0, "sections": sections(*texts), "summary": "A first draft"})
        return path

    talk = drafted(propose("talk"), "Demand *drives* it.", f"What States do.\n\n| a | b |\n|---|---|\n| {LONG} | 2 |", "Answers.")
    ilo.send("PUT", f"{talk}/sections/s1", {"base": 1, "text": "Demand *feeds* it, and poverty.", "summary": "Said better"})
    iom.send("POST", f"{talk}/comment-rounds", {"deadline": "2014-02-03T12:00:00Z"})
    unhcr.send("POST", f"{talk}/comments", {"section": 2, "quotation": "States do", "text": f"Which States? {LONG}"})
    unhcr.send("POST", f"{talk}/comments", {"section": 3, "quotation": "Answers", "text": "Which answers?"})
    ilo.send("POST", f"{talk}/comments/2/replies", {"text": "Those of part two."}, within=10)
    ilo.send("POST", f"{talk}/comments/2/dispositions", {"outcome": "rejected", "reason": "They stand in part two."})

    quiet = drafted(propose("quiet"), "Silence gives consent.")
    iom.send("POST", f"{quiet}/clearance", {"by": "silence", "deadline": "2014-02-10T12:00:00Z"})

    propose("statement", kind="joint_statement", occasion="World Day", issue_at="2014-07-30T00:00:00Z")

    public = drafted(propose("public"), "Demand is *the* cause. <script>x</script>", "What follows from it.[^1]\n\n[^1]: A note.")
    ids = [one["id"] for one in ilo.send("GET", f"{public}/text")["texts"]]
    for language, words in (("ar", ARABIC), ("zh", CHINESE)):
        texts = [{"id": id, "heading": words[:10], "text": words} for id in ids]
        body = {"revision": 1, "base": 0, "title": words[:16], "sections": texts, "summary": "Translated"}
        ilo.send("PUT", f"{public}/languages/{language}", body)
    digest = iom.send("POST", f"{public}/clearance", {"by": "express", "deadline": "2014-01-25T12:00:00Z"})["digest"]
    for who in (ilo, iom, unhcr):
        who.send("POST", f"{public}/positions", {"digest": digest, "word": "endorse"})
    iom.send("POST", f"{public}/publication", {"summary": "Why demand matters."})
    return made


@pytest.fixture
def at(papers, page: Page):
    """Goes to a page of a document, as someone: ``at("ilo", "talk", "/edit")``."""
    inside: list[str] = []

    def go(name: str, paper: str, rest: str = "") -> Page:
        if inside != [name]:
            log_in(page, name)
            inside[:] = [name]
        answer = page.goto(f"/documents/{papers[paper]}{rest}")
        assert answer is not None
        assert answer.status == 200, page.content()
        return page

    return go


PAGES = [
    ("talk", ""),
    ("talk", "/text"),
    ("talk", "/revisions"),
    ("talk", "/edit"),
    ("talk", "/sections/s2"),
    ("talk", "/sections/s2/edit"),
    ("talk", "/import"),
    ("talk", "/comparison?base=1&other=2"),
    ("talk", "/languages/ar?write"),
    ("talk", "/comments"),
    ("talk", "/comments/2"),
    ("talk", "/clearance"),
    ("talk", "/exports"),
    ("quiet", "/clearance"),
    ("statement", ""),
    ("public", ""),
    ("public", "?language=ar"),
    ("public", "/languages/zh"),
    ("public", "/certificate"),
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_accessible(at, page, papers, scheme):
    page.emulate_media(color_scheme=scheme)
    for paper, rest in PAGES:
        at("ilo", paper, rest)
        page.evaluate("document.querySelectorAll('details').forEach(it => it.open = true)")
        must_be_accessible(page)
    for path in ("/documents", "/documents/passing-rules", "/library", "/library?words=demand"):
        page.goto(path)
        page.evaluate("document.querySelectorAll('details').forEach(it => it.open = true)")
        must_be_accessible(page)


@pytest.mark.parametrize("width", [320, 768])
def test_nothing_is_wider_than_the_window(at, page, papers, width):
    page.set_viewport_size({"width": width, "height": 800})
    for paper, rest in PAGES:
        at("ilo", paper, rest)
        page.evaluate("document.querySelectorAll('details').forEach(it => it.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (paper, rest)
    for path in ("/documents", "/documents/passing-rules", "/library", "/library?words=demand"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_a_visitor_reads_a_publication_in_its_languages(page, papers, eventually):
    page.goto(f"/library?at={AT}")
    page.get_by_role("link", name="On public").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("On public")
    page.get_by_role("navigation", name="Languages").get_by_role("link", name="العربية").click()
    text = page.locator("div[lang=ar][dir=rtl]")
    expect(text.get_by_text("الطلب").first).to_be_visible()
    assert text.evaluate("it => getComputedStyle(it).direction") == "rtl"
    made = page.locator("main a[hreflang]").evaluate_all("links => links.map(a => a.getAttribute('href'))")
    assert len(made) >= 14
    for address in made:
        answer = eventually(lambda address=address: (got := page.request.get(address)).status != 503 and got)
        assert (answer.status, len(answer.body()) > 500) == (200, True), address
    page.get_by_role("link", name="Who cleared this text, and when").click()
    for code in ("ILO", "IOM", "UNHCR"):
        expect(page.get_by_role("row", name=re.compile(f"{code} endorses"))).to_be_visible()
    expect(page.get_by_text("✓ the same")).to_be_visible()


def test_the_library_is_searched_in_any_script(page, papers):
    page.goto(f"/library?at={AT}")
    for words in ("demand", "الطلب", "需求"):
        page.get_by_label("Words").fill(words)
        page.keyboard.press("Enter")
        expect(page.locator("mark").first).to_be_visible()
    page.get_by_label("Words").fill("nothing of the kind")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Nothing was found.")


def test_a_comment_is_made_with_the_keyboard_and_answered(at, page, papers):
    at("unhcr", "talk", "/text")
    page.get_by_role("link", name="Comment: Part 1").focus()
    page.keyboard.press("Enter")
    page.get_by_label("The passage, word for word").focus()
    page.keyboard.type("these words stand nowhere")
    page.keyboard.press("Tab")
    page.keyboard.type("Is that so?")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Your words")).to_have_value("Is that so?")
    page.get_by_label("The passage, word for word").fill("and poverty")
    page.get_by_role("button", name="Comment on a passage").click()
    expect(page).to_have_url(re.compile("/comments/3"))
    expect(page.get_by_role("status")).to_have_text("Your comment was made.")
    expect(page.get_by_text("the passage stands")).to_be_visible()
    page.context.clear_cookies()
    log_in(page, "ilo")
    page.goto(f"/documents/{papers['talk']}/comments/3")
    page.get_by_label("Answer", exact=True).select_option("rejected")
    page.get_by_role("button", name="Answer the comment").click()
    expect(page.get_by_role("alert")).to_be_visible()
    must_be_accessible(page)
    page.get_by_label(re.compile("^Reason")).fill("It is.")
    page.get_by_role("button", name="Answer the comment").click()
    expect(page.locator(".fine", has_text="rejected")).to_contain_text("It is.")


def test_two_who_write_at_once_lose_nothing(browser, at, page, papers, platform):
    propose = {"kind": "issue_paper", "title": "On both", "lead": "ILO", "co_drafters": ["IOM"]}
    ilo, iom = (Api(platform.url, name, PASSWORD) for name in ("ilo", "iom"))
    papers["both"] = ilo.send("POST", "/documents", propose)["id"]
    path = f"/documents/{papers['both']}"
    iom.send("POST", f"{path}/concept")
    ilo.send("POST", f"{path}/revisions", {"base": 0, "sections": sections("One was here.", "Two was here."), "summary": "First"})
    at("ilo", "both", "/edit")
    page.get_by_label("Text (Markdown)").nth(0).fill("One is mine.")
    page.get_by_label("Heading").nth(2).fill("Part 3")
    page.get_by_label("Text (Markdown)").nth(2).fill("Three is new.")
    page.get_by_label("What you changed, in a line").fill("Mine")
    changed = [{"id": "s1", "heading": "Part 1", "text": "One is theirs."}, {"id": "s2", "heading": "Part 2", "text": "Two is theirs."}]
    iom.send("POST", f"{path}/revisions", {"base": 1, "sections": changed, "summary": "Theirs"})
    page.get_by_role("button", name="Save as a revision").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bring both texts together")
    must_be_accessible(page)
    both = page.get_by_role("group", name=re.compile("Part 1"))
    expect(both.locator("ins").first).to_be_visible()
    expect(both.get_by_label("Take theirs")).not_to_be_checked()
    both.get_by_label("Take what stands below").check()
    both.get_by_label("Text (Markdown)").fill("One is mine and theirs.")
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.get_by_role("button", name="Save upon revision 2").click()
    expect(page.get_by_role("status")).to_have_text("It was saved as a revision.")
    saved = ilo.send("GET", f"{path}/text")
    assert [one["text"] for one in saved["texts"]] == ["One is mine and theirs.", "Two is theirs.", "Three is new."]
    assert [one["id"] for one in saved["texts"]] == ["s1", "s2", "s3"]


def test_a_position_is_given_on_exactly_the_text_that_is_shown(at, page, papers):
    at("unhcr", "quiet", "/clearance")
    expect(page.get_by_text("10 February 2014, 12:00 UTC").first).to_be_visible()
    page.get_by_label("Position", exact=True).select_option("object")
    page.get_by_role("button", name="Give your position").click()
    expect(page.get_by_role("alert")).to_be_visible()
    must_be_accessible(page)
    page.get_by_label("Position", exact=True).select_option("no_objection")
    page.get_by_role("button", name="Give your position").click()
    expect(page.get_by_role("row", name=re.compile("UNHCR no objection"))).to_be_visible()
    expect(page.locator("svg.board title", has_text="UNHCR, revision 1: no objection")).to_have_count(1)


@pytest.mark.parametrize(
    ("name", "language", "sets", "hours", "done"),
    [
        ("iom", "en", "Set this rule: Information note", "Hours that a silence lasts at least", "The rule was set."),
        ("chaire", "fr", "Fixer cette règle : Note d’information", "Durée minimale d’un silence, en heures", "La règle a été fixée."),
    ],
)
def test_the_chair_sets_a_passing_rule_that_all_can_read(at, page, papers, platform, name, language, sets, hours, done):
    if language == "fr":
        person = {"name": name, "display_name": "Someone", "entity": "IOM", "roles": ["alternate"], "language": "fr", "password": PASSWORD}
        Api(platform.url, *platform.login).send("POST", "/people", person)
    at(name, "quiet", "/clearance")
    page.locator("section[aria-labelledby=rule] a").click()
    expect(page).to_have_url(re.compile("/documents/passing-rules#issue_paper$"))
    must_be_accessible(page)
    page.get_by_text(sets).click()
    form = page.locator("#set-information_note")
    block = form.locator("input[name=blocking][value=object]")
    block.uncheck()
    form.get_by_role("button").click()
    expect(page.get_by_role("alert")).to_be_visible()
    must_be_accessible(page)
    expect(block).not_to_be_checked()
    block.check()
    form.get_by_label(hours).fill("96" if language == "en" else "120")
    form.get_by_role("button").click()
    expect(page.get_by_role("status")).to_have_text(done)
    page.context.clear_cookies()
    log_in(page, "ilo")
    page.goto("/documents/passing-rules")
    note = page.get_by_role("region", name="Information note")
    expect(note).to_contain_text("96" if language == "en" else "120")
    expect(page.get_by_text("Set this rule")).to_have_count(0)


def test_a_text_is_read_in_and_saved(at, page, papers):
    at("ilo", "statement", "/import")
    markdown = b"# On the day\n\n## We say\n\nTogether.\n\n## We ask\n\n<b>Now</b>\n"
    page.get_by_label("File").set_input_files({"name": "statement.md", "mimeType": "text/markdown", "buffer": markdown})
    page.get_by_role("button", name="See what is read").click()
    expect(page.get_by_role("heading", name="What was read")).to_be_visible()
    must_be_accessible(page)
    page.get_by_role("button", name="Save as revision 1").click()
    expect(page.get_by_role("status")).to_have_text("What was read was saved.")
    expect(page.get_by_role("heading", level=1)).to_have_text("On the day")


def test_a_file_is_attached_and_found_again(at, page, papers):
    at("ilo", "talk")
    page.get_by_text("Attach a file").first.click()
    page.get_by_label("File").set_input_files({"name": "Lettre n° 1.pdf", "mimeType": "application/pdf", "buffer": b"no pdf at all \x00"})
    page.get_by_role("button", name="Attach a file").click()
    expect(page.get_by_role("alert")).to_be_visible()
    must_be_accessible(page)
    page.get_by_label("File").set_input_files({"name": "note.txt", "mimeType": "text/plain", "buffer": "Café".encode()})
    page.get_by_role("button", name="Attach a file").click()
    with page.expect_download() as saved:
        page.get_by_role("link", name="note.txt").click()
    assert saved.value.suggested_filename == "note.txt"
    assert saved.value.path().read_bytes() == "Café".encode()


def test_an_export_is_asked_for_and_fetched(at, page, papers):
    at("ilo", "talk", "/exports")
    page.get_by_label("Format").select_option("docx")
    page.get_by_role("button", name="Ask for an export").click()
    done = page.get_by_role("link", name=re.compile(r"\.docx$"))
    for _ in range(60):
        if done.count():
            break
        page.wait_for_timeout(500)
        page.get_by_role("link", name="See how far it is").click()
    with page.expect_download() as saved:
        done.click()
    assert saved.value.path().read_bytes().startswith(b"PK")
