"""All files below the folder of exports: what each is, and the SQL that reads it."""

import hashlib
import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from gzip import BadGzipFile
from pathlib import Path

from intake.adapters import (
    Adapter,
    AdapterError,
    adapter_select,
    claim,
    column_of,
    load_adapters,
    nearest,
)
from intake.contract import Contract, Table, load_contract
from intake.copies import remove_others
from intake.files import (
    ADAPTERS,
    file_order,
    file_states,
    first_name,
    format_of,
    stem,
    why_no_format,
)
from intake.headers import HeaderMeaning, cells_of_the_record, header_problems, meaning_of
from intake.records import Records, UnreadableFileError, read_records, sql_text


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
class Source:
    """A file whose records become those of a raw table.

    Attributes:
        file: Its name below the folder of exports.
        table: The raw table.
        records: Of the file.
        adapter: That makes the table's columns of them; None where headers are the table's.
    """

    file: str
    table: Table
    records: Records
    adapter: Adapter | None


class NotReadError(Exception):
    """A file that is left out; its message says why, and what to do."""


@dataclass(frozen=True)
class Reading:
    """What is needed to tell what a file is.

    Attributes:
        folder: With the exports.
        copies: For clean copies of files that are not clean.
        contract: Tables and spellings.
        adapters: Built in and of the user.
    """

    folder: Path
    copies: Path
    contract: Contract
    adapters: list[Adapter]

    def source(self, file: str) -> Source:
        """What a file is.

        Args:
            file: Its name below the folder.

        Returns:
            Its table and records.

        Raises:
            NotReadError: If it is left out.
            UnreadableFileError: If it is broken.
            AdapterError: If two adapters claim it.
        """
        if format_of(file) is None:
            raise NotReadError(why_no_format(file))
        table = self.contract.tables.get(first_name(file))
        return self._unnamed(file) if table is None else self._named(file, table)

    def _named(self, file: str, table: Table) -> Source:
        """A file that is called as a table, or is in a folder that is."""
        own = [adapter for adapter in self.adapters if self._may_claim(adapter, table)]

        def is_header(names: Sequence[str]) -> bool:
            columns = (self.contract.column_of(table.name, name) for name in names)
            return not table.missing(frozenset(filter(None, columns))) or bool(claim(own, names))

        try:
            records = read_records(self.folder / file, self.copies, is_header)
        except UnreadableFileError as problem:
            if problem.is_foreign and "/" in file:
                raise NotReadError(f"it {problem}") from problem
            raise
        return Source(file, table, records, claim(own, records.names))

    def _may_claim(self, adapter: Adapter, table: Table) -> bool:
        """Whether an adapter may read files that are called as a table.

        One that comes with Helios may where some header of its signature means nothing to the
        table: a file of which the contract knows them all needs no adapter.
        """
        if adapter.table != table.name:
            return False
        is_users = self.folder in Path(adapter.path).parents
        signature = (header for entry in adapter.headers for header in entry)
        return is_users or any(
            self.contract.column_of(table.name, header) is None for header in signature
        )

    def _unnamed(self, file: str) -> Source:
        """A file that only its headers tell."""

        def is_header(names: Sequence[str]) -> bool:
            return claim(self.adapters, names) is not None

        try:
            records = read_records(self.folder / file, self.copies, is_header, needs_header=True)
        except UnreadableFileError as problem:
            reason = "its name is that of no table, and"
            if problem.names is None:
                raise NotReadError(f"{reason} it {problem}") from problem
            raise NotReadError(f"{reason} {self._no_adapter(problem.names)}") from problem
        adapter = claim(self.adapters, records.names)
        if adapter is None:
            raise NotReadError(self._no_adapter(records.names))
        return Source(file, self.contract.tables[adapter.table], records, adapter)

    def _no_adapter(self, names: Sequence[str]) -> str:
        remedy = (
            "Rename it to <table>.csv, put it into a folder <table>/, or write an adapter for it"
            " (docs/adapters.md)."
        )
        found = nearest(self.adapters, names)
        if found is None:
            return f"its headers are those of no adapter. {remedy}"
        adapter, lacking = found
        lacked = f"lacks {', '.join(lacking)}" if lacking else "has a header that it excludes"
        return (
            f"its headers are those of no adapter (nearest: {adapter.name}, of which it"
            f" {lacked}). {remedy}"
        )


def look(folder: Path, copies: Path, project: Path) -> Exports:
    """Everything that dbt has to know of a folder of exports.

    Args:
        folder: With the exports.
        copies: For clean copies of files that are not clean.
        project: With contract, spellings and built-in adapters.

    Returns:
        Files, headers and SQL; what stops a build is among its problems.
    """
    found = Exports(states=file_states(folder, copies))
    found.folder_state = state_hash(found.states)
    contract = load_contract(project)
    try:
        adapters = load_adapters([project / ADAPTERS, folder / ADAPTERS], contract)
    except AdapterError as problem:
        found.problems += str(problem).splitlines()
        return found
    copies.mkdir(parents=True, exist_ok=True)
    reading = Reading(folder, copies, contract, adapters)
    sources = []
    for file in sorted(found.states):
        if file.partition("/")[0] != ADAPTERS or format_of(file) is not None:
            facts = FileFacts(file)
            found.files.append(facts)
            sources += _sources(reading, facts, found.problems)
    found.problems += shape_problems(folder, [source.file for source in sources], contract)
    _select_all(sources, contract, adapters, found)
    found.problems += missing_tables(folder, contract, found.files)
    remove_others(copies, _copies(sources))
    return found


def state_hash(states: dict[str, list[int]]) -> str:
    """A short text that differs where any of the states does."""
    return hashlib.sha256(json.dumps(states, sort_keys=True).encode()).hexdigest()[:16]


def shape_problems(folder: Path, files: Iterable[str], contract: Contract) -> list[str]:
    """Tables and parts of tables that are there in two shapes, so that rows would count twice."""
    shapes: dict[str, list[str]] = {}
    parts: dict[str, list[str]] = {}
    for file in files:
        table = first_name(file)
        if table in contract.tables:
            first, slash, _ = file.partition("/")
            shapes.setdefault(table, []).append(first + slash)
            parts.setdefault(stem(file).casefold(), []).append(file)
    problems = [
        f"{folder.as_posix()} has {' and '.join(dict.fromkeys(of_table))}: the rows of {table}"
        " would count twice. Keep one of them."
        for table, of_table in shapes.items()
        if len(set(of_table)) > 1
    ]
    problems += [
        f"{folder.as_posix()} has {' and '.join(same)}: their rows would count twice. Keep one of"
        " them."
        for same in parts.values()
        if len(same) > 1 and "/" in same[0]
    ]
    return problems


def missing_tables(folder: Path, contract: Contract, files: Iterable[FileFacts]) -> list[str]:
    """Tables without which others cannot be used, or nothing can."""
    there = {facts.raw_table for facts in files}
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


def _sources(reading: Reading, facts: FileFacts, problems: list[str]) -> list[Source]:
    """The file as a source, if it is one; fills in its facts."""
    table = reading.contract.tables.get(first_name(facts.file))
    facts.format = format_of(facts.file)
    try:
        source = reading.source(facts.file)
    except NotReadError as problem:
        facts.note = str(problem)
        return []
    except AdapterError as problem:
        problems.append(f"{facts.file}: {problem}")
    except UnreadableFileError as problem:
        problems.append(f"{facts.file} {problem}")
    except (EOFError, zlib.error, BadGzipFile) as problem:
        problems.append(
            f"{facts.file} cannot be decompressed to its end ({problem}). Download or compress it"
            " again."
        )
    except OSError as problem:
        problems.append(
            f"{facts.file} cannot be opened ({problem.strerror}). Check that it is there and may be"
            " read, or remove it."
        )
    else:
        _fill(facts, source)
        return [source]
    facts.note = problems[-1]
    facts.raw_table = table.name if table is not None else None
    return []


def _fill(facts: FileFacts, source: Source) -> None:
    records = source.records
    facts.raw_table = source.table.name
    facts.format = records.format
    facts.encoding = records.encoding
    facts.delimiter = records.delimiter
    facts.header_line = records.header_line
    facts.lines = records.lines
    facts.is_read = True
    facts.note = "; ".join(records.notes) or None
    if source.adapter is not None:
        settings = source.adapter.settings
        facts.adapter = source.adapter.name
        _add_notes(facts, [f"read by the adapter {source.adapter.name}"])
        facts.date_order = settings.date_order
        facts.decimal_mark = settings.decimal
        facts.time_zone = settings.time_zone


def _select_all(
    sources: Iterable[Source], contract: Contract, adapters: Sequence[Adapter], found: Exports
) -> None:
    """Write the select of each source, number the files of each table, and judge headers."""
    facts = {of_file.file: of_file for of_file in found.files}
    numbers: dict[str, int] = {}
    for source in sorted(sources, key=lambda source: file_order(source.file)):
        table, records = source.table, source.records
        numbers[table.name] = number = numbers.get(table.name, 0) + 1
        columns: list[str | None]
        if source.adapter is None:
            meaning = meaning_of(table, records.names, contract)
            problems = header_problems(source.file, table, records, meaning, contract)
            if problems and (better := claim(adapters, records.names)) is not None:
                problems = [
                    f"{source.file}: its headers are those of the adapter {better.name}, but its"
                    f" name is that of the table {table.name}. Move it out of the folder"
                    f" {table.name}/, or rename it."
                ]
            found.problems += problems
            _add_notes(facts[source.file], meaning.notes)
            facts[source.file].date_order = meaning.date_order
            facts[source.file].time_zone = meaning.time_zone
            select = _select(source, number, meaning)
            columns = list(meaning.columns)
        else:
            adapter = source.adapter
            select = adapter_select(adapter, records, source.file, number, tuple(table.columns))
            columns = [column_of(adapter, name) for name in records.names]
        found.selects.setdefault(table.name, []).append(select)
        found.headers += [
            Header(table.name, source.file, position, header, column)
            for position, (header, column) in enumerate(
                zip(records.names, columns, strict=True), start=1
            )
            if header
        ]
        if records.unreadable is not None:
            path = records.unreadable.as_posix()
            found.unreadable.append(Unreadable(table.name, source.file, path))


def _add_notes(facts: FileFacts, notes: Iterable[str]) -> None:
    facts.note = "; ".join(filter(None, (facts.note, *notes))) or None


def _select(source: Source, number: int, meaning: HeaderMeaning) -> str:
    """The select of a file whose headers are those of its table."""
    records = source.records
    cells: dict[str | None, str] = {}
    for column, cell in zip(meaning.columns, records.cells, strict=True):
        cells.setdefault(column, cell)
    if meaning.currency is not None:
        cells["currency"] = f"'{meaning.currency}'"
    columns = [
        f"cast({cells.get(column, 'null')} as varchar) as {column}"
        for column in source.table.columns
    ]
    hashed = cells_of_the_record(records, [column is not None for column in meaning.columns])
    selected = [
        f"cast('{sql_text(source.file)}' as varchar) as file",
        f"cast({number} as integer) as file_number",
        f"cast({records.record_number} as bigint) as record_number",
        f"hash({', '.join(hashed)}) as row_hash",
        *columns,
    ]
    return "select\n    " + ",\n    ".join(selected) + f"\nfrom {records.reader}"


def _copies(sources: Iterable[Source]) -> list[str]:
    paths = [
        path for source in sources for path in (source.records.copy, source.records.unreadable)
    ]
    return [path.name for path in paths if path is not None]
