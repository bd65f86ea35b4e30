"""Reads a DOCX document (ECMA-376, part 1, chapter 17; transitional and strict): its words and what they are, and not how they look.

The body is a stream: each paragraph and each table is a small tree, read and let go. What Word keeps beside the words (comments,
pictures, headers) is not opened, and said to be left out.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from press.package import Bounds, Handler, Package, Unreadable
from press.reading.found import INTRODUCTION, LIMIT, WHOLE, Notes, Reading, line
from press.reading.marking import PLAIN, Block, Item, Span, address, plain, text

_UNPACKED = 64 * 1024 * 1024
_BOUNDS = Bounds(packed=LIMIT, unpacked=_UNPACKED, members=2_000, elements=300_000, text=2_000_000)
"""A paper of a hundred pages, each word of it a run of its own, has a third of these elements."""
_SECTIONS = 1_000
_CELLS = 65_536
"""Of one table: whoever sets Markdown fills no more of them up."""
_CHAIN = 20
"""Styles that may be based on one another."""

_MAIN = ("http://schemas.openxmlformats.org/wordprocessingml/2006/main", "http://purl.oclc.org/ooxml/wordprocessingml/main")
_MATHS = ("http://schemas.openxmlformats.org/officeDocument/2006/math", "http://purl.oclc.org/ooxml/officeDocument/math")
_COMPATIBLE = "http://schemas.openxmlformats.org/markup-compatibility/2006"

_BODY = re.compile(
    r"normal|normal \(web\)|default|body text.*|no spacing|list( \w+)?( \d)?|list paragraph|caption|plain text|(foot|end)note text|"
    r"after table|header|footer|block text|table paragraph|table contents|first paragraph|compact|annotation text"
)
_CODE = re.compile(r"html (preformatted|code|sample|keyboard|typewriter)|source code|verbatim char|code|macro text")
_RAISED = str.maketrans("0123456789+-−()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾ⁿ")
_LOWERED = str.maketrans("0123456789+-−()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₍₎")
_CHARACTERS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011", "ptab": "\t"}
_WITHIN = {"ins", "moveTo", "smartTag", "customXml", "sdt", "sdtContent", "dir", "bdo", "Choice", "AlternateContent", "ruby", "rubyBase"}
"""What stands around runs and is looked through."""


def read(raw: bytes, limit: int = LIMIT) -> Reading:
    """The document. ``limit``: bytes of the longest. Raises Unreadable."""
    return _Document(Package(raw, replace(_BOUNDS, packed=limit))).reading()


# The tree of a paragraph, and the parts around the body


@dataclass(slots=True)
class _Node:
    name: str
    attributes: dict[str, str]
    children: list["_Node"] = field(default_factory=list)
    text: str = ""

    def child(self, *names: str) -> "_Node | None":
        """The first child along this path."""
        node: _Node | None = self
        for name in names:
            node = next((one for one in node.children if one.name == name), None) if node else None
        return node

    def val(self, *names: str) -> str | None:
        """What the child along this path says."""
        node = self.child(*names)
        return node.attributes.get("val", "") if node else None

    def on(self, *names: str) -> bool:
        """Whether a property is switched on."""
        value = self.val(*names)
        return value is not None and value.lower() not in ("0", "false", "off", "none")

    def all(self, *names: str) -> Iterator["_Node"]:
        """Those below it of these names, in order."""
        waiting = [iter(self.children)]
        while waiting:
            node = next(waiting[-1], None)
            if node is None:
                waiting.pop()
                continue
            if node.name in names:
                yield node
            waiting.append(iter(node.children))


class _Parts(Handler):
    """Makes a tree of each outermost element of some names, and hands it on."""

    wanted: tuple[str, ...] = ()

    def __init__(self) -> None:
        self._open: list[_Node] = []

    def named(self, name: str) -> str:
        space, _, local = name.rpartition(" ")
        if not space or space in _MAIN:
            return local
        if space in _MATHS:
            return f"m:{local}"
        if space == _COMPATIBLE or local in ("docPr", "id", "embed"):
            return local if space == _COMPATIBLE else f"x:{local}"
        return f"x:{local}"

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        if self._open or name in self.wanted:
            node = _Node(name, attributes)
            if self._open:
                self._open[-1].children.append(node)
            self._open.append(node)
        else:
            self.beside(name, attributes)

    def end(self, name: str) -> None:
        if self._open:
            node = self._open.pop()
            if not self._open:
                self.take(node)

    def characters(self, content: str) -> None:
        if self._open and self._open[-1].name in ("t", "instrText", "m:t"):
            self.weigh(content)
            self._open[-1].text += content

    def take(self, node: _Node) -> None:
        """One of those wanted."""

    def beside(self, name: str, attributes: dict[str, str]) -> None:
        """An element outside of them begins."""


@dataclass(frozen=True, slots=True)
class _Style:
    name: str
    based: str
    outline: int | None
    item: tuple[str, int] | None
    looks: dict[str, bool]


class _Styles(_Parts):
    wanted = ("style",)

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[str, _Style] = {}
        self.default = ""

    def take(self, node: _Node) -> None:
        key = node.attributes.get("styleId", "")
        if node.attributes.get("type") == "paragraph" and node.attributes.get("default") in ("1", "true", "on"):
            self.default = key
        outline = node.val("pPr", "outlineLvl")
        looks = {name: node.on("rPr", name) for name in ("b", "i", "vanish") if node.child("rPr", name)}
        item = node.child("pPr", "numPr")
        self.known[key] = _Style(
            (node.val("name") or "").lower(),
            node.val("basedOn") or "",
            int(outline) if outline else None,
            (item.val("numId") or "", int(item.val("ilvl") or 0)) if item else None,
            looks,
        )

    def chain(self, key: str) -> list[_Style]:
        """A style, and those it is based on."""
        found: list[_Style] = []
        while (style := self.known.get(key)) is not None and len(found) < _CHAIN:
            found.append(style)
            key = style.based
        return found

    def look(self, key: str, name: str) -> bool:
        return next((style.looks[name] for style in self.chain(key) if name in style.looks), False)


class _Numbering(_Parts):
    wanted = ("abstractNum", "num")

    def __init__(self) -> None:
        super().__init__()
        self.levels: dict[str, dict[int, tuple[str, int, str]]] = {}
        self.lists: dict[str, tuple[str, dict[int, int]]] = {}
        self._begun: set[str] = set()
        self._counts: dict[str, dict[int, int]] = {}

    def take(self, node: _Node) -> None:
        if node.name == "abstractNum":
            self.levels[node.attributes.get("abstractNumId", "")] = {
                int(one.attributes.get("ilvl", 0)): (one.val("numFmt") or "decimal", int(one.val("start") or 1), one.val("lvlText") or "")
                for one in node.children
                if one.name == "lvl"
            }
        else:
            starts = {
                int(one.attributes.get("ilvl", 0)): int(one.val("startOverride") or 1)
                for one in node.children
                if one.name == "lvlOverride" and one.child("startOverride")
            }
            self.lists[node.attributes.get("numId", "")] = (node.val("abstractNumId") or "", starts)

    def level(self, key: str, level: int) -> tuple[str, int, str]:
        """How a level of a list counts, from where, and what it shows."""
        return self.levels.get(self.lists.get(key, ("", {}))[0], {}).get(level, ("bullet", 1, ""))

    def next(self, key: str, level: int) -> int:
        """The number of the next item. Lists of one kind count on, unless they say that they begin anew."""
        abstract, starts = self.lists.get(key, ("", {}))
        counts = self._counts.setdefault(abstract, {})
        if key not in self._begun:
            self._begun.add(key)
            counts |= {at: start - 1 for at, start in starts.items()}
        number = counts.get(level, self.level(key, level)[1] - 1) + 1
        self._counts[abstract] = {at: count for at, count in counts.items() if at < level} | {level: number}
        return max(number, 0)


class _Noted(_Parts):
    """The notes at the foot or the end, by their ids."""

    wanted = ("footnote", "endnote")

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, _Node] = {}

    def take(self, node: _Node) -> None:
        if node.attributes.get("type", "normal") == "normal":
            self.found[node.attributes.get("id", "")] = node


class _Title(_Parts):
    """The title among the properties of a document."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self._hears = False

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        self._hears = name == "x:title"

    def end(self, name: str) -> None:
        self._hears = False

    def characters(self, content: str) -> None:
        if self._hears:
            self.weigh(content)
            self.text += content


# The document


@dataclass(slots=True)
class _Field:
    """A field while it lasts: its instruction, then what it shows."""

    code: str = ""
    shows: bool = False


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a paragraph is by its style: ``body``, ``title``, ``heading``, ``code``, ``quote``, ``rule``, ``aside`` (left out) or
    ``contents``; its level; how deep in a list it goes on."""

    name: str
    level: int = 0
    goes_on: int | None = None


class _Document(_Parts):
    wanted = ("p", "tbl")

    def __init__(self, package: Package) -> None:
        super().__init__()
        self.package = package
        self.notes = Notes()
        self.styles, self.numbering = _Styles(), _Numbering()
        self.footnotes, self.endnotes = _Noted(), _Noted()
        self.blocks: list[Block] = []
        self.title: list[str] = []
        self.called: dict[tuple[str, str], int] = {}
        self.bookmarks: dict[str, int] = {}
        self._marks: dict[str, str] = {}
        self._fields: list[_Field] = []
        self._kinds: dict[str, _Kind] = {}
        self._kept: list[Span] = []
        self._heading = 0
        self._root = ""
        self._relations: dict[str, str] = {}
        self._in_note = False

    def reading(self) -> Reading:
        main = self.package.main()
        relations = self.package.relations(main)
        parts = {"styles": self.styles, "numbering": self.numbering, "footnotes": self.footnotes, "endnotes": self.endnotes}
        addresses: dict[str, dict[str, str]] = {"": {key: one.target for key, one in relations.items() if one.external}}
        for kind, target, external in relations.values():
            if kind in parts and not external and self.package.has(target):
                self.package.parse(target, parts[kind])
                addresses[kind] = {key: one.target for key, one in self.package.relations(target).items() if one.external}
        self._relations = addresses[""]
        self.package.parse(main, self)
        if self._root != "document":
            raise Unreadable("not-a-document", f"its main part is a {self._root[:40]}")
        self._flush()
        noted = self._noted(addresses)
        title = line(" ".join(self.title)) or line(self._named())
        return self._cut(title, noted)

    def _named(self) -> str:
        title = _Title()
        for kind, target, external in self.package.relations("").values():
            if kind == "core-properties" and not external and self.package.has(target):
                self.package.parse(target, title)
        return title.text

    # What stands beside paragraphs

    def beside(self, name: str, attributes: dict[str, str]) -> None:
        self._root = self._root or name
        match name:
            case "altChunk" | "subDoc":
                self.notes.add("embedded", name)
            case "headerReference" | "footerReference":
                where, self.notes.where = self.notes.where, ""
                self.notes.add("header")
                self.notes.where = where
            case "bookmarkStart":
                self._marks[attributes.get("id", "")] = attributes.get("name", "")
            case "m:oMathPara" | "m:oMath":
                self.notes.add("equation")

    def take(self, node: _Node) -> None:
        if node.name == "tbl":
            self._flush()
            self._table(node)
        else:
            self._paragraph(node)

    # Paragraphs

    def _paragraph(self, node: _Node) -> None:
        if not node.children and not self._kept:
            return
        properties = node.child("pPr") or _Node("pPr", {})
        self.notes.muted = self._kind(properties.val("pStyle") or self.styles.default).name in ("aside", "contents")
        spans = [*self._kept, *self._spans(node.children)]
        self.notes.muted = False
        self._fields = [one for one in self._fields if one.shows]
        self._kept = []
        if properties.child("rPr", "del") or properties.child("rPr", "moveFrom"):
            # The end of this paragraph was taken away: what is left of it goes on in the next.
            self.notes.add("deletion")
            self._kept = spans
            return
        if properties.child("rPr", "ins") or properties.child("rPr", "moveTo"):
            self.notes.add("insertion")
        self._put(properties, spans)

    def _flush(self) -> None:
        if self._kept:
            spans, self._kept = self._kept, []
            self._put(_Node("pPr", {}), spans)

    def _put(self, properties: _Node, spans: list[Span]) -> None:
        style = properties.val("pStyle") or self.styles.default
        kind = self._kind(style)
        says = plain(spans).strip() or any(span.note for span in spans)
        if kind.name == "body" and says and (outline := properties.val("outlineLvl")) and int(outline) < 9:
            kind = _Kind("heading", int(outline) + 1)
        block = Block("paragraph", tuple(spans))
        match kind.name:
            case "title" if not self.blocks:
                self.title.append(plain(spans))
                self.notes.where = ""
            case "heading" | "title":
                self._head(properties, style, kind, block)
            case "code":
                self._code(block)
            case "rule":
                self.blocks.append(Block("rule"))
            case "aside" | "contents":
                if says:
                    self.notes.add("imprint" if kind.name == "aside" else "contents", plain(spans))
            case _:
                item = self._item(properties, style, kind)
                if says or (item is not None and item.list):
                    self.blocks.append(replace(block, quotes=kind.level if kind.name == "quote" else 0, item=item))

    def _head(self, properties: _Node, style: str, kind: _Kind, block: Block) -> None:
        says = line(plain(block.spans))
        if not says:
            return
        level = max(kind.level, 1)
        self.notes.where = says[:200]
        if self._listed(properties, style):
            self.notes.add("heading-number")
        if level > self._heading + 1:
            self.notes.add("heading-skipped")
        self._heading = level
        self.blocks.append(replace(block, kind="heading", level=level))

    def _code(self, block: Block) -> None:
        last = self.blocks[-1] if self.blocks else None
        if last is not None and last.kind == "code":
            self.blocks[-1] = replace(last, spans=(*last.spans, Span("\n"), *block.spans))
        else:
            self.blocks.append(replace(block, kind="code"))

    def _kind(self, style: str) -> _Kind:
        if style not in self._kinds:
            self._kinds[style] = self._found_kind(style)
            if self._kinds[style].name == "unknown":
                name = self.styles.known[style].name if style in self.styles.known else style
                where, self.notes.where = self.notes.where, ""
                self.notes.add("style", name, each=True)
                self.notes.where = where
                self._kinds[style] = _Kind("body")
        return self._kinds[style]

    def _found_kind(self, key: str) -> _Kind:
        """By the nearest of its styles that says something; every program writes the names of its own styles in English."""
        chain = self.styles.chain(key)
        for style in chain:
            kind = _kind_of(style)
            if kind is not None:
                is_basis = style is not chain[0] and style.name in ("normal", "default")
                return _Kind("unknown") if is_basis else kind
        return _Kind("unknown" if key else "body")

    def _listed(self, properties: _Node, style: str) -> tuple[str, int] | None:
        """The list a paragraph is in, and the level."""
        own = properties.child("numPr")
        of_style = next((one.item for one in self.styles.chain(style) if one.item), None)
        key, level = of_style or ("", 0)
        if own is not None:
            key = own.val("numId") if own.child("numId") else key  # type: ignore[assignment]
            level = int(own.val("ilvl") or 0) if own.child("ilvl") else level
        return (key, min(max(level, 0), 8)) if key not in ("", "0") else None

    def _item(self, properties: _Node, style: str, kind: _Kind) -> Item | None:
        listed = self._listed(properties, style)
        if listed is None:
            return None if kind.goes_on is None else Item(kind.goes_on)
        key, level = listed
        counts, _, shown = self.numbering.level(key, level)
        if counts == "none":
            return Item(level)
        loose = properties.val("contextualSpacing") == "0"
        if counts == "bullet":
            return Item(level, f"{key} bullet", None, loose)
        if counts != "decimal" or shown.count("%") > 1:
            self.notes.add("list-numbers", counts if counts != "decimal" else shown)
        return Item(level, key, self.numbering.next(key, level), loose)

    # Runs

    def _spans(self, nodes: Iterable[_Node], like: Span = PLAIN) -> list[Span]:
        made: list[Span] = []
        for node in nodes:
            match node.name:
                case "r":
                    made += self._run(node, like)
                case "hyperlink":
                    made += self._linked(node, like)
                case "fldSimple":
                    made += self._shown(_Field(node.attributes.get("instr", ""), True), self._spans(node.children, like))
                case "del" | "moveFrom":
                    self.notes.add("deletion" if node.name == "del" else "moved", "".join(one.text for one in node.all("t")))
                case "bookmarkStart":
                    self._marks[node.attributes.get("id", "")] = node.attributes.get("name", "")
                case "bookmarkEnd":
                    self._marks.pop(node.attributes.get("id", ""), None)
                case "m:oMath" | "m:oMathPara":
                    self.notes.add("equation", "".join(one.text for one in node.all("m:t")))
                case name if name in _WITHIN:
                    if name in ("ins", "moveTo"):
                        self.notes.add("insertion")
                    made += self._spans(node.children, like)
        return made

    def _linked(self, node: _Node, like: Span) -> list[Span]:
        target = self._relations.get(node.attributes.get("x:id", ""), "")
        if anchor := node.attributes.get("anchor", ""):
            target = f"{target}#{anchor}" if target else ""
        link = address(target)
        spans = self._spans(node.children, replace(like, link=link))
        if not link and plain(spans).strip():
            self.notes.add("link", target or anchor or plain(spans))
        return spans

    def _run(self, node: _Node, like: Span) -> list[Span]:
        properties = node.child("rPr") or _Node("rPr", {})
        style = properties.val("rStyle") or ""
        if properties.on("vanish") or (properties.child("vanish") is None and self.styles.look(style, "vanish")):
            self.notes.add("hidden", "".join(one.text for one in node.all("t")))
            return []
        looks = replace(
            like,
            bold=self._look(properties, style, "b"),
            italic=self._look(properties, style, "i"),
            code=any(_CODE.fullmatch(one.name) for one in self.styles.chain(style)),
        )
        made: list[Span] = []
        for one in node.children:
            made += self._part(one, looks, properties)
        return self._shown(self._fields[-1], made) if made and self._fields else made

    def _look(self, properties: _Node, style: str, name: str) -> bool:
        for own in (f"{name}Cs" if properties.on("rtl") else name, name):
            if properties.child(own):
                return properties.on(own)
        return self.styles.look(style, name)

    def _part(self, node: _Node, like: Span, properties: _Node) -> list[Span]:
        """What one element of a run says."""
        if node.name == "fldChar":
            self._field(node)
        elif self._fields and not self._fields[-1].shows:
            if node.name == "instrText":
                self._fields[-1].code += node.text
        elif node.name == "t":
            return [replace(like, text=self._raised(node.text, properties))]
        elif node.name in _CHARACTERS:
            return [replace(like, text=_CHARACTERS[node.name])] if node.attributes.get("type", "textWrapping") == "textWrapping" else []
        elif node.name in ("footnoteReference", "endnoteReference"):
            return self._call(node)
        elif node.name == "AlternateContent":
            choice = node.child("Choice") or node.child("Fallback")
            return [span for one in (choice.children if choice else ()) for span in self._part(one, like, properties)]
        elif node.name == "ruby":
            self.notes.add("ruby", "".join(one.text for part in node.children if part.name == "rt" for one in part.all("t")))
            return self._spans([part for part in node.children if part.name == "rubyBase"], like)
        else:
            self._leave_out(node)
        return []

    def _leave_out(self, node: _Node) -> None:
        match node.name:
            case "drawing" | "pict":
                boxed = next(node.all("txbxContent"), None)
                named = next(node.all("x:docPr"), None)
                if boxed is not None:
                    self.notes.add("text-box", " ".join(one.text for one in boxed.all("t")))
                else:
                    self.notes.add("image", (named.attributes.get("descr") or named.attributes.get("name", "")) if named else "")
            case "object":
                self.notes.add("embedded")
            case "commentReference":
                self.notes.add("comment")
            case "sym":
                self.notes.add("symbol", node.attributes.get("font", ""))
            case "contentPart":
                self.notes.add("image")

    def _raised(self, said: str, properties: _Node) -> str:
        """Digits that are raised or lowered are other characters: 10² is not 102."""
        where = properties.val("vertAlign")
        signs = {"superscript": _RAISED, "subscript": _LOWERED}.get(where or "")
        if signs is None or not said.strip():
            return said
        if all(ord(one) in signs for one in said.strip()):
            return said.translate(signs)
        self.notes.add("raised" if where == "superscript" else "lowered", said)
        return said

    # Fields and notes

    def _field(self, node: _Node) -> None:
        match node.attributes.get("fldCharType"):
            case "begin":
                self._fields.append(_Field())
            case "separate" if self._fields:
                self._fields[-1].shows = True
            case "end" if self._fields:
                self._fields.pop()

    def _shown(self, of: _Field, spans: list[Span]) -> list[Span]:
        """What a field shows, as what it is."""
        words = of.code.split()
        kind = words[0].upper() if words else ""
        if kind == "HYPERLINK":
            found = re.search(r'"([^"]*)"', of.code)
            link = address(found[1]) if found and "\\l" not in words[1:2] else ""
            if not link:
                self.notes.add("link", found[1] if found else "")
            return [replace(span, link=link) for span in spans]
        if kind == "NOTEREF" and len(words) > 1 and words[1] in self.bookmarks:
            return [Span(note=self.bookmarks[words[1]])]
        if kind:
            self.notes.add("field", kind, each=True)
        return spans

    def _call(self, node: _Node) -> list[Span]:
        if self._in_note:
            return []
        kind = node.name.removesuffix("Reference")
        key = (kind, node.attributes.get("id", ""))
        if key[1] not in (self.footnotes if kind == "footnote" else self.endnotes).found:
            return []
        number = self.called.setdefault(key, len(self.called) + 1)
        for name in self._marks.values():
            self.bookmarks.setdefault(name, number)
        return [Span(note=number)]

    def _noted(self, addresses: dict[str, dict[str, str]]) -> dict[int, list[list[Span]]]:
        """The notes that were called, each as paragraphs."""
        self._in_note, self.notes.where, made = True, "", {}
        for (kind, key), number in list(self.called.items()):
            self._relations = addresses.get(f"{kind}s", {})
            node = (self.footnotes if kind == "footnote" else self.endnotes).found[key]
            if kind == "endnote":
                self.notes.add("endnote")
            if any(one.name == "tbl" for one in node.children):
                self.notes.add("table-in-note")
            self._fields = []
            made[number] = [spans for spans in (self._spans(one.children) for one in node.all("p")) if plain(spans).strip()]
        return made

    # Tables

    def _table(self, table: _Node) -> None:
        rows = [row for row in _through(table, "tr") if not row.child("trPr", "del")]
        if len(rows) != sum(1 for _ in _through(table, "tr")):
            self.notes.add("deletion")
        if any(row.child("trPr", "ins") for row in rows):
            self.notes.add("insertion")
        rows = [row for row in rows if next(_through(row, "tc"), None)]
        made = [[one for cell in _through(row, "tc") for one in self._cells(cell)] for row in rows]
        if not rows:
            return
        if len(made) * max(len(row) for row in made) > _CELLS:
            raise Unreadable("too-much", "cells of a table")
        if len(made) == 1 and len(made[0]) == 1:
            self.notes.add("frame")
            self.blocks += [Block("paragraph", tuple(spans)) for spans in self._paragraphs(next(_through(rows[0], "tc")))]
            return
        if not rows[0].on("trPr", "tblHeader"):
            self.notes.add("table-heading", plain(made[0][0]))
        alignments = tuple(_alignment(cell) for cell in _through(rows[0], "tc"))
        filled = tuple(tuple(tuple(cell) for cell in row) for row in made)
        self.blocks.append(Block("table", rows=filled, alignments=alignments))

    def _cells(self, cell: _Node) -> list[list[Span]]:
        """A cell, and an empty one for each further column it goes over."""
        properties = cell.child("tcPr") or _Node("tcPr", {})
        span = min(max(int(properties.val("gridSpan") or 1), 1), 63)
        merge = properties.child("vMerge")
        if span > 1 or merge is not None:
            self.notes.add("merged")
        if merge is not None and merge.attributes.get("val", "continue") != "restart":
            return [[] for _ in range(span)]
        if cell.child("tbl"):
            self.notes.add("nested-table", "".join(one.text for inner in cell.children if inner.name == "tbl" for one in inner.all("t")))
        paragraphs = [spans for spans in self._paragraphs(cell) if spans]
        if sum(bool(plain(spans).strip()) for spans in paragraphs) > 1:
            self.notes.add("cell-lines", plain(paragraphs[0]))
        joined = [span for at, spans in enumerate(paragraphs) for span in [*([Span(" ")] if at else []), *spans]]
        return [joined, *([] for _ in range(span - 1))]

    def _paragraphs(self, cell: _Node) -> list[list[Span]]:
        made = []
        for node in _through(cell, "p"):
            if node.child("pPr", "numPr"):
                self.notes.add("list-in-table")
            made.append(self._spans(node.children))
            self._fields = [one for one in self._fields if one.shows]
        return made

    # Sections

    def _cut(self, title: str, noted: dict[int, list[list[Span]]]) -> Reading:
        """The blocks as sections: at headings of the first level; at those of the second when the only one of the first is the title."""
        top, blocks = 1, self.blocks
        firsts = [at for at, block in enumerate(blocks) if block.kind == "heading" and block.level == 1]
        if not self.title and len(firsts) == 1 and not firsts[0] and any(b.kind == "heading" and b.level == 2 for b in blocks):
            title, top, blocks = line(plain(blocks[0].spans)), 2, blocks[1:]
            self._note("title-from-heading")
        elif not firsts and (levels := [block.level for block in blocks if block.kind == "heading"]):
            top = min(levels)
        sections: list[tuple[str, list[Block]]] = []
        for block in blocks:
            if block.kind == "heading" and block.level <= top:
                sections.append((line(plain(block.spans)), []))
                if any(span.note for span in block.spans):
                    self.notes.where = sections[-1][0][:200]
                    self.notes.add("note-in-heading")
            else:
                if not sections:
                    headed = any(b.kind == "heading" and b.level <= top for b in blocks)
                    heading, what = (INTRODUCTION, "before-heading") if headed else (WHOLE, "no-headings")
                    sections.append((heading, []))
                    self._note(what, heading)
                sections[-1][1].append(block)
        if len(sections) > _SECTIONS:
            raise Unreadable("too-much", f"{len(sections)} sections")
        made, left = [], dict(noted)
        for heading, within in sections:
            called = {number: left.pop(number) for number in dict.fromkeys(_called(within)) if number in left}
            made.append((heading, text(_stepped(within, top), called)))
        return Reading(title, tuple(made), self.notes.all())

    def _note(self, what: str, found: str = "") -> None:
        self.notes.where = ""
        self.notes.add(what, found)


_NAMED = {
    "title": _Kind("title"),
    "horizontal line": _Kind("rule"),
    "imprint": _Kind("aside"),
    "imprint heading": _Kind("aside"),
}


def _kind_of(style: _Style) -> _Kind | None:
    """What a style says of its paragraphs; None when it says nothing."""
    name = style.name
    found = re.fullmatch(r"(heading|list continue|quote|intense quote|quotations|block quotation)(?: (\d))?", name)
    kind = _NAMED.get(name)
    if name.startswith(("toc ", "table of ")):
        kind = _Kind("contents")
    elif found and found[1] == "heading":
        kind = _Kind("heading", int(found[2] or 1))
    elif style.outline is not None and style.outline < 9:
        kind = _Kind("heading", style.outline + 1)
    elif found and found[1] == "list continue":
        kind = _Kind("body", goes_on=int(found[2] or 1) - 1)
    elif found:
        kind = _Kind("quote", int(found[2] or 1))
    elif _CODE.fullmatch(name):
        kind = _Kind("code")
    elif _BODY.fullmatch(name):
        kind = _Kind("body")
    return kind


def _through(node: _Node, name: str) -> Iterator[_Node]:
    """Its children of that name, also those within what is looked through."""
    for one in node.children:
        if one.name == name:
            yield one
        elif one.name in _WITHIN:
            yield from _through(one, name)


def _alignment(cell: _Node) -> str:
    paragraph = cell.child("p")
    properties = paragraph.child("pPr") if paragraph else None
    side = (properties.val("jc") if properties else None) or ""
    return {"start": "left", "left": "left", "end": "right", "right": "right", "center": "center"}.get(side, "")


def _called(blocks: Sequence[Block]) -> Iterator[int]:
    for block in blocks:
        for spans in (block.spans, *(cell for row in block.rows for cell in row)):
            yield from (span.note for span in spans if span.note)


def _stepped(blocks: Sequence[Block], top: int) -> list[Block]:
    """Headings from the third level on, none skipped."""
    made, above = [], 2
    for block in blocks:
        if block.kind == "heading":
            above = min(max(block.level - top + 2, 3), above + 1, 6)
            made.append(replace(block, level=above))
        else:
            made.append(block)
    return made
