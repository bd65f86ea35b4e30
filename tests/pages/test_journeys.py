"""A year's turning points as people bring them about, each in a browser of its own, with the whole platform behind them."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from launcher.demo.outside import Mailboxes
from launcher.platform import Platform
from tests.pages.conftest import AT, PASSWORD, Api, log_in, mailed_link

MAILBOX = "desk@chad.example"
ROUND_ENDS = "2014-01-22T12:00:00Z"
STATEMENT_AT = "2014-02-07T10:00:00Z"


class Group:
    """The people of these stories: each has an account, and sits at a browser when asked to."""

    PEOPLE = (
        ("lead", "ILO", "focal_point", "en"),
        ("chair", "IOM", "focal_point", "en"),
        ("seat", "UNHCR", "focal_point", "en"),
        ("siege", "UNHCR", "alternate", "fr"),
        ("chad", "CHAD", "mission", "fr"),
    )

    def __init__(self, platform: Platform, browser: Browser) -> None:
        self.platform, self._browser = platform, browser
        self.secretariat = Api(platform.url, *platform.login)
        for name, entity, role, language in self.PEOPLE:
            person = {"name": name, "display_name": f"Someone of {entity}", "entity": entity, "roles": [role], "language": language}
            self.secretariat.send("POST", "/people", person | {"password": PASSWORD})
        self.lead, self.chair, self.seat = (Api(platform.url, name, PASSWORD) for name in ("lead", "chair", "seat"))
        self._pages: list[Page] = []

    def at_a_browser(self, name: str = "", onward: str = "") -> Page:
        """A browser without a past; of this person, logged in, or of a visitor."""
        context = self._browser.new_context(base_url=self.platform.url, locale="en-GB")
        page = context.new_page()
        self._pages.append(page)
        if name == "secretariat":
            log_in(page, *self.platform.login, onward=f"{onward}?at={AT}")
        elif name:
            log_in(page, name, onward=f"{onward or '/'}?at={AT}")
        return page

    def drafted(self, title: str, text: str, **more: object) -> str:
        """The path of a document with a first revision."""
        given = {"kind": "issue_paper", "title": title, "lead": "ILO", "co_drafters": ["IOM"]} | more
        path = f"/documents/{self.lead.send('POST', '/documents', given, within=20)['id']}"
        if given["kind"] == "issue_paper":
            self.chair.send("POST", f"{path}/concept")
        first = {"base": 0, "sections": [{"heading": "What we say", "text": text}], "summary": "A first draft"}
        self.lead.send("POST", f"{path}/revisions", first)
        return path

    def close(self) -> None:
        for page in self._pages:
            page.context.close()


@pytest.fixture(scope="module")
def group(platform: Platform, browser: Browser) -> Iterator[Group]:
    group = Group(platform, browser)
    yield group
    group.close()


def reach(page: Page, wanted: Locator) -> None:
    """Go to something with the Tab key, as who has no mouse does."""
    for _ in range(250):
        page.keyboard.press("Tab")
        if wanted.evaluate("it => it === document.activeElement"):
            return
    raise AssertionError(f"the keyboard does not lead to {wanted}")


def chosen(page: Page, select: Locator, option: str) -> None:
    """Choose in a list with the keyboard: by the word it shows."""
    reach(page, select)
    page.keyboard.type(option)


def row(page: Page, entity: str) -> Locator:
    return page.get_by_role("row", name=re.compile(f"^{entity} "))


def test_a_focal_point_comments_and_clears_by_keyboard_alone(group: Group):
    path = group.drafted("On work by force", "States have ratified the Protocol.")
    group.chair.send("POST", f"{path}/comment-rounds", {"deadline": ROUND_ENDS})
    page = group.at_a_browser()
    page.goto(f"/login?next={path}")
    expect(page.locator("#name")).to_be_focused()
    page.keyboard.type("seat")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(path))
    page.goto(f"{path}/text?at={AT}")
    reach(page, page.get_by_role("link", name="Comment: What we say"))
    page.keyboard.press("Enter")
    reach(page, page.get_by_label("The passage, word for word"))
    page.keyboard.type("have ratified")
    page.keyboard.press("Tab")
    page.keyboard.type("Not all of them.")
    reach(page, page.get_by_role("button", name="Comment on a passage"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Your comment was made.")

    group.lead.send("POST", f"{path}/comments/1/dispositions", {"outcome": "accepted"}, within=10)
    group.secretariat.send("POST", "/rehearsal/tick", {"to": ROUND_ENDS})
    chair = Api(group.platform.url, "chair", PASSWORD, at=ROUND_ENDS)
    chair.send("POST", f"{path}/clearance", {"by": "express", "deadline": "2014-02-10T12:00:00Z"})
    page.goto(f"/?at={ROUND_ENDS}")
    reach(page, page.get_by_role("link", name=re.compile("On work by force")).first)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"{path}/clearance"))
    chosen(page, page.get_by_label("Position", exact=True), "endorses")
    reach(page, page.get_by_role("button", name="Give your position"))
    page.keyboard.press("Enter")
    expect(row(page, "UNHCR")).to_contain_text("endorses")


def test_an_alternate_objects_in_french_and_breaks_the_silence(group: Group):
    path = group.drafted("Sur le silence", "Qui ne dit mot consent.")
    group.chair.send("POST", f"{path}/clearance", {"by": "silence", "deadline": "2014-02-10T12:00:00Z"})
    page = group.at_a_browser("siege")
    page.get_by_role("link", name=re.compile("Sur le silence")).first.click()
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page.get_by_text("10 février 2014, 12:00 UTC").first).to_be_visible()
    page.get_by_label("Position", exact=True).select_option("object")
    page.get_by_label(re.compile("^Motifs")).fill("Le mot « consent » n’est pas celui du Protocole.")
    page.get_by_label(re.compile("^Texte que vous proposez")).fill("Qui ne dit mot n’objecte pas.")
    page.get_by_role("button", name="Prendre position").click()
    expect(page.get_by_role("status")).to_have_text("La position a été prise.")
    expect(page.locator(".badge")).to_have_text("rompue")
    expect(row(page, "UNHCR")).to_contain_text("s’oppose")
    told = group.chair.send("GET", f"{path}/clearance")
    assert told["clearance"]["state"] == "broken"


def test_the_secretariat_enters_a_position_from_a_letter(group: Group):
    path = group.drafted("On letters", "What is written is kept.")
    group.chair.send("POST", f"{path}/clearance", {"by": "express", "deadline": "2014-02-10T12:00:00Z"})
    page = group.at_a_browser("secretariat", path)
    page.get_by_text("Attach a file").first.click()
    page.get_by_label("File").set_input_files({"name": "letter.txt", "mimeType": "text/plain", "buffer": b"We endorse it. UNHCR"})
    page.get_by_role("button", name="Attach a file").click()
    expect(page.get_by_role("link", name="letter.txt")).to_be_visible()
    page.goto(f"{path}/clearance")
    page.get_by_label("Position", exact=True).select_option("endorse")
    page.get_by_label(re.compile("^On behalf of")).fill("UNHCR")
    page.get_by_label(re.compile("^Letter: its date")).fill("Letter of 19 January, Ms A.")
    page.get_by_label(re.compile("^The letter, attached")).select_option(label="letter.txt")
    page.get_by_role("button", name="Give your position").click()
    expect(row(page, "UNHCR")).to_contain_text(re.compile("endorses.*Letter of 19 January, Ms A", re.S))
    page.locator("summary", has_text="UNHCR").click()
    with page.expect_download() as saved:
        page.get_by_role("link", name="the letter").click()
    assert saved.value.path().read_bytes() == b"We endorse it. UNHCR"


def test_two_drafters_collide_and_merge(group: Group):
    path = group.drafted("On two pens", "One was here.")
    lead, chair = group.at_a_browser("lead"), group.at_a_browser("chair")
    for page in (lead, chair):
        page.goto(f"{path}/edit?at={AT}")
    for page, text in ((chair, "One is the chair's."), (lead, "One is the lead's.")):
        page.get_by_label("Text (Markdown)").nth(0).fill(text)
        page.get_by_label("What you changed, in a line").fill(text)
        page.get_by_role("button", name="Save as a revision").click()
    expect(lead.get_by_role("heading", level=1)).to_contain_text("Bring both texts together")
    both = lead.get_by_role("group", name=re.compile("What we say"))
    expect(both.locator("ins").first).to_be_visible()
    both.get_by_label("Take what stands below").check()
    both.get_by_label("Text (Markdown)").fill("One is the chair's and the lead's.")
    lead.get_by_role("button", name="Save upon revision 2").click()
    expect(lead.get_by_role("status")).to_have_text("It was saved as a revision.")
    chair.goto(f"{path}/comparison?base=2&other=3")
    expect(chair.locator("section.card ins").first).to_contain_text("lead")


def test_the_chair_issues_a_statement_and_the_clock_does_it(group: Group):
    path = group.drafted(
        "On the day", "Together we act.", kind="joint_statement", occasion="World Day", issue_at=STATEMENT_AT, co_drafters=["IOM"]
    )
    chair = group.at_a_browser("chair")
    chair.goto(f"{path}/clearance?at={AT}")
    chair.locator("#act-open_clearance summary").click()
    form = chair.locator("#act-open_clearance")
    form.get_by_label(re.compile("^Procedure")).select_option("express")
    form.get_by_label(re.compile("^Deadline")).fill("2014-02-05T12:00:00")
    form.get_by_role("button", name="Open the clearance").click()
    expect(chair.locator(".badge")).to_have_text("open")
    for name in ("lead", "seat", "chair"):
        page = group.at_a_browser(name)
        page.goto(f"{path}/clearance?at={AT}")
        page.get_by_label("Position", exact=True).select_option("endorse")
        page.get_by_role("button", name="Give your position").click()
        expect(page.get_by_role("status").first).to_have_text("The position was taken.")
    chair.goto(path)
    expect(chair.locator(".badge")).to_contain_text("embargo")
    expect(chair.get_by_text("in 18 days")).to_be_visible()
    visitor = group.at_a_browser()
    assert visitor.goto(path).status == 404
    visitor.goto(f"/library?at={AT}")
    expect(visitor.get_by_text("On the day")).to_have_count(0)

    group.secretariat.send("POST", "/rehearsal/tick", {"to": STATEMENT_AT})
    visitor.goto(f"/library?at={STATEMENT_AT}")
    visitor.get_by_role("link", name="On the day").click()
    expect(visitor.get_by_text("Together we act.")).to_be_visible()
    visitor.get_by_role("link", name="Who cleared this text, and when").click()
    for code in ("ILO", "IOM", "UNHCR"):
        expect(visitor.get_by_role("row", name=re.compile(f"{code} endorses"))).to_be_visible()


def test_a_mission_subscribes_confirms_and_replies(group: Group, eventually):
    group.secretariat.send("POST", "/subscribers", {"code": "CHAD", "name": "Mission du Tchad", "kind": "mission", "language": "fr"})
    page = group.at_a_browser("chad", "/subscriptions")
    page.get_by_text("Ajouter un abonnement").first.click()
    form = page.locator("details.act[open]")
    form.get_by_label("Réunions d’information").check()
    form.get_by_label("Canal").select_option("mail")
    form.get_by_label("Adresse").fill(MAILBOX)
    form.get_by_role("button", name="Ajouter un abonnement").click()
    mails = Mailboxes(group.platform.mail)
    token = eventually(lambda: mails.tokens().get(MAILBOX))
    page.goto(f"/subscriptions/confirm?token={token}&at={AT}")
    page.get_by_role("main").get_by_role("button").click()
    expect(page.get_by_role("status").first).to_be_visible()

    briefing = {"briefing": "africa", "title": "What States of the region do", "kind": "briefing", "place": "Geneva"}
    times = {"starts_at": "2014-02-21T15:00:00Z", "ends_at": "2014-02-21T17:00:00Z"}
    group.secretariat.send("POST", "/briefings", briefing | times)
    page.goto(mailed_link(group.platform, MAILBOX, "/briefings/africa/reply"))
    page.get_by_label(re.compile("^Venez-vous")).select_option("yes")
    page.get_by_label(re.compile("^Qui vient")).fill("Mme Deby")
    page.get_by_role("main").get_by_role("button").first.click()
    expect(page.get_by_role("status").first).to_be_visible()
    came = group.secretariat.send("GET", "/briefings/africa/attendance", within=10)
    assert [(one["subscriber"], one["people"]) for one in came["replies"]] == [("CHAD", ["Mme Deby"])]
