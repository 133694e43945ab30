"""Excel workbooks: the sheet with the records, and its cells as text."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from intake.splitting import Record
from intake.texts import HEADER_WITHIN_LINES, UnreadableFileError

Cell = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta


@dataclass(frozen=True)
class Sheet:
    """The sheet of a workbook that holds its records.

    Attributes:
        names: Headers as written.
        header_row: Row in which they stand, the first being 1.
        records: Of the sheet, without blank ones.
        notes: What was assumed, in words.
    """

    names: tuple[str, ...]
    header_row: int
    records: list[Record]
    notes: tuple[str, ...]


def sheet_of(path: Path, is_header: Callable[[Sequence[str]], bool]) -> Sheet:
    """The records of a workbook.

    Args:
        path: The workbook.
        is_header: Whether cells are a header that somebody can use.

    Returns:
        The first sheet with such a header in one of its first rows; else the first that is not
        empty, with its first row that is not blank.

    Raises:
        UnreadableFileError: If it is no workbook, or an empty one.
    """
    try:
        workbook = CalamineWorkbook.from_path(path)
        sheets = {
            name: workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for name in workbook.sheet_names
        }
    except (CalamineError, OSError, ValueError) as problem:
        raise UnreadableFileError(
            "is no Excel workbook that can be read, or has a password."
            " Save it as .xlsx without a password, or as 'CSV UTF-8'.",
            is_foreign=True,
        ) from problem
    fallback: tuple[str, int] | None = None
    for sheet, rows in sheets.items():
        for row, cells in enumerate(rows[:HEADER_WITHIN_LINES]):
            names = _names(cells)
            if not any(names):
                continue
            if is_header(names):
                return _sheet(sheet, row, rows, list(sheets))
            fallback = fallback or (sheet, row)
    if fallback is None:
        raise UnreadableFileError("is an empty workbook. Export it again, or remove it.")
    return _sheet(*fallback, sheets[fallback[0]], list(sheets))


def text_of(cell: Cell) -> str:
    """A cell as a text file would have it: numbers without noise, dates as ISO 8601."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        # Excel itself keeps fifteen digits.
        return format(Decimal(format(cell, ".15g")), "f")
    if isinstance(cell, dt.datetime):
        # A time is a fraction of a day, seldom a whole number of seconds.
        rounded = (cell + dt.timedelta(milliseconds=500)).replace(microsecond=0)
        is_day = rounded.time() == dt.time()
        return rounded.date().isoformat() if is_day else rounded.isoformat(" ")
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return str(cell)


def _sheet(name: str, row: int, rows: list[list[Cell]], names: list[str]) -> Sheet:
    header = _names(rows[row])
    notes = []
    if len(names) > 1:
        notes.append(f"of its {len(names)} sheets, '{name}' was read")
    if row:
        notes.append(f"the header was found in row {row + 1}; what is above it was left out")
    return Sheet(header, row + 1, list(_records(rows, row)), tuple(notes))


def _records(rows: list[list[Cell]], header_row: int) -> Iterator[Record]:
    for number, row in enumerate(rows[header_row + 1 :], start=header_row + 2):
        cells = [text_of(cell) for cell in row]
        if any(cell.strip() for cell in cells):
            yield Record(cells, number)


def _names(cells: Sequence[Cell]) -> tuple[str, ...]:
    return tuple(" ".join(text_of(cell).split()) for cell in cells)
