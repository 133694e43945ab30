"""Panels of the public benchmark as exports."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from calibrate.benchmark.exports import pseudo_windows, write_exports
from calibrate.benchmark.process import SCENARIOS, panel


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.DataFrame]:
    folder = tmp_path_factory.mktemp("raw")
    return folder, write_exports(folder, SCENARIOS, range(4, 6))


@pytest.mark.parametrize(
    ("pretest", "test", "windows"),
    [
        (90, 15, [(75, 15), (68, 15), (61, 15), (54, 15), (47, 15), (40, 15), (33, 15)]),
        (30, 15, [(20, 10)]),
        (56, 7, [(49, 7), (42, 7), (35, 7), (28, 7), (21, 7)]),
        (15, 15, []),
    ],
)
def test_pseudo_tests_end_within_the_pretest(
    pretest: int, test: int, windows: list[tuple[int, int]]
) -> None:
    assert pseudo_windows(pretest, test) == windows
    # The last one ends with the pretest, the others whole weeks before.
    for number, (before, length) in enumerate(windows):
        assert before + length == pretest - 7 * number


def test_every_panel_has_its_tests_and_pseudo_tests(written: tuple[Path, pd.DataFrame]) -> None:
    _, tests = written
    assert tests.experiment_id.is_unique
    counts = tests.groupby(["scenario", "panel"]).size().unstack()
    assert counts[4].to_dict() == counts[5].to_dict() == {"S1": 9, "S2": 9, "S3": 9, "S4": 3}
    real = tests[tests.pseudo == 0]
    assert sorted(real[real.scenario == "S1"].lift) == [0, 0, 0.075, 0.075]
    assert (tests[tests.pseudo > 0].lift == 0).all()
    assert (real.groupby(["scenario", "panel"]).baseline.nunique() == 1).all()


def test_exports_hold_what_was_drawn(written: tuple[Path, pd.DataFrame]) -> None:
    folder, tests = written
    rows = pd.read_parquet(folder / "geo_panel.parquet").set_index("experiment_id")
    dates = pd.read_parquet(folder / "geo_experiments.parquet").set_index("experiment_id")
    assigned = pd.read_parquet(folder / "geo_assignments.parquet").set_index("experiment_id")
    assert set(rows.index) == set(dates.index) == set(assigned.index) == set(tests.experiment_id)
    assert (dates.ci_level == 0.95).all()
    draw = panel(SCENARIOS[2], 5)
    treated = f"City {draw.treated + 1}"
    for key, days, pretest, lift in [("S3-5-0-0", 105, 90, 0), ("S3-5-75-0", 105, 90, 0.075),
                                     ("S3-5-0-2", 83, 68, 0)]:  # fmt: skip
        sales = rows.loc[key].pivot(index="date", columns="geo", values="response")
        assert sales.shape == (days, 10)
        cities = [f"City {number}" for number in range(1, 11)]
        expected = draw.sales[:days].copy()
        expected[pretest:, draw.treated] *= 1 + lift
        assert np.allclose(sales[cities], expected, atol=1e-6)
        own = dates.loc[key]
        assert own.pretest_start == sales.index[0] and own.test_end == sales.index[-1]
        assert own.pretest_end == sales.index[pretest - 1]
        assert own.test_start == sales.index[pretest]
        spent = rows.loc[key].query("cost > 0")
        assert len(spent) == (15 if key.endswith("-0") else 0)
        assert set(spent.geo) <= {treated} and (spent.date >= own.test_start).all()
        arms = assigned.loc[key].set_index("geo").assignment
        assert list(arms[arms == "treatment"].index) == [treated]
        [baseline] = tests.loc[tests.experiment_id == key, "baseline"]
        assert baseline == pytest.approx(draw.sales[pretest:days, draw.treated].sum())
