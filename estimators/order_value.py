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

MOST_ROUNDS = 200  # of margins
SMALLEST_STEP = 1e-9  # of a change, after which margins are left as they are
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
        The values. They are fitted as a quasi-Poisson regression of revenue on orders with levels
        of regions and weeks (McCullagh and Nelder 1989, section 9.2), by adjusting one margin after
        the other.
    """
    cells = treated[:, None, :] * share
    change = np.zeros(cells.shape[2])
    by_region = revenue.sum(axis=1) / orders.sum(axis=1)
    by_week = np.ones(orders.shape[1])
    for _ in range(MOST_ROUNDS):
        sold = orders * (1 + cells @ change)
        by_region = _ratio(revenue.sum(axis=1), sold @ by_week)
        by_week = _ratio(revenue.sum(axis=0), by_region @ sold)
        expected = np.outer(by_region, by_week)
        misses = revenue - sold * expected
        concerned = np.einsum("rw,rwe->e", orders * expected, cells)
        moved = _ratio(np.einsum("rw,rwe->e", misses, cells), concerned)
        change += moved
        if np.abs(moved).max(initial=0) < SMALLEST_STEP:
            break
    spread = orders * expected**2
    free = np.count_nonzero(spread) - sum(orders.shape) + 1 - len(change)
    dispersion = _ratio(misses**2, spread).sum() / max(free, 1)
    own = cells - cells.mean(axis=0) - cells.mean(axis=1, keepdims=True) + cells.mean(axis=(0, 1))
    # Part of what an effect says goes into levels.
    lost = _ratio(np.square(cells).sum(axis=(0, 1)), np.square(own).sum(axis=(0, 1)))
    variance = _ratio(np.einsum("rw,rwe->e", spread, cells**2), concerned**2)
    return Values(expected, change, dispersion * variance * lost)


def _ratio(above: Floats, below: Floats) -> Floats:
    """Ratios, zero where there is nothing below."""
    return np.asarray(np.divide(above, below, out=np.zeros_like(below), where=below > 0))


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
