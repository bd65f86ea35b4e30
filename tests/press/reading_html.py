"""An HTML file as its elements, and what of it a browser would run or load."""

from html.parser import HTMLParser

LOADS = {"script", "img", "iframe", "object", "embed", "link", "base", "form", "input", "svg", "math", "video", "audio", "source", "applet"}
WAYS = ("http://", "https://", "mailto:")


class Page(HTMLParser):
    """``elements``: tag and attributes of each start tag. ``words``: what is read, the style left out."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words = ""
        self._inside = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self._inside = tag

    def handle_endtag(self, tag):
        self._inside = ""

    def handle_data(self, data):
        self.words += "" if self._inside in ("style", "title") else data

    def of(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def dangers(self) -> list[object]:
        """Whatever runs, loads or leads where no link of ours may lead."""
        found: list[object] = [tag for tag, _ in self.elements if tag in LOADS]
        for tag, attributes in self.elements:
            found += [
                (tag, name) for name in attributes if name.startswith("on") or name in ("src", "srcset", "style", "action", "background")
            ]
            href = attributes.get("href", "#")
            scheme = href.partition(":")[0] if ":" in href.split("/")[0].split("?")[0].split("#")[0] else ""
            found += [href] if scheme and not href.startswith(WAYS) else []
        return found
