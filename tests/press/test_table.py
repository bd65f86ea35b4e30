"""Tables as sheets and documents: what stands in a cell is text, and a long table takes seconds."""

import io
import time

import docx as word
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from press import table
from press.manuscript import Table
from tests.press.test_docx import W, part

HOSTILE = ("=1+1", "+cmd|' /C calc'!A0", "-2", "@SUM(A1)", "'quoted", "\t=1", '=HYPERLINK("http://x")', "_x000D_", "a\x00b", "x" * 40_000)
COMMENTS = Table(
    "Comments on: “Demand” [draft]",
    ("Round 1, closed on 3 March 2014", "=2+2"),
    ("No.", "Comment", "Disposition"),
    tuple((str(number), text, "") for number, text in enumerate(HOSTILE, 1)),
    wide=(1, 2),
)


def sheet(raw: bytes):
    return openpyxl.load_workbook(io.BytesIO(raw)).active


def test_no_text_becomes_a_formula():
    page = sheet(table.xlsx(COMMENTS))
    assert page["A1"].value == COMMENTS.title
    for row in page.iter_rows():
        for cell in row:
            assert cell.data_type != "f", cell.coordinate
            if isinstance(cell.value, str) and cell.value[0] in "=+-@'\t":
                assert cell.quotePrefix, "it stays text when somebody edits it"
    assert [cell.value for cell in page["B"][4:9]] == list(HOSTILE[:5])
    assert page["B12"].value == "_x005F_x000D_", "as the format writes what reads like its sign"
    assert page["B13"].value == "a\ufffdb"
    assert len(page["B14"].value) == 32_767


def test_a_sheet_is_made_for_people():
    page = sheet(table.xlsx(COMMENTS))
    assert page.title == "Comments on  “Demand”  draft"
    assert page.freeze_panes == "A5"
    assert page.auto_filter.ref == "A4:C14"
    assert page.print_title_rows == "$4:$4"
    assert page.page_setup.orientation == "landscape"
    assert page.column_dimensions["B"].width > page.column_dimensions["A"].width >= 10
    assert page["B5"].alignment.wrap_text
    assert [cell.value for cell in page[4]] == list(COMMENTS.headings)


@pytest.mark.parametrize(("language", "right"), [("ar", True), ("fr", False)])
def test_arabic_reads_from_the_right(language, right):
    made = Table("تعليقات", (), ("أ", "ب"), (("ج", "UNHCR"),), language)
    assert bool(sheet(table.xlsx(made)).sheet_view.rightToLeft) is right
    body = part(table.docx(made), "word/document.xml")
    assert (body.find(f".//{W}tblPr/{W}bidiVisual") is not None) is right
    assert all((one.find(f"{W}pPr/{W}bidi") is not None) is right for one in body.iter(f"{W}p"))


def test_a_document_has_a_real_table_whose_headings_are_repeated():
    document = word.Document(io.BytesIO(table.docx(COMMENTS)))
    (made,) = document.tables
    assert [cell.text for cell in made.rows[0].cells] == list(COMMENTS.headings)
    assert [row.cells[1].text for row in made.rows][1:6] == list(HOSTILE[:5])
    assert made._tbl.find(f"{W}tr/{W}trPr/{W}tblHeader") is not None
    assert made._tbl.tblPr.find(f"{W}tblCaption").get(f"{W}val") == COMMENTS.title
    assert document.sections[0].page_width > document.sections[0].page_height
    assert document.paragraphs[0].style.name == "Title"
    assert document.core_properties.title == COMMENTS.title


def test_the_same_table_is_the_same_file():
    first = table.xlsx(COMMENTS), table.docx(COMMENTS)
    time.sleep(1.1)
    assert (table.xlsx(COMMENTS), table.docx(COMMENTS)) == first


def test_five_thousand_rows_take_seconds():
    rows = tuple((str(number), "A comment of several words " * 4, "accepted") for number in range(5_000))
    began = time.process_time()
    table.xlsx(Table("Comments", (), COMMENTS.headings, rows))
    table.docx(Table("Comments", (), COMMENTS.headings, rows))
    assert time.process_time() - began < 15


@settings(max_examples=20, deadline=None)
@given(st.text(max_size=40), st.lists(st.tuples(st.text(max_size=30), st.text(max_size=30)), max_size=3))
def test_whatever_is_in_it_a_table_can_be_opened(title, rows):
    made = Table(title, (), ("A", "B"), tuple(rows))
    assert sheet(table.xlsx(made)).max_row >= 1
    assert len(word.Document(io.BytesIO(table.docx(made))).tables[0].rows) == len(rows) + 1
