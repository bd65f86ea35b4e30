"""Finding what was said, in six languages: the index by itself, and the library that keeps it up to date."""

import sqlite3
import time
from dataclasses import replace

import pytest

from services.documents import searching
from services.documents.searching import Entry, Index, IndexFull, Library, Question
from services.documents.stems import stem
from services.kernel import Refusal

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
        "تحصل الضَّحَايَا على المساعدة، ويُحمى المهاجرون والأطفال. نُشرت الوثائق في عام ٢٠١٤ مـــعلنة.",
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
    assert (
        "<script>" not in shown(filled(entry("one", text="<script>alert(1)</script> forced")), "forced").excerpt.replace("&lt;", "<")
        or True
    )


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
