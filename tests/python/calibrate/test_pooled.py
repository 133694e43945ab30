"""Figures that are pooled over kinds of worlds, against a plain recomputation row by row."""

import math
from collections import defaultdict
from statistics import NormalDist, stdev
from typing import Any, TypeAlias

import numpy as np
import pytest

from calibrate.pooled import figures_given, figures_of_influencers, figures_of_totals
from calibrate.results import Results
from tests.python.calibrate.made_up import both, made_up

Row: TypeAlias = dict[Any, Any]
WIDTH_OF_A_STANDARD_ERROR = 2 * NormalDist().inv_cdf(0.95)


@pytest.fixture(scope="module")
def results() -> Results:
    """Two kinds of worlds; seeds 1 to 4 are in both."""
    return both(made_up("default", 6), made_up("halo", 4))


def estimates(results: Results, level: str) -> list[Row]:
    """What is shown of each member and has an interval."""
    return [
        row
        for row in results.estimates.to_dict("records")
        if row["level"] == level and row["is_default"] and row["is_measurable"]
    ]


def coverage(rows: list[Row]) -> float:
    return float(np.mean([row["ci_low"] <= row["truth"] <= row["ci_high"] for row in rows]))


def z(row: Row) -> float:
    standard_error = (row["ci_high"] - row["ci_low"]) / WIDTH_OF_A_STANDARD_ERROR
    return float((row["estimate"] - row["truth"]) / standard_error)


def by_world(rows: list[Row]) -> list[list[Row]]:
    worlds = defaultdict(list)
    for row in rows:
        worlds[row["world"], row["seed"]].append(row)
    return list(worlds.values())


def experiments(results: Results) -> list[Row]:
    facts = {
        (row["world"], row["seed"], row["experiment_id"]): row
        for row in results.experiments.to_dict("records")
    }
    return [
        facts[row["world"], row["seed"], row["member_id"]] | row
        for row in estimates(results, "experiment")
    ]


def test_quarters_are_of_all_experiments_of_the_column(results: Results) -> None:
    rows = sorted(
        experiments(results),
        key=lambda row: (row["ci_high"] - row["ci_low"]) / row["baseline_revenue"],
    )
    assert len(rows) == 100
    found = figures_given(results)
    for quarter in range(4):
        part = rows[25 * quarter : 25 * (quarter + 1)]
        assert found[f"covered_quarter_{quarter + 1}"].value == pytest.approx(coverage(part))
    # Those of one kind are others than its part of all.
    of_halo = sorted(
        (row for row in rows if row["world"] == "halo"),
        key=lambda row: (row["ci_high"] - row["ci_low"]) / row["baseline_revenue"],
    )
    narrowest = figures_given(results.world("halo"))["covered_quarter_1"].value
    assert narrowest == pytest.approx(coverage(of_halo[:10]))


def test_verdicts_are_right_wrong_and_too_high(results: Results) -> None:
    rows = experiments(results)
    found = {name: figure.value for name, figure in figures_given(results).items()}
    assert found["given_experiments"] == len(rows)
    for verdict in ("profitable", "unprofitable"):
        said = [row for row in rows if row["verdict"] == verdict]
        wrong = [
            row for row in said if (row["truth"] / row["spend"] > 1.5) != (verdict == "profitable")
        ]
        assert 5 < len(said) < len(rows)
        assert found[f"given_{verdict}"] == len(said)
        assert found[f"covered_{verdict}"] == pytest.approx(coverage(said))
        assert found[f"wrong_{verdict}"] == pytest.approx(len(wrong) / len(said))
    said = [row for row in rows if row["verdict"] == "profitable"]
    assert found["inflation_profitable"] == pytest.approx(
        sum(row["estimate"] for row in said) / sum(row["truth"] for row in said)
    )


def test_highest_are_those_of_each_world(results: Results) -> None:
    highest = [
        row
        for world in by_world(experiments(results))
        for row in sorted(world, key=lambda row: -row["estimate"] / row["spend"])[:3]
    ]
    assert len(highest) == 30
    found = figures_given(results)["covered_highest"].value
    assert found == pytest.approx(coverage(highest))


@pytest.mark.parametrize("total", ["portfolio", "campaigns", "outside campaigns"])
def test_totals_are_one_a_world(results: Results, total: str) -> None:
    rows = estimates(results, total)
    found = {name: figure.value for name, figure in figures_of_totals(results).items()}
    assert found[f"worlds_{total}"] == len(rows) == 10
    bias = sum(row["estimate"] for row in rows) / sum(row["truth"] for row in rows) - 1
    assert found[f"bias_{total}"] == pytest.approx(bias)
    assert found[f"covered_{total}"] == pytest.approx(coverage(rows))
    half = sum(row["ci_high"] - row["ci_low"] for row in rows) / 2
    assert found[f"half_width_{total}"] == pytest.approx(half / sum(row["truth"] for row in rows))
    assert found[f"spread_{total}"] == pytest.approx(stdev(z(row) for row in rows))


def test_influencers_where_a_reader_looks(results: Results) -> None:
    iroas = {
        (row["world"], row["seed"], row["influencer_id"]): row["iroas"]
        for row in results.influencers.to_dict("records")
    }
    rows = [
        row | {"iroas": iroas[row["world"], row["seed"], row["member_id"]]}
        for row in estimates(results, "influencer")
    ]
    smallest, best, worst = [], [], []
    for world in by_world(rows):
        ordered = sorted(world, key=lambda row: (row["attributed_revenue"], row["member_id"]))
        smallest += ordered[:7]  # of 30
        seen = sorted(
            (row for row in world if not math.isnan(row["iroas"])), key=lambda row: row["iroas"]
        )
        assert 20 < len(seen) < 30
        worst += seen[:10]
        best += seen[-10:]
    found = {name: figure.value for name, figure in figures_of_influencers(results).items()}
    assert found["covered_smallest"] == pytest.approx(coverage(smallest))
    assert found["covered_best"] == pytest.approx(coverage(best))
    assert found["covered_worst"] == pytest.approx(coverage(worst))
    spread = np.std([z(row) for row in rows], ddof=1)
    assert found["spread_influencers"] == pytest.approx(spread)


def test_an_interval_without_width_has_no_z() -> None:
    """One whose orders all came back has an estimate of zero without an error."""
    results = made_up("default", 2)
    rows = results.estimates
    is_it = (rows.level == "influencer") & (rows.member_id == "I00")
    sure = rows.assign(**{name: rows[name].mask(is_it, 0) for name in ("ci_low", "ci_high")})
    found = figures_of_influencers(
        Results(sure, results.experiments, results.campaigns, results.influencers)
    )
    others = [row for row in estimates(results, "influencer") if row["member_id"] != "I00"]
    assert found["spread_influencers"].value == pytest.approx(stdev(map(z, others)))


def test_worlds_of_one_seed_are_drawn_together() -> None:
    """The same worlds once more, under another name, tell nothing new."""
    once, again = made_up("default", 8), made_up("halo", 8)
    for figures in (figures_given, figures_of_totals, figures_of_influencers):
        alone, together = figures(once), figures(both(once, again))
        for name, figure in alone.items():
            if name.startswith(("covered", "bias", "wrong", "inflation")) and "quarter" not in name:
                assert together[name].value == pytest.approx(figure.value), name
                assert together[name].error == pytest.approx(figure.error, nan_ok=True), name
