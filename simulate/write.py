"""Write the tables as CSV files, the same bytes on every machine."""

from dataclasses import fields
from pathlib import Path

import pandas as pd

from simulate.world import World


def write_world(world: World, folder: Path) -> list[str]:
    """Write one CSV file a table, replacing files of these names and leaving others alone.

    Args:
        world: The tables.
        folder: Where to write; made if missing.

    Returns:
        One line a file for the user: path, rows, and whether it was replaced.

    Raises:
        OSError: If the folder or a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    report = []
    for field in fields(world):
        table: pd.DataFrame = getattr(world, field.name)
        path = folder / f"{field.name}.csv"
        done = "replaced" if path.exists() else "written"
        # Every float is money or a rate. Bytes, as text mode would change line ends on Windows.
        text = table.to_csv(
            index=False, float_format="%.2f", date_format="%Y-%m-%d", lineterminator="\n"
        )
        path.write_bytes(text.encode("utf-8"))
        report.append(f"{path}: {len(table):,} rows, {done}")
    return report
