"""Text files: their encoding, delimiter and header, and a clean copy of those that need one."""

import codecs
import gzip
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from intake.clean import BOM, CHUNK_BYTES
from intake.splitting import Dialect, Record, records, split_line

HEAD_BYTES = 1 << 20
HEADER_WITHIN_LINES = 20
DELIMITERS = (",", ";", "\t", "|")
UTF16_BOMS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
GZIP_MAGIC = b"\x1f\x8b"
# What files that are called text really are, by their first bytes.
OTHER_FORMATS = {
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"PK\x03\x04": "a zip archive or a workbook",
    b"%PDF": "a PDF document",
    b"\x1f\x8b": "compressed twice",
    b"PAR1": "a Parquet file",
}
_SEP_LINE = re.compile(r'"?sep=(.)"?[,;\t|]*', re.IGNORECASE)


class UnreadableFileError(Exception):
    """A file that cannot be read; its message is the rest of a line that begins with its name.

    Attributes:
        is_foreign: Whether it is of another format than its name says.
        names: The headers that were found, where they are those of nothing that is known.
    """

    def __init__(
        self, message: str, is_foreign: bool = False, names: Sequence[str] | None = None
    ) -> None:
        """Keep why, and what is known of the file."""
        super().__init__(message)
        self.is_foreign = is_foreign
        self.names = names


@dataclass(frozen=True)
class Layout:
    """Where the header of a text stands, and how its cells are separated.

    Attributes:
        delimiter: Between cells.
        names: Headers as written.
        header_line: Line where the header starts, the first being 1.
        body_line: Line where the records start.
        is_told: Whether a line `sep=` tells the delimiter.
        is_found: Whether the header is one that somebody can use.
    """

    delimiter: str
    names: tuple[str, ...]
    header_line: int
    body_line: int
    is_told: bool
    is_found: bool


@dataclass
class Decoding:
    """What turning bytes into UTF-8 text with one kind of line end came upon.

    Attributes:
        encoding: That the text starts with.
        is_all_returns: Whether lines end with a carriage return alone.
        has_nul: Whether there were NUL characters, which are left out.
        has_other_lines: Whether there were lines in Windows-1252.
        has_utf8_lines: Whether there were lines in UTF-8 that are not plain ASCII.
        line_ends: Which line ends there were.
    """

    encoding: str
    is_all_returns: bool = False
    has_nul: bool = False
    has_other_lines: bool = False
    has_utf8_lines: bool = False
    line_ends: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        """The encoding, as told to people."""
        if not self.has_other_lines:
            return self.encoding
        return "utf-8 and windows-1252" if self.has_utf8_lines else "windows-1252"

    def notes(self) -> Iterator[str]:
        """What was assumed or mended."""
        if self.has_other_lines and self.has_utf8_lines:
            yield "some lines are not UTF-8 and were read as Windows-1252"
        elif self.has_other_lines:
            yield "it is not UTF-8 and was read as Windows-1252"
        elif self.encoding != "utf-8":
            yield f"it was read as {self.encoding.upper()}"
        if self.has_nul:
            yield "NUL characters were left out"
        if len(self.line_ends) > 1:
            yield "its lines end in more than one way"


def open_bytes(path: Path) -> BinaryIO:
    """The bytes of a file, decompressed where it is compressed."""
    return cast(BinaryIO, gzip.open(path, "rb")) if is_compressed(path) else path.open("rb")


def is_compressed(path: Path) -> bool:
    """Whether a file is compressed with gzip, whatever its name says."""
    with path.open("rb") as stream:
        return stream.read(len(GZIP_MAGIC)) == GZIP_MAGIC


def read_head(path: Path) -> bytes:
    """The first bytes of a text file.

    Args:
        path: The file.

    Returns:
        Up to HEAD_BYTES of it, decompressed.

    Raises:
        UnreadableFileError: If it is empty or no text.
    """
    try:
        with open_bytes(path) as stream:
            head = stream.read(HEAD_BYTES)
    except (EOFError, gzip.BadGzipFile, zlib.error) as problem:
        raise UnreadableFileError(
            f"cannot be decompressed ({problem}). Download or compress it again."
        ) from problem
    remedy = "Save it as 'CSV UTF-8', or remove it if the table is optional."
    if not head.strip(b"\0\r\n\t \xef\xbb\xbf\xff\xfe"):
        raise UnreadableFileError(f"is empty. {remedy}")
    for magic, words in OTHER_FORMATS.items():
        if head.startswith(magic):
            raise UnreadableFileError(f"is {words} and no text. {remedy}", is_foreign=True)
    start = head[:4096].lower().lstrip(BOM + b" \r\n\t")
    if start.startswith((b"<!doctype", b"<html", b"<table", b"<?xml")):
        raise UnreadableFileError(f"is a web page or XML and no text. {remedy}", is_foreign=True)
    if encoding_of(head) == "utf-8" and _is_binary(head[: 1 << 16]):
        raise UnreadableFileError(f"is no text. {remedy}", is_foreign=True)
    return head


def encoding_of(head: bytes) -> str:
    """The encoding that a text starts with: UTF-8 where nothing tells that it is UTF-16."""
    if head[:2] in UTF16_BOMS:
        return UTF16_BOMS[head[:2]]
    sample = head[: 1 << 14]
    even, odd = sample[::2], sample[1::2]
    if odd.count(0) * 10 > 3 * len(odd) and even.count(0) * 10 < len(even):
        return "utf-16-le"
    if even.count(0) * 10 > 3 * len(even) and odd.count(0) * 10 < len(odd):
        return "utf-16-be"
    return "utf-8"


def decoding_of(head: bytes) -> Decoding:
    """How to decode a text that starts so."""
    decoding = Decoding(encoding_of(head))
    text = head.decode(decoding.encoding, "replace")
    decoding.is_all_returns = "\r" in text and "\n" not in text
    return decoding


def decoded(stream: BinaryIO, decoding: Decoding) -> Iterator[bytes]:
    """A text as UTF-8 with lines that end in a line feed, without byte order mark and NUL.

    Args:
        stream: The text.
        decoding: How to decode it; notes what it comes upon.

    Yields:
        Pieces of the text. Carriage returns are left only within lines.
    """
    decoder = codecs.getincrementaldecoder(decoding.encoding)("replace")
    rest, is_first = b"", True
    while True:
        piece = stream.read(CHUNK_BYTES)
        is_last = not piece
        if decoding.encoding != "utf-8":
            piece = decoder.decode(piece, is_last).encode("utf-8", "replace")
        if is_first:
            piece = piece.removeprefix(BOM)
            is_first = False
        piece = rest + piece
        rest = b""
        if not is_last:
            # A line is only decoded as a whole, and CR LF never cut in two.
            end = piece.rfind(b"\r" if decoding.is_all_returns else b"\n") + 1
            piece, rest = piece[:end], piece[end:]
            if len(rest) > 64 * CHUNK_BYTES:
                raise UnreadableFileError(
                    "has a line of more than 512 MB. Check that it is a text file of records."
                )
        if piece:
            yield _mended(piece, decoding)
        if is_last:
            return


def layout_of(head: str, is_header: Callable[[Sequence[str]], bool]) -> Layout:
    """Delimiter and header of a text, by what a header has to hold.

    Args:
        head: The beginning of the text.
        is_header: Whether cells are a header that somebody can use.

    Returns:
        The first of its first lines that is such a header; else the first line that is not blank,
        with the delimiter that it has most of.
    """
    lines = head.split("\n")
    told = _SEP_LINE.fullmatch(lines[0].strip("\ufeff \r"))
    first = 2 if told else 1
    delimiters = (told[1],) if told else DELIMITERS
    best: Layout | None = None
    for delimiter in delimiters:
        for record in _first_records(lines[first - 1 :], delimiter, first):
            names = _names(record)
            if is_header(names):
                better = best is None or len(names) > len(best.names)
                if better:
                    best = _layout(names, delimiter, record, bool(told), True)
                break
    if best is not None:
        return best
    candidates = [
        (delimiter, record)
        for delimiter in delimiters
        for record in list(_first_records(lines[first - 1 :], delimiter, first))[:1]
    ]
    delimiter, record = max(candidates, key=lambda candidate: len(candidate[1].cells or ()))
    return _layout(_names(record), delimiter, record, bool(told), False)


def _layout(
    names: tuple[str, ...], delimiter: str, record: Record, is_told: bool, is_found: bool
) -> Layout:
    return Layout(delimiter, names, record.line, record.line + record.lines, is_told, is_found)


def _names(record: Record) -> tuple[str, ...]:
    return tuple(" ".join(name.split()) for name in record.cells or ())


def _first_records(lines: Sequence[str], delimiter: str, first_line: int) -> Iterator[Record]:
    """The first records of a text, when every line is a header by itself or by its quotes."""
    position = 0
    while position < min(len(lines), HEADER_WITHIN_LINES):
        line = lines[position]
        taken = 1
        cells = split_line(line, Dialect(delimiter, line.count(delimiter) + 1))
        if line.count('"') % 2:
            for end in range(position + 2, min(len(lines), position + HEADER_WITHIN_LINES) + 1):
                text = "\n".join(lines[position:end])
                if text.count('"') % 2 == 0:
                    whole = next(records(text.split("\n"), _wide(text, delimiter), 1), None)
                    if whole is not None and whole.lines == end - position:
                        cells, taken = whole.cells or cells, whole.lines
                    break
        if any(cell.strip() for cell in cells):
            yield Record(cells, first_line + position, taken)
        position += taken


def _wide(text: str, delimiter: str) -> Dialect:
    """A dialect as wide as the text is, if all its lines are one record."""
    outside = re.sub(r'"(?:[^"]|"")*"', "", text)
    return Dialect(delimiter, outside.count(delimiter) + 1)


def _mended(piece: bytes, decoding: Decoding) -> bytes:
    if b"\0" in piece:
        decoding.has_nul = True
        piece = piece.replace(b"\0", b"")
    if decoding.is_all_returns:
        decoding.line_ends.add("\r")
        piece = piece.replace(b"\r", b"\n")
    elif b"\r" in piece:
        piece = re.sub(rb"\r{2,}\n", b"\r\n", piece)
        together, new_lines = piece.count(b"\r\n"), piece.count(b"\n")
        decoding.line_ends |= {"\r\n"} if together else set()
        decoding.line_ends |= {"\n"} if new_lines > together else set()
        piece = piece.replace(b"\r\n", b"\n")
    elif b"\n" in piece:
        decoding.line_ends.add("\n")
    return _as_utf8(piece, decoding)


def _as_utf8(piece: bytes, decoding: Decoding) -> bytes:
    if piece.isascii():
        return piece
    try:
        piece.decode()
    except UnicodeDecodeError:
        return b"\n".join(_line_as_utf8(line, decoding) for line in piece.split(b"\n"))
    decoding.has_utf8_lines = True
    return piece


def _line_as_utf8(line: bytes, decoding: Decoding) -> bytes:
    if line.isascii():
        return line
    try:
        line.decode()
    except UnicodeDecodeError:
        decoding.has_other_lines = True
        # A byte order mark of a file that was pasted in is no text.
        line = line.replace(BOM, b"")
        # The five bytes that Windows-1252 leaves open are control characters, as browsers have it.
        return "".join(
            bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in line
        ).encode()
    decoding.has_utf8_lines = True
    return line


def _is_binary(sample: bytes) -> bool:
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    return controls * 50 > len(sample)


_CONTROLS = bytes(set(range(32)) - set(b"\0\t\n\v\f\r\x1a\x1b"))
