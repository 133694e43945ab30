"""One influencer: who they are, what they posted, which campaigns they took part in."""

from typing import Any

import pandas as pd

from viewer.data.conditions import from_mart, influencer_days
from viewer.data.options import options
from viewer.data.performance import _AGGREGATES, IS_CUT, Bucket
from viewer.published import read, read_one
from viewer.selection import Selection


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
    chosen, parameters = influencer_days(selection)
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
            {IS_CUT} as is_cut,
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
    chosen, parameters = influencer_days(selection)
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
