"""The one way in which the platform reads Markdown: CommonMark with tables and footnotes, no raw HTML, no pictures.

What comes out is safe whatever went in: a link leads by http, https or mail or within the site, and nothing runs, loads or looks like the
page around it. Every format is set from the same tokens.
"""

import re
from collections.abc import Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import urljoin

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode
from mdit_py_plugins.footnote import footnote_plugin

FIRST_HEADING, LAST_HEADING = 3, 6
"""A text has its title at the first level and headings of its sections at the second."""

SCHEMES = {"http", "https", "mailto"}
ALIGNMENTS = {"left", "center", "right"}

_UNWRITABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TAGS = {
    *("p", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "em", "strong", "a", "br", "hr", "sup", "section"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
_CLASSES = {"sup": {"note"}, "section": {"notes"}, "th": ALIGNMENTS, "td": ALIGNMENTS}
_ATTRIBUTES = {"a": {"href", "id", "aria-label"}, "li": {"id"}, "ol": {"start"}}
_VALUES = {"a": {"role": {"doc-noteref", "doc-backlink"}}, "section": {"role": {"doc-endnotes"}}, "th": {"scope": {"col"}}}


def parse(markdown: str, first_note: int = 1) -> list[Token]:
    """The tokens of a text, for whoever sets it.

    Headings are of the levels 3 to 6 and skip none; a picture has become its description; every character may stand in XML. The notes
    come last, in a ``footnote_block``; ``meta["id"]`` of a ``footnote_ref`` and of its ``footnote`` is the note's number less one, where
    the first of this text is ``first_note``. The alignment of a cell is its ``style``: ``text-align:right``.
    """
    return _markdown.parse(markdown, {"first_note": first_note})


def tree(markdown: str, first_note: int = 1) -> SyntaxTreeNode:
    """The same as a tree."""
    return SyntaxTreeNode(parse(markdown, first_note))


def html(markdown: str) -> str:
    """A text as safe HTML, its notes at its end. The names of its anchors do not meet those of another text on the same page."""
    return render(parse(markdown), f"t{sha256(markdown.encode(errors='replace')).hexdigest()[:12]}-")


def render(tokens: Sequence[Token], anchors: str = "", base: str = "", back: str = "") -> str:
    """Tokens as safe HTML. ``anchors``: what the names of its anchors begin with. ``base``: the address from which links within the site
    lead on when the text stands elsewhere. ``back``: what a link from a note to its place is called."""
    return nh3.clean(
        _markdown.renderer.render(tokens, _markdown.options, {"anchors": anchors, "back": back}),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        allowed_classes=_CLASSES,
        tag_attribute_values=_VALUES,
        url_schemes=SCHEMES,
        url_relative=(lambda address: absolute(address, base)) if base else None,
    )


def absolute(address: str, base: str) -> str:
    """A link's address for a text that stands elsewhere: places within the text stay as they are."""
    try:
        return address if address.startswith("#") else urljoin(base, address)
    except ValueError:  # half of an address, as http://[ is
        return address


def writable(text: str) -> str:
    """The text with a sign of replacement for each character that XML cannot hold."""
    return _UNWRITABLE.sub("\ufffd", text)


# How it is read


def _leads_somewhere(address: str) -> bool:
    """Whether a link may lead there: by a scheme we know, or by none."""
    scheme = re.match(r"[\s\x00-\x20]*([^/?#:]*):", address)
    return scheme is None or scheme[1].lower() in SCHEMES


def _tidy(state: StateCore) -> None:
    """What ``parse`` promises of the tokens."""
    above, before = FIRST_HEADING - 1, state.env.get("first_note", 1) - 1
    for token in state.tokens:
        if token.children:
            token.children = _described(token.children)
    for token in _all(state.tokens):
        if token.type == "heading_open":
            above = min(max(FIRST_HEADING, int(token.tag[1:])), above + 1, LAST_HEADING)
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{above}"
        elif token.type.startswith("footnote") and "id" in token.meta:
            token.meta = {**token.meta, "id": token.meta["id"] + before}
        token.content, token.info = writable(token.content), writable(token.info)
        token.attrs = {name: writable(value) if isinstance(value, str) else value for name, value in token.attrs.items()}


def _described(tokens: Sequence[Token]) -> list[Token]:
    """The tokens with each picture's description in its place. A link in a description goes: it might stand in another."""
    described: list[Token] = []
    for token in tokens:
        if token.type == "image":
            described += [part for part in _described(token.children or ()) if part.type not in ("link_open", "link_close")]
        else:
            described.append(token)
    return described


def _all(tokens: Sequence[Token]) -> list[Token]:
    """Tokens with those within them, each once though a note's may stand in two places."""
    found: dict[int, Token] = {}
    for token in tokens:
        found[id(token)] = token
        found.update((id(child), child) for child in token.children or ())
    return list(found.values())


# How it is written


def _note_mark(_self: Any, tokens: Sequence[Token], at: int, _options: Any, env: Any) -> str:
    number, mark = tokens[at].meta["id"] + 1, _mark(tokens[at], env)
    return f'<sup class="note"><a role="doc-noteref" href="#{env["anchors"]}note-{number}" id="{mark}">{number}</a></sup>'


def _note_back(_self: Any, tokens: Sequence[Token], at: int, _options: Any, env: Any) -> str:
    label = f' aria-label="{escapeHtml(env["back"])}"' if env["back"] else ""
    return f' <a role="doc-backlink"{label} href="#{_mark(tokens[at], env)}">↩\ufe0e</a>'


def _mark(token: Token, env: Any) -> str:
    """The name of one of the places where a note is called."""
    return f"{env['anchors']}mark-{token.meta['id'] + 1}-{token.meta.get('subId', 0) + 1}"


def _note_open(_self: Any, tokens: Sequence[Token], at: int, _options: Any, env: Any) -> str:
    return f'<li id="{env["anchors"]}note-{tokens[at].meta["id"] + 1}">'


def _notes_open(_self: Any, tokens: Sequence[Token], at: int, _options: Any, _env: Any) -> str:
    return f'<section class="notes" role="doc-endnotes"><ol start="{tokens[at + 1].meta["id"] + 1}">\n'


def _cell_open(_self: Any, tokens: Sequence[Token], at: int, _options: Any, _env: Any) -> str:
    token = tokens[at]
    alignment = str(token.attrs.get("style", "")).removeprefix("text-align:")
    scope = ' scope="col"' if token.tag == "th" else ""
    return f'<{token.tag}{scope} class="{alignment}">' if alignment in ALIGNMENTS else f"<{token.tag}{scope}>"


def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False}).enable("table").use(footnote_plugin)
    reader.validateLink = _leads_somewhere  # type: ignore[method-assign, assignment]
    reader.core.ruler.push("tidy", _tidy)
    for name, rule in {
        "footnote_ref": _note_mark,
        "footnote_anchor": _note_back,
        "footnote_open": _note_open,
        "footnote_close": lambda *_: "</li>\n",
        "footnote_block_open": _notes_open,
        "footnote_block_close": lambda *_: "</ol></section>\n",
        "th_open": _cell_open,
        "td_open": _cell_open,
    }.items():
        reader.add_render_rule(name, rule)
    return reader


_markdown = _reader()
