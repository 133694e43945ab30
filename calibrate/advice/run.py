"""Worlds through the real pipeline, for what is advised of them."""

import shutil
from pathlib import Path

import pandas as pd

from calibrate.advice import budgets, foresight
from calibrate.results import Task
from calibrate.run import Pipeline
from simulate.settings import load_settings

# What advice depends on: another version of any of these makes other advice.
VERSIONED = (
    *("models/**/*.sql", "models/**/*.py", "estimators/*.py", "macros/**/*.sql"),
    *("seeds/reference/*.csv", "dbt_project.yml", "intake/*.py", "adapters/*.yml"),
    *("simulate/**/*.py", "simulate/**/*.toml", "simulate/**/*.csv"),
    *("calibrate/advice/foresight.py", "calibrate/advice/budgets.py"),
)
NO_ROWS = pd.DataFrame({"by": pd.Series(dtype="str")})


class AdvicePipeline(Pipeline):
    """Builds worlds twice: whole, and as they were before some of their experiments began."""

    models = (
        *budgets.MODELS,
        *("+fct_incremental_roas", "+fct_experiment_truth", "+dim_experiments"),
    )

    def kept(self, task: Task, folder: Path, template: Path, log: Path) -> dict[str, pd.DataFrame]:
        """What was foreseen of experiments, and what plans of the budget would have brought."""
        warehouse = folder / "warehouse" / "build.duckdb"
        moved = budgets.budgets_of(str(warehouse), load_settings(task.world, task.seed))
        return {
            "plans": self._plans(task, folder, template, log),
            "budgets": moved if len(moved) else NO_ROWS,
        }

    def _plans(self, task: Task, folder: Path, template: Path, log: Path) -> pd.DataFrame:
        """What would have been foreseen, in a folder of its own."""
        before = folder / "before"
        shutil.rmtree(before, ignore_errors=True)
        (before / "warehouse").mkdir(parents=True)
        shutil.copy(template, before / "warehouse")
        cut = foresight.cut_of(folder / "raw")
        foresight.write_before(folder / "raw", before / "raw", cut)
        self.run_models(foresight.MODELS, before, log, task.name)
        was, built = (place / "warehouse" / "build.duckdb" for place in (before, folder))
        return foresight.foreseen(was, built, cut)
