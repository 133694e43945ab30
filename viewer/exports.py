"""Files of all rows that the filters leave, not only of those on screen: CSV, XLSX, Parquet."""

import io
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import xlsxwriter

from viewer import columns, data
from viewer.extract import Extract
from viewer.format import count
from viewer.published import published_identity

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


@dataclass(frozen=True)
class Kind:
    """A kind of file.

    Attributes:
        label: What users call it.
        ending: Ending of its name.
        mime: Its media type.
        make: Makes it of an extract, with what filtered it in words.
        most_rows: How many rows it can hold, if not any number.
    """

    label: str
    ending: str
    mime: str
    make: Callable[[Extract, str], bytes]
    most_rows: float = math.inf


def csv(extract: Extract, filters_in_words: str = "") -> bytes:
    """All rows as CSV in UTF-8, with a byte order mark by which Excel knows that.

    Args:
        extract: What to write.
        filters_in_words: Not used: a CSV has no place for it.
    """
    return BYTE_ORDER_MARK + _written(data.write_extract_csv, extract)


def parquet(extract: Extract, filters_in_words: str = "") -> bytes:
    """All rows as Parquet, types and text unchanged.

    Args:
        extract: What to write.
        filters_in_words: Not used: a Parquet file has no place for it.
    """
    return _written(data.write_extract_parquet, extract)


def xlsx(extract: Extract, filters_in_words: str = "") -> bytes:
    """All rows as a workbook, with a second sheet that tells what they are.

    Args:
        extract: What to write.
        filters_in_words: What filtered the rows.

    Raises:
        TooManyRowsError: If a sheet cannot hold them.
    """
    rows = data.extract_row_count(extract)
    if rows > MOST_SHEET_ROWS:
        raise TooManyRowsError(too_many_rows(rows))
    file = io.BytesIO()
    # Rows go to disk as they come; text is text whatever it looks like.
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(file, options) as workbook:
        cut_cells = _write_rows(workbook, extract)
        _write_about(workbook, extract, rows, filters_in_words, cut_cells)
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
    Kind("CSV", "csv", "text/csv", csv),
    Kind("XLSX", "xlsx", XLSX_MIME, xlsx, MOST_SHEET_ROWS),
    Kind("Parquet", "parquet", "application/vnd.apache.parquet", parquet),
)


def _written(write: Callable[[Extract, Path], None], extract: Extract) -> bytes:
    with TemporaryDirectory(prefix="helios-export-") as folder:
        file = Path(folder) / "rows"
        write(extract, file)
        return file.read_bytes()


def _write_rows(workbook: Written, extract: Extract) -> int:
    """Write the rows; returns how many cells were too long for a sheet and so were cut."""
    sheet = workbook.add_worksheet(extract.mart[:LONGEST_SHEET_NAME])
    types = data.extract_columns(extract)
    writers = _writers(workbook, sheet, extract.mart, types)
    bold = workbook.add_format({"bold": True, "bottom": 1})
    for number, name in enumerate(types):
        sheet.write_string(0, number, _no_markup(name), bold)
    last_row, cut_cells = 0, 0
    for batch in data.extract_batches(extract, BATCH_ROWS):
        for row, values in enumerate(batch, start=last_row + 1):
            for number, (write, value) in enumerate(zip(writers, values, strict=True)):
                if value is not None and write(row, number, value):
                    cut_cells += 1
        last_row += len(batch)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, last_row, len(types) - 1)
    return cut_cells


def _writers(
    workbook: Written, sheet: Written, mart: str, types: Mapping[str, str]
) -> list[Callable[[int, int, Any], Any]]:
    """What writes a cell of each column; it returns whether the cell had to be cut."""
    formats = {
        name: workbook.add_format({"num_format": known.number_format})
        for name, known in columns.of_mart(mart).items()
        if known.number_format
    }
    writers: list[Callable[[int, int, Any], Any]] = []
    for number, (name, data_type) in enumerate(types.items()):
        width = min(max(LETTER_WIDTHS.get(data_type, NUMBER_WIDTH), len(name) + 4), WIDEST)
        sheet.set_column(number, number, width, formats.get(name))
        writers.append(_writer(sheet, data_type))
    return writers


def _writer(sheet: Written, data_type: str) -> Callable[[int, int, Any], Any]:
    def write_number(row: int, column: int, value: int | float | Decimal) -> None:
        if math.isfinite(value):
            sheet.write_number(row, column, float(value))
        elif not math.isnan(value):
            sheet.write_string(row, column, str(value))

    def write_day(row: int, column: int, value: date) -> None:
        if value.year >= FIRST_SHEET_YEAR:
            sheet.write_datetime(row, column, value)
        else:
            sheet.write_string(row, column, value.isoformat())

    def write_boolean(row: int, column: int, value: bool) -> None:
        sheet.write_boolean(row, column, value)

    def write_text(row: int, column: int, value: Any) -> bool:
        return bool(sheet.write_string(row, column, _no_markup(str(value))))

    if data_type == "DATE":
        return write_day
    if data_type == "BOOLEAN":
        return write_boolean
    return write_number if data_type in data.PLAIN_TYPES or "DECIMAL" in data_type else write_text


def _no_markup(text: str) -> str:
    """Text that the library does not take for markup of its own, which it writes as it is."""
    return f"'{text}" if text.startswith("<r>") and text.endswith("</r>") else text


def _write_about(
    workbook: Written, extract: Extract, rows: int, filters_in_words: str, cut_cells: int
) -> None:
    sheet = workbook.add_worksheet(ABOUT_SHEET)
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 30)
    sheet.set_column(2, 3, 16)
    wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(4, 4, 100, wrapped)
    bold = workbook.add_format({"bold": True, "valign": "top"})
    facts = _facts(extract, rows, filters_in_words, cut_cells)
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
    identity = published_identity()
    facts = {
        "Mart": extract.mart,
        "Description": data.mart_descriptions()[extract.mart],
        "Filters": filters_in_words,
        "Conditions": "; ".join(one.in_words() for one in extract.conditions),
        "Sorted by": ""
        if extract.sort is None
        else f"{extract.sort}, {'largest' if extract.descending else 'smallest'} first",
        "Rows": str(rows),
        "Published": f"{identity.published_at:%Y-%m-%d %H:%M %Z}",
        "Truncated": f"Texts truncated to the maximum length of a cell: {cut_cells}."
        if cut_cells
        else "",
    }
    return {name: fact for name, fact in facts.items() if fact}
