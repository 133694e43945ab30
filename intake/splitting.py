"""Records of a text that is not clean: every physical line belongs to exactly one record."""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

# A quoted cell is looked for over so many lines, and so many characters.
LINES_AHEAD = 2000
CHARACTERS_AHEAD = 16 << 20
# So many lines that look like records of their own tell that a quote was never closed.
RECORDS_AHEAD = 8
LONGEST_VALUE = 100_000


@dataclass(frozen=True)
class Dialect:
    r"""How cells are written.

    Attributes:
        delimiter: Between cells.
        width: Cells of the header.
        has_backslashes: Whether a quote within a quoted cell is written \" instead of "".
    """

    delimiter: str
    width: int
    has_backslashes: bool = False


@dataclass(frozen=True)
class Record:
    """A record of a text.

    Attributes:
        cells: As many as the header has; None for a record that cannot be split.
        line: Physical line where it starts, the first being 1.
        lines: Physical lines that it covers.
        text: As it stands, for one that cannot be split.
        reason: Why it cannot be split.
    """

    cells: list[str] | None
    line: int
    lines: int = 1
    text: str = ""
    reason: str = ""


def records(lines: Iterable[str], dialect: Dialect, first_line: int) -> Iterator[Record]:
    """The records of a text.

    Args:
        lines: Its lines, without their ends.
        dialect: How cells are written.
        first_line: Number of the first line.

    Returns:
        Each record but blank ones, in order.
    """
    return Splitter(dialect, first_line).records(lines)


class Splitter:
    """Splits a text that comes in pieces of whole lines.

    Attributes:
        number: Of the next line.
    """

    def __init__(
        self, dialect: Dialect, first_line: int, more: Iterator[Sequence[str]] | None = None
    ) -> None:
        """Start before the first line.

        Args:
            dialect: How cells are written.
            first_line: Number of the first line.
            more: Lines of the pieces that come, for a quoted cell that is not closed in its own.
        """
        self.number = first_line
        self._dialect = dialect
        self._more = iter(()) if more is None else more
        self._lines: deque[str] = deque()

    def records(self, lines: Iterable[str]) -> Iterator[Record]:
        """The records of a piece, and of those pieces that had to be looked at for their ends.

        Args:
            lines: Of the piece, without their ends.

        Yields:
            Each record but blank ones, in order.
        """
        self._load(lines)
        delimiter = self._dialect.delimiter
        while self._lines:
            line, number = self._take(), self.number - 1
            taken = 1
            if '"' not in line:
                cells: list[str] | None = line.split(delimiter)
            else:
                cells, taken = _quoted_record(line, self, self._dialect)
            if cells is None or any(map(_has_text, cells)):
                yield _record(line, cells, number, taken, self._dialect)

    def skip(self, count: int) -> None:
        """Take so many lines."""
        for _ in range(count):
            self._take()

    def peek(self) -> Iterator[str]:
        """The lines that come, without taking them."""
        position = 0
        while True:
            while position == len(self._lines):
                piece = next(self._more, None)
                if piece is None:
                    return
                self._load(piece)
            yield self._lines[position]
            position += 1

    def _take(self) -> str:
        self.number += 1
        return self._lines.popleft()

    def _load(self, lines: Iterable[str]) -> None:
        for line in lines:
            if "\r" in line:
                self._lines.extend(_lines_of_returns(line, self._dialect))
            else:
                self._lines.append(line)


def split_line(line: str, dialect: Dialect) -> list[str]:
    """The cells of a line that stands for itself; quotes without a match are part of their cell."""
    for mode in ("exact", "lenient", "literal", "tail"):
        cells = split_cells(line, dialect, mode)
        if cells is not None and len(cells) == dialect.width:
            return cells
    return split_cells(line, dialect, "literal") or [line]


def split_cells(text: str, dialect: Dialect, mode: str) -> list[str] | None:
    """The cells of a record.

    Args:
        text: The record.
        dialect: How cells are written.
        mode: What a quote within a quoted cell is that neither ends the cell nor is doubled.
            `exact`: not allowed; `lenient`: part of the cell; `literal`: a sign that the cell's
            first quote is part of it too; `tail`: the end of the quotes, while the cell goes on.

    Returns:
        The cells, or None where the mode does not allow the quotes.
    """
    cells: list[str] = []
    position, length = 0, len(text)
    while True:
        start = position
        while start < length and text[start] in " \t" and text[start] != dialect.delimiter:
            start += 1
        found = None
        if text.startswith('"', start):
            found = _quoted_cell(text, start, dialect, mode)
            if found is None and mode != "literal":
                return None
        if found is None:
            end = text.find(dialect.delimiter, position)
            end = length if end < 0 else end
            found = text[position:end], end
        cell, end = found
        cells.append(cell)
        if end >= length:
            return cells
        position = end + 1


def _quoted_cell(text: str, start: int, dialect: Dialect, mode: str) -> tuple[str, int] | None:
    """The content of the quoted cell that starts here, and where its delimiter is."""
    parts = []
    position = start + 1
    while (quote := text.find('"', position)) >= 0:
        if dialect.has_backslashes and _is_escaped(text, quote, start):
            parts.append(text[position : quote - 1] + '"')
            position = quote + 1
            continue
        after = quote + 1
        if text.startswith('"', after) and not dialect.has_backslashes:
            parts.append(text[position:after])
            position = after + 1
            continue
        end = after
        while end < len(text) and text[end] in " \t" and text[end] != dialect.delimiter:
            end += 1
        if end == len(text) or text[end] == dialect.delimiter:
            parts.append(text[position:quote])
            return "".join(parts), end
        if mode == "tail":
            end = text.find(dialect.delimiter, after)
            end = len(text) if end < 0 else end
            parts.append(text[position:quote] + text[after:end])
            return "".join(parts), end
        if mode != "lenient":
            return None
        parts.append(text[position:after])
        position = after
    return None


def _is_escaped(text: str, quote: int, start: int) -> bool:
    backslashes = 0
    while quote - 1 - backslashes > start and text[quote - 1 - backslashes] == "\\":
        backslashes += 1
    return backslashes % 2 == 1


def _lines_of_returns(line: str, dialect: Dialect) -> list[str]:
    """What carriage returns within a line make of it: lines, or new lines within a cell."""
    pieces = line.rstrip("\r").split("\r")
    if len(pieces) > 1 and all(_looks_like_record(piece, dialect) for piece in pieces if piece):
        return pieces
    return [" ".join(piece for piece in pieces if piece)]


def _looks_like_record(line: str, dialect: Dialect) -> bool:
    if line.count('"') % 2:
        return False
    return _width(line, dialect) == dialect.width > 1


def _width(line: str, dialect: Dialect) -> int:
    """How many cells a line has that stands for itself."""
    if '"' in line:
        return len(split_line(line, dialect))
    return line.count(dialect.delimiter) + 1


def _quoted_record(line: str, ahead: Splitter, dialect: Dialect) -> tuple[list[str] | None, int]:
    """The cells of the record that starts with a line, and how many lines it covers."""
    alone = split_line(line, dialect)
    for mode in ("exact", "lenient"):
        cells = split_cells(line, dialect, mode)
        if cells is not None:
            if len(alone) == dialect.width:
                return alone, 1
            return _doubled(line, dialect) or cells, 1
    is_own_record = len(alone) >= dialect.width and _surplus_is_empty(alone, dialect.width)
    joined, taken, as_wide, like_records = _joined(line, ahead, dialect)
    # Lines that by themselves have as many cells as the header are no part of a quoted cell.
    neighbours = as_wide if is_own_record else like_records
    fits = joined is not None and (
        len(joined) == dialect.width or (len(joined) < dialect.width and not as_wide)
    )
    if fits and neighbours * 2 < max(taken - 1, 1):
        ahead.skip(taken - 1)
        return joined, taken
    return (alone if is_own_record else _doubled(line, dialect)), 1


def _doubled(line: str, dialect: Dialect) -> list[str] | None:
    r"""The cells of a line whose backslashes are none but backslashes, as in "C:\"",": or None."""
    if not dialect.has_backslashes:
        return None
    cells = split_cells(line, replace(dialect, has_backslashes=False), "exact")
    return cells if cells is not None and len(cells) == dialect.width else None


def _joined(line: str, ahead: Splitter, dialect: Dialect) -> tuple[list[str] | None, int, int, int]:
    """A line with those after it that close its quote.

    Returns:
        Its cells, the number of lines, how many of those after it have as many cells as the header,
        and how many of these have their quotes in pairs.
    """
    parts, size, quotes = [line], len(line), line.count('"')
    as_wide = like_records = 0
    for following in ahead.peek():
        parts.append(following)
        size += len(following)
        quotes_here = following.count('"')
        if _width(following, dialect) == dialect.width > 1:
            as_wide += 1
            like_records += quotes_here % 2 == 0
        if quotes_here:
            quotes += quotes_here
            text = "\n".join(parts)
            cells = split_cells(text, dialect, "exact")
            if cells is None and quotes % 2 == 0:
                cells = split_cells(text, dialect, "lenient")
            if cells is not None:
                return cells, len(parts), as_wide, like_records
        if len(parts) > LINES_AHEAD or size > CHARACTERS_AHEAD or like_records > RECORDS_AHEAD:
            break
    return None, len(parts), as_wide, like_records


def _surplus_is_empty(cells: list[str], width: int) -> bool:
    return not any(map(_has_text, cells[width:]))


def _has_text(cell: str) -> bool:
    return bool(cell) and not cell.isspace()


def _record(
    line: str, cells: list[str] | None, number: int, taken: int, dialect: Dialect
) -> Record:
    width = dialect.width
    if cells is None:
        reason = "a quote is opened and not closed in a way that leaves as many cells as headers"
        return Record(None, number, taken, line[:LONGEST_VALUE], reason)
    if len(cells) > width and not _surplus_is_empty(cells, width):
        reason = (
            f"{len(cells)} cells for {width} headers; a cell with the delimiter"
            f" {shown(dialect.delimiter)} in it has to stand in quotes"
        )
        text = line if taken == 1 else dialect.delimiter.join(cells)
        return Record(None, number, taken, text[:LONGEST_VALUE], reason)
    return Record(cells[:width] + [""] * (width - len(cells)), number, taken)


def shown(delimiter: str) -> str:
    """A delimiter in words that can be read."""
    return {"\t": "tab", ",": "comma", ";": "semicolon", "|": "bar"}.get(delimiter, delimiter)


def uses_backslashes(text: str, delimiter: str) -> bool:
    r"""Whether quotes within quoted cells are written \" and not ""."""
    if '\\"' not in text:
        return False
    # After a backslash, two quotes are one with a backslash and the cell's end, if it ends there.
    ends = rf"\s*(?:$|{re.escape(delimiter)})"
    doubled = re.compile(
        rf'(?<=[^\\\n{re.escape(delimiter)}])""(?!")|\\""(?!"|{ends})', re.MULTILINE
    )
    closed_after_backslash = re.compile(rf'\\"(?:\s*$|\s*{re.escape(delimiter)})', re.MULTILINE)
    within = len(re.findall(r'\\"', text)) > len(closed_after_backslash.findall(text))
    return within and not doubled.search(text)
