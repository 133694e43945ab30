"""A small calibration from end to end: the same program, worlds and models as `make calibrate`."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from calibrate.bars import TOTALS
from calibrate.collect import collect
from calibrate.page import BEGIN, END
from calibrate.run import version_of
from tests.python.support import PROJECT, run_dbt

WORLD = """
extends = "default"
days = 330
orders = 40_000
influencers = 60

[campaigns]
per_year = 24.0
"""
SEEDS = (11, 12)
OTHER = "0123456789ab"  # a version of models and simulator


@dataclass(frozen=True)
class Calibration:
    """What a run left behind, and what it said."""

    folder: Path
    finished: "subprocess.CompletedProcess[str]"

    @property
    def world(self) -> Path:
        return self.folder / "small.toml"

    @property
    def results(self) -> Path:
        [made] = [path for path in (self.folder / "results").iterdir() if path.name != OTHER]
        return made


def calibrate(folder: Path, *arguments: str) -> Calibration:
    """Run the program on the small world, with nothing of the user's own folders in sight."""
    (folder / "temporary").mkdir(exist_ok=True)
    finished = subprocess.run(
        [
            *(sys.executable, "-m", "calibrate", "--worlds", f"{folder}/small.toml=2"),
            *("--first-seed", str(SEEDS[0]), "--jobs", "2", "--results", f"{folder}/results"),
            *arguments,
        ],
        cwd=PROJECT,
        env=os.environ | {"TMPDIR": f"{folder}/temporary"},
        capture_output=True,
        text=True,
    )
    return Calibration(folder, finished)


@pytest.fixture(scope="module")
def calibration(tmp_path_factory: pytest.TempPathFactory) -> Calibration:
    folder = tmp_path_factory.mktemp("calibration")
    (folder / "small.toml").write_text(WORLD, encoding="utf-8")
    (folder / "docs").mkdir()
    (folder / "docs" / "method.md").write_text(f"{BEGIN}\n{END}\n", encoding="utf-8")
    # Results of another version, which must not count.
    (folder / "results" / OTHER / "small-11").mkdir(parents=True)
    (folder / "results" / OTHER / "small-11" / "estimates.parquet").write_bytes(b"")
    made = calibrate(folder, "--docs", f"{folder}/docs")
    assert made.finished.returncode == 0, made.finished.stderr
    return made


@pytest.fixture(scope="module")
def build(calibration: Calibration, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first world through a plain `simulate` and `dbt run`, in CSV."""
    folder = tmp_path_factory.mktemp("plain")
    command = [
        *(sys.executable, "-m", "simulate", "--world", str(calibration.world)),
        *("--seed", str(SEEDS[0]), "--out", str(folder / "raw")),
        *("--truth", str(folder / "raw_truth")),
    ]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)
    for step in ("seed", "run"):
        built = run_dbt(step, raw=folder / "raw", warehouse=folder / "warehouse")
        assert built.returncode == 0, built.output
    return folder


def table(build: Path, query: str) -> pd.DataFrame:
    with duckdb.connect(str(build / "warehouse" / "build.duckdb"), read_only=True) as connection:
        return connection.sql(query).df()


def truth(build: Path, table: str) -> pd.DataFrame:
    return pd.read_csv(build / "raw_truth" / f"{table}.csv")


@pytest.mark.build
def test_everything_is_written_and_nothing_left_over(calibration: Calibration) -> None:
    page = (calibration.folder / "docs" / "method.md").read_text(encoding="utf-8")
    assert "Over 2 worlds with " in page and "| `small` |" in page
    assert (calibration.folder / "docs" / "calibration.svg").is_file()
    assert sorted(path.name for path in calibration.results.iterdir()) == ["small-11", "small-12"]
    assert not any((calibration.folder / "temporary").iterdir())
    assert "2/2" in calibration.finished.stderr


@pytest.mark.build
def test_results_of_other_versions_are_left_out_and_named(calibration: Calibration) -> None:
    said = "1 worlds in .*results were made by other versions"
    assert pd.Series(calibration.finished.stderr).str.contains(said).all()


@pytest.mark.build
def test_worlds_that_are_there_are_not_made_again(calibration: Calibration) -> None:
    before = {path: path.stat().st_mtime_ns for path in calibration.results.rglob("*")}
    page = (calibration.folder / "docs" / "method.md").read_text(encoding="utf-8")
    again = calibrate(calibration.folder)
    assert again.finished.returncode == 0, again.finished.stderr
    assert again.finished.stdout == page  # without --docs the same block is printed
    assert {path: path.stat().st_mtime_ns for path in calibration.results.rglob("*")} == before


@pytest.mark.build
def test_estimates_are_those_of_a_plain_build_beside_its_truth(
    calibration: Calibration, build: Path
) -> None:
    kept = pd.read_parquet(calibration.results / "small-11" / "estimates.parquet")
    assert set(kept.level) == {"experiment", "campaign", "influencer", "persona", *TOTALS}
    figures = table(build, "from marts.fct_incremental_roas")
    known = truth(build, "experiments").set_index("campaign_id").incremental_revenue
    expected = figures.assign(truth=figures.experiment_id.map(known))
    found = kept[kept.level == "experiment"]
    columns = ["member_id", "method", "is_default", "estimate", "ci_low", "ci_high", "truth"]
    expected = expected.rename(
        columns={"experiment_id": "member_id", "incremental_revenue": "estimate"}
    )
    pd.testing.assert_frame_equal(
        found[columns].sort_values(["member_id", "method"]).reset_index(drop=True),
        expected[columns].sort_values(["member_id", "method"]).reset_index(drop=True),
        check_dtype=False,
    )
    for level, members, mart in (
        ("influencer", "influencers", "rpt_influencer_performance"),
        ("persona", "personas", "rpt_persona_performance"),
    ):
        key = members.removesuffix("s") + ("_id" if level == "influencer" else "")
        found = kept[(kept.level == level) & (kept.method == "calibrated")].set_index("member_id")
        known = truth(build, members).set_index(key).incremental_revenue
        assert found.truth.round(2).to_dict() == known.round(2).to_dict()
        shown = table(build, f"from marts.{mart}").set_index(key)
        shown = shown.loc[found.index]
        for ours, theirs in (
            ("estimate", "incremental_revenue"),
            ("ci_low", "incremental_revenue_low"),
            ("ci_high", "incremental_revenue_high"),
        ):
            np.testing.assert_allclose(found[ours], shown[theirs], rtol=1e-9)


@pytest.mark.build
def test_calibrated_campaigns_carry_the_variance_of_their_days(
    calibration: Calibration, build: Path
) -> None:
    kept = pd.read_parquet(calibration.results / "small-11" / "estimates.parquet")
    kept = kept[(kept.level == "campaign") & (kept.method == "calibrated")].set_index("member_id")
    days = table(build, "from marts.fct_influencer_days")
    for campaign, rows in days[days.incremental_revenue.notna()].groupby("campaign_id"):
        if campaign == "(none)":
            assert campaign not in kept.index
            continue
        each = rows.groupby("influencer_id").incremental_se_influencer.sum()
        variance = (
            rows.incremental_se_shared.sum() ** 2
            + rows.incremental_se_campaign.sum() ** 2
            + (each**2).sum()
        )
        row = kept.loc[campaign]
        assert row.estimate == pytest.approx(rows.incremental_revenue.sum())
        assert row.ci_high - row.ci_low == pytest.approx(2 * 1.6448536269514722 * variance**0.5)


@pytest.mark.build
def test_totals_are_those_of_their_days(calibration: Calibration, build: Path) -> None:
    kept = pd.read_parquet(calibration.results / "small-11" / "estimates.parquet")
    kept = kept[kept.method == "calibrated"].set_index("level")
    days = table(build, "from marts.fct_influencer_days where incremental_revenue is not null")
    known = truth(build, "campaigns").set_index("campaign_id").incremental_revenue
    is_outside, is_known_outside = days.campaign_id == "(none)", known.index == "(none)"
    for total, rows, true in (
        ("portfolio", days, known),
        ("campaigns", days[~is_outside], known[~is_known_outside]),
        ("outside campaigns", days[is_outside], known[is_known_outside]),
    ):
        campaigns = rows.groupby("campaign_id").incremental_se_campaign.sum()
        each = rows.groupby(["campaign_id", "influencer_id"]).incremental_se_influencer.sum()
        variance = rows.incremental_se_shared.sum() ** 2 + (campaigns**2).sum() + (each**2).sum()
        row = kept.loc[total]
        assert row.estimate == pytest.approx(rows.incremental_revenue.sum())
        assert row.ci_high - row.ci_low == pytest.approx(2 * 1.6448536269514722 * variance**0.5)
        assert row.truth == pytest.approx(true.sum())
    everything = truth(build, "portfolio").incremental_revenue.item()
    assert kept.loc["portfolio"].truth == pytest.approx(everything)


@pytest.mark.build
def test_what_a_reader_sees_is_kept(calibration: Calibration, build: Path) -> None:
    folder = calibration.results / "small-11"
    columns = ["verdict", "iroas", "break_even", "baseline_revenue"]
    kept = pd.read_parquet(folder / "experiments.parquet").set_index("experiment_id")
    shown = table(build, "from marts.fct_incremental_roas where is_default")
    shown = shown.set_index("experiment_id").loc[kept.index]
    assert (kept.verdict != "not measurable").any()
    pd.testing.assert_frame_equal(kept[columns], shown[columns], check_dtype=False)
    columns = ["iroas_low", "iroas_high", "prob_profitable"]
    kept = pd.read_parquet(folder / "influencers.parquet").set_index("influencer_id")
    shown = table(build, "from marts.rpt_influencer_performance").set_index("influencer_id")
    assert kept.prob_profitable.notna().any()
    pd.testing.assert_frame_equal(kept[columns], shown.loc[kept.index, columns], check_dtype=False)


@pytest.mark.build
def test_worlds_without_experiments_or_codes_have_their_place(tmp_path: Path) -> None:
    for name, settings in {
        "nowhere": WORLD + "regional_share = 0.0\n",
        "codeless": WORLD + "\n[effect]\nhalo_share = 1.0\nhalo_spread = 0.0\nleak_share = 0.0\n",
    }.items():
        (tmp_path / f"{name}.toml").write_text(settings, encoding="utf-8")
    worlds = ",".join(f"{tmp_path}/{name}.toml=1" for name in ("nowhere", "codeless"))
    made = calibrate(tmp_path, "--worlds", worlds)
    assert made.finished.returncode == 0, made.finished.stderr
    assert "Warning" not in made.finished.stderr
    lines = made.finished.stdout.splitlines()
    [row] = [line for line in lines if line.startswith("| experiments |")]
    none, some = row.split("|")[3:5]
    assert int(none) == 0 < int(some)
    [row] = [line for line in lines if line.startswith("| Portfolio: bias |")]
    # Brands tell one, media value the other.
    assert all("%" in cell for cell in row.split("|")[3:6])


def test_results_need_the_truth_of_the_exports(tmp_path: Path) -> None:
    file = tmp_path / "build.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.sql("create schema calibration")
        connection.sql("create table calibration.calibration_truth (level varchar)")
    with pytest.raises(ValueError, match="the truth is not that of the exports"):
        collect(file, tmp_path, tmp_path)


@pytest.mark.build
def test_published_marts_hold_the_truth_and_the_figures(build: Path) -> None:
    published = table(build, "from marts.fct_experiment_truth").set_index("experiment_id")
    known = truth(build, "experiments").set_index("campaign_id").sort_index()
    published = published.sort_index()
    assert len(known) > 4
    assert list(published.index) == list(known.index)
    for ours, theirs in (
        ("true_incremental_revenue", "incremental_revenue"),
        ("spilled_into_control_revenue", "spilled_into_control"),
        ("spend", "spend"),
        ("true_iroas", "iroas"),
    ):
        np.testing.assert_allclose(published[ours].astype(float), known[theirs], rtol=1e-12)

    figures = table(build, "from marts.rpt_method_calibration where level = 'experiment'")
    said = table(build, "from marts.fct_incremental_roas")
    said["truth"] = said.experiment_id.map(known.incremental_revenue)
    default = said[said.is_default].assign(method="default")
    for method, rows in pd.concat([said, default]).groupby("method"):
        error = (rows.incremental_revenue - rows.truth).dropna()
        sure = rows[rows.ci_low.notna()]
        covers = (sure.ci_low <= sure.truth) & (sure.truth <= sure.ci_high)
        none = sure[sure.truth == 0]
        expected = {
            "n": len(rows),
            "n_estimated": len(error),
            "n_measured": len(sure),
            "n_without_effect": len(none),
            "bias": error.mean(),
            "bias_share": error.sum() / rows.truth[error.index].sum() if len(error) else np.nan,
            "rmse": (error**2).mean() ** 0.5,
            "coverage": covers.mean(),
            "median_width": (sure.ci_high - sure.ci_low).median(),
            "false_positive_rate": ((none.ci_low > 0) | (none.ci_high < 0)).mean(),
            "not_measurable_share": 1 - len(sure) / len(rows),
        }
        [row] = figures[figures.method == method].to_dict("records")
        for name, value in expected.items():
            np.testing.assert_allclose(row[name], value, rtol=1e-9, atol=1e-12, err_msg=name)


@pytest.mark.build
def test_oracle_has_what_the_truth_says(calibration: Calibration, build: Path) -> None:
    kept = pd.read_parquet(calibration.results / "small-11" / "experiments.parquet")
    kept = kept.set_index("experiment_id")
    known = truth(build, "experiments").set_index("campaign_id")
    baseline = known.revenue - known.incremental_revenue
    np.testing.assert_allclose(kept.true_baseline, baseline.loc[kept.index], rtol=1e-12)
    assert kept.oracle_error[kept.verdict != "not measurable"].between(0.03, 1.0).all()


def fake_dbt(folder: Path, script: str) -> str:
    """A program that runs the command line with another dbt in the place of dbt."""
    dbt = folder / "dbt"
    dbt.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    dbt.chmod(0o755)
    (folder / "temporary").mkdir()
    return (
        "import sys; from pathlib import Path; import calibrate.run; from calibrate.__main__ import"
        f" main; calibrate.run.DBT = Path({str(dbt)!r}); sys.exit(main(sys.argv[1:]))"
    )


def start(folder: Path, program: str, worlds: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [
            *(sys.executable, "-c", program, "--worlds", worlds),
            *("--jobs", "2", "--results", f"{folder}/results"),
        ],
        cwd=PROJECT,
        env=os.environ | {"TMPDIR": f"{folder}/temporary"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_world_that_fails_is_named_with_its_log(tmp_path: Path) -> None:
    script = """
        mkdir -p "$HELIOS_WAREHOUSE" && touch "$HELIOS_WAREHOUSE/build.duckdb"
        [ "$1" = seed ] || { echo "no such model"; exit 1; }
    """
    process = start(tmp_path, fake_dbt(tmp_path, script), "tiny=2")
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    for seed in (1, 2):
        [log] = tmp_path.glob(f"results/*/tiny-{seed}.log")
        assert f"calibrate: tiny-{seed} failed; what happened is in {log}\n" in said
        assert log.read_text(encoding="utf-8").endswith("no such model\n")
    assert not list(tmp_path.glob("results/*/*/"))
    assert not any((tmp_path / "temporary").iterdir())


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Shells have their background jobs ignore SIGINT, which these and their children inherit."""
    inherited = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, inherited)


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_ends_everything_that_was_started(
    tmp_path: Path, number: signal.Signals
) -> None:
    script = f"""
        mkdir -p "$HELIOS_WAREHOUSE" && touch "$HELIOS_WAREHOUSE/build.duckdb"
        [ "$1" = seed ] || {{ echo $$ >> {tmp_path}/started; exec sleep 100; }}
    """
    process = start(tmp_path, fake_dbt(tmp_path, script), "tiny=3")
    started = tmp_path / "started"
    for _ in range(300):
        if started.exists() and len(started.read_text(encoding="utf-8").split()) == 2:
            break
        time.sleep(0.1)
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert said.endswith("calibrate: interrupted; 0 of 3 worlds are kept, run again to go on\n")
    for pid in started.read_text(encoding="utf-8").split():
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid), 0)
    assert not any((tmp_path / "temporary").iterdir())
    assert not list(tmp_path.glob("results/*/*"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--worlds", "nowhere=2"], "world is 'nowhere', must be the path of a TOML file"),
        (["--worlds", "null"], "'null' is not WORLD=NUMBER, such as null=3"),
        (["--worlds", "null=0"], "'null=0' is not WORLD=NUMBER"),
        (["--jobs", "0"], "'0' is not a whole number of at least 1"),
        (["--docs", "/nowhere", "--worlds", "null=1"], "there is no /nowhere/method.md"),
    ],
)
def test_wrong_options_are_one_line(tmp_path: Path, arguments: list[str], said: str) -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "calibrate", "--results", str(tmp_path), *arguments],
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 2
    assert said in finished.stderr
    assert len(finished.stderr.splitlines()) == 1


def test_another_version_has_another_name(tmp_path: Path) -> None:
    """Models, macros, simulator and look-ups count; so does a world of the user's own."""
    world = tmp_path / "own.toml"
    world.write_text(WORLD, encoding="utf-8")
    first = version_of([str(world)])
    assert version_of([str(world)]) == first != version_of(["default"])
    assert version_of(["null"]) == version_of(["default"])
    world.write_text(WORLD.replace("40_000", "50_000"), encoding="utf-8")
    assert version_of([str(world)]) != first
    copy = tmp_path / "project"
    for name in (
        "adapters",
        "estimators",
        "intake",
        "models",
        "macros",
        "simulate",
        "calibrate",
        "seeds/reference",
    ):
        shutil.copytree(PROJECT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / "dbt_project.yml", copy)

    def version() -> str:
        return version_of(["default"], copy)

    same = version()
    assert same == version_of(["default"])
    for name in (
        "models/baseline/base_tbr.sql",
        "estimators/joint_panel.py",
        "simulate/demand.py",
        "calibrate/oracle.py",
    ):
        with (copy / name).open("a", encoding="utf-8") as file:
            file.write("\n")
        assert version() != same
        same = version()
    (copy / "models" / "marts" / "_marts__models.yml").unlink()  # words change no figure
    assert version() == same
