"""Figures of influencers: what they cost, what is attributed to them, what they really bring."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import NormalDist
from typing import Any, Literal

import pandas as pd

from viewer.data.catalogue import settings
from viewer.data.conditions import influencer_days, where_of
from viewer.data.options import options
from viewer.published import Parameters, read, read_one, read_rows
from viewer.selection import DEFAULT_METHOD, Comparison, Selection

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
        spend_measured_share, break_even, prob_profitable, verdict and reason_code. Money is in
        units of the currency.
    """
    keys = [DIMENSION_COLUMN[name] for name in by]
    chosen, parameters = influencer_days(selection, keys)
    sql, added = figures_of(chosen, selection, keys, method, aggregates)
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
    chosen, parameters = influencer_days(selection, list(columns.values()))
    of_each = f"select *, unnest([{members}], recursive := true) from ({chosen})"
    sql, added = figures_of(of_each, selection, ("dimension", "member"), method, aggregates)
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
    chosen, parameters = influencer_days(selection)
    sql, added = figures_of(chosen, selection, (), method, aggregates)
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
    chosen, parameters = influencer_days(both)
    in_periods = f"""
        select chosen.*, is_earlier
        from ({chosen}) as chosen
        inner join (values (false, $now_first, $now_last), (true, $earlier_first, $earlier_last))
            as periods (is_earlier, first_day, last_day)
            on date_day between periods.first_day and periods.last_day
    """
    sql, added = figures_of(in_periods, both, ("is_earlier",), method, aggregates)
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
IS_CUT = """
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
    chosen, parameters = influencer_days(selection)
    in_buckets = f"select *, date_trunc($bucket, date_day)::date as bucket from ({chosen})"
    sql, added = figures_of(in_buckets, selection, ("bucket",), method, aggregates)
    where_revenue, _ = where_of(selection, ("brands",))
    zeros = ("spend", "attributed_revenue", "orders")
    return read(
        f"""
        with buckets as (
            select
                date_trunc($bucket, date_day)::date as bucket,
                min(date_day) as bucket_start,
                max(date_day) as bucket_end,
                {IS_CUT} as is_cut
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


def figures_of(
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
    where_revenue, _ = where_of(selection, ("brands",))
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
            when iroas_low > break_even then 'profitable'
            when iroas_high < break_even then 'unprofitable'
            else 'inconclusive'
        end as verdict,
        case
            when spend = 0 then 'no_spend'
            when not {has_interval} then 'no_interval'
            when incremental_revenue is null and orders > 0 then 'too_few_experiments'
            when incremental_revenue is null then 'no_attributed_orders'
            when incremental_revenue_se = 0 then 'no_attributed_revenue'
            when iroas is null or spend_measured_share < 0.5 then 'mostly_unmeasured'
            when iroas_low > break_even then 'interval_above'
            when iroas_high < break_even then 'interval_below'
            else 'interval_contains'
        end as reason_code
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
    """Probability of break-even, from how many standard errors iROAS is above the break-even."""
    return None if distance is None else NormalDist().cdf(distance)
