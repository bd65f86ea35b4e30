"""A text that comes in as a file: the service hears sections, the reader is told what was not understood."""

import re
from pathlib import Path

import pytest

from gateway.forms import text_import
from press.package import packed
from press.reading import Note
from services.kernel.refusal import Refusal

MARKDOWN = b"# Title\n\n## One\n\nText <b>bold</b>.\n\n## Two\n\nEnd."
SECTIONS = [{"heading": "One", "text": "Text <b>bold</b>."}, {"heading": "Two", "text": "End."}]


def asked(raw: bytes, language: str = "en", *, check: bool = False):
    """What the service hears of a file."""
    heard = []
    text_import.take(raw, {"document": "paper", "base": 3}, language, check=check, ask=lambda *said: heard.append(said))
    return heard[0]


def docx() -> bytes:
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    relations = f'<Relationships><Relationship Id="a" Type="{office}/officeDocument" Target="document.xml"/></Relationships>'
    body = f"<w:document {space}><w:body><w:p><w:r><w:t>Words</w:t></w:r></w:p></w:body></w:document>"
    return packed({"_rels/.rels": relations.encode(), "document.xml": body.encode()})


def test_markdown_is_heard_as_sections_and_notes():
    name, payload = asked(MARKDOWN)
    assert name == "import_text"
    assert payload == {
        "document": "paper",
        "base": 3,
        "summary": "Read in from Markdown",
        "title": "Title",
        "sections": SECTIONS,
        "notes": [{"where": "One", "what": "HTML, kept as plain text (2): “<b>”"}],
    }
    name, payload = asked(MARKDOWN, "fr", check=True)
    assert (name, "summary" in payload) == ("check_text", False)
    assert asked(MARKDOWN, "fr")[1]["summary"] == "Importé d’un texte en Markdown"
    assert asked(MARKDOWN, "fr")[1]["notes"][0]["what"] == "HTML, gardé comme simple texte (2) : « <b> »"


def test_a_document_is_known_by_its_bytes():
    _, payload = asked(docx())
    assert payload["title"] is None
    assert payload["sections"] == [{"heading": "Text", "text": "Words"}]
    assert payload["summary"] == "Read in from a DOCX document"


@pytest.mark.parametrize(
    ("raw", "kind", "rule"),
    [
        (b"\xff\xff", "malformed", "file-not-a-document"),
        (b"PK\x03\x04", "malformed", "file-not-a-document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "malformed", "file-encrypted"),
        (packed({"word/vbaProject.bin": b""}), "malformed", "file-macros"),
        (packed({"a": bytes(80 * 1024 * 1024)}), "too_large", "file-too-much"),
        (packed({"_rels/.rels": b"<!DOCTYPE a []><a/>"}), "malformed", "file-entities"),
    ],
)
def test_what_cannot_be_read_is_refused_and_asks_nobody(raw, kind, rule):
    with pytest.raises(Refusal) as refused:
        text_import.take(raw, {}, "fr", check=False, ask=lambda *_: pytest.fail("nobody is asked"))
    assert (refused.value.kind, refused.value.rule, refused.value.field) == (kind, rule, "file")


def test_all_that_is_told_has_words():
    said = "".join(path.read_text(encoding="utf-8") for path in Path("press/reading").glob("*.py"))
    kinds = set(re.findall(r'(?:notes\.add|_note)\(\s*"([a-z-]+)"', said))
    assert kinds <= set(text_import._NOTES)
    for kind in text_import._NOTES:
        assert f'"{kind}"' in said, kind
        assert text_import.told(Note("", kind), "en") != text_import.told(Note("", kind), "fr")
