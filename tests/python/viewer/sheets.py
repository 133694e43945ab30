"""Reading workbooks as Excel does: parts of a zip file, cells by their address and format."""

import io
import re
import zipfile
from datetime import date, timedelta
from typing import Any, NamedTuple
from xml.etree import ElementTree

SPACE = {"s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
# Excel counts from here, as it takes 1900 for a leap year.
DAY_ZERO = date(1899, 12, 30)


class Sheet(NamedTuple):
    """A sheet of a workbook.

    Attributes:
        rows: Values by row and column; None where a cell is missing. Days are dates.
        formulas: How many cells hold a formula.
        formats: Format of the figures of each cell of the second row, by column.
        frozen_rows: Rows that stay in sight.
        filtered: The range with a filter.
    """

    rows: list[list[Any]]
    formulas: int
    formats: list[str]
    frozen_rows: int
    filtered: str


def read(workbook: bytes) -> dict[str, Sheet]:
    """The sheets of a workbook by name, in their order."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as parts:
        names = [
            str(sheet.get("name"))
            for sheet in _xml(parts, "xl/workbook.xml").iterfind("s:sheets/s:sheet", SPACE)
        ]
        formats = _formats(_xml(parts, "xl/styles.xml"))
        return {
            name: _sheet(_xml(parts, f"xl/worksheets/sheet{number}.xml"), formats)
            for number, name in enumerate(names, start=1)
        }


def _xml(parts: zipfile.ZipFile, name: str) -> ElementTree.Element:
    return ElementTree.fromstring(parts.read(name))


def _formats(styles: ElementTree.Element) -> list[str]:
    own = {
        one.get("numFmtId"): str(one.get("formatCode"))
        for one in styles.iterfind("s:numFmts/s:numFmt", SPACE)
    } | {"2": "0.00"}
    return [
        own.get(one.get("numFmtId"), "General") for one in styles.iterfind("s:cellXfs/s:xf", SPACE)
    ]


def _sheet(sheet: ElementTree.Element, formats: list[str]) -> Sheet:
    rows: list[list[Any]] = []
    first_formats: list[str] = []
    for row in sheet.iterfind("s:sheetData/s:row", SPACE):
        rows += [[] for _ in range(int(str(row.get("r"))) - len(rows))]
        for cell in row.iterfind("s:c", SPACE):
            column = _column(str(cell.get("r")))
            rows[-1] += [None] * (column + 1 - len(rows[-1]))
            written_as = formats[int(cell.get("s", "0"))]
            rows[-1][column] = _value(cell, written_as)
            if len(rows) == 2:
                first_formats += [written_as]
    pane = sheet.find("s:sheetViews/s:sheetView/s:pane", SPACE)
    filtered = sheet.find("s:autoFilter", SPACE)
    width = max(map(len, rows), default=0)
    return Sheet(
        [row + [None] * (width - len(row)) for row in rows],
        len(list(sheet.iterfind(".//s:f", SPACE))),
        first_formats,
        0 if pane is None else int(float(str(pane.get("ySplit")))),
        "" if filtered is None else str(filtered.get("ref")),
    )


def _column(address: str) -> int:
    number = 0
    for letter in re.sub(r"\d", "", address):
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _value(cell: ElementTree.Element, written_as: str) -> Any:
    if cell.get("t") == "inlineStr":
        text = "".join(part.text or "" for part in cell.iterfind(".//s:t", SPACE))
        return re.sub(r"_x([0-9A-F]{4})_", lambda code: chr(int(code[1], 16)), text)
    value = cell.find("s:v", SPACE)
    if value is None or value.text is None:
        return None
    if cell.get("t") == "b":
        return value.text == "1"
    if written_as == "yyyy-mm-dd":
        return DAY_ZERO + timedelta(days=int(value.text))
    return float(value.text)
