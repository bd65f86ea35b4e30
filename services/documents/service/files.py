"""Files: what is attached, exports, and publications in their formats: orders and questions."""

import base64
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from contracts import documents as c
from messaging.context import Arrived, Order
from messaging.service import command, query
from messaging.store import Saved
from services.documents import exporting, rules
from services.documents.composing import asked, may_have, public_exports
from services.documents.rules import rights, views
from services.documents.rules.exports import DONE, FAILED, no_such_export
from services.documents.rules.files import examined
from services.documents.service.asking import act, sees_drafts
from services.documents.store import documents, exports, files
from services.kernel import Refusal


class Files:
    """The orders and questions on files."""

    @command(c.Attach)
    def attach(self, order):
        content, id = decoded(order.content), order.new_id("attachment")
        media_type = examined(order.name, content).media_type
        said = {name: order.data[name] for name in ("name", "public", "description")} | {"media_type": media_type, "size": len(content)}
        digest = sha256(content).hexdigest()

        def decide(document: rules.Document, **who: Any) -> None:
            document.attach(id, digest=digest, **said, **who)
            files.keep(content, media_type)  # once it may be attached, and before the write that names it

        return views.attachment(act(order, decide).aggregate.attachment(id, drafts=True, at=order.at), drafts=True)

    @query(c.GetAttachment)
    def get_attachment(self, ask):
        document = documents.load(ask.document).aggregate
        found = document.attachment(ask.attachment, drafts=sees_drafts(ask, document), at=ask.at)
        content = base64.b64encode(files.read(found.digest)).decode()
        return {name: getattr(found, name) for name in ("name", "media_type", "size", "digest")} | {"content": content}

    @command(c.RequestExport)
    def request_export(self, order):
        said = {name: order.data[name] for name in ("revision", "language", "base")}
        saved = documents.load(order.document)
        one = asked(saved, order.format, drafts=sees_drafts(order, saved.aggregate), at=order.at, **said)
        return shown(exporting.request(one, order.by.person, order.at))

    @query(c.GetExport)
    def get_export(self, ask):
        return shown(export(ask))

    @query(c.GetExportFile)
    def get_export_file(self, ask):
        return file(export(ask))

    @query(c.GetPublished)
    def get_published(self, ask):
        return file(published(documents.load(ask.document), ask))


def decoded(content: str) -> bytes:
    """The bytes of a file that came in base64 (RFC 4648 §4)."""
    try:
        return base64.b64decode(content, validate=True)
    except ValueError:  # also of a sign that is not in ASCII
        raise Refusal.invalid("content", "This is not base64.", rule="file-base64", accepted="base64 as RFC 4648 §4 has it") from None


def export(ask: Order) -> dict[str, Any]:
    """The record of an export of this document that the asker may have; refused in the same words when there is none."""
    saved = documents.load(ask.document)
    drafts = sees_drafts(ask, saved.aggregate)
    rights.must_show("get_export", saved.aggregate, drafts=drafts, at=ask.at)
    record = exports.load(ask.export)
    if record["document"] != ask.document or not may_have(saved, record, drafts=drafts, at=ask.at):
        raise no_such_export(ask.export)
    return record


def published(saved: Saved[rules.Document], ask: Order) -> dict[str, Any]:
    """The record of a publication in one of its formats, which is asked for if it was not yet. One that has failed is not asked for again
    by looking for it: every visitor may, and a text too hard for the press would keep it from all others."""
    rights.must_show("get_published", saved.aggregate, drafts=False, at=ask.at)
    language = ask.language or saved.aggregate.language
    for one in public_exports(saved):
        if (one.format, one.language) == (ask.format, language):
            return exports.find(one.id) or exporting.request(one, ask.by.person, ask.at)
    raise Refusal.not_found(f"{saved.id} is not had in this format and language.", rule="format-exists", field="format")


def make_public(event: Arrived) -> None:
    """Have a publication set in all its formats, as soon as it is one; asked again, what is there stays."""
    for one in public_exports(documents.load(event.document)):
        exporting.request(one, event.by.person, event.at)


def shown(record: Mapping[str, Any]) -> dict[str, Any]:
    """An export as it is shown."""
    names = ("document", "revision", "language", "format", "base", "state", "progress", "step", "error", "at", "name", "media_type", "size")
    return {"id": record["_id"], "digest": record.get("file")} | {name: record.get(name) for name in names}


def file(record: Mapping[str, Any]) -> dict[str, Any]:
    """The file of an export. Refused as unavailable while it is being made."""
    if record["state"] == FAILED:
        raise Refusal.conflict(f"It could not be made: {record['error']}", rule="export-failed", accepted="asking for it again")
    if record["state"] != DONE:
        raise Refusal("unavailable", "It is being made; ask again in a moment.", rule="export-done")
    content = base64.b64encode(files.read(record["file"])).decode()
    return {name: record[name] for name in ("name", "media_type", "size")} | {"digest": record["file"], "content": content}
