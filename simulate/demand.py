"""What the shop would sell without any influencer: expected orders per region, brand and day."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulate.catalogue import BRAND_SHARES, EVENTS, REGIONS
from simulate.randomness import Stream, generator
from simulate.settings import Demand, Settings

PAYDAYS = 5  # the first days of a month


@dataclass(frozen=True)
class Baseline:
    """Demand without influencers; arrays have the shape (regions, brands, days).

    Attributes:
        expected: Orders that the world makes likely: every curve and shock, no counting noise.
        with_coupon: Orders with a public coupon of the shop; whole numbers.
        without_coupon: The other orders; whole numbers.
    """

    expected: NDArray[np.float64]
    with_coupon: NDArray[np.int64]
    without_coupon: NDArray[np.int64]


def simulate_baseline(settings: Settings) -> Baseline:
    """Draw the orders that would be placed if no influencer had posted anything.

    Args:
        settings: Period and size of the world, curves and shocks.

    Returns:
        Expected and drawn orders; `expected` sums to `settings.orders`.
    """
    rng = generator(settings.seed, Stream.DEMAND)
    demand, days = settings.demand, settings.days
    dates = np.datetime64(settings.start) + np.arange(days)
    regions, brands = len(REGIONS.share), len(BRAND_SHARES)

    # Every draw is made whatever the settings, so that worlds with one seed share their shocks.
    taste = np.exp(demand.mix_spread * rng.standard_normal((regions, brands)))
    level = REGIONS.share[:, None] * BRAND_SHARES * taste
    shared = shocks(demand.shared_shock, demand.shared_persistence, (days,), rng)
    own_shape = (regions, brands, days)
    own = shocks(demand.region_shock, demand.region_persistence, own_shape, rng)
    drift = shocks(demand.region_drift, demand.drift_persistence, own_shape, rng)
    response = np.exp(demand.event_spread * rng.standard_normal((regions, len(EVENTS.lift))))
    of_brands = shocks(
        demand.brand_drift,
        demand.drift_persistence,
        (brands, days),
        generator(settings.seed, Stream.BRAND_DRIFT),
    )
    curve = trend(demand, days) * weekday(demand, dates) * payday(demand, dates)

    expected = level[:, :, None] * curve * np.exp(shared + of_brands + own + drift)
    expected *= events(demand, dates, response)[:, None, :]
    expected *= settings.orders / expected.sum()
    # A gamma-mixed Poisson is a negative binomial: variance = mean + (overdispersion x mean)^2.
    mixed = expected
    if demand.overdispersion > 0:
        shape = 1 / demand.overdispersion**2
        mixed = expected * rng.standard_gamma(shape, expected.shape) / shape
    coupon_share = settings.customers.coupon_share
    return Baseline(
        expected=expected,
        with_coupon=rng.poisson(mixed * coupon_share),
        without_coupon=rng.poisson(mixed * (1 - coupon_share)),
    )


def trend(demand: Demand, days: int) -> NDArray[np.float64]:
    """Growth since the first day.

    Args:
        demand: Its `yearly_growth`.
        days: Length of the period.

    Returns:
        Shape (days,); 1 on the first day.
    """
    return np.asarray((1 + demand.yearly_growth) ** (np.arange(days) / 365))


def weekday(demand: Demand, dates: NDArray[np.datetime64]) -> NDArray[np.float64]:
    """Factor of the day of the week.

    Args:
        demand: Its `weekday`, Monday to Sunday.
        dates: Shape (days,).

    Returns:
        Shape (days,).
    """
    days_since_monday = (dates - np.datetime64("1970-01-05")).astype(np.int64) % 7
    return np.array(demand.weekday)[days_since_monday]


def payday(demand: Demand, dates: NDArray[np.datetime64]) -> NDArray[np.float64]:
    """Factor of the first days of a month, when salaries have come.

    Args:
        demand: Its `payday_lift`, in full on the 1st and nothing from the 6th on.
        dates: Shape (days,).

    Returns:
        Shape (days,).
    """
    day = (dates - dates.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64)
    return np.asarray(1 + demand.payday_lift * np.maximum(1 - day / PAYDAYS, 0))


def events(
    demand: Demand, dates: NDArray[np.datetime64], response: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Factor of festivals and sales, whose lifts add up where they meet.

    Args:
        demand: Its `event_lift` multiplies all of them.
        dates: Shape (days,).
        response: Shape (regions, events); how strongly each region responds to each.

    Returns:
        Shape (regions, days); above 0.
    """
    runs = (EVENTS.first_day[:, None] <= dates) & (dates <= EVENTS.last_day[:, None])
    lift = (response * EVENTS.lift * demand.event_lift) @ runs
    return np.asarray(np.maximum(1 + lift, 0.05))


def shocks(
    spread: float, persistence: float, shape: tuple[int, ...], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Autoregressive shocks of order one, stationary from the first day on.

    Args:
        spread: Standard deviation of a shock, on the scale of the logarithm.
        persistence: Correlation of a day's shock with that of the day before.
        shape: Series first, days last.
        rng: Source of randomness.

    Returns:
        Array of that shape.
    """
    news = rng.standard_normal(shape)
    news[..., 1:] *= np.sqrt(1 - persistence**2)
    for day in range(1, shape[-1]):
        news[..., day] += persistence * news[..., day - 1]
    return np.asarray(spread * news)
