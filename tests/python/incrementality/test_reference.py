"""The reference the models are compared with has itself to agree with the public figures."""

from decimal import Decimal
from typing import Any

import pytest

from tests.python.incrementality import reference
from tests.python.incrementality.golden import (
    CASE_IDS,
    LEVELS,
    golden_cases,
    golden_experiment,
    needs_reference,
)
from tests.python.incrementality.reference_synthetic_control import synthetic_control
from tests.python.incrementality.reference_trimmed_match import trimmed_match

pytestmark = needs_reference


def results(case_id: str) -> dict[str, Any]:
    found: dict[str, Any] = golden_cases()[case_id]["results"]
    return found


def close(value: Decimal | None, expected: float, rel: float = 1e-11) -> bool:
    assert value is not None
    return float(value) == pytest.approx(expected, rel=rel, abs=0)


@pytest.mark.parametrize("level", LEVELS)
def test_tbr_with_fixed_cost(level: int) -> None:
    golden = results("TBR-SC-1")
    test = golden_experiment(f"SC-{level}-power2")
    result = reference.tbr(test, break_even=Decimal(3))
    low, high = golden[f"incremental_response_ci{level}_two_sided"]
    iroas_low, iroas_high = golden[f"iroas_ci{level}_two_sided"]
    assert close(result.incremental_revenue, golden["incremental_response"])
    assert close(result.se, golden["se"])
    assert close(result.ci_low, low)
    assert close(result.ci_high, high)
    assert close(result.iroas_low, iroas_low)
    assert close(result.iroas_high, iroas_high)
    assert close(result.prob_profitable, golden["prob_iroas_gt_3"])
    assert close(reference.pretest_r2(test), golden["pretest_r2"])


def test_tbr_day_by_day() -> None:
    days = reference.tbr_days(golden_experiment("SC-90-power2"))
    for day, golden in zip(days, results("TBR-SC-1")["daily"], strict=True):
        assert str(day.day) == golden["date"]
        assert close(day.pointwise.location, golden["pointwise"])
        assert close(day.pointwise.se, golden["pointwise_se"])
        assert close(day.cumulative.location, golden["cumulative"])
        assert close(day.cumulative.se, golden["cumulative_se"])


@pytest.mark.parametrize("level", LEVELS)
def test_tbr_with_variable_cost(level: int) -> None:
    golden = results("TBR-VC-1")
    result = reference.tbr(golden_experiment(f"VC-{level}"))
    low, high = golden[f"fieller_ci{level}_two_sided"]
    assert close(result.spend, golden["cost"]["mu"])
    assert close(result.iroas, golden["ratio_of_locations"])
    assert close(result.iroas_low, low)
    assert close(result.iroas_high, high)


@pytest.mark.parametrize(
    ("case_id", "power"), [("GBR-SC-1", 2), ("GBR-SC-4-power1", 1), ("GBR-SC-3-power0", 0)]
)
def test_gbr(case_id: str, power: int) -> None:
    golden = results(case_id)
    result = reference.gbr(golden_experiment(f"SC-90-power{power}"), break_even=Decimal(3))
    low, high = golden["iroas_ci90_two_sided"]
    assert close(result.iroas, golden["iroas"])
    assert close(result.se / result.spend, golden["iroas_se"])
    assert close(result.iroas_low, low)
    assert close(result.iroas_high, high)
    assert close(result.incremental_revenue, golden["incremental_response"])
    assert close(result.prob_profitable, golden["prob_iroas_gt_3"])


def test_did() -> None:
    golden = results("DID-SC-1")
    test = golden_experiment("SC-90-power2")
    change = reference.did_change(test)
    low, high = golden["tau_ci90_two_sided_welch"]
    assert close(change.location, golden["tau_per_geo_day"])
    assert close(change.se, golden["welch_se"])
    assert close(change.df, golden["welch_df"])
    assert close(change.interval(Decimal("0.9"))[0], low)
    assert close(change.interval(Decimal("0.9"))[1], high)
    result = reference.did(test)
    assert close(result.incremental_revenue, golden["incremental_response"])
    assert close(result.iroas_low, golden["iroas_ci90_two_sided_welch"][0])


def test_did_ratio() -> None:
    golden = results("DID-SC-2-ratio")
    result = reference.did_ratio(golden_experiment("SC-90-power2"))
    assert close(result.incremental_revenue, golden["incremental_response"])
    assert close(result.iroas, golden["iroas"])


def test_pre_period() -> None:
    golden = results("NAIVE-SC-1")
    result = reference.pre_period(golden_experiment("SC-90-power2"))
    assert close(result.incremental_revenue, golden["incremental_response"])
    assert close(result.iroas, golden["iroas"])


@pytest.mark.parametrize("case_id", [case_id for case_id in CASE_IDS if case_id.startswith("TM")])
def test_trimmed_match(case_id: str) -> None:
    golden = results(case_id)
    result = trimmed_match(golden_experiment(case_id))
    # The public figures were computed with data moved by a trillionth to break ties.
    assert close(result.iroas, golden["iroas"], rel=1e-9)
    assert close(result.se, golden["se"], rel=1e-9)
    assert close(result.low, golden["ci"][0], rel=1e-6)
    assert close(result.high, golden["ci"][1], rel=1e-6)
    assert float(result.trim_rate) == golden["trim_rate"]


def test_synthetic_control() -> None:
    golden = results("SC-GL-1-demeaned")
    test = golden_experiment("GL")
    result = synthetic_control(test)
    assert close(result.incremental_revenue, golden["incremental"], rel=1e-6)
    for geo, weight in result.weights.items():
        assert float(weight) == pytest.approx(golden["weights"].get(geo, 0), abs=1e-7)
    for effect, att in zip(result.effects.values(), golden["daily_att"], strict=True):
        assert float(effect) / len(test.treatment) == pytest.approx(att, abs=1e-4)
