"""What the Group writes: issue paper 2 from proposal to presentation, and two more papers begun."""

import io
from collections import Counter
from functools import partial
from typing import Any
from xml.etree import ElementTree

from openpyxl import load_workbook

from launcher.demo import texts, translated
from launcher.demo.api import MARKDOWN, WORD, Person, eventually, once_heard
from launcher.demo.story import FACTS, NOT_HEARD_YET, Story, must
from launcher.demo.word import Word


def the_rule(story: Story) -> None:
    """The Group says what makes a paper its own; ILO proposes one, and the Group agrees on its concept."""
    ilo, iom = story.people["ILO"], story.people["IOM"]
    story.now("2014-02-17T09:00:00Z")
    rules = once_heard(partial(iom.put, "/passing-rules/documents/issue_paper", minimum_hours=120), *NOT_HEARD_YET)["rules"]
    rule = next(rule for rule in rules if rule["kind"] == "issue_paper")
    story.tell(
        f"The rule for issue papers: {' or '.join(rule['procedures'])}, the {rule['counts']} count, {rule['minimum_hours']} h of silence"
    )
    story.now("2014-02-17T10:00:00Z")
    proposal = {
        "kind": "issue_paper",
        "title": texts.DEMAND_TITLE,
        "summary": texts.DEMAND_SUMMARY,
        "lead": "ILO",
        "co_drafters": ["OHCHR"],
        "themes": ["demand"],
        "pillars": ["prevention"],
        "deliverable": {"year": 2014, "activity": "demand-paper", "deliverable": "paper"},
    }
    story.paper = once_heard(partial(ilo.post, "/documents", **proposal), *NOT_HEARD_YET)["id"]
    story.now("2014-02-24T10:00:00Z")
    iom.post(f"{_at(story)}/concept")
    story.tell(f"ILO and OHCHR propose a paper, “{texts.DEMAND_TITLE}”; the Group agrees on its concept")


def the_files(story: Story) -> None:
    """The first draft comes in as a file, and the second as another: cut into sections, with what was not understood."""
    ilo, ohchr, at = story.people["ILO"], story.people["OHCHR"], _at(story)
    story.now("2014-03-10T10:00:00Z")
    draft = texts.markdown(texts.DEMAND_TITLE, texts.DEMAND_FIRST).encode()
    read = ilo.check(f"{at}/imports/checks", draft, MARKDOWN)
    must(ilo.get(at)["revision"] == 0, "to look at what would be read changes nothing")
    first = ilo.send(f"{at}/revisions/0/imports", draft, MARKDOWN)
    must(_plain(ilo.get(f"{at}/text")["texts"]) == texts.DEMAND_FIRST, "a Markdown file is cut into the sections that it has")
    story.progress("ILO", "demand-paper", "A first full draft is with the co-drafter.", "first-draft")
    story.tell(f"ILO's draft comes in as Markdown, {len(read['sections'])} sections; not understood: {_notes(first)}")

    story.now("2014-03-14T10:00:00Z")
    taken = Word(story.made(ohchr, story.paper, "docx"), "OHCHR", "2014-03-14T09:00:00Z")
    taken.add(*texts.DEMAND_RIGHTS)
    second = ohchr.send(f"{at}/revisions/1/imports", taken.saved(), WORD)
    must(_plain(ohchr.get(f"{at}/text")["texts"]) == texts.DEMAND_WITH_RIGHTS, "what was changed in Word comes back, and nothing else")
    story.tell(f"OHCHR takes it home as DOCX and brings it back as revision {second['revision']}; of its file: {_notes(second)}")


def two_at_once(story: Story) -> None:
    """Two drafters work at once: each in sections of their own, then both in one, which is refused and brought together."""
    ilo, ohchr, at = story.people["ILO"], story.people["OHCHR"], _at(story)
    story.now("2014-03-17T14:00:00Z")
    why, _, learned, _ = ilo.get(f"{at}/text")["texts"]
    upon = {"base": 2, "summary": "Beside the other"}
    ilo.put(f"{at}/sections/{why['id']}", text=why["text"] + texts.AT_ONCE_ILO, **upon)
    paper = ohchr.put(f"{at}/sections/{learned['id']}", text=learned["text"] + texts.AT_ONCE_OHCHR, **upon)
    same = ilo.refused(409, "PUT", f"{at}/sections/{learned['id']}", text=learned["text"] + texts.AT_ONCE_BOTH, **upon)
    must({"current", "yours", "difference"} <= same.keys(), "the refusal shows both texts and their difference")
    story.tell(
        f"Both write upon revision 2: in sections of their own they save {paper['revision']}; ILO in OHCHR's is refused ({same['rule']})"
    )

    story.now("2014-03-17T16:00:00Z")
    home = texts.DEMAND_AT_HOME
    beside = ilo.refused(409, "POST", f"{at}/revisions", sections=home, **upon)
    merged = {section["id"]: section for section in beside["current"]["sections"]}
    for change in beside["merge"]:
        if change["state"] == "both":
            merged[change["id"]] = {"id": change["id"], **change["theirs"]}
            merged[change["id"]]["text"] += texts.AT_ONCE_BOTH
        elif change["state"] == "yours":
            merged[change["id"]] = {"id": change["id"], **change["yours"]}
    paper = ilo.post(f"{at}/revisions", base=beside["current"]["number"], sections=list(merged.values()), summary="Brought together")
    must(_plain(ilo.get(f"{at}/text")["texts"]) == texts.DEMAND_MERGED, "what was brought together has the words of both")
    whose = Counter(change["state"] for change in beside["merge"])
    story.tell(
        f"ILO's whole text is refused too, with its difference ({len(beside['difference'].splitlines())} lines) and section by section: "
        f"theirs {whose['theirs']}, its own {whose['yours']}, both {whose['both']}; brought together as revision {paper['revision']}"
    )
    compared = ilo.get(f"{at}/comparison", base=1, other=paper["revision"])["sections"]
    added = sum(len(change["text"].split()) for section in compared for change in section["changes"] if change["op"] == "inserted")
    became = ", ".join(f"{section['heading']} {section['op']}" for section in compared if section["id"])
    story.tell(f"Revision 1 beside {paper['revision']}, word by word: {added} words more; {became}")


def the_comments(story: Story) -> None:
    """The members comment on passages; who has not is reminded; the drafters answer, and the French version falls behind."""
    ilo, iom, at = story.people["ILO"], story.people["IOM"], _at(story)
    story.now("2014-03-24T09:00:00Z")
    asked = iom.post(f"{at}/comment-rounds", deadline="2014-04-11T17:00:00Z")["rounds"][-1]["asked"]
    for number, comment in enumerate(texts.DEMAND_COMMENTS, 1):
        if comment["at"] > "2014-04-08T17:00:00Z" > story.api.at:
            story.tick("2014-04-08T17:00:00Z")
            story.told("reminders", "document_reminded", document=story.paper, about="comments", days=3)
        story.now(comment["at"])
        remark(story, at, comment)
        for entity, words in comment.get("replies", ()):
            story.people[entity].post(f"{at}/comments/{number}/replies", text=words)
    story.now("2014-04-10T10:00:00Z")
    first = {"revision": 5, "base": 0, "title": translated.DEMAND_TITLE, "summary": "Du texte soumis aux membres"}
    sections = named(ilo.get(f"{at}/text"), translated.DEMAND_FIRST)
    story.people["OHCHR"].put(f"{at}/languages/fr", sections=sections, **first)
    story.tick("2014-04-11T17:00:00Z")

    story.now("2014-04-15T10:00:00Z")
    too_soon = iom.refused(409, "POST", f"{at}/clearance", by="silence", deadline="2014-05-12T12:00:00Z")
    for number, comment in enumerate(texts.DEMAND_COMMENTS, 1):
        ilo.post(f"{at}/comments/{number}/dispositions", outcome=comment["outcome"], reason=comment["reason"])
    table = load_workbook(io.BytesIO(story.made(ilo, story.paper, "comments.xlsx"))).worksheets
    cells = {cell for sheet in table for row in sheet.iter_rows(values_only=True) for cell in row}
    must({comment["text"] for comment in texts.DEMAND_COMMENTS} <= cells, "the table has every comment")
    must("is kept for an information note" in Word(story.made(ilo, story.paper, "comments.docx")).words, "the table tells the reasons")
    heard = list(dict.fromkeys(comment["entity"] for comment in texts.DEMAND_COMMENTS))
    story.tell(
        f"{len(asked)} members are asked for their comments, and reminded; {len(texts.DEMAND_COMMENTS)} come from {', '.join(heard)}; "
        f"before each has its disposition no clearance opens ({too_soon['rule']}); the table goes out as XLSX and DOCX"
    )

    story.now("2014-04-22T10:00:00Z")
    paper = ilo.post(f"{at}/revisions", base=5, sections=texts.DEMAND_FINAL, summary="After the comments")
    passages = Counter(comment["passage"] for comment in ilo.each(f"{at}/comments"))
    where = ", ".join(f"{passage} {count}" for passage, count in passages.items())
    changed = Word(story.made(ilo, story.paper, "redline.docx", base=5, revision=6))
    must(changed.changes("ins") and changed.changes("del"), "the changes since the round are tracked")
    story.tell(f"Revision {paper['revision']} answers them, with the changes tracked in a DOCX; of the passages: {where}")
    french = ilo.get(f"{at}/languages/fr")["sections"]
    behind = [section["translated_heading"] for section in french if section["state"] == "behind"]
    must(len(behind) == 3, "the French version shows which sections it lags by")
    story.now("2014-04-23T10:00:00Z")
    iom.put(f"{at}/languages", languages=["fr"])
    story.tell(f"The French version lags by {len(behind)} sections ({', '.join(behind)}); the publication is to wait for it")


def the_clearance(story: Story) -> None:
    """Silence, shortly opened and refused, then extended; a letter on behalf of who sent it; the board."""
    iom, desk, at = story.people["IOM"], story.secretariat, _at(story)
    digest = iom.get(at)["digest"]
    story.now("2014-04-28T09:00:00Z")
    short = iom.refused(422, "POST", f"{at}/clearance", by="silence", deadline="2014-04-30T12:00:00Z")
    iom.post(f"{at}/clearance", by="silence", deadline="2014-05-09T12:00:00Z")
    story.now("2014-05-05T09:00:00Z")
    story.people["UNODC"].post(f"{at}/positions", digest=digest, word="endorse")
    extended = iom.patch(f"{at}/clearance", deadline="2014-05-12T12:00:00Z")["clearance"]["deadline"]
    story.extended.append(story.paper)
    story.now("2014-05-07T09:00:00Z")
    letter = desk.post(f"{at}/attachments", name="UNHCR 2014-05-06.txt", content=texts.base64(texts.DEMAND_LETTER))
    must(desk.fetch(f"{at}/attachments/{letter['id']}").decode() == texts.DEMAND_LETTER, "the letter is kept as it came")
    by_letter = {"on_behalf_of": "UNHCR", "letter": "Letter of 6 May 2014", "letter_attachment": letter["id"]}
    desk.post(f"{at}/positions", digest=digest, word="endorse", **by_letter)
    story.now("2014-05-10T10:00:00Z")
    story.people["UNICEF"].post(f"{at}/positions", digest=digest, word="no_objection")
    story.tick("2014-05-12T12:00:00Z")
    must(iom.get(at)["state"] == "cleared", "silence until the deadline clears the paper")
    picture = ElementTree.fromstring(iom.fetch(f"{at}/clearance.svg"))
    must(picture.tag.endswith("svg"), "the board is a picture")
    story.tell(
        f"Two days of silence are refused ({short['rule']}); silence until {extended}, extended once, clears it: UNODC endorses, UNHCR by "
        "a letter that the secretariat attaches and enters, UNICEF has no objection, the others are silent; the board is drawn"
    )


def the_publication(story: Story) -> None:
    """The publication waits for French, and is then everyone's, in both languages at once."""
    ilo, iom, visitor, at = story.people["ILO"], story.people["IOM"], story.api.visitor, _at(story)
    story.now("2014-05-13T09:00:00Z")
    waits = iom.refused(409, "POST", f"{at}/publication")
    mended = {"revision": 6, "base": 1, "title": translated.DEMAND_TITLE, "summary": "Mise à jour"}
    sections = named(ilo.get(f"{at}/text"), translated.DEMAND_FINAL)
    story.now("2014-05-16T09:00:00Z")
    paper = story.people["OHCHR"].put(f"{at}/languages/fr", sections=sections, **mended)
    must([version["state"] for version in paper["languages"]] == ["current"], "the French version is up to date")
    story.tell(f"The publication waits for the French version ({waits['rule']}), until that is mended")

    must(story.people["BRA"].find(at) is None, "a mission knows nothing of a paper before its publication")
    must(not found(visitor, "inspectors") and found(ilo, "inspectors") == [(story.paper, "en")], "a draft is found by its own alone")
    story.now("2014-05-20T08:00:00Z")
    paper = iom.post(f"{at}/publication")
    story.told("publications", "published", document=story.paper)
    must(found(visitor, "inspectors", "inspecteurs") == [(story.paper, "en"), (story.paper, "fr")], "all find it, in both languages")
    certificate = visitor.get(f"{at}/certificate")
    must(certificate["published_digest"] == certificate["digest"] == paper["digest"], "what is published is what was cleared")
    story.tell(f"Issue paper {paper['number']} is published, with its certificate, in English and French; before, a search found no draft")
    eventually("the activity delivered by the publication", lambda: story.activity("demand-paper")["status"] == "delivered")
    story.tell("Its workplan activity is delivered by the event of the publication, untouched by hand")


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


def remark(story: Story, document: str, comment: dict[str, Any]) -> None:
    """An entity comments on a passage."""
    said = {name: comment[name] for name in ("section", "quotation", "text")}
    story.people[comment["entity"]].post(f"{document}/comments", **said)


def named(original: dict[str, Any], sections: texts.Sections) -> texts.Sections:
    """The sections of a version in another language, each with the name of the original's at its place."""
    return [{"id": rendered["id"], **section} for rendered, section in zip(original["texts"], sections, strict=True)]


def found(reader: Person, *words: str) -> list[tuple[str, str]]:
    """The documents that a reader finds by these words, each word asked for alone, with the language in which."""
    return [(hit["document"], hit["language"]) for word in words for hit in reader.get("/search", words=word)["items"]]


def _at(story: Story) -> str:
    return f"/documents/{story.paper}"


def _plain(sections: texts.Sections) -> texts.Sections:
    return [{name: section[name] for name in ("heading", "text")} for section in sections]


def _notes(read: dict[str, Any]) -> str:
    return "; ".join(note["what"] for note in read["notes"])
