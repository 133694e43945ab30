"""The published file: which one is there, and questions to it.

The file is copied when it is first read, and the copy is kept open for as long as that file is the
published one. So a page costs its queries and nothing else, no results are cached, and the
published file itself stays closed: a build can replace it and any other program can open it. A
file that a build swaps in has another identity, and so gets a copy of its own.
"""

import shutil
import tempfile
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pandas as pd

from viewer.folders import warehouse

Parameters = dict[str, Any]
# One thread a query: many people ask at once, and the marts are small. The indexes of their keys
# are no use: fetching rows one by one takes ten times as long as reading a small column whole.
READING: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    "index_scan_max_count": 0,
    "index_scan_percentage": 0,
}


class PublishedFileError(Exception):
    """The published file cannot be shown; the message is one line for the user."""


class NothingPublishedError(PublishedFileError):
    """There is no published file."""


class UnreadableFileError(PublishedFileError):
    """There is a published file, but it cannot be read or is not what this viewer expects."""


class Identity(NamedTuple):
    """What tells one published file from the next at the same path."""

    path: Path
    inode: int
    modified_ns: int
    size: int


_held: ContextVar[Identity | None] = ContextVar("held", default=None)


@contextmanager
def held(identity: Identity | None) -> Iterator[None]:
    """Take this file as the published one for a while, so that a page shows figures of one file."""
    before = _held.set(identity)
    try:
        yield
    finally:
        _held.reset(before)


def published_path() -> Path:
    """Path of the published file: `helios.duckdb` in HELIOS_WAREHOUSE."""
    return warehouse() / "helios.duckdb"


def published_identity() -> Identity:
    """Identity of the file that is published now, or was when it was `held`.

    Raises:
        NothingPublishedError: If there is none.
        UnreadableFileError: If it may not be looked at.
    """
    if identity := _held.get():
        return identity
    path = published_path()
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise NothingPublishedError(f"Nothing is published at {path}.") from None
    except OSError as error:
        raise UnreadableFileError(f"{path} cannot be read: {error.strerror}.") from error
    return Identity(path, status.st_ino, status.st_mtime_ns, status.st_size)


def published_identity_if_any() -> Identity | None:
    """Identity of the file that is published now, or None."""
    try:
        return published_identity()
    except PublishedFileError:
        return None


def read_one(sql: str, parameters: Parameters | None = None) -> dict[str, Any]:
    """The only row of an answer, as of `read_rows`."""
    [row] = read_rows(sql, parameters)
    return row


def read_rows(sql: str, parameters: Parameters | None = None) -> list[dict[str, Any]]:
    """The rows of an answer by column, money as float, null as None; for few rows fast."""
    with cursor() as connection:
        result = connection.execute(sql, parameters or {})
        rows = result.fetchall()
        names = [column[0] for column in result.description]
    return [
        {
            name: float(value) if isinstance(value, Decimal) else value
            for name, value in zip(names, row, strict=True)
        }
        for row in rows
    ]


def read(sql: str, parameters: Parameters | None = None) -> pd.DataFrame:
    """Answer of the published file to a query on its marts.

    Args:
        sql: One statement; names of marts stand without their schema.
        parameters: Values of its `$names`.

    Raises:
        NothingPublishedError: If there is no file.
        UnreadableFileError: If it cannot answer.
    """
    with cursor() as connection:
        columns = connection.execute(sql, parameters or {}).fetchnumpy()
    return table_of(columns)


def read_parts(
    sql: str, part: str, parameters: Parameters | None = None
) -> dict[str, dict[str, Any]]:
    """An answer taken apart by a column of text, by which its rows are ordered.

    Args:
        sql: As in `read`.
        part: The column that says which part a row is of; it is left out.
        parameters: As in `read`.

    Returns:
        The columns of each part that has rows, as DuckDB makes them for numpy.
    """
    with cursor() as connection:
        columns = connection.execute(sql, parameters or {}).fetchnumpy()
    parts, firsts = np.unique(columns.pop(part), return_index=True)
    slices = map(slice, firsts, [*firsts[1:], None])
    return {
        str(name): {column: values[rows] for column, values in columns.items()}
        for name, rows in zip(parts, slices, strict=True)
    }


def table_of(columns: Mapping[str, Any]) -> pd.DataFrame:
    """A table of columns that DuckDB made for numpy."""
    return pd.DataFrame({name: _column(values) for name, values in columns.items()})


def _column(values: Any) -> Any:
    """Values of a column as pandas has them: whole numbers and truth values may be missing."""
    if not isinstance(values, np.ma.MaskedArray):
        return values
    missing = np.ma.getmaskarray(values)
    if not missing.any():
        return values.data
    kind = values.dtype.kind
    if kind == "b":
        return pd.arrays.BooleanArray(values.data, missing)
    if kind in "iu":
        return pd.arrays.IntegerArray(values.data, missing)
    filled = values.data.copy()
    filled[missing] = None  # which floats take as nan, and days as no day
    return filled


@contextmanager
def cursor() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection of one's own to the file that is published now, for several statements."""
    identity = published_identity()
    try:
        with _copy_of(identity).connection.cursor() as connection:
            connection.execute("use published.marts")
            yield connection
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        if isinstance(error, duckdb.CatalogException | duckdb.BinderException):
            reason = f"another version of Helios published it ({reason})"
        raise UnreadableFileError(f"{identity.path} cannot be read: {reason}.") from error


class _Copy:
    """An open copy of a published file; the file goes with the last that uses it."""

    def __init__(self, original: Path) -> None:
        folder = tempfile.mkdtemp(prefix="helios-viewer-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        file = Path(folder) / "helios.duckdb"
        try:
            shutil.copyfile(original, file)
        except OSError as error:
            raise UnreadableFileError(
                f"{original} cannot be copied to {folder}: {error.strerror}."
            ) from error
        self.connection = duckdb.connect(":memory:", config=READING)
        self.connection.execute(f"attach '{_escaped(file)}' as published (read_only)")


@lru_cache(maxsize=2)
def _copy_of(identity: Identity) -> _Copy:
    return _Copy(identity.path)


def _escaped(path: Path) -> str:
    return str(path).replace("'", "''")
