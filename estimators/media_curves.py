"""How spend works on after its day, and saturates: the curves of media mix models.

Jin, Wang, Sun, Chan and Koehler (2017), Bayesian methods for media mix modeling with carryover and
shape effects, Google: geometric ad-stock (equation 1), delayed ad-stock (equation 2), Hill
(equation 5). Names of parameters are those of PyMC-Marketing and Meridian, whose numbers these
formulas give. Budgets (`allocated`) use michaelis_menten, the Hill curve of slope 1.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def geometric_weights(alpha: float, lags: int, normalized: bool = True) -> Floats:
    """Weights alpha^lag of today and the days before.

    Args:
        alpha: Share that is left after a day, 0 to 1.
        lags: Number of days, today included: PyMC-Marketing's l_max, Meridian's max_lag + 1.
        normalized: Whether weights add up to 1, as they always do in Meridian.

    Returns:
        Shape (lags,).

    Raises:
        ValueError: If alpha is not within 0 and 1, or there is no lag.
    """
    _check(alpha, lags)
    return _weights(alpha ** np.arange(lags, dtype=float), normalized)


def delayed_weights(alpha: float, theta: float, lags: int, normalized: bool = True) -> Floats:
    """Weights alpha^((lag - theta)^2), which are largest after theta days.

    Args:
        alpha: How slowly they fall off on both sides, 0 to 1.
        theta: Days until the peak.
        lags: Number of days, today included.
        normalized: Whether weights add up to 1.

    Returns:
        Shape (lags,).

    Raises:
        ValueError: If alpha is not within 0 and 1, or there is no lag.
    """
    _check(alpha, lags)
    return _weights(alpha ** ((np.arange(lags, dtype=float) - theta) ** 2), normalized)


def adstocked(spend: Floats, weights: Floats) -> Floats:
    """Spend that still works on each day.

    Args:
        spend: Shape (..., days); in currency. Before the first day there was none.
        weights: Shape (lags,); of today and the days before.

    Returns:
        Shape (..., days); in currency.
    """
    days = spend.shape[-1]
    worked = np.zeros(spend.shape)
    for lag, weight in enumerate(weights[:days]):
        worked[..., lag:] += weight * spend[..., : days - lag]
    return worked


def hill(spend: Floats, slope: float, kappa: float) -> Floats:
    """Share of the most that spend can bring: a half at kappa.

    Args:
        spend: Any shape, not negative; in currency.
        slope: Above 1 the curve is S-shaped.
        kappa: Spend at which half is reached, in currency.

    Returns:
        Shares of the same shape: 1 - kappa^slope / (kappa^slope + spend^slope).
    """
    return np.asarray(1 - kappa**slope / (kappa**slope + spend**slope))


def michaelis_menten(spend: Floats, alpha: float, lam: float) -> Floats:
    """What spend brings by the curve that budgets are split by.

    Args:
        spend: Any shape, not negative; in currency.
        alpha: The most that it can bring (`ceiling` of the function allocated).
        lam: Spend at which half of it is reached (`half_saturation`).

    Returns:
        alpha * spend / (lam + spend), in units of alpha.
    """
    return np.asarray(alpha * spend / (lam + spend))


def logistic_saturation(spend: Floats, lam: float) -> Floats:
    """Share of the most that spend can bring, steepest at nothing.

    Args:
        spend: Any shape; scaled, as over its maximum.
        lam: How early it saturates, per unit of scaled spend.

    Returns:
        Shares: (1 - exp(-lam spend)) / (1 + exp(-lam spend)), that is tanh(lam spend / 2).
    """
    return np.asarray(np.tanh(lam * spend / 2))


def _check(alpha: float, lags: int) -> None:
    if not 0 <= alpha <= 1 or lags < 1:
        raise ValueError("alpha is within 0 and 1, and there is at least one lag")


def _weights(raw: NDArray[np.floating], normalized: bool) -> Floats:
    weights = raw.astype(np.float64)
    return weights / weights.sum() if normalized else weights
