"""The records of one raw file, and the SQL by which DuckDB reads them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

IsHeader = Callable[[Sequence[str]], bool]


class UnreadableFileError(Exception):
    """A file that cannot be read; its message is one line with what to do."""


@dataclass(frozen=True)
class Records:
    """How the records of a file are read.

    Attributes:
        reader: SQL table expression.
        names: Headers as written, in order.
        cells: SQL expression of each header's cell as text.
        record_number: SQL expression of a record's number in the file.
        format: Such as `csv` or `parquet`.
        encoding: Of a text file; else None.
        delimiter: Of a text file; else None.
        header_line: Line of the header; 0 where the format has none.
        lines: Physical lines below the header, without blank ones; None where the format has none.
        unreadable: Parquet file of the records that cannot be split into cells, if there are any.
        notes: What was assumed or mended, in words.
    """

    reader: str
    names: tuple[str, ...]
    cells: tuple[str, ...]
    record_number: str
    format: str
    encoding: str | None
    delimiter: str | None
    header_line: int
    lines: int | None
    unreadable: Path | None
    notes: tuple[str, ...]


def sql_text(value: str) -> str:
    """A value as the inside of a quoted SQL text."""
    return value.replace("'", "''")


def path_text(path: Path) -> str:
    """A path as the inside of a quoted SQL text where DuckDB expects a pattern."""
    return sql_text(re.sub(r"([\[*?])", r"[\1]", path.as_posix()))


def read_records(path: Path, copies: Path, is_header: IsHeader) -> Records:
    """How the records of a file are read.

    Args:
        path: The file.
        copies: Folder for a clean copy, where the file is not clean itself.
        is_header: Whether cells are a header that somebody can use.

    Returns:
        The records.

    Raises:
        UnreadableFileError: If no records can be made out.
    """
    if path.name.lower().endswith(".parquet"):
        return _parquet_records(path)
    return _csv_records(path)


def _parquet_records(path: Path) -> Records:
    reader = f"read_parquet('{path_text(path)}', file_row_number = true)"
    with duckdb.connect() as connection:
        described = connection.execute(
            f"describe select * from read_parquet('{path_text(path)}')"
        ).fetchall()
    names = tuple(str(row[0]) for row in described)
    quoted = ['"' + name.replace('"', '""') + '"' for name in names]
    return Records(
        reader=reader,
        names=names,
        cells=tuple(f"cast({name} as varchar)" for name in quoted),
        record_number="file_row_number + 1",
        format="parquet",
        encoding=None,
        delimiter=None,
        header_line=0,
        lines=None,
        unreadable=None,
        notes=(),
    )


def _csv_records(path: Path) -> Records:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        header = lines.readline().rstrip("\r\n")
    delimiter = max(",;\t|", key=header.count)
    names = tuple(name.strip().strip('"') for name in header.split(delimiter))
    return csv_records_in_place(path, names, delimiter, lines=None)


def csv_records_in_place(
    path: Path, names: tuple[str, ...], delimiter: str, lines: int | None
) -> Records:
    """The records of a clean CSV file, which DuckDB reads as it stands."""
    cells = tuple(f"c{position}" for position in range(1, len(names) + 1))
    columns = ", ".join(f"'{cell}': 'varchar'" for cell in cells)
    return Records(
        reader=(
            f"read_csv('{path_text(path)}', auto_detect = false, header = true,"
            f" delim = '{sql_text(delimiter)}', quote = '\"', escape = '\"', comment = '',"
            f" columns = {{{columns}}})"
        ),
        names=names,
        cells=cells,
        record_number="row_number() over ()",
        format="csv",
        encoding="utf-8",
        delimiter=delimiter,
        header_line=1,
        lines=lines,
        unreadable=None,
        notes=(),
    )
