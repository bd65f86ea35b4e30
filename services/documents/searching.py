"""Finding what was said: an index of the library in six languages, in the memory of the process.

Each copy of the service keeps its own and makes it anew when it starts; before a question is answered it asks the store which documents
have changed, and takes in those. So there is no second writer, and nothing that could be behind. What is public and what is not are
two indexes: a question from outside never comes near the second. Even so the index is not what keeps an embargo: whoever asks says of each
text whether it may be shown, and nothing of it is before that.

The words of a question never reach the query language of SQLite: what is indexed, and sought, is each stem in hexadecimal.
"""

import logging
import re
import sqlite3
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Protocol

import eventlet
from eventlet import tpool
from eventlet.semaphore import Semaphore
from nameko.extensions import DependencyProvider

from press import markup
from services.documents.stems import Word, is_han, is_little, words
from services.kernel import Refusal, digest_of

log = logging.getLogger(__name__)

LANGUAGES = ("en", "fr", "es", "ru", "ar", "zh")
LONGEST_QUESTION, MOST_TERMS = 300, 16
MOST_FOUND = 500
"""Documents that one question finds at most, the best first."""
SECONDS = 2.0
"""The longest that one step of a search may take; it holds up no one meanwhile but other searches."""
PATIENCE = 20.0
"""Seconds a question waits for its turn, and for the index to be made when the process has just started."""
LARGEST = 256 * 1024 * 1024
"""Bytes of one index; what finds no room is not found, and the log says so."""
EXCERPT, MOST_MATCHES = 280, 100

_QUOTES = re.compile('["\u201c\u201d\u201e\u00ab\u00bb\u300c\u300d]')


@dataclass(frozen=True)
class Entry:
    """One text of a document, in one language. ``digest`` is the text's; ``about``: what else is known of it in that language (summary,
    themes). ``sections`` gives id, heading and Markdown of each, and is asked only for a text that is not in the index yet."""

    document: str
    language: str
    kind: str
    digest: str
    title: str
    about: str
    sections: Callable[[], Iterable[tuple[str, str, str]]] = field(compare=False)

    @property
    def mark(self) -> str:
        """What tells two states of an entry apart."""
        return digest_of([self.kind, self.digest, self.title, self.about])


@dataclass(frozen=True)
class Term:
    """One thing that is sought: stems that stand together; ``open``: of one Chinese character, whatever follows it."""

    stems: tuple[str, ...]
    open: bool = False

    def expression(self, language: str) -> str:
        """As SQLite's full-text index is asked."""
        phrase = " ".join(_token(stem, language) for stem in self.stems)
        return f'"{phrase}"*' if self.open else f'"{phrase}"'

    def places(self, text: list[Word]) -> Iterator[tuple[int, int]]:
        """Where it stands among the words of a text, in characters."""
        for at, word in enumerate(text):
            if self.open and word.stem.startswith(self.stems[0]):
                yield word.start, word.start + len(self.stems[0])
            elif tuple(one.stem for one in text[at : at + len(self.stems)]) == self.stems:
                yield word.start, text[at + len(self.stems) - 1].end


class Question:
    """What someone seeks: words, all of which must stand in a text, and "words in quotes", which must stand together. Refuses one without
    a word, or too long a one."""

    def __init__(self, asked: str) -> None:
        self.parts = [part for part in enumerate(_QUOTES.split(asked)) if part[1].strip()]
        if len(asked) > LONGEST_QUESTION or any(len(self.terms(language)) > MOST_TERMS for language in LANGUAGES):
            raise Refusal.invalid(
                "words",
                "The question is too long.",
                rule="search-length",
                accepted=f"at most {LONGEST_QUESTION} characters and {MOST_TERMS} words",
            )
        if not self.terms("en"):
            raise Refusal.invalid("words", "A question has at least one word.", rule="search-words", accepted="letters or figures")

    def terms(self, language: str) -> list[Term]:
        """What is sought in texts of this language. Little words are, in quotes and when there are no others."""
        weighty: list[Term] = []
        little: list[Term] = []
        for number, part in self.parts:
            if number % 2:
                weighty += _together(words(part, language))
                continue
            for piece in part.split():
                for run in _runs(piece, language):
                    (little if is_little(piece[run[0].start : run[-1].end], language) else weighty).extend(_together(run))
        return list(dict.fromkeys(weighty or little))


@dataclass(frozen=True)
class Ranked:
    """A text that fits a question, by how well: what must be known of it to say whether it may be shown. ``passage``: its best one."""

    document: str
    language: str
    kind: str
    digest: str
    score: float
    passage: int
    index: "Index" = field(compare=False, repr=False)


@dataclass(frozen=True)
class Hit:
    """A text that was found: its title, the section (None: of its title and summary), and an excerpt in plain text, with the stretches
    that match, in characters from its beginning. When nothing matches but the heading, or the title, the excerpt begins with it."""

    document: str
    language: str
    kind: str
    digest: str
    score: float
    title: str
    section: str | None
    heading: str | None
    excerpt: str
    matches: tuple[tuple[int, int], ...]


class Index:
    """Texts by their words. One thread at a time may use it."""

    def __init__(self, largest: int = LARGEST) -> None:
        self._store = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._store.executescript(
            """
            CREATE TABLE texts (
                id INTEGER PRIMARY KEY AUTOINCREMENT, document TEXT, language TEXT, kind TEXT, digest TEXT, title TEXT, mark TEXT,
                UNIQUE (document, language));
            CREATE TABLE passages (
                id INTEGER PRIMARY KEY AUTOINCREMENT, text INTEGER, section TEXT, heading TEXT, plain BLOB);
            CREATE INDEX passages_of_texts ON passages (text);
            CREATE VIRTUAL TABLE found USING fts5 (title, about, heading, body, content = '', tokenize = 'ascii');
            """
        )
        (page,) = self._store.execute("PRAGMA page_size").fetchone()
        self._store.execute(f"PRAGMA max_page_count = {largest // page}")

    def unknown(self, entries: Iterable[Entry]) -> list[Entry]:
        """Those of the entries that are not here as they now are."""
        one = "SELECT 1 FROM texts WHERE document = ? AND language = ? AND mark = ?"
        return [entry for entry in entries if not self._store.execute(one, (entry.document, entry.language, entry.mark)).fetchone()]

    def refresh(self, document: str, entries: Iterable[Entry], texts: Mapping[str, Iterable[tuple[str, str, str]]]) -> None:
        """From now on exactly these entries are found of a document. ``texts``: id, heading and Markdown of the sections, by language, of
        those that are ``unknown``; the others are left as they are. Raises IndexFull, and then finds what it found before."""
        listed = list(entries)
        new = self.unknown(listed)
        same = {entry.language for entry in listed} - {entry.language for entry in new}
        here = self._store.execute("SELECT id, language FROM texts WHERE document = ?", (document,)).fetchall()
        self._store.execute("BEGIN")
        try:
            for id, language in here:
                if language not in same:
                    self._remove(id, language)
            for entry in new:
                self._add(entry, texts[entry.language])
            self._store.execute("COMMIT")
        except BaseException as error:
            if self._store.in_transaction:
                self._store.execute("ROLLBACK")
            if isinstance(error, sqlite3.OperationalError) and "full" in str(error):
                raise IndexFull(document) from error
            raise

    def rank(self, question: Question, *, language: str | None = None, kind: str | None = None) -> list[Ranked]:
        """The texts that hold all that is sought, the best first. Refuses a question that takes too long."""
        until = time.monotonic() + SECONDS
        self._store.set_progress_handler(lambda: time.monotonic() > until, 10_000)
        try:
            ranked = [
                one for each in ((language,) if language else LANGUAGES) for one in self._of_language(question.terms(each), each, kind)
            ]
        except sqlite3.OperationalError as error:
            if "interrupted" not in str(error):
                raise
            raise Refusal(
                "unavailable",
                "So many texts hold these words that finding the best takes too long.",
                rule="search-time",
                accepted="rarer words",
            ) from error
        finally:
            self._store.set_progress_handler(None, 0)
        return sorted(ranked, key=lambda one: (-one.score, one.document, one.language))[:MOST_FOUND]

    def show(self, one: Ranked, question: Question) -> Hit | None:
        """What is shown of a text; None when another has taken its place meanwhile."""
        row = self._store.execute(
            "SELECT title, section, heading, plain FROM passages JOIN texts ON texts.id = passages.text WHERE passages.id = ?",
            (one.passage,),
        ).fetchone()
        if row is None:
            return None
        title, section, heading, packed = row
        body, terms = _unpacked(packed), question.terms(one.language)
        excerpt, matches = _excerpt(body, terms, one.language)
        if not matches:
            excerpt, matches = _excerpt(f"{heading} — {body}" if body.strip() else heading, terms, one.language)
        return Hit(
            one.document, one.language, one.kind, one.digest, one.score, title, section, heading if section else None, excerpt, matches
        )

    def _of_language(self, terms: list[Term], language: str, kind: str | None) -> list[Ranked]:
        expressions = [term.expression(language) for term in terms]
        each = "SELECT text FROM passages WHERE id IN (SELECT rowid FROM found WHERE found MATCH ?)"
        rows = self._store.execute(
            f"""
            WITH fitting (text) AS ({" INTERSECT ".join([each] * len(expressions))})
            SELECT texts.id, document, kind, digest, passages.id, section IS NULL, -bm25(found, 8.0, 3.0, 4.0, 1.0)
            FROM found JOIN passages ON passages.id = found.rowid JOIN texts ON texts.id = passages.text
            WHERE found MATCH ? AND texts.id IN fitting AND texts.language = ? AND (? IS NULL OR kind = ?)
            """,
            (*expressions, " OR ".join(expressions), language, kind, kind),
        )
        best: dict[int, dict[bool, tuple[float, int]]] = {}
        known: dict[int, tuple[str, str, str]] = {}
        for text, document, its_kind, digest, passage, is_title, score in rows:
            known[text] = (document, its_kind, digest)
            place = best.setdefault(text, {})
            place[bool(is_title)] = max(place.get(bool(is_title), (0.0, 0)), (score, passage))
        ranked = []
        for text, places in best.items():
            document, its_kind, digest = known[text]
            score = sum(score for score, _ in places.values())
            passage = places.get(False, places.get(True, (0.0, 0)))[1]
            ranked.append(Ranked(document, language, its_kind, digest, score, passage, self))
        return ranked

    def _add(self, entry: Entry, sections: Iterable[tuple[str, str, str]]) -> None:
        text = self._store.execute(
            "INSERT INTO texts (document, language, kind, digest, title, mark) VALUES (?, ?, ?, ?, ?, ?)",
            (entry.document, entry.language, entry.kind, entry.digest, entry.title, entry.mark),
        ).lastrowid
        passages: list[tuple[str | None, str, str]] = [(None, entry.title, entry.about)]
        passages += [(id, heading, plain(markdown)) for id, heading, markdown in sections]
        for section, heading, body in passages:
            packed = zlib.compress(body.encode(errors="replace"), 1)
            passage = self._store.execute(
                "INSERT INTO passages (text, section, heading, plain) VALUES (?, ?, ?, ?)", (text, section, heading, packed)
            ).lastrowid
            row = (passage, *_columns(section, heading, body, entry.language))
            self._store.execute("INSERT INTO found (rowid, title, about, heading, body) VALUES (?, ?, ?, ?, ?)", row)

    def _remove(self, text: int, language: str) -> None:
        passages = self._store.execute("SELECT id, section, heading, plain FROM passages WHERE text = ?", (text,)).fetchall()
        for id, section, heading, packed in passages:
            row = (id, *_columns(section, heading, _unpacked(packed), language))
            self._store.execute("INSERT INTO found (found, rowid, title, about, heading, body) VALUES ('delete', ?, ?, ?, ?, ?)", row)
        self._store.execute("DELETE FROM passages WHERE text = ?", (text,))
        self._store.execute("DELETE FROM texts WHERE id = ?", (text,))


class IndexFull(Exception):
    """There is no room for a document's texts."""


class Source(Protocol):
    """What the library is made of."""

    def versions(self) -> Mapping[str, int]:
        """The version of each document there is."""

    def entries(self, document: str) -> tuple[list[Entry], list[Entry]]:
        """What is to be found of a document: its public texts, and those that are not."""


class Library:
    """The two indexes of one process, kept up to date, and asked without holding up its other work."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.public, self.drafts = Index(), Index()
        self._seen: dict[str, int] = {}
        self._turn = Semaphore()

    def search(
        self,
        asked: str,
        *,
        drafts: bool,
        may_see: Callable[[Ranked], bool],
        language: str | None = None,
        prefer: str | None = None,
        kind: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> tuple[list[Hit], bool]:
        """The hits from ``offset`` on, one of each document, and whether there are more. Of a document that is found in several languages
        it is the one in ``prefer``, if that is among them, else the best. ``drafts``: whether the asker is inside the Group; ``may_see``
        decides, of each text, by the document as it stands at the asker's instant. Refuses as ``unavailable`` while the index is being
        made."""
        question = Question(asked)
        indexes = (self.public, self.drafts) if drafts else (self.public,)
        with self._my_turn():
            self._catch_up()
            found = [one for index in indexes for one in tpool.execute(index.rank, question, language=language, kind=kind)]
            hits: list[Hit] = []
            passed, texts = 0, dict[str, list[Ranked]]()
            for one in sorted(found, key=lambda one: -one.score)[:MOST_FOUND]:
                texts.setdefault(one.document, []).append(one)
            for ranked in texts.values():
                seen = next(filter(may_see, sorted(ranked, key=lambda one: one.language != prefer)), None)
                if seen is None:
                    continue
                passed += 1
                if passed <= offset:
                    continue
                if len(hits) == limit:
                    return hits, True
                if (hit := tpool.execute(seen.index.show, seen, question)) is not None:
                    hits.append(hit)
        return hits, False

    def refresh(self) -> None:
        """Take in what has changed since this process looked last."""
        with self._my_turn():
            self._catch_up()

    def _my_turn(self) -> "_Turn":
        return _Turn(self._turn)

    def _catch_up(self) -> None:
        for document, version in self.source.versions().items():
            if self._seen.get(document) == version:
                continue
            public, drafts = self.source.entries(document)
            for index, entries in ((self.public, public), (self.drafts, drafts)):
                unknown = index.unknown(entries)
                texts = {entry.language: list(entry.sections()) for entry in unknown}  # read here: a thread has no way to the store
                try:
                    tpool.execute(index.refresh, document, entries, texts)
                except IndexFull:
                    log.error("the search index is full: %s is not found as it now is", document)
            self._seen[document] = version
            eventlet.sleep(0)


class _Turn:
    """Waits for its turn, a bounded time."""

    def __init__(self, semaphore: Semaphore) -> None:
        self.semaphore = semaphore

    def __enter__(self) -> None:
        if not self.semaphore.acquire(timeout=PATIENCE):
            raise Refusal("unavailable", "The library is being read; try again in a moment.", rule="search-busy")

    def __exit__(self, *_: object) -> None:
        self.semaphore.release()


class Searching(DependencyProvider):
    """Gives a service its ``Library``, and begins to fill it when the process starts."""

    def __init__(self, source: Callable[[], Source]) -> None:
        self.source = source

    def setup(self) -> None:
        self.library = Library(self.source())

    def start(self) -> None:
        self.container.spawn_managed_thread(self._fill)

    def get_dependency(self, worker_ctx: Any) -> Library:
        return self.library

    def _fill(self) -> None:
        try:
            self.library.refresh()
        except Exception as error:  # the next question tries again, and says what is wrong
            log.warning("the search index could not be made yet: %s", type(error).__name__)


def plain(markdown: str) -> str:
    """The words of a Markdown text as they are read, without its marks; a line for each paragraph, cell and item."""
    lines = []
    for token in markup.parse(markdown):
        if token.type == "inline":
            children = (" " if child.type.endswith("break") else child.content for child in token.children or ())
            lines.append("".join(children))
        elif token.type in ("fence", "code_block"):
            lines.append(token.content)
    return "\n".join(lines)


def _token(stem: str, language: str) -> str:
    """A stem as the index has it: the language, so that no word is taken for another language's, and plain figures and letters, so that
    nothing of it means anything to the index."""
    return language + stem.encode(errors="replace").hex()


def _columns(section: str | None, heading: str, body: str, language: str) -> tuple[str, str, str, str]:
    """A passage as the columns of the index: title and what is known of it, or heading and body."""
    above, below = (" ".join(_token(word.stem, language) for word in words(text, language)) for text in (heading, body))
    return (above, below, "", "") if section is None else ("", "", above, below)


def _unpacked(packed: bytes) -> str:
    return zlib.decompress(packed).decode()


def _runs(piece: str, language: str) -> list[list[Word]]:
    """The words of a piece without spaces, Chinese ones that stand together as one."""
    runs: list[list[Word]] = []
    for word in words(piece, language):
        if runs and is_han(word.stem) and is_han(runs[-1][-1].stem) and word.start < runs[-1][-1].end:
            runs[-1].append(word)
        else:
            runs.append([word])
    return runs


def _together(run: Iterable[Word]) -> list[Term]:
    """What is sought for words that stand together. The last character of a Chinese word is in the pair before it; one that is all there
    is, may have others after it."""
    listed = list(run)
    if not listed:
        return []
    if len(listed) == 1:
        return [Term((listed[0].stem,), open=is_han(listed[0].stem))]
    inner = [
        word
        for word, before in zip(listed[1:], listed, strict=False)
        if not (is_han(word.stem) and len(word.stem) == 1 and word.start < before.end)
    ]
    return [Term((listed[0].stem, *(word.stem for word in inner)))]


def _excerpt(text: str, terms: list[Term], language: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """A stretch of the text with as many as possible of the things sought, and where they stand in it."""
    text = re.sub(r"\s+", " ", text).strip()
    listed = list(words(text, language))
    each = ((start, end, number) for number, term in enumerate(terms) for start, end in islice(term.places(listed), MOST_MATCHES))
    places = sorted(each)
    start = 0
    if places:
        start = max(places, key=lambda place: (len({n for a, _, n in places if place[0] <= a < place[0] + EXCERPT}), -place[0]))[0]
        start = 0 if start < EXCERPT // 4 else _space(text, start - EXCERPT // 4, start)
    end = len(text) if len(text) - start <= EXCERPT else _space(text, start + EXCERPT - 1, start + EXCERPT + 20)
    before, after = "… " if start else "", " …" if end < len(text) else ""
    matches: list[tuple[int, int]] = []
    for first, last in ((a - start + len(before), b - start + len(before)) for a, b, _ in places if start <= a and b <= end):
        if matches and first <= matches[-1][1]:
            matches[-1] = (matches[-1][0], max(last, matches[-1][1]))
        else:
            matches.append((first, last))
    return before + text[start:end] + after, tuple(matches[:MOST_MATCHES])


def _space(text: str, since: int, until: int) -> int:
    """The place after the first space between two places, or the first of them where there is none."""
    at = text.find(" ", since, until)
    return since if at < 0 else at + 1
