"""What was found in a file."""

from dataclasses import dataclass, replace

from press.markup import writable

LIMIT = 10 * 1024 * 1024
"""Bytes of a file, unless its reader says otherwise."""
NOTES = 1_000
INTRODUCTION = "Introduction"
"""The heading of what stands before the first."""
WHOLE = "Text"
"""The heading of all there is, when there is none: not the title, nor the first words, which would then stand there twice."""
_SAMPLE = 120


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was not understood, or left out. ``where``: under which heading (empty before the first, or for the whole);
    ``what``: one word for it, as ``image``; ``found``: what it was, or the beginning of the first; ``count``: how many there were."""

    where: str
    what: str
    found: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: a title (empty when none was found), sections of a heading on one line and Markdown whose own headings begin at the
    third level, and what of the file is not in them."""

    title: str
    sections: tuple[tuple[str, str], ...]
    notes: tuple[Note, ...]


class Notes:
    """Notes as they are made; those of one kind under one heading are one. ``muted``: of what is left out as a whole nothing is told."""

    def __init__(self) -> None:
        self.where = ""
        self.muted = False
        self._made: dict[tuple[str, str, str], Note] = {}

    def add(self, what: str, found: str = "", *, each: bool = False) -> None:
        """``each``: told apart by what was found."""
        if self.muted:
            return
        found = " ".join(writable(found[: 4 * _SAMPLE]).split())
        found = found if len(found) <= _SAMPLE else f"{found[: _SAMPLE - 1]}…"
        key = (self.where, what, found if each else "")
        if (known := self._made.get(key)) is not None:
            self._made[key] = replace(known, count=known.count + 1)
        elif len(self._made) < NOTES:
            self._made[key] = Note(self.where, what, found)

    def all(self) -> tuple[Note, ...]:
        """In the order of the file."""
        return tuple(self._made.values())


def line(text: str, longest: int = 300) -> str:
    """A heading or a title: on one line, and no longer than one may be."""
    text = " ".join(writable(text).split())
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
