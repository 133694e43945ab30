"""What a test is worth, against integrals over what it may show."""

from collections.abc import Iterator

import duckdb
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad

from tests.python.viewer import tiny

BREAK_EVEN = 2.0


@pytest.fixture(scope="module")
def client() -> Iterator[duckdb.DuckDBPyConnection]:
    """The functions of the published file, without any table."""
    with duckdb.connect() as connection:
        connection.execute("create schema marts; use marts")
        connection.execute(tiny.functions())
        yield connection


def values_of_tests(client: duckdb.DuckDBPyConnection, **row: float) -> dict[str, float]:
    """The row of one member."""
    error = row.pop("iroas_se") * row["spend"]
    client.register(
        "known", pd.DataFrame([{"member": "A", "incremental_revenue_se": error, **row}])
    )
    found = client.execute(f"from values_of_tests('known', break_even := {BREAK_EVEN})").df()
    [only] = found.to_dict("records")
    return {str(name): value for name, value in only.items()}


def profit_with(mean: float, shift: float, spend: float) -> float:
    """Expected profit where spend is kept only above break-even, by integration over beliefs."""
    belief = stats.norm(mean, shift)
    kept, _ = quad(
        lambda r: belief.pdf(r) * spend * (r / BREAK_EVEN - 1),
        BREAK_EVEN, max(BREAK_EVEN, mean) + 12 * shift, points=[max(mean, BREAK_EVEN)], limit=200,
    )  # fmt: skip
    return float(kept)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.floats(0, 5), st.floats(0.2, 2), st.floats(0.1, 3))
def test_a_test_is_worth_what_beliefs_after_it_say(
    client: duckdb.DuckDBPyConnection, mean: float, error: float, test_error: float
) -> None:
    spend, budget = 1e6, 2e5
    found = values_of_tests(
        client, iroas=mean, iroas_se=error, spend=spend, test_se=test_error, budget=budget
    )
    now = max(spend * (mean / BREAK_EVEN - 1), 0)
    after = (error**-2 + test_error**-2) ** -0.5  # what is not known even with the test
    shift = (error**2 - after**2) ** 0.5
    assert found["value_of_test"] == pytest.approx(
        profit_with(mean, shift, spend) - now, rel=1e-5, abs=1
    )
    assert found["value_of_certainty"] == pytest.approx(
        profit_with(mean, error, spend) - now, rel=1e-5, abs=1
    )
    assert 0 <= found["value_of_test"] <= found["value_of_certainty"] * (1 + 1e-9)
    assert found["test_cost"] == pytest.approx(max(budget * (1 - mean / BREAK_EVEN), 0))
    assert found["net_value"] == found["value_of_test"] - found["test_cost"]


def test_by_hand_at_break_even(client: duckdb.DuckDBPyConnection) -> None:
    """iROAS 2 +- 1, test +- 1: s = 1 / sqrt(2), so 1,000,000 / 2 x 0.7071 x 0.39894 = 141,047."""
    found = values_of_tests(client, iroas=2, iroas_se=1, spend=1e6, test_se=1, budget=2e5)
    assert found["value_of_test"] == pytest.approx(141_047.4, abs=0.1)
    assert found["value_of_certainty"] == pytest.approx(199_471.1, abs=0.1)
    assert found["test_cost"] == 0


def test_what_is_known_for_sure_needs_no_test(client: duckdb.DuckDBPyConnection) -> None:
    client.register(
        "known",
        pd.DataFrame(
            {
                "member": ["sure", "far away"], "iroas": [3.0, 50.0],
                "incremental_revenue_se": [0.0, 0.5e6], "spend": 1e6, "test_se": 0.5, "budget": 1e5,
            }
        ),
    )  # fmt: skip
    found = client.execute("from values_of_tests('known', break_even := 2.0)").df()
    assert found["member"].tolist() == ["far away"]
    assert found["value_of_test"].tolist() == [0.0]
