"""A report that nothing recognises: what its headers may mean, and the adapter that says so."""

import csv
import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml
from babel.numbers import list_currencies

from intake.contract import Contract, Table, header_key
from intake.records import Records, UnreadableFileError, read_records
from viewer.folders import PROJECT_ROOT

SYNONYMS = PROJECT_ROOT / "seeds" / "reference" / "value_synonyms.csv"
FEWEST_HEADERS = 2
RECORDS_LOOKED_AT = 10_000
SAMPLES = 5
LONGEST_SAMPLE = 40
MOST_WORDS = 30
LEAST_ALIKE = 0.6
SURELY_ALIKE = 0.82
DATE_ORDERS = ("day first", "month first", "year first")
USUAL_CURRENCIES = ("INR", "USD", "EUR", "GBP", "AED", "SGD")
DECIMAL_MARKS = ("point", "comma")


class MappingError(Exception):
    """A file that cannot be mapped; the message is one line for the user."""


@dataclass(frozen=True)
class HeaderFacts:
    """What is under a header.

    Attributes:
        header: As written.
        filled: Share of the records that have something there.
        samples: Some distinct values.
    """

    header: str
    filled: float
    samples: tuple[str, ...]


@dataclass(frozen=True)
class Mapped:
    """What somebody says that a report means.

    Attributes:
        table: The raw table that it becomes rows of.
        headers: Header by column.
        constants: Text that is the same in every row, by column.
        settings: How its cells are written, as in an adapter.
        values: Canonical word by word of the report, by coded field.
    """

    table: str
    headers: Mapping[str, str]
    constants: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def records_of(path: Path, copies: Path) -> Records:
    """The records of a file of which nothing is known: its first line with two names is the header.

    Raises:
        MappingError: If it cannot be read.
    """

    def is_header(names: Sequence[str]) -> bool:
        filled = [name for name in names if name.strip()]
        return len(filled) >= FEWEST_HEADERS and not any(map(_is_number, filled))

    copies.mkdir(parents=True, exist_ok=True)
    try:
        return read_records(path, copies, is_header)
    except UnreadableFileError as problem:
        raise MappingError(f"{path.name} {problem}") from problem
    except OSError as problem:
        raise MappingError(f"{path.name} cannot be opened: {problem.strerror}.") from problem


def header_facts(records: Records) -> list[HeaderFacts]:
    """How full each header is, and some values under it, of the first records.

    Raises:
        MappingError: If the database cannot read them.
    """
    named = [(name, f"c{i}") for i, name in enumerate(records.names) if name]
    cells = [
        f"nullif(trim({cell}), '') as c{i}"
        for i, (name, cell) in enumerate(zip(records.names, records.cells, strict=True))
        if name
    ]
    figures = [f"count({cell}), list(distinct {cell}) filter ({cell} <> '')" for _, cell in named]
    try:
        with duckdb.connect() as connection:
            row = connection.execute(
                f"select count(*), {', '.join(figures)} from (select {', '.join(cells)}"
                f" from {records.reader} limit {RECORDS_LOOKED_AT})"
            ).fetchone()
    except duckdb.Error as error:
        raise MappingError(f"The file cannot be read: {str(error).splitlines()[0]}") from error
    total, *rest = row or (0,)
    return [
        HeaderFacts(
            name,
            rest[2 * i] / total if total else 0.0,
            tuple(_shortened(value) for value in sorted(rest[2 * i + 1] or [])[:SAMPLES]),
        )
        for i, (name, _) in enumerate(named)
    ]


def distinct_words(records: Records, header: str) -> list[str]:
    """The most frequent values under a header, at most MOST_WORDS."""
    cell = records.cells[records.names.index(header)]
    try:
        with duckdb.connect() as connection:
            rows = connection.execute(
                f"select trim({cell}) as word from {records.reader} where trim({cell}) <> ''"
                f" group by word order by count(*) desc, word limit {MOST_WORDS}"
            ).fetchall()
    except duckdb.Error as error:
        raise MappingError(f"The file cannot be read: {str(error).splitlines()[0]}") from error
    return [word for (word,) in rows]


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
    """The headers that may mean a column, the likeliest first; all others after them.

    Args:
        contract: With the known spellings.
        table: The raw table.
        column: One of its columns.
        names: The headers.
    """
    return sorted(names, key=lambda name: -_likeness(contract, table, column, name))


def suggestion(
    contract: Contract, table: str, column: str, names: Sequence[str], taken: set[str]
) -> str | None:
    """The header that a column most likely comes from; None if no header is like it.

    Args:
        contract: With the known spellings.
        table: The raw table.
        column: One of its columns.
        names: The headers.
        taken: Headers that known spellings give to other columns.
    """
    for name in suggested(contract, table, column, names):
        likeness = _likeness(contract, table, column, name)
        if likeness >= 1 or (likeness >= SURELY_ALIKE and name not in taken):
            return name
        if likeness < SURELY_ALIKE:
            return None
    return None


def unknown_words(field_name: str, words: Sequence[str]) -> list[str]:
    """Those words that no spelling of a coded field means."""
    known = known_spellings().get(field_name, {})
    return [word for word in words if _word_key(word) not in known]


@cache
def known_spellings() -> dict[str, dict[str, str]]:
    """Of each coded field, the word that each known spelling means."""
    spellings: dict[str, dict[str, str]] = {}
    with SYNONYMS.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            spellings.setdefault(row["field"], {})[_word_key(row["spelling"])] = row["value"]
    return spellings


def words_of(field_name: str) -> list[str]:
    """The words that a coded field has."""
    return list(dict.fromkeys(known_spellings().get(field_name, {}).values()))


def currencies() -> list[str]:
    """ISO 4217 codes, the usual ones first."""
    others = sorted(list_currencies() - set(USUAL_CURRENCIES))
    return [*USUAL_CURRENCIES, *others]


def adapter_name(file: str) -> str:
    """A name for the adapter of a file, of its own name without numbers and dates."""
    stem = re.sub(r"\.(csv|tsv|txt|parquet|xlsx)(\.gz)?$|\.gz$", "", file, flags=re.I)
    words = re.findall(r"[a-z]+", stem.lower())
    return "_".join(words)[:40] or "report"


def is_adapter_name(name: str) -> bool:
    """Whether a name can be that of an adapter's file."""
    return re.fullmatch(r"[a-z][a-z0-9_]{0,59}", name) is not None


def adapter_text(mapped: Mapped, file: str) -> str:
    """The adapter file that says what was mapped.

    Args:
        mapped: What somebody says that the report means.
        file: Name of the file that it was said of.

    Returns:
        YAML.

    Raises:
        MappingError: If no header is mapped, by which the report could be known again.
    """
    headers = list(dict.fromkeys(mapped.headers.values()))
    if not headers:
        raise MappingError("No header is mapped yet. Choose where each column comes from.")
    columns: dict[str, Any] = {
        **mapped.headers,
        **{column: {"constant": text} for column, text in mapped.constants.items()},
    }
    entries: dict[str, Any] = {"table": mapped.table, "headers": headers}
    if mapped.settings:
        entries["settings"] = dict(mapped.settings)
    entries["columns"] = columns
    values = {name: dict(words) for name, words in mapped.values.items() if words}
    if values:
        entries["values"] = values
    body = yaml.safe_dump(entries, sort_keys=False, allow_unicode=True, width=100)
    return f"# Mapped by hand from {_one_line(file)}.\n{body}"


def _likeness(contract: Contract, table: str, column: str, name: str) -> float:
    """How much a header is like a column: 1 where a known spelling says so."""
    meant = contract.column_of(table, name)
    if meant == column:
        return 1.0
    if meant is not None:
        return 0.0
    key = header_key(name)
    spellings = [key_ for key_, of in contract.spellings[table].items() if of == column]
    alike = [difflib.SequenceMatcher(None, key, spelling).ratio() for spelling in spellings]
    best = max(alike, default=0.0)
    return best if best >= LEAST_ALIKE else 0.0


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[\s\d.,/:+-]+", text) is not None


def _word_key(word: str) -> str:
    return "".join(word.split()).lower()


def _shortened(value: str) -> str:
    value = _one_line(value)
    return value if len(value) <= LONGEST_SAMPLE else f"{value[: LONGEST_SAMPLE - 1]}…"


def _one_line(text: str) -> str:
    return " ".join(text.split())
