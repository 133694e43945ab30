"""Where the time of a build goes: `python -m bench.build [--runs 5]`.

Builds the simulated exports anew several times, each into an empty folder, as after a fresh clone.
The peer is dbt itself: the time it takes to start and parse the project, which no model can go
below. Prints medians, and the work of the nodes by kind.
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
from pathlib import Path

PROJECT = Path(__file__).parents[1]
DBT = Path(sys.executable).with_name("dbt")


def timed(command: list[str | Path], environment: dict[str, str]) -> float:
    """Seconds that a command takes.

    Raises:
        SystemExit: If it fails; its output is printed.
    """
    started = time.perf_counter()
    finished = subprocess.run(
        command, cwd=PROJECT, env=os.environ | environment, capture_output=True, text=True
    )
    if finished.returncode:
        sys.exit(finished.stdout + finished.stderr)
    return time.perf_counter() - started


def work_by_kind(target: Path) -> Counter[str]:
    """Seconds that nodes worked, summed over threads, by kind."""
    results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
    work: Counter[str] = Counter()
    for result in results:
        kind, _, name = result["unique_id"].split(".")[:3]
        if kind == "operation":
            kind = "publish" if "end" in name else "check of the raw folder"
        work[kind] += result["execution_time"]
    return work


def main() -> None:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5, help="builds to time (default 5)")
    runs = parser.parse_args().runs
    times: dict[str, list[float]] = {"simulate": [], "dbt parse (peer)": [], "dbt build": []}
    work: list[Counter[str]] = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            environment = {
                "HELIOS_RAW": str(folder / "raw"),
                "HELIOS_WAREHOUSE": str(folder / "warehouse"),
                "DBT_TARGET_PATH": str(folder / "target"),
            }
            simulate: list[str | Path] = [
                *(sys.executable, "-m", "simulate"),
                *("--out", folder / "raw", "--truth", folder / "truth"),
            ]
            times["simulate"].append(timed(simulate, environment))
            times["dbt parse (peer)"].append(timed([DBT, "parse"], environment))
            (folder / "target" / "partial_parse.msgpack").unlink()
            times["dbt build"].append(timed([DBT, "build"], environment))
            work.append(work_by_kind(folder / "target"))
    for what, seconds in times.items():
        spread = f"{min(seconds):.1f} to {max(seconds):.1f}"
        print(f"{what:24} median {statistics.median(seconds):5.1f} s   {spread} s")
    ratio = statistics.median(
        build / peer
        for build, peer in zip(times["dbt build"], times["dbt parse (peer)"], strict=True)
    )
    print(f"{'build / parse':24} median {ratio:5.1f}")
    print("\nwork of the nodes, over both threads:")
    for kind in sorted({kind for counted in work for kind in counted}):
        print(f"{kind:24} median {statistics.median(counted[kind] for counted in work):5.1f} s")


if __name__ == "__main__":
    main()
