"""From daily and weekly tables to one factor of a shop without experiments, by `brand_panel`."""

from contextlib import suppress

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from estimators.brand_panel import Market, Spill, measure

ENOUGH_EXPERIMENTS = 3  # with them, experiments tell the factor
FEWEST_BRANDS, FEWEST_WEEKS, FEWEST_CAMPAIGNS = 2, 26, 3
ORDERS_EACH = 5  # fewest orders for each brand and week
# Nothing tells that brands have the same seasons, or that budgets do not follow demand. Whatever
# the data say, so much of the figure is not known.
MODEL_ERROR = 0.25
COLUMNS = {
    "factor_of": "str",
    "factor": "float64",
    "factor_se": "float64",
    "factor_per_percent": "float64",
    "campaigns": "int64",
}


def measure_shop(
    brand_weeks: pd.DataFrame,
    days: pd.DataFrame,
    media_values: pd.DataFrame,
    campaigns: pd.DataFrame,
    experiments: pd.DataFrame,
    none_member: str,
) -> pd.DataFrame:
    """One factor for all campaigns of a shop, where experiments do not tell it.

    Args:
        brand_weeks: brand, week, orders and revenue.
        days: date_day and week.
        media_values: date_day, campaign_id, brand and media_value.
        campaigns: campaign_id, factor_of, factor_base, what its factor multiplies, and
            reach_counted, the part of that which counts.
        experiments: factor_of, one row for each measured experiment.
        none_member: What stands for no campaign.

    Returns:
        By factor_of, where fewer than three experiments tell it and the data allow: factor,
        incremental revenue over what counts of factor_base, its error, and factor_per_percent, by
        how much it would be lower if demand of brands were 1 % higher in weeks of their campaigns
        anyway.
    """
    nothing = pd.DataFrame(columns=list(COLUMNS)).astype(COLUMNS)
    is_known = experiments.factor_of.value_counts() >= ENOUGH_EXPERIMENTS
    unknown = campaigns[
        ~campaigns.factor_of.isin(is_known[is_known].index) & (campaigns.campaign_id != none_member)
    ]
    if unknown.empty:
        return nothing
    orders = brand_weeks.pivot_table(
        index="week", columns="brand", values="orders", aggfunc="sum", fill_value=0
    )
    orders = orders.loc[orders.sum(axis=1) > 0, orders.sum() > 0]
    made = market_of(orders, days, media_values)
    rows = []
    if made and orders.to_numpy().sum() >= ORDERS_EACH * orders.size:
        groups, market = made
        sums = brand_weeks.groupby("brand")[["orders", "revenue"]].sum().astype(float)
        values = (sums.revenue / sums.orders).reindex(groups.brand).to_numpy(float)
        # Matrices are small and many: threads would wait for one another most of the time.
        with threadpool_limits(1), suppress(np.linalg.LinAlgError):
            effects = measure(market)
            for factor_of, group in unknown.groupby("factor_of", sort=True):
                seen = group[group.campaign_id.isin(groups.campaign_id)]
                base = float((seen.factor_base * seen.reach_counted).sum())
                worth = np.where(groups.campaign_id.isin(seen.campaign_id), values, 0.0)
                if len(seen) < FEWEST_CAMPAIGNS or base <= 0:
                    continue
                revenue = float(worth @ effects.orders)
                variance = float(worth @ effects.covariance @ worth)
                error = np.hypot(variance**0.5, MODEL_ERROR * revenue)
                per_percent = float(worth @ effects.attention) / 100
                rows.append(
                    (factor_of, revenue / base, error / base, per_percent / base, len(seen))
                )
    found = pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)
    is_finite = np.isfinite(found[["factor", "factor_se", "factor_per_percent"]].to_numpy())
    finite: pd.DataFrame = found.loc[is_finite.all(axis=1)].reset_index(drop=True)
    return finite


def market_of(
    orders: pd.DataFrame, days: pd.DataFrame, media_values: pd.DataFrame, spill: Spill | None = None
) -> tuple[pd.DataFrame, Market] | None:
    """Tables as arrays, where brands can be each other's control.

    Args:
        orders: Index week, a column for each brand.
        days: date_day and week.
        media_values: date_day, campaign_id, brand and media_value.
        spill: Of regional campaigns, in the order of weeks and brands of `orders`.

    Returns:
        Groups of posts, campaign_id and brand, and the market; None with one brand, few weeks or
        no posts.
    """
    days = days[days.week.isin(orders.index)].sort_values("date_day")
    daily = (
        media_values[media_values.brand.isin(orders.columns)]
        .pivot_table(
            index=["campaign_id", "brand"], columns="date_day", values="media_value", aggfunc="sum"
        )
        .reindex(columns=days.date_day)
    )
    # A reversed fee is no work.
    daily = daily.fillna(0.0).clip(lower=0)
    daily = daily[daily.sum(axis=1) > 0]
    if orders.shape[1] < FEWEST_BRANDS or len(orders) < FEWEST_WEEKS or daily.empty:
        return None
    groups = daily.index.to_frame(index=False)
    return groups, Market(
        orders.to_numpy(float).T,
        orders.columns.get_indexer(pd.Index(groups.brand)),
        daily.to_numpy(float),
        orders.index.get_indexer(pd.Index(days.week)),
        spill,
    )
