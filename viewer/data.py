"""Everything the viewer reads from the published file; all its SQL is here.

Every value is a parameter; names of tables and columns come from this module or from the file's
own catalogue. Each call opens the file read-only, reads, and closes it. Results are cached with
the file's identity as part of the key, so a newly published file is noticed at the next call.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, NamedTuple, TypeVar

import duckdb
import pandas as pd
import streamlit as st

PROJECT_ROOT = Path(__file__).resolve().parents[1]
NONE_MEMBER = "(none)"
INFLUENCER_CHANNEL = "influencer"
DAILY_UP_TO_DAYS = 92
WEEKLY_UP_TO_DAYS = 731
BYTE_ORDER_MARK = b"\xef\xbb\xbf"

Answer = TypeVar("Answer")
Parameters = dict[str, Any]
Group = Literal["total", "influencer", "persona"]
Bucket = Literal["day", "week", "month"]
RankedMeasure = Literal["roas", "attributed_revenue", "spend"]

GROUP_COLUMNS: Mapping[Group, Sequence[str]] = {
    "total": (),
    "influencer": ("influencer_id", "influencer_name", "platform", "persona"),
    "persona": ("persona",),
}
# What each filter compares, in influencer days joined to their influencers.
MEMBER_COLUMNS = {
    "platforms": "platform",
    "personas": "persona",
    "brands": "brand",
    "campaigns": "campaign_id",
}
# The day of a row, in the order of preference.
DAY_COLUMNS = ("date_day", "post_date", "event_date")


class PublishedFileError(Exception):
    """The published file cannot be shown; the message is one line for the user."""


class NothingPublishedError(PublishedFileError):
    """There is no published file."""


class UnreadableFileError(PublishedFileError):
    """There is a published file, but it cannot be read or is not what this viewer expects."""


class _ReplacedError(Exception):
    """The published file was replaced while it was read."""


class Identity(NamedTuple):
    """What tells one published file from the next at the same path."""

    path: Path
    inode: int
    modified_ns: int

    @property
    def published_at(self) -> datetime:
        """When it was published, in the time zone of this computer."""
        return datetime.fromtimestamp(self.modified_ns / 1e9).astimezone()


@dataclass(frozen=True)
class Selection:
    """What the filters choose; a filter without members chooses everything.

    Attributes:
        first_day: First day, included.
        last_day: Last day, included.
        platforms: Main platforms of the influencers.
        personas: Personas of the influencers.
        brands: Brands.
        campaigns: Ids of campaigns.
    """

    first_day: date
    last_day: date
    platforms: tuple[str, ...] = ()
    personas: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    campaigns: tuple[str, ...] = ()

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.last_day - self.first_day).days + 1

    def members(self, name: str) -> list[str]:
        """What the filter `name` chooses, such as the brands."""
        return list(getattr(self, name))


@dataclass(frozen=True)
class Options:
    """What the filters can choose from.

    Attributes:
        first_day: First day of the data.
        last_day: Last day of the data.
        platforms: Platforms that influencers have.
        personas: Personas that influencers have.
        brands: Brands, (none) last.
        campaigns: Name to show by campaign id, (none) last.
    """

    first_day: date
    last_day: date
    platforms: list[str] = field(default_factory=list)
    personas: list[str] = field(default_factory=list)
    brands: list[str] = field(default_factory=list)
    campaigns: dict[str, str] = field(default_factory=dict)


class MartFilters(NamedTuple):
    """How a selection narrows a mart.

    Attributes:
        conditions: SQL conditions by filter ("dates", "platforms", …) that narrow the mart.
        missing: Chosen filters that the mart has no column for.
        keeps_undated_rows: Whether rows without a day stay although days are chosen.
    """

    conditions: dict[str, str]
    missing: list[str]
    keeps_undated_rows: bool


def published_path() -> Path:
    """Path of the published file: `helios.duckdb` in HELIOS_WAREHOUSE."""
    return PROJECT_ROOT / os.environ.get("HELIOS_WAREHOUSE", "warehouse") / "helios.duckdb"


def published_identity() -> Identity:
    """Identity of the file that is published now.

    Raises:
        NothingPublishedError: If there is none.
    """
    path = published_path()
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise NothingPublishedError(f"Nothing is published at {path}.") from None
    except OSError as error:
        raise UnreadableFileError(f"{path} cannot be read: {error.strerror}.") from error
    return Identity(path, status.st_ino, status.st_mtime_ns)


def published_identity_if_any() -> Identity | None:
    """Identity of the file that is published now, or None."""
    try:
        return published_identity()
    except PublishedFileError:
        return None


def options() -> Options:
    """What the filters can choose from."""
    period = _read(
        """
        with days as (
            select date_day from fct_influencer_days
            union all
            select date_day from fct_revenue_days
        )
        select
            coalesce(min(date_day), current_date) as first_day,
            coalesce(max(date_day), current_date) as last_day
        from days
        """
    )
    campaigns = _read(
        """
        select
            campaign_id,
            if(
                count(*) over (partition by campaign_name) = 1,
                campaign_name,
                campaign_name || ' (' || campaign_id || ')'
            ) as label
        from dim_campaigns
        order by campaign_id = $none, label, campaign_id
        """,
        {"none": NONE_MEMBER},
    )
    return Options(
        first_day=period["first_day"][0].date(),
        last_day=period["last_day"][0].date(),
        platforms=_members("dim_influencers", "platform"),
        personas=_members("dim_influencers", "persona"),
        brands=_members("dim_brands", "brand"),
        campaigns=dict(zip(campaigns["campaign_id"], campaigns["label"], strict=True)),
    )


def column_comments() -> dict[tuple[str, str], str]:
    """What each column of each mart means, by mart and column, as told in the published file."""
    rows = _read(
        """
        select table_name, column_name, comment
        from duckdb_columns()
        where database_name = 'published' and schema_name = 'marts' and comment is not null
        """
    )
    places = zip(rows["table_name"], rows["column_name"], strict=True)
    return dict(zip(places, rows["comment"], strict=True))


def mart_descriptions() -> dict[str, str]:
    """What each published mart holds, by name; facts first, of them what influencers did."""
    rows = _read(
        """
        select table_name, coalesce(comment, '') as description
        from duckdb_tables()
        where database_name = 'published' and schema_name = 'marts'
        order by
            table_name <> 'fct_influencer_days',
            list_position(['fct', 'rpt', 'dim'], split_part(table_name, '_', 1)),
            table_name
        """
    )
    return dict(zip(rows["table_name"], rows["description"], strict=True))


def performance(selection: Selection, group: Group = "total") -> pd.DataFrame:
    """Figures of a selection, in total or for each influencer or persona in it.

    This is the one place where ROAS and the legacy `organic_projection` are computed. Its baseline
    is what other channels earned on the selected days (of the selected brands; platform, persona
    and campaign do not exist there), times the share of the row's spend in all spend of those days.

    Args:
        selection: What the filters choose.
        group: One row in total, or one for each influencer or persona with activity.

    Returns:
        The columns of the group, influencers, influencers_with_spend, influencer_days, orders,
        spend, attributed_revenue, roas, cpo, organic_revenue,
        organic_projection_incremental_revenue and organic_projection_iroas.
    """
    sql, parameters = _performance_query(selection, group)
    keys = ", ".join(GROUP_COLUMNS[group])
    return _read(f"{sql} order by all" if not keys else f"{sql} order by {keys}", parameters)


def totals(selection: Selection) -> dict[str, Any]:
    """Figures of a selection in total, by column of `performance`; NaN stands for null."""
    [row] = performance(selection).to_dict("records")
    return {str(column): value for column, value in row.items()}


def ranking(
    selection: Selection, measure: RankedMeasure, worst_first: bool, most: int
) -> pd.DataFrame:
    """The first influencers by a measure; those for whom it is null are left out.

    Args:
        selection: What the filters choose.
        measure: What to rank by.
        worst_first: Whether the smallest comes first.
        most: Largest number of rows.

    Returns:
        Rows of `performance`, and in `ranked` how many influencers can be ranked at all.
    """
    sql, parameters = _performance_query(selection, "influencer")
    return _read(
        f"""
        select *, count(*) over () as ranked
        from ({sql})
        where {measure} is not null
        order by {measure} {"asc" if worst_first else "desc"}, influencer_id
        limit $most
        """,
        {**parameters, "most": most},
    )


def time_bucket(selection: Selection) -> Bucket:
    """How finely to show a selection over time, so that a chart stays readable."""
    if selection.days <= DAILY_UP_TO_DAYS:
        return "day"
    return "week" if selection.days <= WEEKLY_UP_TO_DAYS else "month"


def over_time(selection: Selection) -> pd.DataFrame:
    """Attributed revenue and spend by day, week or month; zero where nothing happened.

    Returns:
        bucket (its first day), bucket_start and bucket_end (its days within the selection),
        attributed_revenue and spend.
    """
    where, parameters = _where(selection, MEMBER_COLUMNS)
    return _read(
        f"""
        with buckets as (
            select
                date_trunc($bucket, date_day)::date as bucket,
                min(date_day) as bucket_start,
                max(date_day) as bucket_end
            from dim_dates
            where date_day between $first_day and $last_day
            group by 1
        ),

        sums as (
            select
                date_trunc($bucket, date_day)::date as bucket,
                sum(attributed_revenue) as attributed_revenue,
                sum(spend) as spend
            from fct_influencer_days
            inner join dim_influencers using (influencer_id)
            where {where}
            group by 1
        )

        select
            bucket,
            bucket_start,
            bucket_end,
            coalesce(attributed_revenue, 0) as attributed_revenue,
            coalesce(spend, 0) as spend
        from buckets
        left join sums using (bucket)
        order by bucket
        """,
        {**parameters, "bucket": time_bucket(selection)},
    )


def revenue_by_channel(selection: Selection) -> pd.DataFrame:
    """Revenue of every channel on the selected days, of the selected brands.

    Returns:
        channel, revenue and share, largest first.
    """
    where, parameters = _where(selection, {"brands": "brand"})
    return _read(
        f"""
        select
            channel,
            sum(revenue) as revenue,
            sum(revenue)::double / nullif(sum(sum(revenue)) over (), 0)::double as share
        from fct_revenue_days
        where {where}
        group by channel
        order by revenue desc, channel
        """,
        parameters,
    )


def spend_of_no_member(selection: Selection) -> float:
    """Spend that a brand or campaign filter leaves out because its brand or campaign is not known.

    It is the spend of the otherwise same selection under the member (none).
    """
    with_none = replace(
        selection,
        brands=_or_none(selection.brands),
        campaigns=_or_none(selection.campaigns),
    )
    return round(float(totals(with_none)["spend"] - totals(selection)["spend"]), 2)


def filters_to_widen(selection: Selection) -> list[str]:
    """Filters each of which, if cleared alone, would bring rows into an empty selection."""
    whole = options()
    cleared = {"dates": replace(selection, first_day=whole.first_day, last_day=whole.last_day)}
    for name in MEMBER_COLUMNS:
        nothing: dict[str, Any] = {name: ()}
        cleared[name] = replace(selection, **nothing)
    return [
        name
        for name, wider in cleared.items()
        if wider != selection and totals(wider)["influencer_days"] > 0
    ]


def mart_filters(mart: str, selection: Selection) -> MartFilters:
    """How the selection narrows a mart: filters apply where the mart has their columns.

    Platform and persona also reach marts that only name the influencer. The whole period of the
    data is no date filter, so that rows of a mart that lie outside it stay.
    """
    columns = set(mart_columns(mart))
    whole = options()
    conditions, missing, keeps_undated_rows = {}, [], False
    if (selection.first_day, selection.last_day) != (whole.first_day, whole.last_day):
        day = next((column for column in DAY_COLUMNS if column in columns), None)
        if day:
            # Payouts may have no day; leaving them out would hide money without a word.
            conditions["dates"] = f"({day} between $first_day and $last_day or {day} is null)"
            keeps_undated_rows = day == "event_date"
        else:
            missing.append("dates")
    for name, column in MEMBER_COLUMNS.items():
        if not selection.members(name):
            continue
        condition = f"list_contains(${name}, {column})"
        if column in columns:
            conditions[name] = condition
        elif name in ("platforms", "personas") and "influencer_id" in columns:
            conditions[name] = (
                f"influencer_id in (select influencer_id from dim_influencers where {condition})"
            )
        else:
            missing.append(name)
    return MartFilters(conditions, missing, keeps_undated_rows)


def mart_columns(mart: str) -> dict[str, str]:
    """Types of a mart's columns, by name, in their order."""
    rows = _read(
        """
        select column_name, data_type
        from duckdb_columns()
        where database_name = 'published' and schema_name = 'marts' and table_name = $mart
        order by column_index
        """,
        {"mart": mart},
    )
    return dict(zip(rows["column_name"], rows["data_type"], strict=True))


def mart_row_count(mart: str, selection: Selection) -> int:
    """Number of rows of a mart that the selection leaves."""
    from_mart, parameters = _from_mart(mart, selection)
    return int(_read(f"select count(*) as rows {from_mart}", parameters)["rows"][0])


def mart_rows(mart: str, selection: Selection, most: int) -> pd.DataFrame:
    """The first rows of a mart that the selection leaves, in the order they are published in."""
    from_mart, parameters = _from_mart(mart, selection)
    return _read(f"select * {from_mart} limit $most", {**parameters, "most": most})


def mart_csv(mart: str, selection: Selection) -> bytes:
    """All rows of a mart that the selection leaves, as CSV.

    Text that a spreadsheet would run as a formula gets a leading apostrophe. A byte order mark
    tells Excel that it is UTF-8.
    """
    from_mart, parameters = _from_mart(mart, selection)
    cells = ", ".join(
        _harmless(_quoted(column)) if data_type == "VARCHAR" else _quoted(column)
        for column, data_type in mart_columns(mart).items()
    )

    def write(connection: duckdb.DuckDBPyConnection) -> bytes:
        with TemporaryDirectory() as folder:
            file = Path(folder) / "rows.csv"
            copy = f"copy (select {cells} {from_mart}) to {_text(str(file))} (format csv, header)"
            connection.execute(copy, parameters)
            return BYTE_ORDER_MARK + file.read_bytes()

    return _retry_once(lambda identity: _answer(identity, write))


def _performance_query(selection: Selection, group: Group) -> tuple[str, Parameters]:
    where, parameters = _where(selection, MEMBER_COLUMNS)
    where_revenue, _ = _where(selection, {"brands": "brand"})
    keys = "".join(f"{column}, " for column in GROUP_COLUMNS[group])
    sql = f"""
        with sums as (
            select
                {keys}
                count(distinct influencer_id) as influencers,
                count(distinct influencer_id) filter (where spend <> 0) as influencers_with_spend,
                count(*) as influencer_days,
                coalesce(sum(orders), 0) as orders,
                coalesce(sum(spend), 0) as spend,
                coalesce(sum(attributed_revenue), 0) as attributed_revenue
            from fct_influencer_days
            inner join dim_influencers using (influencer_id)
            where {where}
            {f"group by {keys.rstrip(', ')}" if keys else ""}
        ),

        others as (
            select coalesce(sum(revenue), 0) as organic_revenue
            from fct_revenue_days
            where {where_revenue} and channel <> $influencer_channel
        ),

        everyone as (
            select coalesce(sum(spend), 0) as all_spend
            from fct_influencer_days
            where date_day between $first_day and $last_day
        ),

        projected as (
            select
                sums.*,
                organic_revenue,
                attributed_revenue::double
                - organic_revenue::double * nullif(spend, 0)::double / nullif(all_spend, 0)::double
                    as organic_projection_incremental_revenue
            from sums
            cross join others
            cross join everyone
        )

        select
            *,
            attributed_revenue::double / nullif(spend, 0)::double as roas,
            spend::double / nullif(orders, 0) as cpo,
            organic_projection_incremental_revenue / nullif(spend, 0)::double
                as organic_projection_iroas
        from projected
    """
    return sql, {**parameters, "influencer_channel": INFLUENCER_CHANNEL}


def _where(selection: Selection, columns: Mapping[str, str]) -> tuple[str, Parameters]:
    """Conditions of the chosen days and, for the given filters, of the chosen members."""
    conditions = ["date_day between $first_day and $last_day"]
    parameters: Parameters = {"first_day": selection.first_day, "last_day": selection.last_day}
    for name, column in columns.items():
        if selection.members(name):
            conditions.append(f"list_contains(${name}, {column})")
            parameters[name] = selection.members(name)
    return " and ".join(conditions), parameters


def _from_mart(mart: str, selection: Selection) -> tuple[str, Parameters]:
    if mart not in mart_descriptions():
        raise UnreadableFileError(f"The published file has no mart {mart}.")
    conditions = mart_filters(mart, selection).conditions
    parameters: Parameters = {n: selection.members(n) for n in conditions if n != "dates"}
    if "dates" in conditions:
        parameters |= {"first_day": selection.first_day, "last_day": selection.last_day}
    where = " and ".join(conditions.values())
    return f"from {_quoted(mart)}{f' where {where}' if where else ''}", parameters


def _or_none(members: tuple[str, ...]) -> tuple[str, ...]:
    return (*members, NONE_MEMBER) if members else ()


def _members(mart: str, column: str) -> list[str]:
    rows = _read(
        f"select distinct {column} as member from {mart} order by {column} = $none, {column}",
        {"none": NONE_MEMBER},
    )
    return list(rows["member"])


def _read(sql: str, parameters: Parameters | None = None) -> pd.DataFrame:
    rows: pd.DataFrame = _retry_once(lambda identity: _cached_rows(identity, sql, parameters or {}))
    return rows


@st.cache_data(show_spinner=False, max_entries=1000, max_size="256MB")
def _cached_rows(identity: Identity, sql: str, parameters: Parameters) -> pd.DataFrame:
    def read(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
        return connection.execute(sql, parameters).df()

    return _answer(identity, read)


def _retry_once(read: Callable[[Identity], Answer]) -> Answer:
    for _ in range(2):
        try:
            return read(published_identity())
        except _ReplacedError:
            continue
    raise UnreadableFileError(f"{published_path()} is being replaced; try again in a moment.")


def _answer(identity: Identity, read: Callable[[duckdb.DuckDBPyConnection], Answer]) -> Answer:
    """What `read` makes of the file, if it is the same file before and after."""
    try:
        with _connection(identity.path) as connection:
            answer = read(connection)
    except duckdb.Error as error:
        _check_not_replaced(identity)
        reason = str(error).splitlines()[0]
        raise UnreadableFileError(f"{identity.path} cannot be read: {reason}") from error
    _check_not_replaced(identity)
    return answer


def _check_not_replaced(identity: Identity) -> None:
    if published_identity() != identity:
        raise _ReplacedError


@contextmanager
def _connection(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    # duckdb.connect(path) would join whatever else of this process has that path open, and so go
    # on reading a replaced file. A database of its own that attaches the file reads the new one.
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"attach {_text(str(path))} as published (read_only)")
        connection.execute("use published.marts")
        yield connection


def _harmless(cell: str) -> str:
    formula_starts = r"^[=+\-@\t\r]"
    return f"if(regexp_matches({cell}, '{formula_starts}'), '''' || {cell}, {cell}) as {cell}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
