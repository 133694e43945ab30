"""Clean copies of exports that DuckDB cannot read as they stand."""

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from intake.splitting import Record

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
    pieces: Iterable[pa.Table | Sequence[Record]], width: int, copy: Path, unreadable: Path
) -> tuple[int, bool]:
    """Write the records of a file, and those that cannot be split into cells.

    Args:
        pieces: The records in order, as tables of their cells or one by one.
        width: Cells of each.
        copy: Parquet file for the readable ones: record_number, c1, c2 and so on.
        unreadable: Parquet file for the others.

    Returns:
        How many physical lines they cover, not counting those of tables, and whether there are
        unreadable ones.
    """
    lines, numbered = 0, 0
    bad: list[tuple[int, int, int, str, str]] = []
    schema = pa.schema([pa.field(RECORD_NUMBER, pa.int64()), *cell_fields(width)])
    with pq.ParquetWriter(copy, schema, compression="zstd", compression_level=1) as writer:
        for piece in pieces:
            if isinstance(piece, pa.Table):
                numbers = pa.array(range(numbered + 1, numbered + len(piece) + 1), pa.int64())
                writer.write_table(pa.table([numbers, *piece.columns], schema=schema))
            else:
                writer.write_table(_table(schema, piece, numbered))
                bad += [
                    (number, record.line, record.lines, record.text, record.reason)
                    for number, record in enumerate(piece, start=numbered + 1)
                    if record.cells is None
                ]
                lines += sum(record.lines for record in piece)
            numbered += len(piece)
    if bad:
        columns = [list(column) for column in zip(*bad, strict=True)]
        pq.write_table(pa.table(columns, schema=UNREADABLE), unreadable)
    return lines, bool(bad)


def cell_fields(width: int) -> list[pa.Field]:
    """The columns c1, c2 and so on."""
    return [pa.field(f"c{position}", pa.string()) for position in range(1, width + 1)]


def remove_others(copies: Path, used: Iterable[str]) -> None:
    """Remove the copies that no file of this build needs."""
    names = set(used)
    for path in copies.iterdir():
        if path.name not in names and path.suffix in (".parquet", ".csv", ".new"):
            path.unlink(missing_ok=True)


def _table(schema: pa.Schema, piece: Sequence[Record], before: int) -> pa.Table:
    numbered = [
        (number, record.cells)
        for number, record in enumerate(piece, start=before + 1)
        if record.cells is not None
    ]
    if not numbered:
        return schema.empty_table()
    columns = [pa.array([number for number, _ in numbered], pa.int64())]
    for cells in zip(*(cells for _, cells in numbered), strict=True):
        columns.append(pa.array([cell or None for cell in cells], pa.string()))
    return pa.table(columns, schema=schema)
