"""HTML of texts that people wrote."""

import re

from markupsafe import Markup, escape

from press import markup


def code_of(line: str) -> Markup:
    """One line as HTML, with what stands between backticks as code."""
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(line))))


def html_of(markdown: str) -> Markup:
    """Safe HTML of a section's text, whose headings begin at the third level and in which pictures are described, not shown."""
    return Markup(markup.html(markdown))
