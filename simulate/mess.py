"""Damage on purpose: what real exports suffer from, in a stated share of the rows.

Which rows are damaged, and how, follows from the seed and the row's number alone. `truth/mess`
lists every damaged row, so that a test can look for each of them. The truth of the world stays
that of the clean rows.
"""

from dataclasses import dataclass
from pathlib import Path

from simulate.settings import Settings

PARTS_A_MILLION = 1_000_000
DUPLICATE = "duplicate row"
LATE = "late file"  # the row comes in a file of its own, after the others
BAD_DATE = "impossible date"
NEGATIVE = "negative money"
UNKNOWN = "unknown influencer"
STRAY = "stray encoding"
# Stands for a byte that is no UTF-8 until the file is complete: DuckDB writes text only.
PLACEHOLDER = "\ue000"
STRAY_BYTE = b"\xe9"  # the letter é in Windows-1252


@dataclass(frozen=True)
class Damage:
    """One kind of damage to a table.

    Attributes:
        kind: Its name in `truth/mess`.
        column: The column that it changes; none for whole rows.
        expression: SQL of the damaged cell, as text.
    """

    kind: str
    column: str | None = None
    expression: str | None = None


def _bad_date(column: str) -> Damage:
    return Damage(BAD_DATE, column, f"year({column}) || '-02-30'")


def _misread(column: str) -> Damage:
    """A byte order mark that was read as Windows-1252 and written again."""
    return Damage(STRAY, column, f"'ï»¿' || {column}")


KEYS = {
    "tracking_data": "transaction_id", "posts": "post_id", "payouts": "payout_id",
    "influencers": "influencer_id",
}  # fmt: skip
_UNKNOWN = Damage(UNKNOWN, "influencer_id", "'INF' || (900000 + number % 1000)")
DAMAGES = {
    "tracking_data": (
        Damage(DUPLICATE),
        Damage(LATE),
        _bad_date("date"),
        Damage(NEGATIVE, "revenue", "'-' || (revenue + 1)"),
        _UNKNOWN,
        _misread("region"),
    ),
    "posts": (
        Damage(DUPLICATE),
        _bad_date("date"),
        _UNKNOWN,
        Damage(STRAY, "caption", f"caption || ' caf{PLACEHOLDER}'"),
    ),
    "payouts": (
        Damage(DUPLICATE),
        _bad_date("event_date"),
        Damage(NEGATIVE, "total_payout", "'-' || (total_payout + 1)"),
        _UNKNOWN,
    ),
    "influencers": (Damage(DUPLICATE), _misread("name")),
}


def damaged(table: str, select: str, settings: Settings, late: bool = False) -> str:
    """A query whose rows are damaged.

    Args:
        table: Name of the export.
        select: The clean rows, with their `number` as first column.
        settings: Seed and share of damaged rows.
        late: Whether to take the rows of the late file, or all others.

    Returns:
        A query without `number`; the order of rows stays.
    """
    cells: dict[str, list[str]] = {}
    for damage in DAMAGES[table]:
        if damage.column is not None:
            case = f"when '{damage.kind}' then {damage.expression}"
            cells.setdefault(damage.column, []).append(case)
    replaced = ", ".join(
        f"case damage {' '.join(cases)} else {column}::varchar end as {column}"
        for column, cases in cells.items()
    )
    return f"""
        with marked as ({_marked(table, select, settings)})

        select * exclude (number, damage, copy) replace ({replaced}),
        from (
            select *, unnest(case damage when '{DUPLICATE}' then [1, 2] else [1] end) as copy
            from marked
            where (damage is not distinct from '{LATE}') = {late}
        )
    """


def damage_list(table: str, select: str, settings: Settings) -> str:
    """A query that lists the damaged rows of a table.

    Args:
        table: Name of the export.
        select: The clean rows, with their `number` as first column.
        settings: Seed and share of damaged rows.

    Returns:
        A query with `raw_table`, `key` (of the clean row) and `damage`.
    """
    return f"""
        select '{table}' as raw_table, {KEYS[table]} as key, damage,
        from ({_marked(table, select, settings)})
        where damage is not null
    """


def write_stray_bytes(path: Path) -> None:
    """Put bytes that are no UTF-8 in place of the placeholder.

    Args:
        path: A small CSV file; rewritten.
    """
    path.write_bytes(path.read_bytes().replace(PLACEHOLDER.encode(), STRAY_BYTE))


def _marked(table: str, select: str, settings: Settings) -> str:
    kinds = [damage.kind for damage in DAMAGES[table]]
    names = ", ".join(f"'{kind}'" for kind in kinds)
    share = round(settings.mess * PARTS_A_MILLION)
    # No join: it would mix up the rows where several threads write.
    return f"""
        select
            clean.* exclude (chance),
            case
                when chance % {PARTS_A_MILLION} < {share}
                    then [{names}][1 + (chance // {PARTS_A_MILLION} % {len(kinds)})::integer]
            end as damage,
        from (
            select *, md5_number_lower('{settings.seed} {table} ' || number) as chance,
            from ({select})
        ) as clean
    """
