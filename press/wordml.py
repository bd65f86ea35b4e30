"""What every DOCX of ours is made of (ECMA-376, part 1, chapter 17): the XML of runs and paragraphs, styles, numbering, the package.

Written directly, since Word is strict about the order of elements and a package must be the same bytes for the same text. Scripts are
told apart here: Arabic and Hebrew run from right to left with the fonts and the language of complex scripts, ideographs take the East
Asian ones, whatever the language of the document.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from press.manuscript import RIGHT_TO_LEFT
from press.markup import writable
from press.package import packed

IDEOGRAPHS = "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RIGHT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
_LEFT = rf"A-Za-z\u00aa\u00b5\u00ba\u00c0-\u02b8\u0370-\u058f\u1e00-\u1fff\u2c00-\u2dff{IDEOGRAPHS}"
_RUNS_LEFT = re.compile(rf"([{_LEFT}](?:[^{_RIGHT}\n]*[{_LEFT}0-9/%)])?)")
_RUNS_RIGHT = re.compile(rf"([{_RIGHT}](?:[^{_LEFT}\n]*[{_RIGHT}])?)")
_EAST = re.compile(rf"[{IDEOGRAPHS}\u3000-\u303f\uff00-\uffef\u2010-\u2027\u2030-\u205e]")

LANGUAGES = {"en": "en-GB", "fr": "fr-FR", "es": "es-ES", "ru": "ru-RU", "ar": "ar-SA", "zh": "zh-CN"}
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_SPACES = f'xmlns:w="{_WORD}" xmlns:r="{_OFFICE}"'
_COLOUR = "1D4F73"
_SANS = 'w:ascii="Calibri" w:hAnsi="Calibri" w:eastAsia="SimSun" w:cs="Arial"'
_MONO = 'w:ascii="Consolas" w:hAnsi="Consolas" w:eastAsia="SimSun" w:cs="Courier New"'

WIDTH = 9026
"""Of the text on an upright A4 page, in twentieths of a point."""
STEP = 425
"""By so much a list or a quotation is set in."""
DEPTH = 9
"""Levels of a list."""


def tag(name: str, content: str = "", /, **attributes: object) -> str:
    """An element of the namespace, of content that is XML already and attributes that are not."""
    named = "".join(f" w:{key}={quoteattr(str(value))}" for key, value in attributes.items())
    return f"<w:{name}{named}>{content}</w:{name}>" if content else f"<w:{name}{named}/>"


# Runs


@dataclass(frozen=True, slots=True)
class Face:
    """How a run looks. ``style``: a character style; ``ltr``: from left to right whatever it holds, as a digest."""

    bold: bool = False
    italic: bool = False
    style: str = ""
    ltr: bool = False


PLAIN = Face()


def runs(text: str, language: str, face: Face = PLAIN, *, deleted: bool = False) -> str:
    """A text as runs, one for each stretch of a script. ``deleted``: inside a tracked deletion."""
    made = []
    for part, right in _directed(writable(text), language in RIGHT_TO_LEFT and not face.ltr):
        properties = _properties(part, language, face, right and not face.ltr)
        made.append(f"<w:r>{properties}{_content(part, 'delText' if deleted else 't')}</w:r>")
    return "".join(made)


def _directed(text: str, right: bool) -> list[tuple[str, bool]]:
    """The stretches of a text, each with whether it runs from right to left: what has no direction of its own, as a digit, goes with the
    paragraph, but for what stands within words of the other."""
    parts = (_RUNS_LEFT if right else _RUNS_RIGHT).split(text)
    return [(part, right != bool(at % 2)) for at, part in enumerate(parts) if part]


def _properties(text: str, language: str, face: Face, right: bool) -> str:
    east = _EAST.search(text) is not None and (language == "zh" or re.search(f"[{IDEOGRAPHS}]", text) is not None)
    made = "".join(
        (
            tag("rStyle", val=face.style) if face.style else "",
            tag("rFonts", hint="eastAsia") if east else "",
            tag("b") + tag("bCs") if face.bold else "",
            tag("i") + tag("iCs") if face.italic else "",
            tag("rtl") if right else "",
        )
    )
    return tag("rPr", made) if made else ""


def _content(text: str, name: str) -> str:
    parts = re.split("([\n\t])", text)
    marks = {"\n": tag("br"), "\t": tag("tab")}
    return "".join(marks.get(part) or f'<w:{name} xml:space="preserve">{escape(part)}</w:{name}>' for part in parts if part)


def number_field(instruction: str, shown: str, face: Face = PLAIN, *, deleted: bool = False) -> str:
    """A field, with the number it showed last."""
    properties = _properties("", "", face, False)
    name = "delInstrText" if deleted else "instrText"
    between = (
        tag("fldChar", fldCharType="begin"),
        f'<w:{name} xml:space="preserve"> {escape(instruction)} </w:{name}>',
        tag("fldChar", fldCharType="separate"),
        _content(shown, "delText" if deleted else "t"),
        tag("fldChar", fldCharType="end"),
    )
    return "".join(f"<w:r>{properties}{part}</w:r>" for part in between)


# Tables


def table(rows: str, widths: list[int], language: str, *, title: str = "", indent: int = 0) -> str:
    """A table of rows that are XML already, the first of which heads its columns."""
    properties = "".join(
        (
            tag("tblStyle", val="TableGrid"),
            tag("bidiVisual") if language in RIGHT_TO_LEFT else "",
            tag("tblW", w=sum(widths), type="dxa"),
            tag("tblInd", w=indent, type="dxa") if indent else "",
            tag("tblLayout", type="fixed"),
            tag("tblLook", val="0620", firstRow=1, lastRow=0, firstColumn=0, lastColumn=0, noHBand=1, noVBand=1),
            tag("tblCaption", val=writable(title)) if title else "",
        )
    )
    grid = "".join(tag("gridCol", w=width) for width in widths)
    return tag("tbl", f"{tag('tblPr', properties)}{tag('tblGrid', grid)}{rows}")


def row(cells: list[str], widths: list[int], *, heads: bool = False, splits: bool = False, change: str = "") -> str:
    """A row of cells that are paragraphs already. ``heads``: repeated on each page; ``splits``: it may run over onto the next one;
    ``change``: how it was tracked."""
    properties = ("" if splits else tag("cantSplit")) + (tag("tblHeader") if heads else "") + change
    filled = (tag("tc", tag("tcPr", tag("tcW", w=width, type="dxa")) + cell) for cell, width in zip(cells, widths, strict=True))
    return tag("tr", (tag("trPr", properties) if properties else "") + "".join(filled))


# The package


@dataclass
class Parts:
    """What a document refers to besides its body: addresses, lists that count, and notes."""

    language: str
    addresses: dict[str, str] = field(default_factory=dict)
    starts: list[tuple[int, int]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def address(self, url: str) -> str:
        """The id by which the body refers to an address."""
        return self.addresses.setdefault(url, f"rIdLink{len(self.addresses) + 1}")

    def counted(self, level: int, start: int) -> int:
        """The number of a new list that counts, at a level, from ``start``."""
        self.starts.append((level, start))
        return len(self.starts) + BULLETS

    def note(self) -> int:
        """The number of a note that is written later, by ``notes[number - 1]``."""
        self.notes.append("")
        return len(self.notes)


BULLETS = 1
"""The number of all lists that do not count."""


@dataclass(frozen=True)
class Properties:
    """What a document says of itself. ``dated`` stands for its making and its last change."""

    title: str
    author: str = ""
    dated: datetime | None = None
    subject: str = ""
    description: str = ""
    identifier: str = ""
    status: str = ""
    revision: int = 0


def package(body: str, parts: Parts, properties: Properties, *, mark: str = "", landscape: bool = False) -> bytes:
    """The DOCX. ``mark``: said on top of every page."""
    page = (16838, 11906) if landscape else (11906, 16838)
    section = "".join(
        (
            '<w:headerReference w:type="default" r:id="rIdHeader"/>' if mark else "",
            '<w:footerReference w:type="default" r:id="rIdFooter"/>',
            tag("pgSz", w=page[0], h=page[1], **({"orient": "landscape"} if landscape else {})),
            tag("pgMar", top=1440, right=1440, bottom=1440, left=1440, header=709, footer=709, gutter=0),
            tag("bidi") + tag("rtlGutter") if parts.language in RIGHT_TO_LEFT else "",
        )
    )
    known = {
        "styles": ("styles.xml", "styles", _styles(parts.language)),
        "numbering": ("numbering.xml", "numbering", _numbering(parts.starts)),
        "settings": ("settings.xml", "settings", _settings(parts.language)),
        "footnotes": ("footnotes.xml", "footnotes", _footnotes(parts.notes)),
        "footer": ("footer1.xml", "footer", _running("ftr", "Footer", _page_numbers(), parts.language)),
    }
    if mark:
        bold = runs(mark, parts.language, Face(bold=True))
        known["header"] = ("header1.xml", "header", _running("hdr", "Header", bold, parts.language))
    relations = [("rId" + kind.capitalize(), kind, name, "") for kind, (name, _, _) in known.items()]
    relations += [(key, "hyperlink", url, ' TargetMode="External"') for url, key in parts.addresses.items()]
    document = _part("document", tag("body", body + tag("sectPr", section)))
    made = {
        "[Content_Types].xml": _types([name for name, _, _ in known.values()], [kind for _, kind, _ in known.values()]),
        "_rels/.rels": _relations(
            [
                ("rId1", f"{_OFFICE}/officeDocument", "word/document.xml", ""),
                ("rId2", f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml", ""),
            ]
        ),
        "docProps/core.xml": _core(properties, parts.language),
        "word/document.xml": document,
        "word/_rels/document.xml.rels": _relations([(key, f"{_OFFICE}/{kind}", name, rest) for key, kind, name, rest in relations]),
        **{f"word/{name}": content for name, _, content in known.values()},
    }
    if parts.addresses and parts.notes:
        links = [(key, f"{_OFFICE}/hyperlink", url, ' TargetMode="External"') for url, key in parts.addresses.items()]
        made["word/_rels/footnotes.xml.rels"] = _relations(links)
    return packed({name: content if isinstance(content, bytes) else content.encode() for name, content in made.items()})


_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def _part(name: str, content: str) -> str:
    return f"{_HEAD}<w:{name} {_SPACES}>{content}</w:{name}>"


def _types(names: list[str], kinds: list[str]) -> str:
    overrides = {"word/document.xml": f"{_TYPE}.document.main+xml"}
    overrides |= {f"word/{name}": f"{_TYPE}.{kind}+xml" for name, kind in zip(names, kinds, strict=True)}
    overrides["docProps/core.xml"] = "application/vnd.openxmlformats-package.core-properties+xml"
    listed = "".join(f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in overrides.items())
    defaults = (
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
    )
    return f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">{defaults}{listed}</Types>'


def _relations(relations: list[tuple[str, str, str, str]]) -> str:
    listed = "".join(
        f"<Relationship Id={quoteattr(key)} Type={quoteattr(kind)} Target={quoteattr(target)}{rest}/>"
        for key, kind, target, rest in relations
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'


def _core(properties: Properties, language: str) -> str:
    dated = f"{properties.dated.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if properties.dated else ""
    plain = {
        "dc:title": properties.title,
        "dc:subject": properties.subject,
        "dc:creator": properties.author,
        "dc:description": properties.description,
        "dc:identifier": properties.identifier,
        "dc:language": LANGUAGES.get(language, language),
        "cp:lastModifiedBy": properties.author,
        "cp:revision": str(properties.revision or ""),
        "cp:contentStatus": properties.status,
    }
    listed = "".join(f"<{name}>{escape(writable(value))}</{name}>" for name, value in plain.items() if value)
    if dated:
        listed += "".join(f'<dcterms:{name} xsi:type="dcterms:W3CDTF">{dated}</dcterms:{name}>' for name in ("created", "modified"))
    spaces = (
        f'xmlns:cp="{_PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    )
    return f"{_HEAD}<cp:coreProperties {spaces}>{listed}</cp:coreProperties>"


def _settings(language: str) -> str:
    setting = "http://schemas.microsoft.com/office/word"
    compatible = "".join(tag("compatSetting", name=name, uri=setting, val=value) for name, value in _COMPATIBLE.items())
    tongue = LANGUAGES.get(language, language)
    separators = tag("footnote", id=-1) + tag("footnote", id=0)
    return _part(
        "settings",
        tag("defaultTabStop", val=STEP)
        + tag("characterSpacingControl", val="doNotCompress")
        + tag("footnotePr", separators)
        + tag("compat", compatible)
        + tag("themeFontLang", val=LANGUAGES["en"] if language in ("ar", "zh") else tongue, eastAsia="zh-CN", bidi="ar-SA")
        + tag("decimalSymbol", val=".")
        + tag("listSeparator", val=","),
    )


_COMPATIBLE = {"compatibilityMode": 15, "overrideTableStyleFontSizeAndJustification": 1, "enableOpenTypeFeatures": 1}


def _footnotes(notes: list[str]) -> str:
    lines = ((-1, "separator"), (0, "continuationSeparator"))
    spacing = tag("pPr", tag("spacing", after=0, line=240, lineRule="auto"))
    kept = "".join(tag("footnote", tag("p", spacing + tag("r", tag(kind))), type=kind, id=number) for number, kind in lines)
    return _part("footnotes", kept + "".join(tag("footnote", note, id=number) for number, note in enumerate(notes, 1)))


def _page_numbers() -> str:
    return f"{number_field('PAGE', '1')}<w:r>{_content(' / ', 't')}</w:r>{number_field('NUMPAGES', '1')}"


def _running(name: str, style: str, content: str, language: str) -> str:
    return _part(name, tag("p", tag("pPr", tag("pStyle", val=style) + (tag("bidi") if language in RIGHT_TO_LEFT else "")) + content))


def _numbering(starts: list[tuple[int, int]]) -> str:
    kinds = ("bullet", "decimal")
    abstract = "".join(
        tag(
            "abstractNum",
            tag("multiLevelType", val="hybridMultilevel") + "".join(_level(kind, level) for level in range(DEPTH)),
            abstractNumId=number,
        )
        for number, kind in enumerate(kinds)
    )
    listed = tag("num", tag("abstractNumId", val=0), numId=BULLETS)
    for number, (level, start) in enumerate(starts, BULLETS + 1):
        override = tag("lvlOverride", tag("startOverride", val=start), ilvl=level)
        listed += tag("num", tag("abstractNumId", val=1) + override, numId=number)
    return _part("numbering", abstract + listed)


def _level(kind: str, level: int) -> str:
    mark = "•–▪"[level % 3] if kind == "bullet" else f"%{level + 1}."
    indent = tag("ind", left=STEP * (level + 1), hanging=STEP)
    face = tag("rFonts", ascii="Calibri", hAnsi="Calibri", cs="Calibri", hint="default") if kind == "bullet" else ""
    return tag(
        "lvl",
        tag("start", val=1)
        + tag("numFmt", val=kind)
        + tag("lvlText", val=mark)
        + tag("lvlJc", val="left")
        + tag("pPr", indent)
        + (tag("rPr", face) if face else ""),
        ilvl=level,
    )


# Styles


def _styles(language: str) -> str:
    tongue = LANGUAGES.get(language, language)
    latin = LANGUAGES["en"] if language in ("ar", "zh") else tongue
    fonts = f"<w:rFonts {_SANS}/>"
    base = fonts + tag("sz", val=22) + tag("szCs", val=22) + tag("lang", val=latin, eastAsia="zh-CN", bidi="ar-SA")
    defaults = tag(
        "docDefaults",
        tag("rPrDefault", tag("rPr", base)) + tag("pPrDefault", tag("pPr", tag("spacing", after=120, line=264, lineRule="auto"))),
    )
    normal = _style("paragraph", "Normal", "Normal", default=True, quick=True)
    return _part("styles", defaults + normal + _LISTED + _quotes(language))


def _style(
    kind: str,
    key: str,
    name: str,
    based: str = "",
    *,
    then: str = "",
    paragraph: str = "",
    face: str = "",
    default: bool = False,
    quick: bool = False,
    custom: bool = False,
    rest: str = "",
) -> str:
    content = "".join(
        (
            tag("name", val=name),
            tag("basedOn", val=based) if based else "",
            tag("next", val=then) if then else "",
            tag("uiPriority", val=9 if quick else 99),
            tag("qFormat") if quick else "",
            tag("pPr", paragraph) if paragraph else "",
            tag("rPr", face) if face else "",
            rest,
        )
    )
    flags = ({"default": 1} if default else {}) | ({"customStyle": 1} if custom else {})
    return tag("style", content, type=kind, **flags, styleId=key)


def _size(points: float) -> str:
    return tag("sz", val=int(points * 2)) + tag("szCs", val=int(points * 2))


def _heading(level: int, points: float) -> str:
    face = tag("b") + tag("bCs") + tag("color", val=_COLOUR) + _size(points)
    spacing = tag("spacing", before=360 if level == 1 else 240, after=120)
    paragraph = tag("keepNext") + tag("keepLines") + spacing + tag("outlineLvl", val=level - 1)
    return _style("paragraph", f"Heading{level}", f"heading {level}", "Normal", then="Normal", paragraph=paragraph, face=face, quick=True)


def _bordered(side: str, colour: str, size: int, space: int) -> str:
    return tag("pBdr", tag(side, val="single", sz=size, space=space, color=colour))


def _grid() -> str:
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    borders = tag("tblBorders", "".join(tag(side, val="single", sz=4, space=0, color="9AA8B2") for side in sides))
    margins = tag("tblCellMar", "".join(tag(side, w=width, type="dxa") for side, width in zip(sides[:4], (57, 108, 57, 108), strict=True)))
    head = tag(
        "tblStylePr",
        tag("rPr", tag("b") + tag("bCs")) + tag("tcPr", tag("shd", val="clear", color="auto", fill="E4ECF1")),
        type="firstRow",
    )
    spacing = tag("spacing", after=0, line=240, lineRule="auto")
    properties = tag("tblPr", tag("tblInd", w=0, type="dxa") + borders + margins)
    return _style("table", "TableGrid", "Table Grid", "TableNormal", paragraph=spacing, rest=properties + head)


def _quotes(language: str) -> str:
    made = []
    side = "right" if language in RIGHT_TO_LEFT else "left"  # indents turn with the direction of a paragraph, its border does not
    for level in range(1, 4):
        paragraph = _bordered(side, "9AA8B2", 12, 8) + tag("ind", left=STEP * level, right=STEP)
        name = "Quote" if level == 1 else f"Quote {level}"
        made.append(
            _style("paragraph", f"Quote{level if level > 1 else ''}", name, "Normal", paragraph=paragraph, quick=True, custom=level > 1)
        )
    return "".join(made)


def _lists() -> str:
    made = [
        _style("paragraph", f"List{kind}", f"List {kind}", "Normal", paragraph=tag("contextualSpacing"), quick=True)
        for kind in ("Bullet", "Number")
    ]
    for level in range(1, 6):
        number, name = (level, f" {level}") if level > 1 else ("", "")
        indent = tag("ind", left=STEP * level)
        made.append(_style("paragraph", f"ListContinue{number}", f"List Continue{name}", "Normal", paragraph=indent))
    return "".join(made)


def _plain(key: str, name: str, *, paragraph: str = "", face: str = "", custom: bool = False, kind: str = "paragraph") -> str:
    return _style(kind, key, name, "Normal" if kind == "paragraph" else "", paragraph=paragraph, face=face, custom=custom)


_SMALL = tag("spacing", after=0, line=240, lineRule="auto")
_LISTED = "".join(
    (
        _style("character", "DefaultParagraphFont", "Default Paragraph Font", default=True),
        _style(
            "table",
            "TableNormal",
            "Normal Table",
            default=True,
            rest=tag(
                "tblPr",
                tag("tblInd", w=0, type="dxa")
                + tag(
                    "tblCellMar",
                    "".join(
                        tag(side, w=width, type="dxa")
                        for side, width in zip(("top", "left", "bottom", "right"), (0, 108, 0, 108), strict=True)
                    ),
                ),
            ),
        ),
        _style(
            "paragraph",
            "Title",
            "Title",
            "Normal",
            then="Normal",
            paragraph=tag("keepNext") + tag("spacing", before=240, after=240, line=240, lineRule="auto"),
            face=tag("b") + tag("bCs") + tag("color", val=_COLOUR) + _size(24),
            quick=True,
        ),
        *(_heading(level, points) for level, points in enumerate((16, 13.5, 12, 11, 11), 1)),
        _lists(),
        _plain("HTMLPreformatted", "HTML Preformatted", paragraph=tag("spacing", line=240, lineRule="auto"), face=f"<w:rFonts {_MONO}/>"),
        _plain("HorizontalLine", "Horizontal Line", paragraph=_bordered("bottom", "9AA8B2", 6, 1), custom=True),
        _plain("AfterTable", "After Table", paragraph=_SMALL, face=_size(6), custom=True),
        _plain("Imprint", "Imprint", paragraph=tag("spacing", after=60), face=tag("color", val="44546A"), custom=True),
        _plain(
            "ImprintHeading",
            "Imprint Heading",
            paragraph=tag("keepNext") + tag("spacing", before=240, after=60),
            face=tag("b") + tag("bCs") + tag("color", val=_COLOUR),
            custom=True,
        ),
        _plain("FootnoteText", "footnote text", paragraph=_SMALL, face=_size(9)),
        _plain("Header", "header", paragraph=_SMALL + tag("jc", val="center"), face=tag("color", val="9C1C1C")),
        _plain("Footer", "footer", paragraph=_SMALL + tag("jc", val="center"), face=_size(9)),
        _plain("FootnoteReference", "footnote reference", face=tag("vertAlign", val="superscript"), kind="character"),
        _plain("Hyperlink", "Hyperlink", face=tag("color", val="0B5394") + tag("u", val="single"), kind="character"),
        _plain("HTMLCode", "HTML Code", face=f"<w:rFonts {_MONO}/>", kind="character"),
        _grid(),
    )
)
