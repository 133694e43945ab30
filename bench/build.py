"""Where the time of a build goes: `python -m bench.build [--runs 5] [--orders 10000000]`.

Builds the simulated exports anew several times, each into an empty folder, as after a fresh clone.
The peer is dbt itself: the time it takes to start and parse the project, which no model can go
below. Prints medians, peak memory, and the work of the nodes by kind. With `--orders` the exports
are Parquet and unit tests are left out, which do not depend on their size.
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
from typing import NamedTuple

PROJECT = Path(__file__).parents[1]
DBT = Path(sys.executable).with_name("dbt")
WITHOUT_UNIT_TESTS = ("--exclude-resource-type", "unit_test")
# Of what the operating system counts memory in.
UNIT = 1 if sys.platform == "darwin" else 1024


class Use(NamedTuple):
    """What a command took.

    Attributes:
        wall: Seconds by the clock.
        cpu: Seconds of all threads.
        peak: Most memory, in GB.
    """

    wall: float
    cpu: float
    peak: float


def measured(command: list[str | Path], environment: dict[str, str]) -> Use:
    """Run a command.

    Returns:
        What it took.

    Raises:
        SystemExit: If it fails; its output is printed.
    """
    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(
            command, cwd=PROJECT, env=os.environ | environment, stdout=output, stderr=output
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - started
        if process.returncode:
            output.seek(0)
            sys.exit(output.read())
    return Use(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * UNIT / 1e9)


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


def large_world(orders: int) -> list[str]:
    """Options of simulate for so many orders without any influencer."""
    return ["--world", "big", "--orders", str(orders), "--format", "parquet"]


def main() -> None:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5, help="builds to time (default 5)")
    parser.add_argument("--orders", type=int, help="orders without influencers (default world)")
    given = parser.parse_args()
    of_world = [] if given.orders is None else large_world(given.orders)
    of_build = () if given.orders is None else WITHOUT_UNIT_TESTS
    uses: dict[str, list[Use]] = {"simulate": [], "dbt parse (peer)": [], "dbt build": []}
    work: list[Counter[str]] = []
    for _ in range(given.runs):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            environment = {
                "HELIOS_RAW": str(folder / "raw"),
                "HELIOS_WAREHOUSE": str(folder / "warehouse"),
                "DBT_TARGET_PATH": str(folder / "target"),
            }
            simulate: list[str | Path] = [
                *(sys.executable, "-m", "simulate", *of_world),
                *("--out", folder / "raw", "--truth", folder / "truth"),
            ]
            uses["simulate"].append(measured(simulate, environment))
            uses["dbt parse (peer)"].append(measured([DBT, "parse"], environment))
            (folder / "target" / "partial_parse.msgpack").unlink()
            uses["dbt build"].append(measured([DBT, "build", *of_build], environment))
            work.append(work_by_kind(folder / "target"))
    for what, found in uses.items():
        wall, cpu, peak = (statistics.median(values) for values in zip(*found, strict=True))
        spread = f"{min(use.wall for use in found):.1f} to {max(use.wall for use in found):.1f} s"
        print(f"{what:24} median {wall:6.1f} s   {spread}   CPU {cpu:.1f} s   peak {peak:.2f} GB")
    ratio = statistics.median(
        build.wall / peer.wall
        for build, peer in zip(uses["dbt build"], uses["dbt parse (peer)"], strict=True)
    )
    print(f"{'build / parse':24} median {ratio:6.1f}")
    print("\nwork of the nodes, over both threads:")
    for kind in sorted({kind for counted in work for kind in counted}):
        print(f"{kind:24} median {statistics.median(counted[kind] for counted in work):6.1f} s")


if __name__ == "__main__":
    main()
