"""The joint statement of the first World Day: taken up where the platform proposed it, endorsed under embargo, issued by the clock."""

from launcher.demo import texts, translated
from launcher.demo.api import eventually
from launcher.demo.chapters.papers import found, named, remark
from launcher.demo.story import FACTS, JOINING, MISSIONS, Story, mail_of, must

PUBLIC = ("text", "export.html", "export.pdf", "export.docx", "export.xml", "certificate", "certificate.html", "certificate.pdf")
"""What anyone may ask for of a document once it is public."""


def taken_up(story: Story) -> None:
    """The chair takes up what the platform proposed: says with whom it drafts, and which deliverable of the plan it is."""
    iom, at = story.people["IOM"], _at(story)
    story.now("2014-02-14T10:00:00Z")
    iom.patch(f"{at}/drafters", co_drafters=["UNODC"])
    promised = {"year": 2014, "activity": "world-day", "deliverable": "statement"}
    taken = iom.patch(at, deliverable=promised, pillars=["prevention", "partnerships"], themes=["demand"])
    story.tell(f"The proposed statement is {taken['lead']}'s, with {', '.join(taken['co_drafters'])}, and a deliverable of the plan")


def the_drafting(story: Story) -> None:
    """IOM takes up what was proposed, later than its timetable says, and a comment with it."""
    iom, at = story.people["IOM"], _at(story)
    story.now("2014-06-23T10:00:00Z")
    late = [step["step"].replace("_", " ") for step in iom.get(at)["timetable"] if step["late"]]
    iom.post(f"{at}/revisions", base=0, title=texts.STATEMENT_TITLE, sections=texts.STATEMENT_FIRST, summary="First draft")
    story.completed("IOM", texts.GENEVA, "draft-statement", "The draft is with the six.")
    story.now(texts.STATEMENT_COMMENT["at"])
    remark(story, at, texts.STATEMENT_COMMENT)
    iom.post(f"{at}/comments/1/dispositions", outcome=texts.STATEMENT_COMMENT["outcome"])
    story.now("2014-06-30T10:00:00Z")
    iom.post(f"{at}/revisions", base=1, sections=texts.STATEMENT_FINAL, summary="Those already harmed")
    story.tell(
        f"IOM drafts the statement for {FACTS['world_day']['occasion']}, “{texts.STATEMENT_TITLE}”, and was reminded that it is late with "
        f"{' and '.join(late)}; OHCHR's comment is taken up"
    )


def the_signatures(story: Story) -> None:
    """A member without a seat joins the signatories; all endorse exactly this text."""
    iom, at = story.people["IOM"], _at(story)
    story.now("2014-07-10T10:00:00Z")
    story.people[JOINING].post(f"{at}/signatories", entity=JOINING)
    story.now("2014-07-14T09:00:00Z")
    statement = iom.post(f"{at}/clearance", by="express", deadline="2014-07-25T15:00:00Z")
    silent = iom.get("/passing-rules/documents")["rules"]
    must({"kind": "joint_statement", "procedures": ["express"]}.items() <= silent[-1].items(), "no statement is signed by silence")
    signatories = statement["signatories"]
    for hour, code in enumerate((code for code in signatories if code != JOINING), 9):
        story.now(f"2014-07-21T{hour:02}:00:00Z")
        story.people[code].post(f"{at}/positions", digest=statement["digest"], word="endorse")
    story.tick("2014-07-22T15:00:00Z")
    story.told("reminders", "document_reminded", document=story.statement, about="position", days=3)
    story.now("2014-07-23T10:00:00Z")
    board = story.people[JOINING].post(f"{at}/positions", digest=statement["digest"], word="endorse")
    must(board["state"] == "cleared_under_embargo", "with the last endorsement the statement is cleared under embargo")
    story.progress("IOM", "world-day", "Endorsed by all who sign.", "cleared")
    story.tell(
        f"Endorsed by {', '.join(signatories)}: {JOINING}, a member without a seat, joined them and was reminded; under embargo until "
        f"{statement['issue_at']}"
    )


def the_languages(story: Story) -> None:
    """The statement is rendered in the five other languages, and one of them is being set for those who will read it out."""
    desk, at = story.secretariat, _at(story)
    story.now("2014-07-24T10:00:00Z")
    original = desk.get(f"{at}/text")
    for language, (title, sections) in translated.STATEMENT.items():
        made = {"revision": original["number"], "base": 0, "title": title, "summary": "Rendered from the cleared text"}
        statement = desk.put(f"{at}/languages/{language}", sections=named(original, sections), **made)
    must({version["state"] for version in statement["languages"]} == {"current"}, "every version is up to date")
    must(all(step["done_at"] for step in statement["timetable"][:-1]), "every step but the last is done")
    export = desk.post(f"{at}/exports", format="pdf", language="ar")
    must(story.people["BRA"].find(f"{at}/exports/{export['id']}") is None, "no mission hears of an export")
    story.tell(f"Rendered in {', '.join(translated.STATEMENT)}: no step of the timetable is open but the last; the Arabic is being set")


def the_instant(story: Story) -> None:
    """Not a trace of it a second before; all of it in six languages at the instant."""
    at, issue_at = _at(story), FACTS["world_day"]["issue_at"]
    story.tick("2014-07-29T23:59:59Z")
    _nothing_is_known_outside(story, at)
    story.tell(
        "A second before the instant: no page, list, search in six languages, export, certificate, feed of matters, delivery, mail or "
        "webhook knows of it"
    )
    story.tick(issue_at)
    story.told("statements", "statement_issued", document=story.statement)
    issued = story.people["BRA"].get(at)
    must(issued["published_at"] == issue_at, "the statement is issued at its instant")
    for reader in (story.people["BRA"], story.api.visitor):
        for language, word in translated.WORDS.items():
            must(found(reader, word) == [(story.statement, language)], f"{reader.name} finds it by {word}")
            must(word in reader.get(f"{at}/text", language=language)["markdown"], f"{reader.name} reads it in {language}")
            story.public_file(story.statement, "html", language)
    eventually("the activity delivered by the statement", lambda: story.activity("world-day")["status"] == "delivered")
    story.tell(
        f"The clock issues it, signed by {', '.join(issued['signatories'])}; all can read and find it in {len(translated.WORDS)} languages"
    )


def _at(story: Story) -> str:
    return f"/documents/{story.statement}"


def _nothing_is_known_outside(story: Story, document: str) -> None:
    """Neither a mission nor a visitor finds a trace of the statement, and nothing of it has left the house."""
    story.settled()
    title, words = texts.STATEMENT_TITLE, translated.WORDS
    for reader in (story.people["BRA"], story.api.visitor):
        for path in (document, *(f"{document}/{name}" for name in PUBLIC)):
            must(reader.find(path) is None, f"{reader.name} finds no {path}")
        for language in words:
            must(reader.find(f"{document}/text", language=language) is None, f"{reader.name} reads nothing in {language}")
        must(reader.find(f"{document}/comparison", base=1, other=2) is None, f"{reader.name} compares nothing")
        must(not found(reader, title, *words.values(), FACTS["world_day"]["occasion"]), f"{reader.name} finds nothing by its words")
        for items in ("/library", "/documents"):
            must(all(item["title"] != title for item in reader.each(items)), f"{reader.name} sees no statement in {items}")
        must(reader.get("/matters/statements")["last"] == 0, "no matter is announced")
    must(found(story.people["IOM"], *words.values()), "its own find it")
    for path in ("comments", "clearance", "clearance.svg", "languages/fr", "exports/none"):
        must(story.people["BRA"].find(f"{document}/{path}") is None, f"a mission finds no {path}")
    story.people["BRA"].refused(404, "POST", f"{document}/exports", format="pdf")
    for code in MISSIONS:
        must(not list(story.people[code].each("/deliveries", topic="statements")), f"nothing is on its way to {code}")
    outside = {mail_of(code) for code in MISSIONS}
    must(not any(str(mail["To"]) in outside for mail in story.mail.mention(title)), "no mission's mail speaks of it")
    for word in words.values():
        must(not story.mail.mention(word), f"no mail at all has its words ({word})")
    must(not any(words["en"] in body or title in body for body in story.hooks.bodies), "no webhook speaks of it")
