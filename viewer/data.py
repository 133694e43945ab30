"""Everything the viewer reads from the published file; all its SQL is here.

Every value is a parameter; names of tables and columns come from this module or from the file's
own catalogue. Figures are read anew on every run; only what describes a file (names to choose from,
comments, settings) is kept for as long as the file is the published one.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from statistics import NormalDist
from typing import Any, Literal, NamedTuple

import pandas as pd

from viewer.extract import Condition, Extract
from viewer.published import (
    Identity,
    Parameters,
    UnreadableFileError,
    cursor,
    published_identity,
    read,
    read_one,
    read_rows,
)
from viewer.selection import DEFAULT_METHOD, Comparison, OwnPersona, Period, Selection

NONE_MEMBER = "(none)"
INFLUENCER_CHANNEL = "influencer"
DAILY_UP_TO_DAYS = 92
WEEKLY_UP_TO_DAYS = 731
# Methods that apply to any selection; the others measure experiments.
SELECTION_METHODS = (DEFAULT_METHOD, "attributed", "organic_projection")

Bucket = Literal["day", "week", "month"]
Dimension = Literal["influencer", "persona", "platform", "tier", "category", "campaign", "brand"]

DIMENSION_COLUMN: Mapping[Dimension, str] = {
    "influencer": "influencer_id",
    "persona": "persona",
    "platform": "platform",
    "tier": "tier",
    "category": "category",
    "campaign": "campaign_id",
    "brand": "brand",
}
# What a row of an influencer says of who it is.
INFLUENCER_LABELS = ("influencer_name", "platform", "persona")
# What each filter compares, in influencer days joined to their influencers.
MEMBER_COLUMNS = {
    "platforms": "platform",
    "personas": "persona",
    "tiers": "tier",
    "categories": "category",
    "influencers": "influencer_id",
    "brands": "brand",
    "campaigns": "campaign_id",
}
# Of them, what influencers are, so that marts which only name the influencer can be filtered.
INFLUENCER_TRAITS = ("platforms", "personas", "tiers", "categories")
# The day of a row, in the order of preference.
DAY_COLUMNS = ("date_day", "post_date", "event_date")
# What became of a payout line, in SQL; "unpaid" is the three that follow it together.
_IS_UNPAID = "payment in ('overdue', 'due', 'no due date')"
PAYOUT_STATUSES = {
    "unpaid": _IS_UNPAID,
    **{
        status: f"payment = '{status}'"
        for status in ("overdue", "due", "no due date", "paid", "reversed")
    },
}
# SQL by the name of the order; what has to be paid first is on top.
PAYOUT_ORDERS = {
    "Due date": f"""
        not ({_IS_UNPAID}),
        if({_IS_UNPAID}, due_date, null) nulls last,
        due_date desc nulls last
    """,
    "Amount": "amount desc",
    "Difference": "abs(if(payment = 'reversed', null, difference)) desc nulls last",
    "Earned on": "event_date desc nulls last",
    "Influencer": "influencer_name nulls last, influencer_id, event_date",
}
# Layers from what is published back to what was read.
LAYERS = (
    *("marts", "calibration", "incrementality", "baseline", "panel", "core", "staging", "intake"),
    *("reference", "raw"),
)
# Types whose cells are no text, besides decimals.
PLAIN_TYPES = ("BIGINT", "BOOLEAN", "DATE", "DOUBLE", "INTEGER")
# Text that a spreadsheet may run: a sign of a formula, also in full width, after any white space
# and what is not shown; or a tab, a line break or a null character at the start.
_UNSEEN = "\\x00-\\x20\\x7f-\\xa0\\xad\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff"
_SIGNS = "=+\\-@\uff1d\uff0b\uff0d\uff20"
FORMULA = rf"^([{_UNSEEN}]*[{_SIGNS}]|[\x00\t\n\r])"

# A day without a post has no impressions; a post that does not tell them leaves them unknown.
_IMPRESSIONS = "coalesce(impressions, if(posts = 0, 0, null))"
_ENGAGEMENTS = "coalesce(likes + comments, if(posts = 0, 0, null))"
# A day without an order has no new customers.
_NEW_CUSTOMERS = "coalesce(new_customer_orders, if(orders = 0, 0, null))"


def _ratio(numerator: str, denominator: str, can_be_unknown: bool = True) -> str:
    """SQL of a ratio of sums, over rows in which both sides are known."""
    both_known = (
        f"filter (where ({numerator}) is not null and ({denominator}) is not null)"
        if can_be_unknown
        else ""
    )
    return (
        f"(sum({numerator}) {both_known})::double"
        f" / nullif((sum({denominator}) {both_known})::double, 0)"
    )


# Aggregates of influencer days by column, as the reports of the published file have them.
_AGGREGATES = {
    "influencers": "count(distinct influencer_id)",
    "influencers_with_spend": "count(distinct influencer_id) filter (where spend <> 0)",
    **{
        column: f"sum({column})"
        for column in (
            *("posts", "reach", "impressions", "likes", "comments", "clicks"),
            "new_customer_orders",
        )
    },
    **{
        column: f"coalesce(sum({column}), 0)"
        for column in ("gross_revenue", "discounts", "refunds")
    },
    "roas": _ratio("attributed_revenue", "spend", can_be_unknown=False),
    "cpo": _ratio("spend", "orders", can_be_unknown=False),
    "aov": _ratio("attributed_revenue", "orders", can_be_unknown=False),
    "cpm": _ratio("1000 * spend", _IMPRESSIONS),
    "cpe": _ratio("spend", _ENGAGEMENTS),
    "engagement_rate": _ratio("likes + comments", "reach"),
    "new_customer_share": _ratio("new_customer_orders", "orders_of_known_customers"),
    "ncac": _ratio("spend", _NEW_CUSTOMERS),
}
ALL_AGGREGATES = tuple(_AGGREGATES)


class Settings(NamedTuple):
    """How the figures of the published file are to be read.

    Attributes:
        ci_level: Level of the two-sided intervals.
        break_even: iROAS from which influencers earn.
        currency: ISO 4217 code of all money.
        stale_after_days: Days without new data after which the data are stale.
        is_simulated: Whether the truth is known.
    """

    ci_level: float
    break_even: float
    currency: str
    stale_after_days: int
    is_simulated: bool


@dataclass(frozen=True)
class Options:
    """What the filters can choose from, in the order to show it.

    Attributes:
        first_day: First day of the data.
        last_day: Last day of the data.
        periods: Named periods: the quarter and the fiscal year of the last day.
        platforms: Platforms that influencers have.
        personas: Personas that influencers have.
        tiers: Tiers that influencers have, smallest first.
        categories: Categories that influencers have.
        genders: Genders that influencers have.
        languages: Languages that influencers have.
        influencers: Name to show by influencer id.
        brands: Brands, (none) last.
        campaigns: Name to show by campaign id, (none) last.
        regions: Regions in which experiments were treated.
        methods: Methods that experiments were measured by.
        most_followers: Followers of the largest influencer.
    """

    first_day: date
    last_day: date
    periods: dict[str, Period] = field(default_factory=dict)
    platforms: list[str] = field(default_factory=list)
    personas: list[str] = field(default_factory=list)
    tiers: list[str] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    genders: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    influencers: dict[str, str] = field(default_factory=dict)
    brands: list[str] = field(default_factory=list)
    campaigns: dict[str, str] = field(default_factory=dict)
    regions: list[str] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)
    most_followers: int = 0


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


# --- What describes the file -------------------------------------------------------------------


def options() -> Options:
    """What the filters can choose from."""
    return _options(published_identity())


def settings() -> Settings:
    """How the figures are to be read."""
    return _settings(published_identity())


def column_comments() -> dict[tuple[str, str], str]:
    """What each column of each mart means, by mart and column, as told in the published file."""
    return _column_comments(published_identity())


def mart_descriptions() -> dict[str, str]:
    """What each published mart holds, by name; facts first, of them what influencers did."""
    return _mart_descriptions(published_identity())


def mart_columns(mart: str) -> dict[str, str]:
    """Types of a mart's columns, by name, in their order."""
    return _mart_columns(published_identity()).get(mart, {})


# --- Figures of influencers --------------------------------------------------------------------


def performance(
    selection: Selection,
    *by: Dimension,
    method: str = DEFAULT_METHOD,
    aggregates: Sequence[str] = ALL_AGGREGATES,
) -> pd.DataFrame:
    """Figures of a selection, in total or for each member of some dimensions in it.

    Ratios are ratios of sums, over rows in which both sides are known. The interval of incremental
    revenue is that of docs/metrics.md: what all campaigns share adds up as it is; campaigns, and
    within them influencers, are independent.

    Args:
        selection: What the filters choose.
        by: Dimensions, one row for each combination with activity; none for one row in total.
        method: One of SELECTION_METHODS; any other counts as the default.
        aggregates: Which of ALL_AGGREGATES are needed; few are faster.

    Returns:
        The column of each dimension, for influencers also influencer_name, platform and persona;
        influencer_days, orders, spend and attributed_revenue; the aggregates; incremental_revenue
        with incremental_revenue_se, _low and _high; iroas with iroas_low and _high;
        spend_measured_share, break_even, prob_profitable, verdict and verdict_reason. Money is in
        units of the currency.
    """
    keys = [DIMENSION_COLUMN[name] for name in by]
    chosen, parameters = _chosen_influencer_days(selection, keys)
    sql, added = _figures(chosen, selection, keys, method, aggregates)
    if "influencer" in by:
        sql = f"""
            select {", ".join(name for name in INFLUENCER_LABELS if name not in keys)}, figures.*
            from ({sql}) as figures
            inner join dim_influencers using (influencer_id)
        """
    order = f"order by {', '.join(keys)}" if keys else ""
    return _with_probability(read(f"{sql} {order}", parameters | added))


def performance_by_each(
    selection: Selection,
    *by: Dimension,
    method: str = DEFAULT_METHOD,
    aggregates: Sequence[str] = ALL_AGGREGATES,
) -> dict[Dimension, pd.DataFrame]:
    """Figures as of `performance` by each of some dimensions alone; one query is faster than two.

    Returns:
        The columns of `performance`, by dimension.
    """
    columns = {name: DIMENSION_COLUMN[name] for name in by}
    members = ", ".join(
        f"{{dimension: '{name}', member: {column}}}" for name, column in columns.items()
    )
    chosen, parameters = _chosen_influencer_days(selection, list(columns.values()))
    of_each = f"select *, unnest([{members}], recursive := true) from ({chosen})"
    sql, added = _figures(of_each, selection, ("dimension", "member"), method, aggregates)
    rows = read(
        f"""
        select {", ".join(INFLUENCER_LABELS)}, figures.*
        from ({sql}) as figures
        left join dim_influencers on dimension = 'influencer' and member = influencer_id
        order by dimension, member
        """,
        parameters | added,
    )
    return {
        name: _with_probability(
            rows[rows["dimension"] == name]
            .drop(columns=["dimension", *(() if name == "influencer" else INFLUENCER_LABELS)])
            .rename(columns={"member": column})
            .reset_index(drop=True)
        )
        for name, column in columns.items()
    }


def totals(
    selection: Selection,
    method: str = DEFAULT_METHOD,
    aggregates: Sequence[str] = ALL_AGGREGATES,
) -> dict[str, Any]:
    """Figures of a selection in total, by column of `performance`; None stands for null."""
    chosen, parameters = _chosen_influencer_days(selection)
    sql, added = _figures(chosen, selection, (), method, aggregates)
    figures = read_one(sql, parameters | added)
    return figures | {"prob_profitable": _probability(figures["iroas_distance"])}


def compared_totals(
    selection: Selection,
    comparison: Comparison | None,
    method: str = DEFAULT_METHOD,
    aggregates: Sequence[str] = ALL_AGGREGATES,
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Figures of a selection, and of the same selection over the period it is compared with.

    Args:
        selection: What the filters choose.
        comparison: What to compare with.
        method: As in `performance`.
        aggregates: As in `performance`.

    Returns:
        Figures as of `totals`; the earlier ones are None where nothing is compared or where the
        data do not reach back to the whole of the earlier period.
    """
    earlier = selection.before(comparison) if comparison else selection
    if comparison is None or earlier.first_day < options().first_day:
        return totals(selection, method, aggregates), None
    if method == "organic_projection":  # whose baseline is that of one period
        return totals(selection, method, aggregates), totals(earlier, method, aggregates)
    both = replace(selection, first_day=min(earlier.first_day, selection.first_day))
    chosen, parameters = _chosen_influencer_days(both)
    in_periods = f"""
        select chosen.*, is_earlier
        from ({chosen}) as chosen
        inner join (values (false, $now_first, $now_last), (true, $earlier_first, $earlier_last))
            as periods (is_earlier, first_day, last_day)
            on date_day between periods.first_day and periods.last_day
    """
    sql, added = _figures(in_periods, both, ("is_earlier",), method, aggregates)
    periods = {
        "now_first": selection.first_day,
        "now_last": selection.last_day,
        "earlier_first": earlier.first_day,
        "earlier_last": earlier.last_day,
    }
    found = {
        figures.pop("is_earlier"): figures
        | {"prob_profitable": _probability(figures["iroas_distance"])}
        for figures in read_rows(sql, parameters | added | periods)
    }
    # A period in which nothing happened has no row.
    return (
        found.get(False) or totals(selection, method, aggregates),
        found.get(True) or totals(earlier, method, aggregates),
    )


# The day before or after the bucket's days is of the same bucket.
_IS_CUT = """
    date_trunc($bucket, min(date_day) - 1) = date_trunc($bucket, min(date_day))
    or date_trunc($bucket, max(date_day) + 1) = date_trunc($bucket, max(date_day))
"""


def time_bucket(selection: Selection) -> Bucket:
    """How finely to show a selection over time, so that a chart stays readable."""
    if selection.days <= DAILY_UP_TO_DAYS:
        return "day"
    return "week" if selection.days <= WEEKLY_UP_TO_DAYS else "month"


def over_time(
    selection: Selection,
    method: str = DEFAULT_METHOD,
    bucket: Bucket | None = None,
    aggregates: Sequence[str] = ("roas", "cpo", "new_customer_share"),
) -> pd.DataFrame:
    """Figures of a selection by day, week or month; zero where nothing happened.

    Args:
        selection: What the filters choose.
        method: As in `performance`.
        bucket: How finely; None for what suits the number of days.
        aggregates: As in `performance`.

    Returns:
        bucket (its first day), bucket_start and bucket_end (its days within the selection), is_cut
        (whether these are only part of it), the columns of `performance` except those of its
        verdict; revenue of all channels (of the selected brands) and baseline with baseline_low
        and baseline_high: what that would have been without the incremental revenue of the
        selection.
    """
    chosen, parameters = _chosen_influencer_days(selection)
    in_buckets = f"select *, date_trunc($bucket, date_day)::date as bucket from ({chosen})"
    sql, added = _figures(in_buckets, selection, ("bucket",), method, aggregates)
    where_revenue, _ = _where(selection, ("brands",))
    zeros = ("spend", "attributed_revenue", "orders")
    return read(
        f"""
        with buckets as (
            select
                date_trunc($bucket, date_day)::date as bucket,
                min(date_day) as bucket_start,
                max(date_day) as bucket_end,
                {_IS_CUT} as is_cut
            from dim_dates
            where date_day between $first_day and $last_day
            group by all
        ),

        figures as ({sql}),

        revenue_days as (
            select date_day, sum(revenue) as revenue
            from fct_revenue_days
            where {where_revenue}
            group by date_day
        ),

        everything as (
            select date_trunc($bucket, date_day)::date as bucket, sum(revenue)::double as revenue
            from revenue_days
            group by all
        ),

        filled as (
            select
                buckets.*,
                count(figures.incremental_revenue) over () > 0 as is_measured,
                figures.* exclude (bucket, {", ".join(zeros)}, incremental_revenue,
                    incremental_revenue_low, incremental_revenue_high),
                {", ".join(f"coalesce({column}, 0) as {column}" for column in zeros)},
                coalesce(everything.revenue, 0) as revenue,
                if(is_measured, coalesce(incremental_revenue, 0), null) as incremental_revenue,
                if(incremental_revenue is null and is_measured, 0, incremental_revenue_low)
                    as incremental_revenue_low,
                if(incremental_revenue is null and is_measured, 0, incremental_revenue_high)
                    as incremental_revenue_high
            from buckets
            left join figures using (bucket)
            left join everything using (bucket)
        )

        select
            * exclude (is_measured),
            revenue - incremental_revenue as baseline,
            revenue - incremental_revenue_high as baseline_low,
            revenue - incremental_revenue_low as baseline_high
        from filled
        order by bucket
        """,
        parameters | added | {"bucket": bucket or time_bucket(selection)},
    )


def revenue_by_channel(selection: Selection) -> pd.DataFrame:
    """Revenue of every channel on the selected days, of the selected brands.

    Returns:
        channel, revenue and share, largest first.
    """
    where, parameters = _where(selection, ("brands",))
    return read(
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
    left_out = [
        f"{MEMBER_COLUMNS[name]} = $none"
        for name in ("brands", "campaigns")
        if selection.members(name) and NONE_MEMBER not in selection.members(name)
    ]
    if not left_out:
        return 0.0
    with_none = replace(
        selection, brands=_or_none(selection.brands), campaigns=_or_none(selection.campaigns)
    )
    chosen, parameters = _chosen_influencer_days(with_none)
    spend = read_one(
        f"select coalesce(sum(spend), 0) as spend from ({chosen}) where {' or '.join(left_out)}",
        parameters | {"none": NONE_MEMBER},
    )
    return float(spend["spend"])


def filters_to_widen(selection: Selection) -> list[str]:
    """Filters each of which, if cleared alone, would bring rows into an empty selection."""
    whole = options()
    cleared = {"dates": replace(selection, first_day=whole.first_day, last_day=whole.last_day)}
    for name in MEMBER_COLUMNS:
        cleared[name] = selection.without(name)
    return [
        name
        for name, wider in cleared.items()
        if wider != selection and influencer_day_count(wider) > 0
    ]


# --- Marts as they are -------------------------------------------------------------------------


def mart_filters(mart: str, selection: Selection) -> MartFilters:
    """How the selection narrows a mart: filters apply where the mart has their columns.

    What influencers are also reaches marts that only name the influencer; brand and campaign reach
    marts that only name the experiment. The whole period of the data is no date filter, so that
    rows of a mart that lie outside it stay.
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
        condition = _member_condition(name, selection)
        if not condition:
            continue
        if column in columns and not (name == "personas" and selection.own_persona):
            conditions[name] = condition
        elif name in INFLUENCER_TRAITS and "influencer_id" in columns:
            conditions[name] = (
                f"influencer_id in (select influencer_id from dim_influencers where {condition})"
            )
        elif name in ("brands", "campaigns") and "experiment_id" in columns:
            conditions[name] = (
                f"experiment_id in (select experiment_id from dim_experiments where {condition})"
            )
        else:
            missing.append(name)
    return MartFilters(conditions, missing, keeps_undated_rows)


# --- Extracts: data explorer and downloads -----------------------------------------------------


def extract_columns(extract: Extract) -> dict[str, str]:
    """Types of the columns that an extract has, by name, in their order.

    Raises:
        UnreadableFileError: If the file does not have the mart or a column.
    """
    known = mart_columns(extract.mart)
    return {name: known[name] for name in _known(extract, extract.columns or tuple(known))}


def extract_row_count(extract: Extract) -> int:
    """How many rows an extract has."""
    rows, parameters = _extracted_rows(extract)
    return int(read_one(f"select count(*) as rows {rows}", parameters)["rows"])


def extract_rows(extract: Extract, most: int) -> pd.DataFrame:
    """The first rows of an extract; decimals as floats, which is for looking at only."""
    sql, parameters = _extract_query(extract)
    return read(f"{sql} limit $most", parameters | {"most": most})


def extract_batches(extract: Extract, batch_rows: int) -> Iterator[list[tuple[Any, ...]]]:
    """All rows of an extract, in batches of plain values; decimals are exact."""
    sql, parameters = _extract_query(extract)
    with cursor() as connection:
        connection.execute(sql, parameters)
        while batch := connection.fetchmany(batch_rows):
            yield batch


def write_extract_csv(extract: Extract, file: Path) -> None:
    """Write all rows of an extract as CSV, in which no text is a formula to a spreadsheet.

    Such text, also where white space hides the sign, gets a leading apostrophe.
    """
    cells = ", ".join(
        f"{_harmless(name, data_type)} as {quoted(harmless_text(name))}"
        for name, data_type in extract_columns(extract).items()
    )
    _copy(extract, cells, file, "format csv, header")


def write_extract_parquet(extract: Extract, file: Path) -> None:
    """Write all rows of an extract as Parquet, with the types of the mart."""
    cells = ", ".join(quoted(name) for name in extract_columns(extract))
    _copy(extract, cells, file, "format parquet, compression zstd")


def harmless_text(text: str) -> str:
    """Text that no spreadsheet runs as a formula."""
    return f"'{text}" if re.match(FORMULA, text) else text


# --- Payouts -----------------------------------------------------------------------------------


def payout_selection(selection: Selection) -> Selection:
    """The selection as payout lines know it: they have no brand, so brands become campaigns."""
    if not selection.brands:
        return selection
    rows = read(
        """
        select campaign_id
        from dim_campaigns
        where
            list_contains($brands, brand)
            and (len($campaigns) = 0 or list_contains($campaigns, campaign_id))
        order by campaign_id
        """,
        {"brands": selection.members("brands"), "campaigns": selection.members("campaigns")},
    )
    # No campaign at all is not the same as every campaign; no key is empty.
    campaigns = tuple(rows["campaign_id"]) or ("",)
    return replace(selection, brands=(), campaigns=campaigns)


def payout_totals(selection: Selection) -> dict[str, Any]:
    """What the payout lines of a selection come to.

    Returns:
        Money: earned; the amounts of PAYOUT_STATUSES, by name with underscores, which but for
        "unpaid" add up to it; over_booked and under_booked, both positive. Lines: each of these
        names followed by _lines, those of earned without reversed ones, and lines for all;
        expected_lines whose expected amount is known. undated and undated_lines: without an
        event_date. oldest_due_date: of what is overdue, or None.
    """
    lines, parameters = _payout_lines(selection)
    statuses = "".join(
        f"""
            coalesce(sum(amount) filter ({condition}), 0) as {status.replace(" ", "_")},
            count(*) filter ({condition}) as {status.replace(" ", "_")}_lines,
        """
        for status, condition in PAYOUT_STATUSES.items()
    )
    return read_one(
        f"""
        with lines as ({lines})

        select
            count(*) as lines,
            coalesce(sum(amount), 0) as earned,
            count(*) filter (payment <> 'reversed') as earned_lines,
            {statuses}
            coalesce(sum(difference) filter (is_over), 0) as over_booked,
            count(*) filter (is_over) as over_booked_lines,
            coalesce(-sum(difference) filter (is_under), 0) as under_booked,
            count(*) filter (is_under) as under_booked_lines,
            count(difference) filter (payment <> 'reversed') as expected_lines,
            coalesce(sum(amount) filter (event_date is null), 0) as undated,
            count(*) filter (event_date is null) as undated_lines,
            min(due_date) filter (payment = 'overdue') as oldest_due_date
        from lines
        """,
        parameters,
    )


def payouts_outside(selection: Selection) -> dict[str, Any]:
    """Lines and amount that a brand or campaign filter leaves out as they name no campaign."""
    lines, parameters = _payout_lines(replace(selection, brands=(), campaigns=(NONE_MEMBER,)))
    return read_one(
        f"select count(*) as lines, coalesce(sum(amount), 0) as amount from ({lines})", parameters
    )


def payout_months(selection: Selection) -> pd.DataFrame:
    """What was earned, and what is unpaid, by month; undated lines are in no month.

    Returns:
        month, earned_paid and earned_unpaid (by event_date), due and overdue (by due_date, unpaid
        lines only); every month from the first to the last that has any.
    """
    lines, parameters = _payout_lines(selection)
    return read(
        f"""
        with lines as ({lines}),

        amounts as (
            select
                date_trunc('month', event_date)::date as month,
                if(payment = 'paid', amount, 0) as earned_paid,
                if(payment = 'paid', 0, amount) as earned_unpaid,
                0 as due,
                0 as overdue
            from lines
            union all
            select
                date_trunc('month', due_date)::date as month,
                0 as earned_paid,
                0 as earned_unpaid,
                if(payment = 'due', amount, 0) as due,
                if(payment = 'overdue', amount, 0) as overdue
            from lines
            where payment in ('due', 'overdue')
        ),

        months as (
            select unnest(generate_series(min(month), max(month), interval 1 month))::date as month
            from amounts
        )

        select
            months.month,
            coalesce(sum(earned_paid), 0) as earned_paid,
            coalesce(sum(earned_unpaid), 0) as earned_unpaid,
            coalesce(sum(due), 0) as due,
            coalesce(sum(overdue), 0) as overdue
        from months
        left join amounts using (month)
        group by months.month
        order by months.month
        """,
        parameters,
    )


def payout_ledger(
    selection: Selection, status: str | None, order: str, rows: int, skipped: int = 0
) -> pd.DataFrame:
    """Payout lines of a selection, with the names of influencer and campaign.

    Args:
        selection: What the filters choose.
        status: One of PAYOUT_STATUSES; None for all.
        order: One of PAYOUT_ORDERS.
        rows: How many lines at most.
        skipped: How many lines to leave out before them.

    Returns:
        The columns of fct_payout_lines without status and spend_type; influencer_name,
        campaign_name, payment (one of PAYOUT_STATUSES but "unpaid") and days_overdue, null where
        nothing is. Money is in units of the currency.
    """
    lines, parameters = _payout_lines(selection)
    return read(
        f"""
        with lines as ({lines})

        select
            lines.* exclude (status, spend_type, is_over, is_under),
            influencers.influencer_name,
            campaigns.campaign_name,
            if(payment = 'overdue', $as_of - due_date, null) as days_overdue
        from lines
        left join dim_influencers as influencers using (influencer_id)
        left join dim_campaigns as campaigns using (campaign_id)
        {f"where {PAYOUT_STATUSES[status]}" if status else ""}
        order by {PAYOUT_ORDERS[order]}, payout_line_id
        limit $rows offset $skipped
        """,
        parameters | {"rows": rows, "skipped": skipped},
    )


def payout_conditions(status: str | None) -> list[Condition]:
    """Conditions on columns of fct_payout_lines that hold for a status, for downloads."""
    as_of = options().last_day
    unpaid = [
        Condition("status", "is not", "paid"),
        Condition("status", "is not", "reversed"),
    ]
    return {
        None: [],
        "unpaid": unpaid,
        "overdue": [*unpaid, Condition("due_date", "<=", as_of - timedelta(days=1))],
        "due": [*unpaid, Condition("due_date", ">=", as_of)],
        "no due date": [*unpaid, Condition("due_date", "is empty", None)],
        "paid": [Condition("status", "is", "paid")],
        "reversed": [Condition("status", "is", "reversed")],
    }[status]


def payout_influencers(selection: Selection, most: int) -> tuple[pd.DataFrame, int]:
    """Payouts of influencers, those with the largest difference first.

    Args:
        selection: What the filters choose.
        most: How many influencers at most.

    Returns:
        influencer_id, influencer_name, lines (without reversed ones), earned, paid, unpaid,
        overdue; over the lines whose expected amount is known, expected_lines, booked, expected
        and difference, null where none is; and how many influencers there are in all.
    """
    lines, parameters = _payout_lines(selection)
    rows = read(
        f"""
        with lines as ({lines})

        select
            influencer_id,
            any_value(influencers.influencer_name) as influencer_name,
            count(*) as lines,
            sum(amount) as earned,
            coalesce(sum(amount) filter (payment = 'paid'), 0) as paid,
            coalesce(sum(amount) filter ({_IS_UNPAID}), 0) as unpaid,
            coalesce(sum(amount) filter (payment = 'overdue'), 0) as overdue,
            count(difference) as expected_lines,
            sum(amount) filter (difference is not null) as booked,
            sum(expected_amount) filter (difference is not null) as expected,
            sum(difference) as difference,
            count(*) over () as influencers
        from lines
        left join dim_influencers as influencers using (influencer_id)
        where payment <> 'reversed'
        group by influencer_id
        order by abs(sum(difference)) desc nulls last, earned desc, influencer_id
        limit $most
        """,
        parameters | {"most": most},
    )
    return rows.drop(columns="influencers"), int(rows["influencers"].max()) if len(rows) else 0


# --- Data health -------------------------------------------------------------------------------


def raw_tables() -> pd.DataFrame:
    """What was read of each raw table: rpt_data_health with accepted_share; read tables first.

    Files that are read as no table are in `files_not_read`.
    """
    return read(
        """
        select *, rows_accepted / nullif(rows_read, 0) as accepted_share
        from rpt_data_health
        where raw_table <> $none
        order by files = 0, rows_read desc, raw_table
        """,
        {"none": NONE_MEMBER},
    )


def files_not_read() -> tuple[int, str]:
    """How many files below the folder of exports are read as no table, and why."""
    rows = read_rows(
        "select files, notes from rpt_data_health where raw_table = $none", {"none": NONE_MEMBER}
    )
    return (rows[0]["files"], rows[0]["notes"] or "") if rows else (0, "")


_OF_STATUS = """
    fct_rejected_rows.row_status in (select unnest($row_statuses))
    and ($raw_table = '' or raw_table = $raw_table)
"""


def reject_groups(row_statuses: Sequence[str], raw_table: str | None = None) -> pd.DataFrame:
    """Rows of fct_rejected_rows by what is wrong with them; most rows first.

    Args:
        row_statuses: What became of the rows, such as rejected.
        raw_table: Raw table; None for all.

    Returns:
        raw_table, column_name (null for whole rows), reject_code, its sentence and remedy, rows,
        amount (null where none can be read), and of the first such row file, record_number, value
        and reason.
    """
    return read(
        f"""
        select
            raw_table,
            column_name,
            reject_code,
            coalesce(any_value(sentence), min(reason)) as sentence,
            coalesce(any_value(remedy), '') as remedy,
            count(*) as rows,
            sum(amount) as amount,
            arg_min(file, (file, record_number)) as file,
            arg_min(record_number, (file, record_number)) as record_number,
            (arg_min({{'value': value}}, (file, record_number))).value as value,
            arg_min(reason, (file, record_number)) as reason
        from fct_rejected_rows
        left join dim_reject_reasons using (reject_code)
        where {_OF_STATUS}
        group by raw_table, column_name, reject_code
        order by rows desc, raw_table, column_name, reject_code
        """,
        {"raw_table": raw_table or "", "row_statuses": list(row_statuses)},
    )


def reject_rows(row_statuses: Sequence[str], raw_table: str | None, most: int) -> pd.DataFrame:
    """The first rows of fct_rejected_rows.

    Args:
        row_statuses: What became of the rows.
        raw_table: Raw table; None for all.
        most: How many at most.

    Returns:
        The columns of the mart that say which row it is, and what is wrong with it.
    """
    return read(
        f"""
        select raw_table, file, record_number, column_name, value, reason
        from fct_rejected_rows
        where {_OF_STATUS}
        order by raw_table, file, record_number
        limit $most
        """,
        {"raw_table": raw_table or "", "row_statuses": list(row_statuses), "most": most},
    )


def has_reject_rows(row_statuses: Sequence[str], raw_table: str | None = None) -> bool:
    """Whether there are rows of fct_rejected_rows of which this became.

    Args:
        row_statuses: What became of them.
        raw_table: Raw table; None for all.
    """
    found = read_one(
        f"select count(*) as rows from fct_rejected_rows where {_OF_STATUS}",
        {"raw_table": raw_table or "", "row_statuses": list(row_statuses)},
    )
    return bool(found["rows"])


def not_found() -> pd.DataFrame:
    """Values of the exports that are found nowhere: rpt_not_found, most money first."""
    return read(
        """
        select *
        from rpt_not_found
        order by amount desc nulls last, rows desc, field, raw_table, value
        """
    )


def immature_days(selection: Selection) -> dict[str, Any]:
    """Days of a selection whose orders can still come back.

    Returns:
        days, first_day, last_day and attributed_revenue of these days.
    """
    chosen, parameters = _chosen_influencer_days(selection)
    return read_one(
        f"""
        select
            count(distinct date_day) as days,
            min(date_day) as first_day,
            max(date_day) as last_day,
            coalesce(sum(attributed_revenue), 0) as attributed_revenue
        from ({chosen})
        where is_immature
        """,
        parameters,
    )


def orders_by_channel(selection: Selection) -> pd.DataFrame:
    """Orders of each channel on the selected days, of the selected brands; most orders first.

    Returns:
        channel, orders, revenue and share, that of all orders.
    """
    where, parameters = _where(selection, ("brands",))
    return read(
        f"""
        select
            channel,
            coalesce(sum(orders), 0)::bigint as orders,
            sum(revenue) as revenue,
            sum(orders)::double / nullif(sum(sum(orders)) over (), 0)::double as share
        from fct_revenue_days
        where {where}
        group by channel
        order by orders desc, channel
        """,
        parameters,
    )


def campaign_measurement(selection: Selection) -> pd.DataFrame:
    """How the incrementality of the campaigns of a selection is known.

    Returns:
        known_by: the basis of the factor (own experiment, pooled, none), "no factor" for campaigns
        that have none; by it, campaigns ("(none)" is not one), campaigns_without_experiment,
        attributed_revenue, spend and spend_without_experiment.
    """
    chosen, parameters = _chosen_influencer_days(selection)
    return read(
        f"""
        with campaigns as (
            select
                campaign_id,
                sum(attributed_revenue) as attributed_revenue,
                sum(spend) as spend,
                campaign_id <> $none as is_campaign,
                campaign_id in (select campaign_id from dim_experiments) as has_experiment
            from ({chosen})
            group by campaign_id
        ),

        known as (
            select campaigns.*, coalesce(factors.basis, 'no factor') as known_by
            from campaigns
            left join fct_incrementality_factors as factors using (campaign_id)
        )

        select
            known_by,
            count(*) filter (is_campaign) as campaigns,
            count(*) filter (is_campaign and not has_experiment) as campaigns_without_experiment,
            sum(attributed_revenue) as attributed_revenue,
            sum(spend) as spend,
            coalesce(sum(spend) filter (is_campaign and not has_experiment), 0)
                as spend_without_experiment
        from known
        group by known_by
        order by list_position(['own experiment', 'pooled', 'none', 'no factor'], known_by)
        """,
        parameters | {"none": NONE_MEMBER},
    )


def unmeasured_experiments(selection: Selection) -> tuple[pd.DataFrame, int]:
    """Experiments of the selected brands and campaigns that no method could measure.

    Returns:
        experiment_id, experiment_name and reason; and how many experiments there are in all.
    """
    by_experiment = selection.without(*INFLUENCER_TRAITS, "influencers")
    where, parameters = from_mart("fct_incremental_roas", by_experiment)
    rows = read(
        f"""
        with defaults as (
            select experiment_id, verdict, verdict_reason from (select * {where}) where is_default
        )

        select
            experiment_id,
            experiments.experiment_name,
            verdict_reason as reason,
            verdict = 'not measurable' as is_unmeasured
        from defaults
        left join dim_experiments as experiments using (experiment_id)
        order by experiment_id
        """,
        parameters,
    )
    unmeasured = rows[rows["is_unmeasured"].astype(bool)].drop(columns="is_unmeasured")
    return unmeasured, len(rows)


# --- How it is computed ------------------------------------------------------------------------


class Model(NamedTuple):
    """What is known of a model, a table of reference or a raw table.

    Attributes:
        layer: Where it belongs, from raw to marts.
        description: What it holds.
        formulas: Formula by column, of those that are computed by one.
        parents: What it reads.
        rows: How many it has; None where they were not counted.
    """

    layer: str
    description: str
    formulas: dict[str, str]
    parents: tuple[str, ...]
    rows: int | None


def models() -> dict[str, Model]:
    """Everything that the published file was built from, by name; marts first, raw tables last."""
    return _models(published_identity())


def compiled_sql(model: str) -> str | None:
    """The SQL that a model ran in the build; None for what has none."""
    rows = read("select compiled_sql from meta_models where model = $model", {"model": model})
    return str(rows["compiled_sql"][0]) if rows["compiled_sql"].notna().any() else None


def settings_in_force() -> pd.DataFrame:
    """setting, value and description of every setting that the figures were built with."""
    return read("select setting, value, description from meta_settings order by setting")


# --- Influencers and personas ------------------------------------------------------------------


def influencer_day_count(selection: Selection) -> int:
    """How many rows of influencer days a selection has; 0 means that nobody was active."""
    chosen, parameters = _chosen_influencer_days(selection)
    return int(read_one(f"select count(*) as days from ({chosen})", parameters)["days"])


def influencer_profile(influencer_id: str) -> dict[str, Any] | None:
    """Who an influencer is.

    Args:
        influencer_id: Any text.

    Returns:
        The columns of dim_influencers, with first_active and last_active: the first and last day
        with posts, orders or spend; None if there is no such influencer.
    """
    if influencer_id not in options().influencers:
        return None
    return read_one(
        """
        select
            influencers.*,
            (select min(date_day) from fct_influencer_days where influencer_id = $influencer_id)
                as first_active,
            (select max(date_day) from fct_influencer_days where influencer_id = $influencer_id)
                as last_active
        from dim_influencers as influencers
        where influencer_id = $influencer_id
        """,
        {"influencer_id": influencer_id},
    )


def influencer_over_time(selection: Selection, bucket: Bucket) -> pd.DataFrame:
    """Attributed revenue, spend and orders of a selection; zero where nothing happened.

    Unlike `over_time` it has no incremental figures, and so is much faster.

    Args:
        selection: What the filters choose.
        bucket: How finely.

    Returns:
        bucket (its first day), bucket_start and bucket_end (its days within the selection), is_cut
        (whether these are only part of it), attributed_revenue, spend and orders.
    """
    chosen, parameters = _chosen_influencer_days(selection)
    return read(
        f"""
        with sums as (
            select
                date_day,
                sum(attributed_revenue)::double as attributed_revenue,
                sum(spend)::double as spend,
                sum(orders)::bigint as orders
            from ({chosen})
            group by date_day
        )

        select
            date_trunc($bucket, date_day)::date as bucket,
            min(date_day) as bucket_start,
            max(date_day) as bucket_end,
            {_IS_CUT} as is_cut,
            coalesce(sum(attributed_revenue), 0) as attributed_revenue,
            coalesce(sum(spend), 0) as spend,
            coalesce(sum(orders), 0)::bigint as orders
        from dim_dates
        left join sums using (date_day)
        where date_day between $first_day and $last_day
        group by all
        order by bucket
        """,
        parameters | {"bucket": bucket},
    )


def influencer_posts(selection: Selection) -> pd.DataFrame:
    """Posts of a selection, newest first: the columns of fct_posts that are shown."""
    rows, parameters = from_mart("fct_posts", selection)
    return read(
        f"""
        select
            post_date,
            post_type,
            platform,
            url,
            caption,
            campaign_id,
            brand,
            reach,
            impressions,
            likes,
            comments,
            clicks,
            orders,
            attributed_revenue,
            spend
        {rows}
        order by post_date desc, post_id
        """,
        parameters,
    )


def influencer_campaigns(selection: Selection) -> pd.DataFrame:
    """Campaigns that the influencers of a selection took part in, most spend first.

    Returns:
        campaign_id, brand, start_date and end_date; posts, orders, attributed_revenue, spend and
        roas within the selection; experiment_id and experiment_name of the first experiment that
        measured the campaign, or null.
    """
    chosen, parameters = _chosen_influencer_days(selection)
    return read(
        f"""
        with sums as (
            select
                campaign_id,
                sum(posts)::bigint as posts,
                sum(orders)::bigint as orders,
                sum(attributed_revenue)::double as attributed_revenue,
                sum(spend)::double as spend,
                {_AGGREGATES["roas"]} as roas
            from ({chosen})
            group by campaign_id
        ),

        experiments as (
            select
                campaign_id,
                min(experiment_id) as experiment_id,
                arg_min(experiment_name, experiment_id) as experiment_name
            from dim_experiments
            group by campaign_id
        )

        select
            sums.*,
            campaigns.brand,
            campaigns.start_date,
            campaigns.end_date,
            experiments.experiment_id,
            experiments.experiment_name
        from sums
        left join dim_campaigns as campaigns using (campaign_id)
        left join experiments using (campaign_id)
        order by sums.spend desc, sums.attributed_revenue desc, sums.campaign_id
        """,
        parameters,
    )


# --- Campaigns & experiments -------------------------------------------------------------------


def campaigns(selection: Selection, method: str = DEFAULT_METHOD) -> pd.DataFrame:
    """Campaigns of a selection with what they cost and brought, and what is known of them.

    Args:
        selection: What the filters choose.
        method: As in `performance`.

    Returns:
        The columns of `performance` by campaign with the ratio roas; campaign_name, brand,
        start_date, end_date, cooldown_days, regions_treated, regions_control; experiment_id and
        experiment_verdict by its default method, null without an experiment; factor, factor_se
        and basis, null without attributed revenue. The latest first, "(none)" last.
    """
    chosen, parameters = _chosen_influencer_days(selection)
    sql, added = _figures(chosen, selection, ("campaign_id",), method, ("roas",))
    rows = read(
        f"""
        with figures as ({sql}),

        experiments as (
            select
                campaign_id,
                any_value(experiment_id) as experiment_id,
                any_value(verdict) as experiment_verdict
            from dim_experiments
            left join fct_incremental_roas using (experiment_id)
            where is_default and source = 'campaign'
            group by campaign_id
        )

        select
            figures.*,
            dim_campaigns.* exclude (campaign_id),
            experiments.experiment_id,
            experiments.experiment_verdict,
            factors.factor,
            factors.factor_se,
            factors.basis
        from figures
        left join dim_campaigns using (campaign_id)
        left join experiments using (campaign_id)
        left join fct_incrementality_factors as factors using (campaign_id)
        order by campaign_id = $none, start_date desc nulls last, campaign_id
        """,
        parameters | added | {"none": NONE_MEMBER},
    )
    return _with_probability(rows)


def regions_of_campaign(campaign_id: str) -> tuple[int | None, int | None]:
    """How many regions a campaign is known to run in, and to be kept out of; None if not known."""
    rows = read(
        "select regions_treated, regions_control from dim_campaigns where campaign_id = $campaign",
        {"campaign": campaign_id},
    )
    treated, control = (rows[name].dropna() for name in ("regions_treated", "regions_control"))
    return (int(treated[0]) if len(treated) else None, int(control[0]) if len(control) else None)


def experiment_names() -> dict[str, str]:
    """Names to show of all experiments, by id; a name that several have is followed by the id."""
    return _experiment_names(published_identity())


def experiments(
    selection: Selection, regions: Sequence[str] = (), method: str = DEFAULT_METHOD
) -> pd.DataFrame:
    """Experiments of a selection, each by one method.

    Args:
        selection: What the filters choose: days that test or cooldown meet, brands, campaigns.
            The whole period of the data is no choice, since geo tests may lie outside of it.
        regions: Regions of which one was treated; none for all.
        method: The method to show; where there is none of this name, the default of each.

    Returns:
        experiment_id, experiment_name, source, campaign_id, brand, pretest_start, pretest_end,
        test_start, test_end, cooldown_end; method, is_default, incremental_revenue, ci_level,
        ci_low, ci_high, iroas, iroas_low, iroas_high, break_even, prob_profitable, verdict and
        verdict_reason; true_incremental_revenue and true_iroas, null where they are not known.
        The latest first.
    """
    where, parameters = _where_experiments(selection, regions)
    return read(
        f"""
        select
            dim_experiments.*,
            results.method, results.is_default, results.incremental_revenue, results.ci_level,
            results.ci_low, results.ci_high, results.iroas, results.iroas_low, results.iroas_high,
            results.break_even, results.prob_profitable, results.verdict, results.verdict_reason,
            truth.true_incremental_revenue::double as true_incremental_revenue,
            truth.true_iroas
        from dim_experiments
        inner join fct_incremental_roas as results using (experiment_id)
        left join fct_experiment_truth as truth using (experiment_id)
        where {where} and (results.is_default or results.method = $method)
        qualify row_number() over (
            partition by experiment_id order by results.method = $method desc
        ) = 1
        order by test_start desc, experiment_id
        """,
        parameters | {"method": method},
    )


def experiment_filters_to_widen(selection: Selection, regions: Sequence[str]) -> list[str]:
    """Filters each of which, if cleared alone, would bring experiments into an empty selection.

    Returns:
        Of "dates", "brands", "campaigns" and "regions" those that do.
    """
    whole = options()
    wider = {
        "dates": (replace(selection, first_day=whole.first_day, last_day=whole.last_day), regions),
        "brands": (selection.without("brands"), regions),
        "campaigns": (selection.without("campaigns"), regions),
        "regions": (selection, ()),
    }
    return [name for name, chosen in wider.items() if len(experiments(*chosen))]


def experiment_methods(experiment_id: str) -> pd.DataFrame:
    """What every method says of an experiment, and what is known of the experiment itself.

    Returns:
        The columns of fct_incremental_roas and of dim_experiments;
        true_incremental_revenue, spilled_into_control_revenue and true_iroas, null where they are
        not known, with error (incremental_revenue less the truth) and holds_truth, whether the
        truth is between ci_low and ci_high. The default method first, attribution last. No rows
        for an experiment that does not exist.
    """
    return read(
        """
        select
            results.*,
            dim_experiments.* exclude (experiment_id),
            truth.true_incremental_revenue::double as true_incremental_revenue,
            truth.spilled_into_control_revenue::double as spilled_into_control_revenue,
            truth.true_iroas,
            results.incremental_revenue - truth.true_incremental_revenue::double as error,
            truth.true_incremental_revenue::double between results.ci_low and results.ci_high
                as holds_truth
        from fct_incremental_roas as results
        inner join dim_experiments using (experiment_id)
        left join fct_experiment_truth as truth using (experiment_id)
        where experiment_id = $experiment_id
        order by
            results.is_default desc,
            results.method in ('attributed', 'organic_projection'),
            results.verdict = 'not measurable',
            results.method
        """,
        {"experiment_id": experiment_id},
    )


def experiment_days(experiment_id: str, methods: Sequence[str]) -> pd.DataFrame:
    """An experiment day by day, as a method sees it.

    Args:
        experiment_id: The experiment.
        methods: Methods in the order of preference; of those that have a daily series, the first
            is taken, and any other where none of them has one.

    Returns:
        method, date_day, actual, baseline, baseline_low, baseline_high; effect with effect_low and
        effect_high: actual less baseline; cumulative_incremental, cumulative_low and
        cumulative_high, null in the pretest. Limits are null where a method has none. No rows
        where no method could measure the experiment day by day.
    """
    return read(
        """
        select
            method, date_day, actual, baseline, baseline_low, baseline_high,
            actual - baseline as effect,
            actual - baseline_high as effect_low,
            actual - baseline_low as effect_high,
            cumulative_incremental, cumulative_low, cumulative_high
        from fct_baseline_days
        where experiment_id = $experiment_id
        qualify method = first_value(method) over (
            order by list_position($methods, method) nulls last, method
            rows between unbounded preceding and unbounded following
        )
        order by date_day
        """,
        {"experiment_id": experiment_id, "methods": list(methods)},
    )


def experiment_regions(experiment_id: str) -> pd.DataFrame:
    """Regions of an experiment, treated first: region, assignment, pair and pretest_revenue."""
    return read(
        """
        select region, assignment, pair, pretest_revenue
        from dim_experiment_regions
        where experiment_id = $experiment_id
        order by assignment = 'control', region
        """,
        {"experiment_id": experiment_id},
    )


def methods_against_truth() -> pd.DataFrame:
    """How far methods were from the truth of all experiments; empty for real data.

    Returns:
        The columns of rpt_method_calibration of its level experiment; the default first, methods
        without any interval last.
    """
    return read(
        """
        select *
        from rpt_method_calibration
        where level = 'experiment'
        order by method <> 'default', coverage is null, rmse nulls last, method
        """
    )


# --- Queries -----------------------------------------------------------------------------------


def _figures(
    chosen: str,
    selection: Selection,
    keys: Sequence[str],
    method: str,
    aggregates: Sequence[str],
) -> tuple[str, Parameters]:
    """SQL of the columns of `performance`, and the values that it adds to those of its rows.

    Args:
        chosen: SQL of the influencer days, with the keys.
        selection: What chose them.
        keys: Columns by which to group, none for one row; by "bucket" rows have no verdict.
        method: As in `performance`.
        aggregates: As in `performance`.
    """
    is_legacy = method == "organic_projection"
    where_revenue, _ = _where(selection, ("brands",))
    verdict = _VERDICT.format(has_interval=method not in SELECTION_METHODS[1:])
    key_list = "".join(f"{key}, " for key in keys)
    campaign_keys = "".join(f"{key}, " for key in dict.fromkeys([*keys, "campaign_id"]))
    influencer_keys = "".join(
        f"{key}, " for key in dict.fromkeys([*keys, "campaign_id", "influencer_id"])
    )
    join = f"inner join spread using ({', '.join(keys)})" if keys else "cross join spread"
    sql = f"""
        with chosen as ({chosen}),

        sums as (
            select
                {key_list}
                count(*) as influencer_days,
                {"".join(f"{_AGGREGATES[name]} as {name}, " for name in aggregates)}
                coalesce(sum(orders), 0) as orders,
                coalesce(sum(attributed_revenue), 0) as attributed_revenue,
                coalesce(sum(spend), 0) as spend
            from chosen
            {f"group by {key_list.rstrip(', ')}" if keys else ""}
        ),

        influencer_campaigns as (
            select
                {influencer_keys}
                sum(incremental_revenue) as incremental_revenue,
                sum(incremental_se_shared) as se_shared,
                sum(incremental_se_campaign) as se_campaign,
                sum(incremental_se_influencer) as se_influencer,
                coalesce(sum(spend) filter (where incremental_revenue is not null), 0)::double
                    as measured_spend
            from chosen
            group by {influencer_keys.rstrip(", ")}
        ),

        campaigns as (
            select
                {campaign_keys}
                sum(incremental_revenue) as incremental_revenue,
                sum(se_shared) as se_shared,
                sum(se_campaign) as se_campaign,
                sum(se_influencer ^ 2) as influencer_variance,
                sum(measured_spend) as measured_spend
            from influencer_campaigns
            group by {campaign_keys.rstrip(", ")}
        ),

        spread as (
            select
                {key_list}
                sum(incremental_revenue) as calibrated_revenue,
                sqrt(sum(se_shared) ^ 2 + sum(se_campaign ^ 2 + influencer_variance))
                    as calibrated_se,
                sum(measured_spend) as calibrated_spend
            from campaigns
            {f"group by {key_list.rstrip(', ')}" if keys else ""}
        ),

        {_ORGANIC_PROJECTION.format(where_revenue=where_revenue) if is_legacy else ""}

        estimates as (
            select
                sums.*,
                {_ESTIMATES.get(method, _ESTIMATES[DEFAULT_METHOD])}
            from sums
            {join}
            {"cross join others cross join everyone" if is_legacy else ""}
        ),

        intervals as (
            select
                *,
                $ci_level::double as ci_level,
                $break_even::double as break_even,
                incremental_revenue - $z * incremental_revenue_se as incremental_revenue_low,
                incremental_revenue + $z * incremental_revenue_se as incremental_revenue_high,
                incremental_revenue / nullif(measured_spend, 0) as iroas,
                incremental_revenue_low / nullif(measured_spend, 0) as iroas_low,
                incremental_revenue_high / nullif(measured_spend, 0) as iroas_high,
                measured_spend / nullif(spend, 0)::double as spend_measured_share,
                (iroas - break_even) / nullif(incremental_revenue_se / measured_spend, 0)
                    as iroas_distance
            from estimates
        )

        select *{"" if "bucket" in keys else verdict}
        from intervals
    """
    reading = settings()
    return sql, {
        "ci_level": reading.ci_level,
        "break_even": reading.break_even,
        "z": NormalDist().inv_cdf((1 + reading.ci_level) / 2),
    }


_VERDICT = """,
        case
            when iroas_low is null or spend_measured_share < 0.5 then 'not measurable'
            when iroas_low > break_even then 'earns'
            when iroas_high < break_even then 'loses'
            else 'cannot tell'
        end as verdict,
        case
            when spend = 0 then 'nothing was spent'
            when not {has_interval} then 'this method has no interval'
            when incremental_revenue is null and orders > 0
                then 'fewer than three experiments tell what attribution is worth'
            when incremental_revenue is null
                then 'no attributed orders: who buys without code or link is not seen'
            when incremental_revenue_se = 0
                then 'no attributed revenue: who buys without code or link is not seen'
            when iroas is null or spend_measured_share < 0.5
                then 'less than half of the spend has attributed revenue to calibrate'
            else printf(
                'the %g%% interval of iROAS %s the break-even of %.4g',
                100 * ci_level,
                case
                    when iroas_low > break_even then 'lies above'
                    when iroas_high < break_even then 'lies below'
                    else 'holds'
                end,
                break_even
            )
        end as verdict_reason
"""
_ESTIMATES = {
    DEFAULT_METHOD: """
        calibrated_revenue as incremental_revenue,
        calibrated_se as incremental_revenue_se,
        if(calibrated_se = 0, 0, calibrated_spend) as measured_spend
    """,
    "attributed": """
        attributed_revenue::double as incremental_revenue,
        null::double as incremental_revenue_se,
        spend::double as measured_spend
    """,
    "organic_projection": """
        attributed_revenue::double
        - organic_revenue::double * nullif(spend, 0)::double / nullif(all_spend, 0)::double
            as incremental_revenue,
        null::double as incremental_revenue_se,
        spend::double as measured_spend
    """,
}
# The legacy baseline: what other channels earned on the selected days (of the selected brands;
# nothing else exists there), times the row's share of all spend of those days.
_ORGANIC_PROJECTION = """
        others as (
            select coalesce(sum(revenue), 0) as organic_revenue
            from fct_revenue_days
            where {where_revenue} and channel <> 'influencer'
        ),

        everyone as (
            select coalesce(sum(spend), 0) as all_spend
            from fct_influencer_days
            where date_day between $first_day and $last_day
        ),
"""


def _with_probability(rows: pd.DataFrame) -> pd.DataFrame:
    probability = rows["iroas_distance"].map(_probability, na_action="ignore")
    return rows.assign(prob_profitable=probability)


def _probability(distance: float | None) -> float | None:
    """Probability of earning, from how many standard errors iROAS is above the break-even."""
    return None if distance is None else NormalDist().cdf(distance)


def _where(selection: Selection, names: Sequence[str]) -> tuple[str, Parameters]:
    """Conditions of the chosen days and, for the given filters, of the chosen members."""
    conditions = ["date_day between $first_day and $last_day"]
    parameters: Parameters = {"first_day": selection.first_day, "last_day": selection.last_day}
    for name in names:
        condition = _member_condition(name, selection)
        if condition:
            conditions.append(condition)
            parameters |= _member_parameters(name, selection)
    return " and ".join(conditions), parameters


def _member_condition(name: str, selection: Selection) -> str:
    """SQL that holds for what a filter chooses; empty where it chooses everything."""
    alternatives = []
    if selection.members(name):
        alternatives.append(f"list_contains(${name}, {MEMBER_COLUMNS[name]})")
    if name == "personas" and selection.own_persona:
        alternatives.append(_own_persona_condition(selection.own_persona))
    return f"({' or '.join(alternatives)})" if alternatives else ""


def _member_parameters(name: str, selection: Selection) -> Parameters:
    parameters: Parameters = {}
    if selection.members(name):
        parameters[name] = selection.members(name)
    if name == "personas" and selection.own_persona:
        parameters |= _own_persona_parameters(selection.own_persona)
    return parameters


def _own_persona_condition(own: OwnPersona) -> str:
    conditions = ["true"]
    if own.min_followers is not None:
        conditions.append("follower_count >= $own_min_followers")
    if own.max_followers is not None:
        conditions.append("follower_count <= $own_max_followers")
    for trait in ("platform", "category", "gender", "language"):
        if getattr(own, trait) is not None:
            conditions.append(f"{trait} = $own_{trait}")
    return f"({' and '.join(conditions)})"


def _own_persona_parameters(own: OwnPersona) -> Parameters:
    traits = ("min_followers", "max_followers", "platform", "category", "gender", "language")
    return {
        f"own_{trait}": getattr(own, trait) for trait in traits if getattr(own, trait) is not None
    }


def from_mart(mart: str, selection: Selection) -> tuple[str, Parameters]:
    """The from and where clauses of a mart's rows that the selection leaves."""
    if mart not in mart_descriptions():
        raise UnreadableFileError(f"The published file has no mart {mart}.")
    conditions = mart_filters(mart, selection).conditions
    parameters: Parameters = {}
    for name in conditions:
        if name == "dates":
            parameters |= {"first_day": selection.first_day, "last_day": selection.last_day}
        else:
            parameters |= _member_parameters(name, selection)
    where = " and ".join(conditions.values())
    return f"from {quoted(mart)}{f' where {where}' if where else ''}", parameters


def _payout_lines(selection: Selection) -> tuple[str, Parameters]:
    """Payout lines of a selection, with what became of them by the last day of the data.

    A reversed line and its counter-line cancel each other, and so do their differences.
    """
    rows, parameters = from_mart("fct_payout_lines", payout_selection(selection))
    sql = f"""
        select
            *,
            case
                when status in ('paid', 'reversed') then status
                when due_date < $as_of then 'overdue'
                when due_date >= $as_of then 'due'
                else 'no due date'
            end as payment,
            status <> 'reversed' and difference > 0 as is_over,
            status <> 'reversed' and difference < 0 as is_under
        {rows}
    """
    return sql, parameters | {"as_of": options().last_day}


def _where_experiments(selection: Selection, regions: Sequence[str]) -> tuple[str, Parameters]:
    """Conditions of experiments whose test or cooldown meets the selected days, and so on."""
    conditions, parameters = ["true"], Parameters()
    whole = options()
    if (selection.first_day, selection.last_day) != (whole.first_day, whole.last_day):
        conditions.append("test_start <= $last_day and cooldown_end >= $first_day")
        parameters |= {"first_day": selection.first_day, "last_day": selection.last_day}
    for name in ("brands", "campaigns"):
        if selection.members(name):
            conditions.append(_member_condition(name, selection))
            parameters |= _member_parameters(name, selection)
    if regions:
        conditions.append(
            """
            experiment_id in (
                select experiment_id
                from dim_experiment_regions
                where assignment = 'treatment' and list_contains($regions, region)
            )
            """
        )
        parameters["regions"] = list(regions)
    return " and ".join(conditions), parameters


def _chosen_influencer_days(
    selection: Selection, columns: Sequence[str] = ()
) -> tuple[str, Parameters]:
    """Influencer days of a selection, with some columns of their influencers.

    Who they are is joined only where it is asked for, since every join is planned anew each time.
    """
    where, parameters = _where(selection, tuple(MEMBER_COLUMNS))
    own = mart_columns("fct_influencer_days")
    added = [column for column in columns if column not in own]
    is_joined = added or any(_member_condition(name, selection) for name in INFLUENCER_TRAITS)
    join = "inner join dim_influencers using (influencer_id)" if is_joined else ""
    return (
        f"""
        select {", ".join(["days.*", *added])}
        from fct_influencer_days as days
        {join}
        where {where}
        """,
        parameters,
    )


def _extract_query(extract: Extract) -> tuple[str, Parameters]:
    rows, parameters = _extracted_rows(extract)
    cells = ", ".join(quoted(name) for name in extract_columns(extract))
    return f"select {cells} {rows} {_order(extract)}", parameters


def _extracted_rows(extract: Extract) -> tuple[str, Parameters]:
    """The from and where clauses of an extract's rows."""
    rows, parameters = from_mart(extract.mart, extract.selection)
    _known(extract, [condition.column for condition in extract.conditions])
    conditions = ["true"]
    for number, condition in enumerate(extract.conditions):
        name = f"condition_{number}"
        conditions.append(_own_condition(condition, name))
        if condition.value is not None:
            parameters[name] = condition.value
    return f"from (select * {rows}) where {' and '.join(conditions)}", parameters


def _own_condition(condition: Condition, name: str) -> str:
    column = quoted(condition.column)
    return {
        "is": f"{column} = ${name}",
        "is not": f"{column} is distinct from ${name}",
        "contains": f"contains(lower({column}::varchar), lower(${name}))",
        ">=": f"{column} >= ${name}",
        "<=": f"{column} <= ${name}",
        "is empty": f"coalesce({column}::varchar, '') = ''",
    }[condition.operator]


def _order(extract: Extract) -> str:
    if extract.sort is None:
        return ""
    [column] = _known(extract, [extract.sort])
    return f"order by {quoted(column)} {'desc' if extract.descending else 'asc'} nulls last"


def _known(extract: Extract, columns: Sequence[str]) -> Sequence[str]:
    """The columns, all of which the mart has."""
    unknown = set(columns) - set(mart_columns(extract.mart))
    if unknown or extract.mart not in mart_descriptions():
        what = f"column {extract.mart}.{min(unknown)}" if unknown else f"mart {extract.mart}"
        raise UnreadableFileError(f"The published file has no {what}.")
    return columns


def _copy(extract: Extract, cells: str, file: Path, options: str) -> None:
    rows, parameters = _extracted_rows(extract)
    target = str(file).replace("'", "''")
    with cursor() as connection:
        connection.execute(
            f"copy (select {cells} {rows} {_order(extract)}) to '{target}' ({options})", parameters
        )


def _harmless(name: str, data_type: str) -> str:
    """SQL of a column's cells in a CSV; figures, days and truth values are no text."""
    column = quoted(name)
    if data_type in PLAIN_TYPES or data_type.startswith("DECIMAL"):
        return column
    return f"if(regexp_matches({column}, '{FORMULA}'), '''' || {column}, {column})"


def quoted(name: str) -> str:
    """A name as an identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'


def _or_none(members: tuple[str, ...]) -> tuple[str, ...]:
    return (*members, NONE_MEMBER) if members else ()


# --- What describes the file, once a file ------------------------------------------------------


@lru_cache(maxsize=2)
def _options(identity: Identity) -> Options:
    period = read(
        """
        with days as (
            select date_day from fct_influencer_days
            union all
            select date_day from fct_revenue_days
        ),

        ends as (
            select
                coalesce(min(date_day), current_date) as first_day,
                coalesce(max(date_day), current_date) as last_day
            from days
        ),

        calendar as (
            select
                date_day,
                quarter,
                min(date_day) over (partition by fiscal_year) as fiscal_year_start
            from dim_dates
        )

        select ends.*, calendar.quarter, calendar.fiscal_year_start
        from ends
        left join calendar on ends.last_day = calendar.date_day
        """
    ).iloc[0]
    first_day, last_day = period["first_day"].date(), period["last_day"].date()
    starts = {"Quarter": period["quarter"], "Fiscal year": period["fiscal_year_start"]}
    return Options(
        first_day=first_day,
        last_day=last_day,
        periods={
            name: (max(start.date(), first_day), last_day)
            for name, start in starts.items()
            if not pd.isna(start)
        },
        platforms=_members("dim_influencers", "platform"),
        personas=_members("dim_influencers", "persona"),
        tiers=_members("dim_influencers", "tier", "min(follower_count)"),
        categories=_members("dim_influencers", "category"),
        genders=_members("dim_influencers", "gender"),
        languages=_members("dim_influencers", "language"),
        influencers=_labels("dim_influencers", "influencer_id", "influencer_name"),
        brands=_members("dim_brands", "brand"),
        campaigns=_labels("dim_campaigns", "campaign_id", "campaign_name"),
        regions=_regions(),
        methods=_members("fct_incremental_roas", "method"),
        most_followers=_most_followers(),
    )


@lru_cache(maxsize=2)
def _settings(identity: Identity) -> Settings:
    rows = read("select setting, value from meta_settings")
    values = dict(zip(rows["setting"], rows["value"], strict=True))
    facts = read(
        """
        select
            (select max(break_even) from rpt_influencer_performance) as break_even,
            exists (from fct_experiment_truth) as is_simulated
        """
    ).iloc[0]
    break_even = float(facts["break_even"])
    return Settings(
        ci_level=float(values["ci_level"]),
        break_even=1.0 if math.isnan(break_even) else break_even,
        currency=values["currency"],
        stale_after_days=int(values["stale_after_days"]),
        is_simulated=bool(facts["is_simulated"]),
    )


@lru_cache(maxsize=2)
def _models(identity: Identity) -> dict[str, Model]:
    with cursor() as connection:
        rows = connection.execute(
            """
            select model, layer, description, formula, parents, rows
            from meta_models
            order by list_position($layers, layer) nulls last, model
            """,
            {"layers": list(LAYERS)},
        ).fetchall()
    return {
        model: Model(layer or "", description or "", _formulas(formula), _listed(parents), count)
        for model, layer, description, formula, parents, count in rows
    }


@lru_cache(maxsize=2)
def _experiment_names(identity: Identity) -> dict[str, str]:
    return _labels("dim_experiments", "experiment_id", "experiment_name")


def _formulas(lines: str | None) -> dict[str, str]:
    """Formula by column, of lines such as `roas = sum(attributed_revenue) / sum(spend)`."""
    pairs = [line.split("=", 1) for line in (lines or "").splitlines() if "=" in line]
    return {column.strip(): formula.strip() for column, formula in pairs}


def _listed(names: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (names or "").split(",") if name.strip())


@lru_cache(maxsize=2)
def _column_comments(identity: Identity) -> dict[tuple[str, str], str]:
    rows = read(
        """
        select table_name, column_name, comment
        from duckdb_columns()
        where database_name = 'published' and schema_name = 'marts' and comment is not null
        """
    )
    places = zip(rows["table_name"], rows["column_name"], strict=True)
    return dict(zip(places, rows["comment"], strict=True))


@lru_cache(maxsize=2)
def _mart_descriptions(identity: Identity) -> dict[str, str]:
    rows = read(
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


@lru_cache(maxsize=2)
def _mart_columns(identity: Identity) -> dict[str, dict[str, str]]:
    rows = read(
        """
        select table_name, column_name, data_type
        from duckdb_columns()
        where database_name = 'published' and schema_name = 'marts'
        order by table_name, column_index
        """
    )
    return {
        str(mart): dict(zip(columns["column_name"], columns["data_type"], strict=True))
        for mart, columns in rows.groupby("table_name")
    }


def _members(mart: str, column: str, order: str = "") -> list[str]:
    """Members of a column, (none) last; by name, or by an aggregate."""
    rows = read(
        f"""
        select {column} as member
        from {mart}
        where {column} is not null
        group by {column}
        order by {column} = $none, {f"{order}," if order else ""} {column}
        """,
        {"none": NONE_MEMBER},
    )
    return list(rows["member"])


def _labels(dimension: str, key: str, name: str) -> dict[str, str]:
    """Names to show by key, (none) last; a name that several keys have is followed by its key."""
    rows = read(
        f"""
        select
            {key} as key,
            if(
                count(*) over (partition by {name}) = 1 and {name} is not null,
                {name},
                coalesce({name} || ' ', '') || '(' || {key} || ')'
            ) as label
        from {dimension}
        order by {key} = $none, label, {key}
        """,
        {"none": NONE_MEMBER},
    )
    return dict(zip(rows["key"], rows["label"], strict=True))


def _regions() -> list[str]:
    rows = read(
        """
        select distinct region
        from dim_experiment_regions
        where assignment = 'treatment'
        order by region
        """
    )
    return list(rows["region"])


def _most_followers() -> int:
    rows = read("select coalesce(max(follower_count), 0) as most from dim_influencers")
    return int(rows["most"][0])
