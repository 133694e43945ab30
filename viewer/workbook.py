"""Workbooks: a sheet of rows, and a sheet about them."""

import io
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import xlsxwriter

# A sheet holds 1,048,576 rows, one of which has the headers.
MOST_SHEET_ROWS = 1_048_575
ABOUT_SHEET = "About"
LONGEST_SHEET_NAME = 31
# Excel counts days from 1900 on.
FIRST_SHEET_YEAR = 1900
WIDEST = 40
ABOUT_WIDTHS = {"Column": 30, "Label": 30, "Type": 16, "Unit": 16, "Meaning": 100}

Written = Any  # xlsxwriter comes without types


class SheetColumn(NamedTuple):
    """A column of a sheet.

    Attributes:
        title: Its header.
        width: Letters that it has room for, if its header does not need more.
        number_format: How figures and days are written; None for text.
    """

    title: str
    width: int
    number_format: str | None


class About(NamedTuple):
    """What is on the second sheet.

    Attributes:
        facts: What the rows are, by name; empty ones are left out.
        titles: Headers of the list of columns, of ABOUT_WIDTHS.
        columns: Cells of each column.
    """

    facts: Mapping[str, str]
    titles: Sequence[str]
    columns: Sequence[Sequence[str]]


def made(
    name: str, columns: Sequence[SheetColumn], rows: Iterable[Sequence[Any]], about: About
) -> bytes:
    """A workbook of rows, text never as a formula.

    Args:
        name: Name of the sheet.
        columns: Its columns.
        rows: Their values: plain ones, None where there is none.
        about: What is on the second sheet; how many texts were cut is added.
    """
    file = io.BytesIO()
    # Rows go to disk as they come.
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as workbook:
        cut_cells = _write_rows(workbook, name, columns, rows)
        cut = f"Texts truncated to the maximum length of a cell: {cut_cells}."
        _write_about(workbook, about, {**about.facts, "Truncated": cut if cut_cells else ""})
    return file.getvalue()


def _write_rows(
    workbook: Written, name: str, columns: Sequence[SheetColumn], rows: Iterable[Sequence[Any]]
) -> int:
    """Write the rows; returns how many cells were too long for a sheet and so were cut."""
    sheet = workbook.add_worksheet(name[:LONGEST_SHEET_NAME])
    bold = workbook.add_format({"bold": True, "bottom": 1})
    for number, column in enumerate(columns):
        width = min(max(column.width, len(column.title) + 4), WIDEST)
        written_as = {"num_format": column.number_format}
        cells = workbook.add_format(written_as) if column.number_format else None
        sheet.set_column(number, number, width, cells)
        sheet.write_string(0, number, _no_markup(column.title), bold)
    row, cut_cells = 0, 0
    for row, values in enumerate(rows, start=1):
        for number, value in enumerate(values):
            cut_cells += _write_cell(sheet, row, number, value)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, row, len(columns) - 1)
    return cut_cells


def _write_cell(sheet: Written, row: int, column: int, value: Any) -> bool:
    """Write a value as what it is, text never as a formula; returns whether it had to be cut."""
    if value is None or value != value:  # nan
        return False
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float | Decimal) and math.isfinite(value):
        sheet.write_number(row, column, float(value))
    elif isinstance(value, date) and value.year >= FIRST_SHEET_YEAR:
        sheet.write_datetime(row, column, value)
    else:
        return bool(sheet.write_string(row, column, _no_markup(str(value))))
    return False


def _no_markup(text: str) -> str:
    """Text that the library does not take for markup of its own, which it writes as it is."""
    return f"'{text}" if text.startswith("<r>") and text.endswith("</r>") else text


def _write_about(workbook: Written, about: About, facts: Mapping[str, str]) -> None:
    sheet = workbook.add_worksheet(ABOUT_SHEET)
    wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
    bold = workbook.add_format({"bold": True, "valign": "top"})
    last = len(about.titles) - 1
    for number, title in enumerate(about.titles):
        sheet.set_column(number, number, ABOUT_WIDTHS[title], wrapped if number == last else None)
    told = {name: fact for name, fact in facts.items() if fact}
    for row, (name, fact) in enumerate(told.items()):
        sheet.write_string(row, 0, name, bold)
        sheet.write_string(row, last, _no_markup(fact), wrapped)
    first = len(told) + 1
    for number, title in enumerate(about.titles):
        sheet.write_string(first, number, title, bold)
    for row, cells in enumerate(about.columns, first + 1):
        for number, text in enumerate(cells):
            sheet.write_string(row, number, _no_markup(text))
