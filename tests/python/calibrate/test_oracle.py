"""The oracle's error is that of direct draws from the simulator's own functions."""

import numpy as np
import pytest
from numpy.typing import NDArray

from calibrate.oracle import Layout, relative_error, settings_of_truth, shrunk
from simulate.catalogue import EVENTS
from simulate.demand import events, payday, shocks, trend, weekday
from simulate.settings import Settings, load_settings
from simulate.world import _dotted

DRAWS = 2500
VALUES, VALUE_SHARES = np.array([0.0, 500.0, 2500.0]), np.array([0.1, 0.6, 0.3])
# E[v^2] / E[v]^2 = (0.6 * 0.25 + 0.3 * 6.25) / (0.3 + 0.75)^2 in thousands.
VALUE_SPREAD = 2.025 / 1.05**2


def layout(settings: Settings, level: NDArray[np.float64]) -> Layout:
    """Three treated and four control regions, 56 + 42 days that hold events of the calendar."""
    first = 150
    return Layout(
        level=level,
        treated=np.arange(len(level)) < 3,
        day=first + np.arange(98),
        is_test=np.arange(98) >= 56,
    )


def drawn_errors(settings: Settings, plan: Layout, rng: np.random.Generator) -> NDArray[np.float64]:
    """Logarithm of treated over control growth without any effect, over many drawn worlds."""
    demand, regions = settings.demand, len(plan.level)
    dates = np.datetime64(settings.start) + np.arange(settings.days)
    curve = trend(demand, settings.days) * weekday(demand, dates) * payday(demand, dates)
    shape = (DRAWS, regions, settings.days)
    response = np.exp(
        demand.event_spread * rng.standard_normal((DRAWS * regions, len(EVENTS.lift)))
    )
    log = shocks(demand.region_shock, demand.region_persistence, shape, rng)
    log += shocks(demand.region_drift, demand.drift_persistence, shape, rng)
    log += shocks(demand.shared_shock, demand.shared_persistence, (DRAWS, 1, shape[2]), rng)
    mean = plan.level[:, None] * curve * events(demand, dates, response).reshape(shape)
    mean = (mean * np.exp(log))[:, :, plan.day]
    over = 1 / demand.overdispersion**2
    orders = rng.poisson(mean * rng.standard_gamma(over, mean.shape) / over)
    revenue = rng.multinomial(orders, VALUE_SHARES) @ VALUES

    def logarithm(treated: bool, test: bool) -> NDArray[np.float64]:
        cells = revenue[:, plan.treated == treated][:, :, plan.is_test == test]
        return np.asarray(np.log(cells.sum(axis=(1, 2))))

    return np.asarray(
        logarithm(True, True)
        - logarithm(True, False)
        - logarithm(False, True)
        + logarithm(False, False)
    )


@pytest.mark.parametrize(
    ("changes", "orders"),
    [
        ({}, 60.0),
        ({"demand.region_drift": 0.1}, 3000.0),  # what wanders slowly
        ({"demand.event_spread": 0.5, "demand.region_shock": 0.02}, 3000.0),  # what events do
        ({"demand.overdispersion": 0.6, "demand.region_shock": 0.0}, 3000.0),  # what cells do
    ],
    ids=["counting", "drift", "events", "overdispersion"],
)
def test_error_is_that_of_drawn_worlds(changes: dict[str, float], orders: float) -> None:
    settings = load_settings("default", 1, {"days": 270, **changes})
    level = orders * np.array([3.0, 1.0, 0.5, 2.0, 1.0, 1.0, 0.3])
    plan = layout(settings, level)
    errors = drawn_errors(settings, plan, np.random.default_rng(5))
    expected = relative_error(settings, plan, VALUE_SPREAD)
    assert expected == pytest.approx(errors.std(), rel=0.06)


def test_noise_of_counting_alone_is_known_in_closed_form() -> None:
    """Without shocks: (E[v^2] / E[v]^2) / orders of each of the four sums."""
    still = dict.fromkeys(
        ("region_shock", "region_drift", "overdispersion", "event_lift", "payday_lift"), 0.0
    )
    changes = {f"demand.{name}": value for name, value in still.items()}
    settings = load_settings(
        "default", 1, changes | {"demand.yearly_growth": 0.0, "demand.weekday": [1.0] * 7}
    )
    plan = layout(settings, np.array([2.0, 1.0, 1.0, 4.0, 1.0]))
    sums = [4 * 42, 4 * 56, 5 * 42, 5 * 56]
    expected = np.sqrt(3 * sum(1 / orders for orders in sums))
    assert relative_error(settings, plan, 3.0) == pytest.approx(expected, rel=1e-12)


def test_shrinking_knows_mean_and_spread() -> None:
    # mu 2, tau^2 1: an error of 1 gives half, none gives the own factor, a huge one the mean.
    factors = shrunk([4.0, 4.0, 4.0], [1.0, 0.0, 1e9], [1.0, 3.0], [1.0, 1.0])
    assert factors == pytest.approx([3.0, 4.0, 2.0])
    # Weighed 3 to 1: mu 1.5, tau^2 0.75.
    [factor] = shrunk([4.0], [0.5], [1.0, 3.0], [3.0, 1.0])
    assert factor == pytest.approx(0.75 * 4 + 0.25 * 1.5)


def test_settings_come_back_from_the_truth() -> None:
    settings = load_settings("festival", 3, {"days": 90})
    dotted = dict(_dotted(settings.model_dump(mode="json")))
    assert settings_of_truth(dotted) == settings
