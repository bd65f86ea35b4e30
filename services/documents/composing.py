"""What goes to the press, and what is to be found: a document's texts with all that stands around them, as they are in the record.

Nothing is decided here of who may see it: whoever asks for an export, or is shown a hit, is judged by the document as it stands then.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import eventlet

from messaging.settings import setting
from messaging.store import Saved
from press import words
from press.certificate import Certificate, Position
from press.manuscript import Manuscript, Section, Table
from services.documents import rules
from services.documents.pressing import job
from services.documents.rules import boards, citing, views
from services.documents.rules.anchors import Passages, Selector
from services.documents.rules.exports import FORMATS, PUBLIC_FORMATS, Asked
from services.documents.rules.record import Revision, Translation
from services.documents.rules.table import comment_table as comments_in_rows
from services.documents.searching import Entry
from services.documents.store import comments, documents, texts
from services.kernel import Refusal, digest_of

ISSUERS = {
    "en": citing.GROUP,
    "fr": "Groupe interinstitutions de coordination contre la traite des personnes (ICAT)",
    "es": "Grupo Interinstitucional de Coordinación contra la Trata de Personas (ICAT)",
    "ru": "Межучрежденческая координационная группа по борьбе с торговлей людьми (ИКАТ)",
    "ar": "فريق التنسيق المشترك بين الوكالات لمكافحة الاتجار بالأشخاص",
    "zh": "打击人口贩运机构间协调小组",
}
"""The Group, as its name stands on a page in each language."""

PAGE = 200
"""Comments read at a time."""


@dataclass(frozen=True)
class Version:
    """One state of a document's text in one language: the ``text`` that is had by its outline, and its ``head``, which is all of its
    manuscript but the sections."""

    said: Revision | Translation
    head: Manuscript

    @property
    def sections(self) -> Iterator[Section]:
        """Read from the store."""
        return (Section(one.id, one.heading, one.text) for one in texts.text(self.said.outline).sections)

    @property
    def manuscript(self) -> Manuscript:
        return replace(self.head, sections=tuple(self.sections))


def asked(
    saved: Saved[rules.Document],
    format: str,
    *,
    drafts: bool,
    at: datetime,
    revision: int | None = None,
    language: str | None = None,
    base: int | None = None,
) -> Asked:
    """What exactly is asked for, by one who may see ``drafts`` or not, as of ``at``; ``revision`` and ``base`` are numbers in that
    language. Refuses as not found what there is not, and what this reader may not know of."""
    it, seen = saved.aggregate, {"drafts": drafts, "at": at}
    language = written = language or it.language
    if FORMATS[format].of == "comments":
        views.of_the_group(it, **seen)
        written = it.language  # the table is written in a language that the text need not have
    made = version(it, views.readable(it, revision, **seen, language=written).number, written)
    earlier = views.readable(it, base, **seen, language=written) if base is not None else None
    edition: Any = _plain(made.head)
    if FORMATS[format].of == "comments":
        edition = saved.version
    elif FORMATS[format].of == "certificate":
        edition = _plain(certificate(it, **seen))
    said = made.said
    return Asked(it.id, said.number, said.digest, language, format, base, earlier.digest if earlier else None, digest_of([edition])[:16])


def may_have(saved: Saved[rules.Document], record: Mapping[str, Any], *, drafts: bool, at: datetime) -> bool:
    """Whether this reader may have the export of this record. Who sees drafts may have all of a document; others what they could ask
    for themselves as of ``at``, made exactly as it would be for them."""
    if drafts:
        return True
    numbers = {"revision": record["revision"], "language": record["language"], "base": record["base"]}
    try:
        return asked(saved, record["format"], drafts=False, at=at, **numbers).id == record["_id"]
    except Refusal:
        return False


def public_exports(saved: Saved[rules.Document]) -> list[Asked]:
    """Every form in which a publication is had: its text as it now is, in each language in which it is public; the certificate in the
    original's."""
    it = saved.aggregate
    if it.published_revision is None:
        return []
    numbers = {it.language: it.public_revisions[-1]} | {language: it.public_in(language)[-1] for language in citing.public_languages(it)}
    return [
        asked(saved, format, drafts=False, at=it.published_at or it.listed_at, revision=number, language=language)
        for format in PUBLIC_FORMATS
        for language, number in numbers.items()
        if FORMATS[format].of == "text" or language == it.language
    ]


def compose(record: Mapping[str, Any]) -> bytes:
    """What the press is to make for an export's record. Refuses as not found what there is not."""
    it, format, language = documents.load(record["document"]).aggregate, record["format"], record["language"]
    match FORMATS[format].of:
        case "text":
            return job(format, manuscript=version(it, record["revision"], language).manuscript)
        case "changes":
            base, revised = (version(it, record[name], language).manuscript for name in ("base", "revision"))
            return job(format, base=base, manuscript=revised)
        case "comments":
            return job(format, table=comment_table(it, language))
        case _:
            return job(format, certificate=certificate(it, drafts=True, at=it.published_at or it.listed_at))


def version(it: rules.Document, number: int | None, language: str) -> Version:
    """The document's text with this number in a language, the last one without. Refuses as not found when there is none."""
    said: Revision | Translation
    if language == it.language:
        number = len(it.revisions) if number is None else number
        if not 1 <= number <= len(it.revisions):
            raise Refusal.not_found(f"There is no revision {number} of {it.id}.", rule="revision-exists", field="revision")
        said = it.revisions[number - 1]
        public = number in it.public_revisions
    else:
        said = it.version(language, number)
        public = said.number in it.public_in(language)
    carried = citing.carried(it, said)
    corrected = bool(carried)
    dated = next((one.at for one in it.public_versions if (one.language, one.number) == (language, said.number)), it.published_at)
    if not public or corrected or dated is None:
        dated = said.at
    known = it.published_on if public and not corrected and language == it.language else None
    head = Manuscript(
        document=it.id,
        kind=it.kind,
        title=said.title,
        sections=(),
        language=language,
        status="draft" if not public else "corrected" if corrected else "published",
        revision=said.number,
        digest=said.digest,
        dated=dated,
        date=known or f"{dated:%Y-%m-%d}",
        issuer=ISSUERS[language],
        url=address(it),
        number=it.number,
        original=None if language == it.language else it.language,
        occasion=it.occasion if language == it.language else None,
        summary=it.summary if language == it.language else "",
        citation=_citation(it, said, language) if public else "",
        entities=tuple(it.signing or it.drafters),
        notes=_notes(it, said, language) if public else (),
    )
    return Version(said, head)


def _citation(it: rules.Document, said: Revision | Translation, language: str) -> str:
    """How a text is quoted by who has read it in this language."""
    if language == it.language == "en":
        return citing.citation(it) or ""
    return words.cited(ISSUERS[language], said.title, it.kind, it.number, it.published_on or f"{it.listed_at:%Y-%m-%d}", language)


def _notes(it: rules.Document, said: Revision | Translation, language: str) -> tuple[str, ...]:
    """What the text has of the corrections; and what a version in another language, which lags, does not have of them."""
    carried = citing.carried(it, said)
    told = [(one in carried, f"{one.at:%Y-%m-%d}: {one.note}") for one in it.corrigenda]
    lags = language != it.language
    return tuple(note if has else words.word("uncorrected", language, note) for has, note in told if has or lags)


def address(it: rules.Document) -> str:
    """Where a document is found by everyone."""
    return setting("ICAT_PUBLIC_URL").rstrip("/") + it.url


def certificate(it: rules.Document, *, drafts: bool, at: datetime) -> Certificate:
    """The certificate of the clearance that the text in question passed. Refuses when none has."""
    known = boards.certificate(it, drafts=drafts, at=at)
    names = ("title", "document", "kind", "number", "digest", "opened_at", "deadline", "passed_at", "revision", "language", "published_at")
    return Certificate(
        **{name: known[name] for name in names},
        procedure=known["by"],
        positions=tuple(Position(**position) for position in known["positions"]),
        signatories=tuple(known["signatories"]),
        corrected=tuple(known["corrected"]),
        url=address(it),
        issuer=ISSUERS[it.language],
    )


def comment_table(it: rules.Document, language: str) -> Table:
    """The comments with their dispositions, in the order in which they were made: what each is on, and where that is now."""
    current = version(it, None, it.language).said
    passages = Passages(current.outline, texts.text(current.outline).sections)
    return Table(**comments_in_rows(it, _all_comments(it, passages), language)._asdict())


def findable(it: rules.Document, language: str, *, drafts: bool, at: datetime) -> set[str]:
    """The digests of the texts in this language that a search may show this reader as of ``at``."""
    if not drafts and not it.is_public(at):
        return set()
    made: Sequence[Revision | Translation] = it.revisions if language == it.language else it.translations.get(language, [])
    if language == it.language:
        public = [it.published_revision, *(one.revision for one in it.corrigenda if one.at <= at)]
    else:
        public = [one.number for one in it.public_versions if one.language == language and one.at <= at]
    untold = {_untold(it)} if not it.revisions and language == it.language else set()
    return untold | {one.digest for one in made if drafts or one.number in public}


class Shelves:
    """The documents, as the search index takes them in."""

    def versions(self) -> dict[str, int]:
        return documents.versions()

    def entries(self, document: str) -> tuple[list[Entry], list[Entry]]:
        """What is public of a document, and what is not: of a publication the versions that came after the public ones."""
        it = documents.load(document).aggregate
        public, drafts = [], []
        shown = {it.language: it.public_revisions} | {language: it.public_in(language) for language in it.translations}
        if it.published_on and not it.revisions:  # a past paper, of which no text is kept
            public.append(self._entry(it, it.language, it.title, _untold(it), lambda: ()))
        for language, numbers in shown.items():
            last = len(it.revisions) if language == it.language else len(it.translations[language])
            if numbers:
                public.append(self._of(it, language, numbers[-1]))
            if last and last not in numbers:
                drafts.append(self._of(it, language, last))
        if not it.revisions and not it.published_on:
            drafts.append(self._entry(it, it.language, it.title, _untold(it), lambda: ()))
        return public, drafts

    def _of(self, it: rules.Document, language: str, number: int) -> Entry:
        found = version(it, number, language)
        return self._entry(
            it, language, found.head.title, found.said.digest, lambda: [(one.id, one.heading, one.text) for one in found.sections]
        )

    def _entry(self, it: rules.Document, language: str, title: str, digest: str, sections: Any) -> Entry:
        own = (it.summary, it.occasion or "", *it.themes) if language == it.language else ()
        return Entry(it.id, language, it.kind, digest, title, "\n".join(part for part in own if part), sections)


def _untold(it: rules.Document) -> str:
    """What stands for the digest of a text that is not kept here, or not yet written: of the document no more is known than its title."""
    return digest_of([it.id, it.title])


def _all_comments(it: rules.Document, now: Passages) -> Iterator[dict[str, Any]]:
    """Every comment, and where its passage is in the text as it is now."""
    after: str | None = None
    while True:
        found, after = comments.listed(it.id, len(it.ledger), limit=PAGE, after=after)
        for said in found:
            eventlet.sleep(0)  # so that a long table holds up nothing
            place = now.locate(Selector(**said["passage"]))
            yield views.comment(it, said, place, now.numbers.get(place.section or ""))
        if after is None:
            return


def _plain(known: Manuscript | Certificate) -> dict[str, str]:
    """A record as a canonical digest is made of it."""
    return {name: str(value) for name, value in vars(known).items()}
