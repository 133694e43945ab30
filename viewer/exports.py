"""Files of all rows, not only of those on screen: CSV, XLSX, Parquet of a mart or of a table."""

import io
import math
from collections.abc import Callable, Mapping
from itertools import chain
from typing import Any, NamedTuple

import pandas as pd

from viewer import columns, data, workbook
from viewer.extract import Extract
from viewer.format import count
from viewer.measures import Measure
from viewer.workbook import MOST_SHEET_ROWS, About, SheetColumn

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
BATCH_ROWS = 10_000
LETTER_WIDTHS = {"DATE": 11, "BOOLEAN": 8, "VARCHAR": 22}
UNIT_WIDTHS = {"date": 11, "boolean": 8, "text": 22}
NUMBER_WIDTH = 14


class TooManyRowsError(Exception):
    """More rows than the kind of file can hold; the message is one line for the user."""


class Table(NamedTuple):
    """A table of a page.

    Attributes:
        name: What its file and sheet are called.
        description: What it shows.
        rows: Asks for all of its rows.
        columns: Its columns by name, in order.
        filters_in_words: What filters it.
    """

    name: str
    description: str
    rows: Callable[[], pd.DataFrame]
    columns: Mapping[str, Measure]
    filters_in_words: str = ""


class Kind(NamedTuple):
    """A kind of file.

    Attributes:
        label: What users call it.
        ending: Ending of its name.
        mime: Its type.
        make: Makes it of an extract and of what filtered it in words.
        make_of_table: Makes it of a table of a page.
        most_rows: More rows do not fit.
    """

    label: str
    ending: str
    mime: str
    make: Callable[[Extract, str], bytes]
    make_of_table: Callable[[Table], bytes]
    most_rows: float = math.inf


# --- Of a mart ---------------------------------------------------------------------------------


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
    _refuse_too_many(rows)
    types, known = data.extract_columns(extract), columns.of_mart(extract.mart)
    return workbook.made(
        extract.mart,
        [
            SheetColumn(name, LETTER_WIDTHS.get(kind, NUMBER_WIDTH), known[name].number_format)
            for name, kind in types.items()
        ],
        chain.from_iterable(data.extract_batches(extract, BATCH_ROWS)),
        About(
            _facts(extract, rows, filters_in_words),
            ("Column", "Label", "Type", "Unit", "Meaning"),
            [
                (name, known[name].label, kind, known[name].unit, known[name].description)
                for name, kind in types.items()
            ],
        ),
    )


def _facts(extract: Extract, rows: int, filters_in_words: str) -> dict[str, str]:
    direction = "largest" if extract.descending else "smallest"
    return {
        "Mart": extract.mart,
        "Description": data.mart_descriptions()[extract.mart],
        "Filters": filters_in_words,
        "Conditions": "; ".join(one.in_words() for one in extract.conditions),
        "Sorted by": f"{extract.sort}, {direction} first" if extract.sort else "",
        "Rows": str(rows),
        "Published": _published(),
    }


# --- Of a table --------------------------------------------------------------------------------


def table_csv(table: Table) -> bytes:
    """A table as CSV, text such that no spreadsheet takes it for a formula."""
    return rows_csv(_labelled(table))


def rows_csv(rows: pd.DataFrame) -> bytes:
    """Rows as CSV under the names of their columns, text as of `table_csv`."""
    harmless = rows.map(lambda cell: data.harmless_text(cell) if isinstance(cell, str) else cell)
    return BYTE_ORDER_MARK + harmless.to_csv(index=False).encode()


def table_parquet(table: Table) -> bytes:
    """A table as Parquet, text unchanged."""
    file = io.BytesIO()
    _labelled(table).to_parquet(file, index=False)
    return file.getvalue()


def table_xlsx(table: Table) -> bytes:
    """A table as a workbook, with a second sheet that tells what it is.

    Raises:
        TooManyRowsError: If a sheet cannot hold it.
    """
    cells = _labelled(table)
    _refuse_too_many(len(cells))
    plain = cells.astype(object).where(cells.notna(), None)
    facts = {
        "Table": table.description,
        "Filters": table.filters_in_words,
        "Rows": str(len(cells)),
        "Published": _published(),
    }
    shown = table.columns.values()
    return workbook.made(
        table.name,
        [
            SheetColumn(one.label, UNIT_WIDTHS.get(one.unit, NUMBER_WIDTH), one.number_format)
            for one in shown
        ],
        plain.itertuples(index=False, name=None),
        About(
            facts,
            ("Column", "Unit", "Meaning"),
            [(one.label, one.unit, one.meaning) for one in shown],
        ),
    )


def _labelled(table: Table) -> pd.DataFrame:
    """The rows under the labels of the page: figures are numbers, and days are dates."""
    rows = table.rows()
    return pd.DataFrame(
        {what.label: _cells(rows[name], what) for name, what in table.columns.items()}
    )


def _cells(values: "pd.Series[Any]", what: Measure) -> "pd.Series[Any]":
    if what.unit == "date":
        return pd.to_datetime(values).dt.date
    # Counts of which some are unknown are whole numbers still.
    return values.convert_dtypes() if what.unit in ("count", "days") else values


def too_many_rows(rows: int) -> str:
    """What to tell of more rows than a sheet holds."""
    return (
        f"A sheet holds {count(MOST_SHEET_ROWS)} rows, and these are {count(rows)}:"
        " narrow the filters, or take CSV or Parquet."
    )


def _refuse_too_many(rows: int) -> None:
    if rows > MOST_SHEET_ROWS:
        raise TooManyRowsError(too_many_rows(rows))


def _published() -> str:
    return f"{data.settings().published_at:%Y-%m-%d %H:%M %Z}"


XLSX_MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS = (
    Kind("CSV", "csv", "text/csv", csv, table_csv),
    Kind("XLSX", "xlsx", XLSX_MIME, xlsx, table_xlsx, MOST_SHEET_ROWS),
    Kind("Parquet", "parquet", "application/vnd.apache.parquet", parquet, table_parquet),
)
