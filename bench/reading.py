"""What reading costs: `python -m bench.reading [--lines 10000000] [--before COMMIT] [--runs 3]`.

Builds the order lines of a clean export, from the raw file to core_orders, and the health of what
was read, with this checkout and with the project as it was at an older commit, in turn. Prints CPU
seconds and wall seconds of the models, and the ratio of medians; the bar is 1.15.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).parents[1]
DBT = Path(sys.executable).with_name("dbt")
# The last commit at which every raw table had two staging models and views of its files.
BEFORE = "eb28ccb"
BAR = 1.15
SELECTED = ("+core_orders", "+rpt_data_health")


def simulate(folder: Path, lines: int) -> Path:
    """Exports with about so many order lines, each an order of its own."""
    raw = folder / "raw"
    command: list[str | Path] = [
        *(sys.executable, "-m", "simulate", "--orders", str(lines)),
        *("--out", raw, "--truth", folder / "truth"),
    ]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)
    return raw


def models(project: Path, raw: Path) -> tuple[float, float]:
    """CPU seconds of a run, and wall seconds that its models worked.

    Raises:
        SystemExit: If the run fails; its output is printed.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = os.environ | {
            "HELIOS_RAW": str(raw),
            "HELIOS_WAREHOUSE": str(folder / "warehouse"),
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
        }
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        finished = subprocess.run(
            [
                *(DBT, "build", "--select", *SELECTED),
                *("--exclude-resource-type", "test", "unit_test"),
            ],
            cwd=project,
            env=environment,
            capture_output=True,
            text=True,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if finished.returncode:
            sys.exit(finished.stdout + finished.stderr)
        text = (folder / "target" / "run_results.json").read_text(encoding="utf-8")
    worked = sum(result["execution_time"] for result in json.loads(text)["results"])
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, worked


def main() -> int:
    """Run the benchmark, print its table, and return 1 where the bar is not met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=10_000_000, help="order lines")
    parser.add_argument("--before", default=BEFORE, help=f"commit to compare with ({BEFORE})")
    parser.add_argument("--runs", type=int, default=3, help="runs of each (default 3)")
    options = parser.parse_args()
    found: dict[str, list[tuple[float, float]]] = {"before": [], "now": []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        old = folder / "before"
        subprocess.run(
            ["git", "worktree", "add", "--quiet", "--detach", old, options.before],
            cwd=PROJECT,
            check=True,
        )
        try:
            raw = simulate(folder, options.lines)
            for _ in range(options.runs):
                found["before"].append(models(old, raw))
                found["now"].append(models(PROJECT, raw))
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", old], cwd=PROJECT, check=True)
    for what, runs in found.items():
        cpu, worked = (statistics.median(run[part] for run in runs) for part in (0, 1))
        print(f"{what:8} CPU {cpu:7.1f} s   models {worked:7.1f} s   ({len(runs)} runs)")
    ratios = [
        statistics.median(
            now[part] / before[part]
            for now, before in zip(found["now"], found["before"], strict=True)
        )
        for part in (0, 1)
    ]
    print(f"ratio    CPU {ratios[0]:7.2f}     models {ratios[1]:7.2f}     bar {BAR}")
    return int(ratios[0] > BAR)


if __name__ == "__main__":
    sys.exit(main())
