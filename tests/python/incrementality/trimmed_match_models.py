"""The models of Trimmed Match on tables of pair differences, run without dbt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb
import jinja2
import numpy as np
import numpy.typing as npt

from tests.python.support import PROJECT

MODELS = (
    "inc_trimmed_match_pairs",
    "inc_trimmed_match_segments",
    "inc_trimmed_match_candidates",
    "inc_trimmed_match_intervals",
    "inc_trimmed_match",
)
Row = dict[str, Any]
Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Design:
    """Cost and response differences of an experiment's pairs, and its settings."""

    costs: Sequence[Decimal]
    responses: Sequence[Decimal]
    ci_level: float = 0.9
    break_even: float = 1.0
    trim_rate: float | None = None
    max_trim_rate: float = 0.25

    @property
    def x(self) -> Doubles:
        return np.array([float(cost) for cost in self.costs])

    @property
    def y(self) -> Doubles:
        return np.array([float(response) for response in self.responses])


def render(file: str, **context: object) -> str:
    """A file of the project with its macros filled in."""
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined)
    source = (PROJECT / file).read_text(encoding="utf-8")
    return environment.from_string(source).render(**context)


def normal_macros() -> Any:
    """The macros of macros/estimators/normal.sql."""
    source = (PROJECT / "macros" / "estimators" / "normal.sql").read_text(encoding="utf-8")
    return jinja2.Environment(undefined=jinja2.StrictUndefined).from_string(source).module


def run_models(designs: Sequence[Design], threads: int = 2) -> tuple[list[Row], list[list[Row]]]:
    """The row of each design, and its candidates by number of trimmed pairs."""
    with duckdb.connect(config={"threads": threads}) as connection:
        _create_panel(connection, designs)
        macros = normal_macros()
        for model in MODELS:
            sql = render(
                f"models/incrementality/{model}.sql",
                ref=lambda name: name,
                normal_cdf=macros.normal_cdf,
                normal_quantile=macros.normal_quantile,
            )
            connection.execute(f"create table {model} as {sql}")
        rows = {row["experiment_id"]: row for row in _rows(connection, "inc_trimmed_match")}
        candidates: dict[str, list[Row]] = {name: [] for name in rows}
        order = "inc_trimmed_match_candidates order by pairs_trimmed_each_side"
        for row in _rows(connection, order):
            candidates[row["experiment_id"]].append(row)
    names = [str(i) for i in range(len(designs))]
    return [rows[name] for name in names], [candidates[name] for name in names]


def _rows(connection: duckdb.DuckDBPyConnection, table: str) -> Iterator[Row]:
    cursor = connection.execute(f"select * from {table}")
    columns = [column[0] for column in cursor.description or ()]
    for row in cursor.fetchall():
        yield dict(zip(columns, row, strict=True))


def _create_panel(connection: duckdb.DuckDBPyConnection, designs: Sequence[Design]) -> None:
    """Two geos per pair on one test day; the control geo earns and costs nothing."""
    connection.execute("""
        create table panel_experiments (
            experiment_id varchar, source varchar, ci_level double, break_even double,
            trim_rate double, max_trim_rate double
        );
        create table panel_experiment_days (
            experiment_id varchar, geo varchar, period varchar, assignment varchar, pair varchar,
            response decimal(30, 12), cost decimal(30, 12)
        );
        create table differences (
            experiment_id varchar, pair varchar, response decimal(30, 12), cost decimal(30, 12)
        )
    """)
    experiments = [
        (str(i), "geo test", d.ci_level, d.break_even, d.trim_rate, d.max_trim_rate)
        for i, d in enumerate(designs)
    ]
    pairs = [
        (str(i), f"pair {j}", response, cost)
        for i, design in enumerate(designs)
        for j, (response, cost) in enumerate(zip(design.responses, design.costs, strict=True))
    ]
    connection.executemany("insert into panel_experiments values (?, ?, ?, ?, ?, ?)", experiments)
    if pairs:
        connection.executemany("insert into differences values (?, ?, ?, ?)", pairs)
    connection.execute("""
        insert into panel_experiment_days
        select experiment_id, pair || 't', 'test', 'treatment', pair, response, cost
        from differences
        union all
        select experiment_id, pair || 'c', 'test', 'control', pair, 0, 0
        from differences
    """)
