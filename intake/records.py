"""The records of one raw file, and the SQL by which DuckDB reads them."""

import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import duckdb

from intake.bodies import Body
from intake.clean import clean_lines
from intake.copies import RECORD_NUMBER, content_name, write_records, write_whole
from intake.files import format_of
from intake.splitting import Dialect, uses_backslashes
from intake.texts import (
    Decoding,
    Layout,
    UnreadableFileError,
    decoded,
    decoding_of,
    is_compressed,
    layout_of,
    open_bytes,
    read_head,
)
from intake.workbooks import Sheet, sheet_of

__all__ = ["IsHeader", "Records", "UnreadableFileError", "path_text", "read_records", "sql_text"]

IsHeader = Callable[[Sequence[str]], bool]
# Text of a Parquet column, by the beginning of its type.
PARQUET_CELLS = {
    "TIMESTAMP WITH TIME ZONE": (
        "strftime(make_timestamp(epoch_us({0})), '%Y-%m-%dT%H:%M:%S.%f') || '+00:00'"
    ),
    "BLOB": "try(decode({0}))",
    "DOUBLE": (
        "case when not isfinite({0}) then null"
        " when {0} = trunc({0}) and abs({0}) < 1e15 then cast(cast({0} as bigint) as varchar)"
        " else cast({0} as varchar) end"
    ),
}
PARQUET_CELLS["FLOAT"] = PARQUET_CELLS["DOUBLE"]


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
        header_line: Line or row of the header; 0 where the format has none.
        lines: Physical lines below the header, without blank ones; None where the format has none.
        unreadable: Parquet file of the records that cannot be split into cells, if there are any.
        notes: What was assumed or mended, in words.
        copy: Clean copy that is read instead of the file, if any.
    """

    reader: str
    names: tuple[str, ...]
    cells: tuple[str, ...]
    record_number: str
    format: str
    encoding: str | None = None
    delimiter: str | None = None
    header_line: int = 0
    lines: int | None = None
    unreadable: Path | None = None
    notes: tuple[str, ...] = ()
    copy: Path | None = None


def sql_text(value: str) -> str:
    """A value as the inside of a quoted SQL text."""
    return value.replace("'", "''")


def path_text(path: Path) -> str:
    """A path as the inside of a quoted SQL text where DuckDB expects a pattern."""
    return sql_text(re.sub(r"([\[*?])", r"[\1]", path.as_posix()))


def read_records(
    path: Path, copies: Path, is_header: IsHeader, needs_header: bool = False
) -> Records:
    """How the records of a file are read.

    Args:
        path: The file.
        copies: Folder for a clean copy, where the file is not clean itself.
        is_header: Whether cells are a header that somebody can use.
        needs_header: Whether a file without such a header is of no use; else its first line that is
            not blank is taken for the header.

    Returns:
        The records.

    Raises:
        UnreadableFileError: If no records can be made out, or no header that is needed.
    """

    def check(names: Sequence[str]) -> None:
        if needs_header and not is_header(names):
            raise UnreadableFileError("has headers that are not known.", names=names)

    file_format = format_of(path.name)
    if file_format == "parquet":
        found = _parquet_records(path)
        check(found.names)
        return found
    if file_format == "xlsx":
        sheet = sheet_of(path, is_header)
        check(sheet.names)
        return _workbook_records(path, copies, sheet)
    head = read_head(path)
    decoding = decoding_of(head)
    beginning = decoded(io.BytesIO(head), replace(decoding, line_ends=set()))
    layout = layout_of(b"".join(beginning).decode(), is_header)
    check(layout.names)
    return _text_records(path, copies, layout, decoding)


def _parquet_records(path: Path) -> Records:
    try:
        with duckdb.connect() as connection:
            described = connection.execute(
                f"describe select * from read_parquet('{path_text(path)}')"
            ).fetchall()
    except duckdb.Error as problem:
        first_line = str(problem).splitlines()[0]
        raise UnreadableFileError(
            f"is no Parquet file that can be read ({first_line}). Export it again.",
            is_foreign=True,
        ) from problem
    return Records(
        reader=f"read_parquet('{path_text(path)}', file_row_number = true)",
        names=tuple(str(row[0]) for row in described),
        cells=tuple(_parquet_cell(str(row[0]), str(row[1])) for row in described),
        record_number="file_row_number + 1",
        format="parquet",
    )


def _parquet_cell(name: str, kind: str) -> str:
    """The text of a Parquet column, as a text file would have it."""
    quoted = '"' + name.replace('"', '""') + '"'
    if kind.endswith("]"):
        return f"nullif(array_to_string(cast({quoted} as varchar[]), ', '), '')"
    for beginning, text in PARQUET_CELLS.items():
        if kind.startswith(beginning):
            return text.format(quoted)
    return f"nullif(cast({quoted} as varchar), '')"


def _workbook_records(path: Path, copies: Path, sheet: Sheet) -> Records:
    name = content_name(path)
    copy, unreadable = copies / f"{name}.parquet", copies / f"{name}.unreadable.parquet"
    write_whole(
        copy,
        lambda new: _discard(write_records([sheet.records], len(sheet.names), new, unreadable)),
    )
    return _of_copy(
        Records(
            reader="",
            names=sheet.names,
            cells=(),
            record_number="",
            format="xlsx",
            header_line=sheet.header_row,
            notes=sheet.notes,
        ),
        copy,
    )


def _text_records(path: Path, copies: Path, layout: Layout, decoding: Decoding) -> Records:
    found = Records(
        reader="",
        names=layout.names,
        cells=tuple(f"c{position}" for position in range(1, len(layout.names) + 1)),
        record_number="row_number() over ()",
        format=format_of(path.name) or "txt",
        encoding=decoding.name,
        delimiter=layout.delimiter,
        header_line=layout.header_line,
        notes=tuple(_layout_notes(layout)),
    )
    may_be_clean = len(layout.names) > 1 and layout.delimiter.isascii()
    if may_be_clean and layout.body_line == 2 and decoding.encoding == "utf-8":
        with open_bytes(path) as stream:
            lines = clean_lines(stream, layout.delimiter, len(layout.names))
        if lines is not None:
            reader = _csv_reader(path, found, has_header=True)
            return replace(found, reader=reader, lines=lines - 1)
    return _mended_records(path, copies, found, layout, decoding)


def _mended_records(
    path: Path, copies: Path, found: Records, layout: Layout, decoding: Decoding
) -> Records:
    """The records of a text that is not clean, by a copy of it: text if that is clean."""
    name = content_name(path)
    body = write_whole(
        copies / f"{name}.csv", partial(_write_body, path, layout.body_line, decoding)
    )
    width = len(found.names)
    lines = None
    if width > 1 and layout.delimiter.isascii():
        with body.open("rb") as stream:
            lines = clean_lines(stream, layout.delimiter, width)
    notes = (*found.notes, *decoding.notes())
    found = replace(found, encoding=decoding.name, notes=notes)
    if lines is not None:
        reader = _csv_reader(body, found, has_header=False)
        return replace(found, reader=reader, lines=lines, copy=body)
    dialect = Dialect(layout.delimiter, width, _has_backslashes(body, layout.delimiter))
    copy, unreadable = copies / f"{name}.parquet", copies / f"{name}.unreadable.parquet"
    with body.open("rb") as stream:
        text = Body(stream, dialect, layout.body_line)
        lines, has_unreadable = write_records(text.pieces(), width, copy, unreadable)
        lines += text.clean_lines
    body.unlink()
    found = replace(found, lines=lines, unreadable=unreadable if has_unreadable else None)
    return _of_copy(found, copy)


def _of_copy(found: Records, copy: Path) -> Records:
    return replace(
        found,
        reader=f"read_parquet('{path_text(copy)}')",
        cells=tuple(f"c{position}" for position in range(1, len(found.names) + 1)),
        record_number=RECORD_NUMBER,
        copy=copy,
    )


def _layout_notes(layout: Layout) -> Iterator[str]:
    if layout.is_found and layout.header_line > 1 + layout.is_told:
        yield f"the header was found in line {layout.header_line}; what is above it was left out"


def _csv_reader(path: Path, found: Records, has_header: bool) -> str:
    columns = ", ".join(f"'{cell}': 'varchar'" for cell in found.cells)
    compression = "gzip" if is_compressed(path) else "none"
    return (
        f"read_csv('{path_text(path)}', auto_detect = false, header = {str(has_header).lower()},"
        f" delim = '{sql_text(found.delimiter or ',')}', quote = '\"', escape = '\"', comment = '',"
        f" compression = '{compression}', columns = {{{columns}}})"
    )


def _write_body(path: Path, body_line: int, decoding: Decoding, copy: Path) -> None:
    """Write a text from a line on, as UTF-8 with line feeds."""
    with open_bytes(path) as stream, copy.open("wb") as body:
        to_skip = body_line - 1
        for piece in decoded(stream, decoding):
            while to_skip and piece:
                _, _, piece = piece.partition(b"\n")
                to_skip -= 1
            body.write(piece)


def _has_backslashes(body: Path, delimiter: str) -> bool:
    with body.open("rb") as stream:
        return uses_backslashes(stream.read(1 << 24).decode("utf-8", "replace"), delimiter)


def _discard(result: object) -> None:
    """Nothing: what a writer returns is of no use here."""
