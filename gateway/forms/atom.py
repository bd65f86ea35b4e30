"""Matters as an Atom feed (RFC 4287)."""

import re
import uuid
from typing import Any
from xml.etree import ElementTree

from gateway.web.words import LANGUAGES, said

ATOM = "http://www.w3.org/2005/Atom"
_XML = "http://www.w3.org/XML/1998/namespace"
_NAMES = uuid.UUID("5c5c2b4e-1d51-5b0a-9d1c-2a4f3f1b7c11")
"""Ids of feeds and entries are made under this name of ours: the same whichever address a feed is read at, and for ever."""

NEVER = "1970-01-01T00:00:00Z"
"""When a feed that had nothing yet was updated: it has to say something, and the same each time."""

ElementTree.register_namespace("", ATOM)


def write(answer: dict[str, Any], public_url: str, address: str) -> bytes:
    """The feed that notifications answered (``FeedAnswer``). ``address``: the path at which it is read."""
    language = answer["language"]
    feed = ElementTree.Element(f"{{{ATOM}}}feed", {f"{{{_XML}}}lang": language})
    _add(feed, "id", _id("feed", answer["id"], language))
    _add(feed, "title", title(answer))
    _add(feed, "updated", answer["updated_at"] or NEVER)
    author = _add(feed, "author")
    _add(author, "name", "ICAT")
    _add(author, "uri", public_url)
    _add(feed, "link", rel="self", type="application/atom+xml", href=f"{public_url}{address}")
    _add(feed, "link", rel="alternate", type="text/html", href=f"{public_url}/")
    _add(feed, "icon", f"{public_url}/static/icat.svg")
    for item in answer["items"]:
        _entry(feed, item, language, public_url)
    return ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)


def title(answer: dict[str, Any]) -> str:
    """The name under which a reader files the feed or the calendar."""
    spoken = _spoken(answer["language"])
    return said(spoken, "feed_of", topics=", ".join(said(spoken, f"topic_{topic}") for topic in answer["topics"]))


def words(text: dict[str, str], language: str) -> tuple[str, str]:
    """A matter's text in this language, or else in English; and in which."""
    return (text[language], language) if text.get(language) else (text["en"], "en")


def _entry(feed: ElementTree.Element, item: dict[str, Any], language: str, public_url: str) -> None:
    matter = item["matter"]
    entry = _add(feed, "entry")
    _add(entry, "id", _id("matter", item["topic"], str(item["number"])))
    for name in ("title", "summary"):
        text, written = words(matter[name], language)
        _add(entry, name, text, type="text", **({f"{{{_XML}}}lang": written} if written != language else {}))
    _add(entry, "published", matter["at"])
    _add(entry, "updated", matter["at"])
    _add(entry, "link", rel="alternate", type="text/html", href=f"{public_url}{matter['url']}")
    spoken = _spoken(language)
    _category(entry, public_url, "topic", item["topic"], said(spoken, f"topic_{item['topic']}"))
    _category(entry, public_url, "kind", matter["kind"], None)
    for pillar in matter["pillars"]:
        _category(entry, public_url, "pillar", pillar, said(spoken, f"pillar_{pillar}"))


def _category(entry: ElementTree.Element, public_url: str, scheme: str, term: str, label: str | None) -> None:
    _add(entry, "category", scheme=f"{public_url}/#{scheme}", term=term, **({"label": label} if label else {}))


def _add(parent: ElementTree.Element, name: str, text: str | None = None, **attributes: str) -> ElementTree.Element:
    made = ElementTree.SubElement(parent, f"{{{ATOM}}}{name}", {key: _legible(value) for key, value in attributes.items()})
    if text is not None:
        made.text = _legible(text)
    return made


def _legible(text: str) -> str:
    """Without what XML 1.0 cannot hold, escaped or not; a whole feed would be unreadable for one such character."""
    return re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)


def _id(*parts: str) -> str:
    return f"urn:uuid:{uuid.uuid5(_NAMES, '/'.join(parts))}"


def _spoken(language: str) -> str:
    return language if language in LANGUAGES else LANGUAGES[0]
