"""Budgets by water-filling in SQL, against golden cases and a solver that searches."""

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import brentq

from tests.python.support import REFERENCE
from tests.python.viewer import tiny

Floats = NDArray[np.float64]
GOLDEN = REFERENCE / "planner" / "golden_budget.json"
LIMITS = {"free": (0.0, 1e6), "within_30_percent": (0.7, 1.3), "within_10_percent": (0.9, 1.1)}


@pytest.fixture(scope="module")
def client() -> Iterator[duckdb.DuckDBPyConnection]:
    """The functions of the published file, without any table."""
    with duckdb.connect() as connection:
        connection.execute("create schema marts; use marts")
        connection.execute(tiny.functions())
        yield connection


def allocated(
    client: duckdb.DuckDBPyConnection, members: dict[str, Any], options: str
) -> pd.DataFrame:
    rows = pd.DataFrame(members)
    rows = rows.assign(member=rows.get("member", np.arange(len(rows))), plan_id=0)
    client.register("members", rows)
    return client.execute(f"from allocated('members', {options}) order by member").df()


def golden() -> list[dict[str, Any]]:
    if not GOLDEN.is_file():
        return []
    cases = json.loads(GOLDEN.read_text(encoding="utf-8"))["cases"]
    return [case for case in cases if case["id"].startswith(("BU-OP", "BU-FLEX"))]


@pytest.mark.skipif(not GOLDEN.is_file(), reason="the reference numbers are not beside the project")
@pytest.mark.parametrize("case", golden(), ids=lambda case: str(case["id"]))
def test_golden_budgets(client: duckdb.DuckDBPyConnection, case: dict[str, Any]) -> None:
    values = case["input"]["values"]
    spend = np.array(values["spend"])
    low, high = LIMITS[case["settings"].get("bounds", "free")]
    members = {
        "member": range(len(spend)),
        "ceiling": values["ceiling"],
        "half_saturation": values["half_saturation"],
        "lowest": low * spend,
        "highest": high * spend,
    }
    results = case["results"]
    if case["id"] == "BU-FLEX":
        for target in case["settings"]["target_marginal_return"]:
            wanted = results[f"until marginal return is {target}"]
            found = allocated(client, members, f"target := {target}")
            assert found.spend.tolist() == pytest.approx(wanted["spend"], rel=1e-12)
            assert found.value.sum() == pytest.approx(wanted["value"], rel=1e-12)
        return
    found = allocated(client, members, f"budget := {values['budget']}")
    wanted = results.get("exact")
    if wanted is None:
        assert found.spend.tolist() == pytest.approx(results["allocation"], rel=1e-9)
        assert found.value.sum() == pytest.approx(results["mean_value"], rel=1e-9)
        return
    assert found.spend.tolist() == pytest.approx(wanted["water_filling"], rel=1e-9)
    assert found.value.sum() == pytest.approx(wanted["value"], rel=1e-9)
    assert found.marginal_return.tolist() == pytest.approx(wanted["marginal"], rel=1e-9)


def searched(members: dict[str, Floats], budget: float) -> Floats:
    """The same by a search for the return of the last rupee."""

    def at(log_return: float) -> Floats:
        steep = np.sqrt(members["ceiling"] * members["half_saturation"] / np.exp(log_return))
        free = steep - members["half_saturation"]
        return np.asarray(np.clip(free, members["lowest"], members["highest"]))

    return at(brentq(lambda m: at(m).sum() - budget, -60, 60, xtol=1e-13))


amounts = st.floats(1, 1e6)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(amounts, amounts, amounts, st.floats(0, 1)), min_size=1, max_size=8),
    st.floats(0.02, 0.98),
)
def test_any_budget_is_spent_as_a_search_would(
    client: duckdb.DuckDBPyConnection,
    drawn: list[tuple[float, float, float, float]],
    share: float,
) -> None:
    ceiling, half, highest, floor = np.array(drawn).T
    members = {
        "ceiling": ceiling, "half_saturation": half, "lowest": highest * floor, "highest": highest,
    }  # fmt: skip
    free = highest.sum() - members["lowest"].sum()
    assume(free > 1e-3 * highest.sum())
    budget = float(members["lowest"].sum() + share * free)
    found = allocated(client, members, f"budget := {budget!r}")
    # Spend is a difference from half saturation, and is as exact as that.
    assert found.spend.sum() == pytest.approx(budget, rel=1e-9, abs=1e-9 * half.max())
    assert found.spend.to_numpy() == pytest.approx(searched(members, budget), rel=1e-6, abs=1e-3)
    is_free = (found.spend > found.lowest * (1 + 1e-9)) & (found.spend < found.highest * (1 - 1e-9))
    returns = found.marginal_return[is_free]
    assert returns.max() == pytest.approx(returns.min(), rel=1e-6) if len(returns) else True


def test_no_other_split_brings_more(client: duckdb.DuckDBPyConnection) -> None:
    random = np.random.default_rng(2)
    members = {
        "ceiling": random.uniform(1, 9, 6),
        "half_saturation": random.uniform(1, 5, 6),
        "lowest": np.zeros(6),
        "highest": np.full(6, 50.0),
    }
    best = allocated(client, members, "budget := 30").value.sum()
    for split in random.dirichlet(np.ones(6), 2000) * 30:
        value = (members["ceiling"] * split / (split + members["half_saturation"])).sum()
        assert value <= best + 1e-9


@pytest.mark.parametrize("budget", [1.0, 500.0])
def test_a_budget_outside_the_limits_has_no_answer(
    client: duckdb.DuckDBPyConnection, budget: float
) -> None:
    members = {"ceiling": [5, 5], "half_saturation": [2, 3], "lowest": [2, 2], "highest": [9, 9]}
    assert allocated(client, members, f"budget := {budget}").empty


@pytest.mark.parametrize("share", [0.7, 0.8, 0.9, 1.1, 1.2, 1.3])
def test_the_whole_change_of_all_is_within_the_limits(
    client: duckdb.DuckDBPyConnection, share: float
) -> None:
    """Four fifths of each, where none may lose more than a fifth, however sums are rounded."""
    spend = np.array([10799441.79, 6941018.93, 1932985.08, 802617.98, 0.1, 0.2, 0.3])
    steep = np.linspace(1, 2, 7)
    members = {
        "ceiling": steep * spend, "half_saturation": spend,
        "lowest": spend * min(share, 1), "highest": spend * max(share, 1),
    }  # fmt: skip
    found = allocated(client, members, f"budget := {float(spend.sum() * share)!r}")
    assert found.spend.to_numpy() == pytest.approx(share * spend, rel=1e-9)


def test_what_brings_nothing_gets_the_least(client: duckdb.DuckDBPyConnection) -> None:
    members = {"ceiling": [0, 5], "half_saturation": [2, 3], "lowest": [1, 0], "highest": [9, 9]}
    found = allocated(client, members, "budget := 7")
    assert found.spend.tolist() == pytest.approx([1, 6])
    assert found.value.tolist() == pytest.approx([0, 5 * 6 / 9])


def test_plans_are_apart_from_one_another(client: duckdb.DuckDBPyConnection) -> None:
    one = {"ceiling": [5, 4], "half_saturation": [2, 3], "lowest": [0, 0], "highest": [9, 9]}
    other = {"ceiling": [5, 4], "half_saturation": [2, 3], "lowest": [4, 0], "highest": [9, 2]}
    rows = pd.concat([pd.DataFrame(one).assign(plan_id=1), pd.DataFrame(other).assign(plan_id=2)])
    client.register("plans", rows.assign(member=[0, 1, 0, 1]))
    both = client.execute("from allocated('plans', budget := 6) order by plan_id, member").df()
    alone = [allocated(client, members, "budget := 6").spend.tolist() for members in (one, other)]
    assert both.spend.tolist() == pytest.approx(alone[0] + alone[1])
