"""A report that nothing recognises: what its headers may mean, and the adapter that says so."""

import csv
import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import yaml
from babel.numbers import list_currencies

from intake.contract import Contract, Table, header_key
from intake.files import stem
from intake.records import Records, UnreadableFileError, read_records
from viewer.folders import PROJECT_ROOT
from viewer.uploads import UploadError

SYNONYMS = PROJECT_ROOT / "seeds" / "reference" / "value_synonyms.csv"
RECORDS_LOOKED_AT = 10_000
SAMPLES = 5
LONGEST_SAMPLE = 40
MOST_WORDS = 30
LEAST_ALIKE = 0.6
SURELY_ALIKE = 0.82
DATE_ORDERS = ("day first", "month first", "year first")
NUMBER = re.compile(r"[\s\d.,/:+-]+")
DECIMAL_MARKS = ("point", "comma")


@dataclass
class Mapped:
    """What somebody says that a report means: what an adapter says of it.

    Headers are by column, and so are constants, the text that is the same in every row; values are
    canonical words by word of the report, by coded field.
    """

    table: str
    headers: dict[str, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)


def records_of(path: Path, copies: Path) -> Records:
    """The records of a file of which nothing is known: the first line of names is its header."""

    def is_header(names: Sequence[str]) -> bool:
        filled = [name for name in names if name.strip()]
        return len(filled) >= 2 and not any(map(NUMBER.fullmatch, filled))

    copies.mkdir(parents=True, exist_ok=True)
    try:
        return read_records(path, copies, is_header)
    except UnreadableFileError as problem:
        raise UploadError(f"{path.name} {problem}") from problem
    except OSError as problem:
        raise UploadError(f"{path.name} cannot be opened: {problem.strerror}.") from problem


def header_facts(records: Records) -> pd.DataFrame:
    """header, filled (as a share of the first records) and samples of its values."""
    named = [(name, cell) for name, cell in zip(records.names, records.cells, strict=True) if name]
    facts = [
        f"coalesce(avg((c{i} <> '')::int), 0),"
        f" list_sort(list(distinct c{i}) filter (c{i} <> ''))[:{SAMPLES}]"
        for i in range(len(named))
    ]
    cells = [f"coalesce(trim({cell}), '') as c{i}" for i, (_, cell) in enumerate(named)]
    [found] = _answer(
        f"select {', '.join(facts)} from (select {', '.join(cells)} from {records.reader}"
        f" limit {RECORDS_LOOKED_AT})"
    )
    samples = ["; ".join(map(_shortened, values or [])) for values in found[1::2]]
    headers = [name for name, _ in named]
    return pd.DataFrame({"header": headers, "filled": found[0::2], "samples": samples})


def unknown_words(field_name: str, records: Records, header: str) -> list[str]:
    """Of the most frequent values under a header, those that no spelling of a field means."""
    cell = records.cells[records.names.index(header)]
    words = _answer(
        f"select trim({cell}) from {records.reader} where trim({cell}) <> ''"
        f" group by 1 order by count(*) desc, 1 limit {MOST_WORDS}"
    )
    known = _known_spellings().get(field_name, {})
    return [word for (word,) in words if _word_key(word) not in known]


def _answer(sql: str) -> list[Any]:
    try:
        with duckdb.connect() as connection:
            return connection.execute(sql).fetchall()
    except duckdb.Error as error:
        raise UploadError(f"The file cannot be read: {str(error).splitlines()[0]}") from error


def best_table(contract: Contract, names: Sequence[str]) -> str:
    """The table most of whose columns these headers name; that of the most columns if none does."""
    return max(
        contract.tables.values(),
        key=lambda table: (len(_meant(contract, table, names)), len(table.columns)),
    ).name


def fitting_tables(contract: Contract, names: Sequence[str]) -> list[str]:
    """Tables whose required columns are all among these headers; the best first.

    A report in which one header happens to be that of a table is none of it: half of the headers
    have to be.
    """
    filled = [name for name in names if name.strip()]
    found = []
    for table in contract.tables.values():
        columns = _meant(contract, table, filled)
        if 2 * len(columns) >= max(len(filled), 4) and not table.missing(columns):
            found.append((-len(columns), table.name))
    return [name for _, name in sorted(found)]


def _meant(contract: Contract, table: Table, names: Sequence[str]) -> frozenset[str]:
    """The columns of a table that these headers name."""
    return frozenset(filter(None, (contract.column_of(table.name, name) for name in names)))


def suggested(contract: Contract, table: str, column: str, names: Sequence[str]) -> list[str]:
    """The headers that may mean a column of a table, the likeliest first; all others after them."""
    return sorted(names, key=lambda name: -_likeness(contract, table, column, name))


def suggestion(contract: Contract, table: str, column: str, names: Sequence[str]) -> str | None:
    """The header that a column most likely comes from; None if no header is like it."""
    best = suggested(contract, table, column, names)[0]
    return best if _likeness(contract, table, column, best) >= SURELY_ALIKE else None


@cache
def _known_spellings() -> dict[str, dict[str, str]]:
    """Of each coded field, the word that each known spelling means."""
    spellings: dict[str, dict[str, str]] = {}
    with SYNONYMS.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            spellings.setdefault(row["field"], {})[_word_key(row["spelling"])] = row["value"]
    return spellings


def words_of(field_name: str) -> list[str]:
    """The words that a coded field has."""
    return list(dict.fromkeys(_known_spellings().get(field_name, {}).values()))


def currencies() -> list[str]:
    """ISO 4217 codes, the usual ones first."""
    usual = ["INR", "USD", "EUR", "GBP", "AED", "SGD"]
    return [*usual, *sorted(list_currencies() - {*usual})]


def adapter_name(file: str) -> str:
    """A name for the adapter of a file, of its own name without numbers and dates."""
    return "_".join(re.findall(r"[a-z]+", stem(file).lower()))[:40] or "report"


def is_adapter_name(name: str) -> bool:
    """Whether a name can be that of an adapter's file."""
    return re.fullmatch(r"[a-z][a-z0-9_]{0,59}", name) is not None


def adapter_text(mapped: Mapped, file: str) -> str:
    """The adapter, as YAML, that says what was mapped of a file of this name.

    Raises:
        UploadError: If no header is mapped, by which the report could be known again.
    """
    if not mapped.headers:
        raise UploadError("No header is mapped yet. Choose where each column comes from.")
    entries: dict[str, Any] = {
        "table": mapped.table,
        "headers": list(dict.fromkeys(mapped.headers.values())),
        "settings": mapped.settings,
        "columns": {
            **mapped.headers,
            **{column: {"constant": text} for column, text in mapped.constants.items()},
        },
        "values": mapped.values,
    }
    filled = {name: entry for name, entry in entries.items() if entry}
    body = yaml.safe_dump(filled, sort_keys=False, allow_unicode=True, width=100)
    return f"# Mapped by hand from {_one_line(file)}.\n{body}"


def _likeness(contract: Contract, table: str, column: str, name: str) -> float:
    """How much a header is like a column: 1 where a known spelling says so."""
    meant = contract.column_of(table, name)
    if meant == column:
        return 1.0
    if meant is not None:
        return 0.0
    key = header_key(name)
    alike = [
        difflib.SequenceMatcher(None, key, spelling).ratio()
        for spelling, of in contract.spellings[table].items()
        if of == column
    ]
    best = max(alike, default=0.0)
    return best if best >= LEAST_ALIKE else 0.0


def _word_key(word: str) -> str:
    return "".join(word.split()).lower()


def _shortened(value: str) -> str:
    value = _one_line(value)
    return value if len(value) <= LONGEST_SAMPLE else f"{value[: LONGEST_SAMPLE - 1]}…"


def _one_line(text: str) -> str:
    return " ".join(text.split())
