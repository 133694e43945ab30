"""How exactly a campaign that has not run yet would be measured, from history alone.

By `joint_panel`, of a campaign of n weeks that treats the regions S, the lift has the variance

    1 / sum over r, s in S of precision_rs(n)

where precision(n) is what generalised least squares leaves of the campaign's column when levels of
regions and weeks and all campaigns that did run are projected out (Aitken 1936): so any choice of
regions is judged by a sum over pairs. The campaign is pretended to end in each of the last weeks
of the history, and precisions are averaged. It changes no order: the model is fitted without it.
"""

from contextlib import suppress

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from estimators.campaigns import tables_of
from estimators.joint_panel import Brand, Equations, equations, fit

Floats = NDArray[np.float64]

LENGTHS = np.arange(4, 17)  # weeks of a campaign with its cooldown
ENDS = 13  # last weeks in which it is pretended to end
# So much of the history is before the campaign; of a longer one what fits is scaled up.
LEAST_BEFORE = 1 / 3
COLUMNS = {
    "brand": "str", "region": "str", "other_region": "str", "weeks": "int64",
    "pair_precision": "float64",
}  # fmt: skip


def precisions(
    region_weeks: pd.DataFrame,
    campaign_weeks: pd.DataFrame,
    campaign_regions: pd.DataFrame,
    none_member: str,
) -> pd.DataFrame:
    """Precisions of pairs of regions, of every brand with enough orders.

    Args:
        region_weeks: brand, region, week, orders and revenue.
        campaign_weeks: campaign_id, brand, phase, week and share, the part of the week's days.
        campaign_regions: campaign_id, brand and region: where it ran.
        none_member: Brand of a campaign that concerns all of them.

    Returns:
        One row per brand, region, other_region and weeks, of two regions one row: its
        pair_precision is what both of them being treated adds to 1 / variance of the lift.
    """
    tables = tables_of(region_weeks, campaign_weeks, campaign_regions, none_member)
    usable = [table for table in tables if table.is_large_enough]
    parts = [pd.DataFrame(columns=list(COLUMNS))]
    if usable:
        # Matrices are small and many: threads would wait for one another most of the time.
        with threadpool_limits(1), suppress(np.linalg.LinAlgError):
            brands = [table.told_apart for table in usable]
            fits, noise = fit(brands)
            parts += [
                _pairs(
                    table.name,
                    table.regions,
                    pair_precisions(brand, equations(brand, fitted.levels, noise)),
                )
                for table, brand, fitted in zip(usable, brands, fits, strict=True)
            ]
    return pd.concat(parts, ignore_index=True).astype(COLUMNS)


def pair_precisions(brand: Brand, made: Equations) -> Floats:
    """Precisions of a lift by the regions that are treated.

    Args:
        brand: Orders and the effects of campaigns that ran.
        made: Its equations.

    Returns:
        Shape (lengths, regions, regions); symmetric. The sum over the rows and columns of treated
        regions is 1 / variance of the lift.
    """
    weeks = brand.orders.shape[1]
    return np.array([_of_length(pretended(weeks, int(n)), int(n), made) for n in LENGTHS])


def pretended(weeks: int, length: int) -> Floats:
    """Campaigns that end in the last weeks of a history.

    Args:
        weeks: Of the history.
        length: Of the campaign.

    Returns:
        Shape (campaigns, weeks); 1 in weeks of the campaign. At least one, shorter than `length`
        where the history is.
    """
    first = int(np.ceil(weeks * LEAST_BEFORE))
    fits = min(length, max(weeks - first, 1))
    ends = np.arange(weeks, max(first + fits, weeks - ENDS), -1)
    ends = ends if len(ends) else np.array([weeks])
    week = np.arange(weeks)
    return ((week >= ends[:, None] - fits) & (week < ends[:, None])).astype(float)


def _of_length(campaigns: Floats, length: int, made: Equations) -> Floats:
    """Mean precision of campaigns, shape (regions, regions)."""
    regions, effects = len(made.swept), len(made.solution)
    own = np.einsum("cw,rwv,cv->rc", campaigns, made.swept, campaigns, optimize=True)
    beside = np.zeros((len(campaigns), regions, effects))
    for region, (numbers, weighed) in enumerate(made.columns):
        beside[:, region, numbers] = campaigns @ weighed
    explained = np.einsum("crp,pq,csq->rs", beside, made.inverse, beside, optimize=True)
    precision = np.diag(own.sum(axis=1)) - explained
    return np.asarray(precision / len(campaigns) * length / campaigns[0].sum())


def _pairs(brand: str, regions: list[str], precision: Floats) -> pd.DataFrame:
    one, other = np.triu_indices(len(regions))
    # Two regions are two entries of a symmetric matrix.
    both = precision[:, one, other] * np.where(one == other, 1, 2)
    names = np.array(regions, object)
    count = len(LENGTHS)
    return pd.DataFrame(
        {
            "brand": brand,
            "region": np.tile(names[one], count),
            "other_region": np.tile(names[other], count),
            "weeks": np.repeat(LENGTHS, len(one)),
            "pair_precision": both.ravel(),
        }
    )
