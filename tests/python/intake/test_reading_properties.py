"""Whatever is written is read back, and every physical line belongs to exactly one record."""

import csv
import io
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from intake.splitting import Dialect, records
from tests.python.intake.reading import ReadFile, read_bytes

NAMES = ["id", "name", "date", "amount"]
WIDTH = len(NAMES)
EXAMPLES = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
plain = st.text("abc 019.-_é₹", max_size=6).filter(lambda text: text == text.strip())
wild = st.text("ab ,;|\t\"'\\\n#é₹“", max_size=12)
# Letters that are never valid UTF-8 in Windows-1252.
western = st.text("ab ,;|\t\"'\n#éñü", max_size=12)


def table(cells: st.SearchStrategy[str]) -> st.SearchStrategy[list[list[str]]]:
    """Rows with a number as their first cell."""
    row = st.lists(cells, min_size=WIDTH - 1, max_size=WIDTH - 1)
    return st.lists(row, max_size=8).map(
        lambda rows: [[str(number), *cells] for number, cells in enumerate(rows, start=1)]
    )


def written(rows: list[list[str]], **dialect: Any) -> str:
    """The text that the standard library writes."""
    text = io.StringIO()
    writer = csv.writer(text, **dialect)
    writer.writerows([NAMES, *rows])
    return text.getvalue()


def looks_like_other_records(rows: list[list[str]], delimiter: str) -> bool:
    """Whether a part of a cell of several lines might be a record, so that quotes may be stray."""
    return any(
        line.count(delimiter) >= WIDTH - 1
        for row in rows
        if any("\n" in cell for cell in row)
        for line in written([row], delimiter=delimiter).splitlines()[1:]
    )


def read(content: bytes, *required: str) -> ReadFile:
    with tempfile.TemporaryDirectory() as folder:
        return read_bytes(Path(folder), content, *(required or NAMES))


@EXAMPLES
@given(
    rows=table(wild),
    delimiter=st.sampled_from(",;|\t"),
    line_end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le"]),
    above=st.sampled_from(["", "Report\n", "\n\n", "Report, of July\n\n"]),
)
def test_what_is_written_is_read(
    rows: list[list[str]],
    delimiter: str,
    line_end: str,
    quoting: Any,
    encoding: str,
    above: str,
) -> None:
    assume(not looks_like_other_records(rows, delimiter))
    text = above + written(rows, delimiter=delimiter, lineterminator=line_end, quoting=quoting)
    found = read(text.encode(encoding))
    assert found.cells == rows
    assert not found.unreadable
    assert found.records.delimiter == delimiter


@EXAMPLES
@given(rows=table(western))
def test_windows_1252_is_read(rows: list[list[str]]) -> None:
    assume(not looks_like_other_records(rows, ","))
    assert read(written(rows).encode("cp1252")).cells == rows


@EXAMPLES
@given(
    rows=table(plain),
    line_ends=st.lists(st.sampled_from(["\n", "\r\n"]), min_size=9, max_size=9),
    data=st.data(),
)
def test_line_ends_may_change_and_records_be_short(
    rows: list[list[str]], line_ends: list[str], data: st.DataObject
) -> None:
    """Cells at the end that are left out are empty."""
    shortened = [row[: data.draw(st.integers(1, WIDTH))] for row in rows]
    lines = [",".join(row) for row in [NAMES, *shortened]]
    text = "".join(line + end for line, end in zip(lines, line_ends, strict=False))
    found = read(text.encode())
    assert found.cells == [row + [""] * (WIDTH - len(row)) for row in shortened]
    assert found.records.lines == len(rows)


@EXAMPLES
@given(rows=table(plain), data=st.data())
def test_a_stray_quote_spoils_no_other_record(rows: list[list[str]], data: st.DataObject) -> None:
    lines = [",".join(row) for row in rows]
    spoilt = set()
    if rows:
        spoilt = data.draw(st.sets(st.integers(0, len(rows) - 1), max_size=2))
    for number in spoilt:
        place = data.draw(st.integers(0, len(lines[number])))
        lines[number] = lines[number][:place] + '"' + lines[number][place:]
    found = read("\n".join([",".join(NAMES), *lines, ""]).encode())
    assert not found.unreadable
    assert len(found.cells) == len(rows)
    for number, (cells, row) in enumerate(zip(found.cells, rows, strict=True)):
        if number in spoilt:
            cells = [cell.replace('"', "") for cell in cells]
        assert cells == row


def physical_lines(text: str) -> list[str]:
    return text.split("\n")[:-1] if text.endswith("\n") else text.split("\n")


@settings(max_examples=400, deadline=None)
@given(
    text=st.text('ab,"\n\\ ', max_size=60),
    width=st.integers(1, 4),
    has_backslashes=st.booleans(),
)
def test_every_physical_line_belongs_to_one_record(
    text: str, width: int, has_backslashes: bool
) -> None:
    lines = physical_lines(text)
    found = list(records(lines, Dialect(",", width, has_backslashes), 1))
    covered: list[int] = []
    for record in found:
        covered.extend(range(record.line, record.line + record.lines))
        if record.cells is None:
            assert record.reason
        else:
            assert len(record.cells) == width
    assert covered == sorted(set(covered))
    left_out = set(range(1, len(lines) + 1)) - set(covered)
    assert all(is_blank(lines[number - 1]) for number in left_out)


def is_blank(line: str) -> bool:
    return not line.replace(",", "").replace('"', "").strip()


def test_a_reader_written_apart_agrees() -> None:
    """The standard library's reader splits a long regular file in the same way."""
    rows = [
        [
            str(number),
            f'a "{number}", b' if number % 7 == 0 else "c",
            "2025-07-01",
            str(number % 13),
        ]
        for number in range(1, 30_000)
    ]
    text = written(rows, lineterminator="\n")
    found = read(text.encode())
    assert found.is_in_place
    assert found.cells == list(csv.reader(io.StringIO(text)))[1:]
