"""Figures of the public benchmark, on rows written by hand."""

from collections.abc import Sequence
from math import sqrt

import numpy as np
import pandas as pd
import pytest

from calibrate.benchmark.figures import (
    ALL,
    FORESIGHT,
    figures_of_method,
    figures_of_study,
    foreseen_errors,
)
from calibrate.uncertainty import Resampling
from tests.python.calibrate.made_up_study import made_up_study

BASELINE = 1000.0


def rows_of(rows: Sequence[tuple[float, float, float | None, float | None]]) -> pd.DataFrame:
    """Tests by lift, estimate and interval; two neighbours are one panel."""
    table = pd.DataFrame(rows, columns=["lift", "estimate", "ci_low", "ci_high"], dtype=float)
    return table.assign(place=table.index // 2, baseline=BASELINE, is_default=True)


# Four panels without and with an effect of 75.
ROWS = rows_of(
    [
        (0.0, 10, -20, 40), (0.075, 85, 55, 115),    # covers, found
        (0.0, 50, 20, 80), (0.075, 125, 95, 155),    # false positive, missed on one side
        (0.0, -50, -90, -10), (0.075, 20, -10, 50),  # false positive, missed, not found
        (0.0, 0, None, None), (0.075, 75, None, None),
    ]
)  # fmt: skip


def test_figures_of_a_method_are_counts() -> None:
    found = figures_of_method(ROWS, Resampling(ROWS.place))
    values = {name: figure.value for name, figure in found.items()}
    assert values == pytest.approx(
        {
            "panels": 4, "measured": 3 / 4, "is_default": 1,
            "coverage": 1 / 3, "power": 2 / 3, "false_positives": 2 / 3,
            "bias": (10 + 50 - 55) / 3 / BASELINE, "width": 60 / BASELINE,
        }
    )  # fmt: skip


def test_limits_belong_to_the_interval() -> None:
    rows = rows_of([(0.0, 10, 0, 20), (0.075, 80, 75, 85)])
    found = figures_of_method(rows, Resampling(rows.place))
    assert found["coverage"].value == 1
    assert found["false_positives"].value == 0


def test_error_is_that_of_a_share_of_panels() -> None:
    rows = rows_of(
        [(0.0, 0, -1, 1), (0.075, 75, 70, 80)] * 320 + [(0.0, 0, -1, 1), (0.075, 70, 65, 74)] * 80
    )
    found = figures_of_method(rows, Resampling(rows.place))["coverage"]
    expected = sqrt(found.value * (1 - found.value) / 400)
    assert found.error == pytest.approx(expected, rel=0.1)


def test_pseudo_tests_are_scaled_to_the_test() -> None:
    rows = pd.DataFrame(
        [
            (1, 0, 0.0, 90, 15, 7.0, 99), (1, 0, 0.075, 90, 15, 9.0, 99),
            (1, 1, 0.0, 75, 15, 3.0, 60), (1, 2, 0.0, 33, 15, 5.0, 50),
            (2, 0, 0.0, 30, 15, 2.0, 99), (2, 1, 0.0, 20, 10, 4.0, 40),
        ],
        columns=["place", "pseudo", "lift", "pretest_days", "test_days", "se", "baseline"],
    )  # fmt: skip
    found = foreseen_errors(rows).set_index("place").foreseen_error
    first = (3 / 60) ** 2 * (1 / 15 + 1 / 90) / (1 / 15 + 1 / 75)
    second = (5 / 50) ** 2 * (1 / 15 + 1 / 90) / (1 / 15 + 1 / 33)
    assert found[1] == pytest.approx(60 * sqrt((first + second) / 2))
    # A shorter pseudo-test: what is sold in it is that of fewer days.
    error = 4 / 40 * sqrt((1 / 15 + 1 / 30) / (1 / 10 + 1 / 20))
    assert found[2] == pytest.approx(40 / 10 * 15 * error)


def test_foresight_holds_where_errors_are_as_foreseen() -> None:
    """The made-up study has tests whose error is that of their pseudo-tests."""
    rows = made_up_study(panels=200)
    found = figures_of_study(rows)
    own = found[ALL, FORESIGHT]
    assert own["planned"].value == 800
    assert own["rms_over_foreseen"].value == pytest.approx(1, abs=0.06)
    assert own["covered_foreseen"].value == pytest.approx(0.9, abs=0.03)
    assert own["covered_foreseen"].error == pytest.approx(sqrt(0.9 * 0.1 / 800), rel=0.15)
    doubled = rows.assign(se=rows.se / 2)
    ratio = figures_of_study(doubled)[ALL, FORESIGHT]["rms_over_foreseen"].value
    assert ratio == pytest.approx(2 * own["rms_over_foreseen"].value)


def test_scenarios_are_kept_apart_and_put_together() -> None:
    rows = made_up_study(panels=30)
    found = figures_of_study(rows)
    coverage = [found[f"S{number}", "did_ratio_robust"]["coverage"].value for number in range(1, 5)]
    assert found[ALL, "did_ratio_robust"]["coverage"].value == pytest.approx(np.mean(coverage))
    assert found[ALL, "did_ratio_robust"]["panels"].value == 120
    assert found["S1", "trimmed_match"]["measured"].value == 0
    assert np.isnan(found["S1", "trimmed_match"]["coverage"].value)
