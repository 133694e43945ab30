"""What a campaign does to the value of an order: a bundle raises it, a coupon lowers it.

Values of orders scatter so much that a campaign's own change is mostly chance. Changes are taken
to be normal around zero, with a spread that all campaigns of the shop together show, and each is
shrunk by it. The spread is integrated over a grid with a half-normal prior (Gelman 2006, Prior
distributions for variance parameters in hierarchical models).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

PRIOR_SPREAD = 0.05  # of relative changes between campaigns
GRID = (np.arange(60) + 0.5) / 60 * 6 * PRIOR_SPREAD


@dataclass(frozen=True)
class Values:
    """Values of orders of a brand.

    Attributes:
        expected: Shape (regions, weeks); mean value of an order, by region and by week.
        change: Shape (effects,); relative change of the mean value where an effect works.
        variance: Shape (effects,); of the error of that change.
    """

    expected: Floats
    change: Floats
    variance: Floats


def values_of_orders(
    orders: Floats, revenue: Floats, treated: NDArray[np.bool_], share: Floats
) -> Values:
    """Mean values by region and week, and how they differ where effects work.

    Args:
        orders: Shape (regions, weeks).
        revenue: Shape (regions, weeks); in money.
        treated: Shape (regions, effects).
        share: Shape (weeks, effects).

    Returns:
        The values; changes have the variance of a mean over the orders concerned.
    """
    value = revenue.sum() / orders.sum()
    by_region = revenue.sum(axis=1) / orders.sum(axis=1)
    by_week = revenue.sum(axis=0) / orders.sum(axis=0)
    expected = np.outer(by_region, by_week) / value
    misses = revenue - orders * expected
    cells = orders * expected**2
    free = np.count_nonzero(orders) - sum(orders.shape) + 1
    dispersion = np.sum(misses[orders > 0] ** 2 / cells[orders > 0]) / max(free, 1)

    def over(table: Floats) -> Floats:
        return np.asarray(np.einsum("rw,re,we->e", table, treated, share, optimize=True))

    concerned = np.maximum(over(orders * expected), 1e-9)
    variance = np.einsum("rw,re,we->e", cells, treated, share**2, optimize=True) / concerned**2
    return Values(expected, over(misses) / concerned, dispersion * variance)


def shrunk_changes(change: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Shrink changes towards zero by how far campaigns of the shop differ.

    Args:
        change: Shape (n,); changes of all campaigns.
        variance: Shape (n,); of their errors.

    Returns:
        Means and variances of what is left of them, each of shape (n,).
    """
    spread = GRID[:, None] ** 2
    total = spread + variance
    log_weight = (
        -(GRID**2) / (2 * PRIOR_SPREAD**2) - np.sum(np.log(total) + change**2 / total, axis=1) / 2
    )
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    kept = spread / total
    means = kept * change
    mean = weight @ means
    return mean, weight @ (kept * variance + (means - mean) ** 2)
