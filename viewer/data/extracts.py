"""Rows of a mart as they are, for the data explorer and for downloads."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from viewer.data.catalogue import mart_columns, mart_descriptions, quoted
from viewer.data.conditions import from_mart
from viewer.extract import Condition, Extract
from viewer.published import Parameters, UnreadableFileError, cursor, read, read_one

# Types whose cells are no text, besides decimals.
PLAIN_TYPES = ("BIGINT", "BOOLEAN", "DATE", "DOUBLE", "INTEGER")
# Text that a spreadsheet may run: a sign of a formula, also in full width, after any white space
# and what is not shown; or a tab, a line break or a null character at the start.
_UNSEEN = "\\x00-\\x20\\x7f-\\xa0\\xad\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff"
_SIGNS = "=+\\-@\uff1d\uff0b\uff0d\uff20"
FORMULA = rf"^([{_UNSEEN}]*[{_SIGNS}]|[\x00\t\n\r])"


def extract_columns(extract: Extract) -> dict[str, str]:
    """Types of the columns that an extract has, by name, in their order.

    Raises:
        UnreadableFileError: If the file does not have the mart or a column.
    """
    known = mart_columns(extract.mart)
    return {name: known[name] for name in _known(extract, extract.columns or tuple(known))}


def extract_row_count(extract: Extract) -> int:
    """How many rows an extract has."""
    rows, parameters = _extracted_rows(extract)
    return int(read_one(f"select count(*) as rows {rows}", parameters)["rows"])


def extract_rows(extract: Extract, most: int) -> pd.DataFrame:
    """The first rows of an extract; decimals as floats, which is for looking at only."""
    sql, parameters = _extract_query(extract)
    return read(f"{sql} limit $most", parameters | {"most": most})


def extract_batches(extract: Extract, batch_rows: int) -> Iterator[list[tuple[Any, ...]]]:
    """All rows of an extract, in batches of plain values; decimals are exact."""
    sql, parameters = _extract_query(extract)
    with cursor() as connection:
        connection.execute(sql, parameters)
        while batch := connection.fetchmany(batch_rows):
            yield batch


def write_extract_csv(extract: Extract, file: Path) -> None:
    """Write all rows of an extract as CSV, in which no text is a formula to a spreadsheet.

    Such text, also where white space hides the sign, gets a leading apostrophe.
    """
    cells = ", ".join(
        f"{_harmless(name, data_type)} as {quoted(harmless_text(name))}"
        for name, data_type in extract_columns(extract).items()
    )
    _copy(extract, cells, file, "format csv, header")


def write_extract_parquet(extract: Extract, file: Path) -> None:
    """Write all rows of an extract as Parquet, with the types of the mart."""
    cells = ", ".join(quoted(name) for name in extract_columns(extract))
    _copy(extract, cells, file, "format parquet, compression zstd")


def harmless_text(text: str) -> str:
    """Text that no spreadsheet runs as a formula."""
    return f"'{text}" if re.match(FORMULA, text) else text


def _extract_query(extract: Extract) -> tuple[str, Parameters]:
    rows, parameters = _extracted_rows(extract)
    cells = ", ".join(quoted(name) for name in extract_columns(extract))
    return f"select {cells} {rows} {_order(extract)}", parameters


def _extracted_rows(extract: Extract) -> tuple[str, Parameters]:
    """The from and where clauses of an extract's rows."""
    rows, parameters = from_mart(extract.mart, extract.selection)
    _known(extract, [condition.column for condition in extract.conditions])
    conditions = ["true"]
    for number, condition in enumerate(extract.conditions):
        name = f"condition_{number}"
        conditions.append(_own_condition(condition, name))
        if condition.value is not None:
            parameters[name] = condition.value
    return f"from (select * {rows}) where {' and '.join(conditions)}", parameters


def _own_condition(condition: Condition, name: str) -> str:
    column = quoted(condition.column)
    return {
        "is": f"{column} = ${name}",
        "is not": f"{column} is distinct from ${name}",
        "contains": f"contains(lower({column}::varchar), lower(${name}))",
        ">=": f"{column} >= ${name}",
        "<=": f"{column} <= ${name}",
        "is empty": f"coalesce({column}::varchar, '') = ''",
    }[condition.operator]


def _order(extract: Extract) -> str:
    if extract.sort is None:
        return ""
    [column] = _known(extract, [extract.sort])
    return f"order by {quoted(column)} {'desc' if extract.descending else 'asc'} nulls last"


def _known(extract: Extract, columns: Sequence[str]) -> Sequence[str]:
    """The columns, all of which the mart has."""
    unknown = set(columns) - set(mart_columns(extract.mart))
    if unknown or extract.mart not in mart_descriptions():
        what = f"column {extract.mart}.{min(unknown)}" if unknown else f"mart {extract.mart}"
        raise UnreadableFileError(f"The published file has no {what}.")
    return columns


def _copy(extract: Extract, cells: str, file: Path, options: str) -> None:
    rows, parameters = _extracted_rows(extract)
    target = str(file).replace("'", "''")
    with cursor() as connection:
        connection.execute(
            f"copy (select {cells} {rows} {_order(extract)}) to '{target}' ({options})", parameters
        )


def _harmless(name: str, data_type: str) -> str:
    """SQL of a column's cells in a CSV; figures, days and truth values are no text."""
    column = quoted(name)
    if data_type in PLAIN_TYPES or data_type.startswith("DECIMAL"):
        return column
    return f"if(regexp_matches({column}, '{FORMULA}'), '''' || {column}, {column})"
