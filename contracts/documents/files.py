"""Files: what is attached to a document, and the forms in which its text goes out.

An export is made off the request: whoever asks for one is told how far it is, and fetches it when it is done. The formats of a
publication are made as soon as it is public.
"""

from marshmallow import fields, validate

from contracts.base import Answer, Command, Digest, EntityCode, Event, Instant, Language, Line, Query, Slug, Text
from contracts.documents.document import AttachmentLine
from contracts.documents.parts import Number, OfDocument

FORMATS = ("html", "pdf", "docx", "xml", "redline.docx", "comments.xlsx", "comments.docx", "certificate.html", "certificate.pdf")
PUBLIC_FORMATS = ("html", "pdf", "docx", "xml", "certificate.html", "certificate.pdf")
LARGEST = 8 * 1024 * 1024
"""Bytes of the largest file that is taken in: as it travels, in base64, it still is less than a broker carries in one message."""

# Answers ----------------------------------------------------------------------------------------------------------------------------------


class FileAnswer(Answer):
    """A file: its bytes in base64, and what they are."""

    name = fields.String()
    media_type = fields.String()
    size = fields.Integer(metadata={"description": "Bytes"})
    digest = Digest()
    content = fields.String()


class ExportAnswer(Answer):
    """An export: how far it is (``progress`` of a hundred, ``step`` in words), and what came of it."""

    id = Slug()
    document = Slug()
    revision = fields.Integer()
    language = Language()
    format = fields.String(validate=validate.OneOf(FORMATS))
    base = fields.Integer(allow_none=True)
    state = fields.String(validate=validate.OneOf(("queued", "running", "done", "failed")))
    progress = fields.Integer()
    step = fields.String()
    name = fields.String(allow_none=True)
    media_type = fields.String(allow_none=True)
    size = fields.Integer(allow_none=True)
    digest = Digest(allow_none=True, metadata={"description": "Of the file"})
    error = fields.String(allow_none=True)
    at = Instant(metadata={"description": "When it was asked for"})


# Orders -----------------------------------------------------------------------------------------------------------------------------------


class Attach(Command):
    """A drafter or the secretariat attaches a file; ``content`` in base64. What it is, is found from its bytes: PDF, DOCX, XLSX, PPTX
    without macros, PNG, JPEG, or text in UTF-8. ``public``: it is published with the document. Of an entity that sent a position by
    letter, the secretariat attaches the letter and names it with the position."""

    answer = AttachmentLine
    document = Slug(required=True)
    name = Line(required=True, max=200)
    content = fields.String(required=True, validate=validate.Length(min=1, max=LARGEST * 4 // 3 + 4))
    public = fields.Boolean(load_default=False)
    description = Text(max=500, load_default="")


class RequestExport(Command):
    """Have a revision (the current one unless named) set in a format, in the original's language or another that it has;
    ``redline.docx``: with the changes since ``base`` tracked. ``comments.…``: the table of comments and dispositions. The same, asked
    again, is made once."""

    answer = ExportAnswer
    document = Slug(required=True)
    format = fields.String(required=True, validate=validate.OneOf(FORMATS))
    revision = Number(load_default=None, allow_none=True)
    language = Language(load_default=None, allow_none=True)
    base = Number(load_default=None, allow_none=True)


# Questions --------------------------------------------------------------------------------------------------------------------------------


class GetAttachment(Query):
    """A file attached to a document: for everyone when it is public with it, else for the Group."""

    answer = FileAnswer
    document = Slug(required=True)
    attachment = Slug(required=True)


class GetExport(Query):
    """How far an export is."""

    answer = ExportAnswer
    document = Slug(required=True)
    export = Slug(required=True)


class GetExportFile(Query):
    """The file of an export that is done."""

    answer = FileAnswer
    document = Slug(required=True)
    export = Slug(required=True)


class GetPublished(Query):
    """A publication in one of its formats, in the original's language or another in which it is public. Refused as unavailable in the
    moments between the publication and the making of its formats."""

    answer = FileAnswer
    document = Slug(required=True)
    format = fields.String(required=True, validate=validate.OneOf(PUBLIC_FORMATS))
    language = Language(load_default=None, allow_none=True)


# Facts ------------------------------------------------------------------------------------------------------------------------------------


class Attached(Event, OfDocument):
    """A file was attached; the ``digest`` is of its bytes."""

    attachment = Slug(required=True)
    digest = Digest(required=True)
    media_type = fields.String(required=True)
    size = fields.Integer(required=True)
    public = fields.Boolean(required=True)
    entity = EntityCode(required=True, allow_none=True)
