"""What the Group writes: issue paper 2 from proposal to presentation, the statement of the first World Day, two more papers begun."""

from functools import partial
from typing import Any

from launcher.demo import texts
from launcher.demo.api import eventually, once_heard
from launcher.demo.story import FACTS, MISSIONS, NOT_HEARD_YET, Story, must


def the_paper(story: Story) -> None:
    """Issue paper 2: proposed, agreed in concept, drafted by two, commented by four, cleared by silence, published."""
    ilo, ohchr, iom = story.people["ILO"], story.people["OHCHR"], story.people["IOM"]
    story.now("2014-02-17T10:00:00Z")
    proposal = {
        "kind": "issue_paper",
        "title": texts.DEMAND_TITLE,
        "summary": texts.DEMAND_SUMMARY,
        "lead": "ILO",
        "co_drafters": ["OHCHR"],
        "pillars": ["prevention"],
        "deliverable": {"year": 2014, "activity": "demand-paper", "deliverable": "paper"},
    }
    story.paper = once_heard(partial(ilo.post, "/documents", **proposal), *NOT_HEARD_YET)["id"]
    at = f"/documents/{story.paper}"
    story.now("2014-02-24T10:00:00Z")
    iom.post(f"{at}/concept")
    story.tell(f"ILO and OHCHR propose a paper, “{texts.DEMAND_TITLE}”; the Group agrees on its concept")

    story.now("2014-03-10T10:00:00Z")
    ilo.post(f"{at}/revisions", base=0, sections=texts.DEMAND_FIRST, summary="First full draft")
    story.progress("ILO", "demand-paper", "A first full draft is with the co-drafter.", "first-draft")
    story.now("2014-03-17T16:00:00Z")
    ohchr.post(f"{at}/revisions", base=1, sections=texts.DEMAND_WITH_RIGHTS, summary="What a measure does to rights")
    beside = ilo.refused(409, "POST", f"{at}/revisions", base=1, sections=texts.DEMAND_FINAL, summary="Written beside OHCHR's")
    story.tell(
        f"Revisions 1 (ILO) and 2 (OHCHR); a third written beside the second is refused with both texts and their difference "
        f"({len(beside['difference'].splitlines())} lines)"
    )

    story.now("2014-03-24T09:00:00Z")
    iom.post(f"{at}/comment-rounds", deadline="2014-04-11T17:00:00Z")
    for day, comment in enumerate(texts.DEMAND_COMMENTS, 1):
        story.now(f"2014-04-{day:02}T11:00:00Z")
        _comment(story, at, comment)
    story.tick("2014-04-11T17:00:00Z")
    story.now("2014-04-15T10:00:00Z")
    too_soon = iom.refused(409, "POST", f"{at}/clearance", by="silence", deadline="2014-05-12T12:00:00Z")
    for number, comment in enumerate(texts.DEMAND_COMMENTS, 1):
        ilo.post(f"{at}/comments/{number}/dispositions", outcome=comment["outcome"], reason=comment["reason"])
    story.now("2014-04-22T10:00:00Z")
    paper = ilo.post(f"{at}/revisions", base=2, sections=texts.DEMAND_FINAL, summary="After the comments")
    story.tell(
        f"Comments of {', '.join(c['entity'] for c in texts.DEMAND_COMMENTS)}; before each has its disposition no clearance opens "
        f"({too_soon['rule']}); revision {paper['revision']} answers them"
    )

    story.now("2014-04-28T09:00:00Z")
    iom.post(f"{at}/clearance", by="silence", deadline="2014-05-12T12:00:00Z")
    story.now("2014-05-05T09:00:00Z")
    story.people["UNODC"].post(f"{at}/positions", digest=paper["digest"], word="endorse")
    story.now("2014-05-07T09:00:00Z")
    by_letter = {"on_behalf_of": "UNHCR", "letter": "Letter of 6 May 2014"}
    story.secretariat.post(f"{at}/positions", digest=paper["digest"], word="endorse", **by_letter)
    story.tick("2014-05-12T12:00:00Z")
    must(ilo.get(at)["state"] == "cleared", "silence until the deadline clears the paper")
    story.tell("Cleared at the deadline: UNODC endorses, UNHCR by a letter that the secretariat enters, the others by silence")

    must(story.people["BRA"].find(at) is None, "a mission knows nothing of a paper before its publication")
    story.now("2014-05-20T08:00:00Z")
    paper = iom.post(f"{at}/publication")
    story.told("publications", "published", document=story.paper)
    story.tell(f"Issue paper {paper['number']} is published")
    eventually("the activity delivered by the publication", lambda: story.activity("demand-paper")["status"] == "delivered")
    story.tell("Its workplan activity is delivered by the event of the publication, untouched by hand")


def the_statement(story: Story) -> None:
    """The statement of the first World Day: endorsed by every signatory under embargo, issued by the clock."""
    iom = story.people["IOM"]
    story.now("2014-06-23T10:00:00Z")
    story.statement = iom.post(
        "/documents",
        kind="joint_statement",
        title=texts.STATEMENT_TITLE,
        summary=texts.STATEMENT_SUMMARY,
        lead="IOM",
        co_drafters=["UNODC"],
        pillars=["prevention", "partnerships"],
        deliverable={"year": 2014, "activity": "world-day", "deliverable": "statement"},
        **FACTS["world_day"],
    )["id"]
    at = f"/documents/{story.statement}"
    iom.post(f"{at}/revisions", base=0, sections=texts.STATEMENT_FIRST, summary="First draft")
    story.completed("IOM", texts.GENEVA, "draft-statement", "The draft is with the six.")
    story.now("2014-06-26T10:00:00Z")
    _comment(story, at, texts.STATEMENT_COMMENT)
    iom.post(f"{at}/comments/1/dispositions", outcome=texts.STATEMENT_COMMENT["outcome"])
    story.now("2014-06-30T10:00:00Z")
    statement = iom.post(f"{at}/revisions", base=1, sections=texts.STATEMENT_FINAL, summary="Those already harmed")
    story.tell(f"IOM drafts the statement for {FACTS['world_day']['occasion']}, “{texts.STATEMENT_TITLE}”; OHCHR's comment is taken up")

    story.now("2014-07-14T09:00:00Z")
    signatories = iom.post(f"{at}/clearance", by="express", deadline="2014-07-25T15:00:00Z")["signatories"]
    for hour, code in enumerate(signatories, 9):
        story.now(f"2014-07-22T{hour:02}:00:00Z")
        board = story.people[code].post(f"{at}/positions", digest=statement["digest"], word="endorse")
    must(board["state"] == "cleared_under_embargo", "with the last endorsement the statement is cleared under embargo")
    story.progress("IOM", "world-day", "Endorsed by all who sign.", "cleared")
    story.tell(f"Endorsed by {', '.join(signatories)}; under embargo until {FACTS['world_day']['issue_at']}")

    story.tick("2014-07-29T23:59:59Z")
    _nothing_is_known_outside(story, at)
    story.tell("A second before the instant: no page, list, feed of matters, delivery, mail or webhook knows of it")
    story.tick(FACTS["world_day"]["issue_at"])
    story.told("statements", "statement_issued", document=story.statement)
    issued = story.people["BRA"].get(at)
    must(issued["published_at"] == FACTS["world_day"]["issue_at"], "the statement is issued at its instant")
    eventually("the activity delivered by the statement", lambda: story.activity("world-day")["status"] == "delivered")
    story.tell(f"The clock issues it, signed by {', '.join(issued['signatories'])}; every mission can read it")


def two_more_papers(story: Story) -> None:
    """Two further papers are begun: on effective remedies and on evaluating responses."""
    ohchr, iom = story.people["OHCHR"], story.people["IOM"]
    story.now("2014-09-01T10:00:00Z")
    remedies = ohchr.post(
        "/documents",
        kind="issue_paper",
        title=texts.REMEDIES_TITLE,
        summary=texts.REMEDIES_SUMMARY,
        lead="OHCHR",
        co_drafters=["IOM", "UNICEF"],
        pillars=["protection"],
    )["id"]
    story.tick("2014-09-08T16:00:00Z")
    story.told("reminders", "action_reminded", action="remedies-concept", days=7)
    story.now("2014-09-12T10:00:00Z")
    story.completed("OHCHR", texts.GENEVA, "remedies-concept", "It is before the Group.")
    story.tell("A week before it is due OHCHR is reminded of what it took upon itself in Geneva, and does it in time")
    story.now("2014-09-15T10:00:00Z")
    iom.post(f"/documents/{remedies}/concept")
    story.progress("OHCHR", "remedies-paper", "The concept is agreed.", "concept")
    story.now("2014-09-22T10:00:00Z")
    ohchr.post(f"/documents/{remedies}/revisions", base=0, sections=texts.REMEDIES_FIRST, summary="A beginning")
    story.delivered("OHCHR", "remedies-paper", "begun", "The concept is agreed and a first draft is written.")
    story.now("2014-09-29T10:00:00Z")
    evaluation = iom.post(
        "/documents",
        kind="issue_paper",
        title=texts.EVALUATION_TITLE,
        summary=texts.EVALUATION_SUMMARY,
        lead="IOM",
        co_drafters=["UNODC"],
        pillars=["prevention", "partnerships"],
    )["id"]
    iom.post(f"/documents/{evaluation}/concept")
    story.delivered("IOM", "evaluation-paper", "begun", "The concept is agreed.")
    story.begun = {"remedies-paper": remedies, "evaluation-paper": evaluation}
    story.tell(f"Two further papers are begun: “{texts.REMEDIES_TITLE}” (OHCHR) and “{texts.EVALUATION_TITLE}” (IOM)")


def the_presentation(story: Story) -> None:
    """The paper is presented to States in Vienna, on the margins of the Conference."""
    story.now("2014-10-10T16:00:00Z")
    presented = story.people["ILO"].post(f"/documents/{story.paper}/presentations", **FACTS["issue_papers"]["second"]["presented"])
    story.progress("ILO", "demand-paper", "Presented to States.", "presented")
    story.told("publications", "presented", document=story.paper)
    where = presented["presentations"][-1]
    story.tell(f"Issue paper {presented['number']} is presented in {where['where']}, on the margins of: {where['on_margins_of']}")


def remedies_is_commented(story: Story) -> None:
    """The draft on remedies goes to the Group for comments; the round ends when another chairs."""
    story.now("2014-12-05T10:00:00Z")
    story.people["IOM"].post(f"/documents/{story.begun['remedies-paper']}/comment-rounds", deadline="2015-02-13T17:00:00Z")


def _comment(story: Story, document: str, comment: dict[str, Any]) -> None:
    said = {name: comment[name] for name in ("section", "quotation", "text")}
    story.people[comment["entity"]].post(f"{document}/comments", **said)


def _nothing_is_known_outside(story: Story, document: str) -> None:
    """Neither a mission nor a visitor finds a trace of the statement, and nothing of it has left the house."""
    story.settled()
    title = texts.STATEMENT_TITLE
    for reader in (story.people["BRA"], story.api.visitor):
        must(reader.find(document) is None, f"{reader.name} finds no statement")
        must(reader.find(f"{document}/text") is None, f"{reader.name} reads no text")
        for items in ("/library", "/documents"):
            must(all(item["title"] != title for item in reader.each(items)), f"{reader.name} sees no statement in {items}")
        must(reader.get("/matters/statements")["last"] == 0, "no matter is announced")
    for code in MISSIONS:
        must(not list(story.people[code].each("/deliveries", topic="statements")), f"nothing is on its way to {code}")
    must(not story.mail.mention(title), "no mail speaks of it")
    must(not any(title in body for body in story.hooks.bodies), "no webhook speaks of it")
