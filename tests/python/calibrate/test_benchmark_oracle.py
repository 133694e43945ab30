"""The oracle of the public benchmark against many draws of the same city."""

from math import sqrt

import numpy as np
import pandas as pd
import pytest

from calibrate.benchmark.exports import LIFTS
from calibrate.benchmark.figures import ALL, figures_of_study
from calibrate.benchmark.oracle import ORACLE, expected_sales, with_oracle
from calibrate.benchmark.process import SCENARIOS, Scenario, panel, season


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_moments_are_those_of_many_draws(scenario: Scenario) -> None:
    factor = 5 if scenario.name == "S2" else 1
    draws, days, cities = 20_000, scenario.pretest_days + 15, scenario.controls + 1
    random = np.random.default_rng([42, SCENARIOS.index(scenario), 3])
    sizes = np.sort(random.lognormal(np.log(4000) - 0.18, 0.6, cities))
    middle = sizes[cities // 2]
    if cities == 10:  # of the two in the middle, the nearer one is only known by chance
        middle = min(sizes[4:6], key=lambda size: abs(size - np.median(sizes)))
    noise = np.zeros(draws)
    sales = np.zeros(draws)
    for day in range(days):
        noise = 0.3 * noise + random.standard_normal(draws)
        if day >= days - 15:
            spread = 0.2 * sqrt(middle / sizes.mean())
            sales += factor * middle * season(days)[day] * np.exp(spread * noise)
    mean, deviation = expected_sales(scenario, 3)
    assert mean == pytest.approx(sales.mean(), rel=0.003)
    assert deviation == pytest.approx(sales.std(), rel=0.03)


def test_oracle_covers_the_truth_as_often_as_it_says() -> None:
    rows = pd.DataFrame(
        [
            {
                "experiment_id": f"{scenario.name}-{number}-{lift}", "scenario": scenario.name,
                "panel": number, "pseudo": 0, "lift": lift, "pretest_days": scenario.pretest_days,
                "test_days": 15, "baseline": panel(scenario, number).baseline, "method": "tbr",
                "is_default": True, "estimate": 0.0, "se": 1.0, "ci_low": -1.0, "ci_high": 1.0,
            }
            for scenario in SCENARIOS
            for number in range(1, 151)
            for lift in LIFTS
        ]
    )  # fmt: skip
    whole = with_oracle(rows)
    assert len(whole) == 2 * len(rows)
    found = figures_of_study(whole)[ALL, ORACLE]
    assert found["coverage"].value == pytest.approx(0.95, abs=0.03)
    assert found["false_positives"].value == pytest.approx(0.05, abs=0.03)
    assert abs(found["bias"].value) < 3 * found["bias"].error
