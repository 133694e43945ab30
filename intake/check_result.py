"""What a check of exports finds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

STATUSES = ("accepted", "rejected", "superseded", "duplicate", "unreadable")
LARGEST_NOT_FOUND_SHARE = Decimal("0.02")


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


def _added(one: Mapping[str, Any], other: Mapping[str, Any], nothing: Any) -> dict[str, Any]:
    return {key: one.get(key, nothing) + other.get(key, nothing) for key in {**one, **other}}
