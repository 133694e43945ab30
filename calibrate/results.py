"""Results of worlds, one folder each, under the version of models and simulator that made them."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

TABLES = ("estimates", "experiments", "campaigns", "influencers")


@dataclass(frozen=True, order=True)
class Task:
    """A world to be made.

    Attributes:
        world: Name under `simulate/worlds`, or path of a TOML file.
        seed: Its seed.
    """

    world: str
    seed: int

    @property
    def name(self) -> str:
        """Name of its folder among the results."""
        return f"{Path(self.world).stem}-{self.seed}"


@dataclass(frozen=True)
class Results:
    """What was kept of all worlds; every table has the columns world and seed.

    Attributes:
        estimates: One row per level, member_id and method.
        experiments: One row per experiment: its default method and truth.
        campaigns: One row per campaign: factors and truth.
        influencers: One row per influencer: what is shown, and truth.
    """

    estimates: pd.DataFrame
    experiments: pd.DataFrame
    campaigns: pd.DataFrame
    influencers: pd.DataFrame

    def world(self, name: str) -> "Results":
        """The results of one kind of world."""
        tables = {table: getattr(self, table) for table in TABLES}
        return Results(**{table: rows[rows.world == name] for table, rows in tables.items()})


def save(tables: dict[str, pd.DataFrame], task: Task, folder: Path) -> None:
    """Write the tables of a world, all or none.

    Args:
        tables: Tables by name.
        task: The world.
        folder: Folder of the results; the world gets one of its own in it.
    """
    place = folder / task.name
    draft = folder / f".{place.name}.{os.getpid()}"
    draft.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        rows = table.assign(world=Path(task.world).stem, seed=task.seed)
        rows.to_parquet(draft / f"{name}.parquet", index=False)
    try:
        draft.rename(place)
    except OSError:
        if not place.is_dir():
            raise
        shutil.rmtree(draft)  # another run made the same world meanwhile


def is_there(folder: Path, task: Task) -> bool:
    """Whether a world has its results."""
    return (folder / task.name).is_dir()


def of_other_versions(results: Path, version: str) -> int:
    """Number of worlds that another version of models or simulator made.

    Args:
        results: Folder of all results.
        version: This version.

    Returns:
        How many there are.
    """
    others = results.glob("*/*/estimates.parquet")
    return sum(1 for path in others if path.parents[1].name != version)


def load(folder: Path, tasks: list[Task]) -> Results:
    """Read the results of worlds.

    Args:
        folder: Results of this version.
        tasks: The worlds; all of them are there.

    Returns:
        Their tables, in the order of the worlds.
    """

    def table(name: str) -> pd.DataFrame:
        files = [folder / task.name / f"{name}.parquet" for task in tasks]
        return pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)

    return Results(**{name: table(name) for name in TABLES})
