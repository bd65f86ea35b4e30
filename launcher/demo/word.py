"""A document as somebody has it open in Word: changed with the changes tracked, and remarked upon in the margin."""

import io
import zipfile
from copy import deepcopy

from lxml import etree

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_BODY = "word/document.xml"


class Word:
    """A DOCX file. ``author`` and ``day`` stand with what is changed in it."""

    def __init__(self, content: bytes, author: str = "", day: str = "") -> None:
        self.author, self.day = author, day
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            self.parts = {name: package.read(name) for name in package.namelist()}
        self.body = etree.fromstring(self.parts[_BODY])

    @property
    def words(self) -> str:
        """All that is read in it, what was taken away left out."""
        return "".join(self.body.itertext(f"{{{W}}}t"))

    def changes(self, kind: str) -> int:
        """How many changes are tracked in it: of the kind ``ins`` or ``del``."""
        return len(self.body.findall(f".//{{{W}}}{kind}"))

    def add(self, after: str, more: str) -> None:
        """Write more after the run that ends with these words, tracked; remarked upon in the margin. Raises StopIteration when no run ends
        so."""
        run = next(run for run in self.body.iter(f"{{{W}}}r") if "".join(run.itertext(f"{{{W}}}t")).endswith(after))
        added = etree.Element(f"{{{W}}}ins", {f"{{{W}}}id": "9001", f"{{{W}}}author": self.author, f"{{{W}}}date": self.day})
        new = etree.SubElement(added, f"{{{W}}}r")
        if (looks := run.find(f"{{{W}}}rPr")) is not None:
            new.append(deepcopy(looks))
        text = etree.SubElement(new, f"{{{W}}}t", {f"{_XML}space": "preserve"})
        text.text = more
        remark = etree.Element(f"{{{W}}}r")
        etree.SubElement(remark, f"{{{W}}}commentReference", {f"{{{W}}}id": "0"})
        run.addnext(added)
        added.addnext(remark)

    def saved(self) -> bytes:
        """The file."""
        kept = io.BytesIO()
        with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as package:
            for name, content in self.parts.items():
                package.writestr(name, etree.tostring(self.body, xml_declaration=True, encoding="UTF-8") if name == _BODY else content)
        return kept.getvalue()
