"""GeoLift's power: effects pretended in past windows, found by conformal inference.

The package GeoLift of Meta adds an effect to the treated regions in a window of the past and asks
whether a synthetic control finds it; power is the share of windows in which it does. The synthetic
control has fixed effects (each series less its mean) and no outcome model: Ben-Michael, Feller and
Rothstein (2021), The Augmented Synthetic Control Method, Journal of the American Statistical
Association 116. The test is Chernozhukov, Wuthrich and Zhu (2021), An Exact and Robust Conformal
Inference Method for Counterfactual and Synthetic Controls, same journal: weights are fitted under
the null to all periods, the window's included, and residuals are rotated in a block.
"""

from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.optimize import nnls

Floats = NDArray[np.float64]


def weights(target: Floats, donors: Floats) -> Floats:
    """Weights of donors, none negative and in sum 1, that come closest to the target.

    Args:
        target: Shape (periods,).
        donors: Shape (periods, donors).

    Returns:
        Shape (donors,). With misses = donors - target, non-negative least squares of
        |misses u|^2 + (sum(u) - 1)^2 has the direction of the solution: for any sum of u,
        |misses u| is least for the same shares. (Lawson and Hanson (1974), Solving Least Squares
        Problems, chapter 23, for the algorithm.)
    """
    misses = donors - target[:, None]
    scale = np.linalg.norm(misses) or 1.0
    system = np.vstack([misses * (np.sqrt(donors.shape[1]) / scale), np.ones(donors.shape[1])])
    free, _ = nnls(system, np.concatenate([np.zeros(len(target)), [1.0]]))
    return np.asarray(free / free.sum())


def p_value(treated: Floats, donors: Floats, length: int) -> float:
    """How often a block of residuals elsewhere is as large as that of the last periods.

    Args:
        treated: Shape (periods,); mean of the treated regions, in currency.
        donors: Shape (periods, donors); the others, in currency.
        length: Periods of the window, the last ones.

    Returns:
        A multiple of 1 / periods: share of rotations whose sum of |residual| over the window is no
        smaller. The rotation by nothing is one of them.
    """
    target, others = treated - treated.mean(), donors - donors.mean(axis=0)
    residuals = np.abs(target - others @ weights(target, others))
    around = np.concatenate([residuals, residuals[: length - 1]])
    blocks = sliding_window_view(around, length).sum(axis=1)
    return float(np.mean(blocks >= blocks[len(treated) - length]))


def power(
    treated: Floats,
    donors: Floats,
    length: int,
    effect: float,
    windows: int = 1,
    alpha: float = 0.1,
) -> float:
    """Share of windows of the past in which an effect is found.

    Args:
        treated: Shape (periods,); mean of the treated regions, in currency.
        donors: Shape (periods, donors); the others, in currency.
        length: Periods of the window.
        effect: Share by which the treated are raised in it.
        windows: How many: the first ends with the last period, each other a period earlier.
        alpha: An effect is found where the p-value is smaller.

    Returns:
        A share.

    Raises:
        ValueError: If there are no donors, or windows leave no period before them.
    """
    _check(treated, donors, length, windows)
    ends = range(len(treated), len(treated) - windows, -1)
    return float(np.mean([_finds(treated, donors, length, effect, end, alpha) for end in ends]))


def minimum_detectable_effect(
    treated: Floats,
    donors: Floats,
    length: int,
    effects: Sequence[float],
    windows: int = 1,
    alpha: float = 0.1,
    wanted_power: float = 0.8,
) -> float | None:
    """The smallest effect of those tried that is found with the power.

    Args:
        treated: Shape (periods,); mean of the treated regions, in currency.
        donors: Shape (periods, donors); the others, in currency.
        length: Periods of the window.
        effects: Shares to try, ascending.
        windows: As of `power`.
        alpha: As of `power`.
        wanted_power: Share of windows in which it has to be found.

    Returns:
        A share of the treated revenue of the window; None where none of them is found.

    Raises:
        ValueError: As of `power`.
    """
    _check(treated, donors, length, windows)
    may_miss = windows - int(np.ceil(wanted_power * windows - 1e-9))
    for effect in effects:
        missed = 0
        for end in range(len(treated), len(treated) - windows, -1):
            missed += not _finds(treated, donors, length, effect, end, alpha)
            if missed > may_miss:  # the other windows cannot make up for it
                break
        else:
            return effect
    return None


def _check(treated: Floats, donors: Floats, length: int, windows: int) -> None:
    if donors.shape[1] == 0 or length < 1 or len(treated) - (windows - 1) - length < 1:
        raise ValueError("no period or no donor to compare a window with")


def _finds(
    treated: Floats, donors: Floats, length: int, effect: float, end: int, alpha: float
) -> bool:
    """Whether an effect is found in the window that ends before the period `end`."""
    raised = treated[:end].copy()
    raised[end - length :] *= 1 + effect
    return p_value(raised, donors[:end], length) < alpha
