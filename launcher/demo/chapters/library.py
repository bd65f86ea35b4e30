"""What anyone has of the Group: a correction told to all who read the paper, and the library as it stands at the end."""

import contextlib
import io
import re
import zlib
from xml.etree import ElementTree

from launcher.demo import texts, translated
from launcher.demo.api import WORD
from launcher.demo.chapters.papers import named
from launcher.demo.story import JOINING, Story, must
from launcher.demo.word import Word

MEDIA_TYPES = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "docx": WORD,
    "xml": "application/akn+xml",
    "certificate.html": "text/html; charset=utf-8",
    "certificate.pdf": "application/pdf",
}


def the_corrigendum(story: Story) -> None:
    """The chair corrects the published paper; the French version falls behind, is mended and published."""
    iom, at = story.people["IOM"], f"/documents/{story.paper}"
    story.now("2014-06-23T08:00:00Z")
    original = iom.get(f"{at}/text")
    correction = {"base": original["number"], "sections": named(original, texts.DEMAND_CORRECTED), "note": texts.DEMAND_NOTE}
    corrected = iom.post(f"{at}/corrigenda", **correction)
    story.told("publications", "corrigendum_issued", document=story.paper)
    (french,) = corrected["languages"]
    behind = iom.refused(409, "POST", f"{at}/languages/fr/publication")
    mended = {"revision": corrected["revision"], "base": french["number"], "title": translated.DEMAND_TITLE, "summary": "Rectificatif"}
    story.people["OHCHR"].put(f"{at}/languages/fr", sections=named(original, translated.DEMAND_CORRECTED), **mended)
    story.now("2014-06-23T09:00:00Z")
    iom.post(f"{at}/languages/fr/publication")
    story.told("publications", "language_published", document=story.paper, language="fr")
    was = story.api.visitor.get(f"{at}/revisions/{corrected['published_revision']}")["digest"]
    must(was == original["digest"], "the text as it was published stays to be read")
    story.tell(
        f"Corrigendum: {texts.DEMAND_NOTE} The text as published stays to be read; the French is not published before it is mended "
        f"({behind['rule']}); subscribers are told of both"
    )


def the_shelves(story: Story) -> None:
    """Every format of every publication in every language, as a visitor has it."""
    story.settled()
    visitor = story.api.visitor
    shelves = {item["id"]: item for item in visitor.each("/library")}
    must(set(visitor.get(f"/documents/{story.statement}")["signatories"]) == {*story.six, JOINING}, "all who signed are named")
    for id, languages in ((story.paper, ["en", "fr"]), (story.statement, ["en", *sorted(translated.STATEMENT)])):
        item = shelves[id]
        must(item["languages"] == languages, f"{item['title']} is there in {languages}")
        for link in item["formats"]:
            _look(story, id, link["format"], link["language"])
    formats = ", ".join(f"{format} {count}" for format, count in story.files.items())
    story.tell(f"In the library: {'; '.join(item['citation'] for item in shelves.values())}")
    story.tell(f"Each is had in all its languages and formats; made and looked at: {formats}")


def _look(story: Story, document: str, format: str, language: str) -> None:
    """A publication in a format: it is what it says it is, and has the words of its language."""
    file = story.published(document, format, language)
    what = f"the {format} of {document} in {language}"
    must(file.media_type == MEDIA_TYPES[format], f"{what} is {MEDIA_TYPES[format]}, not {file.media_type}")
    text = story.api.visitor.get(f"/documents/{document}/text", language=language)
    heading = text["texts"][-1]["heading"]
    match format:
        case "html":
            must(heading in file.content.decode(), f"{what} has its headings")
        case "docx":
            must(heading in Word(file.content).words, f"{what} has its headings")
        case "xml":
            must(heading in "".join(ElementTree.parse(io.BytesIO(file.content)).getroot().itertext()), f"{what} has its headings")
        case "certificate.html":
            digest = story.api.visitor.get(f"/documents/{document}/certificate")["digest"]
            must(digest in file.content.decode().replace("\u200b", ""), f"{what} names the text that was cleared")
        case _:
            inside = _unpacked(file.content)
            must(file.content.startswith(b"%PDF-") and b"/StructTreeRoot" in inside, f"{what} is a PDF that can be read aloud")
            must(format != "pdf" or text["title"].encode() in inside, f"{what} has its title")


def _unpacked(pdf: bytes) -> bytes:
    """What stands in the streams of a PDF, as far as they are of text."""
    found = [pdf]
    for packed in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        with contextlib.suppress(zlib.error):
            found.append(zlib.decompressobj().decompress(packed))
    return b"\n".join(found)
