"""The records of a text body that is not clean as a whole: most of its pieces are all the same."""

import io
from collections.abc import Iterator, Sequence
from typing import BinaryIO

import pyarrow as pa
from pyarrow import csv as pa_csv

from intake.clean import clean_lines, whole_lines
from intake.copies import cell_fields
from intake.splitting import Dialect, Record, Splitter

PIECE_BYTES = 1 << 20


class Body:
    """A text below its header, in UTF-8 with line feeds.

    Attributes:
        clean_lines: Physical lines of the pieces that came as tables.
    """

    def __init__(self, stream: BinaryIO, dialect: Dialect, first_line: int) -> None:
        """Start before the first record.

        Args:
            stream: The text.
            dialect: How cells are written.
            first_line: Number of its first line.
        """
        self.clean_lines = 0
        self._dialect = dialect
        self._pieces = whole_lines(stream, PIECE_BYTES)
        self._splitter = Splitter(dialect, first_line, map(_lines, self._pieces))

    def pieces(self) -> Iterator[pa.Table | Sequence[Record]]:
        """The records in order: clean pieces as tables of their cells, others one by one."""
        for piece in self._pieces:
            lines = self._clean_lines(piece)
            if lines is None:
                yield list(self._splitter.records(_lines(piece)))
            else:
                self.clean_lines += lines
                self._splitter.number += lines
                yield _cells(piece, self._dialect)

    def _clean_lines(self, piece: bytes) -> int | None:
        delimiter, width = self._dialect.delimiter, self._dialect.width
        if width < 2 or not delimiter.isascii():
            return None
        return clean_lines(io.BytesIO(piece), delimiter, width)


def _lines(piece: bytes) -> list[str]:
    return piece.decode().removesuffix("\n").split("\n")


def _cells(piece: bytes, dialect: Dialect) -> pa.Table:
    """The cells of a clean piece; empty ones are null."""
    fields = cell_fields(dialect.width)
    return pa_csv.read_csv(
        pa.BufferReader(piece),
        pa_csv.ReadOptions(
            column_names=[field.name for field in fields],
            block_size=len(piece) + 1,
            use_threads=False,
        ),
        pa_csv.ParseOptions(delimiter=dialect.delimiter, newlines_in_values=True),
        pa_csv.ConvertOptions(
            column_types=pa.schema(fields),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )
