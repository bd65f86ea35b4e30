"""Reads a Markdown file: cut at its headings, its lines left as they were written.

Notes and addresses may be defined anywhere in a file, while a section stands for itself: each definition goes where it is called. HTML
stays what it is here, text, and a picture is left out; both are said.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline, image
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

from press.markup import SCHEMES, writable
from press.package import Unreadable
from press.reading.found import INTRODUCTION, LIMIT, WHOLE, Notes, Reading, line

_TEXT = 2_000_000
_LINES = 50_000
_SECTIONS = 1_000
_FRONT = re.compile(r"\A---[ \t]*\n(.*?\n)?(---|\.\.\.)[ \t]*(\n|\Z)", re.DOTALL)
_NAMED = re.compile(r"(?m)^title:[ \t]*(.+?)[ \t]*$")
_NOTE = re.compile(r" {0,3}\[\^([^\]\s]+)\]:")
_SHALLOW = re.compile(r"(?m)^ {0,3}#{1,2}(\s|$)")

_LONGEST = 20_000
"""Characters of a paragraph that is looked into. What it takes to look grows faster than these do."""


def _picture(state: StateInline, silent: bool) -> bool:
    """A picture is a token, which does not say where it stood: that is kept beside it."""
    begin = state.pos
    found = image(state, silent)
    if found and not silent:
        state.env.setdefault("pictures", []).append((state.src, begin, state.pos))
    return found


_inline = MarkdownIt("commonmark", {"html": True}).use(footnote_plugin)
_inline.inline.ruler.at("image", _picture)
_inline.validateLink = lambda url: True  # type: ignore[method-assign]
_blocks = MarkdownIt("commonmark", {"html": True}).enable("table").use(footnote_plugin)
_blocks.core.ruler.enableOnly(["normalize", "block"])


def read(raw: bytes, limit: int = LIMIT) -> Reading:
    """The text. ``limit``: bytes of the longest. Raises Unreadable."""
    if len(raw) > limit:
        raise Unreadable("too-much", f"{len(raw)} bytes")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("not-a-document", f"byte {error.start} is no UTF-8") from None
    if "\0" in text:
        raise Unreadable("not-a-document", "a zero byte")
    if len(text) > _TEXT or text.count("\n") + text.count("\r") > _LINES:
        raise Unreadable("too-much", f"{len(text)} characters")
    return _File(unicodedata.normalize("NFC", re.sub("\r\n?|\x85", "\n", text))).reading()


@dataclass
class _Part:
    """The lines from one heading to the next; ``level`` 0 before the first. ``edits``: by their first line, the end of lines that are
    written otherwise, and how."""

    begin: int
    end: int
    level: int = 0
    heading: str = ""
    source: str = ""
    edits: dict[int, tuple[int, list[str]]] = field(default_factory=dict)


class _File:
    def __init__(self, text: str) -> None:
        self.notes = Notes()
        self.title = ""
        if written := writable(text) if writable(text) != text else "":
            self.notes.add("characters")
            text = written
        if front := _FRONT.match(text):
            self.notes.add("front-matter", front[1] or "")
            named = _NAMED.search(front[1] or "")
            self.title = line(named[1].strip("\"'")) if named else ""
            text = text[front.end() :]
        self.lines = text.split("\n")
        self.env: dict[str, Any] = {}
        self.tokens = _blocks.parse(text, self.env)
        self.moved: dict[str, list[str]] = {}
        self.called: set[str] = set()

    def reading(self) -> Reading:
        parts = self._parts()
        self._move_notes()
        self._move_addresses()
        head, *rest = parts
        if rest and not any(self._kept(head)) and rest[0].level == 1 and sum(part.level == 1 for part in rest) == 1:
            self.title = rest[0].heading
            head, *rest = rest
        top = min((part.level for part in rest), default=0)
        sections: list[tuple[str, list[str]]] = []
        if any(one.strip() for one in self._kept(head)):
            self.notes.where = ""
            heading, what = (INTRODUCTION, "before-heading") if rest else (WHOLE, "no-headings")
            self.notes.add(what, heading)
            sections.append((heading, self._kept(head)))
        above = 2
        for part in rest:
            if part.level == top or not sections:
                sections.append((part.heading, self._kept(part)))
                above = 2
                continue
            wanted = part.level - top + 2
            above = min(wanted, above + 1, 6)
            if above < wanted <= 6:
                self.notes.where = sections[-1][0][:200]
                self.notes.add("heading-skipped")
            sections[-1][1].extend(["", f"{'#' * above} {' '.join(part.source.split())}", "", *self._kept(part)])
        if len(sections) > _SECTIONS:
            raise Unreadable("too-much", f"{len(sections)} sections")
        made = tuple((heading, self._whole(lines)) for heading, lines in sections)
        self.notes.where = ""
        for label in (label for label in self.moved if label.startswith("^") and label not in self.called):
            self.notes.add("uncalled", " ".join(self.moved[label]))
        return Reading(self.title, made, self.notes.all())

    # The parts

    def _parts(self) -> list[_Part]:
        parts = [_Part(0, len(self.lines))]
        for at, token in enumerate(self.tokens):
            begin, end = token.map or (0, 0)
            if token.type == "heading_open" and token.level == 0:
                inline = self.tokens[at + 1]
                heading = line(_said(self._within(inline.content)))
                if not heading:
                    parts[-1].edits[begin] = (end, [])
                    continue
                parts[-1].end = begin
                source = _without(inline.content, self._pictures(inline.content))
                parts.append(_Part(end, len(self.lines), int(token.tag[1:]), heading, source or heading))
                self.notes.where = heading[:200]
            elif token.type == "fence" and token.level == 0 and _SHALLOW.search(token.content):
                # Behind a fence, such a line would look like a heading to who cuts a text at its headings.
                code = token.content.rstrip("\n").split("\n")
                parts[-1].edits[begin] = (end, ["", *(f"    {one}".rstrip() for one in code), ""])
            elif token.type == "html_block":
                is_comment = token.content.lstrip().startswith("<!--")
                self.notes.add("comment" if is_comment else "html", token.content)
                if is_comment and token.level == 0:
                    parts[-1].edits[begin] = (end, [])
            elif token.type == "inline" and re.search(r"<|\]\(|!\[", token.content):
                self._look_at(token.content)
                self._leave_out(self._pictures(token.content), begin, end)
        return parts

    def _within(self, content: str) -> list[Token]:
        """The tokens of a paragraph; of a very long one only the text."""
        if len(content) > _LONGEST:
            return [Token("text", "", 0, content=content)]
        return _inline.parseInline(content, {"references": self.env.get("references", {})})[0].children or []

    def _pictures(self, content: str) -> list[tuple[str, int]]:
        """The pictures of a paragraph as they are written, and how often the same signs, as in code, stand before each."""
        if "![" not in content or len(content) > _LONGEST:
            return []
        env: dict[str, Any] = {"references": self.env.get("references", {})}
        _inline.parseInline(content, env)
        found = [place for place in env.get("pictures", ()) if place[0] == content]
        return [(content[begin:end], content.count(content[begin:end], 0, begin)) for _, begin, end in found]

    def _leave_out(self, pictures: list[tuple[str, int]], begin: int, end: int) -> None:
        """Take pictures from these lines."""
        if pictures:
            left = _without("\n".join(self.lines[begin:end]), pictures).split("\n")
            self.lines[begin:end] = left + [_GONE] * (end - begin - len(left))

    def _look_at(self, content: str) -> None:
        for token in self._within(content):
            if token.type == "image":
                self.notes.add("image", token.content)
            elif token.type == "html_inline":
                self.notes.add("html", token.content)
            elif token.type == "link_open":
                scheme = re.match("[^/?#:]*(?=:)", str(token.attrs.get("href", "")))
                if scheme and scheme[0].lower() not in SCHEMES:
                    self.notes.add("link", str(token.attrs["href"]))

    def _kept(self, part: _Part) -> list[str]:
        """Its lines as they are written here, without the empty ones around them."""
        made, at = [], part.begin
        while at < part.end:
            if at in part.edits:
                end, lines = part.edits[at]
                made += lines
                at = max(end, at + 1)
            else:
                made.append(self.lines[at])
                at += 1
        made = [one for one in made if one is not _GONE]
        while made and not made[-1].strip():
            made.pop()
        return made[next((n for n, one in enumerate(made) if one.strip()), 0) :]

    # Definitions

    def _move_notes(self) -> None:
        """Take the definitions of notes from their places; they go to the ends of the sections that call them."""
        known = {label.removeprefix(":") for label in self.env.get("footnotes", {}).get("refs", {})}
        fenced = {n for token in self.tokens if token.type in ("fence", "code_block") and token.map for n in range(*token.map)}
        self._after = [""] * len(self.lines)
        for at in reversed(range(len(self.lines) - 1)):
            self._after[at] = self.lines[at + 1] if self.lines[at + 1].strip() else self._after[at + 1]
        at = 0
        while at < len(self.lines):
            found = _NOTE.match(self.lines[at]) if at not in fenced else None
            if found is None or found[1] not in known:
                at += 1
                continue
            end = at + 1
            while end < len(self.lines) and self._goes_on(end):
                end += 1
            label = f"^{found[1]}"
            if label not in self.moved:
                self.moved[label] = self.lines[at:end]
            self.lines[at:end] = [_GONE] * (end - at)
            at = end

    def _goes_on(self, at: int) -> bool:
        """Whether a note goes on in this line: set in, or empty before one that is, or right after a line of it."""
        one = self.lines[at]
        if not one.strip():
            return self._after[at].startswith(("    ", "\t"))
        if one.startswith(("    ", "\t")):
            return True
        return bool(self.lines[at - 1].strip()) and not re.match(r" {0,3}([#>|*+-]|\d+[.)]|```|~~~|\[\^)", one)

    def _move_addresses(self) -> None:
        for label, one in self.env.get("references", {}).items():
            begin, end = one.get("map") or (0, 0)
            self.moved[_label(label)] = [kept for kept in self.lines[begin:end] if kept is not _GONE]
            self.lines[begin:end] = [_GONE] * (end - begin)

    def _whole(self, lines: list[str]) -> str:
        """A section with the definitions it calls."""
        text = "\n".join(lines).strip("\n")
        called: dict[str, None] = {}
        waiting = list(dict.fromkeys(_labels(text)))
        while waiting:
            label = waiting.pop(0)
            if label in self.moved and label not in called:
                called[label] = None
                waiting += _labels("\n".join(self.moved[label])[len(label) :])
        self.called.update(called)
        definitions = "\n\n".join("\n".join(self.moved[label]).strip("\n") for label in called)
        return f"{text}\n\n{definitions}".strip("\n") if definitions else text


_GONE = "\0gone"


def _labels(text: str) -> Iterator[str]:
    return (_label(found) for found in re.findall(r"\[([^\[\]]+)\]", text))


def _label(text: str) -> str:
    return text if text.startswith("^") else " ".join(text.split()).casefold()


def _without(text: str, pictures: list[tuple[str, int]]) -> str:
    """A text without these pictures, from the last on."""
    for written, before in reversed(pictures):
        at = -1
        for _ in range(before + 1):
            at = text.find(written, at + 1)
            if at < 0:
                break
        else:
            text = text[:at] + text[at + len(written) :]
    return text


def _said(tokens: list[Token]) -> str:
    return "".join(" " if token.type in ("softbreak", "hardbreak") else token.content for token in tokens)
