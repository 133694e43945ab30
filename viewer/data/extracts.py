"""Rows of a mart as they are, for the data explorer and for downloads."""

import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from viewer.data.catalogue import mart_columns, quoted
from viewer.data.conditions import from_mart
from viewer.extract import Extract
from viewer.published import Parameters, UnreadableFileError, cursor, read, read_one

# Types whose cells are no text, besides decimals.
PLAIN_TYPES = ("BIGINT", "BOOLEAN", "DATE", "DOUBLE", "INTEGER")
# Text that a spreadsheet may run: a sign of a formula, also in full width, after any white space
# and what is not shown; or a tab, a line break or a null character at the start.
_UNSEEN = "\\x00-\\x20\\x7f-\\xa0\\xad\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff"
_SIGNS = "=+\\-@\uff1d\uff0b\uff0d\uff20"
FORMULA = rf"^([{_UNSEEN}]*[{_SIGNS}]|[\x00\t\n\r])"
_COMPARISONS = {
    "is": "{column} = ${value}",
    "is not": "{column} is distinct from ${value}",
    "contains": "contains(lower({column}::varchar), lower(${value}))",
    ">=": "{column} >= ${value}",
    "<=": "{column} <= ${value}",
    "is empty": "coalesce({column}::varchar, '') = ''",
}


def extract_columns(extract: Extract) -> dict[str, str]:
    """Types of the columns that an extract has, by name, in their order.

    Raises:
        UnreadableFileError: If the file does not have a column that the extract asks for.
    """
    known = mart_columns(extract.mart)
    asked = [*extract.columns, *(one.column for one in extract.conditions)]
    unknown = {*asked, *filter(None, [extract.sort])} - known.keys()
    if unknown:
        raise UnreadableFileError(
            f"The published file has no column {extract.mart}.{min(unknown)}."
        )
    return {name: known[name] for name in extract.columns or known}


def extract_row_count(extract: Extract) -> int:
    """How many rows an extract has."""
    rows, parameters = _rows(extract)
    return int(read_one(f"select count(*) as rows {rows}", parameters)["rows"])


def extract_rows(extract: Extract, most: int) -> pd.DataFrame:
    """The first rows of an extract; decimals as floats, which is for looking at only."""
    sql, parameters = _query(extract)
    return read(f"{sql} limit $most", parameters | {"most": most})


def extract_batches(extract: Extract, batch_rows: int) -> Iterator[list[tuple[Any, ...]]]:
    """All rows of an extract, in batches of plain values; decimals are exact."""
    query = _query(extract)
    with cursor() as connection:
        connection.execute(*query)
        while batch := connection.fetchmany(batch_rows):
            yield batch


def extract_csv(extract: Extract) -> bytes:
    """All rows of an extract as CSV, in which no text is a formula to a spreadsheet.

    Such text, also where white space hides the sign, gets a leading apostrophe.
    """
    cells = [
        f"{_harmless(name, data_type)} as {quoted(harmless_text(name))}"
        for name, data_type in extract_columns(extract).items()
    ]
    return _copied(_query(extract, cells), "format csv, header")


def extract_parquet(extract: Extract) -> bytes:
    """All rows of an extract as Parquet, with the types of the mart."""
    return _copied(_query(extract), "format parquet, compression zstd")


def harmless_text(text: str) -> str:
    """Text that no spreadsheet runs as a formula."""
    return f"'{text}" if re.match(FORMULA, text) else text


def _query(extract: Extract, cells: list[str] | None = None) -> tuple[str, Parameters]:
    """The rows of an extract in their order; its columns as they are, or cells made of them."""
    rows, parameters = _rows(extract)
    shown = ", ".join(cells or map(quoted, extract_columns(extract)))
    order = ""
    if extract.sort:
        direction = "desc" if extract.descending else "asc"
        order = f"order by {quoted(extract.sort)} {direction} nulls last"
    return f"select {shown} {rows} {order}", parameters


def _rows(extract: Extract) -> tuple[str, Parameters]:
    """The from and where clauses of an extract's rows."""
    rows, parameters = from_mart(extract.mart, extract.selection)
    extract_columns(extract)  # only names that the mart has get into SQL
    conditions = ["true"]
    for number, one in enumerate(extract.conditions):
        name = f"condition_{number}"
        comparison = _COMPARISONS[one.operator]
        conditions.append(comparison.format(column=quoted(one.column), value=name))
        if one.value is not None:
            parameters[name] = one.value
    return f"from (select * {rows}) where {' and '.join(conditions)}", parameters


def _copied(query: tuple[str, Parameters], options: str) -> bytes:
    sql, parameters = query
    with TemporaryDirectory(prefix="helios-export-") as folder, cursor() as connection:
        file = Path(folder) / "rows"
        target = str(file).replace("'", "''")
        connection.execute(f"copy ({sql}) to '{target}' ({options})", parameters)
        return file.read_bytes()


def _harmless(name: str, data_type: str) -> str:
    """SQL of a column's cells in a CSV; figures, days and truth values are no text."""
    column = quoted(name)
    if data_type in PLAIN_TYPES or data_type.startswith("DECIMAL"):
        return column
    return f"if(regexp_matches({column}, '{FORMULA}'), '''' || {column}, {column})"
