"""Meridian GeoX's minimum detectable effect of designs given as masks.

The package meridian-geox of Google (time-based regression of Kerman, Wang and Vaver (2017),
Estimating Ad Effectiveness using Geo Experiments in a Time-Based Regression Framework) measures
each design in a window in which nothing ran. What the designs find there scatters around zero, and
this scatter, one number for all designs, is the standard error.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Judged:
    """What was found of designs, each array of shape (designs,).

    Attributes:
        error: Standard deviation of effects over designs, in currency per geo and date.
        minimum_detectable: The same times quantiles, in currency per geo and date.
        effects: Found in the last dates, in currency per geo and date.
        p_values: Of the effects, two-sided.
        share: minimum_detectable over the mean of treated geos in the last dates.
        total: minimum_detectable of all treated geos and all of the last dates, in currency.
        r2: How well dates before the last window, in which nothing was fitted, are predicted.
    """

    error: float
    minimum_detectable: float
    effects: Floats
    p_values: Floats
    share: Floats
    total: Floats
    r2: Floats


def judge(
    responses: Floats, masks: Bools, length: int, alpha: float = 0.1, power: float = 0.8
) -> Judged:
    """Measure designs where nothing ran.

    Args:
        responses: Shape (geos, dates); in currency.
        masks: Shape (designs, geos); whether a geo is treated.
        length: Dates of the window, the last ones.
        alpha: Two-sided level.
        power: Probability that an effect is found.

    Returns:
        Errors and effects of all designs.

    Raises:
        ValueError: If a design treats no geo or all of them, or fewer than two dates are left to
            fit.
    """
    if not (masks.any(axis=1) & ~masks.all(axis=1)).all():
        raise ValueError("a design treats some geos, not all")
    if responses.shape[1] - 2 * length < 2:
        raise ValueError("two dates are needed before the last two windows")
    treated, control = means(responses, masks), means(responses, ~masks)
    last = treated[:, -length:]
    level, slope = _line(treated[:, :-length], control[:, :-length])
    effects = (last - level - slope * control[:, -length:]).mean(axis=1)
    error = float(effects.std())
    minimum = float((ndtri(1 - alpha / 2) + ndtri(power)) * error)
    # Of geos without any revenue, shares and what is explained of it are not a number.
    with np.errstate(divide="ignore", invalid="ignore"):
        return Judged(
            error=error,
            minimum_detectable=minimum,
            effects=effects,
            p_values=2 * ndtr(-np.abs(effects) / error),
            share=minimum / last.mean(axis=1),
            total=minimum * masks.sum(axis=1) * length,
            r2=_r2(treated[:, :-length], control[:, :-length], length),
        )


def means(responses: Floats, masks: Bools) -> Floats:
    """Mean of the geos of each design by date, shape (designs, dates)."""
    return np.asarray(masks @ responses / masks.sum(axis=1)[:, None])


def _line(y: Floats, x: Floats) -> tuple[Floats, Floats]:
    """Least squares of each row with a slope that is not negative; shapes (designs, 1)."""
    from_mean = x - x.mean(axis=1, keepdims=True)
    squares = (from_mean**2).sum(axis=1, keepdims=True)
    along = np.maximum((from_mean * y).sum(axis=1, keepdims=True), 0)
    slope = np.divide(along, squares, out=np.zeros_like(along), where=squares > 0)
    return y.mean(axis=1, keepdims=True) - slope * x.mean(axis=1, keepdims=True), slope


def _r2(y: Floats, x: Floats, length: int) -> Floats:
    level, slope = _line(y[:, :-length], x[:, :-length])
    seen = y[:, -length:]
    missed = ((seen - level - slope * x[:, -length:]) ** 2).sum(axis=1)
    return np.asarray(1 - missed / ((seen - seen.mean(axis=1, keepdims=True)) ** 2).sum(axis=1))
