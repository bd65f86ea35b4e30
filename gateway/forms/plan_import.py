"""A spreadsheet of a year's plan on its way in: read, made the contract's payload, and everything that is wrong told by its cell."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError

from contracts.base import load
from contracts.problems import invalid
from contracts.workplan import CheckImport
from gateway.forms import spreadsheet
from gateway.forms.names import meant
from gateway.forms.plan_sheet import PARTS, SHEETS, Column, said_by_anyone, sheet_name, words_of
from gateway.forms.spreadsheet import Cell, Worksheet, letters
from gateway.refusals import Told, problem_told
from gateway.web.words import LANGUAGES, said
from services.kernel.refusal import Refusal

ROWS = 10_000
PROBLEMS = 1_000
"""Problems told at once; of a file with more, these are enough to see what it is."""

END_OF_DAY = "T23:59:00Z"
"""What is due on a day, without a time, may be done on that day."""


def take(raw: bytes, payload: dict[str, Any], language: str, *, check: bool, ask: Callable[[str, dict[str, Any]], Any]) -> Any:
    """Carry out, or only ``check``, the import of a spreadsheet into the plan that ``payload`` names; ``ask`` asks the service.

    The service is told of which text of the plan the sheet was made, where the sheet says so. Answers what the service does, with
    ``problems`` told by sheet and cell. All that can be found at once is: of a row or a cell at fault, the service is asked about the
    rest. Raises Refusal for what cannot be read as a workbook, and for an import with any
    problem, with the list of them.
    """
    read = Read(spreadsheet.read(raw, language), language)
    payload = {**payload, "digest": read.digest}
    read.hold_to_contract(payload)
    if read.problems or check:
        # What is at fault is left out, and what the service says of just that is no news.
        activities, places = read.activities(without_faults=True)
        answer = ask("check_import", {**payload, "activities": activities})
        told = _in_order(read.problems + [p for one in answer["problems"] if not read.is_known(p := _placed(one, places, language))])
        if check:
            return {**answer, **read.whole(answer), "problems": told[:PROBLEMS]}
        raise _refused(told, language)
    activities, places = read.activities()
    try:
        return ask("import_plan", {**payload, "activities": activities})
    except Refusal as refusal:
        if not (problems := refusal.extra.get("problems")):
            raise
        raise _refused(_in_order([_placed(one, places, language) for one in problems]), language) from None


def _in_order(problems: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As one comes upon them: by sheet, row and column, what concerns the whole first."""
    sheets = {sheet_name(kind, language): place for language in LANGUAGES for place, kind in enumerate(SHEETS)}

    def place(one: dict[str, Any]) -> tuple[int, int, int, str]:
        column = one["column"] or ""
        return sheets.get(one["sheet"], -1), one["row"] or 0, len(column), column

    return sorted(problems, key=place)


def _refused(problems: list[dict[str, Any]], language: str) -> Refusal:
    return Told(
        "invalid",
        said(language, "sheet_refused", count=len(problems)),
        rule="import-whole",
        field=problems[0]["field"] or "sheet",
        extra={"problems": problems[:PROBLEMS]},
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: in which sheet and row, in which column with which heading (0 and nothing for a whole row)."""

    sheet: str
    row: int
    column: int = 0
    heading: str = ""


@dataclass(slots=True)
class Row:
    """One row read: its values by the contract's fields, each with its place, and the fields at fault."""

    place: Place
    values: dict[str, Any] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    faults: set[str] = field(default_factory=set)

    def kept(self, *, without_faults: bool, leaving: tuple[str, ...] = ()) -> dict[str, Any]:
        return {n: v for n, v in self.values.items() if n not in leaving and not (without_faults and n in self.faults)}


def _placed(problem: dict[str, Any], places: dict[str, Place], language: str) -> dict[str, Any]:
    """A problem that names a path, told by the cell that the path came from, or by the row, or the sheet."""
    path = problem["field"] or ""
    found = path
    while found and found not in places:
        found = found.rpartition(".")[0]
    detail, accepted = problem_told(problem, language)
    place = places.get(found) or Place(sheet_name("activities", language), 0)
    return _told(place, problem["rule"], detail, accepted=accepted, path=path)


def _told(place: Place, rule: str, detail: str, *, accepted: Any = None, path: str = "", cell: str = "") -> dict[str, Any]:
    if not cell and place.row:
        cell = f"{letters(place.column)}{place.row}" if place.column else f"{place.row}:{place.row}"
    return {
        "field": path or (f"{place.sheet}!{cell}" if cell else place.sheet),
        "rule": rule,
        "detail": detail,
        "accepted": accepted,
        "sheet": place.sheet,
        "row": place.row or None,
        "column": letters(place.column) or None,
        "cell": cell or None,
        "heading": place.heading or None,
    }


def _name(row: Row) -> str:
    """The activity that a row names, or for one that names none the row itself."""
    return str(row.values.get("activity", f"row-{row.place.row}"))


def _digest_on(sheet: Worksheet) -> str | None:
    """The digest of the plan that a workbook was made of, in any cell of its first sheet; None for one that says nothing of it."""
    texts = [str(cell.value) for row in sheet.rows.values() for cell in row.values()]
    return next((found[1] for text in texts if (found := re.search(r"\b([0-9a-f]{64})\b", text))), None)


class _Wrong(Exception):
    """What stands in a cell is not what its column takes."""

    def __init__(self, rule: str, detail: str, accepted: Any = None) -> None:
        super().__init__(rule)
        self.rule, self.detail, self.accepted = rule, detail, accepted


class Read:
    """A workbook understood: its rows of activities and of what belongs to them, and its ``problems``."""

    def __init__(self, sheets: list[Worksheet], language: str) -> None:
        self.language = language
        self.problems: list[dict[str, Any]] = []
        self._told_of: set[tuple[str, int | None, str | None]] = set()
        self._whole_rows: set[tuple[str, int | None]] = set()
        self.rows: dict[str, list[Row]] = {}
        self._given: set[str] = set()
        self.digest: str | None = None
        self._pick(sheets)
        self._belong()

    # The sheets

    def _pick(self, sheets: list[Worksheet]) -> None:
        names = {sheet_name(kind, language).casefold(): kind for language in LANGUAGES for kind in (*SHEETS, "read_me")}
        found: dict[str, Worksheet] = {}
        for sheet in sheets:
            kind = names.get(sheet.name.strip().casefold())
            if kind is None or kind in found:
                accepted = {language: [sheet_name(kind, language) for kind in SHEETS] for language in LANGUAGES}
                detail = said(self.language, "sheet_unknown" if kind is None else "sheet_doubled", sheet=sheet.name)
                self._say(Place(sheet.name, 0), "sheet-name", detail, accepted)
            else:
                found[kind] = sheet
        if "activities" not in found:
            wanted = [sheet_name("activities", language) for language in LANGUAGES]
            self._say(Place(wanted[0], 0), "sheet-missing", said(self.language, "sheet_missing", sheet=" / ".join(wanted)), wanted)
        if "read_me" in found:
            self.digest = _digest_on(found["read_me"])
        left = ROWS
        for kind in SHEETS:
            if kind in found:
                sheet = found[kind]
                if (filled := len(sheet.rows)) > left + 1:
                    self._say(Place(sheet.name, 0), "sheet-rows", said(self.language, "sheet_rows", most=ROWS), ROWS)
                    continue
                left -= filled
                self._read(kind, sheet)

    def _read(self, kind: str, sheet: Worksheet) -> None:
        for merged in sheet.merged:
            row = re.search("[0-9]+", merged)
            place = Place(sheet.name, int(row[0]) if row else 0)
            detail = said(self.language, "sheet_merged", range=merged, sheet=sheet.name)
            self._add(_told(place, "sheet-merged", detail, cell=merged))
        columns = self._columns(kind, sheet)
        if columns is None:
            return
        self._given.add(kind)
        rows = self.rows[kind] = []
        for number in sorted(sheet.rows):
            if number > 1 and (cells := sheet.rows[number]):
                rows.append(self._row(sheet, number, cells, columns))

    def _columns(self, kind: str, sheet: Worksheet) -> dict[int, tuple[Column, str]] | None:
        """Which column of the sheet is which, with its heading; None when they cannot be told."""
        given = {number: str(cell.value).strip() for number, cell in sheet.rows.get(1, {}).items() if not cell.formula}
        by_language = {language: {c.heading(language).casefold(): c for c in SHEETS[kind]} for language in LANGUAGES}
        accepted = {language: [c.heading(language) for c in SHEETS[kind]] for language in LANGUAGES}
        best = max(LANGUAGES, key=lambda language: sum(text.casefold() in by_language[language] for text in given.values()))
        wanted = by_language[best]
        if not any(text.casefold() in wanted for text in given.values()):
            found = ", ".join(given.values())[:300] or "–"
            detail = said(self.language, "sheet_headings", sheet=sheet.name, found=found)
            self._say(Place(sheet.name, 1), "sheet-headings", detail, accepted)
            return None
        columns: dict[int, tuple[Column, str]] = {}
        wrong = False
        for number, text in sorted(given.items()):
            place = Place(sheet.name, 1, number, text[:100])
            column = wanted.get(text.casefold())
            if column is None:
                self._say(place, "sheet-column-unknown", said(self.language, "column_unknown", heading=text[:100]), accepted[best])
            elif any(column is known for known, _ in columns.values()):
                self._say(place, "sheet-column-doubled", said(self.language, "column_doubled", heading=text[:100]))
                wrong = True
            else:
                columns[number] = (column, text)
        for column in SHEETS[kind]:
            if not any(column is known for known, _ in columns.values()):
                heading = column.heading(best)
                self._say(
                    Place(sheet.name, 1), "sheet-column-missing", said(self.language, "column_missing", heading=heading), accepted[best]
                )
                wrong = True
        return None if wrong else columns

    # The cells

    def _row(self, sheet: Worksheet, number: int, cells: dict[int, Cell], columns: dict[int, tuple[Column, str]]) -> Row:
        row = Row(Place(sheet.name, number))
        for at, (column, heading) in columns.items():
            place = row.places[column.field] = Place(sheet.name, number, at, heading)
            cell = cells.get(at)
            if cell is not None and (cell.formula or cell.error):
                rule = "formula" if cell.formula else "error"
                self._say(place, f"sheet-{rule}", said(self.language, f"cell_{rule}"))
                row.faults.add(column.field)
                continue
            try:
                value = self._value(column, None if cell is None else cell.value)
            except _Wrong as wrong:
                self._say(place, f"sheet-{wrong.rule}", wrong.detail, wrong.accepted)
                row.faults.add(column.field)
            else:
                if value is not None:
                    row.values[column.field] = value
        for at in sorted(set(cells) - set(columns)):
            # Beneath a heading we do not know, the heading was told already.
            if not sheet.rows.get(1, {}).get(at):
                self._say(Place(sheet.name, number, at), "sheet-no-heading", said(self.language, "cell_no_heading"))
        return row

    def _value(self, column: Column, value: Any) -> Any:
        """A cell's value as the contract's field has it; None when it says nothing. Raises _Wrong."""
        if column.kind in ("instant", "amount"):
            return self._instant(value) if column.kind == "instant" else self._amount(value)
        if isinstance(value, (date, bool)):
            raise _Wrong("text", said(self.language, "cell_text"))
        if column.kind == "text":
            return str(value) if value is not None else "" if column.field in _MAY_BE_EMPTY else None
        if column.kind in ("entity", "deliverable"):
            return None if value is None else self._one(str(value).strip(), column.kind)
        parts = [part.strip() for part in re.split("[,;]", str(value)) if part.strip()] if value is not None else []
        return [self._one(part, column.kind) for part in parts]

    def _one(self, text: str, kind: str) -> str | int:
        """One of the things that a cell names."""
        match kind:
            case "entity" | "entities":
                return meant(text, self.language)
            case "numbers":
                return self._number(text)
            case "pillars" | "deliverable":
                return self._word(text, kind)
        return text

    def _number(self, text: str) -> int:
        if not re.fullmatch("-?[0-9]{1,6}", text):
            raise _Wrong("numbers", said(self.language, "cell_numbers", found=text[:40]), "1, 2, 14")
        return int(text)

    def _word(self, text: str, kind: str) -> str:
        known = said_by_anyone(kind)
        if text.casefold() not in known:
            raise _Wrong("word", said(self.language, "cell_word", found=text[:40]), list(words_of(kind, self.language).values()))
        return known[text.casefold()]

    def _instant(self, value: Any) -> str | None:
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")
        written = str(value).strip()
        if isinstance(value, date) or re.fullmatch(r"\d{4}-\d\d-\d\d", written):
            return f"{written}{END_OF_DAY}"
        if re.fullmatch(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?", written):
            return f"{written[:10]}T{f'{written[11:]}:00'[:8]}Z"
        if re.match(r"\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:?\d\d)$", written):
            return written
        raise _Wrong("date", said(self.language, "cell_date"), "2014-06-30 12:00")

    def _amount(self, value: Any) -> str | None:
        if value is None:
            return None
        if isinstance(value, (bool, date)):
            raise _Wrong("amount", said(self.language, "cell_amount"), "120000.50")
        return value.strip() if isinstance(value, str) else format(Decimal(repr(value)), "f").removesuffix(".0")

    # What belongs to what

    def _belong(self) -> None:
        """Tell activities named twice, and rows of activities that are not there."""
        seen: set[str] = set()
        for row in self.rows.get("activities", []):
            name = row.values.get("activity")
            if name is None:
                if "activity" not in row.faults:
                    self._say(row.places["activity"], "sheet-activity", said(self.language, "row_of_new"))
                    row.faults.add("activity")
            elif name in seen:
                self._say(row.places["activity"], "sheet-activity-doubled", said(self.language, "row_doubled", activity=name[:80]))
                row.faults.add("activity")
            else:
                seen.add(name)
        for kind in PARTS:
            for row in self.rows.get(kind, []):
                name = row.values.get("activity")
                if name not in seen and "activity" not in row.faults and "activities" in self._given:
                    detail = said(self.language, "row_unnamed" if name is None else "row_of_none", activity=(name or "")[:80])
                    self._say(row.places["activity"], "sheet-activity", detail)
                    row.faults.add("activity")

    def activities(self, *, without_faults: bool = False) -> tuple[list[dict[str, Any]], dict[str, Place]]:
        """The contract's ``activities``, and by its path where each thing in them stands. ``without_faults``: without cells, or rows of
        deliverables and the like, of which something is told already; an activity that nobody named goes by its row, so that all else
        that is wrong with it is found as well."""
        made: list[dict[str, Any]] = []
        places: dict[str, Place] = {}
        of: dict[str, dict[str, list[Row]]] = {kind: {} for kind in PARTS}
        for kind, by_activity in of.items():
            for row in self.rows.get(kind, []):
                if "activity" not in row.faults and not (without_faults and row.faults):
                    by_activity.setdefault(row.values["activity"], []).append(row)
        for row in self.rows.get("activities", []):
            goes_by_row = without_faults and "activity" not in row.values and (row.place.sheet, row.place.row) not in self._whole_rows
            if "activity" in row.faults and not goes_by_row:
                continue
            path = f"activities.{len(made)}"
            places[path] = row.place
            places |= {f"{path}.{name}": place for name, place in row.places.items()}
            activity = row.kept(without_faults=without_faults) | {"activity": _name(row)}
            for kind, by_activity in of.items():
                if kind not in self._given:
                    continue
                rows = by_activity.get(_name(row), [])
                activity[kind] = [one.kept(without_faults=without_faults, leaving=("activity",)) for one in rows]
                for number, one in enumerate(rows):
                    places[f"{path}.{kind}.{number}"] = one.place
                    places |= {f"{path}.{kind}.{number}.{name}": place for name, place in one.places.items()}
            made.append(activity)
        return made, places

    def whole(self, answer: dict[str, Any]) -> dict[str, list[Any]]:
        """What an import would do with the activities of which nothing is at fault. Of the others a part was left out, and seems to be
        taken away."""
        torn = {_name(row) for rows in self.rows.values() for row in rows if row.faults}
        lists = {name: [id for id in answer.get(name, []) if id not in torn] for name in ("added", "changed", "unchanged")}
        return {**lists, "differences": [one for one in answer.get("differences", []) if one["activity"] not in torn]}

    # The contract

    def hold_to_contract(self, payload: dict[str, Any]) -> None:
        """Tell what the contract refuses, by its cell."""
        activities, places = self.activities(without_faults=True)
        try:
            load(CheckImport, {**payload, "activities": activities})
        except ValidationError as error:
            for one in invalid(error).extra["errors"]:
                problem = _placed({**one, "rule": "contract"}, places, self.language)
                if not self.is_known(problem):
                    self._add(problem)
        for row in (row for rows in self.rows.values() for row in rows):
            row.faults |= {name for name, place in row.places.items() if (place.sheet, place.row, place.heading) in self._told_of}
            if (row.place.sheet, row.place.row) in self._whole_rows:
                row.faults.add("activity")

    def is_known(self, problem: dict[str, Any]) -> bool:
        """Whether something is told of that very cell already; of a row, whether of any cell in it."""
        return (problem["sheet"], problem["row"], problem["heading"]) in self._told_of

    def _add(self, problem: dict[str, Any]) -> None:
        self.problems.append(problem)
        if problem["row"]:
            self._told_of |= {(problem["sheet"], problem["row"], problem["heading"]), (problem["sheet"], problem["row"], None)}
            if problem["column"] is None:
                self._whole_rows.add((problem["sheet"], problem["row"]))

    def _say(self, place: Place, rule: str, detail: str, accepted: Any = None) -> None:
        self._add(_told(place, rule, detail, accepted=accepted))


_MAY_BE_EMPTY = frozenset({"objective", "due_reason"})
"""Of these an empty cell says that there is none; of others it says nothing."""
