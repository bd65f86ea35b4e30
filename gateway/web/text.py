"""HTML of texts that people wrote: Markdown without raw HTML, and cleaned again on its way out."""

import re

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
_TAGS = nh3.ALLOWED_TAGS - {"img", "h1", "h2"}


def code_of(line: str) -> Markup:
    """One line as HTML, with what stands between backticks as code."""
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(line))))


def html_of(markdown: str) -> Markup:
    """Safe HTML. Pictures and headings above the third level are not part of a section's text."""
    return Markup(nh3.clean(_markdown.render(markdown), tags=_TAGS))
