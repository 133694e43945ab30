"""Sales by day and city as in a published comparison of tools for geo tests.

Recast, Geo-experiment simulation study, https://research.getrecast.com/geolift-sim-study: its four
scenarios and the formulas of its appendix, written anew from the text.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

SEED = 42
LIFT = 0.075  # the effect of the study, as a share of what would have been sold
TEST_DAYS = 15
MEAN_SALES = 4000.0  # of a city and day
SIZE_SPREAD = 0.6  # standard deviation of log sales over cities
GROWTH = 0.001  # a day, of the sales of the first one
WEEKDAYS = np.array([-1.0, -0.5, 0.0, 0.2, 0.8, 1.0, 0.5])
WEEKDAY_SIZE = 0.10
NOISE = 0.20  # standard deviation of a day's new log noise in a city of mean size
AUTOCORRELATION = 0.3
OUTLIER = 5.0


@dataclass(frozen=True)
class Scenario:
    """A kind of panel.

    Attributes:
        name: Its name in the study.
        title: What it is, in words.
        controls: Number of control cities.
        pretest_days: Days before the test.
        is_outlier: Whether the treated city sells five times as much.
    """

    name: str
    title: str
    controls: int
    pretest_days: int
    is_outlier: bool = False


SCENARIOS = (
    Scenario("S1", "baseline", 20, 90),
    Scenario("S2", "outlier market", 20, 90, is_outlier=True),
    Scenario("S3", "small pool", 9, 90),
    Scenario("S4", "short pretest", 20, 30),
)


@dataclass(frozen=True)
class Panel:
    """Sales of a test without effect.

    Attributes:
        sales: Shape (days, cities); the pretest, then the test.
        treated: Column of the treated city.
        pretest_days: Number of days of the pretest.
    """

    sales: NDArray[np.float64]
    treated: int
    pretest_days: int

    @property
    def baseline(self) -> float:
        """What the treated city sells in the test if it has no effect."""
        return float(self.sales[self.pretest_days :, self.treated].sum())


def panel(scenario: Scenario, number: int) -> Panel:
    """A panel of a scenario, the same whatever else is made.

    Args:
        scenario: What kind of panel.
        number: Which one of its kind.
    """
    random = np.random.default_rng([SEED, SCENARIOS.index(scenario), number])
    sizes = sizes_of_cities(random, scenario.controls + 1)
    treated = int(np.argmin(np.abs(sizes - np.median(sizes))))
    days = scenario.pretest_days + TEST_DAYS
    log_noise = NOISE * np.sqrt(sizes / sizes.mean()) * autocorrelated(random, days, len(sizes))
    levels = sizes.copy()
    if scenario.is_outlier:
        levels[treated] *= OUTLIER
    sales = levels * season(days)[:, None] * np.exp(log_noise)
    return Panel(sales, treated, scenario.pretest_days)


def sizes_of_cities(random: np.random.Generator, cities: int) -> NDArray[np.float64]:
    """Mean sales a day of each city, lognormal."""
    log_mean = np.log(MEAN_SALES) - SIZE_SPREAD**2 / 2
    return random.lognormal(log_mean, SIZE_SPREAD, cities)


def season(days: int) -> NDArray[np.float64]:
    """What all cities share: growth and days of the week, as a factor of each day."""
    day = np.arange(days)
    growth = 1 + GROWTH * (day + 1)
    return np.asarray(growth * (1 + WEEKDAY_SIZE * WEEKDAYS[day % 7]))


def autocorrelated(random: np.random.Generator, days: int, cities: int) -> NDArray[np.float64]:
    """Noise of each city by itself: a day keeps a share of that of the day before, AR(1)."""
    new = random.standard_normal((days, cities))
    return np.asarray(lfilter([1.0], [1.0, -AUTOCORRELATION], new, axis=0))


def with_effect(draw: Panel, lift: float) -> NDArray[np.float64]:
    """Sales of the same draw where the test has an effect.

    Args:
        draw: Sales without effect.
        lift: Effect as a share of what would have been sold.

    Returns:
        As `Panel.sales`.
    """
    sales = draw.sales.copy()
    sales[draw.pretest_days :, draw.treated] *= 1 + lift
    return sales
