"""All files below the folder of exports: what each is, and the SQL that reads it."""

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import duckdb

from intake.contract import Contract, Table, load_contract
from intake.records import Records, UnreadableFileError, read_records, sql_text

SUFFIXES = (".csv", ".parquet")
PASSED_OVER = frozenset({"__macosx", "thumbs.db", "desktop.ini"})
ADAPTERS = "adapters"
MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_MONTH_NUMBERS = {
    name: number
    for number, month in enumerate(MONTHS, start=1)
    for name in (month, month[:3], month[:4])
}


@dataclass
class FileFacts:
    """A row of raw_files: what a file below the folder of exports is."""

    file: str
    raw_table: str | None = None
    adapter: str | None = None
    format: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    header_line: int | None = None
    lines: int | None = None
    is_read: bool = False
    note: str | None = None
    date_order: str | None = None
    decimal_mark: str | None = None
    time_zone: str | None = None


@dataclass(frozen=True)
class Header:
    """A row of raw_headers: what a header of a file means."""

    raw_table: str
    file: str
    position: int
    header: str
    column_name: str | None


@dataclass(frozen=True)
class Unreadable:
    """A Parquet file with the records of an export that cannot be split into cells."""

    raw_table: str
    file: str
    path: str


@dataclass
class Exports:
    """What is below a folder of exports.

    Attributes:
        files: Every file, in order of its name.
        headers: Every header of every file that is read.
        selects: By raw table, a SQL select for each of its files, oldest first.
        unreadable: Where records are that cannot be split into cells.
        problems: What stops a build, one line each.
        states: Size and time of change of every file, when it was looked at.
        folder_state: A hash of them.
    """

    files: list[FileFacts] = field(default_factory=list)
    headers: list[Header] = field(default_factory=list)
    selects: dict[str, list[str]] = field(default_factory=dict)
    unreadable: list[Unreadable] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    states: dict[str, list[int]] = field(default_factory=dict)
    folder_state: str = ""

    def to_json(self) -> str:
        """All of it as JSON text, for dbt."""
        return json.dumps(asdict(self), ensure_ascii=False)


@dataclass(frozen=True)
class _Source:
    """A file and how its records become those of a raw table."""

    path: Path
    name: str
    table: Table
    records: Records


def look(folder: Path, copies: Path, project: Path) -> Exports:
    """Everything that dbt has to know of a folder of exports.

    Args:
        folder: With the exports.
        copies: For clean copies of files that are not clean.
        project: With contract and spellings.

    Returns:
        Files, headers and SQL; what stops a build is among its problems.
    """
    contract = load_contract(project)
    found = Exports(states=file_states(folder))
    found.folder_state = state_hash(found.states)
    copies.mkdir(parents=True, exist_ok=True)
    sources = []
    for name in sorted(found.states):
        facts = FileFacts(name)
        found.files.append(facts)
        table = table_of(name, contract)
        if table is None:
            facts.note = "the name is that of no raw table"
            continue
        facts.raw_table = table.name
        source = _read(folder / name, name, table, copies, contract, found)
        if source is not None:
            sources.append(source)
            _fill(facts, source.records)
    found.problems += shape_problems(folder, found.files)
    _select_tables(sources, contract, found)
    found.problems += missing_tables(folder, contract, found)
    return found


def file_states(folder: Path) -> dict[str, list[int]]:
    """Size and time of change of every file below a folder, hidden ones left out, by name."""
    states = {}
    for path in _files(folder):
        status = path.stat()
        states[path.relative_to(folder).as_posix()] = [status.st_size, status.st_mtime_ns]
    return states


def state_hash(states: dict[str, list[int]]) -> str:
    """A short text that differs where any of the states does."""
    return hashlib.sha256(json.dumps(states, sort_keys=True).encode()).hexdigest()[:16]


def natural_key(name: str) -> tuple[tuple[int, int, str], ...]:
    """Orders file names with numbers by value, and months by their place in the year."""
    parts = re.findall(r"\d+|[^\W\d_]+|[\W_]+", name.casefold())
    return tuple(
        (0, int(part), "")
        if part.isdecimal()
        else (0, _MONTH_NUMBERS[part], "")
        if part in _MONTH_NUMBERS
        else (1, 0, part)
        for part in parts
    )


def file_order(name: str) -> tuple[object, ...]:
    """Orders the files of a table from the oldest to the newest, by their names."""
    folder, _, last = name.rpartition("/")
    return natural_key(last), natural_key(folder), name


def table_of(name: str, contract: Contract) -> Table | None:
    """The table that a file's name, or that of its folder, is that of."""
    if not name.lower().endswith(SUFFIXES):
        return None
    first = name.split("/")[0] if "/" in name else stem(name)
    return contract.tables.get(first.casefold())


def stem(name: str) -> str:
    """A file's name without what says its format."""
    lower = name.casefold()
    for suffix in SUFFIXES:
        if lower.endswith(suffix):
            return name[: -len(suffix)]
    return name


def shape_problems(folder: Path, files: Iterable[FileFacts]) -> list[str]:
    """Tables that are there in two shapes, so that their rows would count twice."""
    shapes: dict[str, list[str]] = {}
    for facts in files:
        if facts.raw_table is not None:
            first, slash, _ = facts.file.partition("/")
            shapes.setdefault(facts.raw_table, []).append(first + slash)
    return [
        f"{folder.as_posix()} has {' and '.join(dict.fromkeys(of_table))}: the rows of {table}"
        " would count twice. Keep one of them."
        for table, of_table in shapes.items()
        if len(set(of_table)) > 1
    ]


def missing_tables(folder: Path, contract: Contract, found: Exports) -> list[str]:
    """Tables without which others cannot be used, or nothing can."""
    there = {facts.raw_table for facts in found.files}
    groups: dict[str, list[Table]] = {}
    for table in contract.tables.values():
        if table.group is not None:
            groups.setdefault(table.group, []).append(table)
    advice = (
        "Put <table>.csv there, set HELIOS_RAW to the folder with your exports, or make simulated"
        " ones: python -m simulate"
    )
    begun = [group for group in groups.values() if any(table.name in there for table in group)]
    if not begun:
        needed = [
            " and ".join(table.name for table in group if table.required)
            for group in groups.values()
        ]
        return [
            f"There are no exports in the folder {folder.as_posix()}. Needed are the tables"
            f" {', or '.join(needed)}. {advice}"
        ]
    problems = []
    for group in begun:
        missing = [table.name for table in group if table.required and table.name not in there]
        present = [table.name for table in group if table.name in there]
        if missing:
            problems.append(
                f"There is no {' and no '.join(missing)} table in the folder {folder.as_posix()},"
                f" without which {' and '.join(present)} cannot be used. {advice}"
            )
    return problems


def _files(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not _is_passed_over(name)]
        yield from (Path(parent, name) for name in names if not _is_passed_over(name))


def _is_passed_over(name: str) -> bool:
    return name.startswith((".", "~$")) or name.casefold() in PASSED_OVER


def _read(
    path: Path, name: str, table: Table, copies: Path, contract: Contract, found: Exports
) -> _Source | None:
    def is_header(names: Sequence[str]) -> bool:
        meant = frozenset(filter(None, (contract.column_of(table.name, text) for text in names)))
        return not table.missing(meant)

    try:
        return _Source(path, name, table, read_records(path, copies, is_header))
    except UnreadableFileError as problem:
        found.problems.append(f"{name} {problem}")
    except (OSError, duckdb.Error) as problem:
        found.problems.append(
            f"{name} cannot be opened ({problem}). Export it again, or remove it."
        )
    return None


def _fill(facts: FileFacts, records: Records) -> None:
    facts.format = records.format
    facts.encoding = records.encoding
    facts.delimiter = records.delimiter
    facts.header_line = records.header_line
    facts.lines = records.lines
    facts.is_read = True
    facts.note = "; ".join(records.notes) or None


def _select_tables(sources: Iterable[_Source], contract: Contract, found: Exports) -> None:
    numbers: dict[str, int] = {}
    for source in sorted(sources, key=lambda source: file_order(source.name)):
        table = source.table.name
        numbers[table] = numbers.get(table, 0) + 1
        meant = [contract.column_of(table, name) for name in source.records.names]
        found.headers += [
            Header(table, source.name, position, header, column)
            for position, (header, column) in enumerate(
                zip(source.records.names, meant, strict=True), start=1
            )
        ]
        found.problems += header_problems(
            source.name, source.table, source.records, meant, contract
        )
        found.selects.setdefault(table, []).append(_select(source, numbers[table], meant))
        if source.records.unreadable is not None:
            path = source.records.unreadable.as_posix()
            found.unreadable.append(Unreadable(table, source.name, path))


def header_problems(
    file: str,
    table: Table,
    records: Records,
    meant: Sequence[str | None],
    contract: Contract,
) -> list[str]:
    """Required columns that a file lacks, and columns that two of its headers mean."""
    problems = []
    for column in table.columns:
        same = [name for name, of in zip(records.names, meant, strict=True) if of == column]
        if len(same) > 1:
            problems.append(
                f"{file}: the headers {' and '.join(map(_quoted, same))} both mean {column}."
                " Rename or remove one of them."
            )
    for column in table.missing(frozenset(filter(None, meant))):
        spellings = ", ".join((column, *sorted(contract.synonyms.get((table.name, column), ()))))
        problems.append(
            f"{file}: the required column {column} is missing. Accepted spellings: {spellings}"
            " (without regard to case, space or underscore). Rename the header, or add its"
            " spelling to seeds/reference/column_synonyms.csv."
        )
    return problems


def _quoted(text: str) -> str:
    return f"'{text}'"


def _select(source: _Source, number: int, meant: Sequence[str | None]) -> str:
    records = source.records
    cells = dict(zip(reversed(meant), reversed(records.cells), strict=True))
    columns = [
        f"cast({cells.get(column, 'null')} as varchar) as {column}"
        for column in source.table.columns
    ]
    return (
        ",\n    ".join(
            [
                f"select\n    cast('{sql_text(source.name)}' as varchar) as file",
                f"cast({number} as integer) as file_number",
                f"cast({records.record_number} as bigint) as record_number",
                f"hash({', '.join(records.cells)}) as row_hash",
                *columns,
            ]
        )
        + f"\nfrom {records.reader}"
    )
