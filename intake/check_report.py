"""The result of a check as text for a terminal."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from intake.check_result import (
    LARGEST_NOT_FOUND_SHARE,
    STATUSES,
    CheckResult,
    FileCheck,
    NotFoundCheck,
    ReasonCheck,
    Tally,
)

MOST_REASONS = 15
MOST_NOT_FOUND = 20
SHOP_CODES = " Add codes of the shop itself to value_synonyms.csv, as coupon_code,shop,CODE."
LONGEST_VALUE = 40


def report(result: CheckResult, verbose: bool = False) -> str:
    """A check as text.

    Args:
        result: Of the check.
        verbose: Whether every header, reason and value is written.

    Returns:
        Lines with a title over each part that has anything to say.
    """
    parts = [
        ("Problems, each of which stops a build", _listed(result.problems)),
        ("Files that are not read", _listed(_not_read(result))),
        ("Files", _files(result)),
        ("Notes", _listed(_notes(result))),
        ("Headers", _headers(result) if verbose else _unknown_headers(result)),
        ("Tables", _tables(result)),
        ("Why rows do not count, or count without a cell", _reasons(result, verbose)),
        ("Values found nowhere", _not_found(result, verbose)),
    ]
    texts = ["\n".join((title, "-" * len(title), *lines)) for title, lines in parts if lines]
    return "\n\n".join([*texts, "\n".join(_summary(result))])


def columns(rows: Sequence[Sequence[str]], right: Iterable[int] = ()) -> list[str]:
    """Rows of cells as lines with columns one under the other.

    Args:
        rows: The cells; the first row is the header.
        right: Numbers of the columns that stand at the right, such as figures.

    Returns:
        A line for each row.
    """
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    at_right = set(right)
    return [
        "  ".join(
            cell.rjust(width) if place in at_right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _files(result: CheckResult) -> list[str]:
    read = [file for file in result.files if file.is_read]
    if not result.tables:  # nothing was counted
        rows = [[file.file, _taken_for(file)] for file in read]
        return columns([["file", "read as"], *rows]) if rows else []
    return _tallied("file", "read as", [(file.file, _taken_for(file), file.tally) for file in read])


def _tables(result: CheckResult) -> list[str]:
    return _tallied(
        "table",
        "files",
        [(table.raw_table, f"{table.files}", table.tally) for table in result.tables],
    )


def _tallied(title: str, second: str, rows: Sequence[tuple[str, str, Tally]]) -> list[str]:
    """Rows by status and money read and accepted; statuses without any row are left out."""
    if not rows:
        return []
    used = [
        status
        for status in STATUSES
        if status == "accepted" or any(tally.rows.get(status) for _, _, tally in rows)
    ]
    header = [title, second, "rows", *used, "money", "accepted money"]
    lines = [
        [
            name,
            shown,
            f"{tally.rows_read:,}",
            *(f"{tally.rows.get(status, 0):,}" for status in used),
            _money(tally.amount_read),
            _money(tally.amounts.get("accepted", Decimal(0))),
        ]
        for name, shown, tally in rows
    ]
    return columns([header, *lines], range(2, len(header)))


def _taken_for(file: FileCheck) -> str:
    return f"{file.raw_table} ({file.adapter})" if file.adapter else file.raw_table or ""


def _not_read(result: CheckResult) -> Iterator[str]:
    for file in result.not_read:
        if not any(problem.startswith(file.file) for problem in result.problems):
            yield f"{file.file}: {file.note or 'it has a problem'}"


def _notes(result: CheckResult) -> Iterator[str]:
    for file in result.files:
        if file.is_read and file.note:
            yield f"{file.file}: {file.note}"


def _headers(result: CheckResult) -> list[str]:
    rows = [
        [file.file, header.header, header.column or _unknown(header.nearest)]
        for file in result.files
        for header in file.headers
    ]
    return columns([["file", "header", "column"], *rows]) if rows else []


def _unknown_headers(result: CheckResult) -> list[str]:
    """Headers that are not read, of files that no adapter reads: a report has many of no use."""
    rows = [
        [file.file, header.header, _unknown(header.nearest)]
        for file in result.files
        if file.adapter is None
        for header in file.headers
        if header.column is None
    ]
    return columns([["file", "header", "column"], *rows]) if rows else []


def _unknown(nearest: str | None) -> str:
    return f"not read; near to {nearest}" if nearest else "not read"


def _reasons(result: CheckResult, verbose: bool) -> list[str]:
    shown = result.reasons if verbose else result.reasons[:MOST_REASONS]
    lines = [line for reason in shown for line in _reason(reason)]
    return [*lines, *_more(len(result.reasons) - len(shown))]


def _reason(reason: ReasonCheck) -> Iterator[str]:
    money = f", {_money(reason.amount)} of money" if reason.amount else ""
    status = "accepted, with a note" if reason.row_status == "accepted" else reason.row_status
    yield f"{reason.raw_table}: {_rows(reason.rows)} {status}{money}"
    first = f"{reason.file}, record {reason.record_number}"
    yield f"    {'first: ' if reason.rows > 1 else ''}{first}: {_short(reason.reason)}"
    if reason.remedy:
        yield f"    {reason.remedy}"


def _not_found(result: CheckResult, verbose: bool) -> list[str]:
    shown = result.not_found if verbose else result.not_found[:MOST_NOT_FOUND]
    if not shown:
        return []
    header = ["field", "value", "table", "rows", "money", "nearest", "what follows"]
    lines = columns([header, *map(_not_found_row, shown)], (3, 4))
    return [*lines, *_more(len(result.not_found) - len(shown))]


def _not_found_row(value: NotFoundCheck) -> list[str]:
    return [
        value.field,
        _short(value.value, LONGEST_VALUE),
        value.raw_table,
        f"{value.rows:,}",
        "" if value.amount is None else _money(value.amount),
        _short(value.nearest or "", LONGEST_VALUE),
        value.reason,
    ]


def _summary(result: CheckResult) -> Iterator[str]:
    if result.problems:
        yield f"A build would stop: {_counted(len(result.problems), 'problem')}."
    if result.left_out and result.tables:
        yield f"Figures are without {', '.join(result.left_out)}."
    for (name, raw_table), share in sorted(result.not_found_shares.items()):
        if share > LARGEST_NOT_FOUND_SHARE:
            yield (
                f"{share:.1%} of the money of {raw_table} has a {name.replace('_', ' ')} that is"
                " found nowhere." + (SHOP_CODES if name == "coupon_code" else "")
            )
    if result.tables:
        tally = sum((table.tally for table in result.tables), Tally())
        yield (
            f"{tally.rows.get('accepted', 0):,} of {_rows(tally.rows_read)} would be accepted,"
            f" with {_money(tally.amounts.get('accepted', Decimal(0)))} of"
            f" {_money(tally.amount_read)} of money."
        )
    if result.is_good:
        yield "Nothing stands against a build."


def _listed(lines: Iterable[str]) -> list[str]:
    return [f"- {line}" for line in lines]


def _more(left: int) -> list[str]:
    return [f"… and {left:,} more (--verbose shows all)"] if left > 0 else []


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _rows(number: int) -> str:
    return _counted(number, "row")


def _money(amount: Decimal) -> str:
    return f"{amount:,.2f}"


def _short(text: str, longest: int = 200) -> str:
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
