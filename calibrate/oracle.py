"""How well an experiment could be measured by somebody who knows the world's noise.

The ratio estimator compares the growth of treated regions, from pretest to test, with that of
control regions. Its error without any effect is, to first order, a weighted sum over regions and
days of the logarithm of demand: plus in the treated test and the control pretest, minus in the
treated pretest and the control test, each of the four sums with weights that add up to 1. So its
variance follows from the settings of the world alone; `docs/simulation.md` has the formulas of
demand. What is common to all regions (trend, weekday, shared shocks) cancels.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulate.catalogue import EVENTS
from simulate.demand import payday, trend, weekday
from simulate.settings import Demand, Settings


@dataclass(frozen=True)
class Layout:
    """Regions and days of an experiment of one brand.

    Attributes:
        level: Shape (regions,); expected orders of each region on a day, per unit of `curve`.
        treated: Shape (regions,); which of them are treated, the others are the control.
        day: Shape (days,); days since the world's first day, ascending.
        is_test: Shape (days,); whether the day belongs to test or cooldown, else to the pretest.
    """

    level: NDArray[np.float64]
    treated: NDArray[np.bool_]
    day: NDArray[np.int64]
    is_test: NDArray[np.bool_]


def curve(settings: Settings) -> NDArray[np.float64]:
    """What demand does on each day in all regions alike.

    Args:
        settings: Period and curves.

    Returns:
        Shape (days,); mean factors, as in `docs/simulation.md`.
    """
    demand = settings.demand
    dates = np.datetime64(settings.start) + np.arange(settings.days)
    plain = trend(demand, settings.days) * weekday(demand, dates) * payday(demand, dates)
    return np.asarray(plain * _events(settings)[0])


def relative_error(settings: Settings, layout: Layout, value_spread: float) -> float:
    """Standard deviation of the ratio estimator's error, as a share of the baseline.

    Args:
        settings: Shocks, events and overdispersion.
        layout: Regions and days.
        value_spread: E[v^2] / E[v]^2 of an order's net revenue v, returned orders as zero.

    Returns:
        The standard deviation.
    """
    demand = settings.demand
    orders = layout.level[:, None] * curve(settings)[layout.day]
    weights = _weights(orders, layout)
    variance = _autoregressive(weights, layout.day, demand.region_shock, demand.region_persistence)
    variance += _autoregressive(weights, layout.day, demand.region_drift, demand.drift_persistence)
    variance += _responses(settings, weights, layout.day)
    # Gamma-mixed Poisson counts of orders of uneven value, independent in each region and day.
    variance += float(np.sum(weights**2 * (demand.overdispersion**2 + value_spread / orders)))
    return float(np.sqrt(variance))


def _weights(orders: NDArray[np.float64], layout: Layout) -> NDArray[np.float64]:
    """What a per cent more demand in a region on a day does to the estimate, in per cent."""
    weights = np.zeros_like(orders)
    for is_treated in (True, False):
        for is_test in (True, False):
            cells = (layout.treated == is_treated)[:, None] & (layout.is_test == is_test)
            sign = 1.0 if is_treated == is_test else -1.0
            weights += sign * np.where(cells, orders, 0) / orders[cells].sum()
    return weights


def _autoregressive(
    weights: NDArray[np.float64], day: NDArray[np.int64], spread: float, persistence: float
) -> float:
    """Variance of the weighted sum of AR(1) shocks, independent between regions."""
    correlation = persistence ** np.abs(day[:, None] - day)
    return float(spread**2 * np.sum((weights @ correlation) * weights))


def _responses(settings: Settings, weights: NDArray[np.float64], day: NDArray[np.int64]) -> float:
    """Variance that comes from regions responding differently to the same event."""
    factor, lifts = _events(settings)
    exposure = weights @ (lifts / factor)[:, day].T
    return float(np.sum(exposure**2) * _response_moments(settings.demand)[1])


def _events(settings: Settings) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean factor of a day's events, shape (days,), and lift of each event, (events, days)."""
    dates = np.datetime64(settings.start) + np.arange(settings.days)
    runs = (EVENTS.first_day[:, None] <= dates) & (dates <= EVENTS.last_day[:, None])
    lifts = runs * (EVENTS.lift * settings.demand.event_lift)[:, None]
    factor = 1 + _response_moments(settings.demand)[0] * lifts.sum(axis=0)
    return np.maximum(factor, 0.05), lifts


def _response_moments(demand: Demand) -> tuple[float, float]:
    """Mean and variance of a region's log-normal response to an event."""
    square = demand.event_spread**2
    return float(np.exp(square / 2)), float(np.exp(square) * np.expm1(square))


def shrunk(
    factor: ArrayLike, error: ArrayLike, true_factors: ArrayLike, weights: ArrayLike
) -> NDArray[np.float64]:
    """Factors of campaigns, shrunk by somebody who knows how true factors are spread.

    Args:
        factor: Shape (n,); raw factors of experiments.
        error: Shape (n,); their true standard deviations.
        true_factors: Shape (m,); true factors of all regional campaigns of the world.
        weights: Shape (m,); what each of them counts in their mean mu and variance tau^2.

    Returns:
        Shape (n,); posterior means B f + (1 - B) mu with B = tau^2 / (tau^2 + s^2).
    """
    true, weights = np.asarray(true_factors), np.asarray(weights)
    mean = np.average(true, weights=weights)
    variance = np.average((true - mean) ** 2, weights=weights)
    own_weight = variance / (variance + np.square(error))
    return np.asarray(own_weight * factor + (1 - own_weight) * mean)


def settings_of_truth(values: Mapping[str, object]) -> Settings:
    """Settings from the dotted names of `truth/settings`.

    Args:
        values: Values by dotted name.

    Returns:
        The settings that the world was made from.
    """
    nested: dict[str, object] = {}
    for name, value in values.items():
        *sections, last = name.split(".")
        section = nested
        for part in sections:
            inner = section.setdefault(part, {})
            assert isinstance(inner, dict)
            section = inner
        section[last] = value
    return Settings.model_validate_json(json.dumps(nested))
