"""Packages of Office Open XML (ECMA-376, part 2: a zip of XML parts): reading those of strangers, and writing ours.

A stranger's package costs no more than its bounds say, whatever it claims to be. It is looked at before it is unpacked, and streamed
and counted while it is; nothing of it is kept but what a handler keeps. A document type is refused where it begins, so that no entity
is ever declared, let alone expanded; nothing is fetched from anywhere.
"""

import io
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple
from xml.parsers import expat

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
"""The media types of the packages that are read and written here."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENTRY = b"PK\x01\x02"
_CHUNK = 64 * 1024
_TOKEN = 1024 * 1024
"""Bytes of the longest single tag. The parser begins a tag anew with every chunk until it has it whole: one of 32 MiB takes it half a
minute."""
_ASIDE = 10_000
"""Comments and instructions of a part."""
_ATTRIBUTES = 8
"""So many attributes weigh as much as another element."""


class Unreadable(Exception):
    """A file that is not read. ``rule``: ``encrypted`` (or of the age before packages), ``not-a-document`` (of the kind wanted, or
    damaged), ``macros``, ``entities`` (it declares a document type), ``too-much``; ``detail`` says what it was, for a log."""

    def __init__(self, rule: str, detail: str) -> None:
        super().__init__(f"{rule}: {detail}")
        self.rule, self.detail = rule, detail


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a package may cost: bytes packed and unpacked (by what it states, which binds), members, and over all parts read XML elements
    and characters of text; how deeply elements may be nested."""

    packed: int
    unpacked: int
    members: int
    elements: int
    text: int
    depth: int = 100


class Relation(NamedTuple):
    """What a part refers to: the last word of its kind, as ``styles``; a part's name or, ``external``, an address."""

    kind: str
    target: str
    external: bool


class Handler:
    """Hears the elements of one part. ``weigh`` counts text that is kept against the bounds."""

    weigh: Callable[[str], None]

    def named(self, name: str) -> str:
        """What an element or attribute is called here, of its namespace and local name with a space between."""
        return name.rpartition(" ")[2]

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def characters(self, content: str) -> None:
        """Text, or a part of it."""


class Package:
    """A package from a stranger. Raises Unreadable here, and for whatever of it is read later."""

    def __init__(self, raw: bytes, bounds: Bounds) -> None:
        self.bounds = bounds
        self._elements = 0
        self._text = 0
        if len(raw) > bounds.packed:
            raise Unreadable("too-much", f"{len(raw)} bytes")
        if raw.startswith(_OLE):
            raise Unreadable("encrypted", "an OLE file")
        # Before the directory is read, since each entry of it costs a hundred times its size.
        if raw.count(_ENTRY) > bounds.members:
            raise Unreadable("too-much", "members")
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(raw))
            members = self._archive.infolist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
            raise Unreadable("not-a-document", "no zip") from None
        # The stated sizes bind: what a member holds beyond its own is never unpacked.
        if sum(member.file_size for member in members) > bounds.unpacked:
            raise Unreadable("too-much", "unpacked")
        if any(member.flag_bits & 1 for member in members):
            raise Unreadable("encrypted", "a member of the zip")
        if any("vbaproject" in member.filename.lower() for member in members):
            raise Unreadable("macros", "vbaProject")
        self._names = {member.filename.lower().lstrip("/"): member.filename for member in members}
        if self.has("[Content_Types].xml"):
            self.parse("[Content_Types].xml", _Types())

    def has(self, part: str) -> bool:
        """Whether it holds that part."""
        return part.lower() in self._names

    def main(self) -> str:
        """The part that is the document. Raises Unreadable when there is none."""
        for kind, target, external in self.relations("").values():
            if kind == "officeDocument" and not external and self.has(target):
                return target
        raise Unreadable("not-a-document", "no main part")

    def relations(self, part: str) -> dict[str, Relation]:
        """By its id, what a part refers to; ``part`` is empty for the package itself."""
        folder, _, name = part.rpartition("/")
        relations = _Relations(folder)
        if self.has(described := f"{folder}/_rels/{name}.rels".lstrip("/")):
            self.parse(described, relations)
        return relations.found

    def parse(self, part: str, handler: Handler) -> None:
        """Have the handler hear that part. ValueError and LookupError of the handler mean that it is no document."""
        if (name := self._names.get(part.lower())) is None:
            raise Unreadable("not-a-document", f"no {part}")
        handler.weigh = self._weigh
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        names: dict[str, str] = {}
        depth = 0

        def begin(name: str, attributes: dict[str, str]) -> None:
            nonlocal depth
            depth += 1
            self._elements += 1 + len(attributes) // _ATTRIBUTES
            if depth > self.bounds.depth or self._elements > self.bounds.elements:
                raise Unreadable("too-much", f"elements in {part}")
            handler.begin(called(name), {called(key): value for key, value in attributes.items()})

        def end(name: str) -> None:
            nonlocal depth
            depth -= 1
            handler.end(called(name))

        def called(name: str) -> str:
            if (known := names.get(name)) is None:
                known = names[name] = handler.named(name)
            return known

        def refuse(*_: object) -> None:
            raise Unreadable("entities", f"a document type in {part}")

        parser.StartElementHandler = begin
        parser.EndElementHandler = end
        parser.CharacterDataHandler = handler.characters
        parser.StartDoctypeDeclHandler = refuse
        read = signs = 0
        try:
            with self._archive.open(name) as stream:
                # An element takes at most two of these signs: of what has too many, not one needs to be heard.
                while chunk := stream.read(_CHUNK):
                    signs += chunk.count(b"<")
                    if signs > 2 * self.bounds.elements + _ASIDE:
                        raise Unreadable("too-much", f"elements in {part}")
            with self._archive.open(name) as stream:
                while chunk := stream.read(_CHUNK):
                    read += len(chunk)
                    parser.Parse(chunk)
                    if read - parser.CurrentByteIndex > _TOKEN:
                        raise Unreadable("too-much", f"a tag in {part}")
                parser.Parse(b"", True)
        except (expat.ExpatError, zipfile.BadZipFile, NotImplementedError, OSError, EOFError, ValueError, LookupError, zlib.error):
            raise Unreadable("not-a-document", f"{part} is damaged") from None

    def _weigh(self, text: str) -> None:
        self._text += len(text)
        if self._text > self.bounds.text:
            raise Unreadable("too-much", "text")


class _Types(Handler):
    """Refuses what says of itself that it carries macros, whatever its parts are called."""

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        if "macroenabled" in (kind := attributes.get("ContentType", "").lower()) or "vbaproject" in kind:
            raise Unreadable("macros", kind[:100])


class _Relations(Handler):
    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.found: dict[str, Relation] = {}

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        if name != "Relationship":
            return
        target, kind = attributes.get("Target", ""), attributes.get("Type", "").rpartition("/")[2]
        external = attributes.get("TargetMode") == "External"
        self.found[attributes.get("Id", "")] = Relation(kind, target if external else self._part(target), external)

    def _part(self, target: str) -> str:
        """The name of the part at a path that may begin at the root, or at the folder of who refers to it."""
        kept: list[str] = []
        for step in (target if target.startswith("/") else f"{self.folder}/{target}").split("/"):
            if step == "..":
                kept = kept[:-1]
            elif step not in ("", "."):
                kept.append(step)
        return "/".join(kept)


def packed(parts: dict[str, bytes]) -> bytes:
    """The package of these parts, in their order; the same parts make the same bytes."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, content)
    return kept.getvalue()
