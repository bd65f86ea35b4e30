"""What is read as Markdown, and that nothing in it runs."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from press import markup
from tests.press.manuscripts import LANGUAGES, TEXTS, hostile
from tests.press.reading_html import Page


def types(tokens):
    return [token.type for token in tokens]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_in_each_language(language):
    page = Page(markup.html(TEXTS[language]))
    tags = [tag for tag, _ in page.elements]
    for tag, times in {"strong": 1, "em": 1, "h3": 1, "ol": 2, "ul": 1, "table": 1, "blockquote": 1, "code": 1, "section": 1}.items():
        assert tags.count(tag) == times, tag
    assert {"scope": "col", "class": "right"} in page.of("th")
    assert page.dangers == []


def test_headings_begin_at_the_third_level_and_skip_none():
    tokens = markup.parse("# One\n\n##### Two\n\n###### Three\n\n###### Four\n\n## Five")
    assert [token.tag for token in tokens if token.type == "heading_open"] == ["h3", "h4", "h5", "h6", "h3"]
    assert [token.tag for token in tokens if token.type == "heading_close"] == ["h3", "h4", "h5", "h6", "h3"]


def test_a_picture_becomes_its_description():
    html = markup.html("Before ![a *map* of [routes](http://e/r)^[by IOM]](http://e/p.png) after.")
    assert "Before a <em>map</em> of routes<sup" in html
    assert "by IOM" in html
    assert "p.png" not in html


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        "java&Tab;script:x",
        "data:text/html,x",
        "file:///etc/passwd",
        "vbscript:x",
        "ftp://e/x",
        "x:y",
    ],
)
def test_a_link_that_leads_elsewhere_is_no_link(address):
    assert "<a" not in markup.html(f"[x]({address})")
    assert "link_open" not in [child.type for token in markup.parse(f"[x](<{address}>)") for child in token.children or ()]


@pytest.mark.parametrize("address", ["http://e/x", "https://e/x?a=b:c", "mailto:a@b.c", "/documents/p1", "../p1", "#s1", "//e/x", "?q=a:b"])
def test_a_link_within_the_web_is_one(address):
    assert f'<a href="{address}"' in markup.html(f"[x]({address})")


def test_links_within_the_site_lead_on_from_elsewhere():
    html = markup.render(markup.parse("[a](/b) [c](#d) [e](http://f/)"), base="https://icat.example.org/documents/p1")
    assert [link["href"] for link in Page(html).of("a")] == ["https://icat.example.org/b", "#d", "http://f/"]


def test_notes_are_numbered_from_where_the_text_stands():
    tokens = markup.parse("a[^x] b^[second] c[^x]\n\n[^x]: first", 5)
    html = markup.render(tokens)
    assert [token.meta["id"] for token in tokens if token.type == "footnote_open"] == [4, 5]
    assert [link["href"] for link in Page(html).of("a") if link["role"] == "doc-noteref"] == ["#note-5", "#note-6", "#note-5"]
    assert [item["id"] for item in Page(html).of("li")] == ["note-5", "note-6"]
    assert '<ol start="5">' in html


def test_two_texts_on_a_page_do_not_share_anchors():
    one, other = (Page(markup.html(text)) for text in ("a^[b]", "c^[d]"))
    assert {a["id"] for _, a in one.elements if "id" in a}.isdisjoint({a["id"] for _, a in other.elements if "id" in a})
    assert markup.html("a^[b]") == markup.html("a^[b]")


def test_raw_html_is_text():
    assert markup.html("<b>x</b>\n\n<div>y</div>") == "<p>&lt;b&gt;x&lt;/b&gt;</p>\n<p>&lt;div&gt;y&lt;/div&gt;</p>\n"


@given(hostile)
@settings(max_examples=200, deadline=None)
def test_nothing_runs_or_loads_whatever_is_written(text):
    page = Page(markup.html(text))
    assert page.dangers == []
    targets = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    notes = [link for link in page.of("a") if link.get("role")]
    assert {link["href"].removeprefix("#") for link in notes if link["role"] == "doc-noteref"} <= targets


@given(st.text(max_size=200) | hostile)
@settings(max_examples=200, deadline=None)
def test_every_character_of_a_token_may_stand_in_xml(text):
    for token in markup.parse(text):
        for part in (token, *(token.children or ())):
            for words in (part.content, part.info, *map(str, part.attrs.values())):
                if part.type != "inline":
                    assert words == markup.writable(words)
