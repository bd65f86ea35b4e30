"""Packages of strangers cost no more than their bounds, whatever is in them."""

import io
import time
import tracemalloc
import zipfile

import pytest

from press.package import Bounds, Handler, Package, Relation, Unreadable, packed

BOUNDS = Bounds(packed=1_000_000, unpacked=20_000_000, members=100, elements=10_000, text=10_000, depth=50)
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = f'<Relationships><Relationship Id="a" Type="{OFFICE}/officeDocument" Target="/word/main.xml"/></Relationships>'


def zipped(members: dict[str, bytes | str]) -> bytes:
    return packed({name: content if isinstance(content, bytes) else content.encode() for name, content in members.items()})


class Weighing(Handler):
    def characters(self, content: str) -> None:
        self.weigh(content)


def encrypted() -> bytes:
    raw = bytearray(zipped({"a.xml": "<a/>"}))
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    return bytes(raw)


def lying() -> bytes:
    """A member that says it is small, and is not."""
    raw = bytearray(zipped({"_rels/.rels": RELATIONS, "word/main.xml": b"<a>" + b" " * 5_000_000 + b"</a>"}))
    at = raw.rindex(b"PK\x01\x02") + 24
    raw[at : at + 4] = (100).to_bytes(4, "little")
    return bytes(raw)


REFUSED = {
    "more than may come in": (lambda: bytes(1_000_001), "too-much"),
    "no zip": (lambda: b"Not a document", "not-a-document"),
    "nothing": (lambda: b"", "not-a-document"),
    "an old or encrypted file": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "encrypted"),
    "an encrypted zip": (encrypted, "encrypted"),
    "macros": (lambda: zipped({"word/vbaProject.bin": b"x"}), "macros"),
    "macros by another name": (
        lambda: zipped({"[Content_Types].xml": '<Types><Default ContentType="application/vnd.ms-office.vbaProject"/></Types>'}),
        "macros",
    ),
    "a document with macros": (
        lambda: zipped(
            {"[Content_Types].xml": '<Types><Override ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/></Types>'}
        ),
        "macros",
    ),
    "too many members": (lambda: zipped({f"{number}.xml": b"" for number in range(101)}), "too-much"),
    "a zip bomb": (lambda: zipped({"a.xml": bytes(20_000_001)}), "too-much"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_document_is_refused_before_it_is_unpacked(name):
    make, rule = REFUSED[name]
    raw = make()
    began = time.process_time()
    with pytest.raises(Unreadable) as refused:
        Package(raw, BOUNDS)
    assert refused.value.rule == rule
    assert time.process_time() - began < 1


PARTS = {
    "entities that grow": ('<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><a>&b;</a>', "entities"),
    "entities from elsewhere": ('<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><a>&a;</a>', "entities"),
    "entities in another encoding": ('<!DOCTYPE a [<!ENTITY a "aaaa">]><a>&a;</a>'.encode("utf-16"), "entities"),
    "an undeclared entity": ("<a>&b;</a>", "not-a-document"),
    "no XML": ("<a><b></a>", "not-a-document"),
    "nothing": ("", "not-a-document"),
    "too many elements": ("<a>" + "<b/>" * 2_000_000 + "</a>", "too-much"),
    "too many attributes": ("<a>" + "<b " + " ".join(f'x{n}="1"' for n in range(40_000)) + "/>" + "<c/>" * 6_000 + "</a>", "too-much"),
    "too deep": ("<a>" * 60 + "</a>" * 60, "too-much"),
    "far too deep": ("<a>" * 3_000_000, "too-much"),
    "too much text": ("<a>" + "x" * 15_000_000 + "</a>", "too-much"),
    "one endless tag": ('<a b="' + "x" * 15_000_000 + '"/>', "too-much"),
    "one endless comment": ("<a><!--" + "x" * 15_000_000 + "--></a>", "too-much"),
}


@pytest.mark.parametrize("name", PARTS)
def test_a_part_is_refused_at_little_cost(name):
    content, rule = PARTS[name]
    package = Package(zipped({"_rels/.rels": RELATIONS, "word/main.xml": content}), BOUNDS)
    main = package.main()
    tracemalloc.start()
    began = time.process_time()
    try:
        with pytest.raises(Unreadable) as refused:
            package.parse(main, Weighing())
        assert refused.value.rule == rule
        assert time.process_time() - began < 1
        assert tracemalloc.get_traced_memory()[1] < 15_000_000
    finally:
        tracemalloc.stop()


def test_the_stated_size_binds():
    package = Package(lying(), BOUNDS)
    with pytest.raises(Unreadable) as refused:
        package.parse(package.main(), Handler())
    assert refused.value.rule == "not-a-document"


def test_bounds_hold_over_all_parts_together():
    package = Package(zipped({"a.xml": "<a>" + "<b/>" * 6_000 + "</a>", "b.xml": "<a>" + "<b/>" * 6_000 + "</a>"}), BOUNDS)
    package.parse("a.xml", Handler())
    with pytest.raises(Unreadable, match="too-much"):
        package.parse("b.xml", Handler())


def test_parts_are_found_from_where_they_are_named():
    relations = (
        '<p:Relationships xmlns:p="urn:p"><p:Relationship Id="1" Type="x/styles" Target="../styles.xml"/>'
        '<p:Relationship Id="2" Type="x/image" Target="/media/a.png"/>'
        '<p:Relationship Id="3" Type="x/hyperlink" Target="file:///etc/passwd" TargetMode="External"/></p:Relationships>'
    )
    package = Package(zipped({"word/_rels/main.xml.rels": relations, "Styles.xml": "<a/>"}), BOUNDS)
    assert package.relations("word/main.xml") == {
        "1": Relation("styles", "styles.xml", False),
        "2": Relation("image", "media/a.png", False),
        "3": Relation("hyperlink", "file:///etc/passwd", True),
    }
    assert package.relations("word/other.xml") == {}
    assert package.has("styles.xml"), "names of parts know no capitals"
    with pytest.raises(Unreadable, match="not-a-document"):
        package.main()


def test_the_same_parts_are_the_same_package():
    first = packed({"b.xml": b"<b/>", "a.xml": b"<a/>"})
    time.sleep(2.1)
    assert packed({"b.xml": b"<b/>", "a.xml": b"<a/>"}) == first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert archive.namelist() == ["b.xml", "a.xml"]
