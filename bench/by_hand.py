"""Runs bench/by_hand.sql: `python -m bench.by_hand RAW OUT [--memory 4GB] [--threads 2]`.

RAW is a folder of Parquet exports, OUT the folder that gets a Parquet file of every result.
"""

import argparse
import os
from pathlib import Path

import duckdb

SCRIPT = Path(__file__).with_suffix(".sql")
REFERENCE = Path(__file__).parents[1] / "seeds" / "reference"
TABLES = ("tracking_data", "influencers", "posts", "payouts", "campaigns", "products", "regions")
RESULTS = ("panel_orders", "fct_revenue_days", "row_counts", "post_orders")


def files_of(raw: Path, table: str) -> list[str]:
    """Files of a raw table, oldest first: one of its name, or those of a folder of its name."""
    return sorted(str(path) for path in (*raw.glob(f"{table}.parquet"), *raw.glob(f"{table}/*")))


def folders(description: str | None) -> argparse.ArgumentParser:
    """Arguments of every peer: raw and out."""
    parser = argparse.ArgumentParser(description=(description or "").partition("\n")[0])
    parser.add_argument("raw", type=Path, help="folder of Parquet exports")
    parser.add_argument("out", type=Path, help="folder for the results")
    return parser


def run(raw: Path, out: Path, memory: str, threads: int) -> None:
    """Make the results of the script.

    Args:
        raw: Folder of Parquet exports.
        out: Folder for the results; made where it is missing.
        memory: Limit of the engine, such as 4GB; beyond it, the engine writes into `out`.
        threads: Of the engine.
    """
    out.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute(f"set memory_limit = '{memory}'")
        connection.execute(f"set threads = {threads}")
        connection.execute(f"set temp_directory = '{out / 'tmp'}'")
        connection.execute("set preserve_insertion_order = false")
        for table in TABLES:
            connection.execute(f"set variable {table} = $1", [files_of(raw, table)])
        for seed in ("value_synonyms", "channel_map"):
            connection.execute(f"set variable {seed} = $1", [str(REFERENCE / f"{seed}.csv")])
        connection.execute(SCRIPT.read_text(encoding="utf-8"))
        for result in RESULTS:
            connection.execute(f"copy {result} to '{out / result}.parquet'")


if __name__ == "__main__":
    parser = folders(__doc__)
    parser.add_argument("--memory", default="4GB", help="limit of the engine")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    run(given.raw, given.out, given.memory, given.threads)
