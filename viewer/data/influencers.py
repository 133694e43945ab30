"""One influencer: who they are, what they posted, which campaigns they took part in."""

from typing import Any

import pandas as pd

from viewer.data.conditions import from_mart
from viewer.data.options import options
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
    if influencer_id not in options().labels["influencer"]:
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


def campaign_facts() -> pd.DataFrame:
    """Every campaign that is known, with the first experiment that measured it.

    Returns:
        campaign_id, brand, start_date and end_date; experiment_id and experiment_name, or null.
    """
    return read(
        """
        select
            campaigns.campaign_id,
            campaigns.brand,
            campaigns.start_date,
            campaigns.end_date,
            min(experiments.experiment_id) as experiment_id,
            arg_min(experiments.experiment_name, experiments.experiment_id) as experiment_name
        from dim_campaigns as campaigns
        left join dim_experiments as experiments using (campaign_id)
        group by all
        """
    )
