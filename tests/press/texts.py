"""Texts to be set, in six languages and of every kind of block, and the same changed as drafters change them."""

import string
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from press.manuscript import Manuscript, Section

WORDS = {
    "en": "the trafficking in persons shall not be a crime without victims",
    "fr": "l’été où naît cœur traite des êtres humains n’est jamais",
    "es": "niños y niñas víctimas de la trata según el artículo",
    "ru": "борьба с торговлей людьми в целях эксплуатации ёж",
    "ar": "مكافحة الاتجار بالأشخاص وَخاصَّةً النساء والأطفال UNHCR",
    "zh": "打击人口贩运 特别是妇女 和儿童 行为“议定书” 第三条 ICAT",
}
FULL = """Words with **bold**, *italic*, ***both***, `code | x`, [a link](https://example.org/x?a=1&b=2) and a note[^1].

### A heading with *looks*

1. one
2. two
   - nested **bold**
     1. deep
3. three

- apart

- from one another

  with more below

> A quotation[^2] of
>
> two paragraphs
>
> > and one within

| Left | Right | Middle |
| --- | --: | :-: |
| a\\|b | 2 |  |
| **c** | \\<4\\> | `x` |

#### Deeper

```
def code(x):
    return {x: "*not bold*"}
```

---

Signs: 1\\* 2\\_ a_b \\# \\[x\\] \\&amp; 5 < 6 \\`tick\\`

7. seven

[^1]: A note with *looks* and [mail](mailto:a@b.org).

    Its second paragraph.

[^2]: Another."""


def manuscript(*texts: str, language: str = "en", **values: Any) -> Manuscript:
    """A draft of sections ``s1``, ``s2``, …"""
    sections = tuple(Section(f"s{number}", f"Section {number}", text) for number, text in enumerate(texts, 1))
    given = {
        "document": "paper-3",
        "kind": "issue_paper",
        "title": "Preventing trafficking <&> “more”",
        "sections": sections,
        "language": language,
        "status": "draft",
        "revision": 3,
        "digest": "ab" * 32,
        "dated": datetime(2014, 10, 7, 9, 30, tzinfo=UTC),
        "date": "2014-10-07",
        "issuer": "Inter-Agency Coordination Group",
        "url": "https://icat.example/documents/paper-3",
        "number": 3,
        "summary": "In short.\n\nAnd a little longer.",
        "citation": "ICAT (2014), Issue paper 3",
        "entities": ("ILO", "IOM"),
    }
    return Manuscript(**(given | values))


def of(language: str) -> str:
    """A section with every kind of block in a language: its words stand for the English ones."""
    words = WORDS[language].split()
    said = iter(range(10_000))
    made = []
    for one in FULL.split(" "):
        is_word = len(one) > 3 and all(letter in string.ascii_letters for letter in one)
        made.append(words[next(said) % len(words)] if is_word else one)
    return " ".join(made)


_word = st.sampled_from([word for words in WORDS.values() for word in words.split()] + ["1", "(2014)", "50%", "“quoted”", "a-b", "\\<&\\>"])
_faced = _word | st.tuples(st.sampled_from(["**{}**", "*{}*", "`{}`", "[{}](https://a.org/x)"]), _word).map(lambda of: of[0].format(of[1]))
_sentence = st.lists(_faced, min_size=1, max_size=8).map(" ".join)
_lines = st.lists(_sentence, min_size=1, max_size=4)


def _listed(lines: list[str], kind: int) -> str:
    marks = ["-", "3."][kind % 2]
    made = [f"{marks} {one}" for one in lines]
    return "\n".join([*made, f"{' ' * (len(marks) + 1)}- {lines[0]}"]) if kind > 1 else "\n".join(made)


def _table(rows: list[tuple[str, str]]) -> str:
    return "\n".join(["| A | B |", "| --- | --: |", *(f"| {left} | {right} |" for left, right in rows)])


block = st.one_of(
    _sentence,
    _sentence.map(lambda one: f"### {one}"),
    st.tuples(_lines, st.integers(0, 3)).map(lambda of: _listed(*of)),
    _lines.map(lambda lines: "\n>\n".join(f"> {one}" for one in lines)),
    st.lists(st.tuples(_sentence, _sentence), min_size=1, max_size=3).map(_table),
    _word.map(lambda one: f"```\n{one}\n  {one}\n```"),
    st.just("---"),
    st.tuples(_sentence, _sentence, st.sampled_from("ab")).map(lambda of: f"{of[0]}[^{of[2]}] and[^{of[2]}]\n\n[^{of[2]}]: {of[1]}"),
)
blocks = st.lists(block, max_size=5)


@st.composite
def revisions(draw: Any) -> tuple[list[tuple[str, list[str]]], list[tuple[str, list[str]]]]:
    """Two texts as sections of blocks by their ids; the second mostly made of the first."""
    base = [(f"s{number}", draw(blocks)) for number in range(1, draw(st.integers(1, 3)) + 1)]
    revised = []
    for name, of_base in draw(st.permutations(base)) if draw(st.booleans()) else base:
        kept = []
        for one in of_base:
            what = draw(st.sampled_from(["keep", "keep", "change", "drop", "add"]))
            if what == "change":
                words = one.split(" ")
                at = draw(st.integers(0, len(words) - 1))
                words[at:at] = [draw(_word)] * (words[at] not in ("|", "---", "-", "3.", "###", ">", ""))
                kept.append(" ".join(words))
            elif what != "drop":
                kept.append(one)
            if what == "add":
                kept.append(draw(block))
        revised.append((name, kept))
    if draw(st.booleans()):
        revised.insert(draw(st.integers(0, len(revised))), ("s9", draw(blocks)))
    return base, revised
