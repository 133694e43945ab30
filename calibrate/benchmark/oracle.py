"""What could be known at best: somebody who knows the process, and not the noise of the test.

The oracle knows size, growth, weekdays and how much sales scatter. The rest is chance: with its
interval nothing narrower covers the truth in 95 of 100 tests, whatever it learns from controls,
since these share no noise with the treated city. (The last days before the test tell a little of
its first ones: less than 1 % of the variance, which is left aside.)
"""

from statistics import NormalDist

import numpy as np
import pandas as pd

from calibrate.benchmark.exports import LEVEL
from calibrate.benchmark.process import (
    AUTOCORRELATION,
    NOISE,
    OUTLIER,
    SCENARIOS,
    SEED,
    TEST_DAYS,
    Scenario,
    season,
    sizes_of_cities,
)

ORACLE = "oracle"


def with_oracle(rows: pd.DataFrame) -> pd.DataFrame:
    """Results with the oracle as one more method.

    Args:
        rows: One row per test and method, as of `run.load`.

    Returns:
        The same rows, and one more per test that is not a pseudo-test. What the test brought is
        estimated by its sales less what was to be expected; the error of that is the noise.
    """
    tests = rows[rows.pseudo == 0].drop_duplicates("experiment_id")
    scenarios = {scenario.name: scenario for scenario in SCENARIOS}
    known = [
        expected_sales(scenarios[name], number)
        for name, number in zip(tests.scenario, tests.panel, strict=True)
    ]
    expected, deviation = np.array(known).T
    estimate = tests.baseline * (1 + tests.lift) - expected
    half = NormalDist().inv_cdf((1 + LEVEL) / 2) * deviation
    oracle = tests.assign(
        method=ORACLE, is_default=False, estimate=estimate, se=deviation,
        ci_low=estimate - half, ci_high=estimate + half,
    )  # fmt: skip
    return pd.concat([rows, oracle], ignore_index=True)


def expected_sales(scenario: Scenario, number: int) -> tuple[float, float]:
    """Mean and standard deviation of what the treated city sells in the test without effect.

    Args:
        scenario: Kind of panel.
        number: Which one of its kind.
    """
    random = np.random.default_rng([SEED, SCENARIOS.index(scenario), number])
    sizes = sizes_of_cities(random, scenario.controls + 1)
    size = sizes[np.argmin(np.abs(sizes - np.median(sizes)))]
    level = size * (OUTLIER if scenario.is_outlier else 1)
    # Covariance of log noise over days, long after its start; moments of its exponential.
    day = np.arange(TEST_DAYS)
    kept = AUTOCORRELATION ** np.abs(day[:, None] - day) / (1 - AUTOCORRELATION**2)
    log_covariance = NOISE**2 * size / sizes.mean() * kept
    shape = season(scenario.pretest_days + TEST_DAYS)[scenario.pretest_days :]
    mean = level * shape * np.exp(np.diag(log_covariance) / 2)
    covariance = np.outer(mean, mean) * np.expm1(log_covariance)
    return float(mean.sum()), float(np.sqrt(covariance.sum()))
