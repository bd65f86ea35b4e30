"""Pictures drawn as SVG: accessible, escaped, light or dark as the reader's system is.

A picture is drawn with classes alone, so that it can stand within a page, whose policy allows no inline style. On its own
it carries the same style sheet with it (``static/pictures.css``), and ``POLICY`` allows exactly that one.
"""

import hashlib
import re
from base64 import b64encode
from pathlib import Path
from xml.etree import ElementTree

_STATIC = Path(__file__).parent.parent / "web" / "static"
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def style_sheet(*names: str) -> str:
    """Our style sheets of these names, as one to carry within a file."""
    return "".join((_STATIC / name).read_text() for name in names)


def policy_of(style: str) -> str:
    """The content security policy of a file that carries this style sheet, and nothing else."""
    found = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{found}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


_STYLE = style_sheet("pictures.css")

POLICY = policy_of(_STYLE)
"""The content security policy under which a picture on its own is shown."""


class Picture:
    """A drawing of ``width`` × ``height`` units. ``title`` names it, ``description`` tells in words what it shows. ``name`` begins
    the ids within it, so that several pictures can stand on one page."""

    def __init__(self, name: str, width: float, height: float, *, title: str, description: str, language: str) -> None:
        self.name = name
        self.root = ElementTree.Element(
            "svg",
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "class": f"picture {name}",
                "viewBox": f"0 0 {width:g} {height:g}",
                "width": f"{width:g}",
                "height": f"{height:g}",
                "role": "img",
                "lang": language,
                "aria-labelledby": f"{name}-title {name}-desc",
            },
        )
        self.add("title", text=title, id=f"{name}-title")
        self.add("desc", text=description, id=f"{name}-desc")

    def add(
        self, tag: str, parent: ElementTree.Element | None = None, *, text: str | None = None, **attributes: object
    ) -> ElementTree.Element:
        """Draw an element. Attributes are named as Python names them: ``class_``, ``text_anchor``; floats are rounded."""
        written = {name.rstrip("_").replace("_", "-"): _written(value) for name, value in attributes.items() if value is not None}
        element = ElementTree.SubElement(self.root if parent is None else parent, tag, written)
        if text is not None:
            element.text = _NO_XML.sub("\ufffd", text)
        return element

    def box(self, x: float, y: float, width: float, height: float, class_: str, *, tip: str | None = None, fill: str | None = None) -> None:
        """A rectangle with rounded corners; ``tip`` is shown when the mouse rests on it, ``fill`` the name of a pattern."""
        paint = f"url(#{self.name}-{fill})" if fill else None
        rectangle = self.add("rect", x=x, y=y, width=width, height=height, rx=min(3.0, width / 2), class_=class_, fill=paint)
        if tip is not None:
            self.add("title", rectangle, text=tip)

    def word(
        self, x: float, y: float, text: str, class_: str = "", *, anchor: str = "start", parent: ElementTree.Element | None = None
    ) -> None:
        self.add("text", parent, x=x, y=y, text=text, class_=class_ or None, text_anchor=None if anchor == "start" else anchor)

    def hatching(self, fill: str, *, size: float = 6, class_: str = "hatch") -> None:
        """A pattern of slanting lines under the name ``fill``."""
        pattern = self.add(
            "pattern",
            self.add("defs"),
            id=f"{self.name}-{fill}",
            width=size,
            height=size,
            patternUnits="userSpaceOnUse",
            patternTransform="rotate(45)",
        )
        self.add("line", pattern, x1=0, y1=0, x2=0, y2=size, class_=class_)

    def inline(self) -> str:
        """The picture as part of a page that links the style sheet."""
        return ElementTree.tostring(self.root, encoding="unicode")

    def alone(self) -> bytes:
        """The picture as a file of its own, its style sheet within."""
        style = ElementTree.Element("style")
        style.text = _STYLE
        self.root.insert(2, style)
        try:
            return ElementTree.tostring(self.root, encoding="utf-8", xml_declaration=True)
        finally:
            self.root.remove(style)


def _written(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return _NO_XML.sub("\ufffd", str(value))
