"""The text: its revisions, section by section; how two differ; its versions in other languages.

Every section has an ``id`` of its own (``s1``, ``s2``, …), that names it through all revisions and languages, however it is moved or
renamed. An id is given by us; who sends a section with none begins a new one.
"""

from typing import Any

from marshmallow import fields, validate

from contracts.base import (
    MAX_TEXT,
    Answer,
    Command,
    Digest,
    EntityCode,
    Event,
    Instant,
    Language,
    Line,
    Message,
    PageQuery,
    Pillars,
    Query,
    Slug,
    Text,
    many,
    page_of,
)
from contracts.documents.document import DocumentAnswer, RevisionLine
from contracts.documents.parts import Base, Note, Number, OfDocument

SECTIONS = 1_000
"""Sections of the longest text."""


def SectionId(**kwargs: Any) -> fields.String:
    """The name of a section through all revisions and languages."""
    return fields.String(validate=validate.Regexp(r"^s[1-9][0-9]{0,5}\Z", error="A section is named as s1, s2, s3."), **kwargs)


class Section(Message):
    """One section of a text: a heading on one line, and Markdown whose own headings begin at the third level. Without ``id``, the section
    of the base with the same heading is meant, else a new one."""

    id = SectionId(load_default=None, allow_none=True)
    heading = Line(required=True, max=300)
    text = Text(required=True, max=MAX_TEXT, min=0)


# Answers ----------------------------------------------------------------------------------------------------------------------------------


class RevisionAnswer(RevisionLine):
    """One revision with its text, and the text written whole: the bytes its digest is of. ``language``: that of this text; a version in
    another language than the original's has its own numbers, and ``original`` is the revision it was made of."""

    document = Slug()
    language = Language()
    original = fields.Integer(allow_none=True)
    texts = many(Section, max=SECTIONS)
    markdown = fields.String()


class SectionAnswer(Answer):
    """One section of one revision: what a drafter needs to work on it alone."""

    document = Slug()
    number = fields.Integer(metadata={"description": "Of the revision: the base of the next save"})
    digest = Digest(metadata={"description": "Of the whole revision"})
    id = SectionId()
    order = fields.Integer(metadata={"description": "Its place, from 1"})
    heading = fields.String()
    text = fields.String()


class Change(Answer):
    """A stretch of words both have (``equal``), or one of them (``deleted`` from the base, ``inserted`` in the other)."""

    op = fields.String(validate=validate.OneOf(("equal", "deleted", "inserted")))
    text = fields.String()


class SectionChange(Answer):
    """What became of one section: ``kept`` (then no changes are listed), ``changed``, ``added`` or ``removed``. ``moved``: it stands at
    another place among those that both have; ``heading_changes``: the heading's own, when it was renamed."""

    id = SectionId(allow_none=True, metadata={"description": "Null for the title of the whole"})
    heading = fields.String()
    op = fields.String(validate=validate.OneOf(("kept", "changed", "added", "removed")))
    moved = fields.Boolean()
    heading_changes = many(Change, max=1_000)
    changes = many(Change, max=100_000)
    exact = fields.Boolean(
        metadata={"description": "Whether it was compared to the last word; if not, long stretches stand as deleted and inserted whole"}
    )


class ComparisonAnswer(Answer):
    """Two revisions, section by section and word by word; Chinese and Japanese character by character."""

    document = Slug()
    language = Language()
    base = fields.Integer()
    other = fields.Integer()
    sections = many(SectionChange, max=2 * SECTIONS)


class SectionRendering(Answer):
    """One section in both languages. ``state``: ``current``; ``behind``: the original has changed since, by ``changes``; ``missing`` in
    this version; ``gone``: from the original."""

    id = SectionId()
    state = fields.String(validate=validate.OneOf(("current", "behind", "missing", "gone")))
    heading = fields.String(allow_none=True, metadata={"description": "Of the original; null when gone"})
    text = fields.String(allow_none=True)
    translated_heading = fields.String(allow_none=True, metadata={"description": "Null when missing"})
    translated_text = fields.String(allow_none=True)
    heading_changes = many(Change, max=1_000)
    changes = many(Change, max=100_000)


class TranslationAnswer(Answer):
    """A version in another language beside the newest original, section by section: what it lags by."""

    document = Slug()
    language = Language()
    number = fields.Integer(metadata={"description": "Of this version; 0 while there is none: every section is missing"})
    original_language = Language()
    revision = fields.Integer(metadata={"description": "Of the original it is held against"})
    title = fields.String()
    translated_title = fields.String(allow_none=True)
    title_state = fields.String(validate=validate.OneOf(("current", "behind", "missing")))
    sections = many(SectionRendering, max=2 * SECTIONS)


class ReadAnswer(Answer):
    """What was read of a file, and what was not: as it would be saved. Nothing has changed."""

    document = Slug()
    title = fields.String()
    sections = many(Section, max=SECTIONS)
    notes = many(Note, max=1_000)
    changes = many(SectionChange, max=2 * SECTIONS, metadata={"description": "Against the newest revision; empty while there is none"})


class ImportAnswer(DocumentAnswer):
    """The document with the revision that was read, and what of the file was not understood."""

    notes = many(Note, max=1_000)


# Orders -----------------------------------------------------------------------------------------------------------------------------------


class SaveRevision(Command):
    """A drafter saves the text whole. ``base`` is the number of the revision it was written upon (0 for the first): when another has been
    saved since, this one is refused with both texts, their difference, and section by section what each of the two changed (``merge``:
    each with ``id``, ``state`` (``theirs``, ``yours``, ``both``), ``base``, ``theirs``, ``yours``), so that it can be brought together.
    ``title``, when it changes with this revision."""

    answer = DocumentAnswer
    document = Slug(required=True)
    base = Base()
    title = Line(max=300, load_default=None, allow_none=True, min=1)
    sections = fields.List(fields.Nested(Section), required=True, validate=validate.Length(min=1, max=SECTIONS))
    summary = Text(required=True, max=500)


class SaveSection(Command):
    """A drafter saves one section upon the revision ``base`` in which it was read. What others saved in other sections meanwhile stays;
    when this section is not as it was in the base, it is refused with both texts and their difference."""

    answer = DocumentAnswer
    document = Slug(required=True)
    section = SectionId(required=True)
    base = Number(required=True)
    heading = Line(max=300, load_default=None, allow_none=True, min=1)
    text = Text(required=True, max=MAX_TEXT, min=0)
    summary = Text(required=True, max=500)


class CheckText(Query):
    """What would be read of a file: a DOCX document or Markdown, cut into sections. Changes nothing."""

    answer = ReadAnswer
    document = Slug(required=True)
    title = Line(max=300, load_default=None, allow_none=True, min=1)
    sections = fields.List(fields.Nested(Section), required=True, validate=validate.Length(min=0, max=SECTIONS))
    notes = many(Note, max=1_000, load_default=list)


class ImportText(Command):
    """A drafter saves what was read of a file as a revision upon ``base``, as ``SaveRevision`` does. A file that is sent as such is its own
    ``summary``: what kind of file it was; otherwise there must be one."""

    answer = ImportAnswer
    document = Slug(required=True)
    base = Base(strict=False)
    title = Line(max=300, load_default=None, allow_none=True, min=1)
    sections = fields.List(fields.Nested(Section), required=True, validate=validate.Length(min=0, max=SECTIONS))
    notes = many(Note, max=1_000, load_default=list)
    summary = Text(max=500, load_default="")


class SaveTranslation(Command):
    """A drafter, or the secretariat, saves the version in another language, made of the original's ``revision``; sections carry the
    original's ids. ``base`` is this version's own number it was written upon (0 for the first). A section that is as it was before is
    taken to be made of what it was made of before, unless ``checked`` names it: looked at, and still right."""

    answer = DocumentAnswer
    document = Slug(required=True)
    language = Language(required=True)
    revision = Number(required=True)
    base = Base()
    title = Line(required=True, max=300)
    sections = fields.List(fields.Nested(Section), required=True, validate=validate.Length(min=1, max=SECTIONS))
    checked = many(SectionId(), max=SECTIONS, load_default=list)
    summary = Text(required=True, max=500)


class DecideLanguages(Command):
    """The chair says for which languages the publication waits; none by default. A statement waits for none: its instant is fixed, and
    the versions that are up to date by then go out with it."""

    answer = DocumentAnswer
    document = Slug(required=True)
    languages = many(Language(), max=5, required=True)


class PublishTranslation(Command):
    """The chair publishes a language version of what is public already; it must be up to date."""

    answer = DocumentAnswer
    document = Slug(required=True)
    language = Language(required=True)


# Questions --------------------------------------------------------------------------------------------------------------------------------


class Revisions(PageQuery):
    """The revisions of a document, the newest first."""

    answer = page_of(RevisionLine)
    document = Slug(required=True)


class GetRevision(Query):
    """The text of one revision: the current one unless its number is given; of the version in ``language``, when that is not the
    original's. Outside the Group, the published one and its corrigenda alone."""

    answer = RevisionAnswer
    document = Slug(required=True)
    number = Number(strict=False, load_default=None, allow_none=True)
    language = Language(load_default=None, allow_none=True)


class GetSection(Query):
    """One section of the current revision, or of the one named."""

    answer = SectionAnswer
    document = Slug(required=True)
    section = SectionId(required=True)
    number = Number(strict=False, load_default=None, allow_none=True)


class CompareRevisions(Query):
    """Two revisions of one document, word by word; of its version in ``language``, when that is not the original's. Outside the Group,
    the published one and its corrigenda alone."""

    answer = ComparisonAnswer
    document = Slug(required=True)
    base = Number(required=True, strict=False)
    other = Number(required=True, strict=False)
    language = Language(load_default=None, allow_none=True)


class CompareTranslation(Query):
    """A language version beside the original it renders, section by section."""

    answer = TranslationAnswer
    document = Slug(required=True)
    language = Language(required=True)


# Facts ------------------------------------------------------------------------------------------------------------------------------------


class RevisionSaved(Event, OfDocument):
    """An immutable revision of the text was saved; ``earlier`` is the digest of the one before."""

    number = fields.Integer(required=True)
    digest = Digest(required=True)
    entity = EntityCode(required=True)
    earlier = Digest(required=True, allow_none=True)


class TranslationSaved(Event, OfDocument):
    """A version in another language was saved; ``revision`` is the original it was made of, ``behind`` how many sections it lags by."""

    language = Language(required=True)
    number = fields.Integer(required=True)
    digest = Digest(required=True)
    revision = fields.Integer(required=True)
    behind = fields.Integer(required=True)
    entity = EntityCode(required=True, allow_none=True)
    earlier = Digest(required=True, allow_none=True)


class LanguagesDecided(Event, OfDocument):
    """The publication waits for these languages."""

    languages = many(Language(), required=True, max=6)
    earlier = many(Language(), required=True, max=6)


class LanguagePublished(Event, OfDocument):
    """A language version of a publication is public. Those that are up to date when the document becomes public follow it at once
    (``with_document``): its own event has named them."""

    language = Language(required=True)
    number = fields.Integer(required=True)
    digest = Digest(required=True)
    at = Instant(required=True)
    url = fields.String(required=True)
    pillars = Pillars(load_default=list)
    with_document = fields.Boolean(load_default=False)
