"""Public formulas of planners, in SQL, against what the public packages said."""

import json
from typing import Any

import duckdb
import jinja2
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import f, t

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


def required_impact(days: str, levels: dict[str, float]) -> str:
    path = PROJECT / "macros" / "estimators" / "matched_markets_impact.sql"
    module = jinja2.Environment().from_string(path.read_text(encoding="utf-8")).module
    impact: str = module.matched_markets_impact(  # type: ignore[attr-defined]
        *("n", days, "sd", "correlation"),
        render("student_t_quantile", str(levels["sig_level"]), "(n - 2)"),
        render("student_t_quantile", str(levels["power_level"]), "(n - 2)"),
        render("student_t_quantile", str((1 + levels["flevel"]) / 2), "(n - 1)"),
    )
    return impact


@pytest.mark.skipif(not GOLDEN.is_file(), reason="the reference numbers are not beside the project")
@pytest.mark.parametrize("case", golden("PL-MM"), ids=lambda case: str(case["id"]))
def test_matched_markets(case: dict[str, Any]) -> None:
    chosen, results = case["settings"], case["results"]
    impact = required_impact(str(chosen["n_test"]), chosen)
    with duckdb.connect() as connection:
        connection.register("sales", pretest(case))
        [(n, correlation, found)] = connection.execute(
            f"select n, correlation, {impact} from ({DAYS})"
        ).fetchall()
    tolerance = case["tolerance"]["relative"]
    assert n == results["n_pretest"]
    assert correlation == pytest.approx(results["corr"], rel=tolerance)
    assert found == pytest.approx(results["required_impact"], rel=tolerance)
    assert found / chosen["iroas"] == pytest.approx(results["required_budget"], rel=tolerance)


@settings(max_examples=6, deadline=None)
@given(st.integers(5, 200), st.floats(1, 1e6), st.floats(-0.99, 0.999), st.floats(1.01, 100))
def test_longer_tests_need_more_revenue_but_a_smaller_share(
    n: int, sd: float, correlation: float, scale: float
) -> None:
    """Against the same formula by SciPy; and money scales."""
    levels = {"sig_level": 0.95, "power_level": 0.8, "flevel": 0.9}
    impact = required_impact("days", levels)
    values = f"select {n} as n, {sd!r} * scale as sd, {correlation!r} as correlation, days, scale"
    lengths = "unnest([7, 28, 56, 112]) as lengths (days)"
    rows = (
        f"from ({values}, scale from {lengths} cross join (values (1), ({scale!r})) as s (scale))"
    )
    both = duckdb.sql(f"select scale = 1, {impact} {rows} order by days").fetchall()
    found = [impact for is_plain, impact in both if is_plain]
    days = np.array([7, 28, 56, 112])
    phi = f.ppf(0.9, 1, n - 1)
    wanted = (t.ppf(0.95, n - 2) + t.ppf(0.8, n - 2)) * days * sd * np.sqrt(1 - correlation**2)
    wanted *= np.sqrt(phi * (n + 1) / (n * days * (n - 1)) + 1 / n + 1 / days)
    assert found == pytest.approx(wanted, rel=1e-8)
    assert (np.diff(found) > 0).all()
    assert (np.diff(found / days) < 0).all()
    scaled = [impact for is_plain, impact in both if not is_plain]
    assert scaled == pytest.approx(np.array(found) * scale, rel=1e-9)
