"""Public reference figures, through the models as a user's own geo tests."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import pytest

from tests.python.incrementality.golden import (
    CASE_IDS,
    LEVELS,
    golden_cases,
    golden_experiment,
    golden_experiments,
    needs_reference,
)
from tests.python.incrementality.invariants import (
    MARTS,
    Published,
    Row,
    broken_invariants,
    read_published,
)
from tests.python.incrementality.panels import write_geo_tests
from tests.python.support import build_marts

pytestmark = [needs_reference, pytest.mark.build]

EXACT = 1e-9
APART_FROM_TIES = 1e-6  # Trimmed Match's reference breaks ties by moving the data a little.
SOLVER = 1e-6  # The reference's weights come from a numerical solver.


@dataclass(frozen=True)
class Figure:
    """A figure of the marts and what it has to be."""

    name: str
    value: float | None
    expected: float
    rel: float = EXACT
    absolute: float = 0


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    folder = tmp_path_factory.mktemp("golden")
    raw = write_geo_tests(folder / "raw", golden_experiments())
    build = build_marts(*MARTS, raw=raw, warehouse=folder / "warehouse")
    assert build.returncode == 0, build.output
    return read_published(build)


@pytest.fixture(scope="module")
def published_by_variables(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """Settings that an experiment does not give come from the project's variables."""
    folder = tmp_path_factory.mktemp("variables")
    geo_test = golden_experiment("SC-90-power2")
    raw = write_geo_tests(folder / "raw", [geo_test.without_settings()])
    variables = "{ci_level: 0.8, break_even: 3.0, gbr_weight_power: 1}"
    build = build_marts(*MARTS, raw=raw, warehouse=folder / "warehouse", variables=variables)
    assert build.returncode == 0, build.output
    return read_published(build)


def test_every_case_is_tested() -> None:
    assert sorted(golden_cases()) == sorted(CASE_IDS)


def test_invariants(published: Published) -> None:
    assert broken_invariants(published) == []


@pytest.mark.parametrize("case_id", CASE_IDS)
def test_case(case_id: str, published: Published) -> None:
    golden = golden_cases()[case_id]["results"]
    figures = list(figures_of(case_id, golden, published))
    assert figures
    wrong = [
        figure
        for figure in figures
        if figure.value != pytest.approx(figure.expected, rel=figure.rel, abs=figure.absolute)
    ]
    assert wrong == []


def figures_of(case_id: str, golden: dict[str, Any], published: Published) -> Iterator[Figure]:
    if case_id == "TBR-SC-1":
        for level in LEVELS:
            yield from tbr_fixed_cost(golden, published.methods[f"SC-{level}-power2", "tbr"], level)
        yield from tbr_days(golden, published)
    elif case_id == "TBR-VC-1":
        for level in LEVELS:
            yield from tbr_variable_cost(golden, published.methods[f"VC-{level}", "tbr"], level)
    elif case_id.startswith("GBR"):
        power = case_id[-1] if "power" in case_id else 2
        for level in LEVELS:
            row = published.methods[f"SC-{level}-power{power}", "gbr"]
            yield from gbr(golden, row, level)
    elif case_id == "DID-SC-1":
        for level in LEVELS:
            yield from did(golden, published.methods[f"SC-{level}-power2", "did"], level)
    elif case_id == "DID-SC-2-ratio":
        row = published.methods["SC-90-power2", "did_ratio"]
        yield from points(golden, row)
        yield Figure("baseline_revenue", row["baseline_revenue"], golden["counterfactual"])
        yield Figure("actual_revenue", row["actual_revenue"], golden["YT_test"])
    elif case_id == "NAIVE-SC-1":
        row = published.methods["SC-90-power2", "pre_period"]
        yield from points(golden, row)
        yield Figure("baseline_revenue", row["baseline_revenue"], golden["baseline"])
    elif case_id == "SC-GL-1-demeaned":
        yield from synthetic_control(golden, published)
    else:
        yield from trimmed_match(golden, published.methods[case_id, "trimmed_match"])


def iroas_se(row: Row) -> float | None:
    return row["se"] / row["spend"] if row["se"] and row["spend"] else None


def points(golden: dict[str, Any], row: Row) -> Iterator[Figure]:
    yield Figure("incremental_revenue", row["incremental_revenue"], golden["incremental_response"])
    yield Figure("iroas", row["iroas"], golden["iroas"])


def bounds(
    name: str, row: Row, low_name: str, high_name: str, expected: list[float], rel: float = EXACT
) -> Iterator[Figure]:
    yield Figure(f"{name} from", row[low_name], expected[0], rel)
    yield Figure(f"{name} to", row[high_name], expected[1], rel)


def tbr_fixed_cost(golden: dict[str, Any], row: Row, level: int) -> Iterator[Figure]:
    suffix = f"ci{level}_two_sided"
    yield from points(golden, row)
    yield Figure("se", row["se"], golden["se"])
    yield Figure("df", row["df"], golden["df"])
    yield Figure("iroas_se", iroas_se(row), golden["iroas_se"])
    yield Figure("spend", row["spend"], golden["incremental_cost"])
    yield Figure("ci_level", row["ci_level"], level / 100)
    expected = golden[f"incremental_response_{suffix}"]
    yield from bounds("incremental", row, "ci_low", "ci_high", expected)
    yield from bounds("iroas", row, "iroas_low", "iroas_high", golden[f"iroas_{suffix}"])
    yield Figure("lift", row["lift"], golden["relative_lift"])
    yield from bounds("lift", row, "lift_low", "lift_high", golden[f"relative_lift_{suffix}"])
    yield Figure("prob_positive", row["prob_positive"], golden["prob_gt_0"])
    yield Figure("prob_profitable", row["prob_profitable"], golden["prob_iroas_gt_1"])
    yield Figure("actual_revenue", row["actual_revenue"], golden["treatment_response_observed"])
    yield Figure("baseline_revenue", row["baseline_revenue"], golden["counterfactual"])
    yield Figure("pre_period_r2", row["pre_period_r2"], golden["pretest_r2"])
    yield Figure("pretest_days", row["pretest_days"], golden["n_pre"])
    yield Figure("test_days", row["test_days"], golden["n_test"])
    if level == 80:
        # The lower bound of a one-sided interval at 90 % is that of a two-sided one at 80 %.
        lower = golden["incremental_response_lower90_one_sided"]
        yield Figure("one-sided lower", row["ci_low"], lower)
        yield Figure("one-sided iroas", row["iroas_low"], golden["iroas_lower90_one_sided"])
        precision = golden["incremental_response_precision90_one_sided"]
        yield Figure("precision", row["incremental_revenue"] - row["ci_low"], precision)
        precision = golden["iroas_precision90_one_sided"]
        yield Figure("iroas precision", row["iroas"] - row["iroas_low"], precision)


def tbr_days(golden: dict[str, Any], published: Published) -> Iterator[Figure]:
    """Every day of the test. Half an interval is what t makes of a standard error."""
    row = published.methods["SC-90-power2", "tbr"]
    t = (row["ci_high"] - row["ci_low"]) / 2 / row["se"]
    days = published.days["SC-90-power2", "tbr"]
    test_days = [day for day in days if day["cumulative_incremental"] is not None]
    assert len(days) == golden["n_pre"] + golden["n_test"]
    for day, expected in zip(test_days, golden["daily"], strict=True):
        name = expected["date"]
        assert str(day["date_day"]) == name
        pointwise = day["actual"] - day["baseline"]
        half_width = (day["baseline_high"] - day["baseline_low"]) / 2
        yield Figure(f"pointwise {name}", pointwise, expected["pointwise"])
        yield Figure(f"pointwise_se {name}", half_width / t, expected["pointwise_se"])
        total = day["cumulative_incremental"]
        yield Figure(f"cumulative {name}", total, expected["cumulative"])
        se = expected["cumulative_se"]
        yield Figure(f"cumulative to {name}", day["cumulative_high"], total + t * se)
        yield Figure(f"cumulative from {name}", day["cumulative_low"], total - t * se)


def tbr_variable_cost(golden: dict[str, Any], row: Row, level: int) -> Iterator[Figure]:
    yield Figure("incremental_revenue", row["incremental_revenue"], golden["response"]["mu"])
    yield Figure("se", row["se"], golden["response"]["se"])
    yield Figure("df", row["df"], golden["response"]["df"])
    yield Figure("spend", row["spend"], golden["cost"]["mu"])
    yield Figure("iroas", row["iroas"], golden["ratio_of_locations"])
    expected = golden[f"fieller_ci{level}_two_sided"]
    yield from bounds("iroas", row, "iroas_low", "iroas_high", expected)
    # Simulated by the reference, so that only the first digits agree.
    yield from bounds(
        "iroas", row, "iroas_low", "iroas_high", golden["r_sim_1e6"][f"ci{level}"][1:], 5e-4
    )


def gbr(golden: dict[str, Any], row: Row, level: int) -> Iterator[Figure]:
    yield from points(golden, row)
    yield Figure("df", row["df"], golden["df"])
    yield Figure("iroas_se", iroas_se(row), golden["iroas_se"])
    yield Figure("spend", row["spend"], golden["incremental_cost"])
    expected = golden[f"iroas_ci{level}_two_sided"]
    yield from bounds("iroas", row, "iroas_low", "iroas_high", expected)
    in_revenue = [bound * golden["incremental_cost"] for bound in expected]
    yield from bounds("incremental", row, "ci_low", "ci_high", in_revenue)
    yield Figure("prob_positive", row["prob_positive"], golden["prob_iroas_gt_0"])
    yield Figure("prob_profitable", row["prob_profitable"], golden["prob_iroas_gt_1"])
    if level == 80:
        yield Figure("one-sided iroas", row["iroas_low"], golden["iroas_lower90_one_sided"])
        precision = golden["iroas_precision90_one_sided"]
        yield Figure("iroas precision", row["iroas"] - row["iroas_low"], precision)


def did(golden: dict[str, Any], row: Row, level: int) -> Iterator[Figure]:
    geo_days = golden["n_treat"] * 28
    yield from points(golden, row)
    yield Figure("tau", row["incremental_revenue"] / geo_days, golden["tau_per_geo_day"])
    yield Figure("welch_se", row["se"] / geo_days, golden["welch_se"])
    yield Figure("welch_df", row["df"], golden["welch_df"])
    yield Figure("iroas_se", iroas_se(row), golden["iroas_se_welch"])
    yield Figure("spend", row["spend"], golden["incremental_cost"])
    expected = [bound * geo_days for bound in golden[f"tau_ci{level}_two_sided_welch"]]
    yield from bounds("incremental", row, "ci_low", "ci_high", expected)
    if level == 90:
        expected = golden["iroas_ci90_two_sided_welch"]
        yield from bounds("iroas", row, "iroas_low", "iroas_high", expected)
    yield Figure("geos_treated", row["geos_treated"], golden["n_treat"])
    yield Figure("geos_control", row["geos_control"], golden["n_control"])
    yield Figure("missing_geo_days", row["missing_geo_days"], 67)


def synthetic_control(golden: dict[str, Any], published: Published) -> Iterator[Figure]:
    row = published.methods["GL", "synthetic_control"]
    geo_days = 2 * len(golden["daily_att"])
    incremental = row["incremental_revenue"]
    yield Figure("incremental", incremental, golden["incremental"], SOLVER)
    yield Figure("att", incremental / geo_days, golden["att"], SOLVER)
    yield Figure("lift", row["lift"], golden["lift"], SOLVER)
    yield Figure("spend", row["spend"], 65000)
    yield Figure("iroas", row["iroas"], golden["incremental"] / 65000, SOLVER)
    days = published.days["GL", "synthetic_control"][-len(golden["daily_att"]) :]
    totals = list(accumulate(golden["daily_att"]))
    for day, att, total in zip(days, golden["daily_att"], totals, strict=True):
        # A day's effect is the small difference of two figures a hundred times as large.
        name, scale = day["date_day"], SOLVER * golden["att"]
        gap = day["actual"] - day["baseline"]
        yield Figure(f"daily_att {name}", gap / 2, att, SOLVER, scale)
        yield Figure(
            f"cumulative {name}", day["cumulative_incremental"], 2 * total, SOLVER, 2 * scale
        )


def trimmed_match(golden: dict[str, Any], row: Row) -> Iterator[Figure]:
    yield Figure("iroas", row["iroas"], golden["iroas"])
    yield Figure("iroas_se", iroas_se(row), golden["se"])
    yield Figure("trim_rate", row["trim_rate"], golden["trim_rate"])
    yield Figure("pairs", row["pairs"], golden["n_pairs"])
    expected = golden["ci"]
    yield from bounds("iroas", row, "iroas_low", "iroas_high", expected, APART_FROM_TIES)
    if "incremental_cost" in golden:
        yield Figure("spend", row["spend"], golden["incremental_cost"])
        yield Figure(
            "incremental_revenue", row["incremental_revenue"], golden["incremental_response"]
        )


@pytest.mark.parametrize("method", ["pre_period", "did", "did_ratio", "tbr", "gbr"])
def test_the_same_panel_gives_the_same_estimate(method: str, published: Published) -> None:
    """To the last bit, whatever the level of the interval."""
    rows = [published.methods[f"SC-{level}-power2", method] for level in LEVELS]
    assert len({(row["incremental_revenue"], row["se"], row["df"]) for row in rows}) == 1


def test_settings_as_variables(published_by_variables: Published) -> None:
    assert broken_invariants(published_by_variables) == []
    (experiment_id,) = published_by_variables.experiment_ids
    tbr_row = published_by_variables.methods[experiment_id, "tbr"]
    gbr_row = published_by_variables.methods[experiment_id, "gbr"]
    tbr_golden = golden_cases()["TBR-SC-1"]["results"]
    gbr_golden = golden_cases()["GBR-SC-4-power1"]["results"]
    for row, golden in ((tbr_row, tbr_golden), (gbr_row, gbr_golden)):
        low, high = golden["iroas_ci80_two_sided"]
        assert row["ci_level"] == 0.8
        assert row["break_even"] == 3
        assert row["iroas_low"] == pytest.approx(low, rel=EXACT)
        assert row["iroas_high"] == pytest.approx(high, rel=EXACT)
        assert row["prob_profitable"] == pytest.approx(golden["prob_iroas_gt_3"], rel=EXACT)
        assert row["verdict"] == "inconclusive"
