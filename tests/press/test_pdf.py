"""A text as PDF: tagged, in six languages, the same bytes for the same text, told page by page, and nothing fetched."""

import builtins
import io
import subprocess
import sys
import unicodedata

import pytest
from hypothesis import given, settings
from pypdf import PdfReader

from press import html, pdf
from tests.press.manuscripts import LANGUAGES, TEXTS, TITLES, hostile, manuscript
from tests.press.test_html import DRAFT

FONTS = {
    **dict.fromkeys(("en", "fr", "es", "ru"), ("Noto-Serif", "Noto-Sans")),
    "ar": ("Noto-Naskh-Arabic",),
    "zh": ("Noto-Serif-CJK-SC", "Noto-Sans-CJK-SC"),
}


def opened(of) -> PdfReader:
    return PdfReader(io.BytesIO(pdf.write(of)))


def kept(words: str) -> str:
    """Letters without what lies between them, and Arabic in its plain forms: lines and ligatures are the page's."""
    return "".join(unicodedata.normalize("NFKC", words).split())


def named(reader: PdfReader) -> set[str]:
    fonts = [font.get_object() for page in reader.pages for font in page["/Resources"]["/Font"].values()]
    return {font["/BaseFont"].partition("+")[2] for font in fonts}


def tags(node, found: list[str]) -> list[str]:
    """The kinds of all structure elements, in the order of reading."""
    node = node.get_object()
    if isinstance(node, list):
        for part in node:
            tags(part, found)
    elif isinstance(node, dict):
        found += [node["/S"]] if "/S" in node else []
        if "/K" in node:
            tags(node["/K"], found)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_tagged_pdf_in_each_language(language):
    reader = opened(manuscript(language))
    root = reader.trailer["/Root"]
    assert root["/Lang"] == language
    assert root["/MarkInfo"]["/Marked"]
    assert "pdfuaid:part" in root["/Metadata"].get_data().decode()
    assert reader.metadata.title == TITLES[language]
    assert [entry.title for entry in reader.outline if not isinstance(entry, list)] == [TITLES[language]]
    structure = tags(root["/StructTreeRoot"], [])
    assert [structure.count(tag) for tag in ("/H1", "/H2", "/H3", "/Table", "/BlockQuote")] == [1, 4, 2, 2, 2]
    assert {"/L", "/LI", "/Lbl", "/TH", "/TD", "/Link", "/P"} <= set(structure)
    assert any(font.startswith(FONTS[language]) for font in named(reader)), named(reader)
    assert not [font for font in named(reader) if not font.startswith("Noto")], "every sign has a font of the house"


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "ar"])
def test_its_words_can_be_read_out_again(language):
    said = kept("".join(page.extract_text() for page in opened(manuscript(language)).pages))
    assert kept(TITLES[language]) in said
    assert kept(TEXTS[language].partition("> ")[2].partition("\n")[0]) in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_draft_says_so_on_every_page(language):
    reader = opened(manuscript(language, *[TEXTS[language]] * 4, status="draft", number=None))
    assert len(reader.pages) > 1
    word = DRAFT[language].upper()
    assert [kept(page.extract_text()).count(word) for page in reader.pages] == [1 + (word == DRAFT[language])] + [1] * (
        len(reader.pages) - 1
    )
    assert word not in kept("".join(page.extract_text() for page in opened(manuscript(language)).pages))


def test_its_dates_are_those_of_the_text():
    reader = opened(manuscript())
    assert reader.metadata["/CreationDate"] == reader.metadata["/ModDate"] == "D:20161007120000Z"


def test_the_same_text_is_the_same_file_in_another_process():
    code = (
        "import sys; from press import pdf; from tests.press.manuscripts import manuscript; "
        "sys.stdout.buffer.write(pdf.write(manuscript('zh')))"
    )
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, timeout=120)
    assert other.stdout == pdf.write(manuscript("zh"))


def test_its_progress_is_told_and_never_taken_back():
    told: list[float] = []
    pdf.write(manuscript("en", *[TEXTS["en"]] * 12), told.append)
    assert told == sorted(told)
    assert (told[0], told[-1]) == (pdf.SET, 1.0)
    assert len(set(told)) > 4


@pytest.mark.parametrize("smuggled", ['<img src="http://127.0.0.1:9/x.png">', '<link rel="stylesheet" href="file:///etc/passwd">'])
def test_a_page_that_asks_for_anything_is_not_printed(smuggled):
    page = html.write(manuscript()).replace(b"<main>", f"<main>{smuggled}".encode())
    with pytest.raises(ValueError, match="a page asked for"):
        pdf.printed(page, "ltr")


def test_without_pango_it_says_what_to_install(monkeypatch):
    real = builtins.__import__

    def lacking(name, *rest):
        if name.startswith("weasyprint"):
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", lacking)
    with pytest.raises(pdf.Unavailable, match=r"apt-get install libpango.*HTML, DOCX and XML can"):
        pdf.write(manuscript())


@given(hostile)
@settings(max_examples=8, deadline=None)
def test_nothing_in_a_pdf_runs_whatever_is_written(text):
    reader = opened(manuscript("en", text, title=text))
    for page in reader.pages:
        for annotation in page.get("/Annots", ()):
            action = annotation.get_object().get("/A", {})
            assert action.get("/S", "/URI") in ("/URI", "/GoTo")
            assert str(action.get("/URI", "http:")).startswith(("http:", "https:", "mailto:"))
    assert not {"/OpenAction", "/AA", "/AcroForm"} & set(reader.trailer["/Root"])
    assert "/JavaScript" not in str(reader.trailer["/Root"].get("/Names", ""))
