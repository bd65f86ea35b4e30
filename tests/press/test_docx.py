"""Texts as DOCX, and what tracked changes leave when all of them are accepted, or rejected."""

import difflib
import io
import time
import zipfile
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import docx as word
import pytest
from hypothesis import given, settings
from lxml import etree

from press import docx
from press.manuscript import Manuscript, Section
from tests.press import texts
from tests.press.texts import manuscript

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


def compare(left, right):
    return difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes()


def part(raw: bytes, name: str) -> etree._Element:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return etree.fromstring(archive.read(name))


def opened(raw: bytes):
    return word.Document(io.BytesIO(raw))


# What a text becomes


def test_a_text_has_the_styles_that_a_reader_navigates_by():
    document = opened(docx.write(manuscript(texts.FULL)))
    by_style: dict[str, list[str]] = {}
    for paragraph in document.paragraphs:
        by_style.setdefault(paragraph.style.name, []).append(paragraph.text)
    assert by_style["Title"] == ["Preventing trafficking <&> “more”"]
    assert by_style["Heading 1"] == ["Section 1"]
    assert (by_style["Heading 2"], by_style["Heading 3"]) == (["A heading with looks"], ["Deeper"])
    assert by_style["List Number"] == ["one", "two", "deep", "three", "seven"]
    assert by_style["List Bullet"] == ["nested bold", "apart", "from one another"]
    assert by_style["List Continue"] == ["with more below"]
    assert [one.strip() for one in by_style["Quote"]] == ["A quotation of", "two paragraphs"]
    assert by_style["Quote 2"] == ["and one within"]
    assert by_style["HTML Preformatted"] == ['def code(x):\n    return {x: "*not bold*"}']
    (table,) = document.tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [["Left", "Right", "Middle"], ["a|b", "2", ""], ["c", "<4>", "x"]]
    assert table.rows[0]._tr.trPr.find(f"{W}tblHeader") is not None


def test_looks_links_and_notes_are_real():
    raw = docx.write(manuscript(texts.FULL))
    paragraph = next(one for one in opened(raw).paragraphs if one.text.startswith("Words with"))
    looks = {run.text: (bool(run.bold), bool(run.italic), run.style.name) for run in paragraph.runs}
    assert looks["bold"] == (True, False, "Default Paragraph Font")
    assert looks["both"] == (True, True, "Default Paragraph Font")
    assert looks["code | x"][2] == "HTML Code"
    assert [(link.text, link.address) for link in paragraph.hyperlinks] == [("a link", "https://example.org/x?a=1&b=2")]
    notes = part(raw, "word/footnotes.xml")
    said = {one.get(f"{W}id"): "".join(one.itertext()) for one in notes}
    called = [one.get(f"{W}id") for one in part(raw, "word/document.xml").iter(f"{W}footnoteReference")]
    assert [said[one] for one in called] == ["A note with looks and mail.Its second paragraph.", "Another."]


def test_lists_that_count_begin_where_they_say():
    raw = docx.write(manuscript("3. three\n4. four\n\nBetween.\n\n3. three again"))
    numbers = [one.get(f"{W}val") for one in part(raw, "word/document.xml").iter(f"{W}numId")]
    assert numbers[0] == numbers[1] != numbers[2]
    starts = {one.get(f"{W}numId"): one.find(f".//{W}startOverride") for one in part(raw, "word/numbering.xml").iter(f"{W}num")}
    assert {starts[one].get(f"{W}val") for one in numbers} == {"3"}


def test_a_note_called_twice_is_one_note():
    raw = docx.write(manuscript("One[^a] and again[^a].\n\n[^a]: Said once."))
    body = part(raw, "word/document.xml")
    assert len(list(body.iter(f"{W}footnoteReference"))) == 1
    (name,) = [one.get(f"{W}name") for one in body.iter(f"{W}bookmarkStart")]
    assert [one.text.split()[:2] for one in body.iter(f"{W}instrText")] == [["NOTEREF", name]]


@pytest.mark.parametrize("status", ["draft", "published"])
def test_a_draft_says_so_on_every_page_and_each_text_which_it_is(status):
    document = opened(docx.write(manuscript("Text.", status=status, language="fr")))
    header = "".join(one.text for one in document.sections[0].header.paragraphs)
    assert header == ("PROJET · Révision 3" if status == "draft" else "")
    assert document.paragraphs[-1].text == f"Empreinte (SHA-256): {'ab' * 32}"
    assert any(one.text.endswith("ICAT (2014), Issue paper 3") for one in document.paragraphs)
    about = document.core_properties
    assert (about.title, about.author, about.language) == (
        "Preventing trafficking <&> “more”",
        "Inter-Agency Coordination Group",
        "fr-FR",
    )
    assert about.created == about.modified == datetime(2014, 10, 7, 9, 30, tzinfo=UTC)


def test_the_same_text_is_the_same_file():
    first = docx.write(manuscript(texts.FULL))
    time.sleep(1.1)
    assert docx.write(manuscript(texts.FULL)) == first


def test_arabic_runs_from_right_to_left_and_latin_within_it_does_not():
    raw = docx.write(manuscript("مكافحة الاتجار UNHCR (2014) بالأشخاص\n\n| أ | ب |\n|---|--:|\n| ج | 1 |\n\n```\ncode\n```", language="ar"))
    body = part(raw, "word/document.xml")
    is_rtl = {"".join(run.itertext()): run.find(f"{W}rPr/{W}rtl") is not None for run in body.iter(f"{W}r")}
    assert is_rtl["مكافحة الاتجار "]
    assert not is_rtl["UNHCR (2014)"]
    assert not is_rtl["ab" * 32]
    for paragraph in body.iter(f"{W}p"):
        bidi = paragraph.find(f"{W}pPr/{W}bidi")
        style = paragraph.find(f"{W}pPr/{W}pStyle")
        is_code = style is not None and style.get(f"{W}val") == "HTMLPreformatted"
        assert bidi is not None
        assert (bidi.get(f"{W}val") == "0") == is_code
    assert body.find(f".//{W}tblPr/{W}bidiVisual") is not None
    assert [side.get(f"{W}val") for side in body.iter(f"{W}jc")] == ["end", "end"], "figures stand at the end of a line, wherever that is"
    assert body.find(f".//{W}sectPr/{W}bidi") is not None
    styles = part(raw, "word/styles.xml").iter(f"{W}style")
    quote = next(style for style in styles if style.get(f"{W}styleId") == "Quote")
    assert [border.tag for border in quote.find(f"{W}pPr/{W}pBdr")] == [f"{W}right"], "at the beginning of its lines"


def test_chinese_takes_the_east_asian_fonts_and_its_quotation_marks_too():
    raw = docx.write(manuscript("打击“人口”贩运 ICAT", language="zh"))
    runs = {"".join(run.itertext()): run.find(f"{W}rPr/{W}rFonts") for run in part(raw, "word/document.xml").iter(f"{W}r")}
    assert runs["打击“人口”贩运 ICAT"].get(f"{W}hint") == "eastAsia"
    lang = part(raw, "word/styles.xml").find(f"{W}docDefaults//{W}lang")
    assert lang.get(f"{W}eastAsia") == "zh-CN"


ORDER = {
    "rPr": "rStyle rFonts b bCs i iCs color sz szCs u vertAlign rtl lang ins del",
    "pPr": "pStyle keepNext keepLines numPr pBdr bidi spacing ind contextualSpacing jc outlineLvl rPr pPrChange",
    "tblPr": "tblStyle bidiVisual tblW tblInd tblBorders tblLayout tblCellMar tblLook tblCaption",
    "trPr": "cantSplit tblHeader ins del",
    "sectPr": "headerReference footerReference pgSz pgMar bidi rtlGutter",
    "style": "name basedOn next uiPriority qFormat pPr rPr tblPr tblStylePr",
    "lvl": "start numFmt lvlText lvlJc pPr rPr",
}
"""Word calls a file damaged whose elements stand in another order than the schema's."""


@pytest.mark.parametrize("language", texts.WORDS)
def test_elements_stand_in_the_order_that_word_asks_for(language):
    base = manuscript(texts.of(language), language=language)
    for raw in (docx.write(base), docx.redline(base, manuscript(texts.FULL, "New.", language=language), compare)):
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            names = [name for name in archive.namelist() if name.startswith("word/") and name.endswith(".xml")]
        for name in names:
            for element in part(raw, name).iter():
                order = ORDER.get(etree.QName(element).localname, "").split()
                if order:
                    found = [order.index(etree.QName(child).localname) for child in element]
                    assert found == sorted(found), etree.tostring(element)[:500]


def test_a_long_paper_is_set_in_seconds():
    long = manuscript(*[texts.FULL] * 200)
    changed = replace(long, sections=tuple(replace(one, text=one.text.replace("two", "deux")) for one in long.sections))
    began = time.process_time()
    docx.write(long)
    docx.redline(long, changed, compare)
    assert time.process_time() - began < 20


# Tracked changes


def settled(raw: bytes, name: str, *, accept: bool) -> etree._Element:
    """A part with all changes accepted, or all rejected, as Word does it."""
    root = part(raw, name)
    gone, kept = ("del", "ins") if accept else ("ins", "del")
    for row in list(root.iterfind(f".//{W}trPr/{W}{gone}/../..")):
        row.getparent().remove(row)
    for table in [one for one in root.iter(f"{W}tbl") if one.find(f"{W}tr") is None]:
        table.getparent().remove(table)
    for change in list(root.iter(f"{W}pPrChange")):
        properties = change.getparent()
        properties.remove(change)
        if not accept:
            properties.getparent().replace(properties, change.find(f"{W}pPr"))
    doomed = root.findall(f".//{W}pPr/{W}rPr/{W}{gone}/../../..")
    for change in [one for one in root.iter(f"{W}ins", f"{W}del") if etree.QName(one.getparent()).localname not in ("rPr", "trPr")]:
        for child in list(change) if change.tag == f"{W}{kept}" else ():
            change.addprevious(child)
        change.getparent().remove(change)
    for paragraph in [one for one in doomed if one.getparent() is not None and one.getparent().tag != f"{W}footnote"]:
        assert not list(paragraph.iter(f"{W}t", f"{W}footnoteReference")), "a paragraph goes with all its words"
        paragraph.getparent().remove(paragraph)
    return root


def said(raw: bytes, *, accept: bool = True) -> list:
    """What stands in a document once its changes are settled, whatever its ids, runs and widths are."""
    notes = {one.get(f"{W}id"): one for one in settled(raw, "word/footnotes.xml", accept=accept)}
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        relations = {one.get("Id"): one.get("Target") for one in etree.fromstring(archive.read("word/_rels/document.xml.rels"))}
    lists: dict[str, int] = {}
    starts = {
        one.get(f"{W}numId"): [(start.getparent().get(f"{W}ilvl"), start.get(f"{W}val")) for start in one.iter(f"{W}startOverride")]
        for one in part(raw, "word/numbering.xml").iter(f"{W}num")
    }

    def properties(paragraph: etree._Element) -> list:
        made = []
        for one in paragraph.find(f"{W}pPr") if paragraph.find(f"{W}pPr") is not None else ():
            name = etree.QName(one).localname
            if name == "numPr":
                number, level = one.find(f"{W}numId").get(f"{W}val"), one.find(f"{W}ilvl").get(f"{W}val")
                made.append((name, lists.setdefault(number, len(lists)), level, starts[number]))
            elif name != "rPr":
                made.append((name, sorted(one.attrib.values())))
        return made

    def words(paragraph: etree._Element) -> list:
        made: list = []
        for run in paragraph.iter(f"{W}r"):
            look = run.find(f"{W}rPr")
            looks = sorted({etree.QName(one).localname for one in look} & {"b", "i"}) if look is not None else []
            style = look.find(f"{W}rStyle").get(f"{W}val") if look is not None and look.find(f"{W}rStyle") is not None else ""
            parent = run.getparent()
            link = relations[parent.get(f"{R}id")] if parent.tag == f"{W}hyperlink" else ""
            for one in run:
                name = etree.QName(one).localname
                if name == "footnoteReference":
                    made.append(("note", [spoken(inner) for inner in notes[one.get(f"{W}id")].iter(f"{W}p", f"{W}tbl")]))
                elif name in ("instrText", "delInstrText"):
                    made.append(("again",))
                elif name in ("t", "delText", "br", "tab") and style != "FootnoteReference":
                    text = {"br": "\n", "tab": "\t"}.get(name, one.text)
                    if made and made[-1][1:] == (looks, style, link):
                        made[-1] = (made[-1][0] + text, looks, style, link)
                    else:
                        made.append((text, looks, style, link))
        return made

    def spoken(one: etree._Element) -> tuple:
        if one.tag == f"{W}tbl":
            rows = [[[spoken(inner) for inner in cell.iter(f"{W}p")] for cell in row.iter(f"{W}tc")] for row in one.iter(f"{W}tr")]
            return ("table", rows, [row.find(f"{W}trPr/{W}tblHeader") is not None for row in one.iter(f"{W}tr")])
        return (properties(one), words(one))

    body = settled(raw, "word/document.xml", accept=accept).find(f"{W}body")
    return [spoken(one) for one in body if one.tag in (f"{W}p", f"{W}tbl")]


def _of(sections: list[tuple[str, list[str]]], **values) -> Manuscript:
    made = tuple(Section(name, f"On {name}", "\n\n".join(blocks)) for name, blocks in sections)
    return manuscript(sections=made, **values)


@settings(max_examples=50, deadline=None)
@given(texts.revisions())
def test_accepting_all_changes_gives_the_revised_text_and_rejecting_all_the_base(pair):
    base, revised = _of(pair[0]), _of(pair[1], revision=4, title="Preventing all trafficking", digest="cd" * 32)
    raw = docx.redline(base, revised, compare)
    assert said(raw, accept=True) == said(docx.write(revised))
    assert said(raw, accept=False) == said(docx.write(base))


@settings(max_examples=10, deadline=None)
@given(texts.revisions(), texts.revisions())
def test_so_it_is_with_two_texts_that_have_nothing_in_common(one, other):
    base, revised = _of(one[0], language="ar"), _of(other[1], language="ar", summary="", status="published")
    raw = docx.redline(base, revised, compare)
    assert said(raw, accept=True) == said(docx.write(revised))
    assert said(raw, accept=False) == said(docx.write(base))


def test_changes_are_told_word_by_word_with_who_and_when():
    base = manuscript("The Group shall meet in Geneva.", "打击贩运人口")
    revised = manuscript("The Group shall always meet in Vienna.", "打击拐卖人口", dated=datetime(2014, 11, 1, tzinfo=UTC))
    body = part(docx.redline(base, revised, compare, author="UNHCR"), "word/document.xml")
    changes = [
        (etree.QName(one).localname, "".join(one.itertext()), one.get(f"{W}author"), one.get(f"{W}date"))
        for one in body.iter(f"{W}ins", f"{W}del")
        if "".join(one.itertext())
    ]
    who = ("UNHCR", "2014-11-01T00:00:00Z")
    assert changes == [
        ("ins", "always ", *who),
        ("del", "Geneva", *who),
        ("ins", "Vienna", *who),
        ("del", "贩运", *who),
        ("ins", "拐卖", *who),
    ]
    ids = Counter(one.get(f"{W}id") for one in body.iter(f"{W}ins", f"{W}del", f"{W}pPrChange"))
    assert set(ids.values()) == {1}


def test_a_section_is_found_by_its_id_and_a_renamed_heading_is_a_change_of_words():
    one, two, three = Section("s1", "Old scope", "Text of one."), Section("s2", "Two", "Text of two."), Section("s3", "Three", "Other.")
    base = manuscript(sections=(one, two))
    revised = manuscript(sections=(replace(one, heading="New scope"), three, two))
    body = part(docx.redline(base, revised, compare), "word/document.xml")
    assert ["".join(one.itertext()) for one in body.iter(f"{W}del") if "".join(one.itertext())] == ["Old"]
    assert ["".join(one.itertext()) for one in body.iter(f"{W}ins") if "".join(one.itertext())] == ["New", "Three", "Other."]


def test_a_change_within_a_note_is_told_in_the_note():
    raw = docx.redline(manuscript("A[^1].\n\n[^1]: Said once."), manuscript("A[^1].\n\n[^1]: Said twice."), compare)
    assert not [one for one in part(raw, "word/document.xml").iter(f"{W}del") if one.find(f".//{W}footnoteReference") is not None]
    assert ["".join(one.itertext()) for one in part(raw, "word/footnotes.xml").iter(f"{W}del")] == ["once"]
