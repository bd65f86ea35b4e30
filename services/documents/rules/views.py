"""What each reader sees of a document, and what waits for whom.

Two readers are told apart: those who are privy to the document as of the instant (``Party.PRIVY``: the Group, or, under embargo, a few
of it), who see ``drafts``, and everyone else, for whom a document begins to exist when it is published.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from services.documents.rules import citing, passing, rights, timetable
from services.documents.rules.kinds import PUBLIC
from services.documents.rules.passing import Rulebook
from services.kernel import Actor, Clearance, Composition, Refusal
from services.kernel.actor import SYSTEM_ACTOR

if TYPE_CHECKING:
    from services.documents.rules.anchors import Place
    from services.documents.rules.document import Document
    from services.documents.rules.record import Attachment, Revision, Translation
    from services.documents.rules.text import Text

LATEST = 20
"""Revisions that are shown with a document; all there are come in pages."""
CLOSED = sorted({*PUBLIC, "withdrawn"})
"""States in which nothing waits for anyone."""


def document(
    it: "Document",
    *,
    drafts: bool,
    at: datetime,
    by: Actor = SYSTEM_ACTOR,
    group: Composition | None = None,
    rulebook: Rulebook | None = None,
) -> dict[str, Any]:
    """One document; with ``drafts`` also what is the Group's own, by the ``rulebook`` as it stands, and what ``by`` may do with it in the
    ``group`` as of ``at``. Refuses as not found what may not be known of."""
    rights.must_show("get_document", it, drafts=drafts, at=at)
    seen = {
        "id": it.id,
        "kind": it.kind,
        "state": it.state,
        "title": it.title,
        "summary": it.summary,
        "language": it.language,
        "themes": it.themes,
        "pillars": it.pillars,
        "deliverable": it.deliverable,
        "lead": it.lead,
        "co_drafters": it.co_drafters,
        "number": it.number,
        "digest": it.digest,
        "occasion": it.occasion,
        "issue_at": it.issue_at,
        "signatories": it.signing,
        "published_at": it.published_at,
        "published_on": it.published_on,
        "url": it.url,
        "source": it.source,
        "link": it.link,
        "presentations": [asdict(presentation) for presentation in it.presentations],
        "published_revision": it.published_revision,
        "corrigenda": citing.corrigenda(it),
        "languages": citing.languages(it, drafts=drafts),
        "formats": citing.formats(it),
        "citation": citing.citation(it),
        "attachments": [attachment(one, drafts=drafts) for one in it.seen_attachments(drafts=drafts, at=at)],
    }
    if not drafts:
        return seen
    return seen | _own(it, at, rulebook or Rulebook()) | {"may": rights.may(it, by, at, group or Composition())}


def attachment(one: "Attachment", *, drafts: bool) -> dict[str, Any]:
    """A file beside a document; who attached it is the Group's own to know."""
    seen = asdict(one)
    return seen if drafts else {name: value for name, value in seen.items() if name not in ("person", "entity", "at")}


def _own(it: "Document", at: datetime, rulebook: Rulebook) -> dict[str, Any]:
    return {
        "proposed_at": it.proposed_at,
        "proposed_by": it.proposed_by,
        "revision": it.current.number if it.current else 0,
        "revisions": [_line(revision, True) for revision in it.revisions[-LATEST:]],
        "languages_awaited": it.languages_awaited,
        "comments": {"total": len(it.ledger), "open": it.unanswered},
        "rounds": [asdict(one) for one in it.rounds],
        "timetable": [asdict(step) for step in timetable.steps(it, at)],
        "passing_rule": passing.shown(it.kind, rulebook.rules[it.kind]),
        "clearance": clearance_line(it, it.clearance) if it.clearance else None,
        "withdrawn": asdict(it.withdrawn) if it.withdrawn else None,
    }


def library_item(it: "Document") -> dict[str, Any]:
    """A publication in the library."""
    return document(it, drafts=False, at=it.listed_at) | {"languages": [it.language, *citing.public_languages(it)]}


def readable(it: "Document", number: int | None, *, drafts: bool, at: datetime, language: str | None = None) -> "Revision | Translation":
    """The revision this reader asks for, or the version in another ``language``; the last one unless a number is given. Outside the
    Group there are none but those that were published."""
    rights.must_show("get_revision", it, drafts=drafts, at=at)
    if language in (None, it.language):
        made: Sequence[Revision | Translation] = it.revisions
        public = it.public_revisions
    else:
        made, public = it.translations.get(language, []), it.public_in(language)
    known = range(1, len(made) + 1) if drafts else public
    if not known and made is not it.revisions:
        raise Refusal.not_found(f"{it.id} is not there in this language.", rule="language-exists", field="language")
    number = number or (known[-1] if known else 1)
    if number not in known:
        raise Refusal.not_found(f"There is no revision {number} of {it.id}.", rule="revision-exists", field="number")
    return made[number - 1]


def revisions(it: "Document", *, drafts: bool, at: datetime, limit: int, after: str | None) -> dict[str, Any]:
    """The revisions this reader may know of, a page of them, the newest first."""
    rights.must_show("revisions", it, drafts=drafts, at=at)
    if after is not None and not (after.isascii() and after.isdigit()):
        raise Refusal.invalid("after", "This cursor was not given by us.", rule="cursor", accepted="the next of a page")
    known = it.revisions if drafts else [it.revisions[number - 1] for number in it.public_revisions]
    found = [one for one in reversed(known) if after is None or one.number < int(after)]
    following = str(found[limit - 1].number) if len(found) > limit else None
    return {"items": [_line(one, drafts) for one in found[:limit]], "next": following}


def revision(it: "Document", found: "Revision | Translation", text: "Text", *, language: str | None, drafts: bool) -> dict[str, Any]:
    """A revision, or a version in another language, with its text."""
    return _line(found, drafts) | {
        "document": it.id,
        "language": language or it.language,
        "original": getattr(found, "revision", None),
        "texts": text.content["sections"],
        "markdown": text.markdown,
    }


def section(it: "Document", found: "Revision | Translation", text: "Text", id: str) -> dict[str, Any]:
    """One section of a revision."""
    if id not in text.by_id:
        raise Refusal.not_found(f"Revision {found.number} has no section {id}.", rule="section-exists", field="section")
    order = next(place for place, one in enumerate(text.sections, 1) if one.id == id)
    return {"document": it.id, "number": found.number, "digest": found.digest, "order": order, **text.by_id[id].content}


def translation(
    it: "Document", language: str, original: "Text", text: "Text | None", source: "Text | None", sections: list[dict[str, Any]]
) -> dict[str, Any]:
    """A version in another language beside the original, whose ``sections`` were compared (``translating.renderings``)."""
    title_state = "missing" if text is None or source is None else "current" if source.title == original.title else "behind"
    return {
        "document": it.id,
        "language": language,
        "number": len(it.translations.get(language, [])),
        "original_language": it.language,
        "revision": len(it.revisions),
        "title": original.title,
        "translated_title": text.title if text else None,
        "title_state": title_state,
        "sections": sections,
    }


def _line(found: "Revision | Translation", drafts: bool) -> dict[str, Any]:
    """A revision in a line; outside the Group without the person who saved it, and what they noted to it."""
    line = {name: getattr(found, name) for name in ("number", "digest", "title", "sections", "entity", "at")}
    line["corrigendum"] = getattr(found, "corrigendum", False)
    return line | ({"person": found.person, "summary": found.summary} if drafts else {})


def of_the_group(it: "Document", *, drafts: bool, at: datetime) -> "Document":
    """The document, for those who may see how it was made: its comments and positions are the Group's own."""
    rights.must_show("comments", it, drafts=drafts, at=at)
    return it


def comment(it: "Document", said: dict[str, Any], place: "Place", section_now: int | None) -> dict[str, Any]:
    """A comment as it was ``said`` (what the store keeps of it), and the place of its passage in the current text, in which
    ``section_now`` is the section's number."""
    passage = said["passage"]
    return {
        "document": it.id,
        "number": said["number"],
        "revision": said["revision"],
        "section": said["section"],
        "section_id": passage["section"],
        "heading": said["heading"],
        "quotation": passage["quotation"],
        "start": passage["start"],
        "text": said["text"],
        "person": said["person"],
        "entity": said["entity"],
        "at": said["at"],
        "passage": place.passage,
        "section_now": section_now,
        "section_id_now": place.section,
        "start_now": place.start,
        "quotation_now": place.quotation,
        "replies": said["replies"],
        "dispositions": said["dispositions"],
        "disposition": said["dispositions"][-1] if said["dispositions"] else None,
    }


def clearance_line(it: "Document", run: Clearance) -> dict[str, Any]:
    """One run of the procedure in a line."""
    return {
        **asdict(run.rule),
        "state": run.state,
        "digest": run.digest,
        "revision": it.put_forward(run),
        "opened_at": run.opened_at,
        "deadline": run.deadline,
        "settled_at": run.settled_at,
        "counting": run.counting,
        "awaiting": run.awaiting() if run.is_open else [],
    }


class Wait(NamedTuple):
    """Something that waits: the order that would answer it, what that is, until when, and what happens if nothing is done, by its stable
    word and in a sentence."""

    kind: str
    what: str
    deadline: datetime | None
    consequence_code: str
    consequence: str
    digest: str | None = None


def awaited(it: "Document", entity: str, at: datetime, group: Composition) -> list[dict[str, Any]]:
    """What of this document waits for the entity as of ``at``: as one that counts, as a member, as a drafter, as the chair.
    Nothing does for an entity outside the Group."""
    if entity not in group.members(at):
        return []
    return [
        wait._asdict() | {"title": it.title, "link": it.url}
        for asks in (_of_clearance, _of_members, _of_drafters, _of_the_chair)
        for wait in asks(it, entity, at, group)
    ]


def soonest_first(waiting: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """In the order in which it presses; what has no deadline last."""
    dated = [wait for wait in waiting if wait["deadline"] is not None]
    return sorted(dated, key=lambda wait: wait["deadline"]) + [wait for wait in waiting if wait["deadline"] is None]


def _of_clearance(it: "Document", entity: str, at: datetime, group: Composition) -> list[Wait]:
    run = it.clearance
    if it.state != "clearance" or run is None or entity not in run.awaiting():
        return []
    if run.rule.by == "silence":
        consequence = ("silence_no_objection", "Silence is recorded as no objection at the deadline.")
    elif it.issue_at is not None:
        consequence = ("statement_unspoken", "Without your word the statement is not issued.")
    else:
        consequence = ("text_uncleared", "Without your position the text is not cleared.")
    return [Wait("take_position", "Give your position", run.deadline, *consequence, run.digest)]


def _of_members(it: "Document", entity: str, at: datetime, group: Composition) -> list[Wait]:
    if entity not in it.unheard:
        return []
    return [Wait("comment", "Comment on the draft", it.rounds[-1].deadline, "round_closes", "The round closes without your comments.")]


def _of_drafters(it: "Document", entity: str, at: datetime, group: Composition) -> list[Wait]:
    if entity not in (it.lead, *it.co_drafters):
        return []
    if "dispose" in it.acts and (open := it.unanswered):
        consequence = ("clearance_waits", "Clearance cannot open while a comment lacks its disposition.")
        return [Wait("dispose", f"Answer comments: {open}", _by(it, "comments"), *consequence)]
    if "save_revision" in it.acts and it.current is None:
        consequence = ("nothing_written", "There is nothing yet to comment on or to clear.")
        return [Wait("save_revision", "Write the first draft", _by(it, "first_draft"), *consequence)]
    lagging = sorted(language for language, made in it.translations.items() if made[-1].behind)
    if it.in_question and it.issue_at is not None and lagging:
        what = f"Bring the other languages up to date: {', '.join(lagging)}"
        consequence = ("languages_missing", "They are not public when the statement is issued.")
        return [Wait("save_translation", what, _by(it, "languages"), *consequence)]
    return []


def _by(it: "Document", step: str) -> datetime | None:
    """By when this step of a statement is due; None of a paper, and of a statement whose instant went by."""
    return None if it.issue_at is None or it.missed else timetable.due(it, step)


def _of_the_chair(it: "Document", entity: str, at: datetime, group: Composition) -> list[Wait]:
    if entity not in group.chairs(at):
        return []
    if "agree_concept" in it.acts:
        return [Wait("agree_concept", "Bring the concept to agreement", None, "drafting_waits", "Drafting cannot begin.")]
    if "publish" in it.acts:
        return [Wait("publish", "Publish the cleared text", None, "stays_unseen", "It stays unseen outside the Group.")]
    stopped = it.missed or (it.clearance is not None and it.clearance.state in ("broken", "lapsed"))
    if it.state == "drafting" and it.issue_at is not None and stopped:
        what = "Decide how the stopped statement goes on"
        consequence = ("statement_stopped", "As things stand the statement is not issued.")
        return [Wait("open_clearance", what, None if it.missed else it.issue_at, *consequence)]
    if "open_clearance" in it.acts and it.issue_at is not None and timetable.is_done(it, "final_text", at):
        what = "Put the statement before those who sign it"
        consequence = ("statement_unendorsed", "Without their endorsement it is not issued.")
        return [Wait("open_clearance", what, _by(it, "clearance_opened"), *consequence)]
    return []
