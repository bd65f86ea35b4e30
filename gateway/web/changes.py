"""What differs between two wordings of one section, for the page on which two drafters' versions are brought together.

What is compared to the last word, however long, is the services'; here two people wait for a form, and a stretch in which almost
everything differs is shown as taken out and put in whole.
"""

import re
from difflib import SequenceMatcher

MOST = 1_000_000
"""Pairs of words that are held against one another, at most."""

_WORD = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\u3040-\u30ff]|\s+|[^\s\u3400-\u4dbf\u4e00-\u9fff\u3040-\u30ff]+")
"""A word, a space, or one character of a script that writes without spaces."""


def changes_of(base: str, other: str) -> list[dict[str, str]]:
    """The stretches both have (``equal``), or one of them (``deleted``, ``inserted``), as contracts write them."""
    left, right = _WORD.findall(base), _WORD.findall(other)
    first = next((at for at, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))
    rest = min(len(left), len(right)) - first
    last = next((at for at in range(rest) if left[-1 - at] != right[-1 - at]), rest)
    before, after = left[first : len(left) - last], right[first : len(right) - last]
    found = [("equal", left[:first], left[:first])]
    if len(before) * len(after) <= MOST:
        for op, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
            found.append((op, before[a:b], after[c:d]))
    else:
        found.append(("replace", before, after))
    found.append(("equal", left[len(left) - last :], []))
    made = []
    for op, gone, come in found:
        if op == "equal":
            made.append({"op": "equal", "text": "".join(gone)})
        else:
            made += [{"op": "deleted", "text": "".join(gone)}, {"op": "inserted", "text": "".join(come)}]
    return [one for one in made if one["text"]]
