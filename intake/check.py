"""A look at exports before a build: what each file is, which rows would count, what is wrong.

The figures are those of the very models of a build, made in a warehouse of their own that is
removed afterwards; nothing is published.
"""

import csv
import difflib
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path

import duckdb
import yaml

from intake.check_result import (
    STATUSES,
    CheckResult,
    FileCheck,
    HeaderCheck,
    NotFoundCheck,
    ReasonCheck,
    TableCheck,
    Tally,
)
from intake.contract import Contract, Table, header_key, load_contract
from intake.dbt_build import STEP, STOPPED, dbt_lines, stops_of_build
from intake.exports import Exports, FileFacts, look

__all__ = [
    "STATUSES",
    "STOPPED",
    "CheckResult",
    "FileCheck",
    "HeaderCheck",
    "NotFoundCheck",
    "ReasonCheck",
    "TableCheck",
    "Tally",
    "check",
    "link_files",
    "stops_of_build",
]

# Columns of the staging models that hold the money of a row.
AMOUNTS = {"tracking_data": "revenue", "payouts": "total_payout"}
REASONS_FILE = "seeds/reference/reasons.csv"
MODELS = (
    *("--select", "+rpt_data_health", "+rpt_not_found", "+fct_rejected_rows"),
    *("--exclude-resource-type", "test", "unit_test"),
)
LEAST_ALIKE = 0.75
# Each further pass leaves out the files that stopped the one before.
MOST_PASSES = 4

Progress = Callable[[str], None]


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
        folders = {
            "HELIOS_RAW": str(raw),
            "HELIOS_WAREHOUSE": str(warehouse),
            "HELIOS_TRUTH": str(self.room / "truth"),
        }
        self.say("Preparing the models")
        arguments = ("--log-path", str(self.room / "logs"), "--target-path", str(target))
        output = []
        for line in dbt_lines(self.project, (*MODELS, *arguments), folders):
            output.append(line)
            step = STEP.search(line)
            if step is not None:
                self.say(f"Reading: {step[1]} of {step[2]} models")
        return stops_of_build(target / "run_results.json", output), warehouse / "build.duckdb"

    def _with_figures(self, first: Exports, exports: Exports, database: Path) -> CheckResult:
        self.say("Adding up")
        with duckdb.connect(str(database), read_only=True) as connection:
            tallies = file_tallies(connection, self.contract)
            reasons = read_reasons(connection, self.project)
            not_found = read_not_found(connection)
        files = self._files(first, exports, tallies)
        tables = table_checks(files, self.contract)
        return CheckResult(
            files,
            tables,
            reasons,
            not_found,
            (*self.problems, *floor_problems(tables, least_accepted_share(self.project))),
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


def least_accepted_share(project: Path) -> float:
    """The share of a table's rows below which nothing is published, a variable of the project."""
    text = (project / "dbt_project.yml").read_text(encoding="utf-8")
    return float(yaml.safe_load(text)["vars"]["min_accepted_share"])


def floor_problems(tables: Iterable[TableCheck], share: float) -> list[str]:
    """Tables of which too few rows would be accepted to publish anything.

    Args:
        tables: With their rows.
        share: The least share of rows that has to be accepted, copies and superseded rows aside.

    Returns:
        One line for each.
    """
    problems = []
    for table in tables:
        rows = table.tally.rows
        different = table.tally.rows_read - rows.get("duplicate", 0) - rows.get("superseded", 0)
        accepted = rows.get("accepted", 0)
        if different and accepted < share * different:
            problems.append(
                f"{table.raw_table}: of {different:,} rows only {accepted:,} would be accepted,"
                f" less than min_accepted_share: {share}. Nothing would be published; look at the"
                " reasons."
            )
    return problems


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


def _say_nothing(message: str) -> None:
    """Progress that nobody follows."""
