"""Public formulas of planners, in SQL, against what the public packages said."""

import json
from typing import Any

import duckdb
import jinja2
import pandas as pd
import pytest

from tests.python.incrementality.test_student_t import render
from tests.python.support import PROJECT, REFERENCE

GOLDEN = REFERENCE / "planner" / "golden_planner.json"
DAYS = """
    with daily as (
        select
            date,
            coalesce(sum(sales) filter (where "group" = 'treatment'), 0) as y,
            coalesce(sum(sales) filter (where "group" = 'control'), 0) as x
        from sales
        group by date
    )

    select
        count(*) as n,
        stddev_samp(y) * sqrt((count(*) - 1) / (count(*) - 2)) as sd,
        corr(x, y) as correlation
    from daily
"""


def golden(kind: str) -> list[dict[str, Any]]:
    if not GOLDEN.is_file():
        return []
    cases = json.loads(GOLDEN.read_text(encoding="utf-8"))["cases"]
    return [case for case in cases if case["id"].startswith(kind)]


def pretest(case: dict[str, Any]) -> pd.DataFrame:
    sales = pd.read_csv(REFERENCE / "geo" / case["input"]["file"])
    days = case["input"]["pretest"]
    if isinstance(days, list):
        return sales[sales.date.between(*days)]
    return sales[sales.date.isin(sorted(sales.date.unique())[:90])]


@pytest.mark.skipif(not GOLDEN.is_file(), reason="the reference numbers are not beside the project")
@pytest.mark.parametrize("case", golden("PL-MM"), ids=lambda case: str(case["id"]))
def test_matched_markets(case: dict[str, Any]) -> None:
    settings, results = case["settings"], case["results"]
    path = PROJECT / "macros" / "estimators" / "matched_markets_impact.sql"
    module = jinja2.Environment().from_string(path.read_text(encoding="utf-8")).module
    impact = module.matched_markets_impact(  # type: ignore[attr-defined]
        *("n", str(settings["n_test"]), "sd", "correlation"),
        render("student_t_quantile", str(settings["sig_level"]), "(n - 2)"),
        render("student_t_quantile", str(settings["power_level"]), "(n - 2)"),
        render("student_t_quantile", str((1 + settings["flevel"]) / 2), "(n - 1)"),
    )
    with duckdb.connect() as connection:
        connection.register("sales", pretest(case))
        [(n, correlation, found)] = connection.execute(
            f"select n, correlation, {impact} from ({DAYS})"
        ).fetchall()
    tolerance = case["tolerance"]["relative"]
    assert n == results["n_pretest"]
    assert correlation == pytest.approx(results["corr"], rel=tolerance)
    assert found == pytest.approx(results["required_impact"], rel=tolerance)
    assert found / settings["iroas"] == pytest.approx(results["required_budget"], rel=tolerance)
