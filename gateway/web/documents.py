"""The pages of documents: the library and what was published, and for the Group how a text comes about."""

import json
from functools import partial
from typing import Any
from urllib.parse import urlencode

from flask import g, make_response, redirect, render_template, request, url_for
from markupsafe import Markup, escape
from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound

from contracts import documents
from contracts.base import LANGUAGES, PILLARS, Command, load
from contracts.problems import invalid
from gateway.api.routes import MIB
from gateway.forms import TAKEN, board
from gateway.forms.file import in_base64
from gateway.web import refusals, writing
from gateway.web.acts import Act, Failed, choice
from gateway.web.changes import changes_of
from gateway.web.reader import current
from gateway.web.room import Room, acting, reads
from gateway.web.words import said
from services.kernel.refusal import Refusal

PAGE = 50

_LETTER = ("on_behalf_of", "letter", "letter_attachment")

ACTS = {
    act.name: act
    for act in (
        Act(documents.Propose, left_out=("deliverable",), onward=lambda answer: f"/documents/{answer['id']}"),
        Act(documents.EnterPublished, onward=lambda answer: f"/documents/{answer['id']}"),
        Act(documents.AgreeConcept),
        Act(documents.ChangeDrafters),
        Act(documents.Describe, left_out=("deliverable",)),
        Act(documents.OpenCommentRound),
        Act(documents.JoinSignatories),
        Act(documents.DecideLanguages),
        Act(documents.PublishTranslation, hidden=("language",)),
        Act(documents.Publish),
        Act(documents.Present),
        Act(documents.Withdraw),
        Act(documents.RequestExport, onward=lambda answer: f"/documents/{answer['document']}/exports/{answer['id']}"),
        Act(documents.OpenClearance),
        Act(documents.ExtendClearance),
        Act(documents.SetPassingRule, in_path=(), hidden=("kind",), whole=True),
        Act(
            documents.TakePosition,
            hidden=("digest",),
            secretariat=_LETTER,
            onward=lambda answer: "/documents" if answer.get("withheld") else request.path,
        ),
        Act(documents.WithdrawEndorsement, secretariat=_LETTER),
        Act(
            documents.Comment,
            hidden=("revision", "section"),
            left_out=("start",),
            onward=lambda answer: f"/documents/{answer['document']}/comments/{answer['number']}",
        ),
        Act(documents.ReplyToComment, in_path=("document", "comment")),
        Act(documents.Dispose, in_path=("document", "comment")),
    )
}


class DocumentPages(Room):
    """One method per page; ``TABLE`` says where each is found."""

    acts = ACTS
    TABLE: tuple[tuple[str, str, str], ...] = (
        ("/library", "library", "GET"),
        ("/library/<document>", "publication", "GET"),
        ("/documents", "drafts", "GET POST"),
        ("/documents/passing-rules", "passing_rules", "GET POST"),
        ("/documents/<document>", "document", "GET POST"),
        ("/documents/<document>/text", "text", "GET"),
        ("/documents/<document>/revisions", "revisions", "GET"),
        ("/documents/<document>/edit", "edit", "GET POST"),
        ("/documents/<document>/sections/<section>", "section", "GET POST"),
        ("/documents/<document>/sections/<section>/edit", "edit_section", "GET POST"),
        ("/documents/<document>/import", "text_import", "GET POST"),
        ("/documents/<document>/comparison", "comparison", "GET"),
        ("/documents/<document>/languages/<language>", "translation", "GET POST"),
        ("/documents/<document>/comments", "comments", "GET"),
        ("/documents/<document>/comments/<comment>", "comment", "GET POST"),
        ("/documents/<document>/clearance", "clearance", "GET POST"),
        ("/documents/<document>/certificate", "certificate", "GET"),
        ("/documents/<document>/attachments", "attachments", "POST"),
        ("/documents/<document>/exports", "exports", "GET POST"),
        ("/documents/<document>/exports/<export>", "export", "GET"),
    )

    def words(self) -> dict[str, Any]:
        """What the templates of documents can say beside what all can."""
        language = current().language
        return super().words() | {
            "spoken": lambda words: ", ".join(said(language, f"word_{word}") for word in words),
            "marked": marked,
            "changes_of": changes_of,
            "name_of": self.name_of,
        }

    def name_of(self, person: str) -> str:
        """How a person in the record is called; looked up once for a page."""
        names: dict[str, str] = g.setdefault("names", {})
        if person not in names:
            names[person] = self.forms.callers.display_name(person)
        return names[person]

    # For everyone

    def library(self) -> Any:
        """All that is published, or what is found in it."""
        names = ("words", "kind", "pillar", "theme", "language", "after")
        asked = {name: value[:300] for name in names if (value := request.args.get(name, "").strip())}
        if asked.get("words"):
            chosen = {name: value for name, value in asked.items() if name in ("words", "kind", "language", "after")}
            contract: type[Command] = documents.Search
        else:
            chosen = {name: value for name, value in asked.items() if name in ("kind", "pillar", "theme", "after")}
            contract = documents.Library
        try:
            load(contract, chosen)
            page = self.ask("documents", contract.message_name(), **chosen)
            refusal = None
        except ValidationError as error:
            page, refusal = {"items": [], "next": None}, invalid(error)
        except Refusal as no:
            if no.kind != "invalid":
                raise
            page, refusal = {"items": [], "next": None}, no
        onward = urlencode({**asked, "after": page["next"]}) if page["next"] else None
        shown = render_template(
            "documents/library.html", page=page, asked=asked, onward=onward, refused=refusals.told(refusal) if refusal else ""
        )
        return make_response(shown, 422 if refusal else 200)

    def publication(self, document: str) -> Any:
        """A publication's second address: the one that stands in notices."""
        return redirect(url_for("web.document", document=document), 301)

    @acting(
        "agree_concept",
        "change_drafters",
        "describe",
        "open_comment_round",
        "join_signatories",
        "decide_languages",
        "publish_translation",
        "publish",
        "present",
        "withdraw",
    )
    def document(self, document: str) -> Any:
        """What was published, for everyone; of a draft, how it stands and what may be done."""
        found = self.ask("documents", "get_document", document=document)
        if found.get("published_at") is None and found.get("published_on") is None:
            return render_template("documents/draft.html", it=found)
        language = request.args.get("language")
        if language is not None and language not in LANGUAGES:
            raise NotFound
        text = None
        if found.get("digest"):
            text = self.ask(
                "documents", "get_revision", **_given(document=document, language=language if language != found["language"] else None)
            )
        formats: dict[str, list[dict[str, Any]]] = {}
        for one in found.get("formats") or []:
            formats.setdefault(one["language"], []).append(one)
        return render_template("documents/publication.html", it=found, text=text, formats=formats)

    def certificate(self, document: str) -> Any:
        """Who cleared which text, and when."""
        return render_template("documents/certificate.html", it=self.ask("documents", "certificate", document=document))

    def comparison(self, document: str) -> Any:
        """Any two revisions, the changes marked."""
        asked = {name: request.args[name][:20] for name in ("base", "other", "language") if request.args.get(name)}
        found = None
        if "base" in asked and "other" in asked:
            self._must_fit(documents.CompareRevisions, document=document, **asked)
            found = self.ask("documents", "compare_revisions", document=document, **_numbers(asked, "base", "other"))
        it = self.ask("documents", "get_document", document=document)
        return render_template("documents/comparison.html", it=it, found=found, asked=asked)

    # The Group's own: all of it

    @reads
    @acting("propose", "enter_published")
    def drafts(self) -> Any:
        """The Group's documents, and the form that proposes one."""
        names = ("kind", "state", "pillar", "theme", "after")
        asked = {name: value[:200] for name in names if (value := request.args.get(name, "").strip())}
        self._must_fit(documents.Documents, **asked)
        page = self.ask("documents", "documents", limit=PAGE, **asked)
        onward = urlencode({**asked, "after": page["next"]}) if page["next"] else None
        return render_template(
            "documents/drafts.html",
            page=page,
            asked=asked,
            onward=onward,
            kinds=documents.KINDS,
            states=documents.STATES,
            pillars=PILLARS,
            withheld=request.args.get("done") == documents.TakePosition.message_name(),
        )

    @reads
    def revisions(self, document: str) -> Any:
        after = request.args.get("after")
        page = self.ask("documents", "revisions", **_given(document=document, limit=PAGE, after=after[:200] if after else None))
        it = self.ask("documents", "get_document", document=document)
        return render_template("documents/revisions.html", it=it, page=page)

    @reads
    def text(self, document: str) -> Any:
        """One revision, section by section."""
        asked = {name: request.args[name][:20] for name in ("number", "language") if request.args.get(name)}
        self._must_fit(documents.GetRevision, document=document, **asked)
        it = self.ask("documents", "get_document", document=document)
        text = self.ask("documents", "get_revision", document=document, **_numbers(asked, "number"))
        newest = text["language"] == it["language"] and text["number"] == it.get("revision")
        return render_template("documents/text.html", it=it, text=text, newest=newest, margin=self._margin(it) if newest else {})

    def _margin(self, it: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
        """The comments that still want their answer, by the section in which their passage stands now; a page of them at most."""
        if not it.get("comments", {}).get("open"):
            return {}
        beside: dict[str, list[dict[str, Any]]] = {}
        for one in self.ask("documents", "comments", document=it["id"], open=True, limit=PAGE)["items"]:
            beside.setdefault(one["section_id_now"] or "", []).append(one)
        return beside

    # Writing

    @reads
    @acting("comment")
    def section(self, document: str, section: str) -> Any:
        """One section with the comments on it, and the form that makes one."""
        self._must_fit(documents.GetSection, document=document, section=section)
        it = self.ask("documents", "get_document", document=document)
        found = self.ask("documents", "get_section", document=document, section=section)
        page = self.ask("documents", "comments", document=document, section_id=section, limit=PAGE)
        return render_template("documents/section.html", it=it, found=found, comments=page["items"])

    @reads
    def edit_section(self, document: str, section: str) -> Any:
        """One section to be written anew; what another saved in it meanwhile stands beside."""
        self._must_fit(documents.GetSection, document=document, section=section)
        it = self.ask("documents", "get_document", document=document)
        found = self.ask("documents", "get_section", document=document, section=section)
        typed, refusal, theirs = self._sent(), None, None
        if typed is not None and typed.get("act") == "save":
            payload = {
                "document": document,
                "section": section,
                "base": _number(typed.get("base")),
                "heading": " ".join(typed.get("heading", "").split()),
                "text": _lines(typed.get("text")),
                "summary": typed.get("summary", ""),
            }
            try:
                self._save(documents.SaveSection, payload)
                return self._done(f"/documents/{document}/sections/{section}", "save_section")
            except Refusal as no:
                refusal = no
                if "yours" in no.extra:
                    theirs = no.extra["current"]
        shown = render_template(
            "documents/edit_section.html",
            it=it,
            found=found,
            typed=typed,
            refusal=_shown(refusal),
            theirs=theirs,
            preview=_previewed(typed),
        )
        return make_response(shown, _status(refusal))

    @reads
    def edit(self, document: str) -> Any:
        """The whole text in one form; a second drafter's version is brought together with the first's. Of a publication it is a
        corrigendum."""
        it = self.ask("documents", "get_document", document=document)
        corrects = "issue_corrigendum" in (it.get("may") or [])
        typed = self._sent()
        if typed is None:
            text = self.ask("documents", "get_revision", document=document) if it.get("revision") else None
            blocks = writing.blocks_of(text["texts"] if text else [])
            given = {"title": text["title"] if text else it["title"], "base": text["number"] if text else 0}
            return render_template("documents/edit.html", it=it, blocks=blocks, typed=given, corrects=corrects, refusal=None, preview=False)
        title, base = " ".join(typed.get("title", "").split()), _number(typed.get("base"))
        if typed.get("act") == "merge":
            theirs = self.ask("documents", "get_revision", document=document, number=base)
            title, sections = writing.merged(theirs, writing.choices_of(typed))
            blocks = writing.blocks_of(sections)
        else:
            blocks = writing.typed_blocks(typed)
            sections = writing.sections_of(blocks)
        refusal = None
        if typed.get("act") in ("save", "merge"):
            command = documents.IssueCorrigendum if corrects else documents.SaveRevision
            why = "note" if corrects else "summary"
            payload = {"document": document, "base": base, "title": title or None, "sections": sections, why: typed.get("summary", "")}
            try:
                self._save(command, payload)
                return self._done(f"/documents/{document}", command.message_name())
            except Refusal as no:
                if "merge" in no.extra:
                    return self._brought_together(it, no, base, typed.get("summary", ""))
                refusal = no
        given = {"title": title, "base": base, "summary": typed.get("summary", "")}
        shown = render_template(
            "documents/edit.html",
            it=it,
            blocks=blocks,
            typed=given,
            corrects=corrects,
            refusal=_shown(refusal),
            preview=typed.get("act") == "preview",
        )
        return make_response(shown, _status(refusal))

    @reads
    def text_import(self, document: str) -> Any:
        """A file is read, what of it was not understood is told, and then it is saved."""
        it = self.ask("documents", "get_document", document=document)
        typed, read, refusal = self._sent(), None, None
        if typed is not None:
            try:
                if typed.get("act") == "save":
                    read = _kept(typed.get("read", ""))
                    payload = {**read, "document": document, "base": _number(typed.get("base")), "summary": typed.get("summary", "")}
                    self._save(documents.ImportText, payload)
                    return self._done(f"/documents/{document}", "import_text")
                read = self._read_in(document)
            except Refusal as no:
                if "merge" in no.extra:
                    return self._brought_together(it, no, _number(typed.get("base")), typed.get("summary", ""))
                refusal = no
        base = _number(typed.get("base")) if typed is not None and "base" in typed else it.get("revision", 0)
        kept = json.dumps({name: read[name] for name in ("title", "sections", "notes")}, ensure_ascii=False) if read else ""
        shown = render_template("documents/import.html", it=it, read=read, kept=kept, base=base, typed=typed, refusal=_shown(refusal))
        return make_response(shown, _status(refusal))

    def _read_in(self, document: str) -> Any:
        file = request.files.get("file")
        raw = file.read() if file else b""
        if not raw:
            raise Refusal.invalid("file", said("en", "file_missing"), rule="file-missing", accepted="DOCX, Markdown")

        def ask(name: str, payload: dict[str, Any]) -> Any:
            return self.order(documents.contract.commands[name], payload)

        return TAKEN["text"].take(raw, {"document": document}, g.reader.language, check=True, ask=ask)

    @reads
    def translation(self, document: str, language: str) -> Any:
        """A version in another language beside the original, section by section, to be read and written."""
        self._must_fit(documents.CompareTranslation, document=document, language=language)
        it = self.ask("documents", "get_document", document=document)
        found = self.ask("documents", "compare_translation", document=document, language=language)
        typed, refusal = self._sent(), None
        if typed is not None:
            places = [place for place in range(writing.BLOCKS) if f"id-{place}" in typed]
            sections = [
                {"id": typed[f"id-{place}"], "heading": " ".join(typed[f"heading-{place}"].split()), "text": _lines(typed[f"text-{place}"])}
                for place in places
                if typed.get(f"heading-{place}", "").strip()
            ]
            payload = {
                "document": document,
                "language": language,
                "revision": _number(typed.get("revision")),
                "base": _number(typed.get("base")),
                "title": " ".join(typed.get("title", "").split()),
                "sections": sections,
                "checked": [typed[f"id-{place}"] for place in places if f"checked-{place}" in typed],
                "summary": typed.get("summary", ""),
            }
            try:
                self._save(documents.SaveTranslation, payload)
                return self._done(request.path, "save_translation")
            except Refusal as no:
                refusal = no
        writes = ("save_translation" in (it.get("may") or []) and request.args.get("write") is not None) or typed is not None
        # Who was overtaken writes on upon what the other saved, which then stands beside.
        base = found["number"] if typed is None or (refusal and refusal.rule == "base-revision") else _number(typed.get("base"))
        shown = render_template(
            "documents/translation.html", it=it, found=found, typed=typed, base=base, writes=writes, refusal=_shown(refusal)
        )
        return make_response(shown, _status(refusal))

    def _brought_together(self, it: dict[str, Any], refusal: Refusal, base: int, summary: str) -> Any:
        """The page on which a text that was refused, since another was saved meanwhile, is brought together with that one."""
        merge = [one | {"shown": _both(one)} for one in refusal.extra["merge"]]
        told, newest = refusals.told(refusal), refusal.extra["current"]
        page = render_template("documents/merge.html", it=it, merge=merge, newest=newest, base=base, summary=summary, told=told)
        return make_response(page, _status(refusal))

    # Comments

    @reads
    def comments(self, document: str) -> Any:
        """The comments, all or some."""
        asked = {name: value[:80] for name in ("open", "entity", "section_id", "after") if (value := request.args.get(name, "").strip())}
        asked = {name: value.upper() if name == "entity" else value for name, value in asked.items()}
        self._must_fit(documents.Comments, document=document, **asked)
        payload = asked | ({"open": asked["open"] == "true"} if "open" in asked else {})
        page = self.ask("documents", "comments", document=document, limit=PAGE, **payload)
        it = self.ask("documents", "get_document", document=document)
        onward = urlencode({**asked, "after": page["next"]}) if page["next"] else None
        return render_template("documents/comments.html", it=it, page=page, asked=asked, onward=onward)

    @reads
    @acting("reply_to_comment", "dispose")
    def comment(self, document: str, comment: str) -> Any:
        self._must_fit(documents.GetComment, document=document, comment=comment)
        found = self.ask("documents", "get_comment", document=document, comment=int(comment))
        it = self.ask("documents", "get_document", document=document)
        return render_template("documents/comment.html", it=it, one=found)

    # Clearance

    @reads
    @acting("open_clearance", "extend_clearance", "take_position", "withdraw_endorsement")
    def clearance(self, document: str) -> Any:
        """The board, and the forms that move it."""
        found = self.ask("documents", "clearance", document=document)
        it = self.ask("documents", "get_document", document=document)
        picture = Markup(board.draw(found, g.reader.language).inline()) if found["texts"] else None
        rows = [(row, [board.word_on(found, row, place) for place in range(len(found["texts"]))]) for row in found["board"]]
        return render_template("documents/clearance.html", it=it, found=found, picture=picture, rows=rows)

    @reads
    @acting("set_passing_rule")
    def passing_rules(self) -> Any:
        """How documents of each kind become the Group's own, and for those who may the forms that set it."""
        return render_template("documents/passing_rules.html", book=self.ask("documents", "passing_rules"))

    # Files

    @reads
    def attachments(self, document: str) -> Any:
        """Takes a file in; its form stands on the document's page, which is shown again when it is refused."""
        typed = self._sent(9 * MIB)
        assert typed is not None
        file = request.files.get("file")
        try:
            if file is None or not file.filename:
                raise Refusal.invalid("file", said("en", "file_missing"), rule="file-missing")
            payload = {
                "document": document,
                "name": file.filename.replace("\\", "/").rpartition("/")[2][-200:],
                "content": in_base64(file.read()),
                "public": "public" in typed,
                "description": typed.get("description", "")[:500],
            }
            self._save(documents.Attach, payload)
            return self._done(f"/documents/{document}", "attach")
        except Refusal as refusal:
            g.failed = Failed("attach", typed, refusal)
            it = self.ask("documents", "get_document", document=document)
            return make_response(render_template("documents/draft.html", it=it, attach_refused=_shown(refusal)), g.failed.status)

    @reads
    @acting("request_export")
    def exports(self, document: str) -> Any:
        it = self.ask("documents", "get_document", document=document)
        wanted = {name: request.args[name][:20] for name in ("format", "revision", "language", "base") if request.args.get(name)}
        return render_template("documents/exports.html", it=it, wanted=wanted)

    @reads
    def export(self, document: str, export: str) -> Any:
        """How far an export is."""
        found = self.ask("documents", "get_export", document=document, export=export)
        it = self.ask("documents", "get_document", document=document)
        return render_template("documents/export.html", it=it, one=found)

    # Shared

    def _sent(self, most: int = writing.LONGEST_FORM) -> MultiDict[str, str] | None:
        """The form that was sent, with up to so many bytes; None when the page was only asked for."""
        if request.method != "POST":
            return None
        request.max_content_length = request.max_form_memory_size = most
        request.max_form_parts = 8 * writing.BLOCKS
        self.must_be_ours()
        return request.form

    def _save(self, command: type[Command], payload: dict[str, Any]) -> Any:
        """Have a text's order carried out, held to its contract first. Raises Refusal."""
        try:
            load(command, payload)
        except ValidationError as error:
            raise invalid(error) from None
        return self.order(command, payload)

    def _must_fit(self, query: type[Command], **payload: Any) -> None:
        """What stands in an address names nothing when it is none of the contract's."""
        try:
            load(query, payload)
        except ValidationError:
            raise NotFound from None

    def _done(self, path: str, act: str) -> Any:
        return redirect(f"{path}?{urlencode({'done': act})}", 303)


def marked(excerpt: str, matches: list[dict[str, int]]) -> Markup:
    """An excerpt in which the words that were sought are marked."""
    made, place = Markup(), 0
    for one in matches:
        made += escape(excerpt[place : one["start"]]) + Markup("<mark>") + escape(excerpt[one["start"] : one["end"]]) + Markup("</mark>")
        place = one["end"]
    return made + escape(excerpt[place:])


def _given(**payload: Any) -> dict[str, Any]:
    return {name: value for name, value in payload.items() if value is not None}


def _number(text: str | None) -> int:
    """A number of a form's own hidden field; one that is none is no number of ours."""
    if text is None or not (text.isascii() and text.isdigit() and len(text) < 8):
        raise NotFound
    return int(text)


def _numbers(asked: dict[str, str], *names: str) -> dict[str, Any]:
    return {name: int(value) if name in names else value for name, value in asked.items()}


def _lines(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n")


def _kept(text: str) -> dict[str, Any]:
    """What was read of a file, as the form carried it from one page to the next."""
    try:
        read = json.loads(text)
        return {name: read[name] for name in ("title", "sections", "notes")}
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Refusal.invalid("file", said("en", "file_missing"), rule="file-missing") from None


def _shown(refusal: Refusal | None) -> dict[str, Any] | None:
    """A refusal as a page with a long form shows it: as a whole, and by a field when it names one."""
    if refusal is None:
        return None
    return {
        "told": refusals.told(refusal),
        "accepted": refusals.accepted(refusal, partial(choice, language=g.reader.language)),
        "of": lambda field: refusals.told_of_field(refusal, field),
    }


def _status(refusal: Refusal | None) -> int:
    return Failed("", MultiDict(), refusal).status if refusal else 200


def _previewed(typed: MultiDict[str, str] | None) -> bool:
    return typed is not None and typed.get("act") == "preview"


def _both(one: dict[str, Any]) -> dict[str, Any]:
    """How a section in question is offered: what stands in its fields, and which choice is made until another is."""
    mine = one["yours"] or {"heading": "", "text": ""}
    choice = {"theirs": "theirs", "yours": "mine" if one["yours"] else "out", "both": ""}[one["state"]]
    return {"heading": mine["heading"], "text": mine["text"], "choice": choice}
