"""What raw tables may hold: the contract of the sources, and the spellings of their headers."""

import csv
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml
from babel.numbers import list_currencies

CONTRACT_FILE = "models/intake/_intake__sources.yml"
SYNONYMS_FILE = "seeds/reference/column_synonyms.csv"
# What a bracket of a header may hold, besides currencies, without meaning another column.
UNITS = frozenset(
    {
        *("#", "%", "pct", "percent", "percentage"),
        *("no", "nos", "num", "number", "count", "qty", "unit", "units", "pcs", "text"),
        *("s", "sec", "secs", "second", "seconds", "min", "mins", "minute", "minutes"),
        *("h", "hr", "hrs", "hour", "hours", "d", "day", "days", "date"),
        *("required", "mandatory", "optional"),
        *("yyyymmdd", "ddmmyyyy", "mmddyyyy", "ddmmyy", "mmddyy", "ymd", "dmy", "mdy"),
        *("ist", "utc", "gmt"),
    }
)
DATE_ORDERS = {
    **dict.fromkeys(("ddmmyyyy", "ddmmyy", "dmy"), "day first"),
    **dict.fromkeys(("mmddyyyy", "mmddyy", "mdy"), "month first"),
    **dict.fromkeys(("yyyymmdd", "ymd"), "year first"),
}
TIME_ZONES = {"ist": "Asia/Kolkata", "utc": "UTC", "gmt": "UTC"}
CURRENCY_SIGNS = {
    **dict.fromkeys(("₹", "rs", "inrs", "rupee", "rupees", "indianrupees"), "INR"),
    **dict.fromkeys(("$", "us$", "dollar", "dollars", "usdollars"), "USD"),
    **dict.fromkeys(("€", "euro", "euros"), "EUR"),
    **dict.fromkeys(("£", "poundsterling"), "GBP"),
    **dict.fromkeys(("s$",), "SGD"),
    **dict.fromkeys(("dhs", "aed"), "AED"),
}
_BRACKET = re.compile(r"[(\[{]([^()\[\]{}]*)[)\]}]")
_IGNORED = frozenset("_-./\\*:;,'\"`´‘’“”‐‑–—")


@dataclass(frozen=True)
class Column:
    """A column of a raw table.

    Attributes:
        name: Of the column.
        required: Whether a file without it stops the build.
        alternative: A column that does in its place, if any.
        kind: What its cells hold, such as `amount`.
        words: The list of words that its cells are taken from, if any.
        fatal: Whether an unreadable cell costs the row.
    """

    name: str
    required: bool
    alternative: str | None
    kind: str
    words: str | None
    fatal: bool


@dataclass(frozen=True)
class Table:
    """A raw table.

    Attributes:
        name: Of the table.
        group: The tables that go together with it, if any.
        required: Whether its group cannot do without it.
        columns: By name, in order.
    """

    name: str
    group: str | None
    required: bool
    columns: dict[str, Column]

    def missing(self, columns: frozenset[str]) -> tuple[str, ...]:
        """The required columns that are not among these, and have no alternative among them."""
        return tuple(
            column.name
            for column in self.columns.values()
            if column.required
            and column.name not in columns
            and (column.alternative is None or column.alternative not in columns)
        )


@dataclass(frozen=True)
class Contract:
    """All raw tables, and which header means which column.

    Attributes:
        tables: By name.
        spellings: Column by header_key, by table.
        synonyms: Accepted spellings as written, by table and column, for messages.
    """

    tables: dict[str, Table]
    spellings: dict[str, dict[str, str]]
    synonyms: dict[tuple[str, str], tuple[str, ...]]

    def column_of(self, table: str, header: str) -> str | None:
        """The column of a table that a header means; None if none."""
        return self.spellings[table].get(header_key(header))


def load_contract(project: Path) -> Contract:
    """The contract of a project.

    Args:
        project: Its folder.

    Returns:
        Tables with their columns and spellings.
    """
    text = (project / CONTRACT_FILE).read_text(encoding="utf-8")
    # The loader in C, where there is one, is ten times as fast.
    declared = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    [raw] = [source for source in declared["sources"] if source["name"] == "raw"]
    tables = {table["name"]: _table(table) for table in raw["tables"]}
    spellings = {
        table.name: {header_key(column): column for column in table.columns}
        for table in tables.values()
    }
    synonyms: dict[tuple[str, str], tuple[str, ...]] = {}
    with (project / SYNONYMS_FILE).open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            table, column, spelling = row["raw_table"], row["column_name"], row["spelling"]
            if column in (tables[table].columns if table in tables else ()):
                spellings[table].setdefault(header_key(spelling), column)
                synonyms[table, column] = (*synonyms.get((table, column), ()), spelling)
    return Contract(tables, spellings, synonyms)


@lru_cache(maxsize=1 << 14)
def header_key(text: str) -> str:
    """A header as headers are compared: without case, blanks, marks, or a unit in brackets.

    Args:
        text: The header as written.

    Returns:
        Its key; `Net Revenue* (INR)` and `net_revenue` have the same.
    """
    return _plain(_BRACKET.sub(_without_unit, unicodedata.normalize("NFKC", text)))


def header_currency(text: str) -> str | None:
    """The currency that a header gives as its unit in brackets.

    Args:
        text: The header as written, such as `Revenue (USD)`.

    Returns:
        An ISO 4217 code, or None where there is no such unit.
    """
    for unit in header_units(text):
        currency = _currency(unit)
        if currency is not None:
            return currency
    return None


def header_units(text: str) -> list[str]:
    """What stands in the brackets of a header, as `_plain` has it: `Date (mm/dd/yyyy)`."""
    return [_plain(unit) for unit in _BRACKET.findall(unicodedata.normalize("NFKC", text))]


def _table(declared: Mapping[str, Any]) -> Table:
    meta = declared.get("config", {}).get("meta", {})
    columns = {column["name"]: _column(column) for column in declared["columns"]}
    return Table(declared["name"], meta.get("group"), bool(meta.get("required")), columns)


def _column(declared: Mapping[str, Any]) -> Column:
    meta = declared.get("config", {}).get("meta", {})
    return Column(
        name=declared["name"],
        required=bool(meta.get("required")),
        alternative=meta.get("or"),
        kind=meta.get("kind", "text"),
        words=meta.get("words"),
        fatal=bool(meta.get("fatal")),
    )


def _plain(text: str) -> str:
    return "".join(
        letter
        for letter in text.lower()
        if letter not in _IGNORED
        and not letter.isspace()
        and unicodedata.category(letter) not in ("Cf", "Cc")
    )


def _without_unit(bracket: re.Match[str]) -> str:
    unit = _plain(bracket[1]).removeprefix("in")
    is_unit = not unit or unit in UNITS or _currency(bracket[1]) is not None
    return "" if is_unit else bracket[0]


def _currency(unit: str) -> str | None:
    plain = _plain(unit)
    for text in (plain, plain.removeprefix("in")):
        if text in CURRENCY_SIGNS:
            return CURRENCY_SIGNS[text]
        if text.upper() in _currencies():
            return text.upper()
    return None


@cache
def _currencies() -> frozenset[str]:
    return frozenset(list_currencies())
