"""Panels through the real pipeline, some at a time: exports, dbt, and what each method says."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd

from calibrate.benchmark.exports import write_exports
from calibrate.benchmark.process import SCENARIOS
from calibrate.run import DBT, PROJECT, copy_of_project, digest_of

# What a result depends on: another version of any of these makes other results.
VERSIONED = (
    *("models/**/*.sql", "models/**/*.py", "macros/**/*.sql", "estimators/*.py"),
    *("seeds/reference/*.csv", "dbt_project.yml", "intake/*.py", "adapters/*.yml"),
    *("calibrate/benchmark/process.py", "calibrate/benchmark/exports.py"),
)
BATCH = 50  # panels of each scenario that are built together: 1,500 tests, real and pseudo
FIGURES = """
    select
        experiment_id, method, is_default, incremental_revenue as estimate, se, ci_low, ci_high
    from marts.fct_incremental_roas
    order by experiment_id, method
"""


class StudyError(Exception):
    """Panels that could not be built; its message is one line."""


def version_of_study(project: Path = PROJECT) -> str:
    """A name for this version of models and process."""
    return digest_of(VERSIONED, project)


def batches_of(panels: int) -> list[range]:
    """Numbers of the panels that are built together."""
    return [range(first, min(first + BATCH, panels + 1)) for first in range(1, panels + 1, BATCH)]


def place_of(results: Path, batch: range) -> Path:
    """File of what is kept of a batch."""
    return results / f"panels-{batch[0]}-{batch[-1]}.parquet"


def run(results: Path, panels: int, done: Callable[[int], object]) -> None:
    """Build the panels that are not there yet, and keep what methods say of them.

    Args:
        results: Folder of the results of this version.
        panels: Panels of each scenario.
        done: Called with a number of panels of each scenario that became complete.

    Raises:
        StudyError: If a build failed; what was complete is kept.
    """
    missing = []
    for batch in batches_of(panels):
        if place_of(results, batch).is_file():
            done(len(batch))
        else:
            missing.append(batch)
    if not missing:
        return
    results.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="helios-benchmark-") as name:
        # All batches see the project as it is now, whatever is edited meanwhile.
        project = copy_of_project(Path(name) / "project")
        build = Build(project, Path(name) / "build", results / "dbt.log")
        build.seed()
        for batch in missing:
            _save(build.batch(batch), place_of(results, batch))
            done(len(batch))


def load(results: Path, panels: int) -> pd.DataFrame:
    """Read what was kept of panels, all of which are there.

    Args:
        results: Folder of the results of this version.
        panels: Panels of each scenario.

    Returns:
        One row per test and method, as of `Build.batch`.
    """
    files = [place_of(results, batch) for batch in batches_of(panels)]
    return pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)


class Build:
    """A folder in which one batch after the other is built.

    Args:
        project: Folder of the project.
        folder: Folder of exports and warehouse.
        log: File of what dbt says.
    """

    def __init__(self, project: Path, folder: Path, log: Path) -> None:
        """Nothing is built yet."""
        self._project, self._folder, self._log = project, folder, log
        self._template = folder / "template.duckdb"

    def seed(self) -> None:
        """Make a warehouse with the reference tables, which are the same for all batches."""
        (self._folder / "warehouse").mkdir(parents=True)
        self._dbt("seed")
        (self._folder / "warehouse" / "build.duckdb").rename(self._template)

    def batch(self, numbers: range) -> pd.DataFrame:
        """Build panels of all scenarios.

        Args:
            numbers: Which ones of each.

        Returns:
            One row per test and method: the columns of `exports.Test` and of FIGURES.

        Raises:
            StudyError: If dbt failed.
        """
        for part in ("raw", "warehouse"):
            shutil.rmtree(self._folder / part, ignore_errors=True)
            (self._folder / part).mkdir()
        warehouse = self._folder / "warehouse" / "build.duckdb"
        shutil.copy(self._template, warehouse)
        tests = write_exports(self._folder / "raw", SCENARIOS, numbers)
        self._dbt("run", "--select", "+fct_incremental_roas")
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            figures = connection.execute(FIGURES).df()
        if lost := set(tests.experiment_id) - set(figures.experiment_id):
            raise StudyError(f"{len(lost)} tests were not measured, such as {min(lost)}")
        return tests.merge(figures, on="experiment_id")

    def _dbt(self, *command: str) -> None:
        folders = {
            "HELIOS_RAW": "raw",
            "HELIOS_TRUTH": "truth",
            "HELIOS_WAREHOUSE": "warehouse",
            "DBT_TARGET_PATH": "target",
            "DBT_LOG_PATH": "logs",
        }
        with self._log.open("w", encoding="utf-8") as output:
            code = subprocess.run(
                [DBT, *command, "--quiet", "--no-write-json"],
                cwd=self._project,
                env=os.environ | {name: str(self._folder / part) for name, part in folders.items()},
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            ).returncode
        if code:
            raise StudyError(f"dbt {command[0]} failed; what happened is in {self._log}")
        self._log.unlink()


def _save(rows: pd.DataFrame, place: Path) -> None:
    """Write a file, all or nothing."""
    draft = place.with_name(f".{place.name}.{os.getpid()}")
    rows.to_parquet(draft, index=False)
    draft.replace(place)
