"""Whether DuckDB can read a text file as it stands: every byte is checked, a chunk at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

BoolArray = npt.NDArray[np.bool_]
BOM = b"\xef\xbb\xbf"
CHUNK_BYTES = 8 << 20
# DuckDB stops at lines of more than two million bytes.
LONGEST_LINE_BYTES = 1 << 20
_QUOTE, _NEW_LINE, _RETURN = ord('"'), ord("\n"), ord("\r")


@dataclass
class _Progress:
    """What is known at the end of a chunk.

    Attributes:
        cells: Cells of the record that is not finished yet.
        is_quoted: Whether it ends within a quoted cell.
        ends: Line end of the file, once one was seen.
        lines: Physical lines so far.
    """

    cells: int = 0
    is_quoted: bool = False
    ends: bytes | None = None
    lines: int = 0


def clean_lines(stream: BinaryIO, delimiter: str, width: int) -> int | None:
    """How many lines a text has, if it is clean.

    Clean is UTF-8 without NUL, with one kind of line end, well-formed quotes, the same number of
    cells in every record, no blank record, and no line that is too long for DuckDB.

    Args:
        stream: The text, from the beginning of a record on.
        delimiter: Between cells, one ASCII character.
        width: Cells of each record, at least 2.

    Returns:
        Its physical lines, or None if it is not clean.
    """
    progress = _Progress()
    blank = b"\n" + delimiter.encode() * (width - 1)
    for chunk in whole_lines(stream):
        if len(chunk) > CHUNK_BYTES + LONGEST_LINE_BYTES or b"\0" in chunk:
            return None
        if _has_long_line(chunk) or not _is_utf8(chunk):
            return None
        blank_line = blank + (b"\r\n" if b"\r" in chunk else b"\n")
        if blank_line in chunk or chunk.startswith(blank_line[1:]):
            return None
        if not _is_regular(chunk, delimiter.encode(), width, progress):
            return None
    return None if progress.is_quoted or progress.cells else progress.lines


def whole_lines(stream: BinaryIO, size: int = CHUNK_BYTES) -> Iterator[bytes]:
    """A text in pieces that each end with a line; the last line is ended where it is not.

    Args:
        stream: The text; a byte order mark is left out.
        size: Bytes of a piece.

    Yields:
        Pieces of about this size; larger ones where a line is.
    """
    rest = stream.read(len(BOM))
    rest = b"" if rest == BOM else rest
    while piece := stream.read(size):
        before, new_line, after = piece.rpartition(b"\n")
        if new_line:
            yield b"".join((rest, before, new_line))
            rest = after
        else:
            rest += piece
    if rest:
        yield rest + (b"\r\n" if rest.endswith(b"\r") else b"\n")[-1:]


def _has_long_line(chunk: bytes) -> bool:
    half = LONGEST_LINE_BYTES // 2
    return any(
        chunk.find(b"\n", start, start + half) < 0 for start in range(0, len(chunk) - half, half)
    )


def _is_utf8(chunk: bytes) -> bool:
    if chunk.isascii():
        return True
    try:
        chunk.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_regular(chunk: bytes, delimiter: bytes, width: int, progress: _Progress) -> bool:
    """Whether records and quotes are well-formed; moves the progress on."""
    returns = chunk.count(b"\r") if b"\r" in chunk else 0
    ends = b"\r\n" if returns else b"\n"
    if returns and chunk.count(b"\r\n") != returns:
        return False
    if progress.is_quoted or b'"' in chunk:
        progress.lines += chunk.count(b"\n")
        if not _are_quotes_regular(chunk, delimiter, ends, progress):
            return False
        marks, is_whole = _marks_outside_quotes(chunk, delimiter, width, progress)
        if not is_whole:
            return False
    else:
        marks = chunk.translate(None, _all_but(delimiter + b"\n"))
        lines = marks.count(b"\n")
        progress.lines += lines
        if returns not in (0, lines):
            return False
    if progress.ends not in (None, ends) and b"\n" in marks:
        return False
    progress.ends = progress.ends or ends
    return _fits(marks, delimiter, width, progress)


def _all_but(kept: bytes) -> bytes:
    return bytes(set(range(256)) - set(kept))


def _fits(marks: bytes, delimiter: bytes, width: int, progress: _Progress) -> bool:
    """Whether delimiters and line ends come in turn as in records of this width."""
    pattern = delimiter * (width - 1) + b"\n"
    start = progress.cells
    progress.cells = (start + len(marks)) % width
    repeated = pattern * ((start + len(marks)) // width + 1)
    return marks == repeated[start : start + len(marks)]


def _are_quotes_regular(chunk: bytes, delimiter: bytes, ends: bytes, progress: _Progress) -> bool:
    """Whether quotes open cells and close them, or are doubled within them."""
    if b'\\"' in chunk:
        return False
    data = np.frombuffer(chunk, np.uint8)
    quotes = np.flatnonzero(data == _QUOTE)
    first = 1 if progress.is_quoted else 0
    opening, closing = quotes[first::2], quotes[1 - first :: 2]
    before = data[np.maximum(opening - 1, 0)]
    may_open = (
        (opening == 0) | (before == _QUOTE) | (before == delimiter[0]) | (before == _NEW_LINE)
    )
    after = data[np.minimum(closing + 1, len(data) - 1)]
    may_close = (after == _QUOTE) | (after == delimiter[0]) | (after == ends[0])
    return bool(may_open.all() and may_close.all())


def _marks_outside_quotes(
    chunk: bytes, delimiter: bytes, width: int, progress: _Progress
) -> tuple[bytes, bool]:
    """Delimiters and line ends outside quotes, and whether line ends are whole and near enough."""
    data = np.frombuffer(chunk, np.uint8)
    is_outside = ((np.cumsum(data == _QUOTE, dtype=np.uint8) + progress.is_quoted) & 1) == 0
    starts_quoted = progress.is_quoted
    progress.is_quoted = not is_outside[-1]
    is_new_line = data == _NEW_LINE
    is_mark = is_new_line | (data == delimiter[0])
    line_ends = np.flatnonzero(is_new_line & is_outside)
    returns = np.flatnonzero(data == _RETURN)
    is_whole = not len(returns) or np.array_equal(returns + 1, line_ends)
    longest = np.diff(line_ends, prepend=0, append=len(data)).max()
    if _may_be_swallowed(is_mark, is_new_line, is_outside, width, starts_quoted):
        return b"", False
    marks = data[is_mark & is_outside].tobytes()
    return marks, bool(is_whole and longest < LONGEST_LINE_BYTES)


def _may_be_swallowed(
    is_mark: BoolArray, is_new_line: BoolArray, is_outside: BoolArray, width: int, is_quoted: bool
) -> bool:
    """Whether a line at a quoted line end looks like a record of its own: quotes may be stray."""
    ends_quoted = ~is_outside[is_new_line]
    if not ends_quoted.any():
        return False
    delimiters = np.diff(np.flatnonzero(is_new_line[is_mark]), prepend=-1) - 1
    starts_quoted = np.concatenate(([is_quoted], ends_quoted[:-1]))
    return bool((delimiters[ends_quoted | starts_quoted] == width - 1).any())
