"""Power of the two-sample t test of changes of regions, exactly.

Student's t of a true difference follows the non-central t (Cohen (1988), Statistical power analysis
for the behavioral sciences, chapter 2; statsmodels' TTestIndPower). The usual sum of two quantiles
is close to it.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import nctdtr, stdtrit

Floats = NDArray[np.float64]


def pooled_sd(treated: Floats, control: Floats) -> float:
    """Standard deviation within both groups, with one degree of freedom lost in each.

    Args:
        treated: Shape (treated regions,); a change of each.
        control: Shape (control regions,); the same.

    Returns:
        In units of the changes.

    Raises:
        ValueError: If a group has fewer than two regions.
    """
    if min(len(treated), len(control)) < 2:
        raise ValueError("a t test needs two regions in each group")
    squares = sum(float(((group - group.mean()) ** 2).sum()) for group in (treated, control))
    return float(np.sqrt(squares / (len(treated) + len(control) - 2)))


def power(effect_size: float, treated: int, control: int, alpha: float = 0.1) -> float:
    """Probability that a true difference is found, on either side.

    Args:
        effect_size: Difference of means over the standard deviation of one region.
        treated: Number of treated regions.
        control: Number of control regions.
        alpha: Two-sided level of the test.

    Returns:
        A probability.
    """
    freedom = treated + control - 2
    shift = effect_size / np.sqrt(1 / treated + 1 / control)
    critical = stdtrit(freedom, 1 - alpha / 2)
    # Of the tail below -critical the mirror image. SciPy gives no number where one is 0 or 1.
    not_above = np.nan_to_num(nctdtr(freedom, shift, critical), nan=0.0)
    not_below = np.nan_to_num(nctdtr(freedom, -shift, critical), nan=1.0)
    return float(2 - not_above - not_below)


@cache
def minimum_effect_size(
    treated: int, control: int, alpha: float = 0.1, wanted_power: float = 0.8
) -> float:
    """Difference of means, in standard deviations, that is found with the power.

    Args:
        treated: Number of treated regions.
        control: Number of control regions.
        alpha: Two-sided level of the test.
        wanted_power: Probability that it is found; above alpha.

    Returns:
        A number of standard deviations of one region.

    Raises:
        ValueError: If the power is no larger than alpha, or there are fewer than three regions.
    """
    if not alpha < wanted_power < 1 or min(treated, control) < 1 or treated + control < 3:
        raise ValueError("no effect is found with that power")
    # With one degree of freedom critical values are large; this bracket holds for any.
    highest = 4 * sum_of_quantiles(treated, control, alpha, wanted_power) + 1
    return float(
        brentq(
            lambda size: power(size, treated, control, alpha) - wanted_power,
            0, highest, xtol=1e-13, rtol=1e-13,
        )
    )  # fmt: skip


def sum_of_quantiles(
    treated: int, control: int, alpha: float = 0.1, wanted_power: float = 0.8
) -> float:
    """The usual approximation of `minimum_effect_size`: (t + t) times the error of a difference."""
    freedom = treated + control - 2
    quantiles = stdtrit(freedom, 1 - alpha / 2) + stdtrit(freedom, wanted_power)
    return float(quantiles * np.sqrt(1 / treated + 1 / control))
