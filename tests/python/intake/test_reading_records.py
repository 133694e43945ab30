"""Bytes to records: encodings, line ends, delimiters, header lines and quotes."""

import codecs
import gzip
from pathlib import Path

import pytest

from intake.records import UnreadableFileError
from tests.python.intake.reading import read_bytes

HEADER = "id,name,date,amount"
ROWS = [["1", "Asha", "2025-07-01", "100.00"], ["2", "Ravi", "2025-07-02", "50"]]
LINES = [HEADER, *(",".join(row) for row in ROWS)]
TEXT = "\n".join(LINES) + "\n"


def test_a_clean_file_is_read_in_place(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, TEXT.encode(), "id")
    assert found.is_in_place
    assert found.rows == [(1, ROWS[0]), (2, ROWS[1])]
    assert found.records.names == ("id", "name", "date", "amount")
    assert (found.records.lines, found.records.header_line) == (2, 1)
    assert found.records.notes == ()


@pytest.mark.parametrize(
    "content",
    [
        TEXT.rstrip("\n").encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace(",", ";").encode(),
        TEXT.replace(",", "\t").encode(),
        TEXT.replace(",", "|").encode(),
        "\n".join('"' + line.replace(",", '","') + '"' for line in LINES).encode(),
    ],
    ids=["no last line end", "bom", "crlf", "semicolon", "tab", "bar", "all quoted"],
)
def test_usual_dialects_are_read_in_place(tmp_path: Path, content: bytes) -> None:
    found = read_bytes(tmp_path, content, "id")
    assert found.is_in_place
    assert found.cells == ROWS
    assert found.records.lines == 2


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode("utf-16"),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.replace("\n", "\r").encode(),
        TEXT.replace("\n", "\r\r\n").encode(),
        TEXT.replace("\n", "\r\n", 2).encode(),
        TEXT.replace("Asha", "As\0ha").encode(),
        b"\n\n" + TEXT.encode() + b"\n\n",
        TEXT.encode() + b",,,\n,,,\n",
        TEXT.replace("1,", " \n1,", 1).encode(),
        b"sep=,\n" + TEXT.encode(),
        b"sep=;\n" + TEXT.replace(",", ";").encode(),
        b"Orders report\nFrom 1 July, to 31 July\n\n" + TEXT.encode(),
        TEXT.replace(",", ", ").encode(),
    ],
    ids=[
        *("utf-16", "utf-16-le bom", "utf-16-be bom", "utf-16-le", "utf-16-be"),
        *("cr only", "double cr", "mixed line ends", "nul", "blank lines", "blank records"),
        *("line of blanks", "sep line", "sep semicolon", "title rows", "blanks after commas"),
    ],
)
def test_other_dialects_are_read_by_a_copy(tmp_path: Path, content: bytes) -> None:
    found = read_bytes(tmp_path, content, "id")
    assert [[cell.strip() for cell in cells] for cells in found.cells] == ROWS
    assert found.records.lines == 2
    assert not found.unreadable


def test_windows_1252_is_read_and_reported(tmp_path: Path) -> None:
    content = TEXT.replace("Asha", "Zoë – “Z”").encode("cp1252")
    found = read_bytes(tmp_path, content, "id")
    assert found.cells[0][1] == "Zoë – “Z”"
    assert found.records.encoding == "windows-1252"
    assert "it is not UTF-8 and was read as Windows-1252" in found.records.notes


def test_one_line_of_another_encoding_spoils_no_other(tmp_path: Path) -> None:
    content = f"{HEADER}\n1,Zoë,2025-07-01,1\n".encode() + "2,Noël,2025-07-02,2\n".encode("cp1252")
    found = read_bytes(tmp_path, content, "id")
    assert [cells[1] for cells in found.cells] == ["Zoë", "Noël"]
    assert found.records.encoding == "utf-8 and windows-1252"


@pytest.mark.parametrize("name", ["x.csv.gz", "x.tsv.gz", "x.csv"])
def test_compressed_files(tmp_path: Path, name: str) -> None:
    found = read_bytes(tmp_path, gzip.compress(TEXT.encode()), "id", name=name)
    assert found.cells == ROWS


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf\n \n", "is empty"),
        (b"PK\x03\x04 zip", "is a zip archive or a workbook and no text"),
        (b"\xd0\xcf\x11\xe0 old", "is an old Excel workbook"),
        (b"<html><table><tr><td>id</td></tr></table>", "is a web page or XML"),
        (bytes(range(1, 32)) * 100, "is no text"),
        (gzip.compress(TEXT.encode(), mtime=0)[:40], "cannot be decompressed"),
    ],
)
def test_what_is_no_text_says_what_to_do(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(UnreadableFileError, match=message) as raised:
        read_bytes(tmp_path, content, "id")
    assert "\n" not in str(raised.value)
    assert str(raised.value).endswith(".")


def test_header_with_a_line_break(tmp_path: Path) -> None:
    content = b'id,"full\nname",date,amount\n' + "\n".join(LINES[1:]).encode()
    found = read_bytes(tmp_path, content, "id")
    assert found.records.names == ("id", "full name", "date", "amount")
    assert found.cells == ROWS


def test_without_a_known_header_the_first_line_is_taken(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, TEXT.encode(), "unknown")
    assert found.records.header_line == 1
    assert found.cells == ROWS


def test_cells_over_several_lines(tmp_path: Path) -> None:
    content = f'{HEADER}\n1,"Asha\nof ""Pune"", the\r\nbest",2025-07-01,5\n{LINES[2]}\n'.encode()
    found = read_bytes(tmp_path, content, "id")
    assert [cells[0] for cells in found.cells] == ["1", "2"]
    assert found.cells[0][1].split() == ["Asha", "of", '"Pune",', "the", "best"]
    assert found.records.lines == 4


def test_a_carriage_return_within_a_cell(tmp_path: Path) -> None:
    content = f"{HEADER}\n1,Asha\rRao,2025-07-01,5\n{LINES[2]}\n".encode()
    found = read_bytes(tmp_path, content, "id")
    assert found.cells == [["1", "Asha Rao", "2025-07-01", "5"], ROWS[1]]


def test_lines_that_end_with_a_carriage_return_among_others(tmp_path: Path) -> None:
    content = f"{HEADER}\n{LINES[1]}\r{LINES[2]}\r{LINES[1]}\n".encode()
    assert read_bytes(tmp_path, content, "id").cells == [*ROWS, ROWS[0]]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ('1,"Asha,2025-07-01,5', '"Asha'),
        ('1,12" wrap,2025-07-01,5', '12" wrap'),
        ('1,"Gold" whey,2025-07-01,5', '"Gold" whey'),
        ('1,"the "best" one, really",2025-07-01,5', 'the "best" one, really'),
        ('1,"12"" wrap,2025-07-01,5', '"12"" wrap'),
        ('1, "a, b" ,2025-07-01,5', "a, b"),
        ('1,"a, b" c,2025-07-01,5', "a, b c"),
        ('1,"",2025-07-01,5', ""),
        ('1,"""quoted""",2025-07-01,5', '"quoted"'),
    ],
)
def test_stray_quotes_swallow_no_neighbour(tmp_path: Path, line: str, name: str) -> None:
    others = [f"{number},n,2025-07-02,1" for number in range(2, 40)]
    content = "\n".join([HEADER, line, *others, '40,"q, r",2025-07-03,3', ""])
    found = read_bytes(tmp_path, content.encode(), "id")
    assert not found.unreadable
    assert found.cells[0] == ["1", name, "2025-07-01", "5"]
    assert [cells[0] for cells in found.cells] == [str(number) for number in range(1, 41)]
    assert found.cells[-1] == ["40", "q, r", "2025-07-03", "3"]


def test_quotes_with_backslashes(tmp_path: Path) -> None:
    content = HEADER + '\n1,"a \\"b\\", c",2025-07-01,5\n2,"d",2025-07-02,6\n'
    found = read_bytes(tmp_path, content.encode(), "id")
    assert [cells[1] for cells in found.cells] == ['a "b", c', "d"]


def test_a_backslash_before_a_doubled_quote(tmp_path: Path) -> None:
    content = HEADER + '\n1,"a\\"";b",2025-07-01,5\n2,"d",2025-07-02,6\n'
    found = read_bytes(tmp_path, content.encode(), "id")
    assert [cells[1] for cells in found.cells] == ['a\\";b', "d"]


@pytest.mark.parametrize("cell", ['\\",', '\\",;', 'C:\\",x'])
def test_a_backslash_at_the_start_of_a_doubled_quote_that_a_delimiter_follows(
    tmp_path: Path, cell: str
) -> None:
    """By itself it looks like a quote within a cell; then the record has no end, or a cell more."""
    quoted = cell.replace('"', '""')
    found = read_bytes(tmp_path, f'{HEADER}\n1,"{quoted}",2025-07-01,5\n'.encode(), "id")
    assert found.cells == [["1", cell, "2025-07-01", "5"]]


def test_short_and_long_records(tmp_path: Path) -> None:
    content = f"{HEADER}\n1,Asha\n2,Ravi,2025-07-02,1,200.00\n3,Meera,2025-07-03,5,,\n4\n"
    found = read_bytes(tmp_path, content.encode(), "id")
    assert found.rows == [
        (1, ["1", "Asha", "", ""]),
        (3, ["3", "Meera", "2025-07-03", "5"]),
        (4, ["4", "", "", ""]),
    ]
    [(number, line, lines, value, reason)] = found.unreadable
    assert (number, line, lines, value) == (2, 3, 1, "2,Ravi,2025-07-02,1,200.00")
    assert reason.startswith("5 cells for 4 headers")
    assert found.records.lines == 4


def test_a_huge_cell(tmp_path: Path) -> None:
    huge = "x" * 3_000_000
    content = f'{HEADER}\n1,"{huge}",2025-07-01,5\n{LINES[2]}\n'
    found = read_bytes(tmp_path, content.encode(), "id")
    assert [len(cells[1]) for cells in found.cells] == [3_000_000, 4]


def test_unnamed_and_repeated_headers(tmp_path: Path) -> None:
    content = ",id,name,name,\n0,1,Asha,Rao,\n1,2,Ravi,,note\n"
    found = read_bytes(tmp_path, content.encode(), "id")
    assert found.records.names == ("", "id", "name", "name", "")
    assert found.cells == [["0", "1", "Asha", "Rao", ""], ["1", "2", "Ravi", "", "note"]]


def test_a_table_of_one_column(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, b"id\n1\n\n2\n", "id")
    assert found.cells == [["1"], ["2"]]
