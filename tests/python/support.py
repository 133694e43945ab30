"""What several tests need: the project's folders, running dbt as its users do, reading results."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

PROJECT = Path(__file__).parents[2]
REFERENCE = PROJECT.parent / "shared" / "reference"
# They take most of the time of a build, and do not look at the exports.
WITHOUT_UNIT_TESTS = ("--exclude-resource-type", "unit_test")


@dataclass(frozen=True)
class Build:
    """A warehouse folder and what dbt said while it was last at work in it."""

    warehouse: Path
    raw: Path
    returncode: int
    output: str

    @property
    def published_file(self) -> Path:
        return self.warehouse / "helios.duckdb"

    def query(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Rows of a query on the published file."""
        with duckdb.connect(str(self.published_file), read_only=True) as connection:
            return connection.execute(sql, parameters).fetchall()

    def published_hash(self) -> str:
        return hashlib.sha256(self.published_file.read_bytes()).hexdigest()


def run_dbt(*arguments: str, raw: Path, warehouse: Path, truth: Path | None = None) -> Build:
    """Run `dbt <arguments>` on a folder of exports, with everything it writes in `warehouse`.

    The truth is looked for where `simulate` below puts it.
    """
    environment = os.environ | {
        "HELIOS_RAW": str(raw),
        "HELIOS_TRUTH": str(truth or raw.with_name(f"{raw.name}_truth")),
        "HELIOS_WAREHOUSE": str(warehouse),
        "DBT_TARGET_PATH": str(warehouse / "target"),
        "DBT_LOG_PATH": str(warehouse / "logs"),
        "NO_COLOR": "1",
        "DBT_USE_COLORS": "false",
    }
    finished = subprocess.run(
        [Path(sys.executable).with_name("dbt"), *arguments],
        cwd=PROJECT,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return Build(warehouse, raw, finished.returncode, finished.stdout)


def build_exports(*arguments: str, raw: Path, warehouse: Path) -> Build:
    """Build and publish a folder of exports, as a schedule does: without unit tests."""
    return run_dbt("build", *WITHOUT_UNIT_TESTS, *arguments, raw=raw, warehouse=warehouse)


def simulate(out: Path, *arguments: str) -> Path:
    """Write simulated exports into `out`, their truth beside it, and return `out`."""
    truth = out.with_name(f"{out.name}_truth")
    command = [
        *(sys.executable, "-m", "simulate"),
        *("--out", str(out), "--truth", str(truth)),
        *arguments,
    ]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)
    return out
