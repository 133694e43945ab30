"""Figures of influencers: what they cost, what is attributed to them, what they really bring.

They are what `performance()` of the published file makes of the chosen rows of fct_influencer_days;
only which rows and by what to group is decided here.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, NamedTuple

import pandas as pd

from viewer.data.break_even import break_even
from viewer.data.catalogue import settings
from viewer.data.conditions import (
    influencer_days,
    member_condition,
    member_parameters,
    where_of,
)
from viewer.data.options import options
from viewer.data.timing import timing
from viewer.dimensions import DIMENSIONS
from viewer.published import Parameters, read, read_one, read_parts, table_of
from viewer.selection import DEFAULT_METHOD, OWN_TRAITS, Comparison, Selection

DAILY_UP_TO_DAYS = 92
WEEKLY_UP_TO_DAYS = 731
# Methods that apply to any selection; the others measure experiments.
SELECTION_METHODS = (DEFAULT_METHOD, "attributed", "organic_projection")
# What the file calls the first of them: no experiment's own method, but the factors of all.
_CALIBRATED = "calibrated"

Bucket = Literal["day", "week", "month"]

# Columns that only figures over time have.
OVER_TIME = (
    *("bucket", "bucket_start", "bucket_end", "is_partial"),
    *("revenue", "baseline", "baseline_low", "baseline_high"),
)
# What a row of an influencer says of who it is.
INFLUENCER_LABELS = ("influencer_name", "platform", "persona")
# The day before or after the bucket's days is of the same bucket.
IS_PARTIAL = """
    date_trunc($bucket, min(date_day) - 1) = date_trunc($bucket, min(date_day))
    or date_trunc($bucket, max(date_day) + 1) = date_trunc($bucket, max(date_day))
"""
# What the legacy baseline is made of: what other channels earned on the selected days (of the
# selected brands; nothing else exists there), and all spend of those days.
_ORGANIC_PROJECTION = """,
    organic_revenue := (
        select coalesce(sum(revenue), 0)
        from fct_revenue_days
        where {where_revenue} and channel <> 'influencer'
    ),
    all_spend := (
        select coalesce(sum(spend), 0)
        from fct_influencer_days
        where date_day between $first_day and $last_day
    )
"""
# A chart over time shows every day, and all revenue of the shop beside that of the selection.
_BUCKETS = """,
    buckets as (
        select
            date_trunc($bucket, date_day)::date as bucket,
            'bucket' || chr(31) || bucket as place,
            min(date_day) as bucket_start,
            max(date_day) as bucket_end,
            {is_partial} as is_partial
        from dim_dates
        where date_day between $now_first and $last_day
        group by all
    ),

    revenue_days as (
        select date_day, sum(revenue) as revenue
        from fct_revenue_days
        where {where_revenue}
        group by date_day
    ),

    bucket_revenue as (
        select date_trunc($bucket, date_day)::date as bucket, sum(revenue)::double as revenue
        from revenue_days
        group by all
    ),

    figures as (
        select
            bucket,
            bucket_start,
            bucket_end,
            is_partial,
            count(if(bucket is not null, incremental_revenue, null)) over () > 0 as is_measured,
            bucket is not null and is_measured and incremental_revenue is null as is_idle,
            of_places.* replace (
                coalesce(of_places.place, buckets.place) as place,
                coalesce(spend, 0) as spend,
                coalesce(attributed_revenue, 0) as attributed_revenue,
                coalesce(orders, 0) as orders,
                if(is_idle, {idle}, incremental_revenue) as incremental_revenue,
                if(is_idle, 0, incremental_revenue_low) as incremental_revenue_low,
                if(is_idle, 0, incremental_revenue_high) as incremental_revenue_high
            ),
            if(bucket is not null, coalesce(revenue, 0), null) as revenue
        from of_places
        full join buckets using (place)
        left join bucket_revenue using (bucket)
    )
"""
_OVER_TIME = """
    bucket, bucket_start, bucket_end, is_partial, revenue,
    if($is_on_own_days, revenue - incremental_revenue, null) as baseline,
    if($is_on_own_days, revenue - incremental_revenue_high, null) as baseline_low,
    if($is_on_own_days, revenue - incremental_revenue_low, null) as baseline_high,
"""
_BUCKET_COLUMNS = ", bucket, bucket_start, bucket_end, is_partial, is_measured, is_idle, revenue"


class Figures(NamedTuple):
    """What one question says of a selection.

    Attributes:
        total: Figures in total, by column of `performance`; None stands for null.
        earlier: The same over the period it is compared with; None where nothing is compared or
            where the data do not reach back to the whole of that period.
        over_time: By day, week or month, zero where nothing happened: bucket (its first day),
            bucket_start and bucket_end (its days within the selection), is_partial (whether these
            are only part of it), the columns of `performance`; revenue of all channels (of the
            selected brands) and baseline with baseline_low and baseline_high: what that would have
            been without the incremental revenue of the selection, null where this is on the days
            of its spend. No rows if not asked for, or if
            the data have none of the days.
        by: Figures as of `performance`, by dimension.
    """

    total: dict[str, Any]
    earlier: dict[str, Any] | None
    over_time: pd.DataFrame
    by: dict[str, pd.DataFrame]


def figures(
    selection: Selection,
    *by: str,
    method: str = DEFAULT_METHOD,
    comparison: Comparison | None = None,
    bucket: Bucket | None = None,
) -> Figures:
    """Figures of a selection in total, compared, over time and by dimensions.

    All are one query, since planning one takes longer than running it over some thousand rows.

    Args:
        selection: What the filters choose.
        by: Names of dimensions, each alone.
        method: One of SELECTION_METHODS; any other counts as the default.
        comparison: What to compare with; None for nothing.
        bucket: How finely over time; None for not at all.
    """
    earlier = _earlier(selection, comparison)
    with_earlier = earlier if earlier and _can_be_asked_with(selection, earlier, method) else None
    sql, parameters = _parts(selection, by, method, with_earlier, bucket)
    parts = read_parts(sql, "part", parameters)
    none = {column: values[:0] for column, values in parts["total"].items()}
    if earlier is None:
        before = None
    else:
        before = _only_row(parts["earlier"]) if with_earlier else totals(earlier, method)
    return Figures(
        total=_only_row(parts["total"]),
        earlier=before,
        over_time=table_of(_without(("key", *INFLUENCER_LABELS), parts.get("bucket", none))),
        by={
            name: table_of(
                {DIMENSIONS[name].column: parts.get(name, none)["key"]}
                | _without(
                    ("key", *OVER_TIME, *(() if name == "influencer" else INFLUENCER_LABELS)),
                    parts.get(name, none),
                )
            )
            for name in by
        },
    )


def totals(
    selection: Selection, method: str = DEFAULT_METHOD, without: Selection | None = None
) -> dict[str, Any]:
    """Figures of a selection in total, by column of `performance`; None stands for null.

    Args:
        selection: What the filters choose.
        method: As in `performance`.
        without: Chooses personas, the user's own among them, whose influencers are left out.
    """
    chosen, parameters = influencer_days(
        selection, ("persona", "follower_count", *OWN_TRAITS) if without else ()
    )
    is_in = "true"
    if without:
        is_in = f"{member_condition('persona', without)} is not true"
        parameters |= member_parameters("persona", without)
    # Of nothing there are figures too: no days, no spend, and no ratio.
    at_least_one = f"select days.* from (select 1) left join ({chosen}) as days on {is_in}"
    sql, added = figures_of(at_least_one, selection, (), method)
    return read_one(sql, parameters | added)


def performance(selection: Selection, *by: str, method: str = DEFAULT_METHOD) -> pd.DataFrame:
    """Figures of a selection for each member of some dimensions in it.

    Args:
        selection: What the filters choose.
        by: Names of dimensions, one row for each combination with activity.
        method: One of SELECTION_METHODS; any other counts as the default.

    Returns:
        The column of each dimension, for influencers also influencer_name, platform and persona;
        the columns of `performance()` of the published file.
    """
    keys = [DIMENSIONS[name].column for name in by]
    chosen, parameters = influencer_days(selection, keys)
    sql, added = figures_of(chosen, selection, keys, method)
    if "influencer" in by:
        sql = f"""
            select {", ".join(name for name in INFLUENCER_LABELS if name not in keys)}, figures.*
            from ({sql}) as figures
            inner join dim_influencers using (influencer_id)
        """
    return read(f"{sql} order by {', '.join(keys)}", parameters | added)


def time_bucket(selection: Selection) -> Bucket:
    """How finely to show a selection over time, so that a chart stays readable."""
    if selection.days <= DAILY_UP_TO_DAYS:
        return "day"
    return "week" if selection.days <= WEEKLY_UP_TO_DAYS else "month"


def figures_of(
    chosen: str, selection: Selection, keys: Sequence[str], method: str = DEFAULT_METHOD
) -> tuple[str, Parameters]:
    """SQL of the figures of some influencer days, and the values that it adds to those of its rows.

    Args:
        chosen: SQL of the influencer days, with the keys.
        selection: What chose them.
        keys: Columns by which to group, none for one row in total.
        method: As in `performance`.
    """
    # One key is its own member, which DuckDB groups by and joins faster than a struct.
    if len(keys) > 1:
        member = "{" + ", ".join(f"'{key}': {key}" for key in keys) + "}"
        shown = "".join(f"member.{key} as {key}, " for key in keys)
    else:
        member = keys[0] if keys else "0"
        shown = f"member as {member}, " if keys else ""
    legacy = ""
    if method == "organic_projection":
        legacy = _ORGANIC_PROJECTION.format(where_revenue=where_of(selection, "order")[0])
    against = break_even(selection)
    is_judged = not timing(selection).is_off
    sql = f"""
        with chosen as ({chosen}),

        days as (select *, {member} as member from chosen)

        select
            {shown}
            * exclude (member),
            $ci_level::double as ci_level,
            $break_even_basis::varchar as break_even_basis
        from performance(
            'days', method := $method, ci_level := $ci_level, break_even := $break_even,
            is_judged := $is_judged {legacy}
        )
    """
    return sql, {
        "method": method if method in SELECTION_METHODS[1:] else _CALIBRATED,
        "ci_level": settings().ci_level,
        "break_even": against.value,
        "break_even_basis": against.basis,
        "is_judged": is_judged,
    }


def _earlier(selection: Selection, comparison: Comparison | None) -> Selection | None:
    """What a selection is compared with; None where the data do not reach back to all of it."""
    if comparison is None:
        return None
    earlier = selection.before(comparison)
    return earlier if earlier.first_day >= options().first_day else None


def _can_be_asked_with(selection: Selection, earlier: Selection, method: str) -> bool:
    """Whether one question can be of both periods.

    The legacy baseline is that of one period, and both have a verdict or neither.
    """
    is_alike = timing(selection).is_off == timing(earlier).is_off
    return is_alike and method != "organic_projection"


def _parts(
    selection: Selection,
    by: Sequence[str],
    method: str,
    earlier: Selection | None,
    bucket: Bucket | None,
) -> tuple[str, Parameters]:
    """SQL of the rows of `figures`: part (total, earlier, bucket or a dimension) and its key."""
    columns = {name: DIMENSIONS[name].column for name in by}
    keys: dict[str, str] = {"total": "''"} | columns
    if bucket:
        keys["bucket"] = "date_trunc($bucket, date_day)::date"
    places = [
        f"if(date_day >= $now_first, '{part}' || chr(31) || {key}, null)"
        for part, key in keys.items()
    ]
    parameters: Parameters = {"now_first": selection.first_day}
    both, wholes = selection, ["total"]
    if earlier:
        both = replace(selection, first_day=min(earlier.first_day, selection.first_day))
        places.append(
            "if(date_day between $earlier_first and $earlier_last, 'earlier' || chr(31), null)"
        )
        parameters |= {"earlier_first": earlier.first_day, "earlier_last": earlier.last_day}
        wholes.append("earlier")
    chosen, chosen_parameters = influencer_days(both, list(columns.values()))
    # Of nothing there are figures too: no days, no spend, and no ratio.
    in_places = f"""
        select *
        from (select *, unnest([{", ".join(places)}]) as place from ({chosen}))
        where place is not null
        union all by name
        select unnest({wholes}) || chr(31) as place
    """
    sql, method_parameters = figures_of(in_places, selection, ("place",), method)
    labels = join = ""
    if "influencer" in by:
        labels = "".join(f"{label}, " for label in INFLUENCER_LABELS)
        join = "left join dim_influencers on place = 'influencer' || chr(31) || influencer_id"
    buckets = ", figures as (from of_places)"
    if bucket:
        parameters |= {"bucket": bucket, "is_on_own_days": selection.days_after is None}
        buckets = _BUCKETS.format(
            is_partial=IS_PARTIAL,
            where_revenue=where_of(selection, "order", first_day="$now_first")[0],
            # A week without spend has no part in the legacy baseline: weeks add up to the total.
            idle="coalesce(attributed_revenue, 0)" if method == "organic_projection" else "0",
        )
    return (
        f"""
        with of_places as ({sql})
        {buckets}

        select
            {labels}
            split_part(place, chr(31), 1) as part,
            split_part(place, chr(31), 2) as key,
            {_OVER_TIME if bucket else ""}
            figures.* exclude (place{_BUCKET_COLUMNS if bucket else ""})
        from figures
        {join}
        order by part, key
    """,
        parameters | chosen_parameters | method_parameters,
    )


def _without(names: Collection[str], columns: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values for name, values in columns.items() if name not in names}


def _only_row(columns: Mapping[str, Any]) -> dict[str, Any]:
    """A row by column, as `totals` has it."""
    left = _without(("key", *OVER_TIME, *INFLUENCER_LABELS), columns)
    return {name: values.tolist()[0] for name, values in left.items()}
