"""DOCX and Markdown that come in: read as they are meant, told where not, and refused at little cost."""

import difflib
import io
import time
import tracemalloc
import zipfile

import docx as word
import pytest
from docx.enum.text import WD_COLOR_INDEX
from hypothesis import given, settings
from hypothesis import strategies as st

from press import docx, markup, reading
from press.manuscript import Section
from press.package import packed
from press.reading import Note, Unreadable, marking
from press.reading.marking import Span
from tests.press import texts
from tests.press.texts import manuscript

SPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
)


def body(inner: str, **parts: str) -> bytes:
    """A document of this body and these parts, as another program might write it."""
    kinds = ["styles", "numbering", "footnotes", "endnotes"]
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relations = "".join(f'<Relationship Id="{kind}" Type="{office}/{kind}" Target="{kind}.xml"/>' for kind in kinds if kind in parts)
    links = "".join(f'<Relationship Id="{key}" Type="x/hyperlink" Target="{url}" TargetMode="External"/>' for key, url in LINKS.items())
    made = {
        "_rels/.rels": f'<Relationships><Relationship Id="a" Type="{office}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f"<Relationships>{relations}{links}</Relationships>",
        "word/document.xml": f"<w:document {SPACES}><w:body>{inner}</w:body></w:document>",
        **{f"word/{kind}.xml": f"<w:{kind} {SPACES}>{content}</w:{kind}>" for kind, content in parts.items()},
    }
    return packed({name: content.encode() for name, content in made.items()})


LINKS = {"good": "https://example.org/a_(b)", "bad": "javascript:alert(1)", "file": "file:///etc/passwd"}
STYLES = "".join(
    f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val="{name}"/>{rest}</w:style>'
    for key, name, rest in (
        ("Titre1", "heading 1", ""),
        ("Titre2", "heading 2", ""),
        ("Titre4", "heading 4", ""),
        ("T", "Title", ""),
        ("Own", "House Style", '<w:basedOn w:val="N"/>'),
        ("N", "Normal", ""),
        ("Sub", "My Chapter", '<w:basedOn w:val="Titre1"/>'),
        ("TOC1", "toc 1", ""),
    )
)


def p(content: str, style: str = "", rest: str = "") -> str:
    style = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:p><w:pPr>{style}{rest}</w:pPr>{content}</w:p>"


def r(text: str, look: str = "") -> str:
    return f'<w:r><w:rPr>{look}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def markdown(inner: str, **parts: str) -> str:
    """The one section of a document of this body."""
    ((_, text),) = reading.read_docx(body(inner, **parts)).sections
    return text


def noted(read: reading.Reading) -> set[tuple[str, str]]:
    return {(note.where, note.what) for note in read.notes}


# There and back


@pytest.mark.parametrize("language", texts.WORDS)
def test_what_was_set_is_read_back_as_it_was(language):
    text = texts.of(language)
    read = reading.read_docx(docx.write(manuscript(text, "Second.", language=language)))
    assert read.title == manuscript("").title
    assert [heading for heading, _ in read.sections] == ["Section 1", "Section 2"]
    assert _shown(read.sections[0][1]) == _shown(text)
    assert {note.what for note in read.notes} == {"imprint", "header"}


def _shown(text: str) -> str:
    """A text as HTML, whatever its notes are called."""
    return markup.render(markup.parse(text), "")


@settings(max_examples=40, deadline=None)
@given(texts.blocks)
def test_any_text_that_was_set_is_read_back_as_it_was(blocks):
    # What stands side by side and is of one kind is one in Word: lists of one kind, quotations, code.
    text = "\n\nBetween.\n\n".join(blocks)
    read = reading.read_docx(docx.write(manuscript(text)))
    again = read.sections[0][1]
    assert _shown(again) == _shown(text)
    twice = reading.read_docx(docx.write(manuscript(again)))
    assert twice.sections[0][1] == again, "what is read is written in one way"


def test_notes_of_several_sections_are_told_apart():
    read = reading.read_docx(docx.write(manuscript("One[^1].\n\n[^1]: First.", "Two[^1].\n\n[^1]: Second.")))
    assert [text for _, text in read.sections] == ["One[^1].\n\n[^1]: First.", "Two[^2].\n\n[^2]: Second."]


def test_a_redline_is_read_as_the_revised_text():
    def compare(left, right):
        return difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes()

    base = manuscript(texts.FULL, "Gone.")
    revised = manuscript(texts.FULL.replace("two", "deux").replace("| a\\|b | 2 |  |\n", "").replace("Another", "Other"), "Text.")
    revised = manuscript(sections=(revised.sections[0], Section("s7", "New", "Text.")))
    read = reading.read_docx(docx.redline(base, revised, compare))
    assert [heading for heading, _ in read.sections] == ["Section 1", "New"]
    assert _shown(read.sections[0][1]) == _shown(revised.sections[0].text)
    assert {"insertion", "deletion"} <= {note.what for note in read.notes}


# Documents of others


def test_a_document_of_word_itself_is_read():
    made = word.Document()
    made.add_heading("A report", 0)
    made.add_heading("Scope", 1)
    paragraph = made.add_paragraph("Plain, ")
    paragraph.add_run("bold ").bold = True
    paragraph.add_run("and *stars*").italic = True
    made.add_heading("Details", 2)
    made.add_paragraph("first", style="List Bullet")
    made.add_paragraph("within", style="List Bullet 2")
    made.add_paragraph("counted", style="List Number")
    table = made.add_table(2, 2)
    for number, cell in enumerate(cell for row in table.rows for cell in row.cells):
        cell.text = str(number)
    made.add_paragraph("marked").runs[0].font.highlight_color = WD_COLOR_INDEX.YELLOW
    kept = io.BytesIO()
    made.save(kept)
    read = reading.read_docx(kept.getvalue())
    assert read.title == "A report"
    ((heading, text),) = read.sections
    assert heading == "Scope"
    assert text == (
        "Plain, **bold** *and \\*stars\\**\n\n### Details\n\n- first\n\n* within\n\n1. counted\n\n"
        "| 0 | 1 |\n| --- | --- |\n| 2 | 3 |\n\nmarked"
    )
    assert noted(read) == {("Details", "table-heading")}


def test_headings_are_found_by_what_styles_are_and_not_by_their_names_here():
    inner = p(r("Titre"), "T") + p(r("Un"), "Titre1") + p(r("a"), "Own") + p(r("Deux"), "Sub") + p(r("Quatre"), "Titre4") + p(r("b"))
    read = reading.read_docx(body(inner, styles=STYLES))
    assert (read.title, read.sections) == ("Titre", (("Un", "a"), ("Deux", "### Quatre\n\nb")))
    assert noted(read) == {("", "style"), ("Quatre", "heading-skipped")}


def test_the_only_heading_of_the_first_level_is_the_title():
    inner = p(r("Title"), "Titre1") + p(r("Before.")) + p(r("One"), "Titre2") + p(r("a")) + p(r("Two"), "Titre2")
    read = reading.read_docx(body(inner, styles=STYLES))
    assert (read.title, read.sections) == ("Title", (("Introduction", "Before."), ("One", "a"), ("Two", "")))
    assert noted(read) == {("", "title-from-heading"), ("", "before-heading")}


def test_a_document_without_headings_is_one_section():
    read = reading.read_docx(body(p(r("All of it.")) + p(r("More."))))
    assert (read.title, read.sections) == ("", (("Text", "All of it.\n\nMore."),))
    assert noted(read) == {("", "no-headings")}
    titled = reading.read_docx(body(p(r("On all of it"), "T") + p(r("All of it.")), styles=STYLES))
    assert (titled.title, titled.sections) == ("On all of it", (("Text", "All of it."),)), "the title stands there once"
    for written in (b"# On all of it\n\nAll of it.\n", b"---\ntitle: On all of it\n---\nAll of it.\n"):
        read = reading.read_markdown(written)
        assert (read.title, read.sections) == (titled.title, titled.sections)


def test_lists_count_as_word_counts_them():
    levels = "".join(
        f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%{n + 1}."/></w:lvl>' for n in (0, 1)
    )
    letters = '<w:lvl w:ilvl="0"><w:start w:val="2"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="%1)"/></w:lvl>'
    numbering = (
        f'<w:abstractNum w:abstractNumId="0">{levels}</w:abstractNum><w:abstractNum w:abstractNumId="1">{letters}</w:abstractNum>'
        '<w:num w:numId="5"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="6"><w:abstractNumId w:val="1"/></w:num>'
    )

    def item(text: str, number: int, level: int = 0) -> str:
        return p(r(text), rest=f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')

    inner = item("one", 5) + item("inner", 5, 1) + item("two", 5) + p(r("Between.")) + item("three", 5) + item("b", 6)
    read = reading.read_docx(body(inner, numbering=numbering))
    assert read.sections[0][1] == "1. one\n   1. inner\n2. two\n\nBetween.\n\n3. three\n\n2) b"
    assert Note("", "list-numbers", "lowerLetter") in read.notes


def test_what_looks_like_markup_stays_text():
    lines = [
        *("# no heading", "- no item", "1. no item", "> no quotation", "    no code", "---", "===", "| no | table |", "```", "~~~"),
        *("*no* _looks_ **at** `all`", "[no](http://link)", "![no](picture)", "<b>no</b>", "&amp;lt; is no sign", "[^1]: no note", "\\*"),
        *("snake_case __init__", "http://example.org/a_b_c", "[ref]: http://x", "+ plus", "2014) year", ":-- | --:", "a | b", "C#"),
    ]
    text = markdown("".join(p(r(line.replace("&", "&amp;").replace("<", "&lt;"))) for line in lines))
    tokens = markup.parse(text)
    assert [token.type for token in tokens if token.nesting == 1] == ["paragraph_open"] * len(lines)
    shown = ["".join(child.content for child in token.children) for token in tokens if token.type == "inline"]
    assert shown == [line.strip() for line in lines]
    assert all({child.type for child in token.children} <= {"text", "text_special"} for token in tokens if token.type == "inline")


_signs = st.text(st.sampled_from('ab 中文ا*_`[]()<>&#!|~\\-+=:.1^"“”«»€\n;xé/'), max_size=24)


@settings(max_examples=150, deadline=None)
@given(_signs)
def test_any_text_stays_text(said):
    spans = [Span(said)]
    tokens = markup.parse(marking.paragraph(spans))
    assert {token.type for token in tokens} <= {"paragraph_open", "inline", "paragraph_close"}
    shown = "".join("\n" if c.type == "hardbreak" else c.content for token in tokens for c in token.children or ())
    assert shown == "\n".join(line.strip() for line in said.split("\n") if line.strip())


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(_signs, st.booleans(), st.booleans(), st.sampled_from(["", "", "https://a.org/x"])), max_size=5))
def test_emphasis_is_never_more_than_there_was_and_the_words_are_the_same(parts):
    spans = [Span(text.replace("\n", " "), bold, italic, link=link) for text, bold, italic, link in parts]
    (inline,) = [token for token in markup.parse(marking.paragraph(spans)) if token.type == "inline"] or [None]
    wanted = [(one, span.bold, span.italic) for span in spans for one in span.text if not one.isspace()]
    shown, bold, italic = [], 0, 0
    for token in inline.children if inline else ():
        bold += {"strong_open": 1, "strong_close": -1}.get(token.type, 0)
        italic += {"em_open": 1, "em_close": -1}.get(token.type, 0)
        assert token.type in ("text", "strong_open", "strong_close", "em_open", "em_close", "link_open", "link_close"), token
        shown += [(one, bool(bold), bool(italic)) for one in token.content if not one.isspace()]
    assert [one for one, _, _ in shown] == [one for one, _, _ in wanted]
    for (_, bold, italic), (one, was_bold, was_italic) in zip(shown, wanted, strict=True):
        assert bold <= was_bold
        assert italic <= was_italic
        if one.isalnum() and was_bold and not was_italic:
            assert bold, "a word keeps its look"


LEFT_OUT = {
    "image": '<w:r><w:drawing><wp:docPr name="Picture 1" descr="A map"/></w:drawing></w:r>',
    "text-box": "<w:r><w:pict><w:txbxContent><w:p><w:r><w:t>boxed</w:t></w:r></w:p></w:txbxContent></w:pict></w:r>",
    "comment": '<w:r><w:commentReference w:id="1"/></w:r>',
    "insertion": '<w:ins w:id="1">' + r("put in") + "</w:ins>",
    "deletion": '<w:del w:id="1"><w:r><w:delText>taken out</w:delText></w:r></w:del>',
    "moved": '<w:moveFrom w:id="1">' + r("from here") + "</w:moveFrom>",
    "equation": "<m:oMath><m:r><m:t>x=1</m:t></m:r></m:oMath>",
    "embedded": "<w:r><w:object/></w:r>",
    "hidden": r("secret", "<w:vanish/>"),
    "symbol": '<w:r><w:sym w:font="Wingdings" w:char="F04A"/></w:r>',
    "ruby": "<w:r><w:ruby><w:rt><w:r><w:t>yomi</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>base</w:t></w:r></w:rubyBase></w:ruby></w:r>",
    "field": '<w:fldSimple w:instr=" DATE ">' + r("today") + "</w:fldSimple>",
    "link": '<w:hyperlink r:id="bad">' + r("a link") + "</w:hyperlink>",
    "raised": r("high up", '<w:vertAlign w:val="superscript"/>'),
}
KEPT = {"insertion": "put in", "ruby": "base", "field": "today", "link": "a link", "raised": "high up"}


@pytest.mark.parametrize("what", LEFT_OUT)
def test_what_is_not_understood_is_said_with_its_place(what):
    inner = p(r("Heading"), "Titre1") + p(r("before ") + LEFT_OUT[what] + LEFT_OUT[what] + r(" after"))
    read = reading.read_docx(body(inner, styles=STYLES))
    kept = KEPT.get(what, "") * 2
    assert " ".join(read.sections[0][1].split()) == " ".join(f"before {kept} after".split())
    (note,) = read.notes
    assert (note.where, note.what, note.count) == ("Heading", what, 2)


def test_links_lead_to_the_web_or_to_mail_alone():
    inner = "".join(f'<w:hyperlink r:id="{key}">{r(key)}</w:hyperlink>{r(", ")}' for key in LINKS)
    inner += '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> HYPERLINK "mailto:a@b.org" </w:instrText></w:r>'
    inner += f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{r("mail")}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    assert markdown(p(inner)) == "[good](<https://example.org/a_(b)>), bad, file, [mail](mailto:a@b.org)"


def test_merged_cells_and_tables_within_tables_are_taken_apart():
    def cell(content: str, properties: str = "") -> str:
        return f"<w:tc><w:tcPr>{properties}</w:tcPr>{content}</w:tc>"

    wide = cell(p(r("wide")), '<w:gridSpan w:val="2"/>')
    down, on = cell(p(r("down")), '<w:vMerge w:val="restart"/>'), cell(p(""), "<w:vMerge/>")
    inner = cell(f"<w:tbl><w:tr>{cell(p(r('inside')))}</w:tr></w:tbl>" + p(r("two")) + p(r("lines")))
    rows = f"<w:tr>{wide}</w:tr><w:tr>{down}{cell(p(r('x|y')))}</w:tr><w:tr>{on}{inner}</w:tr>"
    read = reading.read_docx(body(f"<w:tbl>{rows}</w:tbl>"))
    assert read.sections[0][1] == "| wide |  |\n| --- | --- |\n| down | x\\|y |\n|  | two lines |"
    assert {"merged", "nested-table", "cell-lines", "table-heading"} <= {note.what for note in read.notes}


def test_a_table_of_contents_and_running_heads_are_left_out():
    inner = p(r("Scope 1"), "TOC1") + p(r("Scope"), "Titre1") + p(r("Text.")) + '<w:sectPr><w:headerReference r:id="x"/></w:sectPr>'
    read = reading.read_docx(body(inner, styles=STYLES))
    assert read.sections == (("Scope", "Text."),)
    assert noted(read) == {("", "contents"), ("", "header")}


def test_digits_that_are_raised_are_no_other_number():
    assert (
        markdown(p(r("10") + r("2", '<w:vertAlign w:val="superscript"/>') + r(" H") + r("2", '<w:vertAlign w:val="subscript"/>')))
        == "10² H₂"
    )


def test_notes_at_the_end_are_notes():
    endnotes = '<w:endnote w:type="separator" w:id="0"><w:p/></w:endnote><w:endnote w:id="2">' + p(r("Said *below*")) + "</w:endnote>"
    inner = p(r("Text") + '<w:r><w:endnoteReference w:id="2"/></w:r>' + r(": so it is"))
    assert markdown(inner, endnotes=endnotes) == "Text[^1]: so it is\n\n[^1]: Said \\*below\\*"


def test_a_document_in_the_strict_form_is_read():
    raw = body(p(r("Heading"), "Titre1") + p(r("strict", "<w:b/>")), styles=STYLES)
    strict = "http://purl.oclc.org/ooxml/wordprocessingml/main"
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        parts = {
            name: archive.read(name).replace(b"http://schemas.openxmlformats.org/wordprocessingml/2006/main", strict.encode())
            for name in archive.namelist()
        }
    assert reading.read_docx(packed(parts)).sections == (("Heading", "**strict**"),)


# Hostile documents


def _within(content: str, depth: int) -> str:
    return f"<w:tbl><w:tr><w:tc>{'<w:tbl><w:tr><w:tc>' * depth}{content}{'</w:tc></w:tr></w:tbl>' * depth}</w:tc></w:tr></w:tbl>"


HOSTILE = {
    "200 MB": (lambda: bytes(200 * 1024 * 1024), "too-much"),
    "a zip bomb": (lambda: packed({"word/document.xml": bytes(100 * 1024 * 1024)}), "too-much"),
    "no document": (lambda: packed({"a.txt": b"x"}), "not-a-document"),
    "a workbook": (
        lambda: body("").replace(b"x", b"x") and packed(_parts(body(""), "word/document.xml", b"<workbook/>")),
        "not-a-document",
    ),
    "macros": (lambda: packed(_parts(body(""), "word/vbaProject.bin", b"x")), "macros"),
    "entities": (lambda: packed(_parts(body(""), "word/document.xml", b'<!DOCTYPE a [<!ENTITY a "aaaa">]><a>&a;</a>')), "entities"),
    "millions of elements": (lambda: body("<w:p>" + "<w:r/>" * 3_000_000 + "</w:p>"), "too-much"),
    "millions of paragraphs": (lambda: body("<w:p/>" * 3_000_000), "too-much"),
    "tables in tables": (lambda: body(_within("", 10_000)), "too-much"),
    "endless text": (lambda: body(p(r("x" * 10_000_000))), "too-much"),
    "a table of too many cells": (
        lambda: body("<w:tbl>" + '<w:tr><w:tc><w:tcPr><w:gridSpan w:val="63"/></w:tcPr><w:p/></w:tc></w:tr>' * 2_000 + "</w:tbl>"),
        "too-much",
    ),
    "more sections than any paper": (lambda: body(p(r("A"), "Titre1") * 1_001, styles=STYLES), "too-much"),
}


def _parts(raw: bytes, name: str, content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return {one: archive.read(one) for one in archive.namelist()} | {name: content}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_document_is_refused_at_little_cost(name):
    make, rule = HOSTILE[name]
    raw = make()
    began = time.process_time()
    with pytest.raises(Unreadable) as refused:
        reading.read_docx(raw)
    assert refused.value.rule == rule
    assert time.process_time() - began < 5


def test_a_hostile_document_takes_little_memory():
    raw = body("<w:p>" + "<w:r/>" * 3_000_000 + "</w:p>")
    tracemalloc.start()
    try:
        with pytest.raises(Unreadable):
            reading.read_docx(raw)
        assert tracemalloc.get_traced_memory()[1] < 250_000_000
    finally:
        tracemalloc.stop()


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=60),
    st.floats(0, 1),
    st.sampled_from(["document", "styles", "numbering", "footnotes"]),
)
def test_whatever_is_done_to_a_document_it_is_read_or_refused(noise, where, part):
    name = f"word/{part}.xml"
    raw = docx.write(manuscript(texts.FULL))
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        content = archive.read(name)
    at = int(where * len(content))
    try:
        reading.read_docx(packed(_parts(raw, name, content[:at] + noise + content[at + len(noise) :])))
    except Unreadable:
        return


@pytest.mark.parametrize("change", ['w:val="-99999999999"', 'w:val="x"', 'w:val=""', ""])
def test_numbers_that_are_none_are_refused_or_read(change):
    raw = docx.write(manuscript(texts.FULL))
    for name in ("word/document.xml", "word/numbering.xml"):
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            content = archive.read(name)
        for old in (b'w:ilvl w:val="0"', b'w:start w:val="1"', b'w:startOverride w:val="1"'):
            made = content.replace(old, old.split(b" ")[0] + b" " + change.encode())
            try:
                reading.read_docx(packed(_parts(raw, name, made)))
            except Unreadable as error:
                assert error.rule == "not-a-document"


# Markdown


def test_markdown_is_cut_at_its_headings_and_left_as_it_is():
    text = (
        "# The *title*\n\nBefore.\n\n## One\n\nSome  *text*[^n], [called][Site].\n\n#### Deep\n\nSetext\n---\n\n```sh\n# comment\n```\n\n"
        "[site]: https://example.org\n\n[^n]: A note\n    on two lines.\n\n## Two\n\nEnd.\n"
    )
    read = reading.read_markdown(text.encode())
    assert read.title == "The title"
    assert read.sections == (
        ("Introduction", "Before."),
        (
            "One",
            "Some  *text*[^n], [called][Site].\n\n### Deep\n\n[^n]: A note\n    on two lines.\n\n[site]: https://example.org",
        ),
        ("Setext", "    # comment"),
        ("Two", "End."),
    )
    assert noted(read) == {("", "before-heading"), ("One", "heading-skipped")}


def test_markdown_with_several_headings_of_the_first_level_has_sections_of_these():
    read = reading.read_markdown('\ufeff---\ntitle: "Of the file"\n---\n# One\n\n## Deeper\n\na\n\n# Two\r\n\r\nb'.encode())
    assert (read.title, read.sections) == ("Of the file", (("One", "### Deeper\n\na"), ("Two", "b")))
    assert noted(read) == {("", "front-matter")}


def test_what_markdown_may_not_hold_is_said():
    text = "# A\n\n<script>alert(1)</script>\n\nx <b>y</b> ![map](a.png) [run](javascript:x)\n\n<!-- aside -->\n\n# B\n"
    read = reading.read_markdown(text.encode())
    assert noted(read) == {("A", "html"), ("A", "image"), ("A", "link"), ("A", "comment")}
    assert "aside" not in read.sections[0][1]
    assert "map" not in read.sections[0][1]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a ![x](y.png) b", "a  b"),
        ("`![x](y.png)` then ![x](y.png)", "`![x](y.png)` then"),
        ('a ![x](y.png "on\ntwo lines") b', "a  b"),
        ("[![x](y.png) more](https://example.org)", "[ more](https://example.org)"),
        ("![x ![inner](z.png)](y.png) b", "b"),
        ("![x][p] ![x][p]\n\n[p]: y.png", ""),
        ("| a | b |\n|---|---|\n| ![x](y.png) | ![x](y.png) |", "| a | b |\n|---|---|\n|  |  |"),
        ("### ![x](y.png) Deep", "### Deep"),
        ("![no picture] \\![x](y.png)", "![no picture] \\![x](y.png)"),
    ],
)
def test_a_picture_is_left_out_wherever_it_stands(text, kept):
    read = reading.read_markdown(f"# A\n\n{text}\n\n# B\n".encode())
    assert read.sections[0][1].strip() == kept


def test_text_before_the_first_heading_does_not_repeat_the_title():
    for raw in (b"# Title\n\nBefore.\n\n## One\n", b"Before.\n\n# One\n\n# Two\n"):
        read = reading.read_markdown(raw)
        assert read.sections[0][0] == "Introduction"
        assert [note.found for note in read.notes] == ["Introduction"]


@pytest.mark.parametrize(
    ("raw", "rule"),
    [(b"\xff\xfe#\0", "not-a-document"), (b"a\0b", "not-a-document"), (b"x" * 3_000_000, "too-much"), (bytes(11_000_000), "too-much")],
)
def test_what_is_no_markdown_is_refused(raw, rule):
    with pytest.raises(Unreadable) as refused:
        reading.read_markdown(raw)
    assert refused.value.rule == rule


_lines = ["# A", "## B", "### C", "text", "", "[^1]", "[a]: /x", "[a]", "```", "    code", "> # q", "- i", "Set", "==="]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(_lines)))
def test_any_markdown_is_cut_without_losing_a_line(lines):
    read = reading.read_markdown("\n".join(lines).encode())
    whole = "\n".join([read.title, *(f"{heading}\n{text}" for heading, text in read.sections)])
    assert whole.count("text") >= lines.count("text")
    assert whole.count("code") >= lines.count("    code")
    assert all(heading for heading, _ in read.sections)


def test_a_note_that_nothing_calls_is_told():
    read = reading.read_markdown(b"# A\n\nText.\n\n[^1]: Lost\n    words")
    assert read.sections == (("Text", "Text."),)
    assert ("", "uncalled") in noted(read)


def test_markdown_is_refused_or_read_in_seconds():
    hostile = ("[" * 1_000_000, "> " * 500_000, "*a " * 500_000, "x [^1] " * 200_000, "- a\n" * 49_000, "# A\n[^1]\n" * 900 + "[^1]: x\n")
    for text in hostile:
        began = time.process_time()
        reading.read_markdown(text.encode())
        assert time.process_time() - began < 10, text[:10]
