"""Reads an XLSX file that a stranger sent: what stands in its cells, and nothing else of it.

openpyxl, which writes our sheets, builds a merged or linked range cell by cell while it loads, so that a file of a kilobyte could
hold a worker for hours. Reading therefore is a stream over the few parts that matter (ECMA-376, part 1, chapter 18), counted while it
flows, and nothing of it is kept but cells.
"""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from openpyxl.styles.numbers import BUILTIN_FORMATS
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

from gateway.refusals import Told
from gateway.web.words import said
from press.package import XLSX, Bounds, Handler, Package, Unreadable

BOUNDS = Bounds(packed=4 * 1024 * 1024, unpacked=32 * 1024 * 1024, members=200, elements=300_000, text=2_000_000)
"""Elements: ten thousand rows of eight cells, each of three, and some more. Text is counted in each cell: a thousand cells may share one
long string, that takes no room and yet a thousand readings."""


@dataclass(slots=True)
class Cell:
    """What stands in one cell: text, a number, a truth value, a date or, where it shows a time too, an instant (as the sheet has it,
    without a zone), or None. ``formula``: it is computed; ``error``: the sheet shows an error there."""

    row: int
    column: int
    value: str | int | float | bool | date | None = None
    formula: bool = False
    error: bool = False

    @property
    def is_empty(self) -> bool:
        return not self.formula and not self.error and (self.value is None or (isinstance(self.value, str) and not self.value.strip()))


@dataclass
class Worksheet:
    """One sheet: its cells by row and column, counted from 1, and the ranges that are merged."""

    name: str
    rows: dict[int, dict[int, Cell]] = field(default_factory=dict)
    merged: list[str] = field(default_factory=list)


def read(raw: bytes, language: str) -> list[Worksheet]:
    """The sheets of a workbook, in its order. Raises Refusal, in that language, for what is no workbook, is encrypted, has macros, or
    would be too much to read."""
    try:
        return _sheets(Package(raw, BOUNDS))
    except Unreadable as error:
        raise _refusal(error, language) from None


def letters(column: int) -> str:
    """A column as sheets name it: 1 is A, 27 is AA."""
    named = ""
    while column:
        column, rest = divmod(column - 1, 26)
        named = chr(65 + rest) + named
    return named


_RULES = {"not-a-document": "no-workbook"}
"""What the press calls unreadable, as our refusals have long called it."""


def _refusal(error: Unreadable, language: str) -> Told:
    if error.rule == "too-much":
        return Told("too_large", said(language, "sheet_too_much"), rule="sheet-size", accepted=XLSX)
    rule = _RULES.get(error.rule, error.rule)
    return Told("malformed", said(language, f"sheet_{rule.replace('-', '_')}"), rule=f"sheet-{rule}", accepted=XLSX)


def _sheets(package: Package) -> list[Worksheet]:
    main = package.main()
    relations = package.relations(main)
    book = _Book()
    package.parse(main, book)
    strings, styles = _Strings(), _Styles()
    for kind, part, external in relations.values():
        if kind == "sharedStrings" and not external:
            package.parse(part, strings)
        elif kind == "styles" and not external:
            package.parse(part, styles)
    epoch = CALENDAR_MAC_1904 if book.from_1904 else CALENDAR_WINDOWS_1900
    found = []
    for name, relation in book.sheets:
        kind, part, external = relations.get(relation, ("", "", False))
        if kind == "worksheet" and not external:
            sheet = Worksheet(name)
            package.parse(part, _Cells(sheet, strings.texts, styles.dates, epoch))
            found.append(sheet)
    if not found:
        raise Unreadable("not-a-document", "no worksheet")
    return found


class _Book(Handler):
    def __init__(self) -> None:
        self.sheets: list[tuple[str, str]] = []
        self.from_1904 = False

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            self.sheets.append((attributes.get("name", ""), attributes.get("id", "")))
        elif name == "workbookPr":
            self.from_1904 = attributes.get("date1904", "0") in ("1", "true")


class _Styles(Handler):
    """``dates``: for each cell style what of an instant it shows: ``date``, ``time``, ``datetime``, or nothing."""

    def __init__(self) -> None:
        self.dates: list[str | None] = []
        self._formats = dict(BUILTIN_FORMATS)
        self._within = False

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        if name == "numFmt":
            self._formats[int(attributes.get("numFmtId", "0"))] = attributes.get("formatCode", "")[:200]
        elif name == "cellXfs":
            self._within = True
        elif name == "xf" and self._within:
            self.dates.append(_shown_of_instant(self._formats.get(int(attributes.get("numFmtId", "0")), "General")))

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._within = False


_ASIDE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!(?:h+|m+|s+)\])[^\]]*\]', re.IGNORECASE)
"""What in a number format is no sign of a part of an instant: texts, single signs, spaces, colours, conditions, languages."""


def _shown_of_instant(number_format: str) -> str | None:
    """What of an instant a number format shows, by its first section: ``date``, ``time``, ``datetime``, or nothing."""
    signs = _ASIDE.sub("", number_format.partition(";")[0]).casefold()
    day, time = re.search("[dy]", signs), re.search("[hs]", signs)
    if day or (not time and "m" in signs):
        return "datetime" if time else "date"
    return "time" if time else None


class _Texts(Handler):
    """Hears the text of ``t`` elements, but for those that tell how it is pronounced."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._hears = False
        self._aside = False

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        if name == "rPh":
            self._aside = True
        elif name == "t":
            self._hears = not self._aside

    def end(self, name: str) -> None:
        if name == "rPh":
            self._aside = False
        elif name == "t":
            self._hears = False

    def characters(self, content: str) -> None:
        if self._hears:
            self._text.append(content)

    def taken(self) -> str:
        text = "".join(self._text)
        self._text.clear()
        return text


class _Strings(_Texts):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def end(self, name: str) -> None:
        super().end(name)
        if name == "si":
            self.texts.append(unescaped(self.taken()))


class _Cells(_Texts):
    def __init__(self, sheet: Worksheet, strings: list[str], dates: list[str | None], epoch: datetime) -> None:
        super().__init__()
        self.sheet = sheet
        self.strings = strings
        self.dates = dates
        self.epoch = epoch
        self.row = 0
        self.column = 0
        self.kind = "n"
        self.style = 0
        self.formula = False

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        super().begin(name, attributes)
        if name == "row":
            self.row = _within(attributes.get("r"), self.row + 1, 1_048_576)
            self.column = 0
        elif name == "c":
            place = re.fullmatch("([A-Z]{1,3})([0-9]{1,7})", attributes.get("r", ""))
            self.column = _column(place[1]) if place else self.column + 1
            self.kind = attributes.get("t", "n")
            self.style = _within(attributes.get("s"), 0, 65_536)
            self.formula = False
            self._text.clear()
        elif name == "v":
            self._hears = True
        elif name == "f":
            self.formula = True
        elif name == "mergeCell":
            self.sheet.merged.append(attributes.get("ref", "")[:40])

    def end(self, name: str) -> None:
        super().end(name)
        if name == "v":
            self._hears = False
        elif name == "c":
            cell = self._cell(self.taken())
            if isinstance(cell.value, str):
                self.weigh(cell.value)
            if not cell.is_empty:
                self.sheet.rows.setdefault(self.row, {})[self.column] = cell

    def _cell(self, text: str) -> Cell:
        cell = Cell(self.row, self.column, formula=self.formula, error=self.kind == "e")
        if self.kind in ("s", "b", "d", "n") and not text.strip():
            return cell
        if self.kind == "s":
            cell.value = self.strings[_within(text, 0, len(self.strings) - 1)]
        elif self.kind in ("str", "inlineStr"):
            cell.value = unescaped(text)
        elif self.kind == "b":
            cell.value = text.strip() == "1"
        elif self.kind == "d":
            cell.value = date.fromisoformat(day) if len(day := text.strip()) == 10 else _naive(datetime.fromisoformat(day))
        elif self.kind == "n":
            number = float(text)
            shows = self.dates[self.style] if self.style < len(self.dates) else None
            if shows:
                cell.value = _dated(number, self.epoch, day=shows == "date")
            else:
                cell.value = int(number) if number.is_integer() and abs(number) < 1e15 else number
        return cell


def _within(text: str | None, otherwise: int, most: int) -> int:
    if text is None:
        return otherwise
    number = int(text)
    if not 0 <= number <= most:
        raise ValueError
    return number


def _column(named: str) -> int:
    number = 0
    for letter in named:
        number = number * 26 + ord(letter) - 64
    return number


def _dated(number: float, epoch: datetime, *, day: bool) -> date | float:
    """The instant of a sheet's day number, or its ``day`` where nothing of a time is shown and there is none; a number that is no date (a
    time of day, a span) stays one."""
    try:
        value = from_excel(number, epoch)
    except (ValueError, OverflowError):
        return number
    if isinstance(value, datetime):
        if day and number.is_integer():
            return value.date()
        # Days are fractions: what was written as a whole second comes back a hair beside it.
        return (value + timedelta(microseconds=500)).replace(microsecond=value.microsecond // 1000 * 1000) if value.microsecond else value
    return datetime.combine(value, time()) if isinstance(value, date) else number


def _naive(value: datetime) -> datetime:
    if value.tzinfo is not None:
        raise ValueError
    return value


def unescaped(text: str) -> str:
    """A text with its ``_x000D_`` read: so the format writes characters that XML cannot hold, or would change. Half a character
    (a surrogate) is none, and its sign stays."""
    return re.sub("_x((?![Dd][89A-Fa-f])[0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def escaped(text: str) -> str:
    """The reverse of ``unescaped``; what reads like such a sign is escaped itself."""
    text = re.sub("_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text)
    return re.sub("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", lambda found: f"_x{ord(found[0]):04X}_", text)
