"""Answers of documents, as their contract writes them: what its forms and pages are tried with."""

from base64 import b64encode
from typing import Any

from contracts import documents as c
from tests.gateway.samples import MARKUP, checked

OLD, NEW = "a" * 64, "b" * 64
ARABIC, CHINESE = "الاتجار بالأشخاص", "打击人口贩运"

_VERSION = {
    "number": 1,
    "revision": 1,
    "digest": "c" * 64,
    "at": "2015-03-01T00:00:00Z",
    "person": "Someone",
    "entity": "ILO",
    "published_at": None,
}


def language(code: str, **more: Any) -> dict[str, Any]:
    value = _VERSION | {"language": code, "title": ARABIC if code == "ar" else CHINESE, "state": "current", "behind": 0}
    return checked(c.LanguageLine, value | more)


def revision_line(number: int, **more: Any) -> dict[str, Any]:
    value = {
        "number": number,
        "digest": NEW if number == 2 else OLD,
        "title": MARKUP,
        "sections": 2,
        "person": "Someone",
        "entity": "IOM",
        "at": f"2015-02-0{number}T00:00:00Z",
        "summary": "What was <asked>.",
        "corrigendum": False,
    }
    return checked(c.RevisionLine, value | more)


def section(id: str | None, heading: str, text: str = "*Words* <script>x</script>\n\n### Third\n\nMore.") -> dict[str, Any]:
    return {"id": id, "heading": heading, "text": text}


def revision(**more: Any) -> dict[str, Any]:
    texts = [section("s1", "Causes & <effects>"), section("s2", "Answers")]
    value = revision_line(2) | {"document": "p2", "language": "en", "original": None, "texts": texts, "markdown": "# x"}
    return checked(c.RevisionAnswer, value | more)


RULE = {
    "kind": "issue_paper",
    "procedures": ["express", "silence"],
    "counts": "seats",
    "passing": ["endorse", "no_objection", "stand_aside", "recuse"],
    "blocking": ["object"],
    "minimum_hours": 72,
}


SIGNED = RULE | {"kind": "joint_statement", "procedures": ["express"], "passing": ["endorse", "stand_aside", "recuse"]}


def rulebook(**more: Any) -> dict[str, Any]:
    value = {"version": 4, "rules": [RULE, RULE | {"kind": "information_note", "counts": "members"}, SIGNED], "may_set": []}
    return checked(c.PassingRulesAnswer, value | more)


def line(**more: Any) -> dict[str, Any]:
    value = {
        **{name: RULE[name] for name in ("counts", "passing", "blocking", "minimum_hours")},
        "by": "silence",
        "state": "open",
        "digest": NEW,
        "revision": 2,
        "opened_at": "2015-06-02T00:00:00Z",
        "deadline": "2015-06-12T12:00:00Z",
        "settled_at": None,
        "counting": ["ILO", "IOM", "OHCHR"],
        "awaiting": ["OHCHR"],
    }
    return checked(c.ClearanceLine, value | more)


def attachment(**more: Any) -> dict[str, Any]:
    value = {
        "id": "letter-1",
        "name": "رسالة <1>.pdf",
        "media_type": "application/pdf",
        "size": 3_500_000,
        "digest": "e" * 64,
        "public": False,
        "description": "The letter of ILO",
        "person": "sec",
        "entity": None,
        "at": "2015-06-03T00:00:00Z",
    }
    return checked(c.AttachmentLine, value | more)


def draft(**more: Any) -> dict[str, Any]:
    """A paper as the Group sees it, in clearance."""
    value = {
        "version": 9,
        "id": "p2",
        "kind": "issue_paper",
        "state": "clearance",
        "title": MARKUP,
        "summary": "About <demand>.",
        "language": "en",
        "themes": ["demand", "supply chains"],
        "pillars": ["prevention"],
        "deliverable": {"year": 2015, "activity": "paper", "deliverable": "text"},
        "lead": "IOM",
        "co_drafters": ["ILO"],
        "number": None,
        "digest": NEW,
        "occasion": None,
        "issue_at": None,
        "signatories": [],
        "published_at": None,
        "published_on": None,
        "url": "/documents/p2",
        "source": None,
        "link": None,
        "presentations": [],
        "published_revision": None,
        "corrigenda": [],
        "languages": [language("ar", state="lagging", behind=2), language("zh")],
        "formats": [],
        "attachments": [attachment()],
        "citation": None,
        "proposed_at": "2015-01-10T00:00:00Z",
        "proposed_by": "Someone",
        "revision": 2,
        "revisions": [revision_line(1), revision_line(2)],
        "languages_awaited": ["fr"],
        "timetable": [],
        "comments": {"total": 2, "open": 1},
        "rounds": [
            {
                "number": 1,
                "opened_at": "2015-02-03T00:00:00Z",
                "deadline": "2015-02-20T12:00:00Z",
                "closed_at": "2015-02-20T12:00:00Z",
                "asked": ["ILO", "OHCHR"],
                "heard": ["ILO"],
            }
        ],
        "passing_rule": RULE,
        "clearance": line(),
        "withdrawn": None,
        "may": [
            "save_revision",
            "extend_clearance",
            "take_position",
            "withdraw",
            "save_translation",
            "change_drafters",
            "describe",
            "decide_languages",
        ],
    }
    return checked(c.DocumentAnswer, value | more)


def drafting(**more: Any) -> dict[str, Any]:
    may = ["save_revision", "open_comment_round", "open_clearance", "comment", "dispose", "withdraw", "save_translation"]
    return draft(**{"state": "drafting", "clearance": None, "may": may} | more)


def statement(**more: Any) -> dict[str, Any]:
    steps = [
        {"step": "first_draft", "due": "2015-05-01T00:00:00Z", "done_at": "2015-04-30T00:00:00Z", "late": False},
        {"step": "comments", "due": "2015-06-01T00:00:00Z", "done_at": None, "late": True},
        {"step": "issued", "due": "2015-07-30T00:00:00Z", "done_at": None, "late": False},
    ]
    value = {
        "kind": "joint_statement",
        "occasion": "World Day",
        "issue_at": "2015-07-30T00:00:00Z",
        "signatories": ["ILO", "IOM"],
        "timetable": steps,
        "may": ["comment", "join_signatories", "withdraw_endorsement"],
    }
    return drafting(**value | more)


FORMATS = [
    {"language": code, "format": name, "url": f"/api/v1/documents/p2/export.{name}?language={code}"}
    for code in ("en", "ar")
    for name in ("html", "pdf")
]


def published(**more: Any) -> dict[str, Any]:
    """A paper that is public, as the Group sees it."""
    value = {
        "state": "presented",
        "number": 3,
        "published_at": "2015-07-01T00:00:00Z",
        "published_on": "2015-07-01",
        "published_revision": 1,
        "corrigenda": [
            {"number": 1, "revision": 2, "digest": NEW, "at": "2015-08-01T00:00:00Z", "note": "A figure <was> wrong.", "entity": "IOM"}
        ],
        "languages": [language("ar", published_at="2015-07-01T00:00:00Z"), language("zh")],
        "formats": FORMATS,
        "citation": "ICAT, Issue paper 3 (2015).",
        "presentations": [{"where": "Vienna", "when": "2015-07", "on_margins_of": "The Conference"}],
        "attachments": [attachment(public=True)],
        "clearance": line(state="passed", awaiting=[]),
        "may": ["present", "issue_corrigendum", "save_translation", "publish_translation"],
    }
    return draft(**value | more)


def public(**more: Any) -> dict[str, Any]:
    """The same as everyone sees it: what is the Group's own is absent."""
    own = {"proposed_at", "proposed_by", "revision", "revisions", "languages_awaited", "timetable", "comments", "rounds"}
    own |= {"passing_rule", "clearance", "withdrawn", "may"}
    return {name: value for name, value in published(**more).items() if name not in own}


def library_item(**more: Any) -> dict[str, Any]:
    fields = c.LibraryItem().fields
    value = {name: one for name, one in public().items() if name in fields} | {"languages": ["en", "ar"]}
    return checked(c.LibraryItem, value | more)


def found(**more: Any) -> dict[str, Any]:
    value = {
        "document": "p2",
        "kind": "issue_paper",
        "state": "published",
        "number": 3,
        "title": ARABIC,
        "language": "ar",
        "section_id": "s1",
        "heading": ARABIC,
        "excerpt": "<b>عن</b> الاتجار بالأشخاص",
        "matches": [{"start": 10, "end": 17}],
        "published_on": "2015-07-01",
        "url": "/documents/p2",
    }
    return checked(c.Found, value | more)


def comparison(**more: Any) -> dict[str, Any]:
    changes = [{"op": "equal", "text": "The "}, {"op": "deleted", "text": "<old>"}, {"op": "inserted", "text": "new"}]
    one = {"moved": False, "heading_changes": [], "exact": True}
    sections = [
        one | {"id": None, "heading": "New title", "op": "changed", "heading_changes": changes, "changes": []},
        one | {"id": "s1", "heading": "Causes", "op": "changed", "moved": True, "changes": changes, "exact": False},
        one | {"id": "s2", "heading": "Answers", "op": "kept", "changes": []},
        one | {"id": "s3", "heading": "Gone", "op": "removed", "changes": [{"op": "deleted", "text": "All of it"}]},
    ]
    return checked(c.ComparisonAnswer, {"document": "p2", "language": "en", "base": 1, "other": 2, "sections": sections} | more)


def translation(code: str = "ar", **more: Any) -> dict[str, Any]:
    def rendering(id: str, state: str, changes: list[dict[str, str]] | None = None) -> dict[str, Any]:
        gone, missing = state == "gone", state == "missing"
        return {
            "id": id,
            "state": state,
            "heading": None if gone else f"Heading {id}",
            "text": None if gone else "Words",
            "translated_heading": None if missing else ARABIC,
            "translated_text": None if missing else ARABIC,
            "changes": changes or [],
        }

    sections = [
        rendering("s1", "behind", comparison()["sections"][1]["changes"]),
        rendering("s2", "current"),
        rendering("s3", "missing"),
        rendering("s4", "gone"),
    ]
    value = {
        "document": "p2",
        "language": code,
        "number": 1,
        "original_language": "en",
        "revision": 2,
        "title": MARKUP,
        "translated_title": ARABIC,
        "title_state": "behind",
        "sections": sections,
    }
    return checked(c.TranslationAnswer, value | more)


def comment(**more: Any) -> dict[str, Any]:
    said = {"person": "Someone", "entity": "IOM", "at": "2015-02-22T00:00:00Z"}
    rejected = said | {"outcome": "rejected", "reason": "It is <said> elsewhere."}
    value = {
        "version": 3,
        "document": "p2",
        "number": 1,
        "revision": 1,
        "section": 1,
        "section_id": "s1",
        "heading": "Causes",
        "quotation": "the <old> words",
        "start": 4,
        "text": "Say this <otherwise>.",
        "person": "Someone else",
        "entity": "ILO",
        "at": "2015-02-10T00:00:00Z",
        "passage": "changed",
        "section_now": 2,
        "section_id_now": "s1",
        "start_now": 9,
        "quotation_now": "the new words",
        "replies": [{"text": "How?", **said}],
        "disposition": rejected,
        "dispositions": [said | {"outcome": "accepted", "reason": ""}, rejected],
    }
    return checked(c.CommentAnswer, value | more)


def position(entity: str, word: str, **more: Any) -> dict[str, Any]:
    value = {
        "entity": entity,
        "word": word,
        "digest": NEW,
        "at": "2015-06-04T00:00:00Z",
        "person": "Someone",
        "reasons": "",
        "proposal": "",
        "on_behalf": False,
        "letter": "",
        "tacit": False,
        "letter_attachment": None,
        "revision": 2,
        "stale": False,
    }
    return checked(c.PositionAnswer, value | more)


def board(**more: Any) -> dict[str, Any]:
    """Two texts; on the second one endorsement, one position entered from a letter, and one that is awaited."""
    early = {"digest": OLD, "revision": 1, "at": "2015-05-04T00:00:00Z", "stale": True}
    rows = [
        {"entity": "ILO", "word": "endorse", "counts": True, "positions": [
            position("ILO", "object", reasons="It is <wrong>.", proposal="Better words.", **early), position("ILO", "endorse")]},
        {"entity": "IOM", "word": "stand_aside", "counts": True, "positions": [
            position("IOM", "stand_aside", on_behalf=True, letter="Letter of 3 June", letter_attachment="letter-1")]},
        {"entity": "OHCHR", "word": None, "counts": True, "positions": [position("OHCHR", "no_objection", tacit=True, **early)]},
        {"entity": "UNDP", "word": None, "counts": False, "positions": [position("UNDP", "recuse", **early)]},
    ]  # fmt: skip
    texts = [
        {"revision": 1, "digest": OLD, "opened_at": "2015-05-01T00:00:00Z", "state": "broken"},
        {"revision": 2, "digest": NEW, "opened_at": "2015-06-02T00:00:00Z", "state": "open"},
    ]
    value = {
        "version": 9,
        "document": "p2",
        "title": MARKUP,
        "kind": "issue_paper",
        "state": "clearance",
        "digest": NEW,
        "clearance": line(),
        "earlier": [line(state="broken", digest=OLD, revision=1, opened_at="2015-05-01T00:00:00Z", settled_at="2015-05-04T00:00:00Z")],
        "texts": texts,
        "board": rows,
        "withheld": False,
    }
    return checked(c.ClearanceAnswer, value | more)


def certificate(**more: Any) -> dict[str, Any]:
    said = {"at": "2015-06-04T00:00:00Z", "tacit": False, "on_behalf": False}
    value = {
        "document": "p2",
        "kind": "issue_paper",
        "title": MARKUP,
        "number": 3,
        "language": "en",
        "digest": NEW,
        "revision": 2,
        "by": "silence",
        "opened_at": "2015-06-02T00:00:00Z",
        "deadline": "2015-06-12T12:00:00Z",
        "passed_at": "2015-06-12T12:00:00Z",
        "minimum_hours": 72,
        "counting": ["ILO", "IOM"],
        "positions": [
            {"entity": "ILO", "word": "endorse", **said},
            {"entity": "IOM", "word": "no_objection", **said | {"tacit": True, "on_behalf": True}},
        ],
        "signatories": ["ILO"],
        "published_at": "2015-07-01T00:00:00Z",
        "published_digest": NEW,
        "corrected": [],
        "url": "/documents/p2",
    }
    return checked(c.CertificateAnswer, value | more)


def export(**more: Any) -> dict[str, Any]:
    value = {
        "id": "export-1",
        "document": "p2",
        "revision": 2,
        "language": "ar",
        "format": "redline.docx",
        "base": 1,
        "state": "running",
        "progress": 40,
        "step": "setting",
        "name": None,
        "media_type": None,
        "size": None,
        "digest": None,
        "error": None,
        "at": "2015-06-04T00:00:00Z",
    }
    return checked(c.ExportAnswer, value | more)


def exported() -> dict[str, Any]:
    return export(state="done", progress=100, name="p2.docx", media_type="application/pdf", size=2048, digest="f" * 64)


def file(content: bytes = b"%PDF-1.7", media_type: str = "application/pdf", name: str = 'Résumé "é" 中文/..\\x.pdf') -> dict[str, Any]:
    value = {"name": name, "media_type": media_type, "size": len(content), "digest": "d" * 64}
    return checked(c.FileAnswer, value | {"content": b64encode(content).decode()})


def a_section(**more: Any) -> dict[str, Any]:
    value = {
        "document": "p2",
        "number": 2,
        "digest": NEW,
        "id": "s1",
        "order": 1,
        "heading": "Causes",
        "text": "*Words* <script>x</script>",
    }
    return checked(c.SectionAnswer, value | more)


def read(**more: Any) -> dict[str, Any]:
    """What was read of a file."""
    value = {
        "document": "p2",
        "title": "Read <title>",
        "sections": [section("s1", "One"), section(None, "Two")],
        "notes": [{"where": "page 2", "what": "A <picture> was left out."}],
        "changes": comparison()["sections"],
    }
    return checked(c.ReadAnswer, value | more)
