"""A text as a page: whole in six languages, carrying everything with it, letting nothing in."""

import base64
import hashlib
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings

from press import html, words
from tests.press.manuscripts import DIGEST, LANGUAGES, TITLES, URL, hostile, manuscript
from tests.press.reading_html import Page

DRAFT = {"en": "Draft", "fr": "Projet", "es": "Proyecto", "ru": "Проект", "ar": "مشروع", "zh": "草案"}
KIND = {
    "en": "Issue paper No. 4 · 7 October 2016",
    "fr": "Document thématique nº 4 · 7 octobre 2016",
    "es": "Documento temático núm. 4 · 7 de octubre de 2016",
    "ru": "Тематический документ № 4 · 7 октября 2016 г.",
    "ar": "ورقة مواضيعية رقم 4 · 7 تشرين الأول/أكتوبر 2016",
    "zh": "专题文件第4号 · 2016年10月7日",
}


def written(*texts, language="en", **changes):
    return html.write(manuscript(language, *texts, **changes)).decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_in_each_language(language):
    page = Page(written(language=language))
    assert page.of("html") == [{"lang": language, "dir": "rtl" if language == "ar" else "ltr"}]
    assert KIND[language] in page.words
    assert page.words.count(TITLES[language]) == 1
    for said in (DIGEST, URL, "ILO · OHCHR", "ICAT, 2016"):
        assert said in page.words
    assert [tag for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)] == ["h1", "h2", "h3", "h2", "h3", "h2", "h2"]
    assert DRAFT[language] not in page.words
    assert page.dangers == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_draft_says_so(language):
    page = Page(written(language=language, status="draft", number=None))
    assert page.of("aside") == [{"class": "mark", "aria-label": DRAFT[language]}]
    assert page.words.count(DRAFT[language]) == 2


@pytest.mark.parametrize(
    ("known", "language", "said"),
    [
        ("2014", "en", "2014"),
        ("2014", "zh", "2014年"),
        ("2014-10", "ru", "октябрь 2014 г."),
        ("2014-10", "es", "octubre de 2014"),
        ("2014-10-01", "fr", "1er octobre 2014"),
        ("2014-02-01", "pt", "1 February 2014"),
    ],
)
def test_a_date_is_told_as_exactly_as_it_is_known(known, language, said):
    text = html.write(replace(manuscript("en", date=known), language=language)).decode()
    assert f" · {said}</p>" in text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "The Group, “Title”, Issue paper No. 4, 7 October 2016."),
        ("fr", "The Group, «\u00a0Title\u00a0», Document thématique nº 4, 7 octobre 2016."),
        ("ru", "The Group, «Title», Тематический документ № 4, 7 октября 2016 г."),
        ("ar", "The Group، «Title»، ورقة مواضيعية رقم 4، 7 تشرين الأول/أكتوبر 2016."),
        ("zh", "The Group，《Title》，专题文件第4号，2016年10月7日。"),
    ],
)
def test_a_text_is_quoted_as_its_language_does(language, said):
    assert words.cited("The Group", "Title", "issue_paper", 4, "2016-10-07", language) == said


def test_notes_are_numbered_through_the_whole_text_and_stand_at_its_end():
    page = Page(written("a^[first]", "none", "b[^x] c^[third]\n\n[^x]: second"))
    assert [item["id"] for item in page.of("li")] == ["note-1", "note-2", "note-3"]
    assert page.words.index("c3") < page.words.index("first") < page.words.index("second") < page.words.index("third")
    assert all(link["aria-label"] == "Back to the text" for link in page.of("a") if link.get("role") == "doc-backlink")


def test_a_long_text_has_contents_whose_links_lead_to_its_sections():
    assert not Page(written("a", "b")).of("nav")
    page = Page(written(*["a"] * html.LONG))
    ids = [section["id"] for section in page.of("section") if "id" in section]
    links = [link["href"].removeprefix("#") for link in page.of("a") if link["href"].startswith("#section")]
    assert links == ids == [f"section-s{at}" for at in range(html.LONG)]


def test_corrigenda_summary_occasion_and_the_language_of_the_original_are_shown():
    page = Page(written(language="fr", status="corrected", notes=("art. 6 <b>",), summary="Un.\n\nDeux.", occasion="Journée mondiale"))
    for said in ("Version corrigée", "Rectificatifs", "art. 6 <b>", "Un.", "Deux.", "Journée mondiale", "Original : anglais"):
        assert said in page.words


def test_the_policy_allows_the_page_its_own_style_and_nothing_else():
    text = written()
    style = re.search("<style>(.*?)</style>", text, re.DOTALL)[1]
    allowed = f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"
    assert f"default-src 'none'; style-src {allowed}" in html.POLICY
    assert {"http-equiv": "Content-Security-Policy", "content": html.POLICY} in Page(text).of("meta")
    assert "url(" not in style
    assert "@import" not in style


def test_a_column_stands_at_the_beginning_or_the_end_of_a_line_whichever_way_that_runs():
    text = written("| a | b |\n|:-|-:|\n| c | 1 |", language="ar")
    assert '<th scope="col" class="left">' in text
    assert "td.left { text-align: start; }" in text
    assert "td.right { text-align: end; }" in text


def test_long_words_of_a_table_may_break_and_references_to_characters_may_not():
    text = written(f"| a |\n|-|\n| {'x' * 40} &amp;&lt;{'&amp;' * 20} |\n\n{'y' * 40}")
    assert "xxxxxxxxxxxxxxxx<wbr>xxxxxxxxxxxxxxxx<wbr>xxxxxxxx &amp;&lt;&amp;" in text
    assert "y" * 40 in text


def test_the_same_text_is_the_same_page():
    assert html.write(manuscript("ar")) == html.write(manuscript("ar"))


@given(hostile, hostile)
@settings(max_examples=60, deadline=None)
def test_nothing_on_a_page_runs_or_loads_whatever_is_written(one, other):
    plain = {"title": one, "issuer": other, "citation": one, "summary": other, "occasion": one, "notes": (other,), "entities": (one,)}
    page = Page(written(one, other, **plain))
    assert page.dangers == []
    assert len(page.of("style")) == 1
    assert len(page.of("h1")) == bool(one)
