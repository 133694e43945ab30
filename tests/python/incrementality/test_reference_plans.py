"""Reference methods of planners in Python, against what the public packages said."""

import json
from decimal import Decimal
from itertools import product
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.optimize import minimize
from scipy.special import gammaln
from scipy.stats import norm, t

from estimators.reference import assurance, conformal_power, geox, t_test
from estimators.reference.paired_designs import (
    Pairs,
    Spending,
    differences,
    every_assignment,
    minimum_detectable_iroas,
    rmse,
    rmse_of_alike_spend,
)
from estimators.reference.trimmed_match import trimmed_match
from tests.python.incrementality.reference_trimmed_match import Pair, best_of
from tests.python.incrementality.test_planner_references import GOLDEN, pretest
from tests.python.incrementality.trimmed_match_models import Design, run_models
from tests.python.support import REFERENCE
from tests.python.viewer import tiny

Floats = NDArray[np.float64]
WITHOUT_NUMBERS = pytest.mark.skipif(
    not GOLDEN.is_file(), reason="the reference numbers are not beside the project"
)
SPENDING = {"HEAVY_UP": Spending.HEAVY_UP, "HOLD_BACK": Spending.HOLD_BACK}


def golden(name: str) -> dict[str, Any]:
    cases = json.loads(GOLDEN.read_text(encoding="utf-8"))["cases"]
    [case] = [case for case in cases if case["id"] == name]
    return dict(case)


# --- Pairs of regions and Trimmed Match ---------------------------------------------------------


def pairs_of(case: dict[str, Any], geos: list[str]) -> Pairs:
    sales = pd.read_csv(REFERENCE / "geo" / case["input"]["file"], dtype={"geo": str})
    evaluated = sales[sales.period == case["input"]["period"]].groupby("geo")
    return Pairs(
        evaluated.sales.sum()[geos].to_numpy().reshape(-1, 2),
        evaluated.cost.sum()[geos].to_numpy().reshape(-1, 2),
    )


@WITHOUT_NUMBERS
@pytest.mark.parametrize("name", ["PL-TM-1", "PL-TM-2"])
def test_golden_designs_of_pairs(name: str) -> None:
    case = golden(name)
    wanted, chosen = case["results"], case["settings"]
    tolerance = case["tolerance"]["relative"]
    pairs = pairs_of(case, case["input"]["geos_by_pair"])
    second = np.array([[bit == "1" for bit in row] for row in case["input"]["assignments"]])
    spending = SPENDING[chosen["type"]]
    drawn = differences(pairs, second, chosen["budget"], chosen["iroas"], spending)
    found = trimmed_match(*drawn, chosen["max_trim_rate"])
    error = rmse(
        *(pairs, second, chosen["budget"], chosen["iroas"], spending, chosen["max_trim_rate"])
    )
    missed = found.iroas - chosen["iroas"]
    assert (len(pairs.spend), len(second)) == (wanted["pairs"], wanted["simulations"])
    assert error == pytest.approx(wanted["rmse"], rel=tolerance)
    assert missed.mean() == pytest.approx(wanted["bias"], rel=tolerance, abs=tolerance * error)
    assert missed.std(ddof=1) == pytest.approx(wanted["std"], rel=tolerance)
    assert found.iroas[:5].tolist() == pytest.approx(wanted["first_estimates"], rel=tolerance)
    assert found.trim_rate[:5].tolist() == pytest.approx(wanted["first_trim_rates"], rel=1e-12)
    assert found.trim_rate.mean() == pytest.approx(wanted["mean_trim_rate"], rel=1e-12)
    for level, power in ((0.9, 0.8), (0.9, 0.9), (0.95, 0.8)):
        number = f"minimum_detectable_iroas_sig{100 - 100 * level:.0f}_power{100 * power:.0f}"
        detectable = minimum_detectable_iroas(error, level, power)
        assert detectable == pytest.approx(wanted[number], rel=tolerance)


@WITHOUT_NUMBERS
@pytest.mark.parametrize("name", ["PL-TM-1", "PL-TM-2"])
def test_models_of_experiments_say_the_same_of_drawn_assignments(name: str) -> None:
    """What measures experiments that ran, in SQL, with its intervals."""
    case = golden(name)
    wanted, chosen = case["results"], case["settings"]
    pairs = pairs_of(case, case["input"]["geos_by_pair"])
    second = np.array([[bit == "1" for bit in row] for row in case["input"]["assignments"][:5]])
    responses, costs = differences(
        pairs, second, chosen["budget"], chosen["iroas"], SPENDING[chosen["type"]]
    )
    designs = [
        Design(
            [round(Decimal(float(value)), 9) for value in dx],
            [round(Decimal(float(value)), 9) for value in dy],
            ci_level=chosen["confidence"],
            trim_rate=chosen["trim_rate"] if chosen["trim_rate"] == 0 else None,
            max_trim_rate=chosen["max_trim_rate"],
        )
        for dy, dx in zip(responses, costs, strict=True)
    ]
    rows, _ = run_models(designs)
    for column, number in (
        ("iroas", "estimates"),
        ("iroas_low", "ci_low"),
        ("iroas_high", "ci_up"),
    ):
        found = [row[column] for row in rows]
        assert found == pytest.approx(wanted[f"first_{number}"], rel=1e-8), column


@WITHOUT_NUMBERS
def test_golden_design_over_every_assignment() -> None:
    case = golden("PL-TM-4")
    wanted, chosen = case["results"], case["settings"]
    tolerance = case["tolerance"]["relative"]
    pairs = pairs_of(case, wanted["geos"])
    assert pairs.response.ravel().tolist() == pytest.approx(wanted["response"], rel=tolerance)
    assert pairs.spend.ravel().tolist() == pytest.approx(wanted["spend"], rel=tolerance)
    second = every_assignment(len(pairs.spend))
    assert len(second) == wanted["assignments"]
    settings_of = (chosen["budget"], chosen["iroas"], Spending.HOLD_BACK)
    found = trimmed_match(*differences(pairs, second, *settings_of), 0).iroas
    error = rmse(pairs, second, *settings_of, max_trim_rate=0)
    assert error == pytest.approx(wanted["rmse"], rel=tolerance)
    assert found.min() == pytest.approx(wanted["smallest"], rel=tolerance)
    assert found.max() == pytest.approx(wanted["largest"], rel=tolerance)
    assert found.mean() - chosen["iroas"] == pytest.approx(wanted["bias"], abs=tolerance)
    closed = rmse_of_alike_spend(pairs.response, chosen["budget"])
    assert closed == pytest.approx(wanted["first_order_rmse"], rel=tolerance)
    detectable = minimum_detectable_iroas(error)
    assert detectable == pytest.approx(
        wanted["minimum_detectable_iroas_sig10_power80"], rel=tolerance
    )


@st.composite
def paired(draw: st.DrawFn, most: int = 7, alike: bool = False) -> Pairs:
    count = draw(st.integers(3, most))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    response = random.gamma(4, 1000, (count, 1)) * random.uniform(0.8, 1.25, (count, 2))
    spend = response.mean(axis=1, keepdims=True) * random.uniform(0.02, 0.05, (count, 1))
    return Pairs(response, spend * (np.ones(2) if alike else random.uniform(0.9, 1.1, (count, 2))))


@settings(max_examples=12, deadline=None)
@given(paired(6, alike=True), st.floats(0, 5), st.floats(100, 1e6), st.sampled_from([0, 0.25]))
def test_error_of_alike_pairs_is_the_same_for_any_return_and_any_kind_of_test(
    pairs: Pairs, iroas: float, budget: float, trim: float
) -> None:
    second = every_assignment(len(pairs.spend))
    of_none = rmse(pairs, second, budget, max_trim_rate=trim)
    for spending in Spending:
        assert rmse(pairs, second, budget, iroas, spending, trim) == pytest.approx(
            of_none, rel=1e-6
        )


@settings(max_examples=25, deadline=None)
@given(paired(alike=True), st.floats(100, 1e6))
def test_closed_form_is_the_error_over_every_assignment(pairs: Pairs, budget: float) -> None:
    exact = rmse(pairs, every_assignment(len(pairs.spend)), budget, max_trim_rate=0)
    assert rmse_of_alike_spend(pairs.response, budget) == pytest.approx(exact, rel=1e-9)


@settings(max_examples=8, deadline=None)
@given(paired(6), st.floats(0.01, 1000))
def test_money_scales(pairs: Pairs, scale: float) -> None:
    second = every_assignment(len(pairs.spend))
    scaled = Pairs(pairs.response * scale, pairs.spend * scale)
    assert rmse(scaled, second, 5000 * scale) == pytest.approx(rmse(pairs, second, 5000), rel=1e-6)
    assert rmse(pairs, second, 5000 * scale) == pytest.approx(
        rmse(pairs, second, 5000) / scale, rel=1e-6
    )


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-999, 999), st.integers(1, 99)), min_size=3, max_size=12),
    st.sampled_from([0.0, 0.1, 0.25, 0.4]),
)
def test_trimmed_match_as_roots_of_the_trimmed_mean(
    drawn: list[tuple[int, int]], max_trim_rate: float
) -> None:
    """Against decimal arithmetic that looks for changes of sign between breakpoints."""
    wanted, error = best_of([Pair(Decimal(y), Decimal(x)) for y, x in drawn], max_trim_rate)
    responses, costs = np.array(drawn, float).T
    found = trimmed_match(responses[None], costs[None], max_trim_rate)
    if error > 1e-9:  # else several zeros are as good
        assert found.iroas[0] == pytest.approx(float(wanted), rel=1e-8, abs=1e-8)


def test_pairs_that_cannot_be_judged() -> None:
    with pytest.raises(ValueError, match="no region spends"):
        Pairs(np.ones((3, 2)), np.zeros((3, 2)))
    with pytest.raises(ValueError, match="pairs by two regions"):
        Pairs(np.ones((3, 2)), np.ones((2, 2)))
    with pytest.raises(ValueError, match="too many"):
        every_assignment(21)
    with pytest.raises(ValueError, match="two pairs"):
        trimmed_match(np.ones((1, 1)), np.ones((1, 1)), 0)
    cancelled = trimmed_match(np.ones((1, 2)), np.array([[1.0, -1.0]]), 0)
    assert np.isnan(cancelled.iroas[0])


def test_every_assignment_once() -> None:
    rows = {tuple(row) for row in every_assignment(3).tolist()}
    assert rows == set(product([False, True], repeat=3))


# --- Student's t --------------------------------------------------------------------------------


def changes_of(case: dict[str, Any]) -> tuple[Floats, Floats]:
    table = pretest(case).pivot_table(index="geo", columns="date", values="sales", fill_value=0)
    change = table.iloc[:, -28:].mean(axis=1) - table.iloc[:, :14].mean(axis=1)
    arms = pretest(case).groupby("geo").group.first()
    return change[arms == "treatment"].to_numpy(), change[arms == "control"].to_numpy()


@WITHOUT_NUMBERS
def test_golden_power_of_the_t_test() -> None:
    case = golden("PL-SM-1")
    wanted, tolerance = case["results"], case["tolerance"]["relative"]
    treated, control = changes_of(case)
    counts = len(treated), len(control)
    assert counts == (wanted["n_treated"], wanted["n_control"])
    assert treated.mean() == pytest.approx(wanted["mean_treated"], rel=tolerance)
    assert control.mean() == pytest.approx(wanted["mean_control"], rel=tolerance)
    sd = t_test.pooled_sd(treated, control)
    assert sd == pytest.approx(wanted["sd_pooled"], rel=tolerance)
    total = sd * len(treated) * 28
    for alpha in case["settings"]["alpha"]:
        row = wanted[f"alpha={alpha}"]
        size = t_test.minimum_effect_size(*counts, alpha)
        assert size == pytest.approx(row["effect_size"], rel=tolerance)
        assert size * sd == pytest.approx(row["mde_per_geo_day"], rel=tolerance)
        assert size * total == pytest.approx(row["mde_total"], rel=tolerance)
        assert t_test.power(size, *counts, alpha) == pytest.approx(
            row["power_at_that_effect"], rel=tolerance
        )
        quantiles = t_test.sum_of_quantiles(*counts, alpha)
        assert quantiles * total == pytest.approx(row["approximation_t_plus_t"], rel=tolerance)
    for effect, power in wanted["power_by_effect_total"].items():
        found = t_test.power(float(effect) / total, *counts, 0.1)
        assert found == pytest.approx(power, rel=tolerance)


@settings(max_examples=15, deadline=None)
@given(st.floats(0, 3), st.integers(2, 12), st.integers(2, 12), st.sampled_from([0.05, 0.1, 0.2]))
def test_power_is_the_chance_over_scatters(
    size: float, treated: int, control: int, alpha: float
) -> None:
    """The same by integrating over the standard deviation that is found, a root of chi squared."""
    freedom = treated + control - 2
    shift = size / np.sqrt(1 / treated + 1 / control)
    critical = t.ppf(1 - alpha / 2, freedom)

    def at(scatter: float) -> float:
        log = (freedom - 1) * np.log(scatter) - freedom * scatter**2 / 2
        log += np.log(2) * (1 - freedom / 2) + freedom / 2 * np.log(freedom) - gammaln(freedom / 2)
        beyond = norm.sf(critical * scatter - shift) + norm.cdf(-critical * scatter - shift)
        return float(np.exp(log) * beyond)

    wanted, _ = quad(at, 0, 12, points=[0.5, 1, 2], limit=200)
    assert t_test.power(size, treated, control, alpha) == pytest.approx(wanted, abs=1e-7)


@settings(max_examples=30, deadline=None)
@given(
    st.integers(1, 30), st.integers(2, 30), st.sampled_from([0.05, 0.1, 0.2]), st.floats(0.5, 0.95)
)
def test_the_smallest_effect_has_the_power(
    treated: int, control: int, alpha: float, wanted: float
) -> None:
    size = t_test.minimum_effect_size(treated, control, alpha, wanted)
    assert t_test.power(size, treated, control, alpha) == pytest.approx(wanted, abs=1e-9)
    assert t_test.minimum_effect_size(control, treated, alpha, wanted) == pytest.approx(size)
    assert t_test.minimum_effect_size(treated, control + 1, alpha, wanted) < size


def test_groups_without_scatter_have_no_t_test() -> None:
    with pytest.raises(ValueError, match="two regions in each"):
        t_test.pooled_sd(np.ones(1), np.ones(4))
    with pytest.raises(ValueError, match="no effect"):
        t_test.minimum_effect_size(1, 1)
    with pytest.raises(ValueError, match="no effect"):
        t_test.minimum_effect_size(4, 4, 0.1, 0.1)


# --- GeoLift ------------------------------------------------------------------------------------


def walkthrough(case: dict[str, Any]) -> tuple[Floats, Floats]:
    table = pretest(case).pivot_table(index="date", columns="geo", values="sales")
    treated = ["chicago", "portland"]
    return table[treated].mean(axis=1).to_numpy(), table.drop(columns=treated).to_numpy()


@WITHOUT_NUMBERS
def test_golden_power_of_geolift() -> None:
    case = golden("PL-GL-1")
    chosen, wanted = case["settings"], case["results"]
    treated, donors = walkthrough(case)
    length, windows = chosen["treatment_periods"], chosen["lookback_window"]
    for effect, row in wanted["table"].items():
        raised = treated.copy()
        raised[-length:] *= 1 + float(effect)
        found = conformal_power.p_value(raised, donors, length)
        assert [found] == pytest.approx(row["p_values"], abs=1e-12)
        share = conformal_power.power(
            treated, donors, length, float(effect), windows, chosen["alpha"]
        )
        assert share == row["power"]
    smallest = conformal_power.minimum_detectable_effect(
        treated, donors, length, [float(effect) for effect in wanted["table"]]
    )
    assert smallest == wanted["minimum_detectable_effect"]


@st.composite
def histories(draw: st.DrawFn) -> tuple[Floats, Floats]:
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    periods, donors = draw(st.integers(8, 40)), draw(st.integers(1, 12))
    week = 1 + 0.3 * np.sin(np.arange(periods))[:, None]
    size = random.gamma(3, 300, donors + 1)
    sales = size * week * np.exp(random.normal(0, 0.1, (periods, donors + 1)))
    return sales[:, 0], sales[:, 1:]


@settings(max_examples=40, deadline=None)
@given(histories())
def test_no_other_weights_come_closer(history: tuple[Floats, Floats]) -> None:
    """Conditions of Karush, Kuhn and Tucker: no donor would help, those that are used are even."""
    target, donors = history
    found = conformal_power.weights(target, donors)
    assert found.sum() == pytest.approx(1) and (found >= 0).all()
    slope = donors.T @ (donors @ found - target) / (target @ target)
    assert (slope >= slope @ found - 1e-9).all()


def test_weights_as_a_general_solver_finds_them() -> None:
    random = np.random.default_rng(4)
    donors = random.gamma(5, 1, (30, 5))
    target = donors @ [0.5, 0.3, 0.2, 0, 0] + random.normal(0, 0.3, 30)
    searched = minimize(
        lambda w: ((target - donors @ w) ** 2).sum(),
        np.full(5, 0.2),
        method="SLSQP",
        bounds=[(0, 1)] * 5,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
        options={"ftol": 1e-14, "maxiter": 500},
    )
    assert conformal_power.weights(target, donors) == pytest.approx(searched.x, abs=1e-5)


@settings(max_examples=25, deadline=None)
@given(histories(), st.integers(1, 4), st.floats(0.01, 1000), st.floats(0, 0.5))
def test_p_values_count_rotations(
    history: tuple[Floats, Floats], length: int, scale: float, effect: float
) -> None:
    treated, donors = history[0].copy(), history[1]
    treated[-length:] *= 1 + effect
    found = conformal_power.p_value(treated, donors, length)
    periods = len(treated)
    target, others = treated - treated.mean(), donors - donors.mean(axis=0)
    residuals = target - others @ conformal_power.weights(target, others)
    sums = [np.abs(np.roll(residuals, turn)[-length:]).sum() for turn in range(periods)]
    assert found == pytest.approx(np.mean(np.array(sums) >= sums[0] * (1 - 1e-12)), abs=1e-12)
    assert 1 / periods <= found <= 1
    assert conformal_power.p_value(treated * scale, donors * scale, length) == pytest.approx(found)


def test_windows_go_back_a_period_each() -> None:
    random = np.random.default_rng(8)
    donors = random.gamma(50, 1, (30, 4))
    treated = donors[:, :2].mean(axis=1) + random.normal(0, 2, 30)
    each = [
        conformal_power.power(treated[: 30 - back], donors[: 30 - back], 3, 0.05)
        for back in range(6)
    ]
    together = conformal_power.power(treated, donors, 3, 0.05, windows=6)
    assert 0 < together < 1
    assert together == pytest.approx(np.mean(each))


def test_what_geolift_cannot_find() -> None:
    flat = np.full(20, 10.0)
    with pytest.raises(ValueError, match="no donor"):
        conformal_power.power(flat, np.zeros((20, 0)), 4, 0.1)
    with pytest.raises(ValueError, match="no period"):
        conformal_power.power(flat, np.ones((20, 2)), 10, 0.1, windows=11)
    noise = np.random.default_rng(1).gamma(9, 1, (20, 3))
    assert conformal_power.minimum_detectable_effect(noise[:, 0], noise[:, 1:], 4, [0.001]) is None


# --- Meridian GeoX ------------------------------------------------------------------------------


@WITHOUT_NUMBERS
def test_golden_designs_of_geox() -> None:
    case = golden("PL-GX-1")
    wanted, chosen = case["results"], case["settings"]
    tolerance = case["tolerance"]["relative"]
    first, last = case["input"]["dates"]
    sales = pd.read_csv(REFERENCE / "geo" / case["input"]["file"], dtype={"geo": str})
    sales = sales[sales.date.between(first, last)]
    table = sales.pivot_table(index="geo", columns="date", values="sales", fill_value=0)
    masks = np.array([[bit == "1" for bit in row] for row in case["input"]["masks"]])
    responses = table.loc[case["input"]["geos"]].to_numpy()
    found = geox.judge(responses, masks, chosen["days"], chosen["alpha"], chosen["power"])
    assert found.error == pytest.approx(wanted["se_of_effects"], rel=tolerance)
    assert found.minimum_detectable == pytest.approx(wanted["mde_abs_per_geo_day"], rel=tolerance)
    for values, number in (
        (found.effects, "effects"),
        (found.share, "mde_share"),
        (found.p_values, "p_values"),
        (found.r2, "r2"),
        (found.total, "mde_total"),
    ):
        assert values.tolist() == pytest.approx(wanted[number], rel=tolerance), number


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 6), st.floats(0.01, 1000))
def test_geox_fits_a_line_to_each_design(seed: int, length: int, scale: float) -> None:
    random = np.random.default_rng(seed)
    responses = random.gamma(9, 10, (6, 3 * length + 4)) * (1 + random.gamma(2, 1, (6, 1)))
    masks = every_assignment(6)[1:-1]
    masks = masks[random.permutation(len(masks))[:8]]
    found = geox.judge(responses, masks, length)
    for mask, effect in zip(masks, found.effects, strict=True):
        y, x = responses[mask].mean(axis=0), responses[~mask].mean(axis=0)
        slope, level = np.polyfit(x[:-length], y[:-length], 1)
        if slope < 0:
            slope, level = 0.0, y[:-length].mean()
        assert effect == pytest.approx((y - level - slope * x)[-length:].mean(), abs=1e-8)
    scaled = geox.judge(responses * scale, masks, length)
    assert scaled.total == pytest.approx(found.total * scale)
    assert scaled.share == pytest.approx(found.share)
    assert found.total == pytest.approx(found.minimum_detectable * masks.sum(axis=1) * length)


def test_designs_that_geox_cannot_judge() -> None:
    with pytest.raises(ValueError, match="some geos"):
        geox.judge(np.ones((3, 30)), np.ones((1, 3), bool), 5)
    with pytest.raises(ValueError, match="two dates"):
        geox.judge(np.ones((3, 11)), np.array([[True, False, False]]), 5)


# --- Assurance ----------------------------------------------------------------------------------


@WITHOUT_NUMBERS
def test_golden_assurance() -> None:
    case = golden("PL-CP-1")
    wanted, chosen, tolerance = case["results"], case["settings"], case["tolerance"]
    trial = assurance.Trial(chosen["sigma"], chosen["tau"], chosen["threshold"], chosen["rope"])
    belief = chosen["effect_mean"], chosen["effect_sd"]
    found = assurance.assurance(trial, *belief)
    assert found == pytest.approx(wanted["assurance_closed_form"], abs=tolerance["closed_form"])
    assert assurance.false_positives(trial) == pytest.approx(
        wanted["false_positive_closed_form"], abs=tolerance["closed_form"]
    )
    counted = assurance.simulated_assurance(trial, *belief, chosen["replications"], seed=3)
    assert counted == pytest.approx(wanted["assurance_simulated"], abs=tolerance["simulated"])


amounts = st.floats(0.1, 10)


@settings(max_examples=20, deadline=None)
@given(amounts, amounts, amounts, st.floats(-5, 15), st.floats(0.6, 0.99), st.floats(-2, 2))
def test_assurance_is_power_averaged_over_the_belief(
    error: float, spread: float, sd: float, mean: float, threshold: float, least: float
) -> None:
    trial = assurance.Trial(error, spread, threshold, least)
    truth = mean + sd * np.linspace(-8, 8, 40_001)
    power = norm.sf((least + norm.ppf(threshold) * error - truth) / spread)
    averaged = np.trapezoid(power * norm.pdf(truth, mean, sd), truth)
    assert assurance.assurance(trial, mean, sd) == pytest.approx(averaged, abs=1e-6)
    counted = assurance.simulated_assurance(trial, mean, sd, 20_000, seed=5)
    assert counted == pytest.approx(averaged, abs=0.02)


@settings(max_examples=15, deadline=None)
@given(amounts, st.floats(0, 10), st.floats(-3, 9), st.floats(0.5, 3))
def test_verdicts_of_plans_are_an_assurance(
    error: float, sd: float, mean: float, break_even: float
) -> None:
    """Of a test whose estimates scatter as its error says, and that has to beat break-even."""
    rows = f"{error * 7!r} as revenue_se, 0 as spill_over_error, 700 as baseline_revenue"
    with duckdb.connect() as connection:
        connection.execute("create schema marts; use marts")
        connection.execute(tiny.functions())
        connection.execute(f"create view plans as select {rows}")
        connection.execute(
            f"create view returns as select {mean!r} as expected_iroas, {sd!r} as iroas_sd"
        )
        options = f"budget := 7, break_even := {break_even!r}, ci_level := 0.9"
        [(found,)] = connection.execute(
            f"select prob_found_profitable from plan_outcomes('plans', 'returns', {options})"
        ).fetchall()
    trial = assurance.Trial(error, error, 0.95, break_even)
    assert found == pytest.approx(assurance.assurance(trial, mean, sd), abs=1e-9)
