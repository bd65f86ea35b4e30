"""What may be attached to a document, told from its bytes."""

import io
import struct
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.documents.rules import files
from services.kernel import Refusal

OFFICE = "application/vnd.openxmlformats-officedocument"
MAIN = {
    "docx": f"{OFFICE}.wordprocessingml.document.main+xml",
    "xlsx": f"{OFFICE}.spreadsheetml.sheet.main+xml",
    "pptx": f"{OFFICE}.presentationml.presentation.main+xml",
}
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\x00" * 20 + b"\xff\xd9"


def png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\x00\x00")) + chunk(b"IEND", b"")


def office(ending: str, *parts: str, types: str = "", main: str = "", **more: bytes) -> bytes:
    listed = (
        '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Override PartName="/main.xml" ContentType="{main or MAIN[ending]}"/>{types}</Types>'
    )
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", more.get("listed", listed.encode()))
        for part in ("main.xml", *parts):
            packed.writestr(part, "<a/>")
    return held.getvalue()


def refused(name: str, content: bytes) -> Refusal:
    with pytest.raises(Refusal) as caught:
        files.examined(name, content)
    assert caught.value.kind == "invalid"
    return caught.value


@pytest.mark.parametrize(
    ("name", "content", "type"),
    [
        ("Report 2014.pdf", PDF, files.PDF),
        ("REPORT.PDF", PDF, files.PDF),
        ("draft.docx", office("docx"), files.DOCX),
        ("figures.xlsx", office("xlsx", "xl/printerSettings/printerSettings1.bin"), files.XLSX),
        ("talk.pptx", office("pptx", "ppt/media/image1.png"), files.PPTX),
        ("logo.png", png(), files.PNG),
        ("room.jpeg", JPEG, files.JPEG),
        ("room.jpg", JPEG + b"\x00\x00", files.JPEG),
        ("notes.txt", "Traite des êtres humains; 人口贩运\n".encode(), files.TEXT),
        ("notes.md", b"# A\n\n1 < 2, and <3\n", files.TEXT),
        ("figures.csv", "\ufeffpays;cas\nSuisse;3\r\n".encode(), files.CSV),
        ("الاتجار بالأشخاص.pdf", PDF, files.PDF),
        ("人口贩运.pdf", PDF, files.PDF),
    ],
)
def test_what_may_be_attached_is_known_by_its_bytes(name, content, type):
    assert files.examined(name, content) == type


@pytest.mark.parametrize(
    ("name", "content", "field", "rule"),
    [
        ("a.pdf", b"", "content", "file-empty"),
        ("a.txt", b"a" * (files.LARGEST + 1), "content", "file-size"),
        ("a.pdf", png(), "name", "file-ending"),
        ("a.png", PDF, "name", "file-ending"),
        ("a.docx", office("xlsx"), "name", "file-ending"),
        ("a.exe", b"plain words", "name", "file-ending"),
        ("a", PDF, "name", "file-ending"),
        ("a.html", b"plain words", "name", "file-ending"),
        ("a.docx", b"MZ\x90\x00\x03", "content", "file-type"),
        ("a.txt", b"\xff\xfe\x00a", "content", "file-type"),
        ("a.txt", b"a\x00b", "content", "file-type"),
        ("a.txt", b"\x1b[2J", "content", "file-type"),
        ("a.txt", b"  <!DOCTYPE html><p>", "content", "file-type"),
        ("a.txt", b"<svg onload=alert(1)>", "content", "file-type"),
        ("a.txt", b"#!/bin/sh\nrm", "content", "file-type"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "content", "file-type"),
        ("a.png", png() + b"<script>", "content", "file-type"),
        ("a.png", png()[:-12], "content", "file-type"),
        ("a.jpg", JPEG + b"PK\x03\x04", "content", "file-type"),
        ("a.pdf", b"%PDF-1.7\nthe rest never came \xff", "content", "file-type"),
        ("a.docx", office("docx")[:-30], "content", "file-type"),
        ("a.docx", office("docx", listed=b"<!DOCTYPE x [<!ENTITY a 'b'>]><Types>&a;</Types>"), "content", "file-type"),
        ("a.docx", office("docx", listed="<Types/>".encode("utf-16")), "content", "file-type"),
        ("a.docx", office("docx", listed=b"<Types>" + b" " * 600_000 + b"</Types>"), "content", "file-type"),
        ("a.docx", office("docx", listed=b"<Types"), "content", "file-type"),
        ("a.docx", office("docx", main="application/zip"), "content", "file-type"),
        ("a.docx", office("docx", "word/vbaProject.bin"), "content", "file-macros"),
        ("a.docx", office("docx", "word/VBAPROJECT.BIN"), "content", "file-macros"),
        ("a.docx", office("docx", "word/embeddings/oleObject1.bin"), "content", "file-macros"),
        ("a.docx", office("docx", "word/embeddings/sheet.xlsm"), "content", "file-macros"),
        ("a.docx", office("docx", main="application/vnd.ms-word.document.macroEnabled.main+xml"), "content", "file-macros"),
        (
            "a.xlsx",
            office("xlsx", types='<Override PartName="/m" ContentType="application/vnd.ms-excel.macrosheet+xml"/>'),
            "content",
            "file-macros",
        ),
    ],
)
def test_what_may_not_says_which_field_and_rule(name, content, field, rule):
    told = refused(name, content)
    assert (told.field, told.rule) == (field, rule)


def test_a_file_that_unpacks_to_gigabytes_is_refused_unread():
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        with packed.open("word/document.xml", "w", force_zip64=True) as part:
            for _ in range(300):
                part.write(bytes(1024 * 1024))
    assert len(held.getvalue()) < files.LARGEST
    assert refused("a.docx", held.getvalue()).rule == "file-bomb"
    many = office("docx", *(f"word/{n}.xml" for n in range(5_001)))
    assert refused("a.docx", many).rule == "file-bomb"


def test_a_locked_file_is_refused():
    content = bytearray(office("docx"))
    entry = content.index(b"PK\x01\x02")
    content[entry + 8] |= 1
    assert refused("a.docx", bytes(content)).rule == "file-type"


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        ".",
        "..",
        ".hidden.pdf",
        "a.pdf.",
        "a.pdf ",
        " a.pdf",
        "../a.pdf",
        "a/b.pdf",
        "a\\b.pdf",
        "C:a.pdf",
        "a\nb.pdf",
        "a\tb.pdf",
        "a\x00.pdf",
        "a\u2028b.pdf",
        "annex\u202efdp.exe.pdf",
        "a\u200bb.pdf",
        "a\u2066b.pdf",
        "a\ufeff.pdf",
        "con.pdf",
        "LPT1.pdf",
        "a?.pdf",
        'a".pdf',
        "a" * 197 + ".pdf",
        "人" * 90 + ".pdf",
    ],
)
def test_a_name_is_one_plain_line(name):
    told = refused(name, PDF)
    assert (told.field, told.rule) == ("name", "file-name")
    assert told.accepted


def test_a_refusal_says_nothing_of_what_stands_in_the_file():
    told = refused("a.pdf", b"Under embargo until July")
    assert "embargo" not in f"{told.detail} {told.accepted}"


@given(st.binary(max_size=400), st.sampled_from(["a.pdf", "a.docx", "a.png", "a.jpg", "a.txt"]))
def test_whatever_is_sent_is_known_or_refused(content, name):
    for sent in (content, b"PK\x03\x04" + content, office("docx")[: len(content)]):
        try:
            assert files.examined(name, sent) in files.TYPES
        except Refusal as told:
            assert told.field in ("content", "name")
