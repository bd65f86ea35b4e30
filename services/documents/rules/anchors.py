"""Where a passage is that someone commented on: told by what it says and where it stands, found again in later revisions.

A passage is kept as the selectors of the W3C Web Annotation Data Model have it (§4.2.4 text quote, §4.2.5 text position): the words
quoted, the place of the first of them, and some characters before and after; all in a section's text with line ends and runs of spaces
counted as one space, since they say nothing in a paragraph of Markdown. Sections have names of their own, which outlive every move.

Who quotes may write the words as they stand in the text, or as they are read on a page, without the marks of Markdown (``as_read``); what
is kept of them is the passage as it stands in the text, to the character.

What is sought is looked for in this order: the same words in the section with the same name; the same words elsewhere; most of the
words in the section with the same name. Words that stood in one place alone are known by themselves; for others their surroundings
must vouch, so that "trafficking in persons" deleted here is not found again in every other section.
"""

from array import array
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import cached_property
from itertools import islice
from typing import Generic, NamedTuple, TypeVar

from services.documents.rules.as_read import as_read
from services.documents.rules.compare import TOKENS, Matcher, Steps
from services.documents.rules.text import Section
from services.kernel import digest_of

PASSAGES = HERE, MOVED, CHANGED, GONE = ("here", "moved", "changed", "gone")

CONTEXT = 32
"""Characters before and after a passage that are kept with it."""
VOUCHING = 8
"""Characters right before or right after a passage that tell it from others that read the same."""
ELSEWHERE = 100
"""Places outside its own section that are looked at for one passage."""
STEPS = 200_000
"""Steps that the search for one changed passage may take, some hundredths of a second."""


class Selector(NamedTuple):
    """A passage: the ``section`` by its name, the ``quotation``, the place of its first character (``start``), and what stands before and
    after it. ``alone``: nowhere else in that text did the same words stand."""

    section: str
    quotation: str
    start: int
    prefix: str
    suffix: str
    alone: bool


class Place(NamedTuple):
    """Where a passage is: ``here`` in the section with its name, ``moved`` to another, ``changed`` in its own, or ``gone`` (then there is
    no rest). ``quotation``: how it reads there."""

    passage: str
    section: str | None = None
    start: int | None = None
    quotation: str | None = None


Value = TypeVar("Value")


class Memory(Generic[Value]):
    """What was found, by what was sought: the latest, as much as ``most`` allows of what ``weigh`` says each is."""

    def __init__(self, most: int, weigh: Callable[[Value], int] = lambda _: 1) -> None:
        self.most, self.weigh, self.weight = most, weigh, 0
        self._found: OrderedDict[Hashable, Value] = OrderedDict()

    def get(self, key: Hashable, find: Callable[[], Value]) -> Value:
        """What is remembered, else what ``find`` finds."""
        if key in self._found:
            self._found.move_to_end(key)
            return self._found[key]
        return self.put(key, find())

    def put(self, key: Hashable, found: Value) -> Value:
        """Remember this from now on; it is returned."""
        if key in self._found:
            self.weight -= self.weigh(self._found.pop(key))
        self._found[key] = found
        self.weight += self.weigh(found)
        while self.weight > self.most:
            self.weight -= self.weigh(self._found.popitem(last=False)[1])
        return found


_plain: Memory[str] = Memory(8_000_000, len)
"""Sections' texts with their spaces made alike, by what they were, so that after one of 400 was saved one is read anew."""
_readings: Memory[tuple["_Reading", ...]] = Memory(2_000_000, lambda readings: sum(len(one.text) for one in readings))
"""How sections' texts are read, by what they are: who comments on one finds it read by who commented before."""
_found: Memory[Place] = Memory(20_000)
"""Where passages are that are not simply where they were."""
_absent: Memory[frozenset[str]] = Memory(4_000_000, len)
"""The digests of the sections of the last revision that had a passage in no other section; one set for all passages sought in it."""


class Passages:
    """The sections of one text, as passages are sought in them. ``name`` tells it from every other text."""

    def __init__(self, name: str, sections: Iterable[Section]) -> None:
        self.name = name
        known = list(sections)
        self.sections = {section.id: section.text for section in known}
        self.digests = {section.id: section.digest for section in known}
        self.numbers = {id: number for number, id in enumerate(self.sections, 1)}

    def said(self, section: str, quotation: str) -> dict[int, int]:
        """The passages of that section that say this, as they are written or as they are read: from where each goes to where, in order."""
        written, words, found = self.sections[section], plain(quotation), dict[int, int]()
        if not words:
            return found
        for reading in _readings.get(written, lambda: _read(written)):
            found |= {reading.begins[at]: reading.ends[at + len(words) - 1] for at in _places(words, reading.text)}
        found |= {at: at + len(words) for at in _places(words, self._text(section))}
        return dict(sorted(found.items()))

    def select(self, section: str, quotation: str, start: int = 0) -> Selector | None:
        """The first passage of that section, from ``start`` on, that says this; None when none does, or nothing is said."""
        at, end = next((place for place in self.said(section, quotation).items() if place[0] >= start), (-1, -1))
        if at < 0:
            return None
        text = self._text(section)
        words = text[at:end]
        elsewhere = any(words in self._text(one) for one in self.sections if one != section)
        alone = not elsewhere and text.find(words, text.find(words) + 1) < 0
        return Selector(section, words, at, text[max(at - CONTEXT, 0) : at], text[at + len(words) :][:CONTEXT], alone)

    def locate(self, sought: Selector) -> Place:
        """Where the passage is in this text."""
        if sought.section in self.sections and (at := self._here(sought)) is not None:
            return Place(HERE, sought.section, at, sought.quotation)
        return _found.get((self.name, sought), lambda: self._elsewhere(sought) or self._changed(sought) or Place(GONE))

    def _text(self, section: str) -> str:
        text = self.sections[section]
        return _plain.get(text, lambda: plain(text))

    @cached_property
    def _digests(self) -> frozenset[str]:
        return frozenset(self.digests.values())

    def _here(self, sought: Selector) -> int | None:
        """Where the same words stand in the section with the same name: where their surroundings are most alike, then nearest to where
        they stood."""
        text, found = self._text(sought.section), (-1, 0, 0)
        for at in _places(sought.quotation, text):
            before, after = _alike(sought, text, at)
            if (before, after) == (len(sought.prefix), len(sought.suffix)) and at == sought.start:
                return at
            if sought.alone or _vouched(sought, before, after):
                found = max(found, (before + after, -abs(at - sought.start), at))
        return found[2] if found[0] >= 0 else None

    def _elsewhere(self, sought: Selector) -> Place | None:
        """Where the same words stand in another section. Of a text in which few sections are new since the words were sought in vain,
        only these are looked through."""
        before, after, words = sought.prefix[-VOUCHING:], sought.suffix[:VOUCHING], sought.quotation
        led = [(0, words)] if sought.alone else [(len(before), before + words)] * bool(before) + [(0, words + after)] * bool(after)
        absent = _absent.get(sought, frozenset)
        places = (
            (sum(_alike(sought, text, at + ahead)), section, at + ahead)
            for section in self.sections
            if self.digests[section] not in absent and section != sought.section
            for text in (self._text(section),)
            for ahead, together in led
            for at in _places(together, text)
        )
        found = max(islice(places, ELSEWHERE), key=lambda place: place[0], default=None)
        if found is None:
            _absent.put(sought, self._digests)
            return None
        return Place(MOVED, found[1], found[2], words)

    def _changed(self, sought: Selector) -> Place | None:
        """Where most of the words stand in the section with the same name."""
        if sought.section not in self.sections:
            return None
        text = self._text(sought.section)
        found = _found.get((digest_of(text), sought), lambda: _most_of(sought, text))
        return found if found.passage == CHANGED else None


def plain(text: str) -> str:
    """A text with line ends and runs of spaces made one space."""
    return " ".join(text.split())


class _Reading(NamedTuple):
    """A text as it is read, and from where to where what shows each character stands in it once it is ``plain``."""

    text: str
    begins: "array[int]"
    ends: "array[int]"


def _read(written: str) -> tuple[_Reading, ...]:
    """How this may be read: with the numbers of its notes, and without, where that is another reading. Words neither begin nor end with
    a space, and one between two blocks stands nowhere."""
    places = _plainly(written)
    numbered, plainly = (as_read(written, numbers=numbers) for numbers in (True, False))
    readings = []
    for read in (numbered,) if numbered.shown == plainly.shown else (numbered, plainly):
        begins, ends = array("I", bytes(4 * len(read.shown))), array("I", bytes(4 * len(read.shown)))
        for at, one in enumerate(read.shown):
            if one.character != " ":
                begins[at], ends[at] = places[one.start], places[one.end - 1] + 1
        readings.append(_Reading(read.text, begins, ends))
    return tuple(readings)


def _plainly(text: str) -> list[int]:
    """Where each character of a text stands in it once it is ``plain``."""
    found, at, parted = [], 0, False
    for character in text:
        if character.isspace():
            parted = at > 0
        elif parted:
            at, parted = at + 1, False
        found.append(at)
        at += not character.isspace()
    return found


def _places(words: str, text: str) -> Iterator[int]:
    at = text.find(words)
    while at >= 0:
        yield at
        at = text.find(words, at + 1)


def _alike(sought: Selector, text: str, at: int) -> tuple[int, int]:
    """How many characters right before and right after that place are as they were."""
    before, end = 0, at + len(sought.quotation)
    while before < min(len(sought.prefix), at) and sought.prefix[-1 - before] == text[at - 1 - before]:
        before += 1
    after = 0
    while after < min(len(sought.suffix), len(text) - end) and sought.suffix[after] == text[end + after]:
        after += 1
    return before, after


def _vouched(sought: Selector, before: int, after: int) -> bool:
    """Whether so much of its surroundings tells a passage from others that read the same: one side, or all there was."""
    sides = ((before, len(sought.prefix)), (after, len(sought.suffix)))
    return all(alike == of for alike, of in sides) or any(alike >= min(of, VOUCHING) for alike, of in sides if of)


class _Word(NamedTuple):
    """A word as it is compared, and where it stands."""

    word: str
    start: int
    end: int


def _words(text: str) -> list[_Word]:
    return [_Word(found[0].casefold(), *found.span()) for found in TOKENS.finditer(text) if found[0][0].isalnum()]


def _most_of(sought: Selector, text: str) -> Place:
    """The stretch of a section in which most of the passage's words stand in their order, and most of them and its surroundings."""
    asked, there = _words(sought.prefix + sought.quotation + sought.suffix), _words(text)
    begin, end = len(sought.prefix), len(sought.prefix) + len(sought.quotation)
    inner = [place for place, word in enumerate(asked) if word.end > begin and word.start < end]
    if not inner or not there:
        return Place(GONE)
    first, last = _window([word.word for word in asked], there, sought.start)
    window = there[first:last]
    matched = {
        block.a + step: block.b + step
        for block in Matcher([word.word for word in asked], [word.word for word in window], Steps(STEPS)).get_matching_blocks()
        for step in range(block.size)
    }
    survived = [place for place in inner if place in matched]
    if 2 * len(survived) <= len(inner) or 2 * len(matched) <= len(asked):
        return Place(GONE)
    # Words changed at the passage's own ends stand between its first that is left and the surroundings, if that is near.
    left, right = matched[survived[0]], matched[survived[-1]]
    lost, bound = survived[0] - inner[0], max((matched[place] for place in matched if place < inner[0]), default=-1 if not first else None)
    if lost and bound is not None and left - bound - 1 <= 2 * lost:
        left = bound + 1
    lost, bound = (
        inner[-1] - survived[-1],
        min((matched[place] for place in matched if place > inner[-1]), default=len(window) if last >= len(there) else None),
    )
    if lost and bound is not None and bound - right - 1 <= 2 * lost:
        right = bound - 1
    start, stop = window[left].start, window[right].end
    return Place(CHANGED, sought.section, start, text[start:stop])


def _window(asked: list[str], there: list[_Word], start: int) -> tuple[int, int]:
    """The stretch of ``there``, half as long again as what is asked on either side, around where most of these words stand together, in
    whatever order; of several the nearest to ``start``."""
    size, wanted, together = min(len(asked), len(there)), Counter(asked), 0
    best = (-1, 0, 0)
    for place, word in enumerate(there):
        wanted[word.word] -= 1
        together += wanted[word.word] >= 0
        if place >= size:
            gone = there[place - size].word
            together -= wanted[gone] >= 0
            wanted[gone] += 1
        if place >= size - 1:
            begin = place - size + 1
            best = max(best, (together, -abs(there[begin].start - start), begin))
    around = len(asked) // 2
    return max(best[2] - around, 0), best[2] + size + around
