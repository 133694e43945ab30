"""What orders of influencers keep and cut, against sums by hand and a plain recomputation."""

import math
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from calibrate.money import figures_of_money, shares_chosen
from calibrate.results import Results
from tests.python.calibrate.made_up import both, made_up

# Who orders by what; the highest first.
KEYS = {
    "truth": lambda row: (row["truth"] / row["spend"],),
    "iroas": lambda row: (row["iroas"],),
    "probability": lambda row: (row["prob_profitable"], row["iroas"]),
    "lower_bound": lambda row: (row["iroas_low"],),
    "upper_bound": lambda row: (row["iroas_high"],),
    "attributed": lambda row: (row["roas"],),
}


def four(**columns: list[float]) -> Results:
    """A world of four influencers who cost 40, 20, 30 and 10 rupees, and bring 40, 60, 0 and 50."""
    made = made_up("default", 1)
    rows = {
        "influencer_id": list("abcd"), "spend": [40.0, 20, 30, 10], "truth": [40.0, 60, 0, 50],
        "roas": [4.0, 3, 2, 1], "iroas": [1.0, 4, 2, 3], "prob_profitable": [0.5, 0.9, 0.1, 0.9],
        "iroas_low": [0.4, 0.3, 0.2, 0.1], "iroas_high": [9.0, 8, 1, 7],
    }  # fmt: skip
    table = pd.DataFrame(rows | columns).assign(world="default", seed=1)
    return replace(made, influencers=table)


def test_a_quarter_of_the_spend_is_chosen() -> None:
    """Of 100 rupees 25; who crosses it counts in part."""
    found = {name: figure.value for name, figure in figures_of_money(four()).items()}
    expected = {
        # d and three quarters of b; c.
        "keep_truth": (50 + 0.75 * 60) / 25, "cut_truth": 0,
        # b and half of d; a.
        "keep_iroas": (60 + 0.5 * 50) / 25, "cut_iroas": 25 / 25,
        # b before d, which is as likely and has less; c.
        "keep_probability": (60 + 0.5 * 50) / 25, "cut_probability": 0,
        # a; d and half of c.
        "keep_lower_bound": 25 / 25, "cut_lower_bound": 50 / 25,
        "keep_attributed": 25 / 25, "cut_attributed": 50 / 25,
        "cut_upper_bound": 0,
        "keep_probability_over_attributed": 85 / 25, "cut_probability_less_attributed": -50 / 25,
    }  # fmt: skip
    assert found == pytest.approx(expected)


def test_all_orders_choose_from_those_who_have_an_iroas() -> None:
    found = figures_of_money(four(iroas=[1.0, math.nan, 2, 3]))
    # Of 80 rupees 20: d and a quarter of a.
    assert found["keep_truth"].value == pytest.approx((50 + 0.25 * 40) / 20)


def test_shares_add_up_to_the_budget() -> None:
    assert shares_chosen([40, 20, 30, 10], 50) == pytest.approx([1, 0.5, 0, 0])
    assert shares_chosen([40, 20], 60) == pytest.approx([1, 1])
    assert shares_chosen([100], 25) == pytest.approx([0.25])


def chosen(rows: list[dict[Any, Any]], budget: float) -> float:
    """True revenue of a list from its top, until the budget is spent."""
    revenue = 0.0
    for row in rows:
        part = min(row["spend"], budget)
        revenue += row["truth"] * part / row["spend"]
        budget -= part
    return revenue


def test_worlds_are_chosen_from_one_by_one() -> None:
    results = both(made_up("default", 3), made_up("halo", 2))
    revenue: dict[str, float] = {}
    spend = 0.0
    for _, world in results.influencers.groupby(["world", "seed"]):
        rows = [
            row
            for row in world.sort_values("influencer_id").to_dict("records")
            if row["spend"] > 0 and not math.isnan(row["iroas"])
        ]
        budget = sum(row["spend"] for row in rows) / 4
        spend += budget
        for name, key in KEYS.items():
            ordered = sorted(rows, key=key, reverse=True)
            for way, listed in (("keep", ordered), ("cut", ordered[::-1])):
                order = f"{way}_{name}"
                revenue[order] = revenue.get(order, 0.0) + chosen(listed, budget)
    found = figures_of_money(results)
    del revenue["keep_upper_bound"]
    for name, sum_of_worlds in revenue.items():
        assert found[name].value == pytest.approx(sum_of_worlds / spend), name
    assert found["keep_truth"].value == max(
        found[f"keep_{name}"].value for name in KEYS if name != "upper_bound"
    )
