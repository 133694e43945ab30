"""Files of all rows that the filters leave, not only of those on screen: CSV, XLSX, Parquet."""

import io
import math
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import Any, NamedTuple

import pandas as pd
import xlsxwriter

from viewer import columns, data
from viewer.extract import Extract
from viewer.format import count

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# A sheet holds 1,048,576 rows, one of which has the headers.
MOST_SHEET_ROWS = 1_048_575
BATCH_ROWS = 10_000
ABOUT_SHEET = "About"
LONGEST_SHEET_NAME = 31
# Excel counts days from 1900 on.
FIRST_SHEET_YEAR = 1900
LETTER_WIDTHS = {"DATE": 11, "BOOLEAN": 8, "VARCHAR": 22}
NUMBER_WIDTH, WIDEST = 14, 40

Written = Any  # xlsxwriter comes without types


class TooManyRowsError(Exception):
    """More rows than the kind of file can hold; the message is one line for the user."""


class Kind(NamedTuple):
    """A kind of file; `make` makes it of an extract and of what filtered it in words.

    What makes it of a table as shown is None for a kind that is not offered there.
    """

    label: str
    ending: str
    mime: str
    make: Callable[[Extract, str], bytes]
    make_of_table: Callable[[pd.DataFrame], bytes] | None = None
    most_rows: float = math.inf


def csv(extract: Extract, filters_in_words: str = "") -> bytes:
    """All rows as CSV in UTF-8, with a byte order mark by which Excel knows that."""
    return BYTE_ORDER_MARK + data.extract_csv(extract)


def parquet(extract: Extract, filters_in_words: str = "") -> bytes:
    """All rows as Parquet, types and text unchanged."""
    return data.extract_parquet(extract)


def xlsx(extract: Extract, filters_in_words: str = "") -> bytes:
    """All rows as a workbook, with a second sheet that tells what they are.

    Raises:
        TooManyRowsError: If a sheet cannot hold them.
    """
    rows = data.extract_row_count(extract)
    if rows > MOST_SHEET_ROWS:
        raise TooManyRowsError(too_many_rows(rows))
    file = io.BytesIO()
    # Rows go to disk as they come.
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as workbook:
        cut_cells = _write_rows(workbook, extract)
        _write_about(workbook, extract, _facts(extract, rows, filters_in_words, cut_cells))
    return file.getvalue()


def table_csv(rows: pd.DataFrame) -> bytes:
    """A table as CSV, text such that no spreadsheet takes it for a formula."""
    harmless = rows.copy()
    for name in map(str, rows.select_dtypes("str").columns):
        harmless[name] = rows[name].map(data.harmless_text, na_action="ignore")
    return BYTE_ORDER_MARK + harmless.to_csv(index=False).encode()


def table_xlsx(rows: pd.DataFrame) -> bytes:
    """A table as a workbook with one sheet."""
    file = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False}
    with pd.ExcelWriter(file, engine="xlsxwriter", engine_kwargs={"options": options}) as writer:
        rows.to_excel(writer, index=False, freeze_panes=(1, 0))
    return file.getvalue()


def too_many_rows(rows: int) -> str:
    """What to tell of more rows than a sheet holds."""
    return (
        f"A sheet holds {count(MOST_SHEET_ROWS)} rows, and these are {count(rows)}:"
        " narrow the filters, or take CSV or Parquet."
    )


XLSX_MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS = (
    Kind("CSV", "csv", "text/csv", csv, table_csv),
    Kind("XLSX", "xlsx", XLSX_MIME, xlsx, table_xlsx, MOST_SHEET_ROWS),
    Kind("Parquet", "parquet", "application/vnd.apache.parquet", parquet),
)


def _write_rows(workbook: Written, extract: Extract) -> int:
    """Write the rows; returns how many cells were too long for a sheet and so were cut."""
    sheet = workbook.add_worksheet(extract.mart[:LONGEST_SHEET_NAME])
    types = data.extract_columns(extract)
    known = columns.of_mart(extract.mart)
    bold = workbook.add_format({"bold": True, "bottom": 1})
    for number, (name, data_type) in enumerate(types.items()):
        width = min(max(LETTER_WIDTHS.get(data_type, NUMBER_WIDTH), len(name) + 4), WIDEST)
        number_format = known[name].number_format
        cells = workbook.add_format({"num_format": number_format}) if number_format else None
        sheet.set_column(number, number, width, cells)
        sheet.write_string(0, number, _no_markup(name), bold)
    row, cut_cells = 0, 0
    rows = chain.from_iterable(data.extract_batches(extract, BATCH_ROWS))
    for row, values in enumerate(rows, start=1):
        for number, value in enumerate(values):
            cut_cells += _write_cell(sheet, row, number, value)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, row, len(types) - 1)
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


def _write_about(workbook: Written, extract: Extract, facts: Mapping[str, str]) -> None:
    sheet = workbook.add_worksheet(ABOUT_SHEET)
    wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
    bold = workbook.add_format({"bold": True, "valign": "top"})
    sheet.set_column(0, 1, 30)
    sheet.set_column(2, 3, 16)
    sheet.set_column(4, 4, 100, wrapped)
    for row, (name, fact) in enumerate(facts.items()):
        sheet.write_string(row, 0, name, bold)
        sheet.write_string(row, 4, _no_markup(fact), wrapped)
    first = len(facts) + 1
    for number, title in enumerate(("Column", "Label", "Type", "Unit", "Meaning")):
        sheet.write_string(first, number, title, bold)
    known = columns.of_mart(extract.mart)
    for row, (name, data_type) in enumerate(data.extract_columns(extract).items(), first + 1):
        about = known[name]
        cells = (name, about.label, data_type, about.unit, about.description)
        for number, text in enumerate(cells):
            sheet.write_string(row, number, _no_markup(text))


def _facts(extract: Extract, rows: int, filters_in_words: str, cut_cells: int) -> dict[str, str]:
    direction = "largest" if extract.descending else "smallest"
    cut = f"Texts truncated to the maximum length of a cell: {cut_cells}."
    facts = {
        "Mart": extract.mart,
        "Description": data.mart_descriptions()[extract.mart],
        "Filters": filters_in_words,
        "Conditions": "; ".join(one.in_words() for one in extract.conditions),
        "Sorted by": f"{extract.sort}, {direction} first" if extract.sort else "",
        "Rows": str(rows),
        "Published": f"{data.settings().published_at:%Y-%m-%d %H:%M %Z}",
        "Truncated": cut if cut_cells else "",
    }
    return {name: fact for name, fact in facts.items() if fact}
