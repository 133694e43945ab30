"""Panels as exports: the three tables of geo tests, and pseudo-tests within their pretests.

A pseudo-test pretends that the test ran at the end of the pretest, when nothing was tested, and
knows no later day. What a method then says of its own error is what can be foreseen of the test.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from calibrate.benchmark.process import LIFT, TEST_DAYS, Panel, Scenario, panel, with_effect

FIRST_DAY = pd.Timestamp("2025-01-06")  # a Monday
LEVEL = 0.95  # of the intervals, as in the study
LIFTS = (0.0, LIFT)
MOST_PSEUDO_TESTS = 20
COST = 100.0  # a day of the treated city in the test: without any, gbr measures nothing
APART = 7  # days between the ends of two pseudo-tests: every weekday counts as often


@dataclass(frozen=True)
class Test:
    """A test as it is exported.

    Attributes:
        scenario: Name of the scenario.
        panel: Number of the panel in its scenario.
        pseudo: 0 for the test itself; the number of a pseudo-test, counted back in time.
        lift: True effect, as a share of what would have been sold.
        baseline: What the treated city would have sold in the test.
        pretest_days: Days of the pretest.
        test_days: Days of the test.
    """

    scenario: str
    panel: int
    pseudo: int
    lift: float
    baseline: float
    pretest_days: int
    test_days: int

    @property
    def experiment_id(self) -> str:
        """Its key in the exports."""
        return f"{self.scenario}-{self.panel}-{1000 * self.lift:.0f}-{self.pseudo}"


def pseudo_windows(pretest_days: int, test_days: int) -> list[tuple[int, int]]:
    """Days of pretest and test of the pseudo-tests that a pretest has room for, latest first.

    Args:
        pretest_days: Days of the pretest.
        test_days: Days of the test that is to be foreseen.

    Returns:
        Each pseudo-test is as long as the test, or a third of the pretest where that is shorter;
        at least three weeks remain to learn from, two where the pretest is shorter than eight, and
        never less than a third of it.
    """
    length = min(test_days, pretest_days // 3)
    least = max(21 if pretest_days >= 56 else 14, -(-pretest_days // 3))
    before = range(pretest_days - length, least - 1, -APART)
    return [(days, length) for days in before][:MOST_PSEUDO_TESTS]


def write_exports(
    folder: Path, scenarios: Iterable[Scenario], numbers: Iterable[int]
) -> pd.DataFrame:
    """Write panels as exports.

    Args:
        folder: Folder to write to, which is there.
        scenarios: Kinds of panels.
        numbers: Which panels of each kind.

    Returns:
        One row per test with its experiment_id and the attributes of `Test`.
    """
    numbers = list(numbers)
    tests: list[Test] = []
    rows, assignments = [], []
    for scenario in scenarios:
        for number in numbers:
            draw = panel(scenario, number)
            for test, sales in _tests(scenario, number, draw):
                tests.append(test)
                rows.append(_panel_rows(test, sales, draw.treated))
                assignments.append(_assignments(test, draw))
    pd.concat(rows).to_parquet(folder / "geo_panel.parquet", index=False)
    pd.concat(assignments).to_parquet(folder / "geo_assignments.parquet", index=False)
    table = pd.DataFrame([{"experiment_id": test.experiment_id, **vars(test)} for test in tests])
    _dates(table).to_parquet(folder / "geo_experiments.parquet", index=False)
    return table


def _tests(
    scenario: Scenario, number: int, draw: Panel
) -> Iterator[tuple[Test, NDArray[np.float64]]]:
    for lift in LIFTS:
        days = (draw.pretest_days, TEST_DAYS)
        yield (
            Test(scenario.name, number, 0, lift, draw.baseline, *days),
            with_effect(draw, lift),
        )
    for pseudo, (before, length) in enumerate(pseudo_windows(draw.pretest_days, TEST_DAYS), 1):
        sales = draw.sales[: before + length]
        baseline = float(sales[before:, draw.treated].sum())
        yield Test(scenario.name, number, pseudo, 0.0, baseline, before, length), sales


def _panel_rows(test: Test, sales: NDArray[np.float64], treated: int) -> pd.DataFrame:
    days, cities = sales.shape
    cost = np.zeros_like(sales)
    if not test.pseudo:
        cost[test.pretest_days :, treated] = COST
    return pd.DataFrame(
        {
            "experiment_id": test.experiment_id,
            "geo": np.tile(_names(cities), days),
            "date": np.repeat(FIRST_DAY + pd.to_timedelta(np.arange(days), "D"), cities),
            "response": sales.ravel().round(6),
            "cost": cost.ravel(),
        }
    )


def _assignments(test: Test, draw: Panel) -> pd.DataFrame:
    cities = draw.sales.shape[1]
    is_treated = np.arange(cities) == draw.treated
    return pd.DataFrame(
        {
            "experiment_id": test.experiment_id,
            "geo": _names(cities),
            "assignment": np.where(is_treated, "treatment", "control"),
        }
    )


def _names(cities: int) -> NDArray[np.object_]:
    return np.array([f"City {number}" for number in range(1, cities + 1)], dtype=object)


def _dates(tests: pd.DataFrame) -> pd.DataFrame:
    def day(number: "pd.Series[int]") -> pd.Series:
        return FIRST_DAY + pd.to_timedelta(number, "D")

    return pd.DataFrame(
        {
            "experiment_id": tests.experiment_id,
            "pretest_start": FIRST_DAY,
            "pretest_end": day(tests.pretest_days - 1),
            "test_start": day(tests.pretest_days),
            "test_end": day(tests.pretest_days + tests.test_days - 1),
            "ci_level": LEVEL,
        }
    )
