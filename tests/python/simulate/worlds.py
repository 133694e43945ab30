"""Worlds for the tests: made once, and their files read back with DuckDB and exact types."""

import csv
import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from simulate import Settings, World, load_settings, simulate_world, write_world
from tests.python.support import PROJECT

DATA = PROJECT / "simulate" / "data"
# The same examples in every run: what is red is red for everybody.
SAME_EXAMPLES = hypothesis_settings(
    deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
# Demand as flat as a table: each test switches on what it looks at.
FLAT = {
    "demand.yearly_growth": 0.0,
    "demand.weekday": [1.0] * 7,
    "demand.payday_lift": 0.0,
    "demand.event_lift": 0.0,
    "demand.event_spread": 0.0,
    "demand.mix_spread": 0.0,
    "demand.shared_shock": 0.0,
    "demand.region_shock": 0.0,
    "demand.region_drift": 0.0,
    "demand.brand_drift": 0.0,
    "demand.overdispersion": 0.0,
}
# Large effects, files of moderate size; nothing is pulled, so every effect is in the exports.
STRONG: dict[str, Any] = {
    "days": 250, "orders": 80_000, "influencers": 80, "effect__ceiling": 5.0,
    "effect__flop_share": 0.0, "effect__pull_forward": 0.0, "effect__spill_over": 0.25,
    "effect__leak_share": 0.3,
}  # fmt: skip
MONEY = {
    "revenue", "discount", "total_payout", "rate", "product_cost", "spend", "baseline_revenue",
    "incremental_revenue", "attributed_revenue", "spilled_into_control", "spilled_elsewhere",
}  # fmt: skip
WHOLE = {
    "orders", "posts", "incremental_orders", "baseline_orders", "follower_count", "reach",
    "impressions", "likes", "comments", "shares", "saves", "clicks", "cooldown_days",
    "population", "list_price", "unit_cost",
}  # fmt: skip
NUMBERS = {"iroas", "lift", "expected_baseline_orders"}
YES_OR_NO = {"is_new_customer", "is_incremental"}


@dataclass(frozen=True)
class Files:
    """A written world; its tables are `raw.<export>` and `truth.<table>`.

    `raw.books` are the order lines with `who`, the influencer by id or else by code, and `net`,
    the revenue net of returns and refusals: the rules of the books in ARCHITECTURE.md.
    """

    settings: Settings
    raw: Path
    truth: Path
    connection: duckdb.DuckDBPyConnection

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql).fetchall()

    def row(self, sql: str) -> tuple[Any, ...]:
        [row] = self.rows(sql)
        return row

    def value(self, sql: str) -> Any:
        [value] = self.row(sql)
        return value

    def frame(self, sql: str) -> pd.DataFrame:
        return self.connection.execute(sql).df()


def column_type(name: str) -> str:
    types = [(MONEY, "decimal(18, 2)"), (WHOLE, "bigint"), (NUMBERS, "double")]
    types += [(YES_OR_NO, "boolean")]
    for names, type_name in types:
        if name in names:
            return type_name
    is_date = name in ("date", "cooldown_end") or name.endswith("_date")
    return "date" if is_date else "varchar"


def header(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return next(csv.reader(file))


def read(settings: Settings, raw: Path, truth: Path) -> Files:
    """Load the files of a clean world with the types that are meant, nothing guessed."""
    connection = duckdb.connect()
    for schema, folder in (("raw", raw), ("truth", truth)):
        connection.execute(f"create schema {schema}")
        for path in sorted(folder.glob("*.csv")):
            columns = {name: column_type(name) for name in header(path)}
            connection.execute(
                f"create table {schema}.{path.stem} as from read_csv("
                "$path, header = true, delim = ',', quote = '\"', escape = '\"', columns = "
                f"{columns})",
                {"path": str(path)},
            )
    connection.execute(
        """
        create table raw.books as
        select
            orders.*,
            coalesce(orders.influencer_id, influencers.influencer_id) as who,
            case when status in ('returned', 'refused') then 0 else revenue end as net,
            status in ('returned', 'refused') as came_back,
        from raw.tracking_data as orders
        left join raw.influencers as influencers
            on orders.coupon_code = influencers.coupon_codes
        """
    )
    return Files(settings, raw, truth, connection)


class Maker:
    """Writes each world once a session, whoever asks for it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[str, Files] = {}

    def __call__(self, world: str, seed: int = 42, **overrides: Any) -> Files:
        """A world; overrides by dotted name with two underscores for the dot."""
        dotted = {name.replace("__", "."): value for name, value in overrides.items()}
        key = repr((world, seed, sorted(dotted.items())))
        if key not in self._made:
            settings = load_settings(world, seed, dotted)
            folder = self._folder / str(len(self._made))
            write_world(settings, folder / "raw", folder / "truth")
            self._made[key] = read(settings, folder / "raw", folder / "truth")
        return self._made[key]


def world_of(world: str, seed: int = 42, **overrides: Any) -> World:
    """A world without its order lines, made once; overrides as for `Maker`."""
    return _world_of(world, seed, tuple(sorted((k, _frozen(v)) for k, v in overrides.items())))


@cache
def _world_of(world: str, seed: int, overrides: tuple[tuple[str, Any], ...]) -> World:
    dotted = {name.replace("__", "."): value for name, value in overrides}
    return simulate_world(load_settings(world, seed, dotted))


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def flat(**overrides: Any) -> dict[str, Any]:
    """Overrides of a world with flat demand, for `world_of` and `Maker`."""
    return {name.replace(".", "__"): value for name, value in FLAT.items()} | overrides


def assert_share(hits: float, n: float, share: float) -> None:
    """A share of independent draws lies within four standard errors of what was set."""
    assert n * share * (1 - share) > 20, "too few draws to tell"
    assert_near(hits / n, share, math.sqrt(share * (1 - share) / n))


def assert_near(found: float, meant: float, standard_error: float) -> None:
    distance = abs(found - meant)
    assert distance <= 4 * standard_error, f"{found} is not {meant} +- {4 * standard_error}"


def hashes(*folders: Path) -> dict[str, str]:
    """Every file below the folders, with its content's hash; the notes hold times, so not them."""
    return {
        f"{number} {path.relative_to(folder).as_posix()}": hashlib.sha256(
            path.read_bytes()
        ).hexdigest()
        for number, folder in enumerate(folders)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".simulated.json"
    }


def catalogue(name: str) -> list[dict[str, str]]:
    """Rows of a table under `simulate/data`."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def region_shares() -> dict[str, float]:
    """Share of the shop's orders by region."""
    rows = catalogue("regions")
    total = sum(float(row["online_share"]) for row in rows)
    return {row["region"]: float(row["online_share"]) / total for row in rows}


def event_rows() -> list[tuple[str, date, date, float]]:
    """Name, first and last day and lift of each event."""
    return [
        (
            row["name"],
            date.fromisoformat(row["first_day"]),
            date.fromisoformat(row["last_day"]),
            float(row["lift"]),
        )
        for row in catalogue("events")
    ]


def sale_days() -> set[date]:
    """Days on which at least one event lifts demand."""
    return {
        date.fromordinal(day)
        for _, first, last, lift in event_rows()
        if lift > 0
        for day in range(first.toordinal(), last.toordinal() + 1)
    }


def mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found)
