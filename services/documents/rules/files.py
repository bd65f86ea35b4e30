"""What may stand beside a document as a file: told from its bytes, never from its name or from what is claimed of it.

Whoever sends a file is a stranger to whoever opens it. So only forms that carry no program are taken, nothing is unpacked but the
one small part that says what a file of Office Open XML is, and a file's name may not look like another than it is.
"""

import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree import ElementTree

from services.kernel import Refusal

LARGEST = 8 * 1024 * 1024
"""Bytes of the largest file."""

LONGEST_NAME = 200
"""Characters, and bytes of it in UTF-8 that every file system can hold."""

_MEMBERS = 5_000
_UNPACKED = 256 * 1024 * 1024
"""What an honest presentation with pictures stays below; whoever opens the file unpacks it all."""
_TYPES_PART = 512 * 1024

_PACKED = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OFFICE = "application/vnd.openxmlformats-officedocument"
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode's categories of what nobody sees in a name, or nobody knows: controls, those that turn the direction of writing among them."""
_NO_NAMES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
_MARKUP = re.compile(r"\s*<(!doctype|!--|\?xml|html|head|body|script|svg|iframe|[a-z]+[\s>])", re.IGNORECASE)


@dataclass(frozen=True)
class FileType:
    """One form a file may have: how people call it, its media type, and how names of such files end."""

    name: str
    media_type: str
    endings: tuple[str, ...]


PDF = FileType("PDF", "application/pdf", (".pdf",))
DOCX = FileType("DOCX", f"{_OFFICE}.wordprocessingml.document", (".docx",))
XLSX = FileType("XLSX", f"{_OFFICE}.spreadsheetml.sheet", (".xlsx",))
PPTX = FileType("PPTX", f"{_OFFICE}.presentationml.presentation", (".pptx",))
PNG = FileType("PNG", "image/png", (".png",))
JPEG = FileType("JPEG", "image/jpeg", (".jpg", ".jpeg"))
CSV = FileType("CSV", "text/csv; charset=utf-8", (".csv",))
TEXT = FileType("text in UTF-8", "text/plain; charset=utf-8", (".txt", ".md"))

TYPES = (PDF, DOCX, XLSX, PPTX, PNG, JPEG, TEXT, CSV)

_MAIN_PARTS = {
    f"{_OFFICE}.wordprocessingml.document.main+xml": DOCX,
    f"{_OFFICE}.spreadsheetml.sheet.main+xml": XLSX,
    f"{_OFFICE}.presentationml.presentation.main+xml": PPTX,
}


def examined(name: str, content: bytes) -> FileType:
    """What a file that someone sent is. Refuses what may not be attached, naming ``name`` or ``content`` and the rule; nothing is said of
    what stands in the file."""
    named(name)
    if not content:
        raise Refusal.invalid("content", "The file is empty.", rule="file-empty")
    if len(content) > LARGEST:
        raise Refusal.invalid("content", f"The file has {len(content)} bytes.", rule="file-size", accepted=f"at most {LARGEST} bytes")
    found = _picture_or_pdf(content) or _office(content) or _text(content)
    if not found:
        raise _unknown("What this file is cannot be told from its bytes.")
    fitting = [type for type in found if name.lower().endswith(type.endings)]
    if not fitting:
        endings = [ending for type in found for ending in type.endings]
        raise Refusal.invalid(
            "name", f"By its bytes the file is {found[0].name}; its name says otherwise.", rule="file-ending", accepted=endings
        )
    return fitting[0]


def named(name: str) -> str:
    """The name of a file, if it may be one: on one line, no path, nothing in it that cannot be seen, none that a system reserves."""

    def refuse(detail: str, accepted: str = "a plain name, as Report 2014.pdf") -> None:
        raise Refusal.invalid("name", detail, rule="file-name", accepted=accepted)

    if any(unicodedata.category(character) in _UNSEEN for character in name):
        refuse("The name holds characters that are not seen, or turn the direction of writing, so that it could look like another.")
    if len(name) > LONGEST_NAME or len(name.encode()) > 255:
        refuse("The name is too long.", f"at most {LONGEST_NAME} characters, and 255 bytes in UTF-8")
    if re.search(r'[\\/:*?"<>|]', name):
        refuse('A name is no path, and holds none of \\ / : * ? " < > |.')
    if name != name.strip() or not name.strip(".") or name.startswith(".") or name.endswith(".") or _NO_NAMES.fullmatch(name):
        refuse("A system would hide or refuse this name.")
    return name


def _picture_or_pdf(content: bytes) -> list[FileType]:
    """Those told by how they begin and end: what is wrapped around another file is not taken for it."""
    signs: dict[FileType, Callable[[], bool]] = {
        PDF: lambda: re.match(rb"%PDF-[12]\.\d", content) is not None and b"%%EOF" in content[-2048:],
        PNG: lambda: content.startswith(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR") and content.endswith(b"IEND\xaeB`\x82"),
        JPEG: lambda: content.startswith(b"\xff\xd8\xff") and content.rstrip(b"\x00\r\n").endswith(b"\xff\xd9"),
    }
    return [type for type, is_it in signs.items() if is_it()]


def _office(content: bytes) -> list[FileType]:
    """Office Open XML, by the one part that says what its main part is (ECMA-376, part 2, clause 10.1.2). Refuses macros, and what
    unpacks to more than anyone expects."""
    if content.startswith(_OLE):
        raise _unknown("This is a file of an office program from before 2007, or one that is locked by a password.")
    if not content.startswith(_PACKED):
        return []
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            members = packed.infolist()
            if len(members) > _MEMBERS or sum(member.file_size for member in members) > _UNPACKED:
                raise Refusal.invalid(
                    "content",
                    "The file unpacks to far more than it shows.",
                    rule="file-bomb",
                    accepted=f"at most {_UNPACKED} bytes unpacked",
                )
            if any(member.flag_bits & 0x1 for member in members):
                raise _unknown("The file is locked by a password.")
            with packed.open("[Content_Types].xml") as part:
                types = _content_types(part.read(_TYPES_PART + 1))
    except (zipfile.BadZipFile, KeyError, ValueError, NotImplementedError, RuntimeError, EOFError, OSError, zlib.error) as error:
        raise _unknown("This packed file is broken, or none of an office program.") from error
    names = [member.filename.lower() for member in members]
    if any("macro" in type.lower() or "vbaproject" in type.lower() for type in types) or any(_runs(name) for name in names):
        raise Refusal.invalid(
            "content", "The file holds macros, or other programs.", rule="file-macros", accepted="the same file without them"
        )
    return [_MAIN_PARTS[type] for type in types if type in _MAIN_PARTS][:1]


def _content_types(part: bytes) -> list[str]:
    """The media types of all parts. Raises ValueError when the list is too long, or declares entities, which no office program does."""
    if len(part) > _TYPES_PART:
        raise ValueError("too long")
    text = part.decode("utf-8-sig")
    if "<!" in text.replace("<!--", ""):
        raise ValueError("declares what it should not")
    try:
        listed = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise ValueError("not XML") from error
    return [one.get("ContentType", "") for one in listed]


def _runs(member: str) -> bool:
    """Whether a part, by its name in lower case, is a program in any office program there is."""
    return member.endswith((".bin", ".exe", ".dll", ".js", ".vbs", ".jar", ".docm", ".xlsm", ".pptm")) and not re.search(
        r"printersettings\d*\.bin$", member
    )


def _text(content: bytes) -> list[FileType]:
    """Text or a table of values: which of the two, no byte tells, and so its name may."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return []
    if any(unicodedata.category(character) == "Cc" and character not in "\t\n\r\f" for character in set(text)):
        return []
    if _MARKUP.match(text) or text.lstrip().startswith(("%PDF", "#!")):
        raise _unknown("This is a page, a drawing or a program, written as text.")
    return [TEXT, CSV]


def _unknown(detail: str) -> Refusal:
    return Refusal.invalid("content", detail, rule="file-type", accepted=[type.name for type in TYPES])
