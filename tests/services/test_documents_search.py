"""Finding what was said, in six languages: the index by itself, and the library that keeps it up to date."""

import sqlite3
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from messaging.context import written
from services.documents import searching
from services.documents.searching import Entry, Index, IndexFull, Library, Question
from services.documents.stems import stem
from services.kernel import Composition, Membership, Refusal, Seat, Term, utc
from tests.services.room import MISSION, Room, focal, refusal

TEXTS = {
    "en": (
        "Preventing trafficking in persons in supply chains",
        "Due diligence and **public** procurement",
        "Companies whose suppliers exploited workers were asked by the organisation what they knew. Children were among the victims.",
    ),
    "fr": (
        "Prévenir la traite des personnes dans les chaînes d'approvisionnement",
        "Diligence raisonnable",
        "Les victimes protégées par l'État ont reçu une aide. Les travaux des enfants sont interdits, où qu'ils soient.",
    ),
    "es": (
        "Prevenir la trata de personas en las cadenas de suministro",
        "Debida diligencia",
        "Las víctimas reciben protección; los niños, además, educación.",
    ),
    "ru": (
        "Предупреждение торговли людьми в цепочках поставок",
        "Должная осмотрительность",
        "Пострадавшим оказывается помощь; ребёнок имеет право на защиту. О торговле людьми говорили с жертвами.",
    ),
    "ar": (
        "منع الاتجار بالأشخاص في سلاسل الإمداد",
        "العناية الواجبة",
        "تحصل الضَّحَايَا على المساعدة، ويُحمى المهاجرون والأطفال. نُشرت الوثائق في عام ٢٠١٤ مـــعلنة وفقا لـالقانون.",
    ),
    "zh": ("防止供应链中的人口贩运", "尽职调查", "受害者得到援助，儿童受到保护。打击人口贩运需要各机构合作。"),
}


def entry(
    document: str, language: str = "en", text: str = "", title: str = "A title", kind: str = "issue_paper", about: str = "", section="One"
):
    return Entry(document, language, kind, f"{hash(text) & 0xFFFF:064x}", title, about, lambda: [("s1", section, text)])


def paper(language: str) -> Entry:
    title, heading, text = TEXTS[language]
    return entry("paper", language, text, title, section=heading)


def filled(*entries: Entry) -> Index:
    index = Index()
    for document in dict.fromkeys(one.document for one in entries):
        own = [one for one in entries if one.document == document]
        index.refresh(document, own, {one.language: one.sections() for one in own})
    return index


def found(index: Index, asked: str, **more) -> list[tuple[str, str]]:
    return [(one.document, one.language) for one in index.rank(Question(asked), **more)]


def shown(index: Index, asked: str, **more) -> searching.Hit:
    question = Question(asked)
    hit = index.show(index.rank(question, **more)[0], question)
    assert hit is not None
    return hit


def marked(hit: searching.Hit) -> list[str]:
    return [hit.excerpt[start:end] for start, end in hit.matches]


@pytest.fixture(scope="module")
def library() -> Index:
    return filled(*(paper(language) for language in TEXTS), entry("other", text="Nothing of that."), entry("other", "zh", "运人。"))


@pytest.mark.parametrize(
    ("language", "asked", "matches"),
    [
        ("en", "exploiting supplier", ["suppliers exploited"]),
        ("en", "child victim", ["Children", "victims"]),
        ("en", "ORGANIZATION", ["organisation"]),
        ("en", '"among the victims"', ["among the victims"]),
        ("fr", "protégée", ["protégées"]),
        ("fr", "protegees victime", ["victimes", "protégées"]),
        ("fr", "travail", ["travaux"]),
        ("fr", "l’Etat", ["État"]),
        ("es", "proteccion niño", ["protección", "niños"]),
        ("es", "VÍCTIMA", ["víctimas"]),
        ("ru", "жертва", ["жертвами"]),
        ("ru", "торговля людьми", ["торговле людьми"]),
        ("ru", "торговлей людям", ["торговле", "людьми"]),
        ("ru", "ребенок права", ["ребёнок", "право"]),
        ("ar", "ضحية", ["الضَّحَايَا"]),
        ("ar", "ضحايا", ["الضَّحَايَا"]),
        ("ar", "الضحيّة مساعدة", ["الضَّحَايَا", "المساعدة"]),
        ("ar", "مهاجرين", ["المهاجرون"]),
        ("ar", "طفل", ["والأطفال"]),
        ("ar", "وثيقة", ["الوثائق"]),
        ("ar", "قانون", ["لـالقانون"]),
        ("ar", "معلنة", ["مـــعلنة"]),
        ("ar", "2014", ["٢٠١٤"]),
        ("zh", "人口贩运", ["人口贩运"]),
        ("zh", "受害者 合作", ["受害者", "合作"]),
        ("zh", "儿", ["儿"]),
        ("zh", "作", ["作"]),
    ],
)
def test_a_word_is_found_in_its_other_forms_and_marked_where_it_stands(library, language, asked, matches):
    hit = shown(library, asked, language=language)
    assert (hit.document, hit.language, hit.section) == ("paper", language, "s1")
    joined = "|".join(marked(hit))
    assert all(match in joined for one in matches for match in one.split()), joined


def test_forms_of_a_word_meet_and_different_words_do_not():
    for language, forms in {
        "en": ["organise", "organized", "organizing"],
        "fr": ["protégé", "protégées", "protege", "PROTÉGÉS"],
        "es": ["niño", "niños", "nino", "Niñas"],
        "ru": ["жертва", "жертвы", "жертвам", "жертвами", "жертвою"],
        "ar": ["ضحية", "الضحية", "ضحايا", "الضحايا", "والضحايا", "للضحايا", "ضَحَايا"],
    }.items():
        assert len({stem(form, language) for form in forms}) == 1, [stem(form, language) for form in forms]
    assert stem("trafficking", "en") != stem("traffic", "en")
    assert stem("مهاجر", "ar") != stem("عامل", "ar")


def test_words_are_stemmed_in_many_threads_as_in_one():
    listed = [
        f"{start}{end}"
        for start in ("trafficking", "supplies", "organiz", "protect")
        for end in ("", "ing", "ers", "ation", "able", "ness")
    ]
    alone = [stem.__wrapped__(word, "en") for word in listed]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(6) as many:
            rounds = list(many.map(lambda _: [stem.__wrapped__(word, "en") for word in listed], range(40)))
    finally:
        sys.setswitchinterval(before)
    assert all(one == alone for one in rounds)


def test_every_language_is_asked_unless_one_is_named(library):
    assert found(library, "2014 وثائق") == [("paper", "ar")]
    assert {language for _, language in found(library, "diligence")} == {"en", "fr"}
    assert found(library, "diligence", language="fr") == [("paper", "fr")]
    assert found(library, "diligence", language="zh") == []


def test_all_words_are_sought_wherever_they_stand_in_the_text(library):
    assert found(library, "procurement chains children", language="en") == [("paper", "en")]
    assert found(library, "procurement chains zebras", language="en") == []
    index = filled(entry("one", text="Children", title="Chains", about="Procurement"), entry("two", text="Children", title="Chains"))
    assert found(index, "procurement chains children") == [("one", "en")]


def test_words_in_quotes_stand_together_little_ones_too(library):
    assert found(library, '"trafficking in persons"', language="en")
    assert not found(library, '"trafficking persons"', language="en")
    assert not found(library, '"persons in trafficking"', language="en")
    assert found(library, "persons of trafficking", language="en"), "a little word asks for nothing"
    assert found(library, "the", language="en"), "unless there is no other"
    assert found(library, "« traite des personnes »", language="fr")
    assert not found(library, "口人")


def test_the_title_weighs_more_than_the_text_and_kinds_are_kept_apart():
    index = filled(
        entry("long", text="labour " + "and other words " * 50, title="On money"),
        entry("titled", text="Something else " * 20, title="On labour", kind="information_note"),
    )
    assert found(index, "labour")[0] == ("titled", "en")
    assert found(index, "labour", kind="issue_paper") == [("long", "en")]
    hit = shown(index, "labour", kind="information_note")
    assert (hit.title, hit.section, hit.heading) == ("On labour", None, None)


def test_an_excerpt_is_plain_text_around_the_best_place():
    words = "Nothing is said here. " * 60
    index = filled(entry("one", text=f"{words}\n\n| a | b |\n|---|---|\n| **Forced** [labour](https://example.org) | `x` |\n\n{words}"))
    hit = shown(index, "forced labour")
    assert marked(hit) == ["Forced", "labour"]
    assert "**" not in hit.excerpt
    assert "example.org" not in hit.excerpt
    assert hit.excerpt.startswith("… ")
    assert hit.excerpt.endswith(" …")
    assert len(hit.excerpt) < 340
    hostile = shown(filled(entry("one", text="<script>alert(1)</script> forced")), "forced")
    assert hostile.excerpt == "<script>alert(1)</script> forced", "it is text, which whoever shows it escapes"


def test_an_excerpt_shows_what_matched_in_a_heading_or_a_title_alone():
    index = filled(entry("one", text="Nothing is said here.", title="On zebras", about="Of animals"), entry("two", title="On zebras"))
    hit = shown(index, "animals zebras")
    assert (hit.section, marked(hit), hit.excerpt) == (None, ["animals"], "Of animals")
    hit = shown(index, "zebra")
    assert (marked(hit), hit.excerpt) == (["zebras"], {"one": "On zebras — Of animals", "two": "On zebras"}[hit.document])
    headed = Entry("three", "en", "issue_paper", "d", "A title", "", lambda: [("s1", "Forced labour", "It is *said* here.")])
    hit = shown(filled(headed), "labour")
    assert (hit.section, hit.heading, marked(hit), hit.excerpt) == ("s1", "Forced labour", ["labour"], "Forced labour — It is said here.")


@pytest.mark.parametrize(
    "asked",
    [
        'child" OR "nothing',
        "title: child",
        "child AND NOT zebra",
        "NEAR(child victim, 3)",
        "child*",
        "^child",
        "-zebra child",
        "{title about}: child",
        "'; DROP TABLE texts; --child",
        'child""""',
        "child\x00",
        "child \ud800",
        "a'b(c)d\"e child",
        "%child_",
        "0x1F child",
    ],
)
def test_nothing_of_a_question_is_a_command(library, asked):
    """It is words, whatever signs stand between them; and the index is whole afterwards."""
    assert found(library, asked) in ([], [("paper", "en")])
    assert found(library, "children") == [("paper", "en")]


def test_signs_between_words_ask_for_nothing_and_words_of_a_command_are_words(library):
    assert found(library, "child* ^victim", language="en") == [("paper", "en")]
    assert found(library, "child AND zebra", language="en") == []
    assert found(library, "child NOT victim", language="en") == [], "'not' is a word, which stands nowhere in it"


@pytest.mark.parametrize(
    ("asked", "rule"),
    [("", "search-words"), ("  \t", "search-words"), ('"-?!"', "search-words"), ("a" * 301, "search-length"), ("x y z " * 9, "")],
)
def test_a_question_is_some_words_and_not_many(asked, rule):
    if not rule:
        assert len(Question(asked).terms("en")) == 3
        return
    with pytest.raises(Refusal) as told:
        Question(asked)
    assert (told.value.kind, told.value.field, told.value.rule) == ("invalid", "words", rule)
    assert told.value.accepted


def test_more_words_than_anyone_seeks_are_refused():
    with pytest.raises(Refusal, match="too long"):
        Question(" ".join(f"w{n}" for n in range(17)))


def test_a_text_takes_the_place_of_the_one_before():
    first = entry("paper", text="Before the flood", title="Old")
    index = filled(first, entry("paper", "fr", "Avant", "Ancien"))
    second = entry("paper", text="After the flood", title="Old")
    question = Question("before")
    (before,) = index.rank(question)
    index.refresh("paper", [second], {"en": second.sections()})
    assert found(index, "before") == found(index, "avant") == []
    assert found(index, "after") == [("paper", "en")]
    assert index.show(before, question) is None
    index.refresh("paper", [], {})
    assert found(index, "flood") == found(index, "old") == []


def test_what_has_not_changed_is_not_read_again():
    index, one = filled(paper("en")), paper("en")
    assert index.unknown([one]) == []
    index.refresh("paper", [one], {})
    assert index.unknown([replace(one, about="New themes"), replace(one, kind="information_note")])
    assert found(index, "supplier")


def test_an_index_is_bounded_and_whole_when_it_is_full():
    index = Index(largest=200_000)
    small = entry("small", text="a few words")
    index.refresh("small", [small], {"en": small.sections()})
    large = entry("large", text=" ".join(f"word{n:x}" for n in range(20_000)))
    with pytest.raises(IndexFull):
        index.refresh("large", [large], {"en": large.sections()})
    assert found(index, "few words") == [("small", "en")]
    assert found(index, "word1") == []


def test_a_search_that_takes_too_long_is_refused(monkeypatch):
    index = filled(*(entry(f"d{n}", text="common words " * 30) for n in range(400)))
    monkeypatch.setattr(searching, "SECONDS", -1.0)
    with pytest.raises(Refusal) as told:
        index.rank(Question("common words"))
    assert (told.value.kind, told.value.rule) == ("unavailable", "search-time")
    monkeypatch.undo()
    assert len(index.rank(Question("common words"))) == 400


def test_a_paper_of_a_hundred_pages_is_taken_in_and_asked_within_moments():
    text = " ".join(f"word{n % 5000:x} trafficking" for n in range(150))
    sections = [(f"s{n}", f"Heading {n}", text) for n in range(1, 401)]
    whole = Entry("long", "en", "issue_paper", "0" * 64, "Long", "", lambda: sections)
    index, began = Index(), time.monotonic()
    index.refresh("long", [whole], {"en": sections})
    assert time.monotonic() - began < 20
    began = time.monotonic()
    assert shown(index, "trafficking word7").document == "long"
    assert time.monotonic() - began < 1


# The library ------------------------------------------------------------------------------------------------------------------------------


class Shelf:
    """A source whose documents a test sets."""

    def __init__(self) -> None:
        self.held: dict[str, tuple[int, list[Entry], list[Entry]]] = {}
        self.read: list[str] = []

    def put(self, document: str, public: str = "", draft: str = "") -> None:
        version = self.held.get(document, (0, [], []))[0] + 1
        self.held[document] = (version, [entry(document, text=public)] * bool(public), [entry(document, text=draft)] * bool(draft))

    def versions(self) -> dict[str, int]:
        return {document: version for document, (version, _, _) in self.held.items()}

    def entries(self, document: str) -> tuple[list[Entry], list[Entry]]:
        self.read.append(document)
        return self.held[document][1:]


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def everything(_: searching.Ranked) -> bool:
    return True


def names(library: Library, asked: str, **more) -> list[str]:
    hits, _ = library.search(asked, **({"drafts": True, "may_see": everything} | more))
    return [hit.document for hit in hits]


def test_a_question_from_outside_is_answered_from_what_is_public_alone(shelf):
    shelf.put("open", public="A word on slavery")
    shelf.put("sealed", draft="A word on slavery, under embargo")
    library = Library(shelf)
    asked_of: list[str] = []

    def ask(one: searching.Ranked) -> bool:
        asked_of.append(one.document)
        return True

    assert names(library, "slavery", drafts=False, may_see=ask) == asked_of == ["open"]
    assert sorted(names(library, "slavery")) == ["open", "sealed"]


def test_each_text_is_asked_for_before_it_is_shown(shelf):
    shelf.put("one", public="slavery")
    shelf.put("two", public="slavery")
    library = Library(shelf)
    seen: list[str] = []
    assert names(library, "slavery", may_see=lambda one: seen.append(one.digest) or one.document == "two") == ["two"]
    assert len(seen) == 2


def test_a_search_finds_what_was_changed_a_moment_before_and_reads_nothing_else_again(shelf):
    shelf.put("one", draft="the first words")
    shelf.put("two", public="other things")
    library = Library(shelf)
    assert names(library, "first") == ["one"]
    shelf.put("one", public="the second words")
    shelf.read.clear()
    assert names(library, "first") == []
    assert names(library, "second", drafts=False) == ["one"]
    assert shelf.read == ["one"]


def test_a_document_that_is_public_and_drafted_anew_is_found_once(shelf):
    shelf.put("one", public="words on slavery", draft="more words on slavery")
    assert names(Library(shelf), "slavery") == ["one"]


def test_of_a_document_in_several_languages_the_readers_is_shown_if_it_matches(shelf):
    texts = {"en": "ICAT on slavery", "fr": "L’ICAT sur l’esclavage, ICAT, ICAT", "es": "ICAT"}
    shelf.held["one"] = (1, [entry("one", language, text) for language, text in texts.items()], [])
    library = Library(shelf)

    def language(asked: str, prefer: str, may_see=everything) -> str:
        ((hit,), more) = library.search(asked, drafts=False, may_see=may_see, prefer=prefer)
        assert not more
        return hit.language

    assert [language("ICAT", prefer) for prefer in texts] == ["en", "fr", "es"]
    assert language("ICAT", "ru") in texts
    assert language("slavery", "fr") == "en", "where nothing of it stands in the reader's language, the one that matched"
    assert language("ICAT", "fr", lambda one: one.language != "fr") in ("en", "es"), "nor is it shown what may not be seen"


def test_what_is_found_comes_in_pages(shelf):
    for n in range(7):
        shelf.put(f"d{n}", public="slavery")
    library = Library(shelf)
    pages = [library.search("slavery", drafts=False, may_see=lambda one: one.document != "d3", limit=2, offset=at) for at in (0, 2, 4, 6)]
    assert [hit.document for hits, _ in pages for hit in hits] == ["d0", "d1", "d2", "d4", "d5", "d6"]
    assert [more for _, more in pages] == [True, True, False, False]


def test_what_finds_no_room_is_logged_and_holds_up_nothing(shelf, caplog):
    library = Library(shelf)
    library.public = Index(largest=200_000)
    shelf.put("large", public=" ".join(f"word{n:x}" for n in range(20_000)))
    shelf.put("small", public="a few words")
    assert names(library, "few", drafts=False) == ["small"]
    assert "large is not found" in caplog.text


def test_a_search_waits_its_turn_a_bounded_time(shelf, monkeypatch):
    monkeypatch.setattr(searching, "PATIENCE", 0.05)
    library = Library(shelf)
    with library._my_turn(), pytest.raises(Refusal) as told:
        library.search("slavery", drafts=False, may_see=everything)
    assert (told.value.kind, told.value.rule) == ("unavailable", "search-busy")


def test_the_index_of_this_python_can_search_full_texts():
    assert ("ENABLE_FTS5",) in sqlite3.connect(":memory:").execute("PRAGMA compile_options").fetchall()


# The service ------------------------------------------------------------------------------------------------------------------------------

SIX = ["ILO", "IOM", "OHCHR", "UNHCR", "UNICEF", "UNODC"]
GROUP = Composition(
    memberships=[*(Membership(code, utc(2010)) for code in SIX), Membership("UNDP", utc(2010), utc(2014))],
    seats=[Seat(code, utc(2010)) for code in SIX],
    terms={"2014": Term(2014, ["IOM"], "begun")},
)
NOW, DAY = utc(2014, 3, 3, 9), timedelta(days=1)
CHAIR, LEAD, LEFT = focal("IOM"), focal("OHCHR"), focal("UNDP")


class Reading(Room):
    """The room of documents, and who finds what in it."""

    def drafted(self, text: str, kind: str = "information_note", **more) -> str:
        document = self("propose", LEAD, kind=kind, title="A title", lead="OHCHR", **more)["id"]
        self.save(document, 0, text)
        return document

    def save(self, document: str, base: int, text: str) -> None:
        self("save_revision", LEAD, document=document, base=base, sections=[{"heading": "One", "text": text}], summary="A summary")

    def cleared(self, document: str) -> None:
        digest = self("open_clearance", CHAIR, document=document, by="express")["digest"]
        for entity in SIX:
            self("take_position", focal(entity), document=document, digest=digest, word="endorse")

    def published(self, text: str) -> str:
        document = self.drafted(text)
        self.cleared(document)
        self("publish", CHAIR, document=document, at=NOW + DAY)
        return document

    def found(self, words: str, by=MISSION, at: datetime = NOW + DAY, **more) -> list[str]:
        return [item["document"] for item in self("search", by, at=at, words=words, **more)["items"]]


@pytest.fixture(scope="module")
def reading(house, eventually) -> Iterator[Reading]:
    with Reading(house, eventually, "documents", at=NOW).alone() as room:
        room.seat(GROUP)
        yield room


def test_a_draft_is_found_inside_and_its_publication_by_everyone(reading):
    note = reading.drafted("A word on **debt bondage** in fisheries.")
    assert reading.found("fishery debts", LEAD) == reading.found("debt bondage fisheries", CHAIR) == [note]
    assert reading.found("bondage") == reading.found("bondage", LEFT) == []
    reading.cleared(note)
    reading("publish", CHAIR, document=note, at=NOW + DAY)
    (item,) = reading("search", MISSION, at=NOW + DAY, words="debt bondage")["items"]
    assert (item["document"], item["state"], item["section_id"], item["heading"]) == (note, "published", "s1", "One")
    assert item["excerpt"] == "A word on debt bondage in fisheries."
    assert [item["excerpt"][one["start"] : one["end"]] for one in item["matches"]] == ["debt", "bondage"]
    assert reading.found("bondage", at=NOW) == [], "as of an instant before, it was not public"
    assert reading.found("bondage", LEAD, at=NOW) == [note]


def test_a_statement_is_found_by_nobody_outside_before_its_instant(reading):
    issue_at = utc(2014, 7, 30)
    statement = reading.drafted("Our word on orphanages.", "joint_statement", occasion="World Day", issue_at=written(issue_at))
    reading.cleared(statement)
    assert reading.found("orphanage", at=issue_at - timedelta(seconds=1)) == []
    assert reading.found("orphanage", LEAD) == [statement]
    reading("tick", to=written(issue_at), at=issue_at)
    assert reading.found("orphanages", at=issue_at) == [statement]
    assert reading.found("orphanages", at=issue_at - timedelta(seconds=1)) == []


def test_what_a_corrigendum_took_away_is_found_no_more_outside(reading):
    note = reading.published("The year is eighteenhundred.")
    assert reading.found("eighteenhundred") == [note]
    corrected = [{"heading": "One", "text": "The year is nineteenhundred."}]
    reading("issue_corrigendum", CHAIR, document=note, base=1, sections=corrected, note="The year", at=NOW + 2 * DAY)
    assert reading.found("eighteenhundred", at=NOW + 2 * DAY) == []
    assert reading.found("nineteenhundred", at=NOW + 2 * DAY) == [note]
    assert reading.found("nineteenhundred", at=NOW + DAY) == [], "as of before it was corrected"


def test_a_translation_is_found_outside_once_it_is_public(reading):
    note = reading.published("Words on begging.")
    section = {"id": "s1", "heading": "Un", "text": "Des mots sur la mendicité forcée."}
    said = {"document": note, "language": "fr", "revision": 1, "title": "Un titre", "sections": [section], "summary": "Première"}
    reading("save_translation", LEAD, base=0, at=NOW + DAY, **said)
    assert reading.found("mendicité") == []
    (item,) = reading("search", LEAD, at=NOW + DAY, words="mendicite")["items"]
    assert (item["document"], item["url"]) == (note, f"/documents/{note}/languages/fr")
    reading("publish_translation", CHAIR, document=note, language="fr", at=NOW + 2 * DAY)
    (item,) = reading("search", MISSION, at=NOW + 2 * DAY, words="mendicites forcées")["items"]
    assert (item["language"], item["title"], item["number"]) == ("fr", "Un titre", None)
    assert item["url"] == f"/documents/{note}?language=fr", "it leads to the text in which it was found"
    assert reading.found("begging", language="fr") == []


def test_a_new_copy_of_the_service_finds_all_there_is_and_what_the_other_changes(reading, eventually):
    note = reading.published("Words on quarries.")
    with reading.stopped():
        pass
    assert reading.found("quarry") == [note]
    with reading.second_copy(ICAT_REHEARSAL="1"):
        eventually(lambda: reading.copies() == 2)
        draft = reading.drafted("Words on brick kilns.")
        for text, words in (("Words on brick ovens.", "oven"), ("Words on brick hearths.", "hearth"), ("Words on brick stoves.", "stove")):
            base = reading("get_document", LEAD, document=draft)["revision"]
            reading.save(draft, base, text)
            assert [reading.found(words, LEAD) for _ in range(4)] == [[draft]] * 4, "whichever of the two answers"
    eventually(lambda: reading.copies() == 1)


def test_what_is_found_over_the_wire_comes_in_pages(reading):
    notes = {reading.published(f"Words on pearls, number {n}.") for n in range(5)}
    first = reading("search", MISSION, at=NOW + DAY, words="pearl", limit=2)
    second = reading("search", MISSION, at=NOW + DAY, words="pearl", limit=2, after=first["next"])
    third = reading("search", MISSION, at=NOW + DAY, words="pearl", limit=2, after=second["next"])
    assert {item["document"] for page in (first, second, third) for item in page["items"]} == notes
    assert third["next"] is None
    for cursor in ("x", "-1", "999999", "1e3"):
        assert refusal(lambda c=cursor: reading("search", MISSION, words="pearl", after=c)).rule == "cursor"
    assert refusal(lambda: reading("search", MISSION, words="...")).field == "words"
