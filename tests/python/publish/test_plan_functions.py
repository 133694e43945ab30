"""What is foreseen of a test, by the functions of the published file, against NumPy and SciPy."""

from collections.abc import Iterator
from typing import Any, cast

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import stats

from tests.python.support import Build

# Two regions of which one can be treated, and one that stands for many.
LEVELS = pd.DataFrame(
    {
        "brand": "A",
        "region": ["Goa", "Kerala", "(others)"],
        "weekly_orders": [100.0, 300.0, 600.0],
        "weekly_revenue": [1000.0, 3600.0, 5400.0],
        "order_value_variance": 0.5,
        "value_change_variance": 0.001,
        "spill_over": 0.1,
        "spill_over_se": 0.05,
        "history_weeks": 40,
    }
)
PAIRS = pd.DataFrame(
    {
        "brand": "A",
        "region": ["Goa", "Goa", "Kerala"],
        "other_region": ["Goa", "Kerala", "Kerala"],
        "weeks": 10,
        "pair_precision": [400.0, -40.0, 540.0],
    }
)


@pytest.fixture(scope="module")
def client(default_build: Build) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{default_build.published_file}' as helios (read_only)")
        connection.register("levels", LEVELS)
        connection.register("pairs", PAIRS)
        yield connection


def planned(client: duckdb.DuckDBPyConnection, *regions: str) -> pd.DataFrame:
    designs = pd.DataFrame({"brand": "A", "design_id": "own", "region": list(regions)})
    client.register("designs", designs)
    return client.execute("from helios.marts.planned('designs', 'levels', 'pairs')").df()


def test_a_design_by_hand(client: duckdb.DuckDBPyConnection) -> None:
    """Goa and Kerala: precision 400 - 40 + 540 = 900, so a lift is known to 1/30."""
    [row] = planned(client, "Goa", "Kerala").to_dict("records")
    assert (row["weeks"], row["regions"], row["control_regions"]) == (10, 2, 1)
    assert row["region_list"] == "Goa; Kerala"
    assert row["share_of_revenue"] == pytest.approx(0.46)
    assert row["baseline_revenue"] == pytest.approx(46_000)
    assert row["lift_se"] == pytest.approx(1 / 30)
    # 0.5 over 4000 orders, of which a third of the regions and three quarters of the weeks are
    # left: 0.0005; half as much as campaigns differ by, 0.001, so that a third of it stays.
    assert row["relative_se"] == pytest.approx(np.sqrt(1 / 900 + 0.0005 * 0.001 / 0.0015))
    raised = 1 + 0.1 * 400 / 600
    assert row["revenue_se"] == pytest.approx(46_000 * row["relative_se"] * raised)
    assert row["spill_over_error"] == pytest.approx(400 / 600 * 0.05 / raised)


def test_regions_count_once(client: duckdb.DuckDBPyConnection) -> None:
    once, twice = planned(client, "Goa"), planned(client, "Goa", "Goa")
    pd.testing.assert_frame_equal(once, twice)
    assert once.lift_se.tolist() == [1 / 20]


def test_nothing_is_foreseen_without_a_region_to_compare_with(
    client: duckdb.DuckDBPyConnection,
) -> None:
    assert planned(client, "Goa", "Kerala", "(others)").empty
    assert planned(client, "Atlantis").empty


def outcomes(
    client: duckdb.DuckDBPyConnection, row: dict[str, float], returns: pd.DataFrame, options: str
) -> pd.DataFrame:
    client.register("plan", pd.DataFrame([row]))
    client.register("returns", returns)
    return client.execute(f"from helios.marts.plan_outcomes('plan', 'returns', {options})").df()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    revenue_se=st.floats(1e3, 1e6),
    budget=st.floats(1e4, 1e7),
    expected=st.floats(-1, 6),
    spread=st.floats(0, 3),
    spilled=st.floats(0, 0.2),
    level=st.floats(0.5, 0.99),
)
def test_outcomes_are_those_of_normal_distributions(
    client: duckdb.DuckDBPyConnection,
    revenue_se: float,
    budget: float,
    expected: float,
    spread: float,
    spilled: float,
    level: float,
) -> None:
    row = {"revenue_se": revenue_se, "spill_over_error": spilled, "baseline_revenue": 2e6}
    returns = pd.DataFrame({"expected_iroas": [expected], "iroas_sd": [spread]})
    options = f"budget := {budget!r}, break_even := 1.5, ci_level := {level!r}"
    [found] = outcomes(client, row, returns, options).to_dict("records")
    error = np.hypot(revenue_se / budget, expected * spilled)
    z, power = stats.norm.ppf((1 + level) / 2), stats.norm.ppf(0.8)
    measured = stats.norm(expected, np.hypot(error, spread))
    profitable, unprofitable = measured.sf(1.5 + z * error), measured.cdf(1.5 - z * error)
    assert found["iroas_se"] == pytest.approx(error, rel=1e-9)
    assert found["prob_found_profitable"] == pytest.approx(profitable, rel=1e-9, abs=1e-12)
    assert found["prob_found_unprofitable"] == pytest.approx(unprofitable, rel=1e-9, abs=1e-12)
    assert found["prob_inconclusive"] == pytest.approx(1 - profitable - unprofitable, abs=1e-9)
    assert found["profitable_iroas"] == pytest.approx(1.5 + (z + power) * error, rel=1e-9)
    detectable = (z + power) * revenue_se
    assert found["minimum_detectable_revenue"] == pytest.approx(detectable, rel=1e-9)
    assert found["minimum_detectable_iroas"] == pytest.approx(detectable / budget, rel=1e-9)
    assert found["spend_per_revenue"] == pytest.approx(budget / 2e6, rel=1e-9)


def test_of_an_iroas_that_is_as_large_80_of_100_tests_say_so(
    client: duckdb.DuckDBPyConnection,
) -> None:
    row = {"revenue_se": 1e5, "spill_over_error": 0.0, "baseline_revenue": 2e6}
    nothing = pd.DataFrame({"expected_iroas": [0.0], "iroas_sd": [0.0]})
    options = "budget := 500000, break_even := 1.5"
    aimed = outcomes(client, row, nothing, options).profitable_iroas[0]
    returns = pd.DataFrame({"expected_iroas": [aimed], "iroas_sd": [0.0]})
    found = outcomes(client, row, returns, options)
    assert found.prob_found_profitable[0] == pytest.approx(0.8, abs=1e-9)


def test_where_nothing_is_expected_no_verdict_has_a_probability(
    client: duckdb.DuckDBPyConnection,
) -> None:
    row = {"revenue_se": 1e5, "spill_over_error": 0.1, "baseline_revenue": 2e6}
    unknown = pd.DataFrame({"expected_iroas": [np.nan], "iroas_sd": [np.nan]})
    client.register("unknown", unknown)
    nothing = client.execute(
        "select nullif(expected_iroas, expected_iroas) as expected_iroas,"
        " nullif(iroas_sd, iroas_sd) as iroas_sd from unknown"
    ).df()
    found = outcomes(client, row, nothing, "budget := 500000, break_even := 1.5")
    verdicts = ["prob_found_profitable", "prob_found_unprofitable", "prob_inconclusive"]
    assert found[verdicts].isna().all().all()
    assert found.profitable_iroas[0] > 1.5


def test_the_mart_is_what_the_function_says(client: duckdb.DuckDBPyConnection) -> None:
    """Every design over again, with sums over pairs by NumPy."""
    marts = client.execute("from helios.marts.fct_plan_designs where weeks in (4, 11)").df()
    levels = client.execute("from helios.marts.fct_plan_regions").df()
    pairs = client.execute("from helios.marts.fct_plan_precision where weeks in (4, 11)").df()
    assert len(marts) > 100
    whole = {
        key: rows.set_index(["region", "other_region"]).pair_precision
        for key, rows in pairs.groupby(["brand", "weeks"])
    }
    for row in cast("list[dict[str, Any]]", marts.to_dict("records")):
        chosen = row["region_list"].split("; ")
        own = whole[row["brand"], row["weeks"]]
        inside = own.index.get_level_values(0).isin(chosen)
        inside &= own.index.get_level_values(1).isin(chosen)
        assert row["lift_se"] == pytest.approx(own[inside].sum() ** -0.5, rel=1e-9)
        sold = levels[(levels.brand == row["brand"]) & levels.region.isin(chosen)]
        assert row["baseline_revenue"] == pytest.approx(row["weeks"] * sold.weekly_revenue.sum())
        assert row["regions"] == len(chosen) == len(sold)
