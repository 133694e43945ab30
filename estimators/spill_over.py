"""How much of what regional campaigns bring lands in other regions, where nothing is compared.

Untreated regions are the comparison of `joint_panel`. Where k times as much as is measured in the
regions of campaigns is bought elsewhere as well, orders of untreated regions are higher by the
share k x measured / untreated, and so is what treated regions are expected to sell: k x measured x
treated / untreated is missing from what is measured. k shows where brands are each other's control:
whether untreated regions of a brand sell more than those of other brands in weeks of its regional
campaigns. National work is in the same model, `brand_panel`.
"""

from math import erfc, exp, pi, sqrt

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from estimators.brand_panel import Spill, Variances, attention, fit
from estimators.shop_factor import market_of

Floats = NDArray[np.float64]

# No share is published that could be a prior: it is half-normal, little, but perhaps a quarter.
PRIOR_ERROR = 0.15
HALF_LIFE, SATURATION = 5.0, 1.0  # of national work


def spilled_share(
    orders: pd.DataFrame, direct: pd.DataFrame, days: pd.DataFrame, media_values: pd.DataFrame
) -> tuple[float, float] | None:
    """The k of the whole shop, and its standard error.

    Args:
        orders: Index week, a column for each brand; orders less what regional campaigns brought.
        direct: The same; what they brought, over what untreated regions would have sold.
        days: date_day and week.
        media_values: date_day, campaign_id, brand and media_value of work that is not regional.

    Returns:
        None where brands cannot be each other's control.
    """
    orders, direct = orders.dropna(), direct.reindex(orders.dropna().index)
    made = market_of(
        orders.clip(lower=1.0), days, media_values, Spill(direct.to_numpy(float).T, PRIOR_ERROR)
    )
    if not made:
        return None
    _, market = made
    effects, _, _ = fit(market, attention(market, HALF_LIFE, SATURATION), Variances())
    return above_zero(*effects.spilled) if effects.spilled else None


def above_zero(mean: float, error: float) -> tuple[float, float]:
    """Mean and standard deviation of a normal distribution of which only values above zero count.

    Johnson, Kotz and Balakrishnan (1994), Continuous univariate distributions 1, section 10.1.
    """
    start = -mean / error
    hazard = sqrt(2 / pi) * exp(-(start**2) / 2) / erfc(start / sqrt(2))
    return mean + error * hazard, error * sqrt(1 + start * hazard - hazard**2)


def corrected(
    estimate: Floats, variance: Floats, beside: Floats, share: float, error: float
) -> tuple[Floats, Floats]:
    """What campaigns brought, whose comparison had some of it.

    Args:
        estimate: Shape (campaigns,); as measured.
        variance: Shape (campaigns,); of its error.
        beside: Shape (campaigns,); orders of treated over those of untreated regions.
        share: k of the shop.
        error: Its standard error.

    Returns:
        Estimates and variances.
    """
    raised = 1 + share * beside
    return estimate * raised, variance * raised**2 + (estimate * beside * error) ** 2
