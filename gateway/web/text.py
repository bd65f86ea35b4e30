"""Texts that people wrote: as HTML, and as lines of a form."""

import re
from collections.abc import Mapping

from markupsafe import Markup, escape

from press import markup


def code_of(line: str) -> Markup:
    """One line as HTML, with what stands between backticks as code."""
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(line))))


def html_of(markdown: str) -> Markup:
    """Safe HTML of a section's text, whose headings begin at the third level and in which pictures are described, not shown."""
    return Markup(markup.html(markdown))


def on_one_line(text: str) -> str:
    return " ".join(text.split())


def paper_of(line: str) -> dict[str, str]:
    """A paper that was typed on a line: its title, then its address."""
    *title, url = line.rsplit(maxsplit=1)
    return {"title": title[0] if title else url, "url": url}


def line_of(paper: Mapping[str, str]) -> str:
    """A paper on a line, so that it is read as the same."""
    title, url = on_one_line(paper["title"]), "%20".join(paper["url"].split())
    return url if title == url else f"{title} {url}"
