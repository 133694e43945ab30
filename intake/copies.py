"""Clean copies of exports that DuckDB cannot read as they stand."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from intake.splitting import Record

BATCH_RECORDS = 20_000
RECORD_NUMBER = "record_number"
UNREADABLE = pa.schema(
    [
        pa.field("record_number", pa.int64()),
        pa.field("line_number", pa.int64()),
        pa.field("lines", pa.int64()),
        pa.field("value", pa.string()),
        pa.field("reason", pa.string()),
    ]
)


def content_name(path: Path) -> str:
    """A name for copies of a file, by what it holds."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return f"{path.name.split('.')[0][:40]}-{digest[:16]}"


def write_whole(path: Path, write: Callable[[Path], None]) -> Path:
    """Write a file so that nobody ever sees half of it.

    Args:
        path: Of the file.
        write: Writes it to the path that it is given.

    Returns:
        The path.
    """
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        write(unfinished)
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path


def write_records(
    found: Iterable[Record], width: int, copy: Path, unreadable: Path
) -> tuple[int, bool]:
    """Write the records of a file, and those that cannot be split into cells.

    Args:
        found: The records in order.
        width: Cells of each.
        copy: Parquet file for the readable ones: record_number, c1, c2 and so on.
        unreadable: Parquet file for the others.

    Returns:
        How many physical lines they cover, and whether there are unreadable ones.
    """
    lines, numbered, bad = 0, 0, []
    schema = pa.schema(
        [pa.field(RECORD_NUMBER, pa.int64())]
        + [pa.field(f"c{position}", pa.string()) for position in range(1, width + 1)]
    )
    with pq.ParquetWriter(copy, schema, compression="zstd") as writer:
        for batch in _batches(found):
            numbers, rows = [], []
            for number, record in enumerate(batch, start=numbered + 1):
                lines += record.lines
                if record.cells is None:
                    bad.append((number, record.line, record.lines, record.text, record.reason))
                else:
                    numbers.append(number)
                    rows.append(record.cells)
            numbered += len(batch)
            writer.write_table(_table(schema, numbers, rows))
    if bad:
        columns = [list(column) for column in zip(*bad, strict=True)]
        pq.write_table(pa.table(columns, schema=UNREADABLE), unreadable)
    return lines, bool(bad)


def remove_others(copies: Path, used: Iterable[str]) -> None:
    """Remove the copies that no file of this build needs."""
    names = set(used)
    for path in copies.iterdir():
        if path.name not in names and path.suffix in (".parquet", ".csv", ".new"):
            path.unlink(missing_ok=True)


def _batches(found: Iterable[Record]) -> Iterator[list[Record]]:
    remaining = iter(found)
    while batch := list(islice(remaining, BATCH_RECORDS)):
        yield batch


def _table(schema: pa.Schema, numbers: Sequence[int], rows: Sequence[Sequence[str]]) -> pa.Table:
    if not rows:
        return schema.empty_table()
    columns = [pa.array(numbers, pa.int64())]
    for cells in zip(*rows, strict=True):
        columns.append(pa.array([cell or None for cell in cells], pa.string()))
    return pa.table(columns, schema=schema)
