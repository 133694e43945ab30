"""What the order path of Helios costs beside the same work by other means, on one large world.

`python -m bench.scale [--orders 1000000] [--runs 1] [--mess 0] [--json FILE] [--docs] [--check]`
simulates one world in Parquet and times, each in a process of its own:

- a full `dbt build` without unit tests, which do not depend on the size of the exports;
- the same build once more, nothing having changed;
- the order path alone: panel_orders and fct_revenue_days with all they read and their data tests;
- the same panel by a DuckDB script written by hand (bench/by_hand.sql), with the same limit of
  memory and as many threads; by Polars; and by pandas, up to ten million orders;
- `dbt parse` without an earlier one, which no build can go below.

Every peer's panel, revenue of days, counts of accepted, rejected and repeated rows, and orders by
credited post have to be those of Helios, row by row; else the bench fails. `--check` fails as well
where Helios takes more times as long as a peer than the constants below allow: ratios of one run,
never seconds. `--docs` writes the table into `docs/performance.md`. SQL seconds are those that
nodes of dbt worked, summed over its two threads.
"""

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

import duckdb

from bench import pages
from bench.build import DBT, WITHOUT_UNIT_TESTS, large_world, measured, work_by_kind
from bench.by_hand import TABLES, files_of

ORDER_PATH = ("--select", "+panel_orders", "+fct_revenue_days", "--indirect-selection", "buildable")
MEMORY = os.environ.get("HELIOS_MEMORY", "4GB")
CORES = os.cpu_count() or 1
MOST_FOR_PANDAS = 10_000_000
PACKAGES = ("duckdb", "dbt-core", "dbt-duckdb", "polars", "pandas")

# What a result of the peers is called, and the same in a build file that is attached as `build`.
OF_HELIOS = {
    "panel_orders": "from build.panel.panel_orders",
    "fct_revenue_days": "from build.marts.fct_revenue_days",
    "row_counts": """
        select row_status, reject_code, reject_column, count(*)::bigint as rows
        from build.staging.stg_tracking_data
        group by all
    """,
    "post_orders": """
        select post_id, sum(orders)::bigint as orders, sum(revenue)::decimal(18, 2) as revenue
        from build.core.core_orders
        where post_id is not null
        group by all
    """,
}

FULL, PATH, START = "Helios, full build", "Helios, order path", "dbt, fixed start"
UNCHANGED = "Helios, nothing new"
HAND, POLARS, PANDAS = "DuckDB by hand", "Polars", "pandas"
# The highest that --check allows at 200,000 orders, on a busy machine; beside the work by hand and
# Polars they grow with the world, since these keep no rows.
HIGHEST = {
    "order path SQL / by hand": 25.0,
    "order path SQL / Polars": 35.0,
    "order path SQL / pandas": 15.0,
    "full build / order path": 5.0,
}


@dataclass
class Row:
    """A row of the table, null where there is nothing to say.

    Attributes:
        what: What ran.
        wall: Seconds by the clock.
        cpu: Seconds of all threads.
        peak: Most memory, in GB.
        sql: Seconds that the nodes of dbt worked, summed over its threads.
        read: Bytes of the raw files it reads.
        written: Bytes of the files it leaves.
        why: Why there are no figures.
    """

    what: str
    wall: float | None = None
    cpu: float | None = None
    peak: float | None = None
    sql: float | None = None
    read: int | None = None
    written: int | None = None
    why: str | None = None


@dataclass(frozen=True)
class World:
    """A simulated world, and where the results of what runs on it go.

    Attributes:
        raw: Folder of its exports.
        results: Folder with a folder for each that runs.
        orders: Orders without any influencer.
    """

    raw: Path
    results: Path
    orders: int

    def helios(self, what: str, *arguments: str, after: str | None = None) -> Row:
        """Run dbt on the world, as after a fresh clone, or after something else that it ran."""
        folder = self.results / (after or what)
        environment = {
            "HELIOS_RAW": str(self.raw),
            "HELIOS_WAREHOUSE": str(folder / "warehouse"),
            "HELIOS_MEMORY": MEMORY,
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
        }
        use = measured([DBT, *arguments], environment)
        if arguments[0] == "parse":
            return Row(what, *use)
        work = sum(work_by_kind(folder / "target").values())
        return Row(what, *use, work, size(self.raw), size(folder / "warehouse", "*.duckdb"))

    def peer(self, what: str, module: str, *arguments: str) -> Row:
        """Run a peer on the world."""
        folder = self.results / what
        read = sum(
            Path(file).stat().st_size for table in TABLES for file in files_of(self.raw, table)
        )
        command = [sys.executable, "-m", module, str(self.raw), str(folder), *arguments]
        use = measured([*command], {"POLARS_MAX_THREADS": str(CORES)})
        return Row(what, *use, None, read, size(folder, "*.parquet"))

    def peer_if_it_can(self, what: str, module: str) -> Row:
        """Run a peer, or say why it cannot."""
        if find_spec(what.lower()) is None:
            return Row(what, why="is not installed")
        if what == PANDAS and self.orders > MOST_FOR_PANDAS:
            return Row(what, why=f"holds all rows in memory: at most {MOST_FOR_PANDAS:,} orders")
        try:
            return self.peer(what, module)
        except SystemExit as failure:
            said = str(failure.code).strip().splitlines()
            return Row(what, why=said[-1] if said else "was ended by the system")


def size(folder: Path, pattern: str = "*.parquet") -> int:
    """Bytes of the files of a folder."""
    return sum(path.stat().st_size for path in folder.rglob(pattern))


def simulate(folder: Path, orders: int, mess: float) -> Path:
    """One world in Parquet.

    Args:
        folder: Where to.
        orders: Orders without any influencer.
        mess: Share of damaged rows.

    Returns:
        The folder of its exports.
    """
    command = [
        *(sys.executable, "-m", "simulate", *large_world(orders), "--mess", str(mess)),
        *("--out", str(folder / "raw"), "--truth", str(folder / "truth")),
    ]
    measured([*command], {})
    return folder / "raw"


def differences(build: Path, results: Path) -> list[str]:
    """In what the results of a peer are not those of Helios.

    Args:
        build: The build file of Helios.
        results: Folder with the peer's results.

    Returns:
        A line for each result that differs; none where all are alike, row by row.
    """
    found = []
    with duckdb.connect() as connection:
        connection.execute(f"attach '{build}' as build (read_only)")
        for result, ours in OF_HELIOS.items():
            theirs = f"from '{results / result}.parquet'"
            counted = connection.execute(
                f"""
                select
                    (select count(*) from (({theirs}) except all ({ours}))),
                    (select count(*) from (({ours}) except all ({theirs})))
                """
            ).fetchone()
            if counted is None or any(counted):
                found.append(f"{result}: rows of the peer alone and of Helios alone: {counted}")
    return found


def run(world: World) -> list[Row]:
    """One run of everything.

    Returns:
        The rows of the table.

    Raises:
        SystemExit: If a peer's results are not those of Helios.
    """
    rows = [
        world.helios(FULL, "build", *WITHOUT_UNIT_TESTS),
        world.helios(UNCHANGED, "build", *WITHOUT_UNIT_TESTS, after=FULL),
        world.helios(PATH, "build", *ORDER_PATH, *WITHOUT_UNIT_TESTS),
        world.peer(HAND, "bench.by_hand", "--memory", MEMORY, "--threads", str(CORES)),
        world.peer_if_it_can(POLARS, "bench.by_polars"),
        world.peer_if_it_can(PANDAS, "bench.by_pandas"),
        world.helios(START, "parse"),
    ]
    for row in rows:
        if row.what in (HAND, POLARS, PANDAS) and row.why is None:
            build = world.results / PATH / "warehouse" / "build.duckdb"
            differ = differences(build, world.results / row.what)
            if differ:
                sys.exit("\n".join((f"{row.what} has other results than Helios", *differ)))
    return rows


def medians(runs: list[list[Row]]) -> list[Row]:
    """The table of several runs: medians of every figure, null where a run has none."""

    def median(same: tuple[Row, ...], figure: str) -> float | None:
        values = [getattr(row, figure) for row in same]
        return None if None in values else statistics.median(values)

    return [
        Row(
            same[0].what,
            wall=median(same, "wall"),
            cpu=median(same, "cpu"),
            peak=median(same, "peak"),
            sql=median(same, "sql"),
            read=same[0].read,
            written=same[0].written,
            why=next((row.why for row in same if row.why is not None), None),
        )
        for same in zip(*runs, strict=True)
    ]


def ratios(table: list[Row]) -> dict[str, float | None]:
    """How many times as long Helios takes, null where a peer has no figures."""
    by_name = {row.what: row for row in table}

    def ratio(above: float | None, below: float | None) -> float | None:
        return above / below if above is not None and below else None

    sql = by_name[PATH].sql
    return {
        "order path SQL / by hand": ratio(sql, by_name[HAND].wall),
        "order path SQL / Polars": ratio(sql, by_name[POLARS].wall),
        "order path SQL / pandas": ratio(sql, by_name[PANDAS].wall),
        "full build / order path": ratio(by_name[FULL].wall, by_name[PATH].wall),
    }


HEADS = ("wall s", "CPU s", "peak GB", "SQL s", "read MB", "written MB")


def shown(value: float | None, of: float = 1, digits: int = 1) -> str:
    """A figure of the table."""
    return "null" if value is None else f"{value / of:,.{digits}f}"


def figures_of(row: Row) -> list[str]:
    """The figures of a row, as HEADS says."""
    return [
        *(shown(row.wall), shown(row.cpu), shown(row.peak, digits=2), shown(row.sql)),
        *(shown(row.read, 1e6), shown(row.written, 1e6)),
    ]


def print_table(table: list[Row], found: dict[str, float | None]) -> None:
    """The table, and the ratios below it."""
    print(f"{'':20}" + "".join(f"{head:>12}" for head in HEADS))
    for row in table:
        shown_figures = "".join(f"{figure:>12}" for figure in figures_of(row))
        print(f"{row.what:20}{shown_figures}", row.why or "")
    print()
    for name, value in found.items():
        print(f"{name:26}{shown(value):>6}   at most {HIGHEST[name]:.0f}")


def in_markdown(table: list[Row], found: dict[str, float | None], given: argparse.Namespace) -> str:
    """The same for docs/performance.md."""
    packages = ", ".join(f"{name} {number}" for name, number in versions().items() if number)
    lines = [
        f"{given.orders:,} orders without any influencer, those of influencers beside them, as"
        f" Parquet; {CORES} cores, memory limit {MEMORY}; median of {given.runs};"
        f" {datetime.now(UTC).date().isoformat()}; {packages}.",
        "",
        "| | " + " | ".join(HEADS) + " |",
        "|---|" + "---:|" * len(HEADS),
        *(f"| {row.what} | {' | '.join(figures_of(row)).replace('null', '–')} |" for row in table),
        "",
        *(f"- {name}: {shown(value)}" for name, value in found.items()),
    ]
    return "\n".join(lines)


def versions() -> dict[str, str | None]:
    """Versions of what runs; null for what is not installed."""
    found: dict[str, str | None] = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = None
    return found


def main() -> int:
    """Measure, print the table, and say whether the ratios hold.

    Returns:
        Exit code: 1 if `--check` was given and a ratio is too high.
    """
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--orders", type=int, default=1_000_000, help="without any influencer")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--mess", type=float, default=0, help="share of rows damaged on purpose")
    parser.add_argument("--json", type=Path, help="file for the figures")
    parser.add_argument("--docs", action="store_true", help="write docs/performance.md")
    parser.add_argument("--check", action="store_true", help="fail if a ratio is too high")
    given = parser.parse_args()
    runs = []
    with tempfile.TemporaryDirectory(prefix="helios-bench-") as name:
        raw = simulate(Path(name), given.orders, given.mess)
        for _ in range(given.runs):
            with tempfile.TemporaryDirectory(prefix="run-", dir=name) as results:
                runs.append(run(World(raw, Path(results), given.orders)))
    table = medians(runs)
    found = ratios(table)
    print_table(table, found)
    if given.json:
        figures = {
            "date": datetime.now(UTC).date().isoformat(),
            "versions": versions(),
            "orders": given.orders,
            "mess": given.mess,
            "runs": given.runs,
            "cores": CORES,
            "memory_limit": MEMORY,
            "rows": [asdict(row) for row in table],
            "ratios": found,
        }
        given.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    if given.docs:
        pages.write("performance.md", "scale", in_markdown(table, found, given))
    high = [name for name, value in found.items() if value is not None and value > HIGHEST[name]]
    print("too high: " + ", ".join(high) if high else "all ratios hold")
    return int(given.check and bool(high))


if __name__ == "__main__":
    sys.exit(main())
