"""A look at exports before a build: what each file is, which rows would count, what is wrong.

The figures are those of the very models of a build, made in a warehouse of their own that is
removed afterwards; nothing is published.
"""

import csv
import difflib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from intake.contract import Contract, Table, header_key, load_contract
from intake.exports import Exports, FileFacts, look

STATUSES = ("accepted", "rejected", "superseded", "duplicate", "unreadable")
# Columns of the staging models that hold the money of a row.
AMOUNTS = {"tracking_data": "revenue", "payouts": "total_payout"}
LARGEST_NOT_FOUND_SHARE = Decimal("0.02")
REASONS_FILE = "seeds/reference/reasons.csv"
MODELS = ("+rpt_data_health", "+rpt_not_found", "+fct_rejected_rows")
# A step as dbt reports it, such as "12 of 46 OK created sql table model"; hooks are counted apart.
STEP = re.compile(r"(\d+) of (\d+) (?!START)(?!\w+ hook)[\w-]+ ")
STOPPED = "Encountered an error:"
LAST_LINES = 8
LEAST_ALIKE = 0.75
# Each further pass leaves out the files that stopped the one before.
MOST_PASSES = 4

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Tally:
    """Rows and money by what became of them.

    Attributes:
        rows: Number of rows by status, one of STATUSES.
        amounts: Money by status, without regard to its sign; that of unreadable rows is not known.
        rows_noted: Accepted rows of which a cell could not be used.
    """

    rows: Mapping[str, int] = field(default_factory=dict)
    amounts: Mapping[str, Decimal] = field(default_factory=dict)
    rows_noted: int = 0

    @property
    def rows_read(self) -> int:
        """All rows, unreadable ones too."""
        return sum(self.rows.values())

    @property
    def amount_read(self) -> Decimal:
        """Money of all rows."""
        return sum(self.amounts.values(), Decimal(0))

    def __add__(self, other: "Tally") -> "Tally":
        """Both together."""
        return Tally(
            _added(self.rows, other.rows, 0),
            _added(self.amounts, other.amounts, Decimal(0)),
            self.rows_noted + other.rows_noted,
        )


@dataclass(frozen=True)
class HeaderCheck:
    """A header of a file.

    Attributes:
        header: As written.
        column: The column that it is read as; None if it is not read.
        nearest: For a header that is not read, a column of which a known spelling is like it.
    """

    header: str
    column: str | None
    nearest: str | None


@dataclass(frozen=True)
class FileCheck:
    """A file below the folder of exports.

    Attributes:
        file: Its name below the folder.
        raw_table: The table that its rows are of; None if it is not read.
        adapter: That reads it, if one does.
        is_read: Whether it is read.
        note: What was assumed; or why it is not read, and what to do.
        headers: In order.
        tally: Of its rows.
    """

    file: str
    raw_table: str | None
    adapter: str | None
    is_read: bool
    note: str | None
    headers: tuple[HeaderCheck, ...] = ()
    tally: Tally = Tally()


@dataclass(frozen=True)
class TableCheck:
    """A raw table.

    Attributes:
        raw_table: Its name.
        files: Number of its files.
        tally: Of their rows.
    """

    raw_table: str
    files: int
    tally: Tally


@dataclass(frozen=True)
class ReasonCheck:
    """Why rows do not count, or count without a cell; with the first of them.

    Attributes:
        raw_table: Of the rows.
        row_status: One of STATUSES.
        code: One of seeds/reference/reasons.csv.
        column: At fault, if one is.
        rows: Number of rows.
        amount: Their money.
        file: Of the first row.
        record_number: Of the first row in its file.
        value: Of the first row.
        reason: What is wrong with the first row, in words.
        remedy: What to do.
    """

    raw_table: str
    row_status: str
    code: str
    column: str | None
    rows: int
    amount: Decimal
    file: str
    record_number: int
    value: str | None
    reason: str
    remedy: str


@dataclass(frozen=True)
class NotFoundCheck:
    """A value that the exports name and that is found nowhere.

    Attributes:
        field: What it should be, such as coupon_code.
        raw_table: Whose rows name it.
        value: As it is read.
        rows: Number of rows that name it.
        amount: Their money; None for tables without money.
        nearest: The known value that is spelled most alike, if any is.
        reason: Where it is missing, and what follows.
    """

    field: str
    raw_table: str
    value: str
    rows: int
    amount: Decimal | None
    nearest: str | None
    reason: str


@dataclass(frozen=True)
class CheckResult:
    """What a build of a folder of exports would do.

    Attributes:
        files: Every file, by name.
        tables: Every table that has files.
        reasons: Why rows do not count, the most costly first.
        not_found: Values found nowhere, the most costly first.
        problems: What stops a build, one line each.
        left_out: Files with a problem, without which the figures are.
    """

    files: tuple[FileCheck, ...] = ()
    tables: tuple[TableCheck, ...] = ()
    reasons: tuple[ReasonCheck, ...] = ()
    not_found: tuple[NotFoundCheck, ...] = ()
    problems: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def not_read(self) -> tuple[FileCheck, ...]:
        """Files that are not read."""
        return tuple(file for file in self.files if not file.is_read)

    @property
    def not_found_shares(self) -> dict[tuple[str, str], Decimal]:
        """By field and table, the share of the table's money whose value is found nowhere."""
        read = {table.raw_table: table.tally.amount_read for table in self.tables}
        sums: dict[tuple[str, str], Decimal] = {}
        for value in self.not_found:
            key = value.field, value.raw_table
            sums[key] = sums.get(key, Decimal(0)) + (value.amount or 0)
        return {
            key: amount / read[key[1]] for key, amount in sums.items() if read.get(key[1], 0) > 0
        }

    @property
    def is_good(self) -> bool:
        """Whether every file is read, nothing stops, and hardly any money names what is unknown."""
        shares = self.not_found_shares.values()
        return not (
            self.problems
            or self.not_read
            or any(share > LARGEST_NOT_FOUND_SHARE for share in shares)
        )


def check(folder: Path, project: Path, progress: Progress | None = None) -> CheckResult:
    """What a build of a folder of exports would do, found by its own models.

    A file with a problem does not hide those of others: it is left out, and the rest is looked at.

    Args:
        folder: With the exports.
        project: Folder of the project.
        progress: Is told what is being done, in a few words.

    Returns:
        Files, tables, reasons, values found nowhere and problems.
    """
    say = progress or _say_nothing
    with tempfile.TemporaryDirectory(prefix="helios-check-") as name:
        return _Check(folder.resolve(), project.resolve(), Path(name), say).result()


class _Check:
    """One look at a folder, in passes that leave out the files that stopped the pass before."""

    def __init__(self, folder: Path, project: Path, room: Path, say: Progress) -> None:
        self.folder = folder
        self.project = project
        self.room = room
        self.say = say
        self.contract = load_contract(project)
        self.files: list[str] = []
        self.problems: list[str] = []
        self.left_out: dict[str, str] = {}

    def result(self) -> CheckResult:
        """What a build would do."""
        self.say("Looking at the files")
        first = exports = look(self.folder, self.room / "copies", self.project)
        self.files = list(first.states)
        for _ in range(MOST_PASSES):
            problems = exports.problems
            if self.left_out and not all(problem_file(p, exports.states) for p in problems):
                # A table is missing, since its file was left out.
                self._leave_out(
                    [p for p in problems if problem_file(p, exports.states)], exports.states
                )
                break
            if not problems:
                problems, database = self._built(self._raw())
                if not problems:
                    return self._with_figures(first, exports, database)
            if not self._leave_out(problems, exports.states):
                break
            exports = look(self._raw(), self.room / "copies", self.project)
        files = self._files(first, exports, {})
        return CheckResult(
            files, problems=tuple(self.problems), left_out=tuple(sorted(self.left_out))
        )

    def _leave_out(self, problems: Sequence[str], files: Collection[str]) -> bool:
        """Note problems and leave their files out; False where that cannot help."""
        self.problems += [problem for problem in problems if problem not in self.problems]
        about = {problem: problem_file(problem, files) for problem in problems}
        for problem, file in about.items():
            if file is not None:
                self.left_out.setdefault(file, problem)
        return all(about.values()) and len(files) > len(set(about.values()))

    def _raw(self) -> Path:
        """A folder with the exports but for the files that are left out."""
        if not self.left_out:
            return self.folder
        raw = self.room / f"without-{len(self.left_out)}"
        if not raw.exists():
            kept = [file for file in self.files if file not in self.left_out]
            link_files(self.folder, raw, kept)
        return raw

    def _built(self, raw: Path) -> tuple[list[str], Path]:
        """Problems of a build of the models, and its database."""
        warehouse, target = self.room / "warehouse", self.room / "target"
        shutil.rmtree(warehouse, ignore_errors=True)
        (target / "run_results.json").unlink(missing_ok=True)
        output = self._run_dbt(raw, warehouse, target)
        return stops_of_build(target / "run_results.json", output), warehouse / "build.duckdb"

    def _run_dbt(self, raw: Path, warehouse: Path, target: Path) -> list[str]:
        command = (
            *(sys.executable, "-c", "from dbt.cli.main import cli; cli()"),
            *("--no-use-colors", "--log-path", str(self.room / "logs"), "build"),
            *("--select", *MODELS),
            *("--exclude-resource-type", "test", "unit_test"),
            *("--target-path", str(target)),
            *("--project-dir", str(self.project), "--profiles-dir", str(self.project)),
        )
        folders = {
            "HELIOS_RAW": str(raw),
            "HELIOS_WAREHOUSE": str(warehouse),
            "HELIOS_TRUTH": str(self.room / "truth"),
        }
        self.say("Preparing the models")
        lines = []
        with running(command, self.project, os.environ | folders) as output:
            for line in output:
                lines.append(line.rstrip("\n"))
                step = STEP.search(line)
                if step is not None:
                    self.say(f"Reading: {step[1]} of {step[2]} models")
        return lines

    def _with_figures(self, first: Exports, exports: Exports, database: Path) -> CheckResult:
        self.say("Adding up")
        with duckdb.connect(str(database), read_only=True) as connection:
            tallies = file_tallies(connection, self.contract)
            reasons = read_reasons(connection, self.project)
            not_found = read_not_found(connection)
        files = self._files(first, exports, tallies)
        return CheckResult(
            files,
            table_checks(files, self.contract),
            reasons,
            not_found,
            tuple(self.problems),
            tuple(sorted(self.left_out)),
        )

    def _files(
        self, first: Exports, exports: Exports, tallies: Mapping[str, Tally]
    ) -> tuple[FileCheck, ...]:
        headers = header_checks(first, self.contract) | header_checks(exports, self.contract)
        # A file that is left out is known from the first look only.
        found = {facts.file: facts for facts in (*first.files, *exports.files)}
        return tuple(
            _file_check(
                found[file],
                self.left_out.get(file),
                headers.get(file, ()),
                tallies.get(file, Tally()),
            )
            for file in sorted(found)
        )


def link_files(folder: Path, new_folder: Path, files: Iterable[str]) -> None:
    """Show some files of a folder in another, by links where the system allows them.

    Args:
        folder: With the files.
        new_folder: To be made.
        files: Names below the folder.
    """
    new_folder.mkdir(parents=True)
    for file in files:
        path = new_folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            path.symlink_to(folder / file)
        except OSError:
            shutil.copy2(folder / file, path)


@contextmanager
def running(
    command: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> Iterator[Iterable[str]]:
    """The lines that a program writes; it does not outlive the one who reads them.

    Args:
        command: Program and arguments.
        folder: That it runs in.
        environment: Its whole environment.

    Yields:
        Its lines.
    """
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    assert process.stdout is not None
    try:
        yield process.stdout
    finally:
        process.stdout.close()
        if process.poll() is None:
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.terminate()
                process.wait()


def problem_file(problem: str, files: Iterable[str]) -> str | None:
    """The file that a problem is about; None where it is about none in particular.

    Args:
        problem: A line that begins with the file's name, if it is about one.
        files: Names of all files.

    Returns:
        One of them, or None.
    """
    about = problem.removeprefix("adapter ")
    named = [file for file in files if about.startswith((f"{file}: ", f"{file} "))]
    return max(named, key=len, default=None)


def stops_of_build(results: Path, output: Sequence[str]) -> list[str]:
    """What stopped a build, one line each; none where nothing did.

    Args:
        results: File with what dbt says of every model; it is not there where dbt stopped before.
        output: What dbt wrote.

    Returns:
        Problems.
    """
    if not results.exists():
        lines = _untimed(output)
        if any(line.startswith("Traceback") for line in lines):
            said = [line for line in lines if line and not line[0].isspace()]
            return [f"The build stopped by a fault of its own: {said[-1]}"]
        stop = lines.index(STOPPED) + 1 if STOPPED in lines else -LAST_LINES
        return stop_lines("\n".join(lines[stop:])) or ["The build stopped."]
    ran = json.loads(results.read_text(encoding="utf-8"))["results"]
    return [
        line
        for result in ran
        if result["status"] in ("error", "fail")
        for line in stop_lines(result["message"] or f"{result['unique_id']} failed.")
    ]


def stop_lines(message: str) -> list[str]:
    """The problems in an error message of dbt: without where in the code it was raised.

    Args:
        message: As dbt writes it.

    Returns:
        One line a problem.
    """
    told = message.split("\n  > in ")[0].split("\n  compiled code at ")[0].split("\n> in ")[0]
    lines = [line.strip() for line in told.splitlines()]
    said = [line for line in lines if line and not _is_heading(line)]
    # Problems of several files come in one line.
    parts = [re.split(r"(?<=[^.]\. )(?=\S+\.\w+: )", line) for line in said]
    return [part.strip() for line in parts for part in line] or lines[:1]


def header_checks(exports: Exports, contract: Contract) -> dict[str, tuple[HeaderCheck, ...]]:
    """The headers of each file, and what is like those that are not read.

    Args:
        exports: What is below the folder.
        contract: With the known spellings.

    Returns:
        By file, in order.
    """
    with_adapter = {facts.file for facts in exports.files if facts.adapter is not None}
    fed: dict[str, set[str]] = {}
    for header in exports.headers:
        if header.column_name is not None:
            fed.setdefault(header.file, set()).add(header.column_name)
    checks: dict[str, list[HeaderCheck]] = {}
    for header in exports.headers:
        nearest = None
        if header.column_name is None and header.file not in with_adapter:
            table = contract.tables[header.raw_table]
            nearest = nearest_column(header.header, table, contract, fed.get(header.file, set()))
        check_of_header = HeaderCheck(header.header, header.column_name, nearest)
        checks.setdefault(header.file, []).append(check_of_header)
    return {file: tuple(of_file) for file, of_file in checks.items()}


def nearest_column(header: str, table: Table, contract: Contract, fed: set[str]) -> str | None:
    """The column of a table of which a known spelling is most like a header.

    Args:
        header: As written.
        table: The table.
        contract: With the known spellings.
        fed: Columns that other headers of the file already feed.

    Returns:
        A column that is not fed yet, or None where no spelling is like the header.
    """
    spellings = {
        spelling: column
        for spelling, column in contract.spellings[table.name].items()
        if column not in fed
    }
    [best, *_] = [*difflib.get_close_matches(header_key(header), spellings, 1, LEAST_ALIKE), None]
    return None if best is None else spellings[best]


def file_tallies(connection: duckdb.DuckDBPyConnection, contract: Contract) -> dict[str, Tally]:
    """Rows and money of every file by what became of them.

    Args:
        connection: To the database of a build.
        contract: With the tables.

    Returns:
        By file.
    """
    of_tables = "\nunion all\n".join(
        f"select file, row_status, count(*), count(note_code) filter (row_status = 'accepted'),"
        f" coalesce(sum(abs({AMOUNTS.get(table, '0')})), 0)::decimal(38, 2)"
        f" from staging.stg_{table} group by all"
        for table in contract.tables
    )
    rows = connection.execute(
        f"{of_tables}\nunion all\nselect file, 'unreadable', count(*), 0, 0::decimal(38, 2)"
        " from intake.raw_unreadable_rows group by all"
    ).fetchall()
    tallies: dict[str, Tally] = {}
    for file, status, count, noted, amount in rows:
        tally = Tally({status: count}, {status: amount}, noted)
        tallies[file] = tallies[file] + tally if file in tallies else tally
    return tallies


def table_checks(files: Iterable[FileCheck], contract: Contract) -> tuple[TableCheck, ...]:
    """Files added up by table, in the order of the contract."""
    of_table: dict[str, list[FileCheck]] = {}
    for file in files:
        if file.is_read and file.raw_table is not None:
            of_table.setdefault(file.raw_table, []).append(file)
    return tuple(
        TableCheck(table, len(of_table[table]), sum((f.tally for f in of_table[table]), Tally()))
        for table in contract.tables
        if table in of_table
    )


def read_reasons(connection: duckdb.DuckDBPyConnection, project: Path) -> tuple[ReasonCheck, ...]:
    """Why rows do not count, or count without a cell; the most costly first.

    Args:
        connection: To the database of a build.
        project: Folder of the project, with the remedies.

    Returns:
        One for each table, status, code and column.
    """
    with (project / REASONS_FILE).open(encoding="utf-8", newline="") as lines:
        remedies = {row["code"]: row["remedy"] for row in csv.DictReader(lines)}
    rows = connection.execute(
        """
        select
            raw_table, row_status, reject_code, column_name, count(*) as rows,
            coalesce(sum(abs(amount)), 0)::decimal(38, 2) as amount,
            unnest(arg_min(
                {file: file, record_number: record_number, value: value, reason: reason},
                (file, record_number)
            ))
        from marts.fct_rejected_rows
        group by raw_table, row_status, reject_code, column_name
        order by amount desc, rows desc, raw_table, reject_code, column_name
        """
    ).fetchall()
    # Rows that are lost come before those that count.
    lost = ("rejected", "unreadable")
    ordered = sorted(rows, key=lambda row: (row[1] not in lost, row[1] == "accepted"))
    names = [column.name for column in fields(ReasonCheck)]
    return tuple(
        ReasonCheck(**dict(zip(names, (*row, remedies.get(row[2], "")), strict=True)))
        for row in ordered
    )


def read_not_found(connection: duckdb.DuckDBPyConnection) -> tuple[NotFoundCheck, ...]:
    """Values found nowhere, the most costly first.

    Args:
        connection: To the database of a build.

    Returns:
        One for each field, table and value.
    """
    rows = connection.execute(
        "select field, raw_table, value, rows, amount, nearest, reason from marts.rpt_not_found"
        " order by amount desc nulls last, rows desc, field, value"
    ).fetchall()
    return tuple(NotFoundCheck(*row) for row in rows)


def _file_check(
    facts: FileFacts, problem: str | None, headers: tuple[HeaderCheck, ...], tally: Tally
) -> FileCheck:
    return FileCheck(
        facts.file,
        facts.raw_table,
        facts.adapter,
        facts.is_read and problem is None,
        problem or facts.note,
        headers,
        tally,
    )


def _added(one: Mapping[str, Any], other: Mapping[str, Any], nothing: Any) -> dict[str, Any]:
    return {key: one.get(key, nothing) + other.get(key, nothing) for key in {**one, **other}}


def _untimed(lines: Iterable[str]) -> list[str]:
    """Lines of dbt without the time in front."""
    return [re.sub(r"^\d\d:\d\d:\d\d  ", "", line) for line in lines]


def _is_heading(line: str) -> bool:
    """Whether a line of an error only says where it comes from."""
    return bool(re.match(r"(Compilation|Runtime|Database|Parsing) Error( in |$)", line))


def _say_nothing(message: str) -> None:
    """Progress that nobody follows."""
