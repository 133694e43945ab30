"""What is kept of advice: one folder for each world."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from calibrate.results import Task

TABLES = ("plans", "budgets")


@dataclass(frozen=True)
class Advice:
    """What was advised in all worlds; both tables have the columns world and seed.

    Attributes:
        plans: One row per experiment that was foreseen before it began, as of `foresight`.
        budgets: One row per world and dimension, as of `budgets`.
    """

    plans: pd.DataFrame
    budgets: pd.DataFrame

    def world(self, name: str) -> "Advice":
        """The advice in one kind of world."""
        return Advice(
            self.plans[self.plans["world"] == name], self.budgets[self.budgets["world"] == name]
        )


def load(folder: Path, tasks: list[Task]) -> Advice:
    """Read what was kept of worlds.

    Args:
        folder: Results of this version.
        tasks: The worlds; all of them are there.
    """

    def table(name: str) -> pd.DataFrame:
        parts = [pd.read_parquet(folder / task.name / f"{name}.parquet") for task in tasks]
        filled = [part for part in parts if len(part)] or parts[:1]
        return pd.concat(filled, ignore_index=True)

    return Advice(table("plans"), table("budgets"))
