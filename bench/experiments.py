"""What measuring many experiments costs: `python -m bench.experiments [--experiments 500]`.

Writes geo tests (60 regions in 30 pairs, 120 days), builds them with dbt, and adds up the seconds
of the models by what they are for; dbt's own start-up is in none of them. The peers do the same
work in Python, experiment by experiment, as an analyst would: see bench/peers.py. They start from
the long table in memory, as the models start from that of the panel: reading files is in neither.
They are timed on a hundred experiments, and the time scaled.
Prints medians of several runs, and ratios; `--check` fails where a bar is missed: ten seconds for
the closed-form methods of 500 experiments, no part slower than its peer.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from bench import peers

PROJECT = Path(__file__).parents[1]
DBT = Path(sys.executable).with_name("dbt")
REGIONS, DAYS, PRETEST_DAYS, TEST_DAYS = 60, 120, 90, 24
FIRST_DAY = pd.Timestamp("2025-01-01")
SAMPLE_OF_PEERS = 100
MOST_SECONDS = 10.0  # for all closed-form methods with their diagnostics, at 500 experiments
PARTS = {
    "synthetic control": ("synthetic_control",),
    "trimmed match": ("trimmed_match",),
    # What only campaigns have: bench.joint_panel times the largest of it.
    "campaigns and factors": (
        *("joint_panel", "brand_panel", "factor", "media_value", "organic_projection", "weeks"),
    ),
}


def write_raw(folder: Path, experiments: int) -> pd.DataFrame:
    """Write the three geo tables into `folder` and return the panel."""
    random = np.random.default_rng(7)
    shape = (experiments, REGIONS, DAYS)
    season = 1 + 0.3 * np.sin(2 * np.pi * np.arange(DAYS) / 7)
    size = random.lognormal(7, 0.6, (experiments, REGIONS // 2, 1)).repeat(2, axis=1)
    common = 1 + 0.05 * random.standard_normal((experiments, 1, DAYS))
    treated = (np.arange(REGIONS) % 2 == 0)[None, :, None]
    in_test = ((np.arange(DAYS) >= PRETEST_DAYS) & (np.arange(DAYS) < PRETEST_DAYS + TEST_DAYS))[
        None, None, :
    ]
    cost = np.where(treated & in_test, 0.05 * size, 0.0)
    noise = 1 + 0.1 * random.standard_normal(shape)
    response = size * season * common * noise + 2.5 * cost
    names = [f"EXP{number:04d}" for number in range(experiments)]
    regions = [f"region {number:02d}" for number in range(REGIONS)]
    days = FIRST_DAY + pd.to_timedelta(np.arange(DAYS), "D")
    index = pd.MultiIndex.from_product(
        [names, regions, days], names=["experiment_id", "geo", "date"]
    )
    panel = pd.DataFrame(
        {"response": response.round(2).ravel(), "cost": cost.round(2).ravel()}, index
    ).reset_index()
    panel.to_parquet(folder / "geo_panel.parquet")
    assignments = pd.DataFrame(
        [
            (name, region, "control" if number % 2 else "treatment", number // 2 + 1)
            for name in names
            for number, region in enumerate(regions)
        ],
        columns=["experiment_id", "geo", "assignment", "pair"],
    )
    assignments.to_csv(folder / "geo_assignments.csv", index=False)
    ends = [PRETEST_DAYS - 1, PRETEST_DAYS, PRETEST_DAYS + TEST_DAYS - 1, DAYS - 1]
    dates = pd.DataFrame(
        [(name, days[0], *(days[end] for end in ends)) for name in names],
        columns=[
            *("experiment_id", "pretest_start", "pretest_end"),
            *("test_start", "test_end", "cooldown_end"),
        ],
    )
    dates.to_csv(folder / "geo_experiments.csv", index=False, date_format="%Y-%m-%d")
    return panel


def build(folder: Path) -> Counter[str]:
    """Build the experiments with dbt and return the seconds of the models by part.

    Raises:
        SystemExit: If dbt fails; its output is printed.
    """
    environment = os.environ | {
        "HELIOS_RAW": str(folder / "raw"),
        "HELIOS_WAREHOUSE": str(folder / "warehouse"),
        "DBT_TARGET_PATH": str(folder / "target"),
    }
    # One model at a time, each with all cores, so that their seconds add up.
    for command in (["seed"], ["run", "--threads", "1"]):
        finished = subprocess.run(
            [DBT, *command], cwd=PROJECT, env=environment, capture_output=True, text=True
        )
        if finished.returncode:
            sys.exit(finished.stdout + finished.stderr)
    run_results = json.loads((folder / "target" / "run_results.json").read_text(encoding="utf-8"))
    seconds: Counter[str] = Counter()
    for result in run_results["results"]:
        seconds[part_of(result["unique_id"].split(".")[-1])] += result["execution_time"]
    return seconds


def part_of(model: str) -> str:
    """What a model is for."""
    for part, names in PARTS.items():
        if any(name in model for name in names):
            return part
    if model.startswith(("base_", "inc_")) or model in (
        *("fct_incremental_roas", "fct_baseline_days", "dim_experiments"),
    ):
        return "closed-form methods"
    if model.startswith(("panel_experiment", "core_experiment", "core_geo")):
        return "panel of the experiments"
    if "geo_" in model:
        return "reading the geo tables"
    return "everything else"


def timed(peer: Callable[[pd.DataFrame], None], panel: pd.DataFrame, experiments: int) -> float:
    """Seconds that a peer takes for all experiments, from the first of them: they are alike."""
    sample = min(experiments, SAMPLE_OF_PEERS)
    rows = panel.iloc[: sample * REGIONS * DAYS]
    started = time.perf_counter()
    peer(rows)
    return (time.perf_counter() - started) * experiments / sample


def main() -> None:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--experiments", type=int, default=500, help="experiments (default 500)")
    parser.add_argument("--runs", type=int, default=3, help="times to run both sides (default 3)")
    parser.add_argument("--check", action="store_true", help="fail where a bar is missed")
    arguments = parser.parse_args()
    built: list[Counter[str]] = []
    in_python: list[dict[str, float]] = []
    for _ in range(arguments.runs):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "raw").mkdir()
            panel = write_raw(folder / "raw", arguments.experiments)
            built.append(build(folder))
        in_python.append(
            {part: timed(peer, panel, arguments.experiments) for part, peer in peers.PEERS.items()}
        )
    missed = report(built, in_python, arguments.experiments)
    if arguments.check and missed:
        sys.exit("missed: " + ", ".join(missed))


def report(
    built: list[Counter[str]], in_python: list[dict[str, float]], experiments: int
) -> list[str]:
    """Print medians and ratios; return the bars that were missed."""
    missed = []
    print(
        f"{experiments} experiments, {REGIONS} regions, {DAYS} days; medians of {len(built)} runs"
    )
    for part in sorted({part for seconds in built for part in seconds}):
        seconds = statistics.median(counted[part] for counted in built)
        line = f"{part:26} {seconds:7.2f} s"
        if part in peers.PEERS:
            peer = statistics.median(times[part] for times in in_python)
            ratio = statistics.median(
                counted[part] / times[part] for counted, times in zip(built, in_python, strict=True)
            )
            line += f"   Python, one by one {peer:7.2f} s   ratio {ratio:5.2f}"
            if ratio >= 1:
                missed.append(f"{part} is slower than Python")
        print(line)
        if part == "closed-form methods" and seconds >= MOST_SECONDS * experiments / 500:
            missed.append(f"{part} take {seconds:.1f} s")
    return missed


if __name__ == "__main__":
    main()
