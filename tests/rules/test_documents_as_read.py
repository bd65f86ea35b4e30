"""Quotations as a person copies them from a page: what stands there is what the press shows, and where that stands in what was written."""

import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from press import markup
from services.documents.rules.anchors import Passages, plain
from services.documents.rules.as_read import as_read
from services.documents.rules.text import Section
from tests.press import texts


class Page(HTMLParser):
    """What a page shows of a text, and the parts that stand together in what was written: the text, and each of its notes."""

    def __init__(self, written: str) -> None:
        super().__init__()
        self.parts, self._back = [""], False
        self.feed(markup.html(written))

    def handle_starttag(self, tag, attrs):
        self._back = ("role", "doc-backlink") in attrs
        if tag == "section" or (tag == "li" and len(self.parts) > 1):
            self.parts.append("")

    def handle_endtag(self, tag):
        self._back = False

    def handle_data(self, data):
        self.parts[-1] += "" if self._back else data

    @property
    def shown(self) -> list[str]:
        return [words for part in self.parts if (words := plain(part))]


def section(written: str) -> Passages:
    return Passages(written, [Section("s1", "A heading", written)])


def quoted(written: str, words: str) -> list[str]:
    """The passages of a section that these words are of, as they stand in it."""
    text = plain(written)
    return [text[begin:end] for begin, end in section(written).said("s1", words).items()]


@pytest.mark.parametrize(
    ("written", "words", "passages"),
    [
        ("Demand **feeds** *it*.", "Demand feeds it.", ["Demand **feeds** *it*."]),
        ("Demand **feeds** *it*.", "feeds", ["feeds"]),
        (
            'See the [principles](https://a.org/p "P") and <https://b.org>.',
            "the principles and https://b.org",
            ['the [principles](https://a.org/p "P") and <https://b.org'],
        ),
        ("A [named][p] link, and [p].\n\n[p]: https://a.org", "named link, and p.", ["named][p] link, and [p]."]),
        ("States owe remedies[^a].\n\n[^a]: Article *6*.", "remedies1.", ["remedies[^a]."]),
        ("States owe remedies[^a].\n\n[^a]: Article *6*.", "remedies.", ["remedies[^a]."]),
        ("States owe remedies[^a].\n\n[^a]: Article *6*.", "Article 6.", ["Article *6*."]),
        ("States owe remedies^[Article *6*.] today.", "owe remedies1 today", ["owe remedies^[Article *6*.] today"]),
        ("1. one;\n2. two:\n   - *nested*,\n   - last.", "two: nested, last.", ["two: - *nested*, - last."]),
        ("> Whatever\n> their *status*.", "Whatever their status.", ["Whatever > their *status*."]),
        ("| a | **b** |\n| - | - |\n| c\\|d | e |", "b c|d e", ["b** | | - | - | | c\\|d | e"]),
        ("`a*b` 2\\*3 &amp; 5 < 6", "a*b 2*3 & 5 < 6", ["a*b` 2\\*3 &amp; 5 < 6"]),
        ("2*3*4 and a_b_c", "24", []),
        ("2 * 3 and a_b_c", "2 * 3 and a_b_c", ["2 * 3 and a_b_c"]),
        ("```\nx = *y*\n```", "x = *y*", ["x = *y*"]),
        ("### A *heading* ###\n\nWords.", "A heading Words.", ["A *heading* ### Words."]),
        ("Two\\\nlines, **and\nthree**", "Two lines, and three", ["Two\\ lines, **and three"]),
        ("**Demand** drives. Demand drives.", "Demand drives.", ["Demand** drives.", "Demand drives."]),
        ("**打击**人口[贩运](https://a.org)。", "打击人口贩运。", ["打击**人口[贩运](https://a.org)。"]),
        ("Demand feeds it.", "Demand  feeds\nit", ["Demand feeds it"]),
        ("Demand feeds it.", "Demand feed it", []),
        ("A [link](https://a.org/secret).", "secret", ["secret"]),
        ("", "x", []),
        ("***", "*", ["*", "*", "*"]),
    ],
)
def test_words_are_found_as_they_are_read_and_as_they_are_written(written, words, passages):
    assert quoted(written, words) == passages


@pytest.mark.parametrize("language", texts.WORDS)
def test_what_is_read_is_what_the_press_shows_in_every_language(language):
    written = texts.of(language)
    read = as_read(written, numbers=True)
    assert all(part in read.text for part in Page(written).shown)
    for at, one in enumerate(read.shown):
        assert read.text[at] == one.character
        if not one.character.isspace() and one.end == one.start + 1:
            assert written[one.start] == one.character or written[one.start] == "^" or one.character.isdigit()


written = st.one_of(texts.block, st.sampled_from(list(texts.WORDS)).map(texts.of))


@given(written, st.data())
def test_whatever_is_copied_from_a_page_is_found_in_the_section(written, data):
    parts = Page(written).shown
    if not parts:
        return
    words = data.draw(st.sampled_from(parts)).split()
    begin = data.draw(st.integers(0, len(words) - 1))
    copied = " ".join(words[begin : data.draw(st.integers(begin + 1, len(words)))])
    found = section(written).select("s1", data.draw(st.sampled_from([" ", "\n", "  \t"])).join(copied.split()))
    assert found is not None, copied
    assert plain(written)[found.start :].startswith(found.quotation), "it is kept as it is written"
    names = iter(re.findall(r"[^\W\d_]+", found.quotation))
    assert all(name in names for name in re.findall(r"[^\W\d_]+", copied)), "with all that was copied, in its order"


@given(written, st.data())
def test_what_stands_neither_on_the_page_nor_in_the_text_is_not_found(written, data):
    shown = [*Page(written).shown, as_read(written, numbers=False).text]
    words = data.draw(st.sampled_from(shown)).split() or ["word"]
    at = data.draw(st.integers(0, len(words) - 1))
    other = data.draw(st.sampled_from([[], ["never"], [words[at][:-1]], [words[at] + "s"], [words[-1 - at], words[at]]]))
    said = plain(" ".join([*words[max(at - 3, 0) : at], *other, *words[at + 1 : at + 4]]))
    there = any(said in one for one in (*shown, plain(written), as_read(written, numbers=True).text))
    assert bool(section(written).said("s1", said)) == (there and bool(said))


@pytest.mark.parametrize(
    "one", ["*a ", "a_ ", "[", "[a](", '](a "', "` `` ", "![", "^[", "[^", "> ", "- ", "|a", "| a | b |\n", "\\", "<a:", "[a]: x "]
)
def test_the_time_it_takes_grows_with_the_length_alone(one):
    def once(length: int) -> float:
        begun = time.process_time()
        as_read((one * length)[:length], numbers=True)
        return time.process_time() - begun

    def seconds(length: int) -> float:
        """Of processor time, the least of three: what the rest of the process leaves to collect falls into one of them."""
        return min(once(length) for _ in range(3))

    assert seconds(16_000) < 60 * max(seconds(2_000), 0.002), "eight times the length, and not sixty-four times the time"
