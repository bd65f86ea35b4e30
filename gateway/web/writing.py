"""Texts as they are written in forms: section by section, and two drafters' versions brought together."""

import re
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

LONGEST_FORM = 24 * 1024 * 1024
"""Bytes of a form with the longest text, as a browser writes it: three for each byte that is no letter of ASCII."""

BLOCKS = 1_050
"""Sections of a form: those of the longest text, and room for new ones."""


@dataclass(frozen=True, slots=True)
class Block:
    """One section in a form: where it is to stand, and whether it is to be left out."""

    id: str
    heading: str
    text: str
    order: str
    left_out: bool = False

    @property
    def is_empty(self) -> bool:
        return not (self.id or self.heading.strip() or self.text.strip())


def blocks_of(sections: list[dict[str, Any]]) -> list[Block]:
    """The sections of a text, ready for a form, with an empty one after them."""
    blocks = [Block(one["id"] or "", one["heading"], one["text"], str(place)) for place, one in enumerate(sections, 1)]
    return [*blocks, Block("", "", "", str(len(blocks) + 1))]


def typed_blocks(typed: MultiDict[str, str]) -> list[Block]:
    """The sections that were typed, in the order they are to stand; an empty one comes last."""
    found = []
    for place in range(BLOCKS):
        if f"order-{place}" not in typed:
            break
        heading, text = typed.get(f"heading-{place}", ""), typed.get(f"text-{place}", "").replace("\r\n", "\n")
        found.append(Block(typed.get(f"id-{place}", ""), heading, text, typed[f"order-{place}"], f"drop-{place}" in typed))
    found.sort(
        key=lambda block: (
            float(block.order.replace(",", ".")) if re.fullmatch(r"[0-9]{1,6}([.,][0-9]{1,3})?", block.order) else float("inf")
        )
    )
    kept = [block for block in found if not block.is_empty]
    return [
        *(Block(one.id, one.heading, one.text, str(place), one.left_out) for place, one in enumerate(kept, 1)),
        Block("", "", "", str(len(kept) + 1)),
    ]


def sections_of(blocks: list[Block]) -> list[dict[str, Any]]:
    """What is saved of a form: neither what is empty nor what is to be left out."""
    return [
        {"id": one.id or None, "heading": " ".join(one.heading.split()), "text": one.text}
        for one in blocks
        if not one.is_empty and not one.left_out
    ]


# Two versions ---------------------------------------------------------------------------------------------------------------------------


def choices_of(typed: MultiDict[str, str]) -> list[dict[str, Any]]:
    """What was chosen on the page on which two versions are brought together: for each section in question its ``id``, the section of
    theirs ``after`` which it stands, the ``choice`` (``theirs``, ``mine``, ``out``), and the text as it was edited there."""
    found = []
    for place in range(BLOCKS):
        if f"choice-{place}" not in typed:
            if f"merge-{place}" not in typed:
                break
            continue
        found.append(
            {
                "id": typed.get(f"merge-{place}") or None,
                "title": f"title-{place}" in typed,
                "after": typed.get(f"after-{place}") or None,
                "choice": typed[f"choice-{place}"],
                "heading": typed.get(f"heading-{place}", ""),
                "text": typed.get(f"text-{place}", "").replace("\r\n", "\n"),
            }
        )
    return found


def merged(theirs: dict[str, Any], choices: list[dict[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
    """The title and the sections of the newest revision with what was chosen in it."""
    title = theirs["title"]
    sections = [{name: one[name] for name in ("id", "heading", "text")} for one in theirs["texts"]]
    for choice in choices:
        if choice["choice"] == "theirs":
            continue
        if choice["title"]:
            title = choice["heading"]
            continue
        place = next((at for at, one in enumerate(sections) if choice["id"] and one["id"] == choice["id"]), None)
        mine = {"id": choice["id"], "heading": " ".join(choice["heading"].split()), "text": choice["text"]}
        if choice["choice"] == "out":
            if place is not None:
                del sections[place]
        elif place is not None:
            sections[place] = mine
        else:
            before = next((at for at, one in enumerate(sections) if one["id"] == choice["after"]), -1)
            # Several new ones after the same section keep the order in which they were written.
            while before + 1 < len(sections) and sections[before + 1].get("new_after") == choice["after"]:
                before += 1
            sections.insert(before + 1, mine | {"new_after": choice["after"]})
    return title, [{name: one[name] for name in ("id", "heading", "text")} for one in sections]
