"""What the headers of a file mean in its table, and what stops a build at them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from intake.contract import (
    DATE_ORDERS,
    TIME_ZONES,
    Contract,
    Table,
    header_currency,
    header_key,
    header_units,
)
from intake.records import Records

CURRENCY = "currency"
SHORTEST_NEAR_KEY = 5
# Headers, as header_key() has them, of what an export says of itself and not of the record: a
# running number, or when it was made. Copies of a record differ in it.
OF_THE_EXPORT = frozenset(
    {
        *("", "#", "index", "line", "lineno", "no", "recordno", "recordnumber", "row", "rownum"),
        *("rowno", "rownumber", "serial", "serialno", "serialnumber", "slno", "sno", "srno"),
        *("unnamed0", "createdbyexport", "downloadedat", "downloadedon"),
        *("exportdate", "exportedat"),
        *("exportedon", "exporttime", "exporttimestamp", "extractedat", "generatedat"),
        *("generatedon", "ingestedat", "lastsyncedat", "loadedat", "reportdate", "syncedat"),
        *("airbyteemittedat", "airbyteextractedat", "dltid", "dltloadid", "fivetransynced"),
    }
)


@dataclass(frozen=True)
class HeaderMeaning:
    """What the headers of a file mean.

    Attributes:
        columns: The column of each header; None where it means nothing.
        currency: Of the file's money, where only the units of headers say it.
        currencies: Every currency that is the unit of a header of money, with its header.
        date_order: Of the file's days, where units of headers say it: one of DATE_ORDERS.
        time_zone: Of the file's times, where units of headers say it: one of TIME_ZONES.
        notes: What was assumed, in words.
    """

    columns: tuple[str | None, ...]
    currency: str | None
    currencies: dict[str, str]
    date_order: str | None
    time_zone: str | None
    notes: tuple[str, ...]


def meaning_of(table: Table, names: Sequence[str], contract: Contract) -> HeaderMeaning:
    """What the headers of a file mean in its table.

    Args:
        table: The table.
        names: The headers.
        contract: With the spellings.

    Returns:
        Their columns, and the currency that units of theirs give.
    """
    columns = tuple(contract.column_of(table.name, name) for name in names)
    currencies: dict[str, str] = {}
    for name, column in zip(names, columns, strict=True):
        if column is not None and table.columns[column].kind == "amount":
            currency = header_currency(name)
            if currency is not None:
                currencies.setdefault(currency, name)
    fed_columns = frozenset(columns)
    notes = [
        f"the header '{name}' means nothing; if {near} is meant, rename it"
        for name in names
        if (near := _near_column(table, name, fed_columns, contract)) is not None
    ]
    fed = None
    if CURRENCY not in columns and len(currencies) == 1:
        [(currency, name)] = currencies.items()
        notes.append(f"money is in {currency}, as the header '{name}' says")
        fed = currency if CURRENCY in table.columns else None
    dates = [
        name
        for name, column in zip(names, columns, strict=True)
        if column is not None and table.columns[column].kind == "date"
    ]
    date_order = _said_by_units(dates, DATE_ORDERS)
    if date_order is not None:
        notes.append(f"days were read {date_order}, as a header says")
    time_zone = _said_by_units(dates, TIME_ZONES)
    if time_zone is not None:
        notes.append(f"times are in {time_zone}, as a header says")
    return HeaderMeaning(columns, fed, currencies, date_order, time_zone, tuple(notes))


def _said_by_units(names: Sequence[str], meanings: Mapping[str, str]) -> str | None:
    """What the units of headers mean, where they agree."""
    said = {meanings[unit] for name in names for unit in header_units(name) if unit in meanings}
    return said.pop() if len(said) == 1 else None


def cells_of_the_record(records: Records, known: Sequence[bool]) -> list[str]:
    """Cells that a copy of a record has in common with it.

    Args:
        records: Of the file.
        known: For each header, whether it means something.

    Returns:
        Expressions of all cells but those of unknown headers in OF_THE_EXPORT.
    """
    cells = [
        cell
        for name, cell, is_known in zip(records.names, records.cells, known, strict=True)
        if is_known or header_key(name) not in OF_THE_EXPORT
    ]
    return cells or list(records.cells)


def header_problems(
    file: str, table: Table, records: Records, meaning: HeaderMeaning, contract: Contract
) -> list[str]:
    """What stops a build at the headers of a file.

    Args:
        file: Its name.
        table: Its table.
        records: Its records.
        meaning: Of its headers.
        contract: With the spellings.

    Returns:
        One line for each column that two headers mean, each that is missing, and for money in two
        currencies.
    """
    problems = []
    for column in table.columns:
        pairs = zip(records.names, meaning.columns, strict=True)
        same = [f"'{name}'" for name, meant in pairs if meant == column]
        if len(same) > 1:
            both = "both" if len(same) == 2 else "all"
            problems.append(
                f"{file}: the headers {' and '.join(same)} {both} mean {column}."
                " Rename or remove one of them."
            )
    if CURRENCY not in meaning.columns and len(meaning.currencies) > 1:
        headers = " and ".join(f"'{name}'" for name in meaning.currencies.values())
        problems.append(
            f"{file}: the headers {headers} are money in different currencies. Export it in one."
        )
    for column in table.missing(frozenset(filter(None, meaning.columns))):
        spellings = ", ".join((column, *sorted(contract.synonyms.get((table.name, column), ()))))
        problems.append(
            f"{file}: the required column {column} is missing.{_taken_for_header(records)}"
            f" Accepted spellings: {spellings} (without regard to case, space or underscore)."
            " Rename the header, or add its spelling to seeds/reference/column_synonyms.csv."
        )
    return problems


def _taken_for_header(records: Records) -> str:
    if not records.header_line:
        return ""
    cells = records.delimiter or "; "
    header = cells.join(records.names)
    shown = header if len(header) <= 80 else f"{header[:77]}..."
    kind = "Row" if records.delimiter is None else "Line"
    return f" {kind} {records.header_line} ('{shown}') was taken for the header."


def _near_column(
    table: Table, name: str, fed: frozenset[str | None], contract: Contract
) -> str | None:
    """The column whose spelling a header that means nothing misses by one letter."""
    key = header_key(name)
    spellings = contract.spellings[table.name]
    if len(key) < SHORTEST_NEAR_KEY or key in spellings:
        return None
    return next(
        (
            column
            for spelling, column in spellings.items()
            if len(spelling) >= SHORTEST_NEAR_KEY
            and abs(len(key) - len(spelling)) <= 1
            and column not in fed
            and _is_one_edit_away(key, spelling)
        ),
        None,
    )


def _is_one_edit_away(one: str, other: str) -> bool:
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1 or one == other:
        return False
    start = next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one)
    )
    if len(one) < len(other):
        return one[start:] == other[start + 1 :]
    is_replaced = one[start + 1 :] == other[start + 1 :]
    is_swapped = (
        one[start : start + 2] == other[start : start + 2][::-1]
        and one[start + 2 :] == other[start + 2 :]
    )
    return is_replaced or is_swapped
