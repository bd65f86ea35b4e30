"""A text as Akoma Ntoso 3.0 (OASIS LegalDocML), in the naming of the United Nations (AKN4UN).

The schema leaves no doubt whether a file is valid; whether its names are those that the United Nations would give, somebody there has to
confirm. Until then the file says of itself that its naming is unconfirmed.
"""

import re
from collections.abc import Iterable
from functools import cache
from urllib.parse import quote

from lxml import etree
from markdown_it.tree import SyntaxTreeNode

from press import markup, words
from press.manuscript import Manuscript, Section

NAMESPACE = "http://docs.oasis-open.org/legaldocml/ns/akn/3.0"
OURS = "urn:icat:press:1"
"""The namespace of what Akoma Ntoso has no element for."""

PROFILE = "AKN4UN naming, unconfirmed"

ISSUER = "icat"
"""The issuing body as it stands in addresses, alike in all languages."""

KINDS = {
    "issue_paper": ("doc", "issuePaper"),
    "information_note": ("doc", "informationNote"),
    "joint_statement": ("statement", "jointStatement"),
}
"""The document type of Akoma Ntoso and the subtype, by kind."""

CODES = {"en": "eng", "fr": "fra", "es": "spa", "ru": "rus", "ar": "ara", "zh": "zho"}
"""Languages as ISO 639-2 writes them; others keep their own code."""

EXACTNESS = {4: "; only the year is known", 7: "; only the month is known", 10: ""}
"""What is said of a date, by the length of what is known of it: the schema asks for a day."""

UNITS = {3: ("subsection", "subsec"), 4: ("level", "level"), 5: ("level", "level"), 6: ("level", "level")}
"""What a heading of a level opens, and its part in an identifier."""

_ENDS_A_LINE = {
    *("meta", "identification", "FRBRWork", "FRBRExpression", "FRBRManifestation", "references", "proprietary", "preface", "container"),
    *("mainBody", "section", "subsection", "level", "heading", "intro", "content", "conclusions", "p", "ul", "ol", "li", "table", "tr"),
    "blockContainer",
}


def write(manuscript: Manuscript) -> bytes:
    """The XML of a text, in UTF-8; valid by the schema of Akoma Ntoso 3.0."""
    kind, subtype = KINDS[manuscript.kind]
    root = etree.Element(_name("akomaNtoso"), nsmap={None: NAMESPACE, "icat": OURS})
    document = _add(root, kind, name=subtype)
    _meta(_add(document, "meta"), manuscript)
    _preface(_add(document, "preface"), manuscript)
    main = _add(document, "mainBody")
    notes = 0
    for section in manuscript.sections:
        notes = _Text(manuscript.url, notes + 1).set(main, section)
    if not len(main):
        _add(main, "p")
    if manuscript.kind == "joint_statement" and manuscript.entities:
        signed = _add(document, "conclusions")
        for number, entity in enumerate(manuscript.entities, 1):
            _add(_add(signed, "p"), "signature", entity, refersTo=f"#org_{number}")
    for part in document.iterchildren(_name("preface"), _name("mainBody"), _name("conclusions")):
        part.set("{http://www.w3.org/XML/1998/namespace}lang", manuscript.language)
    for element in root.iter():
        if element.tail is None and etree.QName(element).localname in _ENDS_A_LINE:
            element.tail = "\n"
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def work(manuscript: Manuscript) -> str:
    """The address of the work: the text in whatever language and revision. A draft has no date of its own yet but the year."""
    kind, subtype = KINDS[manuscript.kind]
    known = manuscript.date[:4] if manuscript.status == "draft" or len(manuscript.date) < 10 else manuscript.date
    number = manuscript.document if manuscript.number is None else manuscript.number
    return f"/akn/un/{kind}/{subtype}/{ISSUER}/{known}/{quote(str(number), safe='')}"


# What is said of the text


def _meta(meta: etree._Element, manuscript: Manuscript) -> None:
    identification = _add(meta, "identification", source=f"#{ISSUER}")
    address, language = work(manuscript), CODES.get(manuscript.language, manuscript.language)
    event = "revision" if manuscript.status == "draft" else "publication"
    version = manuscript.dated.date().isoformat()
    expression = f"{address}/{language}@{version}"

    level = _add(identification, "FRBRWork")
    _frbr(level, address, "", _first_day(manuscript.date), event + EXACTNESS[len(manuscript.date)], manuscript)
    _add(level, "FRBRcountry", value="un")
    _add(level, "FRBRsubtype", value=KINDS[manuscript.kind][1])
    if manuscript.number is not None:
        _add(level, "FRBRnumber", value=str(manuscript.number), showAs=words.kind(manuscript))
    _add(level, "FRBRname", value=manuscript.title)
    _add(level, "FRBRprescriptive", value="false")
    _add(level, "FRBRauthoritative", value="false" if manuscript.status == "draft" else "true")

    level = _add(identification, "FRBRExpression")
    _frbr(level, expression, "", version, event, manuscript)
    _add(level, "FRBRversionNumber", value=str(manuscript.revision))
    _add(level, "FRBRauthoritative", value="false" if manuscript.original else "true")
    _add(level, "FRBRlanguage", language=language)
    if manuscript.original:
        origin = CODES.get(manuscript.original, manuscript.original)
        _add(level, "FRBRtranslation", href=f"{address}/{origin}", fromLanguage=origin, authoritative="false", by=f"#{ISSUER}")

    level = _add(identification, "FRBRManifestation")
    _frbr(level, expression, ".xml", version, "export", manuscript)
    _add(level, "FRBRformat", value="application/akn+xml")

    references = _add(meta, "references", source=f"#{ISSUER}")
    ontology = "/akn/un/ontology"
    _add(references, "TLCOrganization", eId=ISSUER, href=f"{ontology}/organization/{ISSUER}", showAs=manuscript.issuer)
    for number, entity in enumerate(manuscript.entities, 1):
        _add(references, "TLCOrganization", eId=f"org_{number}", href=f"{ontology}/organization/{_address(entity)}", showAs=entity)
    _add(references, "TLCRole", eId="author", href=f"{ontology}/role/author", showAs="author")

    ours = _add(meta, "proprietary", source=f"#{ISSUER}")
    said = {
        "profile": PROFILE,
        "document": manuscript.document,
        "status": manuscript.status,
        "date": manuscript.date,
        "digest": f"sha256:{manuscript.digest}",
        "citation": manuscript.citation,
    }
    for name, value in said.items():
        etree.SubElement(ours, f"{{{OURS}}}{name}").text = markup.writable(value)


def _frbr(level: etree._Element, address: str, suffix: str, date: str, of: str, manuscript: Manuscript) -> None:
    """What each level of a work's description begins with."""
    _add(level, "FRBRthis", value=f"{address}/!main{suffix}")
    _add(level, "FRBRuri", value=f"{address}{suffix}")
    if level.tag == _name("FRBRExpression"):
        _add(level, "FRBRalias", value=manuscript.url, name="url")
    _add(level, "FRBRdate", date=date, name=of)
    _add(level, "FRBRauthor", href=f"#{ISSUER}", **{"as": "#author"})


def _preface(preface: etree._Element, manuscript: Manuscript) -> None:
    language = manuscript.language
    _add(_add(preface, "p"), "docProponent", manuscript.issuer)
    line = _add(preface, "p")
    _add(line, "docType", words.word(manuscript.kind, language)).tail = " "
    if manuscript.number is not None:
        _add(line, "docNumber", words.word("number", language, manuscript.number)).tail = " "
    _add(line, "docDate", words.date(manuscript.date, language), date=_first_day(manuscript.date))
    _add(_add(preface, "p"), "docTitle", manuscript.title)
    if manuscript.status != "published":
        _add(_add(preface, "p"), "docStatus", words.word(manuscript.status, language))
    for line_of_text in filter(None, (manuscript.occasion, " · ".join(manuscript.entities))):
        _add(preface, "p", line_of_text)
    for name, lines in (("corrigenda", manuscript.notes), ("summary", re.split(r"\n\s*\n", manuscript.summary.strip()))):
        if any(lines):
            container = _add(preface, "container", name=name)
            for part in lines:
                _add(container, "p", part)


# The text


class _Text:
    """One section on its way into the tree. ``first_note``: the number that its first note will have."""

    def __init__(self, base: str, first_note: int) -> None:
        self.base = base
        self.first_note = first_note
        self.notes: dict[int, SyntaxTreeNode] = {}
        self.placed: set[int] = set()

    def set(self, main: etree._Element, section: Section) -> int:
        """Set the section; returns the number of the last note so far."""
        blocks = []
        for node in markup.tree(section.text, self.first_note).children:
            if node.type == "footnote_block":
                self.notes = {note.meta["id"]: note for note in node.children}
            else:
                blocks.append(node)
        units = [(2, _add(main, "section", eId=f"sec_{_address(section.id)}"))]
        if section.heading:
            _add(units[0][1], "heading", section.heading)
        for at, node in enumerate(blocks):
            if node.type == "heading":
                self._open(units, node)
                continue
            unit = units[-1][1]
            holder = unit[-1] if len(unit) and unit[-1].tag in (_name("content"), _name("intro")) else None
            if holder is None:
                holder = _add(unit, "intro" if _has_units(blocks[at:], units[-1][0]) else "content")
            self._block(holder, node)
        _name_blocks(units[0][1])
        return self.first_note - 1 + len(self.notes)

    def _open(self, units: list[tuple[int, etree._Element]], heading: SyntaxTreeNode) -> None:
        """A heading closes what is as deep as itself or deeper, and opens a unit of its own."""
        level = int(heading.tag[1:])
        while units[-1][0] >= level:
            units.pop()
        above = units[-1][1]
        name, short = UNITS[level]
        number = 1 + sum(child.tag == _name(name) for child in above)
        unit = _add(above, name, eId=f"{above.get('eId')}__{short}_{number}")
        self._inline(_add(unit, "heading"), heading)
        units.append((level, unit))

    def _block(self, parent: etree._Element, node: SyntaxTreeNode) -> None:
        """A block where blocks may stand."""
        match node.type:
            case "paragraph":
                self._inline(_add(parent, "p"), node)
            case "heading":  # within a quotation, a list or a note it opens nothing
                self._inline(_add(_add(parent, "p", **{"class": "heading"}), "b"), node)
            case "bullet_list" | "ordered_list":
                self._list(parent, node)
            case "blockquote":
                self._blocks(_add(parent, "blockContainer", **{"class": "quotation"}), node.children)
            case "code_block" | "fence":
                code = _add(parent, "p", node.content.rstrip("\n"), **{"class": "code"})
                code.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
            case "table":
                self._table(_add(parent, "table"), node)
            case "hr":
                _add(parent, "p", **{"class": "rule"})
            case _:
                raise ValueError(f"a block of a kind that is not known: {node.type}")

    def _blocks(self, parent: etree._Element, nodes: Iterable[SyntaxTreeNode]) -> None:
        """Blocks where at least one has to stand."""
        for node in nodes:
            if node.type != "footnote_anchor":
                self._block(parent, node)
        if not len(parent):
            _add(parent, "p")

    def _list(self, parent: etree._Element, node: SyntaxTreeNode) -> None:
        listed = _add(parent, "ul" if node.type == "bullet_list" else "ol")
        first = int(node.attrs.get("start", 1))
        for number, item in enumerate(node.children, first):
            entry = _add(listed, "li", **({} if listed.tag == _name("ul") else {"value": str(number)}))
            for child in item.children:
                if child.type == "paragraph" and child.hidden:
                    self._inline(entry, child)
                elif child.type in ("paragraph", "heading", "bullet_list", "ordered_list", "code_block", "fence", "hr"):
                    self._block(entry, child)
                else:  # an item holds words, paragraphs and lists; what else there is stands within as a piece of its own
                    self._block(_add(entry, "embeddedStructure"), child)

    def _table(self, table: etree._Element, node: SyntaxTreeNode) -> None:
        for row in (row for part in node.children for row in part.children):
            line = _add(table, "tr")
            for cell in row.children:
                alignment = str(cell.attrs.get("style", "")).removeprefix("text-align:")
                place = _add(line, cell.type, **({"class": alignment} if alignment else {}))
                self._inline(_add(place, "p"), cell)

    def _inline(self, parent: etree._Element, node: SyntaxTreeNode) -> None:
        """The words of a paragraph, a heading or a cell."""
        for inline in node.children:
            self._words(parent, inline.children)

    def _words(self, parent: etree._Element, nodes: Iterable[SyntaxTreeNode]) -> None:
        for node in nodes:
            match node.type:
                case "text":
                    _say(parent, node.content)
                case "softbreak":
                    _say(parent, "\n")
                case "hardbreak":
                    _add(parent, "br")
                case "strong":
                    self._words(_add(parent, "b"), node.children)
                case "em":
                    self._words(_add(parent, "i"), node.children)
                case "code_inline":
                    _add(parent, "span", node.content, **{"class": "code"})
                case "link":
                    address = markup.absolute(str(node.attrs["href"]), self.base)
                    self._words(_add(parent, "a", href=address) if _is_address(address) else parent, node.children)
                case "footnote_ref":
                    self._note(parent, node.meta["id"])
                case "footnote_anchor":
                    pass
                case _:
                    raise ValueError(f"words of a kind that is not known: {node.type}")

    def _note(self, parent: etree._Element, identifier: int) -> None:
        """A note stands where it is first called; elsewhere, and within itself, it is pointed to."""
        number = str(identifier + 1)
        if identifier in self.placed:
            _add(parent, "noteRef", href=f"#note_{number}", marker=number)
            return
        self.placed.add(identifier)
        note = _add(parent, "authorialNote", eId=f"note_{number}", marker=number, placement="bottom")
        self._blocks(note, self.notes[identifier].children)


def _has_units(nodes: Iterable[SyntaxTreeNode], level: int) -> bool:
    """Whether a heading that belongs below this level comes before one that closes it."""
    heading = next((node for node in nodes if node.type == "heading"), None)
    return heading is not None and int(heading.tag[1:]) > level


def _name_blocks(section: etree._Element) -> None:
    """Identifiers of paragraphs, lists and tables: numbered within their unit, so that a change elsewhere does not touch them."""
    for holder in section.iter(_name("content"), _name("intro")):
        counts: dict[str, int] = {}
        for block in holder:
            short = {"ul": "list", "ol": "list", "blockContainer": "blockContainer"}.get(name := etree.QName(block).localname, name)
            counts[short] = counts.get(short, 0) + 1
            block.set("eId", f"{holder.getparent().get('eId')}__{short}_{counts[short]}")


def _first_day(known: str) -> str:
    """The first day of what is known of a date."""
    return known + "-01" * ((10 - len(known)) // 3)


# Elements


def _name(local: str) -> str:
    return f"{{{NAMESPACE}}}{local}"


def _add(parent: etree._Element, local: str, text: str = "", **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, _name(local), {name: markup.writable(value) for name, value in attributes.items()})
    element.text = markup.writable(text) or None
    return element


def _say(parent: etree._Element, text: str) -> None:
    """Words after whatever stands in the element already."""
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text


def _address(text: str) -> str:
    """A name as a part of an address or an identifier, which may hold no spaces."""
    return quote(markup.writable(text), safe="")


@cache
def _addresses() -> etree.XMLSchema:
    """The schema of an address alone: what its type allows is decided by the same parser that will judge the file."""
    schema = '<schema xmlns="http://www.w3.org/2001/XMLSchema"><element name="address" type="anyURI"/></schema>'
    return etree.XMLSchema(etree.fromstring(schema))


def _is_address(text: str) -> bool:
    element = etree.Element("address")
    element.text = text
    return bool(_addresses()(element))
