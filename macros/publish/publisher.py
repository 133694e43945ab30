"""dbt-duckdb plugin: what publishing needs of the file system, as SQL functions.

dbt opens the build database through this plugin (see profiles.yml), so that a plain `dbt build`
can publish.
"""

import os
import time
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb import DuckDBPyConnection

# Only Windows refuses to replace a file that somebody is reading; viewers hold it for milliseconds.
REPLACE_ATTEMPTS = 50
SECONDS_BETWEEN_ATTEMPTS = 0.1


def remove_file(path: str) -> str:
    """Remove what an earlier, killed build may have left at `path`, and its write-ahead log.

    Returns:
        The path, so that the function can stand in a select.
    """
    for leftover in (Path(path), Path(f"{path}.wal")):
        leftover.unlink(missing_ok=True)
    return path


def replace_file(new_path: str, published_path: str) -> str:
    """Put the finished file at `new_path` in the place of `published_path`, in one step.

    Whoever has the old file open goes on reading it; whoever opens the path next reads the new one.

    Returns:
        The published path.

    Raises:
        PermissionError: On Windows, where a reader kept the published file open all the time.
    """
    for attempt in range(1, REPLACE_ATTEMPTS + 1):
        try:
            os.replace(new_path, published_path)
            break
        except PermissionError:
            if attempt == REPLACE_ATTEMPTS:
                raise
            time.sleep(SECONDS_BETWEEN_ATTEMPTS)
    return published_path


def published_revenue(path: str, exports_id: str) -> float:
    """Revenue of all channels in the published file at `path`.

    Returns:
        0 where there is no file, or one that was made of other exports or cannot be read: then
        there is nothing to compare with.
    """
    if not exports_id or not Path(path).exists():
        return 0.0
    try:
        with duckdb.connect(path, read_only=True) as connection:
            made_of = connection.execute(
                "select value from marts.meta_settings where setting = 'exports_id'"
            ).fetchone()
            if made_of is None or made_of[0] != exports_id:
                return 0.0
            total = connection.execute("select sum(revenue) from marts.fct_revenue_days").fetchone()
    except duckdb.Error:
        return 0.0
    return float(total[0] or 0) if total else 0.0


class Plugin(BasePlugin):
    """Makes the warehouse folder and registers the functions."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Make the folder of the build database, which DuckDB would not do."""
        assert self.creds is not None
        Path(self.creds.path).parent.mkdir(parents=True, exist_ok=True)

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Register `remove_file`, `replace_file` and `published_revenue`."""
        text = "VARCHAR"
        conn.create_function("remove_file", remove_file, [text], text, side_effects=True)
        conn.create_function("replace_file", replace_file, [text, text], text, side_effects=True)
        conn.create_function(
            "published_revenue", published_revenue, [text, text], "DOUBLE", side_effects=True
        )
