"""Which truth a build uses, and that it uses no other."""

import shutil
from pathlib import Path

import duckdb
import pytest

from tests.python.support import Build, run_dbt, simulate

pytestmark = pytest.mark.build

SIZES = ("--influencers", "60", "--orders", "4000", "--days", "120")
FROM_TRUTH = ("--select", "calibration_truth_tables+", "--exclude", "meta_models")


@pytest.fixture(scope="module")
def own_build(simulated_build: Build, tmp_path_factory: pytest.TempPathFactory) -> Build:
    """A copy of the simulated build that this module may work on."""
    warehouse = tmp_path_factory.mktemp("truth") / "warehouse"
    shutil.copytree(simulated_build.warehouse, warehouse)
    return Build(warehouse, simulated_build.raw, 0, simulated_build.output)


def with_truth(build: Build, truth: Path) -> tuple[Build, dict[str, int]]:
    """Build from the truth on, and count the rows of what comes of it."""
    again = run_dbt("build", *FROM_TRUTH, raw=build.raw, warehouse=build.warehouse, truth=truth)
    tables = (
        *("calibration.calibration_truth_tables", "calibration.calibration_truth"),
        *("calibration.calibration_estimates", "marts.rpt_method_calibration"),
    )
    with duckdb.connect(str(build.warehouse / "build.duckdb"), read_only=True) as connection:
        return again, {table: len(connection.sql(f"from {table}").fetchall()) for table in tables}


def test_truth_of_the_exports_is_used(simulated_build: Build) -> None:
    rows = simulated_build.query("select level, method, n from marts.rpt_method_calibration")
    truth = simulated_build.raw.with_name("raw_truth") / "influencers.csv"
    influencers = len(truth.read_text(encoding="utf-8").splitlines()) - 1
    assert ("influencer", "calibrated", influencers) in rows
    assert "WARN=0" in simulated_build.output


def test_published_file_does_not_name_the_folder(simulated_build: Build) -> None:
    [(sql,)] = simulated_build.query(
        "select compiled_sql from marts.meta_models where model = 'calibration_truth_tables'"
    )
    assert "$HELIOS_TRUTH/influencers.csv" in sql
    assert str(simulated_build.raw.parent) not in sql


def test_truth_that_comes_later_is_seen_and_that_of_others_is_not(
    own_build: Build, tmp_path: Path
) -> None:
    """The project is parsed once: what is in the folder is seen when the models run."""
    truth = tmp_path / "truth"
    build, rows = with_truth(own_build, truth)
    assert build.returncode == 0, build.output
    assert set(rows.values()) == {0}
    assert "WARN=0" in build.output

    # The same seed, so the same campaigns on the same days, and other buyers.
    other = ("--seed", "7", *SIZES, "--set", "effect.halo_share=0.6", "--format", "parquet")
    shutil.copytree(simulate(tmp_path / "other", *other).with_name("other_truth"), truth)
    build, rows = with_truth(own_build, truth)
    assert build.returncode == 0, build.output
    assert rows.pop("calibration.calibration_truth_tables") > 60
    assert set(rows.values()) == {0}
    assert "WARN=1" in build.output

    shutil.rmtree(truth)
    own = ("--seed", "7", *SIZES, "--format", "parquet")
    shutil.copytree(simulate(tmp_path / "own", *own).with_name("own_truth"), truth)
    build, rows = with_truth(own_build, truth)
    assert build.returncode == 0, build.output
    assert min(rows.values()) > 10
    assert "WARN=0" in build.output


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("campaigns.csv", "campaign,name\nA,B\n", "campaigns.csv has no column campaign_id"),
        ("influencers.parquet", "", "influencers is there as .csv and as .parquet"),
    ],
)
def test_files_that_are_no_truth_stop_the_build(
    own_build: Build, tmp_path: Path, name: str, text: str, said: str
) -> None:
    truth = tmp_path / "truth"
    shutil.copytree(own_build.raw.with_name("raw_truth"), truth)
    (truth / name).write_text(text, encoding="utf-8")
    build, _ = with_truth(own_build, truth)
    assert build.returncode != 0
    assert f"{truth}/{said}" in build.output
