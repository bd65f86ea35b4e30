"""Publication: the series, the library, presentations, corrigenda, and finding what was said."""

from marshmallow import fields, validate

from contracts.base import (
    PILLARS,
    Answer,
    Command,
    Digest,
    EntityCode,
    Event,
    Instant,
    Language,
    Line,
    PageQuery,
    Pillars,
    Slug,
    Text,
    many,
    page_of,
)
from contracts.documents.document import Corrigendum, DocumentAnswer, FormatLink, Presentation
from contracts.documents.parts import Base, Deliverable, Kind, OfDocument, PartialDate, State
from contracts.documents.text import SECTIONS, Section, SectionId

# Answers ----------------------------------------------------------------------------------------------------------------------------------


class LibraryItem(Answer):
    """One publication, as anyone may see it."""

    id = Slug()
    kind = Kind()
    number = fields.Integer(allow_none=True)
    title = fields.String()
    summary = fields.String()
    occasion = fields.String(allow_none=True)
    signatories = many(EntityCode())
    language = Language()
    themes = many(fields.String())
    pillars = Pillars()
    digest = Digest(allow_none=True)
    published_at = Instant(allow_none=True)
    published_on = fields.String()
    url = fields.String()
    link = fields.String(allow_none=True)
    source = fields.String(allow_none=True)
    presentations = many(Presentation, max=1_000)
    languages = many(Language(), max=6, metadata={"description": "In which it is public, the original's first"})
    formats = many(FormatLink, max=100)
    corrigenda = many(Corrigendum, max=1_000)
    citation = fields.String(allow_none=True)


class Range(Answer):
    """A stretch of an excerpt, in characters: from ``start``, up to and without ``end``."""

    start = fields.Integer()
    end = fields.Integer()


class Found(Answer):
    """One document that was found: its text in the reader's language if that matched, else in the language whose text matched best; the
    excerpt around the first match, which begins with the heading (or the title) when nothing else matched, and where the words that were
    sought stand in it."""

    document = Slug()
    kind = Kind()
    state = State()
    number = fields.Integer(allow_none=True)
    title = fields.String()
    language = Language()
    section_id = SectionId(allow_none=True)
    heading = fields.String(allow_none=True)
    excerpt = fields.String()
    matches = many(Range, max=100)
    published_on = fields.String(allow_none=True)
    url = fields.String(metadata={"description": "A path of the public site, at which the text is had in this language"})


# Orders -----------------------------------------------------------------------------------------------------------------------------------


class Publish(Command):
    """The chair publishes a cleared paper or note; an issue paper gets its number in the series."""

    answer = DocumentAnswer
    document = Slug(required=True)
    summary = Text(max=2_000, load_default=None, allow_none=True)


class EnterPublished(Command):
    """The secretariat enters an issue paper that was published before this record began, with the source that attests it. The first one
    says where the series begins; each further one must stand next to those known, so that the series has no hole."""

    answer = DocumentAnswer
    number = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=9_999))
    title = Line(required=True, max=300)
    summary = Text(max=2_000, load_default="")
    published_on = PartialDate(required=True)
    source = Line(required=True, max=500)
    link = fields.Url(load_default=None, allow_none=True, schemes={"https", "http"}, validate=validate.Length(max=500))
    language = Language(load_default="en")
    pillars = Pillars(load_default=list)
    themes = many(Line(required=True, max=100), max=20, load_default=list)


class Present(Command):
    """A publication was, or will be, presented: where, when, on whose margins."""

    answer = DocumentAnswer
    document = Slug(required=True)
    where = Line(required=True, max=200)
    when = PartialDate(required=True)
    on_margins_of = Line(max=300, load_default="")


class IssueCorrigendum(Command):
    """The chair corrects a published paper or note: a new revision, with a note of what it corrects; the text as it was published stays
    to be read. A statement is not corrected: it was signed as it is."""

    answer = DocumentAnswer
    document = Slug(required=True)
    base = Base()
    title = Line(max=300, load_default=None, allow_none=True, min=1)
    sections = fields.List(fields.Nested(Section), required=True, validate=validate.Length(min=1, max=SECTIONS))
    note = Text(required=True, max=2_000)


# Questions --------------------------------------------------------------------------------------------------------------------------------


class Library(PageQuery):
    """All that is published, the newest first, for everyone."""

    answer = page_of(LibraryItem)
    kind = Kind(load_default=None, allow_none=True)
    pillar = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(PILLARS))
    theme = Line(max=100, load_default=None, allow_none=True)


class Search(PageQuery):
    """What the library has on these words: titles, themes and texts, in six languages. "Words in quotes" stand together. Published texts
    for everyone; drafts too for those who may see them."""

    answer = page_of(Found, "SearchPage")
    words = Text(required=True, max=300)
    language = Language(load_default=None, allow_none=True)
    kind = Kind(load_default=None, allow_none=True)


# Facts ------------------------------------------------------------------------------------------------------------------------------------


class PublicationOrdered(Event, OfDocument):
    """An issue paper is to be published, irrevocably; it now takes its number in the series."""


class NumberAssigned(Event):
    """The series gave its next number to a document."""

    document = Slug(required=True)
    number = fields.Integer(required=True)


class PastPaperEntered(Event):
    """An issue paper from before this record was entered in the series."""

    document = Slug(required=True)
    number = fields.Integer(required=True)
    title = fields.String(required=True)
    summary = fields.String(required=True)
    published_on = fields.String(required=True)
    source = fields.String(required=True)
    link = fields.String(required=True, allow_none=True)
    language = Language(required=True)
    pillars = Pillars(required=True)
    themes = many(fields.String(), required=True)


class PastPaperRecorded(Event, OfDocument):
    """A past issue paper stands in the library. It is no news: nobody is told of a publication."""

    number = fields.Integer(required=True)
    published_on = fields.String(required=True)
    source = fields.String(required=True)


class Published(Event, OfDocument):
    """A paper or note is public."""

    number = fields.Integer(required=True, allow_none=True)
    summary = fields.String(required=True)
    at = Instant(required=True)
    digest = Digest(required=True)
    language = Language(required=True)
    url = fields.String(required=True, metadata={"description": "A path of the public site"})
    pillars = Pillars(required=True)
    lead = EntityCode(allow_none=True, load_default=None, metadata={"description": "Who led the drafting"})
    deliverable = fields.Nested(Deliverable, required=True, allow_none=True)
    languages = many(Language(), load_default=list, max=6, metadata={"description": "In which it is public from now on"})


class StatementIssued(Event):
    """A joint statement is public from this instant: every signatory's endorsement of exactly this text stood."""

    document = Slug(required=True)
    title = fields.String(required=True)
    occasion = fields.String(required=True)
    at = Instant(required=True)
    digest = Digest(required=True, metadata={"description": "SHA-256 of ``text`` in UTF-8"})
    signatories = many(EntityCode(), required=True)
    text = fields.String(required=True, metadata={"description": "The whole, in Markdown"})
    language = Language(required=True)
    url = fields.String(required=True)
    pillars = Pillars(required=True)
    lead = EntityCode(allow_none=True, load_default=None, metadata={"description": "Who led the drafting"})
    deliverable = fields.Nested(Deliverable, required=True, allow_none=True)
    languages = many(Language(), load_default=list, max=6, metadata={"description": "In which it is public from now on"})


class Presented(Event, OfDocument):
    """A publication was, or will be, presented."""

    number = fields.Integer(required=True, allow_none=True)
    where = fields.String(required=True)
    when = fields.String(required=True)
    on_margins_of = fields.String(required=True)


class CorrigendumIssued(Event, OfDocument):
    """The published text was corrected."""

    corrigendum = fields.Integer(required=True)
    revision = fields.Integer(required=True)
    digest = Digest(required=True)
    earlier = Digest(required=True)
    note = fields.String(required=True)
    url = fields.String(required=True)
    language = Language(required=True)
    pillars = Pillars(required=True)
