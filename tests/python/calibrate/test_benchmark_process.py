"""The process of the public benchmark, against its formulas in words."""

from math import sqrt
from statistics import mean, median

import numpy as np
import pytest

from calibrate.benchmark.process import (
    LIFT,
    SCENARIOS,
    TEST_DAYS,
    Panel,
    Scenario,
    autocorrelated,
    panel,
    season,
    sizes_of_cities,
    with_effect,
)

BASELINE, OUTLIER, SMALL, SHORT = SCENARIOS


@pytest.mark.parametrize(
    ("scenario", "days", "cities"),
    [(BASELINE, 105, 21), (OUTLIER, 105, 21), (SMALL, 105, 10), (SHORT, 45, 21)],
)
def test_scenarios_are_those_of_the_study(scenario: Scenario, days: int, cities: int) -> None:
    draw = panel(scenario, 3)
    assert draw.sales.shape == (days, cities)
    assert draw.pretest_days == days - 15 and TEST_DAYS == 15
    assert (draw.sales > 0).all()


def test_panels_are_drawn_again_by_scenario_and_number() -> None:
    again = panel(BASELINE, 7)
    assert np.array_equal(panel(BASELINE, 7).sales, again.sales)
    others = (panel(BASELINE, 8), panel(OUTLIER, 7), panel(SHORT, 7))
    assert not any(np.isclose(other.sales[0], again.sales[0]).any() for other in others)


def test_effect_is_on_the_treated_city_in_the_test_and_on_nothing_else() -> None:
    draw = panel(BASELINE, 1)
    changed = with_effect(draw, LIFT) / draw.sales
    assert changed[90:, draw.treated] == pytest.approx(1.075)
    changed[90:, draw.treated] = 1
    assert (changed == 1).all()
    assert np.array_equal(with_effect(draw, 0.0), draw.sales)
    extra = (with_effect(draw, LIFT) - draw.sales).sum()
    assert extra == pytest.approx(0.075 * draw.baseline)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_city_nearest_to_the_median_is_treated(scenario: Scenario) -> None:
    for number in range(1, 20):
        draw = panel(scenario, number)
        # Sizes are what the panel draws first.
        random = np.random.default_rng([42, SCENARIOS.index(scenario), number])
        sizes = sizes_of_cities(random, scenario.controls + 1).tolist()
        away = [abs(size - median(sizes)) for size in sizes]
        assert away[draw.treated] == min(away)


def test_outlier_sells_five_times_as_much(monkeypatch: pytest.MonkeyPatch) -> None:
    # The same draw in both scenarios: only the treated city differs, by a factor of five.
    monkeypatch.setattr("calibrate.benchmark.process.SCENARIOS", [BASELINE])
    usual = panel(BASELINE, 5)
    monkeypatch.setattr("calibrate.benchmark.process.SCENARIOS", [OUTLIER])
    other = panel(OUTLIER, 5)
    ratio = other.sales / usual.sales
    assert other.treated == usual.treated
    assert ratio[:, usual.treated] == pytest.approx(5)
    assert np.delete(ratio, usual.treated, axis=1) == pytest.approx(1)


def test_sizes_are_lognormal_about_their_mean() -> None:
    sizes = sizes_of_cities(np.random.default_rng(1), 200_000)
    assert sizes.mean() == pytest.approx(4000, rel=0.01)
    assert np.log(sizes).std() == pytest.approx(0.6, rel=0.01)


def test_season_grows_and_has_weekdays() -> None:
    factors = season(15)
    weekdays = [0.9, 0.95, 1.0, 1.02, 1.08, 1.1, 1.05]
    for day in range(15):
        assert factors[day] == pytest.approx((1 + 0.001 * (day + 1)) * weekdays[day % 7])


def test_noise_keeps_three_tenths_of_the_day_before() -> None:
    noise = autocorrelated(np.random.default_rng(2), 4, 3)
    new = np.random.default_rng(2).standard_normal((4, 3))
    for city in range(3):
        last = 0.0
        for day in range(4):
            last = 0.3 * last + new[day, city]
            assert noise[day, city] == pytest.approx(last)
    long = autocorrelated(np.random.default_rng(3), 100_000, 1)[:, 0]
    assert np.corrcoef(long[1:], long[:-1])[0, 1] == pytest.approx(0.3, abs=0.01)


def test_larger_cities_vary_more() -> None:
    """Log sales less season: standard deviation 0.2 √(size / mean size) / √(1 − 0.3²)."""
    scores = []
    for number in range(1, 200):
        draw = panel(SMALL, number)
        sizes = sizes_of_cities(np.random.default_rng([42, 2, number]), 10)
        noise = np.log(draw.sales / season(105)[:, None] / sizes)
        for city in range(10):
            expected = 0.2 * sqrt(sizes[city] / sizes.mean()) / sqrt(1 - 0.3**2)
            scores.append(float(noise[:, city].std(ddof=1)) / expected)
    assert mean(scores) == pytest.approx(1, abs=0.02)


def test_baseline_is_what_is_sold_without_effect() -> None:
    draw = Panel(np.arange(12.0).reshape(4, 3), treated=1, pretest_days=2)
    assert draw.baseline == 7 + 10
    assert with_effect(draw, 1.0)[2:, 1].sum() == 34
