"""A text as one HTML page that carries everything with it: read offline, printed by a browser, or set as a PDF from the same page."""

import base64
import hashlib
import re
from collections.abc import Iterable
from html import escape
from pathlib import Path
from urllib.parse import quote

from press import markup, words
from press.manuscript import RIGHT_TO_LEFT, Manuscript

STYLE = Path(__file__).with_name("page.css").read_text(encoding="utf-8")

POLICY = (
    f"default-src 'none'; style-src 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'"
)
"""The Content-Security-Policy of a page: its own style, and nothing else."""

_LONG_WORD = re.compile(r"[^\s&;\u2e80-\uffff]{16}(?=[^\s&;]{8})")
"""A stretch of a word after which it may break: words of all languages, and no character reference, are shorter."""

LONG = 5
"""A text with this many sections has a table of contents."""


def write(manuscript: Manuscript) -> bytes:
    """The page of a text, in UTF-8."""
    before = "".join(part(manuscript) for part in (_mark, _title, _corrigenda, _summary, _contents))
    text, notes = _text(manuscript)
    return page(
        manuscript.title,
        manuscript.language,
        f"{before}{text}{notes}{_about(manuscript)}",
        author=manuscript.issuer,
        description=manuscript.summary,
        dated=manuscript.dated.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )


def page(title: str, language: str, body: str, *, author: str = "", description: str = "", dated: str = "") -> bytes:
    """A page in the style of the house around a body that is safe already. ``dated``: an instant of ISO 8601."""
    metas = {"viewport": "width=device-width, initial-scale=1", "author": author, "description": description}
    metas |= {"dcterms.created": dated, "dcterms.modified": dated}
    lines = [
        "<!DOCTYPE html>",
        f'<html lang="{said(language)}" dir="{"rtl" if language in RIGHT_TO_LEFT else "ltr"}">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        f"<title>{said(title)}</title>",
        *(f'<meta name="{name}" content="{said(value)}">' for name, value in metas.items() if value),
        f"<style>{STYLE}</style>",
        "</head>",
        "<body>",
        f"{body}</body>",
        "</html>\n",
    ]
    return "\n".join(lines).encode()


def said(text: str) -> str:
    """A text as it stands between tags or quotation marks."""
    return escape(markup.writable(text))


def apart(text: str) -> str:
    """Something that reads from left to right whatever stands around it: an address, a digest."""
    return f'<bdi dir="ltr">{said(text)}</bdi>'


# The parts of a text's page


def _mark(manuscript: Manuscript) -> str:
    if manuscript.status != "draft":
        return ""
    word = said(words.word("draft", manuscript.language))
    return f'<aside class="mark" aria-label="{word}">{word}</aside>\n'


def _title(manuscript: Manuscript) -> str:
    language = manuscript.language
    state = [] if manuscript.status == "published" else [f"<strong>{said(words.word(manuscript.status, language))}</strong>"]
    if manuscript.status == "draft":
        state.append(said(words.word("revision", language, manuscript.revision)))
    if manuscript.original:
        state.append(said(words.word("original", language, words.name_of(manuscript.original, language))))
    lines = {
        "issuer": said(manuscript.issuer),
        "kind": f"{said(words.kind(manuscript))} · {said(words.date(manuscript.date, language))}",
        "": said(manuscript.title),
        "occasion": said(manuscript.occasion or ""),
        "entities": _entities(manuscript),
        "status": " · ".join(state),
    }
    shown = (f'<p class="{name}">{line}</p>' if name else f"<h1>{line}</h1>" for name, line in lines.items() if line)
    return f'<header class="title">{"".join(shown)}</header>\n'


def _corrigenda(manuscript: Manuscript) -> str:
    return _box("corrigenda", manuscript.language, f"<ul>{_items(manuscript.notes)}</ul>") if manuscript.notes else ""


def _summary(manuscript: Manuscript) -> str:
    paragraphs = "".join(f"<p>{said(part)}</p>" for part in manuscript.summary.split("\n\n") if part.strip())
    return _box("summary", manuscript.language, paragraphs) if paragraphs else ""


def _contents(manuscript: Manuscript) -> str:
    named = [section for section in manuscript.sections if section.heading]
    if len(named) < LONG:
        return ""
    lines = "".join(f'<li><a href="#{_anchor(section.id)}">{said(section.heading)}</a></li>' for section in named)
    return _box("contents", manuscript.language, f"<ol>{lines}</ol>", tag="nav")


def _text(manuscript: Manuscript) -> tuple[str, str]:
    """The sections, and their notes together after them: numbered from the first to the last of the text."""
    sections, notes, count = [], [], 0
    for section in manuscript.sections:
        tokens = markup.parse(section.text, count + 1)
        end = next((at for at, token in enumerate(tokens) if token.type == "footnote_block_open"), len(tokens))
        heading = f"<h2>{said(section.heading)}</h2>\n" if section.heading else ""
        body = _framed(markup.render(tokens[:end], base=manuscript.url))
        sections.append(f'<section id="{_anchor(section.id)}">\n{heading}{body}</section>\n')
        count += sum(token.type == "footnote_open" for token in tokens)
        notes += tokens[end + 1 : -1]
    text = f"<main>\n{''.join(sections)}</main>\n"
    if not notes:
        return text, ""
    listed = _framed(markup.render(notes, base=manuscript.url, back=words.word("back", manuscript.language)))
    return text, _box("endnotes", manuscript.language, f"<ol>{listed}</ol>", word="notes", role="doc-endnotes")


def _about(manuscript: Manuscript) -> str:
    """What somebody needs who quotes the text or wants to know whether it is this one."""
    language = manuscript.language
    who = "signatories" if manuscript.kind == "joint_statement" else "entities"
    facts = {
        "citation": said(manuscript.citation),
        "url": f'<a href="{said(manuscript.url)}">{apart(manuscript.url)}</a>',
        who: _entities(manuscript),
        "version": said(words.word("revision", language, manuscript.revision)),
        "digest": apart(manuscript.digest),
    }
    lines = "".join(f"<dt>{said(words.word(name, language))}</dt><dd>{fact}</dd>" for name, fact in facts.items() if fact)
    return _box("about", language, f"<dl>{lines}</dl>", tag="footer")


def _box(name: str, language: str, body: str, *, tag: str = "section", word: str = "", role: str = "") -> str:
    """A part with a heading of ours."""
    heading = said(words.word(word or name, language))
    role = f' role="{role}"' if role else ""
    return f'<{tag} class="{name}"{role} aria-labelledby="{name}">\n<h2 id="{name}">{heading}</h2>\n{body}\n</{tag}>\n'


def _entities(manuscript: Manuscript) -> str:
    return " · ".join(f"<bdi>{said(entity)}</bdi>" for entity in manuscript.entities)


def _items(lines: Iterable[str]) -> str:
    return "".join(f"<li>{said(line)}</li>" for line in lines)


def _framed(text: str) -> str:
    """Tables that are wider than the screen scroll by themselves; on paper they cannot, so that their longest words may break."""

    def breakable(table: re.Match[str]) -> str:
        words = (part if part.startswith("<") else _LONG_WORD.sub(r"\g<0><wbr>", part) for part in re.split("(<[^>]*>)", table[0]))
        return f'<div class="table" tabindex="0">{"".join(words)}</div>'

    return re.sub("<table>.*?</table>", breakable, text, flags=re.DOTALL)


def _anchor(section: str) -> str:
    """The name of a section's place, whatever its identifier is made of."""
    return f"section-{quote(section, safe='')}"
