"""Reads files as the build does, for tests of reading."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from intake.records import Records, read_records

CONNECTION = duckdb.connect(config={"preserve_insertion_order": "false"})


@dataclass(frozen=True)
class ReadFile:
    """A file as DuckDB reads it.

    Attributes:
        records: What reads it.
        rows: Number and cells of each record; an empty cell is "".
        unreadable: Number, line, lines, value and reason of the others.
    """

    records: Records
    rows: list[tuple[int, list[str]]]
    unreadable: list[tuple[int, int, int, str, str]]

    @property
    def cells(self) -> list[list[str]]:
        """The cells without the numbers of their records."""
        return [cells for _, cells in self.rows]

    @property
    def is_in_place(self) -> bool:
        """Whether no copy was needed."""
        return self.records.copy is None


def known_header(*required: str) -> Callable[[Sequence[str]], bool]:
    """A header is one that has all of these."""
    return lambda names: set(required) <= set(names)


def read_file(path: Path, is_header: Callable[[Sequence[str]], bool]) -> ReadFile:
    """Read a file, its copies in a folder beside it."""
    copies = path.parent / "copies"
    copies.mkdir(exist_ok=True)
    records = read_records(path, copies, is_header)
    selected = ", ".join((records.record_number, *records.cells))
    # Records are numbered in the order of the file, though rows come in any.
    rows = CONNECTION.execute(f"select {selected} from {records.reader}").fetchall()
    unreadable = []
    if records.unreadable is not None:
        unreadable = CONNECTION.execute(
            f"from read_parquet('{records.unreadable}') order by record_number"
        ).fetchall()
    return ReadFile(
        records,
        sorted((int(number), [cell or "" for cell in cells]) for number, *cells in rows),
        unreadable,
    )


def read_bytes(folder: Path, content: bytes, *required: str, name: str = "x.csv") -> ReadFile:
    """Write a file and read it; its header is the first line that has all of the required names."""
    path = folder / name
    path.write_bytes(content)
    return read_file(path, known_header(*required))
