"""Figures against a plain recomputation, row by row."""

import math
from statistics import NormalDist, median
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pytest

from calibrate.bars import Bar, verdict
from calibrate.figures import figures_of_methods, figures_of_world
from calibrate.results import Results
from calibrate.uncertainty import Figure
from tests.python.calibrate.made_up import made_up

Row: TypeAlias = dict[str, Any]


@pytest.fixture(scope="module")
def results() -> Results:
    return made_up("default", 6)


def records(table: pd.DataFrame) -> list[Row]:
    return [dict(row) for _, row in table.iterrows()]


def default_rows(results: Results) -> list[Row]:
    """Default rows of experiments with the facts of the experiment, joined in plain Python."""
    facts = {(r["seed"], r["experiment_id"]): r for r in records(results.experiments)}
    return [
        facts[row["seed"], row["member_id"]] | row
        for row in records(results.estimates)
        if row["level"] == "experiment" and row["is_default"]
    ]


def test_figures_of_the_default_method(results: Results) -> None:
    every = default_rows(results)
    rows = [row for row in every if row["is_measurable"]]
    found = {name: figure.value for name, figure in figures_of_world(results).items()}
    z = NormalDist().inv_cdf(0.95)
    excludes = [row["ci_low"] > 0 or row["ci_high"] < 0 for row in rows]
    truth = sum(row["truth"] for row in rows)
    some = [0.10 <= row["truth"] / row["true_baseline"] <= 0.15 for row in rows]
    assert 1 < sum(some) < len(rows)
    expected = {
        "worlds": 6,
        "experiments": 72,
        "measured": 60,
        "not_measurable": 12 / 72,
        "coverage": sum(r["ci_low"] <= r["truth"] <= r["ci_high"] for r in rows) / 60,
        "without_zero": sum(excludes) / 60,
        "power": sum(e for e, row in zip(excludes, rows, strict=True) if row["truth"] != 0)
        / sum(row["truth"] != 0 for row in rows),
        "power_at_10_to_15": sum(e for e, is_some in zip(excludes, some, strict=True) if is_some)
        / sum(some),
        "detectable": median(r["minimum_detectable_revenue"] / r["true_baseline"] for r in rows),
        "width": median(row["ci_high"] - row["ci_low"] for row in rows)
        / median(2 * z * row["oracle_error"] * row["true_baseline"] for row in rows),
        "oracle_coverage": sum(
            abs(row["estimate"] - row["truth"]) <= z * row["oracle_error"] * row["true_baseline"]
            for row in rows
        )
        / 60,
        "bias": sum(row["estimate"] - row["truth"] for row in rows) / truth,
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected)
    measured = {(row["seed"], row["member_id"]) for row in rows}
    for method in ("attributed", "organic_projection"):
        said = [
            row
            for row in records(results.estimates)
            if (row["level"], row["method"]) == ("experiment", method)
            and (row["seed"], row["member_id"]) in measured
        ]
        bias = sum(row["estimate"] - row["truth"] for row in said) / truth
        assert found[f"bias_{method}"] == pytest.approx(bias)


def test_coverage_of_calibrated_levels(results: Results) -> None:
    found = figures_of_world(results)
    for level in ("campaign", "influencer", "persona"):
        rows = [
            row
            for row in records(results.estimates)
            if (row["level"], row["method"]) == (level, "calibrated") and row["is_measurable"]
        ]
        share = sum(r["ci_low"] <= r["truth"] <= r["ci_high"] for r in rows) / len(rows)
        assert 0 < share < 1 or level == "persona"
        assert found[f"coverage_{level}"].value == pytest.approx(share)


def test_rmse_of_campaigns_is_over_those_with_an_experiment(results: Results) -> None:
    found = figures_of_world(results)
    said = {
        (row["seed"], row["member_id"], row["method"]): row
        for row in records(results.estimates)
        if row["level"] == "campaign"
    }
    own = [(seed, member) for seed, member, method in said if method == "experiment"]

    def rmse(method: str) -> float:
        return math.sqrt(
            sum((said[*key, method]["estimate"] - said[*key, method]["truth"]) ** 2 for key in own)
        )

    calibrated, experiment, attributed = map(rmse, ("calibrated", "experiment", "attributed"))
    assert found["rmse_over_experiment"].value == pytest.approx(calibrated / experiment)
    assert found["rmse_over_attributed"].value == pytest.approx(calibrated / attributed)
    assert found["rmse_over_better"].value == pytest.approx(
        calibrated / min(experiment, attributed)
    )
    legacy = rmse("organic_projection")
    assert found["rmse_over_legacy"].value == pytest.approx(calibrated / legacy)


def test_oracle_of_campaigns_shrinks_with_what_is_true_of_its_world(results: Results) -> None:
    facts = {(r["seed"], r["experiment_id"]): r for r in records(results.experiments)}
    squares = {"calibrated": 0.0, "oracle": 0.0}
    said = {
        (row["seed"], row["member_id"]): row["estimate"]
        for row in records(results.estimates)
        if (row["level"], row["method"]) == ("campaign", "calibrated")
    }
    for seed, world in results.campaigns.groupby("seed"):
        factors = [
            row["truth"] / row["attributed_revenue"] for row in records(world) if row["is_regional"]
        ]
        mu, tau2 = float(np.mean(factors)), float(np.var(factors))
        for row in records(world):
            if math.isnan(row["experiment_factor"]):
                continue
            fact = facts[seed, row["campaign_id"]]
            error = fact["oracle_error"] * fact["true_baseline"] / row["attributed_in_experiment"]
            own = tau2 / (tau2 + error**2)
            shrunk = own * row["experiment_factor"] + (1 - own) * mu
            squares["oracle"] += (shrunk * row["attributed_revenue"] - row["truth"]) ** 2
            squares["calibrated"] += (said[seed, row["campaign_id"]] - row["truth"]) ** 2
    expected = math.sqrt(squares["calibrated"] / squares["oracle"])
    assert figures_of_world(results)["rmse_over_oracle"].value == pytest.approx(expected)


def test_ranking_counts_the_true_top_quarter(results: Results) -> None:
    hits: dict[str, list[int]] = {"sigmas": [], "iroas_low": [], "roas": []}
    for _, world in results.influencers.groupby("seed"):
        paid = [row for row in records(world) if row["spend"] > 0]
        assert len(paid) == 28
        for row in paid:
            half = row["iroas"] - row["iroas_low"]
            row["sigmas"] = (row["iroas"] - row["break_even"]) / half if half else math.nan
        best = sorted(paid, key=lambda row: -row["truth"] / row["spend"])[:7]
        top = {row["influencer_id"] for row in best}
        for column, counts in hits.items():
            shown = [row for row in paid if column == "roas" or row["verdict"] != "not measurable"]
            shown = sorted(shown, key=lambda row: -row[column])[:10]
            counts.append(sum(row["influencer_id"] in top for row in shown))
    found = figures_of_world(results)
    assert found["best_by_probability"].value == pytest.approx(np.mean(hits["sigmas"]))
    assert found["best_by_lower_bound"].value == pytest.approx(np.mean(hits["iroas_low"]))
    assert found["best_by_attributed"].value == pytest.approx(np.mean(hits["roas"]))
    assert found["best_by_chance"].value == pytest.approx(2.5)


def test_decisions_are_held_against_the_truth(results: Results) -> None:
    right: dict[str, list[bool]] = {"raise": [], "stop": []}
    gained = {"decisions": 0.0, "iroas": 0.0, "attributed": 0.0}
    spent = 0.0
    for row in results.influencers.to_dict("records"):
        if row["spend"] == 0:
            continue
        spent += row["spend"]
        profit = row["truth"] / 2 - row["spend"]
        if row["decision"] in right:
            right[row["decision"]].append((profit > 0) == (row["decision"] == "raise"))
            gained["decisions"] += profit if row["decision"] == "raise" else -profit
        if not math.isnan(row["iroas"]):
            gained["iroas"] += profit if row["iroas"] >= 2 else -profit
        gained["attributed"] += profit if row["roas"] >= 2 else -profit
    found = figures_of_world(results)
    for decision, hits in right.items():
        assert 0 < sum(hits) < len(hits)
        assert found[f"{decision}_right"].value == pytest.approx(np.mean(hits))
    for policy, gain in gained.items():
        assert found[f"gain_by_{policy}"].value == pytest.approx(gain / spent)


def test_methods_are_compared_where_there_is_a_default(results: Results) -> None:
    methods = figures_of_methods(results)
    assert list(methods) == [
        *("default", "attributed", "did_ratio_robust", "organic_projection", "tbr")
    ]
    assert methods["default"] == methods["did_ratio_robust"]
    rows = [row for row in default_rows(results) if row["is_measurable"]]
    errors = [row["estimate"] - row["truth"] for row in rows]
    assert methods["default"]["measured"].value == 60
    assert methods["default"]["rmse"].value == pytest.approx(np.sqrt(np.mean(np.square(errors))))
    assert math.isnan(methods["attributed"]["coverage"].value)


def test_a_world_without_effect_has_no_shares_of_it() -> None:
    found = figures_of_world(made_up("null", 3, has_effect=False))
    for name in ("bias", "power", "power_at_10_to_15", "best_by_lower_bound"):
        assert not np.isfinite(found[name].value), name
    assert 0 <= found["without_zero"].value <= 1


@pytest.mark.parametrize(
    ("value", "error", "judged"),
    [
        (0.87, 0.0, "hold"),
        (0.93, 0.0, "hold"),
        (0.9301, 0.0, "miss"),
        (0.94, 0.005, "close"),
        (0.94, 0.0049, "miss"),
        (0.85, 0.011, "close"),
        (0.85, float("nan"), "close"),
    ],
)
def test_bars_are_held_missed_or_too_close_to_tell(value: float, error: float, judged: str) -> None:
    assert Bar(0.87, 0.93).judge(Figure(value, error)) == judged


def test_bars_hold_for_their_worlds() -> None:
    assert verdict("without_zero", "null", Figure(0.5, 0.01)) == "miss"
    assert verdict("without_zero", "default", Figure(0.5, 0.01)) is None
    assert verdict("coverage", "halo", Figure(0.9, 0.01)) == "hold"
    assert verdict("coverage", "halo", Figure(float("nan"), 0.01)) is None
    assert verdict("power", "default", Figure(0.5, 0.01)) is None
