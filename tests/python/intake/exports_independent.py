"""Rows and money of exports, counted without Helios: only with what Python and pandas read.

Simple on purpose. It knows the headers of money of the raw tables, and what people write around a
number; it knows nothing of what Helios accepts.
"""

import csv
import gzip
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pandas as pd

MONEY = {
    "tracking_data": ("revenue", "amount", "subtotal", "orderamount"),
    "payouts": ("totalpayout", "amount", "payout", "actionearnings"),
}
# By these a header is told from titles above it.
KNOWN = {
    "influencers": {"influencerid", "name", "platform"},
    "tracking_data": {"source", "date", "orders", "revenue", "amount", "purchasedate", "createdat"},
    "posts": {"postid", "date", "influencerid", "username"},
    "payouts": {"influencerid", "basis", "rate", "payoutid", "status"},
    "campaigns": {"campaignid", "name", "brand", "startdate"},
    "products": {"product", "brand", "unitcost"},
    "regions": {"region", "state", "population"},
    "campaign_regions": {"campaignid", "region", "role"},
}
TABLES = tuple(KNOWN)
SURE_HEADER_CELLS = 2
SUFFIXES = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz", ".xlsx", ".parquet")


@dataclass(frozen=True)
class Counted:
    """What an export holds."""

    rows: int
    money: Decimal


def key(header: str) -> str:
    """A header without what people write differently: case, blanks, signs, a unit in brackets."""
    visible = "".join(c for c in header if unicodedata.category(c) != "Cf")
    return re.sub(r"[\s\W_]", "", re.sub(r"[(\[].*?[)\]]", "", visible.lower()))


def text_of(path: Path) -> str:
    """The text of a file, by its byte order mark, else UTF-8, else Windows-1252."""
    content = path.read_bytes()
    if path.name.lower().endswith(".gz"):
        content = gzip.decompress(content)
    content_without_nul = content.replace(b"\0", b"")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    try:
        return content_without_nul.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content_without_nul.decode("cp1252")


def delimiter_of(lines: Sequence[str]) -> str:
    """The delimiter that stands most often in the first lines, or the one that `sep=` names."""
    if lines and lines[0].strip('"').lower().startswith("sep="):
        return lines[0].strip('"')[4]
    return max(",;\t|", key=lambda sign: sum(line.count(sign) for line in lines[:20]))


def records_of(path: Path, raw_table: str) -> list[dict[str, str]]:
    """The records below the header, as cells by header key."""
    name = path.name.lower()
    if name.endswith(".parquet"):
        frame = pd.read_parquet(path)
        cells = [[str(name) for name in frame.columns], *frame.astype(str).to_numpy().tolist()]
    elif name.endswith(".xlsx"):
        frame = pd.read_excel(path, header=None, dtype=str, keep_default_na=False)
        cells = frame.to_numpy().tolist()
    else:
        cells = _split(text_of(path))
    return _below_header(cells, raw_table)


def _split(text: str) -> list[list[str]]:
    """Records of a delimited text; where a quote is not closed, its lines."""
    lines = re.split(r"\r\n|\n|\r", text)
    delimiter = delimiter_of(lines)
    joined = "\n".join(lines)
    records = list(csv.reader(io.StringIO(joined), delimiter=delimiter))
    width = max(map(len, records[:20]), default=0)
    if sum(line.count(delimiter) == width - 1 for line in lines) > len(records):
        records = [line.split(delimiter) for line in lines]
    return [record for record in records if any(cell.strip() for cell in record)]


def _below_header(records: list[list[str]], raw_table: str) -> list[dict[str, str]]:
    headers = [[key(cell) for cell in record] for record in records[:20]]
    sure = [
        place
        for place, keys in enumerate(headers)
        if len(KNOWN[raw_table].intersection(keys)) >= SURE_HEADER_CELLS
    ]
    place = sure[0] if sure else 0
    keys = headers[place] if headers else []
    return [dict(zip(keys, record, strict=False)) for record in records[place + 1 :]]


def amount_of(cell: str, decimal_comma: bool) -> Decimal:
    """The number in a cell, without what stands around it; 0 where there is none."""
    digits = re.sub(r"[^0-9.,\-]", "", cell.replace("/-", ""))
    if decimal_comma:
        digits = digits.replace(".", "").replace(",", ".")
    digits = digits.replace(",", "").strip(".")
    return Decimal(digits) if re.fullmatch(r"-?\d+(\.\d+)?", digits) else Decimal(0)


def count(path: Path, raw_table: str) -> Counted:
    """Rows and money of one file; money as it stands, whatever its sign."""
    records = records_of(path, raw_table)
    money = next(
        (name for name in MONEY.get(raw_table, ()) if records and name in records[0]), None
    )
    if money is None:
        return Counted(len(records), Decimal(0))
    cells = [record.get(money) or "" for record in records]
    decimal_comma = any(re.search(r"\d\.\d{3},\d|^\d+,\d{1,2}$", cell) for cell in cells)
    # A cell with a comma for decimals shows how all of the file's numbers are written.
    if not decimal_comma and path.suffix.lower() == ".csv":
        decimal_comma = all(re.fullmatch(r"\d{1,3}\.\d{3}", cell) for cell in cells if cell)
    return Counted(len(records), sum((abs(amount_of(c, decimal_comma)) for c in cells), Decimal(0)))


def files_of(raw: Path, raw_table: str) -> list[Path]:
    """The files of a table: `<table>.<suffix>`, or those at any depth of the folder `<table>`."""
    below = [path for path in raw.rglob("*") if path.is_file() and not _is_hidden(path)]
    return [
        path
        for path in sorted(below)
        if path.name.lower().endswith(SUFFIXES)
        and (
            path.relative_to(raw).parts[0].lower() == raw_table
            or (path.parent == raw and path.name.lower().split(".")[0] == raw_table)
        )
    ]


def _is_hidden(path: Path) -> bool:
    return path.name.startswith((".", "~$"))


def count_all(paths: Iterable[Path], raw_table: str) -> Counted:
    """Rows and money of files together."""
    counted = [count(path, raw_table) for path in paths]
    return Counted(sum(c.rows for c in counted), sum((c.money for c in counted), Decimal(0)))
