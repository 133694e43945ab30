"""What it costs to plan tests: `python -m bench.planning [--designs 500] [--docs]`.

Foresees the error of many choices of regions, of a brand with 60 regions and two years of weekly
orders in which ten campaigns ran, for every length from 4 to 16 weeks: precisions of pairs of
regions as the model `inc_plan_precision` has them, then the function `planned()` for each choice.
The peer asks the same equations directly, by generalised least squares of statsmodels with the
campaign's column in them: once for one choice, one length and one end, and the time is scaled to
the choices alone. Prints medians of several runs, and ratios; `--check` fails above ten seconds for
500 choices, and where the peer is faster; `--docs` writes the figures into `docs/planning.md`.
"""

import argparse
import os
import statistics
import sys
import time

import duckdb
import numpy as np
import pandas as pd

from bench import pages
from bench.joint_panel import REGIONS, WEEKS, Tables, solved_by_statsmodels, tables
from estimators.planning import precisions
from tests.python.viewer import tiny

CAMPAIGNS, BRAND, LENGTH = 100, "B0", 8
MOST_SECONDS = 10.0  # at 500 designs


def one_brand() -> Tables:
    """Orders of one brand, with its campaigns."""
    cells, times, places = (table[table.brand == BRAND] for table in tables(CAMPAIGNS))
    return cells, times, places


def designs_of(made: Tables, count: int) -> pd.DataFrame:
    """Choices of a third of the regions."""
    random = np.random.default_rng(5)
    regions = np.sort(made[0].region.unique())
    chosen = [random.choice(regions, REGIONS // 3, replace=False) for _ in range(count)]
    return pd.DataFrame(
        {
            "brand": BRAND,
            "design_id": np.repeat(np.arange(count), REGIONS // 3),
            "region": np.concatenate(chosen),
        }
    )


def planned(made: Tables, designs: pd.DataFrame) -> pd.DataFrame:
    """All choices for all lengths, as a build and a client ask for them."""
    cells = made[0]
    sold = cells.groupby(["brand", "region"], as_index=False)[["orders", "revenue"]].mean()
    levels = sold.rename(columns={"orders": "weekly_orders", "revenue": "weekly_revenue"}).assign(
        order_value_variance=0.5,
        value_change_variance=0.001,
        spill_over=0.1,
        spill_over_se=0.05,
        history_weeks=WEEKS,
    )
    pairs = precisions(*made, none_member="(none)")
    with duckdb.connect() as connection:
        connection.execute("create schema marts; use marts")
        connection.execute(tiny.functions())
        for name, table in {"designs": designs, "levels": levels, "pairs": pairs}.items():
            connection.register(name, table)
        return connection.execute("from planned('designs', 'levels', 'pairs')").df()


def asked_of_statsmodels(made: Tables, designs: pd.DataFrame) -> float:
    """Seconds for all choices, from one with one length and one end."""
    first = designs.region[designs.design_id == 0]
    seconds = solved_by_statsmodels(made, (first, WEEKS - LENGTH))
    return seconds * designs.design_id.nunique()


def main() -> None:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--designs", type=int, default=500, help="choices (default 500)")
    parser.add_argument("--runs", type=int, default=3, help="times to run both sides (default 3)")
    parser.add_argument("--check", action="store_true", help="fail where a bar is missed")
    parser.add_argument("--docs", action="store_true", help="write docs/planning.md")
    arguments = parser.parse_args()
    made = one_brand()
    designs = designs_of(made, arguments.designs)
    own, peer = [], []
    for _ in range(arguments.runs):
        started = time.perf_counter()
        found = planned(made, designs)
        own.append(time.perf_counter() - started)
        peer.append(asked_of_statsmodels(made, designs))
        if len(found) != 13 * arguments.designs or found.revenue_se.isna().any():
            sys.exit("not every choice was foreseen for every length")
    seconds = statistics.median(own)
    ratio = statistics.median(mine / other for mine, other in zip(own, peer, strict=True))
    said = (
        f"{arguments.designs} choices of regions, {REGIONS} regions, {WEEKS} weeks, 13 lengths:"
        f" {seconds:.2f} s; by statsmodels, one length and one end, {statistics.median(peer):.0f}"
        f" s; ratio {ratio:.4f}"
    )
    print(said)
    if arguments.docs:
        shown = f"{said}. Median of {arguments.runs} on {os.cpu_count()} cores."
        pages.write("planning.md", "speed", shown)
    if arguments.check and (seconds >= MOST_SECONDS * arguments.designs / 500 or ratio >= 1):
        sys.exit("missed")


if __name__ == "__main__":
    main()
