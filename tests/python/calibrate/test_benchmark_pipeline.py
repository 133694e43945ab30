"""One panel of each scenario from end to end, as `make benchmark` makes five hundred."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from calibrate.benchmark.page import from_table
from calibrate.benchmark.process import SCENARIOS, panel
from calibrate.benchmark.run import version_of_study
from calibrate.page import BEGIN, END
from tests.python.support import PROJECT


@pytest.fixture(scope="module")
def benchmark(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("benchmark")
    for part in ("docs", "temporary"):
        (folder / part).mkdir()
    (folder / "docs" / "benchmark.md").write_text(f"{BEGIN}\n{END}\n", encoding="utf-8")
    finished = subprocess.run(
        [
            *(sys.executable, "-m", "calibrate.benchmark", "--panels", "1"),
            *("--results", str(folder / "results"), "--docs", str(folder / "docs")),
        ],
        cwd=PROJECT,
        env=os.environ | {"TMPDIR": str(folder / "temporary")},
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 0, finished.stderr
    return folder


@pytest.mark.build
def test_everything_is_written_and_nothing_left_over(benchmark: Path) -> None:
    page = (benchmark / "docs" / "benchmark.md").read_text(encoding="utf-8")
    assert "1 panels of each scenario, each with and without effect: 8 tests." in page
    figures = from_table(pd.read_csv(benchmark / "docs" / "benchmark.csv"))
    measured = ("did_ratio_robust", "gbr", "pre_period", "synthetic_control", "tbr", "oracle")
    assert all(figures["all", method]["measured"].value == 1 for method in measured)
    assert figures["all", "did_ratio_robust"]["is_default"].value == 1
    assert not any((benchmark / "temporary").iterdir())
    [kept] = (benchmark / "results" / f"benchmark-{version_of_study()}").iterdir()
    assert kept.name == "panels-1-1.parquet"


@pytest.mark.build
def test_methods_see_the_panels_that_were_drawn(benchmark: Path) -> None:
    """The default's estimate is the treated city's sales less what the controls let expect."""
    [kept] = (benchmark / "results").rglob("*.parquet")
    rows = pd.read_parquet(kept)
    rows = rows[rows.method == "did_ratio_robust"]
    assert len(rows) == 9 * 3 + 3
    for scenario in SCENARIOS:
        draw = panel(scenario, 1)
        treated = draw.sales[:, draw.treated]
        controls = draw.sales.sum(axis=1) - treated
        own = rows[rows.scenario == scenario.name]
        columns = [own[name].tolist() for name in ("pretest_days", "test_days", "lift", "estimate")]
        for pretest_days, test_days, lift, estimate in zip(*columns, strict=True):
            before, within = np.split(np.arange(pretest_days + test_days), [pretest_days])
            growth = controls[within].sum() / controls[before].sum()
            expected = treated[within].sum() * (1 + lift) - treated[before].sum() * growth
            assert estimate == pytest.approx(expected, rel=1e-6)
